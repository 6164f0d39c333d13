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

/// The cost of a request that nobody asked before.
async fn requested(world: &World, query: &str, variables: Value) -> u64 {
    let request = json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
    cost(&world.ask_anonymously(&request).await).0
}

/// The budget grows little while a test runs: 500 units a second.
#[tokio::test]
async fn a_budget_loses_what_a_request_costs_and_nothing_for_a_refusal() {
    let world = World::start_with_costs(anonymous(5_000, 30_000)).await;
    let trees = |count: usize| {
        let trees: String =
            (0..count).map(|number| format!("a{number}: root {{ ...F }} ")).collect();
        format!(
            "{{ {trees} }} fragment F on Unit {{ descendants(first: 500) {{ nodes {{
            descendants(first: 500) {{ nodes {{ code name kind depth memberCount }} }} }} }} }}"
        )
    };
    let refused = world.ask_anonymously(&costed(&trees(200))).await;
    assert_eq!(code_of(&refused), "TOO_COSTLY", "{refused}");
    let (price, left) = cost(&refused);
    assert!((6_000..20_000).contains(&price), "{price}");
    assert!(left > 29_000, "{left} are left of 30,000 after a refusal of {price}");
    let (price, left_then) = cost(&world.ask_anonymously(&costed(&trees(80))).await);
    assert!((2_500..5_000).contains(&price), "{price}");
    assert!(left_then < left - price / 2, "{left_then} are left of {left} after {price}");
}

#[tokio::test]
async fn boards_by_their_ids_and_events_of_initiatives_have_their_price() {
    let world = World::start_with_costs(CostLimits::all(ANY)).await;
    for number in 0..3 {
        world.submit("dong-tam", &format!("k-{number}")).await;
    }
    let board = "leaderboard(first: 500, kinds: [GRASSROOTS_UNION, DISTRICT_FEDERATION])";
    let id = world.query(&format!("{{ {board} {{ id }} }}")).await["leaderboard"]["id"].take();
    let rows = "entries { rank unit { code } }";
    let alone = requested(&world, &format!("{{ {board} {{ {rows} }} }}"), json!({})).await;
    let nodes = format!(
        "query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on Leaderboard {{ {rows} }} }} }}"
    );
    let [boards, nothing] = [id, json!("x")].map(|id| json!({ "ids": vec![id; 100] }));
    let boards = requested(&world, &nodes, boards).await;
    let nothing = requested(&world, &nodes, nothing).await;
    assert!(boards > nothing + 100 * alone / 2, "{boards}, {nothing} without, {alone} alone");

    let initiatives =
        |more: &str| format!("{{ initiatives(first: 100) {{ nodes {{ title {more} }} }} }}");
    let without = requested(&world, &initiatives(""), json!({})).await;
    let with = requested(&world, &initiatives("events { kind }"), json!({})).await;
    // 15 for each initiative, and 300 for all of them together.
    assert!(with >= without + 3 * 15 + 300, "{with}, {without} without events");
}

