//! Watching and steering a test while it runs, from outside of it.
//!
//! A [`Control`] is a handle for anyone: the REST API, a test, a screen. The engine answers what is
//! asked; when it is gone, nobody does.

use std::{sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use crate::{
    engine::Outcome,
    metrics::{Registry, Tally},
};

/// k6's names and numbers of what a test is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nothing has begun.
    Created = 0,
    /// VUs are made.
    InitVus = 1,
    /// Scenarios are made.
    InitExecutors = 2,
    /// All is made.
    InitDone = 3,
    /// Waits to be resumed before it starts.
    PausedBeforeRun = 4,
    /// Has started.
    Started = 5,
    /// The setup function runs.
    Setup = 6,
    /// Scenarios run.
    Running = 7,
    /// The teardown function runs.
    Teardown = 8,
    /// Is over.
    Ended = 9,
    /// Was cut short.
    Interrupted = 10,
}

/// How a test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Whether it waits to be resumed.
    pub paused: bool,
    /// VUs that work.
    pub vus: u64,
    /// VUs that exist.
    pub vus_max: u64,
    /// Whether it was told to stop.
    pub stopped: bool,
    /// Whether it has started and not ended.
    pub running: bool,
    /// Whether a threshold did not hold when they were last looked at.
    pub tainted: bool,
}

/// What was measured so far.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What the metrics are.
    pub registry: Arc<Registry>,
    /// Everything gathered.
    pub total: Tally,
    /// Time since the start of the run, for rates.
    pub elapsed: Duration,
    /// Metrics and submetrics with thresholds, by name, and whether one of them did not hold when
    /// they were last looked at.
    pub tainted: Vec<(String, bool)>,
}

/// What a test gave so far.
#[derive(Debug, Clone)]
pub struct SoFar(pub(crate) Box<Outcome>);

/// Why a test does not do what it was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be paused or resumed now.
    #[error("{0}")]
    Pause(String),
    /// There is no scenario whose VUs can be changed from outside.
    #[error(
        "an externally-controlled executor needs to be configured for live configuration updates"
    )]
    NotControllable,
    /// The numbers cannot be used.
    #[error("{0}")]
    Scale(String),
    /// The test is over.
    #[error("the test is over")]
    Gone,
}

/// What a test can be asked.
#[derive(Debug)]
pub enum Ask {
    /// How it stands.
    Status(oneshot::Sender<Status>),
    /// What it has measured.
    Snapshot(oneshot::Sender<Snapshot>),
    /// What it gave so far, for a report.
    Outcome(oneshot::Sender<SoFar>),
    /// To pause, or to go on.
    Pause(bool, oneshot::Sender<Result<(), Refused>>),
    /// To have so many VUs work, and so many exist; what is `None` stays.
    Scale {
        /// VUs that work.
        vus: Option<i64>,
        /// VUs that exist.
        max_vus: Option<i64>,
        /// The answer.
        answer: oneshot::Sender<Result<(), Refused>>,
    },
    /// To end now.
    Stop(oneshot::Sender<()>),
}

/// A handle to a running test. Clones are the same handle.
#[derive(Debug, Clone)]
pub struct Control(mpsc::UnboundedSender<Ask>);

impl Control {
    /// A handle, and where what is asked through it arrives.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Ask>) {
        let (asks, received) = mpsc::unbounded_channel();
        (Self(asks), received)
    }

    /// How the test stands.
    pub async fn status(&self) -> Result<Status, Refused> {
        self.ask(Ask::Status).await
    }

    /// What it has measured so far.
    pub async fn snapshot(&self) -> Result<Snapshot, Refused> {
        self.ask(Ask::Snapshot).await
    }

    /// What it gave so far, for a report.
    pub(crate) async fn outcome(&self) -> Result<Outcome, Refused> {
        self.ask(Ask::Outcome).await.map(|SoFar(outcome)| *outcome)
    }

    /// Pauses it, or lets it go on.
    pub async fn pause(&self, paused: bool) -> Result<(), Refused> {
        self.ask(|answer| Ask::Pause(paused, answer)).await?
    }

    /// Sets how many VUs work and how many exist; what is `None` stays.
    pub async fn scale(&self, vus: Option<i64>, max_vus: Option<i64>) -> Result<(), Refused> {
        self.ask(|answer| Ask::Scale { vus, max_vus, answer }).await?
    }

    /// Ends it now.
    pub async fn stop(&self) -> Result<(), Refused> {
        self.ask(Ask::Stop).await
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Refused> {
        let (answer, answered) = oneshot::channel();
        self.0.send(ask(answer)).map_err(|_| Refused::Gone)?;
        answered.await.map_err(|_| Refused::Gone)
    }
}
