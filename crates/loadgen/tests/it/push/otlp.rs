//! `--out opentelemetry` against a collector that decodes what it gets, over both transports.

use std::{collections::BTreeMap, fs, io::Read};

use axum::body::{Body, Bytes};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use loadgen::{Report, metrics::Trend};
use prost::Message;

use super::{
    messages::otlp::{
        Data, ExportMetricsServiceRequest, ExportMetricsServiceResponse, HistogramDataPoint,
        KeyValue, Metric, Number, NumberDataPoint, PartialSuccess,
    },
    open,
    receiver::{Authority, Received, Receiver},
    run, same, try_open,
};

/// What gRPC puts before a message.
const FRAME: usize = 5;

fn http_answer(response: &ExportMetricsServiceResponse) -> Response<Body> {
    Response::new(Body::from(response.encode_to_vec()))
}

/// An empty message and an outcome.
fn grpc_answer(status: &str, message: &'static str) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", status.parse().unwrap());
    trailers.insert("grpc-message", HeaderValue::from_static(message));
    let body = Full::new(Bytes::from_static(&[0; FRAME]));
    let body = body.with_trailers(async { Some(Ok(trailers)) });
    Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
}

fn grpc(receiver: &Receiver) -> Vec<(&'static str, String)> {
    vec![
        ("K6_OTEL_GRPC_EXPORTER_ENDPOINT", receiver.address.to_string()),
        ("K6_OTEL_GRPC_EXPORTER_INSECURE", "true".into()),
        ("K6_OTEL_EXPORT_INTERVAL", "50ms".into()),
    ]
}

fn http(receiver: &Receiver) -> Vec<(&'static str, String)> {
    vec![
        ("K6_OTEL_EXPORTER_PROTOCOL", "http/protobuf".into()),
        ("K6_OTEL_HTTP_EXPORTER_ENDPOINT", receiver.address.to_string()),
        ("K6_OTEL_HTTP_EXPORTER_INSECURE", "true".into()),
        ("K6_OTEL_EXPORT_INTERVAL", "50ms".into()),
    ]
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<&str, &str> {
    let pairs = pairs.iter().map(|KeyValue { key, value }| {
        let value = value.as_ref().and_then(|value| value.string_value.as_deref());
        (&**key, value.unwrap())
    });
    pairs.collect()
}

/// The metrics of the last push, which has all of them.
struct Last(BTreeMap<String, Metric>);

impl Last {
    fn of(message: &[u8]) -> Self {
        let request = ExportMetricsServiceRequest::decode(message).unwrap();
        let [resource] = &*request.resource_metrics else { panic!("{request:?}") };
        let who = attributes(&resource.resource.as_ref().unwrap().attributes);
        assert_eq!(who["service.name"], "k6");
        let [scope] = &*resource.scope_metrics else { panic!("{resource:?}") };
        assert_eq!(scope.scope.as_ref().unwrap().name, "k6");
        let metrics = scope.metrics.iter().map(|metric| (metric.name.clone(), metric.clone()));
        Self(metrics.collect())
    }

    fn numbers(&self, name: &str) -> &[NumberDataPoint] {
        match self.0[name].data.as_ref().unwrap() {
            Data::Gauge(gauge) => &gauge.data_points,
            Data::Sum(sum) => {
                assert_eq!((sum.aggregation_temporality, sum.is_monotonic), (2, true), "{name}");
                &sum.data_points
            }
            Data::Histogram(_) => panic!("{name} is a histogram"),
        }
    }

    fn sum(&self, name: &str) -> f64 {
        let double = |point: &NumberDataPoint| match point.value {
            Some(Number::Double(value)) => value,
            other => panic!("{other:?}"),
        };
        self.numbers(name).iter().map(double).sum()
    }

    /// The part of a rate that has this condition.
    fn count(&self, name: &str, condition: &str) -> u64 {
        let points = self.numbers(name).iter();
        let points = points.filter(|point| attributes(&point.attributes)["condition"] == condition);
        let int = |point: &NumberDataPoint| match point.value {
            Some(Number::Int(value)) => u64::try_from(value).unwrap(),
            other => panic!("{other:?}"),
        };
        points.map(int).sum()
    }

    fn histograms(&self, name: &str) -> &[HistogramDataPoint] {
        match self.0[name].data.as_ref().unwrap() {
            Data::Histogram(histogram) => {
                assert_eq!(histogram.aggregation_temporality, 2);
                &histogram.data_points
            }
            other => panic!("{name} is {other:?}"),
        }
    }

    fn assert_agrees(&self, report: &Report) {
        assert_eq!(self.sum("http_reqs"), 600.0);
        assert_eq!(self.sum("http_reqs"), report.http_reqs().count);
        assert_eq!(self.sum("iterations"), report.iterations().count);
        assert_eq!(self.sum("orders"), report.counter("orders").unwrap().count);
        assert_eq!(self.sum("queue"), 7.0);
        assert_eq!(self.sum("data_sent"), report.data_sent().count);
        assert_eq!(self.sum("data_received"), report.data_received().count);
        for (name, rate) in
            [("won", report.rate("won").unwrap()), ("http_req_failed", report.http_req_failed())]
        {
            let name = format!("{name}.total");
            assert_eq!(self.count(&name, "nonzero"), rate.passes, "{name}");
            assert_eq!(self.count(&name, "zero"), rate.fails, "{name}");
        }
        for name in ["http_req_duration", "http_req_blocked", "iteration_duration", "size"] {
            self.assert_histogram_agrees(name, report.trend(name).unwrap());
        }
        for (name, unit) in [("http_req_duration", "ms"), ("data_sent", "By"), ("orders", "")] {
            assert_eq!(self.0[name].unit, unit, "{name}");
        }
    }

    fn assert_histogram_agrees(&self, name: &str, trend: &Trend) {
        let points = self.histograms(name);
        let count: u64 = points.iter().map(|point| point.count).sum();
        assert_eq!(count, trend.count(), "{name}");
        for point in points {
            assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count, "{name}");
            assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1, "{name}");
            assert!(point.start_time_unix_nano <= point.time_unix_nano);
        }
        let sum: f64 = points.iter().map(|point| point.sum.unwrap()).sum();
        assert!(same(sum, trend.avg() * count as f64), "{name}: {sum}");
        let min = points.iter().map(|point| point.min.unwrap()).fold(f64::INFINITY, f64::min);
        let max = points.iter().map(|point| point.max.unwrap()).fold(f64::NEG_INFINITY, f64::max);
        assert_eq!((min, max), (trend.min(), trend.max()), "{name}");
    }
}

