//! How the values of options are written: in files as JSON, in variables and flags as text. Each
//! kind of value has one [`Notation`], which the [table](super::table) gives to its options.
//!
//! A duration shows why three are needed: `30s` is understood everywhere, but `30` and `2d` only
//! in files and variables, and in a file `30` may be a number.

mod basic;
mod load;
mod network;
mod outputs;
mod thresholds;

pub use basic::{DURATION, HEADER_TEXT, INTEGER, LENIENT_SWITCH, SWITCH, list, text, whole};
pub use load::{SCENARIOS, STAGES};
pub use network::{DNS, HEADERS, HOSTS, SYSTEM_TAGS, TAGS, VARIABLES};
pub use outputs::{COLLECTORS, OUTPUTS};
pub use thresholds::THRESHOLDS;

pub(super) use basic::signed_duration;

use std::{error::Error, fmt};

use serde_json::{Map, Value};

/// Why a value cannot be used, and what is allowed.
pub type Reason = Box<dyn Error + Send + Sync>;

/// How values of one kind are written.
pub struct Notation<T> {
    /// From a file.
    pub json: fn(&Value) -> Result<T, Reason>,
    /// From a variable.
    pub variable: fn(&str) -> Result<T, Reason>,
    /// From a flag.
    pub flag: Flag<T>,
    /// As JSON that can be read again.
    pub write: fn(&T) -> Value,
    /// What a value takes over from one of a weaker layer.
    pub fill: fn(&mut T, &T),
}

/// How often a flag may be given.
pub enum Flag<T> {
    /// Once, alone (`--paused`) or with a word (`--paused=false`).
    Switch(fn(&str) -> Result<T, Reason>),
    /// Once.
    Once(fn(&str) -> Result<T, Reason>),
    /// Often; each adds to the ones before.
    Many(fn(&mut Option<T>, &str) -> Result<(), Reason>),
}

/// The same without the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Once, with or without a word.
    Switch,
    /// Once, with a word.
    Once,
    /// Often, each time with a word.
    Many,
}

impl<T> Flag<T> {
    /// How often it may be given.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Switch(_) => Takes::Switch,
            Self::Once(_) => Takes::Once,
            Self::Many(_) => Takes::Many,
        }
    }

    /// Reads the word of one flag.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    pub fn read(&self, value: &mut Option<T>, text: &str) -> Result<(), Reason> {
        match self {
            Self::Switch(read) | Self::Once(read) => *value = Some(read(text)?),
            Self::Many(add) => add(value, text)?,
        }
        Ok(())
    }
}

/// For what is too much for a line of text.
fn file_only<T>(_: &str) -> Result<T, Reason> {
    #[derive(Debug, thiserror::Error)]
    #[error("only a file can hold this")]
    struct FileOnly;
    Err(FileOnly.into())
}

/// The usual way with weaker values: one that is set replaces them.
const fn replace<T>(_: &mut T, _: &T) {}

/// What was found where something else is allowed.
#[derive(Debug, thiserror::Error)]
#[error("found {found}; allowed are {allowed}")]
struct Mismatch {
    found: &'static str,
    allowed: &'static str,
}

/// What kind of JSON this is.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn mismatch(value: &Value, allowed: &'static str) -> Reason {
    Box::new(Mismatch { found: kind(value), allowed })
}

pub(super) fn string(value: &Value) -> Result<&str, Reason> {
    value.as_str().ok_or_else(|| mismatch(value, "strings"))
}

pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, Reason> {
    value.as_object().ok_or_else(|| mismatch(value, "objects"))
}

/// The items of an array, each read, with its place in the error.
fn items<T>(value: &Value, read: impl Fn(&Value) -> Result<T, Reason>) -> Result<Vec<T>, Reason> {
    let items = value.as_array().ok_or_else(|| mismatch(value, "arrays"))?;
    let read = |(index, item)| read(item).map_err(|reason| at(format!("[{index}]"), reason));
    items.iter().enumerate().map(read).collect()
}

/// A reason with the way to the value that it is about: `scenarios.a.stages[1].target`.
#[derive(Debug, thiserror::Error)]
struct Located {
    path: String,
    #[source]
    reason: Reason,
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Puts a step before the way to the value.
pub(super) fn at(step: impl Into<String>, reason: Reason) -> Reason {
    let step = step.into();
    match reason.downcast::<Located>() {
        Ok(mut located) => {
            let dot = if located.path.starts_with('[') { "" } else { "." };
            located.path = format!("{step}{dot}{}", located.path);
            located
        }
        Err(reason) => Box::new(Located { path: step, reason }),
    }
}
