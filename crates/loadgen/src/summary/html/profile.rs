//! The profile of the target: its hottest functions, and who called them.

use super::{tables::sort_key, units};
use crate::{
    metrics::OTHER,
    summary::{
        chart::{Flame, FlameGraph, Svg},
        model::{Call, Extras, HotFunction, Profile},
        profile::{share, span},
    },
};

/// With fewer samples than this, shares say little.
const FEW_SAMPLES: u64 = 200;

/// The section.
pub(in crate::summary) struct ProfileSection<'a> {
    pub(in crate::summary) url: &'a str,
    /// What is shown.
    pub(in crate::summary) facts: String,
    pub(in crate::summary) is_rough: bool,
    pub(in crate::summary) flames: Svg,
    pub(in crate::summary) hottest: Vec<HotRow<'a>>,
}

/// A function, with its shares and what to sort them by.
pub(in crate::summary) struct HotRow<'a> {
    pub(in crate::summary) name: &'a str,
    pub(in crate::summary) shares: [(String, String); 2],
}

/// `None` if the target was not asked, or did not tell.
pub(in crate::summary) fn profile(extras: &Extras) -> Option<ProfileSection<'_>> {
    let profile = extras.profile.as_ref()?;
    let hottest = profile.hottest.iter().map(|HotFunction { name, itself, total }| {
        let shares = [*itself, *total].map(|it| (share(profile, it), sort_key(it as f64)));
        HotRow { name, shares }
    });
    Some(ProfileSection {
        url: &profile.url,
        facts: facts(profile),
        is_rough: profile.samples.is_some_and(|samples| samples < FEW_SAMPLES),
        flames: flames(profile),
        hottest: hottest.collect(),
    })
}

/// What was counted, how much of it there was, and when.
fn facts(profile: &Profile) -> String {
    let total = profile.total as f64;
    let total = match profile.unit.as_str() {
        "nanoseconds" => units::duration(total / 1e6),
        "count" => units::number(total),
        unit => format!("{} {unit}", units::number(total)),
    };
    let what = match profile.kind.as_str() {
        "cpu" => "CPU time",
        kind => kind,
    };
    let samples = profile.samples.map(|samples| units::number(samples as f64));
    let samples =
        samples.map_or_else(String::new, |samples| format!(", seen in {samples} samples"));
    format!("{total} of {what} {}{samples}", span(profile))
}

fn flames(profile: &Profile) -> Svg {
    let calls = profile.calls.iter().map(|Call { depth, name, value }| Flame {
        depth: *depth,
        name,
        detail: share(profile, *value),
        value: *value as f64,
        is_rest: name == OTHER,
    });
    let hottest = profile.hottest.iter().take(3);
    let hottest = hottest.map(|it| format!("{} itself {}", it.name, share(profile, it.itself)));
    FlameGraph {
        id: "flames",
        title: "Flame graph",
        description: &hottest.collect::<Vec<_>>().join("; "),
        total: profile.total as f64,
        calls: &calls.collect::<Vec<_>>(),
    }
    .svg()
}
