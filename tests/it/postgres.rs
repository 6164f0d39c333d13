//! A throw-away PostgreSQL for tests and benches: one cluster per process, one database per test.
//! A bench that measures commits asks for a second kind of cluster, whose commits reach the disk; tests of TLS for a third,
//! which has the certificate of `tests/tls`.
//!
//! The cluster listens on the loopback only, on a free port, and trusts everybody. It lives as
//! long as this process and no longer, however that ends: a shell script started here owns the
//! server and its directory, and reads a pipe whose other end is ours alone. The kernel closes
//! that end when we are gone, killed too; the script then stops the server and removes the
//! directory. It shares our stderr, so whoever reads that to its end knows that nothing is left.
//!
//! Only std is used, so that a bench can say `#[path = "../tests/it/postgres.rs"] mod postgres;`.

#[path = "require.rs"]
pub mod require;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The superuser of the cluster.
const USER: &str = "sangkien";

/// The programs that are needed, all in one directory.
const TOOLS: [&str; 4] = ["initdb", "postgres", "pg_ctl", "createdb"];

/// Another process may take a free port between the choice and the listening: then the next port is
/// tried.
const PORTS_TO_TRY: usize = 5;

/// Arguments: directory of the tools, where to make the temporary directory, superuser, on or off
/// for fsync, the port of the primary if it is to be a replica, ports to try. `CERTIFICATE` and `KEY` are for TLS, or
/// empty. Prints `ready PORT`, or why it failed.
///
/// SIGPIPE is ignored, since a reader that died must not keep the script from cleaning up.
/// `pg_ctl` gives the server a session of its own, so it gets no signal that is meant for us.
const WATCH: &str = r#"
trap '' PIPE
trap 'exit 1' HUP INT TERM
bin=$1 base=$2 user=$3 fsync=$4 primary=$5
shift 5
dir=$(mktemp -d "$base/sangkien-postgres.XXXXXX") || exit 1
clean_up() {
    [ ! -f "$dir/data/postmaster.pid" ] || "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop
    cd / && rm -rf "$dir"
}
trap clean_up EXIT
fail() { cat log; exit 1; }

cd "$dir" || exit 1
if [ -n "$primary" ]; then
    "$bin/pg_basebackup" -D data -R -X stream -c fast --no-sync \
        -d "host=127.0.0.1 port=$primary user=$user" >log 2>&1 </dev/null || fail
else
    "$bin/initdb" -D data -A trust -U "$user" -E UTF8 --locale=C.UTF-8 --no-sync \
        >log 2>&1 </dev/null || fail
fi
cat >>data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
synchronous_commit = on
fsync = $fsync
CONF
if [ -n "$CERTIFICATE" ]; then
    printf '%s' "$CERTIFICATE" >data/server.crt
    (umask 077 && printf '%s' "$KEY" >data/server.key)
    echo 'ssl = on' >>data/postgresql.conf
fi
for port; do
    if "$bin/pg_ctl" -D data -l log -o "-p $port" -t 120 -s -w start >>log 2>&1 </dev/null; then
        echo "ready $port"
        read -r _
        exit 0
    fi
done
fail
"#;

/// A running PostgreSQL that ends with this process.
pub struct Cluster {
    bin: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// Its stdin is our end of the pipe.
    _watch: Child,
}

/// The cluster of this process, started by the first call; `None` where PostgreSQL is not
/// installed, which [`require::or_skip`] announces or refuses.
///
/// # Panics
///
/// When PostgreSQL is there and does not start: that is no reason to skip.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start_if_installed("off", ["", ""])).as_ref()
}

/// A cluster of the caller's own, which may be stopped and started meanwhile.
pub fn own_cluster() -> Option<Cluster> {
    Cluster::start_if_installed("off", ["", ""])
}

/// Like [`cluster`], but commits reach the disk: slower, for benches of commits.
pub fn durable_cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start_if_installed("on", ["", ""])).as_ref()
}

/// As [`cluster`], with TLS for whoever wants it, as `localhost`.
pub fn tls_cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let tls = [include_str!("../tls/server.crt"), include_str!("../tls/server.key")];
    CLUSTER.get_or_init(|| Cluster::start_if_installed("off", tls)).as_ref()
}

