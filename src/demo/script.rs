//! The script: the whole campaign as a list of actions, in order of time.
//!
//! The script is a pure function of seed and scale: when and where an initiative is entered, its content and its
//! course do not depend on earlier calls, nor on any clock.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use fastrand::Rng;

use super::chance::{chance, pick, rng};
use super::course::{EntryId, Step, course, entered_again, is_misplaced};
use super::curve::{Curves, rounded};
use super::people;
use super::scale::Scale;
use super::sites::Sites;
use super::titles::Titles;
use crate::domain::command::{
    Feature, Review, ReviewDecision, Revise, Submit, Transfer, UpsertUnit, Withdraw,
};
use crate::domain::initiative::RejectionReason;
use crate::domain::{Command, Day, InitiativeId, Patch, Timestamp, UnitRef};

/// Initiatives count that have been in use since this day.
const APPLIED_FROM: &str = "2021-09-01";
const TEAMS: [&str; 5] =
    ["Tổ chuyên môn 1", "Tổ Văn phòng", "Tổ kỹ thuật", "Phòng Nghiệp vụ", "Tổ hỗ trợ sáng kiến"];
const RETURN_NOTES: [&str; 3] = [
    "Đề nghị bổ sung minh chứng áp dụng",
    "Đề nghị bổ sung quyết định công nhận",
    "Đề nghị nêu rõ điểm mới của giải pháp",
];
const WITHDRAWN: [&str; 2] = ["Nộp trùng", "Tác giả nộp nhầm hai lần"];
/// The usual reasons stand more often than the rare ones.
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

/// One action of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    pub at: Timestamp,
    pub entry: EntryId,
    pub step: Step,
    /// Whether the script has no further action for this initiative.
    pub is_last: bool,
}

pub struct Script {
    seed: u64,
    scale: Scale,
    sites: Sites,
    curves: Curves,
    titles: Titles,
    applied_from: Day,
    numbers: HashMap<String, usize>,
}

impl Script {
    pub fn new(seed: u64, scale: Scale, units: &[UpsertUnit]) -> Self {
        let sites = Sites::new(units);
        let curves = Curves::new(&sites.direct);
        let numbers =
            sites.direct.iter().zip(0..).map(|(unit, number)| (unit.code.clone(), number));
        Self {
            seed,
            scale,
            curves,
            numbers: numbers.collect(),
            titles: Titles::read(),
            applied_from: super::calendar::day(APPLIED_FROM),
            sites,
        }
    }

