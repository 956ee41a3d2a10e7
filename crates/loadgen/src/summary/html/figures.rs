//! Which charts there are, and what they say to those who cannot see them.
//!
//! Each is a function from what was measured to a [`Figure`]: a file of its own for those over time,
//! the heat map and the distribution.

mod distribution;
mod heat;
mod over_time;

use self::over_time::Time;
use super::statistics::Statistics;
use crate::summary::{
    chart::{Axis, Format, Mark, Series, Svg},
    model::Extras,
};

/// A chart with its heading and key.
pub(super) struct Figure {
    /// What the page's parts call it, an HTML identifier.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) keys: Vec<Key>,
    /// What the vertical axes measure.
    pub(super) unit: &'static str,
    /// Whether it shares its horizontal axis with the others over time.
    pub(super) over_time: bool,
    /// Whether there is a vertical axis on the right.
    pub(super) two_sided: bool,
    /// Whether bands are named above it.
    pub(super) banded: bool,
    pub(super) note: String,
    pub(super) svg: Svg,
}

/// What a curve is called.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) class: &'static str,
}

/// Those that there is data for.
pub(super) fn figures(extras: Option<&Extras>, statistics: &Statistics<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(extras) = extras.filter(|extras| !extras.rows.is_empty()) {
        let time = Time::new(extras);
        figures.extend([time.requests(), time.latency()]);
        figures.extend(heat::heat_map(&time));
        figures.extend([time.activity(), time.data()]);
        figures.extend(time.generator());
    }
    figures.extend(distribution::histogram(statistics));
    figures.extend(distribution::percentiles(statistics));
    figures
}

fn series(name: &'static str, class: &'static str, mark: Mark, values: Vec<Option<f64>>) -> Series {
    Series { name, class, mark, right: false, values }
}

fn keys(series: &[Series]) -> Vec<Key> {
    series.iter().map(|series| Key { name: series.name.into(), class: series.class }).collect()
}

fn finite(series: &[Series]) -> impl Iterator<Item = f64> {
    series.iter().flat_map(|series| &series.values).filter_map(|v| v.filter(|v| v.is_finite()))
}

fn highest(series: &[Series]) -> f64 {
    finite(series).fold(0.0, f64::max)
}

/// The range of each curve in words.
fn describe(series: &[Series], y: &Axis, y2: Option<&Axis>) -> String {
    let range = |series: &Series| {
        let format: Format = y2.filter(|_| series.right).map_or(y.format, |axis| axis.format);
        let values = || finite(std::slice::from_ref(series));
        let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        Some(format!("{} from {} to {}", series.name, format(low), format(high)))
    };
    series.iter().filter_map(range).collect::<Vec<_>>().join("; ")
}
