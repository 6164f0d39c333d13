//! Small worlds: every step is judged.

use std::collections::HashMap;
use std::sync::Arc;

use sangkien::board::{Basis, Kept, Snapshot, Unhurried};
use sangkien::domain::assessment::{AssessedUnit, Evidence};
use sangkien::domain::clock::Clock as _;
use sangkien::domain::command::{CloseUnit, MoveUnit, ReopenUnit, UpsertPeriod, UpsertUnit};
use sangkien::domain::period::PeriodKind;
use sangkien::domain::refusal::RefusalCode;
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{
    Actor, Closing, ClosingKind, Command, Confirmation, EventBody, Outcome, Patch, Rule, Unit,
    UnitRef, Version,
};
use sangkien::writer::{Failure, Reply};
use tokio::task::JoinSet;

use super::draw::Draw;
use super::judge::{Ledger, judge, judge_log, judge_stamps, refused_with};
use super::{Trace, start_of_march};
use crate::answers::Questions;
use crate::changed;
use crate::commands;
use crate::writer_node::{Backend, WriterNode};

const STEPS: usize = 90;

struct Small {
    node: WriterNode,
    draw: Draw,
    ledger: Ledger,
    trace: Trace,
    before: Arc<Snapshot>,
    /// The version at which the board was loaded last.
    loaded: Version,
    questions: Questions,
    /// The number of midnights that made another period the default one.
    turned: u32,
    /// Closings that were compared with the end of their last day.
    closings: u32,
    /// The confirmed assessments, as each was when it was seen first.
    confirmed: HashMap<Version, Arc<Assessment>>,
}

/// A rule, the version of an assessment by it, and its rows.
type Assessment = (Arc<Rule>, Version, Vec<(AssessedUnit, Vec<Evidence>)>);

/// The end of a history.
#[derive(Debug, Clone, Copy)]
pub struct Past {
    /// Midnights that made another period the default one.
    pub turned: u32,
    /// Closings that were compared with the end of their last day.
    pub closings: u32,
    /// Confirmed assessments that stayed as they were, with their rows.
    pub confirmed: usize,
    /// Units that were deleted.
    pub deleted: usize,
}

/// A history; `None` if the database is not installed.
pub async fn small(backend: Backend, seed: u64) -> Option<Past> {
    world(backend, seed, Draw::new(seed, "s", 14)).await
}

/// The same where units call periods of their own all the time, and move and close under them.
pub async fn many_periods(backend: Backend, seed: u64) -> Option<Past> {
    world(backend, seed, Draw::new(seed, "m", 14).with_many_periods()).await
}

async fn world(backend: Backend, seed: u64, draw: Draw) -> Option<Past> {
    let node = WriterNode::open(backend, start_of_march(), seed).await?;
    let mut small = Small {
        before: node.hub.latest(),
        loaded: node.hub.latest().version(),
        questions: Questions::to(&node),
        node,
        draw,
        ledger: Ledger::default(),
        trace: Trace { seed, steps: Vec::new(), is_over: false },
        turned: 0,
        closings: 0,
        confirmed: HashMap::new(),
    };
    if small.draw.rng.bool() {
        small.found().await;
    }
    for _ in 0..STEPS {
        small.step().await;
    }
    let verdict = small.node.verify().await;
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    // A day may have begun since then, which closes periods.
    let board = small.node.hub.latest();
    let judged = board.closings().all().filter(|closing| closing.version() <= verdict.version);
    let closings = judged.count();
    assert_eq!(verdict.closings + verdict.closings_unkept, closings, "{verdict}");
    let events = small.node.events_after(Version::ZERO).await;
    judge_log(&events);
    changed::judge(&events, &small.node.hub.latest(), small.loaded);
    small.trace.is_over = true;
    let confirmed = small.confirmed.values().filter(|it| !it.2.is_empty()).count();
    let deleted = board.structure.deleted_units().count();
    Some(Past { turned: small.turned, closings: small.closings, confirmed, deleted })
}

impl Small {
    /// The operator's own root and programme take the place of the stand-ins.
    async fn found(&mut self) {
        let kind = Patch::Set(UnitKind::Confederation);
        let root = UpsertUnit { kind, ..commands::unit("TLĐ", None) };
        let today = self.before.today();
        let programme = commands::period("chuong-trinh", [today.plus(-10), today.plus(90)]);
        self.together(vec![Command::UpsertUnit(root), Command::UpsertPeriod(programme)]).await;
    }

