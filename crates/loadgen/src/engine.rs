//! The engine: runs a plan's iterations on worker threads and gathers what they measured.
//!
//! Knows nothing of how requests are made, nor of where its plan and its workload came from.
//!
//! ```text
//!  coordinator ── start, abort ──▶ worker 0 … n     one thread and one runtime each
//!       ▲                             │  VU VU VU   each VU on one worker for life
//!       └──── interval, done ─────────┘             once a second, and at the end
//! ```
//!
//! Workers share nothing but the count of a shared iteration budget. Starting an iteration takes
//! no message, and a reader of results that is slow slows only the coordinator.

mod abort;
mod coordinator;
mod interrupt;
mod rows;
mod vu_loop;
mod worker;

use std::{sync::Arc, time::Duration};

pub use abort::{Abort, AbortReason};

use crate::{
    metrics::{Registry, Tally},
    plan::Plan,
    run_event::RunEvent,
    summary::model::Row,
    vu::VuConfig,
    workload::Workload,
};

/// Everything a run needs.
pub(crate) struct Run<W> {
    pub plan: Plan,
    pub workload: W,
    pub registry: Registry,
    pub vu: VuConfig,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub registry: Arc<Registry>,
    pub total: Tally,
    pub rows: Vec<Row>,
    /// From the start of the first iteration to the end of the last.
    pub duration: Duration,
    /// Iterations that ran to their end.
    pub complete: u64,
    /// Iterations that were cut off.
    pub interrupted: u64,
    /// Iterations that returned an error or panicked; they count as complete.
    pub failed: u64,
    /// What the first of those said.
    pub first_failure: Option<String>,
    /// Iterations that were never started because the time was over.
    pub dropped: u64,
    /// Values of a test's own metrics that were left out because they were no numbers.
    pub rejected: u64,
    /// Why the run was cut short, if it was.
    pub aborted: Option<AbortReason>,
    /// CPU time of this process during the run, an in-process target's included.
    pub cpu: Duration,
    /// Share of the run for which the busiest worker was on a CPU, 0 to 1.
    pub busiest_worker: f64,
}

/// Why a run could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A worker could not be started.
    #[error("cannot start a worker thread: {0}")]
    Spawn(#[source] std::io::Error),
    /// A worker ended without a report, which is a defect of loadgen.
    #[error("a worker thread panicked")]
    WorkerLost,
}

/// Runs a plan to its end, or until `abort` says so. `on_event` is told how it goes.
///
/// Must be called on a tokio runtime with time enabled; drives nothing but its own channels and a
/// timer there.
pub(crate) async fn run<W: Workload>(
    run: Run<W>,
    abort: &Abort,
    on_event: impl FnMut(RunEvent),
) -> Result<Outcome, EngineError> {
    coordinator::coordinate(run, abort, on_event).await
}
