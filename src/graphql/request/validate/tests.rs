//! Each rule, by documents that it refuses, with the messages, and by similar documents that it accepts.

use std::fmt::Write as _;

use super::*;
use crate::auth::Language;
use crate::graphql::request::{lexer, parser};
use crate::graphql::view;
use crate::limits::VALIDATION_ERRORS_MAX;

/// The error messages of a document.
fn told(document: &str) -> Vec<String> {
    let tokens = lexer::lex(document).unwrap_or_else(|_| panic!("{document}"));
    let tree = parser::parse(&tokens).unwrap_or_else(|_| panic!("{document}"));
    validate(view(), &tree).into_iter().map(|it| it.message.text(Language::English)).collect()
}

fn check(cases: &[(&str, &[&str])]) {
    for (document, expected) in cases {
        assert_eq!(told(document), *expected, "{document}");
    }
}

#[test]
fn names_of_operations_and_fragments() {
    check(&[
        ("query A { __typename } query B { __typename }", &[]),
        ("query A { __typename } query A { __typename }", &["two operations are named A"]),
        ("query A { __typename } mutation A { __typename }", &["two operations are named A"]),
        (
            "{ __typename } query A { __typename }",
            &["an operation without a name must be the only one"],
        ),
        (
            "{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }",
            &["two fragments are named F"],
        ),
        ("query F { ...F } fragment F on Query { __typename }", &[]),
    ]);
}

#[test]
fn fragments_are_known_used_and_not_within_themselves() {
    check(&[
        ("{ ...F }", &["there is no fragment F"]),
        ("{ __typename } fragment F on Query { __typename }", &["fragment F is not used"]),
        ("{ ...F } fragment F on Query { ...F }", &["fragment F contains itself"]),
        (
            "{ ...F } fragment F on Query { ...G } fragment G on Query { root { code } ...F }",
            &["fragment F contains itself"],
        ),
        (
            "{ __typename } fragment F on Query { ...G } fragment G on Query { ...F }",
            &["fragment F is not used", "fragment G is not used", "fragment F contains itself"],
        ),
        ("{ ...F ...F ... { ...F } } fragment F on Query { __typename }", &[]),
    ]);
}

#[test]
fn subscriptions_have_one_field() {
    let one = "a subscription selects exactly one field at its top level";
    let schema = "a subscription selects no field of introspection at its top level";
    let condition = "@skip and @include cannot stand at the top level of a subscription";
    check(&[
        ("subscription { leaderboard { id } }", &[]),
        ("subscription { leaderboard { id } leaderboard { ranked } }", &[]),
        ("subscription { leaderboard { id } a: leaderboard { id } }", &[one]),
        ("subscription { ...F } fragment F on Subscription { leaderboard { id } }", &[]),
        (
            "subscription { ...F ... { a: leaderboard { id } } } fragment F on Subscription { leaderboard { id } }",
            &[one],
        ),
        ("subscription { __typename }", &[schema]),
        ("subscription { leaderboard @skip(if: true) { id } }", &[condition]),
        (
            "subscription($a: Boolean!) { ... @include(if: $a) { leaderboard { id } } }",
            &[condition],
        ),
    ]);
}

#[test]
fn types_of_fragments_and_variables() {
    check(&[
        ("{ ... on Unitt { code } }", &["there is no type Unitt; did you mean Unit?"]),
        ("{ ...F } fragment F on SomethingElse { code }", &["there is no type SomethingElse"]),
        ("{ ... on Int { code } }", &["type Int has no fields that a fragment could select"]),
        (
            "{ ...F } fragment F on UnitRef { code }",
            &["type UnitRef has no fields that a fragment could select"],
        ),
        (
            "query($a: [Unit!]) { root { code } }",
            &[
                "variable $a cannot be of type [Unit!], which is no type of inputs",
                "variable $a is not used",
            ],
        ),
        (
            "query($a: [Integer!]) { unitsByCode(codes: $a) { code } }",
            &["there is no type Integer"],
        ),
        ("{ root { ... on Node { id } ... on Unit { code } ... { name } } }", &[]),
        (
            "{ root { ... on Period { code } } }",
            &["no object is both of type Unit and of type Period"],
        ),
        (
            "{ root { ...F } } fragment F on Period { code }",
            &["no object is both of type Unit and of type Period"],
        ),
        ("{ node(id: 1) { ... on Unit { code } ... on Period { code } } }", &[]),
    ]);
}

