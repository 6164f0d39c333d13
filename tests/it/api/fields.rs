//! The operator's list of fields of work.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, payload, refused, submission, with};

const REVISE: &str = "mutation ($input: ReviseInitiativeInput!) {
  reviseInitiative(input: $input) { initiative { field } errors { code path message } }
}";

#[tokio::test]
async fn a_field_is_one_of_the_list_where_there_is_one() {
    let world = World::start_with_fields("code,name\nck,Cơ khí\ndn,\"Điện, nước\"\n").await;
    let expected =
        json!([{ "code": "ck", "name": "Cơ khí" }, { "code": "dn", "name": "Điện, nước" }]);
    assert_eq!(payload(world.query("{ fields { code name } }").await), expected);

    let entered =
        |key: &str, field: Value| with(submission("dong-tam", key), json!({ "field": field }));
    let other = entered("k-1", json!("Cơ khí"));
    assert_eq!(world.refusals(SUBMIT, other).await, refused("INVALID", "field"));
    for (key, field) in [("k-1", json!(" ck ")), ("k-2", json!("")), ("k-3", Value::Null)] {
        world.change(SUBMIT, entered(key, field)).await;
    }
    let id = world.change(SUBMIT, entered("k-1", json!("ck"))).await["initiative"]["id"].take();
    let revised = |field: Value| json!({ "id": id, "field": field });
    assert_eq!(world.refusals(REVISE, revised(json!("x"))).await, refused("INVALID", "field"));
    let after = world.change(REVISE, revised(json!("dn"))).await;
    assert_eq!(after["initiative"]["field"], "dn");
    let after = world.change(REVISE, revised(Value::Null)).await;
    assert_eq!(after["initiative"]["field"], Value::Null);
}

#[tokio::test]
async fn any_text_is_a_field_where_there_is_no_list() {
    let world = World::start().await;
    assert_eq!(payload(world.query("{ fields { code } }").await), json!([]));
    world.change(SUBMIT, with(submission("dong-tam", "k"), json!({ "field": "Cơ khí" }))).await;
}

#[test]
fn a_bad_list_is_named_before_anything_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("fields.csv");
    let serve = |list: &std::path::Path| {
        let database = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let mut serve = Command::new(env!("CARGO_BIN_EXE_sangkien"));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--database", &database, "--fields"]);
        let output = serve.arg(list).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(serve(&list).contains("fields.csv"));
    std::fs::write(&list, "code,name\nck,Cơ khí\nck,Khác\n").unwrap();
    assert!(serve(&list).contains("line 3: the code \"ck\" is there twice"));
    assert!(!dir.path().join("sangkien.db").exists());
}
