//! The command line. Most flags have a variable of the environment as well; `configuration` lists all.

mod arguments;
mod consent;
mod faults;
mod import_export;
mod reports;

use std::ffi::OsStr;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::arguments::BadRole;
use crate::auth::issue::{self, Order};
use crate::auth::operator;
use crate::auth::{Language, Role, Secret};
use crate::domain::clock::{Clock as _, DoubtfulClock, SystemClock};
use crate::domain::field::Fields;
use crate::domain::{Day, Timestamp, Token};
use crate::exchange::{self, BadList, DateOrder, Exported, For, ImportName, Noun, Progress};
use crate::graphql::cost::budgets::{Allowance, CostLimits};
use crate::http::{AllowedOrigin, Origins, PublicUrl, SocketLimits};
use crate::limits::{
    COST_DOCUMENT_ANONYMOUS, COST_DOCUMENT_OTHERS, COST_DOCUMENT_PARTNER, COST_MAX,
    COST_MINUTE_ANONYMOUS, COST_MINUTE_OTHERS, COST_MINUTE_PARTNER, SOCKETS_PER_ADDRESS,
    UNREADY_AFTER,
};
use crate::messages::init::InitFault;
use crate::server::{Server, asked_to_stop, listen};
use crate::store::{self, Store};
use crate::traces::{Endpoint, TracerProvider};
use crate::{backup, configuration, demo, files, graphql, init, logs, messages, prune, recount};

const ADMIN_TOKEN: &str = "SANGKIEN_ADMIN_TOKEN";

/// GraphQL server with a real-time feed for the initiative campaigns of a national union.
#[derive(Parser)]
#[command(name = "sangkien", version)]
struct Cli {
    /// The program writes its log to stderr in this form: lines for people, or a JSON object a line.
    #[arg(
        long,
        global = true,
        env = "SANGKIEN_LOG_FORMAT",
        value_name = "FORMAT",
        value_enum,
        default_value = "text"
    )]
    log_format: logs::Format,
    /// The program speaks this language, vi or en. Without it the locale decides (LC_ALL, LC_MESSAGES, LANG). Help texts
    /// are in English.
    #[arg(long, global = true, env = "SANGKIEN_LANG", value_name = "LANGUAGE")]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// The language of the flag or its variable, else of the locale.
    fn language(&self) -> Language {
        self.lang.unwrap_or_else(of_locale)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Makes a folder with all that a server of your own starts from: database, token, service, sample files.
    Init(Init),
    /// Runs the server, and brings the database up to date at its start.
    Serve(Serve),
    /// Serves real units and replays the campaign of 2022, on an embedded database.
    Demo(Demo),
    /// Recounts everything from facts and log, and compares the result with the board; exit code 1 on a difference.
    Verify(Verify),
    /// Brings units, periods, targets or initiatives in from a workbook (.xlsx) or a CSV file, or corrects what is there by one;
    /// docs/CSV.md lists the columns.
    Import(Import),
    /// Undoes an import of initiatives by its name: withdraws all that it entered, as long as nobody has changed any of it.
    /// Without a name it prints the imports that entered initiatives.
    UndoImport(UndoImport),
    /// Writes units, periods, targets or initiatives to a workbook (.xlsx) or a CSV file that an import takes back, or counts
    /// to one that none does.
    Export(Export),
    /// Copies a database into one new file, while servers go on serving it; checks the copy.
    Backup(Backup),
    /// Makes a database of a backup.
    Restore(Restore),
    /// Copies a database into another, of either kind: from SQLite to PostgreSQL, or back.
    Copy(Copy),
    /// Removes the old part of the log, and the keys of old initiatives, while servers go on serving the database.
    Prune(Prune),
    /// Creates tokens, lists them, revokes them.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Prints the GraphQL schema, as in schema.graphql.
    Schema,
    /// Prints every command, flag and variable, as in docs/CONFIGURATION.md.
    Configuration,
    /// Asks a server whether it is well; exit code 0 when it is, 1 when it is not.
    Health(Health),
}