#[test]
fn fields_and_their_selections() {
    check(&[
        ("{ root { cod } }", &["type Unit has no field cod; did you mean code?"]),
        ("{ root { somethingElse { deep } } }", &["type Unit has no field somethingElse"]),
        ("{ node(id: 1) { code } }", &["type Node has no field code"]),
        ("{ root { __schema { queryType { name } } } }", &["type Unit has no field __schema"]),
        ("{ __schema { queryType { name } } __type(name: \"Unit\") { name } __typename }", &[]),
        ("{ root }", &["field root of type Unit! needs a selection of its fields"]),
        ("{ root { code { length } } }", &["field code of type String! has no fields to select"]),
        (
            "{ root { __typename { a } } }",
            &["field __typename of type String! has no fields to select"],
        ),
    ]);
}

#[test]
fn arguments() {
    check(&[
        (
            "{ root { children(frist: 1) { nodes { code } } } }",
            &["Unit.children has no argument frist; did you mean first?"],
        ),
        (
            "{ root { code(a: $b) } }",
            &["Unit.code has no argument a", "variable $b is not declared"],
        ),
        (
            "{ root { children(first: 1, first: 2) { nodes { code } } } }",
            &["argument first is given twice"],
        ),
        ("{ unit { code } }", &["Query.unit needs the argument ref of type UnitRef!"]),
        ("{ unit(ref: null) { code } }", &["null is no value of type UnitRef!"]),
        ("{ root @skip { code } }", &["@skip needs the argument if of type Boolean!"]),
        ("{ root @skip(if: true, unless: 1) { code } }", &["@skip has no argument unless"]),
        ("{ root @skip(if: 1) { code } }", &["1 is no value of type Boolean!"]),
    ]);
}

#[test]
fn directives() {
    check(&[
        ("{ root @skpi(if: true) { code } }", &["there is no directive @skpi; did you mean skip?"]),
        ("query @skip(if: true) { root { code } }", &["directive @skip cannot stand here"]),
        ("{ root @deprecated { code } }", &["directive @deprecated cannot stand here"]),
        (
            "query($a: Int @include(if: true)) { root { children(first: $a) { nodes { code } } } }",
            &["directive @include cannot stand here"],
        ),
        (
            "{ root @skip(if: true) @include(if: true) @skip(if: true) { code } }",
            &["directive @skip cannot stand here twice"],
        ),
    ]);
}

#[test]
fn values() {
    let of = |value: &str| format!("{{ searchUnits(text: \"a\", first: {value}) {{ code }} }}");
    for value in ["1", "0", "-5", "2147483647"] {
        assert_eq!(told(&of(value)), [""; 0], "{value}");
    }
    for value in
        ["2147483648", "-2147483649", "99999999999999999999", "1.0", "\"1\"", "true", "ONE"]
    {
        let expected = format!("{value} is no value of type Int, an integer of 32 bits");
        assert_eq!(told(&of(value)), [expected], "{value}");
    }
    check(&[
        ("{ unit(ref: {code: 1}) { code } }", &["1 is no value of type String"]),
        ("{ unit(ref: {id: 1}) { code } }", &[]),
        ("{ unit(ref: {id: 1.0}) { code } }", &["1.0 is no value of type ID"]),
        ("{ unit(ref: {id: true}) { code } }", &["true is no value of type ID"]),
        ("{ unit(ref: \"tld\") { code } }", &["\"tld\" is no value of type UnitRef!"]),
        ("{ unit(ref: [{code: \"a\"}]) { code } }", &["[…] is no value of type UnitRef!"]),
        ("{ unitsByCode(codes: \"a\") { code } }", &[]),
        ("{ unitsByCode(codes: [\"a\", null]) { code } }", &["null is no value of type String!"]),
        ("{ unitsByCode(codes: [[\"a\"]]) { code } }", &["[…] is no value of type String!"]),
        (
            "{ leaderboard(rankBy: \"ACCEPTED\") { id } }",
            &["\"ACCEPTED\" is no value of type RankBy; did you mean ACCEPTED?"],
        ),
        (
            "{ leaderboard(rankBy: SOMETHING_ELSE) { id } }",
            &["SOMETHING_ELSE is no value of type RankBy"],
        ),
    ]);
}

