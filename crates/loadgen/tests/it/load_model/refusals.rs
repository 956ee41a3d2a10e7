//! Options that cannot be run: one line, code 104, and nothing is sent.

use std::time::Duration;

use super::{process::run, site::Site};

/// A scenario of one executor, and what is wrong with it.
const SCENARIOS: &[(&str, &str)] = &[
    (r#""constant-vus", "duration": "5s", "vus": 0"#, "the number of VUs must be more than 0"),
    (r#""constant-vus""#, "the duration is unspecified"),
    (r#""constant-vus", "duration": "900ms""#, "the duration must be at least 1s, but is 900ms"),
    (
        r#""constant-vus", "duration": "5s", "startTime": "-1s", "gracefulStop": "-1s", "exec": """#,
        "exec value cannot be empty, the startTime can't be negative, the gracefulStop timeout \
         can't be negative",
    ),
    (
        r#""shared-iterations", "vus": 3, "iterations": 2"#,
        "the number of iterations (2) can't be less than the number of VUs (3)",
    ),
    (
        r#""shared-iterations", "maxDuration": "0s""#,
        "the maxDuration must be at least 1s, but is 0s",
    ),
    (r#""per-vu-iterations", "iterations": 0"#, "the number of iterations must be more than 0"),
    (r#""ramping-vus""#, "at least one stage has to be specified"),
    (
        r#""ramping-vus", "startVUs": -1, "stages": [{"duration": "1s", "target": 5}]"#,
        "the number of start VUs can't be negative",
    ),
    (
        r#""ramping-vus", "startVUs": 0, "stages": [{"duration": "1s", "target": 0}]"#,
        "either startVUs or one of the stages' target values must be greater than 0",
    ),
    (
        r#""ramping-vus", "stages": [{"target": 5}, {"duration": "-1s", "target": -5}]"#,
        "stage 1 doesn't have a duration, the duration for stage 2 can't be negative, the target \
         for stage 2 can't be negative",
    ),
    (
        r#""ramping-vus", "stages": [{"duration": "1s", "target": 100000001}]"#,
        "target for stage 1 exceeds max limit of 100000000",
    ),
    (
        r#""constant-arrival-rate""#,
        "the iteration rate isn't specified, the duration is unspecified, the number of \
         preAllocatedVUs isn't specified",
    ),
    (
        r#""constant-arrival-rate", "rate": 0, "timeUnit": "0s", "duration": "1s",
           "preAllocatedVUs": -1"#,
        "the iteration rate must be more than 0, the timeUnit must be more than 0, the number of \
         preAllocatedVUs can't be negative",
    ),
    (
        r#""constant-arrival-rate", "rate": 5, "duration": "1s", "preAllocatedVUs": 5, "maxVUs": 4"#,
        "maxVUs can't be less than preAllocatedVUs",
    ),
    (
        r#""ramping-arrival-rate", "startRate": -1, "preAllocatedVUs": 1,
           "stages": [{"duration": "1s"}]"#,
        "the startRate value can't be negative, stage 1 doesn't have a target",
    ),
    (r#""externally-controlled""#, "the duration must be specified, for infinite duration use 0"),
    (
        r#""externally-controlled", "vus": 3, "maxVUs": 2, "duration": "-1s", "gracefulStop": "1s""#,
        "the number of active VUs (3) must be less than or equal to the number of maxVUs (2), the \
         duration can't be negative, for infinite duration use 0, gracefulStop is not supported \
         by the externally controlled executor",
    ),
];

/// Whole files, and what is said of them, after the path of the file where one is named.
const FILES: &[(&str, &str)] = &[
    (
        r#"{"iterations": 3, "stages": [{"duration": "1s", "target": 1}]}"#,
        "using `iterations` and `stages` options simultaneously is not allowed",
    ),
    (
        r#"{"duration": "3s", "scenarios": {}}"#,
        "using `duration` and `scenarios` options simultaneously is not allowed",
    ),
    (
        r#"{"duration": "0s"}"#,
        "`duration` option should be more than 0, for infinite duration use the \
         externally-controlled executor",
    ),
    (
        r#"{"vus": 2, "executionSegment": "0:1/2", "executionSegmentSequence": "0,1/3,1"}"#,
        "provided segment 0:1/2 can't be found in sequence 0,1/3,1",
    ),
    (
        r#"{"scenarios": {"a b": {"executor": "per-vu-iterations"}}}"#,
        "there were problems with the specified script configuration: scenario a b has \
         configuration errors: the scenario name should contain only numbers, latin letters, \
         underscores, and dashes",
    ),
    (
        r#"{"scenarios": {"s": {"executor": "per-vu-iterations", "exec": "nothing"}}}"#,
        "executor s: function 'nothing' not found in exports",
    ),
    (r#"{"scenarios": {"s": {"executor": "fast"}}}"#, "unknown executor type 'fast'"),
    (r#"{"scenarios": {"s": {"vus": 1}}}"#, "scenario 's' doesn't have a specified executor type"),
    (
        r#"{"scenarios": {"s": {"executor": "constant-vus", "rate": 1}}}"#,
        "json: unknown field \"rate\"",
    ),
    (r#"{"vus": 1.5}"#, "1.5"),
    (r#"{"thresholds": {"http_req_duration": ["p(95)"]}}"#, "p(95)"),
    (r#"{"thresholds": {"no_such_metric": ["count<1"]}}"#, "no_such_metric"),
];

#[test]
fn bad_scenarios_are_refused_in_one_line_before_any_request() {
    let site = Site::start(Duration::ZERO);
    for (scenario, wrong) in SCENARIOS {
        let said =
            refused(&format!(r#"{{"scenarios": {{"s": {{"executor": {scenario}}}}}}}"#), &site);
        let expected = format!(
            "error: there were problems with the specified script configuration: scenario s has \
             configuration errors: {wrong}\n"
        );
        assert_eq!(said, expected, "{scenario}");
    }
    for (file, wrong) in FILES {
        let said = refused(file, &site);
        assert!(said.ends_with(&format!("{wrong}\n")) || !wrong.contains(' '), "{file}: {said}");
        assert!(said.contains(wrong), "{file}: {said}");
    }
    assert_eq!(site.requests(), 0);
}

#[test]
fn what_is_wrong_with_several_scenarios_is_told_at_once() {
    let site = Site::start(Duration::ZERO);
    let options = r#"{"scenarios": {
        "late": {"executor": "constant-vus", "vus": 0, "duration": "1s", "startTime": "1s"},
        "b": {"executor": "ramping-vus"}, "fine": {"executor": "per-vu-iterations"}}}"#;
    insta::assert_snapshot!(refused(options, &site), @"error: there were problems with the specified script configuration: scenario b has configuration errors: at least one stage has to be specified; scenario late has configuration errors: the number of VUs must be more than 0");
    assert_eq!(site.requests(), 0);
}

/// What is said of options that cannot be run.
fn refused(options: &str, site: &Site) -> String {
    let ended = run(options, site, &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (104, ""), "{options}: {}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{options}: {}", ended.stderr);
    assert!(ended.stderr.starts_with("error: "), "{options}: {}", ended.stderr);
    ended.stderr
}
