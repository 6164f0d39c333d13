//! The change filter: whether a state feed's result differs from the last one that it sent.
//!
//! A change of the followed board's own `version` or `asOf` alone is no change of the result, whatever response keys
//! the document gives them. The version of an object within the board is a part of the result like any other. Events
//! are always sent.

use std::collections::{BTreeMap, HashSet};

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Name, Response};
use serde_json::value::RawValue;

use crate::digest::Digest;
use crate::graphql::context::json;
use crate::graphql::request::selection::{root_fields, selection_of};

const STATE_FEEDS: [&str; 2] = ["leaderboard", "tally"];
/// The fields that only show since when the result is the same.
const STAMPS: [&str; 2] = ["version", "asOf"];

/// The keys in the response by which the followed board gives its own stamps.
#[derive(Debug)]
pub struct StampKeys(HashSet<Name>);

/// The last result that a state feed sent.
#[derive(Debug, Default)]
pub struct ChangeFilter {
    /// A digest of it, without stamps: the text itself would be held beside the answer.
    last: Option<Digest>,
}

impl ChangeFilter {
    /// Whether the result, without stamps, differs from the last one. `None` always does.
    pub fn is_change(&mut self, told: Option<Digest>) -> bool {
        let is_change = told.is_none() || self.last != told;
        self.last = told;
        is_change
    }
}

impl StampKeys {
    /// `None` if every message must be sent: for anything but one state feed.
    pub fn of(document: &ExecutableDocument, operation: Option<&str>) -> Option<Self> {
        let fields = root_fields(document, selection_of(document, operation)?);
        let [field] = fields.as_slice() else { return None };
        if !STATE_FEEDS.contains(&field.name.node.as_str()) {
            return None;
        }
        let own = root_fields(document, &field.selection_set.node);
        let stamps = own.into_iter().filter(|field| STAMPS.contains(&field.name.node.as_str()));
        let stamps = stamps.map(|field| field.response_key().node.clone()).collect();
        Some(Self(stamps))
    }

    /// A digest of the result without them; `None` where there are errors, which are told each time.
    pub fn without(&self, response: &Response) -> Option<Digest> {
        if !response.errors.is_empty() {
            return None;
        }
        let mut text = Vec::new();
        json::write(&response.data, &mut text);
        if self.0.is_empty() {
            return Some(Digest::of(&text));
        }
        // Values below the board's own fields stay raw text.
        let mut boards: BTreeMap<String, BTreeMap<String, &RawValue>> =
            serde_json::from_slice(&text).expect("a board is an object, in one field");
        for board in boards.values_mut() {
            board.retain(|key, _| !self.0.contains(key.as_str()));
        }
        Some(Digest::of(&serde_json::to_vec(&boards).expect("it was read from JSON")))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{Pos, ServerError, Value};
    use serde_json::json;

    use super::*;

    /// Tells for each message whether it is a change.
    fn told(query: &str, messages: &[serde_json::Value]) -> Vec<bool> {
        let document = parse_query(query).unwrap();
        let Some(stamps) = StampKeys::of(&document, None) else {
            return vec![true; messages.len()];
        };
        let mut filter = ChangeFilter::default();
        let response =
            |data: &serde_json::Value| Response::new(Value::from_json(data.clone()).unwrap());
        messages.iter().map(|data| filter.is_change(stamps.without(&response(data)))).collect()
    }

    #[test]
    fn a_stamp_alone_is_no_news() {
        let query = "subscription { leaderboard { version asOf entries { rank } } }";
        let board = |version: i64, rank: i64| {
            json!({ "leaderboard": { "version": version, "asOf": format!("{version}"),
                "entries": [{ "rank": rank }] } })
        };
        let messages = [board(1, 1), board(2, 1), board(3, 2), board(4, 2), board(5, 1)];
        assert_eq!(told(query, &messages), [true, false, true, false, true]);
        let events = "subscription { initiativeEvents { version } }";
        let event = |version: i64| json!({ "initiativeEvents": { "version": version } });
        assert_eq!(told(events, &[event(1), event(2)]), [true, true]);
    }

    #[test]
    fn it_is_the_field_that_counts_and_not_its_name_in_the_answer() {
        let query = "subscription { board: leaderboard { ...V entries { version: rank ...T } } }
            fragment V on Leaderboard { ... { v: version } asOf: ranked }
            fragment T on LeaderboardEntry { tally { ... { at: version submitted } } }";
        let board = |v: i64, ranked: i64, rank: i64, at: i64, submitted: i64| {
            json!({ "board": { "v": v, "asOf": ranked, "entries": [
                { "version": rank, "tally": { "at": at, "submitted": submitted } },
            ] } })
        };
        let messages = [
            board(1, 1, 1, 1, 1),
            board(2, 1, 1, 1, 1),
            board(3, 2, 1, 1, 1),
            board(4, 2, 2, 1, 1),
            board(5, 2, 2, 1, 2),
            board(6, 2, 2, 1, 2),
        ];
        assert_eq!(told(query, &messages), [true, false, true, true, true, false]);
    }

    /// A row's version may be all that shows that its unit changed.
    #[test]
    fn a_version_within_the_board_is_a_part_of_the_result() {
        let query = "subscription { leaderboard { version entries { tally { version asOf } } } }";
        let board = |version: i64, inner: i64, at: i64| {
            json!({ "leaderboard": { "version": version, "entries": [
                { "tally": { "version": inner, "asOf": at } },
            ] } })
        };
        let messages = [board(1, 1, 1), board(2, 1, 1), board(3, 2, 1), board(4, 2, 2)];
        assert_eq!(told(query, &messages), [true, false, true, true]);
    }

    #[test]
    fn rows_that_come_and_go_are_news() {
        let query =
            "subscription { ...S } fragment S on Subscription { leaderboard { entries { rank } } }";
        let board = |rows: &[serde_json::Value]| json!({ "leaderboard": { "entries": rows } });
        let row = json!({ "rank": 1 });
        let messages = [
            board(&[]),
            board(std::slice::from_ref(&row)),
            board(std::slice::from_ref(&row)),
            board(&[]),
        ];
        assert_eq!(told(query, &messages), [true, true, false, true]);
    }

    #[test]
    fn errors_are_news_and_so_is_what_follows() {
        let document = parse_query("subscription { tally { submitted } }").unwrap();
        let stamps = StampKeys::of(&document, None).unwrap();
        let mut filter = ChangeFilter::default();
        let mut is_change = |response| filter.is_change(stamps.without(response));
        let fine = Response::new(Value::from_json(json!({ "tally": { "submitted": 1 } })).unwrap());
        let failed = Response::from_errors(vec![ServerError::new("no", Some(Pos::default()))]);
        assert!(is_change(&fine));
        assert!(is_change(&failed));
        assert!(is_change(&failed));
        assert!(is_change(&fine));
        assert!(!is_change(&fine));
    }

    #[test]
    fn the_operation_asked_for_decides() {
        let document = parse_query(
            "subscription A { tally { submitted } } subscription B { initiativeEvents { kind } }
             subscription C { ...C } fragment C on Subscription { ...C }
             subscription D { a: tally { submitted } b: tally { submitted } }",
        )
        .unwrap();
        let follows = |name| StampKeys::of(&document, Some(name)).is_some();
        assert_eq!(["A", "B", "C", "D", "E"].map(follows), [true, false, false, false, false]);
    }
}
