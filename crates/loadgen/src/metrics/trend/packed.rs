//! A trend that is only sent and kept, until it is added to another one.

use super::{Trend, buckets::Counts};

/// What a [`Trend`] held, made small: some bytes for each bucket in use, where an open trend has
/// room for all of them.
#[derive(Debug, Clone)]
pub struct PackedTrend {
    positive: Counts,
    negative: Option<Counts>,
    sum: i128,
    min: i64,
    max: i64,
}

impl Trend {
    /// Takes out all values. Room that they needed stays: a second is much like the one before
    /// it, and trends that grow anew each second would litter the heap.
    pub fn take(&mut self) -> PackedTrend {
        let taken = PackedTrend {
            positive: self.positive.take(),
            negative: self.negative.as_mut().map(|negative| negative.take()),
            sum: self.sum,
            min: self.min,
            max: self.max,
        };
        (self.sum, self.min, self.max) = (0, i64::MAX, i64::MIN);
        taken
    }

    /// Adds all values that were taken from another trend.
    pub fn merge(&mut self, taken: &PackedTrend) {
        self.positive.add(&taken.positive);
        if let Some(negative) = &taken.negative {
            self.negative.get_or_insert_default().add(negative);
        }
        self.sum += taken.sum;
        self.min = self.min.min(taken.min);
        self.max = self.max.max(taken.max);
    }
}
