//! The operator's own token, given to the server at its start.

use crate::limits::OPERATOR_TOKEN_MIN;

/// The reason why a text is no token of the operator. It repeats no part of the text, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakToken {
    #[error(
        "the operator's token (--admin-token, SANGKIEN_ADMIN_TOKEN) is empty; leave it out, or make one by: \
         openssl rand -base64 32"
    )]
    Empty,
    #[error(
        "the operator's token (--admin-token, SANGKIEN_ADMIN_TOKEN) has {0} characters, and must have at \
         least {OPERATOR_TOKEN_MIN}; make one by: openssl rand -base64 32"
    )]
    Short(usize),
    #[error(
        "the operator's token (--admin-token, SANGKIEN_ADMIN_TOKEN) must be of ASCII letters, digits and \
         marks, without white space before or behind it, since a header carries nothing else"
    )]
    Unspeakable,
}

/// # Errors
/// When anybody could guess the token, or no client could send it.
pub fn check(token: &str) -> Result<(), WeakToken> {
    if token.trim().is_empty() {
        return Err(WeakToken::Empty);
    }
    let is_plain = |it: char| matches!(it, ' '..='~');
    if token.trim() != token || !token.chars().all(is_plain) {
        return Err(WeakToken::Unspeakable);
    }
    if token.len() < OPERATOR_TOKEN_MIN {
        return Err(WeakToken::Short(token.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_can_be_guessed_or_not_be_sent_is_none() {
        for (token, expected) in [
            ("", Err(WeakToken::Empty)),
            ("  \t\n", Err(WeakToken::Empty)),
            ("                    ", Err(WeakToken::Empty)),
            ("fifteen-letters", Err(WeakToken::Short(15))),
            ("sixteen--letters", Ok(())),
            (" a token with white space", Err(WeakToken::Unspeakable)),
            ("a token with a line break\n", Err(WeakToken::Unspeakable)),
            ("mã của người vận hành", Err(WeakToken::Unspeakable)),
            ("with\ta tabulator in it", Err(WeakToken::Unspeakable)),
            ("the operator's own", Ok(())),
        ] {
            assert_eq!(check(token), expected, "{token:?}");
        }
    }
}
