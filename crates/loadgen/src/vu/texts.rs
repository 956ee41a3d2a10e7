//! Texts as numbers, up to a limit.
//!
//! A test over a million distinct URLs must not keep a million of them; those beyond the limit
//! are one, [`OTHER`].

use std::rc::Rc;

use rustc_hash::FxHashMap;

/// What stands for all texts beyond the limit.
pub(crate) const OTHER: &str = "(other)";

/// A text as a number. Has a meaning only beside the [`Texts`] that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TextId(u32);

/// Texts that are told apart.
pub(super) struct Texts {
    ids: FxHashMap<Rc<str>, TextId>,
    by_id: Vec<Rc<str>>,
    limit: usize,
    other: Rc<str>,
}

impl Texts {
    /// Tells up to `limit` texts apart.
    pub(super) fn new(limit: usize) -> Self {
        Self::with_other(limit, OTHER)
    }

    /// The same with another name for what is beyond the limit.
    pub(super) fn with_other(limit: usize, other: &str) -> Self {
        Self { ids: FxHashMap::default(), by_id: Vec::new(), limit, other: other.into() }
    }

    /// The number of a text.
    pub(super) fn id(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        if self.by_id.len() < self.limit { self.insert(text.into()) } else { self.other() }
    }

    /// The number that stands for all texts beyond the limit.
    pub(super) fn other(&mut self) -> TextId {
        match self.ids.get(&self.other) {
            Some(&id) => id,
            None => self.insert(self.other.clone()),
        }
    }

    fn insert(&mut self, text: Rc<str>) -> TextId {
        let id = TextId(self.by_id.len() as u32);
        self.by_id.push(text.clone());
        self.ids.insert(text, id);
        id
    }

    /// The text of a number.
    pub(super) fn text(&self, id: TextId) -> Rc<str> {
        self.by_id[id.0 as usize].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_beyond_the_limit_are_told_apart_no_more() {
        let mut texts = Texts::new(10);
        for number in 0..20 {
            texts.id(&format!("/{number}"));
        }
        let late = texts.id("/15");
        assert_eq!(&*texts.text(late), OTHER);
        assert_eq!(late, texts.id("/yet-another"));
        let early = texts.id("/5");
        assert_eq!(&*texts.text(early), "/5");
        assert_eq!(texts.by_id.len(), 11);
    }
}
