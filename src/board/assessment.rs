//! The standings that rules judge, and the assessments made of them, by the figures of now.

use std::sync::Arc;

use super::cache::{Key, Value};
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::ranking::{RankBy, RankingKey, ranked_units};
use super::snapshot::Snapshot;
use super::tally::Tally;
use crate::domain::assessment::{Assessed, AssessedUnit, Evidence, Measured, Standing, assess};
use crate::domain::period::Metric;
use crate::domain::rule::{Criterion, Measure, Rule};
use crate::domain::target::TargetOrigin;
use crate::domain::{Day, Period, PeriodId, Unit, Version};

/// The values that measures of a unit rest on.
struct Numbers<'a> {
    snapshot: &'a Snapshot,
    period: &'a Period,
    unit: &'a Unit,
    tally: Tally,
}

impl Numbers<'_> {
    /// The count of the period's metric as a share of a target.
    fn ratio(&self, origin: TargetOrigin, target_period: PeriodId) -> Measured {
        let metric = self.period.metric;
        let structure = &self.snapshot.structure;
        let target = structure.target(self.unit.id, target_period, metric, origin);
        Measured::share(self.count(metric), target.map(|target| target.goal))
    }

    fn count(&self, metric: Metric) -> i32 {
        self.tally.rank_values.count(metric)
    }

    fn whole(count: i32) -> Measured {
        Measured::whole(count.into())
    }

    fn per_1000_members(&self) -> Measured {
        let count = self.count(self.period.metric);
        Measured::share(count, self.unit.member_count).times(1_000)
    }

    /// The measure of a criterion.
    fn of(&self, criterion: &Criterion) -> Measured {
        let counts = self.tally.counts();
        match criterion.measure {
            Measure::TargetRatio => {
                let period = criterion.target_period.unwrap_or(self.period.id);
                self.ratio(criterion.origin, period)
            }
            Measure::Submitted => Self::whole(counts.submitted()),
            Measure::Accepted => Self::whole(counts.accepted),
            Measure::Participants => Self::whole(self.tally.rank_values.participants),
            Measure::Per1000Members => self.per_1000_members(),
            Measure::Benefit => Measured::whole(counts.benefit_vnd.get()),
            Measure::ParticipationRate => {
                Measured::share(self.tally.rank_values.participants, self.unit.member_count)
            }
            Measure::Coverage => Measured::share(
                self.tally.active_grassroots_unions,
                Some(self.tally.grassroots_unions),
            ),
            Measure::AcceptedShare => Measured::share(counts.accepted, Some(counts.submitted())),
        }
    }

    /// The value by which the unit is ranked, as leaderboards do it.
    fn rank_value(&self, rank_by: RankBy) -> Measured {
        let counts = self.tally.counts();
        match rank_by {
            RankBy::TargetRatio => self.ratio(TargetOrigin::Assigned, self.period.id),
            RankBy::Submitted => Self::whole(counts.submitted()),
            RankBy::Accepted => Self::whole(counts.accepted),
            RankBy::Participants => Self::whole(self.tally.rank_values.participants),
            RankBy::Per1000Members => self.per_1000_members(),
            RankBy::Benefit => Measured::whole(counts.benefit_vnd.get()),
            // No rule ranks by it.
            RankBy::Gained => Measured::share(0, None),
        }
    }
}

impl Snapshot {
    /// The version of the last change that an assessment by the figures of now rests on.
    pub fn assessment_version(&self, rule: &Rule) -> Version {
        self.tally_changed(rule.owner).max(self.stamps.structure).version
    }

    /// The most units that the rule judges.
    pub fn count_judged(&self, rule: &Rule) -> usize {
        if rule.kinds.is_empty() {
            self.structure.children(rule.owner).len()
        } else {
            self.structure.unit_count() as usize
        }
    }

    /// The assessment of the rule in a period by the figures of now.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn assessment(
        &self,
        rule: &Rule,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Arc<Assessed>, Stopped> {
        let version = self.assessment_version(rule);
        let judge = || {
            let rows = assess(rule, self.standings_of_rule(rule, period, pause)?);
            pause.pause()?;
            Ok(Value::Assessment(Arc::new(Assessed { version, rows })))
        };
        let at_most = Assessed::bytes_of(rule, self.count_judged(rule));
        let key = Key::Assessment(rule.code.as_str().into(), period);
        let found = self.cache.get_or_compute(key, version, at_most, judge).await?;
        let Value::Assessment(assessed) = found else {
            unreachable!("a key names its value's kind")
        };
        Ok(assessed)
    }

    fn standings_of_rule(
        &self,
        rule: &Rule,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Vec<Standing>, Stopped> {
        let judged = judged(rule, period);
        let units = ranked_units(self, &judged, pause)?;
        let period = self.structure.period(period);
        let mut standings = Vec::with_capacity(units.len());
        for some in units.chunks(PAUSE_EACH) {
            pause.pause()?;
            standings.extend(some.iter().map(|unit| {
                let tally = self.cell(unit.id, period.id);
                let numbers = Numbers { snapshot: self, period, unit, tally };
                Standing {
                    unit: unit.id,
                    code: unit.code.clone(),
                    cluster: unit.cluster.clone(),
                    rank_value: numbers.rank_value(rule.rank_by),
                    measured: rule.criteria.iter().map(|it| numbers.of(it)).collect(),
                }
            }));
        }
        Ok(standings)
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
            let texts = row.code.len() + row.cluster.as_ref().map_or(0, String::len);
            size_of_val(row) + size_of_val(row.results.as_slice()) + texts
        };
        size_of::<Self>() + self.rows.iter().map(of_row).sum::<usize>()
    }

    /// Bytes of memory of an assessment of so many units, roughly.
    fn bytes_of(rule: &Rule, units: usize) -> usize {
        let results = rule.criteria.len() * size_of::<Evidence>();
        units * (size_of::<AssessedUnit>() + results + 64)
    }
}
