//! Reading a summary back: loadgen's `summary.json`, k6's `handleSummary` data, and k6's
//! `--summary-export` files.
//!
//! What is accepted is complete: every value that its metric's kind must have is there, so nothing
//! that shows a summary has to guess.

mod export;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::de::IgnoredAny;

use super::{
    model::{Call, Metric, Scope, Summary},
    stats,
};
use crate::metrics::{MetricKind, TrendStat};

/// Why a file is no summary.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read {origin}: {reason}")]
    Read {
        /// The file.
        origin: String,
        /// What the system said.
        reason: io::Error,
    },
    /// Not JSON, or JSON that lacks a part of a summary.
    #[error("{origin}: not a summary: {reason}")]
    Json {
        /// The file.
        origin: String,
        /// What was expected, and the line and column of what was found.
        reason: serde_json::Error,
    },
    /// JSON of another shape.
    #[error(
        "{origin}: not a summary: expected loadgen's summary.json, the data of k6's handleSummary, \
         or a file of --summary-export, found {found}"
    )]
    Shape {
        /// The file.
        origin: String,
        /// What it seems to be.
        found: &'static str,
    },
    /// A summary with a part that makes no sense.
    #[error("{origin}: {place}: {reason}")]
    Content {
        /// The file.
        origin: String,
        /// The part, as a path of keys.
        place: String,
        /// What is wrong with it and what is allowed.
        reason: String,
    },
}

/// Reads the summary in a file.
///
/// # Errors
///
/// When the file cannot be read or holds no summary.
pub fn load(path: &Path) -> Result<Summary, LoadError> {
    let origin = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, &origin),
        Err(reason) => Err(LoadError::Read { origin, reason }),
    }
}

/// Reads a summary from its text; `origin` names it in errors.
///
/// # Errors
///
/// When the text is no summary.
pub fn parse(text: &str, origin: &str) -> Result<Summary, LoadError> {
    let json = |reason| LoadError::Json { origin: origin.into(), reason };
    let shape = |found| LoadError::Shape { origin: origin.into(), found };
    let content =
        |Flaw { place, reason }| LoadError::Content { origin: origin.into(), place, reason };

    let keys: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).map_err(json)?;
    let has = |key| keys.contains_key(key);
    let summary = if has("metrics") && has("state") {
        serde_json::from_str(text).map_err(json)?
    } else if has("metrics") && has("root_group") {
        let exported: export::Export = serde_json::from_str(text).map_err(json)?;
        exported.into_summary().map_err(content)?
    } else if has("results") {
        return Err(shape("k6's new machine-readable summary, which has no thresholds or groups"));
    } else {
        return Err(shape("an object that lacks 'metrics' or 'root_group'"));
    };
    check(&summary).map_err(content)?;
    Ok(summary)
}

/// What is wrong, and where.
struct Flaw {
    place: String,
    reason: String,
}

impl Flaw {
    fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

fn check(summary: &Summary) -> Result<(), Flaw> {
    let options = &summary.options;
    for stat in &options.summary_trend_stats {
        stat.parse::<TrendStat>()
            .map_err(|error| Flaw::new("options.summaryTrendStats", error.to_string()))?;
    }
    if !matches!(options.summary_time_unit.as_str(), "" | "s" | "ms" | "us") {
        return Err(Flaw::new(
            "options.summaryTimeUnit",
            format!("invalid unit '{}', allowed are s, ms and us", options.summary_time_unit),
        ));
    }
    if summary.state.test_run_duration_ms < 0.0 {
        return Err(Flaw::new("state.testRunDurationMs", "negative"));
    }
    let stats = &options.summary_trend_stats;
    check_metrics("metrics", &summary.metrics, stats)?;
    let Some(extras) = &summary.loadgen else { return Ok(()) };
    check_histograms("loadgen.histograms", &extras.histograms)?;
    check_calls(extras.profile.iter().flat_map(|profile| &profile.calls))?;
    for scope in extras.scopes.groups.iter().chain(&extras.scopes.scenarios) {
        check_scope("loadgen.scopes", scope, stats)?;
    }
    Ok(())
}

fn check_scope(parent: &str, scope: &Scope, stats: &[String]) -> Result<(), Flaw> {
    let place = format!("{parent}.{}", scope.name);
    check_metrics(&format!("{place}.metrics"), &scope.metrics, stats)?;
    check_histograms(&format!("{place}.histograms"), &scope.histograms)?;
    scope.groups.iter().try_for_each(|group| check_scope(&place, group, stats))
}

fn check_metrics<'a>(
    place: &str,
    metrics: impl IntoIterator<Item = (&'a String, &'a Metric)>,
    stats: &[String],
) -> Result<(), Flaw> {
    for (name, metric) in metrics {
        let missing = match metric.kind {
            MetricKind::Trend => {
                stats.iter().find(|key| !metric.values.contains_key(*key)).cloned()
            }
            kind => {
                let mut keys = required(kind).iter();
                keys.find(|key| !metric.values.contains_key(**key)).map(|key| (*key).to_owned())
            }
        };
        if let Some(key) = missing {
            return Err(Flaw::new(format!("{place}.{name}.values"), format!("'{key}' is missing")));
        }
    }
    Ok(())
}

/// Every call but the outermost is within another one.
fn check_calls<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Result<(), Flaw> {
    let mut deepest = 0;
    for (place, call) in calls.into_iter().enumerate() {
        if call.depth > deepest {
            let place = format!("loadgen.profile.calls.{place}.depth");
            return Err(Flaw::new(place, format!("{}, allowed is at most {deepest}", call.depth)));
        }
        deepest = call.depth + 1;
    }
    Ok(())
}

/// The values that a metric of this kind always has.
fn required(kind: MetricKind) -> &'static [&'static str] {
    match kind {
        MetricKind::Counter => &["count", "rate"],
        MetricKind::Gauge => &["value", "min", "max"],
        MetricKind::Rate => &["rate", "passes", "fails"],
        MetricKind::Trend => &[],
    }
}

fn check_histograms<'a>(
    place: &str,
    histograms: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Result<(), Flaw> {
    for (name, text) in histograms {
        if stats::decode(text).is_err() {
            return Err(Flaw::new(format!("{place}.{name}"), "not an HDR V2 histogram in base64"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
