//! What a subscriber did not get, or could not pass on.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// A count of lost samples, with why the last of them were. Clones are the same count.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    samples: AtomicU64,
    reason: Mutex<Option<String>>,
    trouble: OnceLock<String>,
}

impl Losses {
    /// Counts samples that are lost, and keeps why.
    pub fn add(&self, samples: u64, reason: impl Into<String>) {
        let reason = reason.into();
        self.delay(&reason);
        self.0.samples.fetch_add(samples, Ordering::Relaxed);
        *self.0.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// Says why samples are held up. They may arrive yet, so none are counted.
    pub fn delay(&self, reason: &str) {
        self.0.trouble.get_or_init(|| reason.to_owned());
    }

    /// Why samples were lost or held up for the first time; `None` as long as all goes well.
    pub fn trouble(&self) -> Option<&str> {
        self.0.trouble.get().map(String::as_str)
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
