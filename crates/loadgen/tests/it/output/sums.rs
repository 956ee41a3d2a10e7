//! No sample is lost, and none is made up.

use std::{fs, io::Read};

use flate2::read::MultiGzDecoder;

use super::{assert_equal, json_points, run_everything};
use crate::cli::{loadgen, readable};

/// The rows of a CSV file as points; fields without line breaks only.
fn csv_points(text: &str) -> Vec<super::Point> {
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("metric_name,timestamp,metric_value,"));
    let point = |line: &str| {
        let fields: Vec<&str> = line.splitn(4, ',').collect();
        super::Point {
            metric: fields[0].into(),
            value: fields[2].parse().unwrap(),
            tags: Default::default(),
        }
    };
    lines.map(point).collect()
}

#[tokio::test]
async fn points_come_to_what_the_summary_says() {
    for workers in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let outputs = [
            format!("json={}", path("samples.json")),
            format!("json={}", path("samples.json.gz")),
            format!("csv={}", path("samples.csv")),
        ];
        let report = run_everything(workers, &outputs).await;
        let dropped = report.counter("dropped_iterations").unwrap().count;
        assert!(dropped > 0.0, "{report}");
        assert!(report.warnings().iter().all(|it| !it.contains("lost")), "{:?}", report.warnings());

        let text = fs::read_to_string(path("samples.json")).unwrap();
        let points = json_points(&text);
        assert_equal(&points, &report);
        let scenarios = ["looping", "budget", "arriving", "cut"];
        for scenario in scenarios {
            let is_of =
                |point: &&super::Point| point.tags.get("scenario").is_some_and(|it| it == scenario);
            assert!(points.iter().any(|point| is_of(&point)), "{scenario}");
        }
        let groups = ["::setup", "::teardown", "::inner", ""];
        for group in groups {
            let is_of =
                |point: &&super::Point| point.tags.get("group").is_some_and(|it| it == group);
            assert!(points.iter().any(|point| is_of(&point)), "{group}");
        }

        let mut compressed = String::new();
        let file = fs::File::open(path("samples.json.gz")).unwrap();
        MultiGzDecoder::new(file).read_to_string(&mut compressed).unwrap();
        // Batches reach both outputs in the same order.
        assert!(compressed == text, "the compressed file differs");

        let rows = csv_points(&fs::read_to_string(path("samples.csv")).unwrap());
        assert_eq!(rows.len(), points.len());
        for (row, point) in rows.iter().zip(&points) {
            assert_eq!(row.metric, point.metric);
            let limit = 0.51e-6 + point.value.abs() * 1e-12;
            assert!((row.value - point.value).abs() <= limit, "{row:?} {point:?}");
        }
    }
}

#[test]
fn stdout_carries_samples_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let words = ["--vus", "2", "--iterations", "6", "--out", "json", "--report-dir"];
    let output = loadgen().args(words).arg(&report).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let summary = loadgen::summary::load(&report.join("summary.json")).unwrap();
    let points = json_points(std::str::from_utf8(&output.stdout).unwrap());
    let sum = |metric: &str| {
        points.iter().filter(|it| it.metric == metric).map(|it| it.value).sum::<f64>()
    };
    for metric in ["http_reqs", "iterations", "data_sent", "data_received"] {
        assert_eq!(sum(metric), summary.metrics[metric].values["count"], "{metric}");
    }
    assert_eq!(sum("checks"), summary.metrics["checks"].values["passes"]);
    let screen = String::from_utf8(output.stderr).unwrap();
    assert!(screen.contains("output: json(stdout), "), "{screen}");
    assert!(screen.contains("http_reqs.."), "the summary moves to stderr:\n{screen}");
}

#[test]
fn outputs_come_from_variables_and_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("options.json");
    let file = r#"{"out": ["csv"], "collectors": {"csv": {"file_name": "named.csv", "time_format": "unix_milli"}}}"#;
    fs::write(&config, file).unwrap();
    let run = |with_variable: bool| {
        let mut command = loadgen();
        command.current_dir(folder.path()).args(["--iterations", "1", "--quiet", "--config"]);
        command.arg(&config);
        if with_variable {
            command.env("K6_OUT", "json=one.json,json=two.json.gz");
        }
        assert!(command.output().unwrap().status.success());
        ["named.csv", "one.json", "two.json.gz"].map(|name| folder.path().join(name).exists())
    };
    assert_eq!(run(false), [true, false, false]);
    let rows = fs::read_to_string(folder.path().join("named.csv")).unwrap();
    let time = rows.lines().nth(1).unwrap().split(',').nth(1).unwrap();
    assert_eq!(time.len(), 13, "milliseconds: {time}");
    fs::remove_file(folder.path().join("named.csv")).unwrap();
    assert_eq!(run(true), [false, true, true]);
}

