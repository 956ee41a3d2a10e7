//! A rate over time, and when the area under it reaches a size.

use std::{sync::Arc, time::Duration};

use crate::executor::checks::Stage;

/// A rate over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    /// The same all the time.
    Constant {
        /// Between two iterations, in whole nanoseconds.
        period: u64,
        /// The same, exactly.
        exact_period: f64,
        duration: Duration,
    },
    /// From rate to rate.
    Ramps(Arc<[Ramp]>),
}

/// A stretch in which the rate changes evenly. Rates are iterations in each nanosecond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ramp {
    from: f64,
    to: f64,
    start: Duration,
    /// In nanoseconds.
    duration: f64,
    /// The area before it.
    before: f64,
    /// The area at its end.
    after: f64,
}

impl Curve {
    pub(super) fn constant(rate: u64, time_unit: Duration, duration: Duration) -> Self {
        let exact_period = time_unit.as_nanos() as f64 / rate as f64;
        Self::Constant { period: exact_period as u64, exact_period, duration }
    }

    pub(super) fn ramping(start_rate: u64, time_unit: Duration, stages: &[Stage]) -> Self {
        let time_unit = time_unit.as_nanos() as f64;
        let (mut from, mut start, mut before) =
            (start_rate as f64 / time_unit, Duration::ZERO, 0.0);
        let ramps = stages.iter().map(|stage| {
            let (to, duration) =
                (stage.target as f64 / time_unit, stage.duration.as_nanos() as f64);
            let mean = if from == to { to } else { (to - from) / 2.0 + from };
            let after = before + duration * mean;
            let ramp = Ramp { from, to, start, duration, before, after };
            (from, start, before) = (to, start + stage.duration, after);
            ramp
        });
        Self::Ramps(ramps.collect())
    }

    /// When the iteration is due that has `number` before it, when they are evenly spaced: at a
    /// constant rate the first at once, and else when the area is that of one iteration.
    pub(super) fn even(&self, number: u64) -> Option<Duration> {
        match self {
            Self::Constant { period, duration, .. } => {
                let due = u128::from(*period) * u128::from(number);
                (due <= duration.as_nanos()).then(|| Duration::from_nanos_u128(due))
            }
            Self::Ramps(_) => self.at((number + 1) as f64),
        }
    }

    /// When the area is this large.
    pub(super) fn at(&self, area: f64) -> Option<Duration> {
        match self {
            Self::Constant { exact_period, duration, .. } => {
                let due = Duration::from_nanos((area * exact_period) as u64);
                (due <= *duration).then_some(due)
            }
            Self::Ramps(ramps) => {
                let ramp = ramps.partition_point(|ramp| ramp.after < area);
                ramps.get(ramp).map(|ramp| ramp.at(area))
            }
        }
    }

    /// How many evenly spaced iterations were due by `elapsed`.
    pub(super) fn started(&self, elapsed: Duration) -> u64 {
        match self {
            Self::Constant { period, duration, .. } => {
                let elapsed = elapsed.min(*duration);
                (elapsed.as_nanos() / u128::from(*period) + 1) as u64
            }
            Self::Ramps(ramps) => {
                let ramp = ramps.partition_point(|ramp| ramp.start <= elapsed);
                let area = ramp.checked_sub(1).map_or(0.0, |ramp| ramps[ramp].area(elapsed));
                area as u64
            }
        }
    }
}

impl Ramp {
    /// When the area is this large. k6's terms in k6's order, so that the result is the same bit
    /// by bit: the solution of `from * x + (to - from) / duration * x^2 / 2 = area - before`.
    fn at(&self, area: f64) -> Duration {
        let Self { from, to, duration, before, .. } = *self;
        let x = if from == to {
            (area - before) / to
        } else {
            let square = duration * (from * from * duration + 2.0 * (area - before) * (to - from));
            // Rounding may take it below 0 where the rate falls to 0.
            let root = if square > 0.0 { square.sqrt() } else { 0.0 };
            (from * duration - root) / (from - to)
        };
        self.start + Duration::from_nanos(x as u64)
    }

    /// The area at a time that is not before its start.
    fn area(&self, at: Duration) -> f64 {
        let x = (at.saturating_sub(self.start).as_nanos() as f64).min(self.duration);
        let rise =
            if x > 0.0 { (self.to - self.from) * x * x / (2.0 * self.duration) } else { 0.0 };
        (self.before + self.from * x + rise).min(self.after)
    }
}
