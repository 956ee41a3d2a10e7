//! What the engine counts, with iterations that need no network.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use loadgen::{
    Abort, AbortReason, LoadTest, Report, ScenarioOptions, Vu,
    metrics::Contains,
    options::scenario::{ExecutorKind, StageOptions},
    summary::model::Row,
};

/// Runs an iteration that does not touch its target.
pub(crate) async fn run<R: loadgen::workload::IterationResult>(
    test: LoadTest,
    iteration: impl AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
) -> Report {
    test.iteration(iteration).run_at("http://127.0.0.1:1").await.expect("a run")
}

fn with_workers(workers: usize) -> LoadTest {
    LoadTest::new().options(|options| options.workers = Some(workers))
}

#[tokio::test]
async fn a_shared_budget_is_used_up_exactly_by_all_workers_together() {
    for workers in [1, 2, 3] {
        let started = Arc::new(AtomicU64::new(0));
        let count = started.clone();
        let report = run(with_workers(workers).vus(7).iterations(500), async move |_: &mut Vu| {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        })
        .await;
        assert_eq!(started.load(Ordering::Relaxed), 500);
        assert_eq!(report.iterations().count, 500.0);
        assert_eq!(report.counter("dropped_iterations"), None);
        report.assert_passed();
    }
}

#[tokio::test]
async fn vus_have_numbers_of_their_own_and_count_their_iterations() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let test = with_workers(2).vus(5);
    let report = run(test.duration(Duration::from_secs(1)), async move |vu: &mut Vu| {
        log.lock().unwrap().push((vu.id(), vu.iteration()));
        vu.sleep(Duration::from_millis(300)).await;
    })
    .await;
    report.assert_passed();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let ids: BTreeSet<u64> = seen.iter().map(|&(id, _)| id).collect();
    assert_eq!(ids, (1..=5).collect());
    for id in ids {
        let iterations: Vec<_> = seen.iter().filter(|seen| seen.0 == id).map(|s| s.1).collect();
        assert_eq!(iterations, (0..iterations.len() as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn no_iteration_starts_after_the_duration_and_those_under_way_may_end() {
    let begin = tokio::time::Instant::now();
    let starts = Arc::new(Mutex::new(Vec::new()));
    let log = starts.clone();
    let test = LoadTest::new().vus(3).duration(Duration::from_secs(1));
    let report = run(test, async move |vu: &mut Vu| {
        log.lock().unwrap().push(begin.elapsed());
        vu.sleep(Duration::from_millis(700)).await;
    })
    .await;
    let starts = std::mem::take(&mut *starts.lock().unwrap());
    let first = starts.iter().min().copied().unwrap();
    assert!(starts.iter().all(|start| *start < first + Duration::from_millis(1_100)), "{starts:?}");
    assert_eq!(report.iterations().count, starts.len() as f64);
    assert!(report.trend("iteration_duration").unwrap().min() >= 700.0);
    report.assert_passed();
}

#[tokio::test]
async fn iterations_are_cut_off_when_the_graceful_stop_is_over() {
    let test = LoadTest::new().vus(2).duration(Duration::from_secs(1)).iterations(10);
    let test = test.options(|options| options.graceful_stop = Some(Duration::from_millis(200)));
    let report = run(test, async |vu: &mut Vu| {
        // The first of each VU ends at once, the second not in time.
        vu.sleep(Duration::from_secs(60 * vu.iteration())).await;
    })
    .await;
    let extras = report.summary().loadgen.clone().expect("our own");
    assert_eq!((extras.iterations_complete, extras.iterations_interrupted), (2, 2));
    assert_eq!(report.iterations().count, 2.0);
    // Ten were asked for, four started.
    assert_eq!(report.counter("dropped_iterations").map(|dropped| dropped.count), Some(6.0));
    assert_eq!(report.failures(), ["2 iterations were cut off", "6 iterations were never started"]);
}

#[tokio::test]
async fn an_iteration_that_fails_or_panics_is_counted_and_stops_nothing() {
    let report =
        run(LoadTest::new().vus(2).iterations(30), async |vu: &mut Vu| match vu.iteration() % 3 {
            0 => Ok(()),
            1 => Err("the cart was empty".to_owned()),
            _ => panic!("a defect in the test"),
        })
        .await;
    assert_eq!(report.iterations().count, 30.0);
    assert_eq!(report.failures().len(), 1, "{:?}", report.failures());
    assert!(!report.passed());
    let warning = report.warnings().join("\n");
    assert!(
        warning.contains("the cart was empty") || warning.contains("a defect in the test"),
        "{warning}"
    );
}

#[tokio::test]
async fn checks_groups_and_own_metrics_reach_the_report() {
    let mut test = LoadTest::new().vus(2).iterations(10);
    let orders = test.counter("orders").expect("a name");
    let stock = test.gauge("stock").expect("a name");
    let lucky = test.rate("lucky").expect("a name");
    let size = test.trend("basket_size").expect("a name");
    let report = run(test, async move |vu: &mut Vu| {
        let even = vu.iteration().is_multiple_of(2);
        vu.check("is even", even);
        vu.group("shop", async |vu| {
            orders.add(vu, 2.0);
            vu.group("cart", async |vu| {
                stock.set(vu, 7.0);
                lucky.add(vu, true);
                size.add(vu, -1.5);
                vu.check("is full", true);
            })
            .await;
        })
        .await;
    })
    .await;
    assert_eq!(report.counter("orders").map(|orders| orders.count), Some(20.0));
    assert_eq!(report.gauge("stock").map(|stock| stock.value), Some(7.0));
    assert_eq!(report.rate("lucky").map(|lucky| (lucky.passes, lucky.fails)), Some((10, 0)));
    assert_eq!(
        report.trend("basket_size").map(|size| (size.count(), size.avg())),
        Some((10, -1.5))
    );
    assert_eq!(report.trend("group_duration").map(|group| group.count()), Some(20));
    assert_eq!(report.checks().passes + report.checks().fails, 20);

    let summary = report.summary();
    assert_eq!(summary.metrics["basket_size"].contains, Contains::Default);
    let root = &summary.root_group;
    assert_eq!((root.checks[0].name.as_str(), root.groups[0].path.as_str()), ("is even", "::shop"));
    let cart = &root.groups[0].groups[0];
    assert_eq!((cart.path.as_str(), cart.checks[0].passes), ("::shop::cart", 10));
}

#[tokio::test]
async fn a_group_left_open_by_a_panic_does_not_reach_into_the_next_iteration() {
    let report = run(LoadTest::new().vus(1).iterations(2), async |vu: &mut Vu| {
        vu.check("outside", true);
        if vu.iteration() == 0 {
            vu.group("inside", async |_| panic!("leaves it open")).await;
        }
    })
    .await;
    let root = &report.summary().root_group;
    assert_eq!((root.checks.len(), root.checks[0].passes), (1, 2));
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_ends() {
    let running = Arc::new(());
    let token = running.clone();
    let test = LoadTest::new().vus(4).duration(Duration::from_secs(60)).iteration(
        async move |vu: &mut Vu| {
            let _token = &token;
            vu.sleep(Duration::from_secs(60)).await;
        },
    );
    let waiting = test.run_at("http://127.0.0.1:1");
    assert!(tokio::time::timeout(Duration::from_millis(500), waiting).await.is_err());
    for _ in 0..100 {
        if Arc::strong_count(&running) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the workers still run");
}

#[tokio::test]
async fn vus_are_counted_once_a_second_and_rows_cover_the_run() {
    let test = with_workers(2).vus(3).duration(Duration::from_secs(3));
    let report = run(test, async |vu: &mut Vu| vu.sleep(Duration::from_millis(50)).await).await;
    assert_eq!(report.gauge("vus").map(|vus| vus.max), Some(3.0));
    assert_eq!(report.gauge("vus_max").map(|vus| vus.min), Some(3.0));
    let rows = report.summary().loadgen.clone().expect("our own").rows;
    assert!(rows.len() >= 3, "{} rows", rows.len());
    assert_eq!(rows[0].vus, 3);
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    // Between the start of the run and that of its scenarios is a moment that no row has.
    let rest = report.summary().state.test_run_duration_ms - seconds * 1e3;
    assert!((-1e-3..100.0).contains(&rest), "{rest} ms");
    let iterations: u64 = rows.iter().map(|row| row.iterations).sum();
    assert_eq!(iterations as f64, report.iterations().count);
}

#[tokio::test]
async fn a_group_that_is_given_up_does_not_reach_beyond_itself() {
    let report = run(LoadTest::new().vus(1), async |vu: &mut Vu| {
        let slow = vu.group("slow", async |vu| vu.sleep(Duration::from_secs(60)).await);
        assert!(tokio::time::timeout(Duration::from_millis(10), slow).await.is_err());
        vu.check("after it", true);
    })
    .await;
    assert_eq!(report.summary().root_group.checks[0].name, "after it");
    report.assert_passed();
}

#[tokio::test]
async fn a_group_that_panicked_took_its_time() {
    let report = run(LoadTest::new().vus(1), async |vu: &mut Vu| {
        vu.group("broken", async |_| panic!("a defect in the test")).await;
    })
    .await;
    assert_eq!(report.trend("group_duration").map(|group| group.count()), Some(1));
}

#[tokio::test]
async fn what_is_no_number_is_left_out_and_told() {
    let mut test = LoadTest::new().vus(1);
    let (size, total) = (test.trend("size").unwrap(), test.counter("total").unwrap());
    let report = run(test, async move |vu: &mut Vu| {
        size.add(vu, f64::NAN);
        total.add(vu, f64::INFINITY);
        total.add(vu, 2.0);
    })
    .await;
    assert_eq!(report.trend("size").map(|size| size.count()), None);
    assert_eq!(report.counter("total").map(|total| total.count), Some(2.0));
    assert!(report.warnings()[0].starts_with("2 values were no finite numbers"));
}

#[tokio::test]
async fn a_metric_of_another_test_ends_the_iteration() {
    let foreign = LoadTest::new().counter("foreign").unwrap();
    let report = run(LoadTest::new().vus(1), async move |vu: &mut Vu| foreign.add(vu, 1.0)).await;
    assert!(report.warnings()[0].contains("did not declare it"), "{:?}", report.warnings());
}

#[tokio::test]
async fn a_test_that_is_aborted_has_a_report_all_the_same() {
    let abort = Abort::default();
    let test = LoadTest::new().vus(2).duration(Duration::from_secs(60)).abort_with(&abort);
    let running = tokio::spawn(run(test, async |vu: &mut Vu| {
        vu.sleep(Duration::from_millis(20)).await;
    }));
    tokio::time::sleep(Duration::from_millis(500)).await;
    abort.abort(AbortReason::Requested);
    let report = running.await.unwrap();
    assert!(report.iterations().count > 0.0);
    let error = report.error().expect("it was aborted").to_string();
    assert!(error.contains("aborted by the program"), "{error}");
    assert_eq!(report.counter("dropped_iterations"), None);
}

#[tokio::test]
async fn a_test_that_was_aborted_before_it_began_ends_at_once() {
    let abort = Abort::default();
    abort.abort(AbortReason::Requested);
    let test = LoadTest::new().vus(2).duration(Duration::from_secs(60)).abort_with(&abort);
    let report = run(test, async |vu: &mut Vu| vu.sleep(Duration::from_secs(60)).await).await;
    assert_eq!(report.iterations().count, 0.0);
}

/// Trap 13: they are counted once a second.
#[tokio::test]
async fn a_run_shorter_than_a_second_has_no_vus() {
    let report = run(LoadTest::new().vus(2), async |_: &mut Vu| ()).await;
    assert_eq!(report.iterations().count, 2.0);
    assert_eq!(report.gauge("vus"), None);
}

#[tokio::test]
async fn a_report_tells_its_stages_its_use_of_the_cpu_and_its_slowest_requests() {
    let stage = |seconds, target| StageOptions {
        duration: Some(SignedDuration::from_secs(seconds)),
        target: Some(target),
    };
    let ramp = ScenarioOptions {
        start_vus: Some(2),
        stages: Some(vec![stage(1, 2), stage(1, 0)]),
        ..ScenarioOptions::new(ExecutorKind::RampingVus)
    };
    let test = LoadTest::new().scenario("ramp", ramp).setup(async |vu: &mut Vu| {
        vu.sleep(Duration::from_millis(300)).await;
        Ok::<_, std::io::Error>(())
    });
    let test = test.iteration(async |vu: &mut Vu| {
        vu.get("/").await;
        vu.sleep(Duration::from_millis(10)).await;
    });
    let router = servy::router(servy::Config::default()).await.unwrap();
    let report = test.run(router).await.expect("a run");
    let extras = report.summary().loadgen.as_ref().unwrap();

    let names: Vec<_> = extras.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["setup", "2 VUs", "to 0 VUs"]);
    let [setup, steady, down] = &extras.phases[..] else { panic!("{:?}", extras.phases) };
    assert!(setup.end >= 0.3 && steady.start == setup.end && down.start == steady.end);
    assert!((steady.end - steady.start - 1.0).abs() < 1e-9, "{steady:?}");

    let running: Vec<_> = extras.rows.iter().filter(|row| row.at > setup.end).collect();
    let share = |row: &Row| row.cpu.is_some_and(|cpu| (0.0..=1.0).contains(&cpu.busiest_worker));
    assert!(extras.rows[0].cpu.is_none() && running.iter().all(|row| share(row)), "{running:?}");
    let counted = running.iter().flat_map(|row| row.latency.iter()).map(|(_, count)| count);
    assert_eq!(counted.sum::<u64>() as f64, report.http_reqs().count);

    assert_eq!(extras.slowest.len(), 20);
    assert_eq!(extras.slowest[0].duration, report.http_req_duration().unwrap().max());
    for slow in &extras.slowest {
        assert!((slow.sending + slow.waiting + slow.receiving - slow.duration).abs() < 1e-6);
        assert!(slow.at > setup.end && slow.name.ends_with('/') && slow.status == 200, "{slow:?}");
    }
}

/// One scenario that has little to do, beside one that goes on: each is where it was, not where it
/// might have been.
#[tokio::test]
async fn a_report_tells_when_scenarios_really_ended() {
    let test = LoadTest::new()
        .scenario("short", ScenarioOptions::shared_iterations(1, 3))
        .scenario("long", ScenarioOptions::constant_vus(1, Duration::from_secs(3)));
    let report = run(test, async |vu: &mut Vu| vu.sleep(Duration::from_millis(100)).await).await;
    let phases = &report.summary().loadgen.as_ref().unwrap().phases;
    let end = |name: &str| phases.iter().find(|phase| phase.name == name).unwrap().end;
    assert!((0.3..2.5).contains(&end("short")) && end("long") >= 3.0, "{phases:?}");
}
