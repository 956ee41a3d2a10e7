//! Services that are tested in this process.

use std::error::Error;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use tower_service::Service;

use crate::http::{InProcess, InvalidUrl};

/// A service that a test can be run against in-process: an `axum::Router`, or any `tower` service
/// of HTTP requests that can be cloned.
pub trait InProcessService {
    /// The service, reachable at a URL.
    fn at(self, url: &str) -> Result<InProcess, InvalidUrl>;
}

impl<S, B> InProcessService for S
where
    S: Service<http::Request<Incoming>, Response = http::Response<B>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn at(self, url: &str) -> Result<InProcess, InvalidUrl> {
        InProcess::new(url, self)
    }
}
