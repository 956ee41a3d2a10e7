//! Which of several layers decides.

use super::{Options, table::ROWS};

impl Options {
    /// These options, and from `weaker` what they do not set.
    ///
    /// k6's rule for what the load is: options that set one of `duration`, `iterations`, `stages`
    /// and `scenarios` take none of the four from weaker ones, so that no half of one load mixes
    /// with half of another. `vus` is not among them.
    #[must_use]
    pub fn over(mut self, mut weaker: Self) -> Self {
        if self.sets_load() {
            (weaker.duration, weaker.iterations) = (None, None);
            (weaker.stages, weaker.scenarios) = (None, None);
        }
        for access in ROWS.iter().filter_map(|row| row.access.as_ref()) {
            (access.fill)(&mut self, &weaker);
        }
        self
    }

    /// Whether they say what the load is.
    pub(crate) fn sets_load(&self) -> bool {
        self.duration.is_some()
            || self.iterations.is_some()
            || self.stages.is_some()
            || self.scenarios.is_some()
    }
}
