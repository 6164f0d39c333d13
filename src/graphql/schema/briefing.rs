//! One sheet for a meeting.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};
use serde::{Deserialize, Serialize};

use super::connection::{PageArgs, check_first};
use super::leaderboard::{Leaderboard, LeaderboardEntry, LeaderboardKey};
use super::past_day::PastDay;
use super::standing::{Standing, StandingArgs, check_since};
use super::unit::{UnitArgs, UnitConnection, UnitsAtMeeting};
use super::{Period, Tally, Target, Unit};
use crate::auth::permissions::is_staff;
use crate::board::{self, RankBy, RankedUnit, Snapshot};
use crate::domain::{Day, PeriodId, UnitId};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::{Date, Long};
use crate::limits::PAGE_MAX;
use crate::messages::ErrorMessage;

/// Days from the first to the last that a briefing is about, if nobody says: a week.
const DAYS_BEFORE: i32 = 6;

/// The arguments as asked: what is left to defaults stays open, so that the id means the same tomorrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefingKey {
    pub unit: UnitId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    pub first: i32,
}

/// One sheet for a meeting, of the week or the month: a unit and those directly below it, all of one
/// version (họp giao ban). Callers who are not staff of the unit get no names in `laggards`,
/// `notStarted` and `silent`, but the counts.
#[derive(Description, Clone)]
pub struct Briefing {
    snapshot: Arc<Snapshot>,
    key: Arc<BriefingKey>,
    period: PeriodId,
    since: Day,
    until: Day,
    names_units: bool,
}

impl Briefing {
    /// `Ok(None)` while there is no period at all.
    pub async fn answer(
        ctx: &Context<'_>,
        snapshot: Arc<Snapshot>,
        key: Arc<BriefingKey>,
    ) -> Result<Option<Self>> {
        let context = RequestContext::of(ctx);
        let dependencies = &context.dependencies;
        dependencies.unit(&snapshot, key.unit);
        dependencies.structure();
        dependencies.day();
        check_first(key.first)?;
        let (earliest, today) = (snapshot.first_day(), snapshot.today());
        let until = key.until.unwrap_or(today);
        if until < earliest || until > today {
            return Err(Code::BadArgument.says(ErrorMessage::UntilOutOfReach { earliest, today }));
        }
        let week = until.plus(-DAYS_BEFORE).max(snapshot.earliest_since_of(until));
        let since = check_since(&snapshot, until, key.since.or(Some(week)))?;
        let default = || snapshot.structure.default_period_on(until);
        let Some(period) = key.period.or_else(default) else {
            return Ok(None);
        };
        let row = snapshot.structure.period(period);
        if snapshot.structure.counted_at(key.unit, row).is_none() {
            // Zeros would look as if nobody had entered anything.
            let message = ErrorMessage::PeriodNotOfUnit(row.code.clone());
            return Err(Code::BadArgument.says(message));
        }
        let names_units = is_staff(context.audience().grants(), &snapshot.structure, key.unit);
        Ok(Some(Self { snapshot, key, period, since, until, names_units }))
    }

    /// The past day at whose end the figures are; `None` if they are of now.
    fn as_of(&self) -> Option<Day> {
        Some(self.until).filter(|&until| until < self.snapshot.today())
    }

    fn first(&self) -> usize {
        usize::try_from(self.key.first).unwrap_or(0)
    }

    async fn ranked(&self, ctx: &Context<'_>, rank_by: RankBy) -> Result<Leaderboard> {
        let question = LeaderboardKey {
            within: self.key.unit,
            period: Some(self.period),
            kinds: Vec::new(),
            cluster: None,
            rank_by,
            first: PAGE_MAX,
            around: None,
            as_of: self.as_of(),
            since: Some(self.since),
            closing: None,
        };
        let board =
            Leaderboard::answer(ctx, Arc::clone(&self.snapshot), Arc::new(question)).await?;
        board.ok_or_else(|| Code::RefNotFound.says(ErrorMessage::NoPeriodYet))
    }

    /// The board of the sheet.
    async fn ranked_at_meeting(&self, ctx: &Context<'_>) -> Result<Leaderboard> {
        self.ranked(ctx, self.snapshot.measure_at_meeting(self.key.unit, self.period)).await
    }

