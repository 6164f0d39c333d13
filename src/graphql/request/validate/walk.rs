//! The walk over each definition: checks each part at its position.
//!
//! It ends with the last error that a client is told, so that a document full of faults costs no more than its first
//! ones.

use std::collections::BTreeMap;

use async_graphql::Pos;
use async_graphql::parser::types::OperationType;

use super::{Definitions, repeated, values};
use crate::graphql::request::ast::{
    Argument, BaseType, Directive, Field, Fragment, Name, Operation, Selection, SelectionSet, Type,
    Value, ValueKind,
};
use crate::graphql::request::invalid::{Errors, Invalid, cut, nearest};
use crate::graphql::request::schema_view::{
    BaseRef, InputView, Kind, Place, SchemaView, TypeId, TypeRef,
};

/// A position of a definition at which a variable stands.
pub struct Usage<'d> {
    pub name: &'d str,
    pub pos: Pos,
    /// The type of the position, if it is known.
    pub expected: Option<TypeRef>,
    /// Whether the position has a default, which holds if the variable has no value.
    pub has_default: bool,
    /// The oneOf input object of which it is a field.
    pub one_of: Option<TypeId>,
}

/// The parts of other definitions that a definition uses.
#[derive(Default)]
pub struct Noted<'d> {
    pub usages: Vec<Usage<'d>>,
    pub spreads: Vec<Name<'d>>,
}

pub struct Walk<'a, 'd> {
    pub view: &'a SchemaView,
    pub definitions: &'a Definitions<'d>,
    pub errors: &'a mut Errors,
}

