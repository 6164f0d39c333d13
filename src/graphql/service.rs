//! One GraphQL request from text to answer, whatever the transport.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, Request, Response, ServerError, Value};
use tracing::Instrument as _;

use super::cache::{Lookup, ResultCache, ResultKey, may_cache};
use super::context::EventFeedMode;
#[cfg(test)]
use super::context::RequestContext;
use super::context::mark::Moment;
use super::context::meter::Meter;
use super::cost::budgets::{Bill, Budgets, Class, Cost, Refused};
use super::cost::held::Held;
use super::cost::log_pace::LogPace;
use super::cost::pricing::Pricing;
use super::execution::documents::Documents;
use super::execution::result::ResultBytes;
use super::execution::threads::ExecutionThreads;
use super::execution::{Execution, Executor, Operation, in_language};
use super::introspected;
use super::request::price;
use super::schema;
use super::subscriptions::channels::Channels;
use crate::auth::quota::Quota;
use crate::auth::{Client, Language, Principal};
use crate::domain::Version;
use crate::error::{self, Code};
use crate::feed::Hub;
use crate::feed::cursor::Cursor;
use crate::limits::{
    CHANNELS_MAX, CHANNELS_PER_ADDRESS, NEW_TEXT_BYTES, ROOMS_BYTES, ROOMS_BYTES_PER_CLIENT,
    SOCKET_HELD_MAX, SOCKET_OPERATIONS_MAX, VARIABLE_VALUES,
};
use crate::measure;
use crate::messages::ErrorMessage;
use crate::store::Store;
use crate::traces;
use crate::writer::Writer;

/// What answers GraphQL requests. Cloning it is cheap.
#[derive(Clone)]
pub struct Service {
    pub(super) executor: Arc<Executor>,
    pub(super) channels: Arc<Channels>,
    results: Arc<ResultCache>,
    budgets: Arc<Budgets>,
    pub(super) log_pace: Arc<LogPace>,
}

/// An answer on its way to one who asked.
#[derive(Debug)]
pub struct Delivery {
    pub result: Arc<ResultBytes>,
    /// Whether others of the same audience would get the same.
    pub is_shared: bool,
    /// Whether nothing was executed for it: it was there, or another who asked worked it out.
    pub is_cached: bool,
    /// The last event that it shows, for `extensions`; `None` where nothing was executed.
    pub mark: Option<Cursor>,
    /// What the request cost, for a client that asked for it.
    pub cost: Option<Cost>,
}

const MIN_VERSION_EXTENSION: &str = "minVersion";
const COST_EXTENSION: &str = "cost";

impl Service {
    /// Needs a runtime, in which its rooms live.
    pub fn new(hub: Arc<Hub>, store: Store, writer: Writer, budgets: Arc<Budgets>) -> Self {
        let documents = Documents::default();
        let executions = AtomicU64::default();
        let schema = schema();
        let executor = Arc::new(Executor {
            pricing: Pricing::new(&schema),
            schema,
            introspected: introspected(),
            hub,
            store,
            writer,
            documents,
            threads: ExecutionThreads::start(),
            executions,
        });
        let quota = Quota { in_all: CHANNELS_MAX, per_client: CHANNELS_PER_ADDRESS };
        let bytes = Quota { in_all: ROOMS_BYTES, per_client: ROOMS_BYTES_PER_CLIENT };
        let channels = Channels::new(Arc::clone(&executor), quota, bytes);
        Self { executor, channels, results: Arc::default(), budgets, log_pace: Arc::default() }
    }

    pub fn hub(&self) -> &Arc<Hub> {
        &self.executor.hub
    }

    pub fn store(&self) -> &Store {
        &self.executor.store
    }

    pub fn writer(&self) -> &Writer {
        &self.executor.writer
    }

    /// Rooms that are open, and how many follow what is shown in them.
    pub fn channels(&self) -> (usize, usize) {
        self.channels.count()
    }

    /// Bytes of the states that rooms show.
    pub fn room_bytes(&self) -> usize {
        self.channels.bytes()
    }

    /// Executions so far; to be held against what was told.
    pub fn executions(&self) -> u64 {
        self.executor.executions.load(Ordering::Relaxed)
    }

    /// How long the longest turn of an execution upon such a thread took so far, and how long it took at most until one was
    /// over that nobody waited for any more.
    pub fn longest(&self) -> (Duration, Duration) {
        self.executor.threads.longest()
    }

    /// Executions that run upon threads of their own just now, and how many of those nobody waited for in the end.
    pub fn threads(&self) -> (usize, u64) {
        self.executor.threads.count()
    }

    /// Of the operation asked for; `None` where it cannot be told.
    pub fn kind(&self, request: &mut Request) -> Option<OperationType> {
        let document = self.executor.documents.of(request).ok()?;
        document.operation(request.operation_name.as_deref()).map(|it| it.ty)
    }

    /// What an operation of the request will hold as long as it runs; nothing where it will not run.
    pub fn held_by(&self, request: &mut Request) -> Option<Held> {
        let document = self.executor.documents.of(request).ok()?;
        Some(Held::by(&document, request.operation_name.as_deref(), &request.variables))
    }

