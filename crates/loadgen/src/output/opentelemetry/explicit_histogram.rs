//! OpenTelemetry's histogram with the bounds of its SDKs, which are k6's, too.

use super::super::aggregate::Distribution;
use crate::metrics::Contains;

/// Upper bounds of all buckets but the last, in the metric's unit.
pub(super) const BOUNDS: [f64; 15] = [
    0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0,
    10000.0,
];

/// Counts between the bounds, with exact sum, minimum and maximum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExplicitHistogram {
    /// Values above the bound before and up to the own one; the last has no bound.
    pub(super) buckets: [u64; BOUNDS.len() + 1],
    /// Sum of the values.
    pub(super) sum: f64,
    /// Smallest value; infinite without values.
    pub(super) min: f64,
    /// Largest value; negatively infinite without values.
    pub(super) max: f64,
}

impl ExplicitHistogram {
    /// Number of values.
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

impl Distribution for ExplicitHistogram {
    fn of(_: Contains) -> Self {
        Self {
            buckets: [0; BOUNDS.len() + 1],
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    fn add(&mut self, value: f64) {
        self.buckets[BOUNDS.partition_point(|&bound| bound < value)] += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_bucket_below_it() {
        let mut histogram = ExplicitHistogram::of(Contains::Time);
        for value in [-1.0, 0.0, 0.1, 5.0, 5.1, 10_000.0, 10_000.1] {
            histogram.add(value);
        }
        assert_eq!(histogram.buckets, [2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((histogram.count(), histogram.min, histogram.max), (7, -1.0, 10_000.1));
    }
}
