//! The sheet of a meeting: what it adds up, whom it names units to, and its files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{TOKEN, World, bearer, code_of, data};

const OPERATION: &str = include_str!("../../../docs/queries/weekly-meeting.graphql");

/// Four weeks of a campaign, with a closed district, reviews, withdrawals and clusters.
async fn four_weeks(world: &World) {
    world.set_goals(&[("dong-nai", 12), ("ha-noi", 2), ("bien-hoa", 5), ("long-thanh", 4)]).await;
    for (code, cluster) in [("bien-hoa", "Cụm 1"), ("long-thanh", "Cụm 1"), ("nhon-trach", "Cụm 2")]
    {
        world
            .upsert_unit(json!({ "code": code, "name": format!("Liên đoàn Lao động {code}"),
                "kind": "DISTRICT_FEDERATION", "parent": { "code": "dong-nai" }, "cluster": cluster }))
            .await;
    }
    for code in ["an-hoa", "xa-cu"] {
        world
            .upsert_unit(json!({ "code": code, "name": code, "kind": "DISTRICT_FEDERATION",
                "parent": { "code": "dong-nai" } }))
            .await;
    }
    let mut ids = Vec::new();
    for (day, units) in [
        (10, &["dong-tam", "dong-tam", "an-phuoc", "dong-nai", "xa-cu"][..]),
        (12, &["tan-bien", "hoang-dieu", "nhon-trach"]),
        (16, &["dong-tam", "an-phuoc"]),
        (24, &["tan-bien", "tan-bien", "an-phuoc", "dong-tam"]),
    ] {
        world.set_clock(&format!("2022-05-{day}T09:00:00+07:00"));
        for unit in units {
            let key = format!("{day}-{}", ids.len());
            ids.push(world.submit(unit, &key).await["id"].take());
        }
        if day == 16 {
            world.review(&ids[0], "ACCEPT").await;
            world.review(&ids[1], "RETURN").await;
            world.review(&ids[2], "REJECT").await;
            let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
                withdrawInitiative(input: $input) { errors { code path message } } }";
            world.change(withdraw, json!({ "id": ids[5] })).await;
            world.query(r#"mutation { closeUnit(input: { unit: { code: "xa-cu" } }) { errors { code } } }"#).await;
        }
    }
}

async fn meeting(world: &World, variables: Value) -> Value {
    let answer = world.ask(&json!({ "query": OPERATION, "variables": variables })).await;
    data(answer)["unit"].take()
}

fn sum(rows: &Value, of: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| row[of].as_i64().unwrap()).sum()
}

fn codes(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        let unit = if row["unit"].is_object() { &row["unit"] } else { row };
        unit["code"].as_str().unwrap().to_owned()
    })
    .collect()
}

/// The sums that hold in every briefing.
fn adds_up(briefing: &Value) {
    let (tally, board) = (&briefing["tally"], &briefing["board"]);
    assert_eq!(sum(&briefing["bands"], "units"), board["ranked"].as_i64().unwrap());
    for count in ["pending", "returned"] {
        assert_eq!(sum(&briefing["backlog"], count), tally[count].as_i64().unwrap(), "{briefing}");
    }
    for count in ["submitted", "accepted"] {
        let clusters = sum(&briefing["clusters"], count);
        let rest = ["own", "closed"].map(|part| board[part][count].as_i64().unwrap());
        assert_eq!(clusters + rest[0] + rest[1], tally[count].as_i64().unwrap(), "{briefing}");
    }
    assert_eq!(sum(&briefing["clusters"], "gained"), board["sum"]["gained"].as_i64().unwrap());
    assert_eq!(sum(&briefing["clusters"], "units"), board["ranked"].as_i64().unwrap());
    let movers = briefing["movers"].as_array().unwrap();
    assert!(movers.iter().all(|row| row["gained"].as_i64().unwrap() > 0));
    assert!(movers.is_sorted_by_key(|row| -row["gained"].as_i64().unwrap()));
    let [idle, silent] = ["notStarted", "silent"].map(|list| codes(&briefing[list]["nodes"]));
    assert!(idle.iter().all(|code| !silent.contains(code)));
    for unit in briefing["silent"]["nodes"].as_array().unwrap() {
        assert!(unit["tally"]["daysSinceLast"].as_i64().unwrap() >= 7, "{unit}");
    }
    let laggards = briefing["laggards"].as_array().unwrap();
    let ratio = |row: &Value| row["tally"]["ratio"].as_f64().unwrap();
    assert!(laggards.is_sorted_by(|one, other| ratio(one) <= ratio(other)));
}

