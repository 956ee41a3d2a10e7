//! An instance's share of a test.

use std::sync::Arc;

use super::{
    MAX_STRIPES, Segment, SegmentError, SegmentSequence,
    fraction::{Fraction, gcd},
    stripes::owners,
};

/// Most that a share can be fitted to.
const MAX_REFIT: u64 = 100_000_000;

/// The numbers that one instance takes: of VUs, of iterations, of whatever is counted from 0.
/// Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// All of the test, in order.
    pub(super) sequence: Arc<SegmentSequence>,
    /// Which of them this is.
    index: usize,
    /// After how many numbers it begins again.
    period: u64,
    /// Those it takes of the first period, ascending; never empty.
    own: Arc<[u32]>,
}

/// Why a share cannot be fitted to a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefitError {
    /// There is nothing to share.
    #[error("cannot generate new sequence for value 0")]
    Nothing,
    /// Too much to be dealt out one by one.
    #[error("cannot generate new sequence for value {0}; allowed is {MAX_REFIT} at most")]
    TooMuch(u64),
    /// None of it is this instance's.
    #[error("segment {index} ({segment}) isn't present in the new sequence")]
    Left {
        /// Which segment the instance has.
        index: usize,
        /// Its bounds.
        segment: Segment,
    },
}

impl Share {
    /// All there is.
    pub fn whole() -> Self {
        Self {
            sequence: Arc::new(SegmentSequence(vec![Segment::WHOLE])),
            index: 0,
            period: 1,
            own: Arc::new([0]),
        }
    }

    /// The share of the instance that runs `segment` (unset: the whole test) of a test that is cut
    /// as `sequence` says. Without a sequence, what comes before the segment is taken for one more,
    /// and so is what comes after it; instances that do not say the same of the whole test may
    /// take the same numbers.
    ///
    /// # Errors
    ///
    /// When the sequence does not have the segment, or when their common denominator is more than
    /// [`MAX_STRIPES`].
    pub fn new(
        segment: Option<Segment>,
        sequence: Option<SegmentSequence>,
    ) -> Result<Self, SegmentError> {
        let segment = segment.unwrap_or_default();
        let sequence = sequence.unwrap_or_else(|| SegmentSequence(vec![segment]));
        if !sequence.0.contains(&segment) {
            return Err(SegmentError::NotFound { segment, sequence });
        }
        let sequence = sequence.filled();
        let index = sequence.0.iter().position(|&other| other == segment).unwrap_or(0);
        let stripes = stripes(&sequence);
        if stripes > u128::from(MAX_STRIPES) {
            return Err(SegmentError::Stripes { sequence, stripes });
        }
        Ok(Self::striped(sequence, index, stripes as u64))
    }

    fn striped(sequence: SegmentSequence, index: usize, period: u64) -> Self {
        let own = (0..).zip(owners(&parts(&sequence, period)));
        let own = own.filter(|&(_, owner)| owner == index).map(|(number, _)| number).collect();
        Self { sequence: Arc::new(sequence), index, period, own }
    }

    /// How much of the whole it is: above 0, and 1 at most.
    pub fn fraction(&self) -> f64 {
        self.own.len() as f64 / self.period as f64
    }

    /// How many of the first `count` numbers are its own.
    pub fn scale(&self, count: u64) -> u64 {
        let (periods, rest) = (count / self.period, count % self.period);
        let rest = self.own.partition_point(|&number| u64::from(number) < rest);
        periods * self.own.len() as u64 + rest as u64
    }

    /// The number of its own that has `rank` own ones before it.
    ///
    /// # Panics
    ///
    /// When it is more than `u64` can hold.
    pub fn global(&self, rank: u64) -> u64 {
        let own = self.own.len() as u64;
        let number = u64::from(self.own[(rank % own) as usize]);
        (rank / own)
            .checked_mul(self.period)
            .and_then(|first| first.checked_add(number))
            .expect("a rank that was counted in numbers of 64 bits")
    }

    /// Its own numbers, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        let share = self.clone();
        (0..).map(move |rank| share.global(rank))
    }

    /// A share in which every instance has as many of `count` as it has of this one. What is dealt
    /// out by it is dealt in proportion to that, and not to the bounds of the segments: iterations
    /// to the VUs that each instance really got.
    ///
    /// # Errors
    ///
    /// When `count` is 0 or more than 100,000,000, or nothing of it is this instance's.
    pub fn refit(&self, count: u64) -> Result<Self, RefitError> {
        match count {
            0 => return Err(RefitError::Nothing),
            1..=MAX_REFIT => {}
            _ => return Err(RefitError::TooMuch(count)),
        }
        if count.is_multiple_of(self.period) {
            return Ok(self.clone());
        }
        let counts = self.all_scaled(count);
        if counts[self.index] == 0 {
            let segment = self.sequence.0[self.index];
            return Err(RefitError::Left { index: self.index, segment });
        }
        let index = counts[..self.index].iter().filter(|&&own| own > 0).count();
        let mut end = 0;
        let segments = counts.into_iter().filter(|&own| own > 0).map(|own| {
            let from = Fraction::new(end, count);
            end += i128::from(own);
            Segment { from, to: Fraction::new(end, count) }
        });
        let sequence = SegmentSequence(segments.collect());
        // It divides `count`.
        let period = stripes(&sequence) as u64;
        Ok(Self::striped(sequence, index, period))
    }

    /// How many of the first `count` numbers are each instance's.
    fn all_scaled(&self, count: u64) -> Vec<u64> {
        let parts = parts(&self.sequence, self.period);
        let (periods, rest) = (count / self.period, count % self.period);
        let mut counts: Vec<_> = parts.iter().map(|part| periods * part).collect();
        for owner in owners(&parts).take(rest as usize) {
            counts[owner] += 1;
        }
        counts
    }
}

/// The least common denominator of the segments' lengths, or some number above [`MAX_STRIPES`].
fn stripes(sequence: &SegmentSequence) -> u128 {
    sequence.0.iter().fold(1, |common: u128, segment| {
        let denominator = segment.length().denominator();
        (common / gcd(common, denominator)).saturating_mul(denominator)
    })
}

/// How many of `stripes` each segment has.
fn parts(sequence: &SegmentSequence, stripes: u64) -> Vec<u64> {
    sequence.0.iter().map(|segment| segment.length().of(stripes)).collect()
}
