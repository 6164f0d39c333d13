//! Files that are refused, and the messages about them.

use std::process::Command;

use sangkien::exchange::Noun::{self, Initiatives, Periods, Targets, Units};
use sangkien::exchange::Options;

use super::{Desk, TAKEN, UNITS};
use crate::chance;
use crate::database::Kind;

/// The header of initiatives with the columns that must be there, and some more.
const HEAD: &str =
    "key,unit_code,title,kind,author_name,submitted_at,status,applied_on,benefit_vnd\n";

fn said(expected: &[&str]) -> String {
    let noun = if expected.len() == 1 { "fault" } else { "faults" };
    format!("{}\n{} {noun}", expected.join("\n"), expected.len())
}

#[tokio::test]
async fn bad_lines_of_units_are_named() {
    let desk = Desk::furnished().await;
    let head = "code,name,kind,parent_code,member_count\n";
    for (rows, expected) in [
        (
            "a,A,Tỉnh,tld,\n",
            &[
                "line 2, kind \"Tỉnh\": is not a kind of unit: write PROVINCIAL_FEDERATION? All are CONFEDERATION, \
             PROVINCIAL_FEDERATION, INDUSTRY_UNION, CORPORATION_UNION, DISTRICT_FEDERATION, \
             LOCAL_INDUSTRY_UNION, ZONE_UNION, CIVIL_SERVANTS_UNION, COMMUNE_UNION, INTERMEDIATE_UNION, \
             GRASSROOTS_UNION, SECTION",
            ][..],
        ),
        (
            "a,A,SECTION,nowhere,\n",
            &[
                "line 2, parent_code \"nowhere\": there is no such unit, neither in the file nor in the \
             database",
            ],
        ),
        (
            "a,A,SECTION,tld,\"1,000\"\na,B,SECTION,tld,-1\n,,SECTION,tld,\n",
            &[
                "line 2, member_count \"1,000\": is not a whole number without separators: whether a \
             point or a comma parts thousands or decimals cannot be told; write 1234567",
                "line 3, member_count \"-1\": must be at least 0",
                "line 4, code \"\": must not be empty; a row below the list, such as a total or a signature, is to be deleted",
            ],
        ),
        (
            "a,A,SECTION,tld,\nb,B,SECTION,tld,\na,C,SECTION,tld,\n",
            &["line 4, code \"a\": is on line 2 already"],
        ),
        (
            "a,A,SECTION,b,\nb,B,SECTION,c,\nc,C,SECTION,a,\nd,D,SECTION,a,\n",
            &["line 2, parent_code \"b\": the unit would lie under itself: a → b → c → a"],
        ),
        (
            "a,A,SECTION,dong-tam,\ndong-nai,N,SECTION,a,\ndong-tam,T,SECTION,dong-nai,\n",
            &["line 2, parent_code \"dong-tam\": the unit would lie under itself: \
             a → dong-tam → dong-nai → a"],
        ),
        (
            "a,A,SECTION,,\n",
            &["line 2, parent_code \"\": tld is the root already; a needs a parent"],
        ),
        (
            "tld,T,CONFEDERATION,dong-nai,\n",
            &[
                "line 2, parent_code \"dong-nai\": tld is the root and stays it: the cell must be empty",
            ],
        ),
        (
            "a,A,SECTION,tld\nb,B,SECTION,tld,,,x\n",
            &[
                "line 2: has 4 cells, the header names 5 columns",
                "line 3: has 7 cells, the header names 5 columns",
            ],
        ),
    ] {
        assert_eq!(desk.refused(Units, format!("{head}{rows}")).await, said(expected), "{rows}");
    }
    let long = format!("{head}{},A,SECTION,tld,\n", "x".repeat(101));
    let expected = ["line 2, code: has 101 characters; at most 100 are allowed"];
    assert_eq!(desk.refused(Units, long).await, said(&expected));
    let closed = "code,name,kind,parent_code,closed_on\na,A,SECTION,tld,2022-06-11\n";
    let expected = ["line 2, closed_on: the day lies in the future"];
    assert_eq!(desk.refused(Units, closed).await, said(&expected));
}

#[tokio::test]
async fn a_fresh_database_takes_one_root() {
    let desk = Desk::fresh(Kind::Sqlite).await;
    let two = format!("{UNITS}other,Khác,CONFEDERATION,,\n");
    let expected = [
        "line 6, parent_code \"\": there can be one root: neither tld (line 2) nor other has a parent",
    ];
    assert_eq!(desk.refused(Units, two).await, said(&expected));
}

