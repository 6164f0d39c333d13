//! Leaderboards: who is ranked, how, and what may be asked.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, code_of, payload, submission, with};

async fn board(world: &World, arguments: &str, fields: &str) -> Value {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    payload(world.query(&format!("{{ leaderboard{arguments} {{ {fields} }} }}")).await)
}

/// Rank, code and value of each row.
fn rows(entries: &Value) -> Vec<(i64, String, f64)> {
    let rows = entries.as_array().unwrap().iter();
    rows.map(|row| {
        let code = row["unit"]["code"].as_str().unwrap().to_owned();
        (row["rank"].as_i64().unwrap(), code, row["value"].as_f64().unwrap())
    })
    .collect()
}

const ROW: &str = "rank previousRank value gained unit { code } tally { submitted }";

/// Two in Đồng Tâm, one of them accepted, one in Tân Biên, one in Hoàng Diệu.
async fn enter_four(world: &World) {
    let input = with(submission("dong-tam", "k-1"), json!({ "benefitVnd": 1_000_000 }));
    let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
    world.review(&id, "ACCEPT").await;
    let two = json!([{ "name": "An" }, { "name": "Bình" }, { "name": "Chi" }]);
    world.change(SUBMIT, with(submission("dong-tam", "k-2"), json!({ "authors": two }))).await;
    world.submit("tan-bien", "k-3").await;
    world.submit("hoang-dieu", "k-4").await;
}

#[tokio::test]
async fn each_way_of_ranking() {
    for world in World::start_on_each().await {
        enter_four(&world).await;
        world.set_goals(&[("dong-nai", 6), ("ha-noi", 2)]).await;
        for (rank_by, first, second) in [
            ("TARGET_RATIO", (1, "dong-nai", 0.5), (1, "ha-noi", 0.5)),
            ("SUBMITTED", (1, "dong-nai", 3.0), (2, "ha-noi", 1.0)),
            ("ACCEPTED", (1, "dong-nai", 1.0), (2, "ha-noi", 0.0)),
            ("PARTICIPANTS", (1, "dong-nai", 5.0), (2, "ha-noi", 1.0)),
            ("PER_1000_MEMBERS", (1, "dong-nai", 3.0 / 800.0), (2, "ha-noi", 1.0 / 600.0)),
            ("BENEFIT", (1, "dong-nai", 1_000_000.0), (2, "ha-noi", 0.0)),
            ("GAINED", (1, "dong-nai", 3.0), (2, "ha-noi", 1.0)),
        ] {
            let (arguments, fields) =
                (format!("rankBy: {rank_by}"), format!("rankBy entries {{ {ROW} }}"));
            let board = board(&world, &arguments, &fields).await;
            assert_eq!(board["rankBy"], rank_by);
            let expected =
                [first, second].map(|(rank, code, value)| (rank, code.to_owned(), value));
            assert_eq!(rows(&board["entries"]), expected, "{rank_by}");
        }
    }
}

#[tokio::test]
async fn units_without_a_target_share_the_last_rank() {
    let world = World::start().await;
    world.submit("hoang-dieu", "k-1").await;
    world.set_goals(&[("dong-nai", 6)]).await;
    let fields =
        format!("ranked within {{ code }} since total {{ submitted }} entries {{ {ROW} }}");
    let answer = board(&world, "", &fields).await;
    let expected = [(1, "dong-nai".to_owned(), 0.0), (2, "ha-noi".to_owned(), 0.0)];
    assert_eq!(rows(&answer["entries"]), expected);
    assert_eq!(answer["ranked"], 2);
    assert_eq!(answer["within"]["code"], "tld");
    assert_eq!(answer["since"], "2022-05-10");
    assert_eq!(answer["total"]["submitted"], 1);
}

