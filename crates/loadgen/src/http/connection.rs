//! A connection of either version.

use std::rc::Rc;

use super::{
    Error,
    http1::Http1,
    http2::Http2,
    response::{Answer, Keep},
    target::Target,
    trace::{Peer, Stamps},
};

/// A connection in the hands of one request.
pub(super) enum Connection {
    /// All of it.
    Http1(Http1),
    /// A share: others may be using it, too.
    Http2(Http2),
}

/// A request failed on its connection.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The server has not seen the request, or says that it has not looked at it.
    pub(super) unprocessed: bool,
}

impl Connection {
    /// The other end.
    pub(super) fn peer(&self) -> Peer {
        match self {
            Self::Http1(connection) => connection.peer,
            Self::Http2(connection) => connection.peer,
        }
    }

    /// Where it will be noted what happens to the next request.
    pub(super) fn stamps(&self) -> Rc<Stamps> {
        match self {
            Self::Http1(connection) => {
                connection.stamps.reset();
                connection.stamps.clone()
            }
            Self::Http2(connection) => connection.stamps(),
        }
    }

    /// Sends a request and reads its answer to the end.
    pub(super) async fn exchange(
        &mut self,
        target: &Target,
        keep: Keep,
        stamps: &Stamps,
    ) -> Result<Answer, Failure> {
        match self {
            Self::Http1(connection) => connection.exchange(&target.http1, keep).await,
            Self::Http2(connection) => {
                let request = target.http2.as_ref().expect("only https agrees on HTTP/2");
                connection.exchange(request, keep, stamps).await
            }
        }
    }
}
