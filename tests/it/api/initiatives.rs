//! The fates of an initiative once it was entered.

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, payload, refusals_of, refused, submission, with};

const STATE: &str = "initiative { title summary status featured rejectionReason reviewNote
  reviewedAt version unit { code } benefitVnd appliedOn authors { name personCode } }
  errors { code path message }";

fn document(field: &str) -> String {
    let mut chars = field.chars();
    let input: String =
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    format!("mutation ($input: {input}Input!) {{ {field}(input: $input) {{ {STATE} }} }}")
}

/// Carries out one change; returns the initiative.
async fn change(world: &World, field: &str, input: Value) -> Value {
    world.change(&document(field), input).await["initiative"].take()
}

/// Asserts that the mutation changed nothing: it is refused, or successful without an event.
async fn refusals(world: &World, field: &str, input: Value) -> Vec<(String, String)> {
    let before = world.version().await;
    let refusals = world.refusals(&document(field), input).await;
    assert_eq!(world.version().await, before, "{field} wrote an event");
    refusals
}

async fn tally(world: &World, unit: &str) -> Value {
    let query = format!(
        r#"{{ unit(ref: {{ code: "{unit}" }}) {{ tally(period: {{ code: "campaign" }}) {{
          submitted accepted pending returned rejected benefitVnd own }} }} }}"#
    );
    payload(world.query(&query).await)["tally"].take()
}

fn counts(tally: &Value) -> [i64; 5] {
    ["submitted", "accepted", "pending", "returned", "rejected"]
        .map(|field| tally[field].as_i64().unwrap())
}

#[tokio::test]
async fn every_decision_moves_it_from_one_count_to_another() {
    for world in World::start_on_each().await {
        let input =
            with(submission("dong-tam", "k-1"), json!({ "benefitVnd": 40_000_000_000_i64 }));
        let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
        assert_eq!(counts(&tally(&world, "dong-nai").await), [1, 0, 1, 0, 0]);
        for (input, status, expected) in [
            (json!({ "decision": "RETURN", "note": "Thiếu số liệu" }), "RETURNED", [1, 0, 0, 1, 0]),
            (json!({ "decision": "ACCEPT" }), "ACCEPTED", [1, 1, 0, 0, 0]),
            (json!({ "decision": "REJECT", "reason": "DUPLICATE" }), "REJECTED", [1, 0, 0, 0, 1]),
            (json!({ "decision": "ACCEPT" }), "ACCEPTED", [1, 1, 0, 0, 0]),
        ] {
            let after =
                change(&world, "reviewInitiative", with(input.clone(), json!({ "id": id })));
            let after = after.await;
            assert_eq!(after["status"], status);
            assert_eq!(after["rejectionReason"], input["reason"]);
            assert_eq!(after["reviewNote"], input["note"]);
            assert_eq!(after["reviewedAt"], "2022-05-10T08:00:00.000+07:00");
            let tally = tally(&world, "dong-nai").await;
            assert_eq!(counts(&tally), expected);
            let benefit = if status == "ACCEPTED" { 40_000_000_000_i64 } else { 0 };
            assert_eq!(tally["benefitVnd"], benefit);
        }
        change(&world, "withdrawInitiative", json!({ "id": id })).await;
        assert_eq!(counts(&tally(&world, "dong-nai").await), [0, 0, 0, 0, 0]);
    }
}

