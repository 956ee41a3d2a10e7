//! How much of a CPU a worker's thread uses.

use std::time::Duration;

use tokio::time::Instant;

use crate::{host::ThreadTime, summary::model::RowCpu};

/// What one thread wanted of the CPUs and got, and the time in which it did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub time: ThreadTime,
    pub wall: Duration,
}

impl Usage {
    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { time: self.time + other.time, wall: self.wall + other.wall }
    }

    /// Share of the time for which the thread was on a CPU, 0 to 1.
    fn share(self) -> f64 {
        let share = self.time.running.as_secs_f64() / self.wall.as_secs_f64();
        // Neither clock is read at the very moment of the other.
        if share.is_finite() { share.min(1.0) } else { 0.0 }
    }
}

/// What the workers used in the same time; `None` if none of them tells.
pub(super) fn of_workers(workers: &[Usage]) -> Option<RowCpu> {
    let mut shares = workers.iter().filter(|usage| !usage.wall.is_zero()).map(|u| u.share());
    let first = shares.next()?;
    let none = RowCpu { cores: first, busiest_worker: first };
    Some(shares.fold(none, |all, share| RowCpu {
        cores: all.cores + share,
        busiest_worker: all.busiest_worker.max(share),
    }))
}

/// Reads the clocks of the thread that it is on.
pub(super) struct Meter {
    time: ThreadTime,
    at: Instant,
}

impl Meter {
    /// From now on.
    pub(super) fn start() -> Self {
        Self { time: ThreadTime::so_far(), at: Instant::now() }
    }

    /// What was used since the last call.
    pub(super) fn lap(&mut self) -> Usage {
        let (time, at) = (ThreadTime::so_far(), Instant::now());
        let usage = Usage { time: time - self.time, wall: at - self.at };
        (self.time, self.at) = (time, at);
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(cpu: u64, wall: u64) -> Usage {
        let time =
            ThreadTime { running: Duration::from_millis(cpu), waiting: Duration::from_secs(9) };
        Usage { time, wall: Duration::from_millis(wall) }
    }

    #[test]
    fn workers_add_up_and_the_busiest_is_told() {
        assert!(of_workers(&[]).is_none() && of_workers(&[usage(0, 0)]).is_none());
        let two = of_workers(&[usage(250, 1_000), usage(1_001, 1_000), usage(0, 0)]);
        assert_eq!(two, Some(RowCpu { cores: 1.25, busiest_worker: 1.0 }));
        assert_eq!(of_workers(&[usage(0, 500)]).map(|cpu| cpu.cores), Some(0.0));
    }
}
