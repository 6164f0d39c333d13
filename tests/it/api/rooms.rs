//! Many who follow the same: worked out once, told to each, and to nobody else.

use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::Request;
use futures_util::future::join_all;
use futures_util::stream::StreamExt as _;
use sangkien::auth::{Caller, Credential, Language, Tokens};
use sangkien::domain::Role;
use sangkien::domain::clock::SystemClock;
use sangkien::graphql::subscriptions::direct::DirectSink;
use sangkien::graphql::subscriptions::message::Message;
use sangkien::supervisor::Supervisor;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, timeout};

use crate::chance;
use crate::database::{in_time, run_sql};
use crate::harness::{PATIENCE, Socket, World};

const BOARD: &str = r#"subscription {
  leaderboard(within: { code: "dong-nai" }, rankBy: SUBMITTED) {
    version total { submitted } entries { rank unit { code } } } }"#;

/// Sockets that have subscribed, each with its first message.
async fn followers(world: &World, count: usize, document: &str) -> Vec<(Socket, Value)> {
    join_all((0..count).map(|_| async {
        let mut socket = world.socket_as(None).await;
        socket.subscribe("1", document).await;
        let first = socket.next().await;
        (socket, first)
    }))
    .await
}

/// Waits until as many rooms and seats are taken.
async fn until_taken(world: &World, expected: (usize, usize)) {
    let taken = async {
        while world.service.channels() != expected {
            tokio::task::yield_now().await;
        }
    };
    let taken = timeout(PATIENCE, taken).await;
    assert!(taken.is_ok(), "{:?} in the place of {expected:?}", world.service.channels());
}

#[tokio::test]
async fn all_who_ask_the_same_are_told_what_is_worked_out_once() {
    for world in World::start_on_each().await {
        let before = world.service.executions();
        let mut followers = followers(&world, 30, BOARD).await;
        assert_eq!(world.service.channels(), (1, 30));
        assert_eq!(world.service.executions(), before + 1);
        for round in 1..4 {
            let (_, last) = &followers[0];
            let last = last["version"].as_i64().unwrap();
            world.submit("dong-tam", &format!("k-{round}")).await;
            // One for the mutation, one for all who are told.
            let told = join_all(followers.iter_mut().map(async |(socket, told)| {
                *told = socket.next().await;
                told.clone()
            }));
            for told in told.await {
                assert_eq!(told["total"]["submitted"], round);
                assert!(told["version"].as_i64() > Some(last));
            }
            assert_eq!(world.service.executions(), before + 1 + 2 * round);
        }
        for (socket, _) in followers {
            socket.close().await;
        }
        until_taken(&world, (0, 0)).await;
    }
}

