//! Facts about the machine and about this process, for the summary.
//!
//! Everything is best effort: what a system does not tell is `None` or `unknown`, and no fact
//! is ever a reason to fail. Linux tells all of it; other systems tell less.

use std::{
    fs,
    ops::{Add, AddAssign, Sub},
    thread,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

use crate::summary::model::HostFacts;

/// What this machine is.
pub fn facts() -> HostFacts {
    HostFacts {
        os: os(),
        cpu: cpu_model().unwrap_or_else(|| format!("unknown {}", std::env::consts::ARCH)),
        cores: usable_cores(),
    }
}

/// Cores that this process may use: affinity and container limits count; at least 1.
pub fn usable_cores() -> u64 {
    thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

/// CPU time of this process so far, user and system, all threads, ended ones included.
pub fn process_cpu_time() -> Duration {
    cpu_time(ClockId::ProcessCPUTime)
}

/// What a thread wanted of the CPUs, and got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThreadTime {
    /// For how long it was on a CPU, user and system.
    pub running: Duration,
    /// For how long it could have run, and others had the CPUs; zero where no system tells.
    pub waiting: Duration,
}

impl ThreadTime {
    /// The time of the calling thread so far.
    pub fn so_far() -> Self {
        let waiting = fs::read_to_string("/proc/thread-self/schedstat").ok();
        Self {
            running: cpu_time(ClockId::ThreadCPUTime),
            waiting: waiting.as_deref().and_then(waiting_time).unwrap_or_default(),
        }
    }

    /// For how long it had something to do.
    pub fn wanted(self) -> Duration {
        self.running + self.waiting
    }
}

impl Add for ThreadTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { running: self.running + other.running, waiting: self.waiting + other.waiting }
    }
}

impl AddAssign for ThreadTime {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for ThreadTime {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            running: self.running.saturating_sub(earlier.running),
            waiting: self.waiting.saturating_sub(earlier.waiting),
        }
    }
}

/// The second number of `schedstat`: nanoseconds on a run queue.
fn waiting_time(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

fn cpu_time(clock: ClockId) -> Duration {
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// The most memory that was resident at once, bytes; `None` where the system does not tell.
pub fn peak_memory_bytes() -> Option<u64> {
    peak_memory(&fs::read_to_string("/proc/self/status").ok()?)
}

fn peak_memory(status: &str) -> Option<u64> {
    let kibibytes = field(status, "VmHWM")?.strip_suffix("kB")?.trim_end();
    kibibytes.parse::<u64>().ok()?.checked_mul(1024)
}

/// Distribution and kernel, such as `Debian GNU/Linux 13 (trixie), Linux 6.12.48`.
fn os() -> String {
    let read = |path| fs::read_to_string(path).ok();
    let kernel = match (read("/proc/sys/kernel/ostype"), read("/proc/sys/kernel/osrelease")) {
        (Some(kind), Some(release)) => format!("{} {}", kind.trim(), release.trim()),
        _ => std::env::consts::OS.to_owned(),
    };
    match read("/etc/os-release").as_deref().and_then(distribution) {
        Some(distribution) => format!("{distribution}, {kernel}"),
        None => kernel,
    }
}

fn distribution(os_release: &str) -> Option<String> {
    let name = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = name.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

fn cpu_model() -> Option<String> {
    field(&fs::read_to_string("/proc/cpuinfo").ok()?, "model name").map(str::to_owned)
}

/// The first value of `key` among `key : value` lines, as files in `/proc` have them.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| (name.trim() == key).then_some(value.trim()))
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn facts_are_read_from_the_files_that_tell_them() {
        assert_eq!(
            peak_memory("Name:\tx\nVmHWM:\t    5128 kB\nVmRSS:\t 10 kB\n"),
            Some(5128 * 1024)
        );
        assert_eq!(peak_memory("VmHWM: many kB\n"), None);
        assert_eq!(peak_memory(""), None);
        assert_eq!(
            field("processor\t: 0\nmodel name\t: Some CPU @ 2GHz\nmodel name\t: b\n", "model name"),
            Some("Some CPU @ 2GHz")
        );
        assert_eq!(field("model name\t:\n", "model name"), None);
        assert_eq!(distribution("ID=x\nPRETTY_NAME=\"X 1 (y)\"\n").as_deref(), Some("X 1 (y)"));
        assert_eq!(distribution("ID=x\n"), None);
        assert_eq!(waiting_time("29142 1186865 17\n"), Some(Duration::from_nanos(1_186_865)));
        assert_eq!(waiting_time("29142"), None);
    }

    #[test]
    fn this_machine_has_a_name_and_a_core() {
        let facts = facts();
        assert!(!facts.os.is_empty() && !facts.cpu.is_empty());
        assert!(facts.cores >= 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory() {
        assert!(peak_memory_bytes().expect("Linux tells it") > 100 * 1024);
    }

    #[test]
    fn work_costs_cpu_time_on_the_thread_that_does_it() {
        let process = process_cpu_time();
        let here = ThreadTime::so_far();
        let there = thread::spawn(|| {
            let begin = Instant::now();
            while ThreadTime::so_far().running < Duration::from_millis(50) {
                assert!(begin.elapsed() < Duration::from_secs(60), "the clock does not move");
            }
            ThreadTime::so_far().running
        })
        .join()
        .expect("the thread works");
        assert!(there >= Duration::from_millis(50));
        assert!(process_cpu_time() - process >= Duration::from_millis(50));
        assert!((ThreadTime::so_far() - here).running < there, "waiting is not work");
    }
}
