//! Rankings and earlier standings in cases small enough to be checked by hand.
//!
//! Each table has the columns that a person would write: rank, rank before, unit, value, gained. A
//! recount checks every table as well.

use futures_util::FutureExt as _;
use sangkien::board::{RankBy, RankingKey, Unhurried};
use sangkien::domain::command::{
    CloseUnit, MoveUnit, ReviewDecision, Transfer, UpsertPeriod, UpsertUnit,
};
use sangkien::domain::period::Metric;
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{Command, Day, InitiativeId, Outcome, Patch, PeriodRef, Timestamp, UnitRef};
use sangkien::recount::Verdict;

use crate::commands;
use crate::writer_node::{Backend, WriterNode};

/// A tree under the root `tld`, the period `p` of the root, and the clock at 08:00 on a day of
/// May 2022.
struct Scene {
    node: WriterNode,
    keys: u32,
}

impl Scene {
    async fn on(day: &str) -> Self {
        let now = at(&format!("{day}T08:00:00+07:00"));
        let node = WriterNode::open(Backend::Sqlite, now, 7).await.expect("SQLite is always there");
        let mut scene = Self { node, keys: 0 };
        scene.unit("tld", "", UnitKind::Confederation).await;
        scene.period("p", "2022-01-01", "2022-12-31", "tld").await;
        scene
    }

    async fn run(&mut self, command: Command) -> Outcome {
        self.node.execute(command).await.expect("the command is carried out").outcome
    }

    async fn unit(&mut self, code: &str, parent: &str, kind: UnitKind) {
        let parent = (!parent.is_empty()).then(|| unit(parent));
        let upsert = UpsertUnit { kind: Patch::Set(kind), ..commands::unit(code, parent) };
        self.run(Command::UpsertUnit(upsert)).await;
    }

    /// Grassroots unions directly under the root.
    async fn unions(&mut self, codes: &[&str]) {
        for code in codes {
            self.unit(code, "tld", UnitKind::GrassrootsUnion).await;
        }
    }

    async fn members(&mut self, code: &str, members: i32) {
        let code = code.to_owned();
        let member_count = Patch::Set(members);
        self.run(Command::UpsertUnit(UpsertUnit { code, member_count, ..Default::default() }))
            .await;
    }

    async fn cluster(&mut self, code: &str, cluster: &str) {
        let code = code.to_owned();
        let cluster = Patch::Set(cluster.to_owned());
        self.run(Command::UpsertUnit(UpsertUnit { code, cluster, ..Default::default() })).await;
    }

    async fn period(&mut self, code: &str, starts_on: &str, ends_on: &str, owner: &str) {
        let programme = commands::period(code, [starts_on, ends_on].map(day));
        let upsert = UpsertPeriod { owner: Patch::Set(unit(owner)), ..programme };
        self.run(Command::UpsertPeriod(upsert)).await;
    }

    async fn metric(&mut self, metric: Metric) {
        let metric = Patch::Set(metric);
        let code = "p".to_owned();
        self.run(Command::UpsertPeriod(UpsertPeriod { code, metric, ..Default::default() })).await;
    }

    async fn goal(&mut self, code: &str, goal: i32) {
        self.run(commands::set_goal(PeriodRef::Code("p".to_owned()), unit(code), goal)).await;
    }

    async fn submit(&mut self, code: &str) -> InitiativeId {
        self.keys += 1;
        let command = Command::Submit(commands::submit(format!("k{}", self.keys), unit(code)));
        match self.run(command).await {
            Outcome::Initiative { initiative, .. } => initiative.id,
            other => panic!("{other:?}"),
        }
    }

    async fn submit_many(&mut self, counts: &[(&str, u32)]) {
        for &(code, count) in counts {
            for _ in 0..count {
                self.submit(code).await;
            }
        }
    }

    async fn review(&mut self, id: InitiativeId, decision: ReviewDecision) {
        self.run(commands::review(id, decision)).await;
    }

    async fn withdraw(&mut self, id: InitiativeId) {
        self.run(commands::withdraw(id)).await;
    }

    async fn transfer(&mut self, id: InitiativeId, to: &str) {
        let unit = unit(to);
        let (reason, expected_version) = (None, None);
        self.run(Command::Transfer(Transfer { id, unit, reason, expected_version })).await;
    }

