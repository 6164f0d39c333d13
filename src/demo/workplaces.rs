//! The unions of workplaces: the schools of a district, those of a province's health, high schools, offices and
//! industrial zones, some directly under the province, and those of the central unions.
//!
//! No list of them is public. Their kinds and their parents are those of the letters of 2022 (the health union of Đồng
//! Nai has 35 grassroots unions); their names are made of places and of words.

use super::chance::spread;
use super::places::{Country, Direct, District, count};
use super::units::unit;
use crate::domain::Patch;
use crate::domain::command::UpsertUnit;
use crate::domain::unit::{Sector, UnitKind};

/// The province whose letters are known.
const DONG_NAI: &str = "ldld-dong-nai";
/// The cluster of unions between a province and its workplaces; districts have clusters of their own.
const CLUSTER: &str = "Khối công đoàn ngành và tương đương";
const OFFICES: [&str; 8] = [
    "Sở Nội vụ",
    "Sở Tài chính",
    "Sở Kế hoạch và Đầu tư",
    "Sở Tư pháp",
    "Sở Xây dựng",
    "Sở Tài nguyên và Môi trường",
    "Sở Lao động - Thương binh và Xã hội",
    "Sở Thông tin và Truyền thông",
];
const FIRST_WORDS: [&str; 12] = [
    "Sao Khuê",
    "Lụa Ngàn",
    "Mây Biếc",
    "Trúc Phương",
    "Sóng Lam",
    "Đá Xanh",
    "Bằng Lăng",
    "Hoa Ban",
    "Suối Reo",
    "Gió Đồng",
    "Nắng Mới",
    "Cầu Vồng",
];
const TRADES: [&str; 6] = ["May", "Cơ khí", "Điện tử", "Gỗ", "Giày", "Thực phẩm"];
/// The levels of the schools of a district: the beginning of their codes, and of their names.
const SCHOOLS: [(&str, &str); 3] =
    [("mn", "Trường Mầm non"), ("th", "Trường Tiểu học"), ("thcs", "Trường Trung học cơ sở")];
/// The number of schools of each level in a district.
const SCHOOLS_OF_A_LEVEL: usize = 2;
/// The kinds of workplaces that are members of each central union, as the beginnings of their names.
const MEMBERS: [(&str, [&str; 3]); 18] = [
    ("cd-cong-thuong", ["Công ty Cổ phần Bia", "Công ty Cổ phần Hóa chất", "Công ty Cổ phần Giấy"]),
    ("cd-dien-luc", ["Công ty Điện lực", "Công ty Thủy điện", "Công ty Truyền tải điện"]),
    ("cd-dau-khi", ["Công ty Khí", "Xí nghiệp Khai thác Dầu khí", "Công ty Dịch vụ Dầu khí"]),
    ("cd-than-khoang-san", ["Công ty Than", "Công ty Tuyển than", "Công ty Khoáng sản"]),
    ("cd-thong-tin-truyen-thong", ["Bưu điện", "Viễn thông", "Trung tâm Dữ liệu"]),
    ("cd-nong-nghiep-ptnt", ["Công ty Thủy lợi", "Viện Cây trồng", "Công ty Lâm nghiệp"]),
    ("cd-hang-hai", ["Công ty Cảng", "Công ty Vận tải biển", "Công ty Sửa chữa tàu biển"]),
    ("cd-cao-su", ["Công ty Cao su", "Nông trường Cao su", "Nhà máy Chế biến mủ"]),
    (
        "cd-giao-thong-van-tai",
        ["Công ty Quản lý đường bộ", "Công ty Xe khách", "Công ty Cầu đường"],
    ),
    ("cd-xay-dung", ["Công ty Xây lắp", "Công ty Xi măng", "Công ty Gạch men"]),
    ("cd-cong-an-nhan-dan", ["Bệnh viện Công an", "Xí nghiệp May Công an", "Trường Công an"]),
    ("cd-quoc-phong", ["Nhà máy Cơ khí", "Xí nghiệp Quân trang", "Nhà máy Sửa chữa xe máy"]),
    ("cd-y-te", ["Bệnh viện Trung ương", "Viện Y học", "Viện Kiểm nghiệm"]),
    ("cd-giao-duc", ["Trường Đại học", "Trường Cao đẳng Sư phạm", "Học viện"]),
    ("cd-det-may", ["Công ty Cổ phần May", "Công ty Cổ phần Dệt", "Công ty Cổ phần Sợi"]),
    ("cd-ngan-hang", ["Ngân hàng Thương mại", "Ngân hàng Hợp tác", "Quỹ Tín dụng"]),
    ("cd-vien-chuc", ["Viện Nghiên cứu", "Trung tâm Lưu trữ", "Nhà xuất bản"]),
    ("cd-duong-sat", ["Công ty Vận tải Đường sắt", "Xí nghiệp Đầu máy", "Xí nghiệp Toa xe"]),
];
/// The number of workplaces of each zone union and of each central union.
const ENTERPRISES: u32 = 6;
const ENTERPRISES_OF_DONG_NAI: u32 = 14;
const MEMBER_UNITS: u32 = 6;

