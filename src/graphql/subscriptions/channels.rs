//! Channels: all subscribers of the same state, and one execution for all of them.
//!
//! A channel opens with the first subscriber of its key and closes with the last, or with an execution that it cannot
//! show: that is the last thing that its subscribers are sent. It is executed again
//! when a dependency of its last execution has changed, at most once for each window, and whenever
//! a new subscriber would otherwise get an older state than could be read when it subscribed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_graphql::ServerError;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::channel::{Channel, Published, may_show};
use super::cpu_budget::CpuBudget;
use super::subscriber::Subscriber;
use crate::auth::Client;
use crate::auth::byte_budget::ByteBudget;
use crate::auth::quota::{NotAdmitted, Quota, Usage};
use crate::board::Snapshot;
use crate::domain::Version;
use crate::error::{self, Code};
use crate::graphql::cache::{CacheEntry, CachedResult, Lookup, ResultKey};
use crate::graphql::context::EventFeedMode;
use crate::graphql::cost::held::{Held, HeldInAll, HeldPermit};
use crate::graphql::execution::changes::StampKeys;
use crate::graphql::execution::{Execution, Executor, Operation};
use crate::limits::{
    CHANNEL_CLIENTS_LOOKED_AT, CHANNEL_COST_FIRST, CHANNELS_RETRY, CHANNELS_WATCH_SHARE,
    FEED_WINDOW,
};
use crate::measure;
use crate::messages::ErrorMessage;
use crate::panics::caught_in;
use crate::supervisor::Supervisor;

/// All channels of a server.
pub struct Channels {
    executor: Arc<Executor>,
    budget: CpuBudget,
    quota: Quota,
    /// Bytes of the states that they show, and of what those hold who follow something.
    bytes: Arc<ByteBudget>,
    held: Arc<HeldInAll>,
    open: Mutex<OpenChannels>,
}

#[derive(Default)]
struct OpenChannels {
    channels: HashMap<u64, OpenChannel>,
    shared: HashMap<ResultKey, u64>,
    /// Channels that each client opened.
    by_opener: HashMap<Client, usize>,
    /// Channels that clients without a token opened.
    by_strangers: usize,
    opened: u64,
    subscribed: u64,
}

struct OpenChannel {
    channel: Arc<Channel>,
    /// `None` for a private channel.
    key: Option<ResultKey>,
    opener: Client,
    task: AbortHandle,
}

/// One subscription of a channel. Dropping it unsubscribes, and dropping the last closes the channel.
pub struct Receiver {
    channels: Arc<Channels>,
    channel_number: u64,
    channel: Arc<Channel>,
    number: u64,
    subscriber: Arc<Subscriber>,
}

impl Channels {
    /// Spawns the task that watches for changes, so it must be called within a runtime.
    pub fn new(
        executor: Arc<Executor>,
        quota: Quota,
        bytes: Quota,
        supervisor: &Supervisor,
    ) -> Arc<Self> {
        let channels = Self::unwatched(executor, quota, bytes);
        channels.watch_by(supervisor, Self::wake_stale);
        channels
    }

    fn unwatched(executor: Arc<Executor>, quota: Quota, bytes: Quota) -> Arc<Self> {
        let bytes = ByteBudget::new(bytes);
        let held = HeldInAll::new(Arc::clone(&bytes));
        let (budget, open) = (CpuBudget::default(), Mutex::default());
        Arc::new(Self { executor, budget, quota, bytes, held, open })
    }

    fn watch_by(self: &Arc<Self>, supervisor: &Supervisor, wake_stale: fn(&Self)) {
        let versions = self.executor.hub.versions();
        let watch = watch(Arc::downgrade(self), versions, wake_stale);
        supervisor.spawn("the watch of channels", watch);
    }

    /// Wakes the channels whose dependencies have changed.
    fn wake_stale(&self) {
        let snapshot = self.executor.hub.latest();
        let open = self.open();
        let stale = open.channels.values().filter(|entry| entry.channel.is_stale(&snapshot));
        stale.for_each(|entry| entry.channel.wake());
    }

