//! VUs that loop while somebody outside wants them to.
//!
//! The coordinator says what is wanted of a scenario ([`Steered`]); on each worker one task
//! ([`carry_out`]) turns that into orders for the VUs that are there ([`Slot`]).

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use tokio::sync::watch;

use super::{
    bell::Bell,
    interrupt::Interrupt,
    site::{Hire, Site},
};
use crate::{
    control::Refused,
    executor::{
        Share,
        work::{External, Work},
    },
    workload::Workload,
};

/// Most VUs that may be asked for while a test runs.
const MAX_VUS: i64 = 1_000_000;

/// What somebody outside wants of a scenario's VUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// VUs that loop.
    vus: u64,
    /// VUs that exist.
    max_vus: u64,
    /// They finish what they do, and wait.
    paused: bool,
    /// All of it is over.
    ended: bool,
}

/// What a VU is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Orders {
    /// Wait, once the iteration under way has ended.
    #[default]
    Wait,
    /// Start one iteration after the other.
    Loop,
    /// Serve other scenarios.
    Leave,
    /// Be no more.
    Go,
}

impl Wanted {
    fn orders(&self, slot: u64) -> Orders {
        if self.ended {
            Orders::Leave
        } else if slot >= self.max_vus {
            Orders::Go
        } else if slot < self.vus && !self.paused {
            Orders::Loop
        } else {
            Orders::Wait
        }
    }

    /// Whether the VU in a slot may not even finish what it does.
    fn cuts_off(&self, slot: u64) -> bool {
        self.ended || slot >= self.vus
    }
}

/// The place of one VU among those of its scenario.
pub(super) struct Slot {
    number: u64,
    orders: Cell<Orders>,
    bell: Bell,
    interrupt: Rc<Interrupt>,
}

impl Slot {
    /// What its VU is to do.
    pub(super) fn orders(&self) -> Orders {
        self.orders.get()
    }

    /// Waits until its VU is to do something.
    pub(super) async fn called(&self) -> Orders {
        poll_fn(|context| match self.orders.get() {
            Orders::Wait => {
                self.bell.listen(context);
                Poll::Pending
            }
            orders => Poll::Ready(orders),
        })
        .await
    }

    /// Those who must go stay gone: their slot is filled anew.
    fn order(&self, wanted: &Wanted) {
        if matches!(self.orders.get(), Orders::Go | Orders::Leave) {
            return;
        }
        self.orders.set(wanted.orders(self.number));
        if wanted.cuts_off(self.number) {
            self.interrupt.raise();
        }
        self.bell.ring();
    }
}

/// The VUs of a scenario that are on one worker.
pub(super) struct Slots {
    wanted: Cell<Wanted>,
    taken: RefCell<Vec<Rc<Slot>>>,
}

impl Slots {
    /// No VUs yet.
    pub(super) fn new(wanted: Wanted) -> Self {
        Self { wanted: Cell::new(wanted), taken: RefCell::default() }
    }

    /// Gives a VU its place.
    pub(super) fn take(&self, number: u64, interrupt: Rc<Interrupt>) -> Rc<Slot> {
        let orders = Cell::new(self.wanted.get().orders(number));
        let slot = Rc::new(Slot { number, orders, bell: Bell::default(), interrupt });
        self.taken.borrow_mut().push(slot.clone());
        slot
    }

    /// Takes a place back: nothing that is wanted concerns its VU any more.
    pub(super) fn give_back(&self, slot: &Rc<Slot>) {
        self.taken.borrow_mut().retain(|taken| !Rc::ptr_eq(taken, slot));
    }

    fn tell(&self, wanted: Wanted) {
        self.wanted.set(wanted);
        self.taken.borrow().iter().for_each(|slot| slot.order(&wanted));
    }
}

