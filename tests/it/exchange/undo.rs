//! An import of initiatives, undone by its name.

use sangkien::auth::Language;
use sangkien::domain::Command;
use sangkien::exchange::Noun::{Initiatives, Periods, Units};
use sangkien::exchange::{self, ImportName, Progress, UndoFailure};
use sangkien::store::EnteredTogether;
use sangkien::writer::importer;

use super::{Desk, PERIODS, TAKEN, UNITS};
use crate::database::{Kind, verify_database};

const HEADER: &str = "key,unit_code,title,kind,author_name,submitted_at,status\n";

fn name(text: &str) -> ImportName {
    ImportName::parse(text).unwrap()
}

impl Desk {
    /// Imports initiatives of these keys under a name.
    async fn enter(&self, named: &str, keys: impl Iterator<Item = u32>) {
        let row = |key| format!("k-{key},dong-tam,Sáng kiến {key},IDEA,An,2022-05-10,ACCEPTED\n");
        let path = self.file(HEADER.to_owned() + &keys.map(row).collect::<String>());
        let mut importer = self.importer().await;
        importer.act_as(name(named).actor());
        exchange::import(&mut importer, Initiatives, &path, TAKEN).await.unwrap();
    }

    async fn undo(&self, named: &str, dry_run: bool) -> Result<String, UndoFailure> {
        let mut importer = self.importer().await;
        let (named, reason) = (name(named), "nhập nhầm tệp");
        let report =
            exchange::undo(&mut importer, &named, reason, dry_run, Progress::Silent).await?;
        verify_database(&self.url).await;
        Ok(report.to_string())
    }

    async fn imports(&self) -> Vec<EnteredTogether> {
        self.store.begin_read().await.unwrap().imports().await.unwrap()
    }

    /// The keys of the initiatives that are not withdrawn.
    async fn standing(&self) -> Vec<String> {
        let csv = self.export(Initiatives).await;
        let rows = csv.lines().skip(1).filter(|row| !row.contains("WITHDRAWN"));
        rows.map(|row| row.split(',').next().unwrap().to_owned()).collect()
    }
}

async fn furnished(kind: Kind) -> Desk {
    let desk = Desk::fresh(kind).await;
    desk.take(Units, UNITS).await;
    desk.take(Periods, PERIODS).await;
    desk
}

#[tokio::test]
async fn an_import_is_undone_by_its_name() {
    for kind in [Some(Kind::Sqlite), Kind::postgres()].into_iter().flatten() {
        let desk = furnished(kind).await;
        desk.enter("đợt 1", 0..2_500).await;
        desk.enter("đợt 2", 3_000..3_002).await;
        let import = |name: &str, initiatives, withdrawn| EnteredTogether {
            name: name.to_owned(),
            initiatives,
            withdrawn,
        };
        assert_eq!(desk.imports().await, [import("đợt 2", 2, 0), import("đợt 1", 2_500, 0)]);
        let before = desk.version().await;
        assert_eq!(desk.undo("đợt 1", true).await.unwrap(), "0 new, 2,500 changed, 0 as they are");
        let missing = desk.undo("đợt 3", false).await.unwrap_err();
        assert!(missing.to_string().contains("\"đợt 3\""), "{missing}");
        assert_eq!(desk.version().await, before, "nothing is written");
        assert_eq!(desk.undo("đợt 1", false).await.unwrap(), "0 new, 2,500 changed, 0 as they are");
        assert_eq!(desk.standing().await, ["k-3000", "k-3001"]);
        assert_eq!(desk.undo("đợt 1", false).await.unwrap(), "0 new, 0 changed, 2,500 as they are");
        assert_eq!(desk.imports().await, [import("đợt 2", 2, 0), import("đợt 1", 2_500, 2_500)]);
        let mut tx = desk.store.begin_read().await.unwrap();
        let events = tx.events_after(before, 10).await.unwrap();
        assert!(events.iter().all(|it| it.reason.as_deref() == Some("nhập nhầm tệp")));
    }
}

#[tokio::test]
async fn an_import_on_which_somebody_rests_stays_whole() {
    for kind in [Some(Kind::Sqlite), Kind::postgres()].into_iter().flatten() {
        let desk = furnished(kind).await;
        desk.enter("đợt 1", 0..1_200).await;
        let known = desk.store.begin_read().await.unwrap();
        let known = { known }.initiatives_by_key(&["k-1100"]).await.unwrap();
        let feature = sangkien::domain::command::Feature { id: known[0].id, featured: true };
        let mut importer = desk.importer().await;
        let feature = importer::check(Command::Feature(feature), false).unwrap();
        importer.write(&[feature]).await.unwrap();
        importer.finish().await.unwrap();
        let before = desk.version().await;
        for dry_run in [true, false] {
            let refused = desk.undo("đợt 1", dry_run).await.unwrap_err();
            assert_eq!(
                refused.to_string(),
                "1 initiative of the import changed since (k-1100): withdraw what is meant by a file of their keys \
                 (import withdrawals); nothing was written"
            );
            let UndoFailure::RestedOn(rested_on) = refused else { panic!("{refused}") };
            assert!(rested_on.text(Language::Vietnamese).contains("k-1100"));
        }
        assert_eq!(desk.version().await, before);
        // Somebody has withdrawn it, which is what was wanted.
        desk.take(exchange::Noun::Withdrawals, "key,reason\nk-1100,trùng\n").await;
        assert_eq!(desk.undo("đợt 1", false).await.unwrap(), "0 new, 1,199 changed, 1 as they are");
        assert!(desk.standing().await.is_empty());
    }
}

/// Whatever an import is called, the list gives the name by which it is undone; its keys stay used.
#[tokio::test]
async fn an_import_is_listed_by_the_name_that_undoes_it() {
    let desk = furnished(Kind::Sqlite).await;
    for (number, named) in
        ["import:x", "import:import:x", "x", "a\"b'c", "-"].into_iter().enumerate()
    {
        let key = u32::try_from(number).unwrap();
        desk.enter(named, key..=key).await;
        let listed = desk.imports().await;
        assert_eq!(listed[0].name, named);
        assert_eq!(desk.undo(named, false).await.unwrap(), "0 new, 1 changed, 0 as they are");
    }
    let csv = |title: &str| format!("{HEADER}k-0,dong-tam,{title},IDEA,An,2022-05-10,ACCEPTED\n");
    let report = desk.import(Initiatives, csv("Sáng kiến 0"), TAKEN).await.unwrap();
    assert_eq!((report.unchanged, report.withdrawn), (1, 1));
    let said = desk.refused(Initiatives, csv("Khác")).await;
    assert!(said.contains("and withdrawn: a key of its own enters the row anew"), "{said}");
}

#[tokio::test]
async fn a_reason_that_is_none_or_too_long_withdraws_nothing() {
    let desk = furnished(Kind::Sqlite).await;
    desk.enter("đợt 1", 0..2).await;
    let mut importer = desk.importer().await;
    for (reason, why) in
        [("x".repeat(10_001), "has 10001 characters"), (" ".to_owned(), "must not be empty")]
    {
        let undone =
            exchange::undo(&mut importer, &name("đợt 1"), &reason, false, Progress::Silent).await;
        let refused = undone.unwrap_err().to_string();
        assert!(refused.starts_with(&format!("reason: {why}")), "{refused}");
    }
    assert_eq!(desk.standing().await.len(), 2);
}
