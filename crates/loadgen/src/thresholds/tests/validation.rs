use super::map;
use crate::{
    metrics::{Contains, MetricKind, Registry},
    thresholds::Thresholds,
};

fn error(metric: &str, text: &str) -> String {
    let mut registry = Registry::default();
    registry.declare("my_c", MetricKind::Counter, Contains::Default).expect("a good name");
    registry.declare("my_g", MetricKind::Gauge, Contains::Default).expect("a good name");
    match Thresholds::new(&map(&[(metric, &[text])]), &mut registry) {
        Ok(_) => format!("{metric}: {text} is fine"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_is_said_as_k6_says_it() {
    let errors = [
        ("my_c", "count>"),
        ("nope", "count>1"),
        ("nope{a:b}", "count>1"),
        ("my_c ", "count>1"),
        ("my_c", "avg>1"),
        ("my_c{a:b}", "p(95)>1"),
        ("my_g", "rate>1"),
        ("my_g", "value>1 last 10s"),
        ("checks", "count<1"),
        ("http_req_duration", "count<1"),
        ("my_c{", "count>1"),
        ("my_c}a:b{", "count>1"),
        ("my_c{a:b}c", "count>1"),
        ("my_c{a:}", "count>1"),
        // What is wrong with the expression is said first.
        ("nope", "count!1"),
    ]
    .map(|(metric, text)| error(metric, text));
    insta::assert_snapshot!(errors.join("\n"), @r#"
    failed parsing threshold expression "count>"; reason: malformed threshold expression
    invalid threshold defined on nope; reason: no metric name "nope" found
    invalid threshold defined on nope{a:b}; reason: no metric name "nope{a:b}" found
    invalid threshold defined on my_c ; reason: no metric name "my_c " found
    invalid threshold "avg>1" applied on metric my_c; reason: unsupported aggregation method avg on metric of type counter. supported aggregation methods for this metric are: count, rate
    invalid threshold "p(95)>1" applied on metric my_c{a:b}; reason: unsupported aggregation method p on metric of type counter. supported aggregation methods for this metric are: count, rate
    invalid threshold "rate>1" applied on metric my_g; reason: unsupported aggregation method rate on metric of type gauge. supported aggregation methods for this metric are: value
    invalid threshold "value>1 last 10s" applied on metric my_g; reason: a gauge is its last value and has no window
    invalid threshold "count<1" applied on metric checks; reason: unsupported aggregation method count on metric of type rate. supported aggregation methods for this metric are: rate
    invalid threshold "count<1" applied on metric http_req_duration; reason: unsupported aggregation method count on metric of type trend. supported aggregation methods for this metric are: avg, min, max, med, p
    unable to validate threshold expressions; reason: parsing metric name failed, metric "my_c{" has unmatched opening/close curly brace
    unable to validate threshold expressions; reason: parsing metric name failed, metric "my_c}a:b{" closing curly brace appears before opening one
    unable to validate threshold expressions; reason: parsing metric name failed, metric "my_c{a:b}c" lacks a closing curly brace in its last position
    unable to validate threshold expressions; reason: parsing metric name failed, metric "a:" tag expression is malformed
    failed parsing threshold expression "count!1"; reason: malformed threshold expression
    "#);
}

#[test]
fn the_first_in_order_is_the_one_that_is_told() {
    let bad = map(&[("vus", &["value>0"]), ("checks", &["foo<1"]), ("nope", &["rate<1"])]);
    let error = Thresholds::new(&bad, &mut Registry::default()).expect_err("two are bad");
    assert!(error.to_string().contains("foo<1"), "{error}");
}

#[test]
fn submetrics_are_made_once_for_each_set_of_tags() {
    let mut registry = Registry::default();
    let good = map(&[
        ("http_reqs{ status:200,method:GET }", &["count>0"]),
        ("http_reqs{method:'GET', status:\"200\"}", &["rate>0"]),
        ("http_req_duration{expected_response:true}", &["max<1"]),
    ]);
    let thresholds = Thresholds::new(&good, &mut registry).expect("good");
    let names: Vec<_> = registry.submetrics().map(|(_, sub)| sub.name.as_str()).collect();
    assert_eq!(
        names,
        ["http_req_duration{expected_response:true}", "http_reqs{status:200,method:GET}"]
    );
    let results = thresholds.into_evaluator().results();
    let shown: Vec<_> = results.iter().map(|r| (r.metric.as_str(), r.threshold.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("http_reqs{status:200,method:GET}", "count>0"),
            ("http_reqs{status:200,method:GET}", "rate>0"),
            ("http_req_duration{expected_response:true}", "max<1"),
        ]
    );
}

#[test]
fn tags_that_no_sample_has_are_warned_of() {
    let mut registry = Registry::default();
    let odd = map(&[("checks{vu:1,iter:2}", &["rate>0"]), ("vus", &["value>0"])]);
    let thresholds = Thresholds::new(&odd, &mut registry).expect("allowed");
    insta::assert_snapshot!(thresholds.warnings().join("\n"), @r"
    The high-cardinality 'vu' metric tag was made non-indexable in k6 v0.41.0, so thresholds like 'checks{vu:1,iter:2}' that are based on it won't work correctly.
    The high-cardinality 'iter' metric tag was made non-indexable in k6 v0.41.0, so thresholds like 'checks{vu:1,iter:2}' that are based on it won't work correctly.
    ");
}

#[test]
fn ignored_thresholds_are_neither_read_nor_held_against_anything() {
    let mut registry = Registry::default();
    let bad = map(&[("nope", &["rate<1"]), ("checks{a:b}", &["foo"]), ("vus{", &[])]);
    let thresholds = Thresholds::ignored(&bad, &mut registry);
    assert_eq!(registry.submetrics().count(), 2, "submetrics are made all the same");
    insta::assert_snapshot!(thresholds.warnings().join("\n"), @r"
    Invalid metric 'nope' in threshold definitions
    Invalid metric 'vus{' in threshold definitions
    ");
    assert!(thresholds.into_evaluator().is_empty());
}
