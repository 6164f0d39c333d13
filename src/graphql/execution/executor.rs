//! The executor: from an operation, at one version, to its execution.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, Request, Response, ServerError, Value};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::operation::Operation;
use super::result::{ResultBytes, is_refusal, lacks_the_database};
use super::threads::{ExecutionThreads, Lost};
use crate::auth::{Client, Language, Principal};
use crate::board::Snapshot;
use crate::digest::Digest;
use crate::domain::Version;
use crate::error::{self, Code};
use crate::feed::cursor::Cursor;
use crate::feed::{Hub, tables};
use crate::graphql::context::list_counts::ListCounts;
use crate::graphql::context::loaders::Tables;
use crate::graphql::context::mark::{self, Moment};
use crate::graphql::context::meter::{Meter, Stop};
use crate::graphql::context::{Dependencies, EventFeedMode, OpenedFeed, RequestContext};
use crate::graphql::execution::changes::StampKeys;
use crate::graphql::request::coerce::coerce_variables;
use crate::graphql::request::documents::Documents;
use crate::graphql::request::invalid::cut;
use crate::graphql::request::omitted::drop_omitted;
use crate::graphql::schema::build::{Schema, view};
use crate::limits::{MIN_VERSION_WAIT, VALIDATION_ERRORS_MAX};
use crate::messages::ErrorMessage;
use crate::store::{self, ReadTx, Store};
use crate::writer::Writer;
use crate::{measure, traces};

/// Executes operations against the schema.
pub struct Executor {
    pub schema: Schema,
    /// The same, for documents that ask for introspection.
    pub introspected: Schema,
    pub hub: Arc<Hub>,
    pub store: Store,
    pub writer: Writer,
    pub documents: Documents,
    /// Counts of lists, for all executions.
    pub counts: Arc<ListCounts>,
    pub threads: ExecutionThreads,
    /// The number of executions so far.
    pub executions: AtomicU64,
}

/// The outcome of an execution.
#[derive(Debug)]
pub struct Execution {
    /// The result; its errors are in the caller's language.
    pub result: Arc<ResultBytes>,
    /// Whether the result has no errors.
    pub is_whole: bool,
    /// Whether a part of the result could not be read while the database was away.
    pub lacks_database: bool,
    /// Whether the execution stopped because it used more than an execution may.
    pub is_too_costly: bool,
    /// The digest of a followed state, without stamps; `None` if the state must be sent whatever was sent
    /// before.
    pub comparable: Option<Digest>,
    /// The CPU time of the execution.
    pub cost: Duration,
    pub dependencies: Dependencies,
    /// The last event of the version of all that was read.
    pub as_of: Cursor,
    /// The generation of the board that was read.
    pub generation: u64,
    /// The last event that the result shows, an event of its own mutation included.
    pub shown: Cursor,
    /// Whether the result depends on more of the caller than the audience.
    pub is_private: bool,
    /// The event feed that the execution opened.
    pub opened: Option<OpenedFeed>,
    /// A version that an argument named, and that this node has not reached.
    pub awaited: Option<Version>,
}

impl Executor {
    /// # Errors
    /// If the document is invalid, has no such operation, or its variables do not fit: one error for each fault.
    pub fn read(
        &self,
        mut request: Request,
        principal: Arc<Principal>,
        client: Client,
    ) -> Result<Operation, Vec<ServerError>> {
        let document = self.documents.of(&mut request)?;
        let operation_name = request.operation_name.as_deref();
        let Some(definition) = document.operation(operation_name) else {
            let message = match operation_name {
                Some(name) => ErrorMessage::NoOperation(cut(name)),
                None => ErrorMessage::OperationNotNamed,
            };
            return Err(vec![error::of_places(Vec::new(), None, message)]);
        };
        coerce_variables(view(), definition, &mut request.variables)
            .map_err(|refusals| refusals.into_iter().map(ServerError::from).collect::<Vec<_>>())?;
        let operation_name = request.operation_name.or_else(|| document.only_name());
        let audience = principal.audience.clone();
        let audience_principal = Arc::new(Principal { token: None, name: None, audience });
        let variables = request.variables;
        Ok(Operation { document, variables, operation_name, principal, audience_principal, client })
    }

