//! The tree of an executable document, as the client wrote it (GraphQL, September 2025, section 2).
//!
//! Nothing is merged, reordered or dropped, so validation sees repeated parts twice. Names and numbers are slices of
//! the client's text.

use std::borrow::Cow;

use async_graphql::Pos;
use async_graphql::parser::types::OperationType;

/// Operations and fragments, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document<'a> {
    pub definitions: Vec<Definition<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition<'a> {
    Operation(Operation<'a>),
    Fragment(Fragment<'a>),
}

/// A name and the position of its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub pos: Pos,
    pub text: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation<'a> {
    /// The position of the keyword, or of the brace of an operation in short form.
    pub pos: Pos,
    pub kind: OperationType,
    pub name: Option<Name<'a>>,
    pub variables: Vec<VariableDefinition<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selections: SelectionSet<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The position of the keyword `fragment`.
    pub pos: Pos,
    pub name: Name<'a>,
    /// The type condition: the name after `on`.
    pub on: Name<'a>,
    pub directives: Vec<Directive<'a>>,
    pub selections: SelectionSet<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableDefinition<'a> {
    /// The position of the dollar sign.
    pub pos: Pos,
    /// The name without the dollar sign.
    pub name: Name<'a>,
    pub of_type: Type<'a>,
    pub default: Option<Value<'a>>,
    pub directives: Vec<Directive<'a>>,
}

/// A reference to a type, such as `[Int!]!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type<'a> {
    pub pos: Pos,
    pub base: BaseType<'a>,
    pub is_required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseType<'a> {
    Named(&'a str),
    List(Box<Type<'a>>),
}

/// The selections between two braces. A field without selections has an empty set at the field's own position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SelectionSet<'a> {
    pub pos: Pos,
    pub items: Vec<Selection<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection<'a> {
    Field(Field<'a>),
    Spread(Spread<'a>),
    Inline(Inline<'a>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    pub alias: Option<Name<'a>>,
    pub name: Name<'a>,
    pub arguments: Vec<Argument<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selections: SelectionSet<'a>,
}

impl<'a> Field<'a> {
    /// The key of the field in the result.
    pub fn response_key(&self) -> Name<'a> {
        self.alias.unwrap_or(self.name)
    }
}

/// `...Name`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread<'a> {
    /// The position of the three dots.
    pub pos: Pos,
    pub name: Name<'a>,
    pub directives: Vec<Directive<'a>>,
}

/// `... on Type { }` or `... { }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline<'a> {
    /// The position of the three dots.
    pub pos: Pos,
    pub on: Option<Name<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selections: SelectionSet<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'a> {
    /// The position of the at sign.
    pub pos: Pos,
    pub name: Name<'a>,
    pub arguments: Vec<Argument<'a>>,
}

/// An argument of a field or directive, or a field of an input object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument<'a> {
    pub name: Name<'a>,
    pub value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value<'a> {
    pub pos: Pos,
    pub kind: ValueKind<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind<'a> {
    /// The name without the dollar sign.
    Variable(&'a str),
    /// The digits as written, any number of them.
    Int(&'a str),
    /// The number as written.
    Float(&'a str),
    /// The string's value: escapes are resolved, and a block string has lost its indentation.
    String(Cow<'a, str>),
    Boolean(bool),
    Null,
    Enum(&'a str),
    List(Vec<Value<'a>>),
    /// Fields in the order of the text; the same name may occur twice.
    Object(Vec<Argument<'a>>),
}
