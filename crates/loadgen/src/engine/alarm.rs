//! Waking up at an instant, to some microseconds.
//!
//! tokio's timers tick in milliseconds and round up: good enough for ends and pauses, not for the
//! starts of an arrival rate. Here the kernel's timer wakes the task a little early, and the rest
//! is spent in turns with whatever else there is to do on the thread.

use std::io;
#[cfg(target_os = "linux")]
use std::time::Duration;

use tokio::time::Instant;

/// How much too early the kernel is asked to wake us: more than it is commonly late.
#[cfg(target_os = "linux")]
const EARLY: Duration = Duration::from_micros(60);

/// What wakes a task at an instant.
pub(super) enum Alarm {
    /// The kernel's timer.
    #[cfg(target_os = "linux")]
    Fine(fine::Timer),
    /// tokio's timers, for platforms that have no other and for tests that pause time.
    #[cfg(any(test, not(target_os = "linux")))]
    Coarse,
}

impl Alarm {
    /// The finest that there is.
    ///
    /// # Errors
    ///
    /// When the kernel gives no timer, for instance because too many files are open.
    pub(super) fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        return Ok(Self::Fine(fine::Timer::new()?));
        #[cfg(not(target_os = "linux"))]
        Ok(Self::Coarse)
    }

    /// Waits until `due`; not at all if that is past.
    pub(super) async fn until(&mut self, due: Instant) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Fine(timer) => {
                let left = due.saturating_duration_since(Instant::now());
                if left > EARLY {
                    timer.sleep(left - EARLY).await?;
                }
                while Instant::now() < due {
                    tokio::task::yield_now().await;
                }
            }
            #[cfg(any(test, not(target_os = "linux")))]
            Self::Coarse => tokio::time::sleep_until(due).await,
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod fine {
    use std::{io, os::fd::OwnedFd, time::Duration};

    use rustix::{
        io::{Errno, read},
        time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
            timerfd_settime,
        },
    };
    use tokio::io::{Interest, unix::AsyncFd};

    /// A `timerfd`.
    pub(crate) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            #[expect(deprecated, reason = "sound for a file it owns; what replaces it is unsafe")]
            Ok(Self(AsyncFd::with_interest(file, Interest::READABLE)?))
        }

        /// Waits for `time`, which must not be zero.
        pub(super) async fn sleep(&mut self, time: Duration) -> io::Result<()> {
            let once = Itimerspec {
                it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: Timespec {
                    tv_sec: time.as_secs() as i64,
                    tv_nsec: time.subsec_nanos().into(),
                },
            };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once)?;
            loop {
                let mut ready = self.0.readable().await?;
                let mut expirations = [0; 8];
                match read(&self.0, &mut expirations) {
                    Ok(_) => return Ok(()),
                    Err(Errno::AGAIN | Errno::INTR) => ready.clear_ready(),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn it_is_never_early_and_does_not_wait_for_the_past() {
        let mut alarm = Alarm::new().expect("a timer");
        let start = Instant::now();
        alarm.until(start - Duration::from_secs(1)).await.expect("past");
        assert!(start.elapsed() < Duration::from_millis(100));
        for micros in [10, 100, 1_000, 20_000] {
            let due = Instant::now() + Duration::from_micros(micros);
            alarm.until(due).await.expect("a wait");
            let late = Instant::now().checked_duration_since(due).expect("not early");
            assert!(late < Duration::from_secs(1), "{late:?}");
        }
    }
}