    async fn move_under(&mut self, code: &str, parent: &str) {
        let new_parent = unit(parent);
        self.run(Command::MoveUnit(MoveUnit { unit: unit(code), new_parent })).await;
    }

    async fn close(&mut self, code: &str) {
        self.run(Command::CloseUnit(CloseUnit { unit: unit(code), on: None })).await;
    }

    fn clock(&mut self, now: &str) {
        self.node.clock.set(at(now));
    }

    /// Sets the clock to 08:00 of a later day, and makes the log know it.
    async fn morning_of(&mut self, day: &str) {
        self.clock(&format!("{day}T08:00:00+07:00"));
        // Any command makes the day begin.
        self.node
            .execute(Command::MoveUnit(MoveUnit { unit: unit("tld"), new_parent: unit("tld") }))
            .await
            .expect_err("the root cannot be moved");
    }

    fn key(&self, within: &str, rank_by: RankBy, since: &str) -> RankingKey {
        let structure = &self.node.hub.latest().structure;
        RankingKey {
            within: structure.resolve_unit(&unit(within)).expect("the unit is there"),
            kinds: Vec::new(),
            cluster: None,
            period: structure
                .resolve_period(&PeriodRef::Code("p".to_owned()))
                .expect("it is there"),
            rank_by,
            as_of: None,
            since: day(since),
        }
    }

    /// The children of a unit, one a line.
    async fn table(&self, within: &str, rank_by: RankBy, since: &str) -> String {
        self.table_of(&self.key(within, rank_by, since)).await
    }

    async fn table_of(&self, key: &RankingKey) -> String {
        let (recount, board) = self.node.judged().await;
        let mut verdict = Verdict::default();
        recount.judge(&board, &mut verdict);
        assert!(verdict.is_clean(), "{verdict}");
        let line = |unit, rank, previous: Option<u32>, value, gained| {
            let code = &board.structure.unit(unit).code;
            let previous = previous.map_or_else(|| "-".to_owned(), |rank| rank.to_string());
            format!("{rank} {previous} {code} {value:.3} {gained:+}\n")
        };
        let ranking = board.ranking(key, &Unhurried).now_or_never().unwrap().unwrap();
        let rows = ranking.rows.iter();
        let table: String = rows
            .map(|row| line(row.unit, row.rank, row.previous_rank, row.value, row.gained.into()))
            .collect();
        let rows = recount.ranking(key).into_iter();
        let again: String = rows
            .map(|row| line(row.unit, row.rank, row.previous_rank, row.value, row.gained))
            .collect();
        assert_eq!(table, again, "board and recount");
        table
    }

    async fn end(self) {
        let verdict = self.node.verify().await;
        assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    }
}

