//! The entry points of `fuzz/`, run shortly on what is mutated from its corpus.
//!
//! The mutations come from a seed, so a failure comes again; it prints the input. `SANGKIEN_FUZZ_ROUNDS` says how many
//! there are for each entry (2,000 without it); `SANGKIEN_FUZZ_SEED` begins elsewhere. Long runs are for cargo-fuzz.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect fails by it")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sangkien::{exchange, graphql, http};

type Entry = fn(&[u8]);

const ROUNDS: u64 = 2_000;
const SEED: u64 = 1;
/// Texts that mean something to one of the entries, beside those of the corpus.
const WORDS: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b":",
    b"$",
    b"...",
    b"@",
    b"!",
    b"\"",
    b"\"\"\"",
    b"\\",
    b"\\u",
    b"\\u{",
    b"#",
    b"\n",
    b"\r\n",
    b"\r",
    b",",
    b";",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98\x80",
    b"-1",
    b"1e999",
    b"null",
    b"9223372036854775808",
    b"data:",
];
const BYTES_MAX: usize = 64 * 1024;

fn number(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is a number: {text}"))
    })
}

/// The files of an entry's corpus, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// One change of an input.
fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut fastrand::Rng) {
    let at = rng.usize(..=input.len());
    let until = rng.usize(at..=(at + 16).min(input.len()));
    match rng.u8(..8) {
        0 => drop(input.drain(at..until)),
        1 => input.splice(at..at, WORDS[rng.usize(..WORDS.len())].iter().copied()).for_each(drop),
        2 if at < input.len() => input[at] ^= 1 << rng.u8(..8),
        3 if at < input.len() => input[at] = rng.u8(..),
        // A part again and again: nesting, long texts, many rows.
        4 => {
            let part = input[at..until].repeat(rng.usize(..=64));
            input.splice(at..at, part).for_each(drop);
        }
        5 => {
            let other = &corpus[rng.usize(..corpus.len())];
            let from = rng.usize(..=other.len());
            let to = rng.usize(from..=other.len());
            input.splice(at..until, other[from..to].iter().copied()).for_each(drop);
        }
        6 => input.truncate(at),
        _ => input.insert(at, rng.u8(..)),
    }
    input.truncate(BYTES_MAX);
}

fn run(name: &str, entry: Entry) {
    let corpus = corpus(name);
    let try_one = |input: &[u8]| {
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| entry(input))) {
            let seed = number("SANGKIEN_FUZZ_SEED", SEED);
            eprintln!("{name}, seed {seed}, failed on {:?}", String::from_utf8_lossy(input));
            std::panic::resume_unwind(cause);
        }
    };
    for input in &corpus {
        try_one(input);
    }
    let mut rng = fastrand::Rng::with_seed(number("SANGKIEN_FUZZ_SEED", SEED));
    // Inputs of before are changed further, so that they get far from the corpus.
    let mut made = corpus.clone();
    for _ in 0..number("SANGKIEN_FUZZ_ROUNDS", ROUNDS) {
        let mut input = made[rng.usize(..made.len())].clone();
        for _ in 0..rng.u8(1..=4) {
            mutate(&mut input, &corpus, &mut rng);
        }
        try_one(&input);
        if made.len() < 4 * corpus.len() {
            made.push(input);
        } else if rng.u8(..8) == 0 {
            let place = rng.usize(corpus.len()..made.len());
            made[place] = input;
        }
    }
}

macro_rules! entries {
    ($($name:ident: $entry:path),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            run(stringify!($name), $entry);
        })*
    };
}
entries! {
    document: graphql::fuzz::document,
    identities: graphql::fuzz::identities,
    variables: graphql::fuzz::variables,
    cursors: graphql::fuzz::cursors,
    socket: http::fuzz::socket,
    body: http::fuzz::body,
    stream: http::fuzz::stream,
    csv: exchange::fuzz::csv,
    sheet: exchange::fuzz::sheet,
}

/// Each has a target for cargo-fuzz, and no target is without its short run.
#[test]
fn long_runs_are_of_the_same_entries() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let targets: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")).collect();
    let expected: Vec<String> = NAMES.iter().map(|name| format!("{name}.rs\"")).collect();
    assert_eq!(targets, expected);
    for name in NAMES {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs"));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("::fuzz::{name}(data)")), "{name}: {text}");
    }
}
