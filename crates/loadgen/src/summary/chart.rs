//! Charts as SVG fragments: lines, areas and bars over one horizontal and up to two vertical axes.
//!
//! Knows nothing of load tests, nor of the page around it: colours are class names, units are
//! functions, and texts are escaped here. The fragment takes the width of its box without
//! distorting its text: labels sit at percentages, only the curves are stretched.

mod axis;
mod decimate;
mod svg;

pub(crate) use axis::{Axis, Scale};
pub(crate) use decimate::MAX_POINTS;
pub(crate) use svg::Svg;

/// Writes a value with its unit.
pub(crate) type Format = fn(f64) -> String;

/// What to draw.
pub(crate) struct Chart<'a> {
    /// Unique in the page, an HTML identifier.
    pub(crate) id: &'a str,
    /// Name, for screen readers.
    pub(crate) title: &'a str,
    /// What a reader who cannot see it should know.
    pub(crate) description: &'a str,
    pub(crate) x: Axis,
    /// On the left.
    pub(crate) y: Axis,
    /// On the right.
    pub(crate) y2: Option<Axis>,
    /// Horizontal positions of every series' values, ascending.
    pub(crate) xs: &'a [f64],
    pub(crate) series: &'a [Series],
    /// Vertical rules with a label.
    pub(crate) markers: &'a [(f64, String)],
}

/// One curve.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    /// Class of the curve and of its key.
    pub(crate) class: &'static str,
    pub(crate) mark: Mark,
    /// Whether it is measured on the right axis.
    pub(crate) right: bool,
    /// One for each position; `None` and non-finite values leave a gap.
    pub(crate) values: Vec<Option<f64>>,
}

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A line.
    Line,
    /// A line, and the area below it.
    Area,
    /// Bars without gaps, each from its own position to the next; the last position has none.
    Bars,
}

impl Chart<'_> {
    /// Draws it.
    pub(crate) fn svg(&self) -> Svg {
        svg::draw(self)
    }
}

#[cfg(test)]
mod tests;
