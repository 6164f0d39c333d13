//! The folder of a federation's server. No file in it is ever overwritten.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::messages::init::InitFault;

/// The files of the folder beside the samples.
pub const DATABASE: &str = "union.db";
pub const ENVIRONMENT: &str = "env";
pub const SERVICE: &str = "sangkien.service";

pub struct Folder {
    /// The whole path.
    pub path: PathBuf,
}

impl Folder {
    pub fn at(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path).context("the folder has no path")?;
        // A service file has a line for it, and its database an address in UTF-8.
        let is_plain = path.to_str().is_some_and(|text| !text.chars().any(char::is_control));
        if !is_plain {
            return Err(InitFault::BadFolder { folder: format!("{}", path.display()) }.into());
        }
        Ok(Self { path })
    }

    /// The address of a database in the folder.
    pub fn url(&self, file: &str) -> String {
        format!("sqlite://{}", self.path.join(file).display())
    }

    /// Makes the folder if it is missing; only its owner may look into it, since the database holds contact data.
    pub fn make(&self) -> anyhow::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path).with_context(|| format!("cannot make {}", self.path.display()))
    }

    /// Writes a new file; `false` if there is one, which stays as it is.
    pub fn write(&self, name: &str, text: &str) -> anyhow::Result<bool> {
        self.write_by(OpenOptions::new(), name, text)
    }

    /// The text of a file; `None` if there is none.
    pub fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        check_file(&path)?;
        let text = std::fs::read_to_string(&path);
        text.map(Some).with_context(|| format!("cannot read {}", path.display()))
    }

    /// As [`Self::write`], a file that only its owner may read.
    pub fn write_secret(&self, name: &str, text: &str) -> anyhow::Result<bool> {
        let mut options = OpenOptions::new();
        options.write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.write_by(options, name, text)
    }

    fn write_by(&self, mut options: OpenOptions, name: &str, text: &str) -> anyhow::Result<bool> {
        let path = self.path.join(name);
        let written = match options.write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_all()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                check_file(&path)?;
                return Ok(false);
            }
            Err(error) => Err(error),
        };
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(true)
    }
}

fn check_file(path: &Path) -> Result<(), InitFault> {
    if path.is_file() {
        Ok(())
    } else {
        Err(InitFault::NotAFile { path: path.display().to_string() })
    }
}

/// The path as a word of a shell's command.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "/._-+:@%".contains(it);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(&dir.path().join("liên đoàn")).unwrap();
        folder.make().unwrap();
        folder.make().unwrap();
        assert!(folder.write("units.csv", "mine").unwrap());
        assert!(!folder.write("units.csv", "other").unwrap());
        assert!(!folder.write_secret("units.csv", "other").unwrap());
        assert_eq!(std::fs::read_to_string(folder.path.join("units.csv")).unwrap(), "mine");
    }

    #[test]
    fn what_is_no_file_is_not_taken_for_one_that_was_made_before() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path()).unwrap();
        std::fs::create_dir(dir.path().join("env")).unwrap();
        let refused = folder.write_secret("env", "secret").unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(InitFault::NotAFile { .. })), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_has_a_name_that_a_service_file_can_hold() {
        use std::os::unix::ffi::OsStrExt as _;
        for name in [&b"bad\xff"[..], b"new\nline", b"esc\x1b[31m"] {
            let path = Path::new("/tmp").join(std::ffi::OsStr::from_bytes(name));
            let refused = Folder::at(&path).map(|folder| folder.path).unwrap_err();
            assert!(matches!(refused.downcast_ref(), Some(InitFault::BadFolder { .. })));
        }
    }

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/home/an/sangkien")), "/home/an/sangkien");
        assert_eq!(quoted(Path::new("/home/an's own")), r"'/home/an'\''s own'");
    }
}
