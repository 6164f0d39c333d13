//! GraphQL over HTTP, streams and sockets; the pages; what operators ask. `routes` has the addresses.

mod admission;
mod app;
mod body;
mod briefing;
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
mod routes;
mod streams;
mod tcp;
mod ws;

pub use admission::{Admission, SocketLimits, StopReason};
pub use app::App;
pub use origin::origins::{AllowedOrigin, Origins};
pub use proxy::public_url::PublicUrl;
pub use routes::{Routers, router};
pub use tcp::listener::{Acceptor, Peer};
pub use tcp::serve;
