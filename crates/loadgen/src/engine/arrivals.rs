//! Starting iterations by the clock.
//!
//! Each worker starts every n-th iteration of this instance, at instants that are computed from
//! the scenario's start and never from one another. One that finds no idle VU on its worker is
//! handed to another worker that has one; so an iteration is dropped only if no VU of the whole
//! instance is idle, as in k6. It is then lost, and lets one more VU be made if there may be more.

use std::{rc::Rc, sync::atomic::Ordering, time::Duration};

use tokio::{sync::mpsc, task::yield_now, time::Instant};

use super::{
    alarm::Alarm,
    board::Present,
    site::{Hire, Site},
};
use crate::{
    executor::work::{Arrivals, Work},
    workload::Workload,
};

/// How long after a scenario's end iterations that were due before it are still started.
const LATE: Duration = Duration::from_millis(100);

/// How many iterations that come too late are counted before others may run.
const AT_ONCE: usize = 10_000;

/// Ways to hand an iteration to a worker, by its place. The iterations are told by their due times.
pub(super) type Workers = Box<[mpsc::UnboundedSender<Instant>]>;

/// Starts a scenario's iterations on one worker.
pub(super) struct Dispatcher<W: Workload> {
    pub site: Rc<Site<W>>,
    pub scenario: usize,
    pub alarm: Alarm,
    pub workers: Workers,
}

impl<W: Workload> Dispatcher<W> {
    /// Starts every iteration that is due on this worker.
    pub(super) async fn run(mut self) {
        let site = self.site.clone();
        let Work::Arrivals(arrivals) = &*site.scenarios[self.scenario].work else { return };
        let interrupt = site.ends.interrupt();
        interrupt.register().await;
        let _engaged = Present::at(&site.counts(self.scenario).engaged);
        let origin = site.start_of(self.scenario);
        let end = origin + arrivals.duration;
        let late = LATE.min(arrivals.cut - arrivals.duration);
        let mut due_times = self.own(arrivals).map(|due| origin + due);
        for due in due_times.by_ref() {
            let Some(woken) = interrupt.unless_raised(self.alarm.until(due)).await else { return };
            if let Err(error) = &woken {
                site.fail(format!("the timer that starts iterations failed: {error}"));
            }
            if woken.is_err() || Instant::now() > end + late {
                site.drop_iterations(self.scenario, 1);
                break;
            }
            self.start(due);
            // The clock alone would keep VUs from running when iterations are due in a burst.
            yield_now().await;
        }
        // There may be millions, which must not hold up what is under way.
        loop {
            let rest = due_times.by_ref().take(AT_ONCE).count();
            site.drop_iterations(self.scenario, rest as u64);
            if rest < AT_ONCE || interrupt.is_raised() {
                return;
            }
            yield_now().await;
        }
    }

    /// Due times of this worker's iterations.
    fn own(&self, arrivals: &Arrivals) -> impl Iterator<Item = Duration> + use<W> {
        arrivals.schedule.due_times().skip(self.site.index).step_by(self.workers.len())
    }

    /// Hands over an iteration, first to a VU of this worker.
    fn start(&self, due: Instant) {
        let vacancies = &self.site.scenarios[self.scenario].vacancies;
        if vacancies[self.site.index].take() {
            return self.site.assign(self.scenario, due);
        }
        match vacancies.iter().position(|worker| worker.take()) {
            // A worker whose channel is closed has ended; so has the run.
            Some(worker) => drop(self.workers[worker].send(due)),
            None => {
                self.site.drop_iterations(self.scenario, 1);
                self.hire();
            }
        }
    }

    /// Asks for one more VU, unless one is on its way.
    fn hire(&self) {
        let scenario = &self.site.scenarios[self.scenario];
        if scenario.hiring.swap(true, Ordering::Relaxed) {
            return;
        }
        let less = |left: u64| left.checked_sub(1);
        if scenario.unplanned.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            // The receiver is there as long as this task is.
            let _ = self.site.hires.send(Hire::Serve { scenario: self.scenario });
        } else {
            scenario.hiring.store(false, Ordering::Relaxed);
            scenario.exhausted.store(true, Ordering::Relaxed);
        }
    }
}

/// Takes in what other workers hand over, and closes the pool when no worker has any more.
pub(super) async fn take_in<W: Workload>(
    site: Rc<Site<W>>,
    scenario: usize,
    mut handed_over: mpsc::UnboundedReceiver<Instant>,
) {
    let interrupt = site.ends.interrupt();
    interrupt.register().await;
    while let Some(Some(due)) = interrupt.unless_raised(handed_over.recv()).await {
        site.assign(scenario, due);
    }
    site.pools[scenario].close();
}
