//! One moment of a run as lines of text: the status line, then a line for each scenario.
//!
//! Columns that stand below each other have one width, and numbers that count keep theirs, so
//! that a block can be drawn over the one before without flicker.

use std::{borrow::Cow, time::Duration};

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use super::paint::Paint;
use crate::{
    options::duration::fixed_width,
    run_event::{Progress, RunHeader, ScenarioProgress, ScenarioStatus},
};

/// Longest name of a scenario that is shown whole.
const NAME_WIDTH: usize = 30;
/// Width of a bar, brackets included, where there is room.
const BAR_WIDTH: usize = 40;
/// A bar that has no more room than this is shown as a percentage.
const PERCENT_WIDTH: usize = 8;

/// What stays the same from block to block.
#[derive(Debug)]
pub(super) struct Layout {
    name_width: usize,
    vus_width: usize,
    max_duration: Duration,
    paint: Paint,
}

impl Layout {
    pub(super) fn new(header: &RunHeader, paint: Paint) -> Self {
        let names = header.scenarios.iter().map(|(name, _)| measure_text_width(name));
        Self {
            name_width: names.max().unwrap_or(0).min(NAME_WIDTH),
            vus_width: header.max_vus.to_string().len(),
            max_duration: header.max_duration,
            paint,
        }
    }

    /// The block, one empty line before it, with bars if the terminal's `width` is known and
    /// has room for them.
    pub(super) fn block(&self, progress: &Progress, width: Option<usize>) -> String {
        let columns = column_widths(&progress.scenarios);
        let rows: Vec<_> = progress
            .scenarios
            .iter()
            .map(|scenario| (self.left(scenario), scenario.fraction, right(scenario, &columns)))
            .collect();
        let text = rows
            .iter()
            .map(|(left, _, right)| measure_text_width(left) + measure_text_width(right));
        let longest = text.max().unwrap_or(0);
        // One cell stays free: a line that fills the last one wraps on some terminals.
        let room = width.map_or(0, |width| width.saturating_sub(1 + longest).min(BAR_WIDTH));

        let mut block = format!("\n{}", self.status_line(progress));
        for (left, fraction, right) in &rows {
            block += &format!("\n{left}{}{right}", self.bar(*fraction, room));
        }
        block
    }

    fn status_line(&self, progress: &Progress) -> String {
        format!(
            "running ({}), {:0width$}/{} VUs, {} complete and {} interrupted iterations",
            fixed_width(progress.elapsed, self.max_duration),
            progress.active_vus,
            progress.initialized_vus,
            progress.complete,
            progress.interrupted,
            width = self.vus_width,
        )
    }

    /// Name and status.
    fn left(&self, scenario: &ScenarioProgress) -> String {
        let name = truncate_str(&scenario.name, self.name_width, "...");
        let name = pad_str(&name, self.name_width, Alignment::Left, None);
        let status: Cow<'_, str> = match scenario.status {
            ScenarioStatus::Waiting => self.paint.faint("•").into(),
            ScenarioStatus::Running => " ".into(),
            ScenarioStatus::Stopping => "↓".into(),
            ScenarioStatus::Done => self.paint.green("✓").into(),
            ScenarioStatus::Interrupted => self.paint.red("✗").into(),
        };
        format!("{name} {status} ")
    }

    /// `[====>-----]` in `width` cells, or `[  50% ]` if that is too narrow to tell anything.
    fn bar(&self, fraction: f64, width: usize) -> String {
        let fraction = fraction.clamp(0.0, 1.0);
        if width <= PERCENT_WIDTH {
            return format!("[ {:3.0}% ]", fraction * 100.0);
        }
        let cells = width - 2;
        // 0 to 1 times the cells: neither end can overflow.
        let filled = (fraction * cells as f64) as usize;
        let rest = self.paint.faint(&"-".repeat(cells - filled));
        match filled {
            0 => format!("[{rest}]"),
            _ if filled == cells => format!("[{}]", "=".repeat(cells)),
            _ => format!("[{}>{rest}]", "=".repeat(filled - 1)),
        }
    }
}

/// The width of each column: that of its longest text which has another to its right.
fn column_widths(scenarios: &[ScenarioProgress]) -> Vec<usize> {
    let mut widths = Vec::new();
    for scenario in scenarios {
        let followed = scenario.columns.len().saturating_sub(1);
        widths.resize(widths.len().max(followed), 0);
        for (width, text) in widths.iter_mut().zip(&scenario.columns[..followed]) {
            *width = measure_text_width(text).max(*width);
        }
    }
    widths
}

/// The columns behind the bar.
fn right(scenario: &ScenarioProgress, widths: &[usize]) -> String {
    let widths = widths.iter().copied().chain(std::iter::repeat(0));
    let cell = |(text, width): (&String, usize)| {
        format!(" {}", pad_str(text, width + 1, Alignment::Left, None))
    };
    let line: String = scenario.columns.iter().zip(widths).map(cell).collect();
    line.trim_end().into()
}
