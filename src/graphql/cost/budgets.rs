//! The budget of each client: what one document may cost, and what all of a minute may.
//!
//! A request takes one unit when it arrives, and what its text and variables cost to read. The price of its
//! operation is taken only when an execution begins for it. A result that is cached, or that another
//! request is executing at the moment, costs nothing more.
//!
//! A budget is spent at once or evenly, and comes back evenly: all of it in a minute.
//!
//! *Bounded memory.* Budgets that are whole again are forgotten. If more clients than
//! [`CLIENTS_BUDGETED`] of one kind are known, further ones share one budget.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::{Error, ErrorExtensions as _, Value};
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use metrics::Counter;
use tokio::time::Instant;

use crate::auth::{Audience, Client, Role};
use crate::domain::Timestamp;
use crate::domain::clock::SharedClock;
use crate::error::Code;
use crate::graphql::request::price::rates::UNIT;
use crate::limits::{
    BUDGETS_SWEPT_EVERY, CLIENTS_BUDGETED, COST_DOCUMENT_ANONYMOUS, COST_DOCUMENT_OTHERS,
    COST_DOCUMENT_PARTNER, COST_MINUTE_ANONYMOUS, COST_MINUTE_OTHERS, COST_MINUTE_PARTNER,
};
use crate::measure;
use crate::messages::ErrorMessage;

/// Microseconds of one core that one unit of cost stands for.
pub const UNIT_MICROS: u64 = UNIT / 1_000;

/// The kinds of clients that have limits of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Clients without a token.
    Anonymous,
    /// Clients whose token has the role PARTNER alone.
    Partner,
    Others,
}

impl Class {
    pub fn of(audience: &Audience) -> Self {
        match audience.grants() {
            [] => Self::Anonymous,
            grants if grants.iter().all(|grant| grant.role == Role::Partner) => Self::Partner,
            _ => Self::Others,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Partner => "partner",
            Self::Others => "others",
        }
    }

    /// The counter of the units that such clients have spent together.
    fn spent(self) -> &'static Counter {
        let metrics = measure::of_responses();
        match self {
            Self::Anonymous => &metrics.cost_anonymous,
            Self::Partner => &metrics.cost_partner,
            Self::Others => &metrics.cost_others,
        }
    }
}

/// The limits of one kind of clients, in units of 2 µs of one core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Units that one document may cost.
    pub document: u32,
    /// Units that one client may spend in a minute; never less than one document.
    pub minute: u32,
}

/// The limits of all kinds of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimits {
    pub anonymous: Allowance,
    pub partner: Allowance,
    pub others: Allowance,
}

impl Default for CostLimits {
    fn default() -> Self {
        Self {
            anonymous: Allowance {
                document: COST_DOCUMENT_ANONYMOUS,
                minute: COST_MINUTE_ANONYMOUS,
            },
            partner: Allowance { document: COST_DOCUMENT_PARTNER, minute: COST_MINUTE_PARTNER },
            others: Allowance { document: COST_DOCUMENT_OTHERS, minute: COST_MINUTE_OTHERS },
        }
    }
}

impl CostLimits {
    /// The same limits for every kind of clients.
    pub const fn all(allowance: Allowance) -> Self {
        Self { anonymous: allowance, partner: allowance, others: allowance }
    }
}

/// The cost of a request, in units of 2 µs of one core, as its client gets it in `extensions.cost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Units that the request cost, or would have cost.
    pub requested: u64,
    /// Units that are left of the client's budget.
    pub left: u64,
    /// The moment at which the whole budget is there again, if the client asks nothing more.
    pub resets_at: Timestamp,
}

/// All budgets of a server.
pub struct Budgets {
    anonymous: Budget,
    partner: Budget,
    others: Budget,
    clock: SharedClock,
    /// Clients that the log has named within the last minute.
    logged: Buckets,
}

impl Budgets {
    /// `clock` says when a budget is whole again.
    pub fn new(limits: CostLimits, clock: SharedClock) -> Self {
        Self::timed_by(limits, clock, &Elapsed::since_now())
    }

