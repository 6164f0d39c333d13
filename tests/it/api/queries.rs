//! The worked operations of docs/queries, by those whom they are for, in the units that the demo
//! has too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, Socket, World, code_of, data, payload, refusals_of, refused, with};

const PROVINCE: &str = "ldld-dong-nai";
const DISTRICT: &str = "ldld-740";
const UNION: &str = "cdcs-26383";
const TRANSFER: &str = "mutation ($input: TransferInitiativeInput!) {
  transferInitiative(input: $input) { errors { code message path } } }";
const FIELDS: &str = "code,name\ncovid_prevention,Phòng chống dịch\neducation,Giáo dục\n";

/// A document and the variables given with it.
struct Operation {
    document: String,
    variables: Value,
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn text(name: &str) -> String {
    let file = docs().join("queries").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn operation(name: &str) -> Operation {
    let document = text(&format!("{name}.graphql"));
    let variables = serde_json::from_str(&text(&format!("{name}.json"))).unwrap();
    Operation { document, variables }
}

impl Operation {
    /// The operation with other variables beside its own.
    fn and(self, variables: Value) -> Self {
        Self { variables: with(self.variables, variables), ..self }
    }

    /// The operation with other fields of its input.
    fn input(mut self, changes: Value) -> Self {
        let input = self.variables["input"].take();
        self.variables["input"] = with(input, changes);
        self
    }

    fn request(&self) -> Value {
        json!({ "query": self.document, "variables": self.variables })
    }

    /// The data that an anonymous caller gets.
    async fn seen(self, world: &World) -> Value {
        data(world.ask_anonymously(&self.request()).await)
    }

    /// The data that the caller with the token gets.
    async fn by(self, world: &World, token: &str) -> Value {
        data(world.ask_as(token, &self.request()).await)
    }

    async fn follow(self, socket: &mut Socket) {
        socket.subscribe_with("1", self.request()).await;
    }
}

/// The districts of a province or the communes of a district, code and name, from the demo's own
/// file.
fn places(parent: &str) -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/admin_units.csv");
    let rows = csv::Reader::from_path(file).unwrap().into_records();
    rows.map(Result::unwrap)
        .filter(|row| &row[5] == parent)
        .map(|row| (row[0].to_owned(), row[4].to_owned()))
        .collect()
}

/// Three provinces, the districts of two of them, the communes of one district; initiatives of
/// the second day of the campaign and of the sixth.
async fn union() -> World {
    let world = World::empty_with_fields("2022-04-22T08:00:00+07:00", FIELDS).await;
    let unit = async |code: &str, name: &str, kind: &str, rest: Value| {
        let own = json!({ "code": code, "name": name, "kind": kind });
        world.upsert_unit(with(own, rest)).await;
    };
    unit("tldldvn", "Tổng Liên đoàn Lao động Việt Nam", "CONFEDERATION", json!({})).await;
    for (code, name, cluster) in [
        (PROVINCE, "Đồng Nai", "Cụm Đông Nam Bộ"),
        ("ldld-binh-duong", "Bình Dương", "Cụm Đông Nam Bộ"),
        ("ldld-ha-noi", "Hà Nội", "Cụm 5 thành phố trực thuộc Trung ương"),
    ] {
        let rest = json!({ "parent": { "code": "tldldvn" }, "cluster": cluster });
        unit(code, &format!("Liên đoàn Lao động {name}"), "PROVINCIAL_FEDERATION", rest).await;
    }
    for (province, parent) in [("75", PROVINCE), ("01", "ldld-ha-noi")] {
        for (code, name) in places(province) {
            let rest = json!({ "parent": { "code": parent }, "memberCount": 2_000 });
            let name = format!("Liên đoàn Lao động {name}");
            unit(&format!("ldld-{code}"), &name, "DISTRICT_FEDERATION", rest).await;
        }
    }
    for (code, name) in places("740") {
        let rest = json!({ "parent": { "code": DISTRICT }, "memberCount": 60 });
        let name = format!("Công đoàn cơ sở {name}");
        unit(&format!("cdcs-{code}"), &name, "GRASSROOTS_UNION", rest).await;
    }
    for (code, kind, from, until, parent) in [
        ("1m-sang-kien", "PROGRAMME", "2022-01-08", "2023-09-01", None),
        ("giai-doan-1", "PHASE", "2022-01-08", "2022-05-31", Some("1m-sang-kien")),
        ("giai-doan-2", "PHASE", "2022-06-01", "2023-09-01", Some("1m-sang-kien")),
        ("chien-dich-40-ngay", "CAMPAIGN", "2022-04-21", "2022-05-31", Some("giai-doan-1")),
    ] {
        let period = json!({ "code": code, "name": code, "kind": kind, "startsOn": from,
            "endsOn": until, "parent": parent.map(|code| json!({ "code": code })) });
        world.upsert_period(period).await;
    }
    let window = json!({ "code": "1m-sang-kien", "appliedFrom": "2021-09-01",
        "appliedUntil": "2023-09-01" });
    world.upsert_period(window).await;
    let goal = "mutation ($input: SetTargetsInput!) {
      setTargets(input: $input) { errors { code message path } } }";
    let target = |unit: &str, count: i32, document: Value| {
        json!({ "period": { "code": "chien-dich-40-ngay" }, "documentNumber": document,
            "goals": [{ "unit": { "code": unit }, "goal": { "count": count } }] })
    };
    world.change(goal, target(PROVINCE, 5_000, json!("1549/LĐLĐ"))).await;
    world.change(goal, target("ldld-ha-noi", 30_000, Value::Null)).await;
    world.change(goal, target(DISTRICT, 40, Value::Null)).await;
    for (unit, count) in [(UNION, 2), ("cdcs-26368", 1), ("ldld-001", 4)] {
        enter(&world, unit, count).await;
    }
    world.set_clock("2022-04-26T08:00:00+07:00");
    enter(&world, "cdcs-26386", 3).await;
    world.set_clock("2022-05-10T08:00:00+07:00");
    // The days up to this one begin ahead of the change.
    world.upsert_unit(json!({ "code": "tldldvn", "memberCount": 10_500_000 })).await;
    world
}

