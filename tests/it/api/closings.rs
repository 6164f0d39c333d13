//! Closings: figures of a period that are kept for good.

use sangkien::auth::Role;
use sangkien::board::closed_by;
use sangkien::domain::Version;
use sangkien::exchange::Progress;
use sangkien::limits::CLOSINGS_OF_PERIOD_MAX;
use sangkien::prune::{Options, prune};
use sangkien::recount::{Depth, Verdict, verify};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep, timeout};

use crate::database::{PATIENCE, ask_number, ask_text, run_sql, run_text};
use crate::harness::{SUBMIT, Socket, World, code_of, data, payload, submission, with};

const TALLY: &str =
    "figures submitted accepted pending returned rejected own participants benefitVnd
    grassrootsUnions activeGrassrootsUnions coverage daysSinceLast target ratio participationRate
    initiativesPerMember";

const FINALIZE: &str = "mutation ($input: FinalizePeriodInput!) { finalizePeriod(input: $input) {
    closing { id kind version note startsOn endsOn at cursor } errors { code path message } } }";

/// All closings of a period, with the tally of its owner or of a unit.
async fn closings(world: &World, period: &str, unit: Option<&str>) -> Vec<Value> {
    let of = unit.map_or(String::new(), |unit| format!(r#"(unit: {{ code: "{unit}" }})"#));
    let query = format!(
        r#"{{ period(ref: {{ code: "{period}" }}) {{ closings {{ id kind startsOn endsOn at version
          cursor note tally{of} {{ id {TALLY} lastSubmittedAt version closing {{ id }} }} }} }} }}"#
    );
    let mut period = payload(world.query(&query).await);
    let Value::Array(closings) = period["closings"].take() else { panic!("a list") };
    closings
}

/// A tally of now or of a past day without what differs from a kept one.
async fn tally(world: &World, period: &str, unit: &str, as_of: Option<&str>) -> Value {
    let as_of = as_of.map_or(String::new(), |day| format!(r#", asOf: "{day}""#));
    let query = format!(
        r#"{{ unit(ref: {{ code: "{unit}" }}) {{ tally(period: {{ code: "{period}" }}{as_of}) {{
          {TALLY} }} }} }}"#
    );
    payload(world.query(&query).await)["tally"].take()
}

/// The same, as if it were kept.
fn kept(mut tally: Value) -> Value {
    tally["figures"] = "KEPT".into();
    tally
}

/// The numbers of a kept tally.
fn numbers(closing: &Value) -> Value {
    let mut tally = closing["tally"].clone();
    for field in ["id", "lastSubmittedAt", "version", "closing"] {
        tally.as_object_mut().unwrap().remove(field);
    }
    tally
}

/// Lets the day of this moment begin.
async fn day_begins(world: &World, now: &str) {
    world.set_clock(now);
    // It changes nothing; the day begins before it.
    world.upsert_unit(json!({ "code": "tld" })).await;
}

/// Waits until so many figures are in the database.
async fn kept_rows(world: &World, rows: i64) {
    let wait = async {
        while ask_number(world.database(), "select count(*) from kept_figures").await != rows {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, wait).await.expect("the figures are kept");
}

async fn replayed(world: &World) -> Verdict {
    let store = world.store().await;
    let verdict = verify(&store, Depth::Replay).await.unwrap();
    store.close().await;
    verdict
}

async fn finalize(world: &World, input: Value) -> Value {
    let input = with(json!({ "period": { "code": "campaign" } }), input);
    world.mutate(FINALIZE, input).await
}

async fn withdraw(world: &World, id: &Value) {
    let document = "mutation ($input: WithdrawInitiativeInput!) {
      withdrawInitiative(input: $input) { errors { code path message } } }";
    world.change(document, json!({ "id": id })).await;
}

/// The campaign to its last evening: entries, reviews, goals.
async fn campaign(world: &World) -> Vec<Value> {
    world.set_goals(&[("tld", 3), ("dong-nai", 2), ("bien-hoa", 2)]).await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        let input =
            with(submission("dong-tam", key), json!({ "benefitVnd": 10_000_000_000_000_i64 }));
        ids.push(world.change(SUBMIT, input).await["initiative"]["id"].clone());
    }
    world.review(&ids[0], "ACCEPT").await;
    world.review(&ids[1], "ACCEPT").await;
    world.set_clock("2022-05-31T23:59:00+07:00");
    for (unit, key) in
        [("an-phuoc", "d"), ("hoang-dieu", "e"), ("hoang-dieu", "f"), ("so-xay-dung", "g")]
    {
        ids.push(world.submit(unit, key).await["id"].clone());
    }
    ids
}

