//! Outputs: what they write and send, compared with what the report says.

mod formats;
mod influxdb;
mod losses;
mod sums;

use std::{collections::BTreeMap, time::Duration};

use loadgen::{
    Counter, Gauge, LoadTest, Rate, Report, ScenarioOptions, TimeTrend, Trend, Vu,
    metrics::MetricKind,
};

/// A sample as an output wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) metric: String,
    pub(crate) value: f64,
    pub(crate) tags: BTreeMap<String, String>,
}

/// What samples of one metric come to.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Totals {
    samples: u64,
    sum: f64,
    nonzero: u64,
    min: f64,
    max: f64,
}

fn totals(points: &[Point]) -> BTreeMap<&str, Totals> {
    let mut totals: BTreeMap<&str, Totals> = BTreeMap::new();
    for Point { metric, value, .. } in points {
        let empty = Totals { min: f64::INFINITY, max: f64::NEG_INFINITY, ..Totals::default() };
        let totals = totals.entry(metric).or_insert(empty);
        totals.samples += 1;
        totals.sum += value;
        totals.nonzero += u64::from(*value != 0.0);
        totals.min = totals.min.min(*value);
        totals.max = totals.max.max(*value);
    }
    totals
}

/// Asserts that the points are just the samples that the report was made of.
pub(crate) fn assert_equal(points: &[Point], report: &Report) {
    let totals = totals(points);
    let summary = report.summary();
    let mut metrics = 0;
    for (name, metric) in &summary.metrics {
        if name.contains('{') {
            continue;
        }
        metrics += 1;
        let found = totals.get(&**name).copied().unwrap_or_default();
        let near = |found: f64, want: f64| {
            // Trends go by millionths.
            let limit = 1e-6 + want.abs() * 1e-9;
            assert!((found - want).abs() <= limit, "{name}: {found} is not {want}");
        };
        match metric.kind {
            MetricKind::Counter => near(found.sum, metric.values["count"]),
            MetricKind::Gauge => {
                near(found.min, metric.values["min"]);
                near(found.max, metric.values["max"]);
            }
            MetricKind::Rate => {
                assert_eq!(found.nonzero as f64, metric.values["passes"], "{name}");
                let fails = found.samples - found.nonzero;
                assert_eq!(fails as f64, metric.values["fails"], "{name}");
            }
            MetricKind::Trend => {
                let trend = report.trend(name).unwrap();
                assert_eq!(found.samples, trend.count(), "{name}");
                near(found.min, trend.min());
                near(found.max, trend.max());
                near(found.sum / found.samples as f64, trend.avg());
            }
        }
    }
    assert_eq!(totals.len(), metrics, "{:?}", totals.keys());
}

/// Metrics of a test's own.
#[derive(Clone, Copy)]
struct Own {
    counter: Counter,
    gauge: Gauge,
    rate: Rate,
    time: TimeTrend,
    plain: Trend,
}

impl Own {
    fn declare(test: &mut LoadTest) -> Self {
        Self {
            counter: test.counter("my_counter").unwrap(),
            gauge: test.gauge("my_gauge").unwrap(),
            rate: test.rate("my_rate").unwrap(),
            time: test.time_trend("my_time").unwrap(),
            plain: test.trend("my_plain").unwrap(),
        }
    }
}

/// A test in which everything happens that makes a sample: requests that are answered and that are
/// not, checks that hold and that do not, groups, setup and teardown, own metrics, thresholds on
/// submetrics, iterations that are dropped and that are cut off.
pub(crate) async fn run_everything(workers: usize, outputs: &[String]) -> Report {
    let mut test = LoadTest::new();
    let own = Own::declare(&mut test);
    let second = Duration::from_secs(1);
    let test = test
        .iteration(async move |vu: &mut Vu| {
            vu.get("/").await;
            vu.batch(["/about/", "/nowhere", "/"]).await;
            vu.get("http://127.0.0.1:1/").await;
            let turn = vu.iteration();
            vu.check("even", turn.is_multiple_of(2));
            vu.group("inner", async |vu| {
                own.counter.add(vu, 1.5);
                own.gauge.set(vu, turn as f64);
                own.rate.add(vu, turn.is_multiple_of(3));
                own.time.add(vu, Duration::from_micros(1_234 + turn));
                own.plain.add(vu, f64::NAN);
                own.plain.add(vu, turn as f64 / 3.0);
                vu.check("inside", true);
            })
            .await;
            vu.sleep(Duration::from_millis(5)).await;
        })
        .function("slow", async |vu: &mut Vu| {
            vu.get("/about/").await;
            vu.sleep(Duration::from_secs(60)).await;
        })
        .setup(async |vu: &mut Vu| {
            vu.get("/").await;
            vu.check("set up", true);
            vu.sleep(Duration::from_millis(1_200)).await;
            Ok::<_, String>(())
        })
        .teardown(async |vu: &mut Vu| drop(vu.get("/").await))
        .scenario("looping", ScenarioOptions::constant_vus(3, second * 2))
        .scenario(
            "budget",
            ScenarioOptions {
                max_duration: Some(jiff::SignedDuration::from_secs(1)),
                ..ScenarioOptions::shared_iterations(2, 100_000)
            },
        )
        .scenario("arriving", ScenarioOptions::constant_arrival_rate(200, second, 2))
        .scenario(
            "cut",
            ScenarioOptions::constant_vus(2, second).exec("slow").graceful_stop(Duration::ZERO),
        )
        .threshold("http_req_duration{scenario:looping}", "max>=0")
        .threshold("checks{check:even}", "rate>0")
        .threshold("http_reqs{group:::setup}", "count==1")
        .options(|options| {
            options.workers = Some(workers);
            options.out = Some(outputs.to_vec());
        });
    let site = servy::router(servy::Config::default()).await.unwrap();
    test.run(site).await.unwrap()
}

/// The points in k6's JSON lines; panics if anything else is in them.
pub(crate) fn json_points(text: &str) -> Vec<Point> {
    let point = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        match line["type"].as_str().unwrap() {
            "Metric" => None,
            "Point" => Some(Point {
                metric: line["metric"].as_str().unwrap().into(),
                value: line["data"]["value"].as_f64().unwrap(),
                tags: serde_json::from_value(line["data"]["tags"].clone()).unwrap(),
            }),
            other => panic!("{other}"),
        }
    };
    text.lines().filter_map(point).collect()
}
