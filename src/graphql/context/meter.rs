//! The meter: the work that one execution has done so far, and the decision whether it goes on.
//!
//! Every field asks the meter before it is resolved ([`super::ready`]; introspection's fields by an extension), and
//! every scan before it begins. So an execution stops within a field of the moment at which it has used its allowance,
//! or at which nobody waits for it any more.
//!
//! An execution begins on a thread that serves sockets and may use little there. A large one *leaves* that thread: it
//! waits once, and goes on upon a thread for executions ([`crate::graphql::execution::threads`]).

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo,
};
use async_graphql::{Error, QueryPathSegment, ServerError, ServerResult, Value};
use tokio::time::Instant;

use super::{RequestContext, json};
use crate::board::{Pause, Stopped};
use crate::error::Code;
use crate::graphql::description::{self, SCHEMA_DESCRIPTION};
use crate::limits::{
    EXECUTION_BYTES_MAX, EXECUTION_FIELDS_MAX, EXECUTION_SCANNED_MAX, EXECUTION_SLICE,
    INLINE_BYTES_MAX, INLINE_FIELDS_MAX, INLINE_SCANNED_MAX, SCAN_LARGE,
};
use crate::measure;
use crate::messages::ErrorMessage;

/// The number of fields between two looks at the clock.
const FIELDS_A_LOOK: u64 = 64;

thread_local! {
    static HAND_OVER: Cell<fn()> = const { Cell::new(|| {}) };
}

/// Sets the function that lets other executions have their turn. Called on a thread that polls executions of
/// several clients.
pub fn hand_over_by(hand_over: fn()) {
    HAND_OVER.set(hand_over);
}

/// The counts of one execution, which runs on one thread at a time; so plain loads and stores are enough.
#[derive(Debug)]
pub struct Meter {
    fields: AtomicU64,
    /// The bytes that are written and will not be written again.
    bytes: AtomicU64,
    scanned: AtomicU64,
    stop: AtomicU8,
    /// Whether the execution still runs where it began.
    is_inline: AtomicBool,
    is_leaving: AtomicBool,
    /// Whether objects are being written on the spot; code there cannot await.
    is_ready_path: AtomicBool,
    began: Instant,
    /// The nanoseconds from the beginning to the start of the present poll.
    poll_began: AtomicU64,
    /// The nanoseconds of work in all polls that are over.
    worked: AtomicU64,
}

/// The reason why an execution stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Stop {
    /// Nobody waits for the execution any more.
    Cancelled = 1,
    TooManyFields,
    TooManyBytes,
    TooMuchScanned,
}

impl Stop {
    const fn of(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Cancelled),
            2 => Some(Self::TooManyFields),
            3 => Some(Self::TooManyBytes),
            4 => Some(Self::TooMuchScanned),
            _ => None,
        }
    }

    /// The label of the metric that counts it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::TooManyFields => "fields",
            Self::TooManyBytes => "bytes",
            Self::TooMuchScanned => "scanned",
        }
    }

    /// Counts an execution that stopped.
    pub fn count(self) {
        metrics::counter!(measure::EXECUTIONS_STOPPED, "reason" => self.as_str()).increment(1);
    }

    pub fn error(self) -> Error {
        Code::TooCostly.says(match self {
            Self::Cancelled => ErrorMessage::NobodyWaits,
            Self::TooManyFields => ErrorMessage::AnswerTooManyFields { max: EXECUTION_FIELDS_MAX },
            Self::TooManyBytes => ErrorMessage::AnswerTooLarge { max: EXECUTION_BYTES_MAX },
            Self::TooMuchScanned => ErrorMessage::TooMuchScanned { max: EXECUTION_SCANNED_MAX },
        })
    }

    pub fn server_error(self) -> ServerError {
        crate::error::of_no_place(self.error())
    }
}

impl Meter {
    /// A meter for an execution that begins on a thread that serves.
    pub fn inline() -> Self {
        Self { is_inline: AtomicBool::new(true), ..Self::unbound() }
    }

    /// A meter for an execution that may use its whole allowance where it is.
    pub fn unbound() -> Self {
        Self {
            fields: AtomicU64::default(),
            bytes: AtomicU64::default(),
            scanned: AtomicU64::default(),
            stop: AtomicU8::default(),
            is_inline: AtomicBool::default(),
            is_leaving: AtomicBool::default(),
            is_ready_path: AtomicBool::default(),
            began: Instant::now(),
            poll_began: AtomicU64::default(),
            worked: AtomicU64::default(),
        }
    }

