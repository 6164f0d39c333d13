//! The findings of a recount in a database that somebody else has changed by hand.

use sangkien::domain::command::{ReviewDecision, Submit};
use sangkien::domain::{Command, InitiativeId, PeriodId, PeriodRef, Timestamp, UnitId, UnitRef};
use sangkien::recount::{self, Depth};
use sangkien::store::Store;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use crate::commands;
use crate::writer_node::{Backend, WriterNode};

/// Events: 1 a day, 2 the root, 3 the programme, 4 a unit, 5 a target, 6 an initiative, 7 a day,
/// 8 its acceptance, 9 another initiative.
async fn node() -> WriterNode {
    let now = Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment");
    let node = WriterNode::open(Backend::Sqlite, now, 3).await.expect("SQLite is always there");
    let submit = |key: &str| {
        let ordinary = commands::submit(key, UnitRef::Id(UnitId(2)));
        Command::Submit(Submit { benefit_vnd: Some(5), ..ordinary })
    };
    let unit = Command::UpsertUnit(commands::unit("cdcs", Some(UnitRef::Id(UnitId(1)))));
    let targets = commands::set_goal(PeriodRef::Id(PeriodId(1)), UnitRef::Id(UnitId(2)), 2);
    for command in [unit, targets, submit("k1")] {
        node.execute(command).await.expect("it is carried out");
    }
    node.clock.advance_ms(86_400_000);
    let accept = commands::review(InitiativeId(1), ReviewDecision::Accept);
    for command in [accept, submit("k2")] {
        node.execute(command).await.expect("it is carried out");
    }
    node
}

/// Changes the file as somebody else might, and returns the report of a recount.
async fn report_after(sql: &'static str) -> String {
    let node = node().await;
    let verdict = node.verify().await;
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    let mut file = SqliteConnection::connect(&node.url).await.expect("the file opens");
    sqlx::raw_sql(sql).execute(&mut file).await.expect("the change is taken");
    // As by a program of its own: the node would notice that its log is another.
    let store = Store::open_to_read(&node.url).await.expect("the file opens");
    let verdict = recount::verify(&store, Depth::Replay).await.expect("the database is readable");
    assert!(!verdict.is_clean(), "{sql}");
    verdict.to_string()
}

#[tokio::test]
async fn a_changed_database_is_found_out() {
    for (sql, expected) in [
        (
            "update initiatives set status = 'REJECTED' where id = 1",
            "initiative 1: status is Rejected among the facts, Accepted by the log",
        ),
        ("update initiatives set unit_id = 1 where id = 2", "initiative 2: unit is"),
        ("update initiatives set featured = 1 where id = 1", "initiative 1: featured is true"),
        (
            "update initiatives set confidential = 1 where id = 1",
            "initiative 1: confidential is true",
        ),
        ("update initiatives set kind = 'RESEARCH' where id = 1", "initiative 1: kind is"),
        (
            "update authors set author_group = 'OTHER' where initiative_id = 1",
            "initiative 1: authorGroup is",
        ),
        (
            "update initiatives set rejection_reason = 'OTHER' where id = 1",
            "initiative 1: rejectionReason is",
        ),
        (
            "update initiatives set field = 'x' where id = 1",
            "initiative 1: the digest of the field",
        ),
        ("update initiatives set version = 6 where id = 1", "initiative 1: its last change is"),
        ("delete from authors where initiative_id = 1", "initiative 1: people is [] among"),
        (
            "delete from authors; delete from initiatives where id = 2",
            "initiatives: their number is 1 among the facts, 2 by the log",
        ),
        ("update units set kind = 'SECTION' where id = 2", "unit cdcs: the row is"),
        (
            "insert into units select 3, 'x', name, kind, 1, cluster, sector, foreign_invested,
                member_count, closed_on, placeholder, version, updated_at from units where id = 2",
            "unit x: the row is",
        ),
        ("update periods set ends_on = ends_on - 1", "period programme: the row is"),
        ("update targets set goal = 3", "target TargetKey"),
        ("delete from targets", "TargetKey"),
        ("update counter set version = 8", "the counter: the last event is"),
        ("delete from events where version = 5", "event 6: the version is"),
        ("delete from events where version = 9", "the counter: the last event is"),
        ("update events set at = at + 86400000 where version = 6", "event 6: the day is"),
        ("update events set at = 5 where version = 5", "event 5: the time is"),
        (
            "update events set body = replace(body, 'PENDING', 'RETURNED') where version = 6",
            "event 8: the state before is",
        ),
        (
            "update events set body = replace(body, '\"path\":[1,2]', '\"path\":[2]')
             where version = 8",
            "event 8: the path is",
        ),
        (
            "update events set body = replace(body, '\"after\"', '\"before\"') where version = 5",
            "event 5: the target before is",
        ),
        (
            "update events set body = '{\"day\":19130}' where version = 7",
            "event 7: the day that begins is",
        ),
    ] {
        let told = report_after(sql).await;
        assert!(told.contains(expected), "{sql}\n{told}");
    }
}

#[tokio::test]
async fn only_the_first_differences_are_told_one_by_one() {
    let told = report_after(
        "with recursive n(i) as (select 3 union all select i + 1 from n where i < 202)
         insert into units select i, 'x' || i, 'x', 'SECTION', 1, null, null, 0, null, null, 0, 4, 0
         from n",
    )
    .await;
    assert!(told.contains("\nand "), "{told}");
    assert_eq!(told.lines().count(), 102, "{told}");
}
