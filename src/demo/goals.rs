//! The goals of the units.
//!
//! Printed goals are facts (see `data/SOURCES.md`). A goal that was not printed is in proportion to size, and says so
//! in the place of its document's number. A demo of fewer initiatives has its goals scaled alike, so that comparisons
//! stay true; such goals say that too.

use super::curve::share;
use super::periods::{CAMPAIGN, PHASE_1, PROGRAMME};
use super::places::{Country, Direct, count};
use super::scale::Scale;
use super::sites::expected;
use super::units::ROOT;
use crate::domain::command::{Goal, SetTargets, UnitGoal, UpsertUnit};
use crate::domain::initiative::AuthorGroup;
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::unit::UnitKind;
use crate::domain::{Patch, PeriodRef, UnitRef};
use crate::limits::GOALS_MAX;

/// Stands in place of a document's number, for goals that were not printed.
const IN_PROPORTION: &str = "demo: in proportion to size";
/// Stands in place of a document's number, for goals that nobody set.
const MADE_UP: &str = "demo: made up";
/// Stands in place of a document's number, for goals that were printed without one.
const PRINTED: &str = "as printed";
const PROGRAMME_GOAL: u32 = 1_000_000;
const PHASE_1_GOAL: u32 = 300_000;
/// Made up: no national goal for the 40 days was found.
const CAMPAIGN_GOAL: u32 = 200_000;
/// The one printed goal of the campaign, and the letter that sets it.
const DONG_NAI: (&str, u32, &str) = ("ldld-dong-nai", 5_000, "1549/LĐLĐ");
/// Made up: the part of that goal for each group of authors, of a hundred.
const DONG_NAI_PARTS: [(AuthorGroup, u32); 3] = [
    (AuthorGroup::EnterpriseWorker, 60),
    (AuthorGroup::PublicEmployee, 30),
    (AuthorGroup::UnionOfficial, 10),
];
/// The goal that Hà Nội registered for the programme by itself, more than it was assigned.
const HA_NOI_PLEDGED: (&str, u32) = ("ldld-ha-noi", 130_000);

/// A unit's code and its goal.
type CodeGoal = (String, u32);

/// The goals of every direct unit in phase 1 and in the campaign, of every union between a province and its workplaces
/// in the campaign, and those printed for the whole programme.
pub fn targets(units: &[UpsertUnit], scale: Scale) -> Vec<SetTargets> {
    let country = Country::read();
    let phase_1 = PrintedAndShared::new(PHASE_1_GOAL, &country, scale, |unit| {
        unit.phase1_target.and_then(|goal| u32::try_from(goal).ok())
    });
    let campaign = PrintedAndShared::new(CAMPAIGN_GOAL, &country, scale, |unit| {
        (unit.code == DONG_NAI.0).then_some(DONG_NAI.1)
    });
    let mut handed_on = Vec::new();
    for (code, goal) in campaign.printed.iter().chain(&campaign.shared) {
        handed_on.extend(handed_on_goals(code, *goal, units));
    }

    let of = |(code, goal): (&str, u32)| (code.to_owned(), scale.of(goal));
    let totals = country.direct.iter().filter_map(|unit| {
        let goal = u32::try_from(unit.total_target?).ok()?;
        Some((unit.code.as_str(), goal))
    });
    let national: Vec<CodeGoal> = totals.chain([(ROOT, PROGRAMME_GOAL)]).map(of).collect();
    let phase_1_root = vec![of((ROOT, PHASE_1_GOAL))];
    let campaign_root = vec![of((ROOT, CAMPAIGN_GOAL))];

    let set = |period: &str, source: &str, goals: &[CodeGoal]| {
        set_targets(period, scale.noted(source), goals)
    };
    let mut targets = vec![
        set(PROGRAMME, PRINTED, &national),
        SetTargets {
            origin: TargetOrigin::Pledged,
            ..set(PROGRAMME, PRINTED, &[of(HA_NOI_PLEDGED)])
        },
        set(PHASE_1, PRINTED, &[phase_1_root, phase_1.printed].concat()),
        set(PHASE_1, IN_PROPORTION, &phase_1.shared),
        set(CAMPAIGN, DONG_NAI.2, &campaign.printed),
        set(CAMPAIGN, IN_PROPORTION, &[campaign_root, campaign.shared].concat()),
        parts_of_dong_nai(scale),
    ];
    let pages = handed_on.chunks(GOALS_MAX);
    targets.extend(pages.map(|goals| set(CAMPAIGN, IN_PROPORTION, goals)));
    targets
}

