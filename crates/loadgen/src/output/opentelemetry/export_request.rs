//! The message of OTLP: totals in, an `ExportMetricsServiceRequest` out.
//!
//! ```text
//! ExportMetricsServiceRequest { 1: ResourceMetrics… }
//! ResourceMetrics      { 1: Resource { 1: KeyValue attributes… }, 2: ScopeMetrics… }
//! ScopeMetrics         { 1: InstrumentationScope { 1: string name }, 2: Metric… }
//! Metric               { 1: string name, 3: string unit,
//!                        oneof { 5: Gauge, 7: Sum, 9: Histogram } }
//! Gauge, Sum           { 1: NumberDataPoint…, 2: temporality, 3: bool is_monotonic }
//! Histogram            { 1: HistogramDataPoint…, 2: temporality }
//! NumberDataPoint      { 2: fixed64 start, 3: fixed64 time, oneof { 4: double, 6: sfixed64 },
//!                        7: KeyValue attributes… }
//! HistogramDataPoint   { 2: fixed64 start, 3: fixed64 time, 4: fixed64 count, 5: double sum,
//!                        6: fixed64 bucket_counts…, 7: double explicit_bounds…,
//!                        9: KeyValue attributes…, 11: double min, 12: double max }
//! KeyValue             { 1: string key, 2: AnyValue { 1: string } }
//! ```

use std::time::SystemTime;

use bytes::Bytes;
use indexmap::IndexMap;

use super::{
    super::{
        aggregate::{Series, Total},
        protobuf::Message,
        push::{Placed, Protocol},
    },
    explicit_histogram::{BOUNDS, ExplicitHistogram},
};
use crate::metrics::{Contains, MetricDef, MetricKind, TagSet};

/// What k6 calls itself there; dashboards ask for it.
const SCOPE: &str = "k6";

/// Each total is since the start of its series.
const CUMULATIVE: u64 = 2;

/// Writes totals down.
pub(super) struct ExportRequests {
    resource: TagSet,
    prefix: String,
}

impl ExportRequests {
    /// Who sends has these attributes, and its metrics are called what they are called behind
    /// `prefix`.
    pub(super) fn new(resource: TagSet, prefix: String) -> Self {
        Self { resource, prefix }
    }
}

impl Protocol for ExportRequests {
    type Trend = ExplicitHistogram;

    // A collector takes series that it does not hear of any more for dead.
    const REPEATS: bool = true;

    fn encode(&mut self, series: &[Placed<'_, ExplicitHistogram>]) -> Bytes {
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let now = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
        let mut metrics = IndexMap::<&str, Vec<&Series<_>>>::new();
        for (_, series) in series {
            metrics.entry(&series.metric.name).or_default().push(series);
        }
        let message = Message::encode(|request| {
            request.message(1, |resource_metrics| {
                resource_metrics.message(1, |resource| attributes(resource, 1, &self.resource));
                resource_metrics.message(2, |scope_metrics| {
                    scope_metrics.message(1, |scope| scope.string(1, SCOPE));
                    for series in metrics.values() {
                        scope_metrics.message(2, |metric| self.metric(metric, series, now));
                    }
                });
            });
        });
        message.into()
    }

    fn farewell(&mut self, _: &[Placed<'_, ExplicitHistogram>]) -> Option<Bytes> {
        None
    }
}

impl ExportRequests {
    /// The series of one metric.
    fn metric(&self, message: &mut Message, series: &[&Series<ExplicitHistogram>], now: u64) {
        let MetricDef { name, kind, contains } = &series[0].metric;
        let suffix = if *kind == MetricKind::Rate { ".total" } else { "" };
        message.string(1, &format!("{}{name}{suffix}", self.prefix));
        message.string(
            3,
            match contains {
                Contains::Time => "ms",
                Contains::Data => "By",
                Contains::Default => "",
            },
        );
        let data = match kind {
            MetricKind::Gauge => 5,
            MetricKind::Counter | MetricKind::Rate => 7,
            MetricKind::Trend => 9,
        };
        message.message(data, |data| {
            series.iter().for_each(|series| points(data, series, now));
            if *kind != MetricKind::Gauge {
                data.uint(2, CUMULATIVE);
            }
            data.uint(3, u64::from(matches!(kind, MetricKind::Counter | MetricKind::Rate)));
        });
    }
}

/// The points of a series: one, but two for a rate whose samples were not all the same.
fn points(data: &mut Message, series: &Series<ExplicitHistogram>, now: u64) {
    let tags = &series.tags;
    let mut point = |attributes_field, tags: &TagSet, write: &dyn Fn(&mut Message)| {
        data.message(1, |point| {
            point.fixed64(2, series.since);
            point.fixed64(3, now.max(series.latest));
            write(point);
            attributes(point, attributes_field, tags);
        });
    };
    match &series.total {
        Total::Counter(value) | Total::Gauge(value) => {
            point(7, tags, &|point| point.double_even_if_zero(4, *value));
        }
        Total::Rate { trues, total } => {
            for (condition, count) in [("zero", total - trues), ("nonzero", *trues)] {
                if count > 0 {
                    let tags = tags.with([("condition", condition)]);
                    point(7, &tags, &|point| point.fixed64_even_if_zero(6, count));
                }
            }
        }
        Total::Trend(histogram) => point(9, tags, &|point| {
            point.fixed64(4, histogram.count());
            point.double_even_if_zero(5, histogram.sum);
            point.fixed64s(6, histogram.buckets);
            point.doubles(7, BOUNDS);
            point.double_even_if_zero(11, histogram.min);
            point.double_even_if_zero(12, histogram.max);
        }),
    }
}

fn attributes(message: &mut Message, field: u32, tags: &TagSet) {
    for (name, value) in tags.iter() {
        message.message(field, |pair| {
            pair.string(1, name);
            pair.message(2, |any| any.string_even_if_empty(1, value));
        });
    }
}
