//! Messages of `graphql-transport-ws` and the codes by which it ends a socket.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Request;
use axum::extract::ws::Utf8Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::auth::{Credential, Language};
use crate::feed::cursor::Cursor;
use crate::graphql::subscriptions::message::Message;
use crate::http::admission::StopReason;
use crate::http::json_nesting::is_too_nested;
use crate::http::request::{NOT_A_REQUEST, Parameters, Refusal};
use crate::limits::{JSON_NESTING_MAX, OPERATION_ID_MAX};

/// The reason for which the server ends a socket; docs/CLOSE-CODES.md says what a client does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The server stops or is replaced, or has failed.
    GoingAway(StopReason),
    TooLarge,
    NotAMessage(&'static str),
    NotAcknowledged,
    /// The credential is not valid; the text says why, in the client's language.
    Forbidden(&'static str),
    Protocol,
    NoInit,
    SubscriberExists,
    SecondInit,
    /// The client did not answer a ping.
    Silent,
    /// The client sent more messages than it may.
    TooFast,
    /// The token could not be looked up.
    TryAgain,
    /// The permits that are left are reserved for clients with a valid token, and this client showed none.
    ReservedForTokens,
}

impl Ending {
    /// Ends the socket of a client whose credential is not valid.
    pub const fn forbidden(credential: Credential, language: Language) -> Self {
        Self::Forbidden(match (credential, language) {
            (Credential::Unusable, Language::English) => {
                r#"Forbidden: a token must be a text, as in {"authorization":"Bearer TOKEN"}"#
            }
            (Credential::Unusable, Language::Vietnamese) => {
                r#"Forbidden: mã truy cập phải là văn bản, như {"authorization":"Bearer MÃ"}"#
            }
            (_, Language::English) => {
                "Forbidden: the token is not known, has expired or was revoked"
            }
            (_, Language::Vietnamese) => {
                "Forbidden: mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi"
            }
        })
    }

    pub const fn code(self) -> u16 {
        match self {
            Self::GoingAway(_) => 1001,
            Self::TooFast => 1008,
            Self::TooLarge => 1009,
            Self::TryAgain | Self::ReservedForTokens => 1013,
            Self::Silent => 3008,
            Self::NotAMessage(_) => 4400,
            Self::NotAcknowledged => 4401,
            Self::Forbidden(_) => 4403,
            Self::Protocol => 4406,
            Self::NoInit => 4408,
            Self::SubscriberExists => 4409,
            Self::SecondInit => 4429,
        }
    }

    /// The reason in at most 123 bytes, since a close frame has room for no more.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway(StopReason::Asked) => "the server is stopping; connect again",
            Self::GoingAway(StopReason::Failed) => {
                "the server failed and starts anew; connect again"
            }
            Self::TooFast => "too many messages in so short a time",
            Self::TooLarge => "the message is too large",
            Self::TryAgain => "the database is not available; connect again later",
            Self::ReservedForTokens => {
                "no socket is free for clients without a token; connect again later"
            }
            Self::Silent => "no pong came",
            Self::NotAMessage(why) | Self::Forbidden(why) => why,
            Self::NotAcknowledged => "Unauthorized",
            Self::Protocol => "Subprotocol not acceptable",
            Self::NoInit => "Connection initialisation timeout",
            Self::SubscriberExists => "Subscriber already exists",
            Self::SecondInit => "Too many initialisation requests",
        }
    }
}

/// A message of the client.
#[derive(Debug)]
pub enum ClientMessage {
    Init(Map<String, Value>),
    Ping(Option<Box<RawValue>>),
    Pong,
    Subscribe {
        id: Arc<str>,
        request: Box<Request>,
    },
    /// A subscribe with the digest of a document in its place.
    PersistedQuery {
        id: Arc<str>,
    },
    Complete {
        id: Arc<str>,
    },
}

#[derive(Deserialize)]
struct RawMessage {
    r#type: Option<String>,
    id: Option<String>,
    payload: Option<Box<RawValue>>,
}

const NO_JSON: Ending = Ending::NotAMessage("Invalid message: not an object in JSON");
const NO_TYPE: Ending = Ending::NotAMessage("Invalid message: no type of the protocol");
const TOO_NESTED: Ending =
    Ending::NotAMessage("Invalid message: more than 120 lists and objects within one another");
