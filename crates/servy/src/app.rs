//! From a request to its response: a file, else a redirect, else the page for what is missing.
//!
//! It knows nothing of connections; the same value answers on a socket and inside a test.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response, StatusCode};
use tower_service::Service;
use tracing::info;

use crate::assets::{Assets, NOT_FOUND_PAGE, normalize};
use crate::config::Config;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::redirects::Redirects;
use crate::respond::{self, Body};

/// One site with its counters; clones are the same site.
#[derive(Clone)]
pub(crate) struct App(Arc<Site>);

struct Site {
    assets: Assets,
    redirects: Redirects,
    metrics: Metrics,
}

impl App {
    /// Reads the assets and the redirects that the configuration names.
    pub(crate) async fn new(config: &Config) -> Result<App, Error> {
        let assets = Assets::open(&config.assets).await?;
        let redirects = Redirects::load(&config.redirects).await?;
        Ok(App(Arc::new(Site { assets, redirects, metrics: Metrics::new() })))
    }

    /// The text of `/metrics`.
    pub(crate) fn metrics(&self) -> String {
        self.0.metrics.render(&self.0.redirects)
    }

    /// Answers one request. The body of the request is never read.
    pub(crate) async fn respond<B>(&self, request: Request<B>) -> Response<Body> {
        let path = request.uri().path();
        let response = match *request.method() {
            Method::GET => self.get(path).await,
            Method::HEAD => respond::without_body(self.get(path).await),
            _ => respond::method_not_allowed(),
        };
        self.0.metrics.count(response.status());
        info!(
            request.method = %request.method(),
            request.uri = %request.uri(),
            response.status_code = response.status().as_u16(),
            "served request"
        );
        response
    }

    async fn get(&self, path: &str) -> Response<Body> {
        let Some(name) = normalize(path) else { return self.not_found().await };
        if let Some(asset) = self.0.assets.get(&name).await {
            let found = if name == NOT_FOUND_PAGE { StatusCode::NOT_FOUND } else { StatusCode::OK };
            return respond::file(found, &asset);
        }
        if let Some(redirect) = self.0.redirects.get(&name) {
            redirect.count();
            return respond::redirect_to(&redirect.location);
        }
        self.not_found().await
    }

    async fn not_found(&self) -> Response<Body> {
        match self.0.assets.get(NOT_FOUND_PAGE).await {
            Some(page) => respond::file(StatusCode::NOT_FOUND, &page),
            None => respond::plain(StatusCode::NOT_FOUND, "not found\n"),
        }
    }
}

impl<B: Send + 'static> Service<Request<B>> for App {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let app = self.clone();
        Box::pin(async move { Ok(app.respond(request).await) })
    }
}
