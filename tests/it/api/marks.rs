//! Marks: which log an answer is of, and how far it had come.

use std::collections::BTreeMap;

use reqwest::header::ACCEPT;
use sangkien::domain::Version;
use sangkien::feed::cursor::Cursor;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, code_of, payload, submission};

fn mark(answer: &Value) -> String {
    let mark = answer["extensions"]["mark"].as_str();
    mark.unwrap_or_else(|| panic!("no mark: {answer}")).to_owned()
}

#[tokio::test]
async fn every_answer_with_a_version_has_its_mark() {
    for world in World::start_on_each().await {
        let ask = json!({ "query": "{ root { name } }" });
        let first = world.ask(&ask).await;
        // The second one is the answer that was kept.
        let again = world.ask(&ask).await;
        assert_eq!((&first["extensions"], mark(&first)), (&again["extensions"], mark(&again)));

        let input = submission("dong-tam", "k-1");
        let change = world.ask(&json!({ "query": SUBMIT, "variables": { "input": input } })).await;
        assert_ne!(mark(&change), mark(&first));
        let after = world.ask(&ask).await;
        assert_eq!(after["extensions"], change["extensions"]);

        let mut socket = world.socket().await;
        socket.subscribe("1", "{ root { name } }").await;
        assert_eq!(socket.answer().await["extensions"], change["extensions"]);
        let events = world.post().header(ACCEPT, "text/event-stream").json(&ask);
        let text = events.send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&mark(&change)), "{text}");

        // It stays the same event's over a restart.
        let world = world.restart().await;
        assert_eq!(world.ask(&ask).await["extensions"], change["extensions"]);
    }
}

/// A client that copied everything as of a mark goes on with the events after it.
#[tokio::test]
async fn events_go_on_after_a_mark() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let copied = mark(&world.ask(&json!({ "query": "{ root { name } }" })).await);
    world.submit("dong-tam", "k-2").await;
    let query =
        format!(r#"{{ initiativeEvents(after: "{copied}") {{ nodes {{ kind version }} }} }}"#);
    let events = payload(world.query(&query).await);
    let version = world.version().await;
    assert_eq!(events["nodes"], json!([{ "kind": "SUBMITTED", "version": version }]));
}

/// The rows of a list by a filter, or the error's code and mark.
async fn changed(world: &World, list: &str, filter: Value) -> Result<Vec<String>, (String, Value)> {
    let kind = if list == "units" { "UnitFilter" } else { "InitiativeFilter" };
    let row = if list == "units" { "code" } else { "title" };
    let query = format!("query ($f: {kind}) {{ {list}(filter: $f) {{ nodes {{ {row} }} }} }}");
    let answer = world.ask(&json!({ "query": query, "variables": { "f": filter } })).await;
    if answer["data"].is_null() {
        let code = code_of(&answer).to_owned();
        return Err((code, answer["errors"][0]["extensions"]["mark"].clone()));
    }
    let rows = answer["data"][list]["nodes"].as_array().unwrap();
    let mut rows: Vec<String> =
        rows.iter().map(|it| it[row].as_str().unwrap().to_owned()).collect();
    rows.sort_unstable();
    Ok(rows)
}

/// A mark of another log of the same length.
fn of_another_log(world: &World) -> String {
    let latest = world.service.hub().latest();
    Cursor { version: latest.version(), tag: latest.head_tag() ^ 1 }.encode()
}

#[tokio::test]
async fn lists_tell_what_changed_since_a_mark() {
    for world in World::start_on_each().await {
        let ask = json!({ "query": "{ root { name } }" });
        let before = mark(&world.ask(&ask).await);
        world.submit("dong-tam", "k-1").await;
        let after = mark(&world.ask(&ask).await);
        let since = |mark: &str| json!({ "changedSince": mark });
        let above = ["bien-hoa", "dong-nai", "dong-tam", "tld"].map(str::to_owned).to_vec();
        assert_eq!(changed(&world, "units", since(&before)).await, Ok(above.clone()));
        assert_eq!(changed(&world, "units", since(&after)).await, Ok(vec![]));
        let initiatives = changed(&world, "initiatives", since(&before)).await.unwrap();
        assert_eq!(initiatives.len(), 1);
        assert_eq!(changed(&world, "initiatives", since(&after)).await, Ok(vec![]));
        // Both say when: the later one holds.
        let both = json!({ "changedSince": before, "changedAfter": world.version().await });
        assert_eq!(changed(&world, "units", both).await, Ok(vec![]));
        // A mark from before the start, whose event is in the tables alone.
        let world = world.restart().await;
        assert!(changed(&world, "units", since(&before)).await.unwrap().len() >= above.len());
        assert_eq!(changed(&world, "initiatives", since(&before)).await.unwrap().len(), 1);
    }
}

