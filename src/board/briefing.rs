//! The counts of a briefing beside boards and tallies: clusters, shares of targets, and the age of what waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cache::{Key, Value};
use super::day_end::{ROWS_AS_A_UNIT, Standings};
use super::initiative_rows::InitiativeRow;
use super::pace::{self, Course, Courses};
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::ranking::RankedUnit;
use super::snapshot::Snapshot;
use super::structure::Structure;
use super::tally::RankValues;
use crate::domain::rule::RankBy;
use crate::domain::{Day, InitiativeStatus, Period, PeriodId, UnitId};

/// The units of one cluster, or those in none, added up.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSums {
    pub cluster: Option<String>,
    pub units: usize,
    /// Units that have reached their target.
    pub met: usize,
    pub submitted: i32,
    pub accepted: i32,
    pub gained: i32,
    /// The goals above zero, added up; 0 if there are none.
    pub goals: i64,
    /// The metric's count of the units that have such a goal.
    pub counted: i64,
    /// Those of rank 1 when the cluster is ranked alone, by code.
    pub leaders: Vec<RankedUnit>,
}

impl ClusterSums {
    /// The goals added up; `None` if there are none. The schema has no more than 31 bits for it.
    pub fn target(&self) -> Option<i32> {
        (self.goals > 0).then(|| i32::try_from(self.goals).unwrap_or(i32::MAX))
    }

    /// The counts of the units with a goal, divided by their goals; `None` if there are none.
    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    pub fn ratio(&self) -> Option<f64> {
        (self.goals > 0).then(|| self.counted as f64 / self.goals as f64)
    }
}

impl Snapshot {
    /// The measure by which a meeting compares the units directly below: the share of their targets, or the count of the
    /// period's metric while none of them has a target.
    pub fn measure_at_meeting(&self, within: UnitId, period: PeriodId) -> RankBy {
        let structure = &self.structure;
        let period = structure.period(period);
        let mut open =
            structure.children(within).iter().filter(|&&id| structure.unit(id).is_open());
        if open.any(|&id| structure.goal(id, period).is_some()) {
            RankBy::TargetRatio
        } else {
            period.metric.into()
        }
    }
}

/// The clusters of ranked units in the order of their names, those in none last. `rows`: best rank first; `values`: the
/// numbers that they are ranked by.
pub fn clusters(
    structure: &Structure,
    period: &Period,
    rows: &[RankedUnit],
    values: impl Fn(UnitId) -> RankValues,
) -> Vec<ClusterSums> {
    let mut by_cluster: BTreeMap<(bool, Option<&str>), Vec<RankedUnit>> = BTreeMap::new();
    for row in rows {
        let cluster = structure.unit(row.unit).cluster.as_deref();
        by_cluster.entry((cluster.is_none(), cluster)).or_default().push(*row);
    }
    let sums = by_cluster.into_iter().map(|((_, cluster), rows)| {
        let mut sums = ClusterSums {
            cluster: cluster.map(str::to_owned),
            units: rows.len(),
            met: 0,
            submitted: 0,
            accepted: 0,
            gained: 0,
            goals: 0,
            counted: 0,
            leaders: leaders(&rows),
        };
        for row in &rows {
            let now = values(row.unit);
            sums.submitted += now.counts.submitted();
            sums.accepted += now.counts.accepted;
            sums.gained += row.gained;
            if let Some(goal) = goal(structure, period, row.unit) {
                let count = now.count(period.metric);
                sums.met += usize::from(count >= goal);
                sums.goals += i64::from(goal);
                sums.counted += i64::from(count);
            }
        }
        sums
    });
    sums.collect()
}

/// The rows of rank 1 among these alone; their own order and equals are those of the whole ranking.
fn leaders(rows: &[RankedUnit]) -> Vec<RankedUnit> {
    let Some(best) = rows.first().map(|row| row.rank) else { return Vec::new() };
    let mut before: Vec<u32> = rows.iter().filter_map(|row| row.previous_rank).collect();
    before.sort_unstable();
    let among = |rank: u32| {
        let better = before.partition_point(|&other| other < rank);
        u32::try_from(better).unwrap_or(u32::MAX).saturating_add(1)
    };
    let leaders = rows.iter().take_while(|row| row.rank == best);
    leaders
        .map(|row| RankedUnit { rank: 1, previous_rank: row.previous_rank.map(among), ..*row })
        .collect()
}

fn goal(structure: &Structure, period: &Period, unit: UnitId) -> Option<i32> {
    structure.goal(unit, period).filter(|&goal| goal > 0)
}

/// The shares of targets at which bands begin.
const BANDS: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 2.0];

/// Units whose ratio lies from one share to below another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioBand {
    /// `None`: units without a target.
    pub from: Option<f64>,
    /// `None`: no upper bound, or without a target.
    pub below: Option<f64>,
    pub units: usize,
}

