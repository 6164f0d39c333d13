//! Entry points for fuzzing: messages of a socket, and the framing of streams.

use std::sync::Arc;

use async_graphql::{Response, Value as Data};
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::request;
use super::streams::Framing;
use super::ws::protocol::{self, ClientMessage, Ending};
use crate::graphql::execution::result::ResultBytes;
use crate::graphql::subscriptions::message::Message;

/// Reads a message as a client sends it over a socket. It is of the protocol, or ends the socket with 4400 and a
/// reason that fits a close frame; what the server writes with the client's own id is JSON with that id.
///
/// # Panics
/// When that does not hold.
pub fn socket(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let said = match ClientMessage::read(&text) {
        Ok(said) => said,
        Err(ending) => return check_ending(ending),
    };
    let parsed = |text: &str| -> Value { serde_json::from_str(text).expect("a message is JSON") };
    match said {
        ClientMessage::Ping(payload) => {
            assert_eq!(parsed(&protocol::pong(payload.as_deref()))["type"], "pong");
        }
        ClientMessage::Subscribe { id, .. }
        | ClientMessage::Complete { id }
        | ClientMessage::PersistedQuery { id } => {
            assert!(!id.is_empty());
            let message =
                Message::of(Arc::new(ResultBytes::of(&Response::new(Data::from(text.as_ref())))));
            let next = parsed(&protocol::next(&id, &message));
            assert_eq!(next["id"], *id);
            assert_eq!(next["payload"]["data"], text.as_ref());
            assert_eq!(parsed(&protocol::complete(&id))["id"], *id);
            assert_eq!(parsed(&protocol::error(&id, "[]"))["id"], *id);
        }
        ClientMessage::Init(_) | ClientMessage::Pong => {}
    }
}

fn check_ending(ending: Ending) {
    assert_eq!(ending.code(), 4400, "{ending:?}");
    assert!((1..=123).contains(&ending.reason().len()), "{ending:?}");
}

/// Reads the body of a request: it is a GraphQL request, or it is refused.
pub fn body(data: &[u8]) {
    let kind = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    // Both outcomes are right: reading must only return.
    let _read = request::of_body(&headers, data);
}

/// Sends a text within a result as server-sent events and as a part; a reader of either gets the whole result back, and
/// nothing else.
///
/// # Panics
/// When something else is read.
pub fn stream(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let message = Message::of(Arc::new(ResultBytes::of(&Response::new(Data::from(text.as_ref())))));
    let answer = json!({ "data": text });
    let read = |text: &str| -> Value { serde_json::from_str(text).expect("a payload is JSON") };

    let events = read_events(&Framing::Events.message(&message));
    let [(name, payload)] = &events[..] else { panic!("one event: {events:?}") };
    assert_eq!((name.as_str(), &read(payload)), ("next", &answer));

    let part = Framing::Parts.message(&message);
    let parts: Vec<&str> = part.split("\r\n--graphql").collect();
    let [part, ""] = parts[..] else { panic!("one part: {part:?}") };
    let (head, payload) = part.split_once("\r\n\r\n").expect("a head and a payload");
    assert_eq!(head, "\r\ncontent-type: application/json");
    assert_eq!(read(payload), json!({ "payload": answer }));
}

/// Reads events by the rules of HTML, where a line may end in three ways.
fn read_events(text: &str) -> Vec<(String, String)> {
    let (mut events, mut name, mut payload) = (Vec::new(), String::new(), None::<String>);
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    for line in lines.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                if let Some(payload) = payload.take() {
                    events.push((std::mem::take(&mut name), payload));
                }
            }
            "event" => value.clone_into(&mut name),
            "data" => match &mut payload {
                Some(payload) => *payload = format!("{payload}\n{value}"),
                none => *none = Some(value.to_owned()),
            },
            _ => {}
        }
    }
    events
}
