//! The differential test against graphql-js: thousands of documents with variables get the same verdict, and the valid
//! ones the same arguments.
//!
//! `tests/clients/differential.mjs` makes the documents from `schema.graphql` and writes the verdicts of graphql-js.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{ID, InputType, Variables};
use async_graphql_value::{ConstValue, Name};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::coerce::coerce_variables;
use super::schema_view::{BaseRef, InputView, Kind, TypeId, TypeRef};
use super::validate::validate;
use super::{lexer, parser, translate};
use crate::auth::Language;
use crate::graphql::request::omitted::{chosen, drop_omitted};
use crate::graphql::schema::{closing, enums, initiatives, inputs, scalars};
use crate::graphql::view;

#[path = "../../../tests/it/require.rs"]
mod require;

/// The differences that stay: a part of our reason for a refusal where graphql-js accepts, and the explanation.
const DIFFERENCES: [(&str, &str); 2] = [
    (
        "@skip and @include cannot stand at the top level of a subscription",
        "The specification of September 2025 forbids them there (5.2.4.1); graphql-js 16 is of 2021.",
    ),
    (
        "may be null, which a field of",
        "A variable in a oneOf input object must not be nullable (September 2025, 5.8.5). graphql-js 16 \
         overlooks it where the object stands in a place that must not be null, such as `UnitRef!`.",
    ),
];

#[derive(Deserialize)]
struct Line {
    kind: String,
    document: String,
    operation: Option<String>,
    variables: Json,
    valid: bool,
    why: Option<String>,
    arguments: Option<Vec<(String, Json)>>,
}

/// Our verdict, and the arguments of each field.
fn ours(line: &Line) -> Result<Vec<(String, Json)>, String> {
    let tokens = lexer::lex(&line.document).map_err(|_| "not lexed".to_owned())?;
    let tree = parser::parse(&tokens).map_err(|_| "not parsed".to_owned())?;
    if let Some(error) = validate(view(), &tree).into_iter().next() {
        return Err(error.message.text(Language::English));
    }
    let mut document = translate::translate(&tree).map_err(|_| "not translated".to_owned())?;
    let operation = line.operation.as_deref();
    let mut variables = Variables::from_json(line.variables.clone());
    let definition = chosen(&document.operations, operation).ok_or("no such operation")?;
    coerce_variables(view(), definition, &mut variables)
        .map_err(|errors| errors[0].message.text(Language::English))?;
    drop_omitted(&mut document, operation, &variables);
    let definition = chosen(&document.operations, operation).ok_or("no such operation")?;
    let mut given = Given { document: &document, variables: &variables, all: Vec::new() };
    given.operation(definition);
    Ok(given.all)
}

/// The arguments that resolvers receive, as their types read them.
struct Given<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    all: Vec<(String, Json)>,
}

impl Given<'_> {
    fn operation(&mut self, operation: &OperationDefinition) {
        let root = view().root(operation.ty).unwrap();
        self.selections(&operation.selection_set.node, root);
    }

    fn selections(&mut self, set: &SelectionSet, parent: TypeId) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| view().id(&on.node.on.node).unwrap());
                    self.selections(&inline.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.node.fragment_name.node].node;
                    let on = view().id(&fragment.type_condition.node.on.node).unwrap();
                    self.selections(&fragment.selection_set.node, on);
                }
            }
        }
    }

    fn field(&mut self, field: &Field, parent: TypeId) {
        let known = view().field(parent, &field.name.node).unwrap();
        if !known.arguments.is_empty() {
            let arguments = known.arguments.iter();
            let read = arguments.filter_map(|(name, input)| {
                self.argument(field, name, input).transpose().map(|it| Ok((name.clone(), it?)))
            });
            let read: Result<serde_json::Map<String, Json>, ()> = read.collect();
            let name = format!("{}.{}", view().name(parent), field.name.node);
            self.all.push((name, read.map_or_else(|()| json!("error"), Json::Object)));
        }
        let named = known.of_type.named();
        if view().kind(named).is_composite() {
            self.selections(&field.selection_set.node, named);
        }
    }

    /// An argument as the library reads it from the field for the resolver.
    fn argument(&self, field: &Field, name: &str, input: &InputView) -> Result<Option<Json>, ()> {
        let given = match field.get_argument(name) {
            Some(value) => {
                let of = |variable: Name| {
                    Ok::<_, ()>(self.variables.get(&variable).cloned().unwrap_or_default())
                };
                Some(value.node.clone().into_const_with(of)?)
            }
            None => input.default.as_deref().map(constant),
        };
        given.map(|given| read(&input.of_type, given)).transpose()
    }
}

