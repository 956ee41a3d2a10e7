//! Statistics of a trend that its summary was not asked for when it was written: from another
//! spelling, or from the stored histogram.
//!
//! A value from a histogram is the middle of its bucket, so it is off by at most half of the
//! histogram's resolution; it never lies outside the exact `min` and `max` where those are held.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hdrhistogram::{Histogram, serialization::Deserializer};

use super::model::{Metric, Scope, Summary};
use crate::metrics::{MetricKind, TICKS_PER_UNIT, TrendStat, interpolated};

/// A statistic was asked for that cannot be had from this summary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the summary does not hold '{stat}' of metric '{metric}', nor a histogram to compute it from"
)]
pub struct MissingStat {
    /// The metric.
    pub metric: String,
    /// What was asked of it.
    pub stat: String,
}

impl Summary {
    /// A value of a metric by its key: one that is held, or a statistic of a trend from its
    /// histogram. `None` if there is neither.
    pub fn statistic(&self, metric: &str, key: &str) -> Option<f64> {
        let found = self.metrics.get(metric)?;
        if let Some(value) = found.values.get(key) {
            return Some(*value);
        }
        let stat = key.parse().ok().filter(|_| found.kind == MetricKind::Trend)?;
        let text = self.loadgen.as_ref().and_then(|extras| extras.histograms.get(metric));
        let histogram = text.and_then(|text| decode(text).ok());
        trend_value(found, histogram.as_ref(), &stat)
    }

    /// Makes `stats` the statistics that every trend shows, in this order. Values already held
    /// stay as they are.
    ///
    /// # Errors
    ///
    /// When a trend holds neither the statistic nor a histogram.
    pub fn with_trend_stats(mut self, stats: &[TrendStat]) -> Result<Self, MissingStat> {
        self.options.summary_trend_stats = stats.iter().map(TrendStat::to_string).collect();
        let Some(extras) = &mut self.loadgen else {
            fill(&mut self.metrics, &BTreeMap::new(), stats)?;
            return Ok(self);
        };
        fill(&mut self.metrics, &extras.histograms, stats)?;
        for scope in extras.scopes.groups.iter_mut().chain(&mut extras.scopes.scenarios) {
            fill_scope(scope, stats)?;
        }
        Ok(self)
    }
}

fn fill_scope(scope: &mut Scope, stats: &[TrendStat]) -> Result<(), MissingStat> {
    fill(&mut scope.metrics, &scope.histograms, stats)?;
    scope.groups.iter_mut().try_for_each(|group| fill_scope(group, stats))
}

fn fill(
    metrics: &mut BTreeMap<String, Metric>,
    histograms: &BTreeMap<String, String>,
    stats: &[TrendStat],
) -> Result<(), MissingStat> {
    for (name, metric) in metrics.iter_mut().filter(|(_, metric)| metric.kind == MetricKind::Trend)
    {
        let histogram = histograms.get(name).and_then(|text| decode(text).ok());
        for stat in stats {
            let value = trend_value(metric, histogram.as_ref(), stat)
                .ok_or_else(|| MissingStat { metric: name.clone(), stat: stat.to_string() })?;
            metric.values.insert(stat.to_string(), value);
        }
    }
    Ok(())
}

/// One statistic of a trend, from its values or else from its histogram.
pub(super) fn trend_value(
    metric: &Metric,
    histogram: Option<&Histogram<u64>>,
    stat: &TrendStat,
) -> Option<f64> {
    held(&metric.values, stat).or_else(|| histogram.map(|h| computed(metric, h, stat)))
}

/// The value under the same spelling, else under another one of the same statistic
/// (`p(50)` and `med`, `p(99.9)` and `p(99.90)`).
fn held(values: &BTreeMap<String, f64>, stat: &TrendStat) -> Option<f64> {
    let same = |key: &str| key.parse().is_ok_and(|other: TrendStat| rank(&other) == rank(stat));
    values
        .get(&stat.to_string())
        .or_else(|| values.iter().find(|(key, _)| same(key)).map(|(_, value)| value))
        .copied()
}

/// Equal for two spellings of one statistic.
fn rank(stat: &TrendStat) -> (u8, f64) {
    match stat {
        TrendStat::Avg => (0, 0.0),
        TrendStat::Min => (1, 0.0),
        TrendStat::Max => (2, 0.0),
        TrendStat::Count => (3, 0.0),
        TrendStat::Med => (4, 50.0),
        TrendStat::Percentile(p, _) => (4, *p),
    }
}

/// As the run itself would have told it: from the same buckets, by the same rule, between the exact
/// extremes where those are held.
fn computed(metric: &Metric, histogram: &Histogram<u64>, stat: &TrendStat) -> f64 {
    let count = histogram.len();
    let ticks = |value: u64| value as f64 / TICKS_PER_UNIT;
    let exact = |key: &str| metric.values.get(key).copied();
    let min = exact("min").unwrap_or_else(|| ticks(histogram.min()));
    let max = exact("max").unwrap_or_else(|| ticks(histogram.max()));
    let at = |place: u64| match place {
        0 => min,
        _ if place + 1 == count => max,
        _ => (nth(histogram, place) / TICKS_PER_UNIT).max(min).min(max),
    };
    match stat {
        _ if count == 0 => 0.0,
        TrendStat::Count => count as f64,
        TrendStat::Avg => (histogram.mean() / TICKS_PER_UNIT).max(min).min(max),
        TrendStat::Min => min,
        TrendStat::Max => max,
        TrendStat::Med => interpolated(50.0, count, at),
        TrendStat::Percentile(percent, _) => interpolated(*percent, count, at),
    }
}

/// The value at a place in the sorted sequence: the middle of its bucket.
fn nth(histogram: &Histogram<u64>, place: u64) -> f64 {
    // Half a place back, so that rounding up in floating point cannot reach the next value.
    let quantile = (place as f64 + 0.5) / histogram.len() as f64;
    histogram.median_equivalent(histogram.value_at_quantile(quantile)) as f64
}

/// An HDR V2 histogram, not compressed, from base64; or why it is none.
pub(crate) fn decode(text: &str) -> Result<Histogram<u64>, String> {
    const HEADER: usize = 40;
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("no base64: {error}"))?;
    // The deserializer allocates what the header asks for, so the header is checked first.
    let promised = bytes.get(4..8).and_then(|length| length.try_into().ok());
    let promised = promised.map(|length| u32::from_be_bytes(length) as usize);
    if promised.is_none() || bytes.len().checked_sub(HEADER) != promised {
        return Err("no HDR histogram: its length is not the one that it promises".into());
    }
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("no HDR histogram: {error}"))
}

#[cfg(test)]
mod tests;