#[tokio::test]
async fn the_same_may_be_asked_in_many_ways() {
    let world = World::start().await;
    let same = [
        json!({ "query": "subscription ($u: UnitRef!) { tally(unit: $u) { submitted } }",
            "variables": { "u": { "code": "dong-nai" } } }),
        json!({ "query": "subscription($u:UnitRef!)\n#\u{20}hello\n{tally(unit:$u,){submitted,}}",
            "variables": { "u": { "code": "dong-nai" }, "unused": [1] } }),
    ];
    let named = [
        json!({ "query": "subscription T($p: PeriodRef, $u: UnitRef = { code: \"dong-nai\" }) {
            tally(unit: $u, period: $p) { submitted } }" }),
        json!({ "query": "subscription T($p: PeriodRef, $u: UnitRef = { code: \"dong-nai\" }) {
            tally(unit: $u, period: $p) { submitted } }", "operationName": "T" }),
        json!({ "query": "subscription T($p: PeriodRef, $u: UnitRef = { code: \"dong-nai\" }) {
            tally(unit: $u, period: $p) { submitted } }",
            "variables": { "u": { "code": "dong-nai" } } }),
    ];
    // A null is a value; a text in another layout is another text.
    let others = [
        json!({ "query": "subscription T($p: PeriodRef, $u: UnitRef = { code: \"dong-nai\" }) {
            tally(unit: $u, period: $p) { submitted } }", "variables": { "p": null } }),
        json!({ "query": "subscription { tally(unit: { code: \"dong-nai\" }) { submitted } }" }),
        json!({ "query": "subscription { tally(unit: { code: \" dong-nai\" }) { submitted } }" }),
    ];
    let mut socket = world.socket().await;
    let mut ids = 0..;
    for (requests, rooms) in [(&same[..], 1), (&named[..], 2), (&others[..], 5)] {
        for request in requests {
            let id = ids.next().unwrap().to_string();
            socket.subscribe_with(&id, request.clone()).await;
            assert_eq!(socket.receive().await["id"], id);
        }
        assert_eq!(world.service.channels().0, rooms);
    }
}

#[tokio::test]
async fn what_happens_elsewhere_is_not_worked_out() {
    let world = World::start().await;
    let documents = ["dong-nai", "bien-hoa", "long-thanh", "ha-noi", "ba-dinh"].map(|unit| {
        format!(r#"subscription {{ tally(unit: {{ code: "{unit}" }}, period: {{ code: "programme" }}) {{ submitted }} }}"#)
    });
    let mut sockets = Vec::new();
    for document in &documents {
        let mut socket = world.socket().await;
        socket.subscribe("1", document).await;
        assert_eq!(socket.next().await["submitted"], 0);
        sockets.push(socket);
    }
    let before = world.service.executions();
    world.submit("dong-tam", "k-1").await;
    for at in [0, 1] {
        assert_eq!(sockets[at].next().await["submitted"], 1);
    }
    // Two rooms on the way to the root, and the mutation.
    assert_eq!(world.service.executions(), before + 3);
}

#[tokio::test]
async fn one_who_joins_sees_what_was_to_be_seen_and_then_each_window() {
    let world = World::start().await;
    let mut first = world.socket_as(None).await;
    first.subscribe("1", BOARD).await;
    assert_eq!(first.next().await["total"]["submitted"], 0);
    let mut counts = Vec::new();
    let began = Instant::now();
    for round in 1..=20 {
        world.submit("dong-tam", &format!("k-{round}")).await;
        // A late subscriber waits for nobody's window.
        let mut late = world.socket_as(None).await;
        late.subscribe("1", BOARD).await;
        assert_eq!(late.next().await["total"]["submitted"], round);
        late.close().await;
    }
    while counts.last() != Some(&20) {
        counts.push(first.next().await["total"]["submitted"].as_i64().unwrap());
    }
    let windows = began.elapsed().as_millis() / 250 + 2;
    assert!(counts.len() as u128 <= windows, "{counts:?} in {windows} windows");
    assert!(counts.is_sorted_by(|a, b| a < b), "{counts:?}");
}

#[tokio::test]
async fn a_busy_board_is_told_once_for_each_window() {
    let world = World::start().await;
    let mut socket = world.socket_as(None).await;
    socket.subscribe("1", BOARD).await;
    socket.next().await;
    let began = Instant::now();
    let submissions = async {
        for round in 0..100 {
            world.submit("dong-tam", &format!("k-{round}")).await;
        }
    };
    let told = async {
        let mut messages = 1;
        while socket.next().await["total"]["submitted"] != 100 {
            messages += 1;
        }
        messages
    };
    let (messages, ()) = tokio::join!(told, submissions);
    let windows = began.elapsed().as_millis() / 250 + 1;
    assert!(messages <= windows, "{messages} messages in {windows} windows");
    assert!(windows < 50, "it was too slow to tell anything");
}

#[tokio::test]
async fn audiences_are_apart_and_so_is_what_is_ones_own() {
    let world = World::start().await;
    let support = [
        world.token(Role::Submitter, "dong-nai").await,
        world.token(Role::Submitter, "dong-nai").await,
    ];
    let submit = crate::harness::SUBMIT;
    for (token, key) in [(0, "a"), (0, "b"), (1, "c")] {
        let input = crate::harness::submission("dong-tam", key);
        world.mutate_as(&support[token], submit, input).await;
    }
    // Pending ones are for those of the province alone.
    let pending = r#"subscription { tally(unit: { code: "dong-nai" }) {
        unit { initiatives { totalCount } } } }"#;
    let mine = r#"subscription { tally(unit: { code: "dong-nai" }) {
        unit { initiatives(filter: { mine: true }) { totalCount } } } }"#;
    let elsewhere = world.token(Role::Submitter, "ha-noi").await;
    let tokens = [Some(&*support[0]), Some(&*support[1]), Some(&*elsewhere), None];
    let mut sockets = Vec::new();
    for token in tokens {
        let mut socket = world.socket_as(token).await;
        socket.subscribe("pending", pending).await;
        let all = socket.next().await["unit"]["initiatives"]["totalCount"].clone();
        socket.subscribe("mine", mine).await;
        let own = socket.receive().await;
        let own = own["payload"]["data"]["tally"]["unit"]["initiatives"]["totalCount"].clone();
        sockets.push((socket, all, own));
    }
    let told: Vec<_> = sockets.iter().map(|(_, all, own)| json!([all, own])).collect();
    assert_eq!(told, [json!([3, 2]), json!([3, 1]), json!([0, 0]), json!([0, 0])]);
    // Three audiences share the pending initiatives; each caller has a room for their own.
    assert_eq!(world.service.channels(), (3 + 4, 8));
}

