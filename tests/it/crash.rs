//! The program itself, killed, stopped, and without disk space: everything acknowledged is there exactly once,
//! everything else may be sent again under the same key, and the log has no gap.
//!
//! `SANGKIEN_CRASH_ROUNDS` sets how many kills there are, on each database.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use sangkien::domain::Version;
use serde_json::{Value as Json, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::chance;
use crate::database::{Kind, PATIENCE, in_time, sqlite_url, verify_database};
use crate::disk::Disk;

pub const TOKEN: &str = "token-of-the-test";
const CLIENTS: usize = 8;
const ROUNDS: usize = 12;
/// The longest time that a server may take to stop after SIGTERM.
const STOP: Duration = Duration::from_secs(15);
/// Earlier submissions that are sent again after each kill; all of them are after the last.
const AGAIN: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_sqlite_loses_nothing() {
    kill_again_and_again(Kind::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_postgresql_loses_nothing() {
    if let Some(kind) = Kind::postgres() {
        kill_again_and_again(kind, 2).await;
    }
}

async fn kill_again_and_again(kind: Kind, seed: u64) {
    let rounds = std::env::var("SANGKIEN_CRASH_ROUNDS")
        .map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let mut rng = chance::rng(seed);
    let database = kind.fresh();
    let mut entries: Vec<Entry> = Vec::new();
    let mut certain = 0;
    let mut last = Version::ZERO;
    for round in 0..rounds {
        if rng.u8(..6) == 0 {
            // Killed on its way up.
            drop(Server::spawn(serve(&database.url)));
        }
        let server = Server::start(serve(&database.url)).await;
        let client = Client::of(&server);
        rng.shuffle(&mut entries[..certain]);
        settle(&client, &mut entries[certain.saturating_sub(AGAIN)..]).await;
        certain = entries.len();
        check_root(&client, &entries).await;
        let load = Load::start(&client, round, &mut rng);
        load.sent(rng.usize(1..300)).await;
        server.kill();
        entries.extend(load.end().await);
        if round % 4 == 0 {
            last = check_log(&database.url, last).await;
        }
    }
    check_log(&database.url, last).await;
    let server = Server::start(serve(&database.url)).await;
    let client = Client::of(&server);
    settle(&client, &mut entries).await;
    check_root(&client, &entries).await;
    assert!(entries.iter().any(|entry| entry.status == "WITHDRAWN"), "all kinds were tried");
    server.stop().await;
    check_log(&database.url, last).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_told_to_stop_finishes_what_it_took() {
    let database = Kind::Sqlite.fresh();
    let server = Server::start(serve(&database.url)).await;
    let client = Client::of(&server);
    // Somebody begins a request and never ends it.
    let address = server.address.strip_prefix("http://").unwrap();
    let mut stuck = TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut stuck, b"POST /graphql HTTP/1.1\r\nhost: it\r\n").unwrap();
    let load = Load::start(&client, 0, &mut chance::rng(3));
    load.sent(200).await;
    let ended = server.stop().await;
    assert!(ended.success(), "{ended}");
    let mut entries = load.end().await;
    assert!(entries.iter().filter(|entry| entry.id.is_some()).count() > 50);
    check_log(&database.url, Version::ZERO).await;

    let server = Server::start(serve(&database.url)).await;
    let client = Client::of(&server);
    settle(&client, &mut entries).await;
    check_root(&client, &entries).await;
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let url = sqlite_url(&dir.path().join("một tệp.db"));
    let first = Server::spawn(serve(&url)).ready();
    let second = serve(&url).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("is served by another sangkien already"), "{said}");
    first.kill();
    Server::spawn(serve(&url)).ready();
}

/// A file may not grow any more, and later it may: the server that met the end of it is not there
/// any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_grow_loses_nothing() {
    let database = Kind::Sqlite.fresh();
    // Blocks of 512 bytes. The signal would kill before the error is seen.
    let mut limited = Command::new("sh");
    let limit = r#"trap "" XFSZ; ulimit -f 4000; exec "$@""#;
    limited.args(["-c", limit, "sh"]).arg(env!("CARGO_BIN_EXE_sangkien"));
    let server = Server::start(with_arguments(limited, &database.url)).await;
    let client = Client::of(&server);
    let mut entries = fill(&client).await;
    server.stop().await;
    let server = Server::start(serve(&database.url)).await;
    let client = Client::of(&server);
    settle(&client, &mut entries).await;
    check_root(&client, &entries).await;
    server.stop().await;
    check_log(&database.url, Version::ZERO).await;
}

/// A disk is full, and later it is not: the same server goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_and_is_got_over() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path()) else { return };
    let ballast = disk.seen_from_outside("ballast");
    std::fs::write(&ballast, vec![0; 8 << 20]).unwrap();
    let url = sqlite_url(&dir.path().join("it.db"));
    let server = Server::start(with_arguments(disk.command(), &url)).await;
    let client = Client::of(&server);
    let mut entries = fill(&client).await;
    std::fs::remove_file(&ballast).unwrap();
    settle(&client, &mut entries).await;
    check_root(&client, &entries).await;
    let ended = server.stop().await;
    assert!(ended.success(), "{ended}");
    check_log(&sqlite_url(&disk.seen_from_outside("it.db")), Version::ZERO).await;
}

