//! A distribution in bounded memory: the buckets of an HDR histogram, and exact count, sum, minimum
//! and maximum.
//!
//! Values are held in *ticks* of a millionth of the metric's unit, so a time, whose unit is the
//! millisecond, is held in nanoseconds. Any value read back from the buckets lies within 0.05 %
//! of a recorded one (three significant digits, middle of the bucket).

mod buckets;
mod packed;

use std::time::Duration;

use hdrhistogram::serialization::{Serializer as _, V2Serializer};

use buckets::Buckets;
pub use packed::PackedTrend;

use super::TrendStat;

/// Ticks in one unit of the metric.
pub const TICKS_PER_UNIT: f64 = 1e6;

/// Digits of a percentile that can be relied on.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// The distribution of a metric's values.
#[derive(Debug, Clone)]
pub struct Trend {
    /// Values of zero and above.
    positive: Buckets,
    /// Magnitudes of values below zero; most trends never have one.
    negative: Option<Box<Buckets>>,
    sum: i128,
    min: i64,
    max: i64,
}

impl Default for Trend {
    fn default() -> Self {
        Self { positive: Buckets::default(), negative: None, sum: 0, min: i64::MAX, max: i64::MIN }
    }
}

impl Trend {
    /// Adds a value in the metric's unit. Fractions below a tick are rounded; what does not fit
    /// 64 bits is held as the largest value that does. The value must be a number.
    pub fn add(&mut self, value: f64) {
        self.add_ticks((value * TICKS_PER_UNIT).round() as i64);
    }

    /// Adds a time to a trend whose unit is the millisecond.
    pub fn add_duration(&mut self, value: Duration) {
        self.add_ticks(i64::try_from(value.as_nanos()).unwrap_or(i64::MAX));
    }

    fn add_ticks(&mut self, ticks: i64) {
        let buckets = match ticks {
            0.. => &mut self.positive,
            _ => &mut **self.negative.get_or_insert_default(),
        };
        buckets.record(ticks.unsigned_abs());
        self.sum += i128::from(ticks);
        self.min = self.min.min(ticks);
        self.max = self.max.max(ticks);
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.positive.total() + self.negatives()
    }

    fn negatives(&self) -> u64 {
        self.negative.as_ref().map_or(0, |negative| negative.total())
    }

    /// Arithmetic mean; 0 without values.
    pub fn avg(&self) -> f64 {
        match self.count() {
            0 => 0.0,
            count => self.sum as f64 / count as f64 / TICKS_PER_UNIT,
        }
    }

    /// Smallest value, exact; 0 without values.
    pub fn min(&self) -> f64 {
        if self.count() == 0 { 0.0 } else { self.min as f64 / TICKS_PER_UNIT }
    }

    /// Largest value, exact; 0 without values.
    pub fn max(&self) -> f64 {
        if self.count() == 0 { 0.0 } else { self.max as f64 / TICKS_PER_UNIT }
    }

    /// The value below which `percent` of the values lie, 0 to 100; 0 without values.
    ///
    /// k6's definition: with the `n` values sorted, `i = percent / 100 · (n − 1)`, interpolated
    /// linearly between the values at `floor(i)` and `ceil(i)`.
    pub fn percentile(&self, percent: f64) -> f64 {
        let count = self.count();
        if count == 0 {
            return 0.0;
        }
        interpolated(percent, count, |place| self.at(place)) / TICKS_PER_UNIT
    }

    /// Ticks of the value at a place in the sorted sequence, counted from 0.
    fn at(&self, place: u64) -> f64 {
        if place == 0 {
            return self.min as f64;
        }
        if place + 1 == self.count() {
            return self.max as f64;
        }
        let negatives = self.negatives();
        let ticks = match &self.negative {
            Some(negative) if place < negatives => -(negative.nth(negatives - 1 - place) as f64),
            _ => self.positive.nth(place - negatives) as f64,
        };
        ticks.clamp(self.min as f64, self.max as f64)
    }

    /// Values of zero and above, each with how often there was one like it, ascending.
    pub fn counts(&self) -> impl Iterator<Item = (f64, u64)> {
        self.positive.iter().map(|(ticks, count)| (ticks as f64 / TICKS_PER_UNIT, count))
    }

