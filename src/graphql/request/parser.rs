//! The parser: from tokens to the tree of a document (GraphQL, September 2025, sections 2.2 to 2.12).
//!
//! It works by recursive descent, no deeper than brackets are nested, which the lexer bounds.

use async_graphql::Pos;
use async_graphql::parser::types::OperationType;

use super::Refusal;
use super::ast::{
    Argument, BaseType, Definition, Directive, Document, Field, Fragment, Inline, Name, Operation,
    Selection, SelectionSet, Spread, Type, Value, ValueKind, VariableDefinition,
};
use super::lexer::{Kind, Token, Tokens};
use super::strings::{BadEscape, block_string_value, string_value};
use super::syntax::{Expected, Problem, Quoted};

/// The keywords that begin a definition or an extension of a part of a schema.
const TYPE_SYSTEM: [&str; 9] =
    ["schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"];

type Parsed<T> = Result<T, Refusal>;

/// # Errors
/// At the first token that the grammar does not allow.
pub fn parse<'a>(tokens: &Tokens<'a>) -> Parsed<Document<'a>> {
    let mut parser = Parser { rest: &tokens.all, end: tokens.end };
    let mut definitions = vec![parser.definition()?];
    while !parser.rest.is_empty() {
        definitions.push(parser.definition()?);
    }
    Ok(Document { definitions })
}

struct Parser<'t, 'a> {
    rest: &'t [Token<'a>],
    end: Pos,
}

/// Whether a value may hold variables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variables {
    Allowed,
    Refused,
}

