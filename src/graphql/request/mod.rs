//! From a client's text to an operation that may be executed. Pure: no clock, no store, no state.
//!
//! Every text of a client passes through here before anything else reads it: the [`lexer`] bounds tokens
//! and nesting, the [`parser`] makes the tree ([`ast`]), [`size`] bounds it with its fragments spread out,
//! [`validate`] judges it by the rules of the specification, and only then is it translated ([`translate`])
//! into the library's own tree for execution. The library's parser sees no text of a client.
//! The variables that come with it are made to fit by [`coerce`].

pub mod ast;
pub mod coerce;
#[cfg(test)]
mod differential;
pub mod footprint;
pub mod invalid;
pub mod lexer;
pub mod omitted;
pub mod parser;
pub mod price;
#[cfg(test)]
mod print;
#[cfg(test)]
mod random;
pub mod schema_view;
pub mod selection;
pub mod size;
mod strings;
pub mod syntax;
pub mod translate;
pub mod validate;

use async_graphql::{Pos, ServerError};

use crate::error::{self, Code};
use crate::messages::ErrorMessage;

/// Why a document is refused: words in both languages, and the places in the text that they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub places: Vec<Pos>,
    /// BAD_REQUEST where it is `None`.
    pub code: Option<Code>,
    pub message: ErrorMessage,
}

impl Refusal {
    fn syntax(place: Pos, problem: syntax::Problem) -> Self {
        Self { places: vec![place], code: None, message: ErrorMessage::Syntax(problem) }
    }

    /// Of a document by the grammar that no rule of the language allows.
    fn invalid(place: Pos, message: ErrorMessage) -> Self {
        Self { places: vec![place], code: None, message }
    }

    fn too_costly(place: Pos, message: ErrorMessage) -> Self {
        Self { places: vec![place], code: Some(Code::TooCostly), message }
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { places, code, message } = refusal;
        error::of_places(places, code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::lexer;
    use super::parser;
    use super::print;
    use super::random;

    /// Whatever stands between tokens, the tree is the one that was printed, and the tokens are the same.
    #[test]
    fn documents_come_back_from_text() {
        for seed in 0..2_000 {
            let drawn = random::document(seed);
            let tokens = print::tokens(&drawn);
            for spaces in [seed, seed + 1] {
                let text = print::spaced(&tokens, spaces);
                let read =
                    lexer::lex(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
                let texts: Vec<&str> = read.all.iter().map(|token| token.text).collect();
                assert_eq!(texts, tokens, "{text}");
                let tree = parser::parse(&read);
                let tree = tree.unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
                assert_eq!(print::tokens(&tree), tokens, "{text}");
                // Strings by their meaning: printed alike, they are alike.
                assert_eq!(tree.definitions.len(), drawn.definitions.len(), "{text}");
            }
        }
    }

    /// Where a token is left out, doubled or put in another's place, nothing is taken for the document that it was:
    /// it is refused, or its tokens are others.
    #[test]
    fn broken_documents_are_refused_or_are_others() {
        let mut refused = 0;
        for seed in 0..2_000 {
            let mut tokens = print::tokens(&random::document(seed));
            let mut rng = fastrand::Rng::with_seed(seed);
            let (place, other) = (rng.usize(..tokens.len()), rng.usize(..tokens.len()));
            let before = tokens.clone();
            match rng.u8(..3) {
                0 => drop(tokens.remove(place)),
                1 => tokens.insert(place, tokens[other].clone()),
                _ => tokens.swap(place, other),
            }
            let text = print::spaced(&tokens, seed);
            match lexer::lex(&text).and_then(|read| parser::parse(&read)) {
                Ok(tree) => assert_eq!(print::tokens(&tree) == before, tokens == before, "{text}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 200, "{refused}");
    }
}
