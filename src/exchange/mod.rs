//! Files in and out, workbooks and CSV: units, periods, targets and initiatives, as officers keep them in
//! spreadsheets and as other systems give them. docs/CSV.md says what the columns mean.
//!
//! Always true: a file is checked from end to end before anything is written, and with any
//! bad line nothing is; then it is written batch by batch beside others who write. Each row's outcome
//! depends on state and file alone, so a run that was cut off is completed by another, and a file that
//! is there already changes nothing. An import takes an export back and gives the same facts.

mod bad_lines;
mod bad_shape;
mod batch_size;
mod breakdown;
mod cells;
mod columns;
mod content;
mod corrections;
mod csv_rows;
mod damage;
mod dates;
mod destination;

mod export;
mod fields;
mod file;
#[doc(hidden)]
pub mod fuzz;
mod initiatives;
mod kept_rows;
mod line_commands;
mod out;
mod outcome;
mod period_doubts;
mod periods;
mod repeats;
mod row;
mod tallies;
mod targets;
mod titles;
mod tree;
mod undo;
mod unit_doubts;
mod units;
mod utf16;
mod vietnamese;
mod why;
mod workbook;
mod wrapped;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::board::Structure;
use crate::domain::{Command, Initiative, InitiativeStatus, Problem, UnitId};
use crate::limits::{BAD_LINES_OF_A_KIND, CHANGES_SHOWN, IMPORT_UNINDEXED_FROM};
use crate::store;
use crate::writer::importer::{self, Effect, Importer, Prepared, Rehearsal, WrittenBatch};

pub use crate::progress::{Progress, Stage, Work};
pub use bad_lines::{BadLine, BadLines};
pub use breakdown::{Exported, export_breakdown, export_to_file};
pub use cells::term;
pub use columns::Noun;
pub use dates::DateOrder;
pub use export::{Failure as ExportFailure, export};
pub use fields::{BadList, read_fields};
pub use file::{Remark, Source, Unreadable};
pub use out::{For, Form};
pub use outcome::{Change, CutOff, Failure, ManyChanges, Report, lines};
pub use titles::head;
pub use undo::{BadName, Failure as UndoFailure, ImportName, undo};

use batch_size::BatchSize;
use cells::Cells;
use damage::Zeros;
use initiatives::Chunk;
use line_commands::{LineCommand, Subject};
use outcome::{ChangedCell, Planned};
use repeats::{Repeat, Repeats};
use why::Why;

/// Chunks that wait to be checked or written.
const CHUNKS_AHEAD: usize = 2;

/// The options of an import.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Only says what would change.
    pub dry_run: bool,
    /// Initiatives and targets were admitted where they come from: whether the periods of now
    /// would take them is not judged again.
    pub admitted: bool,
    /// The order of days that end with their year, whatever their columns tell.
    pub dates: Option<DateOrder>,
    /// Many changes are meant: a tenth of what is there may change without a question.
    pub yes: bool,
    pub progress: Progress,
}

/// Whether a name is damaged, as those that were typed for old fonts or read in a wrong encoding.
pub fn is_garbled(name: &str) -> bool {
    damage::of("name", name).is_some()
}

/// Checks the file, and then writes its rows.
///
/// # Errors
/// See [`Failure`].
pub async fn import(
    importer: &mut Importer,
    noun: Noun,
    path: &Path,
    options: Options,
) -> Result<Report, Failure> {
    let mut source = Source::open(path, noun.layout(), options.dates)?;
    source.header.is_trusted = options.admitted;
    let remark = source.remark().cloned();
    let report = if noun == Noun::Initiatives {
        import_initiatives(importer, Arc::new(source), options).await?
    } else {
        let (plan, report) = if matches!(noun, Noun::Transfers | Noun::Withdrawals) {
            corrections::of_initiatives(importer, noun, &source).await?
        } else {
            check_commands(importer, noun, &source, options).await?
        };
        let many = ManyChanges::of(noun, &report, importer.rehearse().structure());
        if let Some(many) = many.filter(|_| !options.dry_run && !options.yes) {
            return Err(Failure::ManyChanges(many));
        }
        if options.dry_run || !report.changes_something() {
            report
        } else {
            let written = write_commands(importer, plan, options).await?;
            Report { doubts: report.doubts, ..written }
        }
    };
    Ok(Report { remark, ..report })
}

async fn import_initiatives(
    importer: &mut Importer,
    source: Arc<Source>,
    options: Options,
) -> Result<Report, Failure> {
    let report = check_initiatives(importer, &source, options).await?;
    if options.dry_run {
        return Ok(report);
    }
    let withdrawn = report.withdrawn;
    let written = if report.changes_something() {
        if report.new >= IMPORT_UNINDEXED_FROM {
            importer.store().put_indexes_off().await?;
        }
        write_initiatives(importer, &source, options).await
    } else {
        Ok(report)
    };
    // An import that was killed before may have left indexes out as well.
    let ended = end(importer, options.progress).await;
    written.and_then(|report| ended.map(|()| Report { withdrawn, ..report }))
}

