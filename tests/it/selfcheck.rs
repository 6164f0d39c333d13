//! The server notices when its board and the database disagree, and mends itself.

use std::sync::Arc;

use sangkien::board;
use sangkien::domain::clock::ManualClock;
use sangkien::domain::{Actor, Command, Timestamp, UnitId, UnitRef};
use sangkien::store::Store;
use sangkien::supervisor::Supervisor;
use sangkien::writer::tags::Tags;
use sangkien::writer::{self, self_check::check};

use crate::commands;

#[tokio::test]
async fn a_board_that_went_wrong_is_found_out_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("check.db");
    let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
    let board = board::load(&mut store.begin_reads().await.unwrap()).await.unwrap();
    let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
    let clock = Arc::new(ManualClock::new(now));
    let tags = Tags::seeded(1);
    let (writer, hub, running) =
        writer::start(store.clone(), board, clock, tags, &Supervisor::default()).await.unwrap();
    for key in ["a", "b", "c"] {
        let submit = commands::submit(key, UnitRef::Id(UnitId(1)));
        writer.execute(Command::Submit(submit), Arc::new(Actor::SYSTEM)).await.unwrap();
    }
    assert_eq!(check(&store, &hub).await.unwrap(), None);

    // Somebody meddles with the facts behind the server's back.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("update initiatives set status = 'ACCEPTED' where key = 'b'")
        .execute(&pool)
        .await
        .unwrap();
    let difference = check(&store, &hub).await.unwrap().expect("a difference");
    assert!(difference.contains("unit root"), "{difference}");

    writer.rebuild().await.unwrap();
    assert_eq!(check(&store, &hub).await.unwrap(), None);
    let snapshot = hub.latest();
    let period = snapshot.structure.default_period().unwrap();
    assert_eq!(snapshot.cell(UnitId(1), period).counts().accepted, 1);
    running.stop().await.unwrap();
}
