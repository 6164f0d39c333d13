//! The pages in Vietnamese, carried out as their reader does it: block after block, in one home with one server.
//!
//! The reader's own part is done here: the port that is free on this machine, and programs that only an installed system
//! has (`sudo`, `systemctl`), which [`SHIMS`] stand in for. `systemctl` does run the service's file.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;

use crate::blocks::{Block, blocks, spans};
use crate::descriptions::parts;
use crate::power_query;
use crate::proxies::free_port;
use crate::python;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sangkien");

/// The pages in the order in which they are read.
pub const PAGES: [(&str, &str); 6] = [
    ("README.md", include_str!("../../docs/vi/README.md")),
    ("NGAY-DAU.md", include_str!("../../docs/vi/NGAY-DAU.md")),
    ("TEP-CSV.md", CSV),
    ("MAN-HINH.md", include_str!("../../docs/vi/MAN-HINH.md")),
    ("HANG-NGAY.md", include_str!("../../docs/vi/HANG-NGAY.md")),
    ("DOI-TAC.md", include_str!("../../docs/vi/DOI-TAC.md")),
];
const CSV: &str = include_str!("../../docs/vi/TEP-CSV.md");

/// Programs of the reader's machine that a test has no use for, or must not run.
const SHIMS: [(&str, &str); 5] = [
    ("sudo", "#!/bin/sh\n[ \"$1 $2 $3\" = 'apt-get install --yes' ]\n"),
    ("cargo", "#!/bin/sh\n[ \"$*\" = 'build --release' ]\n"),
    ("loginctl", "#!/bin/sh\n[ \"$*\" = enable-linger ]\n"),
    ("journalctl", "#!/bin/sh\n[ \"$1 $2 $3\" = '--user --unit sangkien' ] && cat \"$HOME/log\"\n"),
    ("systemctl", SYSTEMCTL),
];

/// `systemctl --user VERB sangkien`; a start comes back once the server is ready.
const SYSTEMCTL: &str = r#"#!/bin/sh
set -eu
value() { sed -n "s|^$1=||p" "$HOME/.config/systemd/user/sangkien.service" | sed "s|%h|$HOME|g"; }
running() { kill -0 "$(cat "$HOME/pid")"; }
stop() {
    kill "$(cat "$HOME/pid")"
    tail --pid="$(cat "$HOME/pid")" -f /dev/null
}
start() {
    cd "$(value WorkingDirectory)"
    set -a
    . "$(value EnvironmentFile)"
    set +a
    $(value ExecStart | sed "s|0.0.0.0:8080|127.0.0.1:$PORT|") >"$HOME/log" 2>&1 &
    echo $! >"$HOME/pid"
    until sangkien health --url "http://127.0.0.1:$PORT/health/ready" 2>/dev/null; do
        running || { cat "$HOME/log" >&2; exit 1; }
        sleep 0.05
    done
}
case $* in
    '--user enable --now sangkien' | '--user start sangkien') start ;;
    '--user stop sangkien') stop ;;
    '--user restart sangkien') stop && start ;;
    '--user status sangkien') running ;;
    *) exit 2 ;;
esac
"#;

/// Seconds that a block may take.
const PATIENCE: &str = "120";

/// A reader with a home of one's own.
struct Reader {
    home: tempfile::TempDir,
    port: u16,
}

/// The outcome of a block.
struct Outcome {
    is_success: bool,
    /// All that the terminal shows.
    said: String,
}

