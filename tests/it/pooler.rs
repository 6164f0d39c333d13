//! PgBouncer before PostgreSQL: sessions of one's own work, sessions that are given away are refused.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use sangkien::store::Store;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::database::in_time;
use crate::deadlines::{NOW, SETTINGS, settings_of_writer};
use crate::harness::World;
use crate::postgres::{self, require};

/// Ends with us, however that is: the shell reads a pipe whose other end is ours.
const WATCH: &str = r#""$1" -q "$2" & read -r _; kill $!; wait"#;

/// A pooler before the cluster of this process.
struct Pooler {
    port: u16,
    _watch: Child,
    _dir: TempDir,
}

impl Pooler {
    async fn start(mode: &str) -> Option<Self> {
        let program = find();
        require::or_skip("pgbouncer", program.is_some());
        let (program, server) = (program?, postgres::cluster()?.port());
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut watch = postgres::command("sh");
        let dir = tempfile::tempdir_in(postgres::run_as_server_user(&mut watch)).unwrap();
        let settings = dir.path().join("pgbouncer.ini");
        let written = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=sangkien\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\ndefault_pool_size = 30\n\
             ignore_startup_parameters = options\n"
        );
        std::fs::write(&settings, written).unwrap();
        for path in [dir.path(), &settings] {
            let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(path, everybody).unwrap();
        }
        let watch = watch
            .args(["-c", WATCH, "sh"])
            .args([&program, &settings])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        in_time(async { while TcpStream::connect(("127.0.0.1", port)).await.is_err() {} }).await;
        Some(Self { port, _watch: watch, _dir: dir })
    }

    /// The database behind it, and itself.
    fn fresh_database(&self) -> (String, String) {
        let cluster = postgres::cluster().expect("it is there");
        let plain = cluster.fresh_database();
        let port = |port: u16| format!(":{port}/");
        let pooled = plain.replace(&port(cluster.port()), &port(self.port));
        (plain, pooled)
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_given_away_are_refused() {
    for mode in ["transaction", "statement"] {
        let Some(pooler) = Pooler::start(mode).await else { return };
        let (_, url) = pooler.fresh_database();
        let error = Store::open(&url).await.expect_err("it is refused");
        assert!(error.to_string().contains("pool_mode = session"), "{error}");
    }
}

/// It drops settings that are sent with the start of a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_our_own_hold_our_settings() {
    let Some(pooler) = Pooler::start("session").await else { return };
    let (plain, url) = pooler.fresh_database();
    let world = World::of(&url, NOW).await;
    assert_eq!(settings_of_writer(&world, &plain).await, SETTINGS);
}
