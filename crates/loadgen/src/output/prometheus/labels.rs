//! Labels of a series: the tags, as remote write allows them.

use std::borrow::Cow;

use crate::metrics::TagSet;

/// The label that is the name of the series.
const NAME: &str = "__name__";

/// The labels of a series in the order that is asked for: sorted by name.
///
/// A label's name has letters, digits and underscores, so in those of tags anything else becomes an
/// underscore. Should two tags be the same after that, the later one gets another underscore.
pub(super) fn labels<'a>(name: &'a str, tags: &'a TagSet) -> Vec<(Cow<'a, str>, &'a str)> {
    let mut labels = vec![(Cow::Borrowed(NAME), name)];
    for (name, value) in tags.iter() {
        let mut name = label_name(name);
        while labels.iter().any(|(taken, _)| *taken == name) {
            name.to_mut().push('_');
        }
        labels.push((name, value));
    }
    labels.sort_unstable();
    labels
}

fn label_name(tag: &str) -> Cow<'_, str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !tag.is_empty()
        && tag.chars().all(is_allowed)
        && !tag.starts_with(|c: char| c.is_ascii_digit())
    {
        return Cow::Borrowed(tag);
    }
    let mut name: String = tag.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    Cow::Owned(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(tags: &[(&str, &str)]) -> String {
        let tags = TagSet::new(tags.iter().copied());
        let labels = labels("k6_vus", &tags);
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.join(" ")
    }

    #[test]
    fn they_are_sorted_with_the_name_among_them() {
        assert_eq!(shown(&[("url", "/"), ("Method", "GET")]), "Method=GET __name__=k6_vus url=/");
    }

    #[test]
    fn what_no_label_may_be_called_is_called_something_else() {
        assert_eq!(
            shown(&[("a-b", "1"), ("a.b", "2"), ("1st", "3"), ("__name__", "4")]),
            "_1st=3 __name__=k6_vus __name___=4 a_b=1 a_b_=2"
        );
    }

    proptest! {
        #[test]
        fn no_two_have_the_same_name(names in prop::collection::vec("[a_.-é1]{0,3}", 0..20)) {
            let tags = TagSet::new(names.iter().map(|name| (&**name, "x")));
            let labels = labels("k6_vus", &tags);
            prop_assert_eq!(labels.len(), tags.iter().count() + 1);
            prop_assert!(labels.windows(2).all(|pair| pair[0].0 < pair[1].0), "{:?}", labels);
            for (name, _) in &labels {
                prop_assert!(name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
                prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            }
        }
    }
}
