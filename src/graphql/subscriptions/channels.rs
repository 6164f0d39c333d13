//! Rooms: all who follow the same state, and one execution for all of them.
//!
//! A room opens with the first who asks its question and goes with the last. It is executed again
//! when something changed that its last execution read, at most once for each window, and whenever
//! somebody joins whom what is there would show less than was to be seen at that moment.

use super::channel::may_show;
use super::channel::{Follower, Room, Shown};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_graphql::ServerError;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::cpu_budget::Share;
use super::subscriber::Post;
use crate::auth::Client;
use crate::auth::byte_budget::ByteBudget;
use crate::auth::quota::{NoPlace, Quota, Taken};
use crate::board::Snapshot;
use crate::domain::Version;
use crate::error::{self, Code};
use crate::graphql::cache::ResultKey;
use crate::graphql::cache::changes::StampKeys;
use crate::graphql::cache::{CacheEntry, CachedResult, Lookup};
use crate::graphql::context::EventFeedMode;
use crate::graphql::cost::held::{Held, HeldInAll, HeldPermit};
use crate::graphql::execution::{Executor, Operation};
use crate::limits::{
    FEED_WINDOW, ROOM_CLIENTS_LOOKED_AT, ROOM_COST_FIRST, ROOMS_RETRY, ROOMS_WATCH_SHARE,
};
use crate::measure;
use crate::messages::Message;

/// All rooms of a server.
pub struct Rooms {
    executor: Arc<Executor>,
    share: Share,
    quota: Quota,
    /// Bytes of the states that they show, and of what those hold who follow something.
    bytes: Arc<ByteBudget>,
    held: Arc<HeldInAll>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    rooms: HashMap<u64, Entry>,
    shared: HashMap<ResultKey, u64>,
    /// Those that a client opened.
    by_opener: HashMap<Client, usize>,
    /// Those that clients without a token opened.
    by_strangers: usize,
    opened: u64,
    seated: u64,
}

struct Entry {
    room: Arc<Room>,
    /// `None` for a room of one alone.
    key: Option<ResultKey>,
    opener: Client,
    task: AbortHandle,
}

/// A place in a room. Dropping it leaves the room.
pub struct Seat {
    rooms: Arc<Rooms>,
    room_number: u64,
    room: Arc<Room>,
    number: u64,
    client: Client,
    post: Arc<Post>,
}

