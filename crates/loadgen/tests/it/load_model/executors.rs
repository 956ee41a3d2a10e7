//! Each executor against a site that takes a known time: what it counts is what paper says.

use std::time::Duration;

use super::{
    process::{Ended, run},
    site::Site,
};

/// Runs one scenario against a site that takes `service_time` milliseconds for each answer.
fn run_scenario(service_time: u64, scenario: &str) -> Ended {
    let site = Site::start(Duration::from_millis(service_time));
    let options = format!(r#"{{"scenarios": {{"only": {scenario}}}}}"#);
    let ended = run(&options, &site, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.assert_adds_up(&site);
    // What was cut off counts as no request.
    assert_eq!(ended.value("http_reqs", "count"), ended.iterations().0 as f64);
    ended
}

/// Iterations that ran to their end, were cut off, and were never started.
fn counts(ended: &Ended) -> (u64, u64, f64) {
    let (complete, interrupted) = ended.iterations();
    (complete, interrupted, ended.value("dropped_iterations", "count"))
}

/// VUs at work at the end of each second.
fn active_vus(ended: &Ended) -> Vec<u64> {
    ended.extras().rows.iter().map(|row| row.vus).collect()
}

#[test]
fn shared_iterations() {
    // 3 VUs, 200 ms each: rounds at 0, 200, 400, 600 and 800; the last starts one.
    let all = run_scenario(200, r#"{"executor": "shared-iterations", "vus": 3, "iterations": 13}"#);
    assert_eq!(counts(&all), (13, 0, 0.0));
    // 2 VUs, 350 ms: each starts at 0, 350 and 700 and has time to end the last; 14 of 20 are left.
    let late = run_scenario(
        350,
        r#"{"executor": "shared-iterations", "vus": 2, "iterations": 20, "maxDuration": "1s"}"#,
    );
    assert_eq!(counts(&late), (6, 0, 14.0));
    assert!(late.stderr.contains("14 iterations were never started"), "{}", late.stderr);
}

#[test]
fn per_vu_iterations() {
    // Each VU starts at 0, 350 and 700; the third is cut off at 1 s, the fourth never starts.
    let late = run_scenario(
        350,
        r#"{"executor": "per-vu-iterations", "vus": 2, "iterations": 4, "maxDuration": "1s",
            "gracefulStop": "0s"}"#,
    );
    assert_eq!(counts(&late), (4, 2, 2.0));
}

#[test]
fn constant_vus() {
    // 4 VUs, 400 ms: 5 starts each in 2 s, and all may end.
    let ended = run_scenario(400, r#"{"executor": "constant-vus", "vus": 4, "duration": "2s"}"#);
    assert_eq!(counts(&ended), (20, 0, 0.0));
    assert_eq!(ended.value("vus", "max"), 4.0);
    assert_eq!((ended.value("vus_max", "min"), ended.value("vus_max", "max")), (4.0, 4.0));
    // Little's law: VUs are always in an iteration.
    let by_law = ended.value("iterations", "rate") * ended.value("iteration_duration", "avg") / 1e3;
    assert!((3.5..=4.1).contains(&by_law), "{by_law}");
}

#[test]
fn ramping_vus() {
    // VUs come at 600, 1200, 1800 and 2400 ms and stay for another second.
    let ended = run_scenario(
        50,
        r#"{"executor": "ramping-vus", "startVUs": 0, "stages": [
            {"duration": "2400ms", "target": 4}, {"duration": "1s", "target": 4}]}"#,
    );
    assert_eq!(active_vus(&ended), [1, 3, 4]);
    assert_eq!(ended.value("vus_max", "max"), 4.0);
    let (complete, interrupted, dropped) = counts(&ended);
    assert_eq!((interrupted, dropped), (0, 0.0));
    // 2800 + 2200 + 1600 + 1000 ms of VUs, in each of which 20 iterations a second are possible.
    assert!((76..=156).contains(&complete), "{complete}");
}

#[test]
fn constant_arrival_rate_with_too_few_vus() {
    // Each 250 ms, 625 ms long, 2 VUs: at 0 and 250; 500 finds none; the first is free again at
    // 625, the second at 875; and so on: of each three the third is dropped.
    let ended = run_scenario(
        625,
        r#"{"executor": "constant-arrival-rate", "rate": 4, "duration": "2100ms",
            "preAllocatedVUs": 2}"#,
    );
    assert_eq!(counts(&ended), (6, 0, 3.0));
    let said = "Insufficient VUs, reached 2 active VUs and cannot initialize more";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn constant_arrival_rate_with_vus_enough() {
    // 100/s for 2.995 s: at 0, 10, …, 2990. The last are dropped if the machine is too busy then.
    let ended = run_scenario(
        200,
        r#"{"executor": "constant-arrival-rate", "rate": 100, "duration": "2995ms",
            "preAllocatedVUs": 60}"#,
    );
    let (complete, interrupted, dropped) = counts(&ended);
    assert_eq!((complete as f64 + dropped, interrupted), (300.0, 0));
    assert!(dropped <= 10.0, "{dropped}");
    // Little's law: 100/s · 0.2 s = 20 VUs at work, of 60 that there are.
    let law = 100.0 * ended.value("iteration_duration", "avg") / 1e3;
    assert!(law >= 20.0, "{law}");
    let active = active_vus(&ended);
    let mean = active.iter().sum::<u64>() as f64 / active.len() as f64;
    assert!(active.len() >= 2 && (0.75..=1.25).contains(&(mean / law)), "{active:?} {law}");
    assert_eq!(ended.value("vus_max", "max"), 60.0);
}

#[test]
fn ramping_arrival_rate() {
    // 10 → 30/s in 1 s: 20; 30/s for 0.5 s: 15; 30 → 0 in 0.5 s: 7.5.
    let ended = run_scenario(
        100,
        r#"{"executor": "ramping-arrival-rate", "startRate": 10, "preAllocatedVUs": 20,
            "stages": [{"duration": "1s", "target": 30}, {"duration": "500ms", "target": 30},
            {"duration": "500ms", "target": 0}]}"#,
    );
    assert_eq!(counts(&ended), (42, 0, 0.0));
    assert!(ended.summary().metrics.contains_key("schedule_lag"));
}

#[test]
fn externally_controlled() {
    // 2 VUs, 250 ms, 1.5 s and a tenth more at most: the seventh of each may start, and is cut off.
    let ended = run_scenario(
        250,
        r#"{"executor": "externally-controlled", "vus": 2, "maxVUs": 5, "duration": "1500ms"}"#,
    );
    let (complete, interrupted, dropped) = counts(&ended);
    assert!((10..=12).contains(&complete) && interrupted <= 2, "{complete} {interrupted}");
    assert_eq!(dropped, 0.0);
    assert_eq!(ended.value("vus", "max"), 2.0);
    assert_eq!(ended.value("vus_max", "max"), 5.0);
}
