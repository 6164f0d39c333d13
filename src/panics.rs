//! Panics as one line of the log: where, and what was said.
//!
//! The catcher of a panic says what comes of it, in its own line; a panic that nobody here catches is logged where it
//! happens.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;

thread_local! {
    /// Whether [`caught`] is on the stack.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
    /// The words of the last panic below it.
    static WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics lines of the log, for the whole process. With `RUST_BACKTRACE` the usual text comes too.
pub fn log() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if Backtrace::capture().status() == BacktraceStatus::Captured {
            usual(panic);
        }
        let words = words(panic);
        if IS_CAUGHT.get() {
            WORDS.set(Some(words));
        } else {
            tracing::error!(panic = words, "a fault of the program");
        }
    }));
}

fn words(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
    format!("panicked{place}: {}", said(panic.payload()))
}

fn said(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("nothing was said")
}

/// The result of the work.
///
/// # Errors
/// The words of its panic. Others must see nothing that it left half done.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = IS_CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(outer);
    // Without the hook the words were told already.
    result
        .map_err(|payload| WORDS.take().unwrap_or_else(|| format!("panicked: {}", said(&*payload))))
}

/// As [`caught`], for a future. It is dropped after its panic.
///
/// # Errors
/// The words of its panic.
pub async fn caught_in<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = pin!(future);
    poll_fn(|context| match caught(|| future.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(words) => std::task::Poll::Ready(Err(words)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_words_of_a_panic_are_given_to_who_catches_it() {
        assert_eq!(caught(|| 7), Ok(7));
        assert_eq!(
            caught(|| panic!("in the midst")),
            Err::<(), _>("panicked: in the midst".into())
        );
        let number = 3;
        let words = caught_in(async {
            tokio::task::yield_now().await;
            assert!(number < 3, "{number} is too much");
        });
        assert_eq!(words.await, Err("panicked: 3 is too much".to_owned()));
        assert!(!IS_CAUGHT.get(), "outside it is nobody's");
    }
}
