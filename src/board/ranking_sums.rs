//! The sums beside a ranking: the total of its unit in four parts, each initiative in one of them.

use super::day_end::Standings;
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::ranking::{Ranking, RankingKey};
use super::snapshot::Snapshot;
use super::tally::RankValues;
use crate::domain::period::Metric;
use crate::domain::{Period, UnitId};

/// The counts of a part of the total, now and at the end of the day before the ranking's `since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    pub now: RankValues,
    pub before: RankValues,
}

/// The parts add up to the total of the ranking's unit, now and before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RankingSums {
    /// Units that are ranked.
    pub units: usize,
    /// Ranked units without a submitted initiative.
    pub not_started: usize,
    /// Ranked units that have reached their target.
    pub met: usize,
    /// The ranked units: the topmost ones, with everything below them.
    pub ranked: Part,
    /// The goals above zero of the topmost ranked units; 0 if none of them has one.
    pub goals: i64,
    /// The metric's count of the units that have such a goal.
    pub counted: i64,
    /// Entered at the ranking's unit itself.
    pub own: Part,
    /// The closed units and of all below them, unless a ranked unit contains it.
    pub closed: Part,
    /// The open units that are neither ranked nor in another part.
    pub others: Part,
}

impl Part {
    const fn add(&mut self, other: Self) {
        self.now.add(other.now);
        self.before.add(other.before);
    }

    #[must_use]
    const fn minus(self, other: Self) -> Self {
        Self { now: self.now.minus(other.now), before: self.before.minus(other.before) }
    }

    /// The growth of the metric since the end of the day before `since`.
    pub const fn gained(&self, metric: Metric) -> i32 {
        self.now.count(metric) - self.before.count(metric)
    }
}

impl RankingSums {
    /// The counts of the units with a goal, divided by their goals; `None` if there are none.
    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    pub fn ratio(&self) -> Option<f64> {
        (self.goals > 0).then(|| self.counted as f64 / self.goals as f64)
    }

    /// Whether [`Self::of`] looks at all units below the ranking's unit, or only at those directly below.
    pub fn looks_at_all_below(key: &RankingKey) -> bool {
        !key.kinds.is_empty() || key.cluster.is_some()
    }

    /// `ranking`: of the key; `now` and `earlier`: of its period, at its two moments.
    pub(super) fn of(
        snapshot: &Snapshot,
        key: &RankingKey,
        ranking: &Ranking,
        [now, earlier]: [&Standings<'_>; 2],
        pause: &dyn Pause,
    ) -> Result<Self, Stopped> {
        let structure = &snapshot.structure;
        let period = structure.period(key.period);
        let part =
            |unit: UnitId| Part { now: now.rank_values(unit), before: earlier.rank_values(unit) };
        let mut sums = Self::default();
        for rows in ranking.rows.chunks(PAUSE_EACH) {
            pause.pause()?;
            for row in rows {
                sums.note(snapshot, period, row.unit, now.rank_values(row.unit));
            }
        }
        sums.own = part(key.within);
        // Units with their parts, and whether a unit above them is closed.
        let mut ahead: Vec<(UnitId, Part, bool)> = Vec::new();
        for &child in structure.children(key.within) {
            let whole = part(child);
            sums.own = sums.own.minus(whole);
            ahead.push((child, whole, false));
        }
        let mut seen = 0usize;
        while let Some((unit, whole, is_below_closed)) = ahead.pop() {
            seen += 1;
            if seen.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            let row = structure.unit(unit);
            if key.ranks(row) {
                sums.ranked.add(whole);
                if let Some(goal) = snapshot.goal_above_zero(unit, period) {
                    sums.goals += i64::from(goal);
                    sums.counted += i64::from(whole.now.count(period.metric));
                }
                continue;
            }
            let is_closed = is_below_closed || !row.is_open();
            let may_rank_below = !key.kinds.is_empty();
            if !may_rank_below && (is_closed || whole == Part::default()) {
                sums.closed.add(whole);
                continue;
            }
            let mut rest = whole;
            for &child in structure.children(unit) {
                let whole = part(child);
                rest = rest.minus(whole);
                ahead.push((child, whole, is_closed));
            }
            if is_closed { sums.closed.add(rest) } else { sums.others.add(rest) }
        }
        Ok(sums)
    }

    fn note(&mut self, snapshot: &Snapshot, period: &Period, unit: UnitId, now: RankValues) {
        self.units += 1;
        self.not_started += usize::from(now.counts.submitted() == 0);
        let goal = snapshot.goal_above_zero(unit, period);
        self.met += usize::from(goal.is_some_and(|goal| now.count(period.metric) >= goal));
    }
}

impl Snapshot {
    /// The goal that the unit's ratio is computed with; `None` where there is no ratio.
    pub(super) fn goal_above_zero(&self, unit: UnitId, period: &Period) -> Option<i32> {
        self.structure.goal(unit, period).filter(|&goal| goal > 0)
    }
}
