//! From options to a plan: what will be run, complete and checked. Nothing past this point sees an
//! option, and nothing here has started anything.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    executor::{
        ConstantVus, DEFAULT_GRACEFUL_STOP, DEFAULT_MAX_DURATION, Executor, Looping,
        PerVuIterations, SharedIterations,
    },
    http::HttpConfig,
    options::{Options, duration::GoDuration},
    run_event::RunHeader,
    vu::BatchLimits,
};

/// k6's limit for ramping VUs, here for all.
const MAX_VUS: i64 = 100_000_000;

/// A hundred years: far from where adding to a clock overflows.
const MAX_TIME: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// k6's `batch` and `batchPerHost`.
const DEFAULT_BATCH: i64 = 20;
const DEFAULT_BATCH_PER_HOST: i64 = 6;

/// Idle connections to a host when there is no limit for a batch: what Go's transport keeps.
const GO_IDLE_PER_HOST: usize = 2;

/// A scenario: an executor with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name; `default` when it comes from the shortcuts.
    pub name: String,
    /// When its iterations start.
    pub executor: Executor,
}

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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The executor's options are not usable.
    #[error("scenario {scenario} has configuration errors: {problems}")]
    Scenario {
        /// The scenario's name.
        scenario: String,
        /// All that is wrong, joined with `, `.
        problems: String,
    },
    /// A duration of nothing.
    #[error("`duration` option should be more than 0")]
    Duration,
    /// No request of a batch could ever run.
    #[error("the batch size must be more than 0, but is {0}")]
    Batch(i64),
    /// More than can be counted.
    #[error("the {option} is {found}; allowed is {most} at most")]
    TooMuch {
        /// What there is too much of.
        option: &'static str,
        /// How much.
        found: String,
        /// How much is allowed.
        most: String,
    },
    /// Zero worker threads.
    #[error("the number of workers must be more than 0")]
    Workers,
}

