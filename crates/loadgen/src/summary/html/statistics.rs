//! Statistics of metrics: those that the summary lists, and for trends any other one from
//! its histogram.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::{Histogram, serialization::Deserializer};

use super::HtmlError;
use crate::{
    metrics::{Contains, TrendStat},
    summary::model::Summary,
};

pub(super) struct Statistics<'a> {
    summary: &'a Summary,
    histograms: BTreeMap<&'a str, Histogram<u64>>,
}

impl<'a> Statistics<'a> {
    /// Decodes the histograms.
    pub(super) fn read(summary: &'a Summary) -> Result<Self, HtmlError> {
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
    pub(super) fn get(&self, metric: &str, name: &str) -> Option<f64> {
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
        // Times are kept in nanoseconds and shown in milliseconds, the rest in thousandths.
        let time = self.summary.metrics.get(metric)?.contains == Contains::Time;
        Some(raw / if time { 1e6 } else { 1e3 })
    }

    /// The distribution of a trend, if it is known and not empty.
    pub(super) fn histogram(&self, metric: &str) -> Option<&Histogram<u64>> {
        self.histograms.get(metric).filter(|histogram| !histogram.is_empty())
    }
}

fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("no base64: {error}"))?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("no HDR histogram: {error}"))
}