/// Ends an import that must not go on: its committed rows stay, and lists find their indexes.
pub async fn stop(importer: &mut Importer, progress: Progress) -> Failure {
    match end(importer, progress).await {
        Ok(()) => Failure::Stopped(CutOff { written: importer.written() }),
        Err(failure) => failure,
    }
}

/// Commits the rest, and makes the indexes of lists that are missing.
async fn end(importer: &mut Importer, progress: Progress) -> Result<(), Failure> {
    finish(importer).await?;
    let store = importer.store();
    let missing = store.missing_indexes().await.map_err(Failure::NotIndexed)?;
    let mut stage = progress.stage(Work::Indexing, missing.len() as u64);
    let mut made = 0;
    let made = |_| {
        made += 1;
        stage.at(made);
    };
    store.make_indexes(missing, made).await.map_err(Failure::NotIndexed)
}

async fn check_commands(
    importer: &Importer,
    noun: Noun,
    source: &Source,
    options: Options,
) -> Result<(Vec<Planned>, Report), Failure> {
    let mut rehearsal = importer.rehearse();
    let before = rehearsal.structure().clone();
    let mut bad = BadLines::under(source.header.titles());
    let line_commands = match noun {
        Noun::Units => units::commands(source, &before, &mut bad)?,
        Noun::Periods => periods::commands(source, &before, &mut bad)?,
        Noun::Targets => targets::commands(source, &before, &mut bad)?,
        Noun::Renames => corrections::renames(source, &before, &mut bad)?,
        Noun::Deletions => {
            let commands = corrections::deletions(source, &before, &mut bad)?;
            let units: Vec<UnitId> = commands
                .iter()
                .filter_map(|it| match &it.command {
                    Command::DeleteUnit(delete) => before.resolve_unit(&delete.unit),
                    _ => None,
                })
                .collect();
            let mut tx = importer.store().begin_read().await?;
            rehearsal.meet_possessions(tx.past_possessions(&units).await?);
            commands
        }
        Noun::Removals => targets::removals(source, &before, &mut bad)?,
        Noun::Initiatives | Noun::Transfers | Noun::Withdrawals => Vec::new(),
    };
    let mut plan = Vec::with_capacity(line_commands.len());
    let mut effects: BTreeMap<u64, Effect> = BTreeMap::new();
    let mut changed = Vec::new();
    for LineCommand { line, subject, command } in line_commands {
        let checked = importer::check(command, options.admitted).and_then(|command| {
            let effect = rehearsal.carry_out(&command)?;
            Ok((command, effect))
        });
        match checked {
            Ok((command, effect)) => {
                let of_row = effects.entry(line).or_insert(Effect::Unchanged);
                if *of_row == Effect::Unchanged && effect > *of_row {
                    changed.push(subject);
                }
                *of_row = effect.max(*of_row);
                plan.push(Planned { line, command });
            }
            Err(refusals) => {
                let refused = refusals.iter().map(|refusal| BadLine::refused(line, refusal));
                bad.extend(refused.map(|bad| corrections::at_column(noun, bad)));
            }
        }
    }
    let mut report = Report::default();
    let after = rehearsal.structure();
    let doubts = match noun {
        Noun::Periods => period_doubts::of_periods(&plan, &before, after),
        _ => unit_doubts::of_units(&plan, &before, after),
    };
    if options.yes {
        report.doubts = BadLines::under(source.header.titles());
        report.doubts.extend(doubts);
    } else {
        bad.extend(doubts);
    }
    bad.none().map_err(Failure::Bad)?;
    effects.values().for_each(|&effect| report.count(effect));
    for subject in changed.iter().take(CHANGES_SHOWN) {
        if let Subject::Code { from, to } = subject {
            let cell = ChangedCell { column: "new_code", before: None, after: to.clone() };
            report.changes.push(Change::Cells(from.clone(), vec![cell]));
            continue;
        }
        let rows = [&before, rehearsal.structure()].map(|state| export::row_of(state, subject));
        report.changes.extend(difference(noun, rows));
    }
    Ok((plan, report))
}

