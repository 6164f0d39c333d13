//! The indexes of initiative lists: six, and one of words. Only the lists need them, and each lowers the rate at which
//! initiatives enter.
//!
//! This is the one place that says what the six are; the index of words is each database's own. A fresh database gets
//! them with its tables. An import of many may put them off, while nobody serves lists from the database, and makes them
//! again at its end; a server makes those that are missing before it serves, so an import that was killed costs a wait,
//! never slow lists.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::database::{Database, Effort, Store};
use super::error::{Error, retry_while_busy};
use super::postgres;
use super::rows::number;
use super::sqlite::word_index;
use super::transactions::WriteTx;
use super::tx::{Tx, fetch};
use crate::limits::{INDEXES_AT_ONCE, WORDS_TOGETHER};

struct Index {
    name: &'static str,
    make: &'static str,
    drop: &'static str,
}

macro_rules! index {
    ($name:literal, $definition:literal) => {
        Index {
            name: $name,
            make: concat!("create index if not exists ", $name, " on initiatives ", $definition),
            drop: concat!("drop index if exists ", $name),
        }
    };
}

/// Newest first by status, by unit and by field; last changed; greatest benefit; examples.
const INDEXES: [Index; 6] = [
    index!("initiatives_by_status", "(status, submitted_at, id, unit_id, kind)"),
    index!("initiatives_by_unit", "(unit_id, submitted_at, id, status, kind, title_words)"),
    index!("initiatives_by_version", "(version)"),
    index!("initiatives_by_benefit", "(benefit_vnd, id) where benefit_vnd is not null"),
    index!("initiatives_by_field", "(field, submitted_at, id) where field is not null"),
    index!("initiatives_featured", "(submitted_at, id) where featured = 1"),
];

/// PostgreSQL's index of the words of titles; SQLite's is [`word_index`].
const POSTGRES_WORDS: Index = index!(
    "initiatives_by_words",
    "using gin (array_to_tsvector(string_to_array(title_words, ' ')))"
);

/// SQLite keeps this much in memory while it sorts, in KiB below 0, and as much again of the file. PostgreSQL's own setting
/// for that is as fast as any.
const SORTED_IN_MEMORY: &str = "pragma cache_size = -65536";

/// An index of lists that does not exist, or is not whole.
pub struct Missing(Part);

enum Part {
    Index(&'static Index),
    SqliteWords,
}

impl Missing {
    /// The name of the index in the database.
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Part::Index(index) => index.name,
            Part::SqliteWords => word_index::NAME,
        }
    }
}

