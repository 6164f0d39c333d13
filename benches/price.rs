//! The truth of prices: the CPU time of an operation is at most 2 µs for each unit of its price, and 100 µs
//! beyond.
//!
//! Asked are the worked operations of docs/queries, documents that are meant to cost much, and documents that are
//! generated from the schema, at 14,186 and at 130,000 units. The time of an operation is that which the process has
//! worked, SQLite's threads included; before each measurement two loops say how fast the machine is at the moment, at
//! plain sums and at reads of memory, as ratios to the one that the rates were set by.
//!
//! It also holds the price and the limits of each worked operation against the parsing of its text: at most half.
//!
//! `--quick`: the smaller world alone; `--only NAME`: the operations of which NAME is a part of the name; `--prices`:
//! the operations and their prices, as lines of JSON.

#[path = "world/national.rs"]
mod national;
mod world;

use self::world::UNIT;

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Request, SDLExportOptions, Variables};
use futures_util::future::try_join_all;
use sangkien::auth::{Client, Principal};
use sangkien::domain::Timestamp;
use sangkien::domain::clock::ManualClock;
use sangkien::graphql::cost::budgets::{Allowance, CostLimits};
use sangkien::graphql::request::documents::Documents;
use sangkien::graphql::request::lexer::lex;
use sangkien::graphql::request::parser::parse;
use sangkien::graphql::request::size::check_size;
use sangkien::graphql::{Service, view};
use sangkien::limits::{COST_DOCUMENT_OTHERS, COST_MAX, NEW_TEXT_BYTES, READ_CONNECTIONS};
use sangkien::server::Server;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};

const GENERATED: usize = 300;
const ROUNDS: usize = 5;
/// As many of an operation whose few times come to more than its bound, though they are small.
const ROUNDS_OF_SMALL: usize = 41;
/// Nanoseconds up to which a time is small.
const SMALL: f64 = 1_000_000.0;
/// Nanoseconds that every operation may take beyond its price.
const BEYOND: f64 = 100_000.0;
/// The share of a text's parsing that its price and limits may take.
const SHARE: f64 = 0.5;

struct Operation {
    name: String,
    text: String,
    variables: Value,
}

fn worked() -> Vec<Operation> {
    let mut all = Vec::new();
    let files = std::fs::read_dir("docs/queries").expect("run in the project's folder");
    for path in files.flatten().map(|file| file.path()) {
        if path.extension().is_none_or(|it| it != "graphql") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a document");
        let variables = std::fs::read_to_string(path.with_extension("json")).expect("variables");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if text.contains("\nmutation ") || text.starts_with("mutation ") || name == "follow-events"
        {
            continue;
        }
        // A subscription tells the same as a query of that name.
        let text = text.replace("subscription ", "query ");
        if name == "watch-tally" {
            continue;
        }
        let variables = serde_json::from_str(&variables).expect("JSON");
        all.push(Operation { name, text, variables });
    }
    all
}

