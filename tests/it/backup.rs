//! Backups, restores and moves of whole databases, by the commands that an operator uses.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use sangkien::auth::Role;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::database::{ask_number, in_time, run_sql, sqlite_url};
use crate::disk::Disk;
use crate::harness::World;
use crate::postgres;

const TABLES: [&str; 11] = [
    "counter",
    "units",
    "periods",
    "targets",
    "tokens",
    "people",
    "initiatives",
    "authors",
    "prunes",
    "kept_figures",
    "events",
];

/// Runs the program while the test goes on.
async fn sangkien(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let run = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(arguments)
            .stdin(Stdio::null())
            .env("SANGKIEN_LOG", "warn")
            .output()
            .unwrap()
    });
    in_time(run).await.unwrap()
}

/// Runs the program, which must succeed; returns what it printed.
async fn succeed(arguments: &[&str]) -> String {
    let output = sangkien(arguments).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the program, which must fail; returns what it said.
async fn fail(arguments: &[&str]) -> String {
    let output = sangkien(arguments).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A bit of everything that a database holds.
async fn furnish(world: &World) {
    world.token(Role::Partner, "tld").await;
    world.set_goals(&[("dong-nai", 40), ("bien-hoa", 10)]).await;
    let mut ids = Vec::new();
    for number in 0..30 {
        let key = format!("khóa \"{number}\" ' \\ ữ");
        ids.push(world.submit("dong-tam", &key).await["id"].clone());
    }
    for (id, decision) in ids.iter().zip(["ACCEPT", "REJECT", "RETURN"].iter().cycle()).take(9) {
        if *decision == "ACCEPT" {
            world.review(id, decision).await;
        }
    }
    // A unit whose parent has a greater number than its own.
    let new = json!({ "code": "later", "name": "Mới", "kind": "INTERMEDIATE_UNION", "parent": { "code": "dong-nai" } });
    world.upsert_unit(new).await;
    world.upsert_unit(json!({ "code": "dong-tam", "parent": { "code": "later" } })).await;
    // A unit that is gone, and another with its code.
    let wrong = json!({ "code": "wrong", "name": "Nhầm", "kind": "SECTION", "parent": { "code": "later" } });
    world.upsert_unit(wrong.clone()).await;
    let delete = "mutation ($input: DeleteUnitInput!) {
      deleteUnit(input: $input) { unit { code } errors { code path message } }
    }";
    world.change(delete, json!({ "unit": { "code": "wrong" } })).await;
    world.upsert_unit(wrong).await;
}

/// The rows that only one of two SQLite files has, by table.
async fn differences(one: &Path, other: &Path) -> Vec<String> {
    let mut file = crate::database::open_sqlite(&one.display().to_string()).await;
    let attach = sqlx::query("attach $1 as other").bind(other.display().to_string());
    attach.execute(&mut file).await.unwrap();
    let mut found = Vec::new();
    for table in TABLES {
        let sql = format!(
            "select (select count(*) from (select * from main.{table} except select * from other.{table}))
                  + (select count(*) from (select * from other.{table} except select * from main.{table}))"
        );
        let rows: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut file).await.unwrap();
        if rows > 0 {
            found.push(format!("{rows} rows of {table}"));
        }
    }
    file.close().await.unwrap();
    found
}

