//! What a worker, or a whole run, has gathered.

use std::sync::Arc;

use super::{Keyed, Merge, MetricId, PackedSink, Sink, SlowRequest, Slowest, SubmetricId, TagSet};

/// What stands for all names beyond those that are told apart.
pub const OTHER: &str = "(other)";

/// Kinds of requests that a tally tells apart, however many workers saw how many.
const MAX_REQUESTS: usize = 20_000;

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
    type Taken = Self;

    fn empty(_: &Self) -> Self {
        Self::default()
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn merge(&mut self, taken: &Self) {
        self.passes += taken.passes;
        self.fails += taken.fails;
    }
}

/// What was gathered since the last time, to be handed from one thread to another.
#[derive(Debug, Default)]
pub struct Delta {
    pub(super) sinks: Vec<(SinkKey, PackedSink)>,
    pub(super) checks: Vec<(CheckKey, CheckCount)>,
    pub(super) requests: Vec<(TagSet, u64)>,
    pub(super) slowest: Vec<SlowRequest>,
}

impl Delta {
    /// Where samples were added, and what that came to.
    pub fn sinks(&self) -> impl Iterator<Item = (&SinkKey, &PackedSink)> {
        self.sinks.iter().map(|(key, sink)| (key, sink))
    }

    /// Requests by their tags, and how many there were.
    pub fn requests(&self) -> impl Iterator<Item = (&TagSet, u64)> {
        self.requests.iter().map(|(tags, count)| (tags, *count))
    }
}

/// Everything gathered. What is taken out of some of them can be [added](Tally::add) to another, in any order.
///
/// Requests beyond the first 20,000 kinds lose their name, not their count: it is [`OTHER`].
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Metrics, submetrics and parts of the test.
    pub sinks: Keyed<SinkKey, Sink>,
    /// Checks, by scenario, group and name.
    pub checks: Keyed<CheckKey, CheckCount>,
    /// Requests, by their tags.
    pub requests: Keyed<TagSet, u64>,
    /// The slowest of them.
    pub slowest: Slowest,
}

impl Tally {
    /// Takes out what was added since the last time.
    pub fn take(&mut self) -> Delta {
        Delta {
            sinks: self.sinks.take(),
            checks: self.checks.take(),
            requests: self.requests.take(),
            slowest: self.slowest.take(),
        }
    }

    /// Adds all of `delta`.
    pub fn add(&mut self, delta: &Delta) {
        self.sinks.merge(delta.sinks());
        self.checks.merge(delta.checks.iter().map(|(key, count)| (key, count)));
        delta.requests.iter().for_each(|(tags, count)| self.add_requests(tags, count));
        self.slowest.merge(&delta.slowest);
    }

    fn add_requests(&mut self, tags: &TagSet, count: &u64) {
        if self.requests.has_room(tags, MAX_REQUESTS) {
            self.requests.merge([(tags, count)]);
        } else {
            self.requests.merge([(&tags.replaced(&["name", "url", "error"], OTHER), count)]);
        }
    }

    /// The sink of a metric, if it has a sample.
    pub fn metric(&self, id: MetricId) -> Option<&Sink> {
        self.sinks.get(&SinkKey::Metric(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_beyond_the_limit_are_counted_without_their_names() {
        let delta = |worker: usize| {
            let tags = |n: usize| {
                let name = format!("/{worker}/{n}");
                TagSet::new([("name", name.as_str()), ("status", "200")])
            };
            Delta { requests: (0..15_000).map(|n| (tags(n), 2)).collect(), ..Delta::default() }
        };
        let mut total = Tally::default();
        (0..4).for_each(|worker| total.add(&delta(worker)));
        assert_eq!(total.requests.iter().count(), MAX_REQUESTS + 1);
        assert_eq!(total.requests.iter().map(|(_, count)| count).sum::<u64>(), 4 * 30_000);
        let other = TagSet::new([("name", OTHER), ("status", "200")]);
        assert_eq!(total.requests.get(&other), Some(&(4 * 30_000 - 2 * MAX_REQUESTS as u64)));
        // What has a place keeps it.
        total.add(&delta(0));
        assert_eq!(
            total.requests.get(&TagSet::new([("name", "/0/7"), ("status", "200")])),
            Some(&4)
        );
    }
}
