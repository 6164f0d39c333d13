//! Rules of recognition and grading.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::assessment::Assessment;
use super::{Period, Unit};
use crate::board::Snapshot;
use crate::domain::{self, rule};
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{Measure, RankBy, TargetOrigin, UnitKind};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::inputs::{PeriodRef, existing_period};
use crate::graphql::schema::scalars::Long;

/// A rule of recognition or grading, as data (quy tắc xét khen thưởng, xếp loại). It judges the open
/// units directly below its owner, or those of `kinds` below it: it ranks them, chooses those of the
/// first ranks that miss nothing required, and grades all by points.
#[derive(Description, Clone)]
pub struct Rule {
    pub snapshot: Arc<Snapshot>,
    pub row: Arc<domain::Rule>,
}

impl Rule {
    /// The rule of a code.
    pub fn of(snapshot: &Arc<Snapshot>, code: &str) -> Option<Self> {
        let row = Arc::clone(snapshot.structure.rule(code)?);
        Some(Self { snapshot: Arc::clone(snapshot), row })
    }
}

#[Object(use_type_description)]
impl Rule {
    /// Global id of the rule (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Rule(self.row.code.clone()).encode()
    }

    /// The code that people use, unique among rules (mã quy tắc).
    async fn code(&self) -> &str {
        &self.row.code
    }

    /// The rule's name, at most 300 characters (tên quy tắc).
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The unit that owns the rule, whose units below are judged (đơn vị xét).
    async fn owner(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.owner })
    }

    /// The version of the rule's last change (phiên bản).
    async fn version(&self) -> Long {
        Long(self.row.version.0)
    }

    /// The kinds of the units that are judged, on all levels below the owner; empty if those directly
    /// below are judged, of whatever kind (loại đơn vị). They cost about 1 for each 5 kinds.
    async fn kinds(&self) -> Vec<UnitKind> {
        self.row.kinds.iter().map(|&kind| kind.into()).collect()
    }

    /// True if each cluster is ranked by itself; a unit in none has no rank then (xếp hạng trong từng
    /// cụm, khối thi đua).
    async fn per_cluster(&self) -> bool {
        self.row.per_cluster
    }

    /// The measure that ranks the units, never GAINED (tiêu chí xếp hạng).
    async fn rank_by(&self) -> RankBy {
        self.row.rank_by.into()
    }

    /// The last rank that can be chosen; null if any can (lấy đến hạng).
    async fn top(&self) -> Option<u32> {
        self.row.top
    }

    /// The criteria, each with the points that it gives (các tiêu chí). They cost about 1 for each 3
    /// criteria, and what is selected of them.
    async fn criteria(&self) -> ReadyList<Criterion> {
        let criteria = 0..self.row.criteria.len();
        criteria.map(|place| Criterion { rule: self.clone(), place }).collect()
    }

    /// The grades, in the order in which they were given (các mức xếp loại). They cost about 1 for each
    /// 3 grades, and what is selected of them.
    async fn grades(&self) -> ReadyList<Grade> {
        self.row.grades.iter().map(Into::into).collect()
    }

    /// The assessment of a period: the confirmed one for everybody; else the provisional one for callers
    /// with the role OFFICER or ADMIN over the owner, null for others, and for a period that does not
    /// cover the owner (kết quả xét).
    async fn assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The period whose counts are judged; REF_NOT_FOUND if it names nothing (đợt thi \
                    đua)."
        )]
        period: PeriodRef,
    ) -> Result<Option<Ready<Assessment>>> {
        // The period may come to be.
        RequestContext::of(ctx).dependencies.structure();
        let period = existing_period(&self.snapshot, &period.into())?;
        Ok(Assessment::find(ctx, self, period).map(Ready))
    }
}

/// A criterion of a rule (tiêu chí). A unit gets the points of the last step that it reaches. It
/// misses the criterion below the first step, and without a value, as without a target.
#[derive(Description, Clone)]
pub struct Criterion {
    pub rule: Rule,
    pub place: usize,
}

impl Criterion {
    fn row(&self) -> &rule::Criterion {
        &self.rule.row.criteria[self.place]
    }
}

#[Object(use_type_description)]
impl Criterion {
    /// The value that the criterion looks at (đại lượng đánh giá).
    async fn measure(&self) -> Measure {
        self.row().measure.into()
    }

    /// The unit that set the target which TARGET_RATIO divides by: the one above or the unit itself
    /// (nguồn chỉ tiêu).
    async fn origin(&self) -> TargetOrigin {
        self.row().origin.into()
    }

    /// The period whose target TARGET_RATIO divides by; null for the target of the period that is
    /// judged. A closing keeps no targets of other periods: they are those of now, until the assessment
    /// is confirmed, which keeps them (đợt thi đua của chỉ tiêu).
    async fn target_period(&self) -> Option<Ready<Period>> {
        let id = self.row().target_period?;
        Some(Ready(Period { snapshot: Arc::clone(&self.rule.snapshot), id }))
    }

    /// The steps from the lowest to the highest, 1 to 20 (các bậc điểm). They cost about 1 for each 3
    /// steps, and what is selected of them.
    async fn steps(&self) -> ReadyList<Step> {
        self.row().steps.iter().map(Into::into).collect()
    }

    /// True if a unit that misses the criterion is not chosen, and gets no grade with `required`
    /// (bắt buộc).
    async fn required(&self) -> bool {
        self.row().required
    }
}

/// A value to reach, and the points for it (bậc điểm).
#[derive(SimpleObject)]
pub struct Step {
    /// The value to reach, as it was written: 0.8 is 80 % of a target. It is compared exactly (từ).
    from: f64,
    /// True if the value must be more than `from`, not as much (phải cao hơn).
    above: bool,
    /// The points for the step (điểm).
    points: f64,
}

impl From<&rule::Step> for Step {
    fn from(step: &rule::Step) -> Self {
        Self { from: step.from.nearest(), above: step.above, points: step.points.nearest() }
    }
}

/// A grade, and the points that it takes (mức xếp loại). A unit gets the highest grade whose points it
/// has.
#[derive(SimpleObject)]
pub struct Grade {
    /// The grade's name (tên mức xếp loại).
    label: String,
    /// The least points for the grade (điểm tối thiểu).
    points: f64,
    /// True if the grade is for units alone that miss nothing required (bắt buộc đủ tiêu chí).
    required: bool,
}

impl From<&rule::Grade> for Grade {
    fn from(grade: &rule::Grade) -> Self {
        let label = grade.label.clone();
        Self { label, points: grade.points.nearest(), required: grade.required }
    }
}