/// `ldld-dong-nai: member_count 800000 → 810000`
fn difference(noun: Noun, rows: [Option<Vec<String>>; 2]) -> Option<Change> {
    let name = |row: &[String]| match noun {
        Noun::Targets | Noun::Removals => {
            let key = export::KEY_OF_TARGET.map(|place| row[place].as_str());
            key.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
        }
        _ => row[0].clone(),
    };
    let (before, after) = match rows {
        [Some(before), Some(after)] => (before, after),
        [None, Some(after)] => return Some(Change::New(name(&after))),
        [Some(before), None] => return Some(Change::Gone(name(&before))),
        [None, None] => return None,
    };
    let name = name(&after);
    let cells = noun.columns().zip(before.iter().zip(&after));
    let changes =
        cells.filter(|(_, (before, after))| before != after).map(|(column, (before, after))| {
            ChangedCell { column, before: Some(before.clone()), after: after.clone() }
        });
    Some(Change::Cells(name, changes.collect()))
}

async fn write_commands(
    importer: &mut Importer,
    plan: Vec<Planned>,
    options: Options,
) -> Result<Report, Failure> {
    let mut stage = options.progress.stage(Work::Writing, plan.len() as u64);
    let mut batch_size = BatchSize::default();
    let mut effects: BTreeMap<u64, Effect> = BTreeMap::new();
    let (lines, commands): (Vec<u64>, Vec<Prepared>) =
        plan.into_iter().map(|planned| (planned.line, planned.command)).unzip();
    let mut done = 0;
    while done < commands.len() {
        let end = commands.len().min(done + batch_size.commands);
        let line_of = |place| lines[done + place];
        let batch = write_batch(importer, &commands[done..end], line_of).await?;
        batch_size.follow(&batch);
        for (line, effect) in lines[done..end].iter().zip(&batch.effects) {
            let of_row = effects.entry(*line).or_insert(Effect::Unchanged);
            *of_row = (*effect).max(*of_row);
        }
        done = end;
        stage.at(done as u64);
    }
    finish(importer).await?;
    let mut report = Report::default();
    effects.values().for_each(|&effect| report.count(effect));
    Ok(report)
}

async fn write_batch(
    importer: &mut Importer,
    commands: &[Prepared],
    line_of: impl Fn(usize) -> u64,
) -> Result<WrittenBatch, Failure> {
    let written = importer.write(commands).await;
    written.map_err(|error| Failure::of_write(error, importer.written(), line_of))
}

async fn finish(importer: &mut Importer) -> Result<(), Failure> {
    let finished = importer.finish().await;
    finished.map_err(|error| Failure::of_write(error, importer.written(), |_| 0))
}

// Initiatives.

/// A pass through the file on a thread of its own.
fn pass(
    source: &Arc<Source>,
    admitted: bool,
) -> (mpsc::Receiver<Chunk>, tokio::task::JoinHandle<Result<(), Unreadable>>) {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    let source = Arc::clone(source);
    let task =
        tokio::task::spawn_blocking(move || initiatives::send_all(&source, admitted, &sender));
    (chunks, task)
}

