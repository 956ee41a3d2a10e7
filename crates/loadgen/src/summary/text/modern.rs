//! k6's look since 1.2: thresholds, total results, and in full mode each group and scenario.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    super::{
        collate,
        model::{Group, Metric, Scope, Scopes, Summary},
    },
    Paint,
    columns::{Columns, Row, Style},
    failures, mark,
    subject::Subject,
    tally::{self, Tally},
    thresholds,
};

pub(super) fn render(summary: &Summary, style: &Style<'_>, full: bool) -> String {
    let mut page = Page {
        style,
        full,
        seconds: summary.state.test_run_duration_ms / 1000.0,
        text: String::new(),
    };
    thresholds::push(&mut page, summary);

    page.title(0, "█", "TOTAL RESULTS");
    page.results(1, &summary.metrics, &tally::of_tree(&summary.root_group));
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
    pub(super) full: bool,
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
        self.results(depth, &scope.metrics, &tally::of_list(&scope.checks));
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
        let totals = tally::totals(checks, self.seconds);
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

    /// Metrics below the titles of their subjects, all in the same columns.
    fn metrics(&mut self, depth: usize, metrics: &BTreeMap<String, Metric>) {
        let mut shown: Vec<_> = metrics
            .iter()
            .filter_map(|(name, metric)| Some((Subject::of(name, self.full)?, name, metric)))
            .collect();
        shown.sort_by_cached_key(|(subject, name, _)| (*subject, collate::Key::new(name)));
        let rows: Vec<_> = shown
            .iter()
            .map(|(subject, name, metric)| (*subject, Row::new(name, metric, self.style)))
            .collect();
        let columns = Columns::of(rows.iter().map(|(_, row)| row));
        for block in rows.chunk_by(|(one, _), (next, _)| one == next) {
            self.item(depth, &self.style.paint.apply(Paint::BOLD, block[0].0.title()));
            for (_, row) in block {
                let below = if row.submetric { "  " } else { "" };
                self.item(depth, &format!("{below}{}", columns.line(row, self.style)));
            }
            self.feed();
        }
    }
}

fn indent(depth: usize) -> String {
    " ".repeat(2 * (depth + 1))
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