#[derive(Args)]
struct Init {
    /// The command makes this folder, and in it whatever is missing. It overwrites nothing.
    #[arg(value_name = "FOLDER", default_value = "sangkien")]
    folder: PathBuf,
    /// The unit at the root, the federation, has this name. At a terminal the command asks for it.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The unit at the root has this code: short, without spaces, and best kept for good. At a terminal the command asks for
    /// it.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
}

#[derive(Args)]
struct Serve {
    /// The server listens on this address and port; port 0 takes a free one, which the line `ready` names.
    #[arg(
        long,
        env = "SANGKIEN_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    listen: String,
    /// The server keeps everything in this database: sqlite:///path/file.db (made when missing) or
    /// postgres://user:password@host/name.
    #[arg(
        long,
        env = "SANGKIEN_DATABASE",
        value_name = "URL",
        default_value = "sqlite://sangkien.db"
    )]
    database: String,
    /// This bearer token has the role ADMIN over the root for as long as the server runs with it. It has 16
    /// characters or more, as `openssl rand -base64 32` makes it. Give it as the variable: other users of the machine
    /// can read flags.
    #[arg(long, env = ADMIN_TOKEN, value_name = "TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// Initiatives name one of the fields of work (lĩnh vực) in this workbook (.xlsx) or CSV file, which has the columns code
    /// and name. Without it any text is a field.
    #[arg(long, env = "SANGKIEN_FIELDS", value_name = "FILE")]
    fields: Option<PathBuf>,
    /// The server starts although the day is before that of the last change in the database, or more than 400 days after
    /// it. Give it once, when the clock is right: the days in between are written into the log for good.
    #[arg(long)]
    accept_clock: bool,
    /// Pages of this origin (https://host:port) may ask, beside the server's own pages. The flag may be repeated; in the
    /// variable commas stand between. `*` lets every origin ask, `null` pages that are files.
    #[arg(long, env = "SANGKIEN_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<AllowedOrigin>,
    /// Browsers know this server by this address: https://board.example, or https://board.example/path when a proxy shows
    /// it under a path. The flag may be repeated; in the variable commas stand between. It is needed when a proxy
    /// changes the Host header.
    #[arg(long, env = "SANGKIEN_PUBLIC_URL", value_name = "URL", value_delimiter = ',')]
    public_url: Vec<PublicUrl>,
    /// The server believes a proxy in front: it takes the client's address, its own name and its own path from
    /// X-Forwarded-For, -Host, -Port, -Proto and -Prefix, or from Forwarded.
    #[arg(long, env = "SANGKIEN_BEHIND_PROXY")]
    behind_proxy: bool,
    /// One address may have this many sockets and streams open at a time (of IPv6, one network of 64 bits).
    #[arg(long, env = "SANGKIEN_SOCKETS_PER_ADDRESS", value_name = "NUMBER",
        default_value_t = SOCKETS_PER_ADDRESS)]
    sockets_per_address: usize,
    /// The server is not ready (/health/ready) once changes have failed for this long.
    #[arg(long, env = "SANGKIEN_UNREADY_AFTER", value_name = "SECONDS",
        default_value_t = UNREADY_AFTER.as_secs())]
    unready_after: u64,
    #[command(flatten)]
    costs: Costs,
    #[command(flatten)]
    traces: Traces,
}

/// Limits on what clients may cost, in units of 2 µs of one core; docs/PARTNERS.md explains prices.
#[derive(Args)]
struct Costs {
    /// A document without a token may cost this much, in units of 2 µs of one core.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_ANONYMOUS", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_ANONYMOUS, value_parser = cost())]
    cost_document_anonymous: u32,
    /// A document with a token of the role PARTNER may cost this much, in units of 2 µs of one core.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_PARTNER", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_PARTNER, value_parser = cost())]
    cost_document_partner: u32,
    /// A document with any other token may cost this much, in units of 2 µs of one core.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_OTHERS", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_OTHERS, value_parser = cost())]
    cost_document_others: u32,
    /// An address without a token may spend this much in a minute, in units of 2 µs of one core (30000000 are a minute of
    /// one core), and at least --cost-document-anonymous.
    #[arg(long, env = "SANGKIEN_COST_MINUTE_ANONYMOUS", value_name = "UNITS",
        default_value_t = COST_MINUTE_ANONYMOUS, value_parser = cost())]
    cost_minute_anonymous: u32,
    /// A token of the role PARTNER may spend this much in a minute, in units of 2 µs of one core, and at least
    /// --cost-document-partner.
    #[arg(long, env = "SANGKIEN_COST_MINUTE_PARTNER", value_name = "UNITS",
        default_value_t = COST_MINUTE_PARTNER, value_parser = cost())]
    cost_minute_partner: u32,
    /// Any other token may spend this much in a minute, in units of 2 µs of one core, and at least
    /// --cost-document-others.
    #[arg(long, env = "SANGKIEN_COST_MINUTE_OTHERS", value_name = "UNITS",
        default_value_t = COST_MINUTE_OTHERS, value_parser = cost())]
    cost_minute_others: u32,
}