/// Each way to ask for much in few words is refused, and the same in small is answered.
#[tokio::test]
async fn nothing_gets_round_the_price() {
    let world = World::start_with_costs(anonymous(1_200, 10_000_000)).await;
    for number in 0..3 {
        world.submit("dong-tam", &format!("k-{number}")).await;
    }
    let board = "leaderboard(first: 100, kinds: [GRASSROOTS_UNION]) { entries { unit { code name
        tally { submitted accepted pending } } } }";
    let aliases =
        |count: usize| (0..count).map(|number| format!("b{number}: {board} ")).collect::<String>();
    let spreads = |count: usize| {
        let one = |number| format!("... on Query {{ b{number}: {board} }} ");
        (0..count).map(one).collect::<String>()
    };
    let nested = |levels: usize| {
        let (open, close) = ("descendants(first: $n) { nodes { parent { ", "} } } ");
        format!("{} code {}", open.repeat(levels), close.repeat(levels))
    };
    let introspection = |count: usize| {
        // One list of fields more within them, and validation refuses it.
        let nested = "__schema { types { fields { type { fields { type { name } } } } } }";
        (0..count).map(|number| format!("s{number}: {nested} ")).collect::<String>()
    };
    let ids = data(
        world
            .ask_anonymously(&json!({ "query": "{ leaderboard(first: 500, kinds:
        [GRASSROOTS_UNION, DISTRICT_FEDERATION]) { id } root { id } }" }))
            .await,
    );
    let ids = |of: &str, count: usize| json!({ "ids": vec![ids[of]["id"].clone(); count] });
    let none = |query: String| (query, json!({}));
    let boards = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Leaderboard { entries { rank unit { code } } } } }";
    let units = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Unit { descendants(first: 500) { nodes { code } } } } }";
    let codes =
        "query ($c: [String!]!) { unitsByCode(codes: $c) { code descendants { nodes { code } } } }";
    let rows = |levels| {
        (format!("query ($n: Int!) {{ root {{ {} }} }}", nested(levels)), json!({ "n": 500 }))
    };
    let feed = |levels| {
        let query = format!(
            "subscription ($n: Int!) {{ leaderboard {{ within {{ {} }} }} }}",
            nested(levels)
        );
        (query, json!({ "n": 500 }))
    };
    let included = |count: usize| {
        let query =
            format!("query ($y: Boolean!) {{ ... @include(if: $y) {{ {} }} }}", aliases(count));
        (query, json!({ "y": true }))
    };
    for [small, large] in [
        [1, 80].map(|count| none(format!("{{ {} }}", aliases(count)))),
        [1, 80].map(|count| none(format!("{{ {} }}", spreads(count)))),
        [1, 80]
            .map(|count| none(format!("{{ ...A }} fragment A on Query {{ {} }}", aliases(count)))),
        [1, 80].map(included),
        [1, 200].map(|count| (boards.to_owned(), ids("leaderboard", count))),
        [1, 200].map(|count| (units.to_owned(), ids("root", count))),
        [1, 200].map(|count| (codes.to_owned(), json!({ "c": vec!["tld"; count] }))),
        [1, 6].map(rows),
        [1, 6].map(feed),
        [0, 1].map(|count| none(format!("{{ __typename {} }}", introspection(count)))),
        ["", "events { kind }"].map(|more| {
            none(format!(
                "{{ initiatives(first: 500) {{ nodes {{ title authors {{ name }} {more} }} }} }}"
            ))
        }),
    ] {
        for ((query, variables), is_refused) in [(small, false), (large, true)] {
            let request = json!({ "query": query, "variables": variables });
            let accept =
                if query.starts_with("sub") { "text/event-stream" } else { "application/json" };
            let mut answer =
                world.post().header(ACCEPT, accept).json(&request).send().await.unwrap();
            let mut told = String::new();
            // A subscription that is answered goes on.
            while !told.contains("\n\n") || told == ":\n\n" {
                let Some(bytes) = in_time(answer.chunk()).await.unwrap() else { break };
                told.push_str(std::str::from_utf8(&bytes).unwrap());
            }
            assert_eq!(told.contains("TOO_COSTLY"), is_refused, "{query}: {told}");
            assert_eq!(told.contains("\"data\":{"), !is_refused, "{query}: {told}");
        }
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

/// The first message of a stream alone carries the cost.
#[tokio::test]
async fn a_stream_tells_the_cost_once() {
    let world = World::start_with_costs(anonymous(1_000, 10_000)).await;
    let tally = costed("subscription { tally(unit: { code: \"tld\" }) { submitted } }");
    let stream = world.post().header(ACCEPT, "text/event-stream").json(&tally);
    let mut stream = stream.send().await.unwrap();
    let mut told = async |last: &str| {
        let mut text = String::new();
        while !(text.contains(last) && text.ends_with("\n\n")) {
            let bytes = in_time(stream.chunk()).await.unwrap().expect("it goes on");
            text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        text
    };
    let first = told("\"submitted\":0").await;
    assert!(first.contains("\"cost\":{"), "{first}");
    world.submit("dong-tam", "1").await;
    let next = told("\"submitted\":1").await;
    assert!(!next.contains("cost"), "{next}");
}
