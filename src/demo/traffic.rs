//! What the people of the demo do: they submit, and their unions decide.
//!
//! The same seed gives the same commands. Where much is submitted follows the printed counts of
//! 2022; who submits, what and with which benefit is invented.

use std::collections::HashMap;

use fastrand::Rng;
use serde::Deserialize;

use super::plan::{self, spread};
use crate::domain::command::{
    NewAuthor, Review, ReviewDecision, Submit, Transfer, UpsertUnit, Withdraw,
};
use crate::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use crate::domain::unit::UnitKind;
use crate::domain::{Command, Day, InitiativeId, Patch, UnitRef};

/// Provinces and unions far from the share that their size gives, in initiatives of phase 1. As
/// printed for 31/5/2022: Thanh Hóa, Thành phố Hồ Chí Minh, Lâm Đồng, Điện lực, Công Thương. The
/// others are made up so that they stand to Thanh Hóa about as they did in March.
const LEADERS: [(&str, f64); 12] = [
    ("ldld-thanh-hoa", 170_324.0),
    ("ldld-ho-chi-minh", 57_849.0),
    ("ldld-ha-noi", 50_000.0),
    ("ldld-nghe-an", 45_000.0),
    ("ldld-ha-tinh", 25_000.0),
    ("ldld-hai-phong", 18_000.0),
    ("ldld-can-tho", 11_000.0),
    ("ldld-an-giang", 10_500.0),
    ("ldld-hau-giang", 9_000.0),
    ("ldld-lam-dong", 8_871.0),
    ("cd-cong-thuong", 5_400.0),
    ("cd-dien-luc", 2_399.0),
];
/// As many members as give one initiative, where nothing more is known of a unit.
const MEMBERS_PER_INITIATIVE: f64 = 35.0;
/// One submission in so many is somebody's first: six initiatives a person, as in the reports.
const FIRST_IN: u32 = 6;
/// Initiatives count that have been in use since this day.
const APPLIED_FROM: &str = "2021-09-01";

/// A stream of commands.
pub struct Traffic {
    seed: u64,
    rng: Rng,
    sequence: u64,
    sites: Sites,
    titles: Vec<Title>,
    applied_from: Day,
}

