//! Conditional requests (RFC 9110, section 13): whether the client wants what it asks for.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the conditions of a request come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is no condition, or it holds.
    Send,
    /// 304: the client has it already.
    NotModified,
    /// 412: the client wanted something else.
    PreconditionFailed,
}

/// Evaluates the conditions of a GET or HEAD request in the order of section 13.2.2. `modified`
/// has whole seconds, as HTTP's dates do.
pub(crate) fn evaluate(
    headers: &HeaderMap,
    etag: &HeaderValue,
    modified: Option<SystemTime>,
) -> Verdict {
    if headers.contains_key(header::IF_MATCH) {
        if !lists(headers, header::IF_MATCH, etag, strong) {
            return Verdict::PreconditionFailed;
        }
    } else if let (Some(modified), Some(since)) =
        (modified, date(headers, &header::IF_UNMODIFIED_SINCE))
        && modified > since
    {
        return Verdict::PreconditionFailed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        if lists(headers, header::IF_NONE_MATCH, etag, weak) {
            return Verdict::NotModified;
        }
    } else if let (Some(modified), Some(since)) =
        (modified, date(headers, &header::IF_MODIFIED_SINCE))
        && modified <= since
    {
        return Verdict::NotModified;
    }
    Verdict::Send
}

/// Whether ranges may be taken from what the client says it has (section 13.1.5): the same tag,
/// or exactly the same date.
pub(crate) fn range_applies(
    headers: &HeaderMap,
    etag: &HeaderValue,
    modified: Option<SystemTime>,
) -> bool {
    let Some(value) = headers.get(header::IF_RANGE) else { return true };
    if value.as_bytes().starts_with(b"\"") || value.as_bytes().starts_with(b"W/") {
        value == etag
    } else {
        modified.is_some() && date(headers, &header::IF_RANGE) == modified
    }
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    headers.get(name)?.to_str().ok().and_then(|text| httpdate::parse_http_date(text).ok())
}

/// Whether a list of entity tags has one that compares equal, or is `*`.
fn lists(
    headers: &HeaderMap,
    name: HeaderName,
    etag: &HeaderValue,
    equal: fn(Tag<'_>, &[u8]) -> bool,
) -> bool {
    headers.get_all(name).iter().any(|value| {
        let value = value.as_bytes().trim_ascii();
        value == b"*" || Tags(value).any(|tag| equal(tag, etag.as_bytes()))
    })
}

/// An entity tag of a list: whether it is weak, and its quoted text.
type Tag<'a> = (bool, &'a [u8]);

fn strong((weak, tag): Tag<'_>, ours: &[u8]) -> bool {
    !weak && tag == ours
}

fn weak((_, tag): Tag<'_>, ours: &[u8]) -> bool {
    tag == ours
}

/// The entity tags of a list, up to the first thing that is none.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let begin = self.0.iter().position(|byte| !matches!(byte, b',' | b' ' | b'\t'))?;
        let rest = &self.0[begin..];
        let (weak, rest) = match rest.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // A comma may stand inside the quotes, so the quotes decide where a tag ends.
        let text = rest.strip_prefix(b"\"")?;
        let end = text.iter().position(|byte| *byte == b'"')?;
        self.0 = &text[end + 1..];
        Some((weak, &rest[..end + 2]))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const NEW: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn modified() -> Option<SystemTime> {
        Some(UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    fn headers(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn verdict(fields: &[(HeaderName, &'static str)]) -> Verdict {
        evaluate(&headers(fields), &HeaderValue::from_static("\"a,b\""), modified())
    }

    #[test]
    fn tags_are_compared_one_by_one() {
        use header::{IF_MATCH, IF_NONE_MATCH};
        for (list, listed, strongly) in [
            ("\"a,b\"", true, true),
            ("\"x\", \"a,b\"", true, true),
            (",, \"x\" ,W/\"a,b\"", true, false),
            ("*", true, true),
            ("a,b", false, false),
            ("\"a\", \"b\"", false, false),
            ("\"a,b", false, false),
            ("", false, false),
        ] {
            let none_match = if listed { Verdict::NotModified } else { Verdict::Send };
            assert_eq!(verdict(&[(IF_NONE_MATCH, list)]), none_match, "{list}");
            let matches = if strongly { Verdict::Send } else { Verdict::PreconditionFailed };
            assert_eq!(verdict(&[(IF_MATCH, list)]), matches, "{list}");
        }
    }

    #[test]
    fn dates_count_where_no_tag_decides() {
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        assert_eq!(verdict(&[(IF_MODIFIED_SINCE, OLD)]), Verdict::Send);
        assert_eq!(verdict(&[(IF_MODIFIED_SINCE, SAME)]), Verdict::NotModified);
        assert_eq!(verdict(&[(IF_MODIFIED_SINCE, NEW)]), Verdict::NotModified);
        assert_eq!(verdict(&[(IF_MODIFIED_SINCE, "yesterday")]), Verdict::Send);
        assert_eq!(verdict(&[(IF_UNMODIFIED_SINCE, OLD)]), Verdict::PreconditionFailed);
        assert_eq!(verdict(&[(IF_UNMODIFIED_SINCE, SAME)]), Verdict::Send);
        assert_eq!(verdict(&[(IF_MODIFIED_SINCE, NEW), (IF_NONE_MATCH, "\"x\"")]), Verdict::Send);
        assert_eq!(verdict(&[(IF_UNMODIFIED_SINCE, OLD), (IF_MATCH, "*")]), Verdict::Send);
    }

    #[test]
    fn a_range_wants_the_same_tag_or_date() {
        let applies = |value| {
            let headers = headers(&[(header::IF_RANGE, value)]);
            range_applies(&headers, &HeaderValue::from_static("\"a\""), modified())
        };
        assert!(applies("\"a\""));
        assert!(applies(SAME));
        for other in ["\"b\"", "W/\"a\"", OLD, NEW, "whenever"] {
            assert!(!applies(other), "{other}");
        }
        assert!(range_applies(&HeaderMap::new(), &HeaderValue::from_static("\"a\""), None));
    }
}