impl Cluster {
    fn start_if_installed(fsync: &str, tls: [&str; 2]) -> Option<Self> {
        let bin = find_tools();
        require::or_skip("postgres", bin.is_some());
        bin.map(|bin| Self::start(bin, fsync, None, tls))
    }

    fn start(
        bin: PathBuf,
        fsync: &str,
        primary: Option<u16>,
        [certificate, key]: [&str; 2],
    ) -> Self {
        let mut command = command("sh");
        let base = run_as_server_user(&mut command);
        let mut watch = command
            .args(["-c", WATCH, "sangkien-postgres"])
            .args([bin.as_os_str(), base.as_os_str(), USER.as_ref(), fsync.as_ref()])
            .arg(primary.map_or_else(String::new, |port| port.to_string()))
            .args(free_ports().map(|port| port.to_string()))
            .env("CERTIFICATE", certificate)
            .env("KEY", key)
            // Ctrl-C, or a runner that kills our group, must leave it to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let mut said = String::new();
        for line in BufReader::new(watch.stdout.take().expect("stdout is piped")).lines() {
            let line = line.expect("PostgreSQL logs UTF-8");
            if let Some(port) = line.strip_prefix("ready ") {
                return Self {
                    bin,
                    port: port.parse().expect("the script repeats a port"),
                    databases: AtomicU32::new(0),
                    _watch: watch,
                };
            }
            said.extend([&line, "\n"]);
        }
        watch.wait().expect("sh is our child");
        panic!("PostgreSQL in {} does not start:\n{said}", bin.display());
    }

    /// Creates an empty database and returns its URL, `postgres://…`. Made from `template0`, to
    /// which nobody is ever connected, so any number of threads may ask at once.
    pub fn fresh_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("sangkien_{number}");
        let server = format!("postgres://{USER}@127.0.0.1:{}", self.port);
        let output = command(self.bin.join("createdb"))
            .arg(format!("--maintenance-db={server}/postgres"))
            .args(["--no-password", "--template=template0", &name])
            .output()
            .expect("createdb runs");
        assert!(output.status.success(), "createdb: {}", String::from_utf8_lossy(&output.stderr));
        format!("{server}/{name}")
    }
}

/// The means of databases that go back, and of replicas.
impl Cluster {
    /// A replica, which has all databases of this one and follows it.
    pub fn replica(&self) -> Self {
        Self::start(self.bin.clone(), "off", Some(self.port), ["", ""])
    }

    /// Stops the server at once, like a crash; gives the folder of its data.
    pub fn stop(&self) -> PathBuf {
        let data = PathBuf::from(self.ask("postgres", "show data_directory"));
        self.control(&data, &["-m", "immediate", "stop"]);
        data
    }

    /// Starts the server that [`Self::stop`] stopped, at the same address.
    pub fn start_again(&self, data: &Path) {
        let port = format!("-p {}", self.port);
        self.control(data, &["-o", &port, "-t", "120", "start"]);
    }

    fn control(&self, data: &Path, arguments: &[&str]) {
        let mut control = command(self.bin.join("pg_ctl"));
        run_as_server_user(&mut control);
        control.arg("-D").arg(data).arg("-l").arg(data.with_file_name("log"));
        control.args(["-s", "-w"]).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let status = control.status().expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {arguments:?}: {status}");
    }

    /// A further program that comes with PostgreSQL.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs a statement in the database of that name; what it gives.
    pub fn ask(&self, database: &str, query: &str) -> String {
        let url = format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port);
        let output = command(self.tool("psql"))
            .args(["--no-psqlrc", "-At", "-d", &url, "-c", query])
            .output()
            .expect("psql runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("psql speaks UTF-8").trim().to_owned()
    }

    /// Writes a dump of the database into a file.
    pub fn dump(&self, url: &str, file: &Path) {
        let mut dump = command(self.tool("pg_dump"));
        let output = dump.args(["-d", url, "-f"]).arg(file).output().expect("pg_dump runs");
        assert!(output.status.success(), "{output:?}");
    }

