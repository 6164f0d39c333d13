//! Rankings, earlier standings, figures of past days and of closings, breakdowns, assessments and lists of units, computed once and bounded together
//! by bytes.
//!
//! All snapshots of a board share one cache. An entry is computed outside of the cache's lock, and
//! once for all callers that ask for it at the same time: the others wait for the first without
//! keeping their threads, and if the first one stops, the next one computes. A ranking key has one
//! entry, the newest: a caller whose snapshot is newer replaces it. A snapshot older than the entry
//! computes for itself and stores nothing. A list is stored under its own version, since cursors lead
//! into it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::{Weighter, unsync};
use tokio::sync::OnceCell;

use super::breakdown::{ByInitiative, ByUnit};
use super::briefing::Backlog;
use super::column::Changes;
use super::day_end::DayEnd;
use super::kept::Kept;
use super::pause::Stopped;
use super::ranking::{Ranking, RankingKey};
use super::ranking_sums::RankingSums;
use super::unit_lists::UnitListKey;
use crate::domain::assessment::Assessed;
use crate::domain::{Day, PeriodId, UnitId, Version};
use crate::limits::{BOARD_CACHE_BYTES, BOARD_CACHE_ENTRIES};

/// The key of an entry. Different arguments have different keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Ranking(RankingKey),
    /// The sums beside that ranking.
    RankingSums(RankingKey),
    /// The changes in a period from a day until yesterday.
    Earlier(PeriodId, Day),
    /// The figures of a period at the end of a day.
    DayEnd(PeriodId, Day),
    /// The figures of the closing of that version, the rankings of which have the version, too.
    Kept(PeriodId, Version),
    KeptRanking(Version, RankingKey),
    KeptRankingSums(Version, RankingKey),
    /// The initiatives that wait in a unit's subtree at the end of a day.
    Backlog(UnitId, PeriodId, Day),
    /// A list as of the version that it rests on.
    UnitList(UnitListKey, Version),
    /// A unit's initiatives in a period by their own properties.
    ByInitiative(UnitId, PeriodId),
    /// The same by the properties of their units.
    ByUnit(UnitId, PeriodId),
    /// The assessment of the rule of a code in a period.
    Assessment(Box<str>, PeriodId),
    /// The same as it was confirmed.
    Confirmed(Box<str>, PeriodId),
}

/// The value of an entry, of the kind that its key names.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Ranking(Arc<Ranking>),
    RankingSums(Arc<RankingSums>),
    /// `None` if nothing changed.
    Earlier(Option<Arc<Changes>>),
    DayEnd(Arc<DayEnd>),
    Kept(Arc<Kept>),
    Backlog(Arc<Backlog>),
    UnitList(Arc<[UnitId]>),
    ByInitiative(Arc<ByInitiative>),
    ByUnit(Arc<ByUnit>),
    Assessment(Arc<Assessed>),
}

/// The first caller fills it; the others wait for that.
type Pending = Arc<OnceCell<Value>>;

#[derive(Debug, Clone)]
struct Entry {
    value: Pending,
    /// The last change of anything that the value rests on.
    rests_on: Version,
    /// A bound while the value is being computed, exact afterwards. Kept beside the value, because
    /// the cache wants the weight of an entry to stay the same while it holds it.
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct ByBytes;

impl Weighter<Key, Entry> for ByBytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        entry.bytes
    }
}

/// The cache of the module's description.
pub(super) struct Cache(Mutex<unsync::Cache<Key, Entry, ByBytes>>);

