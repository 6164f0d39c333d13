//! Copies of a whole database: a backup in one file, a restore from it, a move to a database of the other kind.
//!
//! A copy is of one version, exact, and there as a whole or not at all. Servers may go on serving the source.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::domain::clock::{Clock as _, SystemClock};
use crate::limits::{RESTORE_LEAP, RESTORE_LEAP_STRUCTURE};
use crate::progress::{Progress, Work};
use crate::recount::{self, Depth, Verdict};
use crate::store::{self, CopyOptions, LastIds, Store, beside};

/// A copy was not made; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{path} exists already: name another file")]
    Exists { path: PathBuf },
    #[error("{path} is the address of a database: name a file")]
    Address { path: PathBuf },
    #[error("source and target are the same database; nothing was changed")]
    Same,
    #[error(
        "the database exists already: with --replace it is replaced, and kept beside the new one where it is a file"
    )]
    NotEmpty,
    #[error(
        "{path} is not there, but its log {path}-wal is, with its last changes: put the file back in its place, or give up the \
         log with --replace, which keeps it beside the new file"
    )]
    LogLeft { path: PathBuf },
    #[error("the backup is not sound:\n{verdict}")]
    Unsound { verdict: Verdict },
    #[error("{path}")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A copy that was made.
#[derive(Debug)]
pub struct Report {
    /// The rows of all tables.
    pub rows: u64,
    /// The result of a check of the copy.
    pub verdict: Verdict,
    /// The file that the copy took the place of, or the log of one that was gone, has this name now.
    pub kept: Option<PathBuf>,
}

/// Copies a database into one new SQLite file, which only its owner may read: it holds contact data.
///
/// # Errors
/// [`Failure::Exists`] when the file is there; else when the database cannot be read or the file not be written.
pub async fn backup(url: &str, file: &Path, progress: Progress) -> Result<Report, Failure> {
    if file.to_string_lossy().contains("://") {
        return Err(Failure::Address { path: file.to_owned() });
    }
    // A link to nothing is there as well, and stays.
    if file.symlink_metadata().is_ok() {
        return Err(Failure::Exists { path: file.to_owned() });
    }
    let source = Store::open_to_read(url).await?;
    // A folder that is not there may be that of a disk that is not mounted.
    let folder = folder_of(file);
    folder.metadata().map_err(at(folder))?;
    store::check_not_gone(file)?;
    let copy = NewFile::of(&source, file, CopyOptions::default(), progress).await?;
    source.close().await;
    copy.put_in_place(file)
}

/// Makes a database of a backup. It gives out no number that the lost one may have given after the backup was made.
///
/// # Errors
/// [`Failure::NotEmpty`] when the database holds something and is not to be replaced, [`Failure::Unsound`] when the
/// backup does not pass its check; else when a server has the database open, or one of the two cannot be reached.
pub async fn restore(
    file: &Path,
    url: &str,
    replaces: bool,
    progress: Progress,
) -> Result<Report, Failure> {
    check_apart(Some(file), url)?;
    let source = Store::open_to_read(&format!("sqlite://{}", file.display())).await?;
    let verdict = recount::verify(&source, Depth::Audit).await?;
    if !verdict.is_clean() {
        return Err(Failure::Unsound { verdict });
    }
    let last_ids = leap(source.last_ids().await?);
    into_database(&source, url, CopyOptions { replaces, last_ids }, progress).await
}

/// Copies a database into another of either kind.
///
/// # Errors
/// [`Failure::NotEmpty`] when the other holds something and is not to be replaced; else when a server has it open, or
/// one of the two cannot be reached.
pub async fn copy(
    from: &str,
    to: &str,
    replaces: bool,
    progress: Progress,
) -> Result<Report, Failure> {
    check_apart(store::file_of(from).as_deref(), to)?;
    let source = Store::open_to_read(from).await?;
    let options = CopyOptions { replaces, ..CopyOptions::default() };
    into_database(&source, to, options, progress).await
}

/// Whether two SQLite files, by whichever names, are two.
fn check_apart(from: Option<&Path>, to: &str) -> Result<(), Failure> {
    let whole = |path: &Path| path.canonicalize().ok();
    match (from.and_then(whole), store::file_of(to).as_deref().and_then(whole)) {
        (Some(from), Some(to)) if from == to => Err(Failure::Same),
        _ => Ok(()),
    }
}

const fn leap(given: LastIds) -> LastIds {
    LastIds {
        unit: given.unit + RESTORE_LEAP_STRUCTURE,
        period: given.period + RESTORE_LEAP_STRUCTURE,
        initiative: given.initiative + RESTORE_LEAP,
        person: given.person + RESTORE_LEAP,
    }
}

