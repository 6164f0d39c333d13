//! Goals: all or none, as numbers or as shares.

use serde_json::{Value, json};

use crate::harness::{World, payload, refused};

const SET: &str = "mutation ($input: SetTargetsInput!) {
  setTargets(input: $input) {
    targets { id goal percentFrom percentTo documentNumber metric origin setAt distributed
      unit { code } period { code } }
    errors { code path message }
  }
}";

fn goals(goals: Value) -> Value {
    json!({ "period": { "code": "campaign" }, "goals": goals })
}

fn goal(unit: &str, goal: Value) -> Value {
    json!({ "unit": { "code": unit }, "goal": goal })
}

fn percent(from: f64, to: Option<f64>) -> Value {
    json!({ "percentOfMembers": { "from": from, "to": to } })
}

#[tokio::test]
async fn goals_are_set_and_measured() {
    for world in World::start_on_each().await {
        let input = json!({
            "period": { "code": "campaign" },
            "documentNumber": "160/CĐCT-CSPL&QHLĐ",
            "goals": [goal("dong-nai", json!({ "count": 8 })), goal("bien-hoa", json!({ "count": 3 })),
                goal("long-thanh", json!({ "count": 2 }))],
        });
        let set = world.change(SET, input).await;
        let first = &set["targets"][0];
        assert_eq!(first["unit"]["code"], "dong-nai");
        assert_eq!(first["period"]["code"], "campaign");
        assert_eq!(first["goal"], 8);
        assert_eq!(first["distributed"], 5);
        assert_eq!(first["metric"], "SUBMITTED");
        assert_eq!(first["origin"], "ASSIGNED");
        assert_eq!(first["documentNumber"], "160/CĐCT-CSPL&QHLĐ");
        assert_eq!(first["setAt"], "2022-05-10T08:00:00.000+07:00");

        world.submit("dong-tam", "k-1").await;
        world.submit("an-phuoc", "k-2").await;
        let tallies = world
            .query(
                r#"{ unitsByCode(codes: ["dong-nai", "bien-hoa", "ha-noi"]) {
                  tally { target ratio participationRate initiativesPerMember } } }"#,
            )
            .await;
        let tally = |place: usize| &tallies["unitsByCode"][place]["tally"];
        assert_eq!(tally(0)["target"], 8);
        assert_eq!(tally(0)["ratio"], 0.25);
        assert_eq!(tally(0)["participationRate"], 2.0 / 800_000.0);
        assert_eq!(tally(0)["initiativesPerMember"], 2.0 / 800_000.0);
        assert_eq!(tally(1)["ratio"], 1.0 / 3.0);
        assert_eq!(tally(1)["participationRate"], Value::Null);
        assert_eq!(tally(2)["target"], Value::Null);
        assert_eq!(tally(2)["ratio"], Value::Null);
    }
}