#[tokio::test]
async fn bad_lines_of_periods_are_named() {
    let desk = Desk::furnished().await;
    let head = "code,name,kind,starts_on,ends_on,owner_code,parent_code\n";
    for (rows, expected) in [
        (
            "w,W,PEAK_WEEK,05/06/2022,2022-06-12,nowhere,none\n",
            &[
                "line 2, starts_on \"05/06/2022\": may be 2022-06-05 or 2022-05-06, and no other cell of the \
             column tells: write the year first, as 2022-06-05, or give --dates dmy (day first) or --dates mdy \
             (month first)",
            ][..],
        ),
        (
            "w,W,PEAK_WEEK,2022-06-05,2022-06-12,nowhere,none\n",
            &[
                "line 2, owner_code \"nowhere\": there is no such unit",
                "line 2, parent_code \"none\": there is no such period, neither in the file nor in the \
             database",
            ],
        ),
        (
            "w,W,PEAK_WEEK,2022-06-12,2022-06-05,tld,v\nv,V,OTHER,2022-06-05,2022-06-12,tld,w\n",
            &["line 2, parent_code \"v\": the period would lie under itself: w → v → w"],
        ),
        (
            "w,W,PEAK_WEEK,2022-06-12,2022-06-05,tld,\n",
            &["line 2, ends_on: the last day lies before the first"],
        ),
        (
            "w,W,PEAK_WEEK,2002-06-12,2022-06-05,tld,\n",
            &["line 2, ends_on: is longer than 3660 days"],
        ),
        (
            "w,W,PEAK_WEEK,,4471,tld,\n",
            &[
                "line 2, ends_on \"4471\": is not a day such as 2022-05-31",
                "line 2, starts_on \"\": must not be empty",
            ],
        ),
    ] {
        assert_eq!(desk.refused(Periods, format!("{head}{rows}")).await, said(expected), "{rows}");
    }
}

#[tokio::test]
async fn bad_lines_of_targets_are_named() {
    let desk = Desk::furnished().await;
    let head = "unit_code,period_code,goal,metric,origin,percent_from,percent_to\n";
    for (rows, expected) in [
        (
            "nowhere,phase-1,1,,,,\ntld,never,1,,,,\n",
            &[
                "line 2, unit_code \"nowhere\": there is no such unit",
                "line 3, period_code \"never\": there is no such period",
            ][..],
        ),
        (
            "tld,phase-1,,,,,\ndong-nai,phase-1,,,,,10\n",
            &[
                "line 2, goal \"\": must not be empty where there is no percent_from",
                "line 3, goal \"\": must not be empty where there is no percent_from",
                "line 3, percent_from \"\": must not be empty where there is a percent_to",
            ],
        ),
        (
            "tld,phase-1,1,,,,\ntld,phase-1,2,submitted,assigned,,\n",
            &["line 3, unit_code \"tld\": is the same target as line 2"],
        ),
        (
            "tan-bien,phase-1,,,,8,10\ndong-tam,phase-1,,,,9,8\n",
            &[
                "line 2, percent_from: the unit has no number of members to take a share of",
                "line 3, percent_from: the share must be more than 0, at most 100, and its lower bound \
             not above its upper",
            ],
        ),
        (
            "tld,phase-1,1e3,LIKES,GUESSED,a lot,\n",
            &[
                "line 2, goal \"1e3\": was shortened by a spreadsheet, digits may be lost: format the \
             column as a number without decimals and save again",
                "line 2, metric \"LIKES\": is not what a target counts; one of SUBMITTED, ACCEPTED, \
             PARTICIPANTS",
                "line 2, origin \"GUESSED\": is not an origin of a target; one of ASSIGNED, PLEDGED",
                "line 2, percent_from \"a lot\": is not a share in per cent such as 8 or 8.5",
            ],
        ),
    ] {
        assert_eq!(desk.refused(Targets, format!("{head}{rows}")).await, said(expected), "{rows}");
    }
    // A fault of a part is at the column of the part.
    let head = "unit_code,period_code,goal,metric,group,field\n";
    let rows = format!(
        "tld,phase-1,1,PARTICIPANTS,OTHER,\ntld,phase-1,1,PARTICIPANTS,,Điện\ntld,phase-1,1,,,{}\n",
        "x".repeat(301)
    );
    let expected = [
        "line 2, group: a target of people who take part is for the whole alone",
        "line 3, field: a target of people who take part is for the whole alone",
        "line 4, field: has 301 characters; at most 300 are allowed",
    ];
    assert_eq!(desk.refused(Targets, format!("{head}{rows}")).await, said(&expected));
}

