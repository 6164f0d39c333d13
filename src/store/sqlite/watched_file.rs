//! The file of an open database and its log, watched: whoever removes one, cuts it, or puts another one in its place, would
//! have changes acknowledged that nobody finds again.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::log_index::{CutLog, LogIndex};
use crate::limits::{FILE_UNREADABLE, RESCUE_PATIENCE, RETRY_FIRST};
use crate::store::error::Error;
use crate::store::lost::{FileLost, LogFileLost, Mishap};

/// The file at a path, as it was when it was opened.
#[derive(Debug)]
pub struct WatchedFile {
    path: PathBuf,
    identity: (u64, u64),
    seen: Mutex<Seen>,
    /// The log beside it and the index of that, while they are watched.
    log: std::sync::Mutex<Option<Beside>>,
    /// Once it was looked into; `None` where it cannot be.
    index: OnceLock<Option<LogIndex>>,
    /// The first mishap of the log, and the name that another one got which lay in its place.
    lost: OnceLock<(LogMishap, Option<PathBuf>)>,
    /// A connection that keeps the log: SQLite removes it with the last one.
    keeper: Mutex<Option<SqliteConnection>>,
}

/// The identities of a log and of its index, as far as there are any: a file system may not let a database have them.
#[derive(Debug, Clone, Copy)]
struct Beside {
    log: Option<(u64, u64)>,
    index: Option<(u64, u64)>,
}

/// The mishap of a watched log or of its index.
#[derive(Debug)]
struct LogMishap {
    path: PathBuf,
    mishap: Mishap,
    /// A log that holds less than it did, under its own name.
    cut: Option<CutLog>,
}

/// The contents of a file, as far as they tell it from another one's.
struct Inside {
    version: i64,
    tag: Option<i64>,
    /// The tag of the event that was the last one before.
    tag_of_seen: Option<i64>,
}

impl Inside {
    /// Whether the event that was the last one is another by now.
    fn is_of_another(&self, seen: &Seen) -> bool {
        seen.tag.zip(self.tag_of_seen).is_some_and(|(before, now)| before != now)
    }
}

/// The last look into the file itself, past its log.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When the file was written last, in seconds and nanoseconds.
    written: (i64, i64),
    /// The version that the file held; 0 as long as all is in the log.
    version: i64,
    /// The tag of its event of that version, unless it was pruned.
    tag: Option<i64>,
    /// Since when the file, which held a version, cannot be read as that database.
    unreadable: Option<Instant>,
}

impl WatchedFile {
    /// Watches an open file.
    ///
    /// # Errors
    /// [`Error::Lost`] when it is not there any more.
    pub fn of(path: PathBuf) -> Result<Self, Error> {
        let Ok(found) = std::fs::metadata(&path) else {
            return Err(Error::Lost(FileLost { path, mishap: Mishap::Removed }.into()));
        };
        let identity = system::identity(&found);
        Ok(Self {
            path,
            identity,
            seen: Mutex::default(),
            log: std::sync::Mutex::default(),
            index: OnceLock::new(),
            lost: OnceLock::new(),
            keeper: Mutex::default(),
        })
    }

