//! Runs held against each other: by how much they differ, and whether that is more than noise.
//!
//! Knows stored summaries and nothing of how a run is made. The first [`Subject`] is the base, the
//! others are compared with it:
//!
//! ```no_run
//! use std::path::Path;
//!
//! use loadgen::{
//!     compare::{Comparison, Rows, Subject},
//!     summary::load,
//! };
//!
//! let subject = |name: &str, file: &str| -> Result<Subject, Box<dyn std::error::Error>> {
//!     Ok(Subject { name: name.into(), runs: vec![load(Path::new(file))?] })
//! };
//! let subjects = [subject("before", "before/summary.json")?, subject("after", "after/summary.json")?];
//! let comparison = Comparison::new(&subjects, Rows::Main, &["slower".parse()?])?;
//! assert!(!comparison.fails(), "{}", comparison.text(&Default::default()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The method is that of `docs/compare.md`: confidence intervals of the difference of two means,
//! which hold for all judged rows of a column together with a probability of 95 % or more. With three runs
//! of each subject or more the runs are the sample, otherwise the seconds within them are.

mod condition;
mod estimate;
mod html;
mod judge;
mod markdown;
mod measure;
mod notes;
mod seconds;
mod student;
mod text;
mod words;

use serde::Serialize;

pub use condition::{Condition, ConditionResult, InvalidCondition};
pub use judge::{Basis, Noise, Verdict};
pub use measure::Measure;
pub use text::TextOptions;

use crate::{
    metrics::{Contains, MetricKind},
    summary::{Summary, json},
};

/// One column: what was run, under a name.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// Its runs, one or more, all of the same test.
    pub runs: Vec<Summary>,
}

/// Which rows a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// Requests, failures, latency, iterations, data and checks, as far as a run has them.
    #[default]
    Main,
    /// Behind them every statistic of every metric that a run has. These are not judged.
    All,
}

/// Subjects side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The subjects; the first is the base.
    pub columns: Vec<Column>,
    /// One statistic each.
    pub rows: Vec<Row>,
    /// What became of the conditions: each one for each column but the base.
    pub conditions: Vec<ConditionResult>,
    /// What a reader of the numbers must know, as sentences.
    pub notes: Vec<String>,
}

/// A subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its runs tested; empty if they do not tell.
    pub target: String,
    /// How many runs it has.
    pub runs: usize,
    /// What it was judged by; `None` for the base, and where no judgement is possible.
    pub basis: Option<Basis>,
    /// What its rows say together; `None` as for `basis`.
    pub verdict: Option<Verdict>,
}

/// One statistic of each subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is.
    #[serde(flatten)]
    pub measure: Measure,
    /// What kind of metric it belongs to.
    pub kind: MetricKind,
    /// The unit of its values.
    pub contains: Contains,
    /// One for each column; `None` where a subject's runs do not have it.
    pub cells: Vec<Option<Cell>>,
}

/// One statistic of one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The mean of the runs' values. Times are milliseconds.
    pub value: f64,
    /// The value of each run.
    pub runs: Vec<f64>,
    /// The value divided by the base's; `None` for the base, and if the base's is zero or unknown.
    pub ratio: Option<f64>,
    /// `None` for the base, and for rows that are not judged.
    pub verdict: Option<Verdict>,
    /// What the verdict rests on; `None` without one, and for runs that are too short.
    pub noise: Option<Noise>,
}

/// Why subjects cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// There is nothing to compare with.
    #[error("nothing to compare: found {0}, allowed are a base and one or more others")]
    TooFew(usize),
    /// A subject has no run.
    #[error("'{0}' has no run")]
    NoRun(String),
    /// A condition asks for what a subject does not have.
    #[error("condition '{condition}': '{measure}' is not in the summary of {subject}")]
    UnknownMeasure {
        /// The condition.
        condition: String,
        /// What it asks for.
        measure: String,
        /// Who does not have it.
        subject: String,
    },
}

