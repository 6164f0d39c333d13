//! Each initiative as a row of 32 bytes, by the place of its unit: what breakdowns and parts of targets are counted from,
//! and lists are found in.
//!
//! The rows of a unit are in order of submission. They know nothing of periods or of the tree, so a unit that moves takes
//! its rows along as they are.

use std::fmt;
use std::sync::Arc;

use super::field_texts::{FieldNumber, FieldTexts};
use super::paged::Paged;
use super::posting::Counted;
use crate::domain::field::Fields;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, InitiativeState, RejectionReason};
use crate::domain::{Day, InitiativeId, InitiativeStatus, Period, Timestamp, Version};

/// The properties of an initiative that breakdowns and lists tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits<'a> {
    pub kind: InitiativeKind,
    pub field: Option<&'a str>,
    pub author_group: Option<AuthorGroup>,
    pub rejection_reason: Option<RejectionReason>,
    pub featured: bool,
    pub confidential: bool,
}

impl Traits<'_> {
    /// Those of an initiative of which nothing but the kind is known.
    pub const fn of_kind(kind: InitiativeKind) -> Self {
        Self {
            kind,
            field: None,
            author_group: None,
            rejection_reason: None,
            featured: false,
            confidential: false,
        }
    }
}

impl<'a> From<&'a InitiativeState> for Traits<'a> {
    fn from(state: &'a InitiativeState) -> Self {
        Self {
            kind: state.kind,
            field: state.field.as_deref(),
            author_group: state.author_group,
            rejection_reason: state.rejection_reason,
            featured: state.featured,
            confidential: state.confidential,
        }
    }
}

/// An initiative.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct InitiativeRow {
    submitted_at: Timestamp,
    /// The version of its last change.
    version: Version,
    /// The number of the initiative, and in the lowest bits that of its field.
    id_and_field: u64,
    /// From the highest bit on: the benefit, in đồng a year; whether one is stated; confidential, featured, status, kind,
    /// author group, reason.
    packed: u64,
}

const FIELD_BITS: u32 = 16;
const BENEFIT: u32 = 15;
const IS_STATED: u32 = 14;
const CONFIDENTIAL: u32 = 13;
const FEATURED: u32 = 12;
const STATUS: u32 = 9;
const KIND: u32 = 6;
const GROUP: u32 = 3;
const REASON: u32 = 0;
/// More than any initiative may state.
const BENEFIT_MAX: u64 = u64::MAX >> BENEFIT;

