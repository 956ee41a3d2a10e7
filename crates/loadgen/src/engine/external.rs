//! VUs that loop while somebody outside wants them to.

use std::{rc::Rc, time::Duration};

use tokio::{sync::watch, time::Instant};

use super::site::{Hire, Site};
use crate::{
    control::Refused,
    executor::{Share, work::External},
    workload::Workload,
};

/// Most VUs that may be asked for while a test runs.
const MAX_VUS: i64 = 1_000_000;

/// What somebody outside wants of a scenario's VUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// VUs that loop.
    pub vus: u64,
    /// VUs that exist.
    pub max_vus: u64,
    /// They finish what they do, and wait.
    pub paused: bool,
    /// All of it is over.
    pub ended: bool,
}

impl Wanted {
    /// Whether the VU in a slot loops.
    pub(super) fn loops(&self, slot: u64) -> bool {
        !self.ended && !self.paused && slot < self.vus
    }

    /// Whether the VU in a slot is not needed any more.
    pub(super) fn has_ended(&self, slot: u64) -> bool {
        self.ended || slot >= self.max_vus
    }
}

/// Carries out on one worker what is wanted of a scenario's VUs. `workers` is how many there are.
pub(super) async fn carry_out<W: Workload>(site: Rc<Site<W>>, scenario: usize, workers: usize) {
    let interrupt = site.ends.interrupt();
    interrupt.register().await;
    let mut wanted = site.scenarios[scenario].wanted.clone();
    let mut existing = wanted.borrow().max_vus;
    loop {
        let now = *wanted.borrow_and_update();
        // Each worker makes every so-manyth.
        for slot in existing..now.max_vus {
            if slot % workers as u64 == site.index as u64 {
                let _ = site.hires.send(Hire::Follow { scenario, slot });
            }
        }
        existing = now.max_vus;
        site.ends.cut_off_slots(scenario, |slot| now.ended || slot >= now.vus);
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
    /// How long it was paused before, and since when it is.
    paused: Duration,
    paused_since: Option<Instant>,
}

impl Steered {
    /// A scenario as it is planned, and where its VUs look.
    pub(super) fn new(
        scenario: usize,
        start: Duration,
        external: External,
        whole: (i64, i64),
        share: Share,
    ) -> (Self, watch::Receiver<Wanted>) {
        let External { vus, max_vus, .. } = external;
        let (wanted, looks) = watch::channel(Wanted { vus, max_vus, ..Wanted::default() });
        let steered = Self {
            scenario,
            start,
            external,
            share,
            whole,
            least: whole.1,
            wanted,
            paused: Duration::ZERO,
            paused_since: None,
        };
        (steered, looks)
    }

    /// VUs that ought to be looping.
    pub(super) fn looping(&self) -> u64 {
        let wanted = self.wanted.borrow();
        if wanted.paused || wanted.ended { 0 } else { wanted.vus }
    }

    /// Ends it if its time is over `elapsed` after the start of all scenarios. Time for which it
    /// was paused does not count.
    pub(super) fn end_if_due(&self, elapsed: Duration) {
        let paused =
            self.paused + self.paused_since.map_or(Duration::ZERO, |since| since.elapsed());
        let spent = elapsed.saturating_sub(self.start).saturating_sub(paused);
        let is_over = self.external.duration.is_some_and(|duration| spent >= duration);
        self.wanted
            .send_if_modified(|wanted| is_over && !std::mem::replace(&mut wanted.ended, true));
    }

    /// Pauses it, or lets it go on.
    pub(super) fn pause(&mut self, paused: bool) {
        match (paused, self.paused_since) {
            (true, None) => self.paused_since = Some(Instant::now()),
            (false, Some(since)) => {
                self.paused += since.elapsed();
                self.paused_since = None;
            }
            _ => {}
        }
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
