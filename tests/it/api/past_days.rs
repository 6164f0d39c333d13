//! The figures of past days: `asOf` on boards and tallies.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, code_of, data, payload, submission, with};

const TALLY: &str =
    "figures submitted accepted pending returned rejected own participants benefitVnd
    activeGrassrootsUnions coverage daysSinceLast lastSubmittedAt pace { days }";

async fn tally(world: &World, unit: &str, as_of: &str) -> Value {
    let query = format!(
        r#"{{ unit(ref: {{ code: "{unit}" }}) {{
          tally(period: {{ code: "programme" }}, asOf: "{as_of}") {{ {TALLY} }} }} }}"#
    );
    payload(world.query(&query).await)["tally"].take()
}

/// The numbers of a tally that has no others: submitted, accepted, pending, returned, participants, days.
fn of_day(numbers: [i64; 5], days: Option<i64>, coverage: f64) -> Value {
    let [submitted, accepted, pending, returned, participants] = numbers;
    json!({ "figures": "DAY_END", "submitted": submitted, "accepted": accepted, "pending": pending,
        "returned": returned, "rejected": 0, "own": 0, "participants": participants,
        "benefitVnd": accepted * 5, "coverage": coverage, "daysSinceLast": days,
        "activeGrassrootsUnions": i32::from(coverage > 0.0),
        "lastSubmittedAt": null, "pace": null })
}

const CHANGES: [(&str, &str); 4] = [
    ("reviewInitiative", "ReviewInitiativeInput"),
    ("reviseInitiative", "ReviseInitiativeInput"),
    ("withdrawInitiative", "WithdrawInitiativeInput"),
    ("transferInitiative", "TransferInitiativeInput"),
];

async fn change(world: &World, field: &str, input: Value) {
    let (_, kind) = CHANGES.iter().find(|(name, _)| *name == field).unwrap();
    let document = format!(
        "mutation ($input: {kind}!) {{ {field}(input: $input) {{ errors {{ code path message }} }} }}"
    );
    world.change(&document, input).await;
}

async fn enter(world: &World, unit: &str, key: &str) -> Value {
    let input = with(submission(unit, key), json!({ "benefitVnd": 5 }));
    world.change(SUBMIT, input).await["initiative"]["id"].take()
}

/// Two months with every kind of change, each on a day of its own.
async fn two_months(world: &World) {
    let one = enter(world, "dong-tam", "k-1").await;
    let two = enter(world, "dong-tam", "k-2").await;
    world.set_clock("2022-05-12T08:00:00+07:00");
    world.review(&one, "ACCEPT").await;
    change(world, "reviewInitiative", json!({ "id": two, "decision": "RETURN", "note": "?" }))
        .await;
    world.set_clock("2022-05-14T08:00:00+07:00");
    let three = json!([{ "name": "An" }, { "name": "Bình" }, { "name": "Chi" }]);
    change(world, "reviseInitiative", json!({ "id": two, "authors": three })).await;
    world.set_clock("2022-05-16T08:00:00+07:00");
    let third = enter(world, "dong-tam", "k-3").await;
    world.set_clock("2022-05-18T08:00:00+07:00");
    world.review(&two, "ACCEPT").await;
    change(world, "withdrawInitiative", json!({ "id": third })).await;
    world.set_clock("2022-05-20T08:00:00+07:00");
    let to = json!({ "code": "hoang-dieu" });
    change(world, "transferInitiative", json!({ "id": one, "unit": to, "reason": "x" })).await;
    world.set_clock("2022-07-20T08:00:00+07:00");
    world.submit("an-phuoc", "k-4").await;
}