/// Enters so many; returns their ids.
async fn enter(world: &World, unit: &str, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for _ in 0..count {
        // The key is the version, another one each time.
        let key = world.version().await;
        let input = json!({ "key": format!("{unit}-{key}"), "unit": { "code": unit },
            "title": format!("Sáng kiến {key}"), "kind": "IDEA",
            "authors": [{ "name": "Trần Văn Bình", "contact": "0901 234 567" }] });
        ids.push(world.change(SUBMIT, input).await["initiative"]["id"].take());
    }
    ids
}

async fn submitted(world: &World, unit: &str) -> i64 {
    let page = operation("unit-page").and(json!({ "unit": { "code": unit } }));
    page.seen(world).await["unit"]["tally"]["submitted"].as_i64().unwrap()
}

/// The values of a field of each row.
fn each(rows: &Value, field: &str) -> Vec<Value> {
    rows.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

/// All pages of an operation whose only root field is a connection, and the mark of the first.
async fn all_pages(
    world: &World,
    token: &str,
    name: &str,
    variables: &Value,
) -> (Vec<Value>, Value) {
    let (mut rows, mut first, mut after) = (Vec::new(), None, Value::Null);
    loop {
        let page = operation(name).and(variables.clone()).and(json!({ "after": after }));
        let answer = world.ask_as(token, &page.request()).await;
        first = first.or_else(|| Some(answer["extensions"]["mark"].clone()));
        let mut list = payload(data(answer));
        let Value::Array(nodes) = list["nodes"].take() else { panic!("rows: {list}") };
        rows.extend(nodes);
        if list["pageInfo"]["hasNextPage"] == false {
            return (rows, first.expect("an answer has a mark"));
        }
        after = list["pageInfo"]["endCursor"].take();
    }
}

#[tokio::test]
async fn first() {
    let world = union().await;
    let answer = operation("first").seen(&world).await;
    assert_eq!(answer["root"]["code"], "tldldvn");
    assert_eq!(answer["root"]["tally"]["submitted"], 10);
    let board = &answer["leaderboard"];
    assert_eq!(board["period"]["code"], "chien-dich-40-ngay");
    assert_eq!(board["ranked"], 3);
    // 6 of 5,000 before 4 of 30,000 before none at all.
    let codes: Vec<Value> =
        each(&board["entries"], "unit").iter().map(|u| u["code"].clone()).collect();
    assert_eq!(codes, [PROVINCE, "ldld-ha-noi", "ldld-binh-duong"]);
    assert_eq!(each(&board["entries"], "rank"), [1, 2, 3]);
}

#[tokio::test]
async fn board() {
    let world = union().await;
    let mut screen = world.socket_as(None).await;
    operation("board").follow(&mut screen).await;
    let now = screen.next().await;
    assert_eq!(now["total"]["submitted"], 10);
    assert_eq!(now["entries"][0]["unit"]["code"], PROVINCE);
    enter(&world, "ldld-731", 1).await;
    let then = screen.next().await;
    assert_eq!(then["id"], now["id"]);
    assert_eq!(then["total"]["submitted"], 11);
    assert_eq!(then["entries"][0]["gained"], 1);
    assert!(then["version"].as_i64() > now["version"].as_i64());
}

#[tokio::test]
async fn unit_page_and_its_tally() {
    let world = union().await;
    let unit = payload(operation("unit-page").seen(&world).await);
    assert_eq!(each(&unit["ancestors"], "code"), ["tldldvn"]);
    assert_eq!(unit["tally"]["submitted"], 6);
    assert_eq!(unit["tally"]["activeGrassrootsUnions"], 3);
    assert_eq!(unit["tally"]["grassrootsUnions"], 14);
    assert_eq!(unit["tally"]["ratio"], 6.0 / 5_000.0);
    assert_eq!(unit["target"]["goal"], 5_000);
    assert_eq!(unit["target"]["distributed"], 40);
    assert_eq!(unit["target"]["documentNumber"], "1549/LĐLĐ");
    assert_eq!((&unit["standing"]["rank"], &unit["standing"]["of"]), (&json!(1), &json!(3)));
    let cluster = json!({ "rank": 1, "of": 2, "cluster": "Cụm Đông Nam Bộ" });
    assert_eq!(unit["inCluster"], cluster);
    let days = unit["daily"].as_array().unwrap();
    assert_eq!(days.len(), 20, "from 21 April to 10 May");
    assert_eq!(days[1], json!({ "day": "2022-04-22", "submitted": 3, "accepted": 0 }));
    assert_eq!(days[5], json!({ "day": "2022-04-26", "submitted": 3, "accepted": 0 }));
    let sum: i64 = days.iter().map(|day| day["submitted"].as_i64().unwrap()).sum();
    assert_eq!(sum, 6);
    let children = &unit["children"];
    assert_eq!(children["totalCount"], 11);
    assert_eq!(children["nodes"][0]["name"], "Liên đoàn Lao động Huyện Cẩm Mỹ");
    let after = json!({ "first": 6, "after": null });
    let page = payload(operation("unit-page").and(after).seen(&world).await);
    let after = json!({ "first": 6, "after": page["children"]["pageInfo"]["endCursor"] });
    let rest = payload(operation("unit-page").and(after).seen(&world).await);
    let names = |unit: &Value| each(&unit["children"]["nodes"], "name");
    assert_eq!([names(&page), names(&rest)].concat(), names(&unit));

    let mut page = world.socket_as(None).await;
    operation("watch-tally").follow(&mut page).await;
    assert_eq!(page.next().await["id"], unit["tally"]["id"]);
    enter(&world, UNION, 1).await;
    let pushed = page.next().await;
    assert_eq!((&pushed["id"], &pushed["submitted"]), (&unit["tally"]["id"], &json!(7)));
}

#[tokio::test]
async fn my_rank() {
    let world = union().await;
    let board = payload(operation("my-rank").seen(&world).await);
    assert_eq!(board["ranked"], 11);
    assert_eq!(board["entries"].as_array().unwrap().len(), 3);
    // The only one with a target leads; its neighbour has none, and none above it.
    let around = &board["around"];
    assert_eq!(around[0]["unit"]["code"], DISTRICT);
    assert_eq!(around[0]["value"], 6.0 / 40.0);
    assert_eq!(each(around, "rank"), [1, 2]);
}

#[tokio::test]
async fn submission_form() {
    let world = union().await;
    let token = world.token(Role::Submitter, DISTRICT).await;
    let form = operation("submission-form").by(&world, &token).await;
    assert_eq!(form["viewer"]["grants"][0]["role"], "SUBMITTER");
    assert_eq!(form["viewer"]["grants"][0]["unit"]["code"], DISTRICT);
    assert_eq!(each(&form["fields"], "code"), ["covid_prevention", "education"]);
    assert_eq!(form["unit"]["closedOn"], Value::Null);
    assert_eq!(form["unit"]["ancestors"].as_array().unwrap().len(), 3);
    assert_eq!(form["today"], "2022-05-10");
    let today = form["today"].as_str().unwrap();
    let periods = form["unit"]["periods"].as_array().unwrap().iter();
    let holds = |period: &&Value| {
        period["startsOn"].as_str() <= Some(today) && Some(today) <= period["endsOn"].as_str()
    };
    let running: Vec<&Value> = periods.filter(holds).map(|period| &period["code"]).collect();
    assert_eq!(running, ["giai-doan-1", "1m-sang-kien", "chien-dich-40-ngay"]);

    let submit =
        async |input: Value| payload(operation("submit").input(input).by(&world, &token).await);
    let entered = submit(json!({})).await;
    assert_eq!(entered["errors"], json!([]));
    assert_eq!(entered["replayed"], false);
    assert_eq!(entered["initiative"]["status"], "PENDING");
    assert_eq!(entered["initiative"]["unit"]["code"], UNION);
    let again = submit(json!({})).await;
    assert_eq!(again["replayed"], true);
    assert_eq!(again["initiative"]["id"], entered["initiative"]["id"]);
    assert_eq!(submitted(&world, UNION).await, 3);
    for (input, code, path) in [
        (json!({ "title": "Máy khác" }), "KEY_REUSED", "key"),
        (json!({ "key": "2", "title": " " }), "INVALID", "title"),
        (json!({ "key": "2", "field": "mining" }), "INVALID", "field"),
        (json!({ "key": "2", "appliedOn": null }), "INVALID", "appliedOn"),
        (json!({ "key": "2", "unit": { "code": "nobody" } }), "NOT_FOUND", "unit"),
        (json!({ "key": "2", "unit": { "code": "ldld-ha-noi" } }), "FORBIDDEN", "unit"),
    ] {
        assert_eq!(refusals_of(&submit(input).await), refused(code, path));
    }
    assert_eq!(submitted(&world, UNION).await, 3);
}

#[tokio::test]
async fn reviewers_queue() {
    let world = union().await;
    let token = world.token(Role::Reviewer, DISTRICT).await;
    let queue = payload(operation("review-queue").by(&world, &token).await);
    assert_eq!(queue["totalCount"], 6, "what waits in Hà Nội is not theirs");
    let times = each(&queue["nodes"], "submittedAt");
    assert!(times.is_sorted_by_key(|time| time.as_str().unwrap().to_owned()), "oldest first");
    let (paged, _) = all_pages(
        &world,
        &token,
        "review-queue",
        &json!({ "within": { "code": DISTRICT }, "first": 4 }),
    )
    .await;
    assert_eq!(each(&Value::from(paged), "id"), each(&queue["nodes"], "id"));
    let [seen, second, ..] = &queue["nodes"].as_array().unwrap()[..] else { panic!("{queue}") };
    assert!(seen["viewerMay"].as_array().unwrap().contains(&json!("REVIEW")));
    assert_eq!(seen["authors"][0]["name"], "Trần Văn Bình");

    let review = async |one: &Value| {
        let input = json!({ "id": one["id"], "expectedVersion": one["version"] });
        payload(operation("review").input(input).by(&world, &token).await)
    };
    let returned = review(seen).await;
    assert_eq!(returned["errors"], json!([]));
    assert_eq!(returned["initiative"]["status"], "RETURNED");
    assert_eq!(returned["initiative"]["reviewNote"], "Ghi rõ ngày áp dụng lần đầu");
    let revise = "mutation ($input: ReviseInitiativeInput!) {
      reviseInitiative(input: $input) { errors { code message path } } }";
    world.change(revise, json!({ "id": second["id"], "title": "Tên khác" })).await;
    assert_eq!(refusals_of(&review(second).await), refused("CONFLICT", "expectedVersion"));

    let mut ids = each(&queue["nodes"], "id");
    ids[0] = json!("bm9ib2R5");
    let batch = operation("review-batch").input(json!({ "ids": ids })).by(&world, &token).await;
    let batch = payload(batch);
    assert_eq!(refusals_of(&batch), refused("NOT_FOUND", "ids.0"));
    assert_eq!(batch["initiatives"][0], Value::Null);
    let accepted = batch["initiatives"].as_array().unwrap()[1..].iter();
    assert!(accepted.clone().all(|one| one["status"] == "ACCEPTED"), "{batch}");
    assert_eq!(accepted.len(), 5);
    let queue = payload(operation("review-queue").by(&world, &token).await);
    assert_eq!(queue["totalCount"], 0);
}

