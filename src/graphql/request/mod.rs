//! From a client's text to an operation that may be executed. Pure: no clock, no store, no state.
//!
//! Every text of a client passes through here before anything else reads it: the lexer bounds tokens and
//! nesting, the parser makes the tree ([`ast`]), validation judges it by the rules of the specification,
//! and only then is it translated into the library's own tree for execution.

pub mod ast;
pub mod schema_view;
