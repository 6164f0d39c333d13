//! The tree: what stands in for it at first, how it is built, changed and read.

use sangkien::auth::Role;
use serde_json::{Value, json};

use crate::harness::{World, data, payload, refused};

const UPSERT: &str = "mutation ($input: UpsertUnitInput!) {
  upsertUnit(input: $input) {
    unit { id code name kind cluster sector foreignInvested memberCount depth parent { code } }
    errors { code path message }
  }
}";
const MOVE: &str = "mutation ($input: MoveUnitInput!) {
  moveUnit(input: $input) { unit { ancestors { code } } errors { code path message } }
}";
const RENAME: &str = "mutation ($input: RenameUnitInput!) {
  renameUnit(input: $input) { unit { id code ancestors { code } } errors { code path message } }
}";
const DELETE: &str = "mutation ($input: DeleteUnitInput!) {
  deleteUnit(input: $input) { unit { id code } errors { code path message } }
}";

fn ask_unit(code: &str, fields: &str) -> String {
    format!(r#"{{ unit(ref: {{ code: "{code}" }}) {{ {fields} }} }}"#)
}

#[tokio::test]
async fn a_fresh_database_has_stand_ins_that_the_first_real_ones_replace() {
    let world = World::empty().await;
    let before = world
        .query("{ root { id parent { id } depth periods { id kind startsOn endsOn } } }")
        .await;
    assert_eq!(before["root"]["parent"], Value::Null);
    assert_eq!(before["root"]["depth"], 0);
    let programme = &before["root"]["periods"][0];
    assert_eq!(programme["kind"], "PROGRAMME");
    assert_eq!(programme["startsOn"], "2022-01-01");
    assert_eq!(programme["endsOn"], "2022-12-31");

    let root = world
        .upsert_unit(json!({ "code": "tld", "name": "Tổng Liên đoàn",
        "kind": "CONFEDERATION" }))
        .await;
    assert_eq!(root["id"], before["root"]["id"]);
    // Only a programme of the root takes the place of the stand-in.
    world
        .upsert_period(json!({ "code": "week", "name": "Tuần", "kind": "PEAK_WEEK",
        "startsOn": "2022-05-09", "endsOn": "2022-05-15" }))
        .await;
    let period = world
        .upsert_period(json!({ "code": "p", "name": "Chương trình",
        "kind": "PROGRAMME", "startsOn": "2022-01-08", "endsOn": "2023-09-01" }))
        .await;
    assert_eq!(period["id"], programme["id"]);
    let after = world.query("{ root { code name periods { code } } }").await;
    let expected = json!({ "code": "tld", "name": "Tổng Liên đoàn",
        "periods": [{ "code": "p" }, { "code": "week" }] });
    assert_eq!(after["root"], expected);

    let second = json!({ "code": "other", "name": "Khác", "kind": "CONFEDERATION" });
    assert_eq!(world.refusals(UPSERT, second).await, refused("INVALID", "parent"));
    world
        .upsert_period(json!({ "code": "p2", "name": "Khác", "kind": "PROGRAMME",
        "startsOn": "2024-01-01", "endsOn": "2024-12-31" }))
        .await;
    let periods = world.query("{ root { periods { code } } }").await;
    assert_eq!(periods["root"]["periods"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_unit_keeps_what_is_left_out_and_loses_what_is_null() {
    for world in World::start_on_each().await {
        let full = json!({ "code": "x", "name": "X", "kind": "GRASSROOTS_UNION",
            "parent": { "code": "bien-hoa" }, "cluster": "Cụm 1", "sector": "HEALTH",
            "foreignInvested": true, "memberCount": 10 });
        let unit = world.change(UPSERT, full).await["unit"].take();
        assert_eq!(unit["parent"]["code"], "bien-hoa");
        assert_eq!(unit["depth"], 3);
        let version = world.version().await;
        let same = world.change(UPSERT, json!({ "code": "x" })).await["unit"].take();
        assert_eq!(same, unit);
        assert_eq!(world.version().await, version);

        // Written into the document, and by variables of which some are not sent.
        let literal = r#"mutation { upsertUnit(input: { code: "x", cluster: null }) {
          unit { cluster sector memberCount } errors { code } } }"#;
        let expected = json!({ "cluster": null, "sector": "HEALTH", "memberCount": 10 });
        assert_eq!(payload(world.query(literal).await)["unit"], expected);
        let document = r#"mutation ($sector: Sector, $members: Int, $cluster: String, $parent: UnitRef) {
          upsertUnit(input: { code: "x", sector: $sector, memberCount: $members,
            cluster: $cluster, parent: $parent }) {
            unit { name cluster sector memberCount foreignInvested parent { code } } errors { code }
          } }"#;
        let variables = json!({ "sector": null, "cluster": "Cụm 2" });
        let answer = world.ask(&json!({ "query": document, "variables": variables })).await;
        let expected = json!({ "name": "X", "cluster": "Cụm 2", "sector": null, "memberCount": 10,
            "foreignInvested": true, "parent": { "code": "bien-hoa" } });
        assert_eq!(payload(data(answer))["unit"], expected);

        for field in ["name", "kind"] {
            let input = json!({ "code": "x", field: null });
            assert_eq!(world.refusals(UPSERT, input).await, refused("INVALID", field));
        }
        let input = json!({ "code": "x", "parent": null });
        assert_eq!(world.refusals(UPSERT, input).await, refused("INVALID", "parent"));
        let input = json!({ "code": "x", "memberCount": -1 });
        assert_eq!(world.refusals(UPSERT, input).await, refused("INVALID", "memberCount"));
        for (input, path) in [
            (json!({ "code": "new", "kind": "SECTION", "parent": { "code": "x" } }), "name"),
            (json!({ "code": "new", "name": "N", "parent": { "code": "x" } }), "kind"),
            (json!({ "code": "new", "name": "N", "kind": "SECTION" }), "parent"),
            (json!({ "code": " ", "name": "N", "kind": "SECTION" }), "code"),
        ] {
            assert_eq!(world.refusals(UPSERT, input).await, refused("INVALID", path));
        }
    }
}

#[tokio::test]
async fn a_unit_moves_with_its_past() {
    for world in World::start_on_each().await {
        world.submit("dong-tam", "k-1").await;
        world.submit("tan-bien", "k-2").await;
        world.submit("an-phuoc", "k-3").await;
        assert_eq!(world.submitted(&["tld", "dong-nai", "ha-noi"]).await, [3, 3, 0]);
        let to = |unit: &str, parent: &str| json!({ "unit": { "code": unit }, "newParent": { "code": parent } });
        let moved = world.change(MOVE, to("bien-hoa", "ha-noi")).await;
        let ancestors = json!([{ "code": "tld" }, { "code": "ha-noi" }]);
        assert_eq!(moved["unit"]["ancestors"], ancestors);
        assert_eq!(world.submitted(&["tld", "dong-nai", "ha-noi", "bien-hoa"]).await, [3, 1, 2, 2]);
        let version = world.version().await;
        world.change(MOVE, to("bien-hoa", "ha-noi")).await;
        assert_eq!(world.version().await, version);

        for (unit, parent) in [
            ("ha-noi", "bien-hoa"),
            ("ha-noi", "ha-noi"),
            ("tld", "ha-noi"),
            ("ha-noi", "dong-tam"),
        ] {
            let refusals = world.refusals(MOVE, to(unit, parent)).await;
            assert_eq!(refusals, refused("WOULD_CYCLE", "newParent"), "{unit} below {parent}");
        }
        let input = json!({ "code": "ha-noi", "parent": { "code": "dong-tam" } });
        assert_eq!(world.refusals(UPSERT, input).await, refused("WOULD_CYCLE", "parent"));
        assert_eq!(
            world.refusals(MOVE, to("nobody", "ha-noi")).await,
            refused("NOT_FOUND", "unit")
        );
        let nowhere = world.refusals(MOVE, to("ha-noi", "nobody")).await;
        assert_eq!(nowhere, refused("NOT_FOUND", "newParent"));
        assert_eq!(world.version().await, version);

        world.upsert_unit(json!({ "code": "bien-hoa", "parent": { "code": "dong-nai" } })).await;
        assert_eq!(world.submitted(&["dong-nai", "ha-noi"]).await, [3, 0]);
    }
}

#[tokio::test]
async fn a_renamed_unit_keeps_its_id_its_place_and_its_past() {
    for world in World::start_on_each().await {
        world.submit("bien-hoa", "one").await;
        let fields = "id tally { submitted } ancestors { code }";
        let before = world.query(&ask_unit("bien-hoa", fields)).await["unit"].take();
        assert_eq!(before["tally"]["submitted"], 1);
        // Both answers are kept: of the code that will be free, and of the one that nothing has yet.
        let nothing = world.query(&ask_unit("0057", fields)).await["unit"].take();
        assert_eq!(nothing, Value::Null);
        let now = world.ask(&json!({ "query": "{ today }" })).await;
        let mark = now["extensions"]["mark"].as_str().unwrap().to_owned();

        let input = json!({ "unit": { "code": "bien-hoa" }, "code": "0057" });
        let renamed = world.change(RENAME, input).await["unit"].take();
        assert_eq!((&renamed["id"], &renamed["code"]), (&before["id"], &json!("0057")));

        assert_eq!(world.query(&ask_unit("0057", fields)).await["unit"], before);
        assert_eq!(world.query(&ask_unit("bien-hoa", fields)).await["unit"], Value::Null);
        let found = world.query(r#"{ searchUnits(text: "0057") { code } }"#).await;
        assert_eq!(found["searchUnits"], json!([{ "code": "0057" }]));
        let changed = format!(
            r#"{{ units(filter: {{ changedSince: "{mark}" }}, orderBy: {{ field: CODE }}) {{ nodes {{ code }} }} }}"#
        );
        let changed = world.query(&changed).await["units"]["nodes"].take();
        assert!(changed.as_array().unwrap().contains(&json!({ "code": "0057" })), "{changed}");
        // A copy is told of the units above too, since their counts may show it; never of the former code.
        assert!(!changed.to_string().contains("bien-hoa"), "{changed}");

        // The same once more changes nothing; a further initiative enters under the new code alone.
        let version = world.version().await;
        let same = json!({ "unit": { "id": before["id"] }, "code": " 0057 " });
        world.change(RENAME, same).await;
        assert_eq!(world.version().await, version);
        world.submit("0057", "two").await;
        let other = json!({ "unit": { "code": "0057" }, "code": "long-thanh" });
        assert_eq!(world.refusals(RENAME, other).await, refused("INVALID", "code"));
        let empty = json!({ "unit": { "code": "0057" }, "code": " " });
        assert_eq!(world.refusals(RENAME, empty).await, refused("INVALID", "code"));
        let missing = json!({ "unit": { "code": "bien-hoa" }, "code": "x" });
        assert_eq!(world.refusals(RENAME, missing).await, refused("NOT_FOUND", "unit"));

        // The former code is free, and names another unit from now on.
        world
            .upsert_unit(json!({ "code": "bien-hoa", "name": "Mới", "kind": "GRASSROOTS_UNION",
            "parent": { "code": "0057" } }))
            .await;
        let new = world.query(&ask_unit("bien-hoa", fields)).await["unit"].take();
        assert_eq!(new["tally"]["submitted"], 0);
        assert_ne!(new["id"], before["id"]);
        let both = r#"{ unitsByCode(codes: ["0057", "bien-hoa"]) { id tally { submitted } } }"#;
        let told = world.query(both).await;
        assert_eq!(
            told["unitsByCode"][0],
            json!({ "id": before["id"], "tally": { "submitted": 2 } })
        );
        let world = world.restart().await;
        assert_eq!(world.query(both).await, told);
    }
}

#[tokio::test]
async fn a_unit_that_has_and_had_nothing_is_deleted() {
    for world in World::start_on_each().await {
        let new = json!({ "code": "nham", "name": "Nhập nhầm", "kind": "GRASSROOTS_UNION",
            "parent": { "code": "bien-hoa" } });
        let id = world.upsert_unit(new.clone()).await["id"].take();
        let below = json!({ "code": "nham-1", "name": "Tổ", "kind": "SECTION",
            "parent": { "code": "nham" } });
        world.upsert_unit(below).await;
        let around = r#"{ unit(ref: { code: "bien-hoa" }) {
            children { nodes { code } } tally { grassrootsUnions }
          } root { tally { grassrootsUnions } } searchUnits(text: "nhap nham") { code } }"#;
        let with = world.query(around).await;
        assert_eq!(with["searchUnits"], json!([{ "code": "nham" }]));

        // Whatever it has keeps it.
        let delete = async |code: &str| {
            let input = json!({ "unit": { "code": code }, "reason": "nhập nhầm" });
            world.refusals(DELETE, input).await
        };
        let in_the_way = refused("WRONG_STATE", "unit");
        assert_eq!(delete("nham").await, in_the_way);
        let now = world.ask(&json!({ "query": "{ today }" })).await;
        let mark = now["extensions"]["mark"].as_str().unwrap().to_owned();
        world.change(DELETE, json!({ "unit": { "code": "nham-1" } })).await;
        // A copy is told by the unit above, also where no count changes.
        let changed = format!(
            r#"{{ units(filter: {{ changedSince: "{mark}" }}) {{ nodes {{ code children {{ totalCount }} }} }} }}"#
        );
        let changed = world.query(&changed).await["units"]["nodes"].take();
        let above = json!({ "code": "nham", "children": { "totalCount": 0 } });
        assert!(changed.as_array().unwrap().contains(&above), "{changed}");
        world.set_goals(&[("nham", 5)]).await;
        assert_eq!(delete("nham").await, in_the_way);
        let clear = "mutation ($input: SetTargetsInput!) {
          setTargets(input: $input) { targets { goal } errors { code path message } } }";
        let goals = json!([{ "unit": { "code": "nham" } }]);
        world.change(clear, json!({ "period": { "code": "campaign" }, "goals": goals })).await;
        world.token(Role::Submitter, "tan-bien").await;
        assert_eq!(delete("tan-bien").await, in_the_way);
        // Its past keeps it too: an initiative that is elsewhere now.
        let moved = world.submit("long-thanh", "moved").await["id"].take();
        let transfer = "mutation ($input: TransferInitiativeInput!) {
          transferInitiative(input: $input) { initiative { id } errors { code path message } } }";
        world.change(transfer, json!({ "id": moved, "unit": { "code": "dong-tam" } })).await;
        assert_eq!(delete("long-thanh").await, in_the_way);
        assert_eq!(delete("tld").await, refused("INVALID", "unit"));
        assert_eq!(delete("nobody").await, refused("NOT_FOUND", "unit"));

        // A socket that follows it is told nothing wrong.
        let mut socket = world.socket().await;
        socket
            .subscribe("w", r#"subscription { tally(unit: { code: "nham" }) { submitted } }"#)
            .await;
        socket.next().await;
        let input = json!({ "unit": { "code": "nham" }, "reason": "nhập nhầm" });
        let gone = world.change(DELETE, input.clone()).await["unit"].take();
        assert_eq!(gone, json!({ "id": id, "code": "nham" }));
        let version = world.version().await;
        // Asked again, by a client that has lost the answer.
        world.change(DELETE, input).await;
        world.change(DELETE, json!({ "unit": { "id": id } })).await;
        assert_eq!(world.version().await, version);

        let without = world.query(around).await;
        assert_eq!(without["searchUnits"], json!([]));
        let count =
            |told: &Value, of: &str| told[of]["tally"]["grassrootsUnions"].as_i64().unwrap();
        assert_eq!(count(&without, "root"), count(&with, "root") - 1);
        assert_eq!(count(&without, "unit"), count(&with, "unit") - 1);
        assert!(!without["unit"]["children"].to_string().contains("nham"), "{without}");
        let by_id =
            format!(r#"{{ node(id: {id}) {{ id }} unit(ref: {{ id: {id} }}) {{ code }} }}"#);
        assert_eq!(world.query(&by_id).await, json!({ "node": null, "unit": null }));
        assert_eq!(world.query(&ask_unit("nham", "code")).await["unit"], Value::Null);
        // The code is free, for a unit of its own number.
        let again = world.upsert_unit(new).await["id"].take();
        assert_ne!(again, id);
        world.submit("nham", "first").await;
        socket.close().await;
        let told = world.query(around).await;
        let world = world.restart().await;
        assert_eq!(world.query(around).await, told);
        assert_eq!(world.query(&by_id).await, json!({ "node": null, "unit": null }));
        assert_eq!(world.submitted(&["nham", "bien-hoa"]).await, [1, 2]);
    }
}