#[tokio::test]
async fn targets_for_all_districts() {
    let world = union().await;
    let token = world.token(Role::Officer, PROVINCE).await;
    let set = payload(operation("assign-targets").by(&world, &token).await);
    assert_eq!(set["errors"], json!([]));
    let targets = set["targets"].as_array().unwrap();
    assert_eq!(targets.len(), places("75").len());
    let given = operation("assign-targets").variables["input"]["goals"].take();
    for (target, given) in targets.iter().zip(given.as_array().unwrap()) {
        assert_eq!(target["unit"]["code"], given["unit"]["code"]);
        assert_eq!(target["goal"], given["goal"]["count"]);
        assert_eq!(target["unit"]["tally"]["target"], target["goal"]);
        assert_eq!(target["documentNumber"], "160/LĐLĐ");
    }
    let sum: i64 = targets.iter().map(|target| target["goal"].as_i64().unwrap()).sum();
    let province = json!({ "unit": { "code": PROVINCE } });
    let distributed = async || {
        let page = operation("unit-page").and(province.clone()).seen(&world).await;
        page["unit"]["target"]["distributed"].as_i64().unwrap()
    };
    assert_eq!(distributed().await, sum);

    // All or none.
    for (unit, code) in [("nobody", "NOT_FOUND"), ("ldld-001", "FORBIDDEN")] {
        let mut goals = given.clone();
        goals[0]["goal"]["count"] = json!(1);
        goals[7]["unit"]["code"] = json!(unit);
        let wrong = operation("assign-targets").input(json!({ "goals": goals }));
        let wrong = payload(wrong.by(&world, &token).await);
        assert_eq!(wrong["targets"], json!([]));
        assert_eq!(refusals_of(&wrong), refused(code, "goals.7.unit"));
        assert_eq!(distributed().await, sum);
    }
}