#[tokio::test]
async fn bad_lines_of_initiatives_are_named() {
    let desk = Desk::furnished().await;
    desk.take(Units, "code,name,kind,parent_code,closed_on\nold,Cũ,SECTION,tld,2022-03-01\n").await;
    for (rows, expected) in [
        (
            "k,nowhere,T,IDEA,An,2022-05-10,PENDING,,\n",
            &["line 2, unit_code: there is no unit nowhere"][..],
        ),
        (
            "k,old,T,IDEA,An,2022-03-01,PENDING,,\n",
            &["line 2, unit_code: the unit has been closed since 2022-03-01"],
        ),
        (
            "k,tld,T,IDEA,An,2021-12-31,PENDING,,\n",
            &["line 2, unit_code: no period that covers the unit is running on 2021-12-31"],
        ),
        (
            "k,tld,T,TECHNICAL,An,2022-05-10,PENDING,,\nl,tld,T,TECHNICAL,An,2022-05-10,PENDING,2021-08-31,\n",
            &[
                "line 2, applied_on: is needed for this kind of initiative: the programme asks when it \
             was put to use",
                "line 3, applied_on: lies outside the days that the programme admits (2021-09-01 to \
             2023-09-01)",
            ],
        ),
        (
            "k,tld,T,IDEA,An,2022-06-10 12:01,PENDING,,\n",
            &["line 2, submitted_at: the day lies in the future"],
        ),
        (
            "k,tld,T,IDEA,An,1969-12-31,PENDING,,\n",
            &["line 2, submitted_at: the day lies before 1970-01-01"],
        ),
        (
            "k,tld,,MAGIC,,soon,DONE,,-5\n",
            &[
                "line 2, author_name \"\": must not be empty",
                "line 2, kind \"MAGIC\": is not a kind of initiative; one of TECHNICAL, MANAGEMENT, \
             OPERATIONAL, TECHNOLOGY_APPLICATION, RESEARCH, IDEA",
                "line 2, status \"DONE\": is not a status; one of PENDING, RETURNED, ACCEPTED, \
             REJECTED, WITHDRAWN",
                "line 2, submitted_at \"soon\": is not a moment such as 2022-05-31T17:00:00+07:00 or \
             2022-05-31 17:00",
                "line 2, title \"\": must not be empty",
            ],
        ),
        ("k,tld,T,IDEA,An,2022-05-10,PENDING,,-5\n", &["line 2, benefit_vnd: must be at least 0"]),
        (
            "k,tld,T,IDEA,An,2022-05-10,PENDING,,\nk,,U,,Bình,,,,\nk,,,,,,,,\n",
            &[
                "line 3, title \"U\": differs from line 2, which begins the same initiative and has \"T\"",
                "line 4, author_name \"\": must not be empty",
            ],
        ),
        (
            "k,tld,T,IDEA,An,2022-05-10,PENDING,,\nl,tld,T,IDEA,An,2022-05-10,PENDING,,\nk,tld,T,IDEA,An,2022-05-10,PENDING,,\n",
            &[
                "line 4, key \"k\": begins on line 2 already: the rows of one initiative stand together",
            ],
        ),
    ] {
        let said_of_it = desk.refused(Initiatives, format!("{HEAD}{rows}")).await;
        assert_eq!(said_of_it, said(expected), "{rows}");
    }
    let head = "key,unit_code,title,kind,author_name,submitted_at,status,rejection_reason,featured,reviewed_at\n";
    let rows = "k,tld,T,IDEA,An,2022-05-10,PENDING,OTHER,1,2022-05-09\n";
    assert_eq!(
        desk.refused(Initiatives, format!("{head}{rows}")).await,
        said(&[
            "line 2, featured \"1\": does not go with PENDING: only what is ACCEPTED is",
            "line 2, rejection_reason \"OTHER\": does not go with PENDING",
            "line 2, reviewed_at \"2022-05-09\": lies before submitted_at",
        ])
    );
}

