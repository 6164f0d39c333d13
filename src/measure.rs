//! The metrics that the server has for Prometheus: every name with its meaning, in one place.
//! docs/operators/EVERY-DAY.md says which of them to watch.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use metrics::{
    Counter, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Responses over HTTP, by `result`: ok, refused (nothing was executed) or unavailable.
pub const REQUESTS: &str = "sangkien_http_requests_total";
pub const REQUEST_SECONDS: &str = "sangkien_http_request_seconds";
/// Queries and mutations, by `from`: cached, or executed.
pub const RESULTS: &str = "sangkien_results_total";
/// Messages of subscriptions.
pub const MESSAGES: &str = "sangkien_subscription_messages_total";
/// Units of cost that clients spent, by `class`: anonymous, partner or others.
pub const COST: &str = "sangkien_cost_total";
/// Requests refused for their cost, by `why`: too_costly (no such client may ask it), or rate_limited.
pub const COST_REFUSALS: &str = "sangkien_cost_refusals_total";
pub const EXECUTIONS: &str = "sangkien_executions_total";
/// Executions that were stopped before their end, by `reason`.
pub const EXECUTIONS_STOPPED: &str = "sangkien_executions_stopped_total";
pub const CHANNELS: &str = "sangkien_channels";
pub const CHANNEL_BYTES: &str = "sangkien_channel_bytes";
pub const BODY_BYTES: &str = "sangkien_body_bytes";
pub const SUBSCRIBERS: &str = "sangkien_channel_subscribers";
pub const CHANNEL_WAIT: &str = "sangkien_channel_wait_seconds";
pub const FEED_SECONDS: &str = "sangkien_feed_seconds";
pub const CONNECTIONS: &str = "sangkien_connections";
/// Sockets ended by the server, by `code`; `none` if it was cut off since its client did not read.
pub const SOCKET_ENDS: &str = "sangkien_socket_ends_total";
/// Connections closed since nothing was asked for too long, by `reason`: silent (nothing ever was), or idle.
pub const CONNECTION_ENDS: &str = "sangkien_connection_ends_total";
pub const BATCHES: &str = "sangkien_writer_batches_total";
pub const BATCH_SECONDS: &str = "sangkien_writer_batch_seconds";
/// Commands of the writer, by `result`: done, refused or failed.
pub const COMMANDS: &str = "sangkien_writer_commands_total";
pub const QUEUE: &str = "sangkien_writer_queue";
/// Database connections, by `state`: open, or busy.
pub const POOL: &str = "sangkien_database_connections";
pub const VERSION: &str = "sangkien_version";
pub const HEAD: &str = "sangkien_head_timestamp_seconds";
pub const TRUSTED: &str = "sangkien_board_trusted";
pub const FAULTS: &str = "sangkien_database_faults_total";
/// Seconds for which changes have failed, or waited for one that hangs; 0 while they are carried out.
pub const FAILING: &str = "sangkien_changes_failing_seconds";
/// Seconds for which the board may have lacked events of the log; 0 while the log is looked at all the time.
pub const BEHIND: &str = "sangkien_board_behind_seconds";
/// Panics that ended something, by what they ended: `of` is execution, or channel.
pub const PANICS: &str = "sangkien_panics_total";

/// Seconds.
const BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

const GATHERED_EVERY: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Messages of subscriptions: there are many, and looking the counter up for each takes longer than
/// counting. To be counted with after [`begin`] only.
pub fn messages() -> &'static Counter {
    static COUNTER: LazyLock<Counter> = LazyLock::new(|| counter!(MESSAGES));
    &COUNTER
}

/// Executions, looked up once like [`messages`].
pub fn executions() -> &'static Counter {
    static COUNTER: LazyLock<Counter> = LazyLock::new(|| counter!(EXECUTIONS));
    &COUNTER
}

/// The seconds that each message took, looked up once like [`messages`].
pub fn feed_seconds() -> &'static Histogram {
    static HISTOGRAM: LazyLock<Histogram> = LazyLock::new(|| histogram!(FEED_SECONDS));
    &HISTOGRAM
}

/// The metrics of every response. Looking each of these up for each response takes longer than counting, so they
/// are looked up once.
pub struct ResponseMetrics {
    /// [`REQUESTS`] by `result`.
    pub ok: Counter,
    pub refused: Counter,
    pub unavailable: Counter,
    pub request_seconds: Histogram,
    /// [`RESULTS`] by `from`.
    pub cached: Counter,
    pub executed: Counter,
    /// [`COST`] by `class`.
    pub cost_anonymous: Counter,
    pub cost_partner: Counter,
    pub cost_others: Counter,
}

