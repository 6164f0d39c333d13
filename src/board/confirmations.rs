//! The confirmed assessments, as the log has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Confirmation, Event, EventBody, PeriodId};

/// The confirmations of all periods. Cloning it costs a reference count.
#[derive(Debug, Clone, Default)]
pub struct Confirmations(Arc<BTreeMap<(PeriodId, String), Arc<Confirmation>>>);

impl Confirmations {
    /// The confirmation of the assessment by the rule of that code.
    pub fn get(&self, period: PeriodId, rule: &str) -> Option<&Arc<Confirmation>> {
        self.0.get(&(period, rule.to_owned()))
    }

    /// Those of a period, oldest first.
    pub fn of(&self, period: PeriodId) -> Vec<Arc<Confirmation>> {
        let from = (period, String::new());
        let all = self.0.range(from..).take_while(|((of, _), _)| *of == period);
        let mut all: Vec<_> = all.map(|(_, confirmation)| Arc::clone(confirmation)).collect();
        all.sort_by_key(|confirmation| confirmation.mark.version);
        all
    }

    /// The period that has most of them.
    pub fn period_with_most(&self) -> Option<PeriodId> {
        let mut most = None;
        let mut counted = (None, 0usize);
        for &(period, _) in self.0.keys() {
            let count = if counted.0 == Some(period) { counted.1 + 1 } else { 1 };
            counted = (Some(period), count);
            if most.is_none_or(|(_, of)| count > of) {
                most = Some((period, count));
            }
        }
        most.map(|(period, _)| period)
    }

    /// Whether an assessment by the rule of that code is confirmed.
    pub fn has_rule(&self, rule: &str) -> bool {
        self.0.keys().any(|(_, code)| code == rule)
    }

    /// All of them, by period and rule.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Confirmation>> {
        self.0.values()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the next event of the log.
    pub fn note(&mut self, event: &Event) {
        let EventBody::Assessment(change) = &event.body else { return };
        let all = Arc::make_mut(&mut self.0);
        let key = (change.period, change.rule.clone());
        match Confirmation::of(event, change) {
            Some(confirmation) => all.insert(key, Arc::new(confirmation)),
            None => all.remove(&key),
        };
    }
}
