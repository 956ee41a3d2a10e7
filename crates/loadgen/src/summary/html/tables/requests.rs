//! Requests by name, method and answer.

use crate::summary::{
    html::units,
    model::{Extras, RequestCount},
};

/// The kinds of answer.
pub(in crate::summary) struct RequestTable<'a> {
    pub(in crate::summary) rows: Vec<RequestRow<'a>>,
    /// Of all requests.
    pub(in crate::summary) total: String,
    /// How many kinds there are beyond those shown, and how many requests they are.
    pub(in crate::summary) more: Option<(String, String)>,
}

/// Most kinds shown: a page of more is too long to read and too large to send.
const MAX_ROWS: usize = 1_000;

pub(in crate::summary) struct RequestRow<'a> {
    pub(in crate::summary) request: &'a RequestCount,
    /// The status or, without an answer, the error.
    pub(in crate::summary) answer: String,
    pub(in crate::summary) count: String,
    pub(in crate::summary) share: String,
}

pub(in crate::summary) fn requests(extras: &Extras) -> Option<RequestTable<'_>> {
    let total: u64 = extras.requests.iter().map(|request| request.count).sum();
    let rows = extras.requests.iter().take(MAX_ROWS).map(|request| RequestRow {
        request,
        answer: answer(request.status, &request.error),
        count: units::number(request.count as f64),
        share: units::percent(request.count as f64 / total as f64),
    });
    let rows: Vec<_> = rows.collect();
    let number = |n: u64| units::number(n as f64);
    let more = extras.requests.get(MAX_ROWS..).filter(|more| !more.is_empty());
    let more = more.map(|more| {
        (number(more.len() as u64), number(more.iter().map(|request| request.count).sum()))
    });
    (!rows.is_empty()).then(|| RequestTable { rows, total: number(total), more })
}

/// The status or, without an answer, the error.
pub(super) fn answer(status: u16, error: &str) -> String {
    match (status, error) {
        (0, "") => "no answer".into(),
        (0, error) => error.into(),
        (status, "") => status.to_string(),
        (status, error) => format!("{status}, {error}"),
    }
}
