//! What of a metric is held against a number.

use std::{fmt, str::FromStr};

use super::number::{self, InvalidNumber};
use crate::metrics::{MetricKind, SIGNIFICANT_DIGITS, Sink};

/// One value of a metric. `Display` and `FromStr` use k6's spelling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// `value`: the last one of a gauge.
    Value,
    /// `count`: the sum of a counter.
    Count,
    /// `rate`: of a counter its sum for each second, of a rate the share that was not zero.
    Rate,
    /// `avg`: arithmetic mean of a trend.
    Avg,
    /// `min`: smallest value of a trend.
    Min,
    /// `med`: the 50th percentile of a trend.
    Med,
    /// `max`: largest value of a trend.
    Max,
    /// `p(95)`: a percentile of a trend, 0 to 100.
    Percentile(f64),
}

impl Statistic {
    /// k6's word for it, without the number of a percentile.
    pub fn method(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Med => "med",
            Self::Max => "max",
            Self::Percentile(_) => "p",
        }
    }

    /// The words for the statistics that metrics of a kind have.
    pub fn methods_of(kind: MetricKind) -> &'static [&'static str] {
        match kind {
            MetricKind::Counter => &["count", "rate"],
            MetricKind::Gauge => &["value"],
            MetricKind::Rate => &["rate"],
            MetricKind::Trend => &["avg", "min", "max", "med", "p"],
        }
    }

    /// How many of its digits can be relied on; `None` if it is exact.
    pub fn significant_digits(self) -> Option<u8> {
        matches!(self, Self::Med | Self::Percentile(_)).then_some(SIGNIFICANT_DIGITS)
    }

    /// Its value in a sink that was filled for `seconds`. An empty sink counts as 0, except that
    /// there is no share of nothing, and nothing for each of no seconds. `None` too for a
    /// statistic that the sink does not have.
    pub(crate) fn of(self, sink: &Sink, seconds: f64) -> Option<f64> {
        Some(match (self, sink) {
            (Self::Value, Sink::Gauge { last, .. }) => *last,
            (Self::Count, Sink::Counter { sum, .. }) => *sum,
            (Self::Rate, Sink::Counter { sum, .. }) if seconds > 0.0 => sum / seconds,
            (Self::Rate, Sink::Rate { trues, total }) if *total > 0 => {
                *trues as f64 / *total as f64
            }
            (Self::Avg, Sink::Trend(trend)) => trend.avg(),
            (Self::Min, Sink::Trend(trend)) => trend.min(),
            (Self::Med, Sink::Trend(trend)) => trend.percentile(50.0),
            (Self::Max, Sink::Trend(trend)) => trend.max(),
            (Self::Percentile(percent), Sink::Trend(trend)) => trend.percentile(percent),
            _ => return None,
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentile(percent) => write!(f, "p({percent})"),
            other => f.write_str(other.method()),
        }
    }
}

/// A text that names no statistic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStatistic {
    /// Not one of the words.
    #[error("failed parsing method from expression")]
    Unknown,
    /// `p(N)`, but `N` is no number.
    #[error("malformed percentile value; reason: {0}")]
    Number(InvalidNumber),
    /// `p(N)`, but `N` is too small or too large.
    #[error("malformed percentile value, provide a number between 0 and 100")]
    OutOfRange,
}

impl FromStr for Statistic {
    type Err = InvalidStatistic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "value" => Self::Value,
            "count" => Self::Count,
            "rate" => Self::Rate,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "med" => Self::Med,
            "max" => Self::Max,
            // As k6 reads it.
            "p" => Self::Percentile(0.0),
            _ => {
                let number = text
                    .strip_prefix("p(")
                    .and_then(|rest| rest.strip_suffix(')'))
                    .ok_or(InvalidStatistic::Unknown)?;
                let percent = number::parse(number).map_err(InvalidStatistic::Number)?;
                if !(0.0..=100.0).contains(&percent) {
                    return Err(InvalidStatistic::OutOfRange);
                }
                Self::Percentile(percent)
            }
        })
    }
}
