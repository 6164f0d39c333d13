//! Confirmed assessments: who confirms them, who sees them, and that they stay as they are.

use sangkien::domain::Role;
use sangkien::recount::{Depth, verify};
use serde_json::{Value, json};

use crate::harness::{World, data, refused, with};

const UPSERT: &str = "mutation ($input: UpsertRuleInput!) {
  upsertRule(input: $input) { rule { code version } errors { code path message } } }";

const CONFIRM: &str =
    "mutation ($input: ConfirmAssessmentInput!) { confirmAssessment(input: $input) {
  assessment { id version confirmedAt note closing { version } } errors { code path message } } }";

const TARGETS: &str = "mutation ($input: SetTargetsInput!) {
  setTargets(input: $input) { errors { code path message } } }";

const ASSESSMENT: &str = "{ id version confirmedAt note closing { kind version } rule { code }
  period { code } rows { totalCount nodes { unit { code } cluster rank value points grade chosen
    results { count of value met points } } } }";

/// The assessment by the rule `quy` in the campaign.
fn asked() -> Value {
    let query = format!(
        r#"{{ rule(ref: {{ code: "quy" }}) {{ assessment(period: {{ code: "campaign" }}) {ASSESSMENT} }} }}"#
    );
    json!({ "query": query })
}

async fn by_officer(world: &World) -> Value {
    data(world.ask(&asked()).await)["rule"]["assessment"].take()
}

async fn by_anybody(world: &World) -> Value {
    data(world.ask_anonymously(&asked()).await)["rule"]["assessment"].take()
}

fn input(changes: Value) -> Value {
    with(json!({ "rule": { "code": "quy" }, "period": { "code": "campaign" } }), changes)
}

async fn confirm(world: &World, changes: Value) -> Value {
    world.change(CONFIRM, input(changes)).await["assessment"].take()
}

/// Ranked by what is submitted; beside the target of the campaign counts the one that a federation set itself, and the
/// programme's.
async fn rule(world: &World) {
    let of = |more: Value| {
        let ratio = json!({ "measure": "TARGET_RATIO", "steps": [{ "from": 0.5, "points": 10 }] });
        with(ratio, more)
    };
    let rule = json!({ "code": "quy", "name": "Quý", "top": 1, "grades": [{ "label": "Tốt", "points": 20 }],
        "criteria": [of(json!({ "required": true })), of(json!({ "origin": "PLEDGED" })),
            of(json!({ "targetPeriod": { "code": "programme" } })),
            { "measure": "PER_1000_MEMBERS", "steps": [{ "from": 0.001, "points": 5 }] }] });
    world.change(UPSERT, rule).await;
}

async fn target(world: &World, period: &str, origin: &str, unit: &str, goal: i32) {
    let goals = json!([{ "unit": { "code": unit }, "goal": { "count": goal } }]);
    let period = json!({ "code": period });
    world.change(TARGETS, json!({ "period": period, "origin": origin, "goals": goals })).await;
}

/// The campaign to its end, with targets of all sorts.
async fn campaign(world: &World) {
    rule(world).await;
    for (period, origin, goal) in
        [("campaign", "ASSIGNED", 3), ("campaign", "PLEDGED", 8), ("programme", "ASSIGNED", 4)]
    {
        target(world, period, origin, "dong-nai", goal).await;
    }
    for (unit, key) in
        [("dong-tam", "a"), ("dong-tam", "b"), ("an-phuoc", "c"), ("hoang-dieu", "d")]
    {
        world.submit(unit, key).await;
    }
}

