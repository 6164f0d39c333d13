use async_graphql::{Context, Result, SimpleObject};

use super::Closing;
use crate::auth::permissions::seen_subtrees;
use crate::board::{self, Snapshot, Texts};
use crate::domain::breakdown::BreakdownBy;
use crate::domain::{PeriodId, UnitId};
use crate::error;
use crate::graphql::context::RequestContext;
use crate::graphql::schema::scalars::Long;
use crate::initiative_lists;
use crate::messages::labels;
use crate::store::ReadTx;

/// A part of a unit's counts: the initiatives that one value holds of (dòng cơ cấu). In each count
/// the rows of a breakdown add up to the tally.
#[derive(SimpleObject)]
pub struct BreakdownRow {
    /// The value, by its name in the schema or by its code; `*` for all texts that have no row of their
    /// own; null for what is not known (giá trị).
    key: Option<String>,
    /// The value's name for people, in English or Vietnamese by `Accept-Language` (tên giá trị).
    label: String,
    /// Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký).
    submitted: i32,
    /// Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ).
    accepted: i32,
    /// Number of submitted initiatives that wait for review (số sáng kiến chờ xét duyệt).
    pending: i32,
    /// Number of submitted initiatives that a review sent back for correction (số sáng kiến trả lại để
    /// chỉnh sửa).
    returned: i32,
    /// Number of submitted initiatives that a review found not valid (số sáng kiến không hợp lệ).
    rejected: i32,
    /// Yearly benefit of the accepted initiatives, in đồng, at most 2^53-1 (giá trị làm lợi).
    benefit_vnd: Long,
    /// Number of people with at least one submitted initiative of the row; null where people are not
    /// told apart by the value (số người tham gia).
    participants: Option<i32>,
    /// Number of open grassroots unions that the row counts; null where units are not told apart by
    /// the value (số công đoàn cơ sở).
    grassroots_unions: Option<i32>,
    /// Number of these grassroots unions that have at least one submitted initiative; null where units
    /// are not told apart by the value (số công đoàn cơ sở có sáng kiến).
    active_grassroots_unions: Option<i32>,
}

/// The rows of a unit's breakdown.
///
/// # Errors
/// If the execution must stop, or tables cannot be read.
pub async fn breakdown(
    ctx: &Context<'_>,
    snapshot: &Snapshot,
    (unit, period): (UnitId, PeriodId),
    by: BreakdownBy,
) -> Result<Vec<BreakdownRow>> {
    let context = RequestContext::of(ctx);
    let sees = seen_subtrees(context.audience().grants(), &snapshot.structure);
    let is_seen = sees.iter().any(|&top| snapshot.structure.is_within(unit, top));
    let texts = if is_seen { Texts::Shown } else { Texts::Hidden };
    let rows = if by == BreakdownBy::Team {
        let read = async |tx: &mut ReadTx, snapshot: &Snapshot| {
            initiative_lists::by_team(tx, snapshot, (unit, period), texts).await
        };
        context.with_tables_and_board(read).await.map_err(error::of_store)?
    } else {
        context.scan(snapshot.breakdown_size(unit, period, by)).await?;
        let rows = snapshot.breakdown(unit, period, (by, texts), &*context.meter).await;
        context.unless_stopped(rows)?
    };
    Ok(shaped(context, snapshot, by, rows))
}

/// The rows of a unit's breakdown by kept figures; none if the unit had no units below it.
///
/// # Errors
/// If the execution must stop, or the figures cannot be read.
pub async fn kept_breakdown(
    ctx: &Context<'_>,
    closing: &Closing,
    unit: Option<UnitId>,
    by: BreakdownBy,
) -> Result<Vec<BreakdownRow>> {
    let context = RequestContext::of(ctx);
    let snapshot = &closing.snapshot;
    let kept = closing.figures(ctx).await?;
    let unit = unit.unwrap_or(kept.period().owner);
    let sees = seen_subtrees(context.audience().grants(), &snapshot.structure);
    let is_seen = sees.iter().any(|&top| snapshot.structure.is_within(unit, top));
    let texts = if is_seen { Texts::Shown } else { Texts::Hidden };
    let rows = kept.breakdown(unit, by, (snapshot.fields(), texts));
    Ok(shaped(context, snapshot, by, rows))
}

fn shaped(
    context: &RequestContext,
    snapshot: &Snapshot,
    by: BreakdownBy,
    rows: Vec<board::BreakdownRow>,
) -> Vec<BreakdownRow> {
    let language = context.audience().language;
    let row = |row: board::BreakdownRow| {
        let label = labels::of_row(by, row.key.as_deref(), snapshot.fields(), language);
        let (counts, units) = (row.counts, row.units);
        let unions = units.filter(|_| board::rests_on_units(by));
        BreakdownRow {
            label: label.into_owned(),
            submitted: counts.submitted(),
            accepted: counts.accepted,
            pending: counts.pending,
            returned: counts.returned,
            rejected: counts.rejected,
            benefit_vnd: Long(counts.benefit_vnd.shown()),
            participants: units.map(|units| units.participants),
            grassroots_unions: unions.map(|units| units.grassroots_unions),
            active_grassroots_unions: unions.map(|units| units.active_grassroots_unions),
            key: row.key.map(Into::into),
        }
    };
    rows.into_iter().map(row).collect()
}
