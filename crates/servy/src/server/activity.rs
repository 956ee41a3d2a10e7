//! When something last happened on a connection, and so when it has to end.
//!
//! One timer watches a connection for all its life. Reading, writing and answering only note
//! the time, which costs less than setting a timer for each request.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// From the first byte of a request, or from the connection, to the end of its head.
    pub(super) head: Duration,
    /// Without a byte being sent to it, between requests or while it reads a response.
    pub(super) idle: Duration,
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    limits: Limits,
    /// A head is being read, and `since` is when it began; otherwise `since` is when a byte was
    /// last sent. In milliseconds after `opened`.
    in_head: AtomicBool,
    since: AtomicU64,
    /// Requests whose response is being found.
    answering: AtomicUsize,
    /// What arrives need not be a head: HTTP/2 has frames that say other things.
    multiplexed: AtomicBool,
}

impl Activity {
    pub(super) fn new(limits: Limits) -> Activity {
        Activity {
            opened: Instant::now(),
            limits,
            in_head: AtomicBool::new(true),
            since: AtomicU64::new(0),
            answering: AtomicUsize::new(0),
            multiplexed: AtomicBool::new(false),
        }
    }

    /// Completes when the client has used up its time.
    pub(super) async fn expired(&self) {
        loop {
            let deadline = self.deadline();
            if deadline <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(deadline).await;
        }
    }

    /// Whether no byte has moved for that long.
    pub(super) fn is_idle_for(&self, time: Duration) -> bool {
        let since = Duration::from_millis(self.since.load(Relaxed));
        self.answering.load(Relaxed) == 0 && self.opened.elapsed() >= since + time
    }

    fn deadline(&self) -> Instant {
        if self.answering.load(Relaxed) > 0 {
            // That is the request timeout's business; look again later.
            return Instant::now() + self.limits.idle;
        }
        let since = Duration::from_millis(self.since.load(Relaxed));
        let limit = if self.in_head.load(Relaxed) { self.limits.head } else { self.limits.idle };
        self.opened + since + limit
    }

    fn now(&self) -> u64 {
        // A connection that lives longer than u64 milliseconds is not to be expected.
        self.opened.elapsed().as_millis() as u64
    }

    fn on_read(&self) {
        let may_be_head = self.answering.load(Relaxed) == 0 && !self.multiplexed.load(Relaxed);
        if may_be_head && !self.in_head.swap(true, Relaxed) {
            self.since.store(self.now(), Relaxed);
        }
    }

    fn on_write(&self) {
        self.in_head.store(false, Relaxed);
        self.since.store(self.now(), Relaxed);
    }

    /// A request has arrived, with HTTP/2 if it is `multiplexed`; its response is being found
    /// until the guard is dropped.
    pub(super) fn answer(self: &Arc<Self>, multiplexed: bool) -> Answering {
        self.answering.fetch_add(1, Relaxed);
        self.multiplexed.store(multiplexed, Relaxed);
        self.in_head.store(false, Relaxed);
        Answering(Arc::clone(self))
    }
}

/// A request whose response is being found.
pub(super) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.since.store(self.0.now(), Relaxed);
        self.0.answering.fetch_sub(1, Relaxed);
    }
}

/// A stream that notes when bytes move.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Watched<S> {
        Watched { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.activity.on_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.activity.on_write();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.activity.on_write();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
