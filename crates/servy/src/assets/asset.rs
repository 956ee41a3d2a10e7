//! One file as it is served: its bytes and the headers that follow from them.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::HeaderValue;

/// A file and the headers that never change while its bytes do not.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) content_type: HeaderValue,
    /// A strong, quoted entity tag made from the bytes alone, equal on every machine.
    pub(crate) etag: HeaderValue,
    pub(crate) body: Bytes,
}

impl Asset {
    /// The asset of that file name and content.
    pub(crate) fn new(name: &str, body: Bytes) -> Asset {
        Asset { content_type: content_type(name), etag: etag(&body), body }
    }
}

fn content_type(name: &str) -> HeaderValue {
    let mime = mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
    if mime.starts_with("text/") {
        HeaderValue::try_from(format!("{mime}; charset=utf-8"))
            .unwrap_or(HeaderValue::from_static("text/plain; charset=utf-8"))
    } else {
        HeaderValue::from_static(mime)
    }
}

/// The first half of the content's SHA-256: 128 bits, so that no two files share a tag.
fn etag(body: &[u8]) -> HeaderValue {
    let mut tag = String::from("\"");
    for byte in &digest(&SHA256, body).as_ref()[..16] {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_its_charset_and_the_unknown_is_bytes() {
        let of = |name| content_type(name).to_str().map(String::from).unwrap_or_default();
        assert_eq!(of("index.html"), "text/html; charset=utf-8");
        assert_eq!(of("css/main.css"), "text/css; charset=utf-8");
        assert_eq!(of("js/main.js"), "text/javascript; charset=utf-8");
        assert_eq!(of("search.json"), "application/json");
        assert_eq!(of("a.svg"), "image/svg+xml");
        assert_eq!(of("a.png"), "image/png");
        assert_eq!(of("a.woff2"), "font/woff2");
        assert_eq!(of("CNAME"), "application/octet-stream");
    }

    #[test]
    fn the_tag_follows_from_the_content_alone() {
        let tag =
            |name, body: &'static str| Asset::new(name, Bytes::from_static(body.as_bytes())).etag;
        assert_eq!(tag("a.txt", ""), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
        assert_eq!(tag("a.txt", "x"), tag("b.css", "x"));
        assert_ne!(tag("a.txt", "x"), tag("a.txt", "y"));
    }
}
