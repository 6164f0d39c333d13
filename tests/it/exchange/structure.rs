//! Trees and periods in any order, and what a dry run says.

use sangkien::domain::Version;
use sangkien::exchange::Noun::{self, Initiatives, Periods, Targets, Units};
use sangkien::exchange::{Exported, Form, Options};

use super::{ALL, Desk, PERIODS, TAKEN, UNITS, told};
use crate::chance;
use crate::database::Kind;

/// A tree over these codes, its rows in any order; as many hang under each as chance has it.
fn tree(rng: &mut fastrand::Rng, codes: &[String], rows: &[String]) -> String {
    let mut order: Vec<&String> = codes.iter().collect();
    rng.shuffle(&mut order);
    let mut lines: Vec<String> = vec!["tld,Tổng,CONFEDERATION,".to_owned()];
    for (place, code) in order.iter().enumerate() {
        let parent = if place == 0 || rng.u8(..4) == 0 {
            "tld"
        } else {
            order[rng.usize(0..place)].as_str()
        };
        lines.push(format!("{code},U {code},SECTION,{parent}"));
    }
    lines.retain(|line| rows.iter().any(|code| line.starts_with(&format!("{code},"))));
    rng.shuffle(&mut lines);
    format!("code,name,kind,parent_code\n{}\n", lines.join("\n"))
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(4).collect::<Vec<_>>().join(","))
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_tree_becomes_any_other_whatever_the_order_of_rows() {
    let codes: Vec<String> = (0..30).map(|n| format!("u{n:02}")).collect();
    let all: Vec<String> = codes.iter().cloned().chain(["tld".to_owned()]).collect();
    let mut rng = chance::rng(3);
    let desk = Desk::fresh(Kind::Sqlite).await;
    let first = tree(&mut rng, &codes, &all);
    assert_eq!(desk.take(Units, &first).await, "31 new, 0 changed, 0 as they are");
    for round in 0..12 {
        let next = tree(&mut rng, &codes, &all);
        desk.take(Units, &next).await;
        assert_eq!(sorted(&desk.export(Units).await), sorted(&next), "round {round}");
        let again = desk.import(Units, &next, TAKEN).await.unwrap();
        assert_eq!(again.to_string(), "0 new, 0 changed, 31 as they are");
    }
    // A file with a few rows alone leaves the other units where they are.
    for _ in 0..12 {
        let before = desk.export(Units).await;
        let some: Vec<String> = codes.iter().filter(|_| rng.u8(..4) == 0).cloned().collect();
        let part = tree(&mut rng, &codes, &some);
        if desk.import(Units, &part, TAKEN).await.is_err() {
            assert_eq!(desk.export(Units).await, before);
            continue;
        }
        let after = sorted(&desk.export(Units).await);
        for line in sorted(&part) {
            assert!(after.contains(&line), "{line}");
        }
        for line in sorted(&before) {
            let code = line.split(',').next().unwrap().to_owned();
            assert!(some.contains(&code) || after.contains(&line), "{line}");
        }
    }
    crate::database::verify_database(&desk.url).await;
}

#[tokio::test]
async fn the_first_root_and_programme_take_the_place_of_the_stand_ins() {
    let desk = Desk::fresh(Kind::Sqlite).await;
    let mut backwards: Vec<&str> = UNITS.lines().skip(1).collect();
    backwards.reverse();
    let head = UNITS.lines().next().unwrap();
    desk.take(Units, format!("{head}\n{}", backwards.join("\n"))).await;
    let mut backwards: Vec<&str> = PERIODS.lines().skip(1).collect();
    backwards.reverse();
    let head = PERIODS.lines().next().unwrap();
    desk.take(Periods, format!("{head}\n{}", backwards.join("\n"))).await;
    assert_eq!(desk.export(Units).await.lines().count(), 5);
    assert_eq!(desk.export(Periods).await.lines().count(), 3);
}

