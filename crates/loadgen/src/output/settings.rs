//! What an output is set to: the argument behind its name, variables, and its part of the file.
//!
//! Of the three the first is strongest, as in k6. The argument has a grammar of each output's own;
//! the other two have a variable and a key for each setting, and the same words.

use std::{ffi::OsString, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Map, Value};
use url::Url;

use crate::options::{duration, notation::Reason};

/// See the module.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What stands behind the first `=`, if there is one.
    pub argument: Option<&'a str>,
    /// What the file has under `collectors` for this kind of output, and under which name.
    pub stored: Option<(&'a str, &'a Map<String, Value>)>,
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
        self.parse(variable, key, switch)
    }

    /// The same for a duration between two things that are done again and again: above zero; a bare
    /// number is milliseconds.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn interval(&self, variable: &str, key: &str) -> Result<Option<Duration>, InvalidSetting> {
        self.parse(variable, key, interval)
    }

    /// The names of this process's variables that begin with `prefix`, for settings that have a name
    /// in the name of their variable.
    pub fn variables_from(&self, prefix: &str) -> Vec<String> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| name.starts_with(prefix)).collect()
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
        let Some((name, stored)) = self.stored else { return Ok(None) };
        let text = match stored.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let place = || format!("option collectors.{name}.{key}");
        parse(&text).map(Some).map_err(|reason| invalid(place(), text, reason))
    }
}

/// A switch, as Go reads one.
pub(crate) fn switch(text: &str) -> Result<bool, Reason> {
    match text {
        "true" | "1" | "t" | "T" | "TRUE" | "True" => Ok(true),
        "false" | "0" | "f" | "F" | "FALSE" | "False" => Ok(false),
        _ => Err("allowed are true and false".into()),
    }
}

/// A duration above zero; a bare number is milliseconds.
pub(super) fn interval(text: &str) -> Result<Duration, Reason> {
    match duration::parse_extended(text)? {
        Duration::ZERO => Err("it must be above zero".into()),
        interval => Ok(interval),
    }
}

/// A header from its parts, as settings have them. Its value is taken for a secret.
///
/// # Errors
///
/// If one of them cannot be what it is for.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Reason> {
    let parsed = HeaderName::from_bytes(name.trim().as_bytes());
    let name = parsed.map_err(|_| format!("'{name}' cannot be the name of a header"))?;
    let parsed = HeaderValue::from_str(value.trim());
    let mut value =
        parsed.map_err(|_| format!("header {name}: its value has control characters"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// The header that tells a server user and password.
pub(super) fn basic_auth(user: &str, password: &str) -> (HeaderName, HeaderValue) {
    let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {encoded}")).expect("letters and digits");
    value.set_sensitive(true);
    (header::AUTHORIZATION, value)
}

/// A URL of HTTP, with or without TLS.
pub(super) fn http_or_https(text: &str) -> Result<Url, Reason> {
    let url = Url::parse(text)?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err("its scheme must be http or https".into())
    }
}
