//! How a stop is spread, so that not all clients come back at once.

use std::time::Duration;

use crate::limits::{DRAIN_EACH, DRAIN_SPREAD_MAX};

/// The time over which so many are ended.
pub fn spread(open: usize) -> Duration {
    let each = DRAIN_EACH * u32::try_from(open).unwrap_or(u32::MAX);
    if open <= 1 { Duration::ZERO } else { each.min(DRAIN_SPREAD_MAX) }
}

/// When in that time one of them is, as a part of it: those that came one after the other are far
/// apart, and all together evenly spread.
#[expect(clippy::cast_precision_loss, reason = "a number beyond 2^53 is spread a little worse")]
pub fn share(number: u64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    (number as f64 * GOLDEN).fract()
}
