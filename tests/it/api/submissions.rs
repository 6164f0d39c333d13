//! The entry of initiatives: an acknowledged one is there, once.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, refused, submission, with};

const ABOVE_DONG_TAM: [&str; 4] = ["dong-tam", "bien-hoa", "dong-nai", "tld"];

#[tokio::test]
async fn what_is_acknowledged_is_counted_all_the_way_up() {
    for world in World::start_on_each().await {
        let request = json!({
            "query": SUBMIT,
            "variables": { "input": submission("dong-tam", "k-1") },
        });
        let answer = world.ask(&request).await;
        let payload = &answer["data"]["submitInitiative"];
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["replayed"], false);
        assert_eq!(payload["initiative"]["status"], "PENDING");
        assert_eq!(payload["initiative"]["unit"]["code"], "dong-tam");
        assert_eq!(payload["initiative"]["version"], answer["extensions"]["version"]);

        assert_eq!(world.submitted(&ABOVE_DONG_TAM).await, [1, 1, 1, 1]);
        assert_eq!(world.submitted(&["tan-bien", "long-thanh", "ha-noi"]).await, [0, 0, 0]);
        let version = answer["extensions"]["version"].as_i64().unwrap();
        assert_eq!(world.version().await, version);
        let board = world.query("{ leaderboard { version total { submitted version } } }").await;
        let total = json!({ "submitted": 1, "version": version });
        assert_eq!(board["leaderboard"], json!({ "version": version, "total": total }));
    }
}

#[tokio::test]
async fn a_payload_shows_the_state_after_it() {
    let world = World::start().await;
    for number in 1..=3 {
        let document = "mutation ($input: SubmitInitiativeInput!) {
          submitInitiative(input: $input) {
            initiative { unit { ancestors { code tally { submitted } } } } errors { code }
          }
        }";
        let payload = world.change(document, submission("dong-tam", &format!("k-{number}"))).await;
        let ancestors = ["tld", "dong-nai", "bien-hoa"]
            .map(|code| json!({ "code": code, "tally": { "submitted": number } }));
        assert_eq!(payload["initiative"]["unit"]["ancestors"], json!(ancestors));
    }
}