#[tokio::test]
async fn parts_and_what_counts_are_made_of() {
    let world = union().await;
    let token = world.token(Role::Officer, PROVINCE).await;
    let set = payload(operation("assign-parts").by(&world, &token).await);
    assert_eq!(set["errors"], json!([]));
    assert_eq!(each(&set["targets"], "goal"), [json!(300), json!(120)]);
    assert_eq!(each(&set["targets"], "reached"), [json!(0), json!(0)]);
    let unit = payload(operation("breakdown").seen(&world).await);
    let submitted = unit["tally"]["submitted"].as_i64().unwrap();
    assert!(submitted > 0);
    for by in ["sectors", "ownership", "groups", "fields"] {
        let sum: i64 =
            each(&unit[by], "submitted").iter().map(|count| count.as_i64().unwrap()).sum();
        assert_eq!(sum, submitted, "{by}");
    }
    assert_eq!(each(&unit["fields"], "key").last(), Some(&Value::Null));
    // That of the whole, then the parts.
    assert_eq!(each(&unit["targets"], "goal"), [json!(40), json!(120), json!(300)]);
}

#[tokio::test]
async fn not_started() {
    let world = union().await;
    let list = payload(operation("not-started").seen(&world).await);
    let expected: BTreeSet<String> = places("740")
        .into_iter()
        .map(|(code, _)| format!("cdcs-{code}"))
        .filter(|code| ![UNION, "cdcs-26368", "cdcs-26386"].contains(&code.as_str()))
        .collect();
    assert_eq!(list["totalCount"], 11);
    let codes = each(&list["nodes"], "code");
    let found: BTreeSet<String> =
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(found, expected);
    assert_eq!(list["nodes"][0]["name"], "Công đoàn cơ sở Xã Bàu Cạn");
    assert_eq!(list["nodes"][0]["parent"]["code"], DISTRICT);
    let (paged, _) =
        all_pages(&world, crate::harness::TOKEN, "not-started", &json!({ "first": 4 })).await;
    assert_eq!(each(&Value::from(paged), "code"), codes);
}

