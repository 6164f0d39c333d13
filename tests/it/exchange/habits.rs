//! The habits of spreadsheets, understood: the changes that they make to a file.

use sangkien::exchange::Noun::{Initiatives, Periods, Targets, Units};
use sangkien::exchange::{DateOrder, Options};

use super::{Desk, TAKEN, UNITS};
use crate::database::Kind;

#[tokio::test]
async fn units_are_the_same_however_a_spreadsheet_wrote_them() {
    let plain = {
        let desk = Desk::fresh(Kind::Sqlite).await;
        desk.take(Units, UNITS).await;
        desk.export(Units).await
    };
    let semicolons = UNITS.replace(',', ";");
    let upper: String = UNITS
        .lines()
        .enumerate()
        .map(|(place, line)| {
            if place == 0 {
                " Code ,NAME,Kind,Parent Code,Member-Count\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let decomposed = UNITS.replace("ồ", "o\u{302}\u{300}").replace("ỉ", "i\u{309}");
    let padded: String =
        UNITS.lines().map(|line| format!("{}\u{a0},,\n", line.replace(',', " ,\u{a0}"))).collect();
    for (habit, file) in [
        ("byte order mark", format!("\u{feff}{UNITS}")),
        ("CRLF", UNITS.replace('\n', "\r\n")),
        ("CR alone", UNITS.replace('\n', "\r")),
        ("semicolons", semicolons.clone()),
        ("tabs", UNITS.replace(',', "\t")),
        ("sep=", format!("sep=;\r\n{semicolons}")),
        ("SEP=", format!("SEP=;\r\n{semicolons}")),
        ("quotes ahead of semicolons", semicolons.replace("code;name", "\"code\";\"name\"")),
        ("titles above", format!("Danh sách đơn vị\n\nLập ngày,31/05/2022,,,,\n{UNITS}")),
        (
            "in Vietnamese",
            UNITS
                .replace(
                    "code,name,kind,parent_code,member_count",
                    "Mã,TÊN,Loại,ma_cap_tren,\"Số đoàn viên, người lao động\"",
                )
                .replace("GRASSROOTS_UNION", "CĐCS")
                .replace("PROVINCIAL_FEDERATION", "ldld tỉnh")
                .replace("CONFEDERATION", "Tổng Liên đoàn"),
        ),
        (
            "columns for readers",
            UNITS
                .lines()
                .enumerate()
                .map(|(n, line)| match n {
                    0 => format!("STT,{line},Ghi chú\n"),
                    _ => format!("{n},{line},xem lại\n"),
                })
                .collect(),
        ),
        ("no end of the last line", UNITS.trim_end().to_owned()),
        (
            "empty lines",
            format!("\n{}\n\n,,,,\n ; \n\n", UNITS.replace("\ndong-tam", "\n\n\ndong-tam"))
                .replace(" ; \n", ",,,,\n"),
        ),
        ("header", upper),
        ("decomposed", decomposed),
        ("spaces around and columns behind", padded),
        (
            "what cannot be seen",
            UNITS.replace("dong-", "\u{200b}d\u{ad}ong-").replace(',', "\u{feff},\u{2060}"),
        ),
        ("a letter that looks like another", UNITS.replace('Đ', "\u{d0}")),
        ("kinds", UNITS.replace("GRASSROOTS_UNION", "grassroots union")),
        ("decimals", UNITS.replace("333", "333.0").replace("800000", "800000.00")),
        (
            "quotes",
            UNITS.lines().map(|line| format!("\"{}\"\n", line.replace(',', "\",\""))).collect(),
        ),
    ] {
        let desk = Desk::fresh(Kind::Sqlite).await;
        assert_eq!(desk.take(Units, file).await, "4 new, 0 changed, 0 as they are", "{habit}");
        assert_eq!(desk.export(Units).await, plain, "{habit}");
    }
}

#[tokio::test]
async fn flags_days_and_moments_are_read_as_they_are_written() {
    let desk = Desk::furnished().await;
    let flags = "code;name;kind;parent_code;foreign_invested;sector;cluster\n\
        a;A;SECTION;tld;CÓ;education;Cụm 1\nb;B;SECTION;tld;0;;\nc;C;SECTION;tld;;Public Administration;\n";
    desk.take(Units, flags).await;
    let units = desk.export(Units).await;
    for row in [
        "a,A,SECTION,tld,Cụm 1,EDUCATION,TRUE,,",
        "b,B,SECTION,tld,,,FALSE,,",
        "c,C,SECTION,tld,,PUBLIC_ADMINISTRATION,FALSE,,",
    ] {
        assert!(units.contains(row), "{row}\n{units}");
    }
    desk.take(Periods, "code,name,kind,starts_on,ends_on,owner_code,parent_code,metric\nw,Tuần,peak week,16/05/2022,22.5.2022,dong-nai,phase-1,accepted\n").await;
    assert!(
        desk.export(Periods)
            .await
            .contains("w,Tuần,PEAK_WEEK,2022-05-16,2022-05-22,dong-nai,phase-1,ACCEPTED,,\n")
    );
    desk.take(
        Targets,
        "unit_code,period_code,goal,percent_from,percent_to\ndong-tam,w,,\"8,5\",10%\n",
    )
    .await;
    // 8.5 % of 333 are 28.3.
    assert!(desk.export(Targets).await.contains("dong-tam,w,29,ACCEPTED,ASSIGNED,8.5,10,,,\n"));

    let rows = "key,unit_code,title,summary,kind,author_name,submitted_at,status,applied_on,confidential,benefit_vnd\r\n\
        k1,dong-tam,\"Máy \"\"rửa tay\"\"\",\"một\r\nhai\",technical,An,31/05/2022 17:05,accepted,01/03/2022 ,yes,1500000.0\r\n\
        k1,,,,,Bình,,,,,\r\n\
        k2,dong-tam,T,,IDEA,An,2022-05-31T10:00:00.5Z,Pending,,,\r\n";
    // The first of March or the third of January: not told.
    let said = desk.refused(Initiatives, rows).await;
    assert!(said.starts_with("line 2, applied_on \"01/03/2022\": may be 2022-03-01 or"), "{said}");
    let rows = rows.replace("01/03/2022", "13/03/2022");
    assert_eq!(desk.take(Initiatives, rows).await, "2 new, 0 changed, 0 as they are");
    let header = "key,unit_code,title,kind,author_name,submitted_at,status,field,team,person_code,author_group,author_contact,applied_on,recognised_by,confidential,benefit_vnd,summary,rejection_reason,review_note,featured,reviewed_at\n";
    assert_eq!(
        desk.export(Initiatives).await,
        format!(
            "{header}\
        k1,dong-tam,\"Máy \"\"rửa tay\"\"\",TECHNICAL,An,2022-05-31T17:05:00.000+07:00,ACCEPTED,,,,,,2022-03-13,,TRUE,1500000,\"một\nhai\",,,FALSE,\n\
        k1,,,,Bình,,,,,,,,,,,,,,,,\n\
        k2,dong-tam,T,IDEA,An,2022-05-31T17:00:00.500+07:00,PENDING,,,,,,,,FALSE,,,,,FALSE,\n"
        )
    );
}

#[tokio::test]
async fn a_missing_column_leaves_and_an_empty_cell_clears() {
    let desk = Desk::furnished().await;
    let all = "code,name,kind,parent_code,cluster,sector,foreign_invested,member_count,closed_on\n";
    desk.take(Units, format!("{all}a,A,SECTION,tld,Cụm,UNION,TRUE,5,2022-06-01\n")).await;
    let kept = desk.import(Units, "code,name,kind,parent_code\na,A,SECTION,tld\n", TAKEN).await;
    assert_eq!(kept.unwrap().to_string(), "0 new, 0 changed, 1 as they are");
    assert_eq!(
        desk.take(Units, format!("{all}a,A,SECTION,tld,,,,,\n")).await,
        "0 new, 1 changed, 0 as they are"
    );
    assert!(desk.export(Units).await.contains("\na,A,SECTION,tld,,,FALSE,,\n"));
    // A share stays as long as its number does.
    let head = "unit_code,period_code,goal,percent_from,percent_to,document_number\n";
    desk.take(Targets, format!("{head}dong-tam,phase-1,,8,10,160/CĐCT\n")).await;
    desk.take(Targets, "unit_code,period_code,goal\ndong-tam,phase-1,27\n").await;
    let row = "dong-tam,phase-1,27,SUBMITTED,ASSIGNED,8,10,160/CĐCT,,\n";
    assert!(desk.export(Targets).await.ends_with(row));
    desk.take(Targets, "unit_code,period_code,goal\ndong-tam,phase-1,30\n").await;
    let row = "dong-tam,phase-1,30,SUBMITTED,ASSIGNED,,,160/CĐCT,,\n";
    assert!(desk.export(Targets).await.ends_with(row));
}

#[tokio::test]
async fn utf16_with_its_mark_is_taken() {
    let plain = {
        let desk = Desk::fresh(Kind::Sqlite).await;
        desk.take(Units, UNITS).await;
        desk.export(Units).await
    };
    let tabs = format!("\u{feff}{}", UNITS.replace(',', "\t").replace('\n', "\r\n"));
    let little: Vec<u8> = tabs.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = tabs.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for file in [little, big] {
        let desk = Desk::fresh(Kind::Sqlite).await;
        assert_eq!(desk.take(Units, file).await, "4 new, 0 changed, 0 as they are");
        assert_eq!(desk.export(Units).await, plain);
    }
}

#[tokio::test]
async fn a_column_tells_the_order_of_its_days() {
    let desk = Desk::furnished().await;
    let head = "code;name;kind;Từ ngày;Đến ngày;owner_code\n";
    let rows = "a;A;OTHER;05/06/2022;44722;tld\nb;B;OTHER;13/06/2022;13-6-2022;tld\n";
    desk.take(Periods, format!("{head}{rows}")).await;
    let exported = desk.export(Periods).await;
    assert!(exported.contains("a,A,OTHER,2022-06-05,2022-06-10,tld"), "{exported}");
    // The other column tells nothing of this one; the person does.
    let rows = "c;C;OTHER;05/06/2022;06/13/2022;tld\n";
    let said = desk.refused(Periods, format!("{head}{rows}")).await;
    assert!(
        said.contains("may be 2022-06-05 or 2022-05-06") && said.contains("--dates mdy"),
        "{said}"
    );
    let told = Options { dates: Some(DateOrder::Mdy), ..TAKEN };
    desk.import(Periods, format!("{head}{rows}"), told).await.unwrap();
    assert!(desk.export(Periods).await.contains("c,C,OTHER,2022-05-06,2022-06-13,tld"));
    let told = Options { dates: Some(DateOrder::Dmy), ..TAKEN };
    let said = desk.import(Periods, format!("{head}{rows}"), told).await.unwrap_err().to_string();
    assert!(said.starts_with("line 2, Đến ngày \"06/13/2022\": is not a day"), "{said}");
    // Both orders in one column tell nothing.
    let rows = "d;D;OTHER;05/06/2022;2022-06-30;tld\ne;E;OTHER;31/05/2022;2022-06-30;tld\n\
                f;F;OTHER;05/31/2022;2022-06-30;tld\n";
    let said = desk.refused(Periods, format!("{head}{rows}")).await;
    assert!(said.starts_with("line 2, Từ ngày \"05/06/2022\": may be"), "{said}");
}