/// A default, in the registry's notation.
fn constant(text: &str) -> ConstValue {
    let document = async_graphql::parser::parse_query(format!("{{ f(a: {text}) }}")).unwrap();
    let operation = chosen(&document.operations, None).unwrap();
    let Selection::Field(field) = &operation.selection_set.node.items[0].node else {
        panic!("no field");
    };
    field.node.get_argument("a").unwrap().node.clone().into_const().unwrap()
}

/// A value as its type reads it, without parts that were left out and have no default.
fn read(of_type: &TypeRef, value: ConstValue) -> Result<Json, ()> {
    match (&of_type.base, value) {
        (_, ConstValue::Null) => (!of_type.is_required).then_some(Json::Null).ok_or(()),
        (BaseRef::List(item), ConstValue::List(items)) => {
            items.into_iter().map(|it| read(item, it)).collect::<Result<_, ()>>().map(Json::Array)
        }
        (BaseRef::List(item), value) => Ok(json!([read(item, value)?])),
        (BaseRef::Named(id), value) => {
            let printed = printers()[view().name(*id)](value.clone())?;
            Ok(without_left_out(of_type, &value, printed))
        }
    }
}

/// Removes the nulls that reading fills in for omitted parts: only given values and defaults are compared.
fn without_left_out(of_type: &TypeRef, given: &ConstValue, printed: Json) -> Json {
    match (&of_type.base, given, printed) {
        (_, _, Json::Null) => Json::Null,
        (BaseRef::List(item), ConstValue::List(given), Json::Array(printed)) => given
            .iter()
            .zip(printed)
            .map(|(given, printed)| without_left_out(item, given, printed))
            .collect(),
        (BaseRef::List(item), given, Json::Array(mut printed)) if printed.len() == 1 => {
            json!([without_left_out(item, given, printed.remove(0))])
        }
        (BaseRef::Named(id), ConstValue::Object(given), Json::Object(printed)) => {
            let Kind::Input(object) = view().kind(*id) else { panic!("no input object") };
            let fields = printed.into_iter().filter_map(|(name, printed)| {
                let input = &object.fields[&name];
                match given.get(name.as_str()) {
                    Some(given) => Some((name, without_left_out(&input.of_type, given, printed))),
                    None => input.default.is_some().then_some((name, printed)),
                }
            });
            Json::Object(fields.collect())
        }
        (_, _, printed) => printed,
    }
}

type Print = fn(ConstValue) -> Result<Json, ()>;

fn print<T: InputType>(value: ConstValue) -> Result<Json, ()> {
    let read = T::parse(Some(value)).map_err(|_| ())?;
    read.to_value().into_json().map_err(|_| ())
}