/// The units by shares of their targets, the least first, those without a target last.
pub fn bands(
    structure: &Structure,
    period: &Period,
    units: impl Iterator<Item = UnitId>,
    values: impl Fn(UnitId) -> RankValues,
) -> Vec<RatioBand> {
    let mut counts = [0; BANDS.len()];
    let mut without = 0;
    for unit in units {
        let Some(goal) = goal(structure, period, unit) else {
            without += 1;
            continue;
        };
        // In exact numbers: a quarter of the target is no fraction that floats could miss.
        let quarters = 4 * i64::from(values(unit).count(period.metric)) / i64::from(goal);
        let band = match quarters {
            ..=0 => 0,
            1 => 1,
            2 => 2,
            3 => 3,
            4..=7 => 4,
            8.. => 5,
        };
        counts[band] += 1;
    }
    let below = BANDS.iter().skip(1).copied().map(Some).chain([None]);
    let with = BANDS.into_iter().zip(below).zip(counts);
    with.map(|((from, below), units)| RatioBand { from: Some(from), below, units })
        .chain([RatioBand { from: None, below: None, units: without }])
        .collect()
}

/// The first days of the ages by which a backlog is told apart.
const AGES: [i32; 5] = [0, 3, 8, 15, 31];

/// The initiatives that wait for review or correction, by days since submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BacklogRow {
    pub from_days: i32,
    pub to_days: Option<i32>,
    pub pending: i32,
    pub returned: i32,
}

/// One for each of the ages, the newest first.
pub type Backlog = [BacklogRow; AGES.len()];

fn empty_backlog() -> Backlog {
    std::array::from_fn(|place| BacklogRow {
        from_days: AGES[place],
        to_days: AGES.get(place + 1).map(|next| next - 1),
        pending: 0,
        returned: 0,
    })
}

impl Snapshot {
    /// The time that [`Self::backlog`] takes, in units that it might scan as well; 0 if it did so before.
    pub fn count_backlog(&self, unit: UnitId, period: PeriodId, until: Day) -> usize {
        let rests_on = self.tally_changed(unit).max(self.structure_changed()).version;
        if self.cache.get(&Key::Backlog(unit, period, until), rests_on).is_some() {
            return 0;
        }
        if until == self.today() {
            let initiatives = usize::try_from(self.cell(unit, period).submitted()).unwrap_or(0);
            return self.structure.subtree(unit).count() + initiatives / ROWS_AS_A_UNIT;
        }
        self.histories.count() / ROWS_AS_A_UNIT
    }

    /// The initiatives that waited in the unit's subtree at the end of `until`, which is today or a past day.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn backlog(
        &self,
        unit: UnitId,
        period: PeriodId,
        until: Day,
        pause: &dyn Pause,
    ) -> Result<Arc<Backlog>, Stopped> {
        let key = Key::Backlog(unit, period, until);
        let rests_on = self.tally_changed(unit).max(self.structure_changed()).version;
        let count = || Ok(Value::Backlog(Arc::new(self.waiting(unit, period, until, pause)?)));
        let found = self.cache.get_or_compute(key, rests_on, size_of::<Backlog>(), count).await?;
        let Value::Backlog(backlog) = found else { unreachable!("a key names its value's kind") };
        Ok(backlog)
    }

    fn waiting(
        &self,
        unit: UnitId,
        period: PeriodId,
        until: Day,
        pause: &dyn Pause,
    ) -> Result<Backlog, Stopped> {
        let structure = &self.structure;
        let period = structure.period(period);
        let Some(top) = structure.counted_at(unit, period) else { return Ok(empty_backlog()) };
        if until == self.today() {
            self.waiting_now(top, period, pause)
        } else {
            self.waiting_then(top, period, until, pause)
        }
    }

    /// By the present rows of the subtree alone.
    fn waiting_now(
        &self,
        top: UnitId,
        period: &Period,
        pause: &dyn Pause,
    ) -> Result<Backlog, Stopped> {
        let (mut backlog, today) = (empty_backlog(), self.today());
        let mut seen = 0;
        for unit in self.structure.subtree(top) {
            let count =
                |row: InitiativeRow| wait(&mut backlog, row.status(), today.since(row.day()));
            seen += ROWS_AS_A_UNIT + self.rows.each_in(self.structure.place(unit), period, count);
            if seen >= PAUSE_EACH * ROWS_AS_A_UNIT {
                seen = 0;
                pause.pause()?;
            }
        }
        Ok(backlog)
    }

    /// By the histories of all initiatives.
    fn waiting_then(
        &self,
        top: UnitId,
        period: &Period,
        until: Day,
        pause: &dyn Pause,
    ) -> Result<Backlog, Stopped> {
        let mut backlog = empty_backlog();
        let subtree = Units::below(&self.structure, top, pause)?;
        let mut seen = 0;
        for run in self.histories.runs() {
            seen += run.len();
            if seen >= PAUSE_EACH * ROWS_AS_A_UNIT {
                seen = 0;
                pause.pause()?;
            }
            for row in run {
                let Some(state) = row.at_end_of(until) else { continue };
                if period.holds(state.submitted) && subtree.holds(state.unit) {
                    wait(&mut backlog, state.status, until.since(state.submitted));
                }
            }
        }
        Ok(backlog)
    }
}

