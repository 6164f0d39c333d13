//! The claims of the documents, held against the program.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use sangkien::error::Code;
use sangkien::graphql::request::price::rates;
use sangkien::limits;
use serde_json::{Value, json};

use crate::blocks::blocks;
use crate::descriptions::parts;
use crate::harness::World;

const INSTALL: &str = include_str!("../../docs/operators/INSTALL.md");
const FIRST_DAY: &str = include_str!("../../docs/operators/FIRST-DAY.md");
const EVERY_DAY: &str = include_str!("../../docs/operators/EVERY-DAY.md");
const REFERENCE: &str = include_str!("../../docs/operators/REFERENCE.md");

/// The bounds that partners are told are those that hold.
#[test]
fn partners_are_told_the_limits_that_hold() {
    let text = include_str!("../../docs/PARTNERS.md");
    let table = text.split("\n## ").find(|section| section.starts_with("Limits\n"));
    let table = table.expect("a table of limits");
    let told: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1))
        .skip(1)
        .filter(|bound| !bound.starts_with("---"))
        .collect();
    let bounds = [
        format!("{}, {} if not said", limits::PAGE_MAX, limits::PAGE_DEFAULT),
        limits::PAGE_MAX.to_string(),
        limits::REVIEWS_MAX.to_string(),
        limits::GOALS_MAX.to_string(),
        format!("{} KiB", limits::BODY_MAX / 1024),
        format!("{} s", limits::BODY_WITHIN.as_secs()),
        format!("{} s", limits::HEAD_WITHIN.as_secs()),
        limits::DOCUMENT_TOKENS_MAX.to_string(),
        limits::QUERY_DEPTH_MAX.to_string(),
        limits::QUERY_SELECTIONS_MAX.to_string(),
        limits::HISTORY_DAYS.to_string(),
        limits::EVENTS_SCANNED_MAX.to_string(),
        limits::WRITER_QUEUE.to_string(),
    ];
    assert_eq!(told, bounds);
}

