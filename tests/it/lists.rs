//! Pages and counts of initiatives against a naive filter over all of them, for any viewer, filter
//! and order, by every access path.

use std::sync::Arc;

use fastrand::Rng;
use sangkien::auth::permissions::{Visibility, visibility};
use sangkien::board::{Snapshot, Structure, Unhurried};
use sangkien::domain::command::{Feature, ReviewDecision, Revise, Submit, Transfer, UpsertPeriod};
use sangkien::domain::initiative::InitiativeKind;
use sangkien::domain::period::PeriodKind;
use sangkien::domain::text::fold;
use sangkien::domain::{
    Actor, Command, Day, Grant, Initiative, InitiativeId, InitiativeStatus, Outcome, Patch,
    PeriodId, Role, Timestamp, UnitId, UnitRef, Version,
};
use sangkien::initiative_lists::{
    AccessPath, CountRequest, Page, PageRequest, SearchSteps, count_of_board, counts,
    page_of_board, pages,
};
use sangkien::store::{Filter, NO_BENEFIT, Order, Position, ReadTx};

use crate::chance;
use crate::commands;
use crate::writer_node::{Backend, WriterNode};

const WORDS: [&str; 8] = ["Điện", "năng", "Đồ", "gá", "khuôn", "Diêm", "NĂNG-SUẤT", "Nâng"];
const ASKED: [&str; 7] = ["dien", "na", "d", "nang", "khuon", "suat", "x"];
const FIELDS: [&str; 2] = ["Cơ khí", "Y tế"];
const DAY_MS: i64 = 86_400_000;
const FIRST_DAY: &str = "2022-05-02";
const INITIATIVES: usize = 120;

fn code(number: u32) -> UnitRef {
    UnitRef::Code(format!("u{number}"))
}

/// A root, three provinces, four unions below each; sections below some of them.
async fn plant(node: &WriterNode) {
    for number in 1..=24_u32 {
        let parent = match number {
            1 => None,
            2..=4 => Some(1),
            5..=16 => Some(2 + (number - 5) / 4),
            _ => Some(number - 12),
        };
        let upsert = commands::unit(format!("u{number}"), parent.map(code));
        node.execute(Command::UpsertUnit(upsert)).await.expect("a unit");
    }
    for (name, kind, from, until, owner) in [
        ("programme", PeriodKind::Programme, "2022-01-01", "2022-12-31", 1),
        ("week", PeriodKind::PeakWeek, "2022-05-04", "2022-05-06", 2),
    ] {
        let days = [from, until].map(|day| Day::parse(day).unwrap());
        let upsert = UpsertPeriod {
            kind: Patch::Set(kind),
            owner: Patch::Set(code(owner)),
            ..commands::period(name, days)
        };
        node.execute(Command::UpsertPeriod(upsert)).await.expect("a period");
    }
}

fn submission(rng: &mut Rng, number: usize) -> Submit {
    let title: Vec<&str> = (0..rng.usize(1..4)).map(|_| WORDS[rng.usize(..WORDS.len())]).collect();
    let ordinary = commands::submit(number.to_string(), code(rng.u32(1..=24)));
    Submit {
        title: title.join(" "),
        kind: InitiativeKind::ALL[rng.usize(..InitiativeKind::ALL.len())],
        field: rng.bool().then(|| FIELDS[rng.usize(..2)].to_owned()),
        confidential: rng.u8(..4) == 0,
        benefit_vnd: (rng.u8(..3) > 0).then(|| rng.i64(0..4)),
        ..ordinary
    }
}

/// A command that changes an initiative; some of them its state does not allow.
fn fate(rng: &mut Rng, id: InitiativeId) -> Command {
    match rng.u8(..12) {
        0 => commands::withdraw(id),
        1 => Command::Transfer(Transfer {
            id,
            unit: code(rng.u32(1..=24)),
            reason: None,
            expected_version: None,
        }),
        2 => Command::Feature(Feature { id, featured: rng.bool() }),
        3 => Command::Revise(Box::new(Revise {
            title: Patch::Set(WORDS[rng.usize(..WORDS.len())].to_owned()),
            confidential: Patch::Set(rng.bool()),
            ..Revise::of(id)
        })),
        choice => {
            let decision = match choice % 4 {
                0 => ReviewDecision::Return,
                1 => ReviewDecision::Reject,
                _ => ReviewDecision::Accept,
            };
            commands::review(id, decision)
        }
    }
}

