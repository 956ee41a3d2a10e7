//! Summaries to render: made up, but of the shape and size of real ones.

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Serializer, V2Serializer},
};
use serde_json::json;

use crate::summary::model::{
    Call, Extras, HotFunction, Profile, RequestCount, Row, RowCpu, RowDuration, RowLag,
    SlowRequest, Summary,
};

/// A name that would like to be markup, a script, or to turn the line around.
pub(super) const HOSTILE: &str =
    "</script><script>alert(1)</script>\"' onload=alert(2) <img src=x onerror=alert(3)> \u{202e}🦀";

/// The totals of a run of `seconds`, as k6 would store them, without `loadgen`.
pub(super) fn k6(seconds: u64) -> Summary {
    let requests = 4_512 * seconds;
    let trend = |ms: f64| {
        json!({ "type": "trend", "contains": "time", "values": {
            "avg": ms, "min": ms / 9.0, "med": ms * 0.9, "max": ms * 41.0, "p(90)": ms * 1.8, "p(95)": ms * 2.4,
        }})
    };
    let counter = |contains, count: u64| {
        json!({ "type": "counter", "contains": contains,
                "values": { "count": count, "rate": count / seconds } })
    };
    let gauge = json!({ "type": "gauge", "contains": "default",
                        "values": { "value": 10, "min": 10, "max": 10 } });
    let summary = json!({
        "options": { "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)"], "summaryTimeUnit": "" },
        "state": { "isStdOutTTY": true, "isStdErrTTY": true, "testRunDurationMs": seconds * 1000 + 21 },
        "metrics": {
            "checks": { "type": "rate", "contains": "default",
                        "values": { "rate": 1, "passes": requests, "fails": 0 } },
            "data_received": counter("data", requests * 101_342),
            "data_sent": counter("data", requests * 121),
            "http_req_blocked": trend(0.004),
            "http_req_connecting": trend(0.001),
            "http_req_duration": trend(2.1),
            "http_req_duration{expected_response:true}": trend(2.1),
            "http_req_failed": { "type": "rate", "contains": "default",
                                 "values": { "rate": 0, "passes": 0, "fails": requests } },
            "http_req_receiving": trend(0.6),
            "http_req_sending": trend(0.02),
            "http_req_tls_handshaking": trend(0.0),
            "http_req_waiting": trend(1.5),
            "http_reqs": counter("default", requests),
            "iteration_duration": trend(351.2),
            "iterations": counter("default", requests / 160),
            "vus": gauge,
            "vus_max": gauge,
        },
        "root_group": { "name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e", "groups": [],
            "checks": [{ "name": "status", "path": "::status", "id": "0", "passes": requests, "fails": 0 }] },
    });
    serde_json::from_value(summary).expect("the sample is a summary")
}

/// The same with everything that loadgen adds, one row a second.
pub(super) fn full(seconds: u64) -> Summary {
    let mut summary = k6(seconds);
    summary.loadgen = Some(extras(seconds));
    summary
}

