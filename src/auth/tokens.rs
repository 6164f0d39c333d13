//! Tokens: from a credential to the principal that shows it.
//!
//! The server keeps only digests of tokens. It remembers a token that it looked up for a moment, so
//! that a request costs no read, and a revoked token is refused soon after. Tokens that the database
//! does not know are remembered apart, and at most so many a second are looked up, so that clients
//! with a good token pay nothing for them. While the database cannot be asked, its last answer about a
//! known token stands in, for a bounded time.

use std::collections::HashMap;
use std::future::pending;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::language::Language;
use super::principal::{Audience, Principal};
use crate::digest::hex;
use crate::domain::clock::SharedClock;
use crate::domain::{Grant, Role, Timestamp, Token, UnitId};
use crate::limits::{
    FEED_TOKEN_CHECKED_EVERY, TOKEN_CHECKED_EVERY, TOKEN_CONFIRMED_AGAIN_AFTER,
    TOKEN_CONFIRMED_WITHIN, TOKEN_TRUSTED_UNCONFIRMED, TOKEN_USE_NOTED_EVERY_MS,
    TOKEN_USES_WAITING, TOKENS_REMEMBERED, UNKNOWN_TOKEN_WAIT, UNKNOWN_TOKENS_A_SECOND,
};
use crate::opaque;
use crate::store::{self, Store};
use crate::supervisor::Supervisor;

/// The name in the log of the token given at the start.
const OPERATOR: &str = "admin";
/// The prefix distinguishes a token from other secrets wherever it turns up.
const PREFIX: &str = "sangkien_";

/// The credential that a client shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Credential {
    /// No token: the client is anonymous.
    #[default]
    Nothing,
    /// A credential that cannot be a token, such as an empty text. It is refused without a look-up.
    Unusable,
    /// The digest of a token.
    Token([u8; 32]),
}

/// The client of a connection that outlives its first request. It is identified again for each operation, and from time
/// to time, so that a token that was revoked is refused.
#[derive(Clone)]
pub struct Caller {
    pub tokens: Arc<Tokens>,
    pub credential: Credential,
    pub language: Language,
    /// The address that the connection comes from.
    pub address: IpAddr,
}

impl Caller {
    /// # Errors
    /// See [`Tokens::identify`].
    pub async fn identify(&self, root: UnitId) -> Result<Principal, Denied> {
        self.tokens.identify(self.credential, self.language, root).await
    }

    /// Waits until the token is good no more: it was revoked, or has expired. While nobody can be asked it is as good as
    /// it was. Without a token it never ends.
    pub async fn refused(self, root: UnitId) {
        if !matches!(self.credential, Credential::Token(_)) {
            return pending().await;
        }
        loop {
            sleep(FEED_TOKEN_CHECKED_EVERY).await;
            if let Err(Denied::UnknownToken) = self.identify(root).await {
                return;
            }
        }
    }
}

/// The secret text of a token. Anybody who reads it may use the token.
pub struct Secret(String);

/// The reason why a caller is refused.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token was never issued, is revoked, or has expired.
    #[error("the token is not known")]
    UnknownToken,
    /// Too many unknown tokens are shown at the moment.
    #[error("too many unknown tokens are looked up")]
    Busy,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The tokens that this server knows: the operator's own, given at the start, and the database's.
pub struct Tokens {
    operator: Option<[u8; 32]>,
    store: Store,
    clock: SharedClock,
    /// Unknown tokens have a cache of their own, so that they push no good token out, however many
    /// are shown.
    good: Cache<[u8; 32], Remembered>,
    unknown: Cache<[u8; 32], Remembered>,
    /// Tokens that are being looked up.
    flights: Mutex<HashMap<[u8; 32], Arc<Flight>>>,
    lookup_rate: LookupRate,
    lookups: AtomicU64,
    uses: mpsc::Sender<(i64, Timestamp)>,
}

/// The last answer of the database, and the time of it.
#[derive(Clone)]
struct Remembered {
    at: Instant,
    /// The moment from which the database is asked again.
    good_until: Instant,
    token: Option<Arc<Token>>,
}

impl Remembered {
    fn now(token: Option<Arc<Token>>) -> Self {
        let at = Instant::now();
        Self { at, good_until: at + TOKEN_CHECKED_EVERY, token }
    }
}

/// The number of tokens that are remembered, and the rate of look-ups for unknown ones.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    remembered: usize,
    unknown_a_second: u32,
    unknown_wait: Duration,
}

