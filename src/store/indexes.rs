//! What lists of initiatives are found by: six indexes, and one of words. Nothing else needs them, and each costs
//! the rate at which initiatives enter.
//!
//! This is the one place that says what they are. A fresh database gets them with its tables. An import of
//! many may put them off, while nobody serves lists from the database, and makes them again at its end; a server
//! makes those that are missing before it serves, so an import that was killed costs a wait, never slow lists.

use std::fs::File;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{PgPool, raw_sql};

use super::rows::number;
use super::write_lock::retry_while_busy;
use super::{Error, Pools, SERVER, Store, Tx, WriteTx, execute, fetch, migrate, on, server_lock};
use crate::limits::{INDEX_LOCK_WITHIN, INDEXES_AT_ONCE, WORDS_TOGETHER};

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

/// Words of titles.
const WORDS: Index = index!(
    "initiatives_by_words",
    "using gin (array_to_tsvector(string_to_array(title_words, ' ')))"
);

/// The same on SQLite: words by the number of the initiative. Contents are where they always were, and triggers
/// keep it in step with them. Words are parted by spaces alone, as `title_words` parts them: the tokenizer's own
/// view of letters would cut words of many scripts into phrases, which this index cannot find.
const SQLITE_WORDS: &str = r#"
create virtual table if not exists initiative_words using fts5 (
    title_words,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
);
create trigger if not exists words_of_new_titles after insert on initiatives begin
    insert into initiative_words (rowid, title_words) values (new.id, new.title_words);
end;
create trigger if not exists words_of_changed_titles after update of title_words on initiatives
when old.title_words is not new.title_words begin
    update initiative_words set title_words = new.title_words where rowid = new.id;
end;
"#;
const DROP_SQLITE_WORDS: &str = "
drop trigger if exists words_of_new_titles;
drop trigger if exists words_of_changed_titles;
drop table if exists initiative_words;
";

/// Takes in the words of the initiatives below all that are there, from the last to the first: so whoever is cut
/// off leaves no gap, and new ones may come meanwhile.
const TAKE_IN_WORDS: &str = "
    insert into initiative_words (rowid, title_words)
    select id, title_words
    from (
        select id, title_words from initiatives
        where id < coalesce(
            (select rowid from initiative_words order by rowid limit 1), 9223372036854775807
        )
        order by id desc limit $1
    )
    order by id";

/// What SQLite keeps in memory while it sorts, in KiB below 0, and once more of the file. PostgreSQL's own setting
/// for that is as fast as any.
const SORTED_IN_MEMORY: &str = "pragma cache_size = -65536";

/// PostgreSQL's words for a lock that was not there in time, and for what belongs to another role.
const STAYS: [&str; 2] = ["55P03", "42501"];

/// An index of lists that is not there.
pub struct Missing(Part);

enum Part {
    Index(&'static Index),
    SqliteWords,
}

impl Missing {
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Part::Index(index) => index.name,
            Part::SqliteWords => "initiative_words",
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
        if matches!(tx, Tx::Sqlite(_)) && !has_sqlite_words(&mut tx).await? {
            missing.push(Missing(Part::SqliteWords));
        }
        Ok(missing)
    }

    /// Makes them, and tells of each when it is there. Others read meanwhile, and wait with writing: on PostgreSQL until all
    /// are there, else for an index until it is, for words until some are.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn make_indexes(
        &self,
        missing: Vec<Missing>,
        mut tell: impl FnMut(&'static str),
    ) -> Result<(), Error> {
        let Pools::Postgres(pool) = &self.pools else {
            for missing in missing {
                self.make_one_by_one(&missing).await?;
                self.checkpoint().await?;
                tell(missing.name());
            }
            return Ok(());
        };
        // So nobody else makes them either.
        let _counter_row = retry_while_busy(|| self.begin_write()).await?;
        let mut made =
            stream::iter(missing.into_iter().map(|missing| make_beside(pool.clone(), missing)))
                .buffer_unordered(INDEXES_AT_ONCE);
        while let Some(name) = made.try_next().await? {
            tell(name);
        }
        Ok(())
    }

    async fn make_one_by_one(&self, missing: &Missing) -> Result<(), Error> {
        let mut tx = retry_while_busy(|| self.begin_write()).await?;
        let Part::Index(index) = missing.0 else {
            if !has_sqlite_tokenizer(&mut tx.tx).await? {
                run(&mut tx.tx, DROP_SQLITE_WORDS).await?;
            }
            run(&mut tx.tx, SQLITE_WORDS).await?;
            tx.commit().await?;
            return self.take_in_words().await;
        };
        run(&mut tx.tx, SORTED_IN_MEMORY).await?;
        run(&mut tx.tx, index.make).await?;
        tx.commit().await
    }

    async fn take_in_words(&self) -> Result<(), Error> {
        loop {
            let mut tx = retry_while_busy(|| self.begin_write()).await?;
            let taken = take_in_words_of(&mut tx.tx, WORDS_TOGETHER).await?;
            tx.commit().await?;
            if taken == 0 {
                return Ok(());
            }
        }
    }

