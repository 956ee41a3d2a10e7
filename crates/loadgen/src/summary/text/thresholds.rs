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
    // k6 does not say it, so neither do the looks that are held against k6's.
    if let Some(digits) = summary.threshold_digits().filter(|_| page.full) {
        page.item(1, &format!("percentiles are right to {digits} significant digits"));
        page.feed();
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
        let value = value(page, summary, name, metric, source);
        let source = source.trim();
        let paint = page.style.paint;
        let line = format!(
            "{} {} {}={}",
            paint.verdict(verdict.ok, mark(verdict.ok)),
            paint.apply(Paint::WHITE, &format!("'{source}'")),
            paint.apply(Paint::WHITE, statistic_of(source)),
            paint.apply(Paint::CYAN, &value),
        );
        page.item(depth, &line);
    }
    page.feed();
}

/// `p(95)` of `p(95) < 200`; of `count!=5` it is `count!`, as in k6.
fn statistic_of(source: &str) -> &str {
    source.split(['=', '<', '>']).next().unwrap_or_default().trim()
}

/// The value that decided, or else the statistic's; empty, as in k6, for one that is not known.
fn value(page: &Page<'_>, summary: &Summary, name: &str, metric: &Metric, source: &str) -> String {
    let style = page.style;
    let statistic = statistic_of(source);
    let shown = |value: Option<f64>| {
        value.map(|value| style.format(metric, statistic, value)).unwrap_or_default()
    };
    let result = summary.threshold(name, source);
    // Of the whole run, other metrics show what they show below.
    let decided =
        result.filter(|result| metric.kind == MetricKind::Trend || result.window_seconds.is_some());
    match (metric.kind, decided) {
        (MetricKind::Counter, Some(result)) if result.statistic == "rate" => {
            shown(result.observed) + "/s"
        }
        (_, Some(result)) => shown(result.observed),
        (MetricKind::Trend, None) => shown(statistic.parse().ok().and_then(|stat| {
            let histogram = summary.loadgen.as_ref()?.histograms.get(name);
            let histogram = histogram.and_then(|text| stats::decode(text).ok());
            stats::trend_value(metric, histogram.as_ref(), &stat)
        })),
        (MetricKind::Counter, None) if statistic == "count" => style.value(metric, "count"),
        // `count!=5` too: k6 takes the statistic to be `count!`, and shows the rate.
        (MetricKind::Counter, None) => style.value(metric, "rate") + "/s",
        (MetricKind::Gauge, None) => style.value(metric, "value"),
        (MetricKind::Rate, None) => style.value(metric, "rate"),
    }
}
