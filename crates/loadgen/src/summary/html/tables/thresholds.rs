//! Thresholds, each with its bound and the value that decided.

use super::{format, sorted, statistic_of};
use crate::summary::{html::statistics::Statistics, model::Summary};

/// One threshold.
pub(in crate::summary) struct ThresholdRow<'a> {
    pub(in crate::summary) metric: &'a str,
    pub(in crate::summary) expression: &'a str,
    /// What it was held against.
    pub(in crate::summary) bound: String,
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
            let text = |value: Option<f64>| match value {
                Some(value) => format(metric, stat, summary.options.time_unit(), value),
                None => "–".into(),
            };
            rows.push(ThresholdRow {
                metric: name,
                expression,
                bound: text(bound_of(expression)),
                observed: text(decided),
                ok: verdict.ok,
            });
        }
    }
    rows
}

/// 200 of `p(95) < 200`.
fn bound_of(expression: &str) -> Option<f64> {
    expression.rsplit(['<', '>', '=']).next()?.trim().parse().ok()
}
