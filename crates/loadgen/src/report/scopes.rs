//! What each group and each scenario measured by itself, as the `full` look shows it.
//!
//! The groups of the scenario named `default` are the test's; any other scenario is shown by
//! itself, with its groups inside.

use std::collections::BTreeSet;

use super::{
    assemble::{encode, values},
    check_tree::tree_of,
};
use crate::{
    engine::Outcome,
    metrics::{Merge as _, Part, Sink, SinkKey, TrendStat},
    summary::model::{Check, Group, Metric, Scope, Scopes},
};

/// The scopes of a run.
pub(super) fn scopes(outcome: &Outcome, stats: &[TrendStat]) -> Scopes {
    let scenarios: BTreeSet<&str> = parts(outcome).map(|part| &*part.scenario).collect();
    let named = scenarios.into_iter().filter(|scenario| !scenario.is_empty());
    let of_scenario = |scenario: &str| {
        let groups = groups(outcome, scenario);
        Scope {
            name: scenario.into(),
            checks: all_checks(&groups),
            ..scope(outcome, scenario, &groups, stats)
        }
    };
    Scopes {
        groups: scope(outcome, "", &groups(outcome, ""), stats).groups,
        scenarios: named.map(of_scenario).collect(),
    }
}

fn parts(outcome: &Outcome) -> impl Iterator<Item = &Part> {
    outcome.total.sinks.iter().filter_map(|(key, _)| match key {
        SinkKey::Part(_, part) => Some(part),
        _ => None,
    })
}

/// The tree of a scenario's groups, with its checks.
fn groups(outcome: &Outcome, scenario: &str) -> Group {
    tree_of(&outcome.total, |name| name == scenario)
}

/// A group's checks and those of the groups in it.
fn all_checks(group: &Group) -> Vec<Check> {
    let inner = group.groups.iter().flat_map(all_checks);
    group.checks.iter().cloned().chain(inner).collect()
}

fn scope(outcome: &Outcome, scenario: &str, group: &Group, stats: &[TrendStat]) -> Scope {
    let inner = group.groups.iter().map(|inner| scope(outcome, scenario, inner, stats));
    let mut scope = Scope {
        name: group.name.clone(),
        checks: group.checks.clone(),
        groups: inner.collect(),
        ..Scope::default()
    };
    let seconds = outcome.measured.as_secs_f64();
    let part = Part { scenario: scenario.into(), group: group.path.as_str().into() };
    for (id, metric) in outcome.registry.metrics() {
        let sink = outcome.total.sinks.get(&SinkKey::Part(id, part.clone()));
        let Some(sink) = sink.filter(|sink| !sink.is_empty()) else { continue };
        let values = values(sink, stats, seconds);
        if let Sink::Trend(trend) = sink {
            scope.histograms.insert(metric.name.clone(), encode(trend));
        }
        let (kind, contains) = (metric.kind, metric.contains);
        scope
            .metrics
            .insert(metric.name.clone(), Metric { kind, contains, values, thresholds: None });
    }
    scope
}