impl InitiativeRow {
    /// The row of an initiative that changed last at this version.
    pub fn of(
        (id, version): (InitiativeId, Version),
        state: Counted<'_>,
        it: Traits<'_>,
        field: FieldNumber,
    ) -> Self {
        let group = it.author_group.map_or(0, |group| group as u64 + 1);
        let is_rejected = state.status == InitiativeStatus::Rejected;
        let reason = it.rejection_reason.filter(|_| is_rejected).map_or(0, |it| it as u64 + 1);
        let benefit = state.benefit_vnd.map_or(0, |benefit| benefit.max(0).cast_unsigned());
        Self {
            submitted_at: state.submitted_at,
            version,
            id_and_field: (id.0.cast_unsigned() << FIELD_BITS) | u64::from(field),
            packed: (benefit.min(BENEFIT_MAX) << BENEFIT)
                | (u64::from(state.benefit_vnd.is_some()) << IS_STATED)
                | (u64::from(it.confidential) << CONFIDENTIAL)
                | (u64::from(it.featured) << FEATURED)
                | ((state.status as u64) << STATUS)
                | ((it.kind as u64) << KIND)
                | (group << GROUP)
                | (reason << REASON),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few bits")]
    const fn bits(self, from: u32, count: u32) -> usize {
        ((self.packed >> from) & ((1 << count) - 1)) as usize
    }

    pub const fn id(self) -> InitiativeId {
        InitiativeId((self.id_and_field >> FIELD_BITS).cast_signed())
    }

    pub const fn submitted_at(self) -> Timestamp {
        self.submitted_at
    }

    /// The version of the last change.
    pub const fn version(self) -> Version {
        self.version
    }

    /// The day of submission.
    pub fn day(self) -> Day {
        self.submitted_at.day()
    }

    pub const fn status(self) -> InitiativeStatus {
        InitiativeStatus::ALL[self.bits(STATUS, 3)]
    }

    /// The place of the kind among all kinds.
    pub const fn kind(self) -> usize {
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
    pub const fn field(self) -> FieldNumber {
        self.id_and_field as FieldNumber
    }

    pub const fn is_confidential(self) -> bool {
        self.bits(CONFIDENTIAL, 1) == 1
    }

    pub const fn is_featured(self) -> bool {
        self.bits(FEATURED, 1) == 1
    }

    /// The benefit, in đồng a year; `None` where none is stated.
    pub const fn benefit_vnd(self) -> Option<i64> {
        if self.bits(IS_STATED, 1) == 1 {
            Some((self.packed >> BENEFIT).cast_signed())
        } else {
            None
        }
    }

    /// The benefit of an accepted one, in đồng a year; else 0.
    pub fn accepted_benefit_vnd(self) -> i64 {
        let is_accepted = self.status() == InitiativeStatus::Accepted;
        self.benefit_vnd().filter(|_| is_accepted).unwrap_or(0)
    }

    /// The row without the number of its field, which is each board's own.
    #[must_use]
    pub const fn without_field(self) -> Self {
        Self { id_and_field: self.id_and_field >> FIELD_BITS << FIELD_BITS, ..self }
    }

    /// The position in the order of submission. It never changes.
    const fn position(self) -> (Timestamp, InitiativeId) {
        (self.submitted_at, self.id())
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "it tells what the packed numbers hold")]
impl fmt::Debug for InitiativeRow {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Row")
            .field("id", &self.id().0)
            .field("submitted_at", &self.submitted_at)
            .field("version", &self.version.0)
            .field("status", &self.status())
            .field("kind", &InitiativeKind::ALL.get(self.kind()))
            .field("group", &self.group())
            .field("reason", &self.reason())
            .field("field", &self.field())
            .field("featured", &self.is_featured())
            .field("confidential", &self.is_confidential())
            .field("benefit_vnd", &self.benefit_vnd())
            .finish()
    }
}

/// Rows of a list that a change copies whole; a longer list is cut in two.
const CHUNK: usize = 64;

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

    /// The row of an initiative that changed last at this version.
    pub(super) fn row(
        &mut self,
        of: (InitiativeId, Version),
        state: Counted<'_>,
        traits: Traits<'_>,
    ) -> InitiativeRow {
        InitiativeRow::of(of, state, traits, self.fields.number_of(traits.field))
    }

    /// Puts an initiative's row at the place of its unit, and takes away the one at the place where it was.
    pub(super) fn change(&mut self, before: Option<usize>, (place, row): (usize, InitiativeRow)) {
        if before == Some(place) {
            return self.by_place.get_mut(place).replace(row);
        }
        if let Some(before) = before {
            self.by_place.get_mut(before).remove(row);
        }
        self.by_place.get_mut(place).insert(row);
    }

    /// Sets the rows of a place, which are sorted here.
    pub(super) fn set(&mut self, place: usize, rows: &mut [InitiativeRow]) {
        rows.sort_unstable_by_key(|row| row.position());
        *self.by_place.get_mut(place) = if rows.len() <= CHUNK {
            Own::Few((&*rows).into())
        } else {
            Own::Many(Arc::new(rows.chunks(CHUNK / 2).map(Arc::from).collect()))
        };
    }

    /// The rows of a place, in order.
    pub(super) fn of_place(
        &self,
        place: usize,
    ) -> impl DoubleEndedIterator<Item = InitiativeRow> + use<'_> {
        let chunks = self.by_place.get(place).map(Own::chunks).unwrap_or_default();
        chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }

    /// The row at a position of a place.
    pub(super) fn find(
        &self,
        place: usize,
        position: (Timestamp, InitiativeId),
    ) -> Option<InitiativeRow> {
        let chunks = self.by_place.get(place)?.chunks();
        let rows = chunks.get(chunk_of(chunks, position))?;
        place_of(rows, position).ok().map(|place| rows[place])
    }

    /// The moment of the last submission of a place that counts in the period.
    pub(super) fn last_submitted_at(&self, place: usize, period: &Period) -> Option<Timestamp> {
        let (from, until) = (period.starts_on.start(), period.ends_on.plus(1).start());
        let chunks = self.by_place.get(place)?.chunks();
        let ends = chunks
            .partition_point(|chunk| chunk.first().is_some_and(|row| row.submitted_at < until));
        let rows = chunks[..ends].iter().rev().flat_map(|chunk| chunk.iter().rev());
        let mut within = rows
            .skip_while(|row| row.submitted_at >= until)
            .take_while(|row| row.submitted_at >= from);
        let is_submitted = |row: &&InitiativeRow| row.status() != InitiativeStatus::Withdrawn;
        within.find(is_submitted).map(|row| row.submitted_at)
    }

