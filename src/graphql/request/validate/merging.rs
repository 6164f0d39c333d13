//! The rule that fields of the same response key can be merged (specification, 5.3.2).
//!
//! The check compares no pairs: it takes all fields of one key together. All of them must have types of the same
//! shape, and those that one object could have must be the same field with the same arguments. Their selections are
//! then merged and checked in the same way, so each selection is checked about as often as execution would visit it. A
//! count bounds documents that spread one fragment again and again.

use std::collections::HashMap;

use super::Definitions;
use super::inputs::Inputs;
use crate::graphql::request::ast::{Field, Selection, SelectionSet};
use crate::graphql::request::invalid::{Errors, Invalid, cut};
use crate::graphql::request::schema_view::{BaseRef, Kind, SchemaView, TypeId, TypeRef};
use crate::limits::MERGED_SELECTIONS_MAX;

/// The error of a document for which more than [`MERGED_SELECTIONS_MAX`] selections would have to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// A selection set, and the type of its objects if it is known.
type Part<'d> = (&'d SelectionSet<'d>, Option<TypeId>);

/// The selections whose fields end up in one object of the result.
struct Merged<'d> {
    parts: Vec<Part<'d>>,
    /// Whether the selections can be of the same object; else only the shapes of their types must agree.
    is_same_object: bool,
}

/// A field among those of its response key.
#[derive(Clone, Copy)]
struct Met<'a, 'd> {
    /// The number of its response key, in the order in which the keys are met.
    key: usize,
    field: &'d Field<'d>,
    parent: Option<TypeId>,
    of_type: Option<&'a TypeRef>,
}

/// Checks a document without cycles of fragments.
///
/// # Errors
/// If the check would take too many selections.
pub fn check(
    view: &SchemaView,
    definitions: &Definitions<'_>,
    errors: &mut Errors,
) -> Result<(), TooMany> {
    let mut check = Check {
        view,
        definitions,
        inputs: Inputs::default(),
        spread_in: vec![0; definitions.fragments.len()],
        sets: 0,
        left: MERGED_SELECTIONS_MAX,
        open: Vec::new(),
    };
    for operation in &definitions.operations {
        let root = (&operation.selections, view.root(operation.kind));
        check.open.push(Merged { parts: vec![root], is_same_object: true });
        while let Some(merged) = check.open.pop() {
            if errors.is_full() {
                return Ok(());
            }
            let fields = check.collect(merged.parts)?;
            for all in fields.chunk_by(|one, other| one.key == other.key) {
                check.key(all, merged.is_same_object, errors);
            }
        }
    }
    Ok(())
}

struct Check<'a, 'd> {
    view: &'a SchemaView,
    definitions: &'a Definitions<'d>,
    inputs: Inputs<'d>,
    /// The merged set in which each fragment was spread last, by the number of the set.
    spread_in: Vec<usize>,
    /// The number of merged sets so far.
    sets: usize,
    /// The selections that may still be checked.
    left: usize,
    open: Vec<Merged<'d>>,
}

impl<'a, 'd> Check<'a, 'd> {
    /// Collects the fields, those of one response key beside each other.
    fn collect(&mut self, parts: Vec<Part<'d>>) -> Result<Vec<Met<'a, 'd>>, TooMany> {
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut fields = Vec::new();
        self.sets += 1;
        let mut open = parts;
        open.reverse();
        while let Some((set, parent)) = open.pop() {
            self.left = self.left.checked_sub(set.items.len()).ok_or(TooMany)?;
            for item in &set.items {
                match item {
                    Selection::Field(field) => {
                        let known =
                            parent.and_then(|parent| self.view.field(parent, field.name.text));
                        let next = keys.len();
                        let key = *keys.entry(field.response_key().text).or_insert(next);
                        let of_type = known.map(|known| &known.of_type);
                        fields.push(Met { key, field, parent, of_type });
                    }
                    Selection::Inline(inline) => {
                        let on = inline.on.map_or(parent, |on| self.view.id(on.text));
                        open.push((&inline.selections, on));
                    }
                    Selection::Spread(spread) => {
                        if let Some(&at) = self.definitions.by_name.get(spread.name.text)
                            && self.spread_in[at] != self.sets
                        {
                            self.spread_in[at] = self.sets;
                            let fragment = self.definitions.fragments[at];
                            open.push((&fragment.selections, self.view.id(fragment.on.text)));
                        }
                    }
                }
            }
        }
        // Fields of one key stay in the order of the document.
        fields.sort_by_key(|met| met.key);
        Ok(fields)
    }

