//! The server behind nginx and Caddy, set up as docs/operators/INSTALL.md says and as people do without reading it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Url;
use reqwest::header::{ACCEPT, ORIGIN};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::harness::{PATIENCE, Socket, World};
use crate::postgres::require;
use crate::wall;

const INSTALL: &str = include_str!("../../docs/operators/INSTALL.md");
const TALLY: &str = r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#;
/// The address of the server in the documents, and the name of the site.
const SERVER: &str = "127.0.0.1:8080";
const SITE: &str = "board.example";

/// A proxy that runs until it is dropped.
pub struct Proxy {
    child: Child,
    /// The origin that browsers ask.
    pub site: String,
    _dir: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A port that nobody has at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|dir| dir.join(name))
        .find(|program| program.is_file());
    require::or_skip(name, found.is_some()).then_some(found?)
}

/// The blocks of that kind in docs/operators/INSTALL.md.
fn blocks(kind: &str) -> Vec<&'static str> {
    let begin = format!("```{kind}\n");
    let blocks = INSTALL.split(&begin).skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

async fn started(mut command: Command, port: u16, dir: TempDir) -> Proxy {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("the proxy starts");
    let mut proxy = Proxy { child, site: format!("http://127.0.0.1:{port}"), _dir: dir };
    let listens = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(proxy.child.try_wait().unwrap().is_none(), "the proxy has ended");
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, listens).await.expect("the proxy listens");
    proxy
}

/// nginx, with that inside of its `http`.
pub async fn nginx(program: &Path, http: &str, port: u16) -> Proxy {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {at}/{name};\n"))
        .concat();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log {at}/errors;\n\
         events {{}}\nhttp {{\naccess_log off;\n{temporary}{http}\n}}\n"
    );
    let file = dir.path().join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(&file).arg("-p").arg(dir.path());
    command.arg("-e").arg(dir.path().join("errors"));
    started(command, port, dir).await
}

/// A block of the documents, for that server and on a port of this machine, without TLS.
fn nginx_block(block: &str, server: &str, port: u16) -> String {
    let lines = block.lines().filter(|line| !line.contains("ssl_certificate"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    assert!(text.contains("listen 443 ssl;") && text.contains(SERVER), "{text}");
    text.replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port};")).replace(SERVER, server)
}

/// A server of nginx with these lines for all that it passes on.
fn nginx_server(lines: &str, server: &str, port: u16) -> String {
    format!(
        "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{server}; \
         proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
         proxy_set_header Connection upgrade; {lines} }} }}"
    )
}

async fn caddy(program: &Path, block: &str, server: &str) -> Proxy {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let site = format!("http://127.0.0.1:{port}");
    let text = block.replace(SITE, &site).replace(SERVER, server);
    assert!(text.contains(&site) && text.contains(server), "{text}");
    let file = dir.path().join("Caddyfile");
    std::fs::write(&file, format!("{{\nadmin off\n}}\n{text}")).unwrap();
    let mut command = Command::new(program);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("HOME", dir.path()).env("XDG_DATA_HOME", dir.path());
    started(command, port, dir).await
}

/// The status with which a socket of a page of that origin is refused, or the first state that it receives.
async fn socket(base: &Url, origin: &str) -> Result<Value, u16> {
    let url = base.join("graphql").unwrap().to_string().replacen("http", "ws", 1);
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let mut socket = match Socket::try_connect(request).await {
        Ok(socket) => socket,
        Err(tungstenite::Error::Http(refused)) => return Err(refused.status().as_u16()),
        Err(error) => panic!("{error}"),
    };
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", TALLY).await;
    Ok(socket.next().await)
}

/// Does everything that a browser does there: pages, their files, queries, sockets, streams.
async fn check(base: &str, origin: &str) {
    let client = reqwest::Client::new();
    let base = Url::parse(base).unwrap();
    for page in ["wall", "graphiql"] {
        let address = base.join(page).unwrap();
        let response = client.get(address.clone()).send().await.unwrap();
        assert_eq!(response.status(), 200, "{address}");
        let text = response.text().await.unwrap();
        let named = |mark: &str| -> Vec<String> {
            let places = text.split(mark).skip(1);
            places.map(|place| place.split('"').next().unwrap().to_owned()).collect()
        };
        let files = [named("src=\""), named("<link rel=\"stylesheet\" href=\"")].concat();
        assert!(files.len() >= 3, "{text}");
        for file in files {
            let file = address.join(&file).unwrap();
            let response = client.get(file.clone()).send().await.unwrap();
            assert_eq!(response.status(), 200, "{file}");
        }
    }
    let endpoint = base.join("graphql").unwrap();
    let looked = client.get(endpoint.clone()).header(ACCEPT, "text/html").send().await.unwrap();
    assert_eq!((looked.status().as_u16(), looked.url()), (200, &base.join("graphiql").unwrap()));

    let post = |accept: &str, origin: &str, query: &str| {
        let request = client.post(endpoint.clone()).header(ACCEPT, accept).header(ORIGIN, origin);
        request.json(&json!({ "query": query })).send()
    };
    let answer = post("application/json", origin, "{ root { code } }").await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["data"]["root"]["code"], "tld");
    let mut stream = post("text/event-stream", origin, TALLY).await.unwrap();
    let mut heard = String::new();
    let state = async {
        while !heard.contains("submitted") {
            let bytes = stream.chunk().await.unwrap().expect("it goes on");
            heard.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    };
    timeout(PATIENCE, state).await.expect("nothing is held back");
    assert_eq!(socket(&base, origin).await, Ok(json!({ "submitted": 0 })), "{base}");

    for other in ["http://evil.example", "http://127.0.0.1.evil.example", "null"] {
        assert_eq!(socket(&base, other).await, Err(403), "{other}");
        assert_eq!(
            post("application/json", other, "{ root { code } }").await.unwrap().status(),
            403
        );
    }
}

