//! Bad requests: each gets a status, JSON and a code, and no word of the inside.

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json};

use crate::harness::{World, code_of, data, json_headers};

/// The words that a Rust program or a database would use of itself.
const INSIDE: [&str; 19] = [
    "Option",
    "Some(",
    "None",
    "Ok(",
    "Err(",
    "panick",
    "unwrap",
    "::",
    "struct ",
    "invalid type",
    "serde",
    "sqlx",
    "SELECT",
    "INSERT",
    "constraint",
    "usize",
    "i64",
    "async_graphql",
    "-->",
];

async fn post(world: &World, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let response = world.post().headers(json_headers()).body(body).send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/json"), "{kind}");
    (status, response.json().await.unwrap())
}

fn check_errors(answer: &Value) {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no errors: {answer}"));
    assert!(!errors.is_empty());
    for error in errors {
        let message = error["message"].as_str().unwrap();
        assert!(error["extensions"]["code"].is_string(), "no code: {error}");
        for word in INSIDE {
            assert!(!message.contains(word), "{word:?} in {message:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_json() {
    let world = World::start().await;
    for body in [
        "",
        "{",
        "nonsense",
        "[]",
        "null",
        "7",
        "\"{ root { id } }\"",
        r#"{"query": 7}"#,
        r#"{"query": null}"#,
        r#"{"query": ["{ root { id } }"]}"#,
        r#"{"query": "{ root { id } }", "variables": 7}"#,
        r#"{"query": "{ root { id } }", "variables": []}"#,
        r#"{"query": "{ root { id } }", "operationName": 7}"#,
        r#"{"query": "{ root { id } }", "extensions": "x"}"#,
        r#"[{"query": "{ root { id } }"}]"#,
        r#"["{ root { id } }", null, null, null]"#,
        "{\"query\": \"\\ud800\"}",
    ] {
        let (status, answer) = post(&world, body).await;
        assert_eq!(status, 400, "{body}");
        check_errors(&answer);
        assert_eq!(code_of(&answer), "BAD_REQUEST", "{body}");
    }
    let (status, answer) = post(&world, &b"{\"query\": \"\xff\"}"[..]).await;
    assert_eq!(status, 400);
    check_errors(&answer);
    let nested = format!("{{\"query\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let (status, answer) = post(&world, nested).await;
    assert_eq!(status, 400);
    check_errors(&answer);
}

#[tokio::test]
async fn what_graphql_refuses_says_so_in_its_own_words() {
    let world = World::start().await;
    let unknown = "{ root { nothing } }";
    for query in [
        "",
        "{",
        "{ root }",
        "{ root { id } ",
        unknown,
        "{ nothing }",
        "subscription { root { id } }",
        "{ __proto__ }",
        "query A { root { id } } query B { root { id } }",
        "query A { root { id } } query A { root { code } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Missing }",
        "{ unit { id } }",
        "{ unit(ref: {}) { id } }",
        r#"{ unit(ref: { id: "a", code: "b" }) { id } }"#,
        r#"{ unit(ref: { code: null }) { id } }"#,
        r#"{ unit(ref: { code: 7 }) { id } }"#,
        r#"{ unit(ref: "tld") { id } }"#,
        r#"{ unit(ref: [{ code: "tld" }]) { id } }"#,
        r#"{ unit(ref: { code: "tld", more: 1 }) { id } }"#,
        r#"{ leaderboard(first: "20") { ranked } }"#,
        "{ leaderboard(first: 2.5) { ranked } }",
        "{ leaderboard(first: 2147483648) { ranked } }",
        "{ leaderboard(first: 99999999999999999999999999) { ranked } }",
        "{ leaderboard(first: 1e400) { ranked } }",
        "{ leaderboard(rankBy: NOTHING) { ranked } }",
        r#"{ leaderboard(since: "yesterday") { ranked } }"#,
        r#"{ leaderboard(since: "2022-02-30") { ranked } }"#,
        "{ leaderboard(since: 20220501) { ranked } }",
        "query ($first: Int!) { leaderboard(first: $first) { ranked } }",
        "query ($first: Nothing) { leaderboard(first: $first) { ranked } }",
        "{ leaderboard(first: $first) { ranked } }",
        "{ root { id @nothing } }",
        "{ root { code: id code } }",
        r#"mutation { submitInitiative(input: { key: "k" }) { replayed } }"#,
        r#"mutation { setTargets(input: { period: { code: "c" }, goals: [{ unit: { code: "u" },
          goal: { count: 1, percentOfMembers: { from: 1 } } }] }) { errors { code } } }"#,
    ] {
        let answer = world.ask(&json!({ "query": query })).await;
        check_errors(&answer);
        assert!(matches!(answer.get("data"), None | Some(Value::Null)), "{query}: {answer}");
    }
    let answer = world.ask(&json!({ "query": unknown })).await;
    // The error gives the field's location, but suggests no other field.
    assert_eq!(answer["errors"][0]["locations"], json!([{ "line": 1, "column": 10 }]));
}

