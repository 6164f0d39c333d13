//! Texts as people write them, in any script, and as those write them who mean harm.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, code_of, data, submission, with};

/// Titles in scripts whose vowels and tones are marks of their own.
const TITLES: [&str; 5] = [
    "ការសន្សំសំចៃ ថាមពល",
    "การประหยัด พลังงาน น้ำ",
    "ऊर्जा की बचत हिन्दी",
    "節約 エネルギー",
    "Tiết kiệm năng lượng Ⓐ",
];

async fn titles(world: &World, text: &str) -> (Value, Vec<String>) {
    let query = "query ($text: String!) {
      initiatives(filter: { text: $text }) { totalCount nodes { title } }
    }";
    let answer = world.ask(&json!({ "query": query, "variables": { "text": text } })).await;
    let found = data(answer)["initiatives"].take();
    let nodes = found["nodes"].as_array().unwrap().iter();
    (found["totalCount"].clone(), nodes.map(|it| it["title"].as_str().unwrap().into()).collect())
}

#[tokio::test]
async fn words_of_any_script_find_titles() {
    for world in World::start_on_each().await {
        for (number, title) in TITLES.iter().enumerate() {
            let key = format!("k-{number}");
            let input = with(submission("dong-tam", &key), json!({ "title": title }));
            world.change(SUBMIT, input).await;
        }
        for title in TITLES {
            for word in title.split(' ') {
                let (count, found) = titles(&world, word).await;
                assert_eq!((count, found), (json!(1), vec![title.to_owned()]), "{word}");
                // A word is found by its beginning as well, which may end within a syllable.
                let beginning: String = word.chars().take(2).collect();
                let (count, found) = titles(&world, &beginning).await;
                assert_eq!((count, found), (json!(1), vec![title.to_owned()]), "{beginning}");
            }
        }
        assert_eq!(titles(&world, "ថាមពលថ្មី").await, (json!(0), vec![]));
    }
}

#[tokio::test]
async fn what_cannot_be_seen_makes_no_other_unit_key_or_person() {
    for world in World::start_on_each().await {
        world.submit("dong-tam", "k-1").await;
        for sign in
            ["\u{200b}", "\u{feff}", "\u{ad}", "\u{2060}", "\u{200e}", "\u{202e}", "\u{fe0f}"]
        {
            let odd = |text: &str| format!("{sign}{}{sign}{}", &text[..1], &text[1..]);
            // The same unit and key: a replay, whatever the person's name is written with.
            let again = with(
                submission(&odd("dong-tam"), &odd("k-1")),
                json!({ "authors": [{ "name": odd("Nguyễn Văn An"), "personCode": odd("NV01") }] }),
            );
            assert_eq!(world.change(SUBMIT, again).await["replayed"], true, "{sign:?}");
            let unit = json!({ "code": odd("dong-tam"), "name": odd("Công đoàn") });
            assert_eq!(world.upsert_unit(unit).await["code"], "dong-tam", "{sign:?}");
        }
        let other = with(
            submission("dong-tam", "k-2"),
            json!({ "authors": [{ "name": "Nguyễn\u{200b} Văn\u{2003}An", "personCode": "NV01" }] }),
        );
        assert_eq!(world.change(SUBMIT, other).await["replayed"], false);
        let seen = world
            .query(
                r#"{ unit(ref: { code: "dong-tam" }) {
                  name tally(period: { code: "campaign" }) { submitted participants } } }"#,
            )
            .await;
        let tally = json!({ "submitted": 2, "participants": 1 });
        assert_eq!(seen["unit"], json!({ "name": "Công đoàn", "tally": tally }));
    }
}

#[tokio::test]
async fn letters_that_look_like_d_with_a_bar_are_that() {
    for world in World::start_on_each().await {
        let unit = |code: &str, name: &str| {
            json!({ "code": code, "name": name, "kind": "GRASSROOTS_UNION",
                "parent": { "code": "bien-hoa" }, "cluster": "Cụm Ðông" })
        };
        let first = world.upsert_unit(unit("Đ-1", "Điện lực")).await;
        for look in ["\u{d0}", "\u{189}"] {
            let same =
                world.upsert_unit(unit(&format!("{look}-1"), &format!("{look}iện lực"))).await;
            assert_eq!(same["id"], first["id"], "{look:?}");
        }
        let found = world
            .query(
                r#"{ units(filter: { cluster: "Cụm Đông" }) { nodes { name } }
                  unit(ref: { code: "Ð-1" }) { name } searchUnits(text: "\u00d0iện lực") { name } }"#,
            )
            .await;
        let name = json!({ "name": "Điện lực" });
        assert_eq!(found["units"]["nodes"], json!([name]));
        assert_eq!((&found["unit"], &found["searchUnits"]), (&name, &json!([name])));
    }
}

/// 200 KB of text, in every argument that takes one: it finds nothing, and no answer gives it back.
#[tokio::test]
async fn a_text_longer_than_a_name_finds_nothing() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let long = "đ".repeat(100_000);
    let nothing = json!([]);
    for (document, path) in [
        ("units(filter: { cluster: $text }) { nodes { code } }", "/units/nodes"),
        ("units(filter: { text: $text }) { nodes { code } }", "/units/nodes"),
        (
            "units(filter: { text: $text }, orderBy: { field: SUBMITTED }) { nodes { code } }",
            "/units/nodes",
        ),
        (
            "root { descendants(filter: { text: $text }) { nodes { code } } }",
            "/root/descendants/nodes",
        ),
        ("searchUnits(text: $text) { code }", "/searchUnits"),
        ("leaderboard(cluster: $text) { entries { rank } }", "/leaderboard/entries"),
        ("initiatives(filter: { field: $text }) { nodes { id } }", "/initiatives/nodes"),
    ] {
        let query = format!("query ($text: String!) {{ {document} }}");
        let seen = data(world.ask(&json!({ "query": query, "variables": { "text": long } })).await);
        assert_eq!(seen.pointer(path), Some(&nothing), "{document}");
    }
    for (document, code) in [
        ("units(filter: { within: { code: $text } }) { nodes { code } }", "REF_NOT_FOUND"),
        ("leaderboard(period: { code: $text }) { ranked }", "REF_NOT_FOUND"),
        ("initiatives(filter: { text: $text }) { nodes { id } }", "BAD_ARGUMENT"),
        ("units(after: $text) { nodes { code } }", "BAD_CURSOR"),
        ("units(after: $text, orderBy: { field: SUBMITTED }) { nodes { code } }", "BAD_CURSOR"),
        ("initiatives(after: $text) { nodes { id } }", "BAD_CURSOR"),
        ("initiativeEvents(after: $text) { nodes { version } }", "BAD_CURSOR"),
    ] {
        let query = format!("query ($text: String!) {{ {document} }}");
        let answer = world.ask(&json!({ "query": query, "variables": { "text": long } })).await;
        assert_eq!(code_of(&answer), code, "{document}");
        assert!(answer.to_string().len() < 1_500, "{document} gives it back");
    }
    let query = "query ($text: String!) { unit(ref: { code: $text }) { code } }";
    let seen = data(world.ask(&json!({ "query": query, "variables": { "text": long } })).await);
    assert_eq!(seen, json!({ "unit": null }));
    let payload = world.mutate(SUBMIT, submission(&long, "k-2")).await;
    assert!(payload.to_string().len() < 1_500, "a refusal gives it back");
}
