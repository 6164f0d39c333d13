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
pub mod rates;
mod sizes;
mod types;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};

use self::arguments::{Argument, ArgumentSizes, page};
use self::rates::FieldRates;
use self::types::{Rule, TypeId};
use crate::domain::{PeriodId, UnitId};
use crate::limits::{BREAKDOWN_TEXTS_MAX, PAGE_DEFAULT_OF_BRIEFING, PAGE_MAX};

pub use self::sizes::{Board, Judging, Named, Past, Reference, Since, Sizes, Tree};
pub use self::types::Types;

/// The most rows of a breakdown whose values are no texts.
const BREAKDOWN_VALUES: u64 = 14;
/// The most rows of texts, with those for the others and for none.
const BREAKDOWN_TEXTS: u64 = BREAKDOWN_TEXTS_MAX as u64 + 2;

/// Rows of a briefing's bands, and of its backlog.
const BANDS: u64 = 7;
const AGES: u64 = 5;

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
    (time.saturating_add(reading) / rates::UNIT).saturating_add(1)
}

/// The units that the objects of a selection are, or whose rows they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Units {
    /// Each object is of this unit.
    One(UnitId),
    /// Each object is of a different unit directly below this one, so many times over.
    Siblings(UnitId, u64),
    /// Each object is of a different unit below this one, so many times over.
    Below(UnitId, u64),
    /// Each object is of one of some units, which together have so many units below, and hold so many initiatives.
    Named { below: u64, held: u64 },
    /// The objects are of any units, perhaps each of the same.
    Anywhere,
}

/// The situation of a selection, for all its objects together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    units: Units,
    /// The units whose rows the pages hold, if the objects are pages.
    row_units: Units,
    rows: u64,
    /// The time of reading the rows of pages.
    read: u64,
    /// The time of counting all rows of the pages, or what waits if the objects are briefings.
    count: u64,
    /// The units that the sums of leaderboards look at, if the objects are leaderboards.
    summed: u64,
    period: Option<PeriodId>,
    /// The greatest rule, if the objects are rules or assessments.
    judging: Option<Judging>,
    /// Whether the objects may be targets of parts, whose counts no tally has.
    has_parts: bool,
}

impl Place {
    const fn of(units: Units) -> Self {
        Self {
            units,
            row_units: Units::Anywhere,
            rows: 0,
            read: 0,
            count: 0,
            summed: 0,
            period: None,
            judging: None,
            has_parts: false,
        }
    }
}

/// The objects that a field leads to.
struct Step {
    /// The time beyond that of the field itself, for all objects together.
    time: u64,
    /// The number of objects that are selected from.
    objects: u64,
    place: Place,
}

impl Step {
    const fn to(objects: u64, units: Units) -> Self {
        Self { time: 0, objects, place: Place::of(units) }
    }

    const fn taking(self, time: u64) -> Self {
        Self { time: self.time.saturating_add(time), ..self }
    }
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

/// The objects of a list of ids: by kind, how many and of which units, and boards one by one.
#[derive(Debug, Clone, Default)]
struct NamedAll {
    units: Vec<UnitId>,
    tallies: Vec<UnitId>,
    targets: Vec<UnitId>,
    boards: Vec<Board>,
    briefings: Vec<(UnitId, u64, Past)>,
    rules: Vec<Judging>,
    assessments: Vec<(Judging, PeriodId)>,
    /// The sum of what [`Named::Tally`] says, of all tallies together.
    past: u64,
    /// Units of kept figures, of all tallies and boards together.
    kept: u64,
    closings: Vec<PeriodId>,
    periods: u64,
    initiatives: u64,
    tokens: u64,
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