#[tokio::test]
async fn a_confirmed_assessment_stays_as_it_is_and_everybody_sees_it() {
    for world in World::start_on_each().await {
        campaign(&world).await;
        let live = by_officer(&world).await;
        assert_eq!((&live["closing"], &live["confirmedAt"]), (&Value::Null, &Value::Null));
        assert_eq!(by_anybody(&world).await, Value::Null, "it is provisional");
        world.set_clock("2022-06-01T08:00:00+07:00");
        world.submit("dong-tam", "late").await;
        let closed = by_officer(&world).await;
        assert_eq!(closed["closing"]["kind"], "DAY");
        // The last day ended with what was there.
        assert_eq!(closed["rows"], live["rows"]);
        assert!(closed["version"].as_i64() >= closed["closing"]["version"].as_i64());
        let first = &closed["rows"]["nodes"][0];
        assert_eq!((&first["unit"]["code"], &first["chosen"]), (&json!("dong-nai"), &json!(true)));
        let values: Vec<_> =
            first["results"].as_array().unwrap().iter().map(|it| it["value"].as_f64()).collect();
        assert_eq!(values[..3], [Some(1.0), Some(0.375), Some(0.75)]);
        assert_eq!(by_anybody(&world).await, Value::Null, "it is still provisional");

        let confirmed =
            confirm(&world, json!({ "note": "đủ", "expectedVersion": closed["version"] })).await;
        assert_eq!(confirmed["note"], "đủ");
        assert_eq!(confirmed["version"], closed["version"]);
        let seen = by_anybody(&world).await;
        assert_eq!(seen["rows"], closed["rows"]);
        assert_eq!(seen["confirmedAt"], "2022-06-01T08:00:00.000+07:00");
        assert_eq!(seen["note"], "đủ");
        assert_eq!(by_officer(&world).await, seen);
        // Again the same is nothing new.
        let version = world.version().await;
        assert_eq!(confirm(&world, json!({ "note": "đủ" })).await, confirmed);
        assert_eq!(world.version().await, version);

        // Whatever comes later is beside it: entries, targets of all sorts, the tree, another closing, the rule.
        target(&world, "campaign", "ASSIGNED", "dong-nai", 300).await;
        target(&world, "campaign", "PLEDGED", "dong-nai", 1).await;
        target(&world, "programme", "ASSIGNED", "dong-nai", 1).await;
        target(&world, "campaign", "PLEDGED", "ha-noi", 1).await;
        world.upsert_unit(json!({ "code": "dong-nai", "memberCount": 5 })).await;
        world
            .upsert_unit(json!({ "code": "moi", "name": "Mới", "kind": "PROVINCIAL_FEDERATION",
            "parent": { "code": "tld" } }))
            .await;
        let finalize = "mutation ($input: FinalizePeriodInput!) { finalizePeriod(input: $input) {
            errors { code path message } } }";
        world
            .change(finalize, json!({ "period": { "code": "campaign" }, "evenPending": true }))
            .await;
        assert_eq!(
            world.refusals(UPSERT, json!({ "code": "quy", "name": "Khác" })).await,
            refused("WRONG_STATE", "code")
        );
        let moved = "mutation ($input: MoveUnitInput!) { moveUnit(input: $input) {
            errors { code path message } } }";
        let to = json!({ "unit": { "code": "dong-nai" }, "newParent": { "code": "ha-noi" } });
        world.change(moved, to).await;
        assert_eq!(by_anybody(&world).await, seen);
        // Units are found where they were.
        let within = async |unit: &str| {
            let query = format!(
                r#"{{ rule(ref: {{ code: "quy" }}) {{ assessment(period: {{ code: "campaign" }}) {{
                    rows(within: {{ code: "{unit}" }}) {{ nodes {{ unit {{ code }} }} }} }} }} }}"#
            );
            let answer = data(world.ask_anonymously(&json!({ "query": query })).await);
            answer["rule"]["assessment"]["rows"]["nodes"].clone()
        };
        assert_eq!(within("ha-noi").await, json!([{ "unit": { "code": "ha-noi" } }]));
        assert_eq!(within("moi").await, json!([]));
        let back = json!({ "unit": { "code": "dong-nai" }, "newParent": { "code": "tld" } });
        world.change(moved, back).await;
        let listed =
            r#"{ period(ref: { code: "campaign" }) { assessments { id note rule { code } } } }"#;
        let listed = data(world.ask_anonymously(&json!({ "query": listed })).await);
        assert_eq!(
            listed["period"]["assessments"],
            json!([{ "id": seen["id"], "note": "đủ", "rule": { "code": "quy" } }])
        );
        let node = json!({ "query": format!("query ($id: ID!) {{ node(id: $id) {{ ... on Assessment {ASSESSMENT} }} }}"),
            "variables": { "id": seen["id"] } });
        assert_eq!(data(world.ask_anonymously(&node).await)["node"], seen);
        let world = world.restart().await;
        assert_eq!(by_anybody(&world).await, seen);
        let store = world.store().await;
        let verdict = verify(&store, Depth::Replay).await.unwrap();
        store.close().await;
        assert!(verdict.is_clean(), "{verdict}");

        // Taken back it is open again, by the last closing and the targets of now.
        assert_eq!(
            world.refusals(CONFIRM, input(json!({ "confirmed": false }))).await,
            refused("INVALID", "note")
        );
        let open = confirm(&world, json!({ "confirmed": false, "note": "nhầm" })).await;
        assert_eq!((&open["confirmedAt"], &open["note"]), (&Value::Null, &Value::Null));
        assert_eq!(by_anybody(&world).await, Value::Null);
        let open = by_officer(&world).await;
        assert_eq!(open["closing"]["kind"], "FINAL");
        let values = |of: &Value| -> Vec<Option<f64>> {
            let results = of["rows"]["nodes"][0]["results"].as_array().unwrap().clone();
            results.iter().map(|it| it["value"].as_f64()).collect()
        };
        assert_eq!(values(&open)[..3], [Some(0.01), Some(3.0), Some(3.0)]);
        assert_eq!(open["rows"]["totalCount"], 3);
        world.change(UPSERT, json!({ "code": "quy", "name": "Khác" })).await;
        assert_eq!(
            world.refusals(CONFIRM, input(json!({ "expectedVersion": seen["version"] }))).await,
            refused("CONFLICT", "expectedVersion")
        );
        let again = by_officer(&world).await;
        assert!(again["version"].as_i64() > seen["version"].as_i64());
        confirm(&world, json!({ "expectedVersion": again["version"] })).await;
        assert_eq!(by_anybody(&world).await["rows"], again["rows"]);
    }
}

