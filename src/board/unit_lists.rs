//! Lists of units, filtered and in order, as pages are cut from them.
//!
//! A list in the order of names or codes can be made again at any time: a page goes on behind the
//! row that the last one ended with. One in the order of a count cannot, since counts change under
//! the reader; so lists that pages were cut from are kept for a while, each with the version that
//! it rests on.

use std::cmp::Ordering;
use std::sync::Arc;

use super::RankBy;
use super::cache::{Key, Value};
use super::day_end::DayEnd;
use super::pace::Courses;
use super::pause::{PAUSE_EACH, Pause, Stopped, sort_with_pauses};
use super::ranking::Score;
use super::search::SearchText;
use super::snapshot::Snapshot;
use super::structure::Structure;
use super::tally::{RankValues, Tally};
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{Day, PeriodId, Unit, UnitId, Version};

/// Rows of a list that is not worth keeping.
const SHORT: usize = 64;

/// The units that a list is cut from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitScope {
    /// All there are.
    Everything,
    /// The units directly below this one.
    Children(UnitId),
    /// All units below this one.
    Descendants(UnitId),
}

/// The conditions that its rows fulfil; an empty field lets every unit pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct UnitFilter {
    /// This unit and all below it.
    pub within: Option<UnitId>,
    /// The kinds of unit; all kinds if empty.
    pub kinds: Vec<UnitKind>,
    pub cluster: Option<String>,
    pub sector: Option<Sector>,
    pub foreign_invested: Option<bool>,
    pub closed: Option<bool>,
    pub text: Option<SearchText>,
    /// The unit has submitted nothing in the period, nor has any unit below it.
    pub not_started: Option<bool>,
    /// The unit has a target in the period, and has reached less than this share of it.
    pub ratio_below: Option<Share>,
    /// So many days or more have passed since the last entry in the period, or there is none.
    pub silent_days: Option<i32>,
    /// The unit has a target in the period that its pace does not reach, or that it did not reach until the period's
    /// end.
    pub behind: Option<bool>,
    /// The unit's own data, targets or tally in any period changed after this version.
    pub changed_after: Option<Version>,
}

