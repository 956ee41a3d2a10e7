//! A worker: one thread with one runtime, and the VUs that live there.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io,
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
    alarm::Alarm,
    arrivals::{Dispatcher, Workers, take_in},
    board::Board,
    external::{self, Slots},
    interrupt::Interrupt,
    life::Life,
    pool::Pool,
    site::{Ends, Failures, Hire, Scenario, Site},
    usage::{Meter, Usage},
};
use crate::{
    executor::{
        Share,
        lanes::{self, Lane, Turn},
        work::Work,
    },
    metrics::{Delta, Registry},
    options::system_tags::SystemTags,
    stream::Stream,
    vu::{Common, Duty, LeftOut, Vu, VuConfig},
    workload::Workload,
};

/// How often a worker hands over what it has gathered.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// What a worker says.
pub(super) enum Message {
    /// Its VUs exist.
    Ready,
    /// What it gathered in the second that has this number, counted from 0.
    Interval { second: u64, active_vus: u64, vus: u64, usage: Usage, delta: Delta },
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
    /// Why an iteration marked the test as failed, if one did.
    pub marked_failed: Option<String>,
    pub left_out: LeftOut,
    /// What its thread used since the last interval.
    pub usage: Usage,
}

/// What a run begins with.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// When all scenarios' clocks begin.
    pub at: Instant,
    /// What the setup function returned.
    pub setup_data: Option<Arc<serde_json::Value>>,
}

/// What all workers are made from.
pub(super) struct Blueprint<W> {
    /// How many workers there are.
    pub workers: usize,
    pub share: Share,
    pub scenarios: Arc<[Scenario]>,
    pub workload: W,
    pub registry: Arc<Registry>,
    pub system_tags: SystemTags,
    /// Where every single sample goes, if somebody wants that.
    pub stream: Option<Stream>,
    pub vu: VuConfig,
    pub min_iteration_duration: Duration,
    /// Makes what wakes an arrival rate.
    pub alarm: fn() -> io::Result<Alarm>,
    /// VUs that were made, of all workers.
    pub made: AtomicU64,
    pub abort: Abort,
}

/// Where a worker gets a scenario's iterations from other workers, and gives them to others.
pub(super) struct Exchange {
    pub workers: Workers,
    pub handed_over: mpsc::UnboundedReceiver<Instant>,
}

/// What a worker is made of.
pub(super) struct Worker<W> {
    /// Its place among the workers.
    pub index: usize,
    pub blueprint: Arc<Blueprint<W>>,
    /// What each of its VUs does, with the VU's place among all.
    pub lanes: Vec<(u64, Lane)>,
    pub board: Arc<Board>,
    /// By scenario: for those with an arrival rate.
    pub exchanges: Vec<Option<Exchange>>,
    /// What the run begins with, once it is known.
    pub start: watch::Receiver<Option<Start>>,
    pub messages: mpsc::UnboundedSender<(usize, Message)>,
}

impl<W: Workload> Worker<W> {
    /// Starts the worker's thread.
    pub(super) fn spawn(self) -> io::Result<thread::JoinHandle<()>> {
        let name = format!("worker-{}", self.index);
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        thread::Builder::new().name(name).spawn(move || {
            let outbox = Outbox { index: self.index, messages: self.messages.clone() };
            match runtime.enable_all().build_local(Default::default()) {
                Ok(runtime) => {
                    runtime.block_on(self.work());
                    // A resolver that hangs on a blocking thread must not hold up the end.
                    runtime.shutdown_background();
                }
                Err(error) => outbox.send(Message::Failed(EngineError::Spawn(error))),
            }
        })
    }

