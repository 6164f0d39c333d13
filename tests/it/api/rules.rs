//! Rules of recognition and grading: made, changed, refused; whom they show what, and what they say of the units.

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{World, data, refused};

const UPSERT: &str = "mutation ($input: UpsertRuleInput!) {
  upsertRule(input: $input) { rule { code version } errors { code path message } }
}";

const RULE: &str =
    "query ($code: String!) { rule(ref: { code: $code }) { id code name version owner { code }
  kinds perCluster rankBy top grades { label points required }
  criteria { measure origin required targetPeriod { code } steps { from above points } } } }";

const ASSESSMENT: &str = "query ($code: String!, $period: PeriodRef!, $within: UnitRef, $chosen: Boolean,
    $first: Int, $after: String) {
  rule(ref: { code: $code }) { assessment(period: $period) { id version rule { code } period { code }
    rows(within: $within, chosen: $chosen, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { cursor node { chosen } }
      nodes { unit { code tally(period: $period) { submitted } } cluster rank value points grade chosen
        results { criterion { measure } count of value met points } } } } } }";

async fn rule(world: &World, code: &str) -> Value {
    let request = json!({ "query": RULE, "variables": { "code": code } });
    data(world.ask_anonymously(&request).await)["rule"].take()
}

async fn assessment(world: &World, variables: Value) -> Value {
    let mut variables = variables;
    if variables["period"].is_null() {
        variables["period"] = json!({ "code": "campaign" });
    }
    let answer = world.ask(&json!({ "query": ASSESSMENT, "variables": variables })).await;
    data(answer)["rule"]["assessment"].take()
}

/// The quarter's rule: the most in a cluster, and above its own target.
fn quarter() -> Value {
    json!({ "code": "quy", "name": "Ghi nhận quý", "perCluster": true, "top": 1,
        "criteria": [{ "measure": "TARGET_RATIO", "required": true,
            "steps": [{ "from": 1, "above": true, "points": 0.5 }] }] })
}