/// A share of a target: 1.0 is all of it. Never NaN.
#[derive(Debug, Clone, Copy)]
pub struct Share(pub f64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderBy {
    Name,
    Code,
    Submitted,
    Accepted,
    TargetRatio,
    MemberCount,
    /// The moment of the last entry in the period.
    LastSubmitted,
    /// The share of grassroots unions that have an entry.
    Coverage,
    Pending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitOrder {
    pub by: OrderBy,
    pub direction: Direction,
}

/// The question that a list answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitListKey {
    pub scope: UnitScope,
    pub filter: UnitFilter,
    pub order: UnitOrder,
    /// The period of the counts; `None` if the key needs no counts.
    pub period: Option<PeriodId>,
    /// The past day at whose end the counts are; `None`: now. Nobody is behind on a past day.
    pub as_of: Option<Day>,
}

/// Units in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitList {
    pub rows: Arc<[UnitId]>,
    /// The version of the last change of anything that the list rests on.
    pub version: Version,
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Share {}

impl std::hash::Hash for Share {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl OrderBy {
    /// Whether the order needs the counts in a period.
    pub const fn needs_period(self) -> bool {
        match self {
            Self::Name | Self::Code | Self::MemberCount => false,
            Self::Submitted
            | Self::Accepted
            | Self::TargetRatio
            | Self::LastSubmitted
            | Self::Coverage
            | Self::Pending => true,
        }
    }

    /// Whether the keys of rows stay the same while initiatives are counted.
    pub const fn is_steady(self) -> bool {
        matches!(self, Self::Name | Self::Code)
    }
}

impl UnitFilter {
    /// Whether the filter needs the counts in a period.
    pub const fn needs_period(&self) -> bool {
        self.not_started.is_some()
            || self.ratio_below.is_some()
            || self.silent_days.is_some()
            || self.behind.is_some()
    }

    fn rests_on_counts(&self) -> bool {
        self.needs_period() || self.changed_after.is_some()
    }
}

impl UnitListKey {
    /// Bytes of memory beside the key's own size.
    pub(super) fn heap_bytes(&self) -> usize {
        let UnitFilter { kinds, cluster, text, .. } = &self.filter;
        size_of_val(kinds.as_slice())
            + cluster.as_ref().map_or(0, String::len)
            + text.as_ref().map_or(0, SearchText::heap_bytes)
    }

    /// The unit that all rows lie below, unless it is one of them.
    fn top(&self, structure: &Structure) -> UnitId {
        match self.scope {
            UnitScope::Everything => self.filter.within.unwrap_or_else(|| structure.root()),
            UnitScope::Children(unit) | UnitScope::Descendants(unit) => unit,
        }
    }
}

impl Snapshot {
    /// The list as of this snapshot.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn listing(&self, key: &UnitListKey, pause: &dyn Pause) -> Result<UnitList, Stopped> {
        let version = self.listing_rests_on(key);
        let past = match (key.period, key.as_of) {
            (Some(period), Some(day)) => Some(self.day_end(period, day, pause).await?),
            _ => None,
        };
        let courses = match key.period.filter(|_| key.filter.behind.is_some()) {
            Some(period) => Some(self.courses(period, pause).await?),
            None => None,
        };
        let at = At { snapshot: self, key, past: past.as_deref(), courses };
        if self.is_short(key) {
            return Ok(UnitList { rows: rows(&at, pause)?.into(), version });
        }
        let at_most = self.structure.unit_count() as usize * size_of::<UnitId>();
        let question = Key::UnitList(key.clone(), version);
        let made = || Ok(Value::UnitList(rows(&at, pause)?.into()));
        let found = self.cache.get_or_compute(question, version, at_most, made).await?;
        let Value::UnitList(rows) = found else { unreachable!("a key names its value's kind") };
        Ok(UnitList { rows, version })
    }

    /// The list as it was when its contents last changed at that version; `None` if the list is no
    /// longer in the cache.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn listing_at(
        &self,
        key: &UnitListKey,
        version: Version,
        pause: &dyn Pause,
    ) -> Result<Option<UnitList>, Stopped> {
        if version == self.listing_rests_on(key) {
            return self.listing(key, pause).await.map(Some);
        }
        Ok(match self.cache.get(&Key::UnitList(key.clone(), version), version) {
            Some(Value::UnitList(rows)) => Some(UnitList { rows, version }),
            _ => None,
        })
    }

    /// Whether the list is made as quickly as it is looked up, and can be made again.
    fn is_short(&self, key: &UnitListKey) -> bool {
        match key.scope {
            UnitScope::Children(unit) if key.order.by.is_steady() && key.filter.text.is_none() => {
                self.structure.children(unit).len() <= SHORT
            }
            _ => false,
        }
    }

    fn listing_rests_on(&self, key: &UnitListKey) -> Version {
        let structure = self.structure_changed();
        let rests_on = if key.order.by.needs_period() || key.filter.rests_on_counts() {
            structure.max(self.tally_changed(key.top(&self.structure)))
        } else {
            structure
        };
        rests_on.version
    }
}

/// The values by which the rows of a list are judged and ordered.
struct At<'a> {
    snapshot: &'a Snapshot,
    key: &'a UnitListKey,
    past: Option<&'a DayEnd>,
    /// Where the filter asks who is behind.
    courses: Option<Courses<'a>>,
}