impl<'a> Parser<'_, 'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.rest.first().copied()
    }

    fn is_next(&self, kind: Kind) -> bool {
        self.peek().is_some_and(|token| token.kind == kind)
    }

    fn is_keyword_next(&self, keyword: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Name && token.text == keyword)
    }

    /// The next token, if it is of this kind.
    fn take(&mut self, kind: Kind) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        (first.kind == kind).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn expect(&mut self, kind: Kind, expected: Expected) -> Parsed<Token<'a>> {
        self.take(kind).ok_or_else(|| self.unexpected(expected))
    }

    /// Refuses the next token.
    fn unexpected(&self, expected: Expected) -> Refusal {
        let found = self.peek();
        let pos = found.map_or(self.end, |token| token.pos);
        Refusal::syntax(pos, Problem::Expected { expected, found: found.into() })
    }

    fn name(&mut self, expected: Expected) -> Parsed<Name<'a>> {
        let Token { pos, text, .. } = self.expect(Kind::Name, expected)?;
        Ok(Name { pos, text })
    }

    fn definition(&mut self) -> Parsed<Definition<'a>> {
        let is_described = self.description()?;
        let next = self.peek();
        if let Some(Token { kind: Kind::BraceLeft, pos, .. }) = next
            && !is_described
        {
            return Ok(Definition::Operation(Operation {
                pos,
                kind: OperationType::Query,
                name: None,
                variables: Vec::new(),
                directives: Vec::new(),
                selections: self.selection_set()?,
            }));
        }
        let keyword = next.filter(|token| token.kind == Kind::Name).map(|token| token.text);
        let kind = match keyword {
            Some("query") => OperationType::Query,
            Some("mutation") => OperationType::Mutation,
            Some("subscription") => OperationType::Subscription,
            Some("fragment") => return self.fragment().map(Definition::Fragment),
            other => {
                let type_system = TYPE_SYSTEM.into_iter().find(|it| other == Some(*it));
                return Err(match (type_system, next) {
                    (Some(keyword), Some(Token { pos, .. })) => {
                        Refusal::syntax(pos, Problem::TypeSystem(keyword))
                    }
                    _ if is_described => self.unexpected(Expected::DescribedDefinition),
                    _ => self.unexpected(Expected::Definition),
                });
            }
        };
        self.operation(kind).map(Definition::Operation)
    }

    /// Reads a description, which the server ignores. Returns whether there was one.
    fn description(&mut self) -> Parsed<bool> {
        let Some(token) = self.take(Kind::String).or_else(|| self.take(Kind::BlockString)) else {
            return Ok(false);
        };
        string(token)?;
        Ok(true)
    }

    fn operation(&mut self, kind: OperationType) -> Parsed<Operation<'a>> {
        let keyword = self.expect(Kind::Name, Expected::Definition)?;
        let name = if self.is_next(Kind::Name) { Some(self.name(Expected::Name)?) } else { None };
        let mut variables = Vec::new();
        if self.take(Kind::ParenLeft).is_some() {
            variables.push(self.variable_definition()?);
            while self.take(Kind::ParenRight).is_none() {
                variables.push(self.variable_definition()?);
            }
        }
        let directives = self.directives(Variables::Allowed)?;
        let selections = self.selection_set()?;
        Ok(Operation { pos: keyword.pos, kind, name, variables, directives, selections })
    }

    fn variable_definition(&mut self) -> Parsed<VariableDefinition<'a>> {
        self.description()?;
        let dollar = self.expect(Kind::Dollar, Expected::VariableDefinition)?;
        let name = self.name(Expected::Name)?;
        self.expect(Kind::Colon, Expected::Token(":"))?;
        let of_type = self.type_reference()?;
        let default = match self.take(Kind::Equals) {
            Some(_) => Some(self.value(Variables::Refused)?),
            None => None,
        };
        let directives = self.directives(Variables::Refused)?;
        Ok(VariableDefinition { pos: dollar.pos, name, of_type, default, directives })
    }

    fn type_reference(&mut self) -> Parsed<Type<'a>> {
        let (pos, base) = if let Some(bracket) = self.take(Kind::BracketLeft) {
            let of = self.type_reference()?;
            self.expect(Kind::BracketRight, Expected::Token("]"))?;
            (bracket.pos, BaseType::List(Box::new(of)))
        } else {
            let name = self.name(Expected::Type)?;
            (name.pos, BaseType::Named(name.text))
        };
        Ok(Type { pos, base, is_required: self.take(Kind::Bang).is_some() })
    }

    fn fragment(&mut self) -> Parsed<Fragment<'a>> {
        let keyword = self.expect(Kind::Name, Expected::Definition)?;
        if self.is_keyword_next("on") {
            return Err(self.unexpected(Expected::FragmentName));
        }
        let name = self.name(Expected::FragmentName)?;
        if !self.is_keyword_next("on") {
            return Err(self.unexpected(Expected::Token("on")));
        }
        self.take(Kind::Name);
        let on = self.name(Expected::Type)?;
        let directives = self.directives(Variables::Allowed)?;
        let selections = self.selection_set()?;
        Ok(Fragment { pos: keyword.pos, name, on, directives, selections })
    }

    fn selection_set(&mut self) -> Parsed<SelectionSet<'a>> {
        let brace = self.expect(Kind::BraceLeft, Expected::Token("{"))?;
        let mut items = vec![self.selection()?];
        while self.take(Kind::BraceRight).is_none() {
            items.push(self.selection()?);
        }
        Ok(SelectionSet { pos: brace.pos, items })
    }

    fn selection(&mut self) -> Parsed<Selection<'a>> {
        let Some(dots) = self.take(Kind::Spread) else {
            return self.field().map(Selection::Field);
        };
        let pos = dots.pos;
        if self.is_next(Kind::Name) && !self.is_keyword_next("on") {
            let name = self.name(Expected::FragmentName)?;
            let directives = self.directives(Variables::Allowed)?;
            return Ok(Selection::Spread(Spread { pos, name, directives }));
        }
        let on = match self.take(Kind::Name) {
            Some(_) => Some(self.name(Expected::Type)?),
            None => None,
        };
        let directives = self.directives(Variables::Allowed)?;
        let selections = self.selection_set()?;
        Ok(Selection::Inline(Inline { pos, on, directives, selections }))
    }

    fn field(&mut self) -> Parsed<Field<'a>> {
        let first = self.name(Expected::Selection)?;
        let (alias, name) = match self.take(Kind::Colon) {
            Some(_) => (Some(first), self.name(Expected::Name)?),
            None => (None, first),
        };
        let arguments = self.arguments(Variables::Allowed)?;
        let directives = self.directives(Variables::Allowed)?;
        let selections = if self.is_next(Kind::BraceLeft) {
            self.selection_set()?
        } else {
            SelectionSet { pos: first.pos, items: Vec::new() }
        };
        Ok(Field { alias, name, arguments, directives, selections })
    }

    fn arguments(&mut self, variables: Variables) -> Parsed<Vec<Argument<'a>>> {
        let mut arguments = Vec::new();
        if self.take(Kind::ParenLeft).is_some() {
            arguments.push(self.argument(variables)?);
            while self.take(Kind::ParenRight).is_none() {
                arguments.push(self.argument(variables)?);
            }
        }
        Ok(arguments)
    }

    fn argument(&mut self, variables: Variables) -> Parsed<Argument<'a>> {
        let name = self.name(Expected::Argument)?;
        self.expect(Kind::Colon, Expected::Token(":"))?;
        Ok(Argument { name, value: self.value(variables)? })
    }

    fn directives(&mut self, variables: Variables) -> Parsed<Vec<Directive<'a>>> {
        let mut directives = Vec::new();
        while let Some(at) = self.take(Kind::At) {
            let name = self.name(Expected::Name)?;
            let arguments = self.arguments(variables)?;
            directives.push(Directive { pos: at.pos, name, arguments });
        }
        Ok(directives)
    }

    fn value(&mut self, variables: Variables) -> Parsed<Value<'a>> {
        let Some((&token, rest)) = self.rest.split_first() else {
            return Err(self.unexpected(Expected::Value));
        };
        let kind = match token.kind {
            Kind::Int => ValueKind::Int(token.text),
            Kind::Float => ValueKind::Float(token.text),
            Kind::String | Kind::BlockString => ValueKind::String(string(token)?),
            Kind::Name => match token.text {
                "true" => ValueKind::Boolean(true),
                "false" => ValueKind::Boolean(false),
                "null" => ValueKind::Null,
                name => ValueKind::Enum(name),
            },
            Kind::Dollar => {
                self.rest = rest;
                let name = self.name(Expected::Name)?;
                if variables == Variables::Refused {
                    let problem = Problem::VariableInConstant(Quoted::variable(name.text));
                    return Err(Refusal::syntax(token.pos, problem));
                }
                return Ok(Value { pos: token.pos, kind: ValueKind::Variable(name.text) });
            }
            Kind::BracketLeft => {
                self.rest = rest;
                let mut items = Vec::new();
                while self.take(Kind::BracketRight).is_none() {
                    items.push(self.value(variables)?);
                }
                return Ok(Value { pos: token.pos, kind: ValueKind::List(items) });
            }
            Kind::BraceLeft => {
                self.rest = rest;
                let mut fields = Vec::new();
                while self.take(Kind::BraceRight).is_none() {
                    fields.push(self.argument(variables)?);
                }
                return Ok(Value { pos: token.pos, kind: ValueKind::Object(fields) });
            }
            _ => return Err(self.unexpected(Expected::Value)),
        };
        self.rest = rest;
        Ok(Value { pos: token.pos, kind })
    }
}

