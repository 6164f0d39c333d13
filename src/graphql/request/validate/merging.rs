//! The rule that fields of the same response key can be merged (specification, 5.3.2).
//!
//! The check compares no pairs: it takes all fields of one key together. All of them must have types of the same
//! shape, and those that one object could have must be the same field with the same arguments. Their selections are
//! then merged and checked in the same way, so each selection is checked about as often as execution would visit it. A
//! count bounds documents that spread one fragment again and again.

use std::collections::{HashMap, HashSet};

use super::Definitions;
use crate::graphql::request::ast::{Argument, Field, Selection, SelectionSet, Value, ValueKind};
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

/// A field among those of its name.
#[derive(Clone, Copy)]
struct Met<'v, 'd> {
    field: &'d Field<'d>,
    parent: Option<TypeId>,
    of_type: Option<&'v TypeRef>,
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
    let mut left = MERGED_SELECTIONS_MAX;
    for operation in &definitions.operations {
        let root = (&operation.selections, view.root(operation.kind));
        let mut open = vec![Merged { parts: vec![root], is_same_object: true }];
        while let Some(merged) = open.pop() {
            if errors.is_full() {
                return Ok(());
            }
            for met in collect(view, definitions, &merged.parts, &mut left)? {
                check_name(view, &met, merged.is_same_object, &mut open, errors);
            }
        }
    }
    Ok(())
}

/// Collects the fields by their response keys.
fn collect<'v, 'd>(
    view: &'v SchemaView,
    definitions: &Definitions<'d>,
    parts: &[Part<'d>],
    left: &mut usize,
) -> Result<Vec<Vec<Met<'v, 'd>>>, TooMany> {
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<Vec<Met<'v, 'd>>> = Vec::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Part<'d>> = parts.iter().rev().copied().collect();
    while let Some((set, parent)) = open.pop() {
        *left = left.checked_sub(set.items.len()).ok_or(TooMany)?;
        for item in &set.items {
            match item {
                Selection::Field(field) => {
                    let known = parent.and_then(|parent| view.field(parent, field.name.text));
                    let met = Met { field, parent, of_type: known.map(|known| &known.of_type) };
                    let at = *by_name.entry(field.response_key().text).or_insert(names.len());
                    match names.get_mut(at) {
                        Some(all) => all.push(met),
                        None => names.push(vec![met]),
                    }
                }
                Selection::Inline(inline) => {
                    let on = inline.on.map_or(parent, |on| view.id(on.text));
                    open.push((&inline.selections, on));
                }
                Selection::Spread(spread) => {
                    if let Some(fragment) = definitions.fragment(spread.name.text)
                        && seen.insert(spread.name.text)
                    {
                        open.push((&fragment.selections, view.id(fragment.on.text)));
                    }
                }
            }
        }
    }
    Ok(names)
}

/// Checks the fields of one response key, and queues their selections.
fn check_name<'d>(
    view: &SchemaView,
    all: &[Met<'_, 'd>],
    is_same_object: bool,
    open: &mut Vec<Merged<'d>>,
    errors: &mut Errors,
) {
    let mut known = all.iter().filter_map(|met| Some((met, met.of_type?)));
    if let Some((_, first)) = known.next()
        && let Some((met, _)) = known.find(|(_, other)| !is_same_shape(view, first, other))
    {
        let key = met.field.response_key();
        errors.add(key.pos, Invalid::DifferentTypes(cut(key.text)));
        return;
    }
    let groups = if is_same_object { groups(view, all) } else { Vec::new() };
    for group in &groups {
        for met in &group[1..] {
            if let Some(invalid) = difference(group[0].field, met.field) {
                errors.add(met.field.response_key().pos, invalid);
                return;
            }
        }
        look_below(view, group, true, open);
    }
    if groups.len() != 1 {
        look_below(view, all, false, open);
    }
}

fn look_below<'d>(
    view: &SchemaView,
    all: &[Met<'_, 'd>],
    is_same_object: bool,
    open: &mut Vec<Merged<'d>>,
) {
    let composite = |met: &Met<'_, 'd>| {
        let named = met.of_type.map(TypeRef::named);
        named.filter(|&named| view.kind(named).is_composite())
    };
    let parts = all.iter().map(|met| (&met.field.selections, composite(met)));
    let parts: Vec<Part<'d>> = parts.filter(|(set, _)| !set.items.is_empty()).collect();
    if !parts.is_empty() {
        open.push(Merged { parts, is_same_object });
    }
}

/// The groups of fields that one object could have: those of each object type, together with those of the interfaces
/// and unions that it belongs to.
fn groups<'v, 'd>(view: &SchemaView, all: &[Met<'v, 'd>]) -> Vec<Vec<Met<'v, 'd>>> {
    let object = |met: &Met<'_, '_>| {
        met.parent.filter(|&parent| matches!(view.kind(parent), Kind::Object(_)))
    };
    let mut objects: Vec<TypeId> = all.iter().filter_map(object).collect();
    objects.sort_unstable();
    objects.dedup();
    if objects.len() < 2 {
        return vec![all.to_vec()];
    }
    let of = |id| all.iter().filter(move |met| object(met).is_none_or(|it| it == id)).copied();
    objects.into_iter().map(|id| of(id).collect()).collect()
}

fn difference(one: &Field<'_>, two: &Field<'_>) -> Option<Invalid> {
    let key = || cut(one.response_key().text);
    if one.name.text != two.name.text {
        return Some(Invalid::DifferentFields(key()));
    }
    (!is_same_input(&one.arguments, &two.arguments)).then(|| Invalid::DifferentArguments(key()))
}

/// Compares arguments, or fields of an input object, in any order.
fn is_same_input(one: &[Argument<'_>], two: &[Argument<'_>]) -> bool {
    let by_name = |all: &[Argument<'_>]| {
        let mut places: Vec<usize> = (0..all.len()).collect();
        places.sort_by(|&a, &b| all[a].name.text.cmp(all[b].name.text));
        places
    };
    one.len() == two.len()
        && by_name(one).into_iter().zip(by_name(two)).all(|(a, b)| {
            one[a].name.text == two[b].name.text && is_same(&one[a].value, &two[b].value)
        })
}

fn is_same(one: &Value<'_>, two: &Value<'_>) -> bool {
    match (&one.kind, &two.kind) {
        (ValueKind::List(one), ValueKind::List(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two))
        }
        (ValueKind::Object(one), ValueKind::Object(two)) => is_same_input(one, two),
        (one, two) => one == two,
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