#[tokio::test]
async fn a_briefing_adds_up_now_and_at_the_end_of_a_past_day() {
    for world in World::start_on_each().await {
        four_weeks(&world).await;
        let unit = meeting(&world, json!({ "unit": { "code": "dong-nai" } })).await;
        let briefing = &unit["briefing"];
        adds_up(briefing);
        assert_eq!(
            (&briefing["since"], &briefing["until"]),
            (&json!("2022-05-18"), &json!("2022-05-24"))
        );
        assert_eq!(briefing["tally"]["figures"], "LIVE");
        let submitted = [&briefing["tally"], &briefing["before"]].map(|it| &it["submitted"]);
        assert_eq!(submitted, [12, 8]);
        assert_eq!(
            codes(&briefing["board"]["entries"]),
            ["bien-hoa", "long-thanh", "an-hoa", "nhon-trach"]
        );
        assert_eq!(codes(&briefing["movers"]), ["bien-hoa", "long-thanh"]);
        assert_eq!(codes(&briefing["notStarted"]["nodes"]), ["an-hoa"]);
        assert_eq!(codes(&briefing["silent"]["nodes"]), ["nhon-trach"]);
        // 2 until yesterday and 1 today, of 4.
        assert_eq!(codes(&briefing["laggards"]), ["long-thanh"]);
        let clusters = briefing["clusters"].as_array().unwrap();
        let told: Vec<(&Value, i64)> =
            clusters.iter().map(|it| (&it["cluster"], it["submitted"].as_i64().unwrap())).collect();
        assert_eq!(told, [(&json!("Cụm 1"), 9), (&json!("Cụm 2"), 1), (&Value::Null, 0)]);
        // 6 of 5, 3 of 4, and two without a target.
        let bands: Vec<i64> = briefing["bands"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["units"].as_i64().unwrap())
            .collect();
        assert_eq!(bands, [0, 0, 0, 1, 1, 0, 2]);

        for until in ["2022-05-10", "2022-05-15", "2022-05-16", "2022-05-23"] {
            for code in ["tld", "dong-nai"] {
                let asked = json!({ "unit": { "code": code }, "until": until, "since": until });
                let unit = meeting(&world, asked).await;
                let briefing = &unit["briefing"];
                adds_up(briefing);
                assert_eq!(briefing["tally"]["figures"], "DAY_END");
                let query = format!(
                    "{{ unit(ref: {{ code: \"{code}\" }}) {{ tally(asOf: \"{until}\") {{ submitted pending }} }} }}"
                );
                let tally = &data(world.ask(&json!({ "query": query })).await)["unit"]["tally"];
                for count in ["submitted", "pending"] {
                    assert_eq!(briefing["tally"][count], tally[count], "{until}");
                }
            }
        }
        let past = json!({ "unit": { "code": "dong-nai" }, "until": "2022-05-23" });
        let past = meeting(&world, past).await["briefing"].take();
        assert_eq!(codes(&past["silent"]["nodes"]), ["nhon-trach", "bien-hoa", "long-thanh"]);
        // By the days then: in the last seven of them nothing came.
        assert_eq!(codes(&past["laggards"]), ["long-thanh", "bien-hoa"]);
    }
}

