//! Waking one task of the same thread.

use std::{
    cell::RefCell,
    task::{Context, Waker},
};

/// Wakes the task that listened last; nobody if none did.
#[derive(Default)]
pub(super) struct Bell(RefCell<Option<Waker>>);

impl Bell {
    /// Makes the task that is polled the one to wake.
    pub(super) fn listen(&self, context: &Context<'_>) {
        let mut waker = self.0.borrow_mut();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
    }

    /// Wakes it.
    pub(super) fn ring(&self) {
        if let Some(waker) = &*self.0.borrow() {
            waker.wake_by_ref();
        }
    }
}
