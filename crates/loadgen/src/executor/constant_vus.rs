//! `constant-vus`: a fixed number of VUs loop for a fixed time.

use std::time::Duration;

use super::{
    Budget, Rules,
    checks::Checks,
    position::{Meter, Position, spent_of, time_fraction},
    schedule::Spacing,
    segment::Share,
    work::{Loops, Work},
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `constant-vus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstantVus {
    /// VUs.
    pub vus: u64,
    /// How long new iterations start.
    pub duration: Duration,
}

impl ConstantVus {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        Self {
            vus: checks.some_vus(options.vus.unwrap_or(1)),
            duration: checks.duration(options.duration),
        }
    }
}

impl Rules for ConstantVus {
    fn summary(&self, share: &Share) -> String {
        format!("{} looping VUs for {}", share.scale(self.vus), GoDuration(self.duration))
    }

    fn work(&self, share: &Share, graceful_stop: Duration, _: Spacing) -> Work {
        let vus = share.scale(self.vus);
        Work::Loops(Loops::steady(vus, self.duration, graceful_stop, Budget::Unlimited))
    }

    fn meter(&self, share: &Share) -> Meter {
        let (vus, duration) = (share.scale(self.vus), self.duration);
        Meter::new(move |moment| Position {
            fraction: time_fraction(moment.elapsed, duration),
            columns: vec![format!("{vus} VUs"), spent_of(moment.elapsed, duration)],
        })
    }
}
