//! Assessments: what a rule says of the units in a period.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::connection::{ListName, Page, PageArgs, PageInfo, Rows};
use super::rule::{Criterion, Rule};
use super::{Closing, Period, Unit};
use crate::auth::permissions::{Permission, may};
use crate::board::{Basis, Judged, Snapshot};
use crate::domain::assessment::{AssessedUnit, Evidence, Measured, RowKey};
use crate::domain::{self, Confirmable, Confirmation, PeriodId, UnitId};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::inputs::{ConfirmAssessmentInput, UnitRef, existing_unit};
use crate::graphql::schema::scalars::{DateTime, Long};
use crate::limits::{CONFIRMED_GOALS_MAX, LONG_MAX};
use crate::messages::ErrorMessage;

/// The units that a rule judges in a period, ranked, chosen and graded (kết quả xét). It is by the
/// figures of the period's last closing; while there is none, by those of now. It is provisional, and
/// seen by officers of the rule's owner alone, until one of them confirms it; from then on it stays as
/// it is, whatever changes, and everybody sees it.
#[derive(Description, Clone)]
pub struct Assessment {
    rule: Rule,
    period: PeriodId,
}

impl Assessment {
    /// `None` where the caller may not see it, and for a period that has nothing to do with the owner.
    pub fn find(ctx: &Context<'_>, rule: &Rule, period: PeriodId) -> Option<Self> {
        let context = RequestContext::of(ctx);
        let (snapshot, owner) = (&rule.snapshot, rule.row.owner);
        let structure = &snapshot.structure;
        context.dependencies.structure();
        let assessment = Self { rule: rule.clone(), period };
        if assessment.confirmation().is_some() {
            return Some(assessment);
        }
        let grants = context.audience().grants();
        if !may(grants, structure, Permission::ManageRules, owner) {
            return None;
        }
        context.dependencies.unit(snapshot, owner);
        context.dependencies.day();
        // A closing tells itself what the period covered.
        let is_covered = snapshot.last_closing(period).is_some()
            || structure.is_within(owner, structure.period(period).owner);
        is_covered.then_some(assessment)
    }

    /// The confirmed assessments of a period, oldest first.
    pub fn confirmed(
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        period: PeriodId,
    ) -> ReadyList<Self> {
        RequestContext::of(ctx).dependencies.structure();
        let of_rule = |confirmation: Arc<Confirmation>| {
            Some(Self { rule: Rule::of(snapshot, &confirmation.rule)?, period })
        };
        snapshot.confirmations().of(period).into_iter().filter_map(of_rule).collect()
    }

    /// The reading of the last closing, for somebody who may confirm the assessment; `None` for others.
    ///
    /// # Errors
    /// UNAVAILABLE while the closing's figures are made anew; else if the execution must stop.
    pub async fn confirmable(
        ctx: &Context<'_>,
        input: &ConfirmAssessmentInput,
    ) -> Result<Option<Confirmable>> {
        let context = RequestContext::of(ctx);
        let snapshot = context.hub.latest();
        let structure = &snapshot.structure;
        let rule = structure.rule(&input.rule.code());
        let period = structure.resolve_period(&input.period.clone().into());
        let (Some(rule), Some(period), true) = (rule, period, input.confirmed) else {
            return Ok(None);
        };
        let grants = context.audience().grants();
        let may_confirm = may(grants, structure, Permission::ManageRules, rule.owner);
        let Some(closing) = snapshot.last_closing(period).filter(|_| may_confirm) else {
            return Ok(None);
        };
        let kept = context.kept(&snapshot, closing).await?;
        context.scan(kept.unit_count()).await?;
        let meter = &*context.meter;
        let confirmable = snapshot.confirmable(rule, &kept, CONFIRMED_GOALS_MAX, meter);
        Ok(Some(context.unless_stopped(confirmable)?))
    }

    fn confirmation(&self) -> Option<&Arc<Confirmation>> {
        self.rule.snapshot.confirmation(&self.rule.row, self.period)
    }

