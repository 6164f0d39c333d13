//! By which day an initiative is judged and counted, and when it is there already.

use std::sync::Arc;

use sangkien::board::{self, Snapshot};
use sangkien::domain::{Day, PeriodRef, UnitId};
use sangkien::exchange::Noun::{Initiatives, Periods, Units};
use sangkien::exchange::Options;

use super::{Desk, TAKEN};
use crate::database::verify_database;

const HEAD: &str = "key,unit_code,title,kind,author_name,submitted_at,status\n";

#[tokio::test]
async fn eligibility_is_that_of_the_day_of_submission() {
    let desk = Desk::furnished().await;
    // A week that is over, of a unit that closed on the day after; without a window of its own.
    desk.take(Periods, "code,name,kind,starts_on,ends_on,owner_code\nw,W,PEAK_WEEK,2021-12-01,2021-12-07,dong-tam\n").await;
    desk.take(
        Units,
        "code,name,kind,parent_code,closed_on\ndong-tam,T,GRASSROOTS_UNION,dong-nai,2021-12-05\n",
    )
    .await;
    let row =
        |key: &str, day: &str| format!("{key},dong-tam,T,TECHNICAL,An,{day} 23:59:59,ACCEPTED\n");
    let good = format!("{HEAD}{}{}", row("k1", "2021-12-01"), row("k2", "2021-12-04"));
    assert_eq!(desk.take(Initiatives, &good).await, "2 new, 0 changed, 0 as they are");
    let late = format!("{HEAD}{}", row("k3", "2021-12-05"));
    let said = desk.refused(Initiatives, &late).await;
    assert_eq!(said, "line 2, unit_code: the unit has been closed since 2021-12-05\n1 fault");
    let early = format!("{HEAD}{}", row("k3", "2021-11-30"));
    let said = desk.refused(Initiatives, &early).await;
    assert_eq!(
        said,
        "line 2, unit_code: no period that covers the unit is running on 2021-11-30\n1 fault"
    );
    // Admitted elsewhere, it is not judged again; a unit must be there all the same.
    let admitted = Options { admitted: true, ..TAKEN };
    let report =
        desk.import(Initiatives, format!("{late}{}", row("k4", "2021-11-30")), admitted).await;
    assert_eq!(report.unwrap().to_string(), "2 new, 0 changed, 0 as they are");
    let nowhere =
        desk.import(Initiatives, late.replace("dong-tam", "x").replace("k3", "k5"), admitted).await;
    assert!(nowhere.unwrap_err().to_string().starts_with("line 2, unit_code: there is no unit x"));
    verify_database(&desk.url).await;
}

#[tokio::test]
async fn history_counts_it_from_the_day_of_submission_in_its_state() {
    let desk = Desk::furnished().await;
    let rows = "a,dong-tam,T,IDEA,An,2022-06-01,ACCEPTED\nb,dong-tam,T,IDEA,An,2022-06-08 08:00,ACCEPTED\n\
                c,dong-tam,T,IDEA,Bình,2022-06-08 09:00,WITHDRAWN\nd,dong-tam,T,IDEA,Bình,2022-06-08 09:00,PENDING\n";
    desk.take(Initiatives, format!("{HEAD}{rows}")).await;
    let board = board(&desk).await;
    let programme =
        board.structure.resolve_period(&PeriodRef::Code("programme".to_owned())).unwrap();
    let root: UnitId = board.structure.root();
    let at = |day: &str| {
        let rank_values =
            board.earlier_by_itself(programme, Day::parse(day).unwrap()).rank_values(root);
        (rank_values.counts.submitted(), rank_values.counts.accepted, rank_values.participants)
    };
    assert_eq!(at("2022-06-01"), (0, 0, 0));
    assert_eq!(at("2022-06-02"), (1, 1, 1));
    assert_eq!(at("2022-06-08"), (1, 1, 1));
    assert_eq!(at("2022-06-09"), (3, 2, 2));
    assert_eq!(at("2022-06-10"), (3, 2, 2));
}

#[tokio::test]
async fn what_was_imported_once_is_known_again_whatever_became_of_it() {
    let desk = Desk::furnished().await;
    let rows = format!(
        "{HEAD}a,dong-tam,T,IDEA,An,2022-06-01,PENDING\nb,dong-tam,T,IDEA,An,2022-06-01,PENDING\n"
    );
    desk.take(Initiatives, &rows).await;
    crate::database::run_sql(
        &desk.url,
        "update initiatives set status = 'ACCEPTED' where key = 'a'",
    )
    .await;
    // The file has the initiatives as first sent, and then as they are now.
    let report = desk.import(Initiatives, &rows, TAKEN).await.unwrap();
    assert_eq!(report.to_string(), "0 new, 0 changed, 2 as they are");
    let now = rows.replacen("PENDING", "ACCEPTED", 1);
    let report = desk.import(Initiatives, &now, TAKEN).await.unwrap();
    assert_eq!(report.to_string(), "0 new, 0 changed, 2 as they are");
    let neither = rows.replacen("PENDING", "RETURNED", 1);
    let said = desk.refused(Initiatives, &neither).await;
    assert!(
        said.starts_with("line 2, status: the initiative a is there already, with \"ACCEPTED\""),
        "{said}"
    );
    // Columns that the file does not have make no difference.
    let more = "key,unit_code,title,kind,author_name,submitted_at,status,summary,person_code\n\
                m,dong-tam,T,IDEA,An,2022-06-01,PENDING,Tóm tắt,NV1\n";
    desk.import(Initiatives, more, TAKEN).await.unwrap();
    let fewer = format!("{HEAD}m,dong-tam,T,IDEA,An,2022-06-01,PENDING\n");
    let report = desk.import(Initiatives, fewer, TAKEN).await.unwrap();
    assert_eq!(report.to_string(), "0 new, 0 changed, 1 as they are");
}

async fn board(desk: &Desk) -> Snapshot {
    let [mut tx, other] = desk.store.begin_reads().await.unwrap();
    board::load(&mut tx, other, Arc::default()).await.unwrap().snapshot()
}
