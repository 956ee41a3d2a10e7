//! Where the samples of one metric add up.

mod packed;

use std::time::Duration;

use tokio::time::Instant;

pub use packed::PackedSink;

use super::{MetricKind, Trend};

/// The state of one metric or submetric.
#[derive(Debug, Clone)]
pub enum Sink {
    /// Sum of the samples.
    Counter {
        /// The sum.
        sum: f64,
        /// Number of samples.
        samples: u64,
    },
    /// Last sample and extremes.
    Gauge {
        /// Last sample.
        last: f64,
        /// When it came.
        at: Option<Instant>,
        /// Smallest sample.
        min: f64,
        /// Largest sample.
        max: f64,
        /// Number of samples.
        samples: u64,
    },
    /// How many samples were not zero.
    Rate {
        /// Samples that were not zero.
        trues: u64,
        /// Samples.
        total: u64,
    },
    /// Distribution of the samples.
    Trend(Trend),
}

impl Sink {
    /// An empty sink.
    pub fn new(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::Counter { sum: 0.0, samples: 0 },
            MetricKind::Gauge => Self::Gauge {
                last: 0.0,
                at: None,
                min: f64::INFINITY,
                max: f64::NEG_INFINITY,
                samples: 0,
            },
            MetricKind::Rate => Self::Rate { trues: 0, total: 0 },
            MetricKind::Trend => Self::Trend(Trend::default()),
        }
    }

    /// Adds a sample in the metric's unit.
    pub fn add(&mut self, value: f64) {
        match self {
            Self::Counter { sum, samples } => {
                *sum += value;
                *samples += 1;
            }
            Self::Gauge { last, at, min, max, samples } => {
                *last = value;
                *at = Some(Instant::now());
                *min = min.min(value);
                *max = max.max(value);
                *samples += 1;
            }
            Self::Rate { trues, total } => {
                *trues += u64::from(value != 0.0);
                *total += 1;
            }
            Self::Trend(trend) => trend.add(value),
        }
    }

    /// Adds a sample that is a time, to a metric whose unit is the millisecond.
    pub fn add_duration(&mut self, value: Duration) {
        match self {
            Self::Trend(trend) => trend.add_duration(value),
            _ => self.add(value.as_secs_f64() * 1e3),
        }
    }

    /// Number of samples.
    pub fn samples(&self) -> u64 {
        match self {
            Self::Counter { samples, .. } | Self::Gauge { samples, .. } => *samples,
            Self::Rate { total, .. } => *total,
            Self::Trend(trend) => trend.count(),
        }
    }

    /// What kind of metric it belongs to.
    pub fn kind(&self) -> MetricKind {
        match self {
            Self::Counter { .. } => MetricKind::Counter,
            Self::Gauge { .. } => MetricKind::Gauge,
            Self::Rate { .. } => MetricKind::Rate,
            Self::Trend(_) => MetricKind::Trend,
        }
    }
}
