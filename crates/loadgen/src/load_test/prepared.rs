//! A test that has everything it needs, and its run.

use super::LoadTestError;
use crate::{
    engine::{self, Abort, AbortReason, EngineError, Run},
    options::Options,
    report::Report,
    run_event::{RunEvent, RunHeader},
    target::Target,
    workload::Workload,
};

/// A test that has everything it needs.
pub(crate) struct Prepared<W> {
    pub(super) run: Run<W>,
    pub(super) target: Target,
    pub(super) options: Options,
    /// What whoever wrote the test should know before it runs.
    pub(super) warnings: Vec<String>,
    pub(super) abort: Abort,
}

impl<W: Workload> Prepared<W> {
    /// What whoever wrote the test should know before it runs.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What readers are told before the run starts.
    pub(crate) fn header(&self, outputs: Vec<String>) -> RunHeader {
        self.run.plan.header(self.target.name().into(), outputs)
    }

    /// Runs the test on the runtime that this is called on.
    pub(crate) async fn run(self, on_event: impl FnMut(RunEvent)) -> Result<Report, LoadTestError> {
        let started = jiff::Timestamp::now();
        let plan = self.run.plan.clone();
        let Self { run, target, options, warnings, abort } = self;
        let outcome = engine::run(run, &abort, on_event).await?;
        Ok(Report::new(outcome, &warnings, &plan, &target, &options, started))
    }

    /// Runs the test on a thread of its own, so that whatever runtime the caller has is neither
    /// needed nor disturbed. A caller that stops waiting ends the run.
    pub(super) async fn run_detached(self) -> Result<Report, LoadTestError> {
        struct AbortOnDrop(Option<Abort>);
        impl Drop for AbortOnDrop {
            fn drop(&mut self) {
                if let Some(abort) = &self.0 {
                    abort.abort(AbortReason::Dropped);
                }
            }
        }

        let mut guard = AbortOnDrop(Some(self.abort.clone()));
        let (done, result) = tokio::sync::oneshot::channel();
        let spawned = std::thread::Builder::new().name("coordinator".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let result = match runtime {
                Ok(runtime) => runtime.block_on(self.run(|_| {})),
                Err(error) => Err(EngineError::Spawn(error).into()),
            };
            // Whoever no longer waits does not want it.
            let _ = done.send(result);
        });
        spawned.map_err(EngineError::Spawn)?;
        let report = result.await;
        // The handle is the caller's, and may be used for the next test.
        guard.0 = None;
        report.unwrap_or(Err(EngineError::WorkerLost.into()))
    }
}