#[tokio::test]
async fn a_state_that_comes_to_be_ones_own_is_told_apart() {
    let world = World::start().await;
    // The list is empty, so no row asks for the caller.
    let document = r#"subscription { tally(unit: { code: "dong-nai" }) { submitted
        unit { initiatives { nodes { viewerMay } } } } }"#;
    let token = world.token(Role::Submitter, "dong-nai").await;
    let mut sockets = [world.socket_as(Some(&token)).await, world.socket_as(Some(&token)).await];
    for socket in &mut sockets {
        socket.subscribe("1", document).await;
        assert_eq!(socket.next().await["submitted"], 0);
    }
    assert_eq!(world.service.channels(), (1, 2));
    for count in 1..3 {
        world.submit("dong-tam", &format!("k-{count}")).await;
        for socket in &mut sockets {
            let told = socket.next().await;
            assert_eq!(told["submitted"], count);
            let first = &told["unit"]["initiatives"]["nodes"][0]["viewerMay"];
            assert_eq!(first, &json!(["REVISE", "WITHDRAW"]));
        }
        assert_eq!(world.service.channels(), (2, 2));
    }
}

#[tokio::test]
async fn an_event_is_worked_out_once_for_all_who_follow() {
    for world in World::start_on_each().await {
        let head = world.version().await;
        world.submit("dong-tam", "k-0").await;
        let document = "subscription ($after: String) { initiativeEvents(after: $after) {
            cursor version kind initiative { title } unit { code tally { submitted } } } }";
        let mut sockets = Vec::new();
        for _ in 0..10 {
            let mut socket = world.socket().await;
            socket.subscribe("1", document).await;
            // Once it has opened its feed, it answers.
            socket.subscribe("2", "{ __typename }").await;
            assert_eq!(socket.receive().await["id"], "2");
            assert_eq!(socket.receive().await["type"], "complete");
            sockets.push(socket);
        }
        let before = world.service.executions();
        world.submit("dong-tam", "k-1").await;
        let mut cursor = Value::Null;
        for socket in &mut sockets {
            let told = socket.next().await;
            assert!(told["version"].as_i64() > Some(head));
            assert_eq!(told["unit"]["tally"]["submitted"], 2);
            cursor = told["cursor"].clone();
        }
        assert_eq!(world.service.executions(), before + 2);
        // A subscriber that returns gets the same message from the cache.
        world.submit("hoang-dieu", "k-2").await;
        for socket in &mut sockets {
            assert_eq!(socket.next().await["unit"]["code"], "hoang-dieu");
        }
        let before = world.service.executions();
        let mut back = world.socket().await;
        let request = json!({ "query": document, "variables": { "after": cursor } });
        back.subscribe_with("1", request).await;
        assert_eq!(back.next().await["unit"]["code"], "hoang-dieu");
        assert_eq!(world.service.executions(), before + 1, "opened, and nothing else");
    }
}

#[tokio::test]
async fn queries_at_the_same_time_are_worked_out_once() {
    let world = World::start().await;
    for round in 1..6 {
        world.submit("dong-tam", &format!("k-{round}")).await;
        let before = world.service.executions();
        let query = json!({ "query": "{ root { tally { submitted }
            initiatives(first: 50) { totalCount nodes { id title } } } }" });
        let answers = join_all((0..30).map(|_| world.ask_anonymously(&query))).await;
        for answer in answers {
            assert_eq!(answer["data"]["root"]["tally"]["submitted"], round);
        }
        assert_eq!(world.service.executions(), before + 1);
    }
}

