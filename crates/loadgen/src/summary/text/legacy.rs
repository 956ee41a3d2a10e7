//! k6's look until 0.53: checks by group, then all metrics in one list.

use super::{
    super::{
        collate,
        model::{Check, Group, Metric, Summary},
    },
    columns::{Columns, Row, Style},
    failures, mark,
};

const INDENT: &str = "   ";

pub(super) fn render(summary: &Summary, style: &Style<'_>) -> String {
    let mut lines = Vec::new();
    push_checks(&mut lines, &summary.root_group, "     ", style);
    push_metrics(&mut lines, summary, style);
    lines.join("\n")
}

/// A group's checks, then its subgroups, each below its name.
fn push_checks(lines: &mut Vec<String>, group: &Group, indent: &str, style: &Style<'_>) {
    lines.extend(group.checks.iter().map(|check| check_line(check, indent, style)));
    if !group.checks.is_empty() {
        lines.push(String::new());
    }
    for inner in &group.groups {
        lines.push(format!("{indent}█ {}", inner.name));
        lines.push(String::new());
        push_checks(lines, inner, &format!("{indent}  "), style);
    }
}

/// One colour spans all of it, indentation and line feed included.
fn check_line(check: &Check, indent: &str, style: &Style<'_>) -> String {
    let ok = check.fails == 0;
    let mut line = format!("{indent}{} {}", mark(ok), check.name);
    if !ok {
        line += &format!("\n{indent} ↳  {}", failures(check.passes, check.fails));
    }
    style.paint.verdict(ok, &line)
}

fn push_metrics(lines: &mut Vec<String>, summary: &Summary, style: &Style<'_>) {
    let mut metrics: Vec<_> = summary.metrics.iter().collect();
    metrics.sort_by_cached_key(|(name, _)| collate::Key::new(name));
    let rows: Vec<_> = metrics.iter().map(|(name, metric)| Row::new(name, metric, style)).collect();
    let columns = Columns::of(&rows);
    for (row, (_, metric)) in rows.iter().zip(&metrics) {
        let below = if row.submetric { "  " } else { "" };
        let verdict = verdict(metric, style);
        lines.push(format!("{INDENT}{below}{verdict} {}", columns.line(row, style)));
    }
}

/// One mark for all thresholds of a metric; a space if it has none.
fn verdict(metric: &Metric, style: &Style<'_>) -> String {
    match &metric.thresholds {
        Some(thresholds) if !thresholds.is_empty() => {
            let ok = thresholds.values().all(|verdict| verdict.ok);
            style.paint.verdict(ok, mark(ok))
        }
        _ => " ".into(),
    }
}