fn cost() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(COST_MAX))
}

impl Costs {
    /// A minute that is set to less than a document is as much as the document.
    const fn limits(&self) -> CostLimits {
        CostLimits {
            anonymous: Allowance {
                document: self.cost_document_anonymous,
                minute: self.cost_minute_anonymous,
            },
            partner: Allowance {
                document: self.cost_document_partner,
                minute: self.cost_minute_partner,
            },
            others: Allowance {
                document: self.cost_document_others,
                minute: self.cost_minute_others,
            },
        }
    }
}

#[derive(Args)]
struct Demo {
    /// The server listens on this address and port; port 0 takes a free one, which the line `ready` names.
    #[arg(
        long,
        env = "SANGKIEN_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    listen: String,
    /// The demo keeps its database in this folder, which it makes when it is missing.
    #[arg(long, env = "SANGKIEN_DEMO_DIR", value_name = "FOLDER", default_value = "sangkien-demo")]
    dir: PathBuf,
    /// The demo first deletes the database that an earlier demo left in the folder.
    #[arg(long)]
    reset: bool,
    /// The demo's clock runs this many times faster than the machine's, and ten times faster still at night (22:00 to
    /// 6:00); with 1440 a day takes 42 seconds. With max it runs as fast as the writer takes the events.
    #[arg(long, env = "SANGKIEN_DEMO_SPEED", default_value = "1440", value_name = "TIMES|max")]
    speed: demo::Speed,
    /// The demo replays this share of the published counts and goals, from 0.0001 to 1. A new folder takes 0.2; a
    /// demo that goes on keeps its own.
    #[arg(long, env = "SANGKIEN_DEMO_SCALE", value_name = "SHARE")]
    scale: Option<f64>,
    /// The demo opens on this day of 2022 or 2023, and loads everything before it at once. A new folder takes
    /// 2022-04-26; a demo that goes on keeps its own.
    #[arg(long, env = "SANGKIEN_DEMO_FROM", value_name = "DAY", value_parser = Day::parse)]
    from: Option<Day>,
    /// The same seed invents the same people and titles. A new folder takes 1; a demo that goes on keeps its own.
    #[arg(long, env = "SANGKIEN_DEMO_SEED", value_name = "NUMBER")]
    seed: Option<u64>,
    #[command(flatten)]
    traces: Traces,
}

#[derive(Args)]
struct Traces {
    /// The server sends traces to the collector at this address, as http://127.0.0.1:4318 (OTLP over HTTP). It needs a
    /// program that was built with the feature otlp.
    #[arg(long, env = "SANGKIEN_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<Endpoint>,
}

#[derive(Args)]
struct Verify {
    /// The command reads this database: sqlite:///path/file.db or postgres://…. A server may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command also folds the whole log event by event, from its beginning, which takes longer.
    #[arg(long)]
    replay: bool,
}