#[test]
fn what_is_no_output_ends_the_program_before_it_has_sent_anything() {
    for (words, want) in [
        (
            &["--out", "nope"][..],
            "error: invalid output type 'nope', available types are: csv, dashboard, exp",
        ),
        (
            &["-o", "statsd"],
            "error: could not create the 'statsd' output: k6 removed it in v0.55.0",
        ),
        (
            &["-o", "json=/nowhere/x.json"],
            "error: could not create the 'json' output: /nowhere/x.json: cannot be written: No such file",
        ),
        (
            &["-o", "csv=fileName=a,b=c"],
            "error: could not create the 'csv' output: invalid argument",
        ),
        (
            &["-o", "influxdb=http://host/?a=1"],
            "error: could not create the 'influxdb' output: unkn",
        ),
        (
            &["-o", "csv=saveInterval=0"],
            "error: could not create the 'csv' output: argument saveInterval has an invalid value '0': it",
        ),
        (&["-o", "json", "-o", "csv=-"], "error: only one output can write to stdout"),
    ] {
        let words = ["--iterations", "1", "--host", "http://127.0.0.1:1"].iter().chain(words);
        let output = loadgen().args(words).output().unwrap();
        let told = readable(output.stderr);
        assert_eq!(output.status.code(), Some(255), "{told}");
        assert!(told.starts_with(want), "{told}");
        assert!(output.stdout.is_empty());
    }
}

/// Neither the demo site is made nor a site crawled before what is wrong is told, and nothing of the
/// last run is lost.
#[test]
fn what_is_wrong_is_found_before_anything_is_done_and_costs_no_results() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("samples.json");
    fs::write(&samples, "from before").unwrap();
    let json = format!("json={}", samples.display());
    let crawl = ["--crawl", "--host", "http://127.0.0.1:1"];
    for (words, code, want) in [
        (&["--out", &json, "--out", "nope"][..], 255, "error: invalid output type 'nope'"),
        (
            &["--out", &json, "--threshold", "nope=max<1"],
            104,
            "error: invalid threshold defined on nope",
        ),
        (&["--out", &json, "--out", &json], 255, "error: could not create the 'json' output: "),
    ] {
        for words in [words.to_vec(), [&crawl, words].concat()] {
            let output = loadgen().args(&words).output().unwrap();
            let told = readable(output.stderr);
            assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
            assert!(told.starts_with(want) && told.lines().count() == 1, "{words:?}: {told}");
            assert_eq!(fs::read_to_string(&samples).unwrap(), "from before", "{words:?}");
        }
    }
    let ran = loadgen().args(["--iterations", "1", "--quiet", "--out", &json]).output().unwrap();
    assert!(ran.status.success());
    assert!(fs::read_to_string(&samples).unwrap().starts_with("{\"type\":\"Metric\""));
}

#[test]
fn two_results_in_one_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result");
    let (csv, export) = (format!("csv={}", file.display()), file.to_str().unwrap());
    let output = loadgen().args(["--out", &csv, "--summary-export", export]).output().unwrap();
    let told = readable(output.stderr);
    assert_eq!(output.status.code(), Some(104), "{told}");
    let why = "cannot be written: another output, or another run, is writing to it";
    assert_eq!(told, format!("error: --summary-export {export}: {why}\n"));
}

/// What a file has for k6 is found by the names that outputs have here, and what nobody reads is told.
#[test]
fn settings_in_a_file_are_found_under_each_name_of_an_output() {
    let open = |name: &str, collectors: serde_json::Value| {
        let opened = loadgen::output::open(name, collectors.as_object(), &|_| None);
        opened.map_or_else(|error| error.to_string(), |opened| opened.name)
    };
    let url = serde_json::json!({ "url": "http://one/" });
    let other = serde_json::json!({ "url": "http://two/" });
    for (name, collectors) in [
        ("prometheus-rw", serde_json::json!({ "experimental-prometheus-rw": url })),
        ("experimental-prometheus-rw", serde_json::json!({ "prometheus-rw": url })),
        (
            "prometheus-rw",
            serde_json::json!({ "experimental-prometheus-rw": other, "prometheus-rw": url }),
        ),
    ] {
        assert_eq!(open(name, collectors), "Prometheus remote write (http://one/)");
    }
    let refused = [
        open(
            "prometheus-rw",
            serde_json::json!({ "experimental-prometheus-rw": { "pushInterval": 0 } }),
        ),
        open("csv", serde_json::json!({ "csv": { "saveInterval": "1s" } })),
        open("json", serde_json::json!({ "json": { "file": "x" } })),
    ];
    insta::assert_snapshot!(refused.join("\n"), @r"
    could not create the 'prometheus-rw' output: option collectors.experimental-prometheus-rw.pushInterval has an invalid value '0': it must be above zero
    could not create the 'csv' output: option collectors.csv: there is no setting 'saveInterval'; allowed are file_name, save_interval, time_format
    could not create the 'json' output: option collectors.json: there is no setting 'file'; none are allowed
    ");

    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("options.json");
    fs::write(&config, r#"{"collectors": {"csv": {}, "prometheus": {}}}"#).unwrap();
    let output = loadgen().args(["inspect", "--config"]).arg(&config).output().unwrap();
    let told = "warning: option 'collectors.prometheus' has no effect: no output by that name has settings\n";
    assert_eq!(readable(output.stderr), told);
}
