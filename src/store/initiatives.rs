//! Initiatives and their authors in the database.

use super::error::Error;
use super::rows::{self, Columns, Place, initiative_columns};
use super::tables::wrapped;
use super::transactions::{ReadTx, WriteTx};
use super::tx::{Tx, fetch};
use super::{postgres, sqlite};
use crate::domain::{Author, Initiative, InitiativeId, PersonId, UnitId};

impl ReadTx {
    /// These initiatives with their authors, in order of number; those not there are left out.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn initiatives(&mut self, ids: &[InitiativeId]) -> Result<Vec<Initiative>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.note_statement();
        let found = match &mut self.tx {
            Tx::Sqlite(conn) => return sqlite::initiatives::whole(conn, ids).await,
            Tx::Postgres(tx) => postgres::initiatives::bare(tx, ids).await?,
        };
        self.note_statement();
        with_authors(&mut self.tx, found).await
    }

    /// The initiatives that were submitted with these keys, in order of number; those not there are left out.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn initiatives_by_key(&mut self, keys: &[&str]) -> Result<Vec<Initiative>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!(
                "select ",
                initiative_columns!(),
                " from initiatives where key in (select value->>0 from json_each($1)) order by id"
            ),
            [wrapped(keys)],
            rows::initiative
        )?;
        with_authors(&mut self.tx, found).await
    }

    /// Initiatives numbered above `last`, at most `limit`, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn initiatives_after(
        &mut self,
        last: InitiativeId,
        limit: i64,
    ) -> Result<Vec<Initiative>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!(
                "select ",
                initiative_columns!(),
                " from initiatives where id > $1 order by id limit $2"
            ),
            [last.0, limit],
            rows::initiative
        )?;
        with_authors(&mut self.tx, found).await
    }
}

impl WriteTx {
    /// The initiatives that were submitted with these keys or have these numbers, with authors.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn initiatives(
        &mut self,
        keys: &[&str],
        ids: &[InitiativeId],
    ) -> Result<Vec<Initiative>, Error> {
        let mut found = Vec::new();
        if !keys.is_empty() {
            found = fetch!(
                &mut self.tx,
                concat!(
                    "select ",
                    initiative_columns!(),
                    " from initiatives where key in (select value->>0 from json_each($1))"
                ),
                [wrapped(keys)],
                rows::initiative
            )?;
        }
        if !ids.is_empty() {
            let by_id = fetch!(
                &mut self.tx,
                concat!(
                    "select ",
                    initiative_columns!(),
                    " from initiatives
                     where id in (select cast(value->>0 as bigint) from json_each($1))"
                ),
                [wrapped(ids)],
                rows::initiative
            )?;
            found.extend(by_id);
        }
        found.sort_by_key(|initiative| initiative.id);
        found.dedup_by_key(|initiative| initiative.id);
        with_authors(&mut self.tx, found).await
    }

    /// The numbers of those people of these that are known, each with unit and identity; in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    ///
    /// # Panics
    /// Never: numbers and texts are JSON.
    pub async fn people(
        &mut self,
        asked: &[(UnitId, &str)],
    ) -> Result<Vec<(UnitId, String, PersonId)>, Error> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let asked = serde_json::to_string(asked).expect("numbers and texts are JSON");
        fetch!(
            &mut self.tx,
            "select p.unit_id, p.identity, p.id
             from json_each($1) j
             join people p
               on p.unit_id = cast(j.value->>0 as bigint) and p.identity = j.value->>1",
            [asked.as_str()],
            person
        )
    }
}

/// Takes initiatives in order of number, and gives them their authors.
async fn with_authors(tx: &mut Tx, mut found: Vec<Initiative>) -> Result<Vec<Initiative>, Error> {
    let ids: Vec<InitiativeId> = found.iter().map(|initiative| initiative.id).collect();
    for (id, author) in authors(tx, &ids).await? {
        if let Ok(place) = found.binary_search_by_key(&id, |initiative| initiative.id) {
            found[place].authors.push(author);
        }
    }
    Ok(found)
}

/// The authors of these initiatives, by initiative, in order.
async fn authors(tx: &mut Tx, ids: &[InitiativeId]) -> Result<Vec<(InitiativeId, Author)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    match tx {
        Tx::Sqlite(conn) => sqlite::initiatives::authors(conn, ids).await,
        Tx::Postgres(tx) => postgres::initiatives::authors(tx, ids).await,
    }
}

fn person(row: &impl Columns) -> Result<(UnitId, String, PersonId), Error> {
    let unit = row.int(0)?;
    let place = Place { table: "people", key: &format_args!("of unit {unit}") };
    Ok((place.unit("unit_id", unit)?, row.text(1)?, PersonId(row.int(2)?)))
}
