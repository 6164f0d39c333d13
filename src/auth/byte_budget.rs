//! Bytes of memory that clients make the server hold, bounded in all and for each client.
//!
//! As with other places, a part is kept for clients with a good token; and when bytes become scarce, one client
//! gets a small part of them at most. [`Quota`] has the amounts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::Client;
use super::quota::{NotAdmitted, Quota, Usage};

/// The budget of one kind of bytes.
#[derive(Debug)]
pub struct ByteBudget {
    quota: Quota,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    in_all: usize,
    by_strangers: usize,
    by_client: HashMap<Client, usize>,
}

/// Bytes that are held for one client. Dropping the permit gives them back.
#[derive(Debug)]
pub struct BytePermit {
    budget: Arc<ByteBudget>,
    client: Client,
    bytes: usize,
}

impl ByteBudget {
    pub fn new(quota: Quota) -> Arc<Self> {
        Arc::new(Self { quota, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that all permits hold together.
    pub fn in_all(&self) -> usize {
        self.held().in_all
    }

    /// A permit that holds nothing yet.
    pub fn permit(self: &Arc<Self>, client: Client) -> BytePermit {
        BytePermit { budget: Arc::clone(self), client, bytes: 0 }
    }
}

impl Held {
    fn add(&mut self, client: &Client, bytes: usize) {
        self.in_all += bytes;
        self.by_strangers += if client.has_token() { 0 } else { bytes };
        *self.by_client.entry(client.clone()).or_default() += bytes;
    }

    fn give_back(&mut self, client: &Client, bytes: usize) {
        self.in_all -= bytes;
        self.by_strangers -= if client.has_token() { 0 } else { bytes };
        if let Some(held) = self.by_client.get_mut(client) {
            *held -= bytes;
            if *held == 0 {
                self.by_client.remove(client);
            }
        }
    }
}

impl BytePermit {
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Gives back all bytes that the permit holds.
    pub fn clear(&mut self) {
        if self.bytes > 0 {
            self.budget.held().give_back(&self.client, self.bytes);
            self.bytes = 0;
        }
    }

    /// Transfers the bytes to another client, however many that one holds already.
    pub fn hand_over(&mut self, client: Client) {
        let mut held = self.budget.held();
        held.give_back(&self.client, self.bytes);
        held.add(&client, self.bytes);
        self.client = client;
    }

    /// Holds so many more bytes.
    ///
    /// # Errors
    /// If its client may not. The permit then holds the bytes that it held before.
    pub fn grow(&mut self, more: usize) -> Result<(), NotAdmitted> {
        let mut held = self.budget.held();
        let taken = Usage {
            in_all: held.in_all,
            by_strangers: held.by_strangers,
            by_client: held.by_client.get(&self.client).copied().unwrap_or_default(),
        };
        self.budget.quota.admit_more(taken, more, self.client.has_token())?;
        held.add(&self.client, more);
        self.bytes += more;
        Ok(())
    }

    /// Holds so many bytes in place of the present ones. A permit that holds bytes already may grow as long as any
    /// are left: an operation that has begun goes on, whoever else comes.
    ///
    /// # Errors
    /// If its client may not, or no bytes are left. The permit then holds the bytes that it held before.
    pub fn resize(&mut self, bytes: usize) -> Result<(), NotAdmitted> {
        if self.bytes == 0 {
            return self.grow(bytes);
        }
        let mut held = self.budget.held();
        if held.in_all - self.bytes + bytes > self.budget.quota.in_all.max(held.in_all) {
            return Err(NotAdmitted::Full);
        }
        held.give_back(&self.client, self.bytes);
        held.add(&self.client, bytes);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for BytePermit {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const QUOTA: Quota = Quota { in_all: 1_000, per_client: 400 };

    fn stranger(last: u8) -> Client {
        Client::Address(Ipv4Addr::new(10, 0, 0, last).into())
    }

    #[test]
    fn bytes_are_bounded_in_all_and_for_a_client_and_come_back() {
        let budget = ByteBudget::new(QUOTA);
        let mut first = budget.permit(stranger(1));
        first.grow(300).unwrap();
        let mut second = budget.permit(stranger(1));
        assert_eq!(second.grow(101), Err(NotAdmitted::TooManyFromClient));
        second.grow(100).unwrap();
        assert_eq!(budget.in_all(), 400);
        // One client may now take a tenth, and clients with a token have a quarter.
        let mut others: Vec<BytePermit> =
            (2..=5).map(|last| budget.permit(stranger(last))).collect();
        others.iter_mut().for_each(|other| other.grow(100).or_else(|_| other.grow(50)).unwrap());
        let mut late = budget.permit(stranger(6));
        assert_eq!(late.grow(101), Err(NotAdmitted::Full), "{}", budget.in_all());
        let mut holder = budget.permit(Client::Token("1".into()));
        assert_eq!(holder.grow(101), Err(NotAdmitted::TooManyFromClient));
        holder.grow(100).unwrap();
        drop((first, second, others, late, holder));
        assert_eq!(budget.in_all(), 0);
        let held = budget.held();
        assert_eq!((held.by_strangers, held.by_client.len()), (0, 0));
    }

    #[test]
    fn what_is_there_may_grow_while_there_is_anything_left() {
        let budget = ByteBudget::new(QUOTA);
        let mut state = budget.permit(stranger(1));
        state.resize(400).unwrap();
        let mut another = budget.permit(stranger(1));
        assert_eq!(another.resize(1), Err(NotAdmitted::TooManyFromClient), "it holds nothing yet");
        state.resize(900).unwrap();
        let mut third = budget.permit(stranger(2));
        assert_eq!(third.resize(10), Err(NotAdmitted::Full), "a quarter is kept for tokens");
        state.resize(1_000).unwrap();
        assert_eq!(state.resize(1_001), Err(NotAdmitted::Full));
        assert_eq!(budget.in_all(), 1_000, "what did not fit took nothing");
        state.resize(10).unwrap();
        assert_eq!(budget.in_all(), 10);
        third.resize(10).unwrap();
    }
}
