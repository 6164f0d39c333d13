use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, SimpleObject};

use super::past_day::PastDay;
use super::{Closing, Period, Unit};
use crate::board::calendar::DayCount;
use crate::board::{self, Kept, Snapshot};
use crate::domain::{self, Day, PeriodId, UnitId};
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::Ready;
use crate::graphql::schema::enums::Figures;
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::{Date, DateTime, Long};

/// The counts of a unit in a period, everything under the unit included (số liệu). `submitted` is
/// always `accepted` + `pending` + `returned` + `rejected`, and a unit's counts are `own` and those
/// of its children together.
#[derive(Description, Clone)]
pub struct Tally {
    snapshot: Arc<Snapshot>,
    unit: UnitId,
    period: PeriodId,
    source: Source,
}

/// The moment whose figures are shown.
#[derive(Debug, Clone)]
pub enum Source {
    Now,
    PastDay(Arc<PastDay>),
    Kept(Arc<Kept>),
}

impl Source {
    /// The end of a day, if one is given.
    pub fn of(past: Option<Arc<PastDay>>) -> Self {
        past.map_or(Self::Now, Self::PastDay)
    }

    pub const fn figures(&self) -> Figures {
        match self {
            Self::Now => Figures::Live,
            Self::PastDay(_) => Figures::DayEnd,
            Self::Kept(_) => Figures::Kept,
        }
    }

    pub const fn is_now(&self) -> bool {
        matches!(self, Self::Now)
    }
}

impl Tally {
    /// The counts of now.
    pub const fn live(snapshot: Arc<Snapshot>, unit: UnitId, period: PeriodId) -> Self {
        Self { snapshot, unit, period, source: Source::Now }
    }

    /// The counts of the end of a past day, if one is given. It must not be the day of another period's counts.
    pub fn of(
        snapshot: Arc<Snapshot>,
        unit: UnitId,
        period: PeriodId,
        past: Option<Arc<PastDay>>,
    ) -> Self {
        Self { snapshot, unit, period, source: Source::of(past) }
    }

    /// The counts of that source, which must be of this period.
    pub const fn by(
        snapshot: Arc<Snapshot>,
        unit: UnitId,
        period: PeriodId,
        source: Source,
    ) -> Self {
        Self { snapshot, unit, period, source }
    }

    /// Kept counts.
    pub fn kept(snapshot: Arc<Snapshot>, unit: UnitId, kept: Arc<Kept>) -> Self {
        let period = kept.closing().period;
        Self { snapshot, unit, period, source: Source::Kept(kept) }
    }

    /// Notes what the counts rest on.
    fn note(&self, ctx: &Context<'_>) {
        let dependencies = &RequestContext::of(ctx).dependencies;
        if let Source::Kept(_) = &self.source {
            // They never change.
            return;
        }
        dependencies.unit(&self.snapshot, self.unit);
        // The numbers rest on the period's days and owner as well.
        dependencies.structure();
        if !self.source.is_now() {
            dependencies.day();
        }
    }

    async fn read(&self, ctx: &Context<'_>) -> board::Tally {
        self.note(ctx);
        let past = match &self.source {
            Source::Now => return self.snapshot.cell(self.unit, self.period),
            Source::Kept(kept) => return kept.tally(self.unit),
            Source::PastDay(past) => past,
        };
        let context = RequestContext::of(ctx);
        // If it fails, the execution stops as a whole.
        let figures = past.figures(context, &self.snapshot, self.period).await.ok();
        let tally = |figures| self.snapshot.tally_at(self.unit, self.period, figures);
        figures.map(tally).unwrap_or_default()
    }

    /// The day of the figures.
    fn day(&self) -> Day {
        match &self.source {
            Source::Now => self.snapshot.today(),
            Source::PastDay(past) => past.day,
            Source::Kept(kept) => kept.period().ends_on,
        }
    }

    /// The period as it was at the moment of the figures.
    fn row(&self) -> &domain::Period {
        match &self.source {
            Source::Kept(kept) => kept.period(),
            _ => self.snapshot.structure.period(self.period),
        }
    }

    fn goal(&self) -> Option<i32> {
        match &self.source {
            Source::Kept(kept) => kept.goal(self.unit),
            _ => self.snapshot.structure.goal(self.unit, self.row()),
        }
    }

    fn members(&self) -> Option<i32> {
        match &self.source {
            Source::Kept(kept) => kept.member_count(self.unit),
            _ => self.snapshot.structure.unit(self.unit).member_count,
        }
    }
}

