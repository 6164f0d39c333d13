//! Rows that correct what is there: a unit's code, a unit that should not have been made, an initiative's unit, an
//! initiative that should not have been entered.
//!
//! Always true: a file of corrections may be given again, whole or after it was cut off; what is corrected already stays as
//! it is.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::bad_lines::{BadLine, BadLines};
use super::cells::Cells;
use super::columns::Noun;
use super::file::{Source, Unreadable};
use super::line_commands::{LineCommand, Read, Subject, name_repeats, read_all, read_some};
use super::outcome::{Change, ChangedCell, Failure, Planned, Report};
use super::why::Why;
use crate::board::Structure;
use crate::domain::command::{DeleteUnit, RenameUnit, Transfer, Withdraw};
use crate::domain::{Command, Initiative, InitiativeStatus, Problem, UnitRef};
use crate::limits::{CHECKED_TOGETHER, CORRECTIONS_MAX};
use crate::writer::importer::{self, Effect, Importer, Rehearsal};

/// A unit that is to stand under another code.
struct Rename {
    code: String,
    new_code: String,
}

/// The commands of a file of units' codes. Each code may stand in it once, so that the order of its rows means nothing.
///
/// # Errors
/// When the file cannot be read. Faults of its rows go to `bad`.
pub fn renames(
    source: &Source,
    structure: &Structure,
    bad: &mut BadLines,
) -> Result<Vec<LineCommand>, Unreadable> {
    let rows = read_all(source, bad, |mut cells| {
        let rename = Rename { code: cells.code("code"), new_code: cells.code("new_code") };
        cells.finish(rename)
    })?;
    let codes = rows.iter().flat_map(|it| {
        let is_same = it.row.code == it.row.new_code;
        let new = (!is_same).then_some((it.line, "new_code", it.row.new_code.as_str()));
        [Some((it.line, "code", it.row.code.as_str())), new].into_iter().flatten()
    });
    name_repeats(codes, bad);
    let is_there = |code: &String| structure.resolve_unit(&UnitRef::Code(code.clone())).is_some();
    let is_done = |rename: &Rename| !is_there(&rename.code) && is_there(&rename.new_code);
    Ok(rows
        .into_iter()
        .map(|Read { line, row }| {
            // The unit under its new code already: the command changes nothing then.
            let named = if is_done(&row) { row.new_code.clone() } else { row.code.clone() };
            let subject = Subject::Code { from: row.code, to: row.new_code.clone() };
            let unit = UnitRef::Code(named);
            let command = Command::RenameUnit(RenameUnit { unit, code: row.new_code });
            LineCommand { line, subject, command }
        })
        .collect())
}

/// The commands of a file of units that are to be gone, those below others first.
///
/// # Errors
/// When the file cannot be read. Faults of its rows go to `bad`.
pub fn deletions(
    source: &Source,
    structure: &Structure,
    bad: &mut BadLines,
) -> Result<Vec<LineCommand>, Unreadable> {
    let mut rows: Vec<Read<(String, Option<String>)>> = read_all(source, bad, |mut cells| {
        let delete = (cells.code("code"), cells.maybe_unread("reason"));
        cells.finish(delete)
    })?;
    name_repeats(rows.iter().map(|it| (it.line, "code", it.row.0.as_str())), bad);
    rows.sort_by_cached_key(|it| {
        let unit = structure.resolve_unit(&UnitRef::Code(it.row.0.clone()));
        Reverse(unit.map(|unit| structure.climb(unit).count()))
    });
    Ok(rows
        .into_iter()
        .map(|Read { line, row: (code, reason) }| {
            let unit = UnitRef::Code(code.clone());
            let command = Command::DeleteUnit(DeleteUnit { unit, reason });
            LineCommand { line, subject: Subject::Unit(code), command }
        })
        .collect())
}

/// The fault at the column of a file of codes, whose units are in the column `code`.
pub fn at_column(noun: Noun, bad: BadLine) -> BadLine {
    let column = match (noun, bad.column) {
        (Noun::Renames | Noun::Deletions, Some("unit_code")) => Some("code"),
        (Noun::Renames, Some("code")) => Some("new_code"),
        (_, column) => column,
    };
    BadLine { column, ..bad }
}