/// Counts an initiative of that age if it waits for something.
fn wait(backlog: &mut Backlog, status: InitiativeStatus, age: i32) {
    let place = AGES.partition_point(|&from| from <= age).saturating_sub(1);
    match status {
        InitiativeStatus::Pending => backlog[place].pending += 1,
        InitiativeStatus::Returned => backlog[place].returned += 1,
        InitiativeStatus::Accepted | InitiativeStatus::Rejected | InitiativeStatus::Withdrawn => {}
    }
}

/// A set of units: all, or a bit for each.
enum Units {
    All,
    Some(Vec<u64>),
}

impl Units {
    fn below(structure: &Structure, top: UnitId, pause: &dyn Pause) -> Result<Self, Stopped> {
        if top == structure.root() {
            return Ok(Self::All);
        }
        let mut bits = vec![0u64; structure.unit_count() as usize / 64 + 1];
        for (turn, unit) in structure.subtree(top).enumerate() {
            if turn.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            bits[unit.index() / 64] |= 1 << (unit.index() % 64);
        }
        Ok(Self::Some(bits))
    }

    fn holds(&self, unit: UnitId) -> bool {
        match self {
            Self::All => true,
            Self::Some(bits) => bits
                .get(unit.index() / 64)
                .is_some_and(|word| word & (1 << (unit.index() % 64)) != 0),
        }
    }
}

/// The units that are behind, now or at the end of a past day.
pub enum Delays<'a> {
    Now(Courses<'a>),
    Then {
        snapshot: &'a Snapshot,
        period: &'a Period,
        /// The day after the past one.
        day: Day,
        now: Standings<'a>,
        /// The end of the day before those that the pace is computed from.
        before: Standings<'a>,
        /// The number of those days.
        days: i32,
    },
}

impl Delays<'_> {
    /// Whether the unit has a target that its pace does not reach or, once the period is over, that was not reached.
    pub fn is_behind(&self, unit: UnitId) -> bool {
        match self {
            Self::Now(courses) => courses.is_behind(unit),
            Self::Then { snapshot, period, day, now, before, days } => {
                let Some(goal) = snapshot.structure.goal(unit, period) else { return false };
                let count =
                    |standings: &Standings<'_>| standings.rank_values(unit).count(period.metric);
                let now = count(now);
                if *day > period.ends_on {
                    return now < goal;
                }
                // The morning after: nothing has come on that day yet.
                let course = Course { now, yesterday: now, before: count(before), days: *days };
                let pace = pace::pace(period, *day, course, Some(goal));
                pace.is_some_and(|pace| pace.projected < goal)
            }
        }
    }
}

impl Snapshot {
    /// The standings of now, or of the end of a past day.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn values(
        &self,
        period: PeriodId,
        as_of: Option<Day>,
        pause: &dyn Pause,
    ) -> Result<Standings<'_>, Stopped> {
        Ok(match as_of {
            None => Standings::Now(self, period),
            Some(day) => self.standings(period, day, pause).await?,
        })
    }

    /// # Errors
    /// When nobody waits for it any more.
    pub async fn delays(
        &self,
        period: PeriodId,
        as_of: Option<Day>,
        pause: &dyn Pause,
    ) -> Result<Delays<'_>, Stopped> {
        let Some(day) = as_of else {
            return Ok(Delays::Now(self.courses(period, pause).await?));
        };
        let now = self.standings(period, day, pause).await?;
        let row = self.structure.period(period);
        let [_, earlier] = self.days_of_delays(period, as_of);
        let before = self.standings(period, earlier, pause).await?;
        let days = day.since(earlier);
        Ok(Delays::Then { snapshot: self, period: row, day: day.plus(1), now, before, days })
    }

    /// The days on whose ends [`Self::delays`] rests. A pruned log tells of none before its first.
    pub fn days_of_delays(&self, period: PeriodId, as_of: Option<Day>) -> [Day; 2] {
        let row = self.structure.period(period);
        let day = as_of.map_or(self.today(), |day| day.plus(1));
        let (last, first) = (day.plus(-1), day.plus(-1 - pace::whole_days(row, day)));
        [last, self.told_from.map_or(first, |told| first.max(told.plus(-1)).min(last))]
    }
}
