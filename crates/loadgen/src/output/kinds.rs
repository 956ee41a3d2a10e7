//! The kinds of output, by the names that k6 has for them.

use std::{collections::BTreeSet, ffi::OsString, fmt};

use serde_json::{Map, Value};

use super::{Losses, Output, Settings, csv, influxdb, json, opentelemetry, prometheus};
use crate::options::notation::Reason;

/// An output that is ready for a run.
pub struct Opened {
    /// What the header and the warnings of a run call it: `json (out.json)`.
    pub name: String,
    /// Whether it writes to stdout, which it then must have for itself.
    pub is_stdout: bool,
    /// Where it goes.
    pub output: Box<dyn Output>,
    /// What it lost. The output has a clone of it, and so has the stream.
    pub losses: Losses,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Opened").field(&self.name).finish()
    }
}

/// An output that cannot be opened; k6's exit code for it is 255.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// There is no such kind.
    #[error("invalid output type '{name}', available types are: {available}")]
    Unknown {
        /// As it was written.
        name: String,
        /// All that there are.
        available: String,
    },
    /// Two of them would write to stdout.
    #[error("only one output can write to stdout")]
    SharedStdout,
    /// Something is wrong with it.
    #[error("could not create the '{name}' output: {reason}")]
    Create {
        /// Its kind.
        name: String,
        /// What is wrong.
        reason: Reason,
    },
}

/// A kind of output.
struct Kind {
    /// What it may be called. Those that k6 has first.
    names: &'static [&'static str],
    /// What a file of options may say of it.
    keys: &'static [&'static str],
    /// Checks the settings, and opens the file if it has one; a server need not be there yet.
    open: fn(&Settings<'_>) -> Result<Opened, Reason>,
}

/// All kinds.
const KINDS: &[Kind] = &[
    Kind { names: &["csv"], keys: csv::KEYS, open: csv::open },
    Kind { names: &["influxdb"], keys: influxdb::KEYS, open: influxdb::open },
    Kind { names: &["json"], keys: &[], open: json::open },
    Kind {
        names: &["opentelemetry", "experimental-opentelemetry"],
        keys: opentelemetry::KEYS,
        open: opentelemetry::open,
    },
    Kind {
        names: &["experimental-prometheus-rw", "prometheus-rw"],
        keys: prometheus::KEYS,
        open: prometheus::open,
    },
];

/// Kinds that k6 had or has, and why they are none here.
const ABSENT: [(&str, &str); 6] = [
    ("cloud", "loadgen sends nothing to Grafana Cloud; opentelemetry can"),
    ("dashboard", "the program serves one, the library does not"),
    ("datadog", "k6 removed it in v0.34.0; opentelemetry takes its place"),
    ("kafka", "k6 removed it in v0.34.0"),
    ("statsd", "k6 removed it in v0.55.0; opentelemetry takes its place"),
    ("web-dashboard", "the program serves one, the library does not"),
];

type Collectors = Map<String, Value>;

/// Opens the output that `spec` stands for: `NAME`, or `NAME=ARGUMENT`. `collectors` is what a file
/// of options has under that key, by the names of outputs, and `lookup` asks for variables.
///
/// # Errors
///
/// If there is no such kind, or something is wrong with its settings or its file.
pub fn open(
    spec: &str,
    collectors: Option<&Collectors>,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Opened, OutputError> {
    let (name, argument) = match spec.split_once('=') {
        Some((name, argument)) => (name, Some(argument)),
        None => (spec, None),
    };
    let failed = |reason| OutputError::Create { name: name.into(), reason };
    if let Some((_, reason)) = ABSENT.iter().find(|(absent, _)| *absent == name) {
        return Err(failed((*reason).into()));
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.names.contains(&name)) else {
        // The dashboard gets no samples, but whoever writes the name of an output can have it.
        let kinds = KINDS.iter().flat_map(|kind| kind.names).chain(&["dashboard"]);
        let available: BTreeSet<_> = kinds.copied().collect();
        let available: Vec<_> = available.into_iter().collect();
        return Err(OutputError::Unknown { name: name.into(), available: available.join(", ") });
    };
    let stored = kind.stored(name, collectors).map_err(failed)?;
    (kind.open)(&Settings { argument, stored, lookup }).map_err(failed)
}

/// Opens those that `specs` stand for, and has a look at all together with those that are open
/// already.
///
/// # Errors
///
/// As for [`open`], and if two write to stdout.
pub(crate) fn open_all(
    opened: Vec<Opened>,
    specs: &[String],
    collectors: Option<&Collectors>,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Vec<Opened>, OutputError> {
    let mut outputs = opened;
    for spec in specs {
        outputs.push(open(spec, collectors, lookup)?);
    }
    match outputs.iter().filter(|output| output.is_stdout).count() {
        0 | 1 => Ok(outputs),
        _ => Err(OutputError::SharedStdout),
    }
}

impl Kind {
    /// What a file has of this kind: under the name that was asked for, or else under another one,
    /// since files that were written for k6 have k6's.
    fn stored<'a>(
        &self,
        name: &'a str,
        collectors: Option<&'a Collectors>,
    ) -> Result<Option<(&'a str, &'a Collectors)>, Reason> {
        let names = std::iter::once(name).chain(self.names.iter().copied());
        let mut found = names.filter_map(|name| Some((name, collectors?.get(name)?.as_object()?)));
        let Some((name, stored)) = found.next() else { return Ok(None) };
        if let Some(key) = stored.keys().find(|key| !self.keys.contains(&key.as_str())) {
            let allowed = match self.keys {
                [] => "none are allowed".into(),
                keys => format!("allowed are {}", keys.join(", ")),
            };
            return Err(format!(
                "option collectors.{name}: there is no setting '{key}'; {allowed}"
            )
            .into());
        }
        Ok(Some((name, stored)))
    }
}

/// Whether a file of options may say something of an output by that name.
pub(crate) fn is_set_by_file(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.names.contains(&name))
}
