//! The sums of a leaderboard.

use async_graphql::SimpleObject;

use crate::board::{Part, RankingSums};
use crate::domain::period::Metric;
use crate::graphql::schema::scalars::Long;

/// The sums of the units that a leaderboard ranks (tổng số của các đơn vị được xếp hạng). Where a
/// ranked unit lies below another, `units`, `notStarted` and `met` count both, and the counts are
/// those of the upper one, which hold the lower one's.
#[derive(SimpleObject, Clone)]
pub struct BoardSum {
    /// Number of units that are ranked, as the board's `ranked` (số đơn vị được xếp hạng).
    units: usize,
    /// Number of ranked units without any submitted initiative in their subtree (số đơn vị chưa có
    /// sáng kiến).
    not_started: usize,
    /// Number of ranked units whose ratio is 1.0 or more (số đơn vị đạt chỉ tiêu).
    met: usize,
    /// The count of the period's metric less that of the end of the day before `since` (mức tăng).
    gained: i32,
    /// Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký).
    submitted: i32,
    /// Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ).
    accepted: i32,
    /// Number of submitted initiatives that wait for review (số sáng kiến chờ xét duyệt).
    pending: i32,
    /// Number of submitted initiatives that a review sent back for correction (số sáng kiến trả lại
    /// để chỉnh sửa).
    returned: i32,
    /// Number of submitted initiatives that a review found not valid (số sáng kiến không hợp lệ).
    rejected: i32,
    /// Yearly benefit of the accepted initiatives, in đồng, at most 2^53-1 (giá trị làm lợi).
    benefit_vnd: Long,
    /// The goals of the units that have one above zero, added up; null if none has (tổng chỉ tiêu
    /// được giao).
    target: Option<Long>,
    /// The count of the period's metric of the units with such a target, divided by `target`; the
    /// counts of other units are not in it. Null without a target (tỷ lệ đạt chỉ tiêu).
    ratio: Option<f64>,
}

/// The counts of a part of a leaderboard's total that no ranked unit contains (phần còn lại của
/// tổng số). `sum`, `own`, `closed` and `others` always add up to `total`.
#[derive(SimpleObject, Clone)]
pub struct BoardRest {
    /// The count of the period's metric less that of the end of the day before `since` (mức tăng).
    gained: i32,
    /// Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký).
    submitted: i32,
    /// Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ).
    accepted: i32,
    /// Number of submitted initiatives that wait for review (số sáng kiến chờ xét duyệt).
    pending: i32,
    /// Number of submitted initiatives that a review sent back for correction (số sáng kiến trả lại
    /// để chỉnh sửa).
    returned: i32,
    /// Number of submitted initiatives that a review found not valid (số sáng kiến không hợp lệ).
    rejected: i32,
    /// Yearly benefit of the accepted initiatives, in đồng, at most 2^53-1 (giá trị làm lợi).
    benefit_vnd: Long,
}

impl BoardSum {
    pub fn of(sums: &RankingSums, metric: Metric) -> Self {
        let part = BoardRest::of(&sums.ranked, metric);
        let BoardRest { gained, submitted, accepted, pending, returned, rejected, benefit_vnd } =
            part;
        Self {
            units: sums.units,
            not_started: sums.not_started,
            met: sums.met,
            gained,
            submitted,
            accepted,
            pending,
            returned,
            rejected,
            benefit_vnd,
            target: (sums.goals > 0).then_some(Long(sums.goals)),
            ratio: sums.ratio(),
        }
    }
}

impl BoardRest {
    pub fn of(part: &Part, metric: Metric) -> Self {
        let counts = &part.now.counts;
        Self {
            gained: part.gained(metric),
            submitted: counts.submitted(),
            accepted: counts.accepted,
            pending: counts.pending,
            returned: counts.returned,
            rejected: counts.rejected,
            benefit_vnd: Long(counts.benefit_vnd.shown()),
        }
    }
}
