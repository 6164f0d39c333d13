//! The dependencies of a result: the parts of the board that its execution read. The result stays fresh until one of
//! them changes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::board::{Snapshot, Stamp, Structure};
use crate::domain::UnitId;

/// Records what an execution reads.
#[derive(Debug, Default)]
pub struct DependencyRecorder {
    units: Mutex<Units>,
    /// Whether the root was read: then everything is a dependency.
    everything: AtomicBool,
    structure: AtomicBool,
    day: AtomicBool,
    default_period: AtomicBool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The topmost units: none lies below another.
    units: Vec<UnitId>,
    structure: bool,
    day: bool,
    default_period: bool,
}

/// A set of units. Adding a unit and asking for one take the same time however many units there are.
#[derive(Debug, Default)]
struct Units {
    /// The units in the order in which they were noted.
    noted: Vec<UnitId>,
    /// A bit for each unit up to the greatest that was noted.
    bits: Vec<u64>,
}

impl Units {
    fn contains(&self, unit: UnitId) -> bool {
        self.bits.get(unit.index() / 64).is_some_and(|word| word & Self::bit(unit) != 0)
    }

    fn note(&mut self, unit: UnitId) {
        let word = unit.index() / 64;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= Self::bit(unit);
        self.noted.push(unit);
    }

    const fn bit(unit: UnitId) -> u64 {
        1 << (unit.index() % 64)
    }

    /// The units that lie below no other of them.
    fn topmost(&self, structure: &Structure) -> Vec<UnitId> {
        let is_topmost =
            |unit: &&UnitId| !structure.climb(**unit).skip(1).any(|above| self.contains(above));
        self.noted.iter().filter(is_topmost).copied().collect()
    }
}

impl DependencyRecorder {
    /// Notes that something of the unit or below it was read.
    pub fn unit(&self, snapshot: &Snapshot, unit: UnitId) {
        if self.everything.load(Ordering::Relaxed) {
            return;
        }
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        if snapshot.structure.climb(unit).any(|step| units.contains(step)) {
            return;
        }
        units.note(unit);
        self.everything.store(unit == snapshot.structure.root(), Ordering::Relaxed);
    }

    /// Notes that periods, targets or the tree above a unit were read.
    pub fn structure(&self) {
        self.structure.store(true, Ordering::Relaxed);
    }

    /// Notes that the result depends on the present day.
    pub fn day(&self) {
        self.day.store(true, Ordering::Relaxed);
    }

    /// Notes that the result depends on the default period.
    pub fn default_period(&self) {
        self.default_period.store(true, Ordering::Relaxed);
    }

    /// The last change of any dependency recorded so far.
    pub fn last_change(&self, snapshot: &Snapshot) -> Stamp {
        self.recorded(&snapshot.structure).last_change(snapshot)
    }

    /// The dependencies recorded so far.
    pub fn recorded(&self, structure: &Structure) -> Dependencies {
        Dependencies {
            units: self.units.lock().unwrap_or_else(PoisonError::into_inner).topmost(structure),
            structure: self.structure.load(Ordering::Relaxed),
            day: self.day.load(Ordering::Relaxed),
            default_period: self.default_period.load(Ordering::Relaxed),
        }
    }
}

