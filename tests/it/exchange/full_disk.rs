//! A full disk during an import or an export.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sangkien::exchange::Noun;

use super::{PERIODS, UNITS};
use crate::database::{in_time, sqlite_url, verify_database};
use crate::disk::Disk;

/// Some megabytes of a database, and some of a file.
const MANY: usize = 2_000;

fn many() -> String {
    let mut csv = "key,unit_code,title,kind,author_name,submitted_at,status,summary\n".to_owned();
    let summary = "Bớt hai thao tác và một lần đo lại. ".repeat(25);
    for n in 0..MANY {
        let row = format!("k{n},dong-tam,Sáng kiến {n},IDEA,An,2022-05-01 08:00,PENDING");
        writeln!(csv, "{row},{summary}").unwrap();
    }
    csv
}

/// The files of a world, beside the database or not.
struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn write() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (noun, csv) in
            [(Noun::Units, UNITS), (Noun::Periods, PERIODS), (Noun::Initiatives, &many())]
        {
            std::fs::write(dir.path().join(noun.as_str()), csv).unwrap();
        }
        Self { dir }
    }

    fn import(&self, program: Command, url: &str, noun: Noun) -> Output {
        let file = self.dir.path().join(noun.as_str());
        run(program, ["import", "--database", url, noun.as_str()], &file)
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sangkien"))
}

fn run<const N: usize>(
    mut program: Command,
    arguments: [&str; N],
    file: impl AsRef<OsStr>,
) -> Output {
    program.args(arguments).arg(file).env("SANGKIEN_LOG", "error").stdin(Stdio::null());
    program.output().unwrap()
}

/// The message of a run that failed as it should.
fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_onto_a_full_disk_is_completed_by_another() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path()) else { return };
    let files = Files::write();
    let url = sqlite_url(&dir.path().join("it.db"));
    said(&files.import(disk.command(), &url, Noun::Units));
    said(&files.import(disk.command(), &url, Noun::Periods));
    let ballast = disk.seen_from_outside("ballast");
    std::fs::write(&ballast, vec![0; 14 << 20]).unwrap();
    let told = failed(&files.import(disk.command(), &url, Noun::Initiatives));
    let words = "sangkien: the database does not take what is to be written; ";
    let rest = told.split_once(words).expect(&told).1;
    let (written, rest) =
        rest.split_once(" changes were written, another run does the rest: ").expect(&told);
    assert!(rest.contains("database or disk is full"), "{told}");
    let written: u32 = written.replace(',', "").parse().expect(&told);
    assert!(written < 2_000, "{told}");
    let outside = sqlite_url(&disk.seen_from_outside("it.db"));
    std::fs::remove_file(&ballast).unwrap();
    in_time(verify_database(&outside)).await;
    let done = said(&files.import(disk.command(), &url, Noun::Initiatives));
    let new = match 2_000 - written {
        2_000 => "2,000".to_owned(),
        new @ 1_000.. => format!("1,{:03}", new - 1_000),
        new => new.to_string(),
    };
    let same =
        if written < 1_000 { written.to_string() } else { format!("1,{:03}", written - 1_000) };
    assert_eq!(done, format!("initiatives: {new} new, 0 changed, {same} as they are\n"));
    in_time(verify_database(&outside)).await;
}

#[test]
fn an_export_onto_a_full_disk_fails_and_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path()) else { return };
    let files = Files::write();
    let url = sqlite_url(&files.dir.path().join("it.db"));
    for noun in [Noun::Units, Noun::Periods, Noun::Initiatives] {
        said(&files.import(program(), &url, noun));
    }
    std::fs::write(disk.seen_from_outside("old.csv"), "what was there\n").unwrap();
    std::fs::write(disk.seen_from_outside("ballast"), vec![0; 15 << 20]).unwrap();
    let export = ["export", "--database", &url, "initiatives"];
    for name in ["old.csv", "new.csv"] {
        let path = dir.path().join(name);
        let told = failed(&run(disk.command(), export, &path));
        let expected = format!(
            "sangkien: cannot export to {}: the file cannot be written: No space left on device",
            path.display()
        );
        assert!(told.contains(&expected), "{told}");
    }
    let mut left = names_in(&disk.seen_from_outside(""));
    left.sort();
    assert_eq!(left, ["ballast", "old.csv"]);
    let old = std::fs::read_to_string(disk.seen_from_outside("old.csv")).unwrap();
    assert_eq!(old, "what was there\n");
}

#[test]
fn an_export_to_an_output_that_is_full_fails() {
    let files = Files::write();
    let url = sqlite_url(&files.dir.path().join("it.db"));
    said(&files.import(program(), &url, Noun::Units));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut export = program();
    export.args(["export", "--database", &url, "units"]).stdin(Stdio::null()).stdout(full);
    let ended = export.env("SANGKIEN_LOG", "error").stderr(Stdio::piped()).spawn();
    let told = failed(&ended.unwrap().wait_with_output().unwrap());
    assert!(told.contains("the file cannot be written: No space left on device"), "{told}");
}
