//! The demo's folder: its database, the settings that it was made with, and its tokens.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::Day;

/// The settings that the replay depends on. Other settings make another campaign.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub seed: u64,
    pub scale: f64,
    pub from: Day,
}

/// The settings that the caller asked for; `None` means the folder's own, or the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub seed: Option<u64>,
    pub scale: Option<f64>,
    pub from: Option<Day>,
}

pub struct Folder {
    pub database: PathBuf,
    /// The file with the secrets of the demo's tokens.
    pub tokens: PathBuf,
    pub settings: Settings,
}

impl Folder {
    /// Opens the folder or makes it; `reset` deletes its content first.
    ///
    /// # Errors
    /// If the folder cannot be used, or its content was made with other settings.
    pub fn open(dir: &Path, asked: Asked, default: Settings, reset: bool) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let database = dir.join("demo.db");
        let file = dir.join("demo.json");
        let tokens = dir.join("tokens.json");
        if reset {
            for ending in ["db", "db-wal", "db-shm", "db.lock", "db.next", "db.writing", "json"] {
                remove(&dir.join(format!("demo.{ending}")))?;
            }
            remove(&tokens)?;
        }
        let settings = match read_json(&file)? {
            Some(settings) => {
                let differing = asked.differing_from(settings);
                anyhow::ensure!(
                    differing.is_empty(),
                    "{} holds a demo made with other settings ({}); give those, or --reset to \
                     forget it and begin anew",
                    dir.display(),
                    differing.join(", "),
                );
                settings
            }
            None => {
                anyhow::ensure!(
                    !database.exists(),
                    "{} does not say with which settings it was made; give --reset to forget it \
                     and begin anew",
                    database.display(),
                );
                let settings = asked.or(default);
                write(&file, settings)?;
                settings
            }
        };
        Ok(Self { database, tokens, settings })
    }
}

impl Asked {
    fn or(self, default: Settings) -> Settings {
        Settings {
            seed: self.seed.unwrap_or(default.seed),
            scale: self.scale.unwrap_or(default.scale),
            from: self.from.unwrap_or(default.from),
        }
    }

    /// The flags that ask for other settings than the folder's.
    fn differing_from(self, own: Settings) -> Vec<String> {
        let mut differing = Vec::new();
        if self.seed.is_some_and(|seed| seed != own.seed) {
            differing.push(format!("--seed {}", own.seed));
        }
        if self.scale.is_some_and(|scale| scale.to_bits() != own.scale.to_bits()) {
            differing.push(format!("--scale {}", own.scale));
        }
        if self.from.is_some_and(|from| from != own.from) {
            differing.push(format!("--from {}", own.from));
        }
        differing
    }
}

fn remove(file: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Reads a file of the folder; `None` if there is no such file.
///
/// # Errors
/// If the file cannot be read, or was not written by a demo.
pub fn read_json<T: DeserializeOwned>(file: &Path) -> anyhow::Result<Option<T>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    let content = serde_json::from_str(&text).with_context(|| {
        format!("{} is not what a demo writes; --reset begins anew", file.display())
    })?;
    Ok(Some(content))
}

/// Writes the whole file or nothing, before the database is made.
fn write(file: &Path, settings: Settings) -> anyhow::Result<()> {
    let json = serde_json::to_string(&settings).context("settings are numbers")?;
    let unfinished = file.with_extension("json.new");
    std::fs::write(&unfinished, json + "\n")
        .and_then(|()| std::fs::rename(&unfinished, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calendar::day;

    const DEFAULT: Settings = Settings { seed: 1, scale: 0.1, from: Day(19_108) };

    fn open(dir: &Path, asked: Asked, reset: bool) -> anyhow::Result<Settings> {
        Folder::open(dir, asked, DEFAULT, reset).map(|folder| folder.settings)
    }

    #[test]
    fn a_folder_keeps_what_it_was_made_with() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("đợt một");
        let whole = Asked { scale: Some(1.0), ..Asked::default() };
        let made = open(&dir, whole, false).unwrap();
        assert_eq!(made, Settings { scale: 1.0, ..DEFAULT });
        assert_eq!(open(&dir, Asked::default(), false).unwrap(), made);
        assert_eq!(open(&dir, whole, false).unwrap(), made);

        let other = Asked { seed: Some(2), scale: Some(0.5), from: Some(day("2022-05-01")) };
        let refused = open(&dir, other, false).unwrap_err().to_string();
        for said in ["--seed 1", "--scale 1", "--from 2022-04-26", "--reset"] {
            assert!(refused.contains(said), "{refused}");
        }
        assert_eq!(open(&dir, other, true).unwrap().seed, 2);
        assert_eq!(open(&dir, Asked::default(), false).unwrap().scale.to_bits(), 0.5_f64.to_bits());
    }

    #[test]
    fn a_folder_of_unknown_origin_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("demo.db"), "old").unwrap();
        let refused = open(dir.path(), Asked::default(), false).unwrap_err().to_string();
        assert!(refused.contains("--reset"), "{refused}");
        assert!(dir.path().join("demo.db").exists());
        open(dir.path(), Asked::default(), true).unwrap();
        assert!(!dir.path().join("demo.db").exists());

        std::fs::write(dir.path().join("demo.json"), "{}").unwrap();
        let refused = open(dir.path(), Asked::default(), false).unwrap_err().to_string();
        assert!(refused.contains("demo.json") && refused.contains("--reset"), "{refused}");
    }
}
