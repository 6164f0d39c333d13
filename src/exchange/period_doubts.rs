//! Rows of periods that may be meant, and more likely are not: the person says so by `--yes`.

use std::collections::BTreeMap;

use super::bad_lines::BadLine;
use super::outcome::Planned;
use super::why::Why;
use crate::board::Structure;
use crate::domain::period::PeriodKind;
use crate::domain::{Command, Period, PeriodId, PeriodRef};

/// The doubts about the periods that the commands make or change.
pub fn of_periods(plan: &[Planned], before: &Structure, after: &Structure) -> Vec<BadLine> {
    let line = |planned: &Planned| match &planned.command.command {
        Command::UpsertPeriod(upsert) => {
            Some((after.resolve_period(&PeriodRef::Code(upsert.code.clone()))?, planned.line))
        }
        _ => None,
    };
    let lines: BTreeMap<PeriodId, u64> = plan.iter().filter_map(line).collect();
    let known: BTreeMap<PeriodId, &Period> = before.periods().map(|it| (it.id, &**it)).collect();
    let mut doubts = Vec::new();
    let mut left: BTreeMap<PeriodId, Vec<&str>> = BTreeMap::new();
    for period in after.periods() {
        let line = lines.get(&period.id);
        let known_one = known.get(&period.id);
        if let Some(&line) = line
            && period.kind == PeriodKind::Phase
            && period.parent.is_none()
            && known_one.is_none_or(|it| it.parent.is_some() || it.kind != PeriodKind::Phase)
        {
            doubts.push(BadLine {
                line,
                column: Some("parent_code"),
                value: None,
                why: Why::PhaseAlone,
            });
        }
        let Some(parent) = period.parent else { continue };
        let above = after.period(parent);
        let lay_outside = known_one.is_some_and(|it| {
            it.parent == Some(parent)
                && known.get(&parent).is_some_and(|above| is_outside(it, above))
        });
        if lay_outside || !is_outside(period, above) {
            continue;
        }
        match line {
            Some(&line) => {
                let (from, until) = (above.starts_on, above.ends_on);
                let why = Why::OutsideParent { code: above.code.clone(), from, until };
                doubts.push(BadLine { line, column: Some("parent_code"), value: None, why });
            }
            None => left.entry(parent).or_default().push(&period.code),
        }
    }
    for (parent, left) in left {
        let (Some(&line), Some(first)) = (lines.get(&parent), left.first()) else { continue };
        let why = Why::LeavesOutside { first: (*first).to_owned(), count: left.len() };
        doubts.push(BadLine { line, column: Some("ends_on"), value: None, why });
    }
    doubts.sort_by_key(|doubt| doubt.line);
    doubts
}

/// Whether some day of the period is none of the other's.
fn is_outside(period: &Period, above: &Period) -> bool {
    period.starts_on < above.starts_on || above.ends_on < period.ends_on
}
