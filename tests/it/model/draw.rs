//! The questions that random histories ask.

use std::sync::Arc;

use sangkien::board::{
    Direction, OrderBy, RankBy, RankingKey, Snapshot, UnitFilter, UnitListKey, UnitOrder, UnitScope,
};
use sangkien::domain::command::{
    CloseUnit, ConfirmAssessment, DeleteUnit, Feature, FinalizePeriod, Goal, MoveUnit, NewAuthor,
    NewCriterion, RenameUnit, ReopenUnit, Review, ReviewDecision, Revise, SetTargets, Submit,
    Transfer, UnitGoal, UpsertPeriod, UpsertRule, UpsertUnit, Withdraw,
};
use sangkien::domain::decimal::Decimal;
use sangkien::domain::field::Fields;
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use sangkien::domain::period::{Metric, PeriodKind};
use sangkien::domain::rule::{Measure, Step};
use sangkien::domain::target::{Part, TargetOrigin};
use sangkien::domain::unit::{Sector, UnitKind};
use sangkien::domain::{
    Command, Day, InitiativeId, Patch, Period, PeriodId, PeriodRef, Unit, UnitId, UnitRef, Version,
};
use sangkien::limits::HISTORY_DAYS;

use crate::commands;

/// Draws commands that fit the state that it is shown, more or less.
pub struct Draw {
    pub rng: fastrand::Rng,
    /// Makes keys and codes its own.
    name: String,
    count: u32,
    most_units: u32,
    /// How many periods there may be beside the stand-in; with more than a few they are often changed, and so is the tree
    /// about them.
    most_periods: u32,
    submitted: Vec<Submit>,
    /// Asked before.
    listings: Vec<UnitListKey>,
}