    /// Counts a field that is about to be resolved, with the bytes before it that are not counted
    /// yet.
    ///
    /// # Errors
    /// If the execution must stop.
    pub fn field(&self, bytes: usize) -> Result<(), Stop> {
        let fields = self.fields.load(Relaxed) + 1;
        self.fields.store(fields, Relaxed);
        let bytes = self.bytes.load(Relaxed) + bytes as u64;
        if fields > EXECUTION_FIELDS_MAX {
            self.stop(Stop::TooManyFields);
        } else if bytes > EXECUTION_BYTES_MAX {
            self.stop(Stop::TooManyBytes);
        } else if self.is_inline() && (fields > INLINE_FIELDS_MAX || bytes > INLINE_BYTES_MAX) {
            self.is_leaving.store(true, Relaxed);
        } else if fields.is_multiple_of(FIELDS_A_LOOK) {
            self.give_way();
        }
        self.stopped().map_or(Ok(()), Err)
    }

    /// Lets others have their turn if this poll has taken long enough, for code that cannot await. On a thread that
    /// serves, the execution must leave then.
    fn give_way(&self) {
        if self.poll_time() > EXECUTION_SLICE {
            if self.is_inline() {
                self.is_leaving.store(true, Relaxed);
            } else {
                HAND_OVER.get()();
            }
        }
    }

    /// Counts fields that are resolved in any case.
    pub fn count(&self, fields: usize) {
        self.fields.store(self.fields.load(Relaxed) + fields as u64, Relaxed);
    }

    /// Counts bytes that will not be written again.
    pub fn written(&self, bytes: usize) {
        self.bytes.store(self.bytes.load(Relaxed) + bytes as u64, Relaxed);
    }

    pub fn fields(&self) -> u64 {
        self.fields.load(Relaxed)
    }

    /// Takes back the fields that were counted beyond so many: they will be resolved again.
    pub fn rewind(&self, fields: u64) {
        self.fields.store(fields, Relaxed);
    }