pub fn of_responses() -> &'static ResponseMetrics {
    static METRICS: LazyLock<ResponseMetrics> = LazyLock::new(|| {
        // A counter that is looked up before the recorder is there counts nothing, for ever.
        begin();
        ResponseMetrics {
            ok: counter!(REQUESTS, "result"=> "ok"),
            refused: counter!(REQUESTS, "result"=> "refused"),
            unavailable: counter!(REQUESTS, "result"=> "unavailable"),
            request_seconds: histogram!(REQUEST_SECONDS),
            cached: counter!(RESULTS, "from"=> "cached"),
            executed: counter!(RESULTS, "from"=> "executed"),
            cost_anonymous: counter!(COST, "class"=> "anonymous"),
            cost_partner: counter!(COST, "class"=> "partner"),
            cost_others: counter!(COST, "class"=> "others"),
        }
    });
    &METRICS
}

/// Gathers the samples of histograms, every `GATHERED_EVERY` while it is polled: until then, or until
/// the metrics are rendered, each sample takes memory of its own.
pub async fn gather() {
    let Some(Some(handle)) = RECORDER.get() else { return std::future::pending().await };
    let mut now_and_then = tokio::time::interval(GATHERED_EVERY);
    loop {
        now_and_then.tick().await;
        handle.run_upkeep();
    }
}

/// Begins to count, for the whole process; again it does nothing.
pub fn begin() {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?;
        // Somebody else in the process may count already.
        let handle = builder.install_recorder().ok()?;
        describe();
        begin_at_zero();
        Some(handle)
    });
}

/// Metrics that were renamed, with the names and labels under which version 0.1 counted: both are rendered until
/// version 0.3.
const FORMER_NAMES: [(&str, &str); 5] = [
    ("sangkien_results_total{from=\"cached\"}", "sangkien_answers_total{from=\"kept\"}"),
    (RESULTS, "sangkien_answers_total"),
    (CHANNELS, "sangkien_rooms"),
    (SUBSCRIBERS, "sangkien_room_subscribers"),
    (CHANNEL_WAIT, "sangkien_room_wait_seconds"),
];

/// All that was counted, in Prometheus' text format; nothing, if it was not begun.
pub fn render() -> String {
    let handle = RECORDER.get().and_then(Option::as_ref);
    handle.map(|handle| with_former_names(&handle.render())).unwrap_or_default()
}

/// Adds each family of a renamed metric under its former name.
fn with_former_names(text: &str) -> String {
    let mut both = text.to_owned();
    for line in text.lines() {
        let name = line.split_whitespace().find(|word| !["#", "HELP", "TYPE"].contains(word));
        let renamed = FORMER_NAMES.iter().find(|(now, _)| {
            let rest = name.and_then(|name| name.strip_prefix(now));
            rest.is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with('{')
                    || SUFFIXES.iter().any(|it| rest.starts_with(it))
            })
        });
        if let Some((now, former)) = renamed {
            both.push_str(&line.replacen(now, former, 1));
            both.push('\n');
        }
    }
    both
}

/// Suffixes of the series of a histogram.
const SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Every counter with each value of its label; no label where there is none. A counter that appears with
/// its first event hides that event from `increase()`, so all are there from the start.
const COUNTERS: [(&str, &str, &[&str]); 11] = [
    (REQUESTS, "result", &["ok", "refused", "unavailable"]),
    (RESULTS, "from", &["cached", "executed"]),
    (MESSAGES, "", &[]),
    (EXECUTIONS, "", &[]),
    (EXECUTIONS_STOPPED, "reason", &["cancelled", "fields", "bytes", "scanned"]),
    (
        SOCKET_ENDS,
        "code",
        &[
            "none", "1001", "1008", "1009", "1013", "3008", "4400", "4401", "4403", "4406", "4408",
            "4409", "4429",
        ],
    ),
    (CONNECTION_ENDS, "reason", &["silent", "idle"]),
    (BATCHES, "", &[]),
    (COMMANDS, "result", &["done", "refused", "failed"]),
    (FAULTS, "", &[]),
    (PANICS, "of", &["execution", "channel"]),
];

