//! From the workers' intervals to the run's total and its course over time.
//!
//! Workers report each second by themselves. A second is closed when every worker has reported it or
//! has ended, so a row never misses a worker's share.

mod row;

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use self::row::Sums;
use super::{
    own_samples::OwnSamples,
    usage::{self, Usage},
};
use crate::{
    metrics::{
        Delta, TagSet, Tally,
        builtin::{VUS, VUS_MAX},
    },
    summary::model::Row,
};

/// For so many seconds each second has a row of its own; after that rows grow longer by a second
/// with each further stretch of this length. A day has 13,600 rows.
const STRETCH: u64 = 3_600;

const SECOND: Duration = Duration::from_secs(1);

/// What was reported for a second that is not closed yet.
#[derive(Default)]
struct Pending {
    deltas: Vec<Delta>,
    active_vus: u64,
    /// By worker, as far as they have reported.
    usage: Vec<(usize, Usage)>,
}

/// What ran before the scenarios or after them.
pub(super) struct Aside {
    pub took: Duration,
    pub delta: Delta,
}

/// The total and the rows.
pub(super) struct Rows {
    /// The gauges of VUs, whose tags are the run's.
    own: OwnSamples,
    tags: TagSet,
    total: Tally,
    rows: Vec<Row>,
    pending: BTreeMap<u64, Pending>,
    /// By worker: seconds it has reported, and VUs that exist there.
    reported: Vec<u64>,
    vus: Vec<u64>,
    /// So many seconds are in the rows, but not in the total.
    warmup: u64,
    started: Instant,
    /// From the start of the run to that of the scenarios, whose seconds are counted here.
    offset: Duration,
    /// What the row under way has so far.
    row: Sums,
    row_start: u64,
    /// Where it ends so far: seconds that are closed.
    closed: u64,
    active_vus: u64,
    /// By worker.
    usage: Vec<Usage>,
}

impl Rows {
    /// Nothing reported yet by workers that have so many VUs each. The first `warmup` seconds are
    /// left out of the total.
    pub(super) fn new(own: OwnSamples, tags: TagSet, vus: Vec<u64>, warmup: u64) -> Self {
        Self {
            own,
            tags,
            started: Instant::now(),
            total: Tally::default(),
            rows: Vec::new(),
            pending: BTreeMap::new(),
            reported: vec![0; vus.len()],
            usage: vec![Usage::default(); vus.len()],
            vus,
            warmup,
            offset: Duration::ZERO,
            row: Sums::default(),
            row_start: 0,
            closed: 0,
            active_vus: 0,
        }
    }

    /// How many workers report.
    pub(super) fn workers(&self) -> usize {
        self.reported.len()
    }

    /// The run begins. Must come first.
    pub(super) fn begin(&mut self, now: Instant) {
        self.started = now;
    }

    /// Takes in what ran before the scenarios. Must come before what they do.
    pub(super) fn setup(&mut self, setup: &Aside) {
        self.add_aside(setup, setup.took);
        self.offset = setup.took;
    }

    /// Makes a row of what ran beside the scenarios and ended `at`.
    fn add_aside(&mut self, aside: &Aside, at: Duration) {
        let began = at.saturating_sub(aside.took);
        for second in 1..=aside.took.as_secs() {
            self.add_vus(0, began + Duration::from_secs(second), true);
        }
        self.row.add(&aside.delta);
        self.total.add(&aside.delta);
        let sums = std::mem::take(&mut self.row);
        self.rows.push(sums.row(at.as_secs_f64(), aside.took.as_secs_f64(), 0, None));
    }

    /// Takes in what a worker gathered in a second, counted from 0.
    /// `on_second` gets what was gathered in seconds that are then closed, warm-up left out.
    pub(super) fn interval(
        &mut self,
        worker: usize,
        second: u64,
        reading: Reading,
        delta: Delta,
        on_second: impl FnMut(&[Delta], Duration),
    ) {
        let pending = self.pending.entry(second).or_default();
        pending.deltas.push(delta);
        pending.active_vus += reading.active_vus;
        pending.usage.push((worker, reading.usage));
        self.vus[worker] = reading.vus;
        self.reported[worker] = second + 1;
        self.close_seconds(on_second);
    }

    /// Takes in what a worker gathered after its last interval.
    pub(super) fn done(
        &mut self,
        worker: usize,
        usage: Usage,
        delta: Delta,
        on_second: impl FnMut(&[Delta], Duration),
    ) {
        let pending = self.pending.entry(self.reported[worker]).or_default();
        pending.deltas.push(delta);
        pending.usage.push((worker, usage));
        self.reported[worker] = u64::MAX;
        self.close_seconds(on_second);
    }

