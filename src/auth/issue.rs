//! Giving out tokens and taking them back, as an operator does.

use super::tokens::Secret;
use crate::domain::text::normalise;
use crate::domain::{Day, Role, Timestamp, Token};
use crate::limits::CODE_MAX;
use crate::store::{self, NewToken, Store};

/// The last year in which a token may end.
const LAST_YEAR: i16 = 2999;

/// A token to be given out.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub name: &'a str,
    pub role: Role,
    /// The code of the unit; the root if left out.
    pub unit: Option<&'a str>,
    /// The last day on which it is good.
    pub expires: Option<Day>,
}

/// The reason why a token was not issued or revoked.
#[derive(Debug, thiserror::Error)]
pub enum CannotIssue {
    #[error("there is no unit with the code {0:?}")]
    NoUnit(String),
    #[error("the database has no root yet: start the server on it once")]
    NoRoot,
    #[error("{0} is past")]
    Past(Day),
    #[error("{0} is too far: leave --expires out for a token that does not end")]
    TooLate(Day),
    #[error("the name of the token has more than {CODE_MAX} characters")]
    LongName,
    #[error("there is no token {0}")]
    NoToken(i64),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Randomness(anyhow::Error),
}

/// Gives out a new token; the secret is shown this once.
///
/// # Errors
/// See [`CannotIssue`]; no token was issued then.
pub async fn issue(
    store: &Store,
    order: &Order<'_>,
    now: Timestamp,
) -> Result<Secret, CannotIssue> {
    let secret = Secret::generate().map_err(CannotIssue::Randomness)?;
    give(store, order, &secret, now).await?;
    Ok(secret)
}

/// Gives out a token of a secret that the caller keeps.
///
/// # Errors
/// See [`CannotIssue`]; no token was issued then.
pub async fn give(
    store: &Store,
    order: &Order<'_>,
    secret: &Secret,
    now: Timestamp,
) -> Result<(), CannotIssue> {
    if let Some(day) = order.expires.filter(|day| *day < now.day()) {
        return Err(CannotIssue::Past(day));
    }
    if let Some(day) = order.expires.filter(|day| day.year() > LAST_YEAR) {
        return Err(CannotIssue::TooLate(day));
    }
    // A token is a line of a list.
    let name = normalise(order.name);
    if name.chars().count() > CODE_MAX {
        return Err(CannotIssue::LongName);
    }
    let unit = store.begin_read().await?.unit_id(order.unit).await?;
    let unit = unit.ok_or_else(|| match order.unit {
        Some(code) => CannotIssue::NoUnit(code.to_owned()),
        None => CannotIssue::NoRoot,
    })?;
    let token = NewToken {
        name,
        role: order.role,
        unit,
        digest: secret.digest(),
        created_at: now,
        expires_at: order.expires.map(|day| day.plus(1).start()),
    };
    let mut tx = store.begin_write().await?;
    tx.insert_token(&token).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a token back; servers refuse it within seconds. Doing so again changes nothing.
///
/// # Errors
/// When there is no such token, or the database cannot be written.
pub async fn revoke(store: &Store, id: i64, now: Timestamp) -> Result<(), CannotIssue> {
    let mut tx = store.begin_write().await?;
    if !tx.revoke_token(id, now).await? {
        return Err(CannotIssue::NoToken(id));
    }
    tx.commit().await?;
    Ok(())
}

/// Every token that was ever given out, with the code of its unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &Store) -> Result<Vec<(Token, String)>, store::Error> {
    let mut tx = store.begin_read().await?;
    let mut codes = std::collections::HashMap::new();
    for (unit, ..) in tx.units().await? {
        codes.insert(unit.id, unit.code);
    }
    let with_code = |token: Token| {
        let code = codes.get(&token.unit).cloned().unwrap_or_default();
        (token, code)
    };
    Ok(tx.tokens().await?.into_iter().map(with_code).collect())
}
