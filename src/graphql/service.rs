//! One GraphQL request from text to answer, whatever the transport.

use std::future::ready;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, Request, Response, ServerError, Value};
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::answers::{Answer, Answers, Question};
use super::context::Viewing;
use super::documents::{Document, Documents};
use super::error::{self, Code};
use super::messages::Message;
use super::news::News;
use super::omitted::{coerce_variables, drop_omitted};
use super::{Schema, schema};
use crate::auth::{Language, Principal, Session};
use crate::board::Snapshot;
use crate::domain::Version;
use crate::feed::Hub;
use crate::limits::{MIN_VERSION_WAIT, SOCKET_OPERATIONS_MAX};
use crate::measure;
use crate::store::{ReadTx, Store};
use crate::writer::Writer;

/// What answers GraphQL requests. Cloning it is cheap.
#[derive(Clone)]
pub struct Service {
    schema: Schema,
    hub: Arc<Hub>,
    store: Store,
    writer: Writer,
    documents: Arc<Documents>,
    answers: Arc<Answers>,
}

/// An answer on its way to one who asked.
#[derive(Debug)]
pub struct Delivery {
    pub answer: Arc<Answer>,
    /// Whether others of the same audience would get the same.
    pub is_shared: bool,
    /// The version that it shows; `None` where nothing was executed.
    pub version: Option<Version>,
}

/// One message of an operation over a connection that stays.
#[derive(Debug)]
pub struct Told {
    pub answer: Arc<Answer>,
    /// The version that a query or a mutation shows.
    pub version: Option<Version>,
    /// Of the event that an event feed told, to go on from.
    pub cursor: Option<String>,
}

impl Told {
    fn of(response: &Response) -> Self {
        Self { answer: Arc::new(Answer::of(response)), version: None, cursor: None }
    }

    /// The whole answer, as JSON.
    pub fn payload(&self) -> String {
        let members = self.answer.text();
        match self.version {
            Some(version) => format!(r#"{members},"extensions":{{"version":{version}}}}}"#),
            None => format!("{members}}}"),
        }
    }
}

/// A version that the client wants its answer to show at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinVersion(pub Version);

const MIN_VERSION_EXTENSION: &str = "minVersion";

impl Service {
    pub fn new(hub: Arc<Hub>, store: Store, writer: Writer) -> Self {
        Self {
            schema: schema(),
            hub,
            store,
            writer,
            documents: Arc::default(),
            answers: Arc::default(),
        }
    }

    pub const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Answers a query or a mutation; a query perhaps with what was answered before.
    pub async fn answer(
        &self,
        request: Request,
        principal: Arc<Principal>,
        min_version: Option<MinVersion>,
    ) -> Delivery {
        let language = principal.audience.language;
        match self.try_answer(request, principal, min_version).await {
            Ok(delivery) => delivery,
            Err(error) => {
                let response = in_language(Response::from_errors(vec![error]), language);
                Delivery {
                    answer: Arc::new(Answer::of(&response)),
                    is_shared: false,
                    version: None,
                }
            }
        }
    }

    async fn try_answer(
        &self,
        mut request: Request,
        principal: Arc<Principal>,
        min_version: Option<MinVersion>,
    ) -> Result<Delivery, ServerError> {
        let document = self.read(&mut request)?;
        self.await_wanted(&request, min_version).await?;
        let question = Question::of(&document, &request, &principal.audience);
        if let Some(question) = &question {
            let latest = self.hub.latest();
            if let Some(answer) = self.answers.get(question, &latest) {
                metrics::counter!(measure::ANSWERS, "from" => "kept").increment(1);
                return Ok(Delivery { answer, is_shared: true, version: Some(latest.version()) });
            }
        }
        let language = principal.audience.language;
        let (request, viewing) = self.open(&document, request, principal).await?;
        let response = in_language(self.schema.execute(request).await, language);
        metrics::counter!(measure::ANSWERS, "from" => "executed").increment(1);
        let answer = Arc::new(Answer::seen(&response, &viewing));
        let question = question.filter(|_| viewing.is_shared() && response.is_ok());
        let is_shared = question.is_some();
        if let Some(question) = question {
            self.answers.keep(question, Arc::clone(&answer));
        }
        Ok(Delivery { answer, is_shared, version: Some(viewing.shown()) })
    }

    /// Of the operation asked for; `None` where it cannot be told.
    pub fn kind(&self, request: &Request) -> Option<OperationType> {
        let document = self.documents.parse(&request.query).ok()?;
        document.kind(request.operation_name.as_deref())
    }

    /// Answers a query or a mutation whatever is kept, to judge by it what is.
    pub async fn answer_afresh(&self, request: Request, principal: Arc<Principal>) -> Response {
        let language = principal.audience.language;
        let response = match self.prepare(request, principal, None).await {
            Ok((request, viewing)) => {
                let response = self.schema.execute(request).await;
                response.extension("version", Value::from(viewing.shown().0))
            }
            Err(error) => Response::from_errors(vec![error]),
        };
        in_language(response, language)
    }

