//! Exact fractions, small enough that arithmetic on them cannot overflow.

use std::{cmp::Ordering, fmt, ops::Sub};

use super::{MAX_STRIPES, SegmentError};

/// A fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    numerator: i128,
    denominator: i128,
}

pub(super) const ZERO: Fraction = Fraction { numerator: 0, denominator: 1 };
pub(super) const ONE: Fraction = Fraction { numerator: 1, denominator: 1 };

/// Most digits of a number: more could not be multiplied with each other.
const MAX_DIGITS: usize = 18;

impl Fraction {
    /// `denominator` must not be 0.
    pub(super) fn new(numerator: i128, denominator: u64) -> Self {
        Self::reduced(numerator, denominator.into())
    }

    fn reduced(numerator: i128, denominator: i128) -> Self {
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128;
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    pub(super) fn denominator(self) -> u128 {
        self.denominator.unsigned_abs()
    }

    /// This many of `parts`, which its denominator must divide.
    pub(super) fn of(self, parts: u64) -> u64 {
        (self.numerator * i128::from(parts) / self.denominator) as u64
    }

    pub(super) fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

impl Sub for Fraction {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let numerator = self.numerator * other.denominator - other.numerator * self.denominator;
        Self::reduced(numerator, self.denominator * other.denominator)
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            _ => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

pub(super) fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Reads `20%`, `0.2` or `1/5`.
pub(super) fn parse(text: &str) -> Result<Fraction, SegmentError> {
    if let Some(percentage) = text.strip_suffix('%') {
        let number = percentage.parse::<i32>();
        let number = number.map_err(|_| SegmentError::Percentage(percentage.into()))?;
        return Ok(Fraction::new(number.into(), 100));
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (numerator, denominator) = match unsigned.split_once('/') {
        Some((numerator, denominator)) => (integer(numerator, text)?, integer(denominator, text)?),
        None => decimal(unsigned, text)?,
    };
    if denominator == 0 {
        return Err(SegmentError::Point(text.into()));
    }
    let fraction = Fraction::new(sign * i128::from(numerator), denominator);
    match fraction.denominator() <= u128::from(MAX_STRIPES) {
        true => Ok(fraction),
        false => Err(SegmentError::Fine(text.into())),
    }
}

/// `0.25` as 25 of 100.
fn decimal(unsigned: &str, text: &str) -> Result<(u64, u64), SegmentError> {
    let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() && places.is_empty() {
        return Err(SegmentError::Point(text.into()));
    }
    let places = places.trim_end_matches('0');
    let numerator = integer(&format!("0{whole}{places}"), text)?;
    // As many places as digits at most, and those have been counted.
    Ok((numerator, 10_u64.pow(places.len() as u32)))
}

/// A row of digits; `text` is all of what it stands in.
fn integer(digits: &str, text: &str) -> Result<u64, SegmentError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SegmentError::Point(text.into()));
    }
    match digits.len() <= MAX_DIGITS {
        true => digits.parse().map_err(|_| SegmentError::Point(text.into())),
        false => Err(SegmentError::Fine(text.into())),
    }
}
