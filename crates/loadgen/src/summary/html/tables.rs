//! The tables: thresholds, checks, metrics, requests. Each is a function from the summary to rows of
//! text, in a file of its own; the templates put them into cells.

mod checks;
mod metrics;
mod requests;
mod slowest;
mod thresholds;

use std::collections::BTreeMap;

pub(in crate::summary) use self::{
    checks::{GroupTable, groups},
    metrics::{MetricTable, metrics},
    requests::{RequestTable, requests},
    slowest::{SlowTable, slowest},
    thresholds::{ThresholdRow, thresholds},
};
use super::units;
use crate::{metrics::MetricKind, summary::model::Metric};

/// `p(95)` of `p(95) < 200`.
fn statistic_of(expression: &str) -> &str {
    expression.split(['<', '>', '=', '!']).next().unwrap_or_default().trim()
}

/// A statistic of a metric as text.
fn format(metric: &Metric, stat: &str, time_unit: &str, value: f64) -> String {
    let text = || units::value(metric.contains, time_unit, value);
    match (metric.kind, stat) {
        (MetricKind::Rate, "rate") => units::percent(value),
        (MetricKind::Rate, _) | (MetricKind::Trend, "count") => units::number(value),
        (MetricKind::Counter, "rate") => format!("{}/s", text()),
        _ => text(),
    }
}

/// What a script sorts a value by; empty if there is nothing.
pub(super) fn sort_key(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// By name, each submetric after its parent.
fn sorted(metrics: &BTreeMap<String, Metric>) -> impl Iterator<Item = (&str, &Metric)> {
    let mut all: Vec<_> = metrics.iter().map(|(name, metric)| (name.as_str(), metric)).collect();
    all.sort_by_key(|(name, _)| name.split_at(name.find('{').unwrap_or(name.len())));
    all.into_iter()
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
