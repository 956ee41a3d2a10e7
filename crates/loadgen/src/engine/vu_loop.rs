//! The life of a VU: iteration after iteration, until its time, its share or its run is over.
//! Written once; what ends it are values.

use std::{
    any::Any,
    cell::RefCell,
    panic::AssertUnwindSafe,
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::{interrupt::Interrupt, worker::Board};
use crate::{executor::Budget, vu::Vu, workload::Workload};

/// What the VUs of one worker heed, and where they report.
pub(super) struct Shared<W: Workload> {
    pub workload: W::Local,
    pub interrupt: Interrupt,
    pub board: Arc<Board>,
    /// No iteration starts after this.
    pub deadline: Instant,
    pub budget: Budget,
    /// Iterations of a shared budget that were asked for, by all workers.
    pub asked: Arc<AtomicU64>,
    pub failures: RefCell<Failures>,
}

/// Iterations that failed.
#[derive(Debug, Default)]
pub(super) struct Failures {
    pub count: u64,
    pub first: Option<String>,
}

/// Runs a VU's iterations.
pub(super) async fn run_vu<W: Workload>(mut vu: Vu, shared: Rc<Shared<W>>) {
    shared.interrupt.register().await;
    shared.board.vu_started();
    let mut own = 0;
    let mut now = Instant::now();
    while !shared.interrupt.is_raised() && now < shared.deadline && shared.may_start(own) {
        own += 1;
        shared.iterate(&mut vu, now).await;
        // An iteration that waits for nothing must not keep others from running; the next one
        // begins when it is this VU's turn again.
        tokio::task::consume_budget().await;
        now = Instant::now();
    }
    shared.board.vu_ended();
}

impl<W: Workload> Shared<W> {
    /// Takes an iteration from the budget; `own` is how many this VU has had.
    fn may_start(&self, own: u64) -> bool {
        match self.budget {
            Budget::Unlimited => true,
            Budget::PerVu(each) => own < each,
            Budget::Shared(total) => self.asked.fetch_add(1, Ordering::Relaxed) < total,
        }
    }

    /// One iteration from `start`.
    async fn iterate(&self, vu: &mut Vu, start: Instant) {
        vu.begin_iteration();
        let result = {
            // Pinned first: the future is kilobytes, and each wrapper would move it once more.
            let iteration = pin!(W::iterate(&self.workload, vu));
            let iteration = AssertUnwindSafe(iteration).catch_unwind();
            self.interrupt.unless_raised(iteration).await
        };
        let end = Instant::now();
        let failure = match result {
            None => {
                vu.end_iteration();
                self.board.interrupted();
                return;
            }
            Some(Ok(result)) => result.err(),
            Some(Err(panic)) => Some(panic_text(&*panic)),
        };
        vu.complete_iteration(end - start);
        self.board.completed();
        if let Some(failure) = failure {
            self.fail(failure);
        }
    }

    /// Notes that an iteration failed.
    pub(super) fn fail(&self, failure: String) {
        let mut failures = self.failures.borrow_mut();
        failures.count += 1;
        failures.first.get_or_insert(failure);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("no message"))
}
