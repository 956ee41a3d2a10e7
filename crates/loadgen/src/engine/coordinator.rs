//! The coordinator: leads a run through its phases, gathers what the workers say, and answers
//! whoever asks meanwhile.

use std::{pin::pin, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, Interval, MissedTickBehavior, interval, interval_at},
};

use super::{
    Abort, AbortReason, EngineError, Outcome, Run,
    crew::Crew,
    desk::Pause,
    failing::Failing,
    gathered::Gathered,
    hook::{Answer, Call, HookError, HookKind},
    own_samples::OwnSamples,
    progress::{note_ends, progress},
    rows::{Aside, Rows},
    worker::{Done, Message, Start},
};
use crate::{
    control::{Ask, Phase},
    host,
    metrics::Registry,
    plan::Plan,
    run_event::{Progress, RunEvent},
    stream::Stream,
    thresholds::{self, Evaluator},
    vu::VuConfig,
    workload::{Hook, Hooks, Workload},
};

/// How often readers are told the state.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// See [`super::run`].
pub(super) async fn coordinate<W: Workload>(
    run: Run<W>,
    abort: &Abort,
    on_event: impl FnMut(RunEvent),
) -> Result<Outcome, EngineError> {
    let outcome = carry_out(run, abort, on_event).await;
    if outcome.is_err() {
        // Workers that still run have nobody left to report to.
        abort.abort(AbortReason::Dropped);
    }
    outcome
}

async fn carry_out<W: Workload>(
    run: Run<W>,
    abort: &Abort,
    on_event: impl FnMut(RunEvent),
) -> Result<Outcome, EngineError> {
    let mut course = Course::begin(run, abort, on_event)?;
    course.make_vus().await?;
    course.wait_while_paused().await?;
    course.begin_clock();
    if let Some(setup_data) = course.setup().await? {
        course.run_scenarios(setup_data.clone()).await?;
        course.teardown(setup_data).await?;
    }
    course.end();
    course.linger().await?;
    course.outcome()
}

/// A run under way.
pub(super) struct Course<F> {
    pub(super) plan: Plan,
    pub(super) registry: Arc<Registry>,
    pub(super) stream: Option<Stream>,
    pub(super) abort: Abort,
    pub(super) crew: Crew,
    pub(super) gathered: Gathered,
    failing: Failing,
    pub(super) phase: Phase,
    pub(super) pause: Pause,
    /// When the run began, setup included.
    pub(super) started: Option<Instant>,
    /// When the scenarios' clocks began.
    running_since: Option<Instant>,
    /// From the start of the run to that of the scenarios.
    pub(super) setup_took: Duration,
    /// CPU time of the process before the run, and that of the run, once it is over.
    cpu_before: Duration,
    cpu_used: Option<Duration>,
    /// How long the whole run took, and its scenarios, once that is over.
    pub(super) took: Option<Duration>,
    pub(super) scenarios_took: Duration,
    /// By scenario, from the start of their clocks to its end, if that was seen.
    pub(super) scenario_ends: Vec<Option<Duration>>,
    /// Whether the scenarios came to their own end.
    pub(super) ran_out: bool,
    pub(super) thresholds: Evaluator,
    pub(super) tainted: bool,
    vu: VuConfig,
    hooks: Hooks,
    pub(super) hook_error: Option<HookError>,
    pub(super) setup_data: Option<Arc<Value>>,
    pub(super) teardown: Option<Aside>,
    /// Why the run was cut short, if it was; known at its end.
    pub(super) aborted: Option<AbortReason>,
    asks: Option<mpsc::UnboundedReceiver<Ask>>,
    progress_ticks: Interval,
    threshold_ticks: Interval,
    on_event: F,
}