    /// Watches the log, too, until [`Self::let_log_go`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn watch_log(&self) -> Result<(), Error> {
        let mut keeper = SqliteConnectOptions::new().filename(&self.path).connect().await?;
        // The first look opens the log, and makes it if it is not there.
        sqlx::query("pragma schema_version").execute(&mut keeper).await?;
        let identity = |path: PathBuf| match std::fs::metadata(&path) {
            Ok(found) => Ok(Some(system::identity(&found))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Unopenable { path, source }),
        };
        let (log, index) = (identity(self.log_path())?, identity(self.index_path())?);
        *self.log.lock().expect("nothing panics with it") = Some(Beside { log, index });
        *self.keeper.lock().await = Some(keeper);
        Ok(())
    }

    /// Ends the watch of the log, which SQLite may remove from here on.
    ///
    /// # Errors
    /// When the connection does not end in peace.
    pub async fn let_log_go(&self) -> Result<(), Error> {
        *self.log.lock().expect("nothing panics with it") = None;
        if let Some(keeper) = self.keeper.lock().await.take() {
            keeper.close().await?;
        }
        Ok(())
    }

    fn log_path(&self) -> PathBuf {
        super::beside(&self.path, "-wal")
    }

    fn index_path(&self) -> PathBuf {
        super::beside(&self.path, "-shm")
    }

    /// The mishap of the watched log or its index, if there was one. Without the index this process and others would no
    /// longer know of one another.
    fn mishap_of_log(&self) -> Option<LogMishap> {
        let known = (*self.log.lock().expect("nothing panics with it"))?;
        for (path, identity) in [(self.log_path(), known.log), (self.index_path(), known.index)] {
            let Some(identity) = identity else { continue };
            let mishap = match std::fs::metadata(&path) {
                Ok(found) if system::identity(&found) != identity => Mishap::Replaced,
                Err(error) if error.kind() == ErrorKind::NotFound => Mishap::Removed,
                _ => continue,
            };
            return Some(LogMishap { path, mishap, cut: None });
        }
        known.log?;
        let cut = self.index()?.cut()?;
        Some(LogMishap { path: self.log_path(), mishap: Mishap::Overwritten, cut: Some(cut) })
    }

    /// Whether the log or its index has lost its name: the next check brings what it holds into the file, which waits for
    /// writers.
    pub fn has_lost_log(&self) -> bool {
        self.mishap_of_log().is_some_and(|it| it.cut.is_none())
    }

    /// The index of the log, which is there as long as a connection is.
    fn index(&self) -> Option<&LogIndex> {
        self.index.get_or_init(|| LogIndex::of(&self.path)).as_ref()
    }

    /// The same, if it was looked into before.
    fn known_index(&self) -> Option<&LogIndex> {
        self.index.get().and_then(Option::as_ref)
    }

    /// Brings into the file what was committed to a log that has lost its name, or its index; the process still holds it. It
    /// waits for those who read from before its end.
    async fn rescue(&self, lost: LogMishap) -> Error {
        // A later look would find the place empty of a log that was put aside.
        let (LogMishap { path, mishap, .. }, aside) = self.lost.get_or_init(|| {
            tracing::error!(
                path = %lost.path.display(),
                "a file of the database {}: no change is taken any more; what was in the log is brought into the database once \
                 nobody reads what was before",
                lost.mishap
            );
            // SQLite would take another log into the file.
            let is_of_another = lost.mishap == Mishap::Replaced && lost.path == self.log_path();
            let aside = is_of_another.then(|| self.put_log_aside()).flatten();
            (lost, aside)
        });
        let mut keeper = self.keeper.lock().await;
        let began = Instant::now();
        let is_whole = loop {
            let Some(keeper) = keeper.as_mut() else { break false };
            let sql = "pragma wal_checkpoint(full)";
            match sqlx::query_as::<_, (i64, i64, i64)>(sql).fetch_one(keeper).await {
                Ok((0, pages, brought)) => break pages == brought,
                Ok(_) if began.elapsed() < RESCUE_PATIENCE => {}
                Ok(_) => break false,
                Err(error) => {
                    tracing::error!(%error, "the log cannot be brought into the file");
                    break false;
                }
            }
            tokio::time::sleep(RETRY_FIRST).await;
        };
        let (path, mishap, aside) = (path.clone(), *mishap, aside.clone());
        Error::Lost(LogFileLost { path, mishap, aside, is_whole }.into())
    }

    /// Gives another log that lies at the place of ours a name of its own.
    fn put_log_aside(&self) -> Option<PathBuf> {
        let name = |number: u32| match number {
            1 => super::beside(&self.path, "-wal.other"),
            _ => super::beside(&self.path, &format!("-wal.other-{number}")),
        };
        let free = (1..100).map(name).find(|path| !path.exists())?;
        match std::fs::rename(self.log_path(), &free) {
            Ok(()) => Some(free),
            Err(error) => {
                tracing::error!(%error, "the other log cannot be put aside");
                None
            }
        }
    }

    /// Whether the path still leads to the file, and the file holds at least what it held before. The file is looked into
    /// only when it was written since the last look, which checkpoints do.
    ///
    /// # Errors
    /// [`Error::Lost`] when it does not.
    pub async fn check(&self) -> Result<(), Error> {
        let lost = |mishap| Error::Lost(FileLost { path: self.path.clone(), mishap }.into());
        let found = match std::fs::metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(lost(Mishap::Removed)),
            // A disk that fails says so to those who read and write.
            Err(_) => return Ok(()),
        };
        if system::identity(&found) != self.identity {
            return Err(lost(Mishap::Replaced));
        }
        match self.mishap_of_log() {
            None => {}
            // The rest of it must not come into the file.
            Some(LogMishap { path, mishap, cut: Some(CutLog { is_whole }) }) => {
                let lost = LogFileLost { path, mishap, aside: None, is_whole };
                return Err(Error::Lost(lost.into()));
            }
            Some(lost) => return Err(self.rescue(lost).await),
        }
        let written = system::written(&found);
        let mut seen = self.seen.lock().await;
        if written == seen.written {
            return Ok(());
        }
        // No database is so short.
        if found.len() == 0 && seen.version > 0 {
            return Err(lost(Mishap::Overwritten));
        }
        let in_file = || self.known_index().map(LogIndex::in_file);
        let before = in_file();
        let inside = self.look_inside(seen.version).await;
        match inside {
            Ok(inside) if inside.version >= seen.version && !inside.is_of_another(&seen) => {
                let Inside { version, tag, .. } = inside;
                *seen = Seen { written, version, tag, unreadable: None };
                Ok(())
            }
            // All of it is in the log yet.
            Err(_) if seen.version == 0 => {
                seen.written = written;
                Ok(())
            }
            // More of the log came into it during the look.
            Ok(_) | Err(sqlx::Error::Database(_)) if before.is_some() && before != in_file() => {
                Ok(())
            }
            // The rest is in the log, as long as a reader, a full disk or the end of a process keeps it there.
            Ok(_) | Err(sqlx::Error::Database(_))
                if self.index().is_some_and(LogIndex::explains_the_file) =>
            {
                (seen.written, seen.unreadable) = (written, None);
                Ok(())
            }
            Ok(inside) if inside.version < seen.version && before == in_file() => {
                Err(lost(Mishap::Overwritten))
            }
            // Somebody may be in the midst of writing it: look again.
            Ok(_) | Err(sqlx::Error::Database(_)) => {
                let since = *seen.unreadable.get_or_insert_with(Instant::now);
                if since.elapsed() > FILE_UNREADABLE {
                    Err(lost(Mishap::Overwritten))
                } else {
                    Ok(())
                }
            }
            // A process without room for another connection does not tell of the file.
            Err(_) => Ok(()),
        }
    }

    /// The same before something is written: a file that cannot be read as its database is looked at until it can, or is known
    /// to be lost.
    ///
    /// # Errors
    /// [`Error::Lost`].
    pub async fn check_to_write(&self) -> Result<(), Error> {
        self.check().await?;
        while self.seen.lock().await.unreadable.is_some() {
            tokio::time::sleep(RETRY_FIRST).await;
            self.check().await?;
        }
        Ok(())
    }

    /// Whether the file may be written.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] when it may not.
    pub fn check_writable(&self) -> Result<(), Error> {
        if system::is_read_only(&self.path) {
            return Err(Error::ReadOnly { path: self.path.clone() });
        }
        Ok(())
    }

    /// Looks into the file itself, past its log. Its version only grows, since checkpoints bring in what is newer.
    async fn look_inside(&self, seen: i64) -> Result<Inside, sqlx::Error> {
        let file = SqliteConnectOptions::new().filename(&self.path).read_only(true).immutable(true);
        let mut conn = file.connect().await?;
        let sql = "select version from counter where id = 1";
        let version = sqlx::query_scalar(sql).fetch_one(&mut conn).await?;
        // Pages of the log of events may be on their way, or find no room on a full disk; then nothing is told of them.
        let sql = "select tag from events where version = $1";
        let mut tags = [None; 2];
        for (tag, version) in tags.iter_mut().zip([version, seen]) {
            *tag = sqlx::query_scalar(sql)
                .bind(version)
                .fetch_optional(&mut conn)
                .await
                .ok()
                .flatten();
        }
        let [tag, tag_of_seen] = tags;
        conn.close().await?;
        Ok(Inside { version, tag, tag_of_seen })
    }
}

