//! Breakdowns: a unit's counts in a period, told apart by a property of the initiatives or of their units. The rows
//! always add up to the tally.
//!
//! A property of initiatives is counted from their rows ([`super::initiative_rows`]), of the subtree alone. A property of
//! units is counted from the cells of the period: a unit's own numbers are its cell without those of the units directly
//! below. Both are kept in the board's cache until something in the subtree changes.

use std::borrow::Cow;
use std::sync::Arc;

use super::benefit::BenefitSum;
use super::cache::{Key, Value};
use super::field_texts::{FieldNumber, FieldTexts, OTHERS, UNSAID};
use super::initiative_rows::InitiativeRow;
use super::pause::{PAUSE_EACH, Pause, Stopped, Unhurried};
use super::snapshot::Snapshot;
use super::tally::{Cell, Counts, RankValues};
use crate::domain::breakdown::{BreakdownBy, Ownership};
use crate::domain::field::Fields;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{InitiativeStatus, Period, PeriodId, UnitId};
use crate::limits::{BREAKDOWN_TEXTS_MAX, SCAN_LARGE};

/// The key of the row that takes together the texts that have none of their own.
pub const OTHER_TEXTS: &str = "*";

/// A row of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakdownRow {
    /// The value's public name, or the code of a listed field; [`OTHER_TEXTS`]; `None` for what is not known.
    pub key: Option<Cow<'static, str>>,
    pub counts: Counts,
    /// Where people are told apart, and mostly units with them.
    pub units: Option<UnitCounts>,
}

/// The part of a row that counts people and units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnitCounts {
    pub participants: i32,
    pub grassroots_unions: i32,
    pub active_grassroots_unions: i32,
}

/// The sums of some initiatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    accepted: i32,
    pending: i32,
    returned: i32,
    rejected: i32,
    benefit_vnd: i128,
}

impl Sum {
    fn count(&mut self, row: InitiativeRow) {
        match row.status() {
            InitiativeStatus::Accepted => {
                self.accepted += 1;
                self.benefit_vnd += i128::from(row.accepted_benefit_vnd());
            }
            InitiativeStatus::Pending => self.pending += 1,
            InitiativeStatus::Returned => self.returned += 1,
            InitiativeStatus::Rejected => self.rejected += 1,
            InitiativeStatus::Withdrawn => {}
        }
    }

    const fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.pending += other.pending;
        self.returned += other.returned;
        self.rejected += other.rejected;
        self.benefit_vnd += other.benefit_vnd;
    }

    const fn counts(&self) -> Counts {
        Counts {
            accepted: self.accepted,
            pending: self.pending,
            returned: self.returned,
            rejected: self.rejected,
            benefit_vnd: BenefitSum::of_sum(self.benefit_vnd),
        }
    }
}

/// The number of author groups, with the one that is not known.
const GROUPS: usize = AuthorGroup::ALL.len() + 1;
const REASONS: usize = RejectionReason::ALL.len() + 1;
const KINDS: usize = InitiativeKind::ALL.len();

/// A subtree's initiatives by all properties of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByInitiative {
    kinds: [Sum; KINDS],
    /// The sum without a reason comes first.
    reasons: [Sum; REASONS],
    /// By the field's number, one sum for each group, that of no group first. It ends behind the last field that is named.
    parts: Vec<[Sum; GROUPS]>,
}

impl ByInitiative {
    fn count(&mut self, row: InitiativeRow) {
        let field = usize::from(row.field());
        self.make_room(field + 1);
        self.kinds[row.kind()].count(row);
        self.reasons[row.reason()].count(row);
        self.parts[field][row.group()].count(row);
    }

    fn make_room(&mut self, fields: usize) {
        if self.parts.len() < fields {
            self.parts.resize(fields, Default::default());
        }
    }

    fn add(&mut self, other: &Self) {
        self.make_room(other.parts.len());
        let pairs = self.kinds.iter_mut().zip(&other.kinds);
        let pairs = pairs.chain(self.reasons.iter_mut().zip(&other.reasons));
        let parts = self.parts.iter_mut().flatten().zip(other.parts.iter().flatten());
        pairs.chain(parts).for_each(|(sum, other)| sum.add(other));
    }

