//! The program as a process: what it prints, where, and the code it ends with.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
    time::Duration,
};

use loadgen::summary::{self, Summary};

pub(crate) fn loadgen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    // What this machine sets must not reach the tests.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("K6_") || name == "LOADGEN_HOST" {
            command.env_remove(name);
        }
    }
    command
}

fn run(words: &[&str]) -> Output {
    loadgen().args(words).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    readable(output.stderr.clone())
}

/// What was written to stderr, with the lines of the log as `level: message`.
pub(crate) fn readable(stderr: Vec<u8>) -> String {
    let text = String::from_utf8(stderr).unwrap();
    text.split_inclusive('\n').map(|line| message(line).unwrap_or_else(|| line.into())).collect()
}

fn message(line: &str) -> Option<String> {
    let (_, line) = line.strip_prefix("time=\"")?.split_once("\" level=")?;
    let (level, message) = line.split_once(" msg=")?;
    let Some(quoted) = message.strip_prefix('"') else {
        return Some(format!("{level}: {message}"));
    };
    let mut said = format!("{level}: ");
    let mut chars = quoted.chars();
    while let Some(c) = chars.next().filter(|&c| c != '"') {
        said.push(if c == '\\' { chars.next()? } else { c });
    }
    Some(said + chars.as_str())
}

fn stored(path: &Path) -> Summary {
    summary::load(path).unwrap()
}

#[test]
fn without_a_host_the_demo_site_is_tested_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let export = folder.path().join("export.json");
    let output = run(&[
        "--vus",
        "2",
        "--duration",
        "2s",
        "--report-dir",
        report.to_str().unwrap(),
        "--summary-export",
        export.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let text = stdout(&output);
    assert!(text.contains("✓ status\n"), "{text}");
    assert!(text.contains("checks.........................: 100.00%"), "{text}");
    assert!(!text.contains("running ("), "progress belongs to stderr:\n{text}");
    let progress = stderr(&output);
    assert!(progress.contains("2 looping VUs for 2s (gracefulStop: 30s)"), "{progress}");
    assert!(progress.contains("0 interrupted iterations"), "{progress}");
    assert!(progress.contains("[ 100% ]"), "{progress}");

    assert_eq!(fs::read_to_string(report.join("summary.txt")).unwrap(), text);
    let summary = stored(&report.join("summary.json"));
    assert_eq!(summary.root_group.checks[0].fails, 0);
    assert!(summary.metrics["http_reqs"].values["count"] >= 160.0);
    assert_eq!(summary.loadgen.unwrap().command[1..3], ["--vus", "2"]);
    let html = fs::read_to_string(report.join("summary.html")).unwrap();
    assert!(html.starts_with("<!doctype html>") || html.starts_with("<!DOCTYPE html>"));
    assert!(stored(&export).metrics.contains_key("http_req_duration"));

    // A stored summary shows the same again.
    let file = report.join("summary.json");
    let again = run(&["report", file.to_str().unwrap()]);
    assert_eq!((again.status.code(), stdout(&again)), (Some(0), text));
}

#[test]
fn quiet_leaves_the_summary_and_disabled_leaves_the_progress() {
    let quiet = run(&["-q", "--summary-mode", "compact"]);
    assert_eq!(stderr(&quiet), "");
    assert!(stdout(&quiet).contains("█ TOTAL RESULTS"), "{}", stdout(&quiet));
    let disabled = run(&["--summary-mode", "disabled"]);
    assert_eq!(stdout(&disabled), "");
    assert!(stderr(&disabled).contains("1 complete"), "{}", stderr(&disabled));
}

#[test]
fn a_run_in_which_every_request_failed_says_so_and_why() {
    // A port that is taken by a socket which does not listen.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let output = run(&["-q", "--host", &format!("http://127.0.0.1:{port}"), "-i", "3"]);
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(
        said.contains("every request failed: 3 of 3")
            && said.contains("dial: connection refused (error code 1212)"),
        "{said}"
    );
    assert!(stdout(&output).contains("✗ status"), "{}", stdout(&output));
}

#[test]
fn bad_input_is_one_line_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let empty = file("empty.json", "[]");
    let no_json = file("no.json", "/a /b");
    let unknown_executor = file("x.json", r#"{"scenarios": {"a": {"executor": "x"}}}"#);
    let conflict =
        file("y.json", r#"{"duration": "5s", "stages": [{"duration": "1s", "target": 1}]}"#);
    let rate = r#"{"scenarios": {"a": {"executor": "constant-vus", "rate": 1}}}"#;
    let unknown_field = file("z.json", rate);
    let unwritable = folder.path().join("missing").join("deeper");
    let unwritable = unwritable.to_str().unwrap();
    let host = ["--host", "http://127.0.0.1:1"];
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--vsu", "1"], 255, "--vsu"),
        (&["--duration", "30"], 255, "30"),
        (&["--stage", "30:5"], 255, "error for stage 0"),
        (&["--tag", "a="], 255, "empty value"),
        (&["--threshold", "checks"], 255, "METRIC=EXPRESSION"),
        (&["--execution-segment", "3/2"], 255, "segment end value"),
        (&["--config", "/no/such/options.json"], 104, "/no/such/options.json"),
        (&["--config", &no_json], 104, "couldn't parse the configuration"),
        (&["--config", &unknown_executor], 104, "unknown executor type 'x'"),
        (&["--config", &unknown_field], 104, "json: unknown field \"rate\""),
        (&["--config", &conflict], 104, "using `duration` and `stages` options simultaneously"),
        (&["inspect", "--stage", "5s"], 104, "stage 1 doesn't have a target"),
        (&["--vus", "many"], 255, "many"),
        (&["--vus", "0"], 104, "the number of VUs must be more than 0"),
        (&["--vus", "3", "--iterations", "2"], 104, "iterations (2)"),
        (&["--host", "localhost:8080"], 104, "localhost:8080"),
        (&[host[0], host[1], "--paths", "/no/such/list.json"], 104, "/no/such/list.json"),
        (&[host[0], host[1], "--paths", &empty], 104, &empty),
        (&[host[0], host[1], "--paths", &no_json], 104, &no_json),
        (&[host[0], host[1], "--report-dir", unwritable], 104, unwritable),
        (&[host[0], host[1], "--summary-export", unwritable], 104, unwritable),
        (&["report", "/no/such/summary.json"], 255, "/no/such/summary.json"),
        (&["report", &no_json], 255, &no_json),
    ];
    for (words, code, named) in cases {
        let output = run(words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(*code), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains(named), "{words:?}: {said}");
        assert_eq!(stdout(&output), "", "{words:?}");
    }
}

#[test]
fn inspect_prints_what_a_run_would_do_and_does_not_do_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.json");
    fs::write(&file, r#"{"vus": 2, "vuz": 3, "stages": [{"duration": "1s", "target": 4}]}"#)
        .unwrap();
    let host = ["--host", "http://127.0.0.1:1"];
    let output = loadgen()
        .args(["inspect", "--execution-requirements", "-c", file.to_str().unwrap()])
        .args(host)
        .env("K6_STAGES", "2s:7,1s:0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "warning: there is no option 'vuz'; it has no effect\n");
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let scenario = &json["scenarios"]["default"];
    assert_eq!((&scenario["executor"], &scenario["startVUs"]), (&"ramping-vus".into(), &2.into()));
    assert_eq!(scenario["stages"][0], serde_json::json!({"duration": "2s", "target": 7}));
    assert_eq!((&json["totalDuration"], &json["maxVUs"]), (&"33s".into(), &7.into()));
}

#[cfg(unix)]
pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

/// A server that takes connections and never answers.
fn silent_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let connections: Vec<_> = listener.incoming().collect();
        drop(connections);
    });
    format!("http://{address}")
}