#[derive(Args)]
struct Import {
    /// The command writes to this database: sqlite:///path/file.db (made when missing) or postgres://…. Servers may go on
    /// serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The rows of the file are of this noun.
    noun: Noun,
    /// The command reads this workbook (.xlsx) or CSV file, with a header that names the columns, in English or in Vietnamese.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The command prints the changes that it would make, and writes nothing.
    #[arg(long, env = "SANGKIEN_DRY_RUN")]
    dry_run: bool,
    /// The command does not judge again whether the periods admit the initiatives and targets of the file. Use it for
    /// a file that another Sangkien exported, since dates and the tree may have changed since.
    #[arg(long, env = "SANGKIEN_ADMITTED")]
    admitted: bool,
    /// The command does not ask before it changes more than a tenth of the units or targets that there are, and takes rows
    /// of units and periods that are hardly meant; it names those.
    #[arg(long)]
    yes: bool,
    /// The import has this name, by which undo-import finds it. Without it the name is made of the file's, the day, and a sign
    /// of what is in the file.
    #[arg(long, value_name = "NAME", value_parser = ImportName::parse)]
    name: Option<ImportName>,
    /// Days that end with their year begin with the day (dmy: 31/05/2022) or with the month (mdy). Without it each column
    /// tells, by a cell that can be read in one way alone.
    #[arg(long, env = "SANGKIEN_DATES", value_name = "ORDER")]
    dates: Option<DateOrder>,
    /// The command goes on although the day is before that of the last change in the database, or more than 400 days
    /// after it. Give it once, when the clock is right: the days in between are written into the log for good.
    #[arg(long)]
    accept_clock: bool,
}

#[derive(Args)]
struct UndoImport {
    /// The command writes to this database: sqlite:///path/file.db or postgres://…. Servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command withdraws what the import with this name entered. Without it the command prints the imports, a line
    /// each, the last one first: how many initiatives it entered, how many of them are withdrawn, its name.
    #[arg(value_name = "NAME", value_parser = ImportName::parse, requires = "reason")]
    name: Option<ImportName>,
    /// The log keeps this reason of each withdrawal.
    #[arg(long, value_name = "TEXT", requires = "name")]
    reason: Option<String>,
    /// The command prints how many initiatives it would withdraw, and withdraws none.
    #[arg(long, env = "SANGKIEN_DRY_RUN")]
    dry_run: bool,
}

#[derive(Args)]
struct Export {
    /// The command reads this database: sqlite:///path/file.db or postgres://…. Servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command writes the rows of this noun.
    noun: Exported,
    /// The command writes to this file, and replaces an older one once the new one is whole: a workbook if its name ends with
    /// .xlsx, else CSV. Without it, or with -, the rows go to stdout. A workbook, and CSV for Excel, is in the language of --lang.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// A CSV file is for Excel: with a byte order mark, semicolons between cells, and codes that keep their zeros.
    #[arg(long = "for", value_name = "PROGRAM")]
    program: Option<For>,
}

#[derive(Args)]
struct Backup {
    /// The command reads this database: sqlite:///path/file.db or postgres://…. Servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command writes to this new file, a SQLite database of its own. Keep it as confidential as the database: it
    /// holds contact data.
    #[arg(value_name = "FILE.db")]
    file: PathBuf,
}

#[derive(Args)]
struct Restore {
    /// The command makes this database: sqlite:///path/file.db or postgres://…. No server may have it open.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command replaces a database that exists. A file is kept under another name beside the new one.
    #[arg(long)]
    replace: bool,
    /// The command reads this backup.
    #[arg(value_name = "FILE.db")]
    file: PathBuf,
}

#[derive(Args)]
struct Copy {
    /// The command reads this database: sqlite:///path/file.db or postgres://…. Servers may go on serving it, but what
    /// they write from now on is not copied.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The command makes this database: sqlite:///path/file.db or postgres://…. No server may have it open.
    #[arg(long, value_name = "URL")]
    to: String,
    /// The command replaces a database that exists. A file is kept under another name beside the new one.
    #[arg(long)]
    replace: bool,
}

#[derive(Args)]
struct Prune {
    /// The command changes this database: sqlite:///path/file.db or postgres://…. Servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command removes what happened to initiatives before this day, as 2024-01-01, and the keys of those that were
    /// entered before it. The last 31 days stay.
    #[arg(long, value_name = "DAY", value_parser = Day::parse)]
    before: Day,
    /// The command prints what it would remove, and removes nothing.
    #[arg(long, env = "SANGKIEN_DRY_RUN")]
    dry_run: bool,
    /// The command leaves keys as they are. Without a key, an initiative that is sent or imported again is entered twice.
    #[arg(long)]
    keep_keys: bool,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Creates a token and prints it alone; no command shows it again.
    Create(TokenCreate),
    /// Prints all tokens, a line each: number, role, unit, name, created, expires, revoked, last used.
    List(TokenList),
    /// Revokes a token; a running server refuses it within seconds.
    Revoke(TokenRevoke),
}

