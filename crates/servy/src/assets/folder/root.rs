//! A folder as a set of files: the path that a name leads to, and the file at a path.
//!
//! Links are followed as long as they stay inside the folder. It knows nothing of what is in the
//! files.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::kept::Stamp;
use crate::assets::path::is_hidden;

/// How a folder on the way to a file is opened: where the system knows a way, without the right
/// to list it.
#[cfg(target_os = "linux")]
const STEP: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const STEP: OFlags = OFlags::RDONLY;

/// An absolute path. It may be a link, and lead elsewhere tomorrow: that is how some sites are
/// deployed.
pub(super) struct Root(PathBuf);

/// What a name leads to.
pub(super) enum Lead {
    Nothing,
    /// A file, with no link on the way to it.
    File(PathBuf, Stamp),
    /// There is a link, which [`Root::resolve`] follows.
    Link,
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Root> {
        // Says at once whether it is a folder and may be read.
        drop(path.read_dir()?);
        std::path::absolute(path).map(Root)
    }

    /// Looks for the file of that normalized name, or the index page of that folder. That is one
    /// question for each segment, which the system answers from memory while a folder is in use.
    pub(super) fn look(&self, name: &str) -> io::Result<Lead> {
        for (end, _) in name.match_indices('/') {
            match if_there(self.0.join(&name[..end]).symlink_metadata())? {
                Some(step) if step.is_dir() => {}
                Some(step) if step.is_symlink() => return Ok(Lead::Link),
                _ => return Ok(Lead::Nothing),
            }
        }
        let mut path = self.0.join(name);
        let mut found = if_there(path.symlink_metadata())?;
        if found.as_ref().is_some_and(Metadata::is_dir) {
            path.push("index.html");
            found = if_there(path.symlink_metadata())?;
        }
        Ok(match found {
            Some(file) if file.is_file() => Lead::File(path, Stamp::of(&file)),
            Some(link) if link.is_symlink() => Lead::Link,
            _ => Lead::Nothing,
        })
    }

    /// What [`look`](Root::look) finds once the links on the way are followed. One that leads out
    /// of the folder or to something hidden leads to nothing.
    pub(super) fn resolve(&self, name: &str) -> io::Result<Option<(PathBuf, Stamp)>> {
        if_there(self.follow(name)).map(Option::flatten)
    }

    fn follow(&self, name: &str) -> io::Result<Option<(PathBuf, Stamp)>> {
        let root = self.0.canonicalize()?;
        let mut path = root.join(name).canonicalize()?;
        if path.is_dir() {
            path = path.join("index.html").canonicalize()?;
        }
        let Ok(inside) = path.strip_prefix(&root) else { return Ok(None) };
        let mut segments = inside.iter().map(OsStr::as_encoded_bytes).enumerate();
        if segments.any(|(depth, segment)| is_hidden(depth, segment)) {
            return Ok(None);
        }
        let file = path.symlink_metadata()?;
        Ok(file.is_file().then(|| (self.0.join(inside), Stamp::of(&file))))
    }

    /// Opens the file at a path that had no link a moment ago, when it was looked at. If it has
    /// one now, or is no file any more, there is nothing.
    pub(super) fn open_file(&self, path: &Path) -> io::Result<Option<(File, Metadata)>> {
        if_there(self.walk(path)).map(Option::flatten)
    }

    /// Step by step, each from the folder before: so nobody can put a link in between that leads
    /// out, however quick he is.
    fn walk(&self, path: &Path) -> io::Result<Option<(File, Metadata)>> {
        let inside = path.strip_prefix(&self.0).unwrap_or(path);
        let (Some(folders), Some(name)) = (inside.parent(), inside.file_name()) else {
            return Ok(None);
        };
        let folder = OFlags::DIRECTORY | OFlags::CLOEXEC | STEP;
        let mut at = openat(CWD, &self.0, folder, Mode::empty())?;
        for step in folders {
            at = openat(at, step, folder | OFlags::NOFOLLOW, Mode::empty())?;
        }
        // A pipe would keep us waiting until somebody writes.
        let file = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = File::from(openat(at, name, file, Mode::empty())?);
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then_some((file, metadata)))
    }

    /// The name of a file inside the folder.
    pub(super) fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.0).unwrap_or(path).to_string_lossy().into_owned()
    }
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    /// A folder with one file in a folder, beside a secret of the same name.
    fn folder() -> (TempDir, Root) {
        let outside = TempDir::new().expect("a folder");
        for name in ["public/docs", "secret"] {
            fs::create_dir_all(outside.path().join(name)).expect("a folder");
        }
        fs::write(outside.path().join("public/docs/a.txt"), "public").expect("a file");
        fs::write(outside.path().join("secret/a.txt"), "secret").expect("a file");
        let root = Root::open(&outside.path().join("public")).expect("it is there");
        (outside, root)
    }

    fn looked_at(root: &Root, name: &str) -> PathBuf {
        match root.look(name).expect("the disk works") {
            Lead::File(path, _) => path,
            Lead::Nothing | Lead::Link => panic!("{name} is a file"),
        }
    }

    #[test]
    fn a_link_that_comes_between_looking_and_opening_is_not_followed() {
        let (outside, root) = folder();
        let path = looked_at(&root, "docs/a.txt");
        assert!(root.open_file(&path).expect("the disk works").is_some());

        let docs = outside.path().join("public/docs");
        fs::rename(&docs, outside.path().join("public/old")).expect("it moves");
        symlink(outside.path().join("secret"), &docs).expect("a link");
        assert!(root.open_file(&path).expect("the disk works").is_none(), "a folder on the way");
        assert!(root.resolve("docs/a.txt").expect("the disk works").is_none());

        let path = looked_at(&root, "old/a.txt");
        fs::remove_file(&path).expect("it is there");
        symlink(outside.path().join("secret/a.txt"), &path).expect("a link");
        assert!(root.open_file(&path).expect("the disk works").is_none(), "the file itself");
    }

    #[test]
    fn a_pipe_that_takes_the_place_of_a_file_is_not_waited_for() {
        let (_outside, root) = folder();
        let path = looked_at(&root, "docs/a.txt");
        fs::remove_file(&path).expect("it is there");
        let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
        assert!(made.success());
        assert!(root.open_file(&path).expect("the disk works").is_none());
    }
}