/// The last version of the log. Asserts that no part of the log has gone since.
async fn check_log(url: &str, before: Version) -> Version {
    let last = in_time(verify_database(url)).await;
    assert!(last >= before, "what was there is there");
    last
}

// The program.

pub struct Server {
    pub child: Child,
    pub address: String,
}

pub fn serve(url: &str) -> Command {
    with_arguments(Command::new(env!("CARGO_BIN_EXE_sangkien")), url)
}

pub fn with_arguments(mut command: Command, url: &str) -> Command {
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--database", url])
        .env("SANGKIEN_ADMIN_TOKEN", TOKEN)
        .env("SANGKIEN_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The program with these arguments, ended after a minute if it does not end by itself.
pub fn ended(arguments: &[&str]) -> Output {
    let mut command = Command::new("timeout");
    command.arg("60").arg(env!("CARGO_BIN_EXE_sangkien")).args(arguments);
    command.stdin(Stdio::null()).output().expect("the program starts")
}

impl Server {
    fn spawn(mut command: Command) -> Self {
        Self { child: command.spawn().expect("the program starts"), address: String::new() }
    }

    /// Waits until it says that it is ready.
    fn ready(mut self) -> Self {
        let stdout = BufReader::new(self.child.stdout.take().expect("stdout is piped"));
        let ready = stdout
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("ready ")?.to_owned()));
        self.address = ready.expect("it says where it listens");
        self
    }

    pub async fn start(command: Command) -> Self {
        let starting = tokio::task::spawn_blocking(|| Self::spawn(command).ready());
        in_time(starting).await.expect("it gets ready")
    }

    /// Waits until it ends by itself.
    pub async fn ended(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let ending = tokio::task::spawn_blocking(move || self.child.wait());
        if let Ok(ended) = tokio::time::timeout(PATIENCE, ending).await {
            return ended.unwrap().unwrap();
        }
        // The wait for it would outlast the test.
        let _status = Command::new("kill").args(["-s", "KILL", &pid]).status();
        panic!("it does not end");
    }

    fn kill(mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Asks it to end, and waits for it.
    pub async fn stop(mut self) -> ExitStatus {
        assert!(self.child.try_wait().unwrap().is_none(), "it is still there");
        self.signal("TERM");
        let ending = tokio::task::spawn_blocking(move || self.child.wait());
        tokio::time::timeout(STOP, ending).await.expect("it ends in time").unwrap().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

// The clients.

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: String,
}

/// The reason why there is no answer.
#[derive(Debug)]
pub enum Gone {
    /// The command may have been carried out or not.
    Connection,
    /// The server says so, with this code and in these words.
    Said(String, String),
}

impl Client {
    pub fn of(server: &Server) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, address: server.address.clone() }
    }

    /// The whole answer.
    pub async fn answer(&self, query: &str, variables: Json) -> Result<Json, Gone> {
        let answer = self
            .http
            .post(format!("{}/graphql", self.address))
            .bearer_auth(TOKEN)
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await
            .map_err(|_| Gone::Connection)?;
        answer.json().await.map_err(|_| Gone::Connection)
    }

    async fn ask(&self, query: &str, variables: Json) -> Result<Json, Gone> {
        let answer = self.answer(query, variables).await?;
        let error = &answer["errors"][0];
        match &error["extensions"]["code"] {
            Json::String(code) => Err(Gone::Said(code.clone(), error["message"].to_string())),
            _ => Ok(answer["data"].clone()),
        }
    }

    /// Sends a change of an initiative; what came of it.
    async fn change(&self, field: &str, input: &str, of: Json) -> Result<Json, Gone> {
        let query = format!(
            "mutation($input: {input}!) {{ answer: {field}(input: $input) {{
                initiative {{ id status }} replayed errors {{ code message }} }} }}"
        );
        let answer = self.ask(&query, json!({ "input": of })).await?;
        assert_eq!(answer["answer"]["errors"], json!([]), "{field} {of}");
        Ok(answer["answer"].clone())
    }

    pub async fn submit(&self, key: &str) -> Result<Json, Gone> {
        let input = json!({
            "key": key,
            "unit": { "code": "root" },
            "title": format!("Sáng kiến {key}"),
            "summary": "nội dung ".repeat(100),
            "kind": "IDEA",
            "authors": [{ "name": format!("Người {}", &key[key.len() - 1..]) }],
        });
        self.change("submitInitiative", "SubmitInitiativeInput", input).await
    }

    /// Brings about one of the states that follow.
    async fn turn(&self, id: &str, into: &str) -> Result<(), Gone> {
        let answer = if into == "WITHDRAWN" {
            let input = json!({ "id": id });
            self.change("withdrawInitiative", "WithdrawInitiativeInput", input).await?
        } else {
            let input = json!({ "id": id, "decision": "ACCEPT" });
            self.change("reviewInitiative", "ReviewInitiativeInput", input).await?
        };
        assert_eq!(answer["initiative"]["status"], into);
        Ok(())
    }
}

