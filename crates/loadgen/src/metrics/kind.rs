//! The four kinds of metric and what their values mean.

use serde::{Deserialize, Serialize};

/// How the samples of a metric add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// A sum.
    Counter,
    /// The last value, with the smallest and the largest seen.
    Gauge,
    /// The share of samples that were not zero.
    Rate,
    /// A distribution.
    Trend,
}

/// The unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contains {
    /// A plain number.
    #[default]
    Default,
    /// Milliseconds.
    Time,
    /// Bytes.
    Data,
}
