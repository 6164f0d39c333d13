//! Links of the documents, and the documents that comments name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the tree with such an ending, except those that are built, installed or not ours.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = entry.file_name();
            let is_ours = !["target", "node_modules", ".git"].iter().any(|other| name == *other);
            if kind.is_dir() && is_ours {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|it| it == ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The lines of a document outside its fenced blocks.
fn prose(document: &str) -> impl Iterator<Item = &str> {
    let mut is_fenced = false;
    document.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence
    })
}

/// The anchors of the headings, as GitHub makes them.
fn anchors(document: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let headings = prose(document).filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            let is_kept = |it: &char| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_');
            let anchor: String = text.chars().filter(is_kept).collect();
            let anchor = anchor.replace(' ', "-");
            let before = seen.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
        })
        .collect()
}

/// The links of a document that lead to a place of this tree.
fn links(document: &str) -> Vec<String> {
    let text = prose(document).collect::<Vec<_>>().join("\n");
    let places = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    places.filter(|place| !place.contains("://")).map(str::to_owned).collect()
}

/// The failure of a link that stands in a document, if it fails.
fn broken(document: &Path, link: &str) -> Option<String> {
    let (file, anchor) =
        link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let target = match file {
        "" => document.to_owned(),
        _ => document.parent().unwrap().join(file),
    };
    let fails = match anchor {
        None => !target.exists(),
        Some(anchor) => !std::fs::read_to_string(&target)
            .is_ok_and(|text| anchors(&text).iter().any(|known| known == anchor)),
    };
    fails.then(|| format!("{}: {link}", document.display()))
}

#[test]
fn links_lead_somewhere() {
    let documents = files("md");
    assert!(documents.len() > 10, "{documents:?}");
    let broken: Vec<String> = documents
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            links(&text).into_iter().filter_map(|link| broken(file, &link)).collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A document that a sentence or a comment names as `docs/NAME.md` is there.
#[test]
fn named_documents_are_there() {
    let mut missing = Vec::new();
    for file in ["md", "rs", "mjs", "toml"].iter().flat_map(|ending| files(ending)) {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split("docs/").skip(1) {
            let name =
                rest.split(|it: char| !it.is_ascii_alphanumeric() && !"-/".contains(it)).next();
            let name = name.unwrap_or_default();
            let is_document = rest[name.len()..].starts_with(".md") && name != "NAME";
            if is_document && !root().join(format!("docs/{name}.md")).exists() {
                missing.push(format!("{}: docs/{name}.md", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn anchors_are_those_of_github() {
    let document =
        "# A unit's `code`: what, (then)?\n```sh\n# none\n```\n## Đơn vị\n## Twice\n## Twice\n";
    assert_eq!(anchors(document), ["a-units-code-what-then", "đơn-vị", "twice", "twice-1"]);
    let link = |link| broken(&root().join("README.md"), link);
    assert_eq!(link("docs/CSV.md"), None);
    for one in ["docs/CSV.MD", "#nowhere", "docs/CSV.md#nowhere", "nowhere.md#licence"] {
        assert!(link(one).is_some(), "{one}");
    }
    assert_eq!(links("[a](b.md#c) ![d](e.png) [f](https://g) `x`"), ["b.md#c", "e.png"]);
}
