//! Undoes an import of initiatives: withdraws all that it entered, by the name that it was given.
//!
//! Always true: nothing is withdrawn while one of them rests on more than the import, since somebody has reviewed, revised,
//! featured or transferred it. An initiative that is withdrawn already stays so, and an undoing that was cut off is completed by another.

use std::fmt;
use std::path::Path;

use super::batch_size::BatchSize;
use super::file::{self, Unreadable};
use super::outcome::{self, Report};
use crate::auth::Language;
use crate::digest;
use crate::domain::command::Withdraw;
use crate::domain::event::InitiativeEventKind;
use crate::domain::text::normalise;
use crate::domain::{Command, Day, InitiativeId, InitiativeStatus, Problem, Version};
use crate::limits::{CHECKED_TOGETHER, IMPORT_NAME_CHARACTERS};
use crate::messages::outcomes::grouped;
use crate::progress::{Progress, Work};
use crate::store::{self, Entered};
use crate::writer::importer::{self, Effect, Importer, Prepared, WriteError};

/// Hexadecimal digits of a file's digest in the name of its import.
const SIGN_DIGITS: usize = 6;

/// Keys that are told of initiatives that somebody has changed.
const KEYS_TOLD: usize = 20;

/// A text that is no name of an import, by its length in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("has {length} characters; 1 to {most} are allowed")]
pub struct BadName {
    pub length: usize,
    pub most: usize,
}

/// The name of an import of initiatives: one line of 1 to 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportName(String);

impl ImportName {
    const PREFIX: &str = "import:";

    /// The name of an import of a file on a day, where nobody gave another: the same for the same file once more, and different
    /// for one of the same name in another folder.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_file(path: &Path, day: Day) -> Result<Self, Unreadable> {
        let io = |source| Unreadable::Io { path: path.to_owned(), source };
        let digest = digest::of_bytes(file::open(path)?).map_err(io)?;
        let end = format!(" {day} {}", &digest[..SIGN_DIGITS]);
        let name = normalise(&path.file_name().unwrap_or_default().to_string_lossy());
        let name: String = name.chars().take(IMPORT_NAME_CHARACTERS - end.len()).collect();
        Ok(Self(name + &end))
    }

    /// # Errors
    /// When it is empty, or too long.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name = normalise(text);
        let (length, most) = (name.chars().count(), IMPORT_NAME_CHARACTERS);
        if (1..=most).contains(&length) { Ok(Self(name)) } else { Err(BadName { length, most }) }
    }

    /// The actor of the import, in the log and as what entered its initiatives.
    pub fn actor(&self) -> String {
        format!("{}{}", Self::PREFIX, self.0)
    }
}

impl fmt::Display for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reason why an import is not undone.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(
        "no import of initiatives has the name {name:?}: `undo-import` without a name prints those that there are"
    )]
    NoSuchImport { name: String },
    /// The reason is empty or too long.
    #[error("reason: {0}")]
    Reason(Problem),
    #[error("{}", .0.text(Language::English))]
    RestedOn(RestedOn),
    /// Somebody changed an initiative since it was checked.
    #[error(
        "somebody changed an initiative of the import meanwhile: it and those behind it stay as they are, {} before it are \
         withdrawn",
        grouped(*withdrawn as u64, Language::English)
    )]
    Overtaken { withdrawn: usize },
    /// As an import fails.
    #[error(transparent)]
    Import(#[from] outcome::Failure),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Import(error.into())
    }
}

/// The initiatives of an import that are more than it made of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestedOn {
    /// Those that somebody has changed since.
    pub changed: u64,
    /// Those of which the log does not tell any more whether somebody has.
    pub untold: u64,
    /// The first keys.
    keys: Vec<String>,
}

impl RestedOn {
    /// The text for the person who would undo it.
    pub fn text(&self, language: Language) -> String {
        let [changed, untold] = [self.changed, self.untold].map(|it| grouped(it, language));
        let more = if self.changed + self.untold > self.keys.len() as u64 { ", …" } else { "" };
        let keys = format!("{}{more}", self.keys.join(", "));
        let mut parts = Vec::new();
        match language {
            Language::English => {
                let [these, those] = [self.changed, self.untold]
                    .map(|count| if count == 1 { "initiative" } else { "initiatives" });
                if self.changed > 0 {
                    parts.push(format!("{changed} {these} of the import changed since"));
                }
                if self.untold > 0 {
                    parts.push(format!(
                        "of {untold} {those} the pruned log does not tell whether anybody changed them"
                    ));
                }
                format!(
                    "{} ({keys}): withdraw what is meant by a file of their keys (import withdrawals); nothing was written",
                    parts.join(", ")
                )
            }
            Language::Vietnamese => {
                if self.changed > 0 {
                    parts.push(format!(
                        "{changed} sáng kiến của lần nhập này đã được thay đổi sau đó"
                    ));
                }
                if self.untold > 0 {
                    parts.push(format!("{untold} sáng kiến không còn nhật ký để biết"));
                }
                format!(
                    "{} ({keys}): hãy rút những sáng kiến cần rút bằng một tệp ghi khóa của chúng (import withdrawals); chưa ghi gì",
                    parts.join(", ")
                )
            }
        }
    }

