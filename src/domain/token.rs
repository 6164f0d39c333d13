use super::{Role, Timestamp, UnitId};

/// The record of an access token (mã truy cập), by which a client proves who it is. The secret itself is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token's number, from 1; the log names its user by it.
    pub id: i64,
    /// The purpose of the token.
    pub name: String,
    pub role: Role,
    pub unit: UnitId,
    pub created_at: Timestamp,
    /// The moment from which the token is no longer valid.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// The last use, to some minutes: not every use is written.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    pub fn is_good_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_by_time_or_by_revocation() {
        let token = Token {
            id: 1,
            name: "t".to_owned(),
            role: Role::Display,
            unit: UnitId(1),
            created_at: Timestamp(0),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        assert!(token.is_good_at(Timestamp(i64::MAX)));
        let ending = Token { expires_at: Some(Timestamp(5)), ..token.clone() };
        assert!(ending.is_good_at(Timestamp(4)) && !ending.is_good_at(Timestamp(5)));
        let revoked = Token { revoked_at: Some(Timestamp(5)), ..token };
        assert!(!revoked.is_good_at(Timestamp(4)));
    }
}
