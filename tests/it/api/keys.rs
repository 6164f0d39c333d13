//! Cache keys and cursors are distinct from all that mean something else.

use serde_json::{Value, json};

use crate::harness::{World, code_of, data, payload};

#[tokio::test]
async fn a_name_with_punctuation_gets_no_answer_of_others() {
    let world = World::start().await;
    let query = "query ($f: UnitFilter) { units(filter: $f) { totalCount } }";
    let ask = async |variables: Value| {
        world.ask_anonymously(&json!({ "query": query, "variables": variables })).await
    };
    let meant = json!({ "f": { "closed": false, "notStarted": true } });
    assert_eq!(payload(data(ask(meant.clone()).await))["totalCount"], 11);
    for other in [
        json!({ "f": { "closed:false,notStarted": true } }),
        json!({ "f": { "closed": false, "notStarted:true,": null } }),
        json!({ "f": { "closed": "false,notStarted:true," } }),
        json!({ "f:{closed": false, "notStarted": true, "f": { "x": 1 } }),
    ] {
        let answer = ask(other.clone()).await;
        assert!(answer["errors"].is_array(), "{other}: {answer}");
    }
    // Variables in another order make the same key.
    let executions = world.service.executions();
    let turned = r#"{"notStarted": true, "closed": false}"#;
    let body = format!("{{\"variables\": {{\"f\": {turned}}}, \"query\": \"{query}\"}}");
    let answer = world.post().headers(crate::harness::json_headers()).body(body);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(payload(data(answer))["totalCount"], 11);
    assert_eq!(world.service.executions(), executions);
}

/// Documents whose tokens were once taken for one another's.
#[tokio::test]
async fn documents_that_mean_different_things_have_different_answers() {
    let world = World::start().await;
    let names = async |text: &str| {
        let query = format!("{{ searchUnits(text: {text}) {{ code }} }}");
        data(world.ask_anonymously(&json!({ "query": query })).await)["searchUnits"].take()
    };
    let codes =
        |codes: &[&str]| -> Value { codes.iter().map(|code| json!({ "code": code })).collect() };
    assert_eq!(names(r#""dong-tam""#).await, codes(&["dong-tam"]));
    assert_eq!(names(r#""""dong-tam""""#).await, codes(&["dong-tam"]));
    assert_eq!(names(r#""dong\u002dtam""#).await, codes(&["dong-tam"]));
    assert_eq!(names(r#""dong\u{2d}tam""#).await, codes(&["dong-tam"]));
    // In a block string a backslash is a backslash.
    assert_ne!(names(r#""""dong\u002dtam""""#).await, codes(&["dong-tam"]));
    let page = async |arguments: &str| {
        let query = format!("{{ units({arguments}) {{ nodes {{ code }} }} }}");
        data(world.ask_anonymously(&json!({ "query": query })).await)["units"]["nodes"].take()
    };
    let one = page("first: 1").await;
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(page("first: 11").await.as_array().unwrap().len(), 11);
}

/// A list: its field with arguments, `{cursor}` where a cursor goes.
struct List {
    field: String,
    /// The lists of the same kind, among which a cursor is valid.
    kind: usize,
}

fn lists() -> Vec<List> {
    let mut lists = Vec::new();
    let mut kind = 0;
    let mut add = |before: &str, name: &str, arguments: &[&str], after: &str| {
        for arguments in arguments {
            let field = format!(
                "{before}{name}(first: 1, {arguments} {{cursor}}) {{ pageInfo {{ endCursor }} }}{after}"
            );
            lists.push(List { field, kind });
            kind += 1;
        }
    };
    let units = [
        "",
        "filter: { closed: false }",
        "filter: { notStarted: true }",
        "filter: { closed: false, notStarted: true }",
        "filter: { changedAfter: 0 }",
        "filter: { changedAfter: 1 }",
        "filter: { foreignInvested: false }",
        "orderBy: { field: CODE, direction: ASC }",
        "orderBy: { field: NAME, direction: DESC }",
        "orderBy: { field: MEMBER_COUNT, direction: DESC }",
        "filter: { closed: false }, orderBy: { field: MEMBER_COUNT, direction: DESC }",
        "orderBy: { field: SUBMITTED, direction: DESC }",
        "orderBy: { field: SUBMITTED, direction: DESC }, period: { code: \"programme\" }",
    ];
    add("", "units", &units, "");
    add("root { ", "children", &units, " }");
    add("unit(ref: { code: \"dong-nai\" }) { ", "children", &units[..2], " }");
    add("root { ", "descendants", &units[..2], " }");
    let initiatives = [
        "",
        "filter: { statuses: [PENDING] }",
        "filter: { statuses: [PENDING, ACCEPTED] }",
        "filter: { kinds: [TECHNICAL] }",
        "filter: { text: \"cải tiến\" }",
        "filter: { text: \"cải\" }",
        "filter: { submittedFrom: \"2022-05-01\" }",
        "filter: { submittedUntil: \"2022-05-31\" }",
        "filter: { period: { code: \"campaign\" } }",
        "filter: { within: { code: \"dong-nai\" } }",
        "filter: { changedAfter: 0 }",
        "filter: { featured: false }",
        "filter: { mine: true }",
        "orderBy: { field: UPDATED_AT }",
        "orderBy: { field: UPDATED_AT, direction: ASC }",
    ];
    add("", "initiatives", &initiatives, "");
    add("unit(ref: { code: \"dong-nai\" }) { ", "initiatives", &initiatives[..2], " }");
    add(
        "",
        "periods",
        &["", "kinds: [CAMPAIGN]", "covering: { code: \"dong-nai\" }", "kinds: [CAMPAIGN, PHASE]"],
        "",
    );
    lists
}

fn end_cursor(answer: &Value) -> Option<String> {
    match answer {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            if name == "endCursor" { value.as_str().map(str::to_owned) } else { end_cursor(value) }
        }),
        _ => None,
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_one_list_with_one_filter_and_one_order() {
    let world = World::start().await;
    for (number, unit) in ["dong-tam", "an-phuoc", "tan-bien"].iter().enumerate() {
        world.submit(unit, &format!("k-{number}")).await;
    }
    let ask = async |list: &List, cursor: &str| {
        let query = format!("{{ {} }}", list.field.replace("{cursor}", cursor));
        world.ask(&json!({ "query": query })).await
    };
    let lists = lists();
    let mut cursors = Vec::new();
    for list in &lists {
        let answer = data(ask(list, "").await);
        let cursor = end_cursor(&answer).unwrap_or_else(|| panic!("{}: {answer}", list.field));
        cursors.push((list, cursor));
    }
    for (of, cursor) in &cursors {
        for list in &lists {
            let answer = ask(list, &format!("after: \"{cursor}\"")).await;
            if list.kind == of.kind {
                assert_eq!(answer.get("errors"), None, "{}: {answer}", list.field);
            } else {
                assert_eq!(code_of(&answer), "BAD_CURSOR", "{} in {}", of.field, list.field);
            }
        }
    }
}