    fn open(&self) -> MutexGuard<'_, OpenChannels> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the client's turn in the CPU budget of channels, and charges the `cost` of other work.
    pub async fn take_turn(&self, client: &Client, cost: Duration) {
        self.budget.acquire(client, cost).await;
    }

    /// The number of open channels, and of the subscribers of all of them.
    pub fn count(&self) -> (usize, usize) {
        let open = self.open();
        (
            open.channels.len(),
            open.channels.values().map(|entry| entry.channel.subscribers().len()).sum(),
        )
    }

    /// Takes the memory that an operation holds as long as it follows something.
    ///
    /// # Errors
    /// When there is none.
    pub fn hold(&self, operation: &Operation) -> Result<HeldPermit, ServerError> {
        let held = Held::by(&operation.document, operation.operation_name(), &operation.variables);
        self.held.take(&held, &operation.client).map_err(of_bytes)
    }

    /// Bytes of the states that all of them show, and of what those hold who follow something.
    pub fn bytes(&self) -> usize {
        self.bytes.in_all()
    }

    /// Whether a channel of the operation is open already.
    pub fn is_open(&self, operation: &Operation) -> bool {
        self.open().shared.contains_key(&ResultKey::of(operation))
    }

    /// Subscribes to the channel that all of the same key share, and opens it if need be.
    ///
    /// # Errors
    /// When it must be opened and would be one channel too many, for the server or for the client.
    pub fn subscribe_shared(
        self: &Arc<Self>,
        operation: &Operation,
        subscriber: Arc<Subscriber>,
    ) -> Result<Receiver, NotAdmitted> {
        let key = ResultKey::of(operation);
        let mut open = self.open();
        let number = match open.shared.get(&key) {
            Some(&number) => number,
            None => self.make(&mut open, operation.for_audience(), Some(key))?,
        };
        Ok(self.receiver(&mut open, number, subscriber))
    }

    /// Opens a channel for this subscriber alone.
    ///
    /// # Errors
    /// When it would be one channel too many, for the server or for the client.
    pub fn subscribe_private(
        self: &Arc<Self>,
        operation: &Operation,
        subscriber: Arc<Subscriber>,
    ) -> Result<Receiver, NotAdmitted> {
        let mut open = self.open();
        let number = self.make(&mut open, operation.clone(), None)?;
        Ok(self.receiver(&mut open, number, subscriber))
    }

    fn make(
        self: &Arc<Self>,
        open: &mut OpenChannels,
        operation: Operation,
        key: Option<ResultKey>,
    ) -> Result<u64, NotAdmitted> {
        let opener = operation.client.clone();
        let taken = Usage {
            in_all: open.channels.len(),
            by_strangers: open.by_strangers,
            by_client: open.by_opener.get(&opener).copied().unwrap_or_default(),
        };
        self.quota.admit(taken, opener.has_token())?;
        *open.by_opener.entry(opener.clone()).or_default() += 1;
        open.by_strangers += usize::from(!opener.has_token());
        open.opened += 1;
        let number = open.opened;
        let channel = Arc::new(Channel {
            entry: CacheEntry::of_states(),
            stamps: StampKeys::of(&operation.document.parsed, operation.operation_name())
                .map(Arc::new),
            operation,
            published: Mutex::default(),
            subscribers: Mutex::default(),
            changed: Notify::new(),
            changed_at: Mutex::default(),
            cost: Mutex::new(CHANNEL_COST_FIRST),
            is_shared: key.is_some(),
            bytes: Mutex::new(self.bytes.permit(opener.clone())),
        });
        let keeping = Arc::clone(self).keep(number, Arc::clone(&channel));
        let task = tokio::spawn(keeping).abort_handle();
        if let Some(key) = &key {
            open.shared.insert(key.clone(), number);
        }
        open.channels.insert(number, OpenChannel { channel, key, opener, task });
        Ok(number)
    }