#[tokio::test]
async fn movers() {
    let world = union().await;
    let board = payload(operation("movers").seen(&world).await);
    assert_eq!(board["since"], "2022-04-25");
    let [first, rest @ ..] = &board["entries"].as_array().unwrap()[..] else { panic!("{board}") };
    assert_eq!(first["unit"]["code"], PROVINCE);
    assert_eq!((&first["rank"], &first["gained"]), (&json!(1), &json!(3)));
    assert_eq!(first["tally"]["submitted"], 6);
    // The province led before among the three, by their targets: 3 of 5,000.
    assert_eq!(first["unit"]["standing"], json!({ "rank": 1, "previousRank": 1, "of": 3 }));
    assert_eq!(each(&json!(rest), "rank"), [2, 2]);
    assert_eq!(each(&json!(rest), "gained"), [0, 0]);
}

#[tokio::test]
async fn the_end_of_a_day() {
    let world = union().await;
    let board = payload(operation("end-of-a-day").seen(&world).await);
    assert_eq!((&board["figures"], &board["since"]), (&json!("DAY_END"), &json!("2022-04-22")));
    assert_eq!(board["asOf"], "2022-04-26T00:00:00.000+07:00");
    assert_eq!(board["total"]["submitted"], 7);
    let [first, second, ..] = &board["entries"].as_array().unwrap()[..] else { panic!("{board}") };
    assert_eq!(first["unit"]["code"], PROVINCE);
    assert_eq!((&first["rank"], &first["gained"]), (&json!(1), &json!(3)));
    assert_eq!(first["tally"]["ratio"], 3.0 / 5_000.0);
    assert_eq!(
        (&first["tally"]["figures"], &first["tally"]["daysSinceLast"]),
        (&json!("DAY_END"), &json!(3))
    );
    assert_eq!((&second["unit"]["code"], &second["gained"]), (&json!("ldld-ha-noi"), &json!(4)));
}

