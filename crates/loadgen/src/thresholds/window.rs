//! The last seconds of one metric.

use std::{collections::VecDeque, time::Duration};

use crate::metrics::{Merge as _, MetricKind, PackedSink, Sink};

/// What a metric gathered in the last seconds, interval by interval.
///
/// Bounded by its length: at most ten minutes of seconds, each some kilobytes for a trend and a
/// few bytes for the rest.
#[derive(Debug)]
pub(super) struct Window {
    kind: MetricKind,
    length: Duration,
    /// How long each was, and what the workers gathered in it.
    intervals: VecDeque<(Duration, Vec<PackedSink>)>,
    /// Length of all intervals together.
    filled: Duration,
}

impl Window {
    /// An empty one for a metric of this kind.
    pub(super) fn new(kind: MetricKind, length: Duration) -> Self {
        Self { kind, length, intervals: VecDeque::new(), filled: Duration::ZERO }
    }

    /// Takes in what was gathered in the interval that just ended, and lets go of those that are
    /// not needed any more to fill the window.
    pub(super) fn push<'a>(
        &mut self,
        gathered: impl Iterator<Item = &'a PackedSink>,
        length: Duration,
    ) {
        self.intervals.push_back((length, gathered.cloned().collect()));
        self.filled += length;
        while let Some(&(oldest, _)) = self.intervals.front()
            && self.filled - oldest >= self.length
        {
            self.intervals.pop_front();
            self.filled -= oldest;
        }
    }

    /// All of it, and how many seconds that is.
    pub(super) fn sum(&self) -> (Sink, f64) {
        let mut sum = Sink::new(self.kind);
        let gathered = self.intervals.iter().flat_map(|(_, gathered)| gathered);
        gathered.for_each(|packed| sum.merge(packed));
        (sum, self.filled.as_secs_f64())
    }
}
