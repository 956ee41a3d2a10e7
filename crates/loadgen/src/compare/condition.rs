//! Conditions that fail a comparison, as they are written:
//!
//! ```text
//! condition = "slower" | metric "." statistic operator bound
//! operator  = "<" | "<=" | ">" | ">="
//! bound     = sign number "%"    change from the base
//!           | sign number        difference from the base, in the metric's unit
//!           | number             the value itself, in the metric's unit
//! sign      = "+" | "-"
//! ```
//!
//! `http_req_duration.p(95)>+10%` holds if the value is more than 10 % above the base's, and
//! `http_reqs.rate<-5%` if it is more than 5 % below. Times are milliseconds and shares 0 to 1, as
//! in thresholds. `slower` holds for a column with a row that is judged slower or worse; all other
//! conditions take the figures as they are, noise or not.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{Cell, CompareError, Measure, Row, Subject};
use crate::thresholds::Statistic;

/// What fails a comparison. `Display` gives the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Slower,
    Figure { measure: Measure, operator: Operator, bound: Bound },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    Percent(f64),
    Difference(f64),
    Value(f64),
}

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCondition {
    /// There is no metric with a statistic, or no operator.
    #[error(
        "expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in \
         http_req_duration.p(95)>+10%"
    )]
    Shape,
    /// Metrics have no such statistic.
    #[error(
        "unknown statistic '{0}', allowed are value, count, rate, passes, fails, avg, min, med, max \
         and p(N) with N from 0 to 100"
    )]
    Statistic(String),
    /// What stands behind the operator is none of the three.
    #[error(
        "invalid bound '{0}', allowed are a change as +10% or -5%, a difference as +20 or -20, and \
         a value as 200"
    )]
    Bound(String),
}

/// What became of a condition for one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionResult {
    /// The condition as it was written.
    pub condition: String,
    /// Name of the column.
    pub column: String,
    /// Whether it holds, which fails the comparison.
    pub holds: bool,
    /// The figures that decided: `12ms against 10ms of base, +20.00%`.
    pub figures: String,
}

impl FromStr for Condition {
    type Err = InvalidCondition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kind = match text.trim() {
            "slower" => Kind::Slower,
            figure => parse_figure(figure)?,
        };
        Ok(Self { text: text.trim().into(), kind })
    }
}

fn parse_figure(text: &str) -> Result<Kind, InvalidCondition> {
    // Tags of a submetric may hold any character, so what belongs to the metric is cut off first.
    let end = match text.rfind('}') {
        Some(brace) => brace + 1,
        None => text.find('.').ok_or(InvalidCondition::Shape)?,
    };
    let (metric, rest) = text.split_at(end);
    let rest = rest.strip_prefix('.').ok_or(InvalidCondition::Shape)?;
    let at = rest.find(['<', '>']).ok_or(InvalidCondition::Shape)?;
    let (statistic, rest) = rest.split_at(at);
    let (operator, bound) = Operator::split(rest).ok_or(InvalidCondition::Shape)?;
    let (metric, statistic, bound) = (metric.trim(), statistic.trim(), bound.trim());
    if metric.is_empty() {
        return Err(InvalidCondition::Shape);
    }
    let is_known =
        matches!(statistic, "passes" | "fails") || statistic.parse::<Statistic>().is_ok();
    if !is_known {
        return Err(InvalidCondition::Statistic(statistic.into()));
    }
    let bound = Bound::parse(bound).ok_or_else(|| InvalidCondition::Bound(bound.into()))?;
    Ok(Kind::Figure { measure: Measure::new(metric, statistic), operator, bound })
}

impl Operator {
    /// The operator that a text begins with, and what stands behind it.
    fn split(text: &str) -> Option<(Self, &str)> {
        // Those of two characters first: they begin with one of the others.
        [
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("<", Self::Less),
            (">", Self::Greater),
        ]
        .into_iter()
        .find_map(|(spelling, operator)| Some((operator, text.strip_prefix(spelling)?)))
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

impl Bound {
    fn parse(text: &str) -> Option<Self> {
        let (number, percent) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text, false),
        };
        let signed = number.starts_with(['+', '-']);
        // No words: `inf` and `NaN` are numbers to Rust.
        let is_number =
            number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        let number = number.parse::<f64>().ok().filter(|n| is_number && n.is_finite())?;
        match (signed, percent) {
            (true, true) => Some(Self::Percent(number)),
            (true, false) => Some(Self::Difference(number)),
            (false, false) => Some(Self::Value(number)),
            (false, true) => None,
        }
    }

    fn holds(self, operator: Operator, value: f64, base: f64) -> bool {
        match self {
            Self::Percent(percent) => operator.holds(change(value, base), percent),
            Self::Difference(difference) => operator.holds(value - base, difference),
            Self::Value(bound) => operator.holds(value, bound),
        }
    }
}

/// In percent; nothing to something is an infinite change.
fn change(value: f64, base: f64) -> f64 {
    if value == base { 0.0 } else { (value - base) / base * 100.0 }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ConditionResult {
    /// One line: `http_req_duration.p(95)>+10% holds for new: 12ms against 10ms of base, +20.00%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = if self.holds { "holds" } else { "does not hold" };
        write!(f, "{} {holds} for {}: {}", self.condition, self.column, self.figures)
    }
}