impl Reader {
    /// In the home lies the folder of the sources, with the program as it was built.
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        for folder in ["shims", "sources/target/release"] {
            std::fs::create_dir_all(path(folder)).unwrap();
        }
        symlink(PROGRAM, path("sources/target/release/sangkien")).unwrap();
        for folder in ["docs", "examples"] {
            symlink(root().join(folder), path("sources").join(folder)).unwrap();
        }
        for (name, text) in SHIMS {
            let file = path("shims").join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        }
        Self { home, port: free_port() }
    }

    fn filled(&self, text: &str) -> String {
        let host = format!("127.0.0.1:{}", self.port);
        text.replace("127.0.0.1:8080", &host).replace("MAY-CHU:8080", &host)
    }

    /// Commands at the terminal, in the folder where those before ended.
    fn run(&self, folder: &mut PathBuf, script: &str) -> Outcome {
        let home = self.home.path();
        let known = std::env::var("PATH").unwrap();
        let paths = format!("{0}/bin:{0}/shims:{known}", home.display());
        let script = format!("{{ {}\n}} 2>&1\npwd >\"$HOME/folder\"", self.filled(script));
        let output = Command::new("timeout")
            .args([PATIENCE, "sh", "-eu", "-c", &script])
            .current_dir(&*folder)
            .env("HOME", home)
            .env("PATH", paths)
            .env("PORT", self.port.to_string())
            .env("SANGKIEN_LOG", "off")
            // As the reader's profile says, from the second login on.
            .env("SANGKIEN_LANG", "vi")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if let Ok(now) = std::fs::read_to_string(home.join("folder")) {
            *folder = now.trim_end().into();
        }
        let said = String::from_utf8(output.stdout).unwrap();
        Outcome { is_success: output.status.success(), said }
    }

    /// The answer to a query by GET.
    fn ask(&self, at: &str, query: &str) -> Value {
        let url = self.filled("http://127.0.0.1:8080/graphql");
        let output = Command::new("curl")
            .args(["--silent", "--get", &url, "--data-urlencode", &format!("query={query}")])
            .output()
            .unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(answer["data"].is_object() && answer["errors"].is_null(), "{at}: {answer}");
        answer
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.home.path().join("pid")) {
            // It may have ended already.
            let _ended = Command::new("kill").args(["-s", "KILL", pid.trim()]).output();
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The name of the file that the text in front of a block gives it: the last one that ends so.
fn file_named_before(text: &str, block: &Block, ending: &str) -> String {
    let before: Vec<&str> = text.lines().take(block.line - 2).collect();
    let names = spans(&before.join("\n"));
    names.into_iter().rfind(|name| name.ends_with(ending)).expect("the block's file has a name")
}

/// Holds what a terminal showed to the lines of a page; "…" stands for anything within a line.
fn shows(at: &str, shown: &str, said: &str) {
    for line in shown.lines() {
        let parts: Vec<&str> = line.split('…').collect();
        let fits = |mut rest: &str| {
            parts.iter().all(|part| {
                let found = rest.find(part);
                rest = found.map_or("", |place| &rest[place + part.len()..]);
                found.is_some()
            })
        };
        assert!(said.lines().any(fits), "{at}: {line:?} is not in {said}");
    }
}

/// A workbook of one sheet as Excel saves it: cells of digits are numbers, those with a zero ahead by their format.
fn write_workbook(path: &Path, rows: &str) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let code = Format::new().set_num_format("0000");
    for (row, line) in (0..).zip(rows.lines()) {
        for (column, cell) in (0..).zip(line.split(';')).filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                Ok(number) if cell.starts_with('0') => {
                    sheet.write_number_with_format(row, column, number, &code)
                }
                Ok(number) => sheet.write_number(row, column, number),
                Err(_) => sheet.write_string(row, column, cell),
            }
            .unwrap();
        }
    }
    book.save(path).unwrap();
}

fn carry_out(reader: &Reader, name: &str, text: &str) {
    let mut folder = reader.home.path().to_owned();
    let blocks = blocks(text);
    let mut last: Option<Outcome> = None;
    for (place, block) in blocks.iter().enumerate() {
        let at = format!("docs/vi/{name}, line {}", block.line);
        match block.language.as_str() {
            "sh" if block.text == "sangkien demo\n" => {
                // `readme` runs the demo.
                assert!(
                    Command::new(PROGRAM)
                        .args(["demo", "--help"])
                        .output()
                        .unwrap()
                        .status
                        .success()
                );
            }
            "sh" => {
                let is_python = block.text.starts_with("python3 ");
                if is_python && !python::is_there() {
                    continue;
                }
                if is_python || block.text.starts_with("cargo ") {
                    folder = reader.home.path().join("sources");
                }
                let outcome = reader.run(&mut folder, &block.text);
                let next = blocks.get(place + 1).filter(|next| next.language == "text");
                let is_refused = next.is_some_and(|next| next.text.contains("lỗi; chưa ghi gì"));
                assert_eq!(outcome.is_success, !is_refused, "{at}: {}", outcome.said);
                last = Some(outcome);
            }
            "text" => shows(&at, &block.text, &last.take().expect("a command stands before").said),
            "csv" => {
                let file = file_named_before(text, block, ".csv");
                let folder = reader.home.path().join("sangkien");
                // As Excel saves it.
                let saved = format!("\u{feff}{}", block.text.replace('\n', "\r\n"));
                std::fs::write(folder.join(file), saved).unwrap();
            }
            "xlsx" => {
                let file = file_named_before(text, block, ".xlsx");
                write_workbook(&reader.home.path().join("sangkien").join(file), &block.text);
            }
            "graphql" => drop(reader.ask(&at, &block.text)),
            "powerquery" => power_query::fits(&at, &block.text, |query| reader.ask(&at, query)),
            other => panic!("{at}: nobody carries out {other}"),
        }
        if name == "TEP-CSV.md" {
            folder = reader.home.path().join("sangkien");
        }
    }
    for page in spans(text).iter().filter(|span| span.starts_with("http://")) {
        let page = reader.filled(page);
        let script = format!("curl --silent --fail --output /dev/null '{page}'");
        assert!(reader.run(&mut folder, &script).is_success, "{name}: {page}");
    }
}

