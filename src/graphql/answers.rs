//! Answers, kept for whoever of the same audience asks the same, until something that they rest on
//! changes.

use std::sync::{Arc, OnceLock};

use async_graphql::{Request, Response, Value, Variables};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::context::{ReadSet, Viewing};
use super::documents::Document;
use super::gzip::Gzip;
use crate::auth::Audience;
use crate::board::Snapshot;
use crate::domain::Version;
use crate::limits::{ANSWER_MAX, ANSWERS_BYTES, ANSWERS_KEPT};

/// All that an answer depends on but the state of things.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Question {
    document: String,
    operation: Option<String>,
    /// As JSON: those that the operation declares, with its defaults.
    variables: String,
    audience: Audience,
}

impl Question {
    /// `None` for what is not a query. The variables are expected with their defaults.
    pub fn of(document: &Document, request: &Request, audience: &Audience) -> Option<Self> {
        let query = document.query(request.operation_name.as_deref())?;
        let declared = |name: &str| {
            query.variable_definitions.iter().any(|it| it.node.name.node.as_str() == name)
        };
        let mut variables = Variables::default();
        for (name, value) in request.variables.iter().filter(|(name, _)| declared(name)) {
            variables.insert(name.clone(), value.clone());
        }
        Some(Self {
            document: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: serde_json::to_string(&variables).ok()?,
            audience: audience.clone(),
        })
    }
}

/// What was answered, without what is added for each delivery.
#[derive(Debug)]
pub struct Answer {
    /// JSON: the members `data` and `errors` with the brace before them, but none after.
    pub members: Bytes,
    /// Whether the request was refused before anything was executed: there is no `data` then.
    pub is_refusal: bool,
    /// Whether it may be asked for again soon: the database was gone.
    pub is_unavailable: bool,
    gzip: OnceLock<Option<Gzip>>,
    entity_tag: OnceLock<String>,
    reads: ReadSet,
    as_of: Version,
}

impl Answer {
    pub fn of(response: &Response) -> Self {
        let is_refusal = is_refusal(response);
        let mut members = b"{".to_vec();
        if !is_refusal {
            write_member(&mut members, "data", &response.data);
        }
        if !response.errors.is_empty() {
            write_member(&mut members, "errors", &response.errors);
        }
        Self {
            members: members.into(),
            is_refusal,
            is_unavailable: is_unavailable(response),
            gzip: OnceLock::new(),
            entity_tag: OnceLock::new(),
            reads: ReadSet::default(),
            as_of: Version::ZERO,
        }
    }

    /// Of an execution, with what it has read.
    pub fn seen(response: &Response, viewing: &Viewing) -> Self {
        let as_of = viewing.snapshot().version();
        Self { reads: viewing.reads.take(), as_of, ..Self::of(response) }
    }

    /// The members compressed, once for all who want them so.
    pub fn gzip(&self) -> Option<&Gzip> {
        self.gzip.get_or_init(|| Gzip::of(&self.members).ok()).as_ref()
    }

    /// The members as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.members).expect("it was written as JSON")
    }

    /// Of a refusal: the list of its errors, as JSON.
    pub fn errors(&self) -> &str {
        self.text().strip_prefix("{\"errors\":").unwrap_or("[]")
    }

    /// The same for the same members, and for others another, up to the odds of 128 bits.
    pub fn entity_tag(&self) -> &str {
        self.entity_tag.get_or_init(|| {
            let digest = Sha256::digest(&self.members);
            format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..16]))
        })
    }

    fn is_good(&self, snapshot: &Snapshot) -> bool {
        self.reads.last_change(snapshot).version <= self.as_of
    }
}

fn write_member(members: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    let comma = if members.len() > 1 { "," } else { "" };
    members.extend(format!("{comma}\"{name}\":").bytes());
    serde_json::to_writer(members, value).expect("names, texts and numbers are JSON");
}

/// Errors of an execution have a place in the answer; those of a request have none.
fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

fn is_unavailable(response: &Response) -> bool {
    response.data == Value::Null
        && response.errors.iter().any(|error| {
            error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
                == Some(&Value::from("UNAVAILABLE"))
        })
}

/// Bounded by count and bytes; what is asked for often stays.
pub struct Answers(Cache<Question, Arc<Answer>, Bytewise>);

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<Question, Arc<Answer>> for Bytewise {
    fn weight(&self, question: &Question, answer: &Arc<Answer>) -> u64 {
        // Twice, for the compressed form that may come to be.
        (question.document.len() + question.variables.len() + 2 * answer.members.len()) as u64
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self(Cache::with_weighter(ANSWERS_KEPT, ANSWERS_BYTES, Bytewise))
    }
}

impl Answers {
    /// The answer, if one is kept that is still what would be answered at the snapshot's version.
    pub fn get(&self, question: &Question, snapshot: &Snapshot) -> Option<Arc<Answer>> {
        self.0.get(question).filter(|answer| answer.is_good(snapshot))
    }

    pub fn keep(&self, question: Question, answer: Arc<Answer>) {
        if answer.members.len() <= ANSWER_MAX {
            self.0.insert(question, answer);
        }
    }
}
