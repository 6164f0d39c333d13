//! A large import leaves out the indexes of lists until its end. Lists find their indexes however it
//! ends, and whichever server starts meanwhile.

use std::process::Child;

use sangkien::exchange::Noun;
use sangkien::store::Store;

use super::cut_off::{Furnished, MANY, run, spawn};
use crate::conformance::on_each_database;
use crate::database::{Database, Kind, ask_text, in_time, run_sql, verify_database};
use crate::harness::World;

on_each_database! {
    at_the_end_all_indexes_are_there
    a_server_makes_what_a_killed_import_left_out
    another_import_makes_what_a_killed_one_left_out
    a_server_that_starts_meanwhile_makes_them
    an_import_that_is_told_to_stop_makes_them
    two_imports_of_one_file_write_it_once
    nothing_is_left_out_beside_a_server
    nothing_is_left_out_where_initiatives_are
}

async fn at_the_end_all_indexes_are_there(kind: Kind) {
    let desk = Furnished::new(kind);
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    let import = desk.left_out().await;
    let ended = import.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(
        ended.status.success() && told.contains("indexing: 100 %\nthe import is named"),
        "{told}"
    );
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    desk.check_lists(MANY).await;
}

async fn a_server_makes_what_a_killed_import_left_out(kind: Kind) {
    let desk = Furnished::new(kind);
    kill(desk.left_out().await);
    assert_ne!(desk.catalogue().await, fresh(kind).await);
    let there = desk.store().await.begin_read().await.unwrap().initiative_count().await.unwrap();
    desk.check_lists(there).await;
    assert_eq!(desk.catalogue().await, fresh(kind).await);
}

async fn another_import_makes_what_a_killed_one_left_out(kind: Kind) {
    let desk = Furnished::new(kind);
    kill(desk.left_out().await);
    run(&desk.database, Noun::Initiatives, &desk.file);
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    desk.check_lists(MANY).await;
}

async fn a_server_that_starts_meanwhile_makes_them(kind: Kind) {
    let desk = Furnished::new(kind);
    let import = desk.left_out().await;
    let server = World::of(&desk.database.url, NOW).await;
    assert_eq!(desk.catalogue().await, fresh(kind).await, "before it serves");
    let ended = import.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    in_time(async {
        while server.query("{ root { tally { submitted } } }").await["root"]["tally"]["submitted"]
            != MANY
        {}
    })
    .await;
    check_lists(&server, MANY).await;
}

async fn an_import_that_is_told_to_stop_makes_them(kind: Kind) {
    let desk = Furnished::new(kind);
    let import = desk.left_out().await;
    let pid = import.id().to_string();
    assert!(
        std::process::Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success()
    );
    let ended = import.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("sangkien: stopped; ") && told.contains("another run does the rest"));
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    run(&desk.database, Noun::Initiatives, &desk.file);
    desk.check_lists(MANY).await;
}

