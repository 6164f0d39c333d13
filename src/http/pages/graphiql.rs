//! GraphiQL, which is part of the program. It asks no other host.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::Day;
use crate::http::app::App;

pub const HTML: &str = "text/html; charset=utf-8";
pub const CSS: &str = "text/css; charset=utf-8";
pub const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The content security policy of pages that need nothing but their own files.
pub const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The policy of GraphiQL, whose dialogs set styles in place.
const GRAPHIQL: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

macro_rules! graphiql {
    ($name:literal) => {
        include_str!(concat!("../../../assets/graphiql/", $name))
    };
}

/// The worked operations of docs/queries, each with its variables.
macro_rules! operations {
    ($($name:literal),* $(,)?) => {
        [$((
            include_str!(concat!("../../../docs/queries/", $name, ".graphql")),
            include_str!(concat!("../../../docs/queries/", $name, ".json")),
        )),*]
    };
}

/// The operations in the order of GraphiQL's tabs, and of docs/QUERIES.md.
const OPERATIONS: [(&str, &str); 27] = operations![
    "first",
    "board",
    "unit-page",
    "watch-tally",
    "my-rank",
    "submission-form",
    "submit",
    "review-queue",
    "review",
    "review-batch",
    "assign-targets",
    "assign-parts",
    "breakdown",
    "not-started",
    "movers",
    "end-of-a-day",
    "weekly-meeting",
    "finalize",
    "rule",
    "assessment",
    "confirm",
    "recognised",
    "changed-units",
    "sync-initiatives",
    "events-end",
    "sync-events",
    "follow-events",
];

/// [`OPERATIONS`] as a script for the page, to be run on this day.
fn operations_script(today: Day) -> String {
    let tabs = OPERATIONS.map(|(query, variables)| {
        let variables = since_last_week(variables.trim(), today);
        serde_json::json!({ "query": query, "variables": variables })
    });
    format!("const OPERATIONS = {};\n", serde_json::Value::from(tabs.to_vec()))
}

/// Variables whose `since`, if they have one, is a week before this day: a day that stands in a file is out of reach
/// after a month.
fn since_last_week(variables: &str, today: Day) -> String {
    const NAME: &str = "\"since\": \"";
    let parts = variables.split_once(NAME).and_then(|(before, rest)| {
        let (_day, after) = rest.split_once('"')?;
        Some((before, after))
    });
    match parts {
        Some((before, after)) => format!("{before}{NAME}{}\"{after}", today.plus(-7)),
        None => variables.to_owned(),
    }
}

pub async fn graphiql() -> Response {
    page(HTML, GRAPHIQL, graphiql!("index.html"))
}

pub async fn graphiql_file(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response {
    if file == "operations.js" {
        let today = app.service.hub().latest().today();
        return page(SCRIPT, GRAPHIQL, operations_script(today));
    }
    let (kind, text) = match file.as_str() {
        "graphiql.min.js" => (SCRIPT, graphiql!("graphiql.min.js")),
        "react.production.min.js" => (SCRIPT, graphiql!("react.production.min.js")),
        "react-dom.production.min.js" => (SCRIPT, graphiql!("react-dom.production.min.js")),
        "graphql-ws.min.js" => (SCRIPT, graphiql!("graphql-ws.min.js")),
        "start.js" => (SCRIPT, graphiql!("start.js")),
        "graphiql.min.css" => (CSS, graphiql!("graphiql.min.css")),
        "page.css" => (CSS, graphiql!("page.css")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    page(kind, GRAPHIQL, text)
}

fn page(kind: &'static str, policy: &'static str, text: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_reaches_back_a_week_from_its_day() {
        let today = Day::parse("2022-07-03").unwrap();
        for (given, made) in [
            (r#"{ "since": "2022-04-25" }"#, r#"{ "since": "2022-06-26" }"#),
            (
                r#"{ "a": 1, "since": "2022-04-25", "b": "c" }"#,
                r#"{ "a": 1, "since": "2022-06-26", "b": "c" }"#,
            ),
            ("{}", "{}"),
        ] {
            assert_eq!(since_last_week(given, today), made);
        }
    }
}
