//! The address by which other machines reach this one: a page that was opened on the server's own machine cannot know it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::app::App;

/// An address of documents (RFC 5737). Nothing is sent to it: it makes the system choose the interface to the network.
const FAR_AWAY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// Answers `{"address": "192.168.1.20:8080"}`; null where the server listens for its own machine alone, or where the
/// machine is in no network. Pages of other machines, which know the address that they were opened with, are told none.
pub async fn ask(State(app): State<Arc<App>>, request: Request) -> Response {
    let asked_from = app.address(request.headers(), request.extensions());
    if !asked_from.to_canonical().is_loopback() {
        return Json(json!({})).into_response();
    }
    let address = app.listening.and_then(own).map(|it| it.to_string());
    Json(json!({ "address": address })).into_response()
}

/// The address that others use, of a server that listens there.
fn own(listening: SocketAddr) -> Option<SocketAddr> {
    let ip = if listening.ip().is_unspecified() { in_the_network()? } else { listening.ip() };
    (!ip.is_loopback()).then_some(SocketAddr::new(ip, listening.port()))
}

fn in_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(FAR_AWAY).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_get_an_address_of_the_network() {
        let of = |address: &str| own(address.parse().unwrap());
        assert_eq!(of("127.0.0.1:8080"), None);
        assert_eq!(of("[::1]:8080"), None);
        assert_eq!(of("10.1.2.3:8080"), Some("10.1.2.3:8080".parse().unwrap()));
        // This machine may be in no network.
        let any = of("0.0.0.0:8080");
        assert!(any.is_none_or(|it| it.port() == 8080 && !it.ip().is_loopback()), "{any:?}");
    }
}