    fn step(&self, field: &'a Field, rule: Rule, place: Place, objects: u64) -> Step {
        let tree = self.sizes.tree();
        match rule {
            Rule::Plain => Step::to(objects, Units::Anywhere),
            Rule::SameUnit => Step {
                time: 0,
                objects,
                place: Place {
                    period: place.period,
                    judging: place.judging,
                    ..Place::of(place.units)
                },
            },
            Rule::Root => Step::to(objects, Units::One(self.sizes.root())),
            Rule::UnitByRef => match self.unit(field, "ref").flatten() {
                Some(unit) => Step::to(objects, Units::One(unit)),
                None => Step::to(0, Units::Anywhere),
            },
            Rule::UnitsByCode => {
                let codes = self.argument(field, "codes").map_or(0, Self::count);
                let rows = codes.min(u64::from(PAGE_MAX.unsigned_abs())).saturating_mul(objects);
                let looking = rates::LOOKUP.saturating_mul(codes).saturating_mul(objects);
                Step::to(rows, self.named_units(field, objects)).taking(looking)
            }
            Rule::UnitsOfAll => {
                let within = self.argument(field, "filter").and_then(|it| it.member("within"));
                let within = within.and_then(reference).and_then(|it| self.sizes.unit(it));
                let within = within.unwrap_or_else(|| self.sizes.root());
                let units = self.sizes.below(within).saturating_add(1);
                self.units_page(field, Units::Below(self.sizes.root(), 1), units, units, objects)
            }
            Rule::Children => {
                let all = self.children(place.units, objects);
                let within = Self::units_below(place.units, objects, 1);
                self.units_page(field, within, all, self.most_children(place.units), objects)
            }
            Rule::Descendants => {
                let (all, most) = self.descendants(place.units, objects);
                let units = Self::units_below(place.units, objects, tree.deepest);
                self.units_page(field, units, all, most, objects)
            }
            Rule::Search => {
                let text = self.argument(field, "text").and_then(Argument::text).unwrap_or("");
                let words = text.split_whitespace().count().clamp(1, 31);
                let words = u64::try_from(words).unwrap_or(1);
                let each = rates::SEARCHED_WORD.saturating_mul(words) + rates::SEARCHED_UNIT;
                let time = each.saturating_mul(tree.units).saturating_mul(objects);
                let rows = self.page(field).min(tree.units).saturating_mul(objects);
                Step::to(rows, Units::Below(self.sizes.root(), objects)).taking(time)
            }
            Rule::Parent => match place.units {
                Units::One(unit) => match self.sizes.parent(unit) {
                    Some(parent) => Step::to(objects, Units::One(parent)),
                    None => Step::to(0, Units::Anywhere),
                },
                Units::Siblings(parent, _) => Step::to(objects, Units::One(parent)),
                _ => Step::to(objects, Units::Anywhere),
            },
            Rule::Ancestors => {
                let above = match place.units {
                    Units::One(unit) => self.sizes.depth(unit),
                    _ => tree.deepest,
                };
                Step::to(above.saturating_mul(objects), Units::Anywhere)
            }
            Rule::Clusters => {
                let children = self.children(place.units, objects);
                Step::to(objects, place.units).taking(children.saturating_mul(rates::SCANNED_UNIT))
            }
            Rule::Tally => {
                let period = self.period(field, "period");
                let as_of = self.argument(field, "asOf").and_then(Argument::text);
                let past = as_of.map_or(0, |day| self.sizes.past_tally(period, day));
                let time = Past { changes: 0, units: past }.time();
                Step { time, objects, place: Place { period, ..Place::of(place.units) } }
            }
            Rule::TallyOfUnit => match self.unit(field, "unit").flatten() {
                Some(unit) => Step {
                    time: 0,
                    objects,
                    place: Place {
                        period: self.period(field, "period"),
                        ..Place::of(Units::One(unit))
                    },
                },
                None => Step::to(0, Units::Anywhere),
            },
            Rule::Pace => {
                let changes = self.sizes.earlier_changes(place.period, Since::Pace);
                Step::to(objects, place.units).taking(changes.saturating_mul(rates::EARLIER_CHANGE))
            }
            Rule::Daily => {
                let days = self.sizes.days(self.period(field, "period"));
                Step::to(days.saturating_mul(objects), place.units)
            }
            Rule::Breakdown => {
                let by = self.argument(field, "by").and_then(Argument::text);
                let time = if by == Some("TEAM") {
                    let held = self.held(place.units, objects);
                    let read = held.saturating_mul(2 * rates::COUNTED_INITIATIVE);
                    read.saturating_add((2 * rates::STATEMENT).saturating_mul(objects))
                } else {
                    self.broken_down(place.units, objects)
                };
                let rows = match by {
                    Some("FIELD" | "TEAM") | None => self.sizes.fields_of_work() + BREAKDOWN_TEXTS,
                    Some(_) => BREAKDOWN_VALUES,
                };
                Step::to(rows.saturating_mul(objects), Units::Anywhere).taking(time)
            }
            Rule::Targets | Rule::TargetsAndParts => {
                let targets = match place.units {
                    Units::One(unit) => self.sizes.targets(unit),
                    _ => tree.most_targets,
                };
                let parts = self.argument(field, "parts").and_then(Argument::is_true);
                let has_parts = rule == Rule::TargetsAndParts || parts.unwrap_or(false);
                let objects = targets.saturating_mul(objects);
                Step { time: 0, objects, place: Place { has_parts, ..Place::of(place.units) } }
            }
            Rule::Target => {
                let has_parts =
                    ["group", "field"].iter().any(|name| self.argument(field, name).is_some());
                Step { time: 0, objects, place: Place { has_parts, ..Place::of(place.units) } }
            }
            Rule::Reached => {
                // All parts of a unit in a period are counted together.
                let counted = match place.units {
                    _ if !place.has_parts => 0,
                    Units::One(unit) => objects.min(self.sizes.periods_of(unit).max(1)),
                    _ => objects,
                };
                let time = self.broken_down(place.units, counted);
                let looking = if place.has_parts { rates::LOOKUP } else { 0 };
                Step::to(objects, Units::Anywhere)
                    .taking(time.saturating_add(looking.saturating_mul(objects)))
            }
            Rule::Distributed => {
                let children = self.children(place.units, objects);
                let time = children.saturating_mul(rates::DISTRIBUTED_CHILD);
                Step::to(objects, place.units).taking(time)
            }
            Rule::Standing => self.standing(field, place, objects),
            Rule::Board => self.board(field, objects),
            Rule::Rows => {
                let place_of_rows = Place {
                    period: place.period,
                    judging: place.judging,
                    ..Place::of(place.row_units)
                };
                let cursors = match field.name.node.as_str() {
                    "edges" => place.rows.saturating_mul(rates::CURSOR),
                    _ => 0,
                };
                let time = place.read.saturating_add(cursors);
                Step { time, objects: place.rows, place: place_of_rows }
            }
            Rule::Around => {
                let rows = objects.saturating_mul(3);
                let place = Place { period: place.period, ..Place::of(Units::Anywhere) };
                Step { time: 0, objects: rows, place }
            }
            Rule::Closings => {
                let period = place.period;
                let objects = self.sizes.closings(period).saturating_mul(objects);
                Step { time: 0, objects, place: Place { period, ..Place::of(Units::Anywhere) } }
            }
            Rule::KeptTally => {
                let units = match self.unit(field, "unit").flatten() {
                    Some(unit) => Units::One(unit),
                    None => Units::Anywhere,
                };
                let place = Place { period: place.period, ..Place::of(units) };
                Step { time: self.kept(place.period, objects), objects, place }
            }
            Rule::KeptBreakdown => {
                let by = self.argument(field, "by").and_then(Argument::text);
                let rows = match by {
                    Some("FIELD") | None => self.sizes.fields_of_work() + BREAKDOWN_TEXTS,
                    Some(_) => BREAKDOWN_VALUES,
                };
                let time = self.kept(place.period, objects);
                Step::to(rows.saturating_mul(objects), Units::Anywhere).taking(time)
            }
            Rule::KeptBoard => {
                let within = match self.unit(field, "within") {
                    Some(None) => return Step::to(0, Units::Anywhere),
                    Some(Some(within)) => within,
                    None => self.sizes.root(),
                };
                let kinds = self.argument(field, "kinds").map_or(0, Self::count);
                let board = Board {
                    within,
                    has_kinds: kinds > 0,
                    has_cluster: self.argument(field, "cluster").is_some(),
                    first: self.page(field),
                    past: Past::default(),
                };
                let period = place.period;
                let Step { time, objects: boards, place } = self.ranking(board, objects);
                // The tree of then may be wider, and an owner lower than the root, too.
                let widest = if board.has_kinds { tree.units } else { tree.widest };
                let rows = board.first.min(widest).saturating_mul(objects);
                let place = Place {
                    period,
                    rows,
                    row_units: Units::Anywhere,
                    summed: widest.saturating_mul(objects),
                    ..place
                };
                let ranked = widest.saturating_mul(rates::RANKED_UNIT).saturating_mul(objects);
                let time = time.max(ranked).saturating_add(self.kept(period, objects));
                Step { time, objects: boards, place }
            }
            Rule::Briefing => {
                let period = self.period(field, "period");
                let text = |name| self.argument(field, name).and_then(Argument::text);
                let past = self.sizes.past_briefing(period, text("until"), text("since"));
                let first = self.argument(field, "first").and_then(Argument::integer);
                let first = first.unwrap_or(i64::from(PAGE_DEFAULT_OF_BRIEFING));
                let first = first.clamp(0, i64::from(PAGE_MAX)).unsigned_abs();
                let count = match text("until") {
                    // The backlog of now is counted as a breakdown is.
                    None => self.broken_down(place.units, objects),
                    Some(_) => self.waited().saturating_mul(objects),
                };
                let place = Place { period, rows: first, count, ..Place::of(place.units) };
                Step { time: past.time(), objects, place }
            }
            Rule::BriefingBoard => {
                let (ranked, row_units) = self.ranked_below(place, objects);
                let rows = ranked.min(u64::from(PAGE_MAX.unsigned_abs()).saturating_mul(objects));
                let time = ranked.saturating_mul(rates::RANKED_UNIT);
                let place = Place {
                    row_units,
                    rows,
                    summed: ranked,
                    period: place.period,
                    ..Place::of(place.units)
                };
                Step { time, objects, place }
            }
            Rule::BriefingRows => {
                let (ranked, row_units) = self.ranked_below(place, objects);
                let rows = ranked.min(place.rows.saturating_mul(objects));
                let time = ranked.saturating_mul(rates::RANKED_UNIT);
                let place = Place { period: place.period, ..Place::of(row_units) };
                Step { time, objects: rows, place }
            }
            Rule::BriefingUnits => {
                let (all, row_units) = self.ranked_below(place, objects);
                let most = self.most_children(place.units);
                let each = rates::SCANNED_UNIT
                    + 2 * rates::COUNTED_UNIT
                    + rates::SORTED_UNIT * logarithm(most);
                let rows = self.page(field).min(most).saturating_mul(objects).min(all);
                let place = Place { row_units, rows, ..Place::of(Units::Anywhere) };
                Step { time: each.saturating_mul(all), objects, place }
            }
            Rule::BriefingClusters => {
                let (ranked, row_units) = self.ranked_below(place, objects);
                let time = ranked.saturating_mul(rates::RANKED_UNIT + rates::SUMMED_UNIT);
                let place = Place {
                    row_units,
                    rows: ranked,
                    period: place.period,
                    ..Place::of(Units::Anywhere)
                };
                // Each cluster has a unit, and one more row is of those in none.
                Step { time, objects: ranked, place }
            }
            Rule::BriefingBands => {
                let (ranked, _) = self.ranked_below(place, objects);
                let time = ranked.saturating_mul(rates::RANKED_UNIT + rates::COUNTED_UNIT);
                Step::to(objects.saturating_mul(BANDS), Units::Anywhere).taking(time)
            }
            Rule::Backlog => {
                Step::to(objects.saturating_mul(AGES), Units::Anywhere).taking(place.count)
            }
            Rule::BoardSums => {
                let time = place.summed.saturating_mul(rates::SUMMED_UNIT);
                Step::to(objects, Units::Anywhere).taking(time)
            }
            Rule::ByRuleRef => {
                let named = self.argument(field, "ref").and_then(reference);
                match named.and_then(|named| self.sizes.rule(named)) {
                    Some(judging) => Self::rules(objects, Some(judging)),
                    None => Step::to(0, Units::Anywhere),
                }
            }
            Rule::RulesOfUnit => match place.units {
                Units::One(unit) => {
                    let rules = self.sizes.rules(unit);
                    let count = u64::try_from(rules.len()).unwrap_or(u64::MAX);
                    let greatest = rules.into_iter().max_by_key(|judging| judging.time());
                    Self::rules(count.saturating_mul(objects), greatest)
                }
                Units::Siblings(_, times) | Units::Below(_, times) => {
                    let count = self.sizes.rule_count().saturating_mul(times);
                    Self::rules(count, None)
                }
                Units::Named { .. } | Units::Anywhere => {
                    let most = crate::limits::RULES_OWNED_MAX as u64;
                    let each = self.sizes.rule_count().min(most);
                    Self::rules(each.saturating_mul(objects), None)
                }
            },
            Rule::Judging => Self::rules(objects, place.judging),
            Rule::Assessed => {
                let period = self.period(field, "period");
                let place = Place { period, judging: place.judging, ..Place::of(Units::Anywhere) };
                Step { time: 0, objects, place }
            }
            Rule::ConfirmedAssessments => {
                let confirmed = self.sizes.confirmed(place.period);
                let count = u64::try_from(confirmed.len()).unwrap_or(u64::MAX);
                let judging = confirmed.into_iter().max_by_key(|judging| judging.time());
                let place = Place { period: place.period, judging, ..Place::of(Units::Anywhere) };
                Step { time: 0, objects: count.saturating_mul(objects), place }
            }
            Rule::AssessedRows => {
                let all = Judging {
                    owner: self.sizes.root(),
                    units: tree.units,
                    criteria: rates::CRITERIA,
                };
                let judging = place.judging.unwrap_or(all);
                let judged = judging.units;
                let read = self.kept_for(place.period, objects);
                let judging = judging.time().saturating_mul(objects).saturating_add(read);
                let rows = self.page(field).min(judged).saturating_mul(objects);
                let is_filtered =
                    ["within", "chosen"].iter().any(|name| self.argument(field, name).is_some());
                let looked_at = if is_filtered { judged.saturating_mul(objects) } else { 0 };
                let row_units = match place.judging {
                    Some(judging) => Units::Below(judging.owner, objects),
                    None => Units::Anywhere,
                };
                let looking = looked_at.saturating_mul(rates::COUNTED_UNIT);
                let time = looking.saturating_add(judging);
                let place =
                    Place { rows, row_units, judging: place.judging, ..Place::of(Units::Anywhere) };
                Step { time, objects, place }
            }
            Rule::Criteria => {
                let each = place.judging.map_or(rates::CRITERIA, |judging| judging.criteria.max(1));
                let place = Place { judging: place.judging, ..Place::of(Units::Anywhere) };
                Step { time: 0, objects: each.saturating_mul(objects), place }
            }
            Rule::PageInfo => {
                let cursors = objects.saturating_mul(2 * rates::CURSOR);
                Step::to(objects, Units::Anywhere).taking(cursors.saturating_add(place.read))
            }
            Rule::Count => Step::to(objects, Units::Anywhere).taking(place.count),
            Rule::PeriodByRef => {
                let period = self.period(field, "ref");
                Step { time: 0, objects, place: Place { period, ..Place::of(Units::Anywhere) } }
            }
            Rule::Periods => {
                let all = match self.unit(field, "covering") {
                    Some(unit) => unit.map_or(0, |unit| self.sizes.periods_of(unit)),
                    None => self.sizes.periods(),
                };
                let rows = self.page(field).min(all).saturating_mul(objects);
                // The list of all is there already, in order.
                let is_made = ["covering", "kinds", "runningOn"];
                let is_made = is_made.iter().any(|name| self.argument(field, name).is_some());
                let scanned = if is_made { all } else { 0 };
                let scanned = scanned.saturating_mul(objects).saturating_mul(rates::SCANNED_PERIOD);
                let place = Place { rows, ..Place::of(Units::Anywhere) };
                Step { time: scanned, objects, place }
            }
            Rule::PeriodsOfUnit => {
                let each = match place.units {
                    Units::One(unit) => self.sizes.periods_of(unit),
                    _ => tree.most_periods,
                };
                let rows = each.saturating_mul(objects);
                let scanned = rows.saturating_mul(rates::SCANNED_PERIOD);
                Step::to(rows, Units::Anywhere).taking(scanned)
            }
            Rule::FieldsOfWork => {
                Step::to(self.sizes.fields_of_work().saturating_mul(objects), Units::Anywhere)
            }
            Rule::Caller => {
                Step::to(objects, Units::Anywhere).taking(rates::STATEMENT.saturating_mul(objects))
            }
            Rule::InitiativeById => {
                let each = rates::READ_INITIATIVE.saturating_mul(objects);
                Step::to(objects, Units::Anywhere).taking(each.saturating_add(rates::STATEMENT))
            }
            Rule::InitiativesOfAll => {
                self.initiatives(field, Units::One(self.sizes.root()), objects)
            }
            Rule::InitiativesOfUnit => self.initiatives(field, place.units, objects),
            Rule::Events => self.events(field, objects),
            Rule::EventFeed => {
                let time = rates::STATEMENT.saturating_add(rates::READ_EVENT);
                Step::to(objects, Units::Anywhere).taking(time)
            }
            Rule::Authors => Step::to(objects.saturating_mul(rates::AUTHORS), Units::Anywhere),
            Rule::History => {
                let rows = objects.saturating_mul(rates::HISTORY);
                let time = rows.saturating_mul(rates::READ_EVENT).saturating_add(rates::STATEMENT);
                Step::to(rows, Units::Anywhere).taking(time)
            }
            Rule::Few => Step::to(objects.saturating_mul(2), Units::Anywhere),
            Rule::Change => {
                let parts = self.field_sizes.get(&std::ptr::from_ref(field).addr());
                let parts = parts.copied().unwrap_or(0);
                let time = parts.saturating_mul(rates::COMMAND_PART);
                let place = Place { rows: parts, ..Place::of(Units::Anywhere) };
                Step { time: time.saturating_add(rates::COMMAND), objects, place }
            }
            Rule::Confirm => {
                let input = self.argument(field, "input");
                let of = |name| input.and_then(|input| input.member(name)).and_then(reference);
                let judging = of("rule").and_then(|named| self.sizes.rule(named));
                let period = of("period").and_then(|named| self.sizes.period(Some(named)));
                let units = judging.map_or(0, |judging| judging.units);
                let time = units.saturating_mul(rates::JUDGED_UNIT);
                let time = time.saturating_add(self.kept_for(period, 1));
                let place = Place { period, judging, ..Place::of(Units::Anywhere) };
                Step { time: time.saturating_add(rates::COMMAND), objects, place }
            }
            Rule::Changed => {
                let objects = place.rows.max(objects);
                Step {
                    time: 0,
                    objects,
                    place: Place { has_parts: true, ..Place::of(Units::Anywhere) },
                }
            }
            Rule::NodeById | Rule::NodesById => Step::to(objects, Units::Anywhere),
        }
    }