impl Plan {
    /// The plan that the shortcuts `vus`, `duration` and `iterations` stand for, as k6 reads them.
    pub fn new(options: &Options) -> Result<Self, PlanError> {
        limits(options)?;
        let scenario = Scenario { name: "default".into(), executor: executor(options)? };
        let problems = scenario.executor.problems();
        if !problems.is_empty() {
            return Err(PlanError::Scenario {
                scenario: scenario.name,
                problems: problems.join(", "),
            });
        }
        let workers = match options.workers {
            Some(0) => return Err(PlanError::Workers),
            Some(workers) => workers,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let vus = usize::try_from(scenario.executor.looping().vus).unwrap_or(usize::MAX);
        Ok(Self {
            workers: workers.min(vus),
            http: http(options),
            batch_limits: batch_limits(options)?,
            keep_bodies: !options.discard_response_bodies.unwrap_or(false),
            close_after_iteration: options.no_vu_connection_reuse.unwrap_or(false),
            scenario,
        })
    }

    /// What the engine is asked to do.
    pub fn looping(&self) -> Looping {
        self.scenario.executor.looping()
    }

    /// What readers are told before the run starts.
    pub fn header(&self, target: String, outputs: Vec<String>) -> RunHeader {
        let looping = self.looping();
        RunHeader {
            target,
            outputs,
            scenarios: vec![(self.scenario.name.clone(), self.scenario.executor.describe())],
            max_vus: looping.vus,
            max_duration: looping.duration + looping.graceful_stop,
        }
    }
}

/// What no arithmetic further on could bear.
fn limits(options: &Options) -> Result<(), PlanError> {
    let too_much =
        |option, found: String, most: String| Err(PlanError::TooMuch { option, found, most });
    match options.vus {
        Some(vus) if vus > MAX_VUS => {
            return too_much("number of VUs", vus.to_string(), MAX_VUS.to_string());
        }
        _ => {}
    }
    for (option, time) in [("duration", options.duration), ("graceful stop", options.graceful_stop)]
    {
        match time {
            Some(time) if time > MAX_TIME => {
                let text = |time| GoDuration(time).to_string();
                return too_much(option, text(time), text(MAX_TIME));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The first rule that fits, in k6's order.
fn executor(options: &Options) -> Result<Executor, PlanError> {
    let vus = options.vus.unwrap_or(1);
    let graceful_stop = options.graceful_stop.unwrap_or(DEFAULT_GRACEFUL_STOP);
    let shared = |iterations| SharedIterations {
        vus,
        iterations,
        max_duration: options.duration.unwrap_or(DEFAULT_MAX_DURATION),
        graceful_stop,
    };
    Ok(match (options.iterations, options.duration) {
        (Some(iterations), _) => Executor::SharedIterations(shared(iterations)),
        (None, Some(Duration::ZERO)) => return Err(PlanError::Duration),
        (None, Some(duration)) => {
            Executor::ConstantVus(ConstantVus { vus, duration, graceful_stop })
        }
        (None, None) if options.vus.is_some() => Executor::SharedIterations(shared(vus)),
        (None, None) => Executor::PerVuIterations(PerVuIterations {
            vus,
            iterations: 1,
            max_duration: DEFAULT_MAX_DURATION,
            graceful_stop,
        }),
    })
}

fn batch_limits(options: &Options) -> Result<BatchLimits, PlanError> {
    let total = options.batch.unwrap_or(DEFAULT_BATCH);
    match usize::try_from(total) {
        Ok(total) if total > 0 => Ok(BatchLimits { total, per_host: positive(per_host(options)) }),
        _ => Err(PlanError::Batch(total)),
    }
}

fn per_host(options: &Options) -> i64 {
    options.batch_per_host.unwrap_or(DEFAULT_BATCH_PER_HOST)
}

/// A number that counts for something only above zero.
fn positive<T: TryFrom<i64>>(number: i64) -> Option<T> {
    T::try_from(number).ok().filter(|_| number > 0)
}

fn http(options: &Options) -> HttpConfig {
    let unset = HttpConfig::default();
    HttpConfig {
        max_idle: positive(options.batch.unwrap_or(DEFAULT_BATCH)).unwrap_or(usize::MAX),
        max_idle_per_host: positive(per_host(options)).unwrap_or(GO_IDLE_PER_HOST),
        connection_reuse: !options.no_connection_reuse.unwrap_or(false),
        insecure_skip_tls_verify: options.insecure_skip_tls_verify.unwrap_or(false),
        dns: options.dns.clone(),
        rps: positive::<u32>(options.rps.unwrap_or(0)).and_then(NonZeroU32::new),
        follow_offsite: options.follow_offsite.unwrap_or(false),
        max_redirects: match options.max_redirects {
            Some(limit) => u32::try_from(limit.max(0)).unwrap_or(u32::MAX),
            None => unset.max_redirects,
        },
        user_agent: options.user_agent.clone().unwrap_or(unset.user_agent),
        headers: options.headers.clone(),
        timeout: options.timeout.unwrap_or(unset.timeout),
        expected: options.expected.clone().unwrap_or(unset.expected),
        http2: unset.http2,
        extra_roots: unset.extra_roots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(vus: Option<i64>, duration: Option<u64>, iterations: Option<i64>) -> String {
        let duration = duration.map(Duration::from_millis);
        match Plan::new(&Options { vus, duration, iterations, ..Options::default() }) {
            Ok(plan) => plan.scenario.executor.describe(),
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
    fn bad_shortcuts_are_refused() {
        assert_eq!(plan(Some(1), Some(0), None), "`duration` option should be more than 0");
        assert_eq!(
            plan(Some(0), None, Some(2)),
            "scenario default has configuration errors: the number of VUs must be more than 0"
        );
        assert_eq!(
            plan(None, Some(999), None),
            "scenario default has configuration errors: the duration must be at least 1s, but is 999ms"
        );
    }

    #[test]
    fn what_no_clock_could_bear_is_refused() {
        let error = |options: Options| Plan::new(&options).expect_err("too much").to_string();
        assert_eq!(
            error(Options { vus: Some(i64::MAX), ..Options::default() }),
            "the number of VUs is 9223372036854775807; allowed is 100000000 at most"
        );
        for options in [
            Options { duration: Some(Duration::MAX), ..Options::default() },
            Options { graceful_stop: Some(Duration::MAX), ..Options::default() },
        ] {
            assert!(error(options).ends_with("allowed is 876000h0m0s at most"));
        }
    }

    #[test]
    fn there_are_no_more_workers_than_vus() {
        let options = |vus, workers| Options { vus: Some(vus), workers, ..Options::default() };
        let workers = |vus, workers| Plan::new(&options(vus, workers)).map(|plan| plan.workers);
        assert_eq!(workers(2, Some(8)), Ok(2));
        assert_eq!(workers(8, Some(3)), Ok(3));
        assert_eq!(workers(8, Some(0)), Err(PlanError::Workers));
        assert_eq!(workers(1, None), Ok(1));
    }
}
