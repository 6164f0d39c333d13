//! Draining: a stop ends sockets and streams one after the other, so that not all clients come back at once.

use std::time::Duration;

use crate::limits::{DRAIN_EACH, DRAIN_SPREAD_MAX};

/// The time over which `open` sockets and streams are ended.
pub fn spread(open: usize) -> Duration {
    let each = DRAIN_EACH * u32::try_from(open).unwrap_or(u32::MAX);
    if open <= 1 { Duration::ZERO } else { each.min(DRAIN_SPREAD_MAX) }
}

/// The part of that time, from 0 to 1, after which the socket or stream of this number is ended: numbers in
/// a row are far apart, and all together are evenly spread.
#[expect(clippy::cast_precision_loss, reason = "a number beyond 2^53 is spread a little worse")]
pub fn part(number: u64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    (number as f64 * GOLDEN).fract()
}
