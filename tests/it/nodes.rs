//! Several nodes of one database behind a balancer, set up as docs/NODES.md says, each a process of its own.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::database::{in_time, verify_database};
use crate::harness::World;
use crate::postgres;
use crate::proxies::{Proxy, free_port, nginx, program};

const TOKEN: &str = "the token of an operator";
const PAGE: &str = include_str!("../../docs/NODES.md");
const BALANCER: &str = include_str!("../../docs/operators/nodes.conf");
const COMPOSE: &str = include_str!("../../compose.yaml");
const UNIT: &str = include_str!("../../docs/operators/sangkien.service");

/// A node that is started on the same port again and again.
struct Node {
    child: Child,
    port: u16,
    url: String,
}

impl Node {
    async fn start(url: &str, port: u16) -> Self {
        let mut node = Self { child: Self::spawn(url, port), port, url: url.to_owned() };
        node.await_ready().await;
        node
    }

    fn spawn(url: &str, port: u16) -> Child {
        Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["serve", "--behind-proxy", "--database", url, "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .env("SANGKIEN_ADMIN_TOKEN", TOKEN)
            .env("SANGKIEN_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    }

    async fn await_ready(&mut self) {
        let url = format!("http://127.0.0.1:{}/health/ready", self.port);
        let ready = async {
            while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                assert!(self.child.try_wait().unwrap().is_none(), "the node has ended");
                tokio::task::yield_now().await;
            }
        };
        in_time(ready).await;
    }

    /// Ends the node by that signal and starts it again, on the same port.
    async fn replace(&mut self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let ended = async {
            while self.child.try_wait().unwrap().is_none() {
                tokio::task::yield_now().await;
            }
        };
        in_time(ended).await;
        self.child = Self::spawn(&self.url, self.port);
        self.await_ready().await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The balancer of the documents, before these nodes.
async fn balancer(program: &std::path::Path, nodes: &[Node]) -> Proxy {
    let port = free_port();
    let mut text = BALANCER.replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
    for (number, node) in (1..).zip(nodes) {
        let named = format!("server node-{number}:8080 ");
        assert!(text.contains(&named), "{named}");
        text = text.replace(&named, &format!("server 127.0.0.1:{} ", node.port));
    }
    assert!(!text.contains("node-"), "{text}");
    nginx(program, &text, port).await
}

/// Asks through the balancer until there is an answer, as clients do that send a key.
async fn ask(client: &reqwest::Client, site: &str, request: &Value) -> Value {
    loop {
        let post = client.post(format!("{site}/graphql")).bearer_auth(TOKEN).json(request);
        if let Ok(answer) = post.send().await
            && answer.status().is_success()
            && let Ok(answer) = answer.json::<Value>().await
            && answer["errors"].is_null()
        {
            return answer["data"].clone();
        }
        tokio::task::yield_now().await;
    }
}

async fn upsert(client: &reqwest::Client, site: &str, input: Value) {
    let document = "mutation ($input: UpsertUnitInput!) {
      upsertUnit(input: $input) { unit { id } errors { code message } }
    }";
    let request = json!({ "query": document, "variables": { "input": input } });
    let answer = ask(client, site, &request).await;
    assert_eq!(answer["upsertUnit"]["errors"], json!([]), "{answer}");
}

async fn submit(client: &reqwest::Client, site: &str, key: &str) {
    let document = "mutation ($input: SubmitInitiativeInput!) {
      submitInitiative(input: $input) { initiative { id } errors { code message } }
    }";
    let input = json!({
        "key": key, "unit": { "code": "cdcs" }, "title": key, "kind": "IDEA", "authors": [{ "name": "An" }],
    });
    let answer =
        ask(client, site, &json!({ "query": document, "variables": { "input": input } })).await;
    assert_eq!(answer["submitInitiative"]["errors"], json!([]), "{answer}");
}

/// Follows the events through the balancer, and comes back with the last cursor whenever the socket ends. Adds the
/// titles to those that were seen.
async fn follow(site: &str, mut cursor: Value, seen: &watch::Sender<Vec<String>>) {
    let url = format!("{}/graphql", site.replacen("http", "ws", 1));
    loop {
        let mut request = url.as_str().into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {TOKEN}") } });
        let document = "subscription ($after: String) {
          initiativeEvents(after: $after) { cursor initiative { title } }
        }";
        let payload = json!({ "query": document, "variables": { "after": cursor } });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
        for message in [init, subscribe] {
            // A socket that has ended says so below.
            let _sent = socket.send(Message::text(message.to_string())).await;
        }
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            match message["type"].as_str().unwrap() {
                "next" => {
                    let event = &message["payload"]["data"]["initiativeEvents"];
                    cursor = event["cursor"].clone();
                    let title = event["initiative"]["title"].as_str().unwrap().to_owned();
                    seen.send_modify(|seen| seen.push(title));
                }
                "error" => panic!("{message}"),
                _ => {}
            }
        }
    }
}

