//! GraphQL over HTTP: POST with a JSON body.

use std::convert::Infallible;

use async_graphql::{Pos, Request};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::value::RawValue;

use super::{App, language};
use crate::auth::{Denied, Language};
use crate::domain::Version;
use crate::graphql::error;
use crate::graphql::service::{Delivery, MinVersion};
use crate::limits::{COMPRESS_MIN, RETRY_AFTER_SECS};

const MIN_VERSION_HEADER: &str = "x-sangkien-min-version";
const NOT_A_REQUEST: &str = "the body must be an object: query is a text, operationName a text, \
    variables and extensions are objects";

/// A JSON content type is demanded, so that a form of another site cannot change anything.
pub async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Box<RawValue>>, JsonRejection>,
) -> Response {
    let principal = match app.identify(&headers).await {
        Ok(principal) => principal,
        Err(denied) => return refused_caller(denied, language(&headers)),
    };
    let request = match body {
        Ok(Json(body)) => match request_of(&body) {
            Some(request) => request,
            None => return refused(StatusCode::UNPROCESSABLE_ENTITY, "BAD_REQUEST", NOT_A_REQUEST),
        },
        Err(rejection) => return refused_body(&rejection),
    };
    let min_version = match min_version(&headers) {
        Ok(min_version) => min_version,
        Err(response) => return *response,
    };
    reply(&headers, &app.service.answer(request, principal, min_version).await)
}

/// `None` for JSON of another shape. A list is refused here: it would be taken for the fields of a
/// request in their order.
fn request_of(body: &RawValue) -> Option<Request> {
    let text = body.get().trim_start();
    text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

/// In words of ours: those of the libraries speak of the inside.
fn refused_body(rejection: &JsonRejection) -> Response {
    let status = rejection.status();
    let (status, message) = match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            (status, "Content-Type must be application/json")
        }
        JsonRejection::BytesRejection(_) if status == StatusCode::PAYLOAD_TOO_LARGE => {
            (status, "the body is too large")
        }
        JsonRejection::BytesRejection(_) => (status, "the body did not arrive"),
        _ => (StatusCode::BAD_REQUEST, "the body is not JSON"),
    };
    refused(status, "BAD_REQUEST", message)
}

fn min_version(headers: &HeaderMap) -> Result<Option<MinVersion>, Box<Response>> {
    let Some(value) = headers.get(MIN_VERSION_HEADER) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.parse().ok()).map(Version);
    version.map(|version| Some(MinVersion(version))).ok_or_else(|| {
        let message = "X-Sangkien-Min-Version must be an integer";
        Box::new(refused(StatusCode::BAD_REQUEST, "BAD_ARGUMENT", message))
    })
}

/// The bytes of the answer, and after them what is this client's alone.
fn reply(headers: &HeaderMap, delivery: &Delivery) -> Response {
    let answer = &delivery.answer;
    let ending = match delivery.version {
        Some(version) => format!(r#","extensions":{{"version":{version}}}}}"#),
        None => "}".to_owned(),
    };
    let is_large = answer.members.len() >= COMPRESS_MIN;
    let gzip = if is_large && accepts_gzip(headers) { answer.gzip() } else { None };
    let (beginning, ending) = match gzip {
        Some(gzip) => (gzip.beginning().clone(), Bytes::from(gzip.ending(ending.as_bytes()))),
        None => (answer.members.clone(), Bytes::from(ending)),
    };
    let length = beginning.len() + ending.len();
    let parts = [Ok::<_, Infallible>(beginning), Ok(ending)];
    let mut response = Body::from_stream(stream::iter(parts)).into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    told.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if gzip.is_some() {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if answer.is_unavailable {
        told.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

/// By RFC 9110, 12.5.3: named, or one of all, and with no weight of zero.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = None;
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for coding in value.to_str().unwrap_or_default().split(',') {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().strip_prefix("q=").map_or("1", str::trim);
            let accepted = weight.parse().is_ok_and(|weight: f32| weight > 0.0);
            match name.trim() {
                name if name.eq_ignore_ascii_case("gzip") => return accepted,
                "*" => any = Some(accepted),
                _ => {}
            }
        }
    }
    any.unwrap_or(false)
}

fn refused_caller(denied: Denied, language: Language) -> Response {
    let (status, name, value) = match denied {
        Denied::UnknownToken => {
            (StatusCode::UNAUTHORIZED, header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        }
        Denied::Store(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            header::RETRY_AFTER,
            HeaderValue::from(RETRY_AFTER_SECS),
        ),
    };
    let mut error = error::of_denied(denied).into_server_error(Pos::default());
    error::translate(&mut error, language);
    error.locations.clear();
    let mut response = (status, Json(serde_json::json!({ "errors": [error] }))).into_response();
    response.headers_mut().insert(name, value);
    response
}

/// A request that never came to be one of GraphQL.
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({
        "errors": [{ "message": message, "extensions": { "code": code } }]
    });
    (status, Json(body)).into_response()
}
