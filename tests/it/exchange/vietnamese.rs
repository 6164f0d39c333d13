//! The faults of files as a person who reads Vietnamese is told them.

use std::process::{Command, Stdio};

use sangkien::auth::Language;
use sangkien::exchange::Noun::{self, Initiatives, Periods, Targets, Units};
use sangkien::exchange::{Failure, Options};

use super::{Desk, PERIODS, TAKEN, UNITS};

const ASKED: Options = Options { yes: false, ..TAKEN };

impl Desk {
    /// The words about a file that is refused, in both languages.
    async fn both(&self, noun: Noun, csv: &str) -> [String; 2] {
        match self.import(noun, csv, ASKED).await.expect_err("it is bad") {
            Failure::Bad(bad) => [Language::English, Language::Vietnamese].map(|it| bad.text(it)),
            Failure::Unreadable(sangkien::exchange::Unreadable::Shape { why, .. }) => {
                [Language::English, Language::Vietnamese].map(|it| why.text(it))
            }
            other => panic!("{other}"),
        }
    }
}

/// A file with each fault that a row or a header can have, and the words of the fault in Vietnamese.
const FILES: [(Noun, &str, &str); 31] = [
    (
        Units,
        "mã,tên,loại,mã cấp trên\n,A,CĐCS,tld\n",
        "dòng 2, mã \"\": không được để trống; nếu là dòng cộng",
    ),
    (Units, "code,name,kind,parent_code\nx,,CĐCS,tld\n", "không được để trống"),
    (Units, "code,name,kind,parent_code\nx,X,Cơ sở công đoàn,tld\n", "không phải là loại đơn vị"),
    (
        Units,
        "code,name,kind,parent_code\nx,X,Công đoàn cơ s,tld\n",
        "có phải là “Công đoàn cơ sở”?",
    ),
    (Units, "code,name,kind,parent_code\nx,X,CĐCS,nobody\n", "không có đơn vị này, cả trong tệp"),
    (Units, "code,name,kind,parent_code\nx,X,CĐCS,\n", "đã là đơn vị gốc"),
    (Units, "code,name,kind,parent_code\ntld,X,CĐCS,dong-nai\n", "là đơn vị gốc và giữ nguyên"),
    (Units, "code,name,kind,parent_code\nx,X,CĐCS,y\ny,Y,CĐCS,x\n", "nằm dưới chính nó: x → y → x"),
    (Units, "code,name,kind,parent_code\nx,X,CĐCS,tld\nx,X,CĐCS,tld\n", "đã có ở dòng 2"),
    (
        Units,
        "code,name,kind,parent_code,member_count\nx,X,CĐCS,tld,1.234\n",
        "phân cách hàng nghìn",
    ),
    (
        Units,
        "code,name,kind,parent_code,member_count\nx,X,CĐCS,tld,ba\n",
        "không phải là số nguyên",
    ),
    (Units, "code,name,kind,parent_code,member_count\nx,X,CĐCS,tld,-1\n", "phải từ 0 trở lên"),
    (Units, "code,name,kind,parent_code,closed_on\nx,X,CĐCS,tld,05/06/2022\n", "hãy ghi năm trước"),
    (
        Units,
        "code,name,kind,parent_code,closed_on\nx,X,CĐCS,tld,hôm qua\n",
        "không phải là một ngày",
    ),
    (
        Units,
        "code,name,kind,parent_code,foreign_invested\nx,X,CĐCS,tld,xx\n",
        "phải là có hoặc không",
    ),
    (Units, "code,name,kind,parent_code\nx,C«ng ®oµn,CĐCS,tld\n", "phông chữ cũ (TCVN3"),
    (Units, "code,name,kind,parent_code\nx,#REF!,CĐCS,tld\n", "lỗi của Excel"),
    (Units, "code,name,kind,parent_code\nx,X,CĐCS\n", "có 3 ô, mà dòng tiêu đề có 4 cột"),
    (Units, "code,name,kind,parent_code\nx,\"X,CĐCS,tld\n", "dấu ngoặc kép"),
    (
        Units,
        "code,name,kind,parent_code\nx,CĐCS Đồng Tâm,CĐCS,dong-nai\n",
        "có cùng tên và cùng đơn vị cấp trên",
    ),
    (
        Units,
        "code,name,kind,parent_code,closed_on\ndong-nai,X,LĐLĐ tỉnh,tld,2022-06-01\n",
        "ở dưới vẫn hoạt động",
    ),
    (
        Units,
        "code,name,kind,parent_code\nx,X,LĐLĐ tỉnh,dong-tam\n",
        "đơn vị cấp trên dong-tam thuộc loại “Công đoàn cơ sở”",
    ),
    (
        Units,
        "code,name,colour\nx,X,1\n",
        "không có cột “colour”; thiếu: Loại; Mã cấp trên; các cột là: Mã; Tên;",
    ),
    (Units, "", "tệp trống"),
    (
        Periods,
        "code,name,kind,starts_on,ends_on,owner_code\nx,X,Quý,2022-05-31,2022-01-01,tld\n",
        "ngày",
    ),
    (
        Periods,
        "code,name,kind,starts_on,ends_on,owner_code\nx,X,Quý,2022-01-01,2022-03-31,x\n",
        "không có đơn vị này",
    ),
    (Targets, "unit_code,period_code,goal\ntld,x,5\n", "không có đợt thi đua này"),
    (
        Targets,
        "unit_code,period_code,goal\ntld,phase-1,5\ntld,phase-1,6\n",
        "là chỉ tiêu đã có ở dòng 2",
    ),
    (
        Initiatives,
        "key,unit_code,title,kind,author_name,submitted_at,status\nk,dong-tam,T,IDEA,An,hôm nay,PENDING\n",
        "không phải là một thời điểm",
    ),
    (
        Initiatives,
        "key,unit_code,title,kind,author_name,submitted_at,status,featured\nk,dong-tam,T,IDEA,An,2022-05-01,PENDING,x\n",
        "không đi cùng trạng thái “Chờ xét duyệt”",
    ),
    (
        Initiatives,
        "key,unit_code,title,kind,author_name,submitted_at,status\nk,nobody,T,IDEA,An,2022-05-01,PENDING\n",
        "không có đơn vị nobody",
    ),
];

