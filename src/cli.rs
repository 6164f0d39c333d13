//! The command line. Every flag can be given in the environment as well.

use std::ffi::OsStr;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::auth::Role;
use crate::auth::issue::{self, Order};
use crate::auth::operator;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::field::Fields;
use crate::domain::{Day, Timestamp, Token};
use crate::exchange::{self, ExportFailure, Noun, Progress};
use crate::graphql::budgets::{Allowance, CostLimits};
use crate::http::{AllowedOrigin, Origins, PublicUrl, SocketLimits};
use crate::limits::{
    COST_DOCUMENT_ANONYMOUS, COST_DOCUMENT_OTHERS, COST_DOCUMENT_PARTNER, COST_MAX,
    COST_MINUTE_ANONYMOUS, COST_MINUTE_OTHERS, COST_MINUTE_PARTNER, SOCKETS_PER_ADDRESS,
};
use crate::server::{Server, asked_to_stop, listen};
use crate::store::Store;
use crate::traces::{Endpoint, TracerProvider};
use crate::writer::importer::Importer;
use crate::writer::tags::Tags;
use crate::{board, demo, files, graphql, logs, recount, writer};

const ADMIN_TOKEN: &str = "SANGKIEN_ADMIN_TOKEN";

/// GraphQL server with a real-time feed for the initiative campaigns of a national union.
#[derive(Parser)]
#[command(name = "sangkien", version)]
struct Cli {
    /// How lines of the log are written to stderr.
    #[arg(long, global = true, env = "SANGKIEN_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: logs::Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server; brings the database up to date by itself.
    Serve(Serve),
    /// Serves real units with a simulated campaign, on an embedded database.
    Demo(Demo),
    /// Recounts facts and log against the fold; exit code 1 on a difference.
    Verify(Verify),
    /// Brings units, periods, targets or initiatives in from a CSV file; see docs/CSV.md.
    Import(Import),
    /// Writes units, periods, targets or initiatives to a CSV file that an import takes back.
    Export(Export),
    /// Gives out tokens, lists them, takes them back.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Prints the GraphQL schema, as in schema.graphql.
    Schema,
    /// Asks a server whether it is well: exit code 0 or 1.
    Health(Health),
}

#[derive(Args)]
struct Serve {
    /// Address and port to listen on.
    #[arg(long, env = "SANGKIEN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// sqlite:///path/file.db (made when missing) or postgres://…
    #[arg(long, env = "SANGKIEN_DATABASE", default_value = "sqlite://sangkien.db")]
    database: String,
    /// A bearer token with role ADMIN over the root, for the first start: 16 characters or more, as
    /// `openssl rand -base64 32` makes it.
    #[arg(long, env = ADMIN_TOKEN, hide_env_values = true)]
    admin_token: Option<String>,
    /// CSV with the columns code and name: the fields of work (lĩnh vực) that initiatives may
    /// name. Without it any text is a field.
    #[arg(long, env = "SANGKIEN_FIELDS", value_name = "FILE.csv")]
    fields: Option<PathBuf>,
    /// An origin (https://host:port) whose pages may ask, beside the server's own; can be given
    /// several times, or in the environment with commas between. `*`: any; `null`: pages in files.
    #[arg(long, env = "SANGKIEN_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<AllowedOrigin>,
    /// An address by which browsers know this server, as https://board.example or, where a proxy shows it
    /// under a path, https://board.example/path; can be given several times, or in the environment with
    /// commas between. Needed where a proxy changes the Host header.
    #[arg(long, env = "SANGKIEN_PUBLIC_URL", value_name = "URL", value_delimiter = ',')]
    public_url: Vec<PublicUrl>,
    /// A proxy stands in front: where requests come from, and by which name it was asked, is what it wrote
    /// into X-Forwarded-For, -Host, -Port, -Proto and -Prefix, or into Forwarded.
    #[arg(long, env = "SANGKIEN_BEHIND_PROXY")]
    behind_proxy: bool,
    /// Sockets and streams that may be open at a time from one address.
    #[arg(long, env = "SANGKIEN_SOCKETS_PER_ADDRESS", value_name = "NUMBER",
        default_value_t = SOCKETS_PER_ADDRESS)]
    sockets_per_address: usize,
    #[command(flatten)]
    costs: Costs,
    #[command(flatten)]
    traces: Traces,
}

