//! The step from a field to its objects: their number, their place, and the work beyond that of each.

use async_graphql::parser::types::Field;

use super::arguments::Argument;
use super::place::{Parts, Place, Step, Units};
use super::sizes::{Judging, Past, Since, Sizes};
use super::types::Rule;
use super::units::logarithm;
use super::{Pricing, rates, reference};
use crate::limits::{BREAKDOWN_TEXTS_MAX, PAGE_DEFAULT_OF_BRIEFING, PAGE_MAX};

/// The most rows of a breakdown whose values are no texts.
const BREAKDOWN_VALUES: u64 = 14;
/// The most rows of texts, with those for the others and for none.
const BREAKDOWN_TEXTS: u64 = BREAKDOWN_TEXTS_MAX as u64 + 2;

/// Rows of a briefing's bands, and of its backlog.
const BANDS: u64 = 7;
const AGES: u64 = 5;

impl<'a, S: Sizes> Pricing<'a, S> {
    pub(super) fn step(&self, field: &'a Field, rule: Rule, place: Place, objects: u64) -> Step {
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
                let parts = if has_parts { Parts::OfObjects } else { Parts::None };
                let objects = targets.saturating_mul(objects);
                Step { time: 0, objects, place: Place { parts, ..Place::of(place.units) } }
            }
            Rule::Target => {
                let has_parts =
                    ["group", "field"].iter().any(|name| self.argument(field, name).is_some());
                let parts = if has_parts { Parts::OfObjects } else { Parts::None };
                Step { time: 0, objects, place: Place { parts, ..Place::of(place.units) } }
            }
            Rule::Reached => {
                let (units, counted) = match (place.parts, place.units) {
                    (Parts::None, units) => (units, 0),
                    (Parts::OfObjects, Units::One(unit)) => {
                        (place.units, objects.min(self.sizes.periods_of(unit).max(1)))
                    }
                    (Parts::OfObjects, units) => (units, objects),
                    (Parts::Of(units, count), _) => (units, count),
                };
                let time = if counted > 0 { self.broken_down(units, counted) } else { 0 };
                let looking = if place.parts == Parts::None { 0 } else { rates::LOOKUP };
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
                let board = self.board_within(within, field);
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
                let place = Place {
                    rows: parts,
                    parts: self.parts_of_goals(field),
                    ..Place::of(Units::Anywhere)
                };
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
                let parts = place.parts;
                Step { time: 0, objects, place: Place { parts, ..Place::of(Units::Anywhere) } }
            }
            Rule::NodeById | Rule::NodesById => Step::to(objects, Units::Anywhere),
        }
    }

    /// Rules, the greatest of which judges so much.
    pub(super) const fn rules(objects: u64, judging: Option<Judging>) -> Step {
        let units = match judging {
            Some(judging) => Units::One(judging.owner),
            None => Units::Anywhere,
        };
        Step { time: 0, objects, place: Place { judging, ..Place::of(units) } }
    }
}
