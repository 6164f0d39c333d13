//! Which module of the crate may use which: the arrows of ARCHITECTURE.md, held against the paths in `src`.

use std::fs;
use std::path::{Path, PathBuf};

/// A module, and the modules beside it that it may use. A row may name rows above it alone, so nothing here can go in a
/// circle. A deeper module has a row by its whole path, as `graphql::cache`; that one bounds what it uses of `graphql`.
const ARROWS: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("measure", &[]),
    ("digest", &[]),
    ("opaque", &[]),
    ("preferences", &[]),
    ("health", &[]),
    ("traces", &["limits"]),
    ("logs", &["traces"]),
    ("domain", &["limits"]),
    ("store", &["domain", "limits"]),
    ("board", &["store", "domain", "limits"]),
    ("auth", &["board", "store", "domain", "limits", "digest", "opaque", "preferences"]),
    ("feed", &["board", "store", "domain", "limits", "opaque"]),
    ("initiative_lists", &["auth", "board", "store", "domain", "limits"]),
    (
        "writer",
        &["feed", "auth", "board", "store", "domain", "limits", "digest", "measure", "traces"],
    ),
    ("exchange", &["writer", "board", "store", "domain", "limits"]),
    ("recount", &["board", "store", "domain", "limits"]),
    (
        "graphql",
        &[
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
        ],
    ),
    (
        "http",
        &[
            "graphql",
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
            "http", "graphql", "writer", "feed", "auth", "board", "store", "domain", "limits",
            "measure",
        ],
    ),
    ("demo", &["server", "files", "http", "writer", "auth", "store", "domain", "limits"]),
    (
        "cli",
        &[
            "server", "demo", "files", "http", "graphql", "exchange", "recount", "writer", "auth",
            "board", "store", "domain", "limits", "health", "logs", "traces",
        ],
    ),
    ("store::error", &[]),
    ("store::dialect", &[]),
    ("store::rows", &["store::error"]),
    ("store::tables", &[]),
    ("store::sqlite", &["store::tables", "store::dialect", "store::error"]),
    ("store::postgres", &["store::tables", "store::dialect", "store::error"]),
    ("store::tx", &["store::sqlite", "store::postgres", "store::dialect", "store::error"]),
    ("store::log_head", &["store::tx", "store::rows", "store::error"]),
    (
        "store::transactions",
        &[
            "store::log_head",
            "store::tx",
            "store::sqlite",
            "store::postgres",
            "store::rows",
            "store::error",
        ],
    ),
    (
        "store::database",
        &["store::transactions", "store::tx", "store::sqlite", "store::postgres", "store::error"],
    ),
];

#[test]
fn modules_use_one_another_along_the_arrows() {
    let mut wrong = Vec::new();
    for (module, path) in modules() {
        let used = used_by(&module, &fs::read_to_string(path).unwrap());
        for (row, allowed) in ARROWS.iter().filter(|(row, _)| is_within(&module, row)) {
            let beside = used.iter().filter(|it| is_within(it, parent(row)) && !is_within(it, row));
            let forbidden = beside.filter(|it| !allowed.iter().any(|ok| is_within(it, ok)));
            wrong.extend(forbidden.map(|it| format!("{module} uses {it}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn arrows_point_upwards_and_each_module_has_some() {
    for (place, (row, allowed)) in ARROWS.iter().enumerate() {
        for it in *allowed {
            let above = ARROWS[..place].iter().any(|(row, _)| row == it);
            assert!(above, "{row} may use {it}, which has no row above");
        }
    }
    for (module, _) in modules() {
        let has_row = ARROWS.iter().any(|(row, _)| is_within(&module, row));
        assert!(has_row, "{module} has no row");
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
            } else if !matches!(inner.as_str(), "lib" | "main") {
                out.push((inner, path));
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut out);
    assert!(out.len() > 100, "{out:?}");
    out
}

/// The paths that begin with `crate::` or `super::`, comments and the tests at the end of a file left out.
fn used_by(module: &str, text: &str) -> Vec<String> {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
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