impl Traffic {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            rng: Rng::with_seed(seed),
            sequence: 0,
            sites: Sites::new(&plan::units()),
            titles: titles(),
            applied_from: Day::parse(APPLIED_FROM).expect("a day of the calendar"),
        }
    }

    /// The next initiative, submitted on `today`.
    pub fn next_submission(&mut self, today: Day) -> Submit {
        self.sequence += 1;
        let at = self.sites.pick(&mut self.rng);
        let authors = self.authors(at);
        let rng = &mut self.rng;
        let site = &self.sites.all[at];
        let title = pick(rng, &self.titles);
        let kind = title.kind(rng);
        let dated = kind.needs_applied_on() || chance(rng, 0.3);
        let by_team = authors.len() > 1 && chance(rng, 0.3);
        let recognised = chance(rng, 0.6);
        Submit {
            key: format!("demo-{:x}-{}", self.seed, self.sequence),
            unit: UnitRef::Code(site.code.clone()),
            title: title.varied(rng, site.place.as_deref()),
            summary: None,
            kind,
            field: Some(title.field.clone()),
            team: by_team.then(|| (*pick(rng, &TEAMS)).to_owned()),
            authors,
            applied_on: dated.then(|| recent_day(rng, self.applied_from, today)),
            recognised_by: recognised.then(|| recognition(rng, today)),
            confidential: chance(rng, 0.02),
            benefit_vnd: chance(rng, 0.25).then(|| benefit(rng)),
        }
    }

    /// The first decision on an initiative: three of four are accepted.
    pub fn next_review(&mut self, id: InitiativeId) -> Review {
        let rng = &mut self.rng;
        let (decision, reason, note) = match rng.u32(..100) {
            0..76 => (ReviewDecision::Accept, None, None),
            76..83 => (ReviewDecision::Return, None, Some((*pick(rng, &RETURN_NOTES)).to_owned())),
            _ => (ReviewDecision::Reject, Some(*pick(rng, &REJECTIONS)), None),
        };
        Review { id, decision, reason, note, expected_version: None }
    }

    /// What happens to a submitted initiative: mostly a review; seldom it is withdrawn, or moved
    /// to the unit where it belongs; `None`: it goes on waiting.
    pub fn follow_up(&mut self, id: InitiativeId) -> Option<Command> {
        match self.rng.u32(..100) {
            0..88 => Some(Command::Review(self.next_review(id))),
            88..90 => Some(Command::Withdraw(self.withdrawal(id))),
            90..92 => Some(Command::Transfer(self.transfer(id))),
            _ => None,
        }
    }

    fn withdrawal(&mut self, id: InitiativeId) -> Withdraw {
        let reason = *pick(&mut self.rng, &["Nộp trùng", "Tác giả đề nghị rút để hoàn thiện"]);
        Withdraw { id, reason: Some(reason.to_owned()), expected_version: None }
    }

    fn transfer(&mut self, id: InitiativeId) -> Transfer {
        let at = self.sites.pick(&mut self.rng);
        Transfer {
            id,
            unit: UnitRef::Code(self.sites.all[at].code.clone()),
            reason: Some("Chọn nhầm đơn vị khi nộp".to_owned()),
            expected_version: None,
        }
    }

    /// One to three people of the unit, mostly one.
    fn authors(&mut self, at: usize) -> Vec<NewAuthor> {
        let rng = &mut self.rng;
        let site = &mut self.sites.all[at];
        let together = *pick(rng, &[1, 1, 1, 1, 1, 1, 2, 2, 2, 3]);
        let first = if site.people == 0 || rng.u32(..FIRST_IN) == 0 {
            site.people += 1;
            site.people - 1
        } else {
            rng.u32(..site.people)
        };
        // Colleagues: the next ones, so that the same people write together again.
        (0..together.min(site.people))
            .map(|step| person(self.seed, &site.code, (first + step) % site.people))
            .collect()
    }
}

/// A unit at which the demo submits.
struct Site {
    code: String,
    /// "xã An Phước"; `None` for a central union.
    place: Option<String>,
    /// How many of its members have submitted so far; they are numbered from 0.
    people: u32,
}

/// The commune unions, and the central unions, which have no units of their own in the demo.
struct Sites {
    all: Vec<Site>,
    /// Share of each site, added up.
    shares: Vec<f64>,
}

impl Sites {
    fn new(units: &[UpsertUnit]) -> Self {
        let mut children: HashMap<&str, Vec<&UpsertUnit>> = HashMap::new();
        for unit in units {
            if let Patch::Set(UnitRef::Code(parent)) = &unit.parent {
                children.entry(parent).or_default().push(unit);
            }
        }
        let mut sites = Self { all: Vec::new(), shares: Vec::new() };
        for direct in &children[plan::ROOT] {
            sites.add(direct, direct_share(direct), &children);
        }
        sites
    }

    /// Divides `share` among the units below `unit`, down to those that submit.
    fn add(&mut self, unit: &UpsertUnit, share: f64, children: &HashMap<&str, Vec<&UpsertUnit>>) {
        let below = children.get(unit.code.as_str()).map_or(&[][..], Vec::as_slice);
        // An island district without communes submits nothing.
        let below: Vec<&UpsertUnit> = below
            .iter()
            .copied()
            .filter(|child| is_grassroots(child) || children.contains_key(child.code.as_str()))
            .collect();
        if below.is_empty() {
            let so_far = self.shares.last().copied().unwrap_or(0.0);
            self.shares.push(so_far + share);
            self.all.push(Site { code: unit.code.clone(), place: place(unit), people: 0 });
            return;
        }
        let whole: f64 = below.iter().map(|child| pull(child)).sum();
        for child in below {
            self.add(child, share * pull(child) / whole, children);
        }
    }

