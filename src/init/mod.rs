//! `sangkien init`: a folder with all that a federation's own server starts from.
//!
//! It makes the database with its root and its programme, the administrator's token, the file of the systemd service and
//! sample files. It overwrites nothing: a file that is there stays, and a database that has a root of its own is read alone.

mod database;
mod federation;
mod folder;
mod questions;
mod samples;
mod service;

use std::path::PathBuf;

use crate::auth::{Language, Secret};
use crate::domain::clock::SharedClock;
use crate::domain::text::normalise;
use crate::messages::init::{InitFault, Report, Thing};

pub use database::seed;
use federation::Federation;
use folder::{DATABASE, ENVIRONMENT, Folder, SERVICE};
pub use questions::Terminal;
use samples::samples;

/// The flags; the person at the terminal is asked for those that are missing.
#[derive(Debug)]
pub struct Options {
    pub folder: PathBuf,
    pub name: Option<String>,
    pub code: Option<String>,
    /// The language of files and texts.
    pub language: Language,
}

/// Asks the person at the terminal for the language of all that follows; Vietnamese, if nobody answers.
pub fn ask_language() -> Language {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout());
    let mut terminal = Terminal { input: &mut input, output: &mut output };
    questions::language(&mut terminal).unwrap_or(Language::Vietnamese)
}

/// Makes all that is missing, and gives the report. `terminal` is where somebody can be asked.
///
/// # Errors
/// [`InitFault`] when a name or a code is missing, bad, or another than the database has; else when a file cannot be
/// written.
pub async fn run(
    options: Options,
    mut terminal: Option<Terminal<'_>>,
    clock: SharedClock,
) -> anyhow::Result<String> {
    let language = options.language;
    let folder = Folder::at(&options.folder)?;
    let url = folder.url(DATABASE);
    let own = database::own_root(&url).await?;
    let is_new = own.is_none();
    let federation = match own {
        Some(root) => {
            check_is(&root, &options, &folder)?;
            root
        }
        None => questions::federation(options.name, options.code, terminal.as_mut(), language)?,
    };
    folder.make()?;
    if folder.read(ENVIRONMENT)?.is_some_and(|text| !text.contains(service::TOKEN)) {
        let path = folder.path.join(ENVIRONMENT).display().to_string();
        return Err(InitFault::NoTokenIn { path }.into());
    }
    let today = clock.now().day();
    let (mut made, mut kept) = (Vec::new(), Vec::new());
    let mut note = |thing, name, is_made: bool| {
        if is_made { made.push((thing, name)) } else { kept.push((thing, name)) }
    };
    let programme = database::Programme::of(today, language)?;
    if is_new {
        database::make(&url, &federation, &programme, clock).await?;
    }
    note(Thing::Database, DATABASE, is_new);
    let secret = Secret::generate()?;
    let environment = service::environment(&secret, language);
    let is_token_new = folder.write_secret(ENVIRONMENT, &environment)?;
    note(Thing::Environment, ENVIRONMENT, is_token_new);
    let program = std::env::current_exe()?;
    let text = service::unit(&program, &folder.path, language);
    note(Thing::Service, SERVICE, folder.write(SERVICE, &text)?);
    for (name, text) in samples(&federation, &programme, today, language) {
        note(Thing::Sample, name, folder.write(name, &text)?);
    }
    let report = Report {
        folder: &folder.path.display().to_string(),
        name: &federation.name,
        code: &federation.code,
        programme_until: is_new.then_some(programme.ends_on),
        made: &made,
        kept: &kept,
        token: is_token_new.then(|| secret.reveal()),
        start: &service::start(&folder.path),
        import: &format!(
            "cd {} && sangkien import --database sqlite://{DATABASE} units units.csv --dry-run",
            folder::quoted(&folder.path)
        ),
    };
    Ok(report.text(language))
}

/// Whether the flags, if they are given, speak of the root that the database has.
fn check_is(root: &Federation, options: &Options, folder: &Folder) -> Result<(), InitFault> {
    let is_other =
        |asked: &Option<String>, own: &str| asked.as_ref().is_some_and(|it| normalise(it) != own);
    if is_other(&options.code, &root.code) || is_other(&options.name, &root.name) {
        let Federation { name, code } = root.clone();
        return Err(InitFault::OfAnother { folder: folder.path.display().to_string(), name, code });
    }
    Ok(())
}
