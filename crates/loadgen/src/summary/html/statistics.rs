//! Statistics of metrics: those that the summary lists, and for trends any other one from
//! its histogram.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::HtmlError;
use crate::{
    metrics::{TICKS_PER_UNIT, TrendStat},
    summary::{model::Summary, stats::decode},
};

pub(in crate::summary) struct Statistics<'a> {
    summary: &'a Summary,
    histograms: BTreeMap<&'a str, Histogram<u64>>,
}

impl<'a> Statistics<'a> {
    /// Decodes the histograms.
    pub(in crate::summary) fn read(summary: &'a Summary) -> Result<Self, HtmlError> {
        let encoded = summary.loadgen.iter().flat_map(|extras| &extras.histograms);
        let histograms = encoded
            .map(|(metric, text)| match decode(text) {
                Ok(histogram) => Ok((metric.as_str(), histogram)),
                Err(reason) => Err(HtmlError::Histogram { metric: metric.clone(), reason }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { summary, histograms })
    }

    /// A statistic by k6's name for it, in the metric's unit; `None` if it is not known.
    pub(in crate::summary) fn get(&self, metric: &str, name: &str) -> Option<f64> {
        let listed = self.summary.metrics.get(metric)?.values.get(name).copied();
        listed.or_else(|| self.computed(metric, &name.parse().ok()?))
    }

    fn computed(&self, metric: &str, stat: &TrendStat) -> Option<f64> {
        let histogram = self.histogram(metric)?;
        let raw = match stat {
            TrendStat::Count => return Some(histogram.len() as f64),
            TrendStat::Avg => histogram.mean(),
            TrendStat::Min => histogram.min() as f64,
            TrendStat::Max => histogram.max() as f64,
            TrendStat::Med => histogram.value_at_quantile(0.5) as f64,
            TrendStat::Percentile(p, _) => histogram.value_at_quantile(p / 100.0) as f64,
        };
        Some(raw / TICKS_PER_UNIT)
    }

    /// The distribution of a trend, if it is known and not empty.
    pub(in crate::summary) fn histogram(&self, metric: &str) -> Option<&Histogram<u64>> {
        self.histograms.get(metric).filter(|histogram| !histogram.is_empty())
    }
}
