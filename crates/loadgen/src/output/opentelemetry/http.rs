//! OTLP over HTTP: a `POST` for each message.

use bytes::Bytes;

use super::{
    super::{
        delivery::{Failure, Post},
        peer::Poster,
    },
    export_response,
    settings::Endpoint,
};
use crate::options::notation::Reason;

/// Sends messages to one collector.
pub(super) struct OtlpHttp(Poster);

impl OtlpHttp {
    /// To this collector.
    ///
    /// # Errors
    ///
    /// Its URL or the certificates cannot be used.
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, Reason> {
        let Endpoint { url, headers, tls, patience, .. } = endpoint;
        Poster::new(&url, "application/x-protobuf", headers, &tls, patience).map(Self)
    }
}

impl Post for OtlpHttp {
    async fn post(&self, body: Bytes) -> Result<(), Failure> {
        let answer = self.0.post(body).await?;
        export_response::check(&answer.body)
    }
}
