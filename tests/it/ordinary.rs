//! Ordinary clients never notice a limit on cost: prices at national size, held against the defaults.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use sangkien::auth::Principal;
use sangkien::domain::Timestamp;
use sangkien::domain::clock::ManualClock;
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::{Allowance, CostLimits};
use sangkien::server::Server;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::database::open_sqlite;
use crate::harness::World;

#[path = "../../benches/world/national.rs"]
mod national;

/// The sizes of the demo.
const UNITS: u32 = 14_186;
const INITIATIVES: u32 = 42_000;

/// A server before the union of the demo's size, whose day is in the middle of the campaign.
async fn national_world() -> (tempfile::TempDir, World) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("national.db").display().to_string();
    let url = format!("sqlite://{path}");
    let now = "2022-05-10T08:00:00+07:00";
    let clock = Arc::new(ManualClock::new(Timestamp::parse(now).unwrap()));
    let server = Server::open(&url, clock).await.unwrap();
    server.writer.rebuild().await.unwrap();
    drop(server);
    let mut conn = open_sqlite(&path).await;
    for sql in national::statements(UNITS, INITIATIVES) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    }
    drop(conn);
    let world = World::of(&url, now).await;
    (dir, world)
}

fn price(service: &Service, text: &str, variables: &Value) -> u64 {
    let request = Request::new(text).variables(Variables::from_json(variables.clone()));
    let price = service.price(request, Arc::new(Principal::default()));
    price.unwrap_or_else(|refused| panic!("{text}: {refused:?}"))
}

/// A worked operation with its variables.
fn worked(name: &str) -> (String, Value) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries");
    let read =
        |ending: &str| std::fs::read_to_string(folder.join(format!("{name}.{ending}"))).unwrap();
    (read("graphql"), serde_json::from_str(&read("json")).unwrap())
}

/// The first role that a worked operation names for its token, if it needs one.
fn token(name: &str) -> Option<String> {
    let (text, _) = worked(name);
    let told = text.lines().find_map(|line| line.strip_prefix("# Token: "))?;
    let role = told.split(|it: char| !it.is_ascii_uppercase()).next()?;
    Some(role.to_owned())
}

/// The operation of the wall, by the name of the constant that holds it.
fn of_wall(name: &str) -> String {
    let text = include_str!("../../wall/documents.js");
    let ranked = "within: $within, kinds: $kinds, cluster: $cluster, rankBy: $rankBy";
    let arguments = format!("{ranked}, period: $period");
    let rows = "first: $first, around: $me";
    let variables = "$within: UnitRef, $period: PeriodRef, $kinds: [UnitKind!], $cluster: String, $rankBy: RankBy!";
    let found = text.split(&format!("const {name} = `")).nth(1).expect("a document of the wall");
    let found = found.split('`').next().unwrap();
    let found = found.replace("${VARIABLES}", variables).replace("${ARGUMENTS}", &arguments);
    let found = found.replace("${RANKED}", ranked).replace("${ROWS}", rows);
    assert!(!found.contains("${"), "{found}");
    found
}

#[tokio::test]
async fn ordinary_use_never_notices_a_limit() {
    let (_dir, world) = national_world().await;
    let service = &world.service;
    let CostLimits { anonymous, partner, others } = CostLimits::default();
    let cost = |name: &str| {
        let (text, variables) = worked(name);
        price(service, &text, &variables)
    };

    // The worked operations one by one, each for a caller that may ask it.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries");
    let mut names = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path()) {
        if path.extension().is_some_and(|it| it == "graphql") {
            names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let Allowance { document, .. } = match token(name).as_deref() {
            None => anonymous,
            Some("PARTNER") => partner,
            Some(_) => others,
        };
        assert!(cost(name) * 3 < u64::from(document), "{name}: {}", cost(name));
    }

    // The 1,000 screens behind one address each look for more every 20 s. Their query is executed once
    // for each change, and there is one change a second.
    let settings = json!({ "within": null, "period": null, "kinds": null, "cluster": null,
        "rankBy": "SUBMITTED", "first": 500, "me": null, "isAcross": false,
        "counted": { "code": "chien-dich-40-ngay" }, "isFiltered": false,
        "window": { "code": "chien-dich-40-ngay" }, "hasWindow": true, "holds": true,
        "isOwn": false, "hasPlace": false, "placedBy": "SUBMITTED", "hasNoTarget": false,
        "metric": "SUBMITTED", "titles": 16 });
    let more = price(service, &of_wall("MORE"), &settings);
    let board = price(service, &of_wall("BOARD"), &settings);
    let below = json!({ "unit": { "code": "ldld-dong-nai" }, "period": null });
    let below = price(service, &of_wall("BELOW"), &below);
    let looked_up = 1_000 * 3;
    let minute = board + 1_000 + looked_up + 60 * more + 60 * below;
    assert!(minute < u64::from(anonymous.minute), "{board} {more} {below}: {minute}");

    // A partner takes the counts of 5,000 units each minute, and 2,400,000 initiatives in eight hours.
    let counts = cost("changed-units") * 5_000_u64.div_ceil(500);
    let initiatives = cost("sync-initiatives") * (2_400_000_u64 / 500).div_ceil(8 * 60);
    let minute = counts + initiatives;
    assert!(minute < u64::from(partner.minute), "{counts} {initiatives}");

    // 50 people behind one address ask something new every 3 s.
    let search = price(
        service,
        "{ searchUnits(text: \"cong doan 77\", first: 20) { code name } }",
        &json!({}),
    );
    let asked = ["first", "my-rank", "not-started", "unit-page", "movers"].map(cost);
    let each = (asked.iter().sum::<u64>() + search).div_ceil(6);
    let minute = each * 50 * 20;
    assert!(minute < u64::from(anonymous.minute), "{asked:?} {search}: {minute}");
}