/// A run against a server that never answers, with all its VUs at work, and its stderr.
#[cfg(unix)]
fn hanging_run(words: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let host = silent_server();
    let mut process = loadgen()
        .args(["--vus", "3", "--duration", "60s", "--host", &host])
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("3/3 VUs") {
        line.clear();
        assert!(progress.read_line(&mut line).unwrap() > 0, "it ended too early");
    }
    (process, progress)
}

#[cfg(unix)]
#[test]
fn the_first_signal_ends_the_run_with_a_summary() {
    for (name, word) in [("INT", "interrupt"), ("TERM", "terminated")] {
        let (process, mut progress) = hanging_run(&[]);
        signal(process.id(), name);
        let mut rest = String::new();
        progress.read_to_string(&mut rest).unwrap();
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(105), "{rest}");
        assert!(rest.contains(&format!("received a '{word}' signal")), "{rest}");
        assert!(rest.contains("0 complete and 3 interrupted iterations"), "{rest}");
        assert!(stdout(&output).contains("data_sent"), "{}", stdout(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_signal_ends_the_program_even_when_nobody_reads_what_it_writes() {
    let pipe = tempfile::tempdir().unwrap();
    let pipe = pipe.path().join("export");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Opened for reading as well, or else opening it for writing would wait. It is full, and
    // nobody reads: the first signal leads into a write that waits.
    let mut full = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    full.write_all(&[0; 65_536]).unwrap();
    let (mut process, progress) = hanging_run(&["--summary-export", pipe.to_str().unwrap()]);
    signal(process.id(), "INT");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(process.try_wait().unwrap(), None, "it waits for a reader");
    signal(process.id(), "INT");
    assert_eq!(process.wait().unwrap().code(), Some(105));
    drop((progress, full));
}
