//! The path under which a proxy shows our pages (`https://board.example/sangkien/wall`), where the proxy
//! leaves it in what it passes on. Pages name each other by relative addresses, so nothing else needs it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

use super::forwarded;
use crate::http::app::App;

/// Takes the prefix off the path, so that the rest is one of our addresses.
pub async fn strip(State(app): State<Arc<App>>, mut request: Request) -> Request {
    let stripped = {
        let known = app.prefixes.iter().map(String::as_str);
        let told = app.is_proxied.then(|| forwarded::prefixes(request.headers()));
        let mut prefixes = known.chain(told.into_iter().flatten());
        prefixes.find_map(|prefix| without(request.uri(), prefix))
    };
    if let Some(uri) = stripped {
        *request.uri_mut() = uri;
    }
    request
}

fn without(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let rest: PathAndQuery = rest.starts_with('/').then(|| rest.parse().ok()).flatten()?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_are_taken_off() {
        for (uri, prefix, expected) in [
            ("/a/wall?unit=x", "/a", Some("/wall?unit=x")),
            ("/a/b/wall", "/a/b", Some("/wall")),
            ("/ab/wall", "/a", None),
            ("/wall", "/a", None),
            ("/a", "/a", None),
            ("/a//evil", "/a", Some("//evil")),
            ("http://here/a/wall", "/a", Some("http://here/wall")),
        ] {
            let stripped = without(&uri.parse().unwrap(), prefix);
            assert_eq!(stripped.map(|uri| uri.to_string()).as_deref(), expected, "{uri}");
        }
    }
}
