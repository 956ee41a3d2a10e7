//! The tables: thresholds, checks, metrics, requests.

use std::collections::BTreeMap;

use super::{outcome, statistics::Statistics, units};
use crate::{
    metrics::MetricKind,
    summary::model::{Check, Extras, Group, Metric, RequestCount, Summary},
};

/// One threshold.
pub(in crate::summary) struct ThresholdRow<'a> {
    pub(in crate::summary) metric: &'a str,
    pub(in crate::summary) expression: &'a str,
    pub(in crate::summary) observed: String,
    pub(in crate::summary) ok: bool,
}

pub(in crate::summary) fn thresholds<'a>(
    summary: &'a Summary,
    statistics: &Statistics<'_>,
) -> Vec<ThresholdRow<'a>> {
    let mut rows = Vec::new();
    for (name, metric) in sorted(&summary.metrics) {
        for (expression, verdict) in metric.thresholds.iter().flatten() {
            let stat = statistic_of(expression);
            let decided = match summary.threshold(name, expression) {
                Some(result) => result.observed,
                None => statistics.get(name, stat),
            };
            let observed = decided.map_or_else(
                || "–".into(),
                |value| format(metric, stat, &summary.options.summary_time_unit, value),
            );
            rows.push(ThresholdRow { metric: name, expression, observed, ok: verdict.ok });
        }
    }
    rows
}

/// `p(95)` of `p(95) < 200`.
fn statistic_of(expression: &str) -> &str {
    expression.split(['<', '>', '=', '!']).next().unwrap_or_default().trim()
}

/// A group with the checks of its own.
pub(in crate::summary) struct GroupTable<'a> {
    /// Its own name.
    pub(in crate::summary) name: &'a str,
    /// 0 for the root.
    pub(in crate::summary) depth: usize,
    /// Of its own checks and those of the groups inside.
    pub(in crate::summary) passes: String,
    pub(in crate::summary) fails: String,
    pub(in crate::summary) ok: bool,
    pub(in crate::summary) checks: Vec<CheckRow<'a>>,
}

pub(in crate::summary) struct CheckRow<'a> {
    pub(in crate::summary) name: &'a str,
    pub(in crate::summary) ok: bool,
    pub(in crate::summary) rate: String,
    pub(in crate::summary) passes: String,
    pub(in crate::summary) fails: String,
}

/// The tree of groups, parents first; empty if there are neither groups nor checks.
pub(in crate::summary) fn groups(root: &Group) -> Vec<GroupTable<'_>> {
    let mut tables = Vec::new();
    if !root.checks.is_empty() || !root.groups.is_empty() {
        collect_groups(root, 0, &mut tables);
    }
    tables
}

fn collect_groups<'a>(group: &'a Group, depth: usize, tables: &mut Vec<GroupTable<'a>>) {
    let (mut passes, mut fails) = (0, 0);
    outcome::walk(group, &mut |_, check: &Check| {
        passes += check.passes;
        fails += check.fails;
    });
    tables.push(GroupTable {
        name: &group.name,
        depth,
        passes: units::number(passes as f64),
        fails: units::number(fails as f64),
        ok: fails == 0,
        checks: group.checks.iter().map(check_row).collect(),
    });
    for inner in &group.groups {
        collect_groups(inner, depth + 1, tables);
    }
}

fn check_row(check: &Check) -> CheckRow<'_> {
    CheckRow {
        name: &check.name,
        ok: check.fails == 0,
        rate: units::percent(check.passes as f64 / (check.passes + check.fails) as f64),
        passes: units::number(check.passes as f64),
        fails: units::number(check.fails as f64),
    }
}

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

fn format(metric: &Metric, stat: &str, time_unit: &str, value: f64) -> String {
    let text = || units::value(metric.contains, time_unit, value);
    match (metric.kind, stat) {
        (MetricKind::Rate, "rate") => units::percent(value),
        (MetricKind::Rate, _) | (MetricKind::Trend, "count") => units::number(value),
        (MetricKind::Counter, "rate") => format!("{}/s", text()),
        _ => text(),
    }
}

/// By name, each submetric after its parent.
fn sorted(metrics: &BTreeMap<String, Metric>) -> impl Iterator<Item = (&str, &Metric)> {
    let mut all: Vec<_> = metrics.iter().map(|(name, metric)| (name.as_str(), metric)).collect();
    all.sort_by_key(|(name, _)| name.split_at(name.find('{').unwrap_or(name.len())));
    all.into_iter()
}

/// The kinds of answer.
pub(in crate::summary) struct RequestTable<'a> {
    pub(in crate::summary) rows: Vec<RequestRow<'a>>,
    pub(in crate::summary) total: String,
}

pub(in crate::summary) struct RequestRow<'a> {
    pub(in crate::summary) request: &'a RequestCount,
    /// The status or, without an answer, the error.
    pub(in crate::summary) answer: String,
    pub(in crate::summary) count: String,
    pub(in crate::summary) share: String,
}

pub(in crate::summary) fn requests(extras: &Extras) -> Option<RequestTable<'_>> {
    let total: u64 = extras.requests.iter().map(|request| request.count).sum();
    let rows = extras.requests.iter().map(|request| RequestRow {
        request,
        answer: match (request.status, request.error.as_str()) {
            (0, "") => "no answer".into(),
            (0, error) => error.into(),
            (status, "") => status.to_string(),
            (status, error) => format!("{status}, {error}"),
        },
        count: units::number(request.count as f64),
        share: units::percent(request.count as f64 / total as f64),
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| RequestTable { rows, total: units::number(total as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Contains;

    #[test]
    fn the_statistic_of_a_threshold() {
        assert_eq!(statistic_of("p(95) < 200"), "p(95)");
        assert_eq!(statistic_of("rate!=1"), "rate");
        assert_eq!(statistic_of(""), "");
    }

    #[test]
    fn a_submetric_follows_its_parent() {
        let metric = Metric {
            kind: MetricKind::Counter,
            contains: Contains::Default,
            values: BTreeMap::new(),
            thresholds: None,
        };
        let names = ["a", "a_b", "a{x:1}", "a{w:1}"];
        let metrics = names.map(|name| (name.to_owned(), metric.clone())).into();
        let order: Vec<_> = sorted(&metrics).map(|(name, _)| name).collect();
        assert_eq!(order, ["a", "a{w:1}", "a{x:1}", "a_b"]);
    }
}
