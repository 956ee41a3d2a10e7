//! Thresholds of runs: their codes, when they end a run, windows and the warm-up.

use std::time::Duration;

use super::{
    process::{Ended, run},
    site::Site,
};

/// How long a run took, in seconds.
fn took(ended: &Ended) -> f64 {
    ended.summary().state.test_run_duration_ms / 1e3
}

#[test]
fn a_run_that_crosses_thresholds_ends_with_99() {
    let site = Site::start(Duration::from_millis(50));
    let options = r#"{"iterations": 2, "thresholds": {
        "http_req_duration": ["p(95)<40", "max<60000"], "http_req_failed": ["rate<0.1"],
        "checks{scenario:default}": ["rate<0.5"]}}"#;
    let ended = run(options, &site, &[]);
    let said = "error: thresholds on metrics 'checks{scenario:default}, http_req_duration' have been crossed\n";
    assert_eq!(ended.code, 99, "{}", ended.stderr);
    assert!(ended.stderr.ends_with(said), "{}", ended.stderr);
    let verdicts: Vec<_> =
        ended.extras().thresholds.iter().map(|it| (it.threshold.as_str(), it.ok)).collect();
    let known = [("p(95)<40", false), ("max<60000", true), ("rate<0.1", true), ("rate<0.5", false)];
    assert_eq!(verdicts, known);
    ended.assert_adds_up(&site);

    let ignored = run(options, &site, &["--no-thresholds"]);
    assert_eq!(ignored.code, 0, "{}", ignored.stderr);
}

#[test]
fn a_run_is_ended_at_the_next_of_the_instants_two_seconds_apart() {
    std::thread::scope(|scope| {
        for (delay, at) in [("", 2.0), (r#", "delayAbortEval": "3s""#, 4.0)] {
            scope.spawn(move || {
                let site = Site::start(Duration::from_millis(20));
                let options = format!(
                    r#"{{"vus": 2, "duration": "60s", "thresholds": {{"http_reqs": [
                    {{"threshold": "count<1", "abortOnFail": true{delay}}}]}}}}"#
                );
                let ended = run(&options, &site, &[]);
                assert_eq!(ended.code, 99, "{}", ended.stderr);
                let said = "error: thresholds on metrics 'http_reqs' were crossed; at least one has \
                            abortOnFail enabled, stopping test prematurely\n";
                assert!(ended.stderr.ends_with(said), "{}", ended.stderr);
                let took = took(&ended);
                assert!((at - 0.1..at + 1.9).contains(&took), "{took}");
            });
        }
    });
}

/// What workers have gathered is a second old at most, and so must be the time that it is divided by.
#[test]
fn a_rate_is_held_against_the_seconds_that_it_was_measured_in() {
    let site = Site::start(Duration::from_millis(1));
    let options = r#"{"scenarios": {"clock": {"executor": "constant-arrival-rate", "rate": 100,
        "duration": "5s", "preAllocatedVUs": 50}},
        "thresholds": {"iterations": [{"threshold": "rate>70", "abortOnFail": true}]}}"#;
    let ended = run(options, &site, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn a_window_is_about_the_last_seconds_only() {
    // Five requests in the first second, and one after 3 s.
    let site = Site::start(Duration::from_millis(20));
    let options = r#"{"scenarios": {
        "early": {"executor": "per-vu-iterations", "vus": 5},
        "late": {"executor": "per-vu-iterations", "startTime": "3s"}},
        "thresholds": {"http_reqs": ["count==6", "count==1 last 1s"]}}"#;
    let ended = run(options, &site, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let results: Vec<_> = ended
        .extras()
        .thresholds
        .iter()
        .map(|result| (result.observed, result.window_seconds, result.ok))
        .collect();
    assert_eq!(results, [(Some(6.0), None, true), (Some(1.0), Some(1), true)]);
}

#[test]
fn a_warm_up_is_seen_and_does_not_count() {
    // Each 100 ms for 2.08 s: at 0 to 2000. Those that end in the first second do not count: 9 or
    // 10, and one more or less if they take their time.
    let site = Site::start(Duration::from_millis(20));
    let options = r#"{"warmup": "1s", "scenarios": {"clock": {"executor": "constant-arrival-rate",
        "rate": 10, "duration": "2080ms", "preAllocatedVUs": 10}},
        "thresholds": {"http_reqs": ["count<20"], "iterations": ["count>5"]}}"#;
    let ended = run(options, &site, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!((site.requests(), ended.iterations()), (21, (21, 0)));
    assert_eq!(ended.extras().warmup_seconds, 1);
    let counted = ended.value("http_reqs", "count");
    assert!((9.0..=13.0).contains(&counted), "{counted}");
    assert_eq!(ended.value("iterations", "count"), counted);
    let rate = counted / (took(&ended) - 1.0);
    assert!((ended.value("http_reqs", "rate") - rate).abs() < 1e-6);
    let shown: u64 = ended.extras().rows.iter().map(|row| row.http_reqs).sum();
    assert_eq!(shown, 21, "rows show all");
    assert!(ended.stderr.contains("the first 1 s were a warm-up"), "{}", ended.stderr);
    assert!(ended.extras().thresholds.iter().all(|result| result.observed == Some(counted)));
}
