//! Checks summed up by name, and their totals as metrics.

use std::collections::BTreeMap;

use super::super::model::{Check, Group, Metric};
use crate::metrics::{Contains, MetricKind};

/// All checks of one name.
pub(super) struct Tally<'a> {
    pub(super) name: &'a str,
    pub(super) passes: u64,
    pub(super) fails: u64,
}

/// Checks by name, in order of the first of each.
pub(super) fn of_list<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Vec<Tally<'a>> {
    let mut tallies: Vec<Tally<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for check in checks {
        let place = *places.entry(check.name.as_str()).or_insert(tallies.len());
        if place == tallies.len() {
            tallies.push(Tally { name: &check.name, passes: 0, fails: 0 });
        }
        let tally = &mut tallies[place];
        tally.passes = tally.passes.saturating_add(check.passes);
        tally.fails = tally.fails.saturating_add(check.fails);
    }
    tallies
}

/// Checks of a group and of all groups inside it.
pub(super) fn of_tree(group: &Group) -> Vec<Tally<'_>> {
    of_list(flat(group))
}

fn flat(group: &Group) -> Vec<&Check> {
    group.checks.iter().chain(group.groups.iter().flat_map(flat)).collect()
}

/// `checks_total`, `checks_succeeded` and `checks_failed` over a run of `seconds`.
pub(super) fn totals(tallies: &[Tally<'_>], seconds: f64) -> [(&'static str, Metric); 3] {
    let passes: f64 = tallies.iter().map(|tally| tally.passes as f64).sum();
    let fails: f64 = tallies.iter().map(|tally| tally.fails as f64).sum();
    [
        ("checks_total", counter(passes + fails, seconds)),
        ("checks_succeeded", rate(passes, fails)),
        ("checks_failed", rate(fails, passes)),
    ]
}

fn counter(count: f64, seconds: f64) -> Metric {
    metric(MetricKind::Counter, [("count", count), ("rate", share(count, seconds))])
}

fn rate(passes: f64, fails: f64) -> Metric {
    let rate = share(passes, passes + fails);
    metric(MetricKind::Rate, [("rate", rate), ("passes", passes), ("fails", fails)])
}

/// 0 of nothing is 0.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn metric<const N: usize>(kind: MetricKind, values: [(&str, f64); N]) -> Metric {
    let values = values.map(|(key, value)| (key.to_owned(), value)).into();
    Metric { kind, contains: Contains::Default, values, thresholds: None }
}
