//! The headers in which a proxy in front describes the request that it passes on: `X-Forwarded-*`, and
//! `Forwarded` (RFC 7239) where it writes that instead. They are read only where the operator says that
//! there is a proxy.
//!
//! A client can write these headers too, and a proxy appends its own entry to the client's or overwrites
//! it. So the last entry alone gives the client's address. Every name counts: names are compared with the
//! origin of a page, and no page can write these headers.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use super::public_url::prefix;
use crate::http::origin::web_origin::Authority;

const FORWARDED: &str = "forwarded";
const FOR: &str = "x-forwarded-for";
const HOST: &str = "x-forwarded-host";
const PORT: &str = "x-forwarded-port";
const PROTO: &str = "x-forwarded-proto";
const PREFIX: &str = "x-forwarded-prefix";

/// The address from which the nearest proxy was asked.
pub fn client(headers: &HeaderMap) -> Option<IpAddr> {
    if headers.contains_key(FOR) {
        return node(listed(headers, FOR).last()?);
    }
    let told = members(headers).last()?;
    node(&value(told, "for")?)
}

/// The names by which clients asked for the server; `host` is the name that the request itself has.
pub fn hosts(headers: &HeaderMap, host: Option<Authority>) -> Vec<Authority> {
    let of_members = members(headers).filter_map(|it| Authority::parse(&value(it, "host")?));
    let of_lists = listed(headers, HOST).filter_map(Authority::parse);
    let named: Vec<Authority> = host.into_iter().chain(of_lists).chain(of_members).collect();
    let ports: Vec<u16> = listed(headers, PORT).filter_map(|it| it.parse::<u16>().ok()).collect();
    let without = named.iter().filter(|it| !it.has_port());
    let at_ports: Vec<Authority> =
        without.flat_map(|it| ports.iter().map(|&port| it.at_port(port))).collect();
    named.into_iter().chain(at_ports).collect()
}

/// The scheme by which the nearest proxy was asked, `http` or `https`; `None` where it does not say.
pub fn scheme(headers: &HeaderMap) -> Option<&'static str> {
    let of_members = || members(headers).last().and_then(|it| value(it, "proto"));
    let told = listed(headers, PROTO).last().map(Cow::Borrowed).or_else(of_members)?;
    ["http", "https"].into_iter().find(|known| told.eq_ignore_ascii_case(known))
}

/// Paths under which the proxies show our pages.
pub fn prefixes(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    listed(headers, PREFIX).filter_map(prefix).filter(|prefix| !prefix.is_empty())
}

/// The elements of a header between its commas, from all its lines.
fn listed<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|it| !it.is_empty())
}

/// The elements of `Forwarded`, one for each proxy.
fn members(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| split(line, ',')).filter(|it| !it.is_empty())
}

/// The value of a parameter of such an element, without its quotes.
fn value<'a>(member: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let pairs = split(member, ';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    let value = named.next()?.1.trim();
    let Some(quoted) = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) else {
        return Some(value.into());
    };
    Some(quoted.replace('\\', "").into())
}

/// Splits outside of quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(move |it| {
        let ends = it == separator && !is_quoted;
        is_quoted ^= it == '"' && !is_escaped;
        is_escaped = it == '\\' && is_quoted && !is_escaped;
        ends
    })
    .map(str::trim)
}

/// An address with or without a port, for IPv6 with or without brackets; `None` for names and `unknown`.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    text.strip_prefix('[')?.split_once(']')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair =
            |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        let mut headers = HeaderMap::new();
        for (name, value) in lines.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn the_nearest_proxy_says_where_it_comes_from() {
        for (lines, expected) in [
            (&[][..], None),
            (&[(FOR, "1.1.1.1")], Some("1.1.1.1")),
            (&[(FOR, "6.6.6.6, 2.2.2.2")], Some("2.2.2.2")),
            (&[(FOR, "1.1.1.1"), (FOR, "6.6.6.6,2.2.2.2 ")], Some("2.2.2.2")),
            (&[(FOR, "2.2.2.2:51234")], Some("2.2.2.2")),
            (&[(FOR, "2001:db8::1")], Some("2001:db8::1")),
            (&[(FOR, "[2001:db8::1]")], Some("2001:db8::1")),
            (&[(FOR, "6.6.6.6, [2001:db8::1]:51234")], Some("2001:db8::1")),
            (&[(FOR, "unknown")], None),
            (&[(FOR, "1.1.1.1, unknown")], None),
            (&[(FOR, "")], None),
            (&[(FORWARDED, "for=192.0.2.60;proto=http;by=203.0.113.43")], Some("192.0.2.60")),
            (
                &[(FORWARDED, "for=6.6.6.6, For=\"[2001:db8:cafe::17]:4711\"")],
                Some("2001:db8:cafe::17"),
            ),
            (
                &[(FORWARDED, "for=6.6.6.6"), (FORWARDED, "host=a;for=\"2.2.2.2:80\"")],
                Some("2.2.2.2"),
            ),
            (&[(FORWARDED, "for=\"a,for=6.6.6.6\"")], None),
            (&[(FORWARDED, "for=_hidden")], None),
            // A client may have written the header that the proxy does not write.
            (&[(FOR, "2.2.2.2"), (FORWARDED, "for=6.6.6.6")], Some("2.2.2.2")),
            (&[(FOR, "unknown"), (FORWARDED, "for=6.6.6.6")], None),
        ] {
            let expected = expected.map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!(client(&headers(lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn names_are_gathered_from_all_headers() {
        for (lines, expected) in [
            (&[][..], "inner:8080"),
            (&[(HOST, "board.example")], "inner:8080 board.example"),
            (
                &[(HOST, "a.example, b.example:8443"), (HOST, "c.example")],
                "inner:8080 a.example b.example:8443 c.example",
            ),
            (
                &[(HOST, "board.example"), (PORT, "8443")],
                "inner:8080 board.example board.example:8443",
            ),
            (
                &[(FORWARDED, "host=\"board.example:8443\";proto=https")],
                "inner:8080 board.example:8443",
            ),
            (
                &[(FORWARDED, "for=1.1.1.1;Host=a.example, host=b.example")],
                "inner:8080 a.example b.example",
            ),
            (&[(HOST, "not a host"), (PORT, "x")], "inner:8080"),
        ] {
            let found = hosts(&headers(lines), Authority::parse("inner:8080"));
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_scheme_and_the_path_are_read() {
        for (lines, expected) in [
            (&[][..], None),
            (&[(PROTO, "https")], Some("https")),
            (&[(PROTO, "http, HTTPS")], Some("https")),
            (&[(PROTO, "gopher")], None),
            (&[(FORWARDED, "proto=http, proto=https")], Some("https")),
        ] {
            assert_eq!(scheme(&headers(lines)), expected, "{lines:?}");
        }
        let told = headers(&[(PREFIX, "/a/, //evil.example, /b/../c"), (PREFIX, "/d, /, x")]);
        assert_eq!(prefixes(&told).collect::<Vec<_>>(), ["/a", "/d"]);
    }
}
