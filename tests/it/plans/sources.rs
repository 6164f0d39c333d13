//! The pieces of SQL in the store's sources, each of which some gathered statement must hold.

use std::path::{Path, PathBuf};

use super::one_line;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// Pieces that are not looked for, and the reason.
const LEFT_OUT: [(&str, &str); 22] = [
    ("create ", "makes a table, an index or a trigger"),
    ("drop ", "removes one"),
    (", id) where ", "is the definition of an index"),
    ("insert into initiative_words", "is of a trigger, or of an import that left the index out"),
    ("update initiative_words", "is of a trigger"),
    ("select version, at, null, null,", "is of a copy of the database"),
    ("update counter set at = at ", "is of a server whose changes failed"),
    ("pg_locks", "is of an import for which others wait"),
    ("'lock_timeout'", "is of an import that leaves indexes out"),
    ("pg_stat_activity", "is of an import that leaves indexes out"),
    ("update nodes set ended_at = last_seen", "is SQLite's alone, whose file has one server"),
    ("update nodes set ended_at = null", "is of a server that has served for long"),
    ("select id, release from nodes", "is of a change that an older node may not read"),
    ("delete from prunes where", "is of a log that is old enough to be pruned"),
    ("insert into prunes", "is of such a log, too"),
    ("insert into kept_figures", "is of a period that is over"),
    ("select digest, body from kept_figures", "is of a period that is over"),
    ("delete from kept_figures where", "is of figures that were damaged, or are of another log"),
    ("pg_index", "is of a program that makes missing indexes"),
    ("pg_try_advisory_lock", "is of a program that makes missing indexes"),
    ("clock_timestamp()", "is PostgreSQL's alone, and no table's"),
    ("select * from unnest(", "is PostgreSQL's alone; the other database has json_each"),
];
/// The shortest piece that tells one statement from another, in characters.
const TELLING: usize = 20;

/// Whether every piece of SQL in the sources is part of a statement.
pub fn check<'a>(statements: impl Iterator<Item = &'a String>, dialect: Dialect) {
    let all = statements.map(String::as_str).collect::<Vec<_>>().join("\n");
    let mut files = Vec::new();
    list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), &mut files);
    let mut forgotten = Vec::new();
    for file in files {
        let other = match dialect {
            Dialect::Sqlite => "postgres",
            Dialect::Postgres => "sqlite",
        };
        let is_of_other =
            file.iter().any(|part| Path::new(part).file_stem().is_some_and(|stem| stem == other));
        // A copy of the database reads every table whole.
        if is_of_other || file.ends_with("store/copy.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        for piece in pieces(&source) {
            if !all.contains(&piece) {
                forgotten.push(format!("{}: {piece}", file.display()));
            }
        }
    }
    assert_eq!(forgotten, Vec::<String>::new(), "no gathered statement holds these");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

/// Texts that look like SQL, in parts between what is put into them.
fn pieces(source: &str) -> Vec<String> {
    let program = source.split("\nmod tests {").next().unwrap_or(source);
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    let program: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut pieces = Vec::new();
    // A quote within a text would come out of step; the store has none but escaped ones.
    for text in program.replace("\\\"", "'").split('"').skip(1).step_by(2) {
        let text = text.replace("\\\n", "\n");
        let is_sql = ["select ", " from ", " where ", "insert into ", "update ", "delete from "]
            .iter()
            .any(|word| format!(" {}", one_line(&text)).contains(word));
        let is_left_out = LEFT_OUT.iter().any(|(piece, _)| text.contains(piece));
        if !is_sql || is_left_out || text.contains('\\') {
            continue;
        }
        let parts = text.split(['{', '}']).step_by(2).map(one_line);
        pieces.extend(parts.filter(|part| part.chars().count() >= TELLING));
    }
    pieces
}