#[tokio::test]
async fn what_changes_nothing_writes_no_event() {
    let world = World::start().await;
    let id = &world.submit("dong-tam", "k-1").await["id"];
    let none = || Vec::new();
    assert_eq!(refusals(&world, "reviseInitiative", json!({ "id": id })).await, none());
    let same = json!({ "id": id, "title": "Cải tiến  khuôn đúc k-1", "kind": "TECHNICAL",
        "authors": [{ "name": "Nguyễn Văn An", "personCode": "NV01" }] });
    assert_eq!(refusals(&world, "reviseInitiative", same).await, none());
    let here = json!({ "id": id, "unit": { "code": "dong-tam" } });
    assert_eq!(refusals(&world, "transferInitiative", here).await, none());
    let plain = json!({ "id": id, "featured": false });
    assert_eq!(refusals(&world, "featureInitiative", plain).await, none());

    let reject = json!({ "id": id, "decision": "REJECT", "reason": "OTHER", "note": "Trùng" });
    change(&world, "reviewInitiative", reject.clone()).await;
    assert_eq!(refusals(&world, "reviewInitiative", reject).await, none());
    let rejected = json!({ "id": id, "decision": "REJECT", "reason": "OTHER" });
    assert_eq!(refusals(&world, "reviewInitiative", rejected).await, none());
    let other = json!({ "id": id, "decision": "REJECT", "reason": "DUPLICATE" });
    let after = change(&world, "reviewInitiative", other).await;
    assert_eq!(after["rejectionReason"], "DUPLICATE");

    world.review(id, "ACCEPT").await;
    change(&world, "featureInitiative", json!({ "id": id })).await;
    assert_eq!(refusals(&world, "featureInitiative", json!({ "id": id })).await, none());
    change(&world, "withdrawInitiative", json!({ "id": id })).await;
    assert_eq!(refusals(&world, "withdrawInitiative", json!({ "id": id })).await, none());
}

#[tokio::test]
async fn the_state_decides_what_is_allowed() {
    let world = World::start().await;
    let id = &world.submit("dong-tam", "k-1").await["id"];
    let revise = json!({ "id": id, "title": "Khác" });
    let feature = json!({ "id": id });
    let transfer = json!({ "id": id, "unit": { "code": "tan-bien" } });
    let accept = json!({ "id": id, "decision": "ACCEPT" });
    let wrong = || refused("WRONG_STATE", "id");

    assert_eq!(refusals(&world, "featureInitiative", feature.clone()).await, wrong());
    world.review(id, "ACCEPT").await;
    assert_eq!(refusals(&world, "reviseInitiative", revise.clone()).await, wrong());
    assert_eq!(change(&world, "featureInitiative", feature.clone()).await["featured"], true);
    // Being no longer accepted it is no example any more.
    let reject = json!({ "id": id, "decision": "REJECT", "reason": "OTHER" });
    assert_eq!(change(&world, "reviewInitiative", reject).await["featured"], false);
    assert_eq!(refusals(&world, "reviseInitiative", revise.clone()).await, wrong());
    assert_eq!(change(&world, "transferInitiative", transfer.clone()).await["status"], "REJECTED");
    world.review(id, "RETURN").await;
    assert_eq!(change(&world, "reviseInitiative", revise.clone()).await["status"], "PENDING");
    change(&world, "withdrawInitiative", json!({ "id": id })).await;
    for (field, input) in [
        ("reviseInitiative", revise),
        ("featureInitiative", feature),
        ("transferInitiative", with(transfer, json!({ "unit": { "code": "dong-tam" } }))),
        ("reviewInitiative", accept),
    ] {
        assert_eq!(refusals(&world, field, input).await, wrong(), "{field}");
    }
}

#[tokio::test]
async fn whoever_saw_an_older_version_is_told() {
    let world = World::start().await;
    let entered = world.submit("dong-tam", "k-1").await;
    let id = &entered["id"];
    let seen = entered["version"].as_i64().unwrap();
    let returned = world.review(id, "RETURN").await;
    for (field, input) in [
        ("reviewInitiative", json!({ "decision": "ACCEPT" })),
        ("reviseInitiative", json!({ "title": "Khác" })),
        ("transferInitiative", json!({ "unit": { "code": "tan-bien" } })),
        ("withdrawInitiative", json!({})),
    ] {
        let stale = with(input, json!({ "id": id, "expectedVersion": seen }));
        let conflict = refused("CONFLICT", "expectedVersion");
        assert_eq!(refusals(&world, field, stale).await, conflict, "{field}");
    }
    let fresh = json!({ "id": id, "title": "Khác", "expectedVersion": returned });
    assert_eq!(change(&world, "reviseInitiative", fresh).await["title"], "Khác");
}

