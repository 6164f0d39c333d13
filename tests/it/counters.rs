//! The counters, before anything happened.

use std::collections::HashMap;
use std::process::Command;

use crate::crash::{Server, with_arguments};
use crate::database::{in_time, sqlite_url};

/// A counter that appears with its first event hides that event from alerts on `increase()`.
#[tokio::test]
async fn every_counter_is_there_before_its_first_event() {
    let dir = tempfile::tempdir().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let server =
        Server::start(with_arguments(program, &sqlite_url(&dir.path().join("it.db")))).await;
    let url = format!("{}/metrics", server.address);
    let told = in_time(reqwest::get(url)).await.unwrap().text().await.unwrap();
    let lines = told.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let series: HashMap<&str, f64> = lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();

    // Each name that is declared, with or without labels.
    let declared = include_str!("../../src/measure.rs").split('"');
    let counters: Vec<&str> =
        declared.filter(|text| text.starts_with("sangkien_") && text.ends_with("_total")).collect();
    assert!(counters.len() >= 9, "{counters:?}");
    for name in counters {
        let is_of = |key: &&str| key.split('{').next() == Some(name);
        assert!(series.keys().any(is_of), "{name} is not there");
    }
    for (name, label, values) in [
        ("sangkien_http_requests_total", "result", &["ok", "refused", "unavailable"][..]),
        ("sangkien_results_total", "from", &["cached", "executed"]),
        ("sangkien_answers_total", "from", &["kept", "executed"]),
        ("sangkien_socket_ends_total", "code", &["none", "1001", "1008", "1009", "1013", "3008"]),
        ("sangkien_socket_ends_total", "code", &["4400", "4401", "4403", "4406", "4408"]),
        ("sangkien_socket_ends_total", "code", &["4409", "4429"]),
        ("sangkien_connection_ends_total", "reason", &["silent", "idle"]),
        (
            "sangkien_executions_stopped_total",
            "reason",
            &["cancelled", "fields", "bytes", "scanned"],
        ),
        ("sangkien_panics_total", "of", &["execution", "channel"]),
        ("sangkien_cost_refusals_total", "why", &["too_costly", "rate_limited"]),
        // The first of them made the root.
        ("sangkien_writer_commands_total", "result", &["refused", "failed"]),
    ] {
        for value in values {
            let key = format!("{name}{{{label}=\"{value}\"}}");
            assert_eq!(series.get(key.as_str()), Some(&0.0), "{key}");
        }
    }
    for name in ["sangkien_subscription_messages_total", "sangkien_database_faults_total"] {
        assert_eq!(series.get(name), Some(&0.0), "{name}");
    }
}
