//! The standings that rules judge, and the assessments made of them: by the figures of now, or by those of a closing.

use std::sync::Arc;

use super::cache::{Key, Value};
use super::kept::Kept;
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::ranking::{RankBy, RankingKey, ranked_units};
use super::snapshot::Snapshot;
use super::structure::Structure;
use super::tally::Tally;
use crate::domain::assessment::{
    Assessed, AssessedUnit, Evidence, Measured, Standing, assess, evidence,
};
use crate::domain::period::Metric;
use crate::domain::rule::{Criterion, Measure, Rule};
use crate::domain::target::TargetOrigin;
use crate::domain::{Closing, Confirmation, Day, Goals, Period, PeriodId, Unit, UnitId, Version};

/// The figures by which a rule judges the units in a period.
#[derive(Debug, Clone)]
pub enum Basis {
    /// Those of now.
    Live,
    /// Those of a closing, with the targets of now that it does not keep.
    Kept(Arc<Kept>),
    /// Those of a closing, as they were confirmed, with the goals of then.
    Confirmed(Arc<Kept>, Arc<Confirmation>, Arc<[Goals]>),
}

/// An assessment with the figures that it rests on.
#[derive(Debug, Clone)]
pub struct Judged {
    pub assessed: Arc<Assessed>,
    basis: Basis,
}

/// The other targets that ratios of the rule divide by, whose goals a closing of the period does not keep.
pub fn other_targets(rule: &Rule, period: PeriodId) -> Vec<(PeriodId, TargetOrigin)> {
    let others = rule.criteria.iter().filter(|it| it.measure == Measure::TargetRatio);
    let targets = others.map(|it| (it.target_period.unwrap_or(period), it.origin));
    let mut targets: Vec<_> =
        targets.filter(|&target| target != (period, TargetOrigin::Assigned)).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// The goals of now of these targets; `None` if they are more than so many.
pub fn other_goals(
    structure: &Structure,
    rule: &Rule,
    period: &Period,
    at_most: usize,
) -> Option<Vec<Goals>> {
    let mut left = at_most;
    let mut all = Vec::new();
    for (of, origin) in other_targets(rule, period.id) {
        let mut goals = Vec::new();
        for unit in structure.units() {
            if let Some(target) = structure.target(unit.id, of, period.metric, origin) {
                left = left.checked_sub(1)?;
                goals.push((unit.id, target.goal));
            }
        }
        goals.sort_unstable();
        // Without any of them the confirmation knows that there were none.
        all.push(Goals { period: of, origin, goals });
    }
    Some(all)
}

/// The values that measures of units rest on.
struct Numbers<'a> {
    /// The board of now, or of the closing.
    board: &'a Snapshot,
    /// The period of then.
    period: &'a Period,
    others: Others<'a>,
}

/// The goals of other targets.
enum Others<'a> {
    Now(&'a Structure, Metric),
    Confirmed(&'a [Goals]),
}

impl Numbers<'_> {
    /// The count of the period's metric as a share of a target.
    fn ratio(&self, unit: &Unit, tally: &Tally, target: (PeriodId, TargetOrigin)) -> Measured {
        let goal = if target == (self.period.id, TargetOrigin::Assigned) {
            self.board.structure.goal(unit.id, self.period)
        } else {
            let (period, origin) = target;
            match self.others {
                Others::Now(structure, metric) => {
                    structure.target(unit.id, period, metric, origin).map(|target| target.goal)
                }
                Others::Confirmed(all) => all
                    .iter()
                    .find(|goals| (goals.period, goals.origin) == target)
                    .and_then(|goals| goals.of(unit.id)),
            }
        };
        Measured::share(self.count(tally), goal)
    }

    /// The count of the period's metric.
    fn count(&self, tally: &Tally) -> i32 {
        tally.rank_values.count(self.period.metric)
    }

    fn whole(count: i32) -> Measured {
        Measured::whole(count.into())
    }

    fn per_1000_members(&self, unit: &Unit, tally: &Tally) -> Measured {
        Measured::share(self.count(tally), unit.member_count).times(1_000)
    }

    /// The measure of a criterion.
    fn of(&self, unit: &Unit, tally: &Tally, criterion: &Criterion) -> Measured {
        let counts = tally.counts();
        match criterion.measure {
            Measure::TargetRatio => {
                let period = criterion.target_period.unwrap_or(self.period.id);
                self.ratio(unit, tally, (period, criterion.origin))
            }
            Measure::Submitted => Self::whole(counts.submitted()),
            Measure::Accepted => Self::whole(counts.accepted),
            Measure::Participants => Self::whole(tally.rank_values.participants),
            Measure::Per1000Members => self.per_1000_members(unit, tally),
            Measure::Benefit => Measured::whole(counts.benefit_vnd.get()),
            Measure::ParticipationRate => {
                Measured::share(tally.rank_values.participants, unit.member_count)
            }
            Measure::Coverage => {
                Measured::share(tally.active_grassroots_unions, Some(tally.grassroots_unions))
            }
            Measure::AcceptedShare => Measured::share(counts.accepted, Some(counts.submitted())),
        }
    }

    fn measured(&self, rule: &Rule, unit: UnitId) -> Vec<Measured> {
        let unit = self.board.structure.unit(unit);
        let tally = self.board.cell(unit.id, self.period.id);
        rule.criteria.iter().map(|criterion| self.of(unit, &tally, criterion)).collect()
    }

    /// The unit with the value by which it is ranked, as leaderboards do it.
    fn standing(&self, rule: &Rule, unit: &Unit) -> Standing {
        let tally = self.board.cell(unit.id, self.period.id);
        let counts = tally.counts();
        let rank_value = match rule.rank_by {
            RankBy::TargetRatio => {
                self.ratio(unit, &tally, (self.period.id, TargetOrigin::Assigned))
            }
            RankBy::Submitted => Self::whole(counts.submitted()),
            RankBy::Accepted => Self::whole(counts.accepted),
            RankBy::Participants => Self::whole(tally.rank_values.participants),
            RankBy::Per1000Members => self.per_1000_members(unit, &tally),
            RankBy::Benefit => Measured::whole(counts.benefit_vnd.get()),
            // No rule ranks by it.
            RankBy::Gained => Measured::share(0, None),
        };
        let (code, cluster) = (unit.code.clone(), unit.cluster.clone());
        Standing { unit: unit.id, code, cluster, rank_value }
    }

    /// All units that the rule judges: open ones. A closing that did not cover the rule's owner has none.
    fn standings(&self, rule: &Rule, pause: &dyn Pause) -> Result<Vec<Standing>, Stopped> {
        if self.board.structure.get(rule.owner).is_none() {
            return Ok(Vec::new());
        }
        let units = ranked_units(self.board, &judged(rule, self.period.id), pause)?;
        let mut standings = Vec::with_capacity(units.len());
        for some in units.chunks(PAUSE_EACH) {
            pause.pause()?;
            standings.extend(some.iter().map(|unit| self.standing(rule, unit)));
        }
        Ok(standings)
    }
}

