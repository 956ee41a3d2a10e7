//! What a VU does at present: which scenario it serves, and what belongs to that.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Common, scopes::ScopeId};
use crate::{executor::Share, metrics::TagSet};

/// Variables, by name.
pub(crate) type Env = BTreeMap<String, String>;

/// Numbers for the iterations of a scenario, all workers together.
#[derive(Debug)]
pub(crate) struct Numbers {
    next: AtomicU64,
    /// Which of the whole test's numbers are this instance's.
    share: Share,
}

impl Numbers {
    /// From the share's first one.
    pub(crate) fn new(share: Share) -> Self {
        Self { next: AtomicU64::new(0), share }
    }

    pub(super) fn next(&self) -> u64 {
        self.share.global(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// A scenario, as its VUs see it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// The scenario's place in the plan.
    pub scenario: usize,
    /// Its name.
    pub name: Arc<str>,
    /// Which of the workload's functions an iteration runs.
    pub function: usize,
    /// Its own variables.
    pub env: Arc<Env>,
    /// Tags of its samples.
    pub tags: TagSet,
    /// Numbers for its iterations.
    pub numbers: Arc<Numbers>,
}

/// See the module.
pub(crate) struct Duty {
    pub task: Task,
    pub(super) root: ScopeId,
}

impl Duty {
    /// A task, for the VUs of one worker.
    pub(crate) fn new(task: Task, common: &Common) -> Self {
        let root = common.samples().scopes().root(&task.tags);
        Self { task, root }
    }
}