#[tokio::test]
async fn a_tally_of_any_past_day_is_as_its_states_were_then() {
    for world in World::start_on_each().await {
        two_months(&world).await;
        let days = [
            ("2022-05-10", of_day([2, 0, 2, 0, 1], Some(0), 0.5)),
            ("2022-05-11", of_day([2, 0, 2, 0, 1], Some(1), 0.5)),
            ("2022-05-12", of_day([2, 1, 0, 1, 1], Some(2), 0.5)),
            ("2022-05-13", of_day([2, 1, 0, 1, 1], Some(3), 0.5)),
            ("2022-05-14", of_day([2, 1, 1, 0, 4], Some(4), 0.5)),
            ("2022-05-16", of_day([3, 1, 2, 0, 4], Some(0), 0.5)),
            ("2022-05-17", of_day([3, 1, 2, 0, 4], Some(1), 0.5)),
            ("2022-05-18", of_day([2, 2, 0, 0, 4], Some(8), 0.5)),
            ("2022-05-20", of_day([1, 1, 0, 0, 3], Some(10), 0.5)),
            ("2022-07-19", of_day([1, 1, 0, 0, 3], Some(70), 0.5)),
        ];
        for (day, expected) in &days {
            assert_eq!(&tally(&world, "bien-hoa", day).await, expected, "{day}");
        }
        assert_eq!(tally(&world, "ha-noi", "2022-05-19").await["submitted"], 0);
        assert_eq!(tally(&world, "ha-noi", "2022-05-20").await["accepted"], 1);
        // The same from the tables.
        let world = world.restart().await;
        for (day, expected) in &days {
            assert_eq!(&tally(&world, "bien-hoa", day).await, expected, "{day}, after a start");
        }
        // In the tree of now.
        let document = "mutation ($input: MoveUnitInput!) { moveUnit(input: $input) { errors { code path message } } }";
        let below = |code: &str| json!({ "code": code });
        world
            .change(document, json!({ "unit": below("dong-tam"), "newParent": below("ba-dinh") }))
            .await;
        assert_eq!(tally(&world, "bien-hoa", "2022-05-16").await["submitted"], 0);
        assert_eq!(tally(&world, "ha-noi", "2022-05-16").await["submitted"], 3);
    }
}