impl Dependencies {
    /// The last change of any dependency.
    pub fn last_change(&self, snapshot: &Snapshot) -> Stamp {
        let units = self.units.iter().map(|&unit| snapshot.unit_changed(unit));
        let structure = self.structure.then(|| snapshot.structure_changed());
        let day = self.day.then(|| snapshot.day_changed());
        let default_period = self.default_period.then(|| snapshot.default_period_changed());
        units.chain(structure).chain(day).chain(default_period).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::auth::{Audience, Principal};
    use crate::domain::InitiativeId;
    use crate::graphql::context::RequestContext;
    use async_graphql::{Request, Variables};
    use serde_json::{Value, json};
    use std::sync::Arc;

    use super::*;
    use crate::auth::{Grant, Language, Role};
    use crate::domain::Timestamp;
    use crate::domain::clock::ManualClock;
    use crate::graphql::Service;
    use crate::graphql::execution::result::ResultBytes;
    use crate::graphql::schema;
    use crate::server::Server;

    /// A service on a database with two provinces.
    struct Desk {
        service: Service,
        operator: Arc<Principal>,
        clock: Arc<ManualClock>,
        submitted: u32,
        /// Whether an assessment is confirmed.
        confirmed: bool,
        _server: Server,
        _dir: tempfile::TempDir,
    }

    impl Desk {
        async fn open() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
            let clock = Arc::new(clock);
            let database = format!("sqlite://{}", dir.path().join("sangkien.db").display());
            let server = Server::open(&database, Arc::clone(&clock) as _).await.unwrap();
            let service = server.app(None).service;
            let root = service.hub().latest().structure.root();
            let grants = vec![Grant { role: Role::Admin, unit: root }];
            let operator = Principal {
                token: Some("test".to_owned()),
                name: None,
                audience: Audience::new(grants, Language::English),
            };
            let operator = Arc::new(operator);
            let mut desk = Self {
                service,
                operator,
                clock,
                submitted: 0,
                confirmed: false,
                _server: server,
                _dir: dir,
            };
            desk.unit("tld", json!({ "name": "T", "kind": "CONFEDERATION" })).await;
            for (code, parent) in
                [("dn", "tld"), ("bh", "dn"), ("dt", "bh"), ("hn", "tld"), ("hd", "hn")]
            {
                let fields =
                    json!({ "name": code, "kind": "SECTION", "parent": { "code": parent } });
                desk.unit(code, fields).await;
            }
            desk.period(
                "p",
                json!({ "name": "P", "kind": "PROGRAMME", "startsOn": "2022-01-01",
                "endsOn": "2022-12-31" }),
            )
            .await;
            desk
        }

        /// Executes as the server does; returns the result with its context.
        async fn ask(&self, query: &str, variables: Value) -> (Value, Arc<RequestContext>) {
            let request = Request::new(query).variables(Variables::from_json(variables));
            let operator = Arc::clone(&self.operator);
            let (request, context) = self.service.prepare(request, operator).await.unwrap();
            let answer = schema().execute(request).await;
            assert_eq!(answer.errors, [], "{query}");
            let mut answer: Value =
                serde_json::from_str(&format!("{}}}", ResultBytes::of(&answer).text)).unwrap();
            (answer["data"].take(), context)
        }

        async fn change(&self, field: &str, input: Value) -> Value {
            let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
            let query = format!(
                "mutation ($i: {kind}!) {{ it: {field}(input: $i) {{ errors {{ code path }} }} }}"
            );
            let (answer, _) = self.ask(&query, json!({ "i": input })).await;
            assert_eq!(answer["it"]["errors"], json!([]), "{query}");
            answer
        }

        async fn unit(&mut self, code: &str, mut fields: Value) {
            fields["code"] = code.into();
            self.change("upsertUnit", fields).await;
        }

        async fn period(&mut self, code: &str, mut fields: Value) {
            fields["code"] = code.into();
            self.change("upsertPeriod", fields).await;
        }

        async fn submit(&mut self, unit: &str) {
            self.submitted += 1;
            let input = json!({ "key": self.submitted.to_string(), "unit": { "code": unit },
                "title": "T", "kind": "IDEA", "authors": [{ "name": "A" }] });
            self.change("submitInitiative", input).await;
        }

        async fn set_goal(&mut self, unit: &str, count: i32) {
            let goals = json!([{ "unit": { "code": unit }, "goal": { "count": count } }]);
            self.change("setTargets", json!({ "period": { "code": "p" }, "goals": goals })).await;
        }

        async fn next_day(&mut self) {
            self.clock.advance_ms(86_400_000);
            // Any command lets the day begin; this one has nothing to change.
            self.unit("tld", json!({})).await;
        }

        fn last_change(&self, context: &RequestContext) -> Stamp {
            context.dependencies.last_change(&self.service.hub().latest())
        }
    }

    fn codes(context: &RequestContext) -> Vec<String> {
        let structure = &context.snapshot().structure;
        let units = context.dependencies.recorded(structure).units;
        units.into_iter().map(|unit| structure.unit(unit).code.clone()).collect()
    }

