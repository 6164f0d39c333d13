//! Breakdowns of a unit's counts: a row for each value, which add up to the tally.

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, data, payload, submission, with};

const COUNTS: [&str; 6] =
    ["submitted", "accepted", "pending", "returned", "rejected", "benefitVnd"];

/// The rows of a unit in the campaign, which must add up to its tally.
async fn rows(world: &World, unit: &str, by: &str) -> Vec<Value> {
    let units = matches!(by, "SECTOR" | "OWNERSHIP" | "UNIT_KIND");
    let document = format!(
        r#"{{ unit(ref: {{ code: "{unit}" }}) {{
          tally(period: {{ code: "campaign" }}) {{
            submitted accepted pending returned rejected benefitVnd
            participants grassrootsUnions activeGrassrootsUnions }}
          breakdown(by: {by}, period: {{ code: "campaign" }}) {{
            key label submitted accepted pending returned rejected benefitVnd
            participants grassrootsUnions activeGrassrootsUnions }} }} }}"#
    );
    let unit = payload(world.query(&document).await);
    let rows = unit["breakdown"].as_array().unwrap().clone();
    let of_units = ["participants", "grassrootsUnions", "activeGrassrootsUnions"];
    for count in COUNTS.into_iter().chain(of_units.into_iter().filter(|_| units)) {
        let sum: i64 = rows.iter().map(|row| row[count].as_i64().unwrap()).sum();
        assert_eq!(json!(sum), unit["tally"][count], "{count} by {by}");
    }
    if !units && by != "TEAM" {
        assert!(rows.iter().all(|row| of_units.iter().all(|count| row[count].is_null())));
    }
    rows
}

/// The submitted initiatives of each row.
fn told(rows: &[Value]) -> Value {
    rows.iter().map(|row| json!([row["key"], row["submitted"]])).collect()
}

async fn submit(world: &World, unit: &str, key: &str, other: Value) -> Value {
    let input = with(submission(unit, key), other);
    world.change(SUBMIT, input).await["initiative"]["id"].take()
}

async fn review(world: &World, id: &Value, decision: &str, reason: Option<&str>) {
    let document = "mutation ($input: ReviewInitiativeInput!) {
      reviewInitiative(input: $input) { initiative { id } errors { code path message } }
    }";
    let note = "Thiếu minh chứng";
    let input = json!({ "id": id, "decision": decision, "reason": reason, "note": note });
    world.change(document, input).await;
}

