//! A cache entry: the newest result of one key, fresh until one of its dependencies changes.
//!
//! *Concurrency.* One request executes, the leader, and other requests of the key wait for its result. After a failure
//! the waiters execute in parallel. A leader that is dropped or panics leaves the execution to the next waiter.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use crate::board::Snapshot;
use crate::feed::cursor::Cursor;
use crate::graphql::context::Dependencies;
use crate::graphql::execution::Execution;
use crate::graphql::execution::changes::ChangeFilter;
use crate::graphql::execution::result::ResultBytes;

/// The serial of the last state of a channel.
const LAST: u64 = u64::MAX - 1;

/// A result with the dependencies that keep it fresh.
#[derive(Debug)]
pub struct CachedResult {
    pub result: Arc<ResultBytes>,
    /// The newest version at which this result was confirmed, with the tag of its last event.
    pub as_of: Cursor,
    /// The generation of the board that it rests on.
    generation: u64,
    /// The number of different results before this one.
    pub serial: u64,
    dependencies: Dependencies,
}

impl CachedResult {
    /// The last result of a channel, whose feeds end with it.
    pub fn last(execution: Execution) -> Self {
        let Execution { result, as_of, generation, dependencies, .. } = execution;
        Self { result, as_of, generation, serial: LAST, dependencies }
    }

    /// Whether it rests on the same board, and no dependency has changed since, up to the snapshot's version.
    pub fn is_fresh(&self, snapshot: &Snapshot) -> bool {
        self.generation == snapshot.generation()
            && self.dependencies.last_change(snapshot).version <= self.as_of.version
    }
}

/// The newest result of one key.
#[derive(Debug, Default)]
pub struct CacheEntry {
    newest: ArcSwapOption<CachedResult>,
    /// The leader holds it. The filter of a channel's entry knows the state that was sent last.
    turn: Mutex<Option<ChangeFilter>>,
    /// Executions whose result could not be cached.
    failures: AtomicU64,
    /// Whether the last execution depended on more of the caller than the audience.
    is_private: AtomicBool,
}

/// The outcome of a request to an entry.
pub enum Lookup {
    Cached(Arc<CachedResult>),
    /// An execution for this request alone: it failed, at least in part.
    Uncached(Box<Execution>),
    /// The result depends on more of the caller than the audience: each caller needs an execution of its own.
    Private,
}

impl CacheEntry {
    /// The entry of a channel: a state that differs in its stamps alone keeps the serial of before.
    pub fn of_states() -> Self {
        Self { turn: Mutex::new(Some(ChangeFilter::default())), ..Self::default() }
    }

    /// The newest result, fresh or not.
    pub fn newest(&self) -> Option<Arc<CachedResult>> {
        self.newest.load_full()
    }

    fn fresh(&self, snapshot: &Snapshot) -> Option<Arc<CachedResult>> {
        self.newest().filter(|cached| cached.is_fresh(snapshot))
    }

    /// The cached result if it is fresh at the snapshot, else that of the execution under way, else that of `execute`,
    /// which must know no more of the caller than the audience. `may_cache` says whether a result is stored.
    pub async fn ask(
        &self,
        snapshot: &Snapshot,
        execute: impl AsyncFnOnce() -> Execution,
        may_cache: impl FnOnce(&Execution) -> bool,
    ) -> Lookup {
        if let Some(cached) = self.fresh(snapshot) {
            return Lookup::Cached(cached);
        }
        if self.is_private.load(Ordering::Relaxed) {
            return Lookup::Private;
        }
        let failures = self.failures.load(Ordering::Relaxed);
        let mut turn = Some(self.turn.lock().await);
        if let Some(cached) = self.fresh(snapshot) {
            return Lookup::Cached(cached);
        }
        if self.is_private.load(Ordering::Relaxed) {
            return Lookup::Private;
        }
        if self.failures.load(Ordering::Relaxed) != failures {
            // If the leader failed, waiters run in parallel instead of queueing behind further failures.
            turn = None;
        }
        let execution = execute().await;
        if execution.is_private {
            self.is_private.store(true, Ordering::Relaxed);
            return Lookup::Private;
        }
        if !may_cache(&execution) {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Lookup::Uncached(Box::new(execution));
        }
        let mut filter = match turn {
            Some(turn) => turn,
            None => self.turn.lock().await,
        };
        Lookup::Cached(self.store(execution, &mut filter))
    }

    /// Notes that an execution depended on the audience alone after all, so that the next is shared again.
    pub fn allow_sharing(&self) {
        self.is_private.store(false, Ordering::Relaxed);
    }

