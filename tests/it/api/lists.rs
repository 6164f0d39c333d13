//! Lists of units: their rows and order, page by page; and the search for units by their names.

use serde_json::{Value, json};

use crate::chance;
use crate::harness::{World, code_of, payload};

const UNITS: &str = "query ($filter: UnitFilter, $orderBy: UnitOrder, $period: PeriodRef,
    $first: Int, $after: String, $last: Int, $before: String) {
  units(filter: $filter, orderBy: $orderBy, period: $period, first: $first, after: $after,
    last: $last, before: $before) {
    nodes { code } edges { cursor node { code } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

const UPSERT_UNIT: &str = "mutation ($input: UpsertUnitInput!) {
  upsertUnit(input: $input) { errors { code path message } }
}";

async fn page(world: &World, variables: Value) -> Value {
    payload(world.ask(&json!({ "query": UNITS, "variables": variables })).await["data"].take())
}

async fn refused(world: &World, variables: Value) -> String {
    code_of(&world.ask(&json!({ "query": UNITS, "variables": variables })).await).to_owned()
}

fn codes(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{page}")).iter();
    nodes.map(|node| node["code"].as_str().unwrap().to_owned()).collect()
}

async fn add(world: &World, code: &str, name: &str, parent: &str) {
    world
        .upsert_unit(json!({ "code": code, "name": name, "kind": "SECTION",
            "parent": { "code": parent } }))
        .await;
}

#[tokio::test]
async fn a_filter_says_which_and_an_order_says_how() {
    let world = World::start().await;
    world
        .upsert_unit(json!({ "code": "dong-tam", "sector": "HEALTH", "foreignInvested": true }))
        .await;
    world.query(r#"mutation { closeUnit(input: { unit: { code: "so-xay-dung" } }) { errors { code } } }"#).await;
    world.set_goals(&[("dong-tam", 4), ("an-phuoc", 1), ("dong-nai", 3), ("ha-noi", 100)]).await;
    for (unit, key) in
        [("dong-tam", "1"), ("dong-tam", "2"), ("an-phuoc", "3"), ("hoang-dieu", "4")]
    {
        world.submit(unit, key).await;
    }
    let every = ["tld", "ha-noi", "dong-nai"];
    let by_name = [
        "an-phuoc",
        "ba-dinh",
        "bien-hoa",
        "dong-nai",
        "dong-tam",
        "ha-noi",
        "hoang-dieu",
        "long-thanh",
        "so-xay-dung",
        "tan-bien",
        "tld",
    ];
    for (filter, expected) in [
        (json!(null), &by_name[..]),
        (json!({}), &by_name),
        (json!({ "within": { "code": "bien-hoa" } }), &["bien-hoa", "dong-tam", "tan-bien"]),
        (
            json!({ "kinds": ["CONFEDERATION", "PROVINCIAL_FEDERATION"] }),
            &["dong-nai", "ha-noi", "tld"],
        ),
        (json!({ "cluster": " Thành phố" }), &["ha-noi"]),
        (json!({ "sector": "HEALTH" }), &["dong-tam"]),
        (json!({ "foreignInvested": true }), &["dong-tam"]),
        (json!({ "closed": true }), &["so-xay-dung"]),
        (
            json!({ "closed": false, "within": { "code": "ha-noi" } }),
            &["ba-dinh", "ha-noi", "hoang-dieu"],
        ),
        (json!({ "text": "BIEN" }), &["bien-hoa", "tan-bien"]),
        (json!({ "text": "tong lien doan" }), &["tld"]),
        (json!({ "notStarted": true }), &["so-xay-dung", "tan-bien"]),
        (
            json!({ "notStarted": false, "within": { "code": "ha-noi" } }),
            &["ba-dinh", "ha-noi", "hoang-dieu"],
        ),
        (json!({ "ratioBelow": 1.0 }), &["dong-tam", "ha-noi"]),
        (json!({ "ratioBelow": 0.5 }), &["ha-noi"]),
        (
            json!({ "kinds": ["GRASSROOTS_UNION"], "notStarted": true, "closed": false }),
            &["tan-bien"],
        ),
    ] {
        let found = page(&world, json!({ "filter": filter })).await;
        assert_eq!(codes(&found), expected, "{filter}");
        assert_eq!(found["totalCount"], expected.len(), "{filter}");
    }
    for (order, expected) in [
        (json!({ "field": "NAME", "direction": "DESC" }), &["tld", "ha-noi", "dong-nai"][..]),
        (json!({ "field": "CODE" }), &["dong-nai", "ha-noi", "tld"]),
        (json!({ "field": "CODE", "direction": "DESC" }), &["tld", "ha-noi", "dong-nai"]),
        (json!({ "field": "SUBMITTED" }), &["ha-noi", "dong-nai", "tld"]),
        (json!({ "field": "SUBMITTED", "direction": "DESC" }), &["tld", "dong-nai", "ha-noi"]),
        (json!({ "field": "ACCEPTED", "direction": "DESC" }), &["tld", "dong-nai", "ha-noi"]),
        // A unit without a target, or without a head-count, comes last either way.
        (json!({ "field": "TARGET_RATIO" }), &["ha-noi", "dong-nai", "tld"]),
        (json!({ "field": "TARGET_RATIO", "direction": "DESC" }), &["dong-nai", "ha-noi", "tld"]),
        (json!({ "field": "MEMBER_COUNT" }), &["ha-noi", "dong-nai", "tld"]),
        (json!({ "field": "MEMBER_COUNT", "direction": "DESC" }), &["dong-nai", "ha-noi", "tld"]),
    ] {
        let filter = json!({ "kinds": ["CONFEDERATION", "PROVINCIAL_FEDERATION"] });
        let found = page(&world, json!({ "filter": filter, "orderBy": order })).await;
        assert_eq!(codes(&found), expected, "{order}");
        assert_eq!(codes(&found).len(), every.len());
    }
    // Another period than the default one.
    world
        .upsert_period(json!({ "code": "late", "name": "Muộn", "kind": "PEAK_WEEK",
            "startsOn": "2022-05-20", "endsOn": "2022-05-26" }))
        .await;
    let filter = json!({ "notStarted": true });
    let late = page(&world, json!({ "filter": filter, "period": { "code": "late" } })).await;
    assert_eq!(late["totalCount"], by_name.len());

    let bad = |field: &str, value: Value| json!({ "filter": { field: value } });
    let nobody = json!({ "code": "nobody" });
    assert_eq!(refused(&world, bad("within", nobody.clone())).await, "REF_NOT_FOUND");
    assert_eq!(refused(&world, json!({ "period": nobody })).await, "REF_NOT_FOUND");
    assert_eq!(refused(&world, bad("ratioBelow", json!(-0.5))).await, "BAD_ARGUMENT");
    assert_eq!(refused(&world, bad("silentDays", json!(-1))).await, "BAD_ARGUMENT");
    assert_eq!(refused(&world, bad("changedAfter", json!(-1))).await, "BAD_ARGUMENT");
    let words: Vec<String> = (0..31).map(|word| word.to_string()).collect();
    assert_eq!(refused(&world, bad("text", json!(words.join(" ")))).await, "BAD_ARGUMENT");
}

#[tokio::test]
async fn silence_and_delay_are_those_of_the_tallies() {
    for world in World::start_on_each().await {
        world.set_goals(&[("dong-nai", 2), ("ha-noi", 100), ("dong-tam", 3)]).await;
        world.submit("dong-tam", "1").await;
        world.submit("an-phuoc", "2").await;
        world.set_clock("2022-05-14T08:00:00+07:00");
        let id = world.submit("hoang-dieu", "3").await["id"].take();
        world.review(&id, "ACCEPT").await;
        let all = "{ units(first: 100) { nodes { code tally { daysSinceLast coverage pending
            lastSubmittedAt target pace { projected } } } } }";
        let all = payload(world.query(all).await)["nodes"].take();
        let all = all.as_array().unwrap();
        let named = |passes: &dyn Fn(&Value) -> bool| {
            let units = all.iter().filter(|unit| passes(&unit["tally"]));
            units.map(|unit| unit["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let found = async |filter: Value| {
            codes(&page(&world, json!({ "first": 100, "filter": filter })).await)
        };
        for days in [0, 1, 4, 5] {
            let silent =
                named(&|tally| tally["daysSinceLast"].as_i64().is_none_or(|it| it >= days));
            assert_eq!(found(json!({ "silentDays": days })).await, silent, "{days}");
        }
        assert_eq!(found(json!({ "silentDays": 4, "notStarted": false })).await.len(), 5);
        let is_behind = |tally: &Value| {
            let target = tally["target"].as_i64();
            target.is_some_and(|target| tally["pace"]["projected"].as_i64().unwrap() < target)
        };
        assert_eq!(named(&is_behind), ["ha-noi"]);
        assert_eq!(found(json!({ "behind": true })).await, ["ha-noi"]);
        assert_eq!(found(json!({ "behind": false })).await.len(), all.len() - 1);
        let wide = json!({ "behind": true, "within": { "code": "dong-nai" } });
        assert_eq!(found(wide).await, [""; 0]);

        for (field, member, most) in [
            ("LAST_SUBMITTED", "lastSubmittedAt", "ha-noi"),
            ("COVERAGE", "coverage", "dong-nai"),
            ("PENDING", "pending", "dong-nai"),
        ] {
            let number = |code: &str| {
                let unit = all.iter().find(|unit| unit["code"] == code).unwrap();
                unit["tally"][member].clone()
            };
            let ordered = async |direction: &str| {
                let order = json!({ "field": field, "direction": direction });
                // Two by two, from one cursor to the next, while others are entered.
                let (mut seen, mut after) = (Vec::new(), Value::Null);
                loop {
                    let asked = json!({ "first": 2, "after": after, "orderBy": order });
                    let mut part = page(&world, asked).await;
                    seen.extend(codes(&part));
                    if part["pageInfo"]["hasNextPage"] == false {
                        return seen;
                    }
                    after = part["pageInfo"]["endCursor"].take();
                    let key = format!("{field} {direction} {}", seen.len());
                    let id = world.submit("ba-dinh", &key).await["id"].take();
                    let withdraw = "mutation ($input: WithdrawInitiativeInput!) {
                        withdrawInitiative(input: $input) { errors { code path message } } }";
                    world.change(withdraw, json!({ "id": id })).await;
                }
            };
            for (direction, sign) in [("ASC", 1.0), ("DESC", -1.0)] {
                let rows = ordered(direction).await;
                let mut numbers: Vec<Value> = rows.iter().map(|code| number(code)).collect();
                let values = numbers.iter().position(Value::is_null).unwrap_or(numbers.len());
                assert!(numbers.drain(values..).all(|it| it.is_null()), "{field} {direction}");
                let is_sorted = numbers.is_sorted_by(|one, other| match (one, other) {
                    (Value::String(one), Value::String(other)) if sign > 0.0 => one <= other,
                    (Value::String(one), Value::String(other)) => one >= other,
                    _ => sign * one.as_f64().unwrap() <= sign * other.as_f64().unwrap(),
                });
                assert!(is_sorted, "{field} {direction}: {numbers:?}");
                let mut units = rows.clone();
                units.sort_unstable();
                units.dedup();
                assert_eq!(units.len(), all.len(), "each unit once");
            }
            let provinces = json!({ "kinds": ["PROVINCIAL_FEDERATION"] });
            let order = json!({ "field": field, "direction": "DESC" });
            let found = page(&world, json!({ "filter": provinces, "orderBy": order })).await;
            assert_eq!(codes(&found)[0], most, "{field}");
        }
        // When the period is over, the target was reached or not.
        world.set_clock("2022-07-01T08:00:00+07:00");
        world.upsert_unit(json!({ "code": "tld" })).await;
        let campaign = json!({ "code": "campaign" });
        let behind = json!({ "filter": { "behind": true }, "period": campaign });
        assert_eq!(codes(&page(&world, behind).await), ["dong-tam", "ha-noi"]);
        let silent =
            json!({ "filter": { "silentDays": 21, "notStarted": false }, "period": campaign });
        assert_eq!(codes(&page(&world, silent).await).len(), 5, "to the last day, no further");
    }
}

