//! The counts of now, and those that closings keep, as files.

use std::sync::Arc;

use sangkien::domain::clock::ManualClock;
use sangkien::domain::{Actor, Command, Timestamp, UnitRef};
use sangkien::exchange::Noun::{Initiatives, Periods, Targets};
use sangkien::exchange::{Exported, Form, Options};

use super::{Desk, TAKEN};
use crate::database::run_sql;
use crate::{commands, writer_node};

#[tokio::test]
async fn tallies_and_closings_are_exported() {
    let desk = Desk::furnished().await;
    let period = "code,name,kind,starts_on,ends_on,owner_code\n\
        june,Tháng 6,PEAK_MONTH,2022-06-01,2022-06-10,tld\n";
    desk.take(Periods, period).await;
    let rows = "key,unit_code,title,kind,author_name,submitted_at,status,benefit_vnd\n\
        1,dong-tam,Một,IDEA,An,2022-06-08T08:00:00+07:00,ACCEPTED,1000\n\
        2,dong-tam,Hai,TECHNICAL,An,2022-06-09T08:00:00+07:00,PENDING,\n";
    desk.import(Initiatives, rows, Options { admitted: true, ..TAKEN }).await.unwrap();
    let targets = "unit_code,period_code,goal\ntld,june,4\n";
    desk.import(Targets, targets, Options { admitted: true, ..TAKEN }).await.unwrap();
    let exported = async |what: Exported| {
        let mut out = Vec::new();
        let count = what.export(&desk.store, Form::Csv, &mut out).await;
        count.map(|count| (count, String::from_utf8(out).unwrap()))
    };
    let (count, text) = exported(Exported::Tallies).await.unwrap();
    assert_eq!(count, 12);
    let tally = "2,1,1,0,0,0,1,1000,2,1,2022-06-09T08:00:00.000+07:00";
    assert!(text.contains(&format!("\njune,tld,{tally},4,\n")), "{text}");
    assert!(text.contains(&format!("\nprogramme,dong-nai,{tally},,800000\n")), "{text}");
    let (count, text) = exported(Exported::Closings).await.unwrap();
    assert_eq!((count, text.lines().count()), (0, 1), "no period is over");

    // The day after its last, with a server's first change of it.
    let clock = Arc::new(ManualClock::new(Timestamp::parse("2022-06-11T08:00:00+07:00").unwrap()));
    let (writer, _hub, running) = writer_node::start(&desk.store, &clock, 1, &Arc::default()).await;
    let submit = commands::submit("late", UnitRef::Code("dong-tam".to_owned()));
    writer.execute(Command::Submit(submit), Arc::new(Actor::SYSTEM)).await.unwrap();
    running.stop().await.unwrap();
    let (count, text) = exported(Exported::Closings).await.unwrap();
    assert_eq!(count, 4);
    let head = "DAY,2022-06-11T00:00:00.000+07:00,2022-06-01,2022-06-10,SUBMITTED";
    assert!(text.contains(&format!(",{head},tld,{tally},4,\n")), "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("june,"), "{text}");
    run_sql(&desk.url, "update kept_figures set digest = 'x'").await;
    let told = exported(Exported::Closings).await.unwrap_err();
    assert!(told.to_string().contains("damaged"), "{told}");
    run_sql(&desk.url, "delete from kept_figures").await;
    let told = exported(Exported::Closings).await.unwrap_err();
    assert!(told.to_string().contains("not kept yet"), "{told}");
}
