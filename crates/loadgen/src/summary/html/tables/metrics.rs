//! Metrics with all their statistics, a table for each kind.

use super::{format, sorted, statistic_of};
use crate::{
    metrics::MetricKind,
    summary::model::{Metric, Summary},
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

pub(in crate::summary) fn metrics(summary: &Summary) -> Vec<MetricTable<'_>> {
    let trend_stats = summary.options.summary_trend_stats.iter().map(String::as_str).collect();
    [
        (MetricKind::Trend, "Trends", "trends", trend_stats),
        (MetricKind::Counter, "Counters", "counters", vec!["count", "rate"]),
        (MetricKind::Rate, "Rates", "rates", vec!["rate", "passes", "fails"]),
        (MetricKind::Gauge, "Gauges", "gauges", vec!["value", "min", "max"]),
    ]
    .into_iter()
    .filter_map(|(kind, title, id, columns)| table(summary, kind, title, id, columns))
    .collect()
}

fn table<'a>(
    summary: &'a Summary,
    kind: MetricKind,
    title: &'static str,
    id: &'static str,
    mut columns: Vec<&'a str>,
) -> Option<MetricTable<'a>> {
    let of_kind: Vec<_> = sorted(&summary.metrics).filter(|(_, m)| m.kind == kind).collect();
    for key in of_kind.iter().flat_map(|(_, metric)| metric.values.keys()) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    let time_unit = &summary.options.summary_time_unit;
    let rows: Vec<_> =
        of_kind.into_iter().map(|(name, metric)| row(name, metric, &columns, time_unit)).collect();
    (!rows.is_empty()).then_some(MetricTable { title, id, columns, rows })
}

fn row<'a>(name: &'a str, metric: &'a Metric, columns: &[&str], time_unit: &str) -> MetricRow<'a> {
    let verdicts = || metric.thresholds.iter().flatten();
    let all_ok = |ok: Option<bool>, next: bool| Some(ok.unwrap_or(true) && next);
    let cell = |column: &&str| {
        let value = metric.values.get(*column).copied();
        let on_this = verdicts().filter(|(expression, _)| statistic_of(expression) == *column);
        Cell {
            text: value.map_or_else(|| "–".into(), |v| format(metric, column, time_unit, v)),
            sort: value.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string()),
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
