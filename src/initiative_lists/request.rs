//! Requests for a page of a list, or for how many initiatives it has.

use crate::domain::PeriodId;
use crate::store::{Filter, KeyRange, Order, Position};

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    pub filter: Filter,
    pub order: Order,
    pub descending: bool,
    /// Whether the page is taken from the end of the list, not from its beginning.
    pub from_end: bool,
    /// Rows at most.
    pub limit: usize,
    /// The page holds only rows after this one, in the order of the list.
    pub after: Option<Position>,
    /// The page holds only rows before this one.
    pub before: Option<Position>,
}

/// A page that was found, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    pub rows: Vec<Position>,
    /// Whether there are more rows in the direction that the page was taken in.
    pub more: bool,
}

/// A count that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountRequest {
    pub filter: Filter,
    /// The period of the filter's days, which the fold knows the counts of.
    pub period: Option<PeriodId>,
    /// Whether the filter asks for nothing but the period's days and statuses.
    pub is_plain: bool,
}

impl CountRequest {
    /// Bytes that it takes, its texts included.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.filter.bytes_of_texts()
    }
}

impl PageRequest {
    /// The range, read from the side that the page is taken from.
    pub(super) const fn key_range(&self) -> KeyRange {
        if self.from_end {
            KeyRange {
                order: self.order,
                descending: !self.descending,
                after: self.before,
                before: self.after,
            }
        } else {
            KeyRange {
                order: self.order,
                descending: self.descending,
                after: self.after,
                before: self.before,
            }
        }
    }

    /// The page that begins with these rows, of which there is one more than fit it if there are more in its direction.
    pub(super) fn page_of(&self, mut rows: Vec<Position>) -> Page {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.from_end {
            rows.reverse();
        }
        Page { rows, more }
    }

    /// Whether the order or the filter looks at a field that confidential rows hide.
    pub(super) const fn hides(&self) -> bool {
        self.filter.field.is_some() || matches!(self.order, Order::Benefit)
    }
}
