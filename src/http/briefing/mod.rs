//! The sheet of a meeting: a page to print, and its files. The files ask the operation that the page asks, with the
//! rights of the caller, so that all show the same numbers.

mod csv_file;
mod sheets;
mod xlsx_file;

use std::sync::Arc;

use async_graphql::{Request, Variables};
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::sheets::{Part, Sheet};
use super::app::{App, language};
use super::graphql::{answer_of_error, answer_of_errors, count, knows, refused, refused_caller};
use crate::auth::{Client, Language};
use crate::domain::Day;
use crate::error::Code;
use crate::graphql::execution::result::ResultBytes;
use crate::limits::PAGE_DEFAULT_OF_BRIEFING;
use crate::messages::ErrorMessage;

/// The operation of page and files.
pub const OPERATION: &str = include_str!("../../../docs/queries/weekly-meeting.graphql");

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";
const VARY: &str = "accept-language, authorization";

/// The names of [`Parameters`].
const NAMES: [&str; 7] = ["unit", "period", "since", "until", "first", "lang", "part"];
/// Characters of a wrong name that a fault repeats.
const NAME_SHOWN_MAX: usize = 60;

/// The parameters of an address; texts as they came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The unit's code; the root's if it is left out.
    unit: Option<String>,
    period: Option<String>,
    since: Option<String>,
    until: Option<String>,
    first: Option<String>,
    /// Read from the pairs, so that other faults are told in it.
    #[expect(dead_code, reason = "it is named, so that it is known")]
    lang: Option<String>,
    part: Option<String>,
}

/// A file that is asked for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Xlsx,
    Csv(Part),
}

pub async fn xlsx(
    app: State<Arc<App>>,
    parameters: Asked,
    request: axum::extract::Request,
) -> Response {
    let kind = |part: Option<&str>| match part {
        None => Ok(Kind::Xlsx),
        Some(_) => Err(ErrorMessage::NotBriefingParameters { wrong: "part".to_owned() }),
    };
    answer(app, parameters, request, kind).await
}

pub async fn csv(
    app: State<Arc<App>>,
    parameters: Asked,
    request: axum::extract::Request,
) -> Response {
    let kind = |part: Option<&str>| match part.and_then(Part::named) {
        Some(part) => Ok(Kind::Csv(part)),
        None => Err(ErrorMessage::NotAPart { parts: Part::ALL.map(Part::name).join(", ") }),
    };
    answer(app, parameters, request, kind).await
}

/// Parameters, or the reason why the address has none that can be understood.
type Asked = Result<Query<Parameters>, axum::extract::rejection::QueryRejection>;

async fn answer(
    State(app): State<Arc<App>>,
    parameters: Asked,
    request: axum::extract::Request,
    kind: impl FnOnce(Option<&str>) -> Result<Kind, ErrorMessage>,
) -> Response {
    let (mut request, _) = request.into_parts();
    let bad = |message: ErrorMessage, spoken: Language| {
        refused(StatusCode::BAD_REQUEST, Code::BadArgument, &message, spoken)
    };
    let pairs =
        Query::<Pairs>::try_from_uri(&request.uri).map_or_else(|_| Vec::new(), |Query(it)| it);
    let lang = pairs.iter().find(|(name, lang)| name == "lang" && !lang.is_empty());
    let file_language = match lang.map(|(_, lang)| lang.as_str()) {
        None | Some("vi") => Language::Vietnamese,
        Some("en") => Language::English,
        Some(_) => return bad(ErrorMessage::NotALanguage, language(&request.headers)),
    };
    // Spreadsheets send no header of their own: who names a language in the address gets its faults in it as well.
    if let Some(lang) = lang.and_then(|(_, lang)| HeaderValue::from_str(lang).ok()) {
        request.headers.insert(header::ACCEPT_LANGUAGE, lang);
    }
    let headers = &request.headers;
    let spoken = language(headers);
    let bad = |message| bad(message, spoken);
    let Ok(Query(parameters)) = parameters else {
        return bad(ErrorMessage::NotBriefingParameters { wrong: wrong_one_of(&pairs) });
    };
    let kind = match kind(parameters.part.as_deref()) {
        Ok(kind) => kind,
        Err(message) => return bad(message),
    };
    let variables = match variables(&app, &parameters) {
        Ok(variables) => variables,
        Err(message) => return bad(message),
    };
    let principal = match app.identify(headers).await {
        Ok(principal) => principal,
        Err(denied) => return refused_caller(denied, spoken),
    };
    let client = Client::of(&principal, app.address(headers, &request.extensions));
    let operation = Request::new(OPERATION).variables(Variables::from_json(variables));
    let began = Instant::now();
    let delivery = app.service.query(operation, Arc::clone(&principal), client.clone(), None).await;
    app.service.prepare_delivery(&client, &delivery.result, false, true).await;
    let tag = delivery.result.entity_tag_at_hand().filter(|_| !delivery.result.is_void);
    let tag = tag.map(|tag| tag_of(tag, kind, file_language));
    let is_known = tag.as_ref().is_some_and(|tag| {
        headers.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, tag))
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let make = move |answer: &ResultBytes| make(answer, kind, file_language);
        match app.service.make_file(&principal, &client, &delivery.result, make).await {
            Ok(Made::File { name, bytes }) => file_response(kind, &name, bytes),
            Ok(Made::Failed(errors)) => return answer_of_errors(&delivery.result, &errors),
            Ok(Made::NoUnit) => {
                let message = ErrorMessage::NoUnitOfCode(parameters.unit.unwrap_or_default());
                return refused(StatusCode::NOT_FOUND, Code::RefNotFound, &message, spoken);
            }
            Ok(Made::NotForCaller) => {
                let message = ErrorMessage::PartOfStaff;
                return refused(StatusCode::FORBIDDEN, Code::Forbidden, &message, spoken);
            }
            Err(error) => return answer_of_error(error, spoken),
        }
    };
    count(&delivery, began);
    let head = response.headers_mut();
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        head.insert(header::ETAG, tag);
    }
    head.insert(header::VARY, HeaderValue::from_static(VARY));
    let is_own = headers.contains_key(header::AUTHORIZATION);
    let caching = if is_own { "private, no-cache" } else { "no-cache" };
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

