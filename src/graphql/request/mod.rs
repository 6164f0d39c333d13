//! The way from a client's text to an operation that may be executed.
//!
//! Every text of a client passes through here before anything else reads it: the [`lexer`] bounds tokens and nesting,
//! the [`parser`] makes the tree ([`ast`]), [`size`] bounds the tree with its fragments spread out, [`validate`]
//! checks it by the rules of the specification, and only then [`translate`] makes the library's own tree for
//! execution. The library's parser sees no text of a client. [`coerce`] makes the variables fit their declared types.
//!
//! *Must never* read a clock or the store, or hold state.

pub mod ast;
pub mod coerce;
#[cfg(test)]
mod differential;
pub mod documents;
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

/// The refusal of a document: the message in both languages, and the positions that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub places: Vec<Pos>,
    /// `None` means BAD_REQUEST.
    pub code: Option<Code>,
    pub message: ErrorMessage,
}

impl Refusal {
    fn syntax(place: Pos, problem: syntax::Problem) -> Self {
        Self { places: vec![place], code: None, message: ErrorMessage::Syntax(problem) }
    }

    /// The refusal of a document that is grammatical, but that no rule of the language allows.
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

    /// Whatever stands between tokens, the tree is the printed one, and the tokens are the same.
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
                // Strings compare by their values: if they print alike, they are equal.
                assert_eq!(tree.definitions.len(), drawn.definitions.len(), "{text}");
            }
        }
    }

    /// The tokens without what may be left out: descriptions, and the `query` of an operation that has nothing else before
    /// its selections.
    fn essential(tokens: &[String]) -> Vec<&str> {
        const DESCRIBED: [&str; 4] = ["query", "mutation", "subscription", "fragment"];
        let (mut is_list, mut depth) = (false, 0);
        let mut kept: Vec<&str> = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            let next = tokens.get(place + 1).map_or("", String::as_str);
            match token.as_str() {
                "query" if depth == 0 && next == "{" => continue,
                text if text.starts_with('"') => {
                    let is_of_variable = next == "$" && !is_list && kept.last() != Some(&"=");
                    if is_of_variable || (depth == 0 && DESCRIBED.contains(&next)) {
                        continue;
                    }
                }
                "{" | "(" => depth += 1,
                "}" | ")" => depth -= 1,
                bracket @ ("[" | "]") => is_list = bracket == "[",
                _ => {}
            }
            kept.push(token);
        }
        kept
    }

    /// A document with a token left out, doubled or replaced is never taken for the original: it is refused, or its
    /// tokens differ.
    #[test]
    fn broken_documents_are_refused_or_are_others() {
        let mut refused = 0;
        for seed in 0..5_000 {
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
                Ok(tree) => {
                    let is_same = essential(&tokens) == essential(&before);
                    assert_eq!(print::tokens(&tree) == before, is_same, "{text}");
                }
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 200, "{refused}");
    }
}
