//! Files that correct what was imported: codes of units, units of initiatives, whole imports.

use sangkien::exchange::Noun::{
    Deletions, Initiatives, Periods, Removals, Renames, Targets, Transfers, Units, Withdrawals,
};
use sangkien::exchange::Options;

use super::{Desk, PERIODS, TAKEN, UNITS, told};
use crate::database::Kind;

const ENTERED: &str = "\
key,unit_code,title,kind,author_name,submitted_at,status
k-1,dong-tam,Một,IDEA,An,2022-05-10,ACCEPTED
k-2,dong-tam,Hai,IDEA,Bình,2022-05-11,PENDING
k-3,tan-bien,Ba,IDEA,An,2022-05-12,PENDING
";
const DRY: Options = Options { dry_run: true, ..TAKEN };

impl Desk {
    /// The first cells of the rows of an export, without its header.
    async fn firsts(&self, noun: sangkien::exchange::Noun, cells: usize) -> Vec<String> {
        let csv = self.export(noun).await;
        let rows = csv.trim_start_matches('\u{feff}').lines().skip(1);
        rows.map(|row| row.split(',').take(cells).collect::<Vec<_>>().join(",")).collect()
    }
}

#[tokio::test]
async fn a_wrong_code_is_mended_once() {
    let desk = Desk::furnished().await;
    desk.take(Initiatives, ENTERED).await;
    let file = "code,new_code\ndong-tam,0057\ntan-bien,0058\ntld,tld\n";
    let dry = desk.import(Renames, file, DRY).await.unwrap();
    assert_eq!(dry.to_string(), "0 new, 2 changed, 1 as they are");
    assert_eq!(told(&dry), ["dong-tam: new_code 0057", "tan-bien: new_code 0058"]);
    assert_eq!(desk.take(Renames, file).await, "0 new, 2 changed, 1 as they are");
    assert_eq!(desk.firsts(Units, 1).await, ["tld", "dong-nai", "0057", "0058"]);
    assert_eq!(desk.firsts(Initiatives, 2).await, ["k-1,0057", "k-2,0057", "k-3,0058"]);
    // The same file once more.
    let before = desk.version().await;
    assert_eq!(desk.take(Renames, file).await, "0 new, 0 changed, 3 as they are");
    assert_eq!(desk.version().await, before);
    for (csv, said) in [
        (
            "code,new_code\n0057,0058\n",
            "line 2, new_code: the code is that of another unit: CĐCS Tân Biên\n1 fault",
        ),
        ("code,new_code\nnobody,1\n", "line 2, code: there is no unit nobody\n1 fault"),
        (
            "code,new_code\n0057,a\n0058,0057\n",
            "line 3, new_code \"0057\": is on line 2 already\n1 fault",
        ),
        ("code,new_code\n0057,\n", "line 2, new_code \"\": must not be empty\n1 fault"),
    ] {
        assert_eq!(desk.refused(Renames, csv).await, said, "{csv}");
    }
}

#[tokio::test]
async fn initiatives_are_transferred_by_a_file() {
    for kind in [Some(Kind::Sqlite), Kind::postgres()].into_iter().flatten() {
        let desk = Desk::fresh(kind).await;
        desk.take(Units, super::UNITS).await;
        desk.take(sangkien::exchange::Noun::Periods, super::PERIODS).await;
        desk.take(Initiatives, ENTERED).await;
        let file =
            "key,unit_code,reason\nk-1,tan-bien,nhập nhầm đơn vị\nk-2,tan-bien,\nk-3,tan-bien,\n";
        let dry = desk.import(Transfers, file, DRY).await.unwrap();
        assert_eq!(
            told(&dry),
            ["k-1: unit_code dong-tam → tan-bien", "k-2: unit_code dong-tam → tan-bien"]
        );
        assert_eq!(desk.take(Transfers, file).await, "0 new, 2 changed, 1 as they are");
        assert_eq!(
            desk.firsts(Initiatives, 2).await,
            ["k-1,tan-bien", "k-2,tan-bien", "k-3,tan-bien"]
        );
        let before = desk.version().await;
        assert_eq!(desk.take(Transfers, file).await, "0 new, 0 changed, 3 as they are");
        assert_eq!(desk.version().await, before);
        for (csv, said) in [
            (
                "key,unit_code\nk-9,tan-bien\n",
                "line 2, key \"k-9\": no initiative has this key\n1 fault",
            ),
            ("key,unit_code\nk-1,x\n", "line 2, unit_code: there is no unit x\n1 fault"),
            (
                "key,unit_code\nk-1,dong-tam\nk-1,tan-bien\n",
                "line 3, key \"k-1\": is on line 2 already\n1 fault",
            ),
        ] {
            assert_eq!(desk.refused(Transfers, csv).await, said, "{csv}");
        }
    }
}

