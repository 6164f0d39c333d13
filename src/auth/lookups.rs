//! Look-ups of tokens in the database, and what is remembered of them.
//!
//! Each look-up runs in a task of its own, and all who show the token at the same time wait for it: a caller that leaves, or
//! whose client does not read, holds up nobody else. A look-up that fails is made again by itself, so that a token that
//! is revoked is refused soon after the database is back, not soon after somebody happens to ask.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use quick_cache::sync::Cache;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

use crate::digest::hex;
use crate::domain::clock::SharedClock;
use crate::domain::{Timestamp, Token};
use crate::limits::{
    TOKEN_CHECKED_EVERY, TOKEN_CONFIRMED_AGAIN_AFTER, TOKEN_CONFIRMED_WITHIN,
    TOKEN_TRUSTED_UNCONFIRMED, TOKEN_USE_NOTED_EVERY_MS, TOKEN_USES_WAITING,
    TOKENS_CONFIRMED_AT_ONCE, TOKENS_REMEMBERED, UNKNOWN_TOKEN_WAIT, UNKNOWN_TOKENS_A_SECOND,
};
use crate::store::{self, Store};

/// The digest of a token.
pub type Digest = [u8; 32];

/// The reason why a caller is refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Denied {
    /// The token was never issued, is revoked, or has expired.
    #[error("the token is not known")]
    UnknownToken,
    /// Too many unknown tokens are shown at the moment.
    #[error("too many unknown tokens are looked up")]
    Busy,
    #[error(transparent)]
    Store(Arc<store::Error>),
}

impl Denied {
    /// The task that asked, or watched, has ended without an answer.
    pub(super) fn unasked() -> Self {
        Self::Store(Arc::new(store::Error::Busy))
    }
}

/// An answer of the database about a token.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `None` where the database does not know the token.
    pub token: Option<Arc<Token>>,
    /// The moment at which the database was asked.
    pub at: Instant,
}

#[derive(Clone)]
struct Remembered {
    answer: Answer,
    /// The moment from which the database is asked again.
    good_until: Instant,
}

/// The number of tokens that are remembered, and the rate of look-ups for unknown ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub remembered: usize,
    pub unknown_a_second: u32,
    pub unknown_wait: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            remembered: TOKENS_REMEMBERED,
            unknown_a_second: UNKNOWN_TOKENS_A_SECOND,
            unknown_wait: UNKNOWN_TOKEN_WAIT,
        }
    }
}

/// One look-up of a token for all who show it at the same time.
type Flight = Shared<BoxFuture<'static, Result<Answer, Denied>>>;

pub(super) struct Lookups {
    store: Store,
    clock: SharedClock,
    /// Unknown tokens have a cache of their own, so that they push no good token out, however many
    /// are shown.
    good: Cache<Digest, Remembered>,
    unknown: Cache<Digest, Remembered>,
    /// Tokens that are being looked up.
    flights: Mutex<HashMap<Digest, Flight>>,
    rate: LookupRate,
    /// The tokens that are confirmed at the moment.
    confirming: Semaphore,
    count: AtomicU64,
    uses: mpsc::Sender<(i64, Timestamp)>,
}

/// The end of a flight, however it comes.
struct Landing {
    lookups: Arc<Lookups>,
    digest: Digest,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.lookups.flights().remove(&self.digest);
    }
}

/// Spaces look-ups of unknown tokens evenly.
struct LookupRate {
    next: Mutex<Instant>,
    each: Duration,
    wait: Duration,
}

impl LookupRate {
    /// The time to wait for a turn; `None` if that is too long, and then no turn is taken.
    fn acquire(&self) -> Option<Duration> {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = next.saturating_duration_since(now);
        if wait > self.wait {
            return None;
        }
        *next = now + wait + self.each;
        Some(wait)
    }
}

impl Lookups {
    /// With the uses of tokens, for [`note_uses`].
    pub fn new(
        bounds: Bounds,
        store: Store,
        clock: SharedClock,
    ) -> (Self, mpsc::Receiver<(i64, Timestamp)>) {
        let (uses, noted) = mpsc::channel(TOKEN_USES_WAITING);
        let lookups = Self {
            store,
            clock,
            good: Cache::new(bounds.remembered),
            unknown: Cache::new(bounds.remembered),
            flights: Mutex::default(),
            rate: LookupRate {
                next: Mutex::new(Instant::now()),
                each: Duration::from_secs(1) / bounds.unknown_a_second,
                wait: bounds.unknown_wait,
            },
            confirming: Semaphore::new(TOKENS_CONFIRMED_AT_ONCE),
            count: AtomicU64::new(0),
            uses,
        };
        (lookups, noted)
    }