    async fn values(&self, ctx: &Context<'_>) -> Result<board::Standings<'_>> {
        let context = RequestContext::of(ctx);
        if let Some(day) = self.as_of() {
            context.scan(self.snapshot.count_standings(self.period, day)).await?;
        }
        let values = self.snapshot.values(self.period, self.as_of(), &*context.meter).await;
        context.unless_stopped(values)
    }

    async fn units(
        &self,
        ctx: &Context<'_>,
        units: UnitsAtMeeting,
        args: PageArgs,
    ) -> Result<UnitConnection> {
        let answer = UnitArgs::at_meeting(
            ctx,
            &self.snapshot,
            (self.key.unit, self.period, self.as_of()),
            units,
            &args,
        );
        let connection = answer.await?;
        Ok(if self.names_units { connection } else { connection.without_names() })
    }
}

#[Object(use_type_description)]
impl Briefing {
    /// Global id of the briefing, made from the arguments that asked for it (mã toàn cục).
    pub async fn id(&self) -> ID {
        let key = serde_json::to_string(&*self.key).unwrap_or_default();
        GlobalId::Briefing(key).encode()
    }

    /// The unit that meets with those directly below it (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.key.unit })
    }

    /// The period of all counts (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.snapshot), id: self.period })
    }

    /// The first day that the briefing is about, after the last meeting (từ ngày).
    async fn since(&self) -> Date {
        Date(self.since)
    }

    /// The last day that the briefing is about: today, or a past day (đến ngày).
    async fn until(&self) -> Date {
        Date(self.until)
    }

    /// The version of the last change that the briefing shows; it never falls (phiên bản số liệu).
    async fn version(&self) -> Long {
        Long(self.snapshot.tally_changed(self.key.unit).version.0)
    }

    /// True if the caller is staff of the unit, so that `laggards`, `notStarted` and `silent` name
    /// units (hiện tên đơn vị).
    async fn names_units(&self) -> bool {
        self.names_units
    }

    /// The unit's counts at the end of `until`, those of now if that is today (số liệu).
    async fn tally(&self) -> Ready<Tally> {
        let (snapshot, past) = (Arc::clone(&self.snapshot), self.as_of().map(PastDay::of));
        Ready(Tally::of(snapshot, self.key.unit, self.period, past))
    }

    /// The unit's counts at the end of the day before `since` (số liệu trước đó).
    async fn before(&self) -> Ready<Tally> {
        let (snapshot, past) = (Arc::clone(&self.snapshot), PastDay::of(self.since.plus(-1)));
        Ready(Tally::of(snapshot, self.key.unit, self.period, Some(past)))
    }

    /// The unit's rank among its siblings, by ratio, or by the count of the period's metric while none
    /// of them has a target; null if it is not ranked, as a closed unit, the root, and a unit whose
    /// siblings the period does not cover are not (thứ hạng). It costs about 1 for each unit that is
    /// ranked.
    async fn standing(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = false,
            desc = "True ranks the unit among the siblings of its cluster alone \
                    (trong cụm, khối thi đua)."
        )]
        in_cluster: bool,
    ) -> Option<Result<Ready<Standing>>> {
        let structure = &self.snapshot.structure;
        let parent = structure.unit(self.key.unit).parent?;
        if !structure.is_within(parent, structure.period(self.period).owner) {
            // The period is not its siblings'.
            return None;
        }
        let rank_by = self.snapshot.measure_at_meeting(parent, self.period);
        let args =
            StandingArgs::at_meeting(rank_by, self.period, self.as_of(), self.since, in_cluster);
        let standing = Standing::answer(ctx, &self.snapshot, self.key.unit, args).await;
        standing.map(|standing| standing.map(Ready)).transpose()
    }

    /// The units directly below by ratio, or by the count of the period's metric while none of them
    /// has a target, with what they gained since `since`: 500 rows at most (bảng xếp hạng). It costs
    /// about 1 for each unit that is ranked, and what is selected of them.
    async fn board(&self, ctx: &Context<'_>) -> Result<Ready<Leaderboard>> {
        self.ranked_at_meeting(ctx).await.map(Ready)
    }

    /// The units directly below that gained most, the most first; none that gained nothing (tăng
    /// nhiều nhất). The briefing's argument `first` says how many. It costs about 1 for each unit
    /// that is ranked, and what is selected of the rows.
    async fn movers(&self, ctx: &Context<'_>) -> Result<ReadyList<LeaderboardEntry>> {
        let board = self.ranked(ctx, RankBy::Gained).await?;
        let rows = board.rows().iter().take(self.first()).take_while(|row| row.gained > 0);
        Ok(board.entries_of(&rows.copied().collect::<Vec<_>>()))
    }

    /// The units directly below that are behind their targets, the least ratio first; none for
    /// callers who are not staff of the unit (chậm tiến độ). The briefing's argument `first` says how
    /// many. Behind is a unit whose pace does not reach its target, or that did not reach it in a
    /// period that is over. It costs about 1 for each unit that is ranked, and what is selected of
    /// the rows.
    async fn laggards(&self, ctx: &Context<'_>) -> Result<ReadyList<LeaderboardEntry>> {
        if !self.names_units {
            return Ok(ReadyList::default());
        }
        let context = RequestContext::of(ctx);
        let board = self.ranked(ctx, RankBy::TargetRatio).await?;
        for day in self.snapshot.days_of_delays(self.period, self.as_of()) {
            context.scan(self.snapshot.count_standings(self.period, day)).await?;
        }
        let delays = self.snapshot.delays(self.period, self.as_of(), &*context.meter).await;
        let delays = context.unless_stopped(delays)?;
        let behind = board.rows().iter().filter(|row| delays.is_behind(row.unit));
        let mut behind: Vec<RankedUnit> = behind.copied().collect();
        // Equals stay in the order of their codes.
        behind.sort_by_key(|row| std::cmp::Reverse(row.rank));
        behind.truncate(self.first());
        Ok(board.entries_of(&behind))
    }

    /// A page of the open units directly below without any submitted initiative, in the order of
    /// names; without rows for callers who are not staff of the unit (chưa có sáng kiến). It costs
    /// about 3 for each 2 of the units directly below, and what is selected of the rows of the page.
    async fn not_started(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
    ) -> Result<Ready<UnitConnection>> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        self.units(ctx, UnitsAtMeeting::NotStarted, args).await.map(Ready)
    }

    /// A page of the open units directly below that have begun, but had no entry for some days, the
    /// longest silence first; without rows for callers who are not staff of the unit (lâu chưa có
    /// sáng kiến mới). It costs about 3 for each 2 of the units directly below, and what is selected
    /// of the rows of the page.
    async fn silent(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 7,
            desc = "Number of days since the last entry, 0 or more; BAD_ARGUMENT if it is \
                    negative (số ngày)."
        )]
        days: Option<i32>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
    ) -> Result<Ready<UnitConnection>> {
        let days = days.unwrap_or(SILENT_DAYS);
        if days < 0 {
            return Err(Code::BadArgument.says(ErrorMessage::NegativeDays { name: "days" }));
        }
        let args = PageArgs { first, after, ..PageArgs::default() };
        self.units(ctx, UnitsAtMeeting::Silent(days), args).await.map(Ready)
    }

    /// The clusters of the units directly below in the order of names, last a row for those in none
    /// (các cụm, khối thi đua). It costs about 3 for each 2 units that are ranked, and what is selected
    /// of the rows.
    async fn clusters(&self, ctx: &Context<'_>) -> Result<ReadyList<ClusterRow>> {
        let board = self.ranked_at_meeting(ctx).await?;
        let values = self.values(ctx).await?;
        let structure = &self.snapshot.structure;
        let period = structure.period(self.period);
        let sums =
            board::clusters(structure, period, board.rows(), |unit| values.rank_values(unit));
        let row = |sums: board::ClusterSums| ClusterRow {
            units: sums.units,
            met: sums.met,
            submitted: sums.submitted,
            accepted: sums.accepted,
            gained: sums.gained,
            target: sums.target(),
            ratio: sums.ratio(),
            leaders: board.entries_of(&sums.leaders),
            cluster: sums.cluster,
        };
        Ok(sums.into_iter().map(row).collect())
    }

    /// Numbers of the ranked units by the shares of their targets that they have reached (mức đạt
    /// chỉ tiêu). They add up to the board's `ranked`. The rows cost about 4 for each 3 units
    /// that are ranked, and what is selected of them.
    async fn bands(&self, ctx: &Context<'_>) -> Result<ReadyList<RatioBand>> {
        let board = self.ranked(ctx, RankBy::TargetRatio).await?;
        let values = self.values(ctx).await?;
        let structure = &self.snapshot.structure;
        let period = structure.period(self.period);
        let units = board.rows().iter().map(|row| row.unit);
        let bands = board::bands(structure, period, units, |unit| values.rank_values(unit));
        Ok(bands.into_iter().map(Into::into).collect())
    }

    /// Numbers of initiatives that wait for review or correction at the end of `until`, by days
    /// since submission (hồ sơ chờ xử lý). They add up to `pending` and `returned` of the tally. It
    /// costs as much as a breakdown; with `until` about 1 for each 80 initiatives of the whole union.
    async fn backlog(&self, ctx: &Context<'_>) -> Result<ReadyList<BacklogRow>> {
        let context = RequestContext::of(ctx);
        let (unit, period, until) = (self.key.unit, self.period, self.until);
        context.scan(self.snapshot.count_backlog(unit, period, until)).await?;
        let backlog = self.snapshot.backlog(unit, period, until, &*context.meter).await;
        let backlog = context.unless_stopped(backlog)?;
        Ok(backlog.iter().copied().map(Into::into).collect())
    }

    /// The unit's own targets in the period, reached as of the end of `until`; those of parts are left
    /// out when that is past (các chỉ tiêu). They cost about 1 for each 3 targets, and what is selected
    /// of them.
    async fn targets(&self) -> ReadyList<Target> {
        let (snapshot, as_of) = (&self.snapshot, self.as_of());
        let rows = snapshot.structure.targets_for(self.key.unit, self.period).iter();
        let rows = rows.filter(|row| as_of.is_none() || row.key.part.is_whole());
        let target = |row| Target { snapshot: Arc::clone(snapshot), row: Arc::clone(row), as_of };
        rows.map(target).collect()
    }
}

