//! How far a scenario is, in its executor's words.

use std::{fmt, time::Duration};

use crate::options::duration::{GoDuration, fixed_width};

/// What is known of a running scenario.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Time since its start; once it has ended, how long it took.
    pub elapsed: Duration,
    /// Iterations that ran to their end.
    pub complete: u64,
    /// VUs that work: those inside an iteration where the clock starts iterations, and elsewhere
    /// those that have not been given back.
    pub active_vus: u64,
    /// VUs that it has.
    pub initialized_vus: u64,
}

/// How far a scenario is.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// 0 to 1.
    pub fraction: f64,
    /// The columns to the right of the progress bar.
    pub columns: Vec<String>,
}

impl Position {
    /// That of a scenario which will start in `remaining`, `start_time` after the first one.
    pub fn waiting(remaining: Duration, start_time: Duration) -> Self {
        let columns = vec!["waiting".into(), fixed_width(remaining, start_time)];
        Self { fraction: 0.0, columns }
    }
}

/// Tells how far a scenario is.
pub struct Meter(Box<dyn Fn(Moment) -> Position + Send + Sync>);

impl Meter {
    pub(super) fn new(read: impl Fn(Moment) -> Position + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }

    /// How far it is.
    pub fn read(&self, moment: Moment) -> Position {
        self.0(moment)
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

/// `done` of `total` as a fraction.
pub(super) fn fraction(done: u64, total: u64) -> f64 {
    if total == 0 { 1.0 } else { (done as f64 / total as f64).min(1.0) }
}

/// `spent` of `limit` as a fraction.
pub(super) fn time_fraction(spent: Duration, limit: Duration) -> f64 {
    if limit.is_zero() { 1.0 } else { spent.div_duration_f64(limit).min(1.0) }
}

/// `spent/limit`, or the limit alone once it is past.
pub(super) fn spent_of(spent: Duration, limit: Duration) -> String {
    match spent > limit {
        true => GoDuration(limit).to_string(),
        false => always_spent_of(spent, limit),
    }
}

/// `spent/limit`.
pub(super) fn always_spent_of(spent: Duration, limit: Duration) -> String {
    format!("{}/{}", fixed_width(spent, limit), GoDuration(limit))
}

/// `done/total`, the former in as many places as the latter.
pub(super) fn padded_of(done: u64, total: u64) -> String {
    let width = total.to_string().len();
    format!("{done:0width$}/{total}")
}