    /// Executes a query or mutation at the newest version, or one step of an event feed.
    pub async fn execute(
        self: &Arc<Self>,
        operation: &Operation,
        mode: EventFeedMode,
    ) -> Execution {
        self.execute_state(operation, mode, None).await
    }

    /// Executes a state that is followed; it must be sent unless it differs in these stamps alone.
    pub async fn execute_state(
        self: &Arc<Self>,
        operation: &Operation,
        mode: EventFeedMode,
        stamps: Option<Arc<StampKeys>>,
    ) -> Execution {
        let span = traces::execution(|| operation.traced());
        let runs_long = &operation.document.runs_long;
        let begins_here = !runs_long.load(Ordering::Relaxed) && self.threads.may_begin_inline();
        let meter = Arc::new(if begins_here { Meter::inline() } else { Meter::unbound() });
        let work = Arc::clone(self).carry_out(operation.clone(), mode, stamps, Arc::clone(&meter));
        let work = work.instrument(span.clone()).boxed();
        let mut execution = match self.threads.carry(&operation.client, &meter, work).await {
            Ok(execution) => {
                runs_long.store(!meter.was_small(), Ordering::Relaxed);
                execution
            }
            Err(lost) => self.failed(error::of_no_place(of_lost(lost)), operation.language()),
        };
        execution.cost = meter.worked();
        traces::executed(&span, execution.shown.version.0);
        execution
    }

    /// Executes once, and again as soon as this node has reached a version that an argument named; but a mutation only
    /// once.
    async fn carry_out(
        self: Arc<Self>,
        operation: Operation,
        mode: EventFeedMode,
        stamps: Option<Arc<StampKeys>>,
        meter: Arc<Meter>,
    ) -> Execution {
        let execution =
            self.carry_out_once(&operation, mode.clone(), stamps.as_deref(), &meter).await;
        match execution.awaited {
            Some(version)
                if operation.kind() != Some(OperationType::Mutation)
                    && self.await_version(version).await.is_ok() =>
            {
                self.carry_out_once(&operation, mode, stamps.as_deref(), &meter).await
            }
            _ => execution,
        }
    }

    async fn carry_out_once(
        &self,
        operation: &Operation,
        mode: EventFeedMode,
        stamps: Option<&StampKeys>,
        meter: &Arc<Meter>,
    ) -> Execution {
        let language = operation.language();
        let (request, context) = match self.open(operation, mode, Arc::clone(meter)).await {
            Ok(opened) => opened,
            Err(error) => return self.failed(error::of_no_place(error), language),
        };
        self.executions.fetch_add(1, Ordering::Relaxed);
        measure::executions().increment(1);
        let document = &operation.document;
        let schema = if document.introspects { &self.introspected } else { &self.schema };
        // The fields of the operation itself are resolved by the library.
        meter.count(document.count_root_fields(operation.operation_name()));
        let mut response = if operation.kind() == Some(OperationType::Subscription) {
            // A stream of one state or one event; empty if a feed was opened.
            let comparable = schema.execute_stream(request).next().await;
            of_request(in_language(comparable.unwrap_or_default(), language))
        } else {
            in_language(schema.execute(request).await, language)
        };
        let stop = meter.stopped();
        // A cancelled execution is counted where its caller drops it.
        stop.filter(|stop| *stop != Stop::Cancelled).inspect(|stop| stop.count());
        if stop.is_some() && operation.kind() == Some(OperationType::Mutation) {
            // The mutation was carried out, so there is data; of the parts that could not be resolved, the first error
            // gives the reason.
            response.errors.truncate(1);
        } else if let Some(stop) = stop {
            // The refusal is of one version, so it stays fresh as long as a result would.
            let dependencies = context.dependencies.recorded(&context.snapshot().structure);
            let as_of = Cursor::head_of(context.snapshot());
            let generation = context.snapshot().generation();
            let is_too_costly = stop != Stop::Cancelled && !context.is_private();
            let failed = self.failed(stop.server_error(), language);
            return Execution {
                dependencies,
                as_of,
                generation,
                is_too_costly,
                is_private: context.is_private(),
                ..failed
            };
        }
        if stamps.is_some() && !is_refusal(&response) {
            // Requests that share the result may have another layout of the document.
            response.errors.iter_mut().for_each(|error| error.locations.clear());
        }
        Execution {
            result: Arc::new(ResultBytes::of(&response)),
            is_whole: response.is_ok(),
            lacks_database: lacks_the_database(&response),
            is_too_costly: false,
            comparable: stamps.and_then(|stamps| stamps.without(&response)),
            cost: Duration::ZERO,
            dependencies: context.dependencies.recorded(&context.snapshot().structure),
            as_of: Cursor::head_of(context.snapshot()),
            generation: context.snapshot().generation(),
            shown: context.shown(),
            is_private: context.is_private(),
            opened: context.opened(),
            awaited: context.awaited(),
        }
    }

