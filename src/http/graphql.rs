//! GraphQL over HTTP, by the draft of that name: queries by GET or POST, mutations by POST.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, Request, Value};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::FutureExt as _;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::admission::Holder;
use super::app::{App, language};
use super::body::{self, Read};
use super::negotiate::{choose, choose_named};
use super::request::{self, Refusal};
use super::streams::{self, Framing, LastMessage, multipart, sse};

use crate::auth::quota::NotAdmitted;
use crate::auth::{Client, Denied, Language};
use crate::error::Code;
use crate::graphql::Service;
use crate::graphql::cache::Delivery;
use crate::graphql::context::mark::Moment;
use crate::graphql::execution::result::ResultBytes;
use crate::graphql::extensions;
use crate::limits::{COMPRESS_MIN, RETRY_AFTER_SECS};
use crate::messages::ErrorMessage;
use crate::{error, measure};

pub const MIN_VERSION_HEADER: &str = "x-sangkien-min-version";
/// The header that a browser's `EventSource` sends when it connects again.
pub const LAST_EVENT_ID: &str = "last-event-id";
const JSON: &str = "application/json; charset=utf-8";
/// The media type whose status gives the outcome; with JSON alone a request that arrived is answered with 200.
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
const HTML: &str = "text/html";
const VARY: &str = "accept, accept-encoding, accept-language, authorization";

pub async fn post(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let (axum::http::request::Parts { headers, extensions, .. }, body) = request.into_parts();
    let address = app.address(&headers, &extensions);
    let permit = async || app.admission.bodies.permit(app.client(&headers, address).await);
    let read = body::read(&headers, body, permit);
    let read = match timeout(app.admission.limits.body_within, read).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::Malformed(StatusCode::REQUEST_TIMEOUT, ErrorMessage::BodyCutOff)),
    };
    // Until it is answered, the request is in memory.
    let (request, _permit) = match read {
        Ok(Read { body, permit }) => (request::of_body(&headers, &body), permit),
        Err(refusal) => (Err(refusal), None),
    };
    respond(&app, &Method::POST, &headers, address, request).await
}

pub async fn get(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let headers = request.headers();
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) else {
        let message = ErrorMessage::NotAnAddress;
        return refused(StatusCode::BAD_REQUEST, Code::BadRequest, &message, language(headers));
    };
    // A person opens the address in a browser.
    let wants_a_page = || choose(headers, &header::ACCEPT, &[JSON, HTML]) == Some(HTML);
    if pairs.is_empty() && wants_a_page() {
        return Redirect::to("graphiql").into_response();
    }
    let address = app.address(headers, request.extensions());
    respond(&app, &Method::GET, headers, address, request::of_address(&pairs)).await
}

async fn respond(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    address: IpAddr,
    request: Result<Request, Refusal>,
) -> Response {
    let offers = [JSON, GRAPHQL_RESPONSE, sse::CONTENT_TYPE, multipart::CONTENT_TYPE];
    let Some(mut media) = choose(headers, &header::ACCEPT, &offers) else {
        let (status, message) = (StatusCode::NOT_ACCEPTABLE, ErrorMessage::NotAcceptable);
        return refused(status, Code::BadRequest, &message, language(headers));
    };
    let principal = match app.identify(headers).await {
        Ok(principal) => principal,
        Err(denied) => return refused_caller(denied, language(headers)),
    };
    let mut request = match request {
        Ok(request) => request,
        Err(Refusal::Malformed(status, message)) => return malformed(status, &message, headers),
        Err(Refusal::PersistedQuery) => return persisted_query_refused(media),
        Err(Refusal::NoMemory(why)) => return no_memory(why, language(headers)),
    };
    // The word stands in every subscription, and in few other documents: others need no look here.
    if matches!(media, JSON | GRAPHQL_RESPONSE)
        && request.query.contains("subscription")
        && app.service.kind(&mut request) == Some(OperationType::Subscription)
    {
        let Some(stream) = choose_named(headers, &header::ACCEPT, &offers[2..]) else {
            let (status, message) =
                (StatusCode::NOT_ACCEPTABLE, ErrorMessage::SubscriptionNotStreamed);
            return refused(status, Code::BadRequest, &message, language(headers));
        };
        media = stream;
    }
    if method == Method::GET && app.service.kind(&mut request) == Some(OperationType::Mutation) {
        let (status, message) = (StatusCode::METHOD_NOT_ALLOWED, ErrorMessage::MutationByGet);
        let mut response = refused(status, Code::BadRequest, &message, language(headers));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let min_version = match min_version(headers) {
        Ok(min_version) => min_version,
        Err(response) => return *response,
    };
    let framing = match media {
        sse::CONTENT_TYPE => Some(Framing::Events),
        multipart::CONTENT_TYPE => Some(Framing::Parts),
        _ => None,
    };
    if let Some(framing) = framing {
        let permit = match app.admission.take(address, Holder::of(&principal)) {
            Ok(permit) => permit,
            Err(why) => return not_admitted(why, language(headers)),
        };
        let resume = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
        let (caller, resume) = (app.caller(headers, address), resume.map(str::to_owned));
        let (refused, language) = (caller.clone().refused(), caller.language);
        let messages = app.service.subscribe(request, caller, min_version, resume, None);
        let refused = refused.map(move |denied| LastMessage {
            is_for_now: !matches!(denied, Denied::UnknownToken),
            message: Service::refusal_of_caller(denied, language),
        });
        return streams::respond(framing, messages, permit, refused);
    }
    let began = Instant::now();
    let client = Client::of(&principal, address);
    let delivery = app.service.query(request, principal, client.clone(), min_version).await;
    count(&delivery, began);
    let wants_tag = method == Method::GET && delivery.is_shared;
    let wants_gzip = wants_gzip(headers, &delivery);
    app.service.prepare_delivery(&client, &delivery.result, wants_gzip, wants_tag).await;
    let tag = delivery.result.entity_tag_at_hand().filter(|_| wants_tag);
    let mut response = if let Some(tag) = tag {
        let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, tag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            reply(headers, media, &delivery)
        };
        let tag = HeaderValue::from_str(tag).expect("a tag is made of letters and digits");
        response.headers_mut().insert(header::ETAG, tag);
        response
    } else {
        reply(headers, media, &delivery)
    };
    let head = response.headers_mut();
    head.insert(header::VARY, HeaderValue::from_static(VARY));
    if method == Method::GET {
        // A cache may store it, but must revalidate it each time; a shared cache must not store what is the caller's
        // own.
        let whose = if headers.contains_key(header::AUTHORIZATION) || !delivery.is_shared {
            "private, no-cache"
        } else {
            "no-cache"
        };
        head.insert(header::CACHE_CONTROL, HeaderValue::from_static(whose));
    }
    response
}

