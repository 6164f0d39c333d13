//! The schema as prices need it: the type of each field, and the rule for its rows.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use async_graphql_value::Name;

/// The rule for how many rows a field has and what it scans. [`super::Pricing`] applies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A value or one object of any unit.
    Plain,
    /// One object of the same unit.
    SameUnit,
    Root,
    UnitByRef,
    UnitsByCode,
    UnitsOfAll,
    Search,
    NodeById,
    NodesById,
    Caller,
    PeriodByRef,
    Periods,
    FieldsOfWork,
    InitiativeById,
    InitiativesOfAll,
    Events,
    Board,
    TallyOfUnit,
    EventFeed,
    Children,
    Descendants,
    Parent,
    Ancestors,
    Clusters,
    PeriodsOfUnit,
    Tally,
    Daily,
    Breakdown,
    Standing,
    Targets,
    /// The targets of a unit in a period, with those of parts.
    TargetsAndParts,
    InitiativesOfUnit,
    /// The rows of a page.
    Rows,
    PageInfo,
    /// The number of rows of all pages.
    Count,
    /// The rows around a unit in a leaderboard.
    Around,
    /// All closings of a period.
    Closings,
    /// A tally, a breakdown, or a leaderboard, of kept figures.
    KeptTally,
    KeptBreakdown,
    KeptBoard,
    Briefing,
    /// The ranked units directly below, all of them, or as many as the briefing's `first`.
    BriefingBoard,
    BriefingRows,
    BriefingUnits,
    BriefingClusters,
    BriefingBands,
    Backlog,
    /// A part of a leaderboard's total.
    BoardSums,
    ByRuleRef,
    RulesOfUnit,
    /// A rule of any unit.
    Judging,
    /// The assessment of a period.
    Assessed,
    /// The confirmed ones of a period.
    ConfirmedAssessments,
    AssessedRows,
    /// The criteria of a rule, and what else there are so many of.
    Criteria,
    Pace,
    /// The target that arguments name.
    Target,
    /// The count of a target.
    Reached,
    Distributed,
    Authors,
    History,
    /// A list with a handful of values.
    Few,
    Change,
    /// A change of the assessment of a rule in a period, which its input names.
    Confirm,
    /// Objects that a change made.
    Changed,
}