    /// Ends everybody's connections to a database and puts what a dump holds in its place.
    pub fn restore(&self, url: &str, file: &Path) {
        let (_, name) = url.rsplit_once('/').expect("it ends with a name");
        self.ask("postgres", &format!("drop database {name} with (force)"));
        self.ask("postgres", &format!("create database {name} template template0"));
        let mut load = command(self.tool("psql"));
        let load = load.args(["--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"]);
        let output = load.arg(file).output().expect("psql runs");
        assert!(output.status.success(), "{output:?}");
    }

    /// Waits until the replica has all that its primary has committed by now.
    pub fn catch_up_with(&self, primary: &Self) {
        let position = primary.ask("postgres", "select pg_current_wal_lsn()");
        self.wait_for(&format!("select pg_last_wal_replay_lsn() >= '{position}'"));
    }

    /// The replica takes over nothing any more.
    pub fn stop_following(&self) {
        self.ask("postgres", "alter system set primary_conninfo = ''");
        self.ask("postgres", "select pg_reload_conf()");
        self.wait_for("select count(*) = 0 from pg_stat_wal_receiver");
    }

    /// The replica becomes a primary with what it has.
    pub fn promote(&self) {
        assert_eq!(self.ask("postgres", "select pg_promote()"), "t");
    }

    fn wait_for(&self, question: &str) {
        // Each takes a process, and so some milliseconds.
        let is_so = (0..5_000).any(|_| self.ask("postgres", question) == "t");
        assert!(is_so, "{question}");
    }
}

/// A command that is deaf to the settings of the person who runs the tests.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    command
}

/// PostgreSQL refuses root: there the command runs as the user `postgres` instead. Returns the
/// directory for temporary ones, which that user must be able to enter: root's own may be closed.
pub fn run_as_server_user(command: &mut Command) -> PathBuf {
    if id(["-u"]) != Some(0) {
        return std::env::temp_dir();
    }
    let ids = (id(["-u", "postgres"]), id(["-g", "postgres"]));
    let (Some(uid), Some(gid)) = ids else {
        panic!("PostgreSQL refuses root, and there is no user named postgres to run it as");
    };
    command.uid(uid).gid(gid);
    PathBuf::from("/tmp")
}

fn id<const N: usize>(arguments: [&str; N]) -> Option<u32> {
    let output = command("id").args(arguments).output().expect("id runs");
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The first directory on PATH that has all tools, else the newest of those where Debian and its
/// kin keep them.
fn find_tools() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    find_tools_in(&on_path, Path::new("/usr/lib/postgresql"))
}

fn find_tools_in(on_path: &[PathBuf], versions: &Path) -> Option<PathBuf> {
    // A link on PATH may be to one tool alone; where it leads are the others.
    let linked = on_path
        .iter()
        .filter_map(|dir| Some(dir.join("initdb").canonicalize().ok()?.parent()?.to_owned()));
    let mut versioned: Vec<(u32, PathBuf)> = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versioned.sort_unstable_by(|a, b| b.cmp(a));
    linked
        .chain(versioned.into_iter().map(|(_, bin)| bin))
        .find(|bin| TOOLS.iter().all(|tool| bin.join(tool).is_file()))
}