#[derive(Args)]
struct TokenCreate {
    /// The command writes to this database: sqlite:///path/file.db (made when missing) or postgres://….
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The token has this role: ADMIN, OFFICER, REVIEWER, SUBMITTER, PARTNER or DISPLAY.
    #[arg(long, env = "SANGKIEN_ROLE", value_parser = role)]
    role: Role,
    /// The role holds over the unit with this code and all below it; without it over the root.
    #[arg(long, env = "SANGKIEN_UNIT", value_name = "CODE")]
    unit: Option<String>,
    /// The list of tokens shows this name: what the token is for.
    #[arg(long, env = "SANGKIEN_NAME", default_value = "")]
    name: String,
    /// The token is good to the end of this day, as 2022-05-31. Without it the token is good until it is revoked.
    #[arg(long, env = "SANGKIEN_EXPIRES", value_name = "DAY", value_parser = Day::parse)]
    expires: Option<Day>,
}

#[derive(Args)]
struct TokenList {
    /// The command reads this database: sqlite:///path/file.db or postgres://….
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
}

#[derive(Args)]
struct TokenRevoke {
    /// The command writes to this database: sqlite:///path/file.db or postgres://….
    #[arg(long, env = "SANGKIEN_DATABASE", value_name = "URL")]
    database: String,
    /// The command revokes the token with this number, as `token list` prints it.
    #[arg(value_name = "NUMBER")]
    id: i64,
}

#[derive(Args)]
struct Health {
    /// The command asks this address over plain HTTP. Without a path it asks /health/serving, without a port port 80.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/health/serving")]
    url: String,
}

/// Runs the program; exit codes are 0, 1 (it failed) and 2 (wrong arguments, or a clock that may be wrong).
pub fn run() -> ExitCode {
    let cli = match arguments() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    let language = match cli.lang {
        None if matches!(cli.command, Command::Init(_)) && is_terminal() => init::ask_language(),
        _ => cli.language(),
    };
    match run_command(cli, language) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sangkien: {}", faults::text(&error, language));
            // The operator is to set the clock, or to name the flag.
            let is_wrong_use = error.is::<DoubtfulClock>()
                || matches!(error.downcast_ref(), Some(InitFault::NobodyToAsk));
            if is_wrong_use { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// Tells of a command line that is none; or gives the help or the version that the person asked for.
fn refused(error: &clap::Error) -> ExitCode {
    let told = match language_asked() {
        Language::English => None,
        Language::Vietnamese => arguments::vietnamese(error),
    };
    match told {
        Some(told) => {
            eprintln!("sangkien: {told}");
            ExitCode::from(2)
        }
        None => error.exit(),
    }
}

/// The language of a command line that may be wrong elsewhere.
fn language_asked() -> Language {
    let arguments: Vec<String> =
        std::env::args_os().map(|it| it.to_string_lossy().into_owned()).collect();
    let flag = arguments.iter().enumerate().find_map(|(place, argument)| match argument.as_str() {
        "--lang" => arguments.get(place + 1).cloned(),
        argument => argument.strip_prefix("--lang=").map(str::to_owned),
    });
    let asked = flag.or_else(|| std::env::var("SANGKIEN_LANG").ok());
    asked.and_then(|asked| asked.parse().ok()).unwrap_or_else(of_locale)
}

fn of_locale() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    Language::of_locale(variables.map(|name| std::env::var(name).ok()))
}

/// The command line, and the environment; an empty variable counts as unset. The operator's token
/// alone must not be empty: an operator who names it means to have one.
fn arguments() -> Result<Cli, clap::Error> {
    let mut command = without_empty_variables(Cli::command());
    let cli = Cli::from_arg_matches(&command.try_get_matches_from_mut(std::env::args_os())?)
        .map_err(|error| error.format(&mut command))?;
    if let Command::Serve(Serve { admin_token: Some(token), .. }) = &cli.command {
        operator::check(token).map_err(|weak| {
            let text = messages::faults::of_weak_token(weak, cli.language());
            command.error(ErrorKind::ValueValidation, text)
        })?;
    }
    Ok(cli)
}

/// A role, in any case.
fn role(text: &str) -> Result<Role, BadRole> {
    let all = || Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<&str>>().join(", ");
    text.trim().to_uppercase().parse().map_err(|_| BadRole { known: all() })
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |variable: &OsStr| {
        variable != ADMIN_TOKEN && std::env::var_os(variable).is_some_and(|value| value.is_empty())
    };
    command
        .mut_args(|argument| match argument.get_env() {
            Some(variable) if is_empty(variable) => argument.env(None),
            _ => argument,
        })
        .mut_subcommands(without_empty_variables)
}

/// Whether a person is there to answer questions.
fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

fn run_command(cli: Cli, language: Language) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Deep selections resolve deep; the default of 2 MiB is short in debug builds.
        .thread_stack_size(8 << 20)
        .build()?;
    let endpoint = match &cli.command {
        Command::Serve(Serve { traces, .. }) | Command::Demo(Demo { traces, .. }) => {
            traces.otlp_endpoint.as_ref()
        }
        _ => None,
    };
    let tracers = endpoint.map(|it| TracerProvider::start(it, runtime.handle())).transpose()?;
    logs::start(cli.log_format, tracers.as_ref());
    let result = runtime.block_on(carry_out(cli.command, language));
    if let Some(tracers) = tracers {
        tracers.end();
    }
    result
}