/// Limits on what clients may cost, in units of 2 µs of one core; see docs/PARTNERS.md.
#[derive(Args)]
struct Costs {
    /// Price that a document may have without a token.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_ANONYMOUS", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_ANONYMOUS, value_parser = cost())]
    cost_document_anonymous: u32,
    /// Price that a document may have with a token of the role PARTNER.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_PARTNER", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_PARTNER, value_parser = cost())]
    cost_document_partner: u32,
    /// Price that a document may have with any other token.
    #[arg(long, env = "SANGKIEN_COST_DOCUMENT_OTHERS", value_name = "UNITS",
        default_value_t = COST_DOCUMENT_OTHERS, value_parser = cost())]
    cost_document_others: u32,
    /// What an address may spend in a minute without a token.
    #[arg(long, env = "SANGKIEN_COST_MINUTE_ANONYMOUS", value_name = "UNITS",
        default_value_t = COST_MINUTE_ANONYMOUS, value_parser = cost())]
    cost_minute_anonymous: u32,
    /// What a token of the role PARTNER may spend in a minute.
    #[arg(long, env = "SANGKIEN_COST_MINUTE_PARTNER", value_name = "UNITS",
        default_value_t = COST_MINUTE_PARTNER, value_parser = cost())]
    cost_minute_partner: u32,
    /// What any other token may spend in a minute.
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
    /// Address and port to listen on.
    #[arg(long, env = "SANGKIEN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Folder of the demo's database; made when missing.
    #[arg(long, env = "SANGKIEN_DEMO_DIR", default_value = "sangkien-demo")]
    dir: PathBuf,
    /// Forgets what an earlier demo left in the folder.
    #[arg(long)]
    reset: bool,
    /// How many times faster than the machine's the demo's clock runs, or max: as fast as the
    /// writer takes it. 1440: a day a minute.
    #[arg(long, env = "SANGKIEN_DEMO_SPEED", default_value = "1440", value_name = "TIMES|max")]
    speed: demo::Speed,
    /// Share of the published counts, 0.0001 to 1; goals are scaled alike [default: 0.05].
    #[arg(long, env = "SANGKIEN_DEMO_SCALE")]
    scale: Option<f64>,
    /// The day of 2022 or 2023 on which it opens; what came before is loaded at once [default:
    /// 2022-04-26].
    #[arg(long, env = "SANGKIEN_DEMO_FROM", value_name = "DAY", value_parser = Day::parse)]
    from: Option<Day>,
    /// Same seed, same people and titles [default: 1].
    #[arg(long, env = "SANGKIEN_DEMO_SEED")]
    seed: Option<u64>,
    #[command(flatten)]
    traces: Traces,
}

#[derive(Args)]
struct Traces {
    /// Where a collector takes traces, as http://127.0.0.1:4318 (OTLP over HTTP); OTEL_TRACES_SAMPLER and
    /// the like say how many. Needs a program that was built with the feature otlp.
    #[arg(long, env = "SANGKIEN_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<Endpoint>,
}

#[derive(Args)]
struct Verify {
    /// sqlite:///path/file.db or postgres://…; a server may go on serving it meanwhile.
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
    /// Also folds the whole log event by event, from its beginning; takes longer.
    #[arg(long)]
    replay: bool,
}

#[derive(Args)]
struct Import {
    /// sqlite:///path/file.db (made when missing) or postgres://…; servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
    /// What the file is about.
    noun: Noun,
    /// UTF-8, with a header that names the columns.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Says what would change, and writes nothing.
    #[arg(long, env = "SANGKIEN_DRY_RUN")]
    dry_run: bool,
    /// Initiatives and targets were admitted where they come from: does not judge again whether
    /// the periods take them. For an export, since dates and the tree may have changed since.
    #[arg(long, env = "SANGKIEN_ADMITTED")]
    admitted: bool,
}

