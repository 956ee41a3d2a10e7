//! Byte ranges (RFC 9110, section 14): which parts of a body a client asks for.

use std::ops::Range;

use bytes::Bytes;
use http::HeaderValue;

use crate::assets::Content;

/// A request for more parts than this is answered with the whole: no honest client sends one.
const MAX_PARTS: usize = 16;

/// What a `Range` header selects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Everything: there is no range, or one that need not be understood.
    Whole,
    /// These parts, none of them empty, in the order of the request.
    Parts(Vec<Range<u64>>),
    /// 416: nothing, as every range begins behind the end.
    Nothing,
}

/// What the header selects of a body of that length.
pub(crate) fn select(header: Option<&HeaderValue>, len: u64) -> Selection {
    let Some(ranges) = header.and_then(|value| parse(value.to_str().ok()?, len)) else {
        return Selection::Whole;
    };
    // Parts that together are more than the whole are cheaper to send as the whole.
    let total: u64 = ranges.iter().map(len_of).sum();
    if ranges.len() > MAX_PARTS || total > len {
        Selection::Whole
    } else if ranges.is_empty() {
        Selection::Nothing
    } else {
        Selection::Parts(ranges)
    }
}

/// The ranges that have a byte of the body; nothing when the header is no byte range.
fn parse(header: &str, len: u64) -> Option<Vec<Range<u64>>> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = set.split(',').map(str::trim).filter(|spec| !spec.is_empty()).peekable();
    specs.peek()?;
    let mut ranges = Vec::new();
    for spec in specs {
        let (first, last) = spec.split_once('-')?;
        let range = match (first.trim(), last.trim()) {
            ("", suffix) => len.saturating_sub(number(suffix)?)..len,
            (first, "") => number(first)?..len,
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                if last < first {
                    return None;
                }
                first..last.saturating_add(1).min(len)
            }
        };
        if !range.is_empty() {
            ranges.push(range);
        }
    }
    Some(ranges)
}

/// A number of digits only; one that is too large to count with is as good as the largest.
fn number(digits: &str) -> Option<u64> {
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn len_of(range: &Range<u64>) -> u64 {
    range.end - range.start
}

/// The value of `Content-Range` for one part.
pub(crate) fn content_range(part: &Range<u64>, len: u64) -> String {
    format!("bytes {}-{}/{len}", part.start, part.end - 1)
}

/// Several parts as one `multipart/byteranges` body, in pieces. The boundary must not occur in
/// the content.
pub(crate) fn multipart(
    content: &Content,
    parts: &[Range<u64>],
    content_type: &HeaderValue,
    boundary: &str,
) -> Vec<Content> {
    let mut pieces = Vec::with_capacity(2 * parts.len() + 1);
    for part in parts {
        let range = content_range(part, content.len());
        let mut head = format!("\r\n--{boundary}\r\ncontent-type: ").into_bytes();
        head.extend_from_slice(content_type.as_bytes());
        head.extend_from_slice(format!("\r\ncontent-range: {range}\r\n\r\n").as_bytes());
        pieces.push(Bytes::from(head).into());
        pieces.push(content.slice(part.clone()));
    }
    pieces.push(Bytes::from(format!("\r\n--{boundary}--\r\n")).into());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_100(header: &str) -> Selection {
        select(Some(&HeaderValue::from_str(header).expect("a header")), 100)
    }

    #[test]
    fn parts_of_a_hundred_bytes() {
        let part = |range| Selection::Parts(vec![range]);
        assert_eq!(of_100("bytes=0-9"), part(0..10));
        assert_eq!(of_100("bytes=90-"), part(90..100));
        assert_eq!(of_100("bytes=-10"), part(90..100));
        assert_eq!(of_100("bytes=-1000"), part(0..100));
        assert_eq!(of_100("bytes=95-1000"), part(95..100));
        assert_eq!(of_100("bytes=99-99999999999999999999999"), part(99..100));
        assert_eq!(of_100("Bytes = 0-0 , -1"), Selection::Parts(vec![0..1, 99..100]));
        assert_eq!(of_100("bytes=200-300,5-6"), part(5..7));
    }

    #[test]
    fn nothing_and_everything() {
        for nothing in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=200-,300-400"] {
            assert_eq!(of_100(nothing), Selection::Nothing, "{nothing}");
        }
        for whole in [
            "lines=0-9",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=a-b",
            "bytes=9-0",
            "bytes=-",
            "bytes=+1-2",
            "bytes=0-59,20-79",
        ] {
            assert_eq!(of_100(whole), Selection::Whole, "{whole}");
        }
        let many = format!("bytes={}", ["0-0"; MAX_PARTS + 1].join(","));
        assert_eq!(of_100(&many), Selection::Whole);
        assert_eq!(select(None, 100), Selection::Whole);
    }

    proptest! {
        #[test]
        fn parts_lie_within_the_body(header in "bytes=([0-9]{0,3}-[0-9]{0,3},? ?){0,5}", len in 0_u64..300) {
            let header = HeaderValue::from_str(&header).expect("a header");
            if let Selection::Parts(parts) = select(Some(&header), len) {
                prop_assert!(!parts.is_empty());
                prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= len));
                prop_assert!(parts.iter().map(len_of).sum::<u64>() <= len);
            }
        }
    }
}
