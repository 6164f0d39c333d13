//! The part of the machine's time that rooms have together, taken in turns: when they want more,
//! each waits its turn, and all their windows widen alike.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::limits::{ROOMS_AHEAD, ROOMS_SHARE};

/// Who used how much is not told apart; turns are given in the order in which they are asked for.
#[derive(Debug)]
pub struct Share {
    line: tokio::sync::Mutex<()>,
    debt: Mutex<Debt>,
    /// Seconds of work for each second.
    rate: f64,
}

/// Work done beyond what time has made up for.
#[derive(Debug, Clone, Copy)]
struct Debt {
    work: Duration,
    at: Instant,
}

impl Debt {
    fn new(now: Instant) -> Self {
        Self { work: Duration::ZERO, at: now }
    }

    /// How long until there is time for more.
    fn wait(&mut self, now: Instant, rate: f64) -> Duration {
        let made_up = now.saturating_duration_since(self.at).mul_f64(rate);
        *self = Self { work: self.work.saturating_sub(made_up), at: now };
        self.work.saturating_sub(ROOMS_AHEAD).div_f64(rate)
    }

    fn add(&mut self, work: Duration) {
        self.work += work;
    }

    /// What was expected to take so long did not, or was counted otherwise.
    fn forgive(&mut self, work: Duration) {
        self.work = self.work.saturating_sub(work);
    }
}

impl Default for Share {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = f64::from(u32::try_from(cores).unwrap_or(u32::MAX));
        Self {
            line: tokio::sync::Mutex::default(),
            debt: Mutex::new(Debt::new(Instant::now())),
            rate: ROOMS_SHARE * cores,
        }
    }
}

impl Share {
    /// Waits until there is time for a piece of work, which will take about `cost`.
    pub async fn turn(&self, cost: Duration) {
        let _first = self.line.lock().await;
        loop {
            let wait = self.debt().wait(Instant::now(), self.rate);
            if wait.is_zero() {
                break;
            }
            sleep(wait).await;
        }
        self.debt().add(cost);
    }

    /// Work that was done.
    pub fn took(&self, cost: Duration) {
        self.debt().add(cost);
    }

    /// The turn that was expected to take so long is over.
    pub fn end_turn(&self, expected: Duration) {
        self.debt().forgive(expected);
    }

    fn debt(&self) -> std::sync::MutexGuard<'_, Debt> {
        self.debt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A future, and how long it was worked on: what it waited for is not counted.
#[derive(Debug)]
pub struct Timed<F> {
    future: Pin<Box<F>>,
    worked: Duration,
}

impl<F> Timed<F> {
    pub fn new(future: F) -> Self {
        Self { future: Box::pin(future), worked: Duration::ZERO }
    }
}

impl<F: Future> Future for Timed<F> {
    type Output = (F::Output, Duration);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let began = Instant::now();
        let polled = self.future.as_mut().poll(context);
        self.worked += began.elapsed();
        polled.map(|output| (output, self.worked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 0.5;
    const COST: Duration = Duration::from_millis(10);

    #[test]
    fn work_beyond_the_share_waits() {
        let began = Instant::now();
        let (mut now, mut debt) = (began, Debt::new(began));
        let mut waits = Vec::new();
        for _ in 0..100 {
            let wait = debt.wait(now, RATE);
            waits.push(wait);
            now += wait;
            assert_eq!(debt.wait(now, RATE), Duration::ZERO);
            debt.add(COST);
        }
        // A second of work at half the time, but for what may be ahead.
        let expected = (COST * 100 - ROOMS_AHEAD) * 2;
        let took = now - began;
        assert!(took <= expected && took + COST * 4 >= expected, "{took:?}");
        // All wait alike.
        assert!(waits.iter().all(|&wait| wait <= COST * 2), "{waits:?}");
    }

    #[test]
    fn work_within_the_share_never_waits() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        for _ in 0..1_000 {
            assert_eq!(debt.wait(now, RATE), Duration::ZERO);
            debt.add(COST);
            debt.forgive(COST / 2);
            now += COST;
        }
    }

    #[tokio::test]
    async fn waiting_is_no_work() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let long = Duration::from_millis(200);
        std::thread::spawn(move || {
            std::thread::park_timeout(long);
            send.send(())
        });
        let began = Instant::now();
        let (received, worked) = Timed::new(receive).await;
        received.unwrap();
        assert!(worked < began.elapsed() / 2, "{worked:?}");
    }
}
