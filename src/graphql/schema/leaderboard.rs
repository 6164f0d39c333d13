use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};
use serde::{Deserialize, Serialize};

use super::board_sums::{BoardRest, BoardSum};
use super::connection::check_first;
use super::past_day::{PastDay, check_as_of};
use super::standing::check_since;
use super::tally::{Source, closing};
use super::{Closing, Period, Tally, Unit};
use crate::board::{self, Kept, RankedUnit, Ranking, RankingKey, RankingSums, Snapshot, Stamp};
use crate::domain::period::Metric;
use crate::domain::unit::UnitKind;
use crate::domain::{Day, PeriodId, UnitId, Version};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{self, Figures, RankBy};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::inputs::{
    PeriodRef, UnitRef, existing_period, existing_unit, name_or_nothing,
};
use crate::graphql::schema::scalars::{Date, DateTime, Long};
use crate::limits::PAGE_DEFAULT;
use crate::messages::ErrorMessage;

/// The question as asked: what is left to defaults stays open, so that it means the same tomorrow
/// and serves as the board's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaderboardKey {
    pub within: UnitId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<UnitKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    pub rank_by: crate::board::RankBy,
    pub first: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<UnitId>,
    /// A past day; never today, whose figures are those of now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    /// The version of the period's closing whose figures they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Version>,
}

impl LeaderboardKey {
    /// Whether a question of kept figures names no other moment.
    pub const fn is_of_closing(&self) -> bool {
        self.as_of.is_none() && self.since.is_none()
    }

    /// Questions that mean the same are equal, and bounded in bytes.
    #[must_use]
    pub fn in_one_spelling(mut self) -> Self {
        self.kinds.sort_unstable();
        self.kinds.dedup();
        self.cluster = self.cluster.as_deref().map(name_or_nothing);
        self
    }
}

/// A ranking of units in a period (bảng xếp hạng). It ranks the open units among the direct
/// children of `within`, or all open units of the asked `kinds` below it. When a ratio ranks, units
/// without a target (or without `memberCount`) share the rank after all others, with the value 0.
#[derive(Description, Clone)]
pub struct Leaderboard {
    pub snapshot: Arc<Snapshot>,
    question: Arc<LeaderboardKey>,
    period: PeriodId,
    source: Source,
    since: Day,
    key: Arc<RankingKey>,
    ranking: Arc<Ranking>,
}

impl Leaderboard {
    /// `Ok(None)` while there is no period at all.
    pub async fn answer(
        ctx: &Context<'_>,
        snapshot: Arc<Snapshot>,
        question: Arc<LeaderboardKey>,
    ) -> Result<Option<Self>> {
        let dependencies = &RequestContext::of(ctx).dependencies;
        dependencies.unit(&snapshot, question.within);
        dependencies.structure();
        dependencies.day();
        check_first(question.first)?;
        if question.cluster.is_some() && !question.kinds.is_empty() {
            return Err(Code::BadArgument.says(ErrorMessage::ClusterWithKinds));
        }
        let as_of = check_as_of(&snapshot, question.as_of)?;
        let since = check_since(&snapshot, as_of.unwrap_or(snapshot.today()), question.since)?;
        let Some(period) = question.period.or_else(|| snapshot.default_period()) else {
            return Ok(None);
        };
        let key = RankingKey {
            within: question.within,
            kinds: question.kinds.clone(),
            cluster: question.cluster.clone(),
            period,
            rank_by: question.rank_by,
            as_of,
            since,
        };
        let ranking = RequestContext::of(ctx).ranking(&snapshot, &key).await?;
        let source = Source::of(as_of.map(PastDay::of));
        let key = Arc::new(key);
        Ok(Some(Self { snapshot, question, period, source, since, key, ranking }))
    }

    /// A board of kept figures; `Ok(None)` if the period did not cover the unit.
    pub async fn answer_kept(
        ctx: &Context<'_>,
        snapshot: Arc<Snapshot>,
        question: Arc<LeaderboardKey>,
        kept: Arc<Kept>,
    ) -> Result<Option<Self>> {
        check_first(question.first)?;
        if question.cluster.is_some() && !question.kinds.is_empty() {
            return Err(Code::BadArgument.says(ErrorMessage::ClusterWithKinds));
        }
        if !kept.covers(question.within) {
            return Ok(None);
        }
        let (period, since) = (kept.closing().period, kept.period().starts_on);
        let key = RankingKey {
            within: question.within,
            kinds: question.kinds.clone(),
            cluster: question.cluster.clone(),
            period,
            rank_by: question.rank_by,
            as_of: None,
            since,
        };
        let ranking = RequestContext::of(ctx).kept_ranking(&snapshot, &kept, &key).await?;
        let (source, key) = (Source::Kept(kept), Arc::new(key));
        Ok(Some(Self { snapshot, question, period, source, since, key, ranking }))
    }