/// The leaders are the first of the boards of the clusters; the id leads to the same briefing.
#[tokio::test]
async fn a_briefing_agrees_with_boards_standings_and_its_id() {
    let world = World::start().await;
    four_weeks(&world).await;
    let query = r#"{ unit(ref: { code: "dong-nai" }) {
      briefing(since: "2022-05-16", first: 1) { id
        standing { rank of gained } inCluster: standing(inCluster: true) { of cluster }
        clusters { cluster leaders { rank previousRank gained value unit { code } } }
        movers { rank gained value unit { code } } board { id entries { unit { code } rank } }
        notStarted(first: 0) { totalCount nodes { code } pageInfo { hasNextPage } }
      }
      standing(since: "2022-05-16") { rank of gained }
    } }"#;
    let unit = data(world.ask(&json!({ "query": query })).await)["unit"].take();
    let briefing = &unit["briefing"];
    assert_eq!(briefing["standing"], unit["standing"]);
    assert_eq!(briefing["inCluster"], json!({ "of": 1, "cluster": "Đông Nam Bộ" }));
    for cluster in briefing["clusters"].as_array().unwrap() {
        let Some(name) = cluster["cluster"].as_str() else { continue };
        let query = format!(
            r#"{{ leaderboard(within: {{ code: "dong-nai" }}, cluster: "{name}", since: "2022-05-16") {{
              entries {{ rank previousRank gained value unit {{ code }} }} }} }}"#
        );
        let board =
            data(world.ask(&json!({ "query": query })).await)["leaderboard"]["entries"].take();
        let rows = board.as_array().unwrap().iter().filter(|row| row["rank"] == 1);
        assert_eq!(cluster["leaders"], rows.cloned().collect::<Value>(), "{name}");
    }
    assert_eq!(briefing["movers"].as_array().unwrap().len(), 1);
    assert_eq!(briefing["notStarted"]["totalCount"], 1);
    assert_eq!(briefing["notStarted"]["pageInfo"]["hasNextPage"], true);
    let ids = json!([briefing["id"], briefing["board"]["id"]]);
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Briefing { id since movers { rank gained value unit { code } } }
      ... on Leaderboard { entries { unit { code } rank } } } }";
    let request = json!({ "query": query, "variables": { "ids": ids } });
    let nodes = data(world.ask(&request).await)["nodes"].take();
    assert_eq!(nodes[0]["id"], briefing["id"]);
    assert_eq!(
        (&nodes[0]["since"], &nodes[0]["movers"]),
        (&json!("2022-05-16"), &briefing["movers"])
    );
    assert_eq!(nodes[1]["entries"], briefing["board"]["entries"]);
}

#[tokio::test]
async fn only_staff_of_the_unit_are_told_names() {
    let world = World::start().await;
    four_weeks(&world).await;
    let variables = json!({ "unit": { "code": "dong-nai" }, "until": "2022-05-23" });
    let request = json!({ "query": OPERATION, "variables": variables });
    let mut told = Vec::new();
    let anonymous = data(world.ask_anonymously(&request).await);
    told.push((false, anonymous));
    for role in Role::ALL {
        for unit in ["tld", "dong-nai", "bien-hoa", "ha-noi"] {
            let token = world.token(*role, unit).await;
            let is_role = !matches!(role, Role::Partner | Role::Display);
            let is_over = matches!(unit, "tld" | "dong-nai");
            told.push((is_role && is_over, data(world.ask_as(&token, &request).await)));
        }
    }
    let whole = told.iter().find(|(is_staff, _)| *is_staff).unwrap().1.clone();
    for (is_staff, answer) in told {
        let (briefing, expected) = (&answer["unit"]["briefing"], &whole["unit"]["briefing"]);
        assert_eq!(briefing["namesUnits"], is_staff);
        for list in ["notStarted", "silent"] {
            assert_eq!(briefing[list]["totalCount"], expected[list]["totalCount"]);
            let nodes = briefing[list]["nodes"].as_array().unwrap();
            assert_eq!(nodes.is_empty(), !is_staff, "{list}");
        }
        assert_eq!(briefing["laggards"].as_array().unwrap().is_empty(), !is_staff);
        for part in
            ["tally", "before", "board", "movers", "clusters", "bands", "backlog", "targets"]
        {
            assert_eq!(briefing[part], expected[part], "{part}");
        }
    }
}