#[test]
fn input_objects() {
    let submit = |fields: &str| {
        format!("mutation {{ setTargets(input: {{{fields}}}) {{ errors {{ code }} }} }}")
    };
    let goals = "period: {code: \"p\"}, goals: [{unit: {code: \"a\"}, goal: {count: 1}}]";
    for (fields, expected) in [
        (goals.to_owned(), vec![]),
        (format!("{goals}, metric: null"), vec![]),
        (format!("{goals}, origin: null"), vec!["null is no value of type TargetOrigin!"]),
        (
            format!("{goals}, orign: PLEDGED"),
            vec!["input object SetTargetsInput has no field orign; did you mean origin?"],
        ),
        (
            "period: {code: \"p\"}".to_owned(),
            vec!["input object SetTargetsInput needs the field goals of type [UnitGoalInput!]!"],
        ),
        (
            format!("{goals}, documentNumber: \"1\", documentNumber: \"1\""),
            vec!["input field documentNumber is given twice"],
        ),
    ] {
        assert_eq!(told(&submit(&fields)), expected, "{fields}");
    }
    let one = "UnitRef needs exactly one of its fields";
    check(&[
        ("{ unit(ref: {}) { code } }", &[one]),
        ("{ unit(ref: {code: \"a\", id: \"b\"}) { code } }", &[one]),
        ("{ unit(ref: {code: \"a\", id: null}) { code } }", &[one]),
        (
            "{ unit(ref: {code: \"a\", code: \"a\"}) { code } }",
            &["input field code is given twice"],
        ),
        ("{ unit(ref: {code: null}) { code } }", &["field code of UnitRef must not be null"]),
        (
            "query($a: String) { unit(ref: {code: $a}) { code } }",
            &["variable $a of type String may be null, which a field of UnitRef must not be"],
        ),
        ("query($a: String!) { unit(ref: {code: $a}) { code } }", &[]),
        ("{ unit(ref: {code: $a}) { code } }", &["variable $a is not declared"]),
        ("query($a: String!, $b: ID!) { unit(ref: {code: $a, id: $b}) { code } }", &[one]),
    ]);
}

#[test]
fn variables() {
    check(&[
        (
            "query($a: Int, $a: Int) { searchUnits(text: \"a\", first: $a) { code } }",
            &["variable $a is declared twice"],
        ),
        ("{ searchUnits(text: $a) { code } }", &["variable $a is not declared"]),
        ("query($a: Int) { root { code } }", &["variable $a is not used"]),
        (
            "query A($a: String!) { ...F } query B { ...F } fragment F on Query { searchUnits(text: $a) { code } }",
            &["variable $a is not declared"],
        ),
        (
            "query($a: Int!) { ...F } fragment F on Query { ...G } fragment G on Query { searchUnits(text: \"a\", first: $a) { code } }",
            &[],
        ),
        (
            "query($a: Int = \"b\") { searchUnits(text: \"a\", first: $a) { code } }",
            &["\"b\" is no value of type Int, an integer of 32 bits"],
        ),
        (
            "query($a: Int! = null) { searchUnits(text: \"a\", first: $a) { code } }",
            &["null is no value of type Int!, an integer of 32 bits"],
        ),
    ]);
}

