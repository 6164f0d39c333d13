//! Closings: a period's figures, kept at one event (chốt số liệu).

use std::sync::Arc;

use super::text_enum::text_enum;
use super::{Day, Event, Mark, PeriodId, Timestamp, Version};

text_enum! {
    pub enum ClosingKind {
        /// By the midnight that ended the period's last day.
        Day = "DAY",
        /// By an officer of the owner, when reviews were done.
        Final = "FINAL",
    }
}

/// The figures of a period as they stood at one event of the log, which is the fact. They never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub period: PeriodId,
    pub kind: ClosingKind,
    /// The period's first day of then; `ends_on` is the last one.
    pub starts_on: Day,
    pub ends_on: Day,
    /// The moment that the figures are of.
    pub at: Timestamp,
    /// The event at which they were kept.
    pub mark: Mark,
    pub note: Option<Arc<str>>,
}

impl Closing {
    /// The closing by the midnight whose event this is.
    pub const fn of_midnight(
        period: PeriodId,
        (starts_on, ends_on): (Day, Day),
        event: &Event,
    ) -> Self {
        let (kind, at) = (ClosingKind::Day, ends_on.plus(1).start());
        Self { period, kind, starts_on, ends_on, at, mark: event.mark(), note: None }
    }

    /// The closing by an officer whose event this is.
    pub fn by_officer(period: PeriodId, (starts_on, ends_on): (Day, Day), event: &Event) -> Self {
        let (kind, at) = (ClosingKind::Final, event.at);
        let note = event.reason.as_deref().map(Arc::from);
        Self { period, kind, starts_on, ends_on, at, mark: event.mark(), note }
    }

    pub const fn version(&self) -> Version {
        self.mark.version
    }
}