    /// Calls `each` with the submitted rows of a place whose days the period holds; withdrawn ones are none. Returns how
    /// many rows it looked at.
    pub(super) fn each_in(
        &self,
        place: usize,
        period: &Period,
        mut each: impl FnMut(InitiativeRow),
    ) -> usize {
        let Some(own) = self.by_place.get(place) else { return 0 };
        let (from, until) = (period.starts_on.start(), period.ends_on.plus(1).start());
        let mut looked_at = 0;
        let mut in_chunk = |chunk: &[InitiativeRow]| {
            looked_at += chunk.len();
            for &row in chunk {
                if from <= row.submitted_at
                    && row.submitted_at < until
                    && row.status() != InitiativeStatus::Withdrawn
                {
                    each(row);
                }
            }
        };
        match own {
            Own::Few(rows) => in_chunk(rows),
            Own::Many(chunks) => {
                let is_before =
                    |chunk: &Chunk| chunk.last().is_some_and(|row| row.submitted_at < from);
                let first = chunks.partition_point(is_before);
                let begins =
                    |chunk: &&Chunk| chunk.first().is_some_and(|row| row.submitted_at < until);
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
    fn chunks(&self) -> &[Chunk] {
        match self {
            Self::Few(rows) => std::slice::from_ref(rows),
            Self::Many(chunks) => chunks,
        }
    }

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
                let place = chunk_of(chunks, row.position()).min(chunks.len().saturating_sub(1));
                let chunk = with(chunks.get(place).map_or(&[], |chunk| chunk), row);
                if chunk.len() <= CHUNK {
                    chunks.splice(place..(place + 1).min(chunks.len()), [chunk]);
                } else {
                    chunks.splice(place..=place, halves(&chunk));
                }
            }
        }
    }

    /// The row of the same initiative goes; nothing goes where there is none, as after a fault that the nightly check
    /// finds.
    fn remove(&mut self, row: InitiativeRow) {
        match self {
            Self::Few(rows) => *rows = without(rows, row),
            Self::Many(chunks) => {
                let chunks = Arc::make_mut(chunks);
                let place = chunk_of(chunks, row.position());
                let Some(chunk) = chunks.get_mut(place) else { return };
                *chunk = without(chunk, row);
                if chunk.is_empty() {
                    chunks.remove(place);
                }
            }
        }
    }

    /// The row of the same initiative becomes this one.
    fn replace(&mut self, row: InitiativeRow) {
        let chunk = match self {
            Self::Few(rows) => Some(rows),
            Self::Many(chunks) => {
                let place = chunk_of(chunks, row.position());
                Arc::make_mut(chunks).get_mut(place)
            }
        };
        if let Some(chunk) = chunk
            && let Ok(place) = place_of(chunk, row.position())
        {
            // A snapshot may hold the chunk, which is copied then.
            Arc::make_mut(chunk)[place] = row;
        } else {
            self.insert(row);
        }
    }
}

/// The first chunk that does not end before the position.
fn chunk_of(chunks: &[Chunk], position: (Timestamp, InitiativeId)) -> usize {
    chunks.partition_point(|chunk| chunk.last().is_some_and(|it| it.position() < position))
}

/// The place of the row at a position, or where it would be.
fn place_of(rows: &[InitiativeRow], position: (Timestamp, InitiativeId)) -> Result<usize, usize> {
    rows.binary_search_by_key(&position, |there| there.position())
}

/// A list that grows behind its end stays whole there, since most rows come in order.
fn halves(chunk: &[InitiativeRow]) -> Vec<Chunk> {
    chunk.chunks(chunk.len().div_ceil(2)).map(Arc::from).collect()
}

fn with(rows: &[InitiativeRow], row: InitiativeRow) -> Chunk {
    let place = place_of(rows, row.position()).unwrap_or_else(|place| place);
    let (ahead, behind) = rows.split_at(place);
    ahead.iter().chain([&row]).chain(behind).copied().collect::<Vec<_>>().into()
}

