//! Imports and exports, as a person at a terminal asks for them.

use std::path::Path;
use std::sync::Arc;

use super::faults::{CannotExport, NameWithout, OtherFormat, many_changes};
use super::{Export, Import, UndoImport, closing, consent, missing_file, open_existing, print};
use crate::auth::Language;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::exchange::{self, Form, ImportName, Noun, Progress};
use crate::messages::outcomes::{
    Imported, exported, grouped, more_changes, no_database_yet, undone_by, withdrawn_here,
};
use crate::server::{asked_to_stop, check_time};
use crate::store::{self, Store};
use crate::writer::importer::Importer;
use crate::writer::tags::Tags;

/// Brings the rows of a file in.
pub async fn import(import: Import, language: Language) -> anyhow::Result<()> {
    if import.name.is_some() && import.noun != Noun::Initiatives {
        return Err(NameWithout { noun: import.noun.as_str() }.into());
    }
    let mut url = import.database.clone();
    // A rehearsal makes no database: where there is none, since its path is new or mistyped, it has a scratch one.
    let scratch = tempfile::tempdir()?;
    if let Some(path) = missing_file(&url).await {
        store::check_not_gone(&path)?;
        // Nothing else can be brought into nothing.
        if !matches!(import.noun, Noun::Units | Noun::Periods) {
            return Err(store::Error::Missing { path }.into());
        }
        if import.dry_run {
            eprintln!("{}", no_database_yet(&path.display().to_string(), language));
            url = format!("sqlite://{}", scratch.path().join("rehearsal.db").display());
        }
    }
    let store = Store::open(&url).await?;
    closing(&store, import_into(store.clone(), &import, language)).await
}

async fn import_into(store: Store, import: &Import, language: Language) -> anyhow::Result<()> {
    if !import.accept_clock {
        check_time(&store.begin_read().await?, &SystemClock)?;
    }
    let tags = Tags::from_system()?;
    let mut importer = Importer::open(store, Arc::new(SystemClock), tags).await?;
    let name = match import.name.clone() {
        Some(name) => name,
        None => ImportName::of_file(&import.file, SystemClock.now().day())?,
    };
    importer.act_as(name.actor());
    let mut options = exchange::Options {
        dry_run: import.dry_run,
        admitted: import.admitted,
        dates: import.dates,
        yes: import.yes,
        progress: Progress::on_stderr(language),
    };
    let report = loop {
        let stop = asked_to_stop()?;
        let imported = tokio::select! {
            imported = exchange::import(&mut importer, import.noun, &import.file, options) => imported,
            () = stop => Err(stop_import(&mut importer, options.progress).await?),
        };
        match imported {
            Err(exchange::Failure::ManyChanges(many))
                if consent::is_given(&many_changes(many, language), language)? =>
            {
                options.yes = true;
            }
            imported => break imported?,
        }
    };
    if let Some(remark) = &report.remark {
        eprintln!("{}", remark.text(language));
    }
    if !report.doubts.is_empty() {
        eprintln!("{}", report.doubts.text_of_taken(language));
    }
    let mut said = String::new();
    if import.dry_run {
        said.extend(report.changes.iter().map(|change| change.text(language) + "\n"));
        let told = u64::try_from(report.changes.len())?;
        let more = (report.new + report.changed).saturating_sub(told);
        if more > 0 {
            said.push_str(&format!("{}\n", more_changes(more, language)));
        }
    }
    let (noun, is_rehearsal) = (import.noun.as_str(), import.dry_run);
    let exchange::Report { new, changed, unchanged, withdrawn, .. } = report;
    if withdrawn > 0 {
        eprintln!("{}", withdrawn_here(withdrawn, language));
    }
    let imported = Imported { noun, new, changed, unchanged, is_rehearsal };
    said.push_str(&format!("{}\n", imported.text(language)));
    if import.noun == Noun::Initiatives && !is_rehearsal && new > 0 {
        eprintln!("{}", undone_by(&name.to_string(), language));
    }
    Ok(print(&said)?)
}

/// Undoes an import, or prints those that there are.
pub async fn undo_import(undo: UndoImport, language: Language) -> anyhow::Result<()> {
    let (Some(name), Some(reason)) = (&undo.name, &undo.reason) else {
        let store = Store::open_to_read(&undo.database).await?;
        let imports = closing(&store, async { store.begin_read().await?.imports().await }).await?;
        let lines = imports.iter().map(|import| {
            let counts = [import.initiatives, import.withdrawn].map(|it| grouped(it, language));
            format!("{}\t{}\t{}\n", counts[0], counts[1], import.name)
        });
        return Ok(print(&lines.collect::<String>())?);
    };
    let store = open_existing(&undo.database).await?;
    let work = async {
        check_time(&store.begin_read().await?, &SystemClock)?;
        let clock = Arc::new(SystemClock);
        let mut importer = Importer::open(store.clone(), clock, Tags::from_system()?).await?;
        let progress = Progress::on_stderr(language);
        let report = exchange::undo(&mut importer, name, reason, undo.dry_run, progress).await?;
        anyhow::Ok(report)
    };
    let report = closing(&store, work).await?;
    let exchange::Report { new, changed, unchanged, .. } = report;
    let noun = "withdrawals";
    let done = Imported { noun, new, changed, unchanged, is_rehearsal: undo.dry_run };
    Ok(print(&format!("{}\n", done.text(language)))?)
}

/// Asked once more, it ends at once.
async fn stop_import(
    importer: &mut Importer,
    progress: Progress,
) -> anyhow::Result<exchange::Failure> {
    let stop = asked_to_stop()?;
    tokio::select! {
        failure = exchange::stop(importer, progress) => Ok(failure),
        () = stop => anyhow::bail!("stopped; the next start of a server makes the indexes of lists"),
    }
}

/// Writes rows to a file, or to stdout.
pub async fn export(export: Export, language: Language) -> anyhow::Result<()> {
    if let Some(path) = export.file.as_deref().filter(|path| is_of_another_program(path)) {
        return Err(OtherFormat { path: path.display().to_string() }.into());
    }
    let store = Store::open_to_read(&export.database).await?;
    closing(&store, export_from(&store, &export, language)).await
}

async fn export_from(store: &Store, export: &Export, language: Language) -> anyhow::Result<()> {
    let file = export.file.as_deref().filter(|path| *path != Path::new("-"));
    let form = Form::of(file, export.program, language);
    match file {
        Some(path) => {
            let written = exchange::export_to_file(store, export.noun, form, path).await;
            let path = path.display().to_string();
            let count = match written {
                Err(failure) if failure.is_closed_pipe() => return Ok(()),
                written => written.map_err(|source| CannotExport { path: path.clone(), source })?,
            };
            let told = exported(export.noun.as_str(), count, &path, language);
            eprintln!("{told}");
        }
        None => match export.noun.export(store, form, std::io::stdout().lock()).await {
            Err(failure) if failure.is_closed_pipe() => {}
            written => drop(written?),
        },
    }
    Ok(())
}

/// Whether the name of the file promises a workbook of another format, which the program of its owner would refuse to open.
fn is_of_another_program(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["xls", "xlsm", "xlsb", "ods", "numbers"].iter().any(|it| extension.eq_ignore_ascii_case(it))
}
