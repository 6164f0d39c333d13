//! The server as a process of its own, on the demo's tree, with a period that is running.

use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use sangkien::auth::issue::{Order, issue};
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{Role, Timestamp, Unit, UnitId};
use sangkien::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Failed;

const ADMIN: &str = "the administrator of the busiest day";
pub const PARTNERS: usize = 10;
/// A period of all units that runs today, and for some days more.
const PERIOD: &str = "mutation ($input: UpsertPeriodInput!) {
    upsertPeriod(input: $input) { errors { code message path } } }";

/// The people of a union below the root.
#[derive(Clone)]
pub struct Office {
    pub code: String,
    pub submitter: String,
    pub reviewer: String,
    /// Codes of the unions at its workplaces.
    pub grassroots: Vec<String>,
}

pub struct Union {
    pub units: usize,
    pub offices: Vec<Office>,
    /// Codes of units with units below them, the root first.
    pub boards: Vec<String>,
    pub partners: Vec<String>,
}

pub struct Server {
    child: Child,
    /// `HOST:PORT`.
    pub address: String,
    pub union: Union,
    _dir: TempDir,
}

impl Server {
    pub async fn start() -> Result<Self, Failed> {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        // The demo makes the tree.
        let (demo, _) = run(&["demo", "--dir", path(dir.path())?])?;
        end(demo)?;
        let database = format!("sqlite://{}", dir.path().join("demo.db").display());
        let union = union(&database).await?;
        let serve = ["serve", "--accept-clock", "--database", &database];
        let (child, address) = run(&serve)?;
        let server = Self { child, address, union, _dir: dir };
        server.begin_period().await?;
        Ok(server)
    }

    async fn begin_period(&self) -> Result<(), Failed> {
        let today = SystemClock.now().day();
        let input = json!({ "code": "ngay-cao-diem", "name": "Ngày cao điểm", "kind": "PHASE",
            "startsOn": today.plus(-1).to_string(), "endsOn": today.plus(2).to_string() });
        let request = json!({ "query": PERIOD, "variables": { "input": input } });
        let post = reqwest::Client::new().post(format!("http://{}/graphql", self.address));
        let answer: Value = post.bearer_auth(ADMIN).json(&request).send().await?.json().await?;
        if answer["data"]["upsertPeriod"]["errors"] == json!([]) {
            Ok(())
        } else {
            Err(answer.to_string().into())
        }
    }

    /// The work of the process, and of the machine, so far.
    pub fn usage(&self) -> Result<Usage, Failed> {
        let process = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let process = process.rsplit_once(')').ok_or("a name in brackets")?.1;
        let machine = std::fs::read_to_string("/proc/stat")?;
        let machine = machine.lines().next().ok_or("a line of all cores")?;
        let ticks = |text: &str, places: &[usize]| -> f64 {
            let fields: Vec<f64> =
                text.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
            places.iter().filter_map(|&place| fields.get(place)).sum::<f64>() / 100.0
        };
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        Ok(Usage {
            at: crate::world::now(),
            process: ticks(process, &[11, 12]),
            idle: ticks(machine, &[4, 5]),
            peak_mb: peak.unwrap_or(0.0) / 1024.0,
        })
    }

    pub fn stop(self) -> Result<(), Failed> {
        let Self { child, _dir, .. } = self;
        end(child)
    }
}

/// Seconds of processor since the process or the machine began.
pub struct Usage {
    at: Instant,
    process: f64,
    idle: f64,
    peak_mb: f64,
}

impl Usage {
    pub fn since(&self, before: &Self) -> Share {
        let lasted = self.at.duration_since(before.at).as_secs_f64();
        let cores = std::thread::available_parallelism()
            .map_or(1.0, |cores| f64::from(u32::try_from(cores.get()).unwrap_or(1)));
        Share {
            process: (self.process - before.process) / lasted,
            idle: (self.idle - before.idle) / (lasted * cores),
            peak_mb: self.peak_mb,
        }
    }
}

pub struct Share {
    process: f64,
    idle: f64,
    peak_mb: f64,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, idle, peak_mb } = self;
        write!(
            f,
            "the server worked {:.0} % of a core and took {peak_mb:.0} MB at the most; {:.0} % of the machine was idle, its clients beside it",
            process * 100.0,
            idle * 100.0
        )
    }
}

/// Runs the program until it is ready; the process and the address.
fn run(arguments: &[&str]) -> Result<(Child, String), Failed> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sangkien"))
        .args(arguments)
        .args(["--listen", "127.0.0.1:0"])
        .env("SANGKIEN_LOG", "error")
        .env("SANGKIEN_ADMIN_TOKEN", ADMIN)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("its words are piped")?;
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    for line in lines {
        if let Some(address) = line.strip_prefix("ready ") {
            return Ok((child, address.trim_start_matches("http://").to_owned()));
        }
    }
    let _ended = child.kill();
    Err(format!("it ended: {:?}", child.wait()?).into())
}

fn end(mut child: Child) -> Result<(), Failed> {
    Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status()?;
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
}

fn path(path: &Path) -> Result<&str, Failed> {
    path.to_str().ok_or_else(|| "a path of text".into())
}

/// The union that the database holds, with tokens for its offices and partners.
async fn union(database: &str) -> Result<Union, Failed> {
    let store = Store::open(database).await?;
    let units: Vec<Unit> =
        store.begin_read().await?.units().await?.into_iter().map(|(unit, ..)| unit).collect();
    let now = Timestamp(0);
    let give = async |name: &str, role: Role, unit: &str| -> Result<String, Failed> {
        let order = Order { name, role, unit: Some(unit), expires: None };
        Ok(issue(&store, &order, now).await?.reveal().to_owned())
    };
    let root = units.iter().find(|unit| unit.parent.is_none()).ok_or("a root")?;
    let parents: std::collections::HashMap<UnitId, Option<UnitId>> =
        units.iter().map(|unit| (unit.id, unit.parent)).collect();
    let top = |unit: &Unit| {
        let mut at = unit.id;
        while let Some(Some(parent)) = parents.get(&at).filter(|parent| **parent != Some(root.id)) {
            at = *parent;
        }
        at
    };
    let open = |unit: &&Unit| unit.kind == UnitKind::GrassrootsUnion && unit.closed_on.is_none();
    let mut offices = Vec::new();
    for unit in units.iter().filter(|unit| unit.parent == Some(root.id)) {
        let below = units.iter().filter(open).filter(|union| top(union) == unit.id);
        let grassroots: Vec<String> = below.map(|unit| unit.code.clone()).collect();
        if !grassroots.is_empty() {
            offices.push(Office {
                code: unit.code.clone(),
                submitter: give("nhập", Role::Submitter, &unit.code).await?,
                reviewer: give("duyệt", Role::Reviewer, &unit.code).await?,
                grassroots,
            });
        }
    }
    let mut partners = Vec::new();
    for _ in 0..PARTNERS {
        partners.push(give("đối tác", Role::Partner, &root.code).await?);
    }
    let has_below: std::collections::HashSet<UnitId> =
        units.iter().filter_map(|unit| unit.parent).collect();
    let mut boards: Vec<&Unit> = units.iter().filter(|unit| has_below.contains(&unit.id)).collect();
    boards.sort_by_key(|unit| (unit.parent.is_some(), unit.parent != Some(root.id), unit.id));
    let boards = boards.into_iter().map(|unit| unit.code.clone()).collect();
    store.close().await;
    Ok(Union { units: units.len(), offices, boards, partners })
}