/// A copy of another log is never told that nothing changed.
#[tokio::test]
async fn a_moment_of_another_log_is_told() {
    for world in World::start_on_each().await {
        let version = world.version().await;
        let present = mark(&world.ask(&json!({ "query": "{ root { name } }" })).await);
        let expired = Err(("CURSOR_EXPIRED".to_owned(), json!(present)));
        let other = Cursor { version: Version(version + 1), tag: 7 }.encode();
        let old = Cursor { version: Version(2), tag: 7 }.encode();
        let none = Cursor { version: Version(-1), tag: 7 }.encode();
        for list in ["units", "initiatives"] {
            for filter in [
                json!({ "changedAfter": version + 1 }),
                json!({ "changedAfter": 9_007_199_254_740_991_i64 }),
                json!({ "changedSince": of_another_log(&world) }),
                json!({ "changedSince": other }),
                json!({ "changedSince": old }),
                json!({ "changedSince": none }),
                json!({ "changedSince": old, "changedAfter": 0 }),
            ] {
                assert_eq!(changed(&world, list, filter.clone()).await, expired, "{filter}");
            }
            for (filter, code) in [
                (json!({ "changedAfter": -1 }), "BAD_ARGUMENT"),
                (json!({ "changedSince": "" }), "BAD_CURSOR"),
                (json!({ "changedSince": version.to_string() }), "BAD_CURSOR"),
            ] {
                let (told, _) = changed(&world, list, filter.clone()).await.unwrap_err();
                assert_eq!(told, code, "{filter}");
            }
            for version in [0, version] {
                let filter = json!({ "changedAfter": version });
                assert!(changed(&world, list, filter).await.is_ok(), "{list} {version}");
            }
        }
        // The present mark leads on.
        assert_eq!(changed(&world, "units", json!({ "changedSince": present })).await, Ok(vec![]));
        // Inside other fields the error is the field's.
        let query = r#"{ root { children(filter: { changedAfter: 999999 }) { totalCount } } }"#;
        assert_eq!(code_of(&world.ask(&json!({ "query": query })).await), "CURSOR_EXPIRED");
    }
}

/// A node that another has written past waits until it knows of it, as for a minimum version.
#[tokio::test]
async fn a_node_that_lags_waits_for_a_mark() {
    for world in World::start_on_each().await {
        let Some(other) = world.another_node().await else { continue };
        for number in 0..5 {
            let submitted = world.change(SUBMIT, submission("dong-tam", &format!("k-{number}")));
            let version = submitted.await["initiative"]["version"].as_i64().unwrap();
            let since = mark(&world.ask(&json!({ "query": "{ root { name } }" })).await);
            for list in ["units", "initiatives"] {
                let filter = json!({ "changedSince": since });
                assert_eq!(changed(&other, list, filter).await, Ok(vec![]), "{number}");
            }
            assert!(other.version().await >= version);
        }
        // The node's own next answer shows the awaited state, by a version too.
        world.submit("dong-tam", "k-6").await;
        let version = world.version().await;
        let query = format!("{{ units(filter: {{ changedAfter: {version} }}) {{ totalCount }} }}");
        let answer = other.ask(&json!({ "query": query })).await;
        assert_eq!(answer["data"]["units"]["totalCount"], 0);
        assert_eq!(answer["extensions"]["version"], version);
    }
}

#[tokio::test]
async fn a_client_may_insist_on_a_mark() {
    for world in World::start_on_each().await {
        let ask = json!({ "query": "{ root { name } }" });
        let first = mark(&world.ask(&ask).await);
        let other = world.another_node().await;
        world.submit("dong-tam", "k-1").await;
        let second = world.ask(&ask).await;
        let header = |world: &World, mark: &str| {
            let request = world.post().header("X-Sangkien-Min-Version", mark);
            request.header(ACCEPT, "application/graphql-response+json").json(&ask)
        };
        // Another node waits for a version that it has not reached.
        if let Some(other) = other {
            let answer = header(&other, &mark(&second)).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer["extensions"], second["extensions"]);
        }
        let old = header(&world, &first).send().await.unwrap();
        assert_eq!(old.status(), 200);
        // A mark of another log is refused, and nothing is executed.
        let present = mark(&second);
        let far = Cursor { version: Version(999_999), tag: 7 }.encode();
        for expired in [of_another_log(&world), far] {
            let refused = header(&world, &expired).send().await.unwrap();
            assert_eq!(refused.status(), 400);
            let refused: Value = refused.json().await.unwrap();
            assert_eq!(code_of(&refused), "CURSOR_EXPIRED");
            assert_eq!(refused["errors"][0]["extensions"]["mark"], present);
            assert!(refused.get("data").is_none());
            // The same in the request, over a socket.
            let mut socket = world.socket().await;
            let payload = json!({ "query": ask["query"], "extensions": { "minVersion": expired } });
            socket.send(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
            let error = socket.receive().await;
            assert_eq!(error["type"], "error");
            assert_eq!(error["payload"][0]["extensions"]["code"], "CURSOR_EXPIRED");
        }
        let good = json!({ "query": ask["query"], "extensions": { "minVersion": present } });
        assert_eq!(world.ask(&good).await["extensions"], second["extensions"]);
    }
}

