//! Why a process must not go on with its database.

use std::path::PathBuf;

use super::known_log::OtherLog;

/// Nothing more begins on a database that is lost; a server ends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error(transparent)]
    Log(#[from] OtherLog),
    #[error(transparent)]
    File(#[from] FileLost),
    #[error(transparent)]
    LogFile(#[from] LogFileLost),
}

/// An SQLite file was lost under an open database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path} {mishap} while it was open; what is written now would be lost, so nothing is. Put the right file there, remove the \
     files of the same name that end with -wal and -shm if that file is a copy, and start the server again"
)]
pub struct FileLost {
    pub path: PathBuf,
    pub mishap: Mishap,
}

/// The log beside an SQLite file, or its index, was lost under an open database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path} {mishap} while it was open{}; {}, and nothing more is written. {} the server again",
    aside.as_ref().map(|path| format!(", and that one is {} now", path.display())).unwrap_or_default(),
    if *is_whole { "what was in the log is in the database" } else { "what was in the log may be lost" },
    if self.is_in_the_way() { "Remove that one, and start" } else { "Start" }
)]
pub struct LogFileLost {
    pub path: PathBuf,
    pub mishap: Mishap,
    /// The name that the file has now which lay in its place.
    pub aside: Option<PathBuf>,
    /// Whether all that was committed to the log is in the file.
    pub is_whole: bool,
}

impl LogFileLost {
    /// Whether a file lies in its place that the next start would take for it.
    pub const fn is_in_the_way(&self) -> bool {
        matches!(self.mishap, Mishap::Replaced) && self.aside.is_none()
    }
}

/// The mishap of an SQLite file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    Removed,
    /// Another file has its name.
    Replaced,
    /// It holds less than before, or is no database any more.
    Overwritten,
}

impl std::fmt::Display for Mishap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Removed => "was removed",
            Self::Replaced => "was replaced by another file",
            Self::Overwritten => "was overwritten",
        })
    }
}
