//! How a run is told to stop before its time.

use tokio::sync::watch;

/// Why a run was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortReason {
    /// A signal; k6's name of it is `interrupt` or `terminated`.
    Signal(&'static str),
    /// Whoever waited for the run no longer does.
    Dropped,
    /// The program that runs the test asked for it.
    Requested,
}

/// A handle that stops a run: iterations under way are cut off at once. Clones are the same handle.
#[derive(Debug, Clone)]
pub struct Abort(watch::Sender<Option<AbortReason>>);

impl Default for Abort {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Abort {
    /// Stops the run. Only the first reason is kept.
    pub fn abort(&self, reason: AbortReason) {
        self.0.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(reason);
            first
        });
    }

    /// The reason, if the run was stopped.
    pub fn reason(&self) -> Option<AbortReason> {
        *self.0.borrow()
    }

    /// Waits until the run is stopped.
    pub async fn aborted(&self) {
        // The sender is `self`, so the channel cannot close while this waits.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }
}
