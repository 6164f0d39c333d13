//! Tokens: from a credential to the principal that shows it.
//!
//! The server keeps only digests of tokens. It remembers a token that it looked up for a moment, so
//! that a request costs no read, and a revoked token is refused soon after. Tokens that the database
//! does not know are remembered apart, and at most so many a second are looked up, so that clients
//! with a good token pay nothing for them. While the database cannot be asked, its last answer about a
//! known token stands in, for a bounded time.

use std::future::pending;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::language::Language;
use super::lookups::{Answer, Bounds, Denied, Digest, Lookups, note_uses};
use super::principal::{Audience, Principal};
use crate::digest::hex;
use crate::domain::clock::SharedClock;
use crate::domain::{Grant, Role, UnitId};
use crate::limits::{FEED_TOKEN_CHECKED_EVERY, TOKEN_TRUSTED_UNCONFIRMED};
use crate::opaque;
use crate::store::Store;
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
    Token(Digest),
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

    /// Waits until the caller may be served no longer, and tells why: the token was revoked, or has expired, or nobody could
    /// be asked about it for [`TOKEN_TRUSTED_UNCONFIRMED`]. Without a token it never ends.
    pub fn refused(self) -> impl Future<Output = Denied> + Send + 'static {
        let Self { tokens, credential, .. } = self;
        // In a task of its own, which ends with the future: a client that does not read learns late of it, but does not
        // make it later.
        let mut watching = JoinSet::new();
        if let Credential::Token(shown) = credential
            && tokens.operator != Some(shown)
        {
            watching.spawn(watch(
                tokens,
                shown,
                FEED_TOKEN_CHECKED_EVERY,
                TOKEN_TRUSTED_UNCONFIRMED,
            ));
        }
        async move {
            match watching.join_next().await {
                Some(ended) => ended.unwrap_or_else(|_| Denied::unasked()),
                None => pending().await,
            }
        }
    }
}

/// Looks at a token from time to time until it is good no more, or nobody could be asked about it for the time for which it
/// is trusted.
async fn watch(tokens: Arc<Tokens>, shown: Digest, every: Duration, trusted: Duration) -> Denied {
    let mut last = Answer { token: None, at: Instant::now() };
    loop {
        match tokens.lookups.look_up(shown).await {
            Ok(Answer { token: None, .. }) => return Denied::UnknownToken,
            Ok(answer) => last = answer,
            Err(why) if last.at.elapsed() >= trusted => return why,
            Err(_) => {}
        }
        if last.token.as_ref().is_some_and(|token| !token.is_good_at(tokens.clock.now())) {
            return Denied::UnknownToken;
        }
        sleep(every).await;
    }
}

/// The secret text of a token. Anybody who reads it may use the token.
pub struct Secret(String);

/// The tokens that this server knows: the operator's own, given at the start, and the database's.
pub struct Tokens {
    operator: Option<Digest>,
    clock: SharedClock,
    lookups: Arc<Lookups>,
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
        let (lookups, uses) = Lookups::new(Bounds::default(), store.clone(), Arc::clone(&clock));
        supervisor.spawn("the notes of tokens' use", note_uses(store, uses));
        Self { operator: operator.map(digest), clock, lookups: Arc::new(lookups) }
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
        let answer = self.lookups.look_up(shown).await?;
        match answer.token.filter(|token| token.is_good_at(self.clock.now())) {
            Some(token) => Ok(Principal {
                token: Some(token.id.to_string()),
                name: Some(token.name.clone()),
                audience: audience(vec![Grant { role: token.role, unit: token.unit }]),
            }),
            None => Err(Denied::UnknownToken),
        }
    }
}

pub(super) fn digest(token: &str) -> Digest {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::issue::{Order, issue};
    use crate::domain::Timestamp;
    use crate::domain::clock::ManualClock;
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

    /// A feed is trusted without the database for as long as its token is, and a day that was known to be its token's last
    /// ends it even then.
    #[tokio::test]
    async fn a_feed_ends_when_nobody_could_be_asked_for_too_long() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let clock = Arc::new(ManualClock::new(now));
        drop(Server::open(&url, Arc::clone(&clock) as _).await.unwrap());
        for is_over in [false, true] {
            let store = Store::open(&url).await.unwrap();
            let expires = Some(now.day());
            let order = Order { name: "t", role: Role::Display, unit: None, expires };
            let secret = issue(&store, &order, now).await.unwrap();
            let supervisor = Supervisor::default();
            let its_clock = Arc::clone(&clock) as _;
            let tokens = Arc::new(Tokens::new(None, store.clone(), its_clock, &supervisor));
            let credential = Credential::of_token(secret.reveal());
            tokens.identify(credential, Language::English, UnitId(1)).await.unwrap();
            store.close().await;
            let Credential::Token(shown) = credential else { unreachable!() };
            let (every, trusted) = (Duration::from_millis(10), Duration::from_millis(100));
            if is_over {
                clock.set(Timestamp::parse("2022-05-11T08:00:00+07:00").unwrap());
            } else {
                tokens.lookups.forget();
            }
            let began = Instant::now();
            let ended =
                tokio::time::timeout(Duration::from_secs(60), watch(tokens, shown, every, trusted));
            let denied = ended.await.unwrap();
            if is_over {
                assert!(matches!(denied, Denied::UnknownToken), "{denied:?}");
            } else {
                assert!(matches!(denied, Denied::Store(_)), "{denied:?}");
                assert!(began.elapsed() >= trusted, "{:?}", began.elapsed());
            }
        }
    }

    #[test]
    fn secrets_differ() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one.reveal(), two.reveal());
        assert_ne!(one.digest(), two.digest());
        assert_eq!(one.reveal().len(), PREFIX.len() + 43, "256 bits");
    }
}
