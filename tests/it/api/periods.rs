//! Periods: made, changed, and which one is meant when none is named.

use serde_json::{Value, json};

use crate::harness::{World, data, payload, refused};

const UPSERT: &str = "mutation ($input: UpsertPeriodInput!) {
  upsertPeriod(input: $input) { period { code } errors { code path message } }
}";

#[tokio::test]
async fn a_period_keeps_what_is_left_out_and_loses_what_is_null() {
    for world in World::start_on_each().await {
        let query = r#"{ period(ref: { code: "programme" }) { code name kind startsOn endsOn metric
          appliedFrom appliedUntil owner { code } parent { code } } }"#;
        let before = payload(world.query(query).await);
        assert_eq!(before["appliedFrom"], "2021-09-01");
        assert_eq!(before["metric"], "SUBMITTED");
        assert_eq!(before["owner"]["code"], "tld");
        assert_eq!(before["parent"], Value::Null);
        let version = world.version().await;
        world.upsert_period(json!({ "code": "programme" })).await;
        assert_eq!(world.version().await, version);

        let literal = r#"mutation { upsertPeriod(input: { code: "programme", appliedUntil: null }) {
          period { appliedFrom appliedUntil endsOn } errors { code } } }"#;
        let expected = json!({ "appliedFrom": "2021-09-01", "appliedUntil": null,
            "endsOn": "2023-09-01" });
        assert_eq!(payload(world.query(literal).await)["period"], expected);
        let document = r#"mutation ($from: Date, $until: Date, $name: String, $metric: TargetMetric) {
          upsertPeriod(input: { code: "programme", appliedFrom: $from, appliedUntil: $until,
            name: $name, metric: $metric }) {
            period { name appliedFrom appliedUntil metric } errors { code } } }"#;
        let variables = json!({ "from": null, "until": "2023-10-01", "metric": "ACCEPTED" });
        let answer = world.ask(&json!({ "query": document, "variables": variables })).await;
        let expected = json!({ "name": before["name"], "appliedFrom": null,
            "appliedUntil": "2023-10-01", "metric": "ACCEPTED" });
        assert_eq!(payload(data(answer))["period"], expected);

        for field in ["name", "kind", "startsOn", "endsOn", "owner", "metric"] {
            let input = json!({ "code": "programme", field: null });
            assert_eq!(world.refusals(UPSERT, input).await, refused("INVALID", field));
        }
        for (input, code, path) in [
            (json!({ "code": "phase-1", "endsOn": "2022-01-07" }), "INVALID", "endsOn"),
            (json!({ "code": "phase-1", "endsOn": "2099-01-01" }), "INVALID", "endsOn"),
            (
                json!({ "code": "phase-1", "appliedFrom": "2022-02-02", "appliedUntil": "2022-02-01" }),
                "INVALID",
                "appliedUntil",
            ),
            (json!({ "code": "phase-1", "owner": { "code": "nobody" } }), "NOT_FOUND", "owner"),
            (json!({ "code": "phase-1", "parent": { "code": "no such" } }), "NOT_FOUND", "parent"),
            (
                json!({ "code": "phase-1", "parent": { "code": "campaign" } }),
                "WOULD_CYCLE",
                "parent",
            ),
            (
                json!({ "code": "phase-1", "parent": { "code": "phase-1" } }),
                "WOULD_CYCLE",
                "parent",
            ),
            (
                json!({ "code": "new", "name": "N", "kind": "OTHER", "startsOn": "2022-05-01" }),
                "INVALID",
                "endsOn",
            ),
        ] {
            assert_eq!(world.refusals(UPSERT, input).await, refused(code, path));
        }
    }
}

#[tokio::test]
async fn counts_follow_the_days_of_a_period() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let submitted = async || {
        let query = r#"{ unit(ref: { code: "dong-nai" }) {
          campaign: tally(period: { code: "campaign" }) { submitted }
          programme: tally(period: { code: "programme" }) { submitted } } }"#;
        let unit = payload(world.query(query).await);
        [&unit["campaign"], &unit["programme"]].map(|tally| tally["submitted"].as_i64().unwrap())
    };
    assert_eq!(submitted().await, [1, 1]);
    world.upsert_period(json!({ "code": "campaign", "endsOn": "2022-05-09" })).await;
    assert_eq!(submitted().await, [0, 1]);
    world.upsert_period(json!({ "code": "campaign", "endsOn": "2022-05-10" })).await;
    assert_eq!(submitted().await, [1, 1]);
    world.upsert_period(json!({ "code": "campaign", "owner": { "code": "ha-noi" } })).await;
    assert_eq!(submitted().await, [0, 1]);
}