#[test]
fn positions_of_variables() {
    let codes =
        |of_type: &str| format!("query($a: {of_type}) {{ unitsByCode(codes: $a) {{ code }} }}");
    let item =
        |of_type: &str| format!("query($a: {of_type}) {{ unitsByCode(codes: [$a]) {{ code }} }}");
    let first = |of_type: &str| {
        format!("query($a: {of_type}) {{ searchUnits(text: \"a\", first: $a) {{ code }} }}")
    };
    let origin = |of_type: &str| {
        format!(
            "mutation($a: {of_type}) {{ setTargets(input: {{period: {{code: \"p\"}}, goals: [], origin: $a}}) {{ errors {{ code }} }} }}"
        )
    };
    for (document, expected) in [
        (codes("[String!]!"), None),
        (codes("[String!]! = []"), None),
        (codes("[String!] = []"), None),
        (codes("[String!]"), Some(("[String!]", "[String!]!"))),
        (codes("[String!] = null"), Some(("[String!]", "[String!]!"))),
        (codes("[String]!"), Some(("[String]!", "[String!]!"))),
        (codes("String!"), Some(("String!", "[String!]!"))),
        (codes("[ID!]!"), Some(("[ID!]!", "[String!]!"))),
        (item("String!"), None),
        (item("String = \"a\""), None),
        (item("String"), Some(("String", "String!"))),
        (origin("TargetOrigin!"), None),
        // The field has a default.
        (origin("TargetOrigin"), None),
        (origin("TargetMetric"), Some(("TargetMetric", "TargetOrigin!"))),
        (first("Int"), None),
        (first("Int!"), None),
        (first("Float"), Some(("Float", "Int"))),
        (first("[Int!]"), Some(("[Int!]", "Int"))),
    ] {
        let expected: Vec<String> = expected
            .map(|(of_type, place)| {
                format!("variable $a of type {of_type} cannot stand where {place} is expected")
            })
            .into_iter()
            .collect();
        assert_eq!(told(&document), expected, "{document}");
    }
}

#[test]
fn fields_that_cannot_be_merged() {
    let fields = |name: &str| {
        format!(
            "different fields would both be named {name} in the answer; give one of them an alias"
        )
    };
    let arguments = |name: &str| {
        format!(
            "fields with different arguments would both be named {name} in the answer; give one of them an alias"
        )
    };
    let types = |name: &str| {
        format!(
            "fields of different types would both be named {name} in the answer; give one of them an alias"
        )
    };
    for (document, expected) in [
        ("{ root { code code x: name x: name } root { code } }", None),
        ("{ root { x: code x: name } }", Some(fields("x"))),
        (
            "{ root { children(first: 1) { nodes { x: code } nodes { x: name } } } }",
            Some(fields("x")),
        ),
        ("{ root { x: code } ... { root { x: name } } }", Some(fields("x"))),
        (
            "{ root { x: code } ...F } fragment F on Query { root { ...G } } fragment G on Unit { x: name }",
            Some(fields("x")),
        ),
        (
            "{ root { children(first: 1) { nodes { code } } children(first: 2) { nodes { code } } } }",
            Some(arguments("children")),
        ),
        (
            "{ root { children(first: 1) { nodes { code } } children { nodes { code } } } }",
            Some(arguments("children")),
        ),
        (
            "{ root { children(first: 1, after: null) { nodes { code } } children(after: null, first: 1) { nodes { code } } } }",
            None,
        ),
        (
            "query($a: Int!) { root { children(first: $a) { nodes { code } } children(first: $a) { nodes { name } } } }",
            None,
        ),
        (
            "query($a: Int!, $b: Int!) { root { children(first: $a) { nodes { code } } children(first: $b) { nodes { name } } } }",
            Some(arguments("children")),
        ),
        // Fields of objects that are never the same need types of the same shape only.
        ("{ node(id: 1) { ... on Unit { x: code } ... on Period { x: name } } }", None),
        (
            "{ node(id: 1) { ... on Unit { x: code } ... on Period { x: startsOn } } }",
            Some(types("x")),
        ),
        (
            "{ node(id: 1) { ... on Unit { x: parent { y: code } } ... on Period { x: parent { y: name } } } }",
            None,
        ),
        (
            "{ node(id: 1) { ... on Unit { x: parent { y: code } } ... on Period { x: parent { y: startsOn } } } }",
            Some(types("y")),
        ),
        // The object of an interface may be of either type.
        ("{ node(id: 1) { x: id ... on Unit { x: code } } }", Some(types("x"))),
        ("{ node(id: 1) { x: id ... on Unit { x: id } ... on Period { x: id } } }", None),
    ] {
        let expected: Vec<String> = expected.into_iter().collect();
        assert_eq!(told(document), expected, "{document}");
    }
}