    async fn step(&mut self) {
        let board = self.node.hub.latest();
        match self.draw.rng.u32(0..100) {
            0..14 => {
                let ms = self.draw.time_passing_ms();
                self.trace.step(format!("{ms} ms pass"));
                self.node.clock.advance_ms(ms);
                let command = self.draw.command(&board, self.newest());
                self.together(vec![command]).await;
            }
            14..17 => {
                let fields = self.draw.fields();
                self.trace.step(format!("restart with {fields:?}"));
                self.node.fields = Arc::new(fields);
                self.node.restart().await;
                self.loaded = self.node.hub.latest().version();
                self.questions = Questions::to(&self.node);
                self.judge().await;
            }
            17..20 => self.same_key_twice(&board).await,
            20..24 => self.cycle(&board).await,
            24..28 => self.close_while_submitting(&board).await,
            28..31 => self.another_period_begins(&board).await,
            31..45 => {
                let count = self.draw.rng.usize(2..7);
                let newest = self.newest() + 1;
                let commands =
                    (0..count).map(|_| self.draw.command(&board, newest)).collect::<Vec<_>>();
                self.together(commands).await;
            }
            _ => {
                let command = self.draw.command(&board, self.newest());
                self.alone(command).await;
            }
        }
    }

    fn newest(&self) -> i64 {
        i64::try_from(self.ledger.ids.len()).expect("few")
    }

    /// Carries out one command, and looks at the events that it left on the log.
    async fn alone(&mut self, command: Command) {
        let before = self.node.hub.latest().version();
        let reply = self.together(vec![command]).await.remove(0);
        let events = self.node.events_after(before).await;
        let mut told = events.iter().filter(|event| !matches!(event.body, EventBody::Day(_)));
        match &reply {
            Ok(Reply {
                outcome: Outcome::Initiative { initiative, replayed }, version, ..
            }) => {
                let event = told.next();
                assert!(!(*replayed && event.is_some()), "a replay wrote an event");
                if let Some(event) = event {
                    assert_eq!(event.version, initiative.version);
                    let EventBody::Initiative(_, change) = &event.body else { panic!("{event:?}") };
                    assert_eq!(change.after, initiative.state());
                    assert_eq!(change.initiative, initiative.id);
                }
                assert!(initiative.version <= *version);
                let mut tx = self.node.store.begin_read().await.expect("it reads");
                let facts = tx.initiatives(&[initiative.id]).await.expect("it reads");
                assert_eq!(facts.as_slice(), std::slice::from_ref(&**initiative));
            }
            Ok(_) => drop(told.next()),
            Err(_) => {}
        }
        assert_eq!(told.next(), None, "{reply:?}");
    }

    /// Some commands at once, then a look at everything.
    async fn together(&mut self, mut commands: Vec<Command>) -> Vec<Result<Reply, Failure>> {
        self.read_closings(&mut commands).await;
        self.trace.step(&commands);
        let mut running = JoinSet::new();
        for (place, command) in commands.iter().cloned().enumerate() {
            let writer = self.node.writer.clone();
            running.spawn(async move {
                (place, writer.execute(command, Arc::new(Actor::SYSTEM)).await)
            });
        }
        let mut replies = running.join_all().await;
        replies.sort_by_key(|(place, _)| *place);
        let replies: Vec<_> = replies.into_iter().map(|(_, reply)| reply).collect();
        let visible = self.node.hub.latest().version();
        for (command, reply) in commands.iter().zip(&replies) {
            self.ledger.enter(command, reply);
            if let Ok(reply) = reply {
                assert!(reply.version <= visible, "answered before it could be seen");
            }
        }
        self.judge().await;
        replies
    }

    async fn judge(&mut self) {
        let (recount, board) = self.node.judged().await;
        judge(&recount, &board, &mut self.draw);
        judge_stamps(&self.before, &board);
        self.ledger.judge(&recount);
        self.questions.ask(&board, &mut self.draw.rng).await;
        self.judge_closings(&board).await;
        self.judge_confirmed(&board).await;
        self.before = board;
    }

    /// A midnight keeps what `asOf` its last day tells, as long as the tree, the periods and the targets are those of then.
    async fn judge_closings(&mut self, board: &Snapshot) {
        for closing in board.closings().all() {
            let is_new = closing.version() > self.before.version();
            let is_same = board.structure_changed().version <= closing.version();
            if !is_new || !is_same || closing.kind != ClosingKind::Day {
                continue;
            }
            let figures = board.day_end_by_itself(closing.period, closing.ends_on);
            let text = self.kept(board, closing).await;
            let kept =
                Kept::read(text.as_bytes(), Arc::clone(closing), &board.structure, &Unhurried)
                    .unwrap();
            let owner = board.structure.period(closing.period).owner;
            for unit in board.structure.subtree(owner) {
                let of_day = board.tally_at(unit, closing.period, &figures);
                let tally = kept.tally(unit);
                assert_eq!(
                    (tally.rank_values, tally.own, tally.grassroots_unions),
                    (of_day.rank_values, of_day.own, of_day.grassroots_unions),
                    "unit {unit} in {closing:?}"
                );
                let both = [tally, of_day].map(|it| it.active_grassroots_unions);
                assert_eq!(both[0], both[1], "unit {unit} in {closing:?}");
                let both = [tally, of_day].map(|it| it.last_submitted_at().map(|at| at.day()));
                assert_eq!(both[0], both[1], "unit {unit} in {closing:?}");
            }
            self.closings += 1;
        }
    }

