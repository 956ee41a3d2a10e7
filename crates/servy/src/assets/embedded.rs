//! The site that servy was built with: the folder that was in `SERVY_ASSETS_DIR` then.

use bytes::Bytes;

static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Whether servy was built with a site.
pub(crate) fn is_there() -> bool {
    !FILES.is_empty()
}

/// All files by name; their bytes stay where they are in the binary.
pub(super) fn files() -> impl Iterator<Item = (String, Bytes)> {
    FILES.iter().map(|(name, body)| ((*name).to_owned(), Bytes::from_static(body)))
}