    /// The closing by whose figures units are judged.
    fn by_closing(&self) -> Option<&Arc<domain::Closing>> {
        let snapshot = &self.rule.snapshot;
        match self.confirmation() {
            Some(confirmation) => snapshot.closings().get(self.period, confirmation.closing),
            None => snapshot.last_closing(self.period),
        }
    }

    async fn judged(&self, ctx: &Context<'_>) -> Result<Judged> {
        let context = RequestContext::of(ctx);
        let (snapshot, rule) = (&self.rule.snapshot, &self.rule.row);
        let kept = match self.by_closing() {
            Some(closing) => Some(context.kept(snapshot, closing).await?),
            None => None,
        };
        let (basis, goals) = match (self.confirmation(), kept) {
            (None, None) => (Basis::Live, Arc::default()),
            (None, Some(kept)) => (Basis::Kept(kept), Arc::default()),
            (Some(_), None) => return Err(Code::Internal.says(ErrorMessage::FiguresLost)),
            (Some(confirmation), Some(kept)) => {
                if let Some(judged) = snapshot.confirmed_assessment(&kept, confirmation) {
                    return Ok(judged);
                }
                let goals = context.confirmed_goals(confirmation).await?;
                (Basis::Confirmed(kept, Arc::clone(confirmation)), goals)
            }
        };
        context.scan(basis.count_judged(snapshot, rule)).await?;
        let judged = snapshot.assessment(rule, self.period, (basis, goals), &*context.meter).await;
        context.unless_stopped(judged)
    }
}

#[Object(use_type_description)]
impl Assessment {
    /// Global id of the assessment (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Assessment(self.period, self.rule.row.code.clone()).encode()
    }

    /// The rule that judges (quy tắc).
    async fn rule(&self) -> Ready<Rule> {
        Ready(self.rule.clone())
    }

    /// The period whose counts are judged (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.rule.snapshot), id: self.period })
    }

    /// The closing by whose figures units are judged; null while they are those of now (lần chốt số
    /// liệu).
    async fn closing(&self) -> Option<Ready<Closing>> {
        let snapshot = Arc::clone(&self.rule.snapshot);
        Some(Ready(Closing { snapshot, row: Arc::clone(self.by_closing()?) }))
    }

    /// The version of the last change that the assessment rests on; it never falls (phiên bản số
    /// liệu).
    async fn version(&self) -> Long {
        let (snapshot, rule) = (&self.rule.snapshot, &self.rule.row);
        let closing = snapshot.last_closing(self.period).map(|closing| &**closing);
        Long(snapshot.assessment_version(rule, self.period, closing).0)
    }

    /// The moment of its confirmation; null while it is provisional (thời điểm xác nhận).
    async fn confirmed_at(&self) -> Option<DateTime> {
        Some(DateTime(self.confirmation()?.at))
    }

    /// The officer's words about its confirmation (ghi chú).
    async fn note(&self) -> Option<&str> {
        self.confirmation()?.note.as_deref()
    }

    /// A page of the judged units, in the order of cluster, rank and code; those in no cluster, and
    /// those without a rank, come last (các dòng kết quả). It costs what is selected of the rows of
    /// the page, and itself about 3 for each 2 units that are judged, for each of these 1 for each 4
    /// criteria; with `within` or `chosen` 1 for each 8 of them more; of a period that is over as much
    /// as `Closing.tally` besides.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A unit: only judged units in its subtree are listed, in the tree of the \
                    figures. REF_NOT_FOUND if it names nothing (trong phạm vi đơn vị)."
        )]
        within: Option<UnitRef>,
        #[graphql(
            desc = "True lists the chosen units alone, false those that are not; both by default \
                    (được chọn)."
        )]
        chosen: Option<bool>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range, or with `last` (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Number of rows from the end, 0 to 500. BAD_ARGUMENT if it is out of range, \
                    or with `first` (số dòng cuối)."
        )]
        last: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page ends before; BAD_CURSOR if it is not of \
                    this list (trước vị trí)."
        )]
        before: Option<String>,
    ) -> Result<Ready<AssessmentRowConnection>> {
        let snapshot = &self.rule.snapshot;
        let within = within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let judged = self.judged(ctx).await?;
        if within.is_some() || chosen.is_some() {
            RequestContext::of(ctx).scan(judged.assessed.rows.len()).await?;
        }
        let rows = AssessmentRows::of(self, judged, within, chosen);
        let page = PageArgs { first, after, last, before }.cut(rows)?;
        Ok(Ready(AssessmentRowConnection { page }))
    }
}

