//! A test's own metrics: handles that are declared before the run and added to in iterations.

use super::Vu;
use crate::metrics::{Contains, MetricError, MetricId, MetricKind, Registry};

macro_rules! custom_metric {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(MetricId);

        impl $name {
            pub(crate) fn declare(
                registry: &mut Registry,
                name: &str,
                contains: Contains,
            ) -> Result<Self, MetricError> {
                registry.declare(name, MetricKind::$name, contains).map(Self)
            }
        }
    };
}

custom_metric! {
    /// A sum. Declared by [`LoadTest::counter`](crate::LoadTest::counter).
    Counter
}
custom_metric! {
    /// A last value with its extremes. Declared by [`LoadTest::gauge`](crate::LoadTest::gauge).
    Gauge
}
custom_metric! {
    /// A share of what held. Declared by [`LoadTest::rate`](crate::LoadTest::rate).
    Rate
}
custom_metric! {
    /// A distribution. Declared by [`LoadTest::trend`](crate::LoadTest::trend) and
    /// [`LoadTest::time_trend`](crate::LoadTest::time_trend).
    Trend
}

impl Counter {
    /// Adds to the sum.
    pub fn add(self, vu: &mut Vu, value: f64) {
        vu.add(self.0, value);
    }
}

impl Gauge {
    /// Sets the value.
    pub fn set(self, vu: &mut Vu, value: f64) {
        vu.add(self.0, value);
    }
}

impl Rate {
    /// Counts whether something held.
    pub fn add(self, vu: &mut Vu, holds: bool) {
        vu.add(self.0, f64::from(u8::from(holds)));
    }
}

impl Trend {
    /// Adds a value; for a trend of times, in milliseconds.
    pub fn add(self, vu: &mut Vu, value: f64) {
        vu.add(self.0, value);
    }
}

impl Vu {
    fn add(&mut self, metric: MetricId, value: f64) {
        self.samples.borrow_mut().add(self.group, metric, value);
    }
}