    /// All actions, from the first day on.
    pub fn actions(&self) -> Actions<'_> {
        let mut due = BinaryHeap::new();
        for direct in 0..self.sites.direct.len() {
            due.extend(self.entry(direct, 1).map(Reverse));
        }
        Actions { script: self, due }
    }

    /// The number of initiatives entered before `moment`, without those entered twice.
    pub fn entered_before(&self, moment: Timestamp) -> u32 {
        (0..self.sites.direct.len()).map(|direct| self.entered_by(direct, moment)).sum()
    }

    /// The number of initiatives that this direct unit entered before `moment`.
    fn entered_by(&self, direct: usize, moment: Timestamp) -> u32 {
        let (mut some, mut beyond) = (0, rounded(self.curves.end(direct)) + 2);
        while some + 1 < beyond {
            let middle = u32::midpoint(some, beyond);
            if self.entry(direct, middle).is_some_and(|action| action.at < moment) {
                some = middle;
            } else {
                beyond = middle;
            }
        }
        some
    }

    /// The entry of this number, from 1; `None` beyond the last.
    fn entry(&self, direct: usize, number: u32) -> Option<Action> {
        let code = &self.sites.direct[direct].code;
        // Each entry lies somewhere in the stretch of time for one entry, and not on its edge.
        let within = 0.02 + 0.96 * rng(self.seed, code, u64::from(number) << 32).f64();
        let count = (f64::from(number - 1) + within) / self.scale.share();
        (count < self.curves.end(direct)).then(|| Action {
            at: self.curves.moment(direct, count),
            entry: EntryId { direct, number, again: false },
            step: Step::Submit,
            is_last: false,
        })
    }

    /// The key, which a client makes for every submission.
    pub fn key(&self, entry: EntryId) -> String {
        let again = if entry.again { "b" } else { "" };
        format!("demo-{:x}-{}-{}{again}", self.seed, self.code(entry), entry.number)
    }

    /// The entry of this key; `None` for a key that is not the demo's.
    pub fn entry_of(&self, key: &str) -> Option<EntryId> {
        let own = key.strip_prefix(&format!("demo-{:x}-", self.seed))?;
        let (code, number) = own.rsplit_once('-')?;
        let once = number.strip_suffix('b');
        Some(EntryId {
            direct: *self.numbers.get(code)?,
            number: once.unwrap_or(number).parse().ok()?,
            again: once.is_some(),
        })
    }

    fn code(&self, entry: EntryId) -> &str {
        &self.sites.direct[entry.direct].code
    }

    /// The action as a command; `id` names the initiative, except for a submission.
    pub fn command(&self, action: &Action, id: InitiativeId) -> Command {
        let entry = action.entry;
        let salt = u64::from(entry.number) << 8 | action.step as u64;
        let rng = &mut rng(self.seed.rotate_left(7), self.code(entry), salt);
        let review = |decision, reason, note| {
            Command::Review(Review { id, decision, reason, note, expected_version: None })
        };
        match action.step {
            Step::Submit => Command::Submit(self.submission(action)),
            Step::Transfer => Command::Transfer(Transfer {
                id,
                unit: UnitRef::Code(self.sites.all[self.site(entry)].code.clone()),
                reason: Some("Chọn nhầm đơn vị khi nộp".to_owned()),
                expected_version: None,
            }),
            Step::Withdraw => Command::Withdraw(Withdraw {
                id,
                reason: Some((*pick(rng, &WITHDRAWN)).to_owned()),
                expected_version: None,
            }),
            Step::Return => {
                review(ReviewDecision::Return, None, Some((*pick(rng, &RETURN_NOTES)).to_owned()))
            }
            Step::Revise => Command::Revise(Box::new(Revise {
                recognised_by: Patch::Set(recognition(rng, action.at.day())),
                summary: Patch::Set("Đã bổ sung minh chứng theo đề nghị".to_owned()),
                ..Revise::of(id)
            })),
            Step::Accept => review(ReviewDecision::Accept, None, None),
            Step::Reject => review(ReviewDecision::Reject, Some(*pick(rng, &REJECTIONS)), None),
            Step::Feature => Command::Feature(Feature { id, featured: true }),
        }
    }

    /// The site where the initiative belongs.
    fn site(&self, entry: EntryId) -> usize {
        self.sites.pick(entry.direct, &mut self.content_rng(entry))
    }

    /// The generator of the content, the same for an initiative that is entered twice.
    fn content_rng(&self, entry: EntryId) -> Rng {
        rng(self.seed, self.code(entry), u64::from(entry.number) << 32 | 1)
    }

    fn submission(&self, action: &Action) -> Submit {
        let (entry, today) = (action.entry, action.at.day());
        let direct = self.code(entry);
        let rng = &mut self.content_rng(entry);
        let at = self.sites.pick(entry.direct, rng);
        // People write about their own work, also where they choose another unit by mistake.
        let site = &self.sites.all[at];
        let entered_at = if is_misplaced(self.seed, direct, entry.number) {
            self.sites.neighbour(at, rng).unwrap_or(at)
        } else {
            at
        };
        let writers = people::writers(entry.number, site.share);
        let authors = people::authors(self.seed, &site.code, site.sector, writers, rng);
        let parts = self.titles.of(site.trade);
        let kind = parts.kind(rng);
        let dated = kind.needs_applied_on() || chance(rng, 0.3);
        let by_team = authors.len() > 1 && chance(rng, 0.3);
        let recognised = chance(rng, 0.6);
        Submit {
            key: self.key(entry),
            unit: UnitRef::Code(self.sites.all[entered_at].code.clone()),
            title: parts.title(rng, site.place.as_deref()),
            summary: None,
            kind,
            field: Some(parts.field.clone()),
            team: by_team.then(|| (*pick(rng, &TEAMS)).to_owned()),
            authors,
            applied_on: dated.then(|| recent_day(rng, self.applied_from, today)),
            recognised_by: recognised.then(|| recognition(rng, today)),
            confidential: chance(rng, 0.02),
            benefit_vnd: chance(rng, 0.25).then(|| benefit(rng)),
        }
    }
}

