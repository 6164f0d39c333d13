//! A view of the schema for validation and coercion: names are resolved to numbers, types to small trees.
//!
//! The view is made once from the registry of the executing schema, introspection types and directives included, so
//! the two cannot disagree.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use async_graphql::parser::types::{BaseType as ParsedBase, Field, Type as ParsedType};
use async_graphql::registry::{
    __DirectiveLocation, MetaDirective, MetaField, MetaInputValue, MetaType, Registry,
    ScalarValidatorFn,
};
use async_graphql::{
    ContextSelectionSet, IntrospectionMode, ObjectType, OutputType, Positioned, SchemaBuilder,
    ServerResult, SubscriptionType, Value,
};

use super::ast;

/// A named type, by its index in the [`SchemaView`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(usize);

/// A reference to a type, such as `[Int!]!`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeRef {
    pub base: BaseRef,
    pub is_required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BaseRef {
    Named(TypeId),
    List(Box<TypeRef>),
}

impl TypeRef {
    /// The type inside all lists.
    pub fn named(&self) -> TypeId {
        match &self.base {
            BaseRef::Named(id) => *id,
            BaseRef::List(item) => item.named(),
        }
    }

    /// Whether every value of this type is one of `other` as well.
    pub fn is_subtype_of(&self, other: &Self) -> bool {
        (self.is_required || !other.is_required)
            && match (&self.base, &other.base) {
                (BaseRef::Named(one), BaseRef::Named(two)) => one == two,
                (BaseRef::List(one), BaseRef::List(two)) => one.is_subtype_of(two),
                _ => false,
            }
    }
}

#[derive(Debug)]
pub struct TypeView {
    pub name: String,
    pub kind: Kind,
}

pub enum Kind {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of the schema's own, with the validator of its values, if it has one.
    Custom(Option<ScalarValidatorFn>),
    /// The values, in alphabetical order.
    Enum(Vec<String>),
    Object(Fields),
    /// The fields, and the objects that it may be, in order of their ids.
    Interface(Fields, Vec<TypeId>),
    /// The objects that it may be, in order of their ids.
    Union(Vec<TypeId>),
    Input(InputObject),
}

pub type Fields = BTreeMap<String, FieldView>;

#[derive(Debug)]
pub struct InputObject {
    pub fields: BTreeMap<String, InputView>,
    pub is_one_of: bool,
}

#[derive(Debug)]
pub struct FieldView {
    pub of_type: TypeRef,
    pub arguments: BTreeMap<String, InputView>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct InputView {
    pub of_type: TypeRef,
    /// The default in the schema's notation.
    pub default: Option<String>,
}

impl InputView {
    /// Whether leaving the argument out is an error.
    pub fn is_required(&self) -> bool {
        self.of_type.is_required && self.default.is_none()
    }
}

#[derive(Debug)]
pub struct DirectiveView {
    pub arguments: BTreeMap<String, InputView>,
    pub places: Vec<Place>,
    pub is_repeatable: bool,
}

/// The position of a directive in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Query,
    Mutation,
    Subscription,
    Field,
    FragmentDefinition,
    FragmentSpread,
    InlineFragment,
    VariableDefinition,
}

impl Kind {
    pub const fn is_leaf(&self) -> bool {
        !self.is_composite() && !matches!(self, Self::Input(_))
    }

    /// Whether the type has fields that can be selected, or member types that have.
    pub const fn is_composite(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Interface(..) | Self::Union(_))
    }

    pub const fn is_input(&self) -> bool {
        !self.is_composite()
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int => "Int",
            Self::Float => "Float",
            Self::String => "String",
            Self::Boolean => "Boolean",
            Self::Id => "Id",
            Self::Custom(_) => "Custom",
            Self::Enum(_) => "Enum",
            Self::Object(_) => "Object",
            Self::Interface(..) => "Interface",
            Self::Union(_) => "Union",
            Self::Input(_) => "Input",
        })
    }
}

#[derive(Debug)]
pub struct SchemaView {
    types: Vec<TypeView>,
    ids: HashMap<String, TypeId>,
    directives: BTreeMap<String, DirectiveView>,
    typename: FieldView,
    query: Option<TypeId>,
    mutation: Option<TypeId>,
    subscription: Option<TypeId>,
    /// Whether clients may introspect the schema, so that refusals may name the nearest of its names.
    pub is_open: bool,
}

