//! Execution segments: which part of a test an instance runs.
//!
//! A test can be cut into segments, each run by an instance that knows nothing of the others, so
//! that together they run exactly the whole: each VU, each iteration once. VUs and iterations are
//! numbered through, and who takes a number follows from the segments alone: numbers are dealt out
//! in stripes, so that every instance has its part of the load at any time.
//!
//! A [`Segment`] is an interval, a [`SegmentSequence`] says how the whole test is cut, and a
//! [`Share`] is what one instance makes of the two. Knows nothing of executors.

mod fraction;
mod share;
mod stripes;

use std::{fmt, str::FromStr};

pub use share::{RefitError, Share};

use self::fraction::{Fraction, ONE, ZERO};

/// Largest denominator of a bound, and most stripes that a test is cut into.
pub const MAX_STRIPES: u64 = 1_000_000;

/// A part of a test: the interval from one point to another between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    from: Fraction,
    to: Fraction,
}

/// How a test is cut: segments that follow on each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSequence(Vec<Segment>);

/// Why a segment or a sequence is not usable.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SegmentError {
    /// Something before a `%` that is no integer.
    #[error("'{0}' is not a valid percentage")]
    Percentage(String),
    /// A point in no known notation.
    #[error("'{0}' is not a valid percentage, decimal, fraction or interval value")]
    Point(String),
    /// A point with too large a denominator.
    #[error("'{0}' is too fine; allowed are fractions with denominators up to {MAX_STRIPES}")]
    Fine(String),
    /// It begins before 0.
    #[error("segment start value must be at least 0 but was {0:.2}")]
    Start(f64),
    /// It has no length.
    #[error("segment start({0:.2}) must be less than its end({1:.2})")]
    Order(f64, f64),
    /// It ends after 1.
    #[error("segment end value can't be more than 1 but was {0:.2}")]
    End(f64),
    /// Not even one segment.
    #[error("at least 2 points are needed for an execution segment sequence, {0} given")]
    Points(usize),
    /// The instance's segment is none of the test's.
    #[error("provided segment {segment} can't be found in sequence {sequence}")]
    NotFound {
        /// The instance's.
        segment: Segment,
        /// The test's.
        sequence: SegmentSequence,
    },
    /// Bounds that have no small common denominator.
    #[error(
        "the segments {sequence} have {stripes} as their common denominator; allowed is {MAX_STRIPES} at most"
    )]
    Stripes {
        /// The test's segments.
        sequence: SegmentSequence,
        /// How many stripes they would take.
        stripes: u128,
    },
}

impl Segment {
    /// All of the test.
    pub const WHOLE: Self = Self { from: ZERO, to: ONE };

    fn new(from: Fraction, to: Fraction) -> Result<Self, SegmentError> {
        if from < ZERO {
            return Err(SegmentError::Start(from.to_f64()));
        }
        if from >= to {
            return Err(SegmentError::Order(from.to_f64(), to.to_f64()));
        }
        if to > ONE {
            return Err(SegmentError::End(to.to_f64()));
        }
        Ok(Self { from, to })
    }

    fn length(self) -> Fraction {
        self.to - self.from
    }
}

impl Default for Segment {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for Segment {
    type Err = SegmentError;

    /// Reads `from:to`, or `to` for a segment that starts at 0. Points are percentages (`20%`),
    /// decimals (`0.2`) or fractions (`1/5`). Nothing at all is the whole test.
    fn from_str(text: &str) -> Result<Self, SegmentError> {
        if text.is_empty() {
            return Ok(Self::WHOLE);
        }
        match text.split_once(':') {
            Some((from, to)) => Self::new(fraction::parse(from)?, fraction::parse(to)?),
            None => Self::new(ZERO, fraction::parse(text)?),
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

impl SegmentSequence {
    /// The whole test: what the segments leave out before and after becomes two more.
    fn filled(self) -> Self {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return self };
        let before = (first.from != ZERO).then_some(Segment { from: ZERO, to: first.from });
        let after = (last.to != ONE).then_some(Segment { from: last.to, to: ONE });
        Self(before.into_iter().chain(self.0).chain(after).collect())
    }
}

impl FromStr for SegmentSequence {
    type Err = SegmentError;

    /// Reads the points between segments, as in `0,1/4,1/2,1`.
    fn from_str(text: &str) -> Result<Self, SegmentError> {
        let points: Vec<_> = text.split(',').collect();
        if points.len() < 2 {
            return Err(SegmentError::Points(points.len()));
        }
        let points = points.into_iter().map(fraction::parse).collect::<Result<Vec<_>, _>>()?;
        let segments = points.windows(2).map(|ends| Segment::new(ends[0], ends[1]));
        segments.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for SegmentSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return Ok(()) };
        write!(f, "{}", first.from)?;
        self.0.iter().try_for_each(|segment| write!(f, ",{}", segment.to))
    }
}

#[cfg(test)]
mod tests;
