//! How a worker stands, for whoever wants to look. Written by the worker alone.

use std::sync::atomic::{AtomicU64, Ordering};

/// The numbers of one worker.
#[derive(Debug)]
pub(super) struct Board {
    /// By scenario.
    scenarios: Box<[Counts]>,
    /// VUs that exist.
    vus: Count,
}

/// What a worker counts of a scenario.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// VUs that are working.
    pub active: Count,
    /// Iterations that ran to their end.
    pub complete: Count,
    /// Iterations that were cut off.
    pub interrupted: Count,
    /// Iterations of an arrival rate that were never started.
    pub dropped: Count,
    /// Tasks that are not done with the scenario.
    pub engaged: Count,
}

/// A number that one thread writes and others may read.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// One more.
    pub(super) fn up(&self) {
        self.add(1);
    }

    /// One less.
    pub(super) fn down(&self) {
        self.add(u64::MAX);
    }

    /// So many more. With a single writer a load and a store are enough: no locked instruction.
    pub(super) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
    }

    /// The number.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts something for as long as it is there.
pub(super) struct Present<'a>(&'a Count);

impl<'a> Present<'a> {
    /// One more, until this is dropped.
    pub(super) fn at(count: &'a Count) -> Self {
        count.up();
        Self(count)
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.down();
    }
}

/// Counts something that ends in any other way than the right one.
pub(super) struct Mishap<'a>(Option<&'a Count>);

impl<'a> Mishap<'a> {
    /// One more when this is dropped.
    pub(super) fn of(count: &'a Count) -> Self {
        Self(Some(count))
    }

    /// It ended as it should.
    pub(super) fn averted(mut self) {
        self.0 = None;
    }
}

impl Drop for Mishap<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.up();
        }
    }
}

/// The numbers of a scenario, all workers together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub active: u64,
    pub complete: u64,
    pub interrupted: u64,
    pub dropped: u64,
    pub engaged: u64,
}

impl Standing {
    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            active: self.active + other.active,
            complete: self.complete + other.complete,
            interrupted: self.interrupted + other.interrupted,
            dropped: self.dropped + other.dropped,
            engaged: self.engaged + other.engaged,
        }
    }

    /// Iterations that have begun and ended.
    pub(super) fn started(self) -> u64 {
        self.complete + self.interrupted
    }
}

impl Board {
    /// All zero.
    pub(super) fn new(scenarios: usize) -> Self {
        Self {
            scenarios: (0..scenarios).map(|_| Counts::default()).collect(),
            vus: Count::default(),
        }
    }

    /// The counts of a scenario.
    pub(super) fn scenario(&self, scenario: usize) -> &Counts {
        &self.scenarios[scenario]
    }

    /// VUs that exist.
    pub(super) fn vus(&self) -> &Count {
        &self.vus
    }

    /// VUs that are working, in all scenarios.
    pub(super) fn active(&self) -> u64 {
        self.scenarios.iter().map(|counts| counts.active.get()).sum()
    }

    /// What a scenario's counts are now.
    pub(super) fn standing(&self, scenario: usize) -> Standing {
        let counts = self.scenario(scenario);
        Standing {
            active: counts.active.get(),
            complete: counts.complete.get(),
            interrupted: counts.interrupted.get(),
            dropped: counts.dropped.get(),
            engaged: counts.engaged.get(),
        }
    }
}