/// The bounds that SECURITY.md states are those that hold.
#[test]
fn strangers_cost_what_is_stated() {
    let text = include_str!("../../docs/SECURITY.md");
    let table = text.split("## Bounds on a stranger").nth(1).expect("a table of bounds");
    let table = table.split("\n## ").next().unwrap();
    let told: Vec<(&str, &str)> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "))
        .skip(1)
        .filter_map(|(what, rest)| Some((what, rest.split_once(" | ")?.0)))
        .collect();
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    let mib = |bytes: u64| format!("{} MiB", bytes / 1024 / 1024);
    let number = thousands;
    let bounds = [
        (
            "connections, of whatever kind",
            format!("{}, or as many as there are files for", number(limits::CONNECTIONS_MAX)),
        ),
        ("sockets and streams", number(limits::SOCKETS_MAX)),
        (
            "sockets and streams of one address, of IPv6 one network of 64 bits",
            format!("{}, or what the operator says", number(limits::SOCKETS_PER_ADDRESS)),
        ),
        (
            "of these, of states that are followed and their bytes, and of bytes of bodies, kept for those with a token",
            format!("one in {}", limits::KEPT_FOR_TOKENS),
        ),
        (
            "of these, for one address where one in 2 is taken",
            format!("one in {}", limits::CROWDED_SHARE),
        ),
        ("a connection that asks nothing", format!("{} s", limits::HEAD_WITHIN.as_secs())),
        ("a body", format!("{} within {} s", kib(limits::BODY_MAX), limits::BODY_WITHIN.as_secs())),
        (
            "bodies over 8 KiB that are read or being answered",
            format!(
                "{}, of one client {}",
                mib(limits::BODIES_BYTES as u64),
                mib(limits::BODIES_BYTES_PER_CLIENT as u64)
            ),
        ),
        (
            "a body too large, read and thrown away",
            format!(
                "{} MiB within {} s",
                limits::DISCARD_MAX / 1024 / 1024,
                limits::DISCARD_WITHIN.as_secs()
            ),
        ),
        ("lists and objects of JSON within one another", number(limits::JSON_NESTING_MAX)),
        ("a message over a socket", kib(limits::MESSAGE_MAX)),
        (
            "messages over a socket",
            format!(
                "{} at once, {} a second in the long run",
                limits::SOCKET_MESSAGES_AT_ONCE,
                limits::SOCKET_MESSAGES_A_SECOND
            ),
        ),
        ("an operation's id over a socket", format!("{} bytes", limits::OPERATION_ID_MAX)),
        ("operations on a socket", number(limits::SOCKET_OPERATIONS_MAX)),
        ("documents and variables of the operations on a socket", kib(limits::SOCKET_HELD_MAX)),
        (
            "bytes that a client leaves unread",
            format!("{} KiB for {} s", limits::UNSENT_MAX / 1024, limits::UNREAD_MAX.as_secs()),
        ),
        ("tokens of a document", number(limits::DOCUMENT_TOKENS_MAX)),
        ("brackets in it within one another, of any kind", number(limits::DOCUMENT_NESTING_MAX)),
        ("levels of fields in it", number(limits::QUERY_DEPTH_MAX)),
        ("fields and fragments it selects", number(limits::QUERY_SELECTIONS_MAX)),
        (
            "price of a document without a token, in units of 2 µs of one core",
            number(limits::COST_DOCUMENT_ANONYMOUS as usize),
        ),
        (
            "price of all that an address asks without a token in a minute",
            number(limits::COST_MINUTE_ANONYMOUS as usize),
        ),
        (
            "fields, bytes and scanned rows of one execution",
            format!(
                "{}, {}, {}",
                number(limits::EXECUTION_FIELDS_MAX as usize),
                mib(limits::EXECUTION_BYTES_MAX),
                number(limits::EXECUTION_SCANNED_MAX as usize)
            ),
        ),
        (
            "executions that wait for a thread",
            format!(
                "{}, of one client {}",
                number(limits::EXECUTIONS_QUEUED_MAX),
                limits::EXECUTIONS_QUEUED_PER_CLIENT
            ),
        ),
        (
            "states that are followed",
            format!(
                "{}, of one client {}",
                number(limits::CHANNELS_MAX),
                number(limits::CHANNELS_PER_ADDRESS)
            ),
        ),
        (
            "bytes of these states, and of the documents and variables of who follows them",
            format!(
                "{}, of one client {}",
                mib(limits::CHANNELS_BYTES as u64),
                mib(limits::CHANNELS_BYTES_PER_CLIENT as u64)
            ),
        ),
        (
            "time of the processor for states that are followed",
            format!("{:.0} %", limits::CHANNELS_SHARE * 100.0),
        ),
        (
            "past events a second that the event feeds of one client look through",
            number(usize::try_from(limits::FEED_EVENTS_A_SECOND).unwrap()),
        ),
        ("errors that are told of a document", number(limits::VALIDATION_ERRORS_MAX)),
        ("an error's message", format!("{} characters", limits::ERROR_TEXT_MAX)),
        ("cached documents", mib(limits::DOCUMENTS_BYTES)),
        (
            "cached answers",
            format!("{}, {} each", mib(limits::RESULTS_BYTES), mib(limits::RESULT_MAX as u64)),
        ),
        ("cached counts of lists of initiatives", mib(limits::LIST_COUNTS_BYTES)),
        ("cached rankings, earlier standings and lists of units", mib(limits::BOARD_CACHE_BYTES)),
        (
            "pages of an SQLite file",
            format!(
                "{} of the writer, {} of each of {} readers",
                mib(limits::SQLITE_WRITER_CACHE),
                mib(limits::SQLITE_READER_CACHE),
                limits::READ_CONNECTIONS
            ),
        ),
        (
            "tokens remembered, good and bad ones apart",
            format!("{} each", number(limits::TOKENS_REMEMBERED)),
        ),
        (
            "trust in a known token while the database cannot be asked",
            format!(
                "{} hour from its last answer",
                limits::TOKEN_TRUSTED_UNCONFIRMED.as_secs() / 3_600
            ),
        ),
        (
            "look-ups of tokens that are not known",
            format!("{} a second", limits::UNKNOWN_TOKENS_A_SECOND),
        ),
        ("clients whose budgets are remembered", number(limits::CLIENTS_BUDGETED)),
        ("changes that wait to be written", number(limits::WRITER_QUEUE)),
    ];
    for ((what, bound), told) in bounds.iter().zip(&told) {
        assert_eq!(*told, (*what, bound.as_str()), "a row of docs/SECURITY.md");
    }
    assert_eq!(told.len(), bounds.len());
    assert_eq!(limits::BODY_SMALL, 8 * 1024, "as a row says");
    let caches = limits::DOCUMENTS_BYTES
        + limits::RESULTS_BYTES
        + limits::LIST_COUNTS_BYTES
        + limits::BOARD_CACHE_BYTES
        + limits::FEED_PAGES_BYTES;
    let pages = limits::SQLITE_WRITER_CACHE
        + u64::from(limits::READ_CONNECTIONS) * limits::SQLITE_READER_CACHE;
    let [bodies, followed] = [limits::BODIES_BYTES, limits::CHANNELS_BYTES].map(|it| it as u64);
    let whole = |bytes: u64| bytes / 1024 / 1024;
    let sums = format!(
        "come to {}: caches {} ({} of them for pages of the log that event feeds read), pages\nof the database {}, bodies {}, \
         what is followed {}.",
        mib(caches + pages + bodies + followed),
        whole(caches),
        whole(limits::FEED_PAGES_BYTES),
        whole(pages),
        whole(bodies),
        whole(followed)
    );
    assert!(text.contains(&sums), "{sums}");
}

/// A number as people write it.
fn thousands(number: usize) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", thousands(number / 1_000), number % 1_000)
}

