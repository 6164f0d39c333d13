//! A disk that is full, or nearly.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::postgres::require;

/// A small disk of its own, visible only in its namespace; it is gone with its keeper, whatever
/// becomes of this process.
pub struct Disk {
    keeper: Child,
    at: PathBuf,
}

impl Disk {
    /// `None` where one may not mount, unless the run insists on it.
    pub fn mount(at: &Path) -> Option<Self> {
        let disk = Self::try_mount(at);
        require::or_skip("mount", disk.is_some());
        disk
    }

    fn try_mount(at: &Path) -> Option<Self> {
        let script = r#"mount -t tmpfs -o size=16m tmpfs "$1" && echo mounted && read -r _"#;
        let mut keeper = Command::new("unshare")
            .args(["--mount", "sh", "-c", script, "sh"])
            .arg(at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = String::new();
        let stdout = keeper.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut said).expect("sh speaks UTF-8");
        if said.trim() != "mounted" {
            keeper.wait().expect("it is our child");
            return None;
        }
        Some(Self { keeper, at: at.to_owned() })
    }

    /// The path of a file on it, for those who are not in its namespace.
    pub fn seen_from_outside(&self, file: &str) -> PathBuf {
        let inside = self.at.join(file);
        let root = PathBuf::from(format!("/proc/{}/root", self.keeper.id()));
        root.join(inside.strip_prefix("/").expect("it is absolute"))
    }

    /// From now on nothing can be written on it.
    pub fn make_read_only(&self) {
        let mut remount = Command::new("nsenter");
        remount.arg(format!("--target={}", self.keeper.id()));
        remount.args(["--mount", "--", "mount", "-o", "remount,ro"]).arg(&self.at);
        assert!(remount.status().expect("nsenter runs").success());
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id())).args([
            "--mount",
            "--",
            env!("CARGO_BIN_EXE_sangkien"),
        ]);
        command
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _status = self.keeper.wait();
    }
}