/// The goals of the parts of one province's goal, which change nothing of the whole one.
fn parts_of_dong_nai(scale: Scale) -> SetTargets {
    let (code, goal, _) = DONG_NAI;
    let part = |(group, share)| (Part { group: Some(group), field: None }, goal * share / 100);
    let goals = DONG_NAI_PARTS.map(part).map(|(part, goal)| UnitGoal {
        unit: UnitRef::Code(code.to_owned()),
        part,
        goal: Some(Goal::Count(count(scale.of(goal).max(1)))),
    });
    let whole = set_targets(CAMPAIGN, scale.noted(MADE_UP), &[]);
    SetTargets { goals: goals.into(), ..whole }
}

/// The goals of the direct units in one period.
struct PrintedAndShared {
    printed: Vec<CodeGoal>,
    /// The rest of the national goal, shared by head-count.
    shared: Vec<CodeGoal>,
}

impl PrintedAndShared {
    fn new(
        national: u32,
        country: &Country,
        scale: Scale,
        printed_for: impl Fn(&Direct) -> Option<u32>,
    ) -> Self {
        let (printed, others): (Vec<_>, Vec<_>) =
            country.direct.iter().partition(|unit| printed_for(unit).is_some());
        let printed: Vec<CodeGoal> = printed
            .into_iter()
            .filter_map(|unit| Some((unit.code.clone(), scale.of(printed_for(unit)?))))
            .collect();
        let known: u32 = printed.iter().map(|(_, goal)| goal).sum();
        let rest = scale.of(national).saturating_sub(known);
        let sizes: Vec<f64> =
            others.iter().map(|unit| f64::from(unit.member_count(country))).collect();
        let codes = others.iter().map(|unit| unit.code.clone());
        Self { printed, shared: codes.zip(share(rest, &sizes)).collect() }
    }
}

/// A direct unit's goal, handed on to the unions below it that have workplaces of their own.
fn handed_on_goals(code: &str, goal: u32, units: &[UpsertUnit]) -> Vec<CodeGoal> {
    let parent = Patch::Set(UnitRef::Code(code.to_owned()));
    let is_grassroots = |unit: &UpsertUnit| unit.kind == Patch::Set(UnitKind::GrassrootsUnion);
    let below: Vec<&UpsertUnit> =
        units.iter().filter(|unit| unit.parent == parent && !is_grassroots(unit)).collect();
    let sizes: Vec<f64> = below.iter().map(|unit| expected(unit)).collect();
    below.iter().map(|unit| unit.code.clone()).zip(share(goal, &sizes)).collect()
}

