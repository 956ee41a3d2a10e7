use std::time::Duration;

use super::*;
use crate::{
    LoadTest, Report,
    summary::{Look, TextOptions, json, parse, text},
};

/// One request that is answered with 404: some metrics have samples, some have none.
async fn run() -> Report {
    let test = LoadTest::new().iterations(1).batch_get(["/nowhere"]);
    test.run(axum::Router::new()).await.expect("a run")
}

fn result(metric: &str, threshold: &str, ok: bool) -> ThresholdResult {
    ThresholdResult {
        metric: metric.into(),
        threshold: threshold.into(),
        statistic: "value".into(),
        bound: Some(1.0),
        observed: Some(0.0),
        significant_digits: None,
        window_seconds: None,
        ok,
        abort_on_fail: false,
    }
}

/// The summary as it is with these thresholds.
fn judged(report: &Report, thresholds: Vec<ThresholdResult>) -> Summary {
    let mut summary = report.summary.clone();
    summary.metrics = metrics(&report.outcome, &thresholds, &TrendStat::defaults()[..2]);
    summary.options.summary_trend_stats = vec!["avg".into(), "min".into()];
    summary.loadgen.as_mut().expect("an own summary").thresholds = thresholds;
    summary
}

#[tokio::test]
async fn metrics_with_thresholds_are_shown_even_when_they_have_no_samples() {
    let report = run().await;
    let before: Vec<_> = report.summary.metrics.keys().cloned().collect();
    assert!(!before.iter().any(|name| name.contains('{')), "{before:?}");

    let summary = judged(
        &report,
        vec![
            result("vus", "value<1", true),
            result("http_req_duration{expected_response:true}", "p(95)<1", true),
            result("dropped_iterations", "rate<1", true),
            result("dropped_iterations", "count>0", false),
            result("group_duration", "max<1", true),
        ],
    );
    let legacy = text(&summary, &TextOptions::default());
    let names = ["vus", "{ expected", "dropped", "group_duration"];
    let lines = legacy.lines().filter(|line| names.iter().any(|name| line.contains(name)));
    // How wide columns are depends on how fast the run was.
    let words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    insta::assert_snapshot!(words.collect::<Vec<_>>().join("\n"), @r"
    ✗ dropped_iterations.............: 0 0/s
    ✓ group_duration.................: avg=0s min=0s
    ✓ { expected_response:true }...: avg=0s min=0s
    ✓ vus............................: 0 min=0 max=0
    ");

    let compact = text(&summary, &TextOptions { look: Look::Compact, ..TextOptions::default() });
    let section = compact.split_once("  █ TOTAL").expect("two parts").0;
    let marked: String = section.lines().map(|line| format!("|{}\n", line.trim_end())).collect();
    insta::assert_snapshot!(marked, @r"
    |
    |  █ THRESHOLDS
    |
    |    dropped_iterations
    |    ✓ 'rate<1' rate=0/s
    |    ✗ 'count>0' count=0
    |
    |    group_duration
    |    ✓ 'max<1' max=0s
    |
    |    http_req_duration{expected_response:true}
    |    ✓ 'p(95)<1' p(95)=0s
    |
    |    vus
    |    ✓ 'value<1' value=0
    |
    |
    ");

    // The order of thresholds survives the file; k6's export says whether they failed.
    let read = parse(&json::to_json(&summary), "test").expect("own files are readable");
    assert_eq!(read, summary);
    let order: Vec<_> = read.metrics["dropped_iterations"].thresholds.iter().flatten().collect();
    assert_eq!(order[0].0, "rate<1");
    let exported = json::export(&summary);
    let thresholds = exported.split_once("dropped_iterations").expect("exported").1;
    let thresholds = thresholds.split_once("thresholds").expect("exported").1;
    let flags = thresholds.split_once('}').expect("an object").0.replace([' ', '\n'], "");
    assert_eq!(flags, r#"":{"rate<1":false,"count>0":true"#);
}

#[tokio::test]
async fn the_parent_of_a_submetric_with_a_threshold_is_shown() {
    let mut report = run().await;
    // As if no request had been made.
    report.outcome.total = crate::metrics::Tally::default();
    report.outcome.duration = Duration::from_secs(1);
    let thresholds = vec![result("http_req_duration{expected_response:true}", "avg<1", true)];
    let summary = judged(&report, thresholds);
    let names: Vec<_> = summary.metrics.keys().collect();
    assert_eq!(names, ["http_req_duration", "http_req_duration{expected_response:true}"]);
    assert_eq!(summary.metrics["http_req_duration"].thresholds, None);
}

#[tokio::test]
async fn a_crossed_threshold_fails_the_test_and_one_that_holds_judges_alone() {
    let mut report = run().await;
    assert_eq!(report.failures(), ["1 requests failed", "1 checks failed"]);
    report.outcome.thresholds = vec![
        result("http_req_failed", "rate<2", true),
        result("checks", "rate>0", false),
        result("checks", "rate>0.5", false),
        result("a{b:c}", "count<1", false),
    ];
    report.summary = judged(&report, report.outcome.thresholds.clone());
    assert_eq!(report.failures(), ["thresholds on metrics 'a{b:c}, checks' have been crossed"]);
    assert!(!report.passed());
    assert_eq!(report.thresholds().len(), 4);
}
