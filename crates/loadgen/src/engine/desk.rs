//! Answering whoever watches and steers a run from outside.

use std::time::Duration;

use tokio::{sync::oneshot, time::Instant};

use super::{AbortReason, coordinator::Course};
use crate::{
    control::{Ask, Phase, Refused, Snapshot, SoFar, Status},
    executor::Work,
    run_event::RunEvent,
};

/// Whether the run is held, and who waits until it has come to what was asked for.
pub(super) struct Pause {
    paused: bool,
    /// How long the run was held before, and since when it is.
    held: Duration,
    since: Option<Instant>,
    settling: Vec<oneshot::Sender<Result<(), Refused>>>,
}

impl Pause {
    pub(super) fn new(paused: bool) -> Self {
        Self { paused, held: Duration::ZERO, since: None, settling: Vec::new() }
    }

    /// How long the run was held after its start.
    pub(super) fn held(&self) -> Duration {
        self.held + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn hold(&mut self, paused: bool) {
        self.paused = paused;
        match (paused, self.since) {
            (true, None) => self.since = Some(Instant::now()),
            (false, Some(since)) => {
                self.held += since.elapsed();
                self.since = None;
            }
            _ => {}
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }
}

impl<F: FnMut(RunEvent)> Course<F> {
    /// Answers what is asked, now or when it has come to that. Whoever asked may not wait any more.
    pub(super) fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Status(answer) => drop(answer.send(self.status())),
            Ask::Snapshot(answer) => drop(answer.send(self.snapshot())),
            Ask::Outcome(answer) => drop(answer.send(SoFar(Box::new(self.so_far())))),
            Ask::Pause(paused, answer) => match self.set_paused(paused) {
                Ok(()) => self.settle_later(answer),
                Err(refused) => drop(answer.send(Err(refused))),
            },
            Ask::Scale { vus, max_vus, answer } => {
                let steered = self.crew.steered.first_mut().ok_or(Refused::NotControllable);
                match steered.and_then(|steered| steered.scale(vus, max_vus)) {
                    Ok(()) => self.settle_later(answer),
                    Err(refused) => drop(answer.send(Err(refused))),
                }
            }
            Ask::Stop(answer) => {
                self.abort.abort(AbortReason::Api);
                let _ = answer.send(());
            }
        }
    }

    fn status(&self) -> Status {
        Status {
            phase: self.phase,
            paused: self.pause.paused,
            vus: self.crew.active_vus(),
            vus_max: self.crew.existing_vus(),
            stopped: self.abort.reason().is_some(),
            running: self.started.is_some() && self.took.is_none(),
            tainted: self.tainted,
        }
    }

    fn snapshot(&self) -> Snapshot {
        let (total, elapsed) = self.measured_so_far();
        Snapshot {
            registry: self.registry.clone(),
            total,
            elapsed,
            tainted: self.thresholds.tainted(),
        }
    }

    fn set_paused(&mut self, paused: bool) -> Result<(), Refused> {
        let has_begun = self.started.is_some();
        if !has_begun && self.pause.paused {
            if paused {
                return Err(Refused::Pause("execution is already paused".into()));
            }
            self.pause.paused = false;
            return Ok(());
        }
        for (scenario, work) in self.plan.scenarios.iter().zip(&self.plan.works) {
            let kind = scenario.executor.name();
            if !matches!(**work, Work::External(_)) {
                return Err(Refused::Pause(format!(
                    "{kind} executor '{}' doesn't support pause and resume operations after its \
                     start",
                    scenario.name
                )));
            }
        }
        if self.phase != Phase::Running {
            return Err(Refused::Pause(
                "cannot pause the externally controlled executor before it has started".into(),
            ));
        }
        self.pause.hold(paused);
        self.crew.steered.iter().for_each(|steered| steered.pause(paused));
        Ok(())
    }

    fn settle_later(&mut self, answer: oneshot::Sender<Result<(), Refused>>) {
        self.pause.settling.push(answer);
        self.settle();
    }

    /// Answers those who wait until no VU works that is not wanted any more.
    pub(super) fn settle(&mut self) {
        let is_settled =
            self.phase != Phase::Running
                || self.crew.steered.iter().all(|steered| {
                    self.crew.standing(steered.scenario).active <= steered.looping()
                });
        if is_settled {
            // Whoever asked may not wait any more.
            self.pause.settling.drain(..).for_each(|answer| drop(answer.send(Ok(()))));
        }
    }
}
