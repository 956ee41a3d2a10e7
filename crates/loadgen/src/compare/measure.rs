//! What is compared: one statistic of one metric, of a whole run or of a second of it.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::summary::{
    Summary, collate,
    model::{Row as Second, RowDuration},
};

/// One statistic of one metric. `Display` writes it as conditions do: `http_req_duration.p(95)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// A metric or submetric.
    pub metric: String,
    /// The key of one of its values, in k6's spelling.
    pub statistic: String,
}

/// What makes a row judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) higher_is_better: bool,
    /// Whether its values are parts of a whole, 0 to 1.
    pub(super) is_share: bool,
    /// Its value in one interval of a run; `None` if intervals are not stored.
    pub(super) of_second: Option<fn(&Second) -> Option<f64>>,
}

impl Judged {
    const fn higher(of_second: fn(&Second) -> Option<f64>) -> Option<Self> {
        Some(Self { higher_is_better: true, is_share: false, of_second: Some(of_second) })
    }

    const fn lower(of_second: fn(&Second) -> Option<f64>) -> Option<Self> {
        Some(Self { higher_is_better: false, is_share: false, of_second: Some(of_second) })
    }
}

/// The rows of the table, in order. What is not judged follows from what is (data from requests),
/// or is a single request's (the maximum), which has no mean to compare.
const MAIN: [(&str, &str, Option<Judged>); 12] = [
    ("http_reqs", "rate", Judged::higher(|second| per_second(second.http_reqs, second))),
    ("http_req_failed", "rate", Some(FAILED)),
    ("http_req_duration", "avg", Judged::lower(|second| latency(second, |d| d.avg))),
    ("http_req_duration", "med", Judged::lower(|second| latency(second, |d| d.p50))),
    ("http_req_duration", "p(90)", Judged::lower(|second| latency(second, |d| d.p90))),
    ("http_req_duration", "p(95)", Judged::lower(|second| latency(second, |d| d.p95))),
    ("http_req_duration", "p(99)", Judged::lower(|second| latency(second, |d| d.p99))),
    ("http_req_duration", "max", None),
    ("iterations", "rate", Judged::higher(|second| per_second(second.iterations, second))),
    ("checks", "rate", Some(CHECKS)),
    ("data_received", "rate", None),
    ("data_sent", "rate", None),
];

const FAILED: Judged = Judged { higher_is_better: false, is_share: true, of_second: Some(failed) };
const CHECKS: Judged = Judged { higher_is_better: true, is_share: true, of_second: None };

fn per_second(count: u64, second: &Second) -> Option<f64> {
    Some(count as f64 / second.seconds)
}

fn failed(second: &Second) -> Option<f64> {
    (second.http_reqs > 0).then(|| second.http_req_failed as f64 / second.http_reqs as f64)
}

fn latency(second: &Second, statistic: fn(&RowDuration) -> f64) -> Option<f64> {
    second.duration.as_ref().map(statistic)
}

/// Everything that is judged.
pub(super) fn judged() -> impl Iterator<Item = Judged> {
    MAIN.iter().filter_map(|(_, _, judged)| *judged)
}

impl Measure {
    pub(super) fn new(metric: &str, statistic: &str) -> Self {
        Self { metric: metric.into(), statistic: statistic.into() }
    }

    /// The rows of [`Rows::Main`](super::Rows::Main).
    pub(super) fn main() -> Vec<Self> {
        MAIN.iter().map(|(metric, statistic, _)| Self::new(metric, statistic)).collect()
    }

    /// These, and behind them every other value in the runs.
    pub(super) fn all<'a>(runs: impl Iterator<Item = &'a Summary>) -> Vec<Self> {
        let mut metrics: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (name, metric) in runs.flat_map(|run| &run.metrics) {
            let statistics = metrics.entry((collate::Key::new(name), name)).or_default();
            for statistic in metric.values.keys() {
                if !statistics.contains(&statistic.as_str()) {
                    statistics.push(statistic);
                }
            }
        }
        let mut all = Self::main();
        for ((_, name), statistics) in metrics {
            for measure in statistics.into_iter().map(|statistic| Self::new(name, statistic)) {
                if !all.contains(&measure) {
                    all.push(measure);
                }
            }
        }
        all
    }

    /// How it is judged, if it is.
    pub(super) fn judged(&self) -> Option<Judged> {
        let same =
            |metric: &str, statistic: &str| metric == self.metric && statistic == self.statistic;
        MAIN.iter().find(|(metric, statistic, _)| same(metric, statistic))?.2
    }

    /// Its value in a run, from the summary's values or its histograms.
    pub(super) fn of_run(&self, run: &Summary) -> Option<f64> {
        run.statistic(&self.metric, &self.statistic)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.metric, self.statistic)
    }
}