    async fn sums(&self, ctx: &Context<'_>) -> Result<Arc<RankingSums>> {
        let context = RequestContext::of(ctx);
        match &self.source {
            Source::Kept(kept) => context.kept_ranking_sums(&self.snapshot, kept, &self.key).await,
            _ => context.ranking_sums(&self.snapshot, &self.key).await,
        }
    }

    fn metric(&self) -> Metric {
        match &self.source {
            Source::Kept(kept) => kept.period().metric,
            _ => self.snapshot.structure.period(self.period).metric,
        }
    }

    fn changed(&self) -> Stamp {
        if let Source::Kept(kept) = &self.source {
            return Stamp { version: kept.closing().version(), at: kept.closing().at };
        }
        self.snapshot.tally_changed(self.question.within)
    }

    fn tally(&self, unit: UnitId) -> Tally {
        Tally::by(Arc::clone(&self.snapshot), unit, self.period, self.source.clone())
    }

    /// All rows, best rank first.
    pub fn rows(&self) -> &[RankedUnit] {
        &self.ranking.rows
    }

    /// Rows of the board, or of a part of it.
    pub fn entries_of(&self, rows: &[RankedUnit]) -> ReadyList<LeaderboardEntry> {
        let entry = |row: &RankedUnit| {
            let unit = Unit { snapshot: Arc::clone(&self.snapshot), id: row.unit };
            let tally = self.tally(row.unit);
            LeaderboardEntry {
                rank: row.rank,
                previous_rank: row.previous_rank,
                value: row.value,
                gained: row.gained,
                tally: Ready(tally),
                unit: Ready(unit),
            }
        };
        rows.iter().map(entry).collect()
    }
}

#[Object(use_type_description)]
impl Leaderboard {
    /// Global id of the board, made from the arguments that asked for it (mã toàn cục).
    pub async fn id(&self) -> ID {
        let question = serde_json::to_string(&*self.question).unwrap_or_default();
        GlobalId::Leaderboard(question).encode()
    }

    /// The unit whose units below are ranked (trong phạm vi).
    async fn within(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.question.within })
    }

    /// The period that the board counts (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.snapshot), id: self.period })
    }

    /// The measure that orders the board (tiêu chí xếp hạng).
    async fn rank_by(&self) -> RankBy {
        self.question.rank_by.into()
    }

    /// The moment that the board's figures are of: of now, of the end of a day, or kept (số liệu
    /// lúc nào).
    async fn figures(&self) -> Figures {
        self.source.figures()
    }

    /// The closing whose figures these are. Live and past figures
    /// have the period's last one once it is over; null while it runs, and without any (chốt số liệu).
    async fn closing(&self, ctx: &Context<'_>) -> Option<Ready<Closing>> {
        closing(ctx, &self.snapshot, self.period, &self.source).map(Ready)
    }

    /// The first day that `gained` counts; `previousRank` is of the day before it (tính từ ngày).
    async fn since(&self) -> Date {
        Date(self.since)
    }

    /// The version of the last change that the board shows; it never falls (phiên bản số liệu).
    async fn version(&self) -> Long {
        Long(self.changed().version.0)
    }

    /// The moment of the last change that the board shows; an unchanged board keeps it. A past
    /// day has the moment at which it was over, which is 00:00 of the next one; kept figures have that
    /// of their closing (số liệu tính đến).
    async fn as_of(&self) -> DateTime {
        DateTime(match &self.source {
            Source::PastDay(past) => past.day.plus(1).start(),
            _ => self.changed().at,
        })
    }

    /// The counts of `within` with everything under it (tổng số).
    async fn total(&self) -> Ready<Tally> {
        Ready(self.tally(self.question.within))
    }

    /// The sums of the ranked units, and how many of them there are (tổng số của các đơn vị được xếp
    /// hạng). With `own`, `closed` and `others` it adds up to `total`. These four cost about 1 for
    /// each 3 units that are ranked, with `kinds` or `cluster` for each 3 units below `within`.
    async fn sum(&self, ctx: &Context<'_>) -> Result<Ready<BoardSum>> {
        Ok(Ready(BoardSum::of(&*self.sums(ctx).await?, self.metric())))
    }

    /// The counts of what was entered at `within` itself (số liệu của chính đơn vị).
    async fn own(&self, ctx: &Context<'_>) -> Result<Ready<BoardRest>> {
        Ok(Ready(BoardRest::of(&self.sums(ctx).await?.own, self.metric())))
    }

    /// The counts of closed units with everything below them, unless a ranked unit contains it (số
    /// liệu của các đơn vị ngừng hoạt động).
    async fn closed(&self, ctx: &Context<'_>) -> Result<Ready<BoardRest>> {
        Ok(Ready(BoardRest::of(&self.sums(ctx).await?.closed, self.metric())))
    }

    /// The counts of open units that are not ranked: of other clusters or other kinds (số liệu của
    /// các đơn vị không được xếp hạng).
    async fn others(&self, ctx: &Context<'_>) -> Result<Ready<BoardRest>> {
        Ok(Ready(BoardRest::of(&self.sums(ctx).await?.others, self.metric())))
    }

    /// Number of units that are ranked: 83 in "21/83" (số đơn vị được xếp hạng).
    async fn ranked(&self) -> usize {
        self.ranking.rows.len()
    }

    /// The first rows of the board, as many as `first` asks for, best rank first (các dòng đầu
    /// bảng). It costs about 1 for each 3 rows, and what is selected of them.
    async fn entries(&self) -> ReadyList<LeaderboardEntry> {
        let first = usize::try_from(self.question.first).unwrap_or(0);
        let rows = &self.ranking.rows;
        self.entries_of(&rows[..first.min(rows.len())])
    }

    /// The row of the unit that the argument `around` names, with one row above and one below it;
    /// empty if none was named, or if that unit is not ranked (đơn vị được hỏi và hai đơn vị kề
    /// bên). It costs about 1 for each 3 rows, and what is selected of them.
    async fn around(&self) -> ReadyList<LeaderboardEntry> {
        let place = self.question.around.and_then(|unit| self.ranking.place_of(unit));
        let Some(place) = place else { return ReadyList(Vec::new()) };
        let rows = &self.ranking.rows;
        self.entries_of(&rows[place.saturating_sub(1)..(place + 2).min(rows.len())])
    }
}

