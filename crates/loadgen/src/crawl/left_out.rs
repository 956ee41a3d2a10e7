//! Links that are not followed, by the reason: none is lost silently.

use std::fmt;

/// Why a link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It leads to another host.
    OtherHost,
    /// It is excluded, or not included.
    Pattern,
    /// robots.txt does not want it.
    Robots,
    /// As many paths as allowed are known.
    Pages,
    /// It is too many links away from the start.
    Depth,
    /// As many queries of its path as allowed are known.
    Queries,
    /// Its path is too long to be meant.
    Length,
}

const REASONS: [Reason; 7] = [
    Reason::OtherHost,
    Reason::Pattern,
    Reason::Robots,
    Reason::Pages,
    Reason::Depth,
    Reason::Queries,
    Reason::Length,
];

/// How many links were not followed. A link counts each time it is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut([u64; REASONS.len()]);

impl LeftOut {
    pub(super) fn count(&mut self, reason: Reason) {
        self.add(reason, 1);
    }

    pub(super) fn add(&mut self, reason: Reason, links: u64) {
        self.0[reason as usize] += links;
    }

    /// How many for this reason.
    pub fn of(&self, reason: Reason) -> u64 {
        self.0[reason as usize]
    }
}

/// As in `12 to other hosts, 3 by robots.txt`; empty if there are none.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = REASONS.into_iter().filter(|reason| self.of(*reason) > 0);
        for (place, reason) in found.enumerate() {
            let separator = if place > 0 { ", " } else { "" };
            write!(f, "{separator}{} {reason}", self.of(reason))?;
        }
        Ok(())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherHost => "to other hosts (--alias takes one for this site)",
            Self::Pattern => "by --include and --exclude",
            Self::Robots => "by robots.txt (--ignore-robots visits them)",
            Self::Pages => "by --max-pages",
            Self::Depth => "by --max-depth",
            Self::Queries => "by --max-queries",
            Self::Length => "longer than 2048 bytes",
        })
    }
}
