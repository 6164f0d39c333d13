//! The state that handlers share, and the readers of a request's head that need it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, header};

use super::admission::Admission;
use super::origin::origins::Origins;
use super::tcp::listener::Peer;
use super::{client_ip, credential};
use crate::auth::{Caller, Client, Denied, Language, Principal, Tokens};
use crate::graphql::Service;

/// The state that handlers share.
pub struct App {
    pub service: Service,
    pub tokens: Arc<Tokens>,
    pub origins: Origins,
    pub admission: Admission,
    /// Whether a proxy stands in front and says where requests come from.
    pub is_proxied: bool,
    /// The time for which changes may fail before the server is not ready.
    pub unready_after: Duration,
    /// Paths under which browsers know our pages.
    pub prefixes: Arc<[String]>,
    /// Whether all figures are invented, as in the demo. Walls say so.
    pub is_simulated: bool,
    /// The address that the server listens on, once it does.
    pub listening: Option<SocketAddr>,
}

impl App {
    /// The caller, if the token is good, or if there is none.
    ///
    /// # Errors
    /// When the token is not good, or the database cannot be asked.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Denied> {
        let root = self.service.hub().latest().structure.root();
        self.tokens
            .identify(credential::of_headers(headers), language(headers), root)
            .await
            .map(Arc::new)
    }

    /// The client in whose budget a request takes memory. A client whose token is not good is a stranger
    /// here, and is told later.
    pub async fn client(&self, headers: &HeaderMap, address: IpAddr) -> Client {
        let principal = self.identify(headers).await.unwrap_or_default();
        Client::of(&principal, address)
    }

    /// The address of the client that a request comes from.
    pub fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let peer = peer(extensions);
        client_ip::address(self.is_proxied, headers, peer.map(|peer| peer.address))
    }

    /// The caller, by the head of the request.
    pub fn caller(&self, headers: &HeaderMap, address: IpAddr) -> Caller {
        let tokens = Arc::clone(&self.tokens);
        Caller {
            tokens,
            credential: credential::of_headers(headers),
            language: language(headers),
            address,
        }
    }
}

/// `None` where a request comes from no connection.
pub fn peer(extensions: &Extensions) -> Option<&Peer> {
    extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer)
}

/// The language of messages for the client.
pub fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let asked: Vec<&str> = asked.filter_map(|value| value.to_str().ok()).collect();
    Language::accepted(&asked.join(","))
}