/// Every union of this kind, parents before their children.
pub fn units(country: &Country) -> Vec<UpsertUnit> {
    let mut units = Vec::new();
    for row in &country.direct {
        match row.province() {
            Some(name) => {
                let province = Province { row, name };
                let districts: Vec<&District> = country.districts_of(row).collect();
                units.extend(districts.iter().flat_map(|district| schools_of(district)));
                units.extend(province.health(&districts));
                units.extend(province.schools(&districts));
                units.extend(province.offices());
                units.extend(province.zones());
                units.extend(province.directly_under());
            }
            None => units.extend(member_units(row)),
        }
    }
    units
}

struct Province<'a> {
    row: &'a Direct,
    name: &'a str,
}

/// A workplace: the part of its code behind "cdcs-", its name, its least number of members, and the range above that.
struct Workplace {
    code: String,
    name: String,
    members: [u32; 2],
    foreign_invested: bool,
}

impl Workplace {
    fn new(code: String, name: String, members: [u32; 2]) -> Self {
        Self { code, name, members, foreign_invested: false }
    }
}

impl Province<'_> {
    fn health(&self, districts: &[&District]) -> Vec<UpsertUnit> {
        let mut places = Vec::new();
        let mut add = |code: String, name: String| {
            places.push(Workplace::new(code, name, [80, 400]));
        };
        for district in districts.iter().filter(|district| !district.communes.is_empty()) {
            let (code, place) = (&district.place.code, district.place.short_name());
            let full = district.place.inside_a_name();
            add(format!("yt-{code}"), format!("Trung tâm Y tế {full}"));
            if self.row.code == DONG_NAI {
                add(format!("bv-{code}"), format!("Bệnh viện Đa khoa {place}"));
                add(format!("pk-{code}"), format!("Phòng khám Đa khoa khu vực {place}"));
            }
        }
        if self.row.code == DONG_NAI {
            add("kn-dong-nai".to_owned(), "Trung tâm Kiểm nghiệm Đồng Nai".to_owned());
            add("tcyt-dong-nai".to_owned(), "Trường Trung cấp Y tế Đồng Nai".to_owned());
        }
        let name = format!("Công đoàn ngành Y tế {}", self.name);
        self.union("cdn-y-te", &name, UnitKind::LocalIndustryUnion, Sector::Health, places)
    }

    fn schools(&self, districts: &[&District]) -> Vec<UpsertUnit> {
        let with_communes = districts.iter().filter(|district| !district.communes.is_empty());
        let places = with_communes.map(|district| {
            let (code, place) = (&district.place.code, district.place.short_name());
            let name = format!("Trường Trung học phổ thông {place}");
            Workplace::new(format!("thpt-{code}"), name, [50, 80])
        });
        let name = format!("Công đoàn ngành Giáo dục {}", self.name);
        let kind = UnitKind::LocalIndustryUnion;
        self.union("cdn-giao-duc", &name, kind, Sector::Education, places.collect())
    }

    fn offices(&self) -> Vec<UpsertUnit> {
        let places = OFFICES.iter().zip(1..).map(|(office, number)| {
            let code = format!("so-{}-{number}", self.row.slug());
            Workplace::new(code, format!("{office} {}", self.name), [40, 120])
        });
        let name = format!("Công đoàn Viên chức {}", self.name);
        let kind = UnitKind::CivilServantsUnion;
        self.union("cdvc", &name, kind, Sector::PublicAdministration, places.collect())
    }

    fn zones(&self) -> Vec<UpsertUnit> {
        let slug = self.row.slug();
        let is_dong_nai = self.row.code == DONG_NAI;
        let number = if is_dong_nai { ENTERPRISES_OF_DONG_NAI } else { ENTERPRISES };
        let places = (1..=number).map(|number| {
            let code = format!("kcn-{slug}-{number:02}");
            let (name, foreign_invested) = enterprise(slug, number);
            Workplace { foreign_invested, ..Workplace::new(code, name, [200, 3_000]) }
        });
        let name = format!("Công đoàn các khu công nghiệp {}", self.name);
        let kind = UnitKind::ZoneUnion;
        self.union("cdkcn", &name, kind, Sector::ProductionBusiness, places.collect())
    }

    /// The grassroots unions without a level between them and the province.
    fn directly_under(&self) -> [UpsertUnit; 2] {
        let (slug, name) = (self.row.slug(), self.name);
        let federation = self.row.name_vi.as_str();
        let staff =
            Workplace::new(format!("cqld-{slug}"), format!("Cơ quan {federation}"), [25, 60]);
        let station = Workplace::new(
            format!("pttt-{slug}"),
            format!("Đài Phát thanh và Truyền hình {name}"),
            [60, 120],
        );
        [
            workplace(&staff, Sector::Union, &self.row.code),
            workplace(&station, Sector::PublicAdministration, &self.row.code),
        ]
    }

    /// A union below the province with its workplaces, whose members are the sum of theirs.
    fn union(
        &self,
        code: &str,
        name: &str,
        kind: UnitKind,
        sector: Sector,
        places: Vec<Workplace>,
    ) -> Vec<UpsertUnit> {
        let code = format!("{code}-{}", self.row.slug());
        let own = UpsertUnit {
            cluster: Patch::Set(CLUSTER.to_owned()),
            sector: Patch::Set(sector),
            member_count: Patch::Set(places.iter().map(Workplace::member_count).sum()),
            ..unit(&code, name, kind, &self.row.code)
        };
        let below = places.iter().map(|place| workplace(place, sector, &code));
        std::iter::once(own).chain(below).collect()
    }
}