    /// Answers a query or a mutation; a query perhaps with what was answered before. An execution uses the
    /// client's share.
    pub async fn answer(
        &self,
        request: Request,
        principal: Arc<Principal>,
        client: Client,
        min_version: Option<Moment>,
    ) -> Delivery {
        let language = principal.audience.language;
        let wants_cost = wants_cost(&request);
        let mut bill = match self.open_bill(&request, &principal, &client) {
            Ok(bill) => bill,
            Err(Refused { error, cost }) => {
                let cost = wants_cost.then_some(cost);
                return Delivery { cost, ..Delivery::refused(vec![plain(error)], language) };
            }
        };
        let delivery = match self.read(request, principal, client, min_version).await {
            Ok(operation) => self.ask_once(&operation, &mut bill).await,
            Err(errors) => Delivery::refused(errors, language),
        };
        Delivery { cost: wants_cost.then(|| bill.cost()), ..delivery }
    }

    /// Takes what it costs to read the request.
    pub(super) fn open_bill(
        &self,
        request: &Request,
        principal: &Principal,
        client: &Client,
    ) -> Result<Bill, Refused> {
        let is_known = self.executor.documents.knows(&request.query);
        let text = if is_known { 0 } else { request.query.len() / NEW_TEXT_BYTES };
        let variables = price::size_of_variables(&request.variables) / VARIABLE_VALUES;
        let reading = u64::try_from(text).unwrap_or(u64::MAX).saturating_add(variables);
        self.budgets.open(client, Class::of(&principal.audience), reading)
    }

    /// Takes the price of an execution, unless the bill has it.
    pub(super) fn charge(&self, operation: &Operation, bill: &mut Bill) -> Result<(), Refused> {
        bill.charge(|| self.executor.price(operation))
    }

    /// What an execution of the operation costs at the moment. For tests and benches.
    ///
    /// # Errors
    /// When the request cannot be read.
    pub fn price(
        &self,
        request: Request,
        principal: Arc<Principal>,
    ) -> Result<u64, Vec<ServerError>> {
        let client = Client::of(&principal, Ipv4Addr::LOCALHOST.into());
        let operation = self.executor.read(request, principal, client)?;
        Ok(self.executor.price(&operation))
    }

    /// For one who asks a query or a mutation.
    pub(super) async fn ask_once(&self, operation: &Operation, bill: &mut Bill) -> Delivery {
        let span = traces::operation(|| operation.traced());
        let asking = self.ask(operation, EventFeedMode::default(), Some(bill));
        let delivery = asking.instrument(span.clone()).await;
        traces::delivered(&span, delivery.is_cached, delivery.is_shared);
        delivery
    }

    /// What is kept, or what comes of an execution: one for all who ask the same meanwhile, if
    /// it may be shared. The bill is charged where an execution begins for it.
    pub(super) async fn ask(
        &self,
        operation: &Operation,
        mode: EventFeedMode,
        mut bill: Option<&mut Bill>,
    ) -> Delivery {
        let mut charge = || match &mut bill {
            Some(bill) => self.charge(operation, bill),
            None => Ok(()),
        };
        let key = match (operation.kind(), &mode) {
            (Some(OperationType::Query), _) => ResultKey::of(operation),
            (Some(OperationType::Subscription), EventFeedMode::Deliver(event)) => {
                ResultKey::of_event(operation, event.version)
            }
            _ => {
                return match charge() {
                    Ok(()) => Self::of(self.executor.execute(operation, mode).await),
                    Err(refused) => {
                        Delivery::refused(vec![plain(refused.error)], operation.language())
                    }
                };
            }
        };
        let entry = self.results.of(&key);
        let latest = self.hub().latest();
        let mut was_executed = false;
        let execute = async || {
            if let Err(Refused { error, .. }) = charge() {
                return self.executor.failed(plain(error), operation.language());
            }
            was_executed = true;
            self.executor.execute(&operation.for_audience(), mode.clone()).await
        };
        let found = entry.ask(&latest, execute, may_cache).await;
        let metrics = measure::of_answers();
        if was_executed { &metrics.executed } else { &metrics.kept }.increment(1);
        match found {
            Lookup::Cached(cached) => {
                if was_executed {
                    self.results.reweigh(key, entry);
                }
                let mark = Some(cached.as_of.later(Cursor::head_of(&latest)));
                let result = Arc::clone(&cached.result);
                Delivery { result, is_shared: true, is_cached: !was_executed, mark, cost: None }
            }
            Lookup::Uncached(execution) => Self::of(*execution),
            Lookup::Private => {
                if let Err(Refused { error, .. }) = charge() {
                    return Delivery::refused(vec![plain(error)], operation.language());
                }
                let execution = self.executor.execute(operation, mode).await;
                if !execution.is_private {
                    entry.allow_sharing();
                }
                Self::of(execution)
            }
        }
    }

