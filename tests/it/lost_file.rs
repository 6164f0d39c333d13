//! An SQLite file that is removed, replaced, overwritten, made read-only or given a second name under a server: nothing is
//! acknowledged that would be lost.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sangkien::store::Store;
use tempfile::TempDir;

use crate::crash::{ended, with_arguments};
use crate::database::{ask_number, in_time, open_sqlite, run_sql, sqlite_url, verify_database};
use crate::went_back::Node;

/// Somebody who is not the administrator: files that may not be written are writable to that one.
const NOBODY: u32 = 65_534;

struct Scene {
    file: PathBuf,
    url: String,
    dir: TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("một tệp.db");
        Self { url: sqlite_url(&file), file, dir }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn node(&self) -> Node {
        Node::start(&self.url, self.dir.path()).await
    }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", file.display()))
}

/// Waits until the node has ended because of this.
async fn ends(node: Node, because: &str) {
    let (code, said) = node.ended().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(because), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_file_ends_an_idle_server() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    std::fs::remove_file(&scene.file).unwrap();
    ends(node, "was removed while it was open").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_file_ends_the_server_before_it_acknowledges_more() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    node.server.stop().await;
    let copy = scene.beside("copy.db");
    std::fs::copy(&scene.file, &copy).unwrap();
    let node = scene.node().await;
    node.submit("b").await;
    std::fs::rename(&copy, &scene.file).unwrap();
    assert!(node.client.submit("c").await.is_err());
    ends(node, "was replaced by another file").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_removed_or_replaced_ends_the_server_and_loses_nothing() {
    type Mishap = fn(&Path);
    let mishaps: [(Mishap, &str); 3] = [
        (
            |file| std::fs::remove_file(beside(file, "-wal")).unwrap(),
            "was removed while it was open",
        ),
        (
            |file| {
                let other = beside(file, ".other");
                std::fs::write(&other, "another").unwrap();
                std::fs::rename(other, beside(file, "-wal")).unwrap();
            },
            "was replaced by another file while it was open",
        ),
        // Without it this server and other commands would not know of one another.
        (
            |file| std::fs::remove_file(beside(file, "-shm")).unwrap(),
            "-shm was removed while it was open",
        ),
    ];
    for (happens, because) in mishaps {
        let scene = Scene::new();
        let node = scene.node().await;
        node.submit("a").await;
        happens(&scene.file);
        // It may be noticed before or after.
        let b = node.client.submit("b").await.is_ok();
        let (code, said) = node.ended().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(because), "{said}");
        assert!(said.contains("what was in the log is in the database"), "{said}");
        in_time(verify_database(&scene.url)).await;
        let count = ask_number(&scene.url, "select count(*) from initiatives").await;
        assert_eq!(count, 1 + i64::from(b));
        let node = scene.node().await;
        node.submit("c").await;
        node.server.stop().await;
    }
}

/// SQLite would take it into the file at the next start, over all that came since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_of_the_log_in_its_place_is_put_aside() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    let (log, copy) = (beside(&scene.file, "-wal"), scene.beside("copy"));
    std::fs::copy(&log, &copy).unwrap();
    node.submit("b").await;
    let kept = std::fs::read(&copy).unwrap();
    std::fs::rename(&copy, &log).unwrap();
    let (code, said) = node.ended().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("-wal.other now; what was in the log is in the database"), "{said}");
    assert_eq!(std::fs::read(beside(&scene.file, "-wal.other")).unwrap(), kept);
    let node = scene.node().await;
    node.submit("c").await;
    node.server.stop().await;
    in_time(verify_database(&scene.url)).await;
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 3);
}

/// A reader holds the newest changes out of the file: they are brought there once it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_removed_while_somebody_reads_loses_nothing() {
    /// Longer than SQLite waits by itself.
    const READ_FOR: Duration = Duration::from_secs(8);

    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    let mut reader = open_sqlite(scene.file.to_str().unwrap()).await;
    sqlx::raw_sql("begin; select * from counter").execute(&mut reader).await.unwrap();
    node.submit("b").await;
    std::fs::remove_file(beside(&scene.file, "-wal")).unwrap();
    let mut ended = tokio::spawn(node.ended());
    let waits = tokio::time::timeout(READ_FOR, &mut ended).await;
    assert!(waits.is_err(), "it has given up: {waits:?}");
    sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
    let (code, said) = in_time(ended).await.unwrap();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("once nobody reads what was before"), "{said}");
    assert!(said.contains("what was in the log is in the database"), "{said}");
    drop(reader);
    in_time(verify_database(&scene.url)).await;
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 2);
}

