//! How a metric or submetric is named: `http_reqs`, `http_reqs{status:200,method:GET}`.

use super::TagSet;

/// A name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector<'a> {
    /// The metric.
    pub metric: &'a str,
    /// For a submetric, what stands between the braces, and the tags that this means.
    pub criteria: Option<(&'a str, TagSet)>,
}

/// A name that names no metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSelector {
    /// One brace without the other.
    #[error("parsing metric name failed, metric {0:?} has unmatched opening/close curly brace")]
    Unmatched(String),
    /// Braces the wrong way round.
    #[error(
        "parsing metric name failed, metric {0:?} closing curly brace appears before opening one"
    )]
    Reversed(String),
    /// Something behind the closing brace.
    #[error(
        "parsing metric name failed, metric {0:?} lacks a closing curly brace in its last position"
    )]
    Unclosed(String),
    /// A criterion that is not `tag:value`.
    #[error("parsing metric name failed, metric {0:?} tag expression is malformed")]
    Criterion(String),
}

impl<'a> Selector<'a> {
    /// Takes a name apart as k6 does.
    ///
    /// Criteria are separated by commas. A criterion is split at its first colon, so values may
    /// contain colons (`group:::login`); blanks, then quotes, are taken off both ends of each part.
    ///
    /// # Errors
    ///
    /// When braces do not match or a criterion has no value.
    pub fn parse(text: &'a str) -> Result<Self, InvalidSelector> {
        let (open, close) = match (text.find('{'), text.rfind('}')) {
            (None, None) => return Ok(Self { metric: text, criteria: None }),
            (Some(open), Some(close)) => (open, close),
            _ => return Err(InvalidSelector::Unmatched(text.into())),
        };
        if close < open {
            return Err(InvalidSelector::Reversed(text.into()));
        }
        if close + 1 != text.len() {
            return Err(InvalidSelector::Unclosed(text.into()));
        }
        let criteria = &text[open + 1..close];
        let tags = criteria.split(',').map(criterion).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { metric: &text[..open], criteria: Some((criteria.trim(), TagSet::new(tags))) })
    }
}

fn criterion(text: &str) -> Result<(&str, &str), InvalidSelector> {
    match text.split_once(':') {
        Some((tag, value)) if !value.is_empty() => Ok((bare(tag), bare(value))),
        _ => Err(InvalidSelector::Criterion(text.into())),
    }
}

fn bare(part: &str) -> &str {
    part.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(text: &str) -> TagSet {
        Selector::parse(text).expect("a selector").criteria.expect("criteria").1
    }

    #[test]
    fn criteria_are_trimmed_and_split_at_the_first_colon() {
        assert_eq!(Selector::parse("checks"), Ok(Selector { metric: "checks", criteria: None }));
        let spaced = Selector::parse("m{ a:1, 'b' : \"2\" }").expect("a selector");
        assert_eq!(spaced.criteria.as_ref().expect("criteria").0, "a:1, 'b' : \"2\"");
        assert_eq!(tags("m{ a:1, 'b' : \"2\" }"), tags("m{b:2,a:1}"));
        assert_eq!(tags("m{group:::login}"), TagSet::new([("group", "::login")]));
        assert_eq!(tags("m{group:\"\"}"), TagSet::new([("group", "")]));
        assert_eq!(tags("m{a:{b}c}"), TagSet::new([("a", "{b}c")]));
    }

    #[test]
    fn what_is_wrong_is_said_as_k6_says_it() {
        let errors = ["m{", "m}", "m}a:b{", "m{a:b}c", "m{}", "m{a}", "m{a:}", "m{a:b,}"]
            .map(|text| Selector::parse(text).expect_err(text).to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        parsing metric name failed, metric "m{" has unmatched opening/close curly brace
        parsing metric name failed, metric "m}" has unmatched opening/close curly brace
        parsing metric name failed, metric "m}a:b{" closing curly brace appears before opening one
        parsing metric name failed, metric "m{a:b}c" lacks a closing curly brace in its last position
        parsing metric name failed, metric "" tag expression is malformed
        parsing metric name failed, metric "a" tag expression is malformed
        parsing metric name failed, metric "a:" tag expression is malformed
        parsing metric name failed, metric "" tag expression is malformed
        "#);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[m{}:,\"' \u{e9}]{0,12}") {
            let _ = Selector::parse(&text);
        }
    }
}
