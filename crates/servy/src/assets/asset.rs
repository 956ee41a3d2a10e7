//! One file as it is served: its bytes, plain and compressed, and the headers that follow.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use tokio::sync::Semaphore;
use tracing::warn;

use super::coding::{self, Coding};
use super::content::Content;
use super::digest;

/// Files live a year in caches, and are asked after once they are stale.
const CACHE_CONTROL: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, must-revalidate");

/// One body is compressed at a time: each takes megabytes of memory while it is, and a site whose
/// pages are all asked for at once must not take them all at once.
static PACKING: Semaphore = Semaphore::const_new(1);

/// A file, and all that never changes while its bytes do not.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Relative to the root of the site.
    pub(crate) name: Box<str>,
    pub(crate) content_type: HeaderValue,
    /// In whole seconds, as HTTP has it; files in memory have no date.
    pub(crate) modified: Option<SystemTime>,
    plain: Representation,
    packed: Option<Packed>,
}

/// The compressed forms of a body in memory.
#[derive(Debug)]
struct Packed {
    body: Bytes,
    /// The [`digest`] of the body.
    digest: String,
    /// One for each coding, made when it is first asked for; `None` inside when it is not
    /// smaller.
    forms: [OnceLock<Option<Representation>>; Coding::ALL.len()],
}

/// A body and the headers of its 200 response.
#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) headers: HeaderMap,
    /// A strong, quoted entity tag, also among the headers.
    pub(crate) etag: HeaderValue,
    pub(crate) body: Content,
}

impl Asset {
    /// A file in memory. Unless it is compressed by nature, it has a form in each coding.
    pub(super) fn new(name: &str, body: Bytes, modified: Option<SystemTime>) -> Asset {
        let digest = digest::of(&body);
        let mut asset = Asset::plain(name, body.clone().into(), &digest, modified);
        if Asset::is_compressible(name) {
            let vary = HeaderValue::from_static("accept-encoding");
            asset.plain.headers.insert(header::VARY, vary);
            asset.packed = Some(Packed { body, digest, forms: Default::default() });
        }
        asset
    }

    /// A file with that content and the [`digest`] of it, served as it is.
    pub(super) fn plain(
        name: &str,
        body: Content,
        digest: &str,
        modified: Option<SystemTime>,
    ) -> Asset {
        let content_type = content_type(mime(name));
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(header::CONTENT_TYPE, content_type.clone());
        headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(date) = modified.map(httpdate::fmt_http_date) {
            headers.extend(HeaderValue::try_from(date).map(|date| (header::LAST_MODIFIED, date)));
        }
        let plain = Representation::new(headers, digest, body);
        Asset { name: name.into(), content_type, modified, plain, packed: None }
    }

    /// Whether a file of that name becomes smaller; pictures, films, archives and web fonts are
    /// compressed by nature.
    pub(super) fn is_compressible(name: &str) -> bool {
        let formats = ["json", "javascript", "xml", "wasm", "vnd.ms-fontobject", "x-ndjson", "rtf"];
        let mime = mime(name);
        match mime.split_once('/') {
            Some(("text", _)) => true,
            Some(("application", format)) if formats.contains(&format) => true,
            Some(("font", format)) => matches!(format, "ttf" | "otf" | "collection"),
            Some(("image", format)) => matches!(format, "bmp" | "x-icon" | "svg+xml"),
            _ => mime.ends_with("+json") || mime.ends_with("+xml"),
        }
    }

    /// The representation that a client with these headers likes best.
    pub(crate) async fn choose(self: &Arc<Self>, headers: &HeaderMap) -> &Representation {
        for coding in coding::accepted(headers) {
            if let Some(packed) = self.packed(coding).await {
                return packed;
            }
        }
        &self.plain
    }

    async fn packed(self: &Arc<Self>, coding: Coding) -> Option<&Representation> {
        let form = &self.packed.as_ref()?.forms[coding as usize];
        if form.get().is_none() {
            let turn = PACKING.acquire().await.ok()?;
            // Whoever had the turn before may have made it.
            if form.get().is_none() {
                let asset = Arc::clone(self);
                // Takes milliseconds, during which the runtime's threads have better things to do.
                let packing = tokio::task::spawn_blocking(move || {
                    asset.pack(coding);
                    drop(turn);
                });
                packing.await.ok()?;
            }
        }
        form.get()?.as_ref()
    }