/// The bounds of cost that docs/PARTNERS.md states are those that hold.
#[test]
fn partners_are_told_the_costs_that_hold() {
    let text = include_str!("../../docs/PARTNERS.md");
    let section = text.split("## The price of a request").nth(1).expect("a section of costs");
    let (_, table) = section.split_once("| who |").expect("a table of bounds");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let told: Vec<&str> = rows.map(|(_, costs)| costs).collect();
    let bounds = [
        (limits::COST_DOCUMENT_ANONYMOUS, limits::COST_MINUTE_ANONYMOUS),
        (limits::COST_DOCUMENT_PARTNER, limits::COST_MINUTE_PARTNER),
        (limits::COST_DOCUMENT_OTHERS, limits::COST_MINUTE_OTHERS),
    ];
    assert_eq!(told, bounds.map(|(document, minute)| format!("{document} | {minute} |")));
    for said in [
        format!("{} µs of one core", sangkien::graphql::cost::budgets::UNIT_MICROS),
        format!("for each {} bytes of", limits::NEW_TEXT_BYTES),
        format!("for each {} values", limits::VARIABLE_VALUES),
    ] {
        assert!(section.contains(&said), "{said}");
    }
}

/// A price that the description of a list and docs/PARTNERS.md state: so many units for each so many things.
struct StatedPrice {
    path: &'static str,
    units: u64,
    each: u64,
    things: &'static str,
    /// The work for one of the things, in nanoseconds.
    work: u64,
}

impl StatedPrice {
    fn text(&self) -> String {
        match self.each {
            1 => format!("{} for each {}", self.units, self.things),
            each => format!("{} for each {each} {}", self.units, self.things),
        }
    }

    /// Whether the stated price is within a fifth of the one that is taken.
    fn holds(&self) -> bool {
        let (stated, taken) = (self.units * rates::UNIT, self.each * self.work);
        stated.abs_diff(taken) * 5 <= taken
    }
}

fn stated_prices() -> Vec<StatedPrice> {
    let row = rates::READY.object;
    let search = rates::SEARCHED_UNIT + rates::SEARCHED_WORD;
    // The work for each unit of a list of so many, in order.
    let in_order =
        |units: u32| rates::SCANNED_UNIT + rates::SORTED_UNIT * u64::from(units.ilog2() + 1);
    // All units of the demo's union, and those directly below its root.
    let (tree, provinces) = (in_order(14_186), in_order(83));
    let of_meeting = provinces + 2 * rates::COUNTED_UNIT;
    let history = rates::HISTORY * (rates::READ_EVENT + rates::LIBRARY.object);
    [
        ("Query.fields", 1, 3, "fields of work", row),
        ("Query.initiativeEvents", 2, 1, "event that the page looks through", rates::READ_EVENT),
        ("Query.initiatives", 13, 1, "row", rates::READ_INITIATIVE),
        ("Query.initiatives", 1, 10, "initiatives", rates::COUNTED_INITIATIVE),
        ("Query.initiatives", 1, 10, "units", rates::FOUND_UNIT),
        ("Query.initiatives", 1, 67, "initiatives that it is found among", rates::FOUND_INITIATIVE),
        ("Query.leaderboard", 1, 1, "unit that is ranked", rates::RANKED_UNIT),
        ("Query.nodes", 7, 3, "ids", rates::LOOKUP + row),
        ("Query.periods", 1, 4, "periods that it looks through", rates::SCANNED_PERIOD),
        ("Query.searchUnits", 1, 3, "units of the whole tree", search),
        ("Query.units", 3, 2, "units among which it looks", tree),
        ("Query.unitsByCode", 2, 1, "code", rates::LOOKUP),
        ("Unit.ancestors", 1, 3, "units above", row),
        ("Unit.breakdown", 1, 7, "units below the unit", rates::BROKEN_DOWN_UNIT),
        ("Unit.breakdown", 1, 100, "of its initiatives", rates::BROKEN_DOWN_INITIATIVE),
        ("Unit.children", 1, 1, "of them", provinces),
        ("Unit.clusters", 3, 4, "units directly below", rates::SCANNED_UNIT),
        ("Unit.daily", 1, 3, "days", row),
        ("Unit.descendants", 3, 2, "of them", tree),
        ("Unit.periods", 1, 4, "periods that cover the unit", rates::SCANNED_PERIOD),
        ("Unit.rules", 1, 3, "rules", row),
        ("Unit.standing", 1, 1, "unit that is ranked", rates::RANKED_UNIT),
        ("Unit.targets", 1, 3, "targets", row),
        ("Period.closings", 1, 3, "closings", row),
        ("Closing.breakdown", 1, 1, "unit that the period covered", rates::KEPT_UNIT),
        ("Closing.tally", 1, 1, "unit that the period covered", rates::KEPT_UNIT),
        ("Closing.leaderboard", 1, 1, "unit that is ranked", rates::RANKED_UNIT),
        ("Briefing.backlog", 1, 80, "initiatives of the whole union", rates::AGED_INITIATIVE),
        ("Briefing.bands", 4, 3, "units that are ranked", rates::RANKED_UNIT + rates::COUNTED_UNIT),
        (
            "Briefing.clusters",
            3,
            2,
            "units that are ranked",
            rates::RANKED_UNIT + rates::SUMMED_UNIT,
        ),
        ("Briefing.laggards", 1, 1, "unit that is ranked", rates::RANKED_UNIT),
        ("Briefing.movers", 1, 1, "unit that is ranked", rates::RANKED_UNIT),
        ("Briefing.notStarted", 3, 2, "of the units directly below", of_meeting),
        ("Briefing.silent", 3, 2, "of the units directly below", of_meeting),
        ("Briefing.targets", 1, 3, "targets", row),
        ("ClusterRow.leaders", 1, 3, "rows", row),
        ("Leaderboard.around", 1, 3, "rows", row),
        ("Leaderboard.entries", 1, 3, "rows", row),
        ("Leaderboard.sum", 1, 3, "units that are ranked", rates::SUMMED_UNIT),
        ("Assessment.rows", 3, 2, "units that are judged", rates::JUDGED_UNIT),
        ("Assessment.rows", 1, 4, "criteria", rates::JUDGED_CRITERION),
        ("Period.assessments", 1, 3, "of them", row),
        ("Rule.criteria", 1, 3, "criteria", row),
        ("Rule.grades", 1, 3, "grades", row),
        ("Rule.kinds", 1, 5, "kinds", rates::READY.leaf),
        ("Criterion.steps", 1, 3, "steps", row),
        ("Assessment.rows", 1, 8, "of them", rates::COUNTED_UNIT),
        ("AssessmentRow.results", 1, 3, "criteria", row),
        ("Initiative.authors", 5, 1, "initiative", rates::AUTHORS * rates::LIBRARY.object),
        ("Initiative.events", 15, 1, "initiative", history),
        ("Initiative.viewerMay", 3, 2, "initiatives", 2 * rates::LIBRARY.leaf),
        ("Viewer.grants", 1, 3, "grants", row),
        ("Viewer.tokens", 300, 1, "look-up of the token", rates::STATEMENT),
    ]
    .map(|(path, units, each, things, work)| StatedPrice { path, units, each, things, work })
    .into()
}

