//! The price of an operation: an upper bound of its work, known before it is executed.
//!
//! One unit stands for 2 µs of one core. A price is the sum over all fields of how often each is resolved, times its
//! rate ([`rates`]), and of the units that lists, rankings and searches scan. How often a field is resolved follows
//! from the pages that the operation asks for, and from how many rows there can be ([`Sizes`]): the 83 units below the
//! root are 83, whatever `first` is.
//!
//! Each selection is visited at most once for each spread of its fragment, which the bound on selections limits, and a
//! fragment that is spread again in the same situation is not visited again.

mod arguments;
mod boards;
mod initiatives;
mod introspection;
mod named;
mod place;
pub mod rates;
mod sizes;
mod steps;
mod types;
mod units;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};

use self::arguments::{Argument, ArgumentSizes, page};
use self::named::NamedAll;
use self::place::{Place, Units};
use self::rates::FieldRates;
use self::types::{Rule, TypeId};
use crate::domain::{PeriodId, UnitId};

pub use self::sizes::{Board, Judging, Named, Past, Reference, Since, Sizes, Tree};
pub use self::types::Types;

/// An operation to price.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    pub document: &'a ExecutableDocument,
    pub operation: &'a OperationDefinition,
    pub variables: &'a Variables,
    /// Whether its fields are resolved and written on the ready path.
    pub is_ready: bool,
}

/// The number of values that variables hold, texts counted in pieces of 16 bytes.
pub fn size_of_variables(variables: &Variables) -> u64 {
    arguments::size_of(variables)
}

/// The price of an operation.
pub fn price(priced: Priced<'_>, types: &Types, sizes: &impl Sizes) -> u64 {
    let rates = if priced.is_ready { rates::READY } else { rates::LIBRARY };
    let mut pricing = Pricing {
        priced,
        types,
        sizes,
        rates,
        known: HashMap::new(),
        spreading: Vec::new(),
        argument_sizes: ArgumentSizes::new(priced.variables),
        field_sizes: HashMap::new(),
        ids: HashMap::new(),
        read: RefCell::default(),
    };
    let root = match priced.operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let time = types.named(root).map_or(0, |root| {
        let selected = &priced.operation.selection_set.node;
        pricing.select(selected, root, Place::of(Units::Anywhere), 1)
    });
    let reading = if priced.is_ready { 0 } else { rates::READING };
    let time = time.saturating_add(reading).saturating_add(rates::EXECUTION);
    (time / rates::UNIT).saturating_add(1)
}

struct Pricing<'a, S> {
    priced: Priced<'a>,
    types: &'a Types,
    sizes: &'a S,
    rates: FieldRates,
    /// The prices of fragments in their situations.
    known: HashMap<(&'a str, TypeId, Place, u64), u64>,
    /// The fragments around the present selection.
    spreading: Vec<&'a str>,
    argument_sizes: ArgumentSizes<'a>,
    /// The sizes of fields' arguments, by the fields' addresses.
    field_sizes: HashMap<usize, u64>,
    /// The objects of lists of ids, by the lists' addresses.
    ids: HashMap<usize, NamedAll>,
    /// The periods whose closings are paid for.
    read: RefCell<HashSet<PeriodId>>,
}

impl<'a, S: Sizes> Pricing<'a, S> {
    fn select(
        &mut self,
        selected: &'a SelectionSet,
        of: TypeId,
        place: Place,
        objects: u64,
    ) -> u64 {
        if objects == 0 {
            return 0;
        }
        let mut time = 0u64;
        for selection in &selected.items {
            let takes = match &selection.node {
                Selection::Field(field) => {
                    if self.is_skipped(&field.node.directives) {
                        continue;
                    }
                    self.field(&field.node, of, place, objects)
                }
                Selection::InlineFragment(inline) => {
                    let inline = &inline.node;
                    let condition = inline.type_condition.as_ref().map(|it| &it.node.on.node);
                    let passes = condition.is_none_or(|condition| self.types.is_a(of, condition));
                    if !passes || self.is_skipped(&inline.directives) {
                        continue;
                    }
                    self.select(&inline.selection_set.node, of, place, objects)
                }
                Selection::FragmentSpread(spread) => {
                    if self.is_skipped(&spread.node.directives) {
                        continue;
                    }
                    self.spread(&spread.node.fragment_name.node, of, place, objects)
                }
            };
            time = time.saturating_add(takes);
        }
        time
    }

