//! k6's CSV: a row for each sample, with a column for each system tag that is kept.

use std::{collections::BTreeSet, time::Duration};

use jiff::tz::TimeZone;

use super::{
    Batch, InvalidSetting, Losses, Opened, Output, RunFacts, Sample, Settings,
    clock::{Clock, TimeFormat},
    destination::{Destination, is_stdout},
    number,
    once::Once,
    settings,
};
use crate::{
    metrics::TagSet,
    options::{
        notation::Reason,
        system_tags::{SystemTag, SystemTags},
    },
};

/// What a file of options may say.
pub(super) const KEYS: &[&str] = &["file_name", "save_interval", "time_format"];

/// An argument of `csv` that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "invalid argument '{0}'; allowed are fileName=FILE, saveInterval=DURATION and timeFormat=FORMAT"
)]
struct InvalidArgument(String);

/// `csv[=FILE]` or `csv=fileName=FILE,saveInterval=DURATION,timeFormat=FORMAT`.
pub(super) fn open(set: &Settings<'_>) -> Result<Opened, Reason> {
    let mut path = set.text("K6_CSV_FILENAME", "file_name")?;
    let mut interval = set.interval("K6_CSV_SAVE_INTERVAL", "save_interval")?;
    let format = |text: &str| Ok(text.parse::<TimeFormat>()?);
    let mut time_format = set.parse("K6_CSV_TIME_FORMAT", "time_format", format)?;
    match set.argument {
        None => {}
        Some(file) if !file.contains('=') => path = Some(file.into()),
        Some(pairs) => {
            for pair in pairs.split(',') {
                match pair.split_once('=') {
                    Some(("fileName", file)) => path = Some(file.into()),
                    Some((name @ "saveInterval", text)) => {
                        interval = Some(argument(name, text, settings::interval)?);
                    }
                    Some((name @ "timeFormat", text)) => {
                        time_format = Some(argument(name, text, format)?);
                    }
                    _ => return Err(InvalidArgument(pair.into()).into()),
                }
            }
        }
    }
    let path = path.unwrap_or_else(|| "file.csv".into());
    let losses = Losses::default();
    let output = Box::new(Csv {
        destination: Destination::open(&path, losses.clone())?,
        clock: Clock::new(time_format.unwrap_or_default(), TimeZone::system()),
        interval: interval.unwrap_or(Duration::from_secs(1)),
        columns: BTreeSet::new(),
        tails: Once::default(),
    });
    let name = if is_stdout(&path) { "csv (stdout)".into() } else { format!("csv ({path})") };
    Ok(Opened { name, is_stdout: is_stdout(&path), output, losses })
}

/// The value of a part of the argument.
fn argument<T>(
    name: &str,
    text: &str,
    read: impl Fn(&str) -> Result<T, Reason>,
) -> Result<T, InvalidSetting> {
    read(text).map_err(|reason| InvalidSetting {
        place: format!("argument {name}"),
        value: text.into(),
        reason,
    })
}

struct Csv {
    destination: Destination,
    clock: Clock,
    interval: Duration,
    /// The tags that have columns.
    columns: BTreeSet<&'static str>,
    /// By tags: what a row has behind its value, up to the metadata.
    tails: Once<Vec<u8>>,
}

impl Output for Csv {
    fn interval(&self) -> Duration {
        self.interval
    }

    fn start(&mut self, run: &RunFacts) {
        self.destination.begin();
        self.columns = columns(run.system_tags);
        let text = self.destination.text();
        text.extend_from_slice(b"metric_name,timestamp,metric_value,");
        for column in &self.columns {
            text.extend_from_slice(column.as_bytes());
            text.push(b',');
        }
        text.extend_from_slice(b"extra_tags,metadata\n");
    }

    fn write(&mut self, batch: &Batch) {
        for sample in batch.samples() {
            self.row(&sample);
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

impl Csv {
    fn row(&mut self, sample: &Sample<'_>) {
        let text = self.destination.text();
        text.extend_from_slice(sample.metric.name.as_bytes());
        text.push(b',');
        text.extend_from_slice(self.clock.text(sample.unix_nanos));
        text.push(b',');
        number::six_decimals(text, sample.value);
        let columns = &self.columns;
        let tail = self.tails.get(sample.series.tags.index(), || tail(sample.tags, columns));
        text.extend_from_slice(tail);
        for (index, (name, number)) in sample.origin.metadata().enumerate() {
            let before = if index == 0 { "" } else { "&" };
            text.extend_from_slice(format!("{before}{name}={number}").as_bytes());
        }
        text.push(b'\n');
    }
}

/// The tags that have columns. `vu` and `iter` have none, as in k6.
fn columns(kept: SystemTags) -> BTreeSet<&'static str> {
    let is_column =
        |name: &&str| ![SystemTag::Vu.as_str(), SystemTag::Iter.as_str()].contains(name);
    kept.names().filter(is_column).collect()
}

fn tail(tags: &TagSet, columns: &BTreeSet<&str>) -> Vec<u8> {
    let mut text = Vec::new();
    for column in columns {
        text.push(b',');
        push_field(&mut text, tags.get(column).unwrap_or_default());
    }
    let extra = tags.iter().filter(|(name, _)| !columns.contains(name));
    let extra: Vec<String> = extra.map(|(name, value)| format!("{name}={value}")).collect();
    text.push(b',');
    push_field(&mut text, &extra.join("&"));
    text.push(b',');
    text
}

/// A field, quoted as Go quotes it.
fn push_field(text: &mut Vec<u8>, field: &str) {
    let is_plain = field != r"\."
        && !field.starts_with(char::is_whitespace)
        && !field.contains([',', '"', '\r', '\n']);
    if is_plain {
        text.extend_from_slice(field.as_bytes());
    } else {
        text.push(b'"');
        text.extend_from_slice(field.replace('"', "\"\"").as_bytes());
        text.push(b'"');
    }
}
