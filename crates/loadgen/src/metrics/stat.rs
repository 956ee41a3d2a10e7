//! The statistics that a trend can be asked for: `avg`, `min`, `med`, `max`, `count`, `p(N)`.

use std::{fmt, str::FromStr};

/// One statistic of a trend. `Display` and `FromStr` use k6's spelling.
#[derive(Debug, Clone, PartialEq)]
pub enum TrendStat {
    /// Arithmetic mean.
    Avg,
    /// Smallest value.
    Min,
    /// The 50th percentile.
    Med,
    /// Largest value.
    Max,
    /// Number of values.
    Count,
    /// A percentile, 0 to 100, with the text it was asked for (`p(99.90)` stays `p(99.90)`).
    Percentile(f64, String),
}

impl TrendStat {
    /// k6's default list: `avg,min,med,max,p(90),p(95)`.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::Avg,
            Self::Min,
            Self::Med,
            Self::Max,
            Self::Percentile(90.0, "p(90)".into()),
            Self::Percentile(95.0, "p(95)".into()),
        ]
    }
}

impl fmt::Display for TrendStat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Med => "med",
            Self::Max => "max",
            Self::Count => "count",
            Self::Percentile(_, text) => text,
        })
    }
}

/// A word that names no statistic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrendStat {
    /// Neither a known word nor `p(N)`.
    #[error(
        "invalid trend stat '{0}', unknown format; allowed are avg, min, med, max, count and p(N)"
    )]
    Unknown(String),
    /// `p(N)` with an `N` that is no number from 0 to 100.
    #[error("invalid percentile trend stat value '{0}', provide a number between 0 and 100")]
    Percentile(String),
}

impl FromStr for TrendStat {
    type Err = InvalidTrendStat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "avg" => Self::Avg,
            "min" => Self::Min,
            "med" => Self::Med,
            "max" => Self::Max,
            "count" => Self::Count,
            _ => {
                let number = text
                    .strip_prefix("p(")
                    .and_then(|rest| rest.strip_suffix(')'))
                    .ok_or_else(|| InvalidTrendStat::Unknown(text.into()))?;
                match number.parse::<f64>() {
                    Ok(p) if (0.0..=100.0).contains(&p) => Self::Percentile(p, text.into()),
                    _ => return Err(InvalidTrendStat::Percentile(text.into())),
                }
            }
        })
    }
}
