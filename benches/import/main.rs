//! The time and memory that an import takes, and the time that others wait meanwhile.
//!
//! The program itself runs, with files of 130,000 units and 1,000,000 initiatives of one to three
//! authors (two rows each), in no order of units, alone; then with 100,000 of them beside a server that
//! takes 20 submissions a second over HTTP. Counted: seconds from start to end of the process, the check of
//! the whole file included; seconds of CPU and the most memory of the process (`VmHWM`), looked at
//! every 20 ms; of the submissions the time until they were answered. Memory is shown for a tenth of
//! the file as well. In the end the counts must be exact, and the same file once more must change
//! nothing.
//!
//! The baseline writes a sample of the same size of rows with a transaction for each, as a script
//! over the tables would: see `ingest`. Both databases commit to disk.
//!
//! `-- --initiatives 2400000` imports so many into SQLite, then starts a server on them and runs `verify`: seconds, CPU and
//! memory of each process, of the server until it says that it is ready.
//!
//! Bars: a million initiatives in under 90 s, 130,000 units in under 15 s, others' p99 under 200 ms.
//! At 2,400,000: 70 s of CPU; a start 4 s of CPU and 500 MB; `verify` 12 s and 800 MB. Figures: docs/PERFORMANCE.md.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use one_by_one::OneByOne;
use sangkien::domain::UnitId;
use sangkien::domain::unit::UnitKind;
use serde_json::json;

#[path = "../ingest/grouped.rs"]
#[allow(dead_code, reason = "it makes the baseline's tree")]
mod grouped;
#[path = "../ingest/one_by_one.rs"]
#[allow(dead_code, reason = "only what it writes is of interest")]
mod one_by_one;
#[path = "../../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
#[path = "../world/mod.rs"]
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const INITIATIVES: &str = "--initiatives";
const TOKEN: &str = "token-of-the-bench";
const SUBMISSIONS_PER_SECOND: u64 = 20;
const PEOPLE_PER_UNIT: u32 = 6;

struct Plan {
    levels: [u32; 4],
    initiatives: u32,
    sample: u32,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let plan = if world::is_quick() {
        Plan { levels: [1, 8, 70, 1_000], initiatives: 5_000, sample: 200 }
    } else {
        Plan { levels: [1, 83, 800, 129_116], initiatives: 1_000_000, sample: 5_000 }
    };
    let arguments: Vec<String> = std::env::args().collect();
    let asked = arguments.iter().position(|argument| argument == INITIATIVES);
    let plan = match asked {
        Some(place) => {
            let initiatives = arguments.get(place + 1).ok_or("--initiatives wants a number")?;
            Plan { initiatives: initiatives.parse()?, ..plan }
        }
        None => plan,
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let files = Files::write(folder.path(), &plan)?;
    let file = |name: &str| format!("sqlite://{}/{name}.db", folder.path().display());
    if asked.is_some() {
        return measure_size(&file("all"), &files);
    }
    measure("SQLite", || file(&format!("db-{}", fastrand_name())), &files, &plan).await?;
    if let Some(cluster) = postgres::durable_cluster() {
        measure("PostgreSQL", || cluster.fresh_database(), &files, &plan).await?;
    }
    Ok(())
}

/// An import of all, a start and `verify`.
fn measure_size(database: &str, files: &Files) -> Result<(), Failed> {
    println!("\n     wall s    CPU s  peak MB");
    import(database, "units", &files.units)?.print("units");
    import(database, "periods", &files.periods)?;
    import(database, "initiatives", &files.initiatives)?.print("initiatives");
    let began = world::now();
    let server = Server::start(database)?;
    let wall = began.elapsed();
    let (cpu, peak_megabytes) = look(&server.child).ok_or("the server is there")?;
    Run { wall, cpu, peak_megabytes, said: String::new() }.print("a start until it is ready");
    drop(server);
    run(sangkien(&["verify", "--database", database]))?.print("verify");
    Ok(())
}

/// Different each time within the process.
fn fastrand_name() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

async fn measure(
    name: &str,
    fresh: impl Fn() -> String,
    files: &Files,
    plan: &Plan,
) -> Result<(), Failed> {
    println!("\n{name}\n     wall s    CPU s  peak MB");
    let tenth = fresh();
    import(&tenth, "units", &files.units)?;
    import(&tenth, "periods", &files.periods)?;
    import(&tenth, "initiatives", &files.tenth)?.print("a tenth of the initiatives");

    let alone = fresh();
    import(&alone, "units", &files.units)?.print("units");
    import(&alone, "periods", &files.periods)?;
    let whole = import(&alone, "initiatives", &files.initiatives)?;
    whole.print("initiatives");
    let again = import(&alone, "initiatives", &files.initiatives)?;
    again.print("the same once more");
    let unchanged = format!("0 new, 0 changed, {} as they are", grouped_digits(plan.initiatives));
    assert!(again.said.contains(&unchanged), "{}", again.said);
    export(&alone)?.print("export of the initiatives");
    verify(&alone)?;

    let beside = fresh();
    let server = Server::start(&beside)?;
    let units = import(&beside, "units", &files.units)?;
    units.print("units beside a server");
    import(&beside, "periods", &files.periods)?;
    let (stop, submissions) = submit_until_asked(server.address.clone(), plan.levels).await?;
    let url = beside.clone();
    let path = files.tenth.clone();
    let run = tokio::task::spawn_blocking(move || import(&url, "initiatives", &path)).await??;
    run.print("a tenth of them beside a server");
    drop(stop);
    let mut taken = submissions.await??;
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    println!(
        "others meanwhile: {} submissions, p50 {:.0} ms, p99 {:.0} ms, at most {:.0} ms",
        taken.len(),
        at(50),
        at(99),
        at(100)
    );
    drop(server);
    verify(&beside)?;

    let baseline = OneByOne::start(&fresh(), &[1, 81, 705, 10_599]).await?;
    let mut chance = fastrand::Rng::with_seed(9);
    let began = world::now();
    for _ in 0..plan.sample {
        let unit = UnitId(chance.u32(788..=11_386));
        baseline.submit(&world::submission(&mut chance, unit, PEOPLE_PER_UNIT)).await?;
    }
    let naive = f64::from(plan.sample) / began.elapsed().as_secs_f64();
    let ours = f64::from(plan.initiatives) / whole.wall.as_secs_f64();
    println!("a transaction for each: {naive:.0}/s; an import: {ours:.0}/s, {:.1} ×", ours / naive);
    Ok(())
}

/// One run of the program.
struct Run {
    wall: Duration,
    cpu: f64,
    peak_megabytes: f64,
    said: String,
}

impl Run {
    fn print(&self, what: &str) {
        let wall = self.wall.as_secs_f64();
        println!("{wall:>11.1} {:>8.1} {:>8.0}   {what}", self.cpu, self.peak_megabytes);
    }
}

fn import(database: &str, noun: &str, file: &Path) -> Result<Run, Failed> {
    let mut command = sangkien(&["import", "--database", database, noun]);
    command.arg(file);
    run(command)
}

fn export(database: &str) -> Result<Run, Failed> {
    let mut command = sangkien(&["export", "--database", database, "initiatives"]);
    command.arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("export.csv"));
    run(command)
}

