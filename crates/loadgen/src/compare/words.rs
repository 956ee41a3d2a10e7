//! What stands in a table, as text; the same in all formats.

use super::{Cell, Column, Row, Verdict};
use crate::{metrics::MetricKind, summary::format};

/// Where there is nothing to say.
pub(super) const NOTHING: &str = "–";

impl Row {
    /// A value as the text summary shows it.
    pub(super) fn format(&self, value: f64) -> String {
        match (self.kind, self.measure.statistic.as_str()) {
            (MetricKind::Rate, "rate") => format::percent(value),
            (MetricKind::Counter, "rate") => format::value(value, self.contains, None) + "/s",
            (MetricKind::Trend, "count") | (MetricKind::Rate, _) => format::js(value),
            _ => format::value(value, self.contains, None),
        }
    }

    /// The value of a column.
    pub(super) fn value(&self, at: usize) -> String {
        self.cells[at].as_ref().map_or(NOTHING.into(), |cell| self.format(cell.value))
    }

    /// How a column's value stands to the base's: `1.10× ±0.02`.
    pub(super) fn ratio(&self, at: usize) -> String {
        let cell = self.cells[at].as_ref();
        let Some((cell, ratio)) = cell.and_then(|cell| Some((cell, cell.ratio?))) else {
            return NOTHING.into();
        };
        let decimals = if ratio < 0.1 { 4 } else { 2 };
        let unit = 10_f64.powi(decimals);
        let decimals = decimals as usize;
        let margin = self.ratio_margin(cell).map(|margin| {
            // Rounded up: it is never less than it says.
            format!(" ±{:.decimals$}", (margin * unit).ceil() / unit)
        });
        format!("{ratio:.decimals$}×{}", margin.unwrap_or_default())
    }

    /// Half of what the ratio may be between. Shares have an interval of their difference instead.
    fn ratio_margin(&self, cell: &Cell) -> Option<f64> {
        let noise = cell.noise.filter(|_| !self.measure.judged().is_some_and(|j| j.is_share))?;
        Some((noise.high - noise.low) / 2.0).filter(|margin| margin.is_finite())
    }

    /// What is said of a column.
    pub(super) fn verdict(&self, at: usize) -> Option<Verdict> {
        self.cells[at].as_ref()?.verdict
    }
}

/// A verdict in words; a dash where nothing was judged.
pub(super) fn verdict(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or(NOTHING, Verdict::as_str)
}

/// The head of a column: its name, with the number of its runs if there are several.
pub(super) fn head(column: &Column) -> String {
    match column.runs {
        1 => column.name.clone(),
        runs => format!("{} ({runs} runs)", column.name),
    }
}
