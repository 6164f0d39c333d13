//! The demo as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use crate::Failed;

pub struct Server {
    child: Child,
    /// `HOST:PORT`.
    pub address: String,
    /// A token with the role SUBMITTER over the province whose board the wall follows.
    pub submitter: String,
    _dir: tempfile::TempDir,
}

const IN_A_MOMENT: Duration = Duration::from_millis(50);
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
                    return Ok(Self { child, address, submitter, _dir: dir });
                }
                _ => {}
            }
        }
        let _ended = child.kill();
        Err(format!("the demo ended: {:?}", child.wait()?).into())
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
