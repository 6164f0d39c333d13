use async_graphql::parser::parse_query;
use serde_json::json;

use super::*;

/// A root with 83 units, 10 below each of these, and 100 targets, periods and days of each kind.
struct World;

const ROOT: UnitId = UnitId(1);
const LEAF: UnitId = UnitId(900);

impl Sizes for World {
    fn root(&self) -> UnitId {
        ROOT
    }

    fn unit(&self, named: Reference<'_>) -> Option<UnitId> {
        match named {
            Reference::Code(code) | Reference::Id(code) => code.parse().ok().map(UnitId),
        }
    }

    fn period(&self, _: Option<Reference<'_>>) -> Option<PeriodId> {
        Some(PeriodId(1))
    }

    fn named(&self, id: &str) -> Named {
        match id {
            "period" => Named::Period,
            "initiative" => Named::Initiative,
            "board" => Named::Leaderboard(Board {
                within: ROOT,
                has_kinds: true,
                has_cluster: false,
                first: 20,
                past: Past::default(),
            }),
            id => id.parse().map_or(Named::Nothing, |id| Named::Unit(UnitId(id))),
        }
    }

    fn parent(&self, unit: UnitId) -> Option<UnitId> {
        match unit {
            ROOT => None,
            UnitId(2..=84) => Some(ROOT),
            UnitId(_) => Some(UnitId(2)),
        }
    }

    fn depth(&self, unit: UnitId) -> u64 {
        self.parent(unit).map_or(0, |parent| 1 + self.depth(parent))
    }

    fn children(&self, unit: UnitId) -> u64 {
        [83, 10, 0][usize::try_from(self.depth(unit)).unwrap()]
    }

    fn below(&self, unit: UnitId) -> u64 {
        if unit == ROOT { 913 } else { self.children(unit) }
    }

    fn targets(&self, _: UnitId) -> u64 {
        1
    }

    fn initiatives(&self, unit: UnitId) -> u64 {
        if unit == ROOT { 100_000 } else { 1_000 }
    }

    fn histories(&self) -> u64 {
        200_000
    }

    fn field_texts(&self) -> u64 {
        4_000
    }

    fn tree(&self) -> Tree {
        Tree { units: 914, widest: 83, deepest: 2, most_targets: 4, most_periods: 30 }
    }

    fn periods(&self) -> u64 {
        100
    }

    fn periods_of(&self, unit: UnitId) -> u64 {
        10 + 10 * self.depth(unit)
    }

    fn rule(&self, _: Reference<'_>) -> Option<Judging> {
        Some(Judging { owner: ROOT, units: 83, criteria: 4 })
    }

    fn rules(&self, _: UnitId) -> Vec<Judging> {
        vec![Judging { owner: ROOT, units: 83, criteria: 4 }; 3]
    }

    fn confirmed(&self, _: Option<PeriodId>) -> Vec<Judging> {
        vec![Judging { owner: ROOT, units: 83, criteria: 4 }; 2]
    }

    fn rule_count(&self) -> u64 {
        6
    }

    fn days(&self, _: Option<PeriodId>) -> u64 {
        100
    }

    fn earlier_changes(&self, _: Option<PeriodId>, _: Since<'_>) -> u64 {
        5_000
    }

    fn past_tally(&self, _: Option<PeriodId>, _: &str) -> u64 {
        20_000
    }

    fn past_briefing(&self, _: Option<PeriodId>, until: Option<&str>, _: Option<&str>) -> Past {
        Past { changes: 5_000, units: if until.is_some() { 40_000 } else { 20_000 } }
    }

    fn past_board(&self, _: Option<PeriodId>, _: &str, since: Option<&str>) -> Past {
        Past { changes: since.map_or(0, |_| 5_000), units: 20_000 }
    }

    fn closings(&self, _: Option<PeriodId>) -> u64 {
        2
    }

    fn kept(&self, period: Option<PeriodId>) -> u64 {
        if period.is_some() { 500 } else { 914 }
    }

    fn kept_for_assessments(&self, period: Option<PeriodId>) -> u64 {
        self.kept(period)
    }

