//! One line for each request.

use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use tracing::info;

use crate::app::Answer;

/// Logs a request and what it came to.
pub(crate) fn write(request: &Parts, answer: &Answer, status: StatusCode) {
    let (file, location) = match answer {
        Answer::File(asset) | Answer::Missing(Some(asset)) => (Some(&*asset.name), None),
        Answer::Redirect(redirect) => (None, text(Some(&redirect.location))),
        _ => (None, None),
    };
    info!(
        request.method = %request.method,
        request.uri = %request.uri,
        request.user_agent = text(request.headers.get(USER_AGENT)),
        response.status_code = status.as_u16(),
        response.file = file,
        response.location = location,
        "served request"
    );
}

/// What a person may read of a header.
fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}
