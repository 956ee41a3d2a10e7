//! A scenario as its author writes it: k6's fields, as far as they are set. Nothing is checked
//! here; [`executor`](crate::executor) says what is wrong with them.

pub(super) mod json;

use std::collections::BTreeMap;

use jiff::SignedDuration;

/// k6's executors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecutorKind {
    /// `shared-iterations`
    SharedIterations,
    /// `per-vu-iterations`
    PerVuIterations,
    /// `constant-vus`
    ConstantVus,
    /// `ramping-vus`
    RampingVus,
    /// `constant-arrival-rate`
    ConstantArrivalRate,
    /// `ramping-arrival-rate`
    RampingArrivalRate,
    /// `externally-controlled`
    ExternallyControlled,
}

impl ExecutorKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SharedIterations,
        Self::PerVuIterations,
        Self::ConstantVus,
        Self::RampingVus,
        Self::ConstantArrivalRate,
        Self::RampingArrivalRate,
        Self::ExternallyControlled,
    ];

    /// k6's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SharedIterations => "shared-iterations",
            Self::PerVuIterations => "per-vu-iterations",
            Self::ConstantVus => "constant-vus",
            Self::RampingVus => "ramping-vus",
            Self::ConstantArrivalRate => "constant-arrival-rate",
            Self::RampingArrivalRate => "ramping-arrival-rate",
            Self::ExternallyControlled => "externally-controlled",
        }
    }
}

/// A stretch of a ramp.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StageOptions {
    /// How long it takes.
    pub duration: Option<SignedDuration>,
    /// VUs, or iterations for each time unit, at its end.
    pub target: Option<i64>,
}

/// The fields of a scenario. Which of them mean something depends on the executor.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioOptions {
    /// Which executor runs it.
    pub executor: ExecutorKind,
    /// When it starts, counted from the start of the first. Unset: 0.
    pub start_time: Option<SignedDuration>,
    /// How long iterations that are under way may go on when its time is over. Unset: 30 s.
    pub graceful_stop: Option<SignedDuration>,
    /// The function that an iteration runs. Unset: `default`.
    pub exec: Option<String>,
    /// Variables that its iterations see.
    pub env: BTreeMap<String, String>,
    /// Tags of its samples.
    pub tags: BTreeMap<String, String>,
    /// VUs. Unset: 1; for `externally-controlled` 0.
    pub vus: Option<i64>,
    /// Iterations: of all VUs or of each. Unset: 1.
    pub iterations: Option<i64>,
    /// How long iterations are started.
    pub duration: Option<SignedDuration>,
    /// When no more iterations start, even if some are left. Unset: 10 min.
    pub max_duration: Option<SignedDuration>,
    /// VUs at the start of a ramp. Unset: 1.
    pub start_vus: Option<i64>,
    /// The stretches of a ramp.
    pub stages: Option<Vec<StageOptions>>,
    /// How long iterations of VUs that a ramp takes away may go on. Unset: 30 s.
    pub graceful_ramp_down: Option<SignedDuration>,
    /// Iterations that start in each time unit.
    pub rate: Option<i64>,
    /// Iterations that start in each time unit at the start of a ramp. Unset: 0.
    pub start_rate: Option<i64>,
    /// What a rate is counted for. Unset: 1 s.
    pub time_unit: Option<SignedDuration>,
    /// VUs that exist when an arrival rate starts.
    pub pre_allocated_vus: Option<i64>,
    /// VUs that may exist. Unset: as many as at the start.
    pub max_vus: Option<i64>,
}

impl ScenarioOptions {
    /// A scenario of which nothing is set but its executor.
    pub fn new(executor: ExecutorKind) -> Self {
        Self {
            executor,
            start_time: None,
            graceful_stop: None,
            exec: None,
            env: BTreeMap::new(),
            tags: BTreeMap::new(),
            vus: None,
            iterations: None,
            duration: None,
            max_duration: None,
            start_vus: None,
            stages: None,
            graceful_ramp_down: None,
            rate: None,
            start_rate: None,
            time_unit: None,
            pre_allocated_vus: None,
            max_vus: None,
        }
    }
}
