//! From the errors of sockets, TLS and hyper to k6's codes and texts.

use std::{env::consts::OS, error::Error as StdError, fmt, io, iter::successors};

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::{Error, ErrorCode};

/// On a connection with HTTP/2, settings have arrived at least.
const HAS_SETTINGS: bool = true;

/// A failed operation on an established connection. It travels through TLS and hyper as the
/// cause of their errors, and is found there again.
#[derive(Debug)]
pub(super) struct SocketError {
    operation: &'static str,
    source: io::Error,
}

impl SocketError {
    pub(super) fn of(operation: &'static str, source: io::Error) -> io::Error {
        io::Error::new(source.kind(), Self { operation, source })
    }

    fn classify(&self) -> Error {
        let operation = self.operation;
        match (self.source.kind(), self.source.raw_os_error()) {
            (io::ErrorKind::TimedOut, _) => timeout(),
            (io::ErrorKind::BrokenPipe, _) => {
                error(ErrorCode::BROKEN_PIPE, format!("{operation}: broken pipe"))
            }
            (io::ErrorKind::ConnectionReset, _) => reset(operation),
            (_, Some(errno)) => error(
                ErrorCode::TCP_ERRNO,
                format!(
                    "{operation}: unknown errno `{errno}` on {OS} with message `{}`",
                    message(&self.source)
                ),
            ),
            _ => error(ErrorCode::UNCLASSIFIED, format!("{operation}: {}", self.source)),
        }
    }
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.classify().text)
    }
}

impl StdError for SocketError {}

/// The time for the call is over.
pub(super) fn timeout() -> Error {
    error(ErrorCode::TIMEOUT, "request timeout")
}

/// The 30 s for connecting are over.
pub(super) fn dial_timeout() -> Error {
    error(ErrorCode::DIAL_TIMEOUT, "dial: i/o timeout")
}

/// Resolving a name failed.
pub(super) fn lookup(failure: &io::Error) -> Error {
    // getaddrinfo's number is not handed on, only its text.
    const NO_SUCH_HOST: [&str; 3] =
        ["Name or service not known", "No address associated", "nodename nor servname"];
    let text = failure.to_string();
    if NO_SUCH_HOST.iter().any(|known| text.contains(known)) {
        error(ErrorCode::NO_SUCH_HOST, "lookup: no such host")
    } else {
        error(ErrorCode::DNS, format!("lookup: {text}"))
    }
}

/// The address must not be connected to.
pub(super) fn blacklisted_ip() -> Error {
    error(ErrorCode::BLACKLISTED_IP, "ip is blacklisted")
}

/// The name must not be connected to.
pub(super) fn blocked_hostname() -> Error {
    error(ErrorCode::BLOCKED_HOSTNAME, "hostname is blocked")
}

/// Connecting failed.
pub(super) fn dial(failure: &io::Error) -> Error {
    match (failure.kind(), failure.raw_os_error()) {
        (io::ErrorKind::TimedOut, _) => dial_timeout(),
        (io::ErrorKind::ConnectionRefused, _) => {
            error(ErrorCode::CONNECTION_REFUSED, "dial: connection refused")
        }
        (io::ErrorKind::ConnectionReset, _) => reset("dial"),
        (_, Some(errno)) => error(
            ErrorCode::DIAL_ERRNO,
            format!("dial: unknown errno {errno} error with msg `{}`", message(failure)),
        ),
        _ => error(ErrorCode::DIAL, format!("dial: {failure}")),
    }
}

/// The TLS handshake failed.
pub(super) fn handshake(failure: &io::Error) -> Error {
    connection(failure, false)
}

/// Setting up the trusted certificates failed.
pub(super) fn trust(failure: &TlsError) -> Error {
    error(ErrorCode::UNCLASSIFIED, format!("tls: {failure}"))
}

/// The connection was closed before the answer was whole; some of it had arrived if `answered`.
pub(super) fn eof(answered: bool) -> Error {
    error(ErrorCode::UNCLASSIFIED, if answered { "unexpected EOF" } else { "EOF" })
}

/// A request failed over HTTP/2.
pub(super) fn request(failure: &hyper::Error) -> Error {
    for cause in causes(failure) {
        if let Some(http2) = cause.downcast_ref::<h2::Error>() {
            return from_http2(http2);
        }
        if let Some(failure) = cause.downcast_ref::<io::Error>() {
            return connection(failure, HAS_SETTINGS);
        }
    }
    // A connection that closes under a request not yet written cancels it.
    if failure.is_incomplete_message() || failure.is_canceled() {
        return eof(HAS_SETTINGS);
    }
    let texts: Vec<_> = causes(failure).map(ToString::to_string).collect();
    error(ErrorCode::UNCLASSIFIED, texts.join(": "))
}

