//! The wall: the files of `wall/`, embedded, each compressed once.
//!
//! Everything but the pages themselves lies under an address that holds the digest of all of them, so a
//! browser keeps it for ever; a page names that digest, and is asked for anew each time. A page
//! that stays open looks at the digest when it connects again, and loads itself when it has changed.

use std::sync::Arc;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::file::File;
use super::graphiql::{CSS, HTML, SCRIPT};
use crate::http::app::App;
use crate::http::briefing;
use crate::http::graphql::knows;

const FONT: &str = "font/woff2";
const PICTURE: &str = "image/webp";
const TEXT: &str = "text/plain; charset=utf-8";
/// The text that the digest of the files replaces in a page.
const PLACE_OF_DIGEST: &str = "ASSETS";
/// The mark of a page whose figures are real, and the mark that stands in its place where they are invented.
const FIGURES: [&str; 2] = ["data-figures=\"\"", "data-figures=\"simulated\""];
/// Follows the digest in the tag of a page whose figures are invented: a browser that knows the other page asks anew.
const SIMULATED: &str = "-simulated";
/// Hexadecimal digits of the digest that are used.
const DIGEST_DIGITS: usize = 12;
const FOR_EVER: &str = "public, max-age=31536000, immutable";

macro_rules! files {
    ($($name:literal: $kind:expr),* $(,)?) => {
        [$(($name, $kind, include_bytes!(concat!("../../../wall/", $name)).as_slice())),*]
    };
}

const PAGE: &str = include_str!("../../../wall/index.html");
const START: &str = include_str!("../../../wall/start.html");
const HELP: &str = include_str!("../../../wall/help.html");
const BRIEFING: &str = include_str!("../../../wall/briefing.html");
/// The operation of the briefing, which its files ask as well.
const OPERATION: (&str, &str, &[u8]) =
    ("weekly-meeting.graphql", TEXT, briefing::OPERATION.as_bytes());
const FILES: [(&str, &str, &[u8]); 48] = files![
    "wall.css": CSS,
    "briefing.css": CSS,
    "briefing.js": SCRIPT,
    "briefing-words.js": SCRIPT,
    "theme.css": CSS,
    "chooser.css": CSS,
    "page.css": CSS,
    "old.js": SCRIPT,
    "wall.js": SCRIPT,
    "address.js": SCRIPT,
    "ask.js": SCRIPT,
    "board.js": SCRIPT,
    "chooser.js": SCRIPT,
    "chooser-words.js": SCRIPT,
    "curve.js": SCRIPT,
    "documents.js": SCRIPT,
    "feed.js": SCRIPT,
    "figures.js": SCRIPT,
    "fill.js": SCRIPT,
    "finder.js": SCRIPT,
    "format.js": SCRIPT,
    "header.js": SCRIPT,
    "hold.js": SCRIPT,
    "kept.js": SCRIPT,
    "layout.js": SCRIPT,
    "lean-qr.js": SCRIPT,
    "memory.js": SCRIPT,
    "milestone.js": SCRIPT,
    "motion.js": SCRIPT,
    "names.js": SCRIPT,
    "rotation.js": SCRIPT,
    "screen.js": SCRIPT,
    "status.js": SCRIPT,
    "stream.js": SCRIPT,
    "ticker.js": SCRIPT,
    "time.js": SCRIPT,
    "titles.js": SCRIPT,
    "token.js": SCRIPT,
    "words.js": SCRIPT,
    "vietnamese-400.woff2": FONT,
    "vietnamese-600.woff2": FONT,
    "vietnamese-700.woff2": FONT,
    "latin-400.woff2": FONT,
    "latin-600.woff2": FONT,
    "latin-700.woff2": FONT,
    "help-chooser.webp": PICTURE,
    "help-live.webp": PICTURE,
    "help-lost.webp": PICTURE,
];

/// A page with its tag.
struct Page {
    etag: String,
    file: File,
}

impl Page {
    /// The page of these files; `tag` is what it compares with the server's tag later.
    fn new(text: &str, digest: &str, tag: &str) -> Self {
        let own = format!("content=\"{PLACE_OF_DIGEST}\"");
        let text = text.replace(&own, &format!("content=\"{tag}\""));
        let text = text.replace(PLACE_OF_DIGEST, digest);
        Self { etag: format!("\"{tag}\""), file: File::new(HTML, Bytes::from(text)) }
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let is_known =
            request.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &self.etag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.file.answer(request, "no-cache")
        };
        let tag = HeaderValue::from_str(&self.etag).expect("digits in quotes make a header");
        response.headers_mut().insert(header::ETAG, tag);
        response
    }
}