/// The actions to come, in order of time.
pub struct Actions<'a> {
    script: &'a Script,
    due: BinaryHeap<Reverse<Action>>,
}

impl Iterator for Actions<'_> {
    type Item = Action;

    fn next(&mut self) -> Option<Action> {
        let Reverse(action) = self.due.pop()?;
        if action.step != Step::Submit {
            return Some(action);
        }
        let Action { at, entry, .. } = action;
        let (seed, code) = (self.script.seed, self.script.code(entry));
        let steps = course(seed, code, entry, at);
        let last = steps.len();
        self.due.extend(steps.into_iter().zip(1..).map(|((at, step), place)| {
            Reverse(Action { at, entry, step, is_last: place == last })
        }));
        if !entry.again {
            if let Some(at) = entered_again(seed, code, entry.number, at) {
                let entry = EntryId { again: true, ..entry };
                self.due.push(Reverse(Action { at, entry, ..action }));
            }
            self.due.extend(self.script.entry(entry.direct, entry.number + 1).map(Reverse));
        }
        Some(action)
    }
}

fn recognition(rng: &mut Rng, today: Day) -> String {
    format!(
        "Hội đồng sáng kiến cơ sở, Quyết định số {}/QĐ-HĐSK năm {}",
        rng.u32(1..400),
        today.year()
    )
}

/// A random day from `from` to `today`, mostly a late one.
fn recent_day(rng: &mut Rng, from: Day, today: Day) -> Day {
    let span = today.since(from).max(0);
    today.plus(-rng.i32(0..=span).min(rng.i32(0..=span)))
}

