//! The `servy` command: flags, variables, signals and exit codes.

use std::io::BufRead;
use std::process::{Command, Output, Stdio};

use crate::client;
use crate::process::{Process, on_free_ports, servy};

fn run(args: &[&str]) -> Output {
    servy(args).output().unwrap()
}

#[tokio::test]
async fn without_flags_the_demo_site_is_served_and_the_log_says_so() {
    let (mut process, log, addr) = Process::start(on_free_ports(&[]));
    assert!(log.iter().any(|line| line.contains("serving the demo site")), "{log:?}");
    assert!(addr.ip().is_loopback());
    assert_eq!(client::send(addr, "GET", "/", &[]).await.status, 200);
    assert_eq!(client::send(addr, "GET", "/github", &[]).await.status, 308);
    process.signal("TERM");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn variables_configure_it_and_sigint_stops_it() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("index.html"), "mine").unwrap();
    let list = folder.path().join("redirects.txt");
    std::fs::write(&list, "foo http://foo.bar\nbad line here\n").unwrap();
    let mut command = servy(&[]);
    command
        .env("SERVY_ASSETS_DIR", folder.path())
        .env("SERVY_REDIRECTS_URL", &list)
        .env("SERVY_HOST", "localhost")
        .env("SERVY_PORT", "0")
        .env("SERVY_METRICS_PORT", "0");
    let (mut process, log, addr) = Process::start(command);
    let warned = "line=2";
    assert!(log.iter().any(|line| line.contains("WARN") && line.contains(warned)), "{log:?}");
    assert_eq!(client::send(addr, "GET", "/", &[]).await.text(), "mine");
    let answer = client::send(addr, "GET", "/foo", &[]).await;
    assert_eq!(answer.header("location"), Some("http://foo.bar"));
    process.signal("INT");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_start_says_why_in_one_line() {
    let output = run(&["--port", "0", "--metrics-port", "0", "--assets-dir", "/nowhere/public"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(text, @"servy: --assets-dir: cannot serve /nowhere/public: No such file or directory (os error 2)");
}

#[test]
fn arguments_that_are_none_are_refused_by_name_in_one_line() {
    let mut lines = Vec::new();
    for (args, variable) in [
        (&["--port", "70000"][..], None),
        (&["--metrics-prot", "1"], None),
        (&[], Some(("SERVY_SHUTDOWN_TIMEOUT", "soon"))),
    ] {
        let output = servy(args).envs(variable).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(output.stdout, b"");
        lines.push(String::from_utf8(output.stderr).unwrap());
    }
    insta::assert_snapshot!(lines.concat(), @r#"
        servy: invalid value '70000' for '--port <PORT>': allowed are whole numbers from 0 to 65535
        servy: unexpected argument '--metrics-prot' found; tip: a similar argument exists: '--metrics-port'
        servy: invalid value 'soon' for '--shutdown-timeout <SECONDS>': allowed are whole numbers from 0
        "#);
}

#[test]
fn the_help_names_every_flag_and_variable() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    for name in [
        "assets-dir",
        "host",
        "port",
        "metrics-port",
        "log-level",
        "access-log",
        "redirects-min-refresh",
        "max-requests",
        "header-read-timeout",
        "shutdown-timeout",
    ] {
        assert!(help.contains(&format!("--{name}")), "{help}");
        let variable = format!("SERVY_{}", name.replace('-', "_").to_uppercase());
        assert!(help.contains(&variable), "{variable}: {help}");
    }
    assert!(help.contains("SERVY_REDIRECTS_URL"));
}

#[tokio::test]
async fn a_request_is_a_line_of_json_with_the_fields_of_the_original() {
    let flags = ["--log-format", "json"];
    let (mut process, _, addr) = Process::start(on_free_ports(&flags));
    client::send(addr, "GET", "/github?x=1", &[("user-agent", "a \"b\"")]).await;
    client::send(addr, "GET", "/about/", &[]).await;
    process.signal("TERM");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
    let lines = (&mut process.log)
        .lines()
        .map(Result::unwrap)
        .filter(|line| line.contains("served request"));
    // The time is the only thing that changes.
    let fields: Vec<String> =
        lines.map(|line| line.split_once(",").unwrap().1.to_owned()).collect();
    insta::assert_snapshot!(fields.join("\n"), @r#"
        "level":"INFO","fields":{"message":"served request","request.method":"GET","request.uri":"/github?x=1","request.user_agent":"a \"b\"","response.status_code":308,"response.location":"https://code.example.com/tidewater"}}
        "level":"INFO","fields":{"message":"served request","request.method":"GET","request.uri":"/about/","response.status_code":200,"response.file":"about/index.html"}}
        "#);
}

#[tokio::test]
async fn the_access_log_can_be_turned_off() {
    let flags = ["--access-log", "false"];
    let (mut process, _, addr) = Process::start(on_free_ports(&flags));
    assert_eq!(client::send(addr, "GET", "/", &[]).await.status, 200);
    process.signal("TERM");
    process.child.wait().unwrap();
    let lines: Vec<String> = (&mut process.log).lines().map(Result::unwrap).collect();
    assert!(lines.iter().any(|line| line.contains("stopping")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("served request")), "{lines:?}");
}

#[tokio::test]
async fn a_log_that_nobody_reads_slows_no_request_and_no_stop() {
    let (process, _, addr) = Process::start(on_free_ports(&[]));
    // Each line holds the target: far more than a pipe does.
    let target = format!("/about/?{}", "x".repeat(8_000));
    for _ in 0..40 {
        assert_eq!(client::send(addr, "GET", &target, &[]).await.status, 200);
    }
    process.signal("TERM");
    assert_eq!(process.code(std::time::Duration::from_secs(30)).await, Some(0));
}

#[test]
fn the_configuration_is_printed_and_nothing_started() {
    let output = run(&["--print-config", "--assets-dir", "/nowhere", "--port", "80"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("SERVY_ASSETS_DIR=/nowhere\n"), "{text}");
    assert!(text.contains("SERVY_PORT=80\n"), "{text}");
}

#[test]
fn the_limit_of_open_files_is_raised_as_far_as_it_may() {
    let (process, log, _) = Process::start(limited("-Sn 200"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.child.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let [soft, hard] = [3, 4].map(|i| line.split_whitespace().nth(i).unwrap());
    assert_eq!(soft, hard, "{line}");
    let short = hard.parse().is_ok_and(|hard: u64| hard < 8192 + 64);
    assert_eq!(log.iter().any(|line| line.contains("--max-connections")), short, "{log:?}");
}

#[test]
fn more_connections_than_open_files_are_warned_of() {
    let (_process, log, _) = Process::start(limited("-n 200"));
    let warning = "--max-connections is 8192, but the system allows only 200 open files";
    assert!(log.iter().any(|line| line.contains("WARN") && line.contains(warning)), "{log:?}");
}

/// The command under limits of open files, as `ulimit` sets them.
fn limited(limits: &str) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("ulimit {limits}; exec \"$0\" --port 0 --metrics-port 0");
    shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_servy")).stderr(Stdio::piped());
    shell
}