/// Whether an HTTP/2 server said goodbye without having looked at the request, or refused to.
pub(super) fn is_unprocessed(failure: &hyper::Error) -> bool {
    causes(failure).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|http2| {
        let reason = http2.reason();
        http2.is_remote()
            && (http2.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
                || http2.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM))
    })
}

fn causes<'a>(
    failure: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(failure), |failure| (*failure).source())
}

/// Reading or writing failed on an established connection. Some of an answer had arrived if
/// `answered`.
pub(super) fn connection(failure: &io::Error, answered: bool) -> Error {
    let inner = failure.get_ref().map(|inner| inner as &(dyn StdError + 'static));
    if let Some(socket) = inner.and_then(|inner| inner.downcast_ref::<SocketError>()) {
        return socket.classify();
    }
    if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return from_tls(tls);
    }
    let text = failure.to_string();
    match failure.kind() {
        // Of a `SocketError`, no more than kind and text come through h2.
        io::ErrorKind::ConnectionReset => error(ErrorCode::CONNECTION_RESET, text),
        io::ErrorKind::BrokenPipe if text.starts_with("write") => {
            error(ErrorCode::BROKEN_PIPE, text)
        }
        // The latter is h2's own, when the peer closed the connection.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => eof(answered),
        _ => error(ErrorCode::UNCLASSIFIED, text),
    }
}

fn from_tls(failure: &TlsError) -> Error {
    match failure {
        TlsError::InvalidMessage(_) => {
            error(ErrorCode::NOT_TLS, "tls: first record does not look like a TLS handshake")
        }
        TlsError::AlertReceived(alert) => {
            error(ErrorCode::TLS_ALERT, format!("remote error: tls: {}", alert_text(*alert)))
        }
        // The latter two: someone of the issuer's name is trusted, but signed something else.
        TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => error(ErrorCode::UNKNOWN_AUTHORITY, "x509: unknown authority"),
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => error(ErrorCode::HOSTNAME_MISMATCH, "x509: certificate doesn't match hostname"),
        // Without the times, which would make each text one of its kind.
        TlsError::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => error(ErrorCode::UNCLASSIFIED, "x509: certificate has expired or is not yet valid"),
        _ => error(ErrorCode::UNCLASSIFIED, format!("tls: {failure}")),
    }
}

/// `ProtocolVersion` as Go says it, and the others as they are called: `handshake failure`.
fn alert_text(alert: AlertDescription) -> String {
    if alert == AlertDescription::ProtocolVersion {
        return "protocol version not supported".into();
    }
    let mut words = String::new();
    for letter in format!("{alert:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn from_http2(failure: &h2::Error) -> Error {
    if let Some(failure) = failure.get_io() {
        return connection(failure, HAS_SETTINGS);
    }
    let (unknown, what) = if failure.is_reset() {
        (1630, "stream error")
    } else if failure.is_go_away() && failure.is_remote() {
        (1610, "received GoAway")
    } else if failure.reason().is_some() {
        (1650, "connection error")
    } else {
        return error(ErrorCode::UNCLASSIFIED, format!("http2: {failure}"));
    };
    let reason = failure.reason().unwrap_or(h2::Reason::INTERNAL_ERROR);
    // The codes of RFC 9113 are 0 to 13.
    let code = u16::try_from(u32::from(reason)).ok().filter(|code| *code <= 13);
    let name = match code {
        Some(_) => format!("{reason:?}"),
        None => format!("unknown error code 0x{:x}", u32::from(reason)),
    };
    let code = ErrorCode(code.map_or(unknown, |code| unknown + 1 + code));
    error(code, format!("http2: {what} with http2 ErrCode {name}"))
}

fn reset(operation: &str) -> Error {
    error(ErrorCode::CONNECTION_RESET, format!("{operation}: connection reset by peer"))
}

/// The operating system's message in Go's form: lower case, without the number.
fn message(failure: &io::Error) -> String {
    let text = failure.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn error(code: ErrorCode, text: impl Into<String>) -> Error {
    Error { code, text: text.into() }
}