async fn into_database(
    source: &Store,
    url: &str,
    options: CopyOptions,
    progress: Progress,
) -> Result<Report, Failure> {
    let Some(path) = store::file_of(url) else {
        let target = Store::open(url).await?;
        let rows = copy_rows(source, &target, options, progress).await?;
        let verdict = recount::verify(&target, Depth::Audit).await?;
        target.close().await;
        return Ok(Report { rows, verdict, kept: None });
    };
    // A link stays, and leads to the copy then.
    let path = if path.is_symlink() { path.canonicalize().map_err(at(&path))? } else { path };
    if !path.exists() {
        if !options.replaces && beside(&path, "-wal").exists() {
            return Err(Failure::LogLeft { path });
        }
        let copy = NewFile::of(source, &path, options, progress).await?;
        let kept = set_logs_aside(&path)?;
        let report = copy.put_in_place(&path)?;
        return Ok(Report { kept, ..report });
    }
    if !options.replaces {
        return Err(Failure::NotEmpty);
    }
    let old = Store::open(url).await?;
    // Held until the new file is in place.
    let _lock = old.lock_for_serving().await?;
    let last_ids = options.last_ids.max(old.last_ids().await?);
    let copy = NewFile::of(source, &path, CopyOptions { last_ids, ..options }, progress).await?;
    old.close().await;
    let kept = set_aside(&path)?;
    let report = copy.put_in_place(&path)?;
    Ok(Report { kept: Some(kept), ..report })
}

async fn copy_rows(
    source: &Store,
    target: &Store,
    options: CopyOptions,
    progress: Progress,
) -> Result<u64, Failure> {
    // Each is written, and compared.
    let mut stage = progress.stage(Work::Copying, source.row_count().await? * 2);
    match source.copy_to(target, options, |row| stage.at(row)).await {
        Ok(copied) => Ok(copied.rows),
        Err(store::Error::NotEmpty) => Err(Failure::NotEmpty),
        Err(error) => Err(error.into()),
    }
}

/// A whole SQLite file that is not in its place yet. It lies in a folder of its own beside that place.
struct NewFile {
    folder: tempfile::TempDir,
    report: Report,
}

impl NewFile {
    async fn of(
        source: &Store,
        place: &Path,
        options: CopyOptions,
        progress: Progress,
    ) -> Result<Self, Failure> {
        let beside = folder_of(place);
        fs::create_dir_all(beside).map_err(at(beside))?;
        let folder = tempfile::Builder::new().prefix(".sangkien-").tempdir_in(beside);
        let folder = folder.map_err(at(beside))?;
        let target = Store::open(&format!("sqlite://{}", path_in(&folder).display())).await?;
        let rows = copy_rows(source, &target, options, progress).await?;
        let verdict = recount::verify(&target, Depth::Audit).await?;
        target.seal().await?;
        Ok(Self { folder, report: Report { rows, verdict, kept: None } })
    }

    /// Gives the file its name, once it is on disk.
    fn put_in_place(self, place: &Path) -> Result<Report, Failure> {
        let path = path_in(&self.folder);
        File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
        fs::rename(&path, place).map_err(at(place))?;
        let folder = folder_of(place);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
        Ok(self.report)
    }
}

/// Gives a database, which nobody has open, a second name that ends in the present time. Its own name is never without
/// a file so.
fn set_aside(path: &Path) -> Result<PathBuf, Failure> {
    for end in ["-wal", "-shm"] {
        let log = beside(path, end);
        if log.exists() {
            return Err(Failure::Store(store::Error::Served));
        }
    }
    let now = SystemClock.now();
    let kept = beside(path, &format!(".before-{}-{}", now.day(), now.0));
    fs::hard_link(path, &kept).map_err(at(&kept))?;
    Ok(kept)
}

/// Gives what is left of the log of a file that is gone other names; the name of the log, if there was one. No server may have
/// it open.
fn set_logs_aside(path: &Path) -> Result<Option<PathBuf>, Failure> {
    let lock = beside(path, ".lock");
    if File::open(&lock).is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    {
        return Err(Failure::Store(store::Error::Served));
    }
    let now = SystemClock.now();
    let mut kept = None;
    for end in ["-shm", "-wal"] {
        let log = beside(path, end);
        if log.exists() {
            let name = beside(path, &format!(".before-{}-{}{end}", now.day(), now.0));
            fs::rename(&log, &name).map_err(at(&log))?;
            kept = Some(name);
        }
    }
    Ok(kept)
}

fn path_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("copy.db")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.to_owned();
    move |source| Failure::File { path, source }
}
