//! README.md and the tabs of GraphiQL, carried out against `sangkien demo` as a reader does it.
//!
//! The blocks are taken from README.md itself, and a block of a kind that nobody here can carry out fails the test. A
//! reader's own part is done here too: the port that this demo has, TOKEN and ids that the demo tells.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::blocks::{Block, blocks, spans};
use crate::clients::clients;
use crate::database::in_time;
use crate::demo::{self, Demo};
use crate::harness::{Socket, payload, with};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sangkien");
/// The address that README.md speaks of.
const ADDRESS: &str = "127.0.0.1:8080";
/// The packages that `npm install` brings are there already, in the versions of tests/clients.
const PACKAGES: &str = include_str!("../clients/package.json");

/// A demo that loads within seconds in a build for tests, too.
const SMALL: [&str; 2] = ["--scale", "0.05"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// A reader at a terminal beside a running demo.
struct Reader {
    demo: Demo,
    /// The folder of the reader's own files.
    dir: tempfile::TempDir,
    clients: Option<PathBuf>,
}

impl Reader {
    async fn start(arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let demo = demo::start(&dir.path().join("demo"), arguments).await;
        let clients = clients();
        if let Some(clients) = &clients {
            let modules = dir.path().join("node_modules");
            std::os::unix::fs::symlink(clients.join("node_modules"), modules).unwrap();
        }
        Self { demo, dir, clients }
    }

    fn host(&self) -> &str {
        self.demo.address().strip_prefix("http://").unwrap()
    }

    /// The token that the demo printed for a role; over this unit, where one is named.
    fn token(&self, role: &str, unit: Option<&str>) -> String {
        let lines =
            self.demo.welcome.iter().map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .filter(|words| words.len() == 3 && words[0].starts_with("sangkien_"))
            .find(|words| words[1] == role && unit.is_none_or(|unit| words[2] == unit))
            .unwrap_or_else(|| panic!("a token of a {role} is printed: {:?}", self.demo.welcome))[0]
            .to_owned()
    }

    /// A text of README.md with what this reader's own demo has in its place.
    fn filled(&self, text: &str) -> String {
        let token = self.token("SUBMITTER", Some("ldld-dong-nai"));
        text.replace(ADDRESS, self.host()).replace("TOKEN", &token)
    }

    /// Commands at the terminal, on whose path the program is.
    fn shell(&self, script: &str) -> Command {
        let program = Path::new(PROGRAM).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell
            .args(["-eu", "-c", script])
            .current_dir(self.dir.path())
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        shell
    }

    /// The output of commands that end by themselves, and with success.
    async fn run(&self, script: &str) -> String {
        let child = self.shell(script).spawn().unwrap();
        let waiting = tokio::task::spawn_blocking(move || child.wait_with_output());
        let output = in_time(waiting).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn post(&self, token: Option<&str>, request: &Value) -> Value {
        let post = reqwest::Client::new().post(format!("{}/graphql", self.demo.address()));
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        post.json(request).send().await.unwrap().json().await.unwrap()
    }

    async fn carry_out(&self, block: &Block) {
        let at = format!("README.md, line {}", block.line);
        match block.language.as_str() {
            "graphql" => well(&at, &self.post(None, &json!({ "query": block.text })).await),
            "js" => self.script(&at, &block.text).await,
            "sh" => self.commands(&at, &block.text).await,
            other => panic!("{at}: nobody carries out {other}"),
        }
    }

    /// A block for the terminal.
    async fn commands(&self, at: &str, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match &words[..] {
            ["curl", ..] => {
                let said = self.run(&self.filled(text)).await;
                well(at, &serde_json::from_str(&said).unwrap_or_else(|_| panic!("{at}: {said}")));
            }
            // The program of this test is of the same sources, so they build.
            ["cargo", "run", "--release", "--", arguments @ ..] => {
                let manifest = include_str!("../../Cargo.toml");
                assert!(manifest.contains("default-run = \"sangkien\""), "{at}");
                self.run(&format!("sangkien {} --help", arguments.join(" "))).await;
            }
            ["cargo", "test"] => {}
            ["npm", "install", packages @ ..] => {
                let known: Value = serde_json::from_str(PACKAGES).unwrap();
                for package in packages {
                    assert!(known["dependencies"][package].is_string(), "{at}: {package}");
                }
            }
            _ if text.contains("sangkien serve") => self.serve(at, text).await,
            _ => panic!("{at}: nobody carries out {text}"),
        }
    }

    /// A server of the reader's own, at an address and in a folder that this machine has.
    async fn serve(&self, at: &str, text: &str) {
        assert!(text.contains("0.0.0.0:8080") && text.contains("/var/lib/sangkien/"), "{at}");
        let folder = format!("{}/", self.dir.path().display());
        let text = text
            .replace("0.0.0.0:8080", "127.0.0.1:0")
            .replace("/var/lib/sangkien/", &folder)
            .replace('…', "a-token-of-the-readers-own");
        let mut server =
            Group(self.shell(&text).env("SANGKIEN_LOG_FORMAT", "json").spawn().unwrap());
        let log = BufReader::new(server.0.stderr.take().unwrap());
        let serving = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            for line in log.lines().map_while(Result::ok) {
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                if entry["message"] == "serving" {
                    return entry["address"].as_str().unwrap().to_owned();
                }
                said = said + &line + "\n";
            }
            panic!("it ended: {said}");
        });
        let address = in_time(serving).await.unwrap();
        self.run(&format!("sangkien health --url http://{address}/health/ready")).await;
    }

    /// A program for Node.js that goes on until it is stopped: it prints a board, and another one as it moves.
    async fn script(&self, at: &str, text: &str) {
        if self.clients.is_none() {
            return;
        }
        std::fs::write(self.dir.path().join("board.mjs"), self.filled(text)).unwrap();
        let mut node = Group(self.shell("node board.mjs").spawn().unwrap());
        let mut stdout = BufReader::new(node.0.stdout.take().unwrap());
        let reading = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            let boards = |said: &str| said.matches("entries").count();
            while boards(&said) < 2 && stdout.read_line(&mut said).unwrap() > 0 {}
            said
        });
        let said = in_time(reading).await.unwrap();
        if said.matches("entries").count() < 2 {
            let mut complaint = String::new();
            node.0.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
            panic!("{at}: {said}{complaint}");
        }
        assert!(said.contains("rank: 1,"), "{at}: {said}");
    }
}

