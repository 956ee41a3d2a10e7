//! A crowd of VUs that mostly sleep.

use std::{sync::OnceLock, time::Duration};

use loadgen::{LoadTest, ScenarioOptions, Vu};
use tokio::time::{Instant, sleep};

const CROWD: u32 = 100_000;

/// Each comes, looks at one page and waits; all are there at once. A release build starts in less
/// than a second; this bound is for a debug build on a machine that is busy with other tests.
#[tokio::test]
async fn a_hundred_thousand_vus_run_in_one_process() {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let page = axum::routing::get(|| async { "hello" });
    let second = Duration::from_secs(1);
    let begin = Instant::now();
    let report = LoadTest::new()
        .iteration(async |vu: &mut Vu| {
            FIRST.get_or_init(Instant::now);
            sleep(Duration::from_millis(vu.id() % 1000)).await;
            vu.get("/").await;
            sleep(Duration::from_secs(1)).await;
        })
        .scenario("crowd", ScenarioOptions::per_vu_iterations(CROWD, 1))
        .options(|options| options.no_vu_connection_reuse = Some(true))
        .run(axum::Router::new().route("/", page))
        .await
        .unwrap();
    report.assert_passed();
    assert_eq!(report.iterations().count, f64::from(CROWD));
    assert_eq!(report.http_reqs().count, f64::from(CROWD));
    let start_up = FIRST.get().unwrap().duration_since(begin);
    assert!(start_up < second * 30, "{start_up:?}");
}