    /// The outcome of an execution that could not begin.
    pub fn failed(&self, error: ServerError, language: Language) -> Execution {
        let snapshot = self.hub.latest();
        let latest = Cursor::head_of(&snapshot);
        let response = in_language(Response::from_errors(vec![error]), language);
        Execution {
            result: Arc::new(ResultBytes::of(&response)),
            is_whole: false,
            lacks_database: lacks_the_database(&response),
            is_too_costly: false,
            comparable: None,
            cost: Duration::ZERO,
            dependencies: Dependencies::default(),
            as_of: latest,
            generation: snapshot.generation(),
            shown: latest,
            is_private: false,
            opened: None,
            awaited: None,
        }
    }

    /// Opens the context of an execution.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub async fn open(
        &self,
        operation: &Operation,
        mode: EventFeedMode,
        meter: Arc<Meter>,
    ) -> Result<(Request, Arc<RequestContext>), Error> {
        let mut parsed = operation.document.parsed.clone();
        drop_omitted(&mut parsed, operation.operation_name(), &operation.variables);
        let mut request = Request::new(String::new()).variables(operation.variables.clone());
        request.operation_name = operation.operation_name.clone();
        request.set_parsed_query(parsed);
        let (snapshot, opened) = if operation.document.reads_tables {
            let (snapshot, tables) = self.read_tables().await?;
            let opened = (Arc::new(AsyncMutex::new(tables)), Arc::clone(&snapshot));
            (snapshot, Some(opened))
        } else {
            (self.hub.latest(), None)
        };
        let tables = Tables {
            hub: Arc::clone(&self.hub),
            store: self.store.clone(),
            counts: Arc::clone(&self.counts),
            opened,
        };
        let principal = Arc::clone(&operation.principal);
        let context =
            RequestContext::new(tables, meter, self.writer.clone(), principal, snapshot, mode);
        let context = context.of_document(Arc::clone(&operation.document));
        let context = Arc::new(context);
        context.set_ready_path(!operation.document.selects_twice);
        Ok((request.data(Arc::clone(&context)), context))
    }

    /// Waits until this node has reached the moment.
    ///
    /// # Errors
    /// CURSOR_EXPIRED for a mark of another log, UNAVAILABLE if the version does not come in time.
    pub async fn await_moment(&self, moment: Moment) -> Result<(), Error> {
        if let Moment::Mark(_) = moment {
            mark::check(&self.hub, &self.store, moment).await?;
        }
        self.await_version(moment.version()).await
    }

    /// # Errors
    /// UNAVAILABLE if the version does not come in time.
    pub async fn await_version(&self, version: Version) -> Result<(), Error> {
        timeout(MIN_VERSION_WAIT, self.hub.reached(version))
            .await
            .map_err(|_| Code::Unavailable.says(ErrorMessage::NotYetAt(version.0)))
    }

    /// The tables as of one version, and the snapshot of the same version.
    async fn read_tables(&self) -> Result<(Arc<Snapshot>, ReadTx), Error> {
        let opening =
            tables::open(&self.hub, &self.store).instrument(traces::database("begin read"));
        opening.await.map_err(|error| match error {
            store::Error::Behind { version } => {
                Code::Unavailable.says(ErrorMessage::NotYetAt(version.0))
            }
            other => error::of_store(other),
        })
    }
}

/// The error that the caller of a lost execution gets.
pub fn of_lost(lost: Lost) -> Error {
    match lost {
        Lost::Full => Code::Unavailable.says(ErrorMessage::TooManyExecutions),
        Lost::TooManyOfOne => Code::RateLimited.says(ErrorMessage::TooManyExecutionsFromClient),
        Lost::Panicked(words) => {
            metrics::counter!(measure::PANICS, "of" => "execution").increment(1);
            error::internal(anyhow::anyhow!("an execution {words}"))
        }
    }
}

