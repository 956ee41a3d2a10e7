//! The spans of one request.

use std::time::Duration;

/// How long each part of one round trip took; see the table in [`crate::http`]. A part that was
/// not reached is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for a connection; holds `looking_up`, `connecting` and `tls_handshaking`.
    pub blocked: Duration,
    /// Name resolution.
    pub looking_up: Duration,
    /// TCP connect.
    pub connecting: Duration,
    /// TLS handshake.
    pub tls_handshaking: Duration,
    /// Writing the request.
    pub sending: Duration,
    /// From the request written to the first byte of the answer.
    pub waiting: Duration,
    /// From the first byte of the answer to its last.
    pub receiving: Duration,
}

impl Timings {
    /// `sending + waiting + receiving`: what k6 calls `http_req_duration`.
    pub fn duration(&self) -> Duration {
        self.sending + self.waiting + self.receiving
    }
}