    pub(super) const fn bytes(&self) -> usize {
        Self::bytes_of(self.parts.capacity())
    }

    const fn bytes_of(fields: usize) -> usize {
        size_of::<Self>() + fields * size_of::<[Sum; GROUPS]>()
    }

    fn of_field(&self, field: FieldNumber) -> Sum {
        self.parts.get(usize::from(field)).map(sum_of).unwrap_or_default()
    }

    fn of_group(&self, group: usize) -> Sum {
        let of_fields = self.parts.iter().map(|groups| &groups[group]);
        sum_of(of_fields)
    }

    /// The counts of a part: of a group, of a field, of both.
    fn part(&self, group: Option<AuthorGroup>, field: Option<FieldNumber>) -> Counts {
        let group = group.map(|group| group as usize + 1);
        let sum = match (field.map(usize::from), group) {
            (Some(field), Some(group)) => {
                self.parts.get(field).map(|groups| groups[group]).unwrap_or_default()
            }
            (Some(_), None) => field.map(|field| self.of_field(field)).unwrap_or_default(),
            (None, Some(group)) => self.of_group(group),
            (None, None) => sum_of(&self.kinds),
        };
        sum.counts()
    }

    fn rows(&self, by: BreakdownBy, fields: &FieldTexts, texts: Texts) -> Vec<BreakdownRow> {
        let named = |names: &[&'static str], sums: &[Sum]| -> Vec<BreakdownRow> {
            let row = |(name, sum): (&&'static str, &Sum)| BreakdownRow {
                key: Some(Cow::Borrowed(name)),
                counts: sum.counts(),
                units: None,
            };
            names.iter().zip(sums).map(row).collect()
        };
        let unknown = |sum: &Sum| BreakdownRow { key: None, counts: sum.counts(), units: None };
        match by {
            BreakdownBy::InitiativeKind => named(&names(InitiativeKind::ALL), &self.kinds),
            BreakdownBy::RejectionReason => {
                let mut rows = named(&names(RejectionReason::ALL), &self.reasons[1..]);
                rows.push(unknown(&self.reasons[0]));
                rows
            }
            BreakdownBy::AuthorGroup => {
                let sums: Vec<Sum> = (0..GROUPS).map(|group| self.of_group(group)).collect();
                let mut rows = named(&names(AuthorGroup::ALL), &sums[1..]);
                rows.push(unknown(&sums[0]));
                rows
            }
            BreakdownBy::Field => {
                let row = |key: &str, sum: Sum| BreakdownRow {
                    key: Some(key.to_owned().into()),
                    counts: sum.counts(),
                    units: None,
                };
                let codes = fields.list().iter().map(|field| field.code.as_str());
                let listed = fields.listed().zip(codes);
                let mut rows: Vec<BreakdownRow> =
                    listed.map(|(number, code)| row(code, self.of_field(number))).collect();
                let (most, rest) = self.other_fields(fields, texts);
                rows.extend(most.into_iter().map(|(text, sum)| row(text, sum)));
                if rest != Sum::default() {
                    rows.push(row(OTHER_TEXTS, rest));
                }
                rows.push(unknown(&self.of_field(UNSAID)));
                rows
            }
            BreakdownBy::Sector
            | BreakdownBy::Ownership
            | BreakdownBy::UnitKind
            | BreakdownBy::Team => Vec::new(),
        }
    }

    /// The most frequent fields, listed ones too, the sum of the others, and what is not known.
    fn texts(&self, fields: &FieldTexts, most: usize) -> Vec<BreakdownRow> {
        let row = |key: Option<&str>, sum: &Sum| BreakdownRow {
            key: key.map(|key| key.to_owned().into()),
            counts: sum.counts(),
            units: None,
        };
        let listed = fields.listed().zip(fields.list().iter().map(|field| field.code.as_str()));
        let others = fields.others().map(|(number, text)| (number, &**text));
        let mut all: Vec<(&str, Sum)> =
            listed.chain(others).map(|(number, text)| (text, self.of_field(number))).collect();
        all.retain(|(_, sum)| *sum != Sum::default());
        all.sort_unstable_by_key(|&(text, sum)| (-sum.counts().submitted(), text));
        let rest = all.split_off(most.min(all.len()));
        let mut sum = sum_of(rest.iter().map(|(_, sum)| sum));
        sum.add(&self.of_field(OTHERS));
        let mut rows: Vec<_> = all.iter().map(|(text, sum)| row(Some(text), sum)).collect();
        rows.push(row(Some(OTHER_TEXTS), &sum));
        rows.push(row(None, &self.of_field(UNSAID)));
        rows
    }
}

