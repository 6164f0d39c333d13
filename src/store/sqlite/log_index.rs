//! The index of a log (`-wal`) that SQLite shares between the connections of a file, in the file beside it that ends with
//! `-shm`: how much of the log is in use. <https://sqlite.org/walformat.html> has the layout of both.
//!
//! Always true: while the index says that so many frames are in use, the log begins with the salts of the index and is as
//! long as these frames; SQLite takes frames out of use before it cuts the log.

use std::collections::HashSet;
use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;

/// Bytes of the log ahead of its frames, and of a frame ahead of its page.
const LOG_HEAD: u64 = 32;
const FRAME_HEAD: u64 = 24;

/// Pages that are looked for in the file, the newest ones of the log.
const PAGES_COMPARED: usize = 512;

/// The place where a database file tells the number of its pages.
const PAGES_AT: u64 = 28;

/// An open file with its log and the index of that.
#[derive(Debug)]
pub struct LogIndex {
    /// Never closed: a process that closes a file drops all its locks on it, those of SQLite as well.
    file: ManuallyDrop<File>,
    index: ManuallyDrop<File>,
    log: File,
}

/// A part of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse {
    frames: u32,
    page_bytes: u64,
    salts: [u8; 8],
    /// Frames that are in the file, and those that somebody began to bring there.
    brought: u32,
    begun: u32,
}

/// A log that holds less than its index says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutLog {
    /// Whether all that was committed to it had been brought into the file before.
    pub is_whole: bool,
}

impl LogIndex {
    /// Opens the index and the log of a file that has both; `None` where it has not.
    pub fn of(path: &Path) -> Option<Self> {
        let file = ManuallyDrop::new(File::open(path).ok()?);
        let index = ManuallyDrop::new(File::open(super::beside(path, "-shm")).ok()?);
        let log = File::open(super::beside(path, "-wal")).ok()?;
        Some(Self { file, index, log })
    }

    /// Looks whether somebody cut the log or wrote over its beginning; `None` when nobody did, or it cannot be told.
    pub fn cut(&self) -> Option<CutLog> {
        // Those who write and those who cut go on meanwhile: what is in use before and after a look was so throughout.
        let before = self.in_use()?;
        let bytes = self.log.metadata().ok()?.len();
        let mut salts = [0; 8];
        let has_salts = system::read_at(&self.log, &mut salts, 16).is_ok();
        let after = self.in_use()?;
        if before.salts != after.salts || before.page_bytes != after.page_bytes {
            return None;
        }
        let frames = before.frames.min(after.frames);
        let needed = LOG_HEAD + u64::from(frames) * (FRAME_HEAD + after.page_bytes);
        let is_cut = frames > 0 && (bytes < needed || !has_salts || salts != after.salts);
        is_cut.then_some(CutLog { is_whole: after.brought >= frames.max(after.frames) })
    }

    /// Whether the log is why the file alone is no database, which it need not be before all of the log is in it; true where
    /// that cannot be told.
    pub fn explains_the_file(&self) -> bool {
        self.in_use().is_none_or(|it| {
            // Somebody is in the midst of bringing frames into the file, or gave up there, as on a full disk.
            let is_being_brought = it.begun > it.brought;
            let is_held_back = it.brought < it.frames;
            is_being_brought
                || (is_held_back && (self.is_short_of_log(it) || self.is_in_the_file(it)))
        })
    }

    /// Whether the file has the pages that were brought there. A reader keeps the newest frames out of the file, and with
    /// them what their pages held before: pages that were brought may tell of others that are not there. Another
    /// file in the place of this one has not the pages of this log.
    fn is_in_the_file(&self, it: InUse) -> bool {
        let held_back = (it.brought..it.frames).filter_map(|frame| self.page_of(frame, it));
        let mut newer: HashSet<u64> = held_back.collect();
        let Ok(bytes) = usize::try_from(it.page_bytes) else { return false };
        let (mut brought, mut there) = (vec![0; bytes], vec![0; bytes]);
        let mut compared = 0;
        for frame in (0..it.brought).rev() {
            let Some(page) = self.page_of(frame, it).filter(|&page| page > 0) else { return false };
            if !newer.insert(page) {
                continue;
            }
            let at = LOG_HEAD + u64::from(frame) * (FRAME_HEAD + it.page_bytes) + FRAME_HEAD;
            let read = system::read_at(&self.log, &mut brought, at)
                .and_then(|()| system::read_at(&self.file, &mut there, (page - 1) * it.page_bytes));
            if read.is_err() || brought != there {
                return false;
            }
            compared += 1;
            if compared == PAGES_COMPARED {
                break;
            }
        }
        compared > 0
    }

    /// The part of the log that is in the file, and that which is on its way there.
    pub fn in_file(&self) -> Option<([u8; 8], u32, u32)> {
        self.in_use().map(|it| (it.salts, it.brought, it.begun))
    }