#[tokio::test]
async fn a_period_that_is_not_there() {
    let world = World::start().await;
    for reference in [r#"{ code: "no such" }"#, r#"{ id: "garbage" }"#] {
        let answer = world.query(&format!("{{ period(ref: {reference}) {{ id }} }}")).await;
        assert_eq!(payload(answer), Value::Null);
        for field in [
            format!("leaderboard(period: {reference}) {{ version }}"),
            format!("root {{ tally(period: {reference}) {{ version }} }}"),
            format!("root {{ target(period: {reference}) {{ goal }} }}"),
            format!("root {{ targets(period: {reference}) {{ goal }} }}"),
        ] {
            let answer = world.ask(&json!({ "query": format!("{{ {field} }}") })).await;
            assert_eq!(crate::harness::code_of(&answer), "REF_NOT_FOUND", "{field}");
        }
    }
}

/// The period meant by default on a day.
async fn default_on(world: &World, day: &str) -> String {
    world.set_clock(&format!("{day}T12:00:00+07:00"));
    // The day is known once it is in the log, which the next change sees to.
    let touch = json!({ "code": "tld", "memberCount": day[8..].parse::<i32>().unwrap() });
    world.upsert_unit(touch).await;
    let answer =
        world.query("{ leaderboard { period { code } } root { tally { period { code } } } }").await;
    assert_eq!(answer["leaderboard"]["period"], answer["root"]["tally"]["period"]);
    answer["leaderboard"]["period"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_name_the_one_running_that_started_last_is_meant() {
    let world = World::empty_at("2021-12-31T12:00:00+07:00").await;
    world.upsert_unit(json!({ "code": "tld", "name": "Tổng", "kind": "CONFEDERATION" })).await;
    let add = async |code: &str, kind: &str, starts: &str, ends: &str| {
        world
            .upsert_period(json!({ "code": code, "name": code, "kind": kind,
            "startsOn": starts, "endsOn": ends }))
            .await;
    };
    add("programme", "PROGRAMME", "2022-01-08", "2022-06-30").await;
    add("phase", "PHASE", "2022-01-08", "2022-05-31").await;
    add("twin-b", "CAMPAIGN", "2022-04-21", "2022-05-31").await;
    add("twin-a", "CAMPAIGN", "2022-04-21", "2022-05-31").await;
    add("shorter", "CAMPAIGN", "2022-04-21", "2022-05-20").await;
    // Neither these kinds nor another owner's are meant.
    add("week", "PEAK_WEEK", "2022-05-09", "2022-07-15").await;
    world
        .upsert_unit(json!({ "code": "ha-noi", "name": "H", "kind": "PROVINCIAL_FEDERATION",
        "parent": { "code": "tld" } }))
        .await;
    world
        .upsert_period(json!({ "code": "theirs", "name": "T", "kind": "CAMPAIGN",
        "startsOn": "2022-05-01", "endsOn": "2022-07-01", "owner": { "code": "ha-noi" } }))
        .await;

    // Not begun: the first to start, and of equals the one that ends first.
    assert_eq!(default_on(&world, "2022-01-01").await, "phase");
    assert_eq!(default_on(&world, "2022-01-08").await, "phase");
    assert_eq!(default_on(&world, "2022-04-21").await, "shorter");
    assert_eq!(default_on(&world, "2022-05-20").await, "shorter");
    assert_eq!(default_on(&world, "2022-05-21").await, "twin-a");
    assert_eq!(default_on(&world, "2022-05-31").await, "twin-a");
    assert_eq!(default_on(&world, "2022-06-01").await, "programme");
    // Over: the last to have ended.
    assert_eq!(default_on(&world, "2022-07-02").await, "programme");
}