fn set_targets(period: &str, document_number: String, goals: &[CodeGoal]) -> SetTargets {
    // A small goal of a small demo may be scaled to nothing: then the unit has no goal.
    let goals = goals.iter().filter(|(_, goal)| *goal > 0).map(|(code, goal)| UnitGoal {
        unit: UnitRef::Code(code.clone()),
        part: Part::WHOLE,
        goal: Some(Goal::Count(count(*goal))),
    });
    SetTargets {
        period: PeriodRef::Code(period.to_owned()),
        metric: Some(Metric::Submitted),
        origin: TargetOrigin::Assigned,
        document_number: Some(document_number),
        goals: goals.collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::super::units::units;
    use super::*;

    fn code_of(unit: &UnitRef) -> &str {
        match unit {
            UnitRef::Code(code) => code,
            UnitRef::Id(_) => panic!("the demo names units by code"),
        }
    }

    /// The goal and its source, by period and unit.
    fn goals(units: &[UpsertUnit], scale: f64) -> HashMap<(String, String), (i32, String)> {
        let codes: HashSet<&str> = units.iter().map(|unit| unit.code.as_str()).collect();
        let mut goals = HashMap::new();
        for targets in targets(units, Scale::new(scale).unwrap()) {
            assert!(targets.goals.len() <= GOALS_MAX);
            let PeriodRef::Code(period) = targets.period else { panic!("periods go by code") };
            let source = targets.document_number.unwrap();
            for goal in targets.goals {
                let unit = code_of(&goal.unit).to_owned();
                let Some(Goal::Count(number)) = goal.goal else { panic!("{unit}: no count") };
                assert!(codes.contains(unit.as_str()), "{unit} is no unit");
                assert!(number > 0, "{unit}");
                if targets.origin == TargetOrigin::Assigned && goal.part.is_whole() {
                    let twice = goals.insert((period.clone(), unit), (number, source.clone()));
                    assert_eq!(twice, None);
                }
            }
        }
        goals
    }

    #[test]
    fn every_direct_unit_and_all_between_have_their_goals() {
        let units = units();
        let goals = goals(&units, 1.0);
        let goal = |period: &str, unit: &str| goals.get(&(period.to_owned(), unit.to_owned()));
        let number = |period: &str, unit: &str| goal(period, unit).map(|(number, _)| *number);
        let sum = |period: &str, units: &[&UpsertUnit]| -> i32 {
            units.iter().map(|unit| number(period, &unit.code).unwrap()).sum()
        };
        let direct: Vec<&UpsertUnit> = units[1..=81].iter().collect();
        assert_eq!(sum(PHASE_1, &direct), 300_000);
        assert_eq!(sum(CAMPAIGN, &direct), 200_000);
        assert_eq!(number(PHASE_1, "ldld-ba-ria-vung-tau"), Some(4_000));
        assert_eq!(goal(CAMPAIGN, "ldld-dong-nai"), Some(&(5_000, "1549/LĐLĐ".to_owned())));
        assert_eq!(goal(CAMPAIGN, "ldld-ha-noi").unwrap().1, IN_PROPORTION);
        assert_eq!(number(PROGRAMME, "ldld-ha-noi"), Some(60_000));
        assert_eq!(number(PROGRAMME, ROOT), Some(1_000_000));
        let dong_nai = Patch::Set(UnitRef::Code("ldld-dong-nai".to_owned()));
        let its_unions: Vec<&UpsertUnit> = units
            .iter()
            .filter(|unit| unit.parent == dong_nai)
            .filter(|unit| unit.kind != Patch::Set(UnitKind::GrassrootsUnion))
            .collect();
        assert_eq!(its_unions.len(), 15);
        assert_eq!(sum(CAMPAIGN, &its_unions), 5_000);
        let parts = parts_of_dong_nai(Scale::new(1.0).unwrap()).goals;
        let goals: Vec<_> = parts.iter().map(|it| it.goal).collect();
        assert_eq!(goals, [3_000, 1_500, 500].map(|goal| Some(Goal::Count(goal))));
    }

    #[test]
    fn a_smaller_demo_has_smaller_goals_and_says_so() {
        let goals = goals(&units(), 0.1);
        let goal = |period: &str, unit: &str| &goals[&(period.to_owned(), unit.to_owned())];
        assert_eq!(*goal(PHASE_1, ROOT), (30_000, "as printed (demo: × 0.1)".to_owned()));
        assert_eq!(*goal(CAMPAIGN, "ldld-dong-nai"), (500, "1549/LĐLĐ (demo: × 0.1)".to_owned()));
    }
}
