//! The load model from Rust: scenarios, functions, hooks, tags, variables, control.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use loadgen::{
    HookError, HookKind, LoadTest, LoadTestError, Report, RunError, ScenarioOptions, Vu,
    control::{Phase, Refused},
    exit::ExitCode,
    options::scenario::ExecutorKind,
};

use super::site::Site;

/// Where iterations that send nothing could send.
const NOWHERE: &str = "http://127.0.0.1:1";

const SECOND: Duration = Duration::from_secs(1);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What iterations say of themselves.
type Log<T> = Arc<Mutex<Vec<T>>>;

#[tokio::test]
async fn each_scenario_has_its_function_its_variables_and_its_tags() {
    let log: Log<(String, &str, Option<String>, Option<String>)> = Arc::default();
    let note = |function: &'static str| {
        let log = log.clone();
        async move |vu: &mut Vu| {
            let env = |name| vu.env(name).map(str::to_owned);
            let line = (vu.scenario().to_owned(), function, env("SITE"), env("ROLE"));
            log.lock().unwrap().push(line);
        }
    };
    let named = |name: &str| BTreeMap::from([(name.to_owned(), "reader".to_owned())]);
    let readers = ScenarioOptions {
        env: named("ROLE"),
        tags: named("role"),
        ..ScenarioOptions::per_vu_iterations(2, 3).exec("read")
    };
    let report = LoadTest::new()
        .iteration(note("default"))
        .function("read", note("read"))
        .scenario("visitors", ScenarioOptions::shared_iterations(1, 2).start_time(millis(300)))
        .scenario("readers", readers)
        .options(|options| {
            options.env = Some(BTreeMap::from([("SITE".to_owned(), "shop".to_owned())]));
            options.tags = Some(BTreeMap::from([("run".to_owned(), "nightly".to_owned())]));
        })
        .threshold("iterations{scenario:readers}", "count==6")
        .threshold("iterations{role:reader}", "count==6")
        .threshold("iterations{scenario:visitors}", "count==2")
        .threshold("iterations{run:nightly}", "count==8")
        .run_at(NOWHERE)
        .await
        .unwrap();
    report.assert_passed();
    let log = std::mem::take(&mut *log.lock().unwrap());
    let site = Some("shop".to_owned());
    let reader = ("readers".to_owned(), "read", site.clone(), Some("reader".to_owned()));
    let visitor = ("visitors".to_owned(), "default", site, None);
    assert_eq!(log[..6], vec![reader; 6]);
    assert_eq!(log[6..], vec![visitor; 2], "they start later");
}

#[tokio::test]
async fn a_function_that_there_is_not_is_refused() {
    let error = LoadTest::new()
        .iteration(async |_: &mut Vu| ())
        .scenario("readers", ScenarioOptions::per_vu_iterations(1, 1).exec("read"))
        .run_at(NOWHERE)
        .await
        .expect_err("there is none");
    assert!(matches!(error, LoadTestError::Function { .. }));
    assert_eq!(error.to_string(), "executor readers: function 'read' not found in exports");
}

#[tokio::test]
async fn numbers_in_the_test_are_unique_and_without_gaps_in_each_scenario() {
    let log: Log<(String, u64)> = Arc::default();
    let notes = log.clone();
    let report = LoadTest::new()
        .iteration(async move |vu: &mut Vu| {
            let number = vu.iteration_in_test();
            assert_eq!(vu.iteration_in_test(), number, "it stays");
            notes.lock().unwrap().push((vu.scenario().to_owned(), number));
            vu.sleep(millis(1)).await;
        })
        .scenario("clock", ScenarioOptions::constant_arrival_rate(100, SECOND, 20))
        .scenario("shared", ScenarioOptions::shared_iterations(7, 300))
        .scenario("each", ScenarioOptions::per_vu_iterations(3, 50))
        .options(|options| options.workers = Some(3))
        .run_at(NOWHERE)
        .await
        .unwrap();
    let log = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(log.len() as f64, report.iterations().count);
    for (scenario, least) in [("clock", 90), ("shared", 300), ("each", 150)] {
        let own = log.iter().filter(|(name, _)| name == scenario).map(|&(_, number)| number);
        let numbers: BTreeSet<u64> = own.clone().collect();
        let count = own.count() as u64;
        assert!(count >= least, "{scenario}: {count}");
        assert_eq!(numbers, (0..count).collect(), "{scenario}");
    }
}

#[tokio::test]
async fn what_setup_returns_is_there_in_iterations_and_teardown() {
    let seen: Log<serde_json::Value> = Arc::default();
    let (in_iteration, in_teardown) = (seen.clone(), seen.clone());
    let report = LoadTest::new()
        .vus(2)
        .setup(async |vu: &mut Vu| {
            assert_eq!((vu.id(), vu.scenario()), (0, ""));
            Ok::<_, String>(serde_json::json!({"token": 7}))
        })
        .iteration(async move |vu: &mut Vu| {
            in_iteration.lock().unwrap().push(vu.setup_data().clone());
        })
        .teardown(async move |vu: &mut Vu| {
            in_teardown.lock().unwrap().push(vu.setup_data().clone());
        })
        .run_at(NOWHERE)
        .await
        .unwrap();
    report.assert_passed();
    assert_eq!(*seen.lock().unwrap(), vec![serde_json::json!({"token": 7}); 3]);
    assert_eq!(report.summary().setup_data, Some(serde_json::json!({"token": 7})));
}