#[tokio::test]
async fn a_midnight_closes_what_it_ends_and_nothing_moves_it() {
    for world in World::start_on_each().await {
        let ids = campaign(&world).await;
        assert_eq!(closings(&world, "campaign", None).await, [] as [Value; 0], "it runs");
        assert_eq!(live_closing(&world).await, Value::Null);
        // Nobody asks: the next day's first entry comes with it.
        world.set_clock("2022-06-01T06:00:00+07:00");
        let late = world.submit("dong-tam", "late").await["id"].clone();
        let of_day = kept(tally(&world, "campaign", "tld", Some("2022-05-31")).await);
        let all = closings(&world, "campaign", None).await;
        let [closing] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(closing["kind"], "DAY");
        assert_eq!(closing["startsOn"], "2022-04-21");
        assert_eq!(closing["endsOn"], "2022-05-31");
        assert_eq!(closing["at"], "2022-06-01T00:00:00.000+07:00");
        assert_eq!(closing["note"], Value::Null);
        assert_eq!(closing["tally"]["submitted"], 7);
        assert_eq!(closing["tally"]["target"], 3);
        assert_eq!(closing["tally"]["benefitVnd"], 20_000_000_000_000_i64);
        assert_eq!(closing["tally"]["version"], closing["version"]);
        assert_eq!(closing["tally"]["closing"]["id"], closing["id"]);
        assert_eq!(closing["tally"]["lastSubmittedAt"], "2022-05-31T23:59:00.000+07:00");
        assert_eq!(numbers(closing), of_day);
        assert_eq!(live_closing(&world).await, closing["id"]);
        for unit in ["dong-nai", "bien-hoa", "dong-tam", "tan-bien"] {
            let of_day = kept(tally(&world, "campaign", unit, Some("2022-05-31")).await);
            let all = closings(&world, "campaign", Some(unit)).await;
            assert_eq!(numbers(&all[0]), of_day, "{unit}");
        }
        let board = board_of(&world, "rankBy: SUBMITTED").await;
        kept_rows(&world, 2).await;

        // Whatever comes later is beside it.
        let moved = "mutation ($input: MoveUnitInput!) { moveUnit(input: $input) { errors { code path message } } }";
        let to = json!({ "unit": { "code": "bien-hoa" }, "newParent": { "code": "ha-noi" } });
        world.change(moved, to).await;
        withdraw(&world, &ids[3]).await;
        world.review(&ids[4], "REJECT").await;
        world.set_goals(&[("tld", 70), ("dong-nai", 1), ("ha-noi", 1)]).await;
        let name =
            json!({ "code": "dong-nai", "name": "Tên mới", "memberCount": 1, "cluster": "Khác" });
        world.upsert_unit(name).await;
        world
            .upsert_unit(json!({ "code": "new", "name": "N", "kind": "PROVINCIAL_FEDERATION",
            "parent": { "code": "tld" } }))
            .await;
        let close = "mutation ($input: CloseUnitInput!) { closeUnit(input: $input) { errors { code path message } } }";
        world.change(close, json!({ "unit": { "code": "so-xay-dung" } })).await;
        world.upsert_period(json!({ "code": "campaign", "metric": "ACCEPTED" })).await;
        assert_eq!(closings(&world, "campaign", None).await, all);
        let live = tally(&world, "campaign", "tld", None).await;
        assert_eq!((live["submitted"].as_i64(), live["target"].as_i64()), (Some(6), None));
        let later = board_of(&world, "rankBy: SUBMITTED").await;
        assert_eq!(ranks(&later), ranks(&board));
        assert_eq!(later["entries"][0]["unit"]["name"], "Tên mới", "the name is of now");
        // Since then, by the closing's cursor.
        let query = format!(
            r#"{{ initiativeEvents(after: "{}") {{ nodes {{ kind initiative {{ id }} }} }} }}"#,
            closing["cursor"].as_str().unwrap()
        );
        let since = payload(world.query(&query).await);
        let expected = [("SUBMITTED", &late), ("WITHDRAWN", &ids[3]), ("REJECTED", &ids[4])];
        let expected =
            expected.map(|(kind, id)| json!({ "kind": kind, "initiative": { "id": id } }));
        assert_eq!(since["nodes"], json!(expected));

        // The same from the tables, and by its id.
        let world = world.restart().await;
        assert_eq!(closings(&world, "campaign", None).await, all);
        assert_eq!(ranks(&board_of(&world, "rankBy: SUBMITTED").await), ranks(&board));
        for id in [&closing["id"], &closing["tally"]["id"], &board["id"], &board["total"]["id"]] {
            let query = format!(
                "{{ node(id: {id}) {{ id __typename ... on Tally {{ submitted figures }}
                  ... on Leaderboard {{ figures ranked }} ... on Closing {{ kind }} }} }}"
            );
            let node = payload(world.query(&query).await);
            assert_eq!(&node["id"], id, "{node}");
            assert!(node["figures"] == "KEPT" || node["kind"] == "DAY", "{node}");
        }
        let verdict = replayed(&world).await;
        assert!(verdict.is_clean() && verdict.closings == 2, "{verdict}");
    }
}

async fn live_closing(world: &World) -> Value {
    let query = r#"{ leaderboard(period: { code: "campaign" }) { figures closing { id }
        total { closing { id } } } }"#;
    let mut board = payload(world.query(query).await);
    assert_eq!(board["figures"], "LIVE");
    assert_eq!(board["closing"], board["total"]["closing"]);
    match &mut board["closing"] {
        Value::Null => Value::Null,
        closing => closing["id"].take(),
    }
}

/// The board of the campaign's first closing.
async fn board_of(world: &World, arguments: &str) -> Value {
    let query = format!(
        r#"{{ period(ref: {{ code: "campaign" }}) {{ closings {{ leaderboard({arguments}) {{
          id figures since asOf version ranked closing {{ id }} within {{ code }}
          total {{ id submitted target ratio figures }}
          sum {{ units submitted }} own {{ submitted }} closed {{ submitted }} others {{ submitted }}
          entries {{ rank previousRank value gained unit {{ code name }}
            tally {{ id submitted target ratio participationRate figures }} }}
          around {{ rank unit {{ code }} }} }} }} }} }}"#
    );
    payload(world.query(&query).await)["closings"][0]["leaderboard"].take()
}

