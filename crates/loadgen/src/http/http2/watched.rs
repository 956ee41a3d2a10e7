//! When the requests on a connection were written.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::http::{
    io::{Stream, without_goodbye},
    trace::Stamps,
};

/// The requests that wait for being written.
#[derive(Debug, Default)]
pub(super) struct Unwritten(RefCell<Vec<Rc<Stamps>>>);

impl Unwritten {
    /// Lets the next completed write stamp `stamps`.
    pub(super) fn push(&self, stamps: Rc<Stamps>) {
        self.0.borrow_mut().push(stamps);
    }

    /// All that was written so far is with the kernel.
    fn stamp(&self) {
        let mut waiting = self.0.borrow_mut();
        if !waiting.is_empty() {
            let now = Some(Instant::now());
            waiting.drain(..).for_each(|stamps| stamps.written.set(now));
        }
    }
}

/// A stream that tells the requests waiting for it when they were written.
pub(super) struct Watched {
    stream: Box<dyn Stream>,
    unwritten: Rc<Unwritten>,
    /// Bytes were written since the last flush.
    unflushed: bool,
}

impl Watched {
    pub(super) fn new(stream: Box<dyn Stream>, unwritten: Rc<Unwritten>) -> Self {
        Self { stream, unwritten, unflushed: false }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        Poll::Ready(without_goodbye(read))
    }
}

impl AsyncWrite for Watched {
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
            self.unwritten.stamp();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
