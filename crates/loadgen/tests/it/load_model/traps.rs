//! What is easily got wrong in an engine with k6's model, by number. Where there is no test here,
//! the search for `trap` and its number leads to the pure test, or to the one of another subject.
//!
//! Not applicable, for want of a script or of what it is about: of 10, that an exception is logged
//! with its stack (an iteration's error is told in the summary); of 16, the body of `post(url, '')`
//! (a request here says whether it has a body); of 17, that status 101 throws (it is a failed
//! request); of 19, that `vu` and `iter` are metadata, and the `vu` tag of dropped iterations
//! (there is no output of single samples that could carry them); of 23, `K6_TLSAUTH` (there are no
//! client certificates); of 25, the cookie jar (there is none, so nothing to empty) and `batch: 0`
//! (refused).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use loadgen::{LoadTest, Report, ScenarioOptions, Vu, options::thresholds::ThresholdOptions};
use tokio::time::Instant;

use super::{process::run as run_process, site::Site};
use crate::engine::run;

const SECOND: Duration = Duration::from_secs(1);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn dropped(report: &Report) -> f64 {
    report.counter("dropped_iterations").map_or(0.0, |dropped| dropped.count)
}

/// Due at 0, 250, …, 1000, and each VU is busy to the end: at 0, 500 and 1000 none is idle, and each
/// time one more is made, which serves what is due next and not what was dropped.
#[tokio::test]
async fn trap_04_a_dropped_iteration_is_gone_and_lets_one_vu_be_made() {
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let log = numbers.clone();
    let scenario = ScenarioOptions {
        max_vus: Some(5),
        ..ScenarioOptions::constant_arrival_rate(4, millis(1_100), 0)
    };
    let test = LoadTest::new().scenario("clock", scenario.graceful_stop(millis(1_300)));
    let report = run(test, async move |vu: &mut Vu| {
        let number = vu.iteration_in_test();
        log.lock().unwrap().push((number, vu.id()));
        vu.sleep(60 * SECOND).await;
    })
    .await;
    assert_eq!(*numbers.lock().unwrap(), [(0, 1), (1, 2)], "no number is lost");
    assert_eq!(dropped(&report), 3.0);
    assert_eq!(report.gauge("vus_max").map(|vus| vus.max), Some(3.0));
}

/// The only thread is held up for 400 ms, in which four iterations become due.
#[tokio::test]
async fn trap_05_a_late_clock_catches_up_and_drops_nothing() {
    let scenario = ScenarioOptions::constant_arrival_rate(10, millis(1_080), 11);
    let test = LoadTest::new().scenario("clock", scenario);
    let test = test.options(|options| options.workers = Some(1));
    let report = run(test, async |vu: &mut Vu| {
        if vu.iteration_in_test() == 2 {
            thread::sleep(millis(400));
        }
    })
    .await;
    assert_eq!((report.iterations().count, dropped(&report)), (11.0, 0.0));
    let lag = report.trend("schedule_lag").expect("it was late");
    assert!(lag.max() >= 250.0 && lag.count() == 11, "{} ms", lag.max());
}

/// One of two VUs is taken away at 750 ms and wanted again at 1050, when it is still at its second
/// iteration, from 600 to 1200: it goes on, with what it is.
#[tokio::test]
async fn trap_08_a_vu_that_is_wanted_again_in_time_was_never_away() {
    let starts = Arc::new(Mutex::new(Vec::new()));
    let log = starts.clone();
    let stages = [(750, 2), (0, 1), (300, 1), (0, 2), (650, 2)];
    let stages = stages.map(|(time, target)| (millis(time), target));
    let mut test = LoadTest::new().scenario("ramp", ScenarioOptions::ramping_vus(2, stages));
    let later = test.counter("later").unwrap();
    let test = test.threshold("later{known:yes}", "count==4");
    let report = run(test, async move |vu: &mut Vu| {
        log.lock().unwrap().push((vu.id(), vu.iteration_in_scenario()));
        match vu.iteration() {
            0 => vu.tag("known", "yes"),
            _ => later.add(vu, 1.0),
        }
        vu.sleep(millis(600)).await;
    })
    .await;
    let starts: BTreeSet<_> = starts.lock().unwrap().iter().copied().collect();
    assert_eq!(starts, [1, 2].into_iter().flat_map(|id| [0, 1, 2].map(|n| (id, n))).collect());
    assert_eq!(report.error(), None, "tags last as long as the VU stays in the scenario");
}

