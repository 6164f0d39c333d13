//! Requests that are nearly right: the worked operations with a value of their variables, or a part of their text, put
//! out of place. Each is answered in JSON, in its caller's terms; none is a fault of ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::chance;
use crate::harness::{World, json_headers};

const ROUNDS: usize = 600;
const OPERATIONS: [(&str, &str); 10] = [
    (
        "query ($after: String, $first: Int, $text: String, $kinds: [UnitKind!], $changed: Long) {
           units(after: $after, first: $first, filter: { text: $text, kinds: $kinds, changedAfter: $changed },
             orderBy: { field: CODE }) { totalCount pageInfo { endCursor } nodes { code } } }",
        r#"{ "after": null, "first": 2, "text": "cong", "kinds": ["GRASSROOTS_UNION"], "changed": 0 }"#,
    ),
    (
        "query ($after: String, $first: Int) { units(after: $after, first: $first, orderBy: { field: SUBMITTED }) {
           pageInfo { endCursor } nodes { code tally { submitted } } } }",
        r#"{ "after": null, "first": 2 }"#,
    ),
    (
        "query ($before: String, $last: Int, $from: Date, $statuses: [InitiativeStatus!]) {
           initiatives(before: $before, last: $last, filter: { submittedFrom: $from, statuses: $statuses }) {
             totalCount pageInfo { startCursor } nodes { id title } } }",
        r#"{ "before": null, "last": 2, "from": "2022-05-01", "statuses": ["PENDING"] }"#,
    ),
    (
        "query ($after: String, $within: UnitRef) { initiativeEvents(first: 2, after: $after, within: $within) {
           pageInfo { endCursor } nodes { kind at } } }",
        r#"{ "after": null, "within": { "code": "dong-nai" } }"#,
    ),
    ("query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", r#"{ "ids": ["VW5pdDox", "VW5pdDoy"] }"#),
    (
        "query ($since: Date, $within: UnitRef, $by: RankBy!, $first: Int) {
           leaderboard(since: $since, within: $within, rankBy: $by, first: $first) { id entries { rank unit { code } } } }",
        r#"{ "since": "2022-05-01", "within": { "code": "tld" }, "by": "GAINED", "first": 3 }"#,
    ),
    ("query ($codes: [String!]!) { unitsByCode(codes: $codes) { code } }", r#"{ "codes": ["tld", "dong-nai"] }"#),
    (
        "mutation ($input: SubmitInitiativeInput!) { submitInitiative(input: $input) {
           initiative { id } errors { code path message } } }",
        r#"{ "input": { "key": "k", "unit": { "code": "dong-tam" }, "title": "Gá kẹp", "kind": "TECHNICAL",
             "authors": [{ "name": "Nguyễn Văn An", "personCode": "NV01" }], "appliedOn": "2022-03-01", "benefitVnd": 5 } }"#,
    ),
    (
        "mutation ($input: SetTargetsInput!) { setTargets(input: $input) { targets { id } errors { code path } } }",
        r#"{ "input": { "period": { "code": "campaign" }, "goals": [{ "unit": { "code": "dong-nai" },
             "goal": { "percentOfMembers": { "from": 8, "to": 10 } } }] } }"#,
    ),
    (
        "mutation ($input: UpsertUnitInput!) { upsertUnit(input: $input) { unit { id } errors { code path } } }",
        r#"{ "input": { "code": "moi", "name": "Mới", "kind": "GRASSROOTS_UNION", "parent": { "code": "bien-hoa" },
             "memberCount": 7 } }"#,
    ),
];

