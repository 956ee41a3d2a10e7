//! The coordinator: starts the workers, gathers what they say, tells readers how it goes.

use std::{
    sync::{Arc, atomic::AtomicU64},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    Abort, AbortReason, EngineError, Outcome, Run,
    rows::Rows,
    vu_loop::Failures,
    worker::{Board, Message, Worker},
};
use crate::{
    host,
    metrics::{MetricKind, Registry, Sink, SinkKey, Tally, builtin::DROPPED_ITERATIONS},
    plan::Plan,
    run_event::{Progress, RunEvent, ScenarioProgress, ScenarioStatus},
    workload::Workload,
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
    mut on_event: impl FnMut(RunEvent),
) -> Result<Outcome, EngineError> {
    let registry = Arc::new(run.registry.clone());
    let plan = run.plan.clone();
    let mut crew = Crew::start(run, &registry, abort)?;
    crew.ready().await?;
    let cpu_before = host::process_cpu_time();
    let start = crew.go();
    let mut gathered = Gathered::new(&plan, start);
    let mut ticks = interval(PROGRESS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while gathered.running > 0 {
        tokio::select! {
            message = crew.next() => {
                let (worker, message) = message?;
                gathered.take_in(worker, message)?;
            }
            _ = ticks.tick() => {
                on_event(RunEvent::Progress(progress(&plan, &crew.boards, start.elapsed(), None)));
            }
        }
    }
    // Not the time now: whoever watches may have held this thread up.
    let duration = gathered.ended.saturating_duration_since(start);
    let end = progress(&plan, &crew.boards, duration, Some(abort.reason().is_some()));
    let cpu = host::process_cpu_time() - cpu_before;
    let outcome = gathered.outcome(&plan, registry, duration, cpu, abort, &end);
    on_event(RunEvent::Ended(end));
    crew.join()?;
    Ok(outcome)
}

/// The workers, seen from outside.
struct Crew {
    threads: Vec<JoinHandle<()>>,
    boards: Vec<Arc<Board>>,
    inbox: mpsc::UnboundedReceiver<(usize, Message)>,
    start: watch::Sender<Option<Instant>>,
}

impl Crew {
    fn start<W: Workload>(
        run: Run<W>,
        registry: &Arc<Registry>,
        abort: &Abort,
    ) -> Result<Self, EngineError> {
        let (messages, inbox) = mpsc::unbounded_channel();
        let start = watch::Sender::new(None);
        let mut crew = Self { threads: Vec::new(), boards: Vec::new(), inbox, start };
        let workload = Arc::new(run.workload);
        let asked = Arc::new(AtomicU64::new(0));
        for index in 0..run.plan.workers {
            let board = Arc::new(Board::default());
            let worker = Worker {
                index,
                workers: run.plan.workers,
                scenario: run.plan.scenario.name.clone(),
                looping: run.plan.looping(),
                workload: workload.clone(),
                registry: registry.clone(),
                vu: run.vu.clone(),
                asked: asked.clone(),
                board: board.clone(),
                abort: abort.clone(),
                start: crew.start.subscribe(),
                messages: messages.clone(),
            };
            // Should one fail, those before it see `crew` go and end without having started.
            crew.threads.push(worker.spawn().map_err(EngineError::Spawn)?);
            crew.boards.push(board);
        }
        Ok(crew)
    }

    async fn next(&mut self) -> Result<(usize, Message), EngineError> {
        self.inbox.recv().await.ok_or(EngineError::WorkerLost)
    }

    /// Waits until all VUs exist.
    async fn ready(&mut self) -> Result<(), EngineError> {
        for _ in 0..self.threads.len() {
            if let (_, Message::Failed(error)) = self.next().await? {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Starts the run.
    fn go(&self) -> Instant {
        let start = Instant::now();
        self.start.send_replace(Some(start));
        start
    }

    /// Waits for threads that have said that they are done.
    fn join(self) -> Result<(), EngineError> {
        for thread in self.threads {
            thread.join().map_err(|_| EngineError::WorkerLost)?;
        }
        Ok(())
    }
}

/// What the workers have said so far.
struct Gathered {
    running: usize,
    rows: Rows,
    failures: Failures,
    rejected: u64,
    busiest: Duration,
    /// When the last of those that have ended did.
    ended: Instant,
}

impl Gathered {
    fn new(plan: &Plan, start: Instant) -> Self {
        let looping = plan.looping();
        Self {
            running: plan.workers,
            rows: Rows::new(plan.workers, looping.vus),
            failures: Failures::default(),
            rejected: 0,
            busiest: Duration::ZERO,
            ended: start,
        }
    }

    fn take_in(&mut self, worker: usize, message: Message) -> Result<(), EngineError> {
        match message {
            Message::Ready => {}
            Message::Interval { second, active_vus, delta } => {
                self.rows.interval(worker, second, active_vus, &delta);
            }
            Message::Done(done) => {
                self.running -= 1;
                self.rows.done(worker, &done.delta);
                self.failures.count += done.failures.count;
                self.failures.first = self.failures.first.take().or(done.failures.first);
                self.rejected += done.rejected;
                self.busiest = self.busiest.max(done.cpu);
                self.ended = self.ended.max(done.ended);
            }
            Message::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn outcome(
        self,
        plan: &Plan,
        registry: Arc<Registry>,
        duration: Duration,
        cpu: Duration,
        abort: &Abort,
        end: &Progress,
    ) -> Outcome {
        let (mut total, rows) = self.rows.finish(duration);
        let dropped = match abort.reason() {
            None => add_dropped(&mut total, plan, end.complete + end.interrupted),
            Some(_) => 0,
        };
        Outcome {
            registry,
            total,
            rows,
            duration,
            complete: end.complete,
            interrupted: end.interrupted,
            failed: self.failures.count,
            first_failure: self.failures.first,
            dropped,
            rejected: self.rejected,
            aborted: abort.reason(),
            cpu,
            busiest_worker: self.busiest.as_secs_f64() / duration.as_secs_f64(),
        }
    }
}

/// Counts the iterations of the budget that were never started. Not done after an abort, as in k6.
fn add_dropped(total: &mut Tally, plan: &Plan, started: u64) -> u64 {
    let looping = plan.looping();
    let dropped = looping.budget.total(looping.vus).unwrap_or(0).saturating_sub(started);
    if dropped > 0 {
        let key = SinkKey::Metric(DROPPED_ITERATIONS);
        let place = total.sinks.place(&key, || Sink::new(MetricKind::Counter));
        total.sinks[place].add(dropped as f64);
    }
    dropped
}

/// The state after `elapsed`; `ended` is whether it was cut short, once it has ended.
fn progress(
    plan: &Plan,
    boards: &[Arc<Board>],
    elapsed: Duration,
    ended: Option<bool>,
) -> Progress {
    let (mut active, mut complete, mut interrupted) = (0, 0, 0);
    for board in boards {
        let (a, c, i) = board.read();
        (active, complete, interrupted) = (active + a, complete + c, interrupted + i);
    }
    let looping = plan.looping();
    let position = plan.scenario.executor.position(elapsed, complete);
    let status = match ended {
        Some(true) => ScenarioStatus::Interrupted,
        Some(false) if position.fraction < 1.0 => ScenarioStatus::Interrupted,
        Some(false) => ScenarioStatus::Done,
        None if elapsed >= looping.duration => ScenarioStatus::Stopping,
        None => ScenarioStatus::Running,
    };
    Progress {
        elapsed,
        active_vus: active,
        initialized_vus: looping.vus,
        complete,
        interrupted,
        scenarios: vec![ScenarioProgress {
            name: plan.scenario.name.clone(),
            status,
            fraction: position.fraction,
            columns: position.columns,
        }],
    }
}
