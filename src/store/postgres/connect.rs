//! How a connection comes about: where to, the settings that it needs, and whether the server holds them.
//!
//! Settings are set by a statement after the connection is there, and asked back by another: a pooler in between drops those
//! that are sent with the start of a connection without a word, and one that gives connections away between transactions
//! loses those that were set.

use std::fmt::Write as _;
use std::io;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions as _, PgConnection, Row as _};
use tokio::time::{Instant, sleep, timeout_at};

use crate::limits::{
    KEEPALIVE_AFTER, KEEPALIVE_EVERY, KEEPALIVE_TRIES, RETRY_FIRST, RETRY_MAX, START_WITHIN,
};
use crate::store::error::Error;

/// SQLSTATE of a server that has no connection left, of one that starts or stops.
const TOO_MANY_CONNECTIONS: &str = "53300";
const CANNOT_CONNECT_NOW: &str = "57P03";

/// The settings that hold for every connection. Everything asked for by key is asked for by index: a plan is kept by its
/// connection, and one made while a table was small would read the whole of it for ever.
const SETTINGS: [(&str, &str); 9] = [
    ("client_encoding", "UTF8"),
    ("default_transaction_isolation", "read committed"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    // Compiling a statement takes longer than ours do.
    ("jit", "off"),
    ("standard_conforming_strings", "on"),
    ("synchronous_commit", "on"),
    ("default_transaction_deferrable", "off"),
];

/// The time that the server gives each step of a transaction before it ends it by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a statement.
    pub statement: Duration,
    /// For a lock that another transaction holds.
    pub lock: Duration,
    /// For the next statement to come, while the transaction is open.
    pub idle: Duration,
}

/// Where a database is, and as whom it is opened.
#[derive(Debug)]
pub struct Address {
    options: PgConnectOptions,
    program: &'static str,
}

/// Makes connections to a database that hold the same limits.
#[derive(Debug)]
pub struct Connector {
    address: Arc<Address>,
    set: String,
    asked: String,
}

impl Address {
    /// # Errors
    /// When the URL is none.
    pub fn of(url: &str, program: &'static str) -> Result<Self, Error> {
        // Poolers know no `extra_float_digits`, and we have no floats.
        let options = PgConnectOptions::from_str(url)?.extra_float_digits(None);
        Ok(Self { options: options.application_name(program), program })
    }

    /// The server, as messages name it: without user and password.
    pub fn shown(&self) -> String {
        match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", self.options.get_host(), self.options.get_port()),
        }
    }

    pub const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The error of an attempt to connect.
    pub fn failed(&self, error: sqlx::Error) -> Error {
        let address = self.shown();
        match error {
            sqlx::Error::Io(source) => match source.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                    Error::NobodyListens { address }
                }
                io::ErrorKind::TimedOut => Error::NoAnswer { to: "a connection" },
                _ => Error::Unreachable { address, source },
            },
            sqlx::Error::Database(error)
                if error.code().as_deref() == Some(TOO_MANY_CONNECTIONS) =>
            {
                Error::NoConnectionLeft { address, said: error.message().to_owned() }
            }
            other => Error::Database(other),
        }
    }
}

impl Connector {
    pub fn new(address: Arc<Address>, limits: Limits) -> Self {
        let in_ms = |duration: Duration| duration.as_millis().to_string();
        let in_s = |duration: Duration| duration.as_secs().to_string();
        let mut set = "select ".to_owned();
        let mut asked = "select ".to_owned();
        let held = [
            ("application_name", address.program.to_owned()),
            ("statement_timeout", in_ms(limits.statement)),
            ("lock_timeout", in_ms(limits.lock)),
            ("idle_in_transaction_session_timeout", in_ms(limits.idle)),
        ];
        let held = held.into_iter().chain(SETTINGS.map(|(name, value)| (name, value.to_owned())));
        for (name, value) in held {
            let _infallible = write!(set, "set_config('{name}', '{value}', false) as {name}, ");
            let _infallible = write!(asked, "current_setting('{name}') as {name}, ");
        }
        // The server asks whether we are still there, so that it ends the transaction of a machine that is not, and so that
        // what lies between does not forget an idle connection. It means nothing to sockets of the machine itself.
        for (name, value) in [
            ("tcp_keepalives_idle", in_s(KEEPALIVE_AFTER)),
            ("tcp_keepalives_interval", in_s(KEEPALIVE_EVERY)),
            ("tcp_keepalives_count", KEEPALIVE_TRIES.to_string()),
        ] {
            let _infallible = write!(set, "set_config('{name}', '{value}', false), ");
        }
        set.push_str("'UTF8' as server_encoding");
        asked.push_str("current_setting('server_encoding') as server_encoding");
        Self { address, set, asked }
    }

