//! The table of attacks: what each sends, and which bound holds it.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

pub struct Attack {
    pub name: &'static str,
    /// The bound that protects the others; for the reader.
    #[expect(dead_code, reason = "the table is read by people")]
    pub held_by: &'static str,
    /// From how many addresses it comes.
    pub addresses: u8,
    pub sends: Sends,
}

#[derive(Clone, Copy)]
pub enum Sends {
    /// Requests, so many at once from each address, with a pause after each; a token and the body by a number.
    Posts { at_once: u64, every: Duration, make: fn(u64) -> (Option<String>, Value) },
    /// Sockets from each address with so many operations each; an id and the payload by a number.
    Feeds { sockets: u64, operations: u64, make: fn(u64) -> (String, Value) },
}

/// Stands for the cursor of the first event of the log.
pub const FIRST_CURSOR: &str = "FIRST-CURSOR";
const AT_ONCE: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_millis(100);

/// Codes of the grassroots unions of communes.
static UNIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let file = include_str!("../../data/admin_units.csv");
    let communes = file.lines().map(|line| line.split(',').collect::<Vec<_>>());
    communes.filter(|row| row[1] == "commune").map(|row| format!("cdcs-{}", row[0])).collect()
});

fn union(number: u64) -> &'static str {
    let place = usize::try_from(number).unwrap_or_default() % UNIONS.len();
    &UNIONS[place]
}

fn document(text: impl Into<String>) -> (Option<String>, Value) {
    (None, json!({ "query": text.into() }))
}

fn feed(number: u64, query: &str, variables: Value) -> (String, Value) {
    (number.to_string(), json!({ "query": query, "variables": variables }))
}

/// `field`, so many times, each under another name.
fn aliased(count: u64, field: impl Fn(u64) -> String) -> String {
    let mut text = String::from("{");
    for number in 0..count {
        let _written = write!(text, " a{number}: {}", field(number));
    }
    text + " }"
}

fn invalid(number: u64) -> String {
    // Another text each time, so that nothing of it is known.
    let fields: String = (0..1_200).map(|place| format!(" none{number}x{place} ")).collect();
    format!("{{ root {{{fields}}} }}")
}

/// Documents that are refused for their size or their shape, of a size that a body may have.
fn refused(number: u64) -> String {
    const BYTES: usize = 200_000;
    let tag = format!("# {number}\n");
    tag + &match number % 6 {
        0 => "{ a ".repeat(BYTES / 4),
        1 => format!("{{ unit(ref: {{ code: {} }}) {{ code }} }}", "[".repeat(BYTES)),
        2 => format!("{{ unit(ref: {{ code: \"\"\"{}", "x".repeat(BYTES)),
        3 => format!(
            "query ($a: {}Int{}) {{ root {{ code }} }}",
            "[".repeat(BYTES / 2),
            "]".repeat(BYTES / 2)
        ),
        4 => format!("{{ root {{ code {} }} }}", "@skip(if: false) ".repeat(BYTES / 17)),
        _ => format!("{{ {} }}", "... { root { code } } ".repeat(BYTES / 22)),
    }
}

