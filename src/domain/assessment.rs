//! Assessments (kết quả xét): units ranked, chosen and graded by a rule. All comparisons are of whole numbers.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use super::decimal::Decimal;
use super::rule::{Rule, Step};
use super::{Goals, UnitId, Version};

/// A measured value: `count`, divided by `of` if that is there, times the factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// At most 96 bits.
    pub count: i128,
    /// The whole that the count is a share of. Without anything to divide by, 0, there is no value.
    pub of: Option<i64>,
    /// At most 1,000.
    pub factor: i32,
}

impl Measured {
    pub const fn whole(count: i128) -> Self {
        Self { count, of: None, factor: 1 }
    }

    pub fn share(count: i32, of: Option<i32>) -> Self {
        Self { count: count.into(), of: Some(i64::from(of.unwrap_or(0).max(0))), factor: 1 }
    }

    #[must_use]
    pub const fn times(self, factor: i32) -> Self {
        Self { factor, ..self }
    }

    /// The value as a fraction; `None` if there is nothing to divide by.
    fn fraction(&self) -> Option<(i128, i128)> {
        let of = self.of.unwrap_or(1);
        (of > 0).then(|| (self.count * i128::from(self.factor), i128::from(of)))
    }

    /// The value as shown; it is never compared.
    #[expect(clippy::cast_precision_loss, reason = "shown, never compared")]
    pub fn value(&self) -> Option<f64> {
        self.fraction().map(|(count, of)| count as f64 / of as f64)
    }

    fn reaches(&self, step: &Step) -> bool {
        let Some((count, of)) = self.fraction() else { return false };
        let (digits, divisor) = step.from.fraction();
        match (count * divisor).cmp(&(digits * of)) {
            Ordering::Greater => true,
            Ordering::Equal => !step.above,
            Ordering::Less => false,
        }
    }

    /// Greater first; all without a value share the last place.
    fn order(&self, other: &Self) -> Ordering {
        match (self.fraction(), other.fraction()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some((mine, of_mine)), Some((theirs, of_theirs))) => {
                (theirs * of_mine).cmp(&(mine * of_theirs))
            }
        }
    }
}

/// A unit that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub unit: UnitId,
    pub code: String,
    pub cluster: Option<String>,
    /// The value by which units are ranked.
    pub rank_value: Measured,
}

/// An assessment: its rows by cluster, rank and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The last change of what the rows rest on.
    pub version: Version,
    pub rows: Vec<AssessedUnit>,
    /// The goals of its confirmation, without which it is by the targets of now.
    pub goals: Arc<[Goals]>,
}

/// The result of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessedUnit {
    pub unit: UnitId,
    pub code: String,
    /// The cluster in which the unit is ranked; `None` if all are ranked together, or the unit is in none.
    pub cluster: Option<String>,
    /// Equals share the better one; `None` for a unit in no cluster, if each cluster is ranked by itself.
    pub rank: Option<u32>,
    pub rank_value: Measured,
    pub points: Decimal,
    /// The place of the grade in the rule.
    pub grade: Option<usize>,
    pub chosen: bool,
}

/// The finding of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    pub measured: Measured,
    /// Whether the first step is reached.
    pub met: bool,
    pub points: Decimal,
}

/// Judges the units: ranks them, then chooses among those of the first ranks, and grades all. `measure` tells the value of
/// a unit that each criterion measures.
///
/// # Errors
/// If `measure` fails.
pub fn assess<E>(
    rule: &Rule,
    standings: Vec<Standing>,
    mut measure: impl FnMut(UnitId) -> Result<Vec<Measured>, E>,
) -> Result<Vec<AssessedUnit>, E> {
    let ranks = ranks(rule, &standings);
    let mut rows = Vec::with_capacity(standings.len());
    for standing in standings {
        let measured = measure(standing.unit)?;
        rows.push(judge(rule, standing, &measured, &ranks));
    }
    rows.sort_by(|a, b| a.key().cmp(&b.key()));
    Ok(rows)
}

