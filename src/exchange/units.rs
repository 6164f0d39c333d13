//! Rows of units.

use std::cell::RefCell;
use std::collections::HashSet;

use super::bad_lines::{BadLine, BadLines};
use super::cells::{self, Cells};
use super::damage::Zeros;
use super::file::{Source, Unreadable};
use super::line_commands::{LineCommand, Read, Subject, name_repeats, read_all};
use super::tree::{Node, top_down};
use super::why::Why;
use crate::board::Structure;
use crate::domain::command::{CloseUnit, ReopenUnit, UpsertUnit};
use crate::domain::{Command, Day, Patch, Unit, UnitRef};

struct Row {
    upsert: UpsertUnit,
    parent: Option<String>,
    closed_on: Patch<Day>,
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
    // A row at fault has a code as well, under which others may stand.
    let codes = RefCell::new(HashSet::new());
    let rows = read_all(source, bad, |cells| {
        codes.borrow_mut().insert(cells.text("code"));
        read(cells)
    })?;
    let codes = codes.into_inner();
    name_repeats(rows.iter().map(|it| (it.line, "code", it.row.upsert.code.as_str())), bad);
    check_roots(&rows, structure, bad);
    check_parents(&rows, &codes, structure, bad);
    if !bad.is_empty() {
        return Ok(Vec::new());
    }
    let nodes: Vec<Node<'_>> = rows
        .iter()
        .map(|it| Node {
            line: it.line,
            code: &it.row.upsert.code,
            parent: it.row.parent.as_deref(),
        })
        .collect();
    let outside = |code| Some(structure.unit(unit(structure, code)?.parent?).code.as_str());
    match top_down(&nodes, |codes| Why::UnitCircle { codes }, outside) {
        Ok(order) => {
            Ok(order.into_iter().flat_map(|place| commands_of(&rows[place], structure)).collect())
        }
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
    let parent = cells.maybe_text("parent_code");
    let upsert = UpsertUnit {
        code,
        name: Patch::Set(name),
        kind: kind.map_or(Patch::Keep, Patch::Set),
        parent: parent.clone().map_or(Patch::Keep, |code| Patch::Set(UnitRef::Code(code))),
        cluster: cells.patch_text("cluster"),
        sector: cells.patch("sector", cells::name),
        foreign_invested: cells.patch("foreign_invested", cells::flag),
        member_count: cells.patch("member_count", cells::count),
    };
    let closed_on = cells.patch("closed_on", cells.day("closed_on"));
    cells.finish(Row { upsert, parent, closed_on })
}

fn unit<'r>(structure: &'r Structure, code: &str) -> Option<&'r Unit> {
    let id = structure.resolve_unit(&UnitRef::Code(code.to_owned()))?;
    Some(structure.unit(id))
}

/// There is one root, and it stays the root; what stands in for one gives way.
fn check_roots(rows: &[Read<Row>], structure: &Structure, bad: &mut BadLines) {
    let root = structure.unit(structure.root());
    let mut first: Option<&Read<Row>> = None;
    for it in rows {
        let code = &it.row.upsert.code;
        match &it.row.parent {
            Some(parent) if *code == root.code => {
                let why = Why::RootStays { code: code.clone() };
                bad.push(BadLine::at(it.line, "parent_code", parent, why));
            }
            Some(_) => {}
            None if *code != root.code && !root.placeholder => {
                let why = Why::RootThere { root: root.code.clone(), code: code.clone() };
                bad.push(BadLine::at(it.line, "parent_code", "", why));
            }
            None => match first {
                Some(first) => {
                    let (other, line) = (first.row.upsert.code.clone(), first.line);
                    let why = Why::TwoRoots { other, line, code: code.clone() };
                    bad.push(BadLine::at(it.line, "parent_code", "", why));
                }
                None => first = Some(it),
            },
        }
    }
}

fn check_parents(
    rows: &[Read<Row>],
    codes: &HashSet<String>,
    structure: &Structure,
    bad: &mut BadLines,
) {
    let known = || structure.units().map(|unit| unit.code.as_str());
    let zeros = Zeros::of(codes.iter().map(String::as_str).chain(known()));
    for it in rows {
        let Some(parent) = &it.row.parent else { continue };
        if !codes.contains(parent) && unit(structure, parent).is_none() {
            let why = zeros.told(parent).unwrap_or(Why::NoUnitAnywhere);
            bad.push(BadLine::at(it.line, "parent_code", parent, why));
        }
    }
    // A new code is taken for a damaged one where the file has not the whole one as well.
    let zeros = Zeros::of(known().filter(|code| !codes.contains(*code)));
    for it in rows {
        let code = &it.row.upsert.code;
        if unit(structure, code).is_none()
            && let Some(why) = zeros.told(code)
        {
            bad.push(BadLine::at(it.line, "code", code, why));
        }
    }
}

fn commands_of(it: &Read<Row>, structure: &Structure) -> Vec<LineCommand> {
    let code = it.row.upsert.code.clone();
    let of_line =
        |command| LineCommand { line: it.line, subject: Subject::Unit(code.clone()), command };
    let mut commands = vec![of_line(Command::UpsertUnit(it.row.upsert.clone()))];
    let named = UnitRef::Code(code.clone());
    let closed_on = unit(structure, &code).and_then(|unit| unit.closed_on);
    match it.row.closed_on {
        Patch::Set(day) if closed_on != Some(day) => {
            commands.push(of_line(Command::CloseUnit(CloseUnit { unit: named, on: Some(day) })));
        }
        Patch::Clear if closed_on.is_some() => {
            commands.push(of_line(Command::ReopenUnit(ReopenUnit { unit: named })));
        }
        _ => {}
    }
    commands
}