impl SchemaView {
    /// The view of the schema that the builder would finish.
    pub fn of<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        drop(builder.register_output_type::<Onlooker>());
        VIEW.take().expect("registering a type shows it the registry")
    }

    fn new(registry: &Registry) -> Self {
        let ids: HashMap<_, _> = registry
            .types
            .keys()
            .enumerate()
            .map(|(at, name)| (name.clone(), TypeId(at)))
            .collect();
        let types = registry.types.iter();
        let types =
            types.map(|(name, meta)| TypeView { name: name.clone(), kind: kind(meta, &ids) });
        let types: Vec<_> = types.collect();
        let id = |name: &str| ids.get(name).copied();
        let string = TypeRef { base: BaseRef::Named(ids["String"]), is_required: true };
        let directives = registry.directives.iter();
        Self {
            directives: directives.map(|(name, it)| (name.clone(), directive(it, &ids))).collect(),
            typename: FieldView { of_type: string, arguments: BTreeMap::new() },
            query: id(&registry.query_type),
            mutation: registry.mutation_type.as_deref().and_then(id),
            subscription: registry.subscription_type.as_deref().and_then(id),
            is_open: registry.introspection_mode == IntrospectionMode::Enabled,
            types,
            ids,
        }
    }

    pub fn id(&self, name: &str) -> Option<TypeId> {
        self.ids.get(name).copied()
    }

    pub fn kind(&self, id: TypeId) -> &Kind {
        &self.types[id.0].kind
    }

    pub fn name(&self, id: TypeId) -> &str {
        &self.types[id.0].name
    }

    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|it| it.name.as_str())
    }

    pub fn root(&self, of: async_graphql::parser::types::OperationType) -> Option<TypeId> {
        use async_graphql::parser::types::OperationType;
        match of {
            OperationType::Query => self.query,
            OperationType::Mutation => self.mutation,
            OperationType::Subscription => self.subscription,
        }
    }

    pub fn directive(&self, name: &str) -> Option<&DirectiveView> {
        self.directives.get(name)
    }

    pub fn directive_names(&self) -> impl Iterator<Item = &str> {
        self.directives.keys().map(String::as_str)
    }

    /// The fields of an object or interface.
    pub fn fields(&self, parent: TypeId) -> Option<&Fields> {
        match self.kind(parent) {
            Kind::Object(fields) | Kind::Interface(fields, _) => Some(fields),
            _ => None,
        }
    }

    /// The field of a composite type, `__typename` included.
    pub fn field(&self, parent: TypeId, name: &str) -> Option<&FieldView> {
        if name == "__typename" {
            return self.kind(parent).is_composite().then_some(&self.typename);
        }
        self.fields(parent)?.get(name)
    }

    /// The objects that a value of a composite type may be.
    fn possible<'a>(&'a self, id: &'a TypeId) -> &'a [TypeId] {
        match self.kind(*id) {
            Kind::Interface(_, possible) | Kind::Union(possible) => possible,
            _ => std::slice::from_ref(id),
        }
    }

    /// Whether some object is of both composite types.
    pub fn overlap(&self, one: TypeId, two: TypeId) -> bool {
        let others = self.possible(&two);
        self.possible(&one).iter().any(|it| others.contains(it))
    }

    /// The type in a client's notation.
    pub fn show(&self, of_type: &TypeRef) -> String {
        let mark = if of_type.is_required { "!" } else { "" };
        match &of_type.base {
            BaseRef::Named(id) => format!("{}{mark}", self.name(*id)),
            BaseRef::List(item) => format!("[{}]{mark}", self.show(item)),
        }
    }

    /// `None` if the schema has no type of that name.
    pub fn resolve(&self, written: &ast::Type<'_>) -> Option<TypeRef> {
        let base = match &written.base {
            ast::BaseType::Named(name) => BaseRef::Named(self.id(name)?),
            ast::BaseType::List(item) => BaseRef::List(Box::new(self.resolve(item)?)),
        };
        Some(TypeRef { base, is_required: written.is_required })
    }

    /// `None` if the schema has no type of that name.
    pub fn resolve_parsed(&self, parsed: &ParsedType) -> Option<TypeRef> {
        let base = match &parsed.base {
            ParsedBase::Named(name) => BaseRef::Named(self.id(name)?),
            ParsedBase::List(item) => BaseRef::List(Box::new(self.resolve_parsed(item)?)),
        };
        Some(TypeRef { base, is_required: !parsed.nullable })
    }
}

type Ids = HashMap<String, TypeId>;

fn kind(meta: &MetaType, ids: &Ids) -> Kind {
    let fields = |fields: &async_graphql::indexmap::IndexMap<String, MetaField>| {
        fields.iter().map(|(name, it)| (name.clone(), field(it, ids))).collect::<Fields>()
    };
    let objects = |names: &async_graphql::indexmap::IndexSet<String>| {
        let mut objects: Vec<TypeId> = names.iter().map(|name| ids[name]).collect();
        objects.sort_unstable();
        objects
    };
    match meta {
        MetaType::Scalar { name, is_valid, .. } => match name.as_str() {
            "Int" => Kind::Int,
            "Float" => Kind::Float,
            "String" => Kind::String,
            "Boolean" => Kind::Boolean,
            "ID" => Kind::Id,
            _ => Kind::Custom(is_valid.clone()),
        },
        MetaType::Enum { enum_values, .. } => {
            let mut names: Vec<String> = enum_values.keys().cloned().collect();
            names.sort_unstable();
            Kind::Enum(names)
        }
        MetaType::Object { fields: of, .. } => Kind::Object(fields(of)),
        MetaType::Interface { fields: of, possible_types, .. } => {
            Kind::Interface(fields(of), objects(possible_types))
        }
        MetaType::Union { possible_types, .. } => Kind::Union(objects(possible_types)),
        MetaType::InputObject { input_fields, oneof, .. } => Kind::Input(InputObject {
            fields: inputs(input_fields.values(), ids),
            is_one_of: *oneof,
        }),
    }
}

