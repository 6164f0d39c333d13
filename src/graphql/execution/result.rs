//! The bytes of a result, in the form in which clients share them: without the members of one delivery alone.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::in_language;
use crate::auth::Language;
use crate::error::{self, Code};
use crate::graphql::context::json;
use crate::gzip::Gzip;
use crate::limits::{COMPRESS_INLINE_MAX, SCRATCH_MAX};
use crate::opaque;

thread_local! {
    /// The buffer in which results are written before their length is known.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The result of an execution as JSON, without the `extensions` that each delivery adds.
#[derive(Debug)]
pub struct ResultBytes {
    /// JSON: the members `data` and `errors` with the brace before them, and without the brace after them.
    pub text: Arc<str>,
    /// Whether the request was refused before anything was executed: there is no `data` then.
    pub is_refusal: bool,
    /// Whether the request was refused by a fault of the server.
    pub is_fault: bool,
    /// Whether the result holds nothing but errors: such a state is the last of its feed.
    pub is_void: bool,
    /// Whether the request may be repeated soon: the database was not available.
    pub is_unavailable: bool,
    /// Seconds after which a request that its budget refused may be sent again.
    pub retry_after: Option<u64>,
    gzip: OnceLock<Option<Gzip>>,
    entity_tag: OnceLock<String>,
}

impl ResultBytes {
    /// The result of a request that is refused before anything is executed.
    pub fn refusal(errors: Vec<ServerError>, language: Language) -> Self {
        Self::of(&in_language(Response::from_errors(errors), language))
    }

    pub fn of(response: &Response) -> Self {
        let is_refusal = is_refusal(response);
        let mut members = SCRATCH.take();
        members.clear();
        members.push(b'{');
        if !is_refusal {
            json::write_name("data", &mut members);
            json::write(&response.data, &mut members);
        }
        if !response.errors.is_empty() {
            if !is_refusal {
                members.push(b',');
            }
            json::write_name("errors", &mut members);
            error::write_list(&response.errors, &mut members);
        }
        let text = str::from_utf8(&members).expect("it was written as JSON").into();
        if members.capacity() <= SCRATCH_MAX {
            SCRATCH.set(members);
        }
        Self {
            text,
            is_refusal,
            is_fault: is_refusal && has_code(response, Code::Internal),
            is_void: response.data == Value::Null,
            is_unavailable: response.data == Value::Null && lacks_the_database(response),
            retry_after: if is_refusal { retry_after(response) } else { None },
            gzip: OnceLock::new(),
            entity_tag: OnceLock::new(),
        }
    }

    /// The text compressed, once for all clients that want it so; `None` if the compressor failed.
    pub fn gzip(&self) -> Option<&Gzip> {
        self.gzip.get_or_init(|| Gzip::of(self.text.as_bytes()).ok()).as_ref()
    }

    /// Whether compressing the text, or making its tag, takes so long that a thread for executions must do it.
    pub fn is_large(&self) -> bool {
        self.text.len() > COMPRESS_INLINE_MAX
    }

    /// The compressed text, if it is there or quickly made.
    pub fn gzip_at_hand(&self) -> Option<&Gzip> {
        if self.is_large() { self.gzip.get().and_then(Option::as_ref) } else { self.gzip() }
    }

    /// The entity tag, if it is there or quickly made.
    pub fn entity_tag_at_hand(&self) -> Option<&str> {
        if self.is_large() {
            self.entity_tag.get().map(String::as_str)
        } else {
            Some(self.entity_tag())
        }
    }

    /// The text, without a copy of it.
    pub fn bytes(&self) -> Bytes {
        Bytes::from_owner(Shared(Arc::clone(&self.text)))
    }

    /// The list of a refusal's errors, as JSON; an empty list for any other result.
    pub fn errors(&self) -> &str {
        self.text.strip_prefix("{\"errors\":").unwrap_or("[]")
    }

    /// A weak entity tag: equal for equal texts, and different for others up to the odds of 128 bits.
    pub fn entity_tag(&self) -> &str {
        self.entity_tag.get_or_init(|| {
            let digest = Sha256::digest(self.text.as_bytes());
            format!("W/\"{}\"", opaque::encode(&digest[..16]))
        })
    }
}

struct Shared(Arc<str>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether the request was refused: errors of an execution have a path in the result, those of a request have no path.
pub fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

fn retry_after(response: &Response) -> Option<u64> {
    let mut extensions = response.errors.iter().filter_map(|error| error.extensions.as_ref());
    match extensions.find_map(|extensions| extensions.get("retryAfter"))? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

/// Whether at least a part of the result could not be read for now.
pub fn lacks_the_database(response: &Response) -> bool {
    has_code(response, Code::Unavailable)
}

fn has_code(response: &Response, code: Code) -> bool {
    response.errors.iter().any(|error| {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
            == Some(&Value::from(code.as_str()))
    })
}
