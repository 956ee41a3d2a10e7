//! `--out prometheus-rw` against a receiver that decodes what it gets.

use std::{collections::BTreeMap, net::TcpListener};

use axum::body::Body;
use http::Response;
use loadgen::Report;
use prost::Message;
use tokio::time::Instant;

use super::{
    super::cli::loadgen,
    messages::remote_write::{Histogram, TimeSeries, WriteRequest},
    open,
    receiver::{Received, Receiver, status},
    run, same, try_open,
};

/// Labels of a series, in the order in which they came.
type Labels = Vec<(String, String)>;

fn variables(receiver: &Receiver, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let url = format!("http://{}/api/v1/write", receiver.address);
    let mut variables = vec![
        ("K6_PROMETHEUS_RW_SERVER_URL", url),
        ("K6_PROMETHEUS_RW_PUSH_INTERVAL", "50ms".into()),
    ];
    variables.extend(more.iter().map(|&(name, value)| (name, value.to_owned())));
    variables
}

fn decode(received: &Received) -> Vec<TimeSeries> {
    let plain = snap::raw::Decoder::new().decompress_vec(&received.body).unwrap();
    WriteRequest::decode(&*plain).unwrap().timeseries
}

/// All series of a run, with what was said of each in turn.
fn series(receiver: &Receiver) -> BTreeMap<Labels, Vec<TimeSeries>> {
    let mut all = BTreeMap::<Labels, Vec<TimeSeries>>::new();
    for series in receiver.received().iter().flat_map(decode) {
        let labels = series.labels.iter().map(|label| (label.name.clone(), label.value.clone()));
        all.entry(labels.collect()).or_default().push(series);
    }
    all
}

fn name(labels: &Labels) -> &str {
    &labels.iter().find(|(name, _)| name == "__name__").unwrap().1
}

/// The last values of the series of a name, added up.
fn sum(all: &BTreeMap<Labels, Vec<TimeSeries>>, wanted: &str) -> f64 {
    let of_name = all.iter().filter(|(labels, _)| name(labels) == wanted);
    of_name.map(|(_, said)| said.last().unwrap().samples[0].value).sum()
}

fn assert_counters_agree(all: &BTreeMap<Labels, Vec<TimeSeries>>, report: &Report) {
    assert_eq!(report.http_reqs().count, 600.0);
    for (name, want) in [
        ("k6_http_reqs_total", report.http_reqs().count),
        ("k6_iterations_total", report.iterations().count),
        ("k6_orders_total", report.counter("orders").unwrap().count),
        ("k6_data_sent_total", report.data_sent().count),
        ("k6_data_received_total", report.data_received().count),
        ("k6_queue", report.gauge("queue").unwrap().value),
        ("k6_won_rate", report.rate("won").unwrap().rate),
    ] {
        assert_eq!(sum(all, name), want, "{name}");
    }
}

#[tokio::test]
async fn sums_equal_those_of_the_summary() {
    let receiver = Receiver::start(|_| status(204));
    let stats = [("K6_PROMETHEUS_RW_TREND_STATS", "count,sum,min,max,avg,med,p(99.9)")];
    let report = run(open("prometheus-rw", &variables(&receiver, &stats))).await;
    assert_eq!(report.warnings(), &[] as &[String]);

    let all = series(&receiver);
    assert_counters_agree(&all, &report);
    for metric in ["http_req_duration", "http_req_waiting", "iteration_duration", "size"] {
        let trend = report.trend(metric).unwrap();
        // Times are in seconds, and as in k6 so is their number.
        let unit = if metric == "size" { 1.0 } else { 1000.0 };
        let count = sum(&all, &format!("k6_{metric}_count")) * unit;
        assert!(same(count, trend.count() as f64), "{metric}: {count}");
        let total = sum(&all, &format!("k6_{metric}_sum")) * unit;
        assert!(same(total, trend.avg() * trend.count() as f64), "{metric}: {total}");
    }
    let iterations = report.trend("iteration_duration").unwrap();
    for (stat, want) in
        [("min", iterations.min()), ("max", iterations.max()), ("avg", iterations.avg())]
    {
        let got = sum(&all, &format!("k6_iteration_duration_{stat}")) * 1000.0;
        assert!(same(got, want), "{stat}: {got} for {want}");
    }
    for (stat, want) in
        [("med", iterations.percentile(50.0)), ("p999", iterations.percentile(99.9))]
    {
        let got = sum(&all, &format!("k6_iteration_duration_{stat}")) * 1000.0;
        assert!((got - want).abs() <= want * 0.005, "{stat}: {got} for {want}");
    }
}

