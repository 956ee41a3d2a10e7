//! A test that has everything it needs, and its run.

use tokio::time::Instant;

use super::LoadTestError;
use crate::{
    engine::{self, Abort, AbortReason, EngineError, Run},
    options::thresholds::ThresholdMap,
    output::{Loss, Opened, RunFacts, Running},
    profile::Wanted,
    report::{Report, Reporter},
    run_event::{RunEvent, RunHeader},
    workload::Workload,
};

/// A test that has everything it needs.
pub(crate) struct Prepared<W> {
    pub(super) run: Run<W>,
    pub(super) reporter: Reporter,
    /// Where every sample goes.
    pub(super) outputs: Vec<Opened>,
    /// The profile to take of the target.
    pub(super) profile: Option<Wanted>,
    pub(super) abort: Abort,
}

impl<W: Workload> Prepared<W> {
    /// What whoever wrote the test should know before it runs.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.reporter.warnings
    }

    /// What readers are told before the run starts; `files` is where its results will be.
    pub(crate) fn header(&self, files: Vec<String>) -> RunHeader {
        let outputs = self.outputs.iter().map(|output| output.name.clone());
        self.run.plan.header(self.reporter.target.name().into(), outputs.chain(files).collect())
    }

    /// What is known of the run, for whoever reports of it while it goes on.
    pub(crate) fn reporter(&self) -> &Reporter {
        &self.reporter
    }

    /// Lets reports say which command line it was.
    pub(crate) fn commanded_by(mut self, command: Vec<String>) -> Self {
        self.reporter.command = command;
        self
    }

    /// Whether stdout carries samples.
    pub(crate) fn has_stdout(&self) -> bool {
        self.outputs.iter().any(|output| output.is_stdout)
    }

    /// Runs the test on the runtime that this is called on.
    pub(crate) async fn run(
        self,
        mut on_event: impl FnMut(RunEvent),
    ) -> Result<Report, LoadTestError> {
        let Self { mut run, mut reporter, outputs, profile, abort } = self;
        reporter.started = jiff::Timestamp::now();
        let Reporter { plan, options, .. } = &reporter;
        let facts = RunFacts {
            registry: run.registry.clone(),
            thresholds: match plan.no_thresholds {
                false => options.thresholds.clone().unwrap_or_default(),
                true => ThresholdMap::default(),
            },
            system_tags: plan.system_tags,
        };
        let outputs = Running::start(outputs, &facts).map_err(EngineError::Spawn)?;
        run.stream = outputs.stream();
        let mut profiler = profile.map(Wanted::start).transpose().map_err(EngineError::Spawn)?;
        let on_event = |event| {
            profiler.iter_mut().for_each(|profiler| profiler.watch(&event));
            on_event(event);
        };
        let outcome = engine::run(run, &abort, on_event).await;
        let over = Instant::now();
        let losses = outputs.finish();
        let outcome = outcome?;
        reporter.warnings.extend(losses.iter().map(Loss::to_string));
        let profile = match profiler {
            Some(profiler) => profiler.finish(over, &mut reporter.warnings).await,
            None => None,
        };
        Ok(reporter.report(outcome).with_profile(profile))
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