async fn carry_out(command: Command, language: Language) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(Init { folder, name, code }) => {
            let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout());
            let terminal =
                is_terminal().then_some(init::Terminal { input: &mut input, output: &mut output });
            let options = init::Options { folder, name, code, language };
            print(&init::run(options, terminal, Arc::new(SystemClock)).await?)?;
        }
        Command::Serve(serve) => {
            let fields = serve.fields.as_deref().map(read_fields).transpose()?.unwrap_or_default();
            let (listener, address) = listen(&serve.listen).await?;
            let clock = Arc::new(SystemClock);
            let server = if serve.accept_clock {
                Server::open_at_any_time(&serve.database, clock, fields).await?
            } else {
                Server::open_with_fields(&serve.database, clock, fields).await?
            };
            let server = server
                .with_origins(Origins::new(serve.allow_origin))
                .with_costs(serve.costs.limits())
                .with_limits(SocketLimits {
                    per_address: serve.sockets_per_address,
                    ..files::limits()
                })
                .known_as(serve.public_url)
                .behind_proxy(serve.behind_proxy)
                .unready_after(Duration::from_secs(serve.unready_after));
            let asked_to_stop = asked_to_stop()?;
            tracing::info!(%address, "serving");
            say_ready(address)?;
            let app = server.app(serve.admin_token.as_deref());
            server.serve(app, listener, asked_to_stop).await?;
        }
        Command::Demo(demo) => {
            demo::run(demo::Options {
                listen: demo.listen,
                dir: demo.dir,
                reset: demo.reset,
                speed: demo.speed,
                scale: demo.scale,
                from: demo.from,
                seed: demo.seed,
                progress: Progress::on_stderr(language),
            })
            .await?;
        }
        Command::Verify(verify) => {
            let store = Store::open_to_read(&verify.database).await?;
            let depth = if verify.replay { recount::Depth::Replay } else { recount::Depth::Audit };
            let verdict = closing(&store, recount::verify(&store, depth)).await?;
            print(&format!("{}\n", reports::verdict(&verdict, language)))?;
            if !verdict.is_clean() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Import(import) => import_export::import(import, language).await?,
        Command::UndoImport(undo) => import_export::undo_import(undo, language).await?,
        Command::Export(export) => import_export::export(export, language).await?,
        Command::Backup(it) => {
            let progress = Progress::on_stderr(language);
            let copied = backup::backup(&it.database, &it.file, progress).await?;
            return Ok(reports::copied(copied, language)?);
        }
        Command::Restore(it) => {
            let progress = Progress::on_stderr(language);
            let copied = backup::restore(&it.file, &it.database, it.replace, progress).await?;
            return Ok(reports::copied(copied, language)?);
        }
        Command::Copy(it) => {
            let progress = Progress::on_stderr(language);
            let copied = backup::copy(&it.from, &it.to, it.replace, progress).await?;
            return Ok(reports::copied(copied, language)?);
        }
        Command::Prune(it) => {
            let store = open_existing(&it.database).await?;
            let Prune { before, dry_run, keep_keys, .. } = it;
            let options = prune::Options { before, dry_run, keep_keys };
            let pruned = prune::prune(&store, options, Progress::on_stderr(language));
            let report = closing(&store, pruned).await?;
            print(&format!("{}\n", reports::pruned(&report, dry_run, language)))?;
        }
        Command::Token(command) => carry_out_token(command).await?,
        Command::Schema => print(&graphql::sdl())?,
        Command::Configuration => print(&configuration::markdown(&Cli::command()))?,
        Command::Health(health) => {
            if !crate::health::is_well(&health.url).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what a copy holds; it failed if the copy is exact but its source was not sound.
/// Closes the store behind what is done with it. The last connection that is closed brings an SQLite file's log into the
/// file.
async fn closing<T>(store: &Store, work: impl Future<Output = T>) -> T {
    let done = work.await;
    store.close().await;
    done
}

/// Prints a whole text; a reader that has seen enough may close the pipe.
fn print(text: &str) -> std::io::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Opens a database to change it, which must be there.
async fn open_existing(url: &str) -> Result<Store, store::Error> {
    match missing_file(url).await {
        Some(path) => Err(store::Error::Missing { path }),
        None => Store::open(url).await,
    }
}

/// The file of a database that does not exist.
async fn missing_file(url: &str) -> Option<PathBuf> {
    match Store::open_to_read(url).await {
        Err(store::Error::Missing { path }) => Some(path),
        Err(_) => None,
        Ok(store) => {
            store.close().await;
            None
        }
    }
}

async fn carry_out_token(command: TokenCommand) -> anyhow::Result<()> {
    let now = SystemClock.now();
    match command {
        TokenCommand::Create(create) => {
            let store = Store::open(&create.database).await?;
            let secret = closing(&store, create_token(&store, &create, now)).await?;
            writeln!(std::io::stdout(), "{}", secret.reveal())?;
        }
        TokenCommand::List(list) => {
            let store = Store::open_to_read(&list.database).await?;
            let tokens = closing(&store, issue::list(&store)).await?;
            let mut said = String::new();
            for (token, unit) in tokens {
                let moment = |at: Option<Timestamp>| {
                    at.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339)
                };
                let Token { id, role, name, created_at, .. } = &token;
                let (role, given) = (role.as_str(), created_at.to_rfc3339());
                let (ends, gone) = (moment(token.expires_at), moment(token.revoked_at));
                let used = moment(token.last_used_at);
                said.push_str(&format!(
                    "{id}\t{role}\t{unit}\t{name}\t{given}\t{ends}\t{gone}\t{used}\n"
                ));
            }
            print(&said)?;
        }
        TokenCommand::Revoke(revoke) => {
            let store = open_existing(&revoke.database).await?;
            closing(&store, issue::revoke(&store, revoke.id, now)).await?;
        }
    }
    Ok(())
}

async fn create_token(
    store: &Store,
    create: &TokenCreate,
    now: Timestamp,
) -> anyhow::Result<Secret> {
    if store.begin_read().await?.unit_id(None).await?.is_none() {
        init::seed(store, Arc::new(SystemClock), &[]).await?;
    }
    let order = Order {
        name: &create.name,
        role: create.role,
        unit: create.unit.as_deref(),
        expires: create.expires,
    };
    Ok(issue::issue(store, &order, now).await?)
}

fn read_fields(path: &Path) -> anyhow::Result<Fields> {
    exchange::read_fields(path).map_err(|bad| match bad {
        BadList::Unreadable(fault) => fault.into(),
        bad => {
            anyhow::Error::from(bad).context(format!("the fields of work in {}", path.display()))
        }
    })
}

/// For whoever started the server, on port 0 too; connections are taken from here on.
fn say_ready(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready http://{address}")?;
    out.flush()
}
