//! Files of a folder, read when they are asked for.
//!
//! A file is read again when it has changed, and only then: what has been read is kept together
//! with the facts that tell a change. Links are followed as long as they stay inside the folder.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Asset;

/// The kept files may have this many bytes together; beyond that all are forgotten and read anew.
const KEEP: usize = 256 << 20;

/// A file system's clock is coarse: a file that changed this shortly before it was read may
/// change again without a trace, so it is read again.
const SETTLED: Duration = Duration::from_secs(1);

pub(crate) struct Folder {
    /// Absolute and without links, so that a prefix check decides what is inside.
    root: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: usize,
    files: HashMap<PathBuf, (Stamp, Arc<Asset>)>,
}

/// What differs when a file's content does. The change time cannot be set back by programs that
/// copy modification times.
#[derive(PartialEq, Eq, Clone, Copy)]
struct Stamp {
    inode: u64,
    len: u64,
    changed: (i64, i64),
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        let root = path.canonicalize()?;
        // Says at once whether it is a folder and may be read.
        drop(root.read_dir()?);
        Ok(Folder { root, kept: Mutex::default() })
    }

    /// The file of that normalized name, or the index page of that folder. What cannot be read
    /// is not there.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Asset>> {
        let path = self.root.join(name);
        self.read(&path.join("index.html")).or_else(|| self.read(&path))
    }

    fn read(&self, path: &Path) -> Option<Arc<Asset>> {
        let path = path.canonicalize().ok()?;
        if !self.serves(&path) {
            return None;
        }
        let metadata = path.metadata().ok().filter(|metadata| metadata.is_file())?;
        let stamp = Stamp::of(&metadata);
        if let Some(asset) = self.recall(&path, stamp) {
            return Some(asset);
        }
        let now = SystemTime::now();
        let body = std::fs::read(&path).ok()?;
        let name = path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy();
        let asset = Arc::new(Asset::new(&name, body.into(), whole_seconds(&metadata)));
        if stamp.is_settled(now) {
            self.keep(path, stamp, &asset);
        }
        Some(asset)
    }

    /// Whether the file that a name led to may be seen: a link may have led to a hidden file or
    /// out of the folder.
    fn serves(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        inside.components().enumerate().all(|(i, component)| {
            let component = component.as_os_str();
            !component.as_encoded_bytes().starts_with(b".")
                || (i == 0 && component == ".well-known")
        })
    }

    fn recall(&self, path: &Path, stamp: Stamp) -> Option<Arc<Asset>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.files.get(path).filter(|(then, _)| *then == stamp).map(|(_, asset)| Arc::clone(asset))
    }

    fn keep(&self, path: PathBuf, stamp: Stamp, asset: &Arc<Asset>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + asset.len() > KEEP {
            *kept = Kept::default();
        }
        kept.bytes += asset.len();
        if let Some((_, old)) = kept.files.insert(path, (stamp, Arc::clone(asset))) {
            kept.bytes -= old.len();
        }
    }
}

impl Stamp {
    fn of(metadata: &std::fs::Metadata) -> Stamp {
        Stamp {
            inode: metadata.ino(),
            len: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    fn is_settled(&self, now: SystemTime) -> bool {
        let seconds = u64::try_from(self.changed.0).unwrap_or(0);
        let changed = UNIX_EPOCH + Duration::from_secs(seconds);
        now.duration_since(changed).is_ok_and(|age| age > SETTLED + Duration::from_secs(1))
    }
}

/// When a file was last modified, as precisely as HTTP can say it.
fn whole_seconds(metadata: &std::fs::Metadata) -> Option<SystemTime> {
    let seconds = u64::try_from(metadata.mtime()).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}
