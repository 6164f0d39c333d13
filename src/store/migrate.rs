//! Brings a database up to date. Shipped files are never edited; twin folders keep the same
//! numbers and names. The database remembers the digest of each file that it was made with, so that an edited file, or one of
//! a build that is no release, is noticed. The indexes of lists are in [`super::indexes`].

use sha2::{Digest as _, Sha256};

use super::database::{Effort, Store};
use super::error::{Error, retry_while_busy};
use super::rows::{Columns, number};
use super::sqlite::WriteGuard;
use super::tx::{Tx, execute, fetch};
use super::{indexes, nodes, postgres};
use crate::digest::hex;

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

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_foundation"),
    migration!(2, "0002_events_of_structure"),
    migration!(3, "0003_digests_of_migrations"),
    migration!(4, "0004_nodes"),
    migration!(5, "0005_parts_of_targets"),
    migration!(6, "0006_prunes"),
    migration!(7, "0007_told_by"),
    migration!(8, "0008_kept_figures"),
    migration!(9, "0009_rules"),
    migration!(10, "0010_confirmed_assessments"),
];

/// The first migration after which the database remembers digests.
const WITH_DIGESTS: i64 = 3;

impl Migration {
    const fn sql(&self, tx: &Tx) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }

    fn digest(&self, tx: &Tx) -> String {
        hex(&Sha256::digest(self.sql(tx)))
    }
}

/// Checks that the tables are those of this program.
///
/// # Errors
/// [`Error::Older`], [`Error::Newer`], [`Error::ForeignMigration`] or [`Error::EditedMigration`] when they are not; else
/// when the database cannot be read.
pub async fn check(store: &Store) -> Result<(), Error> {
    let mut tx = store.begin_plain_read(Effort::Ordinary).await?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let sql = tx.dialect().count_relation;
    let has_any = fetch!(&mut tx, sql, ["migrations"], number)?;
    let found = match has_any.first() {
        Some(0) | None => 0,
        _ => judge(&mut tx).await?.numbers.last().copied().unwrap_or(0),
    };
    if found < known { Err(Error::Older { found, known }) } else { Ok(()) }
}

/// Runs the missing migrations, all or none; programs that start together wait for one another.
///
/// # Errors
/// [`Error::Newer`], [`Error::ForeignMigration`] or [`Error::EditedMigration`] when another program migrated the
/// database; else when it does not take a migration.
pub async fn run(store: &Store) -> Result<(), Error> {
    let (tx, _guard) = migrated(store).await?;
    tx.commit().await
}

/// Like [`run`], and notes in the same transaction that this process serves the database: a program whose tables are newer
/// has not begun before then.
///
/// # Errors
/// The errors of [`run`].
pub async fn run_for_serving(store: &Store) -> Result<(), Error> {
    let (mut tx, _guard) = migrated(store).await?;
    let node = nodes::note_begin(&mut tx).await?;
    tx.commit().await?;
    store.node.get_or_init(|| node);
    Ok(())
}

/// A transaction in which the missing migrations have run. The guard is to be held until its end.
async fn migrated(store: &Store) -> Result<(Tx, Option<WriteGuard>), Error> {
    let (mut tx, guard) = retry_while_busy(|| store.begin_plain_write(Effort::Long)).await?;
    if let Tx::Postgres(conn) = &mut tx {
        postgres::lock_migrations(conn).await?;
    }
    execute!(
        &mut tx,
        "create table if not exists migrations (number bigint primary key, name text not null)",
        []
    );
    let done = judge(&mut tx).await?;
    for migration in MIGRATIONS.iter().filter(|it| !done.numbers.contains(&it.number)) {
        let sql = migration.sql(&tx);
        tx.run(sql).await?;
        execute!(
            &mut tx,
            "insert into migrations (number, name) values ($1, $2)",
            [migration.number, migration.name]
        );
        // A database that was empty before is made, not brought up to date.
        if !done.numbers.is_empty() {
            tracing::info!(number = migration.number, name = migration.name, "migrated");
        }
    }
    if done.numbers.is_empty() {
        indexes::make_all(&mut tx).await?;
    }
    // A database from before digests were remembered is taken to be made with these files.
    if MIGRATIONS.len() > done.digests {
        for migration in MIGRATIONS {
            let digest = migration.digest(&tx);
            execute!(
                &mut tx,
                "update migrations set digest = $2 where number = $1 and digest is null",
                [migration.number, digest.as_str()]
            );
        }
    }
    Ok((tx, guard))
}

/// The migrations that a database has.
struct Done {
    /// In order.
    numbers: Vec<i64>,
    /// The number of those whose digests it remembers.
    digests: usize,
}

/// Reads the migrations that the database has, each of which is one of this program's.
async fn judge(tx: &mut Tx) -> Result<Done, Error> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let done = fetch!(tx, "select number, name from migrations order by number", [], |row| {
        Ok((Columns::int(row, 0)?, Columns::text(row, 1)?))
    })?;
    if let Some(&(found, _)) = done.last().filter(|&&(found, _)| found > known) {
        return Err(Error::Newer { found, known });
    }
    let ours = |number| MIGRATIONS.iter().find(|migration| migration.number == number);
    for (number, found) in &done {
        let name = ours(*number).map_or("none of that number", |migration| migration.name);
        if name != found {
            let (number, found) = (*number, found.clone());
            return Err(Error::ForeignMigration { number, found, known: name });
        }
    }
    let numbers: Vec<i64> = done.into_iter().map(|(number, _)| number).collect();
    if !numbers.contains(&WITH_DIGESTS) {
        return Ok(Done { numbers, digests: 0 });
    }
    let digests = fetch!(
        tx,
        "select number, digest from migrations where digest is not null order by number",
        [],
        |row| Ok((Columns::int(row, 0)?, Columns::text(row, 1)?))
    )?;
    for (number, digest) in &digests {
        if let Some(migration) = ours(*number).filter(|ours| ours.digest(tx) != *digest) {
            return Err(Error::EditedMigration { name: migration.name });
        }
    }
    Ok(Done { numbers, digests: digests.len() })
}