/// Each condition for each column but the base.
pub(super) fn check(
    conditions: &[Condition],
    subjects: &[Subject],
    rows: &[Row],
) -> Result<Vec<ConditionResult>, CompareError> {
    let mut results = Vec::new();
    for condition in conditions {
        for (at, subject) in subjects.iter().enumerate().skip(1) {
            let (holds, figures) = match &condition.kind {
                Kind::Slower => slower(rows, at),
                Kind::Figure { measure, operator, bound } => {
                    let row = super::row(measure.clone(), subjects);
                    let cell = |at: usize| {
                        let cell =
                            row.as_ref().and_then(|row| Some((row, row.cells[at].as_ref()?)));
                        cell.ok_or_else(|| CompareError::UnknownMeasure {
                            condition: condition.text.clone(),
                            measure: measure.to_string(),
                            subject: subjects[at].name.clone(),
                        })
                    };
                    let ((row, base), (_, other)) = (cell(0)?, cell(at)?);
                    let holds = bound.holds(*operator, other.value, base.value);
                    (holds, figures(row, other, base, &subjects[0].name))
                }
            };
            let (condition, column) = (condition.text.clone(), subject.name.clone());
            results.push(ConditionResult { condition, column, holds, figures });
        }
    }
    Ok(results)
}

fn slower(rows: &[Row], at: usize) -> (bool, String) {
    let judged = rows.iter().filter_map(|row| Some((row, row.cells[at].as_ref()?.verdict?)));
    let bad: Vec<String> = judged
        .filter(|(_, verdict)| verdict.is_bad())
        .map(|(row, verdict)| format!("{} in {}", verdict.as_str(), row.measure))
        .collect();
    if bad.is_empty() { (false, "in no row".into()) } else { (true, bad.join(", ")) }
}

fn figures(row: &Row, other: &Cell, base: &Cell, base_name: &str) -> String {
    let change = change(other.value, base.value);
    let change = if change.is_finite() { format!("{change:+.2}%") } else { "from nothing".into() };
    let (value, base) = (row.format(other.value), row.format(base.value));
    format!("{value} against {base} of {base_name}, {change}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        match text.parse::<Condition>() {
            Ok(Condition { kind: Kind::Slower, .. }) => "slower".into(),
            Ok(Condition { kind: Kind::Figure { measure, operator, bound }, .. }) => {
                format!("{} | {} | {operator:?} | {bound:?}", measure.metric, measure.statistic)
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn conditions_are_read() {
        let read = [
            "http_req_duration.p(95)>+10%",
            "http_reqs.rate<-5%",
            "http_req_failed.rate >= +0.01",
            " http_req_duration.p(99.9) <= 200 ",
            "http_req_duration{name:http://a.b/?x<1>.avg,y:}}.max>1e3",
            "slower",
        ]
        .map(read);
        insta::assert_snapshot!(read.join("\n"), @r##"
    http_req_duration | p(95) | Greater | Percent(10.0)
    http_reqs | rate | Less | Percent(-5.0)
    http_req_failed | rate | GreaterOrEqual | Difference(0.01)
    http_req_duration | p(99.9) | LessOrEqual | Value(200.0)
    http_req_duration{name:http://a.b/?x<1>.avg,y:}} | max | Greater | Value(1000.0)
    slower
    "##);
    }

    #[test]
    fn all_else_is_refused() {
        let errors = [
            "",
            "faster",
            "http_reqs",
            "http_reqs>1",
            "http_reqs.rate",
            "http_reqs.rate=1",
            ".rate>1",
            "http_reqs{a:b}rate>1",
            "http_reqs.speed>1",
            "http_req_duration.p(101)>1",
            "http_reqs.rate>",
            "http_reqs.rate>10%",
            "http_reqs.rate>+ten%",
            "http_reqs.rate>inf",
            "http_reqs.rate>+1e999%",
            "http_reqs.rate>=>1",
            "http_reqs.rate>+10%%",
        ]
        .map(read);
        insta::assert_snapshot!(errors.join("\n"), @r##"
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    expected 'slower', or METRIC.STATISTIC with <, <=, > or >= and a bound, as in http_req_duration.p(95)>+10%
    unknown statistic 'speed', allowed are value, count, rate, passes, fails, avg, min, med, max and p(N) with N from 0 to 100
    unknown statistic 'p(101)', allowed are value, count, rate, passes, fails, avg, min, med, max and p(N) with N from 0 to 100
    invalid bound '', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound '10%', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound '+ten%', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound 'inf', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound '+1e999%', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound '>1', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    invalid bound '+10%%', allowed are a change as +10% or -5%, a difference as +20 or -20, and a value as 200
    "##);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(slower|[a-z_]{0,5}|\\PC{0,5}|[.{}<>=+%()0-9-]{0,9}){0,6}") {
            if let Ok(condition) = text.parse::<Condition>() {
                prop_assert_eq!(condition.to_string(), text.trim());
            }
        }
    }
}