fn costly() -> Vec<Operation> {
    let children = |levels: usize| {
        let (open, close) = ("children(first: 500) { nodes { ", "} } ");
        format!("{{ root {{ {}code {}}} }}", open.repeat(levels), close.repeat(levels))
    };
    let back = |levels: usize| {
        let (open, close) = ("children(first: 500) { nodes { parent { ", "} } } ");
        format!("{{ root {{ {}code {}}} }}", open.repeat(levels), close.repeat(levels))
    };
    let codes: Vec<String> = (2_000..2_500).map(|number| format!("u{number}")).collect();
    let aliased = |count: usize, field: &str| {
        let all: Vec<String> = (0..count).map(|number| format!("a{number}: {field}")).collect();
        format!("{{ {} }}", all.join(" "))
    };
    let tally =
        "tally { submitted accepted pending returned rejected participants target ratio version }";
    let plain: Vec<(&str, String)> = vec![
        ("three levels", children(3)),
        ("back once", back(1)),
        ("back twice", back(2)),
        ("searches", aliased(10, "searchUnits(text: \"cong doan 1\", first: 500) { code }")),
        ("one search", aliased(1, "searchUnits(text: \"co so so 77\", first: 20) { code name }")),
        ("all grassroots", "{ leaderboard(kinds: [GRASSROOTS_UNION], first: 500) { entries { rank unit { code } tally { submitted } } } }".into()),
        ("all grassroots gained", "{ leaderboard(kinds: [GRASSROOTS_UNION], rankBy: GAINED, since: \"2022-05-01\", first: 20) { entries { rank gained } } }".into()),
        ("by count", "{ units(first: 500, orderBy: { field: SUBMITTED, direction: DESC }) { nodes { code } } }".into()),
        ("by name", "{ units(first: 500) { totalCount edges { cursor node { code name } } } }".into()),
        ("found by text", "{ units(first: 20, filter: { text: \"cong doan\" }) { nodes { code } } }".into()),
        ("counts of 500", format!("{{ units(first: 500, orderBy: {{ field: CODE }}) {{ nodes {{ code {tally} }} }} }}")),
        ("standings", "{ root { children(first: 500) { nodes { standing { rank of } } } } }".into()),
        ("standings of 500", "{ units(first: 500, filter: { kinds: [GRASSROOTS_UNION] }) { nodes { standing { rank of } } } }".into()),
        ("paces", "{ root { children(first: 500) { nodes { tally { pace { projected } } } } } }".into()),
        ("days", "{ root { children(first: 500) { nodes { daily { day submitted accepted } } } } }".into()),
        ("ancestors", "{ units(first: 500, filter: { kinds: [GRASSROOTS_UNION] }) { nodes { ancestors { code name } } } }".into()),
        ("initiatives", "{ initiatives(first: 500) { nodes { id title status authors { name group } unit { code name } submittedAt } } }".into()),
        ("initiatives of provinces", "{ root { children(first: 100) { nodes { initiatives(first: 5) { totalCount nodes { title } } } } } }".into()),
        ("counted", "{ initiatives(filter: { field: \"field 12\" }) { totalCount } }".into()),
        ("searched", "{ initiatives(filter: { text: \"tiet kiem w123\" }, first: 50) { nodes { title } } }".into()),
        ("introspection", "{ __schema { types { name kind description fields { name description args { name type { name kind ofType { name kind } } } type { name kind ofType { name kind ofType { name } } } } inputFields { name } enumValues { name } } } }".into()),
        ("deep introspection", "{ __schema { types { fields { type { fields { name } } } } } }".into()),
        ("selected twice", "{ root { children(first: 500) { nodes { code code name name } nodes { kind } } } }".into()),
    ];
    let mut all: Vec<Operation> = plain
        .into_iter()
        .map(|(name, text)| Operation { name: name.to_owned(), text, variables: json!({}) })
        .collect();
    all.push(Operation {
        name: "by code".to_owned(),
        text: format!("query ($c: [String!]!) {{ unitsByCode(codes: $c) {{ code {tally} }} }}"),
        variables: json!({ "c": codes }),
    });
    all
}

/// Documents as the schema allows them, at random.
struct Generator {
    types: std::collections::HashMap<String, Vec<FieldDefinition>>,
    chance: fastrand::Rng,
}

impl Generator {
    fn new() -> Self {
        // In the order of `schema.graphql`, whose own description the library's parser refuses.
        let options =
            SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
        let sdl = sangkien::graphql::schema().sdl_with_options(options);
        let mut types = std::collections::HashMap::new();
        for definition in parse_schema(sdl).expect("a schema").definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            if let TypeKind::Object(object) = definition.node.kind {
                types.insert(name, object.fields.into_iter().map(|field| field.node).collect());
            }
        }
        Self { types, chance: fastrand::Rng::with_seed(7) }
    }

    fn document(&mut self) -> String {
        format!("{{ {} }}", self.select("Query", 0))
    }

    fn select(&mut self, of: &str, depth: usize) -> String {
        let fields = self.types[of].clone();
        let mut selected = vec!["__typename".to_owned()];
        for _ in 0..self.chance.usize(1..=4) {
            let field = &fields[self.chance.usize(..fields.len())];
            let base = base(&field.ty.node);
            // The caller's own is not shared, and interfaces need fragments.
            if matches!(field.name.node.as_str(), "node" | "nodes" | "viewer") {
                continue;
            }
            let below = if self.types.contains_key(&base) {
                if depth >= 6 {
                    continue;
                }
                format!(" {{ {} }}", self.select(&base, depth + 1))
            } else {
                String::new()
            };
            let arguments = self.arguments(field);
            let alias = self.chance.u32(..);
            selected.push(format!("a{alias}: {}{arguments}{below}", field.name.node));
        }
        selected.join(" ")
    }

    fn arguments(&mut self, field: &FieldDefinition) -> String {
        let mut given = Vec::new();
        for argument in field.arguments.iter().map(|it| &it.node) {
            let name = argument.name.node.as_str();
            let units = ["ldld-dong-nai", "ldld-740", "cdcs-26383", "u50", "u3000"];
            let unit = units[self.chance.usize(..units.len())];
            let value = match (name, base(&argument.ty.node).as_str()) {
                ("first", _) => [1, 20, 100, 500][self.chance.usize(..4)].to_string(),
                (_, "UnitRef") if !argument.ty.node.nullable || self.chance.bool() => {
                    format!("{{ code: \"{unit}\" }}")
                }
                (_, "PeriodRef") if !argument.ty.node.nullable || self.chance.bool() => {
                    "{ code: \"chien-dich-40-ngay\" }".to_owned()
                }
                ("since", _) if self.chance.bool() => "\"2022-05-01\"".to_owned(),
                ("kinds", "UnitKind") if self.chance.bool() => "[GRASSROOTS_UNION]".to_owned(),
                ("text", _) => "\"cong doan\"".to_owned(),
                ("codes", _) => "[\"u10\", \"u2000\", \"u2001\"]".to_owned(),
                ("id", _) => "\"x\"".to_owned(),
                ("by", _) => "SECTOR".to_owned(),
                _ => continue,
            };
            given.push(format!("{name}: {value}"));
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }
}