    /// The units of the codes that a field names.
    fn named_units(&self, field: &'a Field, objects: u64) -> Units {
        let (mut below, mut held) = (0_u64, 0_u64);
        for code in self.argument(field, "codes").into_iter().flat_map(|codes| codes.items()) {
            let named = code.and_then(Argument::text).map(Reference::Code);
            if let Some(unit) = named.and_then(|named| self.sizes.unit(named)) {
                below = below.saturating_add(self.sizes.below(unit));
                held = held.saturating_add(self.sizes.initiatives(unit));
            }
        }
        Units::Named { below: below.saturating_mul(objects), held: held.saturating_mul(objects) }
    }

    /// Rules, the greatest of which judges so much.
    const fn rules(objects: u64, judging: Option<Judging>) -> Step {
        let units = match judging {
            Some(judging) => Units::One(judging.owner),
            None => Units::Anywhere,
        };
        Step { time: 0, objects, place: Place { judging, ..Place::of(units) } }
    }

    /// Units directly below all objects together.
    fn children(&self, units: Units, objects: u64) -> u64 {
        match units {
            Units::One(unit) => self.sizes.children(unit).saturating_mul(objects),
            Units::Siblings(top, times) | Units::Below(top, times) => {
                let widest = self.sizes.tree().widest.saturating_mul(objects);
                widest.min(self.sizes.below(top).saturating_mul(times))
            }
            Units::Named { below, .. } => {
                below.min(self.sizes.tree().widest.saturating_mul(objects))
            }
            Units::Anywhere => self.sizes.tree().widest.saturating_mul(objects),
        }
    }

