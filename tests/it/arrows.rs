//! Layers: the modules of the crate that each module may use, by the arrows of ARCHITECTURE.md, against the paths
//! in `src`.

use std::fs;
use std::path::{Path, PathBuf};

/// A module of the crate, and those that it may use. A row names rows above it alone, so nothing goes in a circle.
const ARROWS: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("measure", &[]),
    ("digest", &[]),
    ("opaque", &[]),
    ("preferences", &[]),
    ("health", &[]),
    ("configuration", &[]),
    ("aside", &[]),
    ("panics", &[]),
    ("supervisor", &["panics"]),
    ("traces", &["limits"]),
    ("logs", &["traces", "panics"]),
    ("domain", &["limits"]),
    ("gzip", &[]),
    ("store", &["domain", "limits", "digest", "opaque", "gzip"]),
    ("board", &["store", "domain", "limits"]),
    ("keeping", &["board", "store", "domain", "limits"]),
    (
        "auth",
        &["board", "store", "domain", "limits", "digest", "opaque", "preferences", "supervisor"],
    ),
    ("progress", &["auth"]),
    ("feed", &["board", "store", "domain", "limits", "opaque"]),
    ("initiative_lists", &["auth", "board", "store", "domain", "limits"]),
    (
        "writer",
        &[
            "feed",
            "auth",
            "keeping",
            "aside",
            "board",
            "store",
            "domain",
            "limits",
            "digest",
            "measure",
            "traces",
            "supervisor",
        ],
    ),
    ("messages", &["auth", "store", "domain", "limits"]),
    ("error", &["messages", "writer", "feed", "auth", "store", "domain", "limits"]),
    (
        "exchange",
        &[
            "messages", "writer", "auth", "board", "store", "domain", "limits", "digest",
            "progress", "panics",
        ],
    ),
    ("init", &["messages", "exchange", "writer", "auth", "board", "store", "domain", "supervisor"]),
    ("recount", &["board", "store", "domain", "limits"]),
    ("prune", &["keeping", "store", "domain", "limits", "progress"]),
    ("backup", &["recount", "store", "domain", "limits", "progress"]),
    (
        "graphql",
        &[
            "error",
            "messages",
            "gzip",
            "aside",
            "writer",
            "initiative_lists",
            "feed",
            "auth",
            "board",
            "store",
            "domain",
            "limits",
            "digest",
            "opaque",
            "preferences",
            "measure",
            "traces",
            "panics",
            "supervisor",
        ],
    ),
    (
        "http",
        &[
            "graphql",
            "error",
            "messages",
            "gzip",
            "feed",
            "auth",
            "store",
            "domain",
            "limits",
            "digest",
            "opaque",
            "preferences",
            "measure",
            "traces",
        ],
    ),
    ("files", &["http", "limits"]),
    (
        "server",
        &[
            "messages",
            "http",
            "graphql",
            "writer",
            "aside",
            "feed",
            "auth",
            "board",
            "recount",
            "store",
            "domain",
            "limits",
            "measure",
            "supervisor",
        ],
    ),
    (
        "demo",
        &["server", "files", "http", "writer", "auth", "store", "domain", "limits", "progress"],
    ),
    (
        "cli",
        &[
            "init",
            "messages",
            "server",
            "demo",
            "files",
            "http",
            "graphql",
            "exchange",
            "prune",
            "backup",
            "recount",
            "writer",
            "auth",
            "board",
            "store",
            "domain",
            "limits",
            "configuration",
            "health",
            "logs",
            "traces",
            "supervisor",
        ],
    ),
];

/// The texts of a document's refusals tell of tokens and rules, which `graphql::request` knows; it names the texts in return.
const EXCEPTIONS: &[(&str, &str)] = &[("messages", "graphql::request")];