#[tokio::test]
async fn each_value_has_a_row_and_all_add_up() {
    for world in World::start_on_each().await {
        for (code, sector) in [("dong-nai", "PRODUCTION_BUSINESS"), ("an-phuoc", "EDUCATION")] {
            world.upsert_unit(json!({ "code": code, "sector": sector })).await;
        }
        world.upsert_unit(json!({ "code": "dong-tam", "foreignInvested": true })).await;
        let by = |name: &str, group: Option<&str>| {
            json!({ "authors": [
                { "name": name, "group": group }, { "name": "Lê Thị Bình", "group": "OTHER" },
            ] })
        };
        let worker = by("Nguyễn Văn An", Some("ENTERPRISE_WORKER"));
        let one = submit(&world, "dong-tam", "1", with(worker, json!({ "benefitVnd": 70 }))).await;
        let two =
            submit(&world, "dong-tam", "2", json!({ "kind": "IDEA", "field": "Cơ khí" })).await;
        let three = submit(&world, "an-phuoc", "3", by("Trần Văn Cường", None)).await;
        submit(&world, "so-xay-dung", "4", json!({})).await;
        review(&world, &one, "ACCEPT", None).await;
        review(&world, &two, "REJECT", Some("DUPLICATE")).await;
        review(&world, &three, "RETURN", None).await;

        let sectors = rows(&world, "tld", "SECTOR").await;
        let expected = json!([
            ["PRODUCTION_BUSINESS", 2],
            ["PUBLIC_ADMINISTRATION", 0],
            ["EDUCATION", 1],
            ["HEALTH", 0],
            ["UNION", 0],
            [null, 1],
        ]);
        assert_eq!(told(&sectors), expected);
        let of = |row: usize, count: &str| sectors[row][count].as_i64().unwrap();
        assert_eq!((of(0, "grassrootsUnions"), of(0, "activeGrassrootsUnions")), (2, 1));
        assert_eq!(
            (of(0, "participants"), of(2, "participants"), of(5, "participants")),
            (3, 2, 1)
        );
        assert_eq!(sectors[0]["benefitVnd"], 70);
        // A unit without a sector of its own has that of the nearest above.
        let below = rows(&world, "dong-tam", "SECTOR").await;
        assert_eq!(told(&below)[0], json!(["PRODUCTION_BUSINESS", 2]));

        let owners = rows(&world, "dong-nai", "OWNERSHIP").await;
        assert_eq!(told(&owners), json!([["FOREIGN_INVESTED", 2], ["OTHER", 1]]));
        let kinds = told(&rows(&world, "tld", "UNIT_KIND").await);
        assert!(kinds.as_array().unwrap().contains(&json!(["GRASSROOTS_UNION", 4])), "{kinds}");
        let kinds = rows(&world, "tld", "INITIATIVE_KIND").await;
        let expected = json!([
            ["TECHNICAL", 3],
            ["MANAGEMENT", 0],
            ["OPERATIONAL", 0],
            ["TECHNOLOGY_APPLICATION", 0],
            ["RESEARCH", 0],
            ["IDEA", 1],
        ]);
        assert_eq!(told(&kinds), expected);
        // The first author decides.
        let groups = rows(&world, "tld", "AUTHOR_GROUP").await;
        let expected = json!([
            ["PUBLIC_EMPLOYEE", 0],
            ["ENTERPRISE_WORKER", 1],
            ["UNION_OFFICIAL", 0],
            ["OTHER", 0],
            [null, 3],
        ]);
        assert_eq!(told(&groups), expected);
        let reasons = rows(&world, "tld", "REJECTION_REASON").await;
        assert_eq!(told(&reasons)[2], json!(["DUPLICATE", 1]));
        assert_eq!(told(&reasons)[7], json!([null, 3]));
        assert_eq!(reasons[2]["rejected"], 1);

        // Accepted after all, it has no reason any more; moved, it counts elsewhere.
        review(&world, &two, "ACCEPT", None).await;
        assert_eq!(told(&rows(&world, "tld", "REJECTION_REASON").await)[7], json!([null, 4]));
        let transfer = "mutation ($input: TransferInitiativeInput!) {
          transferInitiative(input: $input) { initiative { id } errors { code path message } }
        }";
        let to = json!({ "id": two, "unit": { "code": "so-xay-dung" } });
        world.change(transfer, to).await;
        let owners = rows(&world, "tld", "OWNERSHIP").await;
        assert_eq!(told(&owners), json!([["FOREIGN_INVESTED", 1], ["OTHER", 3]]));
        let move_unit = "mutation ($input: MoveUnitInput!) {
          moveUnit(input: $input) { unit { id } errors { code path message } }
        }";
        let to = json!({ "unit": { "code": "so-xay-dung" }, "newParent": { "code": "dong-tam" } });
        world.change(move_unit, to).await;
        let owners = rows(&world, "tld", "OWNERSHIP").await;
        assert_eq!(told(&owners), json!([["FOREIGN_INVESTED", 3], ["OTHER", 1]]));
        let sectors = rows(&world, "tld", "SECTOR").await;
        assert_eq!(told(&sectors)[0], json!(["PRODUCTION_BUSINESS", 3]));
        // All rows are there without anything to count.
        assert_eq!(rows(&world, "ha-noi", "AUTHOR_GROUP").await.len(), 5);
    }
}

#[tokio::test]
async fn fields_are_those_of_the_list_in_its_order() {
    let world = World::start_with_fields("code,name\nxd,Xây dựng\nck,Cơ khí\n").await;
    submit(&world, "dong-tam", "1", json!({ "field": "ck" })).await;
    submit(&world, "dong-tam", "2", json!({})).await;
    let fields = rows(&world, "tld", "FIELD").await;
    assert_eq!(told(&fields), json!([["xd", 0], ["ck", 1], [null, 1]]));
    assert_eq!(fields[1]["label"], "Cơ khí");
}

/// The public is not shown what anybody may write.
#[tokio::test]
async fn texts_have_rows_for_those_who_see_the_initiatives() {
    let world = World::start().await;
    for (number, field) in ["Cơ khí", "Điện", "Điện"].into_iter().enumerate() {
        let key = format!("few-{number}");
        submit(&world, "dong-tam", &key, json!({ "field": field })).await;
    }
    submit(&world, "so-xay-dung", "elsewhere", json!({ "field": "Xây dựng" })).await;
    let seen = rows(&world, "tld", "FIELD").await;
    let expected = json!([["Điện", 2], ["Cơ khí", 1], ["Xây dựng", 1], [null, 0]]);
    assert_eq!(told(&seen), expected, "the most frequent first");

    let officer = world.token(Role::Reviewer, "dong-nai").await;
    let asked = |unit: &str| {
        let document = "query ($unit: String!) {
          unit(ref: { code: $unit }) { breakdown(by: FIELD) { key submitted } } }";
        json!({ "query": document, "variables": { "unit": unit } })
    };
    let of = |answer: Value| told(data(answer)["unit"]["breakdown"].as_array().unwrap());
    let province = asked("dong-nai");
    let expected = json!([["Điện", 2], ["Cơ khí", 1], [null, 0]]);
    assert_eq!(of(world.ask_as(&officer, &province).await), expected);
    let hidden = json!([["*", 3], [null, 0]]);
    assert_eq!(of(world.ask_anonymously(&province).await), hidden);
    // Not all of the root's are seen.
    let hidden = json!([["*", 4], [null, 0]]);
    assert_eq!(of(world.ask_as(&officer, &asked("tld")).await), hidden);

    for text in 0..101 {
        submit(&world, "an-phuoc", &format!("k-{text}"), json!({ "field": format!("x{text}") }))
            .await;
    }
    let seen = rows(&world, "dong-nai", "FIELD").await;
    assert_eq!(seen.len(), 102);
    assert_eq!((&seen[100]["key"], &seen[100]["submitted"]), (&json!("*"), &json!(3)));
}

