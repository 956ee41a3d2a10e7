//! k6's look since 1.2: thresholds, total results, and in full mode each group and scenario.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    super::{
        collate,
        model::{Check, Group, Metric, Scope, Scopes, Summary},
    },
    Paint,
    columns::{Columns, Row, Style},
    failures, mark, thresholds,
};
use crate::metrics::{Contains, MetricKind};

/// Titles in order of print, and the first letters of the names below them. A metric goes where
/// the first prefix fits in order of [`Subject::of`].
const SUBJECTS: [&str; 8] =
    ["CUSTOM", "HTTP", "EXECUTION", "NETWORK", "BROWSER", "WEB_VITALS", "GRPC", "WEBSOCKET"];

/// The parts of a request's time, shown in full mode only.
const HTTP_DETAILS: [&str; 6] = [
    "http_req_blocked",
    "http_req_connecting",
    "http_req_receiving",
    "http_req_sending",
    "http_req_tls_handshaking",
    "http_req_waiting",
];

pub(super) fn render(summary: &Summary, style: &Style<'_>, full: bool) -> String {
    let mut page = Page { style, full, seconds: summary.state.test_run_duration_ms / 1000.0, text: String::new() };
    thresholds::push(&mut page, summary);

    page.title(0, "█", "TOTAL RESULTS");
    page.results(1, &summary.metrics, &tallies(all_checks(&summary.root_group)));
    page.feed();

    if full {
        let scopes = scopes(summary);
        for group in &scopes.groups {
            page.section("GROUP", group);
        }
        let mut scenarios: Vec<_> = scopes.scenarios.iter().collect();
        scenarios.sort_by_cached_key(|scenario| collate::Key::new(&scenario.name));
        for scenario in scenarios {
            page.section("SCENARIO", scenario);
        }
    }
    page.text
}

/// Text that grows by items, each on a new line, and by empty lines.
pub(super) struct Page<'a> {
    pub(super) style: &'a Style<'a>,
    full: bool,
    /// Length of the run.
    seconds: f64,
    text: String,
}

impl Page<'_> {
    /// An item at the indentation of `depth`.
    pub(super) fn item(&mut self, depth: usize, item: &str) {
        self.text += &format!("\n{}{item}", indent(depth));
    }

    /// Ends a block.
    pub(super) fn feed(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn title(&mut self, depth: usize, bullet: &str, title: &str) {
        let title = self.style.paint.apply(Paint::BOLD, title);
        self.item(depth, &format!("{bullet} {title} \n"));
    }

    fn section(&mut self, kind: &str, scope: &Scope) {
        self.title(0, "█", &format!("{kind}: {}", scope.name));
        self.scope(1, scope);
        self.feed();
    }

    fn scope(&mut self, depth: usize, scope: &Scope) {
        self.results(depth, &scope.metrics, &tallies(scope.checks.iter().collect()));
        for group in &scope.groups {
            self.title(depth, "↳", &format!("GROUP: {}", group.name));
            self.scope(depth + 1, group);
        }
    }

    fn results(&mut self, depth: usize, metrics: &BTreeMap<String, Metric>, checks: &[Tally<'_>]) {
        if !checks.is_empty() {
            self.check_totals(depth, checks);
            self.feed();
            checks.iter().for_each(|check| self.check(depth, check));
            self.feed();
        }
        self.metrics(depth, metrics);
    }

    fn check_totals(&mut self, depth: usize, checks: &[Tally<'_>]) {
        let passes: f64 = checks.iter().map(|check| check.passes as f64).sum();
        let fails: f64 = checks.iter().map(|check| check.fails as f64).sum();
        let totals = [
            ("checks_total", counter(passes + fails, self.seconds)),
            ("checks_succeeded", rate(passes, fails)),
            ("checks_failed", rate(fails, passes)),
        ];
        let rows = totals.map(|(name, metric)| Row::new(name, &metric, self.style));
        let columns = Columns::of(&rows);
        rows.iter().for_each(|row| self.item(depth, &columns.line(row, self.style)));
    }

    fn check(&mut self, depth: usize, check: &Tally<'_>) {
        let ok = check.fails == 0;
        let paint = self.style.paint;
        self.item(depth, &paint.verdict(ok, &format!("{} {}", mark(ok), check.name)));
        if !ok {
            let detail = format!("↳  {}", failures(check.passes, check.fails));
            // k6 counts the indentation twice, so that it grows faster than the check's own.
            self.item(2 * depth, &paint.verdict(ok, &detail));
        }
    }

    fn metrics(&mut self, depth: usize, metrics: &BTreeMap<String, Metric>) {
        let mut shown: Vec<_> = metrics
            .iter()
            .filter_map(|(name, metric)| Some((subject(name, self.full)?, name, metric)))
            .collect();
        shown.sort_by_cached_key(|(subject, name, _)| (*subject, collate::Key::new(name)));
        let rows: Vec<_> =
            shown.iter().map(|(_, name, metric)| Row::new(name, metric, self.style)).collect();
        let columns = Columns::of(&rows);
        let mut last = None;
        for (row, (subject, ..)) in rows.iter().zip(&shown) {
            if last != Some(*subject) {
                if last.is_some() {
                    self.feed();
                }
                self.item(depth, &self.style.paint.apply(Paint::BOLD, SUBJECTS[*subject]));
                last = Some(*subject);
            }
            let below = if row.submetric { "  " } else { "" };
            self.item(depth, &format!("{below}{}", columns.line(row, self.style)));
        }
        if last.is_some() {
            self.feed();
        }
    }
}

fn indent(depth: usize) -> String {
    " ".repeat(2 * (depth + 1))
}

/// Where a metric is shown, as a place in [`SUBJECTS`]; `None` if nowhere. k6 goes by the
/// beginning of the name alone, so that a user's own metric can be anywhere.
fn subject(name: &str, full: bool) -> Option<usize> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins(&["checks", "group_duration"]) || !full && begins(&HTTP_DETAILS) {
        None
    } else if begins(&["http_reqs", "http_req_failed", "http_req_duration"]) || begins(&HTTP_DETAILS) {
        Some(1)
    } else if begins(&["vus", "iterations", "iteration_duration", "dropped_iterations"]) {
        Some(2)
    } else if begins(&["data_sent", "data_received"]) {
        Some(3)
    } else if begins(&["browser_web_vital_"]) {
        Some(5)
    } else if begins(&["browser_"]) {
        Some(4)
    } else if begins(&["grpc_"]) {
        Some(6)
    } else if begins(&["ws_"]) {
        Some(7)
    } else {
        Some(0)
    }
}

/// A check, summed up by name.
struct Tally<'a> {
    name: &'a str,
    passes: u64,
    fails: u64,
}

