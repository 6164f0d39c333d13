//! Rows of targets.

use std::collections::HashMap;

use super::bad_lines::{BadLine, BadLines};
use super::cells::{self, Cells};
use super::damage::Zeros;
use super::file::{Source, Unreadable};
use super::line_commands::{LineCommand, Read, Subject, read_all};
use crate::board::Structure;
use crate::domain::command::{Goal, SetTargets, UnitGoal};
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::{Command, Patch, PeriodRef, Target, UnitRef};

struct Row {
    unit: String,
    period: String,
    goal: Option<i32>,
    /// The period's by default.
    metric: Option<Metric>,
    origin: TargetOrigin,
    part: Part,
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
                    let why = format!("is the same target as line {first}");
                    bad.push(BadLine::at(it.line, "unit_code", &it.row.unit, why));
                }
                commands.push(command);
            }
            Err(found) => bad.push(found),
        }
    }
    Ok(commands)
}

fn read(mut cells: Cells<'_>) -> Result<Row, Vec<BadLine>> {
    let unit = cells.code("unit_code");
    let period = cells.code("period_code");
    let goal = cells.maybe("goal", cells::count);
    let percent_from = cells.patch("percent_from", cells::percent);
    let percent_to = cells.patch("percent_to", cells::percent);
    let has_share = !cells.raw("percent_from").is_empty();
    if cells.raw("goal").is_empty() && !has_share {
        cells.refuse("goal", "must not be empty where there is no percent_from");
    }
    if !cells.raw("percent_to").is_empty() && !has_share {
        cells.refuse("percent_from", "must not be empty where there is a percent_to");
    }
    let row = Row {
        unit,
        period,
        goal,
        metric: cells.maybe("metric", cells::name),
        origin: cells.maybe("origin", cells::name).unwrap_or(TargetOrigin::Assigned),
        part: Part { group: cells.maybe("group", cells::name), field: cells.maybe_text("field") },
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
    let row = &it.row;
    let unit = UnitRef::Code(row.unit.clone());
    let unit_id = structure.resolve_unit(&unit).ok_or_else(|| {
        let why = zeros.told(&row.unit).unwrap_or_else(|| "there is no such unit".to_owned());
        BadLine::at(it.line, "unit_code", &row.unit, why)
    })?;
    let period = PeriodRef::Code(row.period.clone());
    let period_id = structure.resolve_period(&period).ok_or_else(|| {
        BadLine::at(it.line, "period_code", &row.period, "there is no such period")
    })?;
    let metric = row.metric.unwrap_or_else(|| structure.period(period_id).metric);
    let wanted = (period_id, metric, row.origin, &row.part);
    let known = structure.target_of_part(unit_id, wanted);
    let subject = Subject::Target {
        unit: row.unit.clone(),
        period: row.period.clone(),
        metric,
        origin: row.origin,
        part: row.part.clone(),
    };
    let document = known.and_then(|target| target.document_number.clone());
    let set = SetTargets {
        period,
        metric: Some(metric),
        origin: row.origin,
        document_number: row.document_number.clone().apply(document),
        goals: vec![UnitGoal {
            unit,
            part: row.part.clone(),
            goal: Some(goal(row, known.map(|target| &**target))),
        }],
    };
    Ok(LineCommand { line: it.line, subject, command: Command::SetTargets(set) })
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
