//! `constant-vus`: a fixed number of VUs loop for a fixed time.

use std::time::Duration;

use super::{Budget, Looping, Position, duration_problem, share, spent_of, vus_problem};
use crate::options::duration::GoDuration;

/// Options of `constant-vus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstantVus {
    /// VUs.
    pub vus: i64,
    /// How long new iterations start.
    pub duration: Duration,
    /// How long those under way may then go on.
    pub graceful_stop: Duration,
}

impl ConstantVus {
    pub(super) fn problems(&self) -> Vec<String> {
        vus_problem(self.vus)
            .into_iter()
            .chain(duration_problem("duration", self.duration))
            .collect()
    }

    pub(super) fn looping(&self) -> Looping {
        Looping {
            vus: self.vus.unsigned_abs(),
            duration: self.duration,
            graceful_stop: self.graceful_stop,
            budget: Budget::Unlimited,
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("{} looping VUs for {}", self.vus, GoDuration(self.duration))
    }

    pub(super) fn position(&self, elapsed: Duration) -> Position {
        Position {
            fraction: share(elapsed.as_secs_f64(), self.duration.as_secs_f64()),
            columns: vec![format!("{} VUs", self.vus), spent_of(elapsed, self.duration)],
        }
    }
}
