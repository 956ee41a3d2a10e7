//! From checks and the paths of their groups to k6's tree of groups.

use md5::{Digest as _, Md5};

use crate::{
    metrics::{CheckCount, CheckKey, SinkKey, Tally},
    summary::model::{Check, Group},
};

/// What separates the names in a path.
const SEPARATOR: &str = "::";

/// The tree of all groups and checks that `total` has seen, in the order in which they came.
pub(crate) fn tree(total: &Tally) -> Group {
    tree_of(total, |_| true)
}

/// The same of the scenarios whose names, as a [`Part`](crate::metrics::Part) has them, are wanted.
pub(super) fn tree_of(total: &Tally, is_wanted: impl Fn(&str) -> bool) -> Group {
    let mut root = group("", "");
    for (key, _) in total.sinks.iter() {
        if let SinkKey::Part(_, part) = key
            && is_wanted(&part.scenario)
        {
            at(&mut root, &part.group);
        }
    }
    for (key, count) in total.checks.iter().filter(|(key, _)| is_wanted(&key.scenario)) {
        add_check(at(&mut root, &key.group), key, *count);
    }
    root
}

/// Adds to the check of that name, which other scenarios may have, too.
fn add_check(group: &mut Group, key: &CheckKey, count: CheckCount) {
    let path = format!("{}{SEPARATOR}{}", key.group, key.name);
    let place = group.checks.iter().position(|check| check.path == path);
    let place = place.unwrap_or_else(|| {
        let (name, id) = (key.name.to_string(), id(&path));
        group.checks.push(Check { name, id, path, passes: 0, fails: 0 });
        group.checks.len() - 1
    });
    let check = &mut group.checks[place];
    check.passes += count.passes;
    check.fails += count.fails;
}

/// The group at a path, which is made if it is not there.
fn at<'a>(root: &'a mut Group, path: &str) -> &'a mut Group {
    path.split(SEPARATOR).skip(1).fold(root, |parent, name| {
        let place = parent.groups.iter().position(|child| child.name == name);
        let place = place.unwrap_or_else(|| {
            let path = format!("{}{SEPARATOR}{name}", parent.path);
            parent.groups.push(group(name, &path));
            parent.groups.len() - 1
        });
        &mut parent.groups[place]
    })
}

fn group(name: &str, path: &str) -> Group {
    Group {
        name: name.into(),
        path: path.into(),
        id: id(path),
        groups: Vec::new(),
        checks: Vec::new(),
    }
}

/// k6's ids: the MD5 of the path.
fn id(path: &str) -> String {
    Md5::digest(path).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{CheckCount, CheckKey, MetricKind, Part, Sink, builtin};

    #[test]
    fn groups_nest_and_keep_their_order() {
        let key = |group: &str, name: &str| CheckKey {
            scenario: "".into(),
            group: group.into(),
            name: name.into(),
        };
        let checks = [
            (key("::b::c", "deep"), CheckCount { passes: 1, fails: 0 }),
            (key("", "flat"), CheckCount { passes: 2, fails: 3 }),
            (key("::a", "late"), CheckCount::default()),
        ];
        let mut total = Tally::default();
        let key = SinkKey::Part(
            builtin::GROUP_DURATION,
            Part { scenario: "".into(), group: "::b".into() },
        );
        total.sinks.place(&key, || Sink::new(MetricKind::Trend));
        total.checks.merge(checks.iter().map(|(key, count)| (key, count)));
        let root = tree(&total);
        assert_eq!(root.id, "d41d8cd98f00b204e9800998ecf8427e");
        let names: Vec<_> = root.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
        let deep = &root.groups[0].groups[0];
        assert_eq!((deep.path.as_str(), deep.checks[0].path.as_str()), ("::b::c", "::b::c::deep"));
        assert_eq!((root.checks[0].path.as_str(), root.checks[0].fails), ("::flat", 3));
    }
}