#[tokio::test]
async fn variables_of_the_wrong_type_are_refused() {
    let world = World::start().await;
    let submit = "mutation ($input: SubmitInitiativeInput!) {
      submitInitiative(input: $input) { replayed errors { code } } }";
    let fine = crate::harness::submission("dong-tam", "k-1");
    for change in [
        json!({ "key": null }),
        json!({ "key": { "a": 1 } }),
        json!({ "title": 7 }),
        json!({ "kind": "NOTHING" }),
        json!({ "authors": null }),
        json!({ "authors": "An" }),
        json!({ "authors": [null] }),
        json!({ "authors": [{ "personCode": "x" }] }),
        json!({ "appliedOn": "2022-02-30" }),
        json!({ "appliedOn": 7 }),
        json!({ "confidential": "yes" }),
        json!({ "confidential": null }),
        json!({ "benefitVnd": 1.5 }),
        json!({ "benefitVnd": "5" }),
        json!({ "benefitVnd": 9_007_199_254_740_992_i64 }),
        json!({ "benefitVnd": u64::MAX }),
        json!({ "benefitVnd": 1e300 }),
        json!({ "unknown": 1 }),
        json!({ "unit": {} }),
        json!({ "unit": { "code": "dong-tam", "id": "x" } }),
    ] {
        let input = crate::harness::with(fine.clone(), change.clone());
        let request = json!({ "query": submit, "variables": { "input": input } });
        let answer = world.ask(&request).await;
        check_errors(&answer);
        assert!(matches!(answer.get("data"), None | Some(Value::Null)), "{change}: {answer}");
    }
    assert_eq!(world.submitted(&["tld"]).await, [0]);
    // A variable that nobody declared is ignored, as the specification has it.
    let request = json!({ "query": "{ root { code } }", "variables": { "more": 1 } });
    assert_eq!(data(world.ask(&request).await)["root"]["code"], "tld");
}

#[tokio::test]
async fn deep_and_wide_documents_are_refused() {
    let world = World::start().await;
    let nest = |depth: usize, open: &str, close: &str, heart: &str| {
        format!("{}{heart}{}", open.repeat(depth), close.repeat(depth))
    };
    let deep = nest(20_000, "{ root ", "}", "{ id }");
    let parents = format!("{{ root {{ {} }} }}", nest(30, "parent { ", "}", "id"));
    let lists = format!("{{ unit(ref: {}) {{ id }} }}", nest(50_000, "[", "]", ""));
    let objects = format!("{{ unit(ref: {}) {{ id }} }}", nest(20_000, "{a:", "}", "1"));
    let types = format!("query ($a: {}) {{ root {{ id }} }}", nest(50_000, "[", "]", "Int"));
    let inline = format!("{{ root {{ {} }} }}", nest(10_000, "... { ", "}", "id"));
    let wide = format!(
        "{{ {} }}",
        (0..15_000).fold(String::new(), |text, number| { text + &format!("a{number}:root{{id}}") })
    );
    for query in [deep, parents, lists, objects, types, inline, wide] {
        let (status, answer) = post(&world, json!({ "query": query }).to_string()).await;
        assert!(matches!(status, 200 | 400), "{status}");
        check_errors(&answer);
    }
    let variable = nest(100, "[", "]", "1");
    let body = format!(
        r#"{{"query": "query ($a: [Int]) {{ root {{ id }} }}", "variables": {{"a": {variable}}}}}"#
    );
    check_errors(&post(&world, body).await.1);
}

