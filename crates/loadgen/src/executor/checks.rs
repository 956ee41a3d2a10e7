//! Checks of options that several executors have, in k6's words, and the numbers that come of them.
//!
//! A check notes what is wrong and still gives a number, so that all problems are found in one go;
//! the numbers count for nothing once there is a problem.

use std::time::Duration;

use jiff::SignedDuration;

use crate::options::{
    duration::{GoDuration, SignedGoDuration},
    scenario::StageOptions,
};

/// k6's limit for ramps, here for all VUs.
pub const MAX_VUS: u64 = 100_000_000;

/// A hundred years: far from where adding to a clock overflows.
pub const MAX_TIME: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

const MIN_DURATION: SignedDuration = SignedDuration::from_secs(1);

/// All that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(", "))]
pub struct Problems(pub Vec<String>);

/// A stretch of a ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// How long it takes.
    pub duration: Duration,
    /// VUs, or iterations for each time unit, at its end.
    pub target: u64,
}

/// The stages by what each leads to, which `name` says.
pub(super) fn named(
    start: u64,
    stages: &[Stage],
    name: impl Fn(u64) -> String,
) -> Vec<(String, Duration)> {
    let before = std::iter::once(start).chain(stages.iter().map(|stage| stage.target));
    let named = before.zip(stages).map(|(before, stage)| {
        let target = name(stage.target);
        (if before == stage.target { target } else { format!("to {target}") }, stage.duration)
    });
    named.collect()
}

/// How long stages take together.
pub(super) fn length(stages: &[Stage]) -> Duration {
    stages.iter().map(|stage| stage.duration).sum()
}

/// The most of what a ramp begins with and of its targets.
pub(super) fn peak(start: u64, stages: &[Stage]) -> u64 {
    stages.iter().map(|stage| stage.target).fold(start, u64::max)
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<String>);

impl Checks {
    /// `value`, if there are no problems.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() { Ok(value) } else { Err(Problems(self.0)) }
    }

    pub(super) fn problem(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Notes `problem` unless the condition holds.
    pub(super) fn require(&mut self, holds: bool, problem: &str) {
        if !holds {
            self.problem(problem);
        }
    }

    /// VUs of which there must be some.
    pub(super) fn some_vus(&mut self, vus: i64) -> u64 {
        self.require(vus > 0, "the number of VUs must be more than 0");
        self.limit_vus("number of VUs", vus)
    }

    /// VUs, no more than can be.
    pub(super) fn limit_vus(&mut self, option: &str, vus: i64) -> u64 {
        let count = vus.unsigned_abs();
        if vus > 0 && count > MAX_VUS {
            self.problem(format!("the {option} is {vus}; allowed is {MAX_VUS} at most"));
        }
        count
    }

    /// How long iterations are started.
    pub(super) fn duration(&mut self, duration: Option<SignedDuration>) -> Duration {
        if duration.is_none() {
            self.problem("the duration is unspecified");
        }
        duration.map_or(Duration::ZERO, |duration| self.at_least_a_second("duration", duration))
    }

    /// When no more iterations start, even if some are left.
    pub(super) fn max_duration(&mut self, duration: Option<SignedDuration>) -> Duration {
        match duration {
            Some(duration) => self.at_least_a_second("maxDuration", duration),
            None => super::DEFAULT_MAX_DURATION,
        }
    }

    fn at_least_a_second(&mut self, option: &str, duration: SignedDuration) -> Duration {
        if duration < MIN_DURATION {
            self.problem(format!(
                "the {option} must be at least {}, but is {}",
                SignedGoDuration(MIN_DURATION),
                SignedGoDuration(duration)
            ));
        }
        self.limit_time(&format!("the {option}"), duration)
    }

    /// A time that must not be negative.
    pub(super) fn time(&mut self, name: &str, time: SignedDuration) -> Duration {
        if time.is_negative() {
            self.problem(format!("{name} can't be negative"));
        }
        self.limit_time(name, time)
    }

    /// A time, no more than can be.
    pub(super) fn limit_time(&mut self, name: &str, time: SignedDuration) -> Duration {
        let length = time.unsigned_abs();
        if time.is_positive() && length > MAX_TIME {
            self.problem(format!(
                "{name} is {}; allowed is {} at most",
                GoDuration(length),
                GoDuration(MAX_TIME)
            ));
        }
        length
    }

    /// What a rate is counted for.
    pub(super) fn time_unit(&mut self, unit: Option<SignedDuration>) -> Duration {
        let unit = unit.unwrap_or(SignedDuration::from_secs(1));
        self.require(unit.is_positive(), "the timeUnit must be more than 0");
        self.limit_time("the timeUnit", unit)
    }

    /// Iterations for each time unit, no more than a clock can tell apart.
    pub(super) fn limit_rate(&mut self, name: &str, rate: i64, time_unit: Duration) -> u64 {
        let count = rate.unsigned_abs();
        if rate > 0 && u128::from(count) > time_unit.as_nanos() && !time_unit.is_zero() {
            self.problem(format!(
                "{name} is {rate} in {}; allowed is one in a nanosecond at most",
                GoDuration(time_unit)
            ));
        }
        count
    }

    /// The stretches of a ramp, of which there must be some.
    pub(super) fn stages(&mut self, stages: &[StageOptions]) -> Vec<Stage> {
        self.require(!stages.is_empty(), "at least one stage has to be specified");
        let checked: Vec<_> =
            (1..).zip(stages).map(|(number, stage)| self.stage(number, *stage)).collect();
        let total = checked
            .iter()
            .try_fold(Duration::ZERO, |total, stage: &Stage| total.checked_add(stage.duration))
            .unwrap_or(Duration::MAX);
        let each = checked.iter().all(|stage| stage.duration <= MAX_TIME);
        if each && total > MAX_TIME {
            self.problem(format!(
                "the duration of all stages is {}; allowed is {} at most",
                GoDuration(total),
                GoDuration(MAX_TIME)
            ));
        }
        checked
    }

    fn stage(&mut self, number: usize, stage: StageOptions) -> Stage {
        let duration = match stage.duration {
            Some(duration) => self.time(&format!("the duration for stage {number}"), duration),
            None => {
                self.problem(format!("stage {number} doesn't have a duration"));
                Duration::ZERO
            }
        };
        match stage.target {
            None => self.problem(format!("stage {number} doesn't have a target")),
            Some(..0) => self.problem(format!("the target for stage {number} can't be negative")),
            Some(0..) => {}
        }
        Stage { duration, target: stage.target.unwrap_or(0).unsigned_abs() }
    }
}
