//! Files of options that cannot be used, and hostile ones.

use serde_json::Value;

use super::{
    layers::{names, outcome},
    *,
};

#[test]
fn a_file_that_cannot_be_used_is_refused_in_one_line() {
    let outcomes: Vec<_> = [
        "",
        "{\"vus\": 1",
        "[]",
        r#"{"vus": 1.5}"#,
        r#"{"vus": "many"}"#,
        r#"{"vus": 99999999999999999999}"#,
        r#"{"paused": "true"}"#,
        r#"{"duration": "5x"}"#,
        r#"{"duration": -5}"#,
        r#"{"duration": {}}"#,
        r#"{"stages": [{"duration": "5s", "target": 1}, {"duration": "soon"}]}"#,
        r#"{"stages": [{"duration": "5s", "goal": 1}]}"#,
        r#"{"stages": {}}"#,
        r#"{"scenarios": []}"#,
        r#"{"scenarios": {"a": 1}}"#,
        r#"{"scenarios": {"a": {}}}"#,
        r#"{"scenarios": {"a": {"executor": "constant"}}}"#,
        r#"{"scenarios": {"a": {"executor": "constant-vus", "rate": 1}}}"#,
        r#"{"scenarios": {"a": {"executor": "ramping-vus", "stages": [{"target": 1}, {"target": "x"}]}}}"#,
        r#"{"scenarios": {"a": {"executor": "constant-vus", "env": {"A": 1}}}}"#,
        r#"{"scenarios": {"a": {"executor": "constant-vus", "exec": 1}}}"#,
        r#"{"dns": {"ttl": "soon"}}"#,
        r#"{"dns": "ttl=5m"}"#,
        r#"{"hosts": {"a.test": "b.test"}}"#,
        r#"{"hosts": {"a b": "127.0.0.1"}}"#,
        r#"{"blacklistIPs": ["10.0.0.0/8", "10.0.0.0/33"]}"#,
        r#"{"blockHostnames": ["a.*"]}"#,
        r#"{"thresholds": {"vus": "value>1"}}"#,
        r#"{"thresholds": {"vus": ["value>1", {"abortOnFail": true}]}}"#,
        r#"{"tags": {"a": 1}}"#,
        r#"{"summaryTrendStats": ["avg", "p(101)"]}"#,
        r#"{"executionSegment": "0:2"}"#,
        r#"{"headers": ["A"]}"#,
        r#"{"userAgent": "a\nb"}"#,
        r#"{"arrival": "sometimes"}"#,
        r#"{"seed": -1}"#,
        r#"{"scenarios": {"s": {"executor": "constant-vus", "vus": 0, "duration": "1s"}}}"#,
    ]
    .iter()
    .map(|file| outcome(file, &[], &[]))
    .collect();
    for line in &outcomes {
        assert!(line.starts_with("104 ") && line.lines().count() == 1, "{line}");
    }
    insta::assert_snapshot!(outcomes.join("\n"), @r#"
    104 couldn't parse the configuration from "options.json": EOF while parsing a value at line 1 column 0
    104 couldn't parse the configuration from "options.json": EOF while parsing an object at line 1 column 9
    104 couldn't parse the configuration from "options.json": found an array; allowed is an object
    104 couldn't parse the configuration from "options.json": vus: found 1.5; allowed are whole numbers of at most 18 digits
    104 couldn't parse the configuration from "options.json": vus: found "many"; allowed are whole numbers of at most 18 digits
    104 couldn't parse the configuration from "options.json": vus: found 1e+20; allowed are whole numbers of at most 18 digits
    104 couldn't parse the configuration from "options.json": paused: found a string; allowed are true and false
    104 couldn't parse the configuration from "options.json": duration: unknown unit "x" in duration "5x"; allowed are ns, us, ms, s, m and h
    104 couldn't parse the configuration from "options.json": duration: negative duration "-5"; allowed is zero or more
    104 couldn't parse the configuration from "options.json": duration: found an object; allowed are durations such as "1m30s" and numbers of milliseconds
    104 couldn't parse the configuration from "options.json": stages[1].duration: invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
    104 couldn't parse the configuration from "options.json": stages[0]: json: unknown field "goal"
    104 couldn't parse the configuration from "options.json": stages: found an object; allowed are arrays
    104 couldn't parse the configuration from "options.json": scenarios: found an array; allowed are objects
    104 couldn't parse the configuration from "options.json": scenarios.a: found a number; allowed are objects
    104 couldn't parse the configuration from "options.json": scenarios.a: scenario 'a' doesn't have a specified executor type
    104 couldn't parse the configuration from "options.json": scenarios.a: unknown executor type 'constant'
    104 couldn't parse the configuration from "options.json": scenarios.a: json: unknown field "rate"
    104 couldn't parse the configuration from "options.json": scenarios.a.stages[1].target: found "x"; allowed are whole numbers of at most 18 digits
    104 couldn't parse the configuration from "options.json": scenarios.a.env.A: found a number; allowed are strings
    104 couldn't parse the configuration from "options.json": scenarios.a.exec: found a number; allowed are strings
    104 couldn't parse the configuration from "options.json": dns: invalid DNS TTL 'soon'; allowed are durations such as 5m, milliseconds, 0 and inf
    104 couldn't parse the configuration from "options.json": dns: found a string; allowed are objects
    104 couldn't parse the configuration from "options.json": hosts.a.test: invalid address 'b.test'; allowed are addresses such as 127.0.0.1 and 127.0.0.1:8080
    104 couldn't parse the configuration from "options.json": hosts.a b: invalid host pattern 'a b'; allowed are names such as example.com, *.example.com and example.com:8080
    104 couldn't parse the configuration from "options.json": blacklistIPs[1]: invalid CIDR address '10.0.0.0/33'; allowed are networks such as 10.0.0.0/8 and addresses
    104 couldn't parse the configuration from "options.json": blockHostnames[0]: invalid hostname pattern 'a.*'; allowed are names such as example.com and *.example.com
    104 couldn't parse the configuration from "options.json": thresholds.vus: found a string; allowed are arrays
    104 couldn't parse the configuration from "options.json": thresholds.vus[1]: missing field `threshold`
    104 couldn't parse the configuration from "options.json": tags.a: found a number; allowed are strings
    104 couldn't parse the configuration from "options.json": summaryTrendStats[1]: invalid percentile trend stat value 'p(101)', provide a number between 0 and 100
    104 couldn't parse the configuration from "options.json": executionSegment: segment end value can't be more than 1 but was 2.00
    104 couldn't parse the configuration from "options.json": headers[0]: invalid header 'A'; allowed is 'Name: value'
    104 couldn't parse the configuration from "options.json": userAgent: a header cannot carry this text; allowed are visible characters and spaces
    104 couldn't parse the configuration from "options.json": arrival: invalid arrival 'sometimes'; allowed are regular and poisson
    104 couldn't parse the configuration from "options.json": seed: found -1; allowed are whole numbers from 0
    104 there were problems with the specified script configuration: scenario s has configuration errors: the number of VUs must be more than 0
    "#);
}

#[test]
fn a_file_is_named_by_flag_or_variable() {
    let missing = refused(&["--config", "/no/such/options.json"]);
    insta::assert_snapshot!(missing, @r"
    104 failed to load the configuration file from the local file system: /no/such/options.json: No such file or directory (os error 2)
    ");
    let variable = refused_with(&[("K6_CONFIG", "/no/such/options.json")], &[]);
    assert_eq!(missing, variable);
}

proptest! {
    #[test]
    fn no_file_panics(text in "\\PC*") {
        let _ = Options::from_json(&text);
    }

    #[test]
    fn no_value_panics(
        key in proptest::sample::select(names()),
        text in "[-+]?[0-9]{0,20}[.]?[0-9]{0,3}(s|d|h|e9|%)?|\\PC{0,8}",
        shape in 0..6_usize,
    ) {
        let text = Value::from(text);
        let json = [
            text.to_string(),
            format!("[{text}]"),
            format!("{{{text}: {text}}}"),
            format!("[{{\"duration\": {text}, \"target\": {text}}}]"),
            format!("{{\"a\": {{\"executor\": \"ramping-vus\", \"startTime\": {text}, {text}: {text}}}}}"),
            format!("{{\"a\": {{\"executor\": \"constant-vus\", \"vus\": {text}, \"duration\": {text}}}}}"),
        ];
        if let Ok((options, _)) = Options::from_json(&format!("{{\"{key}\": {}}}", json[shape])) {
            // What can be read can be written and read again.
            let again = Value::Object(options.to_json()).to_string();
            prop_assert_eq!(Options::from_json(&again).map(|read| read.0).ok(), Some(options.clone()));
            let _ = crate::plan::load::Load::new(&options);
        }
    }
}
