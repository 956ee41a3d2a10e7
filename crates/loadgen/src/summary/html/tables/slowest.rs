//! The slowest requests, each with where its time went.

use super::{requests::answer, sort_key};
use crate::summary::{
    html::units,
    model::{Extras, SlowRequest},
};

pub(in crate::summary) struct SlowTable<'a> {
    pub(in crate::summary) rows: Vec<SlowRow<'a>>,
}

pub(in crate::summary) struct SlowRow<'a> {
    pub(in crate::summary) request: &'a SlowRequest,
    pub(in crate::summary) answer: String,
    pub(in crate::summary) at: Time,
    pub(in crate::summary) duration: Time,
    pub(in crate::summary) parts: Vec<Part>,
}

/// A time as it is shown, and what to sort by.
pub(in crate::summary) struct Time {
    pub(in crate::summary) text: String,
    pub(in crate::summary) sort: String,
}

/// One of the parts of a request's time.
pub(in crate::summary) struct Part {
    pub(in crate::summary) time: Time,
    /// The class of its piece in the bar.
    pub(in crate::summary) class: &'static str,
    /// Where its piece begins, and how long it is, percent of the longest row.
    pub(in crate::summary) start: f64,
    pub(in crate::summary) width: f64,
}

/// `None` if there are none, and in files that do not tell.
pub(in crate::summary) fn slowest(extras: &Extras) -> Option<SlowTable<'_>> {
    let whole = |request: &SlowRequest| parts(request).iter().map(|(_, ms)| ms).sum::<f64>();
    let longest = extras.slowest.iter().map(whole).fold(0.0, f64::max);
    let rows: Vec<_> = extras.slowest.iter().map(|request| row(request, longest)).collect();
    (!rows.is_empty()).then_some(SlowTable { rows })
}

fn row(request: &SlowRequest, longest: f64) -> SlowRow<'_> {
    let mut end = 0.0;
    let percent = |ms: f64| if longest > 0.0 { (ms / longest * 100.0).max(0.0) } else { 0.0 };
    let parts = parts(request).map(|(class, milliseconds)| {
        let (start, width) = (end, percent(milliseconds));
        end += width;
        Part { time: span(milliseconds), class, start, width }
    });
    SlowRow {
        request,
        answer: answer(request.status, &request.error),
        at: Time { text: units::clock(request.at), sort: sort_key(request.at) },
        duration: span(request.duration),
        parts: parts.into(),
    }
}

fn span(milliseconds: f64) -> Time {
    Time { text: units::duration(milliseconds), sort: sort_key(milliseconds) }
}

/// What the time was spent on, in order. What is left of the wait for a connection is the rest.
fn parts(request: &SlowRequest) -> [(&'static str, f64); 6] {
    let SlowRequest { blocked, connecting, tls_handshaking, sending, waiting, receiving, .. } =
        *request;
    [
        ("blocked", (blocked - connecting - tls_handshaking).max(0.0)),
        ("connecting", connecting),
        ("tls", tls_handshaking),
        ("sending", sending),
        ("waiting", waiting),
        ("receiving", receiving),
    ]
}
