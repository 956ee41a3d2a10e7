//! Values that add up, by key, in order of first use.
//!
//! A worker resolves a key to its place once and then adds by place; whoever merges the workers'
//! values does so by key, because the same key may have another place in each worker.

use std::{hash::Hash, ops};

use rustc_hash::FxHashMap;

/// A value that adds up, can be taken out of one place, and added in another.
pub trait Merge {
    /// What was added, in a form to be sent and kept.
    type Taken;
    /// A value to which nothing was added, fit to take in what was taken.
    fn empty(taken: &Self::Taken) -> Self;
    /// Whether nothing was added.
    fn is_empty(&self) -> bool;
    /// Takes out what was added. Room that it needed stays.
    fn take(&mut self) -> Self::Taken;
    /// Adds what was taken from another one.
    fn merge(&mut self, taken: &Self::Taken);
}

impl Merge for u64 {
    type Taken = Self;

    fn empty(_: &Self) -> Self {
        0
    }

    fn is_empty(&self) -> bool {
        *self == 0
    }

    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn merge(&mut self, taken: &Self) {
        *self += taken;
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
    pub fn take(&mut self) -> Vec<(K, V::Taken)> {
        let changed = self.entries.iter_mut().filter(|(_, value)| !value.is_empty());
        changed.map(|(key, value)| (key.clone(), value.take())).collect()
    }

    /// Adds, by key, what was taken elsewhere.
    pub fn merge<'a>(&mut self, taken: impl IntoIterator<Item = (&'a K, &'a V::Taken)>)
    where
        K: 'a,
        V::Taken: 'a,
    {
        for (key, taken) in taken {
            let place = self.place(key, || V::empty(taken));
            self.entries[place].1.merge(taken);
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