#[derive(Args)]
struct Export {
    /// sqlite:///path/file.db or postgres://…; servers may go on serving it.
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
    /// What to write.
    noun: Noun,
    /// A file there before is replaced, once the new one is whole. Stdout when left out.
    #[arg(value_name = "FILE.csv")]
    file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Gives out a token and prints it, this once and alone.
    Create(TokenCreate),
    /// Prints all tokens, a line each: number, role, unit, name, given, expires, revoked, last used.
    List(TokenList),
    /// Takes a token back; a running server refuses it within seconds.
    Revoke(TokenRevoke),
}

#[derive(Args)]
struct TokenCreate {
    /// sqlite:///path/file.db (made when missing) or postgres://…
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
    /// ADMIN, OFFICER, REVIEWER, SUBMITTER, PARTNER or DISPLAY.
    #[arg(long, env = "SANGKIEN_ROLE")]
    role: Role,
    /// Code of the unit; it holds for all below as well. The root when left out.
    #[arg(long, env = "SANGKIEN_UNIT")]
    unit: Option<String>,
    /// What it is given for.
    #[arg(long, env = "SANGKIEN_NAME", default_value = "")]
    name: String,
    /// The last day on which it is good, as 2022-05-31. Without it: until it is revoked.
    #[arg(long, env = "SANGKIEN_EXPIRES", value_parser = Day::parse)]
    expires: Option<Day>,
}

#[derive(Args)]
struct TokenList {
    /// sqlite:///path/file.db or postgres://…
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
}

#[derive(Args)]
struct TokenRevoke {
    /// sqlite:///path/file.db or postgres://…
    #[arg(long, env = "SANGKIEN_DATABASE")]
    database: String,
    /// The token's number, as `token list` prints it.
    id: i64,
}

#[derive(Args)]
struct Health {
    /// Address of a server, over plain HTTP: of its /health/live or /health/ready, or without a path, which
    /// asks the latter. Port 80 when left out.
    #[arg(long, default_value = "http://127.0.0.1:8080/health/ready")]
    url: String,
}