    fn pick(&self, rng: &mut Rng) -> usize {
        let whole = self.shares.last().copied().expect("the plan has units");
        let point = rng.f64() * whole;
        self.shares.partition_point(|&share| share <= point).min(self.all.len() - 1)
    }
}

fn is_grassroots(unit: &UpsertUnit) -> bool {
    unit.kind == Patch::Set(UnitKind::GrassrootsUnion)
}

fn place(unit: &UpsertUnit) -> Option<String> {
    match &unit.name {
        Patch::Set(name) => name.strip_prefix("Công đoàn cơ sở ").map(str::to_owned),
        Patch::Keep | Patch::Clear => None,
    }
}

fn members(unit: &UpsertUnit) -> f64 {
    match unit.member_count {
        Patch::Set(count) => f64::from(count),
        Patch::Keep | Patch::Clear => 1.0,
    }
}

/// What a direct unit submits in phase 1, about: from well below its goal to three times it.
fn direct_share(unit: &UpsertUnit) -> f64 {
    let printed = LEADERS.iter().find(|(code, _)| *code == unit.code).map(|(_, share)| *share);
    let zeal = || 0.5 + f64::from(spread(&unit.code, 26)) / 10.0;
    printed.unwrap_or_else(|| members(unit) / MEMBERS_PER_INITIATIVE * zeal())
}

/// How much a unit draws of what its parent submits: by size, but few communes do most of it.
fn pull(unit: &UpsertUnit) -> f64 {
    let zeal = f64::from(spread(&unit.code, 10));
    if is_grassroots(unit) { 1.0 + zeal.powi(3) / 20.0 } else { members(unit) * (1.0 + zeal / 4.0) }
}

/// A row of `titles.csv`.
#[derive(Deserialize)]
struct Title {
    title_vi: String,
    field: String,
}

fn titles() -> Vec<Title> {
    csv::Reader::from_reader(include_str!("../../data/titles.csv").as_bytes())
        .into_deserialize()
        .map(|row| row.expect("the embedded file has these columns"))
        .collect()
}

impl Title {
    fn kind(&self, rng: &mut Rng) -> InitiativeKind {
        use InitiativeKind::{
            Idea, Management, Operational, Research, Technical, TechnologyApplication,
        };
        let usual = match self.field.as_str() {
            "education" | "health" => [Operational, Operational, Management],
            "education_management" | "union_work" => [Management, Management, Operational],
            "information_technology" => [TechnologyApplication, TechnologyApplication, Technical],
            _ => [Technical, Technical, TechnologyApplication],
        };
        match rng.u32(..100) {
            0..4 => Idea,
            4..8 => Research,
            _ => *pick(rng, &usual),
        }
    }

    /// With a place or a year, as people write the same title anew.
    fn varied(&self, rng: &mut Rng, place: Option<&str>) -> String {
        let place = place.filter(|_| !self.title_vi.contains(" tại ") && chance(rng, 0.7));
        let place = place.map(|place| format!(" tại {place}")).unwrap_or_default();
        let year = if self.title_vi.contains("COVID-19") { "" } else { *pick(rng, &YEARS) };
        format!("{}{place}{year}", self.title_vi)
    }
}

const YEARS: [&str; 6] = ["", "", "", " năm 2021", " năm 2022", " giai đoạn 2021 - 2022"];
const TEAMS: [&str; 5] =
    ["Tổ chuyên môn 1", "Tổ Văn phòng", "Tổ kỹ thuật", "Phòng Nghiệp vụ", "Tổ hỗ trợ sáng kiến"];
