//! The wall: the files of `wall/`, embedded, each compressed once.
//!
//! Everything but the page itself lies under an address that holds the digest of all of them, so a
//! browser keeps it for ever; the page names that digest, and is asked for anew each time. A page
//! that stays open looks at the digest when it connects again, and loads itself when it has changed.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::file::File;
use super::graphiql::{CSS, HTML, SCRIPT};
use crate::http::graphql::knows;

const FONT: &str = "font/woff2";
/// The text that the digest of the files replaces in the page.
const PLACE_OF_DIGEST: &str = "ASSETS";
/// Hexadecimal digits of the digest that are used.
const DIGEST_DIGITS: usize = 12;
const FOR_EVER: &str = "public, max-age=31536000, immutable";

macro_rules! files {
    ($($name:literal: $kind:expr),* $(,)?) => {
        [$(($name, $kind, include_bytes!(concat!("../../../wall/", $name)).as_slice())),*]
    };
}

const PAGE: &str = include_str!("../../../wall/index.html");
const FILES: [(&str, &str, &[u8]); 26] = files![
    "wall.css": CSS,
    "theme.css": CSS,
    "wall.js": SCRIPT,
    "address.js": SCRIPT,
    "board.js": SCRIPT,
    "chooser.js": SCRIPT,
    "curve.js": SCRIPT,
    "documents.js": SCRIPT,
    "feed.js": SCRIPT,
    "format.js": SCRIPT,
    "header.js": SCRIPT,
    "lean-qr.js": SCRIPT,
    "memory.js": SCRIPT,
    "milestone.js": SCRIPT,
    "motion.js": SCRIPT,
    "rotation.js": SCRIPT,
    "status.js": SCRIPT,
    "ticker.js": SCRIPT,
    "time.js": SCRIPT,
    "words.js": SCRIPT,
    "vietnamese-400.woff2": FONT,
    "vietnamese-600.woff2": FONT,
    "vietnamese-700.woff2": FONT,
    "latin-400.woff2": FONT,
    "latin-600.woff2": FONT,
    "latin-700.woff2": FONT,
];

struct Wall {
    digest: String,
    etag: String,
    page: File,
    files: Vec<(&'static str, File)>,
}

static WALL: LazyLock<Wall> = LazyLock::new(|| {
    let mut digest = Sha256::new_with_prefix(PAGE);
    for (name, _, bytes) in FILES {
        digest.update(name);
        digest.update(bytes);
    }
    let mut digest = format!("{:x}", digest.finalize());
    digest.truncate(DIGEST_DIGITS);
    let page = PAGE.replace(PLACE_OF_DIGEST, &digest);
    let etag = format!("\"{digest}\"");
    let files = FILES.map(|(name, kind, bytes)| (name, File::new(kind, Bytes::from_static(bytes))));
    Wall { digest, etag, page: File::new(HTML, Bytes::from(page)), files: Vec::from(files) }
});

pub async fn page(request: HeaderMap) -> Response {
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &WALL.etag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        WALL.page.answer(&request, "no-cache")
    };
    let tag = HeaderValue::from_str(&WALL.etag).expect("digits in quotes make a header");
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// A file of the wall. A page may ask under another server's digest while the server is being replaced: it
/// gets the file as it is now, but must not cache it.
pub async fn file(Path((digest, name)): Path<(String, String)>, request: HeaderMap) -> Response {
    let file = WALL.files.iter().find(|(known, _)| *known == name);
    let Some((_, file)) = file else { return StatusCode::NOT_FOUND.into_response() };
    file.answer(&request, if digest == WALL.digest { FOR_EVER } else { "no-store" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes over the wire, for a browser that takes files compressed.
    const BYTES_MAX: usize = 200 * 1024;
    const FONT_BYTES_MAX: usize = 128 * 1024;

    #[test]
    fn the_wall_is_light() {
        let size = |is_font: bool| {
            let files = WALL.files.iter().filter(|(_, file)| (file.kind == FONT) == is_font);
            files.map(|(_, file)| file.sent()).sum::<usize>()
        };
        let (all, fonts) = (size(false) + WALL.page.sent(), size(true));
        assert!(all < BYTES_MAX, "{all} bytes");
        assert!(fonts < FONT_BYTES_MAX, "{fonts} bytes");
    }

    #[test]
    fn the_page_asks_for_files_that_are_there_and_for_no_other_host() {
        let page = std::str::from_utf8(&WALL.page.bytes).unwrap();
        assert!(page.contains(&WALL.digest) && !page.contains(PLACE_OF_DIGEST));
        let known = |name: &str| WALL.files.iter().any(|(known, _)| *known == name);
        let ours = format!("\"wall/{}/", WALL.digest);
        for place in page.split(&ours).skip(1) {
            let name = place.split('"').next().unwrap();
            assert!(known(name), "{name}");
        }
        for (name, _, bytes) in FILES.iter().filter(|(_, kind, _)| *kind != FONT) {
            let text = std::str::from_utf8(bytes).unwrap();
            for place in text.split("from \"./").skip(1) {
                assert!(known(place.split('"').next().unwrap()), "{name}");
            }
            for place in text.split("url(\"").skip(1) {
                assert!(known(place.split('"').next().unwrap()), "{name}");
            }
            assert!(!text.replace("http://www.w3.org/", "").contains("http://"), "{name}");
            assert!(!text.contains("https://"), "{name}");
        }
    }
}
