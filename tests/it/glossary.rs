//! One word for one thing: the glossary of ARCHITECTURE.md against the schema's descriptions, the messages, the wall and
//! the documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::descriptions::{Part, parts};
use crate::vietnamese::PAGES;

const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

/// Terms that the wall shows, by their English.
const ON_THE_WALL: [&str; 13] = [
    "unit",
    "period",
    "initiative",
    "submitted",
    "accepted",
    "pending",
    "review",
    "participants",
    "target, goal",
    "ratio",
    "benefit",
    "code",
    "token",
];

/// Terms that messages use.
const IN_MESSAGES: [&str; 17] = [
    "unit",
    "root",
    "period",
    "initiative",
    "field of work",
    "token",
    "cursor",
    "mark",
    "version",
    "log",
    "accepted",
    "rejected",
    "pending",
    "returned",
    "withdrawn",
    "operation",
    "query, document",
];

/// Terms that the pages in Vietnamese use.
const ON_THE_PAGES: [&str; 34] = [
    "unit",
    "root",
    "parent, ancestors",
    "children, descendants",
    "grassroots union",
    "cluster",
    "sector",
    "member count",
    "closed",
    "code",
    "period",
    "programme",
    "campaign",
    "owner",
    "running period",
    "target, goal",
    "assigned, pledged",
    "metric",
    "ratio",
    "initiative",
    "kind",
    "field of work",
    "team",
    "benefit",
    "pending",
    "accepted",
    "rejected",
    "returned",
    "withdrawn",
    "participants",
    "leaderboard, board",
    "rank",
    "token",
    "key",
];

/// Words about clusters that have the former word of a sector in them; the second is the name of one.
const OF_CLUSTERS: [&str; 2] = ["khối thi đua", "khối ngành"];

/// A row of the glossary.
struct Term {
    english: String,
    /// The words of which any may stand for it.
    vietnamese: Vec<String>,
    /// Parts of the schema whose descriptions show it.
    schema: Vec<String>,
}

/// A word that something else is said for.
struct Unused {
    word: String,
    /// Parts of the schema that may say it all the same.
    save_for: Vec<String>,
}

/// The cells of the tables of that many columns, their heads left out.
fn rows(columns: usize) -> Vec<Vec<&'static str>> {
    let section =
        ARCHITECTURE.split("\n## Glossary\n").nth(1).expect("ARCHITECTURE.md has a glossary");
    let section = section.split("\n## ").next().unwrap();
    let cells =
        |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let lines = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    lines
        .map(cells)
        .filter(|row| row.len() == columns && !["English", "not"].contains(&row[0]))
        .collect()
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn terms() -> Vec<Term> {
    let term = |row: &Vec<&str>| {
        // A short form in parentheses is for places where it is clear.
        let long = row[1].split(" (").next().unwrap().to_lowercase();
        let mut vietnamese = vec![long.clone()];
        vietnamese.extend(long.split(", ").map(str::to_owned));
        Term { english: row[0].to_owned(), vietnamese, schema: quoted(row[2]) }
    };
    rows(4).iter().map(term).collect()
}

fn unused() -> Vec<Unused> {
    let unused = |row: &Vec<&str>| Unused { word: row[0].to_owned(), save_for: quoted(row[2]) };
    rows(3).iter().map(unused).collect()
}

/// Whether the text says the word by itself.
fn says(text: &str, word: &str) -> bool {
    let mut text = text.to_lowercase();
    for cluster in OF_CLUSTERS {
        text = text.replace(cluster, "");
    }
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
    })
}

fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.extension().is_some_and(|it| it == *ending))
            {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The Vietnamese texts of the program: the lines of its source, except comments, that have letters of that language.
/// The demo is left out, since it speaks as people do.
fn messages() -> Vec<(PathBuf, String)> {
    let is_said = |line: &&str| {
        let is_vietnamese = line.chars().any(|letter| letter.is_alphabetic() && !letter.is_ascii());
        is_vietnamese && !line.trim_start().starts_with("//")
    };
    let of_the_demo = |path: &Path| path.components().any(|part| part.as_os_str() == "demo");
    let sources = files("src", &["rs"]).into_iter().filter(|(path, _)| !of_the_demo(path));
    // A line that names a value or a column may say the word that is saved for it.
    let saved: Vec<String> =
        unused().iter().flat_map(|unused| &unused.save_for).map(|path| in_source(path)).collect();
    let is_plain = |line: &&str| !saved.iter().any(|name| line.contains(name.as_str()));
    let said = |(path, source): (PathBuf, String)| {
        let lines = source.lines().filter(is_said).filter(is_plain);
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    sources.map(said).filter(|(_, lines)| !lines.is_empty()).collect()
}

/// A value as Rust names it, `PeriodKind::Phase`; a field's column as a text, `"recognised_by"`.
fn in_source(path: &str) -> String {
    let Some((owner, name)) = path.split_once('.') else { return path.to_owned() };
    if !name.starts_with(char::is_uppercase) {
        return format!("\"{}\"", snake(name));
    }
    let word = |word: &str| word[..1].to_owned() + &word[1..].to_lowercase();
    format!("{owner}::{}", name.split('_').map(word).collect::<String>())
}

/// The places at which a text uses a word that the glossary forbids.
fn unused_words_in(texts: &[(PathBuf, String)]) -> Vec<String> {
    let unused = unused();
    let mut found = Vec::new();
    for (path, text) in texts {
        // A word may go on in the next line.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = unused.iter().filter(|unused| says(&text, &unused.word));
        found.extend(words.map(|unused| format!("{} says {:?}", path.display(), unused.word)));
    }
    found
}

#[tokio::test]
async fn descriptions_say_the_terms_of_the_glossary() {
    let parts = parts().await;
    let parts: BTreeMap<&str, &Part> = parts.iter().map(|part| (&*part.path, part)).collect();
    let terms = terms();
    assert!(terms.len() > 50, "{} terms were found", terms.len());
    let mut problems = Vec::new();
    for term in &terms {
        for path in &term.schema {
            let Some(part) = parts.get(&**path) else {
                problems.push(format!("{}: there is no {path}", term.english));
                continue;
            };
            let beside = part.terms().join("; ");
            if !term.vietnamese.iter().any(|it| says(&beside, it)) {
                problems.push(format!("{path} says {beside:?}, not {:?}", term.vietnamese[0]));
            }
        }
    }
    for unused in &unused() {
        let others = parts.values().filter(|part| !unused.save_for.contains(&part.path));
        let saying = others.filter(|part| says(&part.description, &unused.word));
        problems.extend(saying.map(|part| format!("{} says {:?}", part.path, unused.word)));
        let missing = unused.save_for.iter().filter(|path| !parts.contains_key(&***path));
        problems.extend(missing.map(|path| format!("{}: there is no {path}", unused.word)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_wall_and_the_messages_say_the_terms_of_the_glossary() {
    let terms = terms();
    let term = |english: &str| {
        terms.iter().find(|term| term.english == english).unwrap_or_else(|| panic!("{english}"))
    };
    for (texts, used) in
        [(files("wall", &["js", "html"]), &ON_THE_WALL[..]), (messages(), &IN_MESSAGES[..])]
    {
        assert!(!texts.is_empty());
        let all: String = texts.iter().map(|(_, text)| &**text).collect::<Vec<_>>().join("\n");
        for english in used {
            let vietnamese = &term(english).vietnamese;
            assert!(vietnamese.iter().any(|it| says(&all, it)), "{english}: {vietnamese:?}");
        }
    }
}

#[test]
fn the_pages_in_vietnamese_say_the_terms_of_the_glossary() {
    let all: Vec<&str> = PAGES.iter().map(|(_, text)| *text).collect();
    let all = all.join("\n");
    for english in ON_THE_PAGES {
        let term = terms().into_iter().find(|term| term.english == english);
        let vietnamese = term.unwrap_or_else(|| panic!("{english}")).vietnamese;
        assert!(vietnamese.iter().any(|it| says(&all, it)), "{english}: {vietnamese:?}");
    }
}

/// A page without the lines that name a value or a column for which its word is saved.
fn without_saved(page: &str) -> String {
    let saved: Vec<String> = unused()
        .iter()
        .flat_map(|unused| &unused.save_for)
        .filter_map(|path| Some(format!("`{}`", snake(path.split_once('.')?.1))))
        .collect();
    let is_plain = |line: &&str| !saved.iter().any(|name| line.contains(name.as_str()));
    page.lines().filter(is_plain).collect::<Vec<_>>().join("\n")
}

/// A field's name as the column of a file has it; a value's as it is.
fn snake(name: &str) -> String {
    if name.starts_with(char::is_uppercase) {
        return name.to_owned();
    }
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[test]
fn nobody_says_the_words_that_are_not_used() {
    let mut texts = files("wall", &["js", "html"]);
    texts.extend(messages());
    let documents = files("docs", &["md", "graphql", "json"]).into_iter();
    texts.extend(documents.map(|(path, text)| {
        let is_vietnamese = path.parent().is_some_and(|folder| folder.ends_with("vi"));
        let text = if is_vietnamese { without_saved(&text) } else { text };
        (path, text)
    }));
    assert!(unused().len() > 3);
    let found = unused_words_in(&texts);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_is_told_from_longer_ones() {
    assert!(says("Số sáng kiến hợp lệ", "hợp lệ"));
    assert!(says("(khối)", "khối") && !says("cụm, khối thi đua", "khối"));
    assert!(!says("các đợt thi đuaX", "đợt thi đua"));
}
