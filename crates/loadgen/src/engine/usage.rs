//! How much of a CPU a worker's thread uses.

use std::time::Duration;

use tokio::time::Instant;

use crate::{host, summary::model::RowCpu};

/// CPU time of one thread, and the time in which it was used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub cpu: Duration,
    pub wall: Duration,
}

impl Usage {
    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, wall: self.wall + other.wall }
    }

    /// Share of the time for which the thread was on a CPU, 0 to 1.
    fn share(self) -> f64 {
        let share = self.cpu.as_secs_f64() / self.wall.as_secs_f64();
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
    begin: Duration,
    cpu: Duration,
    at: Instant,
}

impl Meter {
    /// From now on.
    pub(super) fn start() -> Self {
        let cpu = host::thread_cpu_time();
        Self { begin: cpu, cpu, at: Instant::now() }
    }

    /// What was used since the last call.
    pub(super) fn lap(&mut self) -> Usage {
        let (cpu, at) = (host::thread_cpu_time(), Instant::now());
        let usage = Usage { cpu: cpu.saturating_sub(self.cpu), wall: at - self.at };
        (self.cpu, self.at) = (cpu, at);
        usage
    }

    /// CPU time up to the last call of [`lap`](Self::lap).
    pub(super) fn total(&self) -> Duration {
        self.cpu.saturating_sub(self.begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(cpu: u64, wall: u64) -> Usage {
        Usage { cpu: Duration::from_millis(cpu), wall: Duration::from_millis(wall) }
    }

    #[test]
    fn workers_add_up_and_the_busiest_is_told() {
        assert!(of_workers(&[]).is_none() && of_workers(&[usage(0, 0)]).is_none());
        let two = of_workers(&[usage(250, 1_000), usage(1_001, 1_000), usage(0, 0)]);
        assert_eq!(two, Some(RowCpu { cores: 1.25, busiest_worker: 1.0 }));
        assert_eq!(of_workers(&[usage(0, 500)]).map(|cpu| cpu.cores), Some(0.0));
    }
}
