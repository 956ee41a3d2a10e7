//! Statistics of metrics: those that the summary lists, and for trends any other one from
//! its histogram.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::HtmlError;
use crate::summary::{
    model::Summary,
    stats::{decode, trend_value},
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
        let values = self.summary.metrics.get(metric)?;
        let listed = values.values.get(name).copied();
        listed.or_else(|| trend_value(values, self.histogram(metric), &name.parse().ok()?))
    }

    /// The distribution of a trend, if it is known and not empty.
    pub(in crate::summary) fn histogram(&self, metric: &str) -> Option<&Histogram<u64>> {
        self.histograms.get(metric).filter(|histogram| !histogram.is_empty())
    }
}
