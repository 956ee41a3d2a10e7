//! From a request to its response: a file, else a redirect, else the page for what is missing.
//!
//! It knows nothing of connections; the same value answers on a socket and inside a test.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::Body as _;
use tower_service::Service;
use tracing::warn;

use crate::access_log;
use crate::assets::{Asset, Assets, NOT_FOUND_PAGE, normalize};
use crate::config::Config;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::redirects::{Redirect, Redirects};
use crate::respond::{self, Body};

/// One site with its counters; clones are the same site.
#[derive(Clone)]
pub(crate) struct App(Arc<Site>);

struct Site {
    assets: Assets,
    redirects: Redirects,
    redirect_status: StatusCode,
    metrics: Metrics,
    access_log: bool,
    max_requests: usize,
    request_timeout: Duration,
}

/// What a request comes to, before the details of HTTP.
pub(crate) enum Answer {
    File(Arc<Asset>),
    Redirect(Redirect),
    /// The site's own page for what is missing, if it has one.
    Missing(Option<Arc<Asset>>),
    MethodNotAllowed,
    Overloaded,
    /// The file is there and cannot be read just now.
    Unreadable,
    TimedOut,
}

impl App {
    /// Reads the assets and the redirects that the configuration names.
    pub(crate) async fn new(config: &Config) -> Result<App, Error> {
        Ok(App(Arc::new(Site {
            assets: Assets::open(&config.assets).await?,
            redirects: Redirects::load(config).await?,
            redirect_status: config.redirect_status,
            metrics: Metrics::new(),
            access_log: config.access_log,
            max_requests: config.max_requests,
            request_timeout: config.request_timeout,
        })))
    }

    /// The text of `/metrics`.
    pub(crate) fn metrics(&self) -> String {
        self.0.metrics.render(&self.0.redirects)
    }

    /// Answers one request. The body of the request is never read.
    pub(crate) async fn respond<B>(&self, request: Request<B>) -> Response<Body> {
        let began = tokio::time::Instant::now();
        let site = &*self.0;
        let (request, _) = request.into_parts();
        let admitted = site.metrics.enter(site.max_requests);
        let answering = async {
            let answer = match &admitted {
                Some(_) => site.answer(&request.method, &request.uri).await,
                None => Answer::Overloaded,
            };
            (respond::to(&request, &answer, site.redirect_status).await, answer)
        };
        let (response, answer) = match tokio::time::timeout(site.request_timeout, answering).await {
            Ok(answered) => answered,
            Err(_) => {
                let answer = Answer::TimedOut;
                (respond::to(&request, &answer, site.redirect_status).await, answer)
            }
        };
        let bytes = response.body().size_hint().lower();
        site.metrics.count(response.status(), bytes, began.elapsed());
        if site.access_log {
            access_log::write(&request, &answer, response.status());
        }
        response
    }
}

impl Site {
    async fn answer(&self, method: &Method, uri: &Uri) -> Answer {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Answer::MethodNotAllowed;
        }
        self.look_up(uri.path()).await.unwrap_or_else(|error| {
            warn!("cannot read {}: {error}", uri.path());
            Answer::Unreadable
        })
    }

    async fn look_up(&self, path: &str) -> io::Result<Answer> {
        if let Some(name) = normalize(path) {
            if let Some(asset) = self.assets.get(&name).await? {
                return Ok(match &*asset.name {
                    NOT_FOUND_PAGE => Answer::Missing(Some(asset)),
                    _ => Answer::File(asset),
                });
            }
            if let Some(redirect) = self.redirects.find(&name).await {
                redirect.count();
                return Ok(Answer::Redirect(redirect));
            }
        }
        self.assets.get(NOT_FOUND_PAGE).await.map(Answer::Missing)
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