/// A folder, and its modules from the bottom up: each may use those named before it, and nothing that the folder's own
/// `mod.rs` declares. A deeper folder has a row by its whole path, as `writer::decide`; a name may be a path, where
/// a folder's modules lie on different layers.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "graphql",
        &[
            "description",
            "bounded_cache",
            "request",
            "context",
            "schema",
            "execution",
            "cost",
            "extensions",
            "cache",
            "subscriptions",
            "service",
            "fuzz",
        ],
    ),
    (
        "store",
        &[
            "known_log",
            "lost",
            "error",
            "dialect",
            "rows",
            "json_rows",
            "tables",
            "sqlite",
            "postgres",
            "tx",
            "log_head",
            "transactions",
            "database",
            "events",
            "tail",
            "structure",
            "rules",
            "initiatives",
            "imports",
            "tokens",
            "prune",
            "kept",
            "full_scan",
            "initiative_lists",
            "teams",
            "write",
            "indexes",
            "copy",
            "nodes",
            "migrate",
        ],
    ),
    (
        "auth",
        &[
            "language",
            "operator",
            "permissions",
            "quota",
            "principal",
            "client",
            "byte_budget",
            "lookups",
            "tokens",
            "issue",
        ],
    ),
    ("init", &["federation", "folder", "questions", "database", "samples", "service"]),
    ("feed", &["cursor", "log_pages", "unkept", "hub", "tables", "event_feed"]),
    (
        "initiative_lists",
        &["request", "visibility", "board_scan", "counts", "plan", "search", "pages", "teams"],
    ),
    (
        "writer",
        &[
            "condition",
            "prepare",
            "reply",
            "tags",
            "batch",
            "queue",
            "decide",
            "handle",
            "held_back",
            "follow",
            "keep",
            "importer",
            "writer_loop",
        ],
    ),
    (
        "writer::decide",
        &[
            "content_hash",
            "decider",
            "initiatives",
            "imports",
            "periods",
            "targets",
            "units",
            "closings",
            "rules",
            "assessments",
        ],
    ),
    (
        "recount",
        &[
            "states",
            "count",
            "verdict",
            "audit",
            "kept",
            "calendars",
            "index",
            "breakdown",
            "ranking",
            "verify",
            "present",
        ],
    ),
    (
        "http",
        &[
            "drain",
            "json_nesting",
            "negotiate",
            "credential",
            "origin::web_origin",
            "proxy::public_url",
            "proxy::forwarded",
            "client_ip",
            "origin::origins",
            "request_id",
            "admission",
            "streams",
            "request",
            "body",
            "tcp::connection",
            "tcp::listener",
            "app",
            "proxy::prefix",
            "graphql",
            "briefing",
            "reserved",
            "origin::check",
            "ws",
            "pages",
            "ops",
            "routes",
            "tcp::serve",
            "fuzz",
        ],
    ),
    (
        "exchange",
        &[
            "titles",
            "why",
            "bad_lines",
            "bad_shape",
            "repeats",
            "row",
            "content",
            "dates",
            "damage",
            "columns",
            "tree",
            "csv_rows",
            "kept_rows",
            "utf16",
            "workbook",
            "vietnamese",
            "wrapped",
            "cells",
            "file",
            "outcome",
            "period_doubts",
            "unit_doubts",
            "initiatives",
            "line_commands",
            "fields",
            "out",
            "export",
            "tallies",
            "destination",
            "breakdown",
            "periods",
            "targets",
            "units",
            "corrections",
            "batch_size",
            "undo",
            "fuzz",
        ],
    ),
];