#[tokio::test]
async fn a_board_of_a_past_day_is_what_later_ones_compare_with() {
    let world = World::start().await;
    two_months(&world).await;
    let board = async |arguments: &str| {
        let query = format!(
            r#"{{ leaderboard(period: {{ code: "programme" }}, rankBy: SUBMITTED, {arguments}) {{
              figures asOf since version entries {{ rank previousRank gained unit {{ code }}
                tally {{ figures submitted }} }} total {{ figures submitted }} }} }}"#
        );
        payload(world.query(&query).await)
    };
    let then = board(r#"asOf: "2022-05-20", since: "2022-05-17""#).await;
    assert_eq!(then["figures"], "DAY_END");
    assert_eq!(then["asOf"], "2022-05-21T00:00:00.000+07:00");
    assert_eq!(then["since"], "2022-05-17");
    assert_eq!(then["total"], json!({ "figures": "DAY_END", "submitted": 2 }));
    let row = |code: &str, rank: i64, previous: i64, gained: i64, submitted: i64| {
        json!({ "rank": rank, "previousRank": previous, "gained": gained, "unit": { "code": code },
            "tally": { "figures": "DAY_END", "submitted": submitted } })
    };
    assert_eq!(then["entries"], json!([row("dong-nai", 1, 1, -2, 1), row("ha-noi", 1, 2, 1, 1)]));
    assert_eq!(board(r#"asOf: "2022-05-20""#).await["since"], "2022-05-20");
    let before = board(r#"asOf: "2022-05-16""#).await;
    for (row, first) in
        then["entries"].as_array().unwrap().iter().zip(before["entries"].as_array().unwrap())
    {
        assert_eq!(row["previousRank"], first["rank"]);
    }
    // Yesterday's, of now.
    let (yesterday, now) =
        (board(r#"asOf: "2022-07-19""#).await, board(r#"since: "2022-07-20""#).await);
    for row in now["entries"].as_array().unwrap() {
        let rows = yesterday["entries"].as_array().unwrap();
        let earlier = rows.iter().find(|earlier| earlier["unit"] == row["unit"]).unwrap();
        assert_eq!(row["previousRank"], earlier["rank"]);
    }
}

#[tokio::test]
async fn today_is_live_and_other_days_are_told_apart_or_refused() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    world.set_clock("2022-05-12T08:00:00+07:00");
    world.submit("dong-tam", "k-2").await;
    let tallies = payload(
        world
            .query(
                r#"{ root { live: tally { id figures } today: tally(asOf: "2022-05-12") { id figures }
                  one: tally(asOf: "2022-05-10") { id submitted }
                  other: tally(asOf: "2022-05-11") { id submitted } } }"#,
            )
            .await,
    );
    assert_eq!(tallies["today"], tallies["live"]);
    assert_eq!(tallies["live"]["figures"], "LIVE");
    let boards = data(
        world
            .ask(&json!({ "query": r#"{ live: leaderboard { id } today: leaderboard(asOf: "2022-05-12") { id }
              one: leaderboard(asOf: "2022-05-10") { id total { submitted } }
              other: leaderboard(asOf: "2022-05-11") { id total { submitted } } }"# }))
            .await,
    );
    assert_eq!(boards["today"], boards["live"]);
    let mut ids = vec![&tallies["live"]["id"], &boards["live"]["id"]];
    for (found, id) in [
        (&tallies["one"], &tallies["one"]["id"]),
        (&tallies["other"], &tallies["other"]["id"]),
        (&boards["one"], &boards["one"]["id"]),
        (&boards["other"], &boards["other"]["id"]),
    ] {
        assert!(!ids.contains(&id), "{found}");
        ids.push(id);
        let query = "query ($id: ID!) { node(id: $id) { id ... on Tally { submitted }
          ... on Leaderboard { total { submitted } } } }";
        let answer = world.ask(&json!({ "query": query, "variables": { "id": id } })).await;
        assert_eq!(&payload(data(answer)), found);
    }
    for (field, arguments) in [
        ("leaderboard", r#"asOf: "2022-05-13""#),
        ("leaderboard", r#"asOf: "2022-05-09""#),
        ("leaderboard", r#"asOf: "2022-05-11", since: "2022-05-12""#),
        ("leaderboard", r#"asOf: "2022-05-11", since: "2022-04-09""#),
        ("root { tally", r#"asOf: "2022-05-13""#),
        ("root { tally", r#"asOf: "2022-05-09""#),
    ] {
        let end = if field.starts_with("root") { "}" } else { "" };
        let query = format!("{{ {field}({arguments}) {{ id }} {end} }}");
        let answer = world.ask(&json!({ "query": query })).await;
        assert_eq!(code_of(&answer), "BAD_ARGUMENT", "{query}: {answer}");
    }
    let farthest = r#"{ leaderboard(asOf: "2022-05-11", since: "2022-04-10") { since } }"#;
    assert_eq!(payload(world.query(farthest).await)["since"], "2022-04-10");
}

/// A decision may be repeated with another reason; it holds from the day on which it was made first.
#[tokio::test]
async fn a_decision_that_is_repeated_keeps_its_first_day() {
    for world in World::start_on_each().await {
        let id = enter(&world, "dong-tam", "k-1").await;
        for (now, reason) in [("2022-05-12", "DUPLICATE"), ("2022-05-15", "OTHER")] {
            world.set_clock(&format!("{now}T08:00:00+07:00"));
            let input = json!({ "id": id, "decision": "REJECT", "reason": reason });
            change(&world, "reviewInitiative", input).await;
        }
        let days = [("2022-05-11", [1, 0]), ("2022-05-12", [0, 1]), ("2022-05-14", [0, 1])];
        let told = async |world: &World| {
            for (day, expected) in days {
                let tally = tally(world, "dong-tam", day).await;
                assert_eq!(json!([tally["pending"], tally["rejected"]]), json!(expected), "{day}");
            }
        };
        told(&world).await;
        told(&world.restart().await).await;
    }
}

/// A screen may show a past day beside the present one; only the present one changes.
#[tokio::test]
async fn a_past_day_stays_while_a_tally_is_followed() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    world.set_clock("2022-05-12T08:00:00+07:00");
    world.submit("dong-tam", "k-2").await;
    let mut socket = world.socket_as(None).await;
    let document = r#"subscription { tally(unit: { code: "bien-hoa" }) { figures submitted
      unit { tally(asOf: "2022-05-11") { figures submitted } } } }"#;
    socket.subscribe("1", document).await;
    let state = |submitted: i64| {
        json!({ "figures": "LIVE", "submitted": submitted,
            "unit": { "tally": { "figures": "DAY_END", "submitted": 1 } } })
    };
    assert_eq!(socket.next().await, state(2));
    world.submit("tan-bien", "k-3").await;
    assert_eq!(socket.next().await, state(3));
}
