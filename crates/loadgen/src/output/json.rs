//! k6's JSON lines: a declaration of each metric before its first sample, then a line for each
//! sample.

use std::{collections::BTreeMap, time::Duration};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    Batch, Losses, Opened, Output, RunFacts, Sample, Settings,
    clock::{Clock, TimeFormat},
    destination::{Destination, is_stdout},
    number,
    once::Once,
};
use crate::{
    metrics::{
        Contains, MetricDef, MetricId, MetricKind, Registry, Submetric, TagSet,
        builtin::HTTP_REQ_DURATION,
    },
    options::{notation::Reason, thresholds::ThresholdOptions},
};

/// How often what was gathered is written.
const INTERVAL: Duration = Duration::from_millis(200);

/// `json[=FILE]`: without a file, or with `-`, to stdout; compressed if the name ends in `.gz`.
pub(super) fn open(settings: &Settings<'_>) -> Result<Opened, Reason> {
    let path = settings.argument.unwrap_or_default();
    let losses = Losses::default();
    let destination = Destination::open(path, losses.clone())?;
    let name = if is_stdout(path) { "json(stdout)".into() } else { format!("json ({path})") };
    let output = Box::new(Json {
        destination,
        clock: Clock::new(TimeFormat::Rfc3339Nano, TimeZone::system()),
        declarations: Vec::new(),
        heads: Vec::new(),
        tags: Once::default(),
    });
    Ok(Opened { name, is_stdout: is_stdout(path), output, losses })
}

struct Json {
    destination: Destination,
    clock: Clock,
    /// By metric: the line that comes before its first sample, until that has come.
    declarations: Vec<Option<String>>,
    /// By metric: what a line begins with.
    heads: Vec<String>,
    /// By tags: their text.
    tags: Once<Vec<u8>>,
}

impl Output for Json {
    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn start(&mut self, run: &RunFacts) {
        self.destination.begin();
        let metrics = || run.registry.metrics();
        self.declarations = metrics().map(|(id, _)| Some(declaration(id, run))).collect();
        let head = |metric: &MetricDef| {
            format!(r#"{{"metric":"{}","type":"Point","data":{{"time":""#, metric.name)
        };
        self.heads = metrics().map(|(_, metric)| head(metric)).collect();
    }

    fn write(&mut self, batch: &Batch) {
        for sample in batch.samples() {
            self.line(&sample);
            self.destination.added(1);
        }
    }

    fn flush(&mut self) {
        self.destination.write();
    }

    fn finish(&mut self) {
        self.destination.finish();
    }
}

impl Json {
    fn line(&mut self, sample: &Sample<'_>) {
        let text = self.destination.text();
        let metric = sample.series.metric.index();
        if let Some(declaration) = self.declarations[metric].take() {
            text.extend_from_slice(declaration.as_bytes());
        }
        text.extend_from_slice(self.heads[metric].as_bytes());
        text.extend_from_slice(self.clock.text(sample.unix_nanos));
        text.extend_from_slice(br#"","value":"#);
        number::shortest(text, sample.value);
        text.extend_from_slice(self.tags.get(sample.series.tags.index(), || tags(sample.tags)));
        for (index, (name, number)) in sample.origin.metadata().enumerate() {
            let before = if index == 0 { r#","metadata":{"# } else { "," };
            text.extend_from_slice(format!("{before}\"{name}\":\"{number}\"").as_bytes());
        }
        text.extend_from_slice(if sample.origin.is_unknown() { b"}}\n" } else { b"}}}\n" });
    }
}

fn tags(tags: &TagSet) -> Vec<u8> {
    let mut text = br#","tags":{"#.to_vec();
    for (index, (name, value)) in tags.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        push_string(&mut text, name);
        text.push(b':');
        push_string(&mut text, value);
    }
    text.push(b'}');
    text
}

/// A string as k6 escapes it, which is not quite how others do.
fn push_string(text: &mut Vec<u8>, string: &str) {
    text.push(b'"');
    for character in string.chars() {
        match character {
            '"' => text.extend_from_slice(br#"\""#),
            '\\' => text.extend_from_slice(br"\\"),
            '\n' => text.extend_from_slice(br"\n"),
            '\r' => text.extend_from_slice(br"\r"),
            '\t' => text.extend_from_slice(br"\t"),
            '\0'..' ' | '\u{2028}' | '\u{2029}' => {
                text.extend_from_slice(format!("\\u{:04x}", character as u32).as_bytes());
            }
            _ => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    text.push(b'"');
}

/// What a run knows of a metric, in k6's order of keys.
#[derive(Serialize)]
struct Declaration<'a> {
    r#type: &'static str,
    data: MetricData<'a>,
    metric: &'a str,
}

#[derive(Serialize)]
struct MetricData<'a> {
    name: &'a str,
    r#type: MetricKind,
    contains: Contains,
    thresholds: &'a [ThresholdOptions],
    /// `null` if there are none.
    submetrics: Option<Vec<SubmetricData<'a>>>,
}

#[derive(Serialize)]
struct SubmetricData<'a> {
    name: &'a str,
    suffix: &'a str,
    tags: BTreeMap<&'a str, &'a str>,
}

fn declaration(id: MetricId, run: &RunFacts) -> String {
    let metric = run.registry.metric(id);
    let declaration = Declaration {
        r#type: "Metric",
        data: MetricData {
            name: &metric.name,
            r#type: metric.kind,
            contains: metric.contains,
            thresholds: run.thresholds.get(&metric.name).map_or(&[], Vec::as_slice),
            submetrics: Some(submetrics(id, &run.registry)).filter(|all| !all.is_empty()),
        },
        metric: &metric.name,
    };
    serde_json::to_string(&declaration).unwrap_or_default() + "\n"
}

/// The submetrics of a metric. The one that is always there comes last, as in k6.
fn submetrics(parent: MetricId, registry: &Registry) -> Vec<SubmetricData<'_>> {
    let own = registry.submetrics().map(|(_, submetric)| submetric);
    let own = own.filter(|submetric| submetric.parent == parent);
    let mut submetrics: Vec<_> = own.map(SubmetricData::new).collect();
    if parent == HTTP_REQ_DURATION {
        submetrics.rotate_left(1);
    }
    submetrics
}

impl<'a> SubmetricData<'a> {
    fn new(submetric: &'a Submetric) -> Self {
        let criteria = submetric.name.split_once('{').map_or("", |(_, criteria)| criteria);
        Self {
            name: &submetric.name,
            suffix: criteria.strip_suffix('}').unwrap_or(criteria),
            tags: submetric.tags.iter().collect(),
        }
    }
}
