//! A distribution that knows its percentiles, in memory that its values fill and not their range.
//!
//! The run's own [`Trend`](crate::metrics::Trend) reserves a place for every value that it might
//! see, about a hundred kilobytes. An output has one distribution for each series, thousands of
//! them, so this one has places only for what came.

use std::collections::BTreeMap;

use super::aggregate::Distribution;
use crate::metrics::{Contains, TrendStat};

/// Bits of the mantissa that tell values apart: within 2⁻¹¹, 0.05 %, of a bucket's middle.
const MANTISSA_BITS: u32 = 10;

const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA_BITS;

/// Exact count, sum, minimum and maximum, and percentiles with three significant digits.
#[derive(Debug, Clone)]
pub(super) struct Quantiles {
    buckets: BTreeMap<i32, u64>,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Distribution for Quantiles {
    fn of(_: Contains) -> Self {
        Self {
            buckets: BTreeMap::new(),
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    fn add(&mut self, value: f64) {
        *self.buckets.entry(bucket(value)).or_default() += 1;
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
}

impl Quantiles {
    /// Sum of the values.
    pub(super) fn sum(&self) -> f64 {
        self.sum
    }

    /// One statistic; 0 without values.
    pub(super) fn stat(&self, stat: &TrendStat) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        match stat {
            TrendStat::Avg => self.sum / self.count as f64,
            TrendStat::Min => self.min,
            TrendStat::Max => self.max,
            TrendStat::Med => self.percentile(50.0),
            TrendStat::Count => self.count as f64,
            TrendStat::Percentile(percent, _) => self.percentile(*percent),
        }
    }

    /// k6's definition, as [`Trend::percentile`](crate::metrics::Trend::percentile) has it.
    fn percentile(&self, percent: f64) -> f64 {
        let index = percent / 100.0 * (self.count - 1) as f64;
        let (below, above) = (self.at(index.floor() as u64), self.at(index.ceil() as u64));
        below + (above - below) * index.fract()
    }

    /// The value at a place in the sorted sequence, counted from 0.
    fn at(&self, place: u64) -> f64 {
        if place == 0 {
            return self.min;
        }
        let mut passed = 0;
        let found = self.buckets.iter().find(|&(_, count)| {
            passed += count;
            passed > place
        });
        match found {
            Some((&bucket, _)) if place + 1 < self.count => {
                middle(bucket).clamp(self.min, self.max)
            }
            _ => self.max,
        }
    }
}

/// The bucket of a value. Floating point is logarithmic already: sign, exponent and the first bits
/// of the mantissa are the number of a bucket, in the order of the values.
fn bucket(value: f64) -> i32 {
    let magnitude = (value.abs().to_bits() >> SHIFT) as i32;
    if value < 0.0 { -magnitude } else { magnitude }
}

fn middle(bucket: i32) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let magnitude = u64::from(bucket.unsigned_abs()) << SHIFT | 1 << (SHIFT - 1);
    f64::from_bits(magnitude).copysign(f64::from(bucket))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::Trend;

    fn quantiles(values: &[f64]) -> Quantiles {
        let mut quantiles = Quantiles::of(Contains::Time);
        values.iter().for_each(|&value| quantiles.add(value));
        quantiles
    }

    #[test]
    fn one_value_is_every_statistic_and_none_is_zero() {
        for stat in TrendStat::defaults() {
            assert_eq!(quantiles(&[0.123_457]).stat(&stat), 0.123_457, "{stat}");
            assert_eq!(quantiles(&[]).stat(&stat), 0.0, "{stat}");
        }
    }

    #[test]
    fn places_are_taken_by_what_came_and_not_by_its_range() {
        let mut quantiles = quantiles(&[1e-300, 1e300, -1e300, 0.0]);
        for _ in 0..100_000 {
            quantiles.add(12.5);
        }
        assert_eq!(quantiles.buckets.len(), 5);
        assert_eq!(quantiles.stat(&TrendStat::Count), 100_004.0);
    }

    proptest! {
        #[test]
        fn a_buckets_middle_is_near_all_of_its_values(
            value in prop::num::f64::NORMAL | prop::num::f64::ZERO,
        ) {
            let middle = middle(bucket(value));
            prop_assert!((middle - value).abs() <= value.abs() * 0.0005, "{middle} for {value}");
        }

        #[test]
        fn statistics_agree_with_those_of_the_summary(
            values in prop::collection::vec(-1e6..1e6_f64, 1..200),
            percent in 0.0..=100.0_f64,
        ) {
            let values: Vec<f64> = values.iter().map(|v| (v * 1e6).round() / 1e6).collect();
            let mut trend = Trend::default();
            values.iter().for_each(|&value| trend.add(value));
            let quantiles = quantiles(&values);
            let scale = values.iter().fold(0.0_f64, |scale, v| scale.max(v.abs()));
            let percentile = TrendStat::Percentile(percent, String::new());
            for stat in TrendStat::defaults().iter().chain([&percentile]) {
                let (got, want) = (quantiles.stat(stat), trend.stat(stat));
                prop_assert!((got - want).abs() <= 2e-3 * scale, "{got} for {want}");
            }
            prop_assert_eq!(quantiles.stat(&TrendStat::Min), trend.min());
            prop_assert_eq!(quantiles.stat(&TrendStat::Max), trend.max());
        }
    }
}
