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
