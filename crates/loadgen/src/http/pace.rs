//! The limit of requests per second.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

use governor::{
    Quota, RateLimiter,
    clock::FakeRelativeClock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::{Duration, Instant, sleep_until};

/// Lets calls pass at a steady rate, in the order in which they came.
///
/// Asked for the real time, a governor without bursts gives the next slot to whoever asks first
/// after it has come, and a sleeper that tokio wakes up to a millisecond late loses the slots in
/// between: 1,000 calls a second at most. So calls book their slot ahead: the governor's clock is
/// ours and runs ahead to the slot that it grants.
///
/// A caller that is alone asks only after its sleep, so that its book would fall behind by all that
/// its sleeps are late. That is caught up: slots up to [`SLACK`] ago may still be had.
#[derive(Debug)]
pub(super) struct Pace(Mutex<Book>);

/// How long a slot can be had after its time. Sleeps end up to 1 ms late, and a busy machine adds to
/// that; more would let bursts pass that nobody asked for.
const SLACK: Duration = Duration::from_millis(3);

type Limiter = RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<Nanos>>;
type Nanos = <FakeRelativeClock as governor::clock::Clock>::Instant;

#[derive(Debug)]
struct Book {
    limiter: Limiter,
    clock: FakeRelativeClock,
    /// What `clock` shows, as real time: ahead by the slots that are booked, or behind by `SLACK` at
    /// most. Unset until the first call.
    now: Option<Instant>,
}

impl Pace {
    /// `rate` calls per second; in any time t no more than that makes in t and [`SLACK`], and one.
    pub(super) fn new(rate: NonZeroU32) -> Self {
        let clock = FakeRelativeClock::default();
        let quota = Quota::per_second(rate).allow_burst(NonZeroU32::MIN);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        Self(Mutex::new(Book { limiter, clock, now: None }))
    }

    /// Waits for the next free slot. A slot is spent even if the future is dropped.
    pub(super) async fn wait(&self) {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner).next(Instant::now());
        if let Some(slot) = slot {
            sleep_until(slot).await;
        }
    }
}

impl Book {
    /// Books the next slot; none if its time has come.
    fn next(&mut self, real: Instant) -> Option<Instant> {
        let mut now = *self.now.get_or_insert(real);
        if let Some(missed) = real.duration_since(now).checked_sub(SLACK) {
            self.advance(&mut now, missed);
        }
        while let Err(not_until) = self.limiter.check() {
            let wait = not_until.wait_time_from(governor::clock::Clock::now(&self.clock));
            self.advance(&mut now, wait);
        }
        self.now = Some(now);
        (now > real).then_some(now)
    }

    fn advance(&self, now: &mut Instant, by: Duration) {
        self.clock.advance(by);
        *now += by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(rate: u32) -> Pace {
        Pace::new(NonZeroU32::new(rate).expect("not zero"))
    }

    /// Faster than tokio's clock ticks, and with more callers than slots.
    #[tokio::test(start_paused = true)]
    async fn many_callers_share_the_whole_rate() {
        let pace = pace(5_000);
        let started = Instant::now();
        let caller = async || {
            for _ in 0..100 {
                pace.wait().await;
            }
        };
        futures_util::future::join_all((0..100).map(|_| caller())).await;
        let taken = started.elapsed();
        // 10,000 slots 200 us apart; the last sleep may end a tick late.
        assert!(taken >= Duration::from_millis(1999), "{taken:?}");
        assert!(taken <= Duration::from_millis(2005), "{taken:?}");
    }

    /// The paused clock ends each sleep at a full millisecond, as late as the real one can be.
    #[tokio::test(start_paused = true)]
    async fn one_caller_gets_the_whole_rate_although_its_sleeps_end_late() {
        let pace = pace(3_000);
        let started = Instant::now();
        for calls in 1..=3_000 {
            pace.wait().await;
            let allowed = 3.0 * (started.elapsed() + SLACK).as_secs_f64() * 1e3 + 1.0;
            assert!(f64::from(calls) <= allowed, "{calls} > {allowed}");
        }
        let taken = started.elapsed();
        assert!(taken <= Duration::from_millis(1005), "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn unused_slots_are_not_saved_up() {
        let pace = pace(10);
        pace.wait().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let started = Instant::now();
        for _ in 0..3 {
            pace.wait().await;
        }
        assert!(started.elapsed() >= Duration::from_millis(196), "{:?}", started.elapsed());
    }
}
