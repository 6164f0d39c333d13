//! Answers that are asked for again, and their compressed form.

use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use serde_json::{Value, json};

use crate::harness::{World, data};

const LARGE: &str = "{ root { descendants(first: 500) { nodes { id code name kind depth
  ancestors { id code name } tally { submitted accepted version } } } } }";

async fn unpacked(world: &World, encodings: &str) -> (Option<String>, Value) {
    let request = world.post().header(ACCEPT_ENCODING, encodings);
    let response = request.json(&json!({ "query": LARGE })).send().await.unwrap();
    let encoding = response.headers().get(CONTENT_ENCODING);
    let encoding = encoding.map(|value| value.to_str().unwrap().to_owned());
    let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse::<usize>().unwrap();
    let bytes = response.bytes().await.unwrap();
    assert_eq!(bytes.len(), length);
    let mut text = Vec::new();
    match &encoding {
        Some(_) => drop(GzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap()),
        None => text.extend(bytes),
    }
    (encoding, serde_json::from_slice(&text).unwrap())
}

#[tokio::test]
async fn an_answer_is_compressed_for_those_who_take_it_so() {
    let world = World::start().await;
    let plain = world.ask(&json!({ "query": LARGE })).await;
    for (encodings, is_packed) in [
        ("gzip, deflate, br", true),
        ("br;q=1, gzip;q=0.5", true),
        ("GZIP", true),
        ("*", true),
        ("*;q=0, gzip", true),
        ("", false),
        ("identity", false),
        ("gzip;q=0", false),
        ("gzip; q=0.000, *", false),
        ("x-gzipped", false),
    ] {
        let (encoding, answer) = unpacked(&world, encodings).await;
        assert_eq!(encoding.is_some(), is_packed, "{encodings}");
        assert_eq!(answer, plain, "{encodings}");
    }
}

#[tokio::test]
async fn an_answer_that_is_kept_tells_the_version_of_now() {
    let world = World::start().await;
    let query = json!({ "query": r#"{ unit(ref: { code: "ha-noi" }) { name } }"# });
    let before = world.ask(&query).await;
    let written = world.change(crate::harness::SUBMIT, crate::harness::submission("dong-tam", "k"));
    written.await;
    let mut waiting = query.clone();
    waiting["extensions"] = json!({ "minVersion": world.version().await });
    let after = world.ask(&waiting).await;
    assert!(after["extensions"]["version"].as_i64() > before["extensions"]["version"].as_i64());
    assert_eq!(data(before), data(after));
}

#[tokio::test]
async fn what_is_the_callers_alone_is_not_kept_for_others() {
    let world = World::start().await;
    let query = json!({ "query": "{ viewer { name grants { role } } }" });
    for _ in 0..2 {
        let own = data(world.ask(&query).await);
        assert_eq!(own["viewer"]["grants"][0]["role"], "ADMIN");
        let anybody = data(world.ask_anonymously(&query).await);
        assert_eq!(anybody["viewer"]["grants"], json!([]));
    }
}