/// After the midnight that makes another period the default one, a copy by versions is whole.
#[tokio::test]
async fn a_copy_of_counts_follows_the_default_period() {
    const PAGE: &str = "query ($v: Long!) { units(filter: { changedAfter: $v }, first: 500) {
      nodes { code tally { id submitted period { code } } } } }";
    let copy_on = async |world: &World, copy: &mut BTreeMap<String, Value>, version: i64| {
        let answer = world.ask(&json!({ "query": PAGE, "variables": { "v": version } })).await;
        let units = answer["data"]["units"]["nodes"].as_array().unwrap();
        for unit in units {
            copy.insert(unit["code"].as_str().unwrap().to_owned(), unit["tally"].clone());
        }
        (answer["extensions"]["version"].as_i64().unwrap(), units.len())
    };
    for world in World::start_on_each().await {
        world.set_clock("2022-05-31T20:00:00+07:00");
        world.submit("dong-tam", "k-1").await;
        let mut copy = BTreeMap::new();
        let (version, all) = copy_on(&world, &mut copy, 0).await;
        assert_eq!(all, 11);
        assert_eq!(copy["an-phuoc"]["period"]["code"], "campaign");
        world.set_clock("2022-06-01T00:00:00+07:00");
        // Nobody does anything: the day comes by itself.
        world.await_version(version + 1).await;
        let (version, listed) = copy_on(&world, &mut copy, version).await;
        assert_eq!(listed, all);
        assert_eq!(copy["an-phuoc"]["period"]["code"], "programme");
        let mut afresh = BTreeMap::new();
        copy_on(&world, &mut afresh, 0).await;
        assert_eq!(copy, afresh);
        // A midnight that leaves the default period lists nobody.
        world.set_clock("2022-06-02T00:00:00+07:00");
        world.await_version(version + 1).await;
        assert_eq!(copy_on(&world, &mut copy, version).await.1, 0);
        // A new period that runs at once is the default from then on.
        world
            .upsert_period(json!({
                "code": "june", "name": "Tháng Sáu", "kind": "CAMPAIGN",
                "startsOn": "2022-06-01", "endsOn": "2022-06-30",
            }))
            .await;
        assert_eq!(copy_on(&world, &mut copy, version).await.1, all);
        assert_eq!(copy["an-phuoc"]["period"]["code"], "june");
        // A start keeps that in mind: of what changed before it a few more may be named, never fewer.
        let world = world.restart().await;
        assert_eq!(copy_on(&world, &mut copy, version).await.1, all);
    }
}

#[tokio::test]
async fn the_day_and_the_running_period_can_be_asked() {
    let world = World::start().await;
    let ask = "{ today runningPeriod { code } root { tally { period { code } } } }";
    let told = |day: &str, running: Value, default: &str| {
        json!({ "today": day, "runningPeriod": running,
            "root": { "tally": { "period": { "code": default } } } })
    };
    let code = |code: &str| json!({ "code": code });
    assert_eq!(world.query(ask).await, told("2022-05-10", code("campaign"), "campaign"));
    let version = world.version().await;
    world.set_clock("2022-06-01T00:00:00+07:00");
    world.await_version(version + 1).await;
    assert_eq!(world.query(ask).await, told("2022-06-01", code("programme"), "programme"));
    // No period is running: the last one that ended is the default.
    world.set_clock("2023-09-02T00:00:00+07:00");
    while world.query("{ today }").await["today"] != "2023-09-02" {
        world.await_version(world.version().await + 1).await;
    }
    assert_eq!(world.query(ask).await, told("2023-09-02", Value::Null, "programme"));
    // A fresh database has a placeholder of this calendar year.
    let fresh = World::empty().await;
    assert_eq!(fresh.query(ask).await["runningPeriod"], code("programme"));
}
