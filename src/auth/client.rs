//! The client whose share of a bounded resource a request uses.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use super::principal::Principal;

/// The client whose share a request uses. No answer may depend on it: an answer may be shared with other
/// clients.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Client {
    /// The request showed a good token. The text is the token's id, as the log names it.
    Token(Arc<str>),
    /// The request showed no token. The address is that of [`network`].
    Address(IpAddr),
}

impl Client {
    /// The token's holder, wherever the request comes from; else its address.
    pub fn of(principal: &Principal, address: IpAddr) -> Self {
        match &principal.token {
            Some(id) => Self::Token(id.as_str().into()),
            None => Self::Address(network(address)),
        }
    }

    /// Whether the client showed a good token.
    pub const fn has_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }
}

/// The name of the client in the log.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token {id}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// The part of an address that one client has: all of an IPv4 address, the first 64 bits of an IPv6 address.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        assert_eq!(network(ip("2001:db8::1")), network(ip("2001:db8::ffff:2")));
        assert_ne!(network(ip("2001:db8::1")), network(ip("2001:db8:0:1::1")));
        assert_eq!(network(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
    }

    #[test]
    fn a_token_is_one_client_wherever_it_comes_from() {
        let holder = |token: Option<&str>| Principal {
            token: token.map(str::to_owned),
            ..Principal::default()
        };
        let client = |token, address| Client::of(&holder(token), ip(address));
        assert_eq!(client(Some("7"), "10.0.0.1"), client(Some("7"), "10.0.0.2"));
        assert_ne!(client(Some("7"), "10.0.0.1"), client(Some("8"), "10.0.0.1"));
        assert_ne!(client(Some("7"), "10.0.0.1"), client(None, "10.0.0.1"));
        assert_ne!(client(None, "10.0.0.1"), client(None, "10.0.0.2"));
        assert_eq!(client(None, "2001:db8::1"), client(None, "2001:db8::2"));
        assert!(client(Some("7"), "10.0.0.1").has_token());
        assert!(!client(None, "10.0.0.1").has_token());
    }
}