/// An initiative, by its key, and what is to become of it.
struct Correction {
    key: String,
    /// The unit that it is transferred to; `None`: it is withdrawn.
    unit: Option<String>,
    reason: Option<String>,
}

impl Correction {
    fn command(&self, known: &Initiative) -> Command {
        let (id, reason, expected_version) = (known.id, self.reason.clone(), None);
        match self.unit.clone() {
            Some(unit) => {
                let unit = UnitRef::Code(unit);
                Command::Transfer(Transfer { id, unit, reason, expected_version })
            }
            None => Command::Withdraw(Withdraw { id, reason, expected_version }),
        }
    }

    /// `k-7: unit_code 57 → 0058`
    fn difference(&self, known: &Initiative, structure: &Structure) -> Change {
        let (column, before, after) = match &self.unit {
            Some(unit) => ("unit_code", structure.unit(known.unit).code.as_str(), unit.as_str()),
            None => ("status", known.status.as_str(), InitiativeStatus::Withdrawn.as_str()),
        };
        let cell = ChangedCell { column, before: Some(before.to_owned()), after: after.to_owned() };
        Change::Cells(self.key.clone(), vec![cell])
    }
}

/// The commands of a file of transfers or withdrawals, judged against the initiatives as they are.
///
/// # Errors
/// The file or the database cannot be read, or rows are wrong.
pub(super) async fn of_initiatives(
    importer: &Importer,
    noun: Noun,
    source: &Source,
) -> Result<(Vec<Planned>, Report), Failure> {
    let mut bad = BadLines::under(source.header.titles());
    let rows = read_some(source, &mut bad, CORRECTIONS_MAX + 1, |cells| read(noun, cells))?;
    if let Some(beyond) = rows.get(CORRECTIONS_MAX) {
        bad.push(BadLine::new(beyond.line, Why::RowTooMany { max: CORRECTIONS_MAX }));
        return Err(Failure::Bad(bad));
    }
    name_repeats(rows.iter().map(|it| (it.line, "key", it.row.key.as_str())), &mut bad);
    let (mut plan, mut report) = (Vec::new(), Report::default());
    for rows in rows.chunks(CHECKED_TOGETHER) {
        // No row rests on another, so the initiatives of some are forgotten with them.
        let mut rehearsal = importer.rehearse();
        let keys: Vec<&str> = rows.iter().map(|it| it.row.key.as_str()).collect();
        let found = importer.store().begin_read().await?.initiatives_by_key(&keys).await?;
        let known: HashMap<String, Initiative> =
            found.into_iter().map(|initiative| (initiative.key.clone(), initiative)).collect();
        for it in rows {
            let Some(known) = known.get(&it.row.key) else {
                bad.push(BadLine::at(it.line, "key", &it.row.key, Why::NoSuchKey));
                continue;
            };
            match judge(&mut rehearsal, known, it) {
                Ok((planned, effect)) => {
                    report.count(effect);
                    if effect != Effect::Unchanged {
                        report.add_change(|| it.row.difference(known, rehearsal.structure()));
                    }
                    plan.push(planned);
                }
                Err(refused) => bad.extend(refused),
            }
        }
    }
    bad.none().map_err(Failure::Bad)?;
    Ok((plan, report))
}

fn read(noun: Noun, mut cells: Cells<'_>) -> Result<Correction, Vec<BadLine>> {
    let key = cells.code("key");
    let unit = (noun == Noun::Transfers).then(|| cells.code("unit_code"));
    let reason = cells.maybe_unread("reason");
    if noun == Noun::Withdrawals && reason.is_none() {
        cells.refuse("reason", Problem::Empty.into());
    }
    cells.finish(Correction { key, unit, reason })
}

fn judge(
    rehearsal: &mut Rehearsal,
    known: &Initiative,
    it: &Read<Correction>,
) -> Result<(Planned, Effect), Vec<BadLine>> {
    rehearsal.meet(known.clone());
    let judged = importer::check(it.row.command(known), false)
        .and_then(|command| Ok((rehearsal.carry_out(&command)?, command)));
    match judged {
        Ok((effect, command)) => Ok((Planned { line: it.line, command }, effect)),
        Err(refusals) => {
            Err(refusals.iter().map(|refusal| BadLine::refused(it.line, refusal)).collect())
        }
    }
}