    /// All that the worker does, on its own thread's runtime.
    pub(super) async fn work(self) {
        let Self { index, blueprint, lanes, board, exchanges, mut start, messages } = self;
        let outbox = Outbox { index, messages };
        let alarms: Result<Vec<_>, _> =
            exchanges.iter().flatten().map(|_| (blueprint.alarm)()).collect();
        let alarms = match alarms {
            Ok(alarms) => alarms,
            Err(error) => return outbox.send(Message::Failed(EngineError::Timer(error))),
        };
        let recruiter = Recruiter::new(index, blueprint);
        let workload = recruiter.blueprint.workload.localize();
        let planned =
            |(place, Lane { turns }): (u64, Lane)| (recruiter.vu(place, turns[0].scenario), turns);
        let vus: Vec<_> = lanes.into_iter().map(planned).collect();
        board.vus().add(vus.len() as u64);
        outbox.send(Message::Ready);
        let Ok(start) = start.wait_for(Option::is_some).await.map(|start| (*start).clone()) else {
            return;
        };
        let start = start.expect("waited for it");
        let mut meter = Meter::start();
        let mut shift = Shift::new(recruiter, workload, board, &start);
        vus.into_iter().for_each(|(vu, turns)| shift.employ(vu, turns));
        shift.start_clocks(exchanges, alarms);
        shift.watch(&outbox, &mut meter).await;
        let Shift { site, .. } = shift;
        outbox.send(Message::Done(Done {
            ended: Instant::now(),
            delta: site.common.take(),
            failures: site.failures.take(),
            marked_failed: site.common.failed(),
            left_out: site.common.left_out(),
            usage: meter.lap(),
        }));
    }
}

/// Makes VUs.
struct Recruiter<W> {
    index: usize,
    blueprint: Arc<Blueprint<W>>,
    config: Rc<VuConfig>,
    common: Rc<Common>,
    duties: Vec<Rc<Duty>>,
}

impl<W: Workload> Recruiter<W> {
    fn new(index: usize, blueprint: Arc<Blueprint<W>>) -> Self {
        let tap = blueprint.stream.as_ref().map(Stream::tap);
        let common = Common::new(blueprint.registry.clone(), blueprint.system_tags, tap);
        let common = Rc::new(common);
        let duty = |scenario: &Scenario| Rc::new(Duty::new(scenario.task.clone(), &common));
        let duties = blueprint.scenarios.iter().map(duty).collect();
        Self { index, config: Rc::new(blueprint.vu.clone()), common, duties, blueprint }
    }

    /// One more than those that were made, of all workers.
    fn one_more(&self, scenario: usize) -> Vu {
        self.vu(self.blueprint.made.fetch_add(1, Ordering::Relaxed), scenario)
    }

    /// The `place`th VU of this instance, which serves a scenario first.
    fn vu(&self, place: u64, scenario: usize) -> Vu {
        let id = self.blueprint.share.global(place) + 1;
        Vu::new(id, self.config.clone(), self.common.clone(), self.duties[scenario].clone())
    }
}

/// A worker at work.
struct Shift<W: Workload> {
    site: Rc<Site<W>>,
    recruiter: Recruiter<W>,
    tasks: JoinSet<()>,
    /// Whom to cut off when, unless they are done by then.
    cuts: BTreeMap<Instant, Vec<Rc<Interrupt>>>,
    hires: mpsc::UnboundedReceiver<Hire>,
}

impl<W: Workload> Shift<W> {
    fn new(recruiter: Recruiter<W>, workload: W::Local, board: Arc<Board>, start: &Start) -> Self {
        let blueprint = &recruiter.blueprint;
        if let Some(data) = &start.setup_data {
            recruiter.common.set_setup_data(data.clone());
        }
        let (asks, hires) = mpsc::unbounded_channel();
        let site = Rc::new(Site {
            index: recruiter.index,
            workload,
            common: recruiter.common.clone(),
            scenarios: blueprint.scenarios.clone(),
            duties: recruiter.duties.clone(),
            pools: blueprint.scenarios.iter().map(|_| Pool::default()).collect(),
            slots: blueprint.scenarios.iter().map(|it| Slots::new(*it.wanted.borrow())).collect(),
            board,
            start: start.at,
            min_iteration_duration: blueprint.min_iteration_duration,
            hires: asks,
            failures: RefCell::default(),
            ends: Ends::default(),
        });
        Self { site, recruiter, tasks: JoinSet::new(), cuts: BTreeMap::new(), hires }
    }