/// A board without names.
fn ranks(board: &Value) -> Value {
    let mut board = board.clone();
    for entry in board["entries"].as_array_mut().unwrap() {
        entry["unit"].as_object_mut().unwrap().remove("name");
    }
    board
}

#[tokio::test]
async fn a_unit_that_was_deleted_since_stands_in_kept_figures() {
    let world = World::start().await;
    campaign(&world).await;
    let new = json!({ "code": "nham", "name": "Nhập nhầm", "kind": "GRASSROOTS_UNION",
        "parent": { "code": "dong-nai" } });
    world.upsert_unit(new).await;
    day_begins(&world, "2022-06-01T00:00:01+07:00").await;
    let kept = r#"{ period(ref: { code: "campaign" }) { closings {
        leaderboard(within: { code: "dong-nai" }, rankBy: SUBMITTED, kinds: [GRASSROOTS_UNION]) {
          ranked sum { units notStarted } entries { rank unit { code name kind depth closedOn parent { code }
            ancestors { code } children { totalCount } tally(period: { code: "campaign" }) { submitted }
            initiatives { totalCount } } tally { submitted } } } } } }"#;
    let before = world.query(kept).await;
    assert!(before.to_string().contains("nham"), "{before}");
    let delete = r#"mutation { deleteUnit(input: { unit: { code: "nham" } }) {
        unit { code } errors { code path message } } }"#;
    world.change(delete, json!({})).await;
    assert_eq!(world.query(kept).await, before);
    kept_rows(&world, 2).await;
    let world = world.restart().await;
    assert_eq!(world.query(kept).await, before);
}