    /// Adds what a server reads of the closing for whoever confirms an assessment.
    async fn read_closings(&self, commands: &mut [Command]) {
        let board = self.node.hub.latest();
        for command in commands {
            let Command::ConfirmAssessment(confirm) = command else { continue };
            let period = board.structure.resolve_period(&confirm.period);
            let rule = board.structure.rule(&confirm.rule);
            let (Some(period), Some(rule)) = (period, rule) else { continue };
            let Some(closing) = board.last_closing(period) else { continue };
            let text = self.kept(&board, closing).await;
            let closing = Arc::clone(closing);
            let kept = Kept::read(text.as_bytes(), closing, &board.structure, &Unhurried).unwrap();
            let confirmable = board.confirmable(rule, &Arc::new(kept), usize::MAX, &Unhurried);
            confirm.confirmable = Some(confirmable.expect("nobody stops it"));
        }
    }

    /// A confirmed assessment stays as it was, whatever changes.
    async fn judge_confirmed(&mut self, board: &Snapshot) {
        let confirmations: Vec<Arc<Confirmation>> = board.confirmations().all().cloned().collect();
        for confirmation in confirmations {
            let (period, version) = (confirmation.period, confirmation.closing);
            let closing = board.closings().get(period, version).expect("it is listed");
            let text = self.kept(board, closing).await;
            let closing = Arc::clone(closing);
            let kept = Kept::read(text.as_bytes(), closing, &board.structure, &Unhurried).unwrap();
            let rule = Arc::clone(board.structure.rule(&confirmation.rule).expect("it is there"));
            let before = Version(confirmation.mark.version.0 - 1);
            let mut tx = self.node.store.begin_read().await.unwrap();
            let event = tx.events_after(before, 1).await.unwrap().pop().expect("it is in the log");
            let EventBody::Assessment(change) = event.body else { panic!("{event:?}") };
            let goals = change.confirmed.expect("it confirms").goals;
            let kept = Arc::new(kept);
            let basis = Basis::Confirmed(Arc::clone(&kept), Arc::clone(&confirmation));
            let by = (basis, goals.into());
            let judged = board.assessment(&rule, period, by, &Unhurried).await.unwrap();
            if board.structure_changed().version == confirmation.mark.version {
                // Nothing came between, so it is what the officer saw.
                let by = (Basis::Kept(kept), Arc::default());
                let seen = board.assessment(&rule, period, by, &Unhurried).await.unwrap();
                assert_eq!(judged.assessed.rows, seen.assessed.rows, "{confirmation:?}");
            }
            let rows = judged.assessed.rows.iter();
            let found: Vec<_> = rows
                .map(|row| (row.clone(), judged.evidence(board, &rule, period, row.unit)))
                .collect();
            let misses = |evidence: &[Evidence]| {
                rule.criteria.iter().zip(evidence).any(|(it, found)| it.required && !found.met)
            };
            for (row, evidence) in &found {
                assert!(!row.chosen || !misses(evidence), "{row:?} {evidence:?}");
            }
            // Codes are those of now, and equals stand in their order.
            let mut found = found;
            found.iter_mut().for_each(|(row, _)| row.code.clear());
            found.sort_by_key(|(row, _)| row.unit);
            let rows = Arc::new((rule, judged.assessed.version, found));
            let known = self.confirmed.entry(confirmation.mark.version);
            assert_eq!(known.or_insert_with(|| Arc::clone(&rows)), &rows, "{confirmation:?}");
        }
    }

    /// The figures of a closing, as they wait or lie in the database.
    async fn kept(&self, board: &Snapshot, closing: &Closing) -> String {
        loop {
            if let Some(waiting) = self.node.hub.unkept().at(closing.version()) {
                return waiting.figures_to_keep(closing.period, &Unhurried).unwrap().unwrap();
            }
            let mut tx = self.node.store.begin_read().await.unwrap();
            let found = tx.kept_figures(closing.mark, closing.period).await.unwrap();
            if let Some(figures) = found {
                return String::from_utf8(figures.unpack().unwrap()).unwrap();
            }
            drop(tx);
            assert!(board.closings().get(closing.period, closing.version()).is_some());
            tokio::task::yield_now().await;
        }
    }