struct Wall {
    digest: String,
    page: Page,
    /// The page where figures are invented.
    simulated: Page,
    start: Page,
    help: Page,
    briefing: Page,
    /// The sheet where figures are invented.
    simulated_briefing: Page,
    files: Vec<(&'static str, File)>,
}

static WALL: LazyLock<Wall> = LazyLock::new(|| {
    let mut digest = Sha256::new_with_prefix(PAGE);
    for page in [START, HELP, BRIEFING] {
        digest.update(page);
    }
    for (name, _, bytes) in FILES.into_iter().chain([OPERATION]) {
        digest.update(name);
        digest.update(bytes);
    }
    let mut digest = format!("{:x}", digest.finalize());
    digest.truncate(DIGEST_DIGITS);
    let files = FILES.into_iter().chain([OPERATION]);
    let files = files.map(|(name, kind, bytes)| (name, File::new(kind, Bytes::from_static(bytes))));
    let simulated = |page: &str| {
        Page::new(&page.replace(FIGURES[0], FIGURES[1]), &digest, &format!("{digest}{SIMULATED}"))
    };
    Wall {
        page: Page::new(PAGE, &digest, &digest),
        simulated: simulated(PAGE),
        start: Page::new(START, &digest, &digest),
        help: Page::new(HELP, &digest, &digest),
        briefing: Page::new(BRIEFING, &digest, &digest),
        simulated_briefing: simulated(BRIEFING),
        files: files.collect(),
        digest,
    }
});

pub async fn page(State(app): State<Arc<App>>, request: HeaderMap) -> Response {
    let page = if app.is_simulated { &WALL.simulated } else { &WALL.page };
    page.answer(&request)
}

/// The page that leads to all others.
pub async fn start(request: HeaderMap) -> Response {
    WALL.start.answer(&request)
}

/// How a screen is hung up, for the person who does it.
pub async fn help(request: HeaderMap) -> Response {
    WALL.help.answer(&request)
}

/// The sheet of a meeting, which is of the wall's family.
pub async fn briefing(State(app): State<Arc<App>>, request: HeaderMap) -> Response {
    let page = if app.is_simulated { &WALL.simulated_briefing } else { &WALL.briefing };
    page.answer(&request)
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
        let size = |is_counted: &dyn Fn(&str) -> bool| {
            let files = WALL.files.iter().filter(|(_, file)| is_counted(file.kind));
            files.map(|(_, file)| file.sent()).sum::<usize>()
        };
        let pictures = size(&|kind| kind == PICTURE);
        let fonts = size(&|kind| kind == FONT);
        let all = size(&|kind| kind != FONT && kind != PICTURE) + WALL.page.file.sent();
        assert!(all < BYTES_MAX, "{all} bytes");
        assert!(fonts < FONT_BYTES_MAX, "{fonts} bytes");
        // Those of the page of help, which no screen loads.
        assert!(pictures + WALL.help.file.sent() < BYTES_MAX, "{pictures} bytes");
    }

    #[test]
    fn figures_that_are_invented_are_called_so() {
        let text = |page: &'static Page| std::str::from_utf8(&page.file.bytes).unwrap();
        let (briefing, of_demo) = (text(&WALL.briefing), text(&WALL.simulated_briefing));
        assert!(briefing.contains(FIGURES[0]) && of_demo.contains(FIGURES[1]));
        let (page, simulated) = (text(&WALL.page), text(&WALL.simulated));
        assert!(page.contains(FIGURES[0]) && simulated.contains(FIGURES[1]));
        let tag = format!("{}{SIMULATED}", WALL.digest);
        assert!(simulated.contains(&format!("name=\"assets\" content=\"{tag}\"")));
        assert_eq!(WALL.simulated.etag, format!("\"{tag}\""));
    }

    #[test]
    fn the_pages_ask_for_files_that_are_there_and_for_no_other_host() {
        let known = |name: &str| WALL.files.iter().any(|(known, _)| *known == name);
        for (page, ours) in [
            (&WALL.page, "\"wall"),
            (&WALL.simulated, "\"wall"),
            (&WALL.start, "\"wall"),
            (&WALL.help, "\"."),
            (&WALL.briefing, "\"wall"),
        ] {
            let page = std::str::from_utf8(&page.file.bytes).unwrap();
            assert!(page.contains(&WALL.digest) && !page.contains(PLACE_OF_DIGEST));
            assert!(!page.contains("=\"http"), "{page}");
            for place in page.split(&format!("{ours}/{}/", WALL.digest)).skip(1) {
                let name = place.split('"').next().unwrap();
                assert!(known(name), "{name}");
            }
        }
        let is_text = |kind: &str| kind != FONT && kind != PICTURE;
        for (name, _, bytes) in FILES.iter().filter(|(_, kind, _)| is_text(kind)) {
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