    fn timed_by(limits: CostLimits, clock: SharedClock, elapsed: &Elapsed) -> Self {
        Self {
            anonymous: Budget::new(limits.anonymous, elapsed),
            partner: Budget::new(limits.partner, elapsed),
            others: Budget::new(limits.others, elapsed),
            clock,
            logged: Buckets::new(1, CLIENTS_BUDGETED, elapsed),
        }
    }

    const fn of(&self, class: Class) -> &Budget {
        match class {
            Class::Anonymous => &self.anonymous,
            Class::Partner => &self.partner,
            Class::Others => &self.others,
        }
    }

    /// Opens the bill of a request. It takes one unit, and the units that reading the request costs.
    ///
    /// # Errors
    /// RATE_LIMITED if too little of the client's budget is left. The budget is unchanged then.
    pub fn open(
        self: &Arc<Self>,
        client: &Client,
        class: Class,
        reading: u64,
    ) -> Result<Bill, Refused> {
        let mut bill = Bill {
            budgets: Arc::clone(self),
            client: client.clone(),
            class,
            requested: 0,
            left: 0,
            is_priced: false,
        };
        bill.take(reading.saturating_add(1))?;
        Ok(bill)
    }
}

/// The error and the cost of a request that is refused.
#[derive(Debug)]
pub struct Refused {
    pub error: Error,
    pub cost: Cost,
}

/// The bill of one request.
pub struct Bill {
    budgets: Arc<Budgets>,
    client: Client,
    class: Class,
    requested: u64,
    left: u32,
    is_priced: bool,
}

impl Bill {
    /// Takes the price of an operation that is about to be executed; once for a request.
    ///
    /// # Errors
    /// TOO_COSTLY where no client of the kind may ask that much, RATE_LIMITED where too little of the
    /// client's budget is left. The budget is unchanged then.
    pub fn charge(&mut self, price: impl FnOnce() -> u64) -> Result<(), Refused> {
        if self.is_priced {
            return Ok(());
        }
        self.is_priced = true;
        let (price, max) = (price(), self.budgets.of(self.class).allowance.document);
        if price > u64::from(max) {
            metrics::counter!(measure::COST_REFUSALS, "why" => "too_costly").increment(1);
            self.log("a document is too costly", price);
            let error = Code::TooCostly.says(ErrorMessage::TooCostly { price, max });
            self.requested = self.requested.saturating_add(price);
            return Err(self.refused(error));
        }
        self.take(price)
    }

    fn take(&mut self, units: u64) -> Result<(), Refused> {
        self.requested = self.requested.saturating_add(units);
        let budget = self.budgets.of(self.class);
        match budget.buckets.take(&self.client, units) {
            Ok(left) => {
                self.left = left;
                self.class.spent().increment(units);
                Ok(())
            }
            Err(wait) => {
                metrics::counter!(measure::COST_REFUSALS, "why" => "rate_limited").increment(1);
                self.log("a client has used up its budget", units);
                // Rounded up, since a client that comes back too early is refused again.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let seconds = seconds.max(1);
                let message =
                    ErrorMessage::BudgetUsed { price: self.requested, left: self.left, seconds };
                let error = Code::RateLimited.says(message);
                let error =
                    error.extend_with(|_, extensions| extensions.set("retryAfter", seconds));
                Err(self.refused(error))
            }
        }
    }

    fn refused(&self, error: Error) -> Refused {
        let cost = self.cost();
        let error = error.extend_with(|_, extensions| extensions.set("cost", cost.to_value()));
        Refused { error, cost }
    }

    /// The cost of the request so far.
    pub fn cost(&self) -> Cost {
        let minute = self.budgets.of(self.class).allowance.minute;
        let used = u64::from(minute.saturating_sub(self.left));
        let until_whole = used.saturating_mul(60_000) / u64::from(minute.max(1));
        let now = self.budgets.clock.now().0;
        let resets_at = now.saturating_add(i64::try_from(until_whole).unwrap_or(i64::MAX));
        Cost {
            requested: self.requested,
            left: u64::from(self.left),
            resets_at: Timestamp(resets_at),
        }
    }

