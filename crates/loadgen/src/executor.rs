//! Executors: when iterations start, and how many VUs there are to run them.
//!
//! Pure arithmetic: knows nothing of HTTP, metrics, threads or clocks. A [`Scenario`] says what
//! an instance is to do as a plain value, its [`Work`]; the engine does it.
//!
//! k6's seven executors are three kinds of work. In the *looping* ones each VU starts its next
//! iteration when the last one has ended, as long as there is time and something left of an
//! iteration [`Budget`]. In the *arrival-rate* ones the clock starts iterations, by a
//! [`Schedule`](schedule::Schedule), and takes whatever VU is free. In the last one somebody
//! outside says how many VUs loop. Each executor is one file that turns its options into one of
//! the three. Of a test that several instances share, each does what its [`Share`] says.

mod arrivals;
mod checks;
mod constant_arrival_rate;
mod constant_vus;
mod externally_controlled;
pub mod lanes;
mod per_vu_iterations;
mod position;
mod ramping_arrival_rate;
mod ramping_vus;
mod requirements;
mod scenario;
pub mod schedule;
pub mod segment;
mod shared_iterations;
pub mod work;

use std::time::Duration;

pub use arrivals::ArrivalVus;
pub use checks::{MAX_TIME, MAX_VUS, Problems, Stage};
pub use constant_arrival_rate::ConstantArrivalRate;
pub use constant_vus::ConstantVus;
pub use externally_controlled::ExternallyControlled;
pub use per_vu_iterations::PerVuIterations;
pub use position::{Meter, Moment, Position};
pub use ramping_arrival_rate::RampingArrivalRate;
pub use ramping_vus::RampingVus;
pub use requirements::{Requirement, Requirements};
pub use scenario::{DEFAULT_GRACEFUL_STOP, Scenario};
pub use schedule::Spacing;
pub use segment::Share;
pub use shared_iterations::SharedIterations;
pub use work::Work;

use self::checks::Checks;
use crate::options::scenario::{ExecutorKind, ScenarioOptions};

/// k6's limit for executors that are done when their iterations are.
pub const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(600);

/// One of k6's executors with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executor {
    /// A fixed number of iterations, taken by whichever VU is free.
    SharedIterations(SharedIterations),
    /// A fixed number of iterations for each VU.
    PerVuIterations(PerVuIterations),
    /// A fixed number of VUs for a fixed time.
    ConstantVus(ConstantVus),
    /// A number of VUs that changes from stage to stage.
    RampingVus(RampingVus),
    /// A fixed rate of iterations.
    ConstantArrivalRate(ConstantArrivalRate),
    /// A rate of iterations that changes from stage to stage.
    RampingArrivalRate(RampingArrivalRate),
    /// As many VUs as somebody outside wants.
    ExternallyControlled(ExternallyControlled),
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

/// What each executor says of itself.
trait Rules {
    /// The line that tells a reader what it will do, without the facts in parentheses.
    fn summary(&self, share: &Share) -> String;

    /// The first of those facts, which is its own.
    fn fact(&self, _: &Share) -> Option<String> {
        None
    }

    /// The stretches that it consists of, if there are several kinds: what each leads to, and how
    /// long it takes.
    fn stages(&self, _: &Share) -> Vec<(String, Duration)> {
        Vec::new()
    }

    /// What an instance is to do.
    fn work(&self, share: &Share, graceful_stop: Duration, spacing: Spacing) -> Work;

    /// What tells how far an instance is.
    fn meter(&self, share: &Share) -> Meter;

    /// The share by which iterations get their numbers: as k6 has it, that of the VUs where the
    /// VUs share the iterations.
    fn numbering(&self, share: &Share) -> Share {
        share.clone()
    }
}

impl Executor {
    /// Its numbers count for nothing if `checks` has a problem in the end.
    fn new(options: &ScenarioOptions, checks: &mut Checks) -> Self {
        match options.executor {
            ExecutorKind::SharedIterations => {
                Self::SharedIterations(SharedIterations::new(options, checks))
            }
            ExecutorKind::PerVuIterations => {
                Self::PerVuIterations(PerVuIterations::new(options, checks))
            }
            ExecutorKind::ConstantVus => Self::ConstantVus(ConstantVus::new(options, checks)),
            ExecutorKind::RampingVus => Self::RampingVus(RampingVus::new(options, checks)),
            ExecutorKind::ConstantArrivalRate => {
                Self::ConstantArrivalRate(ConstantArrivalRate::new(options, checks))
            }
            ExecutorKind::RampingArrivalRate => {
                Self::RampingArrivalRate(RampingArrivalRate::new(options, checks))
            }
            ExecutorKind::ExternallyControlled => {
                Self::ExternallyControlled(ExternallyControlled::new(options, checks))
            }
        }
    }

    /// Which of the seven it is.
    pub fn kind(&self) -> ExecutorKind {
        match self {
            Self::SharedIterations(_) => ExecutorKind::SharedIterations,
            Self::PerVuIterations(_) => ExecutorKind::PerVuIterations,
            Self::ConstantVus(_) => ExecutorKind::ConstantVus,
            Self::RampingVus(_) => ExecutorKind::RampingVus,
            Self::ConstantArrivalRate(_) => ExecutorKind::ConstantArrivalRate,
            Self::RampingArrivalRate(_) => ExecutorKind::RampingArrivalRate,
            Self::ExternallyControlled(_) => ExecutorKind::ExternallyControlled,
        }
    }

    /// k6's name for it.
    pub fn name(&self) -> &'static str {
        self.kind().as_str()
    }

    fn rules(&self) -> &dyn Rules {
        match self {
            Self::SharedIterations(executor) => executor,
            Self::PerVuIterations(executor) => executor,
            Self::ConstantVus(executor) => executor,
            Self::RampingVus(executor) => executor,
            Self::ConstantArrivalRate(executor) => executor,
            Self::RampingArrivalRate(executor) => executor,
            Self::ExternallyControlled(executor) => executor,
        }
    }
}

#[cfg(test)]
mod tests;
