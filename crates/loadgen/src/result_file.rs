//! Files that a run writes into: claimed before it starts, and emptied when there is something to
//! write.
//!
//! A file that is claimed keeps its content, so that a run that cannot start does not cost the
//! results of the one before. Two that write into the same file would leave nothing of use, so the
//! second one is refused, whether it is of the same run or of another.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// Opens a file for writing, and makes it if it is not there.
///
/// # Errors
///
/// The system's reason, or that somebody else writes to it.
pub(crate) fn claim(path: &Path) -> io::Result<File> {
    let file = File::options().write(true).create(true).truncate(false).open(path)?;
    // Pipes and devices have room for many.
    if file.metadata()?.is_file()
        && let Err(TryLockError::WouldBlock) = file.try_lock()
    {
        return Err(io::Error::other("another output, or another run, is writing to it"));
    }
    // A file system without locks is no reason not to write.
    Ok(file)
}

/// Drops what was in it before.
///
/// # Errors
///
/// The system's reason.
pub(crate) fn clear(file: &File) -> io::Result<()> {
    // What is no regular file has nothing to cut off.
    if file.metadata()?.is_file() { file.set_len(0) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_has_one_writer_at_a_time_and_keeps_its_content_until_that_one_writes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, "from before").expect("a file");
        let claimed = claim(&path).expect("nobody else has it");
        assert_eq!(fs::read(&path).expect("it is there"), b"from before");
        let refused = claim(&path).expect_err("somebody has it");
        assert_eq!(refused.to_string(), "another output, or another run, is writing to it");
        clear(&claimed).expect("it can be cut");
        assert_eq!(fs::read(&path).expect("it is there"), b"");
        drop(claimed);
        claim(&path).expect("nobody has it any more");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_has_many_writers_and_nothing_to_cut() {
        let first = claim("/dev/null".as_ref()).expect("it is open to all");
        let second = claim("/dev/null".as_ref()).expect("it is open to all");
        clear(&first).and_then(|()| clear(&second)).expect("there is nothing to do");
    }
}
