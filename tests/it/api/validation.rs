//! Documents and variables by the rules of the specification, over HTTP: refused as requests, before
//! anything is executed, or understood as they are meant.

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use serde_json::{Value, json};

use crate::harness::{World, bearer, code_of};

const RESPONSE: &str = "application/graphql-response+json";

/// The status and the answer of a request that asks for the status to tell.
async fn ask(world: &World, language: &str, request: &Value) -> (u16, Value) {
    let request = world
        .post()
        .header(ACCEPT, RESPONSE)
        .header(ACCEPT_LANGUAGE, language)
        .header("authorization", bearer())
        .json(request);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn what_cannot_be_executed_is_a_request_error() {
    let world = World::start().await;
    let version = world.version().await;
    let submit =
        "mutation($i: SubmitInitiativeInput!) { submitInitiative(input: $i) { errors { code } } }";
    for (query, variables, message) in [
        // Fields that cannot be merged, below the first level.
        (
            "{ root { children(first: 1) { nodes { x: code } nodes { x: name } } } }",
            json!({}),
            "different fields would both be named x in the answer; give one of them an alias",
        ),
        // The same input field twice.
        (
            "{ unit(ref: { code: \"tld\", code: \"dong-nai\" }) { code } }",
            json!({}),
            "input field code is given twice",
        ),
        // An enum as a string.
        (
            "{ leaderboard(rankBy: \"ACCEPTED\") { id } }",
            json!({}),
            "\"ACCEPTED\" is no value of type RankBy; did you mean ACCEPTED?",
        ),
        // Variables in places of another type or nullability.
        (
            "query($a: ID!) { unit(ref: { code: $a }) { code } }",
            json!({ "a": "tld" }),
            "variable $a of type ID! cannot stand where String is expected",
        ),
        (
            "query($a: UnitRef) { unit(ref: $a) { code } }",
            json!({ "a": { "code": "tld" } }),
            "variable $a of type UnitRef cannot stand where UnitRef! is expected",
        ),
        // Two keys, or a variable that is not declared or may be null, in a oneOf.
        (
            "{ unit(ref: { code: \"tld\", id: \"1\" }) { code } }",
            json!({}),
            "UnitRef needs exactly one of its fields",
        ),
        (
            "{ unit(ref: { code: $a }) { code } }",
            json!({ "a": "tld" }),
            "variable $a is not declared",
        ),
        (
            "query($a: String) { unit(ref: { code: $a }) { code } }",
            json!({ "a": "tld" }),
            "variable $a of type String may be null, which a field of UnitRef must not be",
        ),
        // Variables without a value, or with one that does not fit.
        (
            "query($a: String) { unitsByCode(codes: [\"tld\", $a]) { code } }",
            json!({}),
            "variable $a of type String cannot stand where String! is expected",
        ),
        (
            "query($a: Int) { root { children(first: $a) { nodes { code } } } }",
            json!({ "a": 2_147_483_648_i64 }),
            "variable $a: 2147483648 is no value of type Int, an integer of 32 bits",
        ),
        (
            "{ root { children(first: 2147483648) { nodes { code } } } }",
            json!({}),
            "2147483648 is no value of type Int, an integer of 32 bits",
        ),
        (
            "query($a: UnitRef!) { unit(ref: $a) { code } }",
            json!({ "a": [{ "code": "tld" }] }),
            "variable $a: [\u{2026}] is no value of type UnitRef!",
        ),
        (
            "query($a: UnitRef!) { unit(ref: $a) { code } }",
            json!({}),
            "variable $a of type UnitRef! needs a value",
        ),
        (
            "query($a: [String!]!) { unitsByCode(codes: $a) { code } }",
            json!({ "a": ["tld", null] }),
            "variable $a[1]: null is no value of type String!",
        ),
        (
            submit,
            json!({ "i": { "key": "k", "kind": "TECHNICAL", "title": "t", "unit": { "code": "dong-tam" },
                "authors": [{ "name": "A" }], "appliedOn": "31/5/2022" } }),
            "variable $i.appliedOn: \"31/5/2022\" is no value of type Date, a day such as 2022-05-31",
        ),
        // Names, among which the nearest is told.
        ("{ root { codes } }", json!({}), "type Unit has no field codes; did you mean code?"),
    ] {
        let request = json!({ "query": query, "variables": variables });
        let (status, answer) = ask(&world, "en", &request).await;
        assert_eq!(answer["errors"][0]["message"], message, "{query}");
        assert_eq!((status, code_of(&answer)), (400, "BAD_REQUEST"), "{query}");
        assert_eq!(answer.get("data"), None, "{query}");
        assert!(answer["errors"][0]["locations"][0]["line"].is_u64(), "{answer}");
        // The same in the other language, in words of its own.
        let (_, other) = ask(&world, "vi", &request).await;
        let other = other["errors"][0]["message"].as_str().unwrap();
        assert!(other != message && !other.is_ascii(), "{other}");
    }
    assert_eq!(world.version().await, version, "nothing was executed");
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_a_request_error() {
    let world = World::start().await;
    let query = "query A { root { code } } query B { root { name } }";
    for (name, message) in [
        (json!("C"), "the document has no operation C"),
        (json!(null), "the document has several operations; operationName must name one"),
    ] {
        let request = json!({ "query": query, "operationName": name });
        let (status, answer) = ask(&world, "en", &request).await;
        assert_eq!((status, code_of(&answer)), (400, "BAD_REQUEST"));
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer.get("data"), None);
    }
}

#[tokio::test]
async fn many_errors_are_told_up_to_a_bound() {
    let world = World::start().await;
    let fields: String = (0..3_000).map(|at| format!(" noField{at}")).collect();
    let (status, answer) = ask(&world, "en", &json!({ "query": format!("{{{fields} }}") })).await;
    assert_eq!(status, 400);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 20);
    assert!(answer.to_string().len() < 8_192);
}

