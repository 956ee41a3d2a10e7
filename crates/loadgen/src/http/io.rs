//! The stream under a connection: counted at the socket, watched above TLS.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Traffic, classify::SocketError};

/// What a connection reads from and writes to.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A socket that counts its bytes, and whose errors say what was being done.
pub(super) struct Counted<S> {
    socket: S,
    traffic: Rc<Cell<Traffic>>,
}

impl<S> Counted<S> {
    pub(super) fn new(socket: S, traffic: Rc<Cell<Traffic>>) -> Self {
        Self { socket, traffic }
    }

    fn sent(&self, written: io::Result<usize>) -> io::Result<usize> {
        let written = written.map_err(|error| SocketError::of("write", error))?;
        let mut traffic = self.traffic.get();
        traffic.sent += written as u64;
        self.traffic.set(traffic);
        Ok(written)
    }
}

impl<S: Stream> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))
            .map_err(|error| SocketError::of("read", error))?;
        let mut traffic = self.traffic.get();
        traffic.received += (buffer.filled().len() - before) as u64;
        self.traffic.set(traffic);
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.socket).poll_write(cx, bytes));
        Poll::Ready(self.sent(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, slices));
        Poll::Ready(self.sent(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// Is told what a [`Watched`] stream does.
pub(super) trait Watch: Unpin {
    /// All that was written so far is with the kernel.
    fn written(&self);
    /// Bytes were read.
    fn read(&self);
}

/// A stream that tells `watch` what it does.
pub(super) struct Watched<W> {
    stream: Box<dyn Stream>,
    watch: W,
    /// Bytes were written since the last flush.
    unflushed: bool,
}

impl<W> Watched<W> {
    pub(super) fn new(stream: Box<dyn Stream>, watch: W) -> Self {
        Self { stream, watch, unflushed: false }
    }
}

impl<W: Watch> AsyncRead for Watched<W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match ready!(Pin::new(&mut self.stream).poll_read(cx, buffer)) {
            // TLS misses the peer's goodbye, which many leave out. Whether an answer was cut short
            // is for HTTP to tell.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            read => read?,
        }
        if buffer.filled().len() > before {
            self.watch.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: Watch> AsyncWrite for Watched<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.unflushed = true;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.unflushed = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // hyper flushes after each burst of writes. TLS keeps what the socket did not take, so that
    // only a flush tells when the last byte is out.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.unflushed {
            self.unflushed = false;
            self.watch.written();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
