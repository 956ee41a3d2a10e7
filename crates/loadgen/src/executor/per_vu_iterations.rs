//! `per-vu-iterations`: a fixed number of iterations for each VU.

use std::time::Duration;

use super::{Budget, Looping, Position, duration_problem, share, spent_of, vus_problem};

/// Options of `per-vu-iterations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerVuIterations {
    /// VUs.
    pub vus: i64,
    /// Iterations of each VU.
    pub iterations: i64,
    /// When no more iterations start, even if some are left.
    pub max_duration: Duration,
    /// How long those under way may then go on.
    pub graceful_stop: Duration,
}

impl PerVuIterations {
    pub(super) fn problems(&self) -> Vec<String> {
        let none = (self.iterations <= 0)
            .then(|| "the number of iterations must be more than 0".to_owned());
        let duration = duration_problem("maxDuration", self.max_duration);
        vus_problem(self.vus).into_iter().chain(none).chain(duration).collect()
    }

    pub(super) fn looping(&self) -> Looping {
        Looping {
            vus: self.vus.unsigned_abs(),
            duration: self.max_duration,
            graceful_stop: self.graceful_stop,
            budget: Budget::PerVu(self.iterations.unsigned_abs()),
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("{} iterations for each of {} VUs", self.iterations, self.vus)
    }

    pub(super) fn position(&self, elapsed: Duration, complete: u64) -> Position {
        let looping = self.looping();
        let total = looping.budget.total(looping.vus).unwrap_or(u64::MAX);
        let width = total.to_string().len();
        Position {
            fraction: share(complete as f64, total as f64),
            columns: vec![
                format!("{} VUs", self.vus),
                spent_of(elapsed, self.max_duration),
                format!("{complete:0width$}/{total} iters, {} per VU", self.iterations),
            ],
        }
    }
}
