//! OTLP over gRPC: unary calls, which are requests of HTTP/2 with a frame around the message and
//! the outcome behind the answer.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use url::Position;

use super::{
    super::{
        delivery::{Failure, Post},
        peer::{Answer, Peer, USER_AGENT, Version},
    },
    compression::gzipped,
    export_response,
    settings::Endpoint,
};
use crate::options::notation::Reason;

const METHOD: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/// What stands before a message: whether it is compressed, and its length.
const FRAME: usize = 5;

/// Outcomes that the protocol says may pass: cancelled, deadline exceeded, resource exhausted,
/// aborted, out of range, unavailable, data loss.
const MAY_PASS: [u32; 7] = [1, 4, 8, 10, 11, 14, 15];

/// Calls one collector.
pub(super) struct OtlpGrpc {
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
    gzip: bool,
}

impl OtlpGrpc {
    /// This collector.
    ///
    /// # Errors
    ///
    /// Its URL or the certificates cannot be used.
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, Reason> {
        let Endpoint { url, headers: own, tls, patience, gzip, .. } = endpoint;
        let peer = Peer::new(&url, Version::Http2, &tls, patience)?;
        let mut headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/grpc")),
            (header::TE, HeaderValue::from_static("trailers")),
            (header::USER_AGENT, USER_AGENT),
        ]);
        if gzip {
            headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
        }
        headers.extend(own);
        let uri = format!("{}{METHOD}", &url[..Position::AfterPort]).parse()?;
        Ok(Self { peer, uri, headers, gzip })
    }
}

impl Post for OtlpGrpc {
    async fn post(&self, body: Bytes) -> Result<(), Failure> {
        let body = if self.gzip { gzipped(&body) } else { body };
        let mut framed = BytesMut::with_capacity(FRAME + body.len());
        framed.put_u8(u8::from(self.gzip));
        // Messages are cut to about a MiB.
        framed.put_u32(body.len() as u32);
        framed.put(body);
        let mut request = Request::new(Full::new(framed.freeze()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let answer = self.peer.exchange(request).await?;
        outcome(&answer)?;
        export_response::check(answer.body.get(FRAME..).unwrap_or_default())
    }
}

/// What came of a call.
fn outcome(answer: &Answer) -> Result<(), Failure> {
    if !answer.status.is_success() {
        return Err(answer.failure());
    }
    // A call that fails at once has its outcome in the head.
    let said = |name| answer.trailers.get(name).or_else(|| answer.headers.get(name));
    let status = said("grpc-status").and_then(|status| status.to_str().ok()?.parse().ok());
    let message = said("grpc-message").map(|text| percent_decode(text.as_bytes()));
    match status {
        Some(0) => Ok(()),
        Some(code) => Err(Failure {
            is_final: !MAY_PASS.contains(&code),
            ..Failure::passing(format!("gRPC status {code}: {}", message.unwrap_or_default()))
        }),
        None => Err(Failure::passing("the answer has no gRPC status")),
    }
}

fn percent_decode(text: &[u8]) -> String {
    percent_encoding::percent_decode(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn answer(headers: &[(&'static str, &str)], trailers: &[(&'static str, &str)]) -> Answer {
        let map = |pairs: &[(&'static str, &str)]| {
            let pair = |&(name, value): &(&'static str, &str)| {
                (http::HeaderName::from_static(name), value.parse().expect("a value"))
            };
            pairs.iter().map(pair).collect()
        };
        let (headers, trailers) = (map(headers), map(trailers));
        Answer { status: StatusCode::OK, headers, body: Bytes::new(), trailers }
    }

    #[test]
    fn the_outcome_stands_behind_the_answer_or_in_its_head() {
        assert_eq!(outcome(&answer(&[], &[("grpc-status", "0")])), Ok(()));
        let full = [("grpc-status", "8"), ("grpc-message", "too%20large")];
        let failure = outcome(&answer(&full, &[])).expect_err("resource exhausted");
        assert_eq!(failure.reason, "gRPC status 8: too large");
        assert!(!failure.is_final);
        let failure = outcome(&answer(&[], &[("grpc-status", "12")])).expect_err("unimplemented");
        assert!(failure.is_final);
        assert!(outcome(&answer(&[], &[])).is_err());
    }
}
