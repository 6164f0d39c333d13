//! Days turn at midnight in Việt Nam.

use serde_json::{Value, json};

use crate::harness::{World, payload};

const BOARD: &str = "leaderboard(rankBy: SUBMITTED) { since
  entries { rank previousRank gained value unit { code } } }";

/// Unit, rank, previous rank, gained.
type Row = (String, i64, Option<i64>, i64);

/// Since, and the rows.
fn told(board: &Value) -> (String, Vec<Row>) {
    let rows = board["entries"].as_array().unwrap().iter().map(|row| {
        let code = row["unit"]["code"].as_str().unwrap().to_owned();
        let rank = row["rank"].as_i64().unwrap();
        (code, rank, row["previousRank"].as_i64(), row["gained"].as_i64().unwrap())
    });
    (board["since"].as_str().unwrap().to_owned(), rows.collect())
}

fn row(code: &str, rank: i64, previous: i64, gained: i64) -> (String, i64, Option<i64>, i64) {
    (code.to_owned(), rank, Some(previous), gained)
}

#[tokio::test]
async fn the_movement_starts_afresh_and_a_screen_hears_of_it() {
    for world in World::start_on_each().await {
        world.submit("dong-tam", "k-1").await;
        world.submit("hoang-dieu", "k-2").await;
        world.submit("hoang-dieu", "k-3").await;
        let mut socket = world.socket_as(None).await;
        socket.subscribe("1", &format!("subscription {{ {BOARD} }}")).await;
        let today =
            ("2022-05-10".to_owned(), vec![row("ha-noi", 1, 1, 2), row("dong-nai", 2, 1, 1)]);
        assert_eq!(told(&socket.next().await), today);

        world.set_clock("2022-05-10T23:59:59.999+07:00");
        world.set_clock("2022-05-11T00:00:00+07:00");
        // Nobody asks for anything: the day comes by itself.
        let tomorrow =
            ("2022-05-11".to_owned(), vec![row("ha-noi", 1, 1, 0), row("dong-nai", 2, 2, 0)]);
        assert_eq!(told(&socket.next().await), tomorrow);
        assert_eq!(told(&payload(world.query(&format!("{{ {BOARD} }}")).await)), tomorrow);

        world.submit("dong-tam", "k-4").await;
        world.submit("dong-tam", "k-5").await;
        let board = payload(world.query(&format!("{{ {BOARD} }}")).await);
        let turned = vec![row("dong-nai", 1, 2, 2), row("ha-noi", 2, 1, 0)];
        assert_eq!(told(&board), ("2022-05-11".to_owned(), turned));
        let yesterday = BOARD.replace("SUBMITTED", r#"SUBMITTED, since: "2022-05-10""#);
        let board = payload(world.query(&format!("{{ {yesterday} }}")).await);
        let whole = vec![row("dong-nai", 1, 1, 3), row("ha-noi", 2, 1, 2)];
        assert_eq!(told(&board), ("2022-05-10".to_owned(), whole));
    }
}

#[tokio::test]
async fn what_was_entered_in_the_last_second_is_of_that_day() {
    let world = World::start().await;
    world.set_clock("2022-05-31T23:59:59.999+07:00");
    world.submit("dong-tam", "k-1").await;
    world.set_clock("2022-06-01T00:00:00+07:00");
    world.submit("dong-tam", "k-2").await;
    let query = r#"{ root { campaign: tally(period: { code: "campaign" }) { submitted }
      now: tally { submitted period { code } } } }"#;
    let root = payload(world.query(query).await);
    assert_eq!(root["campaign"], json!({ "submitted": 1 }));
    assert_eq!(root["now"], json!({ "submitted": 2, "period": { "code": "programme" } }));
}

/// A clock that was set back writes no earlier times.
#[tokio::test]
async fn time_does_not_go_back() {
    let world = World::start().await;
    world.set_clock("2022-05-11T10:00:00+07:00");
    world.submit("dong-tam", "k-1").await;
    world.set_clock("2022-05-10T08:00:00+07:00");
    world.submit("dong-tam", "k-2").await;
    let board = payload(world.query("{ leaderboard { since asOf } }").await);
    let same = json!({ "since": "2022-05-11", "asOf": "2022-05-11T10:00:00.000+07:00" });
    assert_eq!(board, same);
}
