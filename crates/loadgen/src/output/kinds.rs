//! The kinds of output, by the names that k6 has for them.

use std::{collections::BTreeSet, ffi::OsString};

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
    name: &'static str,
    /// Checks the settings, and opens the file if it has one; a server need not be there yet.
    open: fn(&Settings<'_>) -> Result<Opened, Reason>,
}

/// All kinds, sorted by name.
const KINDS: &[Kind] = &[
    Kind { name: "csv", open: csv::open },
    Kind { name: "experimental-opentelemetry", open: opentelemetry::open },
    Kind { name: "experimental-prometheus-rw", open: prometheus::open },
    Kind { name: "influxdb", open: influxdb::open },
    Kind { name: "json", open: json::open },
    Kind { name: "opentelemetry", open: opentelemetry::open },
    Kind { name: "prometheus-rw", open: prometheus::open },
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

/// Opens the output that `spec` stands for: `NAME`, or `NAME=ARGUMENT`. `collectors` is what a file
/// of options has under that key, and `lookup` asks for variables.
///
/// # Errors
///
/// If there is no such kind, or something is wrong with its settings or its file.
pub fn open(
    spec: &str,
    collectors: Option<&Map<String, Value>>,
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
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        // The dashboard gets no samples, but whoever writes the name of an output can have it.
        let kinds = KINDS.iter().map(|kind| kind.name).chain(["dashboard"]);
        let available: BTreeSet<_> = kinds.collect();
        let available: Vec<_> = available.into_iter().collect();
        return Err(OutputError::Unknown { name: name.into(), available: available.join(", ") });
    };
    let stored = collectors.and_then(|all| all.get(name)).and_then(Value::as_object);
    (kind.open)(&Settings { argument, stored, lookup }).map_err(failed)
}
