//! Passed or failed, and why.
//!
//! What ended the run early, or kept it from being a success by its own word, fails it. Else, if there
//! are thresholds, they alone decide, as for k6's exit code. If there are none, a failed check or a
//! failed request fails the run.

use super::{statistics::Statistics, units};
use crate::summary::model::{Check, Group, Metric, Summary};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::summary) enum State {
    /// It still goes on; what fails so far may hold in the end, and the other way round.
    Running,
    Passed,
    Failed,
    /// Neither a request nor an iteration ended.
    Empty,
}

pub(in crate::summary) struct Outcome {
    pub(in crate::summary) state: State,
    /// What made it fail, most telling first.
    pub(in crate::summary) reasons: Vec<Reason>,
    /// What else was looked at, as short phrases.
    pub(in crate::summary) notes: Vec<String>,
}

pub(in crate::summary) struct Reason {
    /// What kind of thing failed.
    pub(in crate::summary) kind: &'static str,
    /// Its name; for a check, after those of its groups.
    pub(in crate::summary) what: Vec<String>,
    /// The observed value.
    pub(in crate::summary) observed: String,
}

/// Failed checks named at the top; the table has them all.
const NAMED_CHECKS: usize = 5;

pub(in crate::summary) fn outcome(summary: &Summary, statistics: &Statistics<'_>) -> Outcome {
    let mut outcome = Outcome { state: State::Passed, reasons: Vec::new(), notes: Vec::new() };
    let error = summary.loadgen.as_ref().and_then(|extras| extras.error_besides_thresholds());
    outcome.reasons.extend(error.map(|error| Reason {
        kind: "Error",
        what: vec![error.into()],
        observed: String::new(),
    }));
    let judged = thresholds(summary, statistics, &mut outcome);
    checks(summary, judged, &mut outcome);
    requests(summary, judged, &mut outcome);
    let ended = |metric: &str| value(summary, metric, "count").unwrap_or(0.0);
    outcome.state = if summary.loadgen.as_ref().is_some_and(|extras| extras.running) {
        State::Running
    } else if !outcome.reasons.is_empty() {
        State::Failed
    } else if ended("http_reqs") + ended("iterations") == 0.0 {
        State::Empty
    } else {
        State::Passed
    };
    outcome
}

/// Whether there are any.
fn thresholds(summary: &Summary, statistics: &Statistics<'_>, outcome: &mut Outcome) -> bool {
    let rows = super::tables::thresholds(summary, statistics);
    for row in rows.iter().filter(|row| !row.ok) {
        outcome.reasons.push(Reason {
            kind: "Threshold crossed",
            what: vec![format!("{} {}", row.metric, row.expression)],
            observed: format!("observed {}", row.observed),
        });
    }
    match (rows.len(), rows.iter().filter(|row| row.ok).count()) {
        (0, _) => {}
        (1, 1) => outcome.notes.push("the threshold held".into()),
        (all, held) if all == held => outcome.notes.push(format!("all {all} thresholds held")),
        (all, held) => outcome.notes.push(format!("{held} of {all} thresholds held")),
    }
    !rows.is_empty()
}

fn checks(summary: &Summary, judged: bool, outcome: &mut Outcome) {
    let mut failed = Vec::new();
    let mut passes = 0;
    walk(&summary.root_group, &mut |group, check| {
        passes += check.passes;
        if check.fails > 0 {
            failed.push((group, check));
        }
    });
    let fails: u64 = failed.iter().map(|(_, check)| check.fails).sum();
    if fails == 0 {
        if passes > 0 {
            outcome.notes.push(format!("{} checks passed", units::number(passes as f64)));
        }
    } else if judged {
        outcome.notes.push(format!("{} checks failed", share(fails, passes + fails)));
    } else {
        for (group, check) in failed.iter().take(NAMED_CHECKS) {
            outcome.reasons.push(Reason {
                kind: "Check failed",
                what: trail(group).map(String::from).chain([check.name.clone()]).collect(),
                observed: share(check.fails, check.passes + check.fails),
            });
        }
        if let Some(more @ 1..) = failed.len().checked_sub(NAMED_CHECKS) {
            outcome.reasons.push(Reason {
                kind: "Check failed",
                what: vec![format!("{more} more, see the table of checks")],
                observed: String::new(),
            });
        }
    }
}

fn requests(summary: &Summary, judged: bool, outcome: &mut Outcome) {
    // k6 counts into `passes` the samples that are true, which here is the failed requests.
    let samples = |key| value(summary, "http_req_failed", key);
    let (Some(failed), Some(good)) = (samples("passes"), samples("fails")) else { return };
    let (failed, all) = (failed as u64, (failed + good) as u64);
    if all == 0 {
        return;
    }
    if failed == 0 {
        outcome.notes.push("no request failed".into());
    } else if judged {
        outcome.notes.push(format!("{} requests failed", share(failed, all)));
    } else {
        outcome.reasons.push(Reason {
            kind: "Requests failed",
            what: if failed == all { vec!["every one".into()] } else { Vec::new() },
            observed: share(failed, all),
        });
    }
}

fn value(summary: &Summary, metric: &str, key: &str) -> Option<f64> {
    summary.metrics.get(metric).and_then(|Metric { values, .. }| values.get(key)).copied()
}

/// `2 of 8 (25.00%)`.
pub(in crate::summary) fn share(part: u64, all: u64) -> String {
    let rate = units::percent(part as f64 / all as f64);
    format!("{} of {} ({rate})", units::number(part as f64), units::number(all as f64))
}

/// Every check with its group, parents first.
pub(in crate::summary) fn walk<'a>(group: &'a Group, visit: &mut impl FnMut(&'a Group, &'a Check)) {
    for check in &group.checks {
        visit(group, check);
    }
    for inner in &group.groups {
        walk(inner, visit);
    }
}

/// The names of a group and of those around it, outermost first.
pub(in crate::summary) fn trail(group: &Group) -> impl Iterator<Item = &str> {
    group.path.split("::").filter(|name| !name.is_empty())
}
