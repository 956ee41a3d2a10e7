//! A scenario: an executor with a name and a start time, and what its iterations see.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;

use super::{
    Executor,
    checks::{Checks, Problems},
    position::Meter,
    schedule::Spacing,
    segment::Share,
    work::Work,
};
use crate::options::{
    duration::GoDuration,
    scenario::{ExecutorKind, ScenarioOptions},
};

/// How long iterations that are under way may go on when the time is over.
pub const DEFAULT_GRACEFUL_STOP: Duration = Duration::from_secs(30);

/// The function that iterations run when nothing else is said.
const DEFAULT_EXEC: &str = "default";

/// A scenario, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What starts its iterations.
    pub executor: Executor,
    /// When it starts, counted from the start of the test.
    pub start_time: Duration,
    /// How long iterations that are under way may go on when its time is over.
    pub graceful_stop: Duration,
    /// The function that an iteration runs, if it is said.
    pub exec: Option<String>,
    /// Variables that its iterations see.
    pub env: BTreeMap<String, String>,
    /// Tags of its samples.
    pub tags: BTreeMap<String, String>,
}

impl Scenario {
    /// The scenario that the options stand for.
    ///
    /// # Errors
    ///
    /// All that is wrong with them, in k6's words and order.
    pub fn new(name: &str, options: &ScenarioOptions) -> Result<Self, Problems> {
        let mut checks = Checks::default();
        checks.require(!name.is_empty(), "scenario name can't be empty");
        checks.require(
            !name.is_empty() && name.bytes().all(is_name_byte),
            "the scenario name should contain only numbers, latin letters, underscores, and dashes",
        );
        checks.require(options.exec.as_deref() != Some(""), "exec value cannot be empty");
        let start_time = options.start_time.unwrap_or(SignedDuration::ZERO);
        let start_time = checks.time("the startTime", start_time);
        let graceful_stop = match (options.graceful_stop, options.executor) {
            (Some(time), _) => checks.time("the gracefulStop timeout", time),
            (None, ExecutorKind::ExternallyControlled) => Duration::ZERO,
            (None, _) => DEFAULT_GRACEFUL_STOP,
        };
        let executor = Executor::new(options, &mut checks);
        checks.finish(Self {
            name: name.into(),
            executor,
            start_time,
            graceful_stop,
            exec: options.exec.clone(),
            env: options.env.clone(),
            tags: options.tags.clone(),
        })
    }

    /// The function that an iteration runs.
    pub fn exec(&self) -> &str {
        self.exec.as_deref().unwrap_or(DEFAULT_EXEC)
    }

    /// The line that tells a reader what an instance will do.
    pub fn describe(&self, share: &Share) -> String {
        let rules = self.executor.rules();
        let exec = self.exec.as_ref().map(|exec| format!("exec: {exec}"));
        let time = |name, time: Duration| {
            (!time.is_zero()).then(|| format!("{name}: {}", GoDuration(time)))
        };
        let times = [time("startTime", self.start_time), time("gracefulStop", self.graceful_stop)];
        let facts: Vec<_> = [rules.fact(share), exec].into_iter().chain(times).flatten().collect();
        match facts.is_empty() {
            true => rules.summary(share),
            false => format!("{} ({})", rules.summary(share), facts.join(", ")),
        }
    }

    /// The stretches that it consists of, if there are several kinds: what each leads to, and how
    /// long it takes.
    pub fn stages(&self, share: &Share) -> Vec<(String, Duration)> {
        self.executor.rules().stages(share)
    }

    /// What an instance is to do. Iterations that the clock starts are spaced as `spacing` says.
    pub fn work(&self, share: &Share, spacing: Spacing) -> Work {
        self.executor.rules().work(share, self.graceful_stop, spacing.of_scenario(&self.name))
    }

    /// The share by which its iterations get their numbers.
    pub fn numbering(&self, share: &Share) -> Share {
        self.executor.rules().numbering(share)
    }

    /// What tells how far an instance is.
    pub fn meter(&self, share: &Share) -> Meter {
        self.executor.rules().meter(share)
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests;
