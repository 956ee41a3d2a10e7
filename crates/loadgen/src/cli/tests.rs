//! Command lines as people type them, right and wrong.

mod crawl;
mod document;
mod files;
mod inspect;
mod layers;
mod notation;

use std::{ffi::OsString, fs, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::{
    exit::ExitCode,
    options::{Options, TimeUnit},
};
use args::{ReportFormat, SummaryMode};

fn parse_with(variables: &[(&str, &str)], words: &[&str]) -> Result<Command, CliError> {
    let lookup = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
    };
    let words = std::iter::once("loadgen").chain(words.iter().copied());
    parse(words.map(OsString::from), &lookup).1
}

fn console_with(variables: &[(&str, &str)], words: &[&str]) -> ConsoleOptions {
    let lookup = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
    };
    let words = std::iter::once("loadgen").chain(words.iter().copied());
    parse(words.map(OsString::from), &lookup).0
}

fn run_with(variables: &[(&str, &str)], words: &[&str]) -> RunCommand {
    match parse_with(variables, words) {
        Ok(Command::Run(run)) => *run,
        other => panic!("{words:?} gives {other:?}"),
    }
}

fn host(command: &RunCommand) -> &str {
    command.test.host.as_ref().map_or("", |target| target.name())
}

fn run(words: &[&str]) -> RunCommand {
    run_with(&[], words)
}

fn printed(words: &[&str]) -> String {
    match parse_with(&[], words) {
        Ok(Command::Print(text)) => text,
        other => panic!("{words:?} gives {other:?}"),
    }
}

/// The exit code and the message.
fn refused_with(variables: &[(&str, &str)], words: &[&str]) -> String {
    let error = parse_with(variables, words).expect_err("this is refused");
    let message = error.to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.starts_with(|c: char| !c.is_uppercase()), "{message}");
    format!("{} {message}", error.exit_code() as u8)
}

fn refused(words: &[&str]) -> String {
    refused_with(&[], words)
}

#[test]
fn nothing_said_is_one_virtual_user_on_the_demo_site() {
    let command = run(&[]);
    assert_eq!(command.test.options, Options::default());
    assert_eq!((&command.test.host, &command.test.paths), (&None, &vec![]));
    assert_eq!(command.summary_mode, SummaryMode::Legacy);
    assert_eq!(command.command_line, ["loadgen"]);
    assert!(command.outputs.paths().is_empty());
}

#[test]
fn every_flag_of_a_run_arrives() {
    let words = "run -u 10 -d 1m30s -i 200 --rps 50 --workers 2 --host https://h.example/base/ \
        --expect-status 200,301-308 --batch 7 --batch-per-host 0 --max-redirects 3 \
        --follow-offsite --timeout 1.5s -H X-A:1 --header X-B:2 --user-agent me \
        --discard-response-bodies --dns select=first,policy=any --insecure-skip-tls-verify \
        --no-connection-reuse --no-vu-connection-reuse=false --summary-mode full \
        --summary-trend-stats avg,p(99.9) --summary-time-unit ms -q --no-color";
    let words: Vec<_> = words.split_whitespace().collect();
    let command = run(&words);
    assert_eq!(
        command.test.options,
        Options {
            vus: Some(10),
            duration: Some(Duration::from_secs(90)),
            iterations: Some(200),
            batch: Some(7),
            batch_per_host: Some(0),
            rps: Some(50),
            max_redirects: Some(3),
            follow_offsite: Some(true),
            expected: "200,301-308".parse().ok(),
            user_agent: Some("me".into()),
            headers: Some(vec![("X-A".into(), "1".into()), ("X-B".into(), "2".into())]),
            timeout: Some(Duration::from_millis(1500)),
            insecure_skip_tls_verify: Some(true),
            no_connection_reuse: Some(true),
            no_vu_connection_reuse: Some(false),
            discard_response_bodies: Some(true),
            dns: "select=first,policy=any".parse().ok(),
            summary_trend_stats: Some(vec![
                "avg".parse().expect("a statistic"),
                "p(99.9)".parse().expect("a statistic"),
            ]),
            summary_time_unit: Some(TimeUnit::Milliseconds),
            thresholds: None,
            workers: Some(2),
            ..Options::default()
        }
    );
    assert_eq!(host(&command), "https://h.example/base");
    assert_eq!(command.test.paths, ["/"]);
    assert_eq!(command.summary_mode, SummaryMode::Full);
    assert_eq!(command.command_line[..3], ["loadgen", "run", "-u"]);
}

