//! Cached results against fresh executions. The model test asks for them in the midst of its histories.

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_graphql::{Request, ServerError, Variables};
use sangkien::auth::{Audience, Client, Grant, Language, Principal, Role};
use sangkien::board::Snapshot;
use sangkien::domain::UnitId;
use sangkien::domain::clock::SystemClock;
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::{Budgets, CostLimits};
use sangkien::graphql::execution::result::ResultBytes;
use sangkien::supervisor::Supervisor;
use serde_json::{Value, json};

use crate::writer_node::WriterNode;

const ASKED_AT_ONCE: usize = 3;

/// `$u` is a unit's code, `$v` a version.
const DOCUMENTS: [&str; 29] = [
    "query ($u: String!) { unit(ref: { code: $u }) { name kind depth closedOn parent { code } ancestors { code name } clusters } }",
    "query ($u: String!) { unit(ref: { code: $u }) { tally { figures submitted accepted pending returned rejected own participants grassrootsUnions activeGrassrootsUnions coverage benefitVnd lastSubmittedAt daysSinceLast target ratio participationRate version period { code } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { tally { pace { dayNumber days daysLeft neededPerDay projected } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { periods { code } children { nodes { tally { target pace { neededPerDay projected } } } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { daily { day submitted accepted } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { standing { rank of previousRank value gained within { code } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { children { totalCount nodes { code name tally { submitted version } } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { descendants(first: 5, orderBy: { field: ACCEPTED, direction: DESC }) { totalCount nodes { code tally { accepted } } } } }",
    "query ($u: String!) { leaderboard(within: { code: $u }) { figures version asOf ranked since total { submitted } period { code endsOn } entries { rank previousRank value gained unit { code name } } } }",
    "query ($u: String!) { leaderboard(within: { code: $u }, kinds: [GRASSROOTS_UNION, SECTION], rankBy: SUBMITTED, first: 3) { ranked entries { rank gained unit { code } } } }",
    "{ units(filter: { closed: false, notStarted: true }) { totalCount nodes { code } } }",
    "query ($v: Long) { units(filter: { changedAfter: $v }) { nodes { code } } }",
    "query ($u: String!, $v: Long) { unit(ref: { code: $u }) { children(filter: { changedAfter: $v }) { nodes { code tally { id } } } } }",
    "{ today runningPeriod { code kind endsOn } }",
    "query ($u: String!) { unit(ref: { code: $u }) { initiatives(first: 4) { totalCount nodes { id status title version unit { code } authors { name contact } } } } }",
    "{ initiatives(first: 4, filter: { statuses: [PENDING, RETURNED] }) { totalCount nodes { id status benefitVnd } } }",
    "query ($v: Long) { initiatives(first: 9, filter: { changedAfter: $v }, orderBy: { field: UPDATED_AT }) { nodes { id version } } }",
    "query ($u: String!) { initiativeEvents(within: { code: $u }, first: 9) { nodes { version kind status unit { code } initiative { id title } } } }",
    "query ($u: String!) { periods(covering: { code: $u }) { nodes { code startsOn endsOn metric owner { code } parent { code } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { tally { submitted } targets(parts: true) { goal reached ratio group field distributed metric origin period { code } } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { s: breakdown(by: SECTOR) { key submitted accepted benefitVnd participants grassrootsUnions } o: breakdown(by: OWNERSHIP) { key label pending activeGrassrootsUnions } k: breakdown(by: UNIT_KIND) { key rejected } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { k: breakdown(by: INITIATIVE_KIND) { key submitted benefitVnd } f: breakdown(by: FIELD) { key label submitted } g: breakdown(by: AUTHOR_GROUP) { key returned } r: breakdown(by: REJECTION_REASON) { key rejected } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { periods { code } targets { goal distributed metric origin period { code } } target { goal } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { initiatives(first: 4) { nodes { id viewerMay } } } }",
    "query ($u: String!) { unitsByCode(codes: [$u, \"never\"]) { code name memberCount closedOn } }",
    "query ($u: String!) { searchUnits(text: $u) { code name ancestors { code } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { tally { ratio } } root { code tally { submitted } } }",
    "query ($u: String!) { unit(ref: { code: $u }) { tally(asOf: \"2022-03-01\") { id figures submitted accepted own participants coverage daysSinceLast version } } }",
    "query ($u: String!) { leaderboard(within: { code: $u }, asOf: \"2022-03-01\") { id figures asOf since total { submitted } sum { submitted } entries { rank previousRank value gained unit { code } tally { submitted } } } }",
];

/// Asked again and again while a node goes on, so that each answer grows old in many ways.
pub struct Questions {
    service: Service,
    asked: Vec<(&'static str, Value, Arc<Principal>)>,
}

impl Questions {
    /// Must be made anew with each start of the node.
    pub fn to(node: &WriterNode) -> Self {
        let (hub, store) = (Arc::clone(&node.hub), node.store.clone());
        let budgets = Budgets::new(CostLimits::default(), Arc::new(SystemClock));
        let (writer, budgets) = (node.writer.clone(), Arc::new(budgets));
        let service = Service::new(hub, store, writer, budgets, &Supervisor::default());
        Self { service, asked: Vec::new() }
    }

    /// Asks one that is new and some that were asked before.
    pub async fn ask(&mut self, board: &Snapshot, rng: &mut fastrand::Rng) {
        let units: Vec<(UnitId, String)> =
            board.structure.units().map(|unit| (unit.id, unit.code.clone())).collect();
        let Some((id, code)) = rng.choice(&units) else { return };
        let document = DOCUMENTS[rng.usize(..DOCUMENTS.len())];
        let version = rng.i64(0..=board.version().0);
        let grants = match rng.u32(0..4) {
            0 | 1 => Vec::new(),
            2 => vec![Grant { role: Role::Officer, unit: *id }],
            _ => vec![Grant { role: Role::Admin, unit: board.structure.root() }],
        };
        let principal = Principal {
            token: None,
            name: None,
            audience: Audience::new(grants, Language::English),
        };
        self.asked.push((document, json!({ "u": code, "v": version }), Arc::new(principal)));
        let newest = self.asked.len() - 1;
        self.check(newest).await;
        for _ in 0..ASKED_AT_ONCE {
            self.check(rng.usize(..self.asked.len())).await;
        }
    }

    async fn check(&self, place: usize) {
        let (document, variables, principal) = &self.asked[place];
        let request = || Request::new(*document).variables(Variables::from_json(variables.clone()));
        let afresh = self.service.answer_afresh(request(), Arc::clone(principal)).await;
        // Some worlds have no period for a while, and a unit may have another code since.
        let known = |error: &ServerError| {
            error.message == "there is no period yet"
                || error.message.starts_with("there is no unit with the code")
        };
        assert!(afresh.errors.iter().all(known), "{document} {variables}: {:?}", afresh.errors);
        let client = Client::of(principal, Ipv4Addr::LOCALHOST.into());
        let kept = self.service.query(request(), Arc::clone(principal), client, None).await;
        let (kept, afresh) = (&kept.result.text, ResultBytes::of(&afresh).text);
        if **kept == *afresh {
            return;
        }
        // The board may have moved on between the two.
        let afresh = self.service.answer_afresh(request(), Arc::clone(principal)).await;
        let afresh = &ResultBytes::of(&afresh).text;
        assert_eq!(kept, afresh, "{document} {variables} {:?}", principal.audience);
    }
}