const RETURN_NOTES: [&str; 3] = [
    "Đề nghị bổ sung minh chứng áp dụng",
    "Đề nghị bổ sung quyết định công nhận",
    "Đề nghị nêu rõ điểm mới của giải pháp",
];
/// The usual reasons more often than the rare ones.
const REJECTIONS: [RejectionReason; 10] = [
    RejectionReason::NotAnInitiative,
    RejectionReason::NotAnInitiative,
    RejectionReason::NotAnInitiative,
    RejectionReason::NotRecognised,
    RejectionReason::NotRecognised,
    RejectionReason::NotRecognised,
    RejectionReason::Duplicate,
    RejectionReason::Duplicate,
    RejectionReason::OutsideWindow,
    RejectionReason::ProtectedByIp,
];

const FAMILIES: [&str; 16] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Vũ",
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
];
const WOMEN: ([&str; 5], [&str; 12]) = (
    ["Thị", "Thị", "Thu", "Ngọc", "Thanh"],
    ["Lan", "Hương", "Hoa", "Hà", "Mai", "Nga", "Phương", "Thảo", "Trang", "Yến", "Hạnh", "Tuyết"],
);
const MEN: ([&str; 5], [&str; 12]) = (
    ["Văn", "Văn", "Đức", "Minh", "Hữu"],
    ["Hùng", "Dũng", "Nam", "Tuấn", "Sơn", "Hải", "Long", "Thắng", "Quân", "Bình", "Cường", "Phúc"],
);

/// The person of this number at this unit: the same whenever they write.
fn person(seed: u64, unit: &str, number: u32) -> NewAuthor {
    let own = u64::from(spread(&format!("{unit}/{number}"), u32::MAX));
    let rng = &mut Rng::with_seed(seed.rotate_left(32) ^ own);
    let (middles, givens) = if rng.bool() { &WOMEN } else { &MEN };
    let name = format!("{} {} {}", pick(rng, &FAMILIES), pick(rng, middles), pick(rng, givens));
    let group = match rng.u32(..100) {
        0..55 => AuthorGroup::PublicEmployee,
        55..79 => AuthorGroup::EnterpriseWorker,
        79..95 => AuthorGroup::UnionOfficial,
        _ => AuthorGroup::Other,
    };
    let person_code = chance(rng, 0.6).then(|| format!("DV-{:04}", number + 1));
    NewAuthor { name, person_code, group: Some(group), contact: None }
}

fn recognition(rng: &mut Rng, today: Day) -> String {
    format!(
        "Hội đồng sáng kiến cơ sở, Quyết định số {}/QĐ-HĐSK năm {}",
        rng.u32(1..400),
        today.year()
    )
}

/// Not before `from`, and rather lately.
fn recent_day(rng: &mut Rng, from: Day, today: Day) -> Day {
    let span = today.since(from).max(0);
    today.plus(-rng.i32(0..=span).min(rng.i32(0..=span)))
}

/// Đồng a year: some millions mostly, billions now and then.
fn benefit(rng: &mut Rng) -> i64 {
    const LEAST: i64 = 3_000_000;
    const MOST: i64 = 30_000_000_000;
    let heavy_tailed = MOST / rng.i64(1..=MOST / LEAST);
    heavy_tailed - heavy_tailed % 100_000
}

fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::initiative::person_identity;
    use crate::domain::text::normalise;
    use crate::limits::TITLE_MAX;

    fn today() -> Day {
        Day::parse("2022-05-20").unwrap()
    }

    fn code(submission: &Submit) -> &str {
        match &submission.unit {
            UnitRef::Code(code) => code,
            UnitRef::Id(_) => panic!("the demo names units by code"),
        }
    }

    fn submissions(seed: u64, count: usize) -> Vec<Submit> {
        let mut traffic = Traffic::new(seed);
        (0..count).map(|_| traffic.next_submission(today())).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_commands() {
        assert_eq!(submissions(7, 200), submissions(7, 200));
        assert_ne!(submissions(7, 3), submissions(8, 3));
        let follow_ups = |seed| {
            let mut traffic = Traffic::new(seed);
            (1..200).map(|id| traffic.follow_up(InitiativeId(id))).collect::<Vec<_>>()
        };
        assert_eq!(follow_ups(7), follow_ups(7));
    }

    #[test]
    fn submissions_are_such_as_a_server_takes() {
        let units: HashSet<String> = plan::units().into_iter().map(|unit| unit.code).collect();
        let submissions = submissions(1, 5_000);
        let keys: HashSet<&str> = submissions.iter().map(|s| s.key.as_str()).collect();
        assert_eq!(keys.len(), submissions.len());
        let first = Day::parse(APPLIED_FROM).unwrap();
        for submission in &submissions {
            assert!(units.contains(code(submission)));
            assert_eq!(submission.title, normalise(&submission.title));
            assert!(submission.title.chars().count() <= TITLE_MAX);
            assert!((1..=3).contains(&submission.authors.len()));
            assert!(submission.applied_on.is_some() || !submission.kind.needs_applied_on());
            assert!(submission.applied_on.is_none_or(|day| first <= day && day <= today()));
            assert!(submission.benefit_vnd.is_none_or(|vnd| vnd > 0));
        }
        assert!(submissions.iter().any(|s| s.benefit_vnd.is_some_and(|vnd| vnd > 500_000_000)));
    }

    #[test]
    fn thanh_hoa_leads_and_every_direct_unit_takes_part() {
        let direct_of: HashMap<String, String> = {
            let parents: HashMap<String, String> = plan::units()
                .into_iter()
                .filter_map(|unit| match unit.parent {
                    Patch::Set(UnitRef::Code(parent)) => Some((unit.code, parent)),
                    _ => None,
                })
                .collect();
            let climb = |code: &String| {
                let mut at = code;
                while parents[at] != plan::ROOT {
                    at = &parents[at];
                }
                at.clone()
            };
            parents.keys().map(|code| (code.clone(), climb(code))).collect()
        };
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let submissions = submissions(2, 30_000);
        for submission in &submissions {
            *counts.entry(&direct_of[code(submission)]).or_default() += 1;
        }
        assert_eq!(counts.len(), 81);
        let mut order: Vec<(usize, &str)> = counts.into_iter().map(|(c, n)| (n, c)).collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let leading: Vec<&str> = order.iter().take(4).map(|(_, code)| *code).collect();
        assert_eq!(leading, ["ldld-thanh-hoa", "ldld-ho-chi-minh", "ldld-ha-noi", "ldld-nghe-an"]);
    }

    #[test]
    fn people_come_again() {
        let mut traffic = Traffic::new(3);
        let at = 0;
        let mut people = HashSet::new();
        let mut initiatives = 0;
        while initiatives < 600 {
            initiatives += 1;
            for author in traffic.authors(at) {
                people.insert(person_identity(author.person_code.as_deref(), &author.name));
            }
        }
        let each = initiatives / people.len();
        assert!((5..=8).contains(&each), "{each} initiatives a person");
    }

    #[test]
    fn most_are_accepted_and_a_refusal_has_a_reason() {
        let mut traffic = Traffic::new(4);
        let reviews: Vec<Review> =
            (0..2_000).map(|id| traffic.next_review(InitiativeId(id))).collect();
        let of = |decision| reviews.iter().filter(|review| review.decision == decision).count();
        assert!((1_340..=1_700).contains(&of(ReviewDecision::Accept)));
        assert!(of(ReviewDecision::Return) > 50);
        for review in &reviews {
            assert_eq!(review.reason.is_some(), review.decision == ReviewDecision::Reject);
            assert_eq!(review.note.is_some(), review.decision == ReviewDecision::Return);
        }
        let follow_ups: Vec<_> = (0..1_000).map(|id| traffic.follow_up(InitiativeId(id))).collect();
        assert!(follow_ups.iter().any(|next| matches!(next, Some(Command::Withdraw(_)))));
        assert!(follow_ups.iter().any(|next| matches!(next, Some(Command::Transfer(_)))));
        assert!(follow_ups.iter().any(Option::is_none));
    }
}