#[tokio::test]
async fn what_cannot_be_confirmed_is_refused_with_its_reason() {
    let world = World::start().await;
    campaign(&world).await;
    let refusals = async |changes: Value| world.refusals(CONFIRM, input(changes)).await;
    assert_eq!(refusals(json!({})).await, refused("WRONG_STATE", "period"), "it runs");
    assert_eq!(refusals(json!({ "rule": { "code": "none" } })).await, refused("NOT_FOUND", "rule"));
    assert_eq!(refusals(json!({ "rule": { "id": "x" } })).await, refused("NOT_FOUND", "rule"));
    let none = json!({ "period": { "code": "none" } });
    assert_eq!(refusals(none).await, refused("NOT_FOUND", "period"));
    // Taking back what is not confirmed changes nothing.
    confirm(&world, json!({ "confirmed": false, "note": "x" })).await;
    world
        .upsert_period(
            json!({ "code": "hn", "name": "HN", "kind": "PEAK_WEEK", "startsOn": "2022-05-01",
            "endsOn": "2022-05-31", "owner": { "code": "ha-noi" } }),
        )
        .await;
    // The first command of the day comes with the midnight that closes, which nobody has seen yet.
    world.set_clock("2022-06-01T08:00:00+07:00");
    assert_eq!(refusals(json!({ "note": "đủ" })).await, refused("WRONG_STATE", "period"));
    world.upsert_unit(json!({ "code": "tld" })).await;
    confirm(&world, json!({ "note": "đủ" })).await;
    assert_eq!(by_anybody(&world).await["closing"]["kind"], "DAY");
    assert_eq!(refusals(json!({ "note": "khác" })).await, refused("WRONG_STATE", "rule"));
    let of_another = json!({ "period": { "code": "hn" } });
    assert_eq!(
        refusals(of_another).await,
        refused("INVALID", "period"),
        "it does not cover the root"
    );
    let too_long = json!({ "note": "x".repeat(10_001) });
    assert_eq!(refusals(too_long).await, refused("INVALID", "note"));
}

