//! Heat maps: how much there is at each place, by shade.

use std::fmt::{self, Write};

use super::{
    Frame, Svg,
    svg::{Escaped, HEIGHT, WIDTH, list, open_stretched, span},
};

/// How many shades there are: the classes `heat1` to `heat8`.
const LEVELS: usize = 8;

/// What to draw.
pub(crate) struct HeatMap<'a> {
    pub(crate) frame: Frame<'a>,
    /// From left to right.
    pub(crate) columns: &'a [Column],
    /// Where rows begin and end on the vertical axis, ascending: one more than there are rows.
    pub(crate) edges: &'a [f64],
}

/// All that was at one stretch of the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// By row; each at least 0.
    pub(crate) amounts: Vec<f64>,
}

impl HeatMap<'_> {
    /// Draws it.
    pub(crate) fn svg(&self) -> Svg {
        Svg::written(|out| self.write(out))
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        self.frame.open(out, |out| self.write_hover(out))?;
        open_stretched(out)?;
        for level in 1..=LEVELS {
            write!(out, r#"<path class="heat heat{level}" d=""#)?;
            for row in 0..self.edges.len().saturating_sub(1) {
                self.write_row(out, level, row)?;
            }
            writeln!(out, r#""/>"#)?;
        }
        writeln!(out, "</svg>")?;
        Frame::close(out)
    }

    /// The cells of a row that have a level; neighbours are one piece.
    fn write_row(&self, out: &mut String, level: usize, row: usize) -> fmt::Result {
        let y = |edge: f64| ((1.0 - self.frame.y.scale.place(edge)) * HEIGHT).round() as i32;
        let x = |at: f64| (self.frame.x.scale.place(at) * WIDTH).round() as i32;
        let (top, bottom) = (y(self.edges[row + 1]), y(self.edges[row]));
        let most = self.most();
        let is_here = |column: &Column| self::level(column.amounts[row], most) == level;
        for piece in self.columns.chunk_by(|a, b| is_here(a) && is_here(b)) {
            if let [first, ..] = piece
                && let [.., last] = piece
                && is_here(first)
            {
                let (left, right) = (x(first.start), x(last.end));
                write!(out, "M{left} {top}H{right}V{bottom}H{left}z")?;
            }
        }
        Ok(())
    }

    /// The most that there is in a cell.
    pub(crate) fn most(&self) -> f64 {
        self.columns.iter().flat_map(|column| &column.amounts).copied().fold(0.0, f64::max)
    }

    /// Columns with the amounts from the first row that is not empty: `row:amount,amount,…`.
    fn write_hover(&self, out: &mut String) -> fmt::Result {
        let x = &self.frame.x;
        let middle = |c: &Column| (x.scale.place(c.start) + x.scale.place(c.end)) * 500.0;
        list(out, "data-places", self.columns.iter().map(|column| middle(column).round()))?;
        let name = |c: &Column| Escaped(span(&(x.format)(c.start), &(x.format)(c.end)));
        list(out, "data-names", self.columns.iter().map(name))?;
        list(out, "data-cells", self.columns.iter().map(cells))?;
        let y = &self.frame.y;
        let row = |ends: &[f64]| Escaped(span(&(y.format)(ends[0]), &(y.format)(ends[1])));
        list(out, "data-rows", self.edges.windows(2).map(row))?;
        let top = |edge: &f64| ((1.0 - y.scale.place(*edge)) * 1000.0).round();
        list(out, "data-edges", self.edges.iter().map(top))
    }
}

/// The shade of an amount: 0 for nothing, else by its logarithm, so that what is rare can be seen
/// beside what is frequent.
fn level(amount: f64, most: f64) -> usize {
    if amount <= 0.0 || most <= 0.0 {
        return 0;
    }
    // A thousandth of the most, and less, is the palest.
    let share = 1.0 + (amount / most).log10() / 3.0;
    (share * LEVELS as f64).ceil().clamp(1.0, LEVELS as f64) as usize
}

fn cells(column: &Column) -> String {
    let amounts = &column.amounts;
    let Some(first) = amounts.iter().position(|amount| *amount > 0.0) else {
        return String::new();
    };
    let last = amounts.iter().rposition(|amount| *amount > 0.0).unwrap_or(first);
    let texts: Vec<_> = amounts[first..=last].iter().map(|it| it.round().to_string()).collect();
    format!("{first}:{}", texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_shown_as_nothing() {
        assert_eq!(level(0.0, 9.0), 0);
        assert_eq!(level(1.0, 1.0), LEVELS);
        assert_eq!(level(1.0, 1e12), 1);
        assert!(level(10.0, 100.0) > level(1.0, 100.0));
    }
}
