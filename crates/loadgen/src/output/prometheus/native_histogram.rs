//! Prometheus' native histogram: buckets whose bounds grow by a constant factor, of which only
//! those that hold something are sent.
//!
//! With schema *s*, bucket *i* holds values above 2^((i−1)/2^s) and up to 2^(i/2^s), and another
//! set of buckets the same of what is below zero.

use std::collections::BTreeMap;

use super::super::aggregate::Distribution;
use crate::metrics::Contains;

/// Buckets to a doubling, as a power of two: 2³ = 8, so bounds grow by 9 %. k6's choice.
pub(super) const SCHEMA: i8 = 3;

const PER_DOUBLING: i32 = 1 << SCHEMA;

/// What is no farther from zero, 2⁻¹²⁸, counts as zero.
pub(super) const ZERO_THRESHOLD: f64 = f64::from_bits((1023 - 128) << (f64::MANTISSA_DIGITS - 1));

/// Up to as many empty buckets are sent as such: another span would take more room.
const BRIDGED: i32 = 2;

/// What a native histogram is made of. Holds finite values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NativeHistogram {
    /// What a value is divided by, as times come in milliseconds and are held in seconds.
    divisor: f64,
    /// Number of values.
    pub(super) count: u64,
    /// Sum of the values.
    pub(super) sum: f64,
    /// Values that count as zero.
    pub(super) zeros: u64,
    /// Buckets above zero.
    pub(super) positive: Buckets,
    /// Buckets below zero, by their magnitude.
    pub(super) negative: Buckets,
}

impl Distribution for NativeHistogram {
    fn of(contains: Contains) -> Self {
        Self {
            divisor: if contains == Contains::Time { 1000.0 } else { 1.0 },
            count: 0,
            sum: 0.0,
            zeros: 0,
            positive: Buckets::default(),
            negative: Buckets::default(),
        }
    }

    fn add(&mut self, value: f64) {
        let value = value / self.divisor;
        self.count += 1;
        self.sum += value;
        if value.abs() <= ZERO_THRESHOLD {
            self.zeros += 1;
        } else if value > 0.0 {
            self.positive.add(value);
        } else {
            self.negative.add(-value);
        }
    }
}

/// How many values the buckets on one side of zero hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Buckets(BTreeMap<i32, u64>);

/// A run of buckets that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Buckets left out since the span before; of the first, the number of its first bucket.
    pub(super) offset: i32,
    /// Number of buckets.
    pub(super) length: u32,
}

impl Buckets {
    fn add(&mut self, magnitude: f64) {
        *self.0.entry(bucket(magnitude)).or_default() += 1;
    }

    /// The buckets as they are sent: where they are, and how each count differs from the one
    /// before it.
    pub(super) fn spans(&self) -> (Vec<Span>, Vec<i64>) {
        let mut spans: Vec<Span> = Vec::new();
        let mut deltas = Vec::new();
        let (mut next, mut before) = (0, 0);
        for (&bucket, &count) in &self.0 {
            let gap = bucket - next;
            match spans.last_mut() {
                Some(span) if gap <= BRIDGED => {
                    span.length += gap.unsigned_abs() + 1;
                    for _ in 0..gap {
                        deltas.push(-before);
                        before = 0;
                    }
                }
                _ => spans.push(Span { offset: gap, length: 1 }),
            }
            let count = count as i64;
            deltas.push(count - before);
            (next, before) = (bucket + 1, count);
        }
        (spans, deltas)
    }
}

/// The bucket of a value above [`ZERO_THRESHOLD`].
fn bucket(value: f64) -> i32 {
    // 2^exponent ≤ value; no value here is so small that it has another form.
    let exponent = (value.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i32 - 1023;
    let fraction = value / f64::powi(2.0, exponent);
    let within = (0..PER_DOUBLING).take_while(|&step| upper_bound(step) < fraction).count();
    exponent * PER_DOUBLING + within as i32
}

/// The value up to which a bucket goes.
fn upper_bound(bucket: i32) -> f64 {
    f64::exp2(f64::from(bucket) / f64::from(PER_DOUBLING))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(values: &[f64]) -> NativeHistogram {
        let mut histogram = NativeHistogram::of(Contains::Default);
        values.iter().for_each(|&value| histogram.add(value));
        histogram
    }

    /// What a receiver makes of spans and deltas: its buckets that hold something.
    fn received(spans: &[Span], deltas: &[i64]) -> BTreeMap<i32, u64> {
        let mut buckets = BTreeMap::new();
        let mut deltas = deltas.iter();
        let (mut bucket, mut count) = (0, 0);
        for span in spans {
            bucket += span.offset;
            for _ in 0..span.length {
                count += deltas.next().expect("a delta for each bucket");
                if count != 0 {
                    buckets.insert(bucket, u64::try_from(count).expect("no count is negative"));
                }
                bucket += 1;
            }
        }
        assert_eq!(deltas.next(), None, "a bucket for each delta");
        buckets
    }

    #[test]
    fn powers_of_two_are_the_upper_bounds_of_their_buckets() {
        for (value, place) in [(1.0, 0), (2.0, 8), (0.5, -8), (1.000_1, 1), (1.99, 8), (2.01, 9)] {
            assert_eq!(bucket(value), place, "{value}");
        }
        // Bucket 1 reaches to 2^(1/8) = 1.0905.
        assert_eq!((bucket(1.0905), bucket(1.0906)), (1, 2));
    }

    #[test]
    fn small_gaps_are_bridged_and_large_ones_skipped() {
        // Buckets 0, 2 and 8.
        let (spans, deltas) = histogram(&[1.0, 1.1, 2.0, 2.0]).positive.spans();
        assert_eq!(spans, [Span { offset: 0, length: 3 }, Span { offset: 5, length: 1 }]);
        assert_eq!(deltas, [1, -1, 1, 1]);
    }

    #[test]
    fn zero_and_what_is_next_to_it_has_a_bucket_of_its_own() {
        let values = [0.0, -0.0, 1e-40, -1e-40, ZERO_THRESHOLD, 3e-39, f64::MAX, f64::MIN];
        let histogram = histogram(&values);
        assert_eq!((histogram.count, histogram.zeros), (8, 5));
        assert_eq!(ZERO_THRESHOLD, f64::powi(2.0, -128));
        assert_eq!(histogram.positive.0.len(), 2);
        assert_eq!(histogram.negative.0.len(), 1);
    }

    proptest! {
        #[test]
        fn a_value_lies_within_the_bounds_of_its_bucket(exponent in -120.0..1000.0_f64) {
            let value = f64::exp2(exponent);
            let place = bucket(value);
            let slack = 1.0 + 1e-12;
            prop_assert!(value <= upper_bound(place) * slack, "{value} in {place}");
            prop_assert!(value * slack > upper_bound(place - 1), "{value} in {place}");
        }

        #[test]
        fn a_receiver_finds_every_value(
            values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 0..80),
        ) {
            let histogram = histogram(&values);
            let mut total = histogram.zeros;
            for side in [&histogram.positive, &histogram.negative] {
                let (spans, deltas) = side.spans();
                prop_assert_eq!(&received(&spans, &deltas), &side.0);
                prop_assert!(spans.iter().skip(1).all(|span| span.offset > BRIDGED));
                total += side.0.values().sum::<u64>();
            }
            prop_assert_eq!(total, values.len() as u64);
            prop_assert_eq!(histogram.count, total);
        }
    }
}
