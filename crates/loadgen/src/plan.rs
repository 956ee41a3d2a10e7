//! From options to a plan: what will be run, complete and checked. Nothing past this point sees an
//! option, and nothing here has started anything.

pub mod load;
pub mod shortcuts;

use std::num::NonZeroU32;

use crate::{
    executor::{Budget, Looping, Scenario, Share, Spacing, Work},
    http::HttpConfig,
    options::{Options, OutOfRange},
    run_event::RunHeader,
    vu::BatchLimits,
};
use load::{Load, LoadError};

/// k6's `batch` and `batchPerHost`.
const DEFAULT_BATCH: i64 = 20;
const DEFAULT_BATCH_PER_HOST: i64 = 6;

/// Idle connections to a host when there is no limit for a batch: what Go's transport keeps.
const GO_IDLE_PER_HOST: usize = 2;

/// Memory for the read buffers of all connections together, within limits for each. Large ones
/// save system calls on large bodies, and with many VUs they would be most of the memory.
const READ_BUFFERS: usize = 16 << 20;
const MIN_READ_BUFFER: usize = 8 << 10;
const MAX_READ_BUFFER: usize = 64 << 10;

/// What will be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scenario. (k6 can run several at once.)
    pub scenario: Scenario,
    /// Worker threads.
    pub workers: usize,
    /// How requests are sent.
    pub http: HttpConfig,
    /// How many requests of a batch run at once.
    pub batch_limits: BatchLimits,
    /// Keep bodies for iterations that may look at them.
    pub keep_bodies: bool,
    /// Close connections when an iteration ends.
    pub close_after_iteration: bool,
}

/// Why options make no plan; k6's exit code for it is 104.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// An option is out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// What the load is cannot be run.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl Plan {
    /// The plan that the options stand for.
    pub fn new(options: &Options) -> Result<Self, PlanError> {
        options.check()?;
        let scenario = Load::new(options)?.scenarios.swap_remove(0);
        let workers = match options.workers {
            Some(workers) => workers,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let vus = usize::try_from(looping(&scenario).vus).unwrap_or(usize::MAX);
        Ok(Self {
            workers: workers.min(vus),
            http: http(options, vus),
            batch_limits: batch_limits(options),
            keep_bodies: !options.discard_response_bodies.unwrap_or(false),
            close_after_iteration: options.no_vu_connection_reuse.unwrap_or(false),
            scenario,
        })
    }

    /// What the engine is asked to do.
    pub fn looping(&self) -> Looping {
        looping(&self.scenario)
    }

    /// What readers are told before the run starts.
    pub fn header(&self, target: String, outputs: Vec<String>) -> RunHeader {
        let looping = self.looping();
        RunHeader {
            target,
            outputs,
            scenarios: vec![(self.scenario.name.clone(), self.scenario.describe(&Share::whole()))],
            max_vus: looping.vus,
            max_duration: looping.duration + looping.graceful_stop,
        }
    }
}

/// What a scenario whose VUs all loop from start to end asks for.
fn looping(scenario: &Scenario) -> Looping {
    let work = scenario.work(&Share::whole(), Spacing::Even);
    let duration = work.duration().unwrap_or_default();
    let (vus, budget) = match work {
        Work::Loops(loops) => (loops.stints.len() as u64, loops.budget),
        Work::Arrivals(_) | Work::External(_) => (0, Budget::Unlimited),
    };
    Looping { vus, duration, graceful_stop: scenario.graceful_stop, budget }
}

fn batch_limits(options: &Options) -> BatchLimits {
    let total = positive(options.batch.unwrap_or(DEFAULT_BATCH)).unwrap_or(usize::MAX);
    BatchLimits { total, per_host: positive(per_host(options)) }
}

fn per_host(options: &Options) -> i64 {
    options.batch_per_host.unwrap_or(DEFAULT_BATCH_PER_HOST)
}

/// A number that counts for something only above zero.
fn positive<T: TryFrom<i64>>(number: i64) -> Option<T> {
    T::try_from(number).ok().filter(|_| number > 0)
}

fn http(options: &Options, vus: usize) -> HttpConfig {
    let unset = HttpConfig::default();
    let per_host = positive(per_host(options)).unwrap_or(GO_IDLE_PER_HOST);
    let connections = vus.saturating_mul(per_host).max(1);
    HttpConfig {
        max_idle: positive(options.batch.unwrap_or(DEFAULT_BATCH)).unwrap_or(usize::MAX),
        max_idle_per_host: per_host,
        connection_reuse: !options.no_connection_reuse.unwrap_or(false),
        insecure_skip_tls_verify: options.insecure_skip_tls_verify.unwrap_or(false),
        dns: options.dns.unwrap_or_default().or_default(),
        hosts: options.hosts.clone().unwrap_or_default(),
        blacklist_ips: options.blacklist_ips.clone().unwrap_or_default(),
        block_hostnames: options.block_hostnames.clone().unwrap_or_default(),
        local_ips: options.local_ips.clone(),
        read_buffer: (READ_BUFFERS / connections).clamp(MIN_READ_BUFFER, MAX_READ_BUFFER),
        rps: positive::<u32>(options.rps.unwrap_or(0)).and_then(NonZeroU32::new),
        follow_offsite: options.follow_offsite.unwrap_or(false),
        max_redirects: match options.max_redirects {
            Some(limit) => u32::try_from(limit.max(0)).unwrap_or(u32::MAX),
            None => unset.max_redirects,
        },
        user_agent: options.user_agent.clone().unwrap_or(unset.user_agent),
        headers: options.headers.clone().unwrap_or_default(),
        timeout: options.timeout.unwrap_or(unset.timeout),
        expected: options.expected.clone().unwrap_or(unset.expected),
        http2: unset.http2,
        extra_roots: unset.extra_roots,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn plan(vus: Option<i64>, duration: Option<u64>, iterations: Option<i64>) -> String {
        let duration = duration.map(Duration::from_millis);
        match Plan::new(&Options { vus, duration, iterations, ..Options::default() }) {
            Ok(plan) => plan.scenario.describe(&Share::whole()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn shortcuts_become_k6s_executors() {
        let shared = "(maxDuration: 10m0s, gracefulStop: 30s)";
        assert_eq!(plan(None, None, None), format!("1 iterations for each of 1 VUs {shared}"));
        assert_eq!(plan(Some(3), None, None), format!("3 iterations shared among 3 VUs {shared}"));
        assert_eq!(
            plan(Some(2), None, Some(5)),
            format!("5 iterations shared among 2 VUs {shared}")
        );
        assert_eq!(
            plan(Some(2), Some(2_000), Some(5)),
            "5 iterations shared among 2 VUs (maxDuration: 2s, gracefulStop: 30s)"
        );
        assert_eq!(plan(Some(2), Some(2_000), None), "2 looping VUs for 2s (gracefulStop: 30s)");
    }

    #[test]
    fn there_are_no_more_workers_than_vus() {
        let options = |vus, workers| Options { vus: Some(vus), workers, ..Options::default() };
        let workers = |vus, workers| Plan::new(&options(vus, workers)).map(|plan| plan.workers);
        assert_eq!(workers(2, Some(8)), Ok(2));
        assert_eq!(workers(8, Some(3)), Ok(3));
        assert!(workers(8, Some(0)).is_err());
        assert_eq!(workers(1, None), Ok(1));
    }
}
