//! What a subscriber did not get, or could not pass on.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// A count of lost samples, with why the last of them were. Clones are the same count.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    samples: AtomicU64,
    reason: Mutex<Option<String>>,
}

impl Losses {
    /// Counts samples that are lost, and keeps why.
    pub fn add(&self, samples: u64, reason: impl Into<String>) {
        self.0.samples.fetch_add(samples, Ordering::Relaxed);
        *self.0.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.into());
    }

    /// How many samples are lost.
    pub fn samples(&self) -> u64 {
        self.0.samples.load(Ordering::Relaxed)
    }

    /// Why the last of them were; `None` as long as none are.
    pub fn reason(&self) -> Option<String> {
        self.0.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