#[tokio::test]
async fn a_board_of_kept_figures_ranks_as_the_live_one_did() {
    let world = World::start().await;
    campaign(&world).await;
    let live = |arguments: &str| {
        format!(
            r#"{{ leaderboard(period: {{ code: "campaign" }}, since: "2022-05-01", {arguments}) {{
              entries {{ rank value unit {{ code }} tally {{ submitted ratio }} }} ranked
              sum {{ units submitted met ratio }} own {{ submitted }} }} }}"#
        )
    };
    let cases = [
        "rankBy: TARGET_RATIO",
        "rankBy: SUBMITTED, kinds: [GRASSROOTS_UNION]",
        r#"rankBy: PARTICIPANTS, within: { code: "dong-nai" }"#,
        r#"rankBy: PER_1000_MEMBERS, kinds: [GRASSROOTS_UNION, DISTRICT_FEDERATION], first: 3"#,
        r#"rankBy: ACCEPTED, cluster: "Đông Nam Bộ""#,
        "rankBy: BENEFIT, first: 1",
    ];
    let mut before = Vec::new();
    for case in cases {
        before.push(payload(world.query(&live(case)).await));
    }
    day_begins(&world, "2022-06-01T00:00:01+07:00").await;
    for (case, expected) in cases.iter().zip(&before) {
        let query = format!(
            r#"{{ period(ref: {{ code: "campaign" }}) {{ closings {{ leaderboard({case}) {{
              entries {{ rank value unit {{ code }} tally {{ submitted ratio }} }} ranked
              sum {{ units submitted met ratio }} own {{ submitted }} }} }} }} }}"#
        );
        let kept = payload(world.query(&query).await)["closings"][0]["leaderboard"].take();
        assert_eq!(&kept, expected, "{case}");
    }
    let board = board_of(&world, r#"first: 1, around: { code: "ha-noi" }"#).await;
    assert_eq!(board["since"], "2022-04-21");
    assert_eq!(board["asOf"], "2022-06-01T00:00:00.000+07:00");
    assert_eq!(board["figures"], "KEPT");
    assert_eq!(board["entries"][0]["previousRank"], Value::Null);
    assert_eq!(board["entries"][0]["gained"], board["entries"][0]["tally"]["submitted"]);
    assert_eq!(board["around"].as_array().unwrap().len(), 2);
    // A unit that came later was not covered; a closing of nothing is none.
    world
        .upsert_unit(json!({ "code": "new", "name": "N", "kind": "SECTION",
        "parent": { "code": "tld" } }))
        .await;
    assert_eq!(board_of(&world, r#"within: { code: "new" }"#).await, Value::Null);
    assert_eq!(closings(&world, "campaign", Some("new")).await[0]["tally"], Value::Null);
    for (arguments, code) in [
        ("first: 501", "BAD_ARGUMENT"),
        (r#"cluster: "x", kinds: [SECTION]"#, "BAD_ARGUMENT"),
        (r#"within: { code: "none" }"#, "REF_NOT_FOUND"),
    ] {
        let query = format!(
            r#"{{ period(ref: {{ code: "campaign" }}) {{ closings {{ leaderboard({arguments}) {{ id }} }} }} }}"#
        );
        assert_eq!(code_of(&world.ask(&json!({ "query": query })).await), code, "{arguments}");
    }
}

/// Each way of telling initiatives apart adds up to the tally, live and kept.
#[tokio::test]
async fn kept_breakdowns_are_those_of_then() {
    const COUNTS: [&str; 6] =
        ["submitted", "accepted", "pending", "returned", "rejected", "benefitVnd"];
    const WAYS: [&str; 8] = [
        "SECTOR",
        "OWNERSHIP",
        "UNIT_KIND",
        "INITIATIVE_KIND",
        "FIELD",
        "AUTHOR_GROUP",
        "REJECTION_REASON",
        "TEAM",
    ];
    const ROW: &str = "key label submitted accepted pending returned rejected benefitVnd
        participants grassrootsUnions activeGrassrootsUnions";
    let world = World::start_with_fields("code,name\nco-khi,Cơ khí\ny-te,Y tế\n").await;
    world.upsert_unit(json!({ "code": "long-thanh", "sector": "EDUCATION" })).await;
    world.upsert_unit(json!({ "code": "tan-bien", "foreignInvested": true })).await;
    let groups = ["ENTERPRISE_WORKER", "UNION_OFFICIAL", "OTHER"];
    let units = ["dong-tam", "tan-bien", "an-phuoc", "hoang-dieu", "so-xay-dung", "an-phuoc"];
    for (number, unit) in units.iter().enumerate() {
        let key = format!("k-{number}");
        let authors = json!([{ "name": key, "group": groups.get(number) }]);
        let field = ["co-khi", "co-khi", "y-te"].get(number);
        let team = (number == 0).then_some("Tổ 1");
        let changes = json!({ "authors": authors, "field": field, "team": team, "benefitVnd": 7 });
        let id = world.change(SUBMIT, with(submission(unit, &key), changes)).await;
        let decision = ["ACCEPT", "REJECT", "RETURN", "ACCEPT"].get(number);
        if let Some(decision) = decision {
            world.review(&id["initiative"]["id"], decision).await;
        }
    }
    let of = |by: &str| format!("{by}: breakdown(by: {by}");
    let live = |unit: &str| {
        let ways =
            WAYS.map(|by| format!(r#"{}, period: {{ code: "campaign" }}) {{ {ROW} }}"#, of(by)));
        format!(r#"{{ unit(ref: {{ code: "{unit}" }}) {{ {} }} }}"#, ways.join(" "))
    };
    let kept = |unit: &str| {
        let ways = WAYS.map(|by| format!(r#"{}, unit: {{ code: "{unit}" }}) {{ {ROW} }}"#, of(by)));
        format!(
            r#"{{ period(ref: {{ code: "campaign" }}) {{ closings {{ {}
              tally(unit: {{ code: "{unit}" }}) {{ {TALLY} }} }} }} }}"#,
            ways.join(" ")
        )
    };
    let inner = ["tld", "dong-nai", "bien-hoa", "ha-noi"];
    let mut before = Vec::new();
    for unit in inner {
        before.push(payload(world.query(&live(unit)).await));
    }
    day_begins(&world, "2022-06-01T00:00:01+07:00").await;
    // A later change changes nothing of it.
    world
        .upsert_unit(json!({ "code": "tan-bien", "foreignInvested": false, "sector": "HEALTH" }))
        .await;
    for (unit, before) in inner.iter().zip(&before) {
        let closing = payload(world.query(&kept(unit)).await)["closings"][0].take();
        for by in WAYS {
            let rows = closing[by].as_array().unwrap();
            for count in COUNTS {
                let sum: i64 = rows.iter().map(|row| row[count].as_i64().unwrap()).sum();
                assert_eq!(sum, closing["tally"][count].as_i64().unwrap(), "{unit} {by} {count}");
            }
            if by != "TEAM" {
                assert_eq!(closing[by], before[by], "{unit} {by}");
            }
        }
    }
    let of_leaf = payload(world.query(&kept("dong-tam")).await)["closings"][0].take();
    assert!(WAYS.iter().all(|by| of_leaf[*by] == json!([])), "{of_leaf}");
    assert_eq!(of_leaf["tally"]["submitted"], 1);
}

/// CĐ NN&PTNT had 30 days of its own within those of the whole country.
#[tokio::test]
async fn a_units_own_campaign_closes_on_its_own_last_day() {
    for world in World::start_on_each().await {
        world.set_clock("2022-05-12T08:00:00+07:00");
        world
            .upsert_period(json!({ "code": "own", "name": "30 ngày", "kind": "CAMPAIGN",
            "owner": { "code": "dong-nai" }, "startsOn": "2022-04-22", "endsOn": "2022-05-21" }))
            .await;
        for key in ["a", "b"] {
            world.submit("dong-tam", key).await;
        }
        day_begins(&world, "2022-05-22T08:00:00+07:00").await;
        world.submit("an-phuoc", "c").await;
        day_begins(&world, "2022-06-01T08:00:00+07:00").await;
        let own = closings(&world, "own", None).await;
        let all = closings(&world, "campaign", None).await;
        assert_eq!((own.len(), all.len()), (1, 1));
        assert_eq!(own[0]["endsOn"], "2022-05-21");
        assert_eq!(own[0]["tally"]["submitted"], 2);
        assert_eq!(all[0]["endsOn"], "2022-05-31");
        assert_eq!(all[0]["tally"]["submitted"], 3, "each initiative once");
        // Above the owner nothing was covered, and beside it neither.
        for unit in ["tld", "ha-noi"] {
            assert_eq!(
                closings(&world, "own", Some(unit)).await[0]["tally"],
                Value::Null,
                "{unit}"
            );
        }
        let verdict = replayed(&world).await;
        assert!(verdict.is_clean() && verdict.closings + verdict.closings_unkept == 3, "{verdict}");
    }
}

#[tokio::test]
async fn an_officer_of_the_owner_makes_figures_final() {
    for world in World::start_on_each().await {
        let ids = campaign(&world).await;
        let running = finalize(&world, json!({})).await;
        assert_eq!(code(&running), ("WRONG_STATE", "period"), "it runs to its last minute");
        day_begins(&world, "2022-06-03T08:00:00+07:00").await;
        let waiting = finalize(&world, json!({ "note": "đủ" })).await;
        assert_eq!(code(&waiting), ("WRONG_STATE", "evenPending"));
        let told = waiting["errors"][0]["message"].as_str().unwrap();
        assert!(told.contains("5 initiatives of the period are pending and 0 returned"), "{told}");
        world.review(&ids[2], "RETURN").await;
        for id in &ids[3..] {
            world.review(id, "ACCEPT").await;
        }
        assert_eq!(code(&finalize(&world, json!({})).await), ("WRONG_STATE", "evenPending"));
        let day = closings(&world, "campaign", None).await[0]["version"].clone();
        let other = finalize(&world, json!({ "evenPending": true, "expectedVersion": 1 })).await;
        assert_eq!(code(&other), ("CONFLICT", "expectedVersion"));
        let input =
            json!({ "evenPending": true, "expectedVersion": day, "note": "  Đã xét duyệt xong. " });
        let first = finalize(&world, input).await;
        assert_eq!(first["errors"], json!([]), "{first}");
        assert_eq!(first["closing"]["kind"], "FINAL");
        assert_eq!(first["closing"]["note"], "Đã xét duyệt xong.");
        assert_eq!(first["closing"]["at"], "2022-06-03T08:00:00.000+07:00");
        let all = closings(&world, "campaign", None).await;
        assert_eq!(all.len(), 2);
        assert_eq!(all[1]["id"], first["closing"]["id"]);
        assert_eq!(all[1]["tally"]["accepted"], 6);
        assert_eq!(all[0]["tally"]["accepted"], 2);
        assert_eq!(live_closing(&world).await, first["closing"]["id"]);

        // Again it is the same one, and there is no event.
        let version = world.version().await;
        let input = json!({ "evenPending": true, "note": "Đã xét duyệt xong." });
        assert_eq!(finalize(&world, input.clone()).await["closing"], first["closing"]);
        assert_eq!(world.version().await, version);
        // With another note it is another one, and so it is once something has changed.
        let noted = finalize(&world, json!({ "evenPending": true, "note": "Sửa" })).await;
        assert_eq!(noted["closing"]["version"], version + 1);
        withdraw(&world, &ids[2]).await;
        let last = finalize(&world, json!({ "note": "Sửa" })).await;
        assert_ne!(last["closing"]["version"], noted["closing"]["version"]);
        assert_eq!(closings(&world, "campaign", None).await.len(), 4, "all stay");
        assert_eq!(live_closing(&world).await, last["closing"]["id"], "the last one counts");
        for (period, expected) in [("none", "NOT_FOUND"), ("programme", "WRONG_STATE")] {
            let refused = finalize(&world, json!({ "period": { "code": period } })).await;
            assert_eq!(code(&refused), (expected, "period"));
        }
        let long = finalize(&world, json!({ "note": "x".repeat(10_001) })).await;
        assert_eq!(code(&long), ("INVALID", "note"));
        let world = world.restart().await;
        assert_eq!(closings(&world, "campaign", None).await[1], all[1]);
        kept_rows(&world, 5).await;
        let verdict = replayed(&world).await;
        assert!(verdict.is_clean() && verdict.closings == 5, "{verdict}");
    }
}

fn code(payload: &Value) -> (&str, &str) {
    assert_eq!(payload["closing"], Value::Null, "{payload}");
    let error = &payload["errors"][0];
    (error["code"].as_str().unwrap(), error["path"][0].as_str().unwrap())
}

#[tokio::test]
async fn figures_are_made_final_by_officers_and_seen_by_everybody() {
    let world = World::start().await;
    world
        .upsert_period(json!({ "code": "own", "name": "Tuần", "kind": "PEAK_WEEK",
        "owner": { "code": "bien-hoa" }, "startsOn": "2022-05-01", "endsOn": "2022-05-20" }))
        .await;
    world.submit("dong-tam", "a").await;
    day_begins(&world, "2022-05-21T08:00:00+07:00").await;
    let input = json!({ "period": { "code": "own" }, "evenPending": true });
    for (role, unit, may) in [
        (Role::Admin, "tld", true),
        (Role::Officer, "bien-hoa", true),
        (Role::Officer, "dong-nai", true),
        (Role::Admin, "bien-hoa", true),
        (Role::Officer, "dong-tam", false),
        (Role::Officer, "long-thanh", false),
        (Role::Reviewer, "tld", false),
        (Role::Submitter, "tld", false),
        (Role::Partner, "tld", false),
        (Role::Display, "tld", false),
    ] {
        let token = world.token(role, unit).await;
        let answer = world.mutate_as(&token, FINALIZE, input.clone()).await;
        if may {
            assert_eq!(answer["closing"]["kind"], "FINAL", "{role:?} {unit}: {answer}");
        } else {
            assert_eq!(code(&answer), ("FORBIDDEN", "period"), "{role:?} {unit}");
        }
        let query = json!({ "query": r#"{ period(ref: { code: "own" }) { closings { note
            tally { submitted } leaderboard { ranked } } } }"# });
        let seen = data(world.ask_as(&token, &query).await);
        assert_eq!(seen, data(world.ask_anonymously(&query).await), "{role:?}");
        assert_eq!(seen["period"]["closings"][0]["tally"]["submitted"], 1);
    }
    let request = json!({ "query": FINALIZE, "variables": { "input": input } });
    assert_eq!(code_of(&world.ask_anonymously(&request).await), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_last_day_that_moves_is_closed_in_its_turn() {
    let world = World::start().await;
    let ends = |code: &'static str, day: &'static str| json!({ "code": code, "endsOn": day });
    let week = |code: &str, day: &str| {
        json!({ "code": code, "name": "W", "kind": "PEAK_WEEK", "startsOn": "2022-05-01",
            "endsOn": day })
    };
    for code in ["later", "past", "again", "kept"] {
        world.upsert_period(week(code, "2022-05-15")).await;
    }
    world.submit("dong-tam", "a").await;
    // Before it is over.
    world.upsert_period(ends("later", "2022-05-18")).await;
    // Into the past: nothing closes it.
    world.upsert_period(ends("past", "2022-05-09")).await;
    day_begins(&world, "2022-05-16T08:00:00+07:00").await;
    let days = async |code: &str| {
        let all = closings(&world, code, None).await;
        all.iter()
            .map(|closing| format!("{} {}", closing["kind"], closing["endsOn"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(days("later").await, [] as [String; 0]);
    assert_eq!(days("past").await, [] as [String; 0]);
    assert_eq!(days("kept").await, ["DAY 2022-05-15"]);
    // After it was over: it runs again, and the old closing stays.
    world.upsert_period(ends("again", "2022-05-18")).await;
    let last = async |code: &str| {
        let query = format!(
            r#"{{ unit(ref: {{ code: "tld" }}) {{ tally(period: {{ code: "{code}" }}) {{
              closing {{ endsOn }} }} }} }}"#
        );
        payload(world.query(&query).await)["tally"]["closing"]["endsOn"].take()
    };
    assert_eq!(days("again").await, ["DAY 2022-05-15"]);
    assert_eq!(last("again").await, Value::Null, "it runs");
    assert_eq!(last("kept").await, "2022-05-15");
    assert_eq!(last("past").await, Value::Null);
    world.submit("dong-tam", "b").await;
    // The server was down for days: each midnight is made up for ahead of what comes.
    world.set_clock("2022-05-25T08:00:00+07:00");
    world.submit("dong-tam", "c").await;
    assert_eq!(days("later").await, ["DAY 2022-05-18"]);
    assert_eq!(days("again").await, ["DAY 2022-05-15", "DAY 2022-05-18"]);
    let again = closings(&world, "again", None).await;
    assert_eq!(again[0]["tally"]["submitted"], 1);
    assert_eq!(again[1]["tally"]["submitted"], 2);
    let past = json!({ "period": { "code": "past" }, "evenPending": true });
    assert_eq!(world.mutate(FINALIZE, past).await["closing"]["endsOn"], "2022-05-09");
    assert_eq!(days("past").await, ["FINAL 2022-05-09"]);
    // A period that was over when it was called.
    world.upsert_period(week("old", "2022-05-12")).await;
    day_begins(&world, "2022-05-26T08:00:00+07:00").await;
    assert_eq!(days("old").await, [] as [String; 0]);
    let verdict = replayed(&world).await;
    assert!(verdict.is_clean(), "{verdict}");
}

#[tokio::test]
async fn a_followed_board_is_told_of_a_closing() {
    let world = World::start().await;
    campaign(&world).await;
    let mut socket: Socket = world.socket().await;
    let document = r#"subscription { leaderboard(period: { code: "campaign" }) { ranked
        closing { kind note tally { submitted } } } }"#;
    socket.subscribe("1", document).await;
    assert_eq!(socket.next().await["closing"], Value::Null);
    world.set_clock("2022-06-01T00:00:01+07:00");
    // The node looks for midnight by itself.
    let told = json!({ "kind": "DAY", "note": null, "tally": { "submitted": 7 } });
    assert_eq!(socket.next().await["closing"], told);
    finalize(&world, json!({ "evenPending": true, "note": "Chốt" })).await;
    let told = json!({ "kind": "FINAL", "note": "Chốt", "tally": { "submitted": 7 } });
    assert_eq!(socket.next().await["closing"], told);
    socket.close().await;
}