/// A log cannot be brought into the file while somebody writes: a transaction that notices its loss gives way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_notices_a_lost_log_does_not_hold_up_its_rescue() {
    let scene = Scene::new();
    let store = Store::open(&scene.url).await.unwrap();
    let _lock = store.lock_for_serving().await.unwrap();
    let mut tx = store.begin_write().await.unwrap();
    tx.rewrite_head().await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin_write().await.unwrap();
    tx.rewrite_head().await.unwrap();
    std::fs::remove_file(format!("{}-wal", scene.file.display())).unwrap();
    let lost = in_time(tx.commit()).await.unwrap_err().to_string();
    assert!(lost.contains("what was in the log is in the database"), "{lost}");
}

/// A backup, an export or `verify` reads while the server writes, and the log is brought into the file only up to where
/// that began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_for_long_beside_the_server_does_not_end_it() {
    let scene = Scene::new();
    let node = scene.node().await;
    let mut reader = open_sqlite(scene.file.to_str().unwrap()).await;
    for round in 0..60 {
        node.submit(&format!("before {round}")).await;
        let begin = "begin; select * from counter";
        sqlx::raw_sql(begin).execute(&mut reader).await.unwrap();
        node.submit(&format!("beside {round}")).await;
        run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
        node.submit(&format!("after {round}")).await;
        if round % 4 == 0 {
            // Pages go elsewhere, and some of the old ones are held back.
            sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
            run_sql(&scene.url, "vacuum").await;
            sqlx::raw_sql(begin).execute(&mut reader).await.unwrap();
            node.submit(&format!("moved {round}")).await;
            run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
            node.submit(&format!("once more {round}")).await;
        }
        sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
    }
    drop(reader);
    assert!(node.server.stop().await.success());
    in_time(verify_database(&scene.url)).await;
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 180 + 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_cut_ends_the_server_before_it_acknowledges_more() {
    // All that was committed is in the file before, or a part of it is in the log alone.
    for (is_brought, left) in [(true, 0), (false, 0), (false, 20_000)] {
        let scene = Scene::new();
        let node = scene.node().await;
        node.submit("a").await;
        run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
        if !is_brought {
            node.submit("b").await;
        }
        let log = format!("{}-wal", scene.file.display());
        std::fs::File::options().write(true).open(log).unwrap().set_len(left).unwrap();
        assert!(node.client.submit("c").await.is_err());
        let (code, said) = node.ended().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("was overwritten while it was open"), "{said}");
        assert_eq!(said.contains("what was in the log is in the database"), is_brought, "{said}");
        assert_eq!(said.contains("what was in the log may be lost"), !is_brought, "{said}");
        // It is a database still, as of the last time that the log was brought in.
        in_time(verify_database(&scene.url)).await;
        assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 1);
        let node = scene.node().await;
        node.submit("d").await;
        node.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overwritten_file_ends_the_server_before_it_acknowledges_more() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    node.server.stop().await;
    let copy = scene.beside("copy.db");
    std::fs::copy(&scene.file, &copy).unwrap();
    let node = scene.node().await;
    node.submit("b").await;
    run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
    node.submit("c").await;
    std::fs::copy(&copy, &scene.file).unwrap();
    assert!(node.client.submit("d").await.is_err());
    ends(node, "was overwritten while it was open").await;

    // Its advice helps.
    std::fs::copy(&copy, &scene.file).unwrap();
    for end in ["-wal", "-shm"] {
        let name = format!("{}{end}", scene.file.display());
        if let Err(error) = std::fs::remove_file(name) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
    }
    let node = scene.node().await;
    node.submit("e").await;
    node.server.stop().await;
    in_time(verify_database(&scene.url)).await;
}

/// A service starts again at once, while its administrator has the file elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_elsewhere_gets_no_other_in_its_place() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    let elsewhere = scene.beside("elsewhere.db");
    std::fs::rename(&scene.file, &elsewhere).unwrap();
    ends(node, "was removed while it was open").await;
    let refused = |left: &str| {
        let output = ended(&["serve", "--listen", "127.0.0.1:0", "--database", &scene.url]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("{left} is, which belongs to it")), "{said}");
        assert!(!scene.file.exists());
    };
    refused("-wal");
    refused("-wal");
    std::fs::rename(&elsewhere, &scene.file).unwrap();
    in_time(verify_database(&scene.url)).await;
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 1);
    // So is one that went away between two runs.
    let node = scene.node().await;
    node.submit("b").await;
    node.server.stop().await;
    std::fs::remove_file(&scene.file).unwrap();
    refused(".lock");
}

