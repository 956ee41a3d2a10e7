//! What the two arrival-rate executors have in common: VUs, of which the clock takes a free one.

use std::time::Duration;

use super::{
    checks::Checks,
    position::{Meter, Moment, Position, spent_of, time_fraction},
    schedule::Schedule,
    segment::Share,
    work::{Arrivals, Work},
};
use crate::options::scenario::ScenarioOptions;

/// The VUs that run iterations which the clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivalVus {
    /// VUs at the start.
    pub pre_allocated: u64,
    /// Most VUs there may be.
    pub max: u64,
}

impl ArrivalVus {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        match options.pre_allocated_vus {
            None => checks.problem("the number of preAllocatedVUs isn't specified"),
            Some(..0) => checks.problem("the number of preAllocatedVUs can't be negative"),
            Some(0..) => {}
        }
        let pre_allocated = options.pre_allocated_vus.unwrap_or(0);
        let max = options.max_vus.unwrap_or(pre_allocated);
        checks.require(max >= pre_allocated, "maxVUs can't be less than preAllocatedVUs");
        Self {
            pre_allocated: pre_allocated.unsigned_abs(),
            max: checks.limit_vus("number of maxVUs", max),
        }
    }

    /// This instance's.
    pub(super) fn scaled(self, share: &Share) -> Self {
        Self { pre_allocated: share.scale(self.pre_allocated), max: share.scale(self.max) }
    }

    /// The share by which iterations are dealt out: in proportion to the VUs of each instance.
    /// None if this one has no VU.
    pub(super) fn share(self, share: &Share) -> Option<Share> {
        share.refit(self.max).ok()
    }

    /// `maxVUs: 2-15`
    pub(super) fn fact(self, share: &Share) -> String {
        let Self { pre_allocated, max } = self.scaled(share);
        match max > pre_allocated {
            true => format!("maxVUs: {pre_allocated}-{max}"),
            false => format!("maxVUs: {pre_allocated}"),
        }
    }

    pub(super) fn work(
        self,
        share: &Share,
        schedule: Schedule,
        duration: Duration,
        graceful_stop: Duration,
    ) -> Work {
        let Self { pre_allocated, max } = self.scaled(share);
        Work::Arrivals(Arrivals {
            schedule,
            pre_allocated_vus: pre_allocated,
            max_vus: max,
            duration,
            cut: duration + graceful_stop,
        })
    }

    /// Tells how far it is, and what the rate is at a time.
    pub(super) fn meter(
        self,
        share: &Share,
        duration: Duration,
        rate: impl Fn(Duration) -> String + Send + Sync + 'static,
    ) -> Meter {
        let width = self.scaled(share).max.to_string().len();
        Meter::new(move |Moment { elapsed, active_vus, initialized_vus, .. }| Position {
            fraction: time_fraction(elapsed, duration),
            columns: vec![
                format!("{active_vus:0width$}/{initialized_vus:0width$} VUs"),
                spent_of(elapsed, duration),
                format!("{} iters/s", rate(elapsed)),
            ],
        })
    }
}

/// A rate of `rate` in each `time_unit`, as a rate in each second.
pub(super) fn per_second(rate: u64, time_unit: Duration) -> f64 {
    rate as f64 * 1e9 / time_unit.as_nanos() as f64
}
