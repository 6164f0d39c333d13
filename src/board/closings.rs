//! The closings of all periods, as the log has them: a midnight closes each period whose last day it ends, an officer
//! makes figures final.

use std::collections::HashMap;
use std::sync::Arc;

use super::paged::Paged;
use super::structure::Structure;
use crate::domain::{Closing, Day, Event, EventBody, PeriodId, Version};

/// The closings of each period. Cloning it costs a reference count.
#[derive(Debug, Clone, Default)]
pub struct Closings {
    of_periods: Paged<OfPeriod>,
    most: usize,
}

/// Oldest first; most periods have none or one.
type OfPeriod = Option<Arc<Vec<Arc<Closing>>>>;

impl Closings {
    /// Those of a period, oldest first.
    pub fn of(&self, period: PeriodId) -> &[Arc<Closing>] {
        let list = self.of_periods.get(period.index()).and_then(Option::as_ref);
        list.map_or(&[], |list| list.as_slice())
    }

    /// The period's last one.
    pub fn last(&self, period: PeriodId) -> Option<&Arc<Closing>> {
        self.of(period).last()
    }

    /// The period's closing of that version.
    pub fn get(&self, period: PeriodId, version: Version) -> Option<&Arc<Closing>> {
        let list = self.of(period);
        let place = list.binary_search_by_key(&version, |closing| closing.version());
        place.ok().map(|place| &list[place])
    }

    /// Those of the period that has most.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// All of them, by number of the period.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Closing>> {
        self.of_periods.runs().flatten().flatten().flat_map(|list| list.iter())
    }

    pub(super) fn add(&mut self, closing: Arc<Closing>) {
        let list = self.of_periods.get_mut(closing.period.index()).get_or_insert_default();
        let list = Arc::make_mut(list);
        list.push(closing);
        self.most = self.most.max(list.len());
    }

    /// Adds what an event closes, which the structure has not been told of yet or was.
    pub fn note(&mut self, structure: &Structure, event: &Event) {
        for closing in closed_by(structure, event) {
            self.add(Arc::new(closing));
        }
    }

    /// Leaves those alone of which the question says so.
    pub(super) fn retain(&mut self, keeps: impl Fn(&Closing) -> bool) {
        let kept: Vec<_> = self.all().filter(|closing| keeps(closing)).cloned().collect();
        if kept.len() < self.all().count() {
            *self = Self::default();
            kept.into_iter().for_each(|closing| self.add(closing));
        }
    }
}

/// The closings at an event, by number of the period; `structure` is that of just before or behind the event.
pub fn closed_by(structure: &Structure, event: &Event) -> Vec<Closing> {
    match &event.body {
        EventBody::Day(began) => {
            let last = began.day.plus(-1);
            let ended = structure.periods().filter(|period| period.ends_on == last);
            let dates = ended.map(|period| (period.id, (period.starts_on, period.ends_on)));
            dates.map(|(period, dates)| Closing::of_midnight(period, dates, event)).collect()
        }
        EventBody::Finalized(finalized) => {
            let period = structure.get_period(finalized.period);
            let dates = period.map(|period| (period.starts_on, period.ends_on));
            let closing = |dates| Closing::by_officer(finalized.period, dates, event);
            dates.map(closing).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Finds the closings of a log in its events of days and periods, which are few.
#[derive(Debug, Default)]
pub struct ClosingsOfLog {
    dates: HashMap<PeriodId, (Day, Day)>,
    by_last_day: HashMap<Day, Vec<PeriodId>>,
    closings: Closings,
}

impl ClosingsOfLog {
    /// Takes an event of the log, in order; others than those of days and periods change nothing.
    pub fn event(&mut self, event: &Event) {
        match &event.body {
            EventBody::Period(change) => {
                let period = &change.after;
                let dates = (period.starts_on, period.ends_on);
                if let Some((_, last)) = self.dates.insert(period.id, dates) {
                    let of_day = self.by_last_day.entry(last).or_default();
                    of_day.retain(|&id| id != period.id);
                }
                self.by_last_day.entry(period.ends_on).or_default().push(period.id);
            }
            EventBody::Day(began) => {
                for &period in self.by_last_day.get(&began.day.plus(-1)).into_iter().flatten() {
                    let closing = Closing::of_midnight(period, self.dates[&period], event);
                    self.closings.add(Arc::new(closing));
                }
            }
            EventBody::Finalized(finalized) => {
                if let Some(&dates) = self.dates.get(&finalized.period) {
                    let closing = Closing::by_officer(finalized.period, dates, event);
                    self.closings.add(Arc::new(closing));
                }
            }
            EventBody::Initiative(..)
            | EventBody::Unit(..)
            | EventBody::Targets(_)
            | EventBody::Rule(_)
            | EventBody::Assessment(_) => {}
        }
    }

    /// Those of the events so far.
    pub const fn closings(&self) -> &Closings {
        &self.closings
    }

    pub fn finish(self) -> Closings {
        self.closings
    }
}
