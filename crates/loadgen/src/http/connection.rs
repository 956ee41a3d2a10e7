//! A connection of either version, as hyper sees it.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body, Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

use super::{
    Error, classify,
    io::{Stream, Watched},
    target::{Origin, Target},
    trace::{Peer, Stamps, Unwritten},
};

/// A connection in the hands of one request.
pub(super) enum Connection {
    /// All of it.
    Http1(Http1),
    /// A share: others may be using it, too.
    Http2(Http2),
}

/// An HTTP/1.1 connection.
///
/// It is driven by the request that has it and not by a task of its own, so dropping that request
/// closes it, and nothing is left to be told or waited for. While it is idle nobody looks at it;
/// that the server has closed it is noticed by the next request, before that is written.
pub(super) struct Http1 {
    pub(super) origin: Origin,
    peer: Peer,
    stamps: Rc<Stamps>,
    sender: http1::SendRequest<Full<Bytes>>,
    /// None once it is closed.
    driver: Option<Box<Http1Driver>>,
    /// What the driver could tell nobody else when it ended.
    failure: Option<hyper::Error>,
}

type Http1Driver = http1::Connection<TokioIo<Watched<Rc<Stamps>>>, Full<Bytes>>;

/// An HTTP/2 connection. A task drives it until all shares are dropped.
#[derive(Clone)]
pub(super) struct Http2 {
    peer: Peer,
    unwritten: Rc<Unwritten>,
    sender: http2::SendRequest<Full<Bytes>>,
}

/// A request failed on its connection.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The server has not seen the request, or says that it has not looked at it.
    pub(super) unprocessed: bool,
}

impl Connection {
    pub(super) async fn http1(
        stream: Box<dyn Stream>,
        peer: Peer,
        origin: Origin,
        read_buffer: usize,
    ) -> Result<Self, Error> {
        let stamps = Rc::<Stamps>::default();
        let io = TokioIo::new(Watched::new(stream, stamps.clone()));
        let (sender, driver) = http1::Builder::new()
            .title_case_headers(true)
            .read_buf_exact_size(Some(read_buffer))
            .handshake(io)
            .await
            .map_err(|failure| classify::request(&failure, None, false))?;
        let driver = Some(Box::new(driver));
        Ok(Self::Http1(Http1 { origin, peer, stamps, sender, driver, failure: None }))
    }

    pub(super) async fn http2(stream: Box<dyn Stream>, peer: Peer) -> Result<Self, Error> {
        let unwritten = Rc::<Unwritten>::default();
        let io = TokioIo::new(Watched::new(stream, unwritten.clone()));
        let (sender, driver) = http2::Builder::new(OnThisThread)
            .handshake(io)
            .await
            .map_err(|failure| classify::request(&failure, None, false))?;
        // Its failures are those of the requests on it.
        spawn_local(async { drop(driver.await) });
        Ok(Self::Http2(Http2 { peer, unwritten, sender }))
    }

    pub(super) fn peer(&self) -> Peer {
        match self {
            Self::Http1(connection) => connection.peer,
            Self::Http2(connection) => connection.peer,
        }
    }

    /// Where the stream will note what happens to the next request.
    pub(super) fn stamps(&self) -> Rc<Stamps> {
        match self {
            Self::Http1(connection) => {
                connection.stamps.reset();
                connection.stamps.clone()
            }
            Self::Http2(connection) => {
                let stamps = Rc::<Stamps>::default();
                connection.unwritten.push(stamps.clone());
                stamps
            }
        }
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        target: &Target,
        stamps: &Stamps,
    ) -> Result<http::Response<Incoming>, Failure> {
        let answer = match self {
            Self::Http1(connection) => {
                let mut answer = pin!(connection.sender.try_send_request(target.http1.clone()));
                // Nothing can be there yet.
                poll_fn(|cx| connection.drive(cx, |cx| answer.as_mut().poll(cx))).await
            }
            Self::Http2(connection) => {
                let request = target.http2.as_ref().unwrap_or(&target.http1).clone();
                connection.sender.try_send_request(request).await
            }
        };
        answer.map_err(|mut failure| {
            let unsent = failure.take_message().is_some();
            let failure = failure.into_error();
            Failure {
                unprocessed: unsent || classify::is_unprocessed(&failure),
                error: self.classify(&failure, stamps),
            }
        })
    }

    /// The next piece of a body.
    pub(super) async fn frame(
        &mut self,
        body: &mut Incoming,
        stamps: &Stamps,
    ) -> Option<Result<Frame<Bytes>, Error>> {
        let frame = match self {
            Self::Http1(connection) => {
                let mut step = |cx: &mut Context<'_>| Pin::new(&mut *body).poll_frame(cx);
                poll_fn(|cx| {
                    // The next piece often came along with the last.
                    match step(&mut Context::from_waker(Waker::noop())) {
                        Poll::Pending => connection.drive(cx, &mut step),
                        ready => ready,
                    }
                })
                .await
            }
            Self::Http2(_) => body.frame().await,
        };
        Some(frame?.map_err(|failure| self.classify(&failure, stamps)))
    }

    fn classify(&self, failure: &hyper::Error, stamps: &Stamps) -> Error {
        match self {
            Self::Http1(connection) => {
                let answered = stamps.first_byte.get().is_some();
                classify::request(failure, connection.failure.as_ref(), answered)
            }
            // On a connection with HTTP/2, settings have arrived at least.
            Self::Http2(_) => classify::request(failure, None, true),
        }
    }
}

impl Http1 {
    /// Reads and writes what there is, and polls `step`, which waits for that.
    fn drive<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut step: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.advance(cx);
        // Only the driver can bring `step` forward, and `step` is polled right after it: being
        // woken up for it as well would be once too often.
        let outcome = step(&mut Context::from_waker(Waker::noop()));
        // But tokio lets `step` wait, too, when this task has done enough for a turn. Then its
        // answer may be there, and the wakeup that it asked for was lost.
        if outcome.is_pending() && !tokio::task::coop::has_budget_remaining() {
            cx.waker().wake_by_ref();
        }
        outcome
    }

    fn advance(&mut self, cx: &mut Context<'_>) {
        let Some(driver) = &mut self.driver else { return };
        if let Poll::Ready(ended) = Pin::new(driver).poll(cx) {
            self.driver = None;
            self.failure = ended.err();
        }
    }

    /// Whether it can take another request, now that an answer was read to its end.
    pub(super) fn is_reusable(&mut self) -> bool {
        if !self.sender.is_ready() {
            self.advance(&mut Context::from_waker(Waker::noop()));
        }
        self.driver.is_some() && self.sender.is_ready()
    }
}

impl Http2 {
    /// Whether it can take another request.
    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}

/// Runs hyper's tasks where the client lives.
#[derive(Clone)]
struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, task: F) {
        spawn_local(async { drop(task.await) });
    }
}
