//! From what a request comes to, to the response: conditions, codings, ranges.
//!
//! It knows nothing of where files and redirects come from.

mod body;
mod condition;
mod range;

use std::ops::Range;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use hyper::body::Body as _;

use crate::app::Answer;
use crate::assets::{Asset, Content, Representation};
pub(crate) use body::Body;
use condition::Verdict;
use range::Selection;

/// The response to a request that comes to this answer.
pub(crate) async fn to(
    request: &Parts,
    answer: &Answer,
    redirect_status: StatusCode,
) -> Response<Body> {
    let response = match answer {
        Answer::File(asset) => {
            let chosen = asset.choose(&request.headers).await;
            file(request, asset, chosen)
        }
        Answer::Redirect(redirect) => {
            with(redirect_status, header::LOCATION, redirect.location.clone(), Bytes::new())
        }
        Answer::Missing(Some(page)) => missing(page.choose(&request.headers).await),
        Answer::Missing(None) => text(StatusCode::NOT_FOUND, "not found\n"),
        Answer::MethodNotAllowed => method_not_allowed(),
        Answer::TimedOut => text(StatusCode::REQUEST_TIMEOUT, "request timed out\n"),
        Answer::Overloaded => unavailable("overloaded\n"),
        Answer::Unreadable => unavailable("cannot be read just now\n"),
    };
    if request.method == Method::HEAD { without_body(response) } else { response }
}

fn file(request: &Parts, asset: &Asset, chosen: &Representation) -> Response<Body> {
    let (headers, modified) = (&request.headers, asset.modified);
    match condition::evaluate(headers, &chosen.etag, modified) {
        Verdict::Send => {}
        Verdict::NotModified => return not_modified(chosen),
        Verdict::PreconditionFailed => {
            return text(StatusCode::PRECONDITION_FAILED, "precondition failed\n");
        }
    }
    let wanted = headers.get(header::RANGE).filter(|_| {
        // A range means something to GET alone (RFC 9110, section 14.2).
        request.method == Method::GET && condition::range_applies(headers, &chosen.etag, modified)
    });
    match range::select(wanted, chosen.body.len()) {
        Selection::Whole => {
            response(StatusCode::OK, chosen.headers.clone(), chosen.body.clone().into())
        }
        Selection::Parts(parts) => partial(asset, chosen, &parts),
        Selection::Nothing => {
            let len = chosen.body.len();
            let mut response = text(StatusCode::RANGE_NOT_SATISFIABLE, "range not satisfiable\n");
            set(response.headers_mut(), header::CONTENT_RANGE, format!("bytes */{len}"));
            response
        }
    }
}

fn partial(asset: &Asset, chosen: &Representation, parts: &[Range<u64>]) -> Response<Body> {
    let mut headers = chosen.headers.clone();
    let body: Body = if let [part] = parts {
        let range = range::content_range(part, chosen.body.len());
        set(&mut headers, header::CONTENT_RANGE, range);
        chosen.body.slice(part.clone()).into()
    } else {
        // A body does not contain its own digest, so the digest can separate its parts.
        let boundary = chosen.etag.to_str().unwrap_or("").trim_matches('"');
        let multipart = format!("multipart/byteranges; boundary={boundary}");
        set(&mut headers, header::CONTENT_TYPE, multipart);
        range::multipart(&chosen.body, parts, &asset.content_type, boundary).into()
    };
    response(StatusCode::PARTIAL_CONTENT, headers, body)
}

fn not_modified(chosen: &Representation) -> Response<Body> {
    let mut headers = chosen.headers.clone();
    // What describes the body that is not sent (RFC 9110, section 15.4.5).
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::ACCEPT_RANGES] {
        headers.remove(name);
    }
    response(StatusCode::NOT_MODIFIED, headers, Body::default())
}

fn missing(page: &Representation) -> Response<Body> {
    let mut headers = page.headers.clone();
    // What is missing now may be there next year; nobody shall keep or validate this page.
    for name in [header::CACHE_CONTROL, header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES]
    {
        headers.remove(name);
    }
    response(StatusCode::NOT_FOUND, headers, page.body.clone().into())
}

fn unavailable(reason: &'static str) -> Response<Body> {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, reason);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

pub(crate) fn method_not_allowed() -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    with(status, header::CONTENT_TYPE, plain, Bytes::from_static(text.as_bytes()))
}

/// A response with one header.
pub(crate) fn with(
    status: StatusCode,
    name: header::HeaderName,
    value: HeaderValue,
    body: Bytes,
) -> Response<Body> {
    response(status, HeaderMap::from_iter([(name, value)]), Content::from(body).into())
}

/// The answer to `HEAD`: every header of the answer to `GET`, the length included.
pub(crate) fn without_body(mut response: Response<Body>) -> Response<Body> {
    let len = response.body().size_hint().exact();
    // 304 says nothing of a length: its body is empty, its subject is not.
    if let Some(len) = len.filter(|_| response.status() != StatusCode::NOT_MODIFIED) {
        response.headers_mut().insert(header::CONTENT_LENGTH, len.into());
    }
    response.map(|_| Body::default())
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Sets a header to a value that is made of ASCII here.
fn set(headers: &mut HeaderMap, name: header::HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
