//! The file of an open database, watched: whoever removes it, or puts another one in its place, would have changes
//! acknowledged that nobody finds again.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::limits::FILE_UNREADABLE;
use crate::store::error::Error;
use crate::store::lost::{FileLost, Mishap};

/// The file at a path, as it was when it was opened.
#[derive(Debug)]
pub struct WatchedFile {
    path: PathBuf,
    device: u64,
    inode: u64,
    seen: Mutex<Seen>,
}

/// The last look into the file itself, past its log.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When the file was written last, in seconds and nanoseconds.
    written: (i64, i64),
    /// The version that the file held; 0 as long as all is in the log.
    version: i64,
    /// Since when the file, which held a version, cannot be read as a database.
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
        let (device, inode) = (found.dev(), found.ino());
        Ok(Self { path, device, inode, seen: Mutex::default() })
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
        if (found.dev(), found.ino()) != (self.device, self.inode) {
            return Err(lost(Mishap::Replaced));
        }
        let written = (found.mtime(), found.mtime_nsec());
        let mut seen = self.seen.lock().await;
        if written == seen.written {
            return Ok(());
        }
        match self.version_inside().await {
            Ok(version) if version < seen.version => Err(lost(Mishap::Overwritten)),
            Ok(version) => {
                *seen = Seen { written, version, unreadable: None };
                Ok(())
            }
            // All of it is in the log yet.
            Err(_) if seen.version == 0 => {
                seen.written = written;
                Ok(())
            }
            // Somebody may be in the midst of writing it: look again.
            Err(sqlx::Error::Database(_)) => {
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

    /// Whether the file may be written.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] when it may not.
    pub fn check_writable(&self) -> Result<(), Error> {
        match access(&self.path, Access::WRITE_OK) {
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::ROFS | rustix::io::Errno::PERM) => {
                Err(Error::ReadOnly { path: self.path.clone() })
            }
            _ => Ok(()),
        }
    }

    /// The version that the file itself holds. It only grows, since checkpoints bring in what is newer.
    async fn version_inside(&self) -> Result<i64, sqlx::Error> {
        let file = SqliteConnectOptions::new().filename(&self.path).read_only(true).immutable(true);
        let mut conn = file.connect().await?;
        let sql = "select version from counter where id = 1";
        let version = sqlx::query_scalar(sql).fetch_one(&mut conn).await?;
        conn.close().await?;
        Ok(version)
    }
}

/// Refuses a file that has several names: each name would have a log of its own, and one loses what the other writes.
///
/// # Errors
/// [`Error::HardLinked`].
pub fn check_names(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() && found.nlink() > 1 => {
            Err(Error::HardLinked { path: path.to_owned(), names: found.nlink() })
        }
        _ => Ok(()),
    }
}
