//! The workers, seen from outside: what they are made from, how they are started and what they say.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    thread::JoinHandle,
};

use tokio::sync::{mpsc, watch};

use super::{
    Abort, EngineError, Run,
    alarm::Alarm,
    board::{Board, Standing},
    external::{Steered, Wanted},
    pool::Vacancies,
    site::Scenario,
    worker::{Blueprint, Exchange, Message, Start, Worker},
};
use crate::{
    executor::{
        Meter,
        lanes::{self, Lane},
        work::Work,
    },
    plan::Plan,
    vu::{Numbers, Task},
    workload::Workload,
};

/// See the module.
pub(super) struct Crew {
    threads: Vec<JoinHandle<()>>,
    boards: Vec<Arc<Board>>,
    inbox: mpsc::UnboundedReceiver<(usize, Message)>,
    start: watch::Sender<Option<Start>>,
    /// By worker: VUs that exist before the run starts.
    pub planned_vus: Vec<u64>,
    /// By scenario: what tells how far it is.
    pub meters: Vec<Meter>,
    pub scenarios: Arc<[Scenario]>,
    pub steered: Vec<Steered>,
}

impl Crew {
    /// Makes the workers, which then make their VUs and wait.
    pub(super) fn assemble<W: Workload>(run: Run<W>, abort: &Abort) -> Result<Self, EngineError> {
        let meters =
            run.plan.scenarios.iter().map(|scenario| scenario.meter(&run.plan.share)).collect();
        let (blueprint, lanes, steered) = blueprint(run, abort, Alarm::new);
        let (messages, inbox) = mpsc::unbounded_channel();
        let mut crew = Self {
            threads: Vec::new(),
            boards: Vec::new(),
            inbox,
            start: watch::Sender::new(None),
            planned_vus: Vec::new(),
            meters,
            scenarios: blueprint.scenarios.clone(),
            steered,
        };
        for worker in workers(&Arc::new(blueprint), lanes, &crew.start, &messages) {
            crew.planned_vus.push(worker.lanes.len() as u64);
            crew.boards.push(worker.board.clone());
            // Should one fail, those before it see `crew` go and end without having started.
            crew.threads.push(worker.spawn().map_err(EngineError::Spawn)?);
        }
        Ok(crew)
    }

    /// What the workers say next, and which of them.
    pub(super) async fn next(&mut self) -> Result<(usize, Message), EngineError> {
        self.inbox.recv().await.ok_or(EngineError::WorkerLost)
    }

    /// Lets the scenarios' clocks begin.
    pub(super) fn go(&self, start: Start) {
        self.start.send_replace(Some(start));
    }

    /// How a scenario stands.
    pub(super) fn standing(&self, scenario: usize) -> Standing {
        let boards = self.boards.iter().map(|board| board.standing(scenario));
        boards.fold(Standing::default(), Standing::plus)
    }

    /// VUs that work.
    pub(super) fn active_vus(&self) -> u64 {
        self.boards.iter().map(|board| board.active()).sum()
    }

    /// VUs that exist.
    pub(super) fn existing_vus(&self) -> u64 {
        self.boards.iter().map(|board| board.vus().get()).sum()
    }

    /// Waits for threads that have said that they are done, or were never started.
    pub(super) fn join(self) -> Result<(), EngineError> {
        drop(self.start);
        for thread in self.threads {
            thread.join().map_err(|_| EngineError::WorkerLost)?;
        }
        Ok(())
    }
}

/// What the workers of a run are made from, what each VU does, and the handles to scenarios that
/// are steered from outside.
pub(super) fn blueprint<W: Workload>(
    run: Run<W>,
    abort: &Abort,
    alarm: fn() -> io::Result<Alarm>,
) -> (Blueprint<W>, Vec<Lane>, Vec<Steered>) {
    let Run { plan, workload, vu, registry, stream, .. } = run;
    let (scenarios, steered) = scenarios(&plan, &workload);
    let lanes = lanes::lanes(scenarios.iter().map(|scenario| (scenario.start, &*scenario.work)));
    let blueprint = Blueprint {
        workers: plan.workers,
        share: plan.share.clone(),
        scenarios,
        made: AtomicU64::new(lanes.len() as u64),
        workload,
        registry,
        system_tags: plan.system_tags,
        stream,
        vu,
        min_iteration_duration: plan.min_iteration_duration,
        alarm,
        abort: abort.clone(),
    };
    (blueprint, lanes, steered)
}

