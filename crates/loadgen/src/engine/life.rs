//! The life of a VU: turn after turn, iteration after iteration. Written once; what starts an
//! iteration and what ends a turn are values.

use std::{panic::AssertUnwindSafe, pin::pin, rc::Rc, sync::atomic::Ordering, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    board::{Mishap, Present},
    external::Orders,
    hook::panic_text,
    interrupt::Interrupt,
    pool::Post,
    site::Site,
};
use crate::{
    executor::{
        Budget,
        lanes::{Task, Turn},
        work::{Span, Work},
    },
    vu::Vu,
    workload::Workload,
};

/// See the module.
pub(super) struct Life<W: Workload> {
    vu: Vu,
    site: Rc<Site<W>>,
    interrupt: Rc<Interrupt>,
}

impl<W: Workload> Life<W> {
    /// Lets a VU do all its turns.
    pub(super) async fn live(
        vu: Vu,
        site: Rc<Site<W>>,
        interrupt: Rc<Interrupt>,
        turns: Vec<Turn>,
    ) {
        interrupt.register().await;
        let mut life = Self { vu, site: site.clone(), interrupt };
        for turn in turns {
            // Whoever serves a clock is there before it starts.
            let is_early = matches!(turn.task, Task::Serve);
            if !is_early && life.wait_until(site.start + turn.start).await.is_none() {
                return;
            }
            let _engaged = Present::at(&site.counts(turn.scenario).engaged);
            life.take(turn).await;
            if site.ends.is_aborted() {
                return;
            }
            life.interrupt.clear(None);
        }
    }

    async fn take(&mut self, turn: Turn) {
        let cut = turn.end.map(|end| self.site.start + end);
        self.interrupt.clear(cut);
        // One that is late has nobody left to cut it off.
        self.interrupt.raise_if_due(Instant::now());
        match turn.task {
            Task::Loop(spans) => self.loop_through(turn.scenario, &spans).await,
            Task::Serve => self.serve(turn.scenario).await,
            Task::Follow { slot } => self.follow(turn.scenario, slot).await,
        }
    }

    /// `None` when there is nothing to wait for any more.
    async fn wait_until(&self, at: Instant) -> Option<()> {
        if Instant::now() >= at {
            return (!self.interrupt.is_raised()).then_some(());
        }
        self.interrupt.unless_raised(sleep_until(at)).await
    }

    /// Starts the next iteration when the last one has ended, as long as a span is open.
    async fn loop_through(&mut self, scenario: usize, spans: &[Span]) {
        let site = self.site.clone();
        let Work::Loops(loops) = &*site.scenarios[scenario].work else { return };
        let origin = site.start;
        let mut active = None;
        let mut own = 0;
        for span in spans {
            let (start, stop) = (origin + span.start, origin + span.stop);
            let mut now = Instant::now();
            if now < start {
                drop(active.take());
                if self.wait_until(start).await.is_none() {
                    return;
                }
                now = Instant::now();
            }
            if active.is_none() {
                self.vu.set_duty(site.duties[scenario].clone());
                active = Some(Present::at(&site.counts(scenario).active));
            }
            while !self.interrupt.is_raised() && now < stop {
                if !self.may_start(loops.budget, scenario, own) {
                    return;
                }
                own += 1;
                self.iterate(scenario, now).await;
                // An iteration that waits for nothing must not keep others from running; the next
                // one begins when it is this VU's turn again.
                tokio::task::consume_budget().await;
                now = Instant::now();
            }
            if self.interrupt.is_raised() {
                return;
            }
        }
    }

    /// Takes an iteration from the budget; `own` is how many this VU has had.
    fn may_start(&self, budget: Budget, scenario: usize, own: u64) -> bool {
        match budget {
            Budget::Unlimited => true,
            Budget::PerVu(each) => own < each,
            Budget::Shared(total) => {
                self.site.scenarios[scenario].asked.fetch_add(1, Ordering::Relaxed) < total
            }
        }
    }

    /// Runs iterations of an arrival rate as they are handed over.
    async fn serve(&mut self, scenario: usize) {
        let site = self.site.clone();
        self.vu.set_duty(site.duties[scenario].clone());
        let (pool, post) = (&site.pools[scenario], Rc::new(Post::default()));
        let vacancies = &site.scenarios[scenario].vacancies[site.index];
        // Whoever was asked for is here now.
        site.scenarios[scenario].hiring.store(false, Ordering::Relaxed);
        loop {
            let next = pool.next(&post, vacancies);
            let Some(next) = self.interrupt.unless_raised(next).await else {
                if pool.leave(&post, vacancies) && !site.ends.is_aborted() {
                    site.drop_iterations(scenario, 1);
                }
                return;
            };
            let Some(due) = next else { return };
            let _active = Present::at(&site.counts(scenario).active);
            let start = Instant::now();
            self.vu.add_lag(due, start);
            self.iterate(scenario, start).await;
        }
    }

    /// Loops while somebody outside wants that.
    async fn follow(&mut self, scenario: usize, slot: u64) {
        let site = self.site.clone();
        self.vu.set_duty(site.duties[scenario].clone());
        let slot = site.slots[scenario].take(slot, self.interrupt.clone());
        while !site.ends.is_aborted() {
            self.interrupt.clear(None);
            match self.interrupt.unless_raised(slot.called()).await {
                Some(Orders::Leave) => break,
                Some(Orders::Go) => {
                    site.board.vus().down();
                    break;
                }
                Some(Orders::Loop) => {}
                Some(Orders::Wait) | None => continue,
            }
            let _active = Present::at(&site.counts(scenario).active);
            while !self.interrupt.is_raised() && slot.orders() == Orders::Loop {
                self.iterate(scenario, Instant::now()).await;
                tokio::task::consume_budget().await;
            }
        }
        site.slots[scenario].give_back(&slot);
    }

    /// One iteration from `start`, and the pause that makes it last long enough.
    async fn iterate(&mut self, scenario: usize, start: Instant) {
        let counts = self.site.counts(scenario);
        // Whatever ends it early, a panic too.
        let cut_off = Mishap::of(&counts.interrupted);
        self.vu.begin_iteration();
        let result = {
            let function = self.vu.function();
            // Pinned first: the future is kilobytes, and each wrapper would move it once more.
            let iteration = pin!(W::iterate(&self.site.workload, function, &mut self.vu));
            let iteration = AssertUnwindSafe(iteration).catch_unwind();
            self.interrupt.unless_raised(iteration).await
        };
        let end = Instant::now();
        let Some(result) = result else {
            self.vu.end_iteration(end, None);
            return;
        };
        cut_off.averted();
        self.vu.end_iteration(end, Some(end - start));
        counts.complete.up();
        let failure = result.map_or_else(|panic| Some(panic_text(&*panic)), Result::err);
        if let Some(failure) = failure {
            self.site.fail(failure);
        }
        if self.vu.has_aborted() {
            // The worker hears of it only when it is its turn, and the next iteration may be sooner.
            self.site.ends.abort();
        }
        let rest = self.site.min_iteration_duration.saturating_sub(end - start);
        if rest > Duration::ZERO {
            self.interrupt.unless_raised(sleep(rest)).await;
        }
    }
}
