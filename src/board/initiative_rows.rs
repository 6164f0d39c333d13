//! Each submitted initiative as a row of sixteen bytes, by the place of its unit: what breakdowns and parts of targets
//! are counted from.
//!
//! The rows of a unit are in order of days. They know nothing of periods or of the tree, and not which initiative each
//! is: two that are alike are two equal rows, and a change takes one of them away and puts another one there. So a unit
//! that moves takes its rows along as they are.

use std::sync::Arc;

use super::field_texts::{FieldNumber, FieldTexts};
use super::paged::Paged;
use super::posting::Counted;
use crate::domain::field::Fields;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, InitiativeState, RejectionReason};
use crate::domain::{Day, InitiativeStatus, Period};

/// The properties of an initiative that breakdowns tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits<'a> {
    pub kind: InitiativeKind,
    pub field: Option<&'a str>,
    pub author_group: Option<AuthorGroup>,
    pub rejection_reason: Option<RejectionReason>,
}

impl<'a> From<&'a InitiativeState> for Traits<'a> {
    fn from(state: &'a InitiativeState) -> Self {
        Self {
            kind: state.kind,
            field: state.field.as_deref(),
            author_group: state.author_group,
            rejection_reason: state.rejection_reason,
        }
    }
}

/// A submitted initiative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct InitiativeRow {
    /// From the highest bit on: the day of submission, status, kind, author group, reason, field.
    packed: u64,
    /// The benefit of an accepted one, in đồng a year; else 0.
    benefit_vnd: i64,
}

const DAY: u32 = 32;
const STATUS: u32 = 25;
const KIND: u32 = 22;
const GROUP: u32 = 19;
const REASON: u32 = 16;
/// Makes a day a number that grows with it.
const FIRST_DAY: u32 = 1 << 31;

