//! `shared-iterations`: a fixed number of iterations, taken by whichever VU is free.

use std::time::Duration;

use super::{Budget, Looping, Position, duration_problem, share, vus_problem};
use crate::options::duration::{GoDuration, fixed_width};

/// Options of `shared-iterations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedIterations {
    /// VUs.
    pub vus: i64,
    /// Iterations, all VUs together.
    pub iterations: i64,
    /// When no more iterations start, even if some are left.
    pub max_duration: Duration,
    /// How long those under way may then go on.
    pub graceful_stop: Duration,
}

impl SharedIterations {
    pub(super) fn problems(&self) -> Vec<String> {
        let too_few = (self.iterations < self.vus).then(|| {
            format!(
                "the number of iterations ({}) can't be less than the number of VUs ({})",
                self.iterations, self.vus
            )
        });
        let duration = duration_problem("maxDuration", self.max_duration);
        vus_problem(self.vus).into_iter().chain(too_few).chain(duration).collect()
    }

    pub(super) fn looping(&self) -> Looping {
        Looping {
            vus: self.vus.unsigned_abs(),
            duration: self.max_duration,
            graceful_stop: self.graceful_stop,
            budget: Budget::Shared(self.iterations.unsigned_abs()),
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("{} iterations shared among {} VUs", self.iterations, self.vus)
    }

    pub(super) fn position(&self, elapsed: Duration, complete: u64) -> Position {
        let total = self.iterations.to_string();
        let width = total.len();
        Position {
            fraction: share(complete as f64, self.iterations as f64),
            columns: vec![
                format!("{} VUs", self.vus),
                format!(
                    "{}/{}",
                    fixed_width(elapsed, self.max_duration),
                    GoDuration(self.max_duration)
                ),
                format!("{complete:0width$}/{total} shared iters"),
            ],
        }
    }
}