/// Turns an error at the root of a subscription into the refusal of the request: the specification has it so
/// (September 2025, 6.2.3.1), the library takes it for an error of the field.
fn of_request(mut response: Response) -> Response {
    let is_of_the_field = |error: &ServerError| error.path.len() <= 1;
    if response.data == Value::Null && response.errors.iter().all(is_of_the_field) {
        response.errors.iter_mut().for_each(|error| error.path.clear());
    }
    response
}

/// Translates the errors into the caller's language. A refused request gets at most [`VALIDATION_ERRORS_MAX`] errors: those
/// are about the client's text, which may have thousands of faults.
pub fn in_language(mut response: Response, language: Language) -> Response {
    if response.errors.iter().all(|error| error.path.is_empty()) {
        response.errors.truncate(VALIDATION_ERRORS_MAX);
    }
    for error in &mut response.errors {
        error::translate(error, language);
        error::shorten(&mut error.message);
    }
    response
}

#[cfg(test)]
mod tests {
    use crate::auth::Audience;
    use std::collections::BTreeSet;
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::auth::{Grant, Role};
    use crate::domain::Timestamp;
    use crate::domain::clock::ManualClock;
    use crate::limits::{EXECUTION_FIELDS_MAX, INLINE_FIELDS_MAX, PAGE_MAX};
    use crate::server::Server;

    /// Units below the root: three levels of them within each other are 64,000.
    const BREADTH: usize = 40;

    /// A server with a broad tree, whose names are as long as names may be.
    struct Desk {
        executor: Arc<Executor>,
        _server: Server,
        _dir: tempfile::TempDir,
    }

