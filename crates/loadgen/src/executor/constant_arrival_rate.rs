//! `constant-arrival-rate`: iterations start at a fixed rate, on whichever VU is free.

use std::time::Duration;

use super::{
    Rules,
    arrivals::{ArrivalVus, per_second},
    checks::Checks,
    position::Meter,
    schedule::{Schedule, Spacing},
    segment::Share,
    work::Work,
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `constant-arrival-rate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstantArrivalRate {
    /// Iterations that start in each time unit.
    pub rate: u64,
    /// What the rate is counted for.
    pub time_unit: Duration,
    /// How long iterations start.
    pub duration: Duration,
    /// The VUs that run them.
    pub vus: ArrivalVus,
}

impl ConstantArrivalRate {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        match options.rate {
            None => checks.problem("the iteration rate isn't specified"),
            Some(..=0) => checks.problem("the iteration rate must be more than 0"),
            Some(1..) => {}
        }
        let time_unit = checks.time_unit(options.time_unit);
        Self {
            rate: checks.limit_rate("the iteration rate", options.rate.unwrap_or(0), time_unit),
            time_unit,
            duration: checks.duration(options.duration),
            vus: ArrivalVus::new(options, checks),
        }
    }
}

impl Rules for ConstantArrivalRate {
    fn summary(&self, share: &Share) -> String {
        // In proportion to the VUs, as the iterations themselves.
        let own = match self.vus.max {
            0 => 0.0,
            max => self.vus.scaled(share).max as f64 / max as f64,
        };
        let rate = per_second(self.rate, self.time_unit) * own;
        format!("{rate:.2} iterations/s for {}", GoDuration(self.duration))
    }

    fn fact(&self, share: &Share) -> Option<String> {
        Some(self.vus.fact(share))
    }

    fn work(&self, share: &Share, graceful_stop: Duration, spacing: Spacing) -> Work {
        let own = self.vus.share(share);
        let schedule = Schedule::constant(self.rate, self.time_unit, self.duration, own, spacing);
        self.vus.work(share, schedule, self.duration, graceful_stop)
    }

    fn numbering(&self, share: &Share) -> Share {
        self.vus.share(share).unwrap_or_else(|| share.clone())
    }

    fn meter(&self, share: &Share) -> Meter {
        let rate = per_second(self.rate, self.time_unit) * share.fraction();
        self.vus.meter(share, self.duration, move |_| format!("{rate:.2}"))
    }
}