fn base(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => base(of),
    }
}

/// The text by a name that the server has not seen.
fn unseen(text: &str, number: usize) -> String {
    match text.find('{') {
        Some(0) => format!("query Unseen{number} {text}"),
        _ => format!("{text} # {number}\nfragment Unseen{number} on Unit {{ code }}"),
    }
}

async fn measure(service: &Service, asked: &Operation) -> Option<(f64, u64, f64)> {
    let principal = Arc::new(Principal::default());
    let variables = Variables::from_json(asked.variables.clone());
    let request = Request::new(&asked.text).variables(variables);
    let price = service.price(request, Arc::clone(&principal)).ok()?;
    if price > u64::from(COST_DOCUMENT_OTHERS) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "prices are small")]
    let bound = (price + 1 + (asked.text.len() / NEW_TEXT_BYTES) as u64) as f64 * UNIT + BEYOND;
    let mut times = Vec::new();
    while times.len() < ROUNDS {
        times.push(time_of(service, asked, &principal, times.len()).await);
    }
    // The price holds the time of the first, which computes what others find cached; small times are noise.
    if times[0] > SMALL {
        return Some((times[0] / bound, price, times[0]));
    }
    // A thread that wakes meanwhile is counted, too: the middle of few is of no use beside a bound of 100 µs.
    if world::median(times.clone()) > bound {
        while times.len() < ROUNDS_OF_SMALL {
            times.push(time_of(service, asked, &principal, times.len()).await);
        }
    }
    let time = world::median(times);
    Some((time / bound, price, time))
}

/// How many times slower than the machine that the rates were set by the present one is at the moment: half of the work
/// is sums, half reads of memory.
fn slowness() -> f64 {
    f64::midpoint(world::slowness_of_sums(), world::slowness_of_reads())
}

/// Nanoseconds that the process works for one request, of a document by a name that it has not seen.
async fn time_of(
    service: &Service,
    asked: &Operation,
    principal: &Arc<Principal>,
    round: usize,
) -> f64 {
    let text = if asked.text.starts_with('{') {
        unseen(&asked.text, round)
    } else {
        // Comments do not count for what is cached, names of variables do.
        asked.text.replacen("query ", &format!("query R{round}"), 1)
    };
    let client = Client::Address(Ipv4Addr::LOCALHOST.into());
    let request = Request::new(text).variables(Variables::from_json(asked.variables.clone()));
    let slowness = slowness();
    let began = world::worked();
    let delivery = service.query(request, Arc::clone(principal), client, None).await;
    let time = (world::worked() - began) / slowness;
    // One that is stopped in the midst has taken its time all the same.
    let is_stopped = delivery.result.text.contains("\"TOO_COSTLY\"");
    let is_refused = delivery.result.is_refusal && !is_stopped;
    assert!(!is_refused, "{}: {}", asked.name, delivery.result.text);
    time
}

/// The share of a text's parsing that its price and limits take: the middle of several, each of many repetitions. Parsing
/// is all between a text that the server has not seen and a valid document.
fn share_of_parsing(service: &Service, asked: &Operation) -> f64 {
    const REPETITIONS: usize = 100;
    let request = Request::new(&asked.text);
    let request = request.variables(Variables::from_json(asked.variables.clone()));
    let operation = service.operation(request, Arc::new(Principal::default()));
    let operation = operation.expect("it can be read");
    let tokens = lex(&asked.text).expect("it is a document");
    let tree = parse(&tokens).expect("it is a document");
    let shares = (0..9).map(|_| {
        let documents = Documents::new(view());
        let texts: Vec<String> =
            (0..REPETITIONS).map(|number| format!("{} # {number}", asked.text)).collect();
        let began = world::worked();
        for text in &texts {
            std::hint::black_box(documents.parse(text).expect("it is a document"));
        }
        let parsing = world::worked() - began;
        let began = world::worked();
        for _ in 0..REPETITIONS {
            check_size(std::hint::black_box(&tree)).expect("it is within the limits");
            std::hint::black_box(service.price_of(&operation));
        }
        (world::worked() - began) / parsing
    });
    world::median(shares.collect())
}