impl InitiativeRow {
    fn of(state: Counted<'_>, it: Traits<'_>, field: FieldNumber) -> Option<Self> {
        let status: u64 = match state.status {
            InitiativeStatus::Accepted => 0,
            InitiativeStatus::Pending => 1,
            InitiativeStatus::Returned => 2,
            InitiativeStatus::Rejected => 3,
            InitiativeStatus::Withdrawn => return None,
        };
        let group = it.author_group.map_or(0, |group| group as u64 + 1);
        let is_rejected = state.status == InitiativeStatus::Rejected;
        let reason = it.rejection_reason.filter(|_| is_rejected).map_or(0, |it| it as u64 + 1);
        let is_accepted = state.status == InitiativeStatus::Accepted;
        Some(Self {
            packed: (u64::from(day_number(state.submitted_at.day())) << DAY)
                | (status << STATUS)
                | ((it.kind as u64) << KIND)
                | (group << GROUP)
                | (reason << REASON)
                | u64::from(field),
            benefit_vnd: if is_accepted { state.benefit_vnd.unwrap_or(0) } else { 0 },
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few bits")]
    const fn bits(self, from: u32, count: u32) -> usize {
        ((self.packed >> from) & ((1 << count) - 1)) as usize
    }

    /// The day of submission.
    pub const fn day(self) -> Day {
        Day(((self.packed >> DAY) as u32 ^ FIRST_DAY).cast_signed())
    }

    pub const fn status(self) -> InitiativeStatus {
        match self.bits(STATUS, 2) {
            0 => InitiativeStatus::Accepted,
            1 => InitiativeStatus::Pending,
            2 => InitiativeStatus::Returned,
            _ => InitiativeStatus::Rejected,
        }
    }

    /// The place of the kind among all kinds.
    pub(super) const fn kind(self) -> usize {
        self.bits(KIND, 3)
    }

    /// 0 where the group is not known, else one more than its place among all groups.
    pub(super) const fn group(self) -> usize {
        self.bits(GROUP, 3)
    }

    /// 0 where there is no reason, else one more than its place among all reasons.
    pub(super) const fn reason(self) -> usize {
        self.bits(REASON, 3)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits")]
    pub(super) const fn field(self) -> FieldNumber {
        self.packed as FieldNumber
    }

    pub const fn benefit_vnd(self) -> i64 {
        self.benefit_vnd
    }
}

const fn day_number(day: Day) -> u32 {
    day.0.cast_unsigned() ^ FIRST_DAY
}

/// Rows of a list that a change copies whole; a longer list is cut in two.
const CHUNK: usize = 128;

type Chunk = Arc<[InitiativeRow]>;

/// The rows of a unit itself, in order.
#[derive(Debug, Clone)]
enum Own {
    Few(Chunk),
    /// None is empty.
    Many(Arc<Vec<Chunk>>),
}

impl Default for Own {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

/// The rows of all units.
#[derive(Debug, Clone, Default)]
pub struct InitiativeRows {
    by_place: Paged<Own>,
    fields: FieldTexts,
}

impl InitiativeRows {
    pub fn new(fields: Arc<Fields>) -> Self {
        Self { by_place: Paged::default(), fields: FieldTexts::new(fields) }
    }

    pub(super) const fn fields(&self) -> &FieldTexts {
        &self.fields
    }

    /// The row of an initiative; `None` for one that is withdrawn.
    pub(super) fn row(&mut self, state: Counted<'_>, traits: Traits<'_>) -> Option<InitiativeRow> {
        InitiativeRow::of(state, traits, self.fields.number_of(traits.field))
    }

    /// Puts an initiative's row in the place of the one before, each at the place of its unit.
    pub(super) fn change(
        &mut self,
        before: Option<(usize, InitiativeRow)>,
        after: Option<(usize, InitiativeRow)>,
    ) {
        if before == after {
            return;
        }
        if let Some((place, row)) = before {
            self.by_place.get_mut(place).remove(row);
        }
        if let Some((place, row)) = after {
            self.by_place.get_mut(place).insert(row);
        }
    }

    /// Sets the rows of a place, which are sorted here.
    pub(super) fn set(&mut self, place: usize, rows: &mut [InitiativeRow]) {
        rows.sort_unstable();
        *self.by_place.get_mut(place) = if rows.len() <= CHUNK {
            Own::Few((&*rows).into())
        } else {
            Own::Many(Arc::new(rows.chunks(CHUNK / 2).map(Arc::from).collect()))
        };
    }

    /// Calls `each` with the rows of a place whose days the period holds. Returns how many rows it looked at.
    pub(super) fn each_in(
        &self,
        place: usize,
        period: &Period,
        mut each: impl FnMut(InitiativeRow),
    ) -> usize {
        let Some(own) = self.by_place.get(place) else { return 0 };
        let from = u64::from(day_number(period.starts_on)) << DAY;
        let last = (u64::from(day_number(period.ends_on)) << DAY) | u64::from(u32::MAX);
        let mut looked_at = 0;
        let mut in_chunk = |chunk: &[InitiativeRow]| {
            looked_at += chunk.len();
            for &row in chunk {
                if (from..=last).contains(&row.packed) {
                    each(row);
                }
            }
        };
        match own {
            Own::Few(rows) => in_chunk(rows),
            Own::Many(chunks) => {
                let is_before = |chunk: &Chunk| chunk.last().is_some_and(|row| row.packed < from);
                let first = chunks.partition_point(is_before);
                let begins = |chunk: &&Chunk| chunk.first().is_some_and(|row| row.packed <= last);
                chunks[first..].iter().take_while(begins).for_each(|chunk| in_chunk(chunk));
            }
        }
        looked_at
    }

    /// The bytes of memory that the rows take.
    #[cfg(test)]
    pub fn bytes(&self, places: usize) -> usize {
        let of_chunk = |chunk: &Chunk| size_of_val(&**chunk) + 2 * size_of::<usize>();
        let of_place = |place| match self.by_place.get(place) {
            None => 0,
            Some(Own::Few(rows)) => of_chunk(rows),
            Some(Own::Many(chunks)) => {
                size_of_val(chunks.as_slice()) + chunks.iter().map(of_chunk).sum::<usize>()
            }
        };
        self.by_place.bytes() + (0..places).map(of_place).sum::<usize>()
    }
}

impl Own {
    fn insert(&mut self, row: InitiativeRow) {
        match self {
            Self::Few(rows) => {
                let chunk = with(rows, row);
                if chunk.len() <= CHUNK {
                    *rows = chunk;
                } else {
                    *self = Self::Many(Arc::new(halves(&chunk)));
                }
            }
            Self::Many(chunks) => {
                let chunks = Arc::make_mut(chunks);
                let is_before = |chunk: &Chunk| chunk.last().is_some_and(|last| *last < row);
                let place = chunks.partition_point(is_before).min(chunks.len().saturating_sub(1));
                let chunk = with(chunks.get(place).map_or(&[], |chunk| chunk), row);
                if chunk.len() <= CHUNK {
                    chunks.splice(place..(place + 1).min(chunks.len()), [chunk]);
                } else {
                    chunks.splice(place..=place, halves(&chunk));
                }
            }
        }
    }

    /// Nothing goes where there is no such row, as after a fault that the nightly check finds.
    fn remove(&mut self, row: InitiativeRow) {
        match self {
            Self::Few(rows) => *rows = without(rows, row),
            Self::Many(chunks) => {
                let chunks = Arc::make_mut(chunks);
                let is_before = |chunk: &Chunk| chunk.last().is_some_and(|last| *last < row);
                let place = chunks.partition_point(is_before);
                let Some(chunk) = chunks.get_mut(place) else { return };
                *chunk = without(chunk, row);
                if chunk.is_empty() {
                    chunks.remove(place);
                }
            }
        }
    }
}

/// A list that grows behind its end stays whole there, since most rows come in order.
fn halves(chunk: &[InitiativeRow]) -> Vec<Chunk> {
    chunk.chunks(chunk.len().div_ceil(2)).map(Arc::from).collect()
}

fn with(rows: &[InitiativeRow], row: InitiativeRow) -> Chunk {
    let place = rows.partition_point(|there| *there <= row);
    let (ahead, behind) = rows.split_at(place);
    ahead.iter().chain([&row]).chain(behind).copied().collect::<Vec<_>>().into()
}

fn without(rows: &[InitiativeRow], row: InitiativeRow) -> Chunk {
    let Ok(place) = rows.binary_search(&row) else { return rows.into() };
    let (ahead, behind) = (&rows[..place], &rows[place + 1..]);
    [ahead, behind].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::{PeriodId, Timestamp, UnitId};

    fn period(starts_on: Day, ends_on: Day) -> Period {
        Period {
            id: PeriodId(1),
            code: String::new(),
            name: String::new(),
            kind: PeriodKind::Programme,
            starts_on,
            ends_on,
            owner: UnitId(1),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        }
    }

    const DAYS: i32 = 40;

    fn drawn<'a>(chance: &mut fastrand::Rng, texts: &'a [&'a str]) -> (Counted<'a>, Traits<'a>) {
        let day = Day::parse("2022-05-10").unwrap().plus(chance.i32(0..DAYS));
        let maybe = chance.bool();
        let state = Counted {
            unit: UnitId(1),
            status: *chance.choice(InitiativeStatus::ALL).unwrap(),
            submitted_at: Timestamp(day.start().0 + chance.i64(0..86_400_000)),
            benefit_vnd: maybe.then(|| chance.i64(0..1 << 53)),
            people: &[],
        };
        let traits = Traits {
            kind: *chance.choice(InitiativeKind::ALL).unwrap(),
            field: chance.bool().then(|| *chance.choice(texts).unwrap()),
            author_group: chance.bool().then(|| *chance.choice(AuthorGroup::ALL).unwrap()),
            rejection_reason: maybe.then(|| *chance.choice(RejectionReason::ALL).unwrap()),
        };
        (state, traits)
    }

    fn row(rows: &mut InitiativeRows, chance: &mut fastrand::Rng) -> Option<InitiativeRow> {
        let (state, traits) = drawn(chance, &["a"]);
        rows.row(state, traits)
    }

    #[test]
    fn a_row_tells_what_it_was_made_of() {
        let fields = Arc::new(Fields::parse(b"code,name\na,A\nb,B\n").unwrap());
        let mut rows = InitiativeRows::new(fields);
        let mut chance = fastrand::Rng::with_seed(1);
        for _ in 0..10_000 {
            let (state, it) = drawn(&mut chance, &["a", "b", "c"]);
            let Some(row) = rows.row(state, it) else {
                assert_eq!(state.status, InitiativeStatus::Withdrawn);
                continue;
            };
            assert_eq!((row.day(), row.status()), (state.submitted_at.day(), state.status));
            assert_eq!(InitiativeKind::ALL[row.kind()], it.kind);
            let group = row.group().checked_sub(1).map(|place| AuthorGroup::ALL[place]);
            assert_eq!(group, it.author_group);
            let reason = row.reason().checked_sub(1).map(|place| RejectionReason::ALL[place]);
            let is_rejected = state.status == InitiativeStatus::Rejected;
            assert_eq!(reason, it.rejection_reason.filter(|_| is_rejected));
            assert_eq!(row.field(), rows.fields.number_of(it.field));
            let is_accepted = state.status == InitiativeStatus::Accepted;
            let benefit = state.benefit_vnd.filter(|_| is_accepted).unwrap_or(0);
            assert_eq!(row.benefit_vnd(), benefit);
        }
    }

    /// Lists of every length, which grow and shrink in any order.
    #[test]
    fn rows_are_as_many_as_came_and_did_not_go() {
        let mut chance = fastrand::Rng::with_seed(2);
        let start = Day::parse("2022-05-10").unwrap();
        for most in [1, CHUNK, CHUNK + 1, 10 * CHUNK] {
            let mut rows = InitiativeRows::default();
            let mut expected: Vec<InitiativeRow> = Vec::new();
            let mut earlier = Vec::new();
            for step in 0..4 * most {
                let grows = expected.is_empty() || chance.usize(0..most) > expected.len();
                let came = row(&mut rows, &mut chance).filter(|_| grows);
                let gone = (!grows || chance.bool() && !expected.is_empty())
                    .then(|| expected.swap_remove(chance.usize(0..expected.len())));
                rows.change(gone.map(|row| (3, row)), came.map(|row| (3, row)));
                expected.extend(came);
                if step % 50 == 0 {
                    earlier.push((rows.clone(), expected.clone()));
                }
            }
            let mut again = InitiativeRows::default();
            again.set(3, &mut expected.clone());
            earlier.extend([(rows, expected.clone()), (again, expected)]);
            for (rows, mut expected) in earlier {
                let first = start.plus(chance.i32(0..DAYS));
                let period = period(first, first.plus(chance.i32(0..DAYS)));
                let mut found = Vec::new();
                rows.each_in(3, &period, |row| found.push(row));
                assert!(found.is_sorted());
                expected.retain(|row| period.holds(row.day()));
                expected.sort_unstable();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_million_take_less_than_thirty_megabytes() {
        const UNITS: usize = 130_000;
        let mut rows = InitiativeRows::default();
        let mut chance = fastrand::Rng::with_seed(3);
        for place in 0..UNITS {
            let drawn = (0..8).filter_map(|_| row(&mut rows, &mut chance));
            let mut own: Vec<InitiativeRow> = drawn.collect();
            rows.set(place, &mut own);
        }
        let bytes = rows.bytes(UNITS);
        assert!(bytes < 30 << 20, "{bytes}");
    }
}
