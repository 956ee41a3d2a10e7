//! A request: prepared once, sent many times.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{
    ExpectedStatuses, HttpConfig,
    response::Keep,
    target::{Target, Template, host_and_port},
};

/// They say how a body is sent, which is not for the caller to say.
const OF_FRAMING: [HeaderName; 3] =
    [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::TRAILER];

/// A request in the form in which it is sent: nothing is parsed or formatted when it goes out.
///
/// Over HTTP/2, sending clones reference-counted header values, so threads do better to prepare
/// their own.
#[derive(Debug)]
pub struct Request {
    pub(super) target: Target,
    pub(super) template: Template,
    pub(super) timeout: Duration,
    pub(super) max_redirects: u32,
    pub(super) keep: Keep,
    pub(super) expected: ExpectedStatuses,
    tags: Vec<(String, String)>,
}

impl Request {
    /// A GET of `url`.
    pub fn get(url: impl Into<String>) -> RequestBuilder {
        Self::builder(Method::GET, url)
    }

    /// A request of `url` with any method.
    pub fn builder(method: Method, url: impl Into<String>) -> RequestBuilder {
        RequestBuilder {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            timeout: None,
            max_redirects: None,
            keep: Keep { headers: true, body: false, max_body: usize::MAX },
            expected: None,
            tags: Vec::new(),
        }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.target.http1.method
    }

    /// The URL as tags show it: as it was given, user and password masked.
    pub fn url(&self) -> &str {
        &self.target.tag
    }

    /// Tags that its samples carry besides all others.
    pub fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    /// Host and port of the URL, without the port that its scheme implies; what k6's limit of requests per host goes by.
    pub fn authority(&self) -> &str {
        host_and_port(&self.target.url)
    }
}

/// Makes a [`Request`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct RequestBuilder {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    timeout: Option<Duration>,
    max_redirects: Option<u32>,
    keep: Keep,
    expected: Option<ExpectedStatuses>,
    tags: Vec<(String, String)>,
}

/// A request that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// The URL is none, or none for HTTP.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// The name of a header is none.
    #[error("invalid header name `{name}`: must be letters, digits or any of !#$%&'*+-.^_`|~")]
    HeaderName {
        /// As given.
        name: String,
    },
    /// The value of a header is none.
    #[error("invalid value of header `{name}`: must not hold control characters")]
    HeaderValue {
        /// The name of the header.
        name: String,
    },
}

/// A URL that no request can be made from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid URL `{url}`: {reason}")]
pub struct InvalidUrl {
    /// As given, but masked up to the last `@`: there may be a password before it.
    pub url: String,
    /// What is wrong with it.
    pub reason: String,
}

impl InvalidUrl {
    pub(super) fn new(url: &str, reason: String) -> Self {
        let url = match url.rsplit_once('@') {
            Some((_, rest)) => format!("****@{rest}"),
            None => url.to_owned(),
        };
        Self { url, reason }
    }
}

impl RequestBuilder {
    /// Adds a header; it replaces one of the same name, also one of the configuration. An empty
    /// `User-Agent` sends none, and `Host` replaces the host of the URL. `Content-Length`,
    /// `Transfer-Encoding` and `Trailer` are ignored: the body is sent as it is, with its length.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a tag to the request's samples. One called `name` takes the place of the URL: with it
    /// the requests of many URLs are shown as one.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the time for the call, redirects included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how many redirects are followed.
    pub fn max_redirects(mut self, limit: u32) -> Self {
        self.max_redirects = Some(limit);
        self
    }

    /// Keeps the headers of the answer, which is the default. Without them, [`Response::headers`] may
    /// be empty, and an answer over HTTP/1.1 takes no memory at all.
    ///
    /// [`Response::headers`]: super::Response::headers
    pub fn keep_headers(mut self, keep: bool) -> Self {
        self.keep.headers = keep;
        self
    }

    /// Keeps the body of the answer; otherwise it is counted and dropped as it arrives.
    pub fn keep_body(mut self, keep: bool) -> Self {
        self.keep.body = keep;
        self
    }

    /// Keeps the body of the answer up to this many bytes. Of a longer one nothing more is read:
    /// its connection is closed (over HTTP/2, the stream is reset), and [`Response::is_cut`] tells.
    ///
    /// [`Response::is_cut`]: super::Response::is_cut
    pub fn keep_body_up_to(mut self, bytes: usize) -> Self {
        self.keep.body = true;
        self.keep.max_body = bytes;
        self
    }

    /// Sets which statuses are not failures.
    pub fn expected(mut self, expected: ExpectedStatuses) -> Self {
        self.expected = Some(expected);
        self
    }

    /// The request, with what was not set here taken from `config`.
    ///
    /// # Errors
    ///
    /// If the URL, or a header here or in `config`, is invalid.
    pub fn build(self, config: &HttpConfig) -> Result<Request, InvalidRequest> {
        let agent = (header::USER_AGENT.to_string(), config.user_agent.clone());
        let mut headers = HeaderMap::new();
        for (name, value) in [agent].iter().chain(&config.headers).chain(&self.headers) {
            let (name, value) = parse_header(name, value)?;
            headers.insert(name, value);
        }
        OF_FRAMING.iter().for_each(|name| drop(headers.remove(name)));
        if headers.get(header::USER_AGENT).is_some_and(HeaderValue::is_empty) {
            headers.remove(header::USER_AGENT);
        }
        let template = Template {
            method: self.method,
            host: headers.remove(header::HOST),
            headers,
            body: self.body,
            close: !config.connection_reuse,
        };
        Ok(Request {
            target: template.target(&self.url)?,
            template,
            timeout: self.timeout.unwrap_or(config.timeout),
            max_redirects: self.max_redirects.unwrap_or(config.max_redirects),
            keep: self.keep,
            expected: self.expected.unwrap_or_else(|| config.expected.clone()),
            tags: self.tags,
        })
    }
}

fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), InvalidRequest> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| InvalidRequest::HeaderName { name: name.to_owned() })?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| InvalidRequest::HeaderValue { name: name.to_owned() })?;
    Ok((parsed, value))
}
