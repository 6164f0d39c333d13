//! The nouns of an export, and the export of breakdowns: rows for other programs, which no import takes back.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::columns::Noun;
use super::destination::Destination;
use super::export::{Failure, export};
use super::out::{Form, Rows};
use super::tallies::{export_closings, export_tallies};
use crate::auth::Language;
use crate::board::{BreakdownRow, OF_THE_BOARD, Snapshot, Texts, Unhurried, load};
use crate::domain::breakdown::BreakdownBy;
use crate::domain::{Period, UnitId};
use crate::messages::labels;
use crate::store::Store;

/// The noun that an export writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Exported {
    Units,
    Periods,
    Targets,
    Initiatives,
    /// No import takes it back, nor the two below.
    Breakdown,
    Tallies,
    Closings,
}

impl Exported {
    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Units => Noun::Units.as_str(),
            Self::Periods => Noun::Periods.as_str(),
            Self::Targets => Noun::Targets.as_str(),
            Self::Initiatives => Noun::Initiatives.as_str(),
            Self::Breakdown => "breakdown",
            Self::Tallies => "tallies",
            Self::Closings => "closings",
        }
    }

    /// Writes all rows as of one version; how many.
    ///
    /// # Errors
    /// See [`Failure`]; the part that was written by then is not whole.
    pub async fn export(self, store: &Store, form: Form, out: impl Write) -> Result<u64, Failure> {
        match self {
            Self::Units => export(store, Noun::Units, form, out).await,
            Self::Periods => export(store, Noun::Periods, form, out).await,
            Self::Targets => export(store, Noun::Targets, form, out).await,
            Self::Initiatives => export(store, Noun::Initiatives, form, out).await,
            Self::Breakdown => export_breakdown(store, form, out).await,
            Self::Tallies => export_tallies(store, form, out).await,
            Self::Closings => export_closings(store, form, out).await,
        }
    }
}

/// Like [`Exported::export`], to a file that is there whole or not at all, or to a device or a pipe. Only its owner may
/// read the file, since it may hold contact data.
///
/// # Errors
/// See [`Failure`]; the earlier file is still there.
pub async fn export_to_file(
    store: &Store,
    what: Exported,
    form: Form,
    path: &Path,
) -> Result<u64, Failure> {
    let destination = Destination::open(path)?;
    let count = what.export(store, form, destination.out()).await?;
    destination.finish()?;
    Ok(count)
}

const COLUMNS: [&str; 13] = [
    "period_code",
    "unit_code",
    "by",
    "key",
    "submitted",
    "accepted",
    "pending",
    "returned",
    "rejected",
    "benefit_vnd",
    "participants",
    "grassroots_unions",
    "active_grassroots_unions",
];

/// Writes the breakdowns of every unit that has units below it in every period that covers it, as of one version, by
/// periods and units in the order of codes; how many rows. Fields are texts, teams are left out.
///
/// # Errors
/// See [`Failure`]; the part that was written by then is not whole.
pub async fn export_breakdown(store: &Store, form: Form, out: impl Write) -> Result<u64, Failure> {
    let mut out = Rows::begin(form, out, &COLUMNS)?;
    let [mut tx, other] = store.begin_reads().await?;
    let board = load(&mut tx, other, Arc::default()).await?.snapshot();
    let mut periods: Vec<&Arc<Period>> = board.structure.periods().collect();
    periods.sort_by(|one, other| one.code.cmp(&other.code));
    let mut count = 0;
    for period in periods {
        let code = |unit: UnitId| &board.structure.unit(unit).code;
        let mut units = board.all_breakdowns(period.id, &Unhurried).expect("nobody stops it");
        units.sort_by(|(one, _), (other, _)| code(*one).cmp(code(*other)));
        for (unit, breakdowns) in units {
            for by in OF_THE_BOARD {
                for row in breakdowns.rows(&board, by, Texts::Shown) {
                    let of = match form.language() {
                        Some(Language::Vietnamese) => in_vietnamese(&board, by, &row),
                        _ => {
                            [by.as_str(), row.key.as_deref().unwrap_or_default()].map(str::to_owned)
                        }
                    };
                    out.add(&cells(&board, period, unit, of, &row))?;
                    count += 1;
                }
            }
        }
    }
    out.finish()?;
    Ok(count)
}

/// The words for what a row is of.
fn in_vietnamese(board: &Snapshot, by: BreakdownBy, row: &BreakdownRow) -> [String; 2] {
    let language = Language::Vietnamese;
    let value = labels::of_row(by, row.key.as_deref(), board.fields(), language);
    [labels::in_language(labels::of_by(by), language).to_owned(), value.into_owned()]
}

fn cells(
    board: &Snapshot,
    period: &Period,
    unit: UnitId,
    of: [String; 2],
    row: &BreakdownRow,
) -> Vec<String> {
    let counts = &row.counts;
    let mut cells = vec![period.code.clone(), board.structure.unit(unit).code.clone()];
    cells.extend(of);
    let numbers =
        [counts.submitted(), counts.accepted, counts.pending, counts.returned, counts.rejected];
    cells.extend(numbers.map(|number| number.to_string()));
    cells.push(counts.benefit_vnd.get().to_string());
    match row.units {
        Some(it) => cells.extend(
            [it.participants, it.grassroots_unions, it.active_grassroots_unions]
                .map(|number| number.to_string()),
        ),
        None => cells.extend([const { String::new() }; 3]),
    }
    cells
}