/// A client's knowledge of its own submission.
struct Entry {
    key: String,
    /// `None` until it was acknowledged.
    id: Option<String>,
    /// The last state that was acknowledged.
    status: &'static str,
    /// The action that was sent and not acknowledged.
    asked: Option<&'static str>,
}

impl Entry {
    /// Submits, and goes on from there, as far as the server is with us.
    async fn live(&mut self, client: &Client, rng: &mut fastrand::Rng) -> Result<(), Gone> {
        let answer = client.submit(&self.key).await?;
        assert_eq!(answer["replayed"], false, "{} is new", self.key);
        let id = answer["initiative"]["id"].as_str().unwrap().to_owned();
        self.id = Some(id.clone());
        for (odds, next) in [(3, "ACCEPTED"), (6, "WITHDRAWN")] {
            if rng.u8(..odds) == 0 {
                self.asked = Some(next);
                client.turn(&id, next).await?;
                self.status = next;
                self.asked = None;
            }
        }
        Ok(())
    }

    /// Sends an uncertain submission again, and checks a certain one.
    async fn settle(&mut self, client: &Client) -> Result<(), Gone> {
        let answer = client.submit(&self.key).await?;
        let id = answer["initiative"]["id"].as_str().unwrap().to_owned();
        if let Some(known) = &self.id {
            assert_eq!(answer["replayed"], true, "{} was acknowledged", self.key);
            assert_eq!(*known, id);
        }
        let is = answer["initiative"]["status"].as_str().unwrap();
        assert!(is == self.status || Some(is) == self.asked, "{}: {is}", self.key);
        self.id = Some(id.clone());
        if let Some(asked) = self.asked {
            client.turn(&id, asked).await?;
            self.status = asked;
            self.asked = None;
        }
        Ok(())
    }
}

async fn settle(client: &Client, entries: &mut [Entry]) {
    stream::iter(entries)
        .for_each_concurrent(CLIENTS, |entry| async {
            entry.settle(client).await.expect("the server answers");
        })
        .await;
}