type Pairs = Vec<(String, String)>;

/// The first parameter that there is not, or that is there again.
fn wrong_one_of(pairs: &[(String, String)]) -> String {
    let mut seen = Vec::new();
    let wrong = pairs.iter().map(|(name, _)| name.as_str()).find(|name| {
        let is_wrong = !NAMES.contains(name) || seen.contains(name);
        seen.push(name);
        is_wrong
    });
    wrong.unwrap_or_default().chars().take(NAME_SHOWN_MAX).collect()
}

/// The variables of the operation.
fn variables(app: &App, parameters: &Parameters) -> Result<Value, ErrorMessage> {
    let said = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let structure = &app.service.hub().latest().structure;
    let root = || structure.unit(structure.root()).code.clone();
    let first = match said(&parameters.first) {
        None => PAGE_DEFAULT_OF_BRIEFING,
        Some(text) => text.parse().map_err(|_| ErrorMessage::NotANumber { name: "first" })?,
    };
    let day = |name, text: &Option<String>| match said(text) {
        Some(text) if Day::parse(&text).is_err() => Err(ErrorMessage::NotADay { name }),
        day => Ok(day),
    };
    Ok(json!({
        "unit": { "code": said(&parameters.unit).unwrap_or_else(root) },
        "period": said(&parameters.period).map(|code| json!({ "code": code })),
        "since": day("since", &parameters.since)?,
        "until": day("until", &parameters.until)?,
        "first": first,
    }))
}

/// The tag of a file: of the answer that it is made of, and of how it is made.
fn tag_of(answer: &str, kind: Kind, language: Language) -> String {
    let answer = answer.trim_start_matches("W/").trim_matches('"');
    let kind = match kind {
        Kind::Xlsx => "xlsx",
        Kind::Csv(part) => part.name(),
    };
    let language = language.choose("en", "vi");
    format!("W/\"{answer}-{kind}-{language}-{}\"", env!("CARGO_PKG_VERSION"))
}

/// A file of an answer, or the reason why there is none.
enum Made {
    File {
        name: String,
        bytes: Vec<u8>,
    },
    /// The operation ended with these errors.
    Failed(Value),
    NoUnit,
    NotForCaller,
}

fn make(answer: &ResultBytes, kind: Kind, language: Language) -> Made {
    let mut answered: Value =
        serde_json::from_str(&format!("{}}}", answer.text)).expect("a result is written as JSON");
    if answered["errors"].is_array() {
        return Made::Failed(answered["errors"].take());
    }
    let unit = &answered["data"]["unit"];
    if unit.is_null() {
        return Made::NoUnit;
    }
    let bytes = match kind {
        Kind::Xlsx => xlsx_file::write(unit, language).expect("the tables fit into a workbook"),
        Kind::Csv(part) => match Sheet::of(part, unit) {
            Some(sheet) => csv_file::write(&sheet),
            None => return Made::NotForCaller,
        },
    };
    Made::File { name: file_name(unit, kind), bytes }
}

/// `giao-ban_CODE_UNTIL`, of a CSV file with its part.
fn file_name(unit: &Value, kind: Kind) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, until) = (text(&unit["code"]), text(&unit["briefing"]["until"]));
    match kind {
        Kind::Xlsx => format!("giao-ban_{code}_{until}.xlsx"),
        Kind::Csv(part) => format!("giao-ban_{code}_{until}_{}.csv", part.name()),
    }
}

fn file_response(kind: Kind, name: &str, file: Vec<u8>) -> Response {
    let media = match kind {
        Kind::Xlsx => XLSX,
        Kind::Csv(_) => CSV,
    };
    let mut response = file.into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    head.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(name)) {
        head.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The name in ASCII for all, and whole for those who know RFC 6266.
fn disposition(name: &str) -> String {
    let is_plain = |it: &char| it.is_ascii_alphanumeric() || "-_.".contains(*it);
    let plain: String = name.chars().map(|it| if is_plain(&it) { it } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|byte| match char::from(byte) {
            plain if is_plain(&plain) => plain.to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_kept_whole() {
        let plain = disposition("giao-ban_ldld-dong-nai_2022-05-10.xlsx");
        assert!(
            plain.starts_with("attachment; filename=\"giao-ban_ldld-dong-nai_2022-05-10.xlsx\";")
        );
        let hostile = disposition("giao-ban_a\"\r\n;ế_2022.csv");
        assert_eq!(
            hostile,
            "attachment; filename=\"giao-ban_a______2022.csv\"; \
             filename*=UTF-8''giao-ban_a%22%0D%0A%3B%E1%BA%BF_2022.csv"
        );
    }
}