#[tokio::test]
async fn a_key_counts_once() {
    for world in World::start_on_each().await {
        let first = world.submit("dong-tam", "k-1").await;
        let version = world.version().await;
        let id = world.query(r#"{ unit(ref: { code: "dong-tam" }) { id } }"#).await;
        let replays = [
            submission("dong-tam", "k-1"),
            // The same unit, by its id.
            with(submission("", "k-1"), json!({ "unit": { "id": id["unit"]["id"] } })),
            // The same text as another keyboard writes it.
            with(
                submission("dong-tam", "k-1"),
                json!({ "title": "  Ca\u{309}i  tie\u{302}\u{301}n khuo\u{302}n đu\u{301}c k-1 " }),
            ),
            with(submission("dong-tam", " k-1"), json!({ "confidential": false, "team": "" })),
        ];
        for input in replays {
            let replay = world.change(SUBMIT, input).await;
            assert_eq!(replay["replayed"], true);
            assert_eq!(replay["initiative"], first);
        }
        for change in [
            json!({ "title": "Khác" }),
            json!({ "unit": { "code": "tan-bien" } }),
            json!({ "unit": { "code": "no such unit" } }),
            json!({ "appliedOn": "2022-03-02" }),
            json!({ "authors": [{ "name": "Nguyễn Văn An" }] }),
            json!({ "benefitVnd": 0 }),
        ] {
            let input = with(submission("dong-tam", "k-1"), change);
            assert_eq!(world.refusals(SUBMIT, input).await, refused("KEY_REUSED", "key"));
        }
        assert_eq!(world.version().await, version);
        assert_eq!(world.submitted(&["tld"]).await, [1]);
    }
}

#[tokio::test]
async fn a_key_sent_twice_at_once_counts_once() {
    for world in World::start_on_each().await {
        let send = || world.change(SUBMIT, submission("dong-tam", "k-1"));
        let (a, b, c, d) = tokio::join!(send(), send(), send(), send());
        let replayed = [&a, &b, &c, &d].map(|payload| payload["replayed"] == true);
        assert_eq!(replayed.iter().filter(|&&replayed| replayed).count(), 3);
        for other in [&b, &c, &d] {
            assert_eq!(other["initiative"], a["initiative"]);
        }
        assert_eq!(world.submitted(&["tld"]).await, [1]);
    }
}

#[tokio::test]
async fn somebody_named_twice_is_one_participant() {
    let world = World::start().await;
    let participants = async || {
        let answer = world.query(r#"{ root { tally { participants } } }"#).await;
        answer["root"]["tally"]["participants"].as_i64().unwrap()
    };
    let by = |key: &str, unit: &str, authors: Value| {
        with(submission(unit, key), json!({ "authors": authors }))
    };
    let an = json!({ "name": "Nguyễn Văn An", "personCode": "NV01" });
    let binh = json!({ "name": "Lê  Thị Bình" });
    world.change(SUBMIT, by("k-1", "dong-tam", json!([an, an, binh]))).await;
    assert_eq!(participants().await, 2);
    let nfd = json!({ "name": "Le\u{302} Thi\u{323} Bi\u{300}nh" });
    world.change(SUBMIT, by("k-2", "dong-tam", json!([nfd]))).await;
    assert_eq!(participants().await, 2);
    // The same name in another unit is another person.
    world.change(SUBMIT, by("k-3", "tan-bien", json!([an]))).await;
    assert_eq!(participants().await, 3);
}

#[tokio::test]
async fn what_is_wrong_is_named_at_its_place() {
    let world = World::start().await;
    let before = world.version().await;
    let long = "x".repeat(501);
    for (change, code, path) in [
        (json!({ "unit": { "code": "no such unit" } }), "NOT_FOUND", "unit"),
        (json!({ "unit": { "id": "garbage" } }), "NOT_FOUND", "unit"),
        (json!({ "title": " \n " }), "INVALID", "title"),
        (json!({ "title": long }), "INVALID", "title"),
        (json!({ "key": "" }), "INVALID", "key"),
        (json!({ "authors": [] }), "INVALID", "authors"),
        (json!({ "authors": [{ "name": "An" }, { "name": "" }] }), "INVALID", "authors.1.name"),
        (json!({ "benefitVnd": -1 }), "INVALID", "benefitVnd"),
        (json!({ "appliedOn": null }), "INVALID", "appliedOn"),
        (json!({ "appliedOn": "2021-08-31" }), "NOT_ELIGIBLE", "appliedOn"),
        (json!({ "appliedOn": "2023-09-02" }), "NOT_ELIGIBLE", "appliedOn"),
    ] {
        let input = with(submission("dong-tam", "k-1"), change.clone());
        assert_eq!(world.refusals(SUBMIT, input).await, refused(code, path), "{change}");
    }
    let input = with(submission("dong-tam", ""), json!({ "title": "", "benefitVnd": -1 }));
    let all = ["key", "title", "benefitVnd"].map(|path| ("INVALID".to_owned(), path.to_owned()));
    assert_eq!(world.refusals(SUBMIT, input).await, all);
    assert_eq!(world.version().await, before);

    // The bounds of the window belong to it.
    for (key, day) in [("k-1", "2021-09-01"), ("k-2", "2023-09-01")] {
        let input = with(submission("dong-tam", key), json!({ "appliedOn": day }));
        world.change(SUBMIT, input).await;
    }
}

#[tokio::test]
async fn ideas_and_research_need_no_day_of_use() {
    let world = World::start().await;
    for (key, kind) in [("k-1", "IDEA"), ("k-2", "RESEARCH")] {
        let mut input = with(submission("dong-tam", key), json!({ "kind": kind }));
        input.as_object_mut().unwrap().remove("appliedOn");
        world.change(SUBMIT, input).await;
    }
    // Given all the same, it is judged.
    let input =
        with(submission("dong-tam", "k-3"), json!({ "kind": "IDEA", "appliedOn": "2020-01-01" }));
    assert_eq!(world.refusals(SUBMIT, input).await, refused("NOT_ELIGIBLE", "appliedOn"));
}

#[tokio::test]
async fn a_programme_without_a_window_asks_for_no_day() {
    let world = World::start().await;
    let open = json!({ "code": "programme", "appliedFrom": null, "appliedUntil": null });
    world.upsert_period(open).await;
    let input = with(submission("dong-tam", "k-1"), json!({ "appliedOn": null }));
    world.change(SUBMIT, input).await;
    let input = with(submission("dong-tam", "k-2"), json!({ "appliedOn": "1990-01-01" }));
    world.change(SUBMIT, input).await;
}

#[tokio::test]
async fn one_running_period_that_admits_it_is_enough() {
    let world = World::start().await;
    world
        .upsert_period(json!({
            "code": "open-week", "name": "Tuần mở", "kind": "PEAK_WEEK",
            "startsOn": "2022-05-09", "endsOn": "2022-05-15", "owner": { "code": "dong-nai" },
        }))
        .await;
    let input = |unit, key| with(submission(unit, key), json!({ "appliedOn": "1990-01-01" }));
    // The week stands under no programme, so it has no window; it covers Đồng Nai alone.
    world.change(SUBMIT, input("dong-tam", "k-1")).await;
    let refusals = world.refusals(SUBMIT, input("hoang-dieu", "k-2")).await;
    assert_eq!(refusals, refused("NOT_ELIGIBLE", "appliedOn"));
}

#[tokio::test]
async fn nothing_enters_without_a_running_period_or_into_a_closed_unit() {
    let world = World::start().await;
    let close = "mutation ($input: CloseUnitInput!) {
      closeUnit(input: $input) { unit { closedOn } errors { code path message } }
    }";
    let closed = world.change(close, json!({ "unit": { "code": "tan-bien" } })).await;
    assert_eq!(closed["unit"]["closedOn"], "2022-05-10");
    let refusals = world.refusals(SUBMIT, submission("tan-bien", "k-1")).await;
    assert_eq!(refusals, refused("NOT_ELIGIBLE", "unit"));

    world.set_clock("2023-09-01T23:59:59.999+07:00");
    world.submit("dong-tam", "last").await;
    world.set_clock("2023-09-02T00:00:00+07:00");
    let refusals = world.refusals(SUBMIT, submission("dong-tam", "late")).await;
    assert_eq!(refusals, refused("NOT_ELIGIBLE", "unit"));
    // Its key was used in time.
    assert_eq!(world.change(SUBMIT, submission("dong-tam", "last")).await["replayed"], true);
}
