use std::sync::Arc;

use super::*;
use crate::{
    host::ThreadTime,
    metrics::{
        MetricKind, Registry, Sink, SinkKey,
        builtin::{HTTP_REQ_DURATION, HTTP_REQS},
    },
    summary::model::RowCpu,
};

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

/// So much of a core for a second.
const fn used(millis: u64) -> Usage {
    let running = Duration::from_millis(millis);
    let time = ThreadTime { running, waiting: Duration::ZERO };
    Usage { time, wall: Duration::from_secs(1) }
}

const HALF: Usage = used(500);

fn reading(active_vus: u64, vus: u64) -> Reading {
    Reading { active_vus, vus, usage: HALF }
}

fn interval(rows: &mut Rows, worker: usize, second: u64, active: u64, requests: u32) {
    let reading = reading(active, rows.vus[worker]);
    rows.interval(worker, second, reading, tally(requests), |_, _| {});
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
    rows.done(0, HALF, tally(30), |_, _| {});
    rows.done(1, HALF, tally(3), |_, _| {});
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
    rows.done(0, HALF, tally(1), |_, _| {});
    let (total, rows) = rows.finish(Duration::from_millis(2_040), None, |_, _| {});
    assert_eq!(shown(&rows), [(1.0, 1.0, 1, 10), (2.04, 1.04, 1, 11)]);
    assert_eq!(requests(&total), 21.0);
}

#[test]
fn a_run_of_less_than_a_second_is_one_row_without_vus() {
    let mut rows = new_rows(vec![1, 1], 0);
    rows.done(1, HALF, tally(4), |_, _| {});
    rows.done(0, HALF, tally(3), |_, _| {});
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
    rows.done(0, HALF, tally(0), |_, _| {});
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
    rows.done(0, HALF, tally(7), |_, _| {});
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
        rows.interval(0, second, reading(1, 1), tally(10), |second, _| {
            let mut sum = Tally::default();
            second.iter().for_each(|delta| sum.add(delta));
            seen.push(requests(&sum));
        });
        let so_far = [0.0, 0.0, 10.0, 20.0][second as usize];
        let (tally, time) = rows.so_far();
        assert_eq!(requests(&tally), so_far);
        // Ten requests a second, at each moment.
        assert_eq!(time.map(|time| time.as_secs_f64() * 10.0), Some(so_far));
    }
    rows.done(0, HALF, tally(1), |_, _| {});
    let (total, rows) = rows.finish(Duration::from_millis(4_100), None, |_, _| {});
    assert_eq!(rows.iter().map(|row| row.http_reqs).sum::<u64>(), 41);
    assert_eq!(requests(&total), 21.0);
    assert_eq!(seen, [10.0, 10.0]);

    let mut rows = new_rows(vec![1], 2);
    interval(&mut rows, 0, 0, 1, 10);
    rows.done(0, HALF, tally(4), |_, _| {});
    let (total, rows) = rows.finish(Duration::from_millis(1_500), None, |_, _| {});
    assert_eq!((requests(&total), rows.len()), (0.0, 2));
}

#[test]
fn what_workers_use_is_told_for_each_row_and_none_for_what_they_had_no_part_in() {
    let mut rows = new_rows(vec![1, 1], 0);
    rows.setup(&Aside { took: Duration::from_secs(1), delta: tally(0) });
    for second in 0..2 {
        interval(&mut rows, 0, second, 1, 1);
        let usage = used(250);
        rows.interval(1, second, Reading { usage, ..reading(1, 1) }, tally(1), |_, _| {});
    }
    rows.done(0, HALF, tally(0), |_, _| {});
    rows.done(1, HALF, tally(0), |_, _| {});
    let (_, rows) = rows.finish(Duration::from_millis(2_500), None, |_, _| {});
    let cpu = |cores, busiest_worker| Some(RowCpu { cores, busiest_worker });
    let shown: Vec<_> = rows.iter().map(|row| row.cpu).collect();
    assert_eq!(shown, [None, cpu(0.75, 0.5), cpu(0.75, 0.5), cpu(1.0, 0.5)]);
}

#[test]
fn a_row_has_the_distribution_of_its_own_requests() {
    let latency = |millis: &[f64]| {
        let mut tally = Tally::default();
        let place =
            tally.sinks.place(&SinkKey::Metric(HTTP_REQ_DURATION), || Sink::new(MetricKind::Trend));
        millis.iter().for_each(|&time| tally.sinks[place].add(time));
        tally.take()
    };
    let mut rows = new_rows(vec![1], 0);
    for (second, millis) in [&[1.1, 1.2, 2.0, 40.0][..], &[], &[7.0]].into_iter().enumerate() {
        rows.interval(0, second as u64, reading(1, 1), latency(millis), |_, _| {});
    }
    rows.done(0, HALF, Delta::default(), |_, _| {});
    let (_, rows) = rows.finish(Duration::from_secs(3), None, |_, _| {});
    let shown: Vec<_> = rows.iter().map(|row| row.latency.to_string()).collect();
    assert_eq!(shown, ["24:2,0,1,0,0,0,0,0,0,0,0,0,1", "", "30:1"]);
}

#[test]
fn what_is_known_of_a_second_under_way_is_no_part_of_what_was_so_far() {
    let mut rows = new_rows(vec![1, 1], 0);
    rows.setup(&Aside { took: Duration::from_millis(500), delta: tally(5) });
    let so_far = |rows: &Rows| {
        let (tally, time) = rows.so_far();
        (requests(&tally), time.map(|time| time.as_secs_f64()))
    };
    assert_eq!(so_far(&rows), (5.0, Some(0.5)));
    interval(&mut rows, 0, 0, 1, 10);
    assert_eq!(so_far(&rows), (5.0, Some(0.5)), "the other one has said nothing");
    interval(&mut rows, 1, 0, 1, 10);
    assert_eq!(so_far(&rows), (25.0, Some(1.5)));
    rows.done(0, HALF, tally(4), |_, _| {});
    assert_eq!(so_far(&rows), (25.0, Some(1.5)));
    rows.done(1, HALF, tally(3), |_, _| {});
    assert_eq!(so_far(&rows), (32.0, None), "of all time");
}
