//! HTTP/2, as hyper has it.

mod watched;

use std::{future::Future, rc::Rc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

use self::watched::{Unwritten, Watched};
use super::{
    Error, classify,
    connection::Failure,
    io::Stream,
    response::{Answer, Keep},
    target::Outgoing,
    trace::{Peer, Stamps},
};

/// An HTTP/2 connection. A task drives it until all shares are dropped.
#[derive(Clone)]
pub(super) struct Http2 {
    pub(super) peer: Peer,
    unwritten: Rc<Unwritten>,
    sender: http2::SendRequest<Full<Bytes>>,
}

impl Http2 {
    /// The handshake on `stream`.
    pub(super) async fn new(stream: Box<dyn Stream>, peer: Peer) -> Result<Self, Error> {
        let unwritten = Rc::<Unwritten>::default();
        let io = TokioIo::new(Watched::new(stream, unwritten.clone()));
        let (sender, driver) = http2::Builder::new(OnThisThread)
            .handshake(io)
            .await
            .map_err(|failure| classify::request(&failure))?;
        // Its failures are those of the requests on it.
        spawn_local(async { drop(driver.await) });
        Ok(Self { peer, unwritten, sender })
    }

    /// Where it will be noted what happens to the next request.
    pub(super) fn stamps(&self) -> Rc<Stamps> {
        let stamps = Rc::<Stamps>::default();
        self.unwritten.push(stamps.clone());
        stamps
    }

    /// Sends a request and reads its answer to the end.
    pub(super) async fn exchange(
        &mut self,
        request: &Outgoing,
        keep: Keep,
        stamps: &Stamps,
    ) -> Result<Answer, Failure> {
        let answer =
            self.sender.try_send_request(request.clone()).await.map_err(|mut failure| {
                let unsent = failure.take_message().is_some();
                let failure = failure.into_error();
                Failure {
                    unprocessed: unsent || classify::is_unprocessed(&failure),
                    error: classify::request(&failure),
                }
            })?;
        stamps.answered();
        stamps.proto.set(Some("HTTP/2.0"));
        let (head, mut body) = answer.into_parts();
        let mut kept = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|failure| Failure {
                error: classify::request(&failure),
                unprocessed: false,
            })?;
            if let (true, Some(data)) = (keep.body, frame.data_ref()) {
                kept.extend_from_slice(data);
            }
            if kept.len() > keep.max_body {
                break;
            }
        }
        let is_cut = kept.len() > keep.max_body;
        kept.truncate(keep.max_body);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: keep.body.then(|| kept.into_boxed_slice().into()),
            is_cut,
        })
    }

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