fn malformed(status: StatusCode, message: &ErrorMessage, headers: &HeaderMap) -> Response {
    let mut response = refused(status, Code::BadRequest, message, language(headers));
    if *message == ErrorMessage::CompressedBody {
        let encodings = HeaderValue::from_static("identity");
        response.headers_mut().insert(header::ACCEPT_ENCODING, encodings);
    }
    response
}

/// A well-formed request that cannot be executed, so its status is that of others of the kind.
fn persisted_query_refused(media: &'static str) -> Response {
    metrics::counter!(measure::REQUESTS, "result" => "refused").increment(1);
    let (status, media) = match media {
        JSON => (StatusCode::OK, JSON),
        GRAPHQL_RESPONSE => (StatusCode::BAD_REQUEST, GRAPHQL_RESPONSE),
        _ => (StatusCode::BAD_REQUEST, JSON),
    };
    let body = error::body(Code::persisted_query(), Language::default());
    let head = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-store")];
    (status, head, body).into_response()
}

/// Counts an answer, and the time that it took.
pub fn count(delivery: &Delivery, began: Instant) {
    let metrics = measure::of_responses();
    let result = match &delivery.result {
        result if result.is_unavailable => &metrics.unavailable,
        result if result.is_refusal => &metrics.refused,
        _ => &metrics.ok,
    };
    result.increment(1);
    metrics.request_seconds.record(began.elapsed());
}

/// Whether the tags of `If-None-Match` hold this tag; weak tags are compared as strong tags.
pub fn knows(known: &HeaderValue, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = known.to_str().unwrap_or_default();
    known.trim() == "*" || known.split(',').any(|it| strong(it) == strong(tag))
}

fn min_version(headers: &HeaderMap) -> Result<Option<Moment>, Box<Response>> {
    let Some(value) = headers.get(MIN_VERSION_HEADER) else { return Ok(None) };
    let moment = value.to_str().ok().and_then(Moment::parse);
    moment.map(Some).ok_or_else(|| {
        let (status, message) = (StatusCode::BAD_REQUEST, ErrorMessage::NotAMinVersionHeader);
        Box::new(refused(status, Code::BadArgument, &message, language(headers)))
    })
}

fn wants_gzip(headers: &HeaderMap, delivery: &Delivery) -> bool {
    let accepted = &header::ACCEPT_ENCODING;
    delivery.result.text.len() >= COMPRESS_MIN
        // A client that names no encoding wants no compression.
        && headers.get(accepted).is_some_and(|named| !named.is_empty())
        && choose(headers, accepted, &["gzip", "identity"]) == Some("gzip")
}