/// A benefit in đồng a year: some millions mostly, billions now and then.
fn benefit(rng: &mut Rng) -> i64 {
    const LEAST: i64 = 3_000_000;
    const MOST: i64 = 30_000_000_000;
    let heavy_tailed = MOST / rng.i64(1..=MOST / LEAST);
    heavy_tailed - heavy_tailed % 100_000
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::calendar::{FIRST_DAY, LAST_DAY, day};
    use super::super::published::published;
    use super::super::sites::Site;
    use super::super::units::units;
    use super::*;
    use crate::domain::initiative::AuthorGroup;
    use crate::domain::text::normalise;
    use crate::domain::unit::Sector;
    use crate::limits::{CODE_MAX, TITLE_MAX};

    fn script(seed: u64, scale: f64) -> Script {
        Script::new(seed, Scale::new(scale).unwrap(), &units())
    }

    #[test]
    fn every_published_count_is_there_at_its_moment() {
        let script = script(1, 1.0);
        for known in published() {
            let count = match &known.unit {
                None => script.entered_before(known.before),
                Some(code) => script.entered_by(script.numbers[code], known.before),
            };
            assert_eq!(count, known.count, "{known:?}");
        }
    }

    #[test]
    fn the_same_seed_and_scale_give_the_same_list() {
        let list = |seed| -> Vec<(Action, Command)> {
            let script = script(seed, 0.01);
            let about = |action: Action| (action, script.command(&action, InitiativeId(7)));
            script.actions().take(1_000).map(about).collect()
        };
        assert!(list(7) == list(7));
        assert!(list(7) != list(8));
    }

    /// Over seeds and scales: actions are in order, each entry comes once, and each published moment has the scaled
    /// count, to within one for each unit.
    #[test]
    fn every_scale_keeps_the_proportions() {
        let mut rng = Rng::with_seed(5);
        for _ in 0..6 {
            let (seed, scale) = (rng.u64(..), 0.000_3 + rng.f64() * 0.02);
            let script = script(seed, scale);
            let mut counts: HashMap<usize, u32> = HashMap::new();
            let mut open: HashMap<EntryId, Step> = HashMap::new();
            let mut seen = HashSet::new();
            let mut last = FIRST_DAY.start();
            let mut known = published().into_iter().peekable();
            for action in script.actions() {
                while let Some(known) = known.next_if(|known| known.before <= action.at) {
                    let code = known.unit.as_deref().map(|code| script.numbers[code]);
                    let counted = match code {
                        None => counts.values().sum(),
                        Some(unit) => counts.get(&unit).copied().unwrap_or(0),
                    };
                    let units = if code.is_none() { 81.0 } else { 1.0 };
                    let due = f64::from(known.count) * scale;
                    assert!((f64::from(counted) - due).abs() <= units, "{seed} {scale} {known:?}");
                    let (asked, unit) = (known.before, code);
                    let before = unit.map_or_else(
                        || script.entered_before(asked),
                        |unit| script.entered_by(unit, asked),
                    );
                    assert_eq!(before, counted, "{seed} {scale} {known:?}");
                }
                assert!(action.at >= last, "{seed} {scale}");
                last = action.at;
                if action.step == Step::Submit {
                    assert!(seen.insert(action.entry) && action.at.day() <= LAST_DAY);
                    open.insert(action.entry, Step::Submit);
                    *counts.entry(action.entry.direct).or_default() +=
                        u32::from(!action.entry.again);
                } else if action.is_last {
                    assert!(open.remove(&action.entry).is_some());
                } else {
                    assert!(
                        open.insert(action.entry, action.step).is_some_and(|b| b < action.step)
                    );
                }
            }
            assert!(open.is_empty(), "every initiative has a last action");
            assert!(known.next().is_none_or(|known| known.before > last));
        }
    }

    /// The printed ranks: the eight leaders of 26/3/2022, Cần Thơ 10th on 13/5/2022, Thanh Hóa first, Hà Nội second
    /// and Bắc Giang fifth in the end.
    #[test]
    fn ranks_are_about_those_that_were_printed() {
        let script = script(1, 1.0);
        let ranking = |before: &str| -> Vec<&str> {
            let at = day(before).start();
            let units = script.sites.direct.iter().zip(0..);
            let mut counts: Vec<(u32, &str)> =
                units.map(|(unit, number)| (script.entered_by(number, at), &*unit.code)).collect();
            assert!(counts.iter().all(|(count, _)| *count > 0), "all of them take part");
            counts.sort_unstable_by(|a, b| b.cmp(a));
            counts.into_iter().map(|(_, code)| code).collect()
        };
        assert_eq!(
            ranking("2022-03-27")[..8],
            [
                "ldld-thanh-hoa",
                "ldld-nghe-an",
                "ldld-ha-tinh",
                "ldld-ha-noi",
                "ldld-hai-phong",
                "ldld-can-tho",
                "ldld-an-giang",
                "ldld-hau-giang"
            ]
        );
        assert_eq!(ranking("2022-05-13")[9], "ldld-can-tho");
        let last = ranking("2023-09-01");
        assert_eq!(
            (last[0], last[1], last[4]),
            ("ldld-thanh-hoa", "ldld-ha-noi", "ldld-bac-giang")
        );
    }

    #[test]
    fn submissions_are_such_as_a_server_takes() {
        let codes: HashSet<String> = units().into_iter().map(|unit| unit.code).collect();
        let script = script(1, 0.01);
        let first = day(APPLIED_FROM);
        let (mut keys, mut confidential, mut valuable) = (HashSet::new(), 0, 0);
        let mut sectors = HashSet::new();
        for action in script.actions().take(30_000) {
            let Command::Submit(submit) = script.command(&action, InitiativeId(1)) else {
                continue;
            };
            let UnitRef::Code(code) = &submit.unit else { panic!("units go by code") };
            assert!(codes.contains(code));
            assert!(submit.key.len() <= CODE_MAX);
            assert_eq!(script.entry_of(&submit.key), Some(action.entry));
            assert!(keys.insert(submit.key));
            assert_eq!(submit.title, normalise(&submit.title));
            assert!(submit.title.chars().count() <= TITLE_MAX);
            assert!((1..=3).contains(&submit.authors.len()));
            assert!(submit.applied_on.is_some() || !submit.kind.needs_applied_on());
            let today = action.at.day();
            assert!(submit.applied_on.is_none_or(|day| first <= day && day <= today));
            assert!(submit.benefit_vnd.is_none_or(|vnd| vnd > 0));
            confidential += i32::from(submit.confidential);
            valuable += i32::from(submit.benefit_vnd.is_some_and(|vnd| vnd > 500_000_000));
            sectors.insert(submit.field);
        }
        assert!(confidential > 10 && valuable > 10 && sectors.len() > 8);
        assert_eq!(script.entry_of("made-by-a-client"), None);
    }

    /// The submissions of a script's first days, each with the site where it belongs.
    fn submissions(script: &Script, count: usize) -> impl Iterator<Item = (&Site, Submit)> {
        let entered =
            script.actions().filter(|action| action.step == Step::Submit && !action.entry.again);
        entered.take(count).map(|action| {
            let site = &script.sites.all[script.site(action.entry)];
            let Command::Submit(submit) = script.command(&action, InitiativeId(1)) else {
                panic!("a submission is a submission")
            };
            (site, submit)
        })
    }

    #[test]
    fn titles_are_of_the_trade_and_few_are_alike() {
        let script = script(1, 0.2);
        let mut times: HashMap<String, u32> = HashMap::new();
        for (site, submit) in submissions(&script, 60_000) {
            let title = &submit.title;
            // A place is part of many titles, and may be named like anything.
            let title = title.split(" tại ").next().unwrap().to_owned();
            let name = site.place.as_deref().unwrap_or_default();
            let is_about = |words: &[&str]| words.iter().any(|word| title.contains(word));
            let of_small_children = ["cho trẻ ", "mẫu giáo"];
            let of_schools = ["cho trẻ ", "học sinh", "sinh viên", "lớp 1"];
            let at = format!("{name}: {title}");
            if name.contains("Mầm non") {
                assert!(is_about(&of_small_children) && !is_about(&["học sinh"]), "{at}");
            } else if name.contains("Tiểu học") {
                assert!(is_about(&["cho học sinh lớp "]), "{at}");
                assert!((1..=5).any(|grade| title.contains(&format!("lớp {grade}"))), "{at}");
                assert!(!is_about(&["lớp 10", "lớp 11", "lớp 12"]), "{at}");
            } else if name.contains("Trung học") {
                assert!(is_about(&["học sinh"]) && !is_about(&of_small_children), "{at}");
            } else if site.sector != Sector::Education && site.trade != "university" {
                assert!(!is_about(&of_schools), "{at}");
            }
            let of_works = ["cảng", "lò chợ", "giàn", "biến áp", "phần mềm", "mỏ "];
            if site.trade == "commune" {
                assert!(!is_about(&of_works), "{at}");
            }
            *times.entry(submit.title).or_default() += 1;
        }
        assert!(times.len() > 30_000, "{} titles", times.len());
        let (title, most) = times.iter().max_by_key(|(_, times)| **times).unwrap();
        assert!(*most < 12, "{most} times {title}");
    }

    /// More than half of the authors are public employees, two thirds of these in schools.
    #[test]
    fn authors_are_those_who_wrote() {
        let script = script(1, 0.2);
        let (mut all, mut public, mut in_schools) = (0.0, 0.0, 0.0);
        for (site, submit) in submissions(&script, 60_000) {
            for author in submit.authors {
                all += 1.0;
                if author.group == Some(AuthorGroup::PublicEmployee) {
                    public += 1.0;
                    in_schools += f64::from(u8::from(site.sector == Sector::Education));
                }
            }
        }
        let (public, in_schools) = (public / all, in_schools / public);
        assert!((0.51..0.65).contains(&public), "{public} are public employees");
        assert!((0.62..0.71).contains(&in_schools), "{in_schools} of them in schools");
    }

    #[test]
    fn a_misplaced_initiative_belongs_to_a_neighbour() {
        let units = units();
        let parents: HashMap<&str, &Patch<UnitRef>> =
            units.iter().map(|unit| (unit.code.as_str(), &unit.parent)).collect();
        let script = script(3, 0.01);
        let mut entered_at: HashMap<EntryId, String> = HashMap::new();
        let (mut moved, mut stayed) = (0, 0);
        for action in script.actions().take(20_000) {
            match script.command(&action, InitiativeId(1)) {
                Command::Submit(Submit { unit: UnitRef::Code(code), .. }) => {
                    entered_at.insert(action.entry, code);
                }
                Command::Transfer(Transfer { unit: UnitRef::Code(to), .. }) => {
                    let from = &entered_at[&action.entry];
                    assert_eq!(parents[from.as_str()], parents[to.as_str()]);
                    if *from == to { stayed += 1 } else { moved += 1 }
                }
                _ => {}
            }
        }
        assert!(moved > 50 && stayed * 20 < moved, "{moved} {stayed}");
    }
}