impl Comparison {
    /// Compares all subjects with the first one, and looks whether conditions hold.
    ///
    /// # Errors
    ///
    /// When there are fewer than two subjects, when one has no run, and when a condition asks for a
    /// statistic that a run does not have.
    pub fn new(
        subjects: &[Subject],
        rows: Rows,
        conditions: &[Condition],
    ) -> Result<Self, CompareError> {
        if subjects.len() < 2 {
            return Err(CompareError::TooFew(subjects.len()));
        }
        if let Some(subject) = subjects.iter().find(|subject| subject.runs.is_empty()) {
            return Err(CompareError::NoRun(subject.name.clone()));
        }
        let measures = match rows {
            Rows::Main => Measure::main(),
            Rows::All => Measure::all(subjects.iter().flat_map(|subject| &subject.runs)),
        };
        let rows: Vec<Row> =
            measures.into_iter().filter_map(|measure| row(measure, subjects)).collect();
        let columns: Vec<Column> =
            (0..subjects.len()).map(|at| column(subjects, at, &rows)).collect();
        let conditions = condition::check(conditions, subjects, &rows)?;
        Ok(Self { notes: notes::notes(subjects, &columns), columns, rows, conditions })
    }

    /// Whether one of the conditions holds.
    pub fn fails(&self) -> bool {
        self.conditions.iter().any(|result| result.holds)
    }

    /// As a table for a terminal.
    pub fn text(&self, options: &TextOptions) -> String {
        text::text(self, options)
    }

    /// As a Markdown table.
    pub fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// All of it as JSON, with a line feed at its end.
    pub fn json(&self) -> String {
        json::pretty(self, b"  ") + "\n"
    }

    /// As one HTML page that needs nothing else, with the seconds of the `subjects` that were
    /// compared as charts.
    ///
    /// # Errors
    ///
    /// When the template cannot be filled in.
    pub fn html(&self, subjects: &[Subject]) -> Result<String, askama::Error> {
        html::html(self, subjects)
    }
}

/// The row of a measure, if any subject has it.
fn row(measure: Measure, subjects: &[Subject]) -> Option<Row> {
    let runs = || subjects.iter().flat_map(|subject| &subject.runs);
    let metric = runs().find_map(|run| run.metrics.get(&measure.metric))?;
    let (kind, contains) = (metric.kind, metric.contains);
    let base = cell(&measure, &subjects[0], None);
    let others = subjects[1..].iter().map(|subject| {
        let cell = cell(&measure, subject, base.as_ref())?;
        let judged = base
            .as_ref()
            .and_then(|base| judge::judge(&measure, (&subjects[0], base), (subject, &cell)));
        Some(match judged {
            Some((verdict, noise)) => Cell { verdict: Some(verdict), noise, ..cell },
            None => cell,
        })
    });
    let cells: Vec<_> = std::iter::once(base.clone()).chain(others).collect();
    cells.iter().any(Option::is_some).then_some(Row { measure, kind, contains, cells })
}

/// The values of a subject, not judged yet; `None` unless every run has one.
fn cell(measure: &Measure, subject: &Subject, base: Option<&Cell>) -> Option<Cell> {
    let runs: Vec<f64> =
        subject.runs.iter().map(|run| measure.of_run(run)).collect::<Option<_>>()?;
    let value = runs.iter().sum::<f64>() / runs.len() as f64;
    let ratio = base.filter(|base| base.value != 0.0).map(|base| value / base.value);
    Some(Cell { value, runs, ratio, verdict: None, noise: None })
}

fn column(subjects: &[Subject], at: usize, rows: &[Row]) -> Column {
    let subject = &subjects[at];
    let target = subject.runs[0].loadgen.as_ref().map(|extras| extras.target.clone());
    let verdicts = rows.iter().filter_map(|row| row.cells[at].as_ref()?.verdict);
    let verdict = Verdict::together(verdicts);
    Column {
        name: subject.name.clone(),
        target: target.unwrap_or_default(),
        runs: subject.runs.len(),
        basis: verdict.map(|_| Basis::of(&subjects[0], subject)),
        verdict,
    }
}
#[cfg(test)]
mod tests;