    /// Sets a VU to work.
    fn employ(&mut self, vu: Vu, turns: Vec<Turn>) {
        let interrupt = self.site.ends.interrupt();
        for end in turns.iter().filter_map(|turn| turn.end) {
            self.cuts.entry(self.site.start + end).or_default().push(interrupt.clone());
        }
        self.tasks.spawn_local(Life::live(vu, self.site.clone(), interrupt, turns));
    }

    /// Starts what starts iterations, or VUs, from outside of them.
    fn start_clocks(&mut self, exchanges: Vec<Option<Exchange>>, alarms: Vec<Alarm>) {
        let mut alarms = alarms.into_iter();
        for (scenario, exchange) in exchanges.into_iter().enumerate() {
            let site = self.site.clone();
            let workers = self.recruiter.blueprint.workers;
            match (&*site.scenarios[scenario].work, exchange) {
                (Work::Arrivals(_), Some(Exchange { workers, handed_over })) => {
                    let alarm = alarms.next().expect("one for each exchange");
                    self.tasks.spawn_local(take_in(site.clone(), scenario, handed_over));
                    let dispatcher = Dispatcher { site: site.clone(), scenario, alarm, workers };
                    self.tasks.spawn_local(dispatcher.run());
                }
                (Work::External(_), _) => {
                    self.tasks.spawn_local(external::carry_out(site.clone(), scenario, workers));
                }
                _ => {}
            }
        }
    }

    /// Waits for the tasks to end, handing over intervals, and cuts them off when that is due.
    async fn watch(&mut self, outbox: &Outbox, meter: &mut Meter) {
        let site = self.site.clone();
        let mut ticks = interval_at(site.start + INTERVAL, INTERVAL);
        // A worker that was held up still reports every second.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let abort = self.recruiter.blueprint.abort.clone();
        let aborted = abort.aborted();
        tokio::pin!(aborted);
        loop {
            let cut = self.cuts.keys().next().copied();
            tokio::select! {
                biased;
                () = &mut aborted, if !site.ends.is_aborted() => site.ends.abort(),
                () = sleep_until(cut.unwrap_or(site.start)), if cut.is_some() => {
                    for interrupt in self.cuts.pop_first().into_iter().flat_map(|(_, over)| over) {
                        interrupt.raise_if_due(Instant::now());
                    }
                }
                tick = ticks.tick() => {
                    let second = (tick - site.start).as_secs().saturating_sub(1);
                    outbox.send(Message::Interval {
                        second,
                        active_vus: site.board.active(),
                        vus: site.board.vus().get(),
                        usage: meter.lap(),
                        delta: site.common.take(),
                    });
                }
                Some(hire) = self.hires.recv() => self.hire(hire),
                ended = self.tasks.join_next() => match ended {
                    None => return,
                    Some(Ok(())) => {}
                    // An iteration that was cut off panicked while it was dropped.
                    Some(Err(error)) => site.fail(error.to_string()),
                },
            }
        }
    }

    fn hire(&mut self, hire: Hire) {
        if self.site.ends.is_aborted() {
            return;
        }
        let (scenario, task) = match hire {
            Hire::Serve { scenario } => (scenario, lanes::Task::Serve),
            Hire::Follow { scenario, slot } => (scenario, lanes::Task::Follow { slot }),
        };
        let runs = &self.site.scenarios[scenario];
        let end = match &*runs.work {
            Work::Arrivals(arrivals) => Some(runs.start + arrivals.cut),
            _ => None,
        };
        let turn = Turn { scenario, start: runs.start, end, task };
        let vu = self.recruiter.one_more(scenario);
        self.site.board.vus().up();
        self.employ(vu, vec![turn]);
    }
}

/// Where a worker's messages go. Says of a worker that panics that it is no more.
struct Outbox {
    index: usize,
    messages: mpsc::UnboundedSender<(usize, Message)>,
}

impl Outbox {
    fn send(&self, message: Message) {
        // A coordinator that is gone has aborted the run.
        let _ = self.messages.send((self.index, message));
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if thread::panicking() {
            self.send(Message::Failed(EngineError::WorkerLost));
        }
    }
}
