//! All that can be read without a table, as of one version.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::calendar::Calendar;
use super::column::{Column, DayLog};
use super::listing::Listings;
use super::pace::{self, Course, Pace};
use super::ranking::{BoardKey, Ranking};
use super::registry::{Registry, Stamp};
use super::tally::{Cell, Standings};
use super::{Stamps, horizon};
use crate::domain::{Day, PeriodId, UnitId, Version};
use crate::limits::MEMO_MAX;

#[derive(Debug)]
pub struct Snapshot {
    pub registry: Registry,
    pub calendar: Calendar,
    pub(super) columns: Vec<Arc<Column>>,
    pub(super) head: Stamp,
    pub(super) head_tag: i64,
    pub(super) stamps: Stamps,
    pub(super) memo: Arc<Memo>,
    pub(super) listings: Arc<Listings>,
    pub(super) default_period: OnceLock<Option<PeriodId>>,
}

/// What was worked out once and serves until what it rests on changes; shared by the snapshots
/// between two midnights or changes of structure.
#[derive(Debug, Default)]
pub(super) struct Memo {
    rankings: Mutex<HashMap<(BoardKey, Stamp), Arc<Ranking>>>,
    earlier: Mutex<HashMap<(PeriodId, Day), EarlierChanges>>,
}

/// What changed from a day until yesterday; `None` when nothing did.
type EarlierChanges = Option<Arc<DayLog>>;

impl Snapshot {
    pub const fn version(&self) -> Version {
        self.head.version
    }

    /// Version and time of the last event.
    pub const fn head(&self) -> Stamp {
        self.head
    }

    /// The random tag of the last event.
    pub const fn head_tag(&self) -> i64 {
        self.head_tag
    }

    pub const fn today(&self) -> Day {
        self.registry.day()
    }

    /// See [`Registry::default_period`].
    pub fn default_period(&self) -> Option<PeriodId> {
        *self.default_period.get_or_init(|| self.registry.default_period())
    }

    /// Zeros for a unit neither under nor above the period's owner.
    pub fn cell(&self, unit: UnitId, period: PeriodId) -> Cell {
        self.columns.get(period.index()).map(|column| column.cell(unit)).unwrap_or_default()
    }

    /// The last change of anything in the unit's subtree, or of a period that changed what its
    /// tallies say. Which day it is does not matter.
    pub fn unit_changed(&self, unit: UnitId) -> Stamp {
        self.stamps.units.get(unit.index()).map(|stamps| stamps.subtree).unwrap_or_default()
    }

    /// The last change of what the unit shows of itself: its own data, its targets, or its tally
    /// in any period, where one that is not there yet counts as zeros. Exact for what this board
    /// folded; of what was loaded the last change of the subtree, which is never earlier.
    pub fn shown_changed(&self, unit: UnitId) -> Version {
        self.stamps.units.get(unit.index()).map(|stamps| stamps.shown).unwrap_or_default()
    }

    /// The last change of units' data, the tree, periods or targets, anywhere.
    pub const fn structure_changed(&self) -> Stamp {
        self.stamps.structure
    }

    /// When the present day began.
    pub const fn day_changed(&self) -> Stamp {
        self.stamps.day
    }

    /// The last change in the unit's subtree or in what its numbers rest on: the day and any
    /// period, so that it does not fall when another period comes to be the default.
    pub fn tally_changed(&self, unit: UnitId) -> Stamp {
        self.unit_changed(unit).max(self.stamps.periods).max(self.stamps.day)
    }

    /// The earliest day that `since` may name.
    pub const fn earliest_since(&self) -> Day {
        horizon(self.today())
    }

    /// The standings of the period at the end of the day before `since`, as the initiatives stood
    /// then, in the tree, the periods and the targets of now. Right for `since` from
    /// [`Self::earliest_since`] to today.
    pub fn earlier(&self, period: PeriodId, since: Day) -> Earlier {
        let column = self.columns.get(period.index()).cloned().unwrap_or_default();
        if since >= self.today() {
            return Earlier { column, changed: None };
        }
        let mut memo = self.memo.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        if memo.len() >= MEMO_MAX {
            memo.clear();
        }
        let changed = memo
            .entry((period, since))
            .or_insert_with(|| column.changes_since(&self.registry, since).map(Arc::new))
            .clone();
        Earlier { column, changed }
    }

    /// How what the period's metric counts gets on towards the unit's target, by the history that
    /// [`Self::earlier`] tells; `None` outside the period's days.
    pub fn pace(&self, unit: UnitId, period: PeriodId) -> Option<Pace> {
        let row = self.registry.period(period);
        let today = self.today();
        if !row.holds(today) {
            return None;
        }
        let at_end_before = |since| self.earlier(period, since).standings(unit).count(row.metric);
        let course = Course {
            now: self.cell(unit, period).standings.count(row.metric),
            yesterday: at_end_before(today),
            before: at_end_before(today.plus(-pace::whole_days(row, today))),
        };
        pace::pace(row, today, course, self.registry.goal(unit, row))
    }

    /// The first number in which two boards of the same version differ; `None`: they agree.
    pub fn first_difference(&self, other: &Self) -> Option<String> {
        if self.version() != other.version() {
            return Some(format!("version {} against {}", self.version(), other.version()));
        }
        for period in self.registry.periods() {
            let yesterday = |snapshot: &Self| snapshot.earlier(period.id, snapshot.today());
            let (mine, theirs) = (yesterday(self), yesterday(other));
            for unit in self.registry.units() {
                let here = (self.cell(unit.id, period.id), mine.standings(unit.id));
                let there = (other.cell(unit.id, period.id), theirs.standings(unit.id));
                if here != there {
                    let (unit, period) = (&unit.code, &period.code);
                    return Some(format!(
                        "unit {unit}, period {period}: {here:?} against {there:?}"
                    ));
                }
            }
        }
        None
    }

    pub fn ranking(&self, key: &BoardKey) -> Arc<Ranking> {
        let rests_on = self.tally_changed(key.within).max(self.stamps.structure);
        let memo_key = (key.clone(), rests_on);
        let lock = || self.memo.rankings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ranking) = lock().get(&memo_key) {
            return Arc::clone(ranking);
        }
        // Made outside of the lock: a large one takes milliseconds.
        let ranking = Arc::new(Ranking::of(self, key));
        let mut memo = lock();
        if memo.len() >= MEMO_MAX {
            memo.clear();
        }
        memo.insert(memo_key, Arc::clone(&ranking));
        ranking
    }
}

/// How units stood at the end of an earlier day.
pub struct Earlier {
    column: Arc<Column>,
    changed: EarlierChanges,
}

impl Earlier {
    pub fn standings(&self, unit: UnitId) -> Standings {
        let start = self.column.start.get(unit.index()).copied().unwrap_or_default().standings;
        match self.changed.as_ref().and_then(|changed| changed.get(&unit)) {
            Some(&changed) => start.minus(changed),
            None => start,
        }
    }
}