/// Carries out on one worker what is wanted of a scenario's VUs. `workers` is how many there are.
pub(super) async fn carry_out<W: Workload>(site: Rc<Site<W>>, scenario: usize, workers: usize) {
    let Work::External(planned) = &*site.scenarios[scenario].work else { return };
    let interrupt = site.ends.interrupt();
    interrupt.register().await;
    let mut wanted = site.scenarios[scenario].wanted.clone();
    let mut existing = planned.max_vus;
    loop {
        let now = *wanted.borrow_and_update();
        // Each worker makes every so-manyth.
        for slot in existing..now.max_vus {
            if slot % workers as u64 == site.index as u64 {
                let _ = site.hires.send(Hire::Follow { scenario, slot });
            }
        }
        existing = now.max_vus;
        site.slots[scenario].tell(now);
        // The sender outlives the workers.
        if now.ended || interrupt.unless_raised(wanted.changed()).await.is_none() {
            return;
        }
    }
}

/// A scenario that somebody outside steers.
pub(super) struct Steered {
    /// Its place in the plan.
    pub scenario: usize,
    start: Duration,
    external: External,
    share: Share,
    /// What is wanted of the whole test, of which this instance does its share.
    whole: (i64, i64),
    /// VUs that must exist.
    least: i64,
    wanted: watch::Sender<Wanted>,
}

impl Steered {
    /// A scenario as it is planned, and where its VUs look.
    pub(super) fn new(
        scenario: usize,
        start: Duration,
        external: External,
        share: Share,
    ) -> (Self, watch::Receiver<Wanted>) {
        let External { vus, max_vus, whole, .. } = external;
        // Checked to be far below where the sign begins.
        let whole = (whole.0 as i64, whole.1 as i64);
        let (wanted, looks) = watch::channel(Wanted { vus, max_vus, ..Wanted::default() });
        let least = whole.1;
        (Self { scenario, start, external, share, whole, least, wanted }, looks)
    }

    /// VUs that ought to be looping.
    pub(super) fn looping(&self) -> u64 {
        let wanted = self.wanted.borrow();
        if wanted.paused || wanted.ended { 0 } else { wanted.vus }
    }

    /// Ends it if its time is over `elapsed` after the start of all scenarios.
    pub(super) fn end_if_due(&self, elapsed: Duration) {
        let spent = elapsed.saturating_sub(self.start);
        let is_over = self.external.duration.is_some_and(|duration| spent >= duration);
        self.wanted
            .send_if_modified(|wanted| is_over && !std::mem::replace(&mut wanted.ended, true));
    }

    /// Pauses it, or lets it go on.
    pub(super) fn pause(&self, paused: bool) {
        self.wanted.send_modify(|wanted| wanted.paused = paused);
    }

    /// Changes how many VUs loop and how many exist; what is `None` stays.
    pub(super) fn scale(&mut self, vus: Option<i64>, max_vus: Option<i64>) -> Result<(), Refused> {
        let refuse = |why: String| Err(Refused::Scale(why));
        let (vus, max_vus) = (vus.unwrap_or(self.whole.0), max_vus.unwrap_or(self.whole.1));
        if vus < 0 {
            return refuse("the number of VUs can't be negative".into());
        }
        if vus > max_vus {
            return refuse(format!(
                "the number of active VUs ({vus}) must be less than or equal to the number of maxVUs ({max_vus})"
            ));
        }
        if max_vus < self.least {
            return refuse(format!(
                "the new number of max VUs cannot be lower than the starting number of max VUs ({})",
                self.least
            ));
        }
        if max_vus > MAX_VUS {
            return refuse(format!(
                "the number of maxVUs is {max_vus}; allowed is {MAX_VUS} at most"
            ));
        }
        self.whole = (vus, max_vus);
        let scaled = |number: i64| self.share.scale(number.unsigned_abs());
        let (vus, max_vus) = (scaled(vus), scaled(max_vus));
        self.wanted.send_modify(|wanted| (wanted.vus, wanted.max_vus) = (vus, max_vus));
        Ok(())
    }
}
