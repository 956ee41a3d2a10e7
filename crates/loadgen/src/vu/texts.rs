//! Texts as numbers, up to a limit.
//!
//! A test over a million distinct URLs must not keep a million of them; those beyond the limit
//! are one, [`OTHER`].

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::metrics::OTHER;

/// A text as a number. Has a meaning only beside the [`Texts`] that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TextId(u32);

/// Texts that are told apart.
pub(super) struct Texts {
    ids: FxHashMap<Rc<str>, TextId>,
    by_id: Vec<Rc<str>>,
    /// How many of them are kept whatever comes.
    kept: usize,
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
        let (ids, by_id, other) = (FxHashMap::default(), Vec::new(), other.into());
        Self { ids, by_id, kept: 0, limit, other }
    }

    /// Tells this text apart even where others are not any more. To be called before any other
    /// text is asked for.
    pub(super) fn keep(&mut self, text: &str) {
        if !self.ids.contains_key(text) {
            self.insert(text.into());
        }
        self.kept = self.by_id.len();
    }

    /// The number itself, if its text is to be kept; else the one that stands for all others.
    pub(super) fn unless_kept(&mut self, id: TextId) -> TextId {
        if (id.0 as usize) < self.kept { id } else { self.other() }
    }

    /// The number of a text.
    pub(super) fn id(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        if self.by_id.len() < self.limit { self.insert(text.into()) } else { self.other() }
    }

    /// The number that stands for all texts beyond the limit.
    fn other(&mut self) -> TextId {
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

    #[test]
    fn some_are_kept_whatever_comes() {
        let mut texts = Texts::new(3);
        texts.keep("/wanted");
        for number in 0..20 {
            texts.id(&format!("/{number}"));
        }
        let (wanted, early, late) = (texts.id("/wanted"), texts.id("/0"), texts.id("/19"));
        assert_eq!(texts.unless_kept(wanted), wanted);
        assert_eq!(texts.unless_kept(early), late);
        assert_eq!(&*texts.text(late), OTHER);
    }
}
