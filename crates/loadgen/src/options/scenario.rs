//! A scenario as its author writes it: k6's fields, as far as they are set. Nothing is checked
//! here; [`executor`](crate::executor) says what is wrong with them.

pub(super) mod json;

use std::{collections::BTreeMap, time::Duration};

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

    /// VUs that loop for some time.
    pub fn constant_vus(vus: u32, duration: Duration) -> Self {
        Self {
            vus: Some(vus.into()),
            duration: Some(signed(duration)),
            ..Self::new(ExecutorKind::ConstantVus)
        }
    }

    /// VUs that loop; there are `start_vus` at first and the target of each stage at its end.
    pub fn ramping_vus(start_vus: u32, stages: impl IntoIterator<Item = (Duration, u32)>) -> Self {
        Self {
            start_vus: Some(start_vus.into()),
            stages: Some(stages.into_iter().map(StageOptions::from).collect()),
            ..Self::new(ExecutorKind::RampingVus)
        }
    }

    /// Iterations that VUs share, first come, first served.
    pub fn shared_iterations(vus: u32, iterations: u32) -> Self {
        Self {
            vus: Some(vus.into()),
            iterations: Some(iterations.into()),
            ..Self::new(ExecutorKind::SharedIterations)
        }
    }

    /// So many iterations of each VU.
    pub fn per_vu_iterations(vus: u32, iterations: u32) -> Self {
        Self { executor: ExecutorKind::PerVuIterations, ..Self::shared_iterations(vus, iterations) }
    }

    /// `rate` iterations each second, on whichever of so many VUs is free.
    pub fn constant_arrival_rate(rate: u32, duration: Duration, vus: u32) -> Self {
        Self {
            rate: Some(rate.into()),
            duration: Some(signed(duration)),
            pre_allocated_vus: Some(vus.into()),
            ..Self::new(ExecutorKind::ConstantArrivalRate)
        }
    }

    /// Iterations on whichever of so many VUs is free: `start_rate` each second at first, and the
    /// target of each stage at its end.
    pub fn ramping_arrival_rate(
        start_rate: u32,
        stages: impl IntoIterator<Item = (Duration, u32)>,
        vus: u32,
    ) -> Self {
        Self {
            start_rate: Some(start_rate.into()),
            stages: Some(stages.into_iter().map(StageOptions::from).collect()),
            pre_allocated_vus: Some(vus.into()),
            ..Self::new(ExecutorKind::RampingArrivalRate)
        }
    }

    /// Sets the function that an iteration runs.
    pub fn exec(mut self, function: &str) -> Self {
        self.exec = Some(function.into());
        self
    }

    /// Sets when it starts.
    pub fn start_time(mut self, start_time: Duration) -> Self {
        self.start_time = Some(signed(start_time));
        self
    }

    /// Sets how long iterations that are under way may go on when its time is over.
    pub fn graceful_stop(mut self, time: Duration) -> Self {
        self.graceful_stop = Some(signed(time));
        self
    }
}

impl From<(Duration, u32)> for StageOptions {
    fn from((duration, target): (Duration, u32)) -> Self {
        Self { duration: Some(signed(duration)), target: Some(target.into()) }
    }
}

/// What is too long is refused later on.
pub(crate) fn signed(duration: Duration) -> SignedDuration {
    duration.try_into().unwrap_or(SignedDuration::MAX)
}
