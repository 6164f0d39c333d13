use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{Period, Unit};
use crate::board::calendar::DayCount;
use crate::board::{self, Cell, Snapshot};
use crate::domain::{PeriodId, UnitId};
use crate::graphql::context::Viewing;
use crate::graphql::id::GlobalId;
use crate::graphql::scalar::{Date, DateTime, Long};

/// Counts of a unit in a period, everything under it included (số liệu tổng hợp). Always:
/// submitted = accepted + pending + returned + rejected; a unit's counts = own + its children's.
#[derive(Clone)]
pub struct Tally {
    pub snapshot: Arc<Snapshot>,
    pub unit: UnitId,
    pub period: PeriodId,
}

impl Tally {
    fn read(&self, ctx: &Context<'_>) -> Cell {
        let reads = &Viewing::of(ctx).reads;
        reads.unit(&self.snapshot, self.unit);
        // Its numbers rest on the period's days and owner as well.
        reads.structure();
        self.snapshot.cell(self.unit, self.period)
    }

    fn goal(&self) -> Option<i32> {
        let registry = &self.snapshot.registry;
        registry.goal(self.unit, registry.period(self.period))
    }

    fn members(&self) -> Option<i32> {
        self.snapshot.registry.unit(self.unit).member_count
    }
}

/// `None` without something to divide by.
fn share(count: i32, of: Option<i32>) -> Option<f64> {
    of.filter(|&of| of > 0).map(|of| f64::from(count) / f64::from(of))
}

#[Object]
impl Tally {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Tally(self.unit, self.period).encode()
    }

    /// Whose counts these are (đơn vị).
    async fn unit(&self) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.unit }
    }

    /// In which period (giai đoạn).
    async fn period(&self) -> Period {
        Period { snapshot: Arc::clone(&self.snapshot), id: self.period }
    }

    /// Registered and not withdrawn (số sáng kiến đăng ký).
    async fn submitted(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).submitted()
    }

    /// Found valid on review (số sáng kiến đảm bảo quy định).
    async fn accepted(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).counts().accepted
    }

    /// Waiting for review (chờ xét duyệt).
    async fn pending(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).counts().pending
    }

    /// Sent back for correction (trả lại để chỉnh sửa).
    async fn returned(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).counts().returned
    }

    /// Found not valid (không đảm bảo quy định).
    async fn rejected(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).counts().rejected
    }

    /// Of `submitted`, entered at the unit itself (do chính đơn vị đăng ký).
    async fn own(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).own
    }

    /// People with at least one submitted initiative; somebody is one person in each unit, by
    /// code, else by name (số người tham gia).
    async fn participants(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).standings.participants
    }

    /// Open grassroots unions in the subtree that the period covers (số công đoàn cơ sở).
    async fn grassroots_unions(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).grassroots_unions
    }

    /// Of these, with at least one submitted initiative (số công đoàn cơ sở có sáng kiến).
    async fn active_grassroots_unions(&self, ctx: &Context<'_>) -> i32 {
        self.read(ctx).active_grassroots_unions
    }

    /// Yearly benefit of accepted initiatives, in đồng, 2^53-1 at most (giá trị làm lợi).
    async fn benefit_vnd(&self, ctx: &Context<'_>) -> Long {
        Long(self.read(ctx).counts().benefit_vnd.shown())
    }

    /// When the last of the submitted came in; null when there is none (lần đăng ký gần nhất).
    async fn last_submitted_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.read(ctx).last_submitted_at().map(DateTime)
    }

    /// The goal assigned to the unit for the period and its metric; null without one (chỉ tiêu
    /// được giao).
    async fn target(&self, ctx: &Context<'_>) -> Option<i32> {
        self.read(ctx);
        self.goal()
    }

    /// What the period's metric counts, against the target: 1.0 is 100 %; null without a target
    /// above zero (tỷ lệ đạt chỉ tiêu).
    async fn ratio(&self, ctx: &Context<'_>) -> Option<f64> {
        let metric = self.snapshot.registry.period(self.period).metric;
        share(self.read(ctx).standings.count(metric), self.goal())
    }

    /// Participants against members; null without a head-count (tỷ lệ người tham gia).
    async fn participation_rate(&self, ctx: &Context<'_>) -> Option<f64> {
        share(self.read(ctx).standings.participants, self.members())
    }

    /// Submitted against members; null without a head-count (số sáng kiến trên một đoàn viên).
    async fn initiatives_per_member(&self, ctx: &Context<'_>) -> Option<f64> {
        share(self.read(ctx).submitted(), self.members())
    }

    /// How it gets on towards the target; null outside the period (tiến độ thực hiện chỉ tiêu).
    async fn pace(&self, ctx: &Context<'_>) -> Option<Pace> {
        self.read(ctx);
        let viewing = Viewing::of(ctx);
        viewing.reads.day();
        let since = self.snapshot.pace_since(self.period);
        // Where that fails, the execution stops as a whole.
        viewing.scan_earlier(&self.snapshot, self.period, since).await.ok()?;
        self.snapshot.pace(self.unit, self.period).map(Into::into)
    }

    /// Of the last change in the unit's subtree or in what its numbers rest on; one numbering for
    /// the whole system, in commit order; never falls (phiên bản số liệu).
    async fn version(&self, ctx: &Context<'_>) -> Long {
        self.read(ctx);
        Viewing::of(ctx).reads.day();
        Long(self.snapshot.tally_changed(self.unit).version.0)
    }
}

/// How what the period's metric counts gets on towards the target, within the days of the period
/// (tiến độ thực hiện chỉ tiêu). Today is one of the days to come until it is over.
#[derive(SimpleObject, Clone)]
pub struct Pace {
    /// Which day of the period today is; the first is 1 (ngày thứ mấy).
    day_number: i32,
    /// Days of the period, first and last included (tổng số ngày).
    days: i32,
    /// Days after today; 0 on the last one (số ngày còn lại).
    days_left: i32,
    /// On each day from today on, today's whole count included, to meet the target: what was missing
    /// when the day began over the days from today to the last. 0 when the target is reached; null
    /// without one (số cần đạt mỗi ngày).
    needed_per_day: Option<f64>,
    /// At the period's end, if each day to come brings the mean of the last 7 whole days of the period
    /// (of fewer, where there are no more; of the first day itself, on that day). Never less than the
    /// present count (dự kiến cuối giai đoạn).
    projected: i32,
}

impl From<board::Pace> for Pace {
    fn from(pace: board::Pace) -> Self {
        let board::Pace { day_number, days, days_left, needed_per_day, projected } = pace;
        Self { day_number, days, days_left, needed_per_day, projected }
    }
}

/// What was submitted on one day, in the states of now (số liệu một ngày).
#[derive(SimpleObject, Clone)]
pub struct DailyTally {
    /// The day of submission (ngày đăng ký).
    day: Date,
    /// Registered on it and not withdrawn since (số sáng kiến đăng ký).
    submitted: i32,
    /// Of these, found valid by now (số sáng kiến đảm bảo quy định).
    accepted: i32,
}

impl From<DayCount> for DailyTally {
    fn from(row: DayCount) -> Self {
        Self { day: Date(row.day), submitted: row.submitted, accepted: row.accepted }
    }
}