impl Store {
    /// The indexes of lists that are missing, or are not whole.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn missing_indexes(&self) -> Result<Vec<Missing>, Error> {
        let mut tx = self.begin_read().await?.tx;
        let mut missing = Vec::new();
        for index in all(&tx) {
            if !has_index(&mut tx, index).await? {
                missing.push(Missing(Part::Index(index)));
            }
        }
        if let Tx::Sqlite(conn) = &mut tx
            && !word_index::is_whole(conn).await?
        {
            missing.push(Missing(Part::SqliteWords));
        }
        Ok(missing)
    }

    /// Makes these indexes, and calls `made` with the name of each when it is there. Others read meanwhile. On PostgreSQL
    /// they write as well if a server has the database open; else they wait with writing until all are there. On SQLite
    /// they wait for an index until it is there, for words until some are.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn make_indexes(
        &self,
        missing: Vec<Missing>,
        mut made: impl FnMut(&'static str),
    ) -> Result<(), Error> {
        let Database::Postgres(postgres) = &self.database else {
            for missing in missing {
                self.make_one_by_one(&missing).await?;
                self.checkpoint().await?;
                made(missing.name());
            }
            return Ok(());
        };
        // Others who make them have made them when we have the lock.
        let mut builder = postgres.index_builder().await?;
        if builder.is_served().await? {
            for Missing(part) in missing {
                if let Part::Index(index) = part {
                    builder.make_beside_writers(index.name, index.make).await?;
                    made(index.name);
                }
            }
            return Ok(());
        }
        for missing in &missing {
            builder.drop_if_cut_off(missing.name()).await?;
        }
        let mut making =
            stream::iter(missing.into_iter().map(|missing| make_alone(postgres, missing)))
                .buffer_unordered(INDEXES_AT_ONCE);
        while let Some(name) = making.try_next().await? {
            made(name);
        }
        Ok(())
    }

    async fn make_one_by_one(&self, missing: &Missing) -> Result<(), Error> {
        let mut tx = retry_while_busy(|| self.begin_write()).await?;
        if let Part::Index(index) = missing.0 {
            tx.tx.run(SORTED_IN_MEMORY).await?;
            tx.tx.run(index.make).await?;
            return tx.commit().await;
        }
        if let Tx::Sqlite(conn) = &mut tx.tx {
            if !word_index::has_tokenizer(conn).await? {
                word_index::drop(conn).await?;
            }
            word_index::create(conn).await?;
        }
        tx.commit().await?;
        self.take_in_words().await
    }

    async fn take_in_words(&self) -> Result<(), Error> {
        loop {
            let mut tx = retry_while_busy(|| self.begin_write()).await?;
            let Tx::Sqlite(conn) = &mut tx.tx else { return Ok(()) };
            let taken = word_index::take_in(conn, WORDS_TOGETHER).await?;
            tx.commit().await?;
            if taken == 0 {
                return Ok(());
            }
        }
    }

    /// Drops the indexes of lists of a database that has no initiatives, if they are ours, nobody serves it and nobody
    /// reads initiatives for so long that others would have to wait. Returns whether it is without them now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn put_indexes_off(&self) -> Result<bool, Error> {
        match self.drop_indexes().await {
            Err(error) if postgres::stays(&error) => Ok(false),
            dropped => dropped,
        }
    }

    async fn drop_indexes(&self) -> Result<bool, Error> {
        let (mut tx, guard) = self.begin_plain_write(Effort::Long).await?;
        // Nobody can begin to serve before this transaction has ended.
        if self.is_served(&mut tx).await? {
            return Ok(false);
        }
        let mut tx = WriteTx::begin(tx, &self.known, guard).await?;
        if tx.head().last_ids.initiative > 0 {
            return Ok(false);
        }
        drop_all(&mut tx.tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Whether a server has the database open. No server opens it until the transaction has ended.
    pub(super) async fn is_served(&self, tx: &mut Tx) -> Result<bool, Error> {
        match (&self.database, tx) {
            (Database::Postgres(_), Tx::Postgres(conn)) => {
                postgres::bound_lock_wait(conn).await?;
                postgres::lock_migrations(conn).await?;
                postgres::is_served(conn).await
            }
            (Database::Sqlite(sqlite), _) => sqlite.is_served(),
            (Database::Postgres(_), Tx::Sqlite(_)) => {
                unreachable!("a transaction is of its store's database")
            }
        }
    }
}

async fn make_alone(
    postgres: &postgres::Database,
    missing: Missing,
) -> Result<&'static str, Error> {
    let mut tx = Tx::Postgres(postgres.begin_long_write().await?);
    if let Part::Index(index) = missing.0 {
        tx.run(index.make).await?;
    }
    tx.commit().await.map(|()| missing.name())
}

/// Makes all indexes of a database whose tables were just made.
///
/// # Errors
/// When the database does not take them.
pub async fn make_all(tx: &mut Tx) -> Result<(), Error> {
    for index in all(tx) {
        tx.run(index.make).await?;
    }
    if let Tx::Sqlite(conn) = tx {
        word_index::create(conn).await?;
    }
    Ok(())
}

/// Drops all indexes.
///
/// # Errors
/// When the database does not let go of them.
pub async fn drop_all(tx: &mut Tx) -> Result<(), Error> {
    for index in all(tx) {
        tx.run(index.drop).await?;
    }
    if let Tx::Sqlite(conn) = tx {
        word_index::drop(conn).await?;
    }
    Ok(())
}

/// Makes all indexes, with all that the tables hold.
///
/// # Errors
/// When the database does not take them.
pub async fn make_whole(tx: &mut Tx) -> Result<(), Error> {
    make_all(tx).await?;
    if let Tx::Sqlite(conn) = tx {
        while word_index::take_in(conn, WORDS_TOGETHER).await? > 0 {}
    }
    Ok(())
}

