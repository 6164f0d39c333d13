//! Initiatives and authors by the numbers of an array: reading JSON is dear to PostgreSQL.

use super::Transaction;
use crate::domain::{Author, Initiative, InitiativeId};
use crate::store::error::Error;
use crate::store::rows::{self, author_columns, initiative_columns};

/// These initiatives without authors, in order of number.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn bare(tx: &mut Transaction, ids: &[InitiativeId]) -> Result<Vec<Initiative>, Error> {
    let (conn, step) = tx.step();
    let asked = sqlx::query(concat!(
        "select ",
        initiative_columns!(),
        " from initiatives where id = any($1) order by id"
    ))
    .bind(numbers(ids));
    step.run(asked.fetch_all(conn)).await?.iter().map(rows::initiative).collect()
}

/// The authors of these initiatives, by initiative, in order.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn authors(
    tx: &mut Transaction,
    ids: &[InitiativeId],
) -> Result<Vec<(InitiativeId, Author)>, Error> {
    let (conn, step) = tx.step();
    let asked = sqlx::query(concat!(
        "select ",
        author_columns!(),
        " from authors where initiative_id = any($1) order by initiative_id, position"
    ))
    .bind(numbers(ids));
    step.run(asked.fetch_all(conn)).await?.iter().map(rows::author).collect()
}

fn numbers(ids: &[InitiativeId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}
