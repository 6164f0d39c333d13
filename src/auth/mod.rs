//! Who is asking, and what they may do. Knows nothing of GraphQL or of how a proof is sent.

use sha2::{Digest as _, Sha256};

use crate::board::Registry;
use crate::domain::command::Scope;
use crate::domain::text_enum::text_enum;
use crate::domain::{Actor, Initiative, InitiativeStatus, UnitId};

text_enum! {
    /// What a grant allows, over a unit and all below it.
    pub enum Role {
        Admin = "ADMIN",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: Role,
    pub unit: UnitId,
}

/// Whoever makes a request. Without a grant: anonymous.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// Id of the token, as the log names it.
    pub token: Option<String>,
    pub grants: Vec<Grant>,
}

/// A proof of identity that proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not known")]
pub struct UnknownToken;

/// How much of an initiative somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Nothing,
    /// Of a confidential one: its title.
    Title,
    /// All but contact data and codes of persons.
    Public,
    Everything,
}

impl Principal {
    /// As the log and the writer know them.
    pub fn actor(&self) -> Actor {
        let roots = self.grants.iter().map(|grant| grant.unit).collect();
        Actor { id: self.token.clone(), scope: Scope::Subtrees(roots) }
    }

    pub const fn is_anonymous(&self) -> bool {
        self.grants.is_empty()
    }

    /// Whether they manage the unit: one of their grants is over it.
    pub fn manages(&self, registry: &Registry, unit: UnitId) -> bool {
        registry.climb(unit).any(|step| self.grants.iter().any(|grant| grant.unit == step))
    }

    pub fn sight_of(&self, registry: &Registry, initiative: &Initiative) -> Sight {
        if self.manages(registry, initiative.unit) {
            Sight::Everything
        } else if initiative.status != InitiativeStatus::Accepted {
            Sight::Nothing
        } else if initiative.confidential {
            Sight::Title
        } else {
            Sight::Public
        }
    }
}

/// The tokens that this server knows. For now the operator's own, given at the start.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    admin: Option<[u8; 32]>,
}

impl Tokens {
    pub fn new(admin: Option<&str>) -> Self {
        Self { admin: admin.map(digest) }
    }

    /// # Errors
    /// When a token was given that is not known: whoever shows a wrong one is told so instead of
    /// being served as anonymous.
    pub fn identify(&self, token: Option<&str>, root: UnitId) -> Result<Principal, UnknownToken> {
        let Some(token) = token else { return Ok(Principal::default()) };
        // Digests are compared, so the time it takes tells nothing about the token.
        if self.admin == Some(digest(token)) {
            let grants = vec![Grant { role: Role::Admin, unit: root }];
            Ok(Principal { token: Some("admin".to_owned()), grants })
        } else {
            Err(UnknownToken)
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_token_is_the_operator() {
        let tokens = Tokens::new(Some("secret"));
        let root = UnitId(1);
        assert!(tokens.identify(None, root).unwrap().is_anonymous());
        assert_eq!(tokens.identify(Some("secret"), root).unwrap().grants.len(), 1);
        assert_eq!(tokens.identify(Some("Secret"), root), Err(UnknownToken));
        assert_eq!(Tokens::new(None).identify(Some(""), root), Err(UnknownToken));
    }
}
