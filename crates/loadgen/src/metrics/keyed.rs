//! Values that add up, by key, in order of first use.
//!
//! A worker resolves a key to its place once and then adds by place; whoever merges the workers'
//! values does so by key, because the same key may have another place in each worker.

use std::{hash::Hash, ops};

use rustc_hash::FxHashMap;

/// A value that adds up.
pub trait Merge {
    /// A value of the same shape to which nothing was added.
    fn empty(&self) -> Self;
    /// Whether nothing was added.
    fn is_empty(&self) -> bool;
    /// Adds all that was added to `other`.
    fn merge(&mut self, other: &Self);
}

impl Merge for u64 {
    fn empty(&self) -> Self {
        0
    }

    fn is_empty(&self) -> bool {
        *self == 0
    }

    fn merge(&mut self, other: &Self) {
        *self += other;
    }
}

/// Values by key and by place.
#[derive(Debug, Clone)]
pub struct Keyed<K, V> {
    entries: Vec<(K, V)>,
    places: FxHashMap<K, usize>,
}

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), places: FxHashMap::default() }
    }
}

impl<K: Clone + Eq + Hash, V: Merge> Keyed<K, V> {
    /// The place of a key; a new one starts with the value that `new` gives.
    pub fn place(&mut self, key: &K, new: impl FnOnce() -> V) -> usize {
        if let Some(&place) = self.places.get(key) {
            return place;
        }
        let place = self.entries.len();
        self.entries.push((key.clone(), new()));
        self.places.insert(key.clone(), place);
        place
    }

    /// Whether the key has a place, or would be among the first `limit`.
    pub fn has_room(&self, key: &K, limit: usize) -> bool {
        self.entries.len() < limit || self.places.contains_key(key)
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.places.get(key).map(|&place| &self.entries[place].1)
    }

    /// The key of a place.
    pub fn key(&self, place: usize) -> &K {
        &self.entries[place].0
    }

    /// Keys and values, in order of first use.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Takes out what was added since the last time. Places stay as they are.
    pub fn take(&mut self) -> Vec<(K, V)> {
        let changed = self.entries.iter_mut().filter(|(_, value)| !value.is_empty());
        let taken = changed.map(|(key, value)| {
            let empty = value.empty();
            (key.clone(), std::mem::replace(value, empty))
        });
        taken.collect()
    }

    /// Adds values by key.
    pub fn merge<'a>(&mut self, values: impl IntoIterator<Item = (&'a K, &'a V)>)
    where
        K: 'a,
        V: 'a,
    {
        for (key, value) in values {
            let place = self.place(key, || value.empty());
            self.entries[place].1.merge(value);
        }
    }
}

impl<K, V> ops::Index<usize> for Keyed<K, V> {
    type Output = V;

    fn index(&self, place: usize) -> &V {
        &self.entries[place].1
    }
}

impl<K, V> ops::IndexMut<usize> for Keyed<K, V> {
    fn index_mut(&mut self, place: usize) -> &mut V {
        &mut self.entries[place].1
    }
}