    fn events(&self) -> u64 {
        1_000_000
    }

    fn events_until(&self, cursor: &str) -> u64 {
        cursor.parse().unwrap_or(0)
    }

    fn fields_of_work(&self) -> u64 {
        10
    }
}

fn types() -> Types {
    Types::of(&crate::graphql::schema().sdl())
}

/// The price beyond that of being executed.
fn price_with(text: &str, variables: serde_json::Value, is_ready: bool) -> u64 {
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let variables = Variables::from_json(variables);
    let priced =
        Priced { document: &document, operation: &operation.node, variables: &variables, is_ready };
    price(priced, &types(), &World) - rates::EXECUTION / rates::UNIT
}

fn of(text: &str) -> u64 {
    price_with(text, json!({}), true)
}

/// Within a tenth.
fn about(one: u64, other: u64) -> bool {
    one.abs_diff(other) * 10 <= one.max(other)
}

#[test]
fn periods_cost_what_covers_the_unit() {
    let of_unit = |unit: UnitId| {
        of(&format!("{{ unit(ref: {{ code: \"{}\" }}) {{ periods {{ code }} }} }}", unit.0))
    };
    let covering = |unit: UnitId| {
        let covering = format!("covering: {{ code: \"{}\" }}", unit.0);
        of(&format!("{{ periods(first: 100, {covering}) {{ nodes {{ code }} }} }}"))
    };
    assert!(of_unit(ROOT) < of_unit(LEAF));
    assert!(covering(ROOT) < covering(LEAF));
    let page = |filter: &str| of(&format!("{{ periods(first: 1{filter}) {{ totalCount }} }}"));
    assert!(covering(LEAF) < of("{ periods(first: 100) { nodes { code } } }"));
    // The list of all is there already; another is made by looking at each.
    assert!(page("") + 20 < page(", kinds: [PHASE]"));
    assert_eq!(page(", kinds: [PHASE]"), page(", runningOn: \"2022-05-01\""));
}

#[test]
fn rows_are_bounded_by_the_data() {
    let page =
        |first| of(&format!("{{ root {{ children(first: {first}) {{ nodes {{ code }} }} }} }}"));
    assert!(page(50) > page(10) + 10);
    assert_eq!(page(83), page(500));
    // 83 × 10 rows, not 83 × 500; the pages' own lists come on top.
    let nested = |first| {
        of(&format!(
            "{{ root {{ children(first: 500) {{ nodes {{ children(first: {first}) {{ nodes {{
                code name id kind }} }} }} }} }} }}"
        ))
    };
    assert!(nested(500) < nested(10) * 2);
    // No unit is below this one.
    let leaf = |first| {
        of(&format!(
            "{{ unit(ref: {{ code: \"{LEAF}\" }}) {{ descendants(first: {first}) {{ nodes {{ code }} }} }} }}"
        ))
    };
    assert_eq!(leaf(500), leaf(0));
    // The parents of 83 units are one unit 83 times over, so their children are 83 × 83.
    let back = of("{ root { children(first: 500) { nodes { parent { children(first: 500) {
        nodes { code } } } } } } }");
    assert!(back > page(500) * 50, "{back} {}", page(500));
}

#[test]
fn repeated_fields_cost_twice() {
    let board = "leaderboard { entries { rank unit { code } } }";
    let (once, twice) =
        (of(&format!("{{ {board} }}")), of(&format!("{{ a: {board} b: {board} }}")));
    assert!(about(once * 2, twice), "{once} {twice}");
    let in_fragments = of(&format!(
        "{{ ...A ...B }} fragment A on Query {{ a: {board} }} fragment B on Query {{ ... {{ ... on Query {{ b: {board} }} }} }}"
    ));
    assert_eq!(twice, in_fragments);
    let spread_again = "{ root { ...A children { nodes { ...A } } } } fragment A on Unit {
        code descendants(first: 100) { nodes { code } } }";
    let written_out = "{ root { code descendants(first: 100) { nodes { code } } children { nodes {
        code descendants(first: 100) { nodes { code } } } } } }";
    assert_eq!(of(spread_again), of(written_out));
}