/// A run with crossed thresholds, failed checks and requests, groups, and hostile names everywhere.
pub(super) fn failing() -> Summary {
    let mut summary = full(30);
    let threshold = |expression: &str, ok| json!({ expression: { "ok": ok } });
    let thresholds = |value| Some(serde_json::from_value(value).expect("thresholds"));
    for (metric, expression, ok) in [
        ("http_req_duration", "p(95)<4", false),
        ("http_req_duration{expected_response:true}", "p(99)<500", true),
        ("data_sent", "count>1000", true),
    ] {
        let metric = summary.metrics.get_mut(metric).expect("the metric is in the sample");
        metric.thresholds = thresholds(threshold(expression, ok));
    }
    let hostile = summary.metrics["http_req_waiting"].clone();
    summary.metrics.insert(format!("http_req_waiting{{name:{HOSTILE}}}"), hostile);
    let failed = &mut summary.metrics.get_mut("http_req_failed").expect("in the sample").values;
    failed.extend([
        ("rate".into(), 0.0093),
        ("passes".into(), 1259.0),
        ("fails".into(), 134_101.0),
    ]);

    let group = |name: &str, checks: serde_json::Value, groups: serde_json::Value| json!({ "name": name, "path": format!("::{name}"), "id": "0", "checks": checks, "groups": groups });
    let check = |name: &str, passes: u64, fails: u64| json!({ "name": name, "path": format!("::{name}"), "id": "0", "passes": passes, "fails": fails });
    let inner = json!({ "name": HOSTILE, "path": format!("::checkout::{HOSTILE}"), "id": "0", "groups": [],
                        "checks": [check("card is charged", 800, 12), check("عربة التسوق ليست فارغة", 812, 0)] });
    let mut root = group(
        "",
        json!([
            check("status", 134_101, 1259),
            check(HOSTILE, 0, 3),
            check(&"long ".repeat(60), 9, 0)
        ]),
        json!([group("checkout", json!([check("cart is not empty", 812, 0)]), json!([inner]))]),
    );
    root["path"] = "".into();
    summary.root_group = serde_json::from_value(root).expect("groups");

    let extras = summary.loadgen.as_mut().expect("a full sample");
    extras.target = format!("http://127.0.0.1:8080/{HOSTILE}");
    extras.command.push(HOSTILE.into());
    extras.warnings = vec![
        "the busiest worker was on a CPU for 99.10 % of the run: latencies include time spent waiting in loadgen".into(),
        format!("1 path was skipped: {HOSTILE}"),
    ];
    extras.slowest[0].name = HOSTILE.into();
    extras.phases[1].name = HOSTILE.into();
    if let Some(profile) = &mut extras.profile {
        profile.calls[0].name = HOSTILE.into();
        profile.hottest[0].name = HOSTILE.into();
        (profile.url, profile.kind, profile.unit) =
            (HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
    }
    extras.requests.extend([
        answer(HOSTILE, 200, "", 1, 17),
        answer("/cart", 0, "dial: connection refused", 1212, 1207),
        answer("/checkout", 503, "", 1503, 52),
    ]);
    for (i, row) in extras.rows.iter_mut().enumerate().skip(14).take(6) {
        row.http_req_failed = row.http_reqs / (3 + i as u64 % 4);
    }
    extras.rows[21].duration = None;
    summary
}

fn extras(seconds: u64) -> Extras {
    let mut noise = Noise(42);
    let mut histogram =
        Histogram::<u64>::new_with_bounds(1_000, 60_000_000_000, 3).expect("bounds");
    for _ in 0..50_000 {
        let value = 1_400_000.0 * (noise.normal() * 0.35).exp();
        let slow = if noise.uniform() < 0.02 { 6.0 + 20.0 * noise.uniform() } else { 1.0 };
        histogram.saturating_record((value * slow) as u64);
    }
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(&histogram, &mut bytes).expect("writing to a vector");
    let page =
        |i: u64| answer(&format!("/posts/2026/a-page-of-the-blog-{i}/"), 200, "", 0, 9000 - i);
    let mut requests: Vec<_> = (0..25).map(page).collect();
    requests.push(answer("/github", 308, "", 0, 840));
    requests.push(answer("/nowhere", 404, "", 1404, 839));
    serde_json::from_value(json!({
        "version": "0.1.0",
        "started": "2026-11-24T21:05:07.125Z",
        "command": ["loadgen", "--vus", "10", "--duration", format!("{seconds}s"), "--host", "http://127.0.0.1:8080",
                    "--paths", "paths.json", "--paths", "redirects.json", "--header", "Accept: */*"],
        "target": "http://127.0.0.1:8080",
        "scenarios": [{ "name": "default", "executor": "constant-vus",
                        "description": format!("10 looping VUs for {seconds}s (gracefulStop: 30s)") }],
        "iterations_complete": 28 * seconds,
        "iterations_interrupted": 0,
        "host": { "os": "Linux 6.12.3", "cpu": "AMD Ryzen 7 5800X 8-Core Processor", "cores": 16 },
        "generator": { "workers": 2, "cpu_seconds": 21.4, "busiest_worker": 0.5231, "peak_memory_bytes": 24_117_248 },
        "warnings": [],
        "requests": requests,
        "slowest": (0..20).map(slow).collect::<Vec<_>>(),
        "profile": profile(),
        "phases": [{ "name": "to 10 VUs", "start": 0, "end": seconds / 3 },
                   { "name": "10 VUs", "start": seconds / 3, "end": seconds }],
        "rows": (1..=seconds).map(|second| row(second, &mut noise)).collect::<Vec<_>>(),
        "histograms": { "http_req_duration": BASE64_STANDARD.encode(bytes) },
        "options": { "vus": 10, "duration": format!("{seconds}s"), "batch": 20, "batchPerHost": 6 },
    }))
    .expect("the sample has loadgen's facts")
}

/// As large as they get: 250 calls, each with some that are too small.
fn profile() -> Profile {
    let name =
        |n: u64| format!("<tower_http::trace::service_{n}::Trace<S, C> as Service<R>>::call");
    let hot = |n: u64| HotFunction { name: name(n), itself: 3_600 - n, total: 18_000 - n };
    let calls = (0..250).flat_map(|n: u64| {
        let (depth, value) = (n as usize % 50, 6_000 - 100 * (n % 50));
        [
            Call { depth, name: name(n), value },
            Call { depth: depth + 1, name: "(other)".into(), value: 100 },
        ]
    });
    Profile {
        url: "http://127.0.0.1:8081/debug/pprof/profile?seconds=15".into(),
        start: 7.5,
        end: 22.5,
        kind: "cpu".into(),
        unit: "nanoseconds".into(),
        total: 36_000,
        samples: Some(1_000),
        hottest: (0..15).map(hot).collect(),
        calls: calls.collect(),
    }
}

fn row(second: u64, noise: &mut Noise) -> Row {
    let wave = 1.0 + 0.1 * (second as f64 / 40.0).sin();
    let http_reqs = (4500.0 * wave + 180.0 * noise.normal()) as u64;
    let p50 = 1.4 / wave * (1.0 + 0.04 * noise.normal());
    let tail = 1.0 + noise.uniform() * noise.uniform();
    Row {
        at: second as f64,
        seconds: 1.0,
        vus: 10.min(second * 2),
        iterations: http_reqs / 160,
        http_reqs,
        http_req_failed: 0,
        data_sent: http_reqs * 121,
        data_received: http_reqs * 101_342,
        duration: Some(RowDuration {
            avg: p50 * 1.2,
            p50,
            p90: p50 * 1.6 * tail,
            p95: p50 * 2.1 * tail,
            p99: p50 * 5.0 * tail,
            max: p50 * 18.0 * tail * tail,
        }),
        latency: (0..400)
            .map(|_| {
                (p50 * (noise.normal() * 0.5).exp() * (1.0 + 9.0 * noise.uniform().powi(9)), 11)
            })
            .collect(),
        schedule_lag: Some(RowLag { p50: 0.01, p99: 0.04 * tail, max: 0.3 * tail * tail }),
        cpu: Some(RowCpu { cores: 0.71 + 0.1 * wave, busiest_worker: 0.4 + 0.1 * wave }),
    }
}

fn slow(place: u64) -> SlowRequest {
    let (waiting, receiving) = (90.0 - place as f64, 0.4);
    let sending = 0.02;
    SlowRequest {
        name: format!("/posts/2026/a-page-of-the-blog-{place}/"),
        method: "GET".into(),
        status: 200,
        error: String::new(),
        at: 0.25 * place as f64,
        duration: sending + waiting + receiving,
        blocked: if place == 0 { 3.5 } else { 0.0 },
        connecting: if place == 0 { 3.0 } else { 0.0 },
        tls_handshaking: 0.0,
        sending,
        waiting,
        receiving,
    }
}

fn answer(name: &str, status: u16, error: &str, error_code: u16, count: u64) -> RequestCount {
    RequestCount {
        name: name.into(),
        method: "GET".into(),
        status,
        proto: if status == 0 { "" } else { "HTTP/1.1" }.into(),
        tls_version: String::new(),
        error_code,
        error: error.into(),
        expected_response: (200..405).contains(&status),
        count,
    }
}

/// The same numbers on every machine.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        // An xorshift generator: its upper bits are even enough for a picture.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
