//! Options as JSON: what a k6 script exports as `options`, and what k6 has in its config file.

use serde_json::{Map, Value};

use super::{
    Options,
    notation::{Reason, at, kind},
    table::ROWS,
};

/// Why text holds no options.
#[derive(Debug, thiserror::Error)]
pub enum InvalidOptions {
    /// It is not JSON.
    #[error("{0}")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON, but not an object.
    #[error("found {0}; allowed is an object")]
    NotAnObject(&'static str),
    /// A value cannot be used. The message begins with the way to it.
    #[error("{0}")]
    Value(Reason),
}

impl Options {
    /// Reads options, and says which of them are of no use.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be used. Options that do not exist, and those of k6 that have
    /// no effect here, are no errors: they give warnings.
    pub fn from_json(text: &str) -> Result<(Self, Vec<String>), InvalidOptions> {
        let object = match serde_json::from_str(text)? {
            Value::Object(object) => object,
            other => return Err(InvalidOptions::NotAnObject(kind(&other))),
        };
        let mut options = Self::default();
        let mut warnings = Vec::new();
        for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            let row = ROWS.iter().find(|row| row.key == Some(key));
            match row.map(|row| &row.access) {
                Some(Some(access)) => (access.json)(&mut options, value)
                    .map_err(|reason| InvalidOptions::Value(at(key, reason)))?,
                Some(None) => {
                    warnings.push(format!("option '{key}' is not supported and has no effect"));
                }
                None => warnings.push(format!("there is no option '{key}'; it has no effect")),
            }
        }
        warnings.extend(object.get("scenarios").into_iter().flat_map(idle_scenario_options));
        Ok((options, warnings))
    }

    /// All options that have a key, in k6's order; those that nobody set are `null`.
    pub fn to_json(&self) -> Map<String, Value> {
        let value = |(key, row): (&str, &super::table::Row)| {
            let value = row.access.as_ref().map_or(Value::Null, |access| (access.write)(self));
            (key.to_owned(), value)
        };
        ROWS.iter().filter_map(|row| Some((row.key?, row))).map(value).collect()
    }
}

/// Says of which scenarios the `options` have no effect: those are for a browser.
fn idle_scenario_options(scenarios: &Value) -> impl Iterator<Item = String> {
    let scenarios = scenarios.as_object().into_iter().flatten();
    let with_options =
        scenarios.filter(|(_, scenario)| scenario.get("options").is_some_and(|it| !it.is_null()));
    with_options.map(|(name, _)| {
        format!("option 'scenarios.{name}.options' is not supported and has no effect")
    })
}