/// Checks by name, in order of their first.
fn tallies(checks: Vec<&Check>) -> Vec<Tally<'_>> {
    let mut tallies: Vec<Tally<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for check in checks {
        let place = *places.entry(check.name.as_str()).or_insert(tallies.len());
        if place == tallies.len() {
            tallies.push(Tally { name: &check.name, passes: 0, fails: 0 });
        }
        tallies[place].passes = tallies[place].passes.saturating_add(check.passes);
        tallies[place].fails = tallies[place].fails.saturating_add(check.fails);
    }
    tallies
}

/// Checks of a group, then those of its subgroups.
fn all_checks(group: &Group) -> Vec<&Check> {
    group.checks.iter().chain(group.groups.iter().flat_map(all_checks)).collect()
}

/// The stored scopes; from k6's own files, which have none, the groups with their checks.
fn scopes(summary: &Summary) -> Cow<'_, Scopes> {
    match &summary.loadgen {
        Some(extras) => Cow::Borrowed(&extras.scopes),
        None => Cow::Owned(Scopes {
            groups: summary.root_group.groups.iter().map(checks_only).collect(),
            scenarios: Vec::new(),
        }),
    }
}

fn checks_only(group: &Group) -> Scope {
    Scope {
        name: group.name.clone(),
        checks: group.checks.clone(),
        groups: group.groups.iter().map(checks_only).collect(),
        ..Scope::default()
    }
}

fn counter(count: f64, seconds: f64) -> Metric {
    let rate = if seconds > 0.0 { count / seconds } else { 0.0 };
    metric(MetricKind::Counter, [("count", count), ("rate", rate)])
}

fn rate(passes: f64, fails: f64) -> Metric {
    let total = passes + fails;
    let rate = if total > 0.0 { passes / total } else { 0.0 };
    metric(MetricKind::Rate, [("rate", rate), ("passes", passes), ("fails", fails)])
}

fn metric<const N: usize>(kind: MetricKind, values: [(&str, f64); N]) -> Metric {
    let values = values.map(|(key, value)| (key.to_owned(), value)).into();
    Metric { kind, contains: Contains::Default, values, thresholds: None }
}
