//! The summary as text, in the three looks that k6 has had.

mod columns;
mod legacy;
mod modern;
mod subject;
mod tally;
mod thresholds;

use std::{fmt, str::FromStr};

use super::model::Summary;
use crate::options::TimeUnit;
use columns::{Rates, Style};

/// Which of k6's looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// Until k6 0.53: checks by group, then one list of metrics (`checks...: 100.00% ✓ 5 ✗ 0`).
    #[default]
    Legacy,
    /// Since k6 1.2: thresholds, checks, metrics by subject without the details of requests.
    Compact,
    /// Compact with all metrics, and each group and scenario by itself.
    Full,
}

/// No name of a look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid summary mode '{0}', allowed are legacy, compact and full")]
pub struct InvalidLook(String);

impl FromStr for Look {
    type Err = InvalidLook;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "legacy" => Ok(Self::Legacy),
            "compact" => Ok(Self::Compact),
            "full" => Ok(Self::Full),
            _ => Err(InvalidLook(text.into())),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "legacy",
            Self::Compact => "compact",
            Self::Full => "full",
        })
    }
}

/// How a summary is shown as text.
///
/// The statistics of trends are those that the summary names;
/// [`Summary::with_trend_stats`] changes them.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextOptions {
    /// The look.
    pub look: Look,
    /// One unit for all times. Unset: the summary's own choice.
    pub time_unit: Option<TimeUnit>,
    /// Whether to use colours.
    pub color: bool,
}

/// The summary as text.
///
/// To print it as k6 does, put one line feed before it and two behind it: `"\n{text}\n\n"`.
pub fn text(summary: &Summary, options: &TextOptions) -> String {
    let style = |rates, dots, extra| Style {
        stats: &summary.options.summary_trend_stats,
        unit: options.time_unit.or_else(|| summary.options.time_unit()),
        rates,
        dots,
        extra,
        paint: Paint(options.color),
    };
    match options.look {
        Look::Legacy => legacy::render(summary, &style(Rates::Ticks, "2", "36;2")),
        look => {
            let style = style(Rates::OutOf, "2;37", "2;36");
            modern::render(summary, &style, look == Look::Full)
        }
    }
}

/// Puts colours around texts, or does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) const BOLD: &str = "1";
    pub(crate) const RED: &str = "31";
    pub(crate) const GREEN: &str = "32";
    const WHITE: &str = "37";
    const CYAN: &str = "36";

    pub(crate) fn apply(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Green for what is well, red for what is not.
    fn verdict(self, ok: bool, text: &str) -> String {
        self.apply(if ok { Self::GREEN } else { Self::RED }, text)
    }
}

/// `✓` for what is well, `✗` for what is not.
fn mark(ok: bool) -> &'static str {
    if ok { "✓" } else { "✗" }
}

/// What stands below a check that failed: `60% — ✓ 6 / ✗ 4`.
fn failures(passes: u64, fails: u64) -> String {
    let (p, f) = (passes as f64, fails as f64);
    format!("{}% — ✓ {passes} / ✗ {fails}", (100.0 * p / (p + f)).floor())
}

#[cfg(test)]
mod tests;