/// Whether texts that are in no list have rows of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// They share one row.
    Hidden,
    /// The most frequent have rows.
    Shown,
}

impl ByInitiative {
    /// The most frequent fields that are not in the list, as far as they are shown, and the sum of the others.
    fn other_fields<'a>(&self, fields: &'a FieldTexts, texts: Texts) -> (Vec<(&'a str, Sum)>, Sum) {
        let others = fields.others().map(|(number, text)| (&**text, self.of_field(number)));
        let mut others: Vec<(&str, Sum)> =
            others.filter(|(_, sum)| *sum != Sum::default()).collect();
        others.sort_unstable_by_key(|&(text, sum)| (-sum.counts().submitted(), text));
        let shown = if texts == Texts::Shown { BREAKDOWN_TEXTS_MAX } else { 0 };
        let rest = others.split_off(shown.min(others.len()));
        let mut sum = sum_of(rest.iter().map(|(_, sum)| sum));
        sum.add(&self.of_field(OTHERS));
        (others, sum)
    }
}

fn sum_of<'a>(sums: impl IntoIterator<Item = &'a Sum>) -> Sum {
    sums.into_iter().fold(Sum::default(), |mut sum, other| {
        sum.add(other);
        sum
    })
}

/// The names of an enumeration's values, in its order.
trait Named: Copy + 'static {
    fn name(self) -> &'static str;
}

macro_rules! named {
    ($($name:ty),+) => {
        $(impl Named for $name {
            fn name(self) -> &'static str {
                self.as_str()
            }
        })+
    };
}
named!(Sector, Ownership, UnitKind, InitiativeKind, AuthorGroup, RejectionReason);

fn names<T: Named>(all: &[T]) -> Vec<&'static str> {
    all.iter().map(|value| value.name()).collect()
}

/// The sums of some units' own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct UnitSum {
    rank_values: RankValues,
    unions: i32,
    active_unions: i32,
}

impl UnitSum {
    const fn add(&mut self, other: &Self) {
        self.rank_values.add(other.rank_values);
        self.unions += other.unions;
        self.active_unions += other.active_unions;
    }

    const fn minus(self, other: &Self) -> Self {
        Self {
            rank_values: self.rank_values.minus(other.rank_values),
            unions: self.unions - other.unions,
            active_unions: self.active_unions - other.active_unions,
        }
    }
}

/// The number of sectors, with the one that is not known.
const SECTORS: usize = Sector::ALL.len() + 1;
const OWNERSHIPS: usize = Ownership::ALL.len();
const UNIT_KINDS: usize = UnitKind::ALL.len();

/// A subtree's initiatives by all properties of their units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByUnit {
    /// The sum without a sector comes first.
    sectors: [UnitSum; SECTORS],
    ownerships: [UnitSum; OWNERSHIPS],
    kinds: [UnitSum; UNIT_KINDS],
}

/// The values of a unit by which breakdowns tell it apart: places in the lists of [`ByUnit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct UnitTraits {
    sector: usize,
    ownership: usize,
    kind: usize,
}

impl ByUnit {
    fn count(&mut self, traits: UnitTraits, sum: &UnitSum) {
        self.sectors[traits.sector].add(sum);
        self.ownerships[traits.ownership].add(sum);
        self.kinds[traits.kind].add(sum);
    }

    /// Moves a sum that counts below a unit of other traits to these.
    fn move_on(&mut self, from: UnitTraits, to: UnitTraits, sum: &UnitSum) {
        let taken = UnitSum::default().minus(sum);
        if from.sector != to.sector {
            self.sectors[from.sector].add(&taken);
            self.sectors[to.sector].add(sum);
        }
        if from.ownership != to.ownership {
            self.ownerships[from.ownership].add(&taken);
            self.ownerships[to.ownership].add(sum);
        }
        if from.kind != to.kind {
            self.kinds[from.kind].add(&taken);
            self.kinds[to.kind].add(sum);
        }
    }

