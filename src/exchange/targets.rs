//! Rows of targets.

use std::collections::HashMap;

use super::bad_lines::{BadLine, BadLines};
use super::cells::{self, Cells};
use super::damage::Zeros;
use super::file::{Source, Unreadable};
use super::line_commands::{LineCommand, Read, Subject, read_all};
use super::why::Why;
use crate::board::Structure;
use crate::domain::command::{Goal, SetTargets, UnitGoal};
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::{Command, Patch, PeriodId, PeriodRef, Target, UnitId, UnitRef};

/// The cells by which a target is known.
struct Key {
    unit: String,
    period: String,
    /// The period's by default.
    metric: Option<Metric>,
    origin: TargetOrigin,
    part: Part,
}

/// The ids behind a key.
struct Found {
    unit: UnitId,
    period: PeriodId,
    metric: Metric,
}

struct Row {
    key: Key,
    goal: Option<i32>,
    percent_from: Patch<f64>,
    percent_to: Patch<f64>,
    document_number: Patch<String>,
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
    let zeros = Zeros::of(structure.units().map(|unit| unit.code.as_str()));
    let mut firsts: HashMap<Subject, u64> = HashMap::new();
    let mut commands = Vec::with_capacity(rows.len());
    for it in rows {
        match command(&it, structure, &zeros) {
            Ok(command) => {
                if let Some(first) = firsts.insert(command.subject.clone(), it.line) {
                    let why = Why::SameTarget { first };
                    bad.push(BadLine::at(it.line, "unit_code", &it.row.key.unit, why));
                }
                commands.push(command);
            }
            Err(found) => bad.push(found),
        }
    }
    Ok(commands)
}

/// The commands of a file of targets that are to be taken away; one that is not there stays away.
///
/// # Errors
/// When the file cannot be read. Faults of its rows go to `bad`.
pub fn removals(
    source: &Source,
    structure: &Structure,
    bad: &mut BadLines,
) -> Result<Vec<LineCommand>, Unreadable> {
    let rows = read_all(source, bad, |mut cells| {
        let key = key(&mut cells);
        cells.finish(key)
    })?;
    let zeros = Zeros::of(structure.units().map(|unit| unit.code.as_str()));
    let mut commands = Vec::with_capacity(rows.len());
    for Read { line, row } in rows {
        match row.find(line, structure, &zeros) {
            Ok(found) => commands.push(found.set(line, &row, None, None)),
            Err(found) => bad.push(found),
        }
    }
    Ok(commands)
}

fn key(cells: &mut Cells<'_>) -> Key {
    Key {
        unit: cells.code("unit_code"),
        period: cells.code("period_code"),
        metric: cells.maybe("metric", cells::name),
        origin: cells.maybe("origin", cells::name).unwrap_or(TargetOrigin::Assigned),
        part: Part { group: cells.maybe("group", cells::name), field: cells.maybe_text("field") },
    }
}

fn read(mut cells: Cells<'_>) -> Result<Row, Vec<BadLine>> {
    let key = key(&mut cells);
    let goal = cells.maybe("goal", cells::count);
    let percent_from = cells.patch("percent_from", cells::percent);
    let percent_to = cells.patch("percent_to", cells::percent);
    let has_share = !cells.raw("percent_from").is_empty();
    if cells.raw("goal").is_empty() && !has_share {
        cells.refuse("goal", Why::NoGoal);
    }
    if !cells.raw("percent_to").is_empty() && !has_share {
        cells.refuse("percent_from", Why::NoShareFrom);
    }
    let row = Row {
        key,
        goal,
        percent_from,
        percent_to,
        document_number: cells.patch_text("document_number"),
    };
    cells.finish(row)
}

fn command(
    it: &Read<Row>,
    structure: &Structure,
    zeros: &Zeros<'_>,
) -> Result<LineCommand, BadLine> {
    let Row { key, document_number, .. } = &it.row;
    let found = key.find(it.line, structure, zeros)?;
    let wanted = (found.period, found.metric, key.origin, &key.part);
    let known = structure.target_of_part(found.unit, wanted);
    let document = known.and_then(|target| target.document_number.clone());
    let goal = goal(&it.row, known.map(|target| &**target));
    Ok(found.set(it.line, key, Some(goal), document_number.clone().apply(document)))
}

impl Key {
    fn find(&self, line: u64, structure: &Structure, zeros: &Zeros<'_>) -> Result<Found, BadLine> {
        let unit = structure.resolve_unit(&UnitRef::Code(self.unit.clone())).ok_or_else(|| {
            let why = zeros.told(&self.unit).unwrap_or(Why::NoUnit);
            BadLine::at(line, "unit_code", &self.unit, why)
        })?;
        let period = PeriodRef::Code(self.period.clone());
        let period = structure
            .resolve_period(&period)
            .ok_or_else(|| BadLine::at(line, "period_code", &self.period, Why::NoPeriod))?;
        let metric = self.metric.unwrap_or_else(|| structure.period(period).metric);
        Ok(Found { unit, period, metric })
    }
}

impl Found {
    /// The command that sets the target, or takes it away.
    fn set(
        &self,
        line: u64,
        key: &Key,
        goal: Option<Goal>,
        document_number: Option<String>,
    ) -> LineCommand {
        let Key { unit, period, origin, part, .. } = key;
        let subject = Subject::Target {
            unit: unit.clone(),
            period: period.clone(),
            metric: self.metric,
            origin: *origin,
            part: part.clone(),
        };
        let set = SetTargets {
            period: PeriodRef::Id(self.period),
            metric: Some(self.metric),
            origin: *origin,
            document_number,
            goals: vec![UnitGoal { unit: UnitRef::Id(self.unit), part: part.clone(), goal }],
        };
        LineCommand { line, subject, command: Command::SetTargets(set) }
    }
}

/// The goal of a row. A share that the file leaves out stays as long as the goal's number does.
fn goal(row: &Row, known: Option<&Target>) -> Goal {
    let known = known.filter(|target| row.goal == Some(target.goal));
    let from = row.percent_from.apply(known.and_then(|target| target.percent_from));
    let to = row.percent_to.apply(known.and_then(|target| target.percent_to));
    match (row.goal, from) {
        (Some(count), Some(from)) => Goal::CountOfShare { count, from, to },
        (Some(count), None) => Goal::Count(count),
        // A row has one of the two.
        (None, from) => Goal::PercentOfMembers { from: from.unwrap_or_default(), to },
    }
}