fn field(meta: &MetaField, ids: &Ids) -> FieldView {
    FieldView { of_type: type_ref(&meta.ty, ids), arguments: inputs(meta.args.values(), ids) }
}

fn inputs<'a>(
    metas: impl Iterator<Item = &'a MetaInputValue>,
    ids: &Ids,
) -> BTreeMap<String, InputView> {
    let view = |meta: &MetaInputValue| InputView {
        of_type: type_ref(&meta.ty, ids),
        default: meta.default_value.clone(),
    };
    metas.map(|meta| (meta.name.clone(), view(meta))).collect()
}

fn directive(meta: &MetaDirective, ids: &Ids) -> DirectiveView {
    let place = |location: &__DirectiveLocation| {
        Some(match location {
            __DirectiveLocation::QUERY => Place::Query,
            __DirectiveLocation::MUTATION => Place::Mutation,
            __DirectiveLocation::SUBSCRIPTION => Place::Subscription,
            __DirectiveLocation::FIELD => Place::Field,
            __DirectiveLocation::FRAGMENT_DEFINITION => Place::FragmentDefinition,
            __DirectiveLocation::FRAGMENT_SPREAD => Place::FragmentSpread,
            __DirectiveLocation::INLINE_FRAGMENT => Place::InlineFragment,
            __DirectiveLocation::VARIABLE_DEFINITION => Place::VariableDefinition,
            // All others are positions in a schema.
            _ => return None,
        })
    };
    DirectiveView {
        arguments: inputs(meta.args.values(), ids),
        places: meta.locations.iter().filter_map(place).collect(),
        is_repeatable: meta.is_repeatable,
    }
}

/// Parses a type from the registry's notation.
fn type_ref(text: &str, ids: &Ids) -> TypeRef {
    let (text, is_required) = match text.strip_suffix('!') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let base = match text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(item) => BaseRef::List(Box::new(type_ref(item, ids))),
        None => BaseRef::Named(ids[text]),
    };
    TypeRef { base, is_required }
}

/// A type that enters no schema. A builder shows its registry only to the types that it registers.
struct Onlooker;

thread_local! {
    static VIEW: RefCell<Option<SchemaView>> = const { RefCell::new(None) };
}

impl OutputType for Onlooker {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Onlooker")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        VIEW.replace(Some(SchemaView::new(registry)));
        Self::qualified_type_name()
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::types::OperationType;

    use super::*;
    use crate::graphql::view;

    #[test]
    fn the_view_has_the_schema_with_introspection_and_directives() {
        let view = view();
        let query = view.root(OperationType::Query).unwrap();
        let shown = |parent: &str, name: &str| {
            let field = view.field(view.id(parent).unwrap(), name).unwrap();
            view.show(&field.of_type)
        };
        assert_eq!(view.name(query), "Query");
        assert_eq!(shown("Query", "__typename"), "String!");
        assert_eq!(shown("Query", "__type"), "__Type");
        assert_eq!(shown("__Type", "fields"), "[__Field!]");
        assert_eq!(shown("Unit", "id"), "ID!");
        assert_eq!(view.name(view.root(OperationType::Mutation).unwrap()), "Mutation");
        assert_eq!(view.name(view.root(OperationType::Subscription).unwrap()), "Subscription");
        let skip = view.directive("skip").unwrap();
        assert_eq!(skip.places, [Place::Field, Place::FragmentSpread, Place::InlineFragment]);
        assert!(skip.arguments["if"].is_required());
        assert!(view.directive("deprecated").unwrap().places.is_empty());
        assert!(view.is_open);
    }

    #[test]
    fn the_view_has_inputs_and_their_requirements() {
        let view = view();
        let Kind::Input(reference) = view.kind(view.id("UnitRef").unwrap()) else {
            panic!("no input object");
        };
        assert!(reference.is_one_of);
        let Kind::Input(order) = view.kind(view.id("UnitOrder").unwrap()) else {
            panic!("no input object");
        };
        assert!(!order.is_one_of);
        assert!(order.fields["field"].is_required());
        assert!(!order.fields["direction"].is_required());
        assert!(order.fields["direction"].of_type.is_required);
    }

    #[test]
    fn composite_types_overlap_where_an_object_is_of_both() {
        let view = view();
        let id = |name| view.id(name).unwrap();
        assert!(view.overlap(id("Node"), id("Unit")));
        assert!(view.overlap(id("Unit"), id("Node")));
        assert!(view.overlap(id("Unit"), id("Unit")));
        assert!(!view.overlap(id("Unit"), id("Period")));
        assert!(!view.overlap(id("Node"), id("UnitConnection")));
    }
}
