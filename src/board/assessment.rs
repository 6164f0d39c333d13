//! The standings that rules judge, and the assessments made of them: by the figures of now, or by those of a closing.

use std::collections::BTreeMap;
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
use crate::domain::rule::{Criterion, Measure, Rule};
use crate::domain::target::TargetOrigin;
use crate::domain::{
    Closing, Confirmable, Confirmation, Day, Goals, Period, PeriodId, Unit, UnitId, Version,
};

/// The figures by which a rule judges the units in a period.
#[derive(Debug, Clone)]
pub enum Basis {
    /// Those of now.
    Live,
    /// Those of a closing, with the targets of now that it does not keep.
    Kept(Arc<Kept>),
    /// Those of a closing, as they were confirmed, with the goals of the confirmation.
    Confirmed(Arc<Kept>, Arc<Confirmation>),
}

/// An assessment with the figures that it rests on.
#[derive(Debug, Clone)]
pub struct Judged {
    pub assessed: Arc<Assessed>,
    basis: Basis,
}

/// The other targets that ratios of the rule divide by, whose goals a closing of the period does not keep.
fn other_targets(rule: &Rule, period: PeriodId) -> Vec<(PeriodId, TargetOrigin)> {
    let others = rule.criteria.iter().filter(|it| it.measure == Measure::TargetRatio);
    let targets = others.map(|it| (it.target_period.unwrap_or(period), it.origin));
    let mut targets: Vec<_> =
        targets.filter(|&target| target != (period, TargetOrigin::Assigned)).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
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
    Now(&'a Structure),
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
                Others::Now(structure) => {
                    let metric = self.period.metric;
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
        let numbers = snapshot.numbers(&self.basis, period, &self.assessed.goals);
        evidence(rule, &numbers.measured(rule, unit))
    }

    /// Whether a unit lies in the subtree of another, in the tree of the figures.
    pub fn is_within(&self, snapshot: &Snapshot, unit: UnitId, top: UnitId) -> bool {
        let structure = match &self.basis {
            Basis::Live => &snapshot.structure,
            Basis::Kept(kept) | Basis::Confirmed(kept, _) => &kept.board().structure,
        };
        structure.get(top).is_some() && structure.is_within(unit, top)
    }
}

impl Basis {
    /// The units among which those are that a rule of this owner judges.
    pub fn count_judged(&self, snapshot: &Snapshot, rule: &Rule) -> usize {
        let structure = match self {
            Self::Live => &snapshot.structure,
            Self::Kept(kept) | Self::Confirmed(kept, _) => &kept.board().structure,
        };
        match (structure.get(rule.owner), rule.kinds.is_empty()) {
            (None, _) => 0,
            (Some(_), true) => structure.children(rule.owner).len(),
            (Some(_), false) => structure.subtree(rule.owner).count(),
        }
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
        let Some(closing) = closing else {
            return self.tally_changed(rule.owner).max(self.stamps.structure).version;
        };
        let of_targets = other_targets(rule, period).into_iter();
        let of_targets = of_targets.filter_map(|key| self.stamps.of_targets.get(&key));
        // A period that ended, ran on and ended again has the closing of before as its last.
        let of_period = self.stamps.of_periods.get(&period);
        let changes = of_targets.chain(of_period).copied();
        changes.fold(closing.version().max(rule.version), Version::max)
    }

    /// The last changes of periods, and of the targets of each period and origin.
    pub fn changes_for_assessments(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        let of_periods: BTreeMap<_, _> =
            self.stamps.of_periods.iter().map(|(key, version)| (*key, *version)).collect();
        let of_targets: BTreeMap<_, _> =
            self.stamps.of_targets.iter().map(|(key, version)| (*key, *version)).collect();
        (of_periods, of_targets)
    }

    /// The reading of the closing by which the assessment is confirmed. Units are judged as [`Self::assessment`] judges them.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn confirmable(
        &self,
        rule: &Rule,
        kept: &Arc<Kept>,
        at_most: usize,
        pause: &dyn Pause,
    ) -> Result<Confirmable, Stopped> {
        let closing = kept.closing();
        let (period, metric) = (closing.period, kept.period().metric);
        let rests_on = self.assessment_version(rule, period, Some(closing));
        let covers_owner = kept.covers(rule.owner);
        let basis = Basis::Kept(Arc::clone(kept));
        let judged = self.numbers(&basis, period, &[]).standings(rule, pause)?;
        let mut goals = Vec::new();
        let mut count = 0;
        for (of, origin) in other_targets(rule, period) {
            let mut set = Vec::new();
            for some in judged.chunks(PAUSE_EACH) {
                pause.pause()?;
                set.extend(some.iter().filter_map(|standing| {
                    let target = self.structure.target(standing.unit, of, metric, origin)?;
                    Some((standing.unit, target.goal))
                }));
            }
            set.sort_unstable();
            count += set.len();
            // Without any of them the confirmation knows that there were none.
            goals.push(Goals { period: of, origin, goals: set });
        }
        let goals = (count <= at_most).then_some(goals);
        Ok(Confirmable { closing: closing.version(), rests_on, covers_owner, goals })
    }

    /// The rows of a confirmed assessment, if somebody asked for them a while ago.
    pub fn confirmed_assessment(
        &self,
        kept: &Arc<Kept>,
        confirmation: &Arc<Confirmation>,
    ) -> Option<Judged> {
        let key = Key::Confirmed(confirmation.rule.as_str().into(), confirmation.period);
        match self.cache.get(&key, confirmation.mark.version) {
            Some(Value::Assessment(assessed)) => {
                let basis = Basis::Confirmed(Arc::clone(kept), Arc::clone(confirmation));
                Some(Judged { assessed, basis })
            }
            _ => None,
        }
    }

    /// The assessment of the rule in a period by these figures; `goals`: those of its confirmation.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn assessment(
        &self,
        rule: &Rule,
        period: PeriodId,
        (basis, goals): (Basis, Arc<[Goals]>),
        pause: &dyn Pause,
    ) -> Result<Judged, Stopped> {
        let closing = match &basis {
            Basis::Live => None,
            Basis::Kept(kept) | Basis::Confirmed(kept, _) => Some(&**kept.closing()),
        };
        let version = self.assessment_version(rule, period, closing);
        let at_most = Assessed::bytes_of(basis.count_judged(self, rule))
            + goals.iter().map(|goals| size_of_val(goals.goals.as_slice())).sum::<usize>();
        let judge = || {
            let numbers = self.numbers(&basis, period, &goals);
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
            Ok(Value::Assessment(Arc::new(Assessed { version, rows, goals: Arc::clone(&goals) })))
        };
        let code = rule.code.as_str().into();
        // A confirmed one may rest on less than one that was asked for before it.
        let (key, rests_on) = match &basis {
            Basis::Confirmed(_, confirmation) => {
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

    fn numbers<'a>(
        &'a self,
        basis: &'a Basis,
        period: PeriodId,
        goals: &'a [Goals],
    ) -> Numbers<'a> {
        let others = Others::Now(&self.structure);
        match basis {
            Basis::Live => Numbers { board: self, period: self.structure.period(period), others },
            Basis::Kept(kept) => Numbers { board: kept.board(), period: kept.period(), others },
            Basis::Confirmed(kept, _) => {
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
        let goals = self.goals.iter().map(|goals| size_of_val(goals.goals.as_slice()));
        size_of::<Self>() + self.rows.iter().map(of_row).sum::<usize>() + goals.sum::<usize>()
    }

    /// Bytes of memory of an assessment of so many units, roughly.
    const fn bytes_of(units: usize) -> usize {
        units * (size_of::<AssessedUnit>() + 64)
    }
}
