//! From options to a plan: what will be run, complete and checked. Nothing past this point sees an
//! option, and nothing here has started anything.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use jiff::SignedDuration;

use crate::{
    executor::{Requirements, Scenario, Share, Spacing},
    http::HttpConfig,
    metrics::TagSet,
    options::{
        Options,
        scenario::{ExecutorKind, ScenarioOptions},
        system_tags::{SystemTag, SystemTags},
    },
    run_event::RunHeader,
    vu::BatchLimits,
};

/// k6's limits for functions that run once.
const DEFAULT_HOOK_TIMEOUT: Duration = Duration::from_secs(60);

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
    /// The scenarios, by start and then by name.
    pub scenarios: Vec<Scenario>,
    /// The part of them that is this instance's.
    pub share: Share,
    /// How starts of arrival rates are spread.
    pub spacing: Spacing,
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Scenarios have options that are not usable.
    #[error("there were problems with the specified script configuration: {}", .0.join("; "))]
    Scenarios(Vec<String>),
    /// No request of a batch could ever run.
    #[error("the batch size must be more than 0, but is {0}")]
    Batch(i64),
    /// Zero worker threads.
    #[error("the number of workers must be more than 0")]
    Workers,
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
        let share = Share::whole();
        let spacing = Spacing::default();
        let scenarios = scenarios(options, &share)?;
        let works: Vec<_> =
            scenarios.iter().map(|scenario| scenario.work(&share, spacing)).collect();
        let starts = scenarios.iter().map(|scenario| scenario.start_time);
        let requirements = Requirements::new(starts.zip(&works));
        let vus = usize::try_from(requirements.max_possible).unwrap_or(usize::MAX);
        Ok(Self {
            scenarios,
            share,
            spacing,
            requirements,
            workers: workers(options)?.min(vus),
            min_iteration_duration: Duration::ZERO,
            warmup: 0,
            setup_timeout: DEFAULT_HOOK_TIMEOUT,
            teardown_timeout: DEFAULT_HOOK_TIMEOUT,
            no_setup: false,
            no_teardown: false,
            paused: false,
            linger: false,
            http: http(options, vus),
            batch_limits: batch_limits(options)?,
            keep_bodies: !options.discard_response_bodies.unwrap_or(false),
            close_after_iteration: options.no_vu_connection_reuse.unwrap_or(false),
            system_tags: SystemTags::default(),
            no_thresholds: false,
            env: BTreeMap::new(),
            warnings: Vec::new(),
            tags: BTreeMap::new(),
        })
    }

    /// What readers are told before the run starts.
    pub fn header(&self, target: String, outputs: Vec<String>) -> RunHeader {
        let describe =
            |scenario: &Scenario| (scenario.name.clone(), scenario.describe(&self.share));
        RunHeader {
            target,
            outputs,
            share: self.share.fraction(),
            scenarios: self.scenarios.iter().map(describe).collect(),
            max_vus: self.requirements.max_possible,
            max_duration: self.requirements.max_duration,
        }
    }

    /// The tags of the run, with those of a scenario. Samples of both get the group by themselves.
    pub(crate) fn tags_with(&self, scenario: Option<&Scenario>) -> TagSet {
        let own = scenario.into_iter().flat_map(|scenario| &scenario.tags);
        let is_free = |name: &str| {
            name != SystemTag::Group.as_str() || !self.system_tags.has(SystemTag::Group)
        };
        let given = self.tags.iter().chain(own).filter(|(name, _)| is_free(name));
        let given = given.map(|(name, value)| (name.as_str(), value.as_str()));
        let name = scenario.map(|scenario| (SystemTag::Scenario.as_str(), &*scenario.name));
        TagSet::new(given.chain(name.filter(|_| self.system_tags.has(SystemTag::Scenario))))
    }
}

/// The scenarios of which something is this instance's.
fn scenarios(options: &Options, share: &Share) -> Result<Vec<Scenario>, PlanError> {
    let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
    for (name, options) in derived(options)? {
        match Scenario::new(&name, &options) {
            Ok(scenario) => scenarios.push(scenario),
            Err(found) => {
                problems.push(format!("scenario {name} has configuration errors: {found}"))
            }
        }
    }
    if !problems.is_empty() {
        return Err(PlanError::Scenarios(problems));
    }
    scenarios.retain(|scenario| !scenario.work(share, Spacing::default()).is_empty());
    scenarios.sort_by(|a, b| (a.start_time, &a.name).cmp(&(b.start_time, &b.name)));
    if scenarios.is_empty() {
        return Err(PlanError::NoWork);
    }
    Ok(scenarios)
}

fn workers(options: &Options) -> Result<usize, PlanError> {
    match options.workers {
        Some(0) => Err(PlanError::Workers),
        Some(workers) => Ok(workers),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// The scenarios as they are written, or the one that the shortcuts stand for: the first rule that
/// fits, in k6's order.
fn derived(options: &Options) -> Result<Vec<(String, ScenarioOptions)>, PlanError> {
    if let Some(scenarios) = &options.scenarios {
        return Ok(scenarios.iter().map(|(name, it)| (name.clone(), it.clone())).collect());
    }
    let vus = Some(options.vus.unwrap_or(1));
    let signed = |time: Option<Duration>| time.and_then(|time| SignedDuration::try_from(time).ok());
    let duration = signed(options.duration);
    let (kind, vus, iterations) = match (options.iterations, options.duration) {
        (Some(iterations), _) => (ExecutorKind::SharedIterations, vus, Some(iterations)),
        (None, Some(_)) => (ExecutorKind::ConstantVus, vus, None),
        (None, None) if options.vus.is_some() => (ExecutorKind::SharedIterations, vus, vus),
        (None, None) => (ExecutorKind::PerVuIterations, None, None),
    };
    let scenario = ScenarioOptions {
        vus,
        iterations,
        duration,
        max_duration: duration,
        graceful_stop: signed(options.graceful_stop),
        ..ScenarioOptions::new(kind)
    };
    Ok(vec![("default".into(), scenario)])
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

fn http(options: &Options, vus: usize) -> HttpConfig {
    let unset = HttpConfig::default();
    let per_host = positive(per_host(options)).unwrap_or(GO_IDLE_PER_HOST);
    let connections = vus.saturating_mul(per_host).max(1);
    HttpConfig {
        max_idle: positive(options.batch.unwrap_or(DEFAULT_BATCH)).unwrap_or(usize::MAX),
        max_idle_per_host: per_host,
        connection_reuse: !options.no_connection_reuse.unwrap_or(false),
        insecure_skip_tls_verify: options.insecure_skip_tls_verify.unwrap_or(false),
        dns: options.dns.clone(),
        read_buffer: (READ_BUFFERS / connections).clamp(MIN_READ_BUFFER, MAX_READ_BUFFER),
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
