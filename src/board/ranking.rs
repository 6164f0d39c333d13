//! Rankings: the units in the order of one measure, for one key at one version.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::mem::size_of;

use super::day_end::Standings;
use super::pause::{PAUSE_EACH, Pause, Stopped, sort_with_pauses};
use super::snapshot::Snapshot;
use super::structure::Structure;
use super::tally::RankValues;
use crate::domain::unit::UnitKind;
use crate::domain::{Day, Period, PeriodId, Unit, UnitId};

pub use crate::domain::rule::RankBy;

/// The question that a ranking answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RankingKey {
    pub within: UnitId,
    /// All units of these kinds below `within`; empty: its direct children.
    pub kinds: Vec<UnitKind>,
    /// Only those of this cluster; among direct children.
    pub cluster: Option<String>,
    pub period: PeriodId,
    pub rank_by: RankBy,
    /// The past day at whose end the numbers are; `None`: now.
    pub as_of: Option<Day>,
    /// The first day of what was gained and of the movement.
    pub since: Day,
}

impl RankingKey {
    /// Whether the unit, which lies below `within`, is ranked.
    pub(super) fn ranks(&self, unit: &Unit) -> bool {
        unit.is_open()
            && if self.kinds.is_empty() {
                let in_cluster = self.cluster.is_none() || unit.cluster == self.cluster;
                unit.parent == Some(self.within) && in_cluster
            } else {
                self.kinds.contains(&unit.kind)
            }
    }

    /// Bytes of memory beside the key's own size.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(self.kinds.as_slice()) + self.cluster.as_ref().map_or(0, String::len)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedUnit {
    pub unit: UnitId,
    /// Equals share the better one: 1 1 3.
    pub rank: u32,
    /// The rank at the end of the day before `since`; `None` if the period had not begun then.
    pub previous_rank: Option<u32>,
    pub value: f64,
    /// The growth of the period's metric since the end of the day before `since`.
    pub gained: i32,
}

/// Best rank first, equals by code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    pub rows: Box<[RankedUnit]>,
    /// Places in `rows`, in order of the units' numbers.
    by_unit: Box<[u32]>,
}

impl Ranking {
    pub(super) fn new(rows: Box<[RankedUnit]>) -> Self {
        let mut by_unit: Box<[u32]> = (0u32..).take(rows.len()).collect();
        by_unit.sort_unstable_by_key(|&place| rows[place as usize].unit);
        Self { rows, by_unit }
    }

    /// The unit's place in `rows`; `None` if the unit is not ranked here.
    pub fn place_of(&self, unit: UnitId) -> Option<usize> {
        let unit_at = |&place: &u32| self.rows[place as usize].unit;
        let found = self.by_unit.binary_search_by_key(&unit, unit_at).ok()?;
        Some(self.by_unit[found] as usize)
    }

    pub(super) fn bytes(&self) -> usize {
        Self::bytes_of(self.rows.len())
    }

    /// Bytes of memory of a ranking of so many units.
    pub(super) const fn bytes_of(units: usize) -> usize {
        size_of::<Self>() + units * (size_of::<RankedUnit>() + size_of::<u32>())
    }

    /// `now` and `earlier`: of the key's period, at its two moments.
    pub(super) fn of(
        snapshot: &Snapshot,
        key: &RankingKey,
        [now, earlier]: [&Standings<'_>; 2],
        pause: &dyn Pause,
    ) -> Result<Self, Stopped> {
        let period = snapshot.structure.period(key.period);
        let units = ranked_units(snapshot, key, pause)?;
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(units.len());
        for some in units.chunks(PAUSE_EACH) {
            pause.pause()?;
            rows.extend(some.iter().map(|&unit| {
                let numbers = (now.rank_values(unit.id), earlier.rank_values(unit.id));
                Row::of(&snapshot.structure, key, period, unit, numbers)
            }));
        }

        // A unit has no earlier rank before the period began, nor in the growth since a day.
        let had_ranks = key.since > period.starts_on && key.rank_by != RankBy::Gained;
        let previous: HashMap<UnitId, u32> = if had_ranks {
            sort_with_pauses(&mut rows, pause, |a, b| a.before.cmp(&b.before))?;
            ranks(&rows, |row| row.before).collect()
        } else {
            HashMap::new()
        };

        let order = |a: &Row<'_>, b: &Row<'_>| {
            a.now.cmp(&b.now).then_with(|| a.unit.code.cmp(&b.unit.code))
        };
        sort_with_pauses(&mut rows, pause, order)?;
        let ranks: Vec<(UnitId, u32)> = ranks(&rows, |row| row.now).collect();
        let rows = rows
            .iter()
            .zip(ranks)
            .map(|(row, (unit, rank))| RankedUnit {
                unit,
                rank,
                previous_rank: previous.get(&unit).copied(),
                value: row.now.value(),
                gained: row.gained,
            })
            .collect();
        pause.pause()?;
        Ok(Self::new(rows))
    }
}

struct Row<'a> {
    unit: &'a Unit,
    now: Score,
    before: Score,
    gained: i32,
}