async fn live(node: &WriterNode, rng: &mut Rng) {
    let actors: Vec<Arc<Actor>> =
        ["1", "2"].map(|id| Arc::new(Actor { id: Some(id.to_owned()), ..Actor::SYSTEM })).to_vec();
    let mut ids = Vec::new();
    for number in 0..INITIATIVES {
        // Some initiatives are entered in the same moment.
        if rng.u8(..3) > 0 {
            node.clock.advance_ms(rng.i64(0..DAY_MS / 8));
        }
        let actor = Arc::clone(&actors[rng.usize(..2)]);
        let submit = Command::Submit(submission(rng, number));
        let reply = node.writer.execute(submit, actor).await.expect("it is entered");
        let Outcome::Initiative { initiative, .. } = reply.outcome else { panic!("no initiative") };
        ids.push(initiative.id);
        for _ in 0..rng.u8(..3) {
            let id = ids[rng.usize(..ids.len())];
            // The database refuses some of these commands, as it should.
            let _refused = node.execute(fate(rng, id)).await;
        }
    }
}

/// All initiatives of one version.
struct Truth {
    all: Vec<Initiative>,
    snapshot: Arc<Snapshot>,
}

impl Truth {
    fn structure(&self) -> &Structure {
        &self.snapshot.structure
    }

    /// The rows of a list that a viewer sees, in its order.
    fn list(&self, grants: &[Grant], top: UnitId, request: &PageRequest) -> Vec<Position> {
        let mut rows: Vec<Position> = self
            .all
            .iter()
            .filter(|it| self.structure().is_within(it.unit, top))
            .filter_map(|it| self.position(grants, it, request))
            .collect();
        rows.sort_unstable();
        if request.descending {
            rows.reverse();
        }
        rows
    }

    fn position(
        &self,
        grants: &[Grant],
        it: &Initiative,
        request: &PageRequest,
    ) -> Option<Position> {
        let seen = visibility(grants, self.structure(), it.unit, it.status, it.confidential);
        let filter = &request.filter;
        let field = it.field.as_ref().filter(|_| seen >= Visibility::Content);
        let title = fold(&it.title);
        let begins = |asked: &String| title.split(' ').any(|word| word.starts_with(asked.as_str()));
        let fits = seen > Visibility::Nothing
            && filter.statuses.contains(&it.status)
            && filter.kinds.as_ref().is_none_or(|kinds| kinds.contains(&it.kind))
            && filter.field.as_ref().is_none_or(|asked| field == Some(asked))
            && filter.featured.is_none_or(|asked| it.featured == asked)
            && filter.words.iter().all(begins)
            && filter.from.is_none_or(|from| it.submitted_at >= from)
            && filter.until.is_none_or(|until| it.submitted_at < until)
            && filter.changed_after.is_none_or(|version| it.version > version)
            && filter.entered_by.as_ref().is_none_or(|token| it.entered_by == *token);
        let benefit = it.benefit_vnd.filter(|_| seen >= Visibility::Content);
        let value = match request.order {
            Order::SubmittedAt => it.submitted_at.0,
            Order::UpdatedAt => it.version.0,
            Order::Benefit => benefit.unwrap_or(NO_BENEFIT),
        };
        fits.then_some(Position { value, id: it.id })
    }
}

fn viewer(rng: &mut Rng) -> Vec<Grant> {
    (0..rng.usize(..3))
        .map(|_| Grant {
            role: Role::ALL[rng.usize(..Role::ALL.len())],
            unit: UnitId(rng.u32(1..=24)),
        })
        .collect()
}