#[test]
fn files_are_read_and_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("paths.json"), "[\"/\"]").expect("a file");
    fs::write(at("links.json"), "[\"github\"]").expect("a file");
    let words = [
        "--paths",
        &at("paths.json"),
        "--paths",
        &at("links.json"),
        "--summary-export",
        &at("export.json"),
        "--report-dir",
        &at("report"),
    ];
    let command = run(&words);
    assert_eq!(command.test.paths, ["/", "/github"]);
    assert_eq!(command.outputs.paths().len(), 4);
    assert!(fs::exists(at("report/summary.html")).expect("it can be asked"));
}

#[test]
fn a_command_line_that_is_wrong_elsewhere_leaves_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report");
    refused(&["--report-dir", &report.display().to_string(), "--vus", "0"]);
    assert!(!report.exists());
}

#[test]
fn a_flag_is_stronger_than_a_variable() {
    let variables = [
        ("K6_VUS", "5"),
        ("K6_BATCH", "3"),
        ("K6_NO_CONNECTION_REUSE", "true"),
        ("K6_DNS", "ttl=1000,select=first"),
        ("K6_HOST", "http://weak"),
        ("LOADGEN_HOST", "http://strong"),
        ("K6_USER_AGENT", ""),
    ];
    let words = ["--vus", "7", "--no-connection-reuse=false", "--dns", "select=random"];
    let command = run_with(&variables, &words);
    assert_eq!((command.test.options.vus, command.test.options.batch), (Some(7), Some(3)));
    assert_eq!(command.test.options.no_connection_reuse, Some(false));
    assert_eq!(command.test.options.dns, "ttl=1s,select=random".parse().ok());
    assert_eq!(host(&command), "http://strong");
    assert_eq!(command.test.options.user_agent, None);
    assert_eq!(host(&run_with(&variables, &["--host", "http://x"])), "http://x");
}

#[test]
fn variables_have_the_extended_notation_for_durations() {
    for (text, seconds) in [("1500", 1.5), ("1d", 86_400.0), ("1m30s", 90.0)] {
        let command = run_with(&[("K6_DURATION", text)], &[]);
        assert_eq!(command.test.options.duration, Some(Duration::from_secs_f64(seconds)), "{text}");
    }
}

#[test]
fn a_load_from_flags_shuts_out_a_load_from_variables() {
    let variables = [("K6_DURATION", "10s"), ("K6_ITERATIONS", "10"), ("K6_VUS", "5")];
    let load = |words: &[&str]| {
        let options = run_with(&variables, words).test.options;
        (options.vus, options.duration, options.iterations)
    };
    let seconds = |s| Some(Duration::from_secs(s));
    assert_eq!(load(&[]), (Some(5), seconds(10), Some(10)));
    assert_eq!(load(&["-i", "20"]), (Some(5), None, Some(20)));
    assert_eq!(load(&["-d", "20s"]), (Some(5), seconds(20), None));
    assert_eq!(load(&["-u", "2"]), (Some(2), seconds(10), Some(10)));
}

