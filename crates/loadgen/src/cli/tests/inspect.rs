//! What `inspect` prints.

use super::*;

fn inspect(variables: &[(&str, &str)], words: &[&str]) -> String {
    let words: Vec<_> = ["inspect"].iter().chain(words).copied().collect();
    match parse_with(variables, &words) {
        Ok(Command::Inspect(inspect)) => inspect.to_json(),
        other => panic!("{words:?} gives {other:?}"),
    }
}

/// k6 prints the same for the same options, but for the TTL as it was written, and without what
/// comes after `features`.
#[test]
fn options_and_scenarios_stand_in_k6s_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("options.json");
    let options = r#"{
        "scenarios": {
            "a": {
                "executor": "ramping-vus",
                "stages": [{"duration": "10s", "target": 5}, {"duration": "1m", "target": 0}],
                "exec": "fa", "tags": {"x": "y"}, "env": {"E": "1"}
            },
            "b": {
                "executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1m", "duration": "30s",
                "preAllocatedVUs": 2, "maxVUs": 9, "startTime": "5s"
            }
        },
        "thresholds": {
            "http_req_duration": ["p(95)<500", {"threshold": "avg<1", "abortOnFail": true, "delayAbortEval": "10s"}]
        },
        "tags": {"t": "v"}, "dns": {"ttl": "1m", "select": "first", "policy": "onlyIPv4"},
        "hosts": {"a.test": "127.0.0.1"}, "summaryTrendStats": ["avg", "p(99)"],
        "insecureSkipTLSVerify": true, "userAgent": "ua/1", "noConnectionReuse": true
    }"#;
    fs::write(&path, options).expect("a file");
    let words = ["--config", &path.display().to_string(), "--execution-requirements"];
    insta::assert_snapshot!(inspect(&[], &words), @r#"
    {
      "paused": null,
      "vus": null,
      "duration": null,
      "iterations": null,
      "stages": null,
      "scenarios": {
        "a": {
          "executor": "ramping-vus",
          "startTime": null,
          "gracefulStop": null,
          "env": {
            "E": "1"
          },
          "exec": "fa",
          "tags": {
            "x": "y"
          },
          "startVUs": null,
          "stages": [
            {
              "duration": "10s",
              "target": 5
            },
            {
              "duration": "1m0s",
              "target": 0
            }
          ],
          "gracefulRampDown": null
        },
        "b": {
          "executor": "constant-arrival-rate",
          "startTime": "5s",
          "gracefulStop": null,
          "env": null,
          "exec": null,
          "tags": null,
          "rate": 30,
          "timeUnit": "1m0s",
          "duration": "30s",
          "preAllocatedVUs": 2,
          "maxVUs": 9
        }
      },
      "executionSegment": null,
      "executionSegmentSequence": null,
      "noSetup": null,
      "setupTimeout": null,
      "noTeardown": null,
      "teardownTimeout": null,
      "handleSummaryTimeout": null,
      "rps": null,
      "dns": {
        "ttl": "1m0s",
        "select": "first",
        "policy": "onlyIPv4"
      },
      "maxRedirects": null,
      "userAgent": "ua/1",
      "batch": null,
      "batchPerHost": null,
      "httpDebug": null,
      "insecureSkipTLSVerify": true,
      "tlsCipherSuites": null,
      "tlsVersion": null,
      "tlsAuth": null,
      "throw": null,
      "thresholds": {
        "http_req_duration": [
          "p(95)<500",
          {
            "threshold": "avg<1",
            "abortOnFail": true,
            "delayAbortEval": "10s"
          }
        ]
      },
      "blacklistIPs": null,
      "blockHostnames": null,
      "hosts": {
        "a.test": "127.0.0.1"
      },
      "noConnectionReuse": true,
      "noVUConnectionReuse": null,
      "minIterationDuration": null,
      "cloud": null,
      "ext": null,
      "summaryTrendStats": [
        "avg",
        "p(99)"
      ],
      "summaryTimeUnit": null,
      "systemTags": [
        "check",
        "error",
        "error_code",
        "expected_response",
        "group",
        "method",
        "name",
        "proto",
        "scenario",
        "service",
        "status",
        "subproto",
        "tls_version",
        "url"
      ],
      "tags": {
        "t": "v"
      },
      "metricSamplesBufferSize": null,
      "noCookiesReset": null,
      "discardResponseBodies": null,
      "features": null,
      "linger": null,
      "out": null,
      "noUsageReport": null,
      "webDashboard": null,
      "collectors": null,
      "localIPs": null,
      "gracefulStop": null,
      "arrival": null,
      "seed": null,
      "warmup": null,
      "workers": null,
      "expectStatus": null,
      "followOffsite": null,
      "timeout": null,
      "headers": null,
      "profileTarget": null,
      "totalDuration": "1m40s",
      "maxVUs": 14
    }
    "#);
}

#[test]
fn a_shortcut_is_shown_with_the_scenario_that_it_stands_for() {
    let json = inspect(&[("K6_VUS", "3")], &["--duration", "1m30s"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    insta::assert_snapshot!(json["scenarios"], @r#"
    {"default":{"executor":"constant-vus","startTime":null,"gracefulStop":null,"env":null,"exec":null,"tags":null,"vus":3,"duration":"1m30s"}}
    "#);
    assert_eq!((&json["vus"], &json["duration"]), (&3.into(), &"1m30s".into()));
    assert_eq!(json.get("totalDuration"), None);
}

#[test]
fn what_a_run_would_refuse_is_refused() {
    assert!(refused(&["inspect", "--vus", "0"]).starts_with("104 there were problems"));
    assert!(refused(&["inspect", "--host", "localhost"]).starts_with("104 --host"));
    assert!(refused(&["inspect", "--execution-segment", "2"]).starts_with("255 invalid value"));
}
