//! What the samples of a VU carry whatever happens: the tags of its scenario, those that it was
//! given, and the path of the group it is in.
//!
//! Each combination is a number, so that a sample finds its route without looking at its tags.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::texts::{TextId, Texts};
use crate::metrics::TagSet;

/// Paths of groups, and sets of tags, that a worker tells apart.
const MAX_GROUPS: usize = 200;
const MAX_TAG_SETS: usize = 1_000;

/// A combination of tags and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ScopeId(u32);

/// A set of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TagsId(u32);

/// The combinations that are in use.
pub(super) struct Scopes {
    groups: Texts,
    tag_sets: Vec<TagSet>,
    tag_ids: FxHashMap<TagSet, TagsId>,
    scopes: Vec<(TagsId, TextId)>,
    ids: FxHashMap<(TagsId, TextId), ScopeId>,
    left_out: u64,
}

impl Scopes {
    /// None in use.
    pub(super) fn new() -> Self {
        Self {
            groups: Texts::with_other(MAX_GROUPS, "::(other)"),
            tag_sets: Vec::new(),
            tag_ids: FxHashMap::default(),
            scopes: Vec::new(),
            ids: FxHashMap::default(),
            left_out: 0,
        }
    }

    /// Tells a group from all others, and so the groups around it, without which its path does not
    /// come about.
    pub(super) fn keep_group(&mut self, path: &str) {
        path.match_indices("::").for_each(|(end, _)| self.groups.keep(&path[..end]));
        self.groups.keep(path);
    }

    /// These tags, in the root group.
    pub(super) fn root(&mut self, tags: &TagSet) -> ScopeId {
        let tags = self.tags_id(tags.clone());
        let root = self.groups.id("");
        self.scope(tags, root)
    }

    /// The same tags, in a group within the group.
    pub(super) fn subgroup(&mut self, outer: ScopeId, name: &str) -> ScopeId {
        let (tags, group) = self.parts(outer);
        let path = format!("{}::{name}", self.groups.text(group));
        let group = self.groups.id(&path);
        self.scope(tags, group)
    }

    /// The same group, with more tags; of those that are there already, the new ones stay. When
    /// there are too many different sets the tags are left out, and that is counted.
    pub(super) fn tagged<'a>(
        &mut self,
        scope: ScopeId,
        more: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> ScopeId {
        let (tags, group) = self.parts(scope);
        let tags = self.tag_sets[tags.0 as usize].with(more);
        if self.tag_sets.len() >= MAX_TAG_SETS && !self.tag_ids.contains_key(&tags) {
            self.left_out += 1;
            return scope;
        }
        let tags = self.tags_id(tags);
        self.scope(tags, group)
    }

    /// The tags of one scope, in the group of another.
    pub(super) fn within(&mut self, tags: ScopeId, group: ScopeId) -> ScopeId {
        let (tags, group) = (self.parts(tags).0, self.parts(group).1);
        self.scope(tags, group)
    }

    /// How often tags were left out.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The path of a scope's group.
    pub(super) fn group(&self, scope: ScopeId) -> Rc<str> {
        self.groups.text(self.parts(scope).1)
    }

    /// The tags of a scope, without its group.
    pub(super) fn tags(&self, scope: ScopeId) -> &TagSet {
        &self.tag_sets[self.parts(scope).0.0 as usize]
    }

    fn parts(&self, scope: ScopeId) -> (TagsId, TextId) {
        self.scopes[scope.0 as usize]
    }

    fn tags_id(&mut self, tags: TagSet) -> TagsId {
        let next = TagsId(self.tag_sets.len() as u32);
        let id = *self.tag_ids.entry(tags.clone()).or_insert(next);
        if id == next {
            self.tag_sets.push(tags);
        }
        id
    }

    fn scope(&mut self, tags: TagsId, group: TextId) -> ScopeId {
        let next = ScopeId(self.scopes.len() as u32);
        let id = *self.ids.entry((tags, group)).or_insert(next);
        if id == next {
            self.scopes.push((tags, group));
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_tags_combine() {
        let mut scopes = Scopes::new();
        let root = scopes.root(&TagSet::new([("scenario", "a")]));
        let group = scopes.subgroup(root, "login");
        let inner = scopes.subgroup(group, "form");
        let tagged = scopes.tagged(inner, [("user", "7"), ("scenario", "b")].into_iter());
        assert_eq!(&*scopes.group(tagged), "::login::form");
        assert_eq!(scopes.tags(tagged), &TagSet::new([("scenario", "b"), ("user", "7")]));
        assert_eq!(scopes.tags(inner), &TagSet::new([("scenario", "a")]));
        assert_eq!(scopes.subgroup(root, "login"), group);
    }

    #[test]
    fn tags_beyond_the_limit_are_left_out_and_counted() {
        let mut scopes = Scopes::new();
        let root = scopes.root(&TagSet::default());
        let tag = |scopes: &mut Scopes, user: usize| {
            scopes.tagged(root, [("user", user.to_string().as_str())].into_iter())
        };
        let first = tag(&mut scopes, 0);
        (1..2_000).for_each(|user| {
            tag(&mut scopes, user);
        });
        assert_eq!(tag(&mut scopes, 0), first);
        assert_eq!(tag(&mut scopes, 1_999), root);
        assert_eq!(scopes.left_out(), 1_002);
    }
}