    /// Answers whatever is asked over a connection that stays: a query or a mutation once, a
    /// subscription with each message, of a state feed with each that says something new.
    /// An event feed goes on after `resume`, if that is given, whatever the request says.
    pub fn tell(
        &self,
        request: Request,
        caller: Session,
        min_version: Option<MinVersion>,
        resume: Option<String>,
    ) -> BoxStream<'static, Told> {
        let service = self.clone();
        stream::once(async move {
            // A token may have ended since the connection was opened.
            let root = service.hub.latest().registry.root();
            match caller.identify(root).await {
                Ok(principal) if service.kind(&request) == Some(OperationType::Subscription) => {
                    service.follow(request, Arc::new(principal), min_version, resume)
                }
                Ok(principal) => stream::once(async move {
                    let Delivery { answer, version, .. } =
                        service.answer(request, Arc::new(principal), min_version).await;
                    Told { answer, version, cursor: None }
                })
                .boxed(),
                Err(denied) => {
                    let refused = Response::from_errors(vec![plain(error::of_denied(denied))]);
                    stream::iter([Told::of(&in_language(refused, caller.language))]).boxed()
                }
            }
        })
        .flatten()
        .boxed()
    }

    fn follow(
        &self,
        request: Request,
        principal: Arc<Principal>,
        min_version: Option<MinVersion>,
        resume: Option<String>,
    ) -> BoxStream<'static, Told> {
        let service = self.clone();
        let language = principal.audience.language;
        stream::once(async move {
            match service.prepare(request, principal, min_version).await {
                Ok((mut request, viewing)) => {
                    viewing.resume_after(resume);
                    let operation = request.operation_name.clone();
                    let document = request.parsed_query().ok();
                    let news = document.and_then(|it| News::of(it, operation.as_deref()));
                    let messages = service.schema.execute_stream(request);
                    let messages = match news {
                        Some(mut news) => {
                            messages.filter(move |message| ready(news.is_news(message))).boxed()
                        }
                        None => messages.boxed(),
                    };
                    let told = messages.map(move |response| {
                        metrics::counter!(measure::MESSAGES).increment(1);
                        let cursor = viewing.told();
                        Told { cursor, ..Told::of(&in_language(response, language)) }
                    });
                    told.boxed()
                }
                Err(error) => {
                    let refused = in_language(Response::from_errors(vec![error]), language);
                    stream::iter([Told::of(&refused)]).boxed()
                }
            }
        })
        .flatten()
        .boxed()
    }

    /// What one is told who runs too much over one connection: a list of errors, as JSON.
    pub fn too_many_operations(&self, language: Language) -> String {
        let message = Message::TooManyOperations { max: SOCKET_OPERATIONS_MAX };
        let refused = Response::from_errors(vec![plain(Code::RateLimited.says(message))]);
        Answer::of(&in_language(refused, language)).errors().to_owned()
    }

    pub(super) async fn prepare(
        &self,
        mut request: Request,
        principal: Arc<Principal>,
        min_version: Option<MinVersion>,
    ) -> Result<(Request, Arc<Viewing>), ServerError> {
        let document = self.read(&mut request)?;
        self.await_wanted(&request, min_version).await?;
        self.open(&document, request, principal).await
    }

    /// The document, and its variables with their defaults.
    fn read(&self, request: &mut Request) -> Result<Arc<Document>, ServerError> {
        let document = self.documents.parse(&request.query)?;
        let operation = request.operation_name.as_deref();
        document.check_root(operation)?;
        coerce_variables(&document.parsed, operation, &mut request.variables)?;
        Ok(document)
    }

    async fn await_wanted(
        &self,
        request: &Request,
        min_version: Option<MinVersion>,
    ) -> Result<(), ServerError> {
        let wanted = match min_version {
            Some(wanted) => Some(wanted),
            None => min_version_of(request).map_err(plain)?,
        };
        match wanted {
            Some(MinVersion(version)) => self.await_version(version).await.map_err(plain),
            None => Ok(()),
        }
    }

    /// What an execution needs.
    async fn open(
        &self,
        document: &Document,
        mut request: Request,
        principal: Arc<Principal>,
    ) -> Result<(Request, Arc<Viewing>), ServerError> {
        let mut parsed = document.parsed.clone();
        drop_omitted(&mut parsed, request.operation_name.as_deref(), &request.variables);
        request.set_parsed_query(parsed);
        let (snapshot, tables) = if document.reads_tables {
            let (snapshot, tables) = self.read_tables().await.map_err(plain)?;
            (snapshot, Some(tables))
        } else {
            (self.hub.latest(), None)
        };
        let viewing = Arc::new(Viewing::new(
            Arc::clone(&self.hub),
            self.store.clone(),
            self.writer.clone(),
            principal,
            snapshot,
            tables,
        ));
        Ok((request.data(Arc::clone(&viewing)), viewing))
    }

    async fn await_version(&self, version: Version) -> Result<(), Error> {
        tokio::time::timeout(MIN_VERSION_WAIT, self.hub.reached(version))
            .await
            .map_err(|_| Code::Unavailable.says(Message::NotYetAt(version.0)))
    }

    /// The tables as of one version, and the snapshot of just that version.
    async fn read_tables(&self) -> Result<(Arc<Snapshot>, ReadTx), Error> {
        loop {
            let tables = self.store.begin_read().await.map_err(error::of_store)?;
            let version = tables.version();
            self.await_version(version).await?;
            // Else so much was committed meanwhile that it is no longer kept: look again.
            if let Some(snapshot) = self.hub.at(version) {
                return Ok((snapshot, tables));
            }
        }
    }
}

fn in_language(mut response: Response, language: Language) -> Response {
    for error in &mut response.errors {
        error::translate(error, language);
    }
    response
}

fn plain(error: Error) -> ServerError {
    error::of_no_place(error)
}

fn min_version_of(request: &Request) -> Result<Option<MinVersion>, Error> {
    match request.extensions.get(MIN_VERSION_EXTENSION) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.is_i64() => {
            Ok(number.as_i64().map(|version| MinVersion(Version(version))))
        }
        Some(_) => Err(Code::BadArgument.says(Message::MinVersionNotInteger)),
    }
}
