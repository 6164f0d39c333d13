//! Global ids.

use serde_json::{Value, json};

use crate::harness::{World, code_of, data};

#[tokio::test]
async fn every_type_comes_back_by_its_id() {
    for world in World::start_on_each().await {
        world.set_goals(&[("dong-nai", 10)]).await;
        let initiative = world.submit("dong-tam", "k-1").await["id"].clone();
        let found = world
            .query(
                r#"{
                  unit(ref: { code: "dong-nai" }) { id tally { id } target { id } }
                  period(ref: { code: "campaign" }) { id }
                  leaderboard(within: { code: "dong-nai" }, kinds: [GRASSROOTS_UNION], first: 1,
                    around: { code: "an-phuoc" }, rankBy: SUBMITTED, since: "2022-05-09") { id }
                }"#,
            )
            .await;
        let ids = [
            found["unit"]["id"].clone(),
            found["period"]["id"].clone(),
            found["unit"]["tally"]["id"].clone(),
            found["unit"]["target"]["id"].clone(),
            initiative,
            found["leaderboard"]["id"].clone(),
        ];
        let fields = "__typename id ... on Unit { code } ... on Period { code }
          ... on Tally { submitted } ... on Target { goal } ... on Initiative { status }
          ... on Leaderboard { rankBy since ranked entries { unit { code } } around { unit { code } } }";
        let query = format!("query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {fields} }} }}");
        let request = json!({ "query": query, "variables": { "ids": ids } });
        let nodes = data(world.ask(&request).await);
        let expected = [
            json!({ "__typename": "Unit", "code": "dong-nai" }),
            json!({ "__typename": "Period", "code": "campaign" }),
            json!({ "__typename": "Tally", "submitted": 1 }),
            json!({ "__typename": "Target", "goal": 10 }),
            json!({ "__typename": "Initiative", "status": "PENDING" }),
            json!({ "__typename": "Leaderboard", "rankBy": "SUBMITTED", "since": "2022-05-09",
                "ranked": 3, "entries": [{ "unit": { "code": "dong-tam" } }],
                "around": [{ "unit": { "code": "dong-tam" } }, { "unit": { "code": "an-phuoc" } },
                    { "unit": { "code": "tan-bien" } }] }),
        ];
        for ((id, node), mut expected) in
            ids.iter().zip(nodes["nodes"].as_array().unwrap()).zip(expected)
        {
            expected["id"] = id.clone();
            assert_eq!(node, &expected);
            let query = format!("query ($id: ID!) {{ node(id: $id) {{ {fields} }} }}");
            let request = json!({ "query": query, "variables": { "id": id } });
            assert_eq!(data(world.ask(&request).await)["node"], expected);
        }
    }
}

#[tokio::test]
async fn an_id_of_nothing_is_null() {
    use base64::Engine as _;
    let world = World::start().await;
    let encoded =
        |plain: &str| Value::from(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain));
    let mut ids = vec![json!(""), json!("garbage"), json!("!!"), json!("VW5pdA"), json!(7)];
    for plain in [
        "Unit:999",
        "Unit:0",
        "Unit:-1",
        "Unit:99999999999999999999",
        "Period:999",
        "Tally:1:999",
        "Tally:999:1",
        "Target:1:1:SUBMITTED:ASSIGNED",
        "Target:1:1:NONE:ASSIGNED",
        "Initiative:1",
        "Initiative:-9223372036854775808",
        "Leaderboard:{}",
        "Leaderboard:[[[",
        "Leaderboard:{\"within\":999,\"rank_by\":\"SUBMITTED\",\"first\":20}",
        "Unit:4294967295",
        "Period:4294967295",
        "Initiative:9223372036854775807",
    ] {
        ids.push(encoded(plain));
    }
    let request = json!({ "query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        "variables": { "ids": ids } });
    let answer = data(world.ask(&request).await);
    assert_eq!(answer["nodes"], json!(vec![Value::Null; ids.len()]));
    for id in ids {
        let request = json!({ "query": "query ($id: ID!) { node(id: $id) { id } initiative(id: $id) { id } }",
            "variables": { "id": id } });
        let nothing = json!({ "node": null, "initiative": null });
        assert_eq!(data(world.ask(&request).await), nothing, "{id}");
    }
    let ids = vec!["x"; 501];
    let request = json!({ "query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        "variables": { "ids": ids } });
    assert_eq!(code_of(&world.ask(&request).await), "BAD_ARGUMENT");
}

/// An id made up to hold a question that no argument may ask is no way around the bounds.
#[tokio::test]
async fn a_made_up_board_is_refused_like_its_arguments() {
    use base64::Engine as _;
    let world = World::start().await;
    for question in [
        r#"{"within":1,"rank_by":"SUBMITTED","first":501}"#,
        r#"{"within":1,"rank_by":"SUBMITTED","first":-1}"#,
        r#"{"within":1,"rank_by":"SUBMITTED","first":1,"since":0}"#,
        r#"{"within":1,"rank_by":"SUBMITTED","first":1,"since":2147483647}"#,
        r#"{"within":1,"rank_by":"SUBMITTED","first":1,"since":-2147483648}"#,
    ] {
        let id = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(format!("Leaderboard:{question}"));
        let query = format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
        assert_eq!(code_of(&world.ask(&json!({ "query": query })).await), "BAD_ARGUMENT");
    }
}