/// As after a kill between the event and what it keeps.
#[tokio::test]
async fn figures_that_are_missing_or_damaged_are_made_from_the_log() {
    for world in World::start_on_each().await {
        campaign(&world).await;
        day_begins(&world, "2022-06-01T00:00:01+07:00").await;
        finalize(&world, json!({ "evenPending": true })).await;
        world.submit("dong-tam", "z").await;
        kept_rows(&world, 3).await;
        let before = closings(&world, "campaign", None).await;
        let digests = "select coalesce(group_concat(digest || body, ','), '') from (select * from kept_figures order by version, period_id)";
        let on_postgres = "select coalesce(string_agg(digest || body, ',' order by version, period_id), '') from kept_figures";
        let sql = if world.database().starts_with("sqlite") { digests } else { on_postgres };
        let rows = ask_text(world.database(), sql).await;
        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "delete from kept_figures").await;
        let world = World::again(database, clock, dir).await;
        kept_rows(&world, 3).await;
        assert_eq!(ask_text(world.database(), sql).await, rows, "byte for byte");
        assert_eq!(closings(&world, "campaign", None).await, before);

        // One that is damaged: the check says so, whoever asks hears it, and it is mended.
        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "update kept_figures set body = substr(body, 1, 40)").await;
        let world = World::again(database, clock, dir).await;
        let verdict = replayed(&world).await;
        assert!(
            verdict
                .to_string()
                .contains("the damage of its figures is Some(\"kept figures cannot be unpacked"),
            "{verdict}"
        );
        let query = json!({ "query": r#"{ period(ref: { code: "campaign" }) { closings {
            tally { submitted } } } }"# });
        let answer = world.ask(&query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        let mended = async {
            while closings_or_errors(&world, &query).await {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, mended).await.expect("it is mended");
        assert_eq!(closings(&world, "campaign", None).await, before);

        // One with other numbers, and a digest that fits them.
        let (database, clock, dir) = world.stop().await;
        run_sql(
            &database,
            "update kept_figures set body = (select body from kept_figures where kept_figures.version =
                 (select max(version) from kept_figures)),
               digest = (select digest from kept_figures where kept_figures.version =
                 (select max(version) from kept_figures))
             where version < (select max(version) from kept_figures)",
        )
        .await;
        let world = World::again(database, clock, dir).await;
        let verdict = replayed(&world).await;
        assert!(verdict.to_string().contains("the digest of its figures is"), "{verdict}");
        let told =
            "the damage of its figures is Some(\"kept figures are those of another closing\")";
        assert!(verdict.to_string().contains(told), "{verdict}");
        let all = json!({ "query": r#"{ phase: period(ref: { code: "phase-1" }) { closings { tally {
            submitted } } } period(ref: { code: "campaign" }) { closings { tally { submitted } } } }"# });
        let answer = world.ask(&all).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        let mended = async {
            while closings_or_errors(&world, &all).await {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, mended).await.expect("it is mended");
        assert_eq!(ask_text(world.database(), sql).await, rows, "byte for byte");

        // Those of another log are none.
        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "update kept_figures set tag = tag + 1").await;
        let world = World::again(database, clock, dir).await;
        kept_rows(&world, 3).await;
        let mended = async {
            while ask_text(world.database(), sql).await != rows {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, mended).await.expect("they are made again");
        assert!(replayed(&world).await.is_clean());
    }
}

