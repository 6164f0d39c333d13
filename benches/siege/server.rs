//! The demo as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sangkien::limits::{READ_CONNECTIONS, SQLITE_READER_CACHE, SQLITE_WRITER_CACHE};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::Failed;

pub struct Server {
    child: Child,
    /// `HOST:PORT`.
    pub address: String,
    /// A token with the role SUBMITTER over the province whose board the wall follows.
    pub submitter: String,
    /// `None` once another has it.
    dir: Option<TempDir>,
}

const IN_A_MOMENT: Duration = Duration::from_millis(50);
/// Statements that make so many units of those that are there.
const GROW: [&str; 2] = [
    "with recursive n(i) as
         (select max(id) + 1 from units union all select i + 1 from n where i < $1),
       d as (select id, row_number() over (order by id) - 1 as place, count(*) over () as of_all
         from units where kind = 'DISTRICT_FEDERATION')
     insert into units (id, code, name, kind, parent_id, foreign_invested, member_count, placeholder,
       version, updated_at)
     select i, 'cdcs-them-' || i, 'Công đoàn cơ sở số ' || i, 'GRASSROOTS_UNION', d.id, 0, 20 + i % 300, 0, 1, 0
     from n join d on d.place = i % d.of_all where i <= $1",
    "update counter set unit_id = $1",
];
pub const PROVINCE: &str = "ldld-dong-nai";

impl Server {
    /// Runs it until it is ready.
    pub fn start() -> Result<Self, Failed> {
        Self::start_in(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
    }

    fn start_in(dir: TempDir) -> Result<Self, Failed> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["demo", "--listen", "127.0.0.1:0", "--dir"])
            .arg(dir.path())
            .env("SANGKIEN_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("its words are piped")?;
        let mut submitter = None;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [secret, "SUBMITTER", PROVINCE] => submitter = Some(secret.to_owned()),
                ["ready", address] => {
                    let address = address.trim_start_matches("http://").to_owned();
                    let submitter = submitter.ok_or("the demo prints tokens")?;
                    return Ok(Self { child, address, submitter, dir: Some(dir) });
                }
                _ => {}
            }
        }
        let _ended = child.kill();
        Err(format!("the demo ended: {:?}", child.wait()?).into())
    }

    /// Stops it, puts grassroots unions below the districts in turn until there are that many units, and runs it again.
    pub async fn grow_to(mut self, units: u32) -> Result<Self, Failed> {
        self.end()?;
        let database = format!("sqlite://{}", self.database()?.display());
        let mut database = sqlx::SqliteConnection::connect(&database).await?;
        for statement in GROW {
            sqlx::query(statement).bind(units).execute(&mut database).await?;
        }
        database.close().await?;
        let grown = Self::start_in(self.dir.take().ok_or("it has a folder")?)?;
        let shown = grown.units().await?;
        if shown != u64::from(units) {
            return Err(format!("it shows {shown} units").into());
        }
        Ok(grown)
    }

    /// The number of units that the server shows.
    async fn units(&self) -> Result<u64, Failed> {
        let query = json!({ "query": "{ units(first: 1) { totalCount } }" });
        let post = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        let answer: Value = post.json(&query).send().await?.json().await?;
        let count = answer["data"]["units"]["totalCount"].as_u64();
        count.ok_or_else(|| answer.to_string().into())
    }

    /// Waits until `/health/live` is answered in a moment, at most so long.
    pub fn await_calm(&self, within: Duration) -> Result<(), Failed> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            let begun = Instant::now();
            let mut stream = TcpStream::connect(&self.address)?;
            stream.set_read_timeout(Some(within))?;
            let request = format!(
                "GET /health/live HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
                self.address
            );
            stream.write_all(request.as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            if begun.elapsed() < IN_A_MOMENT {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Memory of the process that is not swapped out.
    pub fn resident_bytes(&self) -> Result<u64, Failed> {
        let status = std::fs::read_to_string(
            Path::new("/proc").join(self.child.id().to_string()).join("status"),
        )
        .map_err(|_| "the server's process is gone")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: u64 =
            line.ok_or("the process has ended")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }

    fn database(&self) -> Result<PathBuf, Failed> {
        Ok(self.dir.as_ref().ok_or("it has a folder")?.path().join("demo.db"))
    }

    /// The most bytes of the database's file that the server's connections hold: each holds no page
    /// twice.
    pub fn pages_bytes(&self) -> Result<u64, Failed> {
        let file = std::fs::metadata(self.database()?)?.len();
        let readers = u64::from(READ_CONNECTIONS) * SQLITE_READER_CACHE.min(file);
        Ok(SQLITE_WRITER_CACHE.min(file) + readers)
    }

    /// Asks it to stop; it must end well.
    pub fn stop(mut self) -> Result<(), Failed> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Failed> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-s", "TERM", &pid]).status()?;
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