#[tokio::test]
async fn a_subscription_may_stand_in_fragments() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    let document = "subscription { ... on Subscription { ...T } }
        fragment T on Subscription { ... { tally(unit: { code: \"dong-nai\" }) { ...S } } }
        fragment S on Tally { submitted }";
    socket.subscribe("1", document).await;
    assert_eq!(socket.next().await["submitted"], 0);
    // A fault of a fragment is still reported.
    let wrong = "subscription { ...T } fragment T on Query { root { code } }";
    socket.subscribe("2", wrong).await;
    assert_eq!(socket.receive().await["type"], "error");
}

#[tokio::test]
async fn what_cannot_be_followed_is_told_to_each_in_its_own_place() {
    let world = World::start().await;
    let wrong = "subscription { tally(unit: { code: \"nobody\" }) { submitted } }";
    let below = format!("\n\n  {wrong}");
    for (document, line) in [(wrong, 1), (&*below, 3)] {
        let mut socket = world.socket().await;
        socket.subscribe("1", document).await;
        let told = socket.receive().await;
        assert_eq!(told["type"], "error");
        assert_eq!(told["payload"][0]["extensions"]["code"], "REF_NOT_FOUND");
        assert_eq!(told["payload"][0]["locations"][0]["line"], line);
    }
    until_taken(&world, (0, 0)).await;
}

/// Joining, leaving and changing at random: what each is told never grows old, and ends at what is.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_whenever_ends_at_what_is() {
    let world = Arc::new(World::start().await);
    let mut rng = chance::rng(2022);
    let mut all = Vec::new();
    for number in 0..12 {
        let (world, mut rng) = (Arc::clone(&world), rng.fork());
        all.push(tokio::spawn(async move {
            for visit in 0..6 {
                let mut socket = world.socket_as(None).await;
                let known = world.version().await;
                socket.subscribe("1", BOARD).await;
                let mut version = 0;
                for _ in 0..rng.usize(1..4) {
                    let told = timeout(Duration::from_millis(400), socket.next()).await;
                    let Ok(told) = told else { break };
                    let next = told["version"].as_i64().unwrap();
                    assert!(next > version, "follower {number} at visit {visit}");
                    version = next;
                }
                assert!(version > 0 && known > 0);
                socket.close().await;
            }
        }));
    }
    let writer = Arc::clone(&world);
    let mut entered = 0;
    for _ in 0..60 {
        entered += 1;
        writer.submit("dong-tam", &format!("k-{entered}")).await;
        if rng.bool() {
            tokio::task::yield_now().await;
        }
    }
    let mut last = followers(&world, 3, BOARD).await;
    for (socket, told) in &mut last {
        while told["total"]["submitted"] != entered {
            *told = socket.next().await;
        }
    }
    for visitor in all {
        visitor.await.unwrap();
    }
    drop(last);
    until_taken(&world, (0, 0)).await;
}

/// A table that a state reads is away for a moment: the last state stays, and the next message is
/// whole again.
#[tokio::test]
async fn a_state_that_lacks_a_part_is_not_shown() {
    let world = World::start_on_each().await.pop().unwrap();
    let Ok(mut conn) = PgConnection::connect(world.database()).await else {
        return; // Only where PostgreSQL is installed.
    };
    world.submit("dong-tam", "k-1").await;
    let document = r#"subscription { leaderboard(within: { code: "dong-tam" }, rankBy: SUBMITTED) {
        within { name parent { initiatives(first: 1) { nodes { authors { name } } } } } } }"#;
    let mut socket = world.socket().await;
    socket.subscribe("1", document).await;
    let before = socket.next().await;
    let entered = &before["within"]["parent"]["initiatives"]["nodes"];
    assert_eq!(entered[0]["authors"].as_array().unwrap().len(), 1);

    // Nobody can read authors, and another server renames the unit; who waits for authors loses its
    // connection.
    sqlx::raw_sql("begin; lock table authors in access exclusive mode")
        .execute(&mut conn)
        .await
        .unwrap();
    run_sql(
        world.database(),
        "insert into events (version, at, tag, kind, actor, reason, initiative_id, body)
            select c.version + 1, c.at, tag, kind, actor, reason, e.initiative_id,
                replace(body, 'Công đoàn dong-tam', 'Tên mới')
            from events e, counter c where e.body like '%Công đoàn dong-tam%';
         update units set name = 'Tên mới' where code = 'dong-tam';
         update counter set version = version + 1;",
    )
    .await;
    let lost = async {
        let lose = "select count(pg_terminate_backend(pid)) from pg_locks
            where relation = 'authors'::regclass and not granted";
        while sqlx::query_scalar::<_, i64>(lose).fetch_one(&mut conn).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    };
    in_time(lost).await;
    sqlx::raw_sql("rollback").execute(&mut conn).await.unwrap();
    let mut after = before;
    after["within"]["name"] = json!("Tên mới");
    assert_eq!(socket.next().await, after);
}