/// Refuses a file that has several names: each name would have a log of its own, and one loses what the other writes. And
/// what is no file: a device would take a database, and keep none.
///
/// # Errors
/// [`Error::HardLinked`], [`Error::NotAFile`].
pub fn check_file(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(Error::NotAFile { path: path.to_owned() }),
        Ok(found) if found.is_file() && system::names(&found) > 1 => {
            Err(Error::HardLinked { path: path.to_owned(), names: system::names(&found) })
        }
        _ => Ok(()),
    }
}

/// The facts about a file that each system tells in its own way.
#[cfg(unix)]
mod system {
    use std::os::unix::fs::MetadataExt as _;

    use rustix::fs::{Access, access};
    use rustix::io::Errno;

    use super::{Metadata, Path};

    /// The numbers by which the file differs from all others.
    pub fn identity(file: &Metadata) -> (u64, u64) {
        (file.dev(), file.ino())
    }

    /// When the file was written last, in seconds and nanoseconds.
    pub fn written(file: &Metadata) -> (i64, i64) {
        (file.mtime(), file.mtime_nsec())
    }

    pub fn names(file: &Metadata) -> u64 {
        file.nlink()
    }

    pub fn is_read_only(path: &Path) -> bool {
        let refused = access(path, Access::WRITE_OK);
        matches!(refused, Err(Errno::ACCESS | Errno::ROFS | Errno::PERM))
    }
}

