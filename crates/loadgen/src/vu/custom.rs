//! A test's own metrics: handles that are declared before the run and added to in iterations.

use std::time::Duration;

use tokio::time::Instant;

use super::Vu;
use crate::metrics::{Contains, MetricError, MetricId, MetricKind, Registry};

/// A metric of a certain registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Handle {
    registry: u64,
    metric: MetricId,
}

macro_rules! custom_metric {
    ($name:ident, $kind:ident, $contains:ident, $doc:literal) => {
        #[doc = $doc]
        ///
        /// A handle is good for iterations of the test that declared it. In another test's it
        /// panics, which ends the iteration. Values that are no finite numbers are left out, and
        /// the report's warnings tell how many.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(Handle);

        impl $name {
            pub(crate) fn declare(
                registry: &mut Registry,
                name: &str,
            ) -> Result<Self, MetricError> {
                let metric = registry.declare(name, MetricKind::$kind, Contains::$contains)?;
                Ok(Self(Handle { registry: registry.id(), metric }))
            }
        }
    };
}

custom_metric!(
    Counter,
    Counter,
    Default,
    "A sum. Declared by [`LoadTest::counter`](crate::LoadTest::counter)."
);
custom_metric!(
    Gauge,
    Gauge,
    Default,
    "A last value with its extremes. Declared by [`LoadTest::gauge`](crate::LoadTest::gauge)."
);
custom_metric!(
    Rate,
    Rate,
    Default,
    "A share of what held. Declared by [`LoadTest::rate`](crate::LoadTest::rate)."
);
custom_metric!(
    Trend,
    Trend,
    Default,
    "A distribution of numbers. Declared by [`LoadTest::trend`](crate::LoadTest::trend)."
);
custom_metric!(
    TimeTrend,
    Trend,
    Time,
    "A distribution of times. Declared by [`LoadTest::time_trend`](crate::LoadTest::time_trend)."
);

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
    /// Adds a value.
    pub fn add(self, vu: &mut Vu, value: f64) {
        vu.add(self.0, value);
    }
}

impl TimeTrend {
    /// Adds a time.
    pub fn add(self, vu: &mut Vu, time: Duration) {
        vu.add(self.0, time.as_secs_f64() * 1e3);
    }
}

impl Vu {
    fn add(&mut self, handle: Handle, value: f64) {
        let mut samples = self.samples();
        let own = samples.registry().id();
        assert!(handle.registry == own, "a metric was used in a test that did not declare it");
        samples.add(self.scope, handle.metric, Instant::now, value);
    }
}
