//! What requests there were, and which of them were the slowest.

use crate::{
    engine::Outcome,
    metrics::{
        self, MetricId, TICKS_PER_UNIT, TagSet,
        builtin::{
            HTTP_REQ_BLOCKED, HTTP_REQ_CONNECTING, HTTP_REQ_DURATION, HTTP_REQ_RECEIVING,
            HTTP_REQ_SENDING, HTTP_REQ_TLS_HANDSHAKING, HTTP_REQ_WAITING,
        },
    },
    summary::model::{RequestCount, SlowRequest},
};

/// Kinds of answers, the most frequent first.
pub(super) fn counts(outcome: &Outcome) -> Vec<RequestCount> {
    let mut requests: Vec<_> =
        outcome.total.requests.iter().map(|(tags, &number)| count(tags, number)).collect();
    requests.sort_by(|a, b| (b.count, &a.name, a.status).cmp(&(a.count, &b.name, b.status)));
    requests
}

fn count(tags: &TagSet, count: u64) -> RequestCount {
    RequestCount {
        name: text(tags, "name"),
        method: text(tags, "method"),
        status: number(tags, "status"),
        proto: text(tags, "proto"),
        tls_version: text(tags, "tls_version"),
        error_code: number(tags, "error_code"),
        error: text(tags, "error"),
        expected_response: tags.get("expected_response") == Some("true"),
        count,
    }
}

/// The slowest, slowest first.
pub(super) fn slowest(outcome: &Outcome) -> Vec<SlowRequest> {
    let Some(started) = outcome.started else { return Vec::new() };
    let slow = |request: &metrics::SlowRequest| {
        // As a trend has it, so that the slowest of all is its maximum to the last digit.
        let time = |metric: MetricId| request.time(metric).as_nanos() as f64 / TICKS_PER_UNIT;
        SlowRequest {
            name: text(&request.tags, "name"),
            method: text(&request.tags, "method"),
            status: number(&request.tags, "status"),
            error: text(&request.tags, "error"),
            at: request.ended.saturating_duration_since(started).as_secs_f64(),
            duration: time(HTTP_REQ_DURATION),
            blocked: time(HTTP_REQ_BLOCKED),
            connecting: time(HTTP_REQ_CONNECTING),
            tls_handshaking: time(HTTP_REQ_TLS_HANDSHAKING),
            sending: time(HTTP_REQ_SENDING),
            waiting: time(HTTP_REQ_WAITING),
            receiving: time(HTTP_REQ_RECEIVING),
        }
    };
    outcome.total.slowest.as_slice().iter().map(slow).collect()
}

fn text(tags: &TagSet, name: &str) -> String {
    tags.get(name).unwrap_or_default().to_owned()
}

fn number(tags: &TagSet, name: &str) -> u16 {
    tags.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}
