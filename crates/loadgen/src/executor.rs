//! Executors: when iterations start, and how many VUs there are to run them.
//!
//! Pure arithmetic: knows nothing of HTTP, metrics, threads or clocks. An executor says what is
//! to be done as plain values ([`Looping`]); the engine does it.
//!
//! k6's seven executors are two kinds of work. In the *looping* ones each VU starts its next
//! iteration when the last one has ended, as long as there is time and something left of an
//! iteration [`Budget`]. In the *arrival-rate* ones the clock starts iterations and takes whatever
//! VU is free. Each executor is one file that turns its options into one of the two.

mod constant_vus;
mod per_vu_iterations;
pub mod schedule;
mod shared_iterations;
pub mod work;

pub use constant_vus::ConstantVus;
pub use per_vu_iterations::PerVuIterations;
pub use shared_iterations::SharedIterations;

use std::time::Duration;

use crate::options::duration::{GoDuration, fixed_width};

/// k6's limit for executors that are done when their iterations are.
pub const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(600);

/// How long iterations that are under way may go on when the time is over.
pub const DEFAULT_GRACEFUL_STOP: Duration = Duration::from_secs(30);

const MIN_DURATION: Duration = Duration::from_secs(1);

/// One of k6's executors with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executor {
    /// A fixed number of VUs for a fixed time.
    ConstantVus(ConstantVus),
    /// A fixed number of iterations, taken by whichever VU is free.
    SharedIterations(SharedIterations),
    /// A fixed number of iterations for each VU.
    PerVuIterations(PerVuIterations),
}

/// What a looping executor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looping {
    /// VUs.
    pub vus: u64,
    /// How long new iterations start.
    pub duration: Duration,
    /// How long those under way may then go on.
    pub graceful_stop: Duration,
    /// How many iterations there are.
    pub budget: Budget,
}

/// How many iterations a looping executor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// As many as fit into its time.
    Unlimited,
    /// So many for each VU.
    PerVu(u64),
    /// So many for all VUs together, first come, first served.
    Shared(u64),
}

impl Budget {
    /// How many iterations that makes for `vus` VUs, if there is a limit.
    pub fn total(self, vus: u64) -> Option<u64> {
        match self {
            Self::Unlimited => None,
            Self::PerVu(each) => Some(each.saturating_mul(vus)),
            Self::Shared(total) => Some(total),
        }
    }
}

/// How far an executor is, in its own words.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// 0 to 1.
    pub fraction: f64,
    /// The columns to the right of the progress bar.
    pub columns: Vec<String>,
}

impl Executor {
    /// k6's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConstantVus(_) => "constant-vus",
            Self::SharedIterations(_) => "shared-iterations",
            Self::PerVuIterations(_) => "per-vu-iterations",
        }
    }

    /// What is wrong with its options, in k6's words; empty when nothing is.
    pub fn problems(&self) -> Vec<String> {
        match self {
            Self::ConstantVus(executor) => executor.problems(),
            Self::SharedIterations(executor) => executor.problems(),
            Self::PerVuIterations(executor) => executor.problems(),
        }
    }

    /// What it asks for. Its options must have no [`problems`](Self::problems).
    pub fn looping(&self) -> Looping {
        match self {
            Self::ConstantVus(executor) => executor.looping(),
            Self::SharedIterations(executor) => executor.looping(),
            Self::PerVuIterations(executor) => executor.looping(),
        }
    }

    /// The line that tells a reader what it will do, without the facts in parentheses.
    fn summary(&self) -> String {
        match self {
            Self::ConstantVus(executor) => executor.describe(),
            Self::SharedIterations(executor) => executor.describe(),
            Self::PerVuIterations(executor) => executor.describe(),
        }
    }

    /// The line that tells a reader what it will do.
    pub fn describe(&self) -> String {
        let looping = self.looping();
        let mut facts = Vec::new();
        if looping.budget != Budget::Unlimited {
            facts.push(format!("maxDuration: {}", GoDuration(looping.duration)));
        }
        if !looping.graceful_stop.is_zero() {
            facts.push(format!("gracefulStop: {}", GoDuration(looping.graceful_stop)));
        }
        match facts.is_empty() {
            true => self.summary(),
            false => format!("{} ({})", self.summary(), facts.join(", ")),
        }
    }

    /// How far it is after `elapsed` with `complete` iterations done.
    pub fn position(&self, elapsed: Duration, complete: u64) -> Position {
        match self {
            Self::ConstantVus(executor) => executor.position(elapsed),
            Self::SharedIterations(executor) => executor.position(elapsed, complete),
            Self::PerVuIterations(executor) => executor.position(elapsed, complete),
        }
    }
}

/// Problems that every looping executor can have.
fn vus_problem(vus: i64) -> Option<String> {
    (vus <= 0).then(|| "the number of VUs must be more than 0".into())
}

fn duration_problem(option: &str, duration: Duration) -> Option<String> {
    (duration < MIN_DURATION).then(|| {
        format!(
            "the {option} must be at least {}, but is {}",
            GoDuration(MIN_DURATION),
            GoDuration(duration)
        )
    })
}

/// `done` of `total` as a share.
fn share(done: f64, total: f64) -> f64 {
    if total > 0.0 { (done / total).clamp(0.0, 1.0) } else { 1.0 }
}

/// `spent/limit`, or the limit alone once it is spent.
fn spent_of(elapsed: Duration, limit: Duration) -> String {
    if elapsed > limit {
        return GoDuration(limit).to_string();
    }
    format!("{}/{}", fixed_width(elapsed, limit), GoDuration(limit))
}

#[cfg(test)]
mod tests;
