//! One GraphQL request from text to answer, whatever the transport.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, Request, Response, ServerError, Value};
use futures_util::FutureExt as _;
use futures_util::stream::{BoxStream, StreamExt as _};
use tracing::Instrument as _;

use super::cache::{CachedExecutor, Delivery};
use super::context::EventFeedMode;
#[cfg(test)]
use super::context::RequestContext;
use super::context::mark::Moment;
use super::context::meter::Meter;
use super::cost::budgets::{Bill, Budgets, Class, Refused};
use super::cost::held::Held;
use super::cost::log_pace::LogPace;
use super::cost::pricing::Pricing;

use super::execution::result::ResultBytes;
use super::execution::threads::ExecutionThreads;
use super::execution::{Executor, Operation, in_language, of_lost};
use super::request::documents::Documents;
use super::request::price;
use super::schema::build::{introspected, schema, view};
use super::subscriptions::channels::Channels;
use super::subscriptions::direct::DirectSink;
use super::subscriptions::message::{Message, once, with_cost};
use super::subscriptions::{event_feed, state_feed};
use crate::auth::quota::Quota;
use crate::auth::{Caller, Client, Denied, Language, Principal};
use crate::domain::Version;
use crate::error::{self, Code};
use crate::feed::Hub;
use crate::limits::{
    CHANNELS_BYTES, CHANNELS_BYTES_PER_CLIENT, CHANNELS_MAX, CHANNELS_PER_ADDRESS, FILE_BYTES,
    NEW_TEXT_BYTES, SOCKET_HELD_MAX, SOCKET_OPERATIONS_MAX, VARIABLE_VALUES,
};
use crate::messages::ErrorMessage;
use crate::store::Store;
use crate::supervisor::Supervisor;
use crate::traces;
use crate::writer::Writer;

/// Answers GraphQL requests. Cloning it is cheap.
#[derive(Clone)]
pub struct Service {
    cached: CachedExecutor,
    channels: Arc<Channels>,
    pricing: Arc<Pricing>,
    budgets: Arc<Budgets>,
    log_pace: Arc<LogPace>,
}

const MIN_VERSION_EXTENSION: &str = "minVersion";
const COST_EXTENSION: &str = "cost";

impl Service {
    /// Needs a runtime, in which its channels live.
    pub fn new(
        hub: Arc<Hub>,
        store: Store,
        writer: Writer,
        budgets: Arc<Budgets>,
        supervisor: &Supervisor,
    ) -> Self {
        let documents = Documents::new(view());
        let executions = AtomicU64::default();
        let schema = schema();
        let pricing = Arc::new(Pricing::new(&schema));
        let executor = Arc::new(Executor {
            schema,
            introspected: introspected(),
            hub,
            store,
            writer,
            documents,
            counts: Arc::default(),
            threads: ExecutionThreads::start(supervisor),
            executions,
        });
        let quota = Quota { in_all: CHANNELS_MAX, per_client: CHANNELS_PER_ADDRESS };
        let bytes = Quota { in_all: CHANNELS_BYTES, per_client: CHANNELS_BYTES_PER_CLIENT };
        let channels = Channels::new(Arc::clone(&executor), quota, bytes, supervisor);
        let cached = CachedExecutor::new(executor);
        Self { cached, channels, pricing, budgets, log_pace: Arc::default() }
    }

    pub(super) const fn executor(&self) -> &Arc<Executor> {
        &self.cached.executor
    }

    pub fn hub(&self) -> &Arc<Hub> {
        &self.executor().hub
    }

    pub fn store(&self) -> &Store {
        &self.executor().store
    }

    pub fn writer(&self) -> &Writer {
        &self.executor().writer
    }

    /// The number of open rooms, and of their subscribers.
    pub fn channels(&self) -> (usize, usize) {
        self.channels.count()
    }

    /// Bytes of the states that rooms show.
    pub fn channel_bytes(&self) -> usize {
        self.channels.bytes()
    }

    /// The number of executions so far, which tests compare with the number of messages.
    pub fn executions(&self) -> u64 {
        self.executor().executions.load(Ordering::Relaxed)
    }

    /// The longest turn of an execution upon such a thread so far, and the longest time from when an execution's caller
    /// left until the execution was over.
    pub fn longest(&self) -> (Duration, Duration) {
        self.executor().threads.longest()
    }

    /// Executions that run upon threads of their own just now, and how many of those nobody waited for in the end.
    pub fn threads(&self) -> (usize, u64) {
        self.executor().threads.count()
    }

    /// The type of the requested operation; `None` if it cannot be told.
    pub fn kind(&self, request: &mut Request) -> Option<OperationType> {
        let document = self.executor().documents.of(request).ok()?;
        document.operation(request.operation_name.as_deref()).map(|it| it.ty)
    }

    /// The memory that an operation of the request will hold as long as it runs; `None` if it will not run.
    pub fn held_by(&self, request: &mut Request) -> Option<Held> {
        let document = self.executor().documents.of(request).ok()?;
        Some(Held::by(&document, request.operation_name.as_deref(), &request.variables))
    }

