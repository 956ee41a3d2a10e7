//! The time for a call, without a new timer for each.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Timers that no call is using. Nearly all calls end in time, so a timer is left armed for a call
/// long over, and only set to the right time when it rings too early: once a minute and not
/// twice a request.
#[derive(Debug, Default)]
pub(super) struct Deadlines(RefCell<Vec<Pin<Box<Sleep>>>>);

/// The end of the time for one call.
pub(super) struct Deadline<'a> {
    at: Instant,
    /// Rings at `at` or earlier; always there but in `drop`.
    timer: Option<Pin<Box<Sleep>>>,
    timers: &'a Deadlines,
}

impl Deadlines {
    /// The deadline of a call that has `timeout` from now on.
    pub(super) fn start(&self, timeout: Duration) -> Deadline<'_> {
        // Further away than any run is long, and than what a clock can add.
        const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);
        let at = Instant::now() + timeout.min(FOREVER);
        let timer = match self.0.borrow_mut().pop() {
            Some(mut timer) => {
                if timer.deadline() > at {
                    timer.as_mut().reset(at);
                }
                timer
            }
            None => Box::pin(sleep_until(at)),
        };
        Deadline { at, timer: Some(timer), timers: self }
    }
}

impl Deadline<'_> {
    /// What `future` gives, or none if it has not by the deadline. Then it was dropped.
    pub(super) async fn bound<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(value));
            }
            let Some(timer) = &mut self.timer else { return Poll::Ready(None) };
            while timer.as_mut().poll(cx).is_ready() {
                if Instant::now() >= self.at {
                    return Poll::Ready(None);
                }
                timer.as_mut().reset(self.at);
            }
            Poll::Pending
        })
        .await
    }
}

impl Drop for Deadline<'_> {
    fn drop(&mut self) {
        self.timers.0.borrow_mut().extend(self.timer.take());
    }
}
