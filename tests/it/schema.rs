//! The committed schema is the program's.

#[test]
fn schema_graphql_is_up_to_date() {
    let committed = include_str!("../../schema.graphql");
    assert!(
        committed == sangkien::graphql::sdl(),
        "schema.graphql differs from the program's schema; renew it by\n    \
         cargo run -- schema > schema.graphql"
    );
}
