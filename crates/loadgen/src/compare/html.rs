//! The comparison as one HTML page that needs nothing else, like the report of a run and in its
//! looks: charts are drawn here, every text is escaped by the template, and the script only adds
//! values under the pointer.

mod figures;

use std::sync::LazyLock;

use askama::Template;

use self::figures::Figure;
use super::{Comparison, ConditionResult, Subject, Verdict, words};
use crate::summary::html::code::{self, Code};

const STYLE: Code = Code::new(concat!(
    "\n",
    include_str!("../../templates/report/style.css"),
    include_str!("../../templates/report/charts.css"),
    include_str!("../../templates/report/tables.css"),
    include_str!("../../templates/report/print.css"),
    include_str!("../../templates/compare/style.css"),
));

const SCRIPT: Code = Code::new(concat!(
    "\n",
    include_str!("../../templates/report/script.js"),
    include_str!("../../templates/report/theme.js"),
    include_str!("../../templates/report/hover.js"),
    include_str!("../../templates/compare/start.js"),
));

static POLICY: LazyLock<String> = LazyLock::new(|| code::policy(SCRIPT, STYLE));

pub(super) fn html(comparison: &Comparison, subjects: &[Subject]) -> Result<String, askama::Error> {
    let base = &comparison.columns[0];
    let others = 1..comparison.columns.len();
    let names: Vec<&str> =
        comparison.columns[1..].iter().map(|column| column.name.as_str()).collect();
    let page = Page {
        policy: &POLICY,
        style: STYLE,
        script: SCRIPT,
        title: format!("{} compared with {}", listed(&names), base.name),
        base: words::head(base),
        others: others.clone().map(|at| other(comparison, at)).collect(),
        rows: comparison
            .rows
            .iter()
            .map(|row| Line {
                name: row.measure.to_string(),
                base: row.value(0),
                cells: others
                    .clone()
                    .map(|at| Cell {
                        name: &comparison.columns[at].name,
                        value: row.value(at),
                        ratio: row.ratio(at),
                        verdict: words::verdict(row.verdict(at)),
                        class: class(row.verdict(at)),
                    })
                    .collect(),
            })
            .collect(),
        fails: comparison.fails(),
        conditions: &comparison.conditions,
        figures: figures::figures(subjects),
        notes: &comparison.notes,
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render()
}

#[derive(Template)]
#[template(path = "compare.html", whitespace = "minimize")]
struct Page<'a> {
    policy: &'a str,
    style: Code,
    script: Code,
    title: String,
    base: String,
    others: Vec<Other<'a>>,
    rows: Vec<Line<'a>>,
    fails: bool,
    conditions: &'a [ConditionResult],
    figures: Vec<Figure<'a>>,
    notes: &'a [String],
    version: &'static str,
}

/// A subject at the top of the page.
struct Other<'a> {
    name: &'a str,
    head: String,
    target: &'a str,
    verdict: &'static str,
    class: &'static str,
    /// What its verdict comes from.
    because: Vec<String>,
}

struct Line<'a> {
    name: String,
    base: String,
    cells: Vec<Cell<'a>>,
}

struct Cell<'a> {
    name: &'a str,
    value: String,
    ratio: String,
    verdict: &'static str,
    class: &'static str,
}

fn other(comparison: &Comparison, at: usize) -> Other<'_> {
    let column = &comparison.columns[at];
    let decided = comparison.rows.iter().filter_map(|row| {
        let verdict = row.verdict(at).filter(|verdict| verdict.is_good() || verdict.is_bad())?;
        let ratio = row.ratio(at);
        Some(format!("{} {}: {ratio}", verdict.as_str(), row.measure))
    });
    Other {
        name: &column.name,
        head: words::head(column),
        target: &column.target,
        verdict: column.verdict.map_or("not judged", Verdict::as_str),
        class: class(column.verdict),
        because: decided.collect(),
    }
}

/// How a verdict is coloured.
fn class(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(verdict) if verdict.is_good() => "ok",
        Some(verdict) if verdict.is_bad() => "bad",
        _ => "none",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
