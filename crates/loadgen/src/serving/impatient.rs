//! A connection whose other end must take what is written to it.
//!
//! What waits to be written is memory. The clock starts when the socket takes no more, and stops when
//! all that was to be written is: taking a byte now and then is not enough.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// How long the other end may take for all that waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
pub(super) struct Impatient<S> {
    stream: S,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Impatient<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, stalled: None }
    }

    /// The result of a write, or an error if the other end took too long.
    fn judge<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() && self.stalled.is_none() {
            return written;
        }
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        if timer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Comes when all that waited is written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.stalled = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// The clock is paused: time passes when everyone waits for it.
    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_or_a_byte_now_and_then_is_cut_off() {
        let (near, mut far) = duplex(10);
        let mut near = Impatient::new(near);
        let reader = tokio::spawn(async move {
            while far.read_u8().await.is_ok() {
                sleep(PATIENCE / 3).await;
            }
        });
        let error = near.write_all(&[0; 100]).await.expect_err("it is too slow");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(near);
        reader.await.expect("it ends");
    }

    #[tokio::test(start_paused = true)]
    async fn each_that_is_taken_in_time_starts_anew() {
        let (near, mut far) = duplex(10);
        let mut near = Impatient::new(near);
        tokio::spawn(async move {
            while far.read_u8().await.is_ok() {
                sleep(PATIENCE / 20).await;
            }
        });
        for _ in 0..10 {
            near.write_all(&[0; 15]).await.expect("it is fast enough");
            near.flush().await.expect("it is");
        }
    }
}