    /// Whether the file lacks pages that it says it has, and all of these are in the log. A reader keeps the newest frames out
    /// of the file, and with them a page that was added before and written once more.
    fn is_short_of_log(&self, it: InUse) -> bool {
        let mut pages = [0; 4];
        let (Ok(()), Ok(file)) =
            (system::read_at(&self.file, &mut pages, PAGES_AT), self.file.metadata())
        else {
            return false;
        };
        let (pages, there) = (u64::from(u32::from_be_bytes(pages)), file.len() / it.page_bytes);
        let count = pages.saturating_sub(there);
        if count == 0 || count > u64::from(it.frames) {
            return false;
        }
        let mut missing: HashSet<u64> = (there + 1..=pages).collect();
        // The newest frames are those that are held back.
        (0..it.frames).rev().filter_map(|frame| self.page_of(frame, it)).any(|page| {
            missing.remove(&page);
            missing.is_empty()
        })
    }

    /// The number of the page that a frame holds; `None` if the frame is of another log.
    fn page_of(&self, frame: u32, it: InUse) -> Option<u64> {
        let mut head = [0; 16];
        let at = LOG_HEAD + u64::from(frame) * (FRAME_HEAD + it.page_bytes);
        system::read_at(&self.log, &mut head, at).ok()?;
        let page = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        (head[8..] == it.salts).then_some(u64::from(page))
    }

    /// How much of the log is in use, and in the file; `None` when it cannot be told.
    pub fn in_use(&self) -> Option<InUse> {
        let mut head = [0; 132];
        system::read_at(&self.index, &mut head, 0).ok()?;
        let number =
            |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let is_made = head[12] != 0;
        let page_bytes = match u16::from_ne_bytes([head[14], head[15]]) {
            1 => 65_536,
            bytes => u64::from(bytes),
        };
        let mut salts = [0; 8];
        salts.copy_from_slice(&head[32..40]);
        is_made.then(|| InUse {
            frames: number(16),
            page_bytes,
            salts,
            brought: number(96),
            begun: number(128),
        })
    }
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt as _;

    pub fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
        file.read_exact_at(bytes, at)
    }
}

/// Windows lets nobody read what another has locked, and SQLite locks parts of the index.
#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io;

    pub fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
    use sqlx::{ConnectOptions as _, SqliteConnection};

    use super::*;

    async fn open(path: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        options.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap()
    }

    async fn run(conn: &mut SqliteConnection, sql: &'static str) {
        sqlx::raw_sql(sql).execute(conn).await.unwrap();
    }

    #[tokio::test]
    async fn a_log_that_is_used_as_sqlite_does_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        let (mut one, mut other) = (open(&path).await, open(&path).await);
        run(&mut one, "pragma journal_size_limit = 100000; create table t (x blob)").await;
        let index = LogIndex::of(&path).unwrap();
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..600 {
            let sql = [
                "insert into t values (randomblob(20000))",
                "insert into t values (randomblob(200000))",
                "delete from t",
                "pragma wal_checkpoint(passive)",
                "pragma wal_checkpoint(truncate)",
                "pragma wal_checkpoint(restart)",
                "pragma wal_checkpoint(full)",
            ][rng.usize(..7)];
            let conn = if rng.bool() { &mut one } else { &mut other };
            run(conn, sql).await;
            assert_eq!(index.cut(), None, "after {sql}");
        }
    }

    /// The look takes place in the midst of changes, of cuts and of new beginnings.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_look_meanwhile_finds_nothing_amiss() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        let mut conn = open(&path).await;
        run(&mut conn, "pragma synchronous = off; create table t (x blob)").await;
        let index = LogIndex::of(&path).unwrap();
        let writing = tokio::spawn(async move {
            for round in 0..3_000 {
                run(&mut conn, "insert into t values (randomblob(9000))").await;
                if round % 3 == 0 {
                    run(&mut conn, "pragma wal_checkpoint(truncate)").await;
                }
            }
        });
        let mut looks = 0_u64;
        while !writing.is_finished() {
            assert_eq!(index.cut(), None, "after {looks} looks");
            looks += 1;
            if looks.is_multiple_of(64) {
                tokio::task::yield_now().await;
            }
        }
        writing.await.unwrap();
        assert!(looks > 1_000, "{looks}");
    }

    #[tokio::test]
    async fn a_log_that_somebody_cuts_or_writes_over_is_told() {
        for (at, is_whole) in [(0, false), (40, false), (5_000, false), (0, true)] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("it.db");
            let mut conn = open(&path).await;
            run(&mut conn, "create table t (x blob); insert into t values (randomblob(20000))")
                .await;
            if is_whole {
                run(&mut conn, "pragma wal_checkpoint(passive)").await;
            }
            let index = LogIndex::of(&path).unwrap();
            assert_eq!(index.cut(), None);
            let log =
                File::options().write(true).open(super::super::beside(&path, "-wal")).unwrap();
            log.set_len(at).unwrap();
            assert_eq!(index.cut(), Some(CutLog { is_whole }), "{at}");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        let mut conn = open(&path).await;
        run(&mut conn, "create table t (x blob); insert into t values (randomblob(20000))").await;
        let index = LogIndex::of(&path).unwrap();
        let log = super::super::beside(&path, "-wal");
        let bytes = std::fs::read(&log).unwrap().len();
        std::fs::write(&log, vec![0; bytes]).unwrap();
        assert_eq!(index.cut(), Some(CutLog { is_whole: false }));
    }
}
