//! `per-vu-iterations`: a fixed number of iterations for each VU.

use std::time::Duration;

use super::{
    Budget, Rules,
    checks::Checks,
    position::{Meter, Position, fraction, padded_of, spent_of},
    schedule::Spacing,
    segment::Share,
    work::{Loops, Work},
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `per-vu-iterations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerVuIterations {
    /// VUs.
    pub vus: u64,
    /// Iterations of each VU.
    pub iterations: u64,
    /// When no more iterations start, even if some are left.
    pub max_duration: Duration,
}

impl PerVuIterations {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        let vus = checks.some_vus(options.vus.unwrap_or(1));
        let iterations = options.iterations.unwrap_or(1);
        checks.require(iterations > 0, "the number of iterations must be more than 0");
        Self {
            vus,
            iterations: iterations.unsigned_abs(),
            max_duration: checks.max_duration(options.max_duration),
        }
    }
}

impl Rules for PerVuIterations {
    fn summary(&self, share: &Share) -> String {
        format!("{} iterations for each of {} VUs", self.iterations, share.scale(self.vus))
    }

    fn fact(&self, _: &Share) -> Option<String> {
        Some(format!("maxDuration: {}", GoDuration(self.max_duration)))
    }

    fn work(&self, share: &Share, graceful_stop: Duration, _: Spacing) -> Work {
        let budget = Budget::PerVu(self.iterations);
        let vus = share.scale(self.vus);
        Work::Loops(Loops::steady(vus, self.max_duration, graceful_stop, budget))
    }

    fn meter(&self, share: &Share) -> Meter {
        let (vus, each, limit) = (share.scale(self.vus), self.iterations, self.max_duration);
        let total = each.saturating_mul(vus);
        Meter::new(move |moment| Position {
            fraction: fraction(moment.complete, total),
            columns: vec![
                format!("{vus} VUs"),
                spent_of(moment.elapsed, limit),
                format!("{} iters, {each} per VU", padded_of(moment.complete, total)),
            ],
        })
    }
}