#[tokio::test]
async fn kinds_clusters_and_neighbours() {
    let world = World::start().await;
    enter_four(&world).await;
    let entries = format!("ranked entries {{ {ROW} }} around {{ {ROW} }}");
    let all = board(&world, "kinds: [GRASSROOTS_UNION], rankBy: SUBMITTED", &entries).await;
    let expected = [
        (1, "dong-tam", 2.0),
        (2, "hoang-dieu", 1.0),
        (2, "tan-bien", 1.0),
        (4, "an-phuoc", 0.0),
        (4, "so-xay-dung", 0.0),
    ]
    .map(|(rank, code, value)| (rank, code.to_owned(), value));
    assert_eq!(rows(&all["entries"]), expected);
    assert_eq!(all["around"], json!([]));

    let arguments = r#"kinds: [GRASSROOTS_UNION, DISTRICT_FEDERATION], within: { code: "dong-nai" },
      rankBy: SUBMITTED, first: 0, around: { code: "dong-tam" }"#;
    let below = board(&world, arguments, &entries).await;
    assert_eq!(below["ranked"], 5);
    assert_eq!(below["entries"], json!([]));
    let around: Vec<String> = rows(&below["around"]).into_iter().map(|(_, code, _)| code).collect();
    assert_eq!(around, ["bien-hoa", "dong-tam", "tan-bien"]);
    // The first and the last unit have one neighbour; a unit that is not ranked here has no row.
    let arguments = r#"rankBy: SUBMITTED, around: { code: "ha-noi" }"#;
    assert_eq!(rows(&board(&world, arguments, &entries).await["around"]).len(), 2);
    let arguments = r#"rankBy: SUBMITTED, around: { code: "ba-dinh" }"#;
    assert_eq!(board(&world, arguments, &entries).await["around"], json!([]));

    let cluster = board(&world, r#"cluster: "Thành phố", rankBy: SUBMITTED"#, &entries).await;
    assert_eq!(rows(&cluster["entries"]), [(1, "ha-noi".to_owned(), 1.0)]);
    let nfd = board(&world, "cluster: \"Tha\u{300}nh pho\u{302}\u{301}\"", "ranked").await;
    assert_eq!(nfd["ranked"], 1);
    assert_eq!(board(&world, r#"cluster: "no such""#, "ranked").await["ranked"], 0);
}

#[tokio::test]
async fn arguments_have_bounds() {
    let world = World::start().await;
    assert_eq!(board(&world, "first: 500", "ranked").await["ranked"], 2);
    let none = board(&world, "first: 0", "ranked entries { rank }").await;
    assert_eq!(none, json!({ "ranked": 2, "entries": [] }));
    let defaults = board(
        &world,
        "first: null, rankBy: null, since: null, kinds: null, cluster: null,
        within: null, period: null, around: null",
        "rankBy since",
    )
    .await;
    assert_eq!(defaults, json!({ "rankBy": "TARGET_RATIO", "since": "2022-05-10" }));
    // 31 days back is as far as it goes.
    assert_eq!(board(&world, r#"since: "2022-04-09""#, "since").await["since"], "2022-04-09");
    for (arguments, code) in [
        ("first: 501", "BAD_ARGUMENT"),
        ("first: -1", "BAD_ARGUMENT"),
        (r#"since: "2022-05-11""#, "BAD_ARGUMENT"),
        (r#"since: "2022-04-08""#, "BAD_ARGUMENT"),
        (r#"since: "0001-01-01""#, "BAD_ARGUMENT"),
        (r#"since: "9999-12-31""#, "BAD_ARGUMENT"),
        (r#"kinds: [GRASSROOTS_UNION], cluster: "Thành phố""#, "BAD_ARGUMENT"),
        (r#"within: { code: "nobody" }"#, "REF_NOT_FOUND"),
        (r#"within: { id: "garbage" }"#, "REF_NOT_FOUND"),
        (r#"around: { code: "nobody" }"#, "REF_NOT_FOUND"),
        (r#"period: { code: "no such" }"#, "REF_NOT_FOUND"),
    ] {
        let query = format!("{{ leaderboard({arguments}) {{ ranked }} root {{ code }} }}");
        let answer = world.ask(&json!({ "query": query })).await;
        assert_eq!(code_of(&answer), code, "{arguments}");
        // The field is nullable, so the field beside it has its data.
        assert_eq!(answer["data"], json!({ "leaderboard": null, "root": { "code": "tld" } }));
        assert_eq!(answer["errors"][0]["path"], json!(["leaderboard"]));
    }
}

#[tokio::test]
async fn an_unchanged_board_is_the_same_answer() {
    let world = World::start().await;
    enter_four(&world).await;
    let query = format!(
        r#"{{ leaderboard(within: {{ code: "dong-nai" }}) {{ id version asOf entries {{ {ROW} }} }} }}"#
    );
    let before = world.query(&query).await;
    world.set_clock("2022-05-10T11:00:00+07:00");
    world.submit("hoang-dieu", "elsewhere").await;
    assert_eq!(world.query(&query).await, before);
    world.submit("dong-tam", "inside").await;
    let after = world.query(&query).await;
    assert_eq!(after["leaderboard"]["asOf"], "2022-05-10T11:00:00.000+07:00");
    assert_eq!(after["leaderboard"]["version"], world.version().await);
}

const PARTS: &str = "ranked total { submitted accepted pending returned rejected benefitVnd }
  sum { units notStarted met gained submitted accepted pending returned rejected benefitVnd target ratio }
  own { gained submitted accepted pending returned rejected benefitVnd }
  closed { gained submitted accepted pending returned rejected benefitVnd }
  others { gained submitted accepted pending returned rejected benefitVnd }";

/// The number submitted in `sum`, `own`, `closed` and `others`, which add up to the total in each of its counts.
fn submitted_in_parts(board: &Value) -> [i64; 4] {
    let parts = ["sum", "own", "closed", "others"];
    for (count, total) in board["total"].as_object().unwrap() {
        let all = parts.map(|part| board[part][count].as_i64().unwrap());
        assert_eq!(all.iter().sum::<i64>(), *total, "{count} of {board}");
    }
    assert_eq!(board["sum"]["units"], board["ranked"]);
    parts.map(|part| board[part]["submitted"].as_i64().unwrap())
}

#[tokio::test]
async fn the_sums_of_a_board_add_up_to_its_total() {
    for world in World::start_on_each().await {
        enter_four(&world).await;
        world.submit("dong-nai", "k-5").await;
        world.submit("an-phuoc", "k-6").await;
        world.submit("so-xay-dung", "k-7").await;
        world.set_goals(&[("dong-nai", 6), ("ha-noi", 2), ("dong-tam", 1)]).await;
        for unit in ["so-xay-dung", "long-thanh"] {
            let close = format!(
                r#"mutation {{ closeUnit(input: {{ unit: {{ code: "{unit}" }} }}) {{ errors {{ code }} }} }}"#
            );
            world.query(&close).await;
        }
        let provinces = board(&world, "", PARTS).await;
        assert_eq!(submitted_in_parts(&provinces), [7, 0, 0, 0]);
        let sum = &provinces["sum"];
        assert_eq!(
            (&sum["units"], &sum["notStarted"], &sum["met"]),
            (&json!(2), &json!(0), &json!(1))
        );
        assert_eq!((&sum["gained"], &sum["target"]), (&json!(7), &json!(8)));
        assert_eq!(sum["ratio"], 7.0 / 8.0);

        for (arguments, expected) in [
            // One was entered at the province itself, one below a closed district.
            (r#"within: { code: "dong-nai" }"#, [3, 1, 1, 0]),
            (r#"within: { code: "ha-noi" }"#, [1, 0, 1, 0]),
            // The closed unit of the other cluster is closed all the same.
            (r#"cluster: "Đông Nam Bộ""#, [5, 0, 1, 1]),
            (r#"cluster: "no such""#, [0, 0, 2, 5]),
            // An open union below a closed district is ranked; what the province entered is not.
            ("kinds: [GRASSROOTS_UNION]", [5, 0, 1, 1]),
            // A union below a ranked district counts once.
            ("kinds: [GRASSROOTS_UNION, DISTRICT_FEDERATION]", [5, 0, 1, 1]),
            ("kinds: [DISTRICT_FEDERATION]", [4, 0, 2, 1]),
            (r#"kinds: [GRASSROOTS_UNION], within: { code: "dong-tam" }"#, [0, 2, 0, 0]),
        ] {
            let found = board(&world, arguments, PARTS).await;
            assert_eq!(submitted_in_parts(&found), expected, "{arguments}");
        }
        // The target of the union below is not added to that of the province.
        let both = "kinds: [PROVINCIAL_FEDERATION, GRASSROOTS_UNION]";
        let both = board(&world, both, PARTS).await;
        assert_eq!((&both["sum"]["target"], &both["sum"]["met"]), (&json!(8), &json!(2)));
        // Nothing ranked has a target.
        let none = board(&world, "kinds: [DISTRICT_FEDERATION]", PARTS).await;
        assert_eq!((&none["sum"]["target"], &none["sum"]["ratio"]), (&json!(null), &json!(null)));
    }
}
