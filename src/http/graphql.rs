//! GraphQL over HTTP: POST with a JSON body.

use async_graphql::{Request, Response as Answer, Value};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::App;
use crate::domain::Version;
use crate::graphql::service::MinVersion;
use crate::limits::RETRY_AFTER_SECS;

const MIN_VERSION_HEADER: &str = "x-sangkien-min-version";

/// A JSON content type is demanded, so that a form of another site cannot change anything.
pub async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<Request>, JsonRejection>,
) -> Response {
    let Ok(principal) = app.identify_by_header(&headers) else {
        let mut response = refused(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "the token is not known; leave it out to read what is public",
        );
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    };
    let request = match body {
        Ok(Json(request)) => request,
        Err(rejection) => {
            return refused(rejection.status(), "BAD_REQUEST", &rejection.body_text());
        }
    };
    let min_version = match min_version(&headers) {
        Ok(min_version) => min_version,
        Err(response) => return *response,
    };
    reply(&app.service.answer(request, principal, min_version).await)
}

fn min_version(headers: &HeaderMap) -> Result<Option<MinVersion>, Box<Response>> {
    let Some(value) = headers.get(MIN_VERSION_HEADER) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.parse().ok()).map(Version);
    version.map(|version| Some(MinVersion(version))).ok_or_else(|| {
        let message = "X-Sangkien-Min-Version must be an integer";
        Box::new(refused(StatusCode::BAD_REQUEST, "BAD_ARGUMENT", message))
    })
}

fn reply(answer: &Answer) -> Response {
    let unavailable = answer.data == Value::Null
        && answer.errors.iter().any(|error| {
            error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
                == Some(&Value::from("UNAVAILABLE"))
        });
    let mut response = Json(answer).into_response();
    if unavailable {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    }
    response
}

/// A request that never came to be one of GraphQL.
fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({
        "errors": [{ "message": message, "extensions": { "code": code } }]
    });
    (status, Json(body)).into_response()
}
