//! Lists of initiatives: found, ordered, paged and counted as far as the caller sees them.

use sangkien::domain::Role;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, code_of, data, payload, submission, with};

fn list(arguments: &str) -> Value {
    let query = format!(
        "{{ initiatives{arguments} {{ nodes {{ title benefitVnd }} totalCount
           edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    json!({ "query": query })
}

fn titles(page: &Value) -> Vec<&str> {
    let nodes = page["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["title"].as_str().unwrap()).collect()
}

/// Enters an initiative with these fields, a minute after the one before; accepted.
async fn enter(world: &World, unit: &str, title: &str, fields: Value) -> Value {
    world.clock.advance_ms(60_000);
    let input = with(submission(unit, title), with(json!({ "title": title }), fields));
    let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
    world.review(&id, "ACCEPT").await;
    id
}

#[tokio::test]
async fn newest_first_page_by_page_while_more_come() {
    for world in World::start_on_each().await {
        for number in 1..=5 {
            enter(&world, "dong-tam", &format!("t{number}"), json!({})).await;
        }
        let first = data(world.ask_anonymously(&list("(first: 2)")).await)["initiatives"].take();
        assert_eq!(titles(&first), ["t5", "t4"]);
        assert_eq!(first["totalCount"], 5);
        let info = &first["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
        assert_eq!(info["endCursor"], first["edges"][1]["cursor"]);
        enter(&world, "dong-tam", "t6", json!({})).await;
        let next = format!("(first: 2, after: {})", info["endCursor"]);
        let next = data(world.ask_anonymously(&list(&next)).await)["initiatives"].take();
        assert_eq!(titles(&next), ["t3", "t2"]);
        let back = format!("(last: 2, before: {})", next["pageInfo"]["startCursor"]);
        let back = data(world.ask_anonymously(&list(&back)).await)["initiatives"].take();
        assert_eq!(titles(&back), ["t5", "t4"]);
        assert_eq!(back["pageInfo"]["hasPreviousPage"], true, "t6 came");
        let oldest = "(last: 1, orderBy: { field: SUBMITTED_AT, direction: ASC })";
        let oldest = data(world.ask_anonymously(&list(oldest)).await)["initiatives"].take();
        assert_eq!(titles(&oldest), ["t6"]);
        let none = data(world.ask_anonymously(&list("(first: 0)")).await)["initiatives"].take();
        assert_eq!((&none["nodes"], &none["totalCount"]), (&json!([]), &json!(6)));
    }
}

#[tokio::test]
async fn a_filter_leaves_what_it_says() {
    for world in World::start_on_each().await {
        let token = world.token(Role::Officer, "dong-nai").await;
        let fields = json!({ "kind": "IDEA", "field": "Cơ khí", "benefitVnd": 7 });
        enter(&world, "dong-tam", "Tiết kiệm điện năng", fields).await;
        let featured = enter(&world, "an-phuoc", "Đồ gá", json!({ "field": "Y tế" })).await;
        enter(&world, "hoang-dieu", "Nâng suất khuôn", json!({ "benefitVnd": 9 })).await;
        let feature = "mutation ($input: FeatureInitiativeInput!) {
          featureInitiative(input: $input) { initiative { version } errors { code path } } }";
        let version = world.version().await;
        world.change(feature, json!({ "id": featured })).await;
        world.set_clock("2022-05-12T09:00:00+07:00");
        let input = with(submission("tan-bien", "mine"), json!({ "title": "Của tôi" }));
        world.mutate_as(&token, SUBMIT, input).await;
        let (a, b, c, d) = ("Tiết kiệm điện năng", "Đồ gá", "Nâng suất khuôn", "Của tôi");
        for (filter, expected) in [
            ("", &[d, c, b, a][..]),
            ("within: { code: \"bien-hoa\" }", &[d, a]),
            ("statuses: [PENDING]", &[d]),
            ("statuses: []", &[]),
            ("kinds: [IDEA, RESEARCH]", &[a]),
            ("field: \"Cơ  khí\"", &[a]),
            ("featured: true", &[b]),
            ("text: \"DIEN nang\"", &[a]),
            ("text: \"na di\"", &[a]),
            ("text: \"nang\"", &[c, a]),
            ("text: \"ang\"", &[]),
            ("text: \"do ga, \"", &[b]),
            ("submittedFrom: \"2022-05-11\"", &[d]),
            ("submittedUntil: \"2022-05-10\"", &[c, b, a]),
            ("period: { code: \"campaign\" }, statuses: [ACCEPTED]", &[c, b, a]),
            ("mine: true", &[d]),
            ("mine: false, kinds: [IDEA]", &[a]),
        ] {
            let asked = list(&format!("(filter: {{ {filter} }})"));
            let answer = data(world.ask_as(&token, &asked).await)["initiatives"].take();
            assert_eq!(titles(&answer), expected, "{filter}");
            assert_eq!(answer["totalCount"], expected.len(), "{filter}");
        }
        let changed = list(&format!("(filter: {{ changedAfter: {version} }})"));
        let changed = data(world.ask_as(&token, &changed).await)["initiatives"].take();
        assert_eq!(titles(&changed), [d, b]);
        for (order, expected) in [
            ("field: BENEFIT", [c, a, d, b]),
            ("field: BENEFIT, direction: ASC", [b, d, a, c]),
            ("field: UPDATED_AT", [d, b, c, a]),
        ] {
            let asked = list(&format!("(orderBy: {{ {order} }})"));
            let answer = data(world.ask_as(&token, &asked).await)["initiatives"].take();
            assert_eq!(titles(&answer), expected, "{order}");
        }
        let nobodys = data(world.ask_anonymously(&list("(filter: { mine: true })")).await);
        assert_eq!(nobodys["initiatives"]["totalCount"], 0);
    }
}

#[tokio::test]
async fn what_is_hidden_cannot_be_felt_for() {
    for world in World::start_on_each().await {
        let secret = json!({ "confidential": true, "field": "Mật", "benefitVnd": 1000 });
        enter(&world, "dong-tam", "Kín", secret).await;
        enter(&world, "dong-tam", "Mở", json!({ "benefitVnd": 5 })).await;
        world.submit("dong-tam", "pending").await;
        let partner = world.token(Role::Partner, "dong-nai").await;
        let display = world.token(Role::Display, "dong-nai").await;
        for (filter, public, managed) in [
            ("", &["Mở", "Kín"][..], &["Mở", "Kín", "Cải tiến khuôn đúc pending"][..]),
            ("filter: { field: \"Mật\" }", &[], &["Kín"]),
            ("filter: { text: \"pending\" }", &[], &["Cải tiến khuôn đúc pending"]),
            ("filter: { text: \"kin\" }", &["Kín"], &["Kín"]),
            ("filter: { statuses: [PENDING, RETURNED] }", &[], &["Cải tiến khuôn đúc pending"]),
            (
                "filter: { period: { code: \"campaign\" }, statuses: [PENDING] }",
                &[],
                &["Cải tiến khuôn đúc pending"],
            ),
        ] {
            let order = "orderBy: { field: BENEFIT }";
            let asked = list(&format!("({filter} {order})"));
            let seen = data(world.ask_anonymously(&asked).await)["initiatives"].take();
            assert_eq!(titles(&seen), public, "{filter}");
            assert_eq!(seen["totalCount"], public.len(), "{filter}");
            let on_display = data(world.ask_as(&display, &asked).await)["initiatives"].take();
            assert_eq!(on_display, seen);
            let mut managed = managed.to_vec();
            if managed.len() > 1 {
                managed.swap(0, 1);
            }
            let seen = data(world.ask_as(&partner, &asked).await)["initiatives"].take();
            assert_eq!(titles(&seen), managed, "{filter}");
            assert_eq!(seen["totalCount"], managed.len(), "{filter}");
        }
    }
}

#[tokio::test]
async fn bad_arguments_are_named() {
    let world = World::start().await;
    enter(&world, "dong-tam", "t", json!({})).await;
    let page = data(world.ask(&list("")).await)["initiatives"].take();
    let cursor = &page["pageInfo"]["endCursor"];
    for (arguments, code, said) in [
        ("(first: 501)".to_owned(), "BAD_ARGUMENT", "first"),
        ("(last: -1)".to_owned(), "BAD_ARGUMENT", "last"),
        ("(first: 1, last: 1)".to_owned(), "BAD_ARGUMENT", "first or last"),
        ("(after: \"abc\")".to_owned(), "BAD_CURSOR", "abc"),
        (format!("(after: {cursor}, orderBy: {{ field: BENEFIT }})"), "BAD_CURSOR", "cursor"),
        (
            format!("(after: {cursor}, orderBy: {{ field: SUBMITTED_AT, direction: ASC }})"),
            "BAD_CURSOR",
            "cursor",
        ),
        ("(filter: { text: \" - \" })".to_owned(), "BAD_ARGUMENT", "text"),
        ("(filter: { changedAfter: -1 })".to_owned(), "BAD_ARGUMENT", "changedAfter"),
        ("(filter: { within: { code: \"x\" } })".to_owned(), "REF_NOT_FOUND", "x"),
        ("(filter: { period: { code: \"x\" } })".to_owned(), "REF_NOT_FOUND", "x"),
    ] {
        let answer = world.ask(&list(&arguments)).await;
        assert_eq!(code_of(&answer), code, "{arguments}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(said), "{arguments}: {message}");
    }
}

/// A count is kept for its list until something there changes, whether the board or the tables gave it.
#[tokio::test]
async fn a_kept_count_follows_what_changes() {
    for world in World::start_on_each().await {
        let count = async |unit: &str| {
            let mut counts = Vec::new();
            for filter in ["submittedFrom: \"2000-01-01\"", "text: \"kept\""] {
                let query = format!(
                    "{{ unit(ref: {{ code: \"{unit}\" }}) {{
                        initiatives(filter: {{ {filter} }}) {{ totalCount }} }} }}"
                );
                let answer = payload(data(world.ask(&json!({ "query": query })).await));
                counts.push(answer["initiatives"]["totalCount"].as_i64().unwrap());
            }
            counts
        };
        let (here, there) = (count("tan-bien").await, count("hoang-dieu").await);
        for more in 1..=3 {
            enter(&world, "tan-bien", &format!("kept {more}"), json!({})).await;
            let expected: Vec<i64> = here.iter().map(|count| count + more).collect();
            assert_eq!(count("tan-bien").await, expected);
            assert_eq!(count("hoang-dieu").await, there);
            // The same asked again, of a kept one.
            assert_eq!(count("tan-bien").await, expected);
        }
    }
}