async fn two_imports_of_one_file_write_it_once(kind: Kind) {
    let desk = Furnished::new(kind);
    let imports = [(); 2].map(|()| spawn(&desk.database, Noun::Initiatives, &desk.file));
    for import in imports {
        let ended = import.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    assert_eq!(desk.catalogue().await, fresh(kind).await);
    desk.check_lists(MANY).await;
}

async fn nothing_is_left_out_beside_a_server(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let (server, lock) = Store::open_for_serving(&database.url).await.unwrap();
    assert!(!store.put_indexes_off().await.unwrap());
    assert!(store.missing_indexes().await.unwrap().is_empty());
    server.close().await;
    drop(lock);
    // The system may take a moment to say that it is gone.
    in_time(async { while !store.put_indexes_off().await.unwrap() {} }).await;
    assert!(!store.missing_indexes().await.unwrap().is_empty());
    let (server, _lock) = Store::open_for_serving(&database.url).await.unwrap();
    assert!(server.missing_indexes().await.unwrap().is_empty());
}

async fn nothing_is_left_out_where_initiatives_are(kind: Kind) {
    let desk = Furnished::new(kind);
    run(&desk.database, Noun::Initiatives, &desk.file);
    assert!(!desk.store().await.put_indexes_off().await.unwrap());
    assert_eq!(desk.catalogue().await, fresh(kind).await);
}

/// Somebody may read for an hour; an import does not wait for that, nor make others wait.
#[tokio::test]
async fn who_reads_on_postgresql_is_not_waited_for() {
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    let store = database.open().await;
    let mut reading = store.begin_read().await.unwrap();
    assert_eq!(reading.initiative_count().await.unwrap(), 0);
    assert!(!in_time(store.put_indexes_off()).await.unwrap());
    assert!(store.missing_indexes().await.unwrap().is_empty());
    drop(reading);
    in_time(async { while !store.put_indexes_off().await.unwrap() {} }).await;
}

#[tokio::test]
async fn what_belongs_to_another_role_stays() {
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    database.open().await.close().await;
    let grants = "create role importer login;
        grant all on schema public to importer;
        grant all on all tables in schema public to importer";
    run_sql(&database.url, grants).await;
    let url = database.url.replacen("sangkien@", "importer@", 1);
    let store = Store::open(&url).await.unwrap();
    assert!(!store.put_indexes_off().await.unwrap());
    assert!(store.missing_indexes().await.unwrap().is_empty());
}

const NOW: &str = "2022-06-10T12:00:00+07:00";

impl Furnished {
    async fn store(&self) -> Store {
        self.database.open().await
    }

    /// An import that has left out what lists are found by, and has written some.
    async fn left_out(&self) -> Child {
        let store = self.store().await;
        let import = spawn(&self.database, Noun::Initiatives, &self.file);
        in_time(async {
            while store.missing_indexes().await.unwrap().is_empty() {}
            while store.begin_read().await.unwrap().initiative_count().await.unwrap() == 0 {
                // Somebody who wants to write: a transaction of the import ends for them.
                drop(store.begin_write().await.unwrap());
            }
        })
        .await;
        store.close().await;
        import
    }

    async fn catalogue(&self) -> String {
        catalogue(&self.database).await
    }

    /// Checks the lists by a server of its own.
    async fn check_lists(&self, count: usize) {
        verify_database(&self.database.url).await;
        check_lists(&World::of(&self.database.url, NOW).await, count).await;
    }
}

fn kill(mut import: Child) {
    import.kill().unwrap();
    import.wait().unwrap();
}

/// All indexes, triggers and tables that a database has.
async fn catalogue(database: &Database) -> String {
    let query = if database.url.starts_with("sqlite") {
        "select group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10))
         from (select * from sqlite_schema order by type, name)"
    } else {
        "select string_agg(indexdef, chr(10) order by indexname) from pg_indexes
         where schemaname = 'public'"
    };
    ask_text(&database.url, query).await
}

async fn fresh(kind: Kind) -> String {
    let database = kind.fresh();
    database.open().await.close().await;
    catalogue(&database).await
}

/// The first of `count` are there, newest first, each once, and are found by their words.
async fn check_lists(server: &World, count: usize) {
    let last = count - 1;
    let answer = server
        .query(&format!(
            "{{
               all: initiatives {{ totalCount nodes {{ title }} }}
               first: initiatives(first: 2, filter: {{ text: \"kien 0\" }}) {{ totalCount nodes {{ title }} }}
               last: initiatives(first: 2, filter: {{ text: \"kien {last}\" }}) {{ totalCount nodes {{ title }} }}
               words: initiatives(filter: {{ text: \"sang\" }}) {{ totalCount }}
             }}"
        ))
        .await;
    assert_eq!(answer["all"]["totalCount"], count);
    assert_eq!(answer["words"]["totalCount"], count);
    let newest = format!("Sáng kiến {last}");
    assert_eq!(answer["all"]["nodes"][0]["title"], newest);
    assert_eq!(answer["last"]["nodes"][0]["title"], newest);
    assert_eq!(answer["first"]["nodes"][0]["title"], "Sáng kiến 0");
    assert_eq!(answer["first"]["totalCount"], 1);
}
