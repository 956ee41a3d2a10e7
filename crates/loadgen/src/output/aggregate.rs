//! The samples of a run added up by series: what every output sends that speaks of totals.
//!
//! The totals only grow, so a push that fails loses nothing that the next one does not bring. How
//! many samples have arrived is kept for each series. Knows nothing of how totals are sent.

use rustc_hash::FxHashMap;

use super::{Sample, SeriesKey};
use crate::metrics::{Contains, MetricDef, MetricId, MetricKind, OTHER, TagSet};

/// How the values of a trend are kept, which is for each output to say.
pub(super) trait Distribution {
    /// Without values, for a metric whose values are these.
    fn of(contains: Contains) -> Self;

    /// Adds a finite value in the metric's unit.
    fn add(&mut self, value: f64);
}

/// A metric with a set of tags, and what its samples add up to.
#[derive(Debug)]
pub(super) struct Series<D> {
    /// The metric.
    pub(super) metric: MetricDef,
    /// The tags that have a value.
    pub(super) tags: TagSet,
    /// When its first sample was measured, in nanoseconds since the Unix epoch.
    pub(super) since: u64,
    /// The same of the latest.
    pub(super) latest: u64,
    /// What they add up to.
    pub(super) total: Total<D>,
    /// Number of samples.
    pub(super) samples: u64,
    arrived: u64,
}

/// What samples add up to.
#[derive(Debug)]
pub(super) enum Total<D> {
    /// Their sum.
    Counter(f64),
    /// The latest.
    Gauge(f64),
    /// How many were not zero, and how many there were.
    Rate {
        /// Samples that were not zero.
        trues: u64,
        /// Samples.
        total: u64,
    },
    /// Their distribution.
    Trend(D),
}

impl<D: Distribution> Total<D> {
    fn of(metric: &MetricDef) -> Self {
        match metric.kind {
            MetricKind::Counter => Self::Counter(0.0),
            MetricKind::Gauge => Self::Gauge(0.0),
            MetricKind::Rate => Self::Rate { trues: 0, total: 0 },
            MetricKind::Trend => Self::Trend(D::of(metric.contains)),
        }
    }
}

impl<D> Series<D> {
    /// How many samples have not arrived.
    pub(super) fn missing(&self) -> u64 {
        self.samples - self.arrived
    }
}

/// All series, in the order in which they came.
#[derive(Debug)]
pub(super) struct Aggregate<D> {
    series: Vec<Series<D>>,
    /// Most series that are told apart.
    most: usize,
    places: FxHashMap<SeriesKey, usize>,
    /// Where the series of a metric and of tags without empty ones is.
    known: FxHashMap<(MetricId, TagSet), usize>,
    merged: u64,
}

impl<D: Distribution> Aggregate<D> {
    /// Without series. Of those that come after `most`, all of one metric are one.
    pub(super) fn new(most: usize) -> Self {
        let (places, known) = Default::default();
        Self { series: Vec::new(), most, places, known, merged: 0 }
    }

    /// Adds a sample.
    pub(super) fn add(&mut self, sample: &Sample<'_>) {
        let place = match self.places.get(&sample.series) {
            Some(&place) => place,
            None => self.find(sample),
        };
        let series = &mut self.series[place];
        match &mut series.total {
            Total::Counter(sum) => *sum += sample.value,
            // Threads measure side by side: what comes later may be older.
            Total::Gauge(last) if sample.unix_nanos >= series.latest => *last = sample.value,
            Total::Gauge(_) => {}
            Total::Rate { trues, total } => {
                *trues += u64::from(sample.value != 0.0);
                *total += 1;
            }
            Total::Trend(distribution) => distribution.add(sample.value),
        }
        series.since = series.since.min(sample.unix_nanos);
        series.latest = series.latest.max(sample.unix_nanos);
        series.samples += 1;
    }

    /// The place of a key that comes for the first time.
    fn find(&mut self, sample: &Sample<'_>) -> usize {
        let mut tags = TagSet::new(sample.tags.iter().filter(|(_, value)| !value.is_empty()));
        let mut known = self.known.get(&(sample.series.metric, tags.clone())).copied();
        if known.is_none() && self.series.len() >= self.most {
            self.merged += 1;
            tags = TagSet::new([("name", OTHER)]);
            known = self.known.get(&(sample.series.metric, tags.clone())).copied();
        }
        let place = known.unwrap_or(self.series.len());
        if known.is_none() {
            self.known.insert((sample.series.metric, tags.clone()), place);
            self.series.push(Series {
                metric: sample.metric.clone(),
                tags,
                since: sample.unix_nanos,
                latest: 0,
                total: Total::of(sample.metric),
                samples: 0,
                arrived: 0,
            });
        }
        self.places.insert(sample.series, place);
        place
    }

    /// The series.
    pub(super) fn series(&self) -> &[Series<D>] {
        &self.series
    }

    /// How many series are not told apart from others, because there were too many.
    pub(super) fn merged(&self) -> u64 {
        self.merged
    }

    /// Samples that have not arrived.
    pub(super) fn missing(&self) -> u64 {
        self.series.iter().map(Series::missing).sum()
    }

    /// Notes that the total of this many samples of a series has arrived.
    pub(super) fn arrived(&mut self, place: usize, samples: u64) {
        let series = &mut self.series[place];
        series.arrived = series.arrived.max(samples);
    }
}

#[cfg(test)]
pub(super) mod tests;
