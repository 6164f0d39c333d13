//! How long a server works to refuse a document: less than 2 ms of its processors, whatever the document.
//!
//! Each document is as large as a body or a message may be, or as many tokens as a document may have, and is refused for
//! one kind of reason. It is asked like any other, so reading, checking and the errors themselves count. The time is
//! that which the process has worked, as a ratio to the machine that prices were set on; the middle of 15 rounds.
//! `--quick`: one round; `--only NAME`: the documents of which NAME is a part of the name.

mod world;

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

use async_graphql::Request;
use sangkien::auth::{Client, Principal};
use sangkien::domain::Timestamp;
use sangkien::domain::clock::ManualClock;
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::{Allowance, CostLimits};
use sangkien::limits::COST_MAX;
use sangkien::server::Server;

/// Nanoseconds that a refusal may take.
const BAR: f64 = 2_000_000.0;
/// The bytes of most documents.
const BYTES: usize = 245_000;

/// A text of many parts, each with its number.
fn numbered(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        write!(all, "{} ", part(number)).expect("a string takes any text");
        all
    })
}

/// A name of so many letters, which differs from the others by its number.
fn long(letters: usize, number: usize) -> String {
    format!("n{number}{}", "x".repeat(letters))
}

/// Documents that are no documents, or beyond a limit.
fn unreadable() -> Vec<(&'static str, String)> {
    vec![
        ("nothing but blanks", " \n".repeat(BYTES / 2)),
        ("nothing but comments", "# comment\n".repeat(BYTES / 10)),
        ("another kind of text", "<html> ".repeat(BYTES / 7)),
        ("a string without an end", format!("{{ a(b: \"{}", "x".repeat(BYTES))),
        ("a block string without an end", format!("{{ a(b: \"\"\"{}", "\n  x".repeat(BYTES / 4))),
        ("a wrong escape", format!("{{ a(b: \"{}\\q\") }}", "\\u0041".repeat(BYTES / 6))),
        ("strings without a brace", format!("{{ a(b: \"{}\")", "\\n".repeat(BYTES / 2))),
        (
            "block strings without a brace",
            format!("{{ a(b: \"\"\"{}\"\"\")", "\n   \\\"\"\" x".repeat(BYTES / 10)),
        ),
        (
            "short block strings without a brace",
            format!("{{ a(b: [{}])", "\"\"\"\n  x\n y\"\"\" ".repeat(9_900)),
        ),
        ("too many tokens", format!("{{ {} }}", "__typename ".repeat(BYTES / 11))),
        ("too many marks", format!("{{ {} }}", "a:b".repeat(BYTES / 3))),
        ("braces within braces", "{a".repeat(BYTES / 2)),
        ("lists within lists", format!("{{ a(b: {}", "[".repeat(BYTES))),
        ("names without a brace", format!("{{ {}", numbered(9_900, |it| long(18, it)))),
        ("one name", format!("{{ {}", "x".repeat(BYTES))),
        ("too many selections", {
            let fragments = numbered(40, |it| {
                let next = it + 1;
                format!(
                    "fragment F{it} on Unit {{ a: parent {{ ...F{next} }} b: parent {{ ...F{next} }} }}"
                )
            });
            format!("{{ root {{ ...F0 }} }} {fragments} fragment F40 on Unit {{ code }}")
        }),
        ("too many levels", {
            let open = "parent { ".repeat(30);
            let close = "} ".repeat(30);
            let one = format!("root {{ {open} code {close} }}");
            format!("{{ {} }}", numbered(100, |it| format!("{}: {one}", long(2_000, it))))
        }),
    ]
}

