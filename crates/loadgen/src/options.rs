//! k6's options, as far as they are set: names, types and defaults; no behaviour.
//!
//! Every field is an `Option` so that layers can be laid over each other later (flags over
//! environment over file); what a field means when nobody set it is said beside it.

pub mod duration;
pub mod scenario;
pub mod system_tags;
pub mod thresholds;

use std::{collections::BTreeMap, time::Duration};

use self::scenario::ScenarioOptions;
use crate::{
    http::{DnsOptions, ExpectedStatuses},
    metrics::TrendStat,
};
use thresholds::ThresholdMap;

/// The options of a test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Virtual users. Unset: 1.
    pub vus: Option<i64>,
    /// How long iterations are started.
    pub duration: Option<Duration>,
    /// How long iterations that are under way may then go on. Unset: 30 s.
    pub graceful_stop: Option<Duration>,
    /// Iterations, shared among the VUs.
    pub iterations: Option<i64>,
    /// Scenarios by name, instead of one that the options above describe.
    pub scenarios: Option<BTreeMap<String, ScenarioOptions>>,
    /// Requests that one batch runs at once. Unset: 20.
    pub batch: Option<i64>,
    /// Requests that one batch runs at once against one host. Unset: 6; 0 or less: no limit.
    pub batch_per_host: Option<i64>,
    /// Requests per second, all VUs together. Unset, or 0 or less: no limit.
    pub rps: Option<i64>,
    /// Redirects that are followed. Unset: 10.
    pub max_redirects: Option<i64>,
    /// `User-Agent`; empty sends none. Unset: `loadgen/VERSION`.
    pub user_agent: Option<String>,
    /// Headers of every request, in order.
    pub headers: Vec<(String, String)>,
    /// Time allowed for a request, redirects included. Unset: 60 s.
    pub timeout: Option<Duration>,
    /// Follow redirects that lead to another host. Unset: false.
    pub follow_offsite: Option<bool>,
    /// Statuses that are not failures. Unset: 200 to 399.
    pub expected: Option<ExpectedStatuses>,
    /// Accept any certificate. Unset: false.
    pub insecure_skip_tls_verify: Option<bool>,
    /// A new connection for each request. Unset: false.
    pub no_connection_reuse: Option<bool>,
    /// New connections for each iteration. Unset: false.
    pub no_vu_connection_reuse: Option<bool>,
    /// Drop bodies as they arrive, in iterations that could read them. Unset: false.
    pub discard_response_bodies: Option<bool>,
    /// How names become addresses.
    pub dns: DnsOptions,
    /// Statistics shown for trends. Unset: [`TrendStat::defaults`].
    pub summary_trend_stats: Option<Vec<TrendStat>>,
    /// One unit for all times in the summary. Unset: the fitting one for each.
    pub summary_time_unit: Option<TimeUnit>,
    /// Thresholds, in the order in which they are shown. Unset: none.
    pub thresholds: Option<ThresholdMap>,
    /// Worker threads. Unset: one for each core, but no more than VUs.
    pub workers: Option<usize>,
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
