//! Figures of 2022 as letters and the press printed them, entered one by one and asked back.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{World, payload};

const TARGETS: &str = "mutation ($input: SetTargetsInput!) {
  setTargets(input: $input) { targets { goal } errors { code path message } } }";

/// Sent at a time.
const AT_ONCE: usize = 64;

/// Enters so many at the unit; returns their ids.
async fn enter(world: &World, unit: &str, count: usize) -> Vec<Value> {
    let keys: Vec<String> = (0..count).map(|number| format!("{unit}-{number}")).collect();
    let mut ids = Vec::with_capacity(count);
    for some in keys.chunks(AT_ONCE) {
        let all = join_all(some.iter().map(|key| world.submit(unit, key))).await;
        ids.extend(all.into_iter().map(|mut initiative| initiative["id"].take()));
    }
    ids
}

async fn set(world: &World, period: &str, goal: Value) -> Value {
    world.change(TARGETS, json!({ "period": { "code": period }, "goals": [goal] })).await["targets"]
        .take()
}

/// Hưng Yên on 10 May: 588 that are valid and 672 that wait are 1,260.
#[tokio::test]
async fn what_waits_is_as_much_as_was_printed() {
    let world = World::start().await;
    let ids = enter(&world, "dong-nai", 1_260).await;
    for some in ids[..588].chunks(AT_ONCE) {
        join_all(some.iter().map(|id| world.review(id, "ACCEPT"))).await;
    }
    let query = r#"{ unit(ref: { code: "dong-nai" }) { briefing {
        tally { submitted accepted pending } backlog { pending returned } } } }"#;
    let mut unit = payload(world.query(query).await);
    let briefing = unit["briefing"].take();
    assert_eq!(briefing["tally"], json!({ "submitted": 1_260, "accepted": 588, "pending": 672 }));
    let rows = briefing["backlog"].as_array().unwrap().iter();
    let waits = |row: &Value| row["pending"].as_i64().unwrap() + row["returned"].as_i64().unwrap();
    assert_eq!(rows.map(waits).sum::<i64>(), 672);
}

/// The phases have targets of 4,000 and 6,000, the programme of 10,000; a part is beside them, and a share of the members
/// is rounded up.
#[tokio::test]
async fn targets_of_phases_programme_and_parts_are_each_their_own() {
    let world = World::start().await;
    world
        .upsert_period(json!({ "code": "phase-2", "name": "Giai đoạn 2", "kind": "PHASE",
            "startsOn": "2022-06-01", "endsOn": "2023-09-01", "parent": { "code": "programme" } }))
        .await;
    let goal = |count: i32| json!({ "unit": { "code": "dong-nai" }, "goal": { "count": count } });
    for (period, count) in [("phase-1", 4_000), ("phase-2", 6_000), ("programme", 10_000)] {
        set(&world, period, goal(count)).await;
    }
    enter(&world, "dong-nai", 40).await;
    let ratios = async || {
        let query = r#"{ unit(ref: { code: "dong-nai" }) {
            first: tally(period: { code: "phase-1" }) { target ratio }
            second: tally(period: { code: "phase-2" }) { target ratio }
            all: tally(period: { code: "programme" }) { target ratio } } }"#;
        payload(world.query(query).await)
    };
    let expected = json!({ "first": { "target": 4_000, "ratio": 0.01 }, "second": { "target": 6_000, "ratio": 0.0 },
        "all": { "target": 10_000, "ratio": 0.004 } });
    assert_eq!(ratios().await, expected);
    let part = json!({ "unit": { "code": "dong-nai" }, "group": "ENTERPRISE_WORKER", "goal": { "count": 1_500 } });
    assert_eq!(set(&world, "phase-1", part).await, json!([{ "goal": 1_500 }]));
    assert_eq!(ratios().await, expected, "a part changes no ratio");
    // 8 % of 333 members are 26.64 people.
    let share = json!({ "unit": { "code": "dong-tam" }, "goal": { "percentOfMembers": { "from": 8, "to": 10 } } });
    assert_eq!(set(&world, "phase-1", share).await, json!([{ "goal": 27 }]));
}

/// The union of agriculture had 2,111 of its 2,000 on 13 May, and 30 days of its own: they close on their last day, the
/// confederation's campaign on its own, and both count the same initiatives.
#[tokio::test]
async fn a_unions_own_days_and_the_campaign_close_each_on_their_last_day() {
    let world = World::start().await;
    world
        .upsert_period(json!({ "code": "30-days", "name": "30 ngày", "kind": "CAMPAIGN", "startsOn": "2022-04-22",
            "endsOn": "2022-05-21", "owner": { "code": "dong-nai" }, "parent": { "code": "campaign" } }))
        .await;
    for period in ["30-days", "campaign"] {
        let goal = json!({ "unit": { "code": "dong-nai" }, "goal": { "count": 2_000 } });
        set(&world, period, goal).await;
    }
    world.set_clock("2022-05-13T08:00:00+07:00");
    enter(&world, "dong-nai", 2_111).await;
    let closings = async |period: &str| {
        let query = format!(
            r#"{{ period(ref: {{ code: "{period}" }}) {{ closings {{ kind endsOn
                tally(unit: {{ code: "dong-nai" }}) {{ submitted target ratio }} }} }} }}"#
        );
        payload(world.query(&query).await)["closings"].take()
    };
    world.set_clock("2022-05-22T08:00:00+07:00");
    world.upsert_unit(json!({ "code": "tld" })).await;
    let tally = json!({ "submitted": 2_111, "target": 2_000, "ratio": 1.0555 });
    let closed = |day: &str| json!([{ "kind": "DAY", "endsOn": day, "tally": tally }]);
    assert_eq!(closings("30-days").await, closed("2022-05-21"));
    assert_eq!(closings("campaign").await, json!([]));
    world.set_clock("2022-06-01T08:00:00+07:00");
    world.upsert_unit(json!({ "code": "tld" })).await;
    assert_eq!(closings("campaign").await, closed("2022-05-31"));
    assert_eq!(closings("30-days").await, closed("2022-05-21"));
}