/// The response: the shared bytes of the result, and after them the members that are this client's alone.
fn reply(headers: &HeaderMap, media: &'static str, delivery: &Delivery) -> Response {
    let result = &delivery.result;
    let mut ending = String::new();
    extensions::write(delivery.mark, delivery.cost, &mut ending);
    ending.push('}');
    let gzip = if wants_gzip(headers, delivery) { result.gzip_at_hand() } else { None };
    let (beginning, ending) = match gzip {
        Some(gzip) => (gzip.beginning().clone(), Bytes::from(gzip.ending(ending.as_bytes()))),
        None => (result.bytes(), Bytes::from(ending)),
    };
    let length = beginning.len() + ending.len();
    let parts = [Ok::<_, Infallible>(beginning), Ok(ending)];
    let mut response = Body::from_stream(futures_util::stream::iter(parts)).into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if gzip.is_some() {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if result.is_unavailable {
        head.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    } else if let Some(seconds) = result.retry_after {
        head.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    } else if result.is_fault {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    } else if result.is_refusal && media == GRAPHQL_RESPONSE {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

pub fn refused_caller(denied: Denied, language: Language) -> Response {
    let mut response = answer_of_error(error::of_denied(denied), language);
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The answer to who asks for a file, if the operation behind it ended with errors.
pub fn answer_of_errors(result: &ResultBytes, errors: &serde_json::Value) -> Response {
    let codes = errors.as_array().into_iter().flatten();
    let codes = codes.map(|error| error["extensions"]["code"].as_str().unwrap_or_default());
    let status = codes.map(|code| code.parse().map_or(StatusCode::BAD_REQUEST, status_of)).max();
    let body = json!({ "errors": errors }).to_string();
    answer_of_failure(status.unwrap_or(StatusCode::BAD_REQUEST), result.retry_after, body)
}

/// The answer that holds nothing but an error, with the status of its code.
pub fn answer_of_error(error: Error, language: Language) -> Response {
    let said = |name| error.extensions.as_ref().and_then(|extensions| extensions.get(name));
    let status = match said("code") {
        Some(Value::String(code)) => code.parse().map(status_of).ok(),
        _ => None,
    };
    let retry_after = match said("retryAfter") {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        _ => None,
    };
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer_of_failure(status, retry_after, error::body(error, language))
}

fn answer_of_failure(status: StatusCode, retry_after: Option<u64>, body: String) -> Response {
    metrics::counter!(measure::REQUESTS, "result" => "refused").increment(1);
    let mut response = (status, [(header::CONTENT_TYPE, JSON)], body).into_response();
    let is_for_now =
        matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
    if let Some(seconds) = retry_after.or(is_for_now.then_some(RETRY_AFTER_SECS)) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The status of an answer that holds nothing but an error.
const fn status_of(code: Code) -> StatusCode {
    match code {
        Code::BadRequest
        | Code::BadArgument
        | Code::BadCursor
        | Code::CursorExpired
        | Code::TooCostly
        | Code::PersistedQueryNotSupported => StatusCode::BAD_REQUEST,
        Code::RefNotFound => StatusCode::NOT_FOUND,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer to a body that there is no memory for.
fn no_memory(why: NotAdmitted, language: Language) -> Response {
    let (status, code, message) = match why {
        NotAdmitted::Full => {
            (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, ErrorMessage::TooManyBodies)
        }
        NotAdmitted::TooManyFromClient => {
            (StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, ErrorMessage::TooManyBodiesFromThere)
        }
    };
    let mut response = refused(status, code, &message, language);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    response
}

/// The answer to a socket or a stream too many.
pub fn not_admitted(why: NotAdmitted, language: Language) -> Response {
    let (status, code, message) = match why {
        NotAdmitted::Full => {
            (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, ErrorMessage::NotAdmitted)
        }
        NotAdmitted::TooManyFromClient => {
            (StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, ErrorMessage::TooManyFromClient)
        }
    };
    let mut response = refused(status, code, &message, language);
    let head = response.headers_mut();
    head.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    // Free the connection for other clients.
    head.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The response to a request that is no GraphQL request.
pub fn refused(
    status: StatusCode,
    code: Code,
    message: &ErrorMessage,
    language: Language,
) -> Response {
    metrics::counter!(measure::REQUESTS, "result" => "refused").increment(1);
    error_response(status, code.says(message.clone()), language)
}

fn error_response(status: StatusCode, error: Error, language: Language) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], error::body(error, language)).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A fault is the server's, whatever the media type; a refusal is the client's.
    #[test]
    fn a_fault_answers_with_500_and_a_refusal_with_400() {
        let status = |code, media| {
            let error = error::of_places(Vec::new(), Some(code), ErrorMessage::Fault);
            let result = Arc::new(ResultBytes::refusal(vec![error], Language::English));
            let delivery =
                Delivery { result, is_shared: false, is_cached: false, mark: None, cost: None };
            reply(&HeaderMap::new(), media, &delivery).status().as_u16()
        };
        for media in [JSON, GRAPHQL_RESPONSE] {
            assert_eq!(status(Code::Internal, media), 500, "{media}");
        }
        assert_eq!([JSON, GRAPHQL_RESPONSE].map(|it| status(Code::BadRequest, it)), [200, 400]);
    }
}
