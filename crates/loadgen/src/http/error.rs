//! Why a request failed: k6's error codes.

use std::fmt;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    /// The kind of failure.
    pub code: ErrorCode,
    /// What happened, in a few words and without the URL.
    pub text: String,
}

/// k6's number for a kind of failure; the value of the tag `error_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub u16);

impl ErrorCode {
    /// None of the others.
    pub const UNCLASSIFIED: Self = Self(1000);
    /// The peer ended the TLS session with an alert.
    pub const TLS_ALERT: Self = Self(1010);
    /// The URL cannot be parsed.
    pub const INVALID_URL: Self = Self(1020);
    /// The time for the call is over.
    pub const TIMEOUT: Self = Self(1050);
    /// Name resolution failed in another way than [`Self::NO_SUCH_HOST`].
    pub const DNS: Self = Self(1100);
    /// The name does not exist.
    pub const NO_SUCH_HOST: Self = Self(1101);
    /// The address is among those that must not be connected to.
    pub const BLACKLISTED_IP: Self = Self(1110);
    /// The name is among those that must not be connected to.
    pub const BLOCKED_HOSTNAME: Self = Self(1111);
    /// The peer closed a connection that was being written to.
    pub const BROKEN_PIPE: Self = Self(1201);
    /// The operating system reported something else on an established connection.
    pub const TCP_ERRNO: Self = Self(1202);
    /// Connecting failed, and the operating system gave no number.
    pub const DIAL: Self = Self(1210);
    /// Connecting took longer than 30 s.
    pub const DIAL_TIMEOUT: Self = Self(1211);
    /// Nobody listens.
    pub const CONNECTION_REFUSED: Self = Self(1212);
    /// Connecting failed with another number of the operating system.
    pub const DIAL_ERRNO: Self = Self(1213);
    /// The peer reset the connection.
    pub const CONNECTION_RESET: Self = Self(1220);
    /// The peer does not speak TLS.
    pub const NOT_TLS: Self = Self(1301);
    /// The certificate was issued by nobody who is trusted.
    pub const UNKNOWN_AUTHORITY: Self = Self(1310);
    /// The certificate is for another host.
    pub const HOSTNAME_MISMATCH: Self = Self(1311);

    /// The code of an answer with `status`, if that is 400 or more.
    pub fn of_status(status: u16) -> Option<Self> {
        (status >= 400).then(|| Self(1000 + status))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