    fn of(execution: Execution) -> Delivery {
        let Execution { result, shown, .. } = execution;
        let mark = Some(shown);
        Delivery { result, is_shared: false, is_cached: false, mark, cost: None }
    }

    /// Compresses a large answer, or makes its tag, in the client's turn, upon a thread that serves nobody. Where too many
    /// wait for those, it is sent as it is.
    pub async fn prepare_delivery(
        &self,
        client: &Client,
        result: &Arc<ResultBytes>,
        wants_gzip: bool,
        wants_tag: bool,
    ) {
        let needs_gzip = wants_gzip && result.gzip_at_hand().is_none();
        let needs_tag = wants_tag && result.entity_tag_at_hand().is_none();
        if result.is_large() && (needs_gzip || needs_tag) {
            let result = Arc::clone(result);
            let work = move || {
                if needs_gzip {
                    result.gzip();
                }
                if needs_tag {
                    result.entity_tag();
                }
            };
            let _done_or_sent_as_it_is = self.executor.threads.work(client, work).await;
        }
    }

    /// Answers a query or a mutation by the library alone and whatever is kept, to judge by it what is
    /// written and what is kept.
    pub async fn answer_afresh(&self, request: Request, principal: Arc<Principal>) -> Response {
        let language = principal.audience.language;
        let opened = async {
            let client = Client::of(&principal, Ipv4Addr::LOCALHOST.into());
            let operation = self.read(request, principal, client, None).await?;
            let meter = Arc::new(Meter::unbound());
            let opened = self.executor.open(&operation, EventFeedMode::default(), meter).await;
            opened.map_err(|error| vec![plain(error)])
        };
        let response = match opened.await {
            Ok((request, context)) => {
                context.leave_to_library();
                let response = self.executor.schema.execute(request).await;
                let shown = context.shown();
                let response = response.extension("version", Value::from(shown.version.0));
                response.extension("mark", Value::from(shown.encode()))
            }
            Err(errors) => Response::from_errors(errors),
        };
        in_language(response, language)
    }

    /// What one is told who runs too much over one connection: a list of errors, as JSON.
    pub fn too_many_operations(&self, language: Language) -> String {
        let message = ErrorMessage::TooManyOperations { max: SOCKET_OPERATIONS_MAX };
        error::list(Code::RateLimited.says(message), language)
    }

    /// What one is told whose operations hold too much over one connection: a list of errors, as JSON.
    pub fn too_much_held(&self, language: Language) -> String {
        let message = ErrorMessage::TooMuchHeld { max: SOCKET_HELD_MAX };
        error::list(Code::RateLimited.says(message), language)
    }

    /// The document and its variables, as soon as there is the version that is wanted.
    pub(super) async fn read(
        &self,
        request: Request,
        principal: Arc<Principal>,
        client: Client,
        min_version: Option<Moment>,
    ) -> Result<Operation, Vec<ServerError>> {
        let wanted = min_version.map_or_else(|| min_version_of(&request), |it| Ok(Some(it)));
        let operation = self.executor.read(request, principal, client)?;
        if let Some(moment) = wanted.map_err(|error| vec![plain(error)])? {
            self.executor.await_moment(moment).await.map_err(|error| vec![plain(error)])?;
        }
        Ok(operation)
    }

    /// Opens what an execution needs, without executing it.
    #[cfg(test)]
    pub(super) async fn prepare(
        &self,
        request: Request,
        principal: Arc<Principal>,
    ) -> Result<(Request, Arc<RequestContext>), Vec<ServerError>> {
        let client = Client::of(&principal, Ipv4Addr::LOCALHOST.into());
        let operation = self.executor.read(request, principal, client)?;
        let meter = Arc::new(Meter::unbound());
        let opened = self.executor.open(&operation, EventFeedMode::default(), meter).await;
        opened.map_err(|error| vec![plain(error)])
    }
}

pub(super) fn refusal(errors: Vec<ServerError>, language: Language) -> ResultBytes {
    ResultBytes::of(&in_language(Response::from_errors(errors), language))
}

pub(super) fn plain(error: Error) -> ServerError {
    error::of_no_place(error)
}

impl Delivery {
    fn refused(errors: Vec<ServerError>, language: Language) -> Self {
        let result = Arc::new(refusal(errors, language));
        Self { result, is_shared: false, is_cached: false, mark: None, cost: None }
    }
}

/// Whether the client asks what its request costs.
pub(super) fn wants_cost(request: &Request) -> bool {
    request.extensions.get(COST_EXTENSION) == Some(&Value::Boolean(true))
}

fn min_version_of(request: &Request) -> Result<Option<Moment>, Error> {
    match request.extensions.get(MIN_VERSION_EXTENSION) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.is_i64() => {
            Ok(number.as_i64().map(|version| Moment::Version(Version(version))))
        }
        Some(Value::String(text)) if let Some(mark) = Moment::of_mark(text) => Ok(Some(mark)),
        Some(_) => Err(Code::BadArgument.says(ErrorMessage::NotAMinVersion)),
    }
}
