//! A fair lock for writing an SQLite file. SQLite itself lets each waiting writer look again up to
//! 100 ms apart, so a writer of batch after batch would keep all others out.
//!
//! Two files beside the database are locked one after the other: `.next` by the writer that is next,
//! `.writing` by the one that writes. A writer that ends and wants the lock again stands behind the one that is next.
//! The system drops the locks of a process that ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::watched_file::WatchedFile;
use crate::store::error::Error;

/// The longest time to wait for other writers of a file.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The lock of one database file. Clones are the same lock.
#[derive(Debug, Clone)]
pub struct WriteLock {
    next: Arc<Path>,
    writing: Arc<Path>,
}

/// The lock is held until this is dropped.
#[derive(Debug)]
pub struct WriteGuard {
    next: Arc<Path>,
    file: Arc<WatchedFile>,
    _writing: File,
}

impl WriteLock {
    /// The lock of the database at this path, which is one for one file.
    pub fn of(database: &Path) -> Self {
        let beside = |end| super::beside(database, end).into();
        Self { next: beside(".next"), writing: beside(".writing") }
    }

    /// Waits for the lock, in the order of the calls, to write into `file`.
    ///
    /// # Errors
    /// [`Error::Busy`] when other writers hold it for longer than [`BUSY_TIMEOUT`]; [`Error::Lock`] when the files
    /// cannot be locked.
    pub async fn acquire(&self, file: &Arc<WatchedFile>) -> Result<WriteGuard, Error> {
        let _next = lock(&self.next).await?;
        let writing = lock(&self.writing).await?;
        Ok(WriteGuard { next: Arc::clone(&self.next), file: Arc::clone(file), _writing: writing })
    }
}

impl WriteGuard {
    /// Whether what is written comes into the file that the path leads to.
    ///
    /// # Errors
    /// [`Error::Lost`] when it does not.
    pub async fn check_file(&self) -> Result<(), Error> {
        self.file.check_to_write().await
    }

    /// Whether the log has lost its name, so that [`Self::check_file`] brings what it holds into the file.
    pub fn has_lost_log(&self) -> bool {
        self.file.has_lost_log()
    }

    /// Whether another writer waits for the lock.
    pub fn has_waiter(&self) -> bool {
        let next = File::options().write(true).open(&self.next);
        // Dropped at once, so nobody waits for it.
        next.is_ok_and(|next| matches!(next.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Opens the file once for each attempt: flock belongs to the open file, so the lock of a waiter that was cancelled is
/// released with its handle.
async fn lock(path: &Arc<Path>) -> Result<File, Error> {
    let failed = |source| Error::Lock { path: path.to_path_buf(), source };
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    let file = opened.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    match tokio::time::timeout(BUSY_TIMEOUT, waiting).await {
        Ok(Ok(locked)) => locked.map_err(failed),
        Ok(Err(ended)) => Err(failed(io::Error::other(ended))),
        Err(_) => Err(Error::Busy),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn locked_file(dir: &tempfile::TempDir) -> (WriteLock, Arc<WatchedFile>) {
        let path = dir.path().join("it.db");
        File::create(&path).unwrap();
        (WriteLock::of(&path), Arc::new(WatchedFile::of(path).unwrap()))
    }

    #[tokio::test]
    async fn a_writer_that_ends_stands_behind_those_that_wait() {
        let dir = tempfile::tempdir().unwrap();
        let (lock, file) = locked_file(&dir);
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut mine = lock.acquire(&file).await.unwrap();
        assert!(!mine.has_waiter());
        for round in 0..20 {
            let (others, told) = (lock.clone(), Arc::clone(&order));
            let same = Arc::clone(&file);
            let waiting = tokio::spawn(async move {
                let guard = others.acquire(&same).await.unwrap();
                told.lock().unwrap().push((round, "other"));
                guard
            });
            while !mine.has_waiter() {
                tokio::task::yield_now().await;
            }
            drop(mine);
            let again = lock.acquire(&file);
            let other = async { drop(waiting.await.unwrap()) };
            let (taken, ()) = tokio::join!(again, other);
            mine = taken.unwrap();
            order.lock().unwrap().push((round, "again"));
        }
        let expected: Vec<_> =
            (0..20).flat_map(|round| [(round, "other"), (round, "again")]).collect();
        assert_eq!(*order.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn a_waiter_that_is_cancelled_holds_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let (lock, file) = locked_file(&dir);
        let mine = lock.acquire(&file).await.unwrap();
        let (others, same) = (lock.clone(), Arc::clone(&file));
        let waiting = tokio::spawn(async move { others.acquire(&same).await });
        while !mine.has_waiter() {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(mine);
        lock.acquire(&file).await.unwrap();
    }
}
