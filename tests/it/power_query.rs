//! Queries for Excel's Power Query that the documents show. Nothing here runs its language: the query is asked as its
//! text says, and the answer must have all that the columns take from it.

use serde_json::{Value, json};

use crate::blocks::{blocks, spans};
use crate::harness::World;

/// The text of a binding, as `Query = "…"`, in which a quote is written twice.
fn binding(text: &str, ends: impl Fn(&str) -> bool) -> &str {
    let line = text.lines().find(|line| ends(line)).expect("the text binds it");
    let (_, value) = line.split_once("= \"").unwrap();
    value.strip_suffix("\",").unwrap()
}

/// The query of a block.
fn question(text: &str) -> String {
    binding(text, |line| line.contains("= \"{")).replace("\"\"", "\"")
}

/// Asks the query of a block, and holds the answer to the columns that the block makes of it.
pub fn fits(at: &str, text: &str, ask: impl Fn(&str) -> Value) {
    let url = binding(text, |line| line.contains("= \"http"));
    assert!(url.ends_with("/graphql"), "{at}");
    let answer = ask(&question(text));
    // `Answer[data][leaderboard][entries]` are the rows, `[unit][code]` is a part of each.
    let path =
        |access: &str| format!("/{}", access.trim_matches(['[', ']', ',']).replace("][", "/"));
    let rows = text.lines().find(|line| line.contains("[data]")).unwrap();
    let rows = rows.split("[data]").nth(1).unwrap().split(", each").next().unwrap();
    let rows = answer.pointer(&format!("/data{}", path(rows))).and_then(Value::as_array);
    let rows = rows.unwrap_or_else(|| panic!("{at}: {answer}"));
    let columns = text.lines().filter_map(|line| line.split_once("\" = [")).map(|(_, it)| path(it));
    let columns: Vec<String> = columns.collect();
    assert!(columns.len() > 2 && !rows.is_empty(), "{at}");
    for column in columns {
        assert!(rows[0].pointer(&column).is_some(), "{at}: {column} of {}", rows[0]);
    }
}

/// The address and the block that docs/PARTNERS.md shows.
#[tokio::test]
async fn partners_read_boards_in_excel() {
    let text = include_str!("../../docs/PARTNERS.md");
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let blocks = blocks(text);
    let block = blocks.iter().find(|block| block.language == "powerquery").unwrap();
    let query = question(&block.text);
    let answer = world.ask_anonymously(&json!({ "query": query })).await;
    fits("docs/PARTNERS.md", &block.text, |asked| {
        assert_eq!(asked, query);
        answer.clone()
    });
    let addresses = spans(text).into_iter().filter(|span| span.starts_with("http://"));
    let addresses: Vec<String> = addresses.collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        let answer = reqwest::get(address.replace("127.0.0.1:8080", &world.address)).await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["data"]["root"]["tally"]["submitted"].is_i64(), "{address}: {answer}");
    }
}