#[tokio::test]
async fn an_import_is_taken_back_under_one_reason() {
    for kind in [Some(Kind::Sqlite), Kind::postgres()].into_iter().flatten() {
        let desk = Desk::fresh(kind).await;
        desk.take(Units, super::UNITS).await;
        desk.take(sangkien::exchange::Noun::Periods, super::PERIODS).await;
        desk.take(Initiatives, ENTERED).await;
        let file = "key,reason\nk-1,nhập hai lần\nk-2,nhập hai lần\n";
        let dry = desk.import(Withdrawals, file, DRY).await.unwrap();
        assert_eq!(
            told(&dry),
            ["k-1: status ACCEPTED → WITHDRAWN", "k-2: status PENDING → WITHDRAWN"]
        );
        assert_eq!(desk.take(Withdrawals, file).await, "0 new, 2 changed, 0 as they are");
        let csv = desk.export(Initiatives).await;
        assert_eq!(csv.matches("WITHDRAWN").count(), 2, "{csv}");
        let mut tx = desk.store.begin_read().await.unwrap();
        let events = tx.events_after(sangkien::domain::Version(desk_end(&desk).await - 2), 9).await;
        let reasons: Vec<_> = events.unwrap().into_iter().map(|event| event.reason).collect();
        assert_eq!(reasons, [Some("nhập hai lần".to_owned()), Some("nhập hai lần".to_owned())]);
        assert_eq!(desk.take(Withdrawals, file).await, "0 new, 0 changed, 2 as they are");
        for (csv, said) in [
            ("key,reason\nk-3,\n", "line 2, reason \"\": must not be empty\n1 fault"),
            ("key,reason\nk-9,x\n", "line 2, key \"k-9\": no initiative has this key\n1 fault"),
        ] {
            assert_eq!(desk.refused(Withdrawals, csv).await, said, "{csv}");
        }
        // A withdrawn one cannot go to another unit.
        let moved = desk.refused(Transfers, "key,unit_code\nk-1,tan-bien\n").await;
        assert_eq!(
            moved,
            "line 2: the initiative is WITHDRAWN, which does not allow this\n1 fault"
        );
    }
}

#[tokio::test]
async fn a_file_of_withdrawals_is_bounded() {
    let desk = Desk::furnished().await;
    let rows: String = (0..=100_000).map(|n| format!("k-{n},x\n")).collect();
    assert_eq!(
        desk.refused(Withdrawals, format!("key,reason\n{rows}\"never closed")).await,
        "line 100002: is one row too many: a file of corrections has at most 100000\n1 fault"
    );
}

async fn desk_end(desk: &Desk) -> i64 {
    desk.version().await.0
}

#[tokio::test]
async fn a_unit_above_open_ones_is_closed_only_when_it_is_meant() {
    let desk = Desk::furnished().await;
    let header = "code,name,kind,parent_code,closed_on\n";
    let province = "dong-nai,LĐLĐ tỉnh Đồng Nai,PROVINCIAL_FEDERATION,tld,2022-06-01\n";
    let union =
        |code: &str, name: &str| format!("{code},{name},GRASSROOTS_UNION,dong-nai,2022-06-01\n");
    let one = union("dong-tam", "CĐCS Đồng Tâm");
    let unasked = Options { yes: false, ..TAKEN };
    let refused = desk.import(Units, format!("{header}{province}{one}"), unasked).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "line 2, closed_on: tan-bien stays open under it: close it as well, or give --yes\n1 fault; nothing was written"
    );
    // All of them, in one file.
    let all = format!("{header}{province}{one}{}", union("tan-bien", "CĐCS Tân Biên"));
    let report = desk.import(Units, &all, unasked).await.unwrap();
    assert_eq!(report.to_string(), "0 new, 3 changed, 0 as they are");

    let desk = Desk::furnished().await;
    let report = desk.import(Units, format!("{header}{province}"), TAKEN).await.unwrap();
    assert_eq!(report.to_string(), "0 new, 1 changed, 0 as they are");
    // An export of it is taken, also by a fresh database.
    let fresh = Desk::fresh(Kind::Sqlite).await;
    fresh.take(Units, desk.export(Units).await).await;
    assert_eq!(fresh.export(Units).await, desk.export(Units).await);
}

