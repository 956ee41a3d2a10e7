//! What the second port answers: metrics, and whether the server lives and takes requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::app::App;
use crate::respond::{self, Body};

/// The type of Prometheus' text format.
const EXPOSITION: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What the second port speaks of.
#[derive(Clone)]
pub(super) struct Admin {
    pub(super) app: App,
    pub(super) stopping: Arc<AtomicBool>,
    #[cfg(feature = "pprof")]
    pub(super) pprof: bool,
}

impl Admin {
    /// Answers a request on the metrics port.
    pub(super) async fn respond<B>(self, request: Request<B>) -> Response<Body> {
        let method = request.method();
        if !matches!(*method, Method::GET | Method::HEAD) {
            return respond::method_not_allowed();
        }
        let response = match request.uri().path() {
            "/metrics" => {
                let text = self.app.metrics().into();
                respond::with(StatusCode::OK, header::CONTENT_TYPE, EXPOSITION, text)
            }
            "/healthz" => respond::text(StatusCode::OK, "ok\n"),
            "/readyz" if self.stopping.load(Ordering::Relaxed) => {
                respond::text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
            }
            "/readyz" => respond::text(StatusCode::OK, "ready\n"),
            #[cfg(feature = "pprof")]
            "/debug/pprof/profile" if self.pprof => {
                super::profile::respond(request.uri().query()).await
            }
            _ => respond::text(StatusCode::NOT_FOUND, "not found\n"),
        };
        if method == Method::HEAD { respond::without_body(response) } else { response }
    }
}
