//! Files of a folder, read when they are asked for.
//!
//! A file is read again when it has changed, and only then: what has been read is kept together
//! with the facts that tell a change. Of a large file only its digest is kept; its bytes stay on
//! the disk until they are sent.
//!
//! The facts are asked for at each request, and by the thread that answers it. On a slow disk
//! that thread waits for them where it could do something else, but it seldom has to: the system
//! remembers them for any file that is in use, and then asking takes about a microsecond. Having
//! another thread ask takes tens of them, more than all the rest of a request together.

mod kept;
mod root;

use std::fs::Metadata;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Asset;
use super::large_file::LargeFile;
use super::turns::Turns;
use kept::{Kept, Known, Stamp};
use root::{Lead, Root};

/// A file of at most this many bytes is read whole.
const SMALL: u64 = 1 << 20;

/// So is a file of at most this many bytes that gets smaller when it is compressed.
const COMPRESSIBLE: u64 = 8 << 20;

pub(crate) struct Folder {
    root: Root,
    kept: Mutex<Kept>,
    turns: Turns,
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        Ok(Folder { root: Root::open(path)?, kept: Mutex::default(), turns: Turns::default() })
    }

    /// The file of that normalized name, or the index page of that folder. What may not be read
    /// is not there.
    ///
    /// # Errors
    ///
    /// When the file cannot be read just now: the disk fails, too many files are open, or it is
    /// being written.
    pub(super) async fn get(self: &Arc<Self>, name: &str) -> io::Result<Option<Arc<Asset>>> {
        let (path, stamp) = match self.root.look(name)? {
            Lead::Nothing => return Ok(None),
            Lead::File(path, stamp) => (path, stamp),
            Lead::Link => {
                let (this, name) = (Arc::clone(self), name.to_owned());
                match blocking(move || this.root.resolve(&name)).await? {
                    Some(found) => found,
                    None => return Ok(None),
                }
            }
        };
        if let Some(Known::Whole(asset)) = self.kept().get(&path, stamp) {
            return Ok(Some(asset));
        }
        let turn = self.turns.take(&path).await;
        let this = Arc::clone(self);
        // The turn ends with the reading, whether or not the client still waits for it.
        blocking(move || {
            let asset = this.read(&path);
            drop(turn);
            asset
        })
        .await
    }

    /// Reads the file, unless somebody just has.
    fn read(&self, path: &Path) -> io::Result<Option<Arc<Asset>>> {
        let now = SystemTime::now();
        let Some((mut file, metadata)) = self.root.open_file(path)? else { return Ok(None) };
        let stamp = Stamp::of(&metadata);
        let known = self.kept().get(path, stamp);
        if let Some(Known::Whole(asset)) = known {
            return Ok(Some(asset));
        }
        let (name, modified) = (self.root.name(path), whole_seconds(&metadata));
        let is_settled = stamp.is_settled(now);
        // A file that is read for each request had better not be large.
        let limit = if is_settled && Asset::is_compressible(&name) { COMPRESSIBLE } else { SMALL };
        let (asset, known) = if stamp.len <= limit {
            let mut body = Vec::new();
            file.read_to_end(&mut body)?;
            let asset = Arc::new(Asset::new(&name, body.into(), modified));
            (Arc::clone(&asset), Known::Whole(asset))
        } else {
            let file = LargeFile::new(&name, file, &metadata);
            let digest = match known {
                Some(Known::Digest(digest)) => digest,
                _ => file.digest()?.into(),
            };
            let asset = Asset::plain(&name, file.into(), &digest, modified);
            (Arc::new(asset), Known::Digest(digest))
        };
        if is_settled {
            self.kept().insert(path, stamp, known);
        }
        Ok(Some(asset))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what reads the disk, which may be slow; the runtime's threads must not wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten()
}

/// When a file was last modified, as precisely as HTTP can say it.
fn whole_seconds(metadata: &Metadata) -> Option<SystemTime> {
    let seconds = u64::try_from(metadata.mtime()).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}
