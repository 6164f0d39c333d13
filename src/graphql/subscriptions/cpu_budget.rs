//! The CPU budget: the part of the machine's time that channels have together.
//!
//! Clients take turns ([`crate::graphql::execution::fair_queue`]). When channels want more than the budget, the windows
//! of those clients widen that want most.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::auth::Client;
use crate::graphql::execution::debt::Debt;
use crate::graphql::execution::fair_queue::FairQueue;
use crate::limits::{CHANNELS_AHEAD, CHANNELS_BEHIND, CHANNELS_SHARE, CLIENTS_CLOCKED};

/// Admits work at [`CHANNELS_SHARE`] of all cores, the client first that has used least. Work up to [`CHANNELS_AHEAD`]
/// does not wait.
#[derive(Debug)]
pub struct CpuBudget {
    state: Mutex<State>,
    /// Seconds of CPU time for each second.
    rate: f64,
}

#[derive(Debug)]
struct State {
    queue: FairQueue<Client, Arc<Notify>>,
    debt: Debt,
}

impl Default for CpuBudget {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = f64::from(u32::try_from(cores).unwrap_or(u32::MAX));
        Self::new(CHANNELS_SHARE * cores)
    }
}

impl CpuBudget {
    fn new(rate: f64) -> Self {
        let queue = FairQueue::new(CLIENTS_CLOCKED);
        Self { state: Mutex::new(State { queue, debt: Debt::new(Instant::now()) }), rate }
    }

    /// Waits until it is the client's turn and there is time for a piece of work, then charges the `cost` that it is
    /// expected to take. [`Self::charge`] takes the true cost, and [`Self::refund`] gives the expected cost back.
    pub async fn acquire(&self, client: &Client, cost: Duration) {
        let waiter = Waiter { budget: self, client, woken: Arc::default() };
        self.state().queue.push(client.clone(), Arc::clone(&waiter.woken));
        loop {
            match self.try_turn(&waiter, cost) {
                Try::Go => return,
                // A client whose turn is earlier may come meanwhile.
                Try::Wait(wait) => drop(timeout(wait, waiter.woken.notified()).await),
                Try::Behind => waiter.woken.notified().await,
            }
        }
    }

    fn try_turn(&self, waiter: &Waiter<'_>, cost: Duration) -> Try {
        let mut state = self.state();
        let is_first =
            state.queue.first().is_some_and(|(_, first)| Arc::ptr_eq(first, &waiter.woken));
        if !is_first {
            state.wake_first();
            return Try::Behind;
        }
        let wait = state.debt.wait(Instant::now(), self.rate, CHANNELS_AHEAD);
        if !wait.is_zero() {
            return Try::Wait(wait);
        }
        state.queue.pop_if(|_| true);
        state.queue.charge(waiter.client, cost);
        state.debt.add(cost);
        state.wake_first();
        Try::Go
    }

    /// Charges the client for work that was done.
    pub fn charge(&self, client: &Client, cost: Duration) {
        let mut state = self.state();
        state.queue.charge(client, cost);
        state.debt.add(cost);
        state.debt.bound(CHANNELS_BEHIND);
        state.wake_first();
    }

    /// Gives back the expected cost that [`Self::acquire`] charged, once the work is done.
    pub fn refund(&self, client: &Client, expected: Duration) {
        let mut state = self.state();
        state.queue.refund(client, expected);
        state.debt.forgive(expected);
        state.wake_first();
    }

    /// The client of these that has used least.
    pub fn least(&self, clients: impl Iterator<Item = Client>) -> Option<Client> {
        let state = self.state();
        clients.min_by_key(|client| state.queue.clock(client))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Try {
    Go,
    Wait(Duration),
    Behind,
}

impl State {
    fn wake_first(&self) {
        if let Some((_, first)) = self.queue.first() {
            first.notify_one();
        }
    }
}

/// A task that waits for its client's turn. Dropping it passes the turn on.
struct Waiter<'a> {
    budget: &'a CpuBudget,
    client: &'a Client,
    woken: Arc<Notify>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        state.queue.remove(self.client, |it| Arc::ptr_eq(it, &self.woken));
        state.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const RATE: f64 = 0.5;
    const COST: Duration = Duration::from_millis(10);

    #[test]
    fn work_beyond_the_budget_waits() {
        let began = Instant::now();
        let (mut now, mut debt) = (began, Debt::new(began));
        let mut waits = Vec::new();
        for _ in 0..100 {
            let wait = debt.wait(now, RATE, CHANNELS_AHEAD);
            waits.push(wait);
            now += wait;
            assert_eq!(debt.wait(now, RATE, CHANNELS_AHEAD), Duration::ZERO);
            debt.add(COST);
        }
        // A second of work at half a core takes two, less the work that may be done ahead.
        let expected = (COST * 100 - CHANNELS_AHEAD) * 2;
        let took = now - began;
        assert!(took <= expected && took + COST * 4 >= expected, "{took:?}");
        // All wait alike.
        assert!(waits.iter().all(|&wait| wait <= COST * 2), "{waits:?}");
    }

    #[test]
    fn work_within_the_budget_never_waits() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        for _ in 0..1_000 {
            assert_eq!(debt.wait(now, RATE, CHANNELS_AHEAD), Duration::ZERO);
            debt.add(COST);
            debt.forgive(COST / 2);
            now += COST;
        }
    }

    fn client(last: u8) -> Client {
        Client::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
    }

    /// Twenty channels of one client, each of which takes a tenth of a second, beside a small channel of another
    /// client: all want their next turn at once.
    #[tokio::test]
    async fn a_client_with_little_work_does_not_wait_for_one_with_much() {
        let budget = Arc::new(CpuBudget::new(10.0));
        let (say, mut message) = tokio::sync::mpsc::unbounded_channel();
        let mut channels = tokio::task::JoinSet::new();
        for number in [1; 20].into_iter().chain([2]) {
            let (budget, say) = (Arc::clone(&budget), say.clone());
            let cost = Duration::from_millis(if number == 1 { 100 } else { 1 });
            channels.spawn(async move {
                let client = client(number);
                loop {
                    budget.acquire(&client, cost).await;
                    say.send(number).unwrap();
                    budget.charge(&client, cost);
                    budget.refund(&client, cost);
                }
            });
        }
        let (mut of_the_small, mut of_others) = (0, 0);
        let enough = async {
            while of_the_small < 50 {
                match message.recv().await {
                    Some(2) => of_the_small += 1,
                    // Turns before the first of the small channel do not count: it had not come yet.
                    _ if of_the_small > 0 => of_others += 1,
                    _ => {}
                }
            }
        };
        timeout(Duration::from_secs(60), enough).await.expect("the small channel has its turns");
        // Both clients have the same time: fifty turns of the small channel are half a turn of another.
        assert!(of_others <= 2, "{of_others}");
    }

    /// A waiter that is dropped holds up no other.
    #[tokio::test]
    async fn a_dropped_waiter_passes_its_turn_on() {
        let budget = CpuBudget::new(1.0);
        let (one, other) = (client(1), client(2));
        budget.charge(&other, CHANNELS_BEHIND);
        {
            let mut first = std::pin::pin!(budget.acquire(&one, COST));
            assert!(futures_util::poll!(&mut first).is_pending());
        }
        let waited = timeout(Duration::from_secs(60), budget.acquire(&other, COST));
        waited.await.expect("the other client has its turn");
    }
}