    /// Logs at most one line a minute for each client.
    fn log(&self, what: &str, units: u64) {
        if self.budgets.logged.take(&self.client, 1).is_ok() {
            tracing::info!(client = %self.client, class = self.class.as_str(), units, "{what}");
        }
    }
}

impl Cost {
    /// The value of `extensions.cost`.
    pub fn to_value(self) -> Value {
        let members = [
            ("requested", Value::from(self.requested)),
            ("left", Value::from(self.left)),
            ("resetsAt", Value::from(self.resets_at.to_rfc3339())),
        ];
        let members = members.map(|(name, value)| (async_graphql::Name::new(name), value));
        Value::Object(members.into_iter().collect())
    }
}

struct Budget {
    allowance: Allowance,
    buckets: Buckets,
}

impl Budget {
    fn new(allowance: Allowance, elapsed: &Elapsed) -> Self {
        let minute = allowance.minute.max(allowance.document).max(1);
        let allowance = Allowance { minute, ..allowance };
        Self { allowance, buckets: Buckets::new(minute, CLIENTS_BUDGETED, elapsed) }
    }
}

/// A bucket of units for each client, which fills within a minute.
struct Buckets {
    limiter: Limiter,
    clock: Elapsed,
    clients_max: usize,
    swept_at: Mutex<Option<Duration>>,
}

type Key = Option<Client>;
type Limiter = RateLimiter<Key, HashMapStateStore<Key>, Elapsed, StateInformationMiddleware>;

/// The time since some moment, which never goes back.
#[derive(Clone)]
struct Elapsed(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Elapsed {
    /// Goes by tokio's clock, like timers.
    fn since_now() -> Self {
        let start = Instant::now();
        Self(Arc::new(move || start.elapsed()))
    }
}

impl Clock for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0()
    }
}

/// The key of all clients for which there is no bucket of their own.
const ALL_FURTHER: Key = None;