    fn receiver(
        self: &Arc<Self>,
        open: &mut OpenChannels,
        channel_number: u64,
        subscriber: Arc<Subscriber>,
    ) -> Receiver {
        open.subscribed += 1;
        let number = open.subscribed;
        let entry = open.channels.get(&channel_number).expect("it is there, or was just made");
        let channel = Arc::clone(&entry.channel);
        channel.subscribers().insert(number, Arc::clone(&subscriber));
        Receiver { channels: Arc::clone(self), channel_number, channel, number, subscriber }
    }

    fn leave(&self, channel_number: u64, number: u64) {
        let mut open = self.open();
        let Some(entry) = open.channels.get(&channel_number) else { return };
        let is_empty = {
            let mut subscribers = entry.channel.subscribers();
            subscribers.remove(&number);
            subscribers.is_empty()
        };
        if is_empty && let Some(gone) = open.channels.remove(&channel_number) {
            gone.task.abort();
            // The task goes when it is looked at next, and the room with it.
            gone.channel.bytes().clear();
            open.by_strangers -= usize::from(!gone.opener.has_token());
            if let Some(opened) = open.by_opener.get_mut(&gone.opener) {
                *opened -= 1;
                if *opened == 0 {
                    open.by_opener.remove(&gone.opener);
                }
            }
            open.unshare(channel_number, gone.key.as_ref());
        }
    }

    /// Keeps the channel until its last execution, and shows that.
    async fn keep(self: Arc<Self>, number: u64, channel: Arc<Channel>) {
        let kept = caught_in(self.keep_published(&channel)).await;
        let (last, changed_at) = kept.unwrap_or_else(|words| {
            metrics::counter!(measure::PANICS, "of" => "channel").increment(1);
            let error = error::internal(anyhow::anyhow!("a channel {words}"));
            let language = channel.operation.language();
            (self.executor.failed(error::of_no_place(error), language), None)
        });
        {
            // A later subscriber opens a new one.
            let mut open = self.open();
            let key = open.channels.get(&number).and_then(|entry| entry.key.clone());
            open.unshare(number, key.as_ref());
        }
        channel.end(Published::State { cached: Arc::new(CachedResult::last(last)), changed_at });
    }

    /// Publishes the newest state after each change, at most once for each window, until an execution cannot be shown.
    async fn keep_published(&self, channel: &Channel) -> (Execution, Option<Instant>) {
        let mut last = Instant::now();
        loop {
            channel.changed.notified().await;
            sleep_until(last + FEED_WINDOW).await;
            let due = Instant::now();
            let (client, expected) = (self.client(channel), channel.cost());
            self.budget.acquire(&client, expected).await;
            metrics::histogram!(measure::CHANNEL_WAIT).record(due.elapsed());
            last = Instant::now();
            let changed_at = channel.changed_at().take();
            let found = self.now(channel, &client, &self.executor.hub.latest()).await;
            self.budget.refund(&client, expected);
            let published = match found {
                Lookup::Cached(cached) => Published::State { cached, changed_at },
                // The publication stays until the channel has a whole state again, and memory for
                // it.
                Lookup::Uncached(execution) if execution.lacks_database => {
                    sleep(CHANNELS_RETRY).await;
                    channel.wake();
                    continue;
                }
                Lookup::Uncached(execution) => return (*execution, changed_at),
                Lookup::Private => Published::NoLongerShared,
            };
            if channel.serial().is_none_or(|before| before < published.serial()) {
                channel.publish(published).await;
            } else if let Published::State { cached, .. } = published {
                channel.renew(&cached);
            }
        }
    }

