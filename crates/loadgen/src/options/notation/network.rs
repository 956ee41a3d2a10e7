//! Hosts, name resolution, headers, tags and other pairs.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::{
    super::dns::DnsFields, Flag, Notation, Reason, at, file_only, items, object, replace, string,
};
use crate::http::HostMap;

/// Names with values.
type Pairs = BTreeMap<String, String>;

/// What is wrong with a pair.
#[derive(Debug, thiserror::Error)]
enum InvalidPair {
    #[error("invalid header '{0}'; allowed is 'Name: value'")]
    Header(String),
    #[error("invalid tag '{tag}', {problem}; allowed is NAME=VALUE")]
    Tag { tag: String, problem: &'static str },
    #[error("invalid item '{0}'; allowed are pairs NAME:VALUE")]
    Item(String),
    #[error(
        "invalid environment variable name '{0}'; allowed are letters, digits and underscores, no digit first"
    )]
    Variable(String),
}

fn pairs(value: &Value) -> Result<Pairs, Reason> {
    let read = |(name, value): (&String, _)| match string(value) {
        Ok(value) => Ok((name.clone(), value.to_owned())),
        Err(reason) => Err(at(name, reason)),
    };
    object(value)?.iter().map(read).collect()
}

fn write_pairs(pairs: &Pairs) -> Value {
    pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}

/// Tags: `NAME=VALUE` as a flag, `name:value,name:value` as a variable.
pub const TAGS: Notation<Pairs> = Notation {
    json: pairs,
    variable: |text| {
        let pair = |item: &str| {
            let (name, value) =
                item.split_once(':').ok_or_else(|| InvalidPair::Item(item.into()))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        text.split(',').map(pair).collect()
    },
    flag: Flag::Many(|tags, tag| {
        let invalid = |problem| InvalidPair::Tag { tag: tag.into(), problem };
        let (name, value) = match tag.split_once('=') {
            _ if tag.is_empty() => return Err(invalid("empty string").into()),
            Some(("", _)) => return Err(invalid("empty name").into()),
            None | Some((_, "")) => return Err(invalid("empty value").into()),
            Some(pair) => pair,
        };
        tags.get_or_insert_default().insert(name.into(), value.into());
        Ok(())
    }),
    write: write_pairs,
    fill: replace,
};

/// Variables for iterations: `NAME=VALUE` as a flag.
pub const VARIABLES: Notation<Pairs> = Notation {
    json: pairs,
    variable: file_only,
    flag: Flag::Many(|variables, text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(known)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(InvalidPair::Variable(name.into()).into());
        }
        variables.get_or_insert_default().insert(name.into(), value.into());
        Ok(())
    }),
    write: write_pairs,
    fill: replace,
};

/// Headers, in order, each `Name: value`.
pub const HEADERS: Notation<Vec<(String, String)>> = Notation {
    json: |value| items(value, |item| header(string(item)?)),
    variable: file_only,
    flag: Flag::Many(|headers, text| {
        headers.get_or_insert_default().push(header(text)?);
        Ok(())
    }),
    write: |headers| headers.iter().map(|(name, value)| format!("{name}: {value}")).collect(),
    fill: replace,
};

fn header(text: &str) -> Result<(String, String), Reason> {
    let invalid = || InvalidPair::Header(text.into());
    let (name, value) = text.split_once(':').ok_or_else(invalid)?;
    let (name, value) = (name.trim(), value.trim());
    name.parse::<HeaderName>().map_err(|_| invalid())?;
    value.parse::<HeaderValue>().map_err(|_| invalid())?;
    Ok((name.into(), value.into()))
}

/// How names become addresses: `ttl=5m,select=random,policy=preferIPv4`, field by field.
pub const DNS: Notation<DnsFields> = Notation {
    json: |value| {
        let mut dns = DnsFields::default();
        for (name, value) in object(value)? {
            let text = match value {
                Value::Null => continue,
                Value::Number(millis) => millis.to_string(),
                _ => string(value).map_err(|reason| at(name, reason))?.to_owned(),
            };
            dns.set(name, &text)?;
        }
        Ok(dns)
    },
    variable: |text| Ok(text.parse()?),
    flag: Flag::Once(|text| Ok(text.parse()?)),
    write: |dns| {
        let [ttl, select, policy] = dns.texts();
        json!({ "ttl": ttl, "select": select, "policy": policy })
    },
    fill: |dns, weaker| *dns = dns.or(*weaker),
};

/// Where host names lead; files only.
pub const HOSTS: Notation<HostMap> = Notation {
    json: |value| {
        let mut hosts = HostMap::default();
        for (host, address) in object(value)? {
            let inserted = string(address).and_then(|address| Ok(hosts.insert(host, address)?));
            inserted.map_err(|reason| at(host, reason))?;
        }
        Ok(hosts)
    },
    variable: file_only,
    flag: Flag::Once(file_only),
    write: |hosts| {
        let write = |(host, address): (String, String)| (host, address.into());
        Value::Object(hosts.entries().map(write).collect::<Map<_, _>>())
    },
    fill: replace,
};

/// Names of system tags. Unknown ones are let in, as in k6; whoever lays the layers warns of them.
pub const SYSTEM_TAGS: Notation<BTreeSet<String>> = Notation {
    json: |value| Ok(items(value, |tag| Ok(string(tag)?.to_owned()))?.into_iter().collect()),
    variable: |text| Ok(names(text).collect()),
    flag: Flag::Many(|set, text| {
        set.get_or_insert_default().extend(names(text));
        Ok(())
    }),
    write: |set| set.iter().cloned().collect(),
    fill: replace,
};

/// The names in a list with commas; an empty one is a list without names.
fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}
