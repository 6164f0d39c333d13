//! The tally of one unit in one period, and the sums that it is made of.

use super::benefit::BenefitSum;
use crate::domain::period::Metric;
use crate::domain::{InitiativeStatus, Timestamp};

/// The sums that initiatives add to; differences may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub accepted: i32,
    pub pending: i32,
    pub returned: i32,
    pub rejected: i32,
    /// The benefit of accepted initiatives, in đồng a year.
    pub benefit_vnd: BenefitSum,
}

impl Counts {
    /// The counts of one initiative in this state; zeros when it is withdrawn.
    pub fn of(status: InitiativeStatus, benefit_vnd: Option<i64>) -> Self {
        let mut counts = Self::default();
        match status {
            InitiativeStatus::Pending => counts.pending = 1,
            InitiativeStatus::Returned => counts.returned = 1,
            InitiativeStatus::Rejected => counts.rejected = 1,
            InitiativeStatus::Accepted => {
                counts.accepted = 1;
                counts.benefit_vnd = BenefitSum::of(benefit_vnd.unwrap_or(0));
            }
            InitiativeStatus::Withdrawn => {}
        }
        counts
    }

    pub const fn submitted(&self) -> i32 {
        self.accepted + self.pending + self.returned + self.rejected
    }

    #[must_use]
    pub const fn times(self, sign: i32) -> Self {
        Self {
            accepted: self.accepted * sign,
            pending: self.pending * sign,
            returned: self.returned * sign,
            rejected: self.rejected * sign,
            benefit_vnd: self.benefit_vnd.times(sign),
        }
    }

    pub const fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.pending += other.pending;
        self.returned += other.returned;
        self.rejected += other.rejected;
        self.benefit_vnd = self.benefit_vnd.plus(other.benefit_vnd);
    }
}

/// Every value that a ranking can order by; differences may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RankValues {
    pub counts: Counts,
    /// The number of people with at least one submitted initiative.
    pub participants: i32,
}

impl RankValues {
    pub const fn add(&mut self, other: Self) {
        self.counts.add(other.counts);
        self.participants += other.participants;
    }

    #[must_use]
    pub const fn times(self, sign: i32) -> Self {
        Self { counts: self.counts.times(sign), participants: self.participants * sign }
    }

    #[must_use]
    pub const fn minus(mut self, other: Self) -> Self {
        self.add(other.times(-1));
        self
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    pub const fn count(&self, metric: Metric) -> i32 {
        match metric {
            Metric::Submitted => self.counts.submitted(),
            Metric::Accepted => self.counts.accepted,
            Metric::Participants => self.participants,
        }
    }
}

/// One unit's counts in one period, its whole subtree included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub rank_values: RankValues,
    /// The submitted initiatives that were entered at the unit itself.
    pub own: i32,
    pub grassroots_unions: i32,
    pub active_grassroots_unions: i32,
    pub(super) last_submitted: LastSubmitted,
}

impl Tally {
    pub const fn counts(&self) -> &Counts {
        &self.rank_values.counts
    }

    pub const fn submitted(&self) -> i32 {
        self.rank_values.counts.submitted()
    }

    pub const fn last_submitted_at(&self) -> Option<Timestamp> {
        self.last_submitted.get()
    }
}

/// The part of a [`Tally`] that is kept for each unit and period: what initiatives change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    pub rank_values: RankValues,
    pub own: i32,
    pub active_unions: i32,
    pub last_submitted: LastSubmitted,
}

impl Cell {
    pub const fn submitted(&self) -> i32 {
        self.rank_values.counts.submitted()
    }

    /// Adds a direct child's cell, which includes the child's whole subtree.
    pub fn add_child(&mut self, child: &Self) {
        self.rank_values.add(child.rank_values);
        self.active_unions += child.active_unions;
        self.last_submitted = self.last_submitted.max(child.last_submitted);
    }
}

/// The moment at which the last one was submitted, in Unix milliseconds; 0 when nothing is submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct LastSubmitted(i64);

impl LastSubmitted {
    pub const fn get(self) -> Option<Timestamp> {
        if self.0 == 0 { None } else { Some(Timestamp(self.0)) }
    }
}

impl From<Option<Timestamp>> for LastSubmitted {
    fn from(at: Option<Timestamp>) -> Self {
        Self(at.map_or(0, |at| at.0))
    }
}
