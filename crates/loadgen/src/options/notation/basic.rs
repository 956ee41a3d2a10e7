//! Numbers, words, durations and lists of them.

use std::{error::Error, fmt::Display, str::FromStr, time::Duration};

use http::HeaderValue;
use jiff::SignedDuration;
use serde_json::Value;

use super::{
    super::duration::{self, GoDuration},
    Flag, Notation, Reason, items, mismatch, replace, string,
};

/// Text that is none of what is allowed.
#[derive(Debug, thiserror::Error)]
enum Invalid {
    #[error("allowed are whole numbers of at most 18 digits")]
    Whole,
    #[error("allowed are whole numbers from 0")]
    Count,
    #[error("found {found}; {reason}")]
    Found {
        found: Value,
        #[source]
        reason: Reason,
    },
    #[error("allowed are true and false")]
    Switch,
    #[error("a header cannot carry this text; allowed are visible characters and spaces")]
    HeaderText,
}

/// Whole numbers; in files also as text. Their range is checked when all layers are known.
pub const fn whole<T: FromStr + Copy + Into<Value>>() -> Notation<T> {
    fn read<T: FromStr>(text: &str) -> Result<T, Reason> {
        let signed = "-1".parse::<T>().is_ok();
        text.parse().map_err(|_| if signed { Invalid::Whole } else { Invalid::Count }.into())
    }
    Notation {
        json: |value| {
            let number = match value {
                Value::Number(number) => read(&number.to_string()),
                Value::String(text) => read(text),
                _ => return Err(mismatch(value, "whole numbers")),
            };
            number.map_err(|reason| Invalid::Found { found: value.clone(), reason }.into())
        },
        variable: read,
        flag: Flag::Once(read),
        write: |&number| number.into(),
        fill: replace,
    }
}

/// Whole numbers of either sign.
pub const INTEGER: Notation<i64> = whole();

/// `true` and `false`.
pub const SWITCH: Notation<bool> = Notation {
    json: |value| value.as_bool().ok_or_else(|| mismatch(value, "true and false")),
    variable: switch,
    flag: Flag::Switch(switch),
    write: |&on| on.into(),
    fill: replace,
};

fn switch(text: &str) -> Result<bool, Reason> {
    text.parse().map_err(|_| Invalid::Switch.into())
}

/// The same, but variables may also hold what Go takes for a boolean. k6 reads those variables so
/// that do not stand for options of a script.
pub const LENIENT_SWITCH: Notation<bool> = Notation {
    variable: |text| match text {
        "1" | "t" | "T" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "False" => Ok(false),
        _ => switch(text),
    },
    ..SWITCH
};

/// Durations; see [`duration`].
pub const DURATION: Notation<Duration> = Notation {
    json: |value| Ok(duration::parse_extended(&duration_text(value)?)?),
    variable: |text| Ok(duration::parse_extended(text)?),
    flag: Flag::Once(|text| Ok(duration::parse(text)?)),
    write: |&duration| GoDuration(duration).to_string().into(),
    fill: replace,
};

/// A duration of either sign, from a file.
pub(in super::super) fn signed_duration(value: &Value) -> Result<SignedDuration, Reason> {
    Ok(duration::parse_extended_signed(&duration_text(value)?)?)
}

fn duration_text(value: &Value) -> Result<String, Reason> {
    match value {
        Value::Number(millis) => Ok(millis.to_string()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(mismatch(value, "durations such as \"1m30s\" and numbers of milliseconds")),
    }
}

/// What has one notation of its own, the same everywhere.
pub const fn text<T>() -> Notation<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Display,
{
    Notation {
        json: |value| Ok(string(value)?.parse()?),
        variable: |text| Ok(text.parse()?),
        flag: Flag::Once(|text| Ok(text.parse()?)),
        write: |value| value.to_string().into(),
        fill: replace,
    }
}

/// Text that a header can carry.
pub const HEADER_TEXT: Notation<String> = Notation {
    json: |value| header_text(string(value)?),
    variable: header_text,
    flag: Flag::Once(header_text),
    ..text()
};

fn header_text(text: &str) -> Result<String, Reason> {
    HeaderValue::from_str(text).map_err(|_| Invalid::HeaderText)?;
    Ok(text.into())
}

/// Lists: arrays of strings in files, separated by commas elsewhere.
pub const fn list<T>() -> Notation<Vec<T>>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Display,
{
    fn read<T: FromStr<Err: Error + Send + Sync + 'static>>(text: &str) -> Result<Vec<T>, Reason> {
        text.split(',').map(|item| Ok(item.trim().parse()?)).collect()
    }
    Notation {
        json: |value| items(value, |item| Ok(string(item)?.parse()?)),
        variable: read,
        flag: Flag::Many(|list, text| {
            list.get_or_insert_default().extend(read(text)?);
            Ok(())
        }),
        write: |list| list.iter().map(ToString::to_string).collect(),
        fill: replace,
    }
}
