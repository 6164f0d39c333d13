//! The demo as a process of its own.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sangkien::limits::{READ_CONNECTIONS, SQLITE_READER_CACHE, SQLITE_WRITER_CACHE};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Failed;

pub struct Server {
    child: Child,
    /// `HOST:PORT`.
    pub address: String,
    /// A token with the role SUBMITTER over the province whose board the wall follows.
    pub submitter: String,
    dir: tempfile::TempDir,
}

const IN_A_MOMENT: Duration = Duration::from_millis(50);
/// How long units that were imported may take to be shown.
const GROWN_WITHIN: Duration = Duration::from_secs(120);
pub const PROVINCE: &str = "ldld-dong-nai";

impl Server {
    /// Runs it until it is ready.
    pub fn start() -> Result<Self, Failed> {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
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
                    return Ok(Self { child, address, submitter, dir });
                }
                _ => {}
            }
        }
        let _ended = child.kill();
        Err(format!("the demo ended: {:?}", child.wait()?).into())
    }

    /// Imports grassroots unions beside it, so many in each district in turn, until there are that many units; and waits until
    /// it shows them.
    pub async fn grow_to(&self, units: u64) -> Result<(), Failed> {
        let known = self.units().await?;
        let districts = include_str!("../../data/admin_units.csv").lines();
        let districts = districts.filter_map(|line| {
            let mut columns = line.split(',');
            let code = columns.next()?;
            (columns.next() == Some("district")).then_some(code)
        });
        let districts: Vec<&str> = districts.collect();
        let path = self.dir.path().join("units.csv");
        let mut file = String::from("code,name,kind,parent_code,member_count\n");
        for (number, district) in (known..units).zip(districts.iter().cycle()) {
            let members = 20 + number % 300;
            writeln!(
                file,
                "cdcs-them-{number},Công đoàn cơ sở số {number},GRASSROOTS_UNION,ldld-{district},{members}"
            )?;
        }
        std::fs::write(&path, file)?;
        let database = format!("sqlite://{}", self.dir.path().join("demo.db").display());
        let status = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["import", "--database", &database, "units"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .status()?;
        if !status.success() {
            return Err(format!("the import ended with {status}").into());
        }
        let deadline = Instant::now() + GROWN_WITHIN;
        while self.units().await? < units {
            if Instant::now() > deadline {
                return Err("the server does not show what was imported".into());
            }
            tokio::time::sleep(IN_A_MOMENT).await;
        }
        Ok(())
    }

    /// How many units it shows.
    pub async fn units(&self) -> Result<u64, Failed> {
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

    /// What its connections may hold of the database's file at most: each no page twice.
    pub fn pages_bytes(&self) -> Result<u64, Failed> {
        let file = std::fs::metadata(self.dir.path().join("demo.db"))?.len();
        let readers = u64::from(READ_CONNECTIONS) * SQLITE_READER_CACHE.min(file);
        Ok(SQLITE_WRITER_CACHE.min(file) + readers)
    }

    /// Asks it to stop; it must end well.
    pub fn stop(mut self) -> Result<(), Failed> {
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