pub fn table() -> Vec<Attack> {
    vec![
        Attack {
            name: "parents and children, two at once",
            held_by: "price; fields and bytes of an execution",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: AT_ONCE,
                make: |number| {
                    document(format!(
                        "{{ root {{ children {{ nodes {{ parent {{ children {{ nodes {{ parent {{ children {{ nodes {{ \
                         parent {{ a{number}: code }} }} }} }} }} }} }} }} }} }} }}"
                    ))
                },
            },
        },
        Attack {
            name: "600 searches, two at once",
            held_by: "price by what a search scans",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: AT_ONCE,
                make: |number| {
                    document(aliased(600, |place| {
                        format!(
                            "searchUnits(text: \"cong doan {}\", first: 500) {{ code }}",
                            (number + place) % 9
                        )
                    }))
                },
            },
        },
        Attack {
            name: "a document nested 6,500 deep",
            held_by: "depth of brackets",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 1,
                every: SOON,
                make: |number| {
                    let open = "[".repeat(6_500);
                    let close = "]".repeat(6_500);
                    document(format!(
                        "{{ x{number}: unit(ref: {{ code: [\"\"\"q\", {open}{close}] }}) {{ code }} }}"
                    ))
                },
            },
        },
        Attack {
            name: "refused documents of 200 KB",
            held_by: "the lexer's bounds",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: Duration::from_millis(20),
                make: |number| document(refused(number)),
            },
        },
        Attack {
            name: "invalid documents of 20 KB",
            held_by: "at most 20 errors; only valid documents are cached",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: Duration::from_millis(20),
                make: |number| document(invalid(number)),
            },
        },
        Attack {
            name: "12,000 units by code",
            held_by: "price; recording what was read is linear",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: AT_ONCE,
                make: |number| {
                    document(aliased(24, |place| {
                        let codes: Vec<&str> =
                            (0..500).map(|row| union(number + place * 500 + row)).collect();
                        format!("unitsByCode(codes: {}) {{ code name }}", json!(codes))
                    }))
                },
            },
        },
        Attack {
            name: "boards of all unions since 31 days",
            held_by: "bytes of rankings",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: AT_ONCE,
                make: |number| {
                    let by = ["SUBMITTED", "ACCEPTED", "PARTICIPANTS", "GAINED"]
                        [usize::try_from(number % 4).unwrap_or_default()];
                    let day = 1 + (number / 4) % 26;
                    document(format!(
                        "{{ leaderboard(kinds: [GRASSROOTS_UNION], rankBy: {by}, since: \"2022-04-{day:02}\", first: 1) \
                         {{ ranked entries {{ rank gained }} }} }}"
                    ))
                },
            },
        },
        Attack {
            name: "filters with 200 KB of text",
            held_by: "a text longer than a name finds nothing",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 2,
                every: Duration::from_millis(20),
                make: |number| {
                    let text = format!("{number} ") + &"x".repeat(200_000);
                    let query = "query ($text: String!) {
                        units(filter: { text: $text }) { totalCount } initiatives(filter: { field: $text }) { totalCount } }";
                    (None, json!({ "query": query, "variables": { "text": text } }))
                },
            },
        },
        Attack {
            name: "unknown tokens, 10,000 a minute",
            held_by: "look-ups of unknown tokens a second",
            addresses: 1,
            sends: Sends::Posts {
                at_once: 4,
                every: Duration::from_millis(24),
                make: |number| {
                    (
                        Some(format!("sangkien_{number:043}")),
                        json!({ "query": "{ viewer { name } }" }),
                    )
                },
            },
        },
        Attack {
            name: "feeds with variables of 60 KB",
            held_by: "only declared variables are held",
            addresses: 1,
            sends: Sends::Feeds {
                sockets: 2,
                operations: 64,
                make: |number| {
                    let text = format!("{number}") + &"x".repeat(60_000);
                    feed(
                        number,
                        "subscription { leaderboard(first: 3) { version } }",
                        json!({ "none": text }),
                    )
                },
            },
        },
        Attack {
            name: "ids of 60 KB",
            held_by: "256 bytes of an operation's id",
            addresses: 1,
            sends: Sends::Feeds {
                sockets: 2,
                operations: 64,
                make: |number| {
                    let query = "subscription { leaderboard(first: 3) { version } }";
                    (format!("{number}") + &"x".repeat(60_000), json!({ "query": query }))
                },
            },
        },
        Attack {
            name: "feeds of all events, 64 on a socket",
            held_by: "events a second an address",
            addresses: 1,
            sends: Sends::Feeds {
                sockets: 2,
                operations: 64,
                make: |number| {
                    let query = "subscription ($unit: UnitRef!, $after: String!) {
                        initiativeEvents(within: $unit, after: $after) { cursor } }";
                    feed(
                        number,
                        query,
                        json!({ "unit": { "code": union(number) }, "after": FIRST_CURSOR }),
                    )
                },
            },
        },
        Attack {
            name: "192 feeds of one 30 KB document",
            held_by: "what depends on the document is made once",
            addresses: 1,
            sends: Sends::Feeds {
                sockets: 3,
                operations: 64,
                make: |number| {
                    let fields: String =
                        (0..1_000).map(|place| format!("a{place}: gained previousRank ")).collect();
                    let query = format!(
                        "subscription ($unit: UnitRef!) {{ leaderboard(within: $unit) {{ entries {{ {fields} }} }} }}"
                    );
                    feed(number, &query, json!({ "unit": { "code": union(number) } }))
                },
            },
        },
        Attack {
            name: "20 heavy feeds of one stranger",
            held_by: "turns by client",
            addresses: 1,
            sends: Sends::Feeds {
                sockets: 1,
                operations: 20,
                make: |number| {
                    let query = format!(
                        "subscription {{ leaderboard(kinds: [GRASSROOTS_UNION], first: {}) {{ version entries {{ rank unit {{ \
                         name ancestors {{ name }} tally {{ submitted }} }} }} }} }}",
                        481 + number % 20
                    );
                    feed(number, &query, json!({}))
                },
            },
        },
        Attack {
            name: "five addresses with 2,000 channels",
            held_by: "a tenth for an address near the bound; a quarter for tokens",
            addresses: 5,
            sends: Sends::Feeds {
                sockets: 32,
                operations: 63,
                make: |number| {
                    let query = "subscription ($unit: UnitRef!, $first: Int!) {
                        leaderboard(within: $unit, first: $first) { version } }";
                    let variables =
                        json!({ "unit": { "code": union(number) }, "first": 1 + number % 7 });
                    feed(number, query, variables)
                },
            },
        },
    ]
}