/// The findings of the rule's criteria, of what each of them measures.
pub fn evidence(rule: &Rule, measured: &[Measured]) -> Vec<Evidence> {
    let pairs = rule.criteria.iter().zip(measured);
    let found = pairs.map(|(criterion, &measured)| {
        let reached = criterion.steps.iter().rfind(|step| measured.reaches(step));
        let points = reached.map_or(Decimal::ZERO, |step| step.points);
        Evidence { measured, met: reached.is_some(), points }
    });
    found.collect()
}

/// The key of a row in its order: what has no cluster, and what has no rank, comes last.
pub type RowKey<'a> = (bool, Option<&'a str>, u32, &'a str);

impl AssessedUnit {
    pub fn key(&self) -> RowKey<'_> {
        let cluster = self.cluster.as_deref();
        (cluster.is_none(), cluster, self.rank.unwrap_or(u32::MAX), &self.code)
    }
}

/// The ranks of the units; those in no cluster have none, if each cluster is ranked by itself.
fn ranks(rule: &Rule, standings: &[Standing]) -> HashMap<UnitId, u32> {
    let group = |standing: &Standing| standing.cluster.clone().filter(|_| rule.per_cluster);
    let mut groups: HashMap<Option<String>, Vec<&Standing>> = HashMap::new();
    for standing in standings.iter().filter(|it| !rule.per_cluster || it.cluster.is_some()) {
        groups.entry(group(standing)).or_default().push(standing);
    }
    let mut ranks = HashMap::with_capacity(standings.len());
    for mut group in groups.into_values() {
        group.sort_by(|a, b| a.rank_value.order(&b.rank_value));
        let mut rank = 1;
        let mut last: Option<&Standing> = None;
        for (standing, place) in group.into_iter().zip(1u32..) {
            if last.is_some_and(|last| last.rank_value.order(&standing.rank_value).is_ne()) {
                rank = place;
            }
            last = Some(standing);
            ranks.insert(standing.unit, rank);
        }
    }
    ranks
}