impl<'d> Walk<'_, 'd> {
    pub fn operation(&mut self, operation: &'d Operation<'d>) -> Noted<'d> {
        let mut noted = Noted::default();
        for definition in &operation.variables {
            if self.errors.is_full() {
                return noted;
            }
            let of_type = self.type_of_variable(definition.name, &definition.of_type);
            if let Some(default) = &definition.default {
                self.value(default, of_type.as_ref(), false, None, &mut noted);
            }
            self.directives(&definition.directives, Place::VariableDefinition, &mut noted);
        }
        let place = match operation.kind {
            OperationType::Query => Place::Query,
            OperationType::Mutation => Place::Mutation,
            OperationType::Subscription => Place::Subscription,
        };
        self.directives(&operation.directives, place, &mut noted);
        let root = self.view.root(operation.kind);
        self.selections(&operation.selections, root, &mut noted);
        noted
    }

    pub fn fragment(&mut self, fragment: &'d Fragment<'d>) -> Noted<'d> {
        let mut noted = Noted::default();
        self.directives(&fragment.directives, Place::FragmentDefinition, &mut noted);
        let on = self.composite(fragment.on);
        self.selections(&fragment.selections, on, &mut noted);
        noted
    }

    /// The type of a variable, if it is an input type.
    fn type_of_variable(&mut self, name: Name<'d>, written: &Type<'d>) -> Option<TypeRef> {
        let Some(of_type) = self.view.resolve(written) else {
            let mut inner = written;
            while let BaseType::List(item) = &inner.base {
                inner = item;
            }
            if let BaseType::Named(unknown) = inner.base {
                self.unknown_type(inner.pos, unknown);
            }
            return None;
        };
        if self.view.kind(of_type.named()).is_input() {
            return Some(of_type);
        }
        let invalid =
            Invalid::NotInput { variable: cut(name.text), of_type: self.view.show(&of_type) };
        self.errors.add(written.pos, invalid);
        None
    }

    /// The type of a type condition, if it is composite.
    fn composite(&mut self, on: Name<'d>) -> Option<TypeId> {
        let Some(id) = self.view.id(on.text) else {
            self.unknown_type(on.pos, on.text);
            return None;
        };
        if self.view.kind(id).is_composite() {
            return Some(id);
        }
        self.errors.add(on.pos, Invalid::NotComposite(cut(on.text)));
        None
    }

    fn unknown_type(&mut self, pos: Pos, name: &str) {
        let near = self.near(name, self.view.type_names());
        self.errors.add(pos, Invalid::UnknownType { name: cut(name), near });
    }

    /// The nearest of the schema's names, if clients may know the schema and the error is reported at all.
    fn near<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
        let is_told = self.view.is_open && !self.errors.is_full();
        is_told.then(|| nearest(name, names)).flatten()
    }

    fn selections(
        &mut self,
        set: &'d SelectionSet<'d>,
        parent: Option<TypeId>,
        noted: &mut Noted<'d>,
    ) {
        for item in &set.items {
            if self.errors.is_full() {
                return;
            }
            match item {
                Selection::Field(field) => self.field(field, parent, noted),
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, Place::FragmentSpread, noted);
                    noted.spreads.push(spread.name);
                    match self.definitions.fragment(spread.name.text) {
                        None => {
                            let invalid = Invalid::UnknownFragment(cut(spread.name.text));
                            self.errors.add(spread.name.pos, invalid);
                        }
                        Some(fragment) => {
                            let on = self.view.id(fragment.on.text);
                            self.possible(spread.pos, parent, on);
                        }
                    }
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, Place::InlineFragment, noted);
                    let on = match inline.on {
                        None => parent,
                        Some(on) => {
                            let on = self.composite(on);
                            self.possible(inline.pos, parent, on);
                            on
                        }
                    };
                    self.selections(&inline.selections, on, noted);
                }
            }
        }
    }

    /// Checks that some object is of both types: only then may the fragment be spread here.
    fn possible(&mut self, pos: Pos, parent: Option<TypeId>, on: Option<TypeId>) {
        let (Some(parent), Some(on)) = (parent, on) else { return };
        if self.view.kind(on).is_composite() && !self.view.overlap(parent, on) {
            let [parent, on] = [parent, on].map(|id| self.view.name(id).to_owned());
            self.errors.add(pos, Invalid::ImpossibleSpread { parent, on });
        }
    }

    fn field(&mut self, field: &'d Field<'d>, parent: Option<TypeId>, noted: &mut Noted<'d>) {
        let view = self.view;
        let found = parent.map(|parent| (parent, view.field(parent, field.name.text)));
        if let Some((parent, None)) = found {
            let name = field.name.text;
            let names = view.fields(parent).into_iter().flatten();
            let near = self.near(name, names.map(|(name, _)| name.as_str()));
            let parent = view.name(parent).to_owned();
            let invalid = Invalid::UnknownField { parent, name: cut(name), near };
            self.errors.add(field.name.pos, invalid);
        }
        let known = found.and_then(|(parent, known)| Some((parent, known?)));
        let owner = || match known {
            Some((parent, _)) => format!("{}.{}", view.name(parent), field.name.text),
            None => field.name.text.to_owned(),
        };
        let known = known.map(|(_, known)| known);
        let arguments = known.map(|known| &known.arguments);
        self.arguments(&field.arguments, arguments, field.name.pos, owner, noted);
        self.directives(&field.directives, Place::Field, noted);
        let mut below = None;
        if let Some(known) = known {
            let named = known.of_type.named();
            let is_leaf = view.kind(named).is_leaf();
            let told = || (cut(field.name.text), view.show(&known.of_type));
            if is_leaf && !field.selections.items.is_empty() {
                let (field_name, of_type) = told();
                let invalid = Invalid::LeafSelected { field: field_name, of_type };
                self.errors.add(field.selections.pos, invalid);
            }
            if !is_leaf && field.selections.items.is_empty() {
                let (field_name, of_type) = told();
                let invalid = Invalid::NothingSelected { field: field_name, of_type };
                self.errors.add(field.name.pos, invalid);
            }
            below = (!is_leaf).then_some(named);
        }
        self.selections(&field.selections, below, noted);
    }

    fn directives(&mut self, directives: &'d [Directive<'d>], place: Place, noted: &mut Noted<'d>) {
        if directives.is_empty() {
            return;
        }
        for directive in directives {
            if self.errors.is_full() {
                return;
            }
            let name = directive.name;
            let known = self.view.directive(name.text);
            match known {
                None => {
                    let near = self.near(name.text, self.view.directive_names());
                    let invalid = Invalid::UnknownDirective { name: cut(name.text), near };
                    self.errors.add(directive.pos, invalid);
                }
                Some(known) if !known.places.contains(&place) => {
                    self.errors.add(directive.pos, Invalid::MisplacedDirective(cut(name.text)));
                }
                Some(_) => {}
            }
            let arguments = known.map(|known| &known.arguments);
            let owner = || format!("@{}", name.text);
            self.arguments(&directive.arguments, arguments, directive.pos, owner, noted);
        }
        let unique = directives.iter().filter(|it| {
            self.view.directive(it.name.text).is_some_and(|known| !known.is_repeatable)
        });
        let twice: Vec<_> = repeated(unique.map(|it| (it.name.text, it.pos))).collect();
        for (name, pos) in twice {
            self.errors.add(pos, Invalid::DirectiveTwice(cut(name)));
        }
    }

    /// Checks the arguments of a field or directive. `known` is `None` for an unknown one.
    fn arguments(
        &mut self,
        given: &'d [Argument<'d>],
        known: Option<&BTreeMap<String, InputView>>,
        pos: Pos,
        owner: impl Fn() -> String,
        noted: &mut Noted<'d>,
    ) {
        for argument in given {
            if self.errors.is_full() {
                return;
            }
            let name = argument.name;
            let input = known.and_then(|known| known.get(name.text));
            if let (Some(known), None) = (known, input) {
                let near = self.near(name.text, known.keys().map(String::as_str));
                let owner = cut(&owner());
                let invalid = Invalid::UnknownArgument { owner, name: cut(name.text), near };
                self.errors.add(name.pos, invalid);
            }
            let of_type = input.map(|input| &input.of_type);
            let has_default = input.is_some_and(|input| input.default.is_some());
            self.value(&argument.value, of_type, has_default, None, noted);
        }
        if given.len() > 1 {
            for (name, pos) in repeated(given.iter().map(|it| (it.name.text, it.name.pos))) {
                self.errors.add(pos, Invalid::ArgumentTwice(cut(name)));
            }
        }
        for (name, input) in known.into_iter().flatten() {
            if input.is_required() && !given.iter().any(|it| it.name.text == name) {
                let of_type = self.view.show(&input.of_type);
                let owner = cut(&owner());
                let name = name.clone();
                self.errors.add(pos, Invalid::MissingArgument { owner, name, of_type });
            }
        }
    }

    /// Checks a value at a position of that type, if the type is known.
    fn value(
        &mut self,
        value: &'d Value<'d>,
        expected: Option<&TypeRef>,
        has_default: bool,
        one_of: Option<TypeId>,
        noted: &mut Noted<'d>,
    ) {
        match &value.kind {
            ValueKind::Variable(name) => noted.usages.push(Usage {
                name,
                pos: value.pos,
                expected: expected.cloned(),
                has_default,
                one_of,
            }),
            ValueKind::Null => {
                if expected.is_some_and(|expected| expected.is_required) {
                    self.wrong(value, expected);
                }
            }
            ValueKind::List(items) => {
                let item_type = match expected.map(|expected| &expected.base) {
                    Some(BaseRef::List(item)) => Some(&**item),
                    Some(BaseRef::Named(_)) => {
                        self.wrong(value, expected);
                        None
                    }
                    None => None,
                };
                for item in items {
                    if self.errors.is_full() {
                        return;
                    }
                    self.value(item, item_type, false, None, noted);
                }
            }
            ValueKind::Object(fields) => self.object(value, fields, expected, noted),
            _ => {
                if expected
                    .is_some_and(|it| !values::is_literal_of(self.view.kind(it.named()), value))
                {
                    self.wrong(value, expected);
                }
            }
        }
    }

    fn object(
        &mut self,
        value: &'d Value<'d>,
        fields: &'d [Argument<'d>],
        expected: Option<&TypeRef>,
        noted: &mut Noted<'d>,
    ) {
        let view = self.view;
        let id = expected.map(TypeRef::named);
        let object = match id.map(|id| view.kind(id)) {
            Some(Kind::Input(object)) => Some(object),
            Some(_) => {
                self.wrong(value, expected);
                None
            }
            None => None,
        };
        if fields.len() > 1 {
            for (name, pos) in repeated(fields.iter().map(|it| (it.name.text, it.name.pos))) {
                self.errors.add(pos, Invalid::InputFieldTwice(cut(name)));
            }
        }
        let (Some(id), Some(object)) = (id, object) else {
            for field in fields {
                self.value(&field.value, None, false, None, noted);
            }
            return;
        };
        let of = || view.name(id).to_owned();
        let one_of = object.is_one_of.then_some(id);
        for field in fields {
            if self.errors.is_full() {
                return;
            }
            let name = field.name.text;
            let input = object.fields.get(name);
            if input.is_none() {
                let near = self.near(name, object.fields.keys().map(String::as_str));
                let invalid = Invalid::UnknownInputField { of: of(), name: cut(name), near };
                self.errors.add(field.name.pos, invalid);
            }
            let of_type = input.map(|input| &input.of_type);
            let has_default = input.is_some_and(|input| input.default.is_some());
            self.value(&field.value, of_type, has_default, one_of, noted);
        }
        for (name, input) in &object.fields {
            if input.is_required() && !fields.iter().any(|it| it.name.text == name) {
                let of_type = view.show(&input.of_type);
                let invalid = Invalid::MissingInputField { of: of(), name: name.clone(), of_type };
                self.errors.add(value.pos, invalid);
            }
        }
        if object.is_one_of {
            match fields {
                // A repeated field already has its error.
                [only, others @ ..] if others.iter().all(|it| it.name.text == only.name.text) => {
                    if only.value.kind == ValueKind::Null {
                        let invalid = Invalid::OneOfNull { of: of(), name: cut(only.name.text) };
                        self.errors.add(only.value.pos, invalid);
                    }
                }
                _ => self.errors.add(value.pos, Invalid::OneOfFields(of())),
            }
        }
    }

    fn wrong(&mut self, value: &Value<'_>, expected: Option<&TypeRef>) {
        if let Some(expected) = expected
            && !self.errors.is_full()
        {
            let invalid = values::wrong(self.view, expected, values::show(value));
            self.errors.add(value.pos, invalid);
        }
    }
}