    fn store(&self, execution: Execution, filter: &mut Option<ChangeFilter>) -> Arc<CachedResult> {
        let Execution { result, comparable, dependencies, as_of, generation, .. } = execution;
        let before = self.newest();
        // An execution in parallel may have seen a newer board.
        let is_newer = |before: &&Arc<CachedResult>| {
            (before.generation, before.as_of.version) > (generation, as_of.version)
        };
        if let Some(newer) = before.as_ref().filter(is_newer) {
            return Arc::clone(newer);
        }
        let is_change = filter.as_mut().is_none_or(|filter| filter.is_change(comparable));
        // Subscribers receive a state only under a new serial. A new subscriber gets these bytes, with a `version` and
        // `asOf` that the others were not sent.
        let serial = before.map_or(0, |before| before.serial + u64::from(is_change));
        let cached = Arc::new(CachedResult { result, as_of, generation, serial, dependencies });
        self.newest.store(Some(Arc::clone(&cached)));
        cached
    }
}

#[cfg(test)]
mod tests {
    use crate::graphql::cache::{ResultCache, may_cache};
    use crate::limits::RESULT_MAX;
    use async_graphql::{Response, ServerError, Value};
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;
    use crate::board::{BoardBuilder, Stamp};
    use crate::domain::Version;

    fn execution(response: Response, as_of: i64) -> Execution {
        let as_of = Cursor { version: Version(as_of), tag: 0 };
        Execution {
            result: Arc::new(ResultBytes::of(&response)),
            is_whole: response.is_ok(),
            lacks_database: false,
            is_too_costly: false,
            comparable: None,
            cost: Duration::ZERO,
            dependencies: Dependencies::default(),
            as_of,
            generation: 0,
            shown: as_of,
            is_private: false,
            opened: None,
            awaited: None,
        }
    }

    fn failed() -> Execution {
        execution(Response::from_errors(vec![ServerError::new("away", None)]), 0)
    }

    /// The leader fails while others wait: they execute for themselves, and their results are cached like
    /// any other.
    #[tokio::test]
    async fn a_result_after_a_failure_is_cached() {
        let (entry, snapshot) =
            (CacheEntry::default(), BoardBuilder::default().build(Stamp::default(), 0).snapshot());
        let (fail, failing) = oneshot::channel();
        let first = entry.ask(
            &snapshot,
            async || {
                failing.await.unwrap();
                failed()
            },
            may_cache,
        );
        let result = |as_of: i64| execution(Response::new(Value::from(as_of)), as_of);
        let second = entry.ask(&snapshot, async || result(2), may_cache);
        // The third request waited as well, and began before the second was done.
        let third = entry.ask(&snapshot, async || result(1), may_cache);
        let (first, second, third, ()) = tokio::join!(first, second, third, async {
            fail.send(()).unwrap();
        });
        assert!(matches!(first, Lookup::Uncached(_)));
        for found in [second, third] {
            let Lookup::Cached(cached) = found else { panic!("it is cached") };
            assert_eq!(cached.as_of.version, Version(2));
        }
        assert_eq!(entry.newest().unwrap().as_of.version, Version(2));
    }

    /// The leader is dropped in the midst of its execution, or panics.
    #[tokio::test]
    async fn waiters_execute_when_the_leader_is_gone() {
        use std::panic::AssertUnwindSafe;

        use futures_util::FutureExt as _;

        let (entry, snapshot) =
            (CacheEntry::default(), BoardBuilder::default().build(Stamp::default(), 0).snapshot());
        let result = |as_of: i64| execution(Response::new(Value::from(as_of)), as_of);
        {
            let first = entry.ask(&snapshot, async || std::future::pending().await, may_cache);
            let mut first = std::pin::pin!(first);
            assert!(futures_util::poll!(&mut first).is_pending());
        }
        let panics = entry.ask(&snapshot, async || panic!("a fault"), may_cache);
        let second = entry.ask(&snapshot, async || result(1), may_cache);
        let (panicked, second) = tokio::join!(AssertUnwindSafe(panics).catch_unwind(), second);
        assert!(panicked.is_err());
        assert!(matches!(second, Lookup::Cached(_)));
    }

    /// The number of cores must make no difference.
    #[test]
    fn the_largest_result_fits_into_a_shard() {
        let shard = ResultCache::default().0.shard_capacity();
        assert!(shard >= 3 * RESULT_MAX as u64, "{shard}");
    }
}