/// The closing that figures are of, or else the period's last one.
pub fn closing(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    period: PeriodId,
    source: &Source,
) -> Option<Closing> {
    match source {
        Source::Kept(kept) => {
            Some(Closing { snapshot: Arc::clone(snapshot), row: Arc::clone(kept.closing()) })
        }
        _ => Closing::last(ctx, snapshot, period),
    }
}

/// `None` without something to divide by.
fn share(count: i32, of: Option<i32>) -> Option<f64> {
    of.filter(|&of| of > 0).map(|of| f64::from(count) / f64::from(of))
}

#[Object(use_type_description)]
impl Tally {
    /// Global id of the tally, made from its unit, its period, and the past day or the closing that
    /// it is of, if any (mã toàn cục).
    pub async fn id(&self) -> ID {
        let id = match &self.source {
            Source::Now => GlobalId::Tally(self.unit, self.period, None),
            Source::PastDay(past) => GlobalId::Tally(self.unit, self.period, Some(past.day)),
            Source::Kept(kept) => {
                GlobalId::KeptTally(self.unit, self.period, kept.closing().version())
            }
        };
        id.encode()
    }

    /// The unit of the counts (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.unit })
    }

    /// The period of the counts (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.snapshot), id: self.period })
    }

    /// The moment that the counts are of: of now, of the end of a day, or kept (số liệu lúc nào).
    async fn figures(&self) -> Figures {
        self.source.figures()
    }

    /// The closing whose figures these are. Live and past figures
    /// have the period's last one once it is over; null while it runs, and without any (chốt số liệu).
    async fn closing(&self, ctx: &Context<'_>) -> Option<Ready<Closing>> {
        closing(ctx, &self.snapshot, self.period, &self.source).map(Ready)
    }

    /// Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký).
    async fn submitted(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.submitted()
    }

    /// Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ).
    async fn accepted(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.counts().accepted
    }

    /// Number of submitted initiatives that wait for review (số sáng kiến chờ xét duyệt).
    async fn pending(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.counts().pending
    }

    /// Number of submitted initiatives that a review sent back for correction (số sáng kiến trả lại
    /// để chỉnh sửa).
    async fn returned(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.counts().returned
    }

    /// Number of submitted initiatives that a review found not valid (số sáng kiến không hợp lệ).
    async fn rejected(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.counts().rejected
    }

    /// Number of submitted initiatives that count for the unit itself, not for a unit below it (số
    /// sáng kiến của chính đơn vị).
    async fn own(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.own
    }

    /// Number of people with at least one submitted initiative. A person counts once in each unit,
    /// told apart by code, or by name without one (số người tham gia).
    async fn participants(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.rank_values.participants
    }

    /// Number of open grassroots unions in the unit's subtree that the period covers (số công đoàn
    /// cơ sở).
    async fn grassroots_unions(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.grassroots_unions
    }

    /// Number of open grassroots unions in the unit's subtree that have at least one submitted
    /// initiative (số công đoàn cơ sở có sáng kiến).
    async fn active_grassroots_unions(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).await.active_grassroots_unions
    }

    /// `activeGrassrootsUnions` divided by `grassrootsUnions`: 1.0 is 100 %; null without any open
    /// grassroots union (tỷ lệ công đoàn cơ sở có sáng kiến).
    async fn coverage(&self, ctx: &Context<'_>) -> Option<f64> {
        let tally = self.read(ctx).await;
        share(tally.active_grassroots_unions, Some(tally.grassroots_unions))
    }

    /// Yearly benefit of the accepted initiatives, in đồng, at most 2^53-1 (giá trị làm lợi).
    async fn benefit_vnd(&self, ctx: &Context<'_>) -> Long {
        Long(self.read(ctx).await.counts().benefit_vnd.shown())
    }

    /// The moment at which the latest of the submitted initiatives was entered; null if there is
    /// none, and in the figures of a past day (lần đăng ký gần nhất).
    async fn last_submitted_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        if let Source::PastDay(_) = &self.source {
            return None;
        }
        self.read(ctx).await.last_submitted_at().map(DateTime)
    }

    /// Days from the day on which the latest of the submitted initiatives was entered to the day of
    /// the figures, or to the period's last day once that is over; 0 on the same day, null if there
    /// is none (số ngày kể từ lần đăng ký gần nhất).
    async fn days_since_last(&self, ctx: &Context<'_>) -> Option<i32> {
        RequestContext::of(ctx).dependencies.day();
        self.read(ctx).await.days_since_last(self.row(), self.day())
    }

    /// The goal assigned to the unit for the period and its metric; null if there is none (chỉ tiêu
    /// được giao).
    async fn target(&self, ctx: &Context<'_>) -> Option<i32> {
        self.note(ctx);
        self.goal()
    }

    /// The count of the period's metric divided by `target`: 1.0 is 100 %; null without a target
    /// above zero (tỷ lệ đạt chỉ tiêu).
    async fn ratio(&self, ctx: &Context<'_>) -> Option<f64> {
        let metric = self.row().metric;
        share(self.read(ctx).await.rank_values.count(metric), self.goal())
    }

    /// `participants` divided by the unit's `memberCount`: 1.0 is 100 %; null without a head-count
    /// above zero (tỷ lệ người tham gia).
    async fn participation_rate(&self, ctx: &Context<'_>) -> Option<f64> {
        share(self.read(ctx).await.rank_values.participants, self.members())
    }

    /// `submitted` divided by the unit's `memberCount`; null without a head-count above zero (số
    /// sáng kiến trên một đoàn viên).
    async fn initiatives_per_member(&self, ctx: &Context<'_>) -> Option<f64> {
        share(self.read(ctx).await.submitted(), self.members())
    }

    /// The course towards the target within the period's days; null if today is not one of them,
    /// and in the figures of a past day or a closing (tiến độ).
    async fn pace(&self, ctx: &Context<'_>) -> Option<Ready<Pace>> {
        self.note(ctx);
        if !self.source.is_now() {
            return None;
        }
        let context = RequestContext::of(ctx);
        context.dependencies.day();
        let since = self.snapshot.pace_since(self.period); // If it fails, the execution stops as a whole.
        context.scan_earlier(&self.snapshot, self.period, since).await.ok()?;
        let courses = self.snapshot.courses(self.period, &*context.meter).await;
        courses.ok()?.pace(self.unit).map(|pace| Ready(pace.into()))
    }

    /// The version of the last change in the unit's subtree, or in the targets, periods, units or
    /// day that its counts rest on; it never falls. Kept figures have that of their closing (phiên
    /// bản số liệu).
    async fn version(&self, ctx: &Context<'_>) -> Long {
        if let Source::Kept(kept) = &self.source {
            return Long(kept.closing().version().0);
        }
        self.note(ctx);
        RequestContext::of(ctx).dependencies.day();
        Long(self.snapshot.tally_changed(self.unit).version.0)
    }
}

