//! Samples that the coordinator makes itself: they belong to no VU.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    metrics::{Delta, MetricId, Recorder, Registry, TagSet},
    stream::{Stream, Tap},
};

/// See the module.
pub(super) struct OwnSamples {
    recorder: Recorder,
    tap: Option<Tap>,
}

impl OwnSamples {
    /// Of these metrics; they go into the stream as well, if there is one.
    pub(super) fn new(registry: Arc<Registry>, stream: Option<&Stream>) -> Self {
        Self { recorder: Recorder::new(registry), tap: stream.map(Stream::tap) }
    }

    /// Adds a sample.
    pub(super) fn add(&mut self, tags: &TagSet, metric: MetricId, at: Instant, value: f64) {
        let route = self.recorder.route(tags);
        self.recorder.add(metric, value, route);
        if let Some(tap) = &mut self.tap {
            tap.add(tap.tags(tags), metric, at, value);
        }
    }

    /// Takes out what was added since the last time.
    pub(super) fn take(&mut self) -> Delta {
        if let Some(tap) = &mut self.tap {
            tap.hand_over();
        }
        self.recorder.take()
    }
}
