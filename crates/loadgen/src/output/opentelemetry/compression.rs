//! Compression of messages, the same for both transports.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// A message, compressed.
pub(super) fn gzipped(message: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(message).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").into()
}