#[tokio::test]
async fn officers_over_the_owner_confirm() {
    let world = World::start().await;
    campaign(&world).await;
    let owned = json!({ "code": "tinh", "name": "Tỉnh", "owner": { "code": "dong-nai" } });
    world.change(UPSERT, owned).await;
    world.set_clock("2022-06-01T08:00:00+07:00");
    world.upsert_unit(json!({ "code": "tld" })).await;
    for &role in Role::ALL {
        for unit in ["tld", "dong-nai", "bien-hoa", "ha-noi"] {
            let token = world.token(role, unit).await;
            for confirmed in [true, false] {
                let note = format!("{unit} {confirmed}");
                let input = input(
                    json!({ "rule": { "code": "tinh" }, "confirmed": confirmed, "note": note }),
                );
                let payload = world.mutate_as(&token, CONFIRM, input).await;
                let may = matches!(role, Role::Admin | Role::Officer)
                    && ["tld", "dong-nai"].contains(&unit);
                let code = payload["errors"][0]["code"].as_str();
                assert_eq!(code, (!may).then_some("FORBIDDEN"), "{role:?} {unit}: {payload}");
            }
        }
    }
}

/// A closing tells what its period covered and counted, whatever the tree and the period are now.
#[tokio::test]
async fn an_assessment_is_by_what_the_closing_covered() {
    let world = World::start().await;
    let rule = |code: &str, owner: &str| {
        json!({ "code": code, "name": code, "owner": { "code": owner }, "criteria": [
            { "measure": "TARGET_RATIO", "origin": "PLEDGED", "steps": [{ "from": 0.1, "points": 1 }] }] })
    };
    for (code, owner) in [("left", "bien-hoa"), ("came", "ba-dinh"), ("quy", "dong-nai")] {
        world.change(UPSERT, rule(code, owner)).await;
    }
    world
        .upsert_period(
            json!({ "code": "own", "name": "Own", "kind": "PEAK_WEEK", "startsOn": "2022-05-01",
            "endsOn": "2022-05-31", "owner": { "code": "dong-nai" } }),
        )
        .await;
    target(&world, "own", "PLEDGED", "bien-hoa", 8).await;
    for key in ["a", "b"] {
        world.submit("dong-tam", key).await;
    }
    world.set_clock("2022-06-01T08:00:00+07:00");
    let moved = "mutation ($input: MoveUnitInput!) { moveUnit(input: $input) {
        errors { code path message } } }";
    for (unit, to) in [("bien-hoa", "ha-noi"), ("ba-dinh", "dong-nai")] {
        let to = json!({ "unit": { "code": unit }, "newParent": { "code": to } });
        world.change(moved, to).await;
    }
    // The metric of now is another one, too, and has no pledge.
    world.upsert_period(json!({ "code": "own", "metric": "ACCEPTED" })).await;
    let of = |code: &str| json!({ "rule": { "code": code }, "period": { "code": "own" } });
    assert_eq!(world.refusals(CONFIRM, of("came")).await, refused("INVALID", "period"));
    let rows = async |code: &str| {
        let query = format!(
            r#"{{ rule(ref: {{ code: "{code}" }}) {{ assessment(period: {{ code: "own" }}) {{ confirmedAt
                rows {{ nodes {{ unit {{ code }} points results {{ count of }} }} }} }} }} }}"#
        );
        data(world.ask(&json!({ "query": query })).await)["rule"]["assessment"].take()
    };
    let came = rows("came").await;
    assert_eq!(came["rows"]["nodes"], json!([]), "it came later");
    let left = rows("left").await["rows"]["nodes"].take();
    assert_eq!(left[0]["unit"]["code"], "dong-tam");
    world.change(CONFIRM, of("left")).await;
    assert_eq!(rows("left").await["rows"]["nodes"], left);
    let found = rows("quy").await["rows"]["nodes"].take();
    let expected = json!({ "unit": { "code": "bien-hoa" }, "points": 1.0, "results": [{ "count": 2, "of": 8 }] });
    assert_eq!(found[0], expected);
    world.change(CONFIRM, of("quy")).await;
    assert_eq!(rows("quy").await["rows"]["nodes"], found);
}
