//! What the documents say, held against the program.

use sangkien::limits;

/// The bounds that partners are told are those that hold.
#[test]
fn partners_are_told_the_limits_that_hold() {
    let text = include_str!("../../docs/PARTNERS.md");
    let table = text.split("## Limits").nth(1).expect("a table of limits");
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
        limits::DOCUMENT_TOKENS_MAX.to_string(),
        limits::QUERY_DEPTH_MAX.to_string(),
        limits::QUERY_SELECTIONS_MAX.to_string(),
        limits::HISTORY_DAYS.to_string(),
        limits::EVENTS_SCANNED_MAX.to_string(),
        limits::WRITER_QUEUE.to_string(),
    ];
    assert_eq!(told, bounds);
}
