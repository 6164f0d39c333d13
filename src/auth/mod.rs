//! Authentication and permissions: the principal of a request, and what it may see and do. The module knows
//! neither GraphQL nor the ways in which a credential is sent.

pub mod byte_budget;
pub mod client;
pub mod issue;
pub mod language;
mod lookups;
pub mod operator;
pub mod permissions;
mod principal;
pub mod quota;
pub mod tokens;

pub use client::Client;
pub use language::Language;
pub use lookups::Denied;
pub use permissions::{Permission, Visibility};
pub use principal::{Audience, Principal};
pub use tokens::{Caller, Credential, Secret, Tokens};

pub use crate::domain::{Grant, Role};
