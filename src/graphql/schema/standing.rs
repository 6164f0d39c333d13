//! The standing of one unit on a leaderboard.

use std::sync::Arc;

use async_graphql::{Context, Description, Object, Result};

use super::Unit;
use crate::board::{self, RankedUnit, RankingKey, Snapshot};
use crate::domain::{Day, PeriodId, UnitId};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::Ready;
use crate::graphql::schema::inputs::{PeriodRef, UnitRef, existing_unit, period_or_default};
use crate::graphql::schema::scalars::Date;
use crate::messages::ErrorMessage;

/// The first day of the movement: that of the figures, unless asked otherwise.
///
/// # Errors
/// BAD_ARGUMENT for what lies behind the day of the figures, or too far ahead of it.
pub fn check_since(snapshot: &Snapshot, day: Day, since: Option<Day>) -> Result<Day> {
    let since = since.unwrap_or(day);
    let earliest = snapshot.earliest_since_of(day);
    if since > day || since < earliest {
        return Err(Code::BadArgument.says(ErrorMessage::SinceOutOfReach { earliest, latest: day }));
    }
    Ok(since)
}

/// The rank of one unit among the units that it is compared with (thứ hạng).
#[derive(Description)]
pub struct Standing {
    snapshot: Arc<Snapshot>,
    within: UnitId,
    cluster: Option<String>,
    row: RankedUnit,
    of: usize,
}

/// The arguments of a unit's standing, as asked.
#[derive(Debug)]
pub struct StandingArgs {
    pub within: Option<UnitRef>,
    pub period: Option<PeriodRef>,
    pub rank_by: board::RankBy,
    pub since: Option<Date>,
    pub in_cluster: bool,
    /// Found by those who know it already, in the place of `period`.
    pub period_known: Option<PeriodId>,
    /// The past day of whose end the standing is.
    pub as_of: Option<Day>,
}

impl StandingArgs {
    /// Among siblings, for a meeting.
    pub const fn at_meeting(
        rank_by: board::RankBy,
        period: PeriodId,
        as_of: Option<Day>,
        since: Day,
        in_cluster: bool,
    ) -> Self {
        Self {
            within: None,
            period: None,
            rank_by,
            since: Some(Date(since)),
            in_cluster,
            period_known: Some(period),
            as_of,
        }
    }
}

impl Standing {
    /// `Ok(None)` where the unit is not ranked.
    pub async fn answer(
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        unit: UnitId,
        args: StandingArgs,
    ) -> Result<Option<Self>> {
        let dependencies = &RequestContext::of(ctx).dependencies;
        dependencies.structure();
        dependencies.day();
        let structure = &snapshot.structure;
        let row = structure.unit(unit);
        let within = args.within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let since = check_since(
            snapshot,
            args.as_of.unwrap_or(snapshot.today()),
            args.since.map(|day| day.0),
        )?;
        let period = match args.period_known {
            Some(period) => Some(period),
            None => period_or_default(ctx, snapshot, args.period)?,
        };
        let Some(within) = within.or(row.parent) else { return Ok(None) };
        dependencies.unit(snapshot, within);
        let is_parent = row.parent == Some(within);
        if args.in_cluster && !is_parent {
            return Err(Code::BadArgument.says(ErrorMessage::ClusterNotOfSiblings));
        }
        let cluster = row.cluster.clone().filter(|_| args.in_cluster);
        let Some(period) = period else { return Ok(None) };
        if args.in_cluster && cluster.is_none() {
            return Ok(None);
        }
        let key = RankingKey {
            within,
            kinds: if is_parent { Vec::new() } else { vec![row.kind] },
            cluster: cluster.clone(),
            period,
            rank_by: args.rank_by,
            as_of: args.as_of,
            since,
        };
        let ranking = RequestContext::of(ctx).ranking(snapshot, &key).await?;
        Ok(ranking.place_of(unit).map(|place| Self {
            snapshot: Arc::clone(snapshot),
            within,
            cluster,
            row: ranking.rows[place],
            of: ranking.rows.len(),
        }))
    }
}

#[Object(use_type_description)]
impl Standing {
    /// The unit's rank, from 1; equals share the better one (hạng).
    async fn rank(&self) -> u32 {
        self.row.rank
    }

    /// Number of units that are ranked: 83 in "21/83" (trên tổng số).
    async fn of(&self) -> usize {
        self.of
    }

    /// The unit's rank at the end of the day before `since`; null if it had none (hạng trước đó).
    async fn previous_rank(&self) -> Option<u32> {
        self.row.previous_rank
    }

    /// The measure that `rankBy` names, in its own unit: a number, a ratio of which 1.0 is 100 %,
    /// or đồng (giá trị xếp hạng).
    async fn value(&self) -> f64 {
        self.row.value
    }

    /// The count of the period's metric less that of the end of the day before `since`; negative if
    /// more was withdrawn than entered (mức tăng).
    async fn gained(&self) -> i32 {
        self.row.gained
    }

    /// The unit whose units below are ranked (trong phạm vi).
    async fn within(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.within })
    }

    /// The cluster that is ranked alone; null if all are ranked (cụm, khối thi đua).
    async fn cluster(&self) -> Option<&str> {
        self.cluster.as_deref()
    }
}