#[tokio::test]
async fn requests_and_series_are_what_the_protocol_asks_for() {
    let receiver = Receiver::start(|_| status(200));
    let own = [
        ("K6_PROMETHEUS_RW_HTTP_HEADERS", "X-Scope-OrgID:team,X-Other: 1"),
        ("K6_PROMETHEUS_RW_USERNAME", "reader"),
        ("K6_PROMETHEUS_RW_PASSWORD", "secret"),
    ];
    let report = run(open("experimental-prometheus-rw", &variables(&receiver, &own))).await;
    assert_eq!(report.warnings(), &[] as &[String]);

    let received = receiver.received();
    assert!(received.len() > 1, "it pushes while the run goes on");
    for Received { path, headers, .. } in &received {
        assert_eq!(path, "/api/v1/write");
        for (name, value) in [
            ("content-encoding", "snappy"),
            ("content-type", "application/x-protobuf"),
            ("x-prometheus-remote-write-version", "0.1.0"),
            ("x-scope-orgid", "team"),
            ("x-other", "1"),
            // reader:secret
            ("authorization", "Basic cmVhZGVyOnNlY3JldA=="),
        ] {
            assert_eq!(headers[name], value);
        }
        assert!(headers["user-agent"].to_str().unwrap().starts_with("loadgen/"));
    }
    for (labels, said) in series(&receiver) {
        assert!(labels.is_sorted(), "{labels:?}");
        assert!(labels.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()));
        let times: Vec<_> = said.iter().map(|series| series.samples[0].timestamp).collect();
        assert!(times.is_sorted_by(|earlier, later| earlier < later), "{labels:?}: {times:?}");
    }
    let all = series(&receiver);
    let is_fine =
        |labels: &Labels| labels.iter().any(|(name, value)| name == "status" && value == "200");
    let of_requests = |labels: &&Labels| name(labels) == "k6_http_reqs_total" && is_fine(labels);
    let labels = all.keys().find(of_requests).unwrap();
    let tags: Vec<_> = labels.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        tags,
        ["__name__", "expected_response", "method", "name", "proto", "scenario", "status", "url"]
    );
    assert!(all.keys().any(|labels| name(labels) == "k6_http_req_duration_p99"));
}

#[test]
fn a_header_can_be_named_by_its_variable() {
    let receiver = Receiver::start(|_| status(200));
    let output = loadgen()
        .args(["--vus", "1", "--iterations", "1", "--out", "prometheus-rw"])
        .env("K6_PROMETHEUS_RW_SERVER_URL", format!("http://{}/", receiver.address))
        .env("K6_PROMETHEUS_RW_HEADERS_X-Scope-OrgID", "team")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(receiver.received()[0].headers["x-scope-orgid"], "team");
}

/// Number of values in a histogram's buckets.
fn in_buckets(histogram: &Histogram) -> i64 {
    let side = |deltas: &[i64]| {
        let mut count = 0;
        let counts = deltas.iter().map(|delta| {
            count += delta;
            count
        });
        counts.sum::<i64>()
    };
    side(&histogram.positive_deltas) + side(&histogram.negative_deltas)
}

#[tokio::test]
async fn native_histograms_hold_every_value() {
    let receiver = Receiver::start(|_| status(200));
    let native = [("K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM", "true")];
    let report = run(open("prometheus-rw", &variables(&receiver, &native))).await;

    let all = series(&receiver);
    assert_counters_agree(&all, &report);
    for (metric, series, unit) in [
        ("http_req_duration", "k6_http_req_duration_seconds", 1000.0),
        ("http_req_tls_handshaking", "k6_http_req_tls_handshaking_seconds", 1000.0),
        ("size", "k6_size", 1.0),
    ] {
        let trend = report.trend(metric).unwrap();
        let last = all.iter().filter(|(labels, _)| name(labels) == series);
        let last: Vec<_> = last.map(|(_, said)| &said.last().unwrap().histograms[0]).collect();
        assert!(last.iter().all(|histogram| histogram.schema == 3));
        assert!(last.iter().all(|histogram| histogram.zero_threshold == f64::powi(2.0, -128)));
        let count: u64 = last.iter().map(|histogram| histogram.count_int.unwrap()).sum();
        assert_eq!(count, trend.count(), "{series}");
        for histogram in &last {
            let zeros = histogram.zero_count_int.unwrap();
            assert_eq!(in_buckets(histogram) as u64 + zeros, histogram.count_int.unwrap());
        }
        let sum = last.iter().map(|histogram| histogram.sum).sum::<f64>() * unit;
        assert!(same(sum, trend.avg() * trend.count() as f64), "{series}: {sum}");
    }
}

#[tokio::test]
async fn stale_markers_end_every_series() {
    let receiver = Receiver::start(|_| status(200));
    let stale = [("K6_PROMETHEUS_RW_STALE_MARKERS", "true")];
    let report = run(open("prometheus-rw", &variables(&receiver, &stale))).await;
    assert_eq!(report.warnings(), &[] as &[String]);
    let all = series(&receiver);
    assert!(all.len() > 20);
    for (labels, said) in all {
        let (last, before) = said.split_last().unwrap();
        assert_eq!(last.samples[0].value.to_bits(), 0x7ff0_0000_0000_0002, "{labels:?}");
        let latest = before.last().unwrap().samples[0].timestamp;
        assert!(last.samples[0].timestamp > latest);
        assert!(before.iter().all(|series| !series.samples[0].value.is_nan()));
    }
}

