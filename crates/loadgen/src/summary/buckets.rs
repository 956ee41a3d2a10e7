//! How latency was distributed in one interval, roughly and in little room.
//!
//! Eight buckets for each factor of ten, from a microsecond to 100 seconds: neighbours differ by a
//! third. A file has them as one text, `first:count,count,…`: the number of the first bucket that
//! is not empty, and the counts from there to the last one that is not.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Buckets for each factor of ten.
const PER_DECADE: f64 = 8.0;

/// How many buckets there are.
pub const BUCKETS: usize = 64;

/// Where the first one begins, milliseconds.
const LOWEST: f64 = 1e-3;

/// Counts by latency; see the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LatencyBuckets {
    first: usize,
    /// Neither begins nor ends with a zero.
    counts: Vec<u64>,
}

impl LatencyBuckets {
    /// Where a bucket begins, and the one before it ends, milliseconds.
    pub fn edge(bucket: usize) -> f64 {
        LOWEST * 10_f64.powf(bucket as f64 / PER_DECADE)
    }

    /// The bucket of a latency in milliseconds. The outermost ones take what lies beyond them.
    fn bucket(latency: f64) -> usize {
        ((latency / LOWEST).log10() * PER_DECADE).clamp(0.0, (BUCKETS - 1) as f64) as usize
    }

    /// Number and count of each bucket from the first that is not empty to the last.
    pub fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        (self.first..).zip(self.counts.iter().copied())
    }
}

/// From latencies in milliseconds and how often there was each.
impl FromIterator<(f64, u64)> for LatencyBuckets {
    fn from_iter<T: IntoIterator<Item = (f64, u64)>>(latencies: T) -> Self {
        let mut all = [0; BUCKETS];
        for (latency, count) in latencies {
            all[Self::bucket(latency)] += count;
        }
        let first = all.iter().position(|&count| count > 0).unwrap_or(0);
        let end = all.iter().rposition(|&count| count > 0).map_or(first, |last| last + 1);
        Self { first, counts: all[first..end].into() }
    }
}

impl fmt::Display for LatencyBuckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, count) in self.counts.iter().enumerate() {
            match i {
                0 => write!(f, "{}:{count}", self.first)?,
                _ => write!(f, ",{count}")?,
            }
        }
        Ok(())
    }
}

impl From<LatencyBuckets> for String {
    fn from(buckets: LatencyBuckets) -> Self {
        buckets.to_string()
    }
}

/// A text is no [`LatencyBuckets`].
#[derive(Debug, thiserror::Error)]
#[error(
    "'{0}' are no latency buckets: 'first:count,count,…' with up to {BUCKETS} of them is expected"
)]
pub struct InvalidBuckets(String);

impl TryFrom<String> for LatencyBuckets {
    type Error = InvalidBuckets;

    fn try_from(text: String) -> Result<Self, InvalidBuckets> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let parsed = || {
            let (first, counts) = text.split_once(':')?;
            let first: usize = first.parse().ok()?;
            let counts: Vec<_> =
                counts.split(',').map(|count| count.parse().ok()).collect::<Option<_>>()?;
            (first.checked_add(counts.len())? <= BUCKETS).then_some(Self { first, counts })
        };
        parsed().ok_or_else(|| InvalidBuckets(text.clone()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bucket_begins_at_its_edge() {
        for bucket in 1..BUCKETS {
            let edge = LatencyBuckets::edge(bucket);
            assert_eq!(LatencyBuckets::bucket(edge * 1.000_001), bucket, "{edge}");
            assert_eq!(LatencyBuckets::bucket(edge * 0.999_999), bucket - 1, "{edge}");
        }
        assert_eq!((LatencyBuckets::edge(8), LatencyBuckets::edge(24)), (0.01, 1.0));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_counted_all_the_same() {
        let buckets: LatencyBuckets =
            [(0.0, 1), (-1.0, 1), (1e-9, 1), (1e12, 3), (f64::NAN, 1)].into_iter().collect();
        assert_eq!(buckets.iter().map(|(_, count)| count).sum::<u64>(), 7);
        assert_eq!((buckets.iter().next(), buckets.iter().last()), (Some((0, 4)), Some((63, 3))));
    }

    #[test]
    fn a_text_that_is_none_is_told() {
        for text in ["1", "a:1", "1:", "1:2,x", "63:1,1", "-1:2", "18446744073709551615:1"] {
            let error = LatencyBuckets::try_from(text.to_owned()).expect_err(text).to_string();
            assert!(error.starts_with(&format!("'{text}' are no latency buckets")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_text_holds_all(latencies in prop::collection::vec((1e-4..1e6_f64, 1..9_u64), 0..30)) {
            let buckets: LatencyBuckets = latencies.iter().copied().collect();
            let counted: u64 = buckets.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(counted, latencies.iter().map(|(_, count)| count).sum::<u64>());
            prop_assert_eq!(LatencyBuckets::try_from(buckets.to_string()).expect("its own"), buckets);
        }
    }
}
