use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object, Result};

use super::breakdown::{BreakdownRow, kept_breakdown};
use super::leaderboard::{LeaderboardArgs, LeaderboardKey};
use super::{Leaderboard, Period, Tally};
use crate::board::{Kept, Snapshot};
use crate::domain::{self, PeriodId, UnitId, Version};
use crate::feed::cursor::Cursor;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{BreakdownBy, RankBy, TargetMetric, UnitKind};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::inputs::{UnitRef, existing_unit};
use crate::graphql::schema::scalars::{Date, DateTime, Long};

/// The way in which a period's figures came to be kept (cách chốt số liệu).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::ClosingKind")]
pub enum ClosingKind {
    /// Kept by the midnight that ended the period's last day; nobody has to ask (chốt cuối ngày).
    Day,
    /// Kept by an officer of the period's owner, when reviews were done (chốt chính thức).
    Final,
}

/// A period's figures as they stood at one event of the log: states, tree, dates, targets and
/// head-counts of then (chốt số liệu). No number of it changes; live figures go on beside it.
#[derive(Description, Clone)]
pub struct Closing {
    pub snapshot: Arc<Snapshot>,
    pub row: Arc<domain::Closing>,
}

impl Closing {
    /// The period's closing of that version; `None` if there is none.
    pub fn find(snapshot: &Arc<Snapshot>, period: PeriodId, version: Version) -> Option<Self> {
        let row = Arc::clone(snapshot.closings().get(period, version)?);
        Some(Self { snapshot: Arc::clone(snapshot), row })
    }

    /// The period's last closing once the period is over.
    pub fn last(ctx: &Context<'_>, snapshot: &Arc<Snapshot>, period: PeriodId) -> Option<Self> {
        let dependencies = &RequestContext::of(ctx).dependencies;
        dependencies.structure();
        dependencies.day();
        let row = Arc::clone(snapshot.last_closing(period)?);
        Some(Self { snapshot: Arc::clone(snapshot), row })
    }

    /// All closings of a period, oldest first.
    pub fn all(ctx: &Context<'_>, snapshot: &Arc<Snapshot>, period: PeriodId) -> ReadyList<Self> {
        let dependencies = &RequestContext::of(ctx).dependencies;
        dependencies.structure();
        dependencies.day();
        let rows = snapshot.closings().of(period).iter();
        rows.map(|row| Self { snapshot: Arc::clone(snapshot), row: Arc::clone(row) }).collect()
    }

    /// The figures.
    ///
    /// # Errors
    /// UNAVAILABLE while they are made anew.
    pub async fn figures(&self, ctx: &Context<'_>) -> Result<Arc<Kept>> {
        RequestContext::of(ctx).kept(&self.snapshot, &self.row).await
    }

    /// The tally of a unit; `None` if the period did not cover it.
    pub async fn tally_of(&self, ctx: &Context<'_>, unit: UnitId) -> Result<Option<Tally>> {
        let kept = self.figures(ctx).await?;
        Ok(kept.covers(unit).then(|| Tally::kept(Arc::clone(&self.snapshot), unit, kept)))
    }
}

