//! A profile of the target, in words.

use super::{
    html::units,
    model::{Profile, Summary},
};

/// Functions that the line names.
const NAMED: usize = 3;

/// Characters of a name in the line.
const LONGEST_NAME: usize = 60;

/// The hottest functions in one line, if there is a profile.
pub(crate) fn hottest(summary: &Summary) -> Option<String> {
    let profile = summary.loadgen.as_ref()?.profile.as_ref()?;
    let functions = profile.hottest.iter().take(NAMED).map(|function| {
        let name = cut(&function.name, LONGEST_NAME);
        format!("{} {name}", share(profile, function.itself))
    });
    let functions: Vec<_> = functions.collect();
    Some(format!("profile of the target {}: {}", span(profile), functions.join(", ")))
}

/// The part of the run that it is of.
pub(super) fn span(profile: &Profile) -> String {
    let [start, end] = [profile.start, profile.end].map(units::clock);
    format!("from {start} to {end} of the run")
}

/// What was spent in something, as a share of all.
pub(super) fn share(profile: &Profile, value: u64) -> String {
    units::percent(value as f64 / profile.total as f64)
}

/// A name of at most so many characters; of a longer one the beginning, and `…`.
pub(crate) fn cut(name: &str, most: usize) -> String {
    match name.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into(),
    }
}
