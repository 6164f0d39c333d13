//! The address of a client, behind a proxy too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::HeaderMap;

use super::proxy::forwarded;
use crate::auth::client::network;

/// The address that a request comes from, or its network for IPv6: as the last proxy says if there is one
/// in front, else that of the connection. Without either it is 0.0.0.0.
pub fn address(is_proxied: bool, headers: &HeaderMap, from: Option<SocketAddr>) -> IpAddr {
    let told = if is_proxied { forwarded::client(headers) } else { None };
    let connected = from.map(|from| from.ip());
    network(told.or(connected).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}
