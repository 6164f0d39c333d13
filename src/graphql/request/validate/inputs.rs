//! The comparison of fields' arguments, in any order.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::graphql::request::ast::{Argument, Field, Value, ValueKind};

/// The arguments of fields that were compared. Each list is written out once, however often its field meets others: two
/// large lists in fragments that are spread again and again take no more time than once.
#[derive(Default)]
pub struct Inputs<'d> {
    /// The number of a field's arguments, by the field's address; equal arguments have the same number.
    by_field: HashMap<*const Field<'d>, usize>,
    by_text: HashMap<String, usize>,
    /// How many lists were written out so far.
    #[cfg(test)]
    written: usize,
}

impl<'d> Inputs<'d> {
    pub fn is_same(&mut self, one: &'d Field<'d>, two: &'d Field<'d>) -> bool {
        if one.arguments.len() != two.arguments.len() {
            return false;
        }
        one.arguments.is_empty() || std::ptr::eq(one, two) || self.of(one) == self.of(two)
    }

    fn of(&mut self, field: &'d Field<'d>) -> usize {
        if let Some(&known) = self.by_field.get(&std::ptr::from_ref(field)) {
            return known;
        }
        let mut text = String::new();
        write_input(&mut text, &field.arguments);
        #[cfg(test)]
        {
            self.written += 1;
        }
        let next = self.by_text.len();
        let number = *self.by_text.entry(text).or_insert(next);
        self.by_field.insert(field, number);
        number
    }
}

/// Writes arguments, or fields of an input object, in the order of their names: equal ones give the same text, and
/// different ones different texts.
fn write_input(to: &mut String, given: &[Argument<'_>]) {
    let mut sorted: Vec<&Argument<'_>> = given.iter().collect();
    sorted.sort_by_key(|argument| argument.name.text);
    for argument in sorted {
        write_text(to, 'a', argument.name.text);
        write_value(to, &argument.value);
    }
}

fn write_value(to: &mut String, value: &Value<'_>) {
    match &value.kind {
        ValueKind::Variable(name) => write_text(to, '$', name),
        ValueKind::Int(text) => write_text(to, 'i', text),
        ValueKind::Float(text) => write_text(to, 'f', text),
        ValueKind::String(text) => write_text(to, 's', text),
        ValueKind::Enum(name) => write_text(to, 'e', name),
        ValueKind::Boolean(it) => to.push(if *it { 't' } else { 'n' }),
        ValueKind::Null => to.push('0'),
        ValueKind::List(items) => {
            to.push('[');
            items.iter().for_each(|item| write_value(to, item));
            to.push(']');
        }
        ValueKind::Object(fields) => {
            to.push('{');
            write_input(to, fields);
            to.push('}');
        }
    }
}

/// Writes a text after its length, so that nothing in it can be taken for what follows.
fn write_text(to: &mut String, kind: char, text: &str) {
    write!(to, "{kind}{}:{text}", text.len()).expect("a string takes any text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::request::ast::{Definition, Selection};
    use crate::graphql::request::{lexer, parser};

    fn texts(document: &str) -> Vec<String> {
        let tokens = lexer::lex(document).unwrap();
        let tree = parser::parse(&tokens).unwrap();
        let Definition::Operation(operation) = &tree.definitions[0] else { panic!() };
        let text = |item: &Selection<'_>| {
            let Selection::Field(field) = item else { panic!() };
            let mut text = String::new();
            write_input(&mut text, &field.arguments);
            text
        };
        operation.selections.items.iter().map(text).collect()
    }

    #[test]
    fn equal_arguments_give_one_text_and_others_another() {
        for (one, other) in [
            ("a: 1, b: 2", "b: 2, a: 1"),
            ("a: { b: 1, c: [2] }", "a: { c: [2], b: 1 }"),
            (r#"a: "b""#, r#"a: """b""""#),
            (r#"a: "A""#, r#"a: "\u0041""#),
        ] {
            let texts = texts(&format!("{{ a({one}) b({other}) }}"));
            assert_eq!(texts[0], texts[1], "{one} {other}");
        }
        let different = [
            "a: 1",
            "a: 1.0",
            "a: \"1\"",
            "a: $b",
            "a: b",
            "a: \"b\"",
            "a: [b]",
            "a: [[b]]",
            "a: true",
            "a: false",
            "a: null",
            "a: \"\"",
            "a: []",
            "a: {}",
            "a: {b: 1}",
            "b: 1",
            "a: 1, b: 1",
            "a: [1, 1]",
            "a: [11]",
            "a: [[1], 1]",
            "a: [[1, 1]]",
            "a: {b: [1], c: 1}",
            "a: {b: [{c: 1}]}",
            "a: \"1s1:1\"",
            "a: [\"1\", \"1\"]",
            "a: [\"1s1:1\"]",
        ];
        let fields = different.map(|arguments| format!("f({arguments})")).join(" ");
        let mut texts = texts(&format!("{{ {fields} }}"));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), different.len());
    }

    /// A field whose text was written is not written again: the number is found by its address.
    #[test]
    fn a_list_that_meets_others_again_is_not_written_again() {
        let document = format!("{{ a(b: [{0}]) c(b: [{0}]) d(b: [{0} 2]) }}", "1 ".repeat(2_000));
        let tokens = lexer::lex(&document).unwrap();
        let tree = parser::parse(&tokens).unwrap();
        let Definition::Operation(operation) = &tree.definitions[0] else { panic!() };
        let field = |at: usize| match &operation.selections.items[at] {
            Selection::Field(field) => field,
            _ => panic!(),
        };
        let mut inputs = Inputs::default();
        for _ in 0..1_000 {
            assert!(inputs.is_same(field(0), field(1)));
            assert!(!inputs.is_same(field(2), field(1)));
        }
        assert_eq!(inputs.written, 3);
    }
}