#[tokio::test]
async fn over_http_sums_equal_those_of_the_summary() {
    let receiver = Receiver::start(|_| http_answer(&ExportMetricsServiceResponse::default()));
    let mut variables = http(&receiver);
    variables.push(("K6_OTEL_HEADERS", "x-a=1,x-b=two%20words".into()));
    let report = run(open("opentelemetry", &variables)).await;
    assert_eq!(report.warnings(), &[] as &[String]);

    let received = receiver.received();
    assert!(received.len() > 1, "it pushes while the run goes on");
    let Received { path, headers, body } = received.last().unwrap();
    assert_eq!(path, "/v1/metrics");
    for (name, value) in
        [("content-type", "application/x-protobuf"), ("x-a", "1"), ("x-b", "two words")]
    {
        assert_eq!(headers[name], value);
    }
    Last::of(body).assert_agrees(&report);
}

#[tokio::test]
async fn over_grpc_sums_equal_those_of_the_summary() {
    let receiver = Receiver::start(|_| grpc_answer("0", ""));
    let report = run(open("experimental-opentelemetry", &grpc(&receiver))).await;
    assert_eq!(report.warnings(), &[] as &[String]);

    let received = receiver.received();
    assert!(received.len() > 1, "it pushes while the run goes on");
    let Received { path, headers, body } = received.last().unwrap();
    assert_eq!(path, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
    assert_eq!(
        (&headers["content-type"], &headers["te"]),
        (&"application/grpc".parse().unwrap(), &"trailers".parse().unwrap())
    );
    let (frame, message) = body.split_at(FRAME);
    assert_eq!(frame[0], 0, "not compressed");
    assert_eq!(frame[1..], u32::try_from(message.len()).unwrap().to_be_bytes());
    Last::of(message).assert_agrees(&report);
}

#[tokio::test]
async fn messages_can_be_compressed() {
    let collector = Receiver::start(|_| http_answer(&ExportMetricsServiceResponse::default()));
    let caller = Receiver::start(|_| grpc_answer("0", ""));
    for (receiver, mut variables, frame, header) in [
        (&collector, http(&collector), 0, "content-encoding"),
        (&caller, grpc(&caller), FRAME, "grpc-encoding"),
    ] {
        variables.push(("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".into()));
        let report = run(open("opentelemetry", &variables)).await;
        assert_eq!(report.warnings(), &[] as &[String]);
        let last = receiver.received().pop().unwrap();
        assert_eq!(last.headers[header], "gzip");
        assert!(frame == 0 || last.body[0] == 1, "the frame says that it is compressed");
        let mut message = Vec::new();
        GzDecoder::new(&last.body[frame..]).read_to_end(&mut message).unwrap();
        Last::of(&message).assert_agrees(&report);
    }
}

#[tokio::test]
async fn a_collector_may_ask_for_certificates_of_its_own_authority() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let (certificate, key) = authority.issue("loadgen");
    let file = |name: &str, content: String| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let receiver = Receiver::start_tls(&authority, |_| grpc_answer("0", ""));
    let endpoint = format!("https://localhost:{}", receiver.address.port());
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", file("ca.pem", authority.pem())),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", file("own.pem", certificate)),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", file("key.pem", key)),
    ];
    let report = run(open("opentelemetry", &variables)).await;
    assert_eq!(report.warnings(), &[] as &[String]);
    Last::of(&receiver.received().last().unwrap().body[FRAME..]).assert_agrees(&report);

    // Without the authority nothing is sent, and without its certificate nothing is taken.
    for variables in [&variables[..1], &variables[..2]] {
        let before = receiver.received().len();
        let report = run(open("opentelemetry", variables)).await;
        assert!(report.warnings()[0].contains(" lost "), "{:?}", report.warnings());
        assert_eq!(receiver.received().len(), before);
    }
}

