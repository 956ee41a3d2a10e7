//! The live dashboard: the HTML report of a run while it goes on, in a browser.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the page, which shows what the events bring |
//! | `GET /events` | server-sent events: `report`, and `end` with the final one; the data is what the page shows, as a JSON string |
//! | `GET /report` | the report so far, as a file to keep |
//!
//! One design, two states: what the events bring is the body of the report's own page. Each is all so
//! far, so that a browser may come late and skip what it has no time for.
//!
//! It runs on a thread of its own and asks the run through a [`Control`], as the REST API does. The
//! report is made once for all who watch, and only while somebody does.

mod browser;
mod options;
mod stage;

use std::{io, net::SocketAddr, sync::Arc, thread, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use rustix::process::{Resource, getrlimit};

pub(crate) use browser::open as open_browser;
pub(crate) use options::{DashboardOptions, NAMES};
use stage::Stage;

use crate::{
    control::Control,
    report::Reporter,
    serving::{Limits, Server},
    summary::html::{self, HtmlError},
};

/// Viewers at once; more wait.
const VIEWERS: u64 = 2_000;

/// A dashboard that is served.
#[derive(Debug)]
pub(crate) struct Dashboard {
    server: Server,
    stage: Arc<Stage>,
}

impl Dashboard {
    /// Serves the run that `control` knows, as `reporter` reports of it, anew every `period`.
    ///
    /// # Errors
    ///
    /// If the address cannot be had, or no thread can be started.
    pub(crate) fn start(
        address: SocketAddr,
        period: Duration,
        control: Control,
        reporter: Reporter,
    ) -> io::Result<Self> {
        let stage = Arc::new(Stage::default());
        let limits = Limits { connections: viewers(), exchange: None };
        let on_thread = stage.clone();
        let server = Server::start("dashboard", address, limits, move || {
            let stage = on_thread;
            tokio::spawn(stage.clone().keep_current(control, reporter, period));
            router(stage)
        })?;
        Ok(Self { server, stage })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Shows the final report, a page made by [`html::html`].
    pub(crate) fn end(&self, page: String) {
        self.stage.show(page, true);
    }

    /// Whether somebody watches.
    pub(crate) fn is_watched(&self) -> bool {
        self.stage.viewers() > 0
    }

    /// Waits until nobody watches any more, or `is_over` says so.
    pub(crate) fn wait(&self, is_over: impl Fn() -> bool) {
        while self.is_watched() && !is_over() {
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends it, with a second for viewers to take in what they were shown last.
    pub(crate) fn close(self) {
        self.stage.close();
        self.server.stop();
    }
}

/// The test needs most of the file descriptors.
fn viewers() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from((limit / 4).clamp(16, VIEWERS)).unwrap_or(usize::MAX)
}

fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/events", get(events))
        .route("/report", get(report))
        .with_state(stage)
}

async fn page() -> Response {
    html::live().map(Html).map_err(|error| failed(&error)).into_response()
}

async fn report(State(stage): State<Arc<Stage>>) -> Response {
    let report = stage.report().await.map(|page| Html(page.to_string()));
    report.ok_or((StatusCode::SERVICE_UNAVAILABLE, "there is no report\n")).into_response()
}

async fn events(State(stage): State<Arc<Stage>>) -> Response {
    let mut response = Response::new(Body::from_stream(stage.events()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn failed(error: &HtmlError) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}