    fn pack(&self, coding: Coding) {
        let Some(Packed { body, digest, forms }) = &self.packed else { return };
        forms[coding as usize].get_or_init(|| {
            let packed = match coding.compress(body) {
                Ok(packed) => packed,
                Err(error) => {
                    warn!("{} cannot be compressed as {}: {error}", self.name, coding.name());
                    return None;
                }
            };
            if packed.len() >= body.len() {
                return None;
            }
            let mut headers = self.plain.headers.clone();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            // Another tag than the plain body's: the bytes differ (RFC 9110, section 8.8.3.3).
            let tag = format!("{digest}-{}", coding.name());
            Some(Representation::new(headers, &tag, Bytes::from(packed).into()))
        });
    }

    /// The length of the file in bytes.
    pub(super) fn len(&self) -> u64 {
        self.plain.body.len()
    }
}

impl Representation {
    fn new(mut headers: HeaderMap, tag: &str, body: Content) -> Representation {
        // Digests and the names of codings are letters that any header may have.
        let etag =
            HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        headers.insert(header::ETAG, etag.clone());
        Representation { headers, etag, body }
    }
}

/// The type of a file, by its name.
fn mime(name: &str) -> &'static str {
    mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream")
}

fn content_type(mime: &'static str) -> HeaderValue {
    if !mime.starts_with("text/") {
        return HeaderValue::from_static(mime);
    }
    HeaderValue::try_from(format!("{mime}; charset=utf-8"))
        .unwrap_or(HeaderValue::from_static("text/plain; charset=utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str, body: impl Into<Bytes>) -> Arc<Asset> {
        Arc::new(Asset::new(name, body.into(), None))
    }

    fn accepting(codings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(codings))])
    }

    #[test]
    fn text_says_its_charset_and_the_unknown_is_bytes() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("css/main.css", "text/css; charset=utf-8"),
            ("js/main.js", "text/javascript; charset=utf-8"),
            ("search.json", "application/json"),
            ("a.svg", "image/svg+xml"),
            ("a.png", "image/png"),
            ("a.woff2", "font/woff2"),
            ("CNAME", "application/octet-stream"),
        ] {
            assert_eq!(asset(name, "").content_type, expected, "{name}");
        }
    }

    #[test]
    fn the_tag_follows_from_the_content_alone() {
        let tag = |name, body: &'static str| asset(name, body).plain.etag.clone();
        assert_eq!(tag("a.txt", ""), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
        assert_eq!(tag("a.txt", "x"), tag("b.css", "x"));
        assert_ne!(tag("a.txt", "x"), tag("a.txt", "y"));
    }

    #[tokio::test]
    async fn each_coding_has_its_own_tag_and_is_made_once() {
        let page = asset("a.html", "words and words ".repeat(100));
        let mut tags = vec![page.choose(&HeaderMap::new()).await.etag.clone()];
        for coding in ["br", "zstd", "gzip"] {
            let chosen = page.choose(&accepting(coding)).await;
            assert_eq!(chosen.headers[header::CONTENT_ENCODING], coding);
            assert_eq!(chosen.headers[header::VARY], "accept-encoding");
            let again = page.choose(&accepting(coding)).await;
            assert!(std::ptr::eq(chosen, again), "{coding} is made once");
            tags.push(chosen.etag.clone());
        }
        tags.dedup();
        assert_eq!(tags.len(), 4);
    }

    #[tokio::test]
    async fn what_does_not_get_smaller_is_left_alone() {
        for (name, body) in [("a.html", "short".to_owned()), ("a.png", "words ".repeat(100))] {
            let asset = asset(name, body);
            let chosen = asset.choose(&accepting("br, zstd, gzip")).await;
            assert!(!chosen.headers.contains_key(header::CONTENT_ENCODING), "{name}");
        }
        assert!(!asset("a.png", "").plain.headers.contains_key(header::VARY));
    }
}