impl At<'_> {
    /// The unit's numbers in the period of the key; zeros without one.
    fn rank_values(&self, unit: UnitId) -> RankValues {
        match (self.key.period, self.past) {
            (Some(period), Some(past)) => self.snapshot.tally_at(unit, period, past).rank_values,
            (Some(period), None) => self.snapshot.rank_values(unit, period),
            (None, _) => RankValues::default(),
        }
    }

    fn tally(&self, unit: UnitId) -> Tally {
        match (self.key.period, self.past) {
            (Some(period), Some(past)) => self.snapshot.tally_at(unit, period, past),
            (Some(period), None) => self.snapshot.cell(unit, period),
            (None, _) => Tally::default(),
        }
    }

    /// Days since the last entry; `None` without one.
    fn silence(&self, unit: UnitId) -> Option<i32> {
        let period = self.snapshot.structure.period(self.key.period?);
        let day = self.key.as_of.unwrap_or(self.snapshot.today());
        self.tally(unit).days_since_last(period, day)
    }

    fn is_behind(&self, unit: UnitId) -> bool {
        self.courses.as_ref().is_some_and(|courses| courses.is_behind(unit))
    }

    fn ratio(&self, unit: UnitId) -> Option<f64> {
        let period = self.snapshot.structure.period(self.key.period?);
        let goal = self.snapshot.goal_above_zero(unit, period)?;
        Some(f64::from(self.rank_values(unit).count(period.metric)) / f64::from(goal))
    }

    fn passes(&self, unit: &Unit) -> bool {
        let UnitFilter {
            within,
            kinds,
            cluster,
            sector,
            foreign_invested,
            closed,
            text: _,
            not_started,
            ratio_below,
            silent_days,
            behind,
            changed_after,
        } = &self.key.filter;
        let snapshot = self.snapshot;
        (kinds.is_empty() || kinds.contains(&unit.kind))
            && (cluster.is_none() || unit.cluster == *cluster)
            && (sector.is_none() || unit.sector == *sector)
            && foreign_invested.is_none_or(|asked| unit.foreign_invested == asked)
            && closed.is_none_or(|asked| unit.closed_on.is_some() == asked)
            && changed_after.is_none_or(|version| snapshot.shown_changed(unit.id) > version)
            && not_started
                .is_none_or(|asked| (self.rank_values(unit.id).counts.submitted() == 0) == asked)
            && ratio_below.is_none_or(|below| self.ratio(unit.id).is_some_and(|it| it < below.0))
            && silent_days.is_none_or(|days| self.silence(unit.id).is_none_or(|it| it >= days))
            && behind.is_none_or(|asked| self.is_behind(unit.id) == asked)
            && (self.key.scope == UnitScope::Everything
                || within.is_none_or(|within| snapshot.structure.is_within(unit.id, within)))
    }
}

fn rows(at: &At<'_>, pause: &dyn Pause) -> Result<Vec<UnitId>, Stopped> {
    let At { snapshot, key, .. } = at;
    let structure = &snapshot.structure;
    let text = key.filter.text.as_ref();
    let found = text.map(|text| text.matches(structure, key.top(structure), pause)).transpose()?;
    let passes = |unit: &UnitId| {
        found.as_ref().is_none_or(|found| found.get(unit.index()).is_some_and(|&mask| mask != 0))
            && at.passes(structure.unit(*unit))
    };
    let mut rows: Vec<UnitId> = Vec::new();
    let mut seen = 0usize;
    let mut add = |unit: UnitId| {
        seen += 1;
        rows.extend(Some(unit).filter(&passes));
        if seen.is_multiple_of(PAUSE_EACH) { pause.pause() } else { Ok(()) }
    };
    match key.scope {
        UnitScope::Children(unit) => {
            structure.children(unit).iter().copied().try_for_each(&mut add)
        }
        UnitScope::Descendants(unit) => structure.subtree(unit).skip(1).try_for_each(&mut add),
        UnitScope::Everything => structure.subtree(key.top(structure)).try_for_each(&mut add),
    }?;
    sort(at, &mut rows, pause)?;
    Ok(rows)
}

/// Equals are in the order of their numbers, which never change; what has nothing to be ordered by
/// comes last in both directions.
fn sort(at: &At<'_>, rows: &mut [UnitId], pause: &dyn Pause) -> Result<(), Stopped> {
    let At { snapshot, key, .. } = at;
    let structure = &snapshot.structure;
    let direction = key.order.direction;
    match key.order.by {
        OrderBy::Name | OrderBy::Code => sort_with_pauses(rows, pause, |&a, &b| {
            let (a, b) = (
                SteadyKey::of(structure, key.order.by, a),
                SteadyKey::of(structure, key.order.by, b),
            );
            direction.of(a.cmp(&b))
        }),
        OrderBy::MemberCount => {
            let members = |unit: &UnitId| structure.unit(*unit).member_count;
            rows.sort_by_cached_key(|unit| {
                let count = members(unit).map(i64::from);
                (count.is_none(), count.map(|count| direction.signed(count)), *unit)
            });
            pause.pause()
        }
        OrderBy::Submitted
        | OrderBy::Accepted
        | OrderBy::TargetRatio
        | OrderBy::LastSubmitted
        | OrderBy::Coverage
        | OrderBy::Pending => sort_by_counts(at, rows, pause),
    }
}

