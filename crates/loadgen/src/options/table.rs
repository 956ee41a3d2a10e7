//! A row for each option: what it is called in files, variables and flags, and how it is read and
//! written there. Reading a file, a variable or a flag, laying layers over each other, the help
//! and the documentation all go through these rows.

use serde_json::Value;

use super::{
    Options,
    notation::{Reason, Takes},
};

/// An option.
pub struct Row {
    /// What it is about, in a word.
    pub heading: &'static str,
    /// Its key in files.
    pub key: Option<&'static str>,
    /// Its variable.
    pub variable: Option<&'static str>,
    /// Its flag.
    pub flag: Option<FlagName>,
    /// What it does, in a few words.
    pub about: &'static str,
    /// What holds when nobody sets it; empty if that says nothing.
    pub default: &'static str,
    /// How it is read and written; `None` for those of k6's that have no effect here.
    pub access: Option<Access>,
}

/// What a flag is called.
#[derive(Debug, Clone, Copy)]
pub struct FlagName {
    /// `vus` for `--vus`
    pub long: &'static str,
    /// `u` for `-u`
    pub short: Option<char>,
    /// What the help calls its value.
    pub value: &'static str,
}

/// How an option is read and written.
pub struct Access {
    /// Reads it from a file.
    pub json: fn(&mut Options, &Value) -> Result<(), Reason>,
    /// Reads it from a variable.
    pub variable: fn(&mut Options, &str) -> Result<(), Reason>,
    /// Reads it from a flag.
    pub flag: fn(&mut Options, &str) -> Result<(), Reason>,
    /// How often the flag may be given.
    pub takes: Takes,
    /// Writes it so that [`json`](Self::json) can read it, `null` if it is not set.
    pub write: fn(&Options) -> Value,
    /// Takes over from weaker options what is not set.
    pub fill: fn(&mut Options, &Options),
}

macro_rules! row {
    ($heading:expr, $field:ident, $notation:expr) => {
        Row::new(
            $heading,
            Some(Access {
                json: |options, value| {
                    options.$field = Some(($notation.json)(value)?);
                    Ok(())
                },
                variable: |options, text| {
                    options.$field = Some(($notation.variable)(text)?);
                    Ok(())
                },
                flag: |options, text| $notation.flag.read(&mut options.$field, text),
                takes: $notation.flag.takes(),
                write: |options| options.$field.as_ref().map_or(Value::Null, $notation.write),
                fill: |options, weaker| match (&mut options.$field, &weaker.$field) {
                    (Some(value), Some(weaker)) => ($notation.fill)(value, weaker),
                    (None, Some(weaker)) => options.$field = Some(weaker.clone()),
                    (_, None) => {}
                },
            }),
        )
    };
}

impl Row {
    const fn new(heading: &'static str, access: Option<Access>) -> Self {
        Self { heading, key: None, variable: None, flag: None, about: "", default: "", access }
    }

    const fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    const fn variable(mut self, variable: &'static str) -> Self {
        self.variable = Some(variable);
        self
    }

    const fn flag(mut self, long: &'static str, value: &'static str) -> Self {
        self.flag = Some(FlagName { long, short: None, value });
        self
    }

    const fn short(mut self, short: char) -> Self {
        if let Some(flag) = &mut self.flag {
            flag.short = Some(short);
        }
        self
    }

    const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// What to call it: its key, or else its flag.
    pub fn name(&self) -> &'static str {
        self.key.or(self.flag.map(|flag| flag.long)).unwrap_or_default()
    }
}

mod rows;

pub use rows::{HEADINGS, ROWS};