    fn note(&mut self, entered: &Entered) {
        if entered.last.is_some() {
            self.changed += 1;
        } else {
            self.untold += 1;
        }
        if self.keys.len() < KEYS_TOLD {
            self.keys.push(entered.key.clone());
        }
    }

    const fn is_none(&self) -> bool {
        self.changed + self.untold == 0
    }
}

/// Withdraws what the import entered, under one reason; a dry run only counts.
///
/// # Errors
/// See [`Failure`].
pub async fn undo(
    importer: &mut Importer,
    name: &ImportName,
    reason: &str,
    dry_run: bool,
    progress: Progress,
) -> Result<Report, Failure> {
    if normalise(reason).is_empty() {
        return Err(Failure::Reason(Problem::Empty));
    }
    // A reason that no command takes is told before anything is read.
    drop(withdrawal(InitiativeId(0), Version::ZERO, reason)?);
    let report = check(importer, name).await?;
    if dry_run || !report.changes_something() {
        return Ok(report);
    }
    let mut stage = progress.stage(Work::Writing, report.changed);
    let mut written = Report { unchanged: report.unchanged, ..Report::default() };
    let mut batch_size = BatchSize::default();
    let mut last = InitiativeId(0);
    loop {
        let page = page(importer, name, last).await?;
        let Some(end) = page.last() else { break };
        last = end.id;
        let mut commands: Vec<Prepared> = Vec::with_capacity(page.len());
        for entered in page.iter().filter(|it| it.status != InitiativeStatus::Withdrawn) {
            if entered.last != Some(InitiativeEventKind::Submitted) {
                return Err(overtaken(importer).await);
            }
            commands.push(withdrawal(entered.id, entered.version, reason)?);
        }
        let mut rest = commands.as_slice();
        while !rest.is_empty() {
            let (next, behind) = rest.split_at(rest.len().min(batch_size.commands));
            let batch = importer.write(next).await.map_err(|error| cut_off(importer, error))?;
            batch_size.follow(&batch);
            batch.effects.iter().for_each(|&effect| written.count(effect));
            rest = behind;
            stage.at(written.changed);
        }
    }
    importer.finish().await.map_err(|error| cut_off(importer, error))?;
    Ok(written)
}

async fn check(importer: &Importer, name: &ImportName) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut rested_on = RestedOn::default();
    let mut last = InitiativeId(0);
    loop {
        let page = page(importer, name, last).await?;
        let Some(end) = page.last() else { break };
        last = end.id;
        for entered in &page {
            match (entered.status, entered.last) {
                (InitiativeStatus::Withdrawn, _) => report.count(Effect::Unchanged),
                (_, Some(InitiativeEventKind::Submitted)) => report.count(Effect::Changed),
                _ => rested_on.note(entered),
            }
        }
    }
    if !rested_on.is_none() {
        return Err(Failure::RestedOn(rested_on));
    }
    if report == Report::default() {
        return Err(Failure::NoSuchImport { name: name.to_string() });
    }
    Ok(report)
}

async fn page(
    importer: &Importer,
    name: &ImportName,
    last: InitiativeId,
) -> Result<Vec<Entered>, store::Error> {
    let limit = i64::try_from(CHECKED_TOGETHER).unwrap_or(i64::MAX);
    importer.store().begin_read().await?.entered_by(&name.actor(), last, limit).await
}

fn withdrawal(id: InitiativeId, version: Version, reason: &str) -> Result<Prepared, Failure> {
    let withdraw =
        Withdraw { id, reason: Some(reason.to_owned()), expected_version: Some(version) };
    importer::check(Command::Withdraw(withdraw), false).map_err(|refusals| {
        Failure::Reason(refusals.into_iter().next().map_or(Problem::Empty, |it| it.problem))
    })
}

/// Ends the undoing; the initiatives that were withdrawn before stay so.
async fn overtaken(importer: &mut Importer) -> Failure {
    match importer.finish().await {
        Ok(()) => Failure::Overtaken { withdrawn: importer.written() },
        Err(error) => cut_off(importer, error),
    }
}

fn cut_off(importer: &Importer, error: WriteError) -> Failure {
    match error {
        WriteError::Refused { .. } => Failure::Overtaken { withdrawn: importer.written() },
        error => outcome::Failure::of_write(error, importer.written(), |_| 0).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_has_a_short_name() {
        let day = Day::parse("2022-05-31").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let named = |folder: &str, name: &str, text: &str| {
            let path = dir.path().join(folder);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join(name), text).unwrap();
            ImportName::of_file(&path.join(name), day).unwrap()
        };
        let first = named("a", "dot 1.xlsx", "x");
        assert_eq!(first.to_string(), "dot 1.xlsx 2022-05-31 2d7116");
        assert_eq!(named("b", "dot 1.xlsx", "x"), first);
        assert_ne!(named("b", "dot 1.xlsx", "y"), first);
        let long = named("a", &"ệ".repeat(84), "x");
        assert_eq!(ImportName::parse(&long.to_string()), Ok(long));
        assert!(ImportName::of_file(dir.path(), day).is_err());
        assert_eq!(ImportName::parse(" đợt\t1 ").unwrap().actor(), "import:đợt 1");
        assert!(ImportName::parse(" ").is_err());
        assert!(ImportName::parse(&"x".repeat(101)).is_err());
    }
}