#[tokio::test]
async fn a_briefing_has_bounds() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let ask = async |arguments: &str| {
        let query = format!("{{ root {{ briefing({arguments}) {{ since until }} }} }}");
        world.ask(&json!({ "query": query })).await
    };
    for (arguments, code) in [
        (r#"until: "2022-05-11""#, "BAD_ARGUMENT"),
        (r#"until: "2021-05-11""#, "BAD_ARGUMENT"),
        (r#"since: "2022-05-11""#, "BAD_ARGUMENT"),
        (r#"since: "2022-04-08""#, "BAD_ARGUMENT"),
        ("first: 501", "BAD_ARGUMENT"),
        ("first: -1", "BAD_ARGUMENT"),
        (r#"period: { code: "nothing" }"#, "REF_NOT_FOUND"),
    ] {
        assert_eq!(code_of(&ask(arguments).await), code, "{arguments}");
    }
    let far = data(ask(r#"since: "2022-04-09""#).await);
    assert_eq!(far["root"]["briefing"], json!({ "since": "2022-04-09", "until": "2022-05-10" }));
}

async fn file(world: &World, path: &str, token: Option<&str>) -> reqwest::Response {
    let mut request = world.get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.send().await.unwrap()
}

fn header(response: &reqwest::Response, name: &str) -> String {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
}

/// A number as all files show it; nothing as an empty text.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[tokio::test]
async fn the_files_have_the_numbers_of_the_answer() {
    let world = World::start().await;
    four_weeks(&world).await;
    let asked = "unit=dong-nai&since=2022-05-16";
    let variables = json!({ "unit": { "code": "dong-nai" }, "since": "2022-05-16" });
    let unit = meeting(&world, variables).await;
    let briefing = &unit["briefing"];
    let book = file(&world, &format!("/briefing.xlsx?{asked}"), Some(TOKEN)).await;
    assert_eq!(
        header(&book, "content-disposition").split(';').nth(1).unwrap(),
        " filename=\"giao-ban_dong-nai_2022-05-24.xlsx\""
    );
    let tag = header(&book, "etag");
    let book = book.bytes().await.unwrap();
    let mut sheets: Xlsx<_> = Xlsx::new(Cursor::new(book.clone())).unwrap();
    let names: BTreeSet<String> = sheets.sheet_names().into_iter().collect();
    assert_eq!(names.len(), 11, "{names:?}");
    for (part, sheet, rows) in [
        ("board", "Cấp dưới trực tiếp", &briefing["board"]["entries"]),
        ("movers", "Tăng nhiều nhất", &briefing["movers"]),
        ("laggards", "Chậm tiến độ", &briefing["laggards"]),
        ("clusters", "Cụm, khối thi đua", &briefing["clusters"]),
        ("bands", "Mức đạt chỉ tiêu", &briefing["bands"]),
        ("backlog", "Hồ sơ chờ xử lý", &briefing["backlog"]),
        ("notStarted", "Chưa có sáng kiến", &briefing["notStarted"]["nodes"]),
        ("silent", "Lâu chưa có sáng kiến mới", &briefing["silent"]["nodes"]),
        ("targets", "Chỉ tiêu", &briefing["targets"]),
    ] {
        let csv = file(&world, &format!("/briefing.csv?{asked}&part={part}"), Some(TOKEN)).await;
        assert_eq!(header(&csv, "content-type"), "text/csv; charset=utf-8");
        let csv = csv.bytes().await.unwrap();
        let text = csv.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
        let mut reader = csv::Reader::from_reader(text);
        let heads = reader.headers().unwrap().clone();
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let rows = rows.as_array().unwrap();
        assert_eq!(lines.len(), rows.len(), "{part}");
        let cells = sheets.worksheet_range(sheet).unwrap();
        assert_eq!(cells.height(), rows.len() + 1, "{part}");
        for (place, (line, row)) in lines.iter().zip(rows).enumerate() {
            let told: BTreeMap<&str, &str> = heads.iter().zip(line.iter()).collect();
            let (counts, unit) = (
                if row["tally"].is_object() { &row["tally"] } else { row },
                if row["unit"].is_object() { &row["unit"] } else { row },
            );
            for (head, cell) in told {
                let expected = match head {
                    "rank" | "gained" | "units" | "met" | "from" | "below" | "metric"
                    | "origin" | "group" | "field" | "goal" | "distributed" | "reached" => {
                        &row[head]
                    }
                    "previous_rank" => &row["previousRank"],
                    "from_days" => &row["fromDays"],
                    "to_days" => &row["toDays"],
                    "code" | "name" | "cluster" => &unit[head],
                    "days_since_last" => &counts["daysSinceLast"],
                    "excess" | "leaders" => continue,
                    head => &counts[head],
                };
                // To the last digit, as the server wrote it.
                let same = cell == shown(expected)
                    || cell.parse::<f64>().ok() == expected.as_f64() && expected.is_number();
                assert!(same, "{part} {head}: {cell} is not {expected}");
                // The workbook has the same, numbers as numbers.
                let column = heads.iter().position(|it| it == head).unwrap();
                match (cells.get((place + 1, column)), expected) {
                    (Some(Data::Float(number)), expected) => {
                        assert_eq!(Some(*number), expected.as_f64(), "{part} {head}");
                    }
                    (Some(Data::String(text)), Value::String(expected)) => {
                        // For people: values of enumerations by their names.
                        let expected = match (head, expected.as_str()) {
                            ("metric", "SUBMITTED") => "đăng ký",
                            ("origin", "ASSIGNED") => "được giao",
                            ("metric" | "origin" | "group", other) => panic!("{head} {other}"),
                            (_, text) => text,
                        };
                        assert_eq!(text, expected);
                    }
                    (None | Some(Data::Empty), Value::Null) => {}
                    // For people: the row of what has none.
                    (Some(Data::String(_)), Value::Null) if matches!(head, "from" | "cluster") => {}
                    (found, expected) => panic!("{part} {head}: {found:?} is not {expected}"),
                }
            }
        }
    }
    // The unit itself: the end, the day before, and the parts of the total.
    let csv = file(&world, &format!("/briefing.csv?{asked}&part=tally&lang=en"), Some(TOKEN)).await;
    let csv = csv.text().await.unwrap();
    let rows: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(rows, ["tally", "before", "sum", "own", "closed", "others"], "for programs");
    let figures = sheets.worksheet_range("Số liệu chung").unwrap();
    assert_eq!(figures.get((1, 0)), Some(&Data::String("Đến hết kỳ".to_owned())), "for people");
    assert_eq!(figures.get((1, 2)), Some(&Data::Float(5.0)), "what was gained");
    for (sheet, rest) in
        [("Mức đạt chỉ tiêu", "chưa giao chỉ tiêu"), ("Cụm, khối thi đua", "không thuộc cụm nào")]
    {
        let rows = sheets.worksheet_range(sheet).unwrap();
        assert_eq!(rows.get((rows.height() - 1, 0)), Some(&Data::String(rest.to_owned())));
    }

    // The same as long as nothing changes, and byte for byte.
    let path = format!("/briefing.xlsx?{asked}");
    let known = |tag: &str| {
        world
            .get(&path)
            .header("authorization", bearer())
            .header("if-none-match", tag.to_owned())
            .send()
    };
    assert_eq!(known(&tag).await.unwrap().status(), 304);
    let again = file(&world, &path, Some(TOKEN)).await.bytes().await.unwrap();
    assert!(again == book, "the same briefing is the same file");
    let public = file(&world, &path, None).await;
    assert_ne!(header(&public, "etag"), tag, "of another audience");
    assert_eq!(header(&public, "cache-control"), "no-cache");
    world.submit("dong-tam", "one more").await;
    let other = known(&tag).await.unwrap();
    assert_eq!(other.status(), 200);
    assert_ne!(header(&other, "etag"), tag);
}

#[tokio::test]
async fn a_part_that_the_caller_may_not_see_is_missing() {
    let world = World::start().await;
    four_weeks(&world).await;
    let book = file(&world, "/briefing.xlsx?unit=dong-nai&lang=en", None).await;
    let sheets: Xlsx<_> = Xlsx::new(Cursor::new(book.bytes().await.unwrap())).unwrap();
    let expected = [
        "Briefing",
        "Figures",
        "Targets",
        "Units below",
        "Clusters",
        "Shares of targets",
        "Waiting",
        "Gained most",
    ];
    assert_eq!(sheets.sheet_names(), expected);
    for (path, status) in [
        ("/briefing.csv?unit=dong-nai&part=board", 200),
        ("/briefing.csv?unit=dong-nai&part=laggards", 403),
        ("/briefing.csv?unit=dong-nai&part=notStarted", 403),
        ("/briefing.csv?unit=dong-nai&part=nothing", 400),
        ("/briefing.csv?unit=dong-nai", 400),
        ("/briefing.csv?part=board", 200),
        ("/briefing.csv?unit=nobody&part=board", 404),
        ("/briefing.csv?unit=dong-nai&part=board&lang=fr", 400),
        ("/briefing.csv?unit=dong-nai&part=board&of=x", 400),
        ("/briefing.xlsx?unit=dong-nai&since=yesterday", 400),
        ("/briefing.xlsx?unit=dong-nai&until=2022-06-01", 400),
        ("/briefing.xlsx?unit=dong-nai&first=many", 400),
        ("/briefing.xlsx?unit=dong-nai&first=501", 400),
        ("/briefing.xlsx?unit=dong-nai&part=board", 400),
        ("/briefing.xlsx?unit=dong-nai&period=nothing", 404),
    ] {
        let response = file(&world, path, None).await;
        assert_eq!(
            response.status().as_u16(),
            status,
            "{path}: {}",
            response.text().await.unwrap()
        );
    }
    let refused = file(&world, "/briefing.xlsx", Some("nonsense")).await;
    assert_eq!(refused.status(), 401);
}

/// A client's cache keeps one object for an id: the count of a past day must not become that of now.
#[tokio::test]
async fn the_targets_of_a_past_day_have_ids_of_their_own() {
    let world = World::start().await;
    four_weeks(&world).await;
    let query = r#"{ unit(ref: { code: "dong-nai" }) { targets { id reached ratio }
        now: briefing { targets { id reached ratio } }
        past: briefing(until: "2022-05-15") { targets { id reached ratio } } } }"#;
    let mut unit = data(world.ask(&json!({ "query": query })).await)["unit"].take();
    let now = unit["targets"].take();
    assert_eq!(unit["now"]["targets"], now);
    let past = unit["past"]["targets"].take();
    assert_eq!(now[0]["reached"], 12);
    assert_eq!(past[0]["reached"], 7);
    assert_ne!(past[0]["id"], now[0]["id"]);
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Target { id reached ratio } } }";
    for targets in [now, past] {
        let asked = json!({ "query": query, "variables": { "ids": [targets[0]["id"]] } });
        assert_eq!(data(world.ask(&asked).await)["nodes"], targets);
    }
}

/// Notes the plain fields of each object with an id, and complains of one that another answer tells otherwise.
fn note(known: &mut BTreeMap<(String, String), Value>, answer: &Value) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| note(known, item)),
        Value::Object(fields) => {
            for (name, value) in fields {
                note(known, value);
                let Some(id) = fields.get("id").and_then(Value::as_str) else { continue };
                if value.is_object() || value.is_array() {
                    continue;
                }
                let place = (id.to_owned(), name.clone());
                let before = known.entry(place).or_insert_with(|| value.clone());
                assert_eq!(before, value, "{name} of {id}: {fields:?}");
            }
        }
        _ => {}
    }
}

