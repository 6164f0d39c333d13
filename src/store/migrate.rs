//! Brings a database up to date. Shipped files are never edited; twin folders keep the same
//! numbers and names. What lists are found by is in [`super::indexes`].

use sqlx::raw_sql;

use super::write_lock::retry_while_busy;
use super::{Error, Pools, Tx, execute, fetch, indexes};
use crate::store::rows::Columns;

struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[migration!(1, "0001_foundation")];

/// Any number will do, as long as no other program on the same database takes it.
const LOCK: i64 = 0x5361_6e67_6b69;

/// Runs what is missing, all or nothing; programs that start together wait for one another.
pub(super) async fn run(pools: &Pools) -> Result<(), Error> {
    // Until the end.
    let mut _guard = None;
    let mut tx = match pools {
        Pools::Sqlite { write, lock, .. } => {
            _guard = Some(retry_while_busy(|| lock.acquire()).await?);
            Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)
        }
        Pools::Postgres(pool) => {
            let mut tx = Tx::Postgres(pool.begin().await?);
            alone(&mut tx).await?;
            tx
        }
    };
    execute!(
        &mut tx,
        "create table if not exists migrations (number bigint primary key, name text not null)",
        []
    );
    let done = fetch!(&mut tx, "select number from migrations order by number", [], |row| {
        Columns::int(row, 0)
    })?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if let Some(&found) = done.last().filter(|&&found| found > known) {
        return Err(Error::Newer { found, known });
    }
    for migration in MIGRATIONS.iter().filter(|migration| !done.contains(&migration.number)) {
        match &mut tx {
            Tx::Sqlite(conn) => {
                raw_sql(migration.sqlite).execute(&mut **conn).await?.rows_affected()
            }
            Tx::Postgres(conn) => {
                raw_sql(migration.postgres).execute(&mut **conn).await?.rows_affected()
            }
        };
        execute!(
            &mut tx,
            "insert into migrations (number, name) values ($1, $2)",
            [migration.number, migration.name]
        );
        tracing::info!(number = migration.number, name = migration.name, "migrated");
    }
    if done.is_empty() {
        indexes::make_all(&mut tx).await?;
    }
    tx.commit().await
}

/// On PostgreSQL nobody else migrates until the transaction has ended.
pub(super) async fn alone(tx: &mut Tx) -> Result<(), Error> {
    execute!(tx, "select pg_advisory_xact_lock($1)", [LOCK]);
    Ok(())
}
