//! Answers, kept for whoever of the same audience asks the same, until something that they rest on
//! changes; and worked out by one for all who ask at the same time.

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

/// The serial after which there is none.
const LAST: u64 = u64::MAX - 1;

/// An answer, and how long it is good.
#[derive(Debug)]
pub struct CachedResult {
    pub result: Arc<ResultBytes>,
    /// The last event of the version at which the answer was found to be so; perhaps not first.
    pub as_of: Cursor,
    /// How many different ones there were before it.
    pub serial: u64,
    dependencies: Dependencies,
}

impl CachedResult {
    /// After which there is nothing more.
    pub fn last(execution: Execution) -> Self {
        let Execution { result, as_of, dependencies, .. } = execution;
        Self { result, as_of, serial: LAST, dependencies }
    }

    /// Whether it is what would be answered at the snapshot's version, or at a later one.
    pub fn is_fresh(&self, snapshot: &Snapshot) -> bool {
        self.dependencies.last_change(snapshot).version <= self.as_of.version
    }
}

/// The newest answer to one question.
#[derive(Debug, Default)]
pub struct CacheEntry {
    newest: ArcSwapOption<CachedResult>,
    /// Whoever works it out holds this; of a state feed with what was told last.
    turn: Mutex<Option<ChangeFilter>>,
    /// Executions that came to nothing that could be kept.
    failures: AtomicU64,
    /// Whether the last one rested on more of the caller than the audience.
    is_private: AtomicBool,
}

/// What there is for one who asks.
pub enum Lookup {
    Cached(Arc<CachedResult>),
    /// It was executed for nobody else: it failed, at least in part.
    Uncached(Box<Execution>),
    /// It rests on more of the caller than the audience.
    Private,
}

impl CacheEntry {
    /// Of a state feed: what says nothing new keeps the serial of before.
    pub fn of_states() -> Self {
        Self { turn: Mutex::new(Some(ChangeFilter::default())), ..Self::default() }
    }

    pub fn newest(&self) -> Option<Arc<CachedResult>> {
        self.newest.load_full()
    }

    fn fresh(&self, snapshot: &Snapshot) -> Option<Arc<CachedResult>> {
        self.newest().filter(|cached| cached.is_fresh(snapshot))
    }

    /// What is kept, if it is good at the snapshot; else what somebody is working out just now, or
    /// what comes of `execute`. That must know of the caller no more than the audience.
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
            // Those who wait do not fail one after the other.
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

    /// The question was answered without more of the caller after all.
    pub fn allow_sharing(&self) {
        self.is_private.store(false, Ordering::Relaxed);
    }

    fn store(&self, execution: Execution, filter: &mut Option<ChangeFilter>) -> Arc<CachedResult> {
        let Execution { result, told, dependencies, as_of, .. } = execution;
        let before = self.newest();
        // Of those who did not wait for each other, one may have seen more.
        if let Some(newer) = before.as_ref().filter(|before| before.as_of.version > as_of.version) {
            return Arc::clone(newer);
        }
        let is_change = filter.as_mut().is_none_or(|filter| filter.is_change(told));
        // Who follows hears of it where the serial is another. Who joins is shown these bytes, with the version and time
        // that nobody else was told of.
        let serial = before.map_or(0, |before| before.serial + u64::from(is_change));
        let cached = Arc::new(CachedResult { result, as_of, serial, dependencies });
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
            told: None,
            cost: Duration::ZERO,
            dependencies: Dependencies::default(),
            as_of,
            shown: as_of,
            is_private: false,
            opened: None,
            awaited: None,
        }
    }

    fn failed() -> Execution {
        execution(Response::from_errors(vec![ServerError::new("away", None)]), 0)
    }

    /// One works it out, in vain, while others wait: they try for themselves, and what they get is
    /// kept like any other.
    #[tokio::test]
    async fn what_comes_after_a_failure_is_kept() {
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
        // It waited as well, and had begun before the second was done.
        let third = entry.ask(&snapshot, async || result(1), may_cache);
        let (first, second, third, ()) = tokio::join!(first, second, third, async {
            fail.send(()).unwrap();
        });
        assert!(matches!(first, Lookup::Uncached(_)));
        for found in [second, third] {
            let Lookup::Cached(cached) = found else { panic!("it is kept") };
            assert_eq!(cached.as_of.version, Version(2));
        }
        assert_eq!(entry.newest().unwrap().as_of.version, Version(2));
    }

    /// Whoever works it out goes away in the midst of it, or fails in a way that nobody foresaw.
    #[tokio::test]
    async fn who_goes_away_leaves_the_others_to_work_it_out() {
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

    /// However many cores there are.
    #[test]
    fn the_largest_answer_fits_into_a_shard() {
        let shard = ResultCache::default().0.shard_capacity();
        assert!(shard >= 3 * RESULT_MAX as u64, "{shard}");
    }
}