/// As a client's cache does it: whatever is asked, by now, by a past day or by a closing, an id has one value of each field.
#[tokio::test]
async fn an_id_has_one_value_of_each_field_whichever_figures_are_asked() {
    let world = World::start().await;
    four_weeks(&world).await;
    world.set_clock("2022-06-02T08:00:00+07:00");
    world.submit("dong-tam", "after the campaign").await;
    let mut known = BTreeMap::new();
    for unit in ["tld", "dong-nai", "bien-hoa", "dong-tam"] {
        for period in [None, Some("campaign"), Some("programme")] {
            for until in [None, Some("2022-06-01"), Some("2022-05-24"), Some("2022-05-12")] {
                let period = period.map(|code| json!({ "code": code }));
                let asked = json!({ "unit": { "code": unit }, "period": period, "until": until,
                    "since": until });
                note(&mut known, &meeting(&world, asked).await);
            }
        }
    }
    let ids = "id figures submitted accepted target ratio coverage daysSinceLast participants";
    let board = format!(
        "id asOf figures ranked total {{ {ids} }} entries {{ unit {{ id code closedOn }} tally {{ {ids} }} }}"
    );
    let period = r#"period: { code: "campaign" }"#;
    let query = format!(
        r#"{{ now: leaderboard({period}) {{ {board} }}
        past: leaderboard({period}, asOf: "2022-05-12") {{ {board} }}
        period(ref: {{ code: "campaign" }}) {{ id name endsOn metric
          closings {{ id kind metric at version tally {{ {ids} }} leaderboard {{ {board} }} }} }}
        unit(ref: {{ code: "dong-nai" }}) {{ id code
          targets {{ id goal reached ratio distributed }} parts: targets(parts: true) {{ id goal reached ratio }}
          now: tally({period}) {{ {ids} }} past: tally({period}, asOf: "2022-05-12") {{ {ids} }} }} }}"#
    );
    note(&mut known, &data(world.ask(&json!({ "query": query })).await));
    let figures: BTreeSet<&str> = known
        .iter()
        .filter(|((_, name), _)| name == "figures")
        .filter_map(|(_, it)| it.as_str())
        .collect();
    assert_eq!(figures, BTreeSet::from(["DAY_END", "KEPT", "LIVE"]), "all are among them");
}