#[tokio::test]
async fn weekly_meeting() {
    let world = union().await;
    let asked = || operation("weekly-meeting");
    let province = payload(asked().seen(&world).await)["briefing"].take();
    assert_eq!(
        (&province["since"], &province["until"]),
        (&json!("2022-05-04"), &json!("2022-05-10"))
    );
    assert_eq!(province["tally"]["submitted"], 6);
    assert_eq!(province["before"]["submitted"], 6);
    assert_eq!(province["standing"], json!({ "rank": 1, "previousRank": 1, "of": 3 }));
    assert_eq!(province["targets"][0]["goal"], 5_000);
    assert_eq!(province["board"]["entries"][0]["unit"]["code"], DISTRICT);
    assert_eq!(province["movers"], json!([]));
    // Anybody sees how many have not begun; who they are is for the province's own staff.
    assert_eq!((&province["namesUnits"], &province["laggards"]), (&json!(false), &json!([])));
    assert_eq!(
        (&province["notStarted"]["totalCount"], &province["notStarted"]["nodes"]),
        (&json!(10), &json!([]))
    );
    let officer = world.token(Role::Officer, PROVINCE).await;
    let province = payload(asked().by(&world, &officer).await)["briefing"].take();
    assert_eq!(province["notStarted"]["nodes"].as_array().unwrap().len(), 10);
    assert_eq!(each(&province["silent"]["nodes"], "code"), [DISTRICT]);
    assert_eq!(province["silent"]["nodes"][0]["tally"]["daysSinceLast"], 14);
    assert_eq!(province["laggards"][0]["unit"]["code"], DISTRICT);
}