/// For each input type of the schema, the function that reads its values for resolvers.
fn printers() -> BTreeMap<String, Print> {
    macro_rules! of {
        ($($of_type:ty),* $(,)?) => {
            BTreeMap::from([$((<$of_type as InputType>::type_name().into_owned(), print::<$of_type> as Print)),*])
        };
    }
    of![
        i32,
        f64,
        String,
        bool,
        ID,
        scalars::Long,
        scalars::Date,
        scalars::DateTime,
        enums::UnitKind,
        enums::BreakdownBy,
        enums::Figures,
        enums::Sector,
        enums::UnitOrderField,
        enums::OrderDirection,
        enums::PeriodKind,
        enums::TargetMetric,
        enums::TargetOrigin,
        enums::RankBy,
        enums::InitiativeKind,
        enums::InitiativeStatus,
        enums::RejectionReason,
        enums::AuthorGroup,
        enums::InitiativeAction,
        enums::Role,
        enums::ReviewDecision,
        enums::InitiativeEventKind,
        enums::ErrorCode,
        inputs::UnitRef,
        inputs::PeriodRef,
        inputs::UnitFilter,
        inputs::UnitOrder,
        inputs::SubmitInitiativeInput,
        inputs::AuthorInput,
        inputs::ReviewInitiativeInput,
        inputs::ReviewInitiativesInput,
        inputs::ReviseInitiativeInput,
        inputs::WithdrawInitiativeInput,
        inputs::TransferInitiativeInput,
        inputs::FeatureInitiativeInput,
        inputs::SetTargetsInput,
        inputs::UnitGoalInput,
        inputs::GoalInput,
        inputs::PercentInput,
        inputs::UpsertUnitInput,
        inputs::MoveUnitInput,
        inputs::RenameUnitInput,
        inputs::DeleteUnitInput,
        inputs::CloseUnitInput,
        inputs::UpsertPeriodInput,
        inputs::FinalizePeriodInput,
        closing::ClosingKind,
        inputs::RuleRef,
        inputs::UpsertRuleInput,
        inputs::ConfirmAssessmentInput,
        inputs::CriterionInput,
        inputs::StepInput,
        inputs::GradeInput,
        enums::Measure,
        initiatives::InitiativeFilter,
        initiatives::InitiativeOrder,
        initiatives::InitiativeOrderField,
    ]
}

/// Gives numbers of equal value the same form.
fn normal(value: Json) -> Json {
    match value {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.into_iter().map(normal).collect(),
        Json::Object(fields) => fields.into_iter().map(|(name, it)| (name, normal(it))).collect(),
        other => other,
    }
}

fn lines() -> Option<Vec<Line>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let clients = root.join("tests/clients");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|dir| dir.join("node").is_file())
        && clients.join("node_modules/graphql").is_dir();
    if !require::or_skip("node", found) {
        return None;
    }
    let output = Command::new("node")
        .args(["differential.mjs", "../../schema.graphql"])
        .current_dir(clients)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn every_input_type_is_printed() {
    let printers = printers();
    let inputs = view().type_names().filter(|name| {
        let kind = view().kind(view().id(name).unwrap());
        kind.is_input() && !name.starts_with("__")
    });
    let missing: Vec<&str> = inputs.filter(|name| !printers.contains_key(*name)).collect();
    assert_eq!(missing, [""; 0]);
}

/// The least number of documents that a run has for each rule.
const PER_RULE: usize = 50;
const VALID: usize = 1_000;

#[test]
fn verdicts_and_arguments_agree_with_graphql_js() {
    let Some(lines) = lines() else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for line in &lines {
        if line.valid == (line.kind == "valid") {
            *counts.entry(&line.kind).or_default() += 1;
        }
        let ours = ours(line);
        let difference = match (&ours, &line.arguments) {
            (Err(why), Some(_)) if is_known(why) => None,
            (Err(why), Some(_)) => Some(format!("refused: {why}")),
            (Ok(_), None) => Some(format!("let pass: {}", line.why.as_deref().unwrap_or_default())),
            (Err(_), None) => None,
            (Ok(ours), Some(theirs)) => first_difference(ours, theirs),
        };
        if let Some(difference) = difference {
            let (kind, document, variables) = (&line.kind, &line.document, &line.variables);
            differences.push(format!("{kind}: {difference}\n{document}\n{variables}\n"));
        }
    }
    let shown = differences.iter().take(10).map(String::as_str).collect::<String>();
    assert!(differences.is_empty(), "{} of {}:\n{shown}", differences.len(), lines.len());
    assert!(counts["valid"] >= VALID, "{counts:?}");
    assert!(counts.len() > 26 && counts.values().all(|&count| count >= PER_RULE), "{counts:?}");
}

fn is_known(why: &str) -> bool {
    DIFFERENCES.iter().any(|(part, _)| why.contains(part))
}

fn first_difference(ours: &[(String, Json)], theirs: &[(String, Json)]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} fields with arguments, not {}", ours.len(), theirs.len()));
    }
    let mut pairs = ours.iter().zip(theirs);
    let (ours, theirs) = pairs.find(|((name, ours), (other, theirs))| {
        name != other || normal(ours.clone()) != normal(theirs.clone())
    })?;
    Some(format!("{ours:?}, not {theirs:?}"))
}
