//! The server answers fields of the snapshot on the spot, and leaves fields to the library when
//! tables are read as well. Both ways give the same answer.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::chance;
use crate::harness::World;

/// A field that reads tables: beside it, the library answers all others.
const TABLES: &str = "beside: initiatives(first: 0) { pageInfo { hasNextPage } }";

const DOCUMENTS: [&str; 22] = [
    "root { __typename code children { totalCount nodes { code } } }",
    "root { name: code code: name }",
    // The server merges a field that is selected twice.
    "root { code code children { nodes { code } } children { nodes { name tally { id } } } }",
    "root { children { nodes { tally { submitted } tally { accepted } parent { id } parent { code } } } }",
    "root { ... { code } ... on Unit { name } ... on Node { id } ...shared }",
    "root { ... on Tally { id } }",
    "root { ...shared children { nodes { ...shared ...shared } edges { cursor node { ...shared } } } }",
    "root { code @skip(if: true) name @include(if: true) depth @include(if: $no) ... @include(if: $no) { id } }",
    // Fields that fail: of the unit itself, and of those in a list.
    r#"root { code tally(period: { code: "none" }) { submitted } }"#,
    r#"root { code target(period: { code: "none" }) { goal } standing(period: { code: "none" }) { rank } }"#,
    r#"root { children { nodes { code target(period: { code: "none" }) { goal } } } }"#,
    r#"root { children { nodes { code target(period: { code: "none" }) { goal } tally(period: { code: "none" }) { id } } } }"#,
    r#"unitsByCode(codes: ["dong-nai", "none", "bien-hoa"]) { code parent { code tally(period: { code: "none" }) { id } } }"#,
    r#"root { children { nodes { code target(period: { code: "none" }) { goal } code } } }"#,
    r#"root { children(first: -1) { nodes { code } } daily(from: "2022-05-09", to: "2022-05-01") { day } }"#,
    r#"root { nothing } "#,
    r#"unit(ref: { code: "none" }) { code }"#,
    r#"leaderboard(first: 3) { id total { submitted } entries { rank unit { code ...shared } tally { ratio target } } around { rank } }"#,
    r#"leaderboard(period: { code: "campaign" }, around: { code: "dong-nai" }) { around { rank unit { code } } }"#,
    r#"leaderboard(first: 501) { id }"#,
    r#"searchUnits(text: "dong") { code ancestors { code depth } standing { rank of } }"#,
    r#"unit(ref: { code: "dong-nai" }) { daily { day submitted } targets { goal unit { code } } }"#,
];

/// A type, its fields without selections, and those with, each with its type.
type Fields = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// The fields that a random selection draws from.
const TYPES: [Fields; 6] = [
    (
        "Unit",
        &[
            "__typename",
            "id",
            "code",
            "name",
            "kind",
            "cluster",
            "memberCount",
            "depth",
            "closedOn",
        ],
        &[
            ("parent", "Unit"),
            ("ancestors", "Unit"),
            ("children", "UnitConnection"),
            ("children(first: 2, orderBy: { by: CODE, direction: DESC })", "UnitConnection"),
            ("tally", "Tally"),
            ("tally(period: { code: \"campaign\" })", "Tally"),
            ("target", "Target"),
            ("target(period: { code: \"none\" })", "Target"),
            ("standing(since: \"2022-05-01\")", "Standing"),
        ],
    ),
    ("UnitConnection", &["totalCount", "__typename"], &[("nodes", "Unit"), ("edges", "UnitEdge")]),
    ("UnitEdge", &["cursor"], &[("node", "Unit")]),
    ("Tally", &["submitted", "accepted", "ratio", "version"], &[("unit", "Unit")]),
    ("Target", &["goal", "origin"], &[("unit", "Unit")]),
    ("Standing", &["rank", "of", "value"], &[("within", "Unit")]),
];

fn selection(rng: &mut Rng, of: &str, depth: usize) -> String {
    let (_, leaves, objects) = TYPES.iter().find(|(name, _, _)| *name == of).unwrap();
    let mut text = "{".to_owned();
    for _ in 0..=rng.usize(..4) {
        let open = match rng.u8(..12) {
            0 => " ... {",
            1 => &format!(" ... on {of} {{"),
            2 if of == "Unit" => " ... on Node {",
            3 => " ... @include(if: true) {",
            _ => " ",
        };
        let is_node = open.contains("Node");
        text += open;
        if depth == 0 || rng.u8(..3) > 0 || is_node {
            text += if is_node { "id" } else { leaves[rng.usize(..leaves.len())] };
        } else {
            let place = rng.usize(..objects.len());
            let (field, inner) = objects[place];
            // The same field with other arguments is another one.
            text += &format!("{}{place}: {field} ", field.split('(').next().unwrap());
            text += &selection(rng, inner, depth - 1);
        }
        if open != " " {
            text += " }";
        }
    }
    text + " }"
}

/// Data without what was asked beside, and errors.
async fn ask(world: &World, fields: &str, beside: &str) -> (Value, Value) {
    let fragment = if fields.contains("...shared") {
        "fragment shared on Unit { code kind tally { submitted unit { id } } }"
    } else {
        ""
    };
    let declared = if fields.contains("$no") { "($no: Boolean = false)" } else { "" };
    let query = format!("query {declared} {{ {fields} {beside} }} {fragment}");
    let mut answer = world.ask(&json!({ "query": query })).await;
    if let Some(data) = answer["data"].as_object_mut() {
        data.remove("beside");
    }
    (answer["data"].take(), answer["errors"].take())
}

async fn compare(world: &World, fields: &str) -> Value {
    let (data, errors) = ask(world, fields, "").await;
    let (their_data, their_errors) = ask(world, fields, TABLES).await;
    assert_eq!(data, their_data, "{fields}");
    assert_eq!(errors, their_errors, "{fields}");
    data
}

#[tokio::test]
async fn an_answer_is_the_same_with_tables_and_without() {
    let world = World::start().await;
    world.set_goals(&[("dong-nai", 3), ("bien-hoa", 2)]).await;
    for key in ["a", "b", "c"] {
        world.submit("bien-hoa", key).await;
    }
    for fields in DOCUMENTS {
        compare(&world, fields).await;
    }
    let mut rng = chance::rng(11);
    let mut answered = 0;
    for _ in 0..400 {
        let fields = format!("root {}", selection(&mut rng, "Unit", 4));
        answered += usize::from(compare(&world, &fields).await != Value::Null);
    }
    assert!(answered > 200, "most are valid: {answered}");
}
