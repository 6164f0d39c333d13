//! Pages that are part of the program: the wall and GraphiQL. They ask no other host.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// GraphiQL's dialogs set styles in place.
const GRAPHIQL: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

macro_rules! wall {
    ($name:literal) => {
        include_str!(concat!("../../wall/", $name))
    };
}

macro_rules! graphiql {
    ($name:literal) => {
        include_str!(concat!("../../assets/graphiql/", $name))
    };
}

pub async fn wall() -> Response {
    page(HTML, STRICT, wall!("index.html"))
}

pub async fn wall_file(Path(file): Path<String>) -> Response {
    match file.as_str() {
        "wall.css" => page(CSS, STRICT, wall!("wall.css")),
        "wall.js" => page(SCRIPT, STRICT, wall!("wall.js")),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

pub async fn graphiql() -> Response {
    page(HTML, GRAPHIQL, graphiql!("index.html"))
}

pub async fn graphiql_file(Path(file): Path<String>) -> Response {
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

fn page(kind: &'static str, policy: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
