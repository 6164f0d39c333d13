//! The plans of all statements of the store, on both databases, held as text: `sqlite.txt` and `postgres.txt`.
//!
//! The program itself is watched, with the settings of its own sessions: a server that is asked and changed in all ways, and
//! each command. The statements that it sends to the database are gathered from its log. PostgreSQL tells the plan of each statement as
//! it was executed (`auto_explain`); SQLite is asked for it afterwards. A piece of SQL in the store that no gathered
//! statement holds is a fault of this test, so that no statement is forgotten.

mod sources;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Row as _};
use tempfile::TempDir;

use crate::database::{Kind, in_time, open_sqlite};
use crate::postgres;
use story::Story;

/// Tables that grow without end. A table or an alias that is read whole has no index beside its name.
const BUSY: [&str; 6] = ["initiatives", "i", "t", "events", "authors", "people"];

/// Statements that may read a busy table whole: counts of all units by a filter that no index holds. A document pays for
/// them by what they read.
const COUNTS: &str = "select count(*) from initiatives i where true";
/// Nor does an index hold which import entered an initiative, for which a command asks once in a while.
const IMPORTS: &str = "select substr(entered_by, 8), count(*)";

/// Statements, each with the ways in which it reads tables.
type Plans = BTreeMap<String, BTreeSet<String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_reads_a_busy_table_on_sqlite() {
    let story = in_time(Story::tell(Kind::Sqlite)).await;
    let mut conn = open_sqlite(story.url.strip_prefix("sqlite://").unwrap()).await;
    let mut plans = Plans::new();
    for statement in logged_statements(&story.log) {
        let reads = plans.entry(statement.clone()).or_default();
        let sql = format!("explain query plan {statement}");
        // Pragmas and what begins and ends transactions have no plan.
        let Ok(rows) = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await else { continue };
        let details = rows.iter().map(|row| row.get::<String, _>("detail"));
        reads.extend(details.filter(|it| it.starts_with("SCAN") || it.starts_with("SEARCH")));
    }
    refuse(&plans, |statement, read| {
        let mut words = read.split(' ');
        let is_whole = words.next() == Some("SCAN") && !read.contains("USING");
        // The table itself is in the order of numbers, which a list may follow as far as its page goes.
        let is_page = statement.contains(" order by i.id ") && statement.contains(" limit ");
        is_whole && !is_page && words.next().is_some_and(|table| BUSY.contains(&table))
    });
    hold("sqlite", "SQLite", &plans);
    sources::check(plans.keys(), sources::Dialect::Sqlite);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_reads_a_busy_table_on_postgresql() {
    let Some(cluster) = postgres::cluster() else { return };
    let story = in_time(Story::tell(Kind::Postgres(cluster))).await;
    let mut plans = Plans::new();
    for notice in messages(&story.log, "sqlx::postgres::notice", "message") {
        let Some((_, told)) = notice.split_once("Query Text: ") else { continue };
        let (statement, plan) = told.split_at(start_of_plan(told));
        let reads = plans.entry(one_line(statement)).or_default();
        reads.extend(plan.lines().filter(|line| line.contains("Scan ")).map(scan));
    }
    refuse(&plans, |_, read| {
        let table = read.strip_prefix("Seq Scan on ").and_then(|rest| rest.split(' ').next());
        table.is_some_and(|table| BUSY.contains(&table))
    });
    let version =
        cluster.ask("postgres", "select current_setting('server_version_num')::int / 10000");
    hold("postgres", &format!("PostgreSQL {version}"), &plans);
    sources::check(plans.keys(), sources::Dialect::Postgres);
}

/// The plan begins at the first line that tells a cost.
fn start_of_plan(told: &str) -> usize {
    let cost = told.find("  (cost=").expect("a plan tells its cost");
    told[..cost].rfind('\n').map_or(0, |end| end + 1)
}

/// `Index Scan using events_pkey on events`, without its place in the plan and its cost.
fn scan(line: &str) -> String {
    let line = line.split("  (cost=").next().unwrap_or(line).trim();
    line.strip_prefix("->").unwrap_or(line).trim().to_owned()
}

/// All statements of a log, each once.
fn logged_statements(log: &str) -> BTreeSet<String> {
    let whole = messages(log, "sqlx::query", "db.statement");
    let short = messages(log, "sqlx::query", "summary").filter(|it| !it.ends_with('…'));
    whole.chain(short).map(|it| one_line(&it)).filter(|it| !it.is_empty()).collect()
}

/// A field of all events of a target.
fn messages(log: &str, target: &str, field: &str) -> impl Iterator<Item = String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let events = lines.filter(move |event| event["target"] == target);
    events.filter_map(move |event| Some(event[field].as_str()?.to_owned()))
}

/// Any white space is one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lists of units are read together or one by one, as the moment has it; so they have no place in the text.
const BY_CHANCE: &str = "select list, ";

/// Holds the plans against the committed text, if that is of the same planner.
fn hold(name: &str, planner: &str, plans: &Plans) {
    let file = format!("tests/it/plans/{name}.txt");
    let committed = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
    let committed = committed.unwrap_or_default();
    let (head, committed) = committed.split_once('\n').unwrap_or((planner, ""));
    if head != planner {
        eprintln!("the plans of {file} are not those of {planner}");
        return;
    }
    // The index of its own catalog that the planner takes depends on how many databases there are.
    let found = print(plans).replace("pg_database_oid_index", "pg_database_datname_index");
    if committed != found {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.txt"));
        std::fs::write(&path, format!("{planner}\n{found}")).unwrap();
        panic!("plans are not those of {file}: compare it with {}, or copy that", path.display());
    }
}

/// A statement a line, and below it each way in which it reads a table.
fn print(plans: &Plans) -> String {
    let mut text = String::new();
    let is_held = |(statement, reads): &(&String, &BTreeSet<String>)| {
        !reads.is_empty() && !statement.starts_with(BY_CHANCE)
    };
    for (statement, reads) in plans.iter().filter(is_held) {
        text.extend([statement.as_str(), "\n"]);
        reads.iter().for_each(|read| text.extend(["    ", read, "\n"]));
    }
    text
}

/// No statement reads a busy table whole, as `is_whole` judges a statement's way to read.
fn refuse(plans: &Plans, is_whole: impl Fn(&str, &str) -> bool) {
    let mut found = Vec::new();
    for (statement, reads) in
        plans.iter().filter(|(it, _)| ![COUNTS, IMPORTS].iter().any(|whole| it.starts_with(whole)))
    {
        let reads = reads.iter().filter(|read| is_whole(statement, read));
        found.extend(reads.map(|read| format!("{read}: {statement}")));
    }
    assert_eq!(found, Vec::<String>::new(), "these read a busy table whole");
}

/// A folder that nobody else uses.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