#[tokio::test]
async fn what_a_collector_refuses_is_counted() {
    let rejected = ExportMetricsServiceResponse {
        partial_success: Some(PartialSuccess {
            rejected_data_points: 3,
            error_message: "too old".into(),
        }),
    };
    let partly = Receiver::start(move |_| http_answer(&rejected));
    let not_at_all = Receiver::start(|_| grpc_answer("7", "no%20permission"));
    for (variables, reason) in [
        (http(&partly), "the collector rejected 3 data points: too old"),
        (grpc(&not_at_all), "gRPC status 7: no permission"),
    ] {
        let report = run(open("opentelemetry", &variables)).await;
        let [warning] = report.warnings() else { panic!("{:?}", report.warnings()) };
        assert!(warning.contains(" lost ") && warning.ends_with(reason), "{warning}");
    }
}

#[test]
fn the_header_of_a_run_shows_where_it_goes() {
    let name = |variables: &[(&str, &str)]| {
        let variables: Vec<_> = variables.iter().map(|&(n, v)| (n, v.to_owned())).collect();
        open("opentelemetry", &variables).name
    };
    let http = ("K6_OTEL_EXPORTER_PROTOCOL", "http/protobuf");
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:1/base/");
    let metrics = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://metrics:2/here");
    for (variables, want) in [
        (vec![], "opentelemetry (grpc, localhost:4317)"),
        (vec![http], "opentelemetry (http/protobuf, https://localhost:4318/v1/metrics)"),
        (vec![all], "opentelemetry (grpc (insecure), all:1)"),
        (vec![all, http], "opentelemetry (http/protobuf, http://all:1/base/v1/metrics)"),
        (vec![all, metrics, http], "opentelemetry (http/protobuf, https://metrics:2/here)"),
        (
            vec![all, metrics, ("K6_OTEL_GRPC_EXPORTER_ENDPOINT", "k6:3")],
            "opentelemetry (grpc, k6:3)",
        ),
    ] {
        assert_eq!(name(&variables), want);
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let error = |name: &'static str, value: &str| {
        try_open("opentelemetry", &[(name, value.into())]).err().unwrap().to_string()
    };
    let errors = [
        error("K6_OTEL_EXPORTER_PROTOCOL", "http/json"),
        error("K6_OTEL_GRPC_EXPORTER_ENDPOINT", "http://host:4317"),
        error("K6_OTEL_HEADERS", "novalue"),
        error("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        error("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
    ];
    insta::assert_snapshot!(errors.join("\n"), @"
    could not create the 'opentelemetry' output: variable K6_OTEL_EXPORTER_PROTOCOL has an invalid value 'http/json': allowed are grpc and http/protobuf
    could not create the 'opentelemetry' output: variable K6_OTEL_GRPC_EXPORTER_ENDPOINT has an invalid value 'http://host:4317': it must be a host and a port, with no scheme and no path
    could not create the 'opentelemetry' output: variable K6_OTEL_HEADERS has an invalid value 'novalue': 'novalue' is not written as name=value
    could not create the 'opentelemetry' output: variable OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE has an invalid value 'delta': only cumulative is supported
    could not create the 'opentelemetry' output: variable OTEL_EXPORTER_OTLP_TIMEOUT has an invalid value '10s': it must be a whole number of milliseconds
    ");
}