    /// Counts rows that are about to be scanned. Waits first, if the execution must leave or others must have
    /// their turn.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn scan(&self, rows: usize) -> Result<(), Error> {
        let scanned = self.scanned.load(Relaxed) + rows as u64;
        if self.is_inline() && scanned > INLINE_SCANNED_MAX {
            self.is_leaving.store(true, Relaxed);
        } else if rows >= SCAN_LARGE {
            self.give_way();
        }
        self.breathe().await;
        let scanned = self.scanned.load(Relaxed) + rows as u64;
        self.scanned.store(scanned, Relaxed);
        if scanned > EXECUTION_SCANNED_MAX {
            self.stop(Stop::TooMuchScanned);
        }
        self.go_on()
    }

    /// Whether the execution must leave, or this poll of it has taken long enough.
    pub fn is_to_breathe(&self) -> bool {
        self.is_leaving() || !self.is_ready_path() && self.poll_time() > EXECUTION_SLICE
    }

    /// Waits once, if the execution must leave or this poll of it has taken long enough.
    pub async fn breathe(&self) {
        if self.is_to_breathe() {
            self.is_leaving.store(self.is_inline(), Relaxed);
            self.wait_once().await;
        }
    }

    /// Waits until the execution is polled again.
    pub async fn wait_once(&self) {
        let mut waited = false;
        poll_fn(|context| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    pub fn is_inline(&self) -> bool {
        self.is_inline.load(Relaxed)
    }

    pub fn is_ready_path(&self) -> bool {
        self.is_ready_path.load(Relaxed)
    }

    /// Returns the former value.
    pub fn set_ready_path(&self, ready: bool) -> bool {
        let before = self.is_ready_path();
        self.is_ready_path.store(ready, Relaxed);
        before
    }

    /// Whether the execution has used its allowance on the thread where it began, and must leave.
    pub fn is_leaving(&self) -> bool {
        self.is_leaving.load(Relaxed)
    }

    /// Notes that the execution has left.
    pub fn leave(&self) {
        self.is_inline.store(false, Relaxed);
        self.is_leaving.store(false, Relaxed);
    }

    /// Whether the execution would have been small enough for the thread where it began.
    pub fn was_small(&self) -> bool {
        self.fields.load(Relaxed) <= INLINE_FIELDS_MAX
            && self.bytes.load(Relaxed) <= INLINE_BYTES_MAX
            && self.scanned.load(Relaxed) <= INLINE_SCANNED_MAX
            && self.worked() <= EXECUTION_SLICE
    }

    /// Stops the execution. The first reason stays.
    pub fn stop(&self, why: Stop) {
        // A later reason changes nothing: the client gets the error of the first one.
        let _first = self.stop.compare_exchange(0, why as u8, Relaxed, Relaxed);
    }

    pub fn stopped(&self) -> Option<Stop> {
        Stop::of(self.stop.load(Relaxed))
    }

    /// # Errors
    /// If the execution must stop.
    pub fn go_on(&self) -> Result<(), Error> {
        self.stopped().map_or(Ok(()), |stop| Err(stop.error()))
    }

    /// Begins a poll.
    pub fn poll_begins(&self) {
        self.poll_began.store(nanoseconds(self.began.elapsed()), Relaxed);
    }

    /// Ends a poll with so much time of work.
    pub fn poll_ends(&self, worked: Duration) {
        self.worked.fetch_add(nanoseconds(worked), Relaxed);
    }

    /// The time since the poll began.
    pub fn poll_time(&self) -> Duration {
        let now = nanoseconds(self.began.elapsed());
        Duration::from_nanos(now.saturating_sub(self.poll_began.load(Relaxed)))
    }

    /// The time of work in all polls that are over; waiting is not counted.
    pub fn worked(&self) -> Duration {
        Duration::from_nanos(self.worked.load(Relaxed))
    }
}

impl Pause for Meter {
    fn pause(&self) -> Result<(), Stopped> {
        // An inline execution makes no pauses: its scans were found to be short.
        if !self.is_inline() {
            self.give_way();
        }
        self.stopped().map_or(Ok(()), |_| Err(Stopped))
    }
}

pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Makes every field of introspection ask the meter, since the library resolves these fields itself. The extension
/// boxes each field once more, so only documents that ask for introspection are executed with it.
pub struct MeteredIntrospection;

impl ExtensionFactory for MeteredIntrospection {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for MeteredIntrospection {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let context = ctx.data_opt::<Arc<RequestContext>>().filter(|_| info.is_for_introspection);
        let Some(context) = context else {
            return next.run(ctx, info).await;
        };
        let meter = &context.meter;
        let mut bytes = 1;
        // An item of a list is not a field.
        if let QueryPathSegment::Name(name) = info.path_node.segment {
            meter.field(0).map_err(Stop::server_error)?;
            meter.breathe().await;
            bytes += name.len() + 3;
        }
        // A second extension for the description alone would cost a future for each field that the
        // library resolves.
        let value = if description::is_asked_for(&info) {
            Some(Value::String(SCHEMA_DESCRIPTION.to_owned()))
        } else {
            next.run(ctx, info).await?
        };
        bytes += match &value {
            // The items were counted one by one.
            Some(Value::List(_)) => 2,
            Some(value) => json::scalar_bytes(value),
            None => 5,
        };
        meter.written(bytes);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn an_execution_stops_at_the_first_bound_and_says_which() {
        let meter = Meter::unbound();
        for _ in 0..EXECUTION_FIELDS_MAX {
            meter.field(0).unwrap();
        }
        assert_eq!(meter.field(0), Err(Stop::TooManyFields));
        meter.stop(Stop::Cancelled);
        assert_eq!(meter.stopped(), Some(Stop::TooManyFields));

        let meter = Meter::unbound();
        meter.written(usize::try_from(EXECUTION_BYTES_MAX).unwrap());
        meter.field(0).unwrap();
        assert_eq!(meter.field(1), Err(Stop::TooManyBytes));

        let meter = Meter::unbound();
        meter.poll_begins();
        let most = usize::try_from(EXECUTION_SCANNED_MAX).unwrap();
        meter.scan(most).now_or_never().unwrap().unwrap();
        meter.scan(1).now_or_never().unwrap().unwrap_err();
        assert_eq!(meter.field(0), Err(Stop::TooMuchScanned));
    }

    #[test]
    fn an_execution_leaves_once_and_then_uses_all_that_it_may() {
        let meter = Meter::inline();
        meter.poll_begins();
        for _ in 0..=INLINE_FIELDS_MAX {
            assert!(!meter.is_leaving());
            // The poll begins anew, so that a slow machine does not make the execution leave.
            meter.poll_begins();
            meter.field(0).unwrap();
        }
        assert!(meter.is_leaving());
        meter.leave();
        meter.field(0).unwrap();
        assert!(!meter.is_leaving());

        let meter = Meter::inline();
        meter.poll_begins();
        let large = usize::try_from(INLINE_SCANNED_MAX).unwrap() + 1;
        let scan = meter.scan(large);
        let mut scan = std::pin::pin!(scan);
        assert!(scan.as_mut().now_or_never().is_none());
        assert!(meter.is_leaving());
        meter.leave();
        meter.poll_begins();
        scan.now_or_never().unwrap().unwrap();
    }
}
