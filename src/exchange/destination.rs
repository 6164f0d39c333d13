//! The place that an export is written to. A file is there whole or not at all; a device or a pipe stays what it is, and
//! takes the rows as they come.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub enum Destination {
    File { unfinished: NamedTempFile, path: PathBuf },
    Stream(File),
}

impl Destination {
    /// Opens the place that the path leads to, through links as well. Opening a pipe waits for its reader.
    ///
    /// # Errors
    /// When nothing can be written there: it is a folder, a socket, a link to nothing, or not the caller's to write.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = match std::fs::metadata(path) {
            Ok(there) if !there.is_file() || is_standard(path) => {
                return File::options().write(true).open(path).map(Self::Stream);
            }
            // The file that a link leads to is replaced, and the link stays.
            Ok(_) => replaceable(path.canonicalize()?)?,
            Err(_) if path.is_symlink() => {
                return Err(io::Error::new(io::ErrorKind::NotFound, "it is a link to nothing"));
            }
            Err(error) if is_of_the_system(path) => return Err(error),
            Err(_) => path.to_owned(),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Its name means nothing to the caller.
        let unfinished = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| io::Error::from(error.kind()))?;
        Ok(Self::File { unfinished, path })
    }

    pub fn out(&self) -> &File {
        match self {
            Self::File { unfinished, .. } => unfinished.as_file(),
            Self::Stream(file) => file,
        }
    }

    /// Gives a file its name, once it is on disk.
    ///
    /// # Errors
    /// When it cannot be; the earlier file is still there.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::File { unfinished, path } => {
                unfinished.as_file().sync_all()?;
                unfinished.persist(path).map_err(|failed| failed.error)?;
                Ok(())
            }
            Self::Stream(_) => Ok(()),
        }
    }
}

/// The file, if it may be one that an export wrote: never a database, its log, its locks or a file with a secret.
fn replaceable(path: PathBuf) -> io::Result<PathBuf> {
    let is_table = path.extension().is_some_and(|extension| {
        ["csv", "xlsx"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    });
    if is_table {
        return Ok(path);
    }
    let why = "it is there already, and only files that end with .csv or .xlsx are replaced; name another";
    Err(io::Error::new(io::ErrorKind::AlreadyExists, why))
}

/// Whether the name is one of the caller's own streams, behind which a file may be for the time being. A file of another number
/// may be any that this process has opened.
fn is_standard(path: &Path) -> bool {
    let names = ["/dev/stdout", "/dev/stderr"].into_iter();
    let numbers = ["/dev/fd/1", "/dev/fd/2", "/proc/self/fd/1", "/proc/self/fd/2"];
    names.chain(numbers).any(|name| path == Path::new(name))
}

/// Whether the path lies where the system has its devices and processes, and no files of anybody.
fn is_of_the_system(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    use super::*;

    fn write(path: &Path, text: &str) -> io::Result<()> {
        let destination = Destination::open(path)?;
        destination.out().write_all(text.as_bytes())?;
        destination.finish()
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Such a number may be that of the database that is being read.
    #[test]
    fn a_file_that_the_process_has_open_is_no_destination() {
        use std::os::fd::AsRawFd as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("union.db");
        let open = File::create(&path).unwrap();
        for folder in ["/dev/fd", "/proc/self/fd"] {
            let name = Path::new(folder).join(open.as_raw_fd().to_string());
            assert_eq!(write(&name, "x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert!(write(Path::new("/dev/no-such-device"), "x").is_err());
        assert!(!Path::new("/dev/no-such-device").exists());
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn a_file_is_replaced_and_a_link_to_it_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file.csv"), dir.path().join("link"));
        symlink("file.csv", &link).unwrap();
        let refused = write(&link, "text").unwrap_err();
        assert_eq!(refused.to_string(), "it is a link to nothing");
        write(&file, "one").unwrap();
        write(&link, "two").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(names(dir.path()), ["file.csv", "link"]);
    }

    #[test]
    fn nothing_but_a_table_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["union.db", "union.db-wal", "union.db.lock", "env", "table"] {
            let path = dir.path().join(name);
            write(&path, "new").unwrap();
            let refused = write(&path, "rows").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists, "{name}");
            let link = dir.path().join("link.csv");
            symlink(&path, &link).unwrap();
            write(&link, "rows").unwrap_err();
            std::fs::remove_file(link).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "new", "{name}");
        }
    }

    #[test]
    fn a_pipe_takes_the_rows_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (pipe, link) = (dir.path().join("pipe"), dir.path().join("link"));
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link] {
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || {
                    let mut text = String::new();
                    File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                    text
                }
            });
            write(path, "rows").unwrap();
            assert_eq!(reader.join().unwrap(), "rows");
            assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo());
        }
        assert_eq!(names(dir.path()), ["link", "pipe"]);
    }

    #[test]
    fn a_folder_and_a_socket_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        write(&socket, "rows").unwrap_err();
        let refused = write(dir.path(), "rows").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::IsADirectory);
        assert_eq!(names(dir.path()), ["socket"]);
    }
}
