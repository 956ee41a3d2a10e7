//! One reader for each file at a time.
//!
//! When many clients ask at once for a file that nobody has read yet, one of them reads it, and
//! the others wait and find what it read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// The files that are being read, or waited for.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<PathBuf, Weak<tokio::sync::Mutex<()>>>>);

/// The right to read a file; the next one has it when this is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// Waits until nobody else reads that file.
    pub(super) async fn take(&self, path: &Path) -> Turn {
        self.of(path).lock_owned().await
    }

    fn of(&self, path: &Path) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(path).and_then(Weak::upgrade) {
            return turn;
        }
        // As many are left as files are being read.
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(path.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_same_file_waits_another_one_does_not_and_nothing_is_kept() {
        let turns = Turns::default();
        let soon = Duration::from_secs(1);
        let first = turns.take(Path::new("a")).await;
        let other = turns.take(Path::new("b")).await;
        let second = tokio::time::timeout(soon, turns.take(Path::new("a")));
        assert!(second.await.is_err(), "a is being read");
        drop((first, other));
        let third = tokio::time::timeout(soon, turns.take(Path::new("c"))).await;
        assert!(third.is_ok());
        assert_eq!(turns.0.lock().expect("nobody panics").len(), 1, "a and b are forgotten");
    }
}