impl Default for Cache {
    fn default() -> Self {
        let cache = unsync::Cache::with_weighter(BOARD_CACHE_ENTRIES, BOARD_CACHE_BYTES, ByBytes);
        Self(Mutex::new(cache))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl Cache {
    fn lock(&self) -> MutexGuard<'_, unsync::Cache<Key, Entry, ByBytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of the key as of `rests_on`: from the cache, from another caller who is computing
    /// it now, or from `compute`. `at_most` bounds the bytes of what `compute` returns.
    ///
    /// # Errors
    /// When `compute` stops; then another caller who waits for it computes.
    pub async fn get_or_compute(
        &self,
        key: Key,
        rests_on: Version,
        at_most: usize,
        compute: impl FnOnce() -> Result<Value, Stopped>,
    ) -> Result<Value, Stopped> {
        self.get_or_read(key, rests_on, at_most, async || compute()).await
    }

    /// Like [`Self::get_or_compute`], for what has to be waited for.
    ///
    /// # Errors
    /// When `read` fails; then another caller who waits for it reads.
    pub async fn get_or_read<E>(
        &self,
        key: Key,
        rests_on: Version,
        at_most: usize,
        read: impl AsyncFnOnce() -> Result<Value, E>,
    ) -> Result<Value, E> {
        let Some(pending) = self.claim(&key, rests_on, at_most) else { return read().await };
        let mut is_new = false;
        let value = pending.get_or_try_init(async || {
            is_new = true;
            read().await
        });
        let value = match value.await {
            Ok(value) => value.clone(),
            Err(error) => {
                self.let_go(&key, &pending);
                return Err(error);
            }
        };
        if is_new {
            self.weigh(key, &pending, &value);
        }
        Ok(value)
    }

    /// Gives back the room of an entry that nobody filled.
    fn let_go(&self, key: &Key, pending: &Pending) {
        let mut cache = self.lock();
        let is_empty =
            |entry: &Entry| Arc::ptr_eq(&entry.value, pending) && entry.value.get().is_none();
        if cache.peek(key).is_some_and(is_empty) {
            cache.remove(key);
        }
    }

    /// The value of the key as of `rests_on`, if it is there.
    pub fn get(&self, key: &Key, rests_on: Version) -> Option<Value> {
        let cache = self.lock();
        let entry = cache.get(key).filter(|entry| entry.rests_on == rests_on)?;
        entry.value.get().cloned()
    }

    /// The entry to fill or to wait for; `None` if a newer one is there, which stays.
    fn claim(&self, key: &Key, rests_on: Version, at_most: usize) -> Option<Pending> {
        let mut cache = self.lock();
        match cache.get(key) {
            Some(entry) if entry.rests_on == rests_on => return Some(Arc::clone(&entry.value)),
            Some(entry) if entry.rests_on > rests_on => return None,
            _ => {}
        }
        let value = Pending::default();
        let bytes = (key.bytes() + at_most) as u64;
        cache.insert(key.clone(), Entry { value: Arc::clone(&value), rests_on, bytes });
        Some(value)
    }

    /// Gives the entry its exact weight, unless another has taken its place.
    fn weigh(&self, key: Key, pending: &Pending, value: &Value) {
        let mut cache = self.lock();
        let Some(entry) = cache.peek(&key).filter(|entry| Arc::ptr_eq(&entry.value, pending))
        else {
            return;
        };
        let bytes = (key.bytes() + value.bytes()) as u64;
        let entry = Entry { bytes, ..entry.clone() };
        cache.insert(key, entry);
    }
}

impl Key {
    /// Bytes of memory that the key and its entry take.
    fn bytes(&self) -> usize {
        let heap = match self {
            Self::Ranking(key)
            | Self::RankingSums(key)
            | Self::KeptRanking(_, key)
            | Self::KeptRankingSums(_, key) => key.heap_bytes(),
            Self::Earlier(..)
            | Self::DayEnd(..)
            | Self::Kept(..)
            | Self::ByInitiative(..)
            | Self::ByUnit(..)
            | Self::Backlog(..) => 0,
            Self::UnitList(key, _) => key.heap_bytes(),
            Self::Assessment(code, _) | Self::Confirmed(code, _) => code.len(),
        };
        // The cache's own table holds the key and the entry; the cell lies beside them.
        2 * size_of::<Self>() + size_of::<Entry>() + size_of::<OnceCell<Value>>() + heap
    }
}

impl Value {
    fn bytes(&self) -> usize {
        match self {
            Self::Ranking(ranking) => ranking.bytes(),
            Self::RankingSums(_) => size_of::<RankingSums>(),
            Self::Backlog(_) => size_of::<Backlog>(),
            Self::DayEnd(figures) => figures.bytes(),
            Self::Kept(kept) => kept.bytes(),
            Self::Earlier(changes) => changes.as_ref().map_or(0, |changes| changes.bytes()),
            Self::UnitList(rows) => size_of_val(&**rows),
            Self::ByInitiative(counted) => counted.bytes(),
            Self::ByUnit(_) => ByUnit::bytes(),
            Self::Assessment(assessed) => assessed.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::board::{RankBy, RankedUnit};

    /// The number of units in the country.
    const UNITS: u32 = 130_000;

    fn key(number: i32) -> Key {
        Key::Ranking(RankingKey {
            within: UnitId(1),
            kinds: Vec::new(),
            cluster: None,
            period: PeriodId(1),
            rank_by: RankBy::Submitted,
            as_of: None,
            since: Day::parse("2022-05-10").unwrap().plus(-number),
        })
    }

    fn ranking(units: u32) -> Value {
        let row = |unit| RankedUnit {
            unit: UnitId(unit),
            rank: unit,
            previous_rank: None,
            value: 0.0,
            gained: 0,
        };
        Value::Ranking(Arc::new(Ranking::new((1..=units).map(row).collect())))
    }

    /// Gets the value of a key that nobody else asks for.
    fn get(
        cache: &Cache,
        key: Key,
        rests_on: Version,
        at_most: usize,
        compute: impl FnOnce() -> Value,
    ) -> Value {
        let found = cache.get_or_compute(key, rests_on, at_most, || Ok(compute()));
        found.now_or_never().unwrap().unwrap()
    }

    fn rows(value: &Value) -> usize {
        match value {
            Value::Ranking(ranking) => ranking.rows.len(),
            _ => 0,
        }
    }

    #[test]
    fn boards_of_all_units_since_other_days_stay_within_the_bytes() {
        let cache = Cache::default();
        let value = ranking(UNITS);
        let at_most = Ranking::bytes_of(UNITS as usize);
        assert!((4 << 20..5 << 20).contains(&at_most), "{at_most}");
        for number in 0..124 {
            let found = get(&cache, key(number), Version(1), at_most, || value.clone());
            assert_eq!(rows(&found), UNITS as usize);
            assert!(cache.get(&key(number), Version(1)).is_some(), "{number} is kept at first");
        }
        let cache = cache.lock();
        assert!(cache.weight() <= BOARD_CACHE_BYTES, "{}", cache.weight());
        assert!(cache.weight() > BOARD_CACHE_BYTES / 2, "{}", cache.weight());
        assert_eq!(cache.iter().map(|(_, entry)| entry.bytes).sum::<u64>(), cache.weight());
        const { assert!(BOARD_CACHE_BYTES < 200_000_000) };
    }

    #[test]
    fn a_question_has_one_ranking_the_newest() {
        let cache = Cache::default();
        let ask =
            |version, units| rows(&get(&cache, key(0), Version(version), 0, || ranking(units)));
        for version in 1..=100 {
            assert_eq!(
                ask(version, u32::try_from(version).unwrap()),
                usize::try_from(version).unwrap()
            );
        }
        assert_eq!(ask(100, 7), 100, "it is there");
        assert_eq!(ask(99, 7), 7, "an older snapshot computes for itself");
        assert_eq!(ask(100, 7), 100, "and takes nothing from the others");
        let cache = cache.lock();
        assert_eq!(cache.len(), 1);
        let bytes = key(0).bytes() + ranking(100).bytes();
        assert_eq!(cache.weight(), bytes as u64, "exact once it is computed");
    }

    /// Callers that wait keep no thread: all of them ask upon this one.
    #[tokio::test]
    async fn it_is_computed_once_for_all_who_ask_at_the_same_time() {
        const ASKING: usize = 8;
        let (cache, computed) = (Cache::default(), AtomicUsize::new(0));
        let key = key(0);
        // The first caller is in the middle of its computation: it has the cell that the others
        // wait for.
        let pending = cache.claim(&key, Version(1), 0).unwrap();
        let (go, gate) = tokio::sync::oneshot::channel::<()>();
        let first = pending.get_or_try_init(async || {
            computed.fetch_add(1, Ordering::Relaxed);
            gate.await.unwrap();
            Ok::<_, Stopped>(ranking(3))
        });
        let ask = async || {
            let value = cache.get_or_compute(key.clone(), Version(1), 0, || {
                computed.fetch_add(1, Ordering::Relaxed);
                Ok(ranking(3))
            });
            rows(&value.await.unwrap())
        };
        let asking = join_all((0..ASKING).map(|_| ask()));
        let opening = async {
            // Other keys are free meanwhile: no lock is held.
            assert!(cache.get(&super::tests::key(1), Version(1)).is_none());
            go.send(()).unwrap();
        };
        let (first, all, ()) = tokio::join!(first, asking, opening);
        first.unwrap();
        assert_eq!(all, [3; ASKING]);
        assert_eq!(computed.into_inner(), 1);
    }

    #[tokio::test]
    async fn one_who_fails_or_stops_leaves_the_others_to_try() {
        let cache = Cache::default();
        let fail = || get(&cache, key(0), Version(1), 0, || panic!("it cannot be computed"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(fail)).is_err());
        let stopped = cache.get_or_compute(key(0), Version(1), 0, || Err(Stopped));
        let other = cache.get_or_compute(key(0), Version(1), 0, || Ok(ranking(2)));
        let (stopped, other) = tokio::join!(stopped, other);
        assert_eq!(stopped.unwrap_err(), Stopped);
        assert_eq!(rows(&other.unwrap()), 2);
    }

    #[test]
    fn what_is_asked_for_again_and_again_stays() {
        let cache = Cache::default();
        let at_most = Ranking::bytes_of(UNITS as usize);
        let value = ranking(UNITS);
        let ask = |number| get(&cache, key(number), Version(1), at_most, || value.clone());
        ask(0);
        for number in 1..200 {
            assert!(cache.get(&key(0), Version(1)).is_some(), "{number}");
            ask(number);
        }
    }

    /// Many ask for what has to be read: one reads, and where it fails, the next one does.
    #[tokio::test]
    async fn what_is_waited_for_is_read_once() {
        let cache = Cache::default();
        let reads = AtomicUsize::new(0);
        let ask = || {
            cache.get_or_read(key(1), Version(1), 100, async || {
                let turn = reads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                if turn == 0 { Err("the first one fails") } else { Ok(ranking(1)) }
            })
        };
        let found = join_all((0..50).map(|_| ask())).await;
        assert_eq!(found.iter().filter(|it| it.is_err()).count(), 1);
        assert_eq!(reads.into_inner(), 2);
    }
}