/// A form shows the present initiative beside the typed one, without another request.
#[tokio::test]
async fn a_conflict_brings_the_initiative_as_it_is_now() {
    for world in World::start_on_each().await {
        let entered = world.submit("dong-tam", "k-1").await;
        let (id, seen) = (&entered["id"], &entered["version"]);
        let returned = world.review(id, "RETURN").await;
        let now =
            json!({ "version": returned, "status": "RETURNED", "unit": { "code": "dong-tam" } });
        for (field, input) in [
            ("reviewInitiative", json!({ "decision": "ACCEPT" })),
            ("reviseInitiative", json!({ "title": "Khác" })),
            ("transferInitiative", json!({ "unit": { "code": "tan-bien" } })),
            ("withdrawInitiative", json!({})),
        ] {
            let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
            let document = format!(
                "mutation ($input: {kind}!) {{ {field}(input: $input) {{
                   initiative {{ version status unit {{ code }} }} errors {{ code }} }} }}"
            );
            let stale = with(input.clone(), json!({ "id": id, "expectedVersion": seen }));
            let request = json!({ "query": document, "variables": { "input": stale } });
            let answer = world.ask(&request).await;
            let payload = &answer["data"][field];
            assert_eq!(payload["errors"], json!([{ "code": "CONFLICT" }]), "{field}");
            assert_eq!(payload["initiative"], now, "{field}");
            assert!(answer["extensions"]["version"].as_i64().unwrap() >= returned);
            // Any other refusal brings nothing.
            let missing = with(input, json!({ "id": "bm9ib2R5", "expectedVersion": seen }));
            let payload = world.mutate(&document, missing).await;
            assert_eq!(payload["errors"][0]["code"], "NOT_FOUND", "{field}");
            assert_eq!(payload["initiative"], Value::Null, "{field}");
        }
        // Somebody who may not act there hears no more than that.
        let elsewhere = world.token(Role::Submitter, "ha-noi").await;
        let document =
            "mutation ($input: ReviseInitiativeInput!) { reviseInitiative(input: $input) {
            initiative { version } errors { code } } }";
        let stale = json!({ "id": id, "title": "Khác", "expectedVersion": seen });
        let payload = world.mutate_as(&elsewhere, document, stale).await;
        assert_eq!(payload["errors"], json!([{ "code": "FORBIDDEN" }]));
        assert_eq!(payload["initiative"], Value::Null);
    }
}

