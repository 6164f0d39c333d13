//! Serves connections until each ends, becomes a socket, or sends no request for too long.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;

use super::listener::Acceptor;
use crate::http::routes::Routers;
use crate::limits::RESERVED_HEAD_WITHIN;
use crate::measure;

/// Accepts connections until `stop` resolves, then lets open connections finish their responses. On each, the head of a
/// request must come within `head_within`, at first and after each response.
pub async fn serve(
    mut connections: Acceptor,
    routers: Routers,
    head_within: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_within);
    // A reserved connection is not left to a client that asks nothing.
    let mut reserved_http = http.clone();
    reserved_http.header_read_timeout(head_within.min(RESERVED_HEAD_WITHIN));
    let stopping = watch::Sender::new(());
    let mut stop = pin!(stop);
    loop {
        let (connection, peer) = tokio::select! {
            accepted = connections.accept() => accepted,
            () = &mut stop => break,
        };
        let (http, router) = if peer.is_reserved {
            (&reserved_http, &routers.reserved)
        } else {
            (&http, &routers.all)
        };
        let (asking, app) = (Asking::default(), TowerToHyperService::new(router.clone()));
        let asked = asking.clone();
        let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
            asked.note();
            request.extensions_mut().insert(ConnectInfo(peer.clone()));
            app.call(request)
        });
        let served = http.serve_connection(TokioIo::new(connection), answer).with_upgrades();
        let mut stopped = stopping.subscribe();
        tokio::spawn(async move {
            let mut served = pin!(served);
            let ended = tokio::select! {
                ended = served.as_mut() => ended,
                _ = stopped.changed() => {
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            };
            match ended {
                Err(error) if error.is_timeout() => asking.count_end(),
                // The client left in the midst of a request or response, or spoke no HTTP.
                Err(error) => tracing::debug!(%error, "a connection is broken"),
                Ok(()) => {}
            }
        });
    }
    drop(connections);
    stopping.send_replace(());
    // Each connection's task is subscribed to the stop, and nothing else is.
    stopping.closed().await;
}

/// Whether a connection has ever carried a request.
#[derive(Clone, Default)]
struct Asking(Arc<AtomicBool>);

impl Asking {
    fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn count_end(&self) {
        let reason = if self.0.load(Ordering::Relaxed) { "idle" } else { "silent" };
        metrics::counter!(measure::CONNECTION_ENDS, "reason" => reason).increment(1);
    }
}
