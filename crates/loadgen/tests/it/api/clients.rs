//! `loadgen status`, `stats`, `pause`, `resume` and `scale` as processes.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
    thread,
};

use loadgen::api::Server;

use super::{Engine, engine, start};
use crate::cli::readable;

/// The code it ends with, what it prints on stdout, and what on stderr.
fn run(variable: Option<&str>, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    match variable {
        Some(address) => command.env("K6_ADDRESS", address),
        None => command.env_remove("K6_ADDRESS"),
    };
    let output = command.args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    format!("{}\n{}{}", output.status.code().unwrap(), text(output.stdout), readable(output.stderr))
}

fn ask(server: &Server, words: &[&str]) -> String {
    run(None, &[words, &["--address", &server.address().to_string()]].concat())
}

#[test]
fn a_status_is_yaml() {
    let server = start(&Engine::start());
    insta::assert_snapshot!(ask(&server, &["status"]), @r#"
    0
    status: 7
    paused: "false"
    vus: "2"
    vus-max: "10"
    stopped: false
    running: true
    tainted: false
    "#);
    let address = server.address().to_string();
    let expected = ask(&server, &["status"]);
    assert_eq!(run(Some(&address), &["status"]), expected);
    assert_eq!(
        run(Some("127.0.0.1:1"), &["status", "-a", &address]),
        expected,
        "the flag is stronger"
    );
}

#[test]
fn stats_are_yaml() {
    let server = start(&Engine::start());
    // The value of `orders` loses its last digits when it is not read back with care.
    insta::assert_snapshot!(ask(&server, &["stats"]), @r#"
    0
    - name: checks
      type:
        type: rate
        valid: true
      contains:
        type: default
        valid: true
      tainted: ""
      sample:
        rate: 0.6666666666666666
    - name: http_req_duration
      type:
        type: trend
        valid: true
      contains:
        type: time
        valid: true
      tainted: "true"
      sample:
        avg: 0.6166666666666666
        max: 1.5
        med: 0.250048
        min: 0.1
        p(90): 1.2500096
        p(95): 1.3750048
    - name: http_req_duration{expected_response:true}
      type:
        type: trend
        valid: true
      contains:
        type: time
        valid: true
      tainted: ""
      sample:
        avg: 0.25
        max: 0.25
        med: 0.25
        min: 0.25
        p(90): 0.25
        p(95): 0.25
    - name: iterations
      type:
        type: counter
        valid: true
      contains:
        type: default
        valid: true
      tainted: "false"
      sample:
        count: 9
        rate: 2.25
    - name: orders
      type:
        type: gauge
        valid: true
      contains:
        type: data
        valid: true
      tainted: ""
      sample:
        value: 200.74520750000002
    - name: vus
      type:
        type: gauge
        valid: true
      contains:
        type: default
        valid: true
      tainted: ""
      sample:
        value: 2
    "#);
}

#[test]
fn changes_show_the_new_status() {
    let engine = Engine::start();
    let server = start(&engine);
    let paused = ask(&server, &["pause"]);
    assert!(paused.starts_with("0\nstatus: 7\npaused: \"true\"\n"), "{paused}");
    let resumed = ask(&server, &["resume"]);
    assert!(resumed.starts_with("0\nstatus: 7\npaused: \"false\"\n"), "{resumed}");
    let scaled = ask(&server, &["scale", "--vus", "4", "--max", "20"]);
    assert!(scaled.contains("vus: \"4\"\nvus-max: \"20\"\n"), "{scaled}");
    let scaled = ask(&server, &["scale", "-m", "30"]);
    assert!(scaled.contains("vus: \"4\"\nvus-max: \"30\"\n"), "{scaled}");
    assert_eq!(engine.obeyed(), ["pause true", "pause false", "scale 4 20", "scale 4 30"]);
}

#[test]
fn what_the_test_refuses_is_the_error() {
    let server = start(&Engine::uncontrollable());
    insta::assert_snapshot!(ask(&server, &["pause"]), @"
    255
    error: Pause error: constant-vus executor 'default' doesn't support pause and resume operations after its start
    ");
    insta::assert_snapshot!(ask(&server, &["scale", "-u", "3"]), @"
    255
    error: Execution config error: an externally-controlled executor needs to be configured for live configuration updates
    ");
    let over = Server::start(&"127.0.0.1:0".parse().unwrap(), engine::over()).unwrap();
    insta::assert_snapshot!(ask(&over, &["status"]), @"
    255
    error: Service Unavailable: the test is over
    ");
}

#[test]
fn command_lines_that_say_too_little_or_nonsense() {
    insta::assert_snapshot!(run(None, &["scale"]), @"
    255
    error: specify either -u/--vus or -m/--max
    ");
    insta::assert_snapshot!(run(None, &["scale", "-u", "many"]), @"
    255
    error: invalid value 'many' for '--vus <N>': allowed are whole numbers of at most 18 digits
    ");
    insta::assert_snapshot!(run(None, &["status", "-a", "http://localhost:6565"]), @"
    255
    error: invalid value 'http://localhost:6565' for '--address <HOST:PORT>': allowed are HOST:PORT, [IPv6]:PORT and :PORT
    ");
    insta::assert_snapshot!(run(Some("localhost"), &["stats"]), @"
    104
    error: variable K6_ADDRESS has an invalid value 'localhost' for --address: allowed are HOST:PORT, [IPv6]:PORT and :PORT
    ");
}

#[test]
fn nobody_there_is_told_with_the_way_out() {
    // A port that is taken by a socket which does not listen.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let said = run(None, &["status", "-a", &address]);
    assert!(said.starts_with(&format!("255\nerror: cannot reach a test on {address}: ")), "{said}");
    assert!(said.ends_with("; it must have been started with --address\n"), "{said}");
}

#[test]
fn whoever_is_no_rest_api_is_found_out() {
    for (answer, said) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "expected value at line 1 column 1"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"data\":{}}",
            "missing field `attributes`",
        ),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status 404 Not Found"),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 13\r\n\r\n{\"errors\":[]}", "status 500"),
        ("SSH-2.0-OpenSSH_10.0\r\n", "invalid HTTP version parsed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "error reading a body"),
        ("", "connection closed before message completed"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let peer = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            (&stream).write_all(answer.as_bytes()).unwrap();
        });
        let told = run(None, &["status", "-a", &address]);
        peer.join().unwrap();
        let start = format!("255\nerror: {address} does not answer as a test does: ");
        assert!(told.starts_with(&start) && told.contains(said), "{told}");
        assert_eq!(told.lines().count(), 2, "{told}");
    }
}