fn judge(
    rule: &Rule,
    standing: Standing,
    measured: &[Measured],
    ranks: &HashMap<UnitId, u32>,
) -> AssessedUnit {
    let results = evidence(rule, measured);
    let misses_none =
        rule.criteria.iter().zip(&results).all(|(criterion, it)| !criterion.required || it.met);
    let points = results.iter().fold(Decimal::ZERO, |sum, it| sum.plus(it.points));
    let rank = ranks.get(&standing.unit).copied();
    // Units without anything to be ranked by share a rank, and nobody is chosen for that.
    let has_value = standing.rank_value.fraction().is_some();
    let is_high_enough =
        has_value && rank.is_some_and(|rank| rule.top.is_none_or(|top| rank <= top));
    let grade = rule
        .grades
        .iter()
        .enumerate()
        .filter(|(_, grade)| grade.points <= points && (misses_none || !grade.required))
        .max_by_key(|(_, grade)| (grade.points, grade.required))
        .map(|(place, _)| place);
    AssessedUnit {
        unit: standing.unit,
        code: standing.code,
        cluster: standing.cluster.filter(|_| rule.per_cluster),
        rank,
        rank_value: standing.rank_value,
        points,
        grade,
        chosen: is_high_enough && misses_none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rule::{Criterion, Grade, Measure, RankBy};
    use crate::domain::target::TargetOrigin;

    /// A unit with what each criterion measures.
    #[derive(Debug, Clone)]
    struct Case {
        unit: UnitId,
        code: String,
        cluster: Option<String>,
        rank_value: Measured,
        measured: Vec<Measured>,
    }

    /// A row with the findings of the criteria.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Found {
        row: AssessedUnit,
        results: Vec<Evidence>,
    }

    impl std::ops::Deref for Found {
        type Target = AssessedUnit;

        fn deref(&self) -> &AssessedUnit {
            &self.row
        }
    }

    fn judge_all(rule: &Rule, cases: Vec<Case>) -> Vec<Found> {
        let measured: HashMap<UnitId, Vec<Measured>> =
            cases.iter().map(|case| (case.unit, case.measured.clone())).collect();
        let standing = |case: Case| {
            let Case { unit, code, cluster, rank_value, .. } = case;
            Standing { unit, code, cluster, rank_value }
        };
        let standings = cases.into_iter().map(standing).collect();
        let rows = assess(rule, standings, |unit| Ok::<_, ()>(measured[&unit].clone())).unwrap();
        let found = |row: AssessedUnit| {
            let results = evidence(rule, &measured[&row.unit]);
            Found { row, results }
        };
        rows.into_iter().map(found).collect()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn step(from: &str, above: bool, points: &str) -> Step {
        Step { from: decimal(from), above, points: decimal(points) }
    }

    fn criterion(measure: Measure, steps: Vec<Step>, required: bool) -> Criterion {
        let origin = TargetOrigin::Assigned;
        Criterion { measure, origin, target_period: None, steps, required }
    }

    fn grade(label: &str, points: &str, required: bool) -> Grade {
        Grade { label: label.to_owned(), points: decimal(points), required }
    }

    fn rule() -> Rule {
        Rule {
            code: "r".to_owned(),
            name: "R".to_owned(),
            owner: UnitId(1),
            kinds: Vec::new(),
            per_cluster: false,
            rank_by: RankBy::Submitted,
            top: None,
            criteria: Vec::new(),
            grades: Vec::new(),
            version: Version(1),
        }
    }

    fn chosen(rows: &[Found]) -> Vec<&str> {
        rows.iter().filter(|row| row.chosen).map(|row| row.code.as_str()).collect()
    }

    /// The quarter's rule: most in the cluster and above its own target. Second places never come forward.
    #[test]
    fn of_a_cluster_the_first_is_recognised_if_it_is_above_its_target() {
        let required = criterion(Measure::TargetRatio, vec![step("1", true, "0")], true);
        let rule = Rule { per_cluster: true, top: Some(1), criteria: vec![required], ..rule() };
        let federations = |counts: &[(&str, i32, Option<i32>)]| {
            let standing = |(id, &(code, count, target)): (u32, &(&str, i32, Option<i32>))| Case {
                unit: UnitId(id),
                code: code.to_owned(),
                cluster: Some("Bắc Trung Bộ".to_owned()),
                rank_value: Measured::whole(count.into()),
                measured: vec![Measured::share(count, target)],
            };
            let standings = (2..).zip(counts).map(standing).collect();
            let rows = judge_all(&rule, standings);
            chosen(&rows).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let others = [("nghe-an", 8_881, Some(3_000)), ("ha-tinh", 5_072, Some(5_000))];
        let with = |count, target| [&[("thanh-hoa", count, target)], &others[..]].concat();
        assert_eq!(federations(&with(11_666, Some(10_000))), ["thanh-hoa"]);
        assert_eq!(federations(&with(11_666, Some(11_666))), [""; 0], "as much is not above");
        assert_eq!(federations(&with(11_666, None)), [""; 0], "no target, no value");
        let mut two = with(11_666, Some(10_000));
        two[1] = ("nghe-an", 11_666, Some(3_000));
        assert_eq!(federations(&two), ["nghe-an", "thanh-hoa"]);
    }

    /// A share that is shown as 80.0 % does not reach a step of 0.8.
    #[test]
    fn a_share_is_compared_exactly_with_a_step() {
        let steps = vec![step("0.5", false, "30"), step("0.8", false, "45")];
        let rule = Rule { criteria: vec![criterion(Measure::TargetRatio, steps, false)], ..rule() };
        let points = |count, target| {
            let standing = Case {
                unit: UnitId(2),
                code: "dien-luc".to_owned(),
                cluster: None,
                rank_value: Measured::whole(i128::from(count)),
                measured: vec![Measured::share(count, Some(target))],
            };
            judge_all(&rule, vec![standing])[0].points
        };
        assert_eq!(points(2_399, 3_000), decimal("30"));
        assert_eq!(points(2_400, 3_000), decimal("45"));
        // A sum of tenths that floating point misses.
        let tenth = |count| {
            let rule = Rule {
                criteria: vec![criterion(Measure::Coverage, vec![step("0.3", true, "1")], false)],
                ..rule.clone()
            };
            let standing = Case {
                unit: UnitId(2),
                code: "a".to_owned(),
                cluster: None,
                rank_value: Measured::whole(0),
                measured: vec![Measured::share(count, Some(10))],
            };
            judge_all(&rule, vec![standing])[0].results[0].met
        };
        assert!(!tenth(3) && tenth(4));
    }

    #[test]
    fn who_misses_what_is_required_falls_to_the_grade_without_conditions() {
        let rule = Rule {
            criteria: vec![
                criterion(Measure::Submitted, vec![step("1", false, "85")], false),
                criterion(Measure::Coverage, vec![step("0.5", false, "0")], true),
            ],
            grades: vec![
                grade("Đạt", "50", false),
                grade("Tốt", "85", true),
                grade("Khá", "70", false),
                grade("Đủ", "85", false),
            ],
            ..rule()
        };
        let graded = |rule: &Rule, covered| {
            let standing = Case {
                unit: UnitId(2),
                code: "a".to_owned(),
                cluster: None,
                rank_value: Measured::whole(1),
                measured: vec![Measured::whole(1), Measured::share(covered, Some(2))],
            };
            let row = judge_all(rule, vec![standing]).remove(0);
            (row.grade.map(|place| rule.grades[place].label.clone()), row.chosen)
        };
        assert_eq!(graded(&rule, 1), (Some("Tốt".to_owned()), true));
        assert_eq!(graded(&rule, 0), (Some("Đủ".to_owned()), false));
        let conditional = Rule { grades: rule.grades[..3].to_vec(), ..rule.clone() };
        assert_eq!(graded(&conditional, 0), (Some("Khá".to_owned()), false));
        let high = Rule { grades: vec![grade("Tốt", "85.000000001", false)], ..rule };
        assert_eq!(graded(&high, 1), (None, true));
    }

    /// Billionths, in which the naive program counts.
    const BILLION: i128 = 1_000_000_000;

    /// A naive program, written from the contract's words: it looks at all pairs, and counts in billionths.
    fn naive(rule: &Rule, standings: &[Case]) -> Vec<Found> {
        let group = |it: &Case| if rule.per_cluster { it.cluster.clone() } else { None };
        let is_more = |a: &Measured, b: &Measured| {
            let of = |it: &Measured| it.of.map_or(1, i128::from);
            match (of(a), of(b)) {
                (0, _) => false,
                (_, 0) => true,
                (mine, theirs) => {
                    let factors = (i128::from(a.factor), i128::from(b.factor));
                    a.count * factors.0 * theirs > b.count * factors.1 * mine
                }
            }
        };
        let billionths = |number: Decimal| {
            let text = number.to_string();
            let (whole, after) = text.split_once('.').unwrap_or((&text, ""));
            let after = format!("{after:0<9}");
            whole.parse::<i128>().unwrap() * BILLION + after.parse::<i128>().unwrap()
        };
        let mut rows = Vec::new();
        for it in standings {
            let mut results = Vec::new();
            for (criterion, &measured) in rule.criteria.iter().zip(&it.measured) {
                let mut result = Evidence { measured, met: false, points: Decimal::ZERO };
                for step in &criterion.steps {
                    let of = measured.of.map_or(1, i128::from);
                    let has = measured.count * i128::from(measured.factor) * BILLION;
                    let needs = billionths(step.from) * of;
                    if of > 0 && (has > needs || (has == needs && !step.above)) {
                        result.met = true;
                        result.points = step.points;
                    }
                }
                results.push(result);
            }
            let misses =
                rule.criteria.iter().zip(&results).any(|(it, found)| it.required && !found.met);
            let points: i128 = results.iter().map(|found| billionths(found.points)).sum();
            let peers = standings.iter().filter(|other| group(other) == group(it));
            let better = peers.filter(|other| is_more(&other.rank_value, &it.rank_value)).count();
            let has_rank = !rule.per_cluster || it.cluster.is_some();
            let rank = has_rank.then(|| u32::try_from(better).unwrap() + 1);
            let mut grade: Option<usize> = None;
            for (place, one) in rule.grades.iter().enumerate() {
                let is_reached = billionths(one.points) <= points && !(one.required && misses);
                let is_higher = grade.is_none_or(|best| {
                    let best = &rule.grades[best];
                    let (mine, theirs) = (billionths(one.points), billionths(best.points));
                    mine > theirs || (mine == theirs && one.required)
                });
                if is_reached && is_higher {
                    grade = Some(place);
                }
            }
            let up_to = rule.top.unwrap_or(u32::MAX);
            let shown = format!("{}.{:09}", points / BILLION, points % BILLION);
            let row = AssessedUnit {
                unit: it.unit,
                code: it.code.clone(),
                cluster: group(it),
                rank,
                rank_value: it.rank_value,
                points: decimal(&shown),
                grade,
                chosen: !misses
                    && it.rank_value.of != Some(0)
                    && rank.is_some_and(|rank| rank <= up_to),
            };
            rows.push(Found { row, results });
        }
        rows.sort_by_key(|row| {
            let cluster = row.cluster.clone();
            (cluster.is_none(), cluster, row.rank.is_none(), row.rank, row.code.clone())
        });
        rows
    }

    fn drawn_measured(chance: &mut fastrand::Rng) -> Measured {
        match chance.u32(0..4) {
            0 => Measured::whole(chance.i128(0..6)),
            1 => Measured::whole(chance.i128(0..1 << 90)),
            2 => Measured::share(chance.i32(0..6), [None, Some(0), Some(3)][chance.usize(0..3)]),
            _ => Measured::share(chance.i32(0..9), Some(chance.i32(1..9))).times(1_000),
        }
    }

    fn drawn_rule(chance: &mut fastrand::Rng) -> Rule {
        let values = ["0", "0.3", "0.333333333", "0.5", "1", "1.000000001", "2", "666.7", "1000"];
        let points = ["0", "0.1", "0.2", "1", "7.25", "30"];
        let criteria = (0..chance.usize(0..4)).map(|_| {
            let first = chance.usize(0..values.len());
            let steps = values[first..].iter().take(chance.usize(1..4));
            let steps: Vec<Step> = steps
                .map(|from| step(from, chance.bool(), points[chance.usize(0..points.len())]))
                .collect();
            criterion(Measure::Submitted, steps, chance.bool())
        });
        let criteria: Vec<Criterion> = criteria.collect();
        let mut grades: Vec<Grade> = Vec::new();
        for place in 0..chance.usize(0..4) {
            let new =
                grade(&place.to_string(), points[chance.usize(0..points.len())], chance.bool());
            if !grades.iter().any(|it| (it.points, it.required) == (new.points, new.required)) {
                grades.push(new);
            }
        }
        Rule {
            per_cluster: chance.bool(),
            top: [None, Some(1), Some(2), Some(5)][chance.usize(0..4)],
            criteria,
            grades,
            ..rule()
        }
    }

    /// Some hundred rules of all shapes over units drawn at random, in any order.
    #[test]
    fn an_assessment_is_what_a_naive_program_makes_of_the_words() {
        let mut chance = fastrand::Rng::with_seed(9);
        let (mut all_chosen, mut all_graded) = (0, 0);
        for round in 0..400 {
            let rule = drawn_rule(&mut chance);
            let is_ratio = chance.bool();
            let mut standings: Vec<Case> = (0..chance.u32(0..24))
                .map(|id| Case {
                    unit: UnitId(id + 2),
                    code: format!("u{:02}", id * 7 % 24),
                    cluster: [None, Some("A".to_owned()), Some("B".to_owned())][chance.usize(0..3)]
                        .clone(),
                    rank_value: if is_ratio {
                        Measured::share(chance.i32(0..5), Some(chance.i32(0..4)))
                    } else {
                        Measured::whole(chance.i128(0..5))
                    },
                    measured: rule.criteria.iter().map(|_| drawn_measured(&mut chance)).collect(),
                })
                .collect();
            let expected = naive(&rule, &standings);
            assert_eq!(judge_all(&rule, standings.clone()), expected, "round {round}: {rule:?}");
            chance.shuffle(&mut standings);
            let rows = judge_all(&rule, standings);
            assert_eq!(rows, expected, "the order does not matter, round {round}");
            for row in rows.iter().filter(|row| row.chosen) {
                let results = rule.criteria.iter().zip(&row.results);
                assert!(results.into_iter().all(|(it, found)| found.met || !it.required));
            }
            all_chosen += rows.iter().filter(|row| row.chosen).count();
            all_graded += rows.iter().filter(|row| row.grade.is_some()).count();
        }
        assert!(all_chosen > 200 && all_graded > 200, "{all_chosen} {all_graded}");
    }
}
