//! Curves: lines, areas and bars.

use std::{
    fmt::{self, Write},
    ops::Range,
};

use super::{
    Axis, Frame, Svg,
    decimate::{buckets, extremes},
    svg::{Escaped, HEIGHT, WIDTH, list, open_stretched, percent, span},
};

/// What to draw.
pub(crate) struct Chart<'a> {
    pub(crate) frame: Frame<'a>,
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
        Svg::written(|out| write(out, self))
    }
}

fn write(out: &mut String, chart: &Chart<'_>) -> fmt::Result {
    chart.frame.open(out, |out| hover_positions(out, chart))?;
    open_stretched(out)?;
    for series in chart.series {
        curve(out, chart, series)?;
    }
    writeln!(out, "</svg>")?;
    for (row, (value, label)) in chart.markers.iter().enumerate() {
        marker(out, percent(chart.frame.x.scale, *value), row, label)?;
    }
    Frame::close(out)
}

/// Markers that stand close together must not write over each other: each label has its own row.
fn marker(out: &mut String, x: f64, row: usize, label: &str) -> fmt::Result {
    let (anchor, dx) = if x > 75.0 { ("end", -5) } else { ("start", 5) };
    let y = 12 + 15 * row;
    writeln!(
        out,
        r#"<g class="marker"><line x1="{x:.2}%" x2="{x:.2}%" y1="0" y2="100%"/><text x="{x:.2}%" dx="{dx}" y="{y}" text-anchor="{anchor}">{}</text></g>"#,
        Escaped(label)
    )
}

fn curve(out: &mut String, chart: &Chart<'_>, series: &Series) -> fmt::Result {
    let axis = chart.frame.y2.as_ref().filter(|_| series.right).unwrap_or(&chart.frame.y);
    let at = |i: usize, value: f64| {
        let x = chart.frame.x.scale.place(chart.xs[i]) * WIDTH;
        let y = (1.0 - axis.scale.place(value)) * HEIGHT;
        (x.round() as i32, y.round() as i32)
    };
    let strokes: Vec<Vec<(i32, i32)>> = match series.mark {
        Mark::Bars => vec![
            chart
                .xs
                .windows(2)
                .enumerate()
                .flat_map(|(i, _)| {
                    let value = series.values.get(i).copied().flatten().unwrap_or(0.0);
                    [at(i, value), (at(i + 1, value))]
                })
                .collect(),
        ],
        Mark::Line | Mark::Area => runs(series, chart.xs.len(), at),
    };

    let class = series.class;
    if series.mark != Mark::Line {
        write!(out, r#"<path class="area {class}" d=""#)?;
        for stroke in &strokes {
            area(out, stroke)?;
        }
        writeln!(out, r#""/>"#)?;
    }
    write!(out, r#"<path class="line {class}""#)?;
    let values = hover_buckets(chart).map(|bucket| Escaped(hover_value(axis, series, bucket)));
    list(out, "data-values", values)?;
    write!(out, r#" d=""#)?;
    for stroke in &strokes {
        line(out, stroke)?;
    }
    writeln!(out, r#""/>"#)
}

/// The points of a curve, split where there are no values.
fn runs(
    series: &Series,
    len: usize,
    at: impl Fn(usize, f64) -> (i32, i32),
) -> Vec<Vec<(i32, i32)>> {
    let mut runs = vec![Vec::new()];
    for bucket in buckets(len) {
        let points = extremes(&series.values, bucket);
        if points.is_empty() {
            runs.push(Vec::new());
        } else if let Some(run) = runs.last_mut() {
            run.extend(points.into_iter().map(|(i, value)| at(i, value)));
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Coordinates after the first pair of `M` are lines. A lone point becomes a line to itself,
/// which round caps show as a dot.
fn line(out: &mut String, stroke: &[(i32, i32)]) -> fmt::Result {
    for (i, (x, y)) in stroke.iter().enumerate() {
        write!(out, "{}{x} {y}", if i == 0 { "M" } else { " " })?;
    }
    if stroke.len() == 1 { write!(out, "h0") } else { Ok(()) }
}

fn area(out: &mut String, stroke: &[(i32, i32)]) -> fmt::Result {
    if let (Some((first, _)), Some((last, _))) = (stroke.first(), stroke.last()) {
        line(out, stroke)?;
        write!(out, "L{last} {HEIGHT}H{first}Z")?;
    }
    Ok(())
}

/// Where each bucket is, and what it is called.
fn hover_positions(out: &mut String, chart: &Chart<'_>) -> fmt::Result {
    let x = &chart.frame.x;
    let ends = |bucket: Range<usize>| (chart.xs[bucket.start], chart.xs[bucket.end - 1]);
    let place = |(first, last)| (x.scale.place(first) + x.scale.place(last)) * 500.0;
    let name = |(first, last)| Escaped(span(&(x.format)(first), &(x.format)(last)));
    let places = hover_buckets(chart).map(|bucket| place(ends(bucket)).round());
    list(out, "data-places", places)?;
    list(out, "data-names", hover_buckets(chart).map(|bucket| name(ends(bucket))))
}

/// A bar reaches to the next position, so its bucket holds both.
fn hover_buckets<'a>(chart: &'a Chart<'_>) -> impl Iterator<Item = Range<usize>> + 'a {
    let bars = chart.series.iter().any(|series| series.mark == Mark::Bars);
    let len = chart.xs.len();
    let wide = bars.then(|| (0..len.saturating_sub(1)).map(|i| i..i + 2));
    let plain = (!bars).then(|| buckets(len));
    wide.into_iter().flatten().chain(plain.into_iter().flatten())
}

fn hover_value(axis: &Axis, series: &Series, bucket: Range<usize>) -> String {
    let bucket = if series.mark == Mark::Bars { bucket.start..bucket.start + 1 } else { bucket };
    let mut found: Vec<f64> =
        extremes(&series.values, bucket).into_iter().map(|(_, value)| value).collect();
    found.sort_by(f64::total_cmp);
    match (found.first(), found.last()) {
        (Some(low), Some(high)) => span(&(axis.format)(*low), &(axis.format)(*high)),
        _ => "–".into(),
    }
}
