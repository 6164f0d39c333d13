//! The server's addresses. `router` is what is served and what every test drives.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};

use super::app::App;
use super::negotiate::wants_socket;
use super::origin::check as origin;
use super::proxy::prefix;
use super::{briefing, graphql, ops, pages, request_id, reserved, ws};

/// The routers, one for each kind of connection: a check of each request for that would cost a cached
/// result a twentieth of its time.
pub struct Routers {
    pub all: Router,
    /// The routes for connections that are reserved for clients with a token.
    pub reserved: Router,
}

impl Routers {
    pub fn new(app: App) -> Self {
        let app = Arc::new(app);
        let check = middleware::from_fn_with_state(Arc::clone(&app), reserved::check);
        Self { all: named(&app, routes(&app)), reserved: named(&app, routes(&app).layer(check)) }
    }
}

pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    named(&app, routes(&app))
}

/// The routes, without the layers that all addresses share.
fn routes(app: &Arc<App>) -> Router {
    let graphql = Router::new()
        .route("/graphql", get(get_or_upgrade).post(graphql::post))
        .layer(middleware::from_fn_with_state(Arc::clone(app), origin::check))
        .layer(origin::cors(app.origins.clone()));
    Router::new()
        .merge(graphql)
        .route("/graphiql", get(pages::graphiql::graphiql))
        .route("/graphiql/{file}", get(pages::graphiql::graphiql_file))
        .route("/schema", get(pages::reference::page))
        .route("/schema/page.css", get(pages::reference::styles))
        .route("/", get(pages::wall::start))
        .route("/wall", get(pages::wall::page))
        .route("/wall/help", get(pages::wall::help))
        .route("/wall/address", get(pages::own_address::ask))
        .route("/briefing", get(pages::wall::briefing))
        .route("/briefing.xlsx", get(briefing::xlsx))
        .route("/briefing.csv", get(briefing::csv))
        .route("/wall/origin", get(origin::ask))
        .route("/wall/{digest}/{file}", get(pages::wall::file))
        // Browsers ask for an icon; there is no such file.
        .route("/favicon.ico", get(async || axum::http::StatusCode::NO_CONTENT))
        .route("/metrics", get(ops::metrics::metrics))
        .route("/health/live", get(ops::health::live))
        .route("/health/ready", get(ops::health::ready))
        .route("/health/serving", get(ops::health::serving))
        .with_state(Arc::clone(app))
}

/// Each request has an id, and an address without the prefix under which a proxy has it.
fn named(app: &Arc<App>, routes: Router) -> Router {
    let router = routes.layer(middleware::from_fn(request_id::name));
    if !app.is_proxied && app.prefixes.is_empty() {
        return router;
    }
    // The layer lies around the routes, since a path is stripped before it is matched.
    let strip = middleware::map_request_with_state(Arc::clone(app), prefix::strip);
    Router::new().fallback_service(router).layer(strip)
}

/// Serves requests by GET, and sockets, at one address.
async fn get_or_upgrade(state: State<Arc<App>>, request: Request) -> Response {
    if wants_socket(request.headers()) {
        ws::upgrade(state, request).await
    } else {
        graphql::get(state, request).await
    }
}