impl Buckets {
    fn new(size: u32, clients_max: usize, clock: &Elapsed) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(size).unwrap_or(NonZeroU32::MIN));
        let limiter = Limiter::new(quota, HashMapStateStore::default(), clock.clone());
        Self { limiter, clock: clock.clone(), clients_max, swept_at: Mutex::default() }
    }

    /// Takes units, and gives the number that is left.
    ///
    /// # Errors
    /// The time until there are enough. The budget is unchanged then.
    fn take(&self, client: &Client, units: u64) -> Result<u32, Duration> {
        let key = if self.has_room() { Some(client.clone()) } else { ALL_FURTHER };
        // No bucket holds so many.
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let count = NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_key_n(&key, count) {
            Ok(Ok(left)) => Ok(left.remaining_burst_capacity()),
            Ok(Err(until)) => Err(until.wait_time_from(self.clock.now())),
            Err(_) => Err(Duration::from_secs(60)),
        }
    }

    /// Whether clients have buckets of their own, or all share one. Full buckets are forgotten first.
    fn has_room(&self) -> bool {
        if self.limiter.len() < self.clients_max {
            return true;
        }
        let mut swept_at = self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if swept_at.is_none_or(|at| now.saturating_sub(at) >= BUDGETS_SWEPT_EVERY) {
            *swept_at = Some(now);
            self.limiter.retain_recent();
        }
        self.limiter.len() < self.clients_max
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::auth::{Grant, Language};
    use crate::domain::UnitId;
    use crate::domain::clock::ManualClock;

    fn address(number: u32) -> Client {
        Client::Address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    /// Time that passes when a test says so.
    #[derive(Default)]
    struct Time(Arc<AtomicU64>);

    impl Time {
        fn elapsed(&self) -> Elapsed {
            let seconds = Arc::clone(&self.0);
            Elapsed(Arc::new(move || Duration::from_secs(seconds.load(Ordering::SeqCst))))
        }

        fn pass(&self, seconds: u64) {
            self.0.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    fn budgets(allowance: Allowance, time: &Time) -> Arc<Budgets> {
        let clock = Arc::new(ManualClock::new(Timestamp(1_000)));
        Arc::new(Budgets::timed_by(CostLimits::all(allowance), clock, &time.elapsed()))
    }

    fn code(refused: &Refused) -> String {
        let extensions = refused.error.extensions.as_ref().unwrap();
        extensions.get("code").unwrap().to_string()
    }

    #[test]
    fn a_budget_is_spent_at_once_and_comes_back_evenly() {
        let time = Time::default();
        let budgets = budgets(Allowance { document: 60, minute: 600 }, &time);
        let open = || budgets.open(&address(1), Class::Anonymous, 0);
        let spend = |price| open().and_then(|mut bill| bill.charge(|| price).map(|()| bill.cost()));
        for spent in 1..=10 {
            let cost = spend(59).unwrap();
            assert_eq!((cost.requested, cost.left), (60, 600 - 60 * spent));
            let until_whole = i64::try_from(60 * spent * 100).unwrap();
            assert_eq!(cost.resets_at, Timestamp(1_000 + until_whole));
        }
        let refused = open().err().unwrap();
        assert_eq!(code(&refused), "\"RATE_LIMITED\"");
        assert_eq!((refused.cost.requested, refused.cost.left), (1, 0));
        // Another client has its own budget.
        assert!(budgets.open(&address(2), Class::Anonymous, 0).is_ok());
        time.pass(3);
        let refused = spend(59).unwrap_err();
        let extensions = refused.error.extensions.as_ref().unwrap();
        // 30 came back, 1 went: 30 more come in 3 s.
        assert_eq!(extensions.get("retryAfter"), Some(&Value::from(3)));
        assert_eq!((refused.cost.requested, refused.cost.left), (60, 29));
        time.pass(3);
        assert!(spend(58).is_ok());
    }

    #[test]
    fn a_document_is_charged_once_and_one_too_dear_takes_nothing() {
        let time = Time::default();
        let budgets = budgets(Allowance { document: 60, minute: 600 }, &time);
        let mut bill = budgets.open(&address(1), Class::Anonymous, 9).unwrap();
        assert_eq!(bill.cost().requested, 10);
        bill.charge(|| 60).unwrap();
        bill.charge(|| 60).unwrap();
        assert_eq!((bill.cost().requested, bill.cost().left), (70, 530));
        let mut bill = budgets.open(&address(1), Class::Anonymous, 0).unwrap();
        let refused = bill.charge(|| 61).unwrap_err();
        assert_eq!(code(&refused), "\"TOO_COSTLY\"");
        assert_eq!((refused.cost.requested, refused.cost.left), (62, 529));
    }

    #[test]
    fn each_kind_of_client_has_its_own_limits() {
        let class = |roles: &[Role]| {
            let grants = roles.iter().map(|&role| Grant { role, unit: UnitId(1) });
            Class::of(&Audience::new(grants.collect(), Language::English))
        };
        assert_eq!(class(&[]), Class::Anonymous);
        assert_eq!(class(&[Role::Partner]), Class::Partner);
        for role in [Role::Admin, Role::Officer, Role::Reviewer, Role::Submitter, Role::Display] {
            assert_eq!(class(&[role]), Class::Others);
            assert_eq!(class(&[Role::Partner, role]), Class::Others);
        }
    }

    #[test]
    fn many_clients_take_no_more_memory_than_there_is_for_them() {
        let time = Time::default();
        let buckets = Buckets::new(600, 10, &time.elapsed());
        for number in 0..1_000 {
            assert_eq!(buckets.take(&address(number), 60).is_ok(), number < 20, "{number}");
        }
        assert!(buckets.limiter.len() <= 11);
        // Clients whose budget is whole again make room.
        time.pass(60);
        for number in 2_000..2_010 {
            assert_eq!(buckets.take(&address(number), 60), Ok(540));
        }
        assert!(buckets.limiter.len() <= 11);
    }

    #[test]
    fn the_log_names_a_client_once_a_minute() {
        let time = Time::default();
        let budgets = budgets(Allowance { document: 1, minute: 1 }, &time);
        let is_named = || budgets.logged.take(&address(1), 1).is_ok();
        assert!(is_named());
        for _ in 0..5 {
            time.pass(11);
            assert!(!is_named());
        }
        time.pass(11);
        assert!(is_named());
    }
}
