//! The export of a database with every kind of command: a fresh database takes it, and gives the
//! same facts, the same tallies and the same export again.

use std::collections::BTreeMap;
use std::sync::Arc;

use sangkien::board::{self, Snapshot};
use sangkien::domain::command::{NewAuthor, Submit};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind};
use sangkien::domain::{Command, Day, Timestamp, UnitRef};
use sangkien::exchange::{Noun, Options};
use sangkien::store::Store;

use super::{ALL, Desk, TAKEN};
use crate::commands;
use crate::database::{Kind, in_time, verify_database};
use crate::model::Draw;
use crate::writer_node::{Backend, WriterNode};

const RUNS: u64 = 6;
const STEPS: usize = 250;
const ADMITTED: Options = Options { admitted: true, ..TAKEN };

#[tokio::test]
async fn what_is_exported_is_taken_back_on_sqlite() {
    for seed in 0..RUNS {
        in_time(round_trip(Backend::Sqlite, Kind::Sqlite, seed)).await;
    }
}

#[tokio::test]
async fn what_is_exported_is_taken_back_on_postgresql() {
    let Some(kind) = Kind::postgres() else { return };
    for seed in RUNS..RUNS + 2 {
        in_time(round_trip(Backend::Postgres, kind, seed)).await;
    }
    // And from the one to the other.
    in_time(round_trip(Backend::Sqlite, kind, RUNS + 3)).await;
}

async fn round_trip(from: Backend, to: Kind, seed: u64) {
    let start = Timestamp::parse("2022-03-01T08:00:00+07:00").unwrap();
    let node = WriterNode::open(from, start, seed).await.expect("it is installed");
    live(&node, seed).await;

    let source = Desk::at(&node.url, Arc::clone(&node.clock)).await;
    let target = Desk::fresh(to).await;
    for noun in ALL {
        let file = source.export(noun).await;
        let report = target.import(noun, &file, ADMITTED).await;
        let report = report.unwrap_or_else(|why| panic!("seed {seed}, {noun:?}: {why}\n{file}"));
        assert_eq!(target.export(noun).await, file, "seed {seed}");
        assert!(report.new > 0 || noun == Noun::Targets, "seed {seed}: {noun:?} {report}");
        let version = target.version().await;
        let again = target.import(noun, &file, ADMITTED).await.unwrap();
        assert_eq!((again.new, again.changed), (0, 0), "seed {seed}, {noun:?}");
        assert_eq!(target.version().await, version, "the same file twice writes nothing");
        // And back to where it came from, which has it all; what stood in for a root or a
        // programme is theirs from then on.
        let back = source.import(noun, &file, ADMITTED).await.unwrap();
        assert!(back.new <= 1 && back.changed == 0, "seed {seed}, {noun:?}: {back}");
        assert_eq!(source.export(noun).await, file, "seed {seed}");
    }
    verify_database(&target.url).await;
    let (one, other) = (board(&source.store).await, board(&target.store).await);
    assert_eq!(tallies(&one), tallies(&other), "seed {seed}");
}

/// Some weeks of all that can be done.
async fn live(node: &WriterNode, seed: u64) {
    let mut draw = Draw::new(seed, "x", 20);
    let mut newest = 0;
    for step in 0..STEPS {
        let board = node.hub.latest();
        if step % 10 == 0 {
            node.clock.advance_ms(draw.rng.i64(1..60_000_000));
        }
        let command = match step % 25 {
            24 => Command::Submit(odd_texts(step, board.structure.root().into())),
            _ => draw.command(&board, newest),
        };
        if let Ok(reply) = node.execute(command).await
            && let sangkien::domain::Outcome::Initiative { initiative, .. } = reply.outcome
        {
            newest = newest.max(initiative.id.0);
        }
    }
    // The board of a fresh database begins its days anew.
    node.clock.set(Timestamp::parse("2022-06-10T12:00:00+07:00").unwrap());
    // The programme replaces the stand-in, which would stay in the other database otherwise.
    let days = ["2022-01-08", "2023-09-01"].map(|day| Day::parse(day).unwrap());
    let programme = commands::period("chuong-trinh", days);
    node.execute(Command::UpsertPeriod(programme)).await.unwrap();
}

/// The texts that a file must keep as they are.
fn odd_texts(step: usize, unit: Root) -> Submit {
    Submit {
        key: format!("khoá,\"{step}\";"),
        unit: unit.0,
        title: "\"Máy, rửa; tay\"\tvà =1+1".to_owned(),
        summary: Some("một\n\n\"hai\",\r\nba  bốn\u{a0}năm; ệ".to_owned()),
        kind: InitiativeKind::Idea,
        field: Some("1e3".to_owned()),
        team: Some("Tổ 'một'".to_owned()),
        authors: ["Nguyễn Văn An", "Trần, Thị \"Bình\"", "0012"]
            .into_iter()
            .map(|name| NewAuthor {
                name: name.to_owned(),
                person_code: (name != "0012").then(|| format!("{}", name.len())),
                group: (name != "0012").then_some(AuthorGroup::UnionOfficial),
                contact: Some("sđt: 000; @".to_owned()),
            })
            .collect(),
        applied_on: None,
        recognised_by: Some("HĐ số 1/QĐ, ngày 05/06/2022".to_owned()),
        confidential: step.is_multiple_of(2),
        benefit_vnd: Some(1),
    }
}

struct Root(UnitRef);

impl From<sangkien::domain::UnitId> for Root {
    fn from(id: sangkien::domain::UnitId) -> Self {
        Self(UnitRef::Id(id))
    }
}

async fn board(store: &Store) -> Snapshot {
    let [mut tx, other] = store.begin_reads().await.unwrap();
    board::load(&mut tx, other, Arc::default()).await.unwrap().snapshot()
}

/// Every count of every unit in every period, by their codes.
fn tallies(board: &Snapshot) -> BTreeMap<(String, String), String> {
    let structure = &board.structure;
    let pairs = structure.units().flat_map(|unit| structure.periods().map(move |it| (unit, it)));
    pairs
        .map(|(unit, period)| {
            let key = (unit.code.clone(), period.code.clone());
            let goal = structure.goal(unit.id, period);
            (key, format!("{:?} {goal:?}", board.cell(unit.id, period.id)))
        })
        .collect()
}
