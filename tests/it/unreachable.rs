//! A PostgreSQL that cannot be reached is told by what is wrong, and never with its password.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use sangkien::store::Store;
use tokio::time::{Instant, timeout};

use crate::database::{PATIENCE, run_sql};
use crate::postgres;

const SECRET: &str = "geheim";

async fn refusal(url: &str) -> String {
    let opened = timeout(PATIENCE, Store::open(url)).await.expect("it does not hang");
    format!("{:#}", anyhow::Error::from(opened.expect_err("it cannot be opened")))
}

#[tokio::test]
async fn nobody_listens() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let said = refusal(&format!("postgres://sangkien:{SECRET}@{free}/it")).await;
    assert!(said.contains(&format!("nobody listens at {free}")), "{said}");
}

#[tokio::test]
async fn somebody_listens_and_does_not_answer() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let said = refusal(&format!("postgres://sangkien:{SECRET}@{address}/it")).await;
    assert!(said.contains("did not answer a connection in time"), "{said}");
}

#[tokio::test]
async fn no_connection_is_left() {
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    run_sql(&database, "create role crowded login connection limit 1").await;
    let said = refusal(&database.replacen("sangkien@", "crowded@", 1)).await;
    assert!(said.contains("no connection left: too many connections for role"), "{said}");
}

#[tokio::test]
async fn all_of_our_own_are_in_use() {
    const AT_ONCE: usize = 8;
    let Some(cluster) = postgres::cluster() else { return };
    let store = Store::open(&cluster.fresh_database()).await.unwrap();
    let mut reading = Vec::new();
    for _ in 0..AT_ONCE {
        reading.push(store.begin_read().await.unwrap());
    }
    let began = Instant::now();
    let said = store.begin_read().await.err().expect("none is left").to_string();
    assert!(said.contains("all 8 connections"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // Those for other purposes are free.
    drop(store.begin_brief_read().await.unwrap());
    drop(store.begin_write().await.unwrap());
    reading.clear();
    drop(store.begin_read().await.unwrap());
}

#[test]
fn no_message_has_the_password() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    for url in [
        format!("postgres://sangkien:{SECRET}@{free}/it"),
        format!("postgre://sangkien:{SECRET}@{free}/it"),
        format!("postgres://sangkien:{SECRET}@[::1/it"),
        format!("postgres://sangkien:{SECRET}@host:port/it"),
        format!("postgres://{free}/it?user=sangkien&password={SECRET}&sslmode=no"),
        format!("sangkien:{SECRET}@{free}/it"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &url])
            .env("SANGKIEN_LOG", "debug")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said =
            String::from_utf8(ended.stderr).unwrap() + &String::from_utf8(ended.stdout).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(!said.is_empty() && !said.contains(SECRET), "{said}");
    }
}