fn verify(database: &str) -> Result<(), Failed> {
    let output = sangkien(&["verify", "--database", database]).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stdout).into())
    }
}

fn sangkien(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    command.args(arguments).env("SANGKIEN_LOG", "error").stdin(Stdio::null());
    command
}

fn run(mut command: Command) -> Result<Run, Failed> {
    let began = world::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (mut cpu, mut peak_megabytes) = (0.0, 0.0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // The last look before the end gives the figures.
        if let Some(looked) = look(&child) {
            (cpu, peak_megabytes) = looked;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let wall = began.elapsed();
    let said = std::io::read_to_string(child.stdout.take().ok_or("stdout is piped")?)?;
    if !status.success() {
        return Err(format!("{status}: {said}").into());
    }
    Ok(Run { wall, cpu, peak_megabytes, said })
}

/// Seconds of CPU and the most memory so far, of a process that may have ended.
fn look(child: &Child) -> Option<(f64, f64)> {
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).ok();
    let status = of("status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = peak.split_whitespace().nth(1)?.parse().ok()?;
    let stat = of("stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Some((ticks / 100.0, kilobytes / 1_024.0))
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(database: &str) -> Result<Self, Failed> {
        let mut command = sangkien(&["serve", "--listen", "127.0.0.1:0", "--database", database]);
        let mut child =
            command.env("SANGKIEN_ADMIN_TOKEN", TOKEN).stdout(Stdio::piped()).spawn()?;
        let stdout = BufReader::new(child.stdout.take().ok_or("stdout is piped")?);
        let mut lines = stdout.lines().map_while(Result::ok);
        let ready = lines.find_map(|line| Some(line.strip_prefix("ready ")?.to_owned()));
        Ok(Self { child, address: ready.ok_or("it says where it listens")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

type Submissions = tokio::task::JoinHandle<Result<Vec<Duration>, Failed>>;

/// Submits at an even pace until the returned sender is dropped; gives the time that each took,
/// from the moment when it was due.
async fn submit_until_asked(
    address: String,
    levels: [u32; 4],
) -> Result<(tokio::sync::oneshot::Sender<()>, Submissions), Failed> {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let client = reqwest::Client::new();
    let submission = move |number: u32| {
        let unit = format!("cd-3-{:06}", number * 7_919 % levels[3]);
        client.post(format!("{address}/graphql")).bearer_auth(TOKEN).json(&json!({
            "query": "mutation ($input: SubmitInitiativeInput!) {
                submitInitiative(input: $input) { initiative { id } errors { message } } }",
            "variables": { "input": {
                "key": format!("beside-{number}"), "unit": { "code": unit },
                "title": "Cải tiến đồ gá", "kind": "IDEA", "authors": [{ "name": "An" }],
            } },
        }))
    };
    // Answered once the server has caught up with the units that were imported beside it.
    taken(submission(0)).await?;
    let submitting = tokio::spawn(async move {
        let mut ticks =
            tokio::time::interval(Duration::from_millis(1_000 / SUBMISSIONS_PER_SECOND));
        let mut running = tokio::task::JoinSet::new();
        let mut number = 0;
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                _ = ticks.tick() => {}
            }
            number += 1;
            running.spawn(taken(submission(number)));
        }
        running.join_all().await.into_iter().collect()
    });
    Ok((stop, submitting))
}

/// The time until the submission is answered.
async fn taken(submission: reqwest::RequestBuilder) -> Result<Duration, Failed> {
    let due = world::now();
    let answer: serde_json::Value = submission.send().await?.json().await?;
    let id = &answer["data"]["submitInitiative"]["initiative"]["id"];
    assert!(id.is_string(), "{answer}");
    Ok(due.elapsed())
}

struct Files {
    units: PathBuf,
    periods: PathBuf,
    initiatives: PathBuf,
    tenth: PathBuf,
}

impl Files {
    fn write(folder: &Path, plan: &Plan) -> Result<Self, Failed> {
        let files = Self {
            units: folder.join("units.csv"),
            periods: folder.join("periods.csv"),
            initiatives: folder.join("initiatives.csv"),
            tenth: folder.join("tenth.csv"),
        };
        let mut chance = fastrand::Rng::with_seed(1);
        let units = world::tree(&plan.levels);
        let mut order: Vec<usize> = (0..units.len()).collect();
        chance.shuffle(&mut order);
        let mut csv = "code,name,kind,parent_code,member_count\n".to_owned();
        for place in order {
            let unit = &units[place];
            let parent = unit.parent.map_or("", |id| units[id.0 as usize - 1].code.as_str());
            let members = unit.member_count.map_or_else(String::new, |count| count.to_string());
            let kind = unit.kind.as_str();
            writeln!(csv, "{},{},{kind},{parent},{members}", unit.code, unit.name)?;
        }
        std::fs::write(&files.units, csv)?;
        // The submissions beside are of today, those of the file of the year before.
        let periods = format!(
            "code,name,kind,starts_on,ends_on,owner_code,parent_code\n\
             chuong-trinh,Chương trình,PROGRAMME,2022-01-01,2031-12-31,{root},\n\
             giai-doan-1,Giai đoạn 1,PHASE,2022-01-08,2022-05-31,{root},chuong-trinh\n\
             chien-dich,Chiến dịch,CAMPAIGN,2022-04-21,2022-05-31,{root},giai-doan-1\n\
             thang-cao-diem,Tháng cao điểm,PEAK_MONTH,2022-05-01,2022-05-31,{root},giai-doan-1\n",
            root = units[0].code
        );
        std::fs::write(&files.periods, periods)?;
        let grassroots: Vec<&str> = units
            .iter()
            .filter(|unit| unit.kind == UnitKind::GrassrootsUnion)
            .map(|unit| unit.code.as_str())
            .collect();
        write_initiatives(&files.initiatives, plan.initiatives, &grassroots)?;
        write_initiatives(&files.tenth, plan.initiatives / 10, &grassroots)?;
        Ok(files)
    }
}

fn write_initiatives(path: &Path, count: u32, units: &[&str]) -> Result<(), Failed> {
    let mut chance = fastrand::Rng::with_seed(2);
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    writeln!(
        out,
        "key,unit_code,title,kind,author_name,submitted_at,status,field,person_code,author_group,\
         benefit_vnd,summary"
    )?;
    for _ in 0..count {
        let unit = units[chance.usize(0..units.len())];
        let submit = world::submission(&mut chance, UnitId(1), PEOPLE_PER_UNIT);
        let status = ["PENDING", "ACCEPTED", "ACCEPTED", "ACCEPTED", "REJECTED", "WITHDRAWN"]
            [chance.usize(0..6)];
        let day = chance.i64(0..40);
        let at = sangkien::domain::Timestamp(
            1_650_474_000_000 + day * 86_400_000 + chance.i64(0..86_400_000),
        );
        let group = |author: &sangkien::domain::command::NewAuthor| {
            author.group.map_or("", sangkien::domain::initiative::AuthorGroup::as_str)
        };
        for (place, author) in submit.authors.iter().enumerate() {
            let (name, group) = (&author.name, group(author));
            let code = author.person_code.as_deref().unwrap_or_default();
            if place == 0 {
                let benefit = submit.benefit_vnd.map_or_else(String::new, |it| it.to_string());
                writeln!(
                    out,
                    "{},{unit},{},{},{name},{},{status},{},{code},{group},{benefit},\"{}\"",
                    submit.key,
                    submit.title,
                    submit.kind.as_str(),
                    at.to_rfc3339(),
                    submit.field.as_deref().unwrap_or_default(),
                    submit.summary.as_deref().unwrap_or_default(),
                )?;
            } else {
                writeln!(out, "{},,,,{name},,,,{code},{group},,", submit.key)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn grouped_digits(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
