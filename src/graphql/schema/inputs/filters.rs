//! Filters and orders of lists of units.

use async_graphql::{InputObject, Result};

use super::{UnitRef, existing_unit};
use crate::board::{self, SearchText, Snapshot, TooManyWords};
use crate::domain::text::normalise;
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::mark::changed_after;
use crate::graphql::schema::enums::{OrderDirection, Sector, UnitKind, UnitOrderField};
use crate::graphql::schema::scalars::Long;
use crate::limits::{NAME_MAX, SEARCH_WORDS_MAX};
use crate::messages::ErrorMessage;

/// Conditions that a listed unit meets, all of them together; a condition left out lets all pass.
/// `notStarted`, `ratioBelow`, `silentDays` and `behind` are about the period beside the filter (bộ lọc đơn vị).
#[derive(InputObject, Debug, Clone, Default)]
pub struct UnitFilter {
    /// The unit that is listed with all units below it. REF_NOT_FOUND if it names nothing (trong
    /// phạm vi đơn vị).
    within: Option<UnitRef>,
    /// The kinds of organisation that the unit may be; an empty list lets all pass (loại đơn vị).
    kinds: Option<Vec<UnitKind>>,
    /// The emulation cluster that the unit belongs to among its siblings (cụm, khối thi đua).
    cluster: Option<String>,
    /// The side of working life that the unit belongs to (khu vực).
    sector: Option<Sector>,
    /// True finds units of foreign-invested enterprises, false all others (doanh nghiệp có vốn đầu
    /// tư nước ngoài).
    foreign_invested: Option<bool>,
    /// True finds closed units, false open ones (ngừng hoạt động).
    closed: Option<bool>,
    /// Words that the unit is found by, as `searchUnits` finds them (tìm theo tên, không cần dấu).
    text: Option<String>,
    /// True finds units without any submitted initiative in their subtree, false all others (chưa
    /// có sáng kiến).
    not_started: Option<bool>,
    /// A ratio, 0 or more, that the unit's ratio stays below; 1.0 is 100 %. Units without a target
    /// are not found. BAD_ARGUMENT if it is negative (tỷ lệ đạt chỉ tiêu dưới mức).
    ratio_below: Option<f64>,
    /// A number of days, 0 or more, that have passed since the unit's last entry in the period, or
    /// had when the period ended; units without any entry are found too. BAD_ARGUMENT if it is
    /// negative (số ngày chưa có sáng kiến mới).
    silent_days: Option<i32>,
    /// True finds units whose target lies above what their pace makes them reach
    /// (`pace.projected`), or that did not reach it in a period that is over; false finds all
    /// others. Units without a target, and all units before the period's first day, are among the
    /// others (chậm tiến độ).
    behind: Option<bool>,
    /// A version, 0 or more, after which the unit's own data, targets or tally in any period
    /// changed. When another period becomes the default one, every unit counts as changed. A change
    /// of the unit's rank or of the names above it does not count. Changes from before the server's
    /// last start may name units above and below the changed one as well. A version ahead of the
    /// log is answered with CURSOR_EXPIRED (thay đổi sau phiên bản).
    changed_after: Option<Long>,
    /// A mark from `extensions.mark`, after which the unit changed, as `changedAfter` tells. A mark
    /// of another log, as after a restored backup, is answered with CURSOR_EXPIRED and the present
    /// mark in `extensions`: copy everything anew. BAD_CURSOR if the text is no mark (thay đổi kể
    /// từ mốc).
    changed_since: Option<String>,
}

/// The order of a list of units; equals follow the order in which they were made (thứ tự đơn vị).
#[derive(InputObject, Debug, Clone)]
pub struct UnitOrder {
    /// The property that the list is ordered by (tiêu chí sắp xếp).
    field: UnitOrderField,
    /// The end of the order that comes first; the least by default (chiều sắp xếp).
    #[graphql(default_with = "OrderDirection::Ascending")]
    direction: OrderDirection,
}

impl UnitFilter {
    /// # Errors
    /// REF_NOT_FOUND for a unit that is not there, BAD_ARGUMENT for numbers out of range, those of
    /// [`changed_after`].
    pub async fn resolve(
        self,
        context: &RequestContext,
        snapshot: &Snapshot,
    ) -> Result<board::UnitFilter> {
        let within = self.within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let mut kinds: Vec<_> =
            self.kinds.unwrap_or_default().into_iter().map(Into::into).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if self.ratio_below.is_some_and(|below| below.is_nan() || below < 0.0) {
            return Err(Code::BadArgument.says(ErrorMessage::NegativeRatio));
        }
        if self.silent_days.is_some_and(|days| days < 0) {
            return Err(Code::BadArgument.says(ErrorMessage::NegativeDays { name: "silentDays" }));
        }
        let since = self.changed_since.as_deref();
        let changed_after =
            changed_after(context, snapshot, self.changed_after.map(|it| it.0), since).await?;
        Ok(board::UnitFilter {
            within,
            kinds,
            cluster: self.cluster.as_deref().map(name_or_nothing),
            sector: self.sector.map(Into::into),
            foreign_invested: self.foreign_invested,
            closed: self.closed,
            text: self.text.as_deref().map(search_text).transpose()?,
            not_started: self.not_started,
            ratio_below: self.ratio_below.map(board::Share),
            silent_days: self.silent_days,
            behind: self.behind,
            changed_after,
        })
    }
}

impl From<UnitOrder> for board::UnitOrder {
    fn from(order: UnitOrder) -> Self {
        Self { by: order.field.into(), direction: order.direction.into() }
    }
}

/// A name to filter by. A text longer than a name becomes the empty text, which is nobody's name either: so it
/// finds nothing, and is no part of what is kept.
pub fn name_or_nothing(text: &str) -> String {
    let name = normalise(text);
    if name.chars().count() > NAME_MAX { String::new() } else { name }
}

/// # Errors
/// BAD_ARGUMENT for more words than can be searched by.
pub fn search_text(text: &str) -> Result<SearchText> {
    SearchText::new(text).map_err(|TooManyWords(count)| {
        Code::BadArgument.says(ErrorMessage::TooManyWords { count, max: SEARCH_WORDS_MAX })
    })
}
