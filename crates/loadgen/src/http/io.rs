//! The stream under a connection, counted at the socket.

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

/// The outcome of a read, for which a missing goodbye of TLS is an end like any other: many leave
/// it out. Whether an answer was cut short is for HTTP to tell.
pub(super) fn without_goodbye(read: io::Result<()>) -> io::Result<()> {
    match read {
        Err(failure) if failure.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
        read => read,
    }
}
