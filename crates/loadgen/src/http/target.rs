//! One hop: where it goes and what is sent there, worked out beforehand.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Uri, Version, header,
    uri::{self, PathAndQuery},
};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use url::{Host, Position, Url};

use super::{InvalidUrl, http1::Message};

/// A request as hyper takes it.
pub(super) type Outgoing = http::Request<Full<Bytes>>;

/// Who a connection goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) tls: bool,
    pub(super) port: u16,
    pub(super) host: Arc<Host>,
}

/// What the hops of a call have in common.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) method: Method,
    /// A host to name instead of that of the URL.
    pub(super) host: Option<HeaderValue>,
    /// Without `Host`, and those that say where the body ends.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether the connection is for this request only.
    pub(super) close: bool,
}

/// One hop, ready to be sent.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) origin: Origin,
    pub(super) url: Url,
    /// The URL as tags show it.
    pub(super) tag: String,
    pub(super) http1: Message,
    /// For `https` only: without TLS, HTTP/2 is never agreed on.
    pub(super) http2: Option<Outgoing>,
}

impl Origin {
    /// Where the requests of `url` go; the error says why they cannot go anywhere.
    pub(super) fn of(url: &Url) -> Result<Self, String> {
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(format!("unsupported protocol scheme \"{other}\"")),
        };
        let host = url.host().ok_or("no host")?.to_owned();
        let port = url.port_or_known_default().ok_or("no port")?;
        Ok(Self { tls, port, host: Arc::new(host) })
    }
}

impl Template {
    /// The hop to `text`.
    pub(super) fn target(&self, text: &str) -> Result<Target, InvalidUrl> {
        let invalid = |reason: String| InvalidUrl::new(text, reason);
        let url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
        let tag = tag(text, &url);
        let path = path_as_written(text, &url);
        self.target_of(url, tag, path).map_err(invalid)
    }

    /// The hop to `url`, shown as `tag`, with `path` if it is not to be that of the URL; the error
    /// says why there is none.
    pub(super) fn target_of(
        &self,
        url: Url,
        tag: String,
        path: Option<PathAndQuery>,
    ) -> Result<Target, String> {
        let origin = Origin::of(&url)?;
        let path = match path {
            Some(path) => path,
            None => PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery])
                .map_err(|error| error.to_string())?,
        };
        let http1 = self.http1(&url, &path).map_err(|error| error.to_string())?;
        let http2 = if origin.tls {
            Some(self.http2(&url, path).map_err(|error| error.to_string())?)
        } else {
            None
        };
        Ok(Target { origin, url, tag, http1, http2 })
    }

    fn http1(&self, url: &Url, path: &PathAndQuery) -> Result<Message, http::Error> {
        let host = match &self.host {
            Some(host) => host.clone(),
            None => HeaderValue::from_str(host_and_port(url))?,
        };
        let mut headers = self.headers(url, Some(host))?;
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(Message::new(self.method.clone(), path, &headers, self.body.clone()))
    }

    fn http2(&self, url: &Url, path: PathAndQuery) -> Result<Outgoing, http::Error> {
        let mut parts = uri::Parts::default();
        parts.scheme = Some(uri::Scheme::HTTPS);
        parts.authority = Some(match &self.host {
            Some(host) => host.as_bytes().try_into()?,
            None => host_and_port(url).try_into()?,
        });
        parts.path_and_query = Some(path);
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from_parts(parts)?;
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = self.headers(url, None)?;
        Ok(request)
    }

    /// All headers, in k6's order.
    fn headers(&self, url: &Url, host: Option<HeaderValue>) -> Result<HeaderMap, http::Error> {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, host);
        }
        if let Some(agent) = self.headers.get(header::USER_AGENT) {
            headers.insert(header::USER_AGENT, agent.clone());
        }
        let wants_length = [Method::POST, Method::PUT, Method::PATCH].contains(&self.method);
        if !self.body.is_empty() || wants_length {
            headers.insert(header::CONTENT_LENGTH, self.body.len().into());
        }
        let mut others = self.headers.clone();
        others.remove(header::USER_AGENT);
        if let Some(credentials) = credentials(url)
            && !others.contains_key(header::AUTHORIZATION)
        {
            others.insert(header::AUTHORIZATION, HeaderValue::try_from(credentials)?);
        }
        let mut others: Vec<_> = others.iter().collect();
        others.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in others {
            headers.insert(name, value.clone());
        }
        Ok(headers)
    }
}

pub(super) fn host_and_port(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// `Authorization` for the user and password in a URL.
fn credentials(url: &Url) -> Option<String> {
    if !has_credentials(url) {
        return None;
    }
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(plain)))
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// `text`, which was parsed as `url`, as tags show it: as written, but, like k6, with the path
/// encoded, and put in order to mask user and password.
pub(super) fn tag(text: &str, url: &Url) -> String {
    if has_credentials(url) {
        let mask = if url.password().is_some() { "****:****" } else { "****" };
        return format!("{}://{mask}@{}", url.scheme(), &url[Position::BeforeHost..]);
    }
    if is_plain(text) { text.to_owned() } else { url.as_str().to_owned() }
}

/// Path and query of `text`, which was parsed as `url`, with the dots and escapes that the parser
/// takes out; none if they cannot be sent like that.
fn path_as_written(text: &str, url: &Url) -> Option<PathAndQuery> {
    let (scheme, rest) = text.split_once("://").filter(|_| is_plain(text))?;
    let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
    if authority.is_empty() || !scheme.eq_ignore_ascii_case(url.scheme()) {
        return None;
    }
    match path.as_bytes().first() {
        Some(b'/') => PathAndQuery::try_from(path).ok(),
        Some(b'?') => PathAndQuery::try_from(format!("/{path}")).ok(),
        _ => None,
    }
}

/// Whether `text` can stand in the head of a request as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
