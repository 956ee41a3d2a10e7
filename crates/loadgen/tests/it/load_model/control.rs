//! A test that is paused, steered and stopped by other processes.
#![cfg(target_os = "linux")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread::sleep,
    time::Duration,
};

use super::{
    process::{Ended, ask, own_address, start, status},
    site::{Site, wait_until},
};

/// Does what must succeed; gives the status that it prints.
fn obey(address: &str, words: &[&str]) -> String {
    let (code, text) = ask(address, words);
    assert_eq!(code, 0, "{words:?}: {text}");
    text
}

/// Tells a test to stop; there is no client for that.
fn stop(address: &str) {
    let body = r#"{"data": {"attributes": {"stopped": true}}}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "PATCH /v1/status HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

fn assert_stopped(ended: &Ended, site: &Site) {
    assert_eq!(ended.code, 103, "{}", ended.stderr);
    assert!(ended.stderr.ends_with("error: test run stopped from REST API\n"), "{}", ended.stderr);
    // A request of an iteration that was cut off may not have been on its way yet.
    let (complete, interrupted) = ended.iterations();
    assert!((complete..=complete + interrupted).contains(&(site.requests() as u64)));
    assert_eq!(ended.value("iterations", "count"), complete as f64);
}

#[test]
fn a_test_is_started_scaled_paused_and_stopped_from_outside() {
    let (site, address) = (Site::start(Duration::from_millis(20)), own_address());
    let options = r#"{"scenarios": {"outside": {"executor": "externally-controlled", "vus": 1,
        "maxVUs": 4, "duration": "0s"}}}"#;
    let running = start(options, &site, &["--paused", "--address", &address]);
    wait_until("the pause", || status(&address, "status") == "4");
    assert_eq!((status(&address, "paused").as_str(), site.requests()), ("true", 0));
    let (code, text) = ask(&address, &["pause"]);
    assert_eq!((code, text.as_str()), (255, "error: Pause error: execution is already paused\n"));

    obey(&address, &["resume"]);
    site.wait_for(1);
    assert_eq!(status(&address, "vus-max"), "4");
    wait_until("one VU", || status(&address, "vus") == "1");

    obey(&address, &["scale", "-u", "3"]);
    wait_until("three VUs", || status(&address, "vus") == "3");
    let (code, text) = ask(&address, &["scale", "-u", "5"]);
    insta::assert_snapshot!(format!("{code} {text}"), @"255 error: Config update error: the number of active VUs (5) must be less than or equal to the number of maxVUs (4)");
    let (code, text) = ask(&address, &["scale", "-m", "3"]);
    insta::assert_snapshot!(format!("{code} {text}"), @"255 error: Config update error: the new number of max VUs cannot be lower than the starting number of max VUs (4)");
    obey(&address, &["scale", "-u", "5", "-m", "6"]);
    wait_until("six VUs", || status(&address, "vus-max") == "6");
    wait_until("five of them at work", || status(&address, "vus") == "5");

    // Whoever pauses is answered when all is quiet.
    let paused = obey(&address, &["pause"]);
    assert!(paused.contains("paused: \"true\"\nvus: \"0\"\n"), "{paused}");
    let quiet = site.requests();
    sleep(Duration::from_millis(300));
    assert_eq!(site.requests(), quiet);
    obey(&address, &["resume"]);
    site.wait_for(quiet + 5);
    wait_until("all at work", || status(&address, "vus") == "5");
    let scaled = obey(&address, &["scale", "-u", "2"]);
    assert!(scaled.contains("vus: \"2\"\nvus-max: \"6\"\n"), "{scaled}");
    // What was measured is there second by second.
    wait_until("a metric", || obey(&address, &["stats"]).contains("- name: http_req_duration\n"));

    stop(&address);
    assert_stopped(&running.wait(), &site);
}

#[test]
fn a_test_that_nobody_outside_controls_can_be_stopped_only() {
    let (site, address) = (Site::start(Duration::from_millis(20)), own_address());
    let running = start(r#"{"vus": 2, "duration": "60s"}"#, &site, &["--address", &address]);
    wait_until("the run", || status(&address, "status") == "7");
    let (code, text) = ask(&address, &["pause"]);
    insta::assert_snapshot!(format!("{code} {text}"), @"255 error: Pause error: constant-vus executor 'default' doesn't support pause and resume operations after its start");
    let (code, text) = ask(&address, &["scale", "-u", "1"]);
    insta::assert_snapshot!(format!("{code} {text}"), @"255 error: Execution config error: an externally-controlled executor needs to be configured for live configuration updates");
    site.wait_for(4);
    stop(&address);
    assert_stopped(&running.wait(), &site);
}