#[tokio::test]
async fn figures_to_cite_and_who_is_recognised() {
    let world = union().await;
    let token = world.token(Role::Officer, PROVINCE).await;
    world
        .upsert_period(json!({ "code": "thang-3-dong-nai", "name": "Tháng 3", "kind": "PEAK_MONTH",
            "startsOn": "2022-04-22", "endsOn": "2022-05-09", "owner": { "code": PROVINCE } }))
        .await;
    let rule = "mutation ($input: UpsertRuleInput!) {
      upsertRule(input: $input) { errors { code path message } } }";
    let input = json!({ "code": "xep-loai-dong-nai", "name": "Xếp loại", "owner": { "code": PROVINCE }, "top": 1,
        "criteria": [{ "measure": "SUBMITTED", "steps": [{ "from": 1, "points": 60 }], "required": true }],
        "grades": [{ "label": "Tốt", "points": 60 }] });
    world.change(rule, input).await;
    let closing = payload(operation("finalize").by(&world, &token).await);
    assert_eq!((&closing["closing"]["kind"], &closing["errors"]), (&json!("FINAL"), &json!([])));
    assert_eq!(closing["closing"]["tally"]["submitted"], 6);
    let rule = payload(operation("assessment").by(&world, &token).await);
    let rows = &rule["assessment"]["rows"]["nodes"];
    assert_eq!(rows[0]["unit"]["code"], DISTRICT);
    assert_eq!((&rows[0]["grade"], &rows[0]["chosen"]), (&json!("Tốt"), &json!(true)));
    let period = payload(operation("recognised").seen(&world).await);
    assert_eq!(period["assessments"], json!([]), "nobody has confirmed it");
    let confirmed = payload(operation("confirm").by(&world, &token).await);
    assert_eq!(confirmed["errors"], json!([]));
    let period = payload(operation("recognised").seen(&world).await);
    assert_eq!(each(&period["closings"], "kind").last(), Some(&json!("FINAL")));
    let chosen = &period["assessments"][0]["rows"]["nodes"];
    assert_eq!(chosen.as_array().unwrap().len(), 1);
    assert_eq!(chosen[0]["unit"]["code"], DISTRICT);
}

#[tokio::test]
async fn changed_units() {
    let world = union().await;
    let anybody = crate::harness::TOKEN;
    let variables = |since: &Value| json!({ "changedSince": since, "first": 7 });
    let (all, mark) = all_pages(&world, anybody, "changed-units", &variables(&Value::Null)).await;
    let version = world.version().await;
    assert_eq!(all.len(), 1 + 3 + 11 + 30 + 14);
    let (none, _) = all_pages(&world, anybody, "changed-units", &variables(&mark)).await;
    assert_eq!(none, [Value::Null; 0]);
    enter(&world, UNION, 1).await;
    let (changed, _) = all_pages(&world, anybody, "changed-units", &variables(&mark)).await;
    assert_eq!(each(&json!(changed), "code"), [UNION, DISTRICT, PROVINCE, "tldldvn"]);
    assert_eq!(changed[0]["tally"]["submitted"], 3);
    assert!(changed[0]["tally"]["version"].as_i64() > Some(version));
}

#[tokio::test]
async fn nightly_sync_by_pages() {
    let world = union().await;
    let token = world.token(Role::Partner, PROVINCE).await;
    let variables = |since: &Value| json!({ "changedSince": since, "first": 4 });
    let (all, mark) = all_pages(&world, &token, "sync-initiatives", &variables(&Value::Null)).await;
    assert_eq!(all.len(), 6);
    assert_eq!(all[0]["authors"], json!([{ "name": "Trần Văn Bình", "group": null }]));
    let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
      withdrawInitiative(input: $input) { errors { code message path } } }";
    world.review(&all[1]["id"], "ACCEPT").await;
    world.change(withdraw, json!({ "id": all[2]["id"] })).await;
    enter(&world, "ldld-001", 1).await;
    let new = enter(&world, UNION, 1).await;
    // Not in the subtree any more, so not listed.
    world.change(TRANSFER, json!({ "id": all[3]["id"], "unit": { "code": "ldld-001" } })).await;
    let (changed, later) = all_pages(&world, &token, "sync-initiatives", &variables(&mark)).await;
    let changed = json!(changed);
    assert_eq!(each(&changed, "id"), [all[1]["id"].clone(), all[2]["id"].clone(), new[0].clone()]);
    assert_eq!(each(&changed, "status"), ["ACCEPTED", "WITHDRAWN", "PENDING"]);
    let (none, _) = all_pages(&world, &token, "sync-initiatives", &variables(&later)).await;
    assert_eq!(none, [Value::Null; 0]);
}