async fn end_of(pass: tokio::task::JoinHandle<Result<(), Unreadable>>) -> Result<(), Unreadable> {
    match pass.await {
        Ok(ended) => ended,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

async fn check_initiatives(
    importer: &Importer,
    source: &Arc<Source>,
    options: Options,
) -> Result<Report, Failure> {
    let mut stage = options.progress.stage(Work::Checking, source.bytes());
    let rehearsal = importer.rehearse();
    let zeros = Zeros::of(rehearsal.structure().units().map(|unit| unit.code.as_str()));
    let mut bad = BadLines::under(source.header.titles());
    let mut report = Report::default();
    let mut repeats = Repeats::default();
    let is_fresh = importer.store().begin_read().await?.initiative_count().await? == 0;
    let (mut chunks, pass) = pass(source, options.admitted);
    while let Some(chunk) = chunks.recv().await {
        let known = if is_fresh { HashMap::new() } else { known(importer, &chunk).await? };
        bad.extend(chunk.bad);
        for (lines, command) in chunk.lines.iter().zip(&chunk.commands) {
            let Command::Import(import) = &command.command else { continue };
            let key = import.submit.key.as_str();
            repeats.add(key, lines[0]).map_err(Failure::Scratch)?;
            match rehearsal.judge(command, known.get(key)) {
                Ok(effect) => {
                    report.count(effect);
                    if is_withdrawn_here(import.status, known.get(key)) {
                        report.withdrawn += 1;
                    }
                    if effect == Effect::New && options.dry_run {
                        report.add_change(|| Change::New(key.to_owned()));
                    }
                }
                Err(refusals) => bad.extend(refusals.iter().map(|refusal| {
                    match (known.get(key), &refusal.problem) {
                        (Some(known), Problem::KeyReused) => {
                            other_content(&rehearsal, lines[0], known, command)
                        }
                        (_, Problem::UnitNotFound(code)) => {
                            let told = zeros.told(code);
                            told.map_or_else(
                                || BadLine::refused(lines[0], refusal),
                                |why| BadLine::at(lines[0], "unit_code", code, why),
                            )
                        }
                        _ => BadLine::refused(lines[0], refusal),
                    }
                })),
            }
        }
        stage.at(chunk.read);
    }
    end_of(pass).await?;
    stage.at(source.bytes());
    name_repeats(source, repeats, &mut bad)?;
    bad.none().map_err(Failure::Bad)?;
    Ok(report)
}

/// Whether a row tells of an initiative that stands, and that was withdrawn since it was imported.
fn is_withdrawn_here(told: InitiativeStatus, known: Option<&Initiative>) -> bool {
    told != InitiativeStatus::Withdrawn
        && known.is_some_and(|known| known.status == InitiativeStatus::Withdrawn)
}

/// The initiatives under the keys of a chunk.
async fn known(
    importer: &Importer,
    chunk: &Chunk,
) -> Result<HashMap<String, Initiative>, store::Error> {
    let keys: Vec<&str> = chunk
        .commands
        .iter()
        .filter_map(|command| match &command.command {
            Command::Import(import) => Some(import.submit.key.as_str()),
            _ => None,
        })
        .collect();
    let found = importer.store().begin_read().await?.initiatives_by_key(&keys).await?;
    Ok(found.into_iter().map(|initiative| (initiative.key.clone(), initiative)).collect())
}

/// Names what the database has in another way.
fn other_content(
    rehearsal: &Rehearsal,
    line: u64,
    known: &Initiative,
    command: &Prepared,
) -> BadLine {
    let Command::Import(import) = &command.command else {
        return BadLine::at(line, "key", &known.key, Problem::KeyReused.into());
    };
    if is_withdrawn_here(import.status, Some(known)) {
        return BadLine::at(line, "key", &known.key, Why::WithdrawnHere { key: known.key.clone() });
    }
    let structure: &Structure = rehearsal.structure();
    let row = export::initiative_rows(structure, known).into_iter().next().unwrap_or_default();
    let column = structure
        .resolve_unit(&import.submit.unit)
        .and_then(|unit| importer::differences(known, unit, import).into_iter().next())
        .and_then(|said| initiatives::SAID.iter().find(|(of, _)| *of == said))
        .map_or("key", |&(_, column)| column);
    let place = Noun::Initiatives.columns().position(|name| name == column).unwrap_or(0);
    let there = row.get(place).map_or("", String::as_str);
    let why = Why::OtherContent { key: known.key.clone(), there: there.to_owned() };
    BadLine { line, column: Some(column), value: None, why }
}

/// Names the first keys that come back later, for which the file is read once more.
fn name_repeats(source: &Source, repeats: Repeats, bad: &mut BadLines) -> Result<(), Failure> {
    let mut firsts = BTreeMap::new();
    let mut more = 0;
    let found = repeats.each(|Repeat { line, first }| {
        firsts.insert(line, first);
        if firsts.len() > BAD_LINES_OF_A_KIND {
            firsts.pop_last();
            more += 1;
        }
    });
    found.map_err(Failure::Scratch)?;
    let Some((&last, _)) = firsts.last_key_value() else { return Ok(()) };
    source.each_row(|row| {
        let Ok(row) = row else { return ControlFlow::Continue(()) };
        if let Some(first) = firsts.get(&row.line) {
            let key = Cells::new(&source.header, row).raw("key");
            bad.push(BadLine::at(row.line, "key", &key, Why::RowsApart { first: *first }));
        }
        if row.line < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    bad.add_more(more);
    Ok(())
}

async fn write_initiatives(
    importer: &mut Importer,
    source: &Arc<Source>,
    options: Options,
) -> Result<Report, Failure> {
    let mut stage = options.progress.stage(Work::Writing, source.bytes());
    let mut batch_size = BatchSize::default();
    let mut report = Report::default();
    let (mut chunks, pass) = pass(source, options.admitted);
    while let Some(chunk) = chunks.recv().await {
        let Chunk { lines, commands, bad, read } = chunk;
        if !bad.is_empty() {
            return Err(Unreadable::Changed(source.path().to_owned()).into());
        }
        let mut done = 0;
        while done < commands.len() {
            source.check_unchanged()?;
            // No small rest.
            let batches = (commands.len() - done).div_ceil(batch_size.commands);
            let end = done + (commands.len() - done).div_ceil(batches);
            let line_of = |place: usize| lines[done + place][0];
            let batch = write_batch(importer, &commands[done..end], line_of).await?;
            batch_size.follow(&batch);
            batch.effects.iter().for_each(|&effect| report.count(effect));
            done = end;
        }
        stage.at(read);
    }
    finish(importer).await?;
    end_of(pass).await?;
    stage.at(source.bytes());
    Ok(report)
}
