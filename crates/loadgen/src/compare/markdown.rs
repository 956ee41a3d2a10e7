//! The table as Markdown, in GitHub's flavour.

use std::fmt::Write;

use super::{Comparison, words};

pub(super) fn markdown(comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write(&mut out, comparison);
    out
}

fn write(out: &mut String, comparison: &Comparison) -> std::fmt::Result {
    let others = 1..comparison.columns.len();
    let head = |at: usize| escaped(&words::head(&comparison.columns[at]));
    write!(out, "| metric | {} |", head(0))?;
    for at in others.clone() {
        write!(out, " {} | ratio | verdict |", head(at))?;
    }
    writeln!(out, "\n|---|---:|{}", "---:|---|---|".repeat(others.len()))?;
    for row in &comparison.rows {
        write!(out, "| {} | {} |", escaped(&row.measure.to_string()), row.value(0))?;
        for at in others.clone() {
            let verdict = row.verdict(at);
            let is_decided = verdict.is_some_and(|verdict| verdict.is_good() || verdict.is_bad());
            let bold = if is_decided { "**" } else { "" };
            let verdict = words::verdict(verdict);
            write!(out, " {} | {} | {bold}{verdict}{bold} |", row.value(at), row.ratio(at))?;
        }
        writeln!(out)?;
    }
    write!(out, "| **verdict** | |")?;
    for column in &comparison.columns[1..] {
        write!(out, " | | **{}** |", words::verdict(column.verdict))?;
    }
    writeln!(out)?;
    list(
        out,
        comparison.conditions.iter().map(|result| {
            let mark = if result.holds { "✗" } else { "✓" };
            format!("{mark} {result}")
        }),
    )?;
    list(out, comparison.notes.iter().cloned())
}

fn list(out: &mut String, items: impl Iterator<Item = String>) -> std::fmt::Result {
    for (i, item) in items.enumerate() {
        let before = if i == 0 { "\n" } else { "" };
        writeln!(out, "{before}- {}", escaped(&item))?;
    }
    Ok(())
}

/// Text that is nothing but text, in a table too. The underscores of names need no escape.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '&' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
