//! A unit's own page: its days, where it stands, its periods.

use serde_json::{Value, json};

use crate::harness::{World, code_of, payload};

async fn unit(world: &World, code: &str, field: &str) -> Value {
    let query = format!(r#"{{ unit(ref: {{ code: "{code}" }}) {{ it: {field} }} }}"#);
    let answer = world.ask(&json!({ "query": query })).await;
    assert_eq!(answer["errors"], Value::Null, "{field}");
    payload(answer["data"].clone())["it"].take()
}

async fn refused(world: &World, code: &str, field: &str) -> String {
    let query = format!(r#"{{ unit(ref: {{ code: "{code}" }}) {{ it: {field} }} }}"#);
    code_of(&world.ask(&json!({ "query": query })).await).to_owned()
}

/// Day of the month, submitted, accepted; days without anything left out.
fn days(rows: &Value) -> Vec<(String, i64, i64)> {
    let number = |row: &Value, field: &str| row[field].as_i64().unwrap();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        let day = row["day"].as_str().unwrap().to_owned();
        (day, number(row, "submitted"), number(row, "accepted"))
    })
    .filter(|(_, submitted, accepted)| (*submitted, *accepted) != (0, 0))
    .collect()
}

#[tokio::test]
async fn the_days_of_a_unit_add_up_to_its_tally() {
    for world in World::start_on_each().await {
        world
            .upsert_period(json!({ "code": "week", "name": "Tuần", "kind": "PEAK_WEEK",
                "startsOn": "2022-05-11", "endsOn": "2022-05-17", "owner": { "code": "dong-nai" } }))
            .await;
        world.submit("dong-tam", "k-1").await;
        let second = world.submit("hoang-dieu", "k-2").await;
        world.set_clock("2022-05-12T00:00:00+07:00");
        world.submit("dong-tam", "k-3").await;
        let fourth = world.submit("tan-bien", "k-4").await;
        // The pace counts by the day of submission, in the present states.
        world.review(&second["id"], "ACCEPT").await;
        world.review(&fourth["id"], "ACCEPT").await;

        let all = "daily { day submitted accepted }";
        let root = unit(&world, "tld", all).await;
        let rows = root.as_array().unwrap();
        assert_eq!(rows.len(), 22);
        assert_eq!(rows[0], json!({ "day": "2022-04-21", "submitted": 0, "accepted": 0 }));
        assert_eq!(rows[21], json!({ "day": "2022-05-12", "submitted": 2, "accepted": 1 }));
        let day = |day: &str, submitted, accepted| (format!("2022-05-{day}"), submitted, accepted);
        assert_eq!(days(&root), [day("10", 2, 1), day("12", 2, 1)]);
        assert_eq!(days(&unit(&world, "dong-nai", all).await), [day("10", 1, 0), day("12", 2, 1)]);
        assert_eq!(days(&unit(&world, "tan-bien", all).await), [day("12", 1, 1)]);
        // A unit above the owner has the owner's days, one beside it zeros.
        let week = r#"daily(period: { code: "week" }) { day submitted accepted }"#;
        for code in ["tld", "dong-nai", "bien-hoa"] {
            assert_eq!(days(&unit(&world, code, week).await), [day("12", 2, 1)], "{code}");
        }
        let beside = unit(&world, "ha-noi", week).await;
        assert_eq!((beside.as_array().unwrap().len(), days(&beside)), (2, vec![]));

        for (bounds, expected) in [
            (r#"from: "2022-05-10", to: "2022-05-11""#, 2),
            (r#"from: "2022-05-12""#, 1),
            (r#"from: "2022-05-13""#, 0),
            (r#"to: "2022-04-22""#, 2),
            (r#"to: "2022-04-20""#, 0),
            (r#"from: "2000-01-01", to: "2099-01-01""#, 22),
        ] {
            let rows = unit(&world, "tld", &format!("daily({bounds}) {{ day }}")).await;
            assert_eq!(rows.as_array().unwrap().len(), expected, "{bounds}");
        }
        let reversed = r#"daily(from: "2022-05-12", to: "2022-05-11") { day }"#;
        assert_eq!(refused(&world, "tld", reversed).await, "BAD_ARGUMENT");
        let nowhere = r#"daily(period: { code: "nobody" }) { day }"#;
        assert_eq!(refused(&world, "tld", nowhere).await, "REF_NOT_FOUND");

        // Moved with its past, and taken back.
        world.upsert_unit(json!({ "code": "bien-hoa", "parent": { "code": "ha-noi" } })).await;
        assert_eq!(days(&unit(&world, "dong-nai", all).await), []);
        assert_eq!(days(&unit(&world, "ha-noi", all).await), [day("10", 2, 1), day("12", 2, 1)]);
        let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
          withdrawInitiative(input: $input) { errors { code path message } } }";
        world.change(withdraw, json!({ "id": fourth["id"] })).await;
        assert_eq!(days(&unit(&world, "tld", all).await), [day("10", 2, 1), day("12", 1, 0)]);
        let world = world.restart().await;
        assert_eq!(days(&unit(&world, "tld", all).await), [day("10", 2, 1), day("12", 1, 0)]);
        // A period that has not begun has no days yet.
        world
            .upsert_period(json!({ "code": "late", "name": "Muộn", "kind": "PEAK_WEEK",
                "startsOn": "2022-05-20", "endsOn": "2022-05-26" }))
            .await;
        let late = r#"daily(period: { code: "late" }) { day }"#;
        assert_eq!(unit(&world, "tld", late).await, json!([]));
    }
}

#[tokio::test]
async fn a_unit_knows_where_it_stands() {
    let world = World::start().await;
    for code in ["bac-ninh", "hue"] {
        world
            .upsert_unit(json!({ "code": code, "name": code, "kind": "PROVINCIAL_FEDERATION",
                "cluster": "Thành phố", "parent": { "code": "tld" } }))
            .await;
    }
    world.submit("hoang-dieu", "k-1").await;
    world.set_clock("2022-05-11T08:00:00+07:00");
    for key in ["k-2", "k-3"] {
        world.submit("dong-tam", key).await;
    }
    world.submit("an-phuoc", "k-4").await;
    let fields = "{ rank of previousRank value gained within { code } cluster }";
    let standing = async |code: &str, arguments: &str| {
        unit(&world, code, &format!("standing(rankBy: SUBMITTED{arguments}) {fields}")).await
    };
    let expected = json!({ "rank": 1, "of": 4, "previousRank": 2, "value": 3.0, "gained": 3,
        "within": { "code": "tld" }, "cluster": null });
    assert_eq!(standing("dong-nai", "").await, expected);
    assert_eq!(standing("dong-nai", r#", within: { code: "tld" }"#).await, expected);
    let expected = json!({ "rank": 1, "of": 3, "previousRank": 1, "value": 1.0, "gained": 0,
        "within": { "code": "tld" }, "cluster": "Thành phố" });
    assert_eq!(standing("ha-noi", ", inCluster: true").await, expected);
    // Equals share the better rank.
    assert_eq!(standing("hue", "").await["rank"], 3);
    assert_eq!(standing("bac-ninh", "").await["rank"], 3);
    assert_eq!(standing("bac-ninh", r#", since: "2022-05-10""#).await["previousRank"], 1);
    // Farther up: among all of its kind there.
    let expected = json!({ "rank": 2, "of": 5, "previousRank": 2, "value": 1.0, "gained": 1,
        "within": { "code": "tld" }, "cluster": null });
    assert_eq!(standing("an-phuoc", r#", within: { code: "tld" }"#).await, expected);
    assert_eq!(standing("an-phuoc", "").await["of"], 1);
    // The rank is by ratio unless the client asks otherwise; the rows of the board have the same.
    world.set_goals(&[("ha-noi", 1), ("dong-nai", 4)]).await;
    let by_ratio = unit(&world, "dong-nai", "standing { rank value }").await;
    assert_eq!(by_ratio, json!({ "rank": 2, "value": 0.75 }));
    let board = "{ leaderboard { entries { rank previousRank value gained unit {
      standing { rank previousRank value gained } } } } }";
    let entries = payload(world.query(board).await)["entries"].take();
    for entry in entries.as_array().unwrap() {
        let mut row = entry.clone();
        let standing = row.as_object_mut().unwrap().remove("unit").unwrap()["standing"].take();
        assert_eq!(standing, row);
    }

    // These are not ranked: the root, a closed unit, a unit without a cluster, and a unit that is
    // not below `within`.
    world
        .query(r#"mutation { closeUnit(input: { unit: { code: "hue" } }) { errors { code } } }"#)
        .await;
    for (code, arguments) in [
        ("tld", ""),
        ("hue", ""),
        ("bien-hoa", ", inCluster: true"),
        ("dong-tam", r#", within: { code: "ha-noi" }"#),
        ("dong-tam", r#", within: { code: "dong-tam" }"#),
    ] {
        assert_eq!(standing(code, arguments).await, Value::Null, "{code}{arguments}");
    }
    for (arguments, code) in [
        (r#"within: { code: "nobody" }"#, "REF_NOT_FOUND"),
        (r#"period: { code: "nobody" }"#, "REF_NOT_FOUND"),
        (r#"since: "2022-05-12""#, "BAD_ARGUMENT"),
        (r#"since: "2022-01-01""#, "BAD_ARGUMENT"),
        (r#"inCluster: true, within: { code: "dong-nai" }"#, "BAD_ARGUMENT"),
    ] {
        let field = format!("standing({arguments}) {{ rank }}");
        assert_eq!(refused(&world, "dong-tam", &field).await, code, "{arguments}");
    }
}

#[tokio::test]
async fn periods_are_a_list_of_pages() {
    let world = World::start().await;
    for (code, starts, ends, owner) in [
        ("week-dn", "2022-05-09", "2022-05-15", "dong-nai"),
        ("week-hn", "2022-05-09", "2022-05-15", "ha-noi"),
    ] {
        world
            .upsert_period(json!({ "code": code, "name": code, "kind": "PEAK_WEEK",
                "startsOn": starts, "endsOn": ends, "owner": { "code": owner } }))
            .await;
    }
    let page = async |arguments: &str| {
        let query = format!(
            "{{ periods{arguments} {{ totalCount nodes {{ code }} edges {{ cursor node {{ code }} }}
              pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = world.ask(&json!({ "query": query })).await;
        payload(answer["data"].clone())
    };
    let codes = |page: &Value| -> Vec<String> {
        let edges = page["edges"].as_array().unwrap().iter();
        edges.map(|edge| edge["node"]["code"].as_str().unwrap().to_owned()).collect()
    };
    let all = ["phase-1", "programme", "campaign", "week-dn", "week-hn"];
    for (arguments, expected) in [
        ("", &all[..]),
        (r#"(covering: { code: "dong-tam" })"#, &all[..4]),
        ("(kinds: [PHASE, PEAK_WEEK])", &["phase-1", "week-dn", "week-hn"]),
        (r#"(runningOn: "2022-05-16")"#, &all[..3]),
        (r#"(runningOn: "2022-06-01")"#, &["programme"]),
        (
            r#"(covering: { code: "ha-noi" }, kinds: [PEAK_WEEK], runningOn: "2022-05-15")"#,
            &["week-hn"],
        ),
        ("(last: 2)", &["week-dn", "week-hn"]),
    ] {
        assert_eq!(codes(&page(arguments).await), expected, "{arguments}");
    }
    let first = page("(first: 2)").await;
    assert_eq!(
        (codes(&first), &first["totalCount"]),
        (vec!["phase-1".to_owned(), "programme".to_owned()], &json!(5))
    );
    let next = page(&format!("(first: 2, after: {})", first["pageInfo"]["endCursor"])).await;
    assert_eq!(codes(&next), ["campaign", "week-dn"]);
    assert_eq!(next["pageInfo"]["hasNextPage"], true);
    let back = page(&format!("(last: 9, before: {})", next["pageInfo"]["startCursor"])).await;
    assert_eq!(codes(&back), codes(&first));
    for (arguments, code) in [
        ("covering: { code: \"nobody\" }", "REF_NOT_FOUND"),
        ("first: 501", "BAD_ARGUMENT"),
        ("first: 1, last: 1", "BAD_ARGUMENT"),
        ("after: \"x\"", "BAD_CURSOR"),
    ] {
        let query = format!("{{ periods({arguments}) {{ totalCount }} }}");
        assert_eq!(code_of(&world.ask(&json!({ "query": query })).await), code, "{arguments}");
    }
    let units = payload(world.query("{ units(first: 1) { pageInfo { endCursor } } }").await);
    let query =
        format!("{{ periods(after: {}) {{ totalCount }} }}", units["pageInfo"]["endCursor"]);
    assert_eq!(code_of(&world.ask(&json!({ "query": query })).await), "BAD_CURSOR");
}

#[tokio::test]
async fn the_pace_follows_the_days_of_the_period() {
    let world = World::start().await;
    world.set_goals(&[("dong-nai", 44)]).await;
    let of = async |code: &str, period: &str| {
        let fields = "dayNumber days daysLeft neededPerDay projected";
        let tally = format!(r#"tally(period: {{ code: "{period}" }}) {{ pace {{ {fields} }} }}"#);
        unit(&world, code, &tally).await["pace"].take()
    };
    let pace = |number: i32, days: i32, needed: Option<f64>, projected: i32| {
        json!({ "dayNumber": number, "days": days, "daysLeft": days - number,
            "neededPerDay": needed, "projected": projected })
    };
    // The 20th day of 41, and the first on which anything comes in.
    let campaign = unit(&world, "tld", "tally { period { code } }").await;
    let campaign = campaign["period"]["code"].as_str().unwrap();
    world.submit("dong-tam", "k-1").await;
    world.submit("dong-tam", "k-2").await;
    assert_eq!(of("dong-nai", campaign).await, pace(20, 41, Some(2.0), 2));
    assert_eq!(of("tld", campaign).await, pace(20, 41, None, 2));
    // One of the last seven days brought two.
    world.set_clock("2022-05-11T08:00:00+07:00");
    world.submit("dong-tam", "k-3").await;
    assert_eq!(of("dong-nai", campaign).await, pace(21, 41, Some(2.0), 9));
    // Units call windows of their own.
    for (code, starts_on, days, number) in [
        ("w-35", "2022-04-27", 35, 15),
        ("w-30", "2022-05-02", 30, 10),
        ("week", "2022-05-11", 7, 1),
    ] {
        let window = json!({ "code": code, "name": code, "kind": "OTHER", "startsOn": starts_on,
            "endsOn": if code == "week" { "2022-05-17" } else { "2022-05-31" },
            "owner": { "code": "dong-nai" } });
        world.upsert_period(window).await;
        // The projection is by the same week, or by the first day alone.
        let projected = if code == "week" { 7 } else { 9 };
        assert_eq!(of("dong-nai", code).await, pace(number, days, None, projected), "{code}");
    }
    // The last day, reached; and over.
    world.set_clock("2022-05-31T23:00:00+07:00");
    for key in 4..=44 {
        world.submit("dong-tam", &format!("k-{key}")).await;
    }
    assert_eq!(of("dong-nai", campaign).await, pace(41, 41, Some(0.0), 44));
    assert_eq!(of("dong-nai", "week").await, Value::Null);
    world.set_clock("2022-06-01T08:00:00+07:00");
    // Any command lets the day begin.
    world.upsert_unit(json!({ "code": "dong-nai", "name": "Đồng Nai" })).await;
    assert_eq!(of("dong-nai", campaign).await, Value::Null);
}
