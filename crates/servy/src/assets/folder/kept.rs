//! What has been read of a folder, and how to tell that it is no longer so.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::assets::Asset;

/// The kept files may have this many bytes together, compressed forms not counted.
const LIMIT: u64 = 256 << 20;

/// What keeping a file costs besides its bytes.
const OVERHEAD: u64 = 1 << 10;

/// A file that changed this shortly before it was read may change again without a trace: file
/// systems take the time from a clock that ticks every few milliseconds.
const TICK: Duration = Duration::from_millis(100);

/// The same for file systems that know only whole seconds, or even numbers of them.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// What differs when a file's content does. The change time cannot be set back by programs that
/// copy modification times.
#[derive(PartialEq, Eq, Clone, Copy)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    pub(super) len: u64,
    /// In seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// What is known of a file that has been read.
#[derive(Clone)]
pub(super) enum Known {
    Whole(Arc<Asset>),
    /// The digest of a large file.
    Digest(Arc<str>),
}

/// The files that were asked for last. What was not asked for while half of the limit was read
/// anew is forgotten.
#[derive(Default)]
pub(super) struct Kept {
    recent: Generation,
    older: Generation,
}

#[derive(Default)]
struct Generation {
    bytes: u64,
    files: HashMap<PathBuf, (Stamp, Known)>,
}

impl Kept {
    /// What is known of the file with that stamp.
    pub(super) fn get(&mut self, path: &Path, stamp: Stamp) -> Option<Known> {
        if let Some((then, known)) = self.recent.files.get(path) {
            return (*then == stamp).then(|| known.clone());
        }
        let (then, known) = self.older.remove(path)?;
        if then != stamp {
            return None;
        }
        self.insert(path, stamp, known.clone());
        Some(known)
    }

    /// Keeps what is known of a settled file.
    pub(super) fn insert(&mut self, path: &Path, stamp: Stamp, known: Known) {
        if self.recent.bytes + known.cost() > LIMIT / 2 {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(path, stamp, known);
    }
}

impl Generation {
    fn insert(&mut self, path: &Path, stamp: Stamp, known: Known) {
        self.remove(path);
        self.bytes += known.cost();
        self.files.insert(path.to_owned(), (stamp, known));
    }

    fn remove(&mut self, path: &Path) -> Option<(Stamp, Known)> {
        let (stamp, known) = self.files.remove(path)?;
        self.bytes -= known.cost();
        Some((stamp, known))
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
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a change after `now` would show.
    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        let (Ok(seconds), Ok(nanoseconds)) =
            (u64::try_from(self.changed.0), u32::try_from(self.changed.1))
        else {
            return false;
        };
        let changed = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        let tick = if nanoseconds == 0 { COARSE_TICK } else { TICK };
        now.duration_since(changed).is_ok_and(|age| age > tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp =
        Stamp { device: 1, inode: 1, len: 1, modified: (0, 0), changed: (1_000, 5) };

    fn file(megabytes: usize) -> Known {
        Known::Whole(Arc::new(Asset::new("a.bin", vec![0; megabytes << 20].into(), None)))
    }

    #[test]
    fn the_kept_files_stay_within_the_limit() {
        let mut kept = Kept::default();
        for i in 0..80_u64 {
            // More than fits, and some of the files twice.
            let stamp = Stamp { inode: i, ..STAMP };
            let path = PathBuf::from((i % 70).to_string());
            kept.insert(&path, stamp, file(4));
            assert!(kept.get(&path, stamp).is_some());
            assert!(kept.get(&path, Stamp { inode: i + 1, ..STAMP }).is_none());
            let generations = [&kept.recent, &kept.older];
            for generation in generations {
                let sum: u64 = generation.files.values().map(|(_, known)| known.cost()).sum();
                assert_eq!(generation.bytes, sum);
            }
            assert!(generations.iter().map(|generation| generation.bytes).sum::<u64>() <= LIMIT);
        }
    }

    #[test]
    fn a_file_that_is_asked_for_stays_and_one_that_is_not_goes() {
        let mut kept = Kept::default();
        let [busy, idle] = ["busy", "idle"].map(Path::new);
        kept.insert(busy, STAMP, file(1));
        kept.insert(idle, STAMP, file(1));
        for i in 0..100 {
            kept.insert(Path::new(&i.to_string()), STAMP, file(4));
            assert!(kept.get(busy, STAMP).is_some(), "{i}");
        }
        assert!(kept.get(idle, STAMP).is_none());
    }

    #[test]
    fn each_fact_counts() {
        let mut kept = Kept::default();
        let path = Path::new("a");
        kept.insert(path, STAMP, file(0));
        assert!(kept.get(path, STAMP).is_some());
        for other in [
            Stamp { device: 2, ..STAMP },
            Stamp { inode: 2, ..STAMP },
            Stamp { len: 2, ..STAMP },
            Stamp { modified: (0, 1), ..STAMP },
            Stamp { changed: (1_000, 6), ..STAMP },
        ] {
            assert!(kept.get(path, other).is_none());
        }
    }

    #[test]
    fn a_file_settles_once_its_clock_has_ticked() {
        let settled = |changed, now_ms| {
            let now = UNIX_EPOCH + Duration::from_millis(now_ms);
            Stamp { changed, ..STAMP }.is_settled(now)
        };
        assert!(!settled((1_000, 5), 1_000_000));
        assert!(!settled((1_000, 5), 1_000_100));
        assert!(settled((1_000, 5), 1_000_101));
        assert!(!settled((1_000, 0), 1_000_101), "whole seconds");
        assert!(!settled((1_000, 0), 1_002_000));
        assert!(settled((1_000, 0), 1_002_001));
        assert!(!settled((1_000, 5), 999_000), "from the future");
    }
}