/// A sink that keeps the messages, if it is to take them.
#[derive(Clone, Default)]
struct Hearing {
    is_deaf: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<Value>>>,
}

fn said(told: &Message) -> Value {
    let mut text = String::new();
    told.write(&mut text);
    serde_json::from_str::<Value>(&text).unwrap()["data"]["tally"]["submitted"].take()
}

impl DirectSink for Hearing {
    fn try_send(&self, told: &Message) -> bool {
        let takes = !self.is_deaf.load(Ordering::SeqCst);
        if takes {
            self.heard.lock().unwrap().push(said(told));
        }
        takes
    }
}

#[tokio::test]
async fn a_state_is_told_by_the_lane_and_what_has_no_room_there_by_the_stream() {
    let world = World::start().await;
    let (store, supervisor) = (world.store().await, Supervisor::default());
    let tokens = Arc::new(Tokens::new(None, store, Arc::new(SystemClock), &supervisor));
    let (credential, language) = (Credential::Nothing, Language::English);
    let address = Ipv4Addr::LOCALHOST.into();
    let caller = Caller { tokens, credential, language, address };
    let request = Request::new(r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#);
    let lane = Hearing::default();
    let told = world.service.subscribe(request, caller, None, None, Some(Box::new(lane.clone())));
    let mut told = pin!(told.map(|told| said(&told)));
    assert_eq!(in_time(told.next()).await, Some(json!(0)));
    let heard = async |count: usize| {
        while lane.heard.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
        lane.heard.lock().unwrap().last().cloned()
    };
    let mut submitted = 0;
    let mut submit = async || {
        submitted += 1;
        world.submit("dong-tam", &format!("k-{submitted}")).await;
        submitted
    };
    // The first message may come before the window of the one before it has passed: then it comes
    // by the stream.
    let mut count = submit().await;
    let is_by_lane = tokio::select! {
        told = told.next() => told != Some(json!(count)),
        _ = in_time(heard(1)) => true,
    };
    for by_lane in usize::from(is_by_lane)..3 {
        let told = async { panic!("the stream says {:?}", told.next().await) };
        let heard = async {
            count = submit().await;
            in_time(heard(by_lane + 1)).await
        };
        tokio::select! {
            heard = heard => assert_eq!(heard, Some(json!(count))),
            () = told => {}
        }
    }
    lane.is_deaf.store(true, Ordering::SeqCst);
    let (by_stream, count) = tokio::join!(in_time(told.next()), submit());
    assert_eq!(by_stream, Some(json!(count)));
    assert_eq!(lane.heard.lock().unwrap().len(), 3);
}

/// A client that stops reading for a while gets whole messages then, each newer than the one before,
/// and the newest last; a client that reads on gets every message meanwhile.
#[tokio::test]
async fn who_reads_again_is_told_the_newest() {
    const STATES: u64 = 16;
    let world = World::start().await;
    // Far more than the system keeps for one who does not read.
    let parts: String = (0..60)
        .map(|part| format!("p{part}: entries {{ rank unit {{ id code name kind }} }} "))
        .collect();
    let document = format!(
        "subscription {{ leaderboard(kinds: [GRASSROOTS_UNION], rankBy: SUBMITTED, first: 50) {{
           version total {{ submitted }} {parts} }} }}"
    );
    let [mut here, mut away] = [world.socket_as(None).await, world.socket_as(None).await];
    for socket in [&mut here, &mut away] {
        socket.subscribe("1", &document).await;
        assert_eq!(socket.next().await["total"]["submitted"], 0);
    }
    for count in 1..=STATES {
        world.submit("dong-tam", &format!("k-{count}")).await;
        assert_eq!(here.next().await["total"]["submitted"], count);
    }
    let (mut told, mut last) = (0, json!({ "version": 0, "total": { "submitted": 0 } }));
    while last["total"]["submitted"] != STATES {
        let state = away.next().await;
        assert!(state["version"].as_i64() > last["version"].as_i64());
        (told, last) = (told + 1, state);
    }
    assert!(told < STATES, "nothing was passed over: it was kept for who did not read");
}