    /// Units below all objects together, and below the object that has most.
    fn descendants(&self, units: Units, objects: u64) -> (u64, u64) {
        let tree = self.sizes.tree();
        match units {
            Units::One(unit) => {
                let below = self.sizes.below(unit);
                (below.saturating_mul(objects), below)
            }
            Units::Siblings(top, times) => {
                let below = self.sizes.below(top);
                (below.saturating_mul(objects.min(times)), below)
            }
            Units::Below(top, times) => {
                let below = self.sizes.below(top);
                let each_above = below.saturating_mul(times).saturating_mul(tree.deepest);
                (below.saturating_mul(objects).min(each_above), below)
            }
            Units::Named { below, .. } => (below, below.min(tree.units)),
            Units::Anywhere => (tree.units.saturating_mul(objects), tree.units),
        }
    }

    /// The time of breakdowns of all objects together.
    fn broken_down(&self, units: Units, objects: u64) -> u64 {
        let (below, _) = self.descendants(units, objects);
        let below = below.saturating_add(objects).saturating_mul(rates::BROKEN_DOWN_UNIT);
        let held = self.held(units, objects).saturating_mul(rates::BROKEN_DOWN_INITIATIVE);
        let fields = self.sizes.field_texts().saturating_mul(rates::BROKEN_DOWN_FIELD);
        below.saturating_add(held).saturating_add(fields.saturating_mul(objects))
    }

