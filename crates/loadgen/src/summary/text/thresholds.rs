//! The THRESHOLDS section: every threshold with the value that it was held against.

use super::{
    super::{
        collate,
        model::{Metric, Summary},
        stats,
    },
    Paint, mark,
    modern::Page,
};
use crate::metrics::MetricKind;

pub(super) fn push(page: &mut Page<'_>, summary: &Summary) {
    let mut metrics: Vec<_> =
        summary.metrics.iter().filter(|(_, metric)| has_thresholds(metric)).collect();
    if metrics.is_empty() {
        return;
    }
    metrics.sort_by_cached_key(|(name, _)| collate::Key::new(name));
    page.title(0, "█", "THRESHOLDS");
    for (name, metric) in metrics {
        push_metric(page, summary, name, metric);
    }
    page.feed();
}

fn has_thresholds(metric: &Metric) -> bool {
    metric.thresholds.as_ref().is_some_and(|thresholds| !thresholds.is_empty())
}

/// A submetric is its tags only, below its parent, if that stands above it.
fn push_metric(page: &mut Page<'_>, summary: &Summary, name: &str, metric: &Metric) {
    let (parent, tags) = name.split_at(name.find('{').unwrap_or(name.len()));
    let below = !tags.is_empty() && summary.metrics.get(parent).is_some_and(has_thresholds);
    let (depth, title) = if below { (2, tags) } else { (1, name) };
    page.item(depth, title);
    for (source, verdict) in metric.thresholds.iter().flatten() {
        let source = source.trim();
        let statistic = source.split(['=', '<', '>']).next().unwrap_or_default().trim();
        let paint = page.style.paint;
        let line = format!(
            "{} {} {}={}",
            paint.verdict(verdict.ok, mark(verdict.ok)),
            paint.apply(Paint::WHITE, &format!("'{source}'")),
            paint.apply(Paint::WHITE, statistic),
            paint.apply(Paint::CYAN, &value(page, summary, name, metric, statistic)),
        );
        page.item(depth, &line);
    }
    page.feed();
}

/// The value of the statistic; empty, as in k6, for one that is not known.
fn value(
    page: &Page<'_>,
    summary: &Summary,
    name: &str,
    metric: &Metric,
    statistic: &str,
) -> String {
    let style = page.style;
    match metric.kind {
        MetricKind::Trend => {
            let Ok(stat) = statistic.parse() else { return String::new() };
            let histogram = summary.loadgen.as_ref().and_then(|extras| extras.histograms.get(name));
            let histogram = histogram.and_then(|text| stats::decode(text));
            stats::trend_value(metric, histogram.as_ref(), &stat)
                .map(|value| style.format(metric, statistic, value))
                .unwrap_or_default()
        }
        MetricKind::Counter if statistic == "count" => style.value(metric, "count"),
        // `count!=5` too: k6 takes the statistic to be `count!`, and shows the rate.
        MetricKind::Counter => style.value(metric, "rate") + "/s",
        MetricKind::Gauge => style.value(metric, "value"),
        MetricKind::Rate => style.value(metric, "rate"),
    }
}
