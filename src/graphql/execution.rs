//! One execution: from what is asked, at one version, to what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Error, Request, Response, ServerError, Value, Variables};
use futures_util::StreamExt as _;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::Schema;
use super::answers::Answer;
use super::context::{Opened, ReadSet, Step, Viewing};
use super::documents::{Document, Documents};
use super::error::{self, Code};
use super::mark::{self, Moment};
use super::messages::Message;
use super::omitted::{coerce_variables, drop_omitted};
use super::pricing::Pricing;
use crate::auth::{Audience, Client, Language, Principal};
use crate::board::Snapshot;
use crate::domain::Version;
use crate::feed::Hub;
use crate::feed::cursor::Cursor;
use crate::limits::MIN_VERSION_WAIT;
use crate::store::{ReadTx, Store};
use crate::traces;
use crate::writer::Writer;

/// A request as read: its document is one of GraphQL, its variables have their defaults. It may be
/// executed again and again.
#[derive(Debug, Clone)]
pub struct Asked {
    pub document: Arc<Document>,
    pub variables: Variables,
    operation: Option<String>,
    principal: Arc<Principal>,
    /// Nobody in particular of the same audience.
    anybody: Arc<Principal>,
    /// The client whose share an execution uses. No resolver sees it, since the answer may be shared.
    pub client: Client,
}

impl Asked {
    /// As the library will choose it; `None` where it will find none, or not know which.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation())
    }

    pub fn kind(&self) -> Option<OperationType> {
        self.definition().map(|it| it.ty)
    }

    /// The name of the operation, if any has one.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// What traces tell of it.
    pub fn traced(&self) -> traces::Operation<'_> {
        let kind = match self.kind() {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "",
        };
        let name = self.operation().unwrap_or_default();
        traces::Operation { kind, name, digest: self.document.identity.to_string() }
    }

    pub fn audience(&self) -> &Audience {
        &self.anybody.audience
    }

    pub fn language(&self) -> Language {
        self.audience().language
    }

    /// The same, for anybody of the audience: what comes of it may be told to all of them.
    pub fn by_anybody(&self) -> Self {
        Self { principal: Arc::clone(&self.anybody), ..self.clone() }
    }
}

/// What executes.
pub struct Engine {
    pub schema: Schema,
    pub hub: Arc<Hub>,
    pub store: Store,
    pub writer: Writer,
    pub documents: Documents,
    pub pricing: Pricing,
    /// How many there were.
    pub executions: AtomicU64,
}

/// What came of an execution.
#[derive(Debug)]
pub struct Executed {
    /// Its errors are in the caller's language.
    pub response: Response,
    pub answer: Arc<Answer>,
    pub reads: ReadSet,
    /// The last event of the version that was read from beginning to end.
    pub as_of: Cursor,
    /// The last event that the answer shows, one that it has written included.
    pub shown: Cursor,
    /// Whether it rests on more of the caller than the audience.
    pub is_own: bool,
    /// The event feed that it opened.
    pub opened: Option<Opened>,
    /// The version that something was asked about, and that this node had not come to.
    pub awaited: Option<Version>,
}

impl Engine {
    /// # Errors
    /// When the document cannot be read, or its variables do not fit: one error for each thing
    /// that is wrong.
    pub fn read(
        &self,
        mut request: Request,
        principal: Arc<Principal>,
        client: Client,
    ) -> Result<Asked, Vec<ServerError>> {
        let document = self.documents.parse(&request.query)?;
        let operation = request.operation_name.as_deref();
        document.check_root(operation).map_err(|error| vec![error])?;
        coerce_variables(&document.parsed, operation, &mut request.variables)
            .map_err(|error| vec![error])?;
        let operation = request.operation_name.or_else(|| document.only_name());
        let audience = principal.audience.clone();
        let anybody = Arc::new(Principal { token: None, name: None, audience });
        let variables = request.variables;
        Ok(Asked { document, variables, operation, principal, anybody, client })
    }

    /// What an execution costs at the newest version.
    pub fn price(&self, asked: &Asked) -> u64 {
        let fields = self.writer.fields().iter().count();
        self.pricing.price(asked, &self.hub.latest(), fields)
    }

    /// At the newest version, or in an event feed one step.
    pub async fn execute(&self, asked: &Asked, step: Step) -> Executed {
        let span = traces::execution(|| asked.traced());
        let executed = self.carry_out(asked, step).instrument(span.clone()).await;
        traces::executed(&span, executed.shown.version.0);
        executed
    }

