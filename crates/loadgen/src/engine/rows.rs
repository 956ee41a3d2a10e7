//! From the workers' intervals to the run's total and its course over time.
//!
//! Workers report each second by themselves. A second is closed when every worker has reported it or
//! has ended, so a row never misses a worker's share.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::own_samples::OwnSamples;
use crate::{
    metrics::{
        Delta, MetricId, Sink, TagSet, Tally,
        builtin::{
            DATA_RECEIVED, DATA_SENT, HTTP_REQ_DURATION, HTTP_REQ_FAILED, HTTP_REQS, ITERATIONS,
            VUS, VUS_MAX,
        },
    },
    summary::model::{Row, RowDuration},
};

/// For so many seconds each second has a row of its own; after that rows grow longer by a second
/// with each further stretch of this length. A day has 13,600 rows.
const STRETCH: u64 = 3_600;

const SECOND: Duration = Duration::from_secs(1);

/// What was reported for a second that is not closed yet.
#[derive(Default)]
struct Pending {
    tally: Tally,
    active_vus: u64,
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
    row: Tally,
    row_start: u64,
    active_vus: u64,
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
            vus,
            warmup,
            offset: Duration::ZERO,
            row: Tally::default(),
            row_start: 0,
            active_vus: 0,
        }
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
            self.add_vus(0, began + Duration::from_secs(second));
        }
        self.row.add(&aside.delta);
        let tally = std::mem::take(&mut self.row);
        self.rows.push(row(&tally, at.as_secs_f64(), aside.took.as_secs_f64(), 0));
        self.total.merge(&tally);
    }

    /// Takes in what a worker gathered in a second, counted from 0, with its VUs at the end of it.
    /// `on_second` gets what was gathered in seconds that are then closed, warm-up left out.
    pub(super) fn interval(
        &mut self,
        worker: usize,
        second: u64,
        vus: Vus,
        delta: &Delta,
        on_second: impl FnMut(&Tally, Duration),
    ) {
        let pending = self.pending.entry(second).or_default();
        pending.tally.add(delta);
        pending.active_vus += vus.active;
        self.vus[worker] = vus.existing;
        self.reported[worker] = second + 1;
        self.close_seconds(on_second);
    }

    /// Takes in what a worker gathered after its last interval.
    pub(super) fn done(
        &mut self,
        worker: usize,
        delta: &Delta,
        on_second: impl FnMut(&Tally, Duration),
    ) {
        let second = self.reported[worker];
        self.pending.entry(second).or_default().tally.add(delta);
        self.reported[worker] = u64::MAX;
        self.close_seconds(on_second);
    }

    /// Closes the seconds that all workers have reported. The last one of all is left to
    /// [`finish`](Self::finish), which alone knows that it is not a whole one.
    fn close_seconds(&mut self, mut on_second: impl FnMut(&Tally, Duration)) {
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
            self.add_vus(pending.active_vus, self.offset + Duration::from_secs(second + 1));
            if second >= self.warmup {
                on_second(&pending.tally, SECOND);
            }
            self.row.merge(&pending.tally);
        }
    }

    /// Length of the row under way.
    fn row_seconds(&self) -> u64 {
        1 + self.row_start / STRETCH
    }

    /// k6's once-a-second samples of `vus` and `vus_max`, so long after the start of the run.
    fn add_vus(&mut self, active: u64, at: Duration) {
        self.active_vus = active;
        for (metric, value) in [(VUS, active), (VUS_MAX, self.vus.iter().sum())] {
            self.own.add(&self.tags, metric, self.started + at, value as f64);
        }
        self.row.add(&self.own.take());
    }

    fn close_row(&mut self, end: f64) {
        let start = self.row_start as f64;
        let tally = std::mem::take(&mut self.row);
        if end > start {
            let at = self.offset.as_secs_f64() + end;
            self.rows.push(row(&tally, at, end - start, self.active_vus));
        }
        if self.row_start >= self.warmup {
            self.total.merge(&tally);
        }
        self.row_start = end as u64;
    }

    /// Everything so far, warm-up left out.
    pub(super) fn so_far(&self) -> Tally {
        let mut total = self.total.clone();
        if self.row_start >= self.warmup {
            total.merge(&self.row);
        }
        let seconds = self.pending.iter().filter(|(second, _)| **second >= self.warmup);
        seconds.for_each(|(_, pending)| total.merge(&pending.tally));
        total
    }

    /// The total and the rows of a run whose scenarios took `duration`. A rest of less than half a
    /// second belongs to the row before it: rates over a few milliseconds tell nothing.
    pub(super) fn finish(
        mut self,
        duration: Duration,
        teardown: Option<&Aside>,
        mut on_second: impl FnMut(&Tally, Duration),
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
            if second >= self.warmup {
                let length = duration.saturating_sub(Duration::from_secs(second));
                on_second(&pending.tally, length.min(SECOND));
            }
            self.row.merge(&pending.tally);
        }
        self.close_row(end);
        if let Some(teardown) = teardown {
            self.add_aside(teardown, self.offset + duration + teardown.took);
        }
        (self.total, self.rows)
    }
}

