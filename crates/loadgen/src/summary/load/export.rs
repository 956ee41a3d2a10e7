//! k6's `--summary-export` schema, read. It says less than the summary does; what is missing is
//! inferred, and only from what the file says: kinds from the keys, units from the names of
//! built-in metrics, the length of the run from a counter's count and rate.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    super::model::{Check, DisplayOptions, Group, Metric, State, Summary, Verdict},
    Flaw, required,
};
use crate::metrics::{Contains, MetricKind, TrendStat};

#[derive(Deserialize)]
pub(super) struct Export {
    metrics: BTreeMap<String, Flat>,
    root_group: NamedGroup,
    setup_data: Option<serde_json::Value>,
}

/// A metric: its values and, beside them, its thresholds (`true`: failed).
#[derive(Deserialize)]
struct Flat {
    thresholds: Option<IndexMap<String, bool>>,
    #[serde(flatten)]
    values: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct NamedGroup {
    name: String,
    path: String,
    id: String,
    groups: IndexMap<String, NamedGroup>,
    checks: IndexMap<String, Check>,
}

impl Export {
    pub(super) fn into_summary(self) -> Result<Summary, Flaw> {
        let metrics = self
            .metrics
            .into_iter()
            .map(|(name, flat)| flat.into_metric(&name).map(|metric| (name, metric)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        Ok(Summary {
            options: DisplayOptions {
                summary_trend_stats: stats_of(&metrics),
                summary_time_unit: String::new(),
                no_color: false,
            },
            state: State {
                is_stdout_tty: false,
                is_stderr_tty: false,
                test_run_duration_ms: duration_of(&metrics),
            },
            metrics,
            root_group: self.root_group.into(),
            setup_data: self.setup_data,
            loadgen: None,
        })
    }
}

impl Flat {
    fn into_metric(mut self, name: &str) -> Result<Metric, Flaw> {
        let kind = self.kind().ok_or_else(|| {
            let keys: Vec<_> = self.values.keys().map(String::as_str).collect();
            Flaw::new(
                format!("metrics.{name}"),
                format!(
                    "the keys '{}' are those of no metric; a counter has count and rate, a gauge \
                     value, min and max, a rate value, passes and fails, a trend statistics",
                    keys.join(", ")
                ),
            )
        })?;
        if kind == MetricKind::Rate
            && let Some(rate) = self.values.remove("value")
        {
            self.values.insert("rate".into(), rate);
        }
        let verdicts = |failed: IndexMap<String, bool>| {
            failed.into_iter().map(|(source, failed)| (source, Verdict { ok: !failed })).collect()
        };
        Ok(Metric {
            kind,
            contains: contains_of(name),
            values: self.values,
            thresholds: self.thresholds.map(verdicts),
        })
    }

    fn kind(&self) -> Option<MetricKind> {
        let has = |keys: &[&str]| {
            self.values.len() == keys.len() && keys.iter().all(|key| self.values.contains_key(*key))
        };
        if has(required(MetricKind::Counter)) {
            Some(MetricKind::Counter)
        } else if has(required(MetricKind::Gauge)) {
            Some(MetricKind::Gauge)
        } else if has(&["value", "passes", "fails"]) {
            Some(MetricKind::Rate)
        } else {
            self.values
                .keys()
                .all(|key| key.parse::<TrendStat>().is_ok())
                .then_some(MetricKind::Trend)
        }
    }
}

/// The unit of a built-in metric, or of its submetric. Those of a user's own are unknown.
fn contains_of(name: &str) -> Contains {
    match name.split('{').next().unwrap_or_default() {
        "data_sent" | "data_received" => Contains::Data,
        "iteration_duration"
        | "group_duration"
        | "http_req_duration"
        | "http_req_blocked"
        | "http_req_connecting"
        | "http_req_tls_handshaking"
        | "http_req_sending"
        | "http_req_waiting"
        | "http_req_receiving"
        | "ws_ping"
        | "ws_session_duration"
        | "ws_connecting"
        | "grpc_req_duration" => Contains::Time,
        _ => Contains::Default,
    }
}

/// The statistics of the first trend, in k6's usual order; k6 gives all trends the same. Its
/// default ones if there is no trend.
fn stats_of(metrics: &BTreeMap<String, Metric>) -> Vec<String> {
    let mut trends = metrics.values().filter(|metric| metric.kind == MetricKind::Trend);
    let Some(first) = trends.next() else {
        return TrendStat::defaults().iter().map(TrendStat::to_string).collect();
    };
    let mut stats: Vec<TrendStat> =
        first.values.keys().filter_map(|key| key.parse().ok()).collect();
    stats.sort_by(|a, b| place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal));
    stats.iter().map(TrendStat::to_string).collect()
}

fn place(stat: &TrendStat) -> (u8, f64) {
    match stat {
        TrendStat::Avg => (0, 0.0),
        TrendStat::Min => (1, 0.0),
        TrendStat::Med => (2, 0.0),
        TrendStat::Max => (3, 0.0),
        TrendStat::Percentile(p, _) => (4, *p),
        TrendStat::Count => (5, 0.0),
    }
}

/// The length of the run, milliseconds: a counter's rate is its count divided by it. 0 if no counter tells.
fn duration_of(metrics: &BTreeMap<String, Metric>) -> f64 {
    metrics
        .values()
        .filter(|metric| metric.kind == MetricKind::Counter)
        .filter_map(|metric| {
            Some(metric.values.get("count")? / metric.values.get("rate")? * 1000.0)
        })
        .find(|ms| ms.is_finite() && *ms > 0.0)
        .unwrap_or_default()
}

impl From<NamedGroup> for Group {
    fn from(group: NamedGroup) -> Self {
        let NamedGroup { name, path, id, groups, checks } = group;
        let groups = groups.into_values().map(Self::from).collect();
        Self { name, path, id, groups, checks: checks.into_values().collect() }
    }
}