#[tokio::test]
async fn hooks_that_fail_or_take_too_long_have_codes() {
    let test = || {
        LoadTest::new().vus(2).options(|options| {
            options.setup_timeout = Some(millis(300));
            options.teardown_timeout = Some(millis(300));
        })
    };
    let iteration = async |_: &mut Vu| ();
    let long = async |vu: &mut Vu| {
        vu.sleep(60 * SECOND).await;
        Ok::<(), String>(())
    };
    let fails = async |_: &mut Vu| Err::<(), _>("no database");
    let failed = |report: &Report, code, started: f64| {
        let error = report.error().expect("it failed");
        assert_eq!((error.exit_code(), report.iterations().count), (code, started), "{error}");
        error.to_string()
    };

    let report = test().iteration(iteration).setup(fails).run_at(NOWHERE).await.unwrap();
    let said = failed(&report, ExitCode::HookFailed, 0.0);
    assert!(said.contains("no database"), "{said}");
    let report = test().iteration(iteration).setup(long).run_at(NOWHERE).await.unwrap();
    failed(&report, ExitCode::SetupTimeout, 0.0);
    assert_eq!(
        report.error(),
        Some(RunError::Hook(HookError::Timeout(HookKind::Setup, millis(300))))
    );
    let report = test().iteration(iteration).teardown(fails).run_at(NOWHERE).await.unwrap();
    failed(&report, ExitCode::HookFailed, 2.0);
    let report = test().iteration(iteration).teardown(long).run_at(NOWHERE).await.unwrap();
    failed(&report, ExitCode::TeardownTimeout, 2.0);

    let left_out = test().options(|options| {
        options.no_setup = Some(true);
        options.no_teardown = Some(true);
    });
    let report = left_out.iteration(iteration).setup(fails).teardown(fails).run_at(NOWHERE).await;
    report.unwrap().assert_passed();
}

#[tokio::test]
async fn a_test_that_ends_itself_ends_with_108_and_one_that_fails_itself_with_110() {
    let report = LoadTest::new()
        .vus(3)
        .duration(60 * SECOND)
        .iteration(async |vu: &mut Vu| {
            vu.sleep(millis(50)).await;
            if vu.iteration() == 2 {
                vu.abort_test("out of stock");
                vu.sleep(60 * SECOND).await;
            }
        })
        .run_at(NOWHERE)
        .await
        .unwrap();
    let error = report.error().expect("it ended itself");
    assert_eq!(error.exit_code(), ExitCode::TestAborted);
    assert_eq!(error.to_string(), "test aborted: out of stock");
    let extras = report.summary().loadgen.as_ref().unwrap();
    assert_eq!(extras.iterations_interrupted, 3);
    assert_eq!(extras.iterations_complete as f64, report.iterations().count);

    let report = LoadTest::new()
        .vus(2)
        .iterations(6)
        .threshold("iterations", "count<1")
        .iteration(async |vu: &mut Vu| vu.fail_test("wrong totals"))
        .run_at(NOWHERE)
        .await
        .unwrap();
    let error = report.error().expect("it failed itself");
    assert_eq!(error.exit_code(), ExitCode::MarkedAsFailed, "before its thresholds");
    assert_eq!(error.to_string(), "test run was marked as failed: wrong totals");
    assert_eq!(report.iterations().count, 6.0, "it went on");
}

#[tokio::test]
async fn a_test_is_watched_and_stopped_by_its_handle() {
    let site = Site::start(millis(20));
    let mut test = LoadTest::new();
    let control = test.control();
    let outside = ScenarioOptions {
        vus: Some(1),
        max_vus: Some(3),
        duration: Some(jiff::SignedDuration::ZERO),
        ..ScenarioOptions::new(ExecutorKind::ExternallyControlled)
    };
    let test = test.scenario("outside", outside).options(|options| options.paused = Some(true));
    let url = site.url();
    let running = tokio::spawn(async move { test.batch_get(["/"]).run_at(&url).await });
    let reached = async |what: &str, holds: &dyn Fn(&loadgen::control::Status) -> bool| {
        for _ in 0..1_000 {
            if let Ok(status) = control.status().await
                && holds(&status)
            {
                return;
            }
            tokio::time::sleep(millis(10)).await;
        }
        panic!("waited too long for {what}");
    };
    reached("the pause", &|status| status.phase == Phase::PausedBeforeRun && status.paused).await;
    assert_eq!(
        control.scale(Some(4), None).await,
        Err(Refused::Scale(
            "the number of active VUs (4) must be less than or equal to the number of maxVUs (3)"
                .into()
        ))
    );
    control.pause(false).await.unwrap();
    reached("the run", &|status| status.phase == Phase::Running && status.vus == 1).await;
    control.scale(Some(3), None).await.unwrap();
    reached("three VUs", &|status| status.vus == 3).await;
    control.pause(true).await.unwrap();
    assert_eq!(control.status().await.unwrap().vus, 0);
    control.pause(false).await.unwrap();
    reached("three VUs again", &|status| status.vus == 3).await;
    control.stop().await.unwrap();
    let report = running.await.unwrap().unwrap();
    assert_eq!(report.error().map(|error| error.exit_code()), Some(ExitCode::StoppedByApi));
    assert_eq!(control.status().await, Err(Refused::Gone));
}
