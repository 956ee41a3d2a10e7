//! The last seconds of one metric.

use std::{collections::VecDeque, time::Duration};

use crate::metrics::{Merge as _, MetricKind, PackedTrend, Sink};

/// What a metric gathered in the last seconds, interval by interval.
///
/// Bounded by its length: at most ten minutes of seconds, each a few kilobytes for a trend and a
/// few bytes for the rest.
#[derive(Debug)]
pub(super) struct Window {
    kind: MetricKind,
    length: Duration,
    intervals: VecDeque<(Duration, Option<Packed>)>,
    /// Length of all intervals together.
    filled: Duration,
}

#[derive(Debug)]
enum Packed {
    Trend(PackedTrend),
    Other(Sink),
}

impl Window {
    /// An empty one for a metric of this kind.
    pub(super) fn new(kind: MetricKind, length: Duration) -> Self {
        Self { kind, length, intervals: VecDeque::new(), filled: Duration::ZERO }
    }

    /// Takes in what was gathered in the interval that just ended, and lets go of those that are
    /// not needed any more to fill the window.
    pub(super) fn push(&mut self, sink: Option<&Sink>, length: Duration) {
        let packed = sink.filter(|sink| !sink.is_empty()).map(|sink| match sink {
            Sink::Trend(trend) => Packed::Trend(trend.pack()),
            other => Packed::Other(other.clone()),
        });
        self.intervals.push_back((length, packed));
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
        for packed in self.intervals.iter().filter_map(|(_, packed)| packed.as_ref()) {
            match (&mut sum, packed) {
                (Sink::Trend(trend), Packed::Trend(packed)) => trend.merge_packed(packed),
                (sum, Packed::Other(sink)) => sum.merge(sink),
                (sum, Packed::Trend(_)) => unreachable!("a trend in a window of {:?}", sum.kind()),
            }
        }
        (sum, self.filled.as_secs_f64())
    }
}