/// Zeros of a period that is about others would look as if nobody had entered anything.
#[tokio::test]
async fn a_period_of_others_makes_no_briefing() {
    let world = World::start().await;
    four_weeks(&world).await;
    let own = json!({ "code": "ha-noi-month", "name": "Tháng cao điểm", "kind": "PEAK_MONTH",
        "startsOn": "2022-05-01", "endsOn": "2022-05-31", "owner": { "code": "ha-noi" } });
    let upsert = "mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) {
        errors { code path message } } }";
    world.change(upsert, own).await;
    for (unit, is_counted) in [("dong-nai", false), ("ha-noi", true), ("tld", true)] {
        let asked = json!({ "unit": { "code": unit }, "period": { "code": "ha-noi-month" } });
        let answer = world.ask(&json!({ "query": OPERATION, "variables": asked })).await;
        if is_counted {
            adds_up(&data(answer)["unit"]["briefing"]);
        } else {
            assert_eq!(code_of(&answer), "BAD_ARGUMENT");
            assert!(answer.to_string().contains("the period ha-noi-month covers neither"));
        }
        let asked = format!("/briefing.xlsx?unit={unit}&period=ha-noi-month");
        let status = file(&world, &asked, None).await.status();
        assert_eq!(status.is_success(), is_counted, "{unit}: {status}");
    }
}

