//! Rankings, each unit compared with each.

use std::collections::HashMap;

use super::count::{AsOf, Recount, Tally};
use super::index::Index;
use crate::board::{RankBy, RankingKey};
use crate::domain::target::{self, TargetOrigin};
use crate::domain::{Period, TargetKey, Unit, UnitId};

/// One row of a ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    pub unit: UnitId,
    pub rank: u32,
    pub previous_rank: Option<u32>,
    pub value: f64,
    pub gained: i64,
}

/// A part of the total of a ranking's unit, now and at the end of the day before the ranking's `since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    pub now: Tally,
    pub then: Tally,
}

/// The total of a ranking's unit in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    pub ranked: Part,
    pub own: Part,
    pub closed: Part,
    pub others: Part,
    /// Ranked units without a submitted initiative, and those that reached a goal above zero.
    pub not_started: usize,
    pub met: usize,
    /// The goals above zero of the topmost ranked units, and what these units count.
    pub goals: i64,
    pub counted: i64,
}

impl Recount {
    /// The parts of the total beside a ranking: what each unit itself entered goes to one of them.
    pub fn ranking_parts(&self, key: &RankingKey) -> Parts {
        let Some(period) = self.periods.iter().find(|period| period.id == key.period) else {
            return Parts::default();
        };
        let index = Index::of(self);
        let mut parts = Parts::default();
        let is_ranked =
            |unit: UnitId| self.unit(unit).is_some_and(|unit| self.is_ranked(unit, key));
        let is_closed = |unit: UnitId| self.unit(unit).is_some_and(|unit| unit.closed_on.is_some());
        let moment = key.as_of.map_or(AsOf::Now, AsOf::EndOf);
        for as_of in [moment, AsOf::EndOf(key.since.plus(-1))] {
            let own: HashMap<UnitId, Tally> = index.own_tallies(period, as_of);
            for (unit, tally) in own {
                let path: Vec<UnitId> = self.climb(unit).collect();
                let part = match path.iter().position(|&step| step == key.within) {
                    // A unit above the period's owner has the owner's counts, and enters nothing itself.
                    None => continue,
                    Some(0) => &mut parts.own,
                    Some(height) if path[..height].iter().any(|&it| is_ranked(it)) => {
                        &mut parts.ranked
                    }
                    Some(height) if path[..height].iter().any(|&it| is_closed(it)) => {
                        &mut parts.closed
                    }
                    Some(_) => &mut parts.others,
                };
                let side = if as_of == moment { &mut part.now } else { &mut part.then };
                side.add(&tally);
            }
        }
        let now = index.tallies(period, moment);
        for unit in self.units().filter(|unit| self.is_ranked(unit, key)) {
            let tally = now.of(unit.id);
            let count = tally.metric(period.metric);
            parts.not_started += usize::from(tally.submitted == 0);
            let Some(goal) = self.goal(unit, period).filter(|&goal| goal > 0) else { continue };
            parts.met += usize::from(count >= i64::from(goal));
            if !self.climb(unit.id).skip(1).any(is_ranked) {
                parts.goals += i64::from(goal);
                parts.counted += count;
            }
        }
        parts
    }

    /// The goal that the unit's ratio is computed with.
    pub fn goal(&self, unit: &Unit, period: &Period) -> Option<i32> {
        let (unit, metric) = (unit.id, period.metric);
        let (origin, part) = (TargetOrigin::Assigned, target::Part::WHOLE);
        let key = TargetKey { unit, period: period.id, metric, origin, part };
        self.goals.get(&key).copied()
    }

    /// The rows of a ranking, best rank first, equals by code. Compares each unit with each.
    pub fn ranking(&self, key: &RankingKey) -> Vec<Ranked> {
        let Some(period) = self.periods.iter().find(|period| period.id == key.period) else {
            return Vec::new();
        };
        let index = Index::of(self);
        let now = index.tallies(period, key.as_of.map_or(AsOf::Now, AsOf::EndOf));
        let then = index.tallies(period, AsOf::EndOf(key.since.plus(-1)));
        let ranked: Vec<&Unit> = self.units().filter(|unit| self.is_ranked(unit, key)).collect();
        let scores: Vec<(Fraction, Fraction, i64)> = ranked
            .iter()
            .map(|unit| {
                let (now, then) = (&now.of(unit.id), &then.of(unit.id));
                let gained = now.metric(period.metric) - then.metric(period.metric);
                let score = |tally| self.score(key.rank_by, period, unit, tally, gained);
                (score(now), score(then), gained)
            })
            .collect();
        let had_ranks = key.since > period.starts_on && key.rank_by != RankBy::Gained;
        let mut rows: Vec<(Ranked, &str)> = ranked
            .iter()
            .zip(&scores)
            .map(|(unit, (here, before, gained))| {
                let rank = 1 + scores.iter().filter(|(it, ..)| it.is_better_than(here)).count();
                let previous =
                    1 + scores.iter().filter(|(_, it, _)| it.is_better_than(before)).count();
                let narrow = |rank| u32::try_from(rank).expect("units are numbered by a u32");
                let row = Ranked {
                    unit: unit.id,
                    rank: narrow(rank),
                    previous_rank: had_ranks.then(|| narrow(previous)),
                    value: here.value(key.rank_by),
                    gained: *gained,
                };
                (row, unit.code.as_str())
            })
            .collect();
        rows.sort_by_key(|&(row, code)| (row.rank, code));
        rows.into_iter().map(|(row, _)| row).collect()
    }

    fn is_ranked(&self, unit: &Unit, key: &RankingKey) -> bool {
        let is_asked = if key.kinds.is_empty() {
            let in_cluster = key.cluster.is_none() || unit.cluster == key.cluster;
            unit.parent == Some(key.within) && in_cluster
        } else {
            let is_below = self.climb(unit.id).skip(1).any(|above| above == key.within);
            is_below && key.kinds.contains(&unit.kind)
        };
        is_asked && unit.closed_on.is_none()
    }

    fn score(
        &self,
        rank_by: RankBy,
        period: &Period,
        unit: &Unit,
        tally: &Tally,
        gained: i64,
    ) -> Fraction {
        let of = |bottom: Option<i32>| Fraction {
            top: tally.metric(period.metric).into(),
            bottom: bottom.filter(|&bottom| bottom > 0).map(i64::from),
        };
        let whole = |top: i128| Fraction { top, bottom: Some(1) };
        match rank_by {
            RankBy::TargetRatio => of(self.goal(unit, period)),
            RankBy::Per1000Members => of(unit.member_count),
            RankBy::Submitted => whole(tally.submitted.into()),
            RankBy::Accepted => whole(tally.accepted.into()),
            RankBy::Participants => whole(tally.participants.into()),
            RankBy::Benefit => whole(tally.benefit_vnd),
            RankBy::Gained => whole(gained.into()),
        }
    }
}

/// The exact value that is ranked; without a bottom there is nothing to divide by.
#[derive(Debug, Clone, Copy)]
struct Fraction {
    top: i128,
    bottom: Option<i64>,
}

impl Fraction {
    fn is_better_than(&self, other: &Self) -> bool {
        match (self.bottom, other.bottom) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(mine), Some(theirs)) => {
                self.top * i128::from(theirs) > other.top * i128::from(mine)
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    fn value(&self, rank_by: RankBy) -> f64 {
        let scale = if rank_by == RankBy::Per1000Members { 1_000.0 } else { 1.0 };
        self.bottom.map_or(0.0, |bottom| self.top as f64 * scale / bottom as f64)
    }
}
