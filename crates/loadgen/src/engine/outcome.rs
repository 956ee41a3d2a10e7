//! What a run gave.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use super::{
    AbortReason, EngineError, HookError, board::Standing, coordinator::Course,
    own_samples::OwnSamples,
};
use crate::{
    executor::work::{Loops, Work},
    host::ThreadTime,
    metrics::{Registry, Tally, builtin::DROPPED_ITERATIONS},
    run_event::RunEvent,
    summary::model::Row,
    thresholds::ThresholdResult,
    vu::LeftOut,
};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Whether the run goes on, so that this is only what it gave so far.
    pub running: bool,
    pub registry: Arc<Registry>,
    pub total: Tally,
    pub rows: Vec<Row>,
    /// From the start of the run, setup included, to its end, teardown included.
    pub duration: Duration,
    /// When that start was; `None` if there was none.
    pub started: Option<Instant>,
    /// From there to the start of the scenarios.
    pub setup_took: Duration,
    /// How long those took.
    pub scenarios_took: Duration,
    /// By scenario, from their common start to its end; `None` if it ended with the last of them.
    pub scenario_ends: Vec<Option<Duration>>,
    /// The part of the duration in which what was gathered counts: all but the warm-up.
    pub measured: Duration,
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
    /// Iterations of arrival rates that were never started because no VU was idle.
    pub unserved: u64,
    /// Names of scenarios that lacked VUs, and how many they may have.
    pub exhausted: Vec<(String, u64)>,
    /// What was left out of the metrics.
    pub left_out: LeftOut,
    /// What became of the thresholds.
    pub thresholds: Vec<ThresholdResult>,
    /// Why an iteration marked the test as failed, if one did.
    pub marked_failed: Option<String>,
    /// Why setup or teardown gave nothing.
    pub hook_error: Option<HookError>,
    /// What the setup function returned.
    pub setup_data: Option<Arc<Value>>,
    /// Why the run was cut short, if it was.
    pub aborted: Option<AbortReason>,
    /// CPU time of this process during the run, an in-process target's included.
    pub cpu: Duration,
    /// How the worker spent the scenarios' time that had most to do.
    pub busiest_worker: ThreadTime,
}

impl<F: FnMut(RunEvent)> Course<F> {
    /// What the run gave so far, whatever it does.
    pub(super) fn so_far(&self) -> Outcome {
        let mut outcome = self.facts();
        (outcome.total, outcome.measured) = self.measured_so_far();
        outcome.rows = self.gathered.rows.rows_so_far();
        for place in 0..self.crew.scenarios.len() {
            outcome.count(self.crew.standing(place));
        }
        outcome.thresholds = self.thresholds.results();
        outcome
    }

    /// The part of the elapsed time in which what was gathered counts.
    pub(super) fn measured(&self) -> Duration {
        let warmup = Duration::from_secs(self.plan.warmup).min(self.running());
        self.elapsed().saturating_sub(warmup)
    }

    /// What was measured so far, and in what time.
    pub(super) fn measured_so_far(&self) -> (Tally, Duration) {
        let (tally, time) = self.gathered.rows.so_far();
        match time {
            Some(time) if self.took.is_none() => (tally, time.saturating_sub(self.pause.held())),
            _ => (tally, self.measured()),
        }
    }

    /// All but what was measured.
    fn facts(&self) -> Outcome {
        let scenarios_took = self.running();
        Outcome {
            running: self.took.is_none(),
            registry: self.registry.clone(),
            total: Tally::default(),
            rows: Vec::new(),
            duration: self.elapsed(),
            started: self.started,
            setup_took: self.setup_took,
            scenarios_took,
            scenario_ends: self.scenario_ends.clone(),
            measured: self.measured(),
            complete: 0,
            interrupted: 0,
            failed: self.gathered.failures.count,
            first_failure: self.gathered.failures.first.clone(),
            dropped: 0,
            unserved: 0,
            exhausted: Vec::new(),
            left_out: self.gathered.left_out,
            thresholds: Vec::new(),
            marked_failed: self.gathered.marked_failed.clone(),
            hook_error: self.hook_error.clone(),
            setup_data: self.setup_data.clone(),
            aborted: self.aborted.clone(),
            cpu: self.cpu(),
            busiest_worker: self.gathered.busiest(),
        }
    }

    /// What the run gave, now that it is over.
    pub(super) fn outcome(mut self) -> Result<Outcome, EngineError> {
        let mut outcome = self.facts();
        let measured = outcome.measured;
        let rows = self.gathered.rows;
        let thresholds = &mut self.thresholds;
        let (mut total, rows) =
            rows.finish(self.scenarios_took, self.teardown.as_ref(), |second, length| {
                thresholds.observe(second, length);
            });
        outcome.rows = rows;
        let mut own = OwnSamples::new(self.registry.clone(), self.stream.as_ref());
        for (place, scenario) in self.crew.scenarios.iter().enumerate() {
            let standing = self.crew.standing(place);
            let started = standing.started();
            outcome.count(standing);
            match &*scenario.work {
                // Not counted when they were cut short, as in k6.
                Work::Loops(Loops { stints, budget }) if self.ran_out => {
                    let planned = budget.total(stints.len() as u64).unwrap_or(0);
                    let dropped = planned.saturating_sub(started);
                    if dropped > 0 {
                        let (tags, now) = (&scenario.dropped_tags, Instant::now());
                        own.add(tags, DROPPED_ITERATIONS, now, dropped as f64);
                    }
                    outcome.dropped += dropped;
                }
                Work::Arrivals(arrivals) if scenario.exhausted.load(Ordering::Relaxed) => {
                    outcome.exhausted.push((scenario.task.name.to_string(), arrivals.max_vus));
                }
                _ => {}
            }
        }
        total.add(&own.take());
        self.thresholds.evaluate(&total, measured, None);
        outcome.thresholds = self.thresholds.results();
        outcome.total = total;
        self.crew.join()?;
        Ok(outcome)
    }
}

impl Outcome {
    /// A part of the scenarios' time as a share of it, 0 to 1.
    pub(crate) fn share(&self, part: Duration) -> f64 {
        let whole = self.scenarios_took;
        if whole.is_zero() { 0.0 } else { part.as_secs_f64() / whole.as_secs_f64() }
    }

    /// Counts what became of a scenario's iterations.
    fn count(&mut self, standing: Standing) {
        self.complete += standing.complete;
        self.interrupted += standing.interrupted;
        self.unserved += standing.dropped;
    }
}
