//! Metrics with all their statistics, a table for each kind.

use super::{format, sort_key, sorted, statistic_of};
use crate::{
    metrics::MetricKind,
    options::TimeUnit,
    summary::{
        html::statistics::Statistics,
        model::{Metric, Summary},
    },
};

/// The metrics of one kind.
pub(in crate::summary) struct MetricTable<'a> {
    pub(in crate::summary) title: &'static str,
    /// An HTML identifier.
    pub(in crate::summary) id: &'static str,
    pub(in crate::summary) columns: Vec<&'a str>,
    pub(in crate::summary) rows: Vec<MetricRow<'a>>,
}

pub(in crate::summary) struct MetricRow<'a> {
    /// The whole name.
    pub(in crate::summary) name: &'a str,
    /// What is shown: for a submetric its tags, which stand below the parent's name.
    pub(in crate::summary) label: &'a str,
    pub(in crate::summary) submetric: bool,
    /// Whether its thresholds held, if it has any.
    pub(in crate::summary) ok: Option<bool>,
    pub(in crate::summary) cells: Vec<Cell>,
}

pub(in crate::summary) struct Cell {
    pub(in crate::summary) text: String,
    /// What to sort by; empty if there is nothing.
    pub(in crate::summary) sort: String,
    /// Whether a threshold on just this statistic held.
    pub(in crate::summary) ok: Option<bool>,
}

pub(in crate::summary) fn metrics<'a>(
    summary: &'a Summary,
    statistics: &Statistics<'_>,
) -> Vec<MetricTable<'a>> {
    let trend_stats = summary.options.summary_trend_stats.iter().map(String::as_str).collect();
    [
        (MetricKind::Trend, "Trends", "trends", trend_stats),
        (MetricKind::Counter, "Counters", "counters", vec!["count", "rate"]),
        (MetricKind::Rate, "Rates", "rates", vec!["rate", "passes", "fails"]),
        (MetricKind::Gauge, "Gauges", "gauges", vec!["value", "min", "max"]),
    ]
    .into_iter()
    .filter_map(|(kind, title, id, columns)| {
        let metrics: Vec<_> = sorted(&summary.metrics).filter(|(_, m)| m.kind == kind).collect();
        let columns = all_columns(columns, &metrics, statistics);
        let time_unit = summary.options.time_unit();
        let row = |(name, metric)| row(name, metric, &columns, time_unit, statistics);
        let rows: Vec<_> = metrics.into_iter().map(row).collect();
        (!rows.is_empty()).then_some(MetricTable { title, id, columns, rows })
    })
    .collect()
}

/// Those that are wanted, all that are stored, those that thresholds are on, and of trends the 99th
/// percentile, as far as they are known.
fn all_columns<'a>(
    mut columns: Vec<&'a str>,
    rows: &[(&'a str, &'a Metric)],
    statistics: &Statistics<'_>,
) -> Vec<&'a str> {
    let stored = rows.iter().flat_map(|(_, metric)| metric.values.keys()).map(String::as_str);
    let judged = rows.iter().flat_map(|(_, metric)| metric.thresholds.iter().flatten());
    let judged = judged.map(|(expression, _)| statistic_of(expression));
    let is_trend = rows.iter().any(|(_, metric)| metric.kind == MetricKind::Trend);
    for column in stored.chain(judged).chain(is_trend.then_some("p(99)")) {
        let is_known = || rows.iter().any(|(name, _)| statistics.get(name, column).is_some());
        if !columns.contains(&column) && is_known() {
            columns.push(column);
        }
    }
    columns
}

fn row<'a>(
    name: &'a str,
    metric: &'a Metric,
    columns: &[&str],
    time_unit: Option<TimeUnit>,
    statistics: &Statistics<'_>,
) -> MetricRow<'a> {
    let verdicts = || metric.thresholds.iter().flatten();
    let all_ok = |ok: Option<bool>, next: bool| Some(ok.unwrap_or(true) && next);
    let cell = |column: &&str| {
        let value = statistics.get(name, column);
        let on_this = verdicts().filter(|(expression, _)| statistic_of(expression) == *column);
        Cell {
            text: value.map_or_else(|| "–".into(), |v| format(metric, column, time_unit, v)),
            sort: value.map_or_else(String::new, sort_key),
            ok: on_this.map(|(_, verdict)| verdict.ok).fold(None, all_ok),
        }
    };
    MetricRow {
        name,
        label: name.find('{').map_or(name, |brace| &name[brace..]),
        submetric: name.contains('{'),
        ok: verdicts().map(|(_, verdict)| verdict.ok).fold(None, all_ok),
        cells: columns.iter().map(cell).collect(),
    }
}
