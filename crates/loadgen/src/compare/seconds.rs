//! The seconds of a run that are compared.
//!
//! Left out are warm-up, what ran before and after the load (setup and teardown), the first second
//! after all that, in which connections are made and caches filled, and the last one, which is not a
//! whole one.

use crate::summary::model::{Extras, Row as Second};

/// Those that count, oldest first. After an hour they are intervals of several seconds.
pub(super) fn counted(run: &Extras) -> impl Iterator<Item = &Second> {
    let start = load_begins(&run.rows) + run.warmup_seconds as f64;
    run.rows.iter().filter(move |second| second.at > start + 0.5 && is_whole(second)).skip(1)
}

/// How much the requests of a second vary: their standard deviation by their mean, without what
/// chance alone makes of independent arrivals.
pub(super) fn variation(run: &Extras) -> f64 {
    let seconds = || counted(run).map(|second| second.seconds);
    let rates = || counted(run).map(|second| second.http_reqs as f64 / second.seconds);
    let count = rates().count() as f64;
    let mean = rates().sum::<f64>() / count;
    let variance = rates().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (count - 1.0);
    // The variance of a Poisson count is its mean.
    let by_chance = mean / (seconds().sum::<f64>() / count);
    if mean > 0.0 { (variance - by_chance).max(0.0).sqrt() / mean } else { 0.0 }
}

/// When setup was over, in seconds since the start. Only setup makes a first row that is not whole
/// and has others behind it.
fn load_begins(rows: &[Second]) -> f64 {
    match rows {
        [first, _, ..] if !is_whole(first) => first.at,
        _ => 0.0,
    }
}

/// Whether it is one or more whole seconds, as the engine counts them.
fn is_whole(second: &Second) -> bool {
    second.seconds > 0.5 && (second.seconds - second.seconds.round()).abs() < 1e-6
}
