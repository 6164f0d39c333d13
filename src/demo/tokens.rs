//! Tokens to try the demo with: one of each role in a province, and those of support teams. Earlier
//! ones are taken back at each start.

use crate::auth::Secret;
use crate::auth::issue::{self, CannotIssue, Order};
use crate::domain::{Role, Timestamp};
use crate::store::Store;

/// Role, unit and what it is for.
const TOKENS: [(Role, &str, &str); 7] = [
    (Role::Officer, "ldld-dong-nai", "Ban Chính sách Pháp luật"),
    (Role::Reviewer, "ldld-dong-nai", "Hội đồng sáng kiến"),
    (Role::Submitter, "ldld-dong-nai", "Tổ hỗ trợ sáng kiến"),
    (Role::Partner, "ldld-dong-nai", "Cổng thông tin"),
    (Role::Display, "ldld-dong-nai", "Màn hình"),
    (Role::Submitter, "cdn-y-te-dong-nai", "Tổ hỗ trợ sáng kiến Y tế"),
    (Role::Submitter, "ldld-740", "Tổ hỗ trợ sáng kiến Long Thành"),
];

/// A token that was given out, to be shown this once.
pub struct Given {
    pub role: Role,
    pub unit: &'static str,
    pub secret: Secret,
}

/// Takes back the tokens of earlier starts and gives out new ones.
///
/// # Errors
/// When the database cannot be written.
pub async fn renew(store: &Store, now: Timestamp) -> Result<Vec<Given>, CannotIssue> {
    for (token, unit) in issue::list(store).await? {
        let is_ours = |given: &(Role, &str, &str)| {
            (given.0, given.1, given.2) == (token.role, unit.as_str(), token.name.as_str())
        };
        if token.revoked_at.is_none() && TOKENS.iter().any(is_ours) {
            issue::revoke(store, token.id, now).await?;
        }
    }
    let mut given = Vec::new();
    for (role, unit, name) in TOKENS {
        let order = Order { name, role, unit: Some(unit), expires: None };
        let secret = issue::issue(store, &order, now).await?;
        given.push(Given { role, unit, secret });
    }
    Ok(given)
}
