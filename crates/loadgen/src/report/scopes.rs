//! What each group measured by itself, as the `full` look shows it.

use super::assemble::{encode, values};
use crate::{
    engine::Outcome,
    metrics::{Merge as _, Sink, SinkKey, TrendStat},
    summary::model::{Group, Metric, Scope, Scopes},
};

/// The scopes of a run whose checks are `root`.
pub(super) fn scopes(outcome: &Outcome, root: &Group, stats: &[TrendStat]) -> Scopes {
    let groups = root.groups.iter().map(|group| scope(outcome, group, stats)).collect();
    Scopes { groups, scenarios: Vec::new() }
}

fn scope(outcome: &Outcome, group: &Group, stats: &[TrendStat]) -> Scope {
    let mut scope = Scope {
        name: group.name.clone(),
        checks: group.checks.clone(),
        groups: group.groups.iter().map(|inner| scope(outcome, inner, stats)).collect(),
        ..Scope::default()
    };
    let seconds = outcome.duration.as_secs_f64();
    for (key, sink) in outcome.total.sinks.iter().filter(|(_, sink)| !sink.is_empty()) {
        let SinkKey::Group(id, path) = key else { continue };
        if **path != *group.path {
            continue;
        }
        let metric = outcome.registry.metric(*id);
        let values = values(sink, stats, seconds);
        if let Sink::Trend(trend) = sink
            && let Some(histogram) = encode(trend)
        {
            scope.histograms.insert(metric.name.clone(), histogram);
        }
        let (kind, contains) = (metric.kind, metric.contains);
        scope
            .metrics
            .insert(metric.name.clone(), Metric { kind, contains, values, thresholds: None });
    }
    scope
}