/// The course of a period's count towards the target, within the days of the period (tiến độ).
/// Until today is over it is one of the days to come.
#[derive(SimpleObject, Clone)]
pub struct Pace {
    /// Number of today among the period's days; the first day is 1 (ngày thứ mấy).
    day_number: i32,
    /// Number of the period's days, first and last included (tổng số ngày).
    days: i32,
    /// Number of days after today; 0 on the last day (số ngày còn lại).
    days_left: i32,
    /// The mean count a day that meets the target, from today to the last day, today's whole count
    /// included. 0 if the target is reached; null if there is no target (số cần đạt mỗi ngày).
    needed_per_day: Option<f64>,
    /// The count at the period's end, if each day to come brings the mean of the last 7 whole days
    /// of the period: of fewer if there are no more, of today on the first day. Never less than the
    /// present count (dự kiến cuối đợt thi đua).
    projected: i32,
}

impl From<board::Pace> for Pace {
    fn from(pace: board::Pace) -> Self {
        let board::Pace { day_number, days, days_left, needed_per_day, projected } = pace;
        Self { day_number, days, days_left, needed_per_day, projected }
    }
}

/// The counts of one day of submission, by the present states of its initiatives (số liệu một
/// ngày).
#[derive(SimpleObject, Clone)]
pub struct DailyTally {
    /// The day of submission in Việt Nam (ngày đăng ký).
    day: Date,
    /// Number of initiatives that were submitted on the day and are not withdrawn by now (số sáng
    /// kiến đăng ký).
    submitted: i32,
    /// Number of initiatives that were submitted on the day and are accepted by now (số sáng kiến
    /// hợp lệ).
    accepted: i32,
}

impl From<DayCount> for DailyTally {
    fn from(row: DayCount) -> Self {
        Self { day: Date(row.day), submitted: row.submitted, accepted: row.accepted }
    }
}