#[test]
fn modules_use_one_another_along_the_arrows() {
    let mut wrong = Vec::new();
    for (module, path) in modules() {
        let top = module.split("::").next().unwrap_or_default();
        let row = ARROWS.iter().find(|(row, _)| *row == top);
        let (_, allowed) = row.unwrap_or_else(|| panic!("{top} has no row"));
        for used in used_by(&module, &fs::read_to_string(path).unwrap()) {
            let is_excepted =
                EXCEPTIONS.iter().any(|(from, to)| *from == module && is_within(&used, to));
            let is_ok = is_excepted
                || is_within(&used, top)
                || allowed.iter().any(|ok| is_within(&used, ok));
            if !is_ok || LAYERS.iter().any(|row| is_upwards(row, &module, &used)) {
                wrong.push(format!("{module} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether both are in the folder of a row, and the module may not use the other.
fn is_upwards((folder, layers): &(&str, &[&str]), module: &str, used: &str) -> bool {
    let inside = |it: &str| Some(it.strip_prefix(folder)?.strip_prefix("::")?.to_owned());
    let (Some(module), true) = (inside(module), is_within(used, folder)) else { return false };
    let layer = |it: &str| layers.iter().position(|layer| is_within(it, layer));
    let here = layer(&module).unwrap_or_else(|| panic!("{folder}::{module} has no layer"));
    inside(used).and_then(|used| layer(&used)).is_none_or(|there| there > here)
}

#[test]
fn arrows_point_upwards() {
    for (place, (row, allowed)) in ARROWS.iter().enumerate() {
        for it in *allowed {
            let above = ARROWS[..place].iter().any(|(row, _)| row == it);
            assert!(above, "{row} may use {it}, which has no row above");
        }
    }
}

/// The modules of the crate by their paths, `crate::` left out, each with its file.
fn modules() -> Vec<(String, PathBuf)> {
    fn walk(folder: &Path, module: &str, out: &mut Vec<(String, PathBuf)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let inner = if name == "mod" { module.to_owned() } else { join(module, name) };
            if path.is_dir() {
                walk(&path, &inner, out);
            } else if !matches!(inner.as_str(), "lib" | "main") && !is_for_tests(folder, name) {
                out.push((inner, path));
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut out);
    assert!(out.len() > 100, "{out:?}");
    out
}

/// Whether the folder's `mod.rs`, or the file of its name beside it, has the module for tests alone.
fn is_for_tests(folder: &Path, name: &str) -> bool {
    let declared = fs::read_to_string(folder.join("mod.rs"));
    let declared = declared.or_else(|_| fs::read_to_string(folder.with_extension("rs")));
    let declared = declared.unwrap_or_default();
    declared.contains(&format!("#[cfg(test)]\nmod {name};"))
}

/// The paths that begin with `crate::` or `super::`, comments and the tests at the end of a file left out.
fn used_by(module: &str, text: &str) -> Vec<String> {
    let tests = ["\n#[cfg(test)]\nmod ", "\n#[cfg(all(test, unix))]\nmod "];
    let text = tests.iter().fold(text, |text, tests| text.split(tests).next().unwrap_or_default());
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<&str>>().join(" ");
    let mut out = Vec::new();
    for (start, _) in text.match_indices("crate::").chain(text.match_indices("super::")) {
        // Not in the midst of a path.
        if !text[..start].ends_with("::") {
            expand(module.to_owned(), &text[start..], &mut out);
        }
    }
    out
}

/// All paths of a `use` tree, or the one of an expression, seen from the module `at`.
fn expand(at: String, tree: &str, out: &mut Vec<String>) {
    let tree = tree.trim_start();
    if let Some(group) = tree.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (place, it) in group.char_indices() {
            match it {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    expand(at.clone(), &group[start..place], out);
                    start = place + 1;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && it == '}' && start > place {
                return;
            }
        }
        return;
    }
    let end = tree.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(tree.len());
    let at = match &tree[..end] {
        "crate" => String::new(),
        "super" => parent(&at).to_owned(),
        "" => return,
        "self" => at,
        name => join(&at, name),
    };
    match tree[end..].strip_prefix("::") {
        Some(rest) => expand(at, rest, out),
        None => out.push(at),
    }
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn is_within(module: &str, above: &str) -> bool {
    let rest = module.strip_prefix(above);
    above.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
