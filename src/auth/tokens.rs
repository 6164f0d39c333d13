//! From a proof to whoever shows it.
//!
//! Only digests of tokens are kept. What the database says of one is remembered for a moment, so
//! that a request costs no read, and a token that was revoked is refused soon after.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{Audience, Grant, Language, Principal, Role};
use crate::domain::clock::SharedClock;
use crate::domain::{Timestamp, Token, UnitId};
use crate::limits::{TOKEN_CHECKED_EVERY, TOKEN_USE_NOTED_EVERY_MS, TOKENS_REMEMBERED};
use crate::store::{self, Store};

/// How the log calls whoever uses the token given at the start.
const OPERATOR: &str = "admin";
/// Tells a token from other secrets wherever it turns up.
const PREFIX: &str = "sangkien_";

/// What a client shows of who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proof {
    /// No token: the client is anonymous.
    #[default]
    Nothing,
    /// Something that can be no token, as an empty text. It is refused without a look-up.
    Unusable,
    /// The digest of a token.
    Token([u8; 32]),
}

/// Whoever is at the other end of a connection that outlives its first request. Who that is, is
/// asked again for each operation.
#[derive(Clone)]
pub struct Session {
    pub tokens: Arc<Tokens>,
    pub proof: Proof,
    pub language: Language,
    /// Where the connection comes from.
    pub address: IpAddr,
}

impl Session {
    /// # Errors
    /// See [`Tokens::identify`].
    pub async fn identify(&self, root: UnitId) -> Result<Principal, Denied> {
        self.tokens.identify(self.proof, self.language, root).await
    }
}

/// A new token. Whoever reads it may use it.
pub struct Secret(String);

/// Why nobody is served.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// It was never given, is revoked or has expired.
    #[error("the token is not known")]
    UnknownToken,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The tokens that this server knows: the operator's own, given at the start, and the database's.
pub struct Tokens {
    operator: Option<[u8; 32]>,
    store: Store,
    clock: SharedClock,
    remembered: Mutex<HashMap<[u8; 32], Remembered>>,
}

/// What the database said.
struct Remembered {
    at: Instant,
    token: Option<Token>,
}

impl Proof {
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
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// What is kept of it.
    pub fn digest(&self) -> String {
        hex(&digest(&self.0))
    }

    /// For the one time that it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Tokens {
    pub fn new(operator: Option<&str>, store: Store, clock: SharedClock) -> Self {
        Self { operator: operator.map(digest), store, clock, remembered: Mutex::default() }
    }

    /// # Errors
    /// When a token was given that is not good: whoever shows a wrong one is told so instead of
    /// being served as anonymous. When it cannot be looked up.
    pub async fn identify(
        &self,
        proof: Proof,
        language: Language,
        root: UnitId,
    ) -> Result<Principal, Denied> {
        let audience = |grants| Audience::new(grants, language);
        let shown = match proof {
            Proof::Nothing => {
                return Ok(Principal { audience: audience(Vec::new()), ..Principal::default() });
            }
            Proof::Unusable => return Err(Denied::UnknownToken),
            Proof::Token(shown) => shown,
        };
        // Digests are compared, so the time it takes tells nothing about the token.
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
                name: Some(token.name),
                audience: audience(vec![Grant { role: token.role, unit: token.unit }]),
            }),
            None => Err(Denied::UnknownToken),
        }
    }

    async fn look_up(&self, digest: [u8; 32]) -> Result<Option<Token>, store::Error> {
        if let Some(token) = self.recall(digest) {
            return Ok(token);
        }
        let token = self.store.begin_read().await?.token(&hex(&digest)).await?;
        if let Some(token) = &token {
            self.note_use(token).await;
        }
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= TOKENS_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(digest, Remembered { at: Instant::now(), token: token.clone() });
        Ok(token)
    }

    fn recall(&self, digest: [u8; 32]) -> Option<Option<Token>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered.get(&digest)?;
        (known.at.elapsed() < TOKEN_CHECKED_EVERY).then(|| known.token.clone())
    }

    /// Nobody is refused because this cannot be written.
    async fn note_use(&self, token: &Token) {
        let now = self.clock.now();
        let noted = token.last_used_at.unwrap_or(Timestamp(i64::MIN));
        if !token.is_good_at(now) || now.0.saturating_sub(noted.0) < TOKEN_USE_NOTED_EVERY_MS {
            return;
        }
        if let Err(error) = self.store.note_token_used(token.id, now).await {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(token = token.id, error, "the use of a token was not noted");
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::ManualClock;

    #[tokio::test]
    async fn only_the_right_token_is_the_operator() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let store = Store::open(&url).await.unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp(0)));
        let root = UnitId(1);
        let identify = async |operator: Option<&str>, shown: Option<&str>| {
            let tokens = Tokens::new(operator, store.clone(), Arc::clone(&clock) as _);
            let proof = shown.map_or(Proof::Nothing, Proof::of_token);
            tokens.identify(proof, Language::English, root).await
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

    #[test]
    fn secrets_differ() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one.reveal(), two.reveal());
        assert_ne!(one.digest(), two.digest());
        assert_eq!(one.reveal().len(), PREFIX.len() + 43, "256 bits");
    }
}
