//! The responses that a site gives, as values.
//!
//! It knows nothing of where files and redirects come from.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Body as _;

use crate::assets::Asset;

/// Every response is in memory when it is sent.
pub(crate) type Body = Full<Bytes>;

pub(crate) fn file(status: StatusCode, asset: &Asset) -> Response<Body> {
    let mut response = Response::new(Body::new(asset.body.clone()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, asset.content_type.clone());
    headers.insert(header::ETAG, asset.etag.clone());
    response
}

pub(crate) fn redirect_to(location: &HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location.clone());
    response
}

pub(crate) fn method_not_allowed() -> Response<Body> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// The answer to `HEAD`: every header of the answer to `GET`, the length included.
pub(crate) fn without_body(mut response: Response<Body>) -> Response<Body> {
    if let Some(len) = response.body().size_hint().exact() {
        response.headers_mut().insert(header::CONTENT_LENGTH, len.into());
    }
    response.map(|_| Body::default())
}
