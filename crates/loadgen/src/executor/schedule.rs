//! When iterations are due that the clock starts.
//!
//! A rate over time is a curve, and the area under it says how many iterations have started. The
//! n-th is due when the area reaches n, or, with the clock of a constant rate, n whole periods
//! after the start. Due times count from the start of the scenario and are worked out each by
//! itself, so that no error adds up. The arithmetic is k6's to the bit.
//!
//! With [`Spacing::Poisson`] the areas between iterations are not 1 but drawn at random, as they
//! are when many clients come independently of each other. Every instance draws the same numbers
//! and takes its own of the iterations, as without.

mod curve;
mod poisson;

use std::time::Duration;

use self::{curve::Curve, poisson::Areas};
use super::{checks::Stage, segment::Share};

/// What lies between one iteration and the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spacing {
    /// The time that the rate says.
    #[default]
    Even,
    /// A random time, exponentially distributed around the one that the rate says.
    Poisson {
        /// The same seed gives the same times.
        seed: u64,
    },
}

impl Spacing {
    /// The same for one scenario of several: each draws numbers of its own.
    pub(super) fn of_scenario(self, name: &str) -> Self {
        match self {
            Self::Even => Self::Even,
            // FNV-1a, begun with the seed: it must be the same for every instance and version.
            Self::Poisson { seed } => Self::Poisson {
                seed: name.bytes().fold(seed, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
                }),
            },
        }
    }
}

/// The due times of this instance's share of the iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    curve: Curve,
    /// None: nothing of it is this instance's.
    share: Option<Share>,
    spacing: Spacing,
}

impl Schedule {
    /// `rate` iterations in each `time_unit`.
    pub(super) fn constant(
        rate: u64,
        time_unit: Duration,
        duration: Duration,
        share: Option<Share>,
        spacing: Spacing,
    ) -> Self {
        Self { curve: Curve::constant(rate, time_unit, duration), share, spacing }
    }

    /// From `start_rate` iterations in each `time_unit` to the target of each stage in turn.
    pub(super) fn ramping(
        start_rate: u64,
        time_unit: Duration,
        stages: &[Stage],
        share: Option<Share>,
        spacing: Spacing,
    ) -> Self {
        Self { curve: Curve::ramping(start_rate, time_unit, stages), share, spacing }
    }

    /// When its iterations are due, in order; the last at the end of the duration at the latest.
    pub fn due_times(&self) -> DueTimes {
        let areas = match self.spacing {
            Spacing::Even => None,
            Spacing::Poisson { seed } => Some(Areas::new(seed)),
        };
        DueTimes { curve: self.curve.clone(), share: self.share.clone(), areas, rank: 0 }
    }

    /// Iterations in each second, as far apart as evenly spaced ones are around `elapsed`: that
    /// which was due last and that which is due next.
    pub fn rate_at(&self, elapsed: Duration) -> f64 {
        let Some(share) = &self.share else { return 0.0 };
        let due = |rank: u64| self.curve.even(share.global(rank));
        // Past the end there is no next one: the last two, then.
        let started = share.scale(self.curve.started(elapsed));
        let next = (0..=started).rev().find_map(|rank| Some((rank, due(rank)?)));
        let Some((rank, next)) = next else { return 0.0 };
        let last = rank.checked_sub(1).and_then(due).unwrap_or_default();
        if next > last { 1.0 / (next - last).as_secs_f64() } else { 0.0 }
    }
}

/// See [`Schedule::due_times`].
#[derive(Debug, Clone)]
pub struct DueTimes {
    curve: Curve,
    share: Option<Share>,
    areas: Option<Areas>,
    /// How many have been told.
    rank: u64,
}

impl Iterator for DueTimes {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let number = self.share.as_ref()?.global(self.rank);
        self.rank += 1;
        match &mut self.areas {
            None => self.curve.even(number),
            Some(areas) => self.curve.at(areas.before(number)),
        }
    }
}

#[cfg(test)]
mod tests;
