//! The server's addresses. `router` is what is served and what every test drives.

mod admission;
mod body;
mod client_ip;
mod credential;
mod drain;
#[doc(hidden)]
pub mod fuzz;
mod graphql;
mod json_nesting;
mod negotiate;
mod ops;
mod origin;
mod pages;
mod proxy;
mod request;
mod request_id;
mod reserved;
mod streams;
mod tcp;
mod ws;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, header};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};

use crate::auth::{Caller, Client, Denied, Language, Principal, Tokens};
use crate::graphql::Service;
pub use admission::{Admission, SocketLimits};
pub use origin::{AllowedOrigin, Origins};
pub use proxy::public_url::PublicUrl;
pub use tcp::listener::{Acceptor, Peer};
pub use tcp::serve;

/// The state that handlers share.
#[derive(Clone)]
pub struct App {
    pub service: Service,
    pub tokens: Arc<Tokens>,
    pub origins: Origins,
    pub admission: Admission,
    /// Whether a proxy stands in front and says where requests come from.
    pub is_proxied: bool,
    /// Paths under which browsers know our pages.
    pub prefixes: Arc<[String]>,
}

impl App {
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Denied> {
        let root = self.service.hub().latest().structure.root();
        self.tokens
            .identify(credential::of_headers(headers), language(headers), root)
            .await
            .map(Arc::new)
    }

    /// Whose memory a request takes. One whose token is not good is a stranger here, and hears of it later.
    async fn client(&self, headers: &HeaderMap, address: IpAddr) -> Client {
        let principal = self.identify(headers).await.unwrap_or_default();
        Client::of(&principal, address)
    }

    fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let peer = peer(extensions);
        client_ip::address(self.is_proxied, headers, peer.map(|peer| peer.address))
    }

    /// The caller, by the head of the request.
    fn caller(&self, headers: &HeaderMap, address: IpAddr) -> Caller {
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
fn peer(extensions: &Extensions) -> Option<&Peer> {
    extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer)
}

/// The language of messages for the client.
fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let asked: Vec<&str> = asked.filter_map(|value| value.to_str().ok()).collect();
    Language::accepted(&asked.join(","))
}

/// The routers, one for each kind of connection: a check of each request for that would cost a cached
/// result a twentieth of its time.
pub struct Routers {
    pub all: Router,
    /// For connections that are reserved for clients with a token.
    pub reserved: Router,
}

impl Routers {
    pub fn new(app: &App) -> Self {
        let check = middleware::from_fn_with_state(app.clone(), reserved::check);
        Self { all: router(app.clone()), reserved: named(app, routes(app).layer(check)) }
    }
}

pub fn router(app: App) -> Router {
    named(&app, routes(&app))
}

/// The routes, without the layers that all addresses share.
fn routes(app: &App) -> Router {
    let graphql = Router::new()
        .route("/graphql", get(get_or_upgrade).post(graphql::post))
        .layer(middleware::from_fn_with_state(app.clone(), origin::check))
        .layer(origin::cors(app.origins.clone()));
    Router::new()
        .merge(graphql)
        .route("/graphiql", get(pages::graphiql::graphiql))
        .route("/graphiql/{file}", get(pages::graphiql::graphiql_file))
        .route("/wall", get(pages::wall::page))
        .route("/wall/origin", get(origin::ask))
        .route("/wall/{digest}/{file}", get(pages::wall::file))
        // Browsers ask for an icon; there is no such file.
        .route("/favicon.ico", get(async || axum::http::StatusCode::NO_CONTENT))
        .route("/metrics", get(ops::metrics::metrics))
        .route("/health/live", get(ops::health::live))
        .route("/health/ready", get(ops::health::ready))
        .with_state(app.clone())
}

/// Each request has an id, and an address without the prefix under which a proxy has it.
fn named(app: &App, routes: Router) -> Router {
    let router = routes.layer(middleware::from_fn(request_id::name));
    if !app.is_proxied && app.prefixes.is_empty() {
        return router;
    }
    // The layer lies around the routes, since a path is stripped before it is matched.
    let strip = middleware::map_request_with_state(app.clone(), proxy::prefix::strip);
    Router::new().fallback_service(router).layer(strip)
}

/// Whether a request asks for WebSocket; other offers of an upgrade, as to HTTP/2, are not taken up.
fn wants_socket(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::UPGRADE).iter();
    let mut offers = offers.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    offers.any(|offer| offer.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// Serves requests by GET, and sockets, at one address.
async fn get_or_upgrade(state: State<App>, request: Request) -> Response {
    if wants_socket(request.headers()) {
        ws::upgrade(state, request).await
    } else {
        graphql::get(state, request).await
    }
}