#[tokio::test]
async fn a_closed_unit_keeps_its_counts_and_is_not_ranked() {
    let world = World::start().await;
    let close = "mutation ($input: CloseUnitInput!) {
      closeUnit(input: $input) { unit { closedOn } errors { code path message } }
    }";
    let reopen = r#"mutation { reopenUnit(unit: { code: "ha-noi" }) {
      unit { closedOn } errors { code path } } }"#;
    world.submit("hoang-dieu", "k-1").await;
    let future = json!({ "unit": { "code": "ha-noi" }, "on": "2022-05-11" });
    assert_eq!(world.refusals(close, future).await, refused("INVALID", "on"));
    let closed =
        world.change(close, json!({ "unit": { "code": "ha-noi" }, "on": "2022-05-01" })).await;
    assert_eq!(closed["unit"]["closedOn"], "2022-05-01");
    let version = world.version().await;
    // Closed is closed; the day stays.
    let again = world.change(close, json!({ "unit": { "code": "ha-noi" } })).await;
    assert_eq!(again["unit"]["closedOn"], "2022-05-01");
    assert_eq!(world.version().await, version);

    assert_eq!(world.submitted(&["tld", "ha-noi"]).await, [1, 1]);
    let board = "{ leaderboard { ranked entries { unit { code } } } }";
    let expected = json!({ "ranked": 1, "entries": [{ "unit": { "code": "dong-nai" } }] });
    assert_eq!(payload(world.query(board).await), expected);
    let opened = payload(world.query(reopen).await);
    assert_eq!(opened, json!({ "unit": { "closedOn": null }, "errors": [] }));
    assert_eq!(payload(world.query(board).await)["ranked"], 2);
    let version = world.version().await;
    world.query(reopen).await;
    assert_eq!(world.version().await, version);
    let nobody =
        r#"mutation { reopenUnit(unit: { code: "nobody" }) { unit { id } errors { code path } } }"#;
    let expected = json!({ "unit": null, "errors": [{ "code": "NOT_FOUND", "path": ["unit"] }] });
    assert_eq!(payload(world.query(nobody).await), expected);
}

