//! What a worker, or a whole run, has gathered.

use std::sync::Arc;

use super::{Keyed, Merge, MetricId, Sink, SubmetricId, TagSet};

/// Whose samples a sink holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SinkKey {
    /// All samples of a metric.
    Metric(MetricId),
    /// Those that carry a submetric's tags.
    Submetric(SubmetricId),
    /// Those of a metric that a part of the test measured.
    Part(MetricId, Part),
}

/// A part of a test, by what its samples are tagged with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// The scenario; empty for the one named `default`, whose groups are the test's.
    pub scenario: Arc<str>,
    /// The path of the group; empty for all of the scenario.
    pub group: Arc<str>,
}

/// The scenario that samples with these tags belong to, as a [`Part`] names it.
pub fn scenario_of(tags: &TagSet) -> &str {
    tags.get("scenario").filter(|&name| name != "default").unwrap_or_default()
}

/// A check: its scenario, the path of its group and its own name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CheckKey {
    /// The scenario, as a [`Part`] names it.
    pub scenario: Arc<str>,
    /// `::outer::inner`; empty for the root.
    pub group: Arc<str>,
    /// The check's name.
    pub name: Arc<str>,
}

/// How often a check held and how often it did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckCount {
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

impl Merge for CheckCount {
    fn empty(&self) -> Self {
        Self::default()
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn merge(&mut self, other: &Self) {
        self.passes += other.passes;
        self.fails += other.fails;
    }
}

/// What was gathered since the last time, to be handed from one thread to another.
#[derive(Debug, Default)]
pub struct Delta {
    pub(super) sinks: Vec<(SinkKey, Sink)>,
    pub(super) checks: Vec<(CheckKey, CheckCount)>,
    pub(super) requests: Vec<(TagSet, u64)>,
}

/// Everything gathered. Two of them become one by [`merge`](Tally::merge), in any order.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Metrics, submetrics and parts of the test.
    pub sinks: Keyed<SinkKey, Sink>,
    /// Checks, by scenario, group and name.
    pub checks: Keyed<CheckKey, CheckCount>,
    /// Requests, by their tags.
    pub requests: Keyed<TagSet, u64>,
}

impl Tally {
    /// Takes out what was added since the last time.
    pub fn take(&mut self) -> Delta {
        Delta {
            sinks: self.sinks.take(),
            checks: self.checks.take(),
            requests: self.requests.take(),
        }
    }

    /// Adds all of `delta`.
    pub fn add(&mut self, delta: &Delta) {
        self.sinks.merge(delta.sinks.iter().map(|(key, sink)| (key, sink)));
        self.checks.merge(delta.checks.iter().map(|(key, count)| (key, count)));
        self.requests.merge(delta.requests.iter().map(|(tags, count)| (tags, count)));
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.sinks.merge(other.sinks.iter());
        self.checks.merge(other.checks.iter());
        self.requests.merge(other.requests.iter());
    }

    /// The sink of a metric, if it has a sample.
    pub fn metric(&self, id: MetricId) -> Option<&Sink> {
        self.sinks.get(&SinkKey::Metric(id))
    }
}
