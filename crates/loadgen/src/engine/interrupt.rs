//! Cutting off iterations that are under way.
//!
//! An iteration is raced against this on every poll, so asking costs a look at a cell: no lock and
//! no atomic, because an interrupt and all VUs that heed it live on one thread.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    task::{Poll, Waker},
};

/// Cuts off what runs under it, for all VUs of one worker.
#[derive(Default)]
pub(super) struct Interrupt {
    raised: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl Interrupt {
    /// Whether [`raise`](Self::raise) was called.
    pub(super) fn is_raised(&self) -> bool {
        self.raised.get()
    }

    /// Cuts off everything that runs under it, now and later.
    pub(super) fn raise(&self) {
        self.raised.set(true);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Registers a task to be woken when the interrupt is raised; once for each VU.
    pub(super) async fn register(&self) {
        poll_fn(|context| {
            self.waiting.borrow_mut().push(context.waker().clone());
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
    async fn raising_it_ends_what_is_under_way_and_what_comes_later() {
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
        })
        .await;
    }
}