    pub(super) const fn bytes() -> usize {
        size_of::<Self>()
    }

    fn add(&mut self, other: &Self) {
        let pairs = self.sectors.iter_mut().zip(&other.sectors);
        let pairs = pairs.chain(self.ownerships.iter_mut().zip(&other.ownerships));
        pairs
            .chain(self.kinds.iter_mut().zip(&other.kinds))
            .for_each(|(sum, other)| sum.add(other));
    }

    fn rows(&self, by: BreakdownBy) -> Vec<BreakdownRow> {
        let row = |key: Option<&'static str>, sum: &UnitSum| BreakdownRow {
            key: key.map(Cow::Borrowed),
            counts: sum.rank_values.counts,
            units: Some(UnitCounts {
                participants: sum.rank_values.participants,
                grassroots_unions: sum.unions,
                active_grassroots_unions: sum.active_unions,
            }),
        };
        let named = |names: &[&'static str], sums: &[UnitSum]| -> Vec<BreakdownRow> {
            names.iter().zip(sums).map(|(name, sum)| row(Some(name), sum)).collect()
        };
        match by {
            BreakdownBy::Sector => {
                let mut rows = named(&names(Sector::ALL), &self.sectors[1..]);
                rows.push(row(None, &self.sectors[0]));
                rows
            }
            BreakdownBy::Ownership => named(&names(Ownership::ALL), &self.ownerships),
            BreakdownBy::UnitKind => named(&names(UnitKind::ALL), &self.kinds),
            BreakdownBy::InitiativeKind
            | BreakdownBy::Field
            | BreakdownBy::AuthorGroup
            | BreakdownBy::RejectionReason
            | BreakdownBy::Team => Vec::new(),
        }
    }
}

/// A unit's counts in a period, told apart in every way that needs no texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Breakdowns {
    by_initiative: ByInitiative,
    by_unit: ByUnit,
}

impl Breakdowns {
    /// As [`Snapshot::breakdown`], which the sums come from.
    pub fn rows(&self, of: &Snapshot, by: BreakdownBy, texts: Texts) -> Vec<BreakdownRow> {
        if rests_on_units(by) {
            self.by_unit.rows(by)
        } else {
            self.by_initiative.rows(by, of.rows.fields(), texts)
        }
    }

    /// The kept part of a breakdown: the rows that have something; of fields so many of the most frequent texts, whether the operator's
    /// list has them or not, so that another list changes nothing.
    pub(super) fn rows_to_keep(
        &self,
        of: &Snapshot,
        by: BreakdownBy,
        texts: usize,
    ) -> Vec<BreakdownRow> {
        let mut rows = if by == BreakdownBy::Field {
            self.by_initiative.texts(of.rows.fields(), texts)
        } else {
            self.rows(of, by, Texts::Hidden)
        };
        rows.retain(|row| {
            row.counts != Counts::default()
                || row.units.is_some_and(|it| it != UnitCounts::default())
        });
        rows
    }
}

/// The names of the values that a breakdown has rows for, and whether it has one for what is not known. Texts have none.
pub(super) fn values_of(by: BreakdownBy) -> (Vec<&'static str>, bool) {
    match by {
        BreakdownBy::Sector => (names(Sector::ALL), true),
        BreakdownBy::Ownership => (names(Ownership::ALL), false),
        BreakdownBy::UnitKind => (names(UnitKind::ALL), false),
        BreakdownBy::InitiativeKind => (names(InitiativeKind::ALL), false),
        BreakdownBy::AuthorGroup => (names(AuthorGroup::ALL), true),
        BreakdownBy::RejectionReason => (names(RejectionReason::ALL), true),
        BreakdownBy::Field | BreakdownBy::Team => (Vec::new(), true),
    }
}

