//! Postings: what a change of an initiative does to the books.

use super::tally::Counts;

use super::books::{BooksBuilder, ChangesOfPeople, Posting};

use crate::domain::initiative::InitiativeState;
use crate::domain::{Day, InitiativeStatus, PersonId, Timestamp, UnitId};

/// The part of an initiative's state that counts.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    pub benefit_vnd: Option<i64>,
    /// Each person once.
    pub people: &'a [PersonId],
}

impl<'a> From<&'a InitiativeState> for Counted<'a> {
    fn from(state: &'a InitiativeState) -> Self {
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: &state.people,
        }
    }
}

/// The postings of a change: one, or two when the initiative left one unit for another.
pub(super) fn postings(
    before: Option<Counted<'_>>,
    after: Counted<'_>,
) -> impl Iterator<Item = Posting> {
    let (first, second) = match before {
        Some(before) if before.unit != after.unit => {
            (posting(before.unit, Some(before), None), Some(posting(after.unit, None, Some(after))))
        }
        before => (posting(after.unit, before, Some(after)), None),
    };
    std::iter::once(first).chain(second)
}

pub(super) fn posting(
    unit: UnitId,
    before: Option<Counted<'_>>,
    after: Option<Counted<'_>>,
) -> Posting {
    let submitted_at = after.or(before).map(|state| state.submitted_at).unwrap_or_default();
    let present = |state: &Counted<'_>| state.status != InitiativeStatus::Withdrawn;
    let was = before.filter(present);
    let is = after.filter(present);
    let mut counts = Counts::default();
    let mut people = ChangesOfPeople::new();
    for (state, sign) in [(was, -1), (is, 1)] {
        let Some(state) = state else { continue };
        counts.add(Counts::of(state.status, state.benefit_vnd).times(sign));
        for &person in state.people {
            match people.iter_mut().find(|(there, _)| *there == person) {
                Some((_, change)) => *change += sign,
                None => people.push((person, sign)),
            }
        }
    }
    people.retain(|(_, change)| *change != 0);
    Posting {
        unit,
        submitted: submitted_at.day(),
        counts,
        arrived: (was.is_none() && is.is_some()).then_some(submitted_at),
        left: (was.is_some() && is.is_none()).then_some(submitted_at),
        people,
    }
}

/// The changes within the reach of history, as postings.
#[derive(Default)]
pub struct RecentChanges(pub(super) BooksBuilder);

impl RecentChanges {
    /// Adds a change: the state before it holds until the day of the event.
    pub fn change(&mut self, before: Counted<'_>, after: Counted<'_>, day: Day) {
        let there = postings(Some(before), after).map(|posting| (posting, day));
        let back = postings(Some(after), before).map(|posting| {
            let submitted = posting.submitted;
            (posting, submitted)
        });
        for (mut posting, day) in there.chain(back) {
            // The present state already recorded the moment of submission.
            posting.arrived = None;
            posting.left = None;
            self.0.record(&posting, day);
        }
    }
}
