//! A subscriber of a channel: the state that it was sent last, and the way to its connection.
//!
//! A publication reaches the subscriber in one of two ways. While its task waits and the window is over, the channel's
//! task sends the message through the [`DirectSink`]. Else the subscriber is woken and takes the newest publication
//! itself.
//!
//! *Concurrency.* Both ways advance the serial under the lock of `progress`, and the direct way stays closed until the
//! subscriber's task has sent what it took: so no state is sent twice, and no older state after a newer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::direct::DirectSink;
use super::message::Message;
use crate::auth::Client;

/// A subscriber of one channel.
pub struct Subscriber {
    client: Client,
    sink: Option<Box<dyn DirectSink>>,
    progress: Mutex<Progress>,
    /// Signalled when there is a newer publication than was sent.
    changed: Notify,
}

/// The newest publication that a subscriber was sent.
struct Progress {
    /// The serial of the newest publication that was sent directly, or given to the subscriber's task.
    serial: u64,
    /// The earliest moment of the next message.
    not_before: Instant,
    /// Whether the subscriber's task waits, so that all that it was given was sent.
    is_waiting: bool,
}

/// The next step of a subscriber's task.
enum Next {
    /// Sends the newest publication.
    Send,
    WaitUntil(Instant),
    WaitForChange,
}

impl Subscriber {
    pub fn new(client: Client, sink: Option<Box<dyn DirectSink>>) -> Self {
        let progress = Progress { serial: 0, not_before: Instant::now(), is_waiting: false };
        Self { client, sink, progress: Mutex::new(progress), changed: Notify::new() }
    }

    /// The client that executions of the channel may be charged to.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts with the state of that serial, which the subscriber's own task sends.
    pub fn begin(&self, serial: u64, not_before: Instant) {
        *self.progress() = Progress { serial, not_before, is_waiting: false };
    }

    /// Offers the publication of that serial to a subscriber that waits and has nothing as new. Sends the message
    /// directly, or wakes the subscriber: while the window lasts, when the connection has no room, and when `message`
    /// is `None`, since the subscriber itself must act on that publication.
    pub fn offer(&self, serial: u64, message: Option<&Message>) {
        let mut progress = self.progress();
        // A subscriber that is not waiting checks again before it waits, so no wake-up is lost.
        if !progress.is_waiting || progress.serial >= serial {
            return;
        }
        if let (Some(sink), Some(message)) = (&self.sink, message)
            && Instant::now() >= progress.not_before
            && sink.try_send(message)
        {
            message.note_sent();
            progress.serial = serial;
        } else {
            progress.is_waiting = false;
            self.changed.notify_one();
        }
    }

    /// Waits for a publication newer than all that was sent, and gives it; those in between are passed over.
    /// `published` gives the newest with its serial. Must be called again only once the publication was sent.
    pub async fn next<T>(&self, published: impl Fn() -> Option<(u64, T)>) -> T {
        loop {
            let found = published();
            let newest = found.as_ref().map(|(serial, _)| *serial);
            match self.decide(newest) {
                Next::Send => return found.expect("it has a serial").1,
                Next::WaitUntil(then) => sleep_until(then).await,
                // Published between the check and `is_waiting = true`: no `offer` covered it.
                Next::WaitForChange if published().map(|(serial, _)| serial) != newest => {}
                Next::WaitForChange => self.changed.notified().await,
            }
        }
    }

    fn decide(&self, newest: Option<u64>) -> Next {
        let mut progress = self.progress();
        match newest.filter(|&newest| newest > progress.serial) {
            None => {
                progress.is_waiting = true;
                Next::WaitForChange
            }
            Some(newest) => {
                progress.is_waiting = false;
                if Instant::now() < progress.not_before {
                    return Next::WaitUntil(progress.not_before);
                }
                progress.serial = newest;
                Next::Send
            }
        }
    }