async fn closings_or_errors(world: &World, query: &Value) -> bool {
    world.ask(query).await.get("errors").is_some()
}

#[tokio::test]
async fn nodes_of_one_database_keep_the_same_figures() {
    let worlds = World::start_on_each().await;
    let world = &worlds[worlds.len() - 1];
    let Some(other) = world.another_node().await else { return };
    campaign(world).await;
    day_begins(world, "2022-06-01T00:00:01+07:00").await;
    other.await_version(world.version().await).await;
    kept_rows(world, 2).await;
    assert_eq!(closings(world, "campaign", None).await, closings(&other, "campaign", None).await);
    let last = finalize(&other, json!({ "evenPending": true, "note": "x" })).await;
    world.await_version(other.version().await).await;
    assert_eq!(live_closing(world).await, last["closing"]["id"]);
    kept_rows(world, 3).await;
    assert_eq!(closings(world, "campaign", None).await, closings(&other, "campaign", None).await);
    assert!(replayed(world).await.is_clean());
}

#[tokio::test]
async fn a_pruned_log_keeps_its_closings() {
    for world in World::start_on_each().await {
        campaign(&world).await;
        day_begins(&world, "2022-06-01T00:00:01+07:00").await;
        world.submit("dong-tam", "y").await;
        day_begins(&world, "2022-08-01T08:00:00+07:00").await;
        finalize(&world, json!({ "evenPending": true })).await;
        kept_rows(&world, 3).await;
        let before = closings(&world, "campaign", None).await;
        // Whatever is missing is made before the log forgets.
        run_sql(world.database(), "delete from kept_figures").await;
        let day = sangkien::domain::Day::parse("2022-06-20").unwrap();
        let options = Options { before: day, dry_run: false, keep_keys: false };
        prune(&world.store().await, options, Progress::Silent).await.unwrap();
        assert_eq!(ask_number(world.database(), "select count(*) from kept_figures").await, 3);
        let world = world.restart().await;
        assert_eq!(closings(&world, "campaign", None).await, before);
        let verdict = replayed(&world).await;
        assert!(verdict.is_clean(), "{verdict}");
        assert_eq!((verdict.closings, verdict.closings_untold), (1, 2), "{verdict}");
        // An old one that is lost is lost: it is not there any more. A later one is made again.
        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "delete from kept_figures").await;
        let world = World::again(database, clock, dir).await;
        kept_rows(&world, 1).await;
        let all = closings(&world, "campaign", None).await;
        assert_eq!(all, before[1..]);
        assert_eq!(all[0]["kind"], "FINAL");
    }
}

