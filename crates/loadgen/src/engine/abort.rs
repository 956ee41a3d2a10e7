//! How a run is told to stop before its time.

use std::sync::Arc;

use tokio::sync::watch;

/// Why a run was cut short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbortReason {
    /// A signal; k6's name of it is `interrupt` or `terminated`.
    Signal(&'static str),
    /// Whoever waited for the run no longer does.
    Dropped,
    /// The program that runs the test asked for it.
    Requested,
    /// It was asked for through the REST API.
    Api,
    /// An iteration asked for it, with these words.
    Test(Arc<str>),
    /// A threshold that may do so was crossed; the words tell which.
    Threshold(Arc<str>),
}

/// A handle that stops a run: iterations under way are cut off at once. Clones are the same handle.
#[derive(Debug, Clone)]
pub struct Abort(watch::Sender<Wish>);

#[derive(Debug, Default)]
struct Wish {
    reason: Option<AbortReason>,
    /// Whether a signal came, be it first or not.
    signalled: bool,
}

impl Default for Abort {
    fn default() -> Self {
        Self(watch::Sender::new(Wish::default()))
    }
}

impl Abort {
    /// Stops the run. Only the first reason is kept.
    pub fn abort(&self, reason: AbortReason) {
        self.0.send_modify(|wish| {
            wish.signalled |= matches!(reason, AbortReason::Signal(_) | AbortReason::Dropped);
            wish.reason.get_or_insert(reason);
        });
    }

    /// The reason, if the run was stopped.
    pub fn reason(&self) -> Option<AbortReason> {
        self.0.borrow().reason.clone()
    }

    /// Waits until the run is stopped.
    pub async fn aborted(&self) {
        self.wait_for(|wish| wish.reason.is_some()).await;
    }

    /// Waits until a signal comes, or nobody waits for the run any more, even if it was stopped
    /// before for another reason.
    pub(crate) async fn signalled(&self) {
        self.wait_for(|wish| wish.signalled).await;
    }

    async fn wait_for(&self, comes: impl FnMut(&Wish) -> bool) {
        // The sender is `self`, so the channel cannot close while this waits.
        let _ = self.0.subscribe().wait_for(comes).await;
    }
}
