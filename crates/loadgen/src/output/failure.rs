//! Why something that was sent did not arrive, and when it is worth another try.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822};

/// Characters of an answer that are quoted.
pub(crate) const QUOTED: usize = 200;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the summary says of it, in a few words.
    pub reason: String,
    /// Whether it is no use to send it again.
    pub is_final: bool,
    /// How long the server asks to be left alone; zero if it does not.
    pub pause: Duration,
}

impl Failure {
    /// One that may pass.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_final: false, pause: Duration::ZERO }
    }

    /// One that will be the same next time.
    pub fn lasting(reason: impl Into<String>) -> Self {
        Self { is_final: true, ..Self::passing(reason) }
    }

    /// An answer whose status is none of success. It may pass if it is the server's own failure
    /// (5xx), and if it says so (408 and 429).
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let line = first_line(body);
        let said = if line.is_empty() { line } else { format!(": {line}") };
        let status = status.as_u16();
        Self {
            reason: format!("the server answered with status {status}{said}"),
            is_final: status < 500 && !matches!(status, 408 | 429),
            pause: retry_after(headers).unwrap_or_default(),
        }
    }
}

/// The first line of an answer that is to be quoted, or the beginning of it.
pub(crate) fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim().lines().next().unwrap_or_default().chars().take(QUOTED).collect()
}

/// What `Retry-After` says: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(text).ok()?.timestamp();
    date.duration_since(Timestamp::now()).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: &str, body: &str) -> Failure {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, retry_after.parse().expect("a value"))]);
        let status = StatusCode::from_u16(status).expect("a status");
        Failure::of_answer(status, &headers, body.as_bytes())
    }

    #[test]
    fn an_answer_tells_what_is_wrong_and_whether_it_may_pass() {
        let is_final = |status| answer(status, "", "").is_final;
        assert_eq!(
            [400, 404, 408, 429, 500, 503].map(is_final),
            [true, true, false, false, false, false]
        );
        let long = format!("\n no\u{e9} \nmore{}", "x".repeat(1_000));
        assert_eq!(answer(400, "", &long).reason, "the server answered with status 400: no\u{e9} ");
        assert_eq!(answer(500, "", "").reason, "the server answered with status 500");
        assert!(answer(500, "", &"x".repeat(1_000)).reason.len() < 250);
    }

    #[test]
    fn a_server_may_ask_to_be_left_alone() {
        let pause = |text: &str| answer(429, text, "").pause;
        assert_eq!(pause("7"), Duration::from_secs(7));
        let date = Timestamp::now() + Duration::from_secs(100);
        let pause_until_date = pause(&date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        assert!((50..=100).contains(&pause_until_date.as_secs()), "{pause_until_date:?}");
        for nothing in
            ["", "-1", "soon", "Sun, 06 Nov 1994 08:49:37 GMT", "99999999999999999999999"]
        {
            assert_eq!(pause(nothing), Duration::ZERO, "{nothing}");
        }
    }
}