impl<'a> Row<'a> {
    /// `now` and `before` are the unit's numbers.
    fn of(
        structure: &Structure,
        key: &RankingKey,
        period: &Period,
        unit: &'a Unit,
        (now, before): (RankValues, RankValues),
    ) -> Self {
        let gained = now.count(period.metric) - before.count(period.metric);
        let goal = structure.goal(unit.id, period);
        let score = |rank_values: &RankValues, gained: i32| {
            Score::of(key.rank_by, period, unit, goal, rank_values, gained)
        };
        Self { unit, now: score(&now, gained), before: score(&before, 0), gained }
    }
}

pub(super) fn ranked_units<'a>(
    snapshot: &'a Snapshot,
    key: &RankingKey,
    pause: &dyn Pause,
) -> Result<Vec<&'a Unit>, Stopped> {
    let structure = &snapshot.structure;
    let ranked = |id: UnitId| Some(&**structure.unit(id)).filter(|unit| key.ranks(unit));
    if key.kinds.is_empty() {
        return Ok(structure.children(key.within).iter().filter_map(|&id| ranked(id)).collect());
    }
    let mut units = Vec::new();
    for (place, id) in structure.subtree(key.within).skip(1).enumerate() {
        if place.is_multiple_of(PAUSE_EACH) {
            pause.pause()?;
        }
        units.extend(ranked(id));
    }
    Ok(units)
}

/// Ranks of rows that are sorted by the same score.
fn ranks<'a>(
    rows: &'a [Row<'_>],
    score: impl Fn(&Row<'_>) -> Score + 'a,
) -> impl Iterator<Item = (UnitId, u32)> + 'a {
    let mut rank = 0;
    let mut last: Option<Score> = None;
    rows.iter().zip(1u32..).map(move |(row, place)| {
        let here = score(row);
        if last.is_none_or(|last| last.cmp(&here) != Ordering::Equal) {
            rank = place;
        }
        last = Some(here);
        (row.unit.id, rank)
    })
}

/// An exact fraction; the denominator is positive, or 0 where there is nothing to divide by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score {
    /// At most 96 bits, so that a product with a denominator of 31 bits has room.
    numerator: i128,
    denominator: i64,
    /// The factor between the fraction and the value that is shown.
    scale: i32,
}

impl Score {
    pub(super) fn of(
        rank_by: RankBy,
        period: &Period,
        unit: &Unit,
        goal: Option<i32>,
        rank_values: &RankValues,
        gained: i32,
    ) -> Self {
        let whole = Self::whole;
        let count = i128::from(rank_values.count(period.metric));
        match rank_by {
            RankBy::TargetRatio => Self {
                numerator: count,
                denominator: i64::from(goal.unwrap_or(0).max(0)),
                scale: 1,
            },
            RankBy::Per1000Members => Self {
                numerator: count,
                denominator: i64::from(unit.member_count.unwrap_or(0).max(0)),
                scale: 1_000,
            },
            RankBy::Submitted => whole(i128::from(rank_values.counts.submitted())),
            RankBy::Accepted => whole(i128::from(rank_values.counts.accepted)),
            RankBy::Participants => whole(i128::from(rank_values.participants)),
            RankBy::Benefit => whole(rank_values.counts.benefit_vnd.get()),
            RankBy::Gained => whole(i128::from(gained)),
        }
    }

    pub(super) const fn whole(numerator: i128) -> Self {
        Self { numerator, denominator: 1, scale: 1 }
    }

    /// A share of so many; of none there is no value.
    pub(super) fn share(count: i32, of: i32) -> Self {
        Self { numerator: count.into(), denominator: i64::from(of.max(0)), scale: 1 }
    }

    /// Greater first; what has nothing to divide by shares the last place.
    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        match (self.denominator, other.denominator) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Greater,
            (_, 0) => Ordering::Less,
            (mine, theirs) => {
                let left = self.numerator * i128::from(theirs);
                let right = other.numerator * i128::from(mine);
                right.cmp(&left)
            }
        }
    }

    /// Whether there is something to divide by.
    pub(super) const fn has_value(&self) -> bool {
        self.denominator != 0
    }

    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    fn value(&self) -> f64 {
        if self.denominator == 0 {
            0.0
        } else {
            self.numerator as f64 * f64::from(self.scale) / self.denominator as f64
        }
    }
}