impl Draw {
    pub fn new(seed: u64, name: &str, most_units: u32) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        Self {
            rng,
            name: name.to_owned(),
            count: 0,
            most_units,
            most_periods: 8,
            submitted: Vec::new(),
            listings: Vec::new(),
        }
    }

    pub fn with_many_periods(self) -> Self {
        Self { most_periods: 40, ..self }
    }

    fn one_in(&mut self, odds: u32) -> bool {
        self.rng.u32(0..odds) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        self.rng.bool().then_some(value)
    }

    pub fn fresh(&mut self) -> String {
        self.count += 1;
        format!("{}-{}", self.name, self.count)
    }

    pub fn unit(&mut self, board: &Snapshot) -> Arc<Unit> {
        loop {
            if let Some(unit) = board.structure.get(self.unit_id(board)) {
                return Arc::clone(unit);
            }
        }
    }

    /// The number of a unit, which may be a deleted one.
    fn unit_id(&mut self, board: &Snapshot) -> UnitId {
        UnitId(self.rng.u32(1..=board.structure.unit_count()))
    }

    fn unit_ref(&mut self, board: &Snapshot) -> UnitRef {
        if self.one_in(60) {
            return UnitRef::Code("nowhere".to_owned());
        }
        if self.one_in(60) {
            return UnitRef::Id(self.unit_id(board));
        }
        let unit = self.unit(board);
        if self.rng.bool() { UnitRef::Id(unit.id) } else { UnitRef::Code(unit.code.clone()) }
    }

    pub fn period(&mut self, board: &Snapshot) -> Arc<Period> {
        let all: Vec<_> = board.structure.periods().collect();
        Arc::clone(all[self.rng.usize(0..all.len())])
    }

    fn period_ref(&mut self, board: &Snapshot) -> PeriodRef {
        let period = self.period(board);
        if self.rng.bool() {
            PeriodRef::Id(period.id)
        } else {
            PeriodRef::Code(period.code.clone())
        }
    }

    fn day(&mut self, board: &Snapshot, before: i32, after: i32) -> Day {
        board.today().plus(self.rng.i32(-before..=after))
    }

    /// One of the initiatives, rather a newer one.
    fn initiative(&mut self, newest: i64) -> InitiativeId {
        let last = newest.max(1);
        let first = if self.rng.bool() { (last - 6).max(1) } else { 1 };
        InitiativeId(self.rng.i64(first..=last))
    }

    pub fn command(&mut self, board: &Snapshot, newest: i64) -> Command {
        if self.most_periods > 8 && self.one_in(3) {
            let unit = self.unit_ref(board);
            return match self.rng.u32(0..6) {
                0 => Command::MoveUnit(MoveUnit { unit, new_parent: self.unit_ref(board) }),
                1 => Command::CloseUnit(CloseUnit { unit, on: None }),
                2 => Command::ReopenUnit(ReopenUnit { unit }),
                _ => self.upsert_period(board),
            };
        }
        match self.rng.u32(0..100) {
            0..28 => self.submit(board),
            28..46 => self.review(newest),
            46..53 => self.revise(board, newest),
            53..59 => Command::Withdraw(Withdraw {
                id: self.initiative(newest),
                reason: self.maybe("nhầm".to_owned()),
                expected_version: None,
            }),
            59..66 => Command::Transfer(Transfer {
                id: self.initiative(newest),
                unit: self.unit_ref(board),
                reason: None,
                expected_version: None,
            }),
            66..69 => {
                Command::Feature(Feature { id: self.initiative(newest), featured: self.rng.bool() })
            }
            69..75 => self.set_targets(board),
            75..81 => self.upsert_unit(board),
            81..82 => self.delete_unit(board),
            82..86 => Command::MoveUnit(MoveUnit {
                unit: self.unit_ref(board),
                new_parent: self.unit_ref(board),
            }),
            86..87 => Command::RenameUnit(RenameUnit {
                unit: self.unit_ref(board),
                // Now and then the code of another unit.
                code: if self.one_in(4) { self.unit(board).code.clone() } else { self.fresh() },
            }),
            87..90 => {
                let on = self.day(board, 5, 1);
                Command::CloseUnit(CloseUnit { unit: self.unit_ref(board), on: self.maybe(on) })
            }
            90..92 => Command::ReopenUnit(ReopenUnit { unit: self.unit_ref(board) }),
            92..94 => Command::FinalizePeriod(FinalizePeriod {
                period: self.period_ref(board),
                even_pending: !self.one_in(4),
                note: self.maybe("chốt".to_owned()),
                expected_version: None,
            }),
            94..96 => self.upsert_rule(board),
            96..99 => self.confirm(board),
            _ => self.upsert_period(board),
        }
    }

    /// A unit, mostly one that has nothing; now and then one that is gone already.
    fn delete_unit(&mut self, board: &Snapshot) -> Command {
        let structure = &board.structure;
        let is_bare = |id: &UnitId| {
            structure.children(*id).is_empty()
                && structure.targets(*id).is_empty()
                && structure.periods_owned(*id).is_empty()
        };
        let bare: Vec<UnitId> = structure.units().map(|unit| unit.id).filter(is_bare).collect();
        let gone: Vec<UnitId> = structure.deleted_units().map(|unit| unit.id).collect();
        let unit = match self.rng.u32(0..8) {
            0 => self.unit_ref(board),
            1 if !gone.is_empty() => UnitRef::Id(self.pick(&gone)),
            _ if !bare.is_empty() => UnitRef::Id(self.pick(&bare)),
            _ => self.unit_ref(board),
        };
        Command::DeleteUnit(DeleteUnit { unit, reason: self.maybe("nhập nhầm".to_owned()) })
    }

    /// A rule of some unit; mostly one that is there.
    fn upsert_rule(&mut self, board: &Snapshot) -> Command {
        let step = |from: &str| Step {
            from: from.parse().expect("a decimal"),
            above: false,
            points: Decimal::whole(1),
        };
        let criterion = NewCriterion {
            measure: self.pick(Measure::ALL),
            origin: self.pick(TargetOrigin::ALL),
            target_period: if self.one_in(3) { Some(self.period_ref(board)) } else { None },
            steps: vec![step("0.5"), step("1")],
            required: self.rng.bool(),
        };
        let owner = self.unit_ref(board);
        Command::UpsertRule(Box::new(UpsertRule {
            code: format!("r{}", self.rng.u32(0..3)),
            name: Patch::Set("Quy tắc".to_owned()),
            owner: if self.one_in(3) { Patch::Set(owner) } else { Patch::Keep },
            top: if self.rng.bool() { Patch::Set(self.rng.i32(1..4)) } else { Patch::Clear },
            criteria: Patch::Set(vec![criterion]),
            ..UpsertRule::default()
        }))
    }

    /// An assessment of any period by any rule, mostly one that can be confirmed.
    fn confirm(&mut self, board: &Snapshot) -> Command {
        let structure = &board.structure;
        let closed = board.closings().all().map(|closing| structure.period(closing.period));
        let pairs: Vec<(String, PeriodId)> = closed
            .flat_map(|period| {
                let covered = structure.rules();
                let covered = covered.filter(|it| structure.is_within(it.owner, period.owner));
                covered.map(|rule| (rule.code.clone(), period.id))
            })
            .collect();
        let (rule, period) = if pairs.is_empty() || self.one_in(4) {
            (format!("r{}", self.rng.u32(0..3)), self.period_ref(board))
        } else {
            let (rule, period) = pairs[self.rng.usize(0..pairs.len())].clone();
            (rule, PeriodRef::Id(period))
        };
        Command::ConfirmAssessment(ConfirmAssessment {
            rule,
            period,
            confirmed: !self.one_in(4),
            note: Some("xét".to_owned()),
            expected_version: None,
            confirmable: None,
        })
    }

    pub fn submit(&mut self, board: &Snapshot) -> Command {
        if !self.submitted.is_empty() && self.one_in(8) {
            let mut again = self.submitted[self.rng.usize(0..self.submitted.len())].clone();
            if self.one_in(3) {
                again.title.push_str(" khác");
            }
            return Command::Submit(again);
        }
        let kind = self.pick(InitiativeKind::ALL);
        let applied_on = self.day(board, 30, 0);
        let ordinary = commands::submit(self.fresh(), self.unit_ref(board));
        let submit = Submit {
            kind,
            field: self.field(),
            authors: self.authors(),
            applied_on: self.maybe(applied_on),
            confidential: self.rng.bool(),
            benefit_vnd: self.benefit(),
            ..ordinary
        };
        self.submitted.push(submit.clone());
        Command::Submit(submit)
    }

    fn benefit(&mut self) -> Option<i64> {
        let benefit = self.rng.i64(0..9_000_000_000);
        self.maybe(benefit)
    }

    /// Few people, so that they meet again.
    fn authors(&mut self) -> Vec<NewAuthor> {
        (0..self.rng.usize(1..4))
            .map(|_| NewAuthor {
                name: format!("Người {}", self.rng.u32(0..3)),
                person_code: self.maybe(format!("m{}", self.count % 3)),
                group: Some(self.pick(AuthorGroup::ALL)).filter(|_| self.rng.bool()),
                contact: None,
            })
            .collect()
    }

    fn review(&mut self, newest: i64) -> Command {
        let decision = self.pick(ReviewDecision::ALL);
        // Now and then a review says nothing of what it must say.
        let is_complete = !self.one_in(8);
        let reason = (decision == ReviewDecision::Reject && is_complete)
            .then(|| self.pick(RejectionReason::ALL));
        let note = (decision == ReviewDecision::Return && is_complete) || self.rng.bool();
        Command::Review(Review {
            id: self.initiative(newest),
            decision,
            reason,
            note: note.then(|| "xem lại".to_owned()),
            expected_version: self.one_in(12).then_some(Version(3)),
        })
    }

    fn revise(&mut self, board: &Snapshot, newest: i64) -> Command {
        let mut revise = Revise::of(self.initiative(newest));
        if self.rng.bool() {
            revise.authors = Patch::Set(self.authors());
        }
        if self.rng.bool() {
            revise.benefit_vnd = self.benefit().map_or(Patch::Clear, Patch::Set);
        }
        if self.one_in(3) {
            revise.kind = Patch::Set(self.pick(InitiativeKind::ALL));
            revise.applied_on = Patch::Set(self.day(board, 30, 0));
        }
        Command::Revise(Box::new(revise))
    }

    fn set_targets(&mut self, board: &Snapshot) -> Command {
        let goals = (0..self.rng.usize(1..5)).map(|_| {
            let goal = match self.rng.u32(0..5) {
                0 => None,
                1 => Some(Goal::PercentOfMembers { from: 30.0, to: Some(50.0) }),
                2 => Some(Goal::Count(0)),
                _ => Some(Goal::Count(self.rng.i32(1..7))),
            };
            UnitGoal { unit: self.unit_ref(board), part: self.part(), goal }
        });
        let goals = goals.collect();
        Command::SetTargets(SetTargets {
            period: self.period_ref(board),
            metric: Some(self.pick(Metric::ALL)).filter(|_| self.one_in(3)),
            origin: if self.one_in(5) { TargetOrigin::Pledged } else { TargetOrigin::Assigned },
            document_number: None,
            goals,
        })
    }

    fn unit_kind(&mut self) -> UnitKind {
        if self.rng.bool() { UnitKind::GrassrootsUnion } else { self.pick(UnitKind::ALL) }
    }

    pub fn new_unit(&mut self, parent: UnitRef) -> UpsertUnit {
        UpsertUnit {
            code: self.fresh(),
            name: Patch::Set("Công đoàn".to_owned()),
            kind: Patch::Set(self.unit_kind()),
            parent: Patch::Set(parent),
            cluster: self.cluster(),
            sector: self.sector(),
            foreign_invested: self.foreign_invested(),
            member_count: self.member_count(),
        }
    }

    fn upsert_unit(&mut self, board: &Snapshot) -> Command {
        let parent = self.unit_ref(board);
        if board.structure.unit_count() < self.most_units && self.rng.bool() {
            return Command::UpsertUnit(self.new_unit(parent));
        }
        let mut upsert = UpsertUnit { code: self.unit(board).code.clone(), ..Default::default() };
        match self.rng.u32(0..4) {
            0 => upsert.name = Patch::Set(format!("Tên {}", self.rng.u32(0..5))),
            1 => upsert.kind = Patch::Set(self.unit_kind()),
            2 => upsert.parent = Patch::Set(parent),
            _ => {
                upsert.cluster = self.cluster();
                upsert.sector = self.sector();
                upsert.foreign_invested = self.foreign_invested();
                upsert.member_count = self.member_count();
            }
        }
        Command::UpsertUnit(upsert)
    }

    /// Mostly the whole.
    fn part(&mut self) -> Part {
        if !self.one_in(3) {
            return Part::WHOLE;
        }
        let group = self.pick(AuthorGroup::ALL);
        Part { group: self.maybe(group), field: self.field() }
    }

    fn field(&mut self) -> Option<String> {
        let field = self.pick(&["cơ khí", "cơ khí", "điện", "khác"]);
        self.maybe(field.to_owned())
    }

    /// The operator's list of fields, which may be none, or lack fields that were named before.
    pub fn fields(&mut self) -> Fields {
        let list =
            self.pick(&["code,name\n", "code,name\ncơ khí,A\nđiện,B\n", "code,name\nđiện,B\n"]);
        Fields::parse(list.as_bytes()).expect("a list")
    }

    fn sector(&mut self) -> Patch<Sector> {
        match self.rng.u32(0..4) {
            0 | 1 => Patch::Keep,
            2 => Patch::Clear,
            _ => Patch::Set(self.pick(Sector::ALL)),
        }
    }

    fn foreign_invested(&mut self) -> Patch<bool> {
        if self.one_in(4) { Patch::Set(self.rng.bool()) } else { Patch::Keep }
    }

    fn cluster(&mut self) -> Patch<String> {
        match self.rng.u32(0..4) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => Patch::Set(self.pick(&["A", "B"]).to_owned()),
        }
    }

    fn member_count(&mut self) -> Patch<i32> {
        match self.rng.u32(0..4) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => Patch::Set(self.rng.i32(0..12)),
        }
    }

    pub fn upsert_period(&mut self, board: &Snapshot) -> Command {
        let starts_on = self.day(board, 40, 8);
        let ends_on = starts_on.plus(self.rng.i32(0..60));
        let (kind, metric) = (self.pick(PeriodKind::ALL), self.pick(Metric::ALL));
        let mut upsert = UpsertPeriod { metric: Patch::Set(metric), ..Default::default() };
        if self.one_in(3) || board.structure.periods().count() < 3 {
            upsert.code = format!("p{}", self.rng.u32(0..self.most_periods));
            upsert.name = Patch::Set("Kỳ".to_owned());
            upsert.kind = Patch::Set(kind);
            upsert.starts_on = Patch::Set(starts_on);
            upsert.ends_on = Patch::Set(ends_on);
            upsert.owner = Patch::Set(self.unit_ref(board));
        } else {
            let period = self.period(board);
            upsert.code.clone_from(&period.code);
            match self.rng.u32(0..5) {
                0 => {
                    upsert.starts_on = Patch::Set(starts_on);
                    upsert.ends_on = Patch::Set(ends_on);
                }
                1 => upsert.owner = Patch::Set(self.unit_ref(board)),
                2 => upsert.starts_on = Patch::Set(period.starts_on.plus(self.rng.i32(-3..=3))),
                3 => upsert.ends_on = Patch::Set(period.ends_on.plus(self.rng.i32(-3..=9))),
                _ => upsert.kind = Patch::Set(kind),
            }
        }
        if self.one_in(4) {
            upsert.parent = Patch::Set(self.period_ref(board));
        }
        if self.one_in(6) {
            upsert.applied_from = Patch::Set(self.day(board, 30, 0));
        } else if self.rng.bool() {
            upsert.applied_from = Patch::Clear;
        }
        Command::UpsertPeriod(upsert)
    }

    /// A day that is over; `None` on the log's first day.
    pub fn past_day(&mut self, board: &Snapshot) -> Option<Day> {
        let days = board.today().since(board.first_day());
        (days > 0).then(|| board.first_day().plus(self.rng.i32(0..days)))
    }

    pub fn board_key(&mut self, board: &Snapshot) -> RankingKey {
        let period = self.period(board).id;
        let mut kinds = Vec::new();
        if self.one_in(3) {
            kinds = vec![UnitKind::GrassrootsUnion, self.pick(UnitKind::ALL)];
        }
        let cluster = (kinds.is_empty() && self.one_in(3)).then(|| "A".to_owned());
        let within = self.unit(board).id;
        let rank_by = self.pick(RankBy::ALL);
        let as_of = self.past_day(board).filter(|_| self.one_in(2));
        let since = match as_of {
            Some(day) => day.plus(-self.rng.i32(0..=31)),
            None => self.since(board),
        };
        RankingKey { within, kinds, cluster, period, rank_by, as_of, since }
    }

    /// Often one that was asked before: its answer may be kept, and must not be old.
    pub fn listing_key(&mut self, board: &Snapshot) -> UnitListKey {
        if self.listings.len() > 6 && !self.one_in(4) {
            return self.listings[self.rng.usize(0..self.listings.len())].clone();
        }
        let key = self.new_listing_key(board);
        self.listings.truncate(11);
        self.listings.insert(0, key.clone());
        key
    }

    fn new_listing_key(&mut self, board: &Snapshot) -> UnitListKey {
        let unit = self.unit(board).id;
        let within = self.unit(board).id;
        let by = self.pick(&[
            OrderBy::Name,
            OrderBy::Code,
            OrderBy::Submitted,
            OrderBy::Accepted,
            OrderBy::MemberCount,
            OrderBy::LastSubmitted,
            OrderBy::Coverage,
            OrderBy::Pending,
        ]);
        UnitListKey {
            scope: self.pick(&[
                UnitScope::Everything,
                UnitScope::Children(unit),
                UnitScope::Descendants(unit),
            ]),
            filter: UnitFilter {
                within: self.one_in(4).then_some(within),
                kinds: Vec::from_iter(self.one_in(4).then_some(UnitKind::GrassrootsUnion)),
                cluster: self.one_in(4).then(|| "A".to_owned()),
                closed: self.one_in(4).then_some(false),
                not_started: self.one_in(4).then_some(true),
                silent_days: self.one_in(4).then(|| self.rng.i32(0..12)),
                behind: self.one_in(3).then(|| self.rng.bool()),
                ..UnitFilter::default()
            },
            order: UnitOrder {
                by,
                direction: self.pick(&[Direction::Ascending, Direction::Descending]),
            },
            period: Some(self.period(board).id),
            as_of: None,
        }
    }

    /// Rather the edges of what may be asked, and often the same.
    pub fn since(&mut self, board: &Snapshot) -> Day {
        match self.rng.u32(0..6) {
            0 => self.day(board, HISTORY_DAYS, 0),
            1 => board.today(),
            2 => board.today().plus(-1),
            3 => board.today().plus(1 - HISTORY_DAYS),
            4 => board.today().plus(-HISTORY_DAYS),
            _ => board.today().plus(-7),
        }
    }

    /// Hours, a few days, or beyond the reach of history.
    pub fn time_passing_ms(&mut self) -> i64 {
        const HOUR: i64 = 3_600_000;
        match self.rng.u32(0..20) {
            0 => self.rng.i64(30..36) * 24 * HOUR,
            1 => -self.rng.i64(1..30) * HOUR,
            2..7 => self.rng.i64(24..24 * 9) * HOUR,
            _ => self.rng.i64(1..20 * HOUR),
        }
    }
}
