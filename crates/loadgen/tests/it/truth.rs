//! Whether what is reported is what the server did, and whether a generator that is short of CPU
//! says so. Bounds are those that a busy machine of two cores keeps; `cargo bench -p loadgen
//! --bench truth` measures how near the truth a machine with nothing else to do comes.

mod server;

use std::time::Duration;

use loadgen::{LoadTest, Report, ScenarioOptions, Vu, metrics::Trend};
use tokio::time::{Instant, sleep};

use server::{Delays, Server};

const SECOND: Duration = Duration::from_secs(1);

async fn run(delays: Delays, scenario: ScenarioOptions) -> (Report, Vec<Duration>) {
    let server = Server::start(delays);
    let test = LoadTest::new().batch_get(["/"]).scenario("visitors", scenario);
    let report = test.run_at(&format!("http://{}", server.address)).await.unwrap();
    (report, server.stop(Duration::ZERO))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn durations(report: &Report) -> &Trend {
    report.http_req_duration().unwrap()
}

#[tokio::test]
async fn no_answer_is_faster_than_the_server_was() {
    let delay = Duration::from_millis(5);
    let arrivals = ScenarioOptions::constant_arrival_rate(100, SECOND * 2, 20);
    let (report, mut truth) = run(Delays { usual: delay, rare: None }, arrivals).await;
    report.assert_passed();
    let durations = durations(&report);
    assert_eq!(durations.count(), truth.len() as u64);
    // The server starts its clock after the request was sent, and never answers early.
    assert!(durations.min() >= millis(delay), "{report}");
    // A busy machine makes some answers late, but not most of them.
    truth.sort();
    let median = millis(truth[truth.len() / 2]);
    assert!(durations.percentile(50.0) < median * 1.03 + 25.0, "{median} ms really, but {report}");
}

#[tokio::test]
async fn rare_slow_answers_are_not_averaged_away() {
    let slow = Duration::from_millis(200);
    let delays = Delays { usual: Duration::from_millis(1), rare: Some((50, slow)) };
    let arrivals = ScenarioOptions::constant_arrival_rate(200, SECOND * 2, 50);
    let (report, truth) = run(delays, arrivals).await;
    let of_truth = truth.iter().filter(|took| **took >= slow).count();
    let share = of_truth as f64 / truth.len() as f64;
    // Every answer that slow is above what those are that are not.
    let border = durations(&report).percentile((1.0 - share / 2.0) * 100.0);
    assert!(share > 0.01 && border >= millis(slow), "{share} were slow, but {report}");
}

fn bottleneck(report: &Report) -> Option<&String> {
    report.warnings().iter().find(|warning| warning.contains("bottleneck"))
}

async fn iterate(
    test: LoadTest,
    iteration: impl AsyncFn(&mut Vu) + Send + Sync + 'static,
) -> Report {
    let server = Server::start(Delays { usual: Duration::ZERO, rare: None });
    let report = test.iteration(iteration).run_at(&format!("http://{}", server.address)).await;
    report.unwrap()
}

#[tokio::test]
async fn a_generator_that_is_short_of_cpu_says_so() {
    let test = LoadTest::new().vus(1).duration(SECOND * 2);
    let report = iterate(test, async |vu| {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(200) {}
        vu.get("/").await;
    })
    .await;
    let warning = bottleneck(&report).unwrap_or_else(|| panic!("silent: {report}"));
    assert!(warning.contains("was on a CPU for"), "{warning}");
}

#[tokio::test]
async fn a_generator_with_little_to_do_does_not() {
    let report = iterate(LoadTest::new().iterations(1), async |vu| {
        vu.get("/").await;
        sleep(SECOND * 2).await;
    })
    .await;
    assert_eq!(bottleneck(&report), None);
}

/// Whoever asks for a list once is busy until it is through, and that is no bottleneck.
#[tokio::test]
async fn a_run_of_some_milliseconds_does_not_either() {
    let report = iterate(LoadTest::new().iterations(5), async |vu| drop(vu.get("/").await)).await;
    assert_eq!(bottleneck(&report), None);
}
