//! Prunes a database: the log before a day, and the keys of initiatives that were entered before it.
//!
//! Others go on serving and writing meanwhile. A prune that was cut off is finished by the next.

use std::fmt;

use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::{Day, InitiativeId, Version};
use crate::keeping;
use crate::limits::{HISTORY_DAYS, PRUNED_TOGETHER};
use crate::progress::{Progress, Work};
use crate::store::{self, LogStart, Removed, Store};

/// The part that is pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The first day that stays.
    pub before: Day,
    /// Only counts.
    pub dry_run: bool,
    /// Keys stay: a file that was imported long ago can be imported again.
    pub keep_keys: bool,
}

/// The reason why nothing was pruned, or not all.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(
        "the last {days} days stay, since boards reach back so far: the latest day to prune before is {latest}",
        days = HISTORY_DAYS
    )]
    TooLate { latest: Day },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The part that was pruned, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The beginning of the log; `None` of an empty one.
    pub start: Option<LogStart>,
    pub events: Removed,
    pub keys: Removed,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, events, keys } = self;
        write!(
            f,
            "{} events ({}), {} keys ({})",
            events.rows,
            Bytes(events.bytes),
            keys.rows,
            Bytes(keys.bytes)
        )?;
        match start {
            Some(start) => {
                write!(f, "; the log begins on {}, with event {}", start.day, start.version)
            }
            None => f.write_str("; the log is empty"),
        }
    }
}

struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0 / 100_000;
        write!(f, "{}.{} MB", tenths / 10, tenths % 10)
    }
}

/// Prunes a database.
///
/// # Errors
/// [`Failure::TooLate`] for a day within the reach of history; else when the database cannot be reached.
pub async fn prune(store: &Store, options: Options, progress: Progress) -> Result<Report, Failure> {
    let mut tx = store.begin_long_read().await?;
    let latest = tx.at().day().plus(-HISTORY_DAYS);
    if tx.version() == Version::ZERO {
        return Ok(Report { start: None, events: Removed::default(), keys: Removed::default() });
    }
    if options.before > latest {
        return Err(Failure::TooLate { latest });
    }
    let wanted = tx.start_from(options.before).await?.ok_or(store::Error::Gap(0))?;
    let start = match tx.log_start().await? {
        Some(before) if before.version > wanted.version => before,
        _ => wanted,
    };
    let last = tx.last_entered_before(start.version).await?;
    let tag = tx.tag(start.version).await?.ok_or(store::Error::Gap(start.version.0))?;
    drop(tx);
    if !options.dry_run {
        // A pruned log does not tell them any more.
        keeping::fill(store).await?;
    }
    // A log that begins with that day is whole.
    if !options.dry_run && start.version > Version::ZERO.next() {
        store.note_log_start(start, SystemClock.now()).await?;
    }
    let mut report =
        Report { start: Some(start), events: Removed::default(), keys: Removed::default() };
    // The event with which the day began stays; feeds go on behind it.
    let until = start.version.0 - 1;
    let mut stage = progress.stage(Work::Events, until.unsigned_abs());
    for after in parts_up_to(until) {
        let end = Version((after + PRUNED_TOGETHER).min(until));
        report.events += if options.dry_run {
            store.begin_long_read().await?.removable_events(Version(after), end).await?
        } else {
            store.remove_events(Version(after), end).await?
        };
        stage.at(end.0.unsigned_abs());
    }
    drop(stage);
    if !options.keep_keys {
        let mut stage = progress.stage(Work::Keys, last.0.unsigned_abs());
        for after in parts_up_to(last.0) {
            let (after, end) =
                (InitiativeId(after), InitiativeId((after + PRUNED_TOGETHER).min(last.0)));
            report.keys += if options.dry_run {
                store.begin_long_read().await?.forgettable_keys(after, end).await?
            } else {
                store.forget_keys(after, end, &format!(":{tag:x}")).await?
            };
            stage.at(end.0.unsigned_abs());
        }
    }
    if !options.dry_run {
        store.checkpoint().await?;
    }
    Ok(report)
}

/// The numbers behind which the parts begin that are gone through one by one; there is one at least.
fn parts_up_to(last: i64) -> impl Iterator<Item = i64> {
    (0..last.max(1)).step_by(usize::try_from(PRUNED_TOGETHER).unwrap_or(1))
}
