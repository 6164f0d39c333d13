//! What is answered, in the form in which it is shared: the bytes, without what is one client's own.

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
    /// Where answers are written before their length is known.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What was answered, without what is added for each delivery.
#[derive(Debug)]
pub struct ResultBytes {
    /// JSON: the members `data` and `errors` with the brace before them, but none after.
    pub text: Arc<str>,
    /// Whether the request was refused before anything was executed: there is no `data` then.
    pub is_refusal: bool,
    /// Whether there is nothing but errors: a state like it is the last one.
    pub is_void: bool,
    /// Whether it may be asked for again soon: the database was gone.
    pub is_unavailable: bool,
    /// Of a refusal by budget: the seconds after which the request may be sent again.
    pub retry_after: Option<u64>,
    gzip: OnceLock<Option<Gzip>>,
    entity_tag: OnceLock<String>,
}

impl ResultBytes {
    /// Of a request that is refused before anything is executed.
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
            is_void: response.data == Value::Null,
            is_unavailable: response.data == Value::Null && lacks_the_database(response),
            retry_after: if is_refusal { retry_after(response) } else { None },
            gzip: OnceLock::new(),
            entity_tag: OnceLock::new(),
        }
    }

    /// The members compressed, once for all who want them so.
    pub fn gzip(&self) -> Option<&Gzip> {
        self.gzip.get_or_init(|| Gzip::of(self.text.as_bytes()).ok()).as_ref()
    }

    /// Whether compressing it, or making its tag, takes long.
    pub fn is_large(&self) -> bool {
        self.text.len() > COMPRESS_INLINE_MAX
    }

    /// As [`Self::gzip`], where that takes no time.
    pub fn gzip_at_hand(&self) -> Option<&Gzip> {
        if self.is_large() { self.gzip.get().and_then(Option::as_ref) } else { self.gzip() }
    }

    /// As [`Self::entity_tag`], where that takes no time.
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

    /// Of a refusal: the list of its errors, as JSON.
    pub fn errors(&self) -> &str {
        self.text.strip_prefix("{\"errors\":").unwrap_or("[]")
    }

    /// The same for the same members, and for others another, up to the odds of 128 bits.
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

/// Errors of an execution have a place in the answer; those of a request have none.
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

/// Whether a part of it at least could not be read for now.
pub fn lacks_the_database(response: &Response) -> bool {
    response.errors.iter().any(|error| {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
            == Some(&Value::from(Code::Unavailable.as_str()))
    })
}
