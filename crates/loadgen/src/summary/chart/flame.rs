//! Flame graphs: a call is as wide as what was spent in it, and stands on the one that made it.

use std::fmt::{self, Write};

use super::{Svg, svg::Escaped};

/// The height of a call, with the gap below it. The style knows it without. Pixels.
const ROW: usize = 17;

/// How wide the whole is on the widest page, and a letter at least. Pixels.
const WIDEST: f64 = 1168.0;
const LETTER: f64 = 5.0;

/// On the widest page, what is narrower is not drawn, or has no text. Pixels.
const NARROWEST: f64 = 0.5;
const NARROWEST_TEXT: f64 = 24.0;

/// Longer texts are cut: the whole name is under the pointer.
const MOST_LETTERS: usize = 70;

/// How many colours there are: the classes `f0` to `f5`.
const COLOURS: u32 = 6;

/// What to draw.
pub(crate) struct FlameGraph<'a> {
    /// Unique in the page, an HTML identifier.
    pub(crate) id: &'a str,
    /// Name, for screen readers.
    pub(crate) title: &'a str,
    /// What a reader who cannot see it should know.
    pub(crate) description: &'a str,
    /// What was spent in all.
    pub(crate) total: f64,
    /// Each is followed by those that it made.
    pub(crate) calls: &'a [Flame<'a>],
}

/// A call.
pub(crate) struct Flame<'a> {
    /// Calls below it.
    pub(crate) depth: usize,
    pub(crate) name: &'a str,
    /// What is said of it under the pointer, after its name.
    pub(crate) detail: String,
    pub(crate) value: f64,
    /// Whether it is several that are not worth a colour.
    pub(crate) is_rest: bool,
}

/// A place in the graph: percent of its width, and pixels from its top.
struct Place {
    x: f64,
    width: f64,
    y: usize,
}

impl FlameGraph<'_> {
    /// Draws it.
    pub(crate) fn svg(&self) -> Svg {
        Svg::written(|out| self.write(out))
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let rows = self.calls.iter().map(|call| call.depth + 1).max().unwrap_or(0);
        let (id, height) = (Escaped(self.id), rows * ROW);
        writeln!(
            out,
            r#"<svg class="flames" height="{height}" role="img" aria-labelledby="{id}-title {id}-desc">"#
        )?;
        writeln!(out, r#"<title id="{id}-title">{}</title>"#, Escaped(self.title))?;
        writeln!(out, r#"<desc id="{id}-desc">{}</desc>"#, Escaped(self.description))?;
        // Where the next call at each depth begins.
        let mut next = vec![0.0];
        for call in self.calls {
            next.truncate(call.depth + 1);
            let Some(end) = next.last_mut() else { continue };
            let start = *end;
            *end += call.value;
            next.push(start);
            let percent = |it: f64| if self.total > 0.0 { it / self.total * 100.0 } else { 0.0 };
            let place = Place {
                x: percent(start),
                width: percent(call.value),
                y: height.saturating_sub((call.depth + 1) * ROW),
            };
            call.write(out, &place)?;
        }
        writeln!(out, "</svg>")
    }
}

impl Flame<'_> {
    fn write(&self, out: &mut String, place: &Place) -> fmt::Result {
        let Place { x, width, y } = place;
        let pixels = width / 100.0 * WIDEST;
        if pixels < NARROWEST {
            return Ok(());
        }
        let class = match self.is_rest {
            true => "rest".into(),
            false => format!("f{}", colour(self.name)),
        };
        let title = Escaped(format!("{} {}", self.name, self.detail));
        if pixels < NARROWEST_TEXT {
            return writeln!(
                out,
                r#"<rect class="{class}" x="{x:.2}%" y="{y}" width="{width:.2}%"><title>{title}</title></rect>"#
            );
        }
        let letters = MOST_LETTERS.min((pixels / LETTER) as usize);
        let text = Escaped(self.name.chars().take(letters).collect::<String>());
        // A box of its own, at whose edge the text ends.
        writeln!(
            out,
            r#"<svg x="{x:.2}%" y="{y}" width="{width:.2}%"><rect class="{class}"><title>{title}</title></rect><text>{text}</text></svg>"#
        )
    }
}

/// The same for the same name in all graphs (FNV-1a).
fn colour(name: &str) -> u32 {
    let hash = name
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % COLOURS
}
