//! PostgreSQL over TLS, with a certificate of an authority of one's own.

use sangkien::store::Store;

use crate::database::ask_text;
use crate::deadlines::{NOW, submit_until_taken};
use crate::harness::World;
use crate::postgres;

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/ca.crt");

/// A fresh database, by this name of the server.
fn database(host: &str, parameters: &str) -> Option<(String, String)> {
    let plain = postgres::tls_cluster()?.fresh_database();
    let url = format!("{}?{parameters}", plain.replace("127.0.0.1", host));
    Some((plain, url))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_encrypted_where_that_is_required() {
    let verified = format!("sslmode=verify-full&sslrootcert={AUTHORITY}");
    for parameters in ["sslmode=require", &verified] {
        let Some((plain, url)) = database("localhost", parameters) else { return };
        let world = World::of(&url, NOW).await;
        submit_until_taken(&world, "k").await;
        let encrypted = "select string_agg(distinct ssl::text, ' ') from pg_stat_ssl
            join pg_stat_activity using (pid)
            where datname = current_database() and application_name like 'sangkien%'";
        assert_eq!(ask_text(&plain, encrypted).await, "true", "{parameters}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_refused() {
    let unknown = "sslmode=verify-full".to_owned();
    let known = format!("sslmode=verify-full&sslrootcert={AUTHORITY}");
    for (host, parameters) in [("localhost", unknown), ("127.0.0.1", known)] {
        let Some((_, url)) = database(host, &parameters) else { return };
        let error = Store::open(&url).await.expect_err("it is refused");
        let said = format!("{:#}", anyhow::Error::from(error));
        assert!(said.contains("certificate"), "{said}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let Some(cluster) = postgres::cluster() else { return };
    let url = format!("{}?sslmode=require", cluster.fresh_database());
    let error = Store::open(&url).await.expect_err("it is refused");
    let said = format!("{:#}", anyhow::Error::from(error));
    assert!(said.contains("does not support TLS"), "{said}");
}
