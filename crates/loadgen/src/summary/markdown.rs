//! The summary as Markdown, for a pull request or the step summary of a GitHub action.
//!
//! GitHub's dialect, which GitLab reads as well. Names come from outside, so they are written as
//! code, or as entities where code cannot hold them: none can end a cell, mention anybody or be a tag.

use std::fmt::Write as _;

use super::{
    Summary,
    html::{
        HtmlError, headline,
        outcome::{self, Reason, State, share},
        statistics::Statistics,
        tables,
    },
    model::Extras,
};

/// Failed checks that are listed. Comments have room for 65,536 characters.
const LISTED_CHECKS: usize = 100;

/// The document.
///
/// # Errors
///
/// If a histogram of the `loadgen` key is no base64 or no HDR histogram.
pub fn markdown(summary: &Summary) -> Result<String, HtmlError> {
    let statistics = Statistics::read(summary)?;
    let sections = [
        verdict(summary, &statistics),
        figures(summary, &statistics),
        thresholds(summary, &statistics),
        failed_checks(summary),
        warnings(summary),
        metrics(summary, &statistics),
        origin(summary),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    Ok(sections.join("\n"))
}

/// Passed or failed, and why.
fn verdict(summary: &Summary, statistics: &Statistics<'_>) -> String {
    let outcome = outcome::outcome(summary, statistics);
    let error = summary.loadgen.as_ref().and_then(Extras::error_besides_thresholds);
    let state = if error.is_some() { State::Failed } else { outcome.state };
    let mut text = match state {
        State::Running => "## ⏳ Load test still running\n",
        State::Passed => "## ✅ Load test passed\n",
        State::Failed => "## ❌ Load test failed\n",
        State::Empty => "## ⚪ Load test without a result\n",
    }
    .to_owned();
    let reasons = outcome.reasons.iter().map(reason);
    let notes = (!outcome.notes.is_empty()).then(|| outcome.notes.join(" · "));
    let points: Vec<_> = error.map(escaped).into_iter().chain(reasons).chain(notes).collect();
    if !points.is_empty() {
        text += "\n";
    }
    points.iter().for_each(|point| text += &format!("- {point}\n"));
    text
}

fn reason(reason: &Reason) -> String {
    let what: Vec<_> = reason.what.iter().map(|name| code(name)).collect();
    let parts = [format!("**{}**", reason.kind), what.join(" › "), reason.observed.clone()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The key figures.
fn figures(summary: &Summary, statistics: &Statistics<'_>) -> String {
    let tiles = headline::tiles(summary, statistics);
    let row = |cell: &dyn Fn(&headline::Tile) -> String| {
        tiles.iter().map(cell).collect::<Vec<_>>().join(" | ")
    };
    let value = |tile: &headline::Tile| match tile.detail.as_str() {
        "" => format!("**{}**", tile.value),
        detail => format!("**{}**<br>{detail}", tile.value),
    };
    format!(
        "| {} |\n| {} |\n| {} |\n",
        row(&|tile| tile.name.into()),
        row(&|_| "---:".into()),
        row(&value)
    )
}

fn thresholds(summary: &Summary, statistics: &Statistics<'_>) -> String {
    let rows = tables::thresholds(summary, statistics);
    if rows.is_empty() {
        return String::new();
    }
    let mut text =
        "### Thresholds\n\n| | metric | threshold | observed |\n| --- | --- | --- | ---: |\n"
            .to_owned();
    for row in rows {
        let (metric, expression) = (code(row.metric), code(row.expression.trim()));
        let _ = writeln!(text, "| {} | {metric} | {expression} | {} |", mark(row.ok), row.observed);
    }
    text
}

fn failed_checks(summary: &Summary) -> String {
    let mut rows = Vec::new();
    outcome::walk(&summary.root_group, &mut |group, check| {
        if check.fails > 0 {
            let names = outcome::trail(group).chain([check.name.as_str()]).map(code);
            let names: Vec<_> = names.collect();
            let failed = share(check.fails, check.passes + check.fails);
            rows.push(format!("| {} | {failed} |\n", names.join(" › ")));
        }
    });
    if rows.is_empty() {
        return String::new();
    }
    let more = rows.len().saturating_sub(LISTED_CHECKS);
    rows.truncate(LISTED_CHECKS);
    let mut text =
        format!("### Failed checks\n\n| check | failed |\n| --- | ---: |\n{}", rows.concat());
    if more > 0 {
        let _ = writeln!(text, "\nand {more} more");
    }
    text
}

fn warnings(summary: &Summary) -> String {
    let warnings = summary.loadgen.iter().flat_map(|extras| &extras.warnings);
    let points: String = warnings.map(|warning| format!("- {}\n", escaped(warning))).collect();
    if points.is_empty() { points } else { format!("### Warnings\n\n{points}") }
}

/// Every metric, folded away.
fn metrics(summary: &Summary, statistics: &Statistics<'_>) -> String {
    let mut text = String::new();
    for table in tables::metrics(summary, statistics) {
        let columns: Vec<_> = table.columns.iter().map(|column| code(column)).collect();
        let _ = writeln!(text, "\n| {} | {} |", table.title.to_lowercase(), columns.join(" | "));
        let _ = writeln!(text, "| --- |{}", " ---: |".repeat(columns.len()));
        for row in table.rows {
            let mark = row.ok.map(|ok| format!("{} ", mark(ok))).unwrap_or_default();
            let cells: Vec<_> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            let _ = writeln!(text, "| {mark}{} | {} |", code(row.name), cells.join(" | "));
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("<details><summary>All metrics</summary>\n{text}\n</details>\n")
}

/// What was tested, when and with what.
fn origin(summary: &Summary) -> String {
    summary.loadgen.as_ref().map_or_else(String::new, |extras| {
        format!(
            "{} · {} · loadgen {}\n",
            code(&extras.target),
            escaped(&extras.started),
            escaped(&extras.version)
        )
    })
}

fn mark(ok: bool) -> &'static str {
    if ok { "✅" } else { "❌" }
}

/// A name as code.
fn code(name: &str) -> String {
    let plain = |c: char| !is_unprintable(c) && !matches!(c, '`' | '|' | '\\');
    match name.trim() == name && !name.is_empty() && name.chars().all(plain) {
        true => format!("`{name}`"),
        false => format!("<code>{}</code>", escaped(name)),
    }
}

/// Text that means itself anywhere: an entity is never part of Markdown's structure.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "\\`*_{}[]()<>&|~@#$!\"'".contains(c) {
            let _ = write!(escaped, "&#{};", u32::from(c));
        } else if c.is_whitespace() {
            escaped.push(' ');
        } else if is_unprintable(c) {
            escaped.push(char::REPLACEMENT_CHARACTER);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Control characters, and those that turn the direction of what comes behind them, too.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
