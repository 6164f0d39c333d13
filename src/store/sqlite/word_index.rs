//! SQLite's index of the words of titles: the words by the number of the initiative.
//!
//! The index holds no contents, and triggers keep it in step with the titles. Words are parted by spaces alone, as
//! `title_words` parts them: the tokenizer's own view of letters would cut words of many scripts into phrases, which
//! this index cannot find.

use sqlx::{SqliteConnection, raw_sql};

use crate::store::error::Error;

/// The name of the index in the database.
pub const NAME: &str = "initiative_words";

const CREATE: &str = r#"
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
const DROP: &str = "
drop trigger if exists words_of_new_titles;
drop trigger if exists words_of_changed_titles;
drop table if exists initiative_words;
";

/// Takes in the words of the initiatives below all that are there, from the last to the first. So an import that is cut
/// off leaves no gap, and new initiatives may come meanwhile.
const TAKE_IN: &str = "
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

/// Makes the index and its triggers, without the words of the initiatives that are there.
///
/// # Errors
/// When the database does not take them.
pub async fn create(conn: &mut SqliteConnection) -> Result<(), Error> {
    raw_sql(CREATE).execute(conn).await?;
    Ok(())
}

/// # Errors
/// When the database does not let go of them.
pub async fn drop(conn: &mut SqliteConnection) -> Result<(), Error> {
    raw_sql(DROP).execute(conn).await?;
    Ok(())
}

/// Takes in the words of at most `limit` initiatives; returns of how many.
///
/// # Errors
/// When the database does not take them.
pub async fn take_in(conn: &mut SqliteConnection, limit: i64) -> Result<u64, Error> {
    Ok(sqlx::query(TAKE_IN).bind(limit).execute(conn).await?.rows_affected())
}

/// Whether the index, if it is there, parts words as [`CREATE`] says.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_tokenizer(conn: &mut SqliteConnection) -> Result<bool, Error> {
    let others = number(
        conn,
        "select count(*) from sqlite_schema
         where name = 'initiative_words' and sql not like '%categories ''L* M* N* P* S* C*''%'",
    );
    Ok(others.await? == 0)
}

/// Whether the index and its triggers are there, and the words of all initiatives in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_whole(conn: &mut SqliteConnection) -> Result<bool, Error> {
    let parts = number(
        conn,
        "select count(*) from sqlite_schema
         where name in ('initiative_words', 'words_of_new_titles', 'words_of_changed_titles')",
    );
    if parts.await? != 3 || !has_tokenizer(conn).await? {
        return Ok(false);
    }
    let without = number(
        conn,
        "select count(*) from initiatives
         where id = (select min(id) from initiatives)
            and id not in (select rowid from initiative_words where rowid = initiatives.id)",
    );
    Ok(without.await? == 0)
}

async fn number(conn: &mut SqliteConnection, sql: &'static str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}