#[tokio::test]
async fn pushes_that_fail_are_made_good_by_later_ones() {
    let receiver = Receiver::start(|nth| status(if nth < 2 { 503 } else { 200 }));
    let report = run(open("prometheus-rw", &variables(&receiver, &[]))).await;
    let [warning] = report.warnings() else { panic!("{:?}", report.warnings()) };
    assert!(warning.contains("2 pushes failed, and later ones brought all totals"), "{warning}");
    assert!(warning.ends_with("the server answered with status 503"), "{warning}");

    let received = receiver.received();
    let series = received[2..].iter().flat_map(decode);
    assert!(series.flat_map(|series| series.samples).count() > 20);
}

#[tokio::test]
async fn what_a_server_refuses_is_counted() {
    let refuse = |_| Response::builder().status(400).body(Body::from("out of order\n")).unwrap();
    let receiver = Receiver::start(refuse);
    let report = run(open("prometheus-rw", &variables(&receiver, &[]))).await;
    let [warning] = report.warnings() else { panic!("{:?}", report.warnings()) };
    let url = format!("http://{}/api/v1/write", receiver.address);
    let begin = format!("output Prometheus remote write ({url}) lost ");
    let rest = warning.strip_prefix(&begin).unwrap_or_else(|| panic!("{warning}"));
    let (lost, reason) = rest.split_once(" samples: ").unwrap();
    // Nine of each request, eight of each iteration, and `vus` and `vus_max` once a second.
    let known = 600 * 9 + 200 * 8;
    let lost: u32 = lost.parse().unwrap();
    assert!((known..known + 100).contains(&lost), "{lost}");
    assert_eq!(reason, "the server answered with status 400: out of order");
}

#[tokio::test]
async fn a_server_that_is_not_there_stops_nobody() {
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), gone] {
        let variables = [
            ("K6_PROMETHEUS_RW_SERVER_URL", format!("http://{address}/")),
            ("K6_PROMETHEUS_RW_PUSH_INTERVAL", "100ms".into()),
        ];
        let started = Instant::now();
        let report = run(open("prometheus-rw", &variables)).await;
        // It gives up after three seconds; the rest is for a machine with other things to do.
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        assert_eq!(report.iterations().count, 200.0);
        let [warning] = report.warnings() else { panic!("{:?}", report.warnings()) };
        assert!(warning.contains(" lost ") && warning.contains(" samples: "), "{warning}");
        if address == gone {
            assert!(warning.to_lowercase().contains("connection refused"), "{warning}");
        }
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let error = |name: &'static str, value: &str| {
        try_open("prometheus-rw", &[(name, value.into())]).err().unwrap().to_string()
    };
    let errors = [
        error("K6_PROMETHEUS_RW_PUSH_INTERVAL", "0s"),
        error("K6_PROMETHEUS_RW_TREND_STATS", "p(99),mean"),
        error("K6_PROMETHEUS_RW_HTTP_HEADERS", "a:b:c"),
        error("K6_PROMETHEUS_RW_SERVER_URL", "ftp://host/"),
        error("K6_PROMETHEUS_RW_TLS_MINIMUM_VERSION", "1.1"),
        error("K6_PROMETHEUS_RW_SIGV4_REGION", "eu-west-1"),
    ];
    insta::assert_snapshot!(errors.join("\n"), @"
    could not create the 'prometheus-rw' output: variable K6_PROMETHEUS_RW_PUSH_INTERVAL has an invalid value '0s': it must be above zero
    could not create the 'prometheus-rw' output: variable K6_PROMETHEUS_RW_TREND_STATS has an invalid value 'p(99),mean': invalid trend stat 'mean', unknown format; allowed are avg, min, med, max, count, sum and p(N)
    could not create the 'prometheus-rw' output: variable K6_PROMETHEUS_RW_HTTP_HEADERS has an invalid value 'a:b:c': 'a:b:c' is not written as name:value
    could not create the 'prometheus-rw' output: variable K6_PROMETHEUS_RW_SERVER_URL has an invalid value 'ftp://host/': its scheme must be http or https
    could not create the 'prometheus-rw' output: variable K6_PROMETHEUS_RW_TLS_MINIMUM_VERSION has an invalid value '1.1': allowed are 1.2 and 1.3
    could not create the 'prometheus-rw' output: K6_PROMETHEUS_RW_SIGV4_REGION, _ACCESS_KEY and _SECRET_KEY: all three are needed, or none
    ");
}
