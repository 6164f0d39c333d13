//! Exports for spreadsheets, opened in one, saved and imported again: nothing changes.

use std::path::{Path, PathBuf};
use std::process::Command;

use sangkien::auth::Language;
use sangkien::exchange::Noun::{Initiatives, Periods, Targets, Units};
use sangkien::exchange::{self, Exported, For, Form, Noun, Options};

use super::{ALL, Desk, TAKEN};
use crate::database::Kind;
use crate::postgres::require::or_skip;

const ADMITTED: Options = Options { admitted: true, ..TAKEN };

/// Rows that a spreadsheet would like to change.
async fn desk() -> Desk {
    let desk = Desk::fresh(Kind::Sqlite).await;
    let units = "code,name,kind,parent_code,cluster,sector,foreign_invested,member_count,closed_on\n\
        tld,Tổng Liên đoàn,CONFEDERATION,,,,FALSE,,\n\
        0057,Công đoàn cơ sở Đồng Tâm,GRASSROOTS_UNION,tld,3-2,HEALTH,TRUE,1234567,\n\
        57,\"A \"\"B\"\"; C, D\",GRASSROOTS_UNION,tld,007,,FALSE,333,2022-06-01\n\
        1-2,=1+1,SECTION,0057,+5,,FALSE,,2022-05-06\n\
        1E05,-x,SECTION,0057,@y,,FALSE,,\n\
        12345678901234567890,_x0041_,SECTION,0057,5/6,,FALSE,,\n";
    desk.take(Units, units).await;
    let periods = "code,name,kind,starts_on,ends_on,owner_code,parent_code,applied_from,applied_until\n\
        2022,01 triệu sáng kiến,PROGRAMME,2022-01-08,2023-09-01,tld,,2021-09-01,2023-09-01\n\
        5-6,2022-05,PHASE,2022-01-08,2022-05-31,tld,2022,,\n";
    desk.take(Periods, periods).await;
    let targets = "unit_code,period_code,goal,percent_from,percent_to,document_number,field\n\
        0057,5-6,,8.5,10.125,160/2022,\n57,5-6,28,8,,1-2,007\n";
    desk.take(Targets, targets).await;
    let head = "key,unit_code,title,kind,author_name,submitted_at,status,team,person_code,author_contact,\
                applied_on,confidential,benefit_vnd,summary,reviewed_at,author_group,rejection_reason\n";
    let rows = "007,0057,3D,TECHNICAL,Nguyễn Văn Thử,2022-05-10T08:09:10.011+07:00,ACCEPTED,12/5,001,0912000000,\
         2022-03-04,TRUE,1234567890123,\"một\nhai; \"\"ba\"\"\",2022-05-11T00:00:00+07:00,OTHER,\n\
        007,,,,Trần Thị Thử,,,,002,+84912000000,,,,,,,\n\
        1E2,57,OTHER,IDEA,An,2022-05-30T17:00:00+07:00,REJECTED,,,,,FALSE,,,2022-06-01T00:00:00+07:00,,OTHER\n\
        1E1,57,=x,IDEA,An,2022-05-31T17:00:00.999+07:00,PENDING,,,,,FALSE,,,,,\n";
    let taken = desk.import(Initiatives, format!("{head}{rows}"), ADMITTED).await.unwrap();
    assert_eq!(taken.new, 3);
    desk
}

/// The files of an export in both forms that are for spreadsheets, in both languages.
async fn files(desk: &Desk, noun: Noun) -> Vec<PathBuf> {
    let exported = match noun {
        Units => Exported::Units,
        Periods => Exported::Periods,
        Targets => Exported::Targets,
        Initiatives => Exported::Initiatives,
        _ => unreachable!("corrections are no state"),
    };
    let mut paths = Vec::new();
    for (ending, language) in [
        ("csv", Language::English),
        ("xlsx", Language::English),
        ("vi.csv", Language::Vietnamese),
        ("vi.xlsx", Language::Vietnamese),
    ] {
        let path = desk.dir.path().join(format!("{}.{ending}", noun.as_str()));
        let form = Form::of(Some(&path), Some(For::Excel), language);
        exchange::export_to_file(&desk.store, exported, form, &path).await.unwrap();
        paths.push(path);
    }
    paths
}

async fn changes_nothing(desk: &Desk, noun: Noun, path: &Path) {
    let report = exchange::import(&mut desk.importer().await, noun, path, ADMITTED).await;
    let report = report.unwrap_or_else(|why| {
        panic!(
            "{}: {why}\n{:?}",
            path.display(),
            std::fs::read(path).map(|it| String::from_utf8_lossy(&it).into_owned())
        )
    });
    assert_eq!((report.new, report.changed), (0, 0), "{}: {report}", path.display());
    assert!(report.unchanged > 0, "{}", path.display());
}

#[tokio::test]
async fn both_forms_are_taken_back_as_they_are() {
    let desk = desk().await;
    // A text that is such a formula itself comes back as well, as long as no spreadsheet works it out.
    let odd = "code,name,kind,parent_code\n\"=\"\"=\"\"\"\"z\"\"\"\"\"\"\",x,SECTION,0057\n";
    desk.take(Units, odd).await;
    for noun in ALL {
        for path in files(&desk, noun).await {
            changes_nothing(&desk, noun, &path).await;
            // And by a fresh database, but for what rests on rows of other files.
            if noun == Units {
                let fresh = Desk::fresh(Kind::Sqlite).await;
                exchange::import(&mut fresh.importer().await, noun, &path, ADMITTED).await.unwrap();
                assert_eq!(fresh.export(noun).await, desk.export(noun).await, "{}", path.display());
            }
        }
    }
}