#[Object(use_type_description)]
impl Closing {
    /// Global id of the closing, made from its period and its version (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Closing(self.row.period, self.row.version()).encode()
    }

    /// The period whose figures were kept, as it is now (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.snapshot), id: self.row.period })
    }

    /// The way in which the figures came to be kept (cách chốt số liệu).
    async fn kind(&self) -> ClosingKind {
        self.row.kind.into()
    }

    /// The period's first day of then (ngày bắt đầu).
    async fn starts_on(&self) -> Date {
        Date(self.row.starts_on)
    }

    /// The period's last day of then, which belonged to it whole (ngày kết thúc).
    async fn ends_on(&self) -> Date {
        Date(self.row.ends_on)
    }

    /// The period's metric of then, which ratios and ranks of the closing count (chỉ số). It costs as much
    /// as `tally`.
    async fn metric(&self, ctx: &Context<'_>) -> Result<TargetMetric> {
        Ok(self.figures(ctx).await?.period().metric.into())
    }

    /// The moment that the figures are of: 00:00 of the day after the last one, or the moment at
    /// which the officer made them final (thời điểm chốt số liệu).
    async fn at(&self) -> DateTime {
        DateTime(self.row.at)
    }

    /// The version of the log that the figures are of (phiên bản).
    async fn version(&self) -> Long {
        Long(self.row.version().0)
    }

    /// The position in the log: `initiativeEvents` after it are all that changed since (vị trí).
    async fn cursor(&self) -> String {
        let domain::Mark { version, tag } = self.row.mark;
        Cursor { version, tag }.encode()
    }

    /// The officer's words, at most 10,000 characters; null of DAY, and without any (ghi chú).
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// The kept counts of a unit, everything under it included; null if the period did not cover it
    /// then (số liệu). It costs about 1 for each unit that the period covered, if nobody asked for
    /// the closing of late.
    async fn tally(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit of the counts; the period's owner of then by default. \
                    REF_NOT_FOUND if it names nothing (đơn vị).")]
        unit: Option<UnitRef>,
    ) -> Option<Result<Ready<Tally>>> {
        let found = async {
            let unit = match unit {
                Some(unit) => {
                    RequestContext::of(ctx).dependencies.structure();
                    existing_unit(&self.snapshot, &unit.into())?
                }
                None => self.figures(ctx).await?.period().owner,
            };
            self.tally_of(ctx, unit).await
        };
        found.await.map(|tally| tally.map(Ready)).transpose()
    }

    /// The kept counts of a unit told apart, as `Unit.breakdown` tells them: of units that had units
    /// below them; else empty (cơ cấu số liệu). Teams are not known. Each unit keeps its 1,100
    /// most frequent fields, fewer where all units together have very many: a listed field beyond
    /// these has no row, and is counted under `*`. It costs about 1 for each unit that the period
    /// covered, if nobody asked for the closing of late.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The property whose values are the rows (tiêu chí cơ cấu).")]
        by: BreakdownBy,
        #[graphql(desc = "The unit of the counts; the period's owner of then by default. \
                    REF_NOT_FOUND if it names nothing (đơn vị).")]
        unit: Option<UnitRef>,
    ) -> Result<ReadyList<BreakdownRow>> {
        RequestContext::of(ctx).dependencies.structure();
        let unit = unit.map(|unit| existing_unit(&self.snapshot, &unit.into())).transpose()?;
        let rows = kept_breakdown(ctx, self, unit, by.into()).await?;
        Ok(rows.into_iter().collect())
    }

    /// A ranking by the kept figures, since the period's first day; null if the period did not
    /// cover `within` then (bảng xếp hạng). It costs about 1 for each unit that is ranked, as much as
    /// `tally`, and what is selected of the rows.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn leaderboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The unit whose units below are ranked; the period's owner of then by default. \
                    REF_NOT_FOUND if it names nothing (trong phạm vi đơn vị)."
        )]
        within: Option<UnitRef>,
        #[graphql(
            desc = "The kinds of units that are ranked, all of them below `within` instead of \
                    its direct children (loại đơn vị)."
        )]
        kinds: Option<Vec<UnitKind>>,
        #[graphql(desc = "The emulation cluster among the direct children that is ranked alone; \
                    BAD_ARGUMENT with `kinds` (cụm, khối thi đua).")]
        cluster: Option<String>,
        #[graphql(
            default_with = "Some(RankBy::TargetRatio)",
            desc = "The measure that orders the board (tiêu chí xếp hạng)."
        )]
        rank_by: Option<RankBy>,
        #[graphql(
            default = 20,
            desc = "Number of rows in `entries`, 0 to 500; else BAD_ARGUMENT (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(desc = "A unit whose row is answered in `around`, with its neighbours. \
                    REF_NOT_FOUND if it names nothing (đơn vị được hỏi).")]
        around: Option<UnitRef>,
    ) -> Option<Result<Ready<Leaderboard>>> {
        let (period, as_of, since) = (None, None, None);
        let found = async {
            RequestContext::of(ctx).dependencies.structure();
            let named = within.is_some();
            let args = LeaderboardArgs {
                within,
                period,
                kinds,
                cluster,
                rank_by,
                first,
                around,
                as_of,
                since,
            };
            let question = args.question(&self.snapshot)?;
            let kept = self.figures(ctx).await?;
            let within = if named { question.within } else { kept.period().owner };
            let question = LeaderboardKey {
                within,
                period: Some(self.row.period),
                closing: Some(self.row.version()),
                ..question
            };
            Leaderboard::answer_kept(ctx, Arc::clone(&self.snapshot), Arc::new(question), kept)
                .await
        };
        found.await.map(|board| board.map(Ready)).transpose()
    }
}
