//! A finished fragment, and what it takes to write one.

use std::fmt::{self, Write};

use super::Scale;

/// A finished fragment: well-formed, every text in it escaped.
pub(crate) struct Svg(String);

impl Svg {
    /// What `write` writes.
    pub(super) fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        let mut out = String::new();
        // Writing to a `String` cannot fail.
        let _ = write(&mut out);
        Self(out)
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stretched grid of curves and cells: fine enough for a wide screen, and coordinates stay
/// short.
pub(super) const WIDTH: f64 = 1200.0;
pub(super) const HEIGHT: f64 = 400.0;

/// Opens the part that is stretched.
pub(super) fn open_stretched(out: &mut String) -> fmt::Result {
    writeln!(
        out,
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">"#
    )
}

/// Where a value is, percent.
pub(super) fn percent(scale: Scale, value: f64) -> f64 {
    scale.place(value) * 100.0
}

/// Values as one attribute has them, with bars between them.
pub(super) fn list(
    out: &mut String,
    name: &str,
    values: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    write!(out, r#" {name}=""#)?;
    for (i, value) in values.enumerate() {
        write!(out, "{}{value}", if i == 0 { "" } else { "|" })?;
    }
    write!(out, r#"""#)
}

/// Two ends as one text; one if they read the same.
pub(super) fn span(low: &str, high: &str) -> String {
    if low == high { low.into() } else { format!("{low}–{high}") }
}

/// Text for element content and for quoted attributes.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: AsRef<str>> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.as_ref().chars() {
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
