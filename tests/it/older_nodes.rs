//! Nodes of two releases beside one another: what the older one cannot read is not written before it is gone.

use serde_json::{Value, json};

use crate::database::{run_sql, verify_database};
use crate::harness::{World, code_of};

const SET_TARGETS: &str = "mutation ($input: SetTargetsInput!) {
  setTargets(input: $input) { targets { goal } errors { code path message } }
}";

const UPSERT_RULE: &str = "mutation ($input: UpsertRuleInput!) {
  upsertRule(input: $input) { rule { code } errors { code path message } }
}";

/// A goal of a part of the initiatives, which release 0.1.0 does not know.
fn goal_of_part() -> Value {
    let goal = json!({ "unit": { "code": "dong-nai" }, "goal": { "count": 7 }, "field": "Y tế" });
    json!({ "period": { "code": "campaign" }, "goals": [goal] })
}

/// A node of release 0.1.0 serves the database, too.
const OLDER: &str = "insert into nodes (id, release, first_seen, last_seen)
    values (900, '0.1.0', 0, (select max(last_seen) from nodes))";

#[tokio::test]
async fn a_closing_by_an_officer_waits_as_well() {
    const FINALIZE: &str = "mutation ($input: FinalizePeriodInput!) {
      finalizePeriod(input: $input) { closing { kind } errors { code path message } } }";
    let world = World::start().await;
    let week = json!({ "code": "week", "name": "Tuần", "kind": "PEAK_WEEK",
        "startsOn": "2022-05-02", "endsOn": "2022-05-08" });
    world.upsert_period(week).await;
    let input = json!({ "period": { "code": "week" }, "note": "x" });
    let request = json!({ "query": FINALIZE, "variables": { "input": input } });
    run_sql(world.database(), OLDER).await;
    let before = world.version().await;
    assert_eq!(code_of(&world.ask(&request).await), "UNAVAILABLE");
    assert_eq!(world.version().await, before, "it left no trace");
    run_sql(world.database(), "update nodes set ended_at = last_seen where id = 900").await;
    assert_eq!(world.change(FINALIZE, input).await["closing"]["kind"], "FINAL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_waits_until_the_last_node_that_cannot_read_it_is_gone() {
    for world in World::start_on_each().await {
        let request = json!({ "query": SET_TARGETS, "variables": { "input": goal_of_part() } });
        run_sql(world.database(), OLDER).await;
        let before = world.version().await;
        let (held_back, _) = tokio::join!(world.ask(&request), world.submit("dong-tam", "beside"));
        assert_eq!(code_of(&held_back), "UNAVAILABLE");
        let message = held_back["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("another server is still of an older release"), "{message}");
        assert_eq!(world.version().await, before + 1, "it left no trace");
        let rule = json!({ "code": "quy", "name": "Quý" });
        let request = json!({ "query": UPSERT_RULE, "variables": { "input": rule } });
        assert_eq!(code_of(&world.ask(&request).await), "UNAVAILABLE", "a kind that is not known");
        // Whatever every release reads is taken.
        world.set_goals(&[("dong-nai", 40)]).await;
        run_sql(world.database(), "update nodes set ended_at = last_seen where id = 900").await;
        world.change(SET_TARGETS, goal_of_part()).await;
        world.change(UPSERT_RULE, rule).await;
        let database = world.database().to_owned();
        let (_, _, _folder) = world.stop().await;
        verify_database(&database).await;
    }
}
