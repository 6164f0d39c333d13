//! A database that went back: an older copy was put in its place, or a replica took over that lacks the last changes.
//! A server that runs says so and ends; one that starts serves what is there; and whoever knows more is told.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sangkien::domain::{Command as Change, Timestamp, UnitId, UnitRef, Version};
use sangkien::writer::{Failure, Unavailable};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::commands;
use crate::crash::{Client, Server, serve};
use crate::database::{Kind, in_time, run_sql, sqlite_url, verify_database};
use crate::postgres::Cluster;
use crate::writer_node::{Backend, WriterNode};

/// The program, what it wrote to stderr, and a client of it.
pub struct Node {
    pub server: Server,
    pub client: Client,
    said: PathBuf,
}

impl Node {
    pub async fn start(url: &str, dir: &Path) -> Self {
        Self::run(serve(url), dir).await
    }

    pub async fn run(mut command: Command, dir: &Path) -> Self {
        let said = tempfile::NamedTempFile::new_in(dir).unwrap().into_temp_path().keep().unwrap();
        command.stderr(Stdio::from(std::fs::File::create(&said).unwrap()));
        let server = Server::start(command).await;
        let client = Client::of(&server);
        Self { server, client, said }
    }

    pub async fn submit(&self, key: &str) {
        self.client.submit(key).await.expect("it is taken");
    }

    /// Submits as soon as the database is there again.
    pub async fn submit_in_the_end(&self, key: &str) {
        let again = async { while self.client.submit(key).await.is_err() {} };
        in_time(again).await;
    }

    async fn answer(&self, query: &str) -> Value {
        self.client.answer(query, json!({})).await.expect("it answers")
    }