    /// The database's answer, not older than [`TOKEN_CHECKED_EVERY`]; while the database cannot be asked, its last answer
    /// about a token that it knows, for [`TOKEN_TRUSTED_UNCONFIRMED`] at most.
    pub async fn look_up(self: &Arc<Self>, digest: Digest) -> Result<Answer, Denied> {
        if let Some(answer) = self.recall(&digest) {
            return Ok(answer);
        }
        let flight = {
            let mut flights = self.flights();
            // A flight may have ended just now.
            if let Some(answer) = self.recall(&digest) {
                return Ok(answer);
            }
            flights.entry(digest).or_insert_with(|| self.begin(digest)).clone()
        };
        flight.await
    }

    fn begin(self: &Arc<Self>, digest: Digest) -> Flight {
        let landing = Landing { lookups: Arc::clone(self), digest };
        let asking = tokio::spawn(async move { landing.lookups.ask(digest).await });
        // The task ends otherwise only with the runtime.
        asking.map(|ended| ended.unwrap_or_else(|_| Err(Denied::unasked()))).boxed().shared()
    }

    async fn ask(self: &Arc<Self>, digest: Digest) -> Result<Answer, Denied> {
        let known = self.good.peek(&digest);
        if known.is_none() {
            sleep(self.rate.acquire().ok_or(Denied::Busy)?).await;
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        let is_trusted = |known: &Remembered| known.answer.at.elapsed() < TOKEN_TRUSTED_UNCONFIRMED;
        let Some(Remembered { answer, .. }) = known.filter(is_trusted) else {
            return self.read(digest).await;
        };
        if let Ok(Ok(answer)) = timeout(TOKEN_CONFIRMED_WITHIN, self.read(digest)).await {
            return Ok(answer);
        }
        let good_until = Instant::now() + TOKEN_CONFIRMED_AGAIN_AFTER;
        self.good.insert(digest, Remembered { answer: answer.clone(), good_until });
        tokio::spawn(Self::confirm(Arc::downgrade(self), digest, good_until));
        Ok(answer)
    }

    /// Asks again until the database answers, or until those who show the token ask anyway.
    async fn confirm(lookups: Weak<Self>, digest: Digest, until: Instant) {
        while Instant::now() < until {
            sleep(TOKEN_CHECKED_EVERY / 2).await;
            let Some(lookups) = lookups.upgrade() else { return };
            let Ok(_turn) = lookups.confirming.acquire().await else { return };
            if let Ok(Ok(_)) = timeout(TOKEN_CONFIRMED_WITHIN, lookups.read(digest)).await {
                return;
            }
        }
    }

    /// Reads the row of a token, in a task of its own: a transaction that has begun is not dropped when nobody waits. The
    /// answer is remembered even then.
    async fn read(self: &Arc<Self>, digest: Digest) -> Result<Answer, Denied> {
        let lookups = Arc::clone(self);
        let read = async move {
            let at = Instant::now();
            let token = lookups.store.begin_brief_read().await?.token(&hex(&digest)).await?;
            let answer = Answer { token: token.map(Arc::new), at };
            lookups.remember(digest, &answer);
            Ok(answer)
        };
        // The task ends otherwise only with the runtime.
        let read = tokio::spawn(read).await.unwrap_or(Err(store::Error::Busy));
        read.map_err(|error| Denied::Store(Arc::new(error)))
    }

    fn remember(&self, digest: Digest, answer: &Answer) {
        let known = self.good.peek(&digest).or_else(|| self.unknown.peek(&digest));
        if known.is_some_and(|known| known.answer.at > answer.at) {
            return;
        }
        let remembered =
            Remembered { answer: answer.clone(), good_until: answer.at + TOKEN_CHECKED_EVERY };
        if let Some(token) = &answer.token {
            self.note_use(token);
            self.unknown.remove(&digest);
            self.good.insert(digest, remembered);
        } else {
            self.good.remove(&digest);
            self.unknown.insert(digest, remembered);
        }
    }

    /// Forgets all answers.
    #[cfg(test)]
    pub fn forget(&self) {
        self.good.clear();
        self.unknown.clear();
    }

    fn recall(&self, digest: &Digest) -> Option<Answer> {
        let is_fresh = |known: &Remembered| Instant::now() < known.good_until;
        let fresh = |tokens: &Cache<_, _>| tokens.get(digest).filter(is_fresh);
        fresh(&self.good).or_else(|| fresh(&self.unknown)).map(|known| known.answer)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Digest, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the use to the task that notes uses: no request waits for it, or is refused because the
    /// use cannot be written.
    fn note_use(&self, token: &Token) {
        let now = self.clock.now();
        let noted = token.last_used_at.unwrap_or(Timestamp(i64::MIN));
        if token.is_good_at(now) && now.0.saturating_sub(noted.0) >= TOKEN_USE_NOTED_EVERY_MS {
            // A use that finds the queue full is noted when the token is looked up next.
            let _full = self.uses.try_send((token.id, now));
        }
    }
}

/// Writes down when tokens were used, all uses that came meanwhile together, for as long as there
/// are [`Lookups`].
pub(super) async fn note_uses(store: Store, mut uses: mpsc::Receiver<(i64, Timestamp)>) {
    let mut together = Vec::new();
    while uses.recv_many(&mut together, TOKEN_USES_WAITING).await > 0 {
        let latest: HashMap<i64, Timestamp> = together.drain(..).collect();
        if let Err(error) = store.note_tokens_used(&latest).await {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(error, tokens = latest.len(), "uses of tokens were not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::auth::issue::{Order, issue};
    use crate::auth::tokens::{Secret, digest};
    use crate::domain::Role;
    use crate::domain::clock::{Clock as _, ManualClock};
    use crate::server::Server;

    struct Scene {
        lookups: Arc<Lookups>,
        store: Store,
        clock: Arc<ManualClock>,
        secret: Secret,
        _dir: tempfile::TempDir,
    }

    /// The look-ups of a server within bounds; one token was issued.
    async fn scene(bounds: Bounds) -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let clock = Arc::new(ManualClock::new(now));
        drop(Server::open(&url, Arc::clone(&clock) as _).await.unwrap());
        let store = Store::open(&url).await.unwrap();
        let order = Order { name: "t", role: Role::Partner, unit: None, expires: None };
        let secret = issue(&store, &order, now).await.unwrap();
        let (lookups, uses) = Lookups::new(bounds, store.clone(), Arc::clone(&clock) as _);
        tokio::spawn(note_uses(store.clone(), uses));
        Scene { lookups: Arc::new(lookups), store, clock, secret, _dir: dir }
    }

    impl Scene {
        async fn show(&self, token: &str) -> Result<Arc<Token>, Denied> {
            let token = self.lookups.look_up(digest(token)).await?.token;
            token.filter(|it| it.is_good_at(self.clock.now())).ok_or(Denied::UnknownToken)
        }

        fn count(&self) -> u64 {
            self.lookups.count.load(Ordering::Relaxed)
        }
    }

    const BOUNDS: Bounds =
        Bounds { remembered: 100, unknown_a_second: 100_000, unknown_wait: Duration::ZERO };

    #[tokio::test]
    async fn unknown_tokens_make_no_good_one_forgotten() {
        let scene = scene(Bounds { unknown_wait: Duration::from_secs(60), ..BOUNDS }).await;
        scene.show(scene.secret.reveal()).await.unwrap();
        for number in 0..3 * BOUNDS.remembered {
            let denied = scene.show(&format!("wrong {number}")).await;
            assert!(matches!(denied, Err(Denied::UnknownToken)), "{number}");
        }
        let known = scene.lookups.good.get(&digest(scene.secret.reveal()));
        assert!(known.is_some_and(|known| known.answer.token.is_some()), "it is remembered");
        assert!(scene.lookups.unknown.len() <= BOUNDS.remembered);
    }

    #[tokio::test]
    async fn unknown_tokens_are_looked_up_so_many_a_second_and_good_ones_do_not_wait() {
        let scene = scene(Bounds { unknown_a_second: 1, ..BOUNDS }).await;
        scene.lookups.good.insert(
            digest(scene.secret.reveal()),
            // The entry is old, so that the token is looked up again.
            old(Duration::from_secs(60), None),
        );
        let mut denied = Vec::new();
        for number in 0..50 {
            denied.push(scene.show(&format!("wrong {number}")).await.unwrap_err());
            scene.show(scene.secret.reveal()).await.unwrap();
        }
        assert!(matches!(denied[0], Denied::UnknownToken), "{denied:?}");
        let busy = denied.iter().filter(|denied| matches!(denied, Denied::Busy)).count();
        assert!(busy > 0, "{denied:?}");
        let others = denied.iter().all(|it| matches!(it, Denied::Busy | Denied::UnknownToken));
        assert!(others, "{denied:?}");
    }

    /// An answer that is so old.
    fn old(age: Duration, token: Option<Arc<Token>>) -> Remembered {
        let at = Instant::now().checked_sub(age).expect("the machine has run for longer");
        Remembered { answer: Answer { token, at }, good_until: at }
    }

    #[tokio::test]
    async fn a_good_token_stays_good_for_a_while_without_the_database() {
        let scene = scene(Bounds { unknown_wait: Duration::from_secs(60), ..BOUNDS }).await;
        let shown = digest(scene.secret.reveal());
        scene.show(scene.secret.reveal()).await.unwrap();
        let token = scene.lookups.good.get(&shown).unwrap().answer.token;
        scene.store.close().await;
        scene.lookups.good.insert(shown, old(Duration::from_secs(60), token.clone()));
        let before = scene.count();
        for _ in 0..10 {
            scene.show(scene.secret.reveal()).await.unwrap();
        }
        assert_eq!(scene.count() - before, 1, "the others do not wait for the database");
        // An unknown token is not called wrong.
        let unknown = scene.show("wrong").await;
        assert!(
            matches!(&unknown, Err(Denied::Store(error)) if error.is_transient()),
            "{unknown:?}"
        );
        // A token that was revoked, or whose day is over, is no good one.
        let revoked = Token { revoked_at: Some(Timestamp(0)), ..(*token.clone().unwrap()).clone() };
        scene.lookups.good.insert(shown, old(Duration::from_secs(60), Some(Arc::new(revoked))));
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::UnknownToken)), "{denied:?}");
        // Trust has an end.
        scene.lookups.good.insert(shown, old(TOKEN_TRUSTED_UNCONFIRMED, token));
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::Store(_))), "{denied:?}");
    }

    #[tokio::test]
    async fn who_shows_the_same_token_at_the_same_time_shares_a_look_up() {
        let scene = scene(Bounds { unknown_wait: Duration::from_secs(60), ..BOUNDS }).await;
        for token in ["wrong", scene.secret.reveal()] {
            let before = scene.count();
            join_all((0..50).map(|_| scene.show(token))).await;
            assert_eq!(scene.count() - before, 1, "{token}");
            assert!(scene.lookups.flights().is_empty());
        }
    }

    #[tokio::test]
    async fn a_caller_that_leaves_or_stands_still_holds_nobody_up() {
        let scene = scene(BOUNDS).await;
        let mut leaving = Box::pin(scene.show("another"));
        assert!(futures_util::poll!(&mut leaving).is_pending());
        drop(leaving);
        assert!(matches!(scene.show("another").await, Err(Denied::UnknownToken)));
        let mut standing = Box::pin(scene.show(scene.secret.reveal()));
        assert!(futures_util::poll!(&mut standing).is_pending());
        let other = scene.show(scene.secret.reveal());
        tokio::time::timeout(Duration::from_secs(60), other).await.unwrap().unwrap();
        assert!(scene.lookups.flights().is_empty(), "they end by themselves");
    }

    /// An answer that stood in while the database was away does not stand in for longer.
    #[tokio::test]
    async fn a_token_is_confirmed_by_itself_once_the_database_is_back() {
        let scene = scene(BOUNDS).await;
        let token = scene.show(scene.secret.reveal()).await.unwrap();
        let shown = digest(scene.secret.reveal());
        let mut tx = scene.store.begin_write().await.unwrap();
        assert!(tx.revoke_token(token.id, scene.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        let good_until = Instant::now() + Duration::from_secs(60);
        let answer = Answer { token: Some(token), at: Instant::now() - Duration::from_secs(5) };
        scene.lookups.good.insert(shown, Remembered { answer, good_until });
        scene.show(scene.secret.reveal()).await.unwrap();
        Lookups::confirm(Arc::downgrade(&scene.lookups), shown, good_until).await;
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::UnknownToken)), "{denied:?}");
    }

    #[tokio::test]
    async fn a_token_that_is_gone_does_not_come_back_when_the_database_goes() {
        let scene = scene(BOUNDS).await;
        let token = scene.show(scene.secret.reveal()).await.unwrap();
        let shown = digest(scene.secret.reveal());
        let gone = Answer { token: None, at: Instant::now() };
        scene.lookups.remember(shown, &gone);
        // A look-up that began before comes in after it.
        let late = Answer { token: Some(token), at: gone.at - Duration::from_millis(1) };
        scene.lookups.remember(shown, &late);
        scene.store.close().await;
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::UnknownToken)), "{denied:?}");
        scene.lookups.unknown.remove(&shown);
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::Store(_))), "{denied:?}");
    }

    #[tokio::test]
    async fn a_use_is_noted_without_being_waited_for() {
        let scene = scene(BOUNDS).await;
        // The open write transaction holds all other writers up.
        let writing = scene.store.begin_write().await.unwrap();
        scene.show(scene.secret.reveal()).await.unwrap();
        drop(writing);
        let noted = async {
            loop {
                let all = scene.store.begin_read().await.unwrap().tokens().await.unwrap();
                if all[0].last_used_at == Some(scene.clock.now()) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), noted).await.unwrap();
    }
}
