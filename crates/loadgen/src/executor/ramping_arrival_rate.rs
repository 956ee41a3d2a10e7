//! `ramping-arrival-rate`: iterations start at a rate that changes from stage to stage, on
//! whichever VU is free.

use std::time::Duration;

use super::{
    Rules,
    arrivals::{ArrivalVus, per_second},
    checks::{Checks, Stage, length, named, peak},
    position::Meter,
    schedule::{Schedule, Spacing},
    segment::Share,
    work::Work,
};
use crate::options::{duration::GoDuration, scenario::ScenarioOptions};

/// Options of `ramping-arrival-rate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RampingArrivalRate {
    /// Iterations that start in each time unit, at the start.
    pub start_rate: u64,
    /// What rates are counted for.
    pub time_unit: Duration,
    /// The stretches of the ramp.
    pub stages: Vec<Stage>,
    /// The VUs that run them.
    pub vus: ArrivalVus,
}

impl RampingArrivalRate {
    pub(super) fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        let start_rate = options.start_rate.unwrap_or(0);
        checks.require(start_rate >= 0, "the startRate value can't be negative");
        let time_unit = checks.time_unit(options.time_unit);
        let stages = options.stages.as_deref().unwrap_or_default();
        let checked = checks.stages(stages);
        for (number, stage) in (1..).zip(stages) {
            let name = format!("the target for stage {number}");
            checks.limit_rate(&name, stage.target.unwrap_or(0), time_unit);
        }
        Self {
            start_rate: checks.limit_rate("the startRate", start_rate, time_unit),
            time_unit,
            stages: checked,
            vus: ArrivalVus::new(options, checks),
        }
    }

    fn duration(&self) -> Duration {
        length(&self.stages)
    }

    /// This instance's part of the highest rate.
    fn peak(&self, share: &Share) -> f64 {
        per_second(peak(self.start_rate, &self.stages), self.time_unit) * share.fraction()
    }

    fn schedule(&self, share: &Share, spacing: Spacing) -> Schedule {
        let own = self.vus.share(share);
        Schedule::ramping(self.start_rate, self.time_unit, &self.stages, own, spacing)
    }
}

impl Rules for RampingArrivalRate {
    fn summary(&self, share: &Share) -> String {
        format!(
            "Up to {:.2} iterations/s for {} over {} stages",
            self.peak(share),
            GoDuration(self.duration()),
            self.stages.len()
        )
    }

    fn fact(&self, share: &Share) -> Option<String> {
        Some(self.vus.fact(share))
    }

    fn stages(&self, share: &Share) -> Vec<(String, Duration)> {
        named(self.start_rate, &self.stages, |rate| {
            let rate = per_second(rate, self.time_unit) * share.fraction();
            format!("{}/s", (rate * 100.0).round() / 100.0)
        })
    }

    fn work(&self, share: &Share, graceful_stop: Duration, spacing: Spacing) -> Work {
        self.vus.work(share, self.schedule(share, spacing), self.duration(), graceful_stop)
    }

    fn numbering(&self, share: &Share) -> Share {
        self.vus.share(share).unwrap_or_else(|| share.clone())
    }

    fn meter(&self, share: &Share) -> Meter {
        let schedule = self.schedule(share, Spacing::Even);
        let width = format!("{:.2}", self.peak(share)).len();
        self.vus.meter(share, self.duration(), move |elapsed| {
            format!("{:0width$.2}", schedule.rate_at(elapsed))
        })
    }
}