/// Asserts that the server counts what the clients know.
async fn check_root(client: &Client, entries: &[Entry]) {
    let answer = client.ask("{ root { tally { submitted accepted } } }", json!({})).await.unwrap();
    let count = |is: fn(&Entry) -> bool| entries.iter().filter(|entry| is(entry)).count();
    let expected = json!({
        "submitted": count(|entry| entry.status != "WITHDRAWN"),
        "accepted": count(|entry| entry.status == "ACCEPTED"),
    });
    assert_eq!(answer["root"]["tally"], expected);
}

/// Clients that submit as fast as they can until the server is gone.
struct Load {
    clients: JoinSet<Vec<Entry>>,
    sent: watch::Receiver<usize>,
}

impl Load {
    fn start(client: &Client, round: usize, rng: &mut fastrand::Rng) -> Self {
        let (progress, sent) = watch::channel(0);
        let progress = Arc::new(progress);
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (client, progress, mut rng) = (client.clone(), Arc::clone(&progress), rng.fork());
            clients.spawn(async move {
                let mut entries = Vec::new();
                loop {
                    let key = format!("{round} {:08x} {number}", rng.u32(..));
                    let mut entry = Entry { key, id: None, status: "PENDING", asked: None };
                    progress.send_modify(|sent| *sent += 1);
                    let ended = entry.live(&client, &mut rng).await;
                    entries.push(entry);
                    match ended {
                        Ok(()) => {}
                        // A server that stops says so while it still answers.
                        Err(Gone::Said(code, said)) => assert_eq!(code, "UNAVAILABLE", "{said}"),
                        Err(Gone::Connection) => return entries,
                    }
                }
            });
        }
        Self { clients, sent }
    }

    /// Waits until so many were sent.
    async fn sent(&self, count: usize) {
        in_time(self.sent.clone().wait_for(|&sent| sent >= count)).await.expect("they send");
    }

    async fn end(self) -> Vec<Entry> {
        in_time(self.clients.join_all()).await.into_iter().flatten().collect()
    }
}

/// Submits until the disk is full, and for some time more: the file alone is no database then, which is nobody's doing.
async fn fill(client: &Client) -> Vec<Entry> {
    const REFUSED: usize = 20;
    const LONGER: Duration = Duration::from_secs(3);
    let refused = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (client, refused) = (client.clone(), Arc::clone(&refused));
        clients.spawn(async move {
            let mut entries = Vec::new();
            let mut rng = chance::rng(number as u64);
            while refused.load(Ordering::Relaxed) < REFUSED {
                let key = format!("{:08x} {number}", rng.u32(..));
                let mut entry = Entry { key, id: None, status: "PENDING", asked: None };
                match entry.live(&client, &mut rng).await {
                    Ok(()) => {}
                    Err(Gone::Said(code, said)) => {
                        assert!(code == "UNAVAILABLE" || code == "INTERNAL", "{code} {said}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(Gone::Connection) => panic!("the server answers"),
                }
                entries.push(entry);
            }
            entries
        });
    }
    let entries: Vec<Entry> = in_time(clients.join_all()).await.into_iter().flatten().collect();
    let acknowledged = entries.iter().filter(|entry| entry.id.is_some()).count();
    assert!(acknowledged > 50, "there was room at first: {acknowledged}");
    let known = entries.iter().find(|entry| entry.id.is_some()).expect("there are some");
    let until = tokio::time::Instant::now() + LONGER;
    while tokio::time::Instant::now() < until {
        let read = client.answer("{ initiatives(first: 1) { nodes { id } } }", json!({})).await;
        assert!(!matches!(read, Err(Gone::Connection)), "the server answers");
        // It looks at the file as any change does, and needs no room.
        let again = client.submit(&known.key).await;
        assert!(!matches!(again, Err(Gone::Connection)), "the server answers");
    }
    let live = client.http.get(format!("{}/health/live", client.address)).send().await;
    assert!(live.expect("it answers").status().is_success());
    entries
}
