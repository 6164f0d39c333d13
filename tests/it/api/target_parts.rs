//! Targets of parts: of author groups, of fields, of groups in fields.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, payload, refused, submission, with};

const SET: &str = "mutation ($input: SetTargetsInput!) {
  setTargets(input: $input) {
    targets { id group field goal reached ratio distributed }
    errors { code path message }
  }
}";

fn goals(goals: Value) -> Value {
    json!({ "period": { "code": "campaign" }, "goals": goals })
}

fn goal(unit: &str, part: Value, count: i32) -> Value {
    with(json!({ "unit": { "code": unit }, "goal": { "count": count } }), part)
}

async fn submit(world: &World, unit: &str, key: &str, group: Option<&str>, field: Option<&str>) {
    let authors = json!([{ "name": "Nguyễn Văn An", "group": group }]);
    let input = with(submission(unit, key), json!({ "authors": authors, "field": field }));
    world.change(SUBMIT, input).await;
}

#[tokio::test]
async fn a_part_has_a_count_and_a_ratio_and_changes_nothing_of_the_whole() {
    for world in World::start_on_each().await {
        let (worker, other) = (Some("ENTERPRISE_WORKER"), Some("OTHER"));
        submit(&world, "dong-tam", "1", worker, Some("Cơ khí")).await;
        submit(&world, "dong-tam", "2", worker, None).await;
        submit(&world, "an-phuoc", "3", other, Some("Cơ khí")).await;
        submit(&world, "so-xay-dung", "4", worker, Some("Điện")).await;
        world.set_goals(&[("dong-nai", 8), ("bien-hoa", 3)]).await;
        let whole = r#"{ unit(ref: { code: "dong-nai" }) {
          tally(period: { code: "campaign" }) { submitted target ratio }
          targets { group goal distributed }
          target(period: { code: "campaign" }) { goal distributed reached ratio } }
          leaderboard(period: { code: "campaign" }) { entries { rank value unit { code } } } }"#;
        let before = world.query(whole).await;
        assert_eq!(before["unit"]["target"]["reached"], 3);
        assert_eq!(before["unit"]["target"]["ratio"], 3.0 / 8.0);

        let workers = json!({ "group": "ENTERPRISE_WORKER" });
        let mechanics = json!({ "field": " Cơ khí " });
        let both = json!({ "group": "ENTERPRISE_WORKER", "field": "Cơ khí" });
        let input = goals(json!([
            goal("dong-nai", workers.clone(), 4),
            goal("dong-nai", mechanics, 1),
            goal("dong-nai", both, 0),
            goal("bien-hoa", workers.clone(), 5),
        ]));
        let set = world.change(SET, input.clone()).await;
        let told = |target: &Value| {
            ["group", "field", "goal", "reached", "ratio", "distributed"]
                .map(|it| target[it].clone())
        };
        let targets = set["targets"].as_array().unwrap();
        let found: Vec<_> = targets.iter().map(told).collect();
        let expected = [
            [json!("ENTERPRISE_WORKER"), Value::Null, json!(4), json!(2), json!(0.5), json!(5)],
            [Value::Null, json!("Cơ khí"), json!(1), json!(2), json!(2.0), json!(0)],
            [
                json!("ENTERPRISE_WORKER"),
                json!("Cơ khí"),
                json!(0),
                json!(1),
                Value::Null,
                json!(0),
            ],
            [json!("ENTERPRISE_WORKER"), Value::Null, json!(5), json!(2), json!(0.4), json!(0)],
        ];
        assert_eq!(found, expected);
        assert_eq!(world.query(whole).await, before);
        let version = world.version().await;
        world.change(SET, input).await;
        assert_eq!(world.version().await, version, "nothing changes");

        // One is found by its part, by its id, and after a restart.
        let world = world.restart().await;
        let id = &targets[2]["id"];
        let asked = format!(
            r#"{{ node(id: {id}) {{ ... on Target {{ group field reached unit {{ code }} }} }}
              unit(ref: {{ code: "dong-nai" }}) {{
                workers: target(period: {{ code: "campaign" }}, group: ENTERPRISE_WORKER) {{ goal }}
                field: target(period: {{ code: "campaign" }}, field: "Cơ khí") {{ goal reached }}
                none: target(period: {{ code: "campaign" }}, group: OTHER) {{ goal }}
                targets(parts: true) {{ group field goal }} }} }}"#
        );
        let found = world.query(&asked).await;
        let expected = json!({
            "group": "ENTERPRISE_WORKER", "field": "Cơ khí", "reached": 1,
            "unit": { "code": "dong-nai" },
        });
        assert_eq!(found["node"], expected);
        assert_eq!(found["unit"]["workers"]["goal"], 4);
        assert_eq!(found["unit"]["field"], json!({ "goal": 1, "reached": 2 }));
        assert_eq!(found["unit"]["none"], Value::Null);
        assert_eq!(found["unit"]["targets"].as_array().unwrap().len(), 4);
        assert_eq!(world.query(whole).await, before);

        // The groups add up to the whole.
        let rows = payload(
            world
                .query(
                    r#"{ unit(ref: { code: "dong-nai" }) {
                      breakdown(by: AUTHOR_GROUP, period: { code: "campaign" }) { submitted } } }"#,
                )
                .await,
        );
        let rows = rows["breakdown"].as_array().unwrap();
        let sum: i64 = rows.iter().map(|row| row["submitted"].as_i64().unwrap()).sum();
        assert_eq!(json!(sum), before["unit"]["target"]["reached"]);

        let gone = json!({ "unit": { "code": "dong-nai" }, "group": "ENTERPRISE_WORKER" });
        world.change(SET, goals(json!([gone]))).await;
        let left = payload(
            world
                .query(r#"{ unit(ref: { code: "dong-nai" }) { targets(parts: true) { goal } } }"#)
                .await,
        );
        assert_eq!(left["targets"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_part_is_of_initiatives_and_of_a_known_field() {
    let world = World::start_with_fields("code,name\nck,Cơ khí\n").await;
    let people = |part: Value| {
        with(goals(json!([goal("dong-nai", part, 4)])), json!({ "metric": "PARTICIPANTS" }))
    };
    let workers = json!({ "group": "ENTERPRISE_WORKER" });
    assert_eq!(
        world.refusals(SET, people(workers.clone())).await,
        refused("INVALID", "goals.0.group")
    );
    let mechanics = json!({ "field": "ck" });
    assert_eq!(
        world.refusals(SET, people(mechanics.clone())).await,
        refused("INVALID", "goals.0.field")
    );
    let blank = people(json!({ "group": null, "field": " " }));
    assert_eq!(world.refusals(SET, blank).await, refused("INVALID", "goals.0.field"));
    world.change(SET, people(json!({ "group": null, "field": null }))).await;
    let unknown = goals(json!([goal("dong-nai", json!({ "field": "Cơ khí" }), 4)]));
    assert_eq!(world.refusals(SET, unknown).await, refused("INVALID", "goals.0.field"));
    let twice = goals(json!([goal("dong-nai", workers.clone(), 4), goal("dong-nai", workers, 5)]));
    assert_eq!(world.refusals(SET, twice).await, refused("INVALID", "goals.1.unit"));
    world.change(SET, goals(json!([goal("dong-nai", mechanics, 4)]))).await;
}
