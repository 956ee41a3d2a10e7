//! Amazon's signature, version 4, without which its managed Prometheus takes nothing.

use std::{fmt, time::SystemTime};

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac::{HMAC_SHA256, Key, sign},
};
use http::{HeaderMap, HeaderValue, header};
use jiff::{Timestamp, fmt::strtime};
use url::{Position, Url};

/// The service's name there.
const SERVICE: &str = "aps";

/// Who signs, for which region.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) region: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Signs a `POST` of `body`: all of its headers that say what it is, but none that somebody on
    /// the way may change.
    pub(super) fn sign(&self, url: &Url, headers: &mut HeaderMap, body: &[u8], at: SystemTime) {
        let time = amazon_time(at);
        let hash = hex(digest(&SHA256, body).as_ref());
        for (name, value) in [("x-amz-date", &time), ("x-amz-content-sha256", &hash)] {
            headers.insert(name, HeaderValue::from_str(value).expect("hexadecimal or a time"));
        }
        let (names, lines) = signed_headers(headers);
        let path = &url[Position::BeforePath..Position::AfterPath];
        let query = url.query().unwrap_or("");
        let request = format!("POST\n{path}\n{query}\n{lines}\n{names}\n{hash}");
        let value = self.authorization(&time, &names, &request);
        let mut value = HeaderValue::from_str(&value).expect("visible characters");
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }

    fn authorization(&self, time: &str, names: &str, request: &str) -> String {
        let Self { region, access_key, secret_key } = self;
        let day = &time[..8];
        let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
        let hash = hex(digest(&SHA256, request.as_bytes()).as_ref());
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
        let mut key = format!("AWS4{secret_key}").into_bytes();
        for part in [day, region, SERVICE, "aws4_request"] {
            key = hmac(&key, part);
        }
        let signature = hex(&hmac(&key, &text));
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        )
    }
}

/// The names of the headers that are signed, and their lines.
fn signed_headers(headers: &HeaderMap) -> (String, String) {
    let mut signed: Vec<(&str, String)> = headers
        .iter()
        .filter(|(name, _)| **name != header::AUTHORIZATION && **name != header::USER_AGENT)
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    signed.sort_unstable();
    let names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
    let lines = signed.iter().map(|(name, value)| format!("{name}:{value}\n"));
    (names.join(";"), lines.collect())
}

fn amazon_time(at: SystemTime) -> String {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    strtime::format("%Y%m%dT%H%M%SZ", at).expect("a format without a zone's name")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes()).as_ref().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What another implementation makes of the same request at the same time.
    #[test]
    fn the_signature_is_the_one_that_others_make() {
        let credentials = Credentials {
            region: "eu-west-1".into(),
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        };
        let url =
            "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write";
        let mut headers = HeaderMap::from_iter(
            [
                (header::HOST, "aps-workspaces.eu-west-1.amazonaws.com"),
                (header::CONTENT_TYPE, "application/x-protobuf"),
                (header::CONTENT_ENCODING, "snappy"),
                (header::USER_AGENT, "loadgen/0"),
            ]
            .map(|(name, value)| (name, HeaderValue::from_static(value))),
        );
        // 2026-11-25T10:00:00Z
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_600_800);
        credentials.sign(&url.parse().expect("a URL"), &mut headers, b"body", at);
        assert_eq!(headers["x-amz-date"], "20261125T100000Z");
        assert_eq!(
            headers[header::AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261125/eu-west-1/aps/aws4_request, \
             SignedHeaders=content-encoding;content-type;host;x-amz-content-sha256;x-amz-date, \
             Signature=c9e25dff18daf77f04771707769326b044810c494003fb30c414e6b11f4ed3cb"
        );
        assert!(!format!("{credentials:?}").contains("wJalr"));
    }
}