#[test]
fn how_to_speak_is_said_anywhere_and_known_even_if_the_rest_is_refused() {
    let shown = |variables, words: &[&str]| {
        let ConsoleOptions { quiet, color, log } = console_with(variables, words);
        format!("{quiet} {color} {:?} {:?} {:?}", log.level, log.format, log.sink)
    };
    assert_eq!(shown(&[], &[]), "false true Info Text Stderr");
    let words = ["run", "-qv", "--no-color", "--log-format", "raw", "--log-output=none"];
    assert_eq!(shown(&[], &words), "true false Debug Raw Nowhere");
    assert_eq!(shown(&[], &["status", "--log-output", "stdout"]), "false true Info Text Stdout");
    let variables = [("K6_LOG_FORMAT", "json"), ("K6_LOG_OUTPUT", "stdout")];
    assert_eq!(shown(&variables, &["--vsu"]), "false true Info Json Stdout");
    assert_eq!(shown(&variables, &["--log-format", "x"]), "false true Info Text Stdout");
    assert_eq!(shown(&variables, &["-u", "0"]), "false true Info Json Stdout");
    assert_eq!(shown(&[("K6_LOG_OUTPUT", "")], &[]), "false true Info Text Stderr");
}

#[test]
fn a_dashboard_is_asked_for_as_an_output_or_by_its_variable() {
    let has_one = |variables, words: &[&str]| run_with(variables, words).dashboard.is_some();
    let wanted = [("K6_WEB_DASHBOARD", "true")];
    assert!(has_one(&wanted, &[]) && has_one(&[("K6_OUT", "web-dashboard=port=0")], &[]));
    assert!(!has_one(&[("K6_WEB_DASHBOARD", "false")], &[]));
    let command = run_with(&wanted, &["--out=dashboard=port=-1", "--out=json=-"]);
    assert!(command.dashboard.is_some_and(|dashboard| dashboard.port.is_none()));
    let names: Vec<_> = command.streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["json(stdout)"], "it gets no samples");
    let both = refused(&["--out=dashboard", "--out=web-dashboard"]);
    assert_eq!(both, "255 could not create the 'dashboard' output: there can be only one");
    assert_eq!(
        refused_with(&[("K6_WEB_DASHBOARD", "yes")], &[]),
        "255 could not create the 'dashboard' output: variable K6_WEB_DASHBOARD has an invalid value \
         'yes': allowed are true and false"
    );
    assert!(
        has_one(&[("K6_WEB_DASHBOARD", "T")], &[]) && !has_one(&[("K6_WEB_DASHBOARD", "")], &[])
    );
}

#[test]
fn colours_follow_the_customs_of_their_variables() {
    for (variables, color) in [
        (&[][..], true),
        (&[("NO_COLOR", "")], false),
        (&[("NO_COLOR", "1")], false),
        (&[("K6_NO_COLOR", "")], true),
        (&[("K6_NO_COLOR", "false")], false),
    ] {
        assert_eq!(console_with(variables, &[]).color, color, "{variables:?}");
    }
}

#[test]
fn a_stored_summary_can_be_shown_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("summary.json").display().to_string();
    fs::write(&file, "{}").expect("a file");
    let words = ["report", &file, "--format", "html", "--summary-time-unit", "us", "-o", &file];
    let Ok(Command::Report(report)) = parse_with(&[], &words) else {
        panic!("this is a report");
    };
    assert_eq!(report.stored, "{}");
    assert_eq!(report.format, ReportFormat::Html);
    assert_eq!(report.summary_time_unit, Some(TimeUnit::Microseconds));
    assert!(report.output.is_some());
}

