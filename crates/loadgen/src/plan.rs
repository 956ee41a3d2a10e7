//! From options to a plan: what will be run, complete and checked. Nothing past this point sees an
//! option, and nothing here has started anything.

pub mod load;
pub mod shortcuts;

use std::{collections::BTreeMap, ffi::OsString, num::NonZeroU32, sync::Arc, time::Duration};

use crate::{
    executor::{Requirements, Scenario, Share, Work},
    http::HttpConfig,
    metrics::TagSet,
    options::{
        Options, OutOfRange,
        system_tags::{SystemTag, SystemTags},
    },
    run_event::RunHeader,
    vu::BatchLimits,
};
use load::{Load, LoadError};

/// k6's limits for functions that run once.
const DEFAULT_HOOK_TIMEOUT: Duration = Duration::from_secs(60);

/// k6's `batch` and `batchPerHost`.
const DEFAULT_BATCH: i64 = 20;
const DEFAULT_BATCH_PER_HOST: i64 = 6;

/// Idle connections to a host when there is no limit for a batch: what Go's transport keeps.
const GO_IDLE_PER_HOST: usize = 2;

/// What will be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scenarios, by start and then by name.
    pub scenarios: Vec<Scenario>,
    /// What this instance is to do for each of them, in the same order.
    pub works: Vec<Arc<Work>>,
    /// The part of them that is this instance's.
    pub share: Share,
    /// VUs that this part needs, and the time it takes.
    pub requirements: Requirements,
    /// Worker threads.
    pub workers: usize,
    /// The least time from the start of an iteration to the next of the same VU.
    pub min_iteration_duration: Duration,
    /// Seconds at the beginning whose samples are left out of all metrics.
    pub warmup: u64,
    /// Time allowed for the setup function.
    pub setup_timeout: Duration,
    /// Time allowed for the teardown function.
    pub teardown_timeout: Duration,
    /// Leave out the setup function.
    pub no_setup: bool,
    /// Leave out the teardown function.
    pub no_teardown: bool,
    /// Wait to be resumed before the start.
    pub paused: bool,
    /// Wait for a signal after the end.
    pub linger: bool,
    /// How requests are sent.
    pub http: HttpConfig,
    /// How many requests of a batch run at once.
    pub batch_limits: BatchLimits,
    /// Keep bodies for iterations that may look at them.
    pub keep_bodies: bool,
    /// Close connections when an iteration ends.
    pub close_after_iteration: bool,
    /// Which of the tags that samples get from what they are are kept.
    pub system_tags: SystemTags,
    /// Neither check nor evaluate thresholds.
    pub no_thresholds: bool,
    /// Variables that iterations see.
    pub env: BTreeMap<String, String>,
    /// What the plan's reader must know.
    pub warnings: Vec<String>,
    tags: BTreeMap<String, String>,
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
    /// There is nothing to do.
    #[error("no scenario has anything to do in this part of the test")]
    NoWork,
}

impl Plan {
    /// The plan that the options stand for, as k6 reads them.
    ///
    /// # Errors
    ///
    /// All that is wrong with the scenarios, or the first of what else there is.
    pub fn new(options: &Options) -> Result<Self, PlanError> {
        options.check()?;
        let load = Load::new(options)?;
        let works = load.works();
        let requirements = load.requirements(&works);
        let Load { scenarios, share, warnings, .. } = load;
        let with_work = scenarios.into_iter().zip(works).filter(|(_, work)| !work.is_empty());
        let (scenarios, works): (Vec<_>, Vec<_>) =
            with_work.map(|(scenario, work)| (scenario, Arc::new(work))).unzip();
        if scenarios.is_empty() {
            return Err(PlanError::NoWork);
        }
        let vus = usize::try_from(requirements.max_possible).unwrap_or(usize::MAX);
        Ok(Self {
            scenarios,
            works,
            share,
            requirements,
            workers: workers(options).min(vus.max(1)),
            min_iteration_duration: options.min_iteration_duration.unwrap_or_default(),
            warmup: options.warmup.unwrap_or_default().as_secs(),
            setup_timeout: options.setup_timeout.unwrap_or(DEFAULT_HOOK_TIMEOUT),
            teardown_timeout: options.teardown_timeout.unwrap_or(DEFAULT_HOOK_TIMEOUT),
            no_setup: options.no_setup.unwrap_or(false),
            no_teardown: options.no_teardown.unwrap_or(false),
            paused: options.paused.unwrap_or(false),
            linger: options.linger.unwrap_or(false),
            http: http(options),
            batch_limits: batch_limits(options),
            keep_bodies: !options.discard_response_bodies.unwrap_or(false),
            close_after_iteration: options.no_vu_connection_reuse.unwrap_or(false),
            system_tags: system_tags(options),
            no_thresholds: options.no_thresholds.unwrap_or(false),
            env: env(options),
            warnings,
            tags: options.tags.clone().unwrap_or_default(),
        })
    }

