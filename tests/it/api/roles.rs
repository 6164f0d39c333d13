//! The table of roles, walked from outside.

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, data, payload, refusals_of, submission, with};

/// The province of all grants here, a union in it, and one elsewhere.
const PROVINCE: &str = "dong-nai";
const INSIDE: &str = "dong-tam";
const OUTSIDE: &str = "hoang-dieu";

const STATUSES: [&str; 5] = ["PENDING", "RETURNED", "ACCEPTED", "REJECTED", "WITHDRAWN"];

/// Nobody, and each role over the province.
async fn viewers(world: &World) -> Vec<(Option<Role>, Option<String>)> {
    let mut viewers = vec![(None, None)];
    for &role in Role::ALL {
        viewers.push((Some(role), Some(world.token(role, PROVINCE).await)));
    }
    viewers
}

async fn ask(world: &World, token: Option<&String>, request: &Value) -> Value {
    match token {
        Some(token) => world.ask_as(token, request).await,
        None => world.ask_anonymously(request).await,
    }
}

/// Submits and brings it into a status.
async fn initiative(
    world: &World,
    unit: &str,
    key: &str,
    status: &str,
    confidential: bool,
) -> Value {
    let authors = json!([{ "name": "Nguyễn Văn An", "personCode": "NV01", "group": "OTHER",
        "contact": "0901 234 567" }]);
    let rest = json!({ "authors": authors, "summary": "Nội dung", "field": "Cơ khí",
        "team": "Tổ 1", "recognisedBy": "QĐ 12", "benefitVnd": 5, "confidential": confidential });
    let input = with(submission(unit, key), rest);
    let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
    let review = "mutation ($input: ReviewInitiativeInput!) {
      reviewInitiative(input: $input) { errors { code path message } } }";
    let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
      withdrawInitiative(input: $input) { errors { code path message } } }";
    match status {
        "WITHDRAWN" => drop(world.change(withdraw, json!({ "id": id })).await),
        "PENDING" => {}
        _ => {
            let decision = status.trim_end_matches("ED");
            let mut input = json!({ "id": id, "decision": decision, "note": "Nội bộ" });
            if decision == "REJECT" {
                input["reason"] = "OTHER".into();
            }
            world.change(review, input).await;
        }
    }
    id
}

#[tokio::test]
async fn everybody_sees_what_the_table_says() {
    let world = World::start().await;
    let viewers = viewers(&world).await;
    let mut key = 0;
    for unit in [INSIDE, OUTSIDE] {
        for status in STATUSES {
            for confidential in [false, true] {
                key += 1;
                let key = key.to_string();
                let id = initiative(&world, unit, &key, status, confidential).await;
                for (role, token) in &viewers {
                    let over = role.filter(|_| unit == INSIDE);
                    let within = match over {
                        Some(Role::Partner) => "content",
                        None | Some(Role::Display) => "nothing",
                        Some(_) => "everything",
                    };
                    let expected = match (within, status, confidential) {
                        ("nothing", "ACCEPTED", false) => "content",
                        ("nothing", "ACCEPTED", true) => "title",
                        (within, ..) => within,
                    };
                    let seen = seen(&world, token.as_ref(), &id, &key, status).await;
                    assert_eq!(seen, expected, "{role:?} {unit} {status} {confidential}");
                }
            }
        }
    }
}

/// The visibility that the caller has, by name. Asserts that it is no mixture of two.
async fn seen(
    world: &World,
    token: Option<&String>,
    id: &Value,
    key: &str,
    status: &str,
) -> &'static str {
    let query = "query ($id: ID!) { node(id: $id) { id } initiative(id: $id) {
      title kind status unit { code } featured confidential submittedAt updatedAt version
      summary field team appliedOn recognisedBy benefitVnd reviewedAt reviewNote
      authors { name group personCode contact } } }";
    let request = json!({ "query": query, "variables": { "id": id } });
    let mut answer = data(ask(world, token, &request).await);
    assert_eq!(answer["node"].is_null(), answer["initiative"].is_null());
    let it = answer["initiative"].take();
    if it.is_null() {
        return "nothing";
    }
    assert_eq!(it["title"], format!("Cải tiến khuôn đúc {key}"));
    assert_eq!(it["status"], status);
    let is_reviewed = !matches!(status, "PENDING" | "WITHDRAWN");
    let content = ["summary", "field", "team", "appliedOn", "recognisedBy", "benefitVnd"];
    if it["summary"].is_null() {
        for field in content.iter().chain(&["reviewedAt", "reviewNote"]) {
            assert_eq!(it[*field], Value::Null, "{field}");
        }
        assert_eq!(it["authors"], json!([]));
        return "title";
    }
    for field in content {
        assert_ne!(it[field], Value::Null, "{field}");
    }
    assert_eq!(it["reviewedAt"].is_string(), is_reviewed);
    let author = &it["authors"][0];
    assert_eq!((&author["name"], &author["group"]), (&json!("Nguyễn Văn An"), &json!("OTHER")));
    if author["contact"].is_null() {
        assert_eq!(author["personCode"], Value::Null);
        assert_eq!(it["reviewNote"], Value::Null);
        return "content";
    }
    assert_eq!(author["personCode"], "NV01");
    assert_eq!(it["reviewNote"].is_string(), is_reviewed);
    "everything"
}

