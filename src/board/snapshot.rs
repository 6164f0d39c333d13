//! All that can be read without a table, as of one version.

use std::sync::{Arc, OnceLock};

use super::cache::{Cache, Key, Value};
use super::calendar::Calendar;
use super::closings::Closings;
use super::column::{Changes, Column};
use super::confirmations::Confirmations;
use super::field_texts::FieldLookup;
use super::histories::Histories;
use super::horizon;
use super::initiative_rows::{InitiativeRow, InitiativeRows};
use super::pace::{self, Courses};
use super::paged::Paged;
use super::pause::{Pause, Stopped, Unhurried};
use super::ranking::{Ranking, RankingKey};
use super::ranking_sums::RankingSums;
use super::stamps::Stamps;
use super::structure::{Stamp, Structure};
use super::tally::{RankValues, Tally};
use super::unions::Unions;
use crate::domain::{Day, InitiativeId, Period, PeriodId, Timestamp, UnitId, Version};

#[derive(Debug)]
pub struct Snapshot {
    pub structure: Structure,
    pub calendar: Calendar,
    pub(super) rows: InitiativeRows,
    pub(super) columns: Paged<Option<Arc<Column>>>,
    pub(super) unions: Unions,
    pub(super) head: Stamp,
    pub(super) head_tag: i64,
    pub(super) first_day: Option<Day>,
    pub(super) told_from: Option<Day>,
    pub(super) histories: Histories,
    pub(super) stamps: Stamps,
    /// The last event after which earlier days are told otherwise.
    pub(super) history_changed: Version,
    pub(super) cache: Arc<Cache>,
    pub(super) closings: Closings,
    pub(super) confirmations: Confirmations,
    pub(super) default_period: Option<PeriodId>,
    pub(super) most_earlier_changes: OnceLock<usize>,
    pub(super) generation: u64,
}

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

    /// The number of times that this node has made its board anew. Stamps do not tell that, so a result of another
    /// generation is not fresh, also at the same version.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    pub const fn today(&self) -> Day {
        self.structure.day()
    }

    /// See [`Structure::default_period`].
    pub const fn default_period(&self) -> Option<PeriodId> {
        self.default_period
    }

    pub(super) fn column(&self, period: PeriodId) -> Option<&Arc<Column>> {
        self.columns.get(period.index())?.as_ref()
    }

    /// Zeros for a unit neither under nor above the period's owner.
    pub fn cell(&self, unit: UnitId, period: PeriodId) -> Tally {
        let row = self.structure.get_period(period);
        let Some(at) = row.and_then(|period| self.structure.counted_at(unit, period)) else {
            return Tally::default();
        };
        let cell = self.column(period).map(|column| column.cell(self.structure.place(at)));
        let cell = cell.unwrap_or_default();
        Tally {
            rank_values: cell.rank_values,
            own: if at == unit { cell.own } else { 0 },
            grassroots_unions: self.unions.within(at),
            active_grassroots_unions: cell.active_unions,
            last_submitted: cell.last_submitted,
        }
    }

    /// Those of [`Self::cell`].
    pub fn rank_values(&self, unit: UnitId, period: PeriodId) -> RankValues {
        let Some(column) = self.column(period) else { return RankValues::default() };
        let at = self.structure.counted_at(unit, self.structure.period(period));
        at.map(|at| column.cell(self.structure.place(at)).rank_values).unwrap_or_default()
    }

    /// The initiatives of the unit itself, in order of submission, withdrawn ones too; none of a unit that is not there.
    pub fn initiatives_of(
        &self,
        unit: UnitId,
    ) -> impl DoubleEndedIterator<Item = InitiativeRow> + use<'_> {
        let there = self.structure.get(unit);
        let rows = there.map(|unit| self.initiatives_at(self.structure.place(unit.id)));
        rows.into_iter().flatten()
    }

    /// The same by the unit's place.
    pub fn initiatives_at(
        &self,
        place: usize,
    ) -> impl DoubleEndedIterator<Item = InitiativeRow> + use<'_> {
        self.rows.of_place(place)
    }

    /// The row of an initiative; `None` if the unit has none that was submitted then.
    pub fn initiative_row(
        &self,
        unit: UnitId,
        submitted_at: Timestamp,
        id: InitiativeId,
    ) -> Option<InitiativeRow> {
        self.rows.find(self.structure.place(unit), (submitted_at, id))
    }

    /// The unit of an initiative; `None` of one that is not there.
    pub fn unit_of(&self, initiative: InitiativeId) -> Option<UnitId> {
        self.histories.unit_of(initiative)
    }

    /// The number by which rows name a field of work.
    pub fn field_number(&self, text: &str) -> FieldLookup {
        match self.rows.fields().number(text) {
            Some(number) => FieldLookup::Number(number),
            None if self.rows.fields().is_full() => FieldLookup::Unknown,
            None => FieldLookup::Unused,
        }
    }

    /// The last change of anything in the unit's subtree, or of a period that changed what its tallies say.
    /// The day does not matter.
    pub fn unit_changed(&self, unit: UnitId) -> Stamp {
        self.stamps.units.get(unit.index()).map(|stamps| stamps.subtree).unwrap_or_default()
    }

    /// The last change of what the unit shows of itself: its own data, its targets, its tally
    /// in any period, where one that is not there yet counts as zeros, or which period its tally is of where
    /// none is named. Exact for what this board
    /// folded; of what was loaded the last change of the subtree, which is never earlier.
    pub fn shown_changed(&self, unit: UnitId) -> Version {
        let own = self.stamps.units.get(unit.index()).map(|stamps| stamps.shown);
        own.unwrap_or_default().max(self.stamps.default_period.version)
    }

    /// When another period came to be the default one.
    pub const fn default_period_changed(&self) -> Stamp {
        self.stamps.default_period
    }

    /// The last change of units' data, the tree, periods, targets, rules, closings or confirmed assessments, anywhere.
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

    /// The earliest day that `since` may name where the figures are of `day`: a pruned log does not tell how its first day
    /// came about.
    pub fn earliest_since_of(&self, day: Day) -> Day {
        self.told_from.map_or(horizon(day), |first| first.max(horizon(day)))
    }

    /// The standings of the period at the end of the day before `since`, as the initiatives stood
    /// then, in the tree, the periods and the targets of now. Right for `since` from
    /// [`Self::earliest_since`] to today.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn earlier(
        &self,
        period: PeriodId,
        since: Day,
        pause: &dyn Pause,
    ) -> Result<Earlier<'_>, Stopped> {
        let mut earlier = Earlier { snapshot: self, period, changed: None };
        let Some(column) = self.column(period).filter(|_| since < self.today()) else {
            return Ok(earlier);
        };
        let at_most = Changes::bytes_of(self.structure.unit_count() as usize);
        let add_up = || {
            let owner = self.structure.period(period).owner;
            let changes = column.changes_since(&self.structure, owner, since, pause)?;
            Ok(Value::Earlier(changes.map(Arc::new)))
        };
        let key = Key::Earlier(period, since);
        let found = self.cache.get_or_compute(key, self.history_changed, at_most, add_up).await?;
        let Value::Earlier(changed) = found else { unreachable!("a key names its value's kind") };
        earlier.changed = changed;
        Ok(earlier)
    }

    /// The same, kept nowhere.
    pub fn earlier_by_itself(&self, period: PeriodId, since: Day) -> Earlier<'_> {
        let column = self.column(period).filter(|_| since < self.today());
        let changed = column.and_then(|column| {
            let owner = self.structure.period(period).owner;
            let changes = column.changes_since(&self.structure, owner, since, &Unhurried);
            changes.expect("nobody stops it").map(Arc::new)
        });
        Earlier { snapshot: self, period, changed }
    }

    /// The number of changes that [`Self::earlier`] adds up for `since`; 0 if it did so before.
    pub fn count_earlier_changes(&self, period: PeriodId, since: Day) -> usize {
        let is_known =
            || self.cache.get(&Key::Earlier(period, since), self.history_changed).is_some();
        if since >= self.today() || is_known() {
            return 0;
        }
        self.column(period).map_or(0, |column| column.count_changes_since(since))
    }

    /// The number of changes of earlier days in the period that has most: no [`Self::earlier`] adds up more.
    pub fn most_earlier_changes(&self) -> usize {
        let all = |period: &Arc<Period>| {
            let column = self.column(period.id);
            column.map_or(0, |column| column.count_changes_since(self.earliest_since()))
        };
        let count = || self.structure.periods().map(all).max().unwrap_or(0);
        *self.most_earlier_changes.get_or_init(count)
    }

    /// The first day whose changes [`courses`](Self::courses) add up.
    pub fn pace_since(&self, period: PeriodId) -> Day {
        let today = self.today();
        today.plus(-pace::whole_days(self.structure.period(period), today))
    }

    /// The courses of all units in the period, by the history of [`Self::earlier`].
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn courses(
        &self,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Courses<'_>, Stopped> {
        let row = self.structure.period(period);
        let mut earlier = None;
        if row.holds(self.today()) {
            let yesterday = self.earlier(period, self.today(), pause).await?;
            let before = self.earlier(period, self.pace_since(period), pause).await?;
            earlier = Some([before, yesterday]);
        }
        Ok(Courses::new(self, row, earlier))
    }

    /// # Errors
    /// When nobody waits for it any more.
    pub async fn ranking(
        &self,
        key: &RankingKey,
        pause: &dyn Pause,
    ) -> Result<Arc<Ranking>, Stopped> {
        let rests_on = self.tally_changed(key.within).max(self.stamps.structure).version;
        let question = Key::Ranking(key.clone());
        if let Some(Value::Ranking(ranking)) = self.cache.get(&question, rests_on) {
            return Ok(ranking);
        }
        let units = if key.kinds.is_empty() {
            self.structure.children(key.within).len()
        } else {
            self.structure.unit_count() as usize
        };
        let [now, earlier] = self.standings_of(key, pause).await?;
        let rank = || {
            let ranking = Ranking::of(self, key, [&now, &earlier], pause)?;
            Ok(Value::Ranking(Arc::new(ranking)))
        };
        let at_most = Ranking::bytes_of(units);
        let found = self.cache.get_or_compute(question, rests_on, at_most, rank).await?;
        let Value::Ranking(ranking) = found else { unreachable!("a key names its value's kind") };
        Ok(ranking)
    }

    /// The sums beside the ranking of the key.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub async fn ranking_sums(
        &self,
        key: &RankingKey,
        pause: &dyn Pause,
    ) -> Result<Arc<RankingSums>, Stopped> {
        let rests_on = self.tally_changed(key.within).max(self.stamps.structure).version;
        let question = Key::RankingSums(key.clone());
        if let Some(Value::RankingSums(sums)) = self.cache.get(&question, rests_on) {
            return Ok(sums);
        }
        let ranking = self.ranking(key, pause).await?;
        let [now, earlier] = self.standings_of(key, pause).await?;
        let add_up = || {
            let sums = RankingSums::of(self, key, &ranking, [&now, &earlier], pause)?;
            Ok(Value::RankingSums(Arc::new(sums)))
        };
        let at_most = size_of::<RankingSums>();
        let found = self.cache.get_or_compute(question, rests_on, at_most, add_up).await?;
        let Value::RankingSums(sums) = found else { unreachable!("a key names its value's kind") };
        Ok(sums)
    }
}

/// The numbers of units at the end of an earlier day.
pub struct Earlier<'a> {
    snapshot: &'a Snapshot,
    period: PeriodId,
    /// The changes from a day until the end of yesterday; `None` if there are none.
    changed: Option<Arc<Changes>>,
}

impl Earlier<'_> {
    pub fn rank_values(&self, unit: UnitId) -> RankValues {
        let Some(column) = self.snapshot.column(self.period) else { return RankValues::default() };
        let structure = &self.snapshot.structure;
        let Some(at) = structure.counted_at(unit, structure.period(self.period)) else {
            return RankValues::default();
        };
        let place = structure.place(at);
        let yesterday = column.yesterday(place);
        match self.changed.as_ref() {
            Some(changed) => yesterday.minus(changed.at(place)),
            None => yesterday,
        }
    }
}
