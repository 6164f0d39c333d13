//! From which address a client comes, behind a proxy too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::HeaderMap;

use super::proxy::forwarded;
use crate::auth::client::network;

/// Where a request comes from, of IPv6 the network: by the last proxy's word if there is one in
/// front, else by the connection.
pub fn address(is_proxied: bool, headers: &HeaderMap, from: Option<SocketAddr>) -> IpAddr {
    let told = if is_proxied { forwarded::client(headers) } else { None };
    let connected = from.map(|from| from.ip());
    network(told.or(connected).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}
