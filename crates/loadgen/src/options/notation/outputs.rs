//! Outputs, and what they are set to.

use serde_json::{Map, Value};

use super::{Flag, Notation, at, file_only, items, object, replace, string};

/// Outputs: arrays of strings in files, separated by commas in a variable, one for each flag.
pub const OUTPUTS: Notation<Vec<String>> = Notation {
    json: |value| items(value, |item| Ok(string(item)?.to_owned())),
    variable: |text| Ok(text.split(',').map(|item| item.trim().to_owned()).collect()),
    flag: Flag::Many(|list, text| {
        // Commas belong to the argument: `csv=fileName=a.csv,saveInterval=5s`.
        list.get_or_insert_default().push(text.into());
        Ok(())
    }),
    write: |list| list.iter().map(String::as_str).collect(),
    fill: replace,
};

/// Settings of outputs by name; files only.
pub const COLLECTORS: Notation<Map<String, Value>> = Notation {
    json: |value| {
        let collectors = object(value)?;
        collectors.iter().try_for_each(|(name, settings)| {
            object(settings).map(drop).map_err(|reason| at(name, reason))
        })?;
        Ok(collectors.clone())
    },
    variable: file_only,
    flag: Flag::Once(file_only::<Map<String, Value>>),
    write: |collectors| collectors.clone().into(),
    fill: replace,
};
