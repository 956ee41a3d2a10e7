//! Character references, as in `&amp;`, in the values of attributes.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// Longer than any name that HTML knows.
const MAX_NAME: usize = 32;

/// The text that `value` stands for. References that do not end in `;` stay as they are, as those
/// of URLs mostly are none: `?a=1&copy=2`.
pub(super) fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return value.into();
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(place) = rest.find('&') {
        text.push_str(&rest[..place]);
        rest = &rest[place..];
        let end = rest.bytes().take(MAX_NAME + 2).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, resolve(&rest[1..end])?))) {
            Some((end, meant)) => {
                text.push_str(&meant);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text.into()
}

/// What stands for the reference of this name or number.
fn resolve(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_html5_entity(name).map(Cow::Borrowed);
    };
    // A sign would be taken for a part of the number.
    let number = Some(number).filter(|number| !number.contains('+'))?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let known = char::from_u32(code.ok()?).filter(|c| *c != '\0');
    Some(known.unwrap_or(char::REPLACEMENT_CHARACTER).to_string().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_numbers_and_what_only_looks_like_it() {
        for (value, text) in [
            ("/a?b=1&amp;c=2", "/a?b=1&c=2"),
            ("/a?b=1&copy=2&c;=3", "/a?b=1&copy=2&c;=3"),
            ("&#47;a&#x2F;b&#X2f;", "/a/b/"),
            ("&eacute;&quot;&apos;&colon;", "é\"':"),
            ("&#0;&#xD800;&#x110000;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("&;&#;&#x;&#+47;&#x-2f;&#99999999999;&", "&;&#;&#x;&#+47;&#x-2f;&#99999999999;&"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decode(value), text, "{value}");
        }
    }

    proptest! {
        #[test]
        fn text_comes_back(text in "\\PC{0,20}") {
            let value = text.replace('&', "&amp;");
            prop_assert_eq!(decode(&value), text);
        }

        #[test]
        fn nothing_panics(value in "(&|#|x|;|é|[0-9a-z]){0,80}") {
            decode(&value);
        }
    }
}
