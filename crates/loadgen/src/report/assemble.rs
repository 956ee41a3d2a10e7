//! From what a run gathered to its summary.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use indexmap::IndexMap;

use super::{Reporter, RunError, check_tree, phases, requests, scopes, warnings};
use crate::{
    engine::Outcome,
    executor::Scenario,
    host,
    metrics::{Merge as _, MetricDef, Registry, Sink, SinkKey, Trend, TrendStat},
    options::{Options, TimeUnit},
    plan::Plan,
    summary::model::{
        DisplayOptions, Extras, GeneratorFacts, Metric, ScenarioFacts, Scopes, State, Summary,
        Verdict,
    },
    thresholds::{Statistic, ThresholdResult},
};

/// The summary of a run.
pub(super) fn summary(outcome: &Outcome, reporter: &Reporter) -> Summary {
    let options = &reporter.options;
    let stats = options.summary_trend_stats.clone().unwrap_or_else(TrendStat::defaults);
    let root_group = check_tree::tree(&outcome.total);
    let extras = Extras { scopes: scopes::scopes(outcome, &stats), ..extras(outcome, reporter) };
    Summary {
        options: DisplayOptions {
            summary_trend_stats: stats.iter().map(TrendStat::to_string).collect(),
            summary_time_unit: options.summary_time_unit.map_or("", TimeUnit::as_str).into(),
            no_color: false,
        },
        state: State {
            is_stdout_tty: false,
            is_stderr_tty: false,
            test_run_duration_ms: outcome.duration.as_secs_f64() * 1e3,
        },
        metrics: metrics(outcome, &outcome.thresholds, &stats),
        root_group,
        setup_data: outcome.setup_data.as_deref().cloned(),
        loadgen: Some(extras),
    }
}

/// Metrics and submetrics that have a sample, those with thresholds, and the parents of those.
fn metrics(
    outcome: &Outcome,
    thresholds: &[ThresholdResult],
    stats: &[TrendStat],
) -> BTreeMap<String, Metric> {
    let mut verdicts: IndexMap<&str, IndexMap<String, Verdict>> = IndexMap::new();
    for ThresholdResult { metric, threshold, ok, .. } in thresholds {
        verdicts.entry(metric).or_default().insert(threshold.clone(), Verdict { ok: *ok });
    }
    let is_parent = |name: &str| {
        let mut metrics = verdicts.keys().filter_map(|metric| metric.split_once('{'));
        metrics.any(|(parent, _)| parent == name)
    };
    let mut shown = BTreeMap::new();
    for (key, name, metric) in named(&outcome.registry) {
        let sink = outcome.total.sinks.get(&key).filter(|sink| !sink.is_empty());
        let thresholds = verdicts.get(name).cloned();
        if sink.is_some() || thresholds.is_some() || is_parent(name) {
            let empty = Sink::new(metric.kind);
            let values = values(sink.unwrap_or(&empty), stats, outcome.measured.as_secs_f64());
            let MetricDef { kind, contains, .. } = *metric;
            shown.insert(name.to_owned(), Metric { kind, contains, values, thresholds });
        }
    }
    shown
}

/// Every metric and submetric with its name, and what the metric is.
fn named(registry: &Registry) -> impl Iterator<Item = (SinkKey, &str, &MetricDef)> {
    let metrics = registry.metrics().map(|(id, def)| (SinkKey::Metric(id), &*def.name, def));
    let submetrics = registry
        .submetrics()
        .map(|(id, sub)| (SinkKey::Submetric(id), &*sub.name, registry.metric(sub.parent)));
    metrics.chain(submetrics)
}

/// What k6 stores of a metric; zeros for one without samples.
pub(super) fn values(sink: &Sink, stats: &[TrendStat], seconds: f64) -> BTreeMap<String, f64> {
    let named = |values: &[(&str, f64)]| {
        values.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
    };
    match sink {
        Sink::Counter { sum, .. } => named(&[("count", *sum), ("rate", rate(sink, seconds))]),
        Sink::Gauge { samples: 0, .. } => named(&[("value", 0.0), ("min", 0.0), ("max", 0.0)]),
        Sink::Gauge { last, min, max, .. } => {
            named(&[("value", *last), ("min", *min), ("max", *max)])
        }
        Sink::Rate { trues, total } => named(&[
            ("rate", rate(sink, seconds)),
            ("passes", *trues as f64),
            ("fails", (total - trues) as f64),
        ]),
        Sink::Trend(trend) => {
            stats.iter().map(|stat| (stat.to_string(), trend.stat(stat))).collect()
        }
    }
}

/// The sum for each second, or the share; 0 of nothing.
pub(super) fn rate(sink: &Sink, seconds: f64) -> f64 {
    Statistic::Rate.of(sink, seconds).unwrap_or(0.0)
}

fn extras(outcome: &Outcome, reporter: &Reporter) -> Extras {
    let Reporter { plan, target, options, command, warnings, started } = reporter;
    // What is said of the whole cannot be said yet.
    let found = match outcome.running {
        true => Vec::new(),
        false => warnings::warnings(outcome, plan, target.is_in_process()),
    };
    Extras {
        running: outcome.running,
        version: env!("CARGO_PKG_VERSION").into(),
        started: started.to_string(),
        command: command.clone(),
        target: target.name().into(),
        scenarios: plan.scenarios.iter().map(|scenario| scenario_facts(scenario, plan)).collect(),
        iterations_complete: outcome.complete,
        iterations_interrupted: outcome.interrupted,
        host: host::facts(),
        generator: GeneratorFacts {
            workers: plan.workers as u64,
            cpu_seconds: outcome.cpu.as_secs_f64(),
            busiest_worker: outcome.share(outcome.busiest_worker.running),
            peak_memory_bytes: host::peak_memory_bytes().unwrap_or(0),
        },
        error: RunError::of(outcome).map(|error| error.to_string()),
        warnings: [&**warnings, &found].concat(),
        thresholds: outcome.thresholds.clone(),
        warmup_seconds: plan.warmup,
        requests: requests::counts(outcome),
        slowest: requests::slowest(outcome),
        rows: outcome.rows.clone(),
        phases: phases::phases(outcome, plan),
        histograms: histograms(outcome),
        scopes: Scopes::default(),
        profile: None,
        options: set_options(options),
    }
}

fn scenario_facts(scenario: &Scenario, plan: &Plan) -> ScenarioFacts {
    ScenarioFacts {
        name: scenario.name.clone(),
        executor: scenario.executor.name().into(),
        description: scenario.describe(&plan.share),
    }
}

/// The distribution of each trend, as every HDR tool reads it.
fn histograms(outcome: &Outcome) -> BTreeMap<String, String> {
    let trends = named(&outcome.registry).filter_map(|(key, name, _)| {
        match outcome.total.sinks.get(&key)? {
            Sink::Trend(trend) if trend.count() > 0 => Some((name.to_owned(), encode(trend))),
            _ => None,
        }
    });
    trends.collect()
}

pub(super) fn encode(trend: &Trend) -> String {
    BASE64_STANDARD.encode(trend.encoded())
}

/// The options that were set, but for those with addresses of other servers, which may hold passwords.
fn set_options(options: &Options) -> serde_json::Value {
    let is_told = |key: &str| !matches!(key, "out" | "collectors" | "profileTarget");
    let set = options.to_json().into_iter().filter(|(_, value)| !value.is_null());
    set.filter(|(key, _)| is_told(key)).collect()
}

#[cfg(test)]
mod tests;