/// A list that has changed since its picture was drawn: `python3 docs/vi/hinh/ve.py` draws it again.
#[test]
fn the_pictures_show_the_lists_of_the_page() {
    for (language, drawn) in [
        ("xlsx", include_str!("../../docs/vi/hinh/danh-sach.txt")),
        ("csv", include_str!("../../docs/vi/hinh/danh-sach-loi.txt")),
    ] {
        let is_shown = |block: &Block| block.language == language && block.text == drawn;
        assert!(blocks(CSV).iter().any(is_shown), "{drawn}");
    }
}

/// All pages, one after the other; the addresses of README.md once there is a server.
#[test]
fn every_block_is_carried_out() {
    let reader = Reader::new();
    let [readme, others @ ..] = &PAGES;
    for (name, text) in others.iter().chain([readme]) {
        carry_out(&reader, name, text);
    }
    let count = |language: &str| {
        let all = PAGES.iter().flat_map(|(_, text)| blocks(text));
        all.filter(|block| block.language == language).count()
    };
    assert!(count("sh") >= 20 && count("text") >= 3 && count("powerquery") == 1);
}

/// The rows of the tables of a page whose head has this as its second cell: the code and the text beside it.
fn rows<'a>(page: &'a str, head: &str) -> Vec<(&'a str, &'a str)> {
    let lines = page.lines().skip_while(|line| !line.ends_with(&format!(" | {head} |"))).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split_once('|').unwrap())
        .map(|(code, text)| (code.trim(), text.trim()))
        .collect()
}

/// The tables of values have all values of the schema, each with the term that its description gives.
#[tokio::test]
async fn values_are_told_with_their_terms() {
    let parts = parts().await;
    for (kind, head, page) in [
        ("UnitKind", "loại đơn vị", CSV),
        ("Sector", "khu vực", CSV),
        ("PeriodKind", "loại đợt", CSV),
        ("TargetMetric", "chỉ số", CSV),
        ("TargetOrigin", "nguồn chỉ tiêu", CSV),
        ("InitiativeKind", "loại giải pháp", CSV),
        ("AuthorGroup", "nhóm tác giả", CSV),
        ("InitiativeStatus", "trạng thái", CSV),
        ("RejectionReason", "lý do", CSV),
    ] {
        let told = rows(page, head);
        let of_kind = parts.iter().filter_map(|part| {
            let value = part.path.strip_prefix(kind)?.strip_prefix('.')?;
            Some((format!("`{value}`"), part.terms().join(" ").to_lowercase()))
        });
        let of_kind: Vec<_> = of_kind.collect();
        let codes = |of: &[(&str, &str)]| of.iter().map(|(code, _)| (*code).to_owned()).collect();
        let known: BTreeSet<String> = of_kind.iter().map(|(value, _)| value.clone()).collect();
        assert_eq!(known, codes(&told), "{kind}");
        for (value, term) in of_kind {
            let (_, text) = told.iter().find(|(code, _)| *code == value).unwrap();
            let text = text.replace("**", "");
            assert!(text.to_lowercase().contains(&term), "{kind}, {value}: {text:?}, not {term:?}");
        }
    }
}

/// Texts of the wall that a person in front of it may have to do something about.
const STATES: [&str; 11] = [
    "live",
    "lost",
    "behind",
    "forgotToken",
    "wrongTitle",
    "noUnit",
    "noPeriod",
    "refusedHere",
    "UNAVAILABLE",
    "overInReview",
    "simulated",
];

/// The table of a screen's states quotes texts of the wall, and all that matter.
#[test]
fn the_states_of_a_screen_are_told_in_its_own_words() {
    let (_, page) = PAGES.iter().find(|(name, _)| *name == "MAN-HINH.md").unwrap();
    let words = include_str!("../../wall/words.js").split("\nconst en").next().unwrap();
    let html = include_str!("../../wall/index.html");
    let shown: Vec<&str> = rows(page, "làm gì").into_iter().map(|(shown, _)| shown).collect();
    let quoted: Vec<&str> = shown
        .iter()
        .flat_map(|cell| cell.split('"').skip(1).step_by(2))
        .map(|text| text.trim_end_matches('…'))
        .collect();
    for text in &quoted {
        assert!(words.contains(text) || html.contains(text), "the wall does not say {text:?}");
    }
    for state in STATES {
        // `name: "text"`, or `name: (…) => `text``.
        let said = words.split(&format!(" {state}: ")).nth(1).expect(state);
        let text = said.trim_start_matches(|it: char| !"\"`".contains(it));
        assert!(quoted.iter().any(|quoted| text[1..].starts_with(quoted)), "nothing of {state}");
    }
    let old = html.split("id=\"old\"").nth(1).unwrap();
    assert!(quoted.iter().any(|text| old.contains(text)), "nothing of a browser that is too old");
}