/// The index that takes longest comes first.
fn all(tx: &Tx) -> impl Iterator<Item = &'static Index> + use<> {
    matches!(tx, Tx::Postgres(_)).then_some(&POSTGRES_WORDS).into_iter().chain(&INDEXES)
}

async fn has_index(tx: &mut Tx, index: &Index) -> Result<bool, Error> {
    let sql = tx.dialect().count_index;
    let found = fetch!(tx, sql, [index.name], number)?;
    Ok(found.first() == Some(&1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: &str = "
        insert into initiatives (id, key, content_hash, unit_id, title, title_words, kind, confidential, status,
            featured, entered_by, submitted_at, updated_at, version)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 10)
        select i, i, '', 1, '', 'sang kien ' || i, 'IDEA', 0, 'PENDING', 0, '', 0, 0, i from n;
        update counter set initiative_id = 10;";
    const MORE: &str = "
        insert into initiatives (id, key, content_hash, unit_id, title, title_words, kind, confidential, status,
            featured, entered_by, submitted_at, updated_at, version)
        values (11, '11', '', 1, '', 'moi', 'IDEA', 0, 'PENDING', 0, '', 0, 0, 11);
        update initiatives set title_words = 'khac' where id in (1, 10);";

    async fn change(store: &Store, sql: &'static str) {
        let mut tx = store.begin_write().await.unwrap();
        tx.tx.run(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn with_word(store: &Store, word: &str) -> Vec<i64> {
        let found = store.begin_read().await.unwrap().with_word(word, 100).await.unwrap();
        let mut found: Vec<i64> = found.into_iter().map(|id| id.0).collect();
        found.sort_unstable();
        found
    }

    /// An index of before, which cut words of some scripts, is missing, and is made anew.
    #[tokio::test]
    async fn an_index_that_cuts_words_is_made_anew() {
        const OLD: &str = r#"drop table initiative_words;
            create virtual table initiative_words using fts5 (title_words, content = '',
                contentless_delete = 1, detail = none, tokenize = "unicode61 remove_diacritics 0");"#;
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let store = Store::open(&url).await.unwrap();
        change(&store, OLD).await;
        change(&store, SOME).await;
        change(&store, "update initiatives set title_words = 'ថាមពល น้ำ' where id = 3").await;
        let missing = store.missing_indexes().await.unwrap();
        assert_eq!(missing.iter().map(Missing::name).collect::<Vec<_>>(), ["initiative_words"]);
        store.make_indexes(missing, |_| ()).await.unwrap();
        assert!(store.missing_indexes().await.unwrap().is_empty());
        for word in ["ថាម", "น้ำ", "น"] {
            assert_eq!(with_word(&store, word).await, [3], "{word}");
        }
        assert_eq!(with_word(&store, "sang").await.len(), 9);
    }

    /// Somebody is killed while words are taken in, others write, somebody goes on.
    #[tokio::test]
    async fn words_are_taken_in_bit_by_bit_and_none_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let store = Store::open(&url).await.unwrap();
        assert!(store.put_indexes_off().await.unwrap());
        change(&store, SOME).await;
        let mut tx = store.begin_write().await.unwrap();
        let Tx::Sqlite(conn) = &mut tx.tx else { unreachable!() };
        word_index::create(conn).await.unwrap();
        assert_eq!(word_index::take_in(conn, 4).await.unwrap(), 4);
        tx.commit().await.unwrap();
        assert_eq!(with_word(&store, "sang").await, [7, 8, 9, 10]);
        change(&store, MORE).await;
        let missing = store.missing_indexes().await.unwrap();
        assert!(missing.iter().any(|index| index.name() == "initiative_words"), "it is not whole");
        store.make_indexes(missing, |_| ()).await.unwrap();
        assert!(store.missing_indexes().await.unwrap().is_empty());
        assert_eq!(with_word(&store, "sang").await, [2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(with_word(&store, "khac").await, [1, 10]);
        assert_eq!(with_word(&store, "moi").await, [11]);
        assert!(!store.put_indexes_off().await.unwrap(), "there are initiatives");
    }
}