#[tokio::test]
async fn trap_10_an_iteration_that_fails_is_complete_and_the_one_that_aborts_is_counted() {
    let failing = LoadTest::new().vus(2).iterations(6);
    let report = run(failing, async |_: &mut Vu| Err::<(), _>("no such article")).await;
    assert_eq!((report.iterations().count, report.error()), (6.0, None));
    assert_eq!(report.trend("iteration_duration").map(|trend| trend.count()), Some(6));

    let aborting = LoadTest::new().vus(1).iterations(6);
    let report = run(aborting, async |vu: &mut Vu| vu.abort_test("enough")).await;
    assert_eq!(report.iterations().count, 1.0);
    assert_eq!(report.trend("iteration_duration").map(|trend| trend.count()), Some(1));
    assert_eq!(dropped(&report), 0.0);
}

#[tokio::test]
async fn trap_12_the_duration_of_an_iteration_has_its_waits_but_not_the_rest_after_it() {
    let paced = LoadTest::new().vus(1).duration(SECOND).options(|options| {
        options.min_iteration_duration = Some(millis(600));
    });
    let report = run(paced, async |vu: &mut Vu| vu.sleep(millis(100)).await).await;
    // At 0 and 600 ms.
    assert_eq!(report.iterations().count, 2.0);
    let took = report.trend("iteration_duration").unwrap();
    assert!(took.min() >= 100.0 && took.max() < 500.0, "{} to {}", took.min(), took.max());

    // Four a second: the third request of the iteration waits for half a second.
    let site = Site::start(Duration::ZERO);
    let report = LoadTest::new()
        .options(|options| options.rps = Some(4))
        .batch_get(["/", "/", "/"])
        .run_at(&site.url())
        .await
        .unwrap();
    let took = report.trend("iteration_duration").unwrap();
    assert!(took.min() >= 400.0, "{}", took.min());
    assert!(report.http_req_duration().unwrap().max() < 400.0);
}

#[tokio::test]
async fn trap_13_vus_are_those_at_work_once_a_second_and_belong_to_no_scenario() {
    let test = LoadTest::new()
        .scenario("clock", ScenarioOptions::constant_arrival_rate(20, millis(2_020), 10))
        .threshold("vus{scenario:clock}", "value<0.5")
        .threshold("vus_max{scenario:clock}", "value<0.5")
        .threshold("vus_max{run:nightly}", "value==10")
        .options(|options| {
            options.tags = Some(BTreeMap::from([("run".into(), "nightly".into())]));
        });
    let report = run(test, async |_: &mut Vu| ()).await;
    let (vus, max) = (report.gauge("vus").unwrap(), report.gauge("vus_max").unwrap());
    assert!(vus.max <= 1.0, "{vus:?}");
    assert_eq!((max.min, max.max), (10.0, 10.0));
    assert_eq!(report.error(), None);
}

#[tokio::test]
async fn trap_17_a_url_that_is_none_is_no_request() {
    let report = run(LoadTest::new(), async |vu: &mut Vu| {
        let response = vu.get("http://[::1").await;
        assert_eq!((response.status, response.error.is_some()), (None, true));
    })
    .await;
    assert_eq!(report.http_reqs().count, 0.0);
    assert!(report.http_req_duration().is_none());
    report.assert_passed();
}

#[tokio::test]
async fn trap_18_a_name_stands_for_the_url() {
    let site = Site::start(Duration::ZERO);
    let report = LoadTest::new()
        .vus(1)
        .iterations(3)
        .iteration(async |vu: &mut Vu| {
            let path = format!("/articles/{}", vu.iteration());
            vu.send(vu.request(http::Method::GET, &path).tag("name", "article")).await;
            vu.get("/plain").await;
        })
        .threshold("http_reqs{name:article}", "count==3")
        .threshold("http_reqs{url:article}", "count==3")
        .run_at(&site.url())
        .await
        .unwrap();
    report.assert_passed();
    let requests = &report.summary().loadgen.as_ref().unwrap().requests;
    let known: Vec<_> = requests.iter().map(|kind| (kind.name.as_str(), kind.count)).collect();
    assert_eq!(known, [("article", 3), (&*format!("{}/plain", site.url()), 3)]);
}

