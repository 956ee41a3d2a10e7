//! What came back: of each round trip, and of the whole call.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use super::{Error, ErrorCode, Timings};

/// What is kept of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    pub(super) headers: bool,
    pub(super) body: bool,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// One network round trip. Each hop of a redirect is its own.
#[derive(Debug)]
pub struct Hop<'a> {
    /// The method as sent.
    pub method: &'a Method,
    /// The URL as tags show it: user and password masked.
    pub url: &'a str,
    /// The status of the answer; 0 if it did not arrive whole.
    pub status: u16,
    /// Whether the request expects `status`.
    pub expected: bool,
    /// `HTTP/1.1` or `HTTP/2.0` (or `HTTP/1.0`), if an answer arrived.
    pub proto: Option<&'static str>,
    /// `tls1.2` or `tls1.3`, if a TLS connection existed.
    pub tls_version: Option<&'static str>,
    /// The other end of the connection, if one existed; none in-process.
    pub remote: Option<SocketAddr>,
    /// Why there is no whole answer.
    pub error: Option<&'a Error>,
    /// How long each part took.
    pub timings: Timings,
    /// When it was over.
    pub ended: Instant,
}

impl Hop<'_> {
    /// The code of the failure, or 1000 + status from status 400 on.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.error.map(|error| error.code).or_else(|| ErrorCode::of_status(self.status))
    }
}

/// What a call ended with: the answer of its last round trip, or the failure of it.
#[derive(Debug)]
pub struct Response {
    /// The status; none if no whole answer arrived.
    pub status: Option<StatusCode>,
    /// The headers; empty if no whole answer arrived or the request does not keep them.
    pub headers: HeaderMap,
    /// The body, if the request keeps it and it arrived whole.
    pub body: Option<Bytes>,
    /// `HTTP/1.1` or `HTTP/2.0` (or `HTTP/1.0`), if an answer arrived.
    pub proto: Option<&'static str>,
    /// `tls1.2` or `tls1.3`, if a TLS connection existed.
    pub tls_version: Option<&'static str>,
    /// The other end of the connection, if one existed; none in-process.
    pub remote: Option<SocketAddr>,
    /// Times of the last round trip.
    pub timings: Timings,
    /// Why there is no whole answer.
    pub error: Option<Error>,
    /// Where the last redirect that was followed led; none if none was.
    pub redirected_to: Option<String>,
}

impl Response {
    /// The status as a number; 0 if no whole answer arrived.
    pub fn status_code(&self) -> u16 {
        self.status.map_or(0, |status| status.as_u16())
    }
}
