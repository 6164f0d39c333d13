//! Rows of periods.

use std::collections::HashSet;

use super::bad_lines::{BadLine, BadLines};
use super::cells::{self, Cells};
use super::file::{Source, Unreadable};
use super::line_commands::{LineCommand, Read, Subject, name_repeats, read_all};
use super::tree::{Node, top_down};
use super::why::Why;
use crate::board::Structure;
use crate::domain::command::UpsertPeriod;
use crate::domain::{Command, Patch, Period, PeriodRef, UnitRef};

struct Row {
    upsert: UpsertPeriod,
    parent: Patch<String>,
}

/// The commands of the file.
///
/// # Errors
/// When the file cannot be read. Faults of its rows go to `bad`.
pub fn commands(
    source: &Source,
    structure: &Structure,
    bad: &mut BadLines,
) -> Result<Vec<LineCommand>, Unreadable> {
    let rows = read_all(source, bad, read)?;
    name_repeats(rows.iter().map(|it| (it.line, "code", it.row.upsert.code.as_str())), bad);
    check_named(&rows, structure, bad);
    if !bad.is_empty() {
        return Ok(Vec::new());
    }
    let above = |code| Some(structure.period(period(structure, code)?.parent?).code.as_str());
    let nodes: Vec<Node<'_>> = rows
        .iter()
        .map(|it| {
            let code = it.row.upsert.code.as_str();
            let parent = match &it.row.parent {
                Patch::Set(parent) => Some(parent.as_str()),
                Patch::Clear => None,
                Patch::Keep => above(code),
            };
            Node { line: it.line, code, parent }
        })
        .collect();
    match top_down(&nodes, |codes| Why::PeriodCircle { codes }, above) {
        Ok(order) => Ok(order.into_iter().map(|place| command(&rows[place])).collect()),
        Err(circles) => {
            bad.extend(circles);
            Ok(Vec::new())
        }
    }
}

fn read(mut cells: Cells<'_>) -> Result<Row, Vec<BadLine>> {
    let code = cells.code("code");
    let name = cells.code("name");
    let kind = cells.needed("kind", cells::name);
    let starts_on = cells.needed("starts_on", cells.day("starts_on"));
    let ends_on = cells.needed("ends_on", cells.day("ends_on"));
    let owner = cells.code("owner_code");
    let parent = cells.patch_text("parent_code");
    let metric = cells.maybe("metric", cells::name);
    let upsert = UpsertPeriod {
        code,
        name: Patch::Set(name),
        kind: kind.map_or(Patch::Keep, Patch::Set),
        starts_on: starts_on.map_or(Patch::Keep, Patch::Set),
        ends_on: ends_on.map_or(Patch::Keep, Patch::Set),
        owner: Patch::Set(UnitRef::Code(owner)),
        parent: match parent.clone() {
            Patch::Set(parent) => Patch::Set(PeriodRef::Code(parent)),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        },
        metric: metric.map_or(Patch::Keep, Patch::Set),
        applied_from: cells.patch("applied_from", cells.day("applied_from")),
        applied_until: cells.patch("applied_until", cells.day("applied_until")),
    };
    cells.finish(Row { upsert, parent })
}

fn period<'r>(structure: &'r Structure, code: &str) -> Option<&'r Period> {
    let id = structure.resolve_period(&PeriodRef::Code(code.to_owned()))?;
    Some(structure.period(id))
}

fn check_named(rows: &[Read<Row>], structure: &Structure, bad: &mut BadLines) {
    let codes: HashSet<&str> = rows.iter().map(|it| it.row.upsert.code.as_str()).collect();
    for it in rows {
        if let Patch::Set(owner @ UnitRef::Code(code)) = &it.row.upsert.owner
            && structure.resolve_unit(owner).is_none()
        {
            bad.push(BadLine::at(it.line, "owner_code", code, Why::NoUnit));
        }
        if let Patch::Set(parent) = &it.row.parent
            && !codes.contains(parent.as_str())
            && period(structure, parent).is_none()
        {
            bad.push(BadLine::at(it.line, "parent_code", parent, Why::NoPeriodAnywhere));
        }
    }
}

fn command(it: &Read<Row>) -> LineCommand {
    LineCommand {
        line: it.line,
        subject: Subject::Period(it.row.upsert.code.clone()),
        command: Command::UpsertPeriod(it.row.upsert.clone()),
    }
}