/// Of looping scenarios too; what is left of their iterations is counted at their end.
#[test]
fn trap_19_dropped_iterations_have_their_scenario_and_not_its_tags() {
    let site = Site::start(millis(700));
    let options = r#"{"scenarios": {
        "each": {"executor": "per-vu-iterations", "vus": 2, "iterations": 5, "maxDuration": "1s",
            "tags": {"run": "daily"}},
        "shared": {"executor": "shared-iterations", "iterations": 5, "maxDuration": "1s"}},
        "tags": {"run": "nightly"},
        "thresholds": {"dropped_iterations{scenario:each}": ["count==6"],
        "dropped_iterations{scenario:shared}": ["count==3"],
        "dropped_iterations{run:nightly}": ["count==9"],
        "iterations{run:daily}": ["count==4"]}}"#;
    let ended = run_process(options, &site, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.value("dropped_iterations", "count"), 9.0);
    assert_eq!(ended.iterations(), (6, 0));
}

/// Each of three instances does its own part of what VUs share and of what the clock starts: all
/// 17, and all that are due each 100 ms until 1000.
#[test]
fn trap_24_instances_together_are_the_whole() {
    let site = Site::start(millis(20));
    thread::scope(|scope| {
        for segment in ["0:1/3", "1/3:2/3", "2/3:1"] {
            let site = &site;
            scope.spawn(move || {
                let options = format!(
                    r#"{{"scenarios": {{
                    "shared": {{"executor": "shared-iterations", "vus": 5, "iterations": 17}},
                    "clock": {{"executor": "constant-arrival-rate", "rate": 10,
                    "duration": "1090ms", "preAllocatedVUs": 6}}}},
                    "executionSegment": "{segment}", "executionSegmentSequence": "0,1/3,2/3,1"}}"#
                );
                let ended = run_process(&options, site, &[]);
                assert_eq!(ended.code, 0, "{}", ended.stderr);
            });
        }
    });
    assert_eq!(site.requests(), 17 + 11);
}

/// Setup takes 2.2 s. At 4 s the run is older than the delay of 3 s; its scenarios are not.
#[tokio::test]
async fn trap_20_the_delay_of_an_abort_counts_setup() {
    let impatient = ThresholdOptions {
        threshold: "count<1".into(),
        abort_on_fail: true,
        delay_abort_eval: Some(3 * SECOND),
    };
    let begin = Instant::now();
    let report = LoadTest::new()
        .duration(60 * SECOND)
        .options(|options| {
            let thresholds = options.thresholds.get_or_insert_default();
            thresholds.entry("iterations".into()).or_default().push(impatient);
        })
        .setup(async |vu: &mut Vu| {
            vu.sleep(millis(2_200)).await;
            Ok::<_, String>(())
        })
        .iteration(async |vu: &mut Vu| vu.sleep(millis(100)).await)
        .run_at("http://127.0.0.1:1")
        .await
        .unwrap();
    let (took, error) = (begin.elapsed(), report.error().expect("it was ended"));
    assert!((3.9..5.9).contains(&took.as_secs_f64()), "{took:?}");
    assert!(error.to_string().contains("stopping test prematurely"), "{error}");
}

#[tokio::test]
async fn trap_21_rates_are_for_the_whole_run_with_setup_and_teardown() {
    let report = LoadTest::new()
        .vus(2)
        .iterations(4)
        .setup(async |vu: &mut Vu| {
            vu.sleep(millis(600)).await;
            Ok::<_, String>(())
        })
        .teardown(async |vu: &mut Vu| vu.sleep(millis(400)).await)
        .iteration(async |_: &mut Vu| ())
        .run_at("http://127.0.0.1:1")
        .await
        .unwrap();
    let seconds = report.summary().state.test_run_duration_ms / 1e3;
    let iterations = report.iterations();
    assert!((1.0..10.0).contains(&seconds), "{seconds}");
    assert!((iterations.rate * seconds - 4.0).abs() < 1e-6, "{iterations:?} {seconds}");
}

#[tokio::test]
async fn trap_25_connections_outlive_iterations_unless_told_otherwise() {
    for (close, connections) in [(false, 1), (true, 3)] {
        let site = Site::start(Duration::ZERO);
        let report = LoadTest::new()
            .vus(1)
            .iterations(3)
            .options(|options| options.no_vu_connection_reuse = Some(close))
            .batch_get(["/"])
            .run_at(&site.url())
            .await
            .unwrap();
        report.assert_passed();
        assert_eq!(site.connections(), connections);
    }
}