#[tokio::test]
async fn an_initiative_that_is_there_with_other_content_is_named() {
    let desk = Desk::furnished().await;
    let row = "k,tld,T,IDEA,An,2022-05-10,PENDING,,\n";
    assert_eq!(
        desk.take(Initiatives, format!("{HEAD}{row}")).await,
        "1 new, 0 changed, 0 as they are"
    );
    for (other, column, there) in [
        ("k,tld,U,IDEA,An,2022-05-10,PENDING,,\n", "title", "T"),
        ("k,tld,T,IDEA,An,2022-05-10,ACCEPTED,,\n", "status", "PENDING"),
        ("k,tld,T,IDEA,Bình,2022-05-10,PENDING,,\n", "author_name", "An"),
        ("k,dong-nai,T,IDEA,An,2022-05-10,PENDING,,\n", "unit_code", "tld"),
    ] {
        let expected = format!(
            "line 2, {column}: the initiative k is there already, with {there:?}; an import adds \
             initiatives and changes none"
        );
        let said_of_it = desk.refused(Initiatives, format!("{HEAD}{other}")).await;
        assert_eq!(said_of_it, said(&[&expected]), "{other}");
    }
}

#[tokio::test]
async fn the_first_faults_of_each_kind_are_told_and_the_others_counted() {
    let desk = Desk::furnished().await;
    let head = "code,name,kind,parent_code,member_count\n";
    let rows: String = (0..2_500)
        .map(|n| {
            let kind = if n % 5 == 0 { "CĐ ngành" } else { "Cơ sở" };
            let parent = if n == 7 { "nowhere" } else { "tld" };
            format!("u{n},U,{kind},{parent},{}\n", if n == 9 { "1.000" } else { "" })
        })
        .collect();
    let said = desk.refused(Units, format!("{head}{rows}")).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("line 2, kind \"CĐ ngành\": is not a kind of unit"), "{said}");
    assert!(lines[1].starts_with("line 3, kind \"Cơ sở\": is not a kind of unit"), "{said}");
    assert!(said.contains("line 11, member_count \"1.000\": is not a whole number"), "{said}");
    assert!(said.contains("1,997 more like line 3, kind: \"Cơ sở\" 1,997 times"), "{said}");
    assert!(said.ends_with("\n2,501 faults"), "{said}");
    assert!(lines.len() <= 10, "{said}");
    let rows: String = (0..250).map(|n| format!("u{n},U,SECTION,no{n},\n")).collect();
    let said = desk.refused(Units, format!("{head}{rows}")).await;
    let lines: Vec<&str> = said.lines().collect();
    let more =
        "… and 247 more like line 2, parent_code: \"no10\", \"no11\", \"no12\", \"no13\", \"no14\"";
    assert_eq!(&lines[3..], [more, "250 faults"]);
    // Repeats too, which are found at the end.
    let row = "k,tld,T,IDEA,An,2022-05-10,PENDING,,\nl,tld,T,IDEA,An,2022-05-10,PENDING,,\n";
    let said = desk.refused(Initiatives, format!("{HEAD}{}", row.repeat(200))).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("line 4, key \"k\": begins on line 2"), "{said}");
    assert_eq!(&lines[3..], ["… and 395 more like line 4, key", "398 faults"]);
}

/// However many kinds of faults a file has, the report of it is short.
#[tokio::test]
async fn the_report_is_bounded() {
    let desk = Desk::furnished().await;
    let word = |n: usize| -> String {
        let letter =
            |place: u32| char::from(b'a' + u8::try_from(n / 26_usize.pow(place) % 26).unwrap());
        (0..3).map(letter).collect()
    };
    let rows: String =
        (0..1_000).map(|n| format!("k{n},{},T,IDEA,An,2022-05-10,PENDING,,\n", word(n))).collect();
    let said = desk.refused(Initiatives, format!("{HEAD}{rows}")).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 102, "{said}");
    assert_eq!(&lines[100..], ["… and 900 more", "1,000 faults"]);
}