#[tokio::test]
async fn nightly_sync_by_cursor() {
    let world = union().await;
    let token = world.token(Role::Partner, PROVINCE).await;
    let end = payload(operation("events-end").seen(&world).await)["pageInfo"]["endCursor"].take();
    let mut socket = world.socket_as(Some(&token)).await;
    operation("follow-events").and(json!({ "after": end })).follow(&mut socket).await;
    let ids = enter(&world, UNION, 2).await;
    world.review(&ids[0], "REJECT").await;
    enter(&world, "ldld-001", 1).await;
    world.change(TRANSFER, json!({ "id": ids[1], "unit": { "code": "ldld-001" } })).await;

    let mut after = end.clone();
    let mut told = Vec::new();
    loop {
        let page = operation("sync-events").and(json!({ "after": after, "first": 2 }));
        let mut page = payload(page.by(&world, &token).await);
        told.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].take();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(each(&json!(told), "kind"), ["SUBMITTED", "SUBMITTED", "REJECTED", "TRANSFERRED"]);
    let of = [&ids[0], &ids[1], &ids[0], &ids[1]].map(Value::clone);
    assert_eq!(each(&json!(told), "initiativeId"), of);
    assert_eq!(told[3]["fromUnit"]["code"], UNION);
    assert_eq!(told[3]["initiative"], Value::Null, "not theirs any more");
    for event in &told {
        let sent = socket.next().await;
        assert_eq!(sent["cursor"], event["cursor"]);
        assert_eq!(sent["kind"], event["kind"]);
    }
    let page = operation("sync-events").and(json!({ "after": after }));
    let nothing = payload(page.by(&world, &token).await);
    assert_eq!(nothing["nodes"], json!([]));
    assert!(nothing["pageInfo"]["endCursor"].is_string());

    // A cursor of another log, as after a restored backup.
    let other = World::start().await;
    let foreign =
        payload(operation("events-end").seen(&other).await)["pageInfo"]["endCursor"].take();
    let page = operation("sync-events").and(json!({ "after": foreign }));
    let answer = world.ask_as(&token, &page.request()).await;
    assert_eq!(code_of(&answer), "CURSOR_EXPIRED");
    // All pages once more, and on from here.
    let resume = &answer["errors"][0]["extensions"]["cursor"];
    let page = operation("sync-events").and(json!({ "after": resume }));
    assert_eq!(payload(page.by(&world, &token).await)["nodes"], json!([]));
}

/// The blocks of that language in docs/QUERIES.md.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = guide.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_guide_and_graphiql_show_these_very_operations() {
    let world = World::empty().await;
    let script = world.get("/graphiql/operations.js").send().await.unwrap().text().await.unwrap();
    let tabs = script.strip_prefix("const OPERATIONS = ").unwrap().trim_end().strip_suffix(';');
    let tabs: Vec<Value> = serde_json::from_str(tabs.unwrap()).unwrap();

    let guide = std::fs::read_to_string(docs().join("QUERIES.md")).unwrap();
    let shown = blocks(&guide, "graphql");
    assert_eq!(shown, tabs.iter().map(|tab| tab["query"].as_str().unwrap()).collect::<Vec<_>>());
    let without = |text: &String| text.trim() != "{}";
    let variables = tabs.iter().map(|tab| tab["variables"].as_str().unwrap().to_owned());
    // A tab speaks of the week before the server's own day.
    let undated = |text: String| match text.split_once("\"since\": \"") {
        Some((before, day)) => format!("{before}since{}", &day[day.find('"').unwrap()..]),
        None => text,
    };
    let variables: Vec<String> =
        variables.filter(without).map(|text| undated(text) + "\n").collect();
    let given: Vec<String> = blocks(&guide, "json").into_iter().map(undated).collect();
    assert_eq!(given, variables);

    let files = std::fs::read_dir(docs().join("queries")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let texts: BTreeSet<String> =
        names.filter(|name| name.ends_with(".graphql")).map(|name| text(&name)).collect();
    assert_eq!(texts, shown.into_iter().collect());
}