fn begin_at_zero() {
    for (name, label, values) in COUNTERS {
        if values.is_empty() {
            counter!(name).absolute(0);
        }
        for value in values {
            counter!(name, label=>*value).absolute(0);
        }
    }
}

fn describe() {
    describe_counter!(REQUESTS, "Requests over HTTP answered, by result.");
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "From a request's arrival to its answer.");
    describe_counter!(RESULTS, "Queries and mutations answered: from the cache, or executed.");
    describe_counter!(COST, "Units of cost spent (2 µs of one core each), by the kind of client.");
    describe_counter!(COST_REFUSALS, "Requests refused for their cost: too_costly, rate_limited.");
    for class in ["anonymous", "partner", "others"] {
        counter!(COST, "class"=> class).increment(0);
    }
    for why in ["too_costly", "rate_limited"] {
        counter!(COST_REFUSALS, "why"=> why).increment(0);
    }
    describe_counter!(MESSAGES, "Messages of subscriptions sent, over all transports.");
    describe_counter!(
        EXECUTIONS,
        "Executions; to be held against messages: the more they are shared."
    );
    describe_counter!(
        EXECUTIONS_STOPPED,
        "Executions that were stopped, by reason: cancelled (nobody waited any more), fields, bytes, scanned."
    );
    describe_gauge!(CHANNELS, "Channels that are open: different states that are followed.");
    describe_gauge!(
        CHANNEL_BYTES,
        Unit::Bytes,
        "Memory of the states that are followed, of documents and variables."
    );
    describe_gauge!(
        BODY_BYTES,
        Unit::Bytes,
        "Memory of requests' bodies that are read or being answered."
    );
    describe_gauge!(SUBSCRIBERS, "Subscribers of all channels.");
    describe_histogram!(
        CHANNEL_WAIT,
        Unit::Seconds,
        "How long a channel waited for CPU time beyond its window: its window widens by it."
    );
    describe_histogram!(
        FEED_SECONDS,
        Unit::Seconds,
        "From the commit of an event, or of the first change new in a state, to its being sent."
    );
    describe_gauge!(CONNECTIONS, "Sockets and streams that are open.");
    describe_counter!(
        SOCKET_ENDS,
        "Sockets ended by the server, by close code; none: it did not read."
    );
    describe_counter!(
        CONNECTION_ENDS,
        "Connections closed since nothing was asked for too long: silent ones never asked anything."
    );
    describe_counter!(BATCHES, "Batches of commands that the writer took.");
    describe_histogram!(
        BATCH_SECONDS,
        Unit::Seconds,
        "From taking a batch to its commit and publication."
    );
    describe_counter!(COMMANDS, "Commands carried out, refused to the caller, or failed.");
    describe_gauge!(QUEUE, "Commands that wait for the writer.");
    describe_gauge!(POOL, "Connections to the database: open, and those of them that are busy.");
    describe_gauge!(VERSION, "The version that everybody sees.");
    describe_gauge!(HEAD, Unit::Seconds, "Time of the last event, since 1970.");
    describe_gauge!(TRUSTED, "1 while the board equals a recount; 0 while it is made anew.");
    describe_counter!(FAULTS, "Times that the database began to fail.");
    describe_gauge!(
        FAILING,
        Unit::Seconds,
        "How long changes have failed; 0 while they are carried out."
    );
    describe_gauge!(
        BEHIND,
        Unit::Seconds,
        "How long the log could not be read; 0 while the board holds all of it."
    );
    describe_counter!(
        PANICS,
        "Faults of the program that ended something, by what they ended: execution, channel."
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_metric_is_told_under_both_names() {
        let now = "# TYPE sangkien_channels gauge\nsangkien_channels 3\n\n\
                   sangkien_results_total{from=\"cached\"} 2\n\
                   sangkien_results_total{from=\"executed\"} 1\n\
                   sangkien_channel_subscribers 9\n\
                   sangkien_channel_wait_seconds_bucket{le=\"0.1\"} 4\n\
                   sangkien_connections 5\n";
        let former = "# TYPE sangkien_rooms gauge\nsangkien_rooms 3\n\
                      sangkien_answers_total{from=\"kept\"} 2\n\
                      sangkien_answers_total{from=\"executed\"} 1\n\
                      sangkien_room_subscribers 9\n\
                      sangkien_room_wait_seconds_bucket{le=\"0.1\"} 4\n";
        assert_eq!(with_former_names(now), [now, former].concat());
    }
}