/// Days of silence that are asked for if nobody says.
const SILENT_DAYS: i32 = 7;

/// The sums of the ranked units of one cluster (cụm, khối thi đua).
#[derive(SimpleObject)]
pub struct ClusterRow {
    /// The cluster's name; null for the units in none (tên cụm, khối thi đua).
    cluster: Option<String>,
    /// Number of ranked units in the cluster (số đơn vị).
    units: usize,
    /// Number of units whose ratio is 1.0 or more (số đơn vị đạt chỉ tiêu).
    met: usize,
    /// Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký).
    submitted: i32,
    /// Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ).
    accepted: i32,
    /// The count of the period's metric less that of the end of the day before `since` (mức tăng).
    gained: i32,
    /// The goals of the units that have one above zero, added up; null if none has (tổng chỉ tiêu
    /// được giao).
    target: Option<i32>,
    /// The count of the period's metric of the units with such a target, divided by `target`; null
    /// without a target (tỷ lệ đạt chỉ tiêu).
    ratio: Option<f64>,
    /// The rows of all units of rank 1 by ratio in the cluster, with their ranks there, in the order
    /// of codes (các đơn vị dẫn đầu). They cost about 1 for each 3 rows, and what is selected of them.
    leaders: ReadyList<LeaderboardEntry>,
}

