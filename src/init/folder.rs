//! The folder of a federation's server. No file in it is ever overwritten.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

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

    /// As [`Self::write`], a file that only its owner may read.
    pub fn write_secret(&self, name: &str, text: &str) -> anyhow::Result<bool> {
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.write_by(options, name, text)
    }

    fn write_by(&self, mut options: OpenOptions, name: &str, text: &str) -> anyhow::Result<bool> {
        let path = self.path.join(name);
        let written = match options.write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_all()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => Err(error),
        };
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(true)
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
    fn a_path_is_one_word() {
        assert_eq!(quoted(Path::new("/home/an/sangkien")), "/home/an/sangkien");
        assert_eq!(quoted(Path::new("/home/an's own")), r"'/home/an'\''s own'");
    }
}
