//! Fewer points for long runs, without losing a peak.
//!
//! Up to [`MAX_POINTS`] positions are drawn as they are. Beyond that, neighbours are gathered in
//! buckets, and each curve passes through its lowest and its highest value of each bucket, in the
//! order in which they came. No value outside the drawn band exists; means are not formed.

use std::ops::Range;

/// Most points that one curve is drawn with.
pub(crate) const MAX_POINTS: usize = 400;

/// The buckets of `len` positions; each holds one position if there are few enough.
pub(crate) fn buckets(len: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let size = if len <= MAX_POINTS { 1 } else { len.div_ceil(MAX_POINTS / 2) };
    (0..len).step_by(size).map(move |start| start..(start + size).min(len))
}

/// Positions of the lowest and of the highest finite value of a bucket, in order, once if they
/// are equal.
pub(crate) fn extremes(values: &[Option<f64>], bucket: Range<usize>) -> Vec<(usize, f64)> {
    let finite = || {
        let bucket = bucket.clone().zip(values.get(bucket.clone()).unwrap_or_default());
        bucket.filter_map(|(i, value)| Some((i, value.filter(|v| v.is_finite())?)))
    };
    let low = finite().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = finite().max_by(|a, b| a.1.total_cmp(&b.1));
    let mut both: Vec<_> = low.into_iter().chain(high).collect();
    both.dedup_by_key(|(_, value)| *value);
    both.sort_by_key(|(i, _)| *i);
    both
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn buckets_cover_everything_once(len in 0..20_000_usize) {
            let all: Vec<usize> = buckets(len).flatten().collect();
            prop_assert!(all.into_iter().eq(0..len));
            prop_assert!(buckets(len).count() <= MAX_POINTS);
        }

        #[test]
        fn peaks_survive(values in prop::collection::vec(prop::option::of(0.0..1e6_f64), 1..3000)) {
            let drawn: Vec<f64> = buckets(values.len())
                .flat_map(|bucket| extremes(&values, bucket))
                .map(|(_, value)| value)
                .collect();
            prop_assert!(drawn.len() <= MAX_POINTS);
            let highest = |all: &mut dyn Iterator<Item = f64>| all.reduce(f64::max);
            let lowest = |all: &mut dyn Iterator<Item = f64>| all.reduce(f64::min);
            let mut given = values.iter().flatten().copied();
            prop_assert_eq!(highest(&mut drawn.iter().copied()), highest(&mut given.clone()));
            prop_assert_eq!(lowest(&mut drawn.iter().copied()), lowest(&mut given));
        }
    }
}