#[tokio::test]
async fn valid_documents_mean_what_they_say() {
    let world = World::start().await;
    let chain = |length: usize| {
        let next = |at: usize| format!(" fragment F{at} on Unit {{ ...F{} }}", at + 1);
        let fragments: String = (0..length).map(next).collect();
        format!("{{ root {{ ...F0 }} }}{fragments} fragment F{length} on Unit {{ code }}")
    };
    let root = json!({ "root": { "code": "tld" } });
    let unit = json!({ "unit": { "code": "tld" } });
    for (query, variables, expected) in [
        (chain(31), json!({}), root.clone()),
        (chain(100), json!({}), root.clone()),
        ("{ root { code } root { code } ... { root { code } } }".to_owned(), json!({}), root),
        (r#"{ unit(ref: { code: "\u0074l\u{64}" }) { code } }"#.to_owned(), json!({}), unit.clone()),
        (r#"{ unit(ref: { code: """tld""" }) { code } }"#.to_owned(), json!({}), unit.clone()),
        ("{ unitsByCode(codes: \"tld\") { code } }".to_owned(), json!({}), json!({ "unitsByCode": [{ "code": "tld" }] })),
        (
            "query($a: [String!]!) { unitsByCode(codes: $a) { code } }".to_owned(),
            json!({ "a": "tld" }),
            json!({ "unitsByCode": [{ "code": "tld" }] }),
        ),
        (
            "query($a: UnitRef! = { code: \"tld\" }) { unit(ref: $a) { code } }".to_owned(),
            json!({}),
            unit.clone(),
        ),
        (
            "query($a: String! = \"tld\", $skip: Boolean! = true) { unit(ref: { code: $a }) { code name @skip(if: $skip) } }".to_owned(),
            json!({}),
            unit,
        ),
    ] {
        let request = json!({ "query": query, "variables": variables });
        let answer = world.ask(&request).await;
        assert_eq!(answer["data"], expected, "{query}: {answer}");
    }
    // Both ways to write a character beyond 16 bits, and itself.
    for written in [r"\uD83D\uDE00", r"\u{1F600}", "\u{1F600}"] {
        let query = format!("{{ leaderboard(within: {{ code: \"{written}\" }}) {{ id }} }}");
        let answer = world.ask(&json!({ "query": query })).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert_eq!(message, "there is no unit with the code \"\u{1F600}\"", "{written}");
    }
}

#[tokio::test]
async fn an_error_in_a_nullable_field_nulls_that_field_alone() {
    let world = World::start().await;
    let query = "{ root { code standing(rankBy: ACCEPTED, period: { code: \"none\" }) { rank } name }
        leaderboard(within: { code: \"none\" }) { id } unit(ref: { code: \"dong-nai\" }) { code } }";
    let answer = world.ask(&json!({ "query": query })).await;
    assert_eq!(answer["data"]["root"]["code"], "tld");
    assert!(answer["data"]["root"]["name"].is_string());
    assert_eq!(answer["data"]["root"]["standing"], json!(null));
    assert_eq!(answer["data"]["leaderboard"], json!(null));
    assert_eq!(answer["data"]["unit"]["code"], "dong-nai");
    let mut paths: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["path"].to_string())
        .collect();
    paths.sort_unstable();
    assert_eq!(paths, ["[\"leaderboard\"]", "[\"root\",\"standing\"]"]);
}

#[tokio::test]
async fn a_subscription_to_one_field_in_several_places_is_one() {
    let world = World::start().await;
    let mut socket = world.socket_as(None).await;
    let query = "subscription { ...F leaderboard { total { submitted } } ... { leaderboard { version } } ...F }
        fragment F on Subscription { leaderboard { id } }";
    socket.subscribe("1", query).await;
    let board = socket.next().await;
    assert!(board["id"].is_string() && board["version"].is_i64(), "{board}");
    assert_eq!(board["total"]["submitted"], 0);
    world.submit("dong-tam", "k-1").await;
    let next = socket.next().await;
    assert_eq!((&next["id"], &next["total"]["submitted"]), (&board["id"], &json!(1)));
    let two = "subscription { leaderboard { id } tally(unit: { code: \"tld\" }) { id } }";
    let (_, answer) = ask(&world, "en", &json!({ "query": two })).await;
    let message = "a subscription selects exactly one field at its top level";
    assert_eq!(answer["errors"][0]["message"], message);
}
