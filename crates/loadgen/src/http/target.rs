//! One hop: where it goes and the bytes of its head, worked out before it is sent.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header, uri};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use url::{Host, Position, Url};

use super::InvalidUrl;

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
    /// Without `Host` and `Content-Length`.
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
    pub(super) http1: Outgoing,
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
        let invalid = |reason: String| InvalidUrl { url: text.to_owned(), reason };
        let url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
        let tag = tag(text, &url);
        self.target_of(url, tag).map_err(invalid)
    }

    /// The hop to `url`, shown as `tag`; the error says why there is none.
    pub(super) fn target_of(&self, url: Url, tag: String) -> Result<Target, String> {
        let origin = Origin::of(&url)?;
        let http1 = self.http1(&url).map_err(|error| error.to_string())?;
        let http2 = if origin.tls {
            Some(self.http2(&url).map_err(|error| error.to_string())?)
        } else {
            None
        };
        Ok(Target { origin, url, tag, http1, http2 })
    }

    fn http1(&self, url: &Url) -> Result<Outgoing, http::Error> {
        let host = match &self.host {
            Some(host) => host.clone(),
            None => HeaderValue::from_str(host_and_port(url))?,
        };
        let uri = Uri::try_from(&url[Position::BeforePath..Position::AfterQuery])?;
        let mut request = self.outgoing(uri, url, Some(host))?;
        if self.close {
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(request)
    }

    fn http2(&self, url: &Url) -> Result<Outgoing, http::Error> {
        let mut parts = uri::Parts::default();
        parts.scheme = Some(uri::Scheme::HTTPS);
        parts.authority = Some(match &self.host {
            Some(host) => host.as_bytes().try_into()?,
            None => host_and_port(url).try_into()?,
        });
        parts.path_and_query = Some(url[Position::BeforePath..Position::AfterQuery].try_into()?);
        let mut request = self.outgoing(Uri::from_parts(parts)?, url, None)?;
        *request.version_mut() = Version::HTTP_2;
        Ok(request)
    }

    /// The request with its headers in k6's order.
    fn outgoing(
        &self,
        uri: Uri,
        url: &Url,
        host: Option<HeaderValue>,
    ) -> Result<Outgoing, http::Error> {
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
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
        headers.extend(self.headers.clone());
        if let Some(credentials) = credentials(url)
            && !headers.contains_key(header::AUTHORIZATION)
        {
            headers.insert(header::AUTHORIZATION, HeaderValue::try_from(credentials)?);
        }
        Ok(request)
    }
}

fn host_and_port(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// `Authorization` for the user and password in a URL.
fn credentials(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(plain)))
}

/// `text` as tags show it: as written, but with user and password masked and, like k6, with
/// the path encoded.
pub(super) fn tag(text: &str, url: &Url) -> String {
    let as_written = text.bytes().all(|byte| byte.is_ascii_graphic());
    let text = if as_written { text } else { url.as_str() };
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let Some(at) = authority.rfind('@') else { return text.to_owned() };
    let mask = if authority[..at].contains(':') { "****:****" } else { "****" };
    format!("{scheme}://{mask}{}", &rest[at..])
}