/// The rows of an assessment, or those among them that meet the conditions.
pub struct AssessmentRows {
    assessment: Assessment,
    judged: Judged,
    /// Their places in the assessment; `None`: all.
    places: Option<Vec<usize>>,
    name: ListName,
}

/// The key of a row in its list, as in [`RowKey`].
type Key = (bool, Option<String>, u32, String);

impl AssessmentRows {
    fn of(
        assessment: &Assessment,
        judged: Judged,
        within: Option<UnitId>,
        chosen: Option<bool>,
    ) -> Self {
        let snapshot = &assessment.rule.snapshot;
        let is_listed = |row: &AssessedUnit| {
            chosen.is_none_or(|chosen| row.chosen == chosen)
                && within.is_none_or(|top| judged.is_within(snapshot, row.unit, top))
        };
        let rows = judged.assessed.rows.iter().enumerate();
        let places = (within.is_some() || chosen.is_some())
            .then(|| rows.filter(|(_, row)| is_listed(row)).map(|(place, _)| place).collect());
        let asked = (&assessment.rule.row.code, assessment.period, within, chosen);
        let name = ListName::new("assessment", &asked);
        Self { assessment: assessment.clone(), judged, places, name }
    }

    fn place(&self, at: usize) -> usize {
        self.places.as_ref().map_or(at, |places| places[at])
    }

    fn key(&self, at: usize) -> RowKey<'_> {
        self.judged.assessed.rows[self.place(at)].key()
    }

    /// The number of rows at the beginning that pass.
    fn count_while(&self, passes: impl Fn(RowKey<'_>) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            if passes(self.key(middle)) { from = middle + 1 } else { to = middle }
        }
        from
    }

    fn row(&self, at: usize) -> AssessmentRow {
        let (assessment, judged) = (self.assessment.clone(), self.judged.clone());
        AssessmentRow { assessment, judged, place: self.place(at) }
    }
}

impl Rows for AssessmentRows {
    fn len(&self) -> usize {
        self.places.as_ref().map_or(self.judged.assessed.rows.len(), Vec::len)
    }

    fn cursor(&self, place: usize) -> String {
        self.name.encode(self.key(place))
    }

    fn places(&self, cursor: &str) -> Result<(usize, usize)> {
        let (no_cluster, cluster, rank, code): Key = self.name.decode(cursor)?;
        let sought = (no_cluster, cluster.as_deref(), rank, code.as_str());
        let before = self.count_while(|key| key < sought);
        Ok((before, self.count_while(|key| key <= sought)))
    }
}

/// A page of an assessment's rows, by the Relay specification of connections (trang kết quả xét).
#[derive(Description)]
pub struct AssessmentRowConnection {
    page: Page<AssessmentRows>,
}

#[Object(use_type_description)]
impl AssessmentRowConnection {
    /// The page's rows with their cursors (các dòng).
    async fn edges(&self) -> ReadyList<AssessmentRowEdge> {
        let rows = &self.page.list;
        let edge = |at| AssessmentRowEdge { cursor: rows.cursor(at), node: Ready(rows.row(at)) };
        self.page.places.clone().map(edge).collect()
    }

    /// The page's rows without cursors (các dòng kết quả).
    async fn nodes(&self) -> ReadyList<AssessmentRow> {
        self.page.places.clone().map(|at| self.page.list.row(at)).collect()
    }

    /// The page's place in the list (thông tin trang).
    async fn page_info(&self) -> Ready<PageInfo> {
        Ready(self.page.info())
    }

    /// Number of rows in all pages together (tổng số).
    async fn total_count(&self) -> usize {
        self.page.list.len()
    }
}