/// Runs the program; exit codes are 0, 1 (it failed) and 2 (wrong arguments).
pub fn run() -> ExitCode {
    let cli = match arguments() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match run_command(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sangkien: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was asked for; by the environment too, of which an empty variable says nothing. The operator's
/// token alone is not to be empty: whoever names it means to have one.
fn arguments() -> Result<Cli, clap::Error> {
    let mut command = without_empty_variables(Cli::command());
    let cli = Cli::from_arg_matches(&command.try_get_matches_from_mut(std::env::args_os())?)
        .map_err(|error| error.format(&mut command))?;
    if let Command::Serve(Serve { admin_token: Some(token), .. }) = &cli.command {
        operator::check(token).map_err(|weak| command.error(ErrorKind::ValueValidation, weak))?;
    }
    Ok(cli)
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

fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
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
    let result = runtime.block_on(carry_out(cli.command));
    if let Some(tracers) = tracers {
        tracers.end();
    }
    result
}

async fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => {
            let fields = serve.fields.as_deref().map(read_fields).transpose()?;
            let (listener, address) = listen(&serve.listen).await?;
            let server = Server::open(&serve.database, Arc::new(SystemClock)).await?;
            let server = server
                .with_fields(fields.unwrap_or_default())
                .with_origins(Origins::new(serve.allow_origin))
                .with_costs(serve.costs.limits())
                .with_limits(SocketLimits {
                    per_address: serve.sockets_per_address,
                    ..files::limits()
                })
                .known_as(serve.public_url)
                .behind_proxy(serve.behind_proxy);
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
            })
            .await?;
        }
        Command::Verify(verify) => {
            let store = Store::open(&verify.database).await?;
            let depth = if verify.replay { recount::Depth::Replay } else { recount::Depth::Audit };
            let verdict = recount::verify(&store, depth).await?;
            println!("{verdict}");
            if !verdict.is_clean() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Import(import) => carry_out_import(import).await?,
        Command::Export(export) => carry_out_export(export).await?,
        Command::Token(command) => carry_out_token(command).await?,
        Command::Schema => {
            // A reader that has seen enough may close the pipe.
            match std::io::stdout().write_all(graphql::sdl().as_bytes()) {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Command::Health(health) => {
            if !crate::health::is_well(&health.url).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn carry_out_import(import: Import) -> anyhow::Result<()> {
    let store = Store::open(&import.database).await?;
    let tags = Tags::from_system()?;
    let mut importer = Importer::open(store, Arc::new(SystemClock), tags).await?;
    let options = exchange::Options {
        dry_run: import.dry_run,
        admitted: import.admitted,
        progress: Progress::on_stderr(),
    };
    let stop = asked_to_stop()?;
    let imported = tokio::select! {
        imported = exchange::import(&mut importer, import.noun, &import.file, options) => imported,
        () = stop => Err(stop_import(&mut importer, options.progress).await?),
    };
    let report = imported?;
    let mut out = std::io::stdout().lock();
    if import.dry_run {
        for change in &report.changes {
            writeln!(out, "{change}")?;
        }
        let told = u64::try_from(report.changes.len())?;
        let more = (report.new + report.changed).saturating_sub(told);
        if more > 0 {
            writeln!(out, "… and {more} more")?;
        }
        writeln!(out, "{}: would be {report}; nothing was written", import.noun.as_str())?;
    } else {
        writeln!(out, "{}: {report}", import.noun.as_str())?;
    }
    Ok(())
}

/// Asked once more, it ends at once.
async fn stop_import(
    importer: &mut Importer,
    progress: Progress,
) -> anyhow::Result<exchange::Failure> {
    let stop = asked_to_stop()?;
    tokio::select! {
        failure = exchange::stop(importer, progress) => Ok(failure),
        () = stop => anyhow::bail!("stopped; the next start of a server makes the indexes of lists"),
    }
}

async fn carry_out_export(export: Export) -> anyhow::Result<()> {
    let store = Store::open(&export.database).await?;
    match &export.file {
        Some(path) => {
            let exported = exchange::export_to_file(&store, export.noun, path).await;
            let count = exported.with_context(|| format!("cannot export to {}", path.display()))?;
            eprintln!("{}: {count} in {}", export.noun.as_str(), path.display());
        }
        None => match exchange::export(&store, export.noun, std::io::stdout().lock()).await {
            // A reader that has seen enough may close the pipe.
            Err(ExportFailure::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            written => drop(written?),
        },
    }
    Ok(())
}

async fn carry_out_token(command: TokenCommand) -> anyhow::Result<()> {
    let now = SystemClock.now();
    match command {
        TokenCommand::Create(create) => {
            let store = Store::open(&create.database).await?;
            if store.begin_read().await?.unit_id(None).await?.is_none() {
                found(&store).await?;
            }
            let order = Order {
                name: create.name.trim(),
                role: create.role,
                unit: create.unit.as_deref(),
                expires: create.expires,
            };
            let secret = issue::issue(&store, &order, now).await?;
            writeln!(std::io::stdout(), "{}", secret.reveal())?;
        }
        TokenCommand::List(list) => {
            let store = Store::open(&list.database).await?;
            let mut out = std::io::stdout().lock();
            for (token, unit) in issue::list(&store).await? {
                let moment = |at: Option<Timestamp>| {
                    at.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339)
                };
                let Token { id, role, name, created_at, .. } = &token;
                let (role, given) = (role.as_str(), created_at.to_rfc3339());
                let (ends, gone) = (moment(token.expires_at), moment(token.revoked_at));
                let used = moment(token.last_used_at);
                writeln!(out, "{id}\t{role}\t{unit}\t{name}\t{given}\t{ends}\t{gone}\t{used}")?;
            }
        }
        TokenCommand::Revoke(revoke) => {
            let store = Store::open(&revoke.database).await?;
            issue::revoke(&store, revoke.id, now).await?;
        }
    }
    Ok(())
}

/// Gives a fresh database its first rows, as a server does.
async fn found(store: &Store) -> anyhow::Result<()> {
    let mut reads = store.begin_reads().await?;
    let board = board::load(&mut reads).await?;
    drop(reads);
    let tags = Tags::from_system()?;
    let (_, _, running) = writer::start(store.clone(), board, Arc::new(SystemClock), tags).await?;
    running.stop().await?;
    Ok(())
}

fn read_fields(path: &Path) -> anyhow::Result<Fields> {
    let csv = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Fields::parse(&csv).with_context(|| format!("in {}", path.display()))
}

/// For whoever started the server, on port 0 too; connections are taken from here on.
fn say_ready(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready http://{address}")?;
    out.flush()
}
