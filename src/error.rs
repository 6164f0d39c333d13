//! Errors as clients see them: a stable code in `extensions.code`, a message in the caller's terms, and
//! nothing of the server's inside.

use std::borrow::Borrow;
use std::sync::Arc;

use async_graphql::{Error, ErrorExtensions as _, Pos, ServerError};

use crate::auth::{Denied, Language};
use crate::domain::text_enum::text_enum;
use crate::feed::cursor::Cursor;
use crate::limits::ERROR_TEXT_MAX;
use crate::messages::ErrorMessage;
use crate::writer::{Failure, Unavailable};

text_enum! {
    /// All codes of top-level errors. docs/ERRORS.md has the meaning of each.
    pub enum Code {
        BadRequest = "BAD_REQUEST",
        BadArgument = "BAD_ARGUMENT",
        RefNotFound = "REF_NOT_FOUND",
        BadCursor = "BAD_CURSOR",
        CursorExpired = "CURSOR_EXPIRED",
        TooCostly = "TOO_COSTLY",
        RateLimited = "RATE_LIMITED",
        Unauthenticated = "UNAUTHENTICATED",
        Forbidden = "FORBIDDEN",
        PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED",
        Unavailable = "UNAVAILABLE",
        Internal = "INTERNAL",
    }
}

impl Code {
    /// The error of a persisted query. Clients fall back on its message, which is the code in no language.
    pub fn persisted_query() -> Error {
        Self::PersistedQueryNotSupported.error("PersistedQueryNotSupported")
    }

    /// An error whose words [`translate`] puts in the caller's language.
    pub fn says(self, message: ErrorMessage) -> Error {
        let mut error = self.error(message.text(Language::English));
        error.source = Some(Arc::new(message));
        error
    }

    /// Private, so that every error of ours has its words in both languages.
    fn error(self, message: impl Into<String>) -> Error {
        Error::new(message).extend_with(|_, extensions| extensions.set("code", self.as_str()))
    }
}

/// Puts a message of ours in the caller's language, and gives a code to an error of the library, which has
/// none: BAD_REQUEST if the request cannot be executed, BAD_ARGUMENT if a value cannot be read.
pub fn translate(error: &mut ServerError, language: Language) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        let code = if error.path.is_empty() { Code::BadRequest } else { Code::BadArgument };
        extensions.set("code", code.as_str());
    }
    if let Some(message) = error.source::<ErrorMessage>() {
        error.message = message.text(language);
    }
}

/// A list that holds the error alone, in JSON: the payload of a socket's `error` message.
pub fn list(error: Error, language: Language) -> String {
    let mut error = of_no_place(error);
    translate(&mut error, language);
    let mut list = Vec::new();
    write_list(&[error], &mut list);
    String::from_utf8(list).expect("JSON is UTF-8")
}

/// The body of a response that holds nothing but an error.
pub fn body(error: Error, language: Language) -> String {
    format!(r#"{{"errors":{}}}"#, list(error, language))
}

/// Writes errors as the list that a result holds.
pub fn write_list(errors: &[ServerError], text: &mut Vec<u8>) {
    serde_json::to_writer(text, errors).expect("errors are JSON");
}

/// Leaves out the end of a message that repeats a long name of the client's.
pub fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(ERROR_TEXT_MAX) {
        message.truncate(end);
        message.push('…');
    }
}

/// An error at places in the document; [`translate`] puts its words in the caller's language.
pub fn of_places(places: Vec<Pos>, code: Option<Code>, message: ErrorMessage) -> ServerError {
    let error = match code {
        Some(code) => code.says(message),
        None => Error {
            source: Some(Arc::new(message.clone())),
            ..Error::new(message.text(Language::English))
        },
    };
    let mut error = of_no_place(error);
    error.locations = places;
    error
}

/// An error of a request as a whole, at no place in its document.
pub fn of_no_place(error: Error) -> ServerError {
    let mut error = error.into_server_error(Pos::default());
    error.locations.clear();
    error
}

/// A fault of ours: the client gets an id, the log the whole chain with the same id.
pub fn internal(fault: impl Into<anyhow::Error>) -> Error {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = COUNT.fetch_add(1, Ordering::Relaxed);
    tracing::error!(fault = id, error = format!("{:#}", fault.into()), "a request failed");
    Code::Internal
        .says(ErrorMessage::Fault)
        .extend_with(|_, extensions| extensions.set("fault", id))
}

/// The error of a store that fails while a client waits: UNAVAILABLE if it is gone for now, else a fault of ours.
pub fn of_store<E>(error: E) -> Error
where
    E: Borrow<crate::store::Error> + Into<anyhow::Error>,
{
    let known: &crate::store::Error = error.borrow();
    if let crate::store::Error::Pruned(_) = known {
        cursor_expired(None)
    } else if known.is_transient() {
        let error: anyhow::Error = error.into();
        tracing::warn!(error = format!("{error:#}"), "cannot read");
        Code::Unavailable.says(ErrorMessage::DatabaseAway)
    } else {
        internal(error)
    }
}

/// A failure of the writer that is not a refusal.
pub fn of_writer(failure: &Failure) -> Error {
    match failure {
        Failure::Unavailable(why) => Code::Unavailable.says(match why {
            Unavailable::QueueFull => ErrorMessage::TooManyWaiting,
            Unavailable::Stopping => ErrorMessage::Stopping,
            Unavailable::Failed => ErrorMessage::Failed,
            Unavailable::Clock => ErrorMessage::WrongTime,
            Unavailable::OlderNode => ErrorMessage::OlderNode,
            Unavailable::Database | Unavailable::NotTaken | Unavailable::ReadOnly => {
                ErrorMessage::DatabaseAway
            }
        }),
        Failure::Internal | Failure::Refused(_) => {
            internal(anyhow::anyhow!("the database refuses what the writer made of a command"))
        }
    }
}

/// The error of a cursor that the log does not hold, with the cursor to go on from.
pub fn cursor_expired(resume_from: Option<Cursor>) -> Error {
    let error = Code::CursorExpired.says(ErrorMessage::CursorExpired);
    match resume_from {
        Some(cursor) => {
            error.extend_with(|_, extensions| extensions.set("cursor", cursor.encode()))
        }
        None => error,
    }
}

/// The error of a caller who is not let in.
pub fn of_denied(denied: Denied) -> Error {
    match denied {
        Denied::UnknownToken => Code::Unauthenticated.says(ErrorMessage::UnknownToken),
        Denied::Busy => Code::Unavailable.says(ErrorMessage::TooManyUnknownTokens),
        Denied::Store(error) => of_store(error),
    }
}
