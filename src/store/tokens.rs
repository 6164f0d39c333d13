//! Tokens in the database. They are no part of the log; changes made with a token are, under its number.

use std::collections::HashMap;

use super::database::{Effort, Store};
use super::error::Error;
use super::rows::{Columns, Place, number};
use super::transactions::{ReadTx, WriteTx};
use super::tx::{execute, fetch};
use crate::domain::{Role, Timestamp, Token, UnitId};

/// A token that is to be stored, by the digest of its secret.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub name: String,
    pub role: Role,
    pub unit: UnitId,
    /// The digest in hexadecimal.
    pub digest: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

macro_rules! token_columns {
    () => {
        "id, name, role, unit_id, created_at, expires_at, revoked_at, last_used_at"
    };
}

impl ReadTx {
    /// The token of this digest, good or not; `None` where none was ever given out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn token(&mut self, digest: &str) -> Result<Option<Token>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!("select ", token_columns!(), " from tokens where digest = $1"),
            [digest],
            token
        )?;
        Ok(found.into_iter().next())
    }

    /// The token of this number, good or not; `None` where there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn token_by_id(&mut self, id: i64) -> Result<Option<Token>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!("select ", token_columns!(), " from tokens where id = $1"),
            [id],
            token
        )?;
        Ok(found.into_iter().next())
    }

    /// Every token that was ever given out, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(&mut self) -> Result<Vec<Token>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", token_columns!(), " from tokens order by id"),
            [],
            token
        )
    }
}

impl WriteTx {
    /// Stores a token; returns its number.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn insert_token(&mut self, token: &NewToken) -> Result<i64, Error> {
        // This transaction holds the counter row, so no other takes the same number.
        let ids = fetch!(
            &mut self.tx,
            "insert into tokens (id, name, role, unit_id, digest, created_at, expires_at)
             select coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6 from tokens
             returning id",
            [
                token.name.as_str(),
                token.role.as_str(),
                i64::from(token.unit.0),
                token.digest.as_str(),
                token.created_at.0,
                token.expires_at.map(|at| at.0)
            ],
            number
        )?;
        ids.first().copied().ok_or(Error::Gap(0))
    }

    /// Revokes a token; one that was revoked before stays as it is. Returns whether there is such a token.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn revoke_token(&mut self, id: i64, at: Timestamp) -> Result<bool, Error> {
        let touched = execute!(
            &mut self.tx,
            "update tokens set revoked_at = coalesce(revoked_at, $2) where id = $1",
            [id, at.0]
        );
        Ok(touched > 0)
    }
}

impl Store {
    /// Writes down when tokens were used last, by their numbers, in one transaction.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_tokens_used(&self, uses: &HashMap<i64, Timestamp>) -> Result<(), Error> {
        let (mut tx, _guard) = self.begin_plain_write(Effort::Brief).await?;
        for (&id, at) in uses {
            execute!(&mut tx, "update tokens set last_used_at = $2 where id = $1", [id, at.0]);
        }
        tx.commit().await
    }
}

fn token(row: &impl Columns) -> Result<Token, Error> {
    let id = row.int(0)?;
    let place = Place { table: "tokens", key: &id };
    Ok(Token {
        id,
        name: row.text(1)?,
        role: place.parse("role", row.str(2)?)?,
        unit: place.unit("unit_id", row.int(3)?)?,
        created_at: Timestamp(row.int(4)?),
        expires_at: row.maybe_int(5)?.map(Timestamp),
        revoked_at: row.maybe_int(6)?.map(Timestamp),
        last_used_at: row.maybe_int(7)?.map(Timestamp),
    })
}