/// The workers of a run. They take every so-manyth lane, so that their shares differ by one at most.
pub(super) fn workers<W: Workload>(
    blueprint: &Arc<Blueprint<W>>,
    lanes: Vec<Lane>,
    start: &watch::Sender<Option<Start>>,
    messages: &mpsc::UnboundedSender<(usize, Message)>,
) -> Vec<Worker<W>> {
    let mut dealt: Vec<Vec<_>> = (0..blueprint.workers).map(|_| Vec::new()).collect();
    for (place, lane) in lanes.into_iter().enumerate() {
        dealt[place % blueprint.workers].push((place as u64, lane));
    }
    let exchanges = exchanges(&blueprint.scenarios, blueprint.workers);
    let worker = |(index, (lanes, exchanges))| Worker {
        index,
        lanes,
        blueprint: blueprint.clone(),
        board: Arc::new(Board::new(blueprint.scenarios.len())),
        exchanges,
        start: start.subscribe(),
        messages: messages.clone(),
    };
    dealt.into_iter().zip(exchanges).enumerate().map(worker).collect()
}

/// The scenarios as workers see them, and the handles to those that are steered from outside.
fn scenarios<W: Workload>(plan: &Plan, workload: &W) -> (Arc<[Scenario]>, Vec<Steered>) {
    let mut all_steered = Vec::new();
    let planned = plan.scenarios.iter().zip(&plan.works).enumerate();
    let scenarios = planned.map(|(place, (scenario, work))| {
        let mut unplanned = 0;
        let mut wanted = watch::channel(Wanted::default()).1;
        match &**work {
            Work::Loops(_) => {}
            Work::Arrivals(arrivals) => unplanned = arrivals.max_vus - arrivals.pre_allocated_vus,
            Work::External(external) => {
                let share = plan.share.clone();
                let (steered, looks) = Steered::new(place, scenario.start_time, *external, share);
                all_steered.push(steered);
                wanted = looks;
            }
        }
        Scenario {
            task: task(plan, place, workload),
            start: scenario.start_time,
            work: work.clone(),
            asked: AtomicU64::new(0),
            vacancies: (0..plan.workers).map(|_| Vacancies::default()).collect(),
            unplanned: AtomicU64::new(unplanned),
            hiring: AtomicBool::new(false),
            exhausted: AtomicBool::new(false),
            wanted,
        }
    });
    (scenarios.collect(), all_steered)
}

/// What the VUs of a scenario are told.
fn task<W: Workload>(plan: &Plan, place: usize, workload: &W) -> Task {
    let scenario = &plan.scenarios[place];
    Task {
        scenario: place,
        name: scenario.name.as_str().into(),
        // Whoever made the run has seen to it that the function exists.
        function: workload.function(scenario.exec()).unwrap_or(0),
        env: Arc::new(scenario.env.clone()),
        tags: plan.tags_with(Some(scenario)),
        numbers: Arc::new(Numbers::new(scenario.numbering(&plan.share))),
    }
}

/// By worker and scenario: how iterations of arrival rates go from one worker to another.
fn exchanges(scenarios: &[Scenario], workers: usize) -> Vec<Vec<Option<Exchange>>> {
    let mut exchanges: Vec<Vec<_>> = (0..workers).map(|_| Vec::new()).collect();
    for scenario in scenarios {
        if !matches!(*scenario.work, Work::Arrivals(_)) {
            exchanges.iter_mut().for_each(|of_worker| of_worker.push(None));
            continue;
        }
        let (to, from): (Vec<_>, Vec<_>) = (0..workers).map(|_| mpsc::unbounded_channel()).unzip();
        for (of_worker, handed_over) in exchanges.iter_mut().zip(from) {
            of_worker.push(Some(Exchange { workers: to.clone().into(), handed_over }));
        }
    }
    exchanges
}
