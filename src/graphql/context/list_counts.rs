//! Counts of lists, by the board or by tables. A count stays right until something in the list's subtree changes, so
//! the pages of a list, and everybody who looks at it, count it once.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::loaders::CountKey;
use crate::board::{Snapshot, Stamp};
use crate::domain::{Grant, UnitId};
use crate::graphql::bounded_cache::Bounds;
use crate::initiative_lists::CountRequest;
use crate::limits::{LIST_COUNTS, LIST_COUNTS_BYTES, LIST_COUNTS_SHARDS};

/// The counts.
#[derive(Debug)]
pub struct ListCounts(Cache<Key, Counted, Bytewise>);

/// A list as somebody with these grants sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    top: UnitId,
    request: Arc<CountRequest>,
    grants: Arc<[Grant]>,
}

/// A count, and the state that it is of.
#[derive(Debug, Clone, Copy)]
struct Counted {
    state: State,
    count: i64,
}

/// The state of the board that a count rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    subtree: Stamp,
    /// The last change of the tree, which decides what somebody with a role sees; none for anybody.
    structure: Option<Stamp>,
    generation: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<Key, Counted> for Bytewise {
    fn weight(&self, key: &Key, _: &Counted) -> u64 {
        let own = size_of::<(Key, Counted)>() + size_of_val(&*key.grants);
        (own + key.request.bytes()) as u64
    }
}

impl Default for ListCounts {
    fn default() -> Self {
        let (entries, bytes, shards) = (LIST_COUNTS, LIST_COUNTS_BYTES, LIST_COUNTS_SHARDS);
        Self(Bounds { entries, bytes, shards }.cache(Bytewise))
    }
}

impl ListCounts {
    /// The count of the list in the state of the snapshot, if it is kept.
    pub fn get(&self, snapshot: &Snapshot, key: &CountKey, grants: &Arc<[Grant]>) -> Option<i64> {
        let counted = self.0.get(&Key::of(key, grants))?;
        (counted.state == State::of(snapshot, key.top, grants)).then_some(counted.count)
    }

    /// Keeps the count of the list in the state of the snapshot.
    pub fn keep(&self, snapshot: &Snapshot, key: &CountKey, grants: &Arc<[Grant]>, count: i64) {
        let state = State::of(snapshot, key.top, grants);
        self.0.insert(Key::of(key, grants), Counted { state, count });
    }
}

impl Key {
    fn of(key: &CountKey, grants: &Arc<[Grant]>) -> Self {
        let (request, grants) = (Arc::clone(&key.request), Arc::clone(grants));
        Self { top: key.top, request, grants }
    }
}

impl State {
    fn of(snapshot: &Snapshot, top: UnitId, grants: &[Grant]) -> Self {
        Self {
            subtree: snapshot.unit_changed(top),
            structure: (!grants.is_empty()).then(|| snapshot.structure_changed()),
            generation: snapshot.generation(),
        }
    }
}
