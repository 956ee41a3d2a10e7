//! The digests that entity tags are made of.
//!
//! The first half of the content's SHA-256: 128 bits, so that no two contents share a tag, and
//! equal on every machine that serves the content.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Digest, SHA256, digest};

/// The digest of bytes in memory.
pub(super) fn of(body: &[u8]) -> String {
    text(&digest(&SHA256, body))
}

/// The digest as it stands in a tag.
pub(super) fn text(digest: &Digest) -> String {
    let mut hex = String::with_capacity(32);
    for byte in &digest.as_ref()[..16] {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
