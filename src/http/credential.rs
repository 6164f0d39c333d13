//! The token that a client shows: in the `Authorization` header of a request or of an upgrade, or in
//! the payload of `connection_init`.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::auth::Credential;

/// Schemes by which browsers log in to a proxy, which passes them on; they hold no token of ours.
const SCHEMES_OF_PROXIES: [&str; 4] = ["basic", "digest", "negotiate", "ntlm"];
const AUTHORIZATION: &str = "authorization";

/// The credential of a request's head. Two different tokens are unusable.
pub fn of_headers(headers: &HeaderMap) -> Credential {
    let values = headers.get_all(header::AUTHORIZATION).iter();
    let proofs = values.map(|value| value.to_str().map_or(Credential::Unusable, of_text));
    proofs.fold(Credential::Nothing, |known, shown| match (known, shown) {
        (Credential::Nothing, it) | (it, Credential::Nothing) => it,
        (known, shown) if known == shown => known,
        _ => Credential::Unusable,
    })
}

/// The credential of a `connection_init`, if it holds one: `authorization`, by whatever case, or the same
/// under `headers`, as clients send it that have one setting for both transports.
pub fn of_init(payload: &Map<String, Value>) -> Option<Credential> {
    let headers = || payload.get("headers").and_then(Value::as_object);
    let shown = authorization(payload).or_else(|| headers().and_then(authorization))?;
    // A number or a list was meant as a token.
    Some(shown.as_str().map_or(Credential::Unusable, of_text))
}

fn authorization(members: &Map<String, Value>) -> Option<&Value> {
    let named = members.iter().filter(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION));
    named.map(|(_, value)| value).find(|value| !value.is_null())
}

/// `Bearer TOKEN`, or the token alone.
fn of_text(value: &str) -> Credential {
    let value = value.trim();
    let (scheme, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("bearer") {
        Credential::of_token(rest.trim())
    } else if SCHEMES_OF_PROXIES.into_iter().any(is) {
        Credential::Nothing
    } else if rest.is_empty() {
        Credential::of_token(value)
    } else {
        Credential::Unusable
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn token() -> Credential {
        Credential::of_token("sangkien_abc")
    }

    #[test]
    fn the_header_holds_a_token_or_none() {
        use Credential::{Nothing, Unusable};
        let token = token();
        for (values, expected) in [
            (&[][..], Nothing),
            (&["Bearer sangkien_abc"], token),
            (&["bearer  sangkien_abc "], token),
            (&["BEARER\tsangkien_abc"], token),
            (&["sangkien_abc"], token),
            (&["Bearer sangkien_abc", "Bearer sangkien_abc"], token),
            (&["Basic dXNlcjpwYXNz", "Bearer sangkien_abc"], token),
            (&["Basic dXNlcjpwYXNz"], Nothing),
            (&["basic"], Nothing),
            (&["Digest username=\"x\", realm=\"y\""], Nothing),
            (&["Negotiate YII"], Nothing),
            (&["NTLM TlR"], Nothing),
            (&[""], Unusable),
            (&[" "], Unusable),
            (&["Bearer"], Unusable),
            (&["Bearer "], Unusable),
            (&["Token sangkien_abc"], Unusable),
            (&["Bearer sangkien_abc", "Bearer sangkien_abd"], Unusable),
            (&["Bearer sangkien_abc", ""], Unusable),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            assert_eq!(of_headers(&headers), expected, "{values:?}");
        }
        let mut headers = HeaderMap::new();
        let not_text = HeaderValue::from_bytes("Bearer mã".as_bytes()).unwrap();
        headers.insert(header::AUTHORIZATION, not_text);
        assert_eq!(of_headers(&headers), Unusable);
    }

    #[test]
    fn the_init_holds_a_token_or_none() {
        let token = Some(token());
        for (payload, expected) in [
            (json!({}), None),
            (json!({ "authorization": "Bearer sangkien_abc" }), token),
            (json!({ "Authorization": "sangkien_abc" }), token),
            (json!({ "AUTHORIZATION": "bearer sangkien_abc" }), token),
            (json!({ "headers": { "Authorization": "Bearer sangkien_abc" } }), token),
            (
                json!({ "headers": { "authorization": "Bearer x" }, "authorization": "sangkien_abc" }),
                token,
            ),
            (
                json!({ "authorization": null, "headers": { "authorization": "sangkien_abc" } }),
                token,
            ),
            (json!({ "authorization": null }), None),
            (json!({ "authorization": null, "Authorization": "sangkien_abc" }), token),
            (json!({ "headers": null }), None),
            (json!({ "headers": "Authorization: Bearer sangkien_abc" }), None),
            (json!({ "headers": { "Authorization": null } }), None),
            (json!({ "authorization": "Basic dXNlcjpwYXNz" }), Some(Credential::Nothing)),
            (json!({ "authorization": "" }), Some(Credential::Unusable)),
            (json!({ "authorization": "Bearer" }), Some(Credential::Unusable)),
            (json!({ "authorization": 7 }), Some(Credential::Unusable)),
            (json!({ "authorization": ["sangkien_abc"] }), Some(Credential::Unusable)),
            (json!({ "headers": { "Authorization": {} } }), Some(Credential::Unusable)),
        ] {
            let payload = payload.as_object().unwrap();
            assert_eq!(of_init(payload), expected, "{payload:?}");
        }
    }
}
