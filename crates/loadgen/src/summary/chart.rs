//! Charts as SVG fragments: lines, areas and bars over one horizontal and up to two vertical axes,
//! heat maps and flame graphs.
//!
//! Knows nothing of load tests, nor of the page around it: colours are class names, units are
//! functions, and texts are escaped here. The fragment takes the width of its box without
//! distorting its text: labels sit at percentages, only the curves are stretched.
//!
//! For a script each fragment says where there are values to show (`data-places`, thousandths of
//! the width), what those places are called (`data-names`) and what there is (`data-values`).

mod axis;
mod curve;
mod decimate;
mod flame;
mod frame;
mod heat;
mod svg;

pub(crate) use axis::{Axis, Scale};
pub(crate) use curve::{Chart, Mark, Series};
pub(crate) use decimate::MAX_POINTS;
pub(crate) use flame::{Flame, FlameGraph};
pub(crate) use frame::{Band, Frame};
pub(crate) use heat::{Column, HeatMap};
pub(crate) use svg::Svg;

/// Writes a value with its unit.
pub(crate) type Format = fn(f64) -> String;

#[cfg(test)]
mod tests;