#[tokio::test]
async fn a_revision_keeps_what_is_left_out_and_clears_what_is_null() {
    for world in World::start_on_each().await {
        let input = with(
            submission("dong-tam", "k-1"),
            json!({ "summary": "Dòng một\nDòng hai", "benefitVnd": 5 }),
        );
        let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
        world.review(&id, "RETURN").await;
        let after =
            change(&world, "reviseInitiative", json!({ "id": id, "benefitVnd": null })).await;
        assert_eq!(after["summary"], "Dòng một\nDòng hai");
        assert_eq!(after["benefitVnd"], Value::Null);
        assert_eq!(after["status"], "PENDING");

        // A variable that was not sent leaves its field out; one that is null clears.
        let query = "mutation ($id: ID!, $title: String, $summary: String, $benefit: Long) {
          reviseInitiative(input: { id: $id title: $title summary: $summary benefitVnd: $benefit })
          { initiative { title summary benefitVnd } errors { code path } }
        }";
        let variables = json!({ "id": id, "benefit": 7 });
        let answer = world.ask(&json!({ "query": query, "variables": variables })).await;
        let kept = json!({ "title": "Cải tiến khuôn đúc k-1", "summary": "Dòng một\nDòng hai",
            "benefitVnd": 7 });
        assert_eq!(answer["data"]["reviseInitiative"]["initiative"], kept);
        let variables = json!({ "id": id, "title": "Khác", "summary": null });
        let answer = world.ask(&json!({ "query": query, "variables": variables })).await;
        let cleared = json!({ "title": "Khác", "summary": null, "benefitVnd": 7 });
        assert_eq!(answer["data"]["reviseInitiative"]["initiative"], cleared);

        for field in ["title", "kind", "authors"] {
            let input = json!({ "id": id, field: null });
            assert_eq!(
                refusals(&world, "reviseInitiative", input).await,
                refused("INVALID", field)
            );
        }
        let late = json!({ "id": id, "appliedOn": "2020-01-01" });
        let outside = refused("NOT_ELIGIBLE", "appliedOn");
        assert_eq!(refusals(&world, "reviseInitiative", late).await, outside);
        let idea = json!({ "id": id, "kind": "IDEA", "appliedOn": null });
        change(&world, "reviseInitiative", idea).await;
        let technical = json!({ "id": id, "kind": "TECHNICAL" });
        let missing = refused("INVALID", "appliedOn");
        assert_eq!(refusals(&world, "reviseInitiative", technical).await, missing);
    }
}

#[tokio::test]
async fn a_transfer_counts_elsewhere() {
    for world in World::start_on_each().await {
        let id = &world.submit("dong-tam", "k-1").await["id"];
        let moved = json!({ "id": id, "unit": { "code": "hoang-dieu" }, "reason": "Nhầm đơn vị" });
        let after = change(&world, "transferInitiative", moved).await;
        assert_eq!(after["unit"]["code"], "hoang-dieu");
        assert_eq!(after["status"], "PENDING");
        assert_eq!(after["authors"][0]["personCode"], "NV01");
        let units = ["dong-tam", "bien-hoa", "dong-nai", "hoang-dieu", "ha-noi", "tld"];
        assert_eq!(world.submitted(&units).await, [0, 0, 0, 1, 1, 1]);
        // Sent again under its key it is still the same one.
        let replay = world.change(SUBMIT, submission("dong-tam", "k-1")).await;
        assert_eq!(replay["replayed"], true);
        assert_eq!(replay["initiative"]["unit"]["code"], "hoang-dieu");

        let nowhere = json!({ "id": id, "unit": { "code": "no such unit" } });
        let missing = refused("NOT_FOUND", "unit");
        assert_eq!(refusals(&world, "transferInitiative", nowhere).await, missing);
        let close =
            r#"mutation { closeUnit(input: { unit: { code: "tan-bien" } }) { errors { code } } }"#;
        world.query(close).await;
        let closed = json!({ "id": id, "unit": { "code": "tan-bien" } });
        let not_eligible = refused("NOT_ELIGIBLE", "unit");
        assert_eq!(refusals(&world, "transferInitiative", closed).await, not_eligible);
    }
}

#[tokio::test]
async fn an_id_of_nothing_is_not_found() {
    let world = World::start().await;
    // Its number is that of the root as well.
    let id = &world.submit("dong-tam", "k-1").await["id"];
    let unit = world.query("{ root { id } }").await["root"]["id"].take();
    // Base64 of "Initiative:999".
    for wrong in [json!("SW5pdGlhdGl2ZTo5OTk"), unit, json!("garbage"), json!("")] {
        for (field, input) in [
            ("reviewInitiative", json!({ "decision": "ACCEPT" })),
            ("reviseInitiative", json!({})),
            ("transferInitiative", json!({ "unit": { "code": "tan-bien" } })),
            ("withdrawInitiative", json!({})),
            ("featureInitiative", json!({})),
        ] {
            let input = with(input, json!({ "id": wrong }));
            assert_eq!(refusals(&world, field, input).await, refused("NOT_FOUND", "id"), "{field}");
        }
    }
    let reason = json!({ "id": id, "decision": "ACCEPT", "reason": "DUPLICATE" });
    assert_eq!(refusals(&world, "reviewInitiative", reason).await, refused("INVALID", "reason"));
}

