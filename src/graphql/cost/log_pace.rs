//! The pace at which the event feeds of one client read the part of the log that is no longer in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::auth::Client;
use crate::limits::{FEED_CLIENTS_PACED, FEED_EVENTS_A_SECOND};

/// For each client, the moment at which the time of the events that it has taken is over.
#[derive(Debug, Default)]
pub struct LogPace(Mutex<HashMap<Client, Instant>>);

impl LogPace {
    /// Waits until the client may read `events` more: [`FEED_EVENTS_A_SECOND`] a second over all its feeds.
    pub async fn take(&self, client: &Client, events: usize) {
        sleep_until(self.reserve(client, events, Instant::now())).await;
    }

    /// The moment at which the client may go on; the time of these events begins then.
    fn reserve(&self, client: &Client, events: usize, now: Instant) -> Instant {
        let mut paced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paced.len() >= FEED_CLIENTS_PACED {
            paced.retain(|_, until| *until > now);
        }
        let until = paced.entry(client.clone()).or_insert(now);
        let begins = (*until).max(now);
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        *until = begins + Duration::from_secs(1) / FEED_EVENTS_A_SECOND * events;
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Client {
        Client::Token(number.to_string().into())
    }

    #[test]
    fn a_client_has_its_events_a_second_over_all_its_feeds() {
        let (pace, now) = (LogPace::default(), Instant::now());
        let second = usize::try_from(FEED_EVENTS_A_SECOND).unwrap();
        assert_eq!(pace.reserve(&client(1), second / 2, now), now);
        assert_eq!(pace.reserve(&client(1), second, now), now + Duration::from_millis(500));
        assert_eq!(pace.reserve(&client(1), 1, now), now + Duration::from_millis(1_500));
        assert_eq!(pace.reserve(&client(2), second, now), now, "others do not wait for it");
        let later = now + Duration::from_secs(9);
        assert_eq!(pace.reserve(&client(1), 1, later), later, "nothing is saved up or owed");
    }

    #[test]
    fn clients_that_are_gone_are_forgotten() {
        let (pace, now) = (LogPace::default(), Instant::now());
        for number in 0..5 * u32::try_from(FEED_CLIENTS_PACED).unwrap() {
            pace.reserve(&client(number), 1, now + Duration::from_secs(number.into()));
        }
        assert!(pace.0.lock().unwrap().len() <= FEED_CLIENTS_PACED);
    }
}
