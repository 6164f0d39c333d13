//! The partner's programs of examples/python, against servers: a copy by pages, a copy by events, and a check of both.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use sangkien::domain::Role;
use serde_json::json;

use crate::harness::World;
use crate::postgres::require;

const TRANSFER: &str = "mutation ($input: TransferInitiativeInput!) {
  transferInitiative(input: $input) { errors { code path message } } }";
const WITHDRAW: &str = "mutation ($input: WithdrawInitiativeInput!) {
  withdrawInitiative(input: $input) { errors { code path message } } }";

/// Whether Python is there; says so, or fails, if it is not.
pub fn is_there() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join("python3").is_file());
    require::or_skip("python", found)
}

/// A partner of Đồng Nai with two copies, `by-pages.db` and `by-events.db`.
struct Partner<'a> {
    folder: &'a Path,
    url: String,
    token: String,
}

impl<'a> Partner<'a> {
    async fn of(world: &World, folder: &'a Path) -> Self {
        let token = world.token(Role::Partner, "dong-nai").await;
        Self { folder, url: format!("http://{}", world.address), token }
    }

    /// Runs a program; gives its exit code and its last line.
    async fn run(&self, task: &str, copy: &str) -> (i32, String) {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/partner.py");
        let mut python = Command::new("python3");
        python
            .arg(program)
            .args([task, copy, "--url", &self.url, "--unit", "dong-nai"])
            .current_dir(self.folder)
            .env("SANGKIEN_TOKEN", &self.token)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || python.output()).await.unwrap().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_else(|| panic!("{task} {copy}: {complaint}"));
        (output.status.code().unwrap(), last.to_owned())
    }

    /// Both copies take what there is, and are equal to the server and to one another.
    async fn both_are_exact(&self) {
        for (task, copy) in [("nightly", "by-pages.db"), ("minute", "by-events.db")] {
            assert_eq!(self.run(task, copy).await.0, 0, "{task}");
            assert_eq!(self.run("verify", copy).await, (0, "0 differences".to_owned()), "{task}");
        }
        assert_eq!(self.rows("by-pages.db"), self.rows("by-events.db"));
    }

    /// The rows of a copy, as text.
    fn rows(&self, copy: &str) -> String {
        let script = "import sqlite3, sys\n\
            for row in sqlite3.connect(sys.argv[1]).execute('SELECT * FROM initiatives ORDER BY id'): print(row)";
        let output = Command::new("python3")
            .args(["-c", script, copy])
            .current_dir(self.folder)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_partner_stay_exact() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = World::start().await;
    let partner = Partner::of(&world, folder.path()).await;
    let mut ids = Vec::new();
    for (number, unit) in
        ["dong-tam", "dong-tam", "dong-tam", "an-phuoc", "hoang-dieu"].iter().enumerate()
    {
        ids.push(world.submit(unit, &format!("k-{number}")).await["id"].take());
    }
    partner.both_are_exact().await;
    assert_eq!(partner.rows("by-pages.db").lines().count(), 4, "not those of another province");
    let before = std::fs::read(folder.path().join("by-events.db")).unwrap();

    world.review(&ids[0], "ACCEPT").await;
    world.change(WITHDRAW, json!({ "id": ids[1] })).await;
    world.change(TRANSFER, json!({ "id": ids[2], "unit": { "code": "hoang-dieu" } })).await;
    world.change(TRANSFER, json!({ "id": ids[4], "unit": { "code": "an-phuoc" } })).await;
    world.submit("tan-bien", "k-5").await;
    let (code, said) = partner.run("verify", "by-events.db").await;
    assert_eq!((code, said.as_str()), (1, "3 differences"), "pending, accepted and withdrawn ones");
    partner.both_are_exact().await;
    let rows = partner.rows("by-events.db");
    assert_eq!(rows.lines().count(), 5, "{rows}");
    assert!(!rows.contains(ids[2].as_str().unwrap()) && rows.contains("WITHDRAWN"), "{rows}");

    // A run whose end was lost is done again; one with nothing to take takes nothing.
    std::fs::write(folder.path().join("by-events.db"), before).unwrap();
    partner.both_are_exact().await;
    assert_eq!(partner.rows("by-events.db"), rows);
    assert_eq!(partner.run("minute", "by-events.db").await.1, "0 taken");

    // Another log: what was copied may never have been.
    let other = World::start().await;
    other.submit("dong-tam", "k-0").await;
    let partner = Partner::of(&other, folder.path()).await;
    let (code, said) = partner.run("verify", "by-pages.db").await;
    assert!(code == 1 && said.starts_with("the server's log is another one"), "{code}: {said}");
    partner.both_are_exact().await;
    assert_eq!(partner.rows("by-pages.db").lines().count(), 1);
}

/// Answers of a server on a bad day, each on a connection of its own: cut off, no HTTP, a proxy's page; then a good one, and
/// a refusal.
const ANSWERS: [&str; 5] = [
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{\"data\"",
    "nonsense\r\n\r\n",
    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 32\r\nConnection: close\r\n\r\n{\"data\":{\"a\":7},\"extensions\":{}}",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 63\r\nConnection: close\r\n\r\n{\"errors\":[{\"message\":\"no\",\"extensions\":{\"code\":\"FORBIDDEN\"}}]}",
];

/// Asks with no wait between attempts.
const ASK: &str = "import sys\nsys.path.insert(0, sys.argv[1])\nimport sangkien\n\
    sangkien.time.sleep = lambda seconds: None\nprint(sangkien.Sangkien(sys.argv[2]).ask('{ a }'))";

#[test]
fn a_query_is_sent_again_after_every_fault_of_the_network() {
    if !is_there() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for answer in ANSWERS {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            // Up to the end of the body, which holds the query and no other braces at its end.
            while !request.ends_with(b"}}") {
                let mut part = [0; 4096];
                let read = connection.read(&mut part).unwrap();
                assert!(read > 0, "the request breaks off");
                request.extend_from_slice(&part[..read]);
            }
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python");
    let output = Command::new("python3")
        .args(["-c", ASK, folder.to_str().unwrap(), &url])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "({'a': 7}, {})\n", "{}", String::from_utf8_lossy(&output.stderr));
    // A refusal is one line, and no traceback.
    let output = Command::new("python3")
        .arg(folder.join("partner.py"))
        .args(["verify", ":memory:", "--unit", "x", "--url", &url])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), complaint.as_str()), (Some(2), "not taken: no\n"));
    server.join().unwrap();
}