#[tokio::test]
async fn one_wrong_goal_sets_none() {
    let world = World::start().await;
    let before = world.version().await;
    let many = goals(json!([
        goal("dong-nai", json!({ "count": 5 })),
        goal("ha-noi", json!({ "count": -1 })),
        goal("ba-dinh", percent(8.0, Some(7.0))),
    ]));
    let expected = [
        ("INVALID".to_owned(), "goals.1.goal.count".to_owned()),
        ("INVALID".to_owned(), "goals.2.goal.percentOfMembers".to_owned()),
    ];
    assert_eq!(world.refusals(SET, many).await, expected);
    for (wrong, code, path) in [
        (json!([]), "INVALID", "goals"),
        (json!([goal("nobody", json!({ "count": 1 }))]), "NOT_FOUND", "goals.0.unit"),
        // It has no members to take a share of.
        (
            json!([goal("ha-noi", json!({ "count": 1 })), goal("bien-hoa", percent(8.0, None))]),
            "INVALID",
            "goals.1.goal.percentOfMembers",
        ),
        (json!([goal("an-phuoc", percent(0.0, None))]), "INVALID", "goals.0.goal.percentOfMembers"),
        (
            json!([goal("an-phuoc", percent(8.0, Some(100.5)))]),
            "INVALID",
            "goals.0.goal.percentOfMembers",
        ),
        (
            json!([goal("ha-noi", json!({ "count": 1 })), goal("ha-noi", json!({ "count": 2 }))]),
            "INVALID",
            "goals.1.unit",
        ),
    ] {
        assert_eq!(world.refusals(SET, goals(wrong)).await, refused(code, path));
    }
    let input = json!({ "period": { "code": "no such" }, "goals": [goal("ha-noi", json!({ "count": 1 }))] });
    assert_eq!(world.refusals(SET, input).await, refused("NOT_FOUND", "period"));
    let too_many = vec![goal("ha-noi", json!({ "count": 1 })); 501];
    assert_eq!(world.refusals(SET, goals(json!(too_many))).await, refused("INVALID", "goals"));
    assert_eq!(world.version().await, before);
    let targets = world.query(r#"{ unit(ref: { code: "dong-nai" }) { targets { goal } } }"#).await;
    assert_eq!(targets["unit"]["targets"], json!([]));
}

#[tokio::test]
async fn a_share_is_rounded_up_when_it_is_set() {
    let world = World::start().await;
    let input = goals(json!([
        goal("dong-tam", percent(8.0, Some(10.0))), // 333 members: 26.64
        goal("hoang-dieu", percent(8.0, None)),     // 250: exactly 20
        goal("so-xay-dung", percent(7.0, None)),    // 90: 6.3
        goal("an-phuoc", percent(100.0, None)),
    ]));
    let set = world.change(SET, input).await;
    let targets = set["targets"].as_array().unwrap();
    let rounded: Vec<&Value> = targets.iter().map(|target| &target["goal"]).collect();
    assert_eq!(rounded, [27, 20, 7, 120]);
    assert_eq!(targets[0]["percentFrom"], 8.0);
    assert_eq!(targets[0]["percentTo"], 10.0);
    assert_eq!(targets[1]["percentTo"], Value::Null);

    // Later members do not change it.
    world.upsert_unit(json!({ "code": "dong-tam", "memberCount": 1000 })).await;
    let query = r#"{ unit(ref: { code: "dong-tam" }) { target { goal } } }"#;
    assert_eq!(payload(world.query(query).await)["target"]["goal"], 27);
}

#[tokio::test]
async fn null_takes_a_goal_away_and_the_same_again_is_nothing() {
    for world in World::start_on_each().await {
        let set = goals(json!([goal("dong-nai", json!({ "count": 5 }))]));
        world.change(SET, set.clone()).await;
        let version = world.version().await;
        world.set_clock("2022-05-10T09:00:00+07:00");
        let again = world.change(SET, set).await;
        assert_eq!(again["targets"][0]["setAt"], "2022-05-10T08:00:00.000+07:00");
        assert_eq!(world.version().await, version);

        let removed = world.change(SET, goals(json!([goal("dong-nai", Value::Null)]))).await;
        assert_eq!(removed["targets"], json!([]));
        let query = r#"{ unit(ref: { code: "dong-nai" }) { target { goal } tally { target } } }"#;
        let gone = json!({ "target": null, "tally": { "target": null } });
        assert_eq!(payload(world.query(query).await), gone);
        let version = world.version().await;
        world.change(SET, goals(json!([goal("dong-nai", Value::Null)]))).await;
        assert_eq!(world.version().await, version);
    }
}

#[tokio::test]
async fn assigned_and_pledged_and_each_metric_stand_apart() {
    let world = World::start().await;
    let set = async |metric: Option<&str>, origin: &str, count: i32| {
        let input = json!({ "period": { "code": "campaign" }, "metric": metric, "origin": origin,
            "goals": [goal("ha-noi", json!({ "count": count }))] });
        world.change(SET, input).await;
    };
    set(None, "ASSIGNED", 5).await;
    set(None, "PLEDGED", 7).await;
    set(Some("ACCEPTED"), "ASSIGNED", 3).await;
    let query = r#"{ unit(ref: { code: "ha-noi" }) {
      given: target { goal }
      pledged: target(origin: PLEDGED) { goal }
      accepted: target(metric: ACCEPTED, period: { code: "campaign" }) { goal }
      elsewhere: target(period: { code: "phase-1" }) { goal }
      targets(period: { code: "campaign" }) { goal }
      tally { target }
    } }"#;
    let unit = payload(world.query(query).await);
    assert_eq!(unit["given"]["goal"], 5);
    assert_eq!(unit["pledged"]["goal"], 7);
    assert_eq!(unit["accepted"]["goal"], 3);
    assert_eq!(unit["elsewhere"], Value::Null);
    assert_eq!(unit["targets"].as_array().unwrap().len(), 3);
    assert_eq!(unit["tally"]["target"], 5);
}
