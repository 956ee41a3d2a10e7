//! Checks, in the tree of their groups.

use crate::summary::{
    html::{outcome, units},
    model::{Check, Group},
};

/// How deep groups are indented.
const MAX_DEPTH: usize = 8;

/// A group with the checks of its own.
pub(in crate::summary) struct GroupTable<'a> {
    /// Its own name.
    pub(in crate::summary) name: &'a str,
    /// Whether it has a row of its own: the root has none.
    pub(in crate::summary) is_named: bool,
    /// 0 for the root; groups that lie deeper than the page can show lie as deep as it can.
    pub(in crate::summary) depth: usize,
    /// Of its own checks and those of the groups inside.
    pub(in crate::summary) passes: String,
    pub(in crate::summary) fails: String,
    pub(in crate::summary) ok: bool,
    pub(in crate::summary) checks: Vec<CheckRow<'a>>,
}

pub(in crate::summary) struct CheckRow<'a> {
    pub(in crate::summary) name: &'a str,
    pub(in crate::summary) ok: bool,
    pub(in crate::summary) rate: String,
    pub(in crate::summary) passes: String,
    pub(in crate::summary) fails: String,
}

/// The tree of groups, parents first; empty if there are neither groups nor checks.
pub(in crate::summary) fn groups(root: &Group) -> Vec<GroupTable<'_>> {
    let mut tables = Vec::new();
    if !root.checks.is_empty() || !root.groups.is_empty() {
        collect_groups(root, 0, &mut tables);
    }
    tables
}

fn collect_groups<'a>(group: &'a Group, depth: usize, tables: &mut Vec<GroupTable<'a>>) {
    let (mut passes, mut fails) = (0, 0);
    outcome::walk(group, &mut |_, check: &Check| {
        passes += check.passes;
        fails += check.fails;
    });
    tables.push(GroupTable {
        name: &group.name,
        is_named: depth > 0,
        depth: depth.min(MAX_DEPTH),
        passes: units::number(passes as f64),
        fails: units::number(fails as f64),
        ok: fails == 0,
        checks: group.checks.iter().map(check_row).collect(),
    });
    for inner in &group.groups {
        collect_groups(inner, depth + 1, tables);
    }
}

fn check_row(check: &Check) -> CheckRow<'_> {
    CheckRow {
        name: &check.name,
        ok: check.fails == 0,
        rate: units::percent(check.passes as f64 / (check.passes + check.fails) as f64),
        passes: units::number(check.passes as f64),
        fails: units::number(check.fails as f64),
    }
}