    /// The time of counting what waited at the end of a past day.
    fn waited(&self) -> u64 {
        self.sizes.histories().saturating_mul(rates::AGED_INITIATIVE)
    }

    /// Initiatives of all objects together.
    fn held(&self, units: Units, objects: u64) -> u64 {
        match units {
            Units::One(unit) => self.sizes.initiatives(unit).saturating_mul(objects),
            Units::Siblings(top, times) => {
                self.sizes.initiatives(top).saturating_mul(objects.min(times))
            }
            Units::Below(top, times) => {
                let levels = times.saturating_mul(self.sizes.tree().deepest);
                self.sizes.initiatives(top).saturating_mul(objects.min(levels))
            }
            Units::Named { held, .. } => held,
            Units::Anywhere => self.sizes.initiatives(self.sizes.root()).saturating_mul(objects),
        }
    }

    /// Reading the figures of a closing, for each of these objects.
    fn kept(&self, period: Option<PeriodId>, objects: u64) -> u64 {
        let Some(known) = period else { return Self::reading(self.sizes.kept(None), objects) };
        // Figures that were read once are at hand for the rest of the document.
        if self.read.borrow_mut().insert(known) {
            Self::reading(self.sizes.kept(period), objects.min(1))
        } else {
            0
        }
    }

    /// The same for assessments, which rest on some of the closings alone.
    fn kept_for(&self, period: Option<PeriodId>, objects: u64) -> u64 {
        match period {
            None => Self::reading(self.sizes.kept_for_assessments(None), objects),
            Some(known) if self.read.borrow().contains(&known) => 0,
            Some(_) => Self::reading(self.sizes.kept_for_assessments(period), objects.min(1)),
        }
    }

    const fn reading(units: u64, objects: u64) -> u64 {
        let reading = if units > 0 { rates::STATEMENT } else { 0 };
        let time = units.saturating_mul(rates::KEPT_UNIT).saturating_add(reading);
        time.saturating_mul(objects)
    }

    /// The units directly below that are ranked for all objects together.
    fn ranked_below(&self, place: Place, objects: u64) -> (u64, Units) {
        let units = Self::units_below(place.units, objects, 1);
        (self.children(place.units, objects), units)
    }

    /// Units directly below the object that has most.
    fn most_children(&self, units: Units) -> u64 {
        match units {
            Units::One(unit) => self.sizes.children(unit),
            Units::Siblings(top, _) | Units::Below(top, _) => {
                self.sizes.tree().widest.min(self.sizes.below(top))
            }
            Units::Named { below, .. } => below.min(self.sizes.tree().widest),
            Units::Anywhere => self.sizes.tree().widest,
        }
    }