#[tokio::test]
async fn units_and_targets_that_should_not_be_there_are_taken_away_by_files() {
    for kind in [Some(Kind::Sqlite), Kind::postgres()].into_iter().flatten() {
        let desk = Desk::fresh(kind).await;
        desk.take(Units, UNITS).await;
        desk.take(Periods, PERIODS).await;
        let before = (desk.export(Units).await, desk.export(Targets).await);
        desk.take(
            Units,
            "code,name,kind,parent_code\nx,X,INTERMEDIATE_UNION,dong-nai\nx-1,X1,GRASSROOTS_UNION,x\n",
        )
        .await;
        desk.take(Targets, "unit_code,period_code,goal\nx-1,phase-1,7\n").await;
        // The unit above stands first, and is deleted last.
        let units = "Mã đơn vị;Lý do\nx;nhầm\nx-1;\n";
        let said = desk.refused(Deletions, units).await;
        let targets =
            "line 3, Mã đơn vị: the unit has targets, so it is not deleted: close it instead";
        assert!(said.starts_with("line 2, Mã đơn vị: the unit has units below it"), "{said}");
        assert!(said.contains(targets), "{said}");
        let goals = "unit_code,period_code\nx-1,phase-1\n";
        let dry = desk.import(Removals, goals, DRY).await.unwrap();
        assert_eq!(told(&dry), ["x-1 phase-1 SUBMITTED ASSIGNED: taken away"]);
        assert_eq!(desk.take(Removals, goals).await, "0 new, 1 changed, 0 as they are");
        assert_eq!(desk.take(Removals, goals).await, "0 new, 0 changed, 1 as they are");
        let dry = desk.import(Deletions, units, DRY).await.unwrap();
        assert_eq!(told(&dry), ["x-1: taken away", "x: taken away"]);
        assert_eq!(desk.take(Deletions, units).await, "0 new, 2 changed, 0 as they are");
        assert_eq!(desk.take(Deletions, units).await, "0 new, 0 changed, 2 as they are");
        assert_eq!((desk.export(Units).await, desk.export(Targets).await), before);

        desk.take(Initiatives, ENTERED).await;
        for (noun, csv, said) in [
            (Deletions, "code\nnobody\n", "line 2, code: there is no unit nobody\n1 fault"),
            (
                Deletions,
                "code\ndong-tam\n",
                "line 2, code: the unit has had initiatives, so it is not deleted: close it instead\n1 fault",
            ),
            (Deletions, "code\ntld\n", "line 2, code: the root cannot be deleted\n1 fault"),
            (
                Removals,
                "unit_code,period_code\nnobody,phase-1\n",
                "line 2, unit_code \"nobody\": there is no such unit\n1 fault",
            ),
            (
                Removals,
                "unit_code,period_code\ndong-tam,never\n",
                "line 2, period_code \"never\": there is no such period\n1 fault",
            ),
        ] {
            assert_eq!(desk.refused(noun, csv).await, said, "{csv}");
        }
    }
}

#[tokio::test]
async fn rows_that_are_hardly_meant_need_a_yes() {
    let doubted = Options { yes: false, ..TAKEN };
    let desk = Desk::furnished().await;
    let head = "code,name,kind,parent_code,closed_on\n";
    let closed = format!("{head}shut,Đã giải thể,INTERMEDIATE_UNION,dong-nai,2022-05-01\n");
    desk.take(Units, closed).await;
    for (rows, said) in [
        // The union is there, under a code that was mended since; its case and its marks are the same to a reader.
        (
            "0057,CĐCS  ĐỒNG TÂM,GRASSROOTS_UNION,dong-nai,\n",
            "line 2, code \"0057\": dong-tam has this name under the same unit: write that code if it is the same unit, or \
             give --yes if there are two\n1 fault",
        ),
        (
            "00010,A,SECTION,dong-tam,\n11,B,SECTION,dong-tam,\n00012,C,SECTION,dong-tam,\n00013,D,SECTION,dong-tam,\n",
            "line 3, code \"11\": may have lost its zeros: 3 codes of the file begin with 0 and have 5 digits; write 00011, or \
             give --yes\n1 fault",
        ),
        (
            "under,Mới,GRASSROOTS_UNION,shut,\n",
            "line 2, parent_code: shut above it is closed since 2022-05-01: close this one as well, open that one, or give \
             --yes\n1 fault",
        ),
        (
            "tan-bien,CĐCS Tân Biên,GRASSROOTS_UNION,shut,\n",
            "line 2, parent_code: shut above it is closed since 2022-05-01: close this one as well, open that one, or give \
             --yes\n1 fault",
        ),
        (
            "5-Dec,E,SECTION,dong-tam,\n",
            "line 2, code \"5-Dec\": is a day, as spreadsheets make of a code: format the column as text and write the code \
             again, or give --yes\n1 fault",
        ),
        (
            "far,Xa,PROVINCIAL_FEDERATION,dong-tam,\n",
            "line 2, parent_code: dong-tam above it is a GRASSROOTS_UNION, and this unit a PROVINCIAL_FEDERATION: write the \
             code of the unit that is above it, or give --yes\n1 fault",
        ),
        // Both come in one file.
        (
            "up,Trên,INTERMEDIATE_UNION,dong-nai,2022-05-01\ndown,Dưới,GRASSROOTS_UNION,up,\n",
            "line 2, closed_on: down stays open under it: close it as well, or give --yes\n1 fault",
        ),
    ] {
        let before = desk.version().await;
        let refused = desk.import(Units, format!("{head}{rows}"), doubted).await.unwrap_err();
        assert!(refused.to_string().starts_with(said), "{refused}");
        assert_eq!(desk.version().await, before);
        // It may be meant; the same file again asks nothing.
        let taken = desk.import(Units, format!("{head}{rows}"), TAKEN).await.unwrap();
        let told = taken.doubts.text_of_taken(sangkien::auth::Language::English);
        let doubt = said.split('\n').next().unwrap();
        assert!(told.starts_with("taken, as --yes says:\n") && told.contains(doubt), "{told}");
        desk.import(Units, format!("{head}{rows}"), doubted).await.unwrap();
    }
}