#[tokio::test]
async fn each_fault_of_a_row_is_told_in_vietnamese() {
    let desk = Desk::fresh(crate::database::Kind::Sqlite).await;
    desk.take(Units, UNITS).await;
    desk.take(Periods, PERIODS).await;
    for (noun, csv, words) in FILES {
        let [english, vietnamese] = desk.both(noun, csv).await;
        assert!(vietnamese.contains(words), "{csv}: {vietnamese}");
        assert_ne!(english, vietnamese);
        // The sentences are of one language; what the file says is quoted.
        for word in [" is ", " must ", "there ", " has ", "line ", "fault", "nothing"] {
            assert!(!vietnamese.contains(word), "{word:?} in {vietnamese}");
        }
    }
}

#[tokio::test]
async fn many_faults_of_a_kind_are_counted_in_vietnamese() {
    let desk = Desk::furnished().await;
    let rows: String = (0..2_500).map(|n| format!("u{n},Đơn vị {n},CĐ ngành,tld\n")).collect();
    let [_, told] = desk.both(Units, &format!("Mã,Tên,Loại,Mã cấp trên\n{rows}")).await;
    let last: Vec<&str> = told.lines().rev().take(2).collect();
    assert_eq!(last[0], "2.500 lỗi; chưa ghi gì");
    assert!(last[1].contains("lỗi nữa như dòng 2, Loại: \"CĐ ngành\" 2.4"), "{}", last[1]);
    assert!(told.starts_with("dòng 2, Loại \"CĐ ngành\": không phải là loại đơn vị"), "{told}");
}

