//! The order of metric names: a submetric below its parent, else Unicode's root collation as far as
//! names need it.
//!
//! Base letters decide first, then accents, then case (lower before upper). Punctuation is not
//! ignored: `_` comes before `-`, punctuation before digits, digits before letters. Letters
//! outside Latin go by code point; no language's own rules apply.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// ASCII punctuation and symbols in root order.
const PUNCTUATION: &str = r##"_-,;:!?.'"()[]{}@*/\&#%`^+<=>|~$"##;

/// Sorts metric names: compare keys instead of names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    parent: Levels,
    tags: Levels,
}

impl Key {
    /// The key of a metric or submetric (`name{tag:value}`).
    pub fn new(name: &str) -> Self {
        let (parent, tags) = name.split_at(name.find('{').unwrap_or(name.len()));
        Self { parent: Levels::new(parent), tags: Levels::new(tags) }
    }
}

/// A text taken apart so that comparing the parts one after the other is comparing the texts.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Levels {
    bases: Vec<(Class, u32)>,
    /// Accents behind each base, each base itself being a 0.
    accents: Vec<u32>,
    upper: Vec<bool>,
    /// Makes different texts differ.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Space,
    Punctuation,
    Symbol,
    Digit,
    Letter,
}

impl Levels {
    fn new(text: &str) -> Self {
        let mut levels = Self { text: text.to_owned(), ..Self::default() };
        for c in DecomposingNormalizerBorrowed::new_nfd().normalize(text).chars() {
            match c {
                '\u{300}'..='\u{36f}' => levels.accents.push(c.into()),
                _ if c.is_control() && !c.is_whitespace() => {}
                _ => {
                    levels.bases.push(base(c));
                    levels.accents.push(0);
                    levels.upper.push(c.is_uppercase());
                }
            }
        }
        levels
    }
}

fn base(c: char) -> (Class, u32) {
    if c.is_whitespace() {
        (Class::Space, c.into())
    } else if let Some(place) = PUNCTUATION.find(c) {
        (Class::Punctuation, place as u32)
    } else if c.is_numeric() {
        (Class::Digit, c.into())
    } else if c.is_alphabetic() {
        (Class::Letter, c.to_lowercase().next().unwrap_or(c).into())
    } else {
        (Class::Symbol, c.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
        names.sort_by_key(|name| Key::new(name));
        names
    }

    #[test]
    fn punctuation_then_digits_then_letters_lower_case_first() {
        let order = [
            "_z", "a b", "a_1", "a_b", "a-b", "a1", "a10", "a2", "aa", "aA", "Aa", "AA", "ab",
            "aB", "Ab", "AB", "bb", "http_x", "HTTP_X", "httpx",
        ];
        let mut shuffled = order;
        shuffled.reverse();
        assert_eq!(sorted(shuffled), order);
    }

    #[test]
    fn submetrics_stay_below_their_parent_and_sort_among_themselves() {
        let order = [
            "aa",
            "aa{_:2}",
            "aa{a:1,b:2}",
            "aa{é:1}",
            "aa{f:1}",
            "aa{x:1}",
            "aa{X:1}",
            "aa{x:10}",
            "aa{x:2}",
            "aa{日:1}",
            "aA",
            "aa_b",
        ];
        let mut shuffled = order;
        shuffled.rotate_left(5);
        assert_eq!(sorted(shuffled), order);
    }

    #[test]
    fn accents_decide_after_letters_and_before_case() {
        assert_eq!(sorted(["É", "é", "E", "e", "ea", "ez"]), ["e", "E", "é", "É", "ea", "ez"]);
    }
}