/// Ports that were free a moment ago. All are held until the last is known, so none comes twice.
fn free_ports() -> [u16; PORTS_TO_TRY] {
    let held = [(); PORTS_TO_TRY]
        .map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port"));
    held.map(|listener| listener.local_addr().expect("it is bound").port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    /// Far beyond what the slowest machine takes: only ever waited for in full by a broken test.
    const PATIENCE: Duration = Duration::from_secs(120);

    fn ask(cluster: &Cluster, url: &str, query: &str) -> String {
        let (_, name) = url.rsplit_once('/').expect("it ends with a name");
        cluster.ask(name, query)
    }

    #[test]
    fn every_thread_gets_empty_databases_of_its_own() {
        let Some(cluster) = cluster() else { return };
        let urls: Vec<String> = thread::scope(|scope| {
            let threads = [(); 12].map(|()| scope.spawn(|| cluster.fresh_database()));
            threads.map(|thread| thread.join().expect("a database is made")).into()
        });
        assert_eq!(urls.iter().collect::<BTreeSet<_>>().len(), urls.len());
        for url in &urls {
            ask(cluster, url, "CREATE TABLE unit (id bigint)"); // fails where another made it
        }
    }

    #[test]
    fn the_cluster_has_its_settings() {
        let Some(cluster) = cluster() else { return };
        let query = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name)
            FROM pg_settings
            WHERE name IN ('fsync', 'listen_addresses', 'max_connections', 'server_encoding',
                'synchronous_commit')";
        assert_eq!(
            ask(cluster, &cluster.fresh_database(), query),
            "fsync=off listen_addresses=127.0.0.1 max_connections=200 server_encoding=UTF8 \
             synchronous_commit=on"
        );
    }

    #[test]
    fn a_durable_cluster_syncs() {
        let Some(cluster) = durable_cluster() else { return };
        assert_eq!(ask(cluster, &cluster.fresh_database(), "SHOW fsync"), "on");
    }

    #[test]
    fn tools_on_path_come_first_then_the_newest() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let install = |bin: &str, tools: &[&str]| {
            let bin = dir.path().join(bin);
            std::fs::create_dir_all(&bin).expect("a directory");
            for tool in tools {
                std::fs::write(bin.join(tool), "").expect("a file");
            }
            bin.canonicalize().expect("it was just made")
        };
        let versions = dir.path().join("versions");
        assert_eq!(find_tools_in(&[], &versions), None);

        install("versions/9/bin", &TOOLS);
        let newest = install("versions/17/bin", &TOOLS);
        install("versions/18/bin", &["initdb"]);
        let found = find_tools_in(&[], &versions).expect("two are complete");
        assert_eq!(found.canonicalize().expect("it is there"), newest);

        let own = install("own", &TOOLS);
        let link = install("link", &[]);
        std::os::unix::fs::symlink(own.join("initdb"), link.join("initdb")).expect("a link");
        assert_eq!(find_tools_in(&[link], &versions), Some(own));
    }

    const HOLD: &str = "SANGKIEN_TEST_HOLD_CLUSTER";

    /// Runs itself again as a process that holds a cluster, and ends that process.
    #[test]
    fn nothing_outlives_the_process() {
        if std::env::var_os(HOLD).is_some() {
            return hold_cluster();
        }
        if cluster().is_none() {
            return;
        }
        for how in ["exit", "kill", "kill with its group"] {
            let (mut child, port, data) = spawn_holder();
            assert!(data.exists() && TcpStream::connect(("127.0.0.1", port)).is_ok());
            match how {
                "exit" => drop(child.stdin.take()),
                "kill" => child.kill().expect("it runs"),
                _ => kill_group(&child),
            }
            read_to_end(&mut child);
            let dir = data.parent().expect("data is below the directory made");
            assert!(!dir.exists(), "{how}: {} remains", dir.display());
            let connected = TcpStream::connect(("127.0.0.1", port));
            assert!(connected.is_err(), "{how}: the server still listens");
            child.wait().expect("it ended");
        }
    }

    fn hold_cluster() {
        let cluster = cluster().expect("the parent found it");
        let data = ask(cluster, &cluster.fresh_database(), "SHOW data_directory");
        let mut stdout = std::io::stdout();
        writeln!(stdout, "\nheld {} {data}", cluster.port).expect("the parent reads");
        std::io::stdin().read_to_end(&mut Vec::new()).expect("it is a pipe");
    }

    fn spawn_holder() -> (Child, u16, PathBuf) {
        let (_, module) = module_path!().split_once("::").expect("we are in a module");
        let mut child = Command::new(std::env::current_exe().expect("we run"))
            .args(["--exact", &format!("{module}::nothing_outlives_the_process")])
            .arg("--nocapture")
            .env(HOLD, "1")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the test binary runs");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let held = stdout
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("held ")?.to_owned()));
        let Some(held) = held else {
            panic!("no cluster: {}", read_to_end(&mut child));
        };
        let (port, data) = held.split_once(' ').expect("two words");
        (child, port.parse().expect("a port"), PathBuf::from(data))
    }

    /// Reads stderr until the last of those who hold it, the script, is gone.
    fn read_to_end(child: &mut Child) -> String {
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).expect("it is UTF-8");
            sender.send(said)
        });
        receiver.recv_timeout(PATIENCE).expect("the script ends with its process")
    }

    fn kill_group(child: &Child) {
        let status = command("sh")
            .args(["-c", &format!("kill -s KILL -- -{}", child.id())])
            .status()
            .expect("sh runs");
        assert!(status.success());
    }
}