    /// Checks the fields of one response key, and queues their selections.
    fn key(&mut self, all: &[Met<'a, 'd>], is_same_object: bool, errors: &mut Errors) {
        let mut known = all.iter().filter_map(|met| Some((met, met.of_type?)));
        if let Some((_, first)) = known.next()
            && let Some((met, _)) = known.find(|(_, other)| !is_same_shape(self.view, first, other))
        {
            let key = met.field.response_key();
            errors.add(key.pos, Invalid::DifferentTypes(cut(key.text)));
            return;
        }
        if !is_same_object {
            self.look_below(all, false);
            return;
        }
        let objects = self.objects(all);
        if objects.len() < 2 {
            if self.is_same_field(all, errors) {
                self.look_below(all, true);
            }
            return;
        }
        // The fields that one object could have: those of its type, together with those of the interfaces and unions
        // that it belongs to.
        for object in objects {
            let of = |met: &&Met<'a, 'd>| self.object(met).is_none_or(|it| it == object);
            let group: Vec<Met<'a, 'd>> = all.iter().filter(of).copied().collect();
            if !self.is_same_field(&group, errors) {
                return;
            }
            self.look_below(&group, true);
        }
        self.look_below(all, false);
    }

    /// The types of objects that have one of the fields; none for one field, which meets no other.
    fn objects(&self, all: &[Met<'a, 'd>]) -> Vec<TypeId> {
        if all.len() < 2 {
            return Vec::new();
        }
        let mut objects: Vec<TypeId> = all.iter().filter_map(|met| self.object(met)).collect();
        objects.sort_unstable();
        objects.dedup();
        objects
    }

    /// The type that has the field, if it is a type of objects.
    fn object(&self, met: &Met<'a, 'd>) -> Option<TypeId> {
        met.parent.filter(|&parent| matches!(self.view.kind(parent), Kind::Object(_)))
    }

    /// Whether all are the same field with the same arguments; the first that is not is an error.
    fn is_same_field(&mut self, group: &[Met<'a, 'd>], errors: &mut Errors) -> bool {
        let Some((first, others)) = group.split_first() else { return true };
        for met in others {
            if let Some(invalid) = self.difference(first.field, met.field) {
                errors.add(met.field.response_key().pos, invalid);
                return false;
            }
        }
        true
    }

    fn difference(&mut self, one: &'d Field<'d>, two: &'d Field<'d>) -> Option<Invalid> {
        let key = || cut(one.response_key().text);
        if one.name.text != two.name.text {
            return Some(Invalid::DifferentFields(key()));
        }
        (!self.inputs.is_same(one, two)).then(|| Invalid::DifferentArguments(key()))
    }

    fn look_below(&mut self, all: &[Met<'a, 'd>], is_same_object: bool) {
        let composite = |met: &Met<'a, 'd>| {
            let named = met.of_type.map(TypeRef::named);
            named.filter(|&named| self.view.kind(named).is_composite())
        };
        let parts = all.iter().map(|met| (&met.field.selections, composite(met)));
        let parts: Vec<Part<'d>> = parts.filter(|(set, _)| !set.items.is_empty()).collect();
        if !parts.is_empty() {
            self.open.push(Merged { parts, is_same_object });
        }
    }
}

/// Whether values of both types have the same shape in a result: the same lists, nulls and leaves.
fn is_same_shape(view: &SchemaView, one: &TypeRef, two: &TypeRef) -> bool {
    one.is_required == two.is_required
        && match (&one.base, &two.base) {
            (BaseRef::List(one), BaseRef::List(two)) => is_same_shape(view, one, two),
            (BaseRef::Named(one), BaseRef::Named(two)) => {
                one == two || !view.kind(*one).is_leaf() && !view.kind(*two).is_leaf()
            }
            _ => false,
        }
}
