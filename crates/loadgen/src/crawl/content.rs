//! What an answer holds: which kind of file, in which encoding, unpacked.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use http::{HeaderMap, header};

use super::gzip;

/// Kinds of files, as far as it matters for their links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Svg,
    Css,
    /// No links are looked for in it.
    Other,
}

/// The kind of a file by the headers of its answer, or by its beginning if these say nothing, and
/// its encoding if they say so.
pub(super) fn kind(headers: &HeaderMap, body: &[u8]) -> (Kind, Option<&'static Encoding>) {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return (if is_html(body) { Kind::Html } else { Kind::Other }, None);
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let (media_type, parameters) = value.split_once(';').unwrap_or((&value, ""));
    let kind = match media_type.trim() {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "image/svg+xml" => Kind::Svg,
        "text/css" => Kind::Css,
        _ => Kind::Other,
    };
    let charset = parameters.split(';').find_map(|it| it.trim().strip_prefix("charset="));
    (kind, charset.and_then(|name| Encoding::for_label(name.trim_matches('"').as_bytes())))
}

fn is_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let begins =
        |with: &[u8]| start.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    begins(b"<!doctype html") || begins(b"<html")
}

/// The text of a stylesheet.
pub(super) fn text<'b>(body: &'b [u8], encoding: Option<&'static Encoding>) -> Cow<'b, str> {
    encoding.unwrap_or(UTF_8).decode(body).0
}

/// `body` without the coding that the headers name, up to `limit` bytes, and whether there is more.
///
/// # Errors
///
/// What keeps it from being unpacked.
pub(super) fn unpack<'b>(
    headers: &HeaderMap,
    body: &'b [u8],
    limit: usize,
) -> Result<(Cow<'b, [u8]>, bool), String> {
    let Some(coding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok((body.into(), false));
    };
    let coding = String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase();
    match &*coding {
        "identity" | "" => Ok((body.into(), false)),
        "gzip" | "x-gzip" => gunzip(body, limit).map(|(body, is_cut)| (body.into(), is_cut)),
        other => Err(format!("has the content encoding {other:?}, which nobody asked for")),
    }
}

/// What is packed in `body`, up to `limit` bytes, and whether there is more.
///
/// # Errors
///
/// Why it is no gzip.
pub(super) fn gunzip(body: &[u8], limit: usize) -> Result<(Vec<u8>, bool), String> {
    gzip::unpack(body, limit).map_err(|error| format!("cannot be unpacked: {error}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(content_type: &'static str) -> (Kind, Option<&'static str>) {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
        let (kind, encoding) = kind(&headers.into_iter().collect(), b"");
        (kind, encoding.map(Encoding::name))
    }

    #[test]
    fn the_type_says_what_a_file_is() {
        assert_eq!(of("text/html"), (Kind::Html, None));
        assert_eq!(of("TEXT/HTML ; Charset=\"Latin1\""), (Kind::Html, Some("windows-1252")));
        assert_eq!(of("application/xhtml+xml;charset=x"), (Kind::Html, None));
        assert_eq!(of("text/css; a=b; charset=utf-8"), (Kind::Css, Some("UTF-8")));
        assert_eq!(of("image/svg+xml"), (Kind::Svg, None));
        assert_eq!(of("text/plain"), (Kind::Other, None));
    }

    #[test]
    fn without_a_type_the_beginning_says_it() {
        for (body, expected) in [
            (&b"\n <!DOCTYPE html><p>"[..], Kind::Html),
            (b"<HTML>", Kind::Html),
            (b"<?xml", Kind::Other),
            (b"<!doc", Kind::Other),
        ] {
            assert_eq!(kind(&HeaderMap::new(), body).0, expected);
        }
    }

    #[test]
    fn codings_are_taken_off_or_named() {
        let of = |coding| {
            let headers = [(header::CONTENT_ENCODING, HeaderValue::from_static(coding))];
            unpack(&headers.into_iter().collect(), b"abc", 9)
        };
        assert_eq!(of("identity"), Ok((b"abc"[..].into(), false)));
        assert_eq!(
            of("br").expect_err("it is none"),
            "has the content encoding \"br\", which nobody asked for"
        );
        assert!(of("GZIP").expect_err("it is none").starts_with("cannot be unpacked: "));
        assert_eq!(unpack(&HeaderMap::new(), b"abc", 9), Ok((b"abc"[..].into(), false)));
    }
}
