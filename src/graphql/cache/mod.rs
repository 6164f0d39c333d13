//! Results that are kept for whoever of the same audience asks the same.

pub mod changes;
mod entry;
mod key;

pub use entry::{Found, Kept, Slot};
pub use key::Question;

use std::convert::Infallible;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::graphql::execution::Execution;
use crate::limits::{ANSWER_MAX, ANSWERS_BYTES, ANSWERS_KEPT, ANSWERS_SHARDS};

/// Slots, bounded by count and bytes; what is asked for often stays.
pub struct Slots(Cache<Question, Weighed, Bytewise>);

/// The cache wants to find a weight as it was, until the slot is put in anew.
#[derive(Debug, Clone)]
struct Weighed {
    slot: Arc<Slot>,
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<Question, Weighed> for Bytewise {
    fn weight(&self, _: &Question, weighed: &Weighed) -> u64 {
        weighed.bytes
    }
}

impl Default for Slots {
    fn default() -> Self {
        // The cache would make four shards for each core, each with its part of the bytes: on 16 cores an
        // answer of half a megabyte would fit into none.
        let options = OptionsBuilder::new()
            .shards(ANSWERS_SHARDS)
            .estimated_items_capacity(ANSWERS_KEPT)
            .weight_capacity(ANSWERS_BYTES)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(
            options,
            Bytewise,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ))
    }
}

impl Slots {
    pub fn of(&self, question: &Question) -> Arc<Slot> {
        let made = || Ok::<_, Infallible>(Weighed::new(question, Arc::default()));
        match self.0.get_or_insert_with(question, made) {
            Ok(weighed) => weighed.slot,
            Err(never) => match never {},
        }
    }

    /// Weighs it anew, after what it holds has changed.
    pub fn weigh(&self, question: Question, slot: Arc<Slot>) {
        let weighed = Weighed::new(&question, slot);
        self.0.insert(question, weighed);
    }
}

impl Weighed {
    fn new(question: &Question, slot: Arc<Slot>) -> Self {
        let result = slot.newest().map_or(0, |kept| kept.result.text.len());
        // Twice, for the compressed form that may come to be.
        let bytes = (question.size() + size_of::<Slot>() + 2 * result) as u64;
        Self { slot, bytes }
    }
}

/// Whether the answer to a query, or what is told of an event, may be kept. That it is too much to be answered holds as
/// long as an answer would.
pub fn may_keep(execution: &Execution) -> bool {
    (execution.is_whole || execution.is_too_costly) && execution.result.text.len() <= ANSWER_MAX
}