/// The tables of columns name those that the program takes; those that may be missing stand in italics.
#[test]
fn columns_are_those_that_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.csv");
    std::fs::write(&file, "x\n").unwrap();
    let names = |list: &str| list.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
    for noun in ["units", "periods", "targets", "initiatives"] {
        let database = format!("sqlite://{}", dir.path().join("x.db").display());
        let output = Command::new(PROGRAM)
            .args(["import", "--database", &database, noun])
            .arg(&file)
            .env("SANGKIEN_LOG", "off")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let (missing, all) =
            said.split_once("missing: ").unwrap().1.split_once("; they are ").unwrap();
        let section = CSV.split("\n### ").find(|part| part.lines().next().unwrap().ends_with(noun));
        let told = rows(section.unwrap(), "nghĩa");
        let (mut required, mut known) = (BTreeSet::new(), BTreeSet::new());
        for (cell, _) in told {
            for name in cell.split(", ") {
                let bare = name.trim_matches(['*', '`']).to_owned();
                if !name.starts_with('*') {
                    required.insert(bare.clone());
                }
                known.insert(bare);
            }
        }
        assert_eq!(known, names(all.trim_end()), "{noun}");
        assert_eq!(required, names(missing), "{noun}");
    }
}

/// The texts between pairs of `**`.
fn bold(text: &str) -> Vec<&str> {
    text.split("**").skip(1).step_by(2).collect()
}

/// The names of columns and the values that stand in bold are taken: a file has them all, and its faults are of other things.
#[test]
fn names_and_values_in_bold_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let import = |noun: &str, csv: &str, more: &[&str]| {
        let file = dir.path().join("x.csv");
        std::fs::write(&file, csv).unwrap();
        let database = format!("sqlite://{}", dir.path().join("x.db").display());
        let output = Command::new(PROGRAM)
            .args(["import", "--database", &database, noun])
            .arg(&file)
            .args(more)
            .env("SANGKIEN_LOG", "off")
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap()
    };
    import("units", "code,name,kind,parent_code\ntld,T,CONFEDERATION,\n", &[]);
    let said = |noun: &str, csv: String| import(noun, &csv, &["--dry-run"]);
    let mut columns = 0;
    for noun in ["units", "periods", "targets", "initiatives"] {
        let section = CSV.split("\n### ").find(|part| part.lines().next().unwrap().ends_with(noun));
        let table = rows(section.unwrap(), "nghĩa");
        let names: Vec<&str> = table.iter().flat_map(|(_, text)| bold(text)).collect();
        columns += names.len();
        let header: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let said = said(noun, header.join(";"));
        assert!(said.contains("would be 0 new"), "{noun}: {said}");
    }
    assert_eq!(columns, 9 + 10 + 10 + 21);
    for (noun, column, others, head) in [
        ("units", "kind", "code;name;parent_code", "loại đơn vị"),
        ("units", "sector", "code;name;kind;parent_code", "khu vực"),
        ("periods", "kind", "code;name;starts_on;ends_on;owner_code", "loại đợt"),
        ("periods", "metric", "code;name;kind;starts_on;ends_on;owner_code", "chỉ số"),
        ("targets", "origin", "unit_code;period_code;goal", "nguồn chỉ tiêu"),
        (
            "initiatives",
            "kind",
            "key;unit_code;title;author_name;submitted_at;status",
            "loại giải pháp",
        ),
        (
            "initiatives",
            "author_group",
            "key;unit_code;title;kind;author_name;submitted_at;status",
            "nhóm tác giả",
        ),
        (
            "initiatives",
            "status",
            "key;unit_code;title;kind;author_name;submitted_at",
            "trạng thái",
        ),
        (
            "initiatives",
            "rejection_reason",
            "key;unit_code;title;kind;author_name;submitted_at;status",
            "lý do",
        ),
    ] {
        for (value, text) in rows(CSV, head) {
            let [term] = bold(text)[..] else { panic!("{value}: {text}") };
            // Nothing else is in the row, so it has other faults.
            let rest = ";".repeat(others.split(';').count() - 1);
            let said = said(noun, format!("{column};{others}\n\"{term}\";x{rest}\n"));
            assert!(said.contains("line 2, "), "{said}");
            assert!(!said.contains(&format!("line 2, {column}")), "{term}: {said}");
        }
    }
}
