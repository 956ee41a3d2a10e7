//! What is around and behind the values: title and description, bands, grid and labels.

use std::fmt::{self, Write};

use super::{
    Axis,
    svg::{Escaped, percent},
};

/// See the module.
pub(crate) struct Frame<'a> {
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
    /// Stretches of the horizontal axis to tell apart, by start.
    pub(crate) bands: &'a [Band],
}

/// A stretch of the horizontal axis with a name.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    pub(crate) name: String,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Frame<'_> {
    /// Opens the fragment; `attributes` writes more of the root element's.
    pub(super) fn open(
        &self,
        out: &mut String,
        attributes: impl FnOnce(&mut String) -> fmt::Result,
    ) -> fmt::Result {
        let id = Escaped(self.id);
        write!(out, r#"<svg class="chart" role="img" aria-labelledby="{id}-title {id}-desc""#)?;
        attributes(out)?;
        writeln!(out, ">")?;
        writeln!(out, r#"<title id="{id}-title">{}</title>"#, Escaped(self.title))?;
        writeln!(out, r#"<desc id="{id}-desc">{}</desc>"#, Escaped(self.description))?;
        self.write_bands(out)?;
        self.write_grid(out)
    }

    /// Closes it.
    pub(super) fn close(out: &mut String) -> fmt::Result {
        writeln!(out, "</svg>")
    }

    /// Each band with its name above it, cut where the band ends. Names of bands that overlap
    /// stand in rows.
    fn write_bands(&self, out: &mut String) -> fmt::Result {
        let rows = rows(self.bands);
        for (i, (band, row)) in self.bands.iter().zip(rows).enumerate() {
            let start = percent(self.x.scale, band.start);
            let width = percent(self.x.scale, band.end) - start;
            let (tint, y) = (i % 2, 14 * row as i32 - 16);
            writeln!(
                out,
                r#"<g class="band tint{tint}"><rect x="{start:.2}%" width="{width:.2}%" height="100%"/><svg x="{start:.2}%" y="{y}" width="{width:.2}%" height="16"><text x="3" y="12">{}</text></svg></g>"#,
                Escaped(&band.name)
            )?;
        }
        Ok(())
    }

    /// Grid lines and labels. Positions are percentages of the box, so that text keeps its size.
    fn write_grid(&self, out: &mut String) -> fmt::Result {
        writeln!(out, r#"<g class="grid">"#)?;
        for (value, _) in &self.y.ticks {
            let y = 100.0 - percent(self.y.scale, *value);
            writeln!(out, r#"<line x1="0" x2="100%" y1="{y:.2}%" y2="{y:.2}%"/>"#)?;
        }
        writeln!(out, "</g>")?;
        vertical_labels(out, &self.y, r#"class="y" x="-8""#)?;
        if let Some(right) = &self.y2 {
            vertical_labels(out, right, r#"class="y2" x="100%" dx="8""#)?;
        }
        for (value, label) in &self.x.ticks {
            let x = percent(self.x.scale, *value);
            let label = Escaped(label);
            writeln!(out, r#"<text class="x" x="{x:.2}%" y="100%" dy="18">{label}</text>"#)?;
        }
        Ok(())
    }
}

fn vertical_labels(out: &mut String, axis: &Axis, attributes: &str) -> fmt::Result {
    for (value, label) in &axis.ticks {
        let y = 100.0 - percent(axis.scale, *value);
        writeln!(out, r#"<text {attributes} y="{y:.2}%" dy=".32em">{}</text>"#, Escaped(label))?;
    }
    Ok(())
}

/// For each band the first row in which no other one is in its way.
fn rows(bands: &[Band]) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    let row = |band: &Band| {
        let free = ends.iter().position(|end| *end <= band.start);
        let row = free.unwrap_or(ends.len());
        ends.resize(ends.len().max(row + 1), band.end);
        ends[row] = band.end;
        row
    };
    bands.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bands_that_overlap_do_not() {
        let band = |(start, end)| Band { name: String::new(), start, end };
        let bands = [(0.0, 9.0), (2.0, 4.0), (3.0, 8.0), (4.0, 5.0), (9.0, 10.0)].map(band);
        assert_eq!(rows(&bands), [0, 1, 2, 1, 0]);
    }
}