/// The input that each action sends.
fn input_of(action: &str, id: &Value) -> (String, Value) {
    let input = match action {
        "REVIEW" => json!({ "id": id, "decision": "REJECT", "reason": "OTHER" }),
        "REVISE" => json!({ "id": id, "title": "Khác" }),
        "TRANSFER" => json!({ "id": id, "unit": { "code": "an-phuoc" } }),
        _ => json!({ "id": id }),
    };
    let verb = action.to_lowercase();
    let kind = format!("{}{}", &action[..1], &verb[1..]);
    let document = format!(
        "mutation ($input: {kind}InitiativeInput!) {{
           {verb}Initiative(input: $input) {{ errors {{ code path }} }} }}"
    );
    (document, input)
}

#[tokio::test]
async fn what_a_viewer_may_agrees_with_the_mutations() {
    let world = World::start().await;
    let mut key = 0;
    for (role, token) in viewers(&world).await {
        for status in STATUSES {
            for unit in [INSIDE, OUTSIDE] {
                for action in ["REVISE", "WITHDRAW", "TRANSFER", "REVIEW", "FEATURE"] {
                    key += 1;
                    let id = initiative(&world, unit, &key.to_string(), status, false).await;
                    let query = "query ($id: ID!) { initiative(id: $id) { viewerMay } }";
                    let request = json!({ "query": query, "variables": { "id": id } });
                    let listed = data(ask(&world, token.as_ref(), &request).await);
                    let listed = listed["initiative"]["viewerMay"].as_array().cloned();
                    let listed = listed.unwrap_or_default().contains(&json!(action));
                    let (document, input) = input_of(action, &id);
                    let request = json!({ "query": document, "variables": { "input": input } });
                    let answer = ask(&world, token.as_ref(), &request).await;
                    let refused = match answer["errors"][0]["extensions"]["code"].as_str() {
                        Some(code) => code.to_owned(),
                        None => match refusals_of(&payload(data(answer))).first() {
                            Some((code, _)) => code.clone(),
                            None => String::new(),
                        },
                    };
                    let about = format!("{role:?} {status} {unit} {action}: {refused}");
                    // Withdrawing again is no fault, and no offer either.
                    let again = status == "WITHDRAWN" && action == "WITHDRAW";
                    assert_eq!(listed, refused.is_empty() && !again, "{about}");
                    let is_over = role.is_some() && unit == INSIDE;
                    match refused.as_str() {
                        "" => assert!(is_over, "{about}"),
                        "WRONG_STATE" => assert!(is_over, "{about}"),
                        "UNAUTHENTICATED" => assert!(role.is_none(), "{about}"),
                        "FORBIDDEN" => {}
                        _ => panic!("{about}"),
                    }
                }
            }
        }
    }
}

/// The code of the only refusal; an empty text for a command that is carried out.
async fn outcome(world: &World, token: &str, field: &str, input: Value) -> String {
    let kind = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
    let document = format!(
        "mutation ($input: {kind}Input!) {{ {field}(input: $input) {{ errors {{ code path }} }} }}"
    );
    let payload = world.mutate_as(token, &document, input).await;
    refusals_of(&payload).first().map(|(code, _)| code.clone()).unwrap_or_default()
}

