//! The costs of requests, and the errors of clients that ask too much.

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, RETRY_AFTER};
use sangkien::domain::Role;
use sangkien::graphql::cost::budgets::{Allowance, CostLimits};
use serde_json::{Value, json};

use crate::database::in_time;
use crate::harness::{TOKEN, World, code_of, data};

/// Prices that no test reaches.
const ANY: Allowance = Allowance { document: 1_000_000, minute: 100_000_000 };

fn anonymous(document: u32, minute: u32) -> CostLimits {
    CostLimits { anonymous: Allowance { document, minute }, ..CostLimits::all(ANY) }
}

fn costed(query: &str) -> Value {
    json!({ "query": query, "extensions": { "cost": true } })
}

/// `requested` and `left` of an answer to a request that asked for them.
fn cost(answer: &Value) -> (u64, u64) {
    let cost = &answer["extensions"]["cost"];
    let number = |name: &str| cost[name].as_u64().unwrap_or_else(|| panic!("{name}: {answer}"));
    assert!(cost["resetsAt"].as_str().is_some_and(|at| at.ends_with("+07:00")), "{answer}");
    (number("requested"), number("left"))
}

#[tokio::test]
async fn a_request_is_told_its_cost_if_it_asks() {
    let world = World::start_with_costs(anonymous(1_000, 10_000)).await;
    let tree = "{ root { descendants(first: 500) { nodes { code name tally { submitted } } } } }";
    let first = world.ask_anonymously(&costed(tree)).await;
    let (requested, left) = cost(&first);
    assert!((10..500).contains(&requested), "{first}");
    assert!((10_000 - requested..10_000).contains(&left), "{first}");
    assert!(first["extensions"]["version"].is_i64());
    // A cached result costs one.
    let (again, left_then) = cost(&world.ask_anonymously(&costed(tree)).await);
    assert_eq!(again, 1);
    assert!(left_then >= left.saturating_sub(1));
    let silent = world.ask_anonymously(&json!({ "query": tree })).await;
    assert!(silent["extensions"].get("cost").is_none(), "{silent}");
    assert_eq!(silent["data"], first["data"]);
    for asked in [json!(false), json!(1), Value::Null] {
        let request = json!({ "query": tree, "extensions": { "cost": asked } });
        let answer = world.ask_anonymously(&request).await;
        assert!(answer["extensions"].get("cost").is_none(), "{answer}");
    }
    // A document that cannot be read has cost as well.
    let invalid = format!("{{ root {{ nothing{} }} }}", " ".repeat(1_600));
    let (requested, _) = cost(&world.ask_anonymously(&costed(&invalid)).await);
    assert!(requested > 100, "{requested}");
}

#[tokio::test]
async fn a_document_that_is_too_costly_is_refused_with_the_numbers() {
    let world = World::start_with_costs(anonymous(30, 10_000)).await;
    let query = "{ root { descendants(first: 500) { nodes { descendants(first: 500) { nodes {
        code name kind depth memberCount tally { submitted accepted } } } } } } }";
    let request = costed(query);
    let answer = world.ask_anonymously(&request).await;
    assert_eq!(code_of(&answer), "TOO_COSTLY", "{answer}");
    let (requested, left) = cost(&answer);
    assert!(requested > 30, "{requested}");
    assert!(left > 9_000, "nothing but reading it was taken: {left}");
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["cost"]["requested"], requested);
    assert!(error["message"].as_str().unwrap().contains("may cost 30"), "{error}");
    assert!(answer.get("data").is_none());
    let vietnamese = world.post().header(ACCEPT_LANGUAGE, "vi").json(&request);
    let vietnamese: Value = vietnamese.send().await.unwrap().json().await.unwrap();
    assert!(vietnamese["errors"][0]["message"].as_str().unwrap().contains("mức cho phép là 30"));
    let strict = world.post().header(ACCEPT, "application/graphql-response+json").json(&request);
    assert_eq!(strict.send().await.unwrap().status(), 400);
    // Other kinds of clients have other limits.
    data(world.ask_as(TOKEN, &request).await);
}

