//! A worker: one thread with one runtime, and the VUs that live there.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use super::{
    EngineError,
    abort::Abort,
    interrupt::Interrupt,
    vu_loop::{Failures, Shared, run_vu},
};
use crate::{
    executor::Looping,
    host,
    metrics::{Delta, Registry},
    vu::{Common, Vu, VuConfig},
    workload::Workload,
};

/// How often a worker hands over what it has gathered.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// What a worker says.
pub(super) enum Message {
    /// Its VUs exist.
    Ready,
    /// What it gathered in the second that has this number, counted from 0.
    Interval { second: u64, active_vus: u64, delta: Delta },
    /// Its last VU has ended.
    Done(Done),
    /// It could not start, or has panicked.
    Failed(EngineError),
}

/// What a worker says at its end.
pub(super) struct Done {
    /// When its last VU ended.
    pub ended: Instant,
    /// What it gathered since the last interval.
    pub delta: Delta,
    pub failures: Failures,
    /// Values of a test's own metrics that were no numbers.
    pub rejected: u64,
    /// CPU time of its thread since the start.
    pub cpu: Duration,
}

/// How a worker stands, for whoever wants to look. Written by the worker alone.
#[derive(Debug, Default)]
pub(super) struct Board {
    active: AtomicU64,
    complete: AtomicU64,
    interrupted: AtomicU64,
}

impl Board {
    pub(super) fn vu_started(&self) {
        add(&self.active, 1);
    }

    pub(super) fn vu_ended(&self) {
        add(&self.active, u64::MAX);
    }

    pub(super) fn completed(&self) {
        add(&self.complete, 1);
    }

    pub(super) fn interrupted(&self) {
        add(&self.interrupted, 1);
    }

    /// Active VUs, complete and interrupted iterations.
    pub(super) fn read(&self) -> (u64, u64, u64) {
        let read = |value: &AtomicU64| value.load(Ordering::Relaxed);
        (read(&self.active), read(&self.complete), read(&self.interrupted))
    }
}

/// With a single writer a load and a store are enough: no locked instruction.
fn add(value: &AtomicU64, amount: u64) {
    value.store(value.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
}

/// What a worker is made of.
pub(super) struct Worker<W> {
    /// Its place among the workers.
    pub index: usize,
    pub workers: usize,
    pub scenario: String,
    pub looping: Looping,
    pub workload: Arc<W>,
    pub registry: Arc<Registry>,
    pub vu: VuConfig,
    pub asked: Arc<AtomicU64>,
    pub board: Arc<Board>,
    pub abort: Abort,
    /// The instant at which the run starts, once it is known.
    pub start: watch::Receiver<Option<Instant>>,
    pub messages: mpsc::UnboundedSender<(usize, Message)>,
}

impl<W: Workload> Worker<W> {
    /// Starts the worker's thread.
    pub(super) fn spawn(self) -> std::io::Result<thread::JoinHandle<()>> {
        let name = format!("worker-{}", self.index);
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        thread::Builder::new().name(name).spawn(move || {
            let _on_panic = SayOnPanic { index: self.index, messages: self.messages.clone() };
            match runtime.enable_all().build_local(Default::default()) {
                Ok(runtime) => {
                    runtime.block_on(self.work());
                    // A resolver that hangs on a blocking thread must not hold up the end.
                    runtime.shutdown_background();
                }
                Err(error) => self.send(Message::Failed(EngineError::Spawn(error))),
            }
        })
    }

    async fn work(mut self) {
        let common = Rc::new(Common::new(self.registry.clone(), &self.scenario));
        let vus: Vec<Vu> = self.vu_ids().map(|id| Vu::new(id, &self.vu, common.clone())).collect();
        let workload = self.workload.localize();
        self.send(Message::Ready);
        let Ok(start) = self.start.wait_for(Option::is_some).await.map(|start| *start) else {
            return;
        };
        let start = start.expect("waited for it");
        let cpu_before = host::thread_cpu_time();

        let shared = Rc::new(self.shared(workload, start));
        let mut running = JoinSet::new();
        for vu in vus {
            running.spawn_local(run_vu(vu, shared.clone()));
        }
        self.watch(start, &mut running, &shared, &common).await;

        self.send(Message::Done(Done {
            ended: Instant::now(),
            delta: common.take(),
            failures: shared.failures.take(),
            rejected: common.rejected(),
            cpu: host::thread_cpu_time() - cpu_before,
        }));
    }

    /// The numbers of its VUs: every so-manyth, so that workers' shares differ by one at most.
    fn vu_ids(&self) -> impl Iterator<Item = u64> + use<W> {
        (self.index as u64 + 1..=self.looping.vus).step_by(self.workers)
    }

    fn shared(&self, workload: W::Local, start: Instant) -> Shared<W> {
        Shared {
            workload,
            interrupt: Interrupt::default(),
            board: self.board.clone(),
            deadline: start + self.looping.duration,
            budget: self.looping.budget,
            asked: self.asked.clone(),
            failures: RefCell::default(),
        }
    }

    /// Waits for the VUs to end, handing over intervals, and cuts them off when that is due.
    async fn watch(
        &self,
        start: Instant,
        running: &mut JoinSet<()>,
        shared: &Shared<W>,
        common: &Common,
    ) {
        let mut ticks = interval_at(start + INTERVAL, INTERVAL);
        // A worker that was held up still reports every second.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let hard_stop = sleep_until(shared.deadline + self.looping.graceful_stop);
        let aborted = self.abort.aborted();
        tokio::pin!(hard_stop, aborted);
        loop {
            tokio::select! {
                biased;
                () = &mut aborted, if !shared.interrupt.is_raised() => shared.interrupt.raise(),
                () = &mut hard_stop, if !shared.interrupt.is_raised() => shared.interrupt.raise(),
                tick = ticks.tick() => {
                    let second = (tick - start).as_secs().saturating_sub(1);
                    let (active_vus, ..) = self.board.read();
                    self.send(Message::Interval { second, active_vus, delta: common.take() });
                }
                ended = running.join_next() => match ended {
                    None => return,
                    Some(Ok(())) => {}
                    // An iteration that was cut off panicked while it was dropped.
                    Some(Err(error)) => {
                        self.board.vu_ended();
                        self.board.interrupted();
                        shared.fail(error.to_string());
                    }
                },
            }
        }
    }

    fn send(&self, message: Message) {
        // A coordinator that is gone has aborted the run.
        let _ = self.messages.send((self.index, message));
    }
}

/// Says of a worker that panics that it is no more.
struct SayOnPanic {
    index: usize,
    messages: mpsc::UnboundedSender<(usize, Message)>,
}

impl Drop for SayOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.messages.send((self.index, Message::Failed(EngineError::WorkerLost)));
        }
    }
}
