//! What is answered under each path.

use std::io;

use axum::{
    Router,
    body::Body,
    extract::{
        DefaultBodyLimit, Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    response::Response,
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::{
    groups, metrics,
    problem::Problem,
    resource::{Document, Resource, StatusAttributes, StatusChange},
};
use crate::{
    control::{Control, Snapshot, Status},
    summary::format,
};

/// More than any request needs.
const MAX_BODY: usize = 64 * 1024;

const STATUS: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const SETUP: HeaderValue = HeaderValue::from_static("application/json");
/// k6 names none for metrics and groups, and its HTTP library takes JSON for text.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A name or an id from the path.
type Id = Result<Path<String>, PathRejection>;

/// The API over `control`.
pub(super) fn router(control: Control) -> Router {
    let ok = || async { "ok" };
    let unknown = || async { (StatusCode::NOT_FOUND, "404 page not found\n") };
    Router::new()
        .route("/", get(ok))
        .route("/ping", get(ok))
        .route("/v1/status", get(status).patch(change))
        .route("/v1/metrics", get(|control: State<Control>| all(control, metrics::all)))
        // The rest of the path, for the tags of a submetric may hold slashes.
        .route(
            "/v1/metrics/{*name}",
            get(|control: State<Control>, name: Id| one(control, name, "metric", metrics::named)),
        )
        .route("/v1/groups", get(|control: State<Control>| all(control, groups::all)))
        .route(
            "/v1/groups/{*id}",
            get(|control: State<Control>, id: Id| one(control, id, "group", groups::with_id)),
        )
        .route("/v1/setup", get(setup))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(control)
}

async fn status(State(control): State<Control>) -> Response {
    respond(STATUS, control.status().await.map(status_document).map_err(Problem::from))
}

async fn change(State(control): State<Control>, body: Result<Bytes, BytesRejection>) -> Response {
    let changed = async {
        let body = body.map_err(|rejection| {
            Problem::new(rejection.status(), "Couldn't read request", rejection.body_text())
        })?;
        let asked: Document<Resource<StatusChange>> =
            serde_json::from_slice(&body).map_err(|error| {
                Problem::new(StatusCode::BAD_REQUEST, "Invalid data", error.to_string())
            })?;
        obey(&control, asked.data.attributes).await
    };
    respond(STATUS, changed.await.map(status_document))
}

async fn obey(control: &Control, change: StatusChange) -> Result<Status, Problem> {
    if change.stopped == Some(true) {
        let before = control.status().await?;
        control.stop().await?;
        // It may be over before it can be asked again.
        return Ok(control.status().await.unwrap_or(Status { stopped: true, ..before }));
    }
    if let Some(paused) = change.paused {
        control.pause(paused).await?;
    }
    if change.vus.is_some() || change.vus_max.is_some() {
        control.scale(change.vus, change.vus_max).await?;
    }
    Ok(control.status().await?)
}

fn status_document(status: Status) -> Document<Resource<StatusAttributes>> {
    Resource::only("status", status.into())
}

async fn all<T: Serialize>(
    State(control): State<Control>,
    list: fn(&Snapshot) -> Vec<T>,
) -> Response {
    let snapshot = control.snapshot().await.map_err(Problem::from);
    respond(TEXT, snapshot.map(|snapshot| Document { data: list(&snapshot) }))
}

async fn one<T: Serialize>(
    State(control): State<Control>,
    id: Id,
    what: &'static str,
    find: fn(&Snapshot, &str) -> Option<T>,
) -> Response {
    let found = async {
        let snapshot = control.snapshot().await?;
        // An id that is no UTF-8 is nobody's.
        let found = id.ok().and_then(|Path(id)| find(&snapshot, &id));
        let not_found = || Problem::not_found(&format!("No {what} with that ID was found"));
        found.map(|data| Document { data }).ok_or_else(not_found)
    };
    respond(TEXT, found.await)
}

/// What a setup function returned stays within the test, so there is nothing to show.
async fn setup() -> Response {
    #[derive(Serialize)]
    struct NoData {}
    respond(SETUP, Ok(Resource::only("setupData", NoData {})))
}

fn respond(content_type: HeaderValue, answer: Result<impl Serialize, Problem>) -> Response {
    let (status, body) = match answer {
        Ok(answer) => (StatusCode::OK, json(&answer)),
        Err(problem) => (problem.status, json(&problem.errors())),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut body = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut body, PlainNumbers);
    value.serialize(&mut serializer).expect("every key is a string");
    body
}

/// Compact JSON in which a whole number has no fraction: `4`, not `4.0`.
struct PlainNumbers;

impl Formatter for PlainNumbers {
    fn write_f64<W: ?Sized + io::Write>(&mut self, w: &mut W, value: f64) -> io::Result<()> {
        w.write_all(format::js(value).as_bytes())
    }
}
