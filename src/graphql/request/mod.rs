//! From a client's text to an operation that may be executed. Pure: no clock, no store, no state.
//!
//! Every text of a client passes through here before anything else reads it: the [`lexer`] bounds tokens
//! and nesting, the [`parser`] makes the tree ([`ast`]), [`size`] bounds it with its fragments spread out,
//! validation judges it by the rules of the specification, and only then is it translated ([`translate`])
//! into the library's own tree for execution. The library's parser sees no text of a client.

pub mod ast;
pub mod footprint;
pub mod lexer;
pub mod parser;
pub mod price;
pub mod schema_view;
pub mod size;
mod strings;
pub mod syntax;
pub mod translate;

use async_graphql::{Pos, ServerError};

use super::error::{self, Code};
use super::messages::Message;

/// Why a document is refused: words in both languages, and the places in the text that they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub places: Vec<Pos>,
    /// BAD_REQUEST where it is `None`.
    pub code: Option<Code>,
    pub message: Message,
}

impl Refusal {
    fn syntax(place: Pos, problem: syntax::Problem) -> Self {
        Self { places: vec![place], code: None, message: Message::Syntax(problem) }
    }

    /// Of a document by the grammar that no rule of the language allows.
    fn invalid(place: Pos, message: Message) -> Self {
        Self { places: vec![place], code: None, message }
    }

    fn too_costly(place: Pos, message: Message) -> Self {
        Self { places: vec![place], code: Some(Code::TooCostly), message }
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { places, code, message } = refusal;
        error::of_places(places, code, message)
    }
}
