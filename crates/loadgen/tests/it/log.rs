//! The log of the program as a process: how it looks, where it goes, and what is in it.

use std::{fs, path::Path, process::Output};

use loadgen::summary;

use crate::cli::loadgen;

/// A host whose port is taken by a socket which does not listen.
struct Refusing {
    _socket: tokio::net::TcpSocket,
    url: String,
}

impl Refusing {
    fn new() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        Self { _socket: socket, url }
    }
}

fn run(words: &[&str]) -> Output {
    loadgen().args(words).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// With its time replaced.
fn timeless(line: &str) -> String {
    let time = line.strip_prefix("time=\"").unwrap();
    assert!(time[..20].parse::<jiff::Timestamp>().is_ok(), "{line}");
    format!("time=NOW{}", &time[21..])
}

#[test]
fn requests_that_fail_are_told_by_error_and_second_with_their_number() {
    let (host, folder) = (Refusing::new(), tempfile::tempdir().unwrap());
    let output = run(&[
        "--vus=3",
        "--duration=3s",
        "--host",
        &host.url,
        "--report-dir",
        folder.path().to_str().unwrap(),
    ]);
    let said = stderr(&output);
    let failed: Vec<_> = said.lines().filter(|line| line.contains("Request Failed")).collect();
    let start = "time=NOW level=warning msg=\"Request Failed\" count=";
    let end = format!(" error=\"Get \\\"{}/\\\": dial: connection refused\"", host.url);
    let count = |line: &&str| -> u64 {
        let line = timeless(line);
        let count = line.strip_prefix(start).and_then(|line| line.strip_suffix(&end));
        count.unwrap_or_else(|| panic!("{line}")).parse().unwrap()
    };
    let told: u64 = failed.iter().map(count).sum();
    let summary = summary::load(&folder.path().join("summary.json")).unwrap();
    assert_eq!(told as f64, summary.metrics["http_req_failed"].values["passes"]);
    assert!(told > 30, "it is more than there are lines");
    // Of four seconds at most, the last of which may be told twice.
    assert!((2..=5).contains(&failed.len()), "{said}");
    // They go on while progress does.
    assert!(said.find("running (").unwrap() < said.rfind("Request Failed").unwrap(), "{said}");
}

#[test]
fn quiet_hides_progress_and_no_failures() {
    let host = Refusing::new();
    let output = run(&["-q", "--host", &host.url]);
    let said = stderr(&output);
    assert!(said.lines().all(|line| line.starts_with("time=")), "{said}");
    assert!(said.lines().next().unwrap().contains("Request Failed"), "{said}");
}

#[test]
fn a_file_gets_what_its_level_allows_behind_what_is_there() {
    let (host, folder) = (Refusing::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("loadgen.log");
    let logged = |level: &str, words: &[&str]| {
        let output = format!("file={}{level}", file.display());
        let mut command = loadgen();
        command.args(["-q", "--host", &host.url, "--log-format=json"]).args(words);
        let output = command.env("K6_LOG_OUTPUT", output).output().unwrap();
        assert_eq!(stderr(&output), "");
        fs::read_to_string(&file).unwrap()
    };
    let threshold = ["--threshold", "http_req_failed=rate<0.5"];
    let first = logged(",level=error", &threshold);
    let object: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(object["level"], "error");
    assert_eq!(object["msg"], "thresholds on metrics 'http_req_failed' have been crossed");
    assert_eq!(permissions(&file), Some(0o600));

    let all = logged("", &threshold);
    let added = all.strip_prefix(&first).expect("the first run's is still there");
    let levels: Vec<_> = added
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["level"].clone())
        .collect();
    assert_eq!(levels.first(), Some(&"warning".into()), "{added}");
    assert_eq!(levels.last(), Some(&"error".into()), "{added}");
}

#[cfg(unix)]
fn permissions(path: &Path) -> Option<u32> {
    Some(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777,
    )
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<u32> {
    Some(0o600)
}

#[test]
fn stdout_and_nowhere_and_how_it_looks() {
    let raw = run(&["--vus=0", "--log-output=stdout", "--log-format=raw"]);
    assert_eq!((stdout(&raw).lines().count(), stderr(&raw).as_str()), (1, ""));
    assert!(stdout(&raw).contains("the number of VUs must be more than 0"), "{}", stdout(&raw));
    let nothing = run(&["--vus=0", "--log-output=none"]);
    assert_eq!(
        (nothing.status.code(), stdout(&nothing), stderr(&nothing)),
        (Some(104), "".into(), "".into())
    );
    let text = stderr(&run(&["--vus=many"]));
    let text = timeless(text.trim_end());
    assert!(text.starts_with("time=NOW level=error msg=\"invalid value 'many'"), "{text}");
    let before: serde_json::Value = serde_json::from_slice(
        &loadgen().arg("--vsu").env("K6_LOG_FORMAT", "json").output().unwrap().stderr,
    )
    .unwrap();
    assert_eq!(before["level"], "error", "the variable counts even if the flags cannot be read");
}

#[test]
fn verbose_tells_more() {
    let said = stderr(&run(&["-q", "-v", "--iterations=1"]));
    let debug = said.lines().filter(|line| line.contains(" level=debug ")).count();
    assert!(debug >= 3 && said.contains("loadgen version: "), "{said}");
    assert_eq!(stderr(&run(&["-q", "--iterations=1"])), "");
}

#[test]
fn places_that_there_are_not_are_refused() {
    let loki = run(&["--log-output", "loki=http://127.0.0.1:3100"]);
    assert_eq!(loki.status.code(), Some(255));
    assert!(stderr(&loki).contains("'loki' is not supported"), "{}", stderr(&loki));
    let missing = run(&["--log-output", "file=/no/such/folder/x.log"]);
    assert_eq!(missing.status.code(), Some(104));
    assert!(
        stderr(&missing).contains("--log-output /no/such/folder/x.log: "),
        "{}",
        stderr(&missing)
    );
}