impl Judged {
    /// The findings of the rule's criteria for a unit that it judges.
    pub fn evidence(
        &self,
        snapshot: &Snapshot,
        rule: &Rule,
        period: PeriodId,
        unit: UnitId,
    ) -> Vec<Evidence> {
        evidence(rule, &snapshot.numbers(&self.basis, period).measured(rule, unit))
    }
}

impl Snapshot {
    /// The confirmation of the rule's assessment in the period.
    pub fn confirmation(&self, rule: &Rule, period: PeriodId) -> Option<&Arc<Confirmation>> {
        self.confirmations.get(period, &rule.code)
    }

    /// The version of the last change that the assessment of the rule in the period rests on, where this is the last
    /// closing. It never falls.
    pub fn assessment_version(
        &self,
        rule: &Rule,
        period: PeriodId,
        closing: Option<&Closing>,
    ) -> Version {
        if let Some(confirmation) = self.confirmation(rule, period) {
            return confirmation.rests_on;
        }
        match closing {
            Some(closing) if other_targets(rule, period).is_empty() => {
                closing.version().max(rule.version)
            }
            Some(closing) => closing.version().max(self.stamps.structure.version),
            None => self.tally_changed(rule.owner).max(self.stamps.structure).version,
        }
    }

    /// The most units that the rule judges.
    pub fn count_judged(&self, rule: &Rule) -> usize {
        if rule.kinds.is_empty() {
            self.structure.children(rule.owner).len()
        } else {
            self.structure.unit_count() as usize
        }
    }

    /// The assessment of the rule in a period by these figures.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn assessment(
        &self,
        rule: &Rule,
        period: PeriodId,
        basis: Basis,
        pause: &dyn Pause,
    ) -> Result<Judged, Stopped> {
        let closing = self.last_closing(period).map(|closing| &**closing);
        let version = self.assessment_version(rule, period, closing);
        let judge = || {
            let numbers = self.numbers(&basis, period);
            let standings = numbers.standings(rule, pause)?;
            let mut judged = 0usize;
            let measure = |unit| {
                if judged.is_multiple_of(PAUSE_EACH) {
                    pause.pause()?;
                }
                judged += 1;
                Ok(numbers.measured(rule, unit))
            };
            let rows = assess(rule, standings, measure)?;
            pause.pause()?;
            Ok(Value::Assessment(Arc::new(Assessed { version, rows })))
        };
        let at_most = Assessed::bytes_of(self.count_judged(rule));
        let code = rule.code.as_str().into();
        // A confirmed one may rest on less than one that was asked for before it.
        let (key, rests_on) = match &basis {
            Basis::Confirmed(_, confirmation, _) => {
                (Key::Confirmed(code, period), confirmation.mark.version)
            }
            Basis::Live | Basis::Kept(_) => (Key::Assessment(code, period), version),
        };
        let found = self.cache.get_or_compute(key, rests_on, at_most, judge).await?;
        let Value::Assessment(assessed) = found else {
            unreachable!("a key names its value's kind")
        };
        Ok(Judged { assessed, basis })
    }

    fn numbers<'a>(&'a self, basis: &'a Basis, period: PeriodId) -> Numbers<'a> {
        let now = self.structure.period(period);
        let others = Others::Now(&self.structure, now.metric);
        match basis {
            Basis::Live => Numbers { board: self, period: now, others },
            Basis::Kept(kept) => Numbers { board: kept.board(), period: kept.period(), others },
            Basis::Confirmed(kept, _, goals) => {
                let others = Others::Confirmed(goals);
                Numbers { board: kept.board(), period: kept.period(), others }
            }
        }
    }
}

/// The question whose units the rule judges: open ones alone.
fn judged(rule: &Rule, period: PeriodId) -> RankingKey {
    RankingKey {
        within: rule.owner,
        kinds: rule.kinds.clone(),
        cluster: None,
        period,
        rank_by: rule.rank_by,
        as_of: None,
        since: Day::default(),
    }
}

impl Assessed {
    pub(super) fn bytes(&self) -> usize {
        let of_row = |row: &AssessedUnit| {
            size_of_val(row) + row.code.len() + row.cluster.as_ref().map_or(0, String::len)
        };
        size_of::<Self>() + self.rows.iter().map(of_row).sum::<usize>()
    }

    /// Bytes of memory of an assessment of so many units, roughly.
    const fn bytes_of(units: usize) -> usize {
        units * (size_of::<AssessedUnit>() + 64)
    }
}
