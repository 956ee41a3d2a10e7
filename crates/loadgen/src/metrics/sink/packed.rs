//! A sink that is only sent and kept, until it is added to another one.

use super::Sink;
use crate::metrics::{Merge, MetricKind, PackedTrend};

/// What was added to a [`Sink`], made small.
#[derive(Debug, Clone)]
pub enum PackedSink {
    /// What was added to a trend.
    Trend(PackedTrend),
    /// What was added to a sink that is small as it is.
    Small(Sink),
}

impl PackedSink {
    fn kind(&self) -> MetricKind {
        match self {
            Self::Trend(_) => MetricKind::Trend,
            Self::Small(sink) => sink.kind(),
        }
    }
}

impl Merge for Sink {
    type Taken = PackedSink;

    fn empty(taken: &PackedSink) -> Self {
        Self::new(taken.kind())
    }

    fn is_empty(&self) -> bool {
        self.samples() == 0
    }

    fn take(&mut self) -> PackedSink {
        match self {
            Self::Trend(trend) => PackedSink::Trend(trend.take()),
            small => {
                let empty = Self::new(small.kind());
                PackedSink::Small(std::mem::replace(small, empty))
            }
        }
    }

    /// Of two gauges the sample that came later is the last.
    ///
    /// # Panics
    ///
    /// When the kinds differ, which a shared [`Registry`](crate::metrics::Registry) rules out.
    fn merge(&mut self, taken: &PackedSink) {
        match (self, taken) {
            (Self::Trend(trend), PackedSink::Trend(other)) => trend.merge(other),
            (
                Self::Counter { sum, samples },
                PackedSink::Small(Self::Counter { sum: other_sum, samples: other_samples }),
            ) => {
                *sum += other_sum;
                *samples += other_samples;
            }
            (
                Self::Gauge { last, at, min, max, samples },
                PackedSink::Small(Self::Gauge {
                    last: other_last,
                    at: other_at,
                    min: other_min,
                    max: other_max,
                    samples: other_samples,
                }),
            ) => {
                if *other_at > *at {
                    (*last, *at) = (*other_last, *other_at);
                }
                *min = min.min(*other_min);
                *max = max.max(*other_max);
                *samples += other_samples;
            }
            (
                Self::Rate { trues, total },
                PackedSink::Small(Self::Rate { trues: other_trues, total: other_total }),
            ) => {
                *trues += other_trues;
                *total += other_total;
            }
            (own, other) => panic!("a {:?} cannot take in a {:?}", own.kind(), other.kind()),
        }
    }
}