/// Does what the first operations of a server would pay for: opens all connections that readers share, and executes
/// something on the ready path, something that reads tables, and something that needs the words of all units' names.
async fn warm_up(service: &Service) {
    let reads = (0..READ_CONNECTIONS).map(|_| service.store().begin_read());
    drop(try_join_all(reads).await.expect("the database can be read"));
    for text in [
        "{ root { code } }",
        "{ initiatives(first: 1) { nodes { id } } }",
        "{ searchUnits(text: \"x\", first: 1) { code } }",
    ] {
        let (name, text) = ("warming up".to_owned(), text.to_owned());
        measure(service, &Operation { name, text, variables: json!({}) }).await;
    }
}

/// Prints the price with all that it is of, to measure another build by it.
fn tell(service: &Service, units: u32, asked: &Operation) {
    let variables = Variables::from_json(asked.variables.clone());
    let request = Request::new(&asked.text).variables(variables);
    let price = service.price(request, Arc::new(Principal::default())).ok();
    let Operation { name, text, variables } = asked;
    println!(
        "{}",
        json!({ "units": units, "name": name, "price": price, "query": text,
        "variables": variables })
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sizes: &[(u32, u32)] = if world::is_quick() {
        &[(14_186, 42_000)]
    } else {
        &[(14_186, 42_000), (130_000, 300_000)]
    };
    println!(
        "this machine takes {:.2} of the time that the rates were set by for sums, {:.2} for reads of memory",
        world::slowness_of_sums(),
        world::slowness_of_reads()
    );
    let (mut worst, mut worst_share) = (0.0f64, 0.0f64);
    for &(units, initiatives) in sizes {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = std::env::var("SANGKIEN_BENCH_DIR");
        let folder = folder.map_or_else(|_| dir.path().to_owned(), std::path::PathBuf::from);
        let url = format!("sqlite://{}", folder.join(format!("{units}.db")).display());
        let clock = || {
            let now = Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment");
            Arc::new(ManualClock::new(now))
        };
        let server = Server::open(&url, clock()).await.expect("it opens");
        server.writer.rebuild().await.expect("it writes");
        drop(server);
        let mut conn = SqliteConnection::connect(&url).await.expect("it connects");
        for sql in national::statements(units, initiatives) {
            conn.execute(AssertSqlSafe(sql.as_str()))
                .await
                .unwrap_or_else(|it| panic!("{it}: {sql}"));
        }
        let costs = CostLimits::all(Allowance { document: COST_MAX, minute: COST_MAX });
        let server = Server::open(&url, clock()).await.expect("it opens").with_costs(costs);
        let service = server.app(None).service;
        let only = world::argument("--only").unwrap_or_default();
        let mut ordinary = worked();
        ordinary.retain(|asked| asked.name.contains(&only));
        let mut asked = costly();
        let mut generator = Generator::new();
        asked.extend((0..GENERATED).map(|number| Operation {
            name: format!("generated {number}"),
            text: generator.document(),
            variables: json!({}),
        }));
        asked.retain(|asked| asked.name.contains(&only));
        if std::env::args().any(|argument| argument == "--prices") {
            ordinary.iter().chain(&asked).for_each(|asked| tell(&service, units, asked));
            continue;
        }
        warm_up(&service).await;
        for asked in &ordinary {
            let share = share_of_parsing(&service, asked);
            println!("{units:7} {:28} {share:6.2} of its parsing", asked.name);
            worst_share = worst_share.max(share);
        }
        // The first one would pay for waking what has slept while texts were parsed.
        if let Some(first) = ordinary.first() {
            measure(&service, first).await;
        }
        let mut found = Vec::new();
        for asked in ordinary.iter().chain(&asked) {
            match measure(&service, asked).await {
                Some((ratio, price, time)) => found.push((ratio, price, time, asked)),
                None => println!("{units:7} {:28} refused", asked.name),
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (place, (ratio, price, time, asked)) in found.iter().enumerate() {
            let is_named = !asked.name.starts_with("generated");
            if place < 12 || is_named {
                let time = time / 1_000.0;
                println!("{units:7} {:28} {ratio:6.2} price {price:8} {time:10.0} µs", asked.name);
            }
            if !is_named && place < 6 {
                println!("        {}", &asked.text[..asked.text.len().min(600)]);
            }
        }
        worst = worst.max(found.first().map_or(0.0, |it| it.0));
    }
    println!("the worst: {worst:.2} (bar: 1); of parsing: {worst_share:.2} (bar: {SHARE})");
    if (worst > 1.0 || worst_share > SHARE) && !world::is_quick() {
        std::process::exit(1);
    }
}
