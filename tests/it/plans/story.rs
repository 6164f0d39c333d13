//! A server and commands that ask and change everything once, and what they log.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::folder;
use crate::crash::serve;
use crate::database::{Kind, in_time};
use crate::went_back::Node;

pub struct Story {
    /// The database of the server.
    pub url: String,
    /// All that was logged.
    pub log: String,
    _dir: TempDir,
    _databases: [crate::database::Database; 2],
}

const NOUNS: [&str; 4] = ["units", "periods", "targets", "initiatives"];

/// Every change there is, by name and input; `$1` to `$4` are the ids of the initiatives that were submitted.
const CHANGES: [(&str, &str); 29] = [
    ("upsertUnit", r#"code: "tld", name: "Tổng", kind: CONFEDERATION"#),
    ("upsertUnit", r#"code: "a", name: "A", kind: PROVINCIAL_FEDERATION, parent: { code: "tld" }"#),
    ("upsertUnit", r#"code: "b", name: "B", kind: DISTRICT_FEDERATION, parent: { code: "a" }"#),
    ("upsertUnit", r#"code: "c", name: "C", kind: GRASSROOTS_UNION, parent: { code: "b" }"#),
    ("upsertUnit", r#"code: "d", name: "D", kind: GRASSROOTS_UNION, parent: { code: "a" }"#),
    (
        "upsertPeriod",
        r#"code: "p", name: "P", kind: PROGRAMME, startsOn: "2020-01-01", endsOn: "2029-12-31""#,
    ),
    (
        "setTargets",
        r#"period: { code: "p" }, goals: [{ unit: { code: "a" }, goal: { count: 7 } }]"#,
    ),
    (
        "setTargets",
        r#"period: { code: "p" }, goals: [{ unit: { code: "b" }, goal: { count: 7 } }]"#,
    ),
    ("setTargets", r#"period: { code: "p" }, goals: [{ unit: { code: "b" } }]"#),
    (
        "submitInitiative",
        r#"key: "1", unit: { code: "c" }, title: "Cải tiến khuôn", kind: IDEA, field: "x", benefitVnd: 5, authors: [{ name: "An" }]"#,
    ),
    (
        "submitInitiative",
        r#"key: "2", unit: { code: "c" }, title: "Cải tiến máy", kind: TECHNICAL, authors: [{ name: "An" }, { name: "Bình" }]"#,
    ),
    (
        "submitInitiative",
        r#"key: "3", unit: { code: "d" }, title: "Khuôn mới", kind: IDEA, benefitVnd: 9, confidential: true, authors: [{ name: "Chi", group: OTHER }]"#,
    ),
    (
        "submitInitiative",
        r#"key: "4", unit: { code: "d" }, title: "Máy mới", kind: IDEA, field: "x", authors: [{ name: "Dung" }]"#,
    ),
    (
        "submitInitiative",
        r#"key: "1", unit: { code: "c" }, title: "Cải tiến khuôn", kind: IDEA, field: "x", benefitVnd: 5, authors: [{ name: "An" }]"#,
    ),
    ("reviewInitiative", r#"id: "$1", decision: ACCEPT"#),
    ("reviewInitiatives", r#"ids: ["$2", "$3"], decision: RETURN, note: "Thiếu số liệu""#),
    ("reviseInitiative", r#"id: "$2", title: "Cải tiến máy khâu", authors: [{ name: "Bình" }]"#),
    ("featureInitiative", r#"id: "$1", featured: true"#),
    ("transferInitiative", r#"id: "$2", unit: { code: "d" }"#),
    ("withdrawInitiative", r#"id: "$4""#),
    ("reviewInitiative", r#"id: "$3", decision: REJECT, reason: OTHER"#),
    ("moveUnit", r#"unit: { code: "c" }, newParent: { code: "a" }"#),
    ("closeUnit", r#"unit: { code: "b" }"#),
    ("reopenUnit", ""),
    ("upsertUnit", r#"code: "gone", name: "Nhầm", kind: SECTION, parent: { code: "a" }"#),
    ("deleteUnit", r#"unit: { code: "gone" }"#),
    ("upsertPeriod", r#"code: "p", name: "Chương trình""#),
    ("upsertUnit", r#"code: "tld", memberCount: 9"#),
    (
        "upsertRule",
        r#"code: "q", name: "Quý", criteria: [{ measure: SUBMITTED, steps: [{ from: 1 }] }]"#,
    ),
];

/// Filters of lists of initiatives.
const FILTERS: [&str; 12] = [
    "",
    "statuses: [ACCEPTED]",
    r#"field: "x""#,
    r#"text: "cai khuon""#,
    "kinds: [IDEA]",
    "featured: true",
    r#"text: "cai", mine: true"#,
    "changedAfter: 9",
    "mine: true",
    r#"period: { code: "p" }"#,
    r#"submittedFrom: "2020-01-01", submittedUntil: "2029-12-31""#,
    r#"field: "x", statuses: [PENDING, ACCEPTED]"#,
];

impl Story {
    pub async fn tell(kind: Kind) -> Self {
        let dir = folder();
        let databases = [kind.fresh(), kind.fresh()];
        let urls = [databases[0].url.clone(), databases[1].url.clone()];
        if let Kind::Postgres(cluster) = kind {
            // Statistics that come at any moment, as soon as while the units are imported, would change plans.
            cluster.ask("postgres", "alter system set autovacuum = off");
            cluster.ask("postgres", "select pg_reload_conf()");
            for url in &urls {
                let (_, name) = url.rsplit_once('/').unwrap();
                for setting in [
                    "session_preload_libraries = 'auto_explain'",
                    "auto_explain.log_min_duration = 0",
                    "auto_explain.log_level = 'notice'",
                ] {
                    cluster.ask("postgres", &format!("alter database {name} set {setting}"));
                }
            }
        }
        let mut log = String::new();
        // So many unions that the board leaves the root's pages to the tables.
        let file = dir.path().join("unions.csv");
        std::fs::write(&file, unions()).unwrap();
        run(&["import", "--database", &urls[0], "units", path(&file)], &mut log);
        let node = Node::run(watched(serve(&urls[0])), dir.path()).await;
        let ids = change(&node).await;
        ask(&node, &ids).await;
        node.server.signal("TERM");
        let (code, said) = node.ended().await;
        assert_eq!(code, Some(0));
        log.push_str(&said);
        run(&["token", "create", "--database", &urls[0], "--role", "ADMIN"], &mut log);
        let officer =
            ["token", "create", "--database", &urls[0], "--role", "OFFICER", "--unit", "a"];
        let token = run(&officer, &mut log);
        // The same served again: with a board from the tables, and cursors from before.
        let node = Node::run(watched(serve(&urls[0])), dir.path()).await;
        ask(&node, &ids).await;
        let request = reqwest::Client::new().post(format!("{}/graphql", node.server.address));
        let request = request
            .bearer_auth(token.trim())
            .json(&json!({ "query": "{ viewer { name tokens { name } } }" }));
        assert_eq!(request.send().await.unwrap().status(), 200);
        in_time(async { while !node.said().contains("last_used_at = $2") {} }).await;
        node.server.signal("TERM");
        log.push_str(&node.ended().await.1);
        for noun in NOUNS {
            let file = dir.path().join(noun);
            run(&["export", "--database", &urls[0], noun, path(&file)], &mut log);
            for _ in 0..2 {
                let import = ["import", "--database", &urls[1], "--admitted", noun, path(&file)];
                let name: &[&str] = if noun == "initiatives" { &["--name", "all"] } else { &[] };
                run(&[&import[..], name].concat(), &mut log);
            }
        }
        for name in [&[][..], &["all", "--reason", "nhầm"]] {
            run(&[&["undo-import", "--database", &urls[1]], name].concat(), &mut log);
        }
        run(&["verify", "--database", &urls[0], "--replay"], &mut log);
        for dry in [&["--dry-run"][..], &[]] {
            let prune = ["prune", "--database", &urls[0], "--before", "2020-01-01"];
            run(&[&prune[..], dry].concat(), &mut log);
        }
        run(&["token", "list", "--database", &urls[0]], &mut log);
        run(&["token", "revoke", "--database", &urls[0], "1"], &mut log);
        let [url, _] = urls;
        Self { url, log, _dir: dir, _databases: databases }
    }
}

fn unions() -> String {
    let mut csv = "code,name,kind,parent_code\ntld,Tổng,CONFEDERATION,\n".to_owned();
    csv.push_str("z,Z,PROVINCIAL_FEDERATION,tld\n");
    for number in 0..4_500 {
        csv.push_str(&format!("z{number},Z {number},GRASSROOTS_UNION,z\n"));
    }
    csv
}

async fn change(node: &Node) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for (name, input) in CHANGES {
        let mut input = input.to_owned();
        for (number, id) in ids.iter().enumerate() {
            input = input.replace(&format!("${}", number + 1), id);
        }
        let arguments = match name {
            "reopenUnit" => r#"unit: { code: "b" }"#.to_owned(),
            _ => format!("input: {{ {input} }}"),
        };
        let shown = if name == "submitInitiative" { "initiative { id } replayed" } else { "" };
        let query = format!(
            "mutation {{ it: {name}({arguments}) {{ errors {{ code message }} {shown} }} }}"
        );
        let answer = node.client.answer(&query, json!({})).await.unwrap();
        assert_eq!(answer["data"]["it"]["errors"], json!([]), "{query}: {answer}");
        if answer["data"]["it"]["replayed"] == json!(false) {
            ids.push(answer["data"]["it"]["initiative"]["id"].as_str().unwrap().to_owned());
        }
    }
    ids
}

async fn ask(node: &Node, ids: &[String]) {
    let tell = async |query: String| -> Value {
        let answer = node.client.answer(&query, json!({})).await.unwrap();
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].clone()
    };
    const PAGE: &str = "totalCount nodes { id } pageInfo { startCursor endCursor }";
    for (order, filters) in [("SUBMITTED_AT", FILTERS.len()), ("UPDATED_AT", 4), ("BENEFIT", 4)] {
        for filter in &FILTERS[..filters] {
            for within in ["", r#"within: { code: "a" }"#, r#"within: { code: "d" }"#] {
                let list =
                    format!("filter: {{ {filter} {within} }}, orderBy: {{ field: {order} }}");
                let page = tell(format!("{{ it: initiatives(first: 1, {list}) {{ {PAGE} }} }}"));
                let end = page.await["it"]["pageInfo"]["endCursor"].clone();
                if let Some(end) = end.as_str() {
                    for turn in [
                        format!(r#"first: 1, after: "{end}""#),
                        format!(r#"last: 1, before: "{end}""#),
                    ] {
                        tell(format!("{{ it: initiatives({turn}, {list}) {{ {PAGE} }} }}")).await;
                    }
                }
            }
        }
        tell(
            r#"{ unit(ref: { code: "c" }) { breakdown(by: TEAM) { key submitted } } }"#.to_owned(),
        )
        .await;
        // The lists of all units, without a filter: which of these come together is a matter of the moment.
        tell(format!(
            "{{ units {{ nodes {{ initiatives(first: 1, orderBy: {{ field: {order} }}) {{ {PAGE} }} }} }} }}"
        ))
        .await;
    }
    // Some of the lists of all units come together at each try.
    for _ in 0..3 {
        tell(format!(
            "{{ units {{ nodes {{ initiatives(first: 1, filter: {{ kinds: [IDEA] }}) {{ {PAGE} }} }} }} }}"
        ))
        .await;
    }
    // Lists of some units each, of which the board does not tell what is asked.
    tell(
        r#"{ unitsByCode(codes: ["a", "b"]) { initiatives(first: 1, filter: { text: "cai", mine: true }) { nodes { id } } } }"#
            .to_owned(),
    )
    .await;
    let id = &ids[0];
    let events =
        tell(format!(r#"{{ initiative(id: "{id}") {{ authors {{ name }} events {{ kind }} }} }}"#));
    assert_ne!(events.await["initiative"]["events"], json!([]));
    let log = tell("{ initiativeEvents(first: 1) { pageInfo { endCursor } } }".to_owned()).await;
    let cursor = log["initiativeEvents"]["pageInfo"]["endCursor"].as_str().unwrap();
    tell(format!(r#"{{ initiativeEvents(after: "{cursor}") {{ nodes {{ kind }} }} }}"#)).await;
    for list in ["units", "initiatives"] {
        tell(format!(r#"{{ {list}(filter: {{ changedSince: "{cursor}" }}) {{ totalCount }} }}"#))
            .await;
    }
    tell("{ viewer { name } }".to_owned()).await;
}

/// Logs what it sends to the database, and what PostgreSQL says to that.
fn watched(mut command: Command) -> Command {
    command
        .env("SANGKIEN_LOG", "off,sqlx::query=trace,sqlx::postgres::notice=trace")
        .env("SANGKIEN_LOG_FORMAT", "json");
    command
}

/// Runs a command; what it prints.
fn run(arguments: &[&str], log: &mut String) -> String {
    let mut command = watched(Command::new(env!("CARGO_BIN_EXE_sangkien")));
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    log.push_str(&said);
    String::from_utf8(output.stdout).unwrap()
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}