    /// A campaign of the root that begins tomorrow, and the midnight after which it is the default one.
    async fn another_period_begins(&mut self, board: &Snapshot) {
        let tomorrow = board.today().plus(1);
        let root = board.structure.root();
        let campaign = UpsertPeriod {
            code: format!("p{}", self.draw.rng.u32(0..8)),
            name: Patch::Set("Đợt cao điểm".to_owned()),
            kind: Patch::Set(PeriodKind::Campaign),
            starts_on: Patch::Set(tomorrow),
            ends_on: Patch::Set(tomorrow.plus(self.draw.rng.i32(0..4))),
            owner: Patch::Set(UnitRef::Id(root)),
            ..UpsertPeriod::default()
        };
        let reply = self.together(vec![Command::UpsertPeriod(campaign)]).await.remove(0);
        let Ok(Reply { outcome: Outcome::Period(campaign), .. }) = reply else { return };
        if self.before.default_period() == Some(campaign) {
            // It is the only one, so it is the default one before it begins.
            return;
        }
        let before = self.before.version();
        let clock = &self.node.clock;
        let midnight = tomorrow.start().0;
        clock.advance_ms((midnight - clock.now().0).max(0));
        // It changes nothing; the day begins before it.
        let unit =
            UpsertUnit { code: board.structure.unit(root).code.clone(), ..Default::default() };
        self.together(vec![Command::UpsertUnit(unit)]).await;
        let board = Arc::clone(&self.before);
        if board.today() != tomorrow || board.default_period() != Some(campaign) {
            // Time was ahead of the clock, or two begin on one day.
            return;
        }
        self.turned += 1;
        for unit in board.structure.units() {
            assert!(board.shown_changed(unit.id) > before, "unit {} is not listed", unit.code);
        }
    }

    async fn same_key_twice(&mut self, board: &Snapshot) {
        let Command::Submit(mut submit) = self.draw.submit(board) else { return };
        submit.key = self.draw.fresh();
        let mut other = submit.clone();
        let is_other = self.draw.rng.bool();
        if is_other {
            other.title.push_str(" khác");
        }
        let before = self.newest();
        let replies = self.together(vec![Command::Submit(submit), Command::Submit(other)]).await;
        if replies.iter().all(Result::is_err) {
            assert!(!replies.iter().any(|reply| refused_with(reply, RefusalCode::KeyReused)));
            return;
        }
        assert_eq!(self.newest(), before + 1, "{replies:?}");
        let is_replay = |reply: &Result<Reply, Failure>| match reply {
            Ok(Reply { outcome: Outcome::Initiative { replayed, .. }, .. }) => *replayed,
            _ => false,
        };
        let replays = replies.iter().filter(|reply| is_replay(reply)).count();
        let reused = replies.iter().filter(|reply| refused_with(reply, RefusalCode::KeyReused));
        assert_eq!(
            (replays, reused.count()),
            if is_other { (0, 1) } else { (1, 0) },
            "{replies:?}"
        );
    }

    /// Two moves that would make a cycle: the one that comes first wins.
    async fn cycle(&mut self, board: &Snapshot) {
        let (a, b) = (self.draw.unit(board), self.draw.unit(board));
        let within = |a: &Unit, b: &Unit| board.structure.is_within(a.id, b.id);
        if within(&a, &b) || within(&b, &a) {
            return;
        }
        let movement = |unit: &Unit, under: &Unit| {
            let new_parent = UnitRef::Id(under.id);
            Command::MoveUnit(MoveUnit { unit: UnitRef::Id(unit.id), new_parent })
        };
        let replies = self.together(vec![movement(&a, &b), movement(&b, &a)]).await;
        let refused = replies.iter().filter(|reply| refused_with(reply, RefusalCode::WouldCycle));
        let won = replies.iter().filter(|reply| reply.is_ok()).count();
        assert_eq!((won, refused.count()), (1, 1), "{replies:?}");
    }

    async fn close_while_submitting(&mut self, board: &Snapshot) {
        let unit = UnitRef::Id(self.draw.unit(board).id);
        let mut commands = Vec::new();
        for _ in 0..4 {
            let Command::Submit(mut submit) = self.draw.submit(board) else { return };
            submit.key = self.draw.fresh();
            submit.unit = unit.clone();
            commands.push(Command::Submit(submit));
        }
        commands.insert(2, Command::CloseUnit(CloseUnit { unit: unit.clone(), on: None }));
        self.together(commands).await;
        if self.draw.rng.bool() {
            self.together(vec![Command::ReopenUnit(ReopenUnit { unit })]).await;
        }
    }
}