    /// Something that happens.
    #[derive(Debug, Clone, Copy)]
    enum Change {
        Submit(&'static str),
        Rename(&'static str),
        /// Moves a unit below another parent.
        Move(&'static str, &'static str),
        Add(&'static str, &'static str),
        Goal(&'static str),
        Period,
        /// Gives a rule to a unit.
        Rule(&'static str),
        /// Closes a period that is over, confirms what a rule says of it, or takes that back.
        Finalize,
        Confirm,
        Day,
    }
    use Change::{Add, Confirm, Day, Finalize, Goal, Move, Period, Rename, Rule, Submit};

    impl Desk {
        async fn happens(&mut self, change: Change) {
            self.submitted += 1;
            let number = self.submitted;
            match change {
                Submit(unit) => self.submit(unit).await,
                Rename(unit) => self.unit(unit, json!({ "name": format!("N{number}") })).await,
                Move(unit, parent) => {
                    self.unit(unit, json!({ "parent": { "code": parent } })).await;
                }
                Add(unit, parent) => {
                    let parent = json!({ "code": parent });
                    let fields = json!({ "name": "N", "kind": "SECTION", "parent": parent });
                    self.unit(unit, fields).await;
                }
                Goal(unit) => self.set_goal(unit, i32::try_from(number).unwrap()).await,
                Period => self.period("p", json!({ "name": format!("P{number}") })).await,
                Rule(unit) => {
                    let owner = json!({ "code": unit });
                    let name = format!("R{number}");
                    let input = json!({ "code": "r", "name": name, "owner": owner });
                    self.change("upsertRule", input).await;
                }
                Finalize => {
                    let days = json!({ "startsOn": "2022-01-01", "endsOn": "2022-01-02", "kind": "CAMPAIGN", "name": "O" });
                    self.period("over", days).await;
                    let note = format!("{number}");
                    let input =
                        json!({ "period": { "code": "over" }, "evenPending": true, "note": note });
                    self.change("finalizePeriod", input).await;
                }
                Confirm => {
                    let rule = json!({ "code": "confirmed", "name": "C" });
                    let is_confirmed = self.confirmed;
                    if !is_confirmed {
                        self.change("upsertRule", rule).await;
                    }
                    let input = json!({ "rule": { "code": "confirmed" }, "period": { "code": "over" },
                        "confirmed": !is_confirmed, "note": format!("{number}") });
                    self.change("confirmAssessment", input).await;
                    self.confirmed = !is_confirmed;
                }
                Day => self.next_day().await,
            }
        }
    }

    #[tokio::test]
    async fn a_result_is_fresh_until_a_dependency_changes() {
        let cases: &[(&str, &[Change], &[Change])] = &[
            (
                r#"{ unit(ref: { code: "dn" }) { name } }"#,
                &[Submit("hd"), Rename("hn"), Goal("hd"), Period, Day],
                &[Rename("dn")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { tally(period: { code: "p" }) { submitted } } }"#,
                &[Submit("hd"), Day],
                &[Submit("dn"), Submit("dt"), Move("bh", "hn"), Move("bh", "dn"), Period],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { tally { submitted } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Day],
            ),
            (
                r#"{ unit(ref: { code: "dt" }) { ancestors { id } depth } }"#,
                &[Submit("dt"), Submit("hd"), Day],
                &[Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ unit(ref: { code: "dt" }) { ancestors { name } } }"#,
                &[Day],
                &[Rename("bh"), Rename("dn"), Rename("tld")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { children { nodes { tally(period: { code: "p" }) { submitted } } } } }"#,
                &[Submit("hd"), Day],
                &[Submit("dt"), Submit("bh"), Add("x1", "dn")],
            ),
            (
                r#"{ leaderboard(within: { code: "dn" }) { entries { rank } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Goal("bh"), Period, Day, Add("x2", "dn")],
            ),
            (
                r#"{ unit(ref: { code: "new" }) { name } unitsByCode(codes: ["new"]) { id } }"#,
                &[Submit("hd"), Day],
                &[Add("new", "hn")],
            ),
            ("{ today }", &[Submit("dt"), Rename("tld"), Period], &[Day]),
            ("{ runningPeriod { name } }", &[Submit("dt")], &[Period, Day]),
            (r#"{ period(ref: { code: "p" }) { name } }"#, &[Submit("dt"), Day], &[Period]),
            (
                r#"{ unit(ref: { code: "dn" }) { target(period: { code: "p" }) { goal distributed } } }"#,
                &[Submit("hd"), Day],
                &[Goal("dn"), Goal("bh")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { target { goal } } }"#,
                &[Submit("hd")],
                &[Day, Goal("dn")],
            ),
            (r#"{ root { id } }"#, &[Submit("dt"), Rename("tld"), Period, Day], &[]),
            (
                r#"{ unit(ref: { code: "dn" }) { initiatives { totalCount } } }"#,
                &[Submit("hd"), Period, Day],
                &[Submit("dt"), Submit("dn"), Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ initiatives(filter: { within: { code: "dn" } }) { nodes { title } } }"#,
                &[Submit("hd"), Day],
                &[Submit("dt"), Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ initiatives(filter: { within: { code: "bh" }, period: { code: "p" } }) { totalCount } }"#,
                &[Submit("hd"), Day],
                &[Submit("dt"), Period, Move("bh", "hn"), Move("bh", "dn")],
            ),
            (r#"{ initiatives { pageInfo { endCursor } } }"#, &[Day], &[Submit("dt")]),
            (
                r#"{ initiativeEvents { pageInfo { endCursor } } }"#,
                &[],
                &[Submit("hd"), Rename("dn"), Goal("dn"), Period, Day],
            ),
            (r#"{ viewer { name grants { role } } }"#, &[Submit("dt"), Period, Day], &[]),
            (
                r#"{ units(filter: { text: "bh" }) { totalCount } }"#,
                &[Submit("dt"), Day],
                &[Rename("bh"), Add("x3", "hn"), Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ units(filter: { notStarted: true }, period: { code: "p" }) { totalCount } }"#,
                &[Day],
                &[Submit("hd"), Period],
            ),
            (
                r#"{ units(filter: { within: { code: "dn" } }, orderBy: { field: SUBMITTED }) { totalCount } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Day, Period],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { descendants(filter: { changedAfter: 0 }) { totalCount } } }"#,
                // The period's name alone changes no tally.
                &[Submit("hd"), Day, Period],
                &[Submit("dt"), Rename("bh"), Goal("dt")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { children(filter: { text: "bh dn" }) { totalCount } } }"#,
                &[Day],
                &[Rename("tld"), Rename("bh")],
            ),
            (
                r#"{ unit(ref: { code: "bh" }) { daily(period: { code: "p" }) { submitted } } }"#,
                &[Submit("hd"), Submit("dn")],
                &[Submit("dt"), Day, Period],
            ),
            (
                r#"{ unit(ref: { code: "bh" }) { standing(rankBy: SUBMITTED) { rank } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Add("x5", "dn"), Day, Period, Goal("bh")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { breakdown(by: FIELD, period: { code: "p" }) { submitted } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Move("bh", "hn"), Move("bh", "dn"), Period],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { breakdown(by: SECTOR, period: { code: "p" }) { grassrootsUnions } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Add("x6", "bh"), Period],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { target(period: { code: "p" }) { reached } } }"#,
                &[Submit("hd")],
                &[Submit("dt"), Goal("dn")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { tally(period: { code: "p" }, asOf: "2022-05-10") { submitted } } }"#,
                &[],
                &[Submit("dt"), Day, Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ leaderboard(within: { code: "dn" }, asOf: "2022-05-10") { entries { rank } } }"#,
                &[],
                &[Submit("dt"), Day, Goal("bh"), Add("x7", "dn")],
            ),
            (
                r#"{ units(filter: { silentDays: 3 }, period: { code: "p" }) { totalCount } }"#,
                &[],
                &[Submit("hd"), Day, Period],
            ),
            (
                r#"{ units(filter: { behind: true }, period: { code: "p" }) { totalCount } }"#,
                &[],
                &[Submit("hd"), Day, Goal("hd")],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { briefing(period: { code: "p" }) { tally { submitted } board { ranked } } } }"#,
                &[],
                &[Submit("dt"), Goal("bh"), Day, Add("x8", "dn")],
            ),
            (
                r#"{ period(ref: { code: "p" }) { closings { version } } }"#,
                &[Submit("dt")],
                &[Day, Period],
            ),
            (
                r#"{ unit(ref: { code: "dn" }) { tally(period: { code: "p" }) { closing { id } } } }"#,
                &[],
                &[Day, Period],
            ),
            (
                r#"{ periods { totalCount } unit(ref: { code: "dt" }) { periods { code } } }"#,
                &[Submit("dt"), Day],
                &[Period, Move("bh", "hn"), Move("bh", "dn")],
            ),
            (
                r#"{ rule(ref: { code: "r" }) { name } unit(ref: { code: "dn" }) { rules { code } } }"#,
                &[Submit("dt"), Day],
                &[Rule("dn"), Rule("hn")],
            ),
            (
                r#"{ rule(ref: { code: "r" }) { assessment(period: { code: "p" }) { rows { totalCount } } } }"#,
                &[Submit("dt")],
                &[Rule("dn"), Submit("dt"), Goal("bh"), Period, Day, Add("x6", "dn")],
            ),
            (
                r#"{ period(ref: { code: "over" }) { closings { version } assessments { note rows { totalCount } } } }"#,
                &[],
                &[Finalize, Confirm, Confirm, Finalize, Confirm],
            ),
            (
                r#"{ rule(ref: { code: "confirmed" }) { assessment(period: { code: "over" }) { confirmedAt version } } }"#,
                &[],
                &[Confirm, Finalize, Confirm],
            ),
            (
                r#"{ searchUnits(text: "dt") { id } }"#,
                &[Submit("dt"), Day],
                &[Rename("dt"), Add("x4", "hn"), Move("bh", "hn"), Move("bh", "dn")],
            ),
        ];
        let mut desk = Desk::open().await;
        for (query, elsewhere, inside) in cases {
            for &change in *elsewhere {
                let (_, context) = desk.ask(query, json!({})).await;
                let before = desk.last_change(&context);
                desk.happens(change).await;
                assert_eq!(desk.last_change(&context), before, "{change:?} changes {query}");
            }
            for &change in *inside {
                let (_, context) = desk.ask(query, json!({})).await;
                let before = desk.last_change(&context);
                desk.happens(change).await;
                assert!(desk.last_change(&context) > before, "{change:?} leaves {query}");
            }
        }
    }

    /// A midnight changes the list of changed units only if it makes another period the default one.
    #[tokio::test]
    async fn changed_units_are_fresh_over_a_midnight_unless_the_default_period_changes() {
        let mut desk = Desk::open().await;
        desk.period(
            "q",
            json!({ "name": "Q", "kind": "CAMPAIGN", "startsOn": "2022-05-12",
                "endsOn": "2022-05-12" }),
        )
        .await;
        let query = "query ($v: Long) { units(filter: { changedAfter: $v }) { totalCount } }";
        for (day, is_another) in [(11, false), (12, true), (13, true), (14, false)] {
            let version = desk.service.hub().latest().version().0;
            let (answer, context) = desk.ask(query, json!({ "v": version })).await;
            assert_eq!(answer["units"]["totalCount"], 0);
            let before = desk.last_change(&context);
            desk.next_day().await;
            assert_eq!(desk.last_change(&context) > before, is_another, "day {day}");
            let (answer, _) = desk.ask(query, json!({ "v": version })).await;
            assert_eq!(answer["units"]["totalCount"], if is_another { 6 } else { 0 }, "day {day}");
        }
    }

    #[tokio::test]
    async fn a_result_is_shared_unless_it_depends_on_the_caller() {
        let mut desk = Desk::open().await;
        desk.submit("dt").await;
        for (query, is_shared) in [
            ("{ root { name tally { submitted } } }", true),
            ("{ initiatives { nodes { title authors { contact } } totalCount } }", true),
            ("{ initiativeEvents { nodes { initiative { reviewNote } } } }", true),
            ("{ initiatives(filter: { mine: false }) { totalCount } }", true),
            ("{ initiatives(filter: { mine: true }) { totalCount } }", false),
            ("{ initiatives { nodes { viewerMay } } }", false),
            ("{ viewer { name } }", false),
            ("{ viewer { grants { role } } }", false),
            ("{ viewer { tokens { id } } }", false),
            (r#"mutation { reopenUnit(unit: { code: "dt" }) { errors { code } } }"#, false),
        ] {
            let (_, context) = desk.ask(query, json!({})).await;
            assert_eq!(!context.is_private(), is_shared, "{query}");
        }
    }

    #[tokio::test]
    async fn a_result_by_id_is_fresh_until_a_dependency_changes() {
        let mut desk = Desk::open().await;
        desk.set_goal("dn", 5).await;
        let (target, _) =
            desk.ask(r#"{ unit(ref: { code: "dn" }) { target { id } } }"#, json!({})).await;
        let target = target["unit"]["target"]["id"].clone();
        let node = "query ($id: ID!) { node(id: $id) { ... on Target { goal } } }";
        let (answer, context) = desk.ask(node, json!({ "id": target })).await;
        assert_eq!(answer["node"]["goal"], 5);
        let before = desk.last_change(&context);
        desk.submit("dt").await;
        assert_eq!(desk.last_change(&context), before);
        desk.change(
            "setTargets",
            json!({ "period": { "code": "p" },
            "goals": [{ "unit": { "code": "dn" }, "goal": null }] }),
        )
        .await;
        assert!(desk.last_change(&context) > before);

        let (answer, context) = desk.ask(node, json!({ "id": target })).await;
        assert_eq!(answer["node"], Value::Null);
        let before = desk.last_change(&context);
        desk.set_goal("dn", 6).await;
        assert!(desk.last_change(&context) > before);

        // The id that the next initiative will get.
        let coming = crate::graphql::schema::ids::GlobalId::Initiative(InitiativeId(2)).encode();
        for query in [
            "query ($id: ID!) { node(id: $id) { id } }",
            "query ($id: ID!) { initiative(id: $id) { id } }",
        ] {
            let (answer, context) = desk.ask(query, json!({ "id": *coming })).await;
            let before = desk.last_change(&context);
            assert!(answer.as_object().unwrap().values().all(Value::is_null));
            desk.submit("hd").await;
            assert!(desk.last_change(&context) > before, "{query}");
            if query.contains("node") {
                // A fresh database for the second query.
                desk = Desk::open().await;
                desk.submit("dt").await;
            }
        }
    }

    #[tokio::test]
    async fn only_the_topmost_units_are_recorded() {
        let desk = Desk::open().await;
        for (query, units, structure, day) in [
            (r#"{ unit(ref: { code: "dt" }) { name parent { name } } }"#, &["bh"][..], true, false),
            (
                r#"{ unit(ref: { code: "dn" }) { name children { nodes { name } } } }"#,
                &["dn"],
                false,
                false,
            ),
            (r#"{ unitsByCode(codes: ["dt", "hd", "bh"]) { name } }"#, &["hd", "bh"], true, false),
            (r#"{ unit(ref: { code: "dt" }) { ancestors { name } } }"#, &["tld"], true, false),
            (r#"{ leaderboard { entries { unit { name } } } }"#, &["tld"], true, true),
            (r#"{ period(ref: { code: "p" }) { name } }"#, &[], true, false),
            (r#"{ unit(ref: { code: "dn" }) { id } }"#, &[], false, false),
        ] {
            let (_, context) = desk.ask(query, json!({})).await;
            let mut read = codes(&context);
            read.sort_by_key(|code| units.iter().position(|unit| unit == code));
            assert_eq!(read, units, "{query}");
            let dependencies = context.dependencies.recorded(&context.snapshot().structure);
            assert_eq!((dependencies.structure, dependencies.day), (structure, day), "{query}");
        }
    }

    /// Noting 200,000 units beside each other takes a moment; comparing each with all noted before would take minutes.
    #[tokio::test]
    async fn noting_many_units_takes_linear_time() {
        const MANY: u32 = 200_000;
        let desk = Desk::open().await;
        let snapshot = desk.service.hub().latest();
        let dependencies = DependencyRecorder::default();
        let began = tokio::time::Instant::now();
        // Numbers without a unit have nothing above them.
        for number in 1_000..1_000 + MANY {
            dependencies.unit(&snapshot, UnitId(number));
        }
        let units = dependencies.recorded(&snapshot.structure).units;
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(units.len(), MANY as usize);
    }
}