/// The number of ranked units whose ratio lies in a band (mức đạt chỉ tiêu).
#[derive(SimpleObject)]
pub struct RatioBand {
    /// The least ratio in the band; null in the row of units without a target (từ).
    from: Option<f64>,
    /// The ratio that those in the band stay below; null in the last band, and in the row of units
    /// without a target (dưới).
    below: Option<f64>,
    /// Number of ranked units in the band (số đơn vị).
    units: usize,
}

impl From<board::RatioBand> for RatioBand {
    fn from(band: board::RatioBand) -> Self {
        let board::RatioBand { from, below, units } = band;
        Self { from, below, units }
    }
}

/// The number of initiatives of an age that wait for review or correction (hồ sơ chờ xử lý).
#[derive(SimpleObject)]
pub struct BacklogRow {
    /// The least number of days since submission (từ số ngày).
    from_days: i32,
    /// The greatest number of days since submission; null in the last row (đến số ngày).
    to_days: Option<i32>,
    /// Number of initiatives that wait for review (số sáng kiến chờ xét duyệt).
    pending: i32,
    /// Number of initiatives that a review sent back for correction (số sáng kiến trả lại để chỉnh
    /// sửa).
    returned: i32,
}

impl From<board::BacklogRow> for BacklogRow {
    fn from(row: board::BacklogRow) -> Self {
        let board::BacklogRow { from_days, to_days, pending, returned } = row;
        Self { from_days, to_days, pending, returned }
    }
}