    fn spread(&mut self, name: &Name, of: TypeId, place: Place, objects: u64) -> u64 {
        let document = self.priced.document;
        let Some((name, fragment)) = document.fragments.get_key_value(name) else { return 0 };
        if !self.types.is_a(of, &fragment.node.type_condition.node.on.node)
            || self.spreading.contains(&name.as_str())
        {
            return 0;
        }
        let situation = (name.as_str(), of, place, objects);
        if let Some(&time) = self.known.get(&situation) {
            return time;
        }
        self.spreading.push(name.as_str());
        let time = self.select(&fragment.node.selection_set.node, of, place, objects);
        self.spreading.pop();
        self.known.insert(situation, time);
        time
    }

    /// Whether a directive excludes it from execution.
    fn is_skipped(&self, directives: &'a [Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let skipped_if = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            let condition = directive.node.get_argument("if");
            let variables = self.priced.variables;
            let condition = condition.and_then(|it| Argument::literal(&it.node, variables));
            condition.and_then(Argument::is_true) == Some(skipped_if)
        })
    }

    fn field(&mut self, field: &'a Field, of: TypeId, place: Place, objects: u64) -> u64 {
        let name = field.name.node.as_str();
        if name.starts_with("__") {
            return self.introspect(field, objects);
        }
        let Some(known) = self.types.field(of, name) else {
            return self.rates.leaf.saturating_mul(objects);
        };
        let arguments = self.arguments(field);
        let own = if known.is_object { self.rates.object } else { self.rates.leaf };
        let own = own.saturating_add(arguments.saturating_mul(rates::ARGUMENT));
        let time = own.saturating_mul(objects);
        if let Rule::NodeById | Rule::NodesById = known.rule {
            return time.saturating_add(self.nodes(field, objects));
        }
        let step = self.step(field, known.rule, place, objects);
        let below = if known.is_object {
            let rows = self.rates.object.saturating_mul(step.objects.saturating_sub(objects));
            let selected = &field.selection_set.node;
            self.select(selected, known.of, step.place, step.objects).saturating_add(rows)
        } else {
            // A list of values.
            self.rates.leaf.saturating_mul(step.objects.saturating_sub(objects))
        };
        time.saturating_add(step.time).saturating_add(below)
    }

    /// Values in all of its arguments.
    fn arguments(&mut self, field: &'a Field) -> u64 {
        if field.arguments.is_empty() {
            return 0;
        }
        let place = std::ptr::from_ref(field).addr();
        if let Some(&size) = self.field_sizes.get(&place) {
            return size;
        }
        let values = field.arguments.iter().map(|(_, value)| self.argument_sizes.of(&value.node));
        let size = values.fold(0, u64::saturating_add);
        self.field_sizes.insert(place, size);
        size
    }

    fn argument(&self, field: &'a Field, name: &str) -> Option<Argument<'a>> {
        Argument::of(field, name, self.priced.variables)
    }

    fn page(&self, field: &'a Field) -> u64 {
        page(field, self.priced.variables)
    }

    /// The unit that an argument names; `None` where it is left out.
    fn unit(&self, field: &'a Field, name: &str) -> Option<Option<UnitId>> {
        let named = reference(self.argument(field, name)?);
        Some(named.and_then(|named| self.sizes.unit(named)))
    }

    fn period(&self, field: &'a Field, name: &str) -> Option<PeriodId> {
        let named = self.argument(field, name);
        match named {
            Some(named) => reference(named).and_then(|it| self.sizes.period(Some(it))),
            None => self.sizes.period(None),
        }
    }
}

fn reference(given: Argument<'_>) -> Option<Reference<'_>> {
    let code = given.member("code").and_then(Argument::text).map(Reference::Code);
    code.or_else(|| given.member("id").and_then(Argument::text).map(Reference::Id))
}

#[cfg(test)]
mod tests;
