//! Changes of rules.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::{PeriodRef, UnitRef, patch, same};
use crate::domain::decimal::{DECIMAL_MAX, Decimal};
use crate::domain::rule::{Grade, Step};
use crate::domain::text::code_named;
use crate::domain::{Command, Confirmable, Patch, Problem, Refusal, Version, command};
use crate::graphql::schema::enums::{Measure, RankBy, TargetOrigin, UnitKind};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::Long;
use crate::limits::POINTS_MAX;

/// A reference to a rule, by its global id or by the code that people use (tham chiếu quy tắc).
#[derive(OneofObject, Debug, Clone)]
pub enum RuleRef {
    /// The rule's global id (mã toàn cục).
    Id(ID),
    /// The rule's code (mã quy tắc).
    Code(String),
}

impl RuleRef {
    /// The code of the rule; an empty text, which names none, for an id of something else.
    pub fn code(&self) -> String {
        match self {
            Self::Code(code) => code_named(code),
            Self::Id(id) => match GlobalId::decode(id) {
                Some(GlobalId::Rule(code)) => code,
                _ => String::new(),
            },
        }
    }
}

/// An assessment that is confirmed, or whose confirmation is taken back (xác nhận kết quả xét).
#[derive(InputObject)]
pub struct ConfirmAssessmentInput {
    /// The rule that judges (quy tắc).
    pub rule: RuleRef,
    /// The period whose counts are judged, which is over (đợt thi đua).
    pub period: PeriodRef,
    /// False takes the confirmation back, with a note (xác nhận).
    #[graphql(default = true)]
    pub confirmed: bool,
    /// The officer's words about it, which everybody sees, at most 10,000 characters (ghi chú).
    note: Option<String>,
    /// The version of the assessment that the officer has seen; CONFLICT if it is another by now
    /// (phiên bản của kết quả xét).
    expected_version: Option<Long>,
}

impl ConfirmAssessmentInput {
    /// The command, which confirms this.
    pub fn command(self, confirmable: Option<Confirmable>) -> Command {
        Command::ConfirmAssessment(command::ConfirmAssessment {
            rule: self.rule.code(),
            period: self.period.into(),
            confirmed: self.confirmed,
            note: self.note,
            expected_version: self.expected_version.map(|version| Version(version.0)),
            confirmable,
        })
    }
}

/// A rule to make or to change, by its code. A field left out stays as it is; null clears it, or is
/// refused with INVALID for a value that every rule has (thêm hoặc sửa quy tắc).
#[derive(InputObject)]
pub struct UpsertRuleInput {
    /// The rule's code, 1 to 100 characters; the rule with this code is changed, else one is made (mã
    /// quy tắc).
    code: String,
    /// The rule's name, 1 to 300 characters; a new rule needs it (tên quy tắc).
    name: MaybeUndefined<String>,
    /// The unit whose units below are judged; for a new rule the root by default. A unit owns at most
    /// 100 rules, all units together at most 20,000; INVALID beyond (đơn vị xét).
    owner: MaybeUndefined<UnitRef>,
    /// The kinds of the units that are judged, on all levels below the owner, at most 50; null or
    /// empty, those directly below are judged (loại đơn vị).
    kinds: MaybeUndefined<Vec<UnitKind>>,
    /// True ranks each cluster by itself; for a new rule false by default (xếp hạng trong từng cụm,
    /// khối thi đua).
    per_cluster: MaybeUndefined<bool>,
    /// The measure that ranks the units, for a new rule SUBMITTED by default. GAINED is refused with
    /// INVALID, since no day is given (tiêu chí xếp hạng).
    rank_by: MaybeUndefined<RankBy>,
    /// The last rank that can be chosen, 1 or more; null for any, which a new rule has by default (lấy
    /// đến hạng).
    top: MaybeUndefined<i32>,
    /// The criteria, at most 20, which replace those of before (các tiêu chí).
    criteria: MaybeUndefined<Vec<CriterionInput>>,
    /// The grades, at most 20, which replace those of before. INVALID with a label twice, or with two
    /// of the same points and the same `required` (các mức xếp loại).
    grades: MaybeUndefined<Vec<GradeInput>>,
}

