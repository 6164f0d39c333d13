//! Content negotiation by RFC 9110, 12.5: the offer that a client wants most.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, UPGRADE};

use crate::preferences::{Preference, parts, preferences};

/// A range of a header such as `Accept`, and its position there.
struct Range<'a> {
    named: Preference<'a>,
    place: usize,
}

/// The offer with the greatest weight; among equals the offer that the client names first, then the
/// first offer. Without the header, the first offer. `None` if the client wants no offer.
pub fn choose<'o>(headers: &HeaderMap, name: &HeaderName, offers: &[&'o str]) -> Option<&'o str> {
    let ranges = ranges(headers, name);
    if ranges.is_empty() {
        return offers.first().copied();
    }
    best(&ranges, offers)
}

/// Chooses like [`choose`], but a range for anything (`*/*`) does not count, and without the header there is `None`.
pub fn choose_named<'o>(
    headers: &HeaderMap,
    name: &HeaderName,
    offers: &[&'o str],
) -> Option<&'o str> {
    let mut ranges = ranges(headers, name);
    ranges.retain(|range| range.named.name != "*/*");
    best(&ranges, offers)
}

fn ranges<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<Range<'a>> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let named = values.flat_map(preferences).enumerate();
    named.map(|(place, named)| Range { named, place }).collect()
}

fn best<'o>(ranges: &[Range<'_>], offers: &[&'o str]) -> Option<&'o str> {
    let mut best: Option<(f32, usize, &'o str)> = None;
    for &offer in offers {
        let Some(range) = most_specific(ranges, offer) else { continue };
        #[expect(clippy::float_cmp, reason = "weights as they were written")]
        let is_better = best.is_none_or(|(weight, place, _)| {
            range.named.weight > weight || (range.named.weight == weight && range.place < place)
        });
        if range.named.weight > 0.0 && is_better {
            best = Some((range.named.weight, range.place, offer));
        }
    }
    best.map(|(.., offer)| offer)
}

fn most_specific<'r, 'a>(ranges: &'r [Range<'a>], offer: &str) -> Option<&'r Range<'a>> {
    let matching = ranges.iter().filter_map(|range| Some((range.specificity(offer)?, range)));
    // The first among equals.
    matching.rev().max_by_key(|&(specificity, _)| specificity).map(|(_, range)| range)
}

impl<'a> Range<'a> {
    fn protocols(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        protocols(self.named.parameters)
    }

    /// The exactness with which the range names the offer, if it does. A protocol within the type that the
    /// offer does not speak makes it another type.
    fn specificity(&self, offer: &str) -> Option<u8> {
        let (offer, offered) = offer.split_once(';').unwrap_or((offer, ""));
        if self.named.name.eq_ignore_ascii_case(offer) {
            return self
                .protocols()
                .all(|it| protocols(offered).any(|known| known == it))
                .then_some(2);
        }
        let of_type = self.named.name.strip_suffix("/*").is_some_and(|of| {
            offer.split_once('/').is_some_and(|(kind, _)| of.eq_ignore_ascii_case(kind))
        });
        match self.named.name {
            "*/*" | "*" => Some(0),
            _ => of_type.then_some(1),
        }
    }
}

/// Parameters such as `deferSpec=20220824`, by which one type carries several protocols.
fn protocols(parameters: &str) -> impl Iterator<Item = (&str, &str)> {
    let named = parts(parameters).filter_map(|part| part.split_once('='));
    let protocols = named.filter(|(name, _)| name.trim().ends_with("Spec"));
    protocols.map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
}

/// Whether a request asks for WebSocket; other offers of an upgrade, as to HTTP/2, are not taken up.
pub fn wants_socket(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(UPGRADE).iter();
    let mut offers = offers.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    offers.any(|offer| offer.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    #[test]
    fn the_client_gets_what_it_wants_most() {
        const OFFERS: [&str; 3] =
            ["application/json", "application/graphql-response+json", "text/event-stream"];
        let [json, graphql, events] = OFFERS;
        for (accept, expected) in [
            ("", Some(json)),
            ("*/*", Some(json)),
            ("application/*", Some(json)),
            ("application/json", Some(json)),
            ("APPLICATION/JSON; charset=utf-8", Some(json)),
            (graphql, Some(graphql)),
            ("application/graphql-response+json, application/json;q=0.9", Some(graphql)),
            ("application/graphql-response+json;q=0.8, application/json", Some(json)),
            ("application/json, text/event-stream", Some(json)),
            ("text/event-stream, application/json", Some(events)),
            ("application/json;q=0.5, text/event-stream ;q=0.6", Some(events)),
            ("*/*;q=0.1, text/event-stream", Some(events)),
            ("application/json;q=0, */*", Some(graphql)),
            ("text/*", Some(events)),
            ("application/json;q=0", None),
            ("text/html, image/*", None),
            ("text/html, */*;q=0.8", Some(json)),
            ("application/json;q=nonsense, text/event-stream;q=0.1", Some(events)),
            (",,", Some(json)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(choose(&headers, &header::ACCEPT, &OFFERS), expected, "{accept}");
        }
        assert_eq!(choose(&HeaderMap::new(), &header::ACCEPT, &OFFERS), Some(json));
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.append(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        assert_eq!(choose(&headers, &header::ACCEPT, &OFFERS), Some(events));
    }

    #[test]
    fn a_protocol_within_a_type_is_offered_or_not() {
        const OFFERS: [&str; 2] =
            ["application/json", "multipart/mixed; boundary=graphql; subscriptionSpec=1.0"];
        let [json, parts] = OFFERS;
        for (accept, expected, named) in [
            ("multipart/mixed;deferSpec=20220824, application/json", Some(json), Some(json)),
            ("multipart/mixed;deferSpec=20220824", None, None),
            ("multipart/mixed;deferSpec=20220824, */*", Some(json), None),
            ("multipart/mixed; subscriptionSpec=1.0", Some(parts), Some(parts)),
            (
                "multipart/mixed;boundary=x;subscriptionSpec=\"1.0\";q=0.5, application/json;q=0.4",
                Some(parts),
                Some(parts),
            ),
            ("multipart/mixed;subscriptionSpec=2.0, application/json", Some(json), Some(json)),
            ("multipart/mixed", Some(parts), Some(parts)),
            ("*/*", Some(json), None),
            ("multipart/*", Some(parts), Some(parts)),
            ("", Some(json), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(choose(&headers, &header::ACCEPT, &OFFERS), expected, "{accept}");
            assert_eq!(choose_named(&headers, &header::ACCEPT, &OFFERS), named, "{accept}");
        }
    }

    #[test]
    fn encodings_are_chosen_alike() {
        for (accept, expected) in [
            ("gzip, deflate, br", Some("gzip")),
            ("br;q=1, gzip;q=0.5", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("*", Some("gzip")),
            ("*;q=0, gzip", Some("gzip")),
            ("identity", Some("identity")),
            ("identity, gzip;q=0.5", Some("identity")),
            ("gzip;q=0", None),
            ("x-gzipped", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
            let chosen = choose(&headers, &header::ACCEPT_ENCODING, &["gzip", "identity"]);
            assert_eq!(chosen, expected, "{accept}");
        }
    }
}