#[tokio::test]
async fn nginx_as_the_documents_say() {
    let Some(program) = program("nginx") else { return };
    let blocks = blocks("nginx");
    let [whole, under_a_path] = blocks[..] else { panic!("two blocks: {blocks:?}") };
    let world = World::start_behind(true, &[]).await;
    let port = free_port();
    let proxy = nginx(&program, &nginx_block(whole, &world.address, port), port).await;
    check(&format!("{}/", proxy.site), &proxy.site).await;
    let port = free_port();
    let proxy = nginx(&program, &nginx_block(under_a_path, &world.address, port), port).await;
    check(&format!("{}/sangkien/", proxy.site), &proxy.site).await;
}

/// The proxy passes on another name, or half of the name that the browser used.
#[tokio::test]
async fn nginx_that_changes_the_name() {
    let Some(program) = program("nginx") else { return };
    for (lines, is_proxied, is_known, is_let_in) in [
        // Its default: the name of the upstream.
        ("", false, false, false),
        ("", false, true, true),
        ("", true, true, true),
        // The port is dropped.
        ("proxy_set_header Host $host;", false, false, false),
        ("proxy_set_header Host $host;", false, true, true),
        (
            "proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Port $server_port;",
            true,
            false,
            true,
        ),
        ("proxy_set_header X-Forwarded-Host $http_host;", true, false, true),
        (
            "proxy_set_header Forwarded 'for=192.0.2.1;host=\"$http_host\";proto=http';",
            true,
            false,
            true,
        ),
        // Nobody has said that there is a proxy to be believed.
        ("proxy_set_header X-Forwarded-Host $http_host;", false, false, false),
        ("proxy_set_header Host $host:443;", false, true, true),
    ] {
        let port = free_port();
        let site = format!("http://127.0.0.1:{port}");
        let known: &[&str] = if is_known { &[&site] } else { &[] };
        let world = World::start_behind(is_proxied, known).await;
        let proxy = nginx(&program, &nginx_server(lines, &world.address, port), port).await;
        let base = format!("{}/", proxy.site);
        if is_let_in {
            check(&base, &site).await;
        } else {
            assert_eq!(socket(&Url::parse(&base).unwrap(), &site).await, Err(403), "{lines}");
            // The server gives the page the reason, since the browser hides it from the page.
            let asked = format!("{base}wall/origin?is={site}");
            let told = reqwest::get(asked).await.unwrap();
            assert_eq!(told.status(), 403);
            assert!(told.text().await.unwrap().contains("--public-url"));
        }
    }
}

/// The proxy leaves the path in the requests that it passes on.
#[tokio::test]
async fn nginx_that_leaves_the_path() {
    let Some(program) = program("nginx") else { return };
    for is_told in [false, true] {
        let port = free_port();
        let site = format!("http://127.0.0.1:{port}");
        let url = format!("{site}/thi-dua/sang-kien");
        let known: &[&str] = if is_told { &[] } else { &[&url] };
        let world = World::start_behind(is_told, known).await;
        let lines = "proxy_set_header Host $http_host; \
            proxy_set_header X-Forwarded-Prefix /thi-dua/sang-kien;";
        let proxy = nginx(&program, &nginx_server(lines, &world.address, port), port).await;
        check(&format!("{}/thi-dua/sang-kien/", proxy.site), &site).await;
    }
}

#[tokio::test]
async fn caddy_as_the_documents_say() {
    let Some(program) = program("caddy") else { return };
    let blocks = blocks("caddy");
    assert_eq!(blocks.len(), 2);
    let world = World::start_behind(true, &[]).await;
    for (block, path) in blocks.iter().zip(["/", "/sangkien/"]) {
        let proxy = caddy(&program, block, &world.address).await;
        check(&format!("{}{path}", proxy.site), &proxy.site).await;
    }
}

/// A browser opens the pages, behind nginx.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_behind_a_proxy() {
    let Some(program) = program("nginx") else { return };
    let world = World::start_behind(true, &[]).await;
    let block = blocks("nginx")[1];
    let port = free_port();
    let proxy = nginx(&program, &nginx_block(block, &world.address, port), port).await;
    let unaware = World::start().await;
    let port = free_port();
    let hiding = nginx(&program, &nginx_server("", &unaware.address, port), port).await;
    let variables = [
        ("SANGKIEN_URL", format!("{}/sangkien", proxy.site)),
        ("SANGKIEN_REFUSED_URL", hiding.site.clone()),
    ];
    wall::run_with("wall-proxied.live.mjs", "wall", &variables).await;
}