    impl Desk {
        async fn open() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}", dir.path().join("it.db").display());
            let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
            let server = Server::open(&url, Arc::new(clock)).await.unwrap();
            let executor = server.app(None).service.executor().clone();
            let desk = Self { executor, _server: server, _dir: dir };
            let name = "Công đoàn ".repeat(30);
            let input = |code: &str, more: &str| {
                format!("{{ code: \"{code}\", name: \"{name}\", {more} }}")
            };
            desk.change(&input("tld", "kind: CONFEDERATION")).await;
            for number in 0..BREADTH {
                let more = "kind: SECTION, parent: { code: \"tld\" }";
                desk.change(&input(&format!("u{number}"), more)).await;
            }
            desk
        }

        async fn change(&self, input: &str) {
            let query =
                format!("mutation {{ upsertUnit(input: {input}) {{ errors {{ code }} }} }}");
            let execution = self.execute(&query).await;
            assert!(execution.result.text.contains(r#""errors":[]"#), "{}", execution.result.text);
        }

        fn operation(&self, query: &str) -> Operation {
            let root = self.executor.hub.latest().structure.root();
            let audience =
                Audience::new(vec![Grant { role: Role::Admin, unit: root }], Language::English);
            let principal = Principal { token: Some("test".to_owned()), name: None, audience };
            let client = Client::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
            self.executor.read(Request::new(query), Arc::new(principal), client).unwrap()
        }

        async fn execute(&self, query: &str) -> Execution {
            let operation = self.operation(query);
            self.executor.execute(&operation, EventFeedMode::default()).await
        }

        /// The refusal of a document that exceeds a bound.
        async fn refusal(&self, query: &str) -> String {
            let execution = self.execute(query).await;
            assert!(execution.is_too_costly && execution.result.is_refusal, "{query}");
            execution.result.text.to_string()
        }
    }

    /// The units below the root, the units below their parent, and so on, with these fields of the last.
    fn nested(levels: usize, fields: &str) -> String {
        let mut query = fields.to_owned();
        for level in 0..levels {
            let parent = if level + 1 < levels { "parent { ITS } " } else { "ITS" };
            let children = format!("children(first: {PAGE_MAX}) {{ nodes {{ {query} }} }}");
            query = parent.replace("ITS", &children);
        }
        format!("{{ root {{ {query} }} }}")
    }

    #[tokio::test]
    async fn an_answer_of_too_many_fields_or_bytes_stops() {
        let desk = Desk::open().await;
        // The library alone, then the ready path.
        for twice in ["code: code code", "code"] {
            let refusal = desk.refusal(&nested(3, &format!("{twice} kind depth closedOn"))).await;
            assert!(refusal.contains("TOO_COSTLY"), "{refusal}");
            assert!(refusal.contains(&format!("more than {EXECUTION_FIELDS_MAX} fields")));
            let refusal = desk.refusal(&nested(3, &twice.replace("code", "name"))).await;
            assert!(refusal.contains("TOO_COSTLY"), "{refusal}");
            assert!(refusal.contains("larger than"), "{refusal}");
        }
        // A subscription's state stops, too.
        let board = nested(3, "code kind depth closedOn");
        let board = board.replace("{ root {", "subscription { leaderboard { within {") + " }";
        desk.change("{ code: \"tld\" }").await;
        let period = "mutation { upsertPeriod(input: { code: \"p\", name: \"P\", kind: PROGRAMME,
            startsOn: \"2022-01-01\", endsOn: \"2022-12-31\" }) { errors { code } } }";
        assert!(desk.execute(period).await.is_whole);
        assert!(desk.refusal(&board).await.contains("TOO_COSTLY"));
        // The payload of a mutation stops as well.
        let change = nested(3, "code kind depth closedOn").replace("{ root", "{ unit");
        let change = change
            .replace("{ unit {", "mutation { upsertUnit(input: { code: \"tld\" }) { unit {")
            + " }";
        let execution = desk.execute(&change).await;
        assert!(!execution.result.is_refusal && !execution.is_too_costly);
        let result =
            serde_json::from_str::<serde_json::Value>(&format!("{}}}", execution.result.text));
        let result = result.unwrap();
        assert_eq!(result["data"]["upsertUnit"]["unit"], serde_json::Value::Null, "{result}");
        assert_eq!(result["errors"].as_array().unwrap().len(), 1);
        assert_eq!(result["errors"][0]["extensions"]["code"], "TOO_COSTLY");
    }

    #[tokio::test]
    async fn searches_and_lists_stop_where_too_much_is_scanned() {
        let desk = Desk::open().await;
        let meter = Arc::new(Meter::unbound());
        // The meter begins a few units below the bound, as after many aliases.
        let most = usize::try_from(crate::limits::EXECUTION_SCANNED_MAX).unwrap();
        let small = 10;
        meter.scan(most - small).await.unwrap();
        for query in [
            "{ searchUnits(text: \"cong\") { code } }",
            "{ units(filter: { text: \"cong\" }) { totalCount } }",
            "{ root { descendants(filter: { text: \"cong\" }) { totalCount } } }",
            "{ root { children { nodes { descendants(filter: { text: \"u\" }) { totalCount } } } } }",
            "{ root { descendants(orderBy: { field: CODE }) { totalCount } } }",
        ] {
            let meter = Arc::new(Meter::unbound());
            meter.scan(most - small).await.unwrap();
            let execution = Arc::clone(&desk.executor).carry_out(
                desk.operation(query),
                EventFeedMode::Open,
                None,
                meter,
            );
            let execution = execution.await;
            assert!(execution.is_too_costly, "{query}: {}", execution.result.text);
            assert!(execution.result.text.contains("look through"), "{}", execution.result.text);
        }
    }

    /// Counts the fields of the answer, and collects the types of its objects that have
    /// `__typename`.
    fn count_fields(value: &serde_json::Value, types: &mut BTreeSet<String>) -> u64 {
        match value {
            serde_json::Value::Array(items) => {
                items.iter().map(|item| count_fields(item, types)).sum()
            }
            serde_json::Value::Object(members) => {
                types.extend(
                    members.get("__typename").and_then(|it| it.as_str()).map(str::to_owned),
                );
                members.values().map(|value| 1 + count_fields(value, types)).sum()
            }
            _ => 0,
        }
    }

    #[tokio::test]
    async fn every_field_of_every_type_is_counted() {
        let desk = Desk::open().await;
        let mut types = BTreeSet::new();
        for query in [
            "mutation { upsertPeriod(input: { code: \"p\", name: \"P\", kind: PROGRAMME,
                startsOn: \"2022-01-01\", endsOn: \"2022-12-31\" })
                { __typename period { __typename code owner { code } parent { code } } errors { code } } }",
            "mutation { submitInitiative(input: { key: \"k\", unit: { code: \"u0\" }, title: \"T\",
                kind: IDEA, authors: [{ name: \"An\" }, { name: \"Binh\" }] })
                { __typename replayed initiative { __typename id title unit { code } } errors { code } } }",
            "mutation { reviewInitiatives(input: { ids: [\"x\", \"y\"], decision: ACCEPT })
                { __typename initiatives { id } errors { __typename code message path } } }",
            "mutation { setTargets(input: { period: { code: \"p\" }, goals: [{ unit: { code: \"u0\" },
                goal: { count: 5 } }] }) { __typename targets { __typename goal unit { code } period { code } }
                errors { code } } }",
            "mutation { a: upsertUnit(input: { code: \"u1\", name: \"U\" }) { __typename unit { code } }
                b: upsertUnit(input: { code: \"u2\", name: \"U\" }) { unit { name } errors { code } } }",
            "{ viewer { __typename name grants { __typename role unit { __typename code } } tokens { id } } }",
            "{ root { code clusters children(first: 3) { __typename totalCount pageInfo { __typename endCursor }
                edges { __typename cursor node { code } } nodes { code parent { code } ancestors { code } } } } }",
            "{ unit(ref: { code: \"u0\" }) { tally { __typename submitted unit { code } period { code }
                pace { __typename days } } targets { goal } daily { __typename day } periods { name }
                standing { __typename rank within { code } } target { goal } } }",
            "{ periods { __typename edges { __typename node { code } } nodes { code } pageInfo { endCursor } }
                runningPeriod { code } period(ref: { code: \"p\" }) { code } fields { code } today }",
            "{ leaderboard { __typename total { submitted } within { code } period { code }
                entries { __typename rank unit { code } tally { submitted } } } searchUnits(text: \"u\") { code } }",
            "{ initiatives { __typename totalCount pageInfo { endCursor } nodes { title authors { name } }
                edges { __typename cursor node { title unit { code name } authors { __typename name }
                    events { __typename kind unit { code } fromUnit { code } initiative { title } } } } } }",
            "{ root { children(first: 4) { nodes { code initiatives { nodes { kind unit { code } } } } } } }",
            "{ initiativeEvents { __typename edges { __typename cursor node { kind } } nodes { at }
                pageInfo { endCursor } } }",
            "{ unitsByCode(codes: [\"u0\", \"none\", \"u2\"]) { code tally { submitted } } }",
            "{ leaderboard { sum { __typename submitted units } own { __typename submitted } closed { submitted }
                others { submitted } } root { breakdown(by: UNIT_KIND) { __typename key label submitted } } }",
            "{ root { briefing { __typename version bands { __typename units } backlog { __typename fromDays }
                clusters { __typename units leaders { rank } } before { submitted } board { ranked } movers { rank }
                notStarted { totalCount nodes { code } } targets { goal } } } }",
            "mutation { upsertPeriod(input: { code: \"over\", name: \"O\", kind: PEAK_WEEK,
                startsOn: \"2022-01-01\", endsOn: \"2022-01-02\" }) { period { code } errors { code } } }",
            "mutation { finalizePeriod(input: { period: { code: \"over\" }, note: \"x\" })
                { __typename closing { __typename id kind note period { code } tally { submitted closing { id } }
                    leaderboard { ranked entries { rank unit { code } } sum { units } } } errors { code } } }",
            "{ period(ref: { code: \"over\" }) { closings { version tally(unit: { code: \"u0\" }) { submitted }
                none: tally(unit: { code: \"u1\" }) { ratio } } } leaderboard(period: { code: \"over\" }) {
                closing { id } total { closing { at } } } }",
            "mutation { upsertRule(input: { code: \"q\", name: \"Q\", criteria: [{ measure: SUBMITTED,
                steps: [{ from: 1, points: 2 }] }], grades: [{ label: \"A\", points: 1 }] })
                { __typename rule { __typename code } errors { code } } }",
            "{ root { rules { kinds } } rule(ref: { code: \"q\" }) { id owner { code } grades { __typename label }
                criteria { __typename targetPeriod { code } steps { __typename from points } }
                assessment(period: { code: \"p\" }) { __typename id rule { code } period { code } version
                    rows(first: 3) { __typename totalCount pageInfo { endCursor } edges { __typename cursor node { rank } }
                        nodes { __typename unit { code } grade results { __typename value criterion { measure } } } } } } }",
            "mutation { confirmAssessment(input: { rule: { code: \"q\" }, period: { code: \"over\" }, note: \"x\" })
                { __typename assessment { id note confirmedAt closing { version } rows { nodes { rank results { met } } } }
                    errors { code } } }",
            "{ period(ref: { code: \"over\" }) { assessments { __typename id closing { kind } rule { code }
                rows(chosen: true) { totalCount nodes { chosen unit { code } } } } } }",
            "{ root { id } __schema { types { name fields { name type { kind ofType { name } } } } } }",
            "{ __type(name: \"Unit\") { name interfaces { name } } root { code name } }",
            "subscription { leaderboard { ranked entries { rank unit { code } } } }",
        ] {
            let meter = Arc::new(Meter::unbound());
            let operation = desk.operation(query);
            let execution = Arc::clone(&desk.executor);
            let execution = execution.carry_out(operation, EventFeedMode::Open, None, Arc::clone(&meter)).await;
            assert!(execution.is_whole, "{query}: {}", execution.result.text);
            let text = format!("{}}}", execution.result.text);
            let result: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(meter.fields(), count_fields(&result["data"], &mut types), "{query}: {text}");
        }
        let root = desk.executor.hub.latest().structure.root();
        let id = crate::graphql::schema::ids::GlobalId::Unit(root).encode();
        // The two selections are merged: the answer has them once.
        for (query, twice) in [
            (format!("{{ node(id: \"{}\") {{ __typename id ... on Unit {{ code }} }} }}", *id), 0),
            (format!("{{ nodes(ids: [\"{}\", \"x\"]) {{ id ... on Unit {{ code }} }} }}", *id), 0),
            ("{ root { code parent { code } code name tally { submitted } } }".to_owned(), 1),
            ("{ root { children { nodes { code ... on Node { id id } } } } }".to_owned(), 40),
        ] {
            let meter = Arc::new(Meter::unbound());
            let execution = Arc::clone(&desk.executor);
            let execution = execution
                .carry_out(desk.operation(&query), EventFeedMode::Open, None, Arc::clone(&meter))
                .await;
            assert!(execution.is_whole, "{query}: {}", execution.result.text);
            let text = format!("{}}}", execution.result.text);
            let result: serde_json::Value = serde_json::from_str(&text).unwrap();
            let fields = count_fields(&result["data"], &mut types);
            let twice = if twice == 40 {
                result["data"]["root"]["children"]["nodes"].as_array().unwrap().len() as u64
            } else {
                twice
            };
            assert_eq!(meter.fields(), fields + twice, "{query}: {text}");
        }
        let sdl = crate::graphql::sdl();
        let all = sdl.lines().filter_map(|line| line.strip_prefix("type ")?.split(' ').next());
        let missing: Vec<&str> = all.filter(|name| !types.contains(*name)).collect();
        // The fields of the operations are counted beforehand; the answer has no token and no list
        // of fields of work.
        assert_eq!(missing, ["Field", "Mutation", "Query", "Subscription", "Token"]);
    }

    /// A large answer is the same, whichever thread its execution was on when it became large.
    #[tokio::test]
    async fn a_large_answer_is_whole_though_its_execution_leaves_where_it_began() {
        let desk = Desk::open().await;
        let fields = "code kind depth closedOn memberCount sector __typename";
        let large = nested(2, fields);
        let rows = BREADTH * BREADTH;
        assert!(rows * 7 > usize::try_from(INLINE_FIELDS_MAX).unwrap());
        let twice = large.replace("code kind", "code code kind");
        let first = desk.execute(&format!("{{ viewer {{ name }} {}", &large[1..])).await;
        assert!(first.is_whole, "{}", first.result.text);
        assert_eq!(first.result.text.matches("\"SECTION\"").count(), rows);
        let [left, began_there, library] = [&large, &large, &twice].map(|query| query.as_str());
        let mut texts = Vec::new();
        for query in [left, began_there, library] {
            let execution = desk.execute(query).await;
            assert!(execution.is_whole, "{}", execution.result.text);
            texts.push(execution.result.text.to_string());
        }
        assert!(desk.operation(&large).document.runs_long.load(Ordering::Relaxed));
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[0], texts[2]);
        // A small execution begins on the serving thread again.
        let small = desk.operation("{ root { code } }");
        small.document.runs_long.store(true, Ordering::Relaxed);
        assert!(desk.executor.execute(&small, EventFeedMode::default()).await.is_whole);
        assert!(!small.document.runs_long.load(Ordering::Relaxed));
    }
}