/// A criterion of a rule (tiêu chí).
#[derive(InputObject)]
pub struct CriterionInput {
    /// The value that the criterion looks at (đại lượng đánh giá).
    measure: Measure,
    /// The unit that set the target which TARGET_RATIO divides by (nguồn chỉ tiêu).
    #[graphql(default_with = "TargetOrigin::Assigned")]
    origin: TargetOrigin,
    /// The period whose target TARGET_RATIO divides by; the one that is judged if left out. INVALID
    /// with another measure (đợt thi đua của chỉ tiêu).
    target_period: Option<PeriodRef>,
    /// The steps, 1 to 20, each above the one before; else INVALID (các bậc điểm).
    steps: Vec<StepInput>,
    /// True if a unit that misses the criterion is not chosen (bắt buộc).
    #[graphql(default = false)]
    required: bool,
}

/// A value to reach, and the points for it (bậc điểm).
#[derive(InputObject)]
pub struct StepInput {
    /// The value to reach, 0 to 10^15 with at most 9 digits after the point (từ).
    from: f64,
    /// True if the value must be more than `from`, not as much (phải cao hơn).
    #[graphql(default = false)]
    above: bool,
    /// The points for the step, 0 to 1,000,000 with at most 9 digits after the point (điểm).
    #[graphql(default = 0.0)]
    points: f64,
}

/// A grade, and the points that it takes (mức xếp loại).
#[derive(InputObject)]
pub struct GradeInput {
    /// The grade's name, 1 to 300 characters (tên mức xếp loại).
    label: String,
    /// The least points for the grade, 0 to 1,000,000 with at most 9 digits after the point (điểm tối
    /// thiểu).
    points: f64,
    /// True if the grade is for units alone that miss nothing required (bắt buộc đủ tiêu chí).
    #[graphql(default = false)]
    required: bool,
}

/// Takes numbers as decimals, and collects those that are none.
#[derive(Default)]
struct Numbers(Vec<Refusal>);

impl Numbers {
    fn decimal(&mut self, number: f64, max: i64, path: &[&str]) -> Decimal {
        Decimal::of(number).unwrap_or_else(|_| {
            let path = path.iter().map(|&step| step.to_owned()).collect();
            self.0.push(Refusal { problem: Problem::BadDecimal { max }, path });
            Decimal::ZERO
        })
    }

    fn criterion(&mut self, place: usize, criterion: CriterionInput) -> command::NewCriterion {
        let place = place.to_string();
        let step = |(at, step): (usize, StepInput)| {
            let at = at.to_string();
            let [from, points] =
                ["from", "points"].map(|name| ["criteria", &place, "steps", &at, name]);
            Step {
                from: self.decimal(step.from, DECIMAL_MAX, &from),
                above: step.above,
                points: self.decimal(step.points, POINTS_MAX, &points),
            }
        };
        command::NewCriterion {
            measure: criterion.measure.into(),
            origin: criterion.origin.into(),
            target_period: criterion.target_period.map(Into::into),
            steps: criterion.steps.into_iter().enumerate().map(step).collect(),
            required: criterion.required,
        }
    }

    fn grade(&mut self, place: usize, grade: GradeInput) -> Grade {
        let path = ["grades", &place.to_string(), "points"];
        let points = self.decimal(grade.points, POINTS_MAX, &path);
        Grade { label: grade.label, points, required: grade.required }
    }
}

impl UpsertRuleInput {
    /// # Errors
    /// When a number is no decimal.
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        let mut numbers = Numbers::default();
        let criteria = patch(self.criteria, |criteria| {
            let criteria = criteria.into_iter().enumerate();
            criteria.map(|(place, it)| numbers.criterion(place, it)).collect()
        });
        let grades = patch(self.grades, |grades| {
            let grades = grades.into_iter().enumerate();
            grades.map(|(place, it)| numbers.grade(place, it)).collect()
        });
        if !numbers.0.is_empty() {
            return Err(numbers.0);
        }
        let kinds: Patch<Vec<_>> =
            patch(self.kinds, |kinds| kinds.into_iter().map(Into::into).collect());
        Ok(Command::UpsertRule(Box::new(command::UpsertRule {
            code: self.code,
            name: patch(self.name, same),
            owner: patch(self.owner, Into::into),
            kinds,
            per_cluster: patch(self.per_cluster, same),
            rank_by: patch(self.rank_by, Into::into),
            top: patch(self.top, same),
            criteria,
            grades,
        })))
    }
}