fn sort_by_counts(at: &At<'_>, rows: &mut [UnitId], pause: &dyn Pause) -> Result<(), Stopped> {
    let At { snapshot, key, .. } = at;
    let Some(period) = key.period else { return Ok(()) };
    let period = snapshot.structure.period(period);
    let ranked = |rank_by: RankBy, unit: UnitId| {
        let rank_values = at.rank_values(unit);
        let goal = snapshot.structure.goal(unit, period);
        Score::of(rank_by, period, snapshot.structure.unit(unit), goal, &rank_values, 0)
    };
    let score = |unit: UnitId| match key.order.by {
        OrderBy::Submitted => ranked(RankBy::Submitted, unit),
        OrderBy::Accepted => ranked(RankBy::Accepted, unit),
        OrderBy::Pending => Score::whole(at.rank_values(unit).counts.pending.into()),
        OrderBy::Coverage => {
            let tally = at.tally(unit);
            Score::share(tally.active_grassroots_unions, tally.grassroots_unions)
        }
        OrderBy::LastSubmitted => {
            let last = at.tally(unit).last_submitted_at();
            last.map_or(Score::share(0, 0), |last| Score::whole(last.0.into()))
        }
        OrderBy::TargetRatio | OrderBy::Name | OrderBy::Code | OrderBy::MemberCount => {
            ranked(RankBy::TargetRatio, unit)
        }
    };
    let mut scored: Vec<(Score, UnitId)> = Vec::with_capacity(rows.len());
    for some in rows.chunks(PAUSE_EACH) {
        pause.pause()?;
        scored.extend(some.iter().map(|&unit| (score(unit), unit)));
    }
    sort_with_pauses(&mut scored, pause, |(a, left), (b, right)| {
        let order = match key.order.direction {
            Direction::Descending => a.cmp(b),
            Direction::Ascending if a.has_value() && b.has_value() => b.cmp(a),
            Direction::Ascending => b.has_value().cmp(&a.has_value()),
        };
        order.then(left.cmp(right))
    })?;
    for (row, (_, unit)) in rows.iter_mut().zip(scored) {
        *row = unit;
    }
    Ok(())
}

impl Direction {
    const fn of(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }

    const fn signed(self, number: i64) -> i64 {
        match self {
            Self::Ascending => number,
            Self::Descending => -number,
        }
    }
}

/// The key of a row in an order that other rows do not change.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SteadyKey<'a> {
    text: &'a [u8],
    unit: UnitId,
}

impl<'a> SteadyKey<'a> {
    fn of(structure: &'a Structure, by: OrderBy, unit: UnitId) -> Self {
        let text = match by {
            OrderBy::Code => structure.unit(unit).code.as_bytes(),
            _ => structure.names().sort_key(unit),
        };
        Self { text, unit }
    }
}

impl UnitList {
    /// The number of rows before the one with this `text` and `unit`, and the number up to it, that
    /// one included. For a list in the order of names or codes.
    pub fn steady_place(
        &self,
        structure: &Structure,
        order: UnitOrder,
        text: &[u8],
        unit: UnitId,
    ) -> (usize, usize) {
        let sought = SteadyKey { text, unit };
        let place = |last_of: Ordering| {
            self.rows.partition_point(|&row| {
                let here = SteadyKey::of(structure, order.by, row);
                order.direction.of(here.cmp(&sought)) <= last_of
            })
        };
        (place(Ordering::Less), place(Ordering::Equal))
    }
}