#[tokio::test]
async fn a_rule_keeps_what_is_left_out_and_loses_what_is_null() {
    for world in World::start_on_each().await {
        world.change(UPSERT, json!({ "code": "moi", "name": "Mới" })).await;
        let expected = json!({ "code": "moi", "name": "Mới", "owner": { "code": "tld" }, "kinds": [],
            "perCluster": false, "rankBy": "SUBMITTED", "top": null, "grades": [], "criteria": [] });
        let mut found = rule(&world, "moi").await;
        let id = found["id"].take();
        let version = found["version"].take();
        assert_eq!(version, world.version().await);
        found.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let mut bare = expected.clone();
        bare.as_object_mut().unwrap().remove("top");
        assert_eq!(found, bare);
        world.change(UPSERT, json!({ "code": "moi" })).await;
        assert_eq!(world.version().await, version.as_i64().unwrap(), "nothing changed");

        let full = json!({ "code": "moi", "owner": { "code": "dong-nai" },
            "kinds": ["GRASSROOTS_UNION", "SECTION", "GRASSROOTS_UNION"], "perCluster": true,
            "rankBy": "TARGET_RATIO", "top": 3,
            "grades": [{ "label": "Tốt", "points": 70.25, "required": true }, { "label": "Đạt", "points": 0 }],
            "criteria": [
                { "measure": "TARGET_RATIO", "origin": "PLEDGED", "targetPeriod": { "code": "phase-1" },
                    "required": true, "steps": [{ "from": 0.8, "points": 0.1 },
                        { "from": 0.8, "above": true, "points": 45 }, { "from": 1e15 }] },
                { "measure": "COVERAGE", "steps": [{ "from": 1e-9 }] }] });
        world.change(UPSERT, full).await;
        let found = rule(&world, "moi").await;
        assert_eq!(found["id"], id);
        assert_eq!(found["kinds"], json!(["GRASSROOTS_UNION", "SECTION"]));
        assert_eq!(
            (&found["perCluster"], &found["rankBy"], &found["top"]),
            (&json!(true), &json!("TARGET_RATIO"), &json!(3))
        );
        assert_eq!(found["owner"]["code"], "dong-nai");
        assert_eq!(
            found["grades"][0],
            json!({ "label": "Tốt", "points": 70.25, "required": true })
        );
        assert_eq!(
            found["criteria"][0],
            json!({ "measure": "TARGET_RATIO", "origin": "PLEDGED",
            "required": true, "targetPeriod": { "code": "phase-1" }, "steps": [
                { "from": 0.8, "above": false, "points": 0.1 }, { "from": 0.8, "above": true, "points": 45.0 },
                { "from": 1e15, "above": false, "points": 0.0 }] })
        );
        assert_eq!(found["criteria"][1]["steps"][0]["from"], 1e-9);

        let request = json!({ "query": "query ($id: ID!) { node(id: $id) { ... on Rule { code } }
            rule(ref: { id: $id }) { name } unit(ref: { code: \"dong-nai\" }) { rules { code } }
            none: rule(ref: { code: \"none\" }) { code } root { rules { code } } }", "variables": { "id": id } });
        let expected = json!({ "node": { "code": "moi" }, "rule": { "name": "Mới" },
            "unit": { "rules": [{ "code": "moi" }] }, "none": null, "root": { "rules": [] } });
        assert_eq!(data(world.ask_anonymously(&request).await), expected);

        let cleared =
            json!({ "code": "moi", "kinds": null, "top": null, "criteria": null, "grades": null });
        world.change(UPSERT, cleared).await;
        let found = rule(&world, "moi").await;
        for list in ["kinds", "criteria", "grades"] {
            assert_eq!(found[list], json!([]));
        }
        assert_eq!(found["top"], Value::Null);
        let world = world.restart().await;
        let again = rule(&world, "moi").await;
        assert_eq!(again, found);
        let store = world.store().await;
        let verdict = sangkien::recount::verify(&store, sangkien::recount::Depth::Replay).await;
        assert!(verdict.as_ref().unwrap().is_clean(), "{verdict:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_at_its_place() {
    let world = World::start().await;
    let with = |field: &str, value: Value| json!({ "code": "x", "name": "X", field: value });
    let criteria = |criterion: Value| with("criteria", json!([criterion]));
    let step = json!({ "from": 1 });
    let many = |one: &Value, count: usize| vec![one.clone(); count];
    for (input, code, path) in [
        (json!({ "code": " ", "name": "X" }), "INVALID", "code"),
        (json!({ "code": "x" }), "INVALID", "name"),
        (with("name", Value::Null), "INVALID", "name"),
        (with("name", "x".repeat(301).into()), "INVALID", "name"),
        (with("owner", json!({ "code": "nobody" })), "NOT_FOUND", "owner"),
        (with("owner", Value::Null), "INVALID", "owner"),
        (with("perCluster", Value::Null), "INVALID", "perCluster"),
        (with("rankBy", Value::Null), "INVALID", "rankBy"),
        (with("rankBy", json!("GAINED")), "INVALID", "rankBy"),
        (with("top", json!(0)), "INVALID", "top"),
        (with("kinds", json!(many(&json!("SECTION"), 51))), "INVALID", "kinds"),
        (
            with("grades", json!(many(&json!({ "label": "a", "points": 1 }), 21))),
            "INVALID",
            "grades",
        ),
        (with("grades", json!([{ "label": " ", "points": 1 }])), "INVALID", "grades.0.label"),
        (
            with("grades", json!([{ "label": "a", "points": 1 }, { "label": " a", "points": 2 }])),
            "INVALID",
            "grades.1.label",
        ),
        (
            with("grades", json!([{ "label": "a", "points": 1 }, { "label": "b", "points": 1.0 }])),
            "INVALID",
            "grades.1.points",
        ),
        (with("grades", json!([{ "label": "a", "points": 1e-10 }])), "INVALID", "grades.0.points"),
        (
            with("grades", json!([{ "label": "a", "points": 1_000_000.1 }])),
            "INVALID",
            "grades.0.points",
        ),
        (criteria(json!({ "measure": "COVERAGE", "steps": [] })), "INVALID", "criteria.0.steps"),
        (
            criteria(json!({ "measure": "COVERAGE", "steps": many(&step, 21) })),
            "INVALID",
            "criteria.0.steps",
        ),
        (
            criteria(json!({ "measure": "COVERAGE", "steps": [step, step] })),
            "INVALID",
            "criteria.0.steps.1.from",
        ),
        (
            criteria(
                json!({ "measure": "COVERAGE", "steps": [{ "from": 1, "above": true }, step] }),
            ),
            "INVALID",
            "criteria.0.steps.1.from",
        ),
        (
            criteria(json!({ "measure": "COVERAGE", "steps": [{ "from": -1 }] })),
            "INVALID",
            "criteria.0.steps.0.from",
        ),
        (
            criteria(json!({ "measure": "COVERAGE", "steps": [{ "from": 1e16 }] })),
            "INVALID",
            "criteria.0.steps.0.from",
        ),
        // Meant as 80 %: nobody would ever reach it.
        (
            criteria(json!({ "measure": "ACCEPTED_SHARE", "steps": [{ "from": 80 }] })),
            "INVALID",
            "criteria.0.steps.0.from",
        ),
        (
            criteria(json!({ "measure": "COVERAGE", "steps": [{ "from": 1, "points": -0.5 }] })),
            "INVALID",
            "criteria.0.steps.0.points",
        ),
        (
            criteria(
                json!({ "measure": "COVERAGE", "targetPeriod": { "code": "phase-1" }, "steps": [step] }),
            ),
            "INVALID",
            "criteria.0.targetPeriod",
        ),
        (
            criteria(
                json!({ "measure": "TARGET_RATIO", "targetPeriod": { "code": "none" }, "steps": [step] }),
            ),
            "NOT_FOUND",
            "criteria.0.targetPeriod",
        ),
        (
            with("criteria", json!(many(&json!({ "measure": "COVERAGE", "steps": [step] }), 21))),
            "INVALID",
            "criteria",
        ),
    ] {
        assert_eq!(world.refusals(UPSERT, input.clone()).await, refused(code, path), "{input}");
    }
    assert_eq!(rule(&world, "x").await, Value::Null);
}

#[tokio::test]
async fn officers_over_the_owner_make_rules_and_see_what_is_provisional() {
    let world = World::start().await;
    world
        .change(UPSERT, json!({ "code": "tinh", "name": "Tỉnh", "owner": { "code": "dong-nai" } }))
        .await;
    world.submit("dong-tam", "1").await;
    let id = assessment(&world, json!({ "code": "tinh" })).await["id"].take();
    let mut viewers = vec![(None, None)];
    for &role in Role::ALL {
        viewers.push((Some((role, true)), Some(world.token(role, "dong-nai").await)));
        viewers.push((Some((role, false)), Some(world.token(role, "ha-noi").await)));
    }
    let query = "query ($id: ID!) { node(id: $id) { id } rule(ref: { code: \"tinh\" }) { name
        assessment(period: { code: \"campaign\" }) { id rows { totalCount nodes { rank unit { code } } } } } }";
    let request = json!({ "query": query, "variables": { "id": id } });
    for (over, token) in viewers {
        let answer = match &token {
            Some(token) => world.ask_as(token, &request).await,
            None => world.ask_anonymously(&request).await,
        };
        let answer = data(answer);
        let may = matches!(over, Some((Role::Admin | Role::Officer, true)));
        assert_eq!(answer["rule"]["name"], "Tỉnh");
        assert_eq!(answer["node"].is_object(), may, "{over:?}");
        let rows = json!({ "totalCount": 2, "nodes": [{ "rank": 1, "unit": { "code": "bien-hoa" } },
            { "rank": 2, "unit": { "code": "long-thanh" } }] });
        let expected = if may { json!({ "id": id, "rows": rows }) } else { Value::Null };
        assert_eq!(answer["rule"]["assessment"], expected, "{over:?}");
        let Some(token) = token else { continue };
        for (code, owner) in [("tinh", None), ("khac", Some("dong-nai")), ("tinh", Some("ha-noi"))]
        {
            let mut input = json!({ "code": code, "name": "Tỉnh" });
            if let Some(owner) = owner {
                input["owner"] = json!({ "code": owner });
            }
            let answer = world.mutate_as(&token, UPSERT, input).await;
            let is_refused = !answer["errors"].as_array().unwrap().is_empty();
            let is_allowed = may && owner != Some("ha-noi");
            assert_eq!(is_refused, !is_allowed, "{over:?} {code} {owner:?}: {answer}");
            if is_refused {
                assert_eq!(answer["errors"][0]["code"], "FORBIDDEN");
                assert_eq!(answer["errors"][0]["path"], json!(["owner"]));
            }
        }
    }
    // A period of a unit that has nothing to do with the owner.
    world
        .upsert_period(
            json!({ "code": "hn", "name": "HN", "kind": "PEAK_WEEK", "startsOn": "2022-05-01",
            "endsOn": "2022-05-07", "owner": { "code": "ha-noi" } }),
        )
        .await;
    let period = json!({ "code": "hn" });
    assert_eq!(assessment(&world, json!({ "code": "tinh", "period": period })).await, Value::Null);
    let request = json!({ "query": ASSESSMENT, "variables": { "code": "tinh", "period": { "code": "none" } } });
    let answer = world.ask(&request).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "REF_NOT_FOUND");
    assert_eq!(answer["data"]["rule"]["assessment"], Value::Null);
}

/// The federations of a cluster with so many initiatives, and the target of the first.
async fn cluster(world: &World, counts: &[(&str, usize)]) {
    for &(code, count) in counts {
        world
            .upsert_unit(json!({ "code": code, "name": code, "kind": "PROVINCIAL_FEDERATION",
                "parent": { "code": "tld" }, "cluster": "Bắc Trung Bộ" }))
            .await;
        for number in 0..count {
            world.submit(code, &format!("{code}-{number}")).await;
        }
    }
}

/// The federations of one cluster in small numbers: 12, 9 and 5.
#[tokio::test]
async fn the_first_of_a_cluster_is_recognised_above_its_own_target() {
    let world = World::start().await;
    cluster(&world, &[("thanh-hoa", 12), ("nghe-an", 9), ("ha-tinh", 5)]).await;
    world.set_goals(&[("nghe-an", 3), ("ha-tinh", 4)]).await;
    world.change(UPSERT, quarter()).await;
    let chosen = async || {
        let variables = json!({ "code": "quy", "chosen": true });
        let rows = assessment(&world, variables).await["rows"]["nodes"].take();
        let code = |row: &Value| row["unit"]["code"].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(code).collect::<Vec<_>>()
    };
    assert_eq!(chosen().await, [""; 0], "no target, no value");
    world.set_goals(&[("thanh-hoa", 12)]).await;
    assert_eq!(chosen().await, [""; 0], "as much is not above");
    world.set_goals(&[("thanh-hoa", 10)]).await;
    assert_eq!(chosen().await, ["thanh-hoa"]);
    for number in 9..12 {
        world.submit("nghe-an", &format!("nghe-an-{number}")).await;
    }
    assert_eq!(chosen().await, ["nghe-an", "thanh-hoa"], "equals all");

    let all = assessment(&world, json!({ "code": "quy" })).await;
    let nodes = all["rows"]["nodes"].as_array().unwrap();
    let shown: Vec<_> = nodes
        .iter()
        .map(|row| {
            (row["cluster"].as_str(), row["rank"].as_i64(), row["unit"]["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Some("Bắc Trung Bộ"), Some(1), "nghe-an"),
            (Some("Bắc Trung Bộ"), Some(1), "thanh-hoa"),
            (Some("Bắc Trung Bộ"), Some(3), "ha-tinh"),
            (Some("Thành phố"), Some(1), "ha-noi"),
            (Some("Đông Nam Bộ"), Some(1), "dong-nai"),
        ]
    );
    let first = &nodes[1];
    assert_eq!(
        first["results"],
        json!([{ "criterion": { "measure": "TARGET_RATIO" }, "count": 12, "of": 10,
        "value": 1.2, "met": true, "points": 0.5 }])
    );
    assert_eq!((&first["value"], &first["points"]), (&json!(12.0), &json!(0.5)));
    let none = &nodes[3]["results"][0];
    assert_eq!(
        (&none["of"], &none["value"], &none["met"]),
        (&json!(0), &Value::Null, &json!(false))
    );

    // Pages go on behind a row, within a filter.
    let mut found = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "code": "quy", "chosen": false, "first": 1, "after": after });
        let rows = assessment(&world, variables).await["rows"].take();
        assert_eq!(rows["totalCount"], 3);
        found.push(rows["nodes"][0]["unit"]["code"].as_str().unwrap().to_owned());
        assert_eq!(rows["edges"][0]["cursor"], rows["pageInfo"]["endCursor"]);
        after = rows["pageInfo"]["endCursor"].clone();
        if rows["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(found, ["ha-tinh", "ha-noi", "dong-nai"]);
    let request = json!({ "query": ASSESSMENT, "variables": { "code": "quy", "after": after,
        "period": { "code": "campaign" } } });
    let answer = world.ask(&request).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_CURSOR", "of another filter");
    let within = json!({ "code": "quy", "within": { "code": "ha-noi" } });
    assert_eq!(assessment(&world, within).await["rows"]["totalCount"], 1);
}

/// The contract's words, computed from the public board and tallies.
#[tokio::test]
async fn an_assessment_agrees_with_the_board_and_the_tallies() {
    for world in World::start_on_each().await {
        let mut ids = Vec::new();
        for (number, unit) in
            ["dong-tam", "dong-tam", "an-phuoc", "hoang-dieu", "tan-bien", "so-xay-dung"]
                .into_iter()
                .cycle()
                .take(17)
                .enumerate()
        {
            ids.push(world.submit(unit, &number.to_string()).await["id"].take());
        }
        for id in ids.iter().step_by(3) {
            world.review(id, "ACCEPT").await;
        }
        world.set_goals(&[("dong-tam", 6), ("an-phuoc", 5), ("hoang-dieu", 0)]).await;
        let closed =
            r#"mutation { closeUnit(input: { unit: { code: "tan-bien" } }) { errors { code } } }"#;
        world.query(closed).await;
        let measures = [
            "TARGET_RATIO",
            "SUBMITTED",
            "ACCEPTED",
            "PARTICIPANTS",
            "PER_1000_MEMBERS",
            "BENEFIT",
            "PARTICIPATION_RATE",
            "COVERAGE",
            "ACCEPTED_SHARE",
        ];
        let criterion = |measure: &str| json!({ "measure": measure, "steps": [{ "from": 0 }] });
        let criteria: Vec<Value> = measures.iter().map(|measure| criterion(measure)).collect();
        for rank_by in
            ["TARGET_RATIO", "SUBMITTED", "ACCEPTED", "PARTICIPANTS", "PER_1000_MEMBERS", "BENEFIT"]
        {
            world
                .change(
                    UPSERT,
                    json!({ "code": "all", "name": "A", "kinds": ["GRASSROOTS_UNION"],
                    "rankBy": rank_by, "top": 2, "criteria": criteria }),
                )
                .await;
            let rows = assessment(&world, json!({ "code": "all" })).await["rows"]["nodes"].take();
            let board = "query ($by: RankBy!) { leaderboard(kinds: [GRASSROOTS_UNION], rankBy: $by) { entries {
                rank value unit { code memberCount } tally { submitted accepted participants benefitVnd target
                    ratio participationRate coverage } } } }";
            let board = json!({ "query": board, "variables": { "by": rank_by } });
            let board = data(world.ask(&board).await)["leaderboard"]["entries"].take();
            let (rows, board) = (rows.as_array().unwrap(), board.as_array().unwrap());
            assert_eq!(rows.len(), 4, "the closed one is not judged");
            for (row, entry) in rows.iter().zip(board) {
                assert_eq!(row["unit"]["code"], entry["unit"]["code"], "{rank_by}");
                assert_eq!(row["rank"], entry["rank"]);
                assert_eq!(row["chosen"], entry["rank"].as_i64().unwrap() <= 2);
                let value = row["value"].as_f64().unwrap_or(0.0);
                assert!((value - entry["value"].as_f64().unwrap()).abs() < 1e-9, "{row} {entry}");
                let tally = &entry["tally"];
                let share = |part: &str, whole: &Value| {
                    let whole = whole.as_f64().filter(|&whole| whole > 0.0);
                    whole.map(|whole| tally[part].as_f64().unwrap() / whole)
                };
                let members = &entry["unit"]["memberCount"];
                let expected = [
                    tally["ratio"].as_f64(),
                    tally["submitted"].as_f64(),
                    tally["accepted"].as_f64(),
                    tally["participants"].as_f64(),
                    share("submitted", members).map(|value| value * 1_000.0),
                    tally["benefitVnd"].as_f64(),
                    tally["participationRate"].as_f64(),
                    tally["coverage"].as_f64(),
                    share("accepted", &tally["submitted"]),
                ];
                for (place, expected) in expected.into_iter().enumerate() {
                    let result = &row["results"][place];
                    assert_eq!(result["criterion"]["measure"], measures[place]);
                    assert_eq!(result["met"], expected.is_some(), "{result}");
                    match (result["value"].as_f64(), expected) {
                        (Some(value), Some(expected)) => {
                            assert!((value - expected).abs() < 1e-9, "{result} {expected}");
                        }
                        (value, expected) => assert_eq!(value, expected, "{result}"),
                    }
                }
            }
        }
    }
}

/// A target of another period, and one that the unit pledged.
#[tokio::test]
async fn a_ratio_may_be_of_another_periods_target() {
    let world = World::start().await;
    for number in 0..3 {
        world.submit("dong-nai", &number.to_string()).await;
    }
    for (period, origin, count) in
        [("campaign", "ASSIGNED", 6), ("programme", "ASSIGNED", 2), ("programme", "PLEDGED", 12)]
    {
        let set = "mutation ($input: SetTargetsInput!) { setTargets(input: $input) { errors { code path message } } }";
        world
            .change(
                set,
                json!({ "period": { "code": period }, "origin": origin,
                "goals": [{ "unit": { "code": "dong-nai" }, "goal": { "count": count } }] }),
            )
            .await;
    }
    let criterion = |more: Value| {
        let mut criterion = json!({ "measure": "TARGET_RATIO", "steps": [{ "from": 1 }] });
        criterion.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        criterion
    };
    let programme = json!({ "code": "programme" });
    world
        .change(
            UPSERT,
            json!({ "code": "r", "name": "R", "criteria": [criterion(json!({})),
            criterion(json!({ "targetPeriod": programme })),
            criterion(json!({ "targetPeriod": programme, "origin": "PLEDGED" })),
            criterion(json!({ "origin": "PLEDGED" }))] }),
        )
        .await;
    let rows = assessment(&world, json!({ "code": "r" })).await["rows"]["nodes"].take();
    let row =
        rows.as_array().unwrap().iter().find(|row| row["unit"]["code"] == "dong-nai").unwrap();
    let results = row["results"].as_array().unwrap();
    let values: Vec<_> = results.iter().map(|it| it["value"].as_f64()).collect();
    assert_eq!(values, [Some(0.5), Some(1.5), Some(0.25), None]);
}
