//! The wall in a real browser: the tests themselves are in `tests/clients`, as `wall*.live.mjs`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Part, State};
use axum::routing::post;
use serde_json::json;

use crate::clients::build_package;
use crate::harness::{TOKEN, World};
use crate::postgres::require;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_in_a_browser() {
    run("wall.live.mjs", "wall").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_without_its_server() {
    run("wall-lost.live.mjs", "wall").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_come_back_to_a_server_that_was_replaced() {
    run("streams-restart.live.mjs", "streams").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_in_every_state() {
    run("wall-states.live.mjs", "wall").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_on_an_old_television() {
    run("wall-old.live.mjs", "wall").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sheet_of_a_meeting() {
    run("briefing.live.mjs", "briefing").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_for_hours() {
    run("wall-hours.live.mjs", "wall").await;
}

/// Runs a file of tests in a browser, which leaves pictures in that folder.
pub async fn run(file: &'static str, pictures: &str) {
    run_with(file, pictures, &[]).await;
}

/// Like [`run`], with these variables beside or in place of the others.
pub async fn run_with(file: &'static str, pictures: &str, variables: &[(&str, String)]) {
    let Some((clients, chromium)) = tools() else { return };
    let world = Arc::new(World::start().await);
    let control = control(Arc::clone(&world)).await;
    let artefacts = Path::new(env!("CARGO_TARGET_TMPDIR")).join(pictures);
    std::fs::create_dir_all(&artefacts).unwrap();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec", file])
        .current_dir(clients)
        .env("SANGKIEN_URL", format!("http://{}", world.address))
        .env("SANGKIEN_TOKEN", TOKEN)
        .env("SANGKIEN_CONTROL", control)
        .env("SANGKIEN_PROGRAM", env!("CARGO_BIN_EXE_sangkien"))
        .env("SANGKIEN_CHROMIUM", chromium)
        .env("SANGKIEN_ARTEFACTS", &artefacts)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn its_files_are_kept_for_as_long_as_they_are_the_same() {
    let world = World::start().await;
    let page = world.get("/wall").send().await.unwrap();
    let header = |response: &reqwest::Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&page, "cache-control").unwrap(), "no-cache");
    let etag = header(&page, "etag").unwrap();
    let digest = etag.trim_matches('"').to_owned();
    assert!(page.text().await.unwrap().contains(&format!("\"wall/{digest}/wall.js\"")));

    // A file that the browser has is not sent again, and a HEAD request gets the digest.
    for (known, status) in [(etag.as_str(), 304), ("\"of-yesterday\"", 200), ("*", 304)] {
        let again = world.get("/wall").header("if-none-match", known).send().await.unwrap();
        assert_eq!(
            (again.status().as_u16(), header(&again, "etag").unwrap()),
            (status, etag.clone())
        );
    }
    let head = reqwest::Client::new().head(format!("http://{}/wall", world.address));
    assert_eq!(header(&head.send().await.unwrap(), "etag").unwrap(), etag);

    let of = async |path: String, encoding: &str| {
        world.get(&path).header("accept-encoding", encoding).send().await.unwrap()
    };
    let plain = of(format!("/wall/{digest}/wall.css"), "identity").await;
    assert_eq!(header(&plain, "cache-control").unwrap(), "public, max-age=31536000, immutable");
    assert_eq!(header(&plain, "content-encoding"), None);
    let small = of(format!("/wall/{digest}/wall.css"), "gzip").await;
    assert_eq!(header(&small, "content-encoding").unwrap(), "gzip");
    assert_eq!(header(&small, "vary").unwrap(), "accept-encoding");
    let (plain, small) = (plain.bytes().await.unwrap(), small.bytes().await.unwrap());
    assert!(small.len() * 2 < plain.len(), "{} of {}", small.len(), plain.len());
    // While the server is replaced, a page of the other one asks: the file is served, but may not be cached.
    let other = of("/wall/of-yesterday/wall.js".to_owned(), "identity").await;
    assert_eq!(header(&other, "cache-control").unwrap(), "no-store");
    assert_eq!(of(format!("/wall/{digest}/nothing.js"), "gzip").await.status(), 404);
}

#[tokio::test]
async fn pages_lead_to_one_another() {
    let world = World::start().await;
    let text = async |path: &str| world.get(path).send().await.unwrap().text().await.unwrap();
    let start = text("/").await;
    for address in ["wall", "briefing", "wall/help", "graphiql"] {
        assert!(start.contains(&format!("href=\"{address}\"")), "{address}");
        assert_eq!(world.get(&format!("/{address}")).send().await.unwrap().status(), 200);
    }
    let help = text("/wall/help").await;
    assert!(help.contains("href=\"../wall\""), "{help}");
    let pictures = help.split("src=\"./").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut seen = 0;
    for picture in pictures {
        let picture = world.get(&format!("/wall/{picture}")).send().await.unwrap();
        assert_eq!(
            (picture.status().as_u16(), &picture.headers()["content-type"]),
            (200, &"image/webp".parse().unwrap())
        );
        seen += 1;
    }
    assert!(seen >= 3);
    // The figures of a real server are not called simulated.
    assert!(text("/wall").await.contains("data-figures=\"\""));
    // A server that listens for its own machine alone has no other address.
    assert_eq!(text("/wall/address").await, r#"{"address":null}"#);
}

/// `POST /clock/NOW` sets the server's clock, and lets the day begin. Returns the address.
async fn control(world: Arc<World>) -> String {
    async fn set(State(world): State<Arc<World>>, Part(now): Part<String>) {
        world.set_clock(&now);
        // Any command lets the day begin.
        world.upsert_unit(json!({ "code": "tld" })).await;
    }
    let app = Router::new().route("/clock/{now}", post(set)).with_state(world);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// The folder of the clients, and Chromium, if both, Node.js and the packages are there.
fn tools() -> Option<(PathBuf, PathBuf)> {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |names: &[&str]| {
        let places = || std::env::split_paths(&path);
        names
            .iter()
            .flat_map(|name| places().map(move |dir| dir.join(name)))
            .find(|it| it.is_file())
    };
    let has_node =
        find(&["node"]).is_some() && clients.join("node_modules/playwright-core").is_dir();
    let chromium = find(&["chromium", "chromium-browser", "google-chrome"]);
    let is_complete =
        require::or_skip("node", has_node) & require::or_skip("chromium", chromium.is_some());
    if is_complete {
        build_package(&clients);
    }
    is_complete.then_some((clients, chromium?))
}
