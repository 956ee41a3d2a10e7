//! Cutting off what is under way.
//!
//! An iteration is raced against this on every poll, so asking costs a look at a cell: no lock and
//! no atomic, because an interrupt and whatever heeds it live on one thread.

use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll};

use tokio::time::Instant;

use super::bell::Bell;

/// Cuts off what one task does.
#[derive(Default)]
pub(super) struct Interrupt {
    raised: Cell<bool>,
    due: Cell<Option<Instant>>,
    bell: Bell,
}

impl Interrupt {
    /// Whether [`raise`](Self::raise) was called, and [`clear`](Self::clear) not since.
    pub(super) fn is_raised(&self) -> bool {
        self.raised.get()
    }

    /// Cuts off what runs under it, now and later.
    pub(super) fn raise(&self) {
        self.raised.set(true);
        self.bell.ring();
    }

    /// Lets the task go on to something else, which has until `due`.
    pub(super) fn clear(&self, due: Option<Instant>) {
        self.raised.set(false);
        self.due.set(due);
    }

    /// Raises it if the time for what the task does is over.
    pub(super) fn raise_if_due(&self, now: Instant) {
        if self.due.get().is_some_and(|due| due <= now) {
            self.raise();
        }
    }

    /// Names the task that is woken when the interrupt is raised: the one that calls this.
    pub(super) async fn register(&self) {
        poll_fn(|context| {
            self.bell.listen(context);
            Poll::Ready(())
        })
        .await;
    }

    /// Runs a future until it is done or the interrupt is raised, which drops it and gives `None`.
    /// The task must have been [registered](Self::register).
    pub(super) async fn unless_raised<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|context| match self.is_raised() {
            true => Poll::Ready(None),
            false => future.as_mut().poll(context).map(Some),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, rc::Rc};

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn raising_it_ends_what_is_under_way_until_it_is_cleared() {
        let interrupt = Rc::new(Interrupt::default());
        let set = tokio::task::LocalSet::new();
        let waiting = {
            let interrupt = interrupt.clone();
            set.spawn_local(async move {
                interrupt.register().await;
                assert_eq!(interrupt.unless_raised(async { 7 }).await, Some(7));
                interrupt.unless_raised(pending::<()>()).await
            })
        };
        set.run_until(async {
            tokio::task::yield_now().await;
            interrupt.raise();
            assert_eq!(waiting.await.expect("no panic"), None);
            assert_eq!(interrupt.unless_raised(async { 7 }).await, None);
            interrupt.clear(None);
            assert_eq!(interrupt.unless_raised(async { 7 }).await, Some(7));
        })
        .await;
    }
}