    /// The client in whose turn the channel is executed: the subscriber's that has used least CPU time, so that no
    /// subscriber waits because another client follows much besides.
    fn client(&self, channel: &Channel) -> Client {
        let subscribers = channel.subscribers();
        let clients =
            subscribers.values().take(CHANNEL_CLIENTS_LOOKED_AT).map(|it| it.client().clone());
        self.budget.least(clients).unwrap_or_else(|| channel.operation.client.clone())
    }

    /// The state of the channel, no older than the snapshot.
    async fn now(&self, channel: &Channel, client: &Client, snapshot: &Snapshot) -> Lookup {
        let execute = async || {
            let operation = channel.operation.charged_to(client);
            let stamps = channel.stamps.clone();
            let mut execution =
                self.executor.execute_state(&operation, EventFeedMode::default(), stamps).await;
            *channel.cost.lock().unwrap_or_else(PoisonError::into_inner) = execution.cost;
            self.budget.charge(client, execution.cost);
            // The result of a private channel may depend on anything of its caller.
            execution.is_private &= channel.is_shared;
            match channel.make_room_for(&execution) {
                Ok(()) => execution,
                Err(why) => self.executor.failed(of_bytes(why), operation.language()),
            }
        };
        channel.entry.ask(snapshot, execute, may_show).await
    }
}

/// The error for a state that finds no memory.
fn of_bytes(why: NotAdmitted) -> ServerError {
    error::of_no_place(match why {
        NotAdmitted::Full => Code::Unavailable.says(ErrorMessage::ChannelsTooLarge),
        NotAdmitted::TooManyFromClient => {
            Code::RateLimited.says(ErrorMessage::ChannelsTooLargeFromClient)
        }
    })
}

impl OpenChannels {
    /// The next subscriber of the key opens another channel than this.
    fn unshare(&mut self, number: u64, key: Option<&ResultKey>) {
        if let Some(key) = key
            && self.shared.get(key) == Some(&number)
        {
            self.shared.remove(key);
        }
    }
}

impl Receiver {
    /// The present state: the cached one if it is fresh, else that of an execution.
    pub async fn now(&self) -> Lookup {
        let hub = &self.channels.executor.hub;
        let found = self.channels.now(&self.channel, self.subscriber.client(), &hub.latest()).await;
        // `watch` may have passed this channel while the state was executed, and the other subscribers
        // must receive it too.
        if let Lookup::Cached(cached) = &found {
            self.channel.renew(cached);
        }
        if let Lookup::Cached(cached) = &found
            && (self.channel.is_stale(&hub.latest())
                || self.channel.serial() != Some(cached.serial))
        {
            self.channel.wake();
        }
        found
    }

    /// Notes that the subscriber's own task sends `first`; the next state follows no sooner than `not_before`.
    pub fn begin(&self, first: &CachedResult, not_before: Instant) {
        self.subscriber.begin(first.serial, not_before);
    }

    /// Waits for a publication newer than all that the subscriber was sent, directly too, and skips those in between.
    /// Must be called again only once the publication was sent.
    pub async fn next(&self) -> Published {
        let published =
            || self.channel.published().clone().map(|published| (published.serial(), published));
        self.subscriber.next(published).await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // First, so that an offer on its way sends nothing after this.
        self.subscriber.close();
        self.channels.leave(self.channel_number, self.number);
    }
}