impl Workplace {
    fn member_count(&self) -> i32 {
        let [least, more] = self.members;
        count(least + spread(&self.code, more))
    }
}

fn workplace(place: &Workplace, sector: Sector, parent: &str) -> UpsertUnit {
    UpsertUnit {
        sector: Patch::Set(sector),
        foreign_invested: Patch::Set(place.foreign_invested),
        member_count: Patch::Set(place.member_count()),
        ..unit(
            &format!("cdcs-{}", place.code),
            &format!("Công đoàn cơ sở {}", place.name),
            UnitKind::GrassrootsUnion,
            parent,
        )
    }
}

/// The schools that are directly under a district's federation: some of each level, named after communes. An island
/// district without communes has none.
fn schools_of(district: &District) -> impl Iterator<Item = UpsertUnit> {
    let places = SCHOOLS.iter().enumerate().flat_map(move |(level, (code, kind))| {
        (0..SCHOOLS_OF_A_LEVEL).filter_map(move |number| {
            // Neighbouring levels are named after other communes, as far as there are enough.
            let at = level * SCHOOLS_OF_A_LEVEL + number;
            if number >= district.communes.len() {
                return None;
            }
            let commune = &district.communes[at % district.communes.len()];
            let code = format!("{code}-{}", commune.code);
            let name = format!("{kind} {}", commune.short_name());
            Some(Workplace::new(code, name, [25, 50]))
        })
    });
    places.map(|place| workplace(&place, Sector::Education, &district.code()))
}

/// The workplaces of a central union. Their names are invented: a kind and a proper name.
fn member_units(row: &Direct) -> impl Iterator<Item = UpsertUnit> {
    let sector = super::units::block(&row.code).1.unwrap_or(Sector::ProductionBusiness);
    let kinds = MEMBERS.iter().find(|(union, _)| *union == row.code).map(|(_, kinds)| kinds);
    let kinds = kinds.expect("each central union has kinds of members");
    let first = spread(&row.code, 12) as usize;
    (1..=MEMBER_UNITS).map(move |number| {
        let at = number as usize;
        // Steps of five, which share no divisor with the number of proper names.
        let own = FIRST_WORDS[(first + at * 5) % FIRST_WORDS.len()];
        let name = format!("{} {own}", kinds[at % kinds.len()]);
        let place = Workplace::new(format!("{}-{number:02}", row.slug()), name, [150, 1_500]);
        workplace(&place, sector, &row.code)
    })
}

/// An enterprise of a zone. Each has a name of its own.
fn enterprise(zone: &str, number: u32) -> (String, bool) {
    let names = u32::try_from(TRADES.len() * FIRST_WORDS.len()).expect("short lists");
    // Steps of five, which share no divisor with the number of names.
    let at = ((spread(zone, names) + number * 5) % names) as usize;
    let (trade, first) = (TRADES[at % TRADES.len()], FIRST_WORDS[at / TRADES.len()]);
    if number.is_multiple_of(2) {
        (format!("Công ty TNHH {trade} {first} Vina"), true)
    } else {
        (format!("Công ty Cổ phần {trade} {first}"), false)
    }
}