/// Windows tells less: a file that was put in the place of another is known by the moment at which it was made, and names
/// are not counted.
#[cfg(windows)]
mod system {
    use std::os::windows::fs::MetadataExt as _;

    use super::{Metadata, Path};

    pub fn identity(file: &Metadata) -> (u64, u64) {
        (0, file.creation_time())
    }

    pub fn written(file: &Metadata) -> (i64, i64) {
        (file.last_write_time().cast_signed(), 0)
    }

    pub fn names(_: &Metadata) -> u64 {
        1
    }

    pub fn is_read_only(path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|file| file.permissions().readonly())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use sqlx::sqlite::SqliteJournalMode;

    use super::*;

    /// A reader keeps the newest frames of the log out of the file, so that a page that was added and written again is in the
    /// log alone, while the file says already that it has it.
    #[tokio::test]
    async fn a_file_whose_log_is_held_back_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal);
        let mut conn = options.connect().await.unwrap();
        let mut reader = options.connect().await.unwrap();
        let make = "pragma synchronous = off; pragma wal_autocheckpoint = 0;
            create table counter (id integer primary key, version integer);
            create table events (version integer primary key, tag integer, payload blob);
            insert into counter values (1, 0); pragma wal_checkpoint(truncate);";
        sqlx::raw_sql(make).execute(&mut conn).await.unwrap();
        let watched = WatchedFile::of(path.clone()).unwrap();
        watched.check_to_write().await.unwrap();
        let (mut rng, mut short, mut is_reading) = (fastrand::Rng::with_seed(1), 0, false);
        for version in 1..1_000 {
            let sql = "begin; insert into events
                select version + 1, 7 * version, randomblob(300) from counter;
                update counter set version = version + 1; commit";
            sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            if rng.u8(..4) == 0 {
                let turn = if is_reading { "rollback" } else { "begin; select * from counter" };
                sqlx::raw_sql(turn).execute(&mut reader).await.unwrap();
                is_reading = !is_reading;
            }
            if rng.bool() {
                let sql = "pragma wal_checkpoint(passive)";
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
            if !is_reading && rng.u8(..16) == 0 {
                // Pages go elsewhere, and some of the old ones are held back.
                sqlx::raw_sql("vacuum").execute(&mut conn).await.unwrap();
            }
            short += u32::from(watched.look_inside(0).await.is_err());
            watched.check().await.unwrap();
            assert!(watched.seen.lock().await.unreadable.is_none(), "at {version}");
        }
        assert!(short > 10, "the file alone was no database {short} times");
        // Less of it than that is nobody's doing but another's.
        if is_reading {
            sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
        }
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(3 * 4_096).unwrap();
        watched.check().await.unwrap();
        assert!(watched.seen.lock().await.unreadable.is_some());
    }

    /// Somebody is killed while pages are brought into the file, whoever else has it open.
    #[tokio::test]
    async fn a_file_that_the_log_is_being_brought_into_is_not_overwritten() {
        for is_being_brought in [true, false] {
            // Closed after the connection, whose locks its end would drop.
            let _index;
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("it.db");
            let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let mut conn = options.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap();
            let make = "create table counter (id integer primary key, version integer);
                create table events (version integer primary key, tag integer);
                insert into counter values (1, 7); insert into events values (7, 70);
                pragma wal_checkpoint(truncate); update counter set version = 8;";
            sqlx::raw_sql(make).execute(&mut conn).await.unwrap();
            let watched = WatchedFile::of(path.clone()).unwrap();
            watched.check_to_write().await.unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.write_all_at(&[0xff; 4_096], 4_096).unwrap();
            if is_being_brought {
                let index = super::super::beside(&path, "-shm");
                let index = std::fs::File::options().write(true).open(index).unwrap();
                index.write_all_at(&1_u32.to_ne_bytes(), 128).unwrap();
                _index = index;
            }
            let checked = watched.check_to_write().await;
            assert_eq!(checked.is_ok(), is_being_brought, "{checked:?}");
        }
    }
}