#[tokio::test]
async fn children_and_descendants_are_lists_too() {
    let world = World::start().await;
    let fields = |field: &str, arguments: &str| {
        format!(
            r#"{{ unit(ref: {{ code: "dong-nai" }}) {{ it: {field}{arguments} {{ nodes {{ code }} totalCount }} }} }}"#
        )
    };
    for (field, arguments, expected) in [
        ("children", "", &["bien-hoa", "long-thanh"][..]),
        ("children", "(orderBy: { field: CODE, direction: DESC })", &["long-thanh", "bien-hoa"]),
        ("children", r#"(filter: { text: "long" })"#, &["long-thanh"]),
        ("descendants", "", &["an-phuoc", "bien-hoa", "dong-tam", "long-thanh", "tan-bien"]),
        (
            "descendants",
            "(filter: { kinds: [GRASSROOTS_UNION] }, last: 2)",
            &["dong-tam", "tan-bien"],
        ),
        (
            "descendants",
            r#"(filter: { within: { code: "bien-hoa" } })"#,
            &["bien-hoa", "dong-tam", "tan-bien"],
        ),
        ("descendants", r#"(filter: { within: { code: "ha-noi" } })"#, &[]),
    ] {
        let found = payload(world.query(&fields(field, arguments)).await)["it"].take();
        assert_eq!(codes(&found), expected, "{field}{arguments}");
    }
    // A cursor belongs to its list and order.
    let cursor = |page: &Value| page["pageInfo"]["endCursor"].clone();
    let units = page(&world, json!({ "first": 1 })).await;
    let other = fields("children", &format!("(after: {})", cursor(&units)));
    assert_eq!(code_of(&world.ask(&json!({ "query": other })).await), "BAD_CURSOR");
    for order in [
        json!({ "field": "CODE" }),
        json!({ "field": "NAME", "direction": "DESC" }),
        json!({ "field": "SUBMITTED" }),
    ] {
        let variables = json!({ "after": cursor(&units), "orderBy": order });
        assert_eq!(refused(&world, variables).await, "BAD_CURSOR", "{order}");
    }
    for after in ["", "x", "bm9uc2Vuc2U", "WyJ1bml0cyBieSBOYW1lIiwxXQ"] {
        assert_eq!(refused(&world, json!({ "after": after })).await, "BAD_CURSOR", "{after:?}");
    }
    for (arguments, code) in [
        (json!({ "first": -1 }), "BAD_ARGUMENT"),
        (json!({ "first": 501 }), "BAD_ARGUMENT"),
        (json!({ "last": 501 }), "BAD_ARGUMENT"),
        (json!({ "first": 1, "last": 1 }), "BAD_ARGUMENT"),
    ] {
        assert_eq!(refused(&world, arguments.clone()).await, code, "{arguments}");
    }
}

#[tokio::test]
async fn names_are_in_the_order_of_the_vietnamese_alphabet() {
    let world = World::start().await;
    let names =
        ["Anh Sơn", "Ăn Nói", "Ân Thi", "Đà Lạt", "Dĩ An", "Hòa", "Hoa", "Hóa", "Ô", "Ơ", "O"];
    for (number, name) in names.iter().enumerate() {
        add(&world, &format!("n{number}"), name, "dong-tam").await;
    }
    let list = r#"{ unit(ref: { code: "dong-tam" }) { children { nodes { name } } } }"#;
    let found = payload(world.query(list).await)["children"]["nodes"].take();
    let expected =
        ["Anh Sơn", "Ăn Nói", "Ân Thi", "Dĩ An", "Đà Lạt", "Hoa", "Hòa", "Hóa", "O", "Ô", "Ơ"];
    let expected: Vec<Value> = expected.iter().map(|name| json!({ "name": name })).collect();
    assert_eq!(found, json!(expected));
}

/// Walks from one end to the other while units are added and renamed. Each unit that stays as it is
/// is seen once.
#[tokio::test]
async fn pages_show_each_unit_once_while_others_come_and_change() {
    let world = World::start().await;
    let mut rng = chance::rng(20_220_510);
    let letters = ["a", "ă", "â", "d", "đ", "e", "ê", "o", "ô", "ơ", "Tân Thành"];
    let name = |rng: &mut fastrand::Rng| {
        let words: Vec<&str> = (0..2).map(|_| letters[rng.usize(0..letters.len())]).collect();
        words.join(" ")
    };
    for number in 0..30 {
        let parent = match number {
            0 => "dong-tam".to_owned(),
            _ => format!("s{}", rng.u32(0..number)),
        };
        add(&world, &format!("s{number}"), &name(&mut rng), &parent).await;
    }
    let mut added = 30;
    for field in ["NAME", "CODE"] {
        for direction in ["ASC", "DESC"] {
            for forward in [true, false] {
                let order = json!({ "field": field, "direction": direction });
                let all = json!({ "first": 500, "orderBy": order });
                let mut before = codes(&page(&world, all).await);
                let restless = "s7".to_owned();
                before.retain(|code| *code != restless);
                let (mut seen, mut cursor) = (Vec::new(), Value::Null);
                loop {
                    let size = rng.i32(1..6);
                    let arguments = if forward {
                        json!({ "first": size, "after": cursor, "orderBy": order })
                    } else {
                        json!({ "last": size, "before": cursor, "orderBy": order })
                    };
                    let here = page(&world, arguments).await;
                    let mut codes = codes(&here);
                    assert!(codes.len() <= size.unsigned_abs() as usize);
                    let info = &here["pageInfo"];
                    if !forward {
                        codes.reverse();
                    }
                    seen.extend(codes);
                    let (more, next) = if forward {
                        ("hasNextPage", "endCursor")
                    } else {
                        ("hasPreviousPage", "startCursor")
                    };
                    if info[more] == false {
                        break;
                    }
                    cursor = info[next].clone();
                    if rng.bool() && added < 60 {
                        added += 1;
                        let parent = format!("s{}", rng.u32(0..30));
                        add(&world, &format!("s{added}"), &name(&mut rng), &parent).await;
                        // A move leaves the unit where it was in a list of all.
                        let parent = format!("s{}", rng.u32(0..30));
                        let unit = json!({ "code": "s29", "parent": { "code": parent } });
                        world.mutate(UPSERT_UNIT, unit).await;
                    }
                    add(&world, "s7", &name(&mut rng), "s0").await;
                }
                seen.retain(|code| before.contains(code));
                if !forward {
                    seen.reverse();
                }
                assert_eq!(seen, before, "{order} forward: {forward}");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_of_a_count_holds_on_to_its_version() {
    let world = World::start().await;
    world.submit("dong-tam", "1").await;
    let order = json!({ "field": "SUBMITTED", "direction": "DESC" });
    let filter = json!({ "kinds": ["GRASSROOTS_UNION"] });
    let ask = |arguments: Value| {
        let mut variables = json!({ "orderBy": order, "filter": filter });
        variables.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
        variables
    };
    let whole = codes(&page(&world, ask(json!({}))).await);
    assert_eq!(whole[0], "dong-tam");
    let first = page(&world, ask(json!({ "first": 2 }))).await;
    assert_eq!(codes(&first), whole[..2]);
    // The last of all comes to lead; the pages go on as they began.
    for key in ["2", "3", "4"] {
        world.submit(whole.last().unwrap(), key).await;
    }
    add(&world, "new", "Mới", "dong-tam").await;
    world.set_clock("2022-05-11T08:00:00+07:00");
    world.submit("dong-tam", "5").await;
    let cursor = first["pageInfo"]["endCursor"].clone();
    let second = page(&world, ask(json!({ "first": 2, "after": cursor }))).await;
    assert_eq!(codes(&second), whole[2..4]);
    assert_eq!(second["totalCount"], 5);
    let cursor = second["pageInfo"]["endCursor"].clone();
    let third = page(&world, ask(json!({ "first": 2, "after": cursor }))).await;
    assert_eq!(
        (codes(&third), &third["pageInfo"]["hasNextPage"]),
        (whole[4..].to_vec(), &json!(false))
    );
    let start = third["pageInfo"]["startCursor"].clone();
    let back = page(&world, ask(json!({ "last": 9, "before": start }))).await;
    assert_eq!(codes(&back), whole[..4]);
    let anew = codes(&page(&world, ask(json!({}))).await);
    assert_eq!(anew[0], *whole.last().unwrap());

    // The server refuses a cursor of another filter, and of a list that it no longer remembers: the
    // client begins again.
    let other = json!({ "orderBy": order, "after": cursor, "filter": {} });
    assert_eq!(refused(&world, other).await, "BAD_CURSOR");
    let fresh = page(&world, ask(json!({ "first": 2 }))).await;
    let world = world.restart().await;
    assert_eq!(refused(&world, ask(json!({ "after": cursor }))).await, "BAD_CURSOR");
    // The order is the same wherever the list is made, since nothing has changed.
    let cursor = &fresh["pageInfo"]["endCursor"];
    assert_eq!(codes(&page(&world, ask(json!({ "after": cursor }))).await), anew[2..]);
}

#[tokio::test]
async fn changed_after_tells_what_changed() {
    let world = World::start().await;
    let changed = async |version: i64| {
        let filter = json!({ "changedAfter": version });
        codes(&page(&world, json!({ "filter": filter, "orderBy": { "field": "CODE" } })).await)
    };
    let mut version = world.version().await;
    assert_eq!(changed(version).await, Vec::<String>::new());
    world.submit("dong-tam", "1").await;
    assert_eq!(changed(version).await, ["bien-hoa", "dong-nai", "dong-tam", "tld"]);
    version = world.version().await;
    assert_eq!(changed(version).await, Vec::<String>::new());
    world.set_goals(&[("ha-noi", 5)]).await;
    assert_eq!(changed(version).await, ["ha-noi"]);
    version = world.version().await;
    world.set_goals(&[("ba-dinh", 2)]).await;
    // The unit above hands more on of its own target.
    assert_eq!(changed(version).await, ["ba-dinh", "ha-noi"]);
    version = world.version().await;
    world.upsert_unit(json!({ "code": "ba-dinh", "name": "Tên khác" })).await;
    assert_eq!(changed(version).await, ["ba-dinh"]);
    version = world.version().await;
    // A new day changes no count.
    world.set_clock("2022-05-11T08:00:00+07:00");
    world.submit("hoang-dieu", "2").await;
    assert_eq!(changed(version).await, ["ba-dinh", "ha-noi", "hoang-dieu", "tld"]);
    version = world.version().await;
    world.upsert_period(json!({ "code": "campaign", "startsOn": "2022-05-11" })).await;
    // The count no longer includes yesterday's submission.
    assert_eq!(changed(version).await, ["bien-hoa", "dong-nai", "dong-tam", "tld"]);
    version = world.version().await;
    let mut week = json!({ "code": "week", "name": "Tuần", "kind": "PEAK_WEEK",
        "startsOn": "2022-05-09", "endsOn": "2022-05-15", "owner": { "code": "bien-hoa" } });
    world.upsert_period(week.clone()).await;
    let below = ["bien-hoa", "dong-nai", "dong-tam", "tan-bien", "tld"];
    assert_eq!(changed(version).await, below);
    // The list is the same after a restart.
    let world = world.restart().await;
    let changed = async |version: i64| {
        let filter = json!({ "changedAfter": version });
        codes(&page(&world, json!({ "filter": filter, "orderBy": { "field": "CODE" } })).await)
    };
    assert_eq!(changed(version).await, below);
    version = world.version().await;
    week["name"] = json!("Tuần khác");
    world.upsert_period(week.clone()).await;
    assert_eq!(changed(version).await, Vec::<String>::new());
    version = world.version().await;
    week["owner"] = json!({ "code": "ba-dinh" });
    world.upsert_period(week).await;
    let both =
        ["ba-dinh", "bien-hoa", "dong-nai", "dong-tam", "ha-noi", "hoang-dieu", "tan-bien", "tld"];
    assert_eq!(changed(version).await, both);
}

#[tokio::test]
async fn units_are_found_by_their_names() {
    let world = World::start().await;
    for (code, name, parent) in [
        ("LDLD-DN", "Liên đoàn Lao động tỉnh Đồng Nai", "tld"),
        ("LDLD-BD", "Liên đoàn Lao động tỉnh Bình Dương", "tld"),
        ("xl", "Huyện Xuân Lộc", "LDLD-DN"),
        ("tt-1", "Công đoàn xã Tân Thành", "xl"),
        ("tt-2", "Công đoàn xã Tân Thành", "LDLD-BD"),
        ("tt-3", "Tân Thành", "tt-2"),
        ("ttg", "Công đoàn xã Tân Thạnh", "LDLD-BD"),
        ("ttt", "Công đoàn Tân Thành Thịnh", "LDLD-BD"),
        ("dnq", "Đồng Nai Quán", "xl"),
        ("nai", "Nai Đồng", "xl"),
        ("NTT", "Nguyễn Tất Thành", "xl"),
    ] {
        add(&world, code, name, parent).await;
    }
    let search = async |text: &str, rest: &str| {
        let query =
            format!("query ($text: String!) {{ it: searchUnits(text: $text{rest}) {{ code }} }}");
        let answer = world.ask(&json!({ "query": query, "variables": { "text": text } })).await;
        codes(&json!({ "nodes": answer["data"]["it"] }))
    };
    for text in ["Đồng Nai", "dong nai", "DONG  NAI", "Đo\u{302}\u{300}ng Nai", "nai, đồng!"]
    {
        let found = search(text, "").await;
        assert!(
            ["LDLD-DN", "dnq", "nai"].iter().all(|code| found.contains(&(*code).to_owned())),
            "{text}: {found:?}"
        );
    }
    // The unit of that very name comes first, then names that begin with it, then the rest, higher
    // ones first.
    assert_eq!(search("Nai Đồng", "").await[0], "nai");
    assert_eq!(search("dong nai", ", first: 3").await, ["dong-nai", "dnq", "LDLD-DN"]);
    // Whole words come before the beginnings of words.
    assert_eq!(search("tan thanh", "").await, ["tt-3", "tt-2", "ttg", "ttt", "tt-1"]);
    assert_eq!(search("tan thanh thi", "").await, ["ttt"]);
    assert_eq!(search("tân thành xã", "").await, ["tt-2", "ttg", "tt-1"]);
    // The names above help if the unit's own name has not all the words.
    assert_eq!(search("tan thanh dong nai", "").await, ["tt-1"]);
    assert_eq!(search("tan thanh binh duong", "").await, ["tt-2", "ttg", "ttt", "tt-3"]);
    // The search also finds a code, by all of it or by its beginning.
    assert_eq!(search("LDLD-DN", "").await[0], "LDLD-DN");
    assert_eq!(search("ntt", "").await, ["NTT"]);
    assert_eq!(search("tt", "").await, ["tt-2", "tt-3", "tt-1", "ttg", "ttt"]);
    assert_eq!(search("tan thanh", r#", within: { code: "xl" }"#).await[0], "tt-1");
    assert_eq!(search("tan thanh", ", first: 0").await, Vec::<String>::new());
    for nothing in ["", "  - ", "không có", "hanh"] {
        assert_eq!(search(nothing, "").await, Vec::<String>::new(), "{nothing:?}");
    }
    // The search finds the new name, and no longer the old one.
    add(&world, "nai", "Hươu Sao", "xl").await;
    assert_eq!(search("huou", "").await, ["nai"]);
    assert_eq!(search("nai dong", "").await[..2], ["dong-nai", "LDLD-DN"]);

    let bad = async |query: &str| code_of(&world.ask(&json!({ "query": query })).await).to_owned();
    assert_eq!(bad(r#"{ searchUnits(text: "a", first: -1) { id } }"#).await, "BAD_ARGUMENT");
    assert_eq!(bad(r#"{ searchUnits(text: "a", first: 501) { id } }"#).await, "BAD_ARGUMENT");
    let nowhere = r#"{ searchUnits(text: "a", within: { code: "nobody" }) { id } }"#;
    assert_eq!(bad(nowhere).await, "REF_NOT_FOUND");
}