#[test]
fn introspection_does_not_nest_its_lists() {
    let deep = "introspection nests lists of fields and types too deeply";
    let nested = "__schema { types { fields { type { fields { type { %s } } } } } }";
    let of = |inner: &str| format!("{{ {} }}", nested.replace("%s", inner));
    assert_eq!(told(&of("name")), [""; 0]);
    assert_eq!(told(&of("fields { name }")), [deep]);
    assert_eq!(told(&of("interfaces { name }")), [deep]);
    let spread = format!("{} fragment F on __Type {{ possibleTypes {{ name }} }}", of("...F"));
    assert_eq!(told(&spread), [deep]);
}

#[test]
fn only_the_first_errors_are_reported_and_each_in_short() {
    let mut document = "{".to_owned();
    for at in 0..5_000 {
        write!(document, " {}{at}", "a".repeat(40)).unwrap();
    }
    document.push_str(&format!(" {} }}", "b".repeat(50_000)));
    let errors = told(&document);
    assert_eq!(errors.len(), VALIDATION_ERRORS_MAX);
    assert!(errors.iter().all(|message| message.len() < 200));
    let errors = told(&format!("{{ {} }}", "b".repeat(50_000)));
    assert!(errors[0].len() < 200, "{}", errors[0]);
}

/// Spreads and usages of variables that the walk noted in the first operation.
fn noted(document: &str) -> usize {
    let tokens = lexer::lex(document).unwrap();
    let tree = parser::parse(&tokens).unwrap();
    let definitions = Definitions::of(&tree);
    let mut errors = Errors::default();
    let mut walk = Walk { view: view(), definitions: &definitions, errors: &mut errors };
    let noted = walk.operation(definitions.operations[0]);
    noted.spreads.len() + noted.usages.len()
}

/// Once all errors that are told are found, the walk goes no further into selections, directives, arguments, lists and
/// objects.
#[test]
fn the_walk_ends_with_the_last_error_that_is_told() {
    let (spreads, usages) = ("...F ".repeat(100), "$a ".repeat(100));
    for (before, fault, after) in [
        ("", "nothing ", spreads),
        ("__typename ", "@nothing ", "@skip(if: $a) ".repeat(100)),
        ("unitsByCode(codes: [", "1 ", format!("{usages}]) {{ code }}")),
        ("units(", "nothing: 1 ", format!("{}) {{ totalCount }}", "first: $a ".repeat(100))),
        ("unit(ref: {", "nothing: 1 ", format!("code: [{usages}] }}) {{ code }}")),
    ] {
        let document = |faults| {
            let faults = fault.repeat(faults);
            format!("{{ {before}{faults}{after} }} fragment F on Query {{ __typename }}")
        };
        assert_eq!(noted(&document(0)), 100, "{fault}");
        assert_eq!(noted(&document(VALIDATION_ERRORS_MAX)), 0, "{fault}");
    }
}

/// Fragments that each spread the next twice: the selections double with each fragment.
fn doubling(fragments: usize) -> String {
    let mut document = "{ root { ...F0 } }".to_owned();
    for at in 0..fragments {
        let next = at + 1;
        write!(
            document,
            " fragment F{at} on Unit {{ a: parent {{ ...F{next} }} b: parent {{ ...F{next} }} }}"
        )
        .unwrap();
    }
    write!(document, " fragment F{fragments} on Unit {{ code }}").unwrap();
    document
}

#[test]
fn merging_is_bounded() {
    assert_eq!(told(&doubling(10)), [""; 0]);
    let errors = told(&doubling(40));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("selects more than"), "{}", errors[0]);
}

#[test]
fn long_chains_of_fragments_are_walked_on_a_small_stack() {
    let mut document = "{ root { ...F0 } }".to_owned();
    for at in 0..900 {
        write!(document, " fragment F{at} on Unit {{ parent {{ ...F{} }} }}", at + 1).unwrap();
    }
    document.push_str(" fragment F900 on Unit { code }");
    let walk = std::thread::Builder::new().stack_size(512 * 1024);
    let errors = walk.spawn(move || told(&document)).unwrap().join().unwrap();
    assert_eq!(errors, [""; 0]);
}
