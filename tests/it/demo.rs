//! The demo replays the script, however often and however hard it is stopped.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sangkien::demo::{Campaign, Scale, Script};
use sangkien::domain::{Clock as _, Day};
use sangkien::server::listen;
use serde_json::{Value, json};

use crate::database::{in_time, open_sqlite, sqlite_url, verify_database};

/// Small, and with some hundred initiatives before the day on which it opens.
const SCALE: f64 = 0.004;
const SETTINGS: [&str; 6] = ["--scale", "0.004", "--from", "2022-04-21", "--seed", "9"];

/// Far beyond what a refusal takes.
const REFUSAL: Duration = Duration::from_secs(30);

pub struct Demo {
    child: Killed,
    /// The lines that it printed; the last one is the address.
    pub welcome: Vec<String>,
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    command
        .args(["demo", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir)
        .args(arguments)
        .env("SANGKIEN_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it until it is ready.
pub async fn start(dir: &Path, arguments: &[&str]) -> Demo {
    let mut child = Killed::spawn(command(dir, arguments).stderr(Stdio::null()));
    let stdout = BufReader::new(child.0.stdout.take().unwrap());
    let reading = tokio::task::spawn_blocking(move || {
        let mut welcome = Vec::new();
        for line in stdout.lines().map_while(Result::ok) {
            let is_last = line.starts_with("ready ");
            welcome.push(line);
            if is_last {
                return welcome;
            }
        }
        panic!("it ended: {welcome:?}");
    });
    let welcome = in_time(reading).await.unwrap();
    Demo { child, welcome }
}

/// Runs it until it has written a line with this on stderr, and kills it there.
async fn kill_at(dir: &Path, arguments: &[&str], sign: &'static str) {
    let mut child = Killed::spawn(&mut command(dir, arguments));
    let stderr = BufReader::new(child.0.stderr.take().unwrap());
    let reading = tokio::task::spawn_blocking(move || {
        stderr.lines().map_while(Result::ok).any(|line| line.contains(sign))
    });
    assert!(in_time(reading).await.unwrap(), "it said {sign:?}");
}

/// The message of a demo that refuses to start.
async fn refused(dir: &Path, arguments: &[&str]) -> String {
    let mut child = Killed::spawn(&mut command(dir, arguments));
    let mut stderr = child.0.stderr.take().unwrap();
    let reading = tokio::task::spawn_blocking(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        said
    });
    let said = tokio::time::timeout(REFUSAL, reading).await.expect("it ends").unwrap();
    assert_eq!(child.0.wait().unwrap().code(), Some(1), "{said}");
    said
}

/// A process that does not outlive its test.
struct Killed(Child);

impl Killed {
    fn spawn(command: &mut Command) -> Self {
        Self(command.spawn().expect("the program starts"))
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

impl Demo {
    pub fn address(&self) -> &str {
        self.welcome.last().unwrap().strip_prefix("ready ").unwrap()
    }

    /// The rest of each line of the welcome that begins like this.
    pub fn said<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        self.welcome.iter().filter_map(move |line| line.trim_start().strip_prefix(start))
    }

    async fn ask(&self, token: Option<&str>, query: &str) -> Value {
        let request = reqwest::Client::new().post(format!("{}/graphql", self.address()));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.json(&json!({ "query": query })).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn stop(mut self) {
        let pid = self.child.0.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        let waiting = tokio::task::spawn_blocking(move || self.child.0.wait());
        assert!(in_time(waiting).await.unwrap().unwrap().success());
    }
}

/// Everything that is there of each initiative and is not left to the speed of the machine.
async fn rows(database: &Path) -> Vec<String> {
    let mut conn = open_sqlite(database.to_str().unwrap()).await;
    sqlx::query_scalar(
        "select i.key || ' ' || u.code || ' ' || i.status || ' ' || i.title || ' ' || i.featured
             || ' ' || coalesce(i.review_note, '') || coalesce(i.rejection_reason, '')
             || ' ' || date(i.submitted_at / 1000 + 7 * 3600, 'unixepoch')
             || ' ' || coalesce(date(i.reviewed_at / 1000 + 7 * 3600, 'unixepoch'), '')
         from initiatives i join units u on u.id = i.unit_id order by i.key",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

/// Asserts that each day ends with as many initiatives as the script says.
async fn check_days(database: &Path, script: &Script, days: impl Iterator<Item = Day>) {
    let mut conn = open_sqlite(database.to_str().unwrap()).await;
    for day in days {
        let end = day.plus(1).start();
        let count: i64 = sqlx::query_scalar(
            "select count(*) from initiatives where status <> 'WITHDRAWN' and submitted_at < $1",
        )
        .bind(end.0)
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert_eq!(count, i64::from(script.entered_before(end)), "{day}");
    }
}

fn days(first: &str, last: &str) -> impl Iterator<Item = Day> + use<> {
    let [first, last] = [first, last].map(|day| Day::parse(day).unwrap());
    (first.0..=last.0).map(Day)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_is_what_it_is_in_one_go() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, halves) = (dir.path().join("whole"), dir.path().join("halves"));
    start(&whole, &SETTINGS).await.stop().await;
    kill_at(&halves, &SETTINGS, " 10 %").await;
    kill_at(&halves, &SETTINGS, " 20 %").await;
    // The folder knows its settings.
    kill_at(&halves, &["--speed", "1000"], " 60 %").await;
    let demo = start(&halves, &["--speed", "1"]).await;
    demo.stop().await;

    let [whole, halves] = [whole, halves].map(|dir| dir.join("demo.db"));
    let expected = rows(&whole).await;
    assert!(expected.len() > 500, "{}", expected.len());
    for status in ["PENDING", "RETURNED", "ACCEPTED", "REJECTED", "WITHDRAWN"] {
        assert!(expected.iter().any(|row| row.contains(status)), "{status}");
    }
    assert_eq!(rows(&halves).await, expected);
    for database in [&whole, &halves] {
        verify_database(&sqlite_url(database)).await;
    }
    let scale = Scale::new(SCALE).unwrap();
    let campaign = Campaign::open(&sqlite_url(&halves), 9, scale).await.unwrap();
    check_days(&halves, &campaign.script, days("2022-01-08", "2022-04-20")).await;
}

/// A running clock, and going from one action to the next, give the same actions, each on its day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_any_speed_it_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let scale = Scale::new(SCALE).unwrap();
    let (last, until) = (Day::parse("2022-03-14").unwrap(), Day::parse("2022-03-20").unwrap());
    let [paced, loaded] = ["paced", "loaded"].map(|name| dir.path().join(format!("{name}.db")));

    // Half an hour of the clock in each millisecond; stopped in the midst of it.
    let mut campaign = Campaign::open(&sqlite_url(&paced), 4, scale).await.unwrap();
    let mut versions = campaign.server.hub.versions();
    let hub = campaign.server.hub.clone();
    let passed = versions.wait_for(|_| hub.latest().head().at >= last.start());
    tokio::select! {
        ended = campaign.replay.follow(1_000_000) => panic!("{ended:?} too early"),
        passed = in_time(passed) => drop(passed.unwrap()),
    }
    assert!(campaign.clock.now() >= last.start());
    let Campaign { server, store, replay, .. } = campaign;
    // The commands that the replay had sent are carried out all the same.
    drop(replay);
    store.close().await;
    let (listener, _) = listen("127.0.0.1:0").await.unwrap();
    let app = server.app(None);
    in_time(server.serve(app, listener, async {})).await.unwrap();

    for database in [&paced, &loaded] {
        let mut campaign = Campaign::open(&sqlite_url(database), 4, scale).await.unwrap();
        in_time(campaign.replay.load(until.start(), |_| {})).await.unwrap();
        check_days(database, &campaign.script, days("2022-01-08", "2022-03-19")).await;
    }
    let expected = rows(&loaded).await;
    assert!(expected.len() > 100);
    assert_eq!(rows(&paced).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_minute() {
    let dir = tempfile::tempdir().unwrap();
    let settings = ["--scale", "0.002", "--from", "2022-04-26", "--speed", "100000"];
    let first = start(dir.path(), &settings).await;
    let admin = first.said("admin token: ").next().unwrap().to_owned();
    let grants = "{ viewer { grants { role unit { code } } } }";
    let roles = |answer: &Value| answer["data"]["viewer"]["grants"][0]["role"].clone();
    assert_eq!(roles(&first.ask(Some(&admin), grants).await), "ADMIN");
    let tokens: Vec<(String, String)> = first
        .said("sangkien_")
        .filter_map(|line| {
            let (token, rest) = line.split_once(' ')?;
            Some((format!("sangkien_{token}"), rest.split_whitespace().next()?.to_owned()))
        })
        .collect();
    assert_eq!(tokens.len(), 7);
    let printed_tokens: Vec<String> =
        first.welcome.iter().filter(|line| line.contains("sangkien_")).cloned().collect();
    for (token, role) in &tokens {
        assert_eq!(roles(&first.ask(Some(token), grants).await), role.as_str());
    }
    // The query as printed.
    let printed = first.said("-d '").next().unwrap().strip_suffix('\'').unwrap();
    let query: Value = serde_json::from_str(printed).unwrap();
    let query = query["query"].as_str().unwrap();
    let submitted = |answer: &Value| answer["data"]["root"]["tally"]["submitted"].as_i64().unwrap();
    let before = submitted(&first.ask(None, query).await);
    assert!(before > 20, "what came before is there");
    in_time(async { while submitted(&first.ask(None, query).await) <= before {} }).await;
    first.stop().await;

    for (arguments, says) in [
        (["--scale", "0.5"], "--scale 0.002"),
        (["--seed", "5"], "--seed 1"),
        (["--from", "2022-05-01"], "--from 2022-04-26"),
    ] {
        let said = refused(dir.path(), &arguments).await;
        assert!(said.contains(says) && said.contains("--reset"), "{said}");
    }
    let said = refused(dir.path(), &["--scale", "2"]).await;
    assert!(said.contains("--scale must lie in"), "{said}");
    let said = refused(dir.path(), &["--from", "2021-01-01"]).await;
    assert!(said.contains("--from must lie in"), "{said}");

    // Pages of this machine may ask, from whatever port they are served, and no others.
    let second = start(dir.path(), &[]).await;
    let asked_by = async |origin: &str| {
        let request = reqwest::Client::new().post(format!("{}/graphql", second.address()));
        let request = request.header("origin", origin).json(&json!({ "query": "{ today }" }));
        let answer = request.send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin");
        (answer.status().as_u16(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    for origin in ["http://localhost:5173", "http://127.0.0.1:3000"] {
        assert_eq!(asked_by(origin).await, (200, Some(origin.to_owned())));
    }
    assert_eq!(asked_by("http://localhost.example:5173").await, (403, None));

    // It prints the same tokens, and they are good.
    let lines = |demo: &Demo| -> Vec<String> {
        let is_token = |line: &&String| line.contains("sangkien_");
        demo.welcome.iter().filter(is_token).cloned().collect()
    };
    assert_eq!(lines(&second), printed_tokens);
    for (token, role) in &tokens {
        assert_eq!(roles(&second.ask(Some(token), grants).await), role.as_str());
    }
    assert_eq!(roles(&second.ask(Some(&admin), grants).await), "ADMIN");
    let file = dir.path().join("tokens.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else reads them");
    }
    assert!(submitted(&second.ask(None, query).await) > before, "it goes on where it was");
    second.stop().await;

    // Without the file there are new ones, and the lost ones are taken back.
    std::fs::remove_file(&file).unwrap();
    let third = start(dir.path(), &[]).await;
    assert_eq!(third.said("sangkien_").count(), 7);
    for token in tokens.iter().map(|(token, _)| token).chain([&admin]) {
        let again = third.ask(Some(token), grants).await;
        assert_eq!(again["data"]["viewer"], Value::Null, "{again}");
    }
    third.stop().await;
    std::fs::write(&file, "{}").unwrap();
    let said = refused(dir.path(), &[]).await;
    assert!(said.contains("tokens.json") && said.contains("--reset"), "{said}");
}
