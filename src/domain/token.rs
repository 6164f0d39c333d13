use super::{Role, Timestamp, UnitId};

/// What a client shows to prove who it is (mã truy cập). The secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// From 1; the log names whoever used it by this number.
    pub id: i64,
    /// What it was given for.
    pub name: String,
    pub role: Role,
    pub unit: UnitId,
    pub created_at: Timestamp,
    /// It is good before this moment.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To some minutes: not every use is written down.
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
    fn it_ends_by_time_or_by_word() {
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
