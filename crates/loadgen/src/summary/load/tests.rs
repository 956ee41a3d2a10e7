use proptest::prelude::*;

use super::{
    super::{Look, TextOptions, fixture, json, text},
    *,
};

fn error(text: &str) -> String {
    parse(text, "x.json").expect_err("no summary").to_string()
}

#[test]
fn an_exported_summary_is_inferred_back() {
    let mut summary = fixture::k6_summary();
    let read = parse(&json::export(&summary), "x.json").expect("an exported summary is readable");
    // What the file does not tell: the length of the run comes from a counter.
    assert!((read.state.test_run_duration_ms - 2000.0).abs() < 1e-9);
    summary.state.test_run_duration_ms = read.state.test_run_duration_ms;
    assert_eq!(read, summary);
}

#[test]
fn checks_of_an_exported_summary_keep_their_order() {
    let text = r#"{"metrics": {}, "root_group": {"name": "", "path": "", "id": "", "groups": {},
        "checks": {"z": {"name": "z", "path": "::z", "id": "1", "passes": 1, "fails": 0},
                   "a": {"name": "a", "path": "::a", "id": "2", "passes": 1, "fails": 0}}}}"#;
    let read = parse(text, "x.json").expect("k6 writes this for an empty run");
    let names: Vec<_> = read.root_group.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["z", "a"]);
}

#[test]
fn errors_say_where_and_what_was_expected() {
    insta::assert_snapshot!(error(""), @"x.json: not a summary: EOF while parsing a value at line 1 column 0");
    insta::assert_snapshot!(error("[1, 2]"), @"x.json: not a summary: invalid type: sequence, expected a map at line 1 column 0");
    insta::assert_snapshot!(error("{}"), @"x.json: not a summary: expected loadgen's summary.json, the data of k6's handleSummary, or a file of --summary-export, found an object that lacks 'metrics' or 'root_group'");
    insta::assert_snapshot!(error(r#"{"version": "1.0.0", "results": {}}"#), @"x.json: not a summary: expected loadgen's summary.json, the data of k6's handleSummary, or a file of --summary-export, found k6's new machine-readable summary, which has no thresholds or groups");
    insta::assert_snapshot!(error(r#"{"metrics": {}, "state": {}}"#), @"x.json: not a summary: missing field `isStdOutTTY` at line 1 column 27");
    insta::assert_snapshot!(error(r#"{"metrics": {"a": {"count": "x"}}, "root_group": {}}"#), @r#"x.json: not a summary: invalid type: string "x", expected f64 at line 1 column 32"#);
    insta::assert_snapshot!(error(r#"{"metrics": {"a": {"foo": 1}}, "root_group":
        {"name": "", "path": "", "id": "", "groups": {}, "checks": {}}}"#), @"x.json: metrics.a: the keys 'foo' are those of no metric; a counter has count and rate, a gauge value, min and max, a rate value, passes and fails, a trend statistics");
    insta::assert_snapshot!(error(r#"{"metrics": {"a": {"count": 1e400}}, "root_group": {}}"#), @"x.json: not a summary: number out of range at line 1 column 33");
    insta::assert_snapshot!(error(&format!(r#"{{"metrics": {{}}, "root_group": {{}}, "setup_data": {}"#, "[".repeat(100_000))), @"x.json: not a summary: EOF while parsing a list at line 1 column 100048");
    insta::assert_snapshot!(error(&format!(r#"{{"setup_data": {}1{}, "metrics": {{}}, "root_group": {{}}}}"#, "[".repeat(1000), "]".repeat(1000))), @"x.json: not a summary: recursion limit exceeded at line 1 column 142");
}

#[test]
fn a_summary_with_holes_is_refused() {
    let broken = |change: fn(&mut Summary)| {
        let mut summary = fixture::summary();
        change(&mut summary);
        error(&json::to_json(&summary))
    };
    insta::assert_snapshot!(broken(|s| s.options.summary_time_unit = "min".into()), @"x.json: options.summaryTimeUnit: invalid unit 'min', allowed are s, ms and us");
    insta::assert_snapshot!(broken(|s| s.options.summary_trend_stats.push("p(200)".into())), @"x.json: options.summaryTrendStats: invalid percentile trend stat value 'p(200)', provide a number between 0 and 100");
    insta::assert_snapshot!(broken(|s| s.options.summary_trend_stats.push("p(99)".into())), @"x.json: metrics.http_req_blocked.values: 'p(99)' is missing");
    insta::assert_snapshot!(broken(|s| s.state.test_run_duration_ms = -1.0), @"x.json: state.testRunDurationMs: negative");
    insta::assert_snapshot!(broken(|s| {
        s.metrics.values_mut().for_each(|metric| {
            metric.values.remove("passes");
        });
    }), @"x.json: metrics.checks.values: 'passes' is missing");
    insta::assert_snapshot!(broken(|s| {
        let histograms = s.loadgen.as_mut().map(|extras| &mut extras.histograms);
        histograms.map(|all| all.insert("http_req_duration".into(), "AAAA".into()));
    }), @"x.json: loadgen.histograms.http_req_duration: not an HDR V2 histogram in base64");
    insta::assert_snapshot!(broken(|s| {
        let profile = s.loadgen.as_mut().and_then(|extras| extras.profile.as_mut());
        profile.expect("one of everything").calls[2].depth = 3;
    }), @"x.json: loadgen.profile.calls.2.depth: 3, allowed is at most 2");
}

#[test]
fn a_missing_file_is_named() {
    let error =
        load(Path::new("/no/such/file.json")).expect_err("there is no such file").to_string();
    assert!(error.starts_with("cannot read /no/such/file.json: "), "{error}");
}

/// Shows whatever was accepted in every way there is.
fn show(read: Result<Summary, LoadError>) {
    match read {
        Ok(summary) => {
            for look in [Look::Legacy, Look::Compact, Look::Full] {
                text(&summary, &TextOptions { look, color: true, time_unit: None });
            }
            json::to_json(&summary);
            json::export(&summary);
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}

/// JSON with the keys that a summary has, in any place and of any type.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let number = prop_oneof![any::<f64>(), Just(0.0), Just(-1.0), Just(f64::MAX), Just(5e-324)];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        number.prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        "(trend|rate|time|\\PC{0,8})".prop_map(Into::into),
    ];
    let key = "(metrics|root_group|state|options|values|type|contains|thresholds|name|path|id|groups\
               |checks|passes|fails|avg|count|rate|value|min|max|p\\(9\\)|x\\{y:z\\}|loadgen)";
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| { serde_json::Value::Object(map.into_iter().collect()) }),
        ]
    })
}

/// Replaces the value that comes `at` in depth-first order.
fn replace(value: &mut serde_json::Value, at: &mut usize, with: &serde_json::Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| replace(item, at, with));
        }
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| replace(item, at, with)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_json_is_shown_or_refused(json in any_json()) {
        show(parse(&json.to_string(), "x.json"));
    }

    #[test]
    fn a_summary_with_one_value_replaced_is_shown_or_refused(
        at in 0usize..300,
        with in any_json(),
        exported: bool,
    ) {
        let summary = fixture::summary();
        let text = if exported { json::export(&summary) } else { json::to_json(&summary) };
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("own JSON");
        replace(&mut value, &mut { at }, &with);
        show(parse(&value.to_string(), "x.json"));
    }

    #[test]
    fn a_torn_file_is_refused(at in 0usize..4000) {
        let text = json::to_json(&fixture::summary());
        let torn = &text[..at.min(text.len() - 2)];
        prop_assert!(parse(torn, "x.json").is_err());
    }
}