/// The lists of the schema, connections included; but for the rows of pages, which their lists' prices are about, and for
/// what a change answers.
fn lists_of_the_schema() -> BTreeSet<String> {
    let mut lists = BTreeSet::new();
    for definition in parse_schema(sangkien::graphql::schema().sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (name, TypeKind::Object(object)) = (&definition.node.name.node, definition.node.kind)
        else {
            continue;
        };
        if ["Connection", "Payload", "UserError"].iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        for field in object.fields {
            let of_type = field.node.ty.node.to_string();
            if of_type.contains('[') || of_type.contains("Connection") {
                lists.insert(format!("{name}.{}", field.node.name.node));
            }
        }
    }
    lists
}

/// Each list states its price in its description and to partners, and the price is the one that is taken.
#[tokio::test]
async fn lists_state_the_prices_that_are_taken() {
    let partners = include_str!("../../docs/PARTNERS.md");
    let (_, section) = partners.split_once("## The price of a request").expect("a section");
    let parts = parts().await;
    let told = |path: &str| {
        let part = parts.iter().find(|part| part.path == path);
        let row = section.lines().find(|line| line.starts_with(&format!("| `{path}` | ")));
        [part.map(|part| part.description.as_str()), row]
            .map(|told| told.unwrap_or_else(|| panic!("{path} states no price")))
    };
    let prices = stated_prices();
    for price in &prices {
        assert!(price.holds(), "{}: {}", price.path, price.text());
        for told in told(price.path) {
            assert!(
                told.contains(&price.text()),
                "{}: {} is not in {told}",
                price.path,
                price.text()
            );
        }
    }
    for told in told("Unit.initiatives") {
        assert!(told.contains("as much as `Query.initiatives`"), "{told}");
    }
    let scan = format!("up to {} for finding", thousands(units(rates::PAGE_MAX)));
    assert!(told("Query.initiatives").iter().all(|told| told.contains(&scan)), "{scan}");
    let walk = format!("{} at most", thousands(units(rates::WALK_MAX)));
    assert!(told("Query.initiatives").iter().all(|told| told.contains(&walk)), "{walk}");
    let once = format!("{} for all of them together", units(rates::STATEMENT));
    assert!(told("Initiative.events").iter().all(|told| told.contains(&once)), "{once}");
    let with_price: BTreeSet<String> = prices.iter().map(|price| price.path.to_owned()).collect();
    let without = |path: &String| path != "Unit.initiatives" && !with_price.contains(path);
    let without: Vec<String> = lists_of_the_schema().into_iter().filter(without).collect();
    assert!(without.is_empty(), "{without:?}");
    for (units, each, things, work) in [
        (1, 5, "values", rates::READY.leaf),
        (1, 3, "of them", rates::READY.object),
        (3, 4, "values", rates::LIBRARY.leaf),
        (7, 4, "rows", rates::LIBRARY.object),
        (3, 1, "value of its input", rates::COMMAND_PART),
    ] {
        let price = StatedPrice { path: "", units, each, things, work };
        assert!(price.holds() && section.contains(&price.text()), "{}", price.text());
    }
    for said in [
        format!("An execution costs {} by itself", units(rates::EXECUTION)),
        format!("costs {} once", units(rates::READING)),
        format!("A change costs {}", units(rates::COMMAND)),
    ] {
        assert!(section.contains(&said), "{said}");
    }
}

