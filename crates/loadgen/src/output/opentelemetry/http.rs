//! OTLP over HTTP: a `POST` for each message.

use bytes::Bytes;
use http::{HeaderValue, header};

use super::{
    super::{
        delivery::{Failure, Post},
        peer::Poster,
    },
    compression::gzipped,
    export_response,
    settings::Endpoint,
};
use crate::options::notation::Reason;

/// Sends messages to one collector.
pub(super) struct OtlpHttp {
    poster: Poster,
    gzip: bool,
}

impl OtlpHttp {
    /// To this collector.
    ///
    /// # Errors
    ///
    /// Its URL or the certificates cannot be used.
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, Reason> {
        let Endpoint { url, mut headers, tls, patience, gzip, .. } = endpoint;
        if gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let poster = Poster::new(&url, "application/x-protobuf", headers, &tls, patience)?;
        Ok(Self { poster, gzip })
    }
}

impl Post for OtlpHttp {
    async fn post(&self, body: Bytes) -> Result<(), Failure> {
        let body = if self.gzip { gzipped(&body) } else { body };
        let answer = self.poster.post(body).await?;
        export_response::check(&answer.body)
    }
}