    /// The values of zero and above, in ticks, in HDR's V2 format.
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written = V2Serializer::new().serialize(&self.positive.histogram(), &mut bytes);
        written.expect("writing to memory does not fail");
        bytes
    }

    /// One statistic.
    pub fn stat(&self, stat: &TrendStat) -> f64 {
        match stat {
            TrendStat::Avg => self.avg(),
            TrendStat::Min => self.min(),
            TrendStat::Max => self.max(),
            TrendStat::Med => self.percentile(50.0),
            TrendStat::Count => self.count() as f64,
            TrendStat::Percentile(percent, _) => self.percentile(*percent),
        }
    }
}

/// k6's percentile of `count` values, at least one, of which `at` tells the one at a place in the
/// sorted sequence.
pub fn interpolated(percent: f64, count: u64, at: impl Fn(u64) -> f64) -> f64 {
    let index = percent / 100.0 * (count - 1) as f64;
    let (below, above) = (at(index.floor() as u64), at(index.ceil() as u64));
    below + (above - below) * index.fract()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// k6's percentile over all values.
    fn exact(values: &[f64], percent: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let index = percent / 100.0 * (sorted.len() - 1) as f64;
        let (below, above) = (sorted[index.floor() as usize], sorted[index.ceil() as usize]);
        below + (above - below) * index.fract()
    }

    fn trend(values: &[f64]) -> Trend {
        let mut trend = Trend::default();
        values.iter().for_each(|&value| trend.add(value));
        trend
    }

    #[test]
    fn an_empty_trend_is_all_zeros() {
        let trend = Trend::default();
        assert_eq!((trend.count(), trend.avg(), trend.min(), trend.max()), (0, 0.0, 0.0, 0.0));
        assert_eq!(trend.percentile(95.0), 0.0);
    }

    #[test]
    fn two_values_are_interpolated() {
        let trend = trend(&[1.0, 3.0]);
        assert!((trend.percentile(50.0) - 2.0).abs() < 0.002, "{}", trend.percentile(50.0));
        assert_eq!((trend.percentile(0.0), trend.percentile(100.0)), (1.0, 3.0));
    }

    #[test]
    fn one_value_is_every_statistic() {
        let trend = trend(&[0.123_457]);
        for stat in TrendStat::defaults() {
            assert_eq!(trend.stat(&stat), 0.123_457, "{stat}");
        }
    }

    #[test]
    fn values_beyond_64_bits_are_held_at_the_edge() {
        let trend = trend(&[f64::MAX, f64::MIN]);
        assert_eq!(trend.count(), 2);
        assert!(trend.max() > 9e12 && trend.min() < -9e12);
    }

    proptest! {
        #[test]
        fn percentiles_agree_with_the_exact_ones(
            values in prop::collection::vec(-1e6..1e6_f64, 1..200),
            percent in 0.0..=100.0_f64,
        ) {
            let values: Vec<f64> = values.iter().map(|v| (v * 1e6).round() / 1e6).collect();
            let (got, want) = (trend(&values).percentile(percent), exact(&values, percent));
            let scale = values.iter().fold(0.0_f64, |scale, v| scale.max(v.abs()));
            prop_assert!((got - want).abs() <= 1e-3 * scale + 2e-6, "{got} for {want}");
        }

        #[test]
        fn merging_is_the_same_as_adding_all(
            left in prop::collection::vec(-1e6..1e6_f64, 0..50),
            right in prop::collection::vec(-1e6..1e6_f64, 0..50),
        ) {
            let mut merged = trend(&left);
            let mut right_trend = trend(&right);
            merged.merge(&right_trend.take());
            prop_assert_eq!(right_trend.count(), 0);
            let all = trend(&[left, right].concat());
            for stat in ["avg", "min", "med", "max", "count", "p(90)", "p(99.9)"] {
                let stat: TrendStat = stat.parse().expect("a statistic");
                prop_assert_eq!(merged.stat(&stat), all.stat(&stat), "{}", stat);
            }
        }
    }
}