/// A row of a leaderboard (dòng xếp hạng).
#[derive(SimpleObject, Clone)]
pub struct LeaderboardEntry {
    /// The unit's rank, from 1. Equals share the better rank, as in 1 1 3, and stand in the order
    /// of their codes (hạng).
    rank: u32,
    /// The unit's rank at the end of the day before `since`; null if it had none, and of a board by
    /// GAINED, whose counts begin on that day (hạng trước đó).
    previous_rank: Option<u32>,
    /// The measure that `rankBy` names, in its own unit: a number, a ratio of which 1.0 is 100 %,
    /// or đồng (giá trị xếp hạng).
    value: f64,
    /// The count of the period's metric less that of the end of the day before `since`; negative if
    /// more was withdrawn than entered (mức tăng).
    gained: i32,
    /// The unit's counts in the board's period (số liệu).
    tally: Ready<Tally>,
    /// The unit that the row ranks (đơn vị).
    unit: Ready<Unit>,
}

/// The arguments of the leaderboard fields, as asked.
#[derive(Debug)]
pub struct LeaderboardArgs {
    pub within: Option<UnitRef>,
    pub period: Option<PeriodRef>,
    pub kinds: Option<Vec<enums::UnitKind>>,
    pub cluster: Option<String>,
    pub rank_by: Option<RankBy>,
    pub first: Option<i32>,
    pub around: Option<UnitRef>,
    pub as_of: Option<Date>,
    pub since: Option<Date>,
}

impl LeaderboardArgs {
    /// # Errors
    /// REF_NOT_FOUND for what names nothing.
    pub fn question(self, snapshot: &Snapshot) -> Result<LeaderboardKey> {
        let unit = |unit: Option<UnitRef>| {
            unit.map(|unit| existing_unit(snapshot, &unit.into())).transpose()
        };
        let period = self.period.map(|period| existing_period(snapshot, &period.into()));
        let question = LeaderboardKey {
            within: unit(self.within)?.unwrap_or_else(|| snapshot.structure.root()),
            period: period.transpose()?,
            kinds: self.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
            cluster: self.cluster,
            rank_by: self.rank_by.map_or(board::RankBy::TargetRatio, Into::into),
            first: self.first.unwrap_or(PAGE_DEFAULT),
            around: unit(self.around)?,
            as_of: check_as_of(snapshot, self.as_of.map(|day| day.0))?,
            since: self.since.map(|day| day.0),
            closing: None,
        };
        Ok(question.in_one_spelling())
    }
}
