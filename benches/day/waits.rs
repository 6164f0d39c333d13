//! The time that clients of a kind waited.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub struct Waits {
    kind: &'static str,
    spans: Mutex<Vec<Duration>>,
}

impl Waits {
    pub const fn of(kind: &'static str) -> Self {
        Self { kind, spans: Mutex::new(Vec::new()) }
    }

    pub fn note(&self, span: Duration) {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone();
        spans.sort_unstable();
        let ms = |percent: usize| {
            let place = (spans.len() * percent / 100).min(spans.len().saturating_sub(1));
            spans.get(place).map_or(0.0, Duration::as_secs_f64) * 1e3
        };
        let (kind, count) = (self.kind, spans.len());
        write!(f, "{kind:<34} {count:>8} {:>9.1} {:>9.1} {:>9.1}", ms(50), ms(99), ms(100))
    }
}
