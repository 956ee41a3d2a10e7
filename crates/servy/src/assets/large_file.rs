//! A file that is too large to be held in memory: it is kept open and read piece by piece.
//!
//! Its entity tag promises that every byte belongs to one content. So a file that changes is not
//! read any further, even if it still has the bytes. A file that is replaced by another one, as
//! `mv` does it, does not change: whoever has it open reads it to its end.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

use super::digest;

/// As much of a file as is in memory at a time for each reader.
pub(crate) const PIECE: u64 = 64 << 10;

#[derive(Debug)]
pub(crate) struct LargeFile {
    /// For messages.
    name: Box<str>,
    file: File,
    version: Version,
}

/// What differs when the bytes do. The inode's change time would differ for a file that was only
/// unlinked, too.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    len: u64,
    modified: (i64, i64),
}

impl LargeFile {
    /// The file as it was when these facts were read from it.
    pub(super) fn new(name: &str, file: File, metadata: &Metadata) -> LargeFile {
        LargeFile { name: name.into(), file, version: Version::of(metadata) }
    }

    pub(super) fn len(&self) -> u64 {
        self.version.len
    }

    /// Reads these bytes. The range lies within the file.
    ///
    /// # Errors
    ///
    /// When the disk fails, or the file is no longer what it was.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.try_read(range)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.name)))
    }

    fn try_read(&self, range: Range<u64>) -> io::Result<Bytes> {
        // A piece can be counted with a usize.
        let mut piece = vec![0; (range.end - range.start) as usize];
        let read = self.file.read_exact_at(&mut piece, range.start);
        // Looked at after reading: what was read before a change is good.
        if Version::of(&self.file.metadata()?) != self.version {
            return Err(io::Error::other("the file changed while it was read"));
        }
        read.map(|()| piece.into())
    }

    /// The digest of the whole file, see [`digest`]. Takes one to two seconds for each gigabyte.
    pub(super) fn digest(&self) -> io::Result<String> {
        let mut context = Context::new(&SHA256);
        let mut start = 0;
        while start < self.len() {
            let end = self.len().min(start + PIECE);
            context.update(&self.read(start..end)?);
            start = end;
        }
        Ok(digest::text(&context.finish()))
    }
}

impl Version {
    fn of(metadata: &Metadata) -> Version {
        Version { len: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn open(body: &[u8]) -> (tempfile::NamedTempFile, LargeFile) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(body).expect("it can be written");
        let opened = File::open(file.path()).expect("it can be opened");
        let metadata = opened.metadata().expect("it has some");
        (file, LargeFile::new("a.bin", opened, &metadata))
    }

    #[test]
    fn its_digest_is_that_of_its_bytes() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let body: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let (_file, large) = open(&body);
            assert_eq!(large.digest().expect("it does not change"), digest::of(&body), "{len}");
        }
    }

    #[test]
    fn a_change_ends_the_reading_and_a_replacement_does_not() {
        let (file, large) = open(b"0123456789");
        assert_eq!(large.read(2..5).expect("it does not change"), "234");
        let next = tempfile::NamedTempFile::new_in(file.path().parent().expect("a folder"));
        std::fs::rename(next.expect("a file").path(), file.path()).expect("it is replaced");
        assert_eq!(large.read(2..5).expect("the old file is still open"), "234");

        let (file, large) = open(b"0123456789");
        file.as_file().set_len(9).expect("it shrinks");
        let error = large.read(2..5).expect_err("it is another content now");
        assert_eq!(error.to_string(), "a.bin: the file changed while it was read");
    }
}