    /// The mark of the newest state, which is a cursor of the log as well.
    async fn mark(&self) -> String {
        let answer = self.answer("{ root { id } }").await;
        answer["extensions"]["mark"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The answer to a client that comes back with a mark, by each way in which it can: an error's code, or `None`.
    async fn told(&self, mark: &str) -> Option<String> {
        let mut told = Vec::new();
        for query in [
            format!(r#"{{ initiatives(filter: {{ changedSince: "{mark}" }}) {{ totalCount }} }}"#),
            format!(r#"{{ units(filter: {{ changedSince: "{mark}" }}) {{ totalCount }} }}"#),
            format!(r#"{{ initiativeEvents(after: "{mark}") {{ nodes {{ version }} }} }}"#),
        ] {
            let answer = self.answer(&query).await;
            told.push(answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned));
        }
        assert!(told.iter().all(|code| *code == told[0]), "{told:?}");
        told.swap_remove(0)
    }

    async fn expires(&self, mark: &str) -> bool {
        self.told(mark).await.as_deref() == Some("CURSOR_EXPIRED")
    }

    /// All that it has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }

    /// The code with which it ends by itself, and what it said.
    pub async fn ended(self) -> (Option<i32>, String) {
        let status = self.server.ended().await;
        (status.code(), std::fs::read_to_string(self.said).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_file_in_place_of_a_stopped_one_expires_what_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    let (file, copy) = (dir.path().join("it.db"), dir.path().join("copy.db"));
    let url = sqlite_url(&file);
    let node = Node::start(&url, dir.path()).await;
    node.submit("a").await;
    let kept = node.mark().await;
    node.server.stop().await;
    std::fs::copy(&file, &copy).unwrap();

    let node = Node::start(&url, dir.path()).await;
    node.submit("b").await;
    let lost = node.mark().await;
    assert_eq!(node.told(&lost).await, None);
    node.server.stop().await;
    std::fs::copy(&copy, &file).unwrap();

    let node = Node::start(&url, dir.path()).await;
    for key in ["c", "d"] {
        assert!(node.expires(&lost).await, "before {key}");
        assert_eq!(node.told(&kept).await, None);
        node.submit(key).await;
    }
    assert!(node.expires(&lost).await);
    node.server.stop().await;
    in_time(verify_database(&url)).await;
}

/// One node sees that the log is shorter; another, which stood still meanwhile, that it is another one of the same length
/// and more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_restored_from_a_dump_ends_the_servers_that_knew_more() {
    let Some(Kind::Postgres(cluster)) = Kind::postgres() else { return };
    let (url, dir) = (cluster.fresh_database(), tempfile::tempdir().unwrap());
    let (node, frozen) = (Node::start(&url, dir.path()).await, Node::start(&url, dir.path()).await);
    node.submit("a").await;
    let kept = node.mark().await;
    let dump = dir.path().join("dump.sql");
    cluster.dump(&url, &dump);
    node.submit("b").await;
    let lost = node.mark().await;
    assert_eq!(frozen.told(&lost).await, None, "it has come as far");
    frozen.server.signal("STOP");
    cluster.restore(&url, &dump);
    let (code, said) = node.ended().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the database went back") && said.contains("ends at event"), "{said}");

    let node = Node::start(&url, dir.path()).await;
    assert!(node.expires(&lost).await);
    for key in ["c", "d", "e"] {
        node.submit(key).await;
    }
    assert!(node.expires(&lost).await);
    assert_eq!(node.told(&kept).await, None);
    frozen.server.signal("CONT");
    let (code, said) = frozen.ended().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("has an event of that number with the tag"), "{said}");
    node.server.stop().await;
    in_time(verify_database(&url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_replica_that_lacks_the_last_changes_ends_the_server() {
    let Some(Kind::Postgres(primary)) = Kind::postgres() else { return };
    let scene = Scene::new(primary).await;
    let node = Node::start(&scene.url, scene.dir.path()).await;
    node.submit("a").await;
    let kept = node.mark().await;
    scene.replica.catch_up_with(primary);
    scene.replica.stop_following();
    node.submit("b").await;
    let lost = node.mark().await;
    scene.switch_over();
    let (code, said) = node.ended().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the database went back") && said.contains("ends at event"), "{said}");

    let node = Node::start(&scene.url, scene.dir.path()).await;
    assert!(node.expires(&lost).await);
    assert_eq!(node.told(&kept).await, None);
    node.submit("c").await;
    assert!(node.expires(&lost).await);
    node.server.stop().await;
    in_time(verify_database(&scene.url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_switch_over_expires_nothing() {
    let Some(Kind::Postgres(primary)) = Kind::postgres() else { return };
    let scene = Scene::new(primary).await;
    let node = Node::start(&scene.url, scene.dir.path()).await;
    node.submit("a").await;
    let mark = node.mark().await;
    scene.replica.catch_up_with(primary);
    scene.switch_over();
    node.submit_in_the_end("b").await;
    assert_eq!(node.told(&mark).await, None);
    assert!(node.server.stop().await.success());
    let node = Node::start(&scene.url, scene.dir.path()).await;
    assert_eq!(node.told(&mark).await, None);
    node.server.stop().await;
    in_time(verify_database(&scene.url)).await;
}

/// A primary, its replica, and an address that leads to either.
pub struct Scene {
    pub url: String,
    /// The primary itself.
    pub direct: String,
    pub replica: Cluster,
    leads_to: watch::Sender<u16>,
    pub dir: TempDir,
}

impl Scene {
    pub async fn new(primary: &Cluster) -> Self {
        let direct = primary.fresh_database();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (leads_to, target) = watch::channel(primary.port());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(lead(client, target.clone()));
            }
        });
        let replica = primary.replica();
        let url = direct.replace(&format!(":{}/", primary.port()), &format!(":{port}/"));
        Self { url, direct, replica, leads_to, dir: tempfile::tempdir().unwrap() }
    }

    /// Nobody comes to the old primary any more; the replica takes its place.
    pub fn switch_over(&self) {
        self.leads_to.send_replace(0);
        self.replica.promote();
        self.leads_to.send_replace(self.replica.port());
    }
}

/// Leads a client's connection to a port until that changes.
async fn lead(mut client: TcpStream, mut target: watch::Receiver<u16>) {
    let port = *target.borrow_and_update();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    tokio::select! {
        _ended = copy_bidirectional(&mut client, &mut server) => {}
        _changed = target.changed() => {}
    }
}

/// Nothing is written into a database that went back.
#[tokio::test]
async fn a_writer_leaves_a_database_that_went_back_as_it_is() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let Some(node) = WriterNode::open(backend, now, 1).await else { continue };
        let submit = |key: &str| Change::Submit(commands::submit(key, UnitRef::Id(UnitId(1))));
        node.execute(submit("a")).await.unwrap();
        let reply = node.execute(submit("b")).await.unwrap();
        run_sql(
            &node.url,
            "delete from events where version = (select version from counter);
             delete from initiatives where key = 'b';
             update counter set version = version - 1, initiative_id = initiative_id - 1",
        )
        .await;
        let refused = node.execute(submit("c")).await.unwrap_err();
        assert_eq!(refused, Failure::Unavailable(Unavailable::Database));
        in_time(node.store.await_lost()).await;
        let store = sangkien::store::Store::open(&node.url).await.unwrap();
        let found = store.begin_read().await.unwrap().version();
        assert_eq!(found, Version(reply.version.0 - 1), "nothing was added");
    }
}