#[test]
fn directives_leave_out_only_skipped_fields() {
    let plain = of("{ root { code } }");
    let skipped = "query ($no: Boolean) { root { code
        children @skip(if: $no) { nodes { code } } } }";
    assert_eq!(price_with(skipped, json!({ "no": true }), true), plain);
    assert!(price_with(skipped, json!({ "no": false }), true) > plain);
    // A condition of unknown value may be true or false.
    assert!(price_with(skipped, json!({}), true) > plain);
    let rows = "children { nodes { code } }";
    let included = |condition: bool| {
        of(&format!("{{ root {{ code ... @include(if: {condition}) {{ {rows} }} }} }}"))
    };
    assert_eq!(included(false), plain);
    assert!(included(true) > plain);
}

#[test]
fn variables_count_by_their_values() {
    let text = "query ($n: Int, $t: String!) { root { children(first: $n) { nodes { code } } }
        searchUnits(text: $t) { code } }";
    let with = |n: i64, t: &str| price_with(text, json!({ "n": n, "t": t }), true);
    assert!(with(80, "a") > with(1, "a"));
    assert!(with(1, "a b c d e f g h") > with(1, "a"));
    assert!(with(1, &"x".repeat(60_000)) > with(1, "a") + 200);
    // Each of 83 lists reads the argument again.
    let filtered = |kinds: usize| {
        let kinds = vec!["SECTION"; kinds];
        let text = "query ($k: [UnitKind!]) { root { children(first: 500) { nodes {
            periods(kinds: $k) { code } } } } }";
        price_with(text, json!({ "k": kinds }), true)
    };
    assert!(filtered(10_000) > filtered(1) + 83 * 10_000 * rates::ARGUMENT / rates::UNIT / 2);
}

#[test]
fn ids_cost_as_much_as_their_objects() {
    let nodes = |ids: &[&str]| {
        let text =
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Unit { descendants(first: 500) {
            nodes { code } } } ... on Leaderboard { entries { rank } } } }";
        price_with(text, json!({ "ids": ids }), true)
    };
    assert!(nodes(&["1"]) > nodes(&["period"]) * 5);
    assert!(nodes(&["1", "2"]) > nodes(&["1"]));
    assert!(nodes(&["board"; 20]) > nodes(&["board"]) * 15);
    assert!(nodes(&["initiative"; 20]) > nodes(&["nothing"; 20]) * 5);
    let codes = |codes: usize| {
        let text = "query ($c: [String!]!) { unitsByCode(codes: $c) { descendants(first: 500) { nodes { code } } } }";
        price_with(text, json!({ "c": vec!["2"; codes] }), true)
    };
    assert!(codes(500) > codes(1) * 300);
}