/// The rows of each breakdown add up to the same.
#[tokio::test]
async fn breakdowns_are_exported() {
    let desk = Desk::furnished().await;
    let rows = "key,unit_code,title,kind,author_name,submitted_at,status,field\n\
        1,dong-tam,Một,IDEA,An,2022-05-10T08:00:00+07:00,ACCEPTED,Cơ khí\n\
        2,dong-tam,Hai,TECHNICAL,An,2022-05-10T08:00:00+07:00,PENDING,\n";
    desk.import(Initiatives, rows, Options { admitted: true, ..TAKEN }).await.unwrap();
    let mut out = Vec::new();
    Exported::Breakdown.export(&desk.store, Form::Csv, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("programme,tld,FIELD,Cơ khí,1,1,0,0,0,0,,,\n"), "{text}");
    assert!(text.contains("programme,tld,INITIATIVE_KIND,TECHNICAL,1,0,1,0,0,0,,,\n"), "{text}");
    for by in ["SECTOR", "OWNERSHIP", "UNIT_KIND", "INITIATIVE_KIND", "FIELD", "AUTHOR_GROUP"] {
        let start = format!("programme,dong-nai,{by},");
        let rows = text.lines().filter_map(|row| row.strip_prefix(&start));
        let sum: i32 = rows.map(|row| row.split(',').nth(1).unwrap().parse::<i32>().unwrap()).sum();
        assert_eq!(sum, 2, "{by}");
    }
}

#[tokio::test]
async fn periods_change_places() {
    let desk = Desk::furnished().await;
    let head = "code,name,kind,starts_on,ends_on,owner_code,parent_code\n";
    let swapped = format!(
        "{head}programme,P,PROGRAMME,2022-01-08,2023-09-01,tld,phase-1\n\
         phase-1,Q,PHASE,2022-01-08,2022-05-31,tld,\n"
    );
    assert_eq!(desk.take(Periods, swapped).await, "0 new, 2 changed, 0 as they are");
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_writes_nothing() {
    let desk = Desk::fresh(Kind::Sqlite).await;
    let dry = Options { dry_run: true, ..TAKEN };
    let report = desk.import(Units, UNITS, dry).await.unwrap();
    assert_eq!(report.to_string(), "4 new, 0 changed, 0 as they are");
    assert_eq!(desk.version().await, Version::ZERO);

    desk.take(Units, UNITS).await;
    desk.take(Periods, PERIODS).await;
    let before = desk.version().await;
    let changed = UNITS.replace("800000", "810000").replace(
        "tan-bien,CĐCS Tân Biên,GRASSROOTS_UNION,dong-nai",
        "tan-bien,CĐCS Tân Biên,GRASSROOTS_UNION,tld",
    );
    let report = desk.import(Units, format!("{changed}moi,Mới,SECTION,tld,\n"), dry).await.unwrap();
    assert_eq!(report.to_string(), "1 new, 2 changed, 2 as they are");
    assert_eq!(
        told(&report),
        [
            "dong-nai: member_count 800000 → 810000",
            "tan-bien: parent_code dong-nai → tld",
            "moi: new",
        ]
    );
    let csv = "key,unit_code,title,kind,author_name,submitted_at,status\nk,tld,T,IDEA,An,2022-05-10,PENDING\n";
    let report = desk.import(Initiatives, csv, dry).await.unwrap();
    assert_eq!(told(&report), ["k: new"]);
    let csv = "unit_code,period_code,goal\ntld,phase-1,7\n";
    let report = desk.import(Noun::Targets, csv, dry).await.unwrap();
    assert_eq!(told(&report), ["tld phase-1 SUBMITTED ASSIGNED: new"]);
    assert_eq!(desk.version().await, before);
}

/// The export of a fresh database is taken by another.
#[tokio::test]
async fn a_fresh_database_is_exported_and_taken() {
    let (one, other) = (Desk::fresh(Kind::Sqlite).await, Desk::fresh(Kind::Sqlite).await);
    one.take(Units, "code,name,kind,parent_code\nroot,Gốc,CONFEDERATION,\n").await;
    for noun in ALL {
        let file = one.export(noun).await;
        other.take(noun, &file).await;
        assert_eq!(other.export(noun).await, file);
    }
}

#[tokio::test]
async fn a_file_that_changes_much_is_asked_about() {
    let desk = Desk::furnished().await;
    let head = "code,name,kind,parent_code\n";
    let named = |name: &str, count: usize| -> String {
        let rows = (0..count).map(|n| format!("u{n},{name},SECTION,tld\n"));
        format!("{head}{}", rows.collect::<String>())
    };
    let asked = Options { yes: false, ..TAKEN };
    // New rows are no changes, and a handful is not much.
    desk.import(Units, named("A", 100), asked).await.unwrap();
    desk.import(Units, named("B", 10), asked).await.unwrap();
    let before = desk.version().await;
    let said = desk.import(Units, named("C", 11), asked).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "11 of 104 units would change, more than a tenth: see them with --dry-run, and give --yes if they are meant; \
         nothing was written"
    );
    assert_eq!(desk.version().await, before);
    desk.import(Units, named("C", 11), Options { dry_run: true, ..asked }).await.unwrap();
    let report = desk.import(Units, named("C", 11), TAKEN).await.unwrap();
    assert_eq!(report.changed, 11);
    let goals = |goal: i32| -> String {
        let rows = (0..11).map(|n| format!("u{n},phase-1,{goal}\n"));
        format!("unit_code,period_code,goal\n{}", rows.collect::<String>())
    };
    desk.import(Targets, goals(1), asked).await.unwrap();
    let said = desk.import(Targets, goals(2), asked).await.unwrap_err().to_string();
    assert!(said.starts_with("11 of 11 targets would change"), "{said}");
}

