//! An output that cannot keep up loses samples, and says how many; the test goes on regardless.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use axum::{Router, routing::get};
use loadgen::{
    LoadTest, Vu,
    output::{Batch, Losses, Opened, Output, RunFacts},
};
use tokio::time::Instant;

use crate::cli::{loadgen, readable};

/// Counts samples, and takes the second batch only when it is told to.
struct Stalled {
    written: Arc<AtomicU64>,
    go_on: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Output for Stalled {
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn start(&mut self, _: &RunFacts) {}

    fn write(&mut self, batch: &Batch) {
        if self.written.fetch_add(batch.len(), Ordering::Relaxed) > 0
            && let Some(go_on) = self.go_on.lock().unwrap().take()
        {
            go_on.recv().unwrap();
        }
    }

    fn flush(&mut self) {}

    fn finish(&mut self) {}
}

#[tokio::test]
async fn what_a_stalled_output_loses_is_counted_and_nothing_waits_for_it() {
    let (tell, told) = mpsc::channel();
    let (written, losses) = (Arc::new(AtomicU64::new(0)), Losses::default());
    let output = Box::new(Stalled { written: written.clone(), go_on: Mutex::new(Some(told)) });
    let opened =
        Opened { name: "stalled".into(), is_stdout: false, output, losses: losses.clone() };
    let mut test = LoadTest::new().vus(2).iterations(4_000);
    let counter = test.counter("my_counter").unwrap();
    // 2,000,000 samples of the counter make more batches than may wait.
    let test = test
        .output(opened)
        .iteration(async move |vu: &mut Vu| (0..500).for_each(|_| counter.add(vu, 1.0)))
        .teardown(async move |_: &mut Vu| tell.send(()).unwrap());
    let report = test.run_at("http://127.0.0.1:1").await.unwrap();

    let made = report.counter("my_counter").unwrap().count as u64;
    assert_eq!(made, 2_000_000);
    let iterations = 4 * report.iterations().count as u64;
    let (vus, hooks) = (written.load(Ordering::Relaxed) + losses.samples(), made + iterations);
    // What is left are the gauges of VUs, two a second, and the traffic of the teardown function.
    assert!((hooks + 2..hooks + 1_000).contains(&vus), "{vus} of {hooks}");
    assert!(losses.samples() >= 100_000, "{}", losses.samples());
    let warning = format!("output stalled lost {} samples: it could not keep up", losses.samples());
    assert!(report.warnings().contains(&warning), "{:?}", report.warnings());
}

/// Panics at the first batch.
struct Broken;

impl Output for Broken {
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn start(&mut self, _: &RunFacts) {}

    fn write(&mut self, _: &Batch) {
        panic!("it is broken");
    }

    fn flush(&mut self) {}

    fn finish(&mut self) {}
}

#[tokio::test]
async fn an_output_that_panics_does_not_end_the_test() {
    let opened = Opened {
        name: "broken".into(),
        is_stdout: false,
        output: Box::new(Broken),
        losses: Losses::default(),
    };
    let test = LoadTest::new().iterations(3).output(opened).iteration(async |_: &mut Vu| {});
    let report = test.run_at("http://127.0.0.1:1").await.unwrap();
    assert_eq!(report.iterations().count, 3.0);
    let told = "output broken panicked; what it had not written by then is lost".to_owned();
    assert!(report.warnings().contains(&told), "{:?}", report.warnings());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_warning_with_a_number() {
    let output = loadgen()
        .args(["--iterations", "2", "--quiet", "--out", "csv=/dev/full"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let told = readable(output.stderr);
    let (_, rest) = told.split_once("warning: output csv (/dev/full) lost ").unwrap();
    let (number, rest) = rest.split_once(" samples: ").unwrap();
    assert!(number.parse::<u64>().unwrap() > 1_000, "{number}");
    assert!(rest.starts_with("No space left on device"), "{rest}");
}

#[test]
#[cfg(target_os = "linux")]
fn each_result_that_finds_no_room_is_told() {
    let files = ["--summary-export", "--summary-junit", "--summary-markdown"];
    let words = files.iter().flat_map(|flag| [*flag, "/dev/full"]);
    let output = loadgen().args(["--iterations=1", "--quiet"]).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(104));
    let told = readable(output.stderr);
    for flag in files {
        let error = format!("error: {flag} /dev/full: cannot be written: No space left on device");
        assert_eq!(told.matches(&error).count(), 1, "{told}");
    }
}

/// The log tells of trouble while there is time to do something about it, and no more than once.
#[test]
#[cfg(target_os = "linux")]
fn trouble_is_told_once_for_each_output_while_the_run_goes_on() {
    let dead = "http://127.0.0.1:1/";
    let output = loadgen()
        .args(["--duration", "4s", "--out", "csv=/dev/full", "--out", "prometheus-rw"])
        .args(["--out", "influxdb=http://127.0.0.1:1"])
        .env("K6_PROMETHEUS_RW_SERVER_URL", dead)
        .env("K6_PROMETHEUS_RW_PUSH_INTERVAL", "500ms")
        .output()
        .unwrap();
    let told = readable(output.stderr);
    let end = told.find(" lost ").unwrap_or_else(|| panic!("{told}"));
    for (output, why) in [
        ("csv (/dev/full)", "No space left on device"),
        ("InfluxDBv1 (http://127.0.0.1:1)", "dial: connection refused"),
        ("Prometheus remote write (http://127.0.0.1:1/)", ""),
    ] {
        let trouble = format!("warning: output {output} is in trouble: {why}");
        let places: Vec<_> = told.match_indices(&trouble).map(|(at, _)| at).collect();
        assert!(places.len() == 1 && places[0] < end, "{output}: {told}");
        assert_eq!(told.matches(&format!("warning: output {output} lost ")).count(), 1, "{told}");
    }
}

#[tokio::test]
async fn a_dead_server_holds_up_the_end_by_a_few_seconds_at_most() {
    let start = Instant::now();
    let test = LoadTest::new()
        .duration(Duration::from_secs(2))
        .batch_get(["/"])
        .options(|options| options.out = Some(vec!["influxdb=http://127.0.0.1:1".into()]));
    let report = test.run(Router::new().route("/", get(async || "hello"))).await.unwrap();
    let late = start.elapsed().as_secs_f64() - report.summary().state.test_run_duration_ms / 1e3;
    assert!(late < 10.0, "{late}");

    let lost = "output InfluxDBv1 (http://127.0.0.1:1) lost ";
    let warning = report.warnings().iter().find_map(|it| it.strip_prefix(lost)).unwrap();
    let (lost, reason) = warning.split_once(" samples: ").unwrap();
    assert_eq!(reason, "dial: connection refused");
    let lost: f64 = lost.parse().unwrap();
    // Nine of each request and a check, four of each iteration, and the gauges of VUs.
    let made = 10.0 * report.http_reqs().count + 4.0 * report.iterations().count;
    assert!((made..made + 20.0).contains(&lost), "{lost} of {made}");
}