/// Documents with as many faults as they hold.
fn full_of_faults() -> Vec<(&'static str, String)> {
    let codes = |items: String| format!("{{ unitsByCode(codes: [{items}]) {{ code }} }}");
    let units = |arguments: String| format!("{{ units({arguments}) {{ totalCount }} }}");
    let variables = |declared: String, used: &str| format!("query ({declared}) {{ {used} }}");
    let fragments = |count: usize, body: &str| {
        numbered(count, |it| format!("fragment {} on Query {{ {body} }}", long(100, it)))
    };
    vec![
        ("unknown fields", format!("{{ {} }}", numbered(9_900, |it| long(18, it)))),
        ("a few long unknown fields", format!("{{ {} }}", numbered(20, |it| long(12_000, it)))),
        ("unknown fields of a usual length", format!("{{ {} }}", numbered(30, |it| long(75, it)))),
        (
            "unknown types",
            numbered(1_400, |it| format!("fragment {} on {} {{ a }}", long(60, it), long(60, it))),
        ),
        (
            "unknown types of variables",
            variables(
                numbered(2_400, |it| format!("${}: {}", long(40, it), long(40, it))),
                "__typename",
            ),
        ),
        ("unknown arguments", units(numbered(3_200, |it| format!("{}: 1", long(65, it))))),
        (
            "unknown directives",
            format!("{{ __typename {} }}", numbered(4_900, |it| format!("@{}", long(42, it)))),
        ),
        (
            "unknown input fields",
            units(format!(
                "filter: {{ {} }}",
                numbered(3_200, |it| format!("{}: 1", long(65, it)))
            )),
        ),
        (
            "unknown values of an enum",
            units(format!("filter: {{ kinds: [{}] }}", numbered(9_900, |it| long(18, it)))),
        ),
        (
            "unknown fragments",
            format!("{{ {} }}", numbered(4_900, |it| format!("...{}", long(42, it)))),
        ),
        ("unused fragments", format!("{{ __typename }} {}", fragments(1_400, "__typename"))),
        (
            "fragments of one name",
            format!("{{ ...F }} {}", "fragment F on Query { __typename } ".repeat(1_400)),
        ),
        ("fragments within themselves", {
            let cycle = numbered(150, |it| {
                let (one, other) = (long(450, it), long(450, (it + 1) % 150));
                format!("fragment {one} on Query {{ ...{other} ...{other} }}")
            });
            format!("{{ ...{} }} {cycle}", long(450, 0))
        }),
        ("operations of one name", "query Q { __typename } ".repeat(1_900)),
        (
            "operations without a name",
            format!("{}{}", "{ __typename } ".repeat(3_300), " ".repeat(190_000)),
        ),
        (
            "fields of a subscription",
            format!(
                "subscription {{ {} }}",
                numbered(3_000, |it| format!("{}: leaderboard", long(60, it)))
            ),
        ),
        (
            "conditions of a subscription",
            format!(
                "subscription {{ leaderboard {{ id }} {} }}",
                "... @skip(if: true) { __typename } ".repeat(900)
            ),
        ),
        ("variables declared twice", variables("$a: Int ".repeat(2_400), "__typename")),
        (
            "unused variables",
            variables(numbered(2_400, |it| format!("${}: Int", long(85, it))), "__typename"),
        ),
        ("undefined variables", codes(numbered(4_900, |it| format!("${}", long(42, it))))),
        ("variables of another type", format!("query ($a: Int) {}", codes("$a ".repeat(4_900)))),
        ("nullable variables in oneOf", {
            let asked = numbered(600, |it| {
                format!("{}: unit(ref: {{ code: $a }}) {{ code }}", long(220, it))
            });
            format!("query ($a: String) {{ {asked} }}")
        }),
        ("values of another type", codes("1 ".repeat(9_900))),
        ("long values of another type", units(format!("first: \"{}\"", "x".repeat(BYTES)))),
        (
            "texts for an enum",
            units(format!(
                "filter: {{ kinds: [{}] }}",
                numbered(9_900, |it| format!("\"{}\"", long(14, it)))
            )),
        ),
        ("arguments given twice", units("first: 1 ".repeat(3_200))),
        (
            "input fields given twice",
            units(format!("filter: {{ {} }}", "text: \"a\" ".repeat(3_200))),
        ),
        (
            "directives given twice",
            format!("{{ __typename {} }}", "@skip(if: false) ".repeat(1_400)),
        ),
        (
            "missing arguments",
            format!(
                "{{ {} }}",
                numbered(1_600, |it| format!("{}: unit {{ code }}", long(120, it)))
            ),
        ),
        (
            "leaves with selections",
            format!(
                "{{ root {{ {} }} }}",
                numbered(1_600, |it| format!("{}: code {{ a }}", long(120, it)))
            ),
        ),
        (
            "objects without selections",
            format!("{{ {} }}", numbered(3_200, |it| format!("{}: root", long(60, it)))),
        ),
        ("fragments on other types", format!("{{ {} }}", "... on Unit { code } ".repeat(1_600))),
        (
            "several of oneOf",
            format!(
                "{{ {} }}",
                numbered(540, |it| format!(
                    "{}: unit(ref: {{ code: \"a\", id: \"b\" }}) {{ code }}",
                    long(200, it)
                ))
            ),
        ),
    ]
}

