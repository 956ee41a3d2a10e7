//! What a trend becomes: one series for each statistic, or one with a native histogram.

use std::{fmt, str::FromStr};

use super::{
    super::{aggregate::Distribution, quantiles::Quantiles},
    native_histogram::NativeHistogram,
};
use crate::metrics::{Contains, InvalidTrendStat, TrendStat};

/// What a series has at one time.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// A number.
    Float(f64),
    /// A distribution.
    Histogram(&'a NativeHistogram),
}

/// One of the two.
pub(super) trait TrendForm: Send {
    /// What is kept of the samples.
    type Trend: Distribution + Send;

    /// The series of a trend whose values are these: what follows the metric's name, and the value.
    fn series<'a>(&self, contains: Contains, trend: &'a Self::Trend) -> Vec<(String, Value<'a>)>;
}

/// A series for each of these.
pub(super) struct Statistics(pub(super) Vec<Statistic>);

impl TrendForm for Statistics {
    type Trend = Quantiles;

    fn series<'a>(&self, contains: Contains, trend: &'a Quantiles) -> Vec<(String, Value<'a>)> {
        // A count of seconds makes no sense, but it is what k6 sends.
        let divisor = if contains == Contains::Time { 1000.0 } else { 1.0 };
        let value = |statistic: &Statistic| match statistic {
            Statistic::Sum => trend.sum(),
            Statistic::Of(stat) => trend.stat(stat),
        };
        let series =
            |statistic| (format!("_{statistic}"), Value::Float(value(statistic) / divisor));
        self.0.iter().map(series).collect()
    }
}

/// One series.
pub(super) struct NativeHistograms;

impl TrendForm for NativeHistograms {
    type Trend = NativeHistogram;

    fn series<'a>(
        &self,
        contains: Contains,
        trend: &'a NativeHistogram,
    ) -> Vec<(String, Value<'a>)> {
        let unit = match contains {
            Contains::Time => "_seconds",
            Contains::Data => "_bytes",
            Contains::Default => "",
        };
        vec![(unit.into(), Value::Histogram(trend))]
    }
}

/// A statistic that is sent. As text, what it adds to a series' name: `p99`, and `p999` for
/// `p(99.9)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Statistic {
    /// The sum, which no summary shows.
    Sum,
    /// What a summary may show, too.
    Of(TrendStat),
}

/// A word that names none.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidStatistic {
    /// Neither a known word nor `p(N)`.
    #[error(
        "invalid trend stat '{0}', unknown format; allowed are avg, min, med, max, count, sum and p(N)"
    )]
    Unknown(String),
    /// `p(N)` with an `N` that is no number from 0 to 100.
    #[error(transparent)]
    Percentile(InvalidTrendStat),
}

impl FromStr for Statistic {
    type Err = InvalidStatistic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sum" => Ok(Self::Sum),
            _ => text.parse().map(Self::Of).map_err(|invalid| match invalid {
                InvalidTrendStat::Unknown(text) => InvalidStatistic::Unknown(text),
                percentile => InvalidStatistic::Percentile(percentile),
            }),
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum => f.write_str("sum"),
            Self::Of(stat) => {
                f.write_str(&stat.to_string().replace(|c: char| !c.is_ascii_alphanumeric(), ""))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_named_as_k6_names_them() {
        let named = |text: &str| text.parse::<Statistic>().expect("a statistic").to_string();
        for (text, name) in [
            ("p(95)", "p95"),
            ("p(99.9)", "p999"),
            ("p(0.95)", "p095"),
            ("avg", "avg"),
            ("sum", "sum"),
            ("count", "count"),
        ] {
            assert_eq!(named(text), name);
        }
        assert!("mean".parse::<Statistic>().is_err());
    }
}
