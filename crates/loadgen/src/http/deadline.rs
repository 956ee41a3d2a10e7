//! The time for a call, without a new timer for each.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::Pin,
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
    /// Rings at `at` or earlier; none if there was no time from the start.
    timer: Option<Pin<Box<Sleep>>>,
    timers: &'a Deadlines,
}

impl Deadlines {
    /// The deadline of a call that has `timeout` from `now` on.
    pub(super) fn start(&self, now: Instant, timeout: Duration) -> Deadline<'_> {
        // Further away than any run is long, and than what a clock can add.
        const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);
        let at = now + timeout.min(FOREVER);
        if timeout.is_zero() {
            return Deadline { at, timer: None, timers: self };
        }
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
    /// What `future` gives, or none if it has not by the deadline.
    pub(super) async fn bound<T>(
        &mut self,
        mut future: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        poll_fn(|cx| {
            let Some(timer) = &mut self.timer else { return Poll::Ready(None) };
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(value));
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use tokio::time::sleep;

    /// Runs calls with these timeouts and lengths, in ms, one after the other.
    async fn calls(calls: &[(u64, u64)]) -> Vec<bool> {
        let deadlines = Deadlines::default();
        let mut ended_in_time = Vec::new();
        for (timeout, length) in calls {
            let started = Instant::now();
            let mut deadline = deadlines.start(started, Duration::from_millis(*timeout));
            let ended = deadline.bound(pin!(sleep(Duration::from_millis(*length)))).await;
            let expected = Duration::from_millis(*timeout.min(length));
            assert!(started.elapsed() >= expected);
            assert!(started.elapsed() <= expected + Duration::from_millis(2));
            ended_in_time.push(ended.is_some());
            drop(deadline);
            assert_eq!(deadlines.0.borrow().len(), 1, "the same timer for all");
        }
        ended_in_time
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_of_an_earlier_call_ends_no_later_one() {
        let ended = calls(&[(100, 90), (100, 90), (100, 150), (100, 50), (500, 450)]).await;
        assert_eq!(ended, [true, true, false, true, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_timeout_is_not_missed() {
        assert_eq!(calls(&[(60_000, 1), (100, 200), (50, 10)]).await, [true, false, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_time_at_all_and_more_than_a_clock_holds() {
        let deadlines = Deadlines::default();
        let now = Instant::now();
        for (timeout, outcome) in [(Duration::ZERO, None), (Duration::MAX, Some(()))] {
            let ready = pin!(std::future::ready(()));
            assert_eq!(deadlines.start(now, timeout).bound(ready).await, outcome);
        }
    }
}
