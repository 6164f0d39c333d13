//! `sangkien init`: a server of one's own, from nothing to a submission on a wall.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::database::{in_time, verify_database};

const NAME: &str = "Liên đoàn Lao động tỉnh Bình Minh";
const CODE: &str = "ldld-binh-minh";
const SAMPLES: [&str; 4] = ["units", "periods", "targets", "initiatives"];

/// The program in a folder, where nobody is at a terminal.
fn sangkien(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("SANGKIEN_LOG", "off")
        .env_remove("SANGKIEN_ADMIN_TOKEN")
        .stdin(Stdio::null());
    command
}

async fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = sangkien(folder, arguments);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

/// The output of a command that succeeds.
async fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code and the complaint of a command that fails.
async fn refused(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(folder, arguments).await;
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The value of a setting of a file with a setting a line.
fn value(file: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let values = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    values.unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
}

/// A server as the service's file starts it, but on a free port.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    async fn start(folder: &Path) -> Self {
        let unit = folder.join("sangkien.service");
        let start = value(&unit, "ExecStart").replace("0.0.0.0:8080", "127.0.0.1:0");
        let mut words = start.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .current_dir(value(&unit, "WorkingDirectory"))
            .env("SANGKIEN_LOG", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        for line in std::fs::read_to_string(value(&unit, "EnvironmentFile")).unwrap().lines() {
            if let Some((name, value)) = line.split_once('=') {
                command.env(name, value);
            }
        }
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let reading = tokio::task::spawn_blocking(move || {
            let ready = stdout.lines().map_while(Result::ok).find(|it| it.starts_with("ready "));
            ready.expect("the server gets ready")["ready ".len()..].to_owned()
        });
        let address = in_time(reading).await.unwrap();
        Self { child, address }
    }

    async fn ask(&self, token: Option<&str>, request: &Value) -> Value {
        let post = reqwest::Client::new().post(format!("{}/graphql", self.address));
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        post.json(request).send().await.unwrap().json().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

#[tokio::test]
async fn what_init_makes_serves_takes_a_submission_and_shows_a_wall() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let told = said(home, &["init", "--name", NAME, "--code", CODE, "--lang", "vi", "nhà"]).await;
    let folder = home.join("nhà");
    let token = value(&folder.join("env"), "SANGKIEN_ADMIN_TOKEN");
    assert_eq!(told.matches(&token).count(), 1, "{told}");
    assert!(token.starts_with("sangkien_") && told.contains("Việc tiếp theo"), "{told}");
    assert!(told.contains(&format!("/wall?unit={CODE}")), "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("env"))), (0o700, 0o600));
    }

    let server = Server::start(&folder).await;
    let asked = server
        .ask(None, &json!({ "query": "{ root { code name kind tally { period { code } } } }" }))
        .await;
    let root = &asked["data"]["root"];
    assert_eq!((root["code"].as_str(), root["name"].as_str()), (Some(CODE), Some(NAME)), "{asked}");
    assert_eq!(root["kind"], "PROVINCIAL_FEDERATION", "{asked}");
    let programme = root["tally"]["period"]["code"].as_str().unwrap();
    assert!(programme.starts_with("chuong-trinh-20"), "{asked}");
    let submit = json!({
        "query": crate::harness::SUBMIT,
        "variables": { "input": {
            "key": "first", "unit": { "code": CODE }, "title": "Sáng kiến đầu tiên", "kind": "IDEA",
            "authors": [{ "name": "Nguyễn Văn Thử" }],
        } },
    });
    let entered = server.ask(Some(&token), &submit).await;
    let status = &entered["data"]["submitInitiative"]["initiative"]["status"];
    assert_eq!(status, "PENDING", "{entered}");
    let counted = server.ask(None, &json!({ "query": "{ root { tally { submitted } } }" })).await;
    assert_eq!(counted["data"]["root"]["tally"]["submitted"], 1, "{counted}");
    let wall = reqwest::get(format!("{}/wall?unit={CODE}", server.address)).await.unwrap();
    assert_eq!(wall.status(), 200);
}

#[tokio::test]
async fn the_sample_files_go_in_as_they_are() {
    for language in ["vi", "en"] {
        let dir = tempfile::tempdir().unwrap();
        said(dir.path(), &["init", "--name", NAME, "--code", CODE, "--lang", language, "."]).await;
        for noun in SAMPLES {
            let file = format!("{noun}.csv");
            let import =
                ["import", "--lang", language, "--database", "sqlite://union.db", noun, &file];
            said(dir.path(), &import).await;
        }
        let database = dir.path().join("union.db");
        let exported =
            said(dir.path(), &["export", "--database", "sqlite://union.db", "units"]).await;
        // The root that was made is that of the sample, and seven units are below it.
        assert_eq!(exported.lines().count(), 9, "{exported}");
        assert!(exported.contains(&format!("{CODE},{NAME},PROVINCIAL_FEDERATION")), "{exported}");
        verify_database(&format!("sqlite://{}", database.display())).await;
    }
}

#[tokio::test]
async fn names_codes_and_folders_that_would_fail_later_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let long = "a".repeat(41);
    for (name, code, folder, why) in [
        ("C«ng ®oµn tØnh", "cd", ".", "old encoding"),
        (NAME, "c d", ".", "cannot be the code"),
        (NAME, "mã", ".", "cannot be the code"),
        (NAME, "1E+5", ".", "cannot be the code"),
        (NAME, long.as_str(), ".", "cannot be the code"),
        (NAME, CODE, "a\nb", "cannot be the folder"),
    ] {
        let arguments = ["init", "--name", name, "--code", code, "--lang", "en", folder];
        let (status, told) = refused(dir.path(), &arguments).await;
        assert_eq!(status, 1, "{told}");
        assert!(told.contains(why), "{told}");
    }
    // A file of another's that the service would read for the token.
    std::fs::write(dir.path().join("env"), "hello\n").unwrap();
    let arguments = ["init", "--name", NAME, "--code", CODE, "--lang", "vi", "."];
    let (_, told) = refused(dir.path(), &arguments).await;
    assert!(told.contains("không có SANGKIEN_ADMIN_TOKEN"), "{told}");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// So a beginner goes on from the samples to the own list, as docs/vi/NGAY-DAU.md says.
#[tokio::test]
async fn without_its_database_a_folder_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["init", "--name", NAME, "--code", CODE, "--lang", "vi", "."];
    said(dir.path(), &flags).await;
    let token = value(&dir.path().join("env"), "SANGKIEN_ADMIN_TOKEN");
    said(dir.path(), &["import", "--database", "sqlite://union.db", "units", "units.csv"]).await;
    drop(Server::start(dir.path()).await);
    for file in std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("union.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    said(dir.path(), &flags).await;
    assert_eq!(value(&dir.path().join("env"), "SANGKIEN_ADMIN_TOKEN"), token);
    let units = said(dir.path(), &["export", "--database", "sqlite://union.db", "units"]).await;
    assert_eq!(units.lines().count(), 2, "{units}");
}

#[tokio::test]
async fn a_second_run_says_what_is_there_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["init", "--name", NAME, "--code", CODE, "--lang", "en", "."];
    said(dir.path(), &flags).await;
    std::fs::write(dir.path().join("units.csv"), "mine").unwrap();
    let contents = || {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|file| file.unwrap())
            // A reader of the database has files of its own beside it.
            .filter(|file| !file.file_name().to_string_lossy().starts_with("union.db-"))
            .map(|file| {
                (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let before = contents();
    for again in [&flags[..], &["init", "--lang", "en", "."]] {
        let told = said(dir.path(), again).await;
        assert!(told.contains("there already, left as it is:"), "{told}");
        assert!(told.contains(NAME) && !told.contains("\nmade:") && !told.contains("sangkien_"));
        assert!(contents() == before, "{told}");
    }
    let other = ["init", "--name", "Another", "--code", "another", "--lang", "en", "."];
    let (code, complaint) = refused(dir.path(), &other).await;
    assert_eq!(code, 1);
    assert!(complaint.contains(NAME) && complaint.contains(CODE), "{complaint}");
    assert!(contents() == before);
    // A file that was lost comes back alone.
    std::fs::remove_file(dir.path().join("sangkien.service")).unwrap();
    let told = said(dir.path(), &["init", "--lang", "en", "."]).await;
    let made = told.split("\nmade:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(made.contains("sangkien.service") && made.lines().count() == 1, "{told}");
}

/// A database that a server made, of stand-ins alone, gets its root.
#[tokio::test]
async fn stand_ins_give_way() {
    let dir = tempfile::tempdir().unwrap();
    let token = ["token", "create", "--database", "sqlite://union.db", "--role", "DISPLAY"];
    said(dir.path(), &token).await;
    said(dir.path(), &["init", "--name", NAME, "--code", CODE, "."]).await;
    let exported = said(dir.path(), &["export", "--database", "sqlite://union.db", "units"]).await;
    assert_eq!(exported.lines().count(), 2, "{exported}");
    assert!(exported.contains(CODE), "{exported}");
    let exported =
        said(dir.path(), &["export", "--database", "sqlite://union.db", "periods"]).await;
    assert_eq!(exported.lines().count(), 2, "{exported}");
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_is() {
    let dir = tempfile::tempdir().unwrap();
    for (language, sentence) in
        [("en", "nobody is at a terminal to be asked"), ("vi", "không có ai ở cửa sổ dòng lệnh")]
    {
        for flags in
            [&["init", "--lang", language][..], &["init", "--lang", language, "--name", NAME]]
        {
            let (code, complaint) = refused(dir.path(), flags).await;
            assert_eq!(code, 2, "{complaint}");
            assert!(complaint.contains(sentence) && complaint.contains("--code"), "{complaint}");
        }
    }
    let (code, complaint) =
        refused(dir.path(), &["init", "--lang", "vi", "--name", NAME, "--code", " "]).await;
    assert_eq!(code, 1);
    assert!(complaint.contains("không dùng làm mã được"), "{complaint}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}

/// Commands complain in the language that is asked for, and say what to do.
#[tokio::test]
async fn commands_speak_vietnamese() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    said(folder, &["init", "--name", NAME, "--code", CODE, "."]).await;
    let database = ["--lang", "vi", "--database", "sqlite://union.db"];
    let with = |words: &[&'static str]| [words, &database[..]].concat();
    for (words, told) in [
        (with(&["token", "create", "--role", "OFFICER", "--unit", "nowhere"]), "\"nowhere\""),
        (with(&["token", "revoke", "77"]), "không có mã truy cập số 77"),
        (
            vec!["verify", "--lang", "vi", "--database", "sqlite://other.db"],
            "không có cơ sở dữ liệu other.db",
        ),
        (vec!["verify", "--lang", "vi", "--database", "union.db"], "sqlite:///"),
        (
            with(&["serve", "--listen", "203.0.113.1:80"]),
            "203.0.113.1:80: máy này không có địa chỉ đó",
        ),
        (
            with(&["serve", "--listen", "127.0.0.1:0", "--fields", "no.csv"]),
            "không đọc được no.csv",
        ),
    ] {
        let (code, complaint) = refused(folder, &words).await;
        assert_eq!(code, 1, "{complaint}");
        assert!(complaint.starts_with("sangkien: ") && complaint.contains(told), "{complaint}");
        assert!(!complaint.is_ascii(), "{complaint}");
    }
    let weak = with(&["serve", "--listen", "127.0.0.1:0", "--admin-token", "short"]);
    let (code, complaint) = refused(folder, &weak).await;
    assert!(code == 2 && complaint.contains("có 5 ký tự, phải có ít nhất 16"), "{complaint}");
    let imported = said(folder, &with(&["import", "units", "units.csv"])).await;
    assert!(imported.starts_with("units: ") && imported.contains(" mới, "), "{imported}");

    let server = Server::start(folder).await;
    let second = with(&["serve", "--listen", "127.0.0.1:0"]);
    let (_, complaint) = refused(folder, &second).await;
    assert!(complaint.contains("đang được một máy chủ sangkien khác dùng"), "{complaint}");
    let port = server.address.strip_prefix("http://").unwrap().to_owned();
    let taken = ["serve", "--lang", "vi", "--listen", &port, "--database", "sqlite://x.db"];
    let (_, complaint) = refused(folder, &taken).await;
    assert!(complaint.contains("đã có chương trình khác dùng cổng này"), "{complaint}");
}

/// The locale and the variable choose the language as the flag does; the flag goes first.
#[tokio::test]
async fn the_language_is_the_flags_the_variables_or_the_locales() {
    let dir = tempfile::tempdir().unwrap();
    let complaint = |variables: &[(&str, &str)], flags: &[&str]| {
        let mut command = sangkien(dir.path(), &["init"]);
        command.args(flags);
        for name in ["SANGKIEN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    for (variables, flags, is_vietnamese) in [
        (&[][..], &[][..], false),
        (&[("LANG", "vi_VN.UTF-8")], &[], true),
        (&[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "C.UTF-8")], &[], false),
        (&[("LC_MESSAGES", "vi_VN.UTF-8"), ("LANG", "C")], &[], true),
        (&[("SANGKIEN_LANG", "en"), ("LANG", "vi_VN.UTF-8")], &[], false),
        (&[("SANGKIEN_LANG", "en")], &["--lang", "vi"], true),
    ] {
        let said = complaint(variables, flags);
        assert_eq!(said.contains("cửa sổ dòng lệnh"), is_vietnamese, "{variables:?}: {said}");
    }
    let said = complaint(&[("SANGKIEN_LANG", "fr")], &[]);
    assert!(said.contains("neither vi nor en"), "{said}");
}