/// Damaged figures that the log does not tell any more stay as they are: a backup may mend them.
#[tokio::test]
async fn damaged_figures_of_before_a_pruned_log_are_not_removed() {
    for world in World::start_on_each().await {
        campaign(&world).await;
        day_begins(&world, "2022-06-01T00:00:01+07:00").await;
        kept_rows(&world, 2).await;
        // A damage of before is mended while the log tells the figures.
        let whole = "select count(*) from kept_figures where length(body) > 60";
        run_sql(world.database(), "update kept_figures set body = substr(body, 1, 60)").await;
        day_begins(&world, "2022-08-01T08:00:00+07:00").await;
        let day = sangkien::domain::Day::parse("2022-06-20").unwrap();
        let options = Options { before: day, dry_run: false, keep_keys: false };
        prune(&world.store().await, options, Progress::Silent).await.unwrap();
        assert_eq!(ask_number(world.database(), whole).await, 2);

        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "update kept_figures set body = substr(body, 1, 40)").await;
        let world = World::again(database, clock, dir).await;
        let query = json!({ "query": r#"{ period(ref: { code: "campaign" }) { closings {
            tally { submitted } } } }"# });
        let lost = async {
            loop {
                let answer = world.ask(&query).await;
                let error = &answer["errors"][0];
                if error["extensions"]["code"] == "INTERNAL" {
                    break error["message"].clone();
                }
                assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{answer}");
                sleep(Duration::from_millis(20)).await;
            }
        };
        let message = timeout(PATIENCE, lost).await.expect("it is found lost");
        assert!(message.as_str().unwrap().contains("ask the operator for a backup"), "{message}");
        assert_eq!(ask_number(world.database(), "select count(*) from kept_figures").await, 2);
    }
}

