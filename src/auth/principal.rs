//! The principal that makes a request, and the audience that shared answers may rest on.

use super::language::Language;
use super::permissions::{self, Visibility};
use crate::board::Structure;
use crate::domain::command::Authority;
use crate::domain::{Actor, Grant, Initiative};

/// The part of a principal that an answer may rest on, if it is to be shared with others who ask the
/// same: one answer serves one audience.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Audience {
    /// Sorted, each once; empty for anonymous requests.
    grants: Vec<Grant>,
    pub language: Language,
}

/// The maker of a request. An answer that rests on more than the audience is theirs alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// Id of the token, as the log names it.
    pub token: Option<String>,
    /// The purpose that the token was given out for.
    pub name: Option<String>,
    pub audience: Audience,
}

impl Audience {
    /// An audience with these grants, in any order.
    pub fn new(mut grants: Vec<Grant>, language: Language) -> Self {
        grants.sort_unstable();
        grants.dedup();
        Self { grants, language }
    }

    /// The grants, sorted, each once.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The visibility of the initiative for the audience.
    pub fn visibility_of(&self, structure: &Structure, it: &Initiative) -> Visibility {
        permissions::visibility(&self.grants, structure, it.unit, it.status, it.confidential)
    }
}

impl Principal {
    /// The principal as the log and the writer know it.
    pub fn actor(&self) -> Actor {
        Actor { id: self.token.clone(), authority: Authority::Grants(self.audience.grants.clone()) }
    }

    /// Whether the principal showed no token.
    pub const fn is_anonymous(&self) -> bool {
        self.audience.grants.is_empty()
    }
}