/// How many VUs a worker has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vus {
    /// Those that work.
    pub active: u64,
    /// All of them.
    pub existing: u64,
}

fn row(tally: &Tally, at: f64, seconds: f64, vus: u64) -> Row {
    let sum = |metric: MetricId| match tally.metric(metric) {
        Some(Sink::Counter { sum, .. }) => *sum as u64,
        _ => 0,
    };
    let failed = match tally.metric(HTTP_REQ_FAILED) {
        Some(Sink::Rate { trues, .. }) => *trues,
        _ => 0,
    };
    let duration = match tally.metric(HTTP_REQ_DURATION) {
        Some(Sink::Trend(trend)) => Some(RowDuration {
            avg: trend.avg(),
            p50: trend.percentile(50.0),
            p90: trend.percentile(90.0),
            p95: trend.percentile(95.0),
            p99: trend.percentile(99.0),
            max: trend.max(),
        }),
        _ => None,
    };
    Row {
        at,
        seconds,
        vus,
        iterations: sum(ITERATIONS),
        http_reqs: sum(HTTP_REQS),
        http_req_failed: failed,
        data_sent: sum(DATA_SENT),
        data_received: sum(DATA_RECEIVED),
        duration,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::metrics::{MetricKind, Registry, SinkKey};

    fn tally(requests: u32) -> Delta {
        let mut tally = Tally::default();
        let key = SinkKey::Metric(HTTP_REQS);
        let place = tally.sinks.place(&key, || Sink::new(MetricKind::Counter));
        (0..requests).for_each(|_| tally.sinks[place].add(1.0));
        tally.take()
    }

    fn new_rows(vus: Vec<u64>, warmup: u64) -> Rows {
        let own = OwnSamples::new(Arc::new(Registry::default()), None);
        Rows::new(own, TagSet::default(), vus, warmup)
    }

    fn interval(rows: &mut Rows, worker: usize, second: u64, active: u64, requests: u32) {
        let vus = Vus { active, existing: rows.vus[worker] };
        rows.interval(worker, second, vus, &tally(requests), |_, _| {});
    }

    /// End, length, VUs and requests of each row.
    fn shown(rows: &[Row]) -> Vec<(f64, f64, u64, u64)> {
        rows.iter().map(|row| (row.at, row.seconds, row.vus, row.http_reqs)).collect()
    }

    fn requests(total: &Tally) -> f64 {
        match total.metric(HTTP_REQS) {
            Some(&Sink::Counter { sum, .. }) => sum,
            _ => 0.0,
        }
    }

    #[test]
    fn a_row_waits_for_the_slowest_worker_and_holds_the_shares_of_all() {
        let mut rows = new_rows(vec![3, 2], 0);
        interval(&mut rows, 0, 0, 3, 10);
        interval(&mut rows, 0, 1, 3, 20);
        interval(&mut rows, 1, 0, 2, 1);
        interval(&mut rows, 1, 1, 2, 2);
        rows.done(0, &tally(30), |_, _| {});
        rows.done(1, &tally(3), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_millis(2_600), None, |_, _| {});
        assert_eq!(shown(&rows)[..2], [(1.0, 1.0, 5, 11), (2.0, 1.0, 5, 22)]);
        assert_eq!((rows[2].at, rows[2].http_reqs), (2.6, 33));
        assert_eq!(requests(&total), 66.0);
        let Some(Sink::Gauge { last, samples, .. }) = total.metric(VUS) else { panic!("no vus") };
        assert_eq!((*last, *samples), (5.0, 2));
    }

    #[test]
    fn a_short_rest_belongs_to_the_last_row() {
        let mut rows = new_rows(vec![1], 0);
        interval(&mut rows, 0, 0, 1, 10);
        interval(&mut rows, 0, 1, 1, 10);
        rows.done(0, &tally(1), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_millis(2_040), None, |_, _| {});
        assert_eq!(shown(&rows), [(1.0, 1.0, 1, 10), (2.04, 1.04, 1, 11)]);
        assert_eq!(requests(&total), 21.0);
    }

    #[test]
    fn a_run_of_less_than_a_second_is_one_row_without_vus() {
        let mut rows = new_rows(vec![1, 1], 0);
        rows.done(1, &tally(4), |_, _| {});
        rows.done(0, &tally(3), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_millis(300), None, |_, _| {});
        assert_eq!(shown(&rows), [(0.3, 0.3, 0, 7)]);
        assert_eq!(requests(&total), 7.0);
        assert!(total.metric(VUS).is_none());
    }

    #[test]
    fn long_runs_have_longer_rows() {
        let day = 24 * 3_600;
        let mut rows = new_rows(vec![1], 0);
        for second in 0..day {
            interval(&mut rows, 0, second, 1, 1);
        }
        rows.done(0, &tally(0), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_secs(day), None, |_, _| {});
        assert!((13_000..14_000).contains(&rows.len()), "{} rows", rows.len());
        assert!(rows.iter().all(|row| row.seconds == row.http_reqs as f64));
        assert_eq!((rows[0].seconds, rows[3_600].seconds), (1.0, 2.0));
        assert_eq!(requests(&total), day as f64);
    }

    #[test]
    fn what_runs_before_and_after_has_rows_of_its_own() {
        let mut rows = new_rows(vec![4], 0);
        rows.setup(&Aside { took: Duration::from_millis(2_500), delta: tally(5) });
        interval(&mut rows, 0, 0, 4, 10);
        rows.done(0, &tally(7), |_, _| {});
        let teardown = Aside { took: Duration::from_millis(500), delta: tally(3) };
        let (total, rows) = rows.finish(Duration::from_millis(1_700), Some(&teardown), |_, _| {});
        assert_eq!(
            shown(&rows),
            [(2.5, 2.5, 0, 5), (3.5, 1.0, 4, 10), (4.2, 0.7, 4, 7), (4.7, 0.5, 0, 3)]
        );
        assert_eq!(requests(&total), 25.0);
        let Some(Sink::Gauge { min, max, samples, .. }) = total.metric(VUS) else { panic!("none") };
        assert_eq!((*min, *max, *samples), (0.0, 4.0, 3));
    }

    #[test]
    fn a_warm_up_is_in_the_rows_and_not_in_the_total() {
        let mut rows = new_rows(vec![1], 2);
        let mut seen = Vec::new();
        for second in 0..4 {
            let vus = Vus { active: 1, existing: 1 };
            rows.interval(0, second, vus, &tally(10), |second, _| seen.push(requests(second)));
            let so_far = [0.0, 0.0, 10.0, 20.0][second as usize];
            assert_eq!(requests(&rows.so_far()), so_far);
        }
        rows.done(0, &tally(1), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_millis(4_100), None, |_, _| {});
        assert_eq!(rows.iter().map(|row| row.http_reqs).sum::<u64>(), 41);
        assert_eq!(requests(&total), 21.0);
        assert_eq!(seen, [10.0, 10.0]);

        let mut rows = new_rows(vec![1], 2);
        interval(&mut rows, 0, 0, 1, 10);
        rows.done(0, &tally(4), |_, _| {});
        let (total, rows) = rows.finish(Duration::from_millis(1_500), None, |_, _| {});
        assert_eq!((requests(&total), rows.len()), (0.0, 2));
    }
}