    /// What readers are told before the run starts.
    pub fn header(&self, target: String, outputs: Vec<String>) -> RunHeader {
        let describe =
            |scenario: &Scenario| (scenario.name.clone(), scenario.describe(&self.share));
        RunHeader {
            target,
            dashboard: None,
            outputs,
            share: self.share.fraction(),
            scenarios: self.scenarios.iter().map(describe).collect(),
            max_vus: self.requirements.max_possible,
            max_duration: self.requirements.max_duration,
        }
    }

    /// The tags of the run. Samples get the group by themselves.
    pub(crate) fn run_tags(&self) -> TagSet {
        self.tags_and(None, None)
    }

    /// The tags of the run, with those of a scenario.
    pub(crate) fn scenario_tags(&self, scenario: &Scenario) -> TagSet {
        self.tags_and(Some(&scenario.tags), Some(&scenario.name))
    }

    /// The tags of iterations that a scenario never started. Its own are for those that it did
    /// start, as in k6.
    pub(crate) fn dropped_tags(&self, scenario: &Scenario) -> TagSet {
        self.tags_and(None, Some(&scenario.name))
    }

    fn tags_and(&self, more: Option<&BTreeMap<String, String>>, scenario: Option<&str>) -> TagSet {
        let is_free = |name: &str| {
            name != SystemTag::Group.as_str() || !self.system_tags.has(SystemTag::Group)
        };
        let given = self.tags.iter().chain(more.into_iter().flatten());
        let given = given.filter(|(name, _)| is_free(name));
        let given = given.map(|(name, value)| (name.as_str(), value.as_str()));
        let scenario = scenario.map(|name| (SystemTag::Scenario.as_str(), name));
        TagSet::new(given.chain(scenario.filter(|_| self.system_tags.has(SystemTag::Scenario))))
    }
}

fn workers(options: &Options) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    options.workers.unwrap_or_else(cores)
}

fn system_tags(options: &Options) -> SystemTags {
    match &options.system_tags {
        Some(names) => SystemTags::named(names.iter().map(String::as_str)),
        None => SystemTags::default(),
    }
}

/// The variables of this process, if iterations may see them, and those of the test over them.
fn env(options: &Options) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    if options.include_system_env_vars.unwrap_or(true) {
        let readable = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        env.extend(std::env::vars_os().filter_map(readable));
    }
    env.extend(options.env.iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    env
}

fn batch_limits(options: &Options) -> BatchLimits {
    let total = positive(options.batch.unwrap_or(DEFAULT_BATCH)).unwrap_or(usize::MAX);
    let per_host = positive(options.batch_per_host.unwrap_or(DEFAULT_BATCH_PER_HOST));
    BatchLimits { total, per_host }
}

/// A number that counts for something only above zero.
fn positive<T: TryFrom<i64>>(number: i64) -> Option<T> {
    T::try_from(number).ok().filter(|_| number > 0)
}

/// How requests are made.
pub(crate) fn http(options: &Options) -> HttpConfig {
    let unset = HttpConfig::default();
    let BatchLimits { total, per_host } = batch_limits(options);
    HttpConfig {
        max_idle: total,
        max_idle_per_host: per_host.unwrap_or(GO_IDLE_PER_HOST),
        connection_reuse: !options.no_connection_reuse.unwrap_or(false),
        insecure_skip_tls_verify: options.insecure_skip_tls_verify.unwrap_or(false),
        dns: options.dns.unwrap_or_default().or_default(),
        hosts: options.hosts.clone().unwrap_or_default(),
        blacklist_ips: options.blacklist_ips.clone().unwrap_or_default(),
        block_hostnames: options.block_hostnames.clone().unwrap_or_default(),
        local_ips: options.local_ips.clone(),
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
    use super::*;

    fn plan(vus: Option<i64>, duration: Option<u64>, iterations: Option<i64>) -> String {
        let duration = duration.map(Duration::from_millis);
        match Plan::new(&Options { vus, duration, iterations, ..Options::default() }) {
            Ok(plan) => plan.scenarios[0].describe(&Share::whole()),
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