/// As on the wall: a share of nothing compares nobody.
#[tokio::test]
async fn without_targets_a_meeting_compares_the_counts() {
    let world = World::start().await;
    four_weeks(&world).await;
    let upsert = "mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) {
        errors { code path message } } }";
    for (owner, metric) in [("dong-nai", "SUBMITTED"), ("tld", "PARTICIPANTS")] {
        let period = json!({ "code": format!("{owner}-month"), "name": "Tháng cao điểm",
            "kind": "PEAK_MONTH", "startsOn": "2022-05-01", "endsOn": "2022-05-31",
            "metric": metric, "owner": { "code": owner } });
        world.change(upsert, period).await;
        let asked = format!(
            r#"{{ unit(ref: {{ code: "dong-nai" }}) {{ briefing(period: {{ code: "{owner}-month" }}) {{
                standing {{ rank of value }} clusters {{ leaders {{ unit {{ code }} value }} }}
                board {{ rankBy entries {{ rank value unit {{ code }} }} }} }} }} }}"#
        );
        let briefing = world.query(&asked).await["unit"]["briefing"].take();
        assert_eq!(briefing["board"]["rankBy"], metric);
        let rows = briefing["board"]["entries"].as_array().unwrap();
        let values: Vec<f64> = rows.iter().map(|row| row["value"].as_f64().unwrap()).collect();
        assert!(values[0] > values[values.len() - 1], "{values:?}");
        assert!(values.is_sorted_by(|one, other| one >= other), "{values:?}");
        assert!(rows[rows.len() - 1]["rank"].as_i64() > Some(1), "{rows:?}");
        assert_eq!(briefing["clusters"][0]["leaders"].as_array().unwrap().len(), 1);
        // A period of the unit's own compares nobody beside it.
        assert_eq!(briefing["standing"].is_null(), owner == "dong-nai", "{briefing}");
    }
    // One target is enough.
    let set = "mutation ($input: SetTargetsInput!) { setTargets(input: $input) {
        errors { code path message } } }";
    world
        .change(
            set,
            json!({ "period": { "code": "dong-nai-month" }, "goals":
        [{ "unit": { "code": "long-thanh" }, "goal": { "count": 3 } }] }),
        )
        .await;
    let asked = r#"{ unit(ref: { code: "dong-nai" }) { briefing(period: { code: "dong-nai-month" }) {
        board { rankBy } } } }"#;
    let briefing = world.query(asked).await["unit"]["briefing"].take();
    assert_eq!(briefing["board"]["rankBy"], "TARGET_RATIO");
}

