//! A write request on its way: what remote write wants in the head, and a signature if need be.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use super::{
    super::{
        delivery::{Failure, Post},
        peer::Poster,
    },
    settings::Target,
    sigv4::Credentials,
};
use crate::options::notation::Reason;

/// What k6 gives a request.
const PATIENCE: Duration = Duration::from_secs(5);

const VERSION: HeaderName = HeaderName::from_static("x-prometheus-remote-write-version");

/// Sends write requests to one server.
pub(super) struct RemoteWrite {
    poster: Poster,
    url: Url,
    credentials: Option<Credentials>,
}

impl RemoteWrite {
    /// To this server.
    ///
    /// # Errors
    ///
    /// Its URL or the certificates cannot be used.
    pub(super) fn new(target: Target) -> Result<Self, Reason> {
        let Target { url, headers: own, tls, credentials } = target;
        let mut headers = HeaderMap::from_iter([
            (header::CONTENT_ENCODING, HeaderValue::from_static("snappy")),
            (VERSION, HeaderValue::from_static("0.1.0")),
        ]);
        headers.extend(own);
        let poster = Poster::new(&url, "application/x-protobuf", headers, &tls, PATIENCE)?;
        Ok(Self { poster, url, credentials })
    }
}

impl Post for RemoteWrite {
    async fn post(&self, body: Bytes) -> Result<(), Failure> {
        let mut headers = self.poster.headers().clone();
        if let Some(credentials) = &self.credentials {
            credentials.sign(&self.url, &mut headers, &body, SystemTime::now());
        }
        self.poster.post_with(headers, body).await.map(drop)
    }
}