/// Values that stand where none of their kind belongs.
fn odd(rng: &mut fastrand::Rng, cursors: &[String]) -> Value {
    let cursor = || URL_SAFE_NO_PAD.encode(format!("[\"Unit\",[{},\"\\u0000\",null]]", i64::MIN));
    match rng.usize(..16) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!("x".repeat(rng.usize(..2_000))),
        3 => json!("\u{0}\u{200b}\u{202e}\u{fffd}"),
        4 => json!(-1),
        5 => json!(9_007_199_254_740_993_i64),
        6 => json!(u64::MAX),
        7 => json!(1.5e300),
        8 => json!(true),
        9 => json!([]),
        10 => json!({}),
        11 => json!([[[["a"]]]]),
        12 => json!({ "code": "tld", "id": "VW5pdDox" }),
        13 => json!(["2022-02-30", "0000-01-01", "9999-12-31"][rng.usize(..3)]),
        14 if !cursors.is_empty() => json!(cursors[rng.usize(..cursors.len())]),
        _ => json!(cursor()),
    }
}

/// Puts an odd value in the place of one that is there, or beside it.
fn spoil(value: &mut Value, rng: &mut fastrand::Rng, cursors: &[String]) {
    match value {
        Value::Object(fields) if !fields.is_empty() && rng.u8(..8) > 0 => {
            let place = rng.usize(..fields.len());
            let (name, field) = fields.iter_mut().nth(place).expect("it is there");
            let name = name.clone();
            match rng.u8(..8) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(format!("{name}x"), json!(1))),
                _ => spoil(field, rng, cursors),
            }
        }
        Value::Array(items) if !items.is_empty() && rng.bool() => {
            let place = rng.usize(..items.len());
            spoil(&mut items[place], rng, cursors);
        }
        _ => *value = odd(rng, cursors),
    }
}

/// Cuts a part out of a text, or writes it twice.
fn garble(text: &str, rng: &mut fastrand::Rng) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = rng.usize(..chars.len());
    let until = rng.usize(from..=(from + 12).min(chars.len()));
    let part: String = chars[from..until].iter().collect();
    let (head, tail): (String, String) =
        (chars[..from].iter().collect(), chars[until..].iter().collect());
    match rng.u8(..4) {
        0 => head + &tail,
        1 => head + &part + &part + &tail,
        2 => {
            head + ["{", "}", "\"", "\"\"\"", "[", "$", "...", "@skip(if: 1)"][rng.usize(..8)]
                + &part
                + &tail
        }
        _ => head + &part.chars().rev().collect::<String>() + &tail,
    }
}

#[tokio::test]
async fn what_is_nearly_right_is_no_fault_of_ours() {
    for world in World::start_on_each().await {
        for number in 0..3 {
            world.submit("dong-tam", &format!("k-{number}")).await;
        }
        let mut rng = chance::rng(11);
        let mut cursors: Vec<String> = Vec::new();
        let mut carried_out = 0;
        for round in 0..ROUNDS {
            let (document, variables) = OPERATIONS[rng.usize(..OPERATIONS.len())];
            let mut variables: Value = serde_json::from_str(variables).unwrap();
            let mut document = document.to_owned();
            match rng.u8(..4) {
                0 => document = garble(&document, &mut rng),
                _ => (0..rng.u8(1..=3)).for_each(|_| spoil(&mut variables, &mut rng, &cursors)),
            }
            let request = json!({ "query": document, "variables": variables });
            let response = world
                .post()
                .headers(json_headers())
                .bearer_auth(crate::harness::TOKEN)
                .body(request.to_string())
                .send()
                .await
                .unwrap();
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            let answer: Value =
                serde_json::from_str(&text).unwrap_or_else(|_| panic!("{request}: {text}"));
            assert!([200, 400].contains(&status), "round {round}: {status} to {request}: {text}");
            for error in answer["errors"].as_array().into_iter().flatten() {
                let code = error["extensions"]["code"].as_str();
                assert!(
                    code.is_some_and(|code| code != "INTERNAL"),
                    "round {round}: {request}: {text}"
                );
            }
            carried_out += usize::from(answer.get("errors").is_none());
            for (_, list) in answer["data"].as_object().into_iter().flatten() {
                for end in ["endCursor", "startCursor"] {
                    cursors.extend(list["pageInfo"][end].as_str().map(str::to_owned));
                }
            }
        }
        // Some requests are valid after all, so they reach the resolvers.
        assert!(carried_out > ROUNDS / 10, "{carried_out}");
        assert!(cursors.len() > 5);
    }
}