    /// Answers a query or a mutation; a query perhaps with a cached result. An execution is charged to the client.
    pub async fn query(
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
                return Delivery { cost, ..Delivery::refusal(error, language) };
            }
        };
        let delivery = match self.read(request, principal, client, min_version).await {
            Ok(operation) => self.execute(&operation, &mut bill).await,
            Err(errors) => Delivery::refusals(errors, language),
        };
        Delivery { cost: wants_cost.then(|| bill.cost()), ..delivery }
    }

    /// Answers an operation over a connection that stays: a query or a mutation once, a
    /// subscription with each message, of a state feed with each that says something new.
    /// An event feed goes on after `resume`, if that is given, whatever the request says. A state may be
    /// sent to the sink instead, as long as the stream is waited for and what it gave was sent.
    pub fn subscribe(
        &self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        // The first future is larger than the ones that follow, and is dropped when it is done.
        let begin = self.clone().begin(request, caller, min_version, resume, sink);
        begin.boxed().flatten_stream().boxed()
    }

    async fn begin(
        self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        // A token may have ended since the connection was opened.
        let root = self.hub().latest().structure.root();
        let refused = |errors| Message::refusals(errors, caller.language);
        let principal = match caller.identify(root).await {
            Ok(principal) => Arc::new(principal),
            Err(denied) => return once(refused(vec![plain(error::of_denied(denied))])),
        };
        let client = Client::of(&principal, caller.address);
        let wants_cost = wants_cost(&request);
        let mut bill = match self.open_bill(&request, &principal, &client) {
            Ok(bill) => bill,
            Err(Refused { error, cost }) => {
                let cost = wants_cost.then_some(cost);
                return once(Message { cost, ..refused(vec![plain(error)]) });
            }
        };
        let cost = |bill: &Bill| wants_cost.then(|| bill.cost());
        match self.read(request, principal, client, min_version).await {
            Ok(operation) if operation.kind() == Some(OperationType::Subscription) => {
                if let Err(Refused { error, .. }) = self.charge_opening(&operation, &mut bill) {
                    return once(Message { cost: cost(&bill), ..refused(vec![plain(error)]) });
                }
                let cost = cost(&bill);
                let span = traces::operation(|| operation.traced());
                let messages = self.follow(operation, resume, sink).instrument(span).await;
                if cost.is_some() { with_cost(messages, cost) } else { messages }
            }
            Ok(operation) => {
                let Delivery { result, mark, .. } = self.execute(&operation, &mut bill).await;
                once(Message { mark, cost: cost(&bill), ..Message::of(result) })
            }
            Err(errors) => once(Message { cost: cost(&bill), ..refused(errors) }),
        }
    }

    async fn follow(
        self,
        operation: Operation,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        let held = match self.channels.hold(&operation) {
            Ok(held) => held,
            Err(error) => return once(Message::refusals(vec![error], operation.language())),
        };
        if !operation.document.is_event_feed(operation.operation_name()) {
            return state_feed::follow(self.channels, operation, held, sink).await;
        }
        let mode = resume.map_or(EventFeedMode::Open, EventFeedMode::Resume);
        let opening = self.executor().execute(&operation, mode).await;
        match opening.opened {
            Some(opened) => {
                let Self { cached, channels, log_pace, .. } = self;
                event_feed::follow(cached, channels, log_pace, operation, held, opened)
            }
            None => once(Message::of(opening.result)),
        }
    }

    /// A channel that is open costs nothing more to join.
    fn charge_opening(&self, operation: &Operation, bill: &mut Bill) -> Result<(), Refused> {
        if self.channels.is_open(operation) { Ok(()) } else { self.charge(operation, bill) }
    }

    async fn execute(&self, operation: &Operation, bill: &mut Bill) -> Delivery {
        let span = traces::operation(|| operation.traced());
        let charge = || self.charge(operation, bill).map_err(|refused| refused.error);
        let executing = self.cached.execute(operation, EventFeedMode::default(), charge);
        let delivery = executing.instrument(span.clone()).await;
        traces::delivered(&span, delivery.is_cached, delivery.is_shared);
        delivery
    }

    /// Charges the client for reading the request.
    fn open_bill(
        &self,
        request: &Request,
        principal: &Principal,
        client: &Client,
    ) -> Result<Bill, Refused> {
        let is_known = self.executor().documents.knows(&request.query);
        let text = if is_known { 0 } else { request.query.len() / NEW_TEXT_BYTES };
        let variables = price::size_of_variables(&request.variables) / VARIABLE_VALUES;
        let reading = u64::try_from(text).unwrap_or(u64::MAX).saturating_add(variables);
        self.budgets.open(client, Class::of(&principal.audience), reading)
    }

    /// Takes the price of an execution, unless the bill has it.
    fn charge(&self, operation: &Operation, bill: &mut Bill) -> Result<(), Refused> {
        bill.charge(|| self.price_of(operation))
    }

    /// The price of an execution of the operation at the moment, for tests and benches.
    ///
    /// # Errors
    /// When the request cannot be read.
    pub fn price(
        &self,
        request: Request,
        principal: Arc<Principal>,
    ) -> Result<u64, Vec<ServerError>> {
        self.operation(request, principal).map(|operation| self.price_of(&operation))
    }

    /// The operation of a request, which is not executed. For benches.
    ///
    /// # Errors
    /// When the request cannot be read.
    pub fn operation(
        &self,
        request: Request,
        principal: Arc<Principal>,
    ) -> Result<Operation, Vec<ServerError>> {
        let client = Client::of(&principal, Ipv4Addr::LOCALHOST.into());
        self.executor().read(request, principal, client)
    }

    /// The price of an execution of the operation at the moment.
    pub fn price_of(&self, operation: &Operation) -> u64 {
        let fields = self.writer().fields().iter().count();
        self.pricing.price(operation, &self.hub().latest(), fields)
    }

    /// Compresses a large answer, or makes its tag, in the client's turn, upon a thread for executions. If too many
    /// tasks wait for those threads, the answer is sent as it is.
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
            let _done_or_sent_as_it_is = self.executor().threads.work(client, work).await;
        }
    }

    /// Makes a file of an answer upon a thread for executions, in the client's turn. The answer's bytes cost the client
    /// units.
    ///
    /// # Errors
    /// RATE_LIMITED if too little of the client's budget is left, UNAVAILABLE or RATE_LIMITED if too many tasks wait for
    /// those threads, INTERNAL if the work panicked.
    pub async fn make_file<T: Send + 'static>(
        &self,
        principal: &Principal,
        client: &Client,
        answer: &Arc<ResultBytes>,
        make: impl FnOnce(&ResultBytes) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let units = u64::try_from(answer.text.len() / FILE_BYTES).unwrap_or(u64::MAX);
        let opened = self.budgets.open(client, Class::of(&principal.audience), units);
        opened.map_err(|refused| refused.error)?;
        let answer = Arc::clone(answer);
        self.executor().threads.work(client, move || make(&answer)).await.map_err(of_lost)
    }

    /// Answers a query or a mutation by the library alone and without the caches, for tests that
    /// compare with it.
    pub async fn answer_afresh(&self, request: Request, principal: Arc<Principal>) -> Response {
        let language = principal.audience.language;
        let opened = async {
            let client = Client::of(&principal, Ipv4Addr::LOCALHOST.into());
            let operation = self.read(request, principal, client, None).await?;
            let meter = Arc::new(Meter::unbound());
            let opened = self.executor().open(&operation, EventFeedMode::default(), meter).await;
            opened.map_err(|error| vec![plain(error)])
        };
        let response = match opened.await {
            Ok((request, context)) => {
                context.leave_to_library();
                let response = self.executor().schema.execute(request).await;
                let shown = context.shown();
                let response = response.extension("version", Value::from(shown.version.0));
                response.extension("mark", Value::from(shown.encode()))
            }
            Err(errors) => Response::from_errors(errors),
        };
        in_language(response, language)
    }

    /// The last message for a caller that may be served no longer.
    pub fn refusal_of_caller(denied: Denied, language: Language) -> Message {
        Message::refusals(vec![plain(error::of_denied(denied))], language)
    }

    /// The error for a connection with too many operations: a list of errors, as JSON.
    pub fn too_many_operations(&self, language: Language) -> String {
        let message = ErrorMessage::TooManyOperations { max: SOCKET_OPERATIONS_MAX };
        error::list(Code::RateLimited.says(message), language)
    }

    /// The error for a connection whose operations hold too much memory: a list of errors, as JSON.
    pub fn too_much_held(&self, language: Language) -> String {
        let message = ErrorMessage::TooMuchHeld { max: SOCKET_HELD_MAX };
        error::list(Code::RateLimited.says(message), language)
    }

    /// The document and its variables, as soon as there is the version that is wanted.
    async fn read(
        &self,
        request: Request,
        principal: Arc<Principal>,
        client: Client,
        min_version: Option<Moment>,
    ) -> Result<Operation, Vec<ServerError>> {
        let wanted = min_version.map_or_else(|| min_version_of(&request), |it| Ok(Some(it)));
        let operation = self.executor().read(request, principal, client)?;
        if let Some(moment) = wanted.map_err(|error| vec![plain(error)])? {
            self.executor().await_moment(moment).await.map_err(|error| vec![plain(error)])?;
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
        let operation = self.executor().read(request, principal, client)?;
        let meter = Arc::new(Meter::unbound());
        let opened = self.executor().open(&operation, EventFeedMode::default(), meter).await;
        opened.map_err(|error| vec![plain(error)])
    }
}

fn plain(error: Error) -> ServerError {
    error::of_no_place(error)
}

/// Whether the client asks what its request costs.
fn wants_cost(request: &Request) -> bool {
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
