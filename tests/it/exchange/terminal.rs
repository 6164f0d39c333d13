//! Commands as a person at a terminal meets them: exit codes, files that are made and not made, pipes.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

/// A folder with a database of a few units.
struct Home {
    dir: TempDir,
}

impl Home {
    fn new(units: usize) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        home.units(units, "A");
        assert!(home.run(&["import", "units", "units.csv"]).status.success());
        home
    }

    fn units(&self, count: usize, name: &str) {
        let rows: String = (0..count).map(|n| format!("u{n},{name} {n},SECTION,tld\n")).collect();
        let head = "code,name,kind,parent_code\ntld,T,CONFEDERATION,\n";
        std::fs::write(self.dir.path().join("units.csv"), format!("{head}{rows}")).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("SANGKIEN_DATABASE", "sqlite://union.db")
            .env("SANGKIEN_LOG", "off")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.dir.path().join(name).exists()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_file_that_changes_much_needs_a_yes_where_nobody_can_be_asked() {
    let home = Home::new(20);
    home.units(20, "B");
    let refused = home.run(&["import", "units", "units.csv"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        text(&refused.stderr),
        "sangkien: 20 of 21 units would change, more than a tenth: see them with --dry-run, and give --yes if they are \
         meant; nothing was written\n"
    );
    let taken = home.run(&["import", "units", "units.csv", "--yes"]);
    assert_eq!(text(&taken.stdout), "units: 0 new, 20 changed, 1 as they are\n");
}

#[test]
fn reading_commands_make_no_database() {
    let home = Home::new(1);
    let missing = ["--database", "sqlite://unoin.db"];
    for arguments in [&["verify"][..], &["export", "units"], &["token", "list"]] {
        let output = home.run(&[arguments, &missing].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains("unoin.db"), "{}", text(&output.stderr));
        assert!(!home.has("unoin.db"), "{arguments:?}");
    }
    let dry = home.run(&[&["import", "units", "units.csv", "--dry-run"][..], &missing].concat());
    assert!(dry.status.success(), "{}", text(&dry.stderr));
    assert_eq!(text(&dry.stderr), "there is no unoin.db; an import makes it\n");
    assert!(
        text(&dry.stdout)
            .ends_with("units: would be 2 new, 0 changed, 0 as they are; nothing was written\n")
    );
    assert!(!home.has("unoin.db"));
}

#[test]
fn what_changes_nothing_but_what_is_there_makes_no_database() {
    let home = Home::new(1);
    let missing = ["--database", "sqlite://unoin.db"];
    for arguments in [
        &["prune", "--before", "2020-01-01"][..],
        &["token", "revoke", "1"],
        &["import", "targets", "units.csv"],
        &["import", "initiatives", "units.csv", "--dry-run"],
        &["import", "renames", "units.csv"],
        &["import", "deletions", "units.csv"],
    ] {
        let output = home.run(&[arguments, &missing].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let told = text(&output.stderr);
        assert_eq!(told, "sangkien: there is no database unoin.db\n", "{arguments:?}");
        assert!(!home.has("unoin.db"), "{arguments:?}");
    }
}

#[test]
fn a_database_is_its_owners_and_no_export_takes_its_place() {
    let home = Home::new(1);
    let mode = std::fs::metadata(home.dir.path().join("union.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for name in ["union.db", "./union.db", "union.db.next"] {
        let refused = home.run(&["export", "units", name]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        let told = text(&refused.stderr);
        assert!(told.contains("only files that end with .csv or .xlsx are replaced"), "{told}");
    }
    assert!(home.run(&["verify"]).status.success());
    let refused = home.run(&["export", "units", "union.db", "--lang", "vi"]);
    assert!(text(&refused.stderr).contains("tệp này đã có"), "{}", text(&refused.stderr));
}

#[test]
fn a_token_is_a_line_and_ends_on_a_day_that_can_be_told() {
    let home = Home::new(1);
    let make =
        |more: &[&str]| home.run(&[&["token", "create", "--role", "partner"], more].concat());
    assert!(make(&["--name", "a\nb\u{1b}[31m", "--expires", "2999-12-31"]).status.success());
    let listed = text(&home.run(&["token", "list"]).stdout);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert!(listed.contains("\ta b [31m\t") && listed.contains("\t3000-01-01T00:00"), "{listed}");
    for (more, why) in [
        (["--expires", "9999-12-31"], "9999-12-31 is too far"),
        (["--name", &"a".repeat(101)], "has more than 100 characters"),
    ] {
        let refused = make(&more);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
}

#[test]
fn a_dash_is_stdout_and_a_file_is_its_owners() {
    let home = Home::new(1);
    let shown = home.run(&["export", "units", "-"]);
    assert!(text(&shown.stdout).starts_with("code,name,"));
    assert!(!home.has("-"));
    for name in ["out.csv", "out.xlsx"] {
        assert!(home.run(&["export", "units", name]).status.success());
        let mode = std::fs::metadata(home.dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let excel = home.run(&["export", "units", "--for", "excel"]);
    assert!(text(&excel.stdout).starts_with("\u{feff}\"code\";\"name\";"));
    let back = home.run(&["import", "units", "out.xlsx"]);
    assert_eq!(text(&back.stdout), "units: 0 new, 0 changed, 2 as they are\n");
}

/// More than a pipe holds, to a reader that has seen enough.
#[test]
fn a_closed_pipe_ends_quietly() {
    let home = Home::new(5_000);
    for arguments in [&["export", "units"][..], &["export", "units", "-", "--for", "excel"]] {
        let mut child =
            home.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert!(output.status.success(), "{arguments:?}");
    }
}

#[test]
fn roles_are_taken_in_any_case_and_listed() {
    let home = Home::new(1);
    let created = home.run(&["token", "create", "--role", "officer"]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert!(text(&home.run(&["token", "list"]).stdout).contains("\tOFFICER\t"));
    let refused = home.run(&["token", "create", "--role", "boss"]);
    assert_eq!(refused.status.code(), Some(2));
    let all = "ADMIN, OFFICER, REVIEWER, SUBMITTER, PARTNER, DISPLAY";
    assert!(text(&refused.stderr).contains(all), "{}", text(&refused.stderr));
}

#[test]
fn the_list_of_fields_is_read_as_an_import_reads() {
    let home = Home::new(1);
    let path = home.dir.path().join("linh-vuc.xlsx");
    let list = |rows: &[[&str; 3]]| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
        book.save(&path).unwrap();
    };
    list(&[
        ["Lĩnh vực", "", ""],
        ["STT", "Mã", "Tên lĩnh vực"],
        ["1", "ck", "Cơ khí"],
        ["2", "dn", "Điện nước"],
    ]);
    let fields = sangkien::exchange::read_fields(&path).unwrap();
    let codes: Vec<&str> = fields.iter().map(|field| field.code.as_str()).collect();
    assert_eq!(codes, ["ck", "dn"]);
    list(&[["STT", "Mã", "Tên"], ["1", "ck", "Cơ khí"], ["2", "ck", "Điện"]]);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--fields", "linh-vuc.xlsx"];
    let refused = home.run(&arguments);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("linh-vuc.xlsx: line 3: the code \"ck\" is there twice"), "{said}");
}
