//! Brings a database up to date. Shipped files are never edited; twin folders keep the same
//! numbers and names. The indexes of lists are in [`super::indexes`].

use super::database::{Effort, Store};
use super::error::{Error, retry_while_busy};
use super::rows::number;
use super::tx::{Tx, execute, fetch};
use super::{indexes, postgres};

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

const MIGRATIONS: &[Migration] =
    &[migration!(1, "0001_foundation"), migration!(2, "0002_events_of_structure")];

/// Checks that the tables are those of this program.
///
/// # Errors
/// [`Error::Older`] or [`Error::Newer`] when they are not; else when the database cannot be read.
pub async fn check(store: &Store) -> Result<(), Error> {
    let mut tx = store.begin_plain_read(Effort::Ordinary).await?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let sql = tx.dialect().count_relation;
    let has_any = fetch!(&mut tx, sql, ["migrations"], number)?;
    let done = match has_any.first() {
        Some(0) | None => Vec::new(),
        _ => fetch!(&mut tx, "select coalesce(max(number), 0) from migrations", [], number)?,
    };
    match done.first().copied().unwrap_or(0) {
        found if found > known => Err(Error::Newer { found, known }),
        found if found < known => Err(Error::Older { found, known }),
        _ => Ok(()),
    }
}

/// Runs the missing migrations, all or none; programs that start together wait for one another.
///
/// # Errors
/// [`Error::Newer`] when a newer program migrated the database; else when it does not take a migration.
pub async fn run(store: &Store) -> Result<(), Error> {
    // The guard is held until the end.
    let (mut tx, _guard) = retry_while_busy(|| store.begin_plain_write(Effort::Long)).await?;
    if let Tx::Postgres(conn) = &mut tx {
        postgres::lock_migrations(conn).await?;
    }
    execute!(
        &mut tx,
        "create table if not exists migrations (number bigint primary key, name text not null)",
        []
    );
    let done = fetch!(&mut tx, "select number from migrations order by number", [], number)?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if let Some(&found) = done.last().filter(|&&found| found > known) {
        return Err(Error::Newer { found, known });
    }
    for migration in MIGRATIONS.iter().filter(|migration| !done.contains(&migration.number)) {
        let sql = match &tx {
            Tx::Sqlite(_) => migration.sqlite,
            Tx::Postgres(_) => migration.postgres,
        };
        tx.run(sql).await?;
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
