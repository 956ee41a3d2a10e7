//! The text of a threshold, read: `p(95)<200`, `rate >= 0.99`, `rate<0.01 last 30s`.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    number::{self, InvalidNumber},
    statistic::{InvalidStatistic, Statistic},
};
use crate::options::duration::{self, GoDuration, InvalidDuration};

/// The longest window.
const MAX_WINDOW: Duration = Duration::from_secs(600);

/// The word before a window.
const LAST: &str = "last";

/// What must hold. `Display` writes it as short as it can be, and what is written reads back.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What is looked at.
    pub statistic: Statistic,
    /// How it is held against the bound.
    pub operator: Operator,
    /// The number.
    pub bound: f64,
    /// Look at the time just before only, not at the whole run.
    pub window: Option<Duration>,
}

/// How two numbers must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
}

impl Operator {
    /// Spellings, in the order in which a text is searched for them: `<=` before `<`, which is
    /// part of it.
    const SPELLINGS: [(&str, Self); 7] = [
        ("<=", Self::LessOrEqual),
        ("<", Self::Less),
        (">=", Self::GreaterOrEqual),
        (">", Self::Greater),
        ("===", Self::Equal),
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::LessOrEqual => "<=",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

/// A text that is no threshold. The messages are k6's, its misspelling included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExpression {
    /// There is no operator, or nothing behind it.
    #[error("failed parsing threshold expression {0:?}; reason: malformed threshold expression")]
    Malformed(String),
    /// What stands before the operator is no statistic.
    #[error("failed parsing threshold expression's {text:?} left hand side; reason: {reason}")]
    Statistic {
        /// The whole text.
        text: String,
        /// What is wrong.
        reason: InvalidStatistic,
    },
    /// What stands behind it is no number.
    #[error("failed parsing threshold expresion's {text:?} right hand side; reason: {reason}")]
    Bound {
        /// The whole text.
        text: String,
        /// What is wrong.
        reason: InvalidNumber,
    },
    /// What stands behind `last` is no window.
    #[error("failed parsing threshold expresion's {text:?} right hand side; reason: {reason}")]
    Window {
        /// The whole text.
        text: String,
        /// What is wrong.
        reason: InvalidWindow,
    },
}

/// A window that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    /// Not a duration.
    #[error(transparent)]
    Duration(#[from] InvalidDuration),
    /// A duration, but none that is allowed.
    #[error("window of {0} is not allowed; allowed are whole seconds from 1s to 10m")]
    Length(GoDuration),
}

impl Expression {
    /// Whether a value is as it must be.
    pub fn holds(&self, value: f64) -> bool {
        match self.operator {
            Operator::LessOrEqual => value <= self.bound,
            Operator::Less => value < self.bound,
            Operator::GreaterOrEqual => value >= self.bound,
            Operator::Greater => value > self.bound,
            Operator::Equal => value == self.bound,
            Operator::NotEqual => value != self.bound,
        }
    }
}

impl FromStr for Expression {
    type Err = InvalidExpression;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (left, operator, right) =
            split(text).ok_or_else(|| InvalidExpression::Malformed(text.into()))?;
        let statistic = left
            .trim()
            .parse()
            .map_err(|reason| InvalidExpression::Statistic { text: text.into(), reason })?;
        let words: Vec<&str> = right.split_whitespace().collect();
        let (bound, window) = match words[..] {
            [bound, LAST, length] => {
                let window = window(length)
                    .map_err(|reason| InvalidExpression::Window { text: text.into(), reason })?;
                (bound, Some(window))
            }
            _ => (right.trim(), None),
        };
        let bound = number::parse(bound)
            .map_err(|reason| InvalidExpression::Bound { text: text.into(), reason })?;
        Ok(Self { statistic, operator, bound, window })
    }
}

/// At the first operator in k6's order that has something behind it.
fn split(text: &str) -> Option<(&str, Operator, &str)> {
    Operator::SPELLINGS.into_iter().find_map(|(spelling, operator)| {
        let (left, right) = text.split_once(spelling)?;
        (!right.is_empty()).then_some((left, operator, right))
    })
}

fn window(text: &str) -> Result<Duration, InvalidWindow> {
    let window = duration::parse(text)?;
    let whole = window.subsec_nanos() == 0 && !window.is_zero();
    if !whole || window > MAX_WINDOW {
        return Err(InvalidWindow::Length(GoDuration(window)));
    }
    Ok(window)
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.statistic, self.operator.as_str(), self.bound)?;
        match self.window {
            Some(window) => write!(f, " {LAST} {}", GoDuration(window)),
            None => Ok(()),
        }
    }
}
