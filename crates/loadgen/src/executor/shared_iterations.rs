//! `shared-iterations`: a fixed number of iterations, taken by whichever VU is free.

use std::time::Duration;

use super::{
    Budget, Rules,
    checks::Checks,
    position::{Meter, Position, always_spent_of, fraction, padded_of},
    schedule::Spacing,
    segment::Share,
    work::{Loops, Work},
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `shared-iterations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedIterations {
    /// VUs.
    pub vus: u64,
    /// Iterations, all VUs together.
    pub iterations: u64,
    /// When no more iterations start, even if some are left.
    pub max_duration: Duration,
}

impl SharedIterations {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        let (vus, iterations) = (options.vus.unwrap_or(1), options.iterations.unwrap_or(1));
        let checked_vus = checks.some_vus(vus);
        if iterations < vus {
            checks.problem(format!(
                "the number of iterations ({iterations}) can't be less than the number of VUs ({vus})"
            ));
        }
        Self {
            vus: checked_vus,
            iterations: iterations.unsigned_abs(),
            max_duration: checks.max_duration(options.max_duration),
        }
    }

    /// This instance's iterations: in proportion to the VUs that it has.
    fn own_iterations(&self, share: &Share) -> u64 {
        // A share that has no VU cannot be fitted to them, and has nothing to do.
        share.refit(self.vus).map_or(0, |share| share.scale(self.iterations))
    }
}

impl Rules for SharedIterations {
    fn summary(&self, share: &Share) -> String {
        let (iterations, vus) = (self.own_iterations(share), share.scale(self.vus));
        format!("{iterations} iterations shared among {vus} VUs")
    }

    fn fact(&self, _: &Share) -> Option<String> {
        Some(format!("maxDuration: {}", GoDuration(self.max_duration)))
    }

    fn work(&self, share: &Share, graceful_stop: Duration, _: Spacing) -> Work {
        let budget = Budget::Shared(self.own_iterations(share));
        let vus = share.scale(self.vus);
        Work::Loops(Loops::steady(vus, self.max_duration, graceful_stop, budget))
    }

    fn numbering(&self, share: &Share) -> Share {
        share.refit(self.vus).unwrap_or_else(|_| share.clone())
    }

    fn meter(&self, share: &Share) -> Meter {
        let (vus, limit) = (share.scale(self.vus), self.max_duration);
        let total = self.own_iterations(share);
        Meter::new(move |moment| Position {
            fraction: fraction(moment.complete, total),
            columns: vec![
                format!("{vus} VUs"),
                always_spent_of(moment.elapsed, limit),
                format!("{} shared iters", padded_of(moment.complete, total)),
            ],
        })
    }
}