/// Units of a price for so many nanoseconds.
fn units(work: u64) -> usize {
    usize::try_from(work / rates::UNIT).unwrap()
}

/// Each code of a top-level error has its row, and there is no other.
#[test]
fn every_code_of_an_error_is_in_the_table() {
    let text = include_str!("../../docs/ERRORS.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let told: Vec<&str> = rows.filter(|code| *code != "code").collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(told, codes);
}

/// Error codes come from the table: no other file of the edge spells one.
#[test]
fn no_code_is_spelt_beside_the_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.join("graphql"), source.join("http")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.ends_with("graphql/error.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // Tests name codes that they expect, so only the program is searched.
            let program = text.split("#[cfg(test)]\nmod ").next().unwrap();
            for code in Code::ALL.iter().map(|code| code.as_str()) {
                assert!(!program.contains(&format!("\"{code}")), "{code} in {}", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 50, "{read} files");
}

/// The bounds that CLOSE-CODES.md names.
#[test]
fn the_bounds_of_a_socket_are_those_that_hold() {
    let text = include_str!("../../docs/CLOSE-CODES.md");
    for said in [
        format!("larger than {} KiB", limits::MESSAGE_MAX / 1024),
        format!("pings of the server, {} s apart", limits::SOCKET_PING_EVERY.as_secs()),
        format!("no `connection_init` within {} s", limits::SOCKET_INIT_WITHIN.as_secs()),
        format!("nothing was read from it for {} s", limits::SOCKET_WRITE_WITHIN.as_secs()),
        format!("({} run on the socket)", limits::SOCKET_OPERATIONS_MAX),
    ] {
        assert!(text.contains(&said), "{said}");
    }
}

/// Names of metrics in a text; what Prometheus adds to a histogram's name is taken away.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let names = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    let names = names.filter(|name| name.starts_with("sangkien_"));
    let parts = ["_bucket", "_sum", "_count"];
    names
        .map(|name| parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name))
        .collect()
}

/// The present metrics, without the table of former names.
fn counted_now() -> &'static str {
    let measure = include_str!("../../src/measure.rs");
    measure.split_once("const FORMER_NAMES").expect("former names have a table").0
}

/// The dashboard shows all metrics, and nothing else; each panel has its own id.
#[test]
fn the_dashboard_shows_what_is_counted() {
    let text = include_str!("../../docs/grafana/sangkien.json");
    let counted = metrics_in(counted_now());
    assert!(counted.len() >= 20);
    assert_eq!(metrics_in(text), counted);

    let dashboard: Value = serde_json::from_str(text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let is_row = |panel: &&Value| panel["type"] == "row";
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
    }
    for panel in panels.iter().filter(|panel| !is_row(panel)) {
        let targets = panel["targets"].as_array().unwrap();
        for part in targets.iter().chain([panel]) {
            // The operator chooses the Prometheus when importing the dashboard.
            assert_eq!(part["datasource"]["uid"], "${datasource}", "{panel}");
        }
    }
    let asked: Vec<_> = panels.iter().filter(is_row).map(|row| row["title"].as_str()).collect();
    assert_eq!(asked.len(), 4, "{asked:?}");
}

