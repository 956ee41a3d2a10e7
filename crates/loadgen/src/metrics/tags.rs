//! Tag sets: which tags a sample carries.

use std::sync::Arc;

/// An immutable set of tags, sorted by name. Cheap to clone; equal when the contents are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TagSet(Arc<[(Arc<str>, Arc<str>)]>);

impl TagSet {
    /// A set from names and values. Of two tags with the same name the later one stays.
    pub fn new<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sorted: Vec<(&str, &str)> = Vec::new();
        for (name, value) in tags {
            match sorted.binary_search_by_key(&name, |tag| tag.0) {
                Ok(at) => sorted[at].1 = value,
                Err(at) => sorted.insert(at, (name, value)),
            }
        }
        Self(sorted.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The same with more tags, whose values replace those that are there.
    pub fn with<'a>(&self, more: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tags: Vec<(&str, &str)> = self.iter().collect();
        for tag in more {
            tags.push(tag);
        }
        Self::new(tags)
    }

    /// The value of a tag.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by_key(&name, |tag| &tag.0).ok()?;
        Some(&self.0[at].1)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The same set with this value for those of the tags that it has.
    pub fn replaced(&self, names: &[&str], value: &str) -> Self {
        let tags = self.iter();
        Self::new(tags.map(|(name, own)| (name, if names.contains(&name) { value } else { own })))
    }

    /// Whether every tag of `other` is here with the same value.
    pub fn contains(&self, other: &Self) -> bool {
        other.iter().all(|(name, value)| self.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_values_stays_and_order_does_not_matter() {
        let tags = TagSet::new([("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!(tags, TagSet::new([("a", "2"), ("b", "3")]));
        assert_eq!(tags.get("b"), Some("3"));
        assert_eq!(tags.get("c"), None);
    }

    #[test]
    fn only_tags_that_are_there_are_replaced() {
        let tags = TagSet::new([("a", "1"), ("b", "2")]);
        assert_eq!(tags.replaced(&["b", "c"], "x"), TagSet::new([("a", "1"), ("b", "x")]));
    }

    #[test]
    fn a_set_contains_its_subsets() {
        let tags = TagSet::new([("a", "1"), ("b", "2")]);
        assert!(tags.contains(&TagSet::new([("b", "2")])));
        assert!(tags.contains(&TagSet::default()));
        assert!(!tags.contains(&TagSet::new([("b", "1")])));
        assert!(!tags.contains(&TagSet::new([("c", "")])));
    }
}
