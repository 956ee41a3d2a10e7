//! What all tasks of one worker share: the workload, the scenarios, where they report, and what
//! ends them.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    board::{Board, Counts},
    external::{Slots, Wanted},
    interrupt::Interrupt,
    pool::{Pool, Vacancies},
};
use crate::{
    executor::work::Work,
    metrics::{TagSet, builtin::DROPPED_ITERATIONS},
    vu::{Common, Duty, Task},
    workload::Workload,
};

/// A scenario, as all workers see it.
pub(super) struct Scenario {
    /// What its VUs are told of it.
    pub task: Task,
    /// Tags of iterations that are never started.
    pub dropped_tags: TagSet,
    /// When it starts, counted from the start of all.
    pub start: Duration,
    /// What it asks for.
    pub work: Arc<Work>,
    /// Iterations of a shared budget that were asked for.
    pub asked: AtomicU64,
    /// By worker: VUs that wait for an iteration of its arrival rate.
    pub vacancies: Box<[Vacancies]>,
    /// VUs that may still be made for its arrival rate.
    pub unplanned: AtomicU64,
    /// Whether one is being made.
    pub hiring: AtomicBool,
    /// Whether it lacked VUs when no more could be made.
    pub exhausted: AtomicBool,
    /// What somebody outside wants its VUs to do.
    pub wanted: watch::Receiver<Wanted>,
}

/// See the module.
pub(super) struct Site<W: Workload> {
    /// The worker's place among the workers.
    pub index: usize,
    pub workload: W::Local,
    pub common: Rc<Common>,
    pub scenarios: Arc<[Scenario]>,
    /// By scenario: what a VU is told to do.
    pub duties: Vec<Rc<Duty>>,
    /// By scenario: its VUs that are here and wait for its clock.
    pub pools: Vec<Pool>,
    pub board: Arc<Board>,
    /// When all scenarios' clocks begin.
    pub start: Instant,
    pub min_iteration_duration: Duration,
    /// Where VUs are asked for.
    pub hires: mpsc::UnboundedSender<Hire>,
    pub failures: RefCell<Failures>,
    /// By scenario: its VUs that are here and do what somebody outside wants.
    pub slots: Vec<Slots>,
    pub ends: Ends,
}

/// What tasks are ended by.
#[derive(Default)]
pub(super) struct Ends {
    aborted: Cell<bool>,
    interrupts: RefCell<Vec<Rc<Interrupt>>>,
}

/// A VU that is made during the run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hire {
    /// For an arrival rate that had none to spare.
    Serve { scenario: usize },
    /// For somebody outside who wants more.
    Follow { scenario: usize, slot: u64 },
}

/// Iterations that failed.
#[derive(Debug, Default)]
pub(super) struct Failures {
    pub count: u64,
    pub first: Option<String>,
}

impl<W: Workload> Site<W> {
    /// When a scenario's clock begins.
    pub(super) fn start_of(&self, scenario: usize) -> Instant {
        self.start + self.scenarios[scenario].start
    }

    /// The worker's counts of a scenario.
    pub(super) fn counts(&self, scenario: usize) -> &Counts {
        self.board.scenario(scenario)
    }

    /// Hands an iteration of an arrival rate to the VU of this worker that waits longest.
    pub(super) fn assign(&self, scenario: usize, due: Instant) {
        if !self.pools[scenario].assign(due) && !self.ends.is_aborted() {
            self.drop_iterations(scenario, 1);
        }
    }

    /// Counts iterations of an arrival rate that are never started.
    pub(super) fn drop_iterations(&self, scenario: usize, number: u64) {
        if number > 0 {
            let tags = &self.scenarios[scenario].dropped_tags;
            self.common.add(tags, DROPPED_ITERATIONS, number as f64);
            self.counts(scenario).dropped.add(number);
        }
    }

    /// Notes that an iteration failed.
    pub(super) fn fail(&self, failure: String) {
        let mut failures = self.failures.borrow_mut();
        failures.count += 1;
        failures.first.get_or_insert(failure);
    }
}

impl Ends {
    /// An interrupt for a task, which an abort raises.
    pub(super) fn interrupt(&self) -> Rc<Interrupt> {
        let interrupt = Rc::new(Interrupt::default());
        if self.is_aborted() {
            interrupt.raise();
        }
        self.interrupts.borrow_mut().push(interrupt.clone());
        interrupt
    }

    /// Cuts everything off.
    pub(super) fn abort(&self) {
        self.aborted.set(true);
        self.interrupts.borrow().iter().for_each(|interrupt| interrupt.raise());
    }

    /// Whether the run is being cut short.
    pub(super) fn is_aborted(&self) -> bool {
        self.aborted.get()
    }
}
