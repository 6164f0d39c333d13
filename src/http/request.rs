//! A GraphQL request, in a JSON body or in the address of a GET.

use async_graphql::{Request, Variables};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json_nesting::is_too_nested;
use crate::auth::quota::NotAdmitted;
use crate::limits::JSON_NESTING_MAX;
use crate::messages::ErrorMessage;

/// The fault of a request that is no GraphQL request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Malformed(StatusCode, ErrorMessage),
    /// The digest of a document in place of the document (automatic persisted queries).
    PersistedQuery,
    /// There is no memory for the body.
    NoMemory(NotAdmitted),
}

const fn bad(message: ErrorMessage) -> Refusal {
    Refusal::Malformed(StatusCode::BAD_REQUEST, message)
}

pub const NOT_A_REQUEST: Refusal = bad(ErrorMessage::NotARequest);
const NO_QUERY: Refusal = bad(ErrorMessage::NoQuery);
const NOT_JSON: Refusal = bad(ErrorMessage::NotJson);
const BATCH: Refusal = bad(ErrorMessage::Batch);
const TOO_NESTED: Refusal = bad(ErrorMessage::JsonTooNested { max: JSON_NESTING_MAX });
const NOT_AN_OBJECT: Refusal = bad(ErrorMessage::NotAnObject);
const NOT_JSON_PARAMETER: Refusal = bad(ErrorMessage::NotJsonParameter);
const CONTENT_TYPE: Refusal =
    Refusal::Malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorMessage::NotJsonContent);
/// The member of `extensions` that holds the digest.
const PERSISTED_QUERY: &str = "persistedQuery";

/// The members of a request in JSON, by whatever transport.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

impl Parameters {
    /// # Errors
    /// When it has no query.
    pub fn into_request(self) -> Result<Request, Refusal> {
        let has_digest = || {
            let extensions = self.extensions.as_ref();
            extensions.is_some_and(|it| it.get(PERSISTED_QUERY).is_some_and(|it| !it.is_null()))
        };
        let query = match self.query {
            Some(query) if !query.is_empty() => query,
            _ if has_digest() => return Err(Refusal::PersistedQuery),
            query => query.ok_or(NO_QUERY)?,
        };
        let mut request = Request::new(query);
        request.operation_name = self.operation_name;
        request.variables = Variables::from_json(self.variables.unwrap_or_default().into());
        for (name, value) in self.extensions.unwrap_or_default() {
            let value = async_graphql::Value::from_json(value).map_err(|_| NOT_A_REQUEST)?;
            request.extensions.insert(name, value);
        }
        Ok(request)
    }
}

/// A JSON content type is demanded, so that no form of another site can change anything.
///
/// # Errors
/// The fault, with 415 or 400.
pub fn of_body(headers: &HeaderMap, body: &[u8]) -> Result<Request, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(is_json) {
        return Err(CONTENT_TYPE);
    }
    if is_too_nested(body) {
        return Err(TOO_NESTED);
    }
    let body: &RawValue = serde_json::from_slice(body).map_err(|_| NOT_JSON)?;
    match body.get().as_bytes().first() {
        Some(b'{') => {}
        Some(b'[') => return Err(BATCH),
        _ => return Err(NOT_AN_OBJECT),
    }
    let parameters: Parameters = serde_json::from_str(body.get()).map_err(|_| NOT_A_REQUEST)?;
    parameters.into_request()
}

fn is_json(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

/// # Errors
/// The fault, with 400.
pub fn of_address(pairs: &[(String, String)]) -> Result<Request, Refusal> {
    let mut parameters =
        Parameters { query: None, operation_name: None, variables: None, extensions: None };
    let object = |text: &str| {
        if is_too_nested(text.as_bytes()) {
            return Err(TOO_NESTED);
        }
        // An empty value counts as absent, as in a form.
        let object = (!text.is_empty()).then(|| serde_json::from_str(text));
        object.transpose().map(Option::flatten).map_err(|_| NOT_JSON_PARAMETER)
    };
    for (name, value) in pairs {
        match name.as_str() {
            "query" => parameters.query = Some(value.clone()),
            "operationName" => {
                parameters.operation_name = (!value.is_empty()).then(|| value.clone());
            }
            "variables" => parameters.variables = object(value)?,
            "extensions" => parameters.extensions = object(value)?,
            _ => {}
        }
    }
    parameters.into_request()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_in_utf_8_alone_is_taken() {
        let taken = |kind: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            of_body(&headers, br#"{"query": "{ root { id } }"}"#).map(|request| request.query)
        };
        for kind in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"; boundary=x",
        ] {
            assert_eq!(taken(Some(kind)).as_deref(), Ok("{ root { id } }"), "{kind}");
        }
        for kind in [
            None,
            Some("text/plain"),
            Some("application/json; charset=utf-16"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/jsonp"),
            Some("application/graphql"),
        ] {
            assert_eq!(taken(kind).unwrap_err(), CONTENT_TYPE, "{kind:?}");
        }
    }

    #[test]
    fn each_fault_of_a_body_is_named() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (body, expected) in [
            ("", NOT_JSON),
            ("{", NOT_JSON),
            ("[]", BATCH),
            (r#"[{"query": "{ root { id } }"}]"#, BATCH),
            ("7", NOT_AN_OBJECT),
            ("null", NOT_AN_OBJECT),
            ("{}", NO_QUERY),
            (r#"{"query": null}"#, NO_QUERY),
            (r#"{"query": 7}"#, NOT_A_REQUEST),
            (r#"{"query": "{ a }", "variables": []}"#, NOT_A_REQUEST),
            (r#"{"query": "{ a }", "variables": "{}"}"#, NOT_A_REQUEST),
            (r#"{"query": "{ a }", "operationName": 1}"#, NOT_A_REQUEST),
            (r#"{"query": "{ a }", "extensions": 0}"#, NOT_A_REQUEST),
            (r#"{"query": "{ a }", "query": "{ b }"}"#, NOT_A_REQUEST),
        ] {
            assert_eq!(of_body(&headers, body.as_bytes()).unwrap_err(), expected, "{body}");
        }
    }

    #[test]
    fn an_address_says_the_same_as_a_body() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> =
                pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            of_address(&pairs)
        };
        let request = of(&[
            ("query", "query A($a: Int) { a(a: $a) }"),
            ("operationName", "A"),
            ("variables", r#"{"a": 1}"#),
            ("extensions", ""),
            ("more", "x"),
        ]);
        let request = request.unwrap();
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(serde_json::to_string(&request.variables).unwrap(), r#"{"a":1}"#);
        assert_eq!(of(&[]).unwrap_err(), NO_QUERY);
        for wrong in ["[]", "{", "1", "\"x\""] {
            let said = of(&[("query", "{ a }"), ("variables", wrong)]).unwrap_err();
            assert_eq!(said, NOT_JSON_PARAMETER, "{wrong}");
        }
    }
}