/// The first event that a pruned log tells may be the very one that closes.
#[tokio::test]
async fn a_closing_at_the_first_event_of_a_pruned_log_is_compared() {
    for world in World::start_on_each().await {
        campaign(&world).await;
        day_begins(&world, "2022-06-01T00:00:01+07:00").await;
        world.submit("dong-tam", "y").await;
        day_begins(&world, "2022-08-01T08:00:00+07:00").await;
        kept_rows(&world, 2).await;
        let day = sangkien::domain::Day::parse("2022-06-01").unwrap();
        let options = Options { before: day, dry_run: false, keep_keys: false };
        prune(&world.store().await, options, Progress::Silent).await.unwrap();
        let verdict = replayed(&world).await;
        assert!(verdict.is_clean(), "{verdict}");
        assert_eq!((verdict.closings, verdict.closings_untold), (2, 0), "{verdict}");
        // It is made again, too.
        let before = closings(&world, "campaign", None).await;
        let (database, clock, dir) = world.stop().await;
        run_sql(&database, "delete from kept_figures").await;
        let world = World::again(database, clock, dir).await;
        kept_rows(&world, 2).await;
        assert_eq!(closings(&world, "campaign", None).await, before);
    }
}

/// Each final closing keeps its figures for good, so that a period has so many and no more.
#[tokio::test]
async fn a_period_has_no_more_than_so_many_closings() {
    let world = World::start().await;
    campaign(&world).await;
    day_begins(&world, "2022-06-01T00:00:01+07:00").await;
    let finalize =
        async |note: String| finalize(&world, json!({ "evenPending": true, "note": note })).await;
    for at in 1..CLOSINGS_OF_PERIOD_MAX {
        assert_eq!(finalize(at.to_string()).await["errors"], json!([]), "{at}");
    }
    let refused = finalize("one more".to_owned()).await;
    assert_eq!(code(&refused), ("INVALID", "period"));
    // The same again is the same.
    let last = (CLOSINGS_OF_PERIOD_MAX - 1).to_string();
    assert_eq!(finalize(last).await["errors"], json!([]));
}

/// A midnight ends what it ends, by the structure of then; the last entries of a log tell the same.
#[tokio::test]
async fn the_board_lists_what_the_log_closes() {
    let world = World::start().await;
    campaign(&world).await;
    day_begins(&world, "2022-06-02T08:00:00+07:00").await;
    let store = world.store().await;
    let mut tx = store.begin_read().await.unwrap();
    let events = tx.events_after(Version::ZERO, 1_000).await.unwrap();
    let board = world.service.hub().latest();
    let by_log: usize = events.iter().map(|event| closed_by(&board.structure, event).len()).sum();
    assert_eq!((by_log, board.closings().all().count()), (2, 2));
    drop(tx);
    store.close().await;
    run_text(world.database(), "select 1".to_owned()).await;
}

/// Ratios and ranks of a closing are of the metric of then, whatever the period counts now.
#[tokio::test]
async fn a_closing_tells_the_metric_of_then() {
    let world = World::start().await;
    day_begins(&world, "2022-06-01T08:00:00+07:00").await;
    let query = r#"{ period(ref: { code: "campaign" }) { metric closings { metric
        leaderboard { entries { value } } } } }"#;
    let before = payload(world.query(query).await);
    assert_eq!(
        (&before["metric"], &before["closings"][0]["metric"]),
        (&json!("SUBMITTED"), &json!("SUBMITTED"))
    );
    let upsert = "mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) {
        errors { code path message } } }";
    world.change(upsert, json!({ "code": "campaign", "metric": "ACCEPTED" })).await;
    let after = payload(world.query(query).await);
    assert_eq!(after["metric"], "ACCEPTED");
    assert_eq!(after["closings"], before["closings"]);
}