/// A name that several columns have is written in the words of its own column; a title that is such a name stays.
#[tokio::test]
async fn sheets_in_vietnamese_have_the_words_of_each_column() {
    let desk = desk().await;
    let written = files(&desk, Initiatives).await;
    let csv = written.iter().find(|path| path.ends_with("initiatives.vi.csv")).unwrap();
    let sheet = std::fs::read_to_string(csv).unwrap();
    for words in ["Hợp lệ", "Nhóm khác", "Lý do khác", "OTHER"] {
        assert!(sheet.contains(&format!(";\"{words}\";")), "{words} in {sheet}");
    }
    let sheet = async |what, name| {
        let path = desk.dir.path().join(name);
        let form = Form::of(Some(&path), Some(For::Excel), Language::Vietnamese);
        exchange::export_to_file(&desk.store, what, form, &path).await.unwrap();
        path
    };
    let text = async |what, name| std::fs::read_to_string(sheet(what, name).await).unwrap();
    let tallies = text(Exported::Tallies, "tallies.csv").await;
    let begins = "\u{feff}\"Mã đợt\";\"Mã đơn vị\";\"Đăng ký\";\"Hợp lệ\";";
    assert!(tallies.starts_with(begins), "{tallies}");
    let periods = text(Exported::Periods, "periods.csv").await;
    assert!(periods.contains(";\"Mã đợt bao trùm\""), "{periods}");
    let breakdown = text(Exported::Breakdown, "breakdown.csv").await;
    let begins = "\u{feff}\"Mã đợt\";\"Mã đơn vị\";\"Chia theo\";\"Giá trị\";";
    assert!(breakdown.starts_with(begins), "{breakdown}");
    for words in ["Khu vực", "Lý do không hợp lệ", "Chưa rõ", "Công đoàn cơ sở"] {
        assert!(breakdown.contains(&format!("\"{words}\"")), "{words} in {breakdown}");
    }
    for name in ["SECTOR", "UNION", "FOREIGN", "OTHER"] {
        assert!(!breakdown.contains(name), "{name} in {breakdown}");
    }
    // A moment is wider than the columns of other values.
    if or_skip("python", Command::new("python3").arg("--version").output().is_ok()) {
        let path = sheet(Exported::Tallies, "tallies.xlsx").await;
        let reads = "import sys, zipfile; \
            print(zipfile.ZipFile(sys.argv[1]).read('xl/worksheets/sheet1.xml').decode())";
        let output = Command::new("python3").args(["-c", reads]).arg(path).output().unwrap();
        let xml = String::from_utf8(output.stdout).unwrap();
        assert!(xml.contains("<col min=\"13\" max=\"13\" width=\"26."), "{xml}");
    }
}

/// LibreOffice opens the files as Excel does, with the separator and the encoding that a Vietnamese Excel takes, or with those
/// that it takes itself unless it is told otherwise, and saves them in both forms.
#[tokio::test]
async fn what_a_spreadsheet_saves_again_changes_nothing() {
    if !or_skip("libreoffice", is_there()) {
        return;
    }
    let desk = desk().await;
    let mut all = Vec::new();
    for noun in ALL {
        all.extend(files(&desk, noun).await.into_iter().map(|path| (noun, path)));
    }
    for (from, to, filter) in [
        ("csv", "csv", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false"),
        ("csv", "xlsx", "xlsx"),
        ("xlsx", "xlsx", "xlsx"),
        ("xlsx", "csv", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false"),
    ] {
        let saved = desk.dir.path().join(format!("{from}-{to}"));
        let of_form: Vec<&(Noun, PathBuf)> =
            all.iter().filter(|(_, path)| path.extension().is_some_and(|it| it == from)).collect();
        let separators = match (from, to) {
            ("csv", "xlsx") => Some("--infilter=CSV:59/44,34,76,1"),
            ("csv", _) => Some("--infilter=CSV:59,34,76,1"),
            _ => None,
        };
        save_again(&saved, separators, filter, of_form.iter().map(|(_, path)| path.as_path()));
        for (noun, path) in of_form {
            let name = path.with_extension(to);
            changes_nothing(&desk, *noun, &saved.join(name.file_name().unwrap())).await;
        }
    }
}

fn is_there() -> bool {
    Command::new("soffice").arg("--version").output().is_ok_and(|said| said.status.success())
}

/// Opens files and saves them in a folder.
fn save_again<'a>(
    folder: &Path,
    separators: Option<&str>,
    filter: &str,
    files: impl Iterator<Item = &'a Path>,
) {
    std::fs::create_dir(folder).unwrap();
    // A profile of its own: another LibreOffice may be open.
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("timeout")
        .args(["180", "soffice", "--headless"])
        .args(separators)
        .arg(format!("-env:UserInstallation=file://{}", profile.path().display()))
        .args(["--convert-to", filter, "--outdir"])
        .arg(folder)
        .args(files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
