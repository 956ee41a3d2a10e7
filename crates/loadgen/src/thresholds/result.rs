//! What became of a threshold, as it is stored and shown.

use serde::{Deserialize, Serialize};

/// One threshold with the value that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdResult {
    /// Name of the metric or submetric.
    pub metric: String,
    /// The threshold as it was written.
    pub threshold: String,
    /// What was looked at: `p(95)`.
    pub statistic: String,
    /// The number that it was held against; `None` for infinity, which JSON cannot say.
    pub bound: Option<f64>,
    /// What it was when it was last looked at, in the metric's unit; `None` if there was nothing to
    /// look at.
    pub observed: Option<f64>,
    /// How many digits of `observed` can be relied on; `None` if it is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub significant_digits: Option<u8>,
    /// The seconds before the last look that it was about; `None` for the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<u64>,
    /// Whether it held.
    pub ok: bool,
    /// Whether the test was to end when it does not.
    pub abort_on_fail: bool,
}

/// Names of the metrics with a threshold that did not hold, sorted, each once.
pub(crate) fn crossed(results: &[ThresholdResult]) -> Vec<String> {
    let mut names: Vec<String> =
        results.iter().filter(|result| !result.ok).map(|result| result.metric.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