#[tokio::test]
async fn everybody_may_what_the_table_says() {
    let world = World::start().await;
    let unit = |code: &str| json!({ "code": code });
    let goal = |code: &str, origin: &str| {
        json!({ "period": { "code": "campaign" }, "origin": origin,
            "goals": [{ "unit": { "code": code }, "goal": { "count": 7 } }] })
    };
    let period = |code: &str, owner: &str| {
        json!({ "code": code, "name": code, "kind": "PEAK_WEEK", "startsOn": "2022-05-01",
            "endsOn": "2022-05-07", "owner": { "code": owner } })
    };
    let move_to = |to: &str| json!({ "unit": unit("bien-hoa"), "newParent": unit(to) });
    let new_unit = |parent: &str| {
        json!({ "code": format!("new-{parent}"), "name": "N", "kind": "SECTION",
            "parent": unit(parent) })
    };
    use Role::{Admin, Officer, Submitter};
    let managers: &[Role] = &[Admin, Officer];
    let cases: &[(&str, Value, &[Role])] = &[
        ("submitInitiative", submission(INSIDE, "in"), &[Admin, Officer, Submitter]),
        ("submitInitiative", submission(OUTSIDE, "out"), &[]),
        ("upsertUnit", json!({ "code": INSIDE, "memberCount": 5 }), managers),
        ("upsertUnit", json!({ "code": PROVINCE, "memberCount": 5 }), managers),
        ("upsertUnit", json!({ "code": "tld", "memberCount": 5 }), &[]),
        ("upsertUnit", json!({ "code": OUTSIDE, "memberCount": 5 }), &[]),
        ("upsertUnit", new_unit(INSIDE), managers),
        ("upsertUnit", new_unit(OUTSIDE), &[]),
        ("moveUnit", move_to("long-thanh"), managers),
        ("moveUnit", move_to("ha-noi"), &[]),
        ("moveUnit", json!({ "unit": unit("ba-dinh"), "newParent": unit(PROVINCE) }), &[]),
        ("renameUnit", json!({ "unit": unit(INSIDE), "code": INSIDE }), managers),
        ("renameUnit", json!({ "unit": unit(OUTSIDE), "code": "other" }), &[]),
        ("renameUnit", json!({ "unit": unit("tld"), "code": "other" }), &[]),
        ("deleteUnit", json!({ "unit": unit(&format!("new-{INSIDE}")) }), managers),
        ("deleteUnit", json!({ "unit": unit(OUTSIDE) }), &[]),
        ("deleteUnit", json!({ "unit": unit("tld") }), &[]),
        ("closeUnit", json!({ "unit": unit("tan-bien") }), managers),
        ("closeUnit", json!({ "unit": unit(OUTSIDE) }), &[]),
        ("setTargets", goal(INSIDE, "ASSIGNED"), managers),
        ("setTargets", goal(PROVINCE, "ASSIGNED"), &[Admin]),
        ("setTargets", goal(PROVINCE, "PLEDGED"), managers),
        ("setTargets", goal(OUTSIDE, "ASSIGNED"), &[]),
        ("setTargets", goal("tld", "PLEDGED"), &[]),
        ("upsertPeriod", period("own", PROVINCE), managers),
        ("upsertPeriod", period("below", INSIDE), managers),
        ("upsertPeriod", period("campaign", PROVINCE), &[]),
        ("upsertPeriod", period("elsewhere", OUTSIDE), &[]),
    ];
    for &role in Role::ALL {
        let token = world.token(role, PROVINCE).await;
        for (field, input, may) in cases {
            let before = world.version().await;
            let got = outcome(&world, &token, field, input.clone()).await;
            let expected = if may.contains(&role) { "" } else { "FORBIDDEN" };
            assert_eq!(got, expected, "{role:?} {field} {input}");
            if !expected.is_empty() {
                assert_eq!(world.version().await, before, "{role:?} {field} {input}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_tells_nothing_to_others() {
    let world = World::start().await;
    world.submit(OUTSIDE, "theirs").await;
    let submitter = world.token(Role::Submitter, PROVINCE).await;
    let partner = world.token(Role::Partner, PROVINCE).await;
    for (token, unit, key, code) in [
        (&submitter, INSIDE, "theirs", "KEY_REUSED"),
        (&submitter, OUTSIDE, "theirs", "KEY_REUSED"),
        (&submitter, OUTSIDE, "unused", "FORBIDDEN"),
        (&partner, INSIDE, "theirs", "FORBIDDEN"),
        (&partner, OUTSIDE, "theirs", "FORBIDDEN"),
        (&partner, INSIDE, "unused", "FORBIDDEN"),
    ] {
        let got = outcome(&world, token, "submitInitiative", submission(unit, key)).await;
        assert_eq!(got, code, "{unit} {key}");
    }
}