impl<F: FnMut(RunEvent)> Course<F> {
    fn begin<W: Workload>(
        mut run: Run<W>,
        abort: &Abort,
        on_event: F,
    ) -> Result<Self, EngineError> {
        let (registry, stream) = (run.registry.clone(), run.stream.clone());
        let (plan, vu, hooks) = (run.plan.clone(), run.vu.clone(), run.hooks.clone());
        let (thresholds, asks) = (std::mem::take(&mut run.thresholds), run.asks.take());
        let crew = Crew::assemble(run, abort)?;
        let own = OwnSamples::new(registry.clone(), stream.as_ref());
        let (tags, vus) = (plan.run_tags(), crew.planned_vus.clone());
        let rows = Rows::new(own, tags, vus, plan.warmup);
        let mut progress_ticks = interval(PROGRESS_INTERVAL);
        progress_ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut threshold_ticks =
            interval_at(Instant::now() + thresholds::INTERVAL, thresholds::INTERVAL);
        threshold_ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Self {
            pause: Pause::new(plan.paused),
            scenario_ends: vec![None; plan.scenarios.len()],
            plan,
            registry,
            stream,
            abort: abort.clone(),
            crew,
            gathered: Gathered::new(rows),
            failing: Failing::default(),
            phase: Phase::InitVus,
            started: None,
            running_since: None,
            setup_took: Duration::ZERO,
            cpu_before: Duration::ZERO,
            cpu_used: None,
            took: None,
            scenarios_took: Duration::ZERO,
            ran_out: false,
            thresholds,
            tainted: false,
            vu,
            hooks,
            hook_error: None,
            setup_data: None,
            teardown: None,
            aborted: None,
            asks,
            progress_ticks,
            threshold_ticks,
            on_event,
        })
    }

    /// Waits until all VUs exist.
    async fn make_vus(&mut self) -> Result<(), EngineError> {
        while self.gathered.ready < self.plan.workers {
            self.attend().await?;
        }
        self.phase = Phase::InitDone;
        Ok(())
    }

    async fn wait_while_paused(&mut self) -> Result<(), EngineError> {
        let abort = self.abort.clone();
        while self.pause.is_paused() && abort.reason().is_none() {
            self.phase = Phase::PausedBeforeRun;
            tokio::select! {
                () = abort.aborted() => {}
                attended = self.attend() => attended?,
            }
        }
        self.phase = Phase::Started;
        Ok(())
    }

    fn begin_clock(&mut self) {
        let now = Instant::now();
        self.started = Some(now);
        self.cpu_before = host::process_cpu_time();
        self.gathered.rows.begin(now);
    }

    /// Runs the setup function, if there is one. `None` if the scenarios must not run.
    async fn setup(&mut self) -> Result<Option<Option<Arc<Value>>>, EngineError> {
        if self.abort.reason().is_some() {
            return Ok(None);
        }
        let Some(hook) = self.hooks.setup.take().filter(|_| !self.plan.no_setup) else {
            return Ok(Some(None));
        };
        self.phase = Phase::Setup;
        let abort = self.abort.clone();
        let mut answer = self.call(HookKind::Setup, hook, None, abort).await?;
        // All that lies between the start and the scenarios.
        self.setup_took = self.elapsed();
        answer.aside.took = self.setup_took;
        self.gathered.rows.setup(&answer.aside);
        self.setup_data = self.keep(answer.result).map(Arc::new);
        // It may have ended the test, and returned all the same.
        let may_go_on = self.abort.reason().is_none();
        Ok(self.setup_data.clone().filter(|_| may_go_on).map(Some))
    }

    /// Lets the scenarios run to their end.
    async fn run_scenarios(&mut self, setup_data: Option<Arc<Value>>) -> Result<(), EngineError> {
        let start = self.started.unwrap_or_else(Instant::now) + self.setup_took;
        self.phase = Phase::Running;
        self.running_since = Some(start);
        self.crew.go(Start { at: start, setup_data });
        while self.gathered.done < self.plan.workers {
            self.attend().await?;
        }
        // Not the time now: whoever watches may have held this thread up.
        let ended = self.gathered.ended.unwrap_or(start);
        self.scenarios_took = ended.saturating_duration_since(start);
        self.ran_out = self.abort.reason().is_none();
        Ok(())
    }

    /// Runs the teardown function, if there is one, after an abort too.
    async fn teardown(&mut self, setup_data: Option<Arc<Value>>) -> Result<(), EngineError> {
        let Some(hook) = self.hooks.teardown.take().filter(|_| !self.plan.no_teardown) else {
            return Ok(());
        };
        self.phase = Phase::Teardown;
        let answer = self.call(HookKind::Teardown, hook, setup_data, Abort::default()).await?;
        self.keep(answer.result);
        self.teardown = Some(answer.aside);
        Ok(())
    }

    async fn call(
        &mut self,
        kind: HookKind,
        hook: Arc<Hook>,
        setup_data: Option<Arc<Value>>,
        abort: Abort,
    ) -> Result<Answer, EngineError> {
        let timeout = match kind {
            HookKind::Setup => self.plan.setup_timeout,
            HookKind::Teardown => self.plan.teardown_timeout,
        };
        let call = Call {
            kind,
            hook,
            timeout,
            registry: self.registry.clone(),
            stream: self.stream.clone(),
            system_tags: self.plan.system_tags,
            tags: self.plan.run_tags(),
            vu: self.vu.clone(),
            setup_data,
            abort,
        };
        let answered = call.start().map_err(EngineError::Spawn)?;
        let answer = self.attend_until(answered).await?;
        let mut answer =
            answer.map_err(|_| EngineError::WorkerLost)?.map_err(EngineError::Spawn)?;
        self.gathered.mark_failed(answer.marked_failed.take());
        self.failing.take_in(&answer.aside.delta);
        Ok(answer)
    }

    /// The value of a function that gave one; its error is kept if it is the first.
    fn keep(&mut self, result: Option<Result<Value, HookError>>) -> Option<Value> {
        match result? {
            Ok(value) => Some(value),
            Err(error) => {
                self.hook_error.get_or_insert(error);
                None
            }
        }
    }

    /// The run is over; what is left is to say what it gave.
    fn end(&mut self) {
        // What comes later, a signal that ends the lingering above all, does not count.
        self.aborted = self.abort.reason();
        self.cpu_used = Some(self.cpu());
        let teardown = self.teardown.as_ref().map_or(Duration::ZERO, |teardown| teardown.took);
        let whole = self.setup_took + self.scenarios_took + teardown;
        self.took = Some(whole.saturating_sub(self.pause.held()));
        self.phase = match self.aborted {
            Some(_) => Phase::Interrupted,
            None => Phase::Ended,
        };
        self.tell_failures(true);
        let end = self.progress();
        (self.on_event)(RunEvent::Ended(end));
    }

    /// Waits for a signal, answering what is asked.
    async fn linger(&mut self) -> Result<(), EngineError> {
        if !self.plan.linger {
            return Ok(());
        }
        (self.on_event)(RunEvent::Lingering);
        let abort = self.abort.clone();
        self.attend_until(abort.signalled()).await
    }

    /// Does what is to be done besides what the phase is for, until that has come about.
    async fn attend_until<T>(&mut self, future: impl Future<Output = T>) -> Result<T, EngineError> {
        let mut future = pin!(future);
        loop {
            tokio::select! {
                result = &mut future => return Ok(result),
                attended = self.attend() => attended?,
            }
        }
    }

    /// Does the next of those things.
    async fn attend(&mut self) -> Result<(), EngineError> {
        let Self { crew, asks, progress_ticks, threshold_ticks, .. } = self;
        tokio::select! {
            message = crew.next(), if self.gathered.done < self.plan.workers => {
                let (worker, message) = message?;
                self.take_in(worker, message)
            }
            Some(ask) = next(asks) => {
                self.answer(ask);
                Ok(())
            }
            _ = progress_ticks.tick() => {
                self.tick();
                Ok(())
            }
            _ = threshold_ticks.tick(), if self.took.is_none() => {
                self.look_at_thresholds();
                Ok(())
            }
        }
    }

    fn take_in(&mut self, worker: usize, message: Message) -> Result<(), EngineError> {
        if let Message::Interval { delta, .. } | Message::Done(Done { delta, .. }) = &message {
            self.failing.take_in(delta);
        }
        let thresholds = &mut self.thresholds;
        self.gathered.take_in(worker, message, |second, length| thresholds.observe(second, length))
    }

    fn tick(&mut self) {
        let elapsed = self.running().saturating_sub(self.pause.held());
        self.crew.steered.iter().for_each(|steered| steered.end_if_due(elapsed));
        self.settle();
        if self.took.is_none() {
            self.tell_failures(false);
            let progress = self.progress();
            note_ends(&mut self.scenario_ends, &progress);
            (self.on_event)(RunEvent::Progress(progress));
        }
    }

    /// Tells readers of requests that failed, once a second at most but for the last time.
    fn tell_failures(&mut self, last: bool) {
        if let Some(failures) = self.failing.take(Instant::now(), last) {
            (self.on_event)(RunEvent::RequestsFailed(failures));
        }
    }

    /// Time since the scenarios' clocks began, or how long they took.
    pub(super) fn running(&self) -> Duration {
        match (self.took, self.running_since) {
            (Some(_), _) => self.scenarios_took,
            (None, Some(since)) => since.elapsed(),
            (None, None) => Duration::ZERO,
        }
    }

    /// CPU time that the run took, so far or in all.
    pub(super) fn cpu(&self) -> Duration {
        self.cpu_used.unwrap_or_else(|| host::process_cpu_time().saturating_sub(self.cpu_before))
    }

    /// Time since the run began, or how long it took. Time for which it was paused does not count.
    pub(super) fn elapsed(&self) -> Duration {
        let since_start = || self.started.map_or(Duration::ZERO, |started| started.elapsed());
        self.took.unwrap_or_else(|| since_start().saturating_sub(self.pause.held()))
    }

    fn progress(&self) -> Progress {
        let ended = self.took.map(|_| self.aborted.is_some());
        progress(&self.plan, &self.crew, self.running(), ended)
    }

    /// Evaluates the thresholds, and ends the run if one of them asks for that.
    fn look_at_thresholds(&mut self) {
        if self.thresholds.is_empty() {
            return;
        }
        let (so_far, time) = self.measured_so_far();
        let now = Some(self.measured());
        let evaluation = self.thresholds.evaluate(&so_far, time, now);
        self.tainted = !evaluation.passed();
        if evaluation.abort {
            self.abort.abort(AbortReason::Threshold(evaluation.abort_message().into()));
        }
    }
}

/// What is asked next, if anybody may ask.
async fn next(asks: &mut Option<mpsc::UnboundedReceiver<Ask>>) -> Option<Ask> {
    match asks {
        Some(asks) => asks.recv().await,
        None => None,
    }
}
