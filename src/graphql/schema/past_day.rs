//! The argument `asOf`: figures of the end of a past day.

use std::sync::Arc;

use async_graphql::Result;
use tokio::sync::OnceCell;

use crate::board::{DayEnd, Snapshot};
use crate::domain::{Day, PeriodId};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::messages::ErrorMessage;

/// The day that `asOf` names; `None` for the figures of now, which those of today are.
///
/// # Errors
/// BAD_ARGUMENT for a day that lies ahead, or before the log's first.
pub fn check_as_of(snapshot: &Snapshot, as_of: Option<Day>) -> Result<Option<Day>> {
    let (first, today) = (snapshot.first_day(), snapshot.today());
    match as_of.filter(|&day| day != today) {
        Some(day) if !snapshot.has_ended(day) => {
            Err(Code::BadArgument.says(ErrorMessage::AsOfOutOfReach { first, today }))
        }
        day => Ok(day),
    }
}

/// The figures of a period at the end of a past day, counted when a field asks for them first.
#[derive(Debug)]
pub struct PastDay {
    pub day: Day,
    figures: OnceCell<Arc<DayEnd>>,
}

impl PastDay {
    pub fn of(day: Day) -> Arc<Self> {
        Arc::new(Self { day, figures: OnceCell::new() })
    }

    /// The figures; always of the same snapshot and period.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn figures(
        &self,
        context: &RequestContext,
        snapshot: &Snapshot,
        period: PeriodId,
    ) -> Result<&DayEnd> {
        let count = || context.day_end(snapshot, period, self.day);
        self.figures.get_or_try_init(count).await.map(|figures| &**figures)
    }
}
