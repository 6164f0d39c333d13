//! Turns in writing an SQLite file. SQLite itself has those who wait look again and again, up to
//! 100 ms apart; whoever writes batch after batch would keep all others out.
//!
//! Two files beside the database are locked one after the other: the first by whoever is next, the
//! second by whoever writes. Who ends a turn and wants another stands behind the one who is next.
//! The system drops the locks of a process that ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{BUSY_TIMEOUT, Error};

/// Where one stands in line for a database.
#[derive(Debug, Clone)]
pub struct Turns {
    next: Arc<Path>,
    writing: Arc<Path>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    next: Arc<Path>,
    _writing: File,
}

impl Turns {
    pub fn of(database: &Path) -> Self {
        let beside = |end: &str| {
            let mut name = database.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name).into()
        };
        Self { next: beside(".next"), writing: beside(".writing") }
    }

    /// # Errors
    /// When somebody writes for too long, or the files cannot be locked.
    pub async fn take(&self) -> Result<Turn, Error> {
        let _next = lock(&self.next).await?;
        Ok(Turn { next: Arc::clone(&self.next), _writing: lock(&self.writing).await? })
    }
}

impl Turn {
    /// Whether somebody else waits for a turn.
    pub fn is_wanted(&self) -> bool {
        let next = File::options().write(true).open(&self.next);
        // Dropped at once, so nobody waits for it.
        next.is_ok_and(|next| matches!(next.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Goes on where others write for too long, as an import that makes indexes, and says so.
pub async fn patiently<T, Asked>(ask: impl Fn() -> Asked) -> Result<T, Error>
where
    Asked: Future<Output = Result<T, Error>>,
{
    loop {
        match ask().await {
            Err(Error::Busy) => tracing::info!("waiting for somebody who writes for long"),
            asked => return asked,
        }
    }
}

/// Each lock is a file opened anew: one that nobody waits for any more goes with it.
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

    #[tokio::test]
    async fn whoever_ends_a_turn_stands_behind_those_who_wait() {
        let dir = tempfile::tempdir().unwrap();
        let turns = Turns::of(&dir.path().join("it.db"));
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut mine = turns.take().await.unwrap();
        assert!(!mine.is_wanted());
        for round in 0..20 {
            let (others, told) = (turns.clone(), Arc::clone(&order));
            let waiting = tokio::spawn(async move {
                let turn = others.take().await.unwrap();
                told.lock().unwrap().push((round, "other"));
                turn
            });
            while !mine.is_wanted() {
                tokio::task::yield_now().await;
            }
            drop(mine);
            let again = turns.take();
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
    async fn who_is_patient_waits_for_any_other_answer() {
        let answers =
            Mutex::new(vec![Err(Error::Gap(7)), Ok(7), Err(Error::Busy), Err(Error::Busy)]);
        let ask = || async { answers.lock().unwrap().pop().unwrap() };
        assert_eq!(patiently(ask).await.unwrap(), 7);
        assert!(matches!(patiently(ask).await, Err(Error::Gap(7))));
    }

    #[tokio::test]
    async fn whoever_stops_waiting_holds_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let turns = Turns::of(&dir.path().join("it.db"));
        let mine = turns.take().await.unwrap();
        let others = turns.clone();
        let waiting = tokio::spawn(async move { others.take().await });
        while !mine.is_wanted() {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        drop(mine);
        turns.take().await.unwrap();
    }
}