impl Rooms {
    /// Needs a runtime to watch for changes in.
    pub fn new(executor: Arc<Executor>, quota: Quota, bytes: Quota) -> Arc<Self> {
        let versions = executor.hub.versions();
        let bytes = ByteBudget::new(bytes);
        let held = HeldInAll::new(Arc::clone(&bytes));
        let (share, open) = (Share::default(), Mutex::default());
        let rooms = Arc::new(Self { executor, share, quota, bytes, held, open });
        tokio::spawn(watch(Arc::downgrade(&rooms), versions));
        rooms
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a client's turn in the share of the machine's time that rooms have, for other work that takes about so
    /// long.
    pub async fn take_turn(&self, client: &Client, cost: Duration) {
        self.share.turn(client, cost).await;
    }

    /// How many there are, and how many seats are taken in them.
    pub fn count(&self) -> (usize, usize) {
        let open = self.open();
        (open.rooms.len(), open.rooms.values().map(|entry| entry.room.posts().len()).sum())
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

    /// Whether somebody follows the same already.
    pub fn is_open(&self, operation: &Operation) -> bool {
        self.open().shared.contains_key(&ResultKey::of(operation))
    }

    /// A seat in the room of all who ask the same, told by that post.
    ///
    /// # Errors
    /// When it would be one room too many.
    pub fn join(self: &Arc<Self>, operation: &Operation, post: Arc<Post>) -> Result<Seat, NoPlace> {
        let key = ResultKey::of(operation);
        let mut open = self.open();
        let number = match open.shared.get(&key) {
            Some(&number) => number,
            None => self.make(&mut open, operation.for_audience(), Some(key))?,
        };
        Ok(self.seat(&mut open, number, operation.client.clone(), post))
    }

    /// A room of one's own.
    ///
    /// # Errors
    /// When it would be one room too many.
    pub fn alone(
        self: &Arc<Self>,
        operation: &Operation,
        post: Arc<Post>,
    ) -> Result<Seat, NoPlace> {
        let mut open = self.open();
        let number = self.make(&mut open, operation.clone(), None)?;
        Ok(self.seat(&mut open, number, operation.client.clone(), post))
    }

    fn make(
        self: &Arc<Self>,
        open: &mut Open,
        operation: Operation,
        key: Option<ResultKey>,
    ) -> Result<u64, NoPlace> {
        let opener = operation.client.clone();
        let taken = Taken {
            in_all: open.rooms.len(),
            by_strangers: open.by_strangers,
            by_client: open.by_opener.get(&opener).copied().unwrap_or_default(),
        };
        self.quota.admit(taken, opener.has_token())?;
        *open.by_opener.entry(opener.clone()).or_default() += 1;
        open.by_strangers += usize::from(!opener.has_token());
        open.opened += 1;
        let number = open.opened;
        let room = Arc::new(Room {
            entry: CacheEntry::of_states(),
            stamps: StampKeys::of(&operation.document.parsed, operation.operation_name())
                .map(Arc::new),
            operation,
            shown: Mutex::default(),
            posts: Mutex::default(),
            news: Notify::new(),
            changed_at: Mutex::default(),
            cost: Mutex::new(ROOM_COST_FIRST),
            is_shared: key.is_some(),
            bytes: Mutex::new(self.bytes.permit(opener.clone())),
        });
        let task = tokio::spawn(Arc::clone(self).keep_showing(Arc::clone(&room))).abort_handle();
        if let Some(key) = &key {
            open.shared.insert(key.clone(), number);
        }
        open.rooms.insert(number, Entry { room, key, opener, task });
        Ok(number)
    }

    fn seat(
        self: &Arc<Self>,
        open: &mut Open,
        room_number: u64,
        client: Client,
        post: Arc<Post>,
    ) -> Seat {
        open.seated += 1;
        let number = open.seated;
        let entry = open.rooms.get(&room_number).expect("it is there, or was just made");
        let room = Arc::clone(&entry.room);
        room.posts().insert(number, Follower { client: client.clone(), post: Arc::clone(&post) });
        Seat { rooms: Arc::clone(self), room_number, room, number, client, post }
    }

    fn leave(&self, room_number: u64, number: u64) {
        let mut open = self.open();
        let Some(entry) = open.rooms.get(&room_number) else { return };
        let is_empty = {
            let mut posts = entry.room.posts();
            posts.remove(&number);
            posts.is_empty()
        };
        if is_empty && let Some(gone) = open.rooms.remove(&room_number) {
            gone.task.abort();
            // The task goes when it is looked at next, and the room with it.
            gone.room.bytes().clear();
            open.by_strangers -= usize::from(!gone.opener.has_token());
            if let Some(opened) = open.by_opener.get_mut(&gone.opener) {
                *opened -= 1;
                if *opened == 0 {
                    open.by_opener.remove(&gone.opener);
                }
            }
            if let Some(key) = gone.key {
                open.shared.remove(&key);
            }
        }
    }

    /// Shows the newest state whenever there is news, at most once for each window.
    async fn keep_showing(self: Arc<Self>, room: Arc<Room>) {
        let mut last = Instant::now();
        loop {
            room.news.notified().await;
            sleep_until(last + FEED_WINDOW).await;
            let due = Instant::now();
            let (client, expected) = (self.client(&room), room.cost());
            self.share.turn(&client, expected).await;
            metrics::histogram!(measure::ROOM_WAIT).record(due.elapsed());
            last = Instant::now();
            let changed_at = room.changed_at().take();
            let found = self.now(&room, &client, &self.executor.hub.latest()).await;
            self.share.end_turn(&client, expected);
            let shown = match found {
                Lookup::Cached(cached) => Shown::State { cached, changed_at },
                // What is shown stays, until there is a whole state again, and memory for it.
                Lookup::Uncached(execution) if execution.lacks_database => {
                    sleep(ROOMS_RETRY).await;
                    room.wake();
                    continue;
                }
                Lookup::Uncached(execution) => {
                    Shown::State { cached: Arc::new(CachedResult::last(*execution)), changed_at }
                }
                Lookup::Private => Shown::Apart,
            };
            if room.serial().is_none_or(|before| before < shown.serial()) {
                room.show(shown).await;
            } else if let Shown::State { cached, .. } = shown {
                room.renew(&cached);
            }
        }
    }

    /// In whose turn the room is executed: of those who follow it, the one who has used least, so that nobody is
    /// kept waiting by one who follows much besides.
    fn client(&self, room: &Room) -> Client {
        let posts = room.posts();
        let clients = posts.values().take(ROOM_CLIENTS_LOOKED_AT).map(|it| it.client.clone());
        self.share.least(clients).unwrap_or_else(|| room.operation.client.clone())
    }

    /// The state of the room, no older than the snapshot.
    async fn now(&self, room: &Room, client: &Client, snapshot: &Snapshot) -> Lookup {
        let execute = async || {
            let operation = room.operation.charged_to(client);
            let stamps = room.stamps.clone();
            let mut execution =
                self.executor.execute_state(&operation, EventFeedMode::default(), stamps).await;
            *room.cost.lock().unwrap_or_else(PoisonError::into_inner) = execution.cost;
            self.share.took(client, execution.cost);
            // What one has alone may rest on whatever it likes.
            execution.is_private &= room.is_shared;
            match room.make_room_for(&execution) {
                Ok(()) => execution,
                Err(why) => self.executor.failed(of_bytes(why), operation.language()),
            }
        };
        room.entry.ask(snapshot, execute, may_show).await
    }
}

/// Why a state cannot be shown.
fn of_bytes(why: NoPlace) -> ServerError {
    error::of_no_place(match why {
        NoPlace::Full => Code::Unavailable.says(Message::RoomsTooLarge),
        NoPlace::TooManyFromThere => Code::RateLimited.says(Message::RoomsTooLargeFromThere),
    })
}

impl Seat {
    /// The state now, and what to wait for after it.
    pub async fn now(&self) -> Lookup {
        let hub = &self.rooms.executor.hub;
        let found = self.rooms.now(&self.room, &self.client, &hub.latest()).await;
        // Whoever looks for stale rooms passed by while it was being worked out, perhaps; and the
        // others are to be told as well.
        if let Lookup::Cached(cached) = &found {
            self.room.renew(cached);
        }
        if let Lookup::Cached(cached) = &found
            && (self.room.is_stale(&hub.latest()) || self.room.serial() != Some(cached.serial))
        {
            self.room.wake();
        }
        found
    }

    /// What is said here first is that state; the next comes no sooner than that.
    pub fn begin(&self, first: &CachedResult, not_before: Instant) {
        self.post.begin(first.serial, not_before);
    }

    /// Waits for a state newer than all that was told here. Those in between are passed over; those
    /// that the post told meanwhile, too. To be asked again once it was sent.
    pub async fn next(&self) -> Shown {
        let shown = || self.room.shown().clone().map(|shown| (shown.serial(), shown));
        self.post.next(shown).await
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Ahead of whoever is about to offer something.
        self.post.close();
        self.rooms.leave(self.room_number, self.number);
    }
}

/// Wakes the rooms that a change concerns, for as long as there are rooms.
async fn watch(rooms: Weak<Rooms>, mut versions: watch::Receiver<Version>) {
    while versions.changed().await.is_ok() {
        let began = Instant::now();
        {
            let Some(rooms) = rooms.upgrade() else { return };
            let snapshot = rooms.executor.hub.latest();
            let open = rooms.open();
            let stale = open.rooms.values().filter(|entry| entry.room.is_stale(&snapshot));
            stale.for_each(|entry| entry.room.wake());
        }
        // Many rooms are not looked through for each of many changes.
        let rest = began.elapsed().div_f64(ROOMS_WATCH_SHARE);
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
    use crate::server::Server;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn rooms_are_bounded_and_joining_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let executor = server.app(None).service.executor;
        let quota = Quota { in_all: 40, per_client: 3 };
        let bytes = Quota { in_all: 10_000_000, per_client: 10_000_000 };
        let rooms = Rooms::new(Arc::clone(&executor), quota, bytes);
        let operation = |first: usize, client: &Client| {
            let query = format!("subscription {{ leaderboard(first: {first}) {{ ranked }} }}");
            let principal = Arc::new(Principal::default());
            executor.read(Request::new(query), principal, client.clone()).unwrap()
        };
        let post = || Arc::new(Post::new(None));
        let stranger = |last: u8| Client::Address(Ipv4Addr::new(10, 0, 0, last).into());
        let (here, there) = (stranger(1), stranger(2));
        let first = rooms.join(&operation(1, &here), post()).unwrap();
        let second = rooms.alone(&operation(1, &here), post()).unwrap();
        let _third = rooms.join(&operation(2, &here), post()).unwrap();
        let refused = rooms.join(&operation(3, &here), post()).err();
        assert_eq!(refused, Some(NoPlace::TooManyFromThere));
        let joined = rooms.join(&operation(1, &here), post()).unwrap();
        assert_eq!(rooms.count(), (3, 4));
        drop(first);
        assert_eq!(rooms.count(), (3, 3), "another sits there");
        drop(second);
        drop(joined);
        assert_eq!(rooms.count(), (1, 1));

        // Strangers come until there is no room for them: a quarter stays.
        let mut seats = Vec::new();
        for first in 10..39 {
            let stranger = stranger(u8::try_from(first).unwrap());
            seats.push(rooms.join(&operation(first, &stranger), post()).unwrap());
        }
        assert_eq!(rooms.count(), (30, 30));
        assert_eq!(rooms.join(&operation(99, &there), post()).err(), Some(NoPlace::Full));
        let _joined = rooms.join(&operation(10, &there), post()).unwrap();
        for number in 0..10 {
            let holder = Client::Token(number.to_string().into());
            seats.push(rooms.join(&operation(100 + number, &holder), post()).unwrap());
        }
        let holder = Client::Token("10".into());
        assert_eq!(rooms.join(&operation(200, &holder), post()).err(), Some(NoPlace::Full));
        drop(seats);
        assert_eq!(rooms.count(), (2, 2));
        rooms.join(&operation(99, &there), post()).unwrap();
    }

    /// A board whose text is the longer the more units there are.
    async fn with_units() -> (Arc<Executor>, Server, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let executor = server.app(None).service.executor;
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
        let root = executor.hub.latest().registry.root();
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

    async fn join(rooms: &Arc<Rooms>, operation: &Operation) -> Result<(Seat, usize), String> {
        let seat = rooms.join(operation, Arc::new(Post::new(None))).unwrap();
        match seat.now().await {
            Lookup::Cached(cached) => {
                seat.begin(&cached, Instant::now());
                let length = cached.result.text.len();
                Ok((seat, length))
            }
            Lookup::Uncached(execution) => Err(execution.result.text.to_string()),
            Lookup::Private => panic!("it is anybody's"),
        }
    }

    #[tokio::test]
    async fn what_rooms_show_is_bounded_in_bytes() {
        const PLACES: Quota = Quota { in_all: 100, per_client: 100 };
        let (executor, _server, _dir) = with_units().await;
        let unbound = Quota { in_all: usize::MAX / 2, per_client: usize::MAX / 2 };
        let rooms = Rooms::new(Arc::clone(&executor), PLACES, unbound);
        let (seat, each) = join(&rooms, &board(&executor, 1, 1)).await.unwrap();
        let (same, _) = join(&rooms, &board(&executor, 1, 2)).await.unwrap();
        assert_eq!(rooms.bytes(), each, "all in it share it");
        drop(seat);
        drop(same);
        assert_eq!(rooms.bytes(), 0);

        // One client has two boards, strangers four, and a token one more.
        let bytes = Quota { in_all: 6 * each, per_client: 2 * each };
        let rooms = Rooms::new(Arc::clone(&executor), PLACES, bytes);
        let _first = join(&rooms, &board(&executor, 1, 1)).await.unwrap();
        let _second = join(&rooms, &board(&executor, 2, 1)).await.unwrap();
        let refusal = join(&rooms, &board(&executor, 3, 1)).await.err().unwrap();
        assert!(refusal.contains("RATE_LIMITED"), "{refusal}");
        assert_eq!(rooms.count(), (2, 2), "no room is left of it");
        assert_eq!(rooms.bytes(), 2 * each);
        let _joined = join(&rooms, &board(&executor, 1, 1)).await.unwrap();
        let _third = join(&rooms, &board(&executor, 4, 2)).await.unwrap();
    }

    /// Who followed it first goes on as soon as there is memory again.
    #[tokio::test]
    async fn a_state_that_grows_beyond_all_bytes_is_shown_later() {
        const PLACES: Quota = Quota { in_all: 100, per_client: 100 };
        let (executor, _server, _dir) = with_units().await;
        let unbound = Quota { in_all: usize::MAX / 2, per_client: usize::MAX / 2 };
        let measured = Rooms::new(Arc::clone(&executor), PLACES, unbound);
        let (_, each) = join(&measured, &board(&executor, 500, 1)).await.unwrap();
        let bytes = Quota { in_all: 20 * each, per_client: 20 * each };
        let rooms = Rooms::new(Arc::clone(&executor), PLACES, bytes);
        let (seat, _) = join(&rooms, &board(&executor, 500, 1)).await.unwrap();
        // Others have all the rest.
        let others = [8, 10, 1].map(|times| {
            let mut permit = rooms.bytes.permit(Client::Token(times.to_string().into()));
            permit.grow(times * each).unwrap();
            permit
        });
        assert_eq!(rooms.bytes(), 20 * each);

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
        assert_eq!(rooms.bytes(), 20 * each, "what is shown stays");
        drop(others);
        let shown = timeout(PATIENCE, seat.next()).await.expect("it is shown");
        let Shown::State { cached, .. } = shown else { panic!("it is shared") };
        assert!(cached.result.text.contains("second"), "{}", cached.result.text);
        assert_eq!(rooms.bytes(), cached.result.text.len());
    }
}
