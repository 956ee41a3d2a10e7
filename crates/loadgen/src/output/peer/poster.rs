//! `POST` over HTTP/1.1, which is how most collectors want it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use url::{Position, Url};

use super::{Answer, Peer, TlsSettings, Version};
use crate::{options::notation::Reason, output::delivery::Failure};

/// What requests say of who sends them.
pub(crate) const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("loadgen/", env!("CARGO_PKG_VERSION")));

/// Posts bodies of one kind to one URL.
pub(crate) struct Poster {
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
}

impl Poster {
    /// Bodies of this type to `url`. `headers` come on top, and replace those of the same name.
    ///
    /// # Errors
    ///
    /// The URL or the certificates cannot be used.
    pub(crate) fn new(
        url: &Url,
        content_type: &'static str,
        headers: HeaderMap,
        tls: &TlsSettings,
        patience: Duration,
    ) -> Result<Self, Reason> {
        let peer = Peer::new(url, Version::Http1, tls, patience)?;
        let uri = url[Position::BeforePath..Position::AfterQuery].parse()?;
        let host = url[Position::BeforeHost..Position::AfterPort].parse()?;
        let mut all = HeaderMap::from_iter([
            (header::HOST, host),
            (header::USER_AGENT, USER_AGENT),
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        ]);
        all.extend(headers);
        Ok(Self { peer, uri, headers: all })
    }

    /// The headers of each request.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Posts a body with these headers instead of the usual ones.
    ///
    /// # Errors
    ///
    /// There is no answer, or its status is none of success.
    pub(crate) async fn post_with(
        &self,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        let answer = self.peer.exchange(request).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(answer.failure()) }
    }

    /// Posts a body.
    ///
    /// # Errors
    ///
    /// There is no answer, or its status is none of success.
    pub(crate) async fn post(&self, body: Bytes) -> Result<Answer, Failure> {
        self.post_with(self.headers.clone(), body).await
    }
}
