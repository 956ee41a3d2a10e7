//! Bytes that are to be sent: in memory, or still in a file.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::large_file::LargeFile;

/// Cloning and slicing copy nothing.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Memory(Bytes),
    /// These bytes of the file.
    File(Arc<LargeFile>, Range<u64>),
}

impl Content {
    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File(_, range) => range.end - range.start,
        }
    }

    /// A part of the bytes.
    ///
    /// # Panics
    ///
    /// When the range is reversed or ends behind the content.
    pub(crate) fn slice(&self, part: Range<u64>) -> Content {
        assert!(part.start <= part.end && part.end <= self.len(), "{part:?} of {}", self.len());
        match self {
            // What lies within memory can be counted with a usize.
            Content::Memory(bytes) => bytes.slice(part.start as usize..part.end as usize).into(),
            Content::File(file, range) => {
                Content::File(Arc::clone(file), range.start + part.start..range.start + part.end)
            }
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Content {
        Content::Memory(bytes)
    }
}

impl From<LargeFile> for Content {
    fn from(file: LargeFile) -> Content {
        let all = 0..file.len();
        Content::File(Arc::new(file), all)
    }
}
