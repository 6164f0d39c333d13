//! Random documents for tests: any document that the grammar allows.

use std::borrow::Cow;

use async_graphql::Pos;
use async_graphql::parser::types::OperationType;
use fastrand::Rng;

use super::ast::{
    Argument, BaseType, Definition, Directive, Document, Field, Fragment, Inline, Name, Operation,
    Selection, SelectionSet, Spread, Type, Value, ValueKind, VariableDefinition,
};

const NAMES: [&str; 12] = [
    "a", "b", "_1", "on", "query", "fragment", "true", "null", "type", "input", "Ab_9", "mutation",
];
const INTS: [&str; 5] = ["0", "-0", "7", "-12", "99999999999999999999"];
const FLOATS: [&str; 4] = ["0.5", "-1.25", "1e3", "2.0E-7"];
const TEXTS: [&str; 10] =
    ["", "a", "ạ \u{1f600}", "\"", "\\", "\"\"\"", "a\nb", "{ [ (", "# no comment", "\u{0}\t"];

struct Source(Rng);

pub fn document(seed: u64) -> Document<'static> {
    let mut source = Source(Rng::with_seed(seed));
    let definitions = (0..=source.0.usize(..3)).map(|_| source.definition()).collect();
    Document { definitions }
}

impl Source {
    fn pick(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.0.usize(..texts.len())]
    }

    fn one_in(&mut self, count: u8) -> bool {
        self.0.u8(..count) == 0
    }

    fn name(&mut self) -> Name<'static> {
        Name { pos: Pos::default(), text: self.pick(&NAMES) }
    }

    fn name_but_on(&mut self) -> Name<'static> {
        let name = self.name();
        if name.text == "on" { Name { text: "off", ..name } } else { name }
    }

    fn some<T>(&mut self, one: fn(&mut Self) -> T) -> Vec<T> {
        (0..self.0.usize(..3)).map(|_| one(self)).collect()
    }

    fn definition(&mut self) -> Definition<'static> {
        let pos = Pos::default();
        if self.one_in(3) {
            return Definition::Fragment(Fragment {
                pos,
                name: self.name_but_on(),
                on: self.name(),
                directives: self.some(|it| it.directive(true)),
                selections: self.selections(3),
            });
        }
        let kinds = [OperationType::Query, OperationType::Mutation, OperationType::Subscription];
        Definition::Operation(Operation {
            pos,
            kind: kinds[self.0.usize(..3)],
            name: if self.one_in(3) { None } else { Some(self.name()) },
            variables: self.some(Self::variable),
            directives: self.some(|it| it.directive(true)),
            selections: self.selections(3),
        })
    }

    fn variable(&mut self) -> VariableDefinition<'static> {
        VariableDefinition {
            pos: Pos::default(),
            name: self.name(),
            of_type: self.of_type(3),
            default: if self.one_in(2) { Some(self.value(2, false)) } else { None },
            directives: self.some(|it| it.directive(false)),
        }
    }

    fn of_type(&mut self, depth: u8) -> Type<'static> {
        let base = if depth > 0 && self.one_in(3) {
            BaseType::List(Box::new(self.of_type(depth - 1)))
        } else {
            BaseType::Named(self.pick(&NAMES))
        };
        Type { pos: Pos::default(), base, is_required: self.one_in(2) }
    }

    fn selections(&mut self, depth: u8) -> SelectionSet<'static> {
        let items = (0..=self.0.usize(..3)).map(|_| self.selection(depth)).collect();
        SelectionSet { pos: Pos::default(), items }
    }

    fn selection(&mut self, depth: u8) -> Selection<'static> {
        let pos = Pos::default();
        match self.0.u8(..6) {
            0 => Selection::Spread(Spread {
                pos,
                name: self.name_but_on(),
                directives: self.some(|it| it.directive(true)),
            }),
            1 if depth > 0 => Selection::Inline(Inline {
                pos,
                on: if self.one_in(2) { Some(self.name()) } else { None },
                directives: self.some(|it| it.directive(true)),
                selections: self.selections(depth - 1),
            }),
            _ => Selection::Field(Field {
                alias: if self.one_in(3) { Some(self.name()) } else { None },
                name: self.name(),
                arguments: self.some(|it| it.argument(2, true)),
                directives: self.some(|it| it.directive(true)),
                selections: if depth > 0 && self.one_in(2) {
                    self.selections(depth - 1)
                } else {
                    SelectionSet::default()
                },
            }),
        }
    }

    fn directive(&mut self, with_variables: bool) -> Directive<'static> {
        Directive {
            pos: Pos::default(),
            name: self.name(),
            arguments: if with_variables {
                self.some(|it| it.argument(1, true))
            } else {
                self.some(|it| it.argument(1, false))
            },
        }
    }

    fn argument(&mut self, depth: u8, with_variables: bool) -> Argument<'static> {
        Argument { name: self.name(), value: self.value(depth, with_variables) }
    }

    fn value(&mut self, depth: u8, with_variables: bool) -> Value<'static> {
        let kind = match self.0.u8(..9) {
            0 => ValueKind::Int(self.pick(&INTS)),
            1 => ValueKind::Float(self.pick(&FLOATS)),
            2 => ValueKind::String(Cow::Borrowed(self.pick(&TEXTS))),
            3 => ValueKind::Boolean(self.0.bool()),
            4 => ValueKind::Null,
            5 if with_variables => ValueKind::Variable(self.pick(&NAMES)),
            6 if depth > 0 => ValueKind::List(
                (0..self.0.usize(..3)).map(|_| self.value(depth - 1, with_variables)).collect(),
            ),
            7 if depth > 0 => ValueKind::Object(
                (0..self.0.usize(..3)).map(|_| self.argument(depth - 1, with_variables)).collect(),
            ),
            _ => ValueKind::Enum(self.pick(&["A", "b_2", "on", "query"])),
        };
        Value { pos: Pos::default(), kind }
    }
}