#[test]
fn scanned_units_count_whatever_is_shown() {
    let plain = of("{ root { code } }");
    for (text, units) in [
        ("{ units(first: 1) { totalCount } }", 914),
        ("{ searchUnits(text: \"a\", first: 1) { code } }", 914),
        ("{ leaderboard(first: 0, kinds: [SECTION]) { ranked } }", 913),
        ("{ leaderboard(first: 0) { ranked } }", 83),
        ("{ leaderboard(first: 0) { sum { units } } }", 2 * 83),
        ("{ leaderboard(first: 0, cluster: \"A\") { closed { submitted } } }", 913),
    ] {
        let least = units * rates::PASSED_UNIT / rates::UNIT;
        assert!(of(text) >= plain + least, "{text}: {}", of(text));
    }
    let past = 20_000 * rates::PAST_UNIT / rates::UNIT;
    let broken_down = (914 * rates::BROKEN_DOWN_UNIT
        + 100_000 * rates::BROKEN_DOWN_INITIATIVE
        + 4_000 * rates::BROKEN_DOWN_FIELD)
        / rates::UNIT;
    for (text, least) in [
        ("{ root { tally(asOf: \"2022-05-01\") { submitted } } }", past),
        ("{ leaderboard(asOf: \"2022-05-01\", first: 0) { ranked } }", past),
        ("{ root { briefing(until: \"2022-05-01\") { until } } }", 2 * past),
        ("{ root { briefing { backlog { pending } } } }", broken_down),
        (
            "{ root { briefing(until: \"2022-05-01\") { backlog { pending } } } }",
            200_000 * rates::AGED_INITIATIVE / rates::UNIT,
        ),
        ("{ root { briefing { targets { reached } } } }", broken_down),
        ("{ root { breakdown(by: FIELD) { submitted } } }", broken_down),
        ("{ root { breakdown(by: SECTOR) { submitted } } }", broken_down),
    ] {
        assert!(of(text) >= plain + least, "{text}: {} < {least}", of(text));
    }
    let since = of("{ leaderboard(since: \"2022-05-01\") { ranked } }");
    let today = of("{ leaderboard { ranked } }");
    assert!(since > today + 5_000 * rates::EARLIER_CHANGE / rates::UNIT / 2);
    let tables = |text: &str| price_with(text, json!({}), false);
    assert!(tables("{ initiatives(first: 1) { nodes { id } } }") > 100);
    let counted = tables("{ initiatives(filter: { field: \"x\" }) { totalCount } }");
    let known = "{ initiatives(filter: { period: { code: \"1\" } }) { totalCount } }";
    assert!(counted > tables(known) * 2);
    let standing = of("{ root { children { nodes { standing { rank } } } } }");
    let plain_rows = of("{ root { children { nodes { code } } } }");
    assert!(standing < plain_rows + 500, "one ranking for all of them: {standing}");
    let events = |after: &str| {
        tables(&format!(
            "{{ initiativeEvents(within: {{ code: \"2\" }}, after: \"{after}\", first: 500) {{ nodes {{ kind }} }} }}"
        ))
    };
    assert!(events("0") > events("999990") * 3);
}

/// Goals for many units together cost what counting the parts of these units costs, each once.
#[test]
fn goals_of_parts_cost_what_their_units_hold() {
    let text = "mutation ($input: SetTargetsInput!) { setTargets(input: $input) {
        targets { reached ratio unit { code } } errors { code } } }";
    let set = |units: &[u32], each: usize| {
        let goals: Vec<_> = units
            .iter()
            .flat_map(|unit| vec![json!({ "unit": { "code": unit.to_string() } }); each])
            .collect();
        price_with(text, json!({ "input": { "goals": goals } }), true)
    };
    let provinces: Vec<u32> = (2..=84).collect();
    let broken_down = |units: u64, initiatives: u64, times: u64| {
        let fields = 4_000 * rates::BROKEN_DOWN_FIELD * times;
        let rows = initiatives * rates::BROKEN_DOWN_INITIATIVE;
        (units * rates::BROKEN_DOWN_UNIT + rows + fields) / rates::UNIT
    };
    // `reached` and `ratio` each may be the first.
    let all = set(&provinces, 1);
    let counted = 2 * broken_down(913, 83_000, 83);
    assert!(counted <= all && all < counted + 5_000, "{all} {counted}");
    let one = set(&[2], 20);
    let counted = 2 * broken_down(11, 1_000, 1);
    assert!(counted <= one && one < counted + 1_000, "{one} {counted}");
}

#[test]
fn the_schema_costs_by_its_size() {
    let flat = of("{ __schema { types { name fields { name } } } }");
    assert!((100..5_000).contains(&flat), "{flat}");
    let deep =
        of("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }");
    assert!(deep > flat * 100, "{deep} {flat}");
    assert!(of("{ a: __typename }") < 5);
}

#[test]
fn fragments_within_fragments_take_no_time() {
    let fragments = (0..60)
        .map(|level| format!("fragment F{level} on Unit {{ code ...F{0} ...F{0} }}", level + 1));
    let text = format!(
        "{{ root {{ ...F0 }} }} {} fragment F60 on Unit {{ code }}",
        fragments.collect::<Vec<_>>().join(" ")
    );
    assert!(of(&text) > u64::from(u32::MAX));
    assert!(of("{ root { ...A } } fragment A on Unit { code parent { ...A } ...A }") < 10);
}