#[tokio::test]
async fn several_are_reviewed_each_for_itself() {
    const REVIEW: &str = "mutation ($input: ReviewInitiativesInput!) {
      reviewInitiatives(input: $input) {
        initiatives { id status rejectionReason reviewNote } errors { code path message }
      } }";
    for world in World::start_on_each().await {
        let mut ids = Vec::new();
        for key in ["k-1", "k-2", "k-3", "k-4"] {
            ids.push(world.submit("dong-tam", key).await["id"].take());
        }
        change(&world, "withdrawInitiative", json!({ "id": ids[1] })).await;
        world.review(&ids[2], "ACCEPT").await;
        let unit = payload(world.query(r#"{ unit(ref: { code: "dong-tam" }) { id } }"#).await);
        let asked = json!([ids[0], ids[1], "nonsense", ids[2], unit["id"], ids[3], ids[0]]);
        let input = json!({ "ids": asked, "decision": "ACCEPT", "note": "Đạt" });
        let before = world.version().await;
        let payload = world.mutate(REVIEW, input).await;
        let accepted = |id: &Value| json!({ "id": id, "status": "ACCEPTED", "rejectionReason": null, "reviewNote": "Đạt" });
        let expected = json!([
            accepted(&ids[0]),
            null,
            null,
            accepted(&ids[2]),
            null,
            accepted(&ids[3]),
            accepted(&ids[0])
        ]);
        assert_eq!(payload["initiatives"], expected);
        let refusals = refusals_of(&payload);
        let at = |code: &str, place: &str| (code.to_owned(), format!("ids.{place}"));
        let expected = [at("WRONG_STATE", "1"), at("NOT_FOUND", "2"), at("NOT_FOUND", "4")];
        assert_eq!(refusals, expected);
        // The third was accepted before, but without the note; the first twice, but once changed.
        assert_eq!(world.version().await, before + 3);
        assert_eq!(counts(&tally(&world, "dong-nai").await), [3, 3, 0, 0, 0]);

        // A fault of the review itself is reported once, and no initiative is reviewed.
        for (decision, rest, path) in [
            ("RETURN", json!({ "reason": "DUPLICATE", "note": "Trùng" }), "reason"),
            ("RETURN", json!({}), "note"),
            ("RETURN", json!({ "note": " \n " }), "note"),
            ("REJECT", json!({ "note": "Trùng" }), "reason"),
        ] {
            let input = json!({ "ids": [ids[0], ids[2]], "decision": decision });
            let payload = world.mutate(REVIEW, with(input, rest)).await;
            assert_eq!(refusals_of(&payload), refused("INVALID", path));
            assert_eq!(payload["initiatives"], json!([null, null]));
        }
        let many = vec![ids[0].clone(); 201];
        let input = json!({ "ids": many, "decision": "REJECT", "reason": "OTHER" });
        let payload = world.mutate(REVIEW, input).await;
        assert_eq!(refusals_of(&payload), refused("INVALID", "ids"));
        assert_eq!(payload["initiatives"], json!([]));
        let input = json!({ "ids": many[..200], "decision": "REJECT", "reason": "OTHER" });
        let payload = world.mutate(REVIEW, input).await;
        assert_eq!(payload["initiatives"].as_array().unwrap().len(), 200);
        assert_eq!(world.version().await, before + 4);
        let none = json!({ "ids": [], "decision": "REJECT", "reason": "OTHER" });
        let none = world.change(REVIEW, none).await;
        assert_eq!(none["initiatives"], json!([]));
    }
}
