//! Files of a folder, read when they are asked for.
//!
//! A file is read again when it has changed, and only then: what has been read is kept together
//! with the facts that tell a change. Of a large file only its digest is kept; its bytes stay on
//! the disk until they are sent. Links are followed as long as they stay inside the folder.

mod kept;

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;

use super::Asset;
use super::large_file::LargeFile;
use super::turns::Turns;
use kept::{Kept, Known, Stamp};

/// A file of at most this many bytes is read whole.
const SMALL: u64 = 1 << 20;

/// So is a file of at most this many bytes that gets smaller when it is compressed.
const COMPRESSIBLE: u64 = 8 << 20;

pub(crate) struct Folder {
    /// Absolute and without links, so that a prefix check decides what is inside.
    root: PathBuf,
    kept: Mutex<Kept>,
    turns: Turns,
}

/// What a name leads to.
enum Found {
    Asset(Arc<Asset>),
    /// A file that nobody has read as it is now.
    Unread(PathBuf),
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        let root = path.canonicalize()?;
        // Says at once whether it is a folder and may be read.
        drop(root.read_dir()?);
        Ok(Folder { root, kept: Mutex::default(), turns: Turns::default() })
    }

    /// The file of that normalized name, or the index page of that folder. What may not be read
    /// is not there.
    ///
    /// # Errors
    ///
    /// When the file cannot be read just now: the disk fails, too many files are open, or it is
    /// being written.
    pub(super) async fn get(self: &Arc<Self>, name: &str) -> io::Result<Option<Arc<Asset>>> {
        let (this, name) = (Arc::clone(self), name.to_owned());
        let path = match blocking(move || this.find(&name)).await? {
            Some(Found::Unread(path)) => path,
            Some(Found::Asset(asset)) => return Ok(Some(asset)),
            None => return Ok(None),
        };
        let turn = self.turns.take(&path).await;
        let this = Arc::clone(self);
        // The turn ends with the reading, whether or not the client still waits for it.
        blocking(move || {
            let asset = if_there(this.read(&path));
            drop(turn);
            asset
        })
        .await
    }

    fn find(&self, name: &str) -> io::Result<Option<Found>> {
        let path = self.root.join(name);
        for path in [path.join("index.html"), path] {
            if let Some((path, stamp)) = if_there(self.resolve(&path))?.flatten() {
                let asset = if_there(self.recall(&path, stamp))?.flatten();
                return Ok(Some(asset.map_or(Found::Unread(path), Found::Asset)));
            }
        }
        Ok(None)
    }

    /// Where a path leads, if a file is there that may be served: a link may have led to a
    /// hidden file or out of the folder.
    fn resolve(&self, path: &Path) -> io::Result<Option<(PathBuf, Stamp)>> {
        let path = path.canonicalize()?;
        let Ok(inside) = path.strip_prefix(&self.root) else { return Ok(None) };
        let visible = inside.components().enumerate().all(|(i, component)| {
            let component = component.as_os_str();
            !component.as_encoded_bytes().starts_with(b".")
                || (i == 0 && component == ".well-known")
        });
        let metadata = path.metadata()?;
        Ok((visible && metadata.is_file()).then(|| (path, Stamp::of(&metadata))))
    }

    /// The file, if it has been read since it became what the stamp says.
    fn recall(&self, path: &Path, stamp: Stamp) -> io::Result<Option<Arc<Asset>>> {
        let known = self.kept().get(path, stamp);
        let digest = match known {
            None => return Ok(None),
            Some(Known::Whole(asset)) => return Ok(Some(asset)),
            Some(Known::Digest(digest)) => digest,
        };
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if Stamp::of(&metadata) != stamp {
            return Ok(None);
        }
        let name = self.name(path);
        let file = LargeFile::new(&name, file, &metadata);
        let asset = Asset::plain(&name, file.into(), &digest, whole_seconds(&metadata));
        Ok(Some(Arc::new(asset)))
    }

    /// Reads the file, unless somebody just has.
    fn read(&self, path: &Path) -> io::Result<Arc<Asset>> {
        let stamp = Stamp::of(&path.metadata()?);
        match self.recall(path, stamp)? {
            Some(asset) => Ok(asset),
            None => self.read_now(path),
        }
    }

    fn read_now(&self, path: &Path) -> io::Result<Arc<Asset>> {
        let now = SystemTime::now();
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let stamp = Stamp::of(&metadata);
        let is_settled = stamp.is_settled(now);
        let (name, modified) = (self.name(path), whole_seconds(&metadata));
        // A file that is read for each request had better not be large.
        let limit = if is_settled && Asset::is_compressible(&name) { COMPRESSIBLE } else { SMALL };
        let (asset, known) = if stamp.len <= limit {
            let mut body = Vec::new();
            file.read_to_end(&mut body)?;
            let asset = Arc::new(Asset::new(&name, body.into(), modified));
            (Arc::clone(&asset), Known::Whole(asset))
        } else {
            let file = LargeFile::new(&name, file, &metadata);
            let digest = file.digest()?;
            let asset = Arc::new(Asset::plain(&name, file.into(), &digest, modified));
            (asset, Known::Digest(digest.into()))
        };
        if is_settled {
            self.kept().insert(path, stamp, known);
        }
        Ok(asset)
    }

    /// The name of a file inside the folder.
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what waits for the disk, which may be slow; the runtime's threads must not wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten()
}

/// Tells a file that is not there, or not for us, from one that cannot be read just now.
fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::IO) | None => Err(error),
            Some(_) => Ok(None),
        },
    }
}

/// When a file was last modified, as precisely as HTTP can say it.
fn whole_seconds(metadata: &Metadata) -> Option<SystemTime> {
    let seconds = u64::try_from(metadata.mtime()).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}