    /// The units that lie at most so many levels below the objects.
    const fn units_below(units: Units, objects: u64, levels: u64) -> Units {
        match units {
            Units::One(unit) if levels == 1 => Units::Siblings(unit, objects),
            Units::One(unit) => Units::Below(unit, objects),
            Units::Siblings(top, times) => Units::Below(top, times),
            Units::Below(top, times) => Units::Below(top, times.saturating_mul(levels)),
            Units::Named { .. } | Units::Anywhere => Units::Anywhere,
        }
    }

    /// A page of units for each object, of lists with `all` units together and `most` in the longest.
    fn units_page(
        &self,
        field: &'a Field,
        units: Units,
        all: u64,
        most: u64,
        objects: u64,
    ) -> Step {
        let filter = self.argument(field, "filter");
        let has = |name| filter.and_then(|filter| filter.member(name)).is_some();
        let order = self.argument(field, "orderBy").and_then(|order| order.member("field"));
        let order = order.and_then(Argument::text).unwrap_or("NAME");
        let mut each = rates::SCANNED_UNIT;
        let by_counts = ["notStarted", "ratioBelow", "silentDays", "changedAfter", "changedSince"];
        if by_counts.into_iter().any(has) {
            each += rates::COUNTED_UNIT;
        }
        if has("behind") {
            // By three counts and a target.
            each += 3 * rates::COUNTED_UNIT;
        }
        if !matches!(order, "NAME" | "CODE") {
            each += rates::COUNTED_UNIT;
        }
        each += rates::SORTED_UNIT * logarithm(most);
        let mut time = each.saturating_mul(all);
        if let Some(text) = filter.and_then(|filter| filter.member("text")) {
            let words = text.text().unwrap_or("").split_whitespace().count().clamp(1, 31);
            let words = u64::try_from(words).unwrap_or(1);
            let searched = rates::SEARCHED_WORD.saturating_mul(words) + rates::SCANNED_UNIT;
            let searched = searched.saturating_mul(self.sizes.tree().units);
            time = time.saturating_add(searched.saturating_mul(objects));
        }
        if has("behind") {
            let period = self.period(field, "period");
            let changes = self.sizes.earlier_changes(period, Since::Pace);
            time = time.saturating_add(changes.saturating_mul(rates::EARLIER_CHANGE));
        }
        let rows = self.page(field).min(most).saturating_mul(objects).min(all);
        let place = Place { row_units: units, rows, ..Place::of(Units::Anywhere) };
        Step { time, objects, place }
    }

    fn standing(&self, field: &'a Field, place: Place, objects: u64) -> Step {
        let tree = self.sizes.tree();
        let period = self.period(field, "period");
        let ranked = match (self.unit(field, "within"), place.units) {
            (Some(None), _) => 0,
            // One ranking for each kind of unit.
            (Some(Some(within)), units) => {
                let is_parent = match units {
                    Units::One(unit) => self.sizes.parent(unit) == Some(within),
                    Units::Siblings(parent, _) => parent == within,
                    _ => false,
                };
                if is_parent {
                    self.sizes.children(within)
                } else {
                    self.sizes.below(within).saturating_mul(2)
                }
            }
            (None, Units::One(unit)) => {
                self.sizes.parent(unit).map_or(0, |parent| self.sizes.children(parent))
            }
            (None, Units::Siblings(parent, _)) => self.sizes.children(parent),
            // One ranking for each parent, and each unit is in one of these.
            (None, _) => tree.widest.saturating_mul(objects).min(tree.units),
        };
        let earlier = self.earlier(field, period);
        let time = ranked.saturating_mul(rates::RANKED_UNIT).saturating_add(earlier);
        // The row's rank is looked up for each object.
        let time = time.saturating_add(rates::LOOKUP.saturating_mul(objects));
        Step::to(objects, Units::Anywhere).taking(time)
    }

    fn earlier(&self, field: &'a Field, period: Option<PeriodId>) -> u64 {
        let since = self.argument(field, "since").and_then(Argument::text);
        since.map_or(0, |since| {
            let changes = self.sizes.earlier_changes(period, Since::Day(since));
            changes.saturating_mul(rates::EARLIER_CHANGE)
        })
    }

    fn board(&self, field: &'a Field, objects: u64) -> Step {
        let within = match self.unit(field, "within") {
            Some(None) => return Step::to(0, Units::Anywhere),
            Some(Some(within)) => within,
            None => self.sizes.root(),
        };
        let period = self.period(field, "period");
        let kinds = self.argument(field, "kinds").map_or(0, Self::count);
        let text = |name| self.argument(field, name).and_then(Argument::text);
        let past = match text("asOf") {
            Some(day) => self.sizes.past_board(period, day, text("since")).time(),
            None => self.earlier(field, period),
        };
        let board = Board {
            within,
            has_kinds: kinds > 0,
            has_cluster: self.argument(field, "cluster").is_some(),
            first: self.page(field),
            past: Past::default(),
        };
        let step = self.ranking(board, objects);
        Step { place: Place { period, ..step.place }, ..step }.taking(past)
    }

    fn ranking(&self, board: Board, objects: u64) -> Step {
        let ranked = if board.has_kinds {
            self.sizes.below(board.within)
        } else {
            self.sizes.children(board.within)
        };
        let time = ranked.saturating_mul(rates::RANKED_UNIT);
        let rows = board.first.min(ranked).saturating_mul(objects);
        let row_units = if board.has_kinds {
            Units::Below(board.within, objects)
        } else {
            Units::Siblings(board.within, objects)
        };
        let summed = if board.has_cluster { self.sizes.below(board.within) } else { ranked };
        let summed = summed.saturating_mul(objects);
        let place = Place { row_units, rows, summed, ..Place::of(Units::One(board.within)) };
        let time = time.saturating_add(board.past.time()).saturating_mul(objects);
        Step { time, objects, place }
    }