/// The value of a string of either kind.
fn string(token: Token<'_>) -> Parsed<std::borrow::Cow<'_, str>> {
    if token.kind == Kind::BlockString {
        return Ok(block_string_value(token.text));
    }
    string_value(token.text).map_err(|BadEscape { before, problem }| {
        let pos = Pos { column: token.pos.column + before, ..token.pos };
        Refusal::syntax(pos, problem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::request::lexer::lex;
    use crate::graphql::request::syntax::Found;
    use crate::messages::ErrorMessage;

    fn read(text: &str) -> Result<Document<'_>, Refusal> {
        parse(&lex(text)?)
    }

    #[test]
    fn the_grammar_is_taken_whole() {
        for text in [
            "{a}",
            "{ a b: c }",
            "query { a } query A { a } mutation B { a } subscription C { a }",
            "query query { query } fragment fragment on on { on }",
            "{ type: input fragment on: null true: false ...type }",
            "query A($a: Int, $b: [Int!]! = [1], $c: [[X]] = {a: {}} @d(e: 1) @f) @g(h: $a) { a }",
            "{ a(b: 1, c: -1.5e3, d: \"e\", f: \"\"\"g\"\"\", h: true, i: null, j: K, l: [], m: {}, n: $o) }",
            "{ a(b: [[1 2], $c, {d: [$e]}]) }",
            "{ a @b @c(d: $e) { f } ...G @h ... @i { j } ... on K @l { m } ... { n } }",
            "{ ...A } fragment A on B @c { d }",
            r#""of it" query A("of $b" $b: Int """of $c""" $c: Int) { a }"#,
            r#""""of A""" fragment A on B { c } "d" mutation { e } "f" subscription F { g }"#,
        ] {
            assert!(read(text).is_ok(), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn the_tree_is_as_written() {
        let document = read("query A($b: [Int!] = 1) { c: d(e: $b) @f { ...G } }").unwrap();
        let Definition::Operation(operation) = &document.definitions[0] else { panic!() };
        assert_eq!(operation.name.unwrap().text, "A");
        let variable = &operation.variables[0];
        assert_eq!(
            (variable.pos.column, variable.name.pos.column, variable.name.text),
            (9, 10, "b")
        );
        let BaseType::List(of) = &variable.of_type.base else { panic!() };
        assert_eq!((&of.base, of.is_required), (&BaseType::Named("Int"), true));
        assert!(!variable.of_type.is_required);
        assert_eq!(variable.default.as_ref().unwrap().kind, ValueKind::Int("1"));
        assert_eq!(operation.selections.pos.column, 25);
        let Selection::Field(field) = &operation.selections.items[0] else { panic!() };
        assert_eq!((field.response_key().text, field.name.text), ("c", "d"));
        assert_eq!(field.arguments[0].value.kind, ValueKind::Variable("b"));
        assert_eq!(field.directives[0].name.text, "f");
        let Selection::Spread(spread) = &field.selections.items[0] else { panic!() };
        assert_eq!((spread.pos.column, spread.name.text), (44, "G"));
    }

    /// Each case: the text up to the fault, and the problem there.
    #[test]
    fn each_fault_is_named_with_its_place() {
        let of = |expected: Expected, found: &str| {
            let found = if found.is_empty() { Found::End } else { Found::Text(Quoted::of(found)) };
            Problem::Expected { expected, found }
        };
        let token = Expected::Token;
        for (before, after, expected) in [
            ("", "", of(Expected::Definition, "")),
            ("# nothing\n", "", of(Expected::Definition, "")),
            ("", "a", of(Expected::Definition, "a")),
            ("{ a } ", "}", of(Expected::Definition, "}")),
            ("\"of it\" ", "{ a }", of(Expected::DescribedDefinition, "{")),
            ("\"of it\"", "", of(Expected::DescribedDefinition, "")),
            ("", "type A { b: Int }", Problem::TypeSystem("type")),
            ("{ a } ", "extend schema @a", Problem::TypeSystem("extend")),
            ("\"of it\" ", "input A { b: Int }", Problem::TypeSystem("input")),
            ("query", "", of(token("{"), "")),
            ("query A(", "", of(Expected::VariableDefinition, "")),
            ("query A(", ") { a }", of(Expected::VariableDefinition, ")")),
            ("query A($", ": Int) { a }", of(Expected::Name, ":")),
            ("query A($b ", "Int) { a }", of(token(":"), "Int")),
            ("query A($b: ", "$c) { a }", of(Expected::Type, "$")),
            ("query A($b: [Int", ") { a }", of(token("]"), ")")),
            ("query A($b: Int!", "!) { a }", of(Expected::VariableDefinition, "!")),
            ("query A($b: Int = ", ") { a }", of(Expected::Value, ")")),
            ("query A($b: Int = ", "$c) { a }", Problem::VariableInConstant(Quoted::of("$c"))),
            ("query A($b: X = {a: [", "$c]}) { a }", Problem::VariableInConstant(Quoted::of("$c"))),
            ("query A($b: X @d(e: ", "$c)) { a }", Problem::VariableInConstant(Quoted::of("$c"))),
            ("{", "}", of(Expected::Selection, "}")),
            ("{ a {", "} }", of(Expected::Selection, "}")),
            ("{ a", "", of(Expected::Selection, "")),
            ("{ a: ", "}", of(Expected::Name, "}")),
            ("{ a(", ") }", of(Expected::Argument, ")")),
            ("{ a(b", ") }", of(token(":"), ")")),
            ("{ a(b: ", ") }", of(Expected::Value, ")")),
            ("{ a(b: 1", "} }", of(Expected::Argument, "}")),
            ("{ a(b: [1", ") }", of(Expected::Value, ")")),
            ("{ a(b: {c", "}) }", of(token(":"), "}")),
            ("{ a(b: {", "\"c\": 1}) }", of(Expected::Argument, "\"…\"")),
            ("{ a @", "{ b } }", of(Expected::Name, "{")),
            ("{ ...", "}", of(token("{"), "}")),
            ("{ ... on ", "{ a } }", of(Expected::Type, "{")),
            ("{ ...A ", "{ b } }", of(Expected::Selection, "{")),
            ("fragment ", "on A { b }", of(Expected::FragmentName, "on")),
            ("fragment A ", "{ b }", of(token("on"), "{")),
            ("fragment A ", "(", of(token("on"), "(")),
            ("fragment A on B ", "", of(token("{"), "")),
            ("{ a(b: \"", "\\x\") }", Problem::BadEscape(Quoted::of("\\x"))),
            ("\"", "\\u{}\" query { a }", Problem::BadEscape(Quoted::of("\\u{}"))),
        ] {
            let text = format!("{before}{after}");
            let Refusal { places, message, code } = read(&text).unwrap_err();
            assert_eq!(message, ErrorMessage::Syntax(expected), "{text}");
            assert_eq!(code, None);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(places, [Pos { line, column }], "{text}");
        }
    }
}
