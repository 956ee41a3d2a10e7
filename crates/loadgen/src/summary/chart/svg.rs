//! The drawing itself.

use std::{
    fmt::{self, Write},
    ops::Range,
};

use super::{
    Axis, Chart, Mark, Scale, Series,
    decimate::{buckets, extremes},
};

/// A finished fragment: well-formed, every text in it escaped.
pub(crate) struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stretched grid of the curves: fine enough for a wide screen, and coordinates stay short.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 400.0;

pub(super) fn draw(chart: &Chart<'_>) -> Svg {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write(&mut out, chart);
    Svg(out)
}

fn write(out: &mut String, chart: &Chart<'_>) -> fmt::Result {
    let id = Escaped(chart.id);
    write!(out, r#"<svg class="chart" role="img" aria-labelledby="{id}-title {id}-desc""#)?;
    hover_positions(out, chart)?;
    writeln!(out, ">")?;
    writeln!(out, r#"<title id="{id}-title">{}</title>"#, Escaped(chart.title))?;
    writeln!(out, r#"<desc id="{id}-desc">{}</desc>"#, Escaped(chart.description))?;
    grid(out, chart)?;
    writeln!(
        out,
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">"#
    )?;
    for series in chart.series {
        curve(out, chart, series)?;
    }
    writeln!(out, "</svg>")?;
    for (row, (value, label)) in chart.markers.iter().enumerate() {
        marker(out, percent(chart.x.scale, *value), row, label)?;
    }
    writeln!(out, "</svg>")
}

/// Grid lines and labels. Positions are percentages of the box, so that text keeps its size.
fn grid(out: &mut String, chart: &Chart<'_>) -> fmt::Result {
    writeln!(out, r#"<g class="grid">"#)?;
    for (value, _) in &chart.y.ticks {
        let y = 100.0 - percent(chart.y.scale, *value);
        writeln!(out, r#"<line x1="0" x2="100%" y1="{y:.4}%" y2="{y:.4}%"/>"#)?;
    }
    writeln!(out, "</g>")?;
    vertical_labels(out, &chart.y, r#"class="y" x="-8""#)?;
    if let Some(right) = &chart.y2 {
        vertical_labels(out, right, r#"class="y2" x="100%" dx="8""#)?;
    }
    for (value, label) in &chart.x.ticks {
        let x = percent(chart.x.scale, *value);
        writeln!(out, r#"<text class="x" x="{x:.4}%" y="100%" dy="18">{}</text>"#, Escaped(label))?;
    }
    Ok(())
}

fn vertical_labels(out: &mut String, axis: &Axis, attributes: &str) -> fmt::Result {
    for (value, label) in &axis.ticks {
        let y = 100.0 - percent(axis.scale, *value);
        writeln!(out, r#"<text {attributes} y="{y:.4}%" dy=".32em">{}</text>"#, Escaped(label))?;
    }
    Ok(())
}

/// Markers that stand close together must not write over each other: each label has its own row.
fn marker(out: &mut String, x: f64, row: usize, label: &str) -> fmt::Result {
    let (anchor, dx) = if x > 75.0 { ("end", -5) } else { ("start", 5) };
    let y = 12 + 15 * row;
    writeln!(
        out,
        r#"<g class="marker"><line x1="{x:.4}%" x2="{x:.4}%" y1="0" y2="100%"/><text x="{x:.4}%" dx="{dx}" y="{y}" text-anchor="{anchor}">{}</text></g>"#,
        Escaped(label)
    )
}

fn curve(out: &mut String, chart: &Chart<'_>, series: &Series) -> fmt::Result {
    let axis = chart.y2.as_ref().filter(|_| series.right).unwrap_or(&chart.y);
    let at = |i: usize, value: f64| {
        let x = chart.x.scale.place(chart.xs[i]) * WIDTH;
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
    write!(out, r#"<path class="line {class}" data-values=""#)?;
    for (i, bucket) in hover_buckets(chart).enumerate() {
        let separator = if i == 0 { "" } else { "|" };
        write!(out, "{separator}{}", Escaped(&hover_value(axis, series, bucket)))?;
    }
    write!(out, r#"" d=""#)?;
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

/// What a script needs to find the values under a pointer: where each bucket is, in thousandths
/// of the width, and what it is called.
fn hover_positions(out: &mut String, chart: &Chart<'_>) -> fmt::Result {
    let mut places = String::new();
    let mut names = String::new();
    for (i, bucket) in hover_buckets(chart).enumerate() {
        let (first, last) = (chart.xs[bucket.start], chart.xs[bucket.end - 1]);
        let place = (chart.x.scale.place(first) + chart.x.scale.place(last)) / 2.0;
        let name = span(&(chart.x.format)(first), &(chart.x.format)(last));
        let separator = if i == 0 { "" } else { "|" };
        write!(places, "{separator}{:.0}", place * 1000.0)?;
        write!(names, "{separator}{}", Escaped(&name))?;
    }
    write!(out, r#" data-places="{places}" data-names="{names}""#)
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

fn span(low: &str, high: &str) -> String {
    if low == high { low.into() } else { format!("{low}–{high}") }
}

fn percent(scale: Scale, value: f64) -> f64 {
    scale.place(value) * 100.0
}

/// Text for element content and for quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