/// The rules of fields, by type. A test fails for a list without a rule.
const RULES: &[(&str, &str, Rule)] = &[
    ("Query", "root", Rule::Root),
    ("Query", "unit", Rule::UnitByRef),
    ("Query", "unitsByCode", Rule::UnitsByCode),
    ("Query", "units", Rule::UnitsOfAll),
    ("Query", "searchUnits", Rule::Search),
    ("Query", "node", Rule::NodeById),
    ("Query", "nodes", Rule::NodesById),
    ("Query", "viewer", Rule::Caller),
    ("Query", "period", Rule::PeriodByRef),
    ("Query", "periods", Rule::Periods),
    ("Query", "rule", Rule::ByRuleRef),
    ("Query", "fields", Rule::FieldsOfWork),
    ("Query", "initiative", Rule::InitiativeById),
    ("Query", "initiatives", Rule::InitiativesOfAll),
    ("Query", "initiativeEvents", Rule::Events),
    ("Query", "leaderboard", Rule::Board),
    ("Subscription", "leaderboard", Rule::Board),
    ("Subscription", "tally", Rule::TallyOfUnit),
    ("Subscription", "initiativeEvents", Rule::EventFeed),
    ("Unit", "children", Rule::Children),
    ("Unit", "descendants", Rule::Descendants),
    ("Unit", "parent", Rule::Parent),
    ("Unit", "ancestors", Rule::Ancestors),
    ("Unit", "clusters", Rule::Clusters),
    ("Unit", "periods", Rule::PeriodsOfUnit),
    ("Unit", "tally", Rule::Tally),
    ("Unit", "daily", Rule::Daily),
    ("Unit", "breakdown", Rule::Breakdown),
    ("Unit", "standing", Rule::Standing),
    ("Unit", "briefing", Rule::Briefing),
    ("Unit", "rules", Rule::RulesOfUnit),
    ("Rule", "owner", Rule::SameUnit),
    ("Rule", "kinds", Rule::Criteria),
    ("Rule", "criteria", Rule::Criteria),
    ("Rule", "grades", Rule::Criteria),
    ("Rule", "assessment", Rule::Assessed),
    ("Criterion", "steps", Rule::Criteria),
    ("Assessment", "rule", Rule::Judging),
    ("Assessment", "rows", Rule::AssessedRows),
    ("AssessmentRowConnection", "edges", Rule::Rows),
    ("AssessmentRowConnection", "nodes", Rule::Rows),
    ("AssessmentRowConnection", "pageInfo", Rule::PageInfo),
    ("AssessmentRowEdge", "node", Rule::SameUnit),
    ("AssessmentRow", "unit", Rule::SameUnit),
    ("AssessmentRow", "results", Rule::Criteria),
    ("CriterionResult", "criterion", Rule::SameUnit),
    ("Briefing", "unit", Rule::SameUnit),
    ("Briefing", "tally", Rule::SameUnit),
    ("Briefing", "before", Rule::SameUnit),
    ("Briefing", "standing", Rule::Standing),
    ("Briefing", "board", Rule::BriefingBoard),
    ("Briefing", "movers", Rule::BriefingRows),
    ("Briefing", "laggards", Rule::BriefingRows),
    ("Briefing", "notStarted", Rule::BriefingUnits),
    ("Briefing", "silent", Rule::BriefingUnits),
    ("Briefing", "clusters", Rule::BriefingClusters),
    ("Briefing", "bands", Rule::BriefingBands),
    ("Briefing", "backlog", Rule::Backlog),
    ("Briefing", "targets", Rule::TargetsAndParts),
    ("ClusterRow", "leaders", Rule::Rows),
    ("Unit", "target", Rule::Target),
    ("Unit", "targets", Rule::Targets),
    ("Unit", "initiatives", Rule::InitiativesOfUnit),
    ("Period", "closings", Rule::Closings),
    ("Period", "assessments", Rule::ConfirmedAssessments),
    ("Assessment", "closing", Rule::SameUnit),
    ("Closing", "metric", Rule::KeptTally),
    ("Closing", "tally", Rule::KeptTally),
    ("Closing", "breakdown", Rule::KeptBreakdown),
    ("Closing", "leaderboard", Rule::KeptBoard),
    ("ClosingPayload", "errors", Rule::Few),
    ("Mutation", "confirmAssessment", Rule::Confirm),
    ("AssessmentPayload", "assessment", Rule::SameUnit),
    ("AssessmentPayload", "errors", Rule::Few),
    ("UnitConnection", "edges", Rule::Rows),
    ("UnitConnection", "nodes", Rule::Rows),
    ("UnitConnection", "pageInfo", Rule::PageInfo),
    ("UnitEdge", "node", Rule::SameUnit),
    ("Tally", "unit", Rule::SameUnit),
    ("Tally", "closing", Rule::SameUnit),
    ("Tally", "pace", Rule::Pace),
    ("Target", "unit", Rule::SameUnit),
    ("Target", "distributed", Rule::Distributed),
    ("Target", "reached", Rule::Reached),
    ("Target", "ratio", Rule::Reached),
    ("Leaderboard", "within", Rule::SameUnit),
    ("Leaderboard", "closing", Rule::SameUnit),
    ("Leaderboard", "total", Rule::SameUnit),
    ("Leaderboard", "sum", Rule::BoardSums),
    ("Leaderboard", "own", Rule::BoardSums),
    ("Leaderboard", "closed", Rule::BoardSums),
    ("Leaderboard", "others", Rule::BoardSums),
    ("Leaderboard", "entries", Rule::Rows),
    ("Leaderboard", "around", Rule::Around),
    ("LeaderboardEntry", "unit", Rule::SameUnit),
    ("LeaderboardEntry", "tally", Rule::SameUnit),
    ("PeriodConnection", "edges", Rule::Rows),
    ("PeriodConnection", "nodes", Rule::Rows),
    ("PeriodConnection", "pageInfo", Rule::PageInfo),
    ("InitiativeConnection", "edges", Rule::Rows),
    ("InitiativeConnection", "nodes", Rule::Rows),
    ("InitiativeConnection", "pageInfo", Rule::PageInfo),
    ("InitiativeConnection", "totalCount", Rule::Count),
    ("InitiativeEventConnection", "edges", Rule::Rows),
    ("InitiativeEventConnection", "nodes", Rule::Rows),
    ("InitiativeEvent", "initiative", Rule::InitiativeById),
    ("Initiative", "authors", Rule::Authors),
    ("Initiative", "events", Rule::History),
    ("Initiative", "viewerMay", Rule::Few),
    ("Viewer", "grants", Rule::Few),
    ("Viewer", "tokens", Rule::Caller),
    ("InitiativesPayload", "initiatives", Rule::Changed),
    ("InitiativesPayload", "errors", Rule::Changed),
    ("TargetsPayload", "targets", Rule::Changed),
    ("TargetsPayload", "errors", Rule::Changed),
    ("InitiativePayload", "errors", Rule::Few),
    ("UnitPayload", "errors", Rule::Few),
    ("PeriodPayload", "errors", Rule::Few),
    ("RulePayload", "rule", Rule::Judging),
    ("RulePayload", "errors", Rule::Few),
    ("UserError", "path", Rule::Few),
];

