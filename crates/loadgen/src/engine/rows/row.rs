//! From what was gathered in an interval to its row.

use crate::{
    metrics::{
        Delta, Keyed, MetricId, Sink, SinkKey, Trend,
        builtin::{
            DATA_RECEIVED, DATA_SENT, HTTP_REQ_DURATION, HTTP_REQ_FAILED, HTTP_REQS, ITERATIONS,
            SCHEDULE_LAG,
        },
    },
    summary::model::{Row, RowCpu, RowDuration, RowLag},
};

/// What a row is made of.
const METRICS: [MetricId; 7] = [
    ITERATIONS,
    HTTP_REQS,
    HTTP_REQ_FAILED,
    DATA_SENT,
    DATA_RECEIVED,
    HTTP_REQ_DURATION,
    SCHEDULE_LAG,
];

/// What was gathered in an interval, as far as its row shows it.
#[derive(Default)]
pub(super) struct Sums(Keyed<SinkKey, Sink>);

impl Sums {
    /// Adds what rows show of `delta`.
    pub(super) fn add(&mut self, delta: &Delta) {
        let shown = |key: &SinkKey| matches!(key, SinkKey::Metric(id) if METRICS.contains(id));
        self.0.merge(delta.sinks().filter(|(key, _)| shown(key)));
    }

    /// The row of the interval, which ended `at`.
    pub(super) fn row(&self, at: f64, seconds: f64, vus: u64, cpu: Option<RowCpu>) -> Row {
        let duration = self.trend(HTTP_REQ_DURATION);
        Row {
            at,
            seconds,
            vus,
            iterations: self.sum(ITERATIONS),
            http_reqs: self.sum(HTTP_REQS),
            http_req_failed: self.trues(HTTP_REQ_FAILED),
            data_sent: self.sum(DATA_SENT),
            data_received: self.sum(DATA_RECEIVED),
            duration: duration.map(|trend| RowDuration {
                avg: trend.avg(),
                p50: trend.percentile(50.0),
                p90: trend.percentile(90.0),
                p95: trend.percentile(95.0),
                p99: trend.percentile(99.0),
                max: trend.max(),
            }),
            latency: duration.into_iter().flat_map(Trend::counts).collect(),
            schedule_lag: self.trend(SCHEDULE_LAG).map(|trend| RowLag {
                p50: trend.percentile(50.0),
                p99: trend.percentile(99.0),
                max: trend.max(),
            }),
            cpu,
        }
    }

    fn sink(&self, metric: MetricId) -> Option<&Sink> {
        self.0.get(&SinkKey::Metric(metric))
    }

    fn sum(&self, metric: MetricId) -> u64 {
        match self.sink(metric) {
            Some(Sink::Counter { sum, .. }) => *sum as u64,
            _ => 0,
        }
    }

    fn trues(&self, metric: MetricId) -> u64 {
        match self.sink(metric) {
            Some(Sink::Rate { trues, .. }) => *trues,
            _ => 0,
        }
    }

    fn trend(&self, metric: MetricId) -> Option<&Trend> {
        match self.sink(metric) {
            Some(Sink::Trend(trend)) => Some(trend),
            _ => None,
        }
    }
}