    /// Connects, and makes sure that the settings hold. Tries again while nobody listens, or no connection is left.
    ///
    /// # Errors
    /// When it has not succeeded by then.
    pub async fn connect(&self, until: Instant) -> Result<PgConnection, Error> {
        let mut wait = RETRY_FIRST;
        loop {
            let error = match timeout_at(until, self.try_connect()).await {
                Ok(Ok(conn)) => return Ok(conn),
                Ok(Err(error)) => error,
                Err(_) => return Err(Error::NoAnswer { to: "a connection" }),
            };
            if !passes_soon(&error) || Instant::now() + wait >= until {
                return Err(error);
            }
            sleep(wait).await;
            wait = (wait * 2).min(RETRY_MAX);
        }
    }

    async fn try_connect(&self) -> Result<PgConnection, Error> {
        let connected = self.address.options.connect().await;
        let mut conn = connected.map_err(|error| self.address.failed(error))?;
        self.settle(&mut conn).await?;
        Ok(conn)
    }

    /// Sets what must hold, and asks it back.
    ///
    /// # Errors
    /// [`Error::Setting`] when something does not hold.
    pub async fn settle(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let set = one_row(conn, self.set.clone()).await?;
        let found = one_row(conn, self.asked.clone()).await?;
        for column in found.columns() {
            let name = column.name();
            let (wanted, found): (&str, &str) = (set.try_get(name)?, found.try_get(name)?);
            if wanted != found {
                return Err(Error::Setting {
                    name: name.to_owned(),
                    wanted: wanted.to_owned(),
                    found: found.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Looks whether the server can be worked with at all, and returns a connection to it, with a name of the moment that no
    /// other has.
    ///
    /// # Errors
    /// [`Error::Pooled`] when connections are not ours alone; else as [`Self::connect`].
    pub async fn first(&self) -> Result<(PgConnection, Arc<str>), Error> {
        let until = Instant::now() + START_WITHIN;
        let mut one = self.connect(until).await?;
        let mut other = self.connect(until).await?;
        let asked = async {
            // Between two questions of one connection comes one of the other, to which its session may be given.
            let first = session(&mut one).await?;
            let others = [session(&mut other).await?, session(&mut other).await?];
            let again = session(&mut one).await?;
            let name = "select pg_backend_pid() || ' ' || clock_timestamp()".to_owned();
            let name: Arc<str> = one_row(&mut one, name).await?.try_get::<&str, _>(0)?.into();
            Ok::<_, Error>((first, others, again, name))
        };
        let asked = timeout_at(until, asked).await;
        let (first, others, again, name) =
            asked.map_err(|_| Error::NoAnswer { to: "a question" })??;
        if first != again || others[0] != others[1] || others.contains(&first) {
            return Err(Error::Pooled);
        }
        Ok((one, name))
    }
}

/// Whether an attempt to connect is worth another one, at once.
fn passes_soon(error: &Error) -> bool {
    match error {
        Error::NobodyListens { .. } | Error::NoConnectionLeft { .. } => true,
        Error::Database(sqlx::Error::Database(error)) => {
            error.code().as_deref() == Some(CANNOT_CONNECT_NOW)
        }
        _ => false,
    }
}

/// The number of the session that answers.
async fn session(conn: &mut PgConnection) -> Result<i32, Error> {
    Ok(one_row(conn, "select pg_backend_pid()".to_owned()).await?.try_get(0)?)
}

/// Without a prepared statement, of which a pooler may know nothing.
async fn one_row(conn: &mut PgConnection, sql: String) -> Result<PgRow, Error> {
    Ok(sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(conn).await?)
}
