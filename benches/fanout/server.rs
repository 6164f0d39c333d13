//! The servers that are measured, each a process of its own: ours as it ships, the same schema
//! behind the library's driver of subscriptions, and a loop that only writes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::{self, BoxStream, StreamExt as _};
use async_graphql::parser::parse_query;
use async_graphql::{Data, Executor, Request, Response};
use async_graphql_axum::GraphQLSubscription;
use axum::Router;
use sangkien::auth::{Audience, Language, Principal};
use sangkien::domain::Version;
use sangkien::domain::clock::SystemClock;
use sangkien::graphql::context::loaders::Tables;
use sangkien::graphql::context::meter::Meter;
use sangkien::graphql::context::{EventFeedMode, RequestContext};
use sangkien::graphql::{Schema, Service, schema};
use sangkien::http::router;
use tokio::time::Instant;

use crate::{Failed, TOKEN, world};

pub const STOCK: &str = "--serve-stock";
pub const FLOOR: &str = "--serve-floor";
const STOCK_PATH: &str = "/stock";
/// The time between one state of a feed and the next, the same as ours.
const WINDOW: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ours,
    /// The library's driver.
    Stock,
    /// Plain writes of messages of so many bytes to so many sockets, so many times a second.
    Floor {
        sockets: usize,
        length: usize,
        per_second: u32,
    },
}

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub side: Side,
}

impl Server {
    /// Serves a copy of the database.
    pub fn start(side: Side, folder: &Path, template: &Path) -> Result<Self, Failed> {
        let database = folder.join("run.db");
        for end in ["-wal", "-shm", ".next", ".writing"] {
            // The files do not exist the first time.
            let _gone = std::fs::remove_file(format!("{}{end}", database.display()));
        }
        std::fs::copy(template, &database)?;
        // An import may leave its last pages to whoever opens the file next.
        let wal = format!("{}-wal", template.display());
        if std::fs::exists(&wal)? {
            std::fs::copy(wal, format!("{}-wal", database.display()))?;
        }
        let url = format!("sqlite://{}", database.display());
        let mut command = match side {
            Side::Ours => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
                command.args(["serve", "--listen", "127.0.0.1:0", "--database", &url]);
                command
            }
            Side::Stock => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args([STOCK, &url]);
                command
            }
            Side::Floor { sockets, length, per_second } => {
                let mut command = Command::new(std::env::current_exe()?);
                let numbers = [sockets, length, per_second as usize];
                command.arg(FLOOR).args(numbers.map(|number| number.to_string()));
                command
            }
        };
        command.env("SANGKIEN_ADMIN_TOKEN", TOKEN).env("SANGKIEN_LOG", "error");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = BufReader::new(child.stdout.take().ok_or("stdout is piped")?);
        let mut lines = stdout.lines().map_while(Result::ok);
        let ready = lines.find_map(|line| Some(line.strip_prefix("ready ")?.to_owned()));
        let ready = ready.ok_or("the server says where it listens")?;
        let address = ready.trim_start_matches("http://").parse()?;
        Ok(Self { child, address, side })
    }

    pub const fn path(&self) -> Option<&'static str> {
        match self.side {
            Side::Ours => Some("/graphql"),
            Side::Stock => Some(STOCK_PATH),
            Side::Floor { .. } => None,
        }
    }

    /// Seconds of CPU so far, the kernel's on its behalf included.
    pub fn cpu(&self) -> Result<f64, Failed> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(')').ok_or("a name in brackets")?.1;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks: f64 = fields[11..13].iter().filter_map(|field| field.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    /// KiB of memory that is the process's.
    pub fn rss(&self) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("VmRSS")?;
        Ok(line.split_whitespace().nth(1).ok_or("a number")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Each request sees what it would see of ours, by the library's means alone: every subscriber has
/// an execution and a serialisation of its own for each state. The document is parsed once for
/// each, but validated each time, since the schema's subscriptions tell one state an execution.
#[derive(Clone)]
struct Stock {
    schema: Schema,
    service: Service,
}

impl Stock {
    fn with_data(&self, request: Request) -> Request {
        let hub = Arc::clone(self.service.hub());
        let snapshot = hub.latest();
        let audience = Audience::new(Vec::new(), Language::English);
        let principal = Arc::new(Principal { token: None, name: None, audience });
        let (store, writer) = (self.service.store().clone(), self.service.writer().clone());
        let tables = Tables { hub, store, counts: Arc::default(), opened: None };
        let (meter, mode) = (Arc::new(Meter::unbound()), EventFeedMode::default());
        let context = RequestContext::new(tables, meter, writer, principal, snapshot, mode);
        request.data(Arc::new(context))
    }
}

impl Executor for Stock {
    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(self.with_data(request)).await
    }

    fn execute_stream(
        &self,
        request: Request,
        _session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let stock = self.clone();
        let document = match parse_query(&request.query) {
            Ok(document) => document,
            Err(error) => {
                let refused = Response::from_errors(vec![error.into()]);
                return stream::iter([refused]).boxed();
            }
        };
        let Request { query, variables, operation_name, .. } = request;
        let told: Option<(Version, Instant)> = None;
        stream::unfold(told, move |told| {
            let stock = stock.clone();
            let mut request = Request::new(query.clone()).variables(variables.clone());
            request.operation_name.clone_from(&operation_name);
            request.set_parsed_query(document.clone());
            async move {
                let hub = stock.service.hub();
                if let Some((version, at)) = told {
                    hub.reached(version.next()).await;
                    tokio::time::sleep_until(at + WINDOW).await;
                }
                let told = (hub.latest().version(), Instant::now());
                let mut states = stock.schema.execute_stream(stock.with_data(request));
                let state = states.next().await?;
                drop(states);
                Some((state, Some(told)))
            }
        })
        .boxed()
    }
}

pub async fn serve_stock(database: &str) -> Result<(), Failed> {
    let server = sangkien::server::Server::open(database, Arc::new(SystemClock)).await?;
    let app = server.app(Some(TOKEN));
    let stock = Stock { schema: schema(), service: app.service.clone() };
    let driver = Router::new().route_service(STOCK_PATH, GraphQLSubscription::new(stock));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    say_ready(listener.local_addr()?)?;
    axum::serve(listener, driver.merge(router(app))).await?;
    Ok(())
}

/// Takes as many sockets as it is told, then writes to each, again and again.
pub fn serve_floor(numbers: &[String]) -> Result<(), Failed> {
    let number = |place: usize| -> Result<usize, Failed> {
        Ok(numbers.get(place).ok_or("a number is missing")?.parse()?)
    };
    let (sockets, length, per_second) = (number(0)?, number(1)?, number(2)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    say_ready(listener.local_addr()?)?;
    let mut streams: Vec<TcpStream> = Vec::new();
    while streams.len() < sockets {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let mut message = vec![0x81, 126];
    message.extend(u16::try_from(length)?.to_be_bytes());
    message.resize(4 + length, b'x');
    let (began, mut round) = (world::now(), 0u32);
    while !streams.is_empty() {
        round += 1;
        let due = Duration::from_secs(1) * round / u32::try_from(per_second)?;
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        streams.retain_mut(|stream| stream.write_all(&message).is_ok());
    }
    Ok(())
}

fn say_ready(address: SocketAddr) -> Result<(), Failed> {
    let mut out = std::io::stdout();
    writeln!(out, "ready http://{address}")?;
    Ok(out.flush()?)
}