/// Everything that the board tells apart; of teams the tables alone know.
pub const OF_THE_BOARD: [BreakdownBy; 7] = [
    BreakdownBy::Sector,
    BreakdownBy::Ownership,
    BreakdownBy::UnitKind,
    BreakdownBy::InitiativeKind,
    BreakdownBy::Field,
    BreakdownBy::AuthorGroup,
    BreakdownBy::RejectionReason,
];

/// Whether the rows tell units apart, not what is entered there.
pub const fn rests_on_units(by: BreakdownBy) -> bool {
    matches!(by, BreakdownBy::Sector | BreakdownBy::Ownership | BreakdownBy::UnitKind)
}

/// Looks out for others after so many units and rows.
struct Paces<'a> {
    pause: &'a dyn Pause,
    left: usize,
}

impl Paces<'_> {
    /// Rows that take as long as a unit.
    const ROWS: usize = 16;

    fn step(&mut self, rows: usize) -> Result<(), Stopped> {
        let step = 1 + rows / Self::ROWS;
        if self.left > step {
            self.left -= step;
            return Ok(());
        }
        self.left = PAUSE_EACH;
        self.pause.pause()
    }
}

impl Snapshot {
    /// The operator's list of fields that the board knows.
    pub const fn fields(&self) -> &Arc<Fields> {
        self.rows.fields().list()
    }

