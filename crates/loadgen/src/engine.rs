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
mod alarm;
mod arrivals;
mod bell;
mod board;
mod coordinator;
mod crew;
mod desk;
mod external;
mod failing;
mod gathered;
mod hook;
mod interrupt;
mod life;
mod outcome;
mod own_samples;
mod pool;
mod progress;
mod rows;
mod site;
#[cfg(test)]
mod tests;
mod usage;
mod worker;

use std::sync::Arc;

use tokio::sync::mpsc;

pub use abort::{Abort, AbortReason};
pub use hook::{HookError, HookKind};
pub(crate) use outcome::Outcome;

use crate::{
    control::Ask,
    metrics::Registry,
    plan::Plan,
    run_event::RunEvent,
    stream::Stream,
    thresholds::Evaluator,
    vu::VuConfig,
    workload::{Hooks, Workload},
};

/// Everything a run needs.
pub(crate) struct Run<W> {
    pub plan: Plan,
    pub workload: W,
    pub hooks: Hooks,
    pub registry: Arc<Registry>,
    /// Where every single sample goes, if somebody wants that.
    pub stream: Option<Stream>,
    pub vu: VuConfig,
    pub thresholds: Evaluator,
    /// What is asked while it goes on.
    pub asks: Option<mpsc::UnboundedReceiver<Ask>>,
}

/// Why a run could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Spawn(#[source] std::io::Error),
    /// There is no timer for an arrival rate.
    #[error("cannot make the timer of an arrival rate: {0}")]
    Timer(#[source] std::io::Error),
    /// A worker ended without a report, which is a defect of loadgen.
    #[error("a worker thread panicked")]
    WorkerLost,
}

/// Runs a plan to its end, or until `abort` says so. `on_event` is told how it goes.
///
/// Must be called on a tokio runtime with time enabled; drives nothing but its own channels and
/// timers there.
pub(crate) async fn run<W: Workload>(
    run: Run<W>,
    abort: &Abort,
    on_event: impl FnMut(RunEvent),
) -> Result<Outcome, EngineError> {
    coordinator::coordinate(run, abort, on_event).await
}
