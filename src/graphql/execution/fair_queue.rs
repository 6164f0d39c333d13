//! A queue that gives its clients equal time, however much each of them puts into it.
//!
//! Each client has a clock that runs while its items are worked on. The client whose clock shows least has the next
//! turn; a client's own items keep the order of arrival. A client that comes, or comes back, begins at the time of the
//! last turn: it need not wait for what others have used before, and saves nothing up.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

#[derive(Debug)]
pub struct FairQueue<K, T> {
    waiting: HashMap<K, VecDeque<T>>,
    /// The clocks of clients with items, and of clients that had turns lately.
    clocks: HashMap<K, Duration>,
    /// The clock of the last client that had a turn, as it was then. Never falls.
    now: Duration,
    length: usize,
    /// The number of clocks beyond which those of clients without items are forgotten.
    clocks_max: usize,
}

impl<K: Eq + Hash + Clone, T> FairQueue<K, T> {
    pub fn new(clocks_max: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            clocks: HashMap::new(),
            now: Duration::ZERO,
            length: 0,
            clocks_max,
        }
    }

    pub const fn waiting(&self) -> usize {
        self.length
    }

    /// The number of the client's items.
    pub fn len_of(&self, client: &K) -> usize {
        self.waiting.get(client).map_or(0, VecDeque::len)
    }

    /// Adds an item behind all of the client's.
    pub fn push(&mut self, client: K, item: T) {
        self.queue_of(client).push_back(item);
    }

    /// Adds an item before all of the client's.
    pub fn push_first(&mut self, client: K, item: T) {
        self.queue_of(client).push_front(item);
    }

    fn queue_of(&mut self, client: K) -> &mut VecDeque<T> {
        self.length += 1;
        let now = self.now;
        if !self.waiting.contains_key(&client) {
            self.forget();
            let clock = self.clocks.entry(client.clone()).or_default();
            *clock = (*clock).max(now);
        }
        self.waiting.entry(client).or_default()
    }

    /// Takes the first item of the client whose turn it is, among clients whose first item may go now.
    pub fn pop_if(&mut self, may_go: impl Fn(&T) -> bool) -> Option<(K, T)> {
        let client = self.next(may_go)?.clone();
        self.now = self.now.max(self.clock(&client));
        let queue = self.waiting.get_mut(&client)?;
        let item = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&client);
        }
        self.length -= 1;
        Some((client, item))
    }

    /// The first item of the client whose turn it is.
    pub fn first(&self) -> Option<(&K, &T)> {
        let client = self.next(|_| true)?;
        self.waiting.get(client)?.front().map(|item| (client, item))
    }

    /// Whether somebody else has a turn before this client, if it comes now.
    pub fn has_before(&self, client: &K, may_go: impl Fn(&T) -> bool) -> bool {
        let next = self.next(may_go).filter(|next| *next != client);
        next.is_some_and(|next| self.clock(next) < self.clock(client))
    }

    fn next(&self, may_go: impl Fn(&T) -> bool) -> Option<&K> {
        let ready = self.waiting.iter().filter(|(_, queue)| queue.front().is_some_and(&may_go));
        ready.map(|(client, _)| client).min_by_key(|client| self.clock(client))
    }

    /// Removes a client's item that needs no turn any more.
    pub fn remove(&mut self, client: &K, is_it: impl Fn(&T) -> bool) {
        let Some(queue) = self.waiting.get_mut(client) else { return };
        let before = queue.len();
        queue.retain(|item| !is_it(item));
        self.length -= before - queue.len();
        if queue.is_empty() {
            self.waiting.remove(client);
        }
    }

    /// Adds work to the client's clock.
    pub fn charge(&mut self, client: &K, work: Duration) {
        let now = self.now;
        let clock = self.clocks.entry(client.clone()).or_insert(now);
        *clock = (*clock).max(now) + work;
    }

    /// Subtracts work that was charged before it was done.
    pub fn refund(&mut self, client: &K, work: Duration) {
        if let Some(clock) = self.clocks.get_mut(client) {
            *clock = clock.saturating_sub(work);
        }
    }

    /// The time of the client's clock, or its time if the client came now.
    pub fn clock(&self, client: &K) -> Duration {
        self.clocks.get(client).copied().unwrap_or_default().max(self.now)
    }

    /// Keeps the clocks bounded: a client whose clock shows no more than now would begin at now as well.
    fn forget(&mut self) {
        if self.clocks.len() < self.clocks_max {
            return;
        }
        let (now, waiting) = (self.now, &self.waiting);
        self.clocks.retain(|client, clock| *clock > now || waiting.contains_key(client));
        if self.clocks.len() >= self.clocks_max {
            self.clocks.retain(|client, _| waiting.contains_key(client));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(1);

    /// The clients of the next turns, each of which takes the client's number of ticks.
    fn course(queue: &mut FairQueue<u32, u32>, count: usize) -> Vec<u32> {
        let mut course = Vec::new();
        for _ in 0..count {
            let Some((client, item)) = queue.pop_if(|_| true) else { break };
            queue.charge(&client, TICK * client);
            queue.push(client, item);
            course.push(client);
        }
        course
    }

    #[test]
    fn two_clients_alternate_however_much_one_of_them_waits_for() {
        let mut queue = FairQueue::new(8);
        for item in 0..1_000 {
            queue.push(7, item);
        }
        queue.pop_if(|_| true);
        queue.charge(&7, TICK);
        queue.push(8, 0);
        let mut order = Vec::new();
        for _ in 0..6 {
            let (client, _) = queue.pop_if(|_| true).unwrap();
            queue.charge(&client, TICK);
            queue.push(client, 0);
            order.push(client);
        }
        // Either may come first where both have had as much.
        let of_one = order.iter().filter(|&&client| client == 8).count();
        assert!((3..=4).contains(&of_one), "{order:?}");
        assert!(
            order.windows(3).all(|three| three.contains(&7) && three.contains(&8)),
            "{order:?}"
        );
    }

    #[test]
    fn clients_have_equal_time_and_not_equal_numbers_of_turns() {
        let mut queue = FairQueue::new(8);
        queue.push(1, 0);
        queue.push(10, 0);
        let course = course(&mut queue, 110);
        let of = |client: u32| course.iter().filter(|&&it| it == client).count();
        assert!(of(1) >= 99 && of(10) >= 9, "{course:?}");
    }

    #[test]
    fn a_client_that_comes_neither_waits_for_the_past_nor_has_saved_time() {
        let mut queue = FairQueue::new(8);
        queue.push(1, 0);
        course(&mut queue, 1_000);
        queue.push(2, 0);
        // The client that was there does not wait for the thousand turns.
        let mut after = course(&mut queue, 30);
        after.truncate(3);
        assert!(after.contains(&1) && after.contains(&2), "{after:?}");
    }

    #[test]
    fn an_item_that_may_not_go_yet_lets_others_go() {
        let mut queue = FairQueue::new(8);
        queue.push(1, 1);
        queue.push(2, 2);
        queue.charge(&2, TICK * 100);
        assert_eq!(queue.pop_if(|&item| item == 2), Some((2, 2)));
        assert_eq!(queue.pop_if(|&item| item == 2), None);
        queue.push_first(1, 0);
        assert_eq!(queue.pop_if(|_| true), Some((1, 0)));
        queue.remove(&1, |&item| item == 1);
        assert_eq!((queue.waiting(), queue.pop_if(|_| true)), (0, None));
    }

    #[test]
    fn clocks_are_bounded() {
        let mut queue = FairQueue::new(8);
        for client in 0..10_000 {
            queue.push(client, 0);
            queue.pop_if(|_| true);
            queue.charge(&client, TICK);
        }
        assert!(queue.clocks.len() <= 9, "{}", queue.clocks.len());
    }
}
