//! The summary as JSON: loadgen's own file, and k6's `--summary-export`.
//!
//! Keys come in a fixed order and numbers as JavaScript writes them (`35`, not `35.0`), so that
//! equal summaries are equal bytes.

use std::{collections::BTreeMap, io};

use indexmap::IndexMap;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::ser::{Formatter, PrettyFormatter};

use super::{
    format,
    model::{Group, Metric, Summary},
};
use crate::metrics::MetricKind;

/// The content of `summary.json`: everything, readable by [`parse`](super::parse). Ends with a
/// line feed.
pub fn to_json(summary: &Summary) -> String {
    pretty(summary, b"  ") + "\n"
}

/// The content of a `--summary-export` file, without a line feed at its end.
///
/// k6's older schema: metrics are their values, rates are called `value`, a threshold is `true`
/// when it **failed**, groups and checks are objects by name.
pub fn export(summary: &Summary) -> String {
    let exported = Export {
        metrics: summary.metrics.iter().map(|(name, m)| (name.as_str(), ExportMetric(m))).collect(),
        root_group: ExportGroup(&summary.root_group),
        setup_data: summary.setup_data.as_ref(),
    };
    pretty(&exported, b"    ")
}

/// JSON with JavaScript's numbers. The value must have no map whose keys are not text.
pub(crate) fn pretty(value: &impl Serialize, indent: &[u8]) -> String {
    let mut bytes = Vec::new();
    let numbers = JsNumbers(PrettyFormatter::with_indent(indent));
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, numbers);
    value.serialize(&mut serializer).expect("all keys are text");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

#[derive(Serialize)]
struct Export<'a> {
    metrics: BTreeMap<&'a str, ExportMetric<'a>>,
    root_group: ExportGroup<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_data: Option<&'a serde_json::Value>,
}

struct ExportMetric<'a>(&'a Metric);

impl Serialize for ExportMetric<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.0.values {
            let renamed = self.0.kind == MetricKind::Rate && key == "rate";
            map.serialize_entry(if renamed { "value" } else { key }, value)?;
        }
        if let Some(thresholds) = &self.0.thresholds {
            let failed: IndexMap<_, _> = thresholds.iter().map(|(k, v)| (k, !v.ok)).collect();
            map.serialize_entry("thresholds", &failed)?;
        }
        map.end()
    }
}

struct ExportGroup<'a>(&'a Group);

impl Serialize for ExportGroup<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Group { name, path, id, groups, checks } = self.0;
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("name", name)?;
        map.serialize_entry("path", path)?;
        map.serialize_entry("id", id)?;
        let groups = groups.iter().map(|group| (group.name.as_str(), ExportGroup(group)));
        let checks = checks.iter().map(|check| (check.name.as_str(), check));
        map.serialize_entry("groups", &groups.collect::<IndexMap<_, _>>())?;
        map.serialize_entry("checks", &checks.collect::<IndexMap<_, _>>())?;
        map.end()
    }
}

/// Pretty JSON with JavaScript's numbers.
struct JsNumbers<'a>(PrettyFormatter<'a>);

macro_rules! as_pretty {
    ($($method:ident($($flag:ident)?)),* $(,)?) => {$(
        fn $method<W: ?Sized + io::Write>(&mut self, w: &mut W $(, $flag: bool)?) -> io::Result<()> {
            self.0.$method(w $(, $flag)?)
        }
    )*};
}

impl Formatter for JsNumbers<'_> {
    fn write_f64<W: ?Sized + io::Write>(&mut self, w: &mut W, value: f64) -> io::Result<()> {
        w.write_all(format::js(value).as_bytes())
    }

    as_pretty!(
        begin_array(),
        end_array(),
        begin_array_value(first),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first),
        begin_object_value(),
        end_object_value(),
    );
}

#[cfg(test)]
mod tests;