    /// The rows of the unit's counts in the period, in the order of the values, with zeros too, what is not known last.
    /// Texts have rows if there is something of them: the most frequent first, then one for the others. Teams have none.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn breakdown(
        &self,
        unit: UnitId,
        period: PeriodId,
        (by, texts): (BreakdownBy, Texts),
        pause: &dyn Pause,
    ) -> Result<Vec<BreakdownRow>, Stopped> {
        if rests_on_units(by) {
            Ok(self.by_unit(unit, period, pause).await?.rows(by))
        } else {
            Ok(self.by_initiative(unit, period, pause).await?.rows(by, self.rows.fields(), texts))
        }
    }

    /// The counts of the part of a unit's initiatives that has an author group, a field, or both.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn part(
        &self,
        unit: UnitId,
        period: PeriodId,
        (group, field): (Option<AuthorGroup>, Option<&str>),
        pause: &dyn Pause,
    ) -> Result<Counts, Stopped> {
        let number = field.map(|field| self.rows.fields().number(field));
        let field = match number {
            // Nobody has named it.
            Some(None) => return Ok(Counts::default()),
            Some(number) => number,
            None => None,
        };
        Ok(self.by_initiative(unit, period, pause).await?.part(group, field))
    }

    /// All breakdowns of a unit, kept nowhere.
    pub fn breakdowns_by_itself(&self, unit: UnitId, period: PeriodId) -> Breakdowns {
        let mut counted = Breakdowns::default();
        let count = |row| counted.by_initiative.count(row);
        // It stops for nobody.
        let _stopped = self.each_row(unit, period, &Unhurried, count);
        counted.by_unit = self.count_by_unit(unit, period, &Unhurried).unwrap_or_default();
        counted
    }

    /// The texts that initiatives have for their fields, those of the list included.
    pub fn field_text_count(&self) -> usize {
        self.rows.fields().end()
    }

    /// The units and initiatives that [`Self::breakdown`] goes through, initiatives in the number of units that take as
    /// long; 0 if it did so before.
    pub fn breakdown_size(&self, unit: UnitId, period: PeriodId, by: BreakdownBy) -> usize {
        let rests_on = self.tally_changed(unit);
        let is_known = if rests_on_units(by) {
            let rests_on = rests_on.max(self.stamps.structure).version;
            self.cache.get(&Key::ByUnit(unit, period), rests_on).is_some()
        } else {
            self.cache.get(&Key::ByInitiative(unit, period), rests_on.version).is_some()
        };
        if is_known {
            return 0;
        }
        let initiatives = usize::try_from(self.cell(unit, period).submitted()).unwrap_or(0);
        let units = match self.structure.subtree(unit).take(SCAN_LARGE).count() {
            SCAN_LARGE => self.structure.place_count(),
            count => count,
        };
        let fields = if rests_on_units(by) { 0 } else { self.field_text_count() };
        units + (initiatives + fields) / Paces::ROWS
    }

    async fn by_initiative(
        &self,
        unit: UnitId,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Arc<ByInitiative>, Stopped> {
        if self.structure.children(unit).is_empty() {
            return Ok(Arc::new(self.count_by_initiative(unit, period, pause)?));
        }
        let rests_on = self.tally_changed(unit).version;
        // A list that grows may have room for twice as many.
        let at_most = ByInitiative::bytes_of(2 * self.rows.fields().end());
        let count =
            || Ok(Value::ByInitiative(Arc::new(self.count_by_initiative(unit, period, pause)?)));
        let key = Key::ByInitiative(unit, period);
        match self.cache.get_or_compute(key, rests_on, at_most, count).await? {
            Value::ByInitiative(counted) => Ok(counted),
            _ => unreachable!("a key names its value's kind"),
        }
    }

    async fn by_unit(
        &self,
        unit: UnitId,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Arc<ByUnit>, Stopped> {
        if self.structure.children(unit).is_empty() {
            return Ok(Arc::new(self.count_by_unit(unit, period, pause)?));
        }
        // A unit above may state the sector of all.
        let rests_on = self.tally_changed(unit).max(self.stamps.structure).version;
        let count = || Ok(Value::ByUnit(Arc::new(self.count_by_unit(unit, period, pause)?)));
        let key = Key::ByUnit(unit, period);
        match self.cache.get_or_compute(key, rests_on, ByUnit::bytes(), count).await? {
            Value::ByUnit(counted) => Ok(counted),
            _ => unreachable!("a key names its value's kind"),
        }
    }

    fn count_by_initiative(
        &self,
        unit: UnitId,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<ByInitiative, Stopped> {
        let mut counted = ByInitiative::default();
        self.each_row(unit, period, pause, |row| counted.count(row))?;
        Ok(counted)
    }

    /// Calls `each` with every submitted initiative that counts for the unit in the period.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn each_row(
        &self,
        unit: UnitId,
        period: PeriodId,
        pause: &dyn Pause,
        mut each: impl FnMut(InitiativeRow),
    ) -> Result<(), Stopped> {
        let structure = &self.structure;
        let period = structure.period(period);
        let Some(at) = structure.counted_at(unit, period) else { return Ok(()) };
        if self.column(period.id).is_none() {
            return Ok(());
        }
        let mut paces = Paces { pause, left: PAUSE_EACH };
        if at == structure.root() {
            // All rows in the order in which they lie.
            for place in 0..structure.place_count() {
                paces.step(self.rows.each_in(place, period, &mut each))?;
            }
            return Ok(());
        }
        for unit in structure.subtree(at) {
            paces.step(self.rows.each_in(structure.place(unit), period, &mut each))?;
        }
        Ok(())
    }

    fn count_by_unit(
        &self,
        unit: UnitId,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<ByUnit, Stopped> {
        let mut counted = ByUnit::default();
        let structure = &self.structure;
        let period = structure.period(period);
        let Some(at) = structure.counted_at(unit, period) else { return Ok(counted) };
        let mut paces = Paces { pause, left: PAUSE_EACH };
        let top = self.traits_of(at);
        counted.count(top, &self.within(at, period));
        // Each unit with the traits of the one above, at which it is counted so far.
        let mut stack = vec![(at, top)];
        while let Some((unit, above)) = stack.pop() {
            paces.step(0)?;
            let traits = self.traits_below(unit, above);
            if traits != above {
                counted.move_on(above, traits, &self.within(unit, period));
            }
            stack.extend(structure.children(unit).iter().rev().map(|&child| (child, traits)));
        }
        Ok(counted)
    }

    /// The numbers of a unit that the period covers, with those below it.
    fn within(&self, unit: UnitId, period: &Period) -> UnitSum {
        let cell = self.column(period.id).map(|column| column.cell(self.structure.place(unit)));
        let Cell { rank_values, active_unions, .. } = cell.unwrap_or_default();
        UnitSum { rank_values, unions: self.unions.within(unit), active_unions }
    }

    /// The traits of a unit, by its own data and those of the units above.
    fn traits_of(&self, unit: UnitId) -> UnitTraits {
        let path = self.structure.path(unit);
        let none = UnitTraits {
            sector: 0,
            ownership: Ownership::Other as usize,
            kind: self.structure.unit(unit).kind as usize,
        };
        path.into_iter().fold(none, |above, unit| self.traits_below(unit, above))
    }

    fn traits_below(&self, unit: UnitId, above: UnitTraits) -> UnitTraits {
        let unit = self.structure.unit(unit);
        UnitTraits {
            sector: unit.sector.map_or(above.sector, |sector| sector as usize + 1),
            ownership: if unit.foreign_invested {
                Ownership::ForeignInvested as usize
            } else {
                above.ownership
            },
            kind: unit.kind as usize,
        }
    }

    /// The breakdowns of every unit that the period covers and that has units below it, in one pass; each after those
    /// below it.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn all_breakdowns(
        &self,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Vec<(UnitId, Breakdowns)>, Stopped> {
        let structure = &self.structure;
        let period = structure.period(period);
        let mut paces = Paces { pause, left: PAUSE_EACH };
        let mut done = Vec::new();
        // The units above the present one that have units below them, each with the sums so far.
        let mut open: Vec<(UnitId, UnitTraits, Breakdowns)> = Vec::new();
        let mut stack = vec![period.owner];
        while let Some(unit) = stack.pop() {
            let parent = structure.unit(unit).parent;
            while open.last().is_some_and(|(above, ..)| Some(*above) != parent) {
                close(&mut open, &mut done);
            }
            let traits = match open.last() {
                Some((_, above, _)) => self.traits_below(unit, *above),
                None => self.traits_of(unit),
            };
            let children = structure.children(unit);
            if !children.is_empty() || open.is_empty() {
                open.push((unit, traits, Breakdowns::default()));
                stack.extend(children.iter().rev());
            }
            let Some((_, _, sums)) = open.last_mut() else { continue };
            let own = children.iter().fold(self.within(unit, period), |own, &child| {
                own.minus(&self.within(child, period))
            });
            sums.by_unit.count(traits, &own);
            let by_initiative = &mut sums.by_initiative;
            let place = structure.place(unit);
            paces.step(self.rows.each_in(place, period, |row| by_initiative.count(row)))?;
        }
        while !open.is_empty() {
            close(&mut open, &mut done);
        }
        done.retain(|(unit, _)| !structure.children(*unit).is_empty());
        Ok(done)
    }
}

/// Ends the innermost unit: its sums are whole, and count for the one above.
fn close(open: &mut Vec<(UnitId, UnitTraits, Breakdowns)>, done: &mut Vec<(UnitId, Breakdowns)>) {
    let Some((unit, _, sums)) = open.pop() else { return };
    if let Some((.., above)) = open.last_mut() {
        above.by_initiative.add(&sums.by_initiative);
        above.by_unit.add(&sums.by_unit);
    }
    done.push((unit, sums));
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{BoardBuilder, Counted, Stamp, Traits, Unhurried};
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::{Day, InitiativeId, Unit};

    fn unit(id: u32, parent: Option<u32>, kind: UnitKind, sector: Option<Sector>) -> Unit {
        Unit {
            id: UnitId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind,
            parent: parent.map(UnitId),
            cluster: None,
            sector,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        }
    }

    struct Campaign {
        builder: BoardBuilder,
        day: Day,
    }

    impl Campaign {
        fn new(units: impl IntoIterator<Item = Unit>) -> Self {
            let day = Day::parse("2022-05-31").unwrap();
            let mut builder = BoardBuilder::default();
            builder.day(day, Stamp::default());
            units.into_iter().for_each(|unit| builder.unit(unit, Stamp::default()));
            let period = Period {
                id: PeriodId(1),
                code: "phase-1".to_owned(),
                name: "Đợt 1".to_owned(),
                kind: PeriodKind::Phase,
                starts_on: day.plus(-143),
                ends_on: day,
                owner: UnitId(1),
                parent: None,
                metric: Metric::Submitted,
                applied_from: None,
                applied_until: None,
                placeholder: false,
            };
            builder.period(period, Stamp::default());
            Self { builder, day }
        }

        fn submit(&mut self, unit: u32, count: u32, author_group: Option<AuthorGroup>) {
            let state = Counted {
                unit: UnitId(unit),
                status: InitiativeStatus::Accepted,
                submitted_at: self.day.start(),
                benefit_vnd: None,
                people: &[],
            };
            let kind = InitiativeKind::Technical;
            let traits = Traits { author_group, ..Traits::of_kind(kind) };
            for _ in 0..count {
                self.builder.initiative(InitiativeId(1), state, traits, Stamp::default());
            }
        }

        fn rows(self, unit: u32, by: BreakdownBy) -> (i32, Vec<(i32, UnitCounts)>) {
            let board = self.builder.build(Stamp::default(), 0).snapshot();
            let rows = board
                .breakdown(UnitId(unit), PeriodId(1), (by, Texts::Hidden), &Unhurried)
                .now_or_never();
            let rows = rows.unwrap().unwrap().into_iter();
            let told = rows.map(|row| (row.counts.accepted, row.units.unwrap_or_default()));
            (board.cell(UnitId(unit), PeriodId(1)).counts().accepted, told.collect())
        }
    }

    /// The first phase of 2022 by author groups, and the end of 2023, when the confederation counted three groups.
    #[test]
    fn author_groups_as_published() {
        use AuthorGroup::{EnterpriseWorker, Other, PublicEmployee, UnionOfficial};
        for (told, expected) in [
            ([380_656, 168_921, 110_976, 36_395], 696_948),
            ([955_824, 732_120, 345_723, 0], 2_033_667),
        ] {
            let mut campaign = Campaign::new([unit(1, None, UnitKind::Confederation, None)]);
            let groups = [PublicEmployee, EnterpriseWorker, UnionOfficial, Other];
            for (group, count) in groups.into_iter().zip(told) {
                campaign.submit(1, count, Some(group));
            }
            let (all, rows) = campaign.rows(1, BreakdownBy::AuthorGroup);
            let counts: Vec<i32> = rows.iter().map(|(count, _)| *count).collect();
            let told = told.map(|count| i32::try_from(count).unwrap());
            assert_eq!(counts[..4], told);
            assert_eq!(counts[4], 0, "none is unknown");
            assert_eq!((all, counts.iter().sum()), (expected, expected));
        }
    }

    /// An Giang by the sectors of its unions: initiatives and grassroots unions.
    #[test]
    fn sectors_as_published() {
        use Sector::{Education, Health, ProductionBusiness, PublicAdministration};
        let told = [
            (PublicAdministration, 14_134, 576),
            (Education, 2_950, 276),
            (Health, 2_565, 29),
            (ProductionBusiness, 1_410, 20),
        ];
        let mut units = vec![
            unit(1, None, UnitKind::Confederation, None),
            unit(2, Some(1), UnitKind::ProvincialFederation, None),
        ];
        let mut firsts = Vec::new();
        let mut next = 3;
        for (sector, _, unions) in told {
            // They hang below a unit that states the sector for all of them.
            units.push(unit(next, Some(2), UnitKind::LocalIndustryUnion, Some(sector)));
            let below = next + 1..=next + unions;
            units.extend(below.map(|id| unit(id, Some(next), UnitKind::GrassrootsUnion, None)));
            firsts.push(next + 1);
            next += unions + 1;
        }
        let mut campaign = Campaign::new(units);
        for ((_, count, _), first) in told.into_iter().zip(firsts) {
            campaign.submit(first, count, None);
        }
        let (all, rows) = campaign.rows(2, BreakdownBy::Sector);
        assert_eq!(all, 21_059);
        let unions: i32 = rows.iter().map(|(_, units)| units.grassroots_unions).sum();
        assert_eq!(unions, 901);
        for (sector, count, unions) in told {
            let (found, units) = rows[sector as usize];
            assert_eq!(u32::try_from(found), Ok(count), "{sector:?}");
            assert_eq!(u32::try_from(units.grassroots_unions), Ok(unions), "{sector:?}");
            assert_eq!(units.active_grassroots_unions, 1);
        }
        assert_eq!(rows[Sector::ALL.len()], (0, UnitCounts::default()), "all sectors are known");
    }
}