#[tokio::test]
async fn a_period_that_lies_outside_the_one_above_it_is_asked_about() {
    let desk = Desk::furnished().await;
    let asked = Options { yes: false, ..TAKEN };
    let head = "code,name,kind,starts_on,ends_on,owner_code,parent_code\n";
    let programme = |ends: &str| format!("programme,Triệu,PROGRAMME,2022-01-08,{ends},tld,\n");
    let phase = |code: &str, starts: &str, ends: &str, above: &str| {
        format!("{code},Đợt,PHASE,{starts},{ends},tld,{above}\n")
    };
    let outside = |line: u32| {
        format!(
            "line {line}, parent_code: the period lies outside programme, which lasts from 2022-01-08 to 2023-09-01: write \
             other days, or the code of another period that it belongs to, or give --yes"
        )
    };
    let before = desk.version().await;
    for (rows, said) in [
        (phase("phase-2", "2022-06-01", "2023-09-02", "programme"), vec![outside(2)]),
        (
            phase("phase-2", "2022-06-01", "2022-06-02", "programme")
                + &phase("phase-1", "2022-01-07", "2022-05-31", "programme"),
            vec![outside(3)],
        ),
        (
            phase("alone", "2022-06-01", "2022-06-02", ""),
            vec![
                "line 2, parent_code: a phase belongs to another period: write the code of that one, or give --yes"
                    .to_owned(),
            ],
        ),
        (
            programme("2022-05-30"),
            vec![
                "line 2, ends_on: phase-1, which belongs to it, lies outside these days: change it as well, or give --yes"
                    .to_owned(),
            ],
        ),
    ] {
        let rows = format!("{head}{rows}");
        let told = desk.import(Periods, &rows, asked).await.unwrap_err().to_string();
        assert_eq!(told, format!("{}\n1 fault; nothing was written", said.join("\n")), "{rows}");
        assert_eq!(desk.version().await, before);
    }
    // Both may change, in any order.
    let fits = phase("phase-1", "2022-01-08", "2023-10-01", "programme") + &programme("2023-10-01");
    desk.import(Periods, format!("{head}{fits}"), asked).await.unwrap();
    // Rows that are meant are taken and named, and not asked about again.
    let meant = format!("{head}{}", programme("2022-05-30"));
    let report = desk.import(Periods, &meant, TAKEN).await.unwrap();
    assert_eq!((report.changed, report.doubts.count()), (1, 1));
    let again = desk.export(Periods).await.replace("Đợt", "Đợt một");
    let report = desk.import(Periods, again, asked).await.unwrap();
    assert_eq!((report.changed, report.doubts.count()), (1, 0));
    crate::database::verify_database(&desk.url).await;
}
