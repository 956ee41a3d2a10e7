//! Patterns of paths, as robots.txt has them (RFC 9309, section 2.2.3).

use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a path with its query begins with: `*` stands for any text, and `$` at the end for the end.
///
/// `/blog/` is everything below it, `/*.pdf$` every path that ends in `.pdf`, `/*?` every path that
/// has a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What stands before the first `*`.
    start: String,
    /// What follows each `*`.
    rest: Vec<String>,
    /// It says how the path ends, too.
    to_end: bool,
    /// Of two patterns, the longer one is the more exact.
    length: usize,
}

/// Text that is no [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid pattern '{0}'; allowed are beginnings of paths such as /blog/, *.pdf$ and /*?page="
)]
pub struct InvalidPattern(String);

/// Paths come with these encoded.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

impl Pattern {
    /// Whether `path`, percent-encoded and with its query, is meant.
    pub fn matches(&self, path: &str) -> bool {
        let Some(mut path) = path.strip_prefix(&*self.start) else { return false };
        let Some((last, others)) = self.rest.split_last() else {
            return !self.to_end || path.is_empty();
        };
        // The first place that fits leaves the most for what follows.
        for part in others {
            let Some(place) = path.find(&**part) else { return false };
            path = &path[place + part.len()..];
        }
        if self.to_end { path.ends_with(&**last) } else { path.contains(&**last) }
    }

    /// Bytes of the pattern.
    pub(super) fn len(&self) -> usize {
        self.length
    }
}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.starts_with(['/', '*']) {
            return Err(InvalidPattern(text.into()));
        }
        let encoded = utf8_percent_encode(text, ENCODED).to_string();
        let (path, to_end) = match encoded.strip_suffix('$') {
            Some(path) => (path, true),
            None => (&*encoded, false),
        };
        let mut parts = path.split('*').map(str::to_owned);
        let start = parts.next().unwrap_or_default();
        Ok(Self { start, rest: parts.collect(), to_end, length: encoded.len() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        pattern.parse::<Pattern>().expect("a pattern").matches(path)
    }

    #[test]
    fn beginnings_stars_and_ends() {
        for (pattern, matching, other) in [
            ("/", "/", ""),
            ("/blog", "/blog/2024/?page=2", "/a/blog"),
            ("/blog/$", "/blog/", "/blog/2024/"),
            ("/*.pdf$", "/a/b.pdf.pdf", "/a/b.pdf?v=1"),
            ("*.pdf", "/a/b.pdf?v=1", "/a/b.pd"),
            ("/*?", "/a?b", "/a"),
            ("/a*b*c$", "/a-b-b-c-c", "/a-c-b"),
            ("/*ab*ab$", "/abab", "/ab"),
            ("*", "/anything", "/anything else"),
            ("/café/", "/caf%C3%A9/x", "/cafe/x"),
            ("/a b", "/a%20b", "/a b"),
            ("/a$b", "/a$b", "/a"),
        ] {
            assert!(matches(pattern, matching), "{pattern} {matching}");
            assert!(pattern == "*" || !matches(pattern, other), "{pattern} {other}");
        }
    }

    #[test]
    fn what_no_path_can_begin_with_is_refused() {
        for text in ["", "blog", "http://example.com/", "$", " /"] {
            text.parse::<Pattern>().expect_err(text);
        }
    }

    /// Tries every place for every star.
    fn oracle(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            [b'$'] => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|place| oracle(rest, &path[place..])),
            [byte, rest @ ..] => path.first() == Some(byte) && oracle(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn the_first_place_that_fits_is_enough(
            pattern in "[/*][ab*]{0,6}\\$?",
            path in "/?[ab]{0,8}",
        ) {
            prop_assert_eq!(matches(&pattern, &path), oracle(pattern.as_bytes(), path.as_bytes()));
        }
    }
}
