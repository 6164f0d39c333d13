//! Rows of units that may be meant, and more likely are not: the person says so by `--yes`.

use std::collections::{BTreeMap, HashMap};

use super::bad_lines::BadLine;
use super::damage::is_day;
use super::outcome::Planned;
use super::why::Why;
use crate::board::Structure;
use crate::domain::text::fold;
use crate::domain::{Command, Unit, UnitId, UnitRef};

/// Codes of a file that begin with a zero before one that does not is doubted.
const ZEROS_TELL: usize = 3;

/// The file's changes of units: before and after.
struct Changes<'a> {
    before: &'a Structure,
    after: &'a Structure,
    /// The units of the file, with their lines.
    lines: BTreeMap<UnitId, u64>,
}

/// The doubts about the units that the commands make or change.
pub fn of_units(plan: &[Planned], before: &Structure, after: &Structure) -> Vec<BadLine> {
    let unit = |planned: &Planned| {
        let named = match &planned.command.command {
            Command::UpsertUnit(upsert) => UnitRef::Code(upsert.code.clone()),
            Command::CloseUnit(close) => close.unit.clone(),
            Command::ReopenUnit(reopen) => reopen.unit.clone(),
            _ => return None,
        };
        Some((after.resolve_unit(&named)?, planned.line))
    };
    let changes = Changes { before, after, lines: plan.iter().filter_map(unit).collect() };
    let mut doubts = Vec::new();
    for (&unit, &line) in &changes.lines {
        doubts.extend(changes.closed_above_open_ones(unit, line));
        doubts.extend(changes.open_below_a_closed_one(unit, line));
        doubts.extend(changes.below_a_lower_kind(unit, line));
    }
    doubts.extend(changes.twins());
    doubts.extend(changes.lost_zeros());
    doubts.extend(changes.days());
    doubts.sort_by_key(|doubt| doubt.line);
    doubts
}

impl Changes<'_> {
    /// The new units of the file, with their lines.
    fn new_units(&self) -> impl Iterator<Item = (&Unit, u64)> {
        let lines = self.lines.iter().filter(|(unit, _)| self.before.get(**unit).is_none());
        lines.map(|(unit, line)| (&**self.after.unit(*unit), *line))
    }

    fn is_newly_closed(&self, unit: UnitId) -> bool {
        let is_open = |there: &Structure| there.get(unit).is_none_or(|unit| unit.is_open());
        !is_open(self.after) && is_open(self.before)
    }

    fn closed_above_open_ones(&self, unit: UnitId, line: u64) -> Option<BadLine> {
        if !self.is_newly_closed(unit) {
            return None;
        }
        let below = self.after.subtree(unit).map(|below| self.after.unit(below));
        let open: Vec<&str> = below.filter(|it| it.is_open()).map(|it| it.code.as_str()).collect();
        let first = (*open.first()?).to_owned();
        let why = Why::OpenBelow { first, count: open.len() };
        Some(BadLine { line, column: Some("closed_on"), value: None, why })
    }

    fn open_below_a_closed_one(&self, unit: UnitId, line: u64) -> Option<BadLine> {
        let now = self.after.unit(unit);
        let stays = |known: &Unit| known.is_open() && known.parent == now.parent;
        if !now.is_open() || self.before.get(unit).is_some_and(|known| stays(known)) {
            return None;
        }
        let closed = self.after.climb(unit).find(|above| !self.after.unit(*above).is_open())?;
        // That one is doubted itself.
        if self.lines.contains_key(&closed) && self.is_newly_closed(closed) {
            return None;
        }
        let closed = self.after.unit(closed);
        let why = Why::ClosedAbove { code: closed.code.clone(), since: closed.closed_on? };
        Some(BadLine { line, column: Some("parent_code"), value: None, why })
    }

    /// A federation under a grassroots union: its parent's code is that of another.
    fn below_a_lower_kind(&self, unit: UnitId, line: u64) -> Option<BadLine> {
        let now = self.after.unit(unit);
        let parent = self.after.unit(now.parent?);
        let stays = |known: &Unit| known.parent == now.parent && known.kind == now.kind;
        if now.kind.level() >= parent.kind.level()
            || self.before.get(unit).is_some_and(|known| stays(known))
        {
            return None;
        }
        let why = Why::BelowLower { code: parent.code.clone(), kind: now.kind, above: parent.kind };
        Some(BadLine { line, column: Some("parent_code"), value: None, why })
    }

    /// New units that have the name of one that was there, under the same unit: that one under a code that was mended since,
    /// or mistyped now.
    fn twins(&self) -> Vec<BadLine> {
        let mut new = self.new_units().peekable();
        if new.peek().is_none() {
            return Vec::new();
        }
        let others = self.before.units().filter(|unit| !self.lines.contains_key(&unit.id));
        let there: HashMap<(Option<UnitId>, String), &str> =
            others.map(|unit| ((unit.parent, fold(&unit.name)), unit.code.as_str())).collect();
        let twin = |(unit, line): (&Unit, u64)| {
            let code = there.get(&(unit.parent, fold(&unit.name)))?;
            let why = Why::Twin { code: (*code).to_owned() };
            Some(BadLine::at(line, "code", &unit.code, why))
        };
        new.filter_map(twin).collect()
    }

    /// New codes that are days.
    fn days(&self) -> Vec<BadLine> {
        let days = self.new_units().filter(|(unit, _)| is_day(&unit.code));
        let doubt =
            |(unit, line): (&Unit, u64)| BadLine::at(line, "code", &unit.code, Why::CodeIsADay);
        days.map(doubt).collect()
    }

    /// New codes of digits that are shorter than those of the file that begin with zeros.
    fn lost_zeros(&self) -> Vec<BadLine> {
        let is_digits = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        for unit in self.lines.keys().map(|unit| self.after.unit(*unit)) {
            if unit.code.starts_with('0') && is_digits(&unit.code) {
                *lengths.entry(unit.code.len()).or_default() += 1;
            }
        }
        let Some((&length, &count)) = lengths.iter().max_by_key(|(_, count)| **count) else {
            return Vec::new();
        };
        let is_doubted = |code: &str| {
            count >= ZEROS_TELL && code.len() < length && !code.starts_with('0') && is_digits(code)
        };
        let doubted = self.new_units().filter(|(unit, _)| is_doubted(&unit.code));
        let doubt = |(unit, line): (&Unit, u64)| {
            let why = Why::ZerosDoubted { count, digits: length, code: unit.code.clone() };
            BadLine::at(line, "code", &unit.code, why)
        };
        doubted.map(doubt).collect()
    }
}
