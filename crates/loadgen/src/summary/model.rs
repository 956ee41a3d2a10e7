//! The summary as data: exactly the object that k6 hands to `handleSummary`, plus one key,
//! `loadgen`, with what k6 throws away. Everything shown at the end of a run is drawn from it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::buckets::LatencyBuckets;
use crate::metrics::{Contains, MetricKind};
pub use crate::thresholds::ThresholdResult;
use crate::thresholds::{crossed, failure_message};

/// A whole summary, as it is stored in `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How it wants to be shown.
    pub options: DisplayOptions,
    /// Facts of the run that k6 stores.
    pub state: State,
    /// Metrics and submetrics (`name{tag:value}`) by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Checks by group.
    pub root_group: Group,
    /// What `setup()` returned, in k6's own files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_data: Option<serde_json::Value>,
    /// What loadgen adds; absent from k6's own files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loadgen: Option<Extras>,
}

impl Summary {
    /// What decided a threshold, if that is known.
    pub fn threshold(&self, metric: &str, threshold: &str) -> Option<&ThresholdResult> {
        let results = &self.loadgen.as_ref()?.thresholds;
        results.iter().find(|result| result.metric == metric && result.threshold == threshold)
    }

    /// How many digits can be relied on where a value that was held against a threshold comes from
    /// a histogram; `None` if none does.
    pub fn threshold_digits(&self) -> Option<u8> {
        let results = &self.loadgen.as_ref()?.thresholds;
        results.iter().filter_map(|result| result.significant_digits).min()
    }
}

/// k6's `options` object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisplayOptions {
    /// Statistics shown for each trend, in order, in k6's spelling.
    pub summary_trend_stats: Vec<String>,
    /// `""` (automatic), `"s"`, `"ms"` or `"us"`.
    #[serde(default)]
    pub summary_time_unit: String,
    /// Whether colours were switched off.
    #[serde(default)]
    pub no_color: bool,
}

/// k6's `state` object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Whether stdout was a terminal.
    #[serde(rename = "isStdOutTTY")]
    pub is_stdout_tty: bool,
    /// Whether stderr was a terminal.
    #[serde(rename = "isStdErrTTY")]
    pub is_stderr_tty: bool,
    /// Length of the run, which every rate was divided by, in milliseconds.
    pub test_run_duration_ms: f64,
}

/// One metric or submetric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// How its samples add up.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// The unit of its values.
    pub contains: Contains,
    /// Counter: `count`, `rate`. Gauge: `value`, `min`, `max`. Rate: `rate`, `passes`, `fails`.
    /// Trend: at least the statistics of [`DisplayOptions::summary_trend_stats`]. Times are
    /// milliseconds.
    pub values: BTreeMap<String, f64>,
    /// Verdicts by threshold expression, in the order in which they were given; absent if the
    /// metric has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<IndexMap<String, Verdict>>,
}

/// What became of one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it held.
    pub ok: bool,
}

/// A group of checks; the root has an empty name and path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Own name, without its parents'.
    pub name: String,
    /// `::outer::inner`; empty for the root.
    pub path: String,
    /// Lower-case hex MD5 of the path.
    pub id: String,
    /// Subgroups, in order of first use.
    pub groups: Vec<Group>,
    /// Checks, in order of first use.
    pub checks: Vec<Check>,
}

/// One check with its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The name it was given.
    pub name: String,
    /// The group's path, `::`, and the name.
    pub path: String,
    /// Lower-case hex MD5 of the path.
    pub id: String,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

/// loadgen's own key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extras {
    /// loadgen's version.
    pub version: String,
    /// Start of the run, RFC 3339.
    pub started: String,
    /// The command line, program name first; empty for a run made from Rust.
    pub command: Vec<String>,
    /// What was tested: a URL, or a name for an in-process service.
    pub target: String,
    /// Whether the run still went on when this was told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub running: bool,
    /// The scenarios that ran.
    pub scenarios: Vec<ScenarioFacts>,
    /// Iterations that ran to their end.
    pub iterations_complete: u64,
    /// Iterations that were cut off.
    pub iterations_interrupted: u64,
    /// The machine.
    pub host: HostFacts,
    /// What the generator itself used.
    pub generator: GeneratorFacts,
    /// Why the run was no success, if it was none: a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a reader of the numbers must know, as sentences.
    pub warnings: Vec<String>,
    /// Thresholds with the values that decided, in the order in which they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdResult>,
    /// So many seconds at the beginning are in the rows, but not in the metrics.
    #[serde(default, skip_serializing_if = "is_default")]
    pub warmup_seconds: u64,
    /// How often each kind of answer was given, most frequent first.
    pub requests: Vec<RequestCount>,
    /// The slowest requests, slowest first; empty in files that do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slowest: Vec<SlowRequest>,
    /// The run over time, oldest first.
    pub rows: Vec<Row>,
    /// What there is to tell apart in that; empty if it is all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// Trends by metric name: HDR V2 histograms in millionths of the unit (for times:
    /// nanoseconds), base64.
    pub histograms: BTreeMap<String, String>,
    /// What groups and scenarios measured by themselves; empty in files that do not tell.
    #[serde(default)]
    pub scopes: Scopes,
    /// Where the target spent its time, if it was asked and told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// The options in force, k6's names where k6 has one.
    pub options: serde_json::Value,
}

impl Extras {
    /// The error, unless it is just that thresholds were crossed, which they tell themselves.
    pub(super) fn error_besides_thresholds(&self) -> Option<&str> {
        let by_thresholds = failure_message(&crossed(&self.thresholds));
        self.error.as_deref().filter(|error| *error != by_thresholds)
    }
}