#[tokio::test]
async fn damage_of_spreadsheets_is_named() {
    let desk = Desk::furnished().await;
    desk.take(Units, "code,name,kind,parent_code\n0057,A,SECTION,tld\n").await;
    let head = "code,name,kind,parent_code,member_count\n";
    for (rows, why) in [
        ("57,A,SECTION,tld,\n", "line 2, code \"57\": there is 0057: a spreadsheet drops zeros"),
        ("a,A,SECTION,57,\n", "line 2, parent_code \"57\": there is 0057: a spreadsheet drops"),
        ("099,A,SECTION,tld,\na,A,SECTION,99,\n", "line 3, parent_code \"99\": there is 099: a"),
        ("1E+05,A,SECTION,tld,\n", "line 2, code \"1E+05\": was shortened by a spreadsheet"),
        ("a,A,SECTION,tld,#REF!\n", "line 2, member_count \"#REF!\": is an error of Excel"),
        (
            "a,Bá»‡nh viá»‡n,SECTION,tld,\n",
            "line 2, name \"Bá»‡nh viá»‡n\": is UTF-8 that was read",
        ),
        (
            "a,C«ng ®oµn,SECTION,tld,\n",
            "line 2, name \"C«ng ®oµn\": is written for old fonts (TCVN3",
        ),
        (
            "a,Coâng ñoaøn,SECTION,tld,\n",
            "line 2, name \"Coâng ñoaøn\": is written for old fonts (VNI",
        ),
        ("a,C?ng đoàn,SECTION,tld,\n", "line 2, name \"C?ng đoàn\": has lost letters"),
    ] {
        let said = desk.refused(Units, format!("{head}{rows}")).await;
        assert!(said.starts_with(why) && said.ends_with("\n1 fault"), "{rows}: {said}");
    }
    let goals = "unit_code,period_code,goal\n57,phase-1,5\n";
    let said = desk.refused(Targets, goals).await;
    assert!(said.starts_with("line 2, unit_code \"57\": there is 0057: "), "{said}");
    let rows = "k,57,T,IDEA,An,2022-05-10,PENDING,,\n";
    let said = desk.refused(Initiatives, format!("{HEAD}{rows}")).await;
    assert!(said.starts_with("line 2, unit_code \"57\": there is 0057: "), "{said}");
    // A file that has both means both; one of another Sangkien is taken as it is.
    let both = format!("{head}0057,A,SECTION,tld,\n57,A,SECTION,tld,\n");
    assert_eq!(desk.take(Units, both).await, "1 new, 0 changed, 1 as they are");
    let odd = format!("{head}a,C«ng ®oµn,SECTION,tld,\n");
    let admitted = Options { admitted: true, ..TAKEN };
    assert_eq!(desk.import(Units, odd, admitted).await.unwrap().new, 1);
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_shows_them() {
    let desk = Desk::furnished().await;
    let rows =
        "code,name,kind,parent_code\n\n\na,\"A\n\nA\",SECTION,tld\n,,,\nb,B,X,tld\n\nc,C,Y,tld";
    let ends = |end: &str| rows.replace('\n', end);
    for file in [rows.to_owned(), ends("\r\n"), ends("\r"), format!("sep=,\n{rows}")] {
        let (b, c) = if file.starts_with("sep") { (9, 11) } else { (8, 10) };
        let said = desk.refused(Units, &file).await;
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with(&format!("line {b}, kind \"X\"")), "{file:?}\n{said}");
        assert!(lines[1].starts_with(&format!("line {c}, kind \"Y\"")), "{file:?}\n{said}");
    }
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named() {
    let desk = Desk::furnished().await;
    let utf16: Vec<u8> = "\u{feff}code,name".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bare: Vec<u8> = "code,name,kind".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let known = "they are code, name, kind, parent_code, cluster, sector, foreign_invested, \
                 member_count, closed_on";
    for (file, expected) in [
        (&b""[..], "/file.csv: it is empty; its first line must name the columns".to_owned()),
        (b"\n\n", "/file.csv: it is empty; its first line must name the columns".to_owned()),
        (
            &utf16,
            format!(
                "/file.csv: line 1 does not name the columns of units: missing: kind, parent_code; {known}"
            ),
        ),
        (
            &bare,
            "/file.csv: it has NUL bytes: it is UTF-16, or not text; save it as \"CSV UTF-8\""
                .to_owned(),
        ),
        (
            b"a,A,SECTION,tld\n",
            format!(
                "/file.csv: line 1 does not name the columns of units: there is no column \"a\"; there is \
             no column \"A\"; there is no column \"SECTION\", the nearest is sector; there is no column \"tld\"; missing: \
             code, name, kind, parent_code; {known}"
            ),
        ),
        (
            "code,name,kind,parent_code,Mã đơn vị\n".as_bytes(),
            format!(
                "/file.csv: line 1 does not name the columns of units: \"code\" and \"Mã đơn vị\" are the same \
                 column, code: leave one; {known}"
            ),
        ),
        (
            b"code,name,kind,parent_code,colour\n",
            format!(
                "/file.csv: line 1 does not name the columns of units: there is no column \"colour\"; {known}; delete \
                 columns that are none of these"
            ),
        ),
        (
            b"code,name,kind,parent_code,memebr_count,code,,cluster\n",
            format!(
                "/file.csv: line 1 does not name the columns of units: there is no column \
             \"memebr_count\", the nearest is member_count; the column code is there twice; cell 7 \
             has no name; {known}"
            ),
        ),
        (
            b"code,name,kind,parent_code\na,\xe1\xbb,SECTION,tld\n",
            "line 2: cell 2 is not UTF-8: save it as \"CSV UTF-8\"\n1 fault".to_owned(),
        ),
        (
            // A character cut in two by the end of a cell.
            b"code,name,kind,parent_code\na,A\xc3,\xa9SECTION,tld\n",
            "line 2: cell 2 is not UTF-8: save it as \"CSV UTF-8\"\n1 fault".to_owned(),
        ),
        (
            b"code,name,kind,parent_code\n\"a,A,SECTION,tld\nb,B,SECTION,tld\n",
            "line 2: has a quote (\") that is not closed\n1 fault".to_owned(),
        ),
    ] {
        assert_eq!(desk.refused(Units, file).await, expected, "{}", String::from_utf8_lossy(file));
    }
    let mut nul = "code,name,kind,parent_code\n".to_owned();
    nul.extend((0..200).map(|n| format!("u{n},Công đoàn cơ sở,SECTION,tld\n")));
    nul.push_str("a,\0,SECTION,tld\n");
    let expected =
        "line 202: has a NUL byte: the file is not text; save it as \"CSV UTF-8\"\n1 fault";
    assert_eq!(desk.refused(Units, nul).await, expected);
    let open = format!("code,name,kind,parent_code\na,\"{}", "x\n".repeat(600_000));
    let expected = "line 2: is longer than 1024 KiB: a quote (\") may not be closed\n1 fault";
    assert_eq!(desk.refused(Units, open).await, expected);
}

#[test]
fn what_cannot_be_read_twice_is_refused() {
    let database = Kind::Sqlite.fresh();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["import", "--database", &database.url])
            .args(arguments)
            .env("SANGKIEN_LOG", "error")
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["units", "/dev/null"]);
    assert_eq!(code, Some(1));
    let why = "is not a file that can be read twice, as an import must; save it to a file first";
    assert_eq!(said, format!("sangkien: /dev/null {why}\n"));
    let (code, said) = run(&["units", "/nowhere.csv"]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("sangkien: cannot read /nowhere.csv: "), "{said}");
    assert_eq!(run(&["people", "/dev/null"]).0, Some(2));
    assert_eq!(run(&["units"]).0, Some(2));
}

