//! k6's options, and the few that are loadgen's own: names, types and defaults, how they are
//! written in files, variables and flags, and which of several layers decides. Knows nothing of
//! what they do.
//!
//! Every field is an `Option`, so that layers can be [laid over each other](Options::over): flags
//! over variables over a file. What a field means when nobody set it is said beside it. The
//! [`table`] has a row for each.

pub mod address;
pub mod dns;
pub mod duration;
pub mod file;
mod layers;
mod limits;
pub mod notation;
mod profile_target;
pub mod scenario;
pub mod system_tags;
pub mod table;
pub mod thresholds;

pub use limits::OutOfRange;
pub use profile_target::{InvalidProfileTarget, ProfileTarget};

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    executor::segment::{Segment, SegmentSequence},
    http::{ExpectedStatuses, HostMap, HostPattern, IpNet, LocalIps},
    metrics::TrendStat,
};
use address::Address;
use dns::DnsFields;
use scenario::{ScenarioOptions, StageOptions};
use thresholds::ThresholdMap;

/// The options of a test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Virtual users. Unset: 1.
    pub vus: Option<i64>,
    /// How long iterations are started.
    pub duration: Option<Duration>,
    /// Iterations, shared among the VUs.
    pub iterations: Option<i64>,
    /// The stretches of a ramp of VUs.
    pub stages: Option<Vec<StageOptions>>,
    /// Scenarios by name, instead of one that the options above describe.
    pub scenarios: Option<BTreeMap<String, ScenarioOptions>>,
    /// How long iterations that are under way may go on when the time of the options above is
    /// over. Unset: 30 s.
    pub graceful_stop: Option<Duration>,
    /// The part of the test that is this instance's. Unset: all.
    pub execution_segment: Option<Segment>,
    /// The parts that the test is cut into. Unset: this one, and what is beside it.
    pub execution_segment_sequence: Option<SegmentSequence>,
    /// How starts of an arrival rate are spread. Unset: regularly.
    pub arrival: Option<Arrival>,
    /// Where random gaps between starts begin. Unset: 0.
    pub seed: Option<u64>,
    /// How long the beginning is that is left out of what is measured. Unset: not at all.
    pub warmup: Option<Duration>,
    /// Requests per second, all VUs together. Unset, or 0 or less: no limit.
    pub rps: Option<i64>,
    /// The least time from the start of an iteration to the next of the same VU. Unset: none.
    pub min_iteration_duration: Option<Duration>,
    /// Worker threads. Unset: one for each core, but no more than VUs.
    pub workers: Option<usize>,

    /// Wait to be resumed before the test starts. Unset: false.
    pub paused: Option<bool>,
    /// Wait for a signal when the test is over. Unset: false.
    pub linger: Option<bool>,
    /// Where the REST API listens. Unset: nowhere.
    pub address: Option<Address>,
    /// Leave out the setup function. Unset: false.
    pub no_setup: Option<bool>,
    /// Leave out the teardown function. Unset: false.
    pub no_teardown: Option<bool>,
    /// Time allowed for the setup function. Unset: 60 s.
    pub setup_timeout: Option<Duration>,
    /// Time allowed for the teardown function. Unset: 60 s.
    pub teardown_timeout: Option<Duration>,
    /// Variables that iterations see.
    pub env: Option<BTreeMap<String, String>>,
    /// Let iterations see the variables of this process, too. Unset: true.
    pub include_system_env_vars: Option<bool>,

    /// Requests that one batch runs at once. Unset: 20.
    pub batch: Option<i64>,
    /// Requests that one batch runs at once against one host. Unset: 6; 0 or less: no limit.
    pub batch_per_host: Option<i64>,
    /// Redirects that are followed. Unset: 10.
    pub max_redirects: Option<i64>,
    /// Follow redirects that lead to another host. Unset: false.
    pub follow_offsite: Option<bool>,
    /// Time allowed for a request, redirects included. Unset: 60 s.
    pub timeout: Option<Duration>,
    /// Headers of every request, in order.
    pub headers: Option<Vec<(String, String)>>,
    /// `User-Agent`; empty sends none. Unset: `loadgen/VERSION`.
    pub user_agent: Option<String>,
    /// Statuses that are not failures. Unset: 200 to 399.
    pub expected: Option<ExpectedStatuses>,
    /// Drop bodies as they arrive, in iterations that could read them. Unset: false.
    pub discard_response_bodies: Option<bool>,

    /// How names become addresses.
    pub dns: Option<DnsFields>,
    /// Where names lead that are not to be resolved.
    pub hosts: Option<HostMap>,
    /// Addresses that are not to be connected to.
    pub blacklist_ips: Option<Vec<IpNet>>,
    /// Names that are not to be connected to.
    pub block_hostnames: Option<Vec<HostPattern>>,
    /// Addresses that VUs send from. Unset: what the system chooses.
    pub local_ips: Option<LocalIps>,
    /// Accept any certificate. Unset: false.
    pub insecure_skip_tls_verify: Option<bool>,
    /// A new connection for each request. Unset: false.
    pub no_connection_reuse: Option<bool>,
    /// New connections for each iteration. Unset: false.
    pub no_vu_connection_reuse: Option<bool>,

    /// What must hold, by metric. Unset: nothing.
    pub thresholds: Option<ThresholdMap>,
    /// Neither check nor evaluate thresholds. Unset: false.
    pub no_thresholds: Option<bool>,
    /// Tags of every sample.
    pub tags: Option<BTreeMap<String, String>>,
    /// Which tags samples get by themselves; see [`system_tags`]. Unset:
    /// k6's default set.
    pub system_tags: Option<BTreeSet<String>>,
    /// Statistics shown for trends. Unset: [`TrendStat::defaults`].
    pub summary_trend_stats: Option<Vec<TrendStat>>,
    /// One unit for all times in the summary. Unset: the fitting one for each.
    pub summary_time_unit: Option<TimeUnit>,
    /// Where samples go while the test runs: `NAME`, or `NAME=ARGUMENT`; see
    /// [`output`](crate::output). Unset: nowhere.
    pub out: Option<Vec<String>>,
    /// Settings of those outputs, by name.
    pub collectors: Option<Map<String, Value>>,
    /// Where the target's CPU profile is asked for in the middle of the test. Unset: nowhere.
    pub profile_target: Option<ProfileTarget>,
}

/// How starts of an arrival rate are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrival {
    /// With the same gap after each.
    #[default]
    Regular,
    /// With random gaps, exponentially distributed, as if many people acted on their own.
    Poisson,
}

/// A word that names no [`Arrival`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid arrival '{0}'; allowed are regular and poisson")]
pub struct InvalidArrival(String);

impl FromStr for Arrival {
    type Err = InvalidArrival;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "regular" => Ok(Self::Regular),
            "poisson" => Ok(Self::Poisson),
            _ => Err(InvalidArrival(text.into())),
        }
    }
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Regular => "regular",
            Self::Poisson => "poisson",
        })
    }
}

/// A unit for times in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// `s`
    Seconds,
    /// `ms`
    Milliseconds,
    /// `us`
    Microseconds,
}

/// A word that names no [`TimeUnit`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid summary time unit '{0}', use 's', 'ms' or 'us'")]
pub struct InvalidTimeUnit(String);

impl TimeUnit {
    /// k6's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
        }
    }
}

impl FromStr for TimeUnit {
    type Err = InvalidTimeUnit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Milliseconds),
            "us" => Ok(Self::Microseconds),
            _ => Err(InvalidTimeUnit(text.into())),
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
