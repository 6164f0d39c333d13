//! The export: rows written so that an import takes them back. A header, then a row for each thing in an
//! order that rests on codes alone, and for initiatives on the order of entry.

use std::io::{self, Write};

use super::columns::Noun;
use super::line_commands::Subject;
use super::out::{Form, Rows};
use crate::board::{BadFigures, Structure, load_structure};
use crate::domain::{
    Author, Day, Initiative, InitiativeId, Period, PeriodRef, Target, Timestamp, Unit, UnitId,
    UnitRef,
};
use crate::limits::EXPORT_PAGE;
use crate::store::{self, Store};

/// The reason why an export did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the database cannot be read")]
    Store(#[from] store::Error),
    #[error("the file cannot be written")]
    Write(#[from] io::Error),
    #[error("the figures of a closing are not kept yet: a server makes them from the log")]
    NotKept,
    #[error("the figures of a closing are damaged: a server makes them again from the log")]
    Damaged(#[from] store::Damaged),
    #[error("the figures of a closing cannot be read")]
    Figures(#[from] BadFigures),
}

impl Failure {
    /// Whether a reader has seen enough and gone.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Writes all things of a kind as of one version; how many.
///
/// # Errors
/// See [`Failure`]; the part that was written by then is not whole.
pub async fn export(
    store: &Store,
    noun: Noun,
    form: Form,
    out: impl Write,
) -> Result<u64, Failure> {
    let columns: Vec<&str> = noun.columns().collect();
    let mut out = Rows::begin(form, out, &columns)?;
    let mut tx = store.begin_read().await?;
    let structure = load_structure(&mut tx).await?;
    let mut count = 0;
    if noun == Noun::Initiatives {
        let mut last = InitiativeId(0);
        loop {
            let page = tx.initiatives_after(last, EXPORT_PAGE).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            for initiative in &page {
                for row in initiative_rows(&structure, initiative) {
                    out.add(&row)?;
                }
                count += 1;
            }
        }
    } else {
        for row in rows(noun, &structure) {
            out.add(&row)?;
            count += 1;
        }
    }
    out.finish()?;
    Ok(count)
}

/// The columns by which a target is known: unit, period, metric, origin, group, field.
pub const KEY_OF_TARGET: [usize; 6] = [0, 1, 3, 4, 8, 9];

/// All of units, periods or targets.
fn rows(noun: Noun, structure: &Structure) -> Vec<Vec<String>> {
    match noun {
        Noun::Units => units(structure).into_iter().map(|unit| unit_row(structure, unit)).collect(),
        Noun::Periods => {
            let mut periods: Vec<&Period> = structure.periods().map(|period| &**period).collect();
            let depth = |period: &Period| {
                let above = |id: &_| structure.period(*id).parent;
                std::iter::successors(period.parent, above).count()
            };
            periods.sort_by_cached_key(|period| (depth(period), period.code.clone()));
            periods.into_iter().map(|period| period_row(structure, period)).collect()
        }
        Noun::Targets => {
            let mut rows: Vec<Vec<String>> = structure
                .units()
                .flat_map(|unit| structure.targets(unit.id))
                .map(|target| target_row(structure, target))
                .collect();
            // The columns of the order are unique together.
            rows.sort_by(|one, other| {
                let key = |row: &[String]| KEY_OF_TARGET.map(|place| row[place].clone());
                key(one).cmp(&key(other))
            });
            rows
        }
        // Initiatives are written by pages; corrections are no state.
        Noun::Initiatives
        | Noun::Renames
        | Noun::Transfers
        | Noun::Withdrawals
        | Noun::Deletions
        | Noun::Removals => Vec::new(),
    }
}

/// Each after its parent; siblings by code.
fn units(structure: &Structure) -> Vec<&Unit> {
    let mut units = Vec::new();
    let mut stack: Vec<UnitId> =
        if structure.has_root() { vec![structure.root()] } else { Vec::new() };
    while let Some(id) = stack.pop() {
        units.push(&**structure.unit(id));
        let mut below = structure.children(id).to_vec();
        below.sort_unstable_by(|&one, &other| {
            structure.unit(other).code.cmp(&structure.unit(one).code)
        });
        stack.extend(below);
    }
    units
}

/// The cells of one thing as an export has them; `None` while it is not there.
pub fn row_of(structure: &Structure, subject: &Subject) -> Option<Vec<String>> {
    let unit = |code: &str| structure.resolve_unit(&UnitRef::Code(code.to_owned()));
    let period = |code: &str| structure.resolve_period(&PeriodRef::Code(code.to_owned()));
    Some(match subject {
        Subject::Unit(code) => unit_row(structure, structure.unit(unit(code)?)),
        Subject::Period(code) => period_row(structure, structure.period(period(code)?)),
        Subject::Target { unit: of, period: within, metric, origin, part } => {
            let wanted = (period(within)?, *metric, *origin, part);
            let target = structure.target_of_part(unit(of)?, wanted)?;
            target_row(structure, target)
        }
        Subject::Code { .. } => return None,
    })
}

fn unit_row(structure: &Structure, unit: &Unit) -> Vec<String> {
    vec![
        unit.code.clone(),
        unit.name.clone(),
        unit.kind.as_str().to_owned(),
        unit.parent.map(|parent| structure.unit(parent).code.clone()).unwrap_or_default(),
        unit.cluster.clone().unwrap_or_default(),
        unit.sector.map(|sector| sector.as_str().to_owned()).unwrap_or_default(),
        flag(unit.foreign_invested),
        number(unit.member_count),
        day(unit.closed_on),
    ]
}

fn period_row(structure: &Structure, period: &Period) -> Vec<String> {
    vec![
        period.code.clone(),
        period.name.clone(),
        period.kind.as_str().to_owned(),
        period.starts_on.to_string(),
        period.ends_on.to_string(),
        structure.unit(period.owner).code.clone(),
        period.parent.map(|parent| structure.period(parent).code.clone()).unwrap_or_default(),
        period.metric.as_str().to_owned(),
        day(period.applied_from),
        day(period.applied_until),
    ]
}

fn target_row(structure: &Structure, target: &Target) -> Vec<String> {
    vec![
        structure.unit(target.key.unit).code.clone(),
        structure.period(target.key.period).code.clone(),
        target.goal.to_string(),
        target.key.metric.as_str().to_owned(),
        target.key.origin.as_str().to_owned(),
        number(target.percent_from),
        number(target.percent_to),
        target.document_number.clone().unwrap_or_default(),
        target.key.part.group.map(|group| group.as_str().to_owned()).unwrap_or_default(),
        target.key.part.field.clone().unwrap_or_default(),
    ]
}

/// The rows of an initiative, one for each author. The cells that all have in common stand in the
/// first row alone, so that counting rows by status counts initiatives.
pub fn initiative_rows(structure: &Structure, it: &Initiative) -> Vec<Vec<String>> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut rows: Vec<Vec<String>> = it
        .authors
        .iter()
        .map(|author| {
            let mut row = vec![String::new(); Noun::Initiatives.columns().count()];
            row[0].clone_from(&it.key);
            put_author(&mut row, author);
            row
        })
        .collect();
    if let Some(first) = rows.first_mut() {
        let shared = [
            (1, structure.unit(it.unit).code.clone()),
            (2, it.title.clone()),
            (3, it.kind.as_str().to_owned()),
            (5, it.submitted_at.to_rfc3339()),
            (6, it.status.as_str().to_owned()),
            (7, text(&it.field)),
            (8, text(&it.team)),
            (12, day(it.applied_on)),
            (13, text(&it.recognised_by)),
            (14, flag(it.confidential)),
            (15, number(it.benefit_vnd)),
            (16, text(&it.summary)),
            (17, it.rejection_reason.map(|it| it.as_str().to_owned()).unwrap_or_default()),
            (18, text(&it.review_note)),
            (19, flag(it.featured)),
            (20, it.reviewed_at.map(Timestamp::to_rfc3339).unwrap_or_default()),
        ];
        for (place, cell) in shared {
            first[place] = cell;
        }
    }
    rows
}

fn put_author(row: &mut [String], author: &Author) {
    row[4].clone_from(&author.name);
    row[9] = author.person_code.clone().unwrap_or_default();
    row[10] = author.group.map(|group| group.as_str().to_owned()).unwrap_or_default();
    row[11] = author.contact.clone().unwrap_or_default();
}

fn flag(flag: bool) -> String {
    if flag { "TRUE" } else { "FALSE" }.to_owned()
}

fn number<T: ToString>(number: Option<T>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
