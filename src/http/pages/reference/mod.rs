//! The reference of the schema: one page, made of the schema's own text when it is first asked for, so that it says what
//! this server does.

mod html;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;

use super::file::File;
use super::graphiql::{CSS, HTML};
use crate::graphql;

static STYLES: LazyLock<File> = LazyLock::new(|| {
    File::new(CSS, Bytes::from_static(include_bytes!("../../../../assets/reference/page.css")))
});

static PAGE: LazyLock<File> =
    LazyLock::new(|| File::new(HTML, Bytes::from(html::page(&graphql::schema().sdl()))));

pub async fn page(request: HeaderMap) -> Response {
    PAGE.answer(&request, "no-cache")
}

pub async fn styles(request: HeaderMap) -> Response {
    STYLES.answer(&request, "no-cache")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes over the wire, for a browser that takes files compressed.
    const BYTES_MAX: usize = 64 * 1024;

    #[test]
    fn the_reference_is_light() {
        assert!(PAGE.sent() < BYTES_MAX, "{} bytes", PAGE.sent());
    }
}