#[test]
fn help_version_and_completions_are_printed() {
    assert_eq!(printed(&["--version"]), concat!("loadgen ", env!("CARGO_PKG_VERSION"), "\n"));
    assert!(printed(&["completions", "bash"]).contains("--summary-trend-stats"));
    // The width of the terminal decides where the help breaks its lines.
    let help = printed(&["--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for flag in ["-u, --vus <N>", "--paths <FILE>", "(env: K6_DURATION)", "(default: 200-399)"] {
        assert!(help.contains(flag), "{flag} is not in:\n{help}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_in_one_line() {
    let lines: Vec<_> = [
        &["--vuz", "1"][..],
        &["--vus"],
        &["--vus", "many"],
        &["-u", "99999999999999999999"],
        &["-u", "1", "-u", "2"],
        &["--duration", "30"],
        &["-d", "2d"],
        &["-d", "-5s"],
        &["--timeout", "soon"],
        &["--expect-status", "200,ok"],
        &["--header", "X-A"],
        &["--user-agent", "a\nb"],
        &["--dns", "ttl"],
        &["--dns", "policy=ipv4"],
        &["--no-connection-reuse=1"],
        &["--summary-mode", "fancy"],
        &["--summary-trend-stats", "avg,foo"],
        &["--summary-trend-stats", "p(101)"],
        &["--summary-time-unit", "h"],
        &["script.js"],
        &["report"],
        &["report", "x.json", "--format", "pdf"],
        &["completions", "dos"],
    ]
    .iter()
    .map(|words| refused(words))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    255 unexpected argument '--vuz' found; tip: a similar argument exists: '--vus'
    255 a value is required for '--vus <N>' but none was supplied
    255 invalid value 'many' for '--vus <N>': allowed are whole numbers of at most 18 digits
    255 invalid value '99999999999999999999' for '--vus <N>': allowed are whole numbers of at most 18 digits
    255 the argument '--vus <N>' cannot be used multiple times
    255 invalid value '30' for '--duration <DURATION>': missing unit in duration "30"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
    255 invalid value '2d' for '--duration <DURATION>': unknown unit "d" in duration "2d"; allowed are ns, us, ms, s, m and h
    255 invalid value '-5s' for '--duration <DURATION>': negative duration "-5s"; allowed is zero or more
    255 invalid value 'soon' for '--timeout <DURATION>': invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
    255 invalid value '200,ok' for '--expect-status <LIST>': invalid status 'ok'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308
    255 invalid value 'X-A' for '--header <NAME: VALUE>': invalid header 'X-A'; allowed is 'Name: value'
    255 invalid value 'a; b' for '--user-agent <TEXT>': a header cannot carry this text; allowed are visible characters and spaces
    255 invalid value 'ttl' for '--dns <KEY=VALUE,...>': no value for key 'ttl'; allowed is ttl=VALUE
    255 invalid value 'policy=ipv4' for '--dns <KEY=VALUE,...>': invalid DNS policy 'ipv4'; allowed are preferIPv4, preferIPv6, onlyIPv4, onlyIPv6 and any
    255 invalid value '1' for '--no-connection-reuse[=<BOOL>]': allowed are true and false
    255 invalid value 'fancy' for '--summary-mode <MODE>'; [possible values: legacy, compact, full, disabled]; tip: a similar value exists: 'legacy'
    255 invalid value 'avg,foo' for '--summary-trend-stats <LIST>': invalid trend stat 'foo', unknown format; allowed are avg, min, med, max, count and p(N)
    255 invalid value 'p(101)' for '--summary-trend-stats <LIST>': invalid percentile trend stat value 'p(101)', provide a number between 0 and 100
    255 invalid value 'h' for '--summary-time-unit <UNIT>': invalid summary time unit 'h', use 's', 'ms' or 'us'
    255 unrecognized subcommand 'script.js'
    255 the following required arguments were not provided: <FILE>
    255 invalid value 'pdf' for '--format <FORMAT>'; [possible values: text, json, html, junit, markdown]
    255 invalid value 'dos' for '<SHELL>'; [possible values: bash, elvish, fish, powershell, zsh]
    "#);
}

#[test]
fn what_cannot_be_used_is_refused_in_one_line() {
    let lines: Vec<_> = [
        &["--vus", "0"][..],
        &["--vus", "-3"],
        &["--iterations", "0"],
        &["--duration", "500ms"],
        &["--timeout", "0"],
        &["--batch", "0"],
        &["--max-redirects", "-1"],
        &["--workers", "0"],
        &["--host", "localhost:8080"],
        &["--host", "ftp://example.com"],
        &["--host", "http://"],
        &["--host", "http://example.com/?a=b"],
        &["--paths", "/no/such/paths.json"],
        &["--summary-export", "/no/such/export.json"],
        &["--report-dir", "/no/such/folder"],
        &["report", "/no/such/summary.json"],
    ]
    .iter()
    .map(|words| refused(words))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    104 there were problems with the specified script configuration: scenario default has configuration errors: the number of VUs must be more than 0
    104 there were problems with the specified script configuration: scenario default has configuration errors: the number of VUs must be more than 0
    104 there were problems with the specified script configuration: scenario default has configuration errors: the number of iterations (0) can't be less than the number of VUs (1)
    104 there were problems with the specified script configuration: scenario default has configuration errors: the duration must be at least 1s, but is 500ms
    104 timeout is 0s; allowed is 1ms or more
    104 batch is 0; allowed is 1 or more
    104 maxRedirects is -1; allowed is 0 or more
    104 workers is 0; allowed is 1 or more
    104 --host "localhost:8080" has no scheme; allowed is a URL such as http://127.0.0.1:8080
    104 --host "ftp://example.com" has the scheme ftp, not http or https; allowed is a URL such as http://127.0.0.1:8080
    104 --host "http://" is no URL: empty host; allowed is a URL such as http://127.0.0.1:8080
    104 --host "http://example.com/?a=b" has a query or a fragment, to which no path can be appended; allowed is a URL such as http://127.0.0.1:8080
    104 --paths /no/such/paths.json: cannot be read: No such file or directory (os error 2)
    104 --summary-export /no/such/export.json: cannot be written: No such file or directory (os error 2)
    104 --report-dir /no/such/folder: cannot be written: No such file or directory (os error 2)
    255 report /no/such/summary.json: cannot be read: No such file or directory (os error 2)
    "#);
}

#[test]
fn a_variable_that_cannot_be_read_is_named() {
    let lines: Vec<_> = [
        ("K6_VUS", "many"),
        ("K6_DURATION", "1.5d"),
        ("K6_NO_CONNECTION_REUSE", "1"),
        ("K6_SUMMARY_MODE", "fancy"),
        ("K6_SUMMARY_TREND_STATS", "foo"),
        ("K6_DNS", "ttl=-1"),
        ("K6_HOST", "localhost"),
    ]
    .iter()
    .map(|variable| refused_with(&[*variable], &[]))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    104 variable K6_VUS has an invalid value 'many' for --vus: allowed are whole numbers of at most 18 digits
    104 variable K6_DURATION has an invalid value '1.5d' for --duration: invalid days in duration "1.5d"; allowed are whole days, as in 2d or 1d12h
    104 variable K6_NO_CONNECTION_REUSE has an invalid value '1' for --no-connection-reuse: allowed are true and false
    104 variable K6_SUMMARY_MODE has an invalid value 'fancy' for --summary-mode: allowed are legacy, compact, full and disabled
    104 variable K6_SUMMARY_TREND_STATS has an invalid value 'foo' for --summary-trend-stats: invalid trend stat 'foo', unknown format; allowed are avg, min, med, max, count and p(N)
    104 variable K6_DNS has an invalid value 'ttl=-1' for --dns: invalid DNS TTL '-1'; allowed are durations such as 5m, milliseconds, 0 and inf
    104 --host "localhost" has no scheme; allowed is a URL such as http://127.0.0.1:8080
    "#);
}

#[test]
fn a_typo_in_any_flag_is_refused() {
    let command = Cli::command();
    let below = command.get_subcommands().map(|command| (Some(command.get_name()), command));
    for (name, command) in std::iter::once((None, &command)).chain(below) {
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            let typo = format!("--{flag}x");
            let words: Vec<_> = name.into_iter().chain([&*typo]).collect();
            let line = refused(&words);
            let expected = format!("255 unexpected argument '{typo}' found");
            assert!(line.starts_with(&expected), "{line}");
        }
    }
}

proptest! {
    #[test]
    fn no_command_line_panics(words in prop::collection::vec("(--?[a-z-]{1,12}(=.{0,5})?|\\PC{0,8})", 0..4)) {
        let words: Vec<_> = words.iter().map(String::as_str)
            // These create files.
            .filter(|word| !word.starts_with("--r") && !word.starts_with("--summary-e"))
            .collect();
        if let Err(error) = parse_with(&[], &words) {
            prop_assert_ne!(error.exit_code(), ExitCode::Success);
        }
    }
}
