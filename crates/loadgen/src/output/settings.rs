//! What an output is set to: the argument behind its name, variables, and its part of the file.
//!
//! Of the three the first is strongest, as in k6. The argument has a grammar of each output's own;
//! the other two have a key and a variable for each setting, and the same words.

use std::{ffi::OsString, time::Duration};

use serde_json::{Map, Value};

use crate::options::{duration, notation::Reason};

/// See the module.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What stands behind the first `=`, if there is one.
    pub argument: Option<&'a str>,
    /// What the file has under `collectors` for this kind of output.
    pub stored: Option<&'a Map<String, Value>>,
    /// Asks for a variable: [`std::env::var_os`], or a table in tests.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place} has an invalid value '{value}': {reason}")]
pub struct InvalidSetting {
    /// Where it was found: `variable K6_CSV_SAVE_INTERVAL`, or `option collectors.csv.saveInterval`.
    pub place: String,
    /// What was found.
    pub value: String,
    /// What is wrong, and what is allowed.
    pub reason: Reason,
}

impl Settings<'_> {
    /// The text of a setting, from its variable or from under its key in the file. A variable that is
    /// empty is not set.
    ///
    /// # Errors
    ///
    /// If it is no text.
    pub fn text(&self, variable: &str, key: &str) -> Result<Option<String>, InvalidSetting> {
        self.parse(variable, key, |text| Ok(text.to_owned()))
    }

    /// The same for a switch: `true`, `false` and what else Go takes for them.
    ///
    /// # Errors
    ///
    /// If it is none. So for the others.
    pub fn switch(&self, variable: &str, key: &str) -> Result<Option<bool>, InvalidSetting> {
        self.parse(variable, key, |text| match text {
            "true" | "1" | "t" | "T" | "TRUE" | "True" => Ok(true),
            "false" | "0" | "f" | "F" | "FALSE" | "False" => Ok(false),
            _ => Err("allowed are true and false".into()),
        })
    }

    /// The same for a duration; a bare number is milliseconds.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn duration(&self, variable: &str, key: &str) -> Result<Option<Duration>, InvalidSetting> {
        self.parse(variable, key, |text| Ok(duration::parse_extended(text)?))
    }

    /// The same for anything else, read by `parse`.
    ///
    /// # Errors
    ///
    /// If `parse` does not take it.
    pub fn parse<T>(
        &self,
        variable: &str,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Reason>,
    ) -> Result<Option<T>, InvalidSetting> {
        let invalid = |place, value, reason| InvalidSetting { place, value, reason };
        if let Some(value) = (self.lookup)(variable).filter(|value| !value.is_empty()) {
            let place = || format!("variable {variable}");
            let text = value.into_string().map_err(|value| {
                let value = value.to_string_lossy().into_owned();
                invalid(place(), value, "it is not UTF-8".into())
            })?;
            let parsed = parse(&text);
            return parsed.map(Some).map_err(|reason| invalid(place(), text, reason));
        }
        let text = match self.stored.and_then(|stored| stored.get(key)) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let place = || format!("option collectors.{key}");
        parse(&text).map(Some).map_err(|reason| invalid(place(), text, reason))
    }
}