/// The metrics that the operators' documents name exist.
#[test]
fn operators_are_told_of_metrics_that_there_are() {
    let counted = metrics_in(counted_now());
    for text in [EVERY_DAY, REFERENCE] {
        let told = metrics_in(text);
        assert!(told.len() >= 7, "{told:?}");
        assert_eq!(told.difference(&counted).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}

/// The partition of files that the documents state holds.
#[test]
fn the_files_of_the_process_are_shared_out_as_told() {
    for said in [
        format!("keeps\n{} of them for the database", limits::FILES_RESERVE),
        format!("room for {} files", thousands(limits::CONNECTIONS_MAX + limits::FILES_RESERVE)),
        format!("has {} connections", thousands(limits::CONNECTIONS_MAX)),
        format!("{} of which may be sockets", thousands(limits::SOCKETS_MAX)),
    ] {
        assert!(REFERENCE.contains(&said), "{said}");
    }
}

/// The deadlines and connections of PostgreSQL that the document states hold.
#[test]
fn operators_are_told_the_deadlines_of_postgresql() {
    let text = include_str!("../../docs/POSTGRESQL.md");
    let connections = [
        ("the writer", limits::WRITE_CONNECTIONS),
        ("lists and loaders", limits::READ_CONNECTIONS),
        ("tokens, health", limits::BRIEF_CONNECTIONS),
        ("a migration", limits::LONG_CONNECTIONS),
        ("others' commits", 1),
    ];
    for (purpose, number) in connections {
        let line = text.lines().find(|line| line.starts_with('|') && line.contains(purpose));
        let line = line.unwrap_or_else(|| panic!("{purpose}"));
        assert!(line.contains(&format!("| {number}")), "{line}");
    }
    let sum: u32 = connections.iter().map(|(_, number)| number).sum();
    assert_eq!(text.matches(&format!("{sum} connections")).count(), 2);
    for (step, deadline) in [
        ("its begin", limits::ACQUIRE_WITHIN),
        ("a statement", limits::STATEMENT_WITHIN),
        ("another node holds it", limits::LOCK_WITHIN),
        ("holds the counter row and", limits::IDLE_WITHIN),
        ("a transaction that reads", limits::READ_IDLE_WITHIN),
        ("a commit |", limits::COMMIT_WITHIN),
        ("a stop", limits::STOP_WITHIN),
    ] {
        let line = text.lines().find(|line| line.starts_with('|') && line.contains(step));
        let line = line.unwrap_or_else(|| panic!("{step}"));
        assert!(line.contains(&format!("| {} s |", deadline.as_secs())), "{line}");
    }
    let keepalive = format!("connection after {} s", limits::KEEPALIVE_AFTER.as_secs());
    assert!(text.contains(&keepalive), "{keepalive}");
}

#[test]
fn operators_are_told_how_long_is_waited() {
    let stop = limits::STOP_WITHIN;
    let with_traces = stop + limits::TRACES_FLUSHED_WITHIN;
    for (text, said) in [
        (REFERENCE, format!("asked nothing for {} s", limits::HEAD_WITHIN.as_secs())),
        (REFERENCE, format!("not come within {} s", limits::BODY_WITHIN.as_secs())),
        (
            REFERENCE,
            format!("waits up to {} s for the last ones", limits::TRACES_FLUSHED_WITHIN.as_secs()),
        ),
        (
            EVERY_DAY,
            format!(
                "within {} s whatever clients do ({} s if",
                stop.as_secs(),
                with_traces.as_secs()
            ),
        ),
        (INSTALL, format!("keeps an idle connection for {} s", limits::HEAD_WITHIN.as_secs())),
        (INSTALL, format!("may open {} sockets", thousands(limits::SOCKETS_PER_ADDRESS))),
    ] {
        assert!(text.contains(&said), "{said}");
    }
    let grace = EVERY_DAY.split("stop_grace_period: ").nth(1);
    let grace = grace.and_then(|rest| rest.split("s`").next());
    let grace: u64 = grace.expect("how long a container may take").parse().unwrap();
    assert!(grace >= with_traces.as_secs());
}

/// Runs the program as an operator does; gives its output.
async fn sangkien(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    command.args(arguments).env("SANGKIEN_LOG", "off").stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command of a document at a terminal, in the folder of the files that go with the first day; gives its
/// output.
async fn shell(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_sangkien")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-eu", "-c", command])
        .current_dir(root().join("docs/first-day"))
        .env("PATH", path)
        .env("SANGKIEN_LOG", "off")
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || shell.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The test that carries out the blocks of a document, by their language. A block of another kind needs a
/// test first.
const CARRIED_OUT: [(&str, &str, &str); 19] = [
    ("operators/BRIEFING.md", "text", "nobody: it is for Excel"),
    ("QUERIES.md", "graphql", "api::queries and readme"),
    ("QUERIES.md", "json", "api::queries and readme"),
    ("operators/INSTALL.md", "sh", "readme, whose block it is"),
    ("operators/INSTALL.md", "nginx", "proxies"),
    ("operators/INSTALL.md", "caddy", "proxies"),
    ("operators/FIRST-DAY.md", "sh", "the_first_day_goes_as_written"),
    ("operators/FIRST-DAY.md", "csv", "the_rows_shown_are_those_of_the_files"),
    ("operators/EVERY-DAY.md", "sh", "commands_are_those_that_there_are"),
    ("CSV.md", "sh", "commands_are_those_that_there_are"),
    ("PERFORMANCE.md", "sh", "commands_are_those_that_there_are"),
    ("CONTRIBUTING.md", "sh", "commands_are_those_that_there_are"),
    ("ARCHITECTURE.md", "text", "nobody: it is a picture"),
    ("QUERIES.md", "js", "clients"),
    ("QUERIES.md", "ts", "clients"),
    ("RECIPES.md", "js", "clients, by recipes.live.mjs"),
    ("PARTNERS.md", "sh", "python"),
    ("PARTNERS.md", "powerquery", "power_query"),
    ("vi", "any", "vietnamese, which knows its kinds"),
];

/// The documents that README.md leads to, but for README.md itself; those of `docs` by their path in it.
fn documents() -> Vec<(String, String)> {
    let docs = root().join("docs");
    let more = ["CONTRIBUTING.md", "ARCHITECTURE.md"].map(|name| root().join(name));
    [docs.clone(), docs.join("operators"), docs.join("vi")]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|end| end == "md"))
        .chain(more)
        .map(|file| {
            let inside = file.strip_prefix(&docs).or_else(|_| file.strip_prefix(root())).unwrap();
            (inside.to_str().unwrap().to_owned(), std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

#[test]
fn every_block_is_of_a_kind_that_is_carried_out() {
    let documents = documents();
    assert!(documents.len() >= 15);
    for (name, text) in &documents {
        for block in blocks(text) {
            let is_known = CARRIED_OUT.iter().any(|it| {
                let is_here = it.0 == name
                    || name.strip_prefix(it.0).is_some_and(|rest| rest.starts_with('/'));
                is_here && (it.1 == block.language || it.1 == "any")
            });
            assert!(is_known, "{name}, line {}: who carries out {}?", block.line, block.language);
        }
    }
}

/// A command that takes long, or is an example, is not run; its flags and files must exist.
#[test]
fn commands_are_those_that_there_are() {
    let benches = include_str!("../../Cargo.toml");
    let help = |command: &str| {
        let program = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args([command, "--help"])
            .output()
            .unwrap();
        String::from_utf8(program.stdout).unwrap()
    };
    let mut checked = 0;
    // `vietnamese` runs each command of its pages.
    for (name, text) in documents().into_iter().filter(|(name, _)| !name.starts_with("vi/")) {
        for block in blocks(&text).into_iter().filter(|block| block.language == "sh") {
            for line in block.text.lines() {
                let words: Vec<&str> =
                    line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
                let flags = words.iter().map(|word| word.trim_matches(['[', ']']));
                let mut flags = flags.filter(|word| word.starts_with("--"));
                let at = format!("{name}: {line}");
                match &words[..] {
                    ["cargo", "bench", "--bench", bench, ..] => {
                        assert!(benches.contains(&format!("name = \"{bench}\"")), "{at}");
                    }
                    ["sangkien", "token", "create", ..] => {}
                    ["sangkien", command, ..] => {
                        let help = help(command);
                        assert!(flags.all(|flag| help.contains(flag)), "{at}");
                    }
                    ["node", file, ..] | ["cd", "tests/clients", "&&", "node", file, ..] => {
                        let text = std::fs::read_to_string(root().join("tests/clients").join(file));
                        let text = text.unwrap_or_else(|_| panic!("{at}"));
                        assert!(flags.all(|flag| text.contains(flag)), "{at}");
                    }
                    ["cd", folder] => assert!(root().join(folder).is_dir(), "{at}"),
                    ["python3", file, task, ..] => {
                        let text = std::fs::read_to_string(root().join(file)).unwrap();
                        assert!(text.contains(&format!("\"{task}\"")), "{at}");
                        assert!(flags.all(|flag| text.contains(flag)), "{at}");
                    }
                    // The operator's own machine; `serve` beside it is run with README.md.
                    ["export" | "cp", ..] => {}
                    ["/usr/bin/time", "-v", program, command, ..] => {
                        assert!(
                            program.ends_with("/sangkien") && !help(command).is_empty(),
                            "{at}"
                        );
                    }
                    _ => panic!("{at}: nobody knows this command"),
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}

/// The commands that FIRST-DAY.md gives the operator, in its order and words.
#[tokio::test]
async fn the_first_day_goes_as_written() {
    let dir = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", dir.path().join("union.db").display());
    let commands = blocks(FIRST_DAY).into_iter().filter(|block| block.language == "sh");
    let mut told = Vec::new();
    for block in commands {
        for command in block.text.lines() {
            let command = command
                .replace("sqlite:///var/lib/sangkien/union.db", &database)
                .replace("--database …", &format!("--database {database}"));
            let said = shell(&command).await;
            // An import of the same file again changes nothing.
            if command.contains(" import ") && !command.ends_with("--dry-run") {
                let again = shell(&command).await;
                assert!(again.contains("0 new, 0 changed, "), "{command}: {again}");
            }
            told.push(said);
        }
    }
    let [dry, units, periods, targets, initiatives, officer, submitter] = &told[..] else {
        panic!("the commands of the first day: {told:?}")
    };
    for (said, count) in [(dry, 8), (units, 8), (periods, 4), (targets, 4), (initiatives, 3)] {
        assert!(said.contains(&format!("{count} new")), "{said}");
    }
    for token in [officer, submitter] {
        assert!(token.starts_with("sangkien_") && token.lines().count() == 1);
    }
    assert!(sangkien(&["token", "list", "--database", &database]).await.contains("Ban thi đua"));
    assert!(sangkien(&["verify", "--database", &database]).await.starts_with("0 differences"));
    let out = dir.path().join("out.csv").display().to_string();
    sangkien(&["export", "--database", &database, "initiatives", &out]).await;
    assert!(std::fs::read_to_string(out).unwrap().contains("Gá kẹp cổ áo giảm thao tác thừa"));

    let world = World::of(&database, "2022-05-10T08:00:00+07:00").await;
    let counts = world
        .query(
            r#"query ($of: PeriodRef = { code: "chien-dich" }) {
              root { children { totalCount }
                tally(period: $of) { submitted accepted pending returned participants target } }
              unit(ref: { code: "cdcs-bv-long-thanh" }) {
                target(period: $of) { goal percentFrom percentTo } }
              health: unit(ref: { code: "cd-y-te-dong-nai" }) {
                target(period: $of, origin: PLEDGED) { goal } } }"#,
        )
        .await;
    let tally = json!({ "submitted": 3, "accepted": 1, "pending": 1, "returned": 1,
        "participants": 4, "target": 5_000 });
    assert_eq!(counts["root"]["tally"], tally);
    assert_eq!(counts["root"]["children"]["totalCount"], 4);
    // 8 % of 420, rounded up.
    let share = json!({ "goal": 34, "percentFrom": 8.0, "percentTo": 10.0 });
    assert_eq!(counts["unit"]["target"], share);
    assert_eq!(counts["health"]["target"]["goal"], 700);
}

/// The page of all flags is the one that the program prints.
#[tokio::test]
async fn the_configuration_is_committed() {
    let committed = include_str!("../../docs/CONFIGURATION.md");
    let printed = sangkien(&["configuration"]).await;
    assert_eq!(
        committed, printed,
        "renew it: cargo run --quiet -- configuration > docs/CONFIGURATION.md"
    );
}

/// Each figure that operators choose a machine by names the bench or the script that shows it, or says that there is none.
#[test]
fn each_figure_of_sizing_says_where_it_is_from() {
    let benches = include_str!("../../Cargo.toml");
    let text = include_str!("../../docs/SIZING.md");
    let mut rows = 0;
    for section in text.split("\n## ").filter(|section| section.contains("| shown by |")) {
        // The program goes on after a measurement.
        assert!(section.contains("Measured on ") && section.contains(" 2026"), "{section}");
        let table = section.lines().filter(|line| line.starts_with("| "));
        for row in table.skip(1) {
            let shown = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
            let by = shown.trim_matches('`').split(" -- ").next().unwrap();
            let is_bench = benches.contains(&format!("name = \"{by}\""));
            let is_script = by.ends_with(".mjs") && root().join("tests/clients").join(by).exists();
            assert!(is_bench || is_script || shown.starts_with('['), "{row}");
            rows += 1;
        }
    }
    assert!(rows >= 20, "{rows}");
}

/// The block that starts a server is the one that README.md shows, which its test carries out.
#[test]
fn a_server_is_started_as_readme_says() {
    let own = include_str!("../../README.md").split("## A server of your own").nth(1).unwrap();
    let own = blocks(own).into_iter().find(|block| block.language == "sh").unwrap();
    let shown: Vec<_> =
        blocks(INSTALL).into_iter().filter(|block| block.language == "sh").collect();
    // `backup` carries out the others.
    assert_eq!(shown[0].text, own.text);
}

/// The rows that the document shows are rows of the files that the test imports.
#[test]
fn the_rows_shown_are_those_of_the_files() {
    let files = [
        include_str!("../../docs/first-day/units.csv"),
        include_str!("../../docs/first-day/periods.csv"),
        include_str!("../../docs/first-day/targets.csv"),
        include_str!("../../docs/first-day/initiatives.csv"),
    ];
    let blocks: Vec<&str> =
        FIRST_DAY.split("```csv\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert_eq!(blocks.len(), files.len());
    for (block, file) in blocks.iter().zip(files) {
        for shown in block.lines() {
            assert!(file.lines().any(|line| line.starts_with(shown)), "{shown}");
        }
    }
}

/// Comments begin with their subject, as `tests/clients/comments.test.mjs` says of scripts and styles.
#[test]
fn no_sentence_of_a_comment_begins_without_its_subject() {
    const BEGINNINGS: [&str; 5] = ["Of", "What", "Who", "Whoever", "Whose"];
    let mut wrong = Vec::new();
    let mut folders: Vec<_> = ["src", "tests/it", "benches"].map(Into::into).into();
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
                for comment in comments.map(|line| line.trim_start_matches(['/', '!']).trim()) {
                    let begins = |sentence: &str| {
                        let first = sentence.split(' ').next().unwrap_or_default();
                        BEGINNINGS.contains(&first)
                    };
                    if comment.split(". ").any(begins) {
                        wrong.push(format!("{}: {comment}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
