//! What a run tells its readers while it goes on: plain data, no behaviour.

use std::{fmt, time::Duration};

/// Known before the first request: what will be run.
#[derive(Debug, Clone)]
pub struct RunHeader {
    /// What is tested: a URL, or a name for an in-process service.
    pub target: String,
    /// Where the dashboard is, if there is one.
    pub dashboard: Option<String>,
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

/// Requests that failed with the same error since readers were told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFailure {
    /// The error's text.
    pub error: String,
    /// The method and the name of one of them; `None` for those that are only counted.
    pub example: Option<(String, String)>,
    /// Whether there were others than the example.
    pub various: bool,
    /// How many.
    pub count: u64,
}

impl fmt::Display for RequestFailure {
    /// As k6 words it: `Get "http://127.0.0.1:8080/": dial: connection refused`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((method, name)) = &self.example {
            let (first, rest) = method.split_at(method.len().min(1));
            let others = if self.various { " and others" } else { "" };
            write!(f, "{first}{} \"{name}\"{others}: ", rest.to_lowercase())?;
        }
        f.write_str(&self.error)
    }
}

/// An output that loses samples, or holds them up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputTrouble {
    /// What the header calls it.
    pub output: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for OutputTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { output, reason } = self;
        write!(f, "output {output} is in trouble: {reason}; the summary will tell what is lost")
    }
}

/// What readers of a run are told.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// The run is about to start.
    Header(RunHeader),
    /// The state now.
    Progress(Progress),
    /// Requests failed, once a second at most; no two with the same error.
    RequestsFailed(Vec<RequestFailure>),
    /// An output has come into trouble. Told once for each.
    OutputTrouble(OutputTrouble),
    /// The run is over; this is its last state.
    Ended(Progress),
    /// It is over, and waits for a signal.
    Lingering,
}
