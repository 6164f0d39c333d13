//! The exports of counts: the tallies of now, and those that closings keep. No import takes them back.

use std::io::Write;
use std::sync::Arc;

use super::export::Failure;
use super::out::{Form, Rows};
use crate::auth::Language;
use crate::board::{Kept, Snapshot, Tally, Unhurried, load};
use crate::domain::{Closing, Period, UnitId};
use crate::messages::labels;
use crate::store::Store;

const OF_CLOSING: [&str; 7] =
    ["period_code", "version", "kind", "at", "starts_on", "ends_on", "metric"];

const OF_TALLY: [&str; 14] = [
    "unit_code",
    "submitted",
    "accepted",
    "pending",
    "returned",
    "rejected",
    "own",
    "participants",
    "benefit_vnd",
    "grassroots_unions",
    "active_grassroots_unions",
    "last_submitted_at",
    "target",
    "member_count",
];

/// Writes the tally of every unit in every period that covers it, as of one version, by periods and units in the order of
/// codes; how many.
///
/// # Errors
/// See [`Failure`]; the part that was written by then is not whole.
pub async fn export_tallies(store: &Store, form: Form, out: impl Write) -> Result<u64, Failure> {
    let columns = [&OF_CLOSING[..1], &OF_TALLY].concat();
    let mut out = Rows::begin(form, out, &columns)?;
    let [mut tx, other] = store.begin_reads().await?;
    let board = load(&mut tx, other, Arc::default()).await?.snapshot();
    let structure = &board.structure;
    let mut periods: Vec<&Arc<Period>> = structure.periods().collect();
    periods.sort_by(|one, other| one.code.cmp(&other.code));
    let mut count = 0;
    for period in periods {
        for unit in by_code(&board, structure.subtree(period.owner).collect()) {
            let goal = structure.goal(unit, period);
            let members = structure.unit(unit).member_count;
            let tally = board.cell(unit, period.id);
            let mut row = vec![period.code.clone()];
            row.extend(cells(&board, unit, &tally, [goal, members]));
            out.add(&row)?;
            count += 1;
        }
    }
    out.finish()?;
    Ok(count)
}

/// Writes the kept tally of every unit that a closing covered, by periods, closings, oldest first, and units in the order of
/// codes; how many. Units have the codes of now.
///
/// # Errors
/// See [`Failure`]; the part that was written by then is not whole.
pub async fn export_closings(store: &Store, form: Form, out: impl Write) -> Result<u64, Failure> {
    let columns = [&OF_CLOSING[..], &OF_TALLY].concat();
    let mut out = Rows::begin(form, out, &columns)?;
    let [mut tx, other] = store.begin_reads().await?;
    let board = load(&mut tx, other, Arc::default()).await?.snapshot();
    let mut closings: Vec<Arc<Closing>> = board.closings().all().cloned().collect();
    let code = |closing: &Closing| &board.structure.period(closing.period).code;
    closings.sort_by(|one, other| {
        code(one).cmp(code(other)).then_with(|| one.version().cmp(&other.version()))
    });
    let mut count = 0;
    for closing in closings {
        let figures = tx.kept_figures(closing.mark, closing.period).await?;
        let text = figures.ok_or(Failure::NotKept)?.unpack()?;
        let kept = Kept::read(&text, Arc::clone(&closing), &board.structure, &Unhurried)?;
        let kind = match form.language() {
            Some(Language::Vietnamese) => labels::of_closing_kind(closing.kind).1,
            _ => closing.kind.as_str(),
        };
        let metric = kept.period().metric;
        let metric = match form.language() {
            Some(Language::Vietnamese) => labels::of_metric(metric).1,
            _ => metric.as_str(),
        };
        let head = [
            code(&closing).clone(),
            closing.version().to_string(),
            kind.to_owned(),
            closing.at.to_rfc3339(),
            closing.starts_on.to_string(),
            closing.ends_on.to_string(),
            metric.to_owned(),
        ];
        for unit in by_code(&board, kept.units().collect()) {
            let tally = kept.tally(unit);
            let numbers = [kept.goal(unit), kept.member_count(unit)];
            let row = head.iter().cloned().chain(cells(&board, unit, &tally, numbers));
            out.add(&row.collect::<Vec<_>>())?;
            count += 1;
        }
    }
    out.finish()?;
    Ok(count)
}

fn by_code(board: &Snapshot, mut units: Vec<UnitId>) -> Vec<UnitId> {
    let code = |unit: UnitId| &board.structure.unit(unit).code;
    units.sort_by(|one, other| code(*one).cmp(code(*other)));
    units
}

/// The cells of a tally, with its goal and the members.
fn cells(
    board: &Snapshot,
    unit: UnitId,
    tally: &Tally,
    [goal, members]: [Option<i32>; 2],
) -> Vec<String> {
    let counts = tally.counts();
    let maybe = |number: Option<i32>| number.map_or_else(String::new, |it| it.to_string());
    let mut cells = vec![board.structure.unit(unit).code.clone()];
    let numbers = [
        counts.submitted(),
        counts.accepted,
        counts.pending,
        counts.returned,
        counts.rejected,
        tally.own,
        tally.rank_values.participants,
    ];
    cells.extend(numbers.map(|number| number.to_string()));
    cells.push(counts.benefit_vnd.get().to_string());
    let unions = [tally.grassroots_unions, tally.active_grassroots_unions];
    cells.extend(unions.map(|number| number.to_string()));
    cells.push(tally.last_submitted_at().map_or_else(String::new, |at| at.to_rfc3339()));
    cells.extend([maybe(goal), maybe(members)]);
    cells
}
