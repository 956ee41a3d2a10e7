//! What a run tells its readers while it goes on: plain data, no behaviour.

use std::time::Duration;

/// Known before the first request: what will be run.
#[derive(Debug, Clone)]
pub struct RunHeader {
    /// What is tested: a URL, or a name for an in-process service.
    pub target: String,
    /// Where results go besides the screen; empty for nowhere.
    pub outputs: Vec<String>,
    /// How much of the test is this instance's, 0 to 1.
    pub share: f64,
    /// Name and description of each scenario, in order of their start.
    pub scenarios: Vec<(String, String)>,
    /// Most VUs that can exist at once.
    pub max_vus: u64,
    /// The planned end, graceful stops included.
    pub max_duration: Duration,
}

/// The state of a run, ten times a second.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Time since the scenarios' clocks began.
    pub elapsed: Duration,
    /// VUs that are working.
    pub active_vus: u64,
    /// VUs that exist.
    pub initialized_vus: u64,
    /// Iterations that ran to their end.
    pub complete: u64,
    /// Iterations that were cut off.
    pub interrupted: u64,
    /// Scenarios, in the header's order.
    pub scenarios: Vec<ScenarioProgress>,
}

/// How far one scenario is.
#[derive(Debug, Clone)]
pub struct ScenarioProgress {
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub status: ScenarioStatus,
    /// 0 to 1.
    pub fraction: f64,
    /// Right-hand columns, as its executor words them (`10 VUs`, `07.3s/30s`).
    pub columns: Vec<String>,
}

/// What a scenario is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenarioStatus {
    /// Its start time has not come.
    Waiting,
    /// It starts iterations.
    Running,
    /// Its time is over; iterations in flight may still end.
    Stopping,
    /// It ended as planned.
    Done,
    /// It ended before its work was done.
    Interrupted,
}

/// What readers of a run are told.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// The run is about to start.
    Header(RunHeader),
    /// The state now.
    Progress(Progress),
    /// The run is over; this is its last state.
    Ended(Progress),
    /// It is over, and waits for a signal.
    Lingering,
}