    /// Ends direct sending: no later [`Self::offer`] sends anything.
    pub fn close(&self) {
        self.progress().is_waiting = false;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use async_graphql::{Response, Value};
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;
    use crate::domain::Version;
    use crate::feed::cursor::Cursor;
    use crate::graphql::execution::result::ResultBytes;

    fn client() -> Client {
        Client::Address(std::net::Ipv4Addr::LOCALHOST.into())
    }

    /// The serials that were received, in order, and how many of them were sent directly.
    #[derive(Default)]
    struct Heard(Mutex<(Vec<u64>, usize)>);

    struct Sometimes {
        heard: Arc<Heard>,
        rng: Mutex<fastrand::Rng>,
    }

    impl DirectSink for Sometimes {
        fn try_send(&self, message: &Message) -> bool {
            let has_room = self.rng.lock().unwrap().bool();
            if has_room {
                let mut heard = self.heard.0.lock().unwrap();
                heard.0.push(u64::try_from(message.mark.unwrap().version.0).unwrap());
                heard.1 += 1;
            }
            has_room
        }
    }

    #[expect(clippy::cast_possible_wrap, reason = "few")]
    fn message(serial: u64) -> Message {
        let result = Arc::new(ResultBytes::of(&Response::new(Value::Null)));
        let mark = Some(Cursor { version: Version(serial as i64), tag: 0 });
        Message { mark, ..Message::of(result) }
    }

    /// Both ways of sending race: the newest state is received in the end, and no older state after a newer.
    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn serials_received_only_rise_and_end_with_the_newest() {
        const LAST: u64 = 2_000;
        let (mut by_lane, mut in_all) = (0, 0);
        for seed in 0..40 {
            let heard = Arc::new(Heard::default());
            let rng = Mutex::new(fastrand::Rng::with_seed(seed));
            let sink = Sometimes { heard: Arc::clone(&heard), rng };
            let subscriber = Arc::new(Subscriber::new(client(), Some(Box::new(sink))));
            subscriber.begin(0, Instant::now() + Duration::from_millis(seed % 3));
            let published = Arc::new(AtomicU64::new(0));
            let following = tokio::spawn({
                let (subscriber, published, heard) =
                    (subscriber.clone(), published.clone(), heard.clone());
                async move {
                    let mut rng = fastrand::Rng::with_seed(seed);
                    let newest =
                        || Some(published.load(Ordering::SeqCst)).map(|serial| (serial, serial));
                    loop {
                        let serial = subscriber.next(newest).await;
                        // Sending takes a while.
                        for _ in 0..rng.u8(..3) {
                            yield_now().await;
                        }
                        heard.0.lock().unwrap().0.push(serial);
                    }
                }
            });
            let mut rng = fastrand::Rng::with_seed(seed + 1);
            for serial in 1..=LAST {
                published.store(serial, Ordering::SeqCst);
                subscriber.offer(serial, Some(&message(serial)).filter(|_| rng.u8(..10) > 0));
                if rng.u8(..4) == 0 {
                    yield_now().await;
                }
            }
            let last = async {
                while heard.0.lock().unwrap().0.last() != Some(&LAST) {
                    yield_now().await;
                }
            };
            timeout(Duration::from_secs(60), last).await.expect("the newest is received");
            following.abort();
            let heard = heard.0.lock().unwrap();
            assert!(heard.0.is_sorted_by(|before, after| before < after), "seed {seed}");
            by_lane += heard.1;
            in_all += heard.0.len();
        }
        // Both ways were taken, how often depends on who has a processor.
        assert!(by_lane > 20 && in_all - by_lane > 20, "{by_lane} of {in_all}");
    }

    #[test]
    fn nothing_is_sent_directly_unless_the_subscriber_waits() {
        let heard = Arc::new(Heard::default());
        struct Always(Arc<Heard>);
        impl DirectSink for Always {
            fn try_send(&self, _: &Message) -> bool {
                self.0.0.lock().unwrap().1 += 1;
                true
            }
        }
        let subscriber = Subscriber::new(client(), Some(Box::new(Always(Arc::clone(&heard)))));
        let count = || heard.0.lock().unwrap().1;
        subscriber.begin(1, Instant::now());
        subscriber.offer(2, Some(&message(2)));
        assert_eq!(count(), 0);
        assert!(matches!(subscriber.decide(Some(2)), Next::Send));
        subscriber.offer(3, Some(&message(3)));
        assert_eq!(count(), 0);
        assert!(matches!(subscriber.decide(Some(3)), Next::Send));
        assert!(matches!(subscriber.decide(Some(3)), Next::WaitForChange));
        subscriber.offer(3, Some(&message(3)));
        assert_eq!(count(), 0);
        subscriber.offer(4, Some(&message(4)));
        assert_eq!(count(), 1);
        // The subscriber finds a newer state itself, ahead of the offer.
        assert!(matches!(subscriber.decide(Some(5)), Next::Send));
        subscriber.offer(6, Some(&message(6)));
        assert_eq!(count(), 1);
        assert!(matches!(subscriber.decide(Some(5)), Next::WaitForChange));
        subscriber.close();
        subscriber.offer(7, Some(&message(7)));
        assert_eq!(count(), 1);
    }

    /// A state is published and offered after the check, just before the subscriber begins to wait.
    #[tokio::test]
    async fn a_state_published_just_before_the_wait_is_found() {
        let subscriber = Subscriber::new(client(), None);
        subscriber.begin(1, Instant::now());
        let published = AtomicU64::new(1);
        let newest = || {
            let serial = published.swap(2, Ordering::SeqCst);
            if serial == 1 {
                subscriber.offer(2, None);
            }
            Some((serial, serial))
        };
        let found = timeout(Duration::from_secs(60), subscriber.next(newest)).await;
        assert_eq!(found.expect("it is found"), 2);
    }
}