    fn initiatives(&self, field: &'a Field, units: Units, objects: u64) -> Step {
        let filter = self.argument(field, "filter");
        let has = |name| filter.and_then(|filter| filter.member(name)).is_some();
        let within = filter.and_then(|filter| filter.member("within")).and_then(reference);
        let within = within.and_then(|within| self.sizes.unit(within));
        let units = within.map_or(units, Units::One);
        let top = match units {
            Units::One(unit) | Units::Siblings(unit, _) | Units::Below(unit, _) => unit,
            Units::Named { .. } | Units::Anywhere => self.sizes.root(),
        };
        let (held, (below, _)) = (self.held(units, objects), self.descendants(units, objects));
        let rows = self.page(field).saturating_mul(objects).min(held);
        let read = rows.saturating_mul(rates::READ_INITIATIVE);
        let read = read.saturating_add(2 * rates::STATEMENT);
        let found = below.saturating_mul(rates::FOUND_UNIT);
        let found = found.saturating_add(held.saturating_mul(rates::FOUND_INITIATIVE));
        let found = found.saturating_add(objects.saturating_mul(rates::FOUND_LIST));
        // The board knows no words and no tokens.
        let is_on_board = !has("text") && !has("mine");
        let (looked_through, counted) = if is_on_board {
            (found.min(rates::WALK_MAX.saturating_mul(objects)), found)
        } else {
            let all = match units {
                Units::One(_) => objects,
                _ => 1,
            };
            let probed = self.sizes.below(top).saturating_add(1).saturating_mul(rates::PROBED_UNIT);
            let most = rates::PAGE_MAX.saturating_mul(objects);
            let counted = self.sizes.initiatives(top).saturating_mul(rates::COUNTED_INITIATIVE);
            let counted = counted.saturating_mul(all).saturating_add(rates::STATEMENT);
            (probed.saturating_mul(all).min(most), counted)
        };
        let is_plain = !["kinds", "field", "featured", "text", "submittedFrom", "submittedUntil"]
            .into_iter()
            .chain(["changedAfter", "changedSince", "mine"])
            .any(has);
        // The board has the counts of periods.
        let count = if is_plain && has("period") { rates::FOUND_LIST } else { counted };
        let read = read.saturating_add(looked_through);
        let place = Place { rows, read, count, ..Place::of(Units::Anywhere) };
        Step { time: 0, objects, place }
    }

    fn events(&self, field: &'a Field, objects: u64) -> Step {
        let first = self.page(field);
        let within = self.unit(field, "within").flatten();
        let log = self.sizes.events();
        let after = self.argument(field, "after").and_then(Argument::text);
        let ahead = log.saturating_sub(after.map_or(0, |after| self.sizes.events_until(after)));
        let looked_through = match within {
            _ if first == 0 && after.is_none() => 0,
            Some(unit) if unit != self.sizes.root() => {
                // The mean distance between events of the unit.
                let held = self.sizes.initiatives(unit).max(1);
                let all = self.sizes.initiatives(self.sizes.root()).max(1);
                let apart = all.saturating_mul(2) / held;
                let bound = crate::limits::EVENTS_SCANNED_MAX + crate::limits::LOG_PAGE;
                let wanted = first.saturating_add(1).saturating_mul(apart.max(1));
                wanted.min(bound.unsigned_abs()).saturating_add(32)
            }
            _ => first.saturating_mul(2).saturating_add(rates::EVENTS_PASSED),
        };
        let time = looked_through.min(ahead).saturating_mul(rates::READ_EVENT);
        let time = time.saturating_add(rates::STATEMENT).saturating_mul(objects);
        let rows = first.min(ahead).saturating_mul(objects);
        let place = Place { rows, ..Place::of(Units::Anywhere) };
        Step { time, objects, place }
    }

    /// How many items a list has.
    fn count(list: Argument<'a>) -> u64 {
        u64::try_from(list.items().len()).unwrap_or(u64::MAX)
    }

    /// `node` and `nodes`: the object of each id.
    fn nodes(&mut self, field: &'a Field, objects: u64) -> u64 {
        let given = self.argument(field, "ids").or_else(|| self.argument(field, "id"));
        let Some(given) = given else { return 0 };
        let named = match self.ids.get(&given.place()) {
            Some(named) => named.clone(),
            None => {
                let named = self.named(given);
                self.ids.insert(given.place(), named.clone());
                named
            }
        };
        let selected = &field.selection_set.node;
        let ids = Self::count(given);
        let mut time = rates::LOOKUP.saturating_add(self.rates.object).saturating_mul(ids);
        let one_or_any = |units: &[UnitId]| match units {
            [unit] => Units::One(*unit),
            _ => Units::Anywhere,
        };
        let many = |units: &[UnitId]| u64::try_from(units.len()).unwrap_or(u64::MAX);
        for (of, units) in
            [("Unit", &named.units), ("Tally", &named.tallies), ("Target", &named.targets)]
        {
            let place = Place { has_parts: true, ..Place::of(one_or_any(units)) };
            time = time.saturating_add(self.select_named(selected, of, place, many(units)));
        }
        for (of, count, read) in [
            ("Period", named.periods, 0),
            ("Initiative", named.initiatives, rates::READ_INITIATIVE + rates::STATEMENT),
            ("Token", named.tokens, rates::STATEMENT),
        ] {
            time = time.saturating_add(read.saturating_mul(count));
            let place = Place::of(Units::Anywhere);
            time = time.saturating_add(self.select_named(selected, of, place, count));
        }
        time = time.saturating_add(Past { changes: 0, units: named.past }.time());
        if named.kept > 0 {
            let reading = rates::STATEMENT.saturating_mul(ids);
            let read = named.kept.saturating_mul(rates::KEPT_UNIT).saturating_add(reading);
            time = time.saturating_add(read);
        }
        for period in named.closings {
            let place = Place { period: Some(period), ..Place::of(Units::Anywhere) };
            time = time.saturating_add(self.select_named(selected, "Closing", place, 1));
        }
        for (unit, first, past) in named.briefings {
            time = time.saturating_add(past.time());
            let count = self.waited();
            let place = Place { rows: first, count, ..Place::of(Units::One(unit)) };
            time = time.saturating_add(self.select_named(selected, "Briefing", place, 1));
        }
        for judging in named.rules {
            let place = Self::rules(1, Some(judging)).place;
            time = time.saturating_add(self.select_named(selected, "Rule", place, 1));
        }
        for (judging, period) in named.assessments {
            let (judging, period) = (Some(judging), Some(period));
            let place = Place { period, judging, ..Place::of(Units::Anywhere) };
            time = time.saturating_add(self.select_named(selected, "Assessment", place, 1));
        }
        for board in named.boards {
            let step = self.ranking(board, 1);
            time = time.saturating_add(step.time);
            let place = Place { units: Units::One(board.within), ..step.place };
            time = time.saturating_add(self.select_named(selected, "Leaderboard", place, 1));
        }
        time.saturating_mul(objects)
    }