/// Documents whose faults are found late, after all else was checked.
fn late() -> Vec<(&'static str, String)> {
    let list = |count: usize| "\"a\" ".repeat(count);
    vec![
        (
            "one fault at the end",
            format!(
                "{{ {} nothing }}",
                numbered(3_200, |it| format!("{}: __typename", long(62, it)))
            ),
        ),
        (
            "one fault after many units",
            format!(
                "{{ {} nothing }}",
                numbered(1_100, |it| format!("a{it}: root {{ code name kind }}"))
            ),
        ),
        (
            "one fault after many arguments",
            format!(
                "{{ {} nothing }}",
                numbered(540, |it| format!(
                    "a{it}: units(first: 1, filter: {{ text: \"a\" }}) {{ totalCount }}"
                ))
            ),
        ),
        (
            "one key, different at the end",
            format!("{{ {} a: today }}", "a: __typename ".repeat(3_200)),
        ),
        (
            "objects of one key, different at the end",
            format!("{{ {} root {{ code: name }} }}", "root { code } ".repeat(2_400)),
        ),
        (
            "arguments of one key, different at the end",
            format!(
                "{{ {} units(first: 2) {{ totalCount }} }}",
                "units(first: 1) { totalCount } ".repeat(900)
            ),
        ),
        (
            "different in many keys",
            format!(
                "{{ {} }}",
                numbered(1_500, |it| {
                    let key = long(72, it);
                    format!("{key}: today {key}: __typename")
                })
            ),
        ),
        ("fields of all types of nodes", {
            let types = ["Unit", "Period", "Initiative", "Tally", "Target", "Leaderboard", "Token"];
            let each =
                numbered(1_000, |it| format!("... on {} {{ a: id }}", types[it % types.len()]));
            format!("{{ node(id: \"1\") {{ {each} }} nothing }}")
        }),
        ("large lists that meet again", {
            let spread = numbered(900, |it| format!("a{it}: root {{ ...F }}"));
            let field = |last: &str| {
                format!("x: units(filter: {{ codes: [{} {last}] }}) {{ totalCount }}", list(1_200))
            };
            format!("{{ {spread} nothing }} fragment F on Unit {{ {} {} }}", field(""), field(""))
        }),
        ("many operations over a fragment full of variables", {
            let operations = numbered(400, |it| format!("query Q{it}($a: String!) {{ ...F }}"));
            let used = "$a ".repeat(2_000);
            format!(
                "{operations} query Q {{ nothing }} fragment F on Query {{ unitsByCode(codes: [{used}]) {{ code }} }}"
            )
        }),
        ("many operations over many fragments", {
            let operations = numbered(500, |it| format!("query Q{it}($a: String!) {{ ...F0 }}"));
            let chain = numbered(35, |it| format!("fragment F{it} on Query {{ ...F{} }}", it + 1));
            format!(
                "{operations} query Q {{ nothing }} {chain} fragment F35 on Query {{ unitsByCode(codes: [$a]) {{ code }} }}"
            )
        }),
        ("one fragment spread everywhere", {
            let spread = numbered(600, |it| format!("a{it}: root {{ ...F ...F }}"));
            format!(
                "{{ {spread} nothing }} fragment F on Unit {{ {} }}",
                numbered(14, |it| format!("a{it}: code"))
            )
        }),
        ("merging that doubles", {
            let fragments = numbered(12, |it| {
                let next = it + 1;
                format!(
                    "fragment F{it} on Unit {{ a: parent {{ ...F{next} }} b: parent {{ ...F{next} }} }}"
                )
            });
            format!("{{ root {{ ...F0 }} nothing }} {fragments} fragment F12 on Unit {{ code }}")
        }),
        ("introspection that is too deep", {
            let nested =
                "__schema { types { fields { type { fields { type { fields { name } } } } } } }";
            format!("{{ {} }}", numbered(300, |it| format!("{}: {nested}", long(700, it))))
        }),
    ]
}

async fn measure(service: &Service, text: &str) -> (f64, usize) {
    let rounds = if world::is_quick() { 1 } else { 15 };
    let mut times = Vec::new();
    let mut told = 0;
    for _ in 0..rounds {
        let client = Client::Address(Ipv4Addr::LOCALHOST.into());
        let principal = Arc::new(Principal::default());
        let request = Request::new(text);
        let slowness = world::slowness_of_sums();
        let began = world::worked();
        let delivery = service.query(request, principal, client, None).await;
        times.push((world::worked() - began) / slowness);
        let result = &delivery.result;
        assert!(
            result.is_refusal,
            "it was not refused: {}",
            &result.text[..result.text.len().min(300)]
        );
        told = result.text.len();
    }
    (world::median(times), told)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("refusals.db").display());
    let now = Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment");
    let clock = Arc::new(ManualClock::new(now));
    let costs = CostLimits::all(Allowance { document: COST_MAX, minute: COST_MAX });
    let server = Server::open(&url, clock).await.expect("it opens").with_costs(costs);
    let service = server.app(None).service;
    let only = world::argument("--only").unwrap_or_default();
    let kinds = unreadable().into_iter().chain(full_of_faults()).chain(late());
    let mut worst = 0.0f64;
    for (name, text) in kinds.filter(|(name, _)| name.contains(&only)) {
        // Documents with the most tokens may be short.
        let text = format!("{text}{}", " ".repeat(BYTES.saturating_sub(text.len())));
        let (time, told) = measure(&service, &text).await;
        let (kilobytes, microseconds) = (text.len() / 1_000, time / 1_000.0);
        println!("{name:52} {kilobytes:4} KB {microseconds:7.0} µs, told {told:6} bytes");
        worst = worst.max(time);
    }
    println!("the worst: {:.2} ms (bar: {:.0})", worst / 1e6, BAR / 1e6);
    if worst > BAR && !world::is_quick() {
        std::process::exit(1);
    }
}