/// Has the channels woken whose dependencies a commit has changed, until `channels` is dropped.
async fn watch(
    channels: Weak<Channels>,
    mut versions: watch::Receiver<Version>,
    wake_stale: fn(&Channels),
) {
    while versions.changed().await.is_ok() {
        let began = Instant::now();
        {
            let Some(channels) = channels.upgrade() else { return };
            wake_stale(&channels);
        } // Many rooms are not looked through for each of many changes.
        let rest = began.elapsed().div_f64(CHANNELS_WATCH_SHARE);
        if rest > Duration::from_millis(1) {
            sleep(rest).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::atomic::Ordering;

    use async_graphql::Request;
    use tokio::time::timeout;

    use super::*;
    use crate::auth::{Audience, Client, Grant, Language, Principal, Role};
    use crate::domain::Timestamp;
    use crate::domain::clock::ManualClock;
    use crate::graphql::subscriptions::direct::DirectSink;
    use crate::graphql::subscriptions::message::Message;
    use crate::server::Server;

    const PATIENCE: Duration = Duration::from_secs(30);
    const PLACES: Quota = Quota { in_all: 100, per_client: 100 };
    const UNBOUND: Quota = Quota { in_all: usize::MAX / 2, per_client: usize::MAX / 2 };

    fn open(executor: &Arc<Executor>, quota: Quota, bytes: Quota) -> Arc<Channels> {
        Channels::new(Arc::clone(executor), quota, bytes, &Supervisor::default())
    }

    #[tokio::test]
    async fn rooms_are_bounded_and_joining_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let executor = server.app(None).service.executor().clone();
        let quota = Quota { in_all: 40, per_client: 3 };
        let bytes = Quota { in_all: 10_000_000, per_client: 10_000_000 };
        let channels = open(&executor, quota, bytes);
        let operation = |first: usize, client: &Client| {
            let query = format!("subscription {{ leaderboard(first: {first}) {{ ranked }} }}");
            let principal = Arc::new(Principal::default());
            executor.read(Request::new(query), principal, client.clone()).unwrap()
        };
        let subscriber = || {
            let client = Client::Address(Ipv4Addr::LOCALHOST.into());
            Arc::new(Subscriber::new(client, None))
        };
        let stranger = |last: u8| Client::Address(Ipv4Addr::new(10, 0, 0, last).into());
        let (here, there) = (stranger(1), stranger(2));
        let first = channels.subscribe_shared(&operation(1, &here), subscriber()).unwrap();
        let second = channels.subscribe_private(&operation(1, &here), subscriber()).unwrap();
        let _third = channels.subscribe_shared(&operation(2, &here), subscriber()).unwrap();
        let refused = channels.subscribe_shared(&operation(3, &here), subscriber()).err();
        assert_eq!(refused, Some(NotAdmitted::TooManyFromClient));
        let joined = channels.subscribe_shared(&operation(1, &here), subscriber()).unwrap();
        assert_eq!(channels.count(), (3, 4));
        drop(first);
        assert_eq!(channels.count(), (3, 3), "another sits there");
        drop(second);
        drop(joined);
        assert_eq!(channels.count(), (1, 1));

        // Clients without a token open channels until only the reserved quarter is left.
        let mut seats = Vec::new();
        for first in 10..39 {
            let stranger = stranger(u8::try_from(first).unwrap());
            seats.push(
                channels.subscribe_shared(&operation(first, &stranger), subscriber()).unwrap(),
            );
        }
        assert_eq!(channels.count(), (30, 30));
        assert_eq!(
            channels.subscribe_shared(&operation(99, &there), subscriber()).err(),
            Some(NotAdmitted::Full)
        );
        let _joined = channels.subscribe_shared(&operation(10, &there), subscriber()).unwrap();
        for number in 0..10 {
            let holder = Client::Token(number.to_string().into());
            seats.push(
                channels.subscribe_shared(&operation(100 + number, &holder), subscriber()).unwrap(),
            );
        }
        let holder = Client::Token("10".into());
        assert_eq!(
            channels.subscribe_shared(&operation(200, &holder), subscriber()).err(),
            Some(NotAdmitted::Full)
        );
        drop(seats);
        assert_eq!(channels.count(), (2, 2));
        channels.subscribe_shared(&operation(99, &there), subscriber()).unwrap();
    }

    /// A board whose text is the longer the more units there are.
    async fn with_units() -> (Arc<Executor>, Server, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let executor = server.app(None).service.executor().clone();
        upsert(&executor, "upsertUnit", r#"code: "tld", name: "TLĐ", kind: CONFEDERATION"#).await;
        let period = r#"code: "p", name: "P", kind: PROGRAMME, startsOn: "2022-01-01", endsOn: "2022-12-31""#;
        upsert(&executor, "upsertPeriod", period).await;
        add_unit(&executor, "first").await;
        (executor, server, dir)
    }

    async fn add_unit(executor: &Arc<Executor>, code: &str) {
        let unit = format!(
            r#"code: "{code}", name: "Tỉnh", kind: PROVINCIAL_FEDERATION, parent: {{ code: "tld" }}"#
        );
        upsert(executor, "upsertUnit", &unit).await;
    }

    async fn upsert(executor: &Arc<Executor>, mutation: &str, input: &str) {
        let query =
            format!("mutation {{ {mutation}(input: {{ {input} }}) {{ errors {{ code }} }} }}");
        let root = executor.hub.latest().structure.root();
        let grants = vec![Grant { role: Role::Admin, unit: root }];
        let audience = Audience::new(grants, Language::English);
        let principal = Principal { token: Some("it".to_owned()), name: None, audience };
        let (principal, client) = (Arc::new(principal), Client::Token("it".into()));
        let operation = executor.read(Request::new(query), principal, client).unwrap();
        let execution = executor.execute(&operation, EventFeedMode::default()).await;
        assert!(execution.result.text.contains(r#""errors":[]"#), "{}", execution.result.text);
    }

    fn board(executor: &Executor, first: usize, from: u8) -> Operation {
        let query = format!(
            "subscription {{ leaderboard(first: {first}) {{ entries {{ unit {{ code name }} }} }} }}"
        );
        let client = Client::Address(Ipv4Addr::new(10, 0, 0, from).into());
        executor.read(Request::new(query), Arc::default(), client).unwrap()
    }

    async fn join(
        channels: &Arc<Channels>,
        operation: &Operation,
    ) -> Result<(Receiver, usize), String> {
        join_by(channels, operation, None).await
    }

    async fn join_by(
        channels: &Arc<Channels>,
        operation: &Operation,
        sink: Option<Box<dyn DirectSink>>,
    ) -> Result<(Receiver, usize), String> {
        let subscriber = Arc::new(Subscriber::new(operation.client.clone(), sink));
        let receiver = channels.subscribe_shared(operation, subscriber).unwrap();
        match receiver.now().await {
            Lookup::Cached(cached) => {
                receiver.begin(&cached, Instant::now());
                let length = cached.result.text.len();
                Ok((receiver, length))
            }
            Lookup::Uncached(execution) => Err(execution.result.text.to_string()),
            Lookup::Private => panic!("it is anybody's"),
        }
    }

    #[tokio::test]
    async fn what_rooms_show_is_bounded_in_bytes() {
        let (executor, _server, _dir) = with_units().await;
        let channels = open(&executor, PLACES, UNBOUND);
        let (receiver, each) = join(&channels, &board(&executor, 1, 1)).await.unwrap();
        let (same, _) = join(&channels, &board(&executor, 1, 2)).await.unwrap();
        assert_eq!(channels.bytes(), each, "all in it share it");
        drop(receiver);
        drop(same);
        assert_eq!(channels.bytes(), 0);

        // One client has two boards, strangers four, and a token one more.
        let bytes = Quota { in_all: 6 * each, per_client: 2 * each };
        let channels = open(&executor, PLACES, bytes);
        let _first = join(&channels, &board(&executor, 1, 1)).await.unwrap();
        let _second = join(&channels, &board(&executor, 2, 1)).await.unwrap();
        let refusal = join(&channels, &board(&executor, 3, 1)).await.err().unwrap();
        assert!(refusal.contains("RATE_LIMITED"), "{refusal}");
        assert_eq!(channels.count(), (2, 2), "no room is left of it");
        assert_eq!(channels.bytes(), 2 * each);
        let _joined = join(&channels, &board(&executor, 1, 1)).await.unwrap();
        let _third = join(&channels, &board(&executor, 4, 2)).await.unwrap();
    }

    /// The first follower of a channel goes on as soon as there is memory again.
    #[tokio::test]
    async fn a_state_that_grows_beyond_all_bytes_is_shown_later() {
        let (executor, _server, _dir) = with_units().await;
        let measured = open(&executor, PLACES, UNBOUND);
        let (_, each) = join(&measured, &board(&executor, 500, 1)).await.unwrap();
        let bytes = Quota { in_all: 20 * each, per_client: 20 * each };
        let channels = open(&executor, PLACES, bytes);
        let (receiver, _) = join(&channels, &board(&executor, 500, 1)).await.unwrap();
        // Others have all the rest.
        let others = [8, 10, 1].map(|times| {
            let mut permit = channels.bytes.permit(Client::Token(times.to_string().into()));
            permit.grow(times * each).unwrap();
            permit
        });
        assert_eq!(channels.bytes(), 20 * each);

        let executions = || executor.executions.load(Ordering::Relaxed);
        let before = executions();
        add_unit(&executor, "second").await;
        // The change, and the state in vain.
        let tried = async {
            while executions() < before + 2 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, tried).await.expect("they are executed");
        assert_eq!(channels.bytes(), 20 * each, "what is shown stays");
        drop(others);
        let published = timeout(PATIENCE, receiver.next()).await.expect("it is shown");
        let Published::State { cached, .. } = published else { panic!("it is shared") };
        assert!(cached.result.text.contains("second"), "{}", cached.result.text);
        assert_eq!(channels.bytes(), cached.result.text.len());
    }

    /// A fault of the program, in the midst of the channel's own work.
    struct Broken;

    impl DirectSink for Broken {
        fn try_send(&self, _: &Message) -> bool {
            panic!("no way to send")
        }
    }

    #[tokio::test]
    async fn a_panic_ends_the_subscribers_of_its_channel_alone() {
        let (executor, _server, _dir) = with_units().await;
        let channels = open(&executor, PLACES, UNBOUND);
        let broken_board = board(&executor, 1, 1);
        let (broken, _) = join_by(&channels, &broken_board, Some(Box::new(Broken))).await.unwrap();
        let (beside, _) = join(&channels, &broken_board).await.unwrap();
        let (other, _) = join(&channels, &board(&executor, 2, 1)).await.unwrap();
        // A subscriber that waits is sent to directly.
        let mut waiting = Box::pin(broken.next());
        assert!(futures_util::poll!(&mut waiting).is_pending());
        add_unit(&executor, "a").await;
        for ended in [waiting, Box::pin(beside.next())] {
            let Published::State { cached, .. } = timeout(PATIENCE, ended).await.expect("it ends")
            else {
                panic!("it has words")
            };
            assert!(cached.result.is_void);
            assert!(cached.result.text.contains("INTERNAL"), "{}", cached.result.text);
        }
        let Published::State { cached, .. } =
            timeout(PATIENCE, other.next()).await.expect("it goes on")
        else {
            panic!("it is anybody's")
        };
        assert!(!cached.result.is_void);
        // A later subscriber has a channel that lives, also when the others leave.
        let (again, _) = join(&channels, &broken_board).await.unwrap();
        drop((broken, beside));
        add_unit(&executor, "0").await;
        timeout(PATIENCE, again.next()).await.expect("it goes on");
        assert!(channels.is_open(&broken_board));
    }

    #[tokio::test]
    async fn a_watch_that_panics_is_a_fault_of_the_server() {
        let (executor, _server, _dir) = with_units().await;
        let supervisor = Supervisor::default();
        let channels = Channels::unwatched(Arc::clone(&executor), PLACES, UNBOUND);
        channels.watch_by(&supervisor, |_| panic!("no way on"));
        add_unit(&executor, "a").await;
        let fault = timeout(PATIENCE, supervisor.failed()).await.expect("it is noticed");
        assert_eq!(fault.part, "the watch of channels");
    }
}
