//! Which statuses are not failures.

use std::{fmt, ops::RangeInclusive, str::FromStr};

/// A set of HTTP statuses, written `200,301,308,404` or `200-399` or a mixture.
///
/// ```
/// # use loadgen::http::ExpectedStatuses;
/// let expected: ExpectedStatuses = "200-299, 404".parse().unwrap();
/// assert!(expected.contains(204) && expected.contains(404) && !expected.contains(301));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedStatuses(Vec<RangeInclusive<u16>>);

/// Text that is no [`ExpectedStatuses`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid status '{part}'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308"
)]
pub struct InvalidStatuses {
    part: String,
}

impl ExpectedStatuses {
    /// Whether `status` is one of them. A request without an answer has status 0.
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl Default for ExpectedStatuses {
    /// 200 to 399.
    fn default() -> Self {
        Self(vec![200..=399])
    }
}

impl FromStr for ExpectedStatuses {
    type Err = InvalidStatuses;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = |part: &str| {
            let (min, max) = part.split_once('-').unwrap_or((part, part));
            let (min, max) = (status(min)?, status(max)?);
            (min <= max).then_some(min..=max)
        };
        text.split(',')
            .map(|part| range(part).ok_or_else(|| InvalidStatuses { part: part.trim().to_owned() }))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn status(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|status| (100..=599).contains(status))
}

impl fmt::Display for ExpectedStatuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let (min, max) = (range.start(), range.end());
            if min == max {
                write!(f, "{comma}{min}")?;
            } else {
                write!(f, "{comma}{min}-{max}")?;
            }
        }
        Ok(())
    }
}
