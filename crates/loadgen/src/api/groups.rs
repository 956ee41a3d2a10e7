//! Groups and their checks as the API tells them.

use serde::Serialize;

use crate::{control::Snapshot, report::check_tree, summary::model};

/// A group. Its id is the MD5 of its path.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    attributes: Attributes,
    relationships: Relationships,
}

#[derive(Debug, Serialize)]
struct Attributes {
    path: String,
    name: String,
    /// `null` instead of an empty list.
    checks: Option<Vec<Check>>,
}

#[derive(Debug, Serialize)]
struct Check {
    id: String,
    path: String,
    name: String,
    passes: u64,
    fails: u64,
}

#[derive(Debug, Serialize)]
struct Relationships {
    groups: Related<Vec<Link>>,
    parent: Related<Option<Link>>,
}

#[derive(Debug, Serialize)]
struct Related<T> {
    data: T,
}

#[derive(Debug, Serialize)]
struct Link {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

const KIND: &str = "groups";

/// All groups, the root first, parents before children.
pub(super) fn all(snapshot: &Snapshot) -> Vec<Group> {
    let mut groups = Vec::new();
    flatten(check_tree::tree(&snapshot.total), None, &mut groups);
    groups
}

/// The one with this id, if there is one.
pub(super) fn with_id(snapshot: &Snapshot, id: &str) -> Option<Group> {
    all(snapshot).into_iter().find(|group| group.id == id)
}

fn flatten(group: model::Group, parent: Option<&str>, groups: &mut Vec<Group>) {
    let link = |id: &str| Link { kind: KIND, id: id.to_owned() };
    let checks: Vec<_> = group.checks.into_iter().map(Check::from).collect();
    groups.push(Group {
        kind: KIND,
        id: group.id.clone(),
        attributes: Attributes {
            path: group.path,
            name: group.name,
            checks: Some(checks).filter(|checks| !checks.is_empty()),
        },
        relationships: Relationships {
            groups: Related { data: group.groups.iter().map(|child| link(&child.id)).collect() },
            parent: Related { data: parent.map(link) },
        },
    });
    for child in group.groups {
        flatten(child, Some(&group.id), groups);
    }
}

impl From<model::Check> for Check {
    fn from(check: model::Check) -> Self {
        let model::Check { name, path, id, passes, fails } = check;
        Self { id, path, name, passes, fails }
    }
}