fn filter(rng: &mut Rng, head: Version) -> Filter {
    let mut maybe = |one_in: u8| rng.u8(..one_in) == 0;
    let [statuses, kinds, field, featured, words, from, until, changed, entered] =
        [3, 4, 4, 6, 3, 4, 4, 4, 6].map(&mut maybe);
    let start = Day::parse(FIRST_DAY).unwrap();
    let day = |rng: &mut Rng| start.plus(rng.i32(0..8)).start();
    Filter {
        statuses: if statuses {
            rng.choose_multiple(InitiativeStatus::ALL, 2).into_iter().copied().collect()
        } else {
            InitiativeStatus::ALL.to_vec()
        },
        kinds: kinds
            .then(|| rng.choose_multiple(InitiativeKind::ALL, 3).into_iter().copied().collect()),
        field: field.then(|| FIELDS[rng.usize(..2)].to_owned()),
        featured: featured.then(|| rng.bool()),
        words: if words {
            let count = rng.usize(1..3);
            rng.choose_multiple(ASKED, count).into_iter().map(str::to_owned).collect()
        } else {
            Vec::new()
        },
        from: from.then(|| day(rng)),
        until: until.then(|| day(rng)),
        changed_after: changed.then(|| Version(rng.i64(0..head.0 + 2))),
        entered_by: entered.then(|| rng.i64(1..3).to_string()),
    }
}

/// The scan of the field's own index is in vain here, and its rows are not given twice.
#[tokio::test]
async fn a_field_that_is_mostly_elsewhere_is_found() {
    let now = Timestamp::parse("2022-05-02T00:00:00+07:00").unwrap();
    let node = WriterNode::open(Backend::Sqlite, now, 1).await.expect("SQLite is there");
    let mut rng = chance::rng(7);
    plant(&node).await;
    // The first and the last initiative of province 2 have the field, and all of province 3 between
    // them.
    for number in 0..100 {
        let (unit, field) = match number {
            0 | 99 => (5, FIELDS[0]),
            1..60 => (5, FIELDS[1]),
            _ => (9, FIELDS[0]),
        };
        let submit = Submit {
            unit: code(unit),
            field: Some(field.to_owned()),
            ..submission(&mut rng, number)
        };
        node.execute(Command::Submit(submit)).await.expect("it is taken");
    }
    let mut tx = node.store.begin_read().await.unwrap();
    node.hub.reached(tx.version()).await;
    let snapshot = node.hub.at(tx.version()).unwrap();
    let filter = Filter {
        statuses: InitiativeStatus::ALL.to_vec(),
        field: Some(FIELDS[0].to_owned()),
        ..Filter::default()
    };
    let request = PageRequest {
        filter,
        order: Order::SubmittedAt,
        descending: true,
        from_end: false,
        limit: 5,
        after: None,
        before: None,
    };
    let grants = [Grant { role: Role::Admin, unit: UnitId(1) }];
    let found =
        pages(&mut tx, &snapshot, &grants, &[UnitId(2)], &request, AccessPath::Cheapest).await;
    let ids: Vec<i64> = found.unwrap()[0].rows.iter().map(|row| row.id.0).collect();
    assert_eq!(ids, [100, 1]);
}

/// The pages by this path. The tables give those that the board does not tell.
async fn found_by(
    tx: &mut ReadTx,
    snapshot: &Snapshot,
    grants: &[Grant],
    tops: &[UnitId],
    request: &PageRequest,
    path: AccessPath,
) -> Vec<Page> {
    if path == AccessPath::Board {
        let of_board =
            |&top| page_of_board(snapshot, grants, top, request, path, &Unhurried).unwrap();
        if let Some(pages) = tops.iter().map(of_board).collect() {
            return pages;
        }
    }
    pages(tx, snapshot, grants, tops, request, path).await.unwrap()
}