/// Each node is stopped or killed, and started again, while changes come and a client follows. As in a rolling update.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_miss_nothing_while_nodes_are_replaced_one_by_one() {
    let (Some(cluster), Some(nginx)) = (postgres::cluster(), program("nginx")) else { return };
    let url = cluster.fresh_database();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Node::start(&url, free_port()).await);
    }
    let proxy = balancer(&nginx, &nodes).await;
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    upsert(&client, &proxy.site, json!({ "code": "tld", "name": "Tổng", "kind": "CONFEDERATION" }))
        .await;
    let unit = json!({ "code": "cdcs", "name": "Cơ sở", "kind": "GRASSROOTS_UNION", "parent": { "code": "tld" } });
    upsert(&client, &proxy.site, unit).await;
    let end = json!({ "query": "{ initiativeEvents(first: 0) { pageInfo { endCursor } } }" });
    let cursor =
        ask(&client, &proxy.site, &end).await["initiativeEvents"]["pageInfo"]["endCursor"].clone();

    let seen = watch::Sender::new(Vec::new());
    let is_over = AtomicBool::new(false);
    let submitting = async {
        let mut keys = Vec::new();
        while !is_over.load(Ordering::Relaxed) {
            keys.push(format!("key-{}", keys.len()));
            submit(&client, &proxy.site, keys.last().unwrap()).await;
        }
        let mut seen = seen.subscribe();
        in_time(seen.wait_for(|seen| seen.len() >= keys.len())).await.unwrap();
        keys
    };
    let replacing = async {
        for (node, signal) in nodes.iter_mut().zip(["-TERM", "-TERM", "-KILL"]) {
            node.replace(signal).await;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let work = async { tokio::join!(submitting, replacing).0 };
    let keys = tokio::select! {
        keys = work => keys,
        () = follow(&proxy.site, cursor, &seen) => unreachable!("it follows for ever"),
    };
    assert!(keys.len() > 10, "{}", keys.len());
    assert_eq!(*seen.borrow(), keys, "each once, in order");
    for node in &nodes {
        let site = format!("http://127.0.0.1:{}", node.port);
        let count = json!({
            "query": "{ unit(ref: { code: \"cdcs\" }) { initiatives { totalCount } } }",
            "extensions": { "minVersion": ask_version(&client, &proxy.site).await },
        });
        let answer = ask(&client, &site, &count).await;
        assert_eq!(answer["unit"]["initiatives"]["totalCount"], json!(keys.len()), "{answer}");
    }
    drop(nodes);
    in_time(verify_database(&url)).await;
}

/// The order of the first page is kept by the node that made it; other orders are the same everywhere.
#[tokio::test]
async fn pages_go_on_at_another_node() {
    let mut worlds = World::start_on_each().await;
    let Some(one) = worlds.pop().filter(|_| !worlds.is_empty()) else { return };
    let other = one.another_node().await.expect("it is on PostgreSQL");
    let page = async |world: &World, by: &str, after: &Value| {
        let document = format!(
            "query ($after: String) {{
              units(first: 2, after: $after, orderBy: {{ field: {by}, direction: DESC }}) {{
                nodes {{ code }} pageInfo {{ endCursor }}
              }}
            }}"
        );
        world.ask(&json!({ "query": document, "variables": { "after": after } })).await
    };
    let mut firsts = Vec::new();
    for by in ["CODE", "SUBMITTED"] {
        let first = page(&one, by, &Value::Null).await;
        let cursor = first["data"]["units"]["pageInfo"]["endCursor"].clone();
        let same = page(&other, by, &cursor).await;
        assert_eq!(same["data"]["units"]["nodes"].as_array().map(Vec::len), Some(2), "{same}");
        assert_eq!(same["data"], page(&one, by, &cursor).await["data"], "{by}: nothing changed");
        firsts.push((by, cursor));
    }
    // Counts change before the other node has made the order of the next first page.
    one.submit("dong-tam", "one").await;
    let first = page(&one, "SUBMITTED", &Value::Null).await;
    let cursor = first["data"]["units"]["pageInfo"]["endCursor"].clone();
    one.submit("an-phuoc", "two").await;
    other.await_version(one.version().await).await;
    let kept = page(&one, "SUBMITTED", &cursor).await;
    assert_eq!(kept["data"]["units"]["nodes"].as_array().map(Vec::len), Some(2), "{kept}");
    let elsewhere = page(&other, "SUBMITTED", &cursor).await;
    assert_eq!(elsewhere["errors"][0]["extensions"]["code"], "BAD_CURSOR", "{elsewhere}");
    let (by, cursor) = &firsts[0];
    let steady = page(&other, by, cursor).await;
    assert_eq!(steady["data"], page(&one, by, cursor).await["data"]);
    other.stop().await;
    one.stop().await;
}