/// The file is gone for good, and a backup takes its place; a copy by hand is told what to remove.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_takes_the_place_of_a_file_of_which_the_log_is_left() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    let backup = scene.beside("backup.db");
    let copied = ended(&["backup", "--database", &scene.url, backup.to_str().unwrap()]);
    assert!(copied.status.success(), "{copied:?}");
    node.submit("b").await;
    std::fs::remove_file(&scene.file).unwrap();
    ends(node, "was removed while it was open").await;
    std::fs::copy(&backup, &scene.file).unwrap();
    let output = ended(&["verify", "--database", &scene.url]);
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(0) {
        assert!(said.contains("remove the files of the same name that end with -wal"), "{said}");
    }
    std::fs::remove_file(&scene.file).unwrap();
    let restore = |more: &[&str]| {
        let restore = ["restore", "--database", &scene.url, backup.to_str().unwrap()];
        let output = ended(&[&restore[..], more].concat());
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = restore(&[]);
    assert!(code == Some(1) && said.contains("give up the log with --replace"), "{said}");
    let (code, said) = restore(&["--replace"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(".before-"), "{said}");
    in_time(verify_database(&scene.url)).await;
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_overwritten_by_a_longer_log_of_another_ends_the_server() {
    let (scene, other) = (Scene::new(), Scene::new());
    let node = other.node().await;
    for key in ["p", "q", "r", "s", "t", "u"] {
        node.submit(key).await;
    }
    node.server.stop().await;
    let node = scene.node().await;
    node.submit("a").await;
    run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
    node.submit("b").await;
    std::fs::copy(&other.file, &scene.file).unwrap();
    assert!(node.client.submit("c").await.is_err());
    ends(node, "was overwritten while it was open").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_into_a_file_that_is_no_database_any_more() {
    for left in [0, 8_192] {
        let scene = Scene::new();
        let node = scene.node().await;
        node.submit("a").await;
        run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
        node.submit("b").await;
        std::fs::File::options().write(true).open(&scene.file).unwrap().set_len(left).unwrap();
        assert!(node.client.submit("c").await.is_err());
        ends(node, "was overwritten while it was open").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_file_ends_an_idle_server() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    run_sql(&scene.url, "pragma wal_checkpoint(passive)").await;
    node.submit("b").await;
    std::fs::write(&scene.file, "").unwrap();
    ends(node, "was overwritten while it was open").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_two_names_is_served_by_neither() {
    let scene = Scene::new();
    let node = scene.node().await;
    node.submit("a").await;
    let link = scene.beside("link.db");
    std::fs::hard_link(&scene.file, &link).unwrap();
    let refused = |path: &Path| {
        let url = sqlite_url(path);
        let refused = ended(&["serve", "--listen", "127.0.0.1:0", "--database", &url]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("has 2 names (hard links)"), "{said}");
    };
    refused(&link);
    node.submit("b").await;
    node.server.stop().await;
    refused(&link);
    refused(&scene.file);
    std::fs::remove_file(&link).unwrap();
    scene.node().await.submit("c").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_is_refused() {
    let scene = Scene::new();
    scene.node().await.server.stop().await;
    let mut conn = open_sqlite(scene.file.to_str().unwrap()).await;
    for sql in ["pragma locking_mode = exclusive", "begin exclusive"] {
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    }
    let refused = ended(&["serve", "--listen", "127.0.0.1:0", "--database", &scene.url]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("locked"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_file_is_said_once_and_got_over() {
    let scene = Scene::new();
    std::fs::set_permissions(scene.dir.path(), Permissions::from_mode(0o777)).unwrap();
    // An administrator may write what is read-only.
    let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    if chown(scene.dir.path(), Some(NOBODY), None).is_ok() {
        let id = NOBODY.to_string();
        command = Command::new("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        command.arg(env!("CARGO_BIN_EXE_sangkien"));
    }
    let mut command = with_arguments(command, &scene.url);
    command.env("SANGKIEN_LOG", "info");
    let node = Node::run(command, scene.dir.path()).await;
    let address = node.server.address.clone();
    let ready = async || {
        let answer = reqwest::get(format!("{address}/health/ready")).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    node.submit("a").await;
    std::fs::set_permissions(&scene.file, Permissions::from_mode(0o444)).unwrap();
    assert!(node.client.submit("b").await.is_err());
    let (status, said) = ready().await;
    assert!(status == 503 && said.contains("read-only"), "{status} {said}");
    assert!(node.client.submit("b").await.is_err());
    std::fs::set_permissions(&scene.file, Permissions::from_mode(0o644)).unwrap();
    node.submit_in_the_end("b").await;
    in_time(async { while ready().await.0 != 200 {} }).await;
    // The fault is over once none failed for a while.
    let over = "changes are carried out again";
    in_time(async {
        while !node.said().contains(over) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let said = node.said();
    for line in ["is read-only", over] {
        assert_eq!(said.matches(line).count(), 1, "{said}");
    }
    assert!(node.server.stop().await.success());
}