    fn select_named(
        &mut self,
        selected: &'a SelectionSet,
        of: &str,
        place: Place,
        objects: u64,
    ) -> u64 {
        self.types.named(of).map_or(0, |of| self.select(selected, of, place, objects))
    }

    fn named(&self, ids: Argument<'a>) -> NamedAll {
        let mut all = NamedAll::default();
        let bound = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
        for id in ids.items().into_iter().take(bound).flatten() {
            match id.text().map_or(Named::Nothing, |id| self.sizes.named(id)) {
                Named::Nothing => {}
                Named::Unit(unit) => all.units.push(unit),
                Named::Tally(unit, past) => {
                    all.tallies.push(unit);
                    all.past = all.past.saturating_add(past);
                }
                Named::KeptTally(unit, units) => {
                    all.tallies.push(unit);
                    all.kept = all.kept.saturating_add(units);
                }
                Named::Closing(period) => all.closings.push(period),
                Named::KeptLeaderboard(board, units) => {
                    all.boards.push(board);
                    all.kept = all.kept.saturating_add(units);
                }
                Named::Target(unit) => all.targets.push(unit),
                Named::Leaderboard(board) => all.boards.push(board),
                Named::Briefing(unit, first, past) => all.briefings.push((unit, first, past)),
                Named::Rule(judging) => all.rules.push(judging),
                Named::Assessment(judging, period) => all.assessments.push((judging, period)),
                Named::Period => all.periods += 1,
                Named::Initiative => all.initiatives += 1,
                Named::Token => all.tokens += 1,
            }
        }
        all
    }

    /// Fields about the schema: each list has as many rows as there can be at most.
    fn introspect(&self, field: &'a Field, objects: u64) -> u64 {
        if field.name.node == "__typename" {
            return self.rates.leaf.saturating_mul(objects);
        }
        let is_schema = field.name.node == "__schema";
        let selected = &field.selection_set.node;
        let time = self.introspect_below(selected, 1, is_schema, &mut Vec::new());
        rates::LIBRARY.object.saturating_add(time).saturating_mul(objects)
    }

    /// `is_each_once`: whether the objects are the schema, or its types each once.
    fn introspect_below(
        &self,
        selected: &'a SelectionSet,
        objects: u64,
        is_each_once: bool,
        spreading: &mut Vec<&'a str>,
    ) -> u64 {
        let all = self.types.introspected;
        let mut time = 0u64;
        for selection in &selected.items {
            let takes = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let (rows, each_once) = match field.name.node.as_str() {
                        "types" => (all.types.saturating_mul(objects), is_each_once),
                        "fields" | "inputFields" | "enumValues" | "args" if is_each_once => {
                            (all.members, true)
                        }
                        "fields" | "inputFields" | "enumValues" | "args" => {
                            (all.most.saturating_mul(objects), false)
                        }
                        "possibleTypes" | "interfaces" => (8u64.saturating_mul(objects), false),
                        "directives" => (8, false),
                        "locations" => (16u64.saturating_mul(objects), false),
                        _ => (objects, false),
                    };
                    let below = &field.selection_set.node;
                    rates::LIBRARY
                        .leaf
                        .saturating_mul(rows)
                        .saturating_add(self.introspect_below(below, rows, each_once, spreading))
                }
                Selection::InlineFragment(inline) => self.introspect_below(
                    &inline.node.selection_set.node,
                    objects,
                    is_each_once,
                    spreading,
                ),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.priced.document.fragments.get_key_value(name) {
                        Some((name, fragment)) if !spreading.contains(&name.as_str()) => {
                            spreading.push(name.as_str());
                            let below = &fragment.node.selection_set.node;
                            let time =
                                self.introspect_below(below, objects, is_each_once, spreading);
                            spreading.pop();
                            time
                        }
                        _ => 0,
                    }
                }
            };
            time = time.saturating_add(takes);
        }
        time
    }
}

fn reference(given: Argument<'_>) -> Option<Reference<'_>> {
    let code = given.member("code").and_then(Argument::text).map(Reference::Code);
    code.or_else(|| given.member("id").and_then(Argument::text).map(Reference::Id))
}

fn logarithm(count: u64) -> u64 {
    u64::from(count.max(2).ilog2()) + 1
}

#[cfg(test)]
mod tests;