const LONG_ID: Ending = Ending::NotAMessage("Invalid message: id is longer than 256 bytes");
// The two texts name these bounds.
const _: () = assert!(JSON_NESTING_MAX == 120 && OPERATION_ID_MAX == 256);
const NO_ID: Ending = Ending::NotAMessage("Invalid message: id must be a text that is not empty");
const NO_PAYLOAD: Ending = Ending::NotAMessage(
    "Invalid message: payload must hold query (a text), and may hold operationName, variables, \
     extensions",
);
const NO_OBJECT: Ending = Ending::NotAMessage("Invalid message: payload must be an object");

impl ClientMessage {
    /// # Errors
    /// The ending that the protocol has for a text that is no message of its own.
    pub fn read(text: &str) -> Result<Self, Ending> {
        // A list would be taken for the fields in their order.
        if !text.trim_start().starts_with('{') {
            return Err(NO_JSON);
        }
        if is_too_nested(text.as_bytes()) {
            return Err(TOO_NESTED);
        }
        let raw: RawMessage = serde_json::from_str(text).map_err(|_| NO_JSON)?;
        let id = || {
            let id = raw.id.as_deref().filter(|id| !id.is_empty()).ok_or(NO_ID)?;
            if id.len() > OPERATION_ID_MAX { Err(LONG_ID) } else { Ok(id.into()) }
        };
        match raw.r#type.as_deref() {
            Some("connection_init") => Ok(Self::Init(object(raw.payload.as_deref())?)),
            Some("ping") => {
                object(raw.payload.as_deref())?;
                Ok(Self::Ping(raw.payload))
            }
            Some("pong") => object(raw.payload.as_deref()).map(|_| Self::Pong),
            Some("complete") => Ok(Self::Complete { id: id()? }),
            Some("subscribe") => {
                let id = id()?;
                let payload = raw.payload.ok_or(NO_PAYLOAD)?;
                match request(&payload) {
                    Ok(request) => Ok(Self::Subscribe { id, request: Box::new(request) }),
                    Err(Refusal::PersistedQuery) => Ok(Self::PersistedQuery { id }),
                    Err(Refusal::Malformed(..) | Refusal::NoMemory(_)) => Err(NO_PAYLOAD),
                }
            }
            _ => Err(NO_TYPE),
        }
    }
}

/// The payload as an object; an empty one if it is left out or null.
fn object(payload: Option<&RawValue>) -> Result<Map<String, Value>, Ending> {
    let Some(payload) = payload else { return Ok(Map::new()) };
    let object: Option<Map<String, Value>> =
        serde_json::from_str(payload.get()).map_err(|_| NO_OBJECT)?;
    Ok(object.unwrap_or_default())
}

fn request(payload: &RawValue) -> Result<Request, Refusal> {
    let text = payload.get();
    // A list would be taken for the fields in their order.
    let parameters: Option<Parameters> =
        text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    parameters.ok_or(NOT_A_REQUEST)?.into_request()
}

pub fn ack() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#)
}

/// A client that receives the newest version knows that what it shows is current.
pub fn ping(newest: Cursor, behind: Duration) -> Utf8Bytes {
    let mut payload = json!({ "version": newest.version.0, "mark": newest.encode() });
    if behind.as_secs() > 0 {
        payload["behindSeconds"] = behind.as_secs().into();
    }
    json!({ "type": "ping", "payload": payload }).to_string().into()
}

pub fn pong(payload: Option<&RawValue>) -> Utf8Bytes {
    match payload {
        None => Utf8Bytes::from_static(r#"{"type":"pong"}"#),
        Some(payload) => format!(r#"{{"type":"pong","payload":{}}}"#, payload.get()).into(),
    }
}

pub fn complete(id: &str) -> Utf8Bytes {
    json!({ "type": "complete", "id": id }).to_string().into()
}

/// The text before the payload of each message of an operation; a brace ends the message.
pub fn next_head(id: &str) -> String {
    format!(r#"{{"type":"next","id":{},"payload":"#, Value::from(id))
}

pub fn next(id: &str, message: &Message) -> Utf8Bytes {
    let mut text = next_head(id);
    text.reserve_exact(message.result.text.len() + 96);
    message.write(&mut text);
    text.push('}');
    text.into()
}

/// `errors` is a list of them, as JSON.
pub fn error(id: &str, errors: &str) -> Utf8Bytes {
    let id = Value::from(id);
    format!(r#"{{"type":"error","id":{id},"payload":{errors}}}"#).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_fit_into_a_close_frame() {
        const ROOM: usize = 123;
        for credential in [Credential::Unusable, Credential::of_token("unknown")] {
            for language in [Language::English, Language::Vietnamese] {
                let reason = Ending::forbidden(credential, language).reason();
                assert!(reason.starts_with("Forbidden: ") && reason.len() <= ROOM, "{reason}");
            }
        }
    }
}