/// Nothing but the title of a confidential initiative is public: no order, and no path to it, tells its field.
#[tokio::test]
async fn a_field_leads_nobody_to_what_is_confidential() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let now = Timestamp::parse("2022-05-02T00:00:00+07:00").unwrap();
        let Some(node) = WriterNode::open(backend, now, 1).await else { continue };
        plant(&node).await;
        for (number, benefit_vnd) in [None, Some(3)].into_iter().enumerate() {
            let submit = Submit {
                field: Some(FIELDS[0].to_owned()),
                confidential: true,
                benefit_vnd,
                ..commands::submit(number.to_string(), code(5))
            };
            node.execute(Command::Submit(submit)).await.expect("it is taken");
            let id = InitiativeId(i64::try_from(number).unwrap() + 1);
            node.execute(commands::review(id, ReviewDecision::Accept))
                .await
                .expect("it is accepted");
        }
        let mut tx = node.store.begin_read().await.unwrap();
        node.hub.reached(tx.version()).await;
        let snapshot = node.hub.at(tx.version()).unwrap();
        let paths = [
            AccessPath::Cheapest,
            AccessPath::IndexScan,
            AccessPath::PerUnit,
            AccessPath::Board,
            AccessPath::Search(SearchSteps::USUAL),
        ];
        for (grants, field, expected) in [
            (vec![], Some(FIELDS[0]), 0),
            (vec![], None, 2),
            (vec![Grant { role: Role::Admin, unit: UnitId(3) }], Some(FIELDS[0]), 0),
            (vec![Grant { role: Role::Admin, unit: UnitId(2) }], Some(FIELDS[0]), 2),
        ] {
            for order in [Order::SubmittedAt, Order::UpdatedAt, Order::Benefit] {
                for (descending, from_end) in
                    [(true, true), (true, false), (false, true), (false, false)]
                {
                    let filter = Filter {
                        statuses: InitiativeStatus::ALL.to_vec(),
                        field: field.map(str::to_owned),
                        ..Filter::default()
                    };
                    let request = PageRequest {
                        filter,
                        order,
                        descending,
                        from_end,
                        limit: 5,
                        after: None,
                        before: None,
                    };
                    for path in paths {
                        let tops = [UnitId(1), UnitId(2)];
                        let found =
                            found_by(&mut tx, &snapshot, &grants, &tops, &request, path).await;
                        for page in found {
                            assert_eq!(
                                page.rows.len(),
                                expected,
                                "{path:?} {grants:?} {request:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn every_page_is_that_of_a_naive_filter() {
    for (backend, seed) in
        [(Backend::Sqlite, 7), (Backend::Postgres, 7), (Backend::Sqlite, 1_000_004)]
    {
        let now = Timestamp::parse("2022-05-02T00:00:00+07:00").unwrap();
        let Some(node) = WriterNode::open(backend, now, 1).await else { continue };
        let mut rng = chance::rng(seed);
        plant(&node).await;
        live(&node, &mut rng).await;

        let mut tx = node.store.begin_read().await.unwrap();
        node.hub.reached(tx.version()).await;
        let snapshot = node.hub.at(tx.version()).unwrap();
        let ids: Vec<InitiativeId> = (1..=INITIATIVES).map(|id| InitiativeId(id as i64)).collect();
        let all = tx.initiatives(&ids).await.unwrap();
        assert_eq!(all.len(), INITIATIVES);
        let is_there = |status: &&InitiativeStatus| all.iter().any(|row| row.status == **status);
        assert!(InitiativeStatus::ALL.iter().filter(is_there).count() >= 4, "nearly every status");
        let truth = Truth { all, snapshot };
        let (mut found, mut by_board) = (0, 0);
        for round in 0..250 {
            let grants = viewer(&mut rng);
            let mut tops: Vec<UnitId> = (0..3).map(|_| UnitId(rng.u32(1..=24))).collect();
            tops.sort_unstable();
            tops.dedup();
            let orders = [Order::SubmittedAt, Order::UpdatedAt, Order::Benefit];
            let mut request = PageRequest {
                filter: filter(&mut rng, truth.snapshot.version()),
                order: orders[rng.usize(..3)],
                descending: rng.bool(),
                from_end: rng.bool(),
                limit: rng.usize(1..9),
                after: None,
                before: None,
            };
            let about = format!("{backend:?}, round {round}: {grants:?} {tops:?} {request:?}");
            let lists: Vec<Vec<Position>> =
                tops.iter().map(|&top| truth.list(&grants, top, &request)).collect();
            let count =
                CountRequest { filter: request.filter.clone(), period: None, is_plain: false };
            let counted = counts(&mut tx, &truth.snapshot, &grants, &tops, &count).await.unwrap();
            let expected: Vec<i64> = lists.iter().map(|list| list.len() as i64).collect();
            assert_eq!(counted, expected, "{about}");
            let told: Option<Vec<i64>> = tops
                .iter()
                .map(|&top| {
                    count_of_board(&truth.snapshot, &grants, top, &count, &Unhurried).unwrap()
                })
                .collect();
            let asks_tables =
                !request.filter.words.is_empty() || request.filter.entered_by.is_some();
            assert_eq!(told, (!asks_tables).then_some(expected), "{about}");
            by_board += usize::from(!asks_tables);

            for path in [
                AccessPath::Cheapest,
                AccessPath::IndexScan,
                AccessPath::PerUnit,
                AccessPath::Board,
                AccessPath::Search(SearchSteps {
                    first: rng.usize(1..12),
                    tried: rng.usize(0..20),
                    most: rng.usize(1..60),
                    named: rng.usize(0..60),
                }),
            ] {
                // The first page of all lists together comes first, then each list page by page to
                // its end.
                request.after = None;
                request.before = None;
                let all = found_by(&mut tx, &truth.snapshot, &grants, &tops, &request, path).await;
                for ((&top, list), page) in tops.iter().zip(&lists).zip(all) {
                    request.after = None;
                    request.before = None;
                    assert_eq!(page.rows, part(list, &request), "{path:?} {about}");
                    let mut rest = page;
                    let mut seen = rest.rows.clone();
                    while rest.more {
                        if request.from_end {
                            request.before = rest.rows.first().copied();
                        } else {
                            request.after = rest.rows.last().copied();
                        }
                        let next = [top];
                        let mut next =
                            found_by(&mut tx, &truth.snapshot, &grants, &next, &request, path)
                                .await;
                        rest = next.remove(0);
                        assert!(!rest.rows.is_empty(), "{path:?} {about}");
                        if request.from_end {
                            seen.splice(0..0, rest.rows.iter().copied());
                        } else {
                            seen.extend(&rest.rows);
                        }
                    }
                    assert_eq!(seen, *list, "{path:?} {about}");
                    found += seen.len();
                    // The page between any two positions is the same from either side.
                    if list.len() > 2 {
                        let from = rng.usize(..list.len() - 1);
                        let to = rng.usize(from + 1..list.len());
                        (request.after, request.before) = (Some(list[from]), Some(list[to]));
                        let page =
                            found_by(&mut tx, &truth.snapshot, &grants, &[top], &request, path)
                                .await;
                        let expected = part(&list[from + 1..to], &request);
                        assert_eq!(page[0].rows, expected, "{path:?} {about}");
                    }
                }
            }
        }
        assert!(found > 1_000, "the rounds find something: {found}");
        assert!(by_board > 100, "the board tells many: {by_board}");
        count_plainly(&mut tx, &truth, &mut rng).await;
    }
}

/// The page that a list shows from one of its sides.
fn part<'l>(list: &'l [Position], request: &PageRequest) -> &'l [Position] {
    let limit = request.limit.min(list.len());
    if request.from_end { &list[list.len() - limit..] } else { &list[..limit] }
}

/// Asserts that a count that the fold knows equals the count of the tables.
async fn count_plainly(tx: &mut sangkien::store::ReadTx, truth: &Truth, rng: &mut Rng) {
    for _ in 0..100 {
        let grants = viewer(rng);
        let id = PeriodId(rng.u32(1..=2));
        let period = truth.structure().period(id);
        let top = UnitId(rng.u32(1..=24));
        if !truth.structure().is_within(top, period.owner) {
            continue;
        }
        let filter = Filter {
            statuses: if rng.bool() {
                rng.choose_multiple(InitiativeStatus::ALL, 3).into_iter().copied().collect()
            } else {
                InitiativeStatus::ALL.to_vec()
            },
            from: Some(period.starts_on.start()),
            until: Some(period.ends_on.plus(1).start()),
            ..Filter::default()
        };
        let request = PageRequest {
            filter: filter.clone(),
            order: Order::SubmittedAt,
            descending: true,
            from_end: false,
            limit: 1,
            after: None,
            before: None,
        };
        let expected = truth.list(&grants, top, &request).len() as i64;
        for is_plain in [true, false] {
            let count = CountRequest { filter: filter.clone(), period: Some(id), is_plain };
            let counted = counts(tx, &truth.snapshot, &grants, &[top], &count).await.unwrap();
            assert_eq!(counted, [expected], "{is_plain} {grants:?} {top} {filter:?}");
        }
    }
}
