//! Sets of tags as numbers, the same ones on all threads of a run.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::metrics::TagSet;

/// A set of tags, as a number that counts from 0 in order of first use. Equal sets have equal
/// numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagsId(pub(super) u32);

impl TagsId {
    /// The number, to index a table with.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The sets that are in use. Grows when a thread meets a set for the first time, and how many those
/// are is limited by whoever makes tags.
#[derive(Debug, Default)]
pub(super) struct TagTable(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    ids: FxHashMap<TagSet, TagsId>,
    sets: Vec<TagSet>,
    /// All sets, unless there are more by now.
    shared: Arc<[TagSet]>,
}

impl TagTable {
    /// The number of a set.
    pub(super) fn id(&self, tags: &TagSet) -> TagsId {
        let Table { ids, sets, .. } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = TagsId(sets.len() as u32);
        let id = *ids.entry(tags.clone()).or_insert(next);
        if id == next {
            sets.push(tags.clone());
        }
        id
    }

    /// All sets, by their numbers.
    pub(super) fn all(&self) -> Arc<[TagSet]> {
        let Table { sets, shared, .. } =
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.len() < sets.len() {
            *shared = sets.as_slice().into();
        }
        shared.clone()
    }
}