    /// Once, or anew as soon as this node has come to the version that was asked about; but a change is made once.
    async fn carry_out(&self, asked: &Asked, step: Step) -> Executed {
        let executed = self.carry_out_once(asked, step.clone()).await;
        match executed.awaited {
            Some(version)
                if asked.kind() != Some(OperationType::Mutation)
                    && self.await_version(version).await.is_ok() =>
            {
                self.carry_out_once(asked, step).await
            }
            _ => executed,
        }
    }

    async fn carry_out_once(&self, asked: &Asked, step: Step) -> Executed {
        let language = asked.language();
        let (request, viewing) = match self.open(asked, step).await {
            Ok(opened) => opened,
            Err(error) => return self.failed(error::of_no_place(error), language),
        };
        self.executions.fetch_add(1, Ordering::Relaxed);
        let response = if asked.kind() == Some(OperationType::Subscription) {
            // One state or one event; nothing where a feed was opened.
            let told = self.schema.execute_stream(request).next().await;
            of_request(in_language(told.unwrap_or_default(), language))
        } else {
            in_language(self.schema.execute(request).await, language)
        };
        Executed {
            answer: Arc::new(Answer::of(&response)),
            response,
            reads: viewing.reads.so_far(&viewing.snapshot().registry),
            as_of: Cursor::head_of(viewing.snapshot()),
            shown: viewing.shown(),
            is_own: viewing.is_own(),
            opened: viewing.opened(),
            awaited: viewing.awaited(),
        }
    }

    /// What comes of an execution that could not begin.
    pub fn failed(&self, error: ServerError, language: Language) -> Executed {
        let latest = Cursor::head_of(&self.hub.latest());
        let response = in_language(Response::from_errors(vec![error]), language);
        Executed {
            answer: Arc::new(Answer::of(&response)),
            response,
            reads: ReadSet::default(),
            as_of: latest,
            shown: latest,
            is_own: false,
            opened: None,
            awaited: None,
        }
    }

    /// What an execution needs.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub async fn open(&self, asked: &Asked, step: Step) -> Result<(Request, Arc<Viewing>), Error> {
        let mut parsed = asked.document.parsed.clone();
        drop_omitted(&mut parsed, asked.operation(), &asked.variables);
        let mut request = Request::new(String::new()).variables(asked.variables.clone());
        request.operation_name = asked.operation.clone();
        request.set_parsed_query(parsed);
        let (snapshot, tables) = if asked.document.reads_tables {
            let (snapshot, tables) = self.read_tables().await?;
            (snapshot, Some(tables))
        } else {
            (self.hub.latest(), None)
        };
        let viewing = Arc::new(Viewing::new(
            Arc::clone(&self.hub),
            self.store.clone(),
            self.writer.clone(),
            Arc::clone(&asked.principal),
            snapshot,
            tables,
            step,
        ));
        viewing.set_at_once(!asked.document.reads_tables && !asked.document.selects_twice);
        Ok((request.data(Arc::clone(&viewing)), viewing))
    }

    /// Waits until this node shows the moment.
    ///
    /// # Errors
    /// CURSOR_EXPIRED for a mark of another log, UNAVAILABLE when the version does not come.
    pub async fn await_moment(&self, moment: Moment) -> Result<(), Error> {
        if let Moment::Mark(_) = moment {
            mark::check(&self.hub, &self.store, moment).await?;
        }
        self.await_version(moment.version()).await
    }

    /// # Errors
    /// UNAVAILABLE when it does not come.
    pub async fn await_version(&self, version: Version) -> Result<(), Error> {
        timeout(MIN_VERSION_WAIT, self.hub.reached(version))
            .await
            .map_err(|_| Code::Unavailable.says(Message::NotYetAt(version.0)))
    }

    /// The tables as of one version, and the snapshot of just that version.
    async fn read_tables(&self) -> Result<(Arc<Snapshot>, ReadTx), Error> {
        loop {
            let begun = self.store.begin_read().instrument(traces::database("begin read"));
            let tables = begun.await.map_err(error::of_store)?;
            let version = tables.version();
            self.await_version(version).await?;
            // Else so much was committed meanwhile that it is no longer kept: look again.
            if let Some(snapshot) = self.hub.at(version) {
                return Ok((snapshot, tables));
            }
        }
    }
}

/// A subscription to what cannot be followed is refused as a request: the specification has it so
/// (September 2025, 6.2.3.1), the library takes it for an error of the field.
fn of_request(mut response: Response) -> Response {
    let is_of_the_field = |error: &ServerError| error.path.len() <= 1;
    if response.data == Value::Null && response.errors.iter().all(is_of_the_field) {
        response.errors.iter_mut().for_each(|error| error.path.clear());
    }
    response
}

pub fn in_language(mut response: Response, language: Language) -> Response {
    for error in &mut response.errors {
        error::translate(error, language);
    }
    response
}