    /// Lets a database that has no initiatives be without indexes of lists, if they are ours, nobody serves it and
    /// nobody reads what they are of for so long that others would have to wait. Whether it is without them now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn put_indexes_off(&self) -> Result<bool, Error> {
        match self.drop_indexes().await {
            Err(Error::Database(sqlx::Error::Database(error)))
                if error.code().is_some_and(|code| STAYS.contains(&&*code)) =>
            {
                Ok(false)
            }
            dropped => dropped,
        }
    }

    async fn drop_indexes(&self) -> Result<bool, Error> {
        let (mut tx, guard) = self.begin_plain_write().await?;
        if let Tx::Postgres(_) = tx {
            let within = format!("{}ms", INDEX_LOCK_WITHIN.as_millis());
            execute!(&mut tx, "select set_config('lock_timeout', $1, true)", [&within]);
            migrate::alone(&mut tx).await?;
        }
        // Nobody can begin to serve before this transaction has ended.
        if self.is_served(&mut tx).await? {
            return Ok(false);
        }
        let mut tx = WriteTx::begin(tx, guard).await?;
        if tx.head().last_ids.initiative > 0 {
            return Ok(false);
        }
        for index in all(&tx.tx) {
            run(&mut tx.tx, index.drop).await?;
        }
        if let Tx::Sqlite(_) = tx.tx {
            run(&mut tx.tx, DROP_SQLITE_WORDS).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn is_served(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Pools::Sqlite { path, .. } = &self.pools else {
            let servers = fetch!(
                tx,
                "select count(*) from pg_stat_activity
                 where datname = current_database() and application_name = $1",
                [SERVER],
                number
            )?;
            return Ok(servers.first() != Some(&0));
        };
        let path = server_lock(path);
        match File::options().read(true).open(&path) {
            // Dropped at once; a server that wants it waits for our write lock first.
            Ok(lock) => Ok(lock.try_lock_shared().is_err()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Error::Lock { path, source }),
        }
    }
}

async fn make_beside(pool: PgPool, missing: Missing) -> Result<&'static str, Error> {
    let mut tx = Tx::Postgres(pool.begin().await?);
    if let Part::Index(index) = missing.0 {
        run(&mut tx, index.make).await?;
    }
    tx.commit().await.map(|()| missing.name())
}

/// Of a database whose tables were just made.
pub(super) async fn make_all(tx: &mut Tx) -> Result<(), Error> {
    for index in all(tx) {
        run(tx, index.make).await?;
    }
    if let Tx::Sqlite(_) = tx {
        run(tx, SQLITE_WORDS).await?;
    }
    Ok(())
}

/// The one that takes longest first.
fn all(tx: &Tx) -> impl Iterator<Item = &'static Index> + use<> {
    matches!(tx, Tx::Postgres(_)).then_some(&WORDS).into_iter().chain(&INDEXES)
}

/// Of so many initiatives at most; of how many.
async fn take_in_words_of(tx: &mut Tx, limit: i64) -> Result<u64, Error> {
    Ok(execute!(tx, TAKE_IN_WORDS, [limit]))
}

async fn run(tx: &mut Tx, sql: &'static str) -> Result<(), Error> {
    on!(tx, conn => raw_sql(sql).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

async fn has_index(tx: &mut Tx, index: &Index) -> Result<bool, Error> {
    let sql = match tx {
        Tx::Sqlite(_) => "select count(*) from sqlite_schema where name = $1",
        Tx::Postgres(_) => "select count(to_regclass($1))",
    };
    let found = fetch!(tx, sql, [index.name], number)?;
    Ok(found.first() == Some(&1))
}

/// Whether the index of words, if it is there, parts words as [`SQLITE_WORDS`] says.
async fn has_sqlite_tokenizer(tx: &mut Tx) -> Result<bool, Error> {
    let others = fetch!(
        tx,
        "select count(*) from sqlite_schema
         where name = 'initiative_words' and sql not like '%categories ''L* M* N* P* S* C*''%'",
        [],
        number
    )?;
    Ok(others.first() == Some(&0))
}

async fn has_sqlite_words(tx: &mut Tx) -> Result<bool, Error> {
    let parts = fetch!(
        tx,
        "select count(*) from sqlite_schema
         where name in ('initiative_words', 'words_of_new_titles', 'words_of_changed_titles')",
        [],
        number
    )?;
    if parts.first() != Some(&3) || !has_sqlite_tokenizer(tx).await? {
        return Ok(false);
    }
    let without = fetch!(
        tx,
        "select count(*) from initiatives
         where id = (select min(id) from initiatives)
            and id not in (select rowid from initiative_words where rowid = initiatives.id)",
        [],
        number
    )?;
    Ok(without.first() == Some(&0))
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
        run(&mut tx.tx, sql).await.unwrap();
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
        change(&store, SQLITE_WORDS).await;
        let mut tx = store.begin_write().await.unwrap();
        assert_eq!(take_in_words_of(&mut tx.tx, 4).await.unwrap(), 4);
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
