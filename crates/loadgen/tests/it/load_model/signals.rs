//! Signals, at each phase of a run: k6's code, and a summary that adds up.
#![cfg(unix)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use loadgen::{Abort, AbortReason, LoadTest, Report, RunError, Vu, exit::ExitCode};
use tokio::time::Instant;

use super::{
    process::{Ended, Running, start},
    site::Site,
};
use crate::cli::signal;

/// Sends a signal to a run, which ends at once although iterations could go on for 30 s.
fn end(running: Running, name: &str) -> Ended {
    let sent = Instant::now();
    signal(running.process.id(), name);
    let ended = running.wait();
    assert!(sent.elapsed() < Duration::from_secs(15), "{:?}", sent.elapsed());
    ended
}

fn assert_aborted(ended: &Ended, signal: &str) {
    assert_eq!(ended.code, 105, "{}", ended.stderr);
    let said =
        format!("error: test run was aborted because loadgen received a '{signal}' signal\n");
    assert!(ended.stderr.ends_with(&said), "{}", ended.stderr);
    assert_eq!(ended.extras().error.as_deref(), said[7..].strip_suffix('\n'));
    assert_eq!(ended.value("dropped_iterations", "count"), 0.0);
}

#[test]
fn in_the_ramp() {
    // From one VU to 21 in 10 s: every 500 ms one more, which all wait for an answer.
    let site = Site::holding_after(0);
    let options = r#"{"stages": [{"duration": "10s", "target": 21}]}"#;
    let running = start(options, &site, &[]);
    site.wait_for(3);
    let ended = end(running, "INT");
    assert_aborted(&ended, "interrupt");
    ended.assert_adds_up(&site);
    assert_eq!(ended.iterations().0, 0);
}

#[test]
fn in_the_steady_part() {
    let site = Site::holding_after(12);
    let running = start(r#"{"vus": 3, "iterations": 100, "duration": "60s"}"#, &site, &[]);
    site.wait_for(15);
    let ended = end(running, "TERM");
    assert_aborted(&ended, "terminated");
    ended.assert_adds_up(&site);
    // None of the 85 that were not started counts as dropped.
    assert_eq!(ended.iterations(), (12, 3));
}

#[test]
fn trap_09_there_is_no_grace_for_a_signal_and_trap_11_what_is_cut_off_leaves_its_bytes_only() {
    let site = Site::holding_after(0);
    let running = start(r#"{"vus": 2, "duration": "1s"}"#, &site, &[]);
    site.wait_for(2);
    sleep(Duration::from_millis(1_500));
    let ended = end(running, "INT");
    assert_aborted(&ended, "interrupt");
    ended.assert_adds_up(&site);
    assert_eq!(ended.iterations(), (0, 2));
    assert!(ended.value("data_sent", "count") > 0.0);
    for metric in ["iterations", "iteration_duration", "http_reqs", "checks"] {
        assert!(!ended.summary().metrics.contains_key(metric), "{metric}");
    }
}

#[cfg(target_os = "linux")]
mod held {
    use super::*;
    use crate::load_model::{
        process::{own_address, status},
        site::wait_until,
    };

    /// Waits until a run is in a phase, by k6's number.
    fn wait_for_phase(address: &str, phase: u8) {
        wait_until("the phase", || status(address, "status") == phase.to_string());
    }

    #[test]
    fn paused_before_the_start() {
        let (site, address) = (Site::holding_after(0), own_address());
        let running = start(r#"{"vus": 2, "paused": true}"#, &site, &["--address", &address]);
        wait_for_phase(&address, 4);
        let ended = end(running, "INT");
        assert_aborted(&ended, "interrupt");
        assert_eq!((ended.iterations(), site.requests()), ((0, 0), 0));
    }

    #[test]
    fn lingering_is_no_failure() {
        let (site, address) = (Site::start(Duration::ZERO), own_address());
        let mut running =
            start(r#"{"vus": 2, "iterations": 4}"#, &site, &["--linger", "--address", &address]);
        wait_for_phase(&address, 9);
        assert_eq!(running.process.try_wait().unwrap(), None, "it waits");
        let ended = end(running, "INT");
        // A run this short may keep its worker busy all the time, and then says so.
        assert_eq!((ended.code, ended.stderr.contains("error:")), (0, false), "{}", ended.stderr);
        ended.assert_adds_up(&site);
        assert_eq!(ended.iterations(), (4, 0));
    }
}

/// A run with setup and teardown that gets a signal in the phase that is named, and how often each
/// phase ended.
async fn signalled_in(phase: &'static str) -> (Report, [usize; 3], Site) {
    let site = Site::start(Duration::from_millis(20));
    let abort = Abort::default();
    let ended: Arc<[AtomicUsize; 3]> = Arc::default();
    let pass = |index: usize, own: &'static str| {
        let (abort, ended) = (abort.clone(), ended.clone());
        async move |vu: &mut Vu| {
            if own == phase {
                abort.abort(AbortReason::Signal("interrupt"));
                vu.sleep(Duration::from_millis(100)).await;
            }
            ended[index].fetch_add(1, Ordering::Relaxed);
        }
    };
    let (setup, iteration, teardown) =
        (pass(0, "setup"), pass(1, "iteration"), pass(2, "teardown"));
    let test = LoadTest::new().vus(2).iterations(4).abort_with(&abort);
    let report = test
        .iteration(async move |vu: &mut Vu| {
            vu.get("/").await;
            iteration(vu).await;
        })
        .setup(async move |vu: &mut Vu| {
            setup(vu).await;
            Ok::<_, String>(())
        })
        .teardown(teardown)
        .run_at(&site.url())
        .await
        .unwrap();
    let error = report.error().expect("it was aborted");
    assert_eq!(error, RunError::Aborted(AbortReason::Signal("interrupt")));
    assert_eq!(error.exit_code(), ExitCode::Interrupted);
    let extras = report.summary().loadgen.as_ref().unwrap();
    let (complete, interrupted) = (extras.iterations_complete, extras.iterations_interrupted);
    assert_eq!(complete as f64, report.iterations().count);
    assert_eq!(site.requests() as u64, complete + interrupted);
    let ended = [0, 1, 2].map(|index: usize| ended[index].load(Ordering::Relaxed));
    (report, ended, site)
}

#[tokio::test]
async fn in_setup_nothing_comes_after_it() {
    let (_, ended, site) = signalled_in("setup").await;
    assert_eq!((ended, site.requests()), ([0, 0, 0], 0));
}

#[tokio::test]
async fn in_an_iteration_teardown_still_runs() {
    let (report, ended, _) = signalled_in("iteration").await;
    assert_eq!((ended[0], ended[2]), (1, 1));
    assert_eq!(report.iterations().count, ended[1] as f64);
    assert!(ended[1] < 4);
}

#[tokio::test]
async fn in_teardown_it_runs_to_its_end() {
    let (report, ended, _) = signalled_in("teardown").await;
    assert_eq!(ended, [1, 4, 1]);
    assert_eq!(report.iterations().count, 4.0);
}
