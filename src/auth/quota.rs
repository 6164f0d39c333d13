//! Quotas of a bounded number of places: connections, sockets and streams, rooms.
//!
//! A part of the places is kept for clients with a good token, so that strangers cannot keep everybody
//! else out, however many addresses they have. When places become scarce, one client gets a small part of
//! them at most, so that a few strangers cannot keep out the others.

use crate::limits::{CROWDED_FROM, CROWDED_SHARE, KEPT_FOR_TOKENS};

/// The reason why a client gets no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// All places are taken, or all that clients without a token may take.
    Full,
    /// This client, or this address, has as many places as it may have.
    TooManyFromClient,
}

/// The number of places: in all, and for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub in_all: usize,
    pub per_client: usize,
}

/// The number of places that are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub in_all: usize,
    /// Places of clients that showed no good token.
    pub by_strangers: usize,
    /// Places of the client that asks for one more.
    pub by_client: usize,
}

impl Quota {
    /// The number of places that all clients without a good token may take together.
    pub const fn for_strangers(self) -> usize {
        self.in_all - self.in_all / KEPT_FOR_TOKENS
    }

    /// The number of places that one client may take while so many are taken in all.
    pub fn for_client(self, taken: usize) -> usize {
        if taken < self.in_all / CROWDED_FROM {
            self.per_client
        } else {
            self.per_client.min((self.in_all / CROWDED_SHARE).max(1))
        }
    }

    /// Checks that the client may take one more place.
    ///
    /// # Errors
    /// If the client may not.
    pub fn admit(self, taken: Usage, has_token: bool) -> Result<(), NotAdmitted> {
        self.admit_more(taken, 1, has_token)
    }

    /// Checks that the client may take so many more places.
    ///
    /// # Errors
    /// If the client may not.
    pub fn admit_more(self, taken: Usage, more: usize, has_token: bool) -> Result<(), NotAdmitted> {
        let is_full_for_strangers = !has_token && taken.by_strangers + more > self.for_strangers();
        if taken.in_all + more > self.in_all || is_full_for_strangers {
            Err(NotAdmitted::Full)
        } else if taken.by_client + more > self.for_client(taken.in_all) {
            Err(NotAdmitted::TooManyFromClient)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// The places that each of so many strangers gets if they take all that they can, in turns.
    fn taken_by(quota: Quota, strangers: usize) -> HashMap<usize, usize> {
        let mut had: HashMap<usize, usize> = HashMap::new();
        let mut in_all = 0;
        loop {
            let before = in_all;
            for stranger in 0..strangers {
                let by_client = had.get(&stranger).copied().unwrap_or_default();
                let taken = Usage { in_all, by_strangers: in_all, by_client };
                if quota.admit(taken, false).is_ok() {
                    *had.entry(stranger).or_default() += 1;
                    in_all += 1;
                }
            }
            if in_all == before {
                return had;
            }
        }
    }

    #[test]
    fn strangers_leave_a_quarter_to_those_with_a_token() {
        let quota = Quota { in_all: 10_000, per_client: 2_000 };
        for strangers in [1, 3, 5, 8, 100, 20_000] {
            let in_all: usize = taken_by(quota, strangers).values().sum();
            assert!(in_all <= 7_500, "{strangers} strangers took {in_all}");
            let taken = Usage { in_all, by_strangers: in_all, by_client: 0 };
            assert_eq!(quota.admit(taken, true), Ok(()));
        }
        let full = Usage { in_all: 7_500, by_strangers: 7_500, by_client: 0 };
        assert_eq!(quota.admit(full, false), Err(NotAdmitted::Full));
        let of_tokens = Usage { in_all: 9_999, by_strangers: 0, by_client: 0 };
        assert_eq!(quota.admit(of_tokens, false), Ok(()), "what nobody with a token has is free");
        assert_eq!(
            quota.admit(Usage { in_all: 10_000, ..of_tokens }, true),
            Err(NotAdmitted::Full)
        );
    }

    #[test]
    fn five_strangers_leave_places_to_others() {
        let quota = Quota { in_all: 10_000, per_client: 2_000 };
        let had = taken_by(quota, 5);
        // By turns all have a tenth when half is taken, and none gets more.
        assert!(had.values().all(|&had| had == 1_000), "{had:?}");
        let taken = Usage { in_all: 5_000, by_strangers: 5_000, by_client: 0 };
        assert_eq!(quota.admit(taken, false), Ok(()), "a sixth comes");
        let greedy = Usage { by_client: 1_000, ..taken };
        assert_eq!(quota.admit(greedy, false), Err(NotAdmitted::TooManyFromClient));
        assert_eq!(quota.admit(greedy, true), Err(NotAdmitted::TooManyFromClient), "of tokens too");
        let calm = Usage { in_all: 4_999, by_strangers: 4_999, by_client: 1_999 };
        assert_eq!(quota.admit(calm, false), Ok(()));
    }

    #[test]
    fn few_places_are_places_still() {
        let one = Quota { in_all: 1, per_client: 1 };
        assert_eq!(one.admit(Usage::default(), false), Ok(()));
        assert_eq!(
            Quota { in_all: 0, ..one }.admit(Usage::default(), true),
            Err(NotAdmitted::Full)
        );
    }
}
