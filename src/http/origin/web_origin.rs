//! Origins of pages (RFC 6454) and the names of servers, in the one form in which they are compared: small
//! letters, without the port that goes with the scheme.

use std::fmt;
use std::str::FromStr;

/// An origin such as `https://board.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin {
    scheme: String,
    authority: Authority,
}

/// A host with or without a port, such as `board.example:8443`, as a request names the server that it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    host: String,
    port: Option<u16>,
}

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoOrigin {
    #[error("it must begin with a scheme, as in https://board.example")]
    Scheme,
    #[error("pages have no such scheme; write https:// or http://")]
    NotOfPages,
    #[error("it must name a host, and perhaps a port, as in https://board.example:8443")]
    Host,
    #[error("a host must be in ASCII, as browsers send it (xn--…)")]
    NotAscii,
    #[error("a host cannot have * in it; list each, or give * alone for any")]
    Pattern,
    #[error("an origin has no path; browsers send the scheme, the host and the port alone")]
    Path,
}

impl WebOrigin {
    /// Whether a browser loads the page over http from its own machine, by its usual names.
    pub fn is_of_this_machine(&self) -> bool {
        self.scheme == "http" && matches!(&*self.authority.host, "localhost" | "127.0.0.1")
    }

    /// Whether pages of this origin come from a server of this name.
    pub fn is_at(&self, authority: &Authority) -> bool {
        let port = |it: &Authority| it.port.or_else(|| default_port(&self.scheme));
        self.authority.host == authority.host && port(&self.authority) == port(authority)
    }

    /// An origin, and the path after it: empty, or with a slash before it.
    ///
    /// # Errors
    /// When a browser could not send such an origin.
    pub fn with_path(text: &str) -> Result<(Self, &str), NoOrigin> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(NoOrigin::Scheme)?;
        let mut letters = scheme.chars();
        let begins = letters.next().is_some_and(|it| it.is_ascii_alphabetic());
        if !begins || !letters.all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it)) {
            return Err(NoOrigin::Scheme);
        }
        let scheme = scheme.to_ascii_lowercase();
        // Pages in files have the origin null; sockets are asked for by pages of http.
        if ["file", "ws", "wss", "data", "blob"].contains(&scheme.as_str()) {
            return Err(NoOrigin::NotOfPages);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if !authority.is_ascii() {
            return Err(NoOrigin::NotAscii);
        }
        if authority.contains('*') {
            return Err(NoOrigin::Pattern);
        }
        let mut authority = Authority::parse(authority).ok_or(NoOrigin::Host)?;
        authority.port = authority.port.filter(|port| Some(*port) != default_port(&scheme));
        Ok((Self { scheme, authority }, path))
    }
}

impl FromStr for WebOrigin {
    type Err = NoOrigin;

    /// Accepts a slash at the end.
    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        match Self::with_path(text)? {
            (origin, "" | "/") => Ok(origin),
            _ => Err(NoOrigin::Path),
        }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.authority)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl Authority {
    /// `None` where the text is no host with or without a port.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (host, port) = match text.rsplit_once(':') {
            // The colons of `[::1]` are its own.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        let is_bracketed = host.starts_with('[') && host.ends_with(']');
        let is_host = |it: char| it.is_ascii_alphanumeric() || "-._~".contains(it);
        let is_good = if is_bracketed {
            host[1..host.len() - 1].parse::<std::net::Ipv6Addr>().is_ok()
        } else {
            !host.is_empty() && host.chars().all(is_host)
        };
        is_good.then(|| Self { host: host.to_ascii_lowercase(), port })
    }

    /// The same host at another port.
    pub fn at_port(&self, port: u16) -> Self {
        Self { host: self.host.clone(), port: Some(port) }
    }

    pub const fn has_port(&self) -> bool {
        self.port.is_some()
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => formatter.write_str(&self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        for (text, expected) in [
            ("https://board.example", Ok("https://board.example")),
            ("https://board.example/", Ok("https://board.example")),
            (" HTTPS://Board.Example:443 ", Ok("https://board.example")),
            ("http://board.example:80", Ok("http://board.example")),
            ("http://board.example:443", Ok("http://board.example:443")),
            ("http://[::1]:8080", Ok("http://[::1]:8080")),
            ("http://[2001:DB8::1]", Ok("http://[2001:db8::1]")),
            ("http://xn--bng-5oa.example", Ok("http://xn--bng-5oa.example")),
            ("capacitor://localhost", Ok("capacitor://localhost")),
            ("chrome-extension://abcdefghijklmnop", Ok("chrome-extension://abcdefghijklmnop")),
            ("board.example", Err(NoOrigin::Scheme)),
            ("//board.example", Err(NoOrigin::Scheme)),
            ("://board.example", Err(NoOrigin::Scheme)),
            ("", Err(NoOrigin::Scheme)),
            ("wss://board.example", Err(NoOrigin::NotOfPages)),
            ("file:///home/board.html", Err(NoOrigin::NotOfPages)),
            ("https://", Err(NoOrigin::Host)),
            ("https:///", Err(NoOrigin::Host)),
            ("https://:443", Err(NoOrigin::Host)),
            ("https://board.example:", Err(NoOrigin::Host)),
            ("https://board.example:port", Err(NoOrigin::Host)),
            ("https://board.example:65536", Err(NoOrigin::Host)),
            ("https://user@board.example", Err(NoOrigin::Host)),
            ("https://board example", Err(NoOrigin::Host)),
            ("https://2001:db8::1", Err(NoOrigin::Host)),
            ("https://bảng.example", Err(NoOrigin::NotAscii)),
            ("https://*.example", Err(NoOrigin::Pattern)),
            ("https://board.example/wall", Err(NoOrigin::Path)),
            ("https://board.example//", Err(NoOrigin::Path)),
            ("https://board.example?unit=1", Err(NoOrigin::Path)),
            ("https://board.example#top", Err(NoOrigin::Path)),
        ] {
            let parsed = text.parse::<WebOrigin>().map(|origin| origin.to_string());
            assert_eq!(parsed, expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn the_port_of_the_scheme_goes_without_saying() {
        for (origin, name, expected) in [
            ("https://here", "here", true),
            ("https://here", "here:443", true),
            ("https://HERE:443", "Here", true),
            ("https://here", "here:80", false),
            ("http://here", "here:80", true),
            ("http://here:8080", "here:8080", true),
            ("http://here", "here:8080", false),
            ("http://here:8080", "here", false),
            ("https://there", "here", false),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]", "[::1]", true),
            ("capacitor://here", "here:1", false),
        ] {
            let origin: WebOrigin = origin.parse().unwrap();
            let name = Authority::parse(name).unwrap();
            assert_eq!(origin.is_at(&name), expected, "{origin} {name}");
        }
        for wrong in ["", ":80", "here:x", "a b", "http://here", "here/", "[::g]", "here,there"] {
            assert_eq!(Authority::parse(wrong), None, "{wrong}");
        }
    }
}