async fn ask_version(client: &reqwest::Client, site: &str) -> Value {
    let post =
        client.post(format!("{site}/graphql")).json(&json!({ "query": "{ root { code } }" }));
    let answer: Value = post.send().await.unwrap().json().await.unwrap();
    answer["extensions"]["version"].clone()
}

/// Every flag and variable of the files is one that the program has, and every file that they name is there.
#[test]
fn the_files_for_operators_name_what_is_there() {
    let configuration = include_str!("../../docs/CONFIGURATION.md");
    for text in [COMPOSE, UNIT] {
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        let words = text.split(|it: char| !is_part(it));
        let ours = |word: &&str| word.starts_with("SANGKIEN_");
        for variable in words.clone().filter(ours) {
            assert!(configuration.contains(variable), "{variable}");
        }
    }
    for flag in ["--listen", "--behind-proxy"] {
        assert!(COMPOSE.contains(flag) && UNIT.contains(flag) && configuration.contains(flag));
    }
    assert!(COMPOSE.contains("./docs/operators/nodes.conf:"));
    for name in ["compose.yaml", "operators/nodes.conf", "operators/sangkien.service"] {
        assert!(PAGE.contains(name), "{name}");
    }
}

/// Each fault of the page names the test that tries it.
#[test]
fn each_fault_of_the_page_has_its_test() {
    let faults = PAGE.split("## Faults").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = faults.lines().filter(|line| line.starts_with("| ")).skip(1);
    let tests = tests();
    let mut count = 0;
    for row in rows {
        let named = row.split('|').nth(3).unwrap().trim().trim_matches('`');
        let name = named.rsplit("::").next().unwrap();
        let is_there = named == "not tried" || tests.contains(&format!("fn {name}("));
        assert!(is_there, "{row}");
        count += 1;
    }
    assert!(count >= 8, "{count}");
}

/// The text of all tests.
fn tests() -> String {
    fn walk(folder: &std::path::Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|it| it == "rs") {
                out.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut out = String::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"), &mut out);
    out
}