/// A row of a page of an assessment (dòng).
#[derive(SimpleObject)]
pub struct AssessmentRowEdge {
    /// The row's position in its list, opaque; `after` and `before` of the same list take it (vị
    /// trí).
    cursor: String,
    /// The result of one unit (dòng kết quả).
    node: Ready<AssessmentRow>,
}

/// The result of one unit in an assessment (dòng kết quả).
#[derive(Description, Clone)]
pub struct AssessmentRow {
    assessment: Assessment,
    judged: Judged,
    place: usize,
}

impl AssessmentRow {
    fn row(&self) -> &AssessedUnit {
        &self.judged.assessed.rows[self.place]
    }
}

#[Object(use_type_description)]
impl AssessmentRow {
    /// The unit that is judged (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        let snapshot = Arc::clone(&self.assessment.rule.snapshot);
        Ready(Unit { snapshot, id: self.row().unit })
    }

    /// The cluster in which the unit is ranked; null if the rule ranks all together, or the unit is in
    /// none (cụm, khối thi đua).
    async fn cluster(&self) -> Option<&str> {
        self.row().cluster.as_deref()
    }

    /// The unit's rank by `Rule.rankBy`, in its cluster if the rule ranks each by itself; equals share
    /// the better one. Null for a unit in no cluster then (hạng).
    async fn rank(&self) -> Option<u32> {
        self.row().rank
    }

    /// The value by which the unit is ranked; null without a target, or without `memberCount`, to
    /// divide by (giá trị xếp hạng).
    async fn value(&self) -> Option<f64> {
        self.row().rank_value.value()
    }

    /// The sum of the points for all criteria (điểm).
    async fn points(&self) -> f64 {
        self.row().points.nearest()
    }

    /// The label of the highest grade that the unit gets; null if it gets none (xếp loại).
    async fn grade(&self) -> Option<&str> {
        let grade = self.assessment.rule.row.grades.get(self.row().grade?)?;
        Some(&grade.label)
    }

    /// True if the unit's rank is at most `Rule.top`, it has a value to be ranked by, and it misses
    /// nothing required (được chọn).
    async fn chosen(&self) -> bool {
        self.row().chosen
    }

    /// The results by criterion, in the order of `Rule.criteria` (kết quả từng tiêu chí). They cost
    /// about 1 for each 3 criteria, and what is selected of them.
    async fn results(&self) -> ReadyList<CriterionResult> {
        let Assessment { rule, period } = &self.assessment;
        let unit = self.row().unit;
        let found = self.judged.evidence(&rule.snapshot, &rule.row, *period, unit);
        let result = |(place, found): (usize, Evidence)| CriterionResult {
            criterion: Ready(Criterion { rule: rule.clone(), place }),
            count: Some(shown(found.measured)),
            of: found.measured.of.map(Long),
            value: found.measured.value(),
            met: found.met,
            points: found.points.nearest(),
        };
        found.into_iter().enumerate().map(result).collect()
    }
}

/// The count as a `Long`; one beyond 2^53-1 is clamped to that.
fn shown(measured: Measured) -> Long {
    let most = i128::from(LONG_MAX);
    Long(i64::try_from(measured.count.clamp(-most, most)).unwrap_or(LONG_MAX))
}

/// The numbers by which a unit meets a criterion or misses it (kết quả của một tiêu chí).
#[derive(SimpleObject)]
pub struct CriterionResult {
    /// The criterion (tiêu chí).
    criterion: Ready<Criterion>,
    /// The count of the measure: of initiatives, people, unions, or đồng, at most 2^53-1 (số đếm).
    count: Option<Long>,
    /// The number that `count` is divided by: the target, the members, all grassroots unions, or all
    /// that is submitted. Zero if the unit has none, null for a measure that is a count (mẫu số).
    of: Option<Long>,
    /// The value that is compared with the steps: `count`, divided by `of` where that is there, times
    /// 1,000 for PER_1000_MEMBERS. Null without anything to divide by (giá trị).
    value: Option<f64>,
    /// True if the value reaches the first step (đạt).
    met: bool,
    /// The points of the last step that is reached; 0 if none is (điểm).
    points: f64,
}
