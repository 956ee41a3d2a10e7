//! VUs that wait for iterations of an arrival rate, on one worker. Whoever waits longest is next.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
};

use tokio::time::Instant;

use super::bell::Bell;

/// How many VUs of a worker are idle. Whoever takes one off the number, on whichever thread, may
/// hand over an iteration. In a cache line of its own: workers count at the same time.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Vacancies(AtomicU64);

impl Vacancies {
    /// Takes one, if there is one.
    pub(super) fn take(&self) -> bool {
        let less = |vacancies: u64| vacancies.checked_sub(1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    fn give(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Pool {
    idle: RefCell<VecDeque<Rc<Post>>>,
    closed: Cell<bool>,
}

/// Where one VU waits.
#[derive(Default)]
pub(super) struct Post {
    due: Cell<Option<Instant>>,
    bell: Bell,
}

impl Pool {
    /// Waits for the next iteration: when it was due. `None` when there are no more.
    pub(super) async fn next(&self, post: &Rc<Post>, vacancies: &Vacancies) -> Option<Instant> {
        self.idle.borrow_mut().push_back(post.clone());
        vacancies.give();
        poll_fn(|context| {
            if let Some(due) = post.due.take() {
                return Poll::Ready(Some(due));
            }
            if self.closed.get() {
                return Poll::Ready(None);
            }
            post.bell.listen(context);
            Poll::Pending
        })
        .await
    }

    /// Hands an iteration to the VU that waits longest. The vacancy must have been
    /// [taken](Vacancies::take). Tells whether there was one: it may have been cut off since.
    pub(super) fn assign(&self, due: Instant) -> bool {
        let Some(post) = self.idle.borrow_mut().pop_front() else { return false };
        post.due.set(Some(due));
        post.bell.ring();
        true
    }

    /// Takes back a VU that waits no more. Tells whether an iteration that it was handed is lost.
    pub(super) fn leave(&self, post: &Rc<Post>, vacancies: &Vacancies) -> bool {
        let mut idle = self.idle.borrow_mut();
        if let Some(at) = idle.iter().position(|idle| Rc::ptr_eq(idle, post)) {
            idle.remove(at);
            // If somebody has just taken it, what comes will find nobody here.
            vacancies.take();
        }
        post.due.take().is_some()
    }

    /// Lets those that wait know that nothing more will come.
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.idle.take().iter().for_each(|post| post.bell.ring());
    }
}