fn unit(code: &str) -> UnitRef {
    UnitRef::Code(code.to_owned())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a moment")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn lines(table: &[&str]) -> String {
    table.iter().map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn equals_share_the_better_rank_then_come_by_code() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["c", "a", "d", "b"]).await;
    scene.submit_many(&[("a", 1), ("b", 3), ("c", 3), ("d", 2)]).await;
    let expected = lines(&["1 1 b 3.000 +3", "1 1 c 3.000 +3", "3 1 d 2.000 +2", "4 1 a 1.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-10").await, expected);
    scene.morning_of("2022-05-11").await;
    scene.submit_many(&[("a", 3)]).await;
    let expected = lines(&["1 4 a 4.000 +3", "2 1 b 3.000 +0", "2 1 c 3.000 +0", "4 3 d 2.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    let expected = lines(&["1 - a 3.000 +3", "2 - b 0.000 +0", "2 - c 0.000 +0", "2 - d 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Gained, "2022-05-11").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn ratios_are_exact_and_those_without_a_goal_come_last() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b", "c", "none", "zero"]).await;
    for (code, goal) in [("a", 3), ("b", 6), ("c", 7), ("zero", 0)] {
        scene.goal(code, goal).await;
    }
    scene.submit_many(&[("a", 1), ("b", 2), ("none", 5), ("zero", 9)]).await;
    // 1/3 is 2/6; 0/7 is a value and comes before those that have none.
    let expected = lines(&[
        "1 1 a 0.333 +1",
        "1 1 b 0.333 +2",
        "3 1 c 0.000 +0",
        "4 4 none 0.000 +5",
        "4 4 zero 0.000 +9",
    ]);
    assert_eq!(scene.table("tld", RankBy::TargetRatio, "2022-05-10").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn a_ratio_counts_what_the_period_counts_against_the_goal_for_it() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b"]).await;
    scene.goal("a", 1).await;
    scene.metric(Metric::Accepted).await;
    scene.goal("a", 4).await;
    scene.goal("b", 2).await;
    scene.submit_many(&[("a", 3)]).await;
    let accepted = scene.submit("b").await;
    scene.review(accepted, ReviewDecision::Accept).await;
    let expected = lines(&["1 1 b 0.500 +1", "2 1 a 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::TargetRatio, "2022-05-10").await, expected);
    // The earlier goal, from before the change of metric, counts the old metric.
    scene.metric(Metric::Submitted).await;
    let expected = lines(&["1 1 a 3.000 +3", "2 2 b 0.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::TargetRatio, "2022-05-10").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn those_without_a_head_count_come_last() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b", "none", "zero"]).await;
    scene.members("a", 1_000).await;
    scene.members("b", 250).await;
    scene.members("zero", 0).await;
    scene.submit_many(&[("a", 2), ("b", 1), ("none", 3), ("zero", 3)]).await;
    let expected =
        lines(&["1 1 b 4.000 +1", "2 1 a 2.000 +2", "3 3 none 0.000 +3", "3 3 zero 0.000 +3"]);
    assert_eq!(scene.table("tld", RankBy::Per1000Members, "2022-05-10").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn ranked_are_open_ones_of_a_cluster_or_of_kinds_at_any_depth() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unit("tinh", "tld", UnitKind::ProvincialFederation).await;
    scene.unit("huyen", "tinh", UnitKind::DistrictFederation).await;
    scene.unit("x", "huyen", UnitKind::GrassrootsUnion).await;
    scene.unit("to", "x", UnitKind::Section).await;
    scene.unions(&["y", "z", "gone"]).await;
    for (code, cluster) in [("tinh", "1"), ("y", "1"), ("z", "2"), ("x", "2")] {
        scene.cluster(code, cluster).await;
    }
    scene.submit_many(&[("to", 2), ("x", 1), ("y", 1), ("z", 4), ("gone", 8)]).await;
    scene.close("gone").await;

    let mut key = scene.key("tld", RankBy::Submitted, "2022-05-10");
    let expected = lines(&["1 1 z 4.000 +4", "2 1 tinh 3.000 +3", "3 1 y 1.000 +1"]);
    assert_eq!(scene.table_of(&key).await, expected);
    key.cluster = Some("1".to_owned());
    let expected = lines(&["1 1 tinh 3.000 +3", "2 1 y 1.000 +1"]);
    assert_eq!(scene.table_of(&key).await, expected);
    key.cluster = None;
    key.kinds = vec![UnitKind::GrassrootsUnion];
    let expected = lines(&["1 1 z 4.000 +4", "2 1 x 3.000 +3", "3 1 y 1.000 +1"]);
    assert_eq!(scene.table_of(&key).await, expected);
    // The tally of a closed unit stays counted above it.
    let board = scene.node.hub.latest();
    assert_eq!(board.cell(key.within, key.period).submitted(), 16);
    assert_eq!(board.cell(key.within, key.period).grassroots_unions, 3);
    scene.end().await;
}

#[tokio::test]
async fn the_day_ends_at_midnight_in_vietnam() {
    let mut scene = Scene::on("2022-05-31").await;
    scene.unions(&["a", "b"]).await;
    scene.clock("2022-05-31T23:59:59.999+07:00");
    scene.submit("a").await;
    scene.clock("2022-06-01T00:00:00.000+07:00");
    scene.submit_many(&[("b", 2)]).await;
    let expected = lines(&["1 2 b 2.000 +2", "2 1 a 1.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-06-01").await, expected);
    let expected = lines(&["1 1 b 2.000 +2", "2 1 a 1.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-31").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn a_period_that_begins_or_ends_today() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b"]).await;
    scene.period("q", "2022-01-01", "2022-12-31", "tld").await;
    scene.submit("a").await;
    scene.morning_of("2022-05-11").await;
    scene.submit("b").await;
    // The period begins today: there was no rank before, and yesterday's submission does not count.
    scene.period("p", "2022-05-11", "2022-05-11", "tld").await;
    let expected = lines(&["1 - b 1.000 +1", "2 - a 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    // The period ended with today: tomorrow's submission does not count, and tomorrow has a
    // yesterday.
    scene.morning_of("2022-05-12").await;
    scene.submit_many(&[("a", 5)]).await;
    let expected = lines(&["1 1 b 1.000 +0", "2 2 a 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-12").await, expected);
    // The period's first day is counted anew, and the past with it.
    scene.period("p", "2022-05-10", "2022-05-11", "tld").await;
    let expected = lines(&["1 1 a 1.000 +0", "1 1 b 1.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-12").await, expected);
    let expected = lines(&["1 1 a 1.000 +0", "1 2 b 1.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn what_is_undone_today_stood_yesterday() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.metric(Metric::Accepted).await;
    scene.unions(&["a", "b"]).await;
    let (undone, withdrawn) = (scene.submit("a").await, scene.submit("a").await);
    let kept = scene.submit("b").await;
    for id in [undone, withdrawn, kept] {
        scene.review(id, ReviewDecision::Accept).await;
    }
    scene.morning_of("2022-05-11").await;
    scene.review(undone, ReviewDecision::Return).await;
    scene.withdraw(withdrawn).await;
    let expected = lines(&["1 2 b 1.000 +0", "2 1 a 0.000 -2"]);
    assert_eq!(scene.table("tld", RankBy::Accepted, "2022-05-11").await, expected);
    let expected = lines(&["1 1 a 1.000 -2", "1 2 b 1.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    let expected = lines(&["1 - b 0.000 +0", "2 - a -2.000 -2"]);
    assert_eq!(scene.table("tld", RankBy::Gained, "2022-05-11").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn a_moved_unit_takes_its_past_along() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unit("x", "tld", UnitKind::ProvincialFederation).await;
    scene.unit("y", "tld", UnitKind::ProvincialFederation).await;
    scene.unit("u", "x", UnitKind::GrassrootsUnion).await;
    scene.submit_many(&[("u", 3), ("y", 1)]).await;
    scene.morning_of("2022-05-11").await;
    scene.submit("u").await;
    scene.move_under("u", "y").await;
    let expected = lines(&["1 1 y 5.000 +1", "2 2 x 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn a_transferred_initiative_was_where_it_was() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b"]).await;
    let first = scene.submit("a").await;
    scene.submit("a").await;
    scene.morning_of("2022-05-11").await;
    scene.transfer(first, "b").await;
    let expected = lines(&["1 1 a 1.000 -1", "1 2 b 1.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    // The person stays with the unit that still has an initiative of theirs, and is a new one in
    // the other.
    let expected = lines(&["1 1 a 1.000 -1", "1 2 b 1.000 +1"]);
    assert_eq!(scene.table("tld", RankBy::Participants, "2022-05-11").await, expected);
    scene.end().await;
}

#[tokio::test]
async fn history_reaches_back_31_days() {
    let mut scene = Scene::on("2022-05-10").await;
    scene.unions(&["a", "b"]).await;
    let old = scene.submit("a").await;
    scene.morning_of("2022-05-11").await;
    scene.review(old, ReviewDecision::Accept).await;
    scene.submit_many(&[("b", 2)]).await;
    scene.morning_of("2022-06-11").await;
    scene.submit_many(&[("a", 3)]).await;
    // The day 31 days before the eleventh of June is the eleventh of May: the growth of that day
    // shows.
    let expected = lines(&["1 1 a 4.000 +3", "2 2 b 2.000 +2"]);
    assert_eq!(scene.table("tld", RankBy::Submitted, "2022-05-11").await, expected);
    let expected = lines(&["1 1 a 1.000 +3", "2 1 b 0.000 +2"]);
    assert_eq!(scene.table("tld", RankBy::Accepted, "2022-05-11").await, expected);
    scene.node.restart().await;
    assert_eq!(scene.table("tld", RankBy::Accepted, "2022-05-11").await, expected);
    // A day later that day is beyond reach; the next one ends as before.
    scene.morning_of("2022-06-12").await;
    let expected = lines(&["1 1 a 1.000 +3", "2 2 b 0.000 +0"]);
    assert_eq!(scene.table("tld", RankBy::Accepted, "2022-05-12").await, expected);
    scene.end().await;
}