/// The morning after a phase its sheet is what it was.
#[tokio::test]
async fn the_default_period_is_that_of_the_last_day() {
    let world = World::start().await;
    let upsert = "mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) {
        errors { code path message } } }";
    for (code, first, last) in [("p1", "05-08", "05-11"), ("p2", "05-12", "05-20")] {
        let period = json!({ "code": code, "name": code, "kind": "PHASE",
            "startsOn": format!("2022-{first}"), "endsOn": format!("2022-{last}") });
        world.change(upsert, period).await;
    }
    world.set_clock("2022-05-12T08:00:00+07:00");
    world.submit("dong-tam", "1").await;
    for (until, period) in
        [("", "p2"), (r#"(until: "2022-05-12")"#, "p2"), (r#"(until: "2022-05-11")"#, "p1")]
    {
        let asked = format!(r#"{{ root {{ briefing{until} {{ period {{ code }} }} }} }}"#);
        assert_eq!(
            world.query(&asked).await["root"]["briefing"]["period"]["code"],
            period,
            "{until}"
        );
    }
}

/// Programs that fetch files send no `Accept-Language`; the address says which language their faults have.
#[tokio::test]
async fn faults_of_a_file_are_in_its_language() {
    let world = World::start().await;
    for (fault, named) in [
        ("until=2023-01-01", "until"),
        ("until=2022-02-30", "until"),
        ("unit=nobody", "nobody"),
        ("part=nothing", "part"),
        ("first=many", "first"),
        ("since=x", "since"),
        ("cluster=x", "cluster"),
        ("until=2022-05-10&until=2022-05-11", "until"),
    ] {
        let part = if fault.starts_with("part") { "" } else { "&part=board" };
        for (lang, header, is_vietnamese) in
            [("vi", "en", true), ("en", "vi", false), ("", "vi", true), ("", "en", false)]
        {
            let asked = world.get(&format!("/briefing.csv?{fault}{part}&lang={lang}"));
            let answer = asked.header("accept-language", header).send().await.unwrap();
            let told = answer.json::<Value>().await.unwrap()["errors"][0]["message"].take();
            let told = told.as_str().unwrap();
            let is_told_so = told.chars().any(|it| "áàảãạâấầđếềêệịốôơưữ".contains(it));
            assert_eq!(is_told_so, is_vietnamese, "{fault} {lang} {header}: {told}");
            assert!(told.contains(named) && !told.contains('$'), "{fault}: {told}");
        }
    }
}

/// Units that share the first rank because none of them has anything do not lead.
#[tokio::test]
async fn nobody_leads_a_cluster_with_nothing() {
    let world = World::start().await;
    four_weeks(&world).await;
    let unit = meeting(&world, json!({ "unit": { "code": "dong-nai" } })).await;
    let clusters = unit["briefing"]["clusters"].as_array().unwrap();
    let without: Vec<&Value> = clusters
        .iter()
        .filter(|row| row["leaders"].as_array().unwrap().iter().all(|it| it["value"] == 0.0))
        .collect();
    assert!(!without.is_empty(), "{clusters:?}");
    let csv = file(&world, "/briefing.csv?unit=dong-nai&part=clusters", None).await;
    let csv = csv.text().await.unwrap();
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (line, row) in lines.iter().zip(clusters) {
        let is_led = !without.contains(&row);
        assert_eq!(!line.iter().next_back().unwrap().is_empty(), is_led, "{line:?}");
    }
}

/// A name that a spreadsheet would take for a formula is a text in both files.
#[tokio::test]
async fn names_are_no_formulas() {
    let world = World::start().await;
    let name = "=HYPERLINK(\"http://x\")";
    world.upsert_unit(json!({ "code": "bien-hoa", "name": name })).await;
    let csv =
        file(&world, "/briefing.csv?unit=dong-nai&part=board", None).await.text().await.unwrap();
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
    let book = file(&world, "/briefing.xlsx?unit=dong-nai", None).await.bytes().await.unwrap();
    let mut sheets: Xlsx<_> = Xlsx::new(Cursor::new(book)).unwrap();
    let board = sheets.worksheet_range("Cấp dưới trực tiếp").unwrap();
    assert!(board.rows().any(|row| row[3] == Data::String(name.to_owned())));
    let formulas = sheets.worksheet_formula("Cấp dưới trực tiếp").unwrap();
    assert!(formulas.rows().flatten().all(String::is_empty));
}