fn without(rows: &[InitiativeRow], row: InitiativeRow) -> Chunk {
    let Ok(place) = place_of(rows, row.position()) else { return rows.into() };
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
            benefit_vnd: maybe.then(|| chance.i64(0..=10_000_000_000_000)),
            people: &[],
        };
        let traits = Traits {
            kind: *chance.choice(InitiativeKind::ALL).unwrap(),
            field: chance.bool().then(|| *chance.choice(texts).unwrap()),
            author_group: chance.bool().then(|| *chance.choice(AuthorGroup::ALL).unwrap()),
            rejection_reason: maybe.then(|| *chance.choice(RejectionReason::ALL).unwrap()),
            featured: chance.bool(),
            confidential: chance.bool(),
        };
        (state, traits)
    }

    fn row(rows: &mut InitiativeRows, chance: &mut fastrand::Rng, id: i64) -> InitiativeRow {
        let (state, traits) = drawn(chance, &["a"]);
        rows.row((InitiativeId(id), Version(chance.i64(1..1 << 40))), state, traits)
    }

    #[test]
    fn a_row_tells_what_it_was_made_of() {
        let fields = Arc::new(Fields::parse(b"code,name\na,A\nb,B\n").unwrap());
        let mut rows = InitiativeRows::new(fields);
        let mut chance = fastrand::Rng::with_seed(1);
        for _ in 0..10_000 {
            let (state, it) = drawn(&mut chance, &["a", "b", "c"]);
            let of = (InitiativeId(chance.i64(1..1 << 47)), Version(chance.i64(1..i64::MAX)));
            let row = rows.row(of, state, it);
            assert_eq!((row.id(), row.version()), of);
            assert_eq!((row.submitted_at(), row.status()), (state.submitted_at, state.status));
            assert_eq!((row.is_featured(), row.is_confidential()), (it.featured, it.confidential));
            assert_eq!(row.benefit_vnd(), state.benefit_vnd);
            assert_eq!(InitiativeKind::ALL[row.kind()], it.kind);
            let group = row.group().checked_sub(1).map(|place| AuthorGroup::ALL[place]);
            assert_eq!(group, it.author_group);
            let reason = row.reason().checked_sub(1).map(|place| RejectionReason::ALL[place]);
            let is_rejected = state.status == InitiativeStatus::Rejected;
            assert_eq!(reason, it.rejection_reason.filter(|_| is_rejected));
            assert_eq!(row.field(), rows.fields.number_of(it.field));
            let is_accepted = state.status == InitiativeStatus::Accepted;
            let benefit = state.benefit_vnd.filter(|_| is_accepted).unwrap_or(0);
            assert_eq!(row.accepted_benefit_vnd(), benefit);
        }
    }

    /// Lists of every length, which grow, change and shrink in any order.
    #[test]
    fn rows_are_those_that_came_and_did_not_go() {
        let mut chance = fastrand::Rng::with_seed(2);
        let start = Day::parse("2022-05-10").unwrap();
        for most in [1, CHUNK, CHUNK + 1, 10 * CHUNK] {
            let mut rows = InitiativeRows::default();
            let mut expected: Vec<InitiativeRow> = Vec::new();
            let mut earlier = Vec::new();
            for step in 0..4 * most {
                let mut new = row(&mut rows, &mut chance, i64::try_from(step).unwrap());
                let grows = expected.is_empty() || chance.usize(0..most) > expected.len();
                if grows {
                    rows.change(None, (3, new));
                    expected.push(new);
                } else {
                    let place = chance.usize(0..expected.len());
                    let known = &mut expected[place];
                    new.submitted_at = known.submitted_at;
                    new.id_and_field = (known.id_and_field >> FIELD_BITS) << FIELD_BITS;
                    if chance.bool() {
                        // It changes where it is.
                        rows.change(Some(3), (3, new));
                        *known = new;
                    } else {
                        // It goes to another unit.
                        rows.change(Some(3), (4, new));
                        expected.swap_remove(place);
                    }
                }
                if step % 50 == 0 {
                    earlier.push((rows.clone(), expected.clone()));
                }
            }
            let mut again = InitiativeRows::default();
            again.set(3, &mut expected.clone());
            earlier.extend([(rows, expected.clone()), (again, expected)]);
            for (rows, mut expected) in earlier {
                expected.sort_unstable_by_key(|row| row.position());
                assert_eq!(rows.of_place(3).collect::<Vec<_>>(), expected);
                for row in &expected {
                    assert_eq!(rows.find(3, row.position()), Some(*row));
                    let other = (row.submitted_at, InitiativeId(i64::MAX >> FIELD_BITS));
                    assert_eq!(rows.find(3, other), None);
                }
                let reversed: Vec<InitiativeRow> = expected.iter().rev().copied().collect();
                assert_eq!(rows.of_place(3).rev().collect::<Vec<_>>(), reversed);
                let first = start.plus(chance.i32(0..DAYS));
                let period = period(first, first.plus(chance.i32(0..DAYS)));
                let mut found = Vec::new();
                rows.each_in(3, &period, |row| found.push(row));
                expected.retain(|row| {
                    period.holds(row.day()) && row.status() != InitiativeStatus::Withdrawn
                });
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_million_take_less_than_fifty_megabytes() {
        const UNITS: usize = 130_000;
        let mut rows = InitiativeRows::default();
        let mut chance = fastrand::Rng::with_seed(3);
        for place in 0..UNITS {
            let mut own: Vec<InitiativeRow> =
                (0..8).map(|id| row(&mut rows, &mut chance, id)).collect();
            rows.set(place, &mut own);
        }
        let bytes = rows.bytes(UNITS);
        assert!(bytes < 50 << 20, "{bytes}");
    }
}