#[tokio::test]
async fn many_units_take_no_more_statements_than_one() {
    for world in World::start_on_each().await {
        let units = ["dong-tam", "tan-bien", "an-phuoc", "hoang-dieu", "so-xay-dung"];
        for (number, unit) in units.iter().cycle().take(20).enumerate() {
            enter(&world, unit, &format!("t{number}"), json!({})).await;
        }
        let query = |fields: &str| {
            json!({ "query": format!(
                "query ($codes: [String!]!) {{ unitsByCode(codes: $codes) {{ code {fields} }} }}") })
        };
        let nodes = "nodes { title unit { code } authors { name } }";
        let nested = "nodes { title authors { name } events { kind initiative { title } } }";
        for (fields, statements) in [
            (format!("initiatives(first: 3) {{ {nodes} }}"), 2),
            (format!("initiatives(first: 3) {{ {nodes} totalCount pageInfo {{ endCursor }} }}"), 2),
            (format!("initiatives {{ edges {{ node {{ title }} }} {nested} }}"), 5),
            (format!("initiatives(first: 3, filter: {{ text: \"t\" }}) {{ {nodes} }}"), 3),
        ] {
            for count in [1, 5] {
                let request =
                    with(query(&fields), json!({ "variables": { "codes": &units[..count] } }));
                // Fields are gathered for a moment that a busy machine may take for one of them, so the least counts.
                let (mut taken, mut answer) = (u64::MAX, Value::Null);
                for _ in 0..5 {
                    let before = world.statements();
                    answer = payload(data(world.ask(&request).await));
                    taken = taken.min(world.statements() - before);
                }
                assert!(taken <= statements, "{count} units: {taken} statements for {fields}");
                for (unit, code) in answer.as_array().unwrap().iter().zip(units) {
                    assert_eq!(unit["code"], code);
                    let nodes = unit["initiatives"]["nodes"].as_array().unwrap();
                    assert!(nodes.len() >= 3, "{fields}");
                }
            }
        }
    }
}