#[tokio::test]
async fn teams_are_those_of_the_unit_itself() {
    for world in World::start_on_each().await {
        let team = |team: Option<&str>, name: &str, benefit: i64| json!({ "team": team, "authors": [{ "name": name }], "benefitVnd": benefit });
        let one =
            submit(&world, "bien-hoa", "1", team(Some("Tổ 1"), "An", 9_000_000_000_000)).await;
        submit(&world, "bien-hoa", "2", team(Some("Tổ 1"), "An", 1)).await;
        let two =
            submit(&world, "bien-hoa", "3", team(Some("Tổ 2"), "An", 9_000_000_000_000)).await;
        submit(&world, "bien-hoa", "4", team(None, "Bình", 1)).await;
        submit(&world, "dong-tam", "5", team(Some("Tổ 1"), "Chi", 1)).await;
        let withdrawn = submit(&world, "bien-hoa", "6", team(Some("Tổ 3"), "An", 1)).await;
        let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
          withdrawInitiative(input: $input) { initiative { id } errors { code path message } }
        }";
        world.change(withdraw, json!({ "id": withdrawn })).await;
        review(&world, &one, "ACCEPT", None).await;
        review(&world, &two, "REJECT", Some("OTHER")).await;

        let teams = rows(&world, "bien-hoa", "TEAM").await;
        assert_eq!(told(&teams), json!([["Tổ 1", 2], ["Tổ 2", 1], [null, 2]]));
        let people: Vec<&Value> = teams.iter().map(|row| &row["participants"]).collect();
        assert_eq!(people, [&json!(1), &json!(1), &json!(2)], "who is in two teams is in both");
        assert_eq!(teams[0]["benefitVnd"], 9_000_000_000_000_i64);
        assert_eq!(
            (&teams[1]["rejected"], &teams[0]["grassrootsUnions"]),
            (&json!(1), &Value::Null)
        );
        // Above the unit its teams are not told apart.
        assert_eq!(told(&rows(&world, "dong-nai", "TEAM").await), json!([[null, 5]]));

        let asked = json!({
            "query": "query ($by: BreakdownBy!) {
              unit(ref: { code: \"bien-hoa\" }) { breakdown(by: $by) { key submitted participants } } }",
            "variables": { "by": "TEAM" },
        });
        let hidden = data(world.ask_anonymously(&asked).await)["unit"]["breakdown"].take();
        let expected = json!([
            { "key": "*", "submitted": 3, "participants": 1 },
            { "key": null, "submitted": 2, "participants": 2 },
        ]);
        assert_eq!(hidden, expected);
    }
}

#[tokio::test]
async fn rows_have_names_in_both_languages() {
    let world = World::start().await;
    let request = json!({ "query": "{ root { breakdown(by: SECTOR) { label } } }" });
    for (language, first, last) in
        [("en", "Production and business", "Not known"), ("vi", "Sản xuất kinh doanh", "Chưa rõ")]
    {
        let asked = world.post().header("accept-language", language).json(&request);
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        let rows = answer["data"]["root"]["breakdown"].as_array().unwrap();
        assert_eq!(rows[0]["label"], first);
        assert_eq!(rows[5]["label"], last);
    }
}

#[tokio::test]
async fn a_breakdown_is_followed_with_its_tally() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    let document = r#"subscription { tally(unit: { code: "dong-nai" }, period: { code: "campaign" }) {
      unit { breakdown(by: INITIATIVE_KIND, period: { code: "campaign" }) { key submitted } } } }"#;
    socket.subscribe("b", document).await;
    let ideas = |message: &Value| {
        message["payload"]["data"]["tally"]["unit"]["breakdown"][5]["submitted"].clone()
    };
    assert_eq!(ideas(&socket.receive().await), 0);
    submit(&world, "dong-tam", "1", json!({ "kind": "IDEA" })).await;
    assert_eq!(ideas(&socket.receive().await), 1);
}