fn path_of(url: &str) -> &Path {
    Path::new(url.strip_prefix("sqlite://").unwrap())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_database_moves_to_the_other_kind_and_back_unchanged() {
    let world = World::start().await;
    furnish(&world).await;
    let (url, _clock, _dir) = world.stop().await;
    let dir = folder();
    let copied = sqlite_url(&dir.path().join("new/again.db"));
    let mut last = url.clone();
    if let Some(cluster) = postgres::cluster() {
        last = cluster.fresh_database();
        let told = succeed(&["copy", "--from", &url, "--to", &last]).await;
        assert!(told.contains("copied exactly\n0 differences"), "{told}");
    }
    succeed(&["copy", "--from", &last, "--to", &copied]).await;
    assert_eq!(differences(path_of(&url), path_of(&copied)).await, Vec::<String>::new());
    let left: Vec<_> = std::fs::read_dir(dir.path().join("new")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing lies beside the copy: {left:?}");
    // It is served, with all indexes.
    let world = World::of(&copied, "2022-05-11T08:00:00+07:00").await;
    assert_eq!(world.submitted(&["later", "dong-nai"]).await, [30, 30]);
    let found = world.query("{ initiatives(filter: { text: \"khuon\" }) { totalCount } }").await;
    assert_eq!(found["initiatives"]["totalCount"], json!(30));
    world.submit("dong-tam", "one more").await;
}

#[tokio::test]
async fn a_backup_is_of_one_version_while_others_write() {
    for world in World::start_on_each().await {
        furnish(&world).await;
        let dir = folder();
        let file = dir.path().join("backup.db");
        let before = world.version().await;
        let is_done = AtomicBool::new(false);
        let writing = async {
            let mut count = 0;
            while !is_done.load(Ordering::Relaxed) {
                world.submit("dong-tam", &format!("beside {count}")).await;
                count += 1;
            }
            count
        };
        let backing_up = async {
            let arguments = ["backup", "--database", &world.database, file.to_str().unwrap()];
            let told = succeed(&arguments).await;
            is_done.store(true, Ordering::Relaxed);
            told
        };
        let (written, told) = tokio::join!(writing, backing_up);
        assert!(written > 0 && told.contains("\n0 differences at version"), "{told}");
        let version = ask_number(&sqlite_url(&file), "select version from counter").await;
        assert!((before..=world.version().await).contains(&version));
        let rows = ask_number(&sqlite_url(&file), "select count(*) from events").await;
        assert_eq!(rows, version, "the log is whole");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others may not read it");
        }
    }
}

#[tokio::test]
async fn a_restored_database_gives_no_number_again_and_is_another_log() {
    for world in World::start_on_each().await {
        furnish(&world).await;
        let dir = folder();
        let file = dir.path().join("backup.db");
        succeed(&["backup", "--database", &world.database, file.to_str().unwrap()]).await;
        let lost = world.submit("dong-tam", "lost").await;
        let ask = json!({ "query": "{ root { id } }" });
        let mark = world.ask(&ask).await["extensions"]["mark"].clone();
        let cursor = event_cursor(&world).await;
        let (url, _clock, _dir) = world.stop().await;

        let arguments = ["restore", "--database", &url, file.to_str().unwrap()];
        assert!(fail(&arguments).await.contains("--replace"));
        let told = succeed(&[&arguments[..], &["--replace"]].concat()).await;
        assert_eq!(
            told.contains("the database of before is "),
            url.starts_with("sqlite"),
            "{told}"
        );

        let world = World::of(&url, "2022-05-11T08:00:00+07:00").await;
        let new = world.submit("dong-tam", "after").await;
        assert_ne!(new["id"], lost["id"], "a client may hold the id");
        let unit = json!({ "code": "new", "name": "Mới", "kind": "GRASSROOTS_UNION", "parent": { "code": "dong-nai" } });
        world.upsert_unit(unit).await;
        let highest = ask_number(&url, "select max(id) from initiatives").await;
        assert!(highest > 10_000_000, "{highest}");
        let since = |mark: &Value| {
            json!({
                "query": "query ($mark: String!) { units(filter: { changedSince: $mark }) { totalCount } }",
                "variables": { "mark": mark },
            })
        };
        let answer = world.ask(&since(&mark)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "CURSOR_EXPIRED", "{answer}");
        let mut socket = world.socket().await;
        let document = format!(
            "subscription {{ initiativeEvents(within: {{ code: \"tld\" }}, after: {cursor}) {{ cursor }} }}"
        );
        socket.subscribe("1", &document).await;
        let refusal = socket.refusal().await;
        assert!(refusal.to_string().contains("CURSOR_EXPIRED"), "{refusal}");
    }
}

/// The cursor of the last event.
async fn event_cursor(world: &World) -> Value {
    let answer = world.query("{ initiativeEvents(first: 0) { pageInfo { endCursor } } }").await;
    answer["initiativeEvents"]["pageInfo"]["endCursor"].clone()
}

#[tokio::test]
async fn nothing_is_replaced_unasked_and_nothing_unsound_is_restored() {
    let world = World::start().await;
    furnish(&world).await;
    let dir = folder();
    let file = dir.path().join("backup.db");
    let file = file.to_str().unwrap();
    succeed(&["backup", "--database", &world.database, file]).await;
    let told = fail(&["backup", "--database", &world.database, file]).await;
    assert!(told.contains("exists already"), "{told}");
    // A server has the database open.
    let told = fail(&["restore", "--replace", "--database", &world.database, file]).await;
    assert!(told.contains("is served by another sangkien already"), "{told}");
    // A name that was mistyped makes no database.
    let typo = dir.path().join("typo.db");
    let told = fail(&["backup", "--database", &sqlite_url(&typo), "/nonexistent/b.db"]).await;
    assert!(told.contains("there is no database") && !typo.exists(), "{told}");
    let told = fail(&["verify", "--database", &sqlite_url(&typo)]).await;
    assert!(told.contains("there is no database") && !typo.exists(), "{told}");
    // A file that is none, and one that somebody changed.
    std::fs::write(&typo, "no database at all, though it has some length").unwrap();
    let target = sqlite_url(&dir.path().join("target.db"));
    fail(&["restore", "--database", &target, typo.to_str().unwrap()]).await;
    run_sql(&sqlite_url(Path::new(file)), "delete from events where version = 20").await;
    let told = fail(&["restore", "--database", &target, file]).await;
    assert!(told.contains("not sound"), "{told}");
    assert!(!path_of(&target).exists());
    if let Some(cluster) = postgres::cluster() {
        let world_of_postgres =
            World::of(&cluster.fresh_database(), "2022-05-10T08:00:00+07:00").await;
        let url = world_of_postgres.database.clone();
        let to = ["copy", "--from", &world.database, "--to", &url];
        let told = fail(&to).await;
        assert!(told.contains("a sangkien server has the database open"), "{told}");
        world_of_postgres.stop().await;
        assert!(fail(&to).await.contains("--replace"));
        succeed(&[&to[..], &["--replace"]].concat()).await;
    }
}

/// The commands of the operators' page, in its order.
#[tokio::test]
async fn the_page_for_operators_says_what_works() {
    let world = World::start().await;
    furnish(&world).await;
    let (url, _clock, _dir) = world.stop().await;
    let dir = folder();
    for name in ["var", "backups"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    std::fs::copy(path_of(&url), dir.path().join("var/union.db")).unwrap();
    let page = include_str!("../../docs/operators/INSTALL.md");
    let section = page.split("\n## ").find(|section| section.starts_with("4. A backup")).unwrap();
    let blocks: Vec<_> =
        crate::blocks::blocks(section).into_iter().filter(|it| it.language == "sh").collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let here = |name: &str| dir.path().join(name).display().to_string();
        let script = block
            .text
            .replace("/var/lib/sangkien", &here("var"))
            .replace("/backups", &here("backups"))
            .replace("sangkien ", concat!(env!("CARGO_BIN_EXE_sangkien"), " "));
        let output = Command::new("sh").args(["-ec", &script]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let backups = std::fs::read_dir(dir.path().join("backups")).unwrap();
    assert_eq!(backups.count(), 1, "nothing lies beside the backup that was read");
    let names: Vec<_> =
        std::fs::read_dir(dir.path().join("var")).unwrap().map(Result::unwrap).collect();
    let kept = names.iter().filter(|it| it.file_name().to_string_lossy().contains(".before-"));
    assert_eq!(kept.count(), 1, "{names:?}");
}

#[tokio::test]
async fn a_command_leaves_a_whole_file() {
    let dir = folder();
    let file = dir.path().join("it.db");
    let csv = dir.path().join("units.csv");
    let units = "code,name,kind,parent_code\ntld,Tổng Liên đoàn,CONFEDERATION,\ncdcs,Cơ sở,GRASSROOTS_UNION,tld\n";
    std::fs::write(&csv, units).unwrap();
    let url = sqlite_url(&file);
    succeed(&["import", "--database", &url, "units", csv.to_str().unwrap()]).await;
    succeed(&["token", "create", "--database", &url, "--role", "PARTNER"]).await;
    succeed(&["token", "revoke", "--database", &url, "1"]).await;
    let alone = dir.path().join("alone.db");
    std::fs::copy(&file, &alone).unwrap();
    let copy = sqlite_url(&alone);
    assert_eq!(ask_number(&copy, "select count(*) from units").await, 2);
    assert_eq!(ask_number(&copy, "select count(*) from tokens where revoked_at > 0").await, 1);
}

#[tokio::test]
async fn a_link_stays_and_what_is_no_file_is_refused() {
    let dir = folder();
    let here = |name: &str| dir.path().join(name);
    let (data, link, pipe, nowhere) =
        (here("data.db"), here("link"), here("pipe"), here("nowhere"));
    let world = World::start().await;
    furnish(&world).await;
    let (url, _clock, _dir) = world.stop().await;
    let backup = here("backup.db");
    let backup = backup.to_str().unwrap();
    succeed(&["backup", "--database", &url, backup]).await;
    std::os::unix::fs::symlink(&data, &link).unwrap();
    std::os::unix::fs::symlink(here("gone"), &nowhere).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();

    std::fs::copy(path_of(&url), &data).unwrap();
    succeed(&["restore", "--replace", "--database", &sqlite_url(&link), backup]).await;
    assert!(link.is_symlink());
    assert_eq!(ask_number(&sqlite_url(&data), "select count(*) from initiatives").await, 30);

    let is_pipe = || {
        use std::os::unix::fs::FileTypeExt as _;
        std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo()
    };
    for command in [&["restore", "--replace"][..], &["restore"]] {
        for (place, why) in [(&pipe, "is not a file"), (&nowhere, "No such file")] {
            let place = sqlite_url(place);
            let told = fail(&[command, &["--database", &place, backup]].concat()).await;
            let is_there = command.len() == 1 && why == "is not a file";
            assert!(told.contains(if is_there { "--replace" } else { why }), "{told}");
        }
    }
    for place in [&pipe, &nowhere] {
        let told = fail(&["backup", "--database", &url, place.to_str().unwrap()]).await;
        assert!(told.contains("exists already"), "{told}");
    }
    let served = sqlite_url(&pipe);
    for arguments in [&["verify", "--database"][..], &["export", "units", "--database"]] {
        let told = fail(&[arguments, &[&served]].concat()).await;
        assert!(told.contains("is not a file"), "{told}");
    }
    assert!(is_pipe() && nowhere.is_symlink());
}

/// On a disk where nothing may be written, and as a role that may only read.
#[tokio::test]
async fn commands_that_read_need_no_right_to_write() {
    let dir = folder();
    if let Some(disk) = Disk::mount(dir.path()) {
        let world = World::start().await;
        furnish(&world).await;
        let (url, _clock, _dir) = world.stop().await;
        std::fs::copy(path_of(&url), disk.seen_from_outside("it.db")).unwrap();
        disk.make_read_only();
        let url = sqlite_url(&dir.path().join("it.db"));
        for arguments in [
            vec!["verify", "--database", &url],
            vec!["export", "--database", &url, "initiatives"],
            vec!["token", "list", "--database", &url],
        ] {
            let mut command = disk.command();
            let output = command.args(&arguments).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {told}");
        }
    }
    if let Some(cluster) = postgres::cluster() {
        let url = cluster.fresh_database();
        let world = World::of(&url, "2022-05-10T08:00:00+07:00").await;
        world.stop().await;
        run_sql(
            &url,
            "create role reader login; grant usage on schema public to reader;
             grant select on all tables in schema public to reader;",
        )
        .await;
        let url = as_reader(&url);
        for arguments in [["verify", "--database", &url], ["export", "--database", &url]] {
            let more = if arguments[0] == "export" { &["units"][..] } else { &[] };
            succeed(&[&arguments[..], more].concat()).await;
        }
    }
}

/// The same database for the role `reader`.
fn as_reader(url: &str) -> String {
    let mut url = reqwest::Url::parse(url).unwrap();
    url.set_username("reader").unwrap();
    url.to_string()
}