/// At a terminal: the import, its name, its undoing.
#[test]
fn an_import_and_its_undoing_speak_vietnamese() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(arguments)
            .current_dir(dir.path())
            .env("SANGKIEN_DATABASE", "sqlite://union.db")
            .env("SANGKIEN_LANG", "vi")
            .env("SANGKIEN_LOG", "off")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("units.csv", UNITS);
    write("periods.csv", PERIODS);
    write(
        "đợt 1.csv",
        "key,unit_code,title,kind,author_name,submitted_at,status\nk-1,dong-tam,T,IDEA,An,2022-05-01,PENDING\n",
    );
    assert_eq!(run(&["import", "units", "units.csv"]).0, Some(0));
    assert_eq!(run(&["import", "periods", "periods.csv"]).0, Some(0));
    let (code, out, told) = run(&["import", "initiatives", "đợt 1.csv", "--name", "đợt 1"]);
    assert_eq!((code, out.as_str()), (Some(0), "initiatives: 1 mới, 0 thay đổi, 0 giữ nguyên\n"));
    assert!(told.contains("lần nhập này tên là \"đợt 1\""), "{told}");
    assert!(told.contains("kiểm tra: 100 %\n") && told.contains("\nghi: 100 %\n"), "{told}");
    assert_eq!(run(&["undo-import"]).1, "1\t0\tđợt 1\n");
    let (code, _, told) = run(&["undo-import", "đợt 2", "--reason", "nhầm"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("không có lần nhập sáng kiến nào tên là \"đợt 2\""), "{told}");
    let (code, _, told) = run(&["undo-import", "đợt 1"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("--reason"), "{told}");
    let (code, out, _) = run(&["undo-import", "đợt 1", "--reason", "nhầm"]);
    assert_eq!((code, out.as_str()), (Some(0), "withdrawals: 0 mới, 1 thay đổi, 0 giữ nguyên\n"));
    assert_eq!(run(&["undo-import"]).1, "1\t1\tđợt 1\n");
    for (arguments, words) in [
        (&["imprt"][..], "không có lệnh imprt"),
        (&["verify", "--databse", "x"], "không có tham số --databse"),
        (&["backup"], "thiếu <FILE.db>"),
        (
            &["import", "nouns", "x"],
            "giá trị \"nouns\" không dùng được cho <NOUN>; các giá trị được nhận: units, ",
        ),
        (
            &["prune", "--before", "2026-13-01"],
            "giá trị \"2026-13-01\" không dùng được cho --before <DAY>: phải là một ngày, ghi như",
        ),
        (&["token", "create", "--role", "BOSS"], "không phải là vai trò; các vai trò: ADMIN, "),
        (&["undo-import", " "], "không được để trống"),
        (&["serve", "--sockets-per-address", "x"], "không phải là số nguyên"),
        (&["serve", "--cost-minute-partner", "0"], "phải là số từ 1 đến "),
    ] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.starts_with("sangkien: ") && told.contains(words), "{told}");
        assert!(!told.contains("error:") && !told.contains("Usage"), "{told}");
    }
    // A sheet for people has heads and values in their language; a file for programs is the same for all.
    assert_eq!(run(&["export", "units", "--for", "excel", "don-vi.csv"]).0, Some(0));
    let sheet = std::fs::read_to_string(dir.path().join("don-vi.csv")).unwrap();
    let begins = "\u{feff}\"Mã\";\"Tên\";\"Loại\";\"Mã cấp trên\";";
    assert!(sheet.starts_with(begins), "{sheet}");
    assert!(!sheet.contains("UNION") && !sheet.contains("FEDERATION"), "{sheet}");
    assert!(run(&["export", "units"]).1.starts_with("code,name,kind,parent_code,"));
    for (arguments, words) in [
        (&["import", "units", "--name", "đợt 1", "units.csv"][..], "không có tên"),
        (&["import", "units", "."], "là thư mục"),
        (&["export", "units", "don-vi.xls"], "hãy ghi tên có đuôi như vậy"),
    ] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(words), "{told}");
    }
    write("units.csv", "code,name,kind,parent_code\nx,X,CĐ ngành,tld\n");
    let (code, _, told) = run(&["import", "units", "units.csv"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("dòng 2, kind \"CĐ ngành\": không phải là loại đơn vị"), "{told}");
}
