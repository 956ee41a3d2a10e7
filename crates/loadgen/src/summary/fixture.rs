//! A small summary with one of everything, for the tests of all that shows, stores or reads one.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Serializer, V2Serializer},
};

use super::model::*;
use crate::metrics::{Contains, MetricKind};

/// Two seconds with eight requests, two of them failed, in a group of the default scenario, and a
/// second scenario with nested groups.
pub(crate) fn summary() -> Summary {
    Summary {
        options: DisplayOptions {
            summary_trend_stats: ["avg", "max", "p(95)"].map(String::from).into(),
            summary_time_unit: String::new(),
            no_color: false,
        },
        state: State { is_stdout_tty: false, is_stderr_tty: false, test_run_duration_ms: 2000.0 },
        metrics: metrics(),
        root_group: group(
            "",
            vec![check("status", 8, 2)],
            vec![group("pages", vec![check("title", 5, 0)], vec![])],
        ),
        setup_data: None,
        loadgen: Some(extras()),
    }
}

/// The same as k6 would store it.
pub(crate) fn k6_summary() -> Summary {
    Summary { loadgen: None, ..summary() }
}

fn metrics() -> BTreeMap<String, Metric> {
    let mut metrics = BTreeMap::from([
        ("checks".into(), rate(13, 2)),
        ("data_received".into(), counter(Contains::Data, 148_012.0)),
        ("http_req_blocked".into(), trend(0.0024, 0.38, 0.0025)),
        ("http_req_duration".into(), trend(22.4789, 60_000.0, 999.999)),
        ("http_req_duration{expected_response:true}".into(), trend(1.5, 2.0, 1.9)),
        ("http_req_failed".into(), rate(2, 6)),
        ("http_reqs".into(), counter(Contains::Default, 8.0)),
        ("http_reqs{status:500}".into(), counter(Contains::Default, 2.0)),
        ("iterations".into(), counter(Contains::Default, 4.0)),
        ("my_size".into(), Metric { contains: Contains::Default, ..trend(1.0, 3.0, 2.5) }),
        ("vus".into(), gauge(10.0, 1.0, 10.0)),
    ]);
    let mut threshold = |name: &str, source: &str, ok| {
        if let Some(metric) = metrics.get_mut(name) {
            let thresholds = metric.thresholds.get_or_insert_default();
            thresholds.insert(source.into(), Verdict { ok });
        }
    };
    threshold("http_req_duration", "p(95)<500", false);
    threshold("http_req_duration", "p(50)<5000", true);
    threshold("http_req_duration{expected_response:true}", "max < 10", true);
    threshold("http_req_failed", "rate<0.01", false);
    threshold("http_reqs{status:500}", "count<5", true);
    metrics
}

fn extras() -> Extras {
    Extras {
        error: None,
        running: false,
        warmup_seconds: 0,
        version: "0.1.0".into(),
        started: "2025-01-01T00:00:00Z".into(),
        command: vec!["loadgen".into()],
        target: "http://127.0.0.1".into(),
        scenarios: Vec::new(),
        iterations_complete: 4,
        iterations_interrupted: 0,
        host: HostFacts { os: "Linux".into(), cpu: "cpu".into(), cores: 2 },
        generator: GeneratorFacts {
            workers: 2,
            cpu_seconds: 0.5,
            busiest_worker: 0.25,
            peak_memory_bytes: 1 << 20,
        },
        warnings: Vec::new(),
        thresholds: Vec::new(),
        requests: Vec::new(),
        slowest: Vec::new(),
        rows: Vec::new(),
        phases: Vec::new(),
        histograms: BTreeMap::from([
            ("http_req_duration".into(), histogram(1_000_000)),
            ("my_size".into(), histogram(1_000_000)),
        ]),
        scopes: scopes(),
        profile: Some(profile()),
        options: serde_json::json!({ "vus": 10 }),
    }
}

fn profile() -> Profile {
    let call = |depth, name: &str, value| Call { depth, name: name.into(), value };
    Profile {
        url: "http://127.0.0.1:8081/debug/pprof/profile?seconds=1".into(),
        start: 0.5,
        end: 1.5,
        kind: "cpu".into(),
        unit: "nanoseconds".into(),
        total: 1_000_000_000,
        samples: Some(100),
        hottest: vec![HotFunction {
            name: "write".into(),
            itself: 750_000_000,
            total: 750_000_000,
        }],
        calls: vec![
            call(0, "main", 990_000_000),
            call(1, "write", 750_000_000),
            call(1, "(other)", 240_000_000),
            call(0, "(other)", 10_000_000),
        ],
    }
}

fn scopes() -> Scopes {
    let reqs =
        |count| BTreeMap::from([("http_reqs".to_owned(), counter(Contains::Default, count))]);
    let pages = Scope {
        name: "pages".into(),
        metrics: reqs(2.0),
        checks: vec![check("title", 5, 0)],
        ..Scope::default()
    };
    let inner =
        Scope { name: "inner".into(), checks: vec![check("status", 1, 2)], ..Scope::default() };
    let outer = Scope { name: "outer".into(), groups: vec![inner], ..Scope::default() };
    let search = Scope {
        name: "search".into(),
        metrics: reqs(6.0),
        checks: vec![check("status", 1, 2)],
        groups: vec![outer],
        ..Scope::default()
    };
    Scopes { groups: vec![pages], scenarios: vec![search] }
}

/// 1 to 1000, each `tick` long, as it is stored.
pub(super) fn histogram(tick: u64) -> String {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits are allowed");
    for n in 1..=1000 {
        histogram.record(n * tick).expect("it grows by itself");
    }
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(&histogram, &mut bytes).expect("a Vec takes all");
    BASE64_STANDARD.encode(bytes)
}

fn counter(contains: Contains, count: f64) -> Metric {
    metric(MetricKind::Counter, contains, &[("count", count), ("rate", count / 2.0)])
}

fn gauge(value: f64, min: f64, max: f64) -> Metric {
    metric(MetricKind::Gauge, Contains::Default, &[("value", value), ("min", min), ("max", max)])
}

fn rate(passes: u32, fails: u32) -> Metric {
    let (passes, fails) = (f64::from(passes), f64::from(fails));
    let rate = passes / (passes + fails);
    let values = [("rate", rate), ("passes", passes), ("fails", fails)];
    metric(MetricKind::Rate, Contains::Default, &values)
}

fn trend(avg: f64, max: f64, p95: f64) -> Metric {
    metric(MetricKind::Trend, Contains::Time, &[("avg", avg), ("max", max), ("p(95)", p95)])
}

fn metric(kind: MetricKind, contains: Contains, values: &[(&str, f64)]) -> Metric {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
    Metric { kind, contains, values, thresholds: None }
}

fn group(name: &str, checks: Vec<Check>, groups: Vec<Group>) -> Group {
    let path = if name.is_empty() { String::new() } else { format!("::{name}") };
    Group { name: name.into(), path, id: format!("id of {name}"), groups, checks }
}

fn check(name: &str, passes: u64, fails: u64) -> Check {
    Check {
        name: name.into(),
        path: format!("::{name}"),
        id: format!("id of {name}"),
        passes,
        fails,
    }
}