/// Processes that do not outlive their test.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // It may have ended already.
        let group = format!("-{}", self.0.id());
        let _ended =
            Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status();
        let _status = self.0.wait();
    }
}

/// An answer with all that was asked for: no errors, neither of the request nor of a change.
fn well(at: &str, answer: &Value) {
    assert_eq!(answer.get("errors"), None, "{at}: {answer}");
    let fields = answer["data"].as_object().unwrap_or_else(|| panic!("{at}: {answer}"));
    for (name, value) in fields {
        assert!(!value.is_null(), "{at}: {name} is null");
        let refusals = value.get("errors");
        assert!(refusals.is_none_or(|refusals| *refusals == json!([])), "{at}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_block_can_be_carried_out() {
    let reader = Reader::start(&SMALL).await;
    let blocks = blocks(&readme());
    for block in &blocks {
        reader.carry_out(block).await;
    }
    let count = |language: &str| blocks.iter().filter(|block| block.language == language).count();
    // The first run, query, subscription and change are among them.
    assert!(count("sh") >= 4 && count("graphql") >= 1 && count("js") >= 1, "{blocks:?}");
    // The addresses to open, as they stand in the text.
    for span in spans(&readme()).iter().filter(|span| span.starts_with("http://")) {
        let page = reqwest::get(reader.filled(span)).await.unwrap();
        assert_eq!(page.status(), 200, "{span}");
    }
}

/// The demo's own words on its screen: the first query and the first subscription.
#[tokio::test]
async fn what_the_demo_prints_can_be_carried_out() {
    let reader = Reader::start(&["--scale", "0.004"]).await;
    let welcome = reader.demo.welcome.join("\n");
    let between = |from: &str, to: &str| {
        let rest = welcome.split(from).nth(1).unwrap_or_else(|| panic!("{from}: {welcome}"));
        rest.split(to).next().unwrap().trim().to_owned()
    };
    let curl = between("First query:\n", "\nFirst subscription");
    let said = reader.run(&curl).await;
    let answer: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{curl}: {said}"));
    well("the first query", &answer);
    assert!(answer["data"]["root"]["tally"]["submitted"].as_i64().unwrap() > 0, "{answer}");

    let subscription = between("First subscription", "\n\n");
    let (_, subscription) = subscription.split_once('\n').unwrap();
    let mut socket = Socket::open(reader.host(), None).await;
    socket.subscribe("1", subscription).await;
    well("the first subscription", &socket.answer().await);
    for address in welcome.split_whitespace().filter(|word| word.starts_with("http://")) {
        let page = reqwest::get(address).await.unwrap();
        let expected = if address.ends_with("/graphql") { 400..500 } else { 200..201 };
        assert!(expected.contains(&page.status().as_u16()), "{address}: {}", page.status());
        if address.contains("/wall") {
            assert!(page.text().await.unwrap().contains("data-figures=\"simulated\""));
        }
    }
}

/// The operations of GraphiQL's tabs with their variables, in the order of the tabs.
async fn tabs(reader: &Reader) -> Vec<(String, Value)> {
    let script = format!("{}/graphiql/operations.js", reader.demo.address());
    let script = reqwest::get(script).await.unwrap().text().await.unwrap();
    let tabs = script.strip_prefix("const OPERATIONS = ").unwrap().trim_end().strip_suffix(';');
    let tabs: Vec<Value> = serde_json::from_str(tabs.unwrap()).unwrap();
    let text = |tab: &Value, part: &str| tab[part].as_str().unwrap().to_owned();
    let variables = |tab: &Value| serde_json::from_str(&text(tab, "variables")).unwrap();
    tabs.iter().map(|tab| (text(tab, "query"), variables(tab))).collect()
}

/// Runs each tab as its comment says, with the token that the demo printed; fills in ids from the queue.
async fn run_tabs(reader: &Reader) {
    let tabs = tabs(reader).await;
    assert!(tabs.len() >= 18);
    let mut answers: Vec<(String, Value)> = Vec::new();
    for (document, mut variables) in tabs {
        let role = document.lines().find_map(|line| line.strip_prefix("# Token: "));
        let token = role.map(|role| reader.token(role.split(' ').next().unwrap(), None));
        let (_, name) = document
            .split_once("\nquery ")
            .or_else(|| document.split_once("\nmutation "))
            .or_else(|| document.split_once("\nsubscription "))
            .unwrap();
        let name = name.split(|it: char| !it.is_alphanumeric()).next().unwrap().to_owned();
        if variables.to_string().contains("ID-FROM-THE-QUEUE") {
            let (_, queue) = answers.iter().find(|(name, _)| name == "ReviewQueue").unwrap();
            let rows = queue["data"]["initiatives"]["nodes"].as_array().unwrap();
            // Another one for each tab.
            let row = &rows[answers.len() % rows.len()];
            let filled =
                variables.to_string().replace("ID-FROM-THE-QUEUE", row["id"].as_str().unwrap());
            variables = serde_json::from_str(&filled).unwrap();
            if variables["input"].get("expectedVersion").is_some() {
                let seen = json!({ "expectedVersion": row["version"] });
                variables["input"] = with(variables["input"].take(), seen);
            }
        }
        let request = json!({ "query": document, "variables": variables });
        let answer = if document.contains("\nsubscription ") {
            let mut socket = Socket::open(reader.host(), token.as_deref()).await;
            socket.subscribe_with("1", request).await;
            socket.answer().await
        } else {
            reader.post(token.as_deref(), &request).await
        };
        well(&name, &answer);
        answers.push((name, answer));
    }
}

#[tokio::test]
async fn every_tab_of_graphiql_can_be_run() {
    run_tabs(&Reader::start(&SMALL).await).await;
}

/// The demo's clock passes a day in less than a minute, so days that stand in a tab are soon long past.
#[tokio::test]
async fn every_tab_of_graphiql_can_be_run_on_a_later_day() {
    let reader = Reader::start(&["--scale", "0.01", "--from", "2022-07-01"]).await;
    run_tabs(&reader).await;
}

/// The row "have all of it", with less of it, since all of it takes minutes to load.
#[tokio::test]
async fn a_demo_that_has_all_of_it_shows_it() {
    let readme = readme();
    let row = readme.lines().find_map(|line| line.strip_prefix("| have all of it | `")).unwrap();
    let flags = row.split('`').next().unwrap().replace("--scale 1 ", "--scale 0.004 ");
    let flags: Vec<&str> = flags.split(' ').collect();
    assert!(flags.contains(&"0.004"), "{flags:?}");
    let reader = Reader::start(&flags).await;
    let wall = reader.demo.said("wall ").next().unwrap().split_whitespace().next().unwrap();
    let (_, parameters) = wall.split_once('?').unwrap();
    let of = |name: &str| {
        let mut pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, code)| json!({ "code": code }))
    };
    let board = json!({
        "query": "query ($unit: UnitRef, $period: PeriodRef) {
            leaderboard(within: $unit, period: $period) { total { submitted } entries { rank } } }",
        "variables": { "unit": of("unit"), "period": of("period") },
    });
    let board = payload(reader.post(None, &board).await["data"].take());
    // 696,948 by the end of the campaign.
    let submitted = board["total"]["submitted"].as_i64().unwrap();
    assert!((2_700..2_900).contains(&submitted), "{wall}: {board}");
}

/// The commands that the text names, and the flags, are those that the program has.
#[tokio::test]
async fn commands_and_flags_are_those_of_the_program() {
    let help = |arguments: &[&str]| {
        let output = Command::new(PROGRAM).args(arguments).arg("--help").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let readme = readme();
    let mut known = help(&[]);
    for span in spans(&readme) {
        // Within a table a bar is written so.
        let span = span.replace(r"\|", "|");
        let words: Vec<&str> = span.split_whitespace().collect();
        let [program, arguments @ ..] = &words[..] else { continue };
        if *program != "sangkien" {
            continue;
        }
        let command: Vec<&str> = arguments
            .iter()
            .take_while(|word| word.starts_with(char::is_lowercase))
            .copied()
            .collect();
        let [commands @ .., last] = &command[..] else { continue };
        for one in last.split('|') {
            known += &help(&[commands, &[one]].concat());
        }
    }
    for span in
        spans(&readme).iter().filter(|span| !span.contains("npm") && !span.starts_with("cargo"))
    {
        for flag in span.split_whitespace().filter(|word| word.starts_with("--")) {
            // Cargo's own.
            let is_known = known.contains(flag) || span.starts_with("--features ");
            assert!(is_known, "{flag}, in {span}");
        }
    }
}
