//! From the path of a request to the name of an asset, and nothing outside the site.
//!
//! Every request goes through [`normalize`] before any lookup, so neither the table nor the
//! folder ever sees a name that climbs, hides or smuggles a separator.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The name of the asset that a request path asks for: decoded once, without leading and
/// trailing slash; the root is the empty name. `None` is a path that no asset can have: not
/// UTF-8, with a NUL or a backslash, an empty segment, or a segment that begins with a dot.
///
/// The last rule covers `..` and hidden files alike. The one exception is `.well-known` at the
/// root, which exists to be served (RFC 8615).
pub(crate) fn normalize(path: &str) -> Option<Cow<'_, str>> {
    let encoded = path.strip_prefix('/')?;
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    if decoded == "/" || decoded.contains(['\0', '\\']) {
        return None;
    }
    let name = match decoded {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_suffix('/').unwrap_or(name)),
        Cow::Owned(mut name) => {
            if name.ends_with('/') {
                name.pop();
            }
            Cow::Owned(name)
        }
    };
    let valid = |(depth, segment): (usize, &str)| {
        !segment.is_empty() && !is_hidden(depth, segment.as_bytes())
    };
    (name.is_empty() || name.split('/').enumerate().all(valid)).then_some(name)
}

/// Whether a segment that many folders below the root begins with a dot, and is not the one
/// exception.
pub(super) fn is_hidden(depth: usize, segment: &[u8]) -> bool {
    segment.starts_with(b".") && !(depth == 0 && segment == b".well-known")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::normalize;

    #[test]
    fn names_are_decoded_once_and_slashes_at_the_ends_do_not_count() {
        let name = |path| normalize(path).map(String::from);
        assert_eq!(name("/").as_deref(), Some(""));
        assert_eq!(name("/css/main.css").as_deref(), Some("css/main.css"));
        assert_eq!(name("/posts/").as_deref(), Some("posts"));
        assert_eq!(name("/caf%C3%A9%20noir").as_deref(), Some("café noir"));
        assert_eq!(name("/%252e%252e/x").as_deref(), Some("%2e%2e/x"));
        assert_eq!(name("/.well-known/security.txt").as_deref(), Some(".well-known/security.txt"));
    }

    #[test]
    fn what_could_leave_the_site_or_hide_in_it_has_no_name() {
        for path in [
            "*",
            "css",
            "//",
            "/a//b",
            "/../x",
            "/a/../b",
            "/%2e%2e/x",
            "/a/%2E%2e",
            "/..%2fx",
            "/a/.",
            "/.git/config",
            "/a/.env",
            "/a/.well-known",
            "/a%00b",
            "/a\\b",
            "/a%5cb",
            "/%ff",
            "//etc/passwd",
            "/%2fetc/passwd",
        ] {
            assert_eq!(normalize(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_name_never_climbs_or_hides(path in "/([a-z./%\\\\]|%2e|%2f|%5c|%00|%25|\\.\\.){0,24}") {
            if let Some(name) = normalize(&path) {
                prop_assert!(!name.contains(['\\', '\0']));
                prop_assert!(!name.starts_with('/') && !name.ends_with('/'));
                prop_assert!(name.split('/').all(|s| !s.starts_with('.') || s == ".well-known"));
            }
        }
    }
}