/// A type by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(usize);

#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub of: TypeId,
    pub rule: Rule,
    pub is_object: bool,
}

/// The types of the schema, by index.
#[derive(Debug)]
pub struct Types {
    ids: HashMap<String, TypeId>,
    fields: Vec<HashMap<String, Field>>,
    /// The interfaces that a type implements, and the type itself.
    kinds: Vec<Vec<TypeId>>,
    /// The numbers of types, of fields of all types, and of arguments, values and input fields of all types.
    pub introspected: Introspected,
}

/// The size of the introspected schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Introspected {
    pub types: u64,
    pub members: u64,
    /// The members of the type, or arguments of the field, that has most.
    pub most: u64,
}

impl Types {
    /// # Panics
    /// If the text is no schema.
    pub fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).expect("the server's own schema can be read");
        let mut types = Self {
            ids: HashMap::new(),
            fields: Vec::new(),
            kinds: Vec::new(),
            introspected: Introspected::default(),
        };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node;
            let id = types.id(&name);
            types.introspected.types += 1;
            let (fields, implements) = match definition.node.kind {
                TypeKind::Object(object) => (object.fields, object.implements),
                TypeKind::Interface(interface) => (interface.fields, Vec::new()),
                TypeKind::Enum(values) => {
                    types.note_members(values.values.len());
                    continue;
                }
                TypeKind::InputObject(input) => {
                    types.note_members(input.fields.len());
                    continue;
                }
                TypeKind::Scalar | TypeKind::Union(_) => continue,
            };
            types.note_members(fields.len());
            types.kinds[id.0].push(id);
            for interface in implements {
                let interface = types.id(&interface.node);
                types.kinds[id.0].push(interface);
            }
            for field in fields {
                types.note_members(field.node.arguments.len());
                let of = types.id(base(&field.node.ty.node));
                let rule = rule(&name, &field.node.name.node).unwrap_or(match name.as_str() {
                    "Mutation" => Rule::Change,
                    _ => Rule::Plain,
                });
                let field_name = field.node.name.node.to_string();
                types.fields[id.0].insert(field_name, Field { of, rule, is_object: false });
            }
        }
        let has_fields: Vec<bool> = types.fields.iter().map(|fields| !fields.is_empty()).collect();
        for field in types.fields.iter_mut().flat_map(HashMap::values_mut) {
            field.is_object = has_fields[field.of.0];
        }
        // The types of introspection itself, which the text does not hold.
        types.introspected.types += 16;
        types.introspected.members += 80;
        types
    }

    fn note_members(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.introspected.members += count;
        self.introspected.most = self.introspected.most.max(count);
    }

    fn id(&mut self, name: &str) -> TypeId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = TypeId(self.fields.len());
        self.ids.insert(name.to_owned(), id);
        self.fields.push(HashMap::new());
        self.kinds.push(Vec::new());
        id
    }

    pub fn named(&self, name: &str) -> Option<TypeId> {
        self.ids.get(name).copied()
    }

    pub fn field(&self, of: TypeId, name: &str) -> Option<Field> {
        self.fields[of.0].get(name).copied()
    }

    /// Whether an object of the type is of the type that a fragment asks for.
    pub fn is_a(&self, object: TypeId, condition: &Name) -> bool {
        self.named(condition).is_some_and(|it| self.kinds[object.0].contains(&it))
    }
}

fn base(of: &Type) -> &Name {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => base(of),
    }
}

fn rule(of: &str, field: &str) -> Option<Rule> {
    RULES.iter().find(|&&(one, other, _)| (one, other) == (of, field)).map(|&(_, _, rule)| rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new list of the schema needs a rule that bounds its rows.
    #[test]
    fn each_list_of_the_schema_has_a_rule() {
        let sdl = &crate::graphql::schema().sdl();
        let is_list = |of: &Type| matches!(of.base, BaseType::List(_));
        for definition in parse_schema(sdl).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let (name, TypeKind::Object(object)) = (&definition.node.name, &definition.node.kind)
            else {
                continue;
            };
            for field in object.fields.iter().map(|field| &field.node) {
                let connects = base(&field.ty.node).ends_with("Connection");
                let has_rule = rule(&name.node, &field.name.node).is_some();
                let needs_one = is_list(&field.ty.node) || connects;
                assert!(has_rule || !needs_one, "{}.{}", name.node, field.name.node);
            }
        }
    }

    #[test]
    fn each_rule_names_a_field_of_the_schema() {
        let types = Types::of(&crate::graphql::schema().sdl());
        for (of, field, _) in RULES {
            let named = types.named(of).and_then(|of| types.field(of, field));
            assert!(named.is_some(), "{of}.{field}");
        }
    }
}
