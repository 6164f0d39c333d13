//! Initiatives with their authors by one statement, which answers with one text; and authors alone.

use sqlx::SqliteConnection;

use crate::domain::{Author, Initiative, InitiativeId};
use crate::store::error::Error;
use crate::store::json_rows::{self, JsonRow};
use crate::store::rows::{self, author_columns, initiative_columns};
use crate::store::tables::wrapped;

/// These initiatives with their authors, in order of number.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
///
/// # Panics
/// Never: numbers are JSON.
pub async fn whole(
    conn: &mut SqliteConnection,
    ids: &[InitiativeId],
) -> Result<Vec<Initiative>, Error> {
    const AUTHORS: usize = 23;
    let ids = serde_json::to_string(ids).expect("numbers are JSON");
    let text: String = sqlx::query_scalar(concat!(
        "select json_group_array(json_array(",
        initiative_columns!(),
        ", (select json_group_array(json_array(",
        author_columns!(),
        ") order by position) from authors where initiative_id = i.id)) order by id)
         from initiatives i where id in (select value from json_each($1))"
    ))
    .bind(ids)
    .fetch_one(conn)
    .await?;
    let rows = json_rows::parse(&text)?;
    let initiative = |row: &JsonRow<'_>| {
        let mut initiative = rows::initiative(row)?;
        for author in row.rows(AUTHORS)? {
            initiative.authors.push(rows::author(author)?.1);
        }
        Ok(initiative)
    };
    rows.iter().map(initiative).collect()
}

/// The authors of these initiatives, by initiative, in order.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn authors(
    conn: &mut SqliteConnection,
    ids: &[InitiativeId],
) -> Result<Vec<(InitiativeId, Author)>, Error> {
    let asked = sqlx::query(concat!(
        "select ",
        author_columns!(),
        " from authors
         where initiative_id in (select cast(value->>0 as bigint) from json_each($1))
         order by initiative_id, position"
    ))
    .bind(wrapped(ids));
    asked.fetch_all(conn).await?.iter().map(rows::author).collect()
}