#[tokio::test]
async fn other_doors_are_closed() {
    let world = World::start().await;
    let body = r#"{"query": "{ root { code } }"}"#;
    let large = json!({ "query": format!("{{ root {{ code }} }} #{}", "x".repeat(300_000)) });
    let (status, answer) = post(&world, large.to_string()).await;
    assert_eq!(status, 413);
    check_errors(&answer);
    // A page of another site can send these without asking: none of them is taken.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let response = world.post().header(CONTENT_TYPE, kind).body(body).send().await.unwrap();
        assert_eq!(response.status(), 415, "{kind}");
        check_errors(&response.json().await.unwrap());
    }
    let response = world.post().body(body).send().await.unwrap();
    assert_eq!(response.status(), 415);
    let response = world.get("/nothing").send().await.unwrap();
    assert_eq!(response.status(), 404);
    for page in ["/health/live", "/health/ready", "/graphiql", "/wall"] {
        assert_eq!(world.get(page).send().await.unwrap().status(), 200, "{page}");
    }
}

#[tokio::test]
async fn a_client_may_insist_on_a_version() {
    let world = World::start().await;
    let here = world.version().await;
    let body = json!({ "query": "{ root { code } }" });
    let header = |version: &str| world.post().header("X-Sangkien-Min-Version", version);
    let response = header(&here.to_string()).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["extensions"]["version"], here);
    assert_eq!(answer["data"]["root"]["code"], "tld");

    // One that is on its way is waited for.
    let next = json!({ "query": body["query"], "extensions": { "minVersion": here + 1 } });
    let (waited, _) = tokio::join!(world.ask(&next), world.submit("dong-tam", "k-1"));
    assert!(waited["extensions"]["version"].as_i64().unwrap() > here);

    let far = json!({ "query": body["query"], "extensions": { "minVersion": here + 1000 } });
    let refuse = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(code_of(&answer), "UNAVAILABLE");
        check_errors(&answer);
    };
    tokio::join!(
        refuse(world.post().json(&far)),
        refuse(header(&i64::MAX.to_string()).json(&body)),
        // The mutation changes nothing before the version is there.
        refuse(header("999999").bearer_auth(crate::harness::TOKEN).json(&json!({
            "query": r#"mutation { upsertUnit(input: { code: "tld", name: "X" }) { errors { code } } }"#,
        }))),
    );
    assert_eq!(world.query("{ root { name } }").await["root"]["name"], "Tổng Liên đoàn");
    for wrong in ["x", "", "1.5", "99999999999999999999"] {
        let response = header(wrong).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{wrong:?}");
        assert_eq!(code_of(&response.json().await.unwrap()), "BAD_ARGUMENT");
    }
    let wrong = json!({ "query": body["query"], "extensions": { "minVersion": "7" } });
    assert_eq!(code_of(&world.ask(&wrong).await), "BAD_ARGUMENT");
}

/// However much is wrong with a document, and however long its names are.
#[tokio::test]
async fn errors_are_few_and_short() {
    let world = World::start().await;
    let fields = |name: &str, count: usize| -> String {
        (0..count).map(|number| format!("{name}{number} ")).collect()
    };
    let long = "x".repeat(100_000);
    for (query, is_one) in [
        (format!("{{ {} }}", fields("a", 4_000)), false),
        (format!("{{ root {{ {} }} }}", fields("b", 4_000)), false),
        (format!("{{ {} }}", "...Missing ".repeat(3_000)), false),
        (format!("query ({}) {{ root {{ id }} }}", "$a: Int ".repeat(1_000)), false),
        (format!("{{ {long} }}"), true),
        (format!("{{ root {{ id {long}: {long} }} }}"), true),
        (format!("{{ root {{ id }} }} {long}"), true),
        (format!("{{ root(a: 0{long}) {{ id }} }}"), true),
        (format!("query (${long}: Int!) {{ leaderboard(first: ${long}) {{ ranked }} }}"), true),
        (format!("{{ unit(ref: {{ code: {long} }}) {{ id }} }}"), true),
        (format!("{{ unit(ref: {{ code: \"{long}\" }}) {{ {long} }} }}"), true),
        (format!("subscription {long} {{ {long} }}"), true),
    ] {
        let what = &query[..60];
        let answer = world.ask_anonymously(&json!({ "query": query })).await;
        check_errors(&answer);
        let errors = answer["errors"].as_array().unwrap();
        assert!(errors.len() <= 20, "{what}: {} errors", errors.len());
        assert!(is_one || errors.len() > 1, "{what}: {answer}");
        assert!(answer.to_string().len() < 40_000, "{what}");
    }
    let request = json!({ "query": "query A { root { id } }", "operationName": long });
    assert!(world.ask_anonymously(&request).await.to_string().len() < 4_000);
}
