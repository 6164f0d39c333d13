//! The tools that a run insists on.
//!
//! A tool that is missing skips the tests that need it, in plain words on stderr, unless
//! `SANGKIEN_TEST_REQUIRE` names it (a comma-separated list, as in `postgres,node`): then its
//! absence is a failure, so that a green run of CI cannot have skipped anything.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// The names that the list may hold, each with the name that people use.
const TOOLS: [(&str, &str); 9] = [
    ("postgres", "PostgreSQL"),
    ("pgbouncer", "PgBouncer"),
    ("node", "Node.js"),
    ("python", "Python"),
    ("chromium", "Chromium"),
    ("nginx", "nginx"),
    ("caddy", "Caddy"),
    ("libreoffice", "LibreOffice"),
    ("mount", "the right to mount a disk"),
];

/// Says whether tests on `what` can run, given that it was `found`.
///
/// # Panics
///
/// When it was not found and the run insists on it, or on a word that is not in [`TOOLS`].
pub fn or_skip(what: &str, found: bool) -> bool {
    let list = std::env::var("SANGKIEN_TEST_REQUIRE").unwrap_or_default();
    let name = name_of(what);
    let required = is_required(&list, what);
    assert!(found || !required, "{name} not found, but SANGKIEN_TEST_REQUIRE={list} insists on it");
    if !found {
        say_once(name);
    }
    found
}

fn is_required(list: &str, what: &str) -> bool {
    let words: Vec<&str> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    // A misspelt word would insist on nothing, silently.
    for word in &words {
        name_of(word);
    }
    words.contains(&what)
}

fn name_of(what: &str) -> &'static str {
    TOOLS
        .iter()
        .find(|(word, _)| *word == what)
        .unwrap_or_else(|| panic!("{what:?} is none of the tools {TOOLS:?}"))
        .1
}

fn say_once(name: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().expect("no holder panics").insert(name) {
        // Not eprintln!: the test harness keeps what passing tests print by that.
        writeln!(std::io::stderr(), "{name} not found: tests on it are skipped")
            .expect("stderr is writable");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_of_words_between_commas() {
        for (list, what, required) in [
            ("", "postgres", false),
            ("postgres", "postgres", true),
            ("node, postgres,", "postgres", true),
            ("node,chromium", "postgres", false),
        ] {
            assert_eq!(is_required(list, what), required, "{what} in {list:?}");
        }
    }

    #[test]
    #[should_panic(expected = "\"postgress\" is none of the tools")]
    fn a_misspelt_word_is_refused() {
        is_required("postgress", "node");
    }
}