/// The run taken apart, for the `full` look.
///
/// Samples of the scenario named `default` go to the groups, samples of any other scenario to that
/// scenario; only the innermost group gets a sample.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scopes {
    /// Top-level groups, in order of first use.
    pub groups: Vec<Scope>,
    /// Scenarios other than `default`.
    pub scenarios: Vec<Scope>,
}

/// What one group or one scenario measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scope {
    /// Own name, without its parents'.
    pub name: String,
    /// Metrics by name; no submetrics.
    pub metrics: BTreeMap<String, Metric>,
    /// As [`Extras::histograms`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub histograms: BTreeMap<String, String>,
    /// Checks in order of first use: a group's own, all of a scenario's.
    pub checks: Vec<Check>,
    /// Groups inside this one, in order of first use.
    pub groups: Vec<Scope>,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioFacts {
    /// Its name.
    pub name: String,
    /// k6's name of its executor.
    pub executor: String,
    /// The line that the header shows for it.
    pub description: String,
}

/// The machine that ran the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Operating system and kernel.
    pub os: String,
    /// Model of the processor.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: u64,
}

/// What the generator itself used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratorFacts {
    /// Worker threads.
    pub workers: u64,
    /// CPU time, user and system, seconds. Includes an in-process target.
    pub cpu_seconds: f64,
    /// Share of the run for which the busiest worker thread was on a CPU, 0 to 1.
    pub busiest_worker: f64,
    /// Largest resident memory, bytes.
    pub peak_memory_bytes: u64,
}

/// A kind of answer, by tags, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCount {
    /// The `name` tag: the URL, or what the request was named.
    pub name: String,
    /// The method.
    pub method: String,
    /// The status, 0 for a failed request.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2.0`; empty if no answer came.
    pub proto: String,
    /// `tls1.2`, `tls1.3`; empty without TLS.
    pub tls_version: String,
    /// k6's error code; 0 if there is none.
    pub error_code: u16,
    /// The error's text; empty if there is none.
    pub error: String,
    /// Whether the status was an expected one.
    pub expected_response: bool,
    /// How often.
    pub count: u64,
}

/// A stretch of the run that differs from others: a stage, a scenario, the warm-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What it is called.
    pub name: String,
    /// Where it begins, seconds since the start.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
}

/// One of the slowest requests. Times are milliseconds; those after the first are its parts as k6
/// has them, of which `blocked`, `connecting` and `tls_handshaking` come before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowRequest {
    /// What it was, as [`RequestCount`] has it.
    pub name: String,
    /// The method.
    pub method: String,
    /// The status, 0 for a failed request.
    pub status: u16,
    /// The error's text; empty if there is none.
    pub error: String,
    /// When it ended, seconds since the start.
    pub at: f64,
    /// `http_req_duration`: `sending`, `waiting` and `receiving` together.
    pub duration: f64,
    /// Waiting for a connection; holds `connecting` and `tls_handshaking`.
    pub blocked: f64,
    /// TCP connect.
    pub connecting: f64,
    /// TLS handshake.
    pub tls_handshaking: f64,
    /// Writing the request.
    pub sending: f64,
    /// From the request written to the first byte of the answer.
    pub waiting: f64,
    /// From there to the last byte.
    pub receiving: f64,
}

/// One interval of the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    /// End of the interval, seconds since the start.
    pub at: f64,
    /// Length of the interval, seconds.
    pub seconds: f64,
    /// Virtual users at its end.
    pub vus: u64,
    /// Iterations that ended in it.
    pub iterations: u64,
    /// Requests that ended in it.
    pub http_reqs: u64,
    /// Those of them that failed.
    pub http_req_failed: u64,
    /// Bytes sent.
    pub data_sent: u64,
    /// Bytes received.
    pub data_received: u64,
    /// `http_req_duration` of the interval; `None` when no request ended in it.
    pub duration: Option<RowDuration>,
    /// The same as counts by latency; empty in files that do not tell.
    #[serde(default, skip_serializing_if = "is_default")]
    pub latency: LatencyBuckets,
    /// `schedule_lag` of the interval; `None` without an arrival rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_lag: Option<RowLag>,
    /// What the workers used; `None` where none of them ran, and in files that do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<RowCpu>,
}

/// Latency in one interval, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RowDuration {
    pub avg: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

/// How late iterations of arrival rates started in one interval, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RowLag {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

/// CPU time of the worker threads in one interval; an in-process target's is part of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RowCpu {
    /// How many cores they used all together.
    pub cores: f64,
    /// Share of the interval for which the busiest one was on a CPU, 0 to 1.
    pub busiest_worker: f64,
}

/// A CPU profile of the target, as much of it as there is to see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Where it came from, without a password.
    pub url: String,
    /// The part of the run that it is of: from here, seconds since the start.
    pub start: f64,
    /// To here.
    pub end: f64,
    /// What its values are, `cpu` as a rule.
    pub kind: String,
    /// Their unit, `nanoseconds` as a rule.
    pub unit: String,
    /// The sum of all values.
    pub total: u64,
    /// How often the target was looked at, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// The functions that were running most, most first.
    pub hottest: Vec<HotFunction>,
    /// Who called whom: each call is followed by those that it made. Calls that are too small to be
    /// seen are one, `(other)`, in each caller.
    pub calls: Vec<Call>,
}

/// A function of a profile, wherever it was called from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotFunction {
    /// Its name.
    pub name: String,
    /// What was spent in itself.
    #[serde(rename = "self")]
    pub itself: u64,
    /// What was spent in it and in all it called.
    pub total: u64,
}

/// A function that another one called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Calls around it.
    pub depth: usize,
    /// The function's name.
    pub name: String,
    /// What was spent in it and in all it called.
    pub value: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
