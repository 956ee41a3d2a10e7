//! What has been read of a folder, and how to tell that it is no longer so.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::assets::Asset;

/// The kept files may have this many bytes together, compressed variants not counted; beyond
/// that all are forgotten and read anew.
const LIMIT: u64 = 256 << 20;

/// What keeping a file costs besides its bytes.
const OVERHEAD: u64 = 1 << 10;

/// A file system's clock is coarse: a file that changed this shortly before it was read may
/// change again without a trace.
const SETTLED: Duration = Duration::from_secs(1);

/// What differs when a file's content does. The change time cannot be set back by programs that
/// copy modification times.
#[derive(PartialEq, Eq, Clone, Copy)]
pub(super) struct Stamp {
    inode: u64,
    pub(super) len: u64,
    changed: (i64, i64),
}

/// What is known of a file that has been read.
#[derive(Clone)]
pub(super) enum Known {
    Whole(Arc<Asset>),
    /// The digest of a large file.
    Digest(Arc<str>),
}

#[derive(Default)]
pub(super) struct Kept {
    bytes: u64,
    files: HashMap<PathBuf, (Stamp, Known)>,
}

impl Kept {
    /// What is known of the file with that stamp.
    pub(super) fn get(&self, path: &Path, stamp: Stamp) -> Option<Known> {
        let (then, known) = self.files.get(path)?;
        (*then == stamp).then(|| known.clone())
    }

    /// Keeps what is known of a settled file.
    pub(super) fn insert(&mut self, path: &Path, stamp: Stamp, known: Known) {
        let cost = known.cost();
        if self.bytes + cost > LIMIT {
            *self = Kept::default();
        }
        self.bytes += cost;
        if let Some((_, old)) = self.files.insert(path.to_owned(), (stamp, known)) {
            self.bytes -= old.cost();
        }
    }
}

impl Known {
    /// In bytes of memory.
    fn cost(&self) -> u64 {
        match self {
            Known::Whole(asset) => asset.len() + OVERHEAD,
            Known::Digest(_) => OVERHEAD,
        }
    }
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            inode: metadata.ino(),
            len: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a later change would show.
    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        let seconds = u64::try_from(self.changed.0).unwrap_or(0);
        // The second in which it changed may have just begun or be nearly over.
        let changed = UNIX_EPOCH + Duration::from_secs(seconds + 1);
        now.duration_since(changed).is_ok_and(|age| age > SETTLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_files_stay_within_the_limit() {
        let stamp = |len| Stamp { inode: 1, len, changed: (0, 0) };
        let mut kept = Kept::default();
        for i in 0..80_u64 {
            // More than fits, and some of the files twice.
            let body = vec![0; 4 << 20].into();
            let asset = Arc::new(Asset::new("a.bin", body, None));
            let path = PathBuf::from((i % 70).to_string());
            kept.insert(&path, stamp(i), Known::Whole(asset));
            assert!(kept.get(&path, stamp(i)).is_some());
            assert!(kept.get(&path, stamp(i + 1)).is_none());
            let sum: u64 = kept.files.values().map(|(_, known)| known.cost()).sum();
            assert_eq!(kept.bytes, sum);
            assert!(sum <= LIMIT);
        }
    }
}