#[tokio::test]
async fn a_unit_is_found_by_code_or_id_however_it_is_typed() {
    let world = World::start().await;
    world
        .upsert_unit(json!({ "code": "LĐLĐ-Đồng", "name": "Đồng", "kind": "SECTION",
        "parent": { "code": "tld" } }))
        .await;
    for code in ["LĐLĐ-Đồng", "LĐLĐ-Đo\u{302}\u{300}ng", " LĐLĐ-Đồng "] {
        let found = payload(world.query(&ask_unit(code, "id name")).await);
        assert_eq!(found["name"], "Đồng", "{code:?}");
        let id = found["id"].as_str().unwrap();
        let by_id = world.query(&format!(r#"{{ unit(ref: {{ id: "{id}" }}) {{ code }} }}"#)).await;
        assert_eq!(payload(by_id)["code"], "LĐLĐ-Đồng");
    }
    assert_eq!(payload(world.query(&ask_unit("nobody", "id")).await), Value::Null);
    let garbage = world.query(r#"{ unit(ref: { id: "garbage" }) { id } }"#).await;
    assert_eq!(payload(garbage), Value::Null);
    let several = r#"{ unitsByCode(codes: ["ha-noi", "nobody", "tld", "ha-noi"]) { code } }"#;
    let expected = json!([{ "code": "ha-noi" }, null, { "code": "tld" }, { "code": "ha-noi" }]);
    assert_eq!(payload(world.query(several).await), expected);
    assert_eq!(payload(world.query("{ unitsByCode(codes: []) { code } }").await), json!([]));
    let codes = vec!["tld"; 501];
    let request = json!({ "query": "query ($c: [String!]!) { unitsByCode(codes: $c) { code } }",
        "variables": { "c": codes } });
    let answer = world.ask(&request).await;
    assert_eq!(crate::harness::code_of(&answer), "BAD_ARGUMENT");
}

#[tokio::test]
async fn every_field_of_a_unit_answers() {
    let world = World::start().await;
    world
        .upsert_unit(json!({ "code": "dong-tam", "sector": "PRODUCTION_BUSINESS",
        "foreignInvested": true }))
        .await;
    let fields = "code name kind cluster clusters sector foreignInvested closedOn memberCount depth
      parent { code } ancestors { code depth } children { totalCount }
      periods(kinds: [PHASE, CAMPAIGN], runningOn: \"2022-04-20\") { code }
      tally { submitted } target { goal } targets { goal }";
    let expected = json!({
        "code": "dong-tam", "name": "Công đoàn dong-tam", "kind": "GRASSROOTS_UNION",
        "cluster": null, "clusters": [], "sector": "PRODUCTION_BUSINESS", "foreignInvested": true,
        "closedOn": null, "memberCount": 333, "depth": 3, "parent": { "code": "bien-hoa" },
        "ancestors": [{ "code": "tld", "depth": 0 }, { "code": "dong-nai", "depth": 1 },
            { "code": "bien-hoa", "depth": 2 }],
        "children": { "totalCount": 0 }, "periods": [{ "code": "phase-1" }],
        "tally": { "submitted": 0 }, "target": null, "targets": [],
    });
    assert_eq!(payload(world.query(&ask_unit("dong-tam", fields)).await), expected);
    let clusters = payload(world.query("{ root { clusters } }").await);
    assert_eq!(clusters["clusters"], json!(["Thành phố", "Đông Nam Bộ"]));
}

#[tokio::test]
async fn a_tally_counts_unions_that_take_part() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    world.set_clock("2022-05-10T09:30:00+07:00");
    world.submit("dong-tam", "k-2").await;
    world.submit("bien-hoa", "k-3").await;
    let fields =
        "submitted own participants grassrootsUnions activeGrassrootsUnions lastSubmittedAt
      unit { code } period { code }";
    let tally = world.query(&ask_unit("bien-hoa", &format!("tally {{ {fields} }}"))).await;
    let expected = json!({ "submitted": 3, "own": 1, "participants": 2, "grassrootsUnions": 2,
        "activeGrassrootsUnions": 1, "lastSubmittedAt": "2022-05-10T09:30:00.000+07:00",
        "unit": { "code": "bien-hoa" }, "period": { "code": "campaign" } });
    assert_eq!(payload(tally)["tally"], expected);
}

#[tokio::test]
async fn a_tally_says_whose_figures_it_shows_and_when_the_last_one_came() {
    let world = World::start().await;
    let fields = "tally { figures coverage daysSinceLast }";
    let tally =
        async |unit: &str| payload(world.query(&ask_unit(unit, fields)).await)["tally"].take();
    let nothing = json!({ "figures": "LIVE", "coverage": 0.0, "daysSinceLast": null });
    assert_eq!(tally("bien-hoa").await, nothing);
    world.set_clock("2022-05-10T23:59:59+07:00");
    world.submit("dong-tam", "k-1").await;
    let half = |days: i32| json!({ "figures": "LIVE", "coverage": 0.5, "daysSinceLast": days });
    assert_eq!(tally("bien-hoa").await, half(0));
    world.set_clock("2022-05-11T00:00:00+07:00");
    world.submit("hoang-dieu", "k-2").await;
    assert_eq!(tally("bien-hoa").await, half(1));
    let board = payload(world.query("{ leaderboard { figures total { figures } } }").await);
    assert_eq!(board, json!({ "figures": "LIVE", "total": { "figures": "LIVE" } }));
}

#[tokio::test]
async fn pages_of_children_show_each_once_while_some_are_added() {
    let world = World::start().await;
    let add = async |code: String| {
        world
            .upsert_unit(json!({ "code": code, "name": code, "kind": "SECTION",
            "parent": { "code": "dong-tam" } }))
            .await;
    };
    for number in 1..=7 {
        add(format!("s{number}0")).await;
    }
    let page = async |arguments: String| {
        let fields = format!(
            "children({arguments}) {{ nodes {{ code }} edges {{ cursor node {{ code }} }} totalCount
              pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
        );
        payload(world.query(&ask_unit("dong-tam", &fields)).await)["children"].take()
    };
    let codes = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["code"].as_str().unwrap().to_owned()).collect()
    };

    let mut seen = Vec::new();
    let mut page_info = json!({ "endCursor": null });
    for added in ["s15", "s35", "s75"] {
        let after = &page_info["endCursor"];
        let here = page(format!("first: 3, after: {after}")).await;
        assert_eq!(here["edges"][0]["cursor"], here["pageInfo"]["startCursor"]);
        assert_eq!(here["pageInfo"]["hasPreviousPage"], !seen.is_empty());
        seen.extend(codes(&here));
        page_info = here["pageInfo"].clone();
        add(added.to_owned()).await;
    }
    // s15 came behind the cursor, s35 and s75 ahead of it.
    assert_eq!(seen, ["s10", "s20", "s30", "s40", "s50", "s60", "s70"]);
    let rest = page(format!("first: 3, after: {}", page_info["endCursor"])).await;
    assert_eq!(codes(&rest), ["s75"]);
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
    assert_eq!(rest["totalCount"], 10);

    let mut backwards = Vec::new();
    let mut before = Value::Null;
    loop {
        let here = page(format!("last: 4, before: {before}")).await;
        backwards.splice(0..0, codes(&here));
        before = here["pageInfo"]["startCursor"].clone();
        if here["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backwards.len(), 10);
    assert!(backwards.is_sorted());

    let empty = page(format!("first: 0, after: {}", page_info["endCursor"])).await;
    assert_eq!(codes(&empty), Vec::<String>::new());
    assert_eq!(empty["pageInfo"]["hasNextPage"], true);
    assert_eq!(codes(&page("first: 500".to_owned()).await).len(), 10);

    let periods_cursor = "RXZlbnQ6MQ";
    for (arguments, code) in [
        ("first: 501", "BAD_ARGUMENT"),
        ("first: -1", "BAD_ARGUMENT"),
        ("last: 501", "BAD_ARGUMENT"),
        ("first: 1, last: 1", "BAD_ARGUMENT"),
        ("after: \"garbage\"", "BAD_CURSOR"),
        ("before: \"\"", "BAD_CURSOR"),
        (&format!("after: \"{periods_cursor}\""), "BAD_CURSOR"),
    ] {
        let query = ask_unit("dong-tam", &format!("children({arguments}) {{ totalCount }}"));
        let answer = world.ask(&json!({ "query": query })).await;
        assert_eq!(crate::harness::code_of(&answer), code, "{arguments}");
    }
}
