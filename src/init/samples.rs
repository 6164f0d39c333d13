//! Sample files for Excel, about the federation's own root: each can be imported as it is, in the order given.
//!
//! They are written as Excel saves them: with a byte order mark and carriage returns, and in Vietnamese with semicolons, its
//! own names of columns and its own terms.

use super::database::Programme;
use super::federation::Federation;
use crate::auth::Language;
use crate::domain::Day;
use crate::exchange::{head, term};

/// The length of the sample's campaign.
const CAMPAIGN_DAYS: i32 = 40;

const UNITS: &str = "code,name,kind,parent_code,cluster,sector,foreign_invested,member_count
{code},{name},{kind},,,,,
cd-y-te-{end},Công đoàn ngành Y tế,LOCAL_INDUSTRY_UNION,{code},Cụm công đoàn ngành,HEALTH,không,9000
cd-kcn-{end},Công đoàn các khu công nghiệp,ZONE_UNION,{code},Cụm công đoàn ngành,PRODUCTION_BUSINESS,không,52000
cd-xa-{end},Công đoàn xã Bình Minh,COMMUNE_UNION,{code},Cụm xã phường,,không,1200
cdcs-bv-{end},Công đoàn cơ sở Bệnh viện Đa khoa,GRASSROOTS_UNION,cd-y-te-{end},,HEALTH,không,420
cdcs-may-{end},Công đoàn cơ sở Công ty May Bình Minh,GRASSROOTS_UNION,cd-kcn-{end},,PRODUCTION_BUSINESS,có,2600
cdcs-truong-{end},Công đoàn cơ sở Trường Tiểu học Bình Minh,GRASSROOTS_UNION,cd-xa-{end},,EDUCATION,không,38
cdcs-vp-{end},Công đoàn cơ sở Văn phòng Liên đoàn,GRASSROOTS_UNION,{code},,UNION,không,55
";
const PERIODS: &str = "code,name,kind,starts_on,ends_on,owner_code,parent_code,metric
{programme},{programme_name},PROGRAMME,{starts},{ends},{code},,SUBMITTED
chien-dich,Chiến dịch thi đua cao điểm 40 ngày,CAMPAIGN,{today},{campaign_ends},{code},{programme},SUBMITTED
";
const TARGETS: &str =
    "unit_code,period_code,goal,metric,origin,percent_from,percent_to,document_number
{code},chien-dich,5000,SUBMITTED,ASSIGNED,,,
cd-y-te-{end},chien-dich,600,SUBMITTED,ASSIGNED,,,
cdcs-bv-{end},chien-dich,,SUBMITTED,ASSIGNED,8,10,
cd-y-te-{end},chien-dich,700,SUBMITTED,PLEDGED,,,
";
const INITIATIVES: &str = "key,unit_code,title,kind,author_name,submitted_at,status,field,team,person_code,author_group,applied_on,recognised_by,confidential,benefit_vnd
giay-001,cdcs-bv-{end},Sổ giao ca điện tử cho điều dưỡng,MANAGEMENT,Nguyễn Thị Thử,{today} 00:00,ACCEPTED,Y tế,,NV-014,PUBLIC_EMPLOYEE,{starts},Hội đồng sáng kiến bệnh viện,không,
giay-002,cdcs-may-{end},Gá kẹp cổ áo giảm thao tác thừa,TECHNICAL,Trần Văn Mẫu,{today} 00:00,PENDING,May mặc,Tổ may 3,CN-2201,ENTERPRISE_WORKER,{starts},,không,120000000
giay-002,,,,Lê Thị Ví Dụ,,,,,CN-2202,ENTERPRISE_WORKER,,,,
giay-003,cdcs-truong-{end},Thư viện lớp học tự quản,OPERATIONAL,Phạm Văn Giả,{today} 00:00,RETURNED,Giáo dục,,,PUBLIC_EMPLOYEE,{starts},,không,
";

/// The files, each with its name.
pub fn samples(
    federation: &Federation,
    programme: &Programme,
    today: Day,
    language: Language,
) -> [(&'static str, String); 4] {
    let Federation { name, code } = federation;
    let values = [
        ("{code}", code.clone()),
        ("{name}", name.clone()),
        ("{kind}", in_language("kind", federation.kind().as_str(), &[], language).to_owned()),
        ("{end}", federation.code_ending().to_owned()),
        ("{programme}", programme.code.clone()),
        ("{programme_name}", programme.name.clone()),
        ("{starts}", programme.starts_on.to_string()),
        ("{ends}", programme.ends_on.to_string()),
        ("{today}", today.to_string()),
        ("{campaign_ends}", today.plus(CAMPAIGN_DAYS - 1).to_string()),
    ];
    let separator = language.choose(",", ";");
    let of = |template: &str| {
        let columns: Vec<&str> =
            template.split('\n').next().unwrap_or_default().split(',').collect();
        let lines = template.lines().map(|line| {
            let cells = line.split(',').zip(&columns);
            let cells = cells.map(|(cell, column)| in_language(column, cell, &columns, language));
            let cells = cells.map(|cell| cell_of(&filled(cell, &values)));
            cells.collect::<Vec<String>>().join(separator) + "\r\n"
        });
        format!("\u{feff}{}", lines.collect::<String>())
    };
    [
        ("units.csv", of(UNITS)),
        ("periods.csv", of(PERIODS)),
        ("targets.csv", of(TARGETS)),
        ("initiatives.csv", of(INITIATIVES)),
    ]
}

fn filled(cell: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(cell.to_owned(), |cell, (name, value)| cell.replace(name, value))
}

/// The cell of a file with these columns, in the words of the language.
fn in_language<'a>(column: &str, cell: &'a str, columns: &[&str], language: Language) -> &'a str {
    match (language, term(column, cell)) {
        (Language::Vietnamese, Some(term)) => term,
        _ => head(cell, columns, language),
    }
}

/// The text as a cell of a file, in quotes if it has a mark that means something else there.
fn cell_of(text: &str) -> String {
    if text.contains([',', ';', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_cell_and_the_files_are_as_excel_saves_them() {
        let federation =
            Federation { name: "Liên đoàn \"A\"; B, C".to_owned(), code: "ldld-a".to_owned() };
        let today = Day::from_ymd(2026, 11, 30).unwrap();
        for (language, separator) in [(Language::Vietnamese, b';'), (Language::English, b',')] {
            let programme = Programme::of(today, language).unwrap();
            for (name, text) in samples(&federation, &programme, today, language) {
                let text = text.strip_prefix('\u{feff}').expect(name);
                assert!(text.ends_with("\r\n") && !text.contains('{'), "{name}: {text}");
                let mut reader =
                    csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
                let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
                assert!(rows.len() >= 2, "{name}");
                // No word of the other language is left.
                let names = ["kind", "sector", "metric", "origin", "status", "author_group"];
                let is_english = |cell: &str| {
                    let known =
                        |column: &&str| in_language(column, cell, &[], Language::Vietnamese);
                    names.iter().any(|column| known(column) != cell)
                };
                let count =
                    text.split([separator as char, '\r']).filter(|it| is_english(it)).count();
                assert_eq!(count > 0, language == Language::English, "{name}: {text}");
                let is_of_periods = name == "periods.csv" && language == Language::Vietnamese;
                assert_eq!(text.contains("Mã đợt bao trùm"), is_of_periods, "{name}: {text}");
                if name == "units.csv" {
                    assert_eq!(&rows[0][1], federation.name);
                }
            }
        }
    }
}