/// One look-up of a token for all who show it at the same time.
#[derive(Default)]
struct Flight {
    turn: tokio::sync::Mutex<()>,
    failures: AtomicU64,
}

/// A caller's part in a flight. The flight ends with the last of them; a caller may leave before.
struct Boarded<'a> {
    tokens: &'a Tokens,
    digest: [u8; 32],
    flight: Arc<Flight>,
}

impl Drop for Boarded<'_> {
    fn drop(&mut self) {
        let mut flights = self.tokens.flights();
        // The two are the map's and this one.
        if Arc::strong_count(&self.flight) == 2 {
            flights.remove(&self.digest);
        }
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

impl Credential {
    /// An empty text is no token.
    pub fn of_token(token: &str) -> Self {
        if token.is_empty() { Self::Unusable } else { Self::Token(digest(token)) }
    }
}

impl Secret {
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        Ok(Self(format!("{PREFIX}{}", opaque::encode(bytes))))
    }

    /// A secret that was generated before; `None` for a text that is none.
    pub fn of(text: &str) -> Option<Self> {
        let bytes = opaque::decode(text.strip_prefix(PREFIX)?)?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The digest of the secret, in hexadecimal; the only part of it that is stored.
    pub fn digest(&self) -> String {
        hex(&digest(&self.0))
    }

    /// The secret itself, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Tokens {
    /// Must be called within a runtime, since a task notes the uses of tokens.
    pub fn new(
        operator: Option<&str>,
        store: Store,
        clock: SharedClock,
        supervisor: &Supervisor,
    ) -> Self {
        let bounds = Bounds {
            remembered: TOKENS_REMEMBERED,
            unknown_a_second: UNKNOWN_TOKENS_A_SECOND,
            unknown_wait: UNKNOWN_TOKEN_WAIT,
        };
        Self::within(bounds, operator, store, clock, supervisor)
    }

    fn within(
        bounds: Bounds,
        operator: Option<&str>,
        store: Store,
        clock: SharedClock,
        supervisor: &Supervisor,
    ) -> Self {
        let (uses, noted) = mpsc::channel(TOKEN_USES_WAITING);
        supervisor.spawn("the notes of tokens' use", note_uses(store.clone(), noted));
        Self {
            operator: operator.map(digest),
            store,
            clock,
            good: Cache::new(bounds.remembered),
            unknown: Cache::new(bounds.remembered),
            flights: Mutex::default(),
            lookup_rate: LookupRate {
                next: Mutex::new(Instant::now()),
                each: Duration::from_secs(1) / bounds.unknown_a_second,
                wait: bounds.unknown_wait,
            },
            lookups: AtomicU64::new(0),
            uses,
        }
    }

    /// # Errors
    /// If a token was shown that is not good: a client with a wrong token is told so instead of
    /// being served as anonymous. If the token cannot be looked up.
    pub async fn identify(
        &self,
        credential: Credential,
        language: Language,
        root: UnitId,
    ) -> Result<Principal, Denied> {
        let audience = |grants| Audience::new(grants, language);
        let shown = match credential {
            Credential::Nothing => {
                return Ok(Principal { audience: audience(Vec::new()), ..Principal::default() });
            }
            Credential::Unusable => return Err(Denied::UnknownToken),
            Credential::Token(shown) => shown,
        };
        // Comparing digests takes a time that tells nothing about the token.
        if self.operator == Some(shown) {
            return Ok(Principal {
                token: Some(OPERATOR.to_owned()),
                name: Some(OPERATOR.to_owned()),
                audience: audience(vec![Grant { role: Role::Admin, unit: root }]),
            });
        }
        let token = self.look_up(shown).await?;
        match token.filter(|token| token.is_good_at(self.clock.now())) {
            Some(token) => Ok(Principal {
                token: Some(token.id.to_string()),
                name: Some(token.name.clone()),
                audience: audience(vec![Grant { role: token.role, unit: token.unit }]),
            }),
            None => Err(Denied::UnknownToken),
        }
    }

    async fn look_up(&self, digest: [u8; 32]) -> Result<Option<Arc<Token>>, Denied> {
        if let Some(token) = self.recall(&digest) {
            return Ok(token);
        }
        let boarded = self.join(digest);
        let flight = &boarded.flight;
        let failures = flight.failures.load(Ordering::Relaxed);
        let mut turn = Some(flight.turn.lock().await);
        if let Some(token) = self.recall(&digest) {
            return Ok(token);
        }
        if flight.failures.load(Ordering::Relaxed) != failures {
            // The leader failed, so the waiters ask in parallel instead of queueing behind further
            // failures.
            turn = None;
        }
        let found = self.ask(&digest).await;
        if found.is_err() {
            flight.failures.fetch_add(1, Ordering::Relaxed);
        }
        drop(turn);
        found
    }

    /// Asks the database, and remembers the answer. While the database cannot be asked, the last answer about a token that
    /// it knows stands in, for [`TOKEN_TRUSTED_UNCONFIRMED`] at most.
    async fn ask(&self, digest: &[u8; 32]) -> Result<Option<Arc<Token>>, Denied> {
        let known = self.good.peek(digest);
        if known.is_none() {
            sleep(self.lookup_rate.acquire().ok_or(Denied::Busy)?).await;
        }
        self.lookups.fetch_add(1, Ordering::Relaxed);
        let known = known.filter(|known| known.at.elapsed() < TOKEN_TRUSTED_UNCONFIRMED);
        let asked = self.read(hex(digest));
        let answer = match known {
            None => asked.await,
            Some(known) => match timeout(TOKEN_CONFIRMED_WITHIN, asked).await {
                Ok(Ok(token)) => Ok(token),
                Ok(Err(_)) | Err(_) => {
                    let good_until = Instant::now() + TOKEN_CONFIRMED_AGAIN_AFTER;
                    let token = known.token.clone();
                    self.good.insert(*digest, Remembered { good_until, ..known });
                    return Ok(token);
                }
            },
        };
        let token = answer?.map(Arc::new);
        let remembered = Remembered::now(token.clone());
        match &token {
            Some(token) => {
                self.note_use(token);
                self.good.insert(*digest, remembered);
            }
            None => self.unknown.insert(*digest, remembered),
        }
        Ok(token)
    }

    /// Reads the row of a token, in a task of its own: a transaction that has begun is not dropped when nobody waits.
    async fn read(&self, digest: String) -> Result<Option<Token>, store::Error> {
        let store = self.store.clone();
        let read = async move { store.begin_brief_read().await?.token(&digest).await };
        // The task ends otherwise only with the runtime.
        tokio::spawn(read).await.unwrap_or(Err(store::Error::Busy))
    }

    fn recall(&self, digest: &[u8; 32]) -> Option<Option<Arc<Token>>> {
        let is_fresh = |known: &Remembered| Instant::now() < known.good_until;
        let fresh = |tokens: &Cache<_, _>| tokens.get(digest).filter(is_fresh);
        fresh(&self.good).or_else(|| fresh(&self.unknown)).map(|known| known.token)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Flight>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, digest: [u8; 32]) -> Boarded<'_> {
        let flight = Arc::clone(self.flights().entry(digest).or_default());
        Boarded { tokens: self, digest, flight }
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
/// are [`Tokens`].
async fn note_uses(store: Store, mut uses: mpsc::Receiver<(i64, Timestamp)>) {
    let mut together = Vec::new();
    while uses.recv_many(&mut together, TOKEN_USES_WAITING).await > 0 {
        let latest: HashMap<i64, Timestamp> = together.drain(..).collect();
        if let Err(error) = store.note_tokens_used(&latest).await {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(error, tokens = latest.len(), "uses of tokens were not noted");
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::auth::issue::{Order, issue};
    use crate::domain::clock::{Clock as _, ManualClock};
    use crate::server::Server;

    #[tokio::test]
    async fn only_the_right_token_is_the_operator() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let store = Store::open(&url).await.unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp(0)));
        let root = UnitId(1);
        let identify = async |operator: Option<&str>, shown: Option<&str>| {
            let (clock, supervisor) = (Arc::clone(&clock) as _, Supervisor::default());
            let tokens = Tokens::new(operator, store.clone(), clock, &supervisor);
            let credential = shown.map_or(Credential::Nothing, Credential::of_token);
            tokens.identify(credential, Language::English, root).await
        };
        assert!(identify(Some("secret"), None).await.unwrap().is_anonymous());
        let operator = identify(Some("secret"), Some("secret")).await.unwrap();
        assert_eq!(operator.audience.grants(), [Grant { role: Role::Admin, unit: root }]);
        for (operator, shown) in
            [(Some("secret"), "Secret"), (Some("secret"), ""), (Some(""), ""), (None, "")]
        {
            let denied = identify(operator, Some(shown)).await;
            assert!(matches!(denied, Err(Denied::UnknownToken)), "{shown:?}");
        }
    }

    struct Scene {
        tokens: Tokens,
        store: Store,
        clock: Arc<ManualClock>,
        secret: Secret,
        _dir: tempfile::TempDir,
    }

    /// A server's tokens within bounds; one token was issued.
    async fn scene(bounds: Bounds) -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let clock = Arc::new(ManualClock::new(now));
        drop(Server::open(&url, Arc::clone(&clock) as _).await.unwrap());
        let store = Store::open(&url).await.unwrap();
        let order = Order { name: "t", role: Role::Partner, unit: None, expires: None };
        let secret = issue(&store, &order, now).await.unwrap();
        let (its_clock, supervisor) = (Arc::clone(&clock) as _, Supervisor::default());
        let tokens = Tokens::within(bounds, None, store.clone(), its_clock, &supervisor);
        Scene { tokens, store, clock, secret, _dir: dir }
    }

    impl Scene {
        async fn show(&self, token: &str) -> Result<Principal, Denied> {
            self.tokens.identify(Credential::of_token(token), Language::English, UnitId(1)).await
        }

        fn lookups(&self) -> u64 {
            self.tokens.lookups.load(Ordering::Relaxed)
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
        let known = scene.tokens.good.get(&digest(scene.secret.reveal()));
        assert!(known.is_some_and(|known| known.token.is_some()), "it is remembered");
        assert!(scene.tokens.unknown.len() <= BOUNDS.remembered);
    }

    #[tokio::test]
    async fn unknown_tokens_are_looked_up_so_many_a_second_and_good_ones_do_not_wait() {
        let scene = scene(Bounds { unknown_a_second: 1, ..BOUNDS }).await;
        scene.tokens.good.insert(
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
        Remembered { at, good_until: at, token }
    }

    #[tokio::test]
    async fn a_good_token_stays_good_for_a_while_without_the_database() {
        let scene = scene(Bounds { unknown_wait: Duration::from_secs(60), ..BOUNDS }).await;
        let shown = digest(scene.secret.reveal());
        scene.show(scene.secret.reveal()).await.unwrap();
        let token = scene.tokens.good.get(&shown).unwrap().token;
        scene.store.close().await;
        scene.tokens.good.insert(shown, old(Duration::from_secs(60), token.clone()));
        let before = scene.lookups();
        for _ in 0..10 {
            scene.show(scene.secret.reveal()).await.unwrap();
        }
        assert_eq!(scene.lookups() - before, 1, "the others do not wait for the database");
        // An unknown token is not called wrong.
        let unknown = scene.show("wrong").await;
        assert!(
            matches!(&unknown, Err(Denied::Store(error)) if error.is_transient()),
            "{unknown:?}"
        );
        // A token that was revoked, or whose day is over, is no good one.
        let revoked = Token { revoked_at: Some(Timestamp(0)), ..(*token.clone().unwrap()).clone() };
        scene.tokens.good.insert(shown, old(Duration::from_secs(60), Some(Arc::new(revoked))));
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::UnknownToken)), "{denied:?}");
        // Trust has an end.
        scene.tokens.good.insert(shown, old(TOKEN_TRUSTED_UNCONFIRMED, token));
        let denied = scene.show(scene.secret.reveal()).await;
        assert!(matches!(denied, Err(Denied::Store(_))), "{denied:?}");
    }

    #[tokio::test]
    async fn who_shows_the_same_token_at_the_same_time_shares_a_look_up() {
        let scene = scene(Bounds { unknown_wait: Duration::from_secs(60), ..BOUNDS }).await;
        for token in ["wrong", scene.secret.reveal()] {
            let before = scene.lookups();
            join_all((0..50).map(|_| scene.show(token))).await;
            assert_eq!(scene.lookups() - before, 1, "{token}");
            assert!(scene.tokens.flights().is_empty());
        }
        // A caller that leaves before the end ends nobody else's look-up.
        let mut leaving = Box::pin(scene.show("another"));
        assert!(futures_util::poll!(&mut leaving).is_pending());
        drop(leaving);
        assert!(scene.tokens.flights().is_empty());
        assert!(matches!(scene.show("another").await, Err(Denied::UnknownToken)));
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

    #[test]
    fn secrets_differ() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one.reveal(), two.reveal());
        assert_ne!(one.digest(), two.digest());
        assert_eq!(one.reveal().len(), PREFIX.len() + 43, "256 bits");
    }
}