    /// Closes the seconds that all workers have reported. The last one of all is left to
    /// [`finish`](Self::finish), which alone knows that it is not a whole one.
    fn close_seconds(&mut self, mut on_second: impl FnMut(&[Delta], Duration)) {
        let reported = self.reported.iter().copied().min().unwrap_or(0);
        let last = self.pending.last_key_value().map_or(0, |(&second, _)| second);
        let open = if reported == u64::MAX { last } else { reported };
        while let Some(entry) = self.pending.first_entry().filter(|entry| *entry.key() < open) {
            let (second, pending) = entry.remove_entry();
            // A row is closed when the next one begins: what is left at the end may belong to it.
            let ends_warmup = second == self.warmup && second > self.row_start;
            if ends_warmup || second >= self.row_start + self.row_seconds() {
                self.close_row(second as f64);
            }
            let end = self.offset + Duration::from_secs(second + 1);
            self.add_vus(pending.active_vus, end, self.counts(second));
            if self.counts(second) {
                on_second(&pending.deltas, SECOND);
            }
            self.take_in(second, &pending);
            self.closed = second + 1;
        }
    }

    /// Whether the total has this second: the warm-up is over.
    fn counts(&self, second: u64) -> bool {
        second >= self.warmup
    }

    /// Adds a second to the row under way, and to the total.
    fn take_in(&mut self, second: u64, pending: &Pending) {
        for delta in &pending.deltas {
            self.row.add(delta);
            if self.counts(second) {
                self.total.add(delta);
            }
        }
        for &(worker, usage) in &pending.usage {
            self.usage[worker] = self.usage[worker].plus(usage);
        }
    }

    /// Length of the row under way.
    fn row_seconds(&self) -> u64 {
        1 + self.row_start / STRETCH
    }

    /// k6's once-a-second samples of `vus` and `vus_max`, so long after the start of the run; in the
    /// total unless that leaves the second out.
    fn add_vus(&mut self, active: u64, at: Duration, is_counted: bool) {
        self.active_vus = active;
        for (metric, value) in [(VUS, active), (VUS_MAX, self.vus.iter().sum())] {
            self.own.add(&self.tags, metric, self.started + at, value as f64);
        }
        let samples = self.own.take();
        if is_counted {
            self.total.add(&samples);
        }
    }

    fn close_row(&mut self, end: f64) {
        let start = self.row_start as f64;
        let sums = std::mem::take(&mut self.row);
        if end > start {
            let at = self.offset.as_secs_f64() + end;
            let cpu = usage::of_workers(&self.usage);
            self.rows.push(sums.row(at, end - start, self.active_vus, cpu));
        }
        self.usage.fill(Usage::default());
        self.row_start = end as u64;
    }

    /// The rows so far, the one under way included as far as its seconds are closed.
    pub(super) fn rows_so_far(&self) -> Vec<Row> {
        let mut rows = self.rows.clone();
        if self.closed > self.row_start {
            let at = self.offset.as_secs_f64() + self.closed as f64;
            let seconds = (self.closed - self.row_start) as f64;
            let cpu = usage::of_workers(&self.usage);
            rows.push(self.row.row(at, seconds, self.active_vus, cpu));
        }
        rows
    }

    /// What was gathered so far, warm-up left out, and from how much time: setup and the seconds that
    /// are closed. What workers say of the second under way is no part of either, or else rates would
    /// be too low, until all of them are done; `None` then, for all time.
    pub(super) fn so_far(&self) -> (Tally, Option<Duration>) {
        let mut total = self.total.clone();
        if self.reported.iter().any(|&reported| reported != u64::MAX) {
            let counted = Duration::from_secs(self.closed.saturating_sub(self.warmup));
            return (total, Some(self.offset + counted));
        }
        let seconds = self.pending.iter().filter(|(second, _)| self.counts(**second));
        seconds.flat_map(|(_, pending)| &pending.deltas).for_each(|delta| total.add(delta));
        (total, None)
    }

    /// The total and the rows of a run whose scenarios took `duration`. A rest of less than half a
    /// second belongs to the row before it: rates over a few milliseconds tell nothing.
    pub(super) fn finish(
        mut self,
        duration: Duration,
        teardown: Option<&Aside>,
        mut on_second: impl FnMut(&[Delta], Duration),
    ) -> (Tally, Vec<Row>) {
        let end = duration.as_secs_f64();
        let whole = duration.as_secs();
        let is_short = duration.subsec_millis() < 500 && whole > self.row_start;
        let is_full = whole >= self.row_start + self.row_seconds();
        let ends_warmup = whole == self.warmup && whole > self.row_start;
        if ends_warmup || is_full && !is_short {
            self.close_row(whole as f64);
        }
        for (second, pending) in std::mem::take(&mut self.pending) {
            if self.counts(second) {
                let length = duration.saturating_sub(Duration::from_secs(second));
                on_second(&pending.deltas, length.min(SECOND));
            }
            self.take_in(second, &pending);
        }
        self.close_row(end);
        if let Some(teardown) = teardown {
            self.add_aside(teardown, self.offset + duration + teardown.took);
        }
        (self.total, self.rows)
    }
}

/// What a worker says of itself at the end of a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// VUs that work.
    pub active_vus: u64,
    /// All of them.
    pub vus: u64,
    /// What it used in this second.
    pub usage: Usage,
}

#[cfg(test)]
mod tests;