/// Bytes of any kind are taken or named; they never end the program.
#[tokio::test]
async fn garbage_is_named() {
    let desk = Desk::furnished().await;
    let mut rng = chance::rng(5);
    let good = format!(
        "{HEAD}k,tld,T,IDEA,An,2022-05-10,PENDING,,\nl,tld,\"U \"\"x\"\"\nv\",IDEA,An,31/05/2022,PENDING,,\n"
    );
    let bits: Vec<&[u8]> = vec![
        b",",
        b"\"",
        b"\n",
        b"\r",
        b"\t",
        b";",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        "ệ".as_bytes(),
        b"2022-05-31",
        b"TRUE",
        b"-",
        b"1e3",
        b"tld",
        b"99999999999999999999",
    ];
    for round in 0..400 {
        let mut bytes = match round % 3 {
            0 => (0..rng.usize(0..400)).map(|_| rng.u8(..)).collect(),
            1 => UNITS.as_bytes().to_vec(),
            _ => good.as_bytes().to_vec(),
        };
        for _ in 0..rng.usize(0..12) {
            let at = rng.usize(0..=bytes.len());
            let until = (at + rng.usize(0..4)).min(bytes.len());
            let bit = bits[rng.usize(0..bits.len())];
            bytes.splice(at..until, bit.iter().copied());
        }
        let noun: Noun = super::ALL[rng.usize(0..4)];
        match desk.import(noun, &bytes, super::TAKEN).await {
            Ok(_) => {}
            Err(why) => assert!(!why.to_string().is_empty()),
        }
    }
    crate::database::verify_database(&desk.url).await;
}
