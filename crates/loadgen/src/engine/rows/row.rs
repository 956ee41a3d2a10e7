//! From what was gathered in an interval to its row.

use crate::{
    metrics::{
        MetricId, Sink, Tally, Trend,
        builtin::{
            DATA_RECEIVED, DATA_SENT, HTTP_REQ_DURATION, HTTP_REQ_FAILED, HTTP_REQS, ITERATIONS,
            SCHEDULE_LAG,
        },
    },
    summary::model::{Row, RowCpu, RowDuration, RowLag},
};

/// The row of an interval that ended `at`.
pub(super) fn row(tally: &Tally, at: f64, seconds: f64, vus: u64, cpu: Option<RowCpu>) -> Row {
    let sum = |metric: MetricId| match tally.metric(metric) {
        Some(Sink::Counter { sum, .. }) => *sum as u64,
        _ => 0,
    };
    let failed = match tally.metric(HTTP_REQ_FAILED) {
        Some(Sink::Rate { trues, .. }) => *trues,
        _ => 0,
    };
    let duration = trend(tally, HTTP_REQ_DURATION);
    Row {
        at,
        seconds,
        vus,
        iterations: sum(ITERATIONS),
        http_reqs: sum(HTTP_REQS),
        http_req_failed: failed,
        data_sent: sum(DATA_SENT),
        data_received: sum(DATA_RECEIVED),
        duration: duration.map(|trend| RowDuration {
            avg: trend.avg(),
            p50: trend.percentile(50.0),
            p90: trend.percentile(90.0),
            p95: trend.percentile(95.0),
            p99: trend.percentile(99.0),
            max: trend.max(),
        }),
        latency: duration.into_iter().flat_map(Trend::counts).collect(),
        schedule_lag: trend(tally, SCHEDULE_LAG).map(|trend| RowLag {
            p50: trend.percentile(50.0),
            p99: trend.percentile(99.0),
            max: trend.max(),
        }),
        cpu,
    }
}

fn trend(tally: &Tally, metric: MetricId) -> Option<&Trend> {
    match tally.metric(metric) {
        Some(Sink::Trend(trend)) => Some(trend),
        _ => None,
    }
}
