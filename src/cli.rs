//! The command line. Every flag can be given in the environment as well.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::domain::clock::SystemClock;
use crate::domain::field::Fields;
use crate::server::{Server, asked_to_stop, listen};
use crate::store::Store;
use crate::{demo, graphql, recount};

/// GraphQL server with a real-time feed for the initiative campaigns of a national union.
#[derive(Parser)]
#[command(name = "sangkien", version)]
struct Cli {
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
    /// A bearer token with role ADMIN over the root, for the first start.
    #[arg(long, env = "SANGKIEN_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// CSV with the columns code and name: the fields of work (lĩnh vực) that initiatives may
    /// name. Without it any text is a field.
    #[arg(long, env = "SANGKIEN_FIELDS", value_name = "FILE.csv")]
    fields: Option<PathBuf>,
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
    /// Submissions a second, of the machine's clock.
    #[arg(long, env = "SANGKIEN_DEMO_RATE", default_value_t = 20.0)]
    rate: f64,
    /// How many times faster than the machine's clock the demo's runs.
    #[arg(long, env = "SANGKIEN_DEMO_SPEED", default_value_t = 240)]
    speed: u32,
    /// Same seed, same people and titles.
    #[arg(long, env = "SANGKIEN_DEMO_SEED", default_value_t = 1)]
    seed: u64,
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
struct Health {
    /// Address of a server's /health/live or /health/ready, over plain HTTP.
    #[arg(long, default_value = "http://127.0.0.1:8080/health/ready")]
    url: String,
}

/// Runs the program; exit codes are 0, 1 (it failed) and 2 (wrong arguments).
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    start_logging();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Deep selections resolve deep; the default of 2 MiB is short in debug builds.
        .thread_stack_size(8 << 20)
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(carry_out(cli.command)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sangkien: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => {
            let fields = serve.fields.as_deref().map(read_fields).transpose()?;
            let (listener, address) = listen(&serve.listen).await?;
            let server = Server::open(&serve.database, Arc::new(SystemClock)).await?;
            let server = server.with_fields(fields.unwrap_or_default());
            tracing::info!(%address, "serving");
            say_ready(address)?;
            server.serve(listener, serve.admin_token.as_deref(), asked_to_stop()).await?;
        }
        Command::Demo(demo) => {
            demo::run(demo::Options {
                listen: demo.listen,
                dir: demo.dir,
                reset: demo.reset,
                rate: demo.rate,
                speed: demo.speed,
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

fn start_logging() {
    let filter = EnvFilter::try_from_env("SANGKIEN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx::query=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