#[tokio::test]
async fn nothing_gets_round_the_price() {
    let world = World::start_with_costs(anonymous(150, 100_000)).await;
    let board = "leaderboard(first: 100, kinds: [GRASSROOTS_UNION]) { entries { unit { code name
        tally { submitted accepted pending } } } }";
    let one = format!("{{ {board} }}");
    data(world.ask_anonymously(&json!({ "query": one })).await);
    let aliases: String = (0..20).map(|number| format!("b{number}: {board} ")).collect();
    let spreads: String =
        (0..20).map(|number| format!("... on Query {{ b{number}: {board} }} ")).collect();
    let id = data(
        world
            .ask_anonymously(&json!({ "query": "{ leaderboard(first: 500, kinds:
        [GRASSROOTS_UNION, DISTRICT_FEDERATION]) { id } root { id } }" }))
            .await,
    );
    let open = "descendants(first: $n) { nodes { parent { ".repeat(6);
    let close = "} } } ".repeat(6);
    let ids = |of: &Value| vec![of.clone(); 100];
    let nested = "__schema { types { fields { type { fields { type { name } } } } } }";
    let introspection: String = (0..20).map(|number| format!("s{number}: {nested} ")).collect();
    for (query, variables) in [
        (format!("{{ {aliases} }}"), json!({})),
        (format!("{{ {spreads} }}"), json!({})),
        (format!("{{ ...A }} fragment A on Query {{ {aliases} }}"), json!({})),
        (format!("query ($y: Boolean!) {{ ... @include(if: $y) {{ {aliases} }} }}"), json!({ "y": true })),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Leaderboard { entries { rank unit { code } } } } }".into(),
            json!({ "ids": ids(&id["leaderboard"]["id"]) })),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Unit { descendants(first: 500) { nodes { code } } } } }".into(),
            json!({ "ids": ids(&id["root"]["id"]) })),
        ("query ($c: [String!]!) { unitsByCode(codes: $c) { code descendants { nodes { code } } } }".into(),
            json!({ "c": vec!["tld"; 100] })),
        (format!("query ($n: Int!) {{ root {{ {open} code {close} }} }}"), json!({ "n": 500 })),
        // One list of fields more within them, and validation refuses it.
        (format!("{{ {introspection} }}"), json!({})),
        ("{ initiatives(first: 500) { nodes { title authors { name } events { kind } } } }".into(), json!({})),
        (format!("subscription ($n: Int!) {{ leaderboard {{ within {{ {open} code {close} }} }} }}"),
            json!({ "n": 500 })),
    ] {
        let request = json!({ "query": query, "variables": variables });
        let accept = if query.starts_with("sub") { "text/event-stream" } else { "application/json" };
        let answer = world.post().header(ACCEPT, accept).json(&request).send().await.unwrap();
        let answer = in_time(answer.text()).await.unwrap();
        assert!(answer.contains("TOO_COSTLY"), "{query}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_has_spent_its_budget_waits() {
    let world = World::start_with_costs(anonymous(600, 600)).await;
    let query = |number: usize| {
        format!(
            "query Q{number} {{ root {{ descendants(first: 500) {{ nodes {{ code name }} }} }} }}"
        )
    };
    let mut refused = None;
    for number in 0..600 {
        let answer = world.post().json(&costed(&query(number))).send().await.unwrap();
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), 200);
    }
    let refused = refused.expect("a budget has an end");
    let wait: u64 = refused.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let answer: Value = refused.json().await.unwrap();
    assert_eq!(code_of(&answer), "RATE_LIMITED", "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["retryAfter"], wait);
    let (requested, left) = cost(&answer);
    assert!(requested > left, "{answer}");
    assert!(answer.get("data").is_none());

    // Over a socket and a stream it is the same client.
    let dear = json!({ "query": "{ root { descendants(first: 500) { nodes {
        descendants(first: 500) { nodes { code name kind depth } } } } } }" });
    let mut socket = world.socket_as(None).await;
    socket.subscribe_with("1", dear.clone()).await;
    let error = socket.refusal().await;
    assert_eq!(code_of(&error), "RATE_LIMITED", "{error}");
    let error = &error["errors"][0];
    assert!(error["extensions"]["retryAfter"].as_u64().is_some_and(|wait| wait > 0), "{error}");
    assert!(error["extensions"]["cost"]["left"].is_u64(), "{error}");
    let stream = world.post().header(ACCEPT, "text/event-stream").json(&dear);
    let stream = in_time(stream.send().await.unwrap().text()).await.unwrap();
    assert!(stream.contains("RATE_LIMITED") && stream.contains("retryAfter"), "{stream}");

    // A client with a token has another budget, and so has each token.
    let partner = world.token(Role::Partner, "dong-nai").await;
    for token in [TOKEN, &partner] {
        data(world.ask_as(token, &json!({ "query": query(1_000) })).await);
    }
    let metrics = world.get("/metrics").send().await.unwrap().text().await.unwrap();
    for counter in [
        "sangkien_cost_refusals_total{why=\"rate_limited\"}",
        "sangkien_cost_refusals_total{why=\"too_costly\"}",
        "sangkien_cost_total{class=\"partner\"}",
    ] {
        assert!(metrics.contains(counter), "{counter}");
    }
}

#[tokio::test]
async fn joining_what_others_follow_costs_one() {
    let world = World::start_with_costs(anonymous(1_000, 10_000)).await;
    let board =
        costed("subscription { leaderboard { total { submitted } entries { unit { code } } } }");
    let mut socket = world.socket_as(None).await;
    let mut costs = Vec::new();
    for id in ["a", "b"] {
        socket.subscribe_with(id, board.clone()).await;
        costs.push(cost(&socket.answer().await).0);
    }
    assert!(costs[0] > 1 && costs[1] == 1, "{costs:?}");
    // A query costs the same over the socket as elsewhere.
    socket.subscribe_with("c", costed("{ root { code } }")).await;
    assert!(cost(&socket.answer().await).0 > 1);
    assert_eq!(socket.receive().await["type"], "complete");
    // A later message carries no cost.
    world.submit("dong-tam", "1").await;
    let next = socket.answer().await;
    assert!(next["extensions"].get("cost").is_none(), "{next}");
}
