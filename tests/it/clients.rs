//! The tools of frontend teams, against this server: client libraries with their caches, and
//! compilers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::time::Duration;

use sangkien::http::SocketLimits;
use serde_json::Value;

use crate::harness::{TOKEN, World};
use crate::postgres::require;
use crate::wall;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql_ws_follows_a_leaderboard() {
    let Some(clients) = clients() else { return };
    let world = World::start().await;
    let client = Command::new("node")
        .args(["subscribe.mjs", &format!("http://{}", world.address), TOKEN])
        .current_dir(clients)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It loses patience by itself.
    let mut ended = tokio::task::spawn_blocking(move || client.wait_with_output());
    // It ends by itself as soon as it has seen a change: one of these comes after it began.
    let submit = async {
        for number in 0.. {
            world.submit("dong-tam", &format!("k-{number}")).await;
        }
    };
    let output = tokio::select! {
        () = submit => unreachable!("it goes on until the client ends"),
        output = &mut ended => output.unwrap().unwrap(),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["root"]["code"], "tld");
    let submitted = |board: &Value| board["entries"][0]["tally"]["submitted"].as_i64().unwrap();
    assert_eq!(told["changed"]["entries"][0]["unit"]["code"], "dong-nai");
    assert!(submitted(&told["changed"]) > submitted(&told["first"]), "{told}");
}

/// Runs a file of tests of Node.js with the world's address and token.
async fn run(file: &str, world: &World) {
    let Some(clients) = clients() else { return };
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec", file]).current_dir(clients);
    node.env("SANGKIEN_URL", format!("http://{}", world.address)).env("SANGKIEN_TOKEN", TOKEN);
    passes(node).await;
}

async fn passes(mut node: Command) {
    node.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The files `*.test.mjs`, which need no server of ours.
#[tokio::test]
async fn tests_that_need_no_server_pass() {
    let Some(clients) = clients() else { return };
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).current_dir(clients);
    passes(node).await;
}

#[tokio::test]
async fn introspection_and_schema_graphql_agree() {
    run("introspection.live.mjs", &World::start().await).await;
}

#[tokio::test]
async fn the_audits_of_graphql_over_http_pass() {
    run("audit.live.mjs", &World::start().await).await;
}

#[tokio::test]
async fn subscriptions_over_http_reach_real_clients() {
    run("streams.live.mjs", &World::start().await).await;
}

/// So that the suite need not wait for long; all else in it comes at once.
const INIT_WITHIN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql_transport_ws_is_kept_to_the_letter() {
    let limits = SocketLimits { init_within: INIT_WITHIN, ..SocketLimits::default() };
    run("transport-ws.live.mjs", &World::start_with_limits(limits).await).await;
}

#[tokio::test]
async fn apollo_client_keeps_and_updates() {
    run("apollo.live.mjs", &World::start().await).await;
}

#[tokio::test]
async fn apollo_client_with_persisted_queries_falls_back() {
    run("persisted.live.mjs", &World::start().await).await;
}

#[tokio::test]
async fn urql_with_graphcache_keeps_and_updates() {
    run("graphcache.live.mjs", &World::start().await).await;
}

/// The program is ended under clients that follow it, and started again.
async fn restart(signal: &str) {
    let Some(clients) = clients() else { return };
    let mut node = Command::new("node");
    let program = env!("CARGO_BIN_EXE_sangkien");
    node.args(["restart.mjs", program, "--signal", signal, "--clients", "50"]);
    node.current_dir(clients).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn screens_come_back_to_a_server_that_was_replaced() {
    restart("SIGTERM").await;
}

#[tokio::test]
async fn screens_come_back_to_a_server_that_was_killed() {
    restart("SIGKILL").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_package_for_front_ends_asks_follows_and_comes_back() {
    wall::run("package.live.mjs", "package").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recipes_go_as_written() {
    wall::run("recipes.live.mjs", "package").await;
}

/// Builds the package of clients/js in the folder of the clients, once for all tests of this process.
pub fn build_package(clients: &Path) {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new("node").arg("package.mjs").current_dir(clients).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    });
}

/// The folder of the clients with their package, if Node.js is there and `npm ci` was run.
pub fn clients() -> Option<PathBuf> {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|dir| dir.join("node").is_file())
        && clients.join("node_modules/relay-compiler").is_dir();
    require::or_skip("node", found).then(|| {
        build_package(&clients);
        clients
    })
}

/// The number of parts of the contract that the schema lacks. It only shrinks: a change that adds
/// some of them lowers it.
const ABSENT: usize = 8;

#[test]
fn the_schema_grows_towards_the_contract() {
    let Some(clients) = clients() else { return };
    let files = ["contract.graphql", "contract-office.graphql", "../../schema.graphql"];
    let compared =
        Command::new("node").arg("breaking.mjs").args(files).current_dir(clients).output().unwrap();
    let told = String::from_utf8(compared.stdout).unwrap();
    assert!(compared.status.success(), "{told}");
    let absent = told.lines().find_map(|line| line.strip_prefix("not there yet: "));
    let absent: usize = absent.expect("it counts what is absent").parse().unwrap();
    assert!(absent <= ABSENT, "{told}");
}
