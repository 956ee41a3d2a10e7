//! A service that is reached without a network.

use std::{error::Error, fmt, future::poll_fn, sync::Arc};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tower_service::Service;
use url::Url;

use super::{InvalidUrl, target::Origin};

type BoxError = Box<dyn Error + Send + Sync>;

/// A service that a test can be run against in-process: an `axum::Router`, or any `tower` service
/// of HTTP requests that can be cloned.
pub trait InProcessService: Send + Sync + 'static {
    /// Answers requests on `pipe` until its other end is closed. Hides the types of the service.
    #[doc(hidden)]
    fn serve(&self, pipe: DuplexStream) -> LocalBoxFuture<'static, ()>;
}

impl<S, B> InProcessService for S
where
    S: Service<http::Request<Incoming>, Response = http::Response<B>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    fn serve(&self, pipe: DuplexStream) -> LocalBoxFuture<'static, ()> {
        let service = self.clone();
        Box::pin(async move {
            let service = service_fn(move |request| {
                let mut service = service.clone();
                async move {
                    poll_fn(|cx| service.poll_ready(cx)).await?;
                    service.call(request).await
                }
            });
            // A failure here is one of the client, too, which reports it.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(pipe), service).await;
        })
    }
}

/// A service that answers the requests to one origin, over HTTP/1.1 on a pipe in memory: all of
/// the way of a request but the network.
#[derive(Clone)]
pub struct InProcess {
    pub(super) origin: Origin,
    pub(super) service: Arc<dyn InProcessService>,
}

impl InProcess {
    /// `service` as the server at `url`, of which only scheme, host and port count. A service that
    /// panics closes its connection.
    ///
    /// # Errors
    ///
    /// If `url` is invalid or not `http`: in-process there is no TLS.
    pub fn new(url: &str, service: impl InProcessService) -> Result<Self, InvalidUrl> {
        let invalid = |reason: String| InvalidUrl::new(url, reason);
        let parsed = Url::parse(url).map_err(|error| invalid(error.to_string()))?;
        let origin = Origin::of(&parsed).map_err(invalid)?;
        if origin.tls {
            return Err(invalid("a service in this process is reached by http, not https".into()));
        }
        Ok(Self { origin, service: Arc::new(service) })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("origin", &self.origin).finish_non_exhaustive()
    }
}
